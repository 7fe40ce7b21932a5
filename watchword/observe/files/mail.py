"""Messages that come as files: RFC 5322 inside a coding or an archive, Outlook's `.msg`, and TNEF (`winmail.dat`).

TNEF is what Outlook shows in place of the message that it came with, so its text counts as that of the message itself.
"""

from watchword.observe.attachments import is_file
from watchword.observe.files import Budget, Contents, File, Reading
from watchword.observe.text import bodies
from watchword.parse.message import parse
from watchword.read.single import original

KINDS = ("eml", "msg", "tnef")


def read(file: File, budget: Budget) -> Contents:
    """Give the texts of a message, and its files."""
    found = Contents()
    data = file.data
    if file.kind != "eml":
        try:
            kept = original(file.kind, data)
        except ValueError as error:
            found.defects.append(("outlook-damaged", str(error)[:200]))
            return found
        data = kept.data
        found.defects += [(kind, detail) for kind, _, detail in kept.defects if kind != "rebuilt"]
    message = parse(data)
    for body in bodies(message):
        is_page = body.kind == "html" and is_file(message.parts[body.part])  # read below, as a file
        if body.kind in ("plain", "html") and not is_page:
            found.texts.append(Reading(body.kind if file.kind == "tnef" else "nested", body.text, body.page))
    for part in message.parts:
        if part.kind == "message" and part.index:
            continue  # its own parts follow
        if part.index and is_file(part):
            name = part.names[0] if part.names else ""
            found.hold(name or part.content_type, message.decode(part), budget)
        elif part.content_type == "text/calendar" and part.kind == "leaf":
            found.hold("invitation.ics", message.decode(part), budget)
    found.defects += [(one.kind, one.detail) for one in message.defects if one.kind.startswith("limit-")][:20]
    return found
