"""From pairs to groups: no chain of weak links, what people decided holds, and on what a group hangs."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.case import Grouping
from watchword.connect.decided import decided
from watchword.connect.group import Groups, group
from watchword.connect.pairs import Edge, prior
from watchword.connect.weakest import Item, holds, total, weakest, weighed

SIZE = 9
PRIOR = -6.0
NUMBERS = {str(number): number for number in range(SIZE)}


def held(a: int, b: int, bits: float = 20.0) -> Edge:
    """Two messages that share what only its holder can show."""
    return Edge(a, b, bits, merges=True, held=True)


def weak(a: int, b: int, bits: float = 8.0) -> Edge:
    """Two messages that share enough, but nothing that only its holder can show."""
    return Edge(a, b, bits, merges=True, held=False)


def copied(a: int, b: int) -> Edge:
    """Two messages that share much, all of which anybody can copy."""
    return Edge(a, b, 30.0, merges=False, held=False)


def parts(groups: Groups, size: int = SIZE) -> set[frozenset[int]]:
    """Give the groups as sets of messages."""
    return {frozenset(one for one in range(size) if groups.of(one) == top) for top in map(groups.of, range(size))}


def sets(groups: Groups, size: int = SIZE) -> list[list[int]]:
    """Give groups of several messages, in order."""
    return sorted(sorted(part) for part in parts(groups, size) if len(part) > 1)


# ---------------------------------------------------------------- groups

TWO = [held(0, 1), held(1, 2), held(3, 4), held(4, 5)]


@pytest.mark.parametrize(
    ("further", "wanted"),
    [
        ([], [[0, 1, 2], [3, 4, 5]]),
        ([held(2, 3)], [[0, 1, 2, 3, 4, 5]]),
        ([weak(2, 3)], [[0, 1, 2], [3, 4, 5]]),
        ([weak(2, 3), weak(2, 4), weak(2, 5)], [[0, 1, 2], [3, 4, 5]]),
        ([weak(1, 3), weak(2, 4)], [[0, 1, 2, 3, 4, 5]]),
        ([weak(2, 6, 9.0), weak(6, 3)], [[0, 1, 2, 6], [3, 4, 5]]),
        ([weak(2, 6, 9.0), weak(6, 7), weak(7, 3)], [[0, 1, 2, 6, 7], [3, 4, 5]]),
        ([copied(1, 3), copied(2, 4)], [[0, 1, 2], [3, 4, 5]]),
    ],
    ids=["nothing", "one held item", "one weak link", "one message, several links", "two messages of each",
         "a message between", "a chain between", "only copied"],
)  # fmt: skip
def test_what_joins_two_groups(further: list[Edge], wanted: list[list[int]]) -> None:
    """One item that only its holder can show joins two groups; a weak link, a bridge or a chain of them does not."""
    edges = sorted([*TWO, *further], key=lambda edge: (-edge.bits, edge.a, edge.b))
    assert sets(group(SIZE, edges)) == wanted


def test_nothing_makes_nothing() -> None:
    """Without edges every message is a group of its own, also where there is none."""
    assert sets(group(SIZE, [])) == []
    assert parts(group(SIZE, [])) == {frozenset({one}) for one in range(SIZE)}
    assert parts(group(1, []), 1) == {frozenset({0})}


numbers = st.integers(0, SIZE - 1)
pairs = st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1])
edges = st.lists(
    st.builds(
        lambda pair, bits, merges, is_held: Edge(pair[0], pair[1], float(bits), merges or is_held, is_held),
        pairs, st.integers(7, 12), st.booleans(), st.booleans(),
    ),
    max_size=16, unique_by=lambda edge: (edge.a, edge.b),
)  # fmt: skip
some = st.frozensets(numbers, min_size=1, max_size=4)
sides = st.tuples(some, some).map(lambda two: (two[0], two[1] - two[0])).filter(lambda two: bool(two[1]))
choices = st.lists(st.tuples(st.sampled_from(["together", "apart"]), sides), max_size=5)


def _groupings(said: Sequence[tuple[str, tuple[frozenset[int], frozenset[int]]]]) -> list[Grouping]:
    return [
        Grouping(how, tuple(map(str, sorted(left))), tuple(map(str, sorted(right))), "she says so", "2026-04-20")
        for how, (left, right) in said
    ]


@given(edges, choices, st.randoms())
@settings(deadline=None, max_examples=300)
def test_groups_partition_and_do_not_depend_on_the_order_of_equal_input(
    found: list[Edge], said: list[tuple[str, tuple[frozenset[int], frozenset[int]]]], chance: Random
) -> None:
    """Every message is in one group; the order of pairs that a person put together or apart changes nothing."""
    together, apart = decided(_groupings(said), NUMBERS)
    ordered = sorted(found, key=lambda edge: (-edge.bits, edge.a, edge.b))
    first = parts(group(SIZE, ordered, together, apart))
    assert sum(map(len, first)) == SIZE
    assert frozenset().union(*first) == set(range(SIZE))
    for _ in range(3):
        chance.shuffle(together)
        chance.shuffle(apart)
        turned = [(b, a) for a, b in apart]
        assert parts(group(SIZE, ordered, together, turned)) == first


@given(edges, choices, st.tuples(st.sampled_from(["together", "apart"]), sides))
@settings(deadline=None, max_examples=300)
def test_the_latest_decision_holds_whatever_was_said_before(
    found: list[Edge],
    said: list[tuple[str, tuple[frozenset[int], frozenset[int]]]],
    last: tuple[str, tuple[frozenset[int], frozenset[int]]],
) -> None:
    """No evidence and no earlier decision undoes the latest; of earlier ones what it does not contradict holds, too."""
    together, apart = decided(_groupings([*said, last]), NUMBERS)
    groups = group(SIZE, sorted(found, key=lambda edge: (-edge.bits, edge.a, edge.b)), together, apart)
    how, (left, right) = last
    if how == "together":
        assert len({groups.of(one) for one in left | right}) == 1
    else:
        assert not {groups.of(one) for one in left} & {groups.of(one) for one in right}
    for one, other in apart:
        assert not {groups.of(a) for a in one} & {groups.of(b) for b in other}
    for a, b in together:
        assert groups.of(a) == groups.of(b)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ([("together", {0}, {1, 2}), ("apart", {0}, {1, 2})], [[1, 2]]),
        ([("together", {0}, {1, 2}), ("apart", {1}, {0})], [[0, 2]]),
        ([("apart", {0, 1}, {2, 3}), ("together", {0}, {2, 3})], [[0, 2, 3]]),
        ([("together", {0}, {1}), ("together", {1}, {2}), ("apart", {0}, {2})], [[1, 2]]),
        ([("apart", {0}, {2}), ("together", {0}, {1}), ("together", {1}, {2})], [[0, 1, 2]]),
        ([("together", {0}, {1}), ("together", {1}, {2}), ("apart", {0}, {2}), ("together", {2}, {3})], [[1, 2, 3]]),
    ],
)
def test_a_decision_undoes_no_more_than_it_contradicts(
    said: list[tuple[str, set[int], set[int]]], wanted: list[list[int]]
) -> None:
    """Who is taken out of a group leaves the others together; who is put back leaves the rest apart."""
    together, apart = decided(_groupings([(how, (frozenset(a), frozenset(b))) for how, a, b in said]), NUMBERS)
    assert sets(group(SIZE, [], together, apart)) == wanted
    if said[0][0] == "apart" and wanted == [[0, 2, 3]]:  # the one that was not put back is still apart
        assert sets(group(SIZE, [held(1, 2)], together, apart)) == wanted


def test_messages_that_are_gone_decide_nothing() -> None:
    """A decision about messages that the case no longer holds is passed over, and the rest of it holds."""
    said = [Grouping("together", ("gone",), ("1",), "", ""), Grouping("together", ("1", "gone"), ("2",), "", "")]
    assert decided(said, NUMBERS) == ([(1, 2)], [])


# ---------------------------------------------------------------- on what a group hangs


def item(
    a: int, b: int, kind: str = "link-host", value: str = "x.example", bits: float = 16.0,
    family: str = "domain", forgeable: str = "holder", about: str = "",
) -> Item:  # fmt: skip
    """Give one piece of evidence."""
    return Item(a, b, kind, family, forgeable, value, about, bits)


def test_the_bridge_is_what_it_hangs_on() -> None:
    """Of two pairs tied by one host it is that host; what holds inside each pair is stronger or splits less."""
    items = [item(0, 1, value="a.example"), item(2, 3, value="b.example"), item(1, 2, value="c.example", bits=14.0)]
    hung = weakest([0, 1, 2, 3], items, PRIOR, [])
    assert hung is not None
    assert [one.value for one in hung.items] == ["c.example"]
    assert hung.bits == 8.0
    assert len(hung.apart) == 2


def test_what_is_tied_twice_hangs_on_nothing() -> None:
    """A tie that holds without any one of its things is split by the loss of none."""
    items = [item(0, 1), item(0, 1, "reply-address", "r@y.example", 20.0, "person")]
    assert weakest([0, 1], items, PRIOR, []) is None


def test_a_host_falls_with_its_domain() -> None:
    """A host, a domain and a sender's domain of the same name are one thing."""
    items = [
        item(0, 1, "link-host", "www.x.example", 16.0, about="x.example"),
        item(0, 1, "sender-domain", "x.example", 14.0, about="x.example"),
    ]
    hung = weakest([0, 1], items, PRIOR, [])
    assert hung is not None
    assert {one.kind for one in hung.items} == {"link-host", "sender-domain"}


