"""Made-up cases in which it is known on what the conclusion hangs, to try whether that is found.

Every case has weak exhibits that speak for and against several actors, as real ones have, and what is planted: one
telling exhibit; two that tell the same, so that only both together matter; several exhibits of one root; one or two
among more exhibits than can be tried exactly; or nothing, where a person has to be told that no three matter.
What is planted is tried first without the function under test: a case in which it is not critical is no case.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from watchword.attribute.rules import rules
from watchword.attribute.score import Bits, Hypothesis, Item, grid, outcome, scope
from watchword.attribute.sensitivity import EXACT, Sensitivity, conclusion, sensitivity

ACTORS = ("heron", "egret", "stork")
CASES = 40  # of each sort
TRIES = 4000
WEAK = ("technique", "naming", "network", "rhythm", "language", "target")


@dataclass(frozen=True, slots=True)
class Planted:
    """One case, and what its conclusion hangs on."""

    sort: str
    items: Sequence[Item]
    critical: frozenset[str]  # removed together these change the conclusion, and nothing smaller of what is planted
    root: str = ""  # of those planted, if they share one

    @property
    def hypotheses(self) -> list[Hypothesis]:
        """Give the hypotheses of every case."""
        return scope(ACTORS)

    @property
    def priors(self) -> list[Bits]:
        """Give every prior that is tried."""
        return grid(self.hypotheses, dict.fromkeys(ACTORS, 1.0), rules().among)


def cases(seed: int = 1, each: int = CASES) -> list[Planted]:
    """Make cases of every sort, the same ones for a seed. Raises RuntimeError if too few can be made."""
    source = random.Random(seed)  # noqa: S311  # made-up cases, no secret
    made: list[Planted] = []
    for sort, make in SORTS.items():
        found = 0
        for _ in range(TRIES):
            one = make(source)
            if is_planted(one):
                made.append(one)
                found += 1
            if found == each:
                break
        if found < each:
            raise RuntimeError(f"only {found} cases of {sort} came about")
    return made


def is_planted(one: Planted) -> bool:
    """Try what is planted, without the function under test: all of it changes the conclusion, no part of it does."""
    whole = _concluded(one, frozenset())
    if not one.critical:
        return all(_concluded(one, frozenset(some)) == whole for some in _sets([item.name for item in one.items]))
    parts = [one.critical - {name} for name in one.critical] if len(one.critical) > 1 else []
    return _concluded(one, one.critical) != whole and all(_concluded(one, part) == whole for part in parts)


def is_found(one: Planted, said: Sensitivity) -> bool:
    """Tell whether what was planted was found: as what is critical alone, as the smallest set, or by its root."""
    if not one.critical:
        return not said.items and not said.smallest
    if one.root:
        return one.root in said.roots
    if len(one.critical) == 1:
        return one.critical <= set(said.items)
    return not said.items and len(said.smallest) <= len(one.critical) and _changes(one, said.smallest)


def table(seed: int = 1) -> list[str]:
    """Give the table as lines of Markdown."""
    known = rules()
    counts: dict[str, list[int]] = {}
    for one in cases(seed):
        said = sensitivity(one.items, one.hypotheses, one.priors, known)
        row = counts.setdefault(one.sort, [0, 0])
        row[0] += 1
        row[1] += is_found(one, said)
    lines = ["", "**What a conclusion hangs on**, made-up cases:", "", "| planted | cases | found |", "|---|---|---|"]
    return [*lines, *(f"| {sort} | {cases_of} | {found} |" for sort, (cases_of, found) in counts.items())]


def _concluded(one: Planted, gone: frozenset[str]) -> tuple[str, bool]:
    left = [item for item in one.items if item.name not in gone]
    return conclusion(outcome(left, one.hypotheses, one.priors), rules())


def _changes(one: Planted, some: Sequence[str]) -> bool:
    return bool(some) and _concluded(one, frozenset(some)) != _concluded(one, frozenset())


def _sets(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Give every set of at most three, which is as far as the function under test looks."""
    found: list[tuple[str, ...]] = [(name,) for name in names]
    found += [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    triples = [(*pair, last) for pair in found[len(names) :] for last in names[names.index(pair[1]) + 1 :]]
    return found + triples


def _weak(source: random.Random, number: int) -> list[Item]:
    found = []
    for place in range(number):
        actor = source.choice(ACTORS)
        bits = source.choice((-1.5, -0.5, 0.5, 1.0, 2.0))
        family = source.choice(WEAK)
        found.append(
            Item(f"weak {place}", family, f"root {source.randrange(5)}", {actor: bits}, imitable=source.random() < 0.7)
        )
    return found


def _telling(source: random.Random, name: str, root: str, bits: float) -> Item:
    return Item(name, f"family of {name}", root, {ACTORS[0]: bits}, reliability=source.choice((0.9, 0.95, 1.0)))


def _one(source: random.Random) -> Planted:
    items = [*_weak(source, source.randrange(2, 10)), _telling(source, "planted", "own log", source.uniform(8, 10))]
    source.shuffle(items)
    return Planted("one exhibit", items, frozenset({"planted"}))


def _two(source: random.Random) -> Planted:
    pair = [_telling(source, f"planted {place}", f"own log {place}", source.uniform(9, 10)) for place in (1, 2)]
    items = [*_weak(source, source.randrange(2, 7)), *pair]
    source.shuffle(items)
    return Planted("two exhibits that tell the same", items, frozenset(item.name for item in pair))


def _root(source: random.Random) -> Planted:
    some = [_telling(source, f"planted {place}", "one report", source.uniform(9, 10)) for place in (1, 2, 3)]
    items = [*_weak(source, source.randrange(2, 6)), *some]
    source.shuffle(items)
    return Planted("several exhibits of one root", items, frozenset(item.name for item in some), "one report")


def _among_many(source: random.Random) -> Planted:
    items = [*_weak(source, EXACT + 8), _telling(source, "planted", "own log", source.uniform(8, 10))]
    source.shuffle(items)
    return Planted(f"one exhibit among more than {EXACT}", items, frozenset({"planted"}))


def _two_among_many(source: random.Random) -> Planted:
    pair = [_telling(source, f"planted {place}", f"own log {place}", source.uniform(9, 10)) for place in (1, 2)]
    items = [*_weak(source, EXACT + 8), *pair]
    source.shuffle(items)
    return Planted(f"two exhibits among more than {EXACT}", items, frozenset(item.name for item in pair))


def _nothing(source: random.Random) -> Planted:
    items = [
        Item(f"weak {place}", "technique", "reports", {source.choice(ACTORS): source.choice((0.5, 1.0))}, imitable=True)
        for place in range(source.randrange(3, 7))
    ]
    return Planted("nothing", items, frozenset())


SORTS: dict[str, Callable[[random.Random], Planted]] = {
    "one exhibit": _one,
    "two exhibits that tell the same": _two,
    "several exhibits of one root": _root,
    "one exhibit among many": _among_many,
    "two exhibits among many": _two_among_many,
    "nothing": _nothing,
}
