"""Messages in Outlook's own forms: what they say is put together again, the same in every run, and nothing is lost."""

import base64
import contextlib
import struct
import tarfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.outlook import (
    BINARY,
    BOOLEAN,
    LONG,
    SEVERAL,
    STRING8,
    TIME,
    UNICODE,
    Bag,
    Names,
    attribute,
    msg,
    packed,
    ticks,
    tnef,
    tree,
)
from watchword.observe import observe
from watchword.parse.message import Message, parse
from watchword.read import RawMessage, cut, fetch, find_sources, lzfu, read_shards, rtf
from watchword.read import msg as msg_file
from watchword.read import tnef as tnef_file
from watchword.read.compound import Streams, compound
from watchword.read.single import original
from watchword.tables import Attachment, Link, Text

ANN: Bag = {
    (0x0042, UNICODE): "Ann Lee", (0x0064, UNICODE): "SMTP", (0x0065, UNICODE): "ann@press.example",
    (0x0037, UNICODE): "Talks on Tuesday", (0x001A, UNICODE): "IPM.Note", (0x0039, TIME): ticks(2024, 5, 2, 8),
    (0x1035, UNICODE): "<1@press.example>",
}  # fmt: skip
BO: Bag = {
    (0x3001, UNICODE): "Bo", (0x3002, UNICODE): "SMTP", (0x3003, UNICODE): "bo@campaign.example", (0x0C15, LONG): 1,
}  # fmt: skip
DELIVERED = (
    "Received: from a.example by b.example; Thu, 2 May 2024 08:00:00 +0200\r\n"
    "X-Odd:  two  blanks\r\nDKIM-Signature: v=1; d=press.example;\r\n\tb=AAAA\r\n"
    "From: Ann Lee <ann@press.example>\r\nContent-Type: multipart/mixed; boundary=theirs\r\n"
    "Subject: Talks on Tuesday\r\nContent-Transfer-Encoding: 7bit\r\nTo: bo@campaign.example\r\n\r\n"
)
PAGE = b'<html><body>Agenda: <a href="https://files.example/agenda">here</a></body></html>'
FROM_HTML = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\fonttbl{\f0\fcharset204 A;}}{\*\htmltag <p>}\htmlrtf {\htmlrtf0 "
    rb"Gr\'fc\'dfe \u9731?\htmlrtf }\htmlrtf0{\*\htmltag <a href=\'22https://files.example/\{x\}\'22>}go"
    rb"{\*\htmltag </a></p>}{\*\mhtmltag <b>}\htmlrtf nothing\htmlrtf0}"
)


def fields(message: Message) -> list[tuple[str, str]]:
    """Give names and values of the header."""
    return [(header.name, header.text) for header in message.headers]


def leaves(message: Message) -> list[tuple[str, list[str], bytes]]:
    """Give type, names and content of every leaf."""
    return [(part.content_type, part.names, message.decode(part)) for part in message.parts if part.kind == "leaf"]


def kinds(data: bytes) -> list[str]:
    """Give the defects that a `.msg` file is read with."""
    return [kind for kind, _, _ in original("msg", data).defects]


def test_header_out_of_properties() -> None:
    """Without the delivered header it is made from properties, with every recipient, in the form of RFC 5322."""
    cc: Bag = {(0x3001, UNICODE): 'Zoë, dite "Z"', (0x3003, UNICODE): "z@x.example", (0x0C15, LONG): 2}
    bcc: Bag = {(0x3001, UNICODE): "d@x.example", (0x39FE, UNICODE): "d@x.example", (0x0C15, LONG): 3}
    found = original("msg", msg({**ANN, (0x1000, UNICODE): "Hello\nall"}, [BO, cc, bcc]))
    message = parse(found.data)
    assert fields(message)[:7] == [
        ("date", "Thu, 2 May 2024 08:00:00 -0000"),
        ("from", '"Ann Lee" <ann@press.example>'),
        ("to", '"Bo" <bo@campaign.example>'),
        ("cc", 'Zoë, dite "Z" <z@x.example>'),
        ("bcc", "<d@x.example>"),
        ("subject", "Talks on Tuesday"),
        ("message-id", "<1@press.example>"),
    ]
    assert leaves(message) == [("text/plain", [], b"Hello\r\nall")]
    assert [kind for kind, _, _ in found.defects] == ["rebuilt"]
    assert message.defects == []


