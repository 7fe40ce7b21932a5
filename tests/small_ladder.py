"""Small mailboxes with an operation in them, logs of their accounts, and the ladder that follows."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from tests.small_case import ANA, BEN, START, letter
from watchword import tables
from watchword.case import Case, GivenSource
from watchword.connect.ladder import ladder
from watchword.context.build import build, received
from watchword.engine import Connection, session, store, view
from watchword.observe import observe
from watchword.observe.batches import _Rows
from watchword.read.marks import marks
from watchword.read.raw import RawMessage, Source

STRANGER = "annika.vale@freepost.example"
PAGE = "https://papers-view.example/d/draft?k=AR-1"
AT = 40  # day of the first lure
OP = "op-1"
HOME, AWAY, THEIRS = "198.51.100.7", "203.0.113.9", "192.0.2.200"


class Climb:
    """A case in the making: the owner's life before and after, what is added to it, and who belongs to which operation.

    Messages are of an operation by their subjects: `lures` maps these to the operation's id.
    """

    def __init__(self, folder: Path) -> None:
        """Begin in an empty folder."""
        self.case = Case.create(folder)
        self.owners: dict[str, str] = {"inbox": ANA, "sent": ANA}
        self.boxes: dict[str, list[bytes]] = {
            "inbox": [letter(day, subject=f"Letter {day}") for day in (0, 5, 20, 39, 80)],
            "sent": [mine(day, BEN, f"Mine {day}") for day in (1, 3, 6, 21, 30, 81)],
        }
        self.lures: dict[str, str] = {}
        self.events: list[Mapping[str, object]] = []
        self.logs: list[Mapping[str, object]] = []
        self.traces: list[tuple[str, str, str]] = []  # subject, value, hub
        self.decided: dict[str, str] = {}  # by subject

    def lure(self, data: bytes, box: str = "inbox", operation: str = OP) -> bytes:
        """Put a message of an operation into a mailbox."""
        self.boxes.setdefault(box, []).append(data)
        self.lures[subject_of(data)] = operation
        return data

    def add(self, *messages: bytes, box: str = "inbox") -> None:
        """Put further messages into a mailbox."""
        self.boxes.setdefault(box, []).extend(messages)

    def log(
        self, covers: Sequence[str], first: float, last: float, *events: Mapping[str, object], cut: str = ""
    ) -> None:
        """Add a log of those days with its events."""
        name = f"log{len(self.logs)}"
        self.logs.append(
            {
                "log": name,
                "service": "google",
                "covers": list(covers),
                "first": at(first),
                "last": at(last),
                "truncated": cut,
            }
        )
        self.events += [{**event, "log": name, "number": number} for number, event in enumerate(events)]

    def done(self) -> Connection:
        """Observe the mailboxes, write the operations and logs, make the ladder, and give the session."""
        kept, given = _Rows(), []
        seen: set[str] = set()
        for name, messages in self.boxes.items():
            source = Source(f"/mail/{name}/box", "", "mbox", 1, "")
            given.append(GivenSource(source, self.owners.get(name, "")))
            for number, data in enumerate(messages):
                digest, noted = hashlib.sha256(data).hexdigest(), marks(data)
                raw = RawMessage(
                    data, digest, len(data), offset=number, folder=name, flags=noted.flags, labels=noted.labels
                )
                found = list(observe(raw, source.id))
                kept.add(found[:1] if digest in seen else found)
                seen.add(digest)
        kept.write(self.case.tables, "b" * 24)
        for name, rows in (("events", self.events), ("logs", self.logs)):
            if rows:
                store(self.case, name, table(name, rows), "log")
        store(self.case, "rejections", tables.schema("rejections").empty_table(), "found")
        connection = session(self.case, ["b" * 24])
        build(self.case, connection, given)
        received(connection)
        found_by = dict(connection.execute("select subject, list(message) from message_facts group by all").fetchall())
        of = {subject: operation for subject, operation in self.lures.items() if subject in found_by}
        self._store(connection, "operations", [{"operation": one} for one in sorted(set(of.values()))])
        self._store(
            connection,
            "members",
            [{"operation": of[one], "message": message, "role": "judged"} for one in of for message in found_by[one]],
        )
        self._store(
            connection,
            "traces",
            [
                {"message": message, "kind": "origin-ip", "value": value, "hub": hub}
                for one, value, hub in self.traces
                for message in found_by[one]
            ],
        )
        self._store(
            connection,
            "verdicts",
            [{"message": message, "decided": word} for one, word in self.decided.items() for message in found_by[one]],
        )
        ladder(self.case, connection)
        return connection

    def _store(self, connection: Connection, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        store(self.case, name, table(name, rows))
        view(connection, self.case, name)


def table(name: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Make a table of rows of which only some columns are given; the others are empty."""
    schema = tables.schema(name)
    return pa.table({field.name: [row.get(field.name, _empty(field)) for row in rows] for field in schema}, schema)


