"""Names of actors, services and countries in a text: found as people write them, and not in plain words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.actors.names import Names, plain
from watchword.tables import Actor, ActorFact


def _names(*aliases: tuple[str, str]) -> Names:
    actors = [
        Actor(actor, actor.partition("@")[0], "x", "", "unknown") for actor in dict.fromkeys(one for one, _ in aliases)
    ]
    return Names(actors, [ActorFact(actor, "alias", name, "x", "x", None, "") for actor, name in aliases])


_KNOWN = _names(
    ("apt42", "APT42"), ("magic-hound", "Charming Kitten"),
    ("mint@ms", "Mint Sandstorm"), ("mint@galaxy", "Mint Sandstorm"),
    ("lead@ms", "LEAD"), ("play@x", "Play"), ("callisto@x", "Callisto"), ("muddy@x", "MuddyWater"),
    ("list@x", "smudgedserpent"), ("cobalt@x", "Cobalt"), ("c35@x", "APT-C-35"),
)  # fmt: skip


def _actors(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.printed, one.ids) for one in _KNOWN.find(text) if one.kind == "actor"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("They blame APT42.", "APT42"),
        ("They blame APT-42-linked people", "APT-42"),
        ("Google's apt 42 page", "apt 42"),
        ("(Charming Kitten)", "Charming Kitten"),
        ("CHARMING KITTEN IS BACK", "CHARMING KITTEN"),
        ("by Charming\nKitten, again", "Charming\nKitten"),
        ("MuddyWater's tools", "MuddyWater"),
        ("the Callisto group", "Callisto"),
        ("hackers tracked as Play", "Play"),
        ("the LEAD threat actor", "LEAD"),
        ("SmudgedSerpent and others", "SmudgedSerpent"),
        ("the group APT-C-35 wrote", "APT-C-35"),
    ],
)
def test_names_are_found_as_people_write_them(text: str, printed: str) -> None:
    """Hyphens, line ends, capitals and endings do not hide a name, and the span is exactly what is printed."""
    (found,) = [one for one in _KNOWN.find(text) if one.kind == "actor"]
    assert found.printed == printed == text[found.start : found.stop]


@pytest.mark.parametrize(
    "text",
    [
        "Play along and lead us. Lead time is short. PLAY MUSIC.",
        "Callisto is a moon, and Play is a word.",
        "We met a charming kitten.",
        "see https://example.org/APT42.html or apt42.example.org or x@apt42.org",
        "MAPT42 and APT421 and APT42x",
        "mint sandstorm over the desert",
        "They used Cobalt Strike, an actor's tool",
        "in the lead group of runners",
        "a muddywater river",
    ],
)
def test_plain_words_and_parts_of_others_are_no_names(text: str) -> None:
    """Plain words, hosts, addresses and longer words that hold a name are nobody."""
    assert not _actors(text)


def test_a_name_that_several_bear_gives_all_of_them() -> None:
    """An ambiguous alias names every actor that bears it; none is chosen."""
    assert _actors("Mint Sandstorm wrote") == [("Mint Sandstorm", ("mint@galaxy", "mint@ms"))]


def test_services_and_countries_are_kinds_of_their_own() -> None:
    """A service is not its country, and of names within each other the longest counts."""
    text = "Iran's Islamic Revolutionary Guard Corps (IRGC), the GRU and Iranian hackers; it told us"
    found = [(one.printed, one.kind, one.ids) for one in _KNOWN.find(text)]
    assert found == [
        ("Iran", "country", ("IR",)),
        ("Islamic Revolutionary Guard Corps", "service", ("irgc",)),
        ("IRGC", "service", ("irgc",)),
        ("GRU", "service", ("gru",)),
        ("Iranian", "country", ("IR",)),
    ]


@pytest.mark.parametrize(
    ("text", "count"), [("an RGB image", 0), ("the RGB of North Korea", 1), ("tell us", 0), ("the US", 1)]
)
def test_short_names_need_their_own_case_or_company(text: str, count: int) -> None:
    """RGB is a colour unless North Korea is near; `us` is no country."""
    assert len([one for one in _KNOWN.find(text) if one.printed in ("RGB", "US", "us")]) == count


@given(st.text(max_size=200), st.text(max_size=200))
def test_spans_lie_in_the_text_and_do_not_overlap(before: str, after: str) -> None:
    """Whatever stands around, each span is what is printed, and a name with blanks around it is found."""
    text = f"{before} APT42 {after}"
    found = _KNOWN.find(text)
    assert all(text[one.start : one.stop] == one.printed for one in found)
    assert all(one.stop <= two.start for one, two in pairwise(found))
    assert any(one.ids == ("apt42",) for one in found)


@given(st.text(max_size=50))
def test_the_plain_form_of_a_name_is_stable(name: str) -> None:
    """Names are compared in a form that does not change when it is made again."""
    assert plain(plain(name)) == plain(name)
