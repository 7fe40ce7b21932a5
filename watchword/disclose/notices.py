"""What is shown beside the verdicts: what mail providers told the owners, and what was seen but cannot be weighed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose.query import rows

LISTED = 40  # notices of one kind
NEXT = 20  # messages that come next in line
NEXT_ODDS = 64  # how much likelier than a message on which nothing was seen the least of them is


@dataclass(frozen=True, slots=True)
class Notice:
    """One message: of a provider to its user, as `government-backed attackers`, or with a sign that has no weight."""

    message: Annotated[str, "SHA-256 of its bytes"]
    owner: Annotated[str, "who was told"]
    time: Annotated[datetime | None, "when"]
    from_address: Annotated[str, "who told"]
    subject: Annotated[str, "subject, its first 1,000 characters"]
    sentence: Annotated[str, "what it says and how we know that it is genuine, or what was seen"]


@dataclass(frozen=True, slots=True)
class Notices:
    """Notices of one kind, the newest first, or the likeliest first where they are next in line."""

    count: Annotated[int, "how many there are"]
    listed: Annotated[tuple[Notice, ...], "the first of them"]


def notices(connection: duckdb.DuckDBPyConnection, group: str) -> Notices:
    """Gather what detectors of the group `notice` (attacks) or `account` (sign-ins, changes) found.

    What is itself suspected of being an attack is no notice.
    """
    return _listed(connection, """findings."group" = ? and verdicts.tier in ('notice', 'quiet')""", [group])


def unweighed(connection: duckdb.DuckDBPyConnection) -> Notices:
    """Gather messages in which nothing stands out, but on which a detector fired that was never measured.

    It fired on no mail that weights are measured on, or is one of the case's own: rare, and so worth a look.
    """
    return _listed(
        connection,
        """verdicts.tier = 'quiet' and findings."group" not in ('notice', 'account', 'known') and detector in (
            select detector from detector_runs where bits is null and error = '')""",
        [],
    )


def spoken_of(connection: duckdb.DuckDBPyConnection) -> Notices:
    """Gather offers of documents and threats by strangers that are not among what was chosen.

    Honest sources and stern offices write the same, so such a message accuses nobody; but stolen papers and
    intimidation come this way, and who is offered or threatened must know that somebody looked.
    """
    return _listed(
        connection,
        """not coalesce(verdicts.chosen, false) and verdicts.tier in ('quiet', 'suspicious', 'attack')
        and detector in ('offers-documents', 'extorts')""",
        [],
    )


def next_in_line(connection: duckdb.DuckDBPyConnection) -> Notices:
    """Gather the likeliest messages that were not chosen, one for each conversation: to look at if there is time."""
    found = list(
        rows(
            connection,
            f"""
            with stories as (
                select *, coalesce(bool_or(chosen) over (partition by owner, conversation), false) as is_shown
                from verdicts where rank is not null
            ),
            likeliest as (
                select message, owner, probability, targeted, reasons
                from stories where tier in ('quiet', 'suspicious', 'attack') and not is_shown
                qualify row_number() over (partition by owner, conversation
                    order by probability * targeted desc, message) = 1
            )
            select message, likeliest.owner, messages.time, messages.from_address, left(messages.subject, 1000),
                array_to_string(reasons[1:3], ' '), count(*) over ()
            from likeliest join messages using (message)
            where len(reasons) > 0 and probability >= {NEXT_ODDS} * (select median(probability) from verdicts)
            order by probability * targeted desc, message limit {NEXT}
            """,
        )
    )
    return Notices(found[0][-1] if found else 0, tuple(Notice(*row[:-1]) for row in found))


def _listed(connection: duckdb.DuckDBPyConnection, where: str, values: list[str]) -> Notices:
    found = list(
        rows(
            connection,
            f"""select message, verdicts.owner, messages.time, messages.from_address, left(messages.subject, 1000),
                string_agg(findings.sentence, ' ' order by detector), count(*) over ()
            from findings join verdicts using (message) join messages using (message)
            where {where} and not carried
            group by message, verdicts.owner, messages.time, messages.from_address, messages.subject
            order by messages.time desc nulls last, message limit ?""",
            [*values, LISTED],
        )
    )
    return Notices(found[0][-1] if found else 0, tuple(Notice(*row[:-1]) for row in found))