def test_delivered_header_is_kept() -> None:
    """The header that the server delivered stands there byte for byte; only what says how the body is cut is ours."""
    data = msg({**ANN, (0x007D, UNICODE): DELIVERED, (0x1000, UNICODE): "Plain", (0x1013, BINARY): PAGE}, [BO])
    found = original("msg", data)
    block = found.data.split(b"\r\n\r\n")[0].decode()
    ours = block.index("Content-Type: ")
    assert block[:ours] == DELIVERED[: DELIVERED.index("Content-Type")]
    assert block[ours:].split("\r\n", 2)[2].startswith("Subject: Talks on Tuesday\r\nTo: bo@campaign.example\r\nMIME")
    assert "boundary=theirs" in found.defects[0][2]
    message = parse(found.data)
    assert leaves(message) == [("text/plain", [], b"Plain"), ("text/html", [], PAGE)]
    assert message.parts[0].content_type == "multipart/alternative"
    assert message.defects == []


def test_a_partial_header_is_completed() -> None:
    """Exchange keeps only a part of the header for mail that never left it: the rest comes from properties."""
    found = parse(original("msg", msg({**ANN, (0x007D, STRING8): "X-Kept: yes\r\nSubject: Own\r\n"}, [BO])).data)
    assert [name for name, _ in fields(found)[:5]] == ["x-kept", "subject", "date", "from", "to"]
    assert fields(found)[1][1] == "Own"


def test_the_body_is_reached_whatever_the_header() -> None:
    """Lines in the delivered header that are no fields cannot end it early and hide how the body is cut."""
    bad = "Microsoft Mail Internet Headers Version 2.0\r\nFrom: a@x.example\r\nno field\r\n \r\nTo: b@x.example\r\n"
    message = parse(original("msg", msg({(0x007D, UNICODE): bad, (0x1000, UNICODE): "a", (0x1013, BINARY): PAGE})).data)
    assert [part.content_type for part in message.parts] == ["multipart/alternative", "text/plain", "text/html"]
    assert [name for name, _ in fields(message)][:2] == ["from", "to"]


@pytest.mark.parametrize(
    ("bag", "address"),
    [
        ({(0x5D02, UNICODE): "ann@press.example"}, "ann@press.example"),
        ({(0x003B, BINARY): b"SMTP:ANN@PRESS.EXAMPLE\0"}, "ann@press.example"),
        ({(0x0041, BINARY): bytes(4) + bytes.fromhex("812b1fa4bea310199d6e00dd010f5402") + b"\0\0\0\x80"
          + "Ann\0SMTP\0ann@press.example\0".encode("utf-16-le")}, "ann@press.example"),
        ({}, "IMCEAEX-_o=Press_cn=Ann+20Lee@exchange.invalid"),
    ],
)  # fmt: skip
def test_names_in_the_directory(bag: Bag, address: str) -> None:
    """A name in Exchange's directory becomes the SMTP address that is told anywhere, else it stays readable."""
    own = {(0x0042, UNICODE): "Ann", (0x0064, UNICODE): "EX", (0x0065, UNICODE): "/o=Press/cn=Ann Lee", **bag}
    assert ("from", f'"Ann" <{address}>') in fields(parse(original("msg", msg(own)).data))


def test_a_name_told_by_a_recipient() -> None:
    """Where the sender is a name in the directory, a recipient of that name tells the address."""
    own: Bag = {(0x0C1A, UNICODE): "Ann", (0x0C1E, UNICODE): "EX", (0x0C1F, UNICODE): "/o=Press/cn=Ann"}
    to: Bag = {(0x3001, UNICODE): "Ann", (0x3002, UNICODE): "EX", (0x3003, UNICODE): "/O=PRESS/CN=ANN",
               (0x39FE, UNICODE): "ann@press.example"}  # fmt: skip
    assert ("from", '"Ann" <ann@press.example>') in fields(parse(original("msg", msg(own, [to])).data))


