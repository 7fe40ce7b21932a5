"""What mail programs and providers keep in forms of their own: Apple Mail, c-client's MBX, Gmail, Graph, backups."""

import base64
import gzip
import itertools
import json
import plistlib
import re
import sqlite3
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_read_containers import everything, mbox, message, subjects
from watchword.context.marked import uses_of
from watchword.observe import observe
from watchword.parse.message import parse
from watchword.read import RawMessage, Shard, Source, beside, cut, find_sources, read_shard
from watchword.read import emlx as emlx_reader
from watchword.read.boxes import box_messages
from watchword.read.exported import kind, places
from watchword.read.folder_names import coded_name, plain_name
from watchword.read.window import Held
from watchword.tables import Link, Rejection


def contents(data: bytes) -> list[bytes]:
    """Give what the parts hold that hold no others."""
    read = parse(data)
    return [read.decode(part) for part in read.parts if part.kind == "leaf"]


# ---------------------------------------------------------------- Apple Mail


def emlx(data: bytes, flags: int = 1, **more: object) -> bytes:
    """Write a message as Apple Mail keeps it."""
    said = plistlib.dumps({"flags": flags, "date-received": 1_700_000_000, **more})
    return b"%-10d\n" % len(data) + data + said


@given(st.binary(max_size=300), st.integers(0, (1 << 40) - 1), st.integers(1, 1 << 31))
def test_emlx_round_trip(data: bytes, bits: int, conversation: int) -> None:
    """Whatever the bytes of a message, they come back as they were, with flags and conversation."""
    found = emlx_reader.original(emlx(b"From: a@example.org\n\n" + data, bits, **{"conversation-id": conversation}))
    assert found.data == b"From: a@example.org\n\n" + data
    assert found.thread == str(conversation)
    assert ("seen" in found.flags, "deleted" in found.flags) == (bool(bits & 1), bool(bits & 2))
    assert ("answered" in found.flags, "junk" in found.flags) == (bool(bits & 4), bool(bits >> 24 & 1))
    assert found.defects == ()


@given(st.binary(max_size=400))
def test_emlx_of_any_bytes(data: bytes) -> None:
    """Hostile bytes give a message or a ValueError, never another exception."""
    for text in (data, b"20\n" + data, b"5\nX: y\n<?xml?>" + data + b"</plist>"):
        try:
            emlx_reader.original(text)
        except ValueError:
            assert not re.match(rb"[ \t]*\d{1,12}[ \t]*\r?\n", text)


def test_a_property_list_that_grows_is_not_read() -> None:
    """Entities in the property list are not expanded; the message is read without flags."""
    bomb = b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><plist><dict><key>flags</key>'
    found = emlx_reader.original(b"7\nX: y\n\nz" + bomb + b"<string>&b;</string></dict></plist>")
    assert (found.data, found.flags) == (b"X: y\n\nz", ())


def test_apple_mail_folders_and_accounts(tmp_path: Path) -> None:
    """Folders are called as in the program; each account is one mailbox; on disk and in a zip alike."""
    one, two = "11111111-2222-3333-4444-555555555555", "AAAAAAAA-2222-3333-4444-555555555555"
    files = {
        f"V10/{one}/INBOX.mbox/{two}/Data/1/Messages/1.emlx": 1,
        f"V10/{one}/[Gmail].mbox/Papierkorb.mbox/{two}/Data/Messages/2.emlx": 2,
        f"V10/{two}/Sent Messages.mbox/{one}/Data/Messages/3.emlx": 3,
        f"V10/{two}/Archive.mbox/Data/Messages/4.emlx": 4,
    }
    with zipfile.ZipFile(tmp_path / "mail.zip", "w") as packing:
        for name, number in files.items():
            path = tmp_path / "Mail" / name
            path.parent.mkdir(parents=True)
            path.write_bytes(emlx(message(number)))
            packing.write(path, name)
    for place in ("Mail", "mail.zip"):
        sources, rejected = find_sources([tmp_path / place], spool=tmp_path)
        found, more = everything(sources)
        assert (rejected, more) == ([], [])
        assert len(sources) == 2
        assert {item.folder for item in found} == {"INBOX", "[Gmail]/Papierkorb", "Sent Messages", "Archive"}
        assert subjects(found) == [1, 2, 3, 4]
    (inbox,), _ = find_sources([tmp_path / "Mail" / "V10" / one / "INBOX.mbox"], spool=tmp_path)
    assert [item.folder for item in everything([inbox])[0]] == ["INBOX"]


