"""Files that came with a message: their names in every reading, what they are by content, what is inside."""

import dataclasses
import hashlib
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from watchword.observe import file_type
from watchword.observe.files import DEPTH, Budget, Contents, File, Held, look_into
from watchword.observe.files.passwords import Candidates, words
from watchword.observe.pictures import halves, standing_for_text
from watchword.observe.text import is_body, is_page
from watchword.parse.decode import IDENTITY
from watchword.parse.message import Defect, Message
from watchword.parse.part import Part
from watchword.tables import Attachment

ATTACHMENTS = 500  # parts of the message
INSIDE = 1_000  # files inside those
DEFECTS = 20  # of one kind, of all files of a message
NAMES = 20  # readings of one name
NAME = 1_000  # characters

_DOCUMENTS = frozenset(
    ("pdf doc docx docm xls xlsx xlsm ppt pptx rtf odt ods txt csv htm html jpg jpeg png gif bmp tif tiff mp3 mp4 mov "
     "avi wav zip rar 7z eml msg").split()
)  # fmt: skip
# `.tar.gz` and the like are one extension in two pieces.
_WRAPPERS = frozenset("gz bz2 xz zst asc gpg pgp sig p7s p7m zip part download".split())
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
_TEXTS = frozenset(
    {"text/plain", "text/html", "text/calendar", "text/x-amp-html", "text/enriched", "text/markdown", "text"}
)
_NOT_FILES = frozenset({"message/delivery-status", "message/disposition-notification", "text/rfc822-headers"})


# What lies inside is marked on the file that holds it, by its content.
_INSIDE = {
    **dict.fromkeys(("exe", "dll", "elf", "macho", "java", "msi", "pkg"), "executable"),
    **dict.fromkeys(("js", "vbs", "wsf", "hta", "ps1", "bat", "sh", "py", "scpt", "reg"), "script"),
    **dict.fromkeys(("lnk", "url", "desktop"), "shortcut"),
}
_PACKED = frozenset(("gz", "bz2", "xz", "zst"))  # one file each, as a rule a tar
_ARCHIVES = _PACKED | {"zip", "rar", "7z", "tar", "cab", "iso", "vhd", "vhdx", "jar", "apk", "ace", "arj", "lzh", "wim"}


