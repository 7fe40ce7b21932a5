"""Archives as files in mail: every entry is a row, contents come out within limits, and lies are named."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.archive_samples import LETTER, sample, tool
from tests.locked_mail import MIXED, attached, zip_aes, zip_crypto
from watchword.defects import DEFECTS
from watchword.observe.attachments import attachments
from watchword.observe.file_type import detect
from watchword.observe.files import Budget, Contents, File, look_into
from watchword.observe.files.contains import CONTAINS
from watchword.parse.message import parse
from watchword.tables import Attachment

BOTH = {"letter.txt": LETTER, "tool.exe": tool()}


def opened(data: bytes, name: str = "file", words: Sequence[str] = (), budget: Budget | None = None) -> Contents:
    """Look into a file of the kind that its content has."""
    contents = look_into(File(detect(data), name, data, words), budget or Budget())
    assert contents is not None
    assert {kind for kind, _ in contents.defects} <= DEFECTS.keys() - {"file-not-read"}
    assert set(contents.contains) <= CONTAINS.keys()
    return contents


def held(contents: Contents) -> dict[str, bytes | None]:
    """Give the files inside by name."""
    return {one.name: one.data for one in contents.files}


def kinds(contents: Contents) -> set[str]:
    """Give the kinds of defects."""
    return {kind for kind, _ in contents.defects}


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write a zip."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)  # two files of one name
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return out.getvalue()


def rows(data: bytes, text: str = "") -> list[Attachment]:
    """Give the rows of a message with this file."""
    head = f"From: ann@example.org\nMIME-Version: 1.0\nContent-Type: {MIXED}\n\n"
    return attachments(parse((head + attached(data, "file.bin", text)).encode()), "k").rows


# ------------------------------------------------------------ zip


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip(method: int) -> None:
    """Files of a zip come out whole by every method that the standard library knows."""
    contents = opened(zipped(*BOTH.items(), method=method))
    assert (held(contents), contents.defects, contents.is_locked) == (BOTH, [], False)


def test_a_program_in_an_archive_in_an_archive_is_a_row() -> None:
    """Every file inside is a row with the number of the one that holds it; what holds a program says so."""
    inner = zipped(("papers/report.pdf.exe", tool()), ("run.js", b"var x;"))
    found = rows(zipped(("inner.zip", inner), ("letter.txt", LETTER)))
    assert [(row.number, row.inside, row.name, row.detected_type, row.contains) for row in found] == [
        (0, None, "file.bin", "zip", ["nested-archive"]),
        (1, 0, "inner.zip", "zip", ["executable", "double-extension-inside", "script"]),
        (2, 0, "letter.txt", "text", []),
        (3, 1, "papers/report.pdf.exe", "exe", []),
        (4, 1, "run.js", "js", ["script"]),
    ]
    assert (found[3].size, found[3].extension, len(found[3].sha256)) == (len(tool()), "exe", 64)


def test_a_deep_archive_crowds_out_no_other_attachment() -> None:
    """Attachments of the message come first, however many files the first of them holds."""
    body = attached(zipped(*((f"{n}.txt", b"x") for n in range(2_000))), "many.zip")
    second = attached(tool(), "tool.exe").partition("--cut\n")[2].partition("--cut\n")[2]
    head = f"From: ann@example.org\nMIME-Version: 1.0\nContent-Type: {MIXED}\n\n"
    message = parse((head + body.removesuffix("--cut--\n") + "--cut\n" + second).encode())
    found = attachments(message, "k").rows
    assert [row.name for row in found[:2]] == ["many.zip", "tool.exe"]
    assert len(found) == 302
    assert "limit-archive-entries" in {defect.kind for defect in message.defects}


def test_a_program_does_not_hide_behind_many_files() -> None:
    """Of too many entries those that could run are listed first, and the rest is said to be missing."""
    contents = opened(zipped(*((f"{n}.jpg", b"") for n in range(1_000)), ("run.exe", tool())))
    assert "run.exe" in held(contents)
    assert ("limit-archive-entries", "1001 entries, 300 listed") in contents.defects


def test_stub_in_front_and_no_directory() -> None:
    """A zip behind something else and one that is cut short are read all the same."""
    data = zipped(*BOTH.items())
    assert held(opened(b"\x01\x02" * 100 + data)) == BOTH
    assert held(opened(tool() + data)) == BOTH
    cut = opened(data[: data.index(b"PK\1\2")])
    assert (held(cut), kinds(cut)) == (BOTH, {"archive-no-directory"})


def test_an_archive_behind_a_picture() -> None:
    """A file that is a picture by its beginning and a zip by its end is read as both."""
    picture = b"GIF89a\1\0\1\0\0\0\0;"
    for data in (picture, b"%PDF-1.4\n%%EOF\n", b"<html>page</html>"):
        contents = opened(data + zipped(*BOTH.items()))
        assert held(contents) == BOTH
        assert "archive-behind-file" in kinds(contents)
    assert not opened(b"<html>page</html>").files


def test_two_archives_one_behind_the_other() -> None:
    """Of two zips in one file, of which programs show one or the other, both are listed."""
    contents = opened(zipped(("shown.exe", tool())) + zipped(("letter.txt", LETTER)))
    assert held(contents) == {"letter.txt": LETTER, "shown.exe": tool()}
    assert kinds(contents) == {"archive-entry-hidden"}


def test_directory_and_header_differ() -> None:
    """Another name, size or lock in the directory than before the file is a defect, and both names are kept."""
    data = zipped(("a.pdf", LETTER))
    at = data.index(b"PK\1\2")
    other = data[:at] + data[at:].replace(b"a.pdf", b"a.exe")
    contents = opened(other)
    assert (contents.files[0].name, contents.files[0].names) == ("a.exe", ("a.pdf",))
    assert kinds(contents) == {"archive-names-differ"}
    lies = bytearray(data)
    lies[at + 24 : at + 28] = struct.pack("<I", 7)
    contents = opened(bytes(lies))
    assert held(contents) == {"a.pdf": LETTER}
    assert kinds(contents) == {"archive-headers-differ", "archive-size-differs"}
    assert "archive-name-twice" in kinds(opened(zipped(("A.txt", b"1"), ("a.txt", b"2"))))
    assert "archive-data-behind" in kinds(opened(data + b"more"))


def test_names_in_two_encodings() -> None:
    """A name is read by its flag, as UTF-8, by the field for Unicode, and as programs that stop at NUL read it."""
    raw = "счёт.txt".encode()
    for name, extra, want in (
        (raw, b"", ("счёт.txt", (raw.decode("cp437"),))),
        (b"a.pdf", struct.pack("<HHBI", 0x7075, 10, 1, zlib.crc32(b"a.pdf")) + b"a.exe", ("a.pdf", ("a.exe",))),
        (b"a.exe\0.pdf", b"", ("a.exe\0.pdf", ("a.exe",))),
    ):
        local = b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, 0, 0, 0, len(name), len(extra)) + name + extra
        entry = struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), len(extra), 0, 0, 0, 0, 0)
        central = b"PK\1\2" + entry + name + extra
        end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
        contents = opened(local + central + end)
        first = contents.files[0]
        assert (first.name, first.names) == want
        assert ("archive-names-differ" in kinds(contents)) == (name != raw)


def test_names_that_lead_out_and_links() -> None:
    """Names that unpack outside the folder and links are marked, in zip and tar."""
    for name in ("../up.txt", "/etc/x", "C:\\x.exe", "a/../../b", "..\\b"):
        contents = opened(zipped((name, b"x")))
        assert (contents.contains, kinds(contents)) == (["path-escapes"], {"archive-path-escapes"}), name
    assert opened(zipped(("a..b/c.txt", b"x"))).contains == []
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    contents = opened(out.getvalue())
    assert kinds(contents) == {"archive-link", "archive-path-escapes"}


# ------------------------------------------------------------ locks


@pytest.mark.parametrize("lock", [zip_crypto, zip_aes])
@pytest.mark.parametrize("password", ["Kestrel99", "Пароль 7"])
def test_locked_zip(lock: Callable[..., bytes], password: str) -> None:
    """The right word opens both kinds of lock, among wrong ones; without it names are listed and nothing is guessed."""
    data = lock(password.encode(), *BOTH.items())
    wrong = [f"word{n}" for n in range(150)]
    contents = opened(data, words=[*wrong, password])
    assert (held(contents), contents.password, contents.is_locked) == (BOTH, password, True)
    shut = opened(data, words=wrong)
    assert held(shut) == dict.fromkeys(BOTH)
    assert (shut.password, shut.is_locked, shut.files[0].is_locked) == ("", True, True)


def test_locked_in_another_code_page() -> None:
    """A word is tried as the bytes that a computer of its country would make of it."""
    word = "Гора"
    assert opened(zip_crypto(word.encode("cp866"), *BOTH.items()), words=[word]).password == word


def test_the_comment_of_an_archive_tells_the_password() -> None:
    """What programs show on opening an archive is a text of the message, and its words are tried."""
    data = bytearray(zip_aes(b"0808", *BOTH.items()))
    comment = "Multa, su contraseña personal {0808}".encode()
    data[-2:] = struct.pack("<H", len(comment))
    contents = opened(bytes(data) + comment)
    assert (held(contents), contents.password) == (BOTH, "0808")
    assert [(text.kind, text.text) for text in contents.texts] == [("zip", comment.decode())]


def test_words_are_looked_for_only_when_a_file_is_locked() -> None:
    """Nothing asks for passwords where nothing is locked."""

    class Never(list[str]):
        def __iter__(self) -> "Never":  # type: ignore[override]  # it only has to fail
            raise AssertionError

    assert held(opened(zipped(*BOTH.items()), words=Never())) == BOTH
    for name in ("plain.7z", "mszip.cab", "udf.iso"):
        opened(sample(name), words=Never())


def test_long_slow_cipher_is_cut() -> None:
    """Only so much is deciphered in Python; of a longer file the beginning is known, and the limit is told."""
    data = zip_crypto(b"Kestrel99", ("tool.exe", tool() * 40))
    contents = opened(data, words=["Kestrel99"], budget=Budget(deciphered=30_000))
    assert contents.files[0].is_cut
    assert contents.files[0].size == len(tool()) * 40
    assert kinds(contents) == {"limit-unpacked"}


# ------------------------------------------------------------ other archives


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress, "zstd"])
def test_tar(form: int, pack: object) -> None:
    """Tars of every form come out, also packed as one file; long names and links are read."""
    out = io.BytesIO()
    names = ["letter.txt", "long/" * 30 + "tool.exe"]
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in zip(names, BOTH.values(), strict=True):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "../../x"
        archive.addfile(link)
    whole = pa.compress(out.getvalue(), codec="zstd", asbytes=True) if pack == "zstd" else pack(out.getvalue())  # type: ignore[operator]  # one of four functions
    contents = opened(whole, "papers.tgz")
    if pack is not bytes:
        (inner,) = contents.files
        assert inner.data == out.getvalue()
        contents = opened(inner.data or b"")
    assert held(contents) == {**dict(zip(names, BOTH.values(), strict=True)), "link": b""}
    assert kinds(contents) == {"archive-link", "archive-path-escapes"}


def test_name_of_a_packed_file() -> None:
    """A gzip file's own name and that outside are both kept; where their endings differ, it is said."""
    out = io.BytesIO()
    with gzip.GzipFile("report.exe", "wb", fileobj=out) as packed:
        packed.write(tool())
    contents = opened(out.getvalue(), "report.pdf.gz")
    assert (contents.files[0].name, contents.files[0].names) == ("report.exe", ("report.pdf",))
    assert kinds(contents) == {"archive-names-differ"}
    behind = opened(gzip.compress(LETTER) + gzip.compress(b"more") + b"else")
    assert (behind.files[0].data, kinds(behind)) == (LETTER + b"more", {"archive-damaged"})


