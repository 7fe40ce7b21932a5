"""What mail providers themselves told the owners: of attacks, and of sign-ins and changes to their accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose.query import rows

LISTED = 40  # notices of one kind


@dataclass(frozen=True, slots=True)
class Notice:
    """One message of a provider to its user, as `government-backed attackers`."""

    message: Annotated[str, "SHA-256 of its bytes"]
    owner: Annotated[str, "who was told"]
    time: Annotated[datetime | None, "when"]
    from_address: Annotated[str, "who told"]
    subject: Annotated[str, "subject, its first 1,000 characters"]
    sentence: Annotated[str, "what it says, and how we know that it is genuine"]


@dataclass(frozen=True, slots=True)
class Notices:
    """Notices of one kind, the newest first."""

    count: Annotated[int, "how many there are"]
    listed: Annotated[tuple[Notice, ...], "the newest of them"]


def notices(connection: duckdb.DuckDBPyConnection, group: str) -> Notices:
    """Gather what detectors of the group `notice` (attacks) or `account` (sign-ins, changes) found.

    What is itself suspected of being an attack is no notice.
    """
    found = list(
        rows(
            connection,
            """select message, verdicts.owner, messages.time, messages.from_address, left(messages.subject, 1000),
                any_value(findings.sentence), count(*) over ()
            from findings join verdicts using (message) join messages using (message)
            where findings."group" = ? and verdicts.tier in ('notice', 'quiet')
            group by message, verdicts.owner, messages.time, messages.from_address, messages.subject
            order by messages.time desc nulls last, message limit ?""",
            [group, LISTED],
        )
    )
    return Notices(found[0][-1] if found else 0, tuple(Notice(*row[:-1]) for row in found))
