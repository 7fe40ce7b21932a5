"""Files that come with a message: kinds by content, locks, names."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.observe import file_type
from watchword.observe.attachments import attachments
from watchword.parse.message import Message, parse


def message(body: str | bytes, content_type: str = "text/plain", extra: str = "") -> Message:
    """Make a message of one part."""
    data = body if isinstance(body, bytes) else body.encode()
    head = f"From: ann@example.org\r\nContent-Type: {content_type}; charset=utf-8\r\n{extra}\r\n"
    return parse(head.encode() + data)


def zipped(names: dict[str, bytes]) -> bytes:
    """Make a zip in memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "extension", "kind"),
    [
        (b"%PDF-1.7\n", "", "pdf"),
        (zipped({"a.txt": b"a"}), "", "zip"),
        (zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "", "docx"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b"", "xl/vbaProject.bin": b""}), "", "xlsm"),
        (OLE + b"\0" * 100 + "WordDocument".encode("utf-16-le"), "", "doc"),
        (OLE + "__properties_version1.0".encode("utf-16-le"), "", "msg"),
        (OLE + b"\0" * 64 + bytes.fromhex("84100c0000000000c000000000000046"), "", "msi"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "docx", "ooxml"),
        (b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0" + b"\0" * 18 + b"\x02\x20", "", "dll"),
        (b"\x7fELF\2\1", "", "elf"),
        (b"\0" * 32_769 + b"CD001", "iso", "iso"),
        (b"\x89PNG\r\n\x1a\n", "", "png"),
        (b"RIFF\0\0\0\0WEBP", "", "webp"),
        (b"{\\rtf1", "doc", "rtf"),
        (b"7z\xbc\xaf\x27\x1c", "", "7z"),
        (b"<!DOCTYPE html><html>", "pdf", "html"),
        (b"\xef\xbb\xbf <script>x</script>", "", "html"),
        (b"<?xml version='1.0'?><svg xmlns=''>", "", "svg"),
        (b"var x = 1;", "js", "js"),
        (b"BEGIN:VCALENDAR\r\n", "", "ics"),
        (b"From: a@example.org\r\nSubject: b\r\n\r\n", "", "eml"),
        (b"-----BEGIN PGP MESSAGE-----", "", "pgp"),
        (b"just words", "", "text"),
        (b"\x01\x02\x03", "", ""),
        (b"", "", ""),
    ],
)
def test_file_type(data: bytes, extension: str, kind: str) -> None:
    """A file's kind is told by its content; its extension only tells kinds of text apart."""
    assert file_type.detect(data, extension) == kind


def test_locked_files() -> None:
    """Password-protected zip, PDF and Office files are told from open ones; other kinds are not judged."""
    shut = bytearray(zipped({"a": b"x"}))
    shut[shut.rindex(b"PK\x01\x02") + 8] |= 1
    assert file_type.is_locked(bytes(shut), "zip") is True
    assert file_type.is_locked(zipped({"a": b"x"}), "zip") is False
    assert file_type.is_locked(b"%PDF-1.7 trailer << /Encrypt 5 0 R >>", "pdf") is True
    assert file_type.is_locked(b"%PDF-1.7 trailer << >>", "pdf") is False
    assert file_type.is_locked(OLE, "ooxml") is True
    assert file_type.is_locked(b"words", "text") is None


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"MZ", OLE, b"Rar!\x1a\x07\x00"]))
def test_any_file_is_looked_at(data: bytes, start: bytes) -> None:
    """No bytes make the look at a file fail."""
    kind = file_type.detect(start + data)
    file_type.is_locked(start + data, kind)
    file_type.zip_entries(zipped({"a": b"x"})[: len(data)] + data)


def test_attachment_row() -> None:
    """A file's names, extension and content are seen, and the files in it; a name that turns around is a defect."""
    parsed = message(
        zipped({"in/side.js": b"x"}),
        "application/pdf",
        'Content-Transfer-Encoding: binary\r\nContent-Disposition: attachment; filename="report.pdf.exe"\r\n',
    )
    file, inner = attachments(parsed, "k").rows
    assert (file.name, file.extension, file.double_extension) == ("report.pdf.exe", "exe", True)
    assert (file.claimed_type, file.detected_type, file.contains) == ("application/pdf", "zip", ["script"])
    assert (inner.inside, inner.name, inner.detected_type, inner.size) == (file.number, "in/side.js", "js", 1)
    assert file.is_encrypted is False

    turned = message("x", "text/plain", "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEfdp.exe\r\n")
    attachments(turned, "k")
    assert "bidi-in-file-name" in [defect.kind for defect in turned.defects]


@pytest.mark.parametrize("name", ["archive.tar.gz", "v1.2.pdf", "notes.txt", "report.final.docx", "key.pdf.asc"])
def test_honest_names_have_no_double_extension(name: str) -> None:
    """Versions, packed archives and signatures are not double extensions."""
    mail = message("x", "text/plain", f'Content-Disposition: attachment; filename="{name}"\r\n')
    (file,) = attachments(mail, "k").rows
    assert not file.double_extension
