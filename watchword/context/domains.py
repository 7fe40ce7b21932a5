"""What is known of each domain and host of a case: how much used, who may use it, whose it is, what it looks like."""

import functools
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.resources import files

import pyarrow as pa

from watchword import tables
from watchword.case import Case
from watchword.context.lookalike import Lookalike, lookalikes, spelled
from watchword.context.misspelt import misspelt
from watchword.context.service_words import service_words
from watchword.engine import Connection, store, view
from watchword.observe.domain import organisation
from watchword.observe.known import KnownIdentity, hosting, identities

RANKS = ((10_000, "tranco10k"), (1_000_000, "tranco"))


def hosts(case: Case, connection: Connection) -> None:
    """Fill `hosts`: what anybody can do at each host that a link leads to."""
    known = hosting(case.knowledge)
    shorteners = known.shorteners | _listed("url-shortener")
    dynamic = _listed("dynamic-dns")
    rows = [
        tables.Host(
            host=host,
            organisation=owner,
            is_shortener=_among(host, shorteners),
            is_shared_hosting=_among(host, known.shared_hosting),
            is_file_host=_among(host, known.file_hosts),
            is_dynamic=_among(host, dynamic),
            is_bulk_mailer=_among(host, known.bulk_mailers | known.click_trackers),
        )
        for host, owner in connection.execute(
            """select host, organisation from links where host <> ''
            union select target_host, target_organisation from links where target_host <> '' order by host"""
        ).fetchall()
    ]
    _store(case, connection, "hosts", rows)


def domains(case: Case, connection: Connection) -> None:
    """Fill `identities` and `domains`, look-alikes of correspondents and identities among them."""
    known = hosting(case.knowledge)
    everyone = identities(case.knowledge)
    _store(
        case,
        connection,
        "identities",
        [tables.Identity(one.id, one.name, one.kind, list(one.domains), list(one.shared_domains)) for one in everyone],
    )
    owned_by = _Owned(everyone)
    seen = connection.execute(
        """
        with named as (
            select from_organisation as organisation, coalesce(time, date) as moment from message_facts
            union all select reply_organisation, coalesce(time, date) from message_facts
            union all select return_organisation, coalesce(time, date) from message_facts
            union all select organisation, first from addresses where is_owner
            union all
            select unnest([links.organisation, links.target_organisation]),
                coalesce(message_facts.time, message_facts.date)
            from links join message_facts using (message)
        ),
        kept as (
            select organisation, count(*) filter (protected and not is_owner) as correspondents,
                bool_or(is_owner) as is_own,
                date_diff('day', min(first), max(last)) >= 60 and sum(wrote + was_written) >= 5
                    and sum(was_written) >= 1 as long_known
            from addresses group by organisation
        )
        select named.organisation, min(named.moment), coalesce(any_value(kept.correspondents), 0),
            coalesce(any_value(kept.is_own), false), coalesce(any_value(kept.long_known), false)
        from named left join kept using (organisation)
        where named.organisation <> ''
        group by named.organisation order by named.organisation
        """
    ).fetchall()
    popular = popularity(row[0] for row in seen)
    disposable = _listed("disposable-email")
    ours = {name for name, _, _, is_own, *_ in seen if is_own and name not in known.freemail} | set(case.own_domains)
    standing = {
        name for name, _, correspondents, _, long_known in seen if correspondents and long_known
    } - known.freemail
    similar = _similar(
        connection,
        [row[0] for row in seen],
        ours,
        standing,
        everyone,
        popular.keys() | known.freemail | known.bulk_mailers,
    )
    wrong = misspelt(connection, popular.keys() | known.freemail | known.bulk_mailers | standing | ours)
    first = {row[0]: row[1] for row in seen}
    rows = []
    for name, moment, correspondents, _, _ in seen:
        alike = similar.get(name)
        # What looks like a domain that came later is the original, and its likeness the copy.
        if alike and alike.of in first and moment and first[alike.of] and first[alike.of] >= moment:
            alike = None
        identity = owned_by.get(name)
        model = owned_by.get(alike.of) if alike else None
        rows.append(
            tables.Domain(
                organisation=name,
                popularity=popular.get(name),
                is_freemail=name in known.freemail,
                is_disposable=name in disposable,
                is_bulk_mailer=name in known.bulk_mailers,
                identity=identity.id if identity else "",
                correspondents=correspondents,
                first=moment,
                misspells=wrong.get(name, ""),
                service_words=service_words(name),
                lookalike_of=alike.of if alike else "",
                lookalike_how=alike.how if alike else "",
                lookalike_identity=model.id if model else "",
                lookalike_whose=""
                if not alike
                else "owner"
                if alike.of in ours
                else model.kind
                if model
                else "correspondent",
            )
        )
    _store(case, connection, "domains", rows)


