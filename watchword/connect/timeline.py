"""What happened to one person at the hands of one operation, in the order of time."""

from datetime import UTC, datetime

from watchword.engine import Connection
from watchword.tables import Moment


def story(connection: Connection, operation: str, owner: str) -> list[Moment]:
    """Give the moments of one person and operation: lures, replies, notices, events of logs, mail that went on.

    Each message or event stands there once, with what it shows highest on the ladder; what has no time comes last.
    """
    rows = connection.execute(
        """
        select operation, owner, "time", kind, rung, state, sentence, message, log, event
        from moments where operation = ? and owner = ?
        qualify row_number() over (partition by kind, message, log, event
            order by state <> 'shown', list_position(
                ['targeted', 'used', 'entered', 'engaged', 'answered', 'read', 'delivered', ''], rung), sentence) = 1
        order by "time" nulls last, kind <> 'lure', message, log, event
        """,
        [operation, owner],
    ).fetchall()
    return [Moment(one, whose, _utc(time), *told) for one, whose, time, *told in rows]


def _utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC) if time else None