@pytest.mark.parametrize("name", ["plain.7z", "bcj2.7z"])
def test_7z(name: str) -> None:
    """7z archives come out whole, also programs in four streams (BCJ2), by the archive's own checksums."""
    contents = opened(sample(name))
    assert (held(contents), contents.defects, contents.is_locked) == (BOTH, [], False)


def test_7z_of_other_methods() -> None:
    """A filter over LZMA and bzip2 are undone; what PPMd packs is listed and said not to be unpacked."""
    assert held(opened(sample("bcj.7z"))) == {"tool.exe": tool()}
    assert held(opened(sample("bzip2.7z"))) == {"letter.txt": LETTER}
    contents = opened(sample("ppmd.7z"))
    assert held(contents) == {"letter.txt": None}
    assert ("archive-not-unpacked", "'letter.txt': PPMd") in contents.defects


def test_locked_7z() -> None:
    """A 7z whose names are locked, too, opens with the right word; the tries are limited by what hashing costs."""
    data = sample("locked.7z")
    contents = opened(data, words=["wrong", "Kestrel99"])
    assert (held(contents), contents.password) == (BOTH, "Kestrel99")
    shut = opened(data, words=["wrong"])
    assert (shut.files, shut.is_locked, shut.password) == ([], True, "")
    assert opened(data, words=["wrong", "Kestrel99"], budget=Budget(rounds=2**19)).password == ""


