"""Indicators in a text: refanged, with the words as printed, and nothing taken for one that is none."""

import time
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.indicators import CORE, CORE_TRAPS, TRAPS, VARIANTS, long_text
from watchword.indicators import extract
from watchword.indicators.refang import refang
from watchword.observe.mentions import in_text
from watchword.observe.url import read

RULES = tomllib.loads(files("watchword.indicators").joinpath("refang.toml").read_text("utf-8"))
MARKS = ["[.]", "hxxp", "://", "\n", "…", " dot ", "\u200b", "．", "@", "|", "ﬀ", "İ"]
PIECES = [*(text for _, text, _ in VARIANTS), *(text for _, text, _ in TRAPS), *MARKS]


def values(text: str) -> list[tuple[str, str]]:
    """Give kind and value of what a text names."""
    return [(one.kind, one.value) for one in extract(text)]


@pytest.mark.parametrize(("label", "text", "value"), VARIANTS, ids=[label for label, _, _ in VARIANTS])
def test_every_way_to_defang_is_read(label: str, text: str, value: str) -> None:
    """Each of the 19 ways that were counted, and more that are met, gives the address that was meant, and it alone."""
    found = [one.rstrip("/") for _, one in values(text)]
    assert value in found
    assert len(found) == (2 if "commas" in label else 1)


@pytest.mark.parametrize(("label", "text", "never"), TRAPS, ids=[label for label, _, _ in TRAPS])
def test_nothing_is_found_that_is_none(label: str, text: str, never: list[str]) -> None:
    """Files, versions, programs, sentences without a blank and the like are no indicators."""
    del label
    assert not {value for _, value in values(text)} & set(never)


def test_the_bar_is_as_it_was_set() -> None:
    """The first nineteen ways and ten traps are those by which tools are compared."""
    assert (CORE, CORE_TRAPS) == (19, 10)
    assert len(VARIANTS) > CORE
    assert len(TRAPS) > CORE_TRAPS


@pytest.mark.parametrize(
    "rule", [*RULES["rule"], RULES["scheme"]], ids=[*(one["says"] for one in RULES["rule"]), "scheme"]
)
def test_each_rule_does_what_its_example_says(rule: dict[str, list[str]]) -> None:
    """The example of each rule becomes what it stands for."""
    written, meant = rule["example"]
    assert refang(f"from {written} then").text == f"from {meant} then"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8).map(" ".join))
def test_what_is_printed_stands_where_it_says(text: str) -> None:
    """For any text, the words from begin to end of each indicator are those that were printed."""
    for one in extract(text):
        assert text[one.start : one.stop] == one.printed
        assert one.value
        assert one.role
        assert one.because.endswith(".")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab.[]()hxtp:/\\ \n@-．\u200b", max_size=60))
def test_refanging_leads_back_to_the_text(text: str) -> None:
    """Each stretch of the refanged text comes from a stretch of the text that is not empty."""
    plain = refang(text)
    for place in range(len(plain.text)):
        start, stop = plain.original(place, place + 1)
        assert 0 <= start < stop <= len(text)


def test_values_are_those_of_the_tables() -> None:
    """A URL, a telephone number, a wallet and an account become what mail that names them has in its tables."""
    text = (
        "Sign in at https://Desk-One.com:443/a/../In?x=1#y or call +1 (202) 555-0142, pay to "
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq, write to Kay@Desk-One.COM or telegram: @desk_one_77."
    )
    found = dict(values(text))
    mentioned = {one.kind: one.value for one in in_text(text)}
    assert found["url"] == read("https://Desk-One.com:443/a/../In?x=1#y").url
    assert {kind: found[kind] for kind in ("phone", "wallet", "address", "handle")} == {
        kind: mentioned[kind] for kind in ("phone", "wallet", "address", "handle")
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(see hxxp://desk-one[.]com/a_(b)).", ("url", "http://desk-one.com/a_(b)")),
        ("at tenant.github[.]io then", ("domain", "tenant.github.io")),
        ("at in.tenant.github[.]io then", ("host", "in.tenant.github.io")),
        ("at xn--80ak6aa92e[.]com then", ("domain", "xn--80ak6aa92e.com")),
        ("MD5: 275a021bbfb6489e54d471899f7db9d1", ("md5", "275a021bbfb6489e54d471899f7db9d1")),
        ("275A021BBFB6489E54D471899F7DB9D1663FC695", ("sha1", "275a021bbfb6489e54d471899f7db9d1663fc695")),
        ("called 203.0.113.44, twice", ("ip", "203.0.113.44")),
        ("from http://203.0.113.44/in then", ("url", "http://203.0.113.44/in")),
        ("hxxps://desk-one[.]com/fil…", ("url", "https://desk-one.com/")),
        ("http://desk-one.com/a\nThe next line", ("url", "http://desk-one.com/a")),
        ("hxxp://desk-one[.]com/a/\n- b.c", ("url", "http://desk-one.com/a/")),
        ("used desk-one.support for it", ("domain", "desk-one.support")),
        ("the file desk-one.app", None),
        ("mail.desk-one[. in a row", None),
        ("it was ASP[.]NET again", None),
        ("seen as Spy.Thing.AF there", None),
        ("std::2 and 20:30:40:50", None),
    ],
)
def test_kinds_and_edges(text: str, expected: tuple[str, str] | None) -> None:
    """Brackets, tenants, hashes, addresses in links, what was cut off, files and names that only look so."""
    assert values(text) == ([expected] if expected else [])


def test_a_link_behind_words_is_found() -> None:
    """Words that lead somewhere give the address; where they are that address, it is given once."""
    text = "We wrote about it, see https://lab.example/post there."
    found = extract(text, "", [(3, 8, "https://desk.example/first"), (23, 47, "https://lab.example/post")])
    assert [(one.value, one.printed, one.linked) for one in found] == [
        ("https://desk.example/first", "wrote", True),
        ("https://lab.example/post", "https://lab.example/post", True),
    ]
    assert (
        extract(text, "", [(40, 9_999, "https://desk.example/"), (-4, 3, "https://desk.example/")])[0].linked is False
    )


@pytest.mark.parametrize(
    "pattern", ["[.]", "hxxp://a[.]", "a.", "a@", "1.", "2001:", "http://", " dot ", "/\n", "(", "a|", "f", "-"]
)
def test_hostile_text_takes_linear_time(pattern: str) -> None:
    """Twice the text takes about twice the time, whatever is repeated; a megabyte of it ends soon."""
    extract(pattern * 10)
    spent = []
    for size in (200_000, 400_000):
        began = time.process_time()
        extract((pattern * size)[:size])
        spent.append(time.process_time() - began)
    assert spent[1] < 5
    assert spent[1] < 4 * spent[0] + 0.3


def test_a_long_report_is_read_soon() -> None:
    """A report of 1 MB is read within seconds, and what stands at its end is found."""
    text = long_text(1_000_000) + "\nAt last hxxp://end-of-it[.]com/z came."
    began = time.process_time()
    found = extract(text)
    assert time.process_time() - began < 10
    assert found[-1].value == "http://end-of-it.com/z"
