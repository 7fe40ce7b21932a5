"""One unpacked stream in which files lie one behind the other: read once, from front to end."""

import zlib
from collections.abc import Callable, Iterator

from watchword.observe.files.members import DamagedError, TooLongError

SKIP = 192 * 1024 * 1024  # bytes that are unpacked in all, those included that nobody wants


class Solid:
    """The stream, which begins again where a file is asked for that lies before the last."""

    def __init__(self, unpack: Callable[[], Iterator[bytes]]) -> None:
        """`unpack` gives the pieces of the stream from its beginning."""
        self._unpack = unpack
        self._pieces: Iterator[bytes] | None = None
        self._rest = b""
        self._at = 0
        self._spent = 0  # bytes that were passed over

    def take(self, start: int, size: int, crc: int | None = None) -> Iterator[bytes]:
        """Give the bytes of one file. Raises DamagedError, also where the checksum is another."""
        if self._pieces is None or start < self._at:
            self._at, self._rest = 0, b""
            self._pieces = self._unpack()
        while self._at < start:
            self._spent += len(self._next(start - self._at))
            if self._spent > SKIP:
                raise TooLongError(f"lies behind {self._spent} bytes of other files")
        found = 0
        while size > 0:
            piece = self._next(size)
            size -= len(piece)
            found = zlib.crc32(piece, found)
            yield piece
        if crc is not None and found != crc:
            raise DamagedError("checksum")

    def _next(self, most: int) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None) if self._pieces else None
            if piece is None:
                raise DamagedError("breaks off")
            self._rest = piece
        piece, self._rest = self._rest[:most], self._rest[most:]
        self._at += len(piece)
        return piece
