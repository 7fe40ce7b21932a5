"""What evidence comes to: from likelihood ratios of single exhibits to a range of posteriors. Pure functions.

All bits are log2 of evidence given hypothesis against evidence given an unknown actor, never the reverse. In order:
the cap of the kind; the discount by the grade of the source; what shares a root or a family counts less and less;
weak families have ceilings; what could be copied speaks for the imitator, too. No step can make an exhibit count more.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from watchword.attribute.rules import CLASSES, REFERENCE, Rules, rules

Bits = dict[str, float]  # by hypothesis, or by item


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One explanation. Of an actor, its imitator or a class of actors."""

    name: str
    actor: str = ""  # whom it names or imitates
    imitates: bool = False

    @property
    def names(self) -> bool:
        """Whether it says that this actor did it."""
        return bool(self.actor) and not self.imitates


@dataclass(frozen=True, slots=True)
class Item:
    """One exhibit as it is weighed."""

    name: str
    family: str
    root: str
    bits: Mapping[str, float]  # by hypothesis, as given or measured; what is missing is 0
    cap: float = 10.0  # bits at most, either way
    reliability: float = 1.0  # of its source, 0 to 1
    imitable: bool = False  # an imitator could know it, or could show it for little, when the mail was sent
    authoritative: bool = False  # may carry a conclusion alone
    source: str = ""
    vertex: str = ""  # of the Diamond Model: adversary, capability, infrastructure or victim


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all the evidence comes to over the whole range of priors."""

    counted: Mapping[str, Bits]  # item -> hypothesis -> bits
    posterior: Bits  # with the prior as fixed
    low: Bits
    high: Bits

    @property
    def leader(self) -> str:
        """Give the most probable hypothesis with the prior as fixed."""
        return max(self.posterior, key=lambda name: (self.posterior[name], name))

    def stands(self, known: Rules) -> bool:
        """Whether the leader is at least likely over the whole range of priors."""
        return self.low[self.leader] >= known.likely


def scope(actors: Iterable[str], further: Iterable[str] = ()) -> list[Hypothesis]:
    """Give the hypotheses: these actors, an imitator of each, the classes that are always there, and further ones."""
    found = [Hypothesis(name) for name in dict.fromkeys((*CLASSES, *further))]
    for actor in dict.fromkeys(actors):
        found += [Hypothesis(actor, actor), Hypothesis(f"imitator of {actor}", actor, imitates=True)]
    return found


def prior(
    hypotheses: Sequence[Hypothesis],
    unknown: float,
    imitator: float,
    weights: Mapping[str, float],
    among: int,
    known: Rules | None = None,
) -> Bits:
    """Spread probability over the hypotheses before any evidence.

    `weights` says how the share of the actors is spread over them; it is divided among at least `among` actors, so
    that the few in scope do not stand for all who could have done it.
    """
    known = known or rules()
    actors = list(dict.fromkeys(one.actor for one in hypotheses if one.names))
    total = sum(weights.get(actor, 1.0) for actor in actors) or 1.0
    named = known.named * min(1.0, len(actors) / max(among, 1))
    shares: Bits = {}
    for one in hypotheses:
        if one.actor:
            share = named * weights.get(one.actor, 1.0) / total
            shares[one.name] = share * (imitator if one.imitates else 1 - imitator)
        elif one.name != REFERENCE:
            shares[one.name] = known.classes.get(one.name, min(known.classes.values()))
    rest = sum(shares.values())
    found = {name: (1 - unknown) * share / rest for name, share in shares.items()}
    return {REFERENCE: unknown} | found


def grid(
    hypotheses: Sequence[Hypothesis],
    activity: Mapping[str, float],
    among: int,
    unknown: float | None = None,
    known: Rules | None = None,
) -> list[Bits]:
    """Give every prior that is tried, that which is fixed first: unknown, imitators, and flat or by activity."""
    known = known or rules()
    central = max(known.unknown if unknown is None else unknown, known.unknown_least)
    flat = dict.fromkeys(activity, 1.0)
    tried = [prior(hypotheses, central, known.imitator, flat, among, known)]
    for share in sorted({*known.unknown_range, central}):
        for imitator in known.imitator_range:
            tried += [prior(hypotheses, share, imitator, weights, among, known) for weights in (flat, activity)]
    return tried


def discount(bits: float, reliability: float) -> float:
    """Weigh down a likelihood ratio by how far its source can be relied on: LR' = r LR + (1 - r)."""
    return math.log2(reliability * 2.0**bits + 1.0 - reliability)


def alone(item: Item, hypothesis: str) -> float:
    """Give what an exhibit weighs alone, after cap and grade."""
    given = item.bits.get(hypothesis, 0.0)
    return discount(min(max(given, -item.cap), item.cap), item.reliability) if given else 0.0


