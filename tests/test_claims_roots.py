"""Roots of reports: copies, quotations, credits, agencies, circles, unnamed sources, and how they are counted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.syndication import SETS, measure, read
from watchword.claims.citations import references
from watchword.claims.credits import case_speakers
from watchword.claims.passages import quotations, sentences, words
from watchword.claims.roots import Origin, count, rooted
from watchword.claims.speakers import Speakers, folded, initials
from watchword.claims.stories import Story

START = datetime(2024, 5, 1, 8, tzinfo=UTC)
LONG = (
    "The mayor's office confirmed on Tuesday that letters were taken from the archive in the cellar of the town hall, "
    "where a night guard had noticed a broken lock, two empty shelves and the smell of fresh paint near the stairs. "
    "Nobody had used that door since the winter, and the only other key hangs in the porter's lodge beside the clock. "
)


def story(name: str, text: str, publisher: str = "", day: float | None = 0, **more: str) -> Story:
    """Write a story of that day of May."""
    moment = None if day is None else START + timedelta(days=day)
    return Story(name, text, publisher or name, more.get("address", ""), moment, tuple(more.get("links", "").split()))


def roots_of(*stories: Story, names: tuple[tuple[str, str], ...] = ()) -> dict[str, set[str]]:
    """Give the keys of the roots of each story."""
    speakers = case_speakers(stories, names)
    found = rooted(stories, references(stories, speakers), speakers).origins
    return {name: {one.key for one in ones} for name, ones in found.items()}


def hows(*stories: Story) -> set[tuple[str, str, str]]:
    """Give document, how and what it cites of every reference."""
    speakers = case_speakers(stories, [])
    return {(one.document, one.how, one.cited or one.key) for one in references(stories, speakers)}


def test_the_later_of_two_with_the_same_text_copies() -> None:
    """A text that stands in two stories is the earlier one's; both have its root, and the share is told."""
    stories = (story("late", LONG + "A second paragraph.", day=2), story("early", LONG, day=1))
    assert roots_of(*stories) == {"late": {"early"}, "early": {"early"}}
    speakers = case_speakers(stories, [])
    (found,) = [one for one in references(stories, speakers) if one.how == "copies"]
    assert (found.document, found.cited) == ("late", "early")
    assert found.share > 0.9


def test_what_is_below_three_tenths_is_no_copy() -> None:
    """Two stories with one sentence in common out of many do not share a root by that."""
    other = " ".join(f"Word{number} of its own stands here and says nothing of the rest." for number in range(20))
    found = roots_of(story("one", LONG), story("two", "We say: " + LONG[:110] + other, day=1))
    assert found == {"one": {"one"}, "two": {"two"}}


def test_a_shared_long_quotation_alone_does_not_make_a_copy() -> None:
    """Two stories that both quote a statement at length do not copy each other; both rest on who made it."""
    first = story("one", f"Asked on the bridge, the porter shook his head. The town said: “{LONG}”", day=1)
    second = story("two", f"It rained when the paper was handed out at noon. The town said: “{LONG}”", day=2)
    assert not any(how == "copies" for _, how, _ in hows(first, second))
    statement = story("town", LONG, "The Town", day=0)
    found = roots_of(first, second, statement)
    assert found["one"] == found["two"] == found["town"] == {"town"}


def test_eight_words_in_quotation_marks_are_followed_to_who_said_them() -> None:
    """A quotation of eight words leads to the text that has them as its own; seven do not."""
    origin = story("origin", "We saw a stranger carry nine boxes down the narrow stairs.", day=3)
    eight = story("eight", "It was said that “a stranger carry nine boxes down the narrow stairs” was seen.", day=1)
    seven = story("seven", "It was said that “nine boxes down the narrow stairs” was seen.", day=1)
    assert roots_of(origin, eight, seven) == {"origin": {"origin"}, "eight": {"origin"}, "seven": {"seven"}}


