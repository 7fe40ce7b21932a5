"""Calendars and address cards (RFC 5545, RFC 6350, vCalendar 1.0): what they say, where they lead, what they hold."""

import binascii
import itertools
import quopri
import re
from dataclasses import dataclass, field

from watchword.observe import html
from watchword.observe.html import Address, Page

LINES = 20_000
TEXT = 256 * 1024  # characters
FILES = 20

_FOLD = re.compile(r"\r?\n[ \t]|\r\n?(?=\n)")
_SOFT = re.compile(r"QUOTED-PRINTABLE(?:[^\r\n=]|=(?!\r?\n)|=\r?\n)*+")  # a value that goes on over line ends
_LINE = re.compile(r"^([A-Za-z0-9.-]{1,80})((?:;(?:[^\":;\r\n]|\"[^\"\r\n]*\")*+)*+):(.*)", re.MULTILINE)
_PARAMETER = re.compile(r";([A-Za-z0-9-]{1,60})(?:=(?:\"([^\"]*)\"|([^\";]*)))?")
_ESCAPE = re.compile(r"\\([nN,;\\:])")
_SAID = frozenset(
    (
        "SUMMARY LOCATION DESCRIPTION COMMENT CONTACT CATEGORIES X-WR-CALNAME X-WR-CALDESC "
        "FN ORG TITLE ROLE NOTE NICKNAME TEL EMAIL ADR"
    ).split()
)
_PEOPLE = {"ORGANIZER": "Organizer", "ATTENDEE": "Attendee"}
_FILES = frozenset(("ATTACH", "PHOTO", "LOGO", "SOUND", "KEY"))


@dataclass(slots=True)
class Calendar:
    """What a calendar or card holds."""

    page: Page = field(default_factory=Page)  # its text and addresses
    files: list[tuple[str, bytes]] = field(default_factory=list)  # names and bytes of what is attached in it


def read(source: str) -> Calendar:
    """Read a calendar or card, also a broken one. Never raises; linear."""
    found = Calendar()
    lines: list[str] = []
    room = TEXT
    if "QUOTED-PRINTABLE" in source:
        source = _SOFT.sub(lambda found: found[0].replace("=\r\n", "").replace("=\n", ""), source)
    for match in itertools.islice(_LINE.finditer(_FOLD.sub("", source)), LINES):
        name = match[1].rpartition(".")[2].upper()
        if name in {"BEGIN", "END", "VERSION", "PRODID", "UID", "DTSTAMP", "TZID"} or room <= 0:
            continue
        options = _options(match[2]) if match[2] else {}
        value = match[3].strip()
        if options.get("ENCODING", "").upper() in {"QUOTED-PRINTABLE", "QP"}:
            value = quopri.decodestring(value.encode("utf-8", "replace")).decode("utf-8", "replace")
        if name in _FILES and options.get("ENCODING", "").upper() in {"BASE64", "B"}:
            _file(found, options, value)
            continue
        plain = _ESCAPE.sub(lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], value)
        if name in _PEOPLE:
            lines.append(_person(found, _PEOPLE[name], options, plain))
        elif name in {"X-ALT-DESC"} or (name == "DESCRIPTION" and plain[:200].lstrip().startswith("<")):
            inner = html.read(plain)
            lines.append(inner.text)
            found.page.addresses += inner.addresses
            found.page.hidden += inner.hidden
        elif name in _SAID:
            lines.append(plain.replace(";", " ") if name in {"ADR", "ORG"} else plain)
        elif "://" in plain[:200] or plain[:7].lower() == "mailto:":
            found.page.addresses.append(Address("calendar", plain, plain[: html.SHOWN], is_visible=True))
        room -= len(lines[-1]) if lines else 0
    found.page.text = "\n".join(line for text in lines for line in text.split("\n") if line.strip())[:TEXT]
    return found


def _options(text: str) -> dict[str, str]:
    """Read the parameters of a line; of vCalendar 1.0, where names are left out, the encoding."""
    found: dict[str, str] = {}
    for match in itertools.islice(_PARAMETER.finditer(text), 50):
        name, value = match[1].upper(), match[2] or match[3] or ""
        if not value and name in {"BASE64", "QUOTED-PRINTABLE"}:
            name, value = "ENCODING", name
        found.setdefault(name, value)
    return found


def _person(found: Calendar, role: str, options: dict[str, str], value: str) -> str:
    address = value[7:] if value[:7].lower() == "mailto:" else value
    name = options.get("CN", "")
    if "@" in address:
        found.page.addresses.append(
            Address("calendar", f"mailto:{address}", (name or address)[: html.SHOWN], is_visible=True)
        )
    sender = options.get("SENT-BY", "").removeprefix("mailto:").removeprefix("MAILTO:")
    return f"{role}: {name} <{address}>" + (f" by <{sender}>" if sender else "")


def _file(found: Calendar, options: dict[str, str], value: str) -> None:
    if len(found.files) == FILES:
        return
    try:
        data = binascii.a2b_base64(value)
    except ValueError:  # also for letters that are not ASCII
        return
    name = options.get("FILENAME") or options.get("X-FILENAME") or options.get("X-APPLE-FILENAME") or ""
    found.files.append((name or f"{len(found.files) + 1}.{options.get('TYPE', 'bin').lower()[:20]}", data))
