"""Phrases and names that `knowledge/` knows, where they stand in a message's texts, subject and names."""

import functools
import itertools
import re
from pathlib import Path

from watchword.observe.known import identities, phrases
from watchword.observe.matching import EACH, Lexicon, compile_lexicon, fold, normal, unseen
from watchword.tables import Cue, Text

__all__ = ["Lexicon", "compile_lexicon", "cues", "lexicon", "normal"]

CUES = 200  # of one message
PHRASE = 120  # characters quoted
OTHER = 4_000  # characters of quoted and of hidden text that are searched
HEADER = -1
LURE = 3_000  # characters; a longer document names institutions because it is about them
# Texts in files that are written for machines, or by them.
_CODE = frozenset(
    "macro field properties lnk js vbs wsf hta ps1 bat sh py scpt reg url desktop appref iqy slk rdp xml".split()
)
_WORD = re.compile(r"\S+")


@functools.cache
def lexicon(own: Path | None = None) -> Lexicon:
    """Compile the shipped phrases and names and those of a case's `knowledge` folder, once in each process."""
    return compile_lexicon(phrases(own), identities(own))


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
    return fold(letter).lower()


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
                found.start() for found in _WORD.finditer(self.text) if (word := found[0]).isascii() or unseen(word)
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
