"""What an import is made of: items that come in, the facts that they give, and those that give none, each named.

Nothing is lost: `items` = `used` + `explaining` + number of `rejected`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from watchword.tables import Actor, ActorFact

TEXT = 2_000  # characters of a value or a reference
ABOUT = 600  # characters of what is said about an actor
_NOT_PLAIN = re.compile(r"[\W_]+")
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\([^)\s]{1,400}\)")
_CITATION = re.compile(r"\s?\(Citation: [^)]{1,200}\)")
_SENTENCE = re.compile(r"(?<=[a-z0-9)\]\"”][.!?])\s+(?=[A-Z\[\"“])")


@dataclass(frozen=True, slots=True)
class Given:
    """What the user said about a file where it does not say it itself."""

    publisher: str = ""
    published: datetime | None = None
    actor: str = ""  # whose the indicators are
    grade: str = ""  # Admiralty code
    columns: tuple[tuple[str, str], ...] = ()  # of a CSV: name of the column, what it holds


@dataclass(frozen=True, slots=True)
class Rejected:
    """One item of an import that gave no fact."""

    place: str  # file within the import, and line or id
    value: str
    reason: str


@dataclass(slots=True)
class Taken:
    """What came of one import, or of one file of it."""

    source: str  # `actors.source`
    title: str = ""
    form: str = ""
    series: str = ""  # of two imports of one series only the newer counts
    version: str = ""
    items: int = 0
    used: int = 0  # items that gave facts
    explaining: int = 0  # items that only name what others use, as techniques
    actors: dict[str, Actor] = field(default_factory=dict)
    facts: list[ActorFact] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what was guessed, one sentence each

    def actor(self, name: str, *, about: str = "", kind: str = "unknown") -> str:
        """Give the id of an actor, added if it is new; two that only differ in signs are told apart."""
        actor = actor_id(name, self.source)
        number = 1
        while (there := self.actors.get(actor)) and there.name != name:
            number += 1
            actor = actor_id(f"{name} {number}", self.source)
        if not there or (about and not there.about):
            self.actors[actor] = Actor(actor, name[:TEXT], self.source, about, kind if not there else there.kind)
        return actor

    def unnamed(self, what: str) -> str:
        """Give the id of whoever is behind a list or event that names nobody: one for each, they are not the same."""
        return self.actor(
            f"unnamed, {what}"[:TEXT], about=f"Whoever is behind what {what[:200]} lists; it names nobody."
        )

    def reject(self, place: str, value: str, reason: str) -> None:
        """Count an item that gives no fact, and say why."""
        self.items += 1
        self.rejected.append(Rejected(place, value[:TEXT], reason))

    def use(self, facts: Iterable[ActorFact]) -> None:
        """Count an item that gives facts."""
        self.items += 1
        self.used += 1
        self.facts.extend(facts)

    def explain(self) -> None:
        """Count an item that gives none by itself, because it only names what others use."""
        self.items += 1
        self.explaining += 1

    def join(self, other: "Taken") -> None:
        """Add what came of another file of the same import."""
        self.items += other.items
        self.used += other.used
        self.explaining += other.explaining
        for actor in other.actors.values():
            self.actors.setdefault(actor.actor, actor)
        self.facts += other.facts
        self.rejected += other.rejected
        self.notes += [note for note in other.notes if note not in self.notes]


def actor_id(name: str, source: str) -> str:
    """Give the id of an actor: its name in lower case with hyphens, and where it comes from if not our own file."""
    plain = _NOT_PLAIN.sub("-", name.casefold()).strip("-_")[:100] or "unnamed"
    return plain if source == "watchword" else f"{plain}@{source}"


def about(text: str) -> str:
    """Give the first two sentences of a description, without marks of citations."""
    plain = " ".join(_CITATION.sub("", _LINK.sub(r"\1", text[: 10 * ABOUT])).split())
    short = " ".join(_SENTENCE.split(plain, maxsplit=2)[:2])
    return short if len(short) <= ABOUT else short[: ABOUT - 1].rsplit(" ", 1)[0] + "…"


def unique(facts: Iterable[ActorFact]) -> list[ActorFact]:
    """Give facts in their order, each once."""
    return list(dict.fromkeys(facts))
