"""Values in logs: addresses of machines and people, times, and texts that must not grow without bound."""

import functools
import ipaddress
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone

from watchword.parse.dates import date

SHORT = 300  # characters of `detail`
TEXT = 2_000  # characters of any other value
ITEMS = 10_000  # values in one list

_PORT = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}")
_BRACKETS = re.compile(r"\[([0-9A-Fa-f:.%\w]+)\](?::\d{1,5})?")
_ADDRESS = re.compile(r"[^\s@<>\[\]\"'(),;:|=]{1,200}@[^\s@<>\[\]\"'(),;:|=]{1,250}")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s{0,3}"
    r"(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d\d):?(\d\d))?"
)
_SLASHED = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}),?\s{1,3}(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?\s{0,3}"
    r"([AaPp])?(?:\.?[Mm]\.?)?\s{0,3}(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-])(\d\d):?(\d\d))?"
)
_TICKS = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_YEARS = range(1990, 2200)


@functools.lru_cache(65_536)
def read_ip(text: str) -> str:
    """Give the first address of a machine in a value, without port, brackets and zone; empty if there is none.

    An IPv4 address in IPv6 clothes (::ffff:192.0.2.7, RFC 4291 2.5.5.2) is given as IPv4.
    """
    for part in text[:TEXT].replace(";", ",").split(","):
        part = part.strip().strip('"')
        found = _PORT.fullmatch(part) or _BRACKETS.fullmatch(part)
        try:
            address = ipaddress.ip_address((found[1] if found else part).partition("%")[0])
        except ValueError:
            continue
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(address)
    return ""


def read_time(text: str, *, day_first: bool = False) -> tuple[datetime | None, bool]:
    """Read a time: UTC, and whether the text says its zone; without one it is taken for UTC.

    Known are ISO 8601 with any number of digits of a second, 6/4/2024 11:52:44 PM (4/6/2024 if `day_first`), what
    PowerShell makes of a time in JSON (/Date(1717563164000)/), and dates with the name of a month.
    """
    text = text.replace("\u202f", " ").replace("\u00a0", " ").strip()[:100]
    try:
        if found := _ISO.fullmatch(text):
            year, month, day, hour, minute, second, part, utc, sign, hours, minutes = found.groups()
        elif found := _SLASHED.fullmatch(text):
            month, dot, day, year, hour, minute, second, half, utc, sign, hours, minutes = found.groups()
            part = ""
            if day_first or dot == ".":
                month, day = day, month
            if half:
                if not 1 <= int(hour) <= 12:
                    return None, False
                hour = str(int(hour) % 12 + (12 if half in "Pp" else 0))
        elif found := _TICKS.fullmatch(text):
            return _sane(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))), True
        else:
            moment, offset = date(text)
            return (_sane(moment), offset is not None) if moment and ":" in text else (None, False)
        zone = UTC
        if sign:
            span = timedelta(hours=int(hours), minutes=int(minutes))
            zone = timezone(-span if sign == "-" else span)
        micro = int((part or "0").ljust(6, "0")[:6])
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), micro, zone)
        return _sane(moment.astimezone(UTC)), bool(utc or sign)
    except (ValueError, OverflowError):
        return None, False


def is_slashed(text: str) -> tuple[int, int] | None:
    """Give the two numbers before the year of a date like 6/4/2024, whose order has to be found out."""
    found = _SLASHED.match(text.replace("\u202f", " ").strip()[:100])
    return (int(found[1]), int(found[3])) if found and found[2] != "." else None


def _sane(moment: datetime) -> datetime | None:
    return moment if moment.year in _YEARS else None


def addresses(text: str) -> list[str]:
    """Give all mail addresses in a value, lower case, each once, as in `"x" [SMTP:x@example.org]`."""
    if "@" not in text:
        return []
    return list(dict.fromkeys(found.lower().strip(".") for found in _ADDRESS.findall(text[: 20 * TEXT])))[:ITEMS]


def person(text: str) -> str:
    """Give an account or actor as the log names it: an address in lower case, or the name."""
    return text.lower() if "@" in text and " " not in text else text


def message_ids(values: Iterable[str]) -> list[str]:
    """Give Message-IDs without angle brackets, each once."""
    found = dict.fromkeys(value.strip().strip("<>") for value in values)
    found.pop("", None)
    return list(found)[:ITEMS]


def short(*parts: str) -> str:
    """Put what there is of these together, at most SHORT characters."""
    text = "; ".join(part for part in parts if part)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