@pytest.mark.parametrize(
    "text",
    [
        "Letters are gone, the Harbour Lantern first reported.",
        "Letters are gone, as first reported by the Harbour Lantern on Monday.",
        "Letters are gone, a clerk told the Harbour Lantern.",
        "According to the Harbour Lantern, letters are gone.",
        "Letters are gone. So writes the Lantern.",
        "Letters are gone, the Lantern has learned, it reported.",
    ],
)
def test_credit_is_a_root(text: str) -> None:
    """Who names another publisher as the source rests on it, in the usual forms, also by the last word of its name."""
    scoop = story("scoop", "Letters are missing from the cellar. We have seen the empty shelf.", "Harbour Lantern")
    assert roots_of(scoop, story("echo", text, day=1))["echo"] == {"harbour lantern"}


def test_who_denies_is_no_source() -> None:
    """A story in which somebody denies does not rest on the denier's word."""
    denier = story("embassy", "We had nothing to do with it.", "Embassy of Ostland", day=2)
    report = story("report", "Letters are gone. The Embassy of Ostland denied that, an aide said.", day=1)
    assert roots_of(denier, report)["report"] == {"report"}


@pytest.mark.parametrize(
    "text",
    [
        "LONDON (Reuters) - Letters were taken from the cellar.",
        "By Reuters\nLetters were taken from the cellar.",
        "Letters were taken from the cellar.\nReuters contributed to this report.",
        "Letters were taken from the cellar.\nSource: Reuters",
    ],
)
def test_an_agency_is_the_root_although_its_text_is_not_there(text: str) -> None:
    """Stories with the credit of one agency have one root, which is the agency's and none of theirs."""
    other = "PARIS (AP) - Something else was taken from another cellar entirely."
    found = roots_of(story("one", text), story("two", "BERLIN (Reuters) - Shelves stood empty."), story("three", other))
    assert found == {"one": {"reuters"}, "two": {"reuters"}, "three": {"associated press"}}


def test_a_link_to_another_report_is_followed() -> None:
    """A story that links to another and says nothing of its own sources rests on that."""
    origin = story("origin", "Letters are missing.", address="https://www.origin.example/a?utm=1")
    echo = story("echo", "Letters seem to be missing.", day=1, links="http://origin.example/a/")
    assert roots_of(origin, echo)["echo"] == {"origin"}


def test_two_who_credit_a_report_that_nobody_has_share_its_root() -> None:
    """The scoop need not be in the case: those who credit it are not two."""
    found = roots_of(
        story("one", "Letters are gone, as first reported by the Northern Lamp."),
        story("two", "The Northern Lamp first reported that letters are gone."),
    )
    assert found == {"one": {"northern lamp"}, "two": {"northern lamp"}}


def test_in_a_circle_the_first_published_is_origin() -> None:
    """Stories that credit one another in a circle rest on the first; no story is lost, and it ends."""
    found = roots_of(
        story("b", "Letters are gone, Paper A reported.", "Paper B", 2),
        story("c", "Letters are gone, Paper B reported.", "Paper C", 3),
        story("a", "Letters are gone, Paper C reported.", "Paper A", 1),
    )
    assert found == {"a": {"paper a"}, "b": {"paper a"}, "c": {"paper a"}}


def test_own_witness_beside_a_credit_is_a_second_root() -> None:
    """A newsroom that repeats a scoop and has a named witness of its own adds a root, and keeps the other."""
    scoop = story("scoop", "Letters are missing from the cellar.", "Harbour Lantern")
    both = story(
        "both",
        "Letters are gone, the Harbour Lantern reported. Nora Fell, the town's archivist, told the Evening Star that "
        "she had counted two empty shelves.",
        "Evening Star",
        1,
    )
    assert roots_of(scoop, both)["both"] == {"harbour lantern", "nora fell"}


def test_who_speaks_for_a_house_is_no_second_root() -> None:
    """A spokesperson's word is that of the house: its statement and her interview are one root."""
    statement = story("statement", "Letters were taken from our archive.", "Office of the Archive")
    talk = story(
        "talk",
        "Letters are gone, Nora Fell, a spokeswoman for the Office of the Archive, told the Evening Star.",
        "Evening Star",
        1,
    )
    assert roots_of(statement, talk)["talk"] == {"office of the archive"}


