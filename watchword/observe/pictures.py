"""What a message's pictures come to together: text that they stand in for, a code that is cut into two of them."""

import itertools
from collections.abc import Iterable, Iterator

from watchword.limited.wire import Question
from watchword.observe.files import Budget, Contents, image
from watchword.observe.files.native import look
from watchword.observe.text import bodies
from watchword.parse.message import Message
from watchword.tables import Attachment

LITTLE = 200  # characters of the longest text
AREA = 100_000  # square pixels
SIDE = 150  # pixels of the shorter side; banners and signatures are lower
HALVES = 10  # pairs of one message that are put together
SECONDS = 1.0  # of CPU time in the process with limits, for those


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


def halves(message: Message, rows: Iterable[Attachment]) -> Iterator[tuple[int, Contents]]:
    """Read codes that are cut into two pictures which the page shows side by side, or one under the other.

    Filters that look at each picture alone see none. Gives the number of the first picture, and what the code says.
    Only neighbours are put together that fit at an edge and then make about a square.
    """
    budget = Budget(seconds=SECONDS)
    shown = [row for row in rows if row.inside is None and row.detected_type in image.KINDS]
    pairs = ((row, message.decode(message.parts[row.part])) for row in shown if "qr" not in row.contains)
    tried = 0
    for (one, first), (other, second) in itertools.pairwise(pairs):
        (width, height), (width_too, height_too) = image.size(first), image.size(second)
        is_beside = height == height_too and _is_square(width + width_too, height)
        is_below = width == width_too and _is_square(width, height + height_too)
        if one.sha256 == other.sha256 or not (is_beside or is_below) or min(width, height) < image.LEAST:
            continue
        if tried == HALVES:
            return
        tried += 1
        contents = Contents()
        numbers = {"half": len(first)} | ({} if is_beside else {"below": 1})
        for code in look(Question("codes", first + second, (), numbers), contents, budget):
            image.add_code(code, contents)
        yield one.number, contents


def _is_square(width: int, height: int) -> bool:
    return width * 4 <= height * 5 and height * 4 <= width * 5
