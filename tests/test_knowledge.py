"""What `watchword/knowledge` says is well formed, has its source, and does not contradict itself."""

import itertools
import tomllib
import unicodedata
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest

from watchword.context.lookalike import confusables
from watchword.observe.domain import ascii_host, is_listed, registrable
from watchword.observe.known import folder_name
from watchword.observe.matching import COMBINED, NEVER, normal

KNOWLEDGE = files("watchword").joinpath("knowledge")
LANGUAGES = ["ar", "de", "en", "es", "fa", "fr", "he", "pt", "ru", "uk"]
HOSTING = ["freemail", "shared_hosting", "file_hosts", "shorteners", "bulk_mailers", "click_trackers"]
TYPOGRAPHIC = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")
KEYS = {"id", "name", "kind", "names", "display_names", "domains", "suffixes", "shared_domains", "mimics", "source"}


def read(*names: str) -> dict[str, Any]:
    """Read one file of knowledge."""
    return tomllib.loads(KNOWLEDGE.joinpath(*names).read_text("utf-8"))


def names_in(folder: str) -> list[str]:
    """List the files of a folder of knowledge."""
    return sorted(file.name for file in KNOWLEDGE.joinpath(folder).iterdir() if file.name.endswith(".toml"))


PHRASES = {name: read("phrases", name) for name in names_in("phrases")}
IDENTITIES = [entry for name in names_in("identities") for entry in read("identities", name)["identity"]]


def test_there_is_something_to_check() -> None:
    """The globs below found the files, so that the tests over them can fail."""
    assert len(PHRASES) >= 29
    assert len(IDENTITIES) >= 600


@pytest.mark.parametrize("name", sorted(PHRASES))
def test_phrases(name: str) -> None:
    """A kind says what it is and whence, and has six wordings in each of ten languages, each once and lower case."""
    kind = PHRASES[name]
    assert kind["says"]
    assert kind["source"]
    assert sorted(kind["phrases"]) == LANGUAGES
    for language, phrases in kind["phrases"].items():
        wordings = sum(1 + phrase.partition(COMBINED)[0].count("|") for phrase in phrases)
        assert wordings >= (15 if language == "en" else 6), f"{language} has {wordings}"
        matched = [normal(phrase) for phrase in phrases]
        plain = [phrase.lower().translate(TYPOGRAPHIC) for phrase in phrases]
        assert phrases == plain, "written with capitals or typographic quotes and dashes"
        assert sorted(matched) == sorted(set(matched))
        assert [phrase for phrase in phrases if len(phrase) < 4] == [], "too short to mean anything"


@pytest.mark.parametrize("name", sorted(PHRASES))
def test_combinations(name: str) -> None:
    """A combination has two parts or three, no part with an empty or bare word, and what it looks for first is rare."""
    for phrase in itertools.chain.from_iterable(PHRASES[name]["phrases"].values()):
        assert ("|" in phrase or "*" in phrase) <= (COMBINED in phrase), f"{phrase}: a part, but of what?"
        if COMBINED in phrase:
            wanted, _, never = phrase.partition(NEVER)
            parts = [part.split("|") for part in [*wanted.split(COMBINED), *([never] if never else [])]]
            assert 2 <= len(wanted.split(COMBINED)) <= 3, phrase
            for word in itertools.chain.from_iterable(parts):
                assert word.strip("* "), phrase
                assert word == word.strip(), phrase
            short = [word for word in parts[0] if word.isascii() and len(word.strip("*")) < 3 and word != "qr"]
            assert short == [], f"{phrase}: every text has these"


def test_identities_have_what_they_need() -> None:
    """Every identity has a name, a source that is its own site, and something it truly mails from."""
    for entry in IDENTITIES:
        assert set(entry) <= KEYS, entry["id"]
        assert entry["name"], entry["id"]
        assert entry["kind"] in {"institution", "media", "service", "government"}
        assert entry["names"], entry["id"]
        site = urlsplit(entry["source"]).hostname
        assert site in {*entry["domains"], *entry.get("suffixes", []), *entry.get("shared_domains", [])}, entry["id"]


def test_identity_domains_are_registrable() -> None:
    """`domains` can be joined with any organisation column; `suffixes` are public suffixes; all are A-labels."""
    for entry in IDENTITIES:
        for domain in entry["domains"]:
            assert registrable(domain, private=False) == domain == ascii_host(domain), f"{entry['id']}: {domain}"
        for suffix in entry.get("suffixes", []):
            assert registrable(suffix, private=False) == "", f"{entry['id']}: {suffix}"


