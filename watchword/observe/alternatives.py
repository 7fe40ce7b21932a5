"""The plain and the HTML version of one text (RFC 2046 5.1.4): filters often read the one, people see the other."""

from collections.abc import Sequence

from watchword.observe.domain import is_listed
from watchword.parse.message import Defect, Message
from watchword.tables import Link

_FOLLOWED = frozenset({"a", "area", "text"})
_ALTERNATIVE = "multipart/alternative"
SHOWN = 5  # organisations


def differing(message: Message, links: Sequence[Link]) -> list[Defect]:
    """Tell where both versions of a text have links, and none of them leads to the same organisation.

    Links that only their service can resolve may lead anywhere, and settle nothing.
    """
    if not any(part.content_type == _ALTERNATIVE for part in message.parts):
        return []
    around = _around(message)
    plain: dict[int, dict[str, None]] = {}  # organisations by the number of the multipart around
    pages: dict[int, dict[str, None]] = {}
    unknown: set[int] = set()
    for link in links:
        outer = around[link.part]
        if outer < 0 or link.found_in not in _FOLLOWED or link.attachment is not None:
            continue
        if link.target_how and not link.target_url:
            unknown.add(outer)
        owner = link.target_organisation or link.organisation
        if link.scheme in {"http", "https"} and is_listed(owner.rpartition(".")[2]):
            side = plain if message.parts[link.part].content_type == "text/plain" else pages
            side.setdefault(outer, {})[owner] = None
    found = []
    for outer in sorted((plain.keys() & pages.keys()) - unknown):
        if not plain[outer].keys() & pages[outer].keys():
            detail = f"{' '.join(list(plain[outer])[:SHOWN])} | {' '.join(list(pages[outer])[:SHOWN])}"
            found.append(Defect("alternatives-differ", outer, message.parts[outer].start, detail[:200]))
    return found


def _around(message: Message) -> list[int]:
    """Give for each part the number of the innermost alternatives around it, -1 if there are none."""
    found: list[int] = []
    for part in message.parts:  # parents stand before their parts
        outer = message.parts[part.parent] if part.parent >= 0 else None
        is_inside = outer is not None and outer.kind != "message"
        found.append(
            part.parent if outer and outer.content_type == _ALTERNATIVE else found[part.parent] if is_inside else -1
        )
    return found
