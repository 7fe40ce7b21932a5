"""Hostile attachments: each is looked into within seconds and a few hundred megabytes, whatever it repeats."""

import base64
import io
import itertools
import struct
import subprocess
import sys
import textwrap
import time
import zipfile

import pytest

from tests import office_files as made
from watchword.observe.files import Budget, File, look_into
from watchword.read.compound import compound

SECONDS = 5.0  # CPU; most take a quarter of one, and anything quadratic takes minutes
MEMORY = 512  # MB


def packed(name: str, unit: bytes, megabytes: int) -> bytes:
    """Make a package with one part that unpacks to so many megabytes."""
    out = io.BytesIO()
    piece = unit * (1024 * 1024 // len(unit))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "")
        with archive.open(name, "w", force_zip64=True) as part:
            for _ in range(megabytes):
                part.write(piece)
    return out.getvalue()


def laughs(inner: str) -> bytes:
    """Write XML in which each of twenty entities is ten times the one before (billion laughs)."""
    names = "abcdefghijklmnopqrst"
    declared = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in itertools.pairwise(names))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{declared}]>{inner}'.encode()


def nested(depth: int) -> str:
    """Write a page that decodes itself so many times."""
    page = "<p>words</p>"
    for _ in range(depth):
        page = f"<script>document.write(atob('{base64.b64encode(page.encode()).decode()}'))</script>"
    return page


HOSTILE: dict[str, tuple[str, bytes]] = {
    "billion laughs, Word": (
        "docx",
        made.package({"[Content_Types].xml": "", "word/document.xml": laughs("<w:t>&t;</w:t>")}),
    ),
    "billion laughs, XML": ("xml", laughs("<a>&t;</a>")),
    "billion laughs, SVG": ("svg", laughs("<svg><text>&t;</text></svg>")),
    "strings without end": ("xlsx", packed("xl/sharedStrings.xml", b"<si><t>word</t></si>", 60)),
    "open tags": ("docx", packed("word/document.xml", b"<w:t a='", 60)),
    "open fields": ("docx", packed("word/document.xml", b"<w:fldChar w:fldCharType='begin'/>", 6)),
    "many parts": ("pptx", made.package({f"ppt/slides/slide{number}.xml": "<a:t>x" * 500 for number in range(800)})),
    "embedded zeros": ("docx", packed("word/embeddings/a.bin", b"\0", 80)),
    "groups in RTF": ("rtf", b"{\\rtf1" + b"{\\b " * 100_000),
    "objects in RTF": ("rtf", b"{\\rtf1" + b"\\objdata " * 100_000),
    "broken digits in RTF": ("rtf", b"{\\rtf1{\\*\\objdata " + b"4{\\x}1" * 100_000),
    "backslashes in RTF": ("rtf", b"{\\rtf1" + b"\\" * 400_000),
    "fields in RTF": ("rtf", b"{\\rtf1" + b"{\\field{\\*\\fldinst HYPERLINK a}{\\fldrslt b}}" * 10_000),
    "macro that unpacks to gigabytes": (
        "ole",
        compound({"VBA": {"dir": b"", "M": b"\1" + b"\x03\xb0\2a\xfd\x0f" * 200_000}}),
    ),
    "macro of joined strings": ("ole", compound(made.project('x = "a" & _\r\n' * 10_000))),
    "streams": ("ole", compound({str(number): b"x" for number in range(3_000)})),
    "fields in Word 97": ("doc", made.old_word("\x13" * 200_000)),
    "strings in Excel 97": ("xls", made.old_excel((0xFC, b"\0" * 8 + b"\xff\xff\0"), *[(0x3C, b"\0")] * 40_000)),
    "packed objects in PowerPoint 97": (
        "ppt",
        compound({"PowerPoint Document": made.record(1, 0x1011, b"\0" * 4 + made.zlib_zeros(50)) * 50}),
    ),
    "shortcut": ("lnk", made.shortcut("a", "b", "c", "d")[:-4] + struct.pack("<II", 8, 0) * 100_000),
    "OneNote": ("one", made.section(*[b"x"] * 10_000, text="word " * 100_000)),
    "calendar": ("ics", b'X-ALT-DESC:<p>a\r\nA;b="\r\n ' * 40_000),
    "formulas": ("csv", b"\t=aaaa|'" * 60_000),
    "settings": ("url", b"URL=http://a\n" * 60_000),
    "XML attributes": ("xml", b"<?xml?><a b='" + b"c d='" * 100_000),
    "one line of script": ("js", b"var abcdefgh=1;" * 200_000),
    "quotes": ("js", b'"\\' * 200_000),
    "joined literals": ("js", b"x=" + b"'a'+" * 100_000),
    "numbers": ("js", b"x=[" + b"11," * 200_000 + b"]"),
    "numbers that end otherwise": ("js", b"11,11,11,x" * 60_000),
    "runs that break off": ("html", b"<div>" + (b"A" * 61 + b" " + b"A" * 19 + b" ") * 10_000),
    "percent": ("js", b"'" + b"%41" * 200_000 + b"'"),
    "addresses": ("js", b"".join(b"'http://a%d.example/' " % number for number in range(20_000))),
    "script tags": ("html", b"<script>" * 60_000),
    "open handlers": ("html", b"<a " + b" onabc" * 100_000),
    "open inputs": ("html", b"<input " * 100_000),
    "unclosed boxes": ("html", b"<div>" * 100_000),
    "frames in frames": ("html", b"<iframe srcdoc='" * 60_000),
    "layers": (
        "html",
        b"<script>" + b",".join(b"'%s'" % base64.b64encode(b"<p>%d</p>" % one + b"y" * 99) for one in range(4_000)),
    ),
    "a page in a page in a page": ("html", nested(12).encode()),
    "references in SVG": ("svg", b"<svg " + b"<a x" * 100_000),
    "parts of a web archive": (
        "mhtml",
        b"Content-Type: multipart/related; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: text/html\r\n\r\n<div>\r\n" * 6_000,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_seconds(name: str) -> None:
    """A hostile file costs seconds at most, and no reader breaks on it."""
    kind, data = HOSTILE[name]
    start = time.process_time()
    contents = look_into(File(kind, f"a.{kind}", data), Budget())
    assert time.process_time() - start < SECONDS
    assert contents is not None
    assert "file-not-read" not in dict(contents.defects), contents.defects


@pytest.mark.slow
def test_hostile_files_take_little_memory() -> None:
    """All of them together, one after the other, stay below half a gigabyte."""
    program = """
        import resource, sys
        from tests.test_observe_files_hostile import HOSTILE
        from watchword.observe.files import Budget, File, look_into
        for kind, data in HOSTILE.values():
            look_into(File(kind, "a", data), Budget())
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    assert int(done.stdout) / unit < MEMORY
