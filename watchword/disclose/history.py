"""How much earlier mail stood behind a verdict: what is usual for somebody is learned from their mailbox alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.query import rows

ENOUGH = 100  # earlier messages of a mailbox; with fewer, what is usual for its owner and their people is not known


@dataclass(frozen=True, slots=True)
class History:
    """The earlier mail of the same mailbox against which one message was judged."""

    messages: Annotated[int, "messages in the mailbox before this one"]
    days: Annotated[float | None, "over how many days they reach, None if the message has no time"]
    is_enough: Annotated[bool, "whether they are enough to say what is usual"]
    silent: Annotated[tuple[str, ...], "if not: titles of the detectors that compare with it and said nothing"]
    sentence: Annotated[str, "the same in words, and what follows where it is not enough"]


def histories(connection: duckdb.DuckDBPyConnection, silent: Mapping[str, Sequence[str]]) -> dict[str, History]:
    """Say for messages how much history stood behind each.

    `silent` has for each message the titles of the detectors that need history and said nothing of it. A few false
    dates at the beginning of a mailbox do not make it old.
    """
    return {
        message: _history(messages, days, silent[message])
        for message, messages, days in rows(
            connection,
            """
            with wanted as (
                select messages.message, relationships.owner, messages.time, history
                from messages join relationships using (message) where messages.message in (select unnest(?))
            ),
            begun as (
                select relationships.owner, quantile_disc(messages.time, 0.005) as since
                from messages join relationships using (message)
                where relationships.owner in (select owner from wanted) group by relationships.owner
            )
            select message, any_value(history), any_value(greatest(0, date_diff('second', since, time) / 86400.0))
            from wanted left join begun using (owner) group by message
            """,
            [list(silent)],
        )
    }


def too_little(silent: Sequence[str]) -> str:
    """What follows from too little history. `silent` are the titles of detectors that compare with it, in vain."""
    compare = f"{words.number(len(silent), 'detector')} that {'compares' if len(silent) == 1 else 'compare'} with it"
    return (
        f"fewer than the {ENOUGH} that it takes to say what is usual: "
        + (f"{compare} said nothing, and " if silent else "")
        + "whoever is called a stranger or newcomer may be an old acquaintance."
    )


def span(days: float) -> str:
    """A stretch of time in words, as `12 days`, `7 weeks`, `5 months` or `2 years`."""
    for most, length, unit in ((14, 1, "day"), (60, 7, "week"), (700, 30.44, "month"), (float("inf"), 365.25, "year")):
        if days < most:
            return words.number(round(days / length), unit)
    raise AssertionError(days)


def _history(messages: int, days: float | None, silent: Sequence[str]) -> History:
    over = f" ({span(days)})" if days else ""
    earlier = words.number(messages, "earlier message") if messages else "no earlier message"
    said = f"Judged against {earlier} of this mailbox{over}"
    if messages >= ENOUGH:
        return History(messages, days, True, (), f"{said}.")
    return History(messages, days, False, tuple(silent), f"{said}, {too_little(silent)}")
