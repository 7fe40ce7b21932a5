"""How good scores are: thresholds, what is found at them and within a weekly budget, and whether chances are true."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from bench.cases import Judged
from bench.fitting import as_held
from bench.operations.inject import Truth
from bench.scoring import Verdict, found, places

Key = tuple[str, str]  # case and message
EDGES = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 0.9)  # chances at which one bin ends and the next begins


@dataclass(frozen=True, slots=True)
class Method:
    """One way to score mail: higher is worse."""

    name: str
    scores: Mapping[Key, float]
    order: Mapping[Key, float]  # in which a person would look; most often the scores
    chance: bool  # the score is a probability

    def of(self, rows: Iterable[Judged]) -> list[tuple[Judged, float]]:
        """Give rows with their scores; what was not scored is left out."""
        return [(row, self.scores[key(row)]) for row in rows if key(row) in self.scores]


@dataclass(frozen=True, slots=True)
class Operations:
    """What one method finds of the operations of one split, and of one hand or of all, by one rule."""

    method: str
    rule: str
    split: str
    hand: str  # empty: all
    hostile: int
    hostile_found: int
    operations: int
    found: int
    low: float  # Wilson interval of the share found, 95 %
    high: float
    before: int  # of the found ones, before anything was asked
    step: float | None  # median of the steps at which they were first flagged
    steps: dict[int, int]
    twins: int
    twins_alarmed: int


@dataclass(frozen=True, slots=True)
class Alerts:
    """What one method flags of one corpus, by one rule."""

    method: str
    rule: str
    corpus: str
    label: str
    split: str
    messages: int
    alerts: int

    @property
    def share(self) -> float:
        """Of the messages."""
        return self.alerts / self.messages


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages that were given about the same chance, as they would weigh in a mailbox."""

    honest: int
    hostile: int
    said: float  # mean of the chances
    true: float  # share of hostile mail
    low: float  # of that share, from the Wilson intervals of how much hostile and honest mail falls here
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether the chances that a method gives are true on one corpus of honest mail and the operations."""

    method: str
    corpus: str
    split: str
    honest: int
    hostile: int
    brier: float
    brier_of_rate: float  # of one who says the base rate of every message
    error: float  # expected calibration error: mean distance of what is said from what is true, over the bins
    bins: tuple[Bin, ...]


def key(row: Judged) -> Key:
    """Name a message in a case."""
    return row.corpus, row.message


def limit(honest: Mapping[str, Sequence[float]], rate: float) -> float:
    """Give the score above which no corpus alone has more than this rate of alerts; of a small one none."""
    return max(sorted(scores, reverse=True)[math.floor(len(scores) * rate)] for scores in honest.values())


def alerts(method: Method, rule: str, threshold: float, rows: Iterable[Judged]) -> list[Alerts]:
    """Count what scores above a threshold for each corpus, label and split."""
    groups: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for row, score in method.of(rows):
        groups[row.corpus, row.label, row.split].append(score)
    return [
        Alerts(method.name, rule, *group, len(scores), sum(score > threshold for score in scores))
        for group, scores in sorted(groups.items())
    ]


def above(method: Method, threshold: float, rows: Iterable[Judged]) -> set[str]:
    """Name the messages that score above a threshold."""
    return {row.message for row, score in method.of(rows) if score > threshold}


def placed(method: Method, rows: Iterable[Judged], by_message: bool = False) -> dict[str, int]:
    """Give every message its place among what its mailbox received in the same week."""
    return places(
        Verdict(row.message, row.corpus, method.order[key(row)], row.time, "" if by_message else row.conversation)
        for row in rows
        if key(row) in method.order
    )


def operations(
    method: str, rule: str, truth: Sequence[Truth], flagged: set[str], with_file: Collection[str]
) -> list[Operations]:
    """Count operations found and twins alarmed, for each split, of all hands and of each."""
    out = []
    for split in ("dev", "val"):
        rows = [row for row in truth if row.split == split]
        for hand in ("", *sorted({row.hand for row in rows})):
            chosen = [row for row in rows if hand in ("", row.hand)]
            hostile = [row.sha256 for row in chosen if row.hostile]
            seen = found(chosen, flagged, rule, with_file)
            out.append(
                Operations(
                    method,
                    rule,
                    split,
                    hand,
                    len(hostile),
                    len(flagged.intersection(hostile)),
                    seen.operations,
                    seen.found,
                    *wilson(seen.found, seen.operations),
                    seen.before_lure,
                    median(seen.first_steps) if seen.first_steps else None,
                    dict(Counter(seen.first_steps)),
                    seen.twins,
                    seen.twins_alarmed,
                )
            )
    return out


def calibration(method: Method, honest: Sequence[Judged], hostile: Sequence[Judged]) -> Calibration:
    """Compare the chances that a method gives with what is true, weighed as a mailbox holds such mail."""
    scored = method.of([*honest, *hostile])
    rows = [row for row, _ in scored]
    said = np.array([score for _, score in scored])
    true = np.array([row.label != "ham" for row in rows], dtype=np.float64)
    weight = as_held(rows)
    weight /= weight.sum()
    rate = float(weight @ true)
    of = (len(rows) - int(true.sum()), int(true.sum()))
    which = np.searchsorted(EDGES, said, side="right")
    bins, error = [], 0.0
    for number in sorted(set(which.tolist())):
        inside = which == number
        counts = (int(sum(inside * (1 - true))), int(sum(inside * true)))
        share = float(weight[inside].sum())
        mean, observed = float(weight[inside] @ said[inside]) / share, float(weight[inside] @ true[inside]) / share
        error += share * abs(mean - observed)
        ham, bad = wilson(counts[0], of[0]), wilson(counts[1], of[1])
        low, high = (
            rate * bad[end] / (rate * bad[end] + (1 - rate) * ham[1 - end]) if bad[end] > 0 else 0.0 for end in (0, 1)
        )
        bins.append(Bin(*counts, mean, observed, low, high))
    one = honest[0]
    brier = float(weight @ (said - true) ** 2)
    return Calibration(method.name, one.corpus, one.split, *of, brier, rate * (1 - rate), error, tuple(bins))


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    spread = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - spread), min(1.0, middle + spread)
