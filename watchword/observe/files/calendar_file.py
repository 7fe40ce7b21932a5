"""Calendars and address cards that come as files."""

from watchword.observe import calendar
from watchword.observe.files import Budget, Contents, File, Reading
from watchword.parse import charset

KINDS = ("ics", "vcard")

SOURCE = 4 * 1024 * 1024  # bytes of one file


def read(file: File, budget: Budget) -> Contents:
    """Read a calendar or card."""
    contents = Contents()
    if len(file.data) > SOURCE:
        contents.defects.append(("limit-file-read", f"{len(file.data)} bytes"))
    found = calendar.read(charset.read(file.data[:SOURCE], file.charset)[0])
    if found.page.text or found.page.addresses:
        contents.texts.append(Reading("calendar" if file.kind == "ics" else "vcard", found.page.text, found.page))
    for name, data in found.files:
        contents.mark("embedded-file")
        contents.hold(name, data, budget)
    return contents
