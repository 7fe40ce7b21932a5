"""A meeting that Outlook keeps in properties, as a calendar object (RFC 5545, MS-OXCICAL)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from watchword.read import mapi
from watchword.read.mapi import APPOINTMENT, Properties
from watchword.read.mapi_address import Person

_METHODS = {"Request": "REQUEST", "Canceled": "CANCEL", "Resp": "REPLY"}
_LOCATION, _START, _END, _PATTERN = 0x8208, 0x820D, 0x820E, 0x8232


def is_meeting(kind: str) -> bool:
    """Say whether a message class is of an invitation, an answer to one, or an appointment."""
    return kind.startswith(("IPM.Schedule.Meeting", "IPM.Appointment"))


def calendar(own: Properties, people: Mapping[str, Sequence[Person]], text: str) -> str:
    """Write the meeting as a calendar object."""
    words = own.text(mapi.MESSAGE_CLASS).split(".")
    method = _METHODS.get(words[3] if len(words) > 3 else "", "PUBLISH")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Watchword//rebuilt//EN", f"METHOD:{method}", "BEGIN:VEVENT"]
    start = own.time(own.named(APPOINTMENT, _START)) or own.time(mapi.START_DATE)
    end = own.time(own.named(APPOINTMENT, _END)) or own.time(mapi.END_DATE)
    lines += [f"{name}:{_time(when)}" for name, when in (("DTSTART", start), ("DTEND", end)) if when]
    for name, value in (
        ("SUMMARY", own.text(mapi.SUBJECT)),
        ("LOCATION", own.text(own.named(APPOINTMENT, _LOCATION))),
        ("COMMENT", own.text(own.named(APPOINTMENT, _PATTERN))),
        ("DESCRIPTION", text[:65_536]),
    ):
        if value:
            lines.append(f"{name}:{_escaped(value)}")
    lines += [f"ORGANIZER:mailto:{_bare(person.address)}" for person in people["from"] if person.address]
    attendees = [person for field in ("to", "cc") for person in people[field] if person.address]
    lines += [f"ATTENDEE:mailto:{_bare(person.address)}" for person in attendees[:1_000]]
    lines += ["END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines)


def _time(when: datetime) -> str:
    return f"{when:%Y%m%dT%H%M%SZ}"


def _bare(value: str) -> str:
    return "".join(value.split())


def _escaped(value: str) -> str:
    for letter, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\r", "\\n"), ("\n", "\\n")):
        value = value.replace(letter, written)
    return value
