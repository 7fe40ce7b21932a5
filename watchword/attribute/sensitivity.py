"""On what a conclusion hangs: the smallest set of exhibits, sources or roots whose removal changes it. Pure functions.

A conclusion is the most probable hypothesis and whether it is at least likely over the whole range of priors. Up to
20 exhibits every set of at most three is tried; beyond, the strongest is taken away again and again, which finds a set
and perhaps not the smallest: it says so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from watchword.attribute.rules import Rules, rules
from watchword.attribute.score import Bits, Hypothesis, Item, Outcome, outcome

EXACT = 20  # exhibits up to which every set is tried
LARGEST = 3

Conclusion = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What changes the conclusion."""

    items: tuple[str, ...]  # each of these alone
    sources: tuple[str, ...]  # each of these alone
    roots: tuple[str, ...]  # each of these alone
    smallest: tuple[str, ...]  # items that change it together; empty if none of at most so many do
    exact: bool  # there is no smaller set
    becomes: str  # the most probable hypothesis without the smallest set


def conclusion(found: Outcome, known: Rules) -> Conclusion:
    """Give what is concluded, to compare."""
    return found.leader, found.stands(known)


def sensitivity(
    items: Sequence[Item], hypotheses: Sequence[Hypothesis], priors: Sequence[Bits], known: Rules | None = None
) -> Sensitivity:
    """Take away items, sources and roots, and say when the conclusion is another."""
    known = known or rules()

    def without(gone: Iterable[str]) -> Outcome:
        absent = frozenset(gone)
        return outcome([item for item in items if item.name not in absent], hypotheses, priors, known)

    whole = without(())
    concluded = conclusion(whole, known)
    telling = [item for item in items if any(whole.counted[item.name].values())]

    def changes(gone: Iterable[str]) -> bool:
        return conclusion(without(gone), known) != concluded

    def critical(key: Callable[[Item], str]) -> tuple[str, ...]:
        names = sorted({key(item) for item in telling})
        return tuple(name for name in names if changes(item.name for item in telling if key(item) == name))

    alone = tuple(item.name for item in telling if changes([item.name]))
    exact = len(telling) <= EXACT
    if alone:
        # Of several, the one without which least is left of the leader.
        most = min(alone, key=lambda name: (without([name]).posterior[whole.leader], name))
        smallest: tuple[str, ...] = (most,)
        exact = True
    elif exact:
        smallest = _every(telling, changes)
    else:
        smallest = _greedy(telling, changes, without, whole.leader)
    return Sensitivity(
        alone,
        critical(lambda item: item.source),
        critical(lambda item: item.root),
        smallest,
        exact,
        without(smallest).leader if smallest else "",
    )


def _every(items: Sequence[Item], changes: Callable[[Iterable[str]], bool]) -> tuple[str, ...]:
    for size in range(2, LARGEST + 1):
        for some in combinations([item.name for item in items], size):
            if changes(some):
                return some
    return ()


def _greedy(
    items: Sequence[Item],
    changes: Callable[[Iterable[str]], bool],
    without: Callable[[Iterable[str]], Outcome],
    leader: str,
) -> tuple[str, ...]:
    gone: list[str] = []
    left = [item.name for item in items]
    while left:
        best = min(left, key=lambda name: (without([*gone, name]).posterior[leader], name))
        gone.append(best)
        left.remove(best)
        if changes(gone):
            # What was taken early may not be needed any more.
            for name in list(gone):
                if changes(other for other in gone if other != name):
                    gone.remove(name)
            return tuple(gone)
    return ()
