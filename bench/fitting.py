"""Weights of detectors from judged mail, and what they come to on operations by a hand that they never saw.

One logistic regression gives every detector its bits at once. It is fitted once on everything, which is what ships, and
once for each hand of the operations without it (and without a share of the honest mail): what those fits say of mail
that they never saw decides on scale, prior and thresholds. Otherwise a threshold would only suit the texts at hand.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from bench.cases import Judged
from bench.operations.scenarios import scenarios
from watchword.judge.detector import Detector

Vector = npt.NDArray[np.float64]

NO_BELIEF = ("notice", "account")  # groups that are shown and never weighed
# What a person's or program's words alone can add: never enough for an alert.
WORDS = ("request", "form")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a fit is made with. The defaults were chosen on development operations by hands that each fit left out."""

    penalty: float = 0.003  # of a squared bit, against a mean loss in bits
    base_rate: float = 1 / 2_000  # of received mail that is part of an attack, in a mailbox that is looked into
    honest: float = 0.0005  # share of any one honest corpus that may alert, so that unseen ones stay under 1 in 1,000
    twins: float = 0.04  # share of honest twins of operations that may alert
    most: float = 8.0  # bits that one detector may weigh
    aim: float = 3.0  # bits that one detector may say on whether an attack is on few or on many
    gaps: float = 0.5  # share of findings left out
    copies: int = 5  # of each message, with other findings left out
    seed: int = 20240810
    route: float = 6.0  # bits: of honest mail with results that we trust the corpora hold 129 messages
    # How much each kind of mail counts in all; within a kind every corpus counts alike.
    attack: float = 3.0
    mass: float = 1.0
    ham: float = 6.0
    twin: float = 3.0


DEFAULT = Settings()


@dataclass(frozen=True, slots=True)
class Learned:
    """Bits of each detector, in their order, and the groups' ceilings."""

    bits: Vector
    ceilings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Everything that ships, and what unseen mail would have scored."""

    learned: Learned
    prior: float
    slope: float
    suspicious: float  # bits of calibrated log-odds
    attack: float
    aims: Vector
    aim: float
    unseen: Vector  # calibrated log-odds in bits of each row, by weights that did not see it


class Mail:
    """Judged messages as numbers: one row for each, one column for each detector that counts."""

    def __init__(self, rows: Sequence[Judged], known: Sequence[Detector], settings: Settings) -> None:
        """Take development rows, near-duplicates once."""
        self.rows, self.settings = rows, settings
        self.detectors = [one for one in known if one.group not in NO_BELIEF]
        self.column = {one.name: number for number, one in enumerate(self.detectors)}
        self.fired = np.zeros((len(rows), len(self.detectors)))
        for number, row in enumerate(rows):
            for name in row.detectors:
                if name in self.column:
                    self.fired[number, self.column[name]] = 1
        self.hostile = np.array([row.label in ("attack", "mass") for row in rows], dtype=np.float64)
        self.fold = folds(rows)

    def learn(self, chosen: npt.NDArray[np.bool_]) -> Learned:
        """Fit bits and ceilings on some of the rows."""
        settings = self.settings
        fired, hostile = self.fired[chosen], self.hostile[chosen]
        share = shares([row for row, there in zip(self.rows, chosen, strict=True) if there], settings)
        lower = np.array([-settings.most if one.group == "known" else 0.0 for one in self.detectors])
        upper = np.array([0.0 if one.group == "known" else settings.most for one in self.detectors])
        bits, _ = fit(*with_gaps(fired, hostile, share, settings), lower, upper, settings.penalty)
        return Learned(bits, self._ceilings(bits, fired, hostile))

    def total(self, learned: Learned, chosen: npt.NDArray[np.bool_], words: float) -> Vector:
        """Sum the bits of some rows under the groups' ceilings; groups of words get `words` bits at most together."""
        fired = self.fired[chosen]
        total = np.zeros(len(fired))
        limits = limited(learned.ceilings, words)
        for group in dict.fromkeys(one.group for one in self.detectors):
            members = [number for number, one in enumerate(self.detectors) if one.group == group]
            total += np.minimum(fired[:, members] @ learned.bits[members], limits.get(group, math.inf))
        return total

    def _ceilings(self, bits: Vector, fired: Vector, hostile: Vector) -> dict[str, float]:
        """A group counts at most as its strongest detector, or as what it adds in 99 of 100 attacks."""
        ceilings = {}
        for group in dict.fromkeys(one.group for one in self.detectors if one.group != "known"):
            members = [number for number, one in enumerate(self.detectors) if one.group == group]
            sums = (fired[:, members] @ bits[members])[hostile == 1]
            strongest = float(max(bits[members], default=0.0))
            ceilings[group] = max(strongest, float(np.quantile(sums[sums > 0], 0.99)) if (sums > 0).any() else 0.0)
        ceilings["route"] = min(ceilings["route"], self.settings.route)
        return ceilings


