"""Measure what each detector weighs, and write `watchword/judge/weights.toml`.

`python -m bench.weights --corpora DIR --work DIR` judges the development halves of the corpora and the development
operations, and fits one weight for each detector at once (logistic regression with a penalty), so that two detectors
which see the same thing share its weight. A weight may not speak against its group: what speaks for an attack weighs
nothing or more, what speaks for honest mail nothing or less. Every corpus counts alike however large it is, and
near-duplicates count once. Thresholds are set so that on every honest corpus alone few messages alert.
"""

import argparse
import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from bench.cases import Judged, corpora_judged, operations_judged
from watchword.judge.detector import Detector, detectors

Vector = npt.NDArray[np.float64]

PENALTY = 0.001  # of a squared bit, against a mean loss in bits
BASE_RATE = 1 / 2_000  # of received mail that we expect to be part of an attack, in a mailbox that is looked into
PER_THOUSAND = 0.5  # alerts per 1,000 honest messages that any one corpus may give, so that unseen ones stay under 1
TWINS = 10.0  # the same for honest twins
MOST = 8.0  # bits that one detector may weigh
AIM = 3.0  # bits that one detector may say on whether an attack is on few or on many
GAPS, GAPS_COPIES, GAPS_SEED = 0.5, 5, 20240810  # share of findings left out, in how many copies of each message
ROUTE = 6.0  # bits: of honest mail with results that we trust the corpora hold 129 messages, so rarer is not known
SEEDS = (1, 2)
LEFT_OUT = ("spamassassin",)  # its addresses were made unreadable: nobody has a history there
# How much each kind of mail counts in all; within a kind every corpus counts alike.
MASS = {"attack": 3.0, "mass": 1.0, "ham": 6.0, "twin": 1.0}
# What a person's or program's words alone can add: never enough for an alert.
WORDS = ("request", "form")


def main() -> None:
    """Fit the weights and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the cases; kept between runs")
    parser.add_argument("--output", type=Path, default=Path("watchword/judge/weights.toml"))
    arguments = parser.parse_args()
    rows = list(corpora_judged(arguments.corpora, arguments.work))
    for seed in SEEDS:
        rows.extend(operations_judged(arguments.corpora, arguments.work, seed))
    content = fitted(development(rows), detectors())
    arguments.output.write_text(content, "utf-8")
    print(content)


def fitted(rows: Sequence[Judged], known: Sequence[Detector]) -> str:
    """Give the content of `weights.toml` fitted on `rows`."""
    counted = [one for one in known if one.group not in ("notice", "account")]
    column = {one.name: number for number, one in enumerate(counted)}
    fired = np.zeros((len(rows), len(counted)))
    for number, row in enumerate(rows):
        for name in row.detectors:
            if name in column:
                fired[number, column[name]] = 1
    hostile = np.array([row.label in ("attack", "mass") for row in rows], dtype=np.float64)
    share = shares(rows)
    lower = np.array([-MOST if one.group == "known" else 0.0 for one in counted])
    upper = np.array([0.0 if one.group == "known" else MOST for one in counted])
    weight, _ = fit(*_with_gaps(fired, hostile, share), lower, upper, PENALTY)
    ceilings = _ceilings(counted, fired, weight, hostile)
    real = as_held(rows)
    while True:
        total = _capped(counted, fired, weight, ceilings)
        # With ceilings on, scale and prior are fitted once more, at the rate of attacks that we expect in real mail.
        (slope,), prior = fit(total[:, None], hostile, real, np.array([0.2]), np.array([5.0]), 0.0)
        score = prior + slope * total
        suspicious = _threshold(rows, score)
        if prior + slope * sum(ceilings[name] for name in WORDS) < suspicious:
            break
        for name in WORDS:  # words alone must not reach an alert
            ceilings[name] *= 0.95
    attack = max(suspicious, 0.0, float(np.max(score[hostile == 0])) + 0.01)
    aims, aim = _aims(rows, fired)
    lines = [
        "# Made by `python -m bench.weights`; do not edit. Bits are log2 of odds, fitted together on development mail.",
        "[scale]",
        f"prior = {prior:.3f}",
        f"slope = {slope:.4f}",
        f"aim = {aim:.3f}",
        f"attack = {_probability(attack):.6f}",
        f"suspicious = {_probability(suspicious):.6f}",
        f"honest = {PER_THOUSAND / 1000:g}",
        f"twins = {TWINS / 1000:g}",
        f'date = "{datetime.now(UTC).date().isoformat()}"',
        f'corpora = "{_digest(rows)}"',
        "",
        "[ceilings]",
        *[f"{name} = {bits:.2f}" for name, bits in ceilings.items()],
        "",
        "[detectors]",
    ]
    hits = _hits(rows)
    for one in counted:
        said = ", ".join(f"{name} {count}/{of}" for name, (count, of) in hits[one.name].items() if count)
        bits, few = weight[column[one.name]], aims[column[one.name]]
        if said:  # what fired on no mail at all was not measured
            lines.append(f'{one.name} = {{ bits = {bits:.2f}, aim = {few:.2f}, measured = "{said}" }}')
    return "\n".join(lines) + "\n"


def _with_gaps(fired: Vector, hostile: Vector, share: Vector) -> tuple[Vector, Vector, Vector]:
    """Repeat every message with some of its findings missing, as if those detectors had been blind to it.

    Otherwise a detector that is strong but rare weighs little, because the attacks at hand were found without it;
    the next attack may show nothing else (dropout, Wager, Wang and Liang 2013).
    """
    chance = np.random.default_rng(GAPS_SEED)
    copies = [fired * (chance.random(fired.shape) >= GAPS) for _ in range(GAPS_COPIES)]
    times = 1 + GAPS_COPIES
    return np.vstack([fired, *copies]), np.tile(hostile, times), np.tile(share, times)


def _aims(rows: Sequence[Judged], fired: Vector) -> tuple[Vector, float]:
    """Fit what tells attacks on few from attacks on many, both counting alike."""
    chosen = np.array([row.label in ("attack", "mass") for row in rows])
    few = np.array([row.label == "attack" for row in rows], dtype=np.float64)[chosen]
    share = np.where(few == 1, 1 / few.sum(), 1 / (1 - few).sum())
    bound = np.full(fired.shape[1], AIM)
    return fit(fired[chosen], few, share, -bound, bound, 5 * PENALTY)


def development(rows: Iterable[Judged]) -> list[Judged]:
    """Choose what is fitted on: the development halves, near-duplicates once."""
    return once(row for row in rows if row.split == "dev" and row.label in MASS and row.corpus not in LEFT_OUT)


def once(rows: Iterable[Judged]) -> list[Judged]:
    """Keep one message of each cluster of near-duplicates in a corpus; of operations every message."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in rows:
        key = (row.corpus, row.message if row.operation else row.cluster)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def _corpus(row: Judged) -> str:
    return row.label + "s" if row.operation else f"{row.corpus} {row.label}"


