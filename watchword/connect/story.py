"""A story: the messages of a group that holds one which stands out by itself, and the ties that keep them together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from watchword.connect.group import Groups
from watchword.connect.pairs import Edge
from watchword.connect.weakest import Item
from watchword.engine import Connection

HOPS = 3  # links from a message that stands out by itself to one that only the operation shows
TIES = 300  # ties of one operation that are kept, and as many as it needs to hold together
NEAREST = 3  # ties of one message that are kept, beside those: more would say the same again


@dataclass(slots=True)
class Story:
    """Messages by number, and the ties that hold them."""

    members: list[int]
    tree: list[Edge] = field(default_factory=list)  # the strongest ties that hold it together
    ties: list[Edge] = field(default_factory=list)  # those and further ones


def stories(
    groups: Groups, found: Sequence[Edge], seeds: Sequence[int], together: Sequence[tuple[int, int]]
) -> list[Story]:
    """Give each group that holds a message which stands out by itself, with those that lie near one in it."""
    wanted = {groups.of(seed) for seed in seeds}
    inside: dict[int, list[Edge]] = defaultdict(list)
    for edge in found:
        if edge.merges and (one := groups.of(edge.a)) in wanted and one == groups.of(edge.b):
            inside[one].append(edge)
    near: dict[int, set[int]] = defaultdict(set)
    for one, other in [*((edge.a, edge.b) for held in inside.values() for edge in held), *together]:
        near[one].add(other)
        near[other].add(one)
    reached = set(seeds)
    edge_of = reached
    for _ in range(HOPS):
        edge_of = {other for one in edge_of for other in near[one]} - reached
        reached |= edge_of
    found_in: dict[int, Story] = {}
    for message in sorted(reached):
        if groups.of(message) in wanted:
            found_in.setdefault(groups.of(message), Story([])).members.append(message)
    for number, story in found_in.items():
        _hold(story, inside[number], together)
    return list(found_in.values())


def _hold(story: Story, found: Sequence[Edge], together: Sequence[tuple[int, int]]) -> None:
    """Keep the strongest ties that hold the operation together, and further ones up to a number."""
    above = {message: message for message in story.members}

    def top(message: int) -> int:
        while above[message] != message:
            above[message] = above[above[message]]
            message = above[message]
        return message

    for one, other in together:
        if one in above and other in above:
            above[top(one)] = top(other)
    rest = []
    kept: dict[int, int] = defaultdict(int)
    for edge in found:
        if edge.a not in above or edge.b not in above:
            continue
        one, other = top(edge.a), top(edge.b)
        if one != other:
            above[one] = other
            story.tree.append(edge)
        elif min(kept[edge.a], kept[edge.b]) < NEAREST:
            rest.append(edge)
        else:
            continue
        kept[edge.a] += 1
        kept[edge.b] += 1
    story.ties = [*story.tree, *rest[: max(0, TIES - len(story.tree))]]


def evidence(connection: Connection, stories: Sequence[Story]) -> dict[tuple[int, int], list[Item]]:
    """Give what the kept ties rest on."""
    pairs = [(edge.a, edge.b) for story in stories for edge in story.ties]
    kept = pa.table(
        {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]},
        schema=pa.schema([("a", pa.int32()), ("b", pa.int32())]),
    )
    connection.register("kept", kept)
    items: dict[tuple[int, int], list[Item]] = {}
    for row in connection.execute(
        """select a, b, weighed.kind, shared.family, shared.forgeable, weighed.value,
            coalesce(min(found.about), ''), shared.bits
        from shared join kept using (a, b) join weighed using (v)
        left join found on found.kind = weighed.kind and found.value = weighed.value
        group by all order by a, b, shared.bits desc, weighed.kind"""
    ).fetchall():
        items.setdefault((row[0], row[1]), []).append(Item(*row))
    connection.unregister("kept")
    return items
