"""Evidence on who it was: no step makes it count more than it may, and the words are those of ICD 203."""

import math
import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.attribute import words
from watchword.attribute.rules import CLASSES, REFERENCE, reliability, rules
from watchword.attribute.score import Bits, Item, alone, discount, grid, outcome, posterior, prior, scope, weigh
from watchword.attribute.sensitivity import EXACT, LARGEST, conclusion, sensitivity

KNOWN = rules()
SCOPE = scope(["a", "b"])
PRIORS = grid(SCOPE, {"a": 3.0, "b": 1.0}, KNOWN.among)
NAMES = [one.name for one in SCOPE if one.name != REFERENCE]
FAMILIES = ["domain", "server", "file", "technique", "naming", "rhythm", "language"]
SLACK = 1e-9


def item(name: str, bits: dict[str, float], **given: object) -> Item:
    """An exhibit with a root and a family of its own, unless given."""
    made = Item(name, f"family of {name}", f"root of {name}", bits, vertex="infrastructure")
    return replace(made, **given)  # type: ignore[arg-type]  # a test names fields of Item


ITEMS = st.lists(
    st.builds(
        lambda number, family, root, bits, grade, imitable: item(
            f"{number:04}", bits, family=family, root=root, reliability=grade, imitable=imitable
        ),
        st.integers(0, 9999),
        st.sampled_from(FAMILIES),
        st.sampled_from(["one", "two", "three"]),
        st.dictionaries(st.sampled_from(["a", "b", *CLASSES]), st.floats(-12, 12), max_size=3),
        st.sampled_from([0.0, 0.25, 0.5, 0.675, 0.95, 1.0]),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda one: one.name,
)


# ------------------------------------------------------------ priors


def test_a_prior_is_a_probability_and_never_leaves_out_the_unknown() -> None:
    """Every prior that is tried sums to 1; that which counts gives an unknown actor a fifth or more."""
    for one in PRIORS:
        assert math.isclose(sum(one.values()), 1)
        assert set(one) == {each.name for each in SCOPE}
        assert all(share > 0 for share in one.values())
    assert grid(SCOPE, {}, 10, unknown=0.01)[0][REFERENCE] == KNOWN.unknown_least >= 0.2
    assert {one[REFERENCE] for one in PRIORS} >= {0.1, 0.6}


def test_each_actor_has_an_imitator_and_the_classes_are_always_there() -> None:
    """The hypotheses are never closed: whoever is named, an imitator of each, the unknown and the classes are there."""
    names = {one.name for one in scope(["x", "y", "x"], ["a domestic rival"])}
    assert names == {"x", "y", "imitator of x", "imitator of y", *CLASSES, "a domestic rival"}
    assert {one.name for one in scope([])} == set(CLASSES)


def test_naming_one_suspect_does_not_make_it_probable() -> None:
    """Who fixes a single actor gives it no more than one of many has."""
    one = prior(scope(["a"]), 0.4, 0.2, {}, KNOWN.among)
    assert one["a"] < 0.01


# ------------------------------------------------------------ single exhibits


@given(st.floats(-12, 12), st.floats(0, 1), st.floats(0, 1))
def test_a_weak_source_makes_evidence_weaker(bits: float, one: float, other: float) -> None:
    """The less a source can be relied on, the nearer its evidence is to nothing, and never on the other side."""
    low, high = sorted((one, other))
    weak, strong = discount(bits, low), discount(bits, high)
    assert abs(weak) <= abs(strong) + SLACK
    assert abs(strong) <= abs(bits) + SLACK
    assert weak * bits >= -SLACK


@pytest.mark.parametrize(
    ("grade", "at_least", "at_most"),
    [
        ("A1", 0.9, 0.99),
        ("B2", 0.6, 0.75),
        ("C3", 0.3, 0.4),
        ("E1", 0, 0),
        ("A5", 0, 0),
        ("", 0.5, 0.5),
        ("F6", 0.3, 0.4),
    ],
)
def test_grades_are_what_the_admiralty_code_says(grade: str, at_least: float, at_most: float) -> None:
    """No source is certain, `E` and `5` weigh nothing, and what cannot be judged is not bad."""
    assert at_least <= reliability(grade, KNOWN) <= at_most


@given(ITEMS)
def test_no_exhibit_counts_more_than_it_weighs_alone(items: list[Item]) -> None:
    """Grade, caps and dependence only take away, and never turn evidence round."""
    counted = weigh(items, SCOPE)
    for one in items:
        for name in ("a", "b", *CLASSES):
            given_bits = one.bits.get(name, 0.0) if name != REFERENCE else 0.0
            assert abs(counted[one.name][name]) <= min(abs(given_bits), one.cap) + SLACK
            assert counted[one.name][name] * given_bits >= 0
            if name != REFERENCE:
                assert abs(counted[one.name][name]) <= abs(alone(one, name)) + SLACK


# ------------------------------------------------------------ many exhibits


@given(ITEMS)
def test_weak_families_have_ceilings(items: list[Item]) -> None:
    """Of techniques, naming, clocks and languages no number of exhibits weighs more than the cap, nor all together."""
    counted = weigh(items, SCOPE)
    for name in ("a", "b"):
        for sign in (1, -1):
            of_family = {
                family: sum(max(0.0, sign * counted[one.name][name]) for one in items if one.family == family)
                for family in FAMILIES
            }
            assert all(of_family[family] <= cap + SLACK for family, cap in KNOWN.caps.items() if family in of_family)
            weak = sum(bits for family, bits in of_family.items() if family in KNOWN.caps)
            assert weak <= KNOWN.weak_together + SLACK


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=40), st.sampled_from(["root", "family"]))
def test_repeats_are_no_corroboration(sizes: list[float], way: str) -> None:
    """However many exhibits share a root or a family, together they weigh less than twice the strongest."""
    items = [item(f"{number}", {"a": bits}, **{way: "the same"}) for number, bits in enumerate(sizes)]
    total = sum(bits["a"] for bits in weigh(items, SCOPE).values())
    assert max(sizes) - SLACK <= total <= max(sizes) / (1 - KNOWN.exponent) + SLACK


