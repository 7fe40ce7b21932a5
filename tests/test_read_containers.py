"""Folders, archives, Takeout, standard input: every message exactly once, and a clear sentence for all else."""

import bz2
import gzip
import io
import lzma
import os
import shutil
import socket
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.errors import WatchwordError
from watchword.read import (
    RawMessage,
    Source,
    archive,
    cut,
    fetch,
    fetch_many,
    find_sources,
    read_shards,
    runs,
)
from watchword.read.recognise import archive_kind
from watchword.tables import Rejection

LINE = b"From ann@press.example Mon Jan  1 08:00:00 2024\n"


def message(number: int, text: str = "Good morning") -> bytes:
    """Write a small message."""
    return f"From: Ann <ann@press.example>\nTo: bo@campaign.example\nSubject: {number}\n\n{text}\n".encode()


def mbox(*numbers: int) -> bytes:
    """Write a mailbox of small messages."""
    return b"".join(LINE + message(number) + b"\n" for number in numbers)


def everything(
    sources: Iterable[Source], *, size: int = 1 << 25, workers: int = 2
) -> tuple[list[RawMessage], list[Rejection]]:
    """Read all shards of all sources, as the main job does."""
    found: list[RawMessage] = []
    rejected: list[Rejection] = []
    for run in runs([shard for source in sources for shard in cut(source, size)], workers):
        given_back = []
        for shard, items in read_shards(run):
            given_back.append(shard)
            for item in items:
                if isinstance(item, RawMessage):
                    found.append(item)
                    again = fetch(shard.source, item.member, item.offset, item.length)
                    assert (again.sha256, again.flags, again.envelope) == (item.sha256, item.flags, item.envelope)
                else:
                    rejected.append(item)
        assert sorted(given_back, key=str) == sorted(run, key=str)
    return found, rejected


def subjects(found: Iterable[RawMessage]) -> list[int]:
    """Give the sorted numbers of small messages."""
    return sorted(int(item.data.split(b"Subject: ")[1].split(b"\n")[0]) for item in found)


