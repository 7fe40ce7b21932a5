"""Which messages of a case show what a report or the knowledge of actors names, and what that says.

Equality joins only, so that new knowledge meets old cases and new mail old knowledge. What many share is kept, with the
reason why it says nothing; the case's own domains never count.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from importlib.resources import files

import pyarrow as pa

from watchword.case import Case
from watchword.connect.networks import shared_networks
from watchword.context.domains import popularity
from watchword.engine import Connection, derive
from watchword.indicators.known import Known
from watchword.observe import url
from watchword.observe.domain import organisation
from watchword.observe.known import Hosting, hosting

_REGISTERED = {
    "value_names": ("kind", "value", "host", "about"),
    "own_names": ("value",),
    "hub_owners": ("value", "says"),
    "hub_hosts": ("value", "says"),
    "hub_networks": ("value", "says"),
}


def build(case: Case, connection: Connection) -> None:
    """Fill `hits`. Without documents and knowledge of actors it is empty."""
    connection.execute(f"create or replace temp table named as {_sql('named')}")
    connection.execute(f"create or replace temp table shown as {_sql('shown')}")
    values = connection.execute("select distinct kind, value from named order by kind, value").fetchall()
    _register(connection, "value_names", [(kind, value, *_host(kind, value)) for kind, value in values])
    _widen(connection, [value for kind, value in values if kind == "network"])
    owners = connection.execute("select distinct organisation from addresses where is_owner").fetchall()
    own = set(case.own_domains) | ({name for (name,) in owners} - hosting(case.knowledge).freemail)
    _register(connection, "own_names", [(name,) for name in sorted(own)])
    connection.execute(f"create or replace temp table found_hits as {_sql('hits')}")
    _hubs(connection, hosting(case.knowledge))
    derive(connection, case, "hits", _sql("hits_kept"))
    for name in ("named", "shown", "found_hits"):
        connection.execute(f"drop table {name}")
    for name in _REGISTERED:
        connection.unregister(name)


def _host(kind: str, value: str) -> tuple[str, str]:
    """Give the host of a value that is named, and the registrable domain or address that it belongs to."""
    if kind == "url":
        host = url.read(value).host
    elif kind == "address":
        host = value.rpartition("@")[2]
    else:
        host = value if kind in ("host", "domain", "ip") else ""
    return host, url.organisation(host) if host else ""


def _widen(connection: Connection, networks: Sequence[str]) -> None:
    """Add to what mail shows the networks of its addresses, in the lengths that are named."""
    wanted = {}
    for name in networks:
        try:
            wanted[ipaddress.ip_network(name)] = name
        except ValueError:
            continue
    lengths = {(network.version, network.prefixlen) for network in wanted} - {(4, 24)}
    rows = []
    for message, value in connection.execute("select message, value from shown where kind = 'ip'").fetchall():
        try:
            address = ipaddress.ip_address(value.strip("[]"))
        except ValueError:
            continue
        for version, length in lengths:
            if version == address.version:
                around = ipaddress.ip_network((address, length), strict=False)
                if around in wanted:
                    rows.append((message, "network", wanted[around], ""))
    if rows:
        connection.executemany("insert into shown values (?, ?, ?, ?)", rows)


def _hubs(connection: Connection, known: Hosting) -> None:
    """Say of what was found whether everybody may have it."""
    general = Known.of("")
    hosts = [
        host for (host,) in connection.execute("select distinct value from found_hits where kind = 'host'").fetchall()
    ]
    owners = sorted(
        {name for (name,) in connection.execute("select distinct about from found_hits where about <> ''").fetchall()}
        | {organisation(host) for host in hosts}
    )
    popular = popularity(owners) if owners else {}
    hubs = []
    for name in owners:
        if name in known.freemail:
            hubs.append((name, "anybody can have an address there"))
        elif general.is_open(name):
            hubs.append((name, "anybody can have a page or file there"))
        elif name in popular:
            hubs.append((name, "one of the million most used domains"))
        elif general.is_someones(name):
            hubs.append((name, "the domain of a known institution or service"))
    _register(connection, "hub_owners", hubs)
    says = "anybody can have a page or file there"
    _register(connection, "hub_hosts", [(host, says) for host in hosts if any(map(general.is_open, _upwards(host)))])
    asked = connection.execute("select distinct value from found_hits where kind in ('ip', 'network')").fetchall()
    _register(connection, "hub_networks", shared_networks(value for (value,) in asked))


def _upwards(host: str) -> Iterable[str]:
    while "." in host:
        yield host
        host = host.partition(".")[2]


def _register(connection: Connection, name: str, rows: Iterable[tuple[str, ...]]) -> None:
    listed = list(rows)
    columns = {column: [row[number] for row in listed] for number, column in enumerate(_REGISTERED[name])}
    schema = pa.schema([(column, pa.string()) for column in columns])
    connection.register(name, pa.table(columns, schema=schema))


def _sql(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath(f"{name}.sql").read_text("utf-8")
