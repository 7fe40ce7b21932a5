"""What people decided about messages, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.case import Decision
from watchword.disclose.query import rows

DECISIONS = 200  # listed one by one


@dataclass(frozen=True, slots=True)
class Decided:
    """One message about which a person decided."""

    message: Annotated[str, "SHA-256 of its bytes"]
    owner: Annotated[str, "whose mailbox"]
    time: Annotated[datetime | None, "when the message arrived"]
    from_address: Annotated[str, "address in From"]
    subject: Annotated[str, "subject, its first 1,000 characters"]
    decided: Annotated[str, "malicious, harmless or unsure"]
    because: Annotated[str, "why, in that person's words"]
    when: Annotated[str, "when it was decided, ISO 8601"]


def what_people_decided(connection: duckdb.DuckDBPyConnection, decisions: Sequence[Decision]) -> tuple[Decided, ...]:
    """List what people decided, on the latest messages first; `decisions` are all, with their reasons."""
    last = {decision.message: decision for decision in decisions}
    found = []
    for message, owner, time, address, subject, said in rows(
        connection,
        """select message, verdicts.owner, messages.time, messages.from_address, left(messages.subject, 1000),
            verdicts.decided
        from verdicts join messages using (message) where verdicts.decided <> ''
        order by messages.time desc nulls last, message limit ?""",
        [DECISIONS],
    ):
        decision = last.get(message)
        because, when = (decision.because, decision.time) if decision else ("", "")
        found.append(Decided(message, owner, time, address, subject, said, because, when))
    return tuple(found)