def tree(root: Path) -> list[int]:
    """Write a folder that mixes every kind of mailbox, with things that are not mail; give the messages' numbers."""
    for name, data in {
        "alice/inbox.mbox": mbox(1, 2, 3),
        "alice/old/1.eml": message(4),
        "alice/old/two": message(5),
        "bob/Maildir/cur/1700000000.a.host:2,RS": message(6),
        "bob/Maildir/new/1700000001.b.host": message(7),
        "bob/Maildir/.Sent.2024/cur/1700000002.c.host,S=99:2,S": message(8),
        "bob/Maildir/dovecot.index.log": b"\1\2\3",
        "carol/9": LINE + message(9),
        "notes.csv": b"a,b\n1,2\n",
        ".DS_Store": b"\0\0\0\1Bud1",
        "README": b"Title: Export\nVersion: 1\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return list(range(1, 10))


def packed(folder: Path, path: Path, how: str) -> None:
    """Pack a folder."""
    if how == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packing:
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    packing.write(file, str(file.relative_to(folder)))
    else:
        with tarfile.open(path, f"w:{how.removeprefix('tar').removeprefix('.')}") as packing:  # type: ignore[call-overload]  # typeshed wants a literal
            packing.add(folder, ".")


def test_folder_of_everything(tmp_path: Path) -> None:
    """A folder that mixes all kinds is read whole; what is not mail is one row with a count."""
    numbers = tree(tmp_path / "case")
    sources, rejected = find_sources([tmp_path / "case"], spool=tmp_path)
    found, more = everything(sources)
    assert subjects(found) == numbers
    assert [row.reason for row in rejected + more] == [
        f"4 files in {tmp_path / 'case'} are not mail (2 without a suffix, 1 .log, 1 .csv)."
    ]
    assert {(Path(source.where).name, source.kind) for source in sources} == {
        ("inbox.mbox", "mbox"), ("alice", "folder"), ("bob", "maildir"), ("carol", "folder"),
    }  # fmt: skip


def test_maildir_folders_and_flags(tmp_path: Path) -> None:
    """Maildir's folders and flags are read from paths and names."""
    tree(tmp_path / "case")
    (source,), _ = find_sources([tmp_path / "case/bob/Maildir"], spool=tmp_path)
    found, _ = everything([source])
    assert source.kind == "maildir"
    assert {(item.folder, item.flags) for item in found} == {
        ("INBOX", ("answered", "seen")), ("INBOX", ()), ("Sent.2024", ("seen",)),
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 300, 1 << 25])
@pytest.mark.parametrize("how", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_archives(tmp_path: Path, how: str, size: int) -> None:
    """Every archive gives the messages of the folder that was packed, whatever the shard size, under any name."""
    numbers = tree(tmp_path / "case")
    packed(tmp_path / "case", tmp_path / "archive.bin", how)
    sources, rejected = find_sources([tmp_path / "archive.bin"], spool=tmp_path)
    found, more = everything(sources, size=size, workers=3)
    assert subjects(found) == numbers
    assert len(rejected) == 1
    assert more == []
    flags = {item.folder: item.flags for item in found if item.flags}
    assert set(flags) == {"bob/Maildir", "bob/Maildir/Sent.2024"}


def test_nested_archives(tmp_path: Path) -> None:
    """Archives in archives are read to a depth of three, and what lies deeper is named."""
    numbers = tree(tmp_path / "case")
    inner = tmp_path / "1.tgz"
    packed(tmp_path / "case", inner, "tar.gz")
    for depth in (2, 3, 4):
        outer = tmp_path / f"{depth}.zip"
        with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as packing:
            packing.write(inner, inner.name)
            packing.writestr("also.eml", message(100 + depth))
        inner = outer
    sources, _ = find_sources([tmp_path / "3.zip"], spool=tmp_path)
    found, _ = everything(sources, size=200)
    assert subjects(found) == [*numbers, 102, 103]
    sources, rejected = find_sources([tmp_path / "4.zip"], spool=tmp_path)
    assert subjects(everything(sources)[0]) == [102, 103, 104]
    assert [row.member for row in rejected if "deep" in row.reason] == ["3.zip!2.zip!1.tgz"]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_one_compressed_mailbox(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """A compressed mbox or message is read, also when several streams were put one after the other."""
    (tmp_path / "box").write_bytes(pack(mbox(1, 2)) + pack(mbox(3)))
    (tmp_path / "one").write_bytes(pack(message(4)))
    sources, rejected = find_sources([tmp_path / "box", tmp_path / "one"], spool=tmp_path)
    assert subjects(everything(sources, size=100)[0]) == [1, 2, 3, 4]
    assert rejected == []


def test_takeout(tmp_path: Path) -> None:
    """Google Takeout's parts are read as they were downloaded; its other products are one row for each part."""
    labelled = b"X-GM-THRID: 17\nX-Gmail-Labels: Inbox,Opened\n" + message(1)
    for part, files in {
        "takeout-20240101T080000Z-001.zip": {
            "Takeout/Mail/Alle E-Mails einschließlich Spam.mbox": LINE + labelled + b"\n",
            "Takeout/archive_browser.html": b"<html></html>",
            "Takeout/Kalender/Ann.ics": b"BEGIN:VCALENDAR\n",
        },
        "takeout-20240101T080000Z-002.zip": {"Takeout/Mail/Arbeit.mbox": mbox(2, 3)},
    }.items():
        with zipfile.ZipFile(tmp_path / part, "w", zipfile.ZIP_DEFLATED) as packing:
            for name, data in files.items():
                packing.writestr(name, data)
    sources, rejected = find_sources([tmp_path], spool=tmp_path)
    found, _ = everything(sources)
    assert subjects(found) == [1, 2, 3]
    assert {item.folder for item in found} == {"Alle E-Mails einschließlich Spam", "Arbeit"}
    assert [(item.labels, item.thread) for item in found if item.labels] == [(("Inbox", "Opened"), "17")]
    assert len(rejected) == 1
    assert "2 files" in rejected[0].reason


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is kept under its digest, so that the same input is the same source."""
    for _ in range(2):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mbox(1, 2))))
        sources, _ = find_sources([Path("-")], spool=tmp_path / "spool")
        assert subjects(everything(sources)[0]) == [1, 2]
    assert len(list((tmp_path / "spool").iterdir())) == 1


def test_missing_path(tmp_path: Path) -> None:
    """A path that does not exist is the user's mistake, with one sentence."""
    with pytest.raises(WatchwordError, match=r"nowhere does not exist\."):
        find_sources([tmp_path / "nowhere"], spool=tmp_path)


def test_empty_folder(tmp_path: Path) -> None:
    """An empty folder is told, so that a wrong path is noticed."""
    _, rejected = find_sources([tmp_path], spool=tmp_path)
    assert "is an empty folder" in rejected[0].reason


def test_links_in_a_circle(tmp_path: Path) -> None:
    """A circle of links is an error where the user names it, and a row where it lies in a folder."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case/circle").symlink_to(tmp_path / "case/circle")
    (tmp_path / "case/up").symlink_to(tmp_path)
    (tmp_path / "case/1").write_bytes(message(1))
    with pytest.raises(WatchwordError):
        find_sources([tmp_path / "case/circle"], spool=tmp_path)
    sources, rejected = find_sources([tmp_path / "case"], spool=tmp_path)
    assert subjects(everything(sources)[0]) == [1]
    assert "2 symbolic links" in rejected[0].reason


def test_special_files(tmp_path: Path) -> None:
    """A pipe or socket is named and never opened, which could wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket may be 108 bytes long
        try:
            listening.bind("socket")
        finally:
            os.chdir(here)
        _, rejected = find_sources([tmp_path, tmp_path / "pipe"], spool=tmp_path)
    assert [row.reason.rpartition("is a ")[2] for row in rejected] == [
        "named pipe.", "socket.", "named pipe, not a file."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "is empty"),
        (b"\0" * 100, "zero bytes"),
        (b"!BDN" + b"\0" * 600, "Outlook data file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "OLE"),
        (b"\1\2\3\4\xef\xcd\xab\x89" + b"\0" * 600, "Exchange"),
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 600, "7-Zip"),
        (message(1).decode().encode("utf-16"), "UTF-16"),
        (b"%PDF-1.7\n", "does not begin with"),
        (b"Dear all,\nno header\n", "does not begin with"),
    ],
)
def test_what_is_not_ours(tmp_path: Path, data: bytes, word: str) -> None:
    """Each thing that we cannot read has a sentence that says what it is and what to do."""
    (tmp_path / "x").write_bytes(data)
    sources, rejected = find_sources([tmp_path / "x"], spool=tmp_path)
    assert sources == []
    assert word in rejected[0].reason
    assert rejected[0].advice


