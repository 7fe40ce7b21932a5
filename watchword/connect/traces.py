"""What each message shows that others of the same people may show, too, and what sharing it weighs."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from watchword.connect import elsewhere
from watchword.connect.evidence import Kind
from watchword.connect.names import shared_habits
from watchword.connect.networks import shared_networks
from watchword.context.build import leads
from watchword.context.domains import popularity
from watchword.engine import Connection
from watchword.observe.domain import organisation
from watchword.observe.known import hosting

HELD = 10.0  # bits of one item that only its holder can show, which are enough alone
ECHO = 3  # senders of honest mail that may pass on what hostile mail brought, before it counts as everybody's
_NETWORK = ("origin-ip", "origin-net", "client-ip", "link-server")


def traces(connection: Connection, kinds: list[Kind], own: Path, step: Callable[[str], None] = lambda _: None) -> None:
    """Make the temporary tables `subjects`, `found` (values on weighed messages) and `weights` (what each weighs).

    `own` is the case's folder of knowledge.
    """
    leads(connection, kept=True)
    connection.execute(f"create or replace temp table subjects as {sql('subjects')}")
    # Who asks a colleague about a message quotes it: its links are not his own.
    connection.execute(
        """delete from leads where message in (
            select message from subjects where not seed and (subject_reply or message in (
                select message from texts where quoted <> '' or kind = 'nested')))
            and not exists (
                select 1 from texts where texts.message = leads.message and contains(written, final_host))"""
    )
    connection.execute(f"create or replace temp table standing as {sql('standing')}")
    # Whom the mailboxes know: such an address in a text or Reply-To is no trace of a stranger.
    connection.execute(
        """create or replace temp table familiar as
        select addresses.address from addresses left join (
            select reply_address as address, min(moment) as named from subjects where reply_address <> '' group by all
        ) replies using (address)
        where is_owner or address in (select address from standing)
            or (protected and (named is null or addresses.first < named)
                and address not in (select from_address from subjects where seed))"""
    )
    connection.execute(
        "create or replace temp table found (kind varchar, message varchar, value varchar, about varchar, most double)"
    )
    connection.execute("create or replace temp table clean (kind varchar, value varchar, senders bigint)")
    connection.execute("create or replace temp table lone as select * from found")
    shared_habits(connection)
    for kind in kinds:
        step(kind.title)
        _collect(connection, kind)
    _register(connection, kinds, own)
    connection.execute(f"create or replace temp table weights as {sql('weights')}")
    for name in ("kinds", "background", "networks", "shared_names"):
        connection.unregister(name)
    _known_senders(connection)
    for name in ("leads", "clean", "lone", "taken", "habits_of_names"):
        connection.execute(f"drop table {name}")


def sql(name: str) -> str:
    """Give one of the queries that lie beside this module."""
    return files(__name__.rpartition(".")[0]).joinpath(f"{name}.sql").read_text("utf-8")


def _collect(connection: Connection, kind: Kind) -> None:
    """Keep the values of weighed messages, and how many honest senders here have the same."""
    given = {row[0] for row in connection.execute(f"describe {kind.sql}").fetchall()}
    about = "about" if "about" in given else "''"
    most = "bits" if "bits" in given else "null"
    connection.execute(
        f"create or replace temp table one as select message, cast(value as varchar) as value, {about} as about, "
        f"{most} as most from ({kind.sql}) where value is not null and value <> ''"
    )
    connection.execute(
        """insert into found select distinct ?, message, value, about, most from one
        where message in (select message from subjects where weighs)""",
        [kind.name],
    )
    connection.execute(
        # What honest mail shows only after hostile mail did is its echo, as long as few pass it on:
        # warnings, questions, accounts that were taken over.
        f"""insert into clean
        with since as (
            select value, min(moment) as hostile from one join subjects using (message) where seed group by value)
        select ?, value, case when count(distinct from_organisation) > {ECHO} then count(distinct from_organisation)
            else count(distinct from_organisation) filter (hostile is null or moment < hostile) end as senders
        from one join subjects using (message) left join since using (value)
        where not weighs and value in (select value from found where kind = ?)
        group by value having senders >= 2""",
        [kind.name, kind.name],
    )
    connection.execute(
        """insert into lone select distinct ?, message, value, about, most from one
        where message in (select message from subjects where not weighs and tier <> 'harmless')
            and value in (select value from found where kind = ? except select value from clean where kind = ?)""",
        [kind.name, kind.name, kind.name],
    )
    connection.execute("drop table one")


def _known_senders(connection: Connection) -> None:
    """Weigh mail of people long known, too, where it shares with a stranger's what only its holder can show.

    An account that was taken over sends the links of those who took it. What it shares with no stranger, or with the
    mail of others who are known, stays out; and so does what a colleague writes as ever: he warns.
    """
    connection.execute(
        f"""create or replace temp table taken as
        select distinct lone.message from lone join weights using (kind, value)
        where weights.bits >= {HELD} and forgeable = 'holder' and family <> 'person'
            and lone.message not in (
                select message from subjects join relationships using (message) where is_own
                    and coalesce(client_known and offset_known and route_known, true))"""
    )
    connection.execute("insert into found select * from lone where message in (select message from taken)")
    connection.execute("update subjects set weighs = true where message in (select message from taken)")


def _register(connection: Connection, kinds: list[Kind], own: Path) -> None:
    counted = elsewhere.counts()
    measured = {kind.name: counted.get(kind.name) for kind in kinds}
    connection.register(
        "kinds",
        pa.table(
            {
                "kind": [kind.name for kind in kinds],
                "family": [kind.family for kind in kinds],
                "forgeable": [kind.forgeable for kind in kinds],
                "share": [kind.share for kind in kinds],
                "background": [float(one.senders) if one else 1.0 for one in measured.values()],
                "unseen": [_unseen(kind, measured[kind.name]) for kind in kinds],
            }
        ),
    )
    connection.register("background", elsewhere.shared())
    asked = connection.execute(f"select distinct value from found where kind in {_NETWORK} order by value").fetchall()
    shared = list(shared_networks(value for (value,) in asked))
    connection.register(
        "networks",
        pa.table(
            {"value": [value for value, _ in shared], "says": [says for _, says in shared]},
            schema=pa.schema([("value", pa.string()), ("says", pa.string())]),
        ),
    )
    connection.register("shared_names", _shared_names(connection, own))


def _unseen(kind: Kind, counted: elsewhere.Counted | None) -> float:
    """Bits of a value that nobody else was seen to show.

    What others can show is no rarer than it was counted between honest strangers. What only its holder or machine can
    show is not met by chance: strangers who have it in common have something to do with each other.
    """
    measured = counted is not None and kind.forgeable in ("tools", "reader")
    return min(kind.cap, counted.unseen) if measured and counted else kind.cap


def _shared_names(connection: Connection, own: Path) -> pa.Table:
    """Say which hosts on the way, that no mail or link of the case names, are everybody's."""
    asked = connection.execute(
        "select distinct about from found where about <> '' and about not in (select organisation from domains)"
    ).fetchall()
    owner_of = {about: organisation(about) for (about,) in asked}
    known = hosting(own)
    popular = popularity(owner_of.values()) if owner_of else {}
    says = {}
    for about, owner in owner_of.items():
        if owner in known.freemail or owner in known.bulk_mailers or owner in popular:
            says[about] = "a server of a service that everybody uses"
    return pa.table(
        {"about": list(says), "says": list(says.values())},
        schema=pa.schema([("about", pa.string()), ("says", pa.string())]),
    )