def test_a_person_s_word_does_not_fall_off() -> None:
    """What a person put together is not parted by the loss of evidence; what hangs beside it is."""
    items = [item(0, 1, value="a.example"), item(1, 2, value="b.example", bits=15.0)]
    hung = weakest([0, 1, 2], items, PRIOR, [(0, 1)])
    assert hung is not None
    assert hung.apart == {2}
    assert weakest([0, 1], items[:1], PRIOR, [(0, 1)]) is None


def test_one_message_and_none_hang_on_nothing() -> None:
    """A single message, and none, have no link that could break."""
    assert weakest([0], [], PRIOR, []) is None
    assert weakest([], [], PRIOR, []) is None


def test_of_a_family_the_best_counts_in_full_the_second_a_quarter() -> None:
    """Kinds that see the same thing do not add up: in full, a quarter, nothing."""
    items = [item(0, 1, str(number), bits=bits) for number, bits in enumerate((4.0, 16.0, 8.0))]
    assert [counted for _, counted in weighed(items)] == [16.0, 2.0, 0.0]
    assert total(items, PRIOR) == 12.0


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ([item(0, 1, bits=13.0)], True),
        ([item(0, 1, bits=12.9)], False),
        ([item(0, 1, bits=18.0, forgeable="reader")], False),
        ([item(0, 1, bits=9.0, forgeable="machine"), item(0, 1, "persona", "", 9.0, "person", "reader")], True),
        ([item(0, 1, bits=9.0, forgeable="reader"), item(0, 1, "persona", "", 9.0, "person", "reader")], False),
        ([item(0, 1, bits=20.0, forgeable="machine"), item(0, 1, "k", "", 8.0, "domain", "machine")], False),
    ],
    ids=["one held item", "too little", "copied", "two families", "two families, copied", "one family"],
)
def test_what_is_enough(items: list[Item], wanted: bool) -> None:
    """Seven bits, and one held item or two families of which not all can be copied."""
    assert holds(items, PRIOR) is wanted


@given(st.integers(0, 10_000_000), st.integers(0, 10_000_000))
def test_more_messages_speak_against_any_two(few: int, many: int) -> None:
    """The prior falls with the number of messages, between 6 and 14 bits against."""
    few, many = min(few, many), max(few, many)
    assert -14 <= prior(many) <= prior(few) <= -6