def test_mail_that_we_cannot_read_is_named_in_a_folder(tmp_path: Path) -> None:
    """In a folder, what is or promises to be mail is named; office files and the like are only counted."""
    (tmp_path / "a.pst").write_bytes(b"!BDN" + b"\0" * 600)
    (tmp_path / "b.eml").write_bytes(b"")
    (tmp_path / "c.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (tmp_path / "d.docx").write_bytes(_zip({"word/document.xml": b"<xml/>"}))
    (tmp_path / "e.eml").write_bytes(message(1))
    sources, rejected = find_sources([tmp_path], spool=tmp_path)
    assert subjects(everything(sources)[0]) == [1]
    assert [row.member for row in rejected] == ["a.pst", "b.eml", ""]
    assert "2 files" in rejected[2].reason


def _zip(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packing:
        for name, data in files.items():
            packing.writestr(name, data)
    return held.getvalue()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_no_permission(tmp_path: Path) -> None:
    """A file without permission is named; its neighbours are read."""
    (tmp_path / "1").write_bytes(message(1))
    (tmp_path / "2").write_bytes(message(2))
    (tmp_path / "2").chmod(0)
    sources, rejected = find_sources([tmp_path], spool=tmp_path)
    assert subjects(everything(sources)[0]) == [1]
    assert "cannot be read" in rejected[0].reason


def test_encrypted_zip(tmp_path: Path) -> None:
    """Encrypted members are named, and the others are read."""
    data = bytearray(_zip({"open.mbox": mbox(1, 2), "locked.mbox": mbox(3)}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(mark) + place] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    sources, rejected = find_sources([tmp_path / "x.zip"], spool=tmp_path)
    assert subjects(everything(sources)[0]) == [1, 2]
    assert "encrypted" in rejected[0].reason
    assert "locked.mbox" in rejected[0].reason


@pytest.mark.parametrize("how", ["zip", "tar", "tar.gz", "tar.xz"])
def test_truncated_archive(tmp_path: Path, how: str) -> None:
    """Of an archive that was cut off, what stands before the cut is read, and the cut is named."""
    (tmp_path / "case").mkdir()
    for number in range(1, 9):
        (tmp_path / f"case/{number}.eml").write_bytes(message(number, os.urandom(40_000).hex()))
    packed(tmp_path / "case", tmp_path / "x", how)
    data = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(data[: len(data) * 3 // 5])
    sources, rejected = find_sources([tmp_path / "x"], spool=tmp_path)
    found, more = everything(sources)
    cut_short = [item for item in found if item.defects]
    assert len(found) - len(cut_short) >= 3
    assert len(set(subjects(found))) == len(found)
    assert rejected + more or cut_short


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: bz2.compress(data, 1), lzma.compress])
def test_truncated_mailbox(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """A compressed mailbox that was cut off gives its whole messages and one row that says where it ends."""
    data = pack(b"".join(LINE + message(number, os.urandom(60_000).hex()) + b"\n" for number in range(4)))
    (tmp_path / "x").write_bytes(data[: len(data) * 5 // 8])  # amid the third message: three quarters is a header
    sources, rejected = find_sources([tmp_path / "x"], spool=tmp_path)
    for size in (80_000, 1 << 25):
        found, more = everything(sources, size=size)
        assert subjects(found)[:2] == [0, 1]
        assert len(rejected + more) == 1
        assert "cut off" in more[0].reason


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows enormously is stopped early, and its neighbours are read."""
    monkeypatch.setattr(archive, "FREE", 2_000_000)
    zeros = LINE + message(1) + b"\0" * 4_000_000
    bombs = {
        "a.zip": _zip({"bomb.mbox": zeros}),
        "b.gz": gzip.compress(zeros),
        "c.xz": lzma.compress(zeros, preset=0),
    }
    for name, data in bombs.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "d.eml").write_bytes(message(7))
    sources, rejected = find_sources([tmp_path], spool=tmp_path)
    zipped, _ = find_sources([tmp_path / "a.zip"], spool=tmp_path)
    assert zipped == []
    found, more = everything(sources)
    assert 7 in subjects(found)
    assert ["decompression bombs" in row.reason for row in more] == [True, True]
    assert len(rejected) == 1


def test_damaged_zip_member(tmp_path: Path) -> None:
    """A wrong check sum inside a zip is a row, and the other members are read."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as packing:
        packing.writestr("a.mbox", mbox(1, 2))
        packing.writestr("b.mbox", mbox(3))
    data = held.getvalue().replace(b"Subject: 2\n\nGood", b"Subject: 2\n\nEvil", 1)
    (tmp_path / "x.zip").write_bytes(data)
    sources, _ = find_sources([tmp_path / "x.zip"], spool=tmp_path)
    found, rejected = everything(sources)
    assert 3 in subjects(found)
    assert len(rejected) == 1
    assert "CRC" in rejected[0].reason


def test_fetch_says_when_the_source_has_changed(tmp_path: Path) -> None:
    """A message that is no longer where it was is an error that names the mailbox."""
    path = tmp_path / "box.mbox"
    path.write_bytes(mbox(1, 2))
    (source,), _ = find_sources([path], spool=tmp_path)
    first, second = everything([source])[0]
    places = [(item.member, item.offset, item.length) for item in (second, first)]
    assert [item.sha256 for item in fetch_many(source, places)] == [first.sha256, second.sha256]
    path.write_bytes(mbox(1))
    with pytest.raises(WatchwordError, match="has changed"):
        fetch(source, second.member, second.offset, second.length)
    path.unlink()
    with pytest.raises(WatchwordError, match="cannot be opened any more"):
        fetch(source, first.member, first.offset, first.length)


def test_a_source_that_vanishes_is_a_rejection(tmp_path: Path) -> None:
    """When a file disappears between finding and reading, each shard says so and nothing is raised."""
    (tmp_path / "box").write_bytes(mbox(1, 2))
    (tmp_path / "x.tar").write_bytes(b"")
    packed(tmp_path, tmp_path.parent / "x.tar", "tar")
    shutil.move(tmp_path.parent / "x.tar", tmp_path / "x.tar")
    sources, _ = find_sources([tmp_path], spool=tmp_path)
    shards = [shard for source in sources for shard in cut(source)]
    (tmp_path / "box").unlink()
    (tmp_path / "x.tar").unlink()
    for run in runs(shards, 1):
        for _, items in read_shards(run):
            assert all(isinstance(item, Rejection) for item in items)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_bytes_raise(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any damage to any archive ends in messages and rejections, never in an exception."""
    folder = tmp_path_factory.getbasetemp() / "damage"
    if not (folder / "1.zip").exists():
        tree(folder / "case")
        for how in ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz"):
            packed(folder / "case", folder / f"1.{how}", how)
    name = data.draw(st.sampled_from(["1.zip", "1.tar", "1.tar.gz", "1.tar.bz2", "1.tar.xz"]))
    held = bytearray((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(held) - 1))
        held[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    (folder / "damaged").write_bytes(held)
    sources, _ = find_sources([folder / "damaged"], spool=folder)
    for run in runs([shard for source in sources for shard in cut(source, 500)], 2):
        for _, items in read_shards(run):
            assert all(isinstance(item, RawMessage | Rejection) for item in items)


@pytest.mark.parametrize("how", ["folder", "zip", "tar.gz"])
def test_odd_names(tmp_path: Path, how: str) -> None:
    """Names with `!`, blanks, or bytes that are not UTF-8 neither lose a message nor spoil the tables."""
    names = [b"Work!/1", b"Work!/x!y.mbox", b"b/2!2,S", b"b/\xff\xe9.eml", b"\xc3\xa9 \xf0\x9f\x93\xa7/3"]
    if how == "zip":
        names.pop(3)
    case = tmp_path / "case"
    for number, name in enumerate(names):
        path = Path(os.fsdecode(os.fsencode(case) + b"/" + name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(mbox(number) if name.endswith(b".mbox") else message(number))
    if how != "folder":
        packed(case, tmp_path / "x", how)
    sources, rejected = find_sources([case if how == "folder" else tmp_path / "x"], spool=tmp_path)
    found, more = everything(sources)
    assert subjects(found) == list(range(len(names)))
    assert rejected + more == []
    for text in [source.where for source in sources] + [item.member + item.folder for item in found]:
        assert text == text.encode("utf-8", "replace").decode()


def test_a_folder_that_changes_is_told(tmp_path: Path) -> None:
    """When mail arrives in a folder between finding and reading, the shard says so."""
    (tmp_path / "1").write_bytes(message(1))
    sources, _ = find_sources([tmp_path], spool=tmp_path)
    (tmp_path / "0").write_bytes(message(0))
    found, rejected = everything(sources)
    assert "changed" in rejected[0].reason
    assert found


def test_a_name_twice_in_an_archive(tmp_path: Path) -> None:
    """A tar to which newer versions were appended gives every message; a second mailbox of one name is told."""
    with tarfile.open(tmp_path / "x.tar", "w") as packing:
        for name, data in (
            ("1", message(1)),
            ("2", message(2)),
            ("1", message(3, "a later version")),
            ("m", mbox(4, 5)),
            ("m", mbox(6, 7)),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packing.addfile(info, io.BytesIO(data))
    sources, rejected = find_sources([tmp_path / "x.tar"], spool=tmp_path)
    assert subjects(everything(sources)[0]) == [1, 2, 3, 4, 5]
    assert [row.member for row in rejected] == ["m"]


def test_a_text_with_mustard_in_it_is_no_tar() -> None:
    """What only holds the letters `ustar` where a tar has its mark is no archive."""
    text = b"x" * 256 + b"mustard on the table, and more of it" + b"y" * 300
    assert text[257:262] == b"ustar"
    assert archive_kind(text) is None
    assert archive_kind(text[:257] + b"ustar\0" + b"00") == archive_kind(text[:257] + b"ustar  \0") == "tar"
