"""A case in memory for the tests of the report: owners with ordinary mail and one conversation that stands out."""

import hashlib
import random
import typing
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from types import UnionType
from typing import Any, Union, get_origin, get_type_hints

import duckdb
import pyarrow as pa

from watchword import tables
from watchword.case import Decision
from watchword.disclose.answer import Answer, answer
from watchword.judge.weights import Weight, Weights

NOW = datetime(2024, 9, 2, 8, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\u202egnp.exe\x1b[2J\x07<img src=https://evil.example/x.png onerror=alert(2)>"
DETECTORS = (
    ("name-on-new-address", "A known name on a new address", "impersonation", 6.2),
    ("look-alike-of-correspondent", "A domain that resembles a correspondent's", "lookalike", 7.1),
    ("reply-goes-elsewhere", "Replies go elsewhere", "sender", 3.4),
    ("asks-for-sign-in", "Asks to sign in", "request", 2.0),
    ("asks-for-document-review", "Asks to review a document", "request", 1.5),
    ("link-to-shared-hosting", "Link to a page anyone can make", "link", 2.6),
    ("known-correspondent", "An old correspondent from the usual place", "known", -4.0),
    ("never-measured", "A detector of this case", "form", None),
)
SENTENCES = {
    "name-on-new-address": "The name Dr. Miriam Vogel wrote 41 times from miriam.vogel@institute.example; "
    "this message comes from another address.",
    "look-alike-of-correspondent": "The domain lnstitute.example resembles institute.example, "
    "a domain that you correspond with.",
    "reply-goes-elsewhere": "The message says it is from lnstitute.example, but a reply would go to mailbox.test.",
    "asks-for-sign-in": "It asks the reader to sign in.",
    "asks-for-document-review": "It asks the reader to review a document.",
    "link-to-shared-hosting": "A link leads to sites[.]hosting[.]example, where anyone can put a page at once.",
    "never-measured": "The order of its header fields is unusual.",
}
NAMES = ("Ana Ruiz", "Ben Okafor", "Chiara Conti", "Dmytro Bondar", "Eszter Nagy")
WRITTEN = """Dear Ana,

thank you for agreeing to look at the draft. It lies in our reading room, please sign in to read it:
https://sites.hosting.example/reading-room?u=ana

With warm regards
Miriam"""
LINKS = (
    ("https://lnstitute.example/", "our institute"),
    ("https://sites.hosting.example/reading-room?u=ana", "the reading room"),
)


class Rows:
    """Rows for every table; what is not given is missing or empty."""

    def __init__(self) -> None:
        """Begin with none."""
        self.tables: dict[str, list[tuple[object, ...]]] = {name: [] for name in tables.TABLES}

    def add(self, table: str, **given: object) -> None:
        """Add one row."""
        hints = get_type_hints(tables.TABLES[table])
        unknown = set(given) - set(hints)
        assert not unknown, f"{table} has no {unknown}"
        self.tables[table].append(tuple(given[name] if name in given else _empty(hint) for name, hint in hints.items()))


def _empty(hint: Any) -> object:  # noqa: ANN401  # a type or a form of one
    if get_origin(hint) in (Union, UnionType):
        return None
    return [] if get_origin(hint) is list else hint()


class Mail(typing.NamedTuple):
    """A case in memory: its connection and the original bytes."""

    connection: duckdb.DuckDBPyConnection
    originals: dict[str, bytes]

    def fetch(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give the original bytes, as far as they are there."""
        return {key: self.originals[key] for key in keys if key in self.originals}


def connect(filled: Mapping[str, Sequence[tuple[object, ...]]]) -> duckdb.DuckDBPyConnection:
    """Open every table, filled with the given rows; `messages` has the columns of where and whose."""
    connection = duckdb.connect()
    for name in tables.TABLES:
        schema = tables.schema(name)
        values = list(zip(*filled.get(name, ()), strict=True)) or [()] * len(schema)
        arrow = pa.table(
            [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)], schema=schema
        )
        connection.register(f"{name}_rows", arrow)
        connection.execute(
            f"create table {'message_facts' if name == 'messages' else name} as select * from {name}_rows"
        )
    connection.execute(
        """create view messages as select message_facts.*, message as sha256, source, member, "offset", owner
        from message_facts join places using (message)"""
    )
    return connection


class Mailbox:
    """One owner's mailbox, filled message by message."""

    def __init__(self, rows: Rows, name: str, source: str) -> None:
        """`source` is the id of the file it lies in."""
        self.rows, self.name, self.source = rows, name, source
        self.owner = f"{name.lower().replace(' ', '.')}@campaign.example"
        self.held = 0
        rows.add("addresses", address=self.owner, name=name, is_owner=True)
        rows.add("owner_addresses", owner=self.owner, address=self.owner, how="main")

    def add(
        self, time: datetime, address: str, subject: str, direction: str = "received", name: str = "", **verdict: object
    ) -> str:
        """Add a message and its verdict; gives its key."""
        key = hashlib.sha256(f"{self.owner} {time} {subject}".encode()).hexdigest()
        verdict = {"tier": "quiet", "probability": 0.001, "targeted": 0.5, "conversation": key} | verdict
        self.rows.add("messages", message=key, time=time, from_name=name, from_address=address, subject=subject)
        self.rows.add("places", message=key, source=self.source, owner=self.owner, offset=self.held * 900)
        self.rows.add("relationships", message=key, owner=self.owner, direction=direction, history=self.held)
        self.rows.add("conversations", message=key, conversation=verdict["conversation"], conversation_size=1)
        self.rows.add("verdicts", message=key, owner=self.owner, **verdict)
        self.held += 1
        return key

    def attack(
        self, time: datetime, turn: int, conversation: str, rank: int, likely: float, hostile: bool
    ) -> tuple[str, bytes]:
        """Add one message of a persona, which first only chats; gives its key and its bytes."""
        subject = "Re: Invitation: the draft we spoke of" if turn else "Invitation: closed round table on the elections"
        if hostile:
            subject = HOSTILE + "A" * 50_000
        key = self.add(
            time,
            "m.vogel@lnstitute.example",
            subject,
            name=HOSTILE if hostile else "Dr. Miriam Vogel",
            tier="attack" if turn else "suspicious",
            probability=likely if turn else 0.42,
            bits=16.3 if turn else 6.2,
            rank=rank,
            chosen=True,
            conversation=conversation,
            reasons=[SENTENCES["name-on-new-address"]],
        )
        for detector, _, group, bits in DETECTORS:
            if detector in (SENTENCES if turn else ("name-on-new-address", "never-measured")):
                self.rows.add(
                    "findings",
                    message=key,
                    detector=detector,
                    group=group,
                    sentence=HOSTILE if hostile else SENTENCES[detector],
                    bits=bits or 0.0,
                    header={"reply-goes-elsewhere": "reply-to", "name-on-new-address": "from"}.get(detector, ""),
                    link=1 if detector == "link-to-shared-hosting" else None,
                    cue=0 if detector == "asks-for-sign-in" else None,
                )
        self._facts(key, hostile)
        return key, original(subject[:200], turn)

    def _facts(self, key: str, hostile: bool) -> None:
        """What was seen in it, as in the bytes of `original`."""
        for number, trusted in enumerate((True, False)):
            self.rows.add("hops", message=key, number=number, trusted=trusted)
            self.rows.add(
                "authentications", message=key, number=number, field="authentication-results", trusted=trusted
            )
        self.rows.add("cues", message=key, found_in="written", phrase="sign in to read", start=120)
        self.rows.add("texts", message=key, kind="plain", written=HOSTILE * 50 if hostile else WRITTEN)
        for number, (url, shown) in enumerate(LINKS):
            self.rows.add(
                "links",
                message=key,
                number=number,
                found_in="a",
                scheme="https",
                url=HOSTILE if hostile else url,
                host_unicode=url.split("/")[2],
                shown=HOSTILE if hostile else shown,
                is_visible=True,
            )
        self.rows.add(
            "attachments",
            message=key,
            name=HOSTILE if hostile else "programme.pdf",
            claimed_type="application/pdf",
            detected_type="pdf",
            size=183_204,
            sha256=hashlib.sha256(key.encode()).hexdigest(),
        )

    def close(self) -> None:
        """Count the mailbox: beside its messages it held four copies, and one thing that could not be read."""
        self.rows.add(
            "sources",
            source=self.source,
            path=f"/evidence/{self.name.split()[0].lower()}.mbox",
            kind="mbox",
            owner=self.owner,
            owner_how="delivered-to",
            found=self.held + 5,
            messages=self.held,
            repeated=4,
            rejected=1,
        )
        reason, advice = "The message breaks off in the middle.", "Copy the mailbox again."
        self.rows.add("rejections", source=self.source, offset=4711, reason=reason, advice=advice)


def build(*, owners: int = 3, ordinary: int = 40, chosen: int = 3, years: float = 1.0, hostile: bool = False) -> Mail:
    """Make a case: each owner has ordinary mail, some of them `chosen` messages of a conversation that stands out."""
    dice = random.Random(7)  # noqa: S311  # a fixture that is the same every time
    rows = Rows()
    originals: dict[str, bytes] = {}
    for detector, title, group, bits in DETECTORS:
        rows.add("detector_runs", detector=detector, title=title, group=group, bits=bits, fired=3)
    rows.add("detector_runs", detector="broken", title="A broken one", group="form", error="no column named colour")
    for number in range(owners):
        name = NAMES[number] if number < len(NAMES) else f"Person {number + 1}"
        mailbox = Mailbox(rows, name, f"{number:012x}")
        for rank in range(ordinary):
            time = NOW - timedelta(days=365 * years * (1 - dice.random() ** 0.7))
            direction = "received" if rank % 4 else "sent"
            mailbox.add(time, "news@paper.example", f"Issue {rank}", direction, rank=rank + 10)
        conversation = f"talk-{number}"
        for turn in range(chosen if number < 3 or number % 3 == 0 else 0):
            time = NOW - timedelta(days=60 * (number % 5 + 1) - turn * 2, hours=-turn)
            key, data = mailbox.attack(time, turn, conversation, chosen - turn, 0.97 - number * 0.002, hostile)
            originals[key] = data
        if number == 0 and chosen:
            answered, warned, shopped = (NOW - timedelta(days=days) for days in (50, 30, 90))
            mailbox.add(answered, mailbox.owner, "Re: Invitation", "sent", conversation=conversation, rank=None)
            reasons = ["The provider warns of a state-backed attack."]
            subject = "Government-backed attackers may be trying to steal your password"
            mailbox.add(warned, "no-reply@provider.example", subject, tier="notice", rank=1, reasons=reasons)
            mailbox.add(shopped, "print@shop.example", "Your invoice", tier="harmless", decided="harmless", rank=9)
        mailbox.close()
    return Mail(connect(rows.tables), originals)


def original(subject: str, turn: int) -> bytes:
    """The bytes of one message as it lies in a mailbox."""
    encoded = subject.encode("utf-8", "replace").replace(b"\n", b" ")
    return (
        b"Return-Path: <m.vogel@lnstitute.example>\r\n"
        b"Received: from relay.lnstitute.example (relay.lnstitute.example [192.0.2.17])\r\n"
        b"\tby mx.campaign.example with ESMTPS id 4WxY for <ana.ruiz@campaign.example>;\r\n"
        b"\tMon, 03 Jun 2024 14:05:11 +0000\r\n"
        b"Authentication-Results: mx.campaign.example; dmarc=pass header.from=lnstitute.example\r\n"
        b"Received: from desk (unknown [198.51.100.7]) by relay.lnstitute.example with ESMTPA;\r\n"
        b"\tMon, 03 Jun 2024 17:05:09 +0300\r\n"
        b"From: =?utf-8?q?Dr=2E_Miriam_Vogel?= <m.vogel@lnstitute.example>\r\n"
        b"To: Ana Ruiz <ana.ruiz@campaign.example>\r\n"
        b"Reply-To: <miriam.vogel@mailbox.test>\r\n"
        b"Authentication-Results: mx.campaign.example; dmarc=pass header.from=institute.example\r\n"
        b"Subject: " + encoded + b"\r\n"
        b"Date: Mon, 03 Jun 2024 17:05:08 +0300\r\n"
        b"Message-ID: <" + str(turn).encode() + b"@lnstitute.example>\r\n"
        b"\r\n"
        b"Dear Ana,\r\n"
    )


WEIGHTS = Weights(
    detectors={
        name: Weight(bits, 0.0, "31 of 40 attacks, 12 of 9,000 honest")
        for name, _, _, bits in DETECTORS
        if bits is not None
    },
    ceilings={"request": 3.0},
    prior=-9.0,
    aim=0.0,
    slope=1.0,
    attack=0.8,
    suspicious=0.3,
    honest=0.0005,
    twins=0.01,
    date="2024-08-01",
    corpora="none",
)


def told(mail: Mail, per_owner: int = 20) -> Answer:
    """The answer of a case."""
    ((decided,),) = mail.connection.execute("select any_value(message) from verdicts where decided <> ''").fetchall()
    return answer(
        mail.connection,
        mail.fetch,
        title="Campaign of spring",
        generated=NOW,
        version="0.1.0",
        per_owner=per_owner,
        per_week=3,
        decisions=[Decision(decided, "harmless", "I ordered that myself.", "2024-08-30T10:00:00+00:00")],
        weights=WEIGHTS,
    )


class Page(HTMLParser):
    """What a page holds: its tags with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        """Read the page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note a piece of text."""
        self.pieces.append(data)

    @property
    def text(self) -> str:
        """All text, white space folded."""
        return " ".join(" ".join(self.pieces).split())
