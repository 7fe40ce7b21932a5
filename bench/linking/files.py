"""Bytes of the files and pictures that go with messages: small, real, and the same for the same words."""

import io
import struct
import zipfile
import zlib
from random import Random
from xml.sax.saxutils import escape


def picture(rng: Random, width: int = 96, height: int = 32) -> bytes:
    """Make a PNG with a few coloured bars, as a logo would be."""
    bars = [bytes(rng.randrange(256) for _ in range(3)) for _ in range(6)]
    row = b"\0" + b"".join(bars[at * 6 // width] for at in range(width))
    return png(width, height, row * height)


def png(width: int, height: int, rows: bytes, comment: str = "", level: int = 9) -> bytes:
    """Write a PNG of rows that are filtered already."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    said = chunk(b"tEXt", b"Comment\0" + comment.encode("latin-1", "replace")) if comment else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + said
        + chunk(b"IDAT", zlib.compress(rows, level))
        + chunk(b"IEND", b"")
    )


def resaved(picture_bytes: bytes, comment: str) -> bytes:
    """Save the same picture once more: other bytes, the same look."""
    width, height = struct.unpack(">II", picture_bytes[16:24])
    at = picture_bytes.index(b"IDAT")
    (length,) = struct.unpack(">I", picture_bytes[at - 4 : at])
    return png(width, height, zlib.decompress(picture_bytes[at + 4 : at + 4 + length]), comment, 6)


def pdf(title: str, lines: list[str], producer: str, link: str = "", author: str = "") -> bytes:
    """Make a PDF of one page, with the fields that its maker fills in."""

    def text(said: str) -> bytes:
        return said.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")

    shown = b"BT /F1 11 Tf 60 780 Td 14 TL\n" + b"".join(b"(" + text(line) + b") '\n" for line in lines) + b"ET"
    action = (
        b"<< /Type /Annot /Subtype /Link /Rect [50 600 500 800] /Border [0 0 0] /A << /S /URI /URI ("
        + text(link)
        + b") >> >>"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 3 0 R >> >>"
        + (b" /Annots [7 0 R]" if link else b"")
        + b" >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(shown), shown),
        b"<< /Title (" + text(title) + b") /Producer (" + text(producer) + b") /Author (" + text(author) + b") >>",
        *([action] if link else []),
    ]
    out, places = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in places
    )
    return out + b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_ROOT = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    '<Relationship Id="rId2" Type='
    '"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" '
    'Target="docProps/core.xml"/></Relationships>'
)


def word(lines: list[str], creator: str) -> bytes:
    """Make a document of Word with its maker's name."""
    body = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{escape(creator)}</dc:creator></cp:coreProperties>'
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
        "docProps/core.xml": core,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()
