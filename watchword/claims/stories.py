"""A report as it is compared with others, cut into pieces; and the passages that say on what it rests."""

import re
from dataclasses import dataclass
from datetime import datetime

from watchword.claims.passages import RUN, Span, Words, quotations, sentences, words

_LEAD = 0.4  # part of a story in which it says whose word its main matter is
_TEXT = 2_000_000  # characters of a text that are compared


@dataclass(frozen=True, slots=True)
class Story:
    """A report as it is compared with others."""

    document: str
    text: str
    publisher: str
    address: str = ""
    published: datetime | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """One passage of a report that says, or shows, on what it rests."""

    document: str
    how: str  # copies, quotes, credits, wire, links, anonymous; own (its own work), speaks (a speaker of the case)
    start: int
    stop: int
    cited: str = ""  # document
    named: str = ""  # as printed
    key: str = ""  # of Speakers
    share: float = 0.0
    lead: bool = False  # stands where a story says whose word its main matter is
    weak: bool = False  # people or papers of a house are mentioned, not quoted
    spoken: bool = False  # of quotes: the other has the words as its own, not as a quotation


class Cut:
    """A story cut into pieces."""

    def __init__(self, story: Story) -> None:
        """`story` is cut at once."""
        text = story.text[:_TEXT]
        self.words: Words = words(text)
        self.sentences: list[Span] = sentences(text)
        self.quotations: list[Span] = quotations(text)
        paragraphs = [match.end() for match in re.finditer(r"\S[^\n]*\n+", text)]
        third = paragraphs[2] if len(paragraphs) > 2 else len(text)
        self.lead = max(int(len(text) * _LEAD), min(third, len(text)))
        self.all = {run: number for number, run in self.words.runs()}  # run -> number of its first word
        inside = self._quoted()
        self.plain = {run: number for run, number in self.all.items() if not any(inside[number : number + RUN])}

    def _quoted(self) -> list[bool]:
        """Say of each word whether it stands in quotation marks."""
        marked = [False] * len(self.words.words)
        place = 0
        for span in self.quotations:
            while place < len(marked) and self.words.starts[place] < span.start:
                place += 1
            while place < len(marked) and self.words.starts[place] < span.stop:
                marked[place] = True
                place += 1
        return marked

    def place(self, number: int) -> tuple[int, int]:
        """Give where a run of words begins and ends."""
        return self.words.starts[number], self.words.stops[number + RUN - 1]


def rank(story: Story) -> tuple[bool, float, str]:
    """Order stories by when they were published; those without a date come last."""
    moment = story.published
    return (moment is None, moment.timestamp() if moment else 0.0, story.document)
