"""Fill the tables `hypotheses`, `exhibits`, `likelihoods` and `attributions` of a case."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import pyarrow as pa

from watchword import tables
from watchword.attribute.actors_known import known_actors
from watchword.attribute.evidence import kinds
from watchword.attribute.exhibits import Context, Draft, drafts
from watchword.attribute.kept import NOBODY, Records, by_operation, holds, read
from watchword.attribute.rules import rules
from watchword.attribute.targets import owner_groups
from watchword.attribute.weighing import Subject, weigh_operation
from watchword.case import Case
from watchword.connect.rows import table
from watchword.engine import Connection, store, view
from watchword.judge.detector import detectors


def build(case: Case, connection: Connection, step: Callable[[str], None] = lambda _: None) -> None:
    """Weigh who may be behind each operation. `step` is told what is looked at."""
    known, found_kinds = rules(), kinds()
    members = operations(connection)
    said = by_operation(read(case), members)
    actors = known_actors(connection, found_kinds)
    times = _times(connection)
    about = Context(connection, actors, known, times, _roots(connection), decided(said, members))
    of_operation: dict[str, list[Draft]] = defaultdict(list)
    _prepare(case, connection)
    for kind in found_kinds if members else ():
        step(kind.title)
        for draft in drafts(kind, about):
            of_operation[draft.operation].append(draft)
    _clear(connection)
    step("what it comes to")
    rows: dict[str, list[object]] = {name: [] for name in tables.ATTRIBUTION}
    for name in sorted(members):
        moments = [when for message in members[name] if (when := times.get(message))]
        subject = Subject(name, members[name], min(moments, default=None))
        one = weigh_operation(subject, of_operation[name], said[name], found_kinds, actors, known)
        rows["hypotheses"] += one.hypotheses
        rows["exhibits"] += one.exhibits
        rows["likelihoods"] += one.likelihoods
        rows["attributions"].append(one.attribution)
    for name, some in rows.items():
        store(case, name, table(name, some))
        view(connection, case, name)


def operations(connection: Connection) -> dict[str, set[str]]:
    """Give the messages of each operation."""
    members: dict[str, set[str]] = {}
    for operation, messages in connection.execute(
        "select operation, list(distinct message) from members group by operation"
    ).fetchall():
        members[operation] = set(messages)
    return members


def decided(said: Mapping[str, Records], members: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Give the actor that a person named for each operation, where that still holds."""
    latest = {name: records.decided[-1] for name, records in said.items() if records.decided}
    return {name: one.actor for name, one in latest.items() if one.actor != NOBODY and holds(one, members[name])}


def _times(connection: Connection) -> dict[str, datetime | None]:
    asked = "select message, time from messages where message in (select message from members)"
    return dict(connection.execute(asked).fetchall())


def _roots(connection: Connection) -> dict[str, str]:
    """Give the root of each document; of several the first."""
    asked = "select document, min(root) from (select root, unnest(documents) as document from roots) group by document"
    return dict(connection.execute(asked).fetchall())


def _prepare(case: Case, connection: Connection) -> None:
    """Make what the kinds ask for: techniques of detectors, and hits with the grade of who says so."""
    found = [one for one in detectors([case.path / "detectors"]) if one.technique and one.group != "known"]
    connection.register(
        "detector_techniques",
        pa.table(
            {
                "detector": pa.array([one.name for one in found], pa.string()),
                "technique": pa.array([one.technique for one in found], pa.string()),
            }
        ),
    )
    owners = owner_groups(connection, case.knowledge)
    connection.register(
        "owner_groups",
        pa.table(
            {
                "owner": pa.array([owner for owner, _ in owners], pa.string()),
                "target": pa.array([group for _, group in owners], pa.string()),
            }
        ),
    )
    connection.execute(
        """create or replace temp view graded_hits as
        select hits.*, coalesce(nullif(documents.grade, ''), said.grade, '') as grade
        from hits left join documents using (document)
        left join (
            select actor, kind, value, said_by, max(grade) as grade from actor_facts group by all
        ) said on said.actor = hits.actor and said.kind = hits.kind and said.value = hits.value
            and said.said_by = hits.said_by"""
    )


def _clear(connection: Connection) -> None:
    connection.unregister("detector_techniques")
    connection.unregister("owner_groups")
    connection.execute("drop view if exists graded_hits")
