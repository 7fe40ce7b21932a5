"""Where in a document something stands: its line, section, the introduction of its list, the head of its column."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from watchword.indicators.found import Found

HEADING, INTRODUCTION, LINE = 90, 300, 2_000  # characters
_MARKED = re.compile(r"\s{0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"\s*(?:-{3,}|={3,}|\*{3,}|[|:\s-]+)\s*$")
_BULLET = re.compile(r"\s*(?:[-*•·–▪◦+>]|\(?\d{1,3}[.)\]]|\[\d{1,3}\])\s")
_WORD = re.compile(r"[^\W\d_]{2,}")
_TRIM = " \t*_#:|>-–•"
_LISTED = 9  # words beside the indicators in a line of a list


@dataclass(slots=True)
class Line:
    """One line of a document."""

    start: int
    stop: int
    section: str = ""  # role that the heading above it speaks for
    heading: str = ""
    introduction: str = ""  # line with a colon at its end, to whose list this belongs
    listed: bool = False  # little but indicators stands in it
    header: int = -1  # line that heads the table it belongs to


class Layout:
    """The lines of a document."""

    def __init__(self, text: str, found: Sequence[Found], section: Callable[[str], str | None]) -> None:
        """Read a text. `section` gives the role that a heading speaks for, None if it leaves the section as it is."""
        self.text = text
        self.lines: list[Line] = []
        self.starts: list[int] = []
        start = 0
        for written in text.splitlines(keepends=True):
            self.starts.append(start)
            self.lines.append(Line(start, start + len(written.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"))))
            start += len(written)
        spans: dict[int, list[Found]] = {}
        for one in found:
            spans.setdefault(self.number(one.start), []).append(one)
        self._read(spans, section)

    def number(self, place: int) -> int:
        """Give the number of the line that a place stands in."""
        return max(0, bisect_right(self.starts, place) - 1)

    def column(self, place: int) -> str:
        """Give the head of the column that a place stands in, empty if there is none."""
        line = self.lines[self.number(place)]
        if line.header < 0:
            return ""
        head = self.lines[line.header]
        names, cell = _cells(self.text[head.start : head.stop]), _cells(self.text[line.start : place])
        return names[len(cell) - 1].strip(_TRIM) if len(cell) <= len(names) else ""

    def _read(self, spans: dict[int, list[Found]], section: Callable[[str], str | None]) -> None:
        role = heading = introduction = ""
        header = previous = -1
        for number, line in enumerate(self.lines):
            written = self.text[line.start : min(line.stop, line.start + LINE)]
            plain = written.strip(_TRIM)
            inside = spans.get(number, [])
            if not plain:
                header = header if written.strip() else -1  # the rule below the head of a table is no end of it
                line.section, line.heading, line.introduction = role, heading, introduction
                continue
            marked = _MARKED.match(written)
            if not inside and len(plain) <= HEADING and (marked or not plain.endswith((".", "!", ";", ","))):
                given = section((marked[2] if marked else plain).strip(_TRIM))
                if given or (marked and given is not None):
                    role, heading, introduction, header = given or "", plain, "", -1
                elif given == "" and not marked and written.rstrip().endswith(":"):
                    introduction = plain
            cells = written.count("|") + written.count("\t")
            if cells:
                same = previous >= 0 and header >= 0
                header = header if same else number
                line.header = header if header != number else -1
                previous = number
            else:
                header = previous = -1
            line.listed = bool(inside) and _is_listed(self.text, line, inside)
            if written.rstrip().rstrip("*_").endswith(":") and len(plain) <= INTRODUCTION:
                introduction = plain
            elif not line.listed and not cells and (len(plain) > HEADING or plain.endswith(".")):
                introduction = ""
            line.section, line.heading, line.introduction = role, heading, introduction


def _cells(row: str) -> list[str]:
    mark = "\t" if "\t" in row and "|" not in row else "|"
    return (row.lstrip().removeprefix("|") if mark == "|" else row).split(mark)


def _is_listed(text: str, line: Line, inside: Sequence[Found]) -> bool:
    words, at = 0, line.start
    for one in inside:
        words += len(_WORD.findall(text[at : max(at, one.start)]))
        at = max(at, one.stop)
    words += len(_WORD.findall(text[at : min(line.stop, at + LINE)]))
    written = text[line.start : min(line.stop, line.start + 40)]
    return words <= (
        _LISTED + 6 if _BULLET.match(written) or "|" in written or "\t" in text[line.start : line.stop] else _LISTED
    )
