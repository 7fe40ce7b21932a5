"""Phrases and names that `knowledge/` knows, where they stand in a message's texts, subject and names."""

import functools
import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import ahocorasick

from watchword.observe.known import KnownIdentity, identities, phrases
from watchword.tables import Cue, Text

CUES = 200  # of one message
EACH = 5  # of one kind in one place
PHRASE = 120  # characters quoted
SHORT = 5  # letters: a shorter name counts only in its own case (BBC, not bbc)
OTHER = 4_000  # characters of quoted and of hidden text that are searched
HEADER = -1
LURE = 3_000  # characters; a longer document names institutions because it is about them
# Texts in files that are written for machines, or by them.
_CODE = frozenset(
    "macro field properties lnk js vbs wsf hta ps1 bat sh py scpt reg url desktop appref iqy slk rdp xml".split()
)
_JOINTS = frozenset(".@/-_=&?#%:")

# Typographic forms of one character each; NFKC unifies blanks but leaves these.
_PLAIN = str.maketrans(dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4`", "'"))
_PLAIN.update(str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"')))
_PLAIN.update(str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")))
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe00-\ufe0f]")
_FOREIGN = re.compile(r"([^\x00-\x7f]{1,40})")
_WORD = re.compile(r"\S+")


class Entry(NamedTuple):
    """One thing that a phrase stands for."""

    kind: str
    value: str
    exact: str  # the spelling that alone counts, empty if case does not matter
    is_name: bool  # of an identity, so that it is not looked for in what others wrote
    whole: bool  # a common word, which is a name only as the whole display name


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All phrases and names, ready to be searched for at once."""

    automaton: Any  # ahocorasick.Automaton, which has no types; yields (last position, (length, entries))

    def search(self, text: str) -> list[tuple[int, int, Entry]]:
        """Find every known phrase that stands as words in a normalised text: start, stop, entry."""
        found: list[tuple[int, int, Entry]] = []
        size = len(text)
        for last, (length, entries) in self.automaton.iter(text):
            start, stop = last - length + 1, last + 1
            if (start and text[start].isalnum() and text[start - 1].isalnum()) or (
                stop < size and text[last].isalnum() and text[stop].isalnum()
            ):
                continue
            # A name inside an address of the net is no mention of it.
            inside = text[start - 1 : start] in _JOINTS or (
                text[stop : stop + 1] in _JOINTS and text[stop + 1 :][:1].isalnum()
            )
            for entry in entries:
                if entry.whole and (start or stop < size):
                    continue
                if inside and entry.is_name:
                    continue
                found.append((start, stop, entry))
        return found


@functools.cache
def lexicon(own: Path | None = None) -> Lexicon:
    """Compile the shipped phrases and names and those of a case's `knowledge` folder, once in each process."""
    return compile_lexicon(phrases(own), identities(own))


def compile_lexicon(asked: Mapping[str, Mapping[str, Sequence[str]]], everyone: Sequence[KnownIdentity]) -> Lexicon:
    """Make a lexicon of phrases (kind, language, words) and of the names of identities."""
    entries: dict[str, list[Entry]] = {}

    def add(words: str, entry: Entry) -> None:
        folded = normal(words).strip()
        if folded and entry not in entries.setdefault(folded, []):
            entries[folded].append(entry)

    for kind, languages in asked.items():
        for language, listed in languages.items():
            for phrase in listed:
                add(phrase, Entry(kind, language, "", False, False))
    for one in everyone:
        for words in dict.fromkeys([one.name, *one.names]):
            add(words, Entry(one.kind, one.id, words if len(words) < SHORT else "", True, False))
        for words in one.display_names:
            add(words, Entry(one.kind, one.id, "", True, True))
    automaton = ahocorasick.Automaton()
    for folded, known in entries.items():
        automaton.add_word(folded, (len(folded), tuple(known)))
    if entries:
        automaton.make_automaton()
    return Lexicon(automaton)


def normal(text: str) -> str:
    """Fold a text so that it can be compared: NFKC, lower case, plain quotes and blanks, nothing unseen."""
    if not text.isascii():
        try:
            pieces = _FOREIGN.split(text)
            pieces[1::2] = map(_fold_run, pieces[1::2])
            text = "".join(pieces)
        except _Combining:
            text = _fold(text)
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
    folded = _fold(run)
    if folded and unicodedata.combining(folded[0]):
        raise _Combining
    return folded


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text.translate(_PLAIN)))


def cues(
    key: str,
    texts: list[Text],
    subject: str,
    from_name: str,
    attachment_names: list[str],
    known: Lexicon | None = None,
) -> list[Cue]:
    """Give the known phrases and names of one message: header first, then its texts in order; at most 200.

    `known` is the shipped lexicon unless another is given.
    """
    places: list[tuple[int, str, str, bool]] = [
        (HEADER, "subject", subject, True),
        (HEADER, "from-name", from_name, True),
    ]
    places += [(HEADER, "attachment-name", name, False) for name in attachment_names[:50]]
    for text in texts:
        if text.attachment is not None and text.kind in _CODE:
            continue
        has_names = text.attachment is None or len(text.written) <= LURE
        places += [
            (text.part, where, words, has_names and where in {"written", "signature"})
            for where, words in (
                ("written", text.written),
                ("signature", text.signature),
                ("quoted", text.quoted[:OTHER]),
                ("hidden", text.hidden[:OTHER]),
            )
            if words
        ]
    rows: list[Cue] = []
    search = (known or lexicon()).search
    for part, where, words, has_names in places:
        folded = normal(words)
        hits = search(folded) if folded else []
        if not hits:
            continue
        if not has_names:
            hits = [hit for hit in hits if not hit[2].is_name]
        elif where != "from-name":
            hits = [hit for hit in hits if not hit[2].whole]
        counts: dict[str, int] = {}
        met: set[tuple[int, str, str]] = set()
        place = _Places(words, folded)
        for start, stop, entry in hits:
            if counts.get(entry.kind, 0) == EACH or (start, entry.kind, entry.value) in met:
                continue
            first, last = place.find(start, stop)
            phrase = words[first:last]
            if entry.exact and phrase != entry.exact:
                continue
            counts[entry.kind] = counts.get(entry.kind, 0) + 1
            met.add((start, entry.kind, entry.value))
            rows.append(Cue(key, len(rows), part, where, entry.kind, entry.value, phrase[:PHRASE], first))
            if len(rows) == CUES:
                return rows
    return rows


def _is_no_space(letter: str) -> bool:
    return not letter.isspace()


@functools.lru_cache(maxsize=4_096)
def _fold_letter(letter: str) -> str:
    return _fold(letter).lower()


class _Places:
    """Maps places in a folded text to those in the text that it came from, word by word."""

    def __init__(self, text: str, folded: str) -> None:
        self.text = text
        self.folded = folded
        self.words: list[int] | None = None
        self.letters: list[int] | None = None

    def find(self, start: int, stop: int) -> tuple[int, int]:
        """Give first and last in the text for a stretch of the folded one."""
        wanted = self.folded[start:stop]
        if self.text[start:stop].lower() == wanted:
            return start, stop
        if self.words is None:
            self.words = [
                found.start()
                for found in _WORD.finditer(self.text)
                if (word := found[0]).isascii() or _UNSEEN.sub("", word)
            ]
        first, last = self._place(start), self._place(stop - 1) + 1
        if normal(self.text[first:last]) == wanted:
            return first, last
        first, last = self._place_by_letters(start), self._place_by_letters(stop - 1, after=True)
        if normal(self.text[first:last]) == wanted:
            return first, last
        return self._slow(start), self._slow(stop)

    def _place(self, position: int) -> int:
        word, offset = self._word(position)
        return word + offset

    def _word(self, position: int) -> tuple[int, int]:
        """Give where the word begins that holds this place of the folded text, and how far into it the place is."""
        words = self.words or [0]
        number = self.folded.count(" ", 0, position)
        return words[min(number, len(words) - 1)], position - self.folded.rfind(" ", 0, position) - 1

    def _place_by_letters(self, position: int, *, after: bool = False) -> int:
        """Count the letters of that word alone; `after` gives the place behind the letter."""
        at, left = self._word(position)
        left += after
        for letter in itertools.takewhile(_is_no_space, self.text[at : at + 1_000]):
            left -= len(_fold_letter(letter))
            if left < 0:
                break
            at += 1
        return at

    def _slow(self, position: int) -> int:
        """Count letter by letter, where folding changed how many there are (ligatures, unseen characters)."""
        if self.letters is None:
            self.letters = []
            blank = True
            for at, letter in enumerate(self.text):
                if letter.isspace():
                    count, blank = (0 if blank else 1), True
                else:
                    folded = _fold_letter(letter)
                    count = len(folded) - (blank and folded[:1] == " ")  # a lone accent has a blank before it
                    blank = blank and not count
                self.letters.extend([at] * count)
        return self.letters[position] if position < len(self.letters) else len(self.text)