PARTIAL = b"""From: Ann <ann@press.example>
To: bo@campaign.example
Subject: 1
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

X-Apple-Content-Length: 12 stands in this text.
--b
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=map.pdf
Content-Type: application/pdf; name=map.pdf
X-Apple-Content-Length: 30


--b
Content-Transfer-Encoding: 7bit
Content-Type: text/plain; name=note.txt
X-Apple-Content-Length: 4


--b--
"""


@pytest.mark.parametrize("kept", [True, False])
def test_attachments_that_apple_mail_kept_apart(tmp_path: Path, kept: bool) -> None:
    """Attachments in files of their own are put back where they were; where they are missing, that is said."""
    box = tmp_path / "INBOX.mbox"
    (box / "Messages").mkdir(parents=True)
    (box / "Messages/7.partial.emlx").write_bytes(emlx(PARTIAL))
    if kept:
        for section, name, data in (("2", "map.pdf", b"%PDF-1.4 map"), ("3", "note.txt", b"http://evil.example/")):
            (box / "Attachments/7" / section).mkdir(parents=True)
            (box / "Attachments/7" / section / name).write_bytes(data)
    sources, _ = find_sources([box], spool=tmp_path)
    (found,), rejected = everything(sources)
    assert rejected == []
    parts = contents(found.data)
    assert b"X-Apple-Content-Length: 12 stands" in parts[0]
    kinds = [defect[0] for defect in found.defects]
    if kept:
        assert parts[1:] == [b"%PDF-1.4 map", b"http://evil.example/"]
        assert kinds == ["attachment-put-back"] * 2
        assert any(isinstance(row, Link) and row.host == "evil.example" for row in observe(found, "s"))
    else:
        assert [part.strip() for part in parts[1:]] == [b"", b""]
        assert kinds == ["attachment-not-kept"] * 2
        assert [defect[2] for defect in found.defects] == ["map.pdf", "note.txt"]


# ---------------------------------------------------------------- MBX

BITS = {"seen": 1, "deleted": 2, "flagged": 4, "answered": 8, "draft": 0x20, "expunged": 0x8000}


def mbx(messages: Sequence[tuple[bytes, Sequence[str]]], keywords: Sequence[str] = ()) -> bytes:
    """Write a mailbox as c-client does (`mbx_update_header`, `mbx_append`)."""
    head = b"*mbx*\r\n%08x%08x\r\n" % (1_700_000_000, len(messages))
    head += b"".join(word.encode() + b"\r\n" for word in keywords) + b"\r\n" * (30 - len(keywords))
    pieces = [head.ljust(2048, b"\0")]
    for number, (data, flags) in enumerate(messages, 1):
        system = sum(BITS.get(flag, 0) for flag in flags) | 0x10
        user = sum(1 << keywords.index(flag) for flag in flags if flag in keywords)
        line = b" 1-Feb-2024 09:00:00 +0100,%d;%08x%04x-%08x\r\n" % (len(data), user, system, number)
        pieces += [line, data]
    return b"".join(pieces)


@given(
    st.lists(st.tuples(st.binary(max_size=200), st.sets(st.sampled_from([*BITS, "Newsroom"])))),
    st.integers(1, 3000),
)
@settings(deadline=None)
def test_mbx_round_trip(boxed: list[tuple[bytes, set[str]]], size: int) -> None:
    """Every message comes back once, byte for byte with its flags, however the mailbox is cut."""
    written = mbx([(data, sorted(flags)) for data, flags in boxed], ["Newsroom"])
    source = Source("/x", "", "mbx", len(written), "")
    window = Held(written)
    whole = list(box_messages(window, source, 0, len(written)))
    assert [(item.data, set(item.flags)) for item in whole if isinstance(item, RawMessage)] == boxed
    edges = [0, *[item.offset for item in whole if isinstance(item, RawMessage)][::size], len(written)]
    cut_up = [item for a, b in itertools.pairwise(edges) for item in box_messages(window, source, a, b)]
    assert cut_up == whole
    assert 2048 + sum(item.length for item in whole) == len(written)


