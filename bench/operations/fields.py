"""A message as a list of header fields and a body, with its line ends put aside; shared by readers and writers here."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from random import Random
from zoneinfo import ZoneInfo

DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s+)?\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{4}"
    r"\s+\d\d:\d\d:\d\d\s+(?:[+-]\d{4}|GMT)(?:\s+\([A-Z]{3,4}\))?"
)
GOOGLE_DATE = re.compile(r"\b(20\d\d)\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)\.(\d\d)\b")
EPOCH = re.compile(r"(?<!\d)1\d{9}(?:\d{3})?(?!\d)")
STAMP = re.compile(r"(?<!\d)(?:19|20)\d{12}(?!\d)")
_ZONES = {  # a date that names its zone must follow that zone's summer time
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
}

Field = tuple[str, str]  # name as written; all that follows the colon, folded as written, lines joined by "\n"


@dataclass(frozen=True, slots=True)
class Form:
    """Header fields, body and line end of a message; text is Latin-1, so that every byte survives."""

    fields: tuple[Field, ...]
    body: str
    eol: str

    def get(self, name: str) -> str:
        """First value of a field, unfolded, or the empty string."""
        name = name.lower()
        return next((re.sub(r"\s*\n\s+", " ", v).strip() for n, v in self.fields if n.lower() == name), "")

    def names(self) -> list[str]:
        """Field names in order, lower case."""
        return [name.lower() for name, _ in self.fields]

    def bytes(self) -> bytes:
        """Write the message, with its own line ends."""
        head = "".join(f"{name}:{value}\n" for name, value in self.fields)
        return f"{head}\n{self.body}".replace("\n", self.eol).encode("latin-1")


def form(data: bytes) -> Form:
    """Read bytes into fields and body. Lines of the header without a colon are dropped."""
    eol = "\r\n" if b"\r\n" in data[:4096] else "\n"
    head, _, body = data.decode("latin-1").replace("\r\n", "\n").partition("\n\n")
    fields: list[Field] = []
    for line in head.split("\n"):
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], fields[-1][1] + "\n" + line)
        elif ":" in line:
            name, _, value = line.partition(":")
            fields.append((name, value))
    return Form(tuple(fields), body, eol)


def moved(text: str, by: timedelta, old: datetime) -> str:
    """Move every date and time stamp in a field by the same span, keeping how it is written."""

    def stamp(match: re.Match[str]) -> str:
        written = match.group()
        try:
            value = parsedate_to_datetime(" ".join(written.split()))
        except (ValueError, TypeError):
            return written
        if value.tzinfo is None:
            value = value.replace(tzinfo=UTC)
        value += by
        words, gaps = written.split(), re.findall(r"\s+", written)
        zone = words[-1].strip("()") if words[-1].startswith("(") else ""
        if zone in _ZONES:
            value = value.astimezone(ZoneInfo(_ZONES[zone]))
        new = format_datetime(value).split()
        if "GMT" in words:
            new[-1] = "GMT"
        at = 1 if "," in written else 0  # where the day of the month stands
        new = new[1 - at :]
        if zone:
            new.append(f"({value.tzname() if zone in _ZONES else zone})")
        narrow = len(words[at]) == 1
        padded = narrow and at == 1 and len(gaps[0]) == 2
        if new[at].startswith("0") and (narrow or (words[at][0] != "0" and ("Postfix" in text or "SMTP" not in text))):
            new[at] = new[at][1:]
            padded = padded or (not narrow and "Postfix" in text)
        if at == 1 and "\n" not in gaps[0]:
            gaps[0] = "  " if padded and len(new[at]) == 1 else " "
        return "".join(word + gap for word, gap in zip(new, [*gaps, ""], strict=True))

    def dotted(match: re.Match[str]) -> str:
        try:
            value = datetime.strptime(match.group(), "%Y.%m.%d.%H.%M.%S").replace(tzinfo=UTC) + by
        except ValueError:
            return match.group()
        return value.strftime("%Y.%m.%d.%H.%M.%S")

    def epoch(match: re.Match[str]) -> str:
        scale = 1000 if len(match.group()) == 13 else 1
        value = int(match.group()) / scale
        if abs(value - old.timestamp()) > 20 * 86400:
            return match.group()
        return str(int(match.group()) + int(by.total_seconds()) * scale)

    def compact(match: re.Match[str]) -> str:
        try:
            value = datetime.strptime(match.group(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return match.group()
        return (value + by).strftime("%Y%m%d%H%M%S") if abs(value - old) < timedelta(days=20) else match.group()

    text = DATE.sub(stamp, text)
    text = GOOGLE_DATE.sub(dotted, text)
    return STAMP.sub(compact, EPOCH.sub(epoch, text))


def reshaped(token: str, rng: Random) -> str:
    """Another token of the same shape: digits stay digits, hexadecimal stays hexadecimal, letters keep their case."""
    pools = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    low = re.fullmatch(r"[0-9a-f.$-]*[a-f][0-9a-f.$-]*", token) is not None
    high = re.fullmatch(r"[0-9A-F.$-]*[A-F][0-9A-F.$-]*", token) is not None
    out = []
    for char in token:
        if low and char in "0123456789abcdef":
            out.append(rng.choice("0123456789abcdef"))
        elif high and char in "0123456789ABCDEF":
            out.append(rng.choice("0123456789ABCDEF"))
        else:
            out.append(next((rng.choice(pool) for pool in pools if char in pool), char))
    return "".join(out)


_KEPT = re.compile(r"(\A0{6,}|\A_0\d\d_|Apple-Mail|NextPart_\d{3}|Part|Boundary|boundary|Mark|mixed|alternative|alt)")


def like_boundary(old: str, rng: Random) -> str:
    """Another boundary of the same mail program: what programs always write in theirs stays."""
    return "".join(one if number % 2 else reshaped(one, rng) for number, one in enumerate(_KEPT.split(old)))
