"""The records that a case keeps in `keys/`: read from whatever files lie there, and asked as of a time.

Nothing kept is `unknown`, never "does not exist". That a name does not exist is known only where a look-up said so, or
where a whole zone (with its SOA) was kept.
"""

import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from watchword.authenticate.exports import is_table, read_object, read_objects, read_table
from watchword.authenticate.records import WEAKNESS, Answer, Record
from watchword.authenticate.statements import Verify, is_statement, key_set, read_statement
from watchword.authenticate.zone import Unreadable, is_dig, is_host, read_dig, read_host, read_time, read_zone
from watchword.errors import WatchwordError

ADDED = "added.jsonl"  # which files were added, and when what they hold was seen
ANSWERS = "answers.jsonl"  # what our own look-ups found
RECOVERED = "recovered.jsonl"  # keys recovered from signatures; authenticate/recover.py reads and writes it
OWN = frozenset((ADDED, RECOVERED))

_MOST_BYTES = 256_000_000  # of one file
_ALIASES = 8  # CNAME after CNAME
_DAY = timedelta(days=1)  # what was seen within a day of a message is taken to have held then

When = Literal["then", "before", "later", "undated", ""]


@dataclass(frozen=True, slots=True)
class Zone:
    """A whole zone: what does not stand in it did not exist when it was seen."""

    origin: str
    seen: datetime | None
    source: str
    names: frozenset[str]  # with those that only have names below them
    cuts: frozenset[str]  # names delegated to others, below which nothing is known


@dataclass(slots=True)
class FileRead:
    """What one file holds."""

    records: list[Record] = field(default_factory=list)
    zone: Zone | None = None
    unsigned: list[str] = field(default_factory=list)  # statements that do not count, and why
    form: str = ""


class Kept:
    """All records of a case. Calling it asks for one name and type as of a time (`records.Lookup`)."""

    def __init__(self, records: Iterable[Record], zones: Iterable[Zone] = ()) -> None:
        """`records` may come in any order, one value or several in each."""
        self.index: dict[str, dict[str, list[Record]]] = {}
        self._put(records)
        self.zones: dict[str, list[Zone]] = {}
        for zone in zones:
            self.zones.setdefault(zone.origin, []).append(zone)
        self._answer = functools.lru_cache(maxsize=65_536)(self._find)

    def __call__(self, name: str, type: str, at: datetime | None) -> Answer:  # noqa: A002  # the protocol's word
        """Give what is known, through aliases (CNAME)."""
        return self._answer(name.lower(), type, at)

    def add(self, records: Iterable[Record]) -> None:
        """Take in more records."""
        self._put(records)
        self._answer.cache_clear()

    def _put(self, records: Iterable[Record]) -> None:
        for record in records:
            self.index.setdefault(record.name, {}).setdefault(record.type, []).append(record)

    def __iter__(self) -> Iterator[Record]:
        """Give every record that is kept."""
        for kinds in self.index.values():
            for rows in kinds.values():
                yield from rows

    def _find(self, name: str, kind: str, at: datetime | None) -> Answer:
        when: When = ""
        source = ""
        for _ in range(_ALIASES):
            answer = self._direct(name, kind, at)
            if answer.status == "found" or kind == "CNAME":
                break
            alias = self._direct(name, "CNAME", at)
            if alias.status != "found":
                break
            name, when, source = alias.values[0], _weaker(when, alias.when), source or alias.source
        else:
            return Answer("failed", source=source)
        return replace(answer, when=_weaker(when, answer.when), source=answer.source or source)

    def _direct(self, name: str, kind: str, at: datetime | None) -> Answer:
        kinds = self.index.get(name)
        if kinds:
            rows = kinds.get(kind, [])
            if len(kinds) > 1 or not rows:
                # That the name did not exist holds for every type.
                rows = rows + [
                    row for other in kinds if other != kind for row in kinds[other] if row.status == "no-name"
                ]
            if rows:
                return _as_of(rows, at)
        return self._outside(name, kind, at) if self.zones else _UNKNOWN

    def _outside(self, name: str, kind: str, at: datetime | None) -> Answer:
        """Ask the whole zones that would hold the name: a wildcard, or that there is nothing (RFC 1034 4.3.2)."""
        parent = name
        while parent:
            for zone in self.zones.get(parent, ()):
                if any(name == cut or name.endswith("." + cut) for cut in zone.cuts):
                    return _UNKNOWN
                when: When = _when(zone.seen, zone.seen, at)
                if name in zone.names:
                    return Answer("no-data", (), when, zone.source)
                closest = name
                while closest not in zone.names:
                    closest = closest.partition(".")[2]
                wild = self.index.get(f"*.{closest}", {})
                if f"*.{closest}" in zone.names:
                    return _as_of(wild[kind], at) if kind in wild else Answer("no-data", (), when, zone.source)
                return Answer("no-name", (), when, zone.source)
            parent = parent.partition(".")[2]
        return _UNKNOWN


