"""Outlook's data files: every item is read once or told, whatever happens to the process that reads them."""

import dataclasses
import importlib.util
import shutil
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from tests.outlook import BINARY, LONG, SEVERAL, UNICODE, Bag, Names
from tests.outlook_pst import Folder, Mail
from tests.outlook_pst import pst as written
from tests.test_read_outlook import ANN, BO, PAGE
from watchword.limited.outlook import ORPHANS
from watchword.parse.message import parse
from watchword.read import RawMessage, Source, cut, fetch, fetch_many, find_sources, pst, read_shards, spool
from watchword.tables import Rejection

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pypff") is None, reason="the extra `outlook` is missing")

KEYWORDS: Names = {(UUID("00020329-0000-0000-c000-000000000046"), "Keywords"): 0x8000}
DEEP: Bag = {(0x3707, UNICODE): "deep.txt", (0x3701, BINARY): b"deep"}
INNER = Mail({**ANN, (0x0037, UNICODE): "\x01\x05Re: Inside", (0x1013, BINARY): PAGE}, [], [(DEEP, None)])


def mail(number: int) -> Mail:
    """Write a message with two recipients, a file and a message inside."""
    bag: Bag = {**ANN, (0x0037, UNICODE): f"Number {number}", (0x1000, UNICODE): "Hello " * 1_000,
                (0x0E07, LONG): 1, (0x8000, SEVERAL): ["Red", "Blue"]}  # fmt: skip
    file: Bag = {(0x3707, UNICODE): "a.bin", (0x3701, BINARY): bytes(range(256)) * 80, (0x3705, LONG): 1}
    return Mail(bag, [BO, {**BO, (0x0C15, LONG): 2}], [(file, None), ({(0x3001, UNICODE): "Fwd"}, INNER)])


def data_file(path: Path) -> Path:
    """Write a data file of nine messages and three other items."""
    contact = Mail({(0x001A, UNICODE): "IPM.Contact", (0x0037, UNICODE): "Ann"})
    note = Mail({(0x001A, UNICODE): "IPM.StickyNote", (0x0037, UNICODE): "To do"})
    inbox = Folder("Inbox", [mail(0), mail(1), note, mail(2)], [Folder("Über/uns", [mail(3), mail(4)])])
    folders = [inbox, Folder("Gone", [mail(5)], [Folder("Old", [mail(6)])], special=0x35E3),
               Folder("Out", [mail(7), mail(8)], special=0x35E4), Folder("People", [contact, contact])]  # fmt: skip
    path.write_bytes(written(Folder("Top of Outlook data file", (), folders), KEYWORDS))
    return path


def everything(sources: list[Source], size: int = 1 << 25) -> tuple[list[RawMessage], list[Rejection]]:
    """Read all shards, and each message again by its place."""
    read, told = [], []
    for source in sources:
        run = cut(source, size)
        given_back = []
        for shard, items in read_shards(run):
            given_back.append(shard)
            for item in items:
                if isinstance(item, RawMessage):
                    assert shard.start <= item.offset < shard.stop
                    read.append(item)
                else:
                    told.append(item)
        assert sorted(given_back, key=str) == sorted(run, key=str)
    return read, told


def subject(item: RawMessage) -> str:
    """Give a message's subject."""
    return next(header.text for header in parse(item.data).headers if header.name == "subject")


@pytest.mark.parametrize("size", [1 << 25, 60_000])
def test_every_item_once(tmp_path: Path, size: int) -> None:
    """What goes in comes out or is told, once, however the file is cut; places lead back to the same bytes."""
    (source,), _ = find_sources([data_file(tmp_path / "box.bin")], spool=tmp_path)
    read, told = everything([source], size)
    assert [subject(item) for item in read] == [f"Number {number}" for number in range(9)]
    assert len(read) + sum(row.length for row in told) == 12
    assert {row.reason.rpartition("not mail ")[2] for row in told} == {"(IPM.StickyNote).", "(IPM.Contact)."}
    places = [(item.member, item.offset, item.length) for item in read]
    assert [item.sha256 for item in fetch_many(source, places)] == [item.sha256 for item in read]
    assert fetch(source, *places[4]).sha256 == read[4].sha256


