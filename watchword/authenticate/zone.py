"""DNS records in text: zone files (RFC 1035 section 5), and what dig, host and nslookup print.

Our own reader: dnspython takes 1.5 s for 10,000 records and gives up a file at the first type that it does not know.
It is the oracle in the tests.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from watchword.authenticate.records import Record

TYPES = frozenset("TXT A AAAA MX PTR CNAME NS SOA".split())
NAMES = frozenset("MX PTR CNAME NS".split())  # their last word is a name

_TOKEN = re.compile(
    r'"((?:[^"\\]|\\.)*+)"|((?:[^\s;"()\\]|\\.)++)|(;.*+)|([()])|("|\\)', re.DOTALL
)  # quoted, plain, comment, parenthesis, and what should not stand there
_TTL = re.compile(r"(?:\d+[smhdw]?)+", re.IGNORECASE | re.ASCII)
_CLASSES = frozenset(("IN", "CH", "HS", "ANY"))
# Types that say nothing about mail. Any other word in their place is a mistake in the file.
_OTHERS = frozenset(
    "SPF SRV CAA DS DNSKEY RRSIG NSEC NSEC3 NSEC3PARAM TLSA SSHFP HINFO NAPTR LOC CERT DNAME SVCB HTTPS OPENPGPKEY "
    "SMIMEA URI CDS CDNSKEY CSYNC RP AFSDB ALIAS ANAME EUI48 EUI64 HIP APL DHCID IPSECKEY KEY SIG ZONEMD WKS".split()
)
_ESCAPE = re.compile(r"\\(\d{3}|.)", re.DOTALL)
_LINES = 500  # that one record in parentheses may take
_WHEN = re.compile(r";; WHEN: \w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?: \S+)? (\d{4})")
_STATUS = re.compile(r";; ->>HEADER<<-.*status: (\w+)")
_QUESTION = re.compile(r";(\S+?)\.?\s+IN\s+(\w+)\s*")
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


class Unreadable(Exception):  # noqa: N818  # it becomes a WatchwordError where the file's name is known
    """A line that cannot be read, and why."""

    def __init__(self, line: int, why: str) -> None:
        """`line` counts from 1."""
        super().__init__(line, why)
        self.line = line
        self.why = why


def read_time(said: object) -> datetime | None:
    """Read a time: seconds since 1970, ISO 8601, or a date; None if it is none. What names no zone is UTC."""
    try:
        if isinstance(said, int | float) or (isinstance(said, str) and said.strip().isdigit() and len(said) > 8):
            number = float(said)
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        time = datetime.fromisoformat(str(said).strip())
    except (ValueError, OverflowError, OSError):
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def text_of(data: str) -> str:
    """Join the strings of a TXT record as tools print them: `"a" "b"`, or plain without quotes."""
    if data.startswith('"'):
        return "".join(_plain(found[1]) for found in _TOKEN.finditer(data) if found[1] is not None)
    return data


def value_of(kind: str, data: str) -> str:
    """Give a record's data in the one form in which it is kept: names lower case and without the final dot."""
    data = data.strip()
    if kind == "TXT":
        return text_of(data)
    if kind in NAMES:
        return " ".join(data.lower().removesuffix(".").split())
    return data


def read_zone(text: str, source: str, seen: datetime | None, origin: str = "") -> Iterator[Record]:
    """Read a zone file. A record of type SOA says that the file is the whole zone. Raises Unreadable."""
    owner = ""
    for line, blank, tokens in _logical_lines(text):
        first = tokens[0]
        if first.startswith("$"):
            origin = _directive(line, tokens, origin)
            continue
        words = tokens
        if not blank:
            owner = _absolute(line, first, origin)
            words = tokens[1:]
        elif not owner:
            raise Unreadable(line, "the record has no name")
        at = 0
        while at < len(words) - 1 and (words[at].upper() in _CLASSES or _TTL.fullmatch(words[at])):
            at += 1
        kind, rest = (words[at].upper() if words else ""), words[at + 1 :]
        if kind not in TYPES:
            if kind not in _OTHERS and not re.fullmatch(r"TYPE\d{1,5}", kind):
                raise Unreadable(line, f"no type of record: {kind[:40]!r}")
            continue
        if not rest:
            raise Unreadable(line, f"{kind} says nothing")
        if kind == "TXT":
            value = "".join(map(_plain, rest))
        elif kind in NAMES:
            value = " ".join([*rest[:-1], _absolute(line, rest[-1], origin)])
        else:
            value = " ".join(rest)
        yield Record(owner, kind, (value,), "found", seen, seen, source)


def is_dig(text: str) -> bool:
    """Tell what dig prints."""
    return ";; ->>HEADER<<-" in text


