"""Addresses in QR codes that a message's own texts show: drawn with letters or cells, or as pictures in the page."""

import base64
import binascii
import urllib.parse
from collections.abc import Iterator

from watchword.observe import drawn_qr, file_type
from watchword.observe.files import Budget, Contents, File, image
from watchword.observe.html import Address
from watchword.observe.text import bodies, is_body
from watchword.parse.message import Defect, Message

IMAGES = 20  # of one message
SECONDS = 2.0  # of CPU time in the process with limits
IMAGE = 16 * 1024 * 1024  # characters of one picture's address


def codes(message: Message) -> Iterator[tuple[int, Address]]:
    """Give the address of every code that the message's texts show, with the part that it stands in."""
    budget = Budget(images=IMAGES, seconds=SECONDS)
    for part in message.parts:
        if not is_body(part):
            continue
        for text in message.texts(part):
            is_page = "<" in text and part.content_type != "text/plain"
            drawings = drawn_qr.in_page(text) if is_page else drawn_qr.in_text(text)
            contents = Contents()
            image.add_drawn(drawings, contents, budget)
            for address in _told(message, part.index, contents):
                yield part.index, address
    for body in bodies(message):
        if body.page is None:
            continue
        for address in body.page.addresses:
            if address.raw[:1] in "dD" and address.raw[:11].lower() == "data:image/" and len(address.raw) < IMAGE:
                data = _data(address.raw)
                kind = file_type.detect(data)
                if kind in image.KINDS:
                    for found in _told(message, body.part, image.read(File(kind, "", data), budget)):
                        yield body.part, found


def _told(message: Message, part: int, contents: Contents) -> list[Address]:
    start = message.parts[part].start
    message.defects += [Defect(kind, part, start, detail) for kind, detail in contents.defects]
    return contents.links


def _data(raw: str) -> bytes:
    """Give the bytes of a data URL (RFC 2397)."""
    head, _, coded = raw.partition(",")
    plain = urllib.parse.unquote_to_bytes(coded)
    if not head.lower().rstrip().endswith("base64"):
        return plain
    letters = b"".join(plain.split()).rstrip(b"=")
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""
