"""Sentences, quotations and runs of words of a text, each with its offsets."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

RUN = 8  # words: so many in a row are not written twice by chance
_WORD = re.compile(r"\w+(?:[’']\w+)?")
_END = re.compile(r"[.!?]+[\"”’»']*(?=\s+[\"“„«(]?[A-Z0-9])|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Ms|Mrs|Dr|Prof|St|Gen|Col|Sen|Rep|Gov|No|vs|Jan|Feb|Aug|Sept|Oct|Nov|Dec|Inc|Co)|\b[A-Z])$"
)
_QUOTED = re.compile(r"“([^“”]{1,3000})”|\"([^\"\n]{1,3000})\"|„([^„“”]{1,3000})[“”]|«([^«»]{1,3000})»")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text."""

    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text in lower case, and where each begins and ends."""

    words: list[str]
    starts: list[int]
    stops: list[int]

    def runs(self) -> Iterator[tuple[int, str]]:
        """Give each run of words: the number of its first word, and the run."""
        for number in range(len(self.words) - RUN + 1):
            yield number, " ".join(self.words[number : number + RUN])


def sentences(text: str) -> list[Span]:
    """Cut a text into sentences; a line is a paragraph, as `documents` gives it."""
    found: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _ABBREVIATION.search(text, max(0, match.start() - 6), match.start()):
            continue
        _keep(found, text, start, match.end())
        start = match.end()
    _keep(found, text, start, len(text))
    return found


def _keep(found: list[Span], text: str, start: int, stop: int) -> None:
    piece = text[start:stop]
    start += len(piece) - len(piece.lstrip())
    stop -= len(piece) - len(piece.rstrip())
    if stop > start:
        found.append(Span(start, stop, text[start:stop]))


def sentence_at(found: list[Span], place: int) -> Span:
    """Give the sentence that holds a place of the text; the last before it, if none does."""
    number = bisect_right([span.start for span in found], place) - 1
    return found[max(0, number)]


def words(text: str) -> Words:
    """Give the words of a text."""
    matches = list(_WORD.finditer(text))
    return Words(
        [match.group().lower().replace("’", "'") for match in matches],
        [match.start() for match in matches],
        [match.end() for match in matches],
    )


def quotations(text: str) -> list[Span]:
    """Give what stands in quotation marks, without these."""
    found = []
    for match in _QUOTED.finditer(text):
        number = match.lastindex or 1
        found.append(Span(match.start(number), match.end(number), match.group(number)))
    return found
