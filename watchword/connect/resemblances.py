"""What looks like an operation and was not put to it: a lead for a person, and no more."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from watchword import tables
from watchword.case import Case
from watchword.connect.group import Groups
from watchword.connect.pairs import Edge
from watchword.connect.rows import table
from watchword.connect.story import Story, evidence
from watchword.engine import Connection, store, view

MOST = 300


def resemblances(
    case: Case,
    connection: Connection,
    groups: Groups,
    found: Sequence[Edge],
    stories: Sequence[Story],
    numbers: Mapping[str, int],
) -> None:
    """Keep the strongest pair between two operations, or one and a message outside, that were not put together."""
    operation: dict[int, int] = {message: index for index, story in enumerate(stories) for message in story.members}
    message_of = {m: message for message, m in numbers.items()} if stories else {}
    names = [f"op-{message_of[story.members[0]][:8]}" for story in stories]

    def between() -> Iterator[tuple[int, int, int, int, Edge]]:
        seen = set()
        for edge in found:
            one, other = operation.get(edge.a, -1), operation.get(edge.b, -1)
            if one == other:
                continue
            a, b = (edge.a, edge.b) if one >= 0 else (edge.b, edge.a)
            one, other = (one, other) if one >= 0 else (other, one)
            key = (min(one, other), max(one, other)) if other >= 0 else (one, -2 - groups.of(b))
            if key not in seen:
                seen.add(key)
                yield one, other, a, b, edge

    kept = list(islice(between(), MOST))
    shared = evidence(connection, [Story([], ties=[edge for *_, edge in kept])])
    rows = [
        tables.Resemblance(
            names[one],
            names[other] if other >= 0 else "",
            message_of[a],
            message_of[b],
            round(edge.bits, 2),
            [item.kind for item in shared.get((edge.a, edge.b), [])],
            "All that they share could be copied by anybody who has seen one of the messages, or is of one family."
            if not edge.merges
            else "Only single messages link them, by what others could show, too; or a person said that they differ.",
        )
        for one, other, a, b, edge in kept
    ]
    store(case, "resemblances", table("resemblances", rows))
    view(connection, case, "resemblances")
