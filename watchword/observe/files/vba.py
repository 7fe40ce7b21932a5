"""Macros in Visual Basic, as Office keeps them (MS-OVBA): source text decompressed, what it does told by its words."""

import itertools
import re
import struct
from dataclasses import dataclass

from watchword.observe.files import Contents, Reading
from watchword.observe.files.ole import Ole
from watchword.observe.files.unwrap import base64, strings
from watchword.read.codepage import decoded

MODULES = 200
SOURCE = 1024 * 1024  # characters of one module
SOURCES = 4 * 1024 * 1024  # of all modules of one file
_DIR = 1024 * 1024

# What Office calls by itself (MS-OVBA has none of this: the names are in the object models of Word, Excel, PowerPoint).
_OPENS = re.compile(
    r"\b(?:Auto_?(?:Open|Close|Exec|Exit|New)|Document_?(?:Open|Close|New|BeforeClose|Change)"
    r"|Workbook_?(?:Open|Activate|BeforeClose|AddinInstall)|Presentation_?Open|App_?PresentationOpen|Slideshow_?Begin"
    r"|OnSlideShowPageChange|\w+_(?:Painted|Layout|GotFocus|MouseMove|MouseHover|OnConnecting))\b",
    re.IGNORECASE,
)
_REACHES = re.compile(
    r"\b(?:Shell(?:Execute\w?)?|CreateObject|GetObject|CallByName|URLDownloadToFile\w?|XMLHTTP|WinHttp\w*|ServerXMLHTTP"
    r"|ADODB\.Stream|SaveToFile|WScript\.\w+|powershell|cmd(?:\.exe)?\s+/[ck]|mshta|rundll32|regsvr32|certutil|bitsadmin"
    r"|VirtualAlloc\w*|CreateThread|RtlMoveMemory|FollowHyperlink|MacScript|AppleScriptTask|Win32_Process)\b"
    r"|\bDeclare\s+(?:PtrSafe\s+)?(?:Function|Sub)\b|\bOpen\b[^\n]{1,200}\bFor\s+(?:Binary|Output|Append)\b",
    re.IGNORECASE,
)
_CHARACTER = re.compile(r"\bChrW?\$?\s{0,5}\(\s{0,5}(&H[0-9A-F]{1,4}|\d{1,5})\s{0,5}\)", re.IGNORECASE)
_BACKWARDS = re.compile(r"\bStrReverse\s{0,5}\(\s{0,5}\"([^\"\n]{1,2000})\"\s{0,5}\)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s\"'<>\\`{}|]{4,2000}+|\\\\[\w.-]{3,100}(?:@\w+)?\\[^\s\"'<>|]{1,300}", re.IGNORECASE
)
_NAME, _STREAM, _STREAM_UNICODE, _OFFSET, _CODEPAGE = 0x0019, 0x001A, 0x0032, 0x0031, 0x0003


@dataclass(frozen=True, slots=True)
class Module:
    """The source of one module of macros."""

    name: str
    source: str


def modules(ole: Ole) -> list[Module]:
    """Read the source of every module. Never raises; where the list of modules is damaged, streams are searched."""
    found: list[Module] = []
    room = SOURCES
    for path in ole.names:
        if path[-1].lower() != "dir" or (path[-2:-1] and path[-2].lower() != "vba"):
            continue
        folder = path[:-1]
        codepage, listed = _listed(decompress(ole.read(path, _DIR), 0, _DIR))
        known = {name.lower(): offset for name, offset in listed}
        for inner in ole.names:
            name = inner[-1].lower()
            if inner[:-1] != folder or name in {"dir", "_vba_project"} or name.startswith("__srp_"):
                continue
            data = ole.read(inner)
            offset = known.get(name, -1)
            if not 0 <= offset < len(data) or data[offset] != 1:
                offset = data.find(b"\0Attribut") - 3
            if offset >= 0 and room > 0 and len(found) < MODULES:
                source = decoded(decompress(data, offset, min(room, SOURCE)), codepage)
                room -= len(source)
                if source:
                    found.append(Module(inner[-1], source))
    return found


