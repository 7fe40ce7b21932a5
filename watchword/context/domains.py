"""What is known of each domain and host of a case: how much used, who may use it, whose it is, what it looks like."""

import functools
import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from watchword import tables
from watchword.case import Case
from watchword.context.lookalike import Lookalike, lookalikes
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
            is_shortener=_among(host, owner, shorteners),
            is_shared_hosting=_among(host, owner, known.shared_hosting),
            is_file_host=_among(host, owner, known.file_hosts),
            is_dynamic=_among(host, owner, dynamic),
            is_bulk_mailer=_among(host, owner, known.bulk_mailers),
        )
        for host, owner in connection.execute(
            "select distinct host, organisation from links where host <> '' order by host"
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
        [tables.Identity(one.id, one.name, one.kind, list(one.domains)) for one in everyone],
    )
    owned_by = {domain: one for one in everyone for domain in one.domains}
    seen = connection.execute(
        """
        with named as (
            select from_organisation as organisation, coalesce(time, date) as moment from message_facts
            union all select reply_organisation, coalesce(time, date) from message_facts
            union all select return_organisation, coalesce(time, date) from message_facts
            union all
            select links.organisation, coalesce(message_facts.time, message_facts.date)
            from links join message_facts using (message)
        ),
        kept as (
            select organisation, count(*) filter (protected and not is_owner) as correspondents,
                bool_or(is_owner) as is_own, min(first) as met
            from addresses group by organisation
        )
        select named.organisation, min(named.moment), coalesce(any_value(kept.correspondents), 0),
            coalesce(any_value(kept.is_own), false), any_value(kept.met)
        from named left join kept using (organisation)
        where named.organisation <> ''
        group by named.organisation order by named.organisation
        """
    ).fetchall()
    popular = _popularity(row[0] for row in seen)
    disposable = _listed("disposable-email")
    own = set(case.own_domains)
    protected: dict[str, str] = {}
    for name, _, correspondents, is_own, _ in seen:
        if name not in known.freemail and "." in name:
            if is_own:
                protected[name] = "owner"
            elif correspondents:
                protected[name] = "correspondent"
    protected |= dict.fromkeys(own, "owner")
    first = {name: moment for name, moment, *_ in seen}
    similar = _similar(first.keys(), protected, everyone, popular.keys() | known.freemail | known.bulk_mailers)
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
                lookalike_of=alike.of if alike else "",
                lookalike_how=alike.how if alike else "",
                lookalike_identity=model.id if model else "",
                lookalike_whose=(protected.get(alike.of) or (model.kind if model else "")) if alike else "",
            )
        )
    _store(case, connection, "domains", rows)


def _similar(
    names: Iterable[str], protected: dict[str, str], everyone: Iterable[KnownIdentity], harmless: Iterable[str]
) -> dict[str, Lookalike]:
    raise NotImplementedError


def _among(host: str, owner: str, listed: frozenset[str]) -> bool:
    """Say whether a host, its registrable domain, or anything between is in a list."""
    if owner in listed:
        return True
    while host.count(".") and host != owner:
        if host in listed:
            return True
        host = host.partition(".")[2]
    return host in listed


@functools.cache
def _listed(name: str) -> frozenset[str]:
    """Read one list that pymispwarninglists ships."""
    data = json.loads(
        files("pymispwarninglists")
        .joinpath("data", "misp-warninglists", "lists", name, "list.json")
        .read_text("utf-8")
    )
    return frozenset(entry.strip(".").lower() for entry in data["list"])


def _popularity(names: Iterable[str]) -> dict[str, int]:
    """Say of each much used domain among how many it is."""
    wanted = list(names)
    found: dict[str, int] = {}
    for rank, listed in RANKS:
        entries = _listed(listed)
        for name in wanted:
            if name in entries:
                found.setdefault(name, rank)
    return found


def _store(case: Case, connection: Connection, name: str, rows: Iterable[object]) -> None:
    schema = tables.schema(name)
    columns = {field: [] for field in schema.names}
    for row in rows:
        for field, values in columns.items():
            values.append(getattr(row, field))
    store(case, name, pa.table(columns, schema=schema))
    view(connection, case, name)
