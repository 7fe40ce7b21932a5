"""Names of actors, services of states and countries in a text, with where they stand. Word-bounded, in one pass.

A name with digits counts whatever its case and hyphens (APT 42, apt-42); one of several words if the text writes its
words with capitals; a single word only as it is written or in capitals, and one that is also a plain word (names.toml)
only beside a word that says that somebody is meant.
"""

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files

import ahocorasick

from watchword.actors.countries import countries, services
from watchword.tables import Actor, ActorFact

LENGTH = 4_000_000  # characters of one text
_LEAST, _MOST = 3, 100  # characters of a name
_NUMBERED = re.compile(r"^([a-z][a-z.-]{0,12}?)[ -]?(\d{1,5}[a-z]?)$")
_SPLIT = re.compile(r"[\s-]+")
_NEAR = 60  # characters around a name in which a word must stand that says who is meant
_WORD = re.compile(r"[\w./]+")
_SENTENCE = re.compile(r"[.!?]\s")
_FOLDED = str.maketrans("\t\n\r\x0b\x0c\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014’", "       \u0020-----'")


@dataclass(frozen=True, slots=True)
class Named:
    """One name in a text."""

    start: int
    stop: int
    printed: str
    kind: str  # actor, service or country
    ids: tuple[str, ...]  # of `actors.actor`; of a service its id, of a country its code


@dataclass(slots=True)
class _Entry:
    length: int
    how: str  # any: whatever its case; capitals: each word with one; exact; careful: a plain word, too
    written: set[str] = field(default_factory=set)
    ids: dict[str, set[str]] = field(default_factory=dict)  # by kind
    needs: tuple[str, ...] = ()  # words of which one must stand in the text where it is written in capitals


class Names:
    """What to look for. Making one costs milliseconds for thousands of names; looking costs one pass."""

    def __init__(self, actors: Iterable[Actor], facts: Iterable[ActorFact]) -> None:
        """Names are those of the actors and of their facts of kind `alias`."""
        self._entries: dict[str, _Entry] = {}
        for actor in actors:
            if not actor.name.startswith("unnamed"):
                self._add(actor.name, "actor", actor.actor)
        for fact in facts:
            if fact.kind == "alias":
                self._add(fact.value, "actor", fact.actor)
        for service in services():
            for name in service.names:
                self._add(name, "service", service.id, service.needs)
        for code, names in countries().items():
            for name in names:
                self._add(name, "country", code)
        self._machine = ahocorasick.Automaton()
        for key, entry in self._entries.items():
            self._machine.add_word(key, (key, entry))
        self._machine.make_automaton()

    def find(self, text: str) -> list[Named]:
        """Give the names in a text, in its order; of names within each other the longest."""
        text = text[:LENGTH]
        low = _folded(text)
        found = sorted(self._hits(text, low), key=lambda one: (one.start, -one.stop))
        kept: list[Named] = []
        for one in found:
            if not kept or one.start >= kept[-1].stop:
                kept.append(one)
        return kept

    def _hits(self, text: str, low: str) -> Iterator[Named]:
        for end, (key, entry) in self._machine.iter(low):
            start, stop = end + 1 - len(key), end + 1
            if not _bounded(low, start, stop):
                continue
            printed = text[start:stop]
            for kind, ids in entry.ids.items():
                if _fits(printed, entry, kind) and self._is_meant(low, start, stop, printed, entry, kind):
                    yield Named(start, stop, printed, kind, tuple(sorted(ids)))
                    break

    def _is_meant(self, low: str, start: int, stop: int, printed: str, entry: _Entry, kind: str) -> bool:
        if kind == "service" and entry.needs and " " not in printed:
            return any(word in low for word in entry.needs)
        if kind != "actor" or entry.how != "careful":
            return True
        rules = _rules()
        before = _SENTENCE.split(low[max(0, start - _NEAR) : start])[-1]
        after = _SENTENCE.split(low[stop : stop + _NEAR])[0]
        words_before = f" {' '.join(_WORD.findall(before)[-3:])} "
        words_after = _WORD.findall(after)[:2]
        if words_after and f"{low[start:stop]} {words_after[0]}" in rules.other:
            return False
        return any(f" {word} " in words_before for word in rules.before) or bool(rules.after & set(words_after))

    def _add(self, name: str, kind: str, number: str, needs: tuple[str, ...] = ()) -> None:
        low = plain(name)
        rules = _rules()
        if kind == "actor" and (not _LEAST <= len(low) <= _MOST or low in rules.never or low.isdigit()):
            return
        how = "any"
        numbered = _NUMBERED.fullmatch(low)
        if numbered and numbered[1].rstrip("-. ") not in rules.prefixes:
            how = "exact"
        elif not any(map(str.isdigit, low)):
            how = "capitals" if len(_SPLIT.split(low)) > 1 else "careful" if low in rules.careful else "exact"
            if kind == "actor" and ((how == "exact" and len(low) <= 4) or low in rules.phrases):
                how = "careful"
        for key in _forms(low):
            entry = self._entries.setdefault(key, _Entry(len(key), how))
            entry.written.add(" ".join(name.split()))
            entry.ids.setdefault(kind, set()).add(number)
            entry.needs = entry.needs or needs