def test_unnamed_sources_of_two_newsrooms_are_never_two_certain_roots() -> None:
    """Two anonymous scoops are between one and two; beside a named root they add nothing for certain."""
    one = story("one", "Two people familiar with the matter told Paper A that letters are gone.", "Paper A")
    two = story("two", "A person briefed on the matter told Paper B that letters are gone.", "Paper B", 1)
    stories = (one, two)
    speakers = case_speakers(stories, [])
    origins = {
        each for ones in rooted(stories, references(stories, speakers), speakers).origins.values() for each in ones
    }
    assert all(origin.anonymous for origin in origins)
    counted = count(["one", "two"], origins)
    assert (counted.least, counted.most) == (1, 2)
    assert str(counted).startswith("1 independent root of 2 reports (1 to 2")
    beside = count(["one", "two", "three"], {*origins, Origin("named")})
    assert (beside.least, beside.most) == (1, 3)


def test_who_signed_a_joint_statement_adds_no_root_by_repeating_it() -> None:
    """Those who spoke with one voice have one key, and so has each of them alone."""
    speakers = Speakers()
    joint = speakers.speak_together("ODNI, FBI and CISA")
    assert joint == speakers.key("FBI") == speakers.key("the CISA")
    assert speakers.add("Office of the Director of National Intelligence") == speakers.key("ODNI")
    assert speakers.add("Microsoft") != joint
    assert initials("National Cyber Office") == "NCO"
    assert initials("Evening Star") == ""


@pytest.mark.parametrize("name", SETS)
def test_the_stories_written_for_it_have_the_roots_that_they_have(name: str) -> None:
    """On the stories in examples/reporting/syndication no two independent ones are put together."""
    figures = measure(read(name))
    assert figures.precision >= 0.9
    assert figures.recall >= 0.6
    assert figures.found_roots >= 3


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20), st.permutations(range(7)))
@settings(max_examples=60, deadline=None)
def test_any_web_of_credits_ends_in_roots(said: list[tuple[int, int]], days: list[int]) -> None:
    """However papers credit one another, each has a root, and every root is the key of a paper."""
    texts = {number: ["Letters are missing from the cellar."] for number in range(7)}
    for one, other in said:
        texts[one].append(f"This was first reported by Journal {'ABCDEFG'[other]}.")
    stories = [
        story(f"doc{number}", " ".join(texts[number]), f"Journal {'ABCDEFG'[number]}", days[number])
        for number in range(7)
    ]
    found = roots_of(*stories)
    assert all(found.values())
    assert set().union(*found.values()) <= {folded(one.publisher) for one in stories}


def test_who_does_not_say_from_whom_is_no_certain_root() -> None:
    """A story that tells the same later, without source and without work of its own, may be anybody's repetition."""
    text = "Letters were taken from the archive in the cellar, where nine boxes stood beside the broken window."
    first = story("first", f"We saw it ourselves. {text}", "Paper A")
    later = story("later", "From the archive beside the cellar nine boxes with letters were taken; a window is broken.",
                  "Paper B", 1)  # fmt: skip
    stories = (first, later)
    speakers = case_speakers(stories, [])
    origins = rooted(stories, references(stories, speakers), speakers).origins
    counted = count(origins, {one for ones in origins.values() for one in ones})
    assert (counted.least, counted.most) == (1, 2)
    own = story("later", "We opened the archive beside the cellar: nine boxes with letters were taken.", "Paper B", 1)
    assert roots_of(first, own)["later"] == {"paper b"}


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_pieces_of_a_text_stand_where_they_say(text: str) -> None:
    """Sentences, quotations and words have the offsets of what they give, for any text."""
    for span in (*sentences(text), *quotations(text)):
        assert text[span.start : span.stop] == span.text
    cut = words(text)
    for word, start, stop in zip(cut.words, cut.starts, cut.stops, strict=True):
        assert text[start:stop].lower().replace("’", "'") == word