@dataclass(slots=True)
class Files:
    """The rows of a message's files, and by their number what those hold that could be looked into."""

    rows: list[Attachment] = field(default_factory=list)
    contents: dict[int, Contents] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)  # defects of each kind that files have


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file to look into."""

    row: Attachment
    data: bytes
    depth: int
    passwords: Sequence[str]


def attachments(
    message: Message, key: str, passwords: Sequence[str] = (), origin: Callable[[str], str] | None = None
) -> Files:
    """Give every attached or inline file and nested message, at most 500, then those inside them, at most 1,000.

    `passwords` are words that may open what is locked, likeliest first, and `origin` names the message that a word is
    from, without it this one. Files inside come level by level, so that none is crowded out by one deep archive.
    """
    found = Files()
    waiting: deque[_Waiting] = deque()
    for part in message.parts:
        if not is_file(part):
            continue
        if len(found.rows) == ATTACHMENTS:
            detail = f"more than {ATTACHMENTS} attachments"
            message.defects.append(Defect("limit-attachments", part.index, part.start, detail))
            break
        row, data = _attachment(message, key, len(found.rows), part)
        found.rows.append(row)
        if part.kind != "message":  # its own parts follow
            waiting.append(_Waiting(row, data, 1, passwords))
    budget = Budget()
    while waiting:
        one = waiting.popleft()
        row = one.row
        contents = _looked(message, one, budget)
        if contents is not None:
            opened_with = ""
            if contents.password:
                opened_with = (origin(contents.password) if origin else "") or key
            waiting += _inside(message, found, one, contents, opened_with)
    for number, contents in halves(message, found.rows):
        if contents.contains:
            row, held = found.rows[number], found.contents[number]
            found.rows[number] = dataclasses.replace(row, contains=[*row.contains, *contents.contains])
            held.links += contents.links
            held.texts += contents.texts
    for number in standing_for_text(message, found.rows):
        row = found.rows[number]
        found.rows[number] = dataclasses.replace(row, contains=[*row.contains, "stands-for-text"])
    return found


def _looked(message: Message, one: _Waiting, budget: Budget) -> Contents | None:
    """Look into a file; into each reading of it, where its transfer encoding can be read in two ways."""
    row = one.row
    if row.inside is not None:
        return look_into(File(row.detected_type, row.name, one.data, one.passwords), budget)
    part = message.parts[row.part]
    contents = look_into(File(row.detected_type, row.name, one.data, one.passwords, part.charset), budget)
    for data in message.readings(part)[1:]:
        kind = _kind(part, data, row.extension)
        other = look_into(File(kind, row.name, data, one.passwords, part.charset), budget)
        if other is not None:
            contents = contents or Contents()
            contents.texts += other.texts
            contents.links += other.links
            contents.files += other.files
            contents.contains += other.contains
    if contents is not None and is_body(part):
        contents.texts = []  # shown as the message's own text, and read there
    return contents


def _inside(message: Message, found: Files, one: "_Waiting", contents: Contents, opened_with: str) -> list["_Waiting"]:
    """Add the rows of the files inside one, note on it what it holds, and give those to look into next."""
    row = one.row
    said = [reading.text for reading in contents.texts]  # a page tells the password of the file that it assembles
    passwords = one.passwords
    if said:
        passwords = Candidates(lambda: [(word, row.message) for word in (*words(said), *one.passwords)])
    start = message.parts[row.part].start
    for kind, detail in contents.defects:
        found.told[kind] += 1
        if found.told[kind] <= DEFECTS:  # a thousand archives that are bad in one way are bad in one way
            message.defects.append(Defect(kind, row.part, start, detail))
    marks = list(contents.contains)
    further: list[_Waiting] = []
    for held in contents.files:
        if len(found.rows) == ATTACHMENTS + INSIDE:
            detail = f"more than {INSIDE} files inside attachments"
            message.defects.append(Defect("limit-attachments", row.part, start, detail))
            break
        inner = _held(row, len(found.rows), held)
        found.rows.append(inner)
        marks += _marks(row, inner)
        if any(letter in _BIDI for letter in inner.name):
            message.defects.append(Defect("bidi-in-file-name", row.part, start, ascii(inner.name)[:200]))
        if held.data is None:
            continue
        if one.depth < DEPTH:
            further.append(_Waiting(inner, held.data, one.depth + 1, passwords))
        elif inner.detected_type not in ("", "text"):
            message.defects.append(Defect("limit-file-depth", row.part, start, ascii(inner.name)[:200]))
    contents.files = []  # their bytes are needed no longer than until they are looked into
    found.contents[row.number] = contents
    found.rows[row.number] = dataclasses.replace(
        row,
        contains=list(dict.fromkeys(marks)),
        is_encrypted=row.is_encrypted if contents.is_locked is None else contents.is_locked,
        password_from=opened_with,
        picture=contents.picture,
    )
    return further


def _marks(outer: Attachment, inner: Attachment) -> list[str]:
    marks = [_INSIDE[inner.detected_type]] if inner.detected_type in _INSIDE else []
    if inner.double_extension:
        marks.append("double-extension-inside")
    if inner.detected_type in _ARCHIVES and outer.detected_type in _ARCHIVES and outer.detected_type not in _PACKED:
        marks.append("nested-archive")
    return marks


def _held(outer: Attachment, number: int, held: Held) -> Attachment:
    """Give the row of a file inside another one."""
    name = held.name[:NAME]
    extension, is_double = _extensions(name.replace("\\", "/").rpartition("/")[2])
    data = held.data
    kind = "" if data is None else file_type.detect(data, extension)
    is_whole = data is not None and not held.is_cut
    return Attachment(
        message=outer.message,
        number=number,
        part=outer.part,
        inside=outer.number,
        name=name,
        names=list(dict.fromkeys((name, *(other[:NAME] for other in held.names)))),
        extension=extension,
        double_extension=is_double,
        claimed_type="",
        detected_type=kind,
        size=len(data) if data is not None and is_whole else held.size,
        sha256=hashlib.sha256(data).hexdigest() if data is not None and is_whole else "",
        is_inline=False,
        is_encrypted=held.is_locked if data is None else file_type.is_locked(data, kind),
        password_from="",
        contains=[],
        picture="",
    )


def is_file(part: Part) -> bool:
    """Tell whether a part is a file: attached, named, or of a kind that is not shown as text."""
    if part.kind in {"message", "uuencode"}:
        return part.index > 0
    if part.kind not in {"leaf", "beyond"}:
        return False
    if part.disposition == "attachment" or part.names:
        return True
    return part.content_type not in _TEXTS and part.content_type not in _NOT_FILES


def _attachment(message: Message, key: str, number: int, part: Part) -> tuple[Attachment, bytes]:
    names = [name[:NAME] for name in dict.fromkeys(part.names) if name][:NAMES]
    name = names[0] if names else ""
    extension, is_double = _extensions(name)
    for other in names[1:]:
        is_double = is_double or _extensions(other)[1]
    if any(letter in _BIDI for one in names for letter in one):
        message.defects.append(Defect("bidi-in-file-name", part.index, part.start, ascii(name)[:200]))
    nested = part.kind == "message"
    # Messages in messages: what is only hashed is not kept, as it would be kept once for each level.
    data = message.raw(part) if nested and part.encoding in IDENTITY else message.decode(part)
    kind = "eml" if nested else _kind(part, data, extension)
    row = Attachment(
        message=key,
        number=number,
        part=part.index,
        inside=None,
        name=name,
        names=names,
        extension=extension,
        double_extension=is_double,
        claimed_type=part.content_type,
        detected_type=kind,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        is_inline=part.disposition == "inline"
        or (part.disposition != "attachment" and bool(part.content_id) and part.content_type.startswith("image/")),
        is_encrypted=None if nested else file_type.is_locked(data, kind),
        password_from="",
        contains=[],
        picture="",
    )
    return row, data


def _kind(part: Part, data: bytes, extension: str) -> str:
    """Name the kind of a part by its content; what is text and called a page is one."""
    kind = file_type.detect(data, extension)
    return "html" if kind in {"", "text", "xml"} and is_page(part) else kind


def _extensions(name: str) -> tuple[str, bool]:
    """Give the last extension, and whether one of a document stands before it as `.pdf.exe` or `.pdf      .exe`."""
    pieces = [piece.strip().lower() for piece in name.rstrip(". \t").split(".")]
    if len(pieces) < 2 or not 0 < len(pieces[-1]) <= 20 or " " in pieces[-1]:
        return "", False
    last = pieces[-1]
    return last, len(pieces) > 2 and pieces[-2] in _DOCUMENTS and last not in _WRAPPERS and last != pieces[-2]
