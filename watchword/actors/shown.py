"""What is known of a name or a value, each statement with its source: for people to read, never merged.

A name may be borne by several actors, of one source or of many: all are given. Beside them stand the names that
others give it, and who keeps apart what somebody else takes for one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

import duckdb

from watchword.actors.names import plain
from watchword.actors.values import read_value
from watchword.case import Case
from watchword.engine import view
from watchword.tables import Actor, ActorFact

_RELATIONS = (("alias", "is"), ("similar", "overlaps"), ("kept-apart", "is not"), ("part-of", "is part of"))
_SHOWN = 5  # names of a source in a sentence


@dataclass(frozen=True, slots=True)
class Known:
    """One actor that bears a name, and all that its source says."""

    actor: Actor
    bears: str  # `name`, `alias` or `id`: how the name is borne
    facts: list[ActorFact]


@dataclass(frozen=True, slots=True)
class Bearing:
    """One actor that a value is said of."""

    actor: Actor
    fact: ActorFact


class Room:
    """The tables of actors, open for questions. `build` comes before."""

    def __init__(self, case: Case) -> None:
        """`case` is a case whose tables of actors were built."""
        self._connection = duckdb.connect(config={"memory_limit": "240MB", "threads": 2})
        for name in ("actors", "actor_facts"):
            view(self._connection, case, name)

    def actors(self) -> list[Actor]:
        """Give all actors, by source and name."""
        return self._actors("true", [])

    def known(self, name: str) -> list[Known]:
        """Give every actor that bears a name or has this id, those of our own files first."""
        wanted = plain(name)
        found = {one.actor: "alias" for one in self._named("alias") if plain(one.value) == wanted}
        rows = self._actors("true", [])
        for row in rows:
            if plain(row.name) == wanted:
                found[row.actor] = "name"
            elif name.strip().lower() == row.actor:
                found[row.actor] = "id"
        bearing = [row for row in rows if row.actor in found]
        bearing.sort(key=lambda row: (row.source != "watchword", found[row.actor] == "alias", row.source, row.actor))
        facts: dict[str, list[ActorFact]] = defaultdict(list)
        for fact in self._facts("actor in (select unnest(?))", [list(found)]):
            facts[fact.actor].append(fact)
        return [Known(row, found[row.actor], facts[row.actor]) for row in bearing]

    def related(self, known: Iterable[Known]) -> list[str]:
        """Say how the names of these actors relate by the word of others: equal, overlapping, kept apart."""
        known = list(known)
        said: dict[str, None] = {}
        rows = self._actors("true", [])
        names: dict[str, set[str]] = defaultdict(set)  # by actor: all that it is called, in plain form
        shown: dict[str, str] = {}
        speakers: dict[str, str] = {}
        for row in rows:
            names[row.actor].add(plain(row.name))
            shown.setdefault(plain(row.name), row.name)
        for fact in self._named("alias"):
            names[fact.actor].add(plain(fact.value))
            shown.setdefault(plain(fact.value), fact.value)
            speakers.setdefault(fact.actor, fact.said_by)
        by_source: dict[str, dict[str, list[Actor]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            for name in names[row.actor]:
                by_source[row.source][name].append(row)
        for one in known:
            row = one.actor
            for kind, words in (
                ("alias", "is"),
                ("similar", "overlaps"),
                ("kept-apart", "is not"),
                ("part-of", "is part of"),
            ):
                said |= dict.fromkeys(_told(row, kind, words, one.facts))
            others = names[row.actor]
            for source, bearers in by_source.items():
                apart = {other.actor: other for name in others for other in bearers.get(name, [])}
                if source == row.source or len(apart) < 2 or source not in _APART:
                    continue
                listed = ", ".join(sorted(other.name for other in apart.values())[:_SHOWN])
                whose = _APART[source]
                said[f"{whose} keeps apart what {_source(row)} calls {row.name}: {listed}."] = None
        return list(said)

    def find(self, value: str) -> list[Bearing]:
        """Give the actors that a domain, address, page, hash or other value is said of; of a host also its domain."""
        read = read_value(value)
        wanted = [value.strip().lower(), *([read[1]] if read else [])]
        facts = self._facts("lower(value) in (select unnest(?)) and kind <> 'alias'", [wanted])
        return self._bearing(facts)

    def beside(self, value: str) -> list[Bearing]:
        """Give the actors of whom other hosts of the same registrable domain are said."""
        from watchword.observe.domain import registrable

        read = read_value(value)
        owner = registrable(read[1]) if read and read[0] in ("host", "domain") else ""
        if not owner or read is None:
            return []
        facts = self._facts(
            "kind in ('host', 'domain') and (value = ? or ends_with(value, ?)) and value <> ?",
            [owner, "." + owner, read[1]],
        )
        return self._bearing(facts)

    def _bearing(self, facts: list[ActorFact]) -> list[Bearing]:
        rows = {row.actor: row for row in self._actors("actor in (select unnest(?))", [[one.actor for one in facts]])}
        return [Bearing(rows[one.actor], one) for one in facts if one.actor in rows]

    def _named(self, kind: str) -> list[ActorFact]:
        return self._facts("kind = ?", [kind])

    def _actors(self, where: str, given: list[object]) -> list[Actor]:
        columns = ", ".join(field.name for field in fields(Actor))
        found = self._connection.execute(
            f"select {columns} from actors where {where} order by source, lower(name)", given
        )
        return [Actor(*row) for row in found.fetchall()]

    def _facts(self, where: str, given: list[object]) -> list[ActorFact]:
        columns = ", ".join(field.name for field in fields(ActorFact))
        order = "actor, kind, published nulls last, value, said_by"
        found = self._connection.execute(f"select {columns} from actor_facts where {where} order by {order}", given)
        return [ActorFact(*row) for row in found.fetchall()]


# Sources that give each actor one row, so that two rows mean two actors by their word.
_APART = {
    "watchword": "Watchword's own file",
    "mitre-attack": "MITRE",
    "microsoft": "Microsoft",
    "misp-galaxy": "MISP galaxy",
}


def _source(actor: Actor) -> str:
    return _APART.get(actor.source, actor.source)


def _told(row: Actor, kind: str, words: str, facts: Iterable[ActorFact]) -> Iterable[str]:
    by: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        if fact.kind == kind and plain(fact.value) != plain(row.name):
            speaker = fact.said_by or _source(row)
            who = speaker if speaker == _source(row) else f"{speaker}, in {_source(row)},"
            by[who].append(fact.value)
    for speaker, values in by.items():
        values = list(dict.fromkeys(values))
        more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
        yield f"{speaker} says: {row.name} {words} {', '.join(values[:_SHOWN])}{more}."