@given(ITEMS, st.floats(0.01, 10), st.sampled_from(FAMILIES), st.sampled_from(["one", "two", "four"]), st.booleans())
@settings(max_examples=300)
def test_more_for_an_actor_never_makes_it_less_probable(
    items: list[Item], bits: float, family: str, root: str, imitable: bool
) -> None:
    """An exhibit that speaks for an actor alone never lowers its probability, whatever it shares with others."""
    more = [*items, item("new", {"a": bits}, family=family, root=root, imitable=imitable)]
    before, after = outcome(items, SCOPE, PRIORS), outcome(more, SCOPE, PRIORS)
    assert after.posterior["a"] >= before.posterior["a"] - SLACK
    assert after.low["a"] >= before.low["a"] - SLACK


@given(ITEMS, st.randoms(use_true_random=False))
def test_the_order_of_exhibits_is_nothing(items: list[Item], order: random.Random) -> None:
    """The same exhibits in another order come to the same."""
    other = order.sample(items, len(items))
    one, two = outcome(items, SCOPE, PRIORS), outcome(other, SCOPE, PRIORS)
    assert all(math.isclose(one.posterior[name], two.posterior[name], abs_tol=1e-9) for name in one.posterior)


@given(ITEMS)
def test_posteriors_are_probabilities_within_their_range(items: list[Item]) -> None:
    """They sum to 1, none is nothing, and that of the fixed prior lies within the range over all priors."""
    found = outcome(items, SCOPE, PRIORS)
    assert math.isclose(sum(found.posterior.values()), 1)
    for name, share in found.posterior.items():
        assert found.low[name] - SLACK <= share <= found.high[name] + SLACK
        assert share > 0


@given(ITEMS)
def test_what_weighs_nothing_changes_nothing(items: list[Item]) -> None:
    """A hub, whose bits are none, leaves everything as it was."""
    more = [*items, item("hub", {}, root="one", family="domain")]
    one, two = outcome(items, SCOPE, PRIORS), outcome(more, SCOPE, PRIORS)
    assert one.posterior == two.posterior


