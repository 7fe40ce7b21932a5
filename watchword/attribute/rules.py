"""The numbers by which attribution weighs, as `knowledge/attribution.toml` has them."""

import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

REFERENCE = "unknown-actor"  # likelihood ratios are against it: its bits are always 0
CLASSES = {
    REFERENCE: "somebody whom nobody has described yet",
    "other-state": "another state's people than those named",
    "crime": "ordinary crime, for money",
    "hired": "somebody paid to break in for others",
    "insider": "somebody from inside",
}
OF_KIND = {"state": "other-state", "hired": "hired", "criminal": "crime"}  # actors.kind -> hypothesis


@dataclass(frozen=True, slots=True)
class Demand:
    """What one level of confidence asks for."""

    roots: int
    vertices: int
    reliability: float
    imitable: float


@dataclass(frozen=True, slots=True)
class Rules:
    """All numbers, each with its source in the file."""

    unknown: float
    unknown_least: float
    unknown_range: tuple[float, ...]
    named: float
    classes: Mapping[str, float]  # shares of the rest of the prior
    among: int
    imitator: float
    imitator_range: tuple[float, ...]
    scale: Mapping[str, float]  # verbal likelihood -> bits
    grades: Mapping[str, float]  # A to F, 1 to 6 -> probability that it can be relied on
    ungraded: float
    authoritative: frozenset[str]
    advantage: float  # bits, of an actor against its imitator, from what could be copied
    exponent: float
    caps: Mapping[str, float]  # family -> bits of all its exhibits together
    weak_together: float  # bits of all those families
    most_actors: int
    pseudo: float
    technique_cap: float
    software_cap: float
    technique_weight: float  # of a technique against a program, in how like two reports are
    sharpness: float  # how much more a report that is very like counts than one that is somewhat like
    few: float  # reports worth of anybody's in each actor's likeness
    unheard: float  # share of the weight of what no report ever named
    technique_exponent: float  # beside likeness, of how much oftener an actor's reports name a technique
    software_exponent: float  # the same of a program
    likely: float
    roots: int
    root_bits: float
    private_bits: float
    high: Demand
    moderate: Demand


@functools.cache
def rules() -> Rules:
    """Read the file that is shipped."""
    text = files("watchword.knowledge").joinpath("attribution.toml").read_text("utf-8")
    content = tomllib.loads(text)
    priors, grades, caps = content["priors"], content["grades"], content["caps"]
    profiles, naming = content["profiles"], content["naming_rules"]
    return Rules(
        unknown=priors["unknown"],
        unknown_least=priors["unknown_least"],
        unknown_range=tuple(priors["unknown_range"]),
        named=priors["named"],
        classes={name: priors[name.replace("-", "_")] for name in CLASSES if name != REFERENCE},
        among=priors["among"],
        imitator=priors["imitator"],
        imitator_range=tuple(priors["imitator_range"]),
        scale={name: math.log2(ratio) for name, ratio in content["scale"].items() if name != "source"},
        grades={name: float(value) for name, value in grades.items() if len(name) == 1},
        ungraded=grades["ungraded"],
        authoritative=frozenset(grades["authoritative"]),
        advantage=math.log2(content["imitation"]["advantage"]),
        exponent=content["dependence"]["exponent"],
        caps={name: float(value) for name, value in caps.items() if name not in ("source", "actors", "together")},
        weak_together=caps["together"],
        most_actors=caps["actors"],
        pseudo=profiles["pseudo"],
        technique_cap=profiles["technique_cap"],
        software_cap=profiles["software_cap"],
        technique_weight=profiles["technique_weight"],
        sharpness=profiles["sharpness"],
        few=profiles["few"],
        unheard=profiles["unheard"],
        technique_exponent=profiles["technique_exponent"],
        software_exponent=profiles["software_exponent"],
        likely=naming["likely"],
        roots=naming["roots"],
        root_bits=naming["root_bits"],
        private_bits=naming["private_bits"],
        high=Demand(**cast(dict[str, float], content["confidence"]["high"])),  # type: ignore[arg-type]  # from the file
        moderate=Demand(**cast(dict[str, float], content["confidence"]["moderate"])),  # type: ignore[arg-type]  # as above
    )


def reliability(grade: str, known: Rules) -> float:
    """Say how far a source with this Admiralty code can be relied on, 0 to 1; what nobody graded counts half."""
    code = grade.strip().upper()
    if not code:
        return known.ungraded
    return math.prod(known.grades.get(letter, known.ungraded) for letter in code)
