"""What Watchword is measured against: overlap of sets, TF-IDF cosine, and a likelihood ratio with a prior.

Each is taught with the same reports and asked the same questions in the same run.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Items = frozenset[str]
Scores = dict[str, float]
UNKNOWN = 0.4  # prior of an actor that is not known, for the likelihood ratio
SMOOTHED = 0.5


@dataclass(frozen=True, slots=True)
class Lesson:
    """One report that is learned from: whom it is on and what it names."""

    actor: str
    items: Items
    year: float = 0.0


@dataclass(frozen=True, slots=True)
class Jaccard:
    """Overlap of what is seen with all that was ever said of an actor."""

    profiles: Mapping[str, Items]

    @classmethod
    def taught(cls, lessons: Iterable[Lesson]) -> "Jaccard":
        """Unite what all reports on an actor name."""
        profiles: dict[str, set[str]] = defaultdict(set)
        for lesson in lessons:
            profiles[lesson.actor] |= lesson.items
        return cls({actor: frozenset(items) for actor, items in profiles.items()})

    def scores(self, seen: Items) -> Scores:
        """Give each actor's share of what either has."""
        return {actor: len(seen & items) / max(len(seen | items), 1) for actor, items in self.profiles.items()}


@dataclass(frozen=True, slots=True)
class Cosine:
    """Cosine of TF-IDF vectors: what few actors use weighs more."""

    weights: Mapping[str, float]
    profiles: Mapping[str, Mapping[str, float]]

    @classmethod
    def taught(cls, lessons: Sequence[Lesson]) -> "Cosine":
        """Count in how many reports on an actor an item is named, and by how many actors it is used."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for lesson in lessons:
            counts[lesson.actor].update(lesson.items)
        used = Counter(item for one in counts.values() for item in one)
        weights = {item: math.log((1 + len(counts)) / (1 + number)) + 1 for item, number in used.items()}
        profiles = {
            actor: {item: (1 + math.log(count)) * weights[item] for item, count in one.items()}
            for actor, one in counts.items()
        }
        return cls(weights, profiles)

    def scores(self, seen: Items) -> Scores:
        """Give each actor's cosine with what is seen."""
        vector = {item: self.weights[item] for item in seen if item in self.weights}
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        return {
            actor: sum(value * profile.get(item, 0.0) for item, value in vector.items())
            / (length * math.sqrt(sum(value * value for value in profile.values())))
            for actor, profile in self.profiles.items()
            if profile
        }


@dataclass(frozen=True, slots=True)
class Ratio:
    """Naive likelihood ratio of each item against all reports, at an exponent, with a prior by number of reports."""

    lessons: Mapping[str, int]
    counts: Mapping[str, Mapping[str, int]]
    all_counts: Mapping[str, int]
    exponent: float = 1.0

    @classmethod
    def taught(cls, lessons: Sequence[Lesson], exponent: float = 1.0) -> "Ratio":
        """Count reports and items for each actor and for all."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for lesson in lessons:
            counts[lesson.actor].update(lesson.items)
        return cls(
            Counter(lesson.actor for lesson in lessons),
            counts,
            Counter(item for lesson in lessons for item in lesson.items),
            exponent,
        )

    def scores(self, seen: Items) -> Scores:
        """Give the probability of each actor; the rest is the unknown one's."""
        total = sum(self.lessons.values())
        logs = {"": math.log(UNKNOWN)}
        for actor, reports in self.lessons.items():
            own, sum_of_logs = self.counts[actor], 0.0
            for item in seen:
                usual = (self.all_counts.get(item, 0) + SMOOTHED) / (total + 1)
                likely = (own.get(item, 0) + 2 * usual) / (reports + 2)
                sum_of_logs += math.log(likely / usual)
            logs[actor] = math.log((1 - UNKNOWN) * reports / total) + self.exponent * sum_of_logs
        most = max(logs.values())
        odds = {actor: math.exp(value - most) for actor, value in logs.items()}
        whole = sum(odds.values())
        return {actor: value / whole for actor, value in odds.items() if actor}
