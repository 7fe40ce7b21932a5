"""Our own knowledge of actors is well formed, each fact has its source, and names are claims that are never merged."""

import contextlib
import re
import time
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.actors import files
from watchword.actors.files import KINDS, UNVERIFIED
from watchword.errors import WatchwordError
from watchword.tables import Actor, ActorFact

FOLDER = Path(str(files.folder()))
PATHS = sorted(FOLDER.glob("*.toml"))
KNOWN = {path.stem: files.read(path) for path in PATHS}
NAMES = ("alias", "kept-apart", "similar", "part-of")
# That these are read as attackers' would harm: hosts, mail services, newsrooms and what is attacked itself.
HONEST = """
aol.com amazonaws.com apple.com azurewebsites.net bbc.co.uk blogspot.com box.com cloudflare.com cloudfront.net
democrats.org dropbox.com en-marche.fr firebaseapp.com github.io gmail.com gop.com hubspot.com icloud.com live.com
mailchimp.com mailerlite.com microsoft.com microsoftonline.com naver.com nytimes.com office.com office365.com
onedrive.com onet.pl outlook.com politico.com proton.me protonmail.com senate.gov sharepoint.com substack.com
telekom.de washingtonpost.com whatsapp.com wixsite.com yahoo.com yandex.ru mail-tester.com docs-as-code.com
""".split()
SOUND = """
name = "Example Heron"
kind = "state"
about = "A bird."

[[source]]
id = "lab"
title = "The heron"
publisher = "A Lab"
published = 2024-05-01
address = "https://lab.example/heron"

[[domain]]
value = "login-reed.com"
source = "lab"
"""


def raw(path: Path) -> dict[str, Any]:
    """Read a file without the reader, for what does not reach the tables."""
    return tomllib.loads(path.read_text("utf-8"))


