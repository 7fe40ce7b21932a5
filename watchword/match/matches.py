"""The table `matches`: what comparisons found, as the case's operations are now."""

from datetime import datetime

import pyarrow as pa

from watchword import tables
from watchword.case import Case
from watchword.engine import Connection, store, view
from watchword.match.choose import holders
from watchword.match.exchange import Item
from watchword.match.sessions import Found, Session, Sessions


def fill(case: Case, connection: Connection) -> None:
    """Fill `matches` from the sessions in `CASE/matches/`: of one item and partner, what the last session found."""
    latest: dict[tuple[str, Item], tuple[Session, Found]] = {}
    for session in Sessions(case).all():
        for one in session.found:
            latest[session.partner, Item(one.sort, one.value)] = session, one
    held = holders(connection, {item for _, item in latest}) if latest else {}
    rows = []
    for (partner, item), (session, one) in sorted(latest.items(), key=lambda entry: (entry[0][0], *_key(entry[0][1]))):
        # An item whose operation was since taken apart or judged otherwise is still a match, but of no operation.
        for kind, operation in held.get(item) or [(item.sort, "")]:
            rows += [
                tables.Match(partner, datetime.fromisoformat(session.ended), kind, item.value, operation, number)
                for number in [str(number) for number in one.partner_operations] or [""]
            ]
    schema = tables.schema("matches")
    table = pa.table({name: [getattr(row, name) for row in rows] for name in schema.names}, schema=schema)
    store(case, "matches", table)
    view(connection, case, "matches")


def _key(item: Item) -> tuple[str, str]:
    return item.sort, item.value
