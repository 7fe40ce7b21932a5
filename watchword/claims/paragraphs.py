"""Text as it is put together: a paragraph a line, single blanks, and where links begin and end in it."""

import itertools
import re
from typing import NamedTuple

from watchword.claims.dates import printed_date

LINKS = 5_000  # of one document
MOST = 2_000_000  # characters of one document
_BLANKS = re.compile(r"\s+")


class Link(NamedTuple):
    """A passage that leads to an address."""

    start: int
    stop: int
    address: str


class Text:
    """Text in the making. `length` is where the next character will stand."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.links: list[Link] = []
        self.length = 0
        self._pieces: list[str] = []
        self._gap = ""  # what stands before the next word: nothing, a blank or the end of a paragraph
        self._gaps: set[int] = set()  # where such stand

    def add(self, words: str) -> None:
        """Add words of the same paragraph; blanks count once."""
        if self.length >= MOST:
            return
        plain = _BLANKS.sub(" ", words)
        if plain.startswith(" ") and not self._gap:
            self._gap = " "
        body = plain.strip(" ")
        if not body:
            return
        if self._pieces and self._gap:
            self._gaps.add(self.length)
            self._put(self._gap)
        self._gap = ""
        self._put(body)
        if plain.endswith(" "):
            self._gap = " "

    def end(self) -> None:
        """End the paragraph."""
        self._gap = "\n"

    def link(self, start: int, address: str) -> None:
        """Say that what was added since `start` leads to an address."""
        if len(self.links) < LINKS and self.length > start and address:
            self.links.append(Link(start + (start in self._gaps), self.length, address))

    @property
    def text(self) -> str:
        """All of it."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    def _put(self, piece: str) -> None:
        self._pieces.append(piece)
        self.length += len(piece)


_WRAPPED = 45  # characters that lines have at least where a program broke them
_BROKEN = 0.6  # of the longest line that a broken line has at least
_STARTS = re.compile(r"\s*(?:[-*•–—]\s|\d{1,3}[.)]\s|#{1,6}\s|>|\|)")


def unwrapped(text: str) -> str:
    """Join the lines that a program broke for width, so that a paragraph is a line."""
    done: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        done += _block([line for line in block.split("\n") if line.strip()])
    return "\n".join(done)


def _block(lines: list[str]) -> list[str]:
    longest = max(map(len, lines), default=0)
    if len(lines) < 2 or not _WRAPPED <= longest <= 130:
        return lines
    done = [lines[0]]
    for before, line in itertools.pairwise(lines):
        # A line that was broken would have had no room for the first word of the next.
        first = len(line.split(" ", 1)[0])
        is_full = len(before) + 1 + first > longest * 0.92 and len(before) >= _BROKEN * longest
        if is_full and not _STARTS.match(line):
            done[-1] += " " + line.strip()
        else:
            done.append(line)
    return done


_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\(\s*<?([^\s()<>]{0,2000})>?(?:\s+\"[^\"]{0,200}\")?\s*\)")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^\s<>]{1,2000})>")
_INLINE = re.compile(r"!?\[[^\[\]]{0,500}\]\([^()]{0,2200}\)|<(?:https?|mailto):[^\s<>]{1,2000}>")
_MARKS = re.compile(r"(?<![\w*])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?![\w*])|(?<!\w)_{1,2}(?=\w)|(?<=[\w.,!?])_{1,2}(?!\w)|`")
_FRONT = re.compile(r"\A---[ \t]*\n(.{0,8000}?)\n---[ \t]*(?:\n|\Z)", re.S)
_SETTING = re.compile(r"([A-Za-z][\w-]{0,30})[ \t]*:[ \t]*(.{0,500})")
_NAMES = {
    "title": "title", "headline": "title", "subject": "title",
    "publisher": "publisher", "source": "publisher", "outlet": "publisher", "organisation": "publisher",
    "organization": "publisher", "site": "publisher",
    "author": "authors", "authors": "authors", "by": "authors",
    "date": "published", "published": "published", "publication-date": "published",
    "url": "address", "address": "address", "link": "address", "canonical": "address",
}  # fmt: skip


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """Take what a text says of itself at its head, between `---` or as `Name: value`; give that and the rest."""
    said: dict[str, str] = {}
    found = _FRONT.match(text)
    if found:
        for line in found[1].split("\n"):
            _setting(line, said)
        return said, text[found.end() :]
    lines = text.split("\n")
    for number, line in enumerate(lines[:12]):
        if not line.strip() and said:
            return said, "\n".join(lines[number + 1 :])
        if not _setting(line, said):
            break
    else:
        number = 0
    return ({}, text) if len(said) < 2 else (said, "\n".join(lines[number:]))


def _setting(line: str, said: dict[str, str]) -> bool:
    found = _SETTING.fullmatch(line.strip())
    name = _NAMES.get(found[1].lower()) if found else None
    if found is None or name is None:
        return False
    said.setdefault(name, found[2].strip().strip("\"'[]"))
    return True


def from_markdown(source: str) -> tuple[str, Text]:
    """Read Markdown; give the first heading and the text, without marks."""
    text, title = Text(), ""
    for line in unwrapped(source).split("\n"):
        if re.match(r"\s*(?:```|~~~|([-*_=])(?:\s*\1){2,}\s*$)", line):
            continue
        heading = re.match(r"\s{0,3}#{1,6}\s+(.*?)\s*#*$", line)
        line = heading[1] if heading else re.sub(r"^\s*(?:>\s?)+|^\s*(?:[-*+]|\d{1,3}[.)])\s+", "", line)
        place = 0
        for found in _INLINE.finditer(line):
            text.add(_MARKS.sub("", line[place : found.start()]))
            whole, auto = _MARKDOWN_LINK.fullmatch(found[0]), _AUTOLINK.fullmatch(found[0])
            start = text.length
            if whole and not found[0].startswith("!"):
                text.add(_MARKS.sub("", whole[1]))
                text.link(start, whole[2])
            elif auto:
                text.add(auto[1])
                text.link(start, auto[1])
            place = found.end()
        text.add(_MARKS.sub("", line[place:]))
        text.end()
        if heading and not title:
            title = " ".join(_MARKS.sub("", heading[1]).split())
    return title, text


def from_plain(source: str) -> tuple[str, Text]:
    """Read plain text; its first line is the headline if it is short and no sentence."""
    text, lines = Text(), unwrapped(source).split("\n")
    for line in lines:
        text.add(line)
        text.end()
    first = next((" ".join(line.split()) for line in lines if line.strip()), "")
    is_title = 0 < len(first) <= 160 and first[-1] not in ".:;," and not printed_date(first) and first.count(" ") >= 2
    return (first if is_title and len(lines) > 1 else ""), text
