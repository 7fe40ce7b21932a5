"""Why an operation holds together, what resembles it, and what a partner's case has in common with it."""

import functools
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.connect.evidence import FAMILIES, Kind, kinds
from watchword.disclose import words
from watchword.disclose.query import rows

DRAWN = 8  # shared values in the picture of one operation
DECIDED = "decided"  # ties.kind where a person said so


@dataclass(frozen=True, slots=True)
class Bond:
    """What messages of an operation share, the most telling of one family of evidence."""

    family: Annotated[str, "ties.family"]
    title: Annotated[str, "what this family of evidence looks at"]
    sentence: Annotated[str, "what two of them share"]
    bits: Annotated[float, "what it counted between these two"]
    messages: Annotated[int, "messages that share it, as far as ties were kept"]
    people: Annotated[tuple[str, ...], "in whose mailboxes, by name"]
    message: Annotated[str, "one of two messages that share it"]
    other: Annotated[str, "the other, in somebody else's mailbox where there is one"]


@dataclass(frozen=True, slots=True)
class Shared:
    """One value that several messages of an operation bear: a line of the picture."""

    kind: Annotated[str, "traces.kind"]
    title: Annotated[str, "what it is"]
    value: Annotated[str, "what is shared, domains written so that they do not open; empty where it says nothing"]
    bits: Annotated[float, "what sharing it weighs"]
    messages: Annotated[tuple[str, ...], "listed messages that bear it"]


@dataclass(frozen=True, slots=True)
class Alike:
    """Another operation, or a message outside all of them, that resembles this one and was not put together with it."""

    operation: Annotated[str, "the other operation, empty if it is a message outside all of them"]
    number: Annotated[int | None, "its number, None for a message"]
    message: Annotated[str, "the message here that is most like it"]
    other: Annotated[str, "the message there"]
    other_from: Annotated[str, "address in From of that"]
    other_subject: Annotated[str, "its subject"]
    other_time: Annotated[datetime | None, "when it arrived"]
    bits: Annotated[float, "log2 of the odds that they are one operation"]
    shares: Annotated[tuple[str, ...], "what they share, in words, strongest first"]
    because: Annotated[str, "why they were not put together"]


@dataclass(frozen=True, slots=True)
class Common:
    """One item that a partner's case holds, too."""

    partner: Annotated[str, "name that the user gave the other side"]
    compared: Annotated[datetime | None, "when the comparison was finished"]
    title: Annotated[str, "what kind of item it is"]
    value: Annotated[str, "the item, domains written so that they do not open"]
    partner_operations: Annotated[tuple[str, ...], "numbers of the other side's operations that have it"]


@functools.cache
def _kinds() -> dict[str, Kind]:
    return {kind.name: kind for kind in kinds()}


def kind_title(kind: str) -> str:
    """Name a kind of evidence, as `Same sender address`."""
    known = _kinds().get(kind)
    return known.title if known else kind.replace("-", " ").capitalize()


def item(kind: str, value: str) -> str:
    """Write a shared value for people, so that it does not open; empty where the value itself says nothing."""
    known = _kinds().get(kind)
    if known is None:
        return "" if kind == DECIDED else value.replace(".", "[.]")
    if "{value}" not in known.says:
        return ""
    return value.replace(".", "[.]") if known.family in ("domain", "page", "network") else value


def bonds(
    connection: duckdb.DuckDBPyConnection, operations: Sequence[str], names: Mapping[str, str]
) -> dict[str, list[Bond]]:
    """Give what holds each operation together: of each family what reaches most people, and weighs most."""
    pairs: dict[tuple[str, str, str, str], list[tuple[str, str, float, str]]] = defaultdict(list)
    owners: dict[str, set[str]] = defaultdict(set)
    for message, owner in rows(
        connection,
        "select distinct message, owner from members where operation in (select unnest(?))",
        [list(operations)],
    ):
        owners[message].add(owner)
    for operation, family, kind, value, *pair in rows(
        connection,
        """select operation, family, kind, value, message, other, counted, sentence from ties
        where operation in (select unnest(?)) and (counted > 0 or kind = ?)
        order by counted desc, total desc, message, other""",
        [list(operations), DECIDED],
    ):
        pairs[operation, family, kind, value].append((pair[0], pair[1], pair[2], pair[3]))
    best: dict[tuple[str, str], tuple[tuple[int, float, int], Bond]] = {}
    for (operation, family, _, _), found in pairs.items():
        messages = {one for message, other, _, _ in found for one in (message, other)}
        people = set[str]().union(*(owners[one] for one in messages))
        message, other, bits, sentence = next((one for one in found if owners[one[0]] != owners[one[1]]), found[0])
        rank = (min(len(people), 2), max(one[2] for one in found), len(messages))
        if (operation, family) not in best or rank > best[operation, family][0]:
            title = "what a person decided" if family == DECIDED else FAMILIES.get(family, family)
            told = tuple(sorted(names.get(owner, words.whose(owner)) for owner in people))
            best[operation, family] = rank, Bond(family, title, sentence, bits, len(messages), told, message, other)
    held: dict[str, list[Bond]] = defaultdict(list)
    for (operation, _), (_, bond) in sorted(best.items(), key=lambda one: (one[0][0], -one[1][0][0], -one[1][1].bits)):
        held[operation].append(bond)
    return held


