"""Which messages share what, and what it comes to: evidence in bits, after Fellegi and Sunter (1969)."""

import math
from dataclasses import dataclass

from watchword.connect.evidence import Kind
from watchword.connect.traces import HELD, sql
from watchword.engine import Connection

RARE = 8.0  # bits of a value by which messages are looked for; what weighs less only adds to a pair
MERGE = 7.0  # bits, log2 of the odds, from which two messages are of one operation
FIRM = 14.0  # the same, from which one tie joins two groups though only a machine or network is shared
TELLING = 2.0  # bits from which a family counts as one
UNCOPIED = 4.0  # bits of what is neither copied from a mail nor bought as a kit
PRIOR = (6.0, 14.0)  # bits against two random messages being of one operation, at least and at most
HUB_SENDERS, HUB_ALONE = 6, 0.7  # senders that share a value; how many of their pairs share nothing else


@dataclass(frozen=True, slots=True)
class Edge:
    """Two messages by number, and what they share."""

    a: int
    b: int
    bits: float  # log2 of the odds, with the prior
    merges: bool  # enough, and not all of it copied
    held: bool  # firm enough to join two groups alone


def prior(messages: int) -> float:
    """Say what speaks against two of so many messages being of one operation, bits below zero."""
    low, high = PRIOR
    return -min(max(math.log2(max(messages, 1)), low), high)


def edges(connection: Connection, kinds: list[Kind]) -> list[Edge]:
    """Find the pairs of weighed messages whose evidence comes to `MERGE` or more; strongest first.

    Makes the temporary tables `numbered` (messages by number), `weighed` (values) and `shared` (evidence of pairs).
    What very many senders share, who share nothing else, is a hub that no list knows; it is taken out of `weighed`.
    """
    connection.execute(
        """create or replace temp table numbered as
        select message, cast(row_number() over (order by moment, message) as integer) as m, from_address
        from subjects where weighs"""
    )
    connection.execute(
        "create or replace temp table numbers (k integer, kind varchar, family varchar, forgeable varchar)"
    )
    connection.executemany(
        "insert into numbers values (?, ?, ?, ?)",
        [[number, kind.name, kind.family, kind.forgeable] for number, kind in enumerate(kinds)],
    )
    connection.execute(
        """create or replace temp table weighed as
        select cast(row_number() over (order by kind, value) as integer) as v, k, kind, value, bits, hub
        from weights join numbers using (kind)
        where bits >= 1"""
    )
    connection.execute(
        """create or replace temp table shown as
        select distinct numbered.m, weighed.v
        from found join numbered using (message) join weighed using (kind, value)
        where weighed.v in (
            select weighed.v from found join weighed using (kind, value)
            group by weighed.v having count(distinct message) > 1)"""
    )
    connection.execute(f"create or replace temp table pairs as {sql('pairs').format(rare=RARE)}")
    _share(connection)
    if _hubs(connection):
        _share(connection)
    ((messages,),) = connection.execute("select count(*) from numbered").fetchall()
    against = prior(messages)
    return [
        Edge(
            a,
            b,
            bits + against,
            (families > 1 and uncopied >= UNCOPIED) or holder >= HELD,
            holder >= HELD or (families > 1 and machine >= HELD and bits + against >= FIRM),
        )
        for a, b, bits, families, holder, machine, uncopied in connection.execute(
            f"select * from ({sql('edges').format(telling=TELLING)}) where bits >= ? order by bits desc, a, b",
            [MERGE - against],
        ).fetchall()
    ]


def _share(connection: Connection) -> None:
    connection.execute(f"create or replace temp table shared as {sql('shared')}")


def _hubs(connection: Connection) -> int:
    """Take out values that many senders share who share nothing else; give how many there were."""
    connection.execute(
        f"""
        create or replace temp table hubs as
        with families as (
            select a, b, count(distinct family) filter (counted >= {TELLING}) as families from shared group by a, b
        ),
        pairs_of as (
            select shared.v, count(*) as pairs, count(*) filter (families.families < 2) as alone
            from shared join families using (a, b) where shared.bits >= {RARE} group by shared.v
        ),
        senders as (
            select v, count(distinct from_address) as senders from shown join numbered using (m) group by v
        )
        select v from pairs_of join senders using (v)
        where senders >= {HUB_SENDERS} and alone > {HUB_ALONE} * pairs
        """
    )
    ((count,),) = connection.execute("select count(*) from hubs").fetchall()
    if count:
        connection.execute(
            """update weights set bits = 0, hub = 'many senders here share it, who share nothing else'
            where (kind, value) in (select (kind, value) from weighed join hubs using (v))"""
        )
        connection.execute("delete from shown where v in (select v from hubs)")
        connection.execute("delete from weighed where v in (select v from hubs)")
    return int(count)