# ------------------------------------------------------------ imitation


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=12))
def test_what_could_be_copied_hardly_tells_an_actor_from_its_imitator(sizes: list[float]) -> None:
    """Of what is public, all of it together speaks for the actor against its imitator at most 3 to 1."""
    items = [item(f"{number}", {"a": bits}, imitable=True) for number, bits in enumerate(sizes)]
    found = outcome(items, SCOPE, PRIORS)
    ratio = (found.posterior["a"] / PRIORS[0]["a"]) / (found.posterior["imitator of a"] / PRIORS[0]["imitator of a"])
    assert ratio <= 2.0**KNOWN.advantage + 1e-6


def test_what_nobody_could_copy_does_not_speak_for_an_imitator() -> None:
    """A private exhibit leaves the imitator where an unknown actor is."""
    counted = weigh([item("1", {"a": 8.0})], SCOPE)["1"]
    assert counted["a"] == pytest.approx(8)
    assert counted["imitator of a"] == 0


def test_a_person_may_weigh_the_imitator_itself() -> None:
    """A forgery that is seen as one speaks for the imitator and against the actor."""
    found = outcome([item("1", {"imitator of a": 8.0, "a": -3.0})], SCOPE, PRIORS)
    assert found.posterior["imitator of a"] > 50 * found.posterior["a"]


# ------------------------------------------------------------ calibration


def _calibration(repeats: int, exponent: float) -> tuple[float, float]:
    """Draw who it was and what is seen of it; give calibration error and mean surprise of the truth."""
    draw = random.Random(20240820)  # noqa: S311  # the same draw in every run
    known = replace(KNOWN, exponent=exponent)
    hypotheses = scope(["a", "b"])
    priors: Bits = {one.name: 1 / len(hypotheses) for one in hypotheses}
    bins: dict[int, list[tuple[float, bool]]] = {}
    surprise = 0.0
    count = 1500
    for _ in range(count):
        truth = draw.choice(hypotheses).name
        items = []
        for number in range(4):
            # A sign that is seen with probability .6 of `one`, and .1 of anybody else.
            one = draw.choice(["a", "b", "crime", "hired"])
            seen = draw.random() < (0.6 if truth == one else 0.1)
            bits = math.log2(0.6 / 0.1) if seen else math.log2(0.4 / 0.9)
            # Each report of it is copied by others.
            items += [
                item(f"{number}.{copy}", {one: bits}, root=f"{number}", family=f"{number}") for copy in range(repeats)
            ]
        found = posterior(priors, weigh(items, hypotheses, known))
        for name, share in found.items():
            bins.setdefault(min(9, int(share * 10)), []).append((share, name == truth))
        surprise -= math.log2(found[truth]) / count
    total = sum(map(len, bins.values()))
    error = (
        sum(abs(sum(share for share, _ in some) - sum(right for _, right in some)) for some in bins.values()) / total
    )
    return error, surprise


def test_independent_evidence_comes_out_calibrated() -> None:
    """Where exhibits are independent and their likelihoods right, what is called 80 % is right 8 times of 10."""
    error, _ = _calibration(repeats=1, exponent=KNOWN.exponent)
    assert error < 0.02


def test_copies_do_not_spoil_calibration_as_a_plain_sum_does() -> None:
    """Where every report is copied five times, a plain sum is far too sure; tempered, it is nearly right."""
    tempered, surprise = _calibration(repeats=5, exponent=KNOWN.exponent)
    plain, plain_surprise = _calibration(repeats=5, exponent=1.0)
    assert tempered < 0.05 < plain
    assert surprise < plain_surprise


# ------------------------------------------------------------ on what it hangs