def vint(value: int) -> bytes:
    """Write a number as rar 5 does."""
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def block5(*fields: bytes) -> bytes:
    """Write a block of rar 5."""
    body = b"".join(fields)
    shown = vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(shown)) + shown


def rar5(*members: tuple[str, bytes, int], claimed: int | None = None) -> bytes:
    """Write a rar 5 archive of files with name, bytes and method (0 is stored)."""
    out = b"Rar!\x1a\x07\x01\0" + block5(vint(1), vint(0), vint(0))
    for name, data, method in members:
        raw = name.encode()
        out += block5(
            vint(2), vint(2), vint(len(data)), vint(4), vint(len(data) if claimed is None else claimed), vint(0o644),
            struct.pack("<I", zlib.crc32(data)), vint(method << 7), vint(1), vint(len(raw)), raw,
        ) + data  # fmt: skip
    return out + block5(vint(5), vint(0), vint(0))


def rar4(*members: tuple[str, bytes, int], locked: bool = False) -> bytes:
    """Write a rar 4 archive."""

    def block(kind: int, flags: int, rest: bytes) -> bytes:
        body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body

    out = b"Rar!\x1a\x07\0" + block(0x73, 0x80 if locked else 0, b"\0" * 6)
    for name, data, method in members:
        raw = name.encode()
        fixed = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0, 29, 0x30 + method, len(raw), 0)
        out += block(0x74, 0x8000, fixed + raw) + data
    return out + block(0x7B, 0, b"")


