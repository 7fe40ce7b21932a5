"""Claims about the row of a message, its recipients and signatures, and about observing as a whole."""

import dataclasses
import hashlib
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.defects import DEFECTS
from watchword.observe import observe
from watchword.observe.form import header_order, structure, subject_marks
from watchword.observe.identity import address_in_name, people, person
from watchword.parse.message import parse
from watchword.read.raw import RawMessage
from watchword.tables import Defect, Fact, Message, Recipient, Sighting, Signature


def _facts(mail: bytes, **container: object) -> list[Fact]:
    raw = RawMessage(mail, hashlib.sha256(mail).hexdigest(), len(mail), **container)  # type: ignore[arg-type]  # for brevity
    return list(observe(raw, "source1"))


def _row(mail: str) -> Message:
    (row,) = [fact for fact in _facts(mail.encode()) if isinstance(fact, Message)]
    return row


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("From: News, <ann@example.org>", "News"),
        ("From: Account team ,_<ann@example.org>", "Account team, _"),
        ("From: News\nFrom: <ann@example.org>", "News"),
        ("From: News\nFrom: Ann <ann@example.org>", "Ann"),
        ("From: nobody:;, ann@example.org", "nobody"),
    ],
)
def test_words_without_an_address_do_not_hide_the_address(field: str, name: str) -> None:
    """The address in From is the first that there is; words before it are its name if it has none of its own."""
    row = _row(f"{field}\nSubject: x\n\nwords\n")
    assert (row.from_name, row.from_address, row.from_count) == (name, "ann@example.org", 1)


@pytest.mark.parametrize(
    "name",
    [
        "Jane Doe",
        "Doe, Jane",
        "DOE Jane",
        "Dr. Jane A. Doe, Ph.D.",
        "Prof. Dr. Jane Doe",
        "Jane Doe, MD",
        "Mrs Jane Doe Jr.",
        "Jane Doe (via Google Docs)",
        "'Jane Doe' via staff",
        '"Jane Doe" via staff',
        "Jane Doe | Example Institute",
        "Jane Doe [Example]",
        "Jane Doe <jane@example.org>",
        "Jané Döe",
        "\uff2aane Doe",
        "𝐉𝐚𝐧𝐞 𝐃𝐨𝐞",
        "Jane.Doe",
        "Jane Doe M. D.",
        "Jane-Doe- via staff",
    ],
)
def test_spellings_of_one_person_share_a_key(name: str) -> None:
    """Order, titles, initials, accents, letter forms and what services put around a name do not change the person."""
    assert person(name) == "doe jane"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("", ""),
        ("jane@example.org", ""),
        ("Li", "li"),
        ("X Æ", "ae x"),
        ("Dr", "dr"),
        ("J. Li", "j li"),
        ("M. D. Doe", "d doe m"),
        ("Seán O’Brien", "obrien sean"),
        ("Bjørn Łukasz", "bjorn lukasz"),
        ("Jean-Luc Picard", "jean luc picard"),
        ("Иван Петров", "иван петров"),
        ("王小明", "王小明"),
        ("Via Rail", "rail via"),
        ("😀", ""),
    ],
)
def test_key_of_a_person(name: str, key: str) -> None:
    """Short names stay, letters with strokes are folded, other scripts are kept, and no letters give none."""
    assert person(name) == key


@given(st.text(max_size=300))
def test_person_is_a_stable_key(name: str) -> None:
    """A key has sorted words of letters, and is not changed by making it a key again after sorting."""
    words = person(name).split(" ")
    assert words == sorted(words)
    assert all(not character.isdigit() and character not in '@.,<>"' for character in "".join(words))


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Jane Doe", ""),
        ("jane.doe@example.org", "jane.doe@example.org"),
        ("Jane Doe (Jane@Example.org) - HR", "jane@example.org"),
        ("jane\uff20example.org", "jane@example.org"),
        ("@example", ""),
        ("<jane@example.org>", "jane@example.org"),
        ("a@" * 100_000, ""),
    ],
)
def test_address_inside_a_name(name: str, address: str) -> None:
    """An address in the display name is found, in any letter form."""
    assert address_in_name(name) == address


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"Doe, Jane <jane@example.org>", [("Doe, Jane", "jane@example.org")]),
        (b"Example Bank, <a@sender.example>", [("Example Bank", "a@sender.example")]),
        (b"jane@example.org, Joe <joe@example.org>", [("", "jane@example.org"), ("Joe", "joe@example.org")]),
    ],
)
def test_name_cut_by_a_comma_is_whole_again(value: bytes, shown: list[tuple[str, str]]) -> None:
    """A display name with an unquoted comma belongs to the address behind it, as mail programs show it."""
    assert [(box.name, box.address) for box in people(value)] == shown