@pytest.mark.parametrize("size", [1, 500, 1 << 25])
def test_mbx_as_a_mailbox(tmp_path: Path, size: int) -> None:
    """An MBX file is a mailbox like any other, also in an archive; expunged messages are there and marked."""
    boxed = [(message(n).replace(b"\n", b"\r\n"), ["expunged", "seen"] if n == 3 else ["answered"]) for n in range(9)]
    (tmp_path / "Sent.mbx").write_bytes(mbx(boxed))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packing:
        packing.write(tmp_path / "Sent.mbx", "old/Sent.mbx")
    for place in ("Sent.mbx", "a.zip"):
        (source,), rejected = find_sources([tmp_path / place], spool=tmp_path)
        found, more = everything([source], size=size)
        assert (rejected, more, source.kind) == ([], [], "mbx")
        assert subjects(found) == list(range(9))
        assert [item.flags for item in found if "expunged" in item.flags] == [("seen", "expunged")]
        assert {item.folder for item in found} == {"Sent"}


def test_a_damaged_mbx_loses_only_what_is_damaged() -> None:
    """After a damaged place the next message is found by its form, and the damage is told."""
    data = mbx([(b"Subject: %d\r\n\r\n" % n + b"x" * 100, []) for n in range(4)])
    second = data.index(b"Subject: 1")
    torn = data[: second - 30] + b"\0" * 40 + data[second + 10 :]
    source = Source("/x", "", "mbx", len(torn), "")
    found = list(box_messages(Held(torn), source, 0, len(torn)))
    numbers = [item.data[9:10] for item in found if isinstance(item, RawMessage)]
    assert numbers == [b"0", b"2", b"3"]
    assert sum(isinstance(item, Rejection) for item in found) == 1
    short = data[:-50]
    *_, last = box_messages(Held(short), source, 0, len(short))
    assert isinstance(last, RawMessage)
    assert [defect[0] for defect in last.defects] == ["mbox-cut-short"]


# ---------------------------------------------------------------- Gmail


def of_gmail(number: int, labels: Sequence[str] = ("INBOX",), **more: object) -> dict[str, object]:
    """Write a message as `users.messages.get` gives it with `format=raw`."""
    raw = base64.urlsafe_b64encode(message(number)).decode().rstrip("=")
    return {
        "id": f"{number:x}",
        "threadId": "18c0ffee",
        "labelIds": list(labels),
        "snippet": 'a "raw": b',
        "raw": raw,
        **more,
    }


@pytest.mark.parametrize("form", ["one", "list", "pages", "lines", "zip"])
def test_gmail_exports(tmp_path: Path, form: str) -> None:
    """One message in a file, lists, pages of results and lines of JSON: the original bytes, flags, labels, thread."""
    given_ = [of_gmail(n, ["SENT"] if n == 2 else ["INBOX", "UNREAD", "STARRED"]) for n in range(1, 4)]
    root = tmp_path / "export"
    root.mkdir()
    if form in ("one", "zip"):
        for number, one in enumerate(given_):
            (root / f"{number}.json").write_text(json.dumps(one, indent=2, sort_keys=True))
    elif form == "list":
        (root / "all.json").write_text(json.dumps(given_))
    elif form == "pages":
        (root / "all.json").write_text(json.dumps({"pages": [{"messages": given_[:2]}, {"messages": given_[2:]}]}))
    else:
        (root / "all.jsonl").write_text("\n".join(map(json.dumps, given_)))
    (root / "labels.json").write_text(json.dumps({"labels": [{"id": "INBOX", "name": "raw"}]}))
    place = root
    if form == "zip":
        place = tmp_path / "export.zip"
        with zipfile.ZipFile(place, "w") as packing:
            for file in sorted(root.iterdir()):
                packing.write(file, file.name)
    sources, rejected = find_sources([place], spool=tmp_path)
    assert len(sources) == 1
    assert [row.reason for row in rejected] == [f"1 file in {place} is not mail (1 .json)."]
    found, more = everything(sources, size=100)
    assert more == []
    assert sorted(item.data for item in found) == [message(n) for n in range(1, 4)]
    assert {(item.flags, item.labels) for item in found} == {
        (("seen",), ("SENT",)), (("flagged",), ("INBOX", "UNREAD", "STARRED")),
    }  # fmt: skip
    assert {item.thread for item in found} == {str(0x18C0FFEE)}
    assert {item.defects for item in found} == {()}


