"""A kind of evidence on who it was: one TOML file with what is looked for, what it weighs, and who else could show it.

`sql` asks the tables of the case and gives `operation`, `message`, `value`, and for `hits` also `actor`, `said_by`,
`document`, `published`, `grade`, `hub`; any may give `hub`: why the value says nothing. A file without `sql` is of what
only a person can bring; it is offered as the next evidence worth getting.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from watchword.attribute.rules import CLASSES

# How a value becomes evidence of an actor.
MATCHES = {
    "hits": "a report or the knowledge of actors names the value",
    "facts": "a fact of the actor has the same value",
    "naming": "a regular expression among the actor's facts fits the value",
    "profile": "all values together fit what reports say of the actor better than what they say of anybody",
    "classes": "it speaks for or against crime, hire, insiders or states in general",
    "earlier": "the value is an actor whom a person named for an operation that resembles this one",
    "person": "only a person can bring it",
}
# Who else could have produced it.
FORGEABLE = {
    "published": "anybody who has read of it, from the day it was public",
    "cheap": "anybody, at little cost",
    "holder": "only somebody who holds it",
}
VERTICES = ("adversary", "capability", "infrastructure", "victim")  # Diamond Model (Caltagirone et al. 2013)


@dataclass(frozen=True, slots=True)
class Kind:
    """What one file says."""

    name: str  # file name without .toml
    title: str
    says: str  # sentence with {value}, and {said_by} and {actors} where an actor's facts are matched
    family: str
    vertex: str  # one of VERTICES
    match: str  # one of MATCHES
    forgeable: str  # one of FORGEABLE
    cap: float  # bits at most, either way
    why: str  # why so much and no more
    missing: str  # what to get where it was not observed, and where; empty if nothing is to be got
    share: float  # how often an operation of those for whom it speaks shows it, 0 to 1
    bits: float = 0.0  # for an actor whose fact it is
    against: float = 0.0  # for an actor that has facts of this sort, and none is met
    fact: str = ""  # kind of `actor_facts` that is matched
    proposes: bool = False  # an actor that it hits is taken into the standard hypotheses
    sql: str = ""
    classes: Mapping[str, float] = field(default_factory=dict)  # bits by class of actors


def kinds() -> list[Kind]:
    """Load every kind of evidence that is shipped, sorted by name."""
    found = []
    for entry in sorted(files(__name__.rpartition(".")[0]).joinpath("evidence").iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            try:
                found.append(read_kind(entry.name.removesuffix(".toml"), entry.read_text("utf-8")))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{entry.name}: {error}") from None
    return found


def read_kind(name: str, text: str) -> Kind:
    """Read one file. Raises TypeError or ValueError where it is not as `Kind` says."""
    kind = Kind(name=name, **tomllib.loads(text))
    known = kind.match in MATCHES and kind.forgeable in FORGEABLE and kind.vertex in VERTICES
    if not known or not set(kind.classes) <= set(CLASSES) or not 0 < kind.share < 1:
        raise ValueError("match, forgeable, vertex, classes or share is not one of those known")
    if abs(kind.bits) > kind.cap or any(abs(bits) > kind.cap for bits in kind.classes.values()):
        raise ValueError("it weighs more than its cap")
    if bool(kind.sql) == (kind.match == "person"):
        raise ValueError("what only a person can bring has no sql, all else has one")
    return kind
