"""To which operation a message belongs, by what, and what it resembles: for `watchword why`."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.held_together import kind_title
from watchword.disclose.query import rows
from watchword.disclose.visible import folded, one_line

TIED = 12  # other messages that are listed
ALIKE = 6
SAID = 4  # sentences on one of them, in the terminal


@dataclass(frozen=True, slots=True)
class Reach:
    """Another message that this one is tied to, or resembles."""

    message: Annotated[str, "SHA-256 of its bytes"]
    time: Annotated[datetime | None, "when it arrived"]
    from_address: Annotated[str, "address in From"]
    subject: Annotated[str, "subject, its first 300 characters"]
    bits: Annotated[float, "log2 of the odds that both are of one operation"]
    because: Annotated[tuple[str, ...], "what both share, strongest first; or why they were not put together"]


@dataclass(frozen=True, slots=True)
class Belongs:
    """The operation of a message, and what ties it to the others."""

    operation: Annotated[str, "operations.operation"]
    number: Annotated[int, "operations.number"]
    messages: Annotated[int, "messages in it"]
    people: Annotated[int, "mailboxes that it came to"]
    role: Annotated[str, "judged: it stands out by itself; tied: only the operation shows what it is; decided"]
    falls_off: Annotated[str, "on what this message hangs, if it would fall off without that; empty if it would not"]
    ties: Annotated[tuple[Reach, ...], "messages that it is tied to, strongest first"]
    more_ties: Annotated[int, "beyond those listed, as far as ties were kept"]


def belongs(connection: duckdb.DuckDBPyConnection, message: str) -> Belongs | None:
    """Say to which operation a message belongs; None if it does not stand out and nothing ties it to what does."""
    found = list(
        rows(
            connection,
            """select operation, number, messages, len(owners), role,
                case when list_contains(weakest, ?) then weakest_because else '' end
            from operations join (select distinct operation, message, role from members) using (operation)
            where message = ? order by number limit 1""",
            [message, message],
        )
    )
    if not found:
        return None
    operation, number, messages, people, role, falls_off = found[0]
    said: dict[str, dict[str, None]] = defaultdict(dict)
    about: dict[str, tuple[datetime | None, str, str, float]] = {}
    for other, time, address, subject, total, sentence in rows(
        connection,
        """select other.message, coalesce(messages.time, messages.date), messages.from_address,
            left(messages.subject, 300), total, sentence
        from (
            select other as message, total, counted, kind, sentence from ties where operation = ? and message = ?
            union all
            select message, total, counted, kind, sentence from ties where operation = ? and other = ?
        ) other join messages on messages.message = other.message
        where counted > 0 or kind = 'decided'
        order by total desc, other.message, counted desc, sentence""",
        [operation, message, operation, message],
    ):
        about[other] = (time, address, subject, total)
        said[other][sentence] = None
    ties = [
        Reach(other, time, address, subject, total, tuple(said[other]))
        for other, (time, address, subject, total) in about.items()
    ]
    return Belongs(
        operation, number, messages, people, role, falls_off, tuple(ties[:TIED]), max(0, len(ties) - TIED)
    )  # fmt: skip


def resembles(connection: duckdb.DuckDBPyConnection, message: str) -> tuple[Reach, ...]:
    """Give messages of other operations, or outside all, that this one resembles but was not put together with."""
    return tuple(
        Reach(
            other,
            time,
            address,
            subject,
            bits,
            (f"Both share: {', '.join(kind_title(kind).lower() for kind in shares)}.", because),
        )
        for other, time, address, subject, bits, shares, because in rows(
            connection,
            """select near.message, coalesce(messages.time, messages.date), messages.from_address,
                left(messages.subject, 300), bits, kinds, because
            from (
                select other as message, bits, kinds, because from resemblances where message = ?
                union
                select message, bits, kinds, because from resemblances where other = ?
            ) near join messages on messages.message = near.message
            order by bits desc, near.message limit ?""",
            [message, message, ALIKE],
        )
    )


def lines(told: Belongs | None, alike: tuple[Reach, ...]) -> Iterator[str]:
    """Say it in lines for a terminal."""
    if told:
        role = {
            "judged": "It stands out by itself.",
            "tied": "By itself it does not stand out: only the operation shows what it is.",
        }.get(told.role, "A person decided that it belongs there.")
        yield ""
        yield (
            f"Operation {told.number}, {told.operation}: {words.number(told.messages, 'message')} to "
            f"{words.number(told.people, 'person', 'people')}. {role}"
            if told.messages > 1
            else "No other message is tied to it."
        )
        if told.falls_off:
            yield f"It hangs on one thing: {one_line(told.falls_off)} Without that it would fall off."
        for one in told.ties:
            yield from _lines(one)
        if told.more_ties:
            yield f"     and {told.more_ties} more: watchword operations show {told.operation}"
    if alike:
        yield ""
        yield "What resembles it, and was not put together with it"
        for one in alike:
            yield from _lines(one)


def _lines(one: Reach) -> Iterator[str]:
    weight = f"{one.bits:+6.1f} bits" if one.bits else "   decided"
    yield (
        f"{weight}  message {one.message[:16]}, {words.day(one.time)}, {one_line(one.from_address)}: "
        f"{one_line(folded(one.subject, 120)) or '(no subject)'}"
    )
    yield from (f"     | {one_line(folded(sentence, 300))}" for sentence in one.because[:SAID])
    if len(one.because) > SAID:
        yield f"     | and {words.number(len(one.because) - SAID, 'more thing')}"
