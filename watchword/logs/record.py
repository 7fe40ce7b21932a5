"""One record of a log as it was exported, and what is read from it."""

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watchword.logs.values import ITEMS, TEXT, read_time
from watchword.tables import Event


class UnreadableError(ValueError):
    """A record that cannot become an event: the reason in words, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        """`reason` and `advice` are one sentence each."""
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


class Record:
    """Named values, perhaps nested, of which nothing is certain: what is missing or of another type reads as empty."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        """`values` are as JSON gives them."""
        self.values = values

    def text(self, *names: str) -> str:
        """Give the first of these values that is not empty, as text of at most TEXT characters."""
        for name in names:
            value = self.values.get(name)
            if not value and value != 0:
                continue
            if type(value) is str and len(value) <= TEXT and value.isascii():  # most are
                return value.strip()
            if not isinstance(value, (dict, list)):
                return as_text(value)
        return ""

    def long_text(self, name: str) -> str:
        """Give a value in its whole length."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def under(self, name: str) -> "Record":
        """Give a nested record; an empty one where there is none."""
        value = self.values.get(name)
        return Record(value) if isinstance(value, dict) else _EMPTY

    def records(self, name: str) -> "list[Record]":
        """Give a list of nested records, also where they are JSON in a text."""
        value = self.values.get(name)
        if isinstance(value, str) and value[:1] in ("[", "{"):
            value = embedded(value)
        if isinstance(value, dict):
            value = [value]
        return [Record(one) for one in value[:ITEMS] if isinstance(one, dict)] if isinstance(value, list) else []

    def texts(self, name: str) -> list[str]:
        """Give a list of texts."""
        value = self.values.get(name)
        if not isinstance(value, list):
            value = [] if value in (None, "") or isinstance(value, dict) else [value]
        return [as_text(one) for one in value[:ITEMS] if one is not None and not isinstance(one, (dict, list))]

    def pairs(self, name: str, key: str = "Name", value: str = "Value") -> dict[str, str]:
        """Give a list of named values, as [{"Name": "ForwardTo", "Value": "x@example.org"}]."""
        found: dict[str, str] = {}
        for one in self.records(name):
            found.setdefault(one.text(key), one.text(value) or "; ".join(one.texts(value)))
        return found

    def has(self, *names: str) -> bool:
        """Say whether all these names are there."""
        return all(name in self.values for name in names)


_EMPTY = Record({})


def as_text(value: object) -> str:
    """Write a value as text that Arrow takes: no half of a surrogate pair, at most TEXT characters."""
    text = value if isinstance(value, str) else json.dumps(value)
    if len(text) > TEXT:
        text = text[: TEXT - 1] + "…"
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text.strip()


def embedded(text: str) -> object:
    """Read JSON that is a value of a record; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@dataclass(slots=True)
class Reading:
    """What is known while one log is read: where it is, how its times are written, and what was seen so far."""

    log: str
    service: str
    account: str = ""  # whose log it is, where the log does not say and the user did
    day_first: bool = False
    number: int = 0
    record: Record = _EMPTY  # that is read now
    known: bool = True  # whether the operation of the record that is read now is one that is known here
    workloads: set[str] = field(default_factory=set)  # parts of the service, of which events occurred
    naive: int = 0  # times without zone, where the form does not say that they are UTC
    cut: int = 0  # records whose inner JSON ends before its end
    throttled: int = 0
    synced: int = 0  # readings of a whole folder
    totals: dict[int, int] = field(default_factory=dict)  # rows by the number of results that the search had
    row_id: Callable[[], str] = str  # gives the record that is read now an id, where the log gives none

    def time(self, text: str, *, utc: bool) -> datetime | None:
        """Read a time; `utc` says that the form's times without zone are UTC. Raises UnreadableError."""
        if not text:
            return None
        moment, zoned = _cached_time(text, self.day_first)
        if moment is None:
            raise UnreadableError(
                f"Its time {text[:60]!r} is not understood.", "Export it with times as 2024-06-04T23:52:44Z."
            )
        if not zoned and not utc:
            self.naive += 1
        return moment

    def event(
        self,
        *,
        provider_id: str,
        time: datetime | None,
        kind: str,
        action: str,
        account: str = "",
        actor: str = "",
        ip: str = "",
        location: str = "",
        client: str = "",
        application: str = "",
        scopes: list[str] | None = None,
        target: str = "",
        internet_message_ids: list[str] | None = None,
        outcome: str = "success",
        detail: str = "",
    ) -> Event:
        """Make an event of the record that is read now."""
        return Event(
            self.log,
            self.number,
            provider_id or self.row_id(),
            time,
            self.service,
            kind,
            account or self.account,
            actor,
            ip,
            location,
            client,
            application,
            scopes or [],
            target,
            internet_message_ids or [],
            outcome,
            action,
            detail,
        )


@functools.lru_cache(4_096)
def _cached_time(text: str, day_first: bool) -> tuple[datetime | None, bool]:
    return read_time(text, day_first=day_first)


Unfold = Callable[[Record], Iterable[Record]]
Read = Callable[[Record, Reading], Event]


def itself(record: Record) -> Iterator[Record]:
    """Give the record as the one row that it is."""
    yield record