_UNKNOWN = Answer("unknown")


def _as_of(rows: list[Record], at: datetime | None) -> Answer:
    """Choose among the records of one name and type those that held at a time, or else those nearest to it."""
    dated = [row for row in rows if row.first and row.last]
    if not dated or at is None:
        newest = max((row.last for row in dated if row.last), default=None)
        chosen = [row for row in dated if row.last == newest] if newest else rows
        return _joined(chosen, "undated")
    around = [row for row in dated if row.first and row.last and row.first - _DAY <= at <= row.last + _DAY]
    if around:
        return _joined(around, "then")
    before = _at(dated, max((row.last for row in dated if row.last and row.last < at), default=None))
    later = _at(dated, min((row.first for row in dated if row.first and row.first > at), default=None))
    if not later:
        return _joined(before, "before")
    if not before:
        return _joined(later, "later")
    if {_said(row) for row in before} == {_said(row) for row in later}:
        return _joined(before, "then")
    last = max(row.last for row in before if row.last)
    first = min(row.first for row in later if row.first)
    return _joined(before, "before") if at - last <= first - at else _joined(later, "later")


def _at(rows: list[Record], time: datetime | None) -> list[Record]:
    return [row for row in rows if time and row.first and row.last and row.first <= time <= row.last]


def _said(row: Record) -> tuple[str, tuple[str, ...]]:
    return row.status, row.values


def _joined(rows: list[Record], when: When) -> Answer:
    """Put records together that held at once: some keepers write one row for each value."""
    found = [row for row in rows if row.status == "found"]
    if not found:
        return Answer(rows[0].status, (), when, rows[0].source)
    if len(found) == 1:
        return Answer("found", found[0].values, when, found[0].source, found[0].whole)
    values = tuple(dict.fromkeys(value for row in found for value in row.values))
    return Answer("found", values, when, found[0].source, any(row.whole for row in found))


def _when(first: datetime | None, last: datetime | None, at: datetime | None) -> When:
    if not first or not last or not at:
        return "undated"
    return "later" if first > at + _DAY else "before" if last < at - _DAY else "then"


def _weaker(one: When, other: When) -> When:
    return one if WEAKNESS[one] >= WEAKNESS[other] else other


# ------------------------------------------------------------ files


def load(folder: Path) -> Kept:
    """Read every file in the case's `keys/`. Raises WatchwordError naming the file and line that cannot be read."""
    read = list(read_folder(folder).values())
    return Kept((record for one in read for record in one.records), (one.zone for one in read if one.zone))


def read_folder(folder: Path) -> dict[str, FileRead]:
    """Read every file in the case's `keys/`, by its name. Raises WatchwordError."""
    if not folder.is_dir():
        return {}
    seen = dates(folder)
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith(".")]
    texts = {file: text(file) for file in files if file.name not in OWN}
    keys: dict[tuple[str, str], Verify] = {}
    for content in texts.values():
        keys |= given_keys(content)
    return {file.name: read_file(file, content, seen.get(file.name), keys) for file, content in texts.items()}


def dates(folder: Path) -> dict[str, datetime | None]:
    """Give for each file that was added when what it holds was seen, as the user said."""
    found: dict[str, datetime | None] = {}
    if (folder / ADDED).exists():
        for number, entry in _objects(folder / ADDED):
            if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
                raise _told(folder / ADDED, number, "it names no file")
            found[entry["file"]] = read_time(entry["seen"]) if entry.get("seen") else None
    return found


