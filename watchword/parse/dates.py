"""Dates of mail (RFC 5322 3.3 and 4.3), and the forms that are seen in the wild instead."""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier janv januar jän enero ene gennaio gen januari janeiro янв stycznia sty",
            "feb february février févr fev fevr februar febrero febbraio februari fevereiro фев lut lutego",
            "mar march mars mär märz mrz marzo maart mrt março марта мар marca",
            "apr april avril avr abril abr aprile апр kwi kwietnia",
            "may mai mayo maggio mag mei maj maio мая май maja",
            "jun june juin juni junio giugno giu junho июн cze czerwca",
            "jul july juillet juil juli julio luglio lug julho июл lip lipca",
            "aug august août aout agosto ago augustus авг sie sierpnia",
            "sep sept september septembre septiembre settembre set setembro сен wrz września",
            "oct october octobre okt oktober octubre ottobre ott outubro out окт paź października",
            "nov november novembre noviembre novembro ноя lis listopada",
            "dec december décembre déc dez dezember diciembre dic dicembre dezembro дек gru grudnia",
        ),
        1,
    )
    for name in names.split()
}
# RFC 5322 4.3, in minutes. Military letters say nothing reliable there: read as -0000.
_ZONES = {
    "ut": 0, "gmt": 0, "utc": 0, "z": 0, "wet": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480, "pdt": -420, "cet": 60, "met": 60, "mez": 60, "cest": 120, "mest": 120, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "msd": 240, "bst": 60, "west": 60, "jst": 540, "kst": 540, "hkt": 480,
    "sgt": 480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "akst": -540, "akdt": -480, "hst": -600,
}  # fmt: skip
_CLOCK = r"(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?(?:[.,]\d{1,9})?(?:\s{0,3}([AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?:\s{0,9}(?:\(?(?:GMT|UTC|UT)\)?\s?)?([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)|\s{0,9}\(?\"?([A-Za-z]{1,5})\b)?"
_USUAL = re.compile(
    rf"(\d{{1,2}})\.?[\s\-/]{{1,9}}([^\W\d_]{{3,12}})\.?,?[\s\-/]{{1,9}}(\d{{2,5}})[\s,]{{1,9}}{_CLOCK}{_ZONE}"
)
_DAY_ONLY = re.compile(r"(\d{1,2})\.?[\s\-/]{1,9}([^\W\d_]{3,12})\.?[\s\-/,]{1,9}(\d{4})(?!\d)")
_AMERICAN = re.compile(
    rf"([^\W\d_]{{3,12}})\.?\s{{1,9}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,9}}(\d{{4}})[\s,]{{1,9}}(?:at\s)?{_CLOCK}{_ZONE}"
)
_CTIME = re.compile(
    rf"([^\W\d_]{{3,12}})\s{{1,9}}(\d{{1,2}})\s{{1,9}}{_CLOCK}(?:\s{{1,9}}([A-Za-z]{{1,5}}|[+-]\d{{4}}))?\s{{1,9}}(\d{{4}})(?:\s{{0,9}}([+-]\d{{4}}))?"
)
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})(?:[T\s]{{1,9}}{_CLOCK}{_ZONE})?")
_SLASHED = re.compile(rf"(\d{{1,2}})[/.](\d{{1,2}})[/.](\d{{4}})[\s,]{{1,9}}{_CLOCK}{_ZONE}")
_FAST = re.compile(r"(?:\w{3}, )?(\d{1,2}) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)(?!\d)")


def date(value: str) -> tuple[datetime | None, int | None]:
    """Read a date (RFC 5322 3.3 and what is seen in the wild): UTC time, and offset in minutes (None for -0000).

    Known besides: obsolete zones, two-digit years (RFC 5322 4.3), ctime, ISO 8601, month names in ten languages.
    A date that does not exist or lies outside the years 1970 to 2199 is (None, None).
    """
    found = _FAST.match(value)
    if found:
        day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
        number = _MONTHS.get(month.lower(), 0)
        return _time(_year(year), number, int(day), hour, minute, second, None, sign, zone_hours, zone_minutes, None)
    value = value[:200]
    if found := _USUAL.search(value):
        day, month, year, *rest = found.groups()
        return _time(_year(year), _month(month), int(day), *rest)
    if found := _CTIME.search(value):
        month, day, hour, minute, second, half, zone, year, late = found.groups()
        offset = late or zone or ""
        if offset[:1] in ("+", "-"):
            return _time(int(year), _month(month), int(day), hour, minute, second, half,
                         offset[0], offset[1:3], offset[3:], None)  # fmt: skip
        return _time(int(year), _month(month), int(day), hour, minute, second, half, None, None, None, offset)
    if found := _AMERICAN.search(value):
        month, day, year, *rest = found.groups()
        return _time(int(year), _month(month), int(day), *rest)
    if found := _ISO.search(value):
        year, month, day, *rest = found.groups()
        return _time(int(year), int(month), int(day), *rest)
    if found := _SLASHED.search(value):
        first, second, year, *rest = found.groups()
        # Month first unless that cannot be: both orders are in use, and day-first writers use dots more often.
        day_first = int(first) > 12 or "." in value[: found.start(3) - found.start() + 1]
        day, month = (first, second) if day_first else (second, first)
        return _time(int(year), int(month), int(day), *rest)
    if found := _DAY_ONLY.search(value):
        day, month, year = found.groups()
        return _time(int(year), _month(month), int(day), None, None, None, None, None, None, None, None)
    return None, None


def _month(name: str) -> int:
    name = name.lower()
    return _MONTHS.get(name) or _MONTHS.get(name[:3]) or 0


def _year(digits: str) -> int:
    number = int(digits)
    if len(digits) == 2:
        return number + (2_000 if number < 50 else 1_900)
    return number + 1_900 if 100 <= number < 200 else number  # `102`, `0102`: years since 1900, a known bug of mailers


def _time(
    year: int,
    month: int,
    day: int,
    hour: str | None,
    minute: str | None,
    second: str | None,
    half: str | None,
    sign: str | None,
    zone_hours: str | None,
    zone_minutes: str | None,
    zone: str | None,
) -> tuple[datetime | None, int | None]:
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half in "pP" else 0)
    offset: int | None = None
    if sign:
        offset = int(zone_hours or 0) * 60 + int(zone_minutes or 0)
        if sign == "-":
            offset = -offset if offset else None
    elif zone:
        offset = _ZONES.get(zone.lower())
    if not 1_970 <= year < 2_200 or (offset is not None and abs(offset) > 24 * 60):
        return None, None
    try:
        moment = datetime(year, month, day, hours, int(minute or 0), min(int(second or 0), 59), tzinfo=UTC)
    except ValueError:
        return None, None
    return moment - timedelta(minutes=offset or 0), offset