def test_gmail_in_parts() -> None:
    """With `format=full` the message is put together from its parts, says so, and names what is missing."""
    page = base64.urlsafe_b64encode("<a href=https://evil.example/>Grüße</a>".encode()).decode()
    text = {"mimeType": "text/html", "headers": [{"name": "Content-Type", "value": "text/html; charset=utf-8"}],
            "body": {"data": page}}  # fmt: skip
    file = {
        "mimeType": "application/pdf",
        "filename": "map.pdf",
        "headers": [],
        "body": {"attachmentId": "A", "size": 9},
    }
    said = {"id": "1", "threadId": "1", "labelIds": ["INBOX"], "payload": {
        "mimeType": "multipart/mixed", "parts": [text, file], "headers": [
            {"name": "Received", "value": "from a.example by mx.example; Mon, 1 Jan 2024 00:00:00 +0000"},
            {"name": "From", "value": "Ann <ann@press.example>"},
            {"name": "Content-Type", "value": 'multipart/mixed; boundary="xyz"'}]}}  # fmt: skip
    data = json.dumps(said).encode()
    (found,) = box_messages(Held(data), Source("/x", "", "json-list", len(data), ""), 0, len(data))
    assert isinstance(found, RawMessage)
    assert [(name, detail) for name, _, detail in found.defects][1:] == [("attachment-not-kept", "map.pdf")]
    assert found.defects[0][0] == "rebuilt"
    assert [header.name for header in parse(found.data).headers][:3] == ["received", "from", "content-type"]
    assert any(isinstance(row, Link) and row.host == "evil.example" for row in observe(found, "s"))


# ---------------------------------------------------------------- Microsoft Graph


def of_graph(number: int, **more: object) -> dict[str, object]:
    """Write a message as Microsoft Graph gives it in JSON."""
    return {
        "id": "AAMk=", "subject": f"{number}", "sentDateTime": "2024-02-01T09:00:00Z", "isRead": True,
        "internetMessageId": f"<{number}@press.example>", "conversationId": "AAQk", "categories": ["Blue"],
        "from": {"emailAddress": {"name": "Ann Ünal", "address": "ann@press.example"}},
        "toRecipients": [{"emailAddress": {"name": "", "address": "bo@campaign.example"}}],
        "body": {"contentType": "html", "content": "<p>Hello <a href='https://evil.example/x'>here</a></p>"},
        "flag": {"flagStatus": "flagged"}, **more,
    }  # fmt: skip


@pytest.mark.parametrize("headers", [True, False])
@pytest.mark.parametrize("capitals", [True, False])
def test_graph_exports(tmp_path: Path, headers: bool, capitals: bool) -> None:
    """A page of Graph's messages is put together, and says whether the header fields are those delivered."""
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "plan Ω.txt", "contentType": "text/plain",
            "contentBytes": base64.b64encode(b"the plan").decode()}  # fmt: skip
    item = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Fw", "item": of_graph(8)}
    one = of_graph(7, attachments=[file, item])
    if headers:
        names = [("Received", "from a by b; Thu, 1 Feb 2024 09:00:01 +0000"), ("From", "Ann <ann@press.example>"),
                 ("Subject", "7"), ("Content-Type", "multipart/mixed; boundary=gone")]  # fmt: skip
        one["internetMessageHeaders"] = [{"name": name, "value": value} for name, value in names]
    page: object = {"@odata.context": "x", "value": [one, of_graph(9, hasAttachments=True)]}
    text = json.dumps(page)
    if capitals:
        text = re.sub(r'"([a-z])(\w+)":', lambda key: f'"{key[1].upper()}{key[2]}":', text)
    (tmp_path / "page.json").write_text(text)
    sources, _ = find_sources([tmp_path / "page.json"], spool=tmp_path)
    found, rejected = everything(sources)
    assert rejected == []
    assert len(found) == 2
    assert [[name for name, *_ in item.defects] for item in found] == [["rebuilt"], ["rebuilt", "attachment-not-kept"]]
    assert ("not exported" in found[0].defects[0][2]) is not headers
    assert "not exported" in found[1].defects[0][2]
    assert (found[0].flags, found[0].labels, found[0].thread) == (("seen", "flagged"), ("Blue",), "AAQk")
    read = parse(found[0].data)
    assert [header.name for header in read.headers].count("content-type") == 1
    assert {"received" in {h.name for h in read.headers}} == {headers}
    rows = list(observe(found[0], "s"))
    assert any(isinstance(row, Link) and row.host == "evil.example" for row in rows)
    assert b"the plan" in contents(found[0].data)
    assert parse(found[1].data).first("message-id").value == "<9@press.example>"  # type: ignore[union-attr]  # it is there