def _noise(draw: random.Random, count: int) -> list[Item]:
    """Exhibits that change nothing, alone or together."""
    return [
        item(
            f"noise {number}", {draw.choice(["a", "b", "crime"]): draw.uniform(-0.2, 0.1)}, imitable=draw.random() < 0.5
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("planted", [1, 2, 3])
def test_every_planted_critical_set_is_found(planted: int) -> None:
    """Of 100 cases each with one, two or three exhibits that carry the conclusion among noise, all are found."""
    draw = random.Random(planted)  # noqa: S311  # the same draw in every run
    for case in range(100):
        strong = [item(f"planted {number}", {"a": draw.uniform(11.5, 14)}, cap=14.0) for number in range(planted)]
        items = strong + _noise(draw, draw.randrange(0, 15 - 3 * planted))
        draw.shuffle(items)
        found = sensitivity(items, SCOPE, PRIORS)
        assert outcome(items, SCOPE, PRIORS).leader == "a", case
        assert set(found.smallest) == {one.name for one in strong}, case
        assert found.exact
        assert (found.items == (strong[0].name,)) == (planted == 1), case
        assert found.becomes != "a"


def test_a_planted_root_is_found_where_no_exhibit_alone_is_critical() -> None:
    """Of 60 cases in which one report lies behind several exhibits, the root and the source are found."""
    draw = random.Random(5)  # noqa: S311  # the same draw in every run
    for _ in range(60):
        from_one = [
            item(f"{number}", {"a": 13.0}, cap=14.0, root="one report", source="One Lab") for number in range(3)
        ]
        found = sensitivity([*from_one, *_noise(draw, 6)], SCOPE, PRIORS)
        assert found.items == ()
        assert found.roots == ("one report",)
        assert found.sources == ("One Lab",)


def test_beyond_twenty_exhibits_a_set_is_found_and_said_to_be_perhaps_not_the_smallest() -> None:
    """Of many exhibits the strongest are taken away until the conclusion is another; nothing in the set is needless."""
    draw = random.Random(9)  # noqa: S311  # the same draw in every run
    strong = [item(f"planted {number}", {"a": 12.0 + number / 10}, cap=14.0) for number in range(4)]
    items = strong + _noise(draw, EXACT)
    found = sensitivity(items, SCOPE, PRIORS)
    assert not found.exact
    assert {one.name for one in strong} == set(found.smallest)


@given(ITEMS)
@settings(max_examples=200, deadline=None)
def test_the_smallest_set_is_the_smallest(items: list[Item]) -> None:
    """No smaller set of exhibits changes the conclusion, and the one that is told does: all sets are tried."""
    items = items[:6]
    found = sensitivity(items, SCOPE, PRIORS)
    whole = conclusion(outcome(items, SCOPE, PRIORS), KNOWN)

    def changes(gone: tuple[str, ...]) -> bool:
        left = [one for one in items if one.name not in gone]
        return conclusion(outcome(left, SCOPE, PRIORS), KNOWN) != whole

    sets = [some for size in range(1, LARGEST + 1) for some in combinations([one.name for one in items], size)]
    smallest = min((len(some) for some in sets if changes(some)), default=0)
    assert len(found.smallest) == smallest
    assert not found.smallest or changes(found.smallest)
    assert set(found.items) == {one.name for one in items if changes((one.name,))}


# ------------------------------------------------------------ words


def test_the_terms_are_those_of_icd_203() -> None:
    """Two rows of seven terms, with the limits of the directive."""
    wanted = [(0.01, 0), (0.049, 0), (0.05, 1), (0.199, 1), (0.2, 2), (0.449, 2), (0.45, 3), (0.549, 3), (0.55, 4)]
    wanted += [(0.799, 4), (0.8, 5), (0.949, 5), (0.95, 6), (0.999, 6)]
    for probability, number in wanted:
        assert words.term(probability) == words.LIKELIHOOD[number]
        assert words.term(probability, words.PROBABILITY) == words.PROBABILITY[number]
    assert len(set(words.LIKELIHOOD)) == len(set(words.PROBABILITY)) == 7
    assert not set(words.LIKELIHOOD) & set(words.PROBABILITY)


@given(st.floats(0, 1), st.floats(0, 1))
def test_rows_are_not_mixed_and_nothing_is_certain(one: float, other: float) -> None:
    """A range has terms of one row, a single one where both ends have it, and is never printed as 0 or 100 %."""
    low, high = sorted((one, other))
    for row, foreign in ((words.LIKELIHOOD, words.PROBABILITY), (words.PROBABILITY, words.LIKELIHOOD)):
        said = words.span(low, high, row).split(" to ")
        assert all(term in row and term not in foreign for term in said)
        assert len(said) == 1 + (words.band(low) != words.band(high))
    shown = words.percent(low, high)
    assert shown not in ("0%", "100%")
    assert not shown.startswith("0 ")
    assert " 100" not in shown