def test_nothing_can_be_added_to_a_header() -> None:
    """Names, addresses and subjects with line ends, quotes or brackets stay inside their field."""
    evil = "x@y.example>\r\nBcc: <e@z.example"
    own: Bag = {
        (0x0042, UNICODE): 'A"\r\nX: y\0',
        (0x0065, UNICODE): evil,
        (0x0037, UNICODE): "a\r\nX: b =?utf-8?Q?c?=",
    }
    message = parse(original("msg", msg(own)).data)
    assert [name for name, _ in fields(message)] == ["from", "subject", "mime-version", "content-type",
                                                     "content-transfer-encoding"]  # fmt: skip
    assert fields(message)[1][1] == "a\r\nX: b =?utf-8?Q?c?="


def test_attachments() -> None:
    """Files keep name, type, content id and bytes; what lies elsewhere becomes a link; a hidden one is inline."""
    picture: Bag = {(0x3707, UNICODE): "Grüße.png", (0x370E, UNICODE): "image/png", (0x3701, BINARY): b"\x89PNG\0",
                    (0x3712, UNICODE): "<p1@x>", (0x7FFE, BOOLEAN): True, (0x3705, LONG): 1}  # fmt: skip
    file: Bag = {(0x3707, UNICODE): "list.pdf", (0x3704, UNICODE): "LIST.EXE", (0x3701, BINARY): b"MZ"}
    cloud: Bag = {(0x3707, UNICODE): "Budget", (0x370D, UNICODE): "https://drive.example/1", (0x3705, LONG): 7}
    message = parse(original("msg", msg(ANN, [], [(picture, None), (file, None), (cloud, None)])).data)
    assert leaves(message)[1:] == [
        ("image/png", ["Grüße.png"], b"\x89PNG\0"),
        ("application/octet-stream", ["list.pdf", "LIST.EXE"], b"MZ"),
        ("text/html", ["Budget"], b'<a href="https://drive.example/1">Budget</a>'),
    ]
    assert [(part.disposition, part.content_id) for part in message.parts[2:4]] == [
        ("inline", "p1@x"),
        ("attachment", ""),
    ]


def test_messages_and_objects_inside() -> None:
    """An enclosed message is a message, with its own files; an OLE object is a file that opens again."""
    file: Bag = {(0x3707, UNICODE): "a.txt", (0x3701, BINARY): b"A"}
    inner = tree({**ANN, (0x1000, UNICODE): "Inside"}, [BO], [(file, None)], header=24)
    sheet: Streams = {"Workbook": b"W" * 5_000, "Deep": {"\1Ole": b"o"}}
    data = msg(ANN, [], [({(0x3001, UNICODE): "Fwd"}, inner), ({(0x3707, UNICODE): "t.xls"}, sheet)])
    message = parse(original("msg", data).data)
    assert [part.content_type for part in message.parts] == [
        "multipart/mixed", "text/plain", "message/rfc822", "multipart/mixed", "text/plain", "application/octet-stream",
        "application/octet-stream",
    ]  # fmt: skip
    assert leaves(message)[1:3] == [("text/plain", [], b"Inside"), ("application/octet-stream", ["a.txt"], b"A")]
    with olefile.OleFileIO(leaves(message)[3][2]) as opened:
        assert opened.openstream("Workbook").read() == b"W" * 5_000
        assert opened.openstream(["Deep", "\1Ole"]).read() == b"o"


def test_html_out_of_rtf() -> None:
    """HTML that Outlook wrapped in RTF comes out as it went in; what only RTF programs show does not."""
    message = parse(original("msg", msg({**ANN, (0x1009, BINARY): packed(FROM_HTML)})).data)
    assert leaves(message) == [
        ("text/html", [], '<p>Grüße ☃<a href="https://files.example/{x}">go</a></p>'.encode()),
    ]


