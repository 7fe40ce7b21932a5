"""Did it work? For each person and operation the rungs that it came to, from mailboxes and from logs of providers.

Sentences speak of accounts, never of anybody's fault; what has an honest reading is `possible`, and what nothing at
hand would tell is `unknown`, with the log that would.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from watchword.case import Case
from watchword.context.build import leads
from watchword.context.marked import marked
from watchword.engine import Connection, derive
from watchword.observe.known import folder_name, hosting

GAP = timedelta(days=1)  # between two logs that still count as one
STEPS = "letters kept sent lures senders answers said openings notices watched acts onward people".split()
_GIVEN = ("noted", "services", "tells", "spans")  # tables that Python makes
_TOLD = ("read", "engaged", "entered", "used")
_TRACED = (
    "Whoever runs {provider}: its log of deliveries (Google: Reporting > Email Log Search; Microsoft 365: Message "
    "trace), and the folder for deleted mail; the person."
)


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of account provider: how it is known, and which of its logs would tell of which rung, and where."""

    id: str
    name: str
    domains: frozenset[str]  # of the people's own addresses
    providers: frozenset[str]  # who takes in the mail of an organisation's own domain
    writes: tuple[str, ...]  # registrable domains that its notices come from
    tells: Mapping[str, str]  # by rung


def ladder(case: Case, connection: Connection) -> None:
    """Fill `rungs` and `moments` from operations, their members, the mailboxes and the logs of a case."""
    marked(connection, case.knowledge)
    has_leads = bool(connection.execute("from duckdb_columns() where table_name = 'leads' limit 1").fetchall())
    if not has_leads:
        leads(connection)
    _noted(connection)
    _services(connection, case)
    _spans(connection)
    connection.execute(
        """create or replace temp table genuine as
        select distinct message from authentications
        where trusted and aligned and result = 'pass' and method in ('dkim', 'dmarc', 'spf')
        union
        select distinct message from checks where aligned and result = 'pass' and method in ('dkim', 'dmarc')"""
    )
    for name in STEPS:
        connection.execute(f"create or replace temp table {name} as {_sql(name)}")
    derive(connection, case, "moments", _sql("moments"))
    derive(connection, case, "rungs", _sql("rungs"))
    for name in (*STEPS, *_GIVEN, "genuine", "marked"):
        connection.execute(f"drop table {name}")
    if not has_leads:
        connection.execute("drop view leads")


@functools.cache
def services() -> tuple[Service, ...]:
    """Give the account providers that `knowledge/account_logs.toml` knows; the last stands for all others."""
    return tuple(
        Service(
            entry["id"],
            entry["name"],
            frozenset(entry.get("domains", ())),
            frozenset(entry.get("providers", ())),
            tuple(entry.get("writes", ())),
            {rung: entry[rung] for rung in _TOLD},
        )
        for entry in tomllib.loads(_knowledge("account_logs.toml"))["service"]
    )


def service_of(domain: str, provider: str) -> Service:
    """Say which service keeps an account, by the domain of its address and by who takes in its mail."""
    for one in services():
        if domain in one.domains or (provider in one.providers and domain not in _personal()):
            return one
    return services()[-1]


@functools.cache
def _personal() -> frozenset[str]:
    return frozenset(hosting().freemail)


def _noted(connection: Connection) -> None:
    """Make `noted`: for each set of flags and labels, whether it says that the message was opened, or says anything."""
    known = tomllib.loads(_knowledge("read_marks.toml"))
    opened, unread = (
        {folder_name(name) for names in known[use]["names"].values() for name in names} for use in ("opened", "unread")
    )
    rows = connection.execute("select distinct flags, labels from sightings").fetchall()
    notes = [
        (
            bool({"seen", "answered", "forwarded"}.intersection(flags)) or not opened.isdisjoint(folded),
            "seen" in flags or not (opened | unread).isdisjoint(folded),
        )
        for flags, labels in rows
        for folded in [{folder_name(label) for label in labels}]
    ]
    texts = pa.list_(pa.string())
    _register(
        connection,
        "noted",
        {
            "flags": pa.array([row[0] for row in rows], texts),
            "labels": pa.array([row[1] for row in rows], texts),
            "is_read": pa.array([note[0] for note in notes], pa.bool_()),
            "is_noted": pa.array([note[1] for note in notes], pa.bool_()),
        },
    )


def _services(connection: Connection, case: Case) -> None:
    """Make `services` (who writes notices to an owner) and `tells` (which log would tell of which rung)."""
    rows = connection.execute(
        """select sources.owner, coalesce(mode(messages.provider) filter (messages.provider <> ''), '')
        from (select distinct owner from sources) sources left join messages using (owner) group by all order by all"""
    ).fetchall()
    found = {owner: (service_of(owner.rpartition("@")[2], provider), provider) for owner, provider in rows}
    _register(
        connection,
        "services",
        {
            "owner": pa.array(list(found), pa.string()),
            "writes": pa.array(
                [sorted({*one.writes, provider, *_receiving(case)}) for one, provider in found.values()],
                pa.list_(pa.string()),
            ),
        },
    )
    told = [
        (owner, rung, text.replace("{provider}", provider or "the mailbox"))
        for owner, (one, provider) in found.items()
        for rung, text in {"delivered": _TRACED, **one.tells}.items()
    ]
    _register(
        connection,
        "tells",
        {
            name: pa.array([row[number] for row in told], pa.string())
            for number, name in enumerate(("owner", "rung", "would_tell"))
        },
    )


def _receiving(case: Case) -> list[str]:
    return [host for host in case.receiving if host]


def _spans(connection: Connection) -> None:
    """Make `spans`: from when to when logs show an account's events of a kind, without a gap and not cut short.

    A log counts for an account that it has events of, or for all of a domain if it has events of two accounts there.
    """
    rows = connection.execute(
        """
        with about as (
            select distinct log, account, split_part(account, '@', 2) as domain from events where account <> ''
        ),
        counted as (
            select own.owner, about.log,
                bool_or(about.account = own.address) or count(distinct about.account) >= 2 as fits
            from owner_addresses own
            join about on about.account = own.address or about.domain = split_part(own.address, '@', 2)
            group by all
        )
        select counted.owner, unnest(logs.covers) as covers, logs.first, logs.last, logs.log
        from counted join logs using (log)
        where fits and logs.truncated = '' and logs.first is not null and logs.last is not null
        order by 1, 2, 3, 4
        """
    ).fetchall()
    spans: list[tuple[str, str, datetime, datetime, str]] = []
    for owner, covers, first, last, log in rows:
        if spans and spans[-1][:2] == (owner, covers) and first <= spans[-1][3] + GAP:
            before = spans[-1]
            spans[-1] = (owner, covers, before[2], max(before[3], last), log if last > before[3] else before[4])
        else:
            spans.append((owner, covers, first, last, log))
    moment = pa.timestamp("us", tz="UTC")
    types = {"owner": pa.string(), "covers": pa.string(), "first": moment, "last": moment, "log": pa.string()}
    _register(
        connection,
        "spans",
        {name: pa.array([row[number] for row in spans], kind) for number, (name, kind) in enumerate(types.items())},
    )


def _register(connection: Connection, name: str, columns: Mapping[str, pa.Array]) -> None:
    connection.register("given_rows", pa.table(dict(columns)))
    connection.execute(f"create or replace temp table {name} as select * from given_rows")
    connection.unregister("given_rows")


def _sql(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath(f"ladder_{name}.sql").read_text("utf-8")


def _knowledge(name: str) -> str:
    return Path(str(files("watchword"))).joinpath("knowledge", name).read_text("utf-8")