@given(st.binary(max_size=300))
def test_json_of_any_bytes(data: bytes) -> None:
    """Hostile JSON gives places within it, or none, and rejections, never an exception."""
    for text in (data, b'{"raw":"' + data, b'[{"threadId":1,"raw":"' + data + b'"}]', b'{"a":{"' + data + b"}}"):
        for start, stop in places(text):
            assert 0 <= start < stop <= len(text)
        list(box_messages(Held(text), Source("/x", "", "json-list", len(text), ""), 0, len(text)))


def test_json_that_is_deep_or_unclosed_is_read_in_one_pass() -> None:
    """A million brackets and quotes that never close take no longer than their bytes."""
    for text in (b"[" * 1_000_000, b'{"a":' * 1_000_000, b'"\\' * 1_000_000, b'{"' + b'\\"' * 1_000_000):
        assert kind(text) == ""


# ---------------------------------------------------------------- backups of Gmail


def test_gmvault(tmp_path: Path) -> None:
    """A backup by Gmvault is one mailbox: messages are unpacked, labels, flags and threads read beside them."""
    for number, month in ((1, "2023-11"), (2, "2023-12"), (3, "2023-12")):
        folder = tmp_path / "gmvault-db/db" / month
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"140{number}.eml.gz").write_bytes(gzip.compress(message(number)))
        (folder / f"140{number}.meta").write_text(
            json.dumps({"gm_id": 1400 + number, "labels": ["\\Sent", "Leaks"], "flags": ["\\Seen"], "thread_ids": 77})
        )
    sources, rejected = find_sources([tmp_path / "gmvault-db"], spool=tmp_path)
    assert (len(sources), rejected) == (1, [])
    found, _ = everything(sources)
    assert subjects(found) == [1, 2, 3]
    assert {(item.flags, item.labels, item.thread) for item in found} == {(("seen",), ("\\Sent", "Leaks"), "77")}


