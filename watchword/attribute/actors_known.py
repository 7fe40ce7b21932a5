"""What the case knows of actors, as attribution needs it: their kinds, facts that are matched, and profiles.

The same name in two sources, as `apt42` and `apt42@mitre-attack`, is one hypothesis; other names are not merged.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from watchword.attribute.evidence import Kind
from watchword.attribute.profile import Profile
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
    profiles: Mapping[str, Mapping[str, Profile]]  # kind of fact -> folded actor -> profile

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
        facts[kind].append(Fact(folded(actor), *rest))
    has: dict[str, set[str]] = defaultdict(set)
    for actor, kind in connection.execute("select distinct actor, kind from actor_facts").fetchall():
        has[folded(actor)].add(kind)
    reports = Counter[str]()
    for actor, count in connection.execute(
        "select actor, count(distinct reference) from actor_facts group by actor"
    ).fetchall():
        reports[folded(actor)] += count
    profiles = {kind.fact: _profiles(connection, kind.fact) for kind in kinds if kind.match == "profile"}
    return Known(names, sorts, facts, has, reports, profiles)


def _profiles(connection: Connection, fact: str) -> dict[str, Profile]:
    """In how many reports on each actor each value is named."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    asked = """select split_part(actor, '@', 1), value, count(distinct (said_by, reference)) from actor_facts
        where kind = ? group by all order by all"""
    for actor, value, count in connection.execute(asked, [fact]).fetchall():
        counts[actor][value] = count
    asked = """select split_part(actor, '@', 1), count(distinct (said_by, reference)) from actor_facts
        where kind = ? group by all"""
    return {actor: Profile(counts[actor], count) for actor, count in connection.execute(asked, [fact]).fetchall()}