def test_text_out_of_rtf() -> None:
    """Text wrapped in RTF comes out as text; the same text twice is not kept twice."""
    wrapped = packed(rb"{\rtf1\ansi\fromtext {\fonttbl{\f0 A;}}One\par Two\tab\{3\}}")
    assert leaves(parse(original("msg", msg({(0x1009, BINARY): wrapped})).data)) == [
        ("text/plain", [], b"One\r\nTwo\t{3}")
    ]
    both = original("msg", msg({(0x1009, BINARY): wrapped, (0x1000, UNICODE): "One\r\nTwo {3}"}))
    assert [kind for kind, _, _ in leaves(parse(both.data))] == ["text/plain"]


def test_rtf_with_links() -> None:
    """RTF that was RTF from the start keeps its links, hidden words and letters of all code pages."""
    found = rtf.unpacked(
        rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 M;}}\f1 \'83A\f0  1<2 "
        rb'{\field{\*\fldinst{HYPERLINK "https://x.example/?a=1&b=2"}}{\fldrslt{\ul click}}}{\v unseen}\par'
        rb"{\object{\*\objdata 0105}}{\pict 00ff}}"
    )
    assert found == rtf.Unpacked(
        "rtf",
        'ア 1&lt;2 <a href="https://x.example/?a=1&amp;b=2">click</a><span style="display:none">unseen</span><br>\n',
        has_objects=True,
    )


def test_long_lines() -> None:
    """Text with lines longer than mail may have is coded, and comes back byte for byte."""
    page = b"<p>\r\n" + b"a" * 2_000 + b"\rb\n</p>"
    assert leaves(parse(original("msg", msg({(0x1013, BINARY): page})).data)) == [("text/html", [], page)]


def test_bodies_that_differ() -> None:
    """Where RTF says other words than HTML both are kept, and it is said."""
    data = msg({**ANN, (0x1013, BINARY): PAGE, (0x1009, BINARY): packed(FROM_HTML)})
    assert kinds(data) == ["rebuilt", "rtf-differs"]
    assert len(leaves(parse(original("msg", data).data))) == 2
    page = "<p>Grüße ☃<a href='{}'>go</a></p>"
    for address, count in (("https://files.example/{x}", 1), ("https://elsewhere.example/", 2)):
        same = msg({**ANN, (0x1013, BINARY): page.replace("{}", address).encode(), (0x3FDE, LONG): 65001,
                    (0x1009, BINARY): packed(FROM_HTML)})  # fmt: skip
        assert kinds(same) == ["rebuilt"]
        assert len(leaves(parse(original("msg", same).data))) == count


def test_a_sender_that_outlook_shows_alone() -> None:
    """A sender in properties that stands nowhere in the delivered header is told."""
    other = {**ANN, (0x0065, UNICODE): "boss@campaign.example", (0x007D, UNICODE): DELIVERED}
    assert kinds(msg(other)) == ["rebuilt", "outlook-sender-differs"]
    assert kinds(msg({**ANN, (0x007D, UNICODE): DELIVERED})) == ["rebuilt"]


def test_signed_mail_keeps_its_body() -> None:
    """The body of S/MIME mail is kept by Outlook as it came, and stays so."""
    entity = b"Content-Type: multipart/signed;\r\n\tboundary=q\r\n\r\n--q\r\n\r\nSigned\r\n--q--\r\n"
    own = {**ANN, (0x001A, UNICODE): "IPM.Note.SMIME.MultipartSigned", (0x007D, UNICODE): DELIVERED}
    found = original("msg", msg(own, [], [({(0x3701, BINARY): entity}, None)]))
    assert found.data.endswith(b"\r\n\r\n--q\r\n\r\nSigned\r\n--q--\r\n")
    assert [part.content_type for part in parse(found.data).parts] == ["multipart/signed", "text/plain"]


def test_header_fields_kept_by_name() -> None:
    """Header fields that Outlook keeps as named properties come back where there is no delivered header."""
    named: Names = {(UUID("00020386-0000-0000-c000-000000000046"), "X-Mailer"): 0x8001}
    found = original("msg", msg({**ANN, (0x8001, UNICODE): "Sendmail 8"}, named=named))
    assert fields(parse(found.data))[0] == ("x-mailer", "Sendmail 8")