def test_what_a_message_says(tmp_path: Path) -> None:
    """Folder, use of the folder, flags, categories, recipients, files and messages inside are kept."""
    (source,), _ = find_sources([data_file(tmp_path / "box.pst")], spool=tmp_path)
    read, _ = everything([source])
    assert [item.folder for item in read] == ["Inbox"] * 3 + ["Inbox/Über_uns"] * 2 + ["Gone", "Gone/Old", "Out", "Out"]
    assert [item.labels for item in read] == [("Red", "Blue")] * 5 + [("Red", "Blue", "\\Trash")] * 2 + [
        ("Red", "Blue", "\\Sent")
    ] * 2
    assert read[0].flags == ("seen",)
    message = parse(read[0].data)
    assert [(part.content_type, part.names) for part in message.parts] == [
        ("multipart/mixed", []), ("text/plain", []), ("application/octet-stream", ["a.bin"]),
        ("message/rfc822", ["Fwd"]), ("multipart/mixed", []), ("text/html", []),
        ("application/octet-stream", ["deep.txt"]),
    ]  # fmt: skip
    assert message.decode(message.parts[2]) == bytes(range(256)) * 80
    assert message.decode(message.parts[6]) == b"deep"
    assert b"Subject: Re: Inside\r\n" in read[0].data
    assert [header.text for header in message.headers if header.name in ("to", "cc")] == [
        '"Bo" <bo@campaign.example>'
    ] * 2


def test_orphans_and_odd_classes(tmp_path: Path) -> None:
    """Messages whose folder is gone are read, and those of classes that libpff does not know with all their files."""
    file: Bag = {(0x3707, UNICODE): "why.txt", (0x3701, BINARY): b"why", (0x3705, LONG): 1}
    report = Mail({**ANN, (0x001A, UNICODE): "REPORT.IPM.Note.NDR", (0x0037, UNICODE): "Failed"}, [BO], [(file, None)])
    data = written(Folder("Top", (), [Folder("Inbox", [report])]), KEYWORDS, [mail(1), mail(2)])
    (tmp_path / "box.pst").write_bytes(data)
    (source,), _ = find_sources([tmp_path / "box.pst"], spool=tmp_path)
    read, told = everything([source])
    assert told == []
    assert [(item.folder, subject(item)) for item in read] == [
        ("Inbox", "Failed"), (ORPHANS, "Number 1"), (ORPHANS, "Number 2"),
    ]  # fmt: skip
    message = parse(read[0].data)
    assert [part.names for part in message.parts if part.disposition] == [["why.txt"]]
    assert ("to", '"Bo" <bo@campaign.example>') in [(header.name, header.text) for header in message.headers]