@pytest.mark.parametrize(
    ("subject", "plain", "reply"),
    [
        ("Budget", "budget", False),
        ("Re: Budget", "budget", True),
        ("RE: Fwd: [board] AW:  Budget  2026", "budget 2026", True),
        ("[board] Budget", "budget", False),
        ("Re[2]: Budget", "budget", True),
        ("SV: VS: Odp: RES: RV: Antw: Budget", "budget", True),
        ("TR : Budget", "budget", True),
        ("Отв: Re: Budget", "budget", True),
        ("回复：预算", "预算", True),
        ("Vá: Budget", "budget", True),
        ("Ynt: Budget", "budget", True),
        ("Research: Budget", "research: budget", False),
        ("Re Budget", "re budget", False),
        ("[unclosed Budget", "[unclosed budget", False),
        ("", "", False),
    ],
)
def test_subject_marks(subject: str, plain: str, reply: bool) -> None:
    """Reply and forward marks of many languages and list marks go; other words with a colon stay."""
    assert subject_marks(subject) == (plain, reply)


def test_header_order_is_the_client_s_not_the_message_s() -> None:
    """Fields that come and go do not change the hash of the order; order and spelling do."""
    new = "From: a@example.org\nTo: b@example.org\nSubject: x\nMIME-Version: 1.0\nX-Mailer: M 1\n\n"
    answer = (
        "Received: by mx.example.org; Mon, 2 Mar 2026 14:00:00 +0000\nFrom: a@example.org\nTo: b@example.org\n"
        "Cc: c@example.org\nSubject: Re: x\nIn-Reply-To: <1@x>\nReferences: <1@x>\nX-Spam-Flag: NO\nMIME-Version: 1.0\n"
        "X-Mailer: M 1\nList-Id: <l.example.org>\n\n"
    )
    hashes = [
        header_order(parse(mail.encode()))
        for mail in (new, answer, new.replace("MIME-V", "Mime-V"), new.replace("Subject: x\n", "") + "")
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3
    assert len(hashes[0]) == 16


def test_structure_shows_the_skeleton() -> None:
    """Nested parts stand in brackets in the order of the bytes."""
    mail = (
        "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=a\n\n--a\n"
        "Content-Type: text/plain\n\nx\n--a\nContent-Type: text/html\n\ny\n--a--\n--m\n"
        "Content-Type: application/pdf\n\nz\n--m--\n"
    )
    assert structure(parse(mail.encode())) == "mixed(alternative(plain,html),pdf)"
    assert structure(parse(b"Subject: x\n\nHello\n")) == "plain"


MAIL = """\
X-GM-THRID: 1648297668852796084
X-Gmail-Labels: Inbox,Category Promotions
Return-Path: <bounce@Mailer.Example>
Received: from out.mailer.example (out.mailer.example [192.0.2.7]) by mx.example.org (Postfix) with ESMTPS id 1
 for <jane@example.org>; Mon, 2 Mar 2026 14:00:01 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=News.Sender.Example; s=k1; l=12; h=From:Subject:Date;
 bh=AAAA; b=BBBB
From: "Jane Doe (jane@bank.example)" <press@News.Sender.example>
Sender: robot@sender.example
Reply-To: Desk <desk@other.example>
To: Doe, John <john@example.org>, Ann <ann@example.com>
Cc: undisclosed-recipients:;
Subject: =?utf-8?q?Re:_[board]_B=C3=BCcher?=
Date: Sun, 1 Mar 2026 20:30:00 -0500
Message-ID: <1.2@id.sender.example>
In-Reply-To: <0@example.org>
References: <00@example.org> <0@example.org>
List-Id: The Board <board.example.org>
List-Unsubscribe: <mailto:off@example.org>
X-Mailer: Mailer 1.0
Content-Type: text/plain; charset=UTF-8

Hello John, please send me the list of the donors that we spoke about, and tell me when you will be in the office
so that I can come over and have a look at it with you before the end of the week.
"""


def test_row_of_a_message() -> None:
    """The row says who, when, how and in which form, each from its own field."""
    row = _row(MAIL)
    assert (row.from_name, row.from_address, row.from_local) == (
        "Jane Doe (jane@bank.example)",
        "press@news.sender.example",
        "press",
    )
    assert (row.from_domain, row.from_organisation) == ("news.sender.example", "sender.example")
    assert (row.from_person, row.name_address, row.from_count) == ("doe jane", "jane@bank.example", 1)
    assert (row.sender_address, row.reply_name, row.reply_address) == (
        "robot@sender.example",
        "Desk",
        "desk@other.example",
    )
    assert (row.return_address, row.return_organisation) == ("bounce@mailer.example", "mailer.example")
    assert (row.message_id, row.message_id_domain) == ("1.2@id.sender.example", "sender.example")
    assert (row.in_reply_to, row.references) == ("0@example.org", ["00@example.org", "0@example.org"])
    assert (row.subject, row.subject_plain, row.subject_reply) == ("Re: [board] Bücher", "bücher", True)
    assert row.time == datetime(2026, 3, 2, 14, 0, 1, tzinfo=UTC)
    assert (row.date, row.date_offset) == (datetime(2026, 3, 2, 1, 30, tzinfo=UTC), -300)
    assert (row.list_id, row.is_list, row.is_bulk, row.is_auto) == ("board.example.org", False, True, False)
    assert (row.mailer, row.structure, row.charset) == ("Mailer 1.0", "plain", "utf-8")
    assert (row.origin_ip, row.origin_host, row.origin_organisation) == (
        "192.0.2.7",
        "out.mailer.example",
        "mailer.example",
    )
    assert (row.provider, row.received_count, row.size) == ("example.org", 1, len(MAIL.encode()))
    assert row.text_length > 0
    assert row.language == "en"


def test_from_without_a_readable_address() -> None:
    """An address that stands where no address may stand (a comment) is not the sender's, but it is shown."""
    row = _row("From: Example Bank,(<a@sender.example>)\n\nx\n")
    assert (row.from_address, row.from_name, row.name_address) == ("", "Example Bank", "a@sender.example")


def test_sighting_and_rows_come_in_order() -> None:
    """The sighting comes first, with what Takeout wrote on top, then the one message; container defects come too."""
    facts = _facts(MAIL.encode(), offset=7, length=9, folder="inbox", flags=("seen",), defects=(("x", 3, "y" * 300),))
    first = facts[0]
    assert isinstance(first, Sighting)
    assert (first.source, first.offset, first.length, first.folder, first.flags) == ("source1", 7, 9, "inbox", ["seen"])
    assert (first.thread, first.labels) == ("1648297668852796084", ["Inbox", "Category Promotions"])
    assert [type(fact) for fact in facts].index(Message) == 1
    assert sum(isinstance(fact, Message) for fact in facts) == 1
    (defect,) = [fact for fact in facts if isinstance(fact, Defect)]
    assert (defect.kind, defect.offset, len(defect.detail)) == ("x", 3, 200)


def test_labels_below_received_are_the_sender_s() -> None:
    """A sender cannot label his message: labels count only where the container writes them, on top."""
    facts = _facts(
        b"Received: by mx.example.org; 2 Mar 2026 14:00 +0000\nX-Gmail-Labels: Important\nX-GM-THRID: 1\n\nx\n"
    )
    assert isinstance(facts[0], Sighting)
    assert (facts[0].labels, facts[0].thread) == ([], "")


def test_recipients_and_signature() -> None:
    """Recipients stand in the order of the fields, `for` of the provider's own hops last; signatures as written."""
    facts = _facts(MAIL.encode())
    to = [(row.field, row.person, row.address) for row in facts if isinstance(row, Recipient) and row.address]
    assert to == [
        ("to", "doe john", "john@example.org"),
        ("to", "ann", "ann@example.com"),
        ("received-for", "", "jane@example.org"),
    ]
    (signature,) = [row for row in facts if isinstance(row, Signature)]
    assert (signature.domain, signature.organisation, signature.selector) == (
        "news.sender.example",
        "sender.example",
        "k1",
    )
    assert (signature.aligned, signature.length, signature.body_hash) == (True, 12, False)
    assert signature.signed == ["from", "subject", "date"]


@pytest.mark.parametrize(
    ("head", "kinds"),
    [
        ("List-Post: <mailto:l@example.org>", (True, False, False)),
        ("List-Post: NO", (False, False, False)),
        ("Precedence: list", (True, False, False)),
        ("Precedence: bulk", (False, True, False)),
        ("List-Unsubscribe: <mailto:x@example.org>", (False, True, False)),
        ("Auto-Submitted: no", (False, False, False)),
        ("Auto-Submitted: auto-replied; x=y", (False, False, True)),
        ("Content-Type: multipart/report; boundary=x\n\n--x\n\ny\n--x--", (False, False, True)),
    ],
)
def test_kind_of_sending(head: str, kinds: tuple[bool, bool, bool]) -> None:
    """Lists, bulk and machine-made mail are told by their own fields."""
    row = _row(f"From: a@example.org\n{head}\n\nx\n")
    assert (row.is_list, row.is_bulk, row.is_auto) == kinds


def test_implausible_times_are_not_believed() -> None:
    """A Date of the year 1971 is what the sender wrote, but not when the message came."""
    row = _row("From: a@example.org\nDate: Fri, 1 Jan 1971 00:00:00 +0000\n\nx\n")
    assert (row.time, row.date) == (None, datetime(1971, 1, 1, tzinfo=UTC))
    row = _row("From: a@example.org\nDate: Sun, 1 Mar 2026 20:30:00 -0000\n\nx\n")
    assert (row.time, row.date_offset) == (datetime(2026, 3, 1, 20, 30, tzinfo=UTC), None)


def test_bug_in_one_observer_costs_only_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in an observer becomes a defect that names it, and everything else is still there."""

    def broken(*_: object) -> list[Recipient]:
        raise RecursionError("deep")

    monkeypatch.setattr(sys.modules["watchword.observe"], "recipients", broken)
    facts = _facts(MAIL.encode())
    assert not any(isinstance(fact, Recipient) for fact in facts)
    (row,) = [fact for fact in facts if isinstance(fact, Message)]
    assert row.from_address == "press@news.sender.example"
    (defect,) = [fact for fact in facts if isinstance(fact, Defect)]
    assert (defect.kind, defect.detail) == ("not-observed", "recipients: RecursionError: deep")


def test_watchdog_of_the_caller_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A TimeoutError is the caller's and gives up the whole message."""

    def late(*_: object) -> list[Recipient]:
        raise TimeoutError

    monkeypatch.setattr(sys.modules["watchword.observe"], "recipients", late)
    with pytest.raises(TimeoutError):
        _facts(MAIL.encode())


_LINES = st.lists(
    st.one_of(
        st.sampled_from([line.encode() for line in MAIL.splitlines()]),
        st.sampled_from([b"", b"--x", b"Content-Type: multipart/mixed; boundary=x", b"From: <", b'To: "', b"\xff\x00"]),
        st.binary(max_size=40),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(_LINES, st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_any_bytes_give_rows(lines: list[bytes], end: bytes) -> None:
    """Whatever the bytes, there is one sighting and one message, every observer works, and every defect is listed."""
    facts = _facts(end.join(lines))
    assert isinstance(facts[0], Sighting)
    assert sum(isinstance(fact, Message) for fact in facts) == 1
    defects = [fact for fact in facts if isinstance(fact, Defect)]
    assert [defect.detail for defect in defects if defect.kind == "not-observed"] == []
    assert {defect.kind for defect in defects} <= set(DEFECTS)
    for fact in facts:
        for value in dataclasses.astuple(fact):
            str(value).encode()  # Arrow takes no lone surrogates