def test_flags_labels_thread() -> None:
    """Read, answered, flagged, draft, categories and conversation are facts."""
    named: Names = {(UUID("00020329-0000-0000-c000-000000000046"), "Keywords"): 0x8001}
    own = {**ANN, (0x0E07, LONG): 9, (0x1081, LONG): 102, (0x1090, LONG): 2, (0x8001, SEVERAL): ["Red", "Press"],
           (0x0071, BINARY): bytes(range(22))}  # fmt: skip
    found = original("msg", msg(own, named=named))
    assert found.flags == ("seen", "answered", "flagged", "draft")
    assert (found.labels, found.thread) == (("Red", "Press"), bytes(range(6, 22)).hex())


def test_meeting() -> None:
    """A meeting becomes a calendar object with time, place and people, in `.msg` and in TNEF."""
    appointment = UUID("00062002-0000-0000-c000-000000000046")
    own = {**ANN, (0x001A, UNICODE): "IPM.Schedule.Meeting.Request", (0x8001, UNICODE): "https://meet.example/1; B",
           (0x8002, TIME): ticks(2024, 5, 7, 9)}  # fmt: skip
    by_name: Names = {(appointment, 0x8208): 0x8001, (appointment, 0x820D): 0x8002}
    by_number = {number: name for name, number in by_name.items()}
    for data, kind in ((msg(own, [BO], named=by_name), "msg"),
                       (tnef(own, recipients=[BO], named=by_number), "tnef")):  # fmt: skip
        calendar = leaves(parse(original(kind, data).data))[-1]
        assert calendar[0] == "text/calendar"
        for line in (b"METHOD:REQUEST", b"DTSTART:20240507T090000Z", b"LOCATION:https://meet.example/1\\; B",
                     b"ORGANIZER:mailto:ann@press.example", b"ATTENDEE:mailto:bo@campaign.example"):  # fmt: skip
            assert line in calendar[2]


def test_tnef() -> None:
    """TNEF gives sender, text, files of both forms and TNEF inside; checksums are not asked for."""
    inner = tnef({**ANN, (0x1000, UNICODE): "Inner"})
    kind = UUID("00020307-0000-0000-c000-000000000046").bytes_le
    files: list[tuple[Bag, bytes]] = [
        ({(0x3707, UNICODE): "Zoë.txt"}, b"older"),
        ({(0x3707, UNICODE): "n.bin", (0x3701, BINARY): b"newer"}, b""),
        ({(0x3705, LONG): 5, (0x3701, 13): kind + inner}, b""),
    ]
    found = original("tnef", tnef({**ANN, (0x1013, BINARY): PAGE}, files, [BO]))
    message = parse(found.data)
    assert fields(message)[1:3] == [("from", '"Ann Lee" <ann@press.example>'), ("to", '"Bo" <bo@campaign.example>')]
    assert [(names, content) for _, names, content in leaves(message)] == [
        ([], PAGE), (["Zoë.txt"], b"older"), (["n.bin"], b"newer"), ([], b"Inner"),
    ]  # fmt: skip


def test_older_tnef() -> None:
    """TNEF of before MAPI says sender, subject, text and file name in attributes of its own."""
    data = b"\x78\x9f\x3e\x22\1\0" + attribute(1, 0x00069007, struct.pack("<II", 1251, 0))
    sender = struct.pack("<HHHH", 4, 32, 4, 24) + b"Ann\0SMTP:ann@press.example\0"
    data += attribute(1, 0x00008000, sender) + attribute(1, 0x00018004, "Привет\0".encode("cp1251"))
    data += attribute(1, 0x0002800C, b"Body\0") + attribute(1, 0x00038005, struct.pack("<7H", 2024, 5, 2, 8, 0, 0, 4))
    data += (
        attribute(2, 0x00069002, b"\0" * 14) + attribute(2, 0x00018010, b"old.doc\0") + attribute(2, 0x0006800F, b"D")
    )
    message = parse(original("tnef", data).data)
    assert [value for name, value in fields(message) if name in ("date", "from", "subject")] == [
        "Thu, 2 May 2024 08:00:00 -0000", '"Ann" <ann@press.example>', "Привет",
    ]  # fmt: skip
    assert [(names, content) for _, names, content in leaves(message)] == [([], b"Body"), (["old.doc"], b"D")]


