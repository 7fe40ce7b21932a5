"""What people decided about operations: the later decision counts, and undoes no more of the earlier than it must."""

from collections.abc import Mapping, Sequence

from watchword.case import Grouping

Set = frozenset[int]


def decided(
    decisions: Sequence[Grouping], numbers: Mapping[str, int]
) -> tuple[list[tuple[int, int]], list[tuple[Set, Set]]]:
    """Say by number which pairs of messages belong together, and of which sets no two messages do.

    `decisions` are in the order in which they were taken; `numbers` gives the messages that are compared.
    """
    together: list[Set] = []  # disjoint, and none holds messages that are apart
    apart: list[tuple[Set, Set]] = []
    for one in decisions:
        left = frozenset(numbers[message] for message in one.messages if message in numbers)
        right = frozenset(numbers[message] for message in one.others if message in numbers) - left
        if not left or not right:
            continue
        if one.grouping == "together":
            joined = left | right
            joined = joined.union(*(held for held in together if held & joined))
            together = [held for held in together if not held & joined] + [joined]
            apart = [pair for sides in apart for pair in _without(sides, joined)]
        else:
            # What was put together with both sides stays with `others`: `messages` are those taken out.
            parts = [part for held in together for part in _parted(held, left, right)]
            together = [part for part in parts if len(part) > 1]
            apart.append((left, right))
    pairs = [(min(held), other) for held in together for other in sorted(held - {min(held)})]
    return pairs, apart


def _without(sides: tuple[Set, Set], joined: Set) -> list[tuple[Set, Set]]:
    """Give what stays apart when some of both sides were put together."""
    one, other = sides
    if not (one & joined and other & joined):
        return [sides]
    return [pair for pair in ((one - joined, other), (one & joined, other - joined)) if all(pair)]


def _parted(held: Set, left: Set, right: Set) -> list[Set]:
    return [held - left, held & left] if held & left and held & right else [held]
