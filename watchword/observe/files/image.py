"""Pictures: the QR codes that a telephone reads in them, and a hash of what they show. No text is read from them."""

import hashlib
import itertools
import re
import struct
from collections import OrderedDict
from collections.abc import Iterable

from watchword.limited.wire import Finding, Question
from watchword.observe.drawn_qr import DRAWINGS, Drawing
from watchword.observe.files import Budget, Contents, File, Reading
from watchword.observe.files.native import look
from watchword.observe.html import Address

KINDS = ("png", "jpg", "gif", "bmp", "webp", "tiff")
PIXELS = 40_000_000
LEAST = 40  # pixels of the shorter side: two for each cell of the smallest code
KNOWN = 4_096  # pictures whose codes are remembered; logos come again and again

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,30}:\S|www\.)\S*", re.IGNORECASE)
_BARE = re.compile(r"(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}(?:[/?#]\S*)?", re.IGNORECASE)
_known: OrderedDict[bytes, tuple[Finding, ...]] = OrderedDict()


def read(file: File, budget: Budget) -> Contents:
    """Look for codes in one picture, and take its hash while it is decoded."""
    contents = Contents()
    width, height = size(file.data)
    if width and min(width, height) < LEAST:
        return contents
    if width * height > PIXELS:
        contents.defects.append(("limit-pixels", f"{width} x {height} pixels"))
        return contents
    if not budget.images:
        contents.defects.append(("limit-images", ""))
        return contents
    budget.images -= 1  # also for one that is known, so that what is found does not hang on what was read before
    digest = hashlib.sha256(file.data).digest()
    codes = _known.get(digest)
    if codes is None:
        codes = tuple(look(Question("codes", file.data), contents, budget))
        if not contents.defects:
            _known[digest] = codes
            if len(_known) > KNOWN:
                _known.popitem(last=False)
    for code in codes:
        if code.what == "hash":
            contents.picture = code.value[:16]
        add_code(code, contents)
    return contents


def add_drawn(drawings: Iterable[Drawing], contents: Contents, budget: Budget) -> None:
    """Read what is drawn with letters or cells."""
    for drawing in itertools.islice(drawings, DRAWINGS):
        for code in look(Question("cells", drawing.cells, (), {"width": drawing.width}), contents, budget):
            add_code(code, contents)


def add_code(code: Finding, contents: Contents) -> None:
    """Note a code: an address becomes a link, anything else a text."""
    if code.what == "limit":
        contents.defects.append(("limit-pixels", code.value))
    if code.what != "code":
        return
    contents.contains.append("qr")
    address = address_of(code.value)
    if address is None:
        contents.texts.append(Reading("qr", code.value))
    elif address not in contents.links:
        contents.links.append(address)


def address_of(said: str) -> Address | None:
    """Give the address that a telephone would open, None if the code says something else."""
    words = said.strip()
    if _ADDRESS.fullmatch(words):
        return Address("qr", words, "", True)
    return Address("qr", f"http://{words}", "", True) if _BARE.fullmatch(words) else None


def size(data: bytes) -> tuple[int, int]:
    """Give width and height in pixels as the picture's header says, without decoding it; zeros if it does not say."""
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            return struct.unpack_from(">II", data, 16)
        if data[:4] == b"GIF8":
            return struct.unpack_from("<HH", data, 6)
        if data[:2] == b"BM":
            width, height = struct.unpack_from("<ii", data, 18)
            return abs(width), abs(height)
        if data[:4] == b"RIFF":
            return _webp(data)
        if data[:2] == b"\xff\xd8":
            return _jpeg(data)
    except struct.error:  # cut short
        pass
    return 0, 0


def _webp(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg(data: bytes) -> tuple[int, int]:
    """Walk over the segments to the one that begins the frame (SOFn, ITU-T T.81 B.2.2)."""
    at = 2
    for _ in range(1_000):
        while data[at : at + 1] == b"\xff" == data[at + 1 : at + 2]:
            at += 1
        mark, length = struct.unpack_from(">xBH", data, at)
        if 0xC0 <= mark <= 0xCF and mark not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + length
    return 0, 0
