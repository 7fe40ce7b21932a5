"""Whom a message was for."""

from watchword.observe.domain import organisation
from watchword.observe.identity import people, person
from watchword.observe.route import Route
from watchword.parse.message import Message
from watchword.tables import Recipient

_FIELDS = ("to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to")
_MOST = 1_000  # rows of one message


def recipients(message: Message, key: str, path: Route) -> list[Recipient]:
    """Give one row for each address in each field; of `for` clauses only the provider's own, others are claims."""
    rows: list[Recipient] = []
    for field in _FIELDS:
        for header in message.all(field):
            if len(rows) >= _MOST:
                return rows
            for box in people(header.raw)[: _MOST - len(rows)]:
                rows.append(
                    Recipient(
                        key,
                        len(rows),
                        field,
                        box.name,
                        box.address,
                        box.domain,
                        organisation(box.domain) if box.domain else "",
                        person(box.name),
                    )
                )
    seen: set[str] = set()
    for hop in path.received[: path.border + 1]:
        address = hop.recipient
        if address and address not in seen:
            seen.add(address)
            domain = address.rpartition("@")[2]
            rows.append(Recipient(key, len(rows), "received-for", "", address, domain, organisation(domain), ""))
    return rows
