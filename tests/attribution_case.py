"""A case for the tests of attribution: operations, actors and hits put into tables, and a folder for what is kept."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from tests.report_case import Rows, connect
from watchword import tables
from watchword.attribute.build import build
from watchword.case import Case

START = datetime(2024, 5, 20, 9, 0, tzinfo=UTC)
OPERATION = "op-11112222"
BEFORE, AFTER = START - timedelta(days=90), START + timedelta(days=30)


def key(number: int) -> str:
    """The name of a message."""
    return hashlib.sha256(f"message {number}".encode()).hexdigest()


class World:
    """Rows of a case, put together for one test."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the case is made."""
        self.case = Case.create(folder / "case")
        self.rows = Rows()
        self.messages = 0

    def operation(self, name: str = OPERATION, messages: int = 3, **given: object) -> list[str]:
        """Add an operation of so many messages, one a day."""
        found = []
        for day in range(messages):
            message = key(self.messages)
            self.messages += 1
            found.append(message)
            when = START + timedelta(days=day)
            self.rows.add("messages", message=message, time=when, date=when, from_address="a@b.example")
            self.rows.add("places", message=message, source="s", owner="ana@campaign.example")
            self.rows.add("members", operation=name, message=message, owner="ana@campaign.example", role="judged")
            self.rows.add("verdicts", message=message, owner="ana@campaign.example", tier="attack", targeted=0.9)
        self.rows.add("operations", operation=name, number=1, messages=messages, first=START, last=START, **given)
        return found

    def actor(self, actor: str, kind: str = "state", **facts: str) -> None:
        """Add an actor, and facts that one source says of it."""
        self.rows.add("actors", actor=actor, name=actor.partition("@")[0].upper(), source="watchword", kind=kind)
        for sort, value in facts.items():
            self.fact(actor, sort, value)

    def fact(self, actor: str, kind: str, value: str, said_by: str = "Lab One", **given: object) -> None:
        """Add one fact of an actor."""
        row = {"reference": f"{said_by} report", "published": BEFORE, "grade": "B2"} | given
        self.rows.add("actor_facts", actor=actor, kind=kind, value=value, said_by=said_by, **row)

    def hit(self, message: str, actor: str, value: str, kind: str = "domain", **given: object) -> None:
        """Let a message of the operation show what somebody says of an actor, with that fact."""
        row = {"operation": OPERATION, "said_by": "Lab One", "published": AFTER, "exact": True} | given
        grade = str(row.pop("grade", "B2"))
        self.rows.add("hits", message=message, actor=actor, kind=kind, value=value, **row)
        if actor and row["said_by"]:
            self.fact(actor, kind, value, str(row["said_by"]), published=row["published"], grade=grade)

    def build(self) -> duckdb.DuckDBPyConnection:
        """Weigh, and open the tables."""
        connection = connect(self.rows.tables)
        for name in tables.ATTRIBUTION:
            connection.execute(f"drop table {name}")
        build(self.case, connection)
        return connection
