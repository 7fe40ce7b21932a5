"""A bag of words: what a classifier learns from subject and text alone.

Words and pairs of neighbours, hashed; logistic regression with a penalty on the same development mail that Watchword's
weights are fitted on, where every corpus counts alike. Mail that it was fitted on is scored by a model that has not
seen it, nor another text of the same hand or a near-duplicate, so that thresholds are not set on what is known by
heart. Scale and prior are fitted once more on these scores at the rate of attacks in real mail, as Watchword's are, so
that the score is a probability.
"""

import math
import re
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_array

from bench.cases import Judged
from bench.fitting import Vector, as_held, fit, shares
from bench.operations.scenarios import scenarios
from watchword.case import Case
from watchword.investigate import connect

BUCKETS = 1 << 18
FOLDS = 5
# Of a squared weight, against a mean loss. Of 1e-4 to 1e-7 it found most on the dev operations of seed 11, less twins.
PENALTY = 1e-5
LONGEST = 20_000  # characters of a text
WORD = re.compile(r"\w+")

Bag = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]  # buckets, and how often each


def bags(case: Case, messages: Collection[str]) -> dict[str, Bag]:
    """Count the words of subject and text of some messages of a case, quoted layers left out."""
    with connect(case) as connection:
        rows = connection.execute(
            """
            select message, concat_ws(' ', subject, (
                select arg_max(written, length(written)) from texts
                where texts.message = messages.message and attachment is null))
            from messages where list_contains(?, message)
            """,
            [sorted(messages)],
        ).fetchall()
    return {message: bag(text) for message, text in rows}


def bag(text: str) -> Bag:
    """Count words and pairs of neighbours."""
    words = WORD.findall(text[:LONGEST].lower())
    pairs = map(" ".join, pairwise(words))
    counts = Counter(zlib.crc32(term.encode("utf-8", "replace")) % BUCKETS for term in (*words, *pairs))
    return np.array(list(counts), np.int32), np.array(list(counts.values()), np.float32)


@dataclass(frozen=True)
class Words:
    """Fitted models: one for each part that it did not see, and one of all."""

    rarity: Vector
    models: tuple[tuple[Vector, float], ...]  # weights and offset; each left out one part, the last one nothing
    seen: frozenset[str]  # hands and clusters that were fitted on
    slope: float
    prior: float

    @classmethod
    def fitted(cls, rows: Sequence[Judged], counts: Sequence[Bag], penalty: float = PENALTY) -> Self:
        """Fit on messages and their words."""
        hostile = np.array([row.label in ("attack", "mass") for row in rows], dtype=np.float64)
        share, part = shares(rows), np.array([_part(row) for row in rows])
        holding = np.ones(BUCKETS)
        for terms, _ in counts:
            holding[terms] += 1
        rarity = np.log((1 + len(counts)) / holding)
        matrix = _matrix(counts, rarity)
        models = []
        for left_out in range(FOLDS + 1):  # the last leaves out nothing
            kept = np.flatnonzero(part != left_out)
            models.append(_model(matrix[kept], hostile[kept], share[kept], penalty))
        unseen = np.empty(len(rows))
        for number, (weight, offset) in enumerate(models[:FOLDS]):
            chosen = np.flatnonzero(part == number)
            unseen[chosen] = matrix[chosen] @ weight + offset
        (slope,), prior = fit(unseen[:, None], hostile, as_held(rows), np.array([0.01]), np.array([5.0]), 0.0)
        return cls(rarity, tuple(models), frozenset(map(_kin, rows)), float(slope), prior)

    def scores(self, rows: Sequence[Judged], counts: Sequence[Bag]) -> list[float]:
        """Give the probability that each message is hostile, by a model that has not seen it."""
        matrix = _matrix(counts, self.rarity)
        odds = np.stack([matrix @ weight + offset for weight, offset in self.models])
        number = [_part(row) if _kin(row) in self.seen else FOLDS for row in rows]
        bits = np.clip(self.prior + self.slope * odds[number, np.arange(len(rows))], -60, 60)
        chances: list[float] = (1 / (1 + 2.0**-bits)).tolist()
        return chances


def _kin(row: Judged) -> str:
    return f"by {_hands()[row.scenario]}" if row.operation else row.cluster


def _part(row: Judged) -> int:
    return zlib.crc32(_kin(row).encode()) % FOLDS


@cache
def _hands() -> dict[str, str]:
    return {one.id: one.hand for one in scenarios()}


def _matrix(counts: Sequence[Bag], rarity: Vector) -> csr_array:
    """Weigh each count by its logarithm and how rare the term is; every message has length one."""
    sizes = np.array([len(terms) for terms, _ in counts])
    ends = np.append(0, np.cumsum(sizes))
    columns = np.concatenate([terms for terms, _ in counts])
    values = 1 + np.log(np.concatenate([often for _, often in counts]).astype(np.float64))
    values *= rarity[columns]
    length = np.sqrt(np.bincount(np.repeat(np.arange(len(sizes)), sizes), values**2, len(sizes)))
    values /= np.repeat(np.maximum(length, 1e-6), sizes)
    return csr_array((values, columns, ends), shape=(len(counts), BUCKETS))


def _model(matrix: csr_array, hostile: Vector, share: Vector, penalty: float) -> tuple[Vector, float]:
    share = share / share.sum()

    def loss(point: Vector) -> tuple[float, Vector]:
        weight, offset = point[:-1], point[-1]
        odds = matrix @ weight + offset
        slope = share * (1 / (1 + np.exp(-odds)) - hostile)
        value = share @ np.logaddexp(0, np.where(hostile == 1, -odds, odds)) + penalty * (weight @ weight)
        return float(value), np.append(matrix.T @ slope + 2 * penalty * weight, slope.sum())

    found = minimize(loss, np.zeros(BUCKETS + 1), jac=True, method="L-BFGS-B", options={"maxiter": 200})
    return found.x[:-1] / math.log(2), float(found.x[-1]) / math.log(2)
