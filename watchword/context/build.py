"""Build every table of context, in the order in which one rests on another."""

from collections.abc import Callable, Sequence
from importlib.resources import files

import pyarrow as pa

from watchword.case import Case, GivenSource
from watchword.context.domains import domains, hosts
from watchword.context.marked import marked
from watchword.context.threads import thread_roots
from watchword.engine import Connection, derive

LETTER, LINKS = 6_000, 12  # characters and links beyond which a message is no letter from a person
PLACES = 3  # organisations that the links of one file lead to; beyond that it is one with many sources


def build(
    case: Case, connection: Connection, given: Sequence[GivenSource], step: Callable[[str], None] = lambda _: None
) -> None:
    """Fill the tables of `tables.CONTEXT`. `step` is told what is being built, for progress."""
    step("whose mailbox is whose")
    _source_files(connection, given)
    marked(connection, case.knowledge)
    for name in ("sources", "places", "owner_addresses"):
        derive(connection, case, name, _sql(name))
    step("who knows whom")
    for name in ("mail", "contacts", "namesakes", "vouched"):
        connection.execute(f"create or replace temp table {name} as {_sql(name)}")
    for name in ("addresses", "relationships"):
        derive(connection, case, name, _sql(name))
    step("conversations")
    thread_roots(connection)
    derive(connection, case, "conversations", _sql("conversations"))
    step("domains and hosts")
    hosts(case, connection)
    domains(case, connection)
    step("who writes how")
    leads(connection)
    derive(connection, case, "habits", _sql("habits"))
    for name in ("mail", "contacts", "namesakes", "vouched", "marked", "thread_roots", "source_files"):
        connection.execute(f"drop table if exists {name}")
    connection.execute("drop view if exists leads")


def received(connection: Connection, kept: bool = False) -> None:
    """Make `received`: mail that came to an owner, with what was known before it. Detectors start here.

    Beside it `leads`: links that a reader would follow, with the host and organisation that they lead to in the end,
    past gateways and redirects that can be read. Of a file that leads to many places, as a paper with its sources
    does, none is among them. Views, or, where many queries will ask them, temporary tables that are `kept`.
    """
    leads(connection, kept)
    connection.execute(
        f"""
        create or replace temp {"table" if kept else "view"} received as
        select messages.*,
            not is_list and not is_bulk and not is_auto and text_length <= {LETTER} and messages.links <= {LINKS}
                as is_letter,
            relationships.* exclude (message, owner), conversations.* exclude (message)
        from messages join relationships using (message) join conversations using (message)
        where relationships.direction = 'received'
        """
    )


def leads(connection: Connection, kept: bool = False) -> None:
    """Make `leads`, as `received` tells; a view, or a temporary table that is `kept`."""
    connection.execute(
        f"""
        create or replace temp {"table" if kept else "view"} leads as
        select message, number, attachment, found_in, is_address_ip,
            coalesce(nullif(target_host, ''), host) as final_host,
            coalesce(nullif(target_organisation, ''), organisation) as final_organisation
        from links left join (
            select message, attachment, count(distinct organisation) as places
            from links where attachment is not null group by message, attachment
        ) held using (message, attachment)
        where scheme in ('http', 'https') and found_in not in ('img', 'style', 'link', 'header')
            and coalesce(places, 0) <= {PLACES}
        """
    )


def _sql(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath(f"{name}.sql").read_text("utf-8")


def _source_files(connection: Connection, given: Sequence[GivenSource]) -> None:
    rows = pa.table(
        {
            "source": [entry.source.id for entry in given],
            "path": [entry.source.where for entry in given],
            "kind": [entry.source.kind for entry in given],
            "size": [entry.source.size for entry in given],
            "owner": [entry.owner.lower() for entry in given],
            "folder_of": [entry.source.around for entry in given],
        },
        schema=pa.schema(
            [(name, pa.string()) for name in ("source", "path", "kind")]
            + [("size", pa.int64()), ("owner", pa.string()), ("folder_of", pa.string())]
        ),
    )
    connection.register("source_rows", rows)
    connection.execute("create or replace temp table source_files as select * from source_rows")
    connection.unregister("source_rows")
