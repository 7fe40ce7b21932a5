"""Where a fact comes from: the publisher of a report by its address, and the day on which it was public.

A date is the latest that its words allow: of `/2017/12/` in an address the last day of December. What is told apart
by time must not take for known what was not public yet.
"""

import functools
import re
import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files

from watchword.observe.domain import organisation

_MONTHS = {
    name: number
    for number, names in enumerate(
        "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct "
        "november|nov december|dec".split(),
        1,
    )
    for name in names.split("|")
}
_WORDS = "|".join(sorted(_MONTHS, key=len, reverse=True))
_CITED = re.compile(rf"\((\d{{4}})(?:, ?({_WORDS})\.?(?: (\d{{1,2}}))?)?[^)]{{0,20}}\)", re.IGNORECASE)
_NAMED = re.compile(rf"\b(?:({_WORDS})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? |({_WORDS})\.? )(\d{{4}})\b", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(20[0-3]\d|199\d)([-/._]?)(0?[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<=[/_-])(20[0-3]\d)[-/](0[1-9]|1[0-2])(?=[/_-])")
_HOST = re.compile(r"https?://([^/\s:?#@]{1,253})", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_POST = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/([A-Za-z0-9_]{1,20}|i/web)/status(?:es)?/(\d{10,19})"
)
_ARCHIVED = re.compile(
    r"https?://(?:web\.)?archive\.(?:org|is|ph|today)/(?:web/)?(?:\d{4,14}[a-z_*]{0,4}/)?(https?://.+)"
)
_SNOWFLAKE = 1_288_834_974_657  # when the ids of posts on Twitter begin, milliseconds
_YEARS = range(1995, 2100)


@dataclass(frozen=True, slots=True)
class Report:
    """One report that a source names for what it says."""

    said_by: str
    reference: str
    published: datetime | None
    is_sandbox: bool = False  # shows a sample, and nobody's word


@functools.cache
def _known() -> tuple[dict[str, str], frozenset[str]]:
    data = tomllib.loads(files("watchword").joinpath("actors", "publishers.toml").read_text("utf-8"))
    return dict(data["publisher"]), frozenset(data["sandbox"]["domains"])


@functools.lru_cache(65_536)
def publisher(address: str) -> str:
    """Give who publishes at an address: by name where known, else the registrable domain; empty if it has none."""
    if kept := _ARCHIVED.match(address):
        return publisher(kept[1])
    if post := _POST.match(address):
        return f"@{post[1]} on Twitter" if post[1] != "i/web" else "a post on Twitter"
    found = _HOST.match(address)
    if not found:
        return ""
    host = found[1].lower().removeprefix("www.")
    names, _ = _known()
    labels = host.split(".")
    for start in range(len(labels) - 1):
        name = names.get(".".join(labels[start:]))
        if name:
            return name
        if name == "":  # many publish there
            return _tenant(address, host)
    return organisation(host)


def _tenant(address: str, host: str) -> str:
    first = address.partition("://")[2].partition("/")[2].partition("/")[0]
    if first and host in ("github.com", "raw.githubusercontent.com", "gist.github.com", "medium.com"):
        return f"{host}/{first}"
    return host


def is_sandbox(address: str) -> bool:
    """Say whether a page shows a sample and is nobody's report."""
    found = _HOST.match(address)
    host = found[1].lower() if found else ""
    _, listed = _known()
    return any(host == one or host.endswith("." + one) for one in listed)


@functools.lru_cache(65_536)
def report(written: str, title: str = "") -> Report:
    """Read a reference as people write it: an address with words around it, or words alone."""
    found = _ADDRESS.search(written)
    address = found[0].rstrip(").,;") if found else ""
    words = " ".join((written[: found.start()] + " " + written[found.end() :]).split()) if found else written.strip()
    words = words.strip(" ()") if words.startswith("(") and words.endswith(")") else words
    named = ", ".join(part for part in (title or words, address) if part)
    when = date_in(words) or date_in(title) or date_of_address(address)
    return Report(publisher(address), named[:2_000], when, is_sandbox(address))


def date_in(text: str) -> datetime | None:
    """Give the first date that a text names, as `(2016, December 14)`, `Aug 14, 2024`, `2018-06-12`, `May 2020`."""
    text = text[:2_000]
    if found := _CITED.search(text):
        return _latest(found[1], str(_MONTHS.get((found[2] or "").lower(), "")), found[3])
    if found := _DAY.search(text):
        return _latest(found[1], found[3], found[4])
    if found := _NAMED.search(text):
        month = _MONTHS[(found[1] or found[3]).lower()]
        return _latest(found[4], str(month), found[2])
    return None


def date_of_address(address: str) -> datetime | None:
    """Give the date that an address of a page names: of a post by its id, else day or month in its path."""
    if kept := _ARCHIVED.match(address):
        address = kept[1]
    if post := _POST.match(address):
        stamp = (int(post[2]) >> 22) + _SNOWFLAKE
        if int(post[2]) > 10**12 and stamp < 4_000_000_000_000:  # earlier ids are plain numbers
            return datetime.fromtimestamp(stamp / 1000, UTC).replace(microsecond=0)
        return None
    path = address.partition("://")[2].partition("/")[2]
    if is_sandbox(address):  # digits of a hash are no date
        return None
    if (found := _DAY.search(path)) and found[2]:
        return _latest(found[1], found[3], found[4])
    if found := _MONTH.search("/" + path):
        return _latest(found[1], found[2], None)
    return None


def read_date(text: str) -> datetime | None:
    """Read a date that a field holds: ISO 8601 with or without a time, or seconds since 1970."""
    text = text.strip()
    if text.isdigit() and 9 <= len(text) <= 10:
        return datetime.fromtimestamp(int(text), UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return date_in(text)
    if read.year not in _YEARS:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _latest(year: str, month: str | None, day: str | None) -> datetime | None:
    if int(year) not in _YEARS:
        return None
    number = int(month) if month else 12
    last = monthrange(int(year), number)[1]
    return datetime(int(year), number, min(int(day), last) if day and int(day) else last, tzinfo=UTC)
