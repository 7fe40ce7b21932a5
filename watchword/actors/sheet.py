"""CSV of indicators: which column holds them is guessed by what it holds, said, and can be told instead."""

import csv
import io
from collections.abc import Sequence

from watchword.actors.patterns import read_pattern
from watchword.actors.reports import read_date, report
from watchword.actors.taken import Given, Taken
from watchword.actors.values import read_value
from watchword.errors import WatchwordError
from watchword.tables import ActorFact

ROLES = ("indicator", "actor", "reference", "published", "publisher", "kind", "note")
_NAMES = {
    "indicator": "indicator indicators ioc iocs value indicator_value observable artifact artefact data".split(),
    "actor": "actor threat_actor threatactor group intrusion_set attribution apt adversary".split(),
    "reference": "reference references ref link report url_report source_url report_url".split(),
    "published": "published date first_seen firstseen valid_from date_added created timestamp reported seen".split(),
    "publisher": "publisher source vendor author reporter org".split(),
    "kind": "type kind indicator_type ioc_type category".split(),
    "note": "note notes comment comments description context".split(),
}
_SAMPLE = 200
_SHARE = 0.4  # of the rows at least so many must hold an indicator
_ROWS = 2_000_000
_CELL = 100_000


def is_sheet(text: str, given: Given) -> bool:
    """Say whether a text is a table in which a column holds indicators."""
    rows = _rows(text[:200_000])[:_SAMPLE]
    values = _values(rows, _header(rows)) if rows else []
    if given.columns and len(rows) > 1:
        return True
    told = sum(any(cell < len(row) and _cell(row[cell]) for cell in values) for row in rows)
    return told > len(rows) * _SHARE


def read_sheet(text: str, place: str, source: str, given: Given) -> Taken:
    """Read a table. A row's actor and report are its own where columns hold them."""
    taken = Taken(source, form="CSV")
    rows = _rows(text)
    header = _header(rows)
    roles = _roles(header, rows[: _SAMPLE + 1], given, place)
    values = [number for number, role in roles.items() if role == "indicator"]
    names = {number: name for number, name in enumerate(header) if name}
    told = ", ".join(
        f"`{names.get(number, f'column {number + 1}')}` holds {_article(role)}"
        for number, role in sorted(roles.items())
    )
    taken.notes.append(f"{place}: {told}. Say otherwise with --column NAME=ROLE.")
    first = 1 if header else 0
    for number, row in enumerate(rows[first:], first + 1):
        where = f"{place}, row {number}"
        found = [one for cell in values if cell < len(row) for one in _cell(row[cell])]
        if not found:
            taken.reject(where, ", ".join(row)[:500], "No cell of it holds an indicator that can be read.")
            continue
        held = {role: row[cell].strip() for cell, role in roles.items() if cell < len(row) and role != "indicator"}
        name = held.get("actor") or given.actor
        actor = taken.actor(name) if name else taken.unnamed(place)
        one = report(held["reference"]) if held.get("reference") else None
        said_by = held.get("publisher") or (one.said_by if one else "") or given.publisher
        published = read_date(held.get("published", "")) or (one.published if one else None) or given.published
        reference = one.reference if one else place
        taken.use([ActorFact(actor, *value, said_by, reference, published, given.grade) for value in found])
    return taken


def _rows(text: str) -> list[list[str]]:
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(",;\t|", key=first.count)
    found: list[list[str]] = []
    csv.field_size_limit(_CELL)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not row[0].startswith("#"):
                found.append(row)
            if len(found) > _ROWS:
                raise WatchwordError(f"The table has more than {_ROWS:,} rows.", do="Split it.")
    except csv.Error:
        return [] if len(found) < 2 else found
    return found


def _header(rows: Sequence[list[str]]) -> list[str]:
    """Give the names of the columns; none if the first row holds an indicator already."""
    if not rows or any(_cell(cell) for cell in rows[0]):
        return []
    return [cell.strip() for cell in rows[0]]


def _values(rows: Sequence[list[str]], header: Sequence[str]) -> list[int]:
    """Give the columns most of whose cells are indicators; references and sources are none."""
    body = rows[1 : _SAMPLE + 1] if header else rows[:_SAMPLE]
    width = max(map(len, rows[:_SAMPLE]), default=0)
    known = {number: _role(name) for number, name in enumerate(header)}
    found = []
    for number in range(min(width, 500)):
        cells = [row[number] for row in body if number < len(row) and row[number].strip()]
        told = known.get(number, "")
        if not cells or told in ("reference", "publisher", "actor", "note", "published"):
            continue
        if sum(bool(_cell(cell)) for cell in cells) > len(cells) / 2:
            found.append(number)
    return found


def _roles(header: Sequence[str], rows: Sequence[list[str]], given: Given, place: str) -> dict[int, str]:
    if given.columns:
        plain = [_plain(name) for name in header]
        roles = {}
        for name, role in given.columns:
            if _plain(name) not in plain:
                raise WatchwordError(f"{place} has no column {name}.", do=f"It has {', '.join(header) or 'no names'}.")
            roles[plain.index(_plain(name))] = role
        return roles
    values = _values(rows, header)
    roles = {number: role for number, name in enumerate(header) if (role := _role(name)) not in ("", "indicator")}
    return roles | dict.fromkeys(values, "indicator")


def _role(name: str) -> str:
    return next((role for role, names in _NAMES.items() if _plain(name) in names), "")


def _plain(name: str) -> str:
    return "_".join(name.strip().casefold().replace("-", " ").replace("_", " ").split())


def _cell(cell: str) -> list[tuple[str, str]]:
    """Read a cell: one indicator, or a pattern of STIX."""
    cell = cell.strip()
    if cell.startswith("[") and cell.endswith("]") and "=" in cell:
        return read_pattern(cell)[0]
    value = read_value(cell)
    return [value] if value else []


def _article(role: str) -> str:
    return {
        "indicator": "indicators",
        "published": "dates",
        "kind": "kinds (not used)",
        "note": "notes (not used)",
    }.get(role, f"{role}s")