def broken(monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """Let the process do something when it comes to the third and fifth message."""
    code = (
        "import sys; sys.path[:] = sys.argv[2:]\n"
        "from watchword.limited import outlook\n"
        "whole = outlook._Writer.message\n"
        "def message(self, item, depth):\n"
        "    name = getattr(item, 'subject', '')\n"
        "    if name in ('Number 2', 'Number 4'):\n"
        f"        {action}\n"
        "    whole(self, item, depth)\n"
        "outlook._Writer.message = message\n"
        "outlook.serve(int(sys.argv[1]))\n"
    )
    monkeypatch.setattr(pst, "_START", code)


@pytest.mark.parametrize("action", ["import ctypes; ctypes.string_at(0)", "while True: pass"])
def test_a_crash_costs_one_item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """Where the process crashes or stands still at an item, that item is told, and the others are read."""
    (source,), _ = find_sources([data_file(tmp_path / "box.pst")], spool=tmp_path)
    broken(monkeypatch, action)
    monkeypatch.setattr(pst, "SECONDS", 0.5)
    read, told = everything([source])
    assert [subject(item) for item in read] == [f"Number {number}" for number in (0, 1, 3, 5, 6, 7, 8)]
    lost = [row for row in told if "ended the process" in row.reason]
    assert [row.offset for row in lost] == [3, 5]
    assert len(read) + sum(row.length for row in told) == 12


@pytest.mark.parametrize(
    "action",
    ["open('/etc/passwd')", "import socket; socket.socket()", "bytearray(4 << 30)", "os = __import__('os'); os.fork()"],
)
def test_the_process_has_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    """The process can open no file, no connection and no process, and has no more memory than it is given."""
    (source,), _ = find_sources([data_file(tmp_path / "box.pst")], spool=tmp_path)
    broken(monkeypatch, action)
    read, told = everything([source])
    assert [subject(item) for item in read] == [f"Number {number}" for number in (0, 1, 3, 5, 6, 7, 8)]
    assert [row.offset for row in told if "cannot be read" in row.reason] == [3, 5]


def test_who_reads_may_take_his_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is not ended while it only waits that what it told is taken."""
    (source,), _ = find_sources([data_file(tmp_path / "box.pst")], spool=tmp_path)
    monkeypatch.setattr(pst, "SECONDS", 0.5)
    read: list[object] = []
    for _, item in pst.items(source, [(0, 12)]):
        time.sleep(0 if read else 1.2)
        read.append(item)
    assert sum(isinstance(item, RawMessage) for item in read) == 9


def test_out_of_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data file in an export is copied into the case, once, under a name that says where it came from."""
    data_file(tmp_path / "Ann Lee.pst")
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as packing:
        packing.write(tmp_path / "Ann Lee.pst", "Exchange/Ann Lee.pst")
        packing.writestr("Results.csv", "a,b\n")
    (source,), told = find_sources([tmp_path / "export.zip"], spool=tmp_path / "raw")
    assert len(everything([source])[0]) == 9
    assert [row.reason for row in told] == [f"1 file in {tmp_path / 'export.zip'} is not mail (1 .csv)."]
    assert Path(source.path).name.startswith("export.zip_Exchange_Ann_Lee-")
    (kept,) = (tmp_path / "raw").iterdir()
    before = kept.stat()
    (again,), _ = find_sources([tmp_path / "export.zip"], spool=tmp_path / "raw")
    assert (again, kept.stat().st_mtime_ns) == (source, before.st_mtime_ns)

    kept.unlink()
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=spool.FREE + 10))
    sources, told = find_sources([tmp_path / "export.zip"], spool=tmp_path / "raw")
    assert sources == []
    assert "10 are free in" in told[0].reason
    assert list((tmp_path / "raw").iterdir()) == []


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where libpff is not installed, the report says how to get it, also for a file in a folder or an archive."""
    monkeypatch.setattr(pst, "is_installed", lambda: False)
    (tmp_path / "in").mkdir()
    path = data_file(tmp_path / "in" / "box.pst")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packing:
        packing.write(path, "box.pst")
    for named in (path, path.parent, tmp_path / "export.zip"):
        sources, told = find_sources([named], spool=tmp_path)
        assert sources == []
        assert "watchword[outlook]" in told[0].advice


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9])
def test_damaged_files(tmp_path: Path, part: float) -> None:
    """A file that was cut off or overwritten is read as far as it goes; what is not read is told."""
    whole = data_file(tmp_path / "box.pst").read_bytes()
    at = int(len(whole) * part)
    for number, data in enumerate((whole[:at], whole[:at] + b"\xff" * 4_000 + whole[at + 4_000 :])):
        path = tmp_path / f"{number}.pst"
        path.write_bytes(data)
        sources, told = find_sources([path], spool=tmp_path)
        read, more = everything(sources)
        assert told or more or len(read) == 9
        assert all(dataclasses.astuple(row)[4] for row in told + more)