def text(file: Path) -> str:
    """Read a file. Raises WatchwordError where it is too large or no text."""
    try:
        size = file.stat().st_size
        if size > _MOST_BYTES:
            raise WatchwordError(
                f"{file} has {size:,} bytes; that is too much to hold.",
                do="Take out the domains that matter, as with grep, and add that.",
            )
        raw = file.read_bytes()
    except OSError as error:
        raise WatchwordError(f"{file} cannot be read: {error.strerror}.", do="Check the path.") from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):  # what PowerShell writes
        return raw.decode("utf-16", "replace")
    if b"\0" in raw[:4_096]:
        raise WatchwordError(f"{file} is no text.", do="Give zone files, DNS exports in JSON or CSV, or tools' output.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def given_keys(content: str) -> dict[tuple[str, str], Verify]:
    """Read a JWK set: the public keys of an archive whose statements the user trusts; none if it is another file."""
    if '"keys"' not in content or '"kty"' not in content:
        return {}
    try:
        return key_set(json.loads(content))
    except (ValueError, RecursionError):
        return {}


def read_file(
    file: Path, content: str, seen: datetime | None, keys: Mapping[tuple[str, str], Verify], source: str = ""
) -> FileRead:
    """Read one file, whatever form it has. Raises WatchwordError naming the line that cannot be read."""
    source = source or file.name
    start = content.lstrip("\ufeff\r\n\t ")[:1]
    try:
        if start in ("{", "[") or is_statement(content.strip()):
            return _json(content, source, seen, keys)
        readers: tuple[tuple[str, Callable[[str], bool], Callable[..., Iterator[Record]]], ...] = (
            ("dig", is_dig, read_dig),
            ("host", is_host, read_host),
            ("table", is_table, read_table),
        )
        for form, fits, reader in readers:
            if fits(content):
                return FileRead(list(reader(content, source, seen)), form=form)
        return _zone(content, source, seen, _origin(file.name))
    except Unreadable as error:
        raise _told(file, error.line, error.why) from None


def _json(content: str, source: str, seen: datetime | None, keys: Mapping[tuple[str, str], Verify]) -> FileRead:
    if is_statement(content.strip()):
        entries: list[tuple[int, object]] = [
            (number, line) for number, line in enumerate(content.split("\n"), 1) if line.strip()
        ]
    elif given_keys(content):
        return FileRead(form="public keys of an archive")
    else:
        entries = read_objects(content)
    read = FileRead(form="statements" if entries and is_statement(entries[0][1]) else "json")
    for number, entry in entries:
        if is_statement(entry):
            record, why = read_statement(str(entry), keys, source)
            if record:
                read.records.append(record)
            else:
                read.unsigned.append(why)
        else:
            read.records += read_object(number, entry, source, seen)
    return read


def _zone(content: str, source: str, seen: datetime | None, origin: str) -> FileRead:
    records = list(read_zone(content, source, seen, origin))
    read = FileRead([row for row in records if row.type != "SOA"], form="zone")
    apex = [row.name for row in records if row.type == "SOA"]
    if apex and len(set(apex)) == 1:
        names = {apex[0]}
        for row in records:
            name = row.name
            while name not in names and name.endswith("." + apex[0]):
                names.add(name)
                name = name.partition(".")[2]
        cuts = {row.name for row in records if row.type == "NS" and row.name != apex[0]}
        read.zone = Zone(apex[0], seen, source, frozenset(names), frozenset(cuts))
    return read


def _origin(name: str) -> str:
    """Guess the origin from a file's name, as people name them: `example.org.zone`, `db.example.org`."""
    for mark in ("db.", "zone."):
        name = name.removeprefix(mark)
    for mark in (".zone", ".txt", ".db", ".hosts"):
        name = name.removesuffix(mark)
    return name.lower() if "." in name and " " not in name else ""


def _objects(file: Path) -> list[tuple[int, object]]:
    try:
        return read_objects(text(file))
    except Unreadable as error:
        raise _told(file, error.line, error.why) from None


def _told(file: Path, line: int, why: str) -> WatchwordError:
    return WatchwordError(
        f"Line {line} of {file} cannot be read: {why}.",
        do="Mend it, or take the file away; `watchword keys --help` lists the forms.",
    )