@dataclass(frozen=True, slots=True)
class _Rules:
    careful: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    never: frozenset[str]
    other: frozenset[str]
    phrases: frozenset[str]
    prefixes: frozenset[str]


@functools.cache
def _rules() -> _Rules:
    data = tomllib.loads(files("watchword").joinpath("actors", "names.toml").read_text("utf-8"))
    words = frozenset(data["careful"].split())
    listed = ("before", "after", "never", "other", "careful_phrases", "prefixes")
    return _Rules(words, *(frozenset(data[name]) for name in listed))


def plain(name: str) -> str:
    """Give a name in the form in which two writings of it are equal: lower case, single blanks."""
    return " ".join(_folded(name).split())


def _folded(text: str) -> str:
    """Fold case, blanks and hyphens, each character to one."""
    low = text.translate(_FOLDED)
    lower = low.lower()
    if len(lower) == len(low):
        return lower
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in low)


def _forms(low: str) -> set[str]:
    """Give how a name may be written: with digits also apart, with a hyphen, or together."""
    if found := _NUMBERED.fullmatch(low):
        letters, digits = found[1].rstrip("-. "), found[2]
        if letters in _rules().prefixes:
            return {low, f"{letters}{digits}", f"{letters} {digits}", f"{letters}-{digits}"}
    return {low, low.replace("-", " ")} if "-" in low and " " not in low and len(low) > 8 else {low}


def _bounded(low: str, start: int, stop: int) -> bool:
    before = low[start - 1] if start else " "
    after = low[stop] if stop < len(low) else " "
    if before.isalnum() or before in "_@/\\.#" or after.isalnum() or after in "_@":
        return bool(before == "#") and not after.isalnum()  # a hashtag
    beyond = low[stop + 1] if stop + 1 < len(low) else " "
    return not (after in "./\\" and beyond.isalnum() and after != "/")  # part of a host or path


def _fits(printed: str, entry: _Entry, kind: str) -> bool:
    """Say whether the text writes it so that a name is meant."""
    if entry.how == "any":
        return True
    if " ".join(printed.split()) in entry.written and not printed.islower():
        return True
    if kind == "country" and printed.isupper() and len(printed) < 4:
        return False  # IN, IS, US in a headline
    words = [word for word in _SPLIT.split(printed) if word]
    if entry.how == "capitals":
        joined = ("and", "of", "the", "de", "for", "to")
        return all(not word[0].islower() or word in joined for word in words) and not printed.islower()
    if printed.isupper() and len(printed) > 3:
        return True
    lower_only = all(one.islower() for one in entry.written)  # the source writes all in lower case, as lists do
    return printed[0].isupper() and (lower_only or printed.istitle()) and kind != "service"
