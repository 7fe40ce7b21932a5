"""What may be offered, as `items.toml` says, and how many guesses it takes to find a value, in bits."""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

WAYS = ("made", "measured", "despite", "joined", "never")

_RUN = re.compile(r"[^\W\d_A-Z]+|[A-Z][^\W\d_A-Z]*|[0-9]+")  # aWord9 is a, Word, 9; CAPS are single letters
_CAPITALS = re.compile(r"[A-Z]{2,}")
_UNSPEAKABLE = re.compile(r"[bcdfghjklmnpqrstvwxz]{4}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of evidence is dealt with."""

    kind: str
    sort: str
    offered: str  # one of WAYS
    because: str
    bits: float


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Bits that finding a piece of a value takes."""

    word: float
    path_word: float
    letter: float
    digit: float
    year: float
    domain: float
    lookalike: float
    freemail: float
    ipv4: float
    ipv6: float
    phone: float
    program: float
    fixed: frozenset[str]  # words that are part of every such name


@dataclass(frozen=True, slots=True)
class Rules:
    """All of `items.toml`."""

    guesses: float
    bits: float
    kinds: Mapping[str, Rule]
    joins: tuple[tuple[str, str], ...]
    reckoned: Reckoned


@functools.cache
def rules() -> Rules:
    """Read `items.toml`."""
    data: dict[str, Any] = tomllib.loads(files("watchword.match").joinpath("items.toml").read_text("utf-8"))
    kinds = {
        name: Rule(name, one["sort"], one["offered"], one["because"], one.get("bits", data["bits"]))
        for name, one in data["kind"].items()
    }
    joins = tuple((one["kinds"][0], one["kinds"][1]) for one in data["join"])
    told = data["reckoned"]
    return Rules(data["guesses"], data["bits"], kinds, joins, Reckoned(**{**told, "fixed": frozenset(told["fixed"])}))


def guesses(sort: str, value: str, *, freemail: bool = False, lookalike: bool = False) -> float:
    """Say how many bits guessing this value takes, from how such values are made."""
    by = rules().reckoned
    domain = by.freemail if freemail else by.lookalike if lookalike else by.domain
    if sort == "domain":
        return domain
    if sort == "address":
        return _words(value.partition("@")[0], by.word) + domain
    if sort == "ip":
        return by.ipv6 if ":" in value else by.ipv4
    if sort == "phone":
        return min(by.phone, by.digit * len(re.sub(r"\D", "", value)))
    if sort == "page":  # hosts of such pages are as few as mail providers
        return _words(value.partition("/")[2], by.path_word, True) + by.freemail
    if sort in ("handle", "tracking"):  # which service it is takes no guess: telegram:name
        return _words(value.rpartition(":")[2], by.word)
    if sort in ("shape", "pixel"):
        return _words(value, by.path_word, True)
    if sort == "signer":
        return _words(value.partition("._domainkey.")[0], by.word) + domain
    if sort == "program":
        return by.program
    return _words(value, by.word)


def _words(text: str, word: float, chance: bool = False) -> float:
    """Add up words, numbers and letters; what is said twice counts once.

    With `chance`, letters that nobody can pronounce are no word: a name may have four consonants in a row, a page of a
    kit rather has its name from a generator.
    """
    by = rules().reckoned
    total = 0.0
    seen = set()
    for run in _runs(text):
        if run.lower() in seen or run.lower() in by.fixed:
            continue
        seen.add(run.lower())
        if run.isdigit():
            total += by.year if _YEAR.fullmatch(run) else by.digit * len(run)
        else:
            letters = by.letter * len(run)
            total += letters if chance and _UNSPEAKABLE.search(run.lower()) else min(word, letters)
    return total


def _runs(text: str) -> list[str]:
    """Cut into words and numbers: a word in capitals is one, letters that change their case are made by a machine."""
    return _RUN.findall(_CAPITALS.sub(lambda found: found[0].lower(), text))
