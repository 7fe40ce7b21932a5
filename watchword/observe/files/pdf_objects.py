"""What the objects of a PDF say, by pattern, without a PDF library (ISO 32000-1, 7.3 and 12.6).

Sees what pdfium does not tell: actions of buttons and of the document itself, targets of forms, scripts; also objects
that no page refers to any more, and files that pdfium fails on. Names written with `#` are read (7.3.5), and streams of
objects unpacked (7.5.7). It cannot read what is encrypted. Linear in the length of the file.
"""

import itertools
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

LINKS = 2_000
STREAMS = 5_000  # of objects
UNPACKED = 32 * 1024 * 1024  # bytes of one file
RATIO = 200  # unpacked to packed; streams of objects come to about 10
STRING = 8_192  # bytes
SCRIPTS = 200
BEFORE = 1_024  # bytes before a stream that hold its dictionary
AROUND = 512  # bytes around an action that may hold its target
SCRIPT = 65_536  # bytes

# Names that this module looks for, as a sender would want to hide them.
_HIDDEN = frozenset(b"/JavaScript /JS /Launch /URI /OpenAction /AA /SubmitForm /EmbeddedFile /XFA /ObjStm".split())
_ESCAPED_NAME = re.compile(rb"/[A-Za-z0-9]{0,40}#[0-9A-Fa-f]{2}[A-Za-z0-9#]{0,80}")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_ADDRESS = re.compile(rb"/(URI|UF|F|URL)\s{0,20}([(<])(?!<)")
_SCRIPT = re.compile(rb"/JS\s{0,20}(?:([(<])(?!<)|(\d{1,9})\s{1,20}\d{1,5}\s{1,20}R\b)")
_OBJECT = re.compile(rb"(\d{1,9})\s{1,20}\d{1,5}\s{1,20}obj\b")
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}:)?[/\\]{2}[^/\\]|mailto:|www\.", re.IGNORECASE)
_TARGET = re.compile(rb"\btarget\s{0,20}=\s{0,20}[\"']([^\"'<>]{4,2048})[\"']")  # of `submit` in an XFA form
_MARKS = [
    ("javascript", re.compile(rb"/(?:JavaScript|JS)(?![A-Za-z0-9])")),
    ("launches-program", re.compile(rb"/S\s{0,20}/Launch(?![A-Za-z0-9])")),
    ("form", re.compile(rb"(?:/FT\s{0,20}/(?:Tx|Ch)|/S\s{0,20}/SubmitForm|/XFA)(?![A-Za-z0-9])")),
    ("embedded-file", re.compile(rb"/EmbeddedFile(?![A-Za-z0-9])")),
]
_BRACKETS = re.compile(rb"[()\\]")
_ESCAPES = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


@dataclass(slots=True)
class Objects:
    """What was seen in the objects of one file."""

    links: list[str] = field(default_factory=list)  # of URI actions
    targets: list[str] = field(default_factory=list)  # that forms are sent to
    places: list[str] = field(default_factory=list)  # files elsewhere that are opened
    scripts: list[str] = field(default_factory=list)
    contains: list[str] = field(default_factory=list)
    unpacked: int = 0  # bytes
    is_bomb: bool = False  # a stream of objects unpacks to far more than such streams do, or to more than there is room


def scan(data: bytes, room: int = UNPACKED) -> Objects:
    """Look through the objects of a file, and unpack at most so many bytes."""
    found = Objects()
    room = min(room, UNPACKED)
    for piece in (data, *_streams(data, b"/ObjStm", found, room)):
        plain = _plain_names(piece, found)
        for mark, pattern in _MARKS:
            if mark not in found.contains and pattern.search(plain):
                found.contains.append(mark)
        _addresses(plain, found)
        if b"/JS" in plain:
            _scripts(plain, data, found, room)
        if b"/XFA" in plain:
            for form in _streams(data, b"", found, room):
                if b"<submit" in form:
                    found.targets += [_text(target) for target in _TARGET.findall(form)[:LINKS]]
    return found