def shares(rows: Sequence[Judged]) -> Vector:
    """Weigh messages so that every corpus of a kind counts alike."""
    sizes = Counter(_corpus(row) for row in rows)
    of_label: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        of_label[row.label].add(_corpus(row))
    return np.array([MASS[row.label] / len(of_label[row.label]) / sizes[_corpus(row)] for row in rows])


def as_held(rows: Sequence[Judged]) -> Vector:
    """Weigh messages as a mailbox holds them: attacks at the base rate, every corpus of honest mail by its size.

    Twins are left out: they were written to be as close to an attack as honest mail comes, and are rarer than it.
    """
    count = Counter(row.label for row in rows)
    hostile = {"attack": BASE_RATE / 2, "mass": BASE_RATE / 2, "ham": 1 - BASE_RATE, "twin": 0.0}
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


def _ceilings(known: Sequence[Detector], fired: Vector, weight: Vector, hostile: Vector) -> dict[str, float]:
    """A group counts at most as its strongest detector and half of what else it usually adds in attacks."""
    ceilings = {}
    for group in dict.fromkeys(one.group for one in known if one.group != "known"):
        members = [number for number, one in enumerate(known) if one.group == group]
        sums = (fired[:, members] @ weight[members])[hostile == 1]
        strongest = float(max(weight[members], default=0.0))
        ceilings[group] = max(strongest, float(np.quantile(sums[sums > 0], 0.99)) if (sums > 0).any() else 0.0)
    ceilings["route"] = min(ceilings["route"], ROUTE)
    return ceilings


def _capped(known: Sequence[Detector], fired: Vector, weight: Vector, ceilings: dict[str, float]) -> Vector:
    total = np.zeros(len(fired))
    for group in dict.fromkeys(one.group for one in known):
        members = [number for number, one in enumerate(known) if one.group == group]
        total += np.minimum(fired[:, members] @ weight[members], ceilings.get(group, math.inf))
    return total


def _threshold(rows: Sequence[Judged], score: Vector) -> float:
    """The lowest score at which no honest corpus alone gives more alerts than allowed."""
    by_corpus: dict[str, list[float]] = defaultdict(list)
    for row, value in zip(rows, score, strict=True):
        if row.label in ("ham", "twin"):
            by_corpus[_corpus(row)].append(value)
    limit = -math.inf
    for name, values in by_corpus.items():
        allowed = math.floor(len(values) * (TWINS if name == "twins" else PER_THOUSAND) / 1000)
        limit = max(limit, sorted(values, reverse=True)[min(allowed, len(values) - 1)])
    return limit + 0.01


def _hits(rows: Sequence[Judged]) -> dict[str, dict[str, tuple[int, int]]]:
    sizes = Counter(_corpus(row) for row in rows)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for name in row.detectors:
            counts[name][_corpus(row)] += 1
    return defaultdict(
        dict, {name: {c: (n, sizes[c]) for c, n in sorted(found.items())} for name, found in counts.items()}
    )


def _probability(bits: float) -> float:
    return float(1 / (1 + 2.0**-bits))


def _digest(rows: Sequence[Judged]) -> str:
    return hashlib.sha256("".join(sorted(row.message for row in rows)).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
