"""Files that came with a message: their names in every reading, what they are by content, what is inside."""

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from watchword.observe import file_type
from watchword.observe.files import DEPTH, Budget, Contents, File, Held, look_into
from watchword.parse.message import Defect, Message
from watchword.parse.part import Part
from watchword.tables import Attachment

ATTACHMENTS = 500
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


@dataclass(slots=True)
class Files:
    """The rows of a message's files, and by their number what those hold that could be looked into."""

    rows: list[Attachment] = field(default_factory=list)
    contents: dict[int, Contents] = field(default_factory=dict)


def attachments(message: Message, key: str, passwords: Sequence[str] = ()) -> Files:
    """Give every attached or inline file, every nested message, and every file inside those; at most 500.

    `passwords` are words of the message that may open what is locked, likeliest first.
    """
    found = Files()
    budget = Budget()
    for part in message.parts:
        if not _is_file(part):
            continue
        if len(found.rows) == ATTACHMENTS:
            detail = f"more than {ATTACHMENTS} attachments"
            message.defects.append(Defect("limit-attachments", part.index, part.start, detail))
            break
        row, data = _attachment(message, key, len(found.rows), part)
        found.rows.append(row)
        if row.detected_type != "eml":
            _look_inside(message, found, row, data, tuple(passwords), budget, 1)
    return found


def _look_inside(
    message: Message,
    found: Files,
    row: Attachment,
    data: bytes,
    passwords: tuple[str, ...],
    budget: Budget,
    depth: int,
) -> None:
    """Look into a file, and into the files that it holds."""
    contents = look_into(File(row.detected_type, row.name, data, passwords), budget)
    if contents is None:
        return
    start = message.parts[row.part].start
    message.defects += [Defect(kind, row.part, start, detail) for kind, detail in contents.defects]
    found.contents[row.number] = contents
    found.rows[row.number] = dataclasses.replace(
        row,
        contains=list(dict.fromkeys(contents.contains)),
        is_encrypted=row.is_encrypted if contents.is_locked is None else contents.is_locked,
        password_from=row.message if contents.password else "",
    )
    for held in contents.files:
        if len(found.rows) == ATTACHMENTS:
            message.defects.append(Defect("limit-attachments", row.part, start, f"more than {ATTACHMENTS} attachments"))
            return
        inner = _held(row, len(found.rows), held)
        found.rows.append(inner)
        if held.data is None:
            continue
        if depth == DEPTH:
            message.defects.append(Defect("limit-file-depth", row.part, start, held.name[:200]))
        else:
            _look_inside(message, found, inner, held.data, passwords, budget, depth + 1)


def _held(outer: Attachment, number: int, held: Held) -> Attachment:
    """Give the row of a file inside another one."""
    name = held.name[:NAME]
    extension, is_double = _extensions(name.rpartition("/")[2])
    data = held.data
    kind = "" if data is None else file_type.detect(data, extension)
    return Attachment(
        message=outer.message,
        number=number,
        part=outer.part,
        inside=outer.number,
        name=name,
        names=[name],
        extension=extension,
        double_extension=is_double,
        claimed_type="",
        detected_type=kind,
        size=held.size if data is None else len(data),
        sha256="" if data is None else hashlib.sha256(data).hexdigest(),
        is_inline=False,
        is_encrypted=held.is_locked if data is None else file_type.is_locked(data, kind),
        password_from="",
        contains=[],
        entries=file_type.zip_entries(data)[0] if data is not None and data[:2] == b"PK" else [],
    )


def _is_file(part: Part) -> bool:
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
    data = message.decode(part)
    kind = "eml" if nested else file_type.detect(data, extension)
    entries = file_type.zip_entries(data)[0] if data[:2] == b"PK" else []
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
        entries=entries,
    )
    return row, data


def _extensions(name: str) -> tuple[str, bool]:
    """Give the last extension, and whether one of a document stands before it as `.pdf.exe` or `.pdf      .exe`."""
    pieces = [piece.strip().lower() for piece in name.rstrip(". \t").split(".")]
    if len(pieces) < 2 or not 0 < len(pieces[-1]) <= 20 or " " in pieces[-1]:
        return "", False
    last = pieces[-1]
    return last, len(pieces) > 2 and pieces[-2] in _DOCUMENTS and last not in _WRAPPERS and last != pieces[-2]
