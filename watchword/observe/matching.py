"""Finds phrases, and combinations of words, in a text: all of them in one pass.

A phrase is words as they stand, or a combination of parts: `code|digits ~ send*|forward`. Each part is one of several
words (`|`); `*` at the end of a word allows any ending, at its beginning any beginning. The parts may stand in either
order, the others at most REACH characters from the first, so that inflection and the order of words do not matter. The
rarest words belong into the first part: the others are only looked for around it. What follows `!~` must not stand
there: `code ~ share !~ never`. Case, accents that few people type, and what Arabic and Hebrew write as one with a word
do not matter.
"""

import bisect
import functools
import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ahocorasick

from watchword.observe.known import KnownIdentity

EACH = 5  # of one kind in one place
SHORT = 5  # letters: a shorter name counts only in its own case (BBC, not bbc)
REACH = 60  # characters, eight to ten words
AROUND = REACH + 25  # within which the words begin and end
NEAR = 20  # characters before a combination where a word that must not stand there is looked for
COMBINED, NEVER = " ~ ", " !~ "
_JOINTS = frozenset(".@/-_=&?#%:")
# Written as one with the word that follows: and, so, in, to, as, the; and, the, in, to, from, that, as.
_PREFIXES = frozenset("وفبلکוהבלמשכ")
_PREFIX = re.compile(r"(?<!\w)(?:[وفبلک]?(?:ال|ل)|[وفبلک]|ו?[הבלמשכ]{1,3}|ו)$")

# Typographic forms of one character each; NFKC unifies blanks but leaves these.
_PLAIN = {
    ord(letter): plain
    for letters, plain in (
        ("\u2018\u2019\u201a\u201b\u02bc\u00b4`", "'"),
        ("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        ("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        # Spellings of one letter: alef with hamza, Persian and Arabic forms, a Russian yo without its dots.
        ("\u0623\u0625\u0622\u0671", "\u0627"),
        ("\u0649\u064a", "\u06cc"),
        ("\u0643", "\u06a9"),
        ("\u0629\u06c0", "\u0647"),
        ("\u0451\u0401", "\u0435"),
    )
    for letter in letters
}
# Points and vowels that most people leave out, and what has no shape.
_UNSEEN = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]"
)
_COMMON = " etaoinsrhldcumfpgwybvkxjqz0123456789.,-/:'=_\"()<>@"
_FOREIGN = re.compile(r"([^\x00-\x7f]{1,40})")


class Entry(NamedTuple):
    """One thing that a phrase stands for."""

    kind: str
    value: str
    exact: str  # the spelling that alone counts, empty if case does not matter
    is_name: bool  # of an identity, so that it is not looked for in what others wrote
    whole: bool  # a common word, which is a name only as the whole display name


class Word(NamedTuple):
    """One word of the parts of combinations."""

    spelling: str  # with its asterisks
    after: bool  # it may be the end of a longer word
    before: bool  # it may be the beginning of one


class Combination(NamedTuple):
    """What must stand near a word, in either order, to mean something."""

    others: tuple[frozenset[str], ...]  # one word of each
    never: frozenset[str]  # none of these
    entry: Entry