def tempered(items: Sequence[tuple[Item, float]], known: Rules) -> Bits:
    """Weigh what depends on each other; the values are of one sign, given as sizes.

    Of a root, or of a family, the strongest counts in full, each further so much of the one before; of both ways to
    group, the one that leaves less holds. A weak family has a ceiling, and all of them together have one.
    """
    strong = [pair for pair in items if pair[0].family not in known.caps]
    ways = [_decaying(strong, [getattr(item, way) for item, _ in strong], known.exponent) for way in ("root", "family")]
    found = min(ways, key=lambda way: sum(way.values()))
    families: dict[str, list[tuple[Item, float]]] = defaultdict(list)
    for item, size in items:
        if item.family in known.caps:
            families[item.family].append((item, size))
    weak: Bits = {}
    for family, members in families.items():
        weak |= _within(_decaying(members, [family] * len(members), known.exponent), known.caps[family])
    return found | _within(weak, known.weak_together)


def weigh(items: Sequence[Item], hypotheses: Sequence[Hypothesis], known: Rules | None = None) -> dict[str, Bits]:
    """Give what each item counts for each hypothesis; item -> hypothesis -> bits."""
    known = known or rules()
    found: dict[str, Bits] = {item.name: {one.name: 0.0 for one in hypotheses} for item in items}
    for one in hypotheses:
        if one.name == REFERENCE:
            continue
        values = [(item, alone(item, one.name)) for item in items]
        for sign in (1, -1):
            some = [(item, abs(value)) for item, value in values if value * sign > 0]
            for name, size in tempered(some, known).items():
                found[name][one.name] += sign * size
    for one in hypotheses:
        if one.imitates:
            explained = _imitated(items, one.actor, found, known)
            for item in items:
                if one.name not in item.bits:
                    found[item.name][one.name] = explained.get(item.name, 0.0)
    return found


def posterior(priors: Mapping[str, float], counted: Mapping[str, Bits]) -> Bits:
    """Give the probability of each hypothesis after the evidence."""
    logs = {
        name: math.log2(share) + sum(bits.get(name, 0.0) for bits in counted.values())
        for name, share in priors.items()
        if share > 0
    }
    most = max(logs.values())
    odds = {name: 2.0 ** (value - most) for name, value in logs.items()}
    total = sum(odds.values())
    return {name: odds.get(name, 0.0) / total for name in priors}


def outcome(
    items: Sequence[Item], hypotheses: Sequence[Hypothesis], priors: Sequence[Bits], known: Rules | None = None
) -> Outcome:
    """Weigh all the evidence over all priors, of which the first is the one that was fixed."""
    known = known or rules()
    counted = weigh(items, hypotheses, known)
    every = [posterior(one, counted) for one in priors]
    names = [one.name for one in hypotheses]
    return Outcome(
        counted,
        every[0],
        {name: min(one[name] for one in every) for name in names},
        {name: max(one[name] for one in every) for name in names},
    )


def speaks_for(items: Sequence[Item], counted: Mapping[str, Bits], hypothesis: str) -> list[Item]:
    """Give the items that count for a hypothesis, strongest first."""
    some = [item for item in items if counted[item.name].get(hypothesis, 0.0) > 0]
    return sorted(some, key=lambda item: (-counted[item.name][hypothesis], item.name))


def _imitated(items: Sequence[Item], actor: str, counted: Mapping[str, Bits], known: Rules) -> Bits:
    """Give what an imitator of the actor explains as well as the actor does.

    Of all that could be copied the actor gains no more on it than the advantage, however much it is: who copies one
    thing copies more. What could not be copied it does not explain.
    """
    some = [(item, counted[item.name].get(actor, 0.0)) for item in items]
    total = sum(bits for _, bits in some if bits > 0)
    sizes = [(item, alone(item, actor)) for item, bits in some if bits > 0]
    private = sum(tempered([pair for pair in sizes if not pair[0].imitable], known).values())
    copied = sum(tempered([pair for pair in sizes if pair[0].imitable], known).values())
    explained = max(0.0, total - private - min(known.advantage, copied))
    shares = {item.name: bits for item, bits in some if item.imitable and bits > 0}
    whole = sum(shares.values())
    return {name: explained * share / whole for name, share in shares.items()} if whole else {}


def _decaying(items: Sequence[tuple[Item, float]], groups: Sequence[str], exponent: float) -> Bits:
    found: Bits = {}
    ranks: dict[str, int] = defaultdict(int)
    order = sorted(range(len(items)), key=lambda place: (-items[place][1], items[place][0].name))
    for place in order:
        item, size = items[place]
        found[item.name] = size * exponent ** ranks[groups[place]]
        ranks[groups[place]] += 1
    return found


def _within(bits: Bits, most: float) -> Bits:
    total = sum(bits.values())
    return {name: value * most / total for name, value in bits.items()} if total > most else bits
