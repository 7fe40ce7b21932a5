"""What the case knows of actors, as attribution needs it: their kinds, facts that are matched, and profiles.

The same name in two sources, as `apt42` and `apt42@mitre-attack`, is one hypothesis; other names are not merged.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from watchword.attribute.evidence import Kind
from watchword.attribute.likeness import Learned, Told, learn
from watchword.attribute.targets import groups_said
from watchword.engine import Connection


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a source says of an actor."""

    actor: str  # folded
    value: str
    said_by: str
    published: datetime | None
    grade: str


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of actors."""

    names: Mapping[str, str]  # folded actor -> name
    kinds: Mapping[str, str]  # folded actor -> state, hired, criminal, activist or unknown
    facts: Mapping[str, list[Fact]]  # kind of fact, of those that are matched in Python
    fact_kinds: Mapping[str, Collection[str]]  # folded actor -> kinds of facts that it has
    reports: Mapping[str, int]  # folded actor -> reports that say something of it
    learned: Learned  # techniques and programs, by report

    def of_kind(self, kind: str) -> int:
        """Say how many actors are of that kind."""
        return sum(one == kind for one in self.kinds.values())


def folded(actor: str) -> str:
    """Give the name under which rows of several sources are one hypothesis."""
    return actor.partition("@")[0]


def known_actors(connection: Connection, kinds: Collection[Kind]) -> Known:
    """Ask the tables `actors` and `actor_facts`."""
    names: dict[str, str] = {}
    sorts: dict[str, str] = {}
    # Our own file says best what an actor is called and is.
    asked = "select actor, name, kind from actors order by contains(actor, '@'), actor"
    for actor, name, kind in connection.execute(asked).fetchall():
        names.setdefault(folded(actor), name)
        if sorts.get(folded(actor), "unknown") in ("", "unknown"):
            sorts[folded(actor)] = kind
    matched = sorted({kind.fact for kind in kinds if kind.fact and kind.match in ("facts", "naming")})
    facts: dict[str, list[Fact]] = defaultdict(list)
    for kind, actor, *rest in connection.execute(
        """select distinct kind, actor, value, said_by, published, grade from actor_facts
        where list_contains(?, kind) order by all""",
        [matched],
    ).fetchall():
        value, *last = rest
        for one in groups_said(value) if kind == "target" else [value]:
            facts[kind].append(Fact(folded(actor), one, *last))
    has: dict[str, set[str]] = defaultdict(set)
    for actor, kind in connection.execute("select distinct actor, kind from actor_facts").fetchall():
        has[folded(actor)].add(kind)
    reports = Counter[str]()
    for actor, count in connection.execute(
        "select actor, count(distinct reference) from actor_facts group by actor"
    ).fetchall():
        reports[folded(actor)] += count
    return Known(names, sorts, facts, has, reports, learn(_told(connection)))


def _told(connection: Connection) -> list[Told]:
    """Give the techniques and programs that each report says of each actor."""
    found: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for actor, kind, value, report in connection.execute(
        """select distinct actor, kind, value, concat(said_by, ' ', reference) from actor_facts
        where kind in ('technique', 'software') order by all"""
    ).fetchall():
        found[folded(actor), report][kind == "software"].add(value)
    return [
        Told(actor, frozenset(techniques), frozenset(software), report)
        for (actor, report), (techniques, software) in found.items()
    ]