Places = dict[str, list[tuple[int, int]]]  # start and stop of each word, by its spelling


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All phrases and names, ready to be searched for at once."""

    # Each ahocorasick.Automaton, which has no types. The first yields (last position, (length, is_stem, entries,
    # words)) for phrases, names and words with combinations; the second, without entries, for what is near those.
    automaton: Any
    nearby: Any
    combinations: Mapping[str, Sequence[Combination]]  # by the spelling of the word
    whole: Mapping[str, Sequence[Entry]]  # common words, some of one letter, which count only as the whole text

    def search(self, text: str) -> list[tuple[int, int, Entry]]:
        """Find every known phrase that stands as words in a normalised text: start, stop, entry."""
        found: list[tuple[int, int, Entry]] = []
        first: Places = {}
        size = len(text)
        for last, (length, is_stem, entries, words) in self.automaton.iter(text):
            start, stop = last - length + 1, last + 1
            goes_on = stop < size and text[stop].isalnum() and text[last].isalnum()
            if goes_on and not is_stem:
                continue
            goes_before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
            prefixed = goes_before and text[start - 1] in _PREFIXES and _has_prefix(text, start)
            if goes_before and not prefixed and not is_stem:
                continue
            for spelling, after, before in words:
                if (before or not goes_on) and (after or prefixed or not goes_before):
                    first.setdefault(spelling, []).append((start, stop))
            if goes_on or not entries or (goes_before and not prefixed):
                continue
            # A name inside an address of the net is no mention of it.
            inside = (
                prefixed
                or text[start - 1 : start] in _JOINTS
                or (text[stop : stop + 1] in _JOINTS and text[stop + 1 :][:1].isalnum())
            )
            found += [(start, stop, entry) for entry in entries if not (entry.is_name and inside)]
        found += [(0, size, entry) for entry in self.whole.get(text, ())]
        if first:
            combined = self._combined(text, first)
            if combined:
                found = sorted(found + combined, key=_by_place)
        return found

    def _combined(self, text: str, first: Places) -> list[tuple[int, int, Entry]]:
        """Find the combinations of words that stand at these places; what is far from them is not looked at."""
        places: Places = {}
        size = len(text)
        for begin, end in _around(first, size):
            for last, (length, is_stem, words) in self.nearby.iter(text[begin:end]):
                start, stop = begin + last - length + 1, begin + last + 1
                goes_on = stop < size and text[stop].isalnum() and text[stop - 1].isalnum()
                if goes_on and not is_stem:
                    continue
                goes_before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
                if goes_before and not is_stem and text[start - 1] not in _PREFIXES:
                    continue
                for spelling, after, before in words:
                    if (before or not goes_on) and (after or not goes_before or _has_prefix(text, start)):
                        places.setdefault(spelling, []).append((start, stop))
        present = set(places)
        found: list[tuple[int, int, Entry]] = []
        for spelling, starts in first.items():
            for others, never, entry in self.combinations[spelling]:
                for other in others:
                    if other.isdisjoint(present):
                        break
                else:
                    near = [_those(other & present, places) for other in others]
                    hits = _together(starts, near, _those(never & present, places))
                    found += [(*_to_word_ends(text, start, stop), entry) for start, stop in hits]
        return found


def _has_prefix(text: str, start: int) -> bool:
    """Tell whether the word that a phrase begins in has only what its language writes as one with it before that."""
    return _PREFIX.search(text, max(start - 4, 0), start) is not None


def _to_word_ends(text: str, start: int, stop: int) -> tuple[int, int]:
    """Widen a stretch that begins or ends inside of words by what is left of these, at most AROUND."""
    before = itertools.takewhile(str.isalnum, reversed(text[max(start - AROUND, 0) : start]))
    after = itertools.takewhile(str.isalnum, text[stop : stop + AROUND])
    return start - sum(1 for _ in before), stop + sum(1 for _ in after)


def _around(first: Places, size: int) -> list[list[int]]:
    """Give the stretches of a text around these places, each once."""
    stretches: list[list[int]] = []
    for start, stop in sorted(itertools.chain.from_iterable(first.values())):
        if stretches and start - AROUND <= stretches[-1][1]:
            stretches[-1][1] = max(min(stop + AROUND, size), stretches[-1][1])
        else:
            stretches.append([max(start - AROUND, 0), min(stop + AROUND, size)])
    return stretches


def _by_place(hit: tuple[int, int, Entry]) -> tuple[int, int]:
    return hit[1], hit[0]


def _those(words: frozenset[str], places: Places) -> list[tuple[int, int]]:
    return sorted(itertools.chain.from_iterable(places[word] for word in words))


def _together(
    starts: list[tuple[int, int]], near: list[list[tuple[int, int]]], never: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Find where something of every kind stands near one of the starts, and nothing of what must not; at most EACH."""
    found: list[tuple[int, int]] = []
    for first in starts:
        chosen = [first]
        for places in near:
            place = _nearest(first, places, chosen)
            if place is None:
                break
            chosen.append(place)
        else:
            start, stop = min(chosen)[0], max(place[1] for place in chosen)
            at = bisect.bisect_left(never, (start - NEAR,))
            if at == len(never) or never[at][0] >= stop:
                found.append((start, stop))
                if len(found) == EACH:
                    break
    return found


def _nearest(
    first: tuple[int, int], places: list[tuple[int, int]], chosen: Sequence[tuple[int, int]]
) -> tuple[int, int] | None:
    """Give the place nearest to the first that is within REACH and overlaps none of those chosen."""
    best, least = None, REACH + 1
    at = bisect.bisect_left(places, first)
    for start, stop in places[max(at - 2, 0) : at + 3]:
        gap = max(start - first[1], first[0] - stop)
        if gap < least and all(stop <= taken[0] or start >= taken[1] for taken in chosen):
            best, least = (start, stop), gap
    return best