def read_dig(text: str, source: str, seen: datetime | None) -> Iterator[Record]:
    """Read what dig printed, any number of answers; each says when it was asked. Raises Unreadable."""
    starts = [match.start() for match in re.finditer(r"^;; ->>HEADER<<-", text, re.MULTILINE)]
    for start, stop in zip(starts, [*starts, len(text)][1:], strict=True):
        block = text[start:stop]
        when = _WHEN.search(block)
        time = seen
        if when and when[1] in _MONTHS:
            # The zone is a name that only that machine knew: the day is what counts.
            time = read_time(f"{when[6]}-{_MONTHS[when[1]]:02}-{int(when[2]):02}T{when[3]}:{when[4]}:{when[5]}") or seen
        before = text.count("\n", 0, start)
        try:
            found = [row for row in read_zone(block, source, time) if row.type != "SOA"]
        except Unreadable as error:
            raise Unreadable(before + error.line, error.why) from None
        yield from found
        status, asked = _STATUS.match(block), _QUESTION.search(block)
        if status and asked and ";; ANSWER SECTION" not in block and asked[2].upper() in TYPES:
            name = asked[1].lower()
            if status[1] in ("NXDOMAIN", "NOERROR"):
                none: Record = Record(name, asked[2].upper(), (), "no-data", time, time, source)
                yield replace(none, status="no-name") if status[1] == "NXDOMAIN" else none


_SAID = (
    ("TXT", re.compile(r'(\S+) descriptive text (".*)')),
    ("TXT", re.compile(r'(\S+)\s+text =\s+(".*)')),
    ("A", re.compile(r"(\S+) has address (\S+)")),
    ("AAAA", re.compile(r"(\S+) has IPv6 address (\S+)")),
    ("MX", re.compile(r"(\S+) mail is handled by (\d+ \S+)")),
    ("CNAME", re.compile(r"(\S+) is an alias for (\S+)")),
    ("CNAME", re.compile(r"(\S+)\s+canonical name = (\S+)")),
    ("PTR", re.compile(r"(\S+) domain name pointer (\S+)")),
    ("NS", re.compile(r"(\S+) name server (\S+)")),
)
_NO_NAME = re.compile(r"Host (\S+) not found: 3\(NXDOMAIN\)|\*\* server can't find (\S+): NXDOMAIN")
_NO_DATA = re.compile(r"(\S+) has no (\w+) record")


def is_host(text: str) -> bool:
    """Tell what `host` or nslookup prints."""
    return any(
        pattern.match(line)
        for line in text.splitlines()[:50]
        for pattern in (*(pattern for _, pattern in _SAID), _NO_NAME, _NO_DATA)
    )


def read_host(text: str, source: str, seen: datetime | None) -> Iterator[Record]:
    """Read what `host` or nslookup printed. Lines that say something else are left out."""
    # nslookup puts a long text on lines of its own.
    for line in re.sub(r"(text =|\")[ \t\r]*+\n\s*+\"", r'\1 "', text).splitlines():
        for kind, pattern in _SAID:
            if found := pattern.match(line):
                name = found[1].lower().removesuffix(".")
                yield Record(name, kind, (value_of(kind, found[2]),), "found", seen, seen, source)
                break
        else:
            if found := _NO_NAME.match(line):
                name = (found[1] or found[2]).lower().removesuffix(".")
                yield Record(name, "TXT", (), "no-name", seen, seen, source)
            elif (found := _NO_DATA.match(line)) and found[2].upper() in TYPES:
                name = found[1].lower().removesuffix(".")
                yield Record(name, found[2].upper(), (), "no-data", seen, seen, source)


# ------------------------------------------------------------ lines and names


def _logical_lines(text: str) -> Iterator[tuple[int, bool, list[str]]]:
    """Give lines with what is in parentheses drawn together: number, whether it begins with a blank, its words."""
    tokens: list[str] = []
    begun, blank, depth = 0, False, 0
    for number, line in enumerate(text.split("\n"), 1):
        if not depth:
            if not line or line[0] in ";\r":
                continue
            begun, blank, tokens = number, line[0] in " \t", []
        elif number - begun > _LINES:
            raise Unreadable(begun, "a parenthesis is not closed")
        for quoted, plain, comment, parenthesis, stray in _TOKEN.findall(line):
            if plain:
                tokens.append(plain)
            elif parenthesis:
                depth += 1 if parenthesis == "(" else -1
            elif stray:
                raise Unreadable(number, "a quotation mark is not closed")
            elif not comment:
                tokens.append(quoted)
        if depth < 0:
            raise Unreadable(number, "a parenthesis is closed that was not opened")
        if not depth and tokens:
            yield begun, blank, tokens
    if depth:
        raise Unreadable(begun, "a parenthesis is not closed")


def _directive(line: int, tokens: list[str], origin: str) -> str:
    name = tokens[0].upper()
    if name == "$ORIGIN" and len(tokens) > 1:
        return _absolute(line, tokens[1], origin) if tokens[1] != "." else "."
    if name in ("$INCLUDE", "$GENERATE"):
        raise Unreadable(line, f"{name} is not followed; add the file with all its records written out")
    return origin


def _absolute(line: int, name: str, origin: str) -> str:
    """Give a name whole, lower case, without the final dot."""
    name = _plain(name).lower()
    if name.endswith("."):
        return name[:-1]
    if not origin:
        raise Unreadable(line, f"{name[:60]!r} has no final dot and the file no $ORIGIN; add that line at the top")
    return origin if name == "@" else name if origin == "." else f"{name}.{origin}"


def _plain(text: str) -> str:
    """Undo escapes: `\\"`, `\\;`, `\\226`."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(
        lambda found: chr(int(found[1]) & 255) if found[1].isdigit() and len(found[1]) == 3 else found[1], text
    )