def shared(connection: duckdb.DuckDBPyConnection, listed: Mapping[str, Sequence[str]]) -> dict[str, list[Shared]]:
    """Choose what to draw: values that together tie all listed messages, then the most telling of the others."""
    bearers: dict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    weight: dict[tuple[str, str, str, str], float] = defaultdict(float)
    for operation, family, kind, value, bits, messages in rows(
        connection,
        """
        select operation, family, kind, value, max(bits), list(distinct message)
        from (
            select operation, family, kind, value, bits, message
            from traces join (select distinct operation, message from members) using (message) where hub = ''
            union all select operation, family, kind, value, bits, message from ties
            union all select operation, family, kind, value, bits, other from ties
        )
        where operation in (select unnest(?)) and (bits >= 2 or kind = ?)
        group by all having count(distinct message) > 1 order by all
        """,
        [list(listed), DECIDED],
    ):
        drawn = set(listed[operation]).intersection(messages)
        if len(drawn) > 1:
            key = (operation, family, kind, value)
            if not item(kind, value):  # of a text there are many values: what overlaps is one line
                for before in [key for key in bearers if key[:3] == (operation, family, kind) and bearers[key] & drawn]:
                    drawn |= bearers.pop(before)
            bearers[key] = drawn
            weight[key] = max(weight[key], bits)
    found: dict[str, list[Shared]] = {}
    for operation, messages in listed.items():
        mine = [key for key in bearers if key[0] == operation]
        keys = _chosen(mine, bearers, weight)
        order = {message: place for place, message in enumerate(messages)}
        found[operation] = [
            Shared(
                kind=kind,
                title="A person put them together" if kind == DECIDED else kind_title(kind),
                value=item(kind, value),
                bits=weight[operation, family, kind, value],
                messages=tuple(sorted(bearers[operation, family, kind, value], key=order.__getitem__)),
            )
            for operation, family, kind, value in sorted(
                keys, key=lambda key: (min(order[one] for one in bearers[key]), -weight[key], key)
            )
        ]
    return found


def _chosen(
    keys: Collection[tuple[str, str, str, str]],
    bearers: Mapping[tuple[str, str, str, str], set[str]],
    weight: Mapping[tuple[str, str, str, str], float],
) -> list[tuple[str, str, str, str]]:
    """Take what ties the most messages that were not tied yet, weighed by its bits; then what weighs most."""
    above: dict[str, str] = {}

    def top(message: str) -> str:
        while above.setdefault(message, message) != message:
            message = above[message]
        return message

    left = sorted(keys, key=lambda key: (-weight[key], key))
    taken: list[tuple[str, str, str, str]] = []
    while left and len(taken) < DRAWN:
        gain = {key: (len({top(one) for one in bearers[key]}) - 1) * max(weight[key], 1.0) for key in left}
        best = max(left, key=gain.__getitem__)
        if not gain[best]:
            break
        left.remove(best)
        taken.append(best)
        first, *others = sorted(bearers[best])
        for other in others:
            above[top(other)] = top(first)
    seen = {(key[1], frozenset(bearers[key])) for key in taken}
    for key in left:
        if len(taken) >= DRAWN:
            break
        named = any(key[3] == one[3] and bearers[key] <= bearers[one] for one in taken)
        if not named and (key[1], frozenset(bearers[key])) not in seen:  # the domain beside its host says nothing more
            seen.add((key[1], frozenset(bearers[key])))
            taken.append(key)
    return taken


def alikes(connection: duckdb.DuckDBPyConnection, operations: Sequence[str]) -> dict[str, list[Alike]]:
    """Give what resembles each operation, from either side, strongest first."""
    found: dict[str, list[Alike]] = defaultdict(list)
    for operation, other_operation, number, message, other, *told, shares, because in rows(
        connection,
        """
        with either as (
            select operation, other_operation, message, other, bits, kinds, because from resemblances
            union all
            select other_operation, operation, other, message, bits, kinds, because from resemblances
            where other_operation <> ''
        )
        select either.operation, other_operation, operations.number, either.message, other, messages.from_address,
            left(messages.subject, 300), coalesce(messages.time, messages.date), either.bits, kinds, because
        from either left join operations on operations.operation = other_operation
        left join messages on messages.message = other
        where either.operation in (select unnest(?)) order by either.operation, either.bits desc, other
        """,
        [list(operations)],
    ):
        address, subject, time, bits = told
        said = tuple(kind_title(kind).lower() for kind in shares)
        found[operation].append(
            Alike(other_operation, number, message, other, address or "", subject or "", time, bits, said, because)
        )
    return found


def common(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Common]]:
    """Give what comparisons with partners found, by operation here; under the empty name what no operation has now."""
    found: dict[str, list[Common]] = defaultdict(list)
    for operation, partner, compared, kind, value, theirs in rows(
        connection,
        """select operation, partner, max(compared), kind, value,
            list_sort(list(distinct partner_operation) filter (partner_operation <> ''))
        from matches group by operation, partner, kind, value order by operation, partner, kind, value""",
    ):
        found[operation].append(Common(partner, compared, kind_title(kind), item(kind, value), tuple(theirs or ())))
    return found
