"""What servers recorded about a message's authentication, and which of it the receiving provider itself wrote.

Servers write above what they receive. So all fields above the border's Received are the provider's own, and all below
are the sender's claims. Two providers need more: Google writes its results directly below its own Received, and Proton
sorts the header by field name.
"""

from dataclasses import dataclass

from watchword.observe.domain import organisation
from watchword.observe.results import Result, read_received_spf, read_results
from watchword.observe.route import Route
from watchword.parse.message import Defect, Header, Message
from watchword.tables import Authentication

_FIELDS = frozenset(("authentication-results", "arc-authentication-results", "received-spf"))
_MOST_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Authentications:
    """The rows, and what is odd about the fields."""

    rows: list[Authentication]
    defects: list[Defect]


def authentications(message: Message, key: str, path: Route, from_organisation: str) -> Authentications:
    """Read every recorded result, and tell which the receiving provider wrote: its place and authserv-id say so."""
    rows: list[Authentication] = []
    defects: list[Defect] = []
    headers = message.named(_FIELDS)
    if len(headers) > _MOST_FIELDS:
        defects.append(Defect("limit-authentication-results", 0, headers[_MOST_FIELDS].start, f"{len(headers)} fields"))
    beneath = _beneath(message, path)
    said: set[tuple[str, str, str]] = set()  # what the provider itself found
    wanted = path.provider.sorted_until
    for header in headers[:_MOST_FIELDS]:
        server, results, cut = _read(header)
        trusted = own = path.border >= 0 and path.trusts(server)
        if path.provider.sorted_until:
            trusted = own and bool(wanted) and header.name == "authentication-results"
            if trusted:
                wanted = wanted.difference(result.method for result in results)
        elif own:
            trusted = header.start < path.headers[path.border].start or header.start in beneath
        if cut:
            defects.append(Defect("results-unclosed", 0, header.start, header.value[:200]))
        found = {(result.method, result.result, result.domain) for result in results}
        if trusted:
            said |= found
        elif own and server and header.name == "authentication-results" and not found <= said:
            defects.append(Defect("results-below-border", 0, header.start, header.value[:200]))
        for result in results:
            domain = organisation(result.domain) if result.domain else ""
            rows.append(
                Authentication(
                    message=key,
                    number=len(rows),
                    field=header.name,
                    server=server,
                    method=result.method,
                    result=result.result,
                    domain=result.domain,
                    organisation=domain,
                    selector=result.selector,
                    aligned=bool(domain) and domain == from_organisation,
                    trusted=trusted,
                    by_receiver=own,
                )
            )
    return Authentications(rows, defects)


def _beneath(message: Message, path: Route) -> set[int]:
    """Find the fields that the provider's door wrote below its own Received: where they begin.

    The sender's own header follows at once and may begin with a copy, so the first field of each name counts.
    """
    found: dict[str, int] = {}
    below = path.provider.writes_below
    if path.border < 0 or not below or not path.received[path.border].by_host.endswith(below):
        return set()
    border = path.headers[path.border].start
    for header in message.headers:
        if header.start > border:
            if header.name not in ("received-spf", "authentication-results") or header.name in found:
                break
            found[header.name] = header.start
    return set(found.values())


def _read(header: Header) -> tuple[str, list[Result], bool]:
    if header.name == "received-spf":
        server, result = read_received_spf(header.value)
        return server, [result] if result else [], False
    return read_results(header.value)