def facts(data: bytes, kind: str, name: str) -> tuple[list[Attachment], list[Text], list[Link]]:
    """Observe a mail that brings a file."""
    mail = b"From: c@d.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee file.\r\n--b\r\n"
    mail += f"Content-Type: {kind}; name={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    mail += base64.encodebytes(data) + b"--b--\r\n"
    rows = list(observe(RawMessage(mail, "k", len(mail)), "s"))
    return (
        [row for row in rows if isinstance(row, Attachment)],
        [row for row in rows if isinstance(row, Text)],
        [row for row in rows if isinstance(row, Link)],
    )


FILE: tuple[Bag, None] = ({(0x3707, UNICODE): "x.html", (0x3701, BINARY): b'<html><a href="https://deep.example/">x</a></html>'},
                          None)  # fmt: skip


@pytest.mark.parametrize("form", ["msg", "tnef", "eml", "eml.zip"])
def test_nothing_escapes_the_facts(form: str, tmp_path: Path) -> None:
    """Text, links and files of a message attached in any form are facts of the mail that brought it."""
    data = msg({**ANN, (0x1013, BINARY): PAGE}, [BO], [FILE])
    if form == "tnef":
        data = tnef({**ANN, (0x1013, BINARY): PAGE}, [(FILE[0], b"")])
    elif form.startswith("eml"):
        data = original("msg", data).data
    if form == "eml.zip":
        with zipfile.ZipFile(tmp_path / "z", "w") as packing:
            packing.writestr("inner.eml", data)
        data = (tmp_path / "z").read_bytes()
    files, texts, links = facts(data, "application/octet-stream", "file.bin")
    assert "x.html" in [row.name for row in files]
    assert [row.kind for row in texts if "Agenda" in row.written] == ["html" if form == "tnef" else "nested"]
    assert {"https://files.example/agenda", "https://deep.example/"} <= {row.url for row in links}
    assert all(row.attachment is not None for row in links)


def test_found_everywhere(tmp_path: Path) -> None:
    """A `.msg` is read where it is named itself, in a folder and in archives, by content; other OLE files are told."""
    data = msg({**ANN, (0x1000, UNICODE): "Hello"})
    word = compound({"WordDocument": b"W" * 40_000})
    folder = tmp_path / "export" / "Inbox"
    folder.mkdir(parents=True)
    (folder / "a.msg").write_bytes(data)
    (folder / "b.dat").write_bytes(tnef({**ANN, (0x1000, UNICODE): "Rich"}))
    (folder / "c").write_bytes(msg({**ANN, (0x1000, UNICODE): "Late " * 20_000}, [], [FILE] * 3))
    (folder / "d.doc").write_bytes(word)
    (folder / "e.msg").write_bytes(word)
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as packing, tarfile.open(tmp_path / "t.tar", "w") as tape:
        for file in sorted(folder.iterdir()):
            packing.write(file, f"Inbox/{file.name}")
            tape.add(file, f"Inbox/{file.name}")
    for path, count in ((folder.parent, 3), (tmp_path / "z.zip", 3), (tmp_path / "t.tar", 3), (folder / "a.msg", 1)):
        sources, told = find_sources([path], spool=tmp_path)
        items = [
            item for source in sources for shard in cut(source) for _, all_ in read_shards([shard]) for item in all_
        ]
        read = [item for item in items if isinstance(item, RawMessage)]
        assert len(read) == count
        assert all(item.defects[0][:2] == ("rebuilt", 0) for item in read)
        for source, item in ((source, item) for source in sources for item in read):
            assert fetch(source, item.member, item.offset, item.length).sha256 == item.sha256
        if count == 3:
            assert ["e.msg" in row.reason for row in told].count(True) == 1
            assert any("1 .doc" in row.reason for row in told)