def fitted(mail: Mail) -> Fitted:
    """Fit on everything, and calibrate on what each fold's fit says of the mail that it left out."""
    settings, everything = mail.settings, np.ones(len(mail.rows), dtype=bool)
    learned = mail.learn(everything)
    apart = {int(number): mail.learn(mail.fold != number) for number in np.unique(mail.fold)}
    real = as_held(mail.rows, settings)
    words = math.inf
    while True:
        total = np.zeros(len(mail.rows))
        for number, one in apart.items():
            left_out = mail.fold == number
            total[left_out] = mail.total(one, left_out, words)
        (slope,), prior = fit(total[:, None], mail.hostile, real, np.array([0.2]), np.array([5.0]), 0.0)
        unseen = prior + slope * total
        suspicious = threshold(mail.rows, unseen, settings.honest, settings.twins)
        most = sum(limited(learned.ceilings, words)[name] for name in WORDS)
        if prior + slope * most < suspicious:  # words alone must not reach an alert
            break
        words = 0.95 * most
    attack = max(suspicious, 0.0, threshold(mail.rows, unseen, 0.0, settings.twins / 3))
    aims, aim = _aims(mail)
    learned = Learned(learned.bits, limited(learned.ceilings, words))
    return Fitted(learned, prior, slope, suspicious, attack, aims, aim, unseen)


def limited(ceilings: dict[str, float], words: float) -> dict[str, float]:
    """Lower the ceilings of the groups of words in proportion until they are `words` bits together."""
    together = sum(ceilings[name] for name in WORDS)
    factor = min(1.0, words / together) if together else 1.0
    return {name: bits * factor if name in WORDS else bits for name, bits in ceilings.items()}


def folds(rows: Sequence[Judged]) -> npt.NDArray[np.int64]:
    """Give each row its fold: operations by the hand that wrote them, other mail by cluster."""
    hand_of = {one.id: one.hand for one in scenarios()}
    hands = sorted({hand_of[row.scenario] for row in rows if row.operation})
    number = {hand: place for place, hand in enumerate(hands)}
    return np.array(
        [
            number[hand_of[row.scenario]] if row.operation else crc32(row.cluster.encode()) % max(1, len(hands))
            for row in rows
        ]
    )


def with_gaps(fired: Vector, hostile: Vector, share: Vector, settings: Settings) -> tuple[Vector, Vector, Vector]:
    """Repeat every message with some of its findings missing, as if those detectors had been blind to it.

    Otherwise a detector that is strong but rare weighs little, because the attacks at hand were found without it;
    the next attack may show nothing else (dropout, Wager, Wang and Liang 2013). Equal rows become one.
    """
    chance = np.random.default_rng(settings.seed)
    copies = [fired * (chance.random(fired.shape) >= settings.gaps) for _ in range(settings.copies)]
    times = 1 + settings.copies
    both = np.column_stack([np.vstack([fired, *copies]), np.tile(hostile, times)])
    packed = np.packbits(both.astype(bool), axis=1)
    _, first, where = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    together = np.bincount(where.ravel(), weights=np.tile(share, times)).astype(np.float64)
    distinct: Vector = both[first]
    return distinct[:, :-1], distinct[:, -1], together