def compile_lexicon(asked: Mapping[str, Mapping[str, Sequence[str]]], everyone: Sequence[KnownIdentity]) -> Lexicon:
    """Make a lexicon of phrases (kind, language, words) and of the names of identities."""
    entries: dict[str, list[Entry]] = {}
    whole: dict[str, list[Entry]] = {}
    first: dict[str, Word] = {}
    beside: dict[str, Word] = {}
    combinations: dict[str, list[Combination]] = {}

    def part(words: str, known: dict[str, Word]) -> frozenset[str]:
        spellings = frozenset(filter(None, (word.strip() for word in normal(words).split("|"))))
        known.update({word: Word(word.strip("* "), word.startswith("*"), word.endswith("*")) for word in spellings})
        return spellings

    def combine(words: str, entry: Entry) -> None:
        wanted, _, never = words.partition(NEVER)
        start, *others = wanted.split(COMBINED)
        known = Combination(tuple(part(other, beside) for other in others), part(never, beside), entry)
        for spelling in part(start, first):
            combinations.setdefault(spelling, []).append(known)

    def add(words: str, entry: Entry) -> None:
        folded = normal(words).strip()
        known = (whole if entry.whole else entries).setdefault(folded, [])
        if folded and entry not in known:
            known.append(entry)

    for kind, languages in asked.items():
        for language, listed in languages.items():
            for phrase in listed:
                entry = Entry(kind, language, "", False, False)
                if COMBINED in phrase:
                    combine(phrase, entry)
                else:
                    add(phrase, entry)
    for one in everyone:
        for words in dict.fromkeys([one.name, *one.names]):
            add(words, Entry(one.kind, one.id, words if len(words) < SHORT else "", True, False))
        for words in one.display_names:
            add(words, Entry(one.kind, one.id, "", True, True))
    starting, near = _by_word(first), _by_word(beside)
    stems = {word.spelling for word in (*first.values(), *beside.values()) if word.after or word.before}
    automaton = _automaton(
        {
            folded: (len(folded), folded in stems, tuple(entries.get(folded, ())), starting.get(folded, ()))
            for folded in {**entries, **starting}
            if folded
        },
        (0, False, (), ()),
    )
    nearby = _automaton({folded: (len(folded), folded in stems, near[folded]) for folded in near}, (0, False, ()))
    return Lexicon(automaton, nearby, combinations, whole)


def _by_word(known: Mapping[str, Word]) -> dict[str, tuple[Word, ...]]:
    """Sort words by what is searched for; each then bears its spelling."""
    words: dict[str, tuple[Word, ...]] = {}
    for spelling, word in known.items():
        words[word.spelling] = (*words.get(word.spelling, ()), word._replace(spelling=spelling))
    return words


def _automaton(words: Mapping[str, object], nothing: object) -> Any:  # noqa: ANN401  # ahocorasick has no types
    """Compile words with what each yields.

    The letters of a node are looked through in the order in which they came: the commonest come first, each with a
    character that no text has, which makes the search a third faster.
    """
    automaton = ahocorasick.Automaton()
    for letter in _COMMON:
        automaton.add_word(letter + "\uffff", nothing)
    for word, known in words.items():
        automaton.add_word(word, known)
    automaton.make_automaton()
    return automaton


@functools.lru_cache(maxsize=64)  # the same text is asked for by `alike` and by `cues`
def normal(text: str) -> str:
    """Fold a text so that it can be compared: NFKC, lower case, plain quotes and blanks, nothing unseen."""
    if not text.isascii():
        try:
            pieces = _FOREIGN.split(text)
            pieces[1::2] = map(_fold_run, pieces[1::2])
            text = "".join(pieces)
        except _Combining:
            text = fold(text)
    elif "`" in text:
        text = text.replace("`", "'")
    text = text.lower().replace("\n", " ")
    if "  " in text or "\t" in text or "\r" in text or text[:1] == " " or text[-1:] == " ":
        return " ".join(text.split())
    return text


class _Combining(Exception):  # noqa: N818 - a signal, not an error
    """A mark combines with the letter before it, so that the text must be folded as a whole."""


@functools.lru_cache(maxsize=16_384)
def _fold_run(run: str) -> str:
    folded = fold(run)
    if folded and unicodedata.combining(folded[0]):
        raise _Combining
    return folded


def fold(text: str) -> str:
    """Fold spellings of the same letters, whatever their case."""
    return unicodedata.normalize("NFKC", unseen(text.translate(_PLAIN)))


def unseen(text: str) -> str:
    """Leave out what has no shape, and points and vowels that most people do not write."""
    return _UNSEEN.sub("", text)
