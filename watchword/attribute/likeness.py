"""How like a set of techniques and programs is to what single reports say of each actor, in bits against anybody.

An actor's reports are of different years and different work: a mean of them is like none. So what was observed is
compared with each report, and what counts is how much liker the actor's own are than all are. Added to that, weakly,
is how much oftener the actor's reports name each item. The whole is held within the cap of techniques, unless a program
was seen that reports name of few actors: brought down in proportion, not cut off, so that the order of actors stays.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from watchword.attribute.profile import Profile, item_bits
from watchword.attribute.rules import Rules, rules

Items = frozenset[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What one report says of one actor."""

    actor: str
    techniques: Items
    software: Items = frozenset()
    name: str = ""

    @property
    def items(self) -> Items:
        """Give both."""
        return self.techniques | self.software


@dataclass(frozen=True, slots=True)
class Fit:
    """How well what was observed fits one actor, against anybody."""

    techniques: float  # bits of techniques alone, within their cap
    software: float  # bits that programs add or take, both within their caps
    uncapped: float  # bits of both before caps, which is to be read as an order and a measure only
    nearest: str  # name of the actor's report that is most like it; empty if none is

    @property
    def bits(self) -> float:
        """Give what counts."""
        return self.techniques + self.software


@dataclass(frozen=True, slots=True)
class Learned:
    """What reports say of all actors, ready to be asked."""

    reports: Sequence[Told]
    weights: Mapping[str, float]  # of items: what few reports name weighs more
    lengths: Sequence[float]
    naming: Mapping[str, Sequence[int]]  # item -> places of reports that name it
    users: Mapping[str, int]  # program -> by how many actors it is said to be used
    profiles: Mapping[str, Profile]
    everybody: Profile
    known: Rules

    def fits(self, techniques: Set[str], software: Set[str] = frozenset()) -> dict[str, Fit]:
        """Say for each actor how well it fits. What is not observed does not count."""
        told = self._bits(techniques)
        whole = self._bits(techniques | software) if software else told
        nearest = self._nearest(techniques | software)
        few = any(0 < self.users.get(item, 0) <= self.known.most_actors for item in software)
        most = self.known.technique_cap + (self.known.software_cap if few else 0.0)
        capped, all_capped = held(told, self.known.technique_cap), held(whole, most)
        return {
            actor: Fit(capped[actor], all_capped[actor] - capped[actor], whole[actor], nearest.get(actor, ""))
            for actor in self.profiles
        }

    def _bits(self, observed: Set[str]) -> dict[str, float]:
        like = self._likeness(observed)
        known = self.known
        found = {}
        for actor, profile in self.profiles.items():
            bits = like.get(actor, 0.0)
            for item in sorted(observed):
                if item in self.everybody.counts:
                    power = known.software_exponent if item in self.users else known.technique_exponent
                    bits += power * item_bits(item, profile, self.everybody, known.pseudo)
            found[actor] = bits
        return found

    def _similar(self, observed: Set[str]) -> list[float]:
        """Give the cosine of what was observed with each report."""
        sums = [0.0] * len(self.reports)
        square = 0.0
        for item in sorted(observed):
            weight = self.weights.get(item)
            if weight is None:
                # Nobody ever reported it: as much as the rarest thing would weigh, it is unlike all of them.
                square += self.known.unheard * math.log(1 + len(self.reports)) ** 2
                continue
            square += weight * weight
            for place in self.naming[item]:
                sums[place] += weight * weight
        length = math.sqrt(square) or 1.0
        return [value / (length * own) for value, own in zip(sums, self.lengths, strict=True)]

    def _likeness(self, observed: Set[str]) -> dict[str, float]:
        """Compare how like an actor's reports are on the average with how like all are, log2."""
        similar = self._similar(observed)
        if not any(similar):
            return {}
        own: dict[str, float] = defaultdict(float)
        for report, value in zip(self.reports, similar, strict=True):
            own[report.actor] += math.exp(self.known.sharpness * value)
        usual = sum(own.values()) / len(self.reports)
        few = self.known.few
        return {
            actor: math.log2((value + few * usual) / ((self.profiles[actor].reports + few) * usual))
            for actor, value in own.items()
        }

    def _nearest(self, observed: Set[str]) -> dict[str, str]:
        best: dict[str, tuple[float, str]] = {}
        for report, value in zip(self.reports, self._similar(observed), strict=True):
            if value > best.get(report.actor, (0.0, ""))[0]:
                best[report.actor] = value, report.name
        return {actor: name for actor, (_, name) in best.items()}


def learn(reports: Iterable[Told], known: Rules | None = None) -> Learned:
    """Take in what reports say; of one that names nothing, nothing."""
    known = known or rules()
    kept = [report for report in reports if report.items]
    named: Counter[str] = Counter()
    naming: dict[str, list[int]] = defaultdict(list)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    of_actor: Counter[str] = Counter()
    users: dict[str, set[str]] = defaultdict(set)
    for place, report in enumerate(kept):
        of_actor[report.actor] += 1
        counts[report.actor].update(report.items)
        named.update(report.items)
        for item in report.software:
            users[item].add(report.actor)
        for item in sorted(report.items):
            naming[item].append(place)
    weights = {
        item: math.log((1 + len(kept)) / (1 + count)) * (1.0 if item in users else known.technique_weight)
        for item, count in named.items()
    }
    # A report that names only what all name has hardly any length, and would be like everything.
    lengths = [max(math.sqrt(sum(weights[item] ** 2 for item in report.items)), 0.5) for report in kept]
    profiles = {actor: Profile(counts[actor], number) for actor, number in of_actor.items()}
    used_by = {item: len(actors) for item, actors in users.items()}
    return Learned(kept, weights, lengths, naming, used_by, profiles, Profile(named, len(kept)), known)


def held(bits: Mapping[str, float], cap: float) -> dict[str, float]:
    """Bring all actors' bits down in proportion until the highest is within a cap; below, cut off what is left."""
    most = max(bits.values(), default=0.0)
    share = cap / most if most > cap else 1.0
    return {actor: max(value * share, -cap) for actor, value in bits.items()}
