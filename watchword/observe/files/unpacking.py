"""Undo compression in pieces, so that nobody is surprised by how much comes out: zlib, bzip2, LZMA, XZ, Zstandard."""

import bz2
import lzma
import zlib
from collections.abc import Iterator, Sequence

import pyarrow as pa

from watchword.observe.files.members import DamagedError

PIECE = 1024 * 1024  # bytes that come out at once
_FEED = 64 * 1024  # bytes that go in at once
MEMORY = 96 * 1024 * 1024  # of a decoder; dictionaries of 4 GB are claimed, never needed

Filter = dict[str, int]


def stored(data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Give bytes that are not compressed."""
    if stop > len(data):
        yield data[start:]
        raise DamagedError("breaks off")
    for at in range(start, stop, PIECE):
        yield data[at : min(at + PIECE, stop)]


def inflate(data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Undo raw DEFLATE (RFC 1951). Raises DamagedError."""
    decoder = zlib.decompressobj(-15)
    try:
        for at in range(start, min(stop, len(data)), _FEED):
            fed = data[at : min(at + _FEED, stop)]
            while fed and not decoder.eof:
                piece = decoder.decompress(fed, PIECE)
                fed = decoder.unconsumed_tail
                if piece:
                    yield piece
                elif not fed:
                    break
            if decoder.eof:
                return
        rest = decoder.decompress(b"", PIECE)
        if rest:
            yield rest
    except zlib.error as error:
        raise DamagedError(str(error)) from None
    if not decoder.eof:
        raise DamagedError("breaks off")


def bunzip(data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Undo one bzip2 stream. Raises DamagedError."""
    return _decoded(bz2.BZ2Decompressor(), data, start, stop)


def unxz(data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Undo one .xz or .lzma stream. Raises DamagedError, also where it wants more memory than it may have."""
    return _decoded(lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=MEMORY), data, start, stop)


def unlzma(filters: Sequence[Filter], data: bytes, start: int, stop: int, size: int | None) -> Iterator[bytes]:
    """Undo raw LZMA behind filters (as `lzma` names them); it ends after `size` bytes where that is known."""
    within = [{**one, "dict_size": min(one["dict_size"], MEMORY)} if "dict_size" in one else one for one in filters]
    try:
        decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=within)
    except (lzma.LZMAError, ValueError, OverflowError, MemoryError) as error:
        raise DamagedError(str(error)) from None
    return _decoded(decoder, data, start, stop, size)


def unzstd(data: bytes, start: int, stop: int) -> Iterator[bytes]:
    """Undo Zstandard (RFC 8878). Raises DamagedError."""
    try:
        with pa.CompressedInputStream(pa.py_buffer(memoryview(data)[start:stop]), "zstd") as stream:
            while piece := stream.read(PIECE):
                yield bytes(piece)
    except (OSError, pa.ArrowException) as error:
        raise DamagedError(str(error)[:100]) from None


def _decoded(
    decoder: bz2.BZ2Decompressor | lzma.LZMADecompressor, data: bytes, start: int, stop: int, size: int | None = None
) -> Iterator[bytes]:
    stop = min(stop, len(data))
    done = 0
    try:
        while not decoder.eof and (size is None or done < size):
            fed = b""
            if decoder.needs_input:
                if start >= stop:
                    raise DamagedError("breaks off")
                fed = data[start : min(start + _FEED, stop)]
                start += len(fed)
            piece = decoder.decompress(fed, PIECE if size is None else min(PIECE, size - done))
            done += len(piece)
            if piece:
                yield piece
    except (OSError, EOFError, lzma.LZMAError, MemoryError, ValueError) as error:
        raise DamagedError(str(error)[:100]) from None