def test_identities_do_not_share_a_domain() -> None:
    """A domain belongs to one identity, and an id is used once."""
    for values in (
        [entry["id"] for entry in IDENTITIES],
        [
            domain
            for entry in IDENTITIES
            for domain in [*entry["domains"], *entry.get("suffixes", []), *entry.get("shared_domains", [])]
        ],
    ):
        assert sorted(values) == sorted(set(values))


def test_identity_domains_are_not_open_to_anyone() -> None:
    """Mail from an identity's own domain proves it: not freemail, nor a host that anyone can use."""
    hosting = read("hosting.toml")
    own = {domain: entry for entry in IDENTITIES for domain in entry["domains"]}
    assert own.keys() & set(hosting["freemail"]["hosts"]) == set()
    services = {domain for domain, entry in own.items() if entry["kind"] == "service"}
    assert own.keys() & set(hosting["shared_hosting"]["hosts"]) <= services
    for entry in IDENTITIES:
        assert set(entry.get("shared_domains", [])).isdisjoint(entry["domains"]), entry["id"]


def test_names_are_unmistakable() -> None:
    """A name belongs to one identity, and no name is a bare word of the language."""
    owner: dict[str, str] = {}
    for entry in IDENTITIES:
        for name in {entry["name"], *entry["names"]}:
            assert owner.setdefault(normal(name), entry["id"]) == entry["id"], name
            assert name not in {"Apple", "Signal", "Time", "Box", "Orange", "Visa", "Wise", "Zoom", "Slack", "Stripe"}


def test_mimics_can_be_matched() -> None:
    """A stem is one label in lower case, of four letters at least, and stands for one identity."""
    owner: dict[str, str] = {}
    for entry in IDENTITIES:
        for stem in entry.get("mimics", []):
            assert stem == stem.lower().strip("-")
            assert "." not in stem
            assert len(stem) >= 4, stem
            assert owner.setdefault(stem, entry["id"]) == entry["id"], stem


@pytest.mark.parametrize("name", HOSTING)
def test_hosting(name: str) -> None:
    """A list says what it is and whence; its hosts are sorted, once, lower case, and under a known top-level domain."""
    listed = read("hosting.toml")[name]
    assert listed["says"]
    assert listed["source"]
    assert listed["hosts"] == sorted(set(listed["hosts"]))
    for host in listed["hosts"]:
        assert host == ascii_host(host)
        assert "." in host
        assert is_listed(host.rpartition(".")[2]) or registrable(host), host


def test_hosting_has_no_other_lists() -> None:
    """Each list in the file is one that the tests know."""
    assert sorted(read("hosting.toml")) == sorted(HOSTING)


def test_lookalike_words() -> None:
    """The words of look-alikes are single lower-case labels, each once, with their source."""
    for part in read("lookalike.toml").values():
        assert part["says"]
        assert part["source"]
        assert sorted(part["words"]) == sorted(set(part["words"]))
        assert all(word.isascii() and word.isalpha() and word == word.lower() for word in part["words"])


def test_confusables() -> None:
    """Each row is one letter or digit that survives folding, its code point and name, and plain Latin for it."""
    lines = KNOWLEDGE.joinpath("confusables.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert "Unicode License v3" in "".join(line for line in lines if line.startswith("#"))
    assert len(rows) == len(confusables()) >= 400
    for code, letter, latin, source, name in rows:
        assert chr(int(code, 16)) == letter
        assert unicodedata.name(letter) == name
        assert unicodedata.normalize("NFKC", letter).casefold() == letter or letter == "ß"
        assert latin.isascii()
        assert latin.isalnum()
        assert source in {"uts39", "ours"}


@pytest.mark.parametrize("use", ["sent", "spam", "trash"])
def test_folders(use: str) -> None:
    """What a folder is for is known in ten languages, and no name stands for two uses."""
    known = read("folders.toml")
    assert sorted(known) == ["sent", "spam", "trash"]
    assert known[use]["says"]
    assert known[use]["source"]
    assert sorted(known[use]["names"]) == LANGUAGES
    mine = {folder_name(name) for names in known[use]["names"].values() for name in names}
    assert "" not in mine
    for other in known.keys() - {use}:
        assert mine.isdisjoint(folder_name(name) for names in known[other]["names"].values() for name in names)


def test_sealers_are_domains_with_a_name_and_a_source() -> None:
    """Each well-known forwarder is told by a registrable domain, which a case can name as it stands."""
    entries = read("sealers.toml")["sealer"]
    assert len(entries) >= 5
    for entry in entries:
        assert set(entry) == {"domain", "name", "source"}
        assert registrable(entry["domain"]) == entry["domain"]
        assert urlsplit(entry["source"]).scheme == "https"
