"""Our own knowledge of actors: one TOML file for each name under which a publisher tracks a group.

How such a file is written stands in `watchword/knowledge/actors/README.md`; a case has its own in `knowledge/actors`.
Whatever is wrong with a file is told with the file's name and the field; nothing is left out silently.
"""

import re
import tomllib
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import as_file
from importlib.resources import files as resources
from importlib.resources.abc import Traversable
from pathlib import Path

from watchword.actors.countries import country_code
from watchword.actors.taken import actor_id
from watchword.actors.values import read_value
from watchword.errors import WatchwordError
from watchword.tables import Actor, ActorFact

SORTS = ("state", "hired", "criminal", "activist", "unknown")
BYTES = 1024 * 1024  # of one file
FACTS = 5_000  # of one file
TEXT = 300  # characters of a name, a target, a title
ABOUT = 600
PATTERN = 300  # characters of a regular expression
UNVERIFIED = "F6"  # nobody could judge it, neither who says so nor whether it holds

_DAYS = "(?:mon|tue|wed|thu|fri|sat|sun)"
_WEEK = re.compile(rf"{_DAYS}-{_DAYS}")
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2}", re.ASCII)
_ADDRESS = re.compile(r"https?://[^\s<>\"]{4,2000}")
_GRADE = re.compile(r"[A-F][1-6]", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
_FURTHEST = 14 * 60  # minutes from UTC, as the Line Islands

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """One report that a file names."""

    id: str
    title: str
    publisher: str
    published: datetime
    address: str
    through: str  # where we read it if not there
    grade: str

    @property
    def reference(self) -> str:
        """Give title and address in one line, and where it was read if not there."""
        return f"{self.title}, {self.address}" + (f" (read in {self.through})" if self.through else "")


class FieldError(Exception):
    """What is wrong with a field."""


def folder() -> Traversable:
    """Give the folder of the files that are shipped."""
    return resources("watchword").joinpath("knowledge", "actors")


def shipped() -> Iterator[tuple[Actor, list[ActorFact]]]:
    """Read all files that are shipped, by name."""
    for entry in sorted(folder().iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            with as_file(entry) as path:
                yield read(path)


def read(path: Path) -> tuple[Actor, list[ActorFact]]:
    """Read one file. Raises WatchwordError where it is not as the README of `knowledge/actors` says."""
    do = "Mend it; watchword/knowledge/actors/README.md says how it is written."
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WatchwordError(f"{path.name} cannot be read: {error.strerror}.", do="Look at its path.") from None
    if len(data) > BYTES:
        raise WatchwordError(f"{path.name} is bigger than {BYTES >> 20} MB.", do="Import long lists as lists.")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        what = "nests too deep" if isinstance(error, RecursionError) else f"is no TOML: {str(error)[:200]}"
        raise WatchwordError(f"{path.name} {what}.", do=do) from None
    try:
        return _read(document, path.stem)
    except FieldError as error:
        raise WatchwordError(f"{path.name}, {error}.", do=do) from None


def _read(document: Row, stem: str) -> tuple[Actor, list[ActorFact]]:
    name = _text(document, "name", "top")
    actor = Actor(actor_id(name, "watchword"), name, "watchword", _text(document, "about", "top", ABOUT), "")
    actor = Actor(actor.actor, name, actor.source, actor.about, _of(document, "kind", "top", SORTS))
    if actor.actor != stem:
        raise FieldError(f"name: {name} belongs in a file {actor.actor}.toml")
    sources: dict[str, Source] = {}
    for number, row in enumerate(_rows(document, "source"), 1):
        source = _source(row, f"source {number}")
        if source.id in sources:
            raise FieldError(f"source {number}, id: {source.id} is there twice")
        sources[source.id] = source
    facts: list[ActorFact] = []
    for kind in document:
        if kind in ("name", "about", "kind", "source"):
            continue
        if kind not in KINDS:
            raise FieldError(f"{kind}: no such kind of fact; there are {', '.join(KINDS)}")
        for number, row in enumerate(_rows(document, kind), 1):
            facts += _facts(row, kind, f"{kind} {number}", actor.actor, sources)
            if len(facts) > FACTS:
                raise FieldError(f"{kind}: more than {FACTS} facts in one file")
    _naming(document, facts)
    unused = set(sources) - {one for kind in KINDS for row in _rows(document, kind) for one in _named(row, kind)}
    if unused:
        raise FieldError(f"source: nothing is said by {', '.join(sorted(unused))}")
    return actor, facts


def _source(row: Row, where: str) -> Source:
    _only(row, {"id", "title", "publisher", "published", "address", "through", "grade"}, where)
    address = _text(row, "address", where, 2_000)
    if not _ADDRESS.fullmatch(address):
        raise FieldError(f"{where}, address: it is no web address")
    grade = _text(row, "grade", where) if "grade" in row else ""
    if grade and not _GRADE.fullmatch(grade):
        raise FieldError(f"{where}, grade: no Admiralty code, as B2")
    return Source(
        _text(row, "id", where),
        _text(row, "title", where),
        _text(row, "publisher", where),
        _published(row.get("published"), where),
        address,
        _text(row, "through", where, 2_000) if "through" in row else "",
        grade,
    )


def _published(value: object, where: str) -> datetime:
    """Read a date; of a month or a year that is written as text, the last day: what is later is told apart by it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str) and (found := _MONTH.fullmatch(value)):
        month = int(found[2] or 12)
        if int(found[1]) >= 1990 and 1 <= month <= 12:
            return datetime(int(found[1]), month, monthrange(int(found[1]), month)[1], tzinfo=UTC)
    raise FieldError(f'{where}, published: write a day as 2024-05-01, or "2024-05" or "2024" if no more is known')


def _facts(row: Row, kind: str, where: str, actor: str, sources: Mapping[str, Source]) -> Iterator[ActorFact]:
    more = {"fits", "spares"} if kind == "naming" else set()
    _only(row, {"value", "values", "source", "note", "unverified", "ours"} | more, where)
    if ("value" in row) == ("values" in row):
        raise FieldError(f"{where}, value: write either value or values")
    unverified, ours = _switch(row, "unverified", where), _switch(row, "ours", where)
    note = _text(row, "note", where, ABOUT) if "note" in row else ""
    if (unverified or ours) and not note:
        raise FieldError(f"{where}, note: say why it is unverified, or how we read it")
    values = _texts(row, "values", where) if "values" in row else [_value(row["value"], where)]
    for name in _named(row, where):
        source = sources.get(name)
        if source is None:
            raise FieldError(f"{where}, source: there is no source {name}")
        grade = UNVERIFIED if unverified else source.grade
        for value in values:
            try:
                plain = KINDS[kind](value)
            except FieldError as error:
                raise FieldError(f"{where}, value {value[:80]}: {error}") from None
            said_by = f"our reading of {source.publisher}" if ours else source.publisher
            yield ActorFact(actor, kind, plain, said_by, source.reference, source.published, grade)


def _switch(row: Row, name: str, where: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise FieldError(f"{where}, {name}: it is true or left out")
    return value


def _value(value: object, where: str) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > 2_000:
        raise FieldError(f"{where}, value: it is empty, too long or no text")
    return value.strip()


def _named(row: Row, where: str) -> list[str]:
    """Give the ids of the sources of a fact: one, or several who each say it."""
    named = row.get("source")
    return [named] if isinstance(named, str) else _texts(row, "source", where)


def _naming(document: Row, facts: list[ActorFact]) -> None:
    """Hold every manner of naming against domains that it has to fit, and against names that it must spare."""
    known = {fact.value for fact in facts if fact.kind in ("domain", "host")}
    for number, row in enumerate(_rows(document, "naming"), 1):
        where = f"naming {number}"
        fits, spares = _texts(row, "fits", where), _texts(row, "spares", where)
        patterns = _texts(row, "values", where) if "values" in row else [_value(row["value"], where)]
        for pattern in patterns:
            for name in fits:
                if name not in known:
                    raise FieldError(f"{where}, fits: {name} is no domain or host of this file")
                if not any(re.search(one, name) for one in patterns):
                    raise FieldError(f"{where}, fits: {name} is not named so")
            for name in spares:
                if re.search(pattern, name):
                    raise FieldError(f"{where}, spares: {name} is named so, and should not")


def _rows(document: Row, name: str) -> list[Row]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FieldError(f"{name}: write [[{name}]] above each")
    return rows


def _only(row: Row, known: set[str], where: str) -> None:
    if unknown := sorted(set(row) - known):
        raise FieldError(f"{where}, {unknown[0]}: no such field; there are {', '.join(sorted(known))}")


def _text(row: Row, name: str, where: str, most: int = TEXT) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise FieldError(f"{where}, {name}: it is missing or no text")
    if len(value) > most:
        raise FieldError(f"{where}, {name}: longer than {most} characters")
    return " ".join(value.split())


def _texts(row: Row, name: str, where: str) -> list[str]:
    values = row.get(name)
    if not isinstance(values, list) or not values or not all(isinstance(one, str) and one.strip() for one in values):
        raise FieldError(f"{where}, {name}: it is missing or no list of texts")
    return [one.strip() for one in values]


def _of(row: Row, name: str, where: str, known: tuple[str, ...]) -> str:
    value = _text(row, name, where)
    if value not in known:
        raise FieldError(f"{where}, {name}: it is one of {', '.join(known)}")
    return value


def _words(value: str) -> str:
    if len(value) > TEXT:
        raise FieldError(f"longer than {TEXT} characters")
    return " ".join(value.split())


def _country(value: str) -> str:
    if country_code(value) != value:
        raise FieldError("no code of a country in knowledge/countries.toml, as IR")
    return value


def _fitting(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise FieldError(what)
        return value

    return check


def _zone(value: str) -> str:
    if not re.fullmatch(r"-?\d{1,3}", value, re.ASCII) or abs(int(value)) > _FURTHEST:
        raise FieldError("no minutes from UTC, as 210")
    return str(int(value))


def _indicator(kind: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        found = read_value(value)
        if found is None or found[0] != kind:
            raise FieldError(f"no {kind}" + (f"; it is a {found[0]}" if found else ""))
        return found[1]

    return check


def _pattern(value: str) -> str:
    """Check a regular expression: short, bound to the whole name, and without what takes long or RE2 does not know."""
    if len(value) > PATTERN:
        raise FieldError(f"longer than {PATTERN} characters")
    if not (value.startswith("^") and value.endswith("$")):
        raise FieldError("it has to begin with ^ and to end with $, so that it says something of the whole name")
    try:
        re.compile(value)
    except re.error as error:
        raise FieldError(f"no regular expression: {error}") from None
    if re.search(r"\(\?(?!:)|\\[1-9]|[*+}?][+]", value):
        raise FieldError("looking around, referring back and possessive signs are not allowed")
    if _nests(value):
        raise FieldError("it repeats what repeats")
    return value


def _nests(pattern: str) -> bool:
    """Say whether a group that repeats is itself repeated, which can take for ever."""
    open_groups = [False]  # whether something repeats within
    place, in_class = 0, False
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\":
            place += 2
            continue
        if in_class:
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
        elif sign == "(":
            open_groups.append(False)
        elif sign == ")":
            repeats = open_groups.pop()
            if repeats and pattern[place + 1 : place + 2] in ("*", "+", "{"):
                return True
            open_groups[-1] = open_groups[-1] or repeats
        elif sign in "*+{":
            open_groups[-1] = True
        place += 1
    return False


KINDS: Mapping[str, Callable[[str], str]] = {
    "alias": _words,
    "kept-apart": _words,
    "similar": _words,
    "part-of": _words,
    "country": _country,
    "country-targeted": _country,
    "target": _words,
    "technique": _fitting(_TECHNIQUE, "no id of ATT&CK, as T1566.002"),
    "software": _words,
    "domain": _indicator("domain"),
    "host": _indicator("host"),
    "url": _indicator("url"),
    "ip": _indicator("ip"),
    "address": _indicator("address"),
    "hash": _indicator("hash"),
    "naming": _pattern,
    "persona": _words,
    "provider": _words,
    "language": _fitting(_LANGUAGE, "no code of a language, as fa"),
    "working-week": _fitting(_WEEK, "no days, as sun-thu"),
    "zone": _zone,
}
