"""Rows of an exported file: CSV and JSON, read forward once, whatever their encoding, and never more than a piece.

What is broken is given as such, and reading goes on with the next row that can be found.
"""

import csv
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from watchword.logs.kinds import plain
from watchword.logs.record import Record, as_text, embedded

RECORD = 4 * 1024 * 1024  # characters of one record
COLUMNS = 5_000
DEPTH = 50  # lists and wrappers within each other around the records
_STEP = 256 * 1024  # an error counts the lines before it: a bigger piece makes each one dear
# Names of the list of records in what an API answers, and of the mark that another page follows.
CONTAINERS = frozenset({"items", "value", "values", "activities", "records", "results", "data", "logs", "events"})
MORE = ("nextPageToken", "@odata.nextLink", "odata.nextLink", "nextLink")


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be read."""

    reason: str
    advice: str
    detail: str


_AGAIN = "Export it again, and do not open it in a spreadsheet before."


def encoding_of(head: bytes) -> str:
    """Tell the encoding by the byte order mark, by where the zeros are, or by whether it is UTF-8."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32")):
        if head.startswith(mark):
            return name
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    sample = head[:2_000]
    if sample.count(0) > len(sample) / 4:
        return "utf-16-be" if sample[:1] == b"\0" else "utf-16-le"
    try:
        head[:-4].decode("utf-8") if len(head) > 4 else head.decode("utf-8")
    except UnicodeDecodeError as error:
        return "cp1252" if error.start < len(head) - 8 else "utf-8"
    return "utf-8"


class CsvRows:
    """Rows of a CSV file, each a record by the names of its header."""

    def __init__(self, stream: TextIO, *, given: bool = False) -> None:
        """`given` keeps the names of the header as they are; else they are plain: no case, blanks, or signs."""
        self.cut = ""  # why it seems to end before its end
        self._stream = stream
        self._pending: deque[str] = deque()
        self._after = ""
        line = self._line()
        while line.strip().startswith("#TYPE") or not line.strip():  # first line of what PowerShell exports
            if not line:
                break
            line = self._line()
        self.delimiter = ","
        if found := re.fullmatch(r"\W?sep=(.)\s*", line):  # first line for Excel
            self.delimiter, line = found[1], self._line()
        else:
            bare = re.sub(r'"[^"]*"', "", line)
            self.delimiter = max(",;\t|", key=bare.count)
        self._pending.appendleft(line)
        first = next(self._records(), "")
        names = self._split(first) if isinstance(first, str) else []
        self.header = [name.strip().strip("\ufeff") for name in names[:COLUMNS]]
        self._names = self.header if given else [plain(name) for name in self.header]

    def __iter__(self) -> Iterator[Record | Broken]:
        """Give the rows; blank lines and repeated headers are none."""
        width = len(self._names)
        for record in self._records():
            if isinstance(record, Broken):
                yield record
                continue
            fields = self._split(record)
            if not fields or fields == [""] or (fields[0] == self.header[0] and fields == self.header):
                continue
            if len(fields) < width and not record.endswith(("\n", "\r")):
                self.cut = "ends within a row"
                yield Broken("The file ends within this row.", _AGAIN, record[:300])
                continue
            if len(fields) > width and any(fields[width:]):
                yield Broken(f"It has {len(fields):,} fields, where the header has {width:,}.", _AGAIN, record[:300])
                continue
            values: dict[str, object] = {}
            for name, value in zip(self._names, fields, strict=False):
                if value and not values.get(name):
                    values[name] = value
            yield Record(values)

    def _split(self, record: str) -> list[str]:
        csv.field_size_limit(2 * RECORD)
        try:
            return next(csv.reader([record], delimiter=self.delimiter), [])
        except csv.Error:
            return []

    def _line(self) -> str:
        return self._pending.popleft() if self._pending else self._stream.readline(RECORD)

    def _records(self) -> Iterator[str | Broken]:
        """Put lines together as quotes say. Where a quote is never closed, only its line is lost."""
        lines: list[str] = []
        size = odd = 0
        while line := self._line():
            lines.append(line)
            size += len(line)
            odd ^= line.count('"') & 1
            whole = line.endswith(("\n", "\r")) or len(line) < RECORD
            if not odd and whole:
                yield "".join(lines) if len(lines) > 1 else line
            elif size < RECORD:
                continue
            else:
                yield from self._give_up(lines, f"Its quotes are not closed within {RECORD:,} characters.")
            lines, size, odd = [], 0, 0
        if len(lines) == 1:
            self.cut = "ends within a row"
            yield Broken("The file ends within this row.", _AGAIN, lines[0][:300])
        elif lines:
            yield from self._give_up(lines, "Its quotes are not closed.")
            yield from self._records()

    def _give_up(self, lines: list[str], reason: str) -> Iterator[Broken]:
        while lines and not lines[0].endswith(("\n", "\r")) and len(lines[0]) >= RECORD:
            rest = self._stream.readline(RECORD)  # the rest of a line without end
            if not rest or rest.endswith(("\n", "\r")):
                break
        self._pending.extendleft(reversed(lines[1:]))
        yield Broken(reason, _AGAIN, lines[0][:300])


