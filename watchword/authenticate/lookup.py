"""Ask the DNS for records that messages of a case need, at the user's word, and keep every answer with its date.

This is the only module that talks to a network. Answers go to `keys/answers.jsonl` at once, also that a name does not
exist, so that a run that was interrupted goes on where it stopped.
"""

import ipaddress
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watchword.authenticate.kept import ANSWERS
from watchword.authenticate.records import Record, Status
from watchword.errors import WatchwordError

if TYPE_CHECKING:
    import dns.message

_SECONDS = 5.0  # to wait for an answer
_TRIES = 2
_ALIASES = 8


@dataclass(frozen=True, slots=True)
class Resolver:
    """The server that is asked."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        """As shown and kept."""
        return self.address if self.port == 53 else f"{self.address}:{self.port}"


def resolver(said: str) -> Resolver:
    """Read an address as the user writes it, with or without port; empty means this system's own resolver.

    Raises WatchwordError where it is no address, or the system names none.
    """
    if not said:
        return _system()
    address, colon, port = said.rpartition(":") if said.count(":") == 1 or said.startswith("[") else (said, "", "")
    if said.startswith("[") and said.endswith("]"):
        address, colon, port = said, "", ""
    try:
        host = str(ipaddress.ip_address(address.strip("[]")))
        return Resolver(host, int(port) if colon else 53)
    except ValueError:
        raise WatchwordError(
            f"--resolver {said} is no address.", do="Write it as 192.0.2.53 or 192.0.2.53:53."
        ) from None


def ask(server: Resolver, name: str, kind: str, at: datetime) -> list[Record]:
    """Ask one question; give what the answer says, aliases and all. A server that does not answer gives `failed`."""
    import dns.exception
    import dns.flags
    import dns.message
    import dns.query

    try:
        question = dns.message.make_query(name, kind, use_edns=0)
    except (dns.exception.DNSException, ValueError):
        return [Record(name, kind, (), "no-name", at, at, str(server))]
    for _ in range(_TRIES):
        try:
            answer, _ = dns.query.udp_with_fallback(question, server.address, timeout=_SECONDS, port=server.port)
        except (dns.exception.DNSException, OSError, ValueError):
            continue
        return _read(answer, name, kind, at, str(server))
    return [Record(name, kind, (), "failed", at, at, str(server))]


def look_up(
    folder: Path,
    server: Resolver,
    questions: Iterable[tuple[str, str]],
    now: Callable[[], datetime],
    wait: Callable[[], None],
    told: Callable[[str, str, Sequence[Record]], None],
) -> list[Record]:
    """Ask every question and append each answer to `answers.jsonl`; `told` hears of each, `wait` keeps the rate."""
    folder.mkdir(exist_ok=True)
    found: list[Record] = []
    with (folder / ANSWERS).open("ab", buffering=0) as stream:
        for number, (name, kind) in enumerate(questions):
            if number:
                wait()
            records = ask(server, name, kind, now())
            stream.write(b"".join(map(_line, records)))
            told(name, kind, records)
            found += [record for record in records if record.status != "failed"]
    return found


def _system() -> Resolver:
    import dns.resolver

    try:
        servers = dns.resolver.Resolver().nameservers
    except (dns.resolver.NoResolverConfiguration, OSError):
        servers = []
    for server in servers:
        if isinstance(server, str):
            return Resolver(server)
    raise WatchwordError("This system names no DNS resolver.", do="Give one with --resolver ADDRESS.")


def _read(answer: "dns.message.Message", name: str, kind: str, at: datetime, source: str) -> list[Record]:
    import dns.rcode

    code = answer.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return [Record(name, kind, (), "failed", at, at, source)]
    sets: dict[tuple[str, str], tuple[str, ...]] = {}
    for rrset in answer.answer:
        owner = rrset.name.to_text(omit_final_dot=True).lower()
        sets[owner, dns_type(rrset.rdtype)] = tuple(_value(data) for data in rrset)
    found: list[Record] = []
    last = name
    for _ in range(_ALIASES):
        alias = sets.get((last, "CNAME"))
        if not alias or kind == "CNAME":
            break
        found.append(Record(last, "CNAME", alias, "found", at, at, source))
        last = alias[0]
    values = sets.get((last, kind), ())
    status: Status = "found" if values else "no-name" if code == dns.rcode.NXDOMAIN else "no-data"
    return [*found, Record(last, kind, values, status, at, at, source)]


def dns_type(number: int) -> str:
    """Give the mnemonic of a type."""
    import dns.rdatatype

    return str(dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number)))


def _value(data: object) -> str:
    from dns.rdtypes.ANY.TXT import TXT

    if isinstance(data, TXT):
        return b"".join(data.strings).decode("latin-1")
    return str(data).lower().removesuffix(".")


def _line(record: Record) -> bytes:
    assert record.first is not None  # noqa: S101  # a look-up has its time
    said = {
        "name": record.name,
        "type": record.type,
        "status": record.status,
        "values": list(record.values),
        "time": record.first.isoformat(),
        "resolver": record.source,
    }
    return (json.dumps(said, ensure_ascii=True) + "\n").encode()