def _listed(data: bytes) -> tuple[int, list[tuple[str, int]]]:
    """Read the stream `dir` (MS-OVBA 2.3.4.2): code page, and of each module the stream and where its source begins."""
    codepage, name, at = 1252, "", 0
    listed: list[tuple[str, int]] = []
    while at + 6 <= len(data):
        kind, size = struct.unpack_from("<HI", data, at)
        value = data[at + 6 : at + 6 + size]
        if kind == 0x0009:  # PROJECTVERSION: its size says 4 and it has 6
            size = 6
        if kind == _CODEPAGE and size == 2:
            codepage = int.from_bytes(value, "little")
        elif kind in (_NAME, _STREAM):
            name = decoded(value, codepage)
        elif kind == _STREAM_UNICODE:
            name = value.decode("utf-16-le", "replace") or name
        elif kind == _OFFSET and size == 4:
            listed.append((name, int.from_bytes(value, "little")))
        at += 6 + size
    return codepage, listed


def decompress(data: bytes, at: int, limit: int) -> bytes:
    """Undo the compression of MS-OVBA 2.4.1, as far as it goes; at most `limit` bytes."""
    if at >= len(data) or data[at] != 1:
        return b""
    out = bytearray()
    at += 1
    while at + 2 <= len(data) and len(out) < limit:
        header = int.from_bytes(data[at : at + 2], "little")
        stop = min(at + (header & 0x0FFF) + 3, len(data))
        at += 2
        if not header & 0x8000:
            out += data[at : at + 4096]
            at += 4096
            continue
        start = len(out)
        while at < stop:
            flags = data[at]
            at += 1
            for bit in range(8):
                if at >= stop:
                    break
                if not flags >> bit & 1:
                    out.append(data[at])
                    at += 1
                    continue
                if at + 2 > stop:
                    at = stop
                    break
                token = data[at] | data[at + 1] << 8
                at += 2
                done = len(out) - start
                bits = max((done - 1).bit_length(), 4)
                back = (token >> (16 - bits)) + 1
                length = (token & (0xFFFF >> bits)) + 3
                if back > done:
                    return bytes(out)  # points before its piece: not what it claims to be
                if back >= length:
                    out += out[-back : len(out) - back + length]
                else:
                    piece = out[-back:]
                    out += (piece * (length // back + 1))[:length]
        at = max(at, stop)
    return bytes(out[:limit])


def note(contents: Contents, found: list[Module]) -> None:
    """Note macros: that they are there, what they do by their words, and the addresses that stand in them."""
    contents.mark("macros")
    text = "\n".join(f"' {one.name}\n{_code(one.source)}" for one in found)
    if not text:
        return
    contents.texts.append(Reading("macro", text, is_code=True))
    say(contents, text)


def _code(source: str) -> str:
    """Leave out the lines of attributes, which Office writes and nobody sees."""
    return "\n".join(line for line in source.splitlines() if not line.startswith("Attribute VB_")).strip()


def say(contents: Contents, text: str) -> None:
    """Note what macros in Visual Basic do by their words, also where a string is put together at once."""
    if _OPENS.search(text):
        contents.mark("macro-runs-on-open")
    made = plain(text)
    if _REACHES.search(made):
        contents.mark("macro-reaches-out")
    for found in itertools.islice(_ADDRESS.finditer(made), 500):
        contents.link("macro", found[0].rstrip(".,;)"))


def plain(text: str) -> str:
    """Give the source with the strings behind it that it puts together, reverses or codes."""
    joined = text.replace(" _\r\n", " ").replace(" _\n", " ")
    joined = _CHARACTER.sub(_character, joined)
    made = [found[1][::-1] for found in itertools.islice(_BACKWARDS.finditer(joined), 1_000)]
    for value in itertools.islice(strings(joined.replace("\\", "\\\\")), 20_000):
        made.append(value)
        if len(value) > 15 and (data := base64(value)) and data.isascii():
            made.append(data.decode("ascii").replace("\0", ""))
    return "\n".join([text, *made])


def _character(found: re.Match[str]) -> str:
    code = int(found[1][2:], 16) if found[1][:1] == "&" else int(found[1])
    return f'"{chr(code)}"' if 32 <= code < 0xD800 and code != 34 else found[0]