def test_the_same_bytes_in_every_run() -> None:
    """What is put together is the same for the same file, and differs where the file differs."""
    data = msg({**ANN, (0x1000, UNICODE): "a", (0x1013, BINARY): PAGE}, [BO], [FILE])
    assert original("msg", data).data == original("msg", data).data
    assert original("msg", data).data != original("msg", msg({**ANN, (0x1000, UNICODE): "b"}, [BO], [FILE])).data


@given(st.text(max_size=60), st.text(max_size=60), st.binary(max_size=200), st.text(min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_text_comes_back(subject: str, body: str, content: bytes, name: str) -> None:
    """Whatever the letters, subject, body, file name and file come back as they were."""
    file: Bag = {(0x3707, UNICODE): name, (0x3701, BINARY): content}
    own: Bag = {(0x0037, UNICODE): f"S{subject}E", (0x1000, UNICODE): f"B{body}E"}
    message = parse(original("msg", msg(own, [], [(file, None)])).data)
    assert (message.first("subject") or message.headers[0]).text == f"S{subject}E".strip()
    assert message.text(message.parts[1]) == f"B{body}E".replace("\r\n", "\n").replace("\r", "\n").replace(
        "\n", "\r\n"
    ) or ("\0" in body and message.text(message.parts[1]) == f"B{body}E")
    assert message.decode(message.parts[2]) == content


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_damaged_files(data: st.DataObject) -> None:
    """No damage to a file makes its reader fail in another way than by saying what is wrong."""
    whole = data.draw(st.sampled_from([
        msg({**ANN, (0x1009, BINARY): packed(FROM_HTML)}, [BO], [FILE]),
        tnef({**ANN, (0x1009, BINARY): packed(FROM_HTML)}, [(FILE[0], b"x")], [BO]),
    ]))  # fmt: skip
    broken = bytearray(whole[: data.draw(st.integers(600, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    reader = msg_file if whole[:1] == b"\xd0" else tnef_file
    with contextlib.suppress(ValueError):
        assert isinstance(reader.original(bytes(broken)).data, bytes)


@given(st.binary(max_size=400))
def test_any_rtf(data: bytes) -> None:
    """No bytes make the readers of RTF fail."""
    for start in (b"{\\rtf1\\fromhtml1 ", b"{\\rtf1 ", b"{\\rtf1\\fromtext "):
        rtf.unpacked(start + data)
    lzfu.unpack(struct.pack("<II4sI", len(data) + 12, 1_000, b"LZFu", 0) + data)


def test_packed_rtf() -> None:
    """The examples of MS-OXRTFCP 3 come out as given there, also where a copy runs into itself."""
    first = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    assert lzfu.unpack(bytes.fromhex(first)) == (b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", True)
    second = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
    assert lzfu.unpack(bytes.fromhex(second)) == (b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", True)


def chain() -> bytes:
    """Write messages inside messages, 200 deep."""
    inner = tree({(0x1000, UNICODE): "bottom"}, header=24)
    for _ in range(200):
        inner = tree({(0x1000, UNICODE): "x"}, [], [({(0x3001, UNICODE): "m"}, inner)], header=24)
    return compound(inner)


def rings() -> bytes:
    """Let the streams of a `.msg` run in a circle and claim to be long."""
    data = bytearray(msg({**ANN, (0x1000, UNICODE): "x" * 100_000}, [BO], [FILE] * 50))
    table = int.from_bytes(data[76:80], "little") * 512 + 512
    for at in range(table, table + 512 * int.from_bytes(data[44:48], "little"), 4):
        value = int.from_bytes(data[at : at + 4], "little")
        if value < 0xFFFFFFF0:
            data[at : at + 4] = ((at - table) // 4 & ~7).to_bytes(4, "little")
    return bytes(data)


def many() -> bytes:
    """Write very many recipients and properties."""
    bag: dict[tuple[int, int], str | bytes | int | list[str]] = {(0x1100 + at, LONG): at for at in range(30_000)}
    return msg(bag, [BO] * 5_000)


def bomb() -> bytes:
    """Pack RTF as densely as can be, many times what is read."""
    out = bytearray(b"\0{\\rtf1\\f" + b"\0romhtml1")
    at = 207 + 16
    for _ in range(70_000):
        out.append(0xFF)
        for _ in range(8):  # 17 letters, beginning with the last one
            out += (((at - 1) & 4095) << 4 | 15).to_bytes(2, "big")
            at += 17
    start = struct.pack("<II4sI", 0x7FFFFFFF, 0x7FFFFFFF, b"LZFu", 0)
    return msg({(0x1009, BINARY): start + bytes(out)})


def crowd() -> bytes:
    """Let very many streams share the same sectors, each as long as the file."""
    data = bytearray(msg({**ANN, (0x1000, UNICODE): "x" * 1_000_000}, [BO] * 2_000))
    name = "__substg1.0_3001001F".encode("utf-16-le")
    long = data.find("__substg1.0_1000001F".encode("utf-16-le"))
    at = data.find(name)
    while at >= 0:
        data[at + 116 : at + 124] = data[long + 116 : long + 124]
        at = data.find(name, at + 128)
    return bytes(data)


def flat() -> bytes:
    """Pack RTF such that unpacking takes the most steps for each byte: copies of two letters."""
    out = bytearray(b"\0{\\rtf1\\f" + b"\0romhtml1")
    at = 207 + 16
    for _ in range(500_000):
        out.append(0xFF)
        for _ in range(8):
            out += (((at - 2) & 4095) << 4).to_bytes(2, "big")
            at += 2
    return msg({(0x1009, BINARY): struct.pack("<II4sI", 0x7FFFFFFF, 0x7FFFFFFF, b"LZFu", 0) + bytes(out)})


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a usual message": lambda: msg({**ANN, (0x007D, UNICODE): DELIVERED, (0x1000, UNICODE): "Hello",
                                    (0x1013, BINARY): PAGE}, [BO], [FILE]),
    "200 messages deep": chain,
    "circles of sectors": rings,
    "shared sectors": crowd,
    "crowds of properties": many,
    "packed RTF, dense": bomb,
    "packed RTF, many steps": flat,
    "groups in RTF": lambda: msg({(0x1009, BINARY): packed(b"{\\rtf1\\fromhtml1 " + b"{\\'41" * 1_600_000)}),
    "Unicode in RTF": lambda: msg({(0x1009, BINARY): packed(b"{\\rtf1 " + b"\\u65?" * 1_600_000)}),
    "open tags": lambda: msg({(0x1013, BINARY): b"<" * 4_000_000, (0x1009, BINARY): packed(FROM_HTML)}),
    "header fields": lambda: msg({(0x007D, UNICODE): "A: b\r\n" * 400_000}),
    "folded header": lambda: msg({(0x007D, STRING8): "A: b\n" + " c\n" * 170_000}),
    "60 MB attached": lambda: msg(ANN, [], [({(0x3707, UNICODE): "a", (0x3701, BINARY): b"a" * 60_000_000}, None)]),
    "60 MB of text": lambda: msg({**ANN, (0x1000, UNICODE): "a\r" * 15_000_000}),
    "attachments in TNEF": lambda: tnef({(0x1000, UNICODE): "x"}, [({(0x3707, UNICODE): "a"}, b"")] * 20_000),
    "TNEF that claims much": lambda: b"\x78\x9f\x3e\x22\1\0"
    + attribute(1, 0x00069003, struct.pack("<IHHI", 1, 0x101F, 1, 0xFFFFFFFF)),
    "TNEF, empty values": lambda: b"\x78\x9f\x3e\x22\1\0"
    + attribute(1, 0x00069003, struct.pack("<IHHI", 1, 0x101F, 1, 0xFFFFFFFF) + bytes(8_000_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_little(name: str) -> None:
    """Bombs, circles, nesting and crowds are read within 5 CPU seconds, or refused with a reason."""
    data = HOSTILE[name]()
    begun = time.process_time()
    with contextlib.suppress(ValueError):
        parse(original("tnef" if data[:1] == b"\x78" else "msg", data).data)
    assert time.process_time() - begun < 5
