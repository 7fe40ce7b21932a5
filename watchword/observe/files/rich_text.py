"""RTF documents: text and links, and the objects, pictures and templates in them, however they are written.

The text is taken by `read.rtf`, which reads RTF bodies of Outlook, too. What attackers hide is looked for here apart:
objects whose digits are broken up by other control words, as Word takes them all the same (Rich Text Format 1.9.1).
"""

import itertools
import re
import struct
from collections.abc import Iterator

from watchword.observe import html
from watchword.observe.files import Budget, Contents, File, Reading, fields, ole
from watchword.read.rtf import unpacked

KINDS = ("rtf",)

SOURCE = 24 * 1024 * 1024  # bytes of one document
SHOWN = 4 * 1024 * 1024  # bytes of what is left when the digits of objects and pictures are taken out
TOKENS = 2_000_000  # read in all objects and pictures
OBJECTS = 50
PICTURES = 40
TOKENS = 600_000  # control words and runs of digits, of all objects and pictures: they may begin inside each other

_TOKEN = re.compile(rb"\\([a-zA-Z]{1,40})(-?\d{1,10})? ?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]|([{}])|([^\\{}]+)", re.DOTALL)
_SIGN = rb"(?<!\\)(?:\\\\)*+\\"  # begins a control word, and is not itself a backslash in the text
_OBJECT = re.compile(_SIGN + rb"objdata(?![a-z])")
_PICTURE = re.compile(_SIGN + rb"(?:pngblip|jpegblip)(?![a-z])")
_TEMPLATE = re.compile(_SIGN + rb"\*\s{0,20}\\template\s{0,20}([^{}]{1,4000})")
_INSTRUCTION = re.compile(_SIGN + rb"fldinst(?![a-z])")
_LINKED = re.compile(_SIGN + rb"objautlink(?![a-z])")
_DIGITS = re.compile(rb"(?<![0-9a-fA-F\s])[0-9a-fA-F\s]{1000,}+")
_NOT_HEX = bytes(set(range(256)) - set(b"0123456789abcdefABCDEF"))
_ESCAPED = re.compile(rb"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?\??|\\\\|\\[a-z]{1,30}-?\d{0,6} ?|[{}\r\n]")


def read(file: File, budget: Budget) -> Contents:
    """Read an RTF document."""
    contents = Contents(is_locked=False)
    data = file.data
    if len(data) > SOURCE:
        contents.defects.append(("limit-file-read", f"{len(data)} bytes"))
        data = data[:SOURCE]
    _dangerous(data, contents, budget)
    if len(data) > SHOWN // 8:
        data = _DIGITS.sub(b"", data)
    if len(data) > SHOWN:
        contents.defects.append(("limit-file-read", f"{len(data)} bytes of text and control words"))
    body = unpacked(data[:SHOWN])
    page = html.read(body.text) if body.kind in {"rtf", "html"} else None
    text = page.text if page is not None else body.text
    if text.strip() or (page is not None and page.addresses):
        contents.texts.append(Reading("rtf", text, page))
    return contents


def _dangerous(data: bytes, contents: Contents, budget: Budget) -> None:
    for found in itertools.islice(_TEMPLATE.finditer(data), 10):
        target = plain(found[1]).strip()
        contents.link("relationship", target)
        if fields.is_remote(target):
            contents.mark("remote-template")
    for found in itertools.islice(_INSTRUCTION.finditer(data), 2_000):
        instruction = plain(data[found.end() : found.end() + fields.CODE]).strip()
        if not instruction.upper().startswith("HYPERLINK"):  # those are links of the text, with their words
            fields.note(contents, instruction)
    scan = _Digits(data)
    seen: set[int] = set()
    for raw in itertools.islice(scan.after(_OBJECT), OBJECTS):
        if raw and hash(raw) not in seen:
            seen.add(hash(raw))
            _object(raw, contents, budget)
    if _LINKED.search(data) is not None:
        contents.mark("external-object")
    for number, raw in enumerate(itertools.islice(scan.after(_PICTURE), PICTURES)):
        for kind, start in (("png", b"\x89PNG"), ("jpg", b"\xff\xd8\xff")):
            at = raw.find(start, 0, 4_096)
            if at >= 0:
                contents.hold(f"{number + 1}.{kind}", raw[at:], budget)
    if scan.left <= 0:
        contents.defects.append(("limit-file-read", f"objects of more than {TOKENS} control words"))