def write(folder: Path, text: str, name: str = "example-heron.toml") -> Path:
    """Write a file of an actor."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_groups_that_phish_campaigns_are_there() -> None:
    """There is a file for each name that a campaign's or newsroom's guard has to know, so that the tests below bite."""
    wanted = {"apt42", "magic-hound", "charming-kitten", "mint-sandstorm", "star-blizzard", "coldwastrel", "apt28"}
    wanted |= {"apt29", "unc1151", "ghostwriter", "kimsuky", "apt43", "dark-basin", "void-balaur", "costaricto"}
    assert wanted <= set(KNOWN)
    assert {actor.kind for actor, _ in KNOWN.values()} >= {"state", "hired"}
    assert len(list(files.shipped())) == len(PATHS)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_fact_has_a_source(path: Path) -> None:
    """Each file reads; each fact has publisher, title and address, and a day in the past; a doubtful one says so."""
    actor, facts = files.read(path)
    assert actor.about.endswith(".")
    assert len(actor.about) > 40
    assert facts
    document = raw(path)
    addresses = {source["address"] for source in document["source"]}
    for fact in facts:
        assert fact.actor == actor.actor == path.stem
        assert fact.kind in KINDS
        assert fact.said_by
        assert any(address in fact.reference for address in addresses)
        assert fact.published is not None
        assert datetime(2004, 1, 1, tzinfo=UTC) < fact.published
        assert fact.published <= datetime(2026, 12, 31, tzinfo=UTC)
    doubtful = sum(
        len(row.get("values", [0])) for kind in KINDS for row in document.get(kind, []) if "unverified" in row
    )
    assert sum(fact.grade == UNVERIFIED for fact in facts) == doubtful


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_same_is_not_said_twice(path: Path) -> None:
    """No source says the same of an actor twice, and what is kept apart is not taken for the same by that source."""
    _, facts = files.read(path)
    said = [(fact.kind, fact.value.casefold(), fact.said_by, fact.reference) for fact in facts]
    assert sorted(said) == sorted(set(said))
    assert not {("alias", *more) for kind, *more in said if kind == "kept-apart"} & set(said)


@pytest.mark.parametrize("path", [path for path in PATHS if "naming" in raw(path)], ids=lambda path: path.stem)
def test_manners_of_naming(path: Path) -> None:
    """A manner fits what the file says, also in RE2, spares honest names, and takes no time on hostile ones."""
    published = {fact.value for fact in files.read(path)[1] if fact.kind in ("domain", "host")}
    for row in raw(path)["naming"]:
        assert row["ours"] is True, "no report gives a regular expression: it is our reading, and says so"
        assert len(row["fits"]) >= 2
        assert len(row["spares"]) >= 3
        pattern = row["value"]
        assert set(row["fits"]) <= published
        for name in (*row["fits"], *row["spares"], *HONEST):
            asked = duckdb.execute("select regexp_matches(?, ?)", [name, pattern]).fetchone()
            assert asked == (bool(re.search(pattern, name)),)
            assert bool(re.search(pattern, name)) == (name in row["fits"]), f"{pattern} on {name}"
        begun = time.perf_counter()
        for unit in ("a", "a-", "mail-", "com-", "session-", "server9"):
            re.search(pattern, unit * 5_000)
        assert time.perf_counter() - begun < 1


def test_a_manner_says_more_than_single_names() -> None:
    """Each manner fits at least three of the domains that its file publishes: fewer are no manner."""
    for path in PATHS:
        published = {fact.value for fact in KNOWN[path.stem][1] if fact.kind == "domain"}
        for row in raw(path).get("naming", []):
            fitting = {name for name in published if re.search(row["value"], name)}
            assert len(fitting) >= 3, f"{path.stem}: {row['value']}"


def _mentions(facts: list[ActorFact]) -> set[str]:
    return {fact.value.casefold() for fact in facts if fact.kind in NAMES}


def test_no_name_is_shared_silently() -> None:
    """Two files that claim one name lead to each other by what they say, so that the claims can be compared."""
    own = {stem: actor.name.casefold() for stem, (actor, _) in KNOWN.items()}
    told = {stem: _mentions(facts) for stem, (_, facts) in KNOWN.items()}
    claims: dict[str, set[str]] = defaultdict(set)
    for stem, (actor, facts) in KNOWN.items():
        claims[actor.name.casefold()].add(stem)
        for fact in facts:
            if fact.kind == "alias":
                assert fact.said_by
                claims[fact.value.casefold()].add(stem)
    linked = {stem: {other for other, name in own.items() if name in told[stem]} for stem in KNOWN}

    def reached(stem: str) -> set[str]:
        seen, open_ = {stem}, [stem]
        while open_:
            for other in linked[open_.pop()] - seen:
                seen.add(other)
                open_.append(other)
        return seen

    shared = {name: stems for name, stems in claims.items() if len(stems) > 1}
    assert {"charming kitten", "phosphorus"} <= set(shared), "nothing would be tested"
    for name, stems in shared.items():
        for stem in stems:
            assert stems <= reached(stem), f"{name}: who reads {stem} does not find {sorted(stems - reached(stem))}"
    # Who takes another file's actor for its own is contradicted or confirmed there by name.
    for stem, (_, facts) in KNOWN.items():
        for fact in facts:
            other = next((one for one, name in own.items() if name == fact.value.casefold()), "")
            if other and fact.kind in ("alias", "kept-apart"):
                assert own[stem] in told[other] or "coldriver" in told[other], f"{other} is silent on {stem}"


def test_apt42_and_magic_hound_are_kept_apart() -> None:
    """MITRE keeps the two apart, both files say so, and neither takes the other for an alias."""
    for one, other in (("apt42", "Magic Hound"), ("magic-hound", "APT42")):
        said = {(fact.kind, fact.said_by) for fact in KNOWN[one][1] if fact.value == other}
        assert said == {("kept-apart", "MITRE")}


def test_clocks_stand_only_where_a_report_says_so() -> None:
    """Working week and zone are few, each from a report of its own or marked as unverified; a country is no clock."""
    clocks = {
        (stem, fact.kind, fact.value, fact.grade == UNVERIFIED)
        for stem, (_, facts) in KNOWN.items()
        for fact in facts
        if fact.kind in ("zone", "working-week")
    }
    assert clocks == {
        ("apt28", "zone", "240", False),
        ("apt28", "working-week", "mon-fri", False),
        ("apt29", "zone", "180", False),
        ("apt29", "working-week", "mon-fri", False),
        ("newscaster", "zone", "210", True),
        ("newscaster", "working-week", "sat-thu", True),
        ("dark-basin", "zone", "330", True),
    }


def test_a_newcomer_adds_one_file(tmp_path: Path) -> None:
    """The example in the README reads, and gives the rows of the tables."""
    text = (FOLDER / "README.md").read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    text = text.replace("'^login-[a-z]{4}\\.example$'", "'^login-[a-z]{4}\\.com$'").replace('.example"', '.com"')
    text += '\n[[domain]]\nvalue = "login-reed[.]com"\nsource = "lab-2024"\n'
    actor, facts = files.read(write(tmp_path, text))
    assert actor == Actor(
        "example-heron", "Example Heron", "watchword", "Who that is, in one or two plain sentences.", "state"
    )
    alias, naming, domain = facts
    assert (alias.kind, alias.value, alias.grade) == ("alias", "Grey Fisher", UNVERIFIED)
    assert alias.said_by == "our reading of A Lab"
    assert (naming.kind, naming.grade) == ("naming", "B2")
    assert domain.value == "login-reed.com"
    assert domain.published == datetime(2024, 5, 1, tzinfo=UTC)
    assert domain.reference.startswith("The heron and the reed, https://lab.")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('name = "Example Heron"', 'name = "Another Heron"', "belongs in a file another-heron.toml"),
        ('kind = "state"', 'kind = "bird"', "kind: it is one of"),
        ('about = "A bird."', "about = 5", "about: it is missing or no text"),
        ("published = 2024-05-01", 'published = "May"', "source 1, published"),
        ("published = 2024-05-01", 'published = "2024-13"', "source 1, published"),
        ('"https://lab.example/heron"', '"lab.example"', "source 1, address"),
        ('publisher = "A Lab"', "", "source 1, publisher"),
        ('id = "lab"', 'id = "other"', "domain 1, source: there is no source lab"),
        ("[[domain]]", "[[domian]]", "domian: no such kind of fact"),
        ("[[domain]]", "[domain]", "domain: write [[domain]]"),
        ("[[domain]]", "[[technique]]", "technique 1, value login-reed.com: no id of ATT&CK"),
        ("[[domain]]", "[[address]]", "it is a domain"),
        ("[[domain]]", "[[zone]]", "no minutes from UTC"),
        ("[[domain]]", "[[country]]", "no code of a country"),
        ('value = "login-reed.com"', "", "domain 1, value: write either"),
        ('value = "login-reed.com"', "values = []", "domain 1, values"),
        ('value = "login-reed.com"', 'value = "login-reed.com"\nvaleu = 1', "domain 1, valeu: no such field"),
        ('value = "login-reed.com"', 'value = "x.com"\nunverified = true', "domain 1, note"),
        ('value = "login-reed.com"', 'value = "x.com"\nunverified = "no"', "domain 1, unverified"),
        ("[[domain]]", '[[source]]\nid = "lab"\ntitle = "t"', "source 2, source: no such field"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, before: str, after: str, says: str) -> None:
    """An error names the file and the field, and what to do."""
    assert before in SOUND
    path = write(tmp_path, SOUND.replace(before, after, 1))
    with pytest.raises(WatchwordError) as error:
        files.read(path)
    assert "example-heron.toml" in str(error.value)
    assert says in str(error.value)
    assert "README" in error.value.do


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("login-[a-z]+", "begin with ^"),
        (r"^login-([a-z]+)+\.com$", "repeats what repeats"),
        (r"^(login-([a-z]{2,}x)*y)+\.com$", "repeats what repeats"),
        (r"^login-(?=r)reed\.com$", "looking around"),
        (r"^(l)ogin-reed\1?\.com$", "referring back"),
        ("^login-(reed$", "no regular expression"),
        (r"^login-sea\.com$", "is not named so"),
        (r"^log[a-z-]+\.com$", "spares: logon.com is named so"),
        ("^" + "a" * 300 + "$", "longer than"),
    ],
)
def test_manners_that_are_refused(tmp_path: Path, pattern: str, says: str) -> None:
    """A manner of naming that is loose, slow, fits nothing or fits what is honest is refused."""
    manner = f'[[naming]]\nvalue = \'{pattern}\'\nsource = "lab"\nfits = ["login-reed.com"]\nspares = ["logon.com"]\n'
    with pytest.raises(WatchwordError, match=re.escape(says)):
        files.read(write(tmp_path, SOUND + manner))


def test_files_that_are_none(tmp_path: Path) -> None:
    """What is no TOML, is too big, is no text or is not there gives an error in words."""
    for content in (b"\xff\xfe", b"name = ", b"a = " + b"[" * 5_000, b"#" * (files.BYTES + 1)):
        path = tmp_path / "example-heron.toml"
        path.write_bytes(content)
        with pytest.raises(WatchwordError, match=r"example-heron\.toml"):
            files.read(path)
    with pytest.raises(WatchwordError, match="cannot be read"):
        files.read(tmp_path / "nothing.toml")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.sampled_from(sorted(KINDS)))
def test_any_value_reads_or_is_told(value: str, kind: str) -> None:
    """Whatever stands as value is either read, the same if read again, or refused in words; nothing else comes out."""
    with contextlib.suppress(files.FieldError):
        plain = KINDS[kind](value)
        assert KINDS[kind](plain) == plain
