"""Dates as stories print them: `20 August 2024`, `Aug. 20`, `on Monday`, `yesterday`."""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DAYS = {name: n for n, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_MONTH = (
    r"(January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s?(Z|[+-]\d\d:?\d\d)?)?")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH},?(?: ((?:19|20)\d\d))?\b")
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? ((?:19|20)\d\d))?")
_NAMED = (
    r"(?:(?P<late>late|early) )?(?P<last>last |this past )?(?:on )?(?P<day>Monday|Tuesday|Wednesday|Thursday|Friday"
    r"|Saturday|Sunday)(?: (?:morning|afternoon|evening|night))?"
)
_OTHER = r"(?P<other>yesterday|today|earlier today|tonight|last night|this morning|this afternoon|this evening)"
_LOOSE = (
    r"(?P<loose>earlier this (?:week|month|year)|later this (?:week|month)|last (?:week|month|year)|this (?:week|month)"
    r"|in recent (?:days|weeks)|(?:a|two|three|several) (?:days?|weeks?|months?) ago)"
)
WHEN = re.compile(
    rf"\b(?:on |On |in |In )?(?:{_NAMED}|{_OTHER}|{_LOOSE}|(?P<date>(?:{_DAY_FIRST.pattern}|{_MONTH_FIRST.pattern}"
    r"|(?:19|20)\d\d-\d\d-\d\d)))\b"
)


def printed_date(text: str, near: datetime | None = None) -> datetime | None:
    """Read the first whole date of a text. Without a year it is the last such day before or just after `near`."""
    if found := _ISO.search(text):
        year, month, day, hour, minute, second, zone = found.groups()
        moment = _moment(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
        if moment and zone and zone != "Z":
            away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            moment = moment - away if zone[0] == "+" else moment + away
        return moment
    if found := _DAY_FIRST.search(text):
        return _in_year(found[3], _MONTHS[found[2][:3].lower()], int(found[1]), near)
    if found := _MONTH_FIRST.search(text):
        return _in_year(found[3], _MONTHS[found[1][:3].lower()], int(found[2]), near)
    return None


def resolved(printed: str, published: datetime | None) -> datetime | None:
    """Say which day a printed date is, counted back from the day of publication; None if that cannot be told."""
    found = WHEN.search(printed)
    if found is None:
        return None
    if found["date"]:
        return printed_date(found["date"], published)
    if published is None or found["loose"]:
        return None
    day = published.replace(hour=0, minute=0, second=0, microsecond=0)
    if found["other"]:
        return day - timedelta(days=1) if found["other"] in {"yesterday", "last night"} else day
    back = (day.weekday() - _DAYS[found["day"].lower()]) % 7
    if back == 0 and found["last"]:
        back = 7
    return day - timedelta(days=back)


def _in_year(year: str | None, month: int, day: int, near: datetime | None) -> datetime | None:
    if year:
        return _moment(int(year), month, day)
    if near is None:
        return None
    moment = _moment(near.year, month, day)
    if moment and moment > near + timedelta(days=1):
        return _moment(near.year - 1, month, day)
    return moment


def _moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