def plain(raw: bytes) -> str:
    """Take the letters out of a piece of RTF without its control words."""

    def sign(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return bytes([int(found[1], 16)])
        if found[2]:
            return chr(int(found[2]) & 0xFFFF).encode("utf-8", "replace")
        return b"\\" if found[0] == b"\\\\" else b""

    stop = raw.find(b"}}")
    return _ESCAPED.sub(sign, raw[:stop] if stop >= 0 else raw).decode("utf-8", "replace")


class _Digits:
    """The digits of objects and pictures; no piece is read twice, and `left` says how much may still be read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.left = TOKENS

    def after(self, word: re.Pattern[bytes]) -> Iterator[bytes]:
        """Decode the digits that follow each control word of that kind."""
        at = 0
        while self.left > 0 and (found := word.search(self._data, at)):
            raw, at = self._decoded(found.end())
            yield raw

    def _decoded(self, at: int) -> tuple[bytes, int]:
        """Decode digits up to the end of their group, whatever control words stand between; and say where that is."""
        pieces: list[bytes] = []
        depth = 0
        while self.left > 0 and (found := _TOKEN.match(self._data, at)):
            self.left -= 1
            at = found.end()
            if found[4] is not None:  # a run of digits without end is the common case, and one token
                pieces.append(found[4].translate(None, _NOT_HEX))
            elif found[3] == b"{":
                depth += 1
            elif found[3] == b"}":
                depth -= 1
                if depth < 0:
                    break
            elif found[1] == b"bin":
                length = max(int(found[2] or b"0"), 0)
                pieces.append(self._data[at : at + length].hex().encode())
                at += length
        joined = b"".join(pieces)
        return bytes.fromhex(joined[: len(joined) // 2 * 2].decode("ascii")), at


def _object(raw: bytes, contents: Contents, budget: Budget) -> None:
    """Read an object as OLE 1.0 keeps it (MS-OLEDS 2.2): class, what it is linked to, and its bytes."""
    at = 8
    names: list[str] = []
    form = struct.unpack_from("<I", raw, 4)[0] if len(raw) >= 8 else 0
    for _ in range(3):  # class, topic, item
        if at + 4 > len(raw):
            break
        (length,) = struct.unpack_from("<I", raw, at)
        if length > 4_096 or at + 4 + length > len(raw):
            break
        names.append(raw[at + 4 : at + 4 + length].rstrip(b"\0").decode("cp1252", "replace"))
        at += 4 + length
    kind = names[0].lower() if names else ""
    if kind.startswith("equation"):
        contents.mark("equation-object")
    if form == 1 and len(names) > 1 and names[1]:
        contents.link("object", names[1])
        if fields.is_remote(names[1]):
            contents.mark("external-object")
    inner = raw[at + 4 :] if at + 4 < len(raw) else b""
    compound = raw.find(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    if compound >= 0:
        _compound(raw[compound:], contents, budget)
    elif kind.startswith("package"):
        name, held = ole.package(struct.pack("<I", len(inner)) + inner)
        if held:
            contents.mark("embedded-file")
            contents.hold(name or "package.bin", held, budget)
    elif inner:
        ole.linked(contents, inner)
        if len(inner) > 16 and kind != "":
            contents.mark("embedded-file")
            contents.hold(f"{kind.partition('.')[0] or 'object'}.bin", inner, budget)


def _compound(data: bytes, contents: Contents, budget: Budget) -> None:
    inner = ole.opened(data)
    if inner is None:
        contents.mark("embedded-file")
        contents.hold("object.ole", data, budget)
        return
    held = len(contents.files)
    ole.objects(inner, contents, budget)
    if len(contents.files) == held and "external-object" not in contents.contains:
        contents.mark("embedded-file")
        contents.hold("object.ole", data, budget)
