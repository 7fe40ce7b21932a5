"""What may be said of who it was: whether an actor may be named, how likely, and with what confidence. Pure functions.

Likelihood and confidence stand in two sentences (ICD 203). Nobody is named unless every rule is met; what leads then
is said without a name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchword.attribute import words
from watchword.attribute.rules import REFERENCE, Demand, Rules
from watchword.attribute.score import Bits, Hypothesis, Item, Outcome, outcome, speaks_for
from watchword.attribute.sensitivity import Sensitivity


@dataclass(frozen=True, slots=True)
class Confidence:
    """How good the basis is; not how probable the conclusion."""

    level: str  # high, moderate or low
    because: str


def leading_actor(found: Outcome, hypotheses: Sequence[Hypothesis]) -> str:
    """Give the most probable of the actors in scope; empty if there is none."""
    named = [one.name for one in hypotheses if one.names]
    return max(named, key=lambda name: (found.posterior[name], name), default="")


def unmet(
    actor: str,
    items: Sequence[Item],
    hypotheses: Sequence[Hypothesis],
    priors: Sequence[Bits],
    found: Outcome,
    sensitive: Sensitivity,
    known: Rules,
) -> list[str]:
    """Give the rules for naming this actor that are not met, one sentence each; none means that it may be named."""
    if not actor:
        return ["No actor is in scope: nothing that is known of one was met, and nobody fixed one."]
    sentences = []
    if found.leader != actor or found.low[actor] < known.likely:
        span = words.span(found.low[actor], found.high[actor])
        sentences.append(f"Over the whole range of priors {actor} would have to be at least likely; it is {span}.")
    supporting = speaks_for(items, found.counted, actor)
    roots = support(supporting, found.counted, actor, known)
    if len(roots) < known.roots:
        sentences.append(f"It would have to rest on {known.roots} independent roots; it rests on {len(roots)}.")
    lone = [name for name in sensitive.items if not _carries(name, items)] if found.leader == actor else []
    if lone:
        sentences.append(f"It hangs on {', '.join(lone)} alone, which no authority vouches for.")
    for root in roots:
        left = outcome([item for item in items if item.root != root], hypotheses, priors, known)
        if found.low[actor] >= known.likely and left.low[actor] < known.likely and not _vouched(root, items):
            sentences.append(f"Without what goes back to {root} it would not stand.")
    private = sum(found.counted[item.name][actor] for item in supporting if not item.imitable)
    if private < known.private_bits:
        sentences.append("All or most that speaks for it could have been copied from what was public, or costs little.")
    return sentences


def support(items: Sequence[Item], counted: Mapping[str, Bits], actor: str, known: Rules) -> list[str]:
    """Give the roots on which it rests, strongest first."""
    roots: dict[str, float] = {}
    for item in items:
        roots[item.root] = roots.get(item.root, 0.0) + counted[item.name][actor]
    return sorted(
        (root for root, bits in roots.items() if bits >= known.root_bits), key=lambda root: (-roots[root], root)
    )


def confidence(leader: str, items: Sequence[Item], found: Outcome, sensitive: Sensitivity, known: Rules) -> Confidence:
    """Say how good the basis of the conclusion is: roots, what is covered, the weakest source it needs, deception."""
    supporting = speaks_for(items, found.counted, leader)
    if not supporting:
        return Confidence("low", "It rests on what is usual, and on no evidence of this operation.")
    roots = support(supporting, found.counted, leader, known)
    vertices = sorted({item.vertex for item in supporting if item.vertex})
    path = [item for item in supporting if item.name in (*sensitive.items, *sensitive.smallest)] or supporting[:1]
    worst = min(path, key=lambda item: (item.reliability, item.name))
    total = sum(found.counted[item.name][leader] for item in supporting)
    copied = sum(found.counted[item.name][leader] for item in supporting if item.imitable) / total
    level = "low"
    for name, demand in (("moderate", known.moderate), ("high", known.high)):
        if _meets(demand, len(roots), len(vertices), worst.reliability, copied):
            level = name
    if level == "high" and sensitive.items:
        level = "moderate"  # what hangs on one exhibit is no sound basis
    return Confidence(
        level,
        f"It rests on {_counted(len(roots), 'independent root')} and on evidence of {_listed(vertices)}; the weakest "
        f"source that it needs can be relied on at {words.percent(worst.reliability, worst.reliability)}, and "
        f"{copied:.0%} of what speaks for it could have been copied or put on.",
    )


def likelihood(
    named: str, found: Outcome, hypotheses: Sequence[Hypothesis], titles: Mapping[str, str], priors: Sequence[Bits]
) -> str:
    """Say how likely the leading hypothesis is, and over which priors that holds."""
    leader = named or found.leader
    low, high = found.low[leader], found.high[leader]
    unknowns = [one[REFERENCE] for one in priors if REFERENCE in one]
    span = f"{words.span(low, high)} ({words.percent(low, high)})"
    held = f"over priors of {words.percent(min(unknowns), max(unknowns))} for somebody unknown"
    if named:
        return f"That it was {titles[leader]} is {span}, {held}, and whether or not the active are thought likelier."
    actor = leading_actor(found, hypotheses)
    also = ""
    if actor and actor != leader:
        also = f" That it was {titles[actor]} is {words.span(found.low[actor], found.high[actor])}."
    if not any(one.name == leader and one.names for one in hypotheses):
        return f"Nobody is named. That it was {titles[leader]} is {span}, {held}.{also}"
    alone = f"The evidence alone would make {titles[leader]} {span}, {held}."
    return f"Nobody is named, because the rules for that are not met. {alone}"


def _meets(demand: Demand, roots: int, vertices: int, reliability: float, imitable: float) -> bool:
    enough = roots >= demand.roots and vertices >= demand.vertices
    return enough and reliability >= demand.reliability and imitable <= demand.imitable


def _carries(name: str, items: Sequence[Item]) -> bool:
    return any(item.name == name and item.authoritative and not item.imitable for item in items)


def _vouched(root: str, items: Sequence[Item]) -> bool:
    return any(item.root == root and _carries(item.name, items) for item in items)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) if names else "nothing of the Diamond Model"