class JsonRows:
    """Records of a JSON file: a list, one object after the other or in each line, or pages as an API answers them."""

    def __init__(self, stream: TextIO) -> None:
        """`stream` is read forward."""
        self.cut = ""
        self.more = ""  # name of the mark that another page follows the last one that is here
        self._stream = stream
        self._text = ""
        self._at = 0
        self._ended = False
        self._pinned: int | None = None  # place to which reading may have to go back
        self._around: list[str] = []  # lists and wrappers that are open
        self._decode = json.JSONDecoder().raw_decode

    def __iter__(self) -> Iterator[Record | Broken]:
        """Give the records."""
        while self._skip():
            letter = self._text[self._at]
            inside = self._around[-1] if self._around else ""
            if letter == "[" and inside != "{":
                self._around.append("[")
                self._at += 1
                if len(self._around) > DEPTH:
                    self.cut = "nests lists so deep that the rest was not read"
                    yield Broken(f"It nests more than {DEPTH} lists.", "Look at it: no provider writes so.", "[[[")
                    return
            elif letter in "]}":
                if self._around:
                    self._around.pop()
                self._at += 1
            elif inside == "{":
                if not self._members():
                    yield self._broken("A page of the answer cannot be read on.")
            else:
                value = self._value()
                if isinstance(value, Broken):
                    yield value
                elif value is not _ENTERED:
                    yield from self._records(value)
        if self._around and not self.cut:
            self.cut = "ends before its list of records does"

    def _records(self, value: object, depth: int = 0) -> Iterator[Record | Broken]:
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
            value = embedded(value)
        if isinstance(value, list) and depth < DEPTH:
            for one in value:
                yield from self._records(one, depth + 1)
        elif isinstance(value, dict):
            lists = [one for name, one in value.items() if name.lower() in CONTAINERS and _holds_records(one)]
            if lists and not _RECORDS.intersection(value):
                self.more = next((name for name in MORE if value.get(name)), "")
                for one in lists:
                    yield from self._records(list(one.values()) if isinstance(one, dict) else one, depth + 1)
            elif any(name in value for name in MORE) and len(value) <= 4:
                self.more = next((name for name in MORE if value.get(name)), "")
            else:
                yield Record(value)
        else:
            yield Broken("It is no record.", "Export the log anew.", as_text(json.dumps(value))[:300])

    def _value(self) -> object:
        """Read a value; go into a page that is too big to be read whole."""
        while True:
            try:
                value, self._at = self._decode(self._text, self._at)
            except RecursionError:
                return self._passed_over("It is nested too deep.")
            except json.JSONDecodeError as error:
                length = len(self._text) - self._at
                open_end = error.msg.startswith("Unterminated") or not self._text[error.pos + 8 :]
                if not open_end or length >= RECORD:
                    if open_end:
                        return self._passed_over(f"It is longer than {RECORD:,} characters.")
                    return self._broken(f"No JSON: {error.msg}.", error.pos)
                before = len(self._text)
                if length >= _STEP and self._text[self._at] == "{" and len(self._around) < DEPTH and self._enter():
                    return _ENTERED
                if len(self._text) == before and not self._more():
                    self.cut = "ends within a record"
                    detail = self._text[self._at : self._at + 300]
                    self._at = len(self._text)
                    return Broken("The file ends within this record.", _AGAIN, as_text(detail)[:300])
            else:
                return value

    def _enter(self) -> bool:
        """Step into a page with a list of records; say whether it is one."""
        self._pinned = before = self._at
        self._at += 1
        self._around.append("{")
        entered = self._members() and self._around[-1] == "["
        self._pinned = None
        if not entered:
            self._around.pop()
            self._at = before
        return entered

    def _members(self) -> bool:
        """Read names and values of a page up to its list of records or to its end; False where that fails."""
        try:
            while self._skip():
                if self._text[self._at] == "}":
                    return True
                if self._text[self._at] != '"':
                    return False
                name, at = self._decode(self._text, self._at)
                at = _SPACE.match(self._text, at).end()  # type: ignore[union-attr]  # it matches the empty text, too
                if self._text[at : at + 1] != ":":
                    return False
                at = _SPACE.match(self._text, at + 1).end()  # type: ignore[union-attr]  # the same
                if self._text[at : at + 1] == "[" and name.lower() in CONTAINERS:
                    self._around.append("[")
                    self._at = at + 1
                    self.more = ""
                    return True
                value, self._at = self._decode(self._text, at)
                if name in MORE and value:
                    self.more = name
        except (json.JSONDecodeError, RecursionError):
            if not self._ended and len(self._text) - (self._pinned or 0) < RECORD and self._more():
                return self._members()
        return False

    def _broken(self, reason: str, at: int = 0) -> Broken:
        """Say what cannot be read, and go to where the next record seems to begin."""
        detail = as_text(self._text[self._at : self._at + 300])[:300]
        self._at = max(at, self._at + 1)
        while not (found := _NEXT.search(self._text, self._at)):
            self._at = max(self._at, len(self._text) - 1_000)
            if not self._more():
                self._at = len(self._text)
                return Broken(reason, _AGAIN, detail)
        self._at = found.end()
        return Broken(reason, _AGAIN, detail)

    def _passed_over(self, reason: str) -> Broken:
        """Go on after a record without keeping it: to where as many brackets are closed as were opened."""
        detail = as_text(self._text[self._at : self._at + 300])[:300]
        depth, quoted = 0, False
        while True:
            end = len(self._text) - (len(self._text) - len(self._text.rstrip("\\"))) % 2  # no half of an escape
            for found in _STRUCTURE.finditer(self._text, self._at, end):
                sign = found[0]
                if sign == '"':
                    quoted = not quoted
                elif not quoted and len(sign) == 1:
                    depth += 1 if sign in "{[" else -1
                    if depth <= 0:
                        self._at = found.end()
                        return Broken(reason, _AGAIN, detail)
            self._at = end
            if not self._more():
                self._at = len(self._text)
                self.cut = "ends within a record"
                return Broken(reason, _AGAIN, detail)

    def _skip(self) -> bool:
        """Go to the next sign that is no blank or comma; False at the end."""
        while True:
            self._at = _BETWEEN.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches anything
            if self._at < len(self._text):
                return True
            if not self._more():
                return False

    def _more(self) -> bool:
        piece = "" if self._ended else self._stream.read(max(_STEP, min(len(self._text) - self._at, RECORD // 2)))
        self._ended = not piece
        if piece and self._pinned is None:
            self._text = self._text[self._at :] + piece
            self._at = 0
        elif piece:
            self._text += piece
        return bool(piece)


_ENTERED = object()
_RECORDS = frozenset({"id", "Id", "CreationTime", "createdDateTime", "CreatedDateTime", "Operation", "properties"})
_SPACE = re.compile(r"\s*")
_BETWEEN = re.compile(r"[\s,;\ufeff\x1e]*")
_STRUCTURE = re.compile(r'\\.|["{}\[\]]', re.DOTALL)
_NEXT = re.compile(r"\n[ \t]*(?=\{)|\}\s{0,100},\s{0,100}(?=\{)")

Rows = CsvRows | JsonRows
Advance = Callable[[int], None]


def _holds_records(value: object) -> bool:
    if isinstance(value, dict):  # as {"login": [...], "admin": [...]}
        return bool(value) and all(isinstance(one, list) for one in value.values())
    return isinstance(value, list) and (not value or isinstance(value[0], (dict, str)))
