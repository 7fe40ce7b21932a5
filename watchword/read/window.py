"""Bytes that are looked at through a window: a file by mmap, or a stream that is only read forward."""

import mmap
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

STEP = 4 * 1024 * 1024  # how far ahead a search goes at once


class Window(Protocol):
    """What the mbox scanner needs of its input. Offsets are from the start of the file or stream."""

    def find(self, needle: bytes, start: int, stop: int) -> int:
        """Give the first place in [start, stop) at which `needle` begins, or -1."""
        ...

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start to stop, fewer at the end of the input."""
        ...

    def ended(self, at: int) -> bool:
        """Say whether the input has no byte at offset `at` or after it."""
        ...

    def forget(self, before: int) -> None:
        """Let go of the bytes before that offset."""
        ...


class Pages:
    """A file in memory pages, of which only those near the reading point are kept."""

    def __init__(self, path: Path) -> None:
        """Map a file that is not empty; raises OSError."""
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._forgotten = 0

    def __enter__(self) -> Self:
        """Use it in a `with` statement, which closes it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the file."""
        self._map.close()

    def __len__(self) -> int:
        """Size of the file, bytes."""
        return len(self._map)

    def find(self, needle: bytes, start: int, stop: int) -> int:
        """Give the first place in [start, stop) at which `needle` begins, or -1."""
        return self._map.find(needle, start, min(stop + len(needle) - 1, len(self._map)))

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start to stop."""
        return self._map[start:stop]

    def ended(self, at: int) -> bool:
        """Say whether `at` is at or after the end."""
        return at >= len(self._map)

    def forget(self, before: int) -> None:
        """Give pages back to the system: without that a process seems to hold the whole file."""
        before -= before % mmap.PAGESIZE
        if before - self._forgotten >= STEP and hasattr(self._map, "madvise"):
            self._map.madvise(mmap.MADV_DONTNEED, self._forgotten, before - self._forgotten)
            self._forgotten = before


class Stream:
    """A stream read forward once. An error of the stream ends it and is kept in `error`; nothing is raised."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        """`read(n)` gives at most n bytes and nothing at the end, as `read1` of Python's files does."""
        self._read = read
        self._held = bytearray()
        self._start = 0  # offset of the first byte held
        self._done = False
        self.error = ""

    @property
    def position(self) -> int:
        """Offset up to which the stream was read so far."""
        return self._start + len(self._held)

    @property
    def taken(self) -> int:
        """How many bytes were taken or forgotten."""
        return self._start

    def give_back(self, data: bytes) -> None:
        """Put bytes back that were taken last."""
        self._held[:0] = data
        self._start -= len(data)

    def _fill(self, stop: int) -> None:
        while not self._done and self.position < stop:
            try:
                piece = self._read(min(STEP, max(stop - self.position, 65_536)))
            except Exception as error:  # decoders raise what they like on broken data; here it ends the stream
                self.error = str(error) or type(error).__name__
                piece = b""
            if piece:
                self._held += piece
            else:
                self._done = True

    def find(self, needle: bytes, start: int, stop: int) -> int:
        """Give the first place in [start, stop) at which `needle` begins, or -1."""
        at = max(start, self._start)  # what was forgotten was searched before
        while at < stop:
            ahead = min(at + STEP, stop)
            self._fill(ahead + len(needle) - 1)
            found = self._held.find(needle, at - self._start, ahead + len(needle) - 1 - self._start)
            if found >= 0:
                return found + self._start
            if self._done and ahead >= self.position:
                return -1
            at = ahead
        return -1

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start (not yet forgotten) to stop, fewer at the end of the stream."""
        self._fill(stop)
        return bytes(self._held[max(start - self._start, 0) : max(stop - self._start, 0)])

    def ended(self, at: int) -> bool:
        """Say whether the stream ends at or before offset `at`."""
        self._fill(at + 1)
        return at >= self.position

    def forget(self, before: int) -> None:
        """Let go of the bytes before that offset."""
        count = min(before - self._start, len(self._held))
        if count > 0:
            del self._held[:count]
            self._start += count

    def take(self, size: int) -> bytes:
        """Read on as from a file: at most `size` bytes, fewer only at the end of the stream."""
        self._fill(self._start + size)
        piece = bytes(self._held[:size])
        del self._held[:size]
        self._start += len(piece)
        return piece

    def peek(self, size: int) -> bytes:
        """Look at the next bytes without reading on."""
        self._fill(self._start + size)
        return bytes(self._held[:size])

    def pass_to(self, offset: int) -> None:
        """Let go of everything before `offset`, reading on where needed."""
        while self._start < offset:
            self._fill(min(offset, self.position + STEP))
            self.forget(min(offset, self.position))
            if self._done:
                break

    def skip(self) -> int:
        """Read to the end, keeping nothing; give the offset of the end."""
        while not self._done:
            self._fill(self.position + STEP)
            self._start += len(self._held)
            self._held.clear()
        return self.position


class Held:
    """Bytes already in memory."""

    def __init__(self, data: bytes) -> None:
        """Look at `data` as at a file."""
        self._data = data

    def find(self, needle: bytes, start: int, stop: int) -> int:
        """Give the first place in [start, stop) at which `needle` begins, or -1."""
        return self._data.find(needle, start, stop + len(needle) - 1)

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start to stop."""
        return self._data[start:stop]

    def ended(self, at: int) -> bool:
        """Say whether `at` is at or after the end."""
        return at >= len(self._data)

    def forget(self, before: int) -> None:
        """Nothing to do: whoever gave the bytes holds them."""
