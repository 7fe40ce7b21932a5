"""One message compressed with gzip, as Gmvault and Dovecot keep them (RFC 1952)."""

import zlib

from watchword.read.body_hash import body_start
from watchword.read.marks import marks
from watchword.read.raw import MESSAGE_BYTES
from watchword.read.single import Original


def head(data: bytes, size: int) -> bytes:
    """Give at most `size` bytes of what is compressed; none if nothing can be had."""
    try:
        return zlib.decompressobj(31).decompress(data, size)
    except zlib.error:
        return b""


def original(data: bytes) -> Original:
    """Give the message in a compressed file. Raises ValueError."""
    pieces: list[bytes] = []
    left = MESSAGE_BYTES
    defects: tuple[tuple[str, int, str], ...] = ()
    while data and left:
        decoder = zlib.decompressobj(31)
        try:
            pieces.append(decoder.decompress(data, left))
        except zlib.error as error:
            if not pieces:
                raise ValueError(f"it cannot be unpacked: {error}") from None
            break  # padding after the end
        left -= len(pieces[-1])
        if not decoder.eof:
            said = ("archive-cut-short", MESSAGE_BYTES - left, "") if left else ("message-too-long", MESSAGE_BYTES, "")
            defects = (said,)
            break
        data = decoder.unused_data
    message = b"".join(pieces)
    flags, labels, thread = marks(message[: body_start(message)])
    return Original(message, flags=flags, labels=labels, thread=thread, defects=defects)