def _streams(data: bytes, needed: bytes, found: Objects, room: int) -> Iterator[bytes]:
    """Unpack the streams whose dictionary holds the needed word."""
    at = data.find(b"stream")
    for _ in range(STREAMS):
        if at < 0:
            return
        dictionary = data[max(0, at - BEFORE) : at].rpartition(b" obj")[2]
        stop = at + 6
        if needed in dictionary and data[at - 3 : at] != b"end":
            stop = data.find(b"endstream", at)
            stop = len(data) if stop < 0 else stop
            if b"/Fl" in dictionary:  # FlateDecode, or Fl
                yield _unpack(data, at + 6, stop, found, room)
        at = data.find(b"stream", stop + 9 if stop > at + 6 else stop)


def _unpack(data: bytes, start: int, stop: int, found: Objects, room: int) -> bytes:
    while start < stop and data[start] in b"\r\n":
        start += 1
    left = min(room - found.unpacked, (stop - start) * RATIO + 4_096)
    if left <= 0:
        found.is_bomb = True
        return b""
    packed = zlib.decompressobj()
    try:
        piece = packed.decompress(memoryview(data)[start:stop], left)
    except zlib.error:  # encrypted, or damaged
        return b""
    found.unpacked += len(piece)
    found.is_bomb |= len(piece) == left
    return piece


def _plain_names(piece: bytes, found: Objects) -> bytes:
    """Undo `#` in the names that matter here. Letters never need it: it hides what the name is."""
    if b"#" not in piece:
        return piece

    def plain(name: re.Match[bytes]) -> bytes:
        written = _ESCAPE.sub(lambda code: bytes([int(code[1], 16)]), name[0])
        if written not in _HIDDEN:  # a font's, or no name at all but part of a string
            return name[0]
        if "obfuscated" not in found.contains:
            found.contains.append("obfuscated")
        return written

    return _ESCAPED_NAME.sub(plain, piece)


def _addresses(piece: bytes, found: Objects) -> None:
    known = dict.fromkeys(found.links)
    for match in itertools.islice(_ADDRESS.finditer(piece), 4 * LINKS):
        if len(known) + len(found.places) + len(found.targets) >= LINKS:
            break
        written = _text(_string(piece, match.end(), match[2])).strip()
        if match[1] == b"URI":
            if written:
                known[written] = None
        elif _ELSEWHERE.match(written):
            around = piece[max(0, match.start() - AROUND) : match.end() + AROUND]
            into = found.targets if b"/SubmitForm" in around else found.places
            if written not in into:
                into.append(written)
    found.links = list(known)


def _scripts(piece: bytes, data: bytes, found: Objects, room: int) -> None:
    """Take scripts, which stand in the action or in a stream of their own."""
    wanted: list[int] = []
    for match in itertools.islice(_SCRIPT.finditer(piece), SCRIPTS):
        if match[1]:
            found.scripts.append(_text(_string(piece, match.end(), match[1], SCRIPT)))
        else:
            wanted.append(int(match[2]))
    starts = {int(match[1]): match.end() for match in _OBJECT.finditer(data)} if wanted else {}
    for number in dict.fromkeys(wanted):
        start = starts.get(number, len(data))
        stream = data.find(b"stream", start, start + BEFORE)
        if stream < 0:
            continue
        stop = data.find(b"endstream", stream)
        stop = len(data) if stop < 0 else stop
        if b"/Fl" in data[start:stream]:
            script = _unpack(data, stream + 6, stop, found, room)
        else:
            script = data[stream + 6 : min(stop, stream + 6 + SCRIPT)]
        found.scripts.append(_text(script[:SCRIPT]).strip())


def _string(piece: bytes, start: int, opened: bytes, longest: int = STRING) -> bytes:
    """Give the string that begins there (7.3.4)."""
    if opened == b"<":
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", piece[start : start + 2 * longest].partition(b">")[0])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    depth, at = 1, start
    for _ in range(longest // 40):
        bracket = _BRACKETS.search(piece, at, start + longest)
        if bracket is None:
            break
        at = bracket.end()
        if bracket[0] == b"\\":
            at += 1
            continue
        depth += 1 if bracket[0] == b"(" else -1
        if not depth:
            inside = piece[start : at - 1]
            return _ESCAPES.sub(_unescaped, inside) if b"\\" in inside else inside
    return b""


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8) & 255]) if escape[1] else _LETTERS.get(escape[2], escape[2])


def _text(written: bytes) -> str:
    if written[:2] == b"\xfe\xff":
        return written[2:].decode("utf-16-be", "replace")
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("latin-1")
