"""DNS records as other tools export them: passive DNS, DNS over HTTPS, signing-key archives, tables, and our own lines.

Passive DNS: Common Output Format (draft-dulaunoy-dnsop-passive-dns-cof), one JSON object in each line or a list.
DNS over HTTPS: the JSON of Google and Cloudflare (`Question`, `Answer`), and RFC 8427.
Key archives: what archive.zk.email gives for `/api/key`; signed statements are in `statements.py`.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from watchword.authenticate.records import Record, Status
from watchword.authenticate.zone import TYPES, Unreadable, read_time, value_of

_NUMBERS = {1: "A", 2: "NS", 5: "CNAME", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA"}
_COLUMNS = {
    "name": "name rrname domain host hostname query",
    "type": "type rrtype record_type",
    "value": "value rdata data content answer",
    "first": "first time_first first_seen firstseen first_seen_at",
    "last": "last time_last last_seen lastseen last_seen_at",
}
_ANSWERS = frozenset(("found", "no-data", "no-name"))

Object = Mapping[str, object]


def read_objects(text: str) -> list[tuple[int, object]]:
    """Read JSON, one document or one in each line, each with its line; a list gives its entries. Raises Unreadable."""
    stripped = text.strip()
    if not stripped:
        return []
    try:
        whole = json.loads(stripped)
    except (ValueError, RecursionError):
        found: list[tuple[int, object]] = []
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    found.append((number, json.loads(line)))
                except (ValueError, RecursionError) as error:
                    raise Unreadable(number, f"no JSON: {error}") from None
        return found
    return [(1, entry) for entry in whole] if isinstance(whole, list) else [(1, whole)]


def read_object(line: int, entry: object, source: str, seen: datetime | None) -> list[Record]:
    """Read one object of any of the forms. Raises Unreadable where it is none of them."""
    if isinstance(entry, dict):
        said = cast(Object, entry)
        if "responseMessage" in said and isinstance(said["responseMessage"], dict):
            said = cast(Object, said["responseMessage"])
        for mark, reader in _FORMS:
            if mark in said:
                return reader(line, said, source, seen)
    raise Unreadable(line, "no form of DNS answer that is known")


def read_table(text: str, source: str, seen: datetime | None) -> Iterator[Record]:
    """Read a CSV table: name, type, value, and if it has them first and last. Raises Unreadable."""
    rows = csv.reader(io.StringIO(text))
    columns: dict[str, int] = {}
    try:
        for row in rows:
            if not row or row[0].startswith("#"):
                continue
            if not columns:
                lower = [cell.strip().lower() for cell in row]
                columns = {
                    wanted: lower.index(one)
                    for wanted, names in _COLUMNS.items()
                    for one in names.split()
                    if one in lower
                }
                if {"name", "type", "value"} <= set(columns):
                    continue
                if len(row) < 3 or row[1].strip().upper() not in TYPES:
                    raise Unreadable(rows.line_num, "the first line does not name the columns name, type and value")
                columns = dict(zip(("name", "type", "value", "first", "last"), range(len(row)), strict=False))
            cell = {name: row[index].strip() for name, index in columns.items() if index < len(row)}
            first, last = _times(rows.line_num, cell.get("first"), cell.get("last"), seen)
            for record in _rows(cell.get("name"), cell.get("type"), [cell.get("value", "")], first, last, source):
                yield replace(record, whole=False)
    except csv.Error as error:
        raise Unreadable(rows.line_num, f"no CSV: {error}") from None


def is_table(text: str) -> bool:
    """Tell a table by its first line."""
    line = text.lstrip("\ufeff\n\r ").partition("\n")[0].lower()
    cells = [cell.strip(' "\r') for cell in line.split(",")]
    kinds = any(name in cells for name in _COLUMNS["type"].split())
    return len(cells) >= 3 and (kinds or cells[1].upper() in TYPES)


# ------------------------------------------------------------ forms


def _passive(line: int, said: Object, source: str, seen: datetime | None) -> list[Record]:
    first = said.get("time_first", said.get("zone_time_first"))
    last = said.get("time_last", said.get("zone_time_last"))
    data = said.get("rdata")
    values = data if isinstance(data, list) else [data]
    begun, ended = _times(line, first, last, seen)
    rows = _rows(said.get("rrname"), said.get("rrtype"), values, begun, ended, source)
    # One value in a row is how sensors write what they saw; a list is the whole set of records.
    return rows if isinstance(data, list) else [replace(row, whole=False) for row in rows]


def _https(line: int, said: Object, source: str, seen: datetime | None) -> list[Record]:
    """Google's and Cloudflare's JSON: `Status` is the RCODE, types are numbers."""
    found: list[Record] = []
    answers, questions = said.get("Answer"), said.get("Question")
    for answer in answers if isinstance(answers, list) else []:
        if isinstance(answer, dict):
            found += _rows(answer.get("name"), answer.get("type"), [answer.get("data")], seen, seen, source)
    if isinstance(questions, dict):  # Cloudflare once gave one object
        questions = [questions]
    if not found and isinstance(questions, list) and questions and isinstance(questions[0], dict):
        found += _none(questions[0].get("name"), questions[0].get("type"), said.get("Status"), seen, source)
    return found


def _rfc8427(line: int, said: Object, source: str, seen: datetime | None) -> list[Record]:
    time = read_time(said.get("dateString") or said.get("dateSeconds")) or seen
    found: list[Record] = []
    answers = said.get("answerRRs")
    for answer in answers if isinstance(answers, list) else []:
        if isinstance(answer, dict):
            kind = _kind(answer.get("TYPEname", answer.get("TYPE")))
            value = answer.get(f"rdata{kind}")
            if value is None and kind == "TXT" and isinstance(answer.get("RDATAHEX"), str):
                value = _strings(line, answer["RDATAHEX"])
            if isinstance(value, list):
                value = "".join(map(str, value))
            found += _rows(answer.get("NAME"), kind, [value], time, time, source)
    if not found:
        found += _none(said.get("QNAME"), said.get("QTYPEname", said.get("QTYPE")), said.get("RCODE"), time, source)
    return found


def _own(line: int, said: Object, source: str, seen: datetime | None) -> list[Record]:
    """Our own lines in `answers.jsonl`, and whatever else gives name, type and values."""
    values = said.get("values", said.get("value"))
    listed = [str(value) for value in (values if isinstance(values, list) else [values]) if value is not None]
    status = str(said.get("status", "found"))
    name, kind = _name(said.get("name")), _kind(said.get("type"))
    if "time" in said:
        first = last = read_time(said["time"])
    else:
        first, last = _times(line, said.get("first"), said.get("last"), seen)
    if status not in _ANSWERS or not name or kind not in TYPES:
        return []  # a look-up that failed says nothing
    return [Record(name, kind, tuple(listed), cast(Status, status), first, last, source)]


def _archive(line: int, said: Object, source: str, seen: datetime | None) -> list[Record]:
    """A signing key as an archive tells it. Only what it saw in the DNS counts, by its own word."""
    name = f"{_name(said.get('selector'))}._domainkey.{_name(said.get('domain'))}"
    found = []
    observations = said.get("observations")
    for one in observations if isinstance(observations, list) else []:
        if isinstance(one, dict) and one.get("source") == "live_dns":
            first, last = _times(line, one.get("firstSeenAt"), one.get("lastSeenAt"), seen)
            found += _rows(name, "TXT", [said.get("value")], first, last, source)
    return found


_FORMS = (
    ("rrname", _passive),
    ("Question", _https),
    ("Answer", _https),
    ("QNAME", _rfc8427),
    ("answerRRs", _rfc8427),
    ("selector", _archive),
    ("name", _own),
)


# ------------------------------------------------------------ parts


def _rows(
    name: object, kind: object, values: list[object], first: datetime | None, last: datetime | None, source: str
) -> list[Record]:
    said, owner = _kind(kind), _name(name)
    if said not in TYPES or not owner:
        return []
    return [
        Record(owner, said, (value_of(said, str(value)),), "found", first, last, source)
        for value in values
        if value is not None
    ]


def _none(name: object, kind: object, code: object, seen: datetime | None, source: str) -> list[Record]:
    """Make a record of an answer that holds none: RCODE 3 is NXDOMAIN, 0 with no answer is NODATA."""
    said, owner = _kind(kind), _name(name)
    if said not in TYPES or not owner or code not in (0, 3):
        return []
    return [Record(owner, said, (), "no-name" if code == 3 else "no-data", seen, seen, source)]


def _kind(said: object) -> str:
    if isinstance(said, int):
        return _NUMBERS.get(said, "")
    text = str(said or "").strip().upper()
    return _NUMBERS.get(int(text), "") if text.isdigit() and len(text) < 6 else text


def _name(said: object) -> str:
    return str(said or "").strip().lower().removesuffix(".")


def _times(line: int, first: object, last: object, seen: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Read first and last. One alone stands for both; neither: when the file was made, if somebody said so."""
    begun, ended = (read_time(said) if said not in (None, "") else None for said in (first, last))
    for said, time in ((first, begun), (last, ended)):
        if said not in (None, "") and time is None:
            raise Unreadable(line, f"no time: {str(said)[:40]!r}")
    begun, ended = begun or ended or seen, ended or begun or seen
    if begun and ended and begun > ended:
        begun, ended = ended, begun
    return begun, ended


def _strings(line: int, data: object) -> str:
    """Read the character-strings of a TXT record from hexadecimal wire form (RFC 1035 3.3.14)."""
    try:
        raw = bytes.fromhex(str(data))
    except ValueError:
        raise Unreadable(line, "RDATAHEX is not hexadecimal") from None
    text, at = b"", 0
    while at < len(raw):
        text += raw[at + 1 : at + 1 + raw[at]]
        at += 1 + raw[at]
    return text.decode("latin-1")
