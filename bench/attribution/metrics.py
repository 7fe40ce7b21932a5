"""How good probabilities over actors are: order, coverage, precision when naming, and whether they are true.

An answer gives a probability to each actor that is known and to the unknown one, written as an empty name. The truth is
an actor, or the unknown one if no profile of the true actor was there to be found.
"""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

UNKNOWN = ""
NAMED = 0.9  # probability from which an actor counts as named
BINS = 10
LEAST = 1e-12
RESAMPLED = 400


@dataclass(frozen=True)  # without slots: what is asked again and again at every draw is kept
class Answer:
    """What one method said of one question."""

    truth: str  # actor; empty if no method could know it
    scores: Mapping[str, float]  # of actors and of the unknown one; higher is more probable
    chance: bool = True  # the scores are probabilities
    cluster: str = ""  # what answers depend on each other by: the true actor, known or not

    @cached_property
    def rank(self) -> float:
        """Give the place of the true actor among those known, 1 the first; of those with one score the mean place."""
        own = self.scores[self.truth]
        others = [value for actor, value in self.scores.items() if actor not in (UNKNOWN, self.truth)]
        return 1 + sum(value > own for value in others) + sum(value == own for value in others) / 2

    @cached_property
    def best(self) -> str:
        """Give the actor with the highest score; the unknown one does not count."""
        return max((actor for actor in self.scores if actor), key=lambda actor: (self.scores[actor], actor))

    @cached_property
    def is_known(self) -> bool:
        """Tell whether the true actor could be found."""
        return self.truth != UNKNOWN

    @cached_property
    def is_named(self) -> bool:
        """Tell whether the answer names an actor."""
        return self.scores[self.best] >= NAMED

    @cached_property
    def first(self) -> str:
        """Give the most probable hypothesis, the unknown actor being one."""
        return max(self.scores, key=lambda name: (self.scores[name], name))

    @cached_property
    def distance(self) -> float:
        """Give the square of the distance to the truth, summed over hypotheses."""
        return sum((value - (name == self.truth)) ** 2 for name, value in self.scores.items())

    @cached_property
    def surprise(self) -> float:
        """Give the bits of surprise at the truth."""
        return -math.log2(max(self.scores[self.truth], LEAST))


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where 95 of 100 draws of actors put it."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Print it as a table has it."""
        if math.isnan(self.value):
            return "-"
        return f"{self.value:.3f} ({self.low:.2f}-{self.high:.2f})"


Figure = Callable[[Sequence[Answer]], float]


def top(answers: Sequence[Answer], places: int) -> float:
    """Give the share of known actors that are among the first places."""
    known = [answer for answer in answers if answer.is_known]
    return sum(answer.rank <= places for answer in known) / len(known) if known else math.nan


def coverage(answers: Sequence[Answer]) -> float:
    """Give the share of questions at which an actor is named."""
    return sum(answer.is_named for answer in answers) / len(answers) if answers else math.nan


def precision(answers: Sequence[Answer]) -> float:
    """Give the share of named actors that are right."""
    named = [answer for answer in answers if answer.is_named]
    return sum(answer.best == answer.truth for answer in named) / len(named) if named else math.nan


def falsely_named(answers: Sequence[Answer]) -> float:
    """Give the share of questions at which a wrong actor is named."""
    wrong = sum(answer.is_named and answer.best != answer.truth for answer in answers)
    return wrong / len(answers) if answers else math.nan


def calibration_error(pairs: Iterable[tuple[float, bool]]) -> float:
    """Give the mean distance of what was said from what was true, over bins of equal width (ECE)."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    total = 0
    for said, true in pairs:
        bins[min(int(said * BINS), BINS - 1)].append((said, true))
        total += 1
    gaps = (abs(sum(said for said, _ in one) - sum(true for _, true in one)) for one in bins.values())
    return sum(gaps) / total if total else math.nan


def error_of_best(answers: Sequence[Answer]) -> float:
    """Give the calibration error of the probability of the foremost actor."""
    return calibration_error((answer.scores[answer.best], answer.best == answer.truth) for answer in answers)


def error_of_first(answers: Sequence[Answer]) -> float:
    """Give the calibration error of the most probable hypothesis, the unknown actor being one."""
    return calibration_error((answer.scores[answer.first], answer.first == answer.truth) for answer in answers)


def error_of_all(answers: Sequence[Answer]) -> float:
    """Give the calibration error over every hypothesis of every answer; most are near 0, so that it is small."""
    return calibration_error(
        (value, name == answer.truth) for answer in answers for name, value in answer.scores.items()
    )


def brier(answers: Sequence[Answer]) -> float:
    """Give the mean of squared distances, summed over hypotheses: 0 is best, 2 worst."""
    return _mean(answer.distance for answer in answers)


def log_score(answers: Sequence[Answer]) -> float:
    """Give the mean of bits of surprise at the truth: 0 is best."""
    return _mean(answer.surprise for answer in answers)


def interval(answers: Sequence[Answer], figure: Figure, seed: int = 1) -> Interval:
    """Give a figure with its interval; actors are drawn, as reports on one actor depend on each other."""
    groups: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        groups[answer.cluster or answer.truth].append(answer)
    names = sorted(groups)
    source = random.Random(seed)  # noqa: S311  # draws for an interval, no secret
    drawn = []
    for _ in range(RESAMPLED):
        some = [answer for name in source.choices(names, k=len(names)) for answer in groups[name]]
        value = figure(some)
        if not math.isnan(value):
            drawn.append(value)
    drawn.sort()
    if not drawn:
        return Interval(math.nan, math.nan, math.nan)
    last = len(drawn) - 1
    return Interval(figure(answers), drawn[round(0.025 * last)], drawn[round(0.975 * last)])


def difference(one: Sequence[Answer], other: Sequence[Answer], figure: Figure) -> Interval:
    """Give by how much one method is better than another on the same questions, drawn together."""
    whole = list(zip(one, other, strict=True))
    groups: dict[str, list[tuple[Answer, Answer]]] = defaultdict(list)
    for pair in whole:
        groups[pair[0].cluster or pair[0].truth].append(pair)
    names = sorted(groups)
    source = random.Random(1)  # noqa: S311  # draws for an interval, no secret

    def gap(pairs: Sequence[tuple[Answer, Answer]]) -> float:
        return figure([pair[0] for pair in pairs]) - figure([pair[1] for pair in pairs])

    drawn = sorted(
        gap([pair for name in source.choices(names, k=len(names)) for pair in groups[name]]) for _ in range(RESAMPLED)
    )
    last = len(drawn) - 1
    return Interval(gap(whole), drawn[round(0.025 * last)], drawn[round(0.975 * last)])


def _mean(values: Iterable[float]) -> float:
    some = list(values)
    return sum(some) / len(some) if some else math.nan
