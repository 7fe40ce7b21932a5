"""Files made to exhaust their reader: each ends within 5 CPU seconds, here and in the process with limits together."""

import struct
import time
import zlib
from collections.abc import Callable

import pytest

from tests.small_pdf import Pdf, link
from watchword.observe.files import Budget, Contents, File, image, pdf


def within(kind: str, data: bytes) -> Contents:
    """Read a file and hold it to its time."""
    budget = Budget()
    begun = time.process_time()
    read = pdf.read if kind == "pdf" else image.read
    contents = read(File(kind, "", data), budget)
    assert time.process_time() - begun + Budget().seconds - budget.seconds < 5
    return contents


def _nested(opened: bytes, closed: bytes) -> bytes:
    document = Pdf(b"/X " + opened * 200_000 + closed * 200_000)
    document.page("Words")
    return document.write()


def _drawn(content: bytes) -> bytes:
    document = Pdf()
    document.page(drawing=content)
    return document.write()


def _pictured(width: int, height: int, how: bytes, data: bytes) -> bytes:
    document = Pdf()
    head = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /%b"
    )
    picture = document.add(head % (width, height, how), data, packed=False)
    document.page(drawing=b"q 600 0 0 800 0 0 cm /I Do Q", resources=b"/XObject << /I %d 0 R >>" % picture)
    return document.write()


def _forms_in_forms() -> bytes:
    document = Pdf()
    inner = document.add(b"/Type /XObject /Subtype /Form /BBox [0 0 600 800]", b"0 0 m 600 800 l S")
    for _ in range(20):
        head = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /XObject << /I %d 0 R >> >>" % inner
        inner = document.add(head, b"/I Do " * 10)
    document.page(drawing=b"/I Do", resources=b"/XObject << /I %d 0 R >>" % inner)
    return document.write()


def _many_pages() -> bytes:
    document = Pdf()
    for _ in range(100_000):
        document.pages.append(document.add(b"/Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]"))
    return document.write()


def _tables_in_a_ring() -> bytes:
    document = Pdf()
    document.page("Words")
    data = document.write()
    return data.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % data.rindex(b"xref\n0"))


def _packed_objects() -> bytes:
    document, packed = Pdf(), zlib.compress(bytes(30_000_000))
    for _ in range(12):
        document.add(b"/Type /ObjStm /N 1 /First 10 /Filter /FlateDecode", packed, packed=False)
    return document.write()


def _twice_packed() -> bytes:
    document = Pdf()
    packed = zlib.compress(zlib.compress(bytes(50_000_000), 9))
    content = document.add(b"/Filter [/FlateDecode /FlateDecode]", packed, packed=False)
    document.pages.append(document.add(b"/Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents %d 0 R" % content))
    return document.write()


PDFS: dict[str, Callable[[], bytes]] = {
    "arrays in arrays": lambda: _nested(b"[", b"]"),
    "dictionaries in dictionaries": lambda: _nested(b"<</A ", b">>"),
    "a page that unpacks to 100 MB": lambda: _drawn(bytes([32]) * 100_000_000),
    "states saved without end": lambda: _drawn(b"q " * 5_000_000),
    "300,000 lines": lambda: _drawn(b"0 0 m 1 1 l S " * 300_000),
    "forms in forms": _forms_in_forms,
    "100,000 pages": _many_pages,
    "cross references in a ring": _tables_in_a_ring,
    "packed objects": _packed_objects,
    "packed twice": _twice_packed,
    "a huge picture": lambda: _pictured(30_000, 30_000, b"FlateDecode", zlib.compress(bytes(10_000_000))),
    "JBIG2": lambda: _pictured(
        30_000, 30_000, b"JBIG2Decode",
        b"\0\0\0\0\x30\0\1\0\0\0\x13" + struct.pack(">II", 30_000, 30_000) + bytes(11)
        + b"\0\0\0\1\x26\0\1\xff\xff\xff\xff" + b"\xaa" * 100_000,
    ),
    "JPX": lambda: _pictured(30_000, 30_000, b"JPXDecode", b"\xff\x4f\xff\x51" + bytes(5_000)),
    "20,000 links": lambda: _linked(20_000),
    "strings without end": lambda: b"%PDF-1.4\n" + b"/URI (" * 300_000,
    "references without end": lambda: b"%PDF-1.4\n" + b"/JS 9 0 R " * 300_000,
    "streams without end": lambda: b"%PDF-1.4\n" + b" obj<</ObjStm/Fl>>stream\n" * 300_000,
    "names without end": lambda: b"%PDF-1.4\n/" + b"#41" * 1_000_000,
}  # fmt: skip


def _linked(many: int) -> bytes:
    document = Pdf()
    document.page("Words", *[link("https://a.example/", "0 0 600 800")] * many)
    return document.write()


@pytest.mark.parametrize("way", PDFS)
def test_hostile_pdf(way: str) -> None:
    """A PDF that would take minutes or gigabytes is given up in time, or read as far as the limits go."""
    within("pdf", PDFS[way]())


def _png(width: int, height: int, said: tuple[int, int] | None = None) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", *(said or (width, height)), 1, 0, 0, 0, 0)
    body = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_hostile_pictures() -> None:
    """A picture of 900 million pixels is not decoded; one of the most that are allowed is, and so is one that lies."""
    assert [kind for kind, _ in within("png", _png(30_000, 30_000)).defects] == ["limit-pixels"]
    assert within("png", _png(6_300, 6_300)).defects == []
    within("png", _png(20_000, 20_000, (6_000, 6_000)))
