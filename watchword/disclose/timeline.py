"""Who got how much mail when: the grey ground of the picture, counted in equal pieces of the time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import duckdb

from watchword.disclose.coverage import Owner
from watchword.disclose.query import rows

BINS = 240  # pieces of the time axis


@dataclass(frozen=True, slots=True)
class Row:
    """One owner's row in the picture of who was targeted when."""

    owner: Annotated[str, "whose mailbox"]
    density: Annotated[tuple[int, ...], "judged messages in each of the equal pieces of the time axis"]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The time axis: where it begins and ends, and how much mail there was."""

    start: Annotated[datetime | None, "where the axis begins, None if no message has a time"]
    stop: Annotated[datetime | None, "where it ends"]
    rows: Annotated[tuple[Row, ...], "one for each owner"]
    outside: Annotated[int, "judged messages that lie outside the axis, mostly with false dates"]
    undated: Annotated[int, "judged messages without a time"]


def timeline(connection: duckdb.DuckDBPyConnection, people: Sequence[Owner], listed: Sequence[datetime]) -> Timeline:
    """Cut the axis where nearly all mail lies: a few false dates must not squeeze it; what is listed always fits."""
    ((low, high, first, last, undated),) = rows(
        connection,
        """select quantile_disc(messages.time, 0.005), quantile_disc(messages.time, 0.995),
            min(messages.time), max(messages.time),
            count(*) filter (messages.time is null)
        from verdicts join messages using (message)""",
    )
    if low is None:
        return Timeline(None, None, (), 0, undated)
    if last - first <= 1.5 * (high - low):
        low, high = first, last
    start, stop = min([low, *listed]), max([high, *listed])
    margin = max((stop - start) / 100, timedelta(hours=12))
    start, stop = start - margin, stop + margin
    density = {owner.address: [0] * BINS for owner in people}
    outside = 0
    for owner, piece, messages in rows(
        connection,
        """select verdicts.owner,
            floor((epoch(messages.time) - ?) / ? * ?)::bigint as piece, count(*)
        from verdicts join messages using (message) where messages.time is not null group by all order by all""",
        [start.timestamp(), (stop - start).total_seconds(), BINS],
    ):
        if 0 <= piece < BINS:
            density[owner][piece] += messages
        else:
            outside += messages
    drawn = tuple(Row(owner, tuple(pieces)) for owner, pieces in density.items())
    return Timeline(start, stop, drawn, outside, undated)
