"""Pictures that a message shows instead of text, told by their size and by how little text there is."""

from collections.abc import Iterable

from watchword.observe.files import image
from watchword.observe.text import bodies
from watchword.parse.message import Message
from watchword.tables import Attachment

LITTLE = 200  # characters of the longest text
AREA = 100_000  # square pixels
SIDE = 150  # pixels of the shorter side; banners and signatures are lower


def standing_for_text(message: Message, rows: Iterable[Attachment]) -> set[int]:
    """Give the numbers of the files that are big pictures shown in a message of hardly any text."""
    found = set()
    for row in rows:
        if row.inside is None and row.detected_type in image.KINDS:
            part = message.parts[row.part]
            width, height = image.size(message.decode(part))
            if part.disposition != "attachment" and min(width, height) >= SIDE and width * height >= AREA:
                found.add(row.number)
    if found and any(len(body.text.strip()) > LITTLE for body in bodies(message)):
        return set()
    return found
