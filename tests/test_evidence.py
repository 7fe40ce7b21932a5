"""Every file of evidence keeps its contract: its examples share what it looks for, and their twins do not."""

import string
from pathlib import Path

import pytest

from tests.evidence_case import problems, try_examples
from watchword.connect.evidence import FAMILIES, FORGEABLE, Kind, kinds, read_kind

KINDS = kinds()
GOOD = '''
title = "Same sender"
says = "Both come from {value}."
family = "person"
forgeable = "holder"
share = 0.5
cap = 20
sql = "select message, from_address as value from subjects"
[[shared]]
why = "One address."
value = "kay@desk.example"
one = """
From: kay@desk.example

Hello.
"""
other = """
From: Kay <kay@desk.example>

Good day.
"""
[[different]]
why = "Two addresses."
one = """
From: kay@desk.example

Hello.
"""
other = """
From: lee@desk.example

Good day.
"""
'''


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_file_says_what_it_must(kind: Kind) -> None:
    """Title and sentence are whole, `{value}` is all that the sentence fills in, and the numbers are of a sane size."""
    assert kind.title
    assert not kind.title.endswith(".")
    assert kind.says.endswith(".")
    assert {name for _, name, _, _ in string.Formatter().parse(kind.says) if name is not None} <= {"value"}
    assert kind.family in FAMILIES
    assert kind.forgeable in FORGEABLE
    assert 0 < kind.share <= 1
    assert 1 < kind.cap <= 24
    assert kind.shared, "it has no example [[shared]]"
    assert kind.different, "it has no example [[different]]"


def test_the_catalogue_is_there() -> None:
    """All files are found, each family has a kind, and each degree of forging."""
    assert len(KINDS) >= 38
    assert {kind.family for kind in KINDS} == set(FAMILIES)
    assert {kind.forgeable for kind in KINDS} == set(FORGEABLE)


def test_examples_prove_every_kind(tmp_path: Path) -> None:
    """Both mails of a `shared` example show its value, those of a `different` one nothing that weighs; in one case."""
    found = list(problems(try_examples(KINDS, tmp_path / "case")))
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_a_good_file_has_no_problem(tmp_path: Path) -> None:
    """A file that keeps the contract is not blamed."""
    assert not list(problems(try_examples([read_kind("good", GOOD)], tmp_path / "case")))


def test_every_breach_is_told(tmp_path: Path) -> None:
    """Whatever breaks the contract is named, with the example that shows it; no file spoils another."""
    breaches = {
        "nothing": ("Kay <kay@desk.example>", "kay@place.example", "shared 1: they do not share"),
        "other": ('value = "kay', 'value = "lee', "shared 1: they do not share"),
        "equal": ("lee@desk.example", "kay@desk.example", "different 1: they must not share anything"),
        "vain": (
            '"Two addresses."',
            '"Two addresses."\nhub = true\nvalue = "lee@desk.example"',
            "different 1: they do not share",
        ),
        "weighs": ('value = "kay', 'hub = true\nvalue = "kay', "shared 1: it is no hub"),
        "popular": ("desk.example", "gmail.com", "shared 1: it is a hub"),
        "silent": ('"One address."', '" "', "shared 1: it does not say why"),
        "columns": ("select message,", "select message, subject,", "columns: its query gives"),
    }
    broken = []
    for name, (written, instead, _) in breaches.items():
        assert written in GOOD
        text = GOOD.replace(written, instead).replace("as value", "as value, from_organisation as about")
        broken.append(read_kind(name, text.replace("desk.example", f"{name}.example")))
    found = list(problems(try_examples(broken, tmp_path / "case")))
    for name, (_, _, blame) in breaches.items():
        assert [one for one in found if one.startswith(name) and blame in one], (name, found)


@pytest.mark.parametrize(
    ("written", "instead", "blame"),
    [
        ("cap = 20", "cap = 20\ncolour = 3", "colour"),
        ("cap = 20", "", "cap"),
        ('why = "One address."', 'why = "One address."\nowner = "x"', "owner"),
        ("share = 0.5", "share = 1.5", "share"),
        ('"person"', '"weather"', "family"),
        ('"holder"', '"nobody"', "forgeable"),
        ("says =", "says", "Expected"),
    ],
)
def test_an_unreadable_file_is_told(written: str, instead: str, blame: str) -> None:
    """A key that is not known, is missing or holds what cannot be is named, and nothing is guessed."""
    assert written in GOOD
    with pytest.raises((TypeError, ValueError), match=blame):
        read_kind("bad", GOOD.replace(written, instead, 1))