def test_got_your_back(tmp_path: Path) -> None:
    """A backup by Got Your Back is one mailbox, and its labels come from its database."""
    root = tmp_path / "GYB-GMail-Backup-ana@example.org"
    for number in (1, 2):
        folder = root / "2024" / str(number) / "15"
        folder.mkdir(parents=True)
        (folder / f"{number}.eml").write_bytes(message(number))
    database = sqlite3.connect(root / "msg-db.sqlite")
    database.executescript(
        "create table messages(message_num integer primary key, message_filename text, message_internaldate timestamp);"
        "create table labels (message_num integer, label text);"
        "insert into messages values (1, '2024/1/15/1.eml', ''), (2, '2024/2/15/2.eml', '');"
        "insert into labels values (1, 'TRASH'), (1, 'UNREAD'), (2, 'SENT');"
    )
    database.close()
    sources, rejected = find_sources([root], spool=tmp_path)
    assert (len(sources), rejected) == (1, [])
    found, _ = everything(sources)
    assert {(item.labels, item.flags) for item in found} == {(("TRASH", "UNREAD"), ()), (("SENT",), ("seen",))}
    (root / "msg-db.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert subjects(everything(find_sources([root], spool=tmp_path)[0])[0]) == [1, 2]


def test_a_database_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup's database whose tables are endless queries is given up; the message is read without labels."""
    (tmp_path / "1.eml").write_bytes(message(1))
    database = sqlite3.connect(tmp_path / "msg-db.sqlite")
    database.executescript(
        "create view messages as with recursive n(i) as (select 1 union all select i + 1 from n) "
        "select i as message_num, '' as message_filename from n where i < 0;"
        "create table labels (message_num integer, label text); insert into labels values (1, 'x');"
    )
    database.close()
    monkeypatch.setattr(beside, "_STEPS", 20)
    found, _ = everything(find_sources([tmp_path], spool=tmp_path)[0])
    assert [(subjects([item]), item.labels) for item in found] == [([1], ())]


def test_compressed_maildir(tmp_path: Path) -> None:
    """Messages that Dovecot compressed are read as messages, with the flags in their names; archives stay archives."""
    (tmp_path / "Maildir/cur").mkdir(parents=True)
    (tmp_path / "Maildir/cur/1700000000.a.host,S=99:2,S").write_bytes(gzip.compress(message(1)))
    (tmp_path / "inbox.mbox.gz").write_bytes(gzip.compress(mbox(2, 3)))
    sources, _ = find_sources([tmp_path], spool=tmp_path)
    found, _ = everything(sources)
    assert {source.kind for source in sources} == {"maildir", "mbox"}
    assert subjects(found) == [1, 2, 3]
    assert ("seen",) in {item.flags for item in found}
    (single,) = find_sources([tmp_path / "Maildir/cur/1700000000.a.host,S=99:2,S"], spool=tmp_path)[0]
    assert [item.data for item in read_shard(Shard(single, 0, 1, 0)) if isinstance(item, RawMessage)] == [message(1)]
    assert len(cut(single)) == 1


# ---------------------------------------------------------------- names of folders


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_names_in_modified_utf_7(name: str) -> None:
    """Any name survives modified UTF-7 (RFC 3501 5.1.3), and the coded form is printable ASCII."""
    coded = coded_name(name)
    assert plain_name(coded) == name
    assert re.fullmatch("[ -~]*", coded)


def test_maildir_names_are_decoded(tmp_path: Path) -> None:
    """Folders of a Maildir++ are shown as people call them."""
    path = tmp_path / "Maildir" / f".{coded_name('Корзина')}" / "cur" / "1:2,S"
    path.parent.mkdir(parents=True)
    path.write_bytes(message(1))
    found, _ = everything(find_sources([tmp_path / "Maildir"], spool=tmp_path)[0])
    assert [item.folder for item in found] == ["Корзина"]


def test_mbox_that_apple_mail_exported(tmp_path: Path) -> None:
    """`Sent.mbox/mbox` is the folder Sent."""
    (tmp_path / "Sent.mbox").mkdir()
    (tmp_path / "Sent.mbox/mbox").write_bytes(mbox(1, 2))
    found, _ = everything(find_sources([tmp_path / "Sent.mbox"], spool=tmp_path)[0])
    assert [item.folder for item in found] == ["Sent", "Sent"]


# ---------------------------------------------------------------- exports of whole organisations


def test_an_export_of_several_mailboxes(tmp_path: Path) -> None:
    """A zip of zips with a folder for each mailbox, as an organisation exports it: folders are kept, owners apart."""
    inner = tmp_path / "Items.1.zip"
    with zipfile.ZipFile(inner, "w") as packing:
        packing.writestr("Exchange/ana@campaign.example/Deleted Items/1.eml", message(1))
        packing.writestr("Exchange/ana@campaign.example/Sent Items/2.eml", message(2))
        packing.writestr("Exchange/ben@campaign.example/Inbox/3.eml", message(3))
        packing.writestr("Results.csv", "a,b\n1,2\n")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as packing:
        packing.write(inner, "Items.1.zip")
        packing.writestr("summary.csv", "a,b\n")
    inner.unlink()
    sources, rejected = find_sources([tmp_path / "export.zip"], spool=tmp_path)
    found, _ = everything(sources)
    assert [row.reason for row in rejected] == [f"2 files in {tmp_path / 'export.zip'} are not mail (2 .csv)."]
    assert len(sources) == 2
    assert {subjects([item])[0]: item.folder.rpartition("/")[2] for item in found} == {
        1: "Deleted Items", 2: "Sent Items", 3: "Inbox",
    }  # fmt: skip
    assert {subjects([item])[0]: sorted(uses_of(item.folder, ())) for item in found} == {
        1: ["trash"],
        2: ["sent"],
        3: [],
    }
