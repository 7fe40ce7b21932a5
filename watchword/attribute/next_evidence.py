"""Which evidence that nobody has seen yet would tell most: the greatest expected drop of entropy. Pure functions.

What may come out of looking for a kind of evidence is as its file says: how often an operation of those for whom it
speaks shows it, and how much oftener than others. It is a rough guide to what is worth the effort, and no forecast.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from watchword.attribute.evidence import Kind
from watchword.attribute.score import Hypothesis

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of evidence that is missing."""

    kind: Kind
    drop: float  # bits of entropy that it is expected to take away


def entropy(posterior: Mapping[str, float]) -> float:
    """Give the entropy of a distribution in bits."""
    return -sum(share * math.log2(share) for share in posterior.values() if share > 0)


def wanted(
    kinds: Iterable[Kind],
    observed: Collection[str],
    hypotheses: Sequence[Hypothesis],
    posterior: Mapping[str, float],
    facts: Mapping[str, Collection[str]],
) -> list[Wanted]:
    """Give the kinds not observed and worth getting, the most telling first; `facts` are kinds of facts by actor."""
    before = entropy(posterior)
    found = []
    for kind in kinds:
        if kind.name in observed or not kind.missing:
            continue
        drop = before - expected(kind, hypotheses, posterior, facts)
        if drop > 0:
            found.append(Wanted(kind, drop))
    return sorted(found, key=lambda one: (-one.drop, one.kind.name))[:SHOWN]


def expected(
    kind: Kind,
    hypotheses: Sequence[Hypothesis],
    posterior: Mapping[str, float],
    facts: Mapping[str, Collection[str]],
) -> float:
    """Give the entropy that is to be expected after looking for evidence of this kind."""
    chances = [
        {one.name: chance(kind, one, actor, facts) for one in hypotheses} for actor in _subjects(kind, hypotheses)
    ]
    total = 0.0
    left = dict.fromkeys((one.name for one in hypotheses), 1.0)
    for outcome in chances:
        total += _part(posterior, outcome)
        left = {name: left[name] - outcome[name] for name in left}
    return total + _part(posterior, {name: max(0.0, share) for name, share in left.items()})


def chance(kind: Kind, one: Hypothesis, subject: str, facts: Mapping[str, Collection[str]]) -> float:
    """Say how probable it is under a hypothesis that such evidence turns up and points to the subject."""
    if kind.classes:
        strongest = max([0.0, *kind.classes.values()])
        return min(kind.share * math.exp2(kind.classes.get(one.name, 0.0) - strongest), 1.0)
    if kind.fact and kind.fact not in facts.get(subject, ()):
        return 0.0
    if one.actor == subject and (one.names or kind.forgeable == "cheap"):
        return kind.share
    return kind.share * math.exp2(-kind.bits) / 2


def _subjects(kind: Kind, hypotheses: Sequence[Hypothesis]) -> list[str]:
    """To whom such evidence may point."""
    actors = [one.actor for one in hypotheses if one.names]
    # At most one comes out; the shares of many that could come out by chance stay below 1.
    return [""] if kind.classes else actors[:20]


def _part(posterior: Mapping[str, float], chances: Mapping[str, float]) -> float:
    """Give the entropy after one result, times how probable that result is."""
    joint = {name: share * chances.get(name, 0.0) for name, share in posterior.items()}
    total = sum(joint.values())
    return total * entropy({name: share / total for name, share in joint.items()}) if total > 0 else 0.0
