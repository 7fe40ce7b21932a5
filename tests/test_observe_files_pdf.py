"""PDF: what its reader sees of text and links, and what its objects hide."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_codes import code_rows
from tests.small_pdf import Pdf, link
from watchword.observe.files import Budget, Contents, File, pdf, pdf_objects
from watchword.observe.html import Address


def read(document: Pdf | bytes, *passwords: str, user: str | None = None) -> Contents:
    """Read a document."""
    data = document if isinstance(document, bytes) else document.write(user)
    return pdf.read(File("pdf", "letter.pdf", data, passwords), Budget())


def test_text_and_links() -> None:
    """The text of the pages is read, and each link is given with the words that it covers."""
    document = Pdf()
    document.page("Sign in", link("https://login.example.org/a?b=(c)"))
    document.page("The second page")
    contents = read(document)
    assert [(text.kind, text.text) for text in contents.texts] == [("pdf", "Sign in\nThe second page")]
    assert contents.links == [Address("pdf", "https://login.example.org/a?b=(c)", "Sign in", True)]
    assert (contents.is_locked, contents.contains, contents.defects) == (False, [], [])


def test_hyphens() -> None:
    """A word that is broken over two lines is one word; an address that is broken at its own hyphen keeps it."""
    document = Pdf()
    lines = ("please use the cam-", "paign at https://a-", "b.example/path today")
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    document.page(drawing=f"BT /F 12 Tf 14 TL 20 700 Td {shown} ET".encode())
    assert [text.text for text in read(document).texts] == ["please use the campaign at https://a-b.example/path today"]


def test_what_runs() -> None:
    """JavaScript is noted and the addresses in it are links; so is an action that starts a program."""
    document = Pdf(b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('https://a.example/x'\\)) >>")
    script = document.add(b"", b"this.submitForm('https://b.example/take')")
    button = b"/Subtype /Widget /Rect [0 0 9 9] /FT /Btn /A << /S /JavaScript /JS %d 0 R >>" % script
    launch = b"/Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (cmd.exe) >>"
    document.page("Words", button, launch)
    contents = read(document)
    assert set(contents.contains) == {"javascript", "launches-program"}
    assert [one.raw for one in contents.links if one.found_in == "script"] == [
        "https://a.example/x", "https://b.example/take",
    ]  # fmt: skip


def test_forms() -> None:
    """A form is noted, and where it is sent to is a link, in an action as in an XFA template."""
    send = b"/Subtype /Widget /Rect [0 0 9 9] /A << /S /SubmitForm /F << /FS /URL /F (https://take.example/a) >> >>"
    document = Pdf(b"/AcroForm << /Fields [] /XFA [(template) 4 0 R] >>")
    document.add(b"", b"<template><event><submit format='xml' target='https://take.example/b'/></event></template>")
    document.page("Your name", send)
    contents = read(document)
    assert "form" in contents.contains
    assert [one.raw for one in contents.links if one.found_in == "form"] == [
        "https://take.example/a", "https://take.example/b",
    ]  # fmt: skip


def test_embedded_files() -> None:
    """Files are given back with their bytes, those of the document as those of a note on a page."""
    document = Pdf()
    one = document.add(b"/Type /EmbeddedFile", b"MZ program")
    two = document.add(b"/Type /EmbeddedFile", b"a note's file")
    note = b"/Subtype /FileAttachment /Rect [0 0 9 9] /FS << /Type /Filespec /F (b.txt) /EF << /F %d 0 R >> >>" % two
    document.page("Words", note)
    document.catalogue = (
        b"/Names << /EmbeddedFiles << /Names [(a) << /Type /Filespec /F (a.exe) /UF (a.exe) /EF << /F %d 0 R >> >>] "
        b">> >>" % one
    )
    contents = read(document)
    assert [(held.name, held.data) for held in contents.files] == [
        ("a.exe", b"MZ program"),
        ("b.txt", b"a note's file"),
    ]
    assert "embedded-file" in contents.contains


def test_places_elsewhere() -> None:
    """A document that opens a file on somebody's server says so: programs send the reader's log-in there."""
    document = Pdf(b"/OpenAction << /S /GoToR /F (//srv.example/share/x.pdf) /D [0 /Fit] >>")
    document.page("Words")
    contents = read(document)
    assert "remote-file" in contents.contains
    assert [one.raw for one in contents.links] == ["//srv.example/share/x.pdf"]


def test_passwords() -> None:
    """A locked document opens with the word that fits; one that opens for everybody is not locked."""
    document = Pdf()
    document.page("Secret", link("https://a.example/"))
    shut = read(document, "wrong", user="Tuesday")
    assert (shut.is_locked, shut.password, shut.links, shut.texts) == (True, "", [], [])
    opened = read(document, "wrong", "Tuesday", user="Tuesday")
    assert (opened.is_locked, opened.password) == (True, "Tuesday")
    assert opened.links == [Address("pdf", "https://a.example/", "Secret", True)]
    free = read(document, user="")
    assert (free.is_locked, free.password) == (False, "")
    assert free.links == opened.links


def test_objects_of_an_encrypted_document_are_read() -> None:
    """What only the objects tell is found behind encryption, too."""
    document = Pdf(b"/OpenAction << /S /JavaScript /JS (go 'https://a.example/x') >>")
    document.page("Words")
    assert [one.raw for one in read(document, "key", user="key").links] == ["https://a.example/x"]


@pytest.mark.parametrize(
    ("text", "box", "is_big"),
    [
        ("View the document", "50 100 550 600", True),  # a picture of a button
        ("View the document", "20 690 120 715", False),
        ("word " * 150, "50 400 350 600", False),  # a leaflet with a picture that leads somewhere
        ("word " * 150, "0 0 600 800", True),  # the link lies over all that is written
        ("View", "550 600 50 100", True),  # corners the other way round
    ],
)
def test_one_big_link(text: str, box: str, is_big: bool) -> None:
    """A page that is hardly more than one link is told from a page with links."""
    document = Pdf()
    document.page(text, link("https://a.example/", box))
    assert ("one-big-link" in read(document).contains) is is_big


def test_pages_that_are_pictures() -> None:
    """A document all of whose pages are pictures without text is noted; one page of text is enough against it."""
    document = Pdf()
    picture = document.add(
        b"/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8", bytes(4)
    )
    shown = {"drawing": b"q 600 0 0 800 0 0 cm /I Do Q", "resources": b"/XObject << /I %d 0 R >>" % picture}
    document.page(**shown)  # type: ignore[arg-type]  # both are named bytes
    assert "image-only-pages" in read(document).contains
    document.page("But this one is text, and more of it")
    assert "image-only-pages" not in read(document).contains


def test_code_on_a_page() -> None:
    """A QR code that is drawn on a page is read, though no picture lies in the file."""
    document = Pdf()
    rows = code_rows("https://a.example/q")
    boxes = [f"{100 + 5 * x} {500 - 5 * y} 5 5 re" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    document.page("Scan to go on", drawing="\n".join([*boxes, "f"]).encode())
    contents = read(document)
    assert contents.links == [Address("qr", "https://a.example/q", "", True)]
    assert contents.contains == ["qr"]


def test_hidden_objects() -> None:
    """Objects inside packed streams, names written with `#`, strings in every form, and dropped pages are read."""
    hidden = b"1 0 << /S /J#61vaScript /JS (x) >> << /S /URI /URI <68747470733a2f2f622e6578616d706c652f> >>"
    document = Pdf()
    document.page("Words")
    document.add(b"/Type /ObjStm /N 1 /First 4", hidden)
    document.add(b"/S /URI /URI (https://a.example/\\050x\\051\\\n&(y))")
    document.add(b"/S /URI /URI (\xfe\xff\0h\0t\0t\0p\0:\0/\0/\0c)")
    contents = read(document)
    assert [one.raw for one in contents.links] == ["https://a.example/(x)&(y)", "http://c", "https://b.example/"]
    assert not any(one.is_visible for one in contents.links)
    assert set(contents.contains) == {"javascript", "obfuscated"}


def test_escapes_in_names_are_left_alone_elsewhere() -> None:
    """What looks like an escaped name inside an address stays as it is."""
    found = pdf_objects.scan(b"<< /S /URI /URI (https://a.example/#41bc/#4a5) >>")
    assert found.links == ["https://a.example/#41bc/#4a5"]
    assert found.contains == []


def test_damaged_document() -> None:
    """A document that pdfium cannot open still gives what its objects say, and the fault is told."""
    contents = read(b"%PDF-1.4\n1 0 obj << /A << /S /URI /URI (https://a.example/) >> >> endobj")
    assert [one.raw for one in contents.links] == ["https://a.example/"]
    assert [kind for kind, _ in contents.defects] == ["file-unreadable"]


def test_packed_objects_that_explode() -> None:
    """A stream of objects that unpacks to far more than its size is a bomb, and stops at the limit."""
    data = (
        b"%PDF-1.4\n9 0 obj <</Type /ObjStm /Filter /FlateDecode>>\nstream\n"
        + zlib.compress(bytes(4 * 10**7))
        + b"\nendstream"
    )
    found = pdf_objects.scan(data)
    assert found.is_bomb
    assert found.unpacked < 32 * 1024 * 1024


def test_budget_of_pages() -> None:
    """Only so many pages of one message are read, and it is told when there were more."""
    document = Pdf()
    for _ in range(pdf.PAGES + 1):
        document.page("x")
    budget = Budget()
    contents = pdf.read(File("pdf", "", document.write()), budget)
    assert contents.defects == [("limit-pages", f"{pdf.PAGES + 1} pages")]
    assert budget.pages == Budget().pages - pdf.PAGES


@settings(max_examples=60)
@given(st.binary(max_size=300), st.integers(0, 2_000), st.integers(0, 40))
def test_any_bytes_are_scanned(noise: bytes, at: int, cut: int) -> None:
    """No bytes make the look at a PDF's objects fail."""
    document = Pdf(b"/OpenAction << /S /JavaScript /JS (x) >>")
    document.page("Words", link("https://a.example/"))
    data = document.write()
    pdf_objects.scan(data[:at] + noise + data[at + cut :])