def _aims(mail: Mail) -> tuple[Vector, float]:
    """Fit what tells attacks on few from attacks on many, both counting alike."""
    chosen = mail.hostile == 1
    few = np.array([row.label == "attack" for row in mail.rows], dtype=np.float64)[chosen]
    share = np.where(few == 1, 1 / few.sum(), 1 / (1 - few).sum())
    bound = np.full(mail.fired.shape[1], mail.settings.aim)
    return fit(mail.fired[chosen], few, share, -bound, bound, 5 * mail.settings.penalty)


def corpus_of(row: Judged) -> str:
    """Name what a row is reported with: its corpus and label; operations as one."""
    return row.label + "s" if row.operation else f"{row.corpus} {row.label}"


def shares(rows: Sequence[Judged], settings: Settings = DEFAULT) -> Vector:
    """Weigh messages so that every corpus of a kind counts alike."""
    kinds = {"attack": settings.attack, "mass": settings.mass, "ham": settings.ham, "twin": settings.twin}
    sizes = Counter(corpus_of(row) for row in rows)
    of_label: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        of_label[row.label].add(corpus_of(row))
    return np.array([kinds[row.label] / len(of_label[row.label]) / sizes[corpus_of(row)] for row in rows])


def as_held(rows: Sequence[Judged], settings: Settings = DEFAULT) -> Vector:
    """Weigh messages as a mailbox holds them: attacks at the base rate, every corpus of honest mail by its size.

    Twins are left out: they were written to be as close to an attack as honest mail comes, and are rarer than it.
    """
    count = Counter(row.label for row in rows)
    rate = settings.base_rate
    hostile = {"attack": rate / 2, "mass": rate / 2, "ham": 1 - rate, "twin": 0.0}
    return np.array([hostile[row.label] / count[row.label] for row in rows])


def fit(
    fired: Vector, hostile: Vector, share: Vector, lower: Vector, upper: Vector, penalty: float
) -> tuple[Vector, float]:
    """Fit weights in bits within bounds: logistic loss in bits, squared penalty on the weights."""
    share = share / share.sum()

    def loss(point: Vector) -> tuple[float, Vector]:
        weight, offset = point[:-1], point[-1]
        odds = (fired @ weight + offset) * math.log(2)
        chance = 1 / (1 + np.exp(-odds))
        surprise = np.logaddexp(0, np.where(hostile == 1, -odds, odds)) / math.log(2)
        slope = share * (chance - hostile)
        gradient = np.append(fired.T @ slope + 2 * penalty / len(weight) * weight, slope.sum())
        return float(share @ surprise + penalty / len(weight) * (weight @ weight)), gradient

    start = np.zeros(fired.shape[1] + 1)
    bounds = [*zip(lower, upper, strict=True), (-20.0, 20.0)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000})
    return found.x[:-1], float(found.x[-1])


def threshold(rows: Sequence[Judged], score: Vector, honest: float, twins: float) -> float:
    """Give the lowest score at which no honest corpus, nor the twins, give more alerts than allowed.

    Of a corpus messages count, of twins operations: one alarm on any of its messages is an alarm.
    """
    by_corpus: dict[str, dict[str, float]] = defaultdict(dict)
    for row, value in zip(rows, score, strict=True):
        if row.label in ("ham", "twin"):
            unit = f"{row.corpus}/{row.operation}" if row.operation else row.message
            there = by_corpus[corpus_of(row)]
            there[unit] = max(value, there.get(unit, -math.inf))
    limit = -math.inf
    for name, values in by_corpus.items():
        allowed = math.floor(len(values) * (twins if name == "twins" else honest))
        limit = max(limit, sorted(values.values(), reverse=True)[min(allowed, len(values) - 1)])
    return limit + 0.01
