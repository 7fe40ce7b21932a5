"""On what an operation hangs: the one thing without which it falls apart."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from watchword.connect.pairs import MERGE, TELLING, UNCOPIED
from watchword.connect.traces import HELD

TRIED = 200  # things of one operation that are left out in turn
TIES = 600  # ties of one operation that are weighed again


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence that two messages share."""

    a: int
    b: int
    kind: str
    family: str
    forgeable: str
    value: str
    about: str  # registrable domain that the value belongs to, empty if none
    bits: float

    @property
    def thing(self) -> str:
        """What would fall away with it: a host goes with its domain, a band of wording with the wording."""
        return self.about or (self.family if self.kind == "wording" else f"{self.kind} {self.value}")


@dataclass(frozen=True, slots=True)
class Weakest:
    """The one thing on which most hangs with the least weight."""

    items: tuple[Item, ...]  # what falls away, of the strongest tie that is lost
    bits: float  # log2 of the odds of that tie
    apart: frozenset[int]  # messages that fall off, the smaller side


def weakest(
    members: Sequence[int], items: Sequence[Item], prior: float, firm: Sequence[tuple[int, int]]
) -> Weakest | None:
    """Leave out one thing after another, and give that whose loss splits the group and cost least; None if none does.

    `firm` are pairs that a person put together: nothing parts them. Groups with too much evidence are not tried.
    """
    ties: dict[tuple[int, int], list[Item]] = defaultdict(list)
    for item in items:
        ties[item.a, item.b].append(item)
    if len(ties) > TIES:
        return None
    by_thing: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for item in items:
        by_thing[item.thing].add((item.a, item.b))
    whole = {pair: total(found, prior) for pair, found in ties.items()}
    holding = {pair for pair, found in ties.items() if holds(found, prior)} | set(firm)
    best: Weakest | None = None
    for thing, pairs in sorted(by_thing.items(), key=lambda one: (-len(one[1]), one[0]))[:TRIED]:
        lost = {
            pair
            for pair in pairs & holding
            if pair not in firm and not holds([item for item in ties[pair] if item.thing != thing], prior)
        }
        if not lost:
            continue
        apart = _apart(members, holding - lost)
        if not apart:
            continue
        pair = max(lost, key=lambda one: (whole[one], one))
        found = Weakest(tuple(item for item in ties[pair] if item.thing == thing), whole[pair], apart)
        if best is None or (found.bits, -len(found.apart)) < (best.bits, -len(best.apart)):
            best = found
    return best


def total(items: Sequence[Item], prior: float) -> float:
    """Log2 of the odds that two messages with this evidence are of one operation."""
    return prior + sum(counted for _, counted in weighed(items))


def holds(items: Sequence[Item], prior: float) -> bool:
    """Say whether the evidence is enough to put two messages together, by the rule of `pairs.edges`."""
    found = weighed(items)
    families = {item.family for item, counted in found if counted >= TELLING}
    uncopied = sum(counted for item, counted in found if item.forgeable in ("holder", "machine"))
    held = any(item.forgeable == "holder" and counted >= HELD for item, counted in found)
    return prior + sum(counted for _, counted in found) >= MERGE and (
        held or (len(families) > 1 and uncopied >= UNCOPIED)
    )


def weighed(items: Sequence[Item]) -> list[tuple[Item, float]]:
    """Give what each item counts: of a family the best in full, the second a quarter, more nothing."""
    seen: dict[str, int] = defaultdict(int)
    found = []
    for item in sorted(items, key=lambda one: (-one.bits, one.kind)):
        found.append((item, item.bits * (1.0, 0.25, 0.0)[min(seen[item.family], 2)]))
        seen[item.family] += 1
    return found


def _apart(members: Sequence[int], pairs: set[tuple[int, int]]) -> frozenset[int]:
    """Give the members that are not in the largest part, empty if there is one part."""
    near: dict[int, list[int]] = defaultdict(list)
    for a, b in pairs:
        near[a].append(b)
        near[b].append(a)
    left, largest = set(members), set[int]()
    while left:
        part, waiting = set[int](), [min(left)]
        while waiting:
            one = waiting.pop()
            if one not in part:
                part.add(one)
                waiting += near[one]
        left -= part
        largest = max(largest, part, key=len)
    return frozenset(members) - largest