@pytest.mark.parametrize("write", [rar4, rar5])
def test_rar(write: Callable[..., bytes]) -> None:
    """Rar archives are listed; what is stored comes out, and what rar packed is said not to be unpacked."""
    contents = opened(write(("letter.txt", LETTER, 0), ("in\\tool.exe", tool(), 3)))
    assert held(contents) == {"letter.txt": LETTER, "in/tool.exe": None}
    assert [one.size for one in contents.files] == [len(LETTER), len(tool())]
    assert (kinds(contents), contents.is_locked) == ({"archive-not-unpacked"}, False)


def test_rar_that_lies_or_is_locked() -> None:
    """Absurd sizes and a cut end are defects; an archive whose names are locked says only that."""
    assert "archive-size-differs" in kinds(opened(rar5(("a", LETTER, 0), claimed=2**60)))
    assert "archive-damaged" in kinds(opened(rar5(("a", LETTER, 0))[:-120]))
    assert (opened(rar4(locked=True)).is_locked, opened(rar4(locked=True)).files) == (True, [])


def test_cabinet() -> None:
    """A cabinet comes out, across the blocks of 32 kB that it is packed in."""
    contents = opened(sample("mszip.cab"))
    assert (held(contents), contents.defects) == ({"letter.txt": LETTER * 300, "papers/tool.exe": tool()}, [])


def test_disk_images() -> None:
    """Files of UDF, Joliet and ISO 9660 come out; what only one tree shows is said, and the lost mark is noted."""
    both = {"A long name.pdf.txt": LETTER, "papers/deep/tool.exe": tool()}
    contents = opened(sample("udf.iso"))
    assert (held(contents), contents.contains, contents.defects) == (both, ["container-hides-mark"], [])
    contents = opened(sample("hidden.iso"))
    assert (held(contents), kinds(contents)) == (both, {"archive-entry-hidden"})
    for data in (b"vhdxfile" + bytes(600), bytes(600) + b"conectix" + bytes(504)):
        assert (opened(data).contains, kinds(opened(data))) == (["container-hides-mark"], {"archive-not-unpacked"})


def test_what_is_not_opened_is_said() -> None:
    """An archive of a kind that nothing here reads is named as one."""
    assert kinds(opened(b"MSWIM\0\0\0" + bytes(200))) == {"archive-not-unpacked"}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["plain.7z", "bcj2.7z", "locked.7z", "mszip.cab", "hidden.iso", "zip", "rar4", "rar5", "aes"]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=6),
    st.floats(0, 1),
)
def test_any_damage_is_survived(name: str, changes: list[tuple[float, bytes]], end: float) -> None:
    """However an archive is damaged, what is wrong becomes a defect and nothing is raised."""
    stored = [(one, held, 0) for one, held in BOTH.items()]
    written: dict[str, Callable[[], bytes]] = {
        "zip": lambda: zipped(*BOTH.items()),
        "aes": lambda: zip_aes(b"x", *BOTH.items()),
        "rar4": lambda: rar4(*stored),
        "rar5": lambda: rar5(*stored),
    }
    whole = written[name]() if name in written else sample(name)
    kind = detect(whole)
    data = bytearray(whole)
    for place, put in changes:
        at = int(place * (len(data) - 1))
        data[at : at + len(put)] = put
    contents = look_into(File(kind, name, bytes(data[: int(len(data) * max(end, 0.2))]), ("x",)), Budget(rounds=2**19))
    assert contents is not None
    assert "file-not-read" not in kinds(contents)
