"""From pairs to groups: the strongest first, and never by a chain of weak links."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from watchword.connect.pairs import Edge

SUPPORT = 2  # messages on either side that must be tied, where nothing ties two groups that only its holder can show
SMALL = 1  # messages up to which a group follows one link


class Groups:
    """Messages by number, put together step by step; some pairs never."""

    def __init__(self, size: int, apart: Iterable[tuple[frozenset[int], frozenset[int]]] = ()) -> None:
        """`size` is one more than the largest number; `apart` are sets of which no two messages come together."""
        self.above = list(range(size))
        self.members: dict[int, list[int]] = {}
        self.sides: dict[int, set[int]] = defaultdict(
            set
        )  # which sides of decisions a group holds; 2n is apart of 2n+1
        for number, sides in enumerate(apart):
            for side, messages in enumerate(sides):
                for message in messages:
                    self.sides[message].add(2 * number + side)

    def of(self, message: int) -> int:
        """Give the group of a message: the number of one of its members."""
        while self.above[message] != message:
            self.above[message] = self.above[self.above[message]]
            message = self.above[message]
        return message

    def size(self, group: int) -> int:
        """Give how many messages a group has."""
        return len(self.members.get(group, ())) or 1

    def join(self, one: int, other: int) -> bool:
        """Put the groups of two messages together, unless somebody said that they are apart."""
        one, other = self.of(one), self.of(other)
        if one == other or any(side ^ 1 in self.sides.get(other, ()) for side in self.sides.get(one, ())):
            return False
        if self.size(one) < self.size(other):
            one, other = other, one
        self.above[other] = one
        self.members.setdefault(one, [one]).extend(self.members.pop(other, [other]))
        if other in self.sides:
            self.sides[one] |= self.sides.pop(other)
        return True


def group(
    size: int,
    edges: Sequence[Edge],
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[frozenset[int], frozenset[int]]] = (),
) -> Groups:
    """Put messages together by edges (strongest first), and as people decided.

    One firm tie, as by an item that only its holder can show, joins two groups of any size. What rests on less joins a
    message to a group, but two groups only if it ties several messages of each: a single message is no bridge.
    """
    groups = Groups(size, apart)
    for one, other in together:
        groups.join(one, other)
    merging = [edge for edge in edges if edge.merges]
    for edge in merging:
        if edge.held or min(groups.size(groups.of(edge.a)), groups.size(groups.of(edge.b))) <= SMALL:
            groups.join(edge.a, edge.b)
    waiting = [edge for edge in merging if not edge.held]
    while waiting:
        between: dict[tuple[int, int], list[Edge]] = defaultdict(list)
        for edge in waiting:
            one, other = groups.of(edge.a), groups.of(edge.b)
            if one != other:
                between[min(one, other), max(one, other)].append(edge)
        joined = False
        for (one, other), found in between.items():
            ends = [
                {edge.a if groups.of(edge.a) == groups.of(side) else edge.b for edge in found} for side in (one, other)
            ]
            wanted = [min(SUPPORT, groups.size(groups.of(side))) for side in (one, other)]
            if groups.of(one) != groups.of(other) and all(
                len(end) >= need for end, need in zip(ends, wanted, strict=True)
            ):
                joined = groups.join(one, other) or joined
        if not joined:
            break
        waiting = [edge for found in between.values() for edge in found]
    return groups