class _Owned:
    """Whose a domain is: by the domain itself, or by a public suffix under which only one body registers."""

    def __init__(self, everyone: Sequence[KnownIdentity]) -> None:
        self.domains = {domain: one for one in everyone for domain in one.domains}
        self.suffixes = {suffix: one for one in everyone for suffix in one.suffixes}

    def get(self, name: str) -> KnownIdentity | None:
        if name in self.domains:
            return self.domains[name]
        rest = name
        while rest:
            rest = rest.partition(".")[2]
            if rest in self.suffixes:
                return self.suffixes[rest]
        return None


def _similar(
    connection: Connection,
    names: Sequence[str],
    ours: set[str],
    standing: set[str],
    everyone: Sequence[KnownIdentity],
    harmless: Collection[str],
) -> dict[str, Lookalike]:
    """Find look-alikes of our own domains, of identities, and of correspondents of long standing.

    Correspondents are compared with identities and our own only: two honest firms may well have similar names.
    """
    owned = {domain for one in everyone for domain in one.domains}
    ends = tuple(f".{suffix}" for one in everyone for suffix in one.suffixes)
    mimics = {
        stem: one.domains[0] for one in everyone if one.domains for stem in (*sorted(spelled(one.names)), *one.mimics)
    }
    apart = owned | set(harmless) | {name for name in names if name.endswith(ends)}
    hosts = [row[0] for row in connection.execute("select host from hosts").fetchall()]
    found = lookalikes([*names, *sorted(hosts)], owned | ours | standing, mimics=mimics, harmless=apart)
    found |= lookalikes(sorted(standing - apart), owned | ours, mimics=mimics, harmless=apart)
    by_owner: dict[str, Lookalike] = {}
    for name, alike in found.items():
        by_owner.setdefault(organisation(name), alike)
    return by_owner


def _among(host: str, listed: frozenset[str]) -> bool:
    """Say whether a list names a host or a domain above it, also one under which each tenant is an organisation."""
    while host:
        if host in listed:
            return True
        host = host.partition(".")[2]
    return False


@functools.cache
def _listed(name: str) -> frozenset[str]:
    """Read one list that pymispwarninglists ships."""
    return frozenset(_entries(name))


def _entries(name: str) -> Iterator[str]:
    place = files("pymispwarninglists").joinpath("data", "misp-warninglists", "lists", name, "list.json")
    return (entry.strip(".").lower() for entry in json.loads(place.read_text("utf-8"))["list"])


def popularity(names: Iterable[str]) -> dict[str, int]:
    """Say of each much used domain among how many it is. The million is not kept: it takes 150 MB."""
    wanted = set(names)
    found: dict[str, int] = {}
    for rank, listed in RANKS:
        for entry in _entries(listed):
            if entry in wanted:
                found.setdefault(entry, rank)
    return found


def _store(case: Case, connection: Connection, name: str, rows: Iterable[object]) -> None:
    schema = tables.schema(name)
    columns: dict[str, list[object]] = {field: [] for field in schema.names}
    for row in rows:
        for field, values in columns.items():
            values.append(getattr(row, field))
    store(case, name, pa.table(columns, schema=schema))
    view(connection, case, name)