def _empty(field: pa.Field) -> object:
    if field.nullable:
        return None
    if pa.types.is_list(field.type):
        return []
    return "" if field.type == pa.string() else False if field.type == pa.bool_() else 0


def rungs(connection: Connection, owner: str = ANA, operation: str = OP) -> dict[str, tables.Rung]:
    """Give the ladder of one person by rung."""
    names = ", ".join(f'"{column.name}"' for column in tables.columns(tables.Rung))
    rows = connection.execute(
        f"select {names} from rungs where owner = ? and operation = ? order by step", [owner, operation]
    ).fetchall()
    return {row[2]: tables.Rung(*row) for row in rows}


def at(day: float) -> datetime:
    """Give the time of a day, as `letter` counts them."""
    return START + timedelta(days=day)


def mine(day: float, to: str, subject: str, text: str = "Dear Ben, thank you.", **fields: str) -> bytes:
    """Write a message of Ana's own."""
    return letter(day, ANA, to, subject, text, received=False, **fields)


def answer(lure: bytes, day: float, text: str, to: str = STRANGER, **fields: str) -> bytes:
    """Write Ana's reply to a message."""
    found = re.search(rb"Message-ID: (\S+)", lure)
    assert found
    return mine(day, to, f"Re: {subject_of(lure)}", text, In_Reply_To=found[1].decode(), **fields)


def lure(day: float = AT, subject: str = "The draft on transit", text: str = "", **fields: str) -> bytes:
    """Write a message of the operation, with a link unless another text is given."""
    return letter(
        day, STRANGER, ANA, subject, text or f"Dear Ana, here is the draft: {PAGE}", "Annika Vale", True, **fields
    )


def marked(data: bytes, labels: str) -> bytes:
    """Give a message the labels that an export of its mailbox writes."""
    return f"X-Gmail-Labels: {labels}\n".encode() + data


def confirmed(data: bytes, domain: str, server: str = "mx.campaign.example") -> bytes:
    """Let the receiving server confirm who wrote a message."""
    return f"Authentication-Results: {server}; dkim=pass header.d={domain}\n".encode() + data


def notice(day: float, subject: str, text: str) -> bytes:
    """Write a notice of the account's provider, confirmed as its own."""
    return confirmed(letter(day, "no-reply@campaign.example", ANA, subject, text, "Mail Accounts"), "campaign.example")


def sign_in(day: float, ip: str = HOME, location: str = "Corwin", client: str = "Firefox 126") -> Mapping[str, object]:
    """Write a sign-in to Ana's account, as a log has it."""
    return event(day, "sign-in", ip, location=location, client=client)


def event(
    day: float | None, kind: str, ip: str = HOME, result: str = "success", **more: object
) -> Mapping[str, object]:
    """Write an event of Ana's account, as a log has it."""
    time = None if day is None else at(day)
    return {"time": time, "kind": kind, "ip": ip, "account": ANA, "outcome": result, **more}


def subject_of(data: bytes) -> str:
    """Give the subject of a message that `letter` wrote."""
    found = re.search(rb"\nSubject: (.*)", data)
    assert found
    return found[1].decode()
