"""What servers recorded about a message's authentication, and which of it the receiving provider itself wrote."""

from collections.abc import Iterator
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
    """Read every recorded result.

    A field is trusted if the receiving provider added it and says so by its authserv-id. Servers write above what they
    receive, so all fields above the border's Received are the provider's own. Google alone writes Received-SPF and
    Authentication-Results directly below it; there the first of each counts, because the sender's own header follows
    and may begin with a copy.
    """
    rows: list[Authentication] = []
    defects: list[Defect] = []
    for number, (header, position) in enumerate(_fields(message, path)):
        if number >= _MOST_FIELDS:
            defects.append(Defect("limit-authentication-results", 0, header.start, f"more than {_MOST_FIELDS} fields"))
            break
        server, results, cut = _read(header)
        own = path.border >= 0 and path.trusts(server)
        if cut:
            defects.append(Defect("results-unclosed", 0, header.start, header.value[:200]))
        if own and server and position == "below" and header.name == "authentication-results":
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
                    trusted=own and position == "own",
                )
            )
    return Authentications(rows, defects)


def _fields(message: Message, path: Route) -> Iterator[tuple[Header, str]]:
    """Give the fields that hold results, each with `own` or `below`: where it stands to the border."""
    border = path.headers[path.border].start if path.border >= 0 else -1
    beneath: set[str] = set()  # fields that a door which writes below its own Received may still have written
    if border >= 0 and path.writes_below:
        beneath = {"received-spf", "authentication-results"}
    for header in message.headers:
        if header.name in _FIELDS:
            if header.start < border:
                yield header, "own"
            elif header.name in beneath:
                beneath.discard(header.name)
                yield header, "own"
            else:
                yield header, "below"
        elif header.start > border:
            beneath.clear()


def _read(header: Header) -> tuple[str, list[Result], bool]:
    if header.name == "received-spf":
        server, result = read_received_spf(header.value)
        return server, [result] if result else [], False
    return read_results(header.value)
