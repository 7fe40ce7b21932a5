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


def blank(row: type, **given: object) -> tuple[object, ...]:
    """One row of a table in which everything that is not given is missing or empty."""
    hints = get_type_hints(row)

    def empty(hint: Any) -> object:  # noqa: ANN401  # a type or a form of one
        if get_origin(hint) in (Union, UnionType):
            return None
        return [] if get_origin(hint) is list else hint()

    unknown = set(given) - set(hints)
    assert not unknown, f"{row.__name__} has no {unknown}"
    return tuple(given.get(name, ...) if name in given else empty(hint) for name, hint in hints.items())


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


def build(*, owners: int = 3, ordinary: int = 40, chosen: int = 3, years: float = 1.0, hostile: bool = False) -> Mail:
    """Make a case: each owner has ordinary mail, and `chosen` messages of one conversation that deserve attention."""
    dice = random.Random(7)  # noqa: S311  # a fixture that is the same every time
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in tables.TABLES}
    originals: dict[str, bytes] = {}
    names = ["Ana Ruiz", "Ben Okafor", "Chiara Conti", "Dmytro Bondar", "Eszter Nagy"]
    for detector, title, group, bits in DETECTORS:
        rows["detector_runs"].append(
            blank(tables.DetectorRun, detector=detector, title=title, group=group, bits=bits, fired=3)
        )
    rows["detector_runs"].append(
        blank(tables.DetectorRun, detector="broken", title="A broken one", group="form", error="no column named colour")
    )
    for number in range(owners):
        name = names[number] if number < len(names) else f"Person {number + 1}"
        owner = f"{name.lower().replace(' ', '.')}@campaign.example"
        source = f"{number:012x}"
        rows["addresses"].append(blank(tables.Address, address=owner, name=name, is_owner=True))
        rows["owner_addresses"].append(blank(tables.OwnerAddress, owner=owner, address=owner, how="main"))
        start = NOW - timedelta(days=365 * years)

        def add(time: datetime, facts: dict[str, object], verdict: dict[str, object], direction: str) -> str:
            body = f"{owner} {time} {facts}".encode()  # noqa: B023  # called in this turn of the loop only
            key = hashlib.sha256(body).hexdigest()
            rows["messages"].append(blank(tables.Message, message=key, time=time, **facts))
            rows["places"].append(
                blank(tables.Place, message=key, source=source, owner=owner, offset=len(rows["places"]) * 900)  # noqa: B023
            )
            rows["relationships"].append(
                blank(tables.Relationship, message=key, owner=owner, direction=direction, history=1204)  # noqa: B023
            )
            told = {"owner": owner, "tier": "quiet", "probability": 0.001, "conversation": key} | verdict  # noqa: B023
            rows["verdicts"].append(blank(tables.Verdict, message=key, **told))
            rows["conversations"].append(
                blank(
                    tables.Conversation,
                    message=key,
                    conversation=told["conversation"],
                    conversation_size=1,
                )
            )
            return key

        for rank in range(ordinary):
            time = start + timedelta(days=365 * years * dice.random() ** 0.7)
            direction = "sent" if rank % 4 == 0 else "received"
            add(
                time, {"from_address": "news@paper.example", "subject": f"Issue {rank}"}, {"rank": rank + 10}, direction
            )
        begun = NOW - timedelta(days=60 * (number % 5 + 1))
        conversation = f"talk-{number}"
        for turn in range(chosen if number < 3 or number % 3 == 0 else 0):
            attack = turn > 0
            subject = (
                "Invitation: closed round table on the elections"
                if turn == 0
                else "Re: Invitation: the draft we spoke of"
            )
            if hostile:
                subject = HOSTILE + "A" * 50_000
            key = add(
                begun + timedelta(days=turn * 2, hours=turn),
                {
                    "from_name": HOSTILE if hostile else "Dr. Miriam Vogel",
                    "from_address": "m.vogel@lnstitute.example",
                    "subject": subject,
                    "message_id": f"{number}.{turn}@lnstitute.example",
                },
                {
                    "tier": "attack" if attack else "suspicious",
                    "probability": 0.97 - number * 0.002 if attack else 0.42,
                    "bits": 16.3 if attack else 6.2,
                    "rank": chosen - turn,
                    "chosen": True,
                    "conversation": conversation,
                    "reasons": [SENTENCES["name-on-new-address"]],
                },
                "received",
            )
            originals[key] = original(subject[:200], turn)
            fired = list(SENTENCES) if attack else ["name-on-new-address", "never-measured"]
            for detector in fired:
                (group, bits) = next((g, b) for d, _, g, b in DETECTORS if d == detector)
                rows["findings"].append(
                    blank(
                        tables.Finding,
                        message=key,
                        detector=detector,
                        group=group,
                        sentence=HOSTILE if hostile else SENTENCES[detector],
                        bits=bits or 0.0,
                        header={"reply-goes-elsewhere": "reply-to", "name-on-new-address": "from"}.get(detector, ""),
                        link=1 if detector == "link-to-shared-hosting" else None,
                        cue=0 if detector == "asks-for-sign-in" else None,
                    )
                )
            rows["hops"].append(blank(tables.Hop, message=key, number=0, trusted=True))
            rows["hops"].append(blank(tables.Hop, message=key, number=1))
            rows["authentications"].append(
                blank(
                    tables.Authentication,
                    message=key,
                    field="authentication-results",
                    server="mx.campaign.example",
                    method="dmarc",
                    result="pass",
                    trusted=True,
                )
            )
            rows["authentications"].append(
                blank(tables.Authentication, message=key, number=1, field="authentication-results", trusted=False)
            )
            rows["cues"].append(blank(tables.Cue, message=key, found_in="written", phrase="sign in to read", start=120))
            rows["texts"].append(
                blank(
                    tables.Text,
                    message=key,
                    kind="plain",
                    written=HOSTILE * 50
                    if hostile
                    else "Dear Ana,\n\nthank you for agreeing to look at the draft. It lies in our reading room, "
                    "please sign in to read it: https://sites.hosting.example/reading-room?u=ana\n\nWith warm regards\nMiriam",
                )
            )
            for link, shown in enumerate(("our institute", "the reading room")):
                rows["links"].append(
                    blank(
                        tables.Link,
                        message=key,
                        number=link,
                        found_in="a",
                        scheme="https",
                        url=HOSTILE
                        if hostile
                        else ("https://lnstitute.example/", "https://sites.hosting.example/reading-room?u=ana")[link],
                        host_unicode=("lnstitute.example", "sites.hosting.example")[link],
                        shown=shown,
                        is_visible=True,
                    )
                )
            rows["attachments"].append(
                blank(
                    tables.Attachment,
                    message=key,
                    name=HOSTILE if hostile else "programme.pdf",
                    claimed_type="application/pdf",
                    detected_type="pdf",
                    size=183_204,
                    sha256=hashlib.sha256(key.encode()).hexdigest(),
                )
            )
        if number == 0 and chosen:
            add(
                NOW - timedelta(days=50),
                {"from_address": owner, "subject": "Re: Invitation"},
                {"conversation": conversation, "rank": None},
                "sent",
            )
            add(
                NOW - timedelta(days=30),
                {
                    "from_address": "no-reply@accounts.provider.example",
                    "subject": "Government-backed attackers may be trying to steal your password",
                },
                {"tier": "notice", "rank": 1, "reasons": ["The provider warns of a state-backed attack."]},
                "received",
            )
            add(
                NOW - timedelta(days=90),
                {"from_address": "print@shop.example", "subject": "Your invoice"},
                {"tier": "harmless", "decided": "harmless", "rank": 9},
                "received",
            )
        mine = sum(1 for row in rows["verdicts"] if row[1] == owner)
        rows["sources"].append(
            blank(
                tables.SourceRow,
                source=source,
                path=f"/evidence/{name.split()[0].lower()}.mbox",
                kind="mbox",
                owner=owner,
                owner_how="delivered-to",
                found=mine + 5,
                messages=mine,
                repeated=4,
                rejected=1,
            )
        )
        rows["rejections"].append(
            blank(
                tables.Rejection,
                source=source,
                offset=4711,
                reason="The message breaks off in the middle.",
                advice="Copy the mailbox again.",
            )
        )
    return Mail(connect(rows), originals)


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
        name: Weight(bits, "31 of 40 attacks, 12 of 9,000 honest") for name, _, _, bits in DETECTORS if bits is not None
    },
    ceilings={"request": 3.0},
    prior=-9.0,
    slope=1.0,
    attack=0.8,
    suspicious=0.3,
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
        ceilings=WEIGHTS.ceilings,
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
