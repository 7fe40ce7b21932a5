"""Single files packed by gzip (RFC 1952), bzip2, xz or Zstandard; as a rule a tar inside."""

import bz2
import functools
import lzma
import zlib
from collections.abc import Generator, Iterator

from watchword.observe.files import Budget, Contents, File
from watchword.observe.files.members import BZIP2, LZMA, DamagedError, Member, collect, note_all
from watchword.observe.files.unpacking import MEMORY, PIECE, unzstd

KINDS = ("gz", "bz2", "xz", "zst")
_FEED = 64 * 1024
_SUFFIXES = {"gz": ("gz", "tgz", "z"), "bz2": ("bz2", "tbz", "tbz2"), "xz": ("xz", "txz"), "zst": ("zst", "tzst")}

_Decoder = bz2.BZ2Decompressor | lzma.LZMADecompressor


def read(file: File, budget: Budget) -> Contents:
    """Unpack the file; its name is that in the header, else the archive's without its ending."""
    contents = Contents()
    outside = _without_ending(file.name.rpartition("/")[2], file.kind)
    name = _gzip_name(file.data) if file.kind == "gz" else ""
    if name and outside and name != outside and name.rpartition(".")[2].lower() != outside.rpartition(".")[2].lower():
        note_all(contents, [("archive-names-differ", f"{outside[:90]!a}, inside {name[:90]!a}")])
    names = (outside,) if name and outside and name != outside else ()
    unpack = functools.partial(_unpack, file.kind, file.data)
    cost = {"bz2": BZIP2, "xz": LZMA}.get(file.kind, 1)
    member = Member(name or outside or "packed", None, len(file.data), unpack, None, names, cost=cost)
    collect(contents, [member], budget)
    return contents


def _without_ending(name: str, kind: str) -> str:
    stem, _, ending = name.rpartition(".")
    if ending.lower() not in _SUFFIXES[kind]:
        return name
    return f"{stem}.tar" if ending.lower().startswith("t") else stem


def _gzip_name(data: bytes) -> str:
    """Read the name in a gzip header (RFC 1952 2.3.1)."""
    if len(data) < 18 or not data[3] & 8:
        return ""
    at = 10
    if data[3] & 4:
        at += 2 + int.from_bytes(data[10:12], "little")
    return data[at : at + 1_024].partition(b"\0")[0].decode("latin-1")


def _unpack(kind: str, data: bytes) -> Iterator[bytes]:
    """Undo every stream of the file, one behind the other. Raises DamagedError."""
    if kind == "zst":
        yield from unzstd(data, 0, len(data))
        return
    at = 0
    while at < len(data):
        if at and not data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"), at):
            if data[at:].strip(b"\0"):
                raise DamagedError(f"{len(data) - at} bytes of something else behind the packed file")
            return
        at = yield from (_gunzip(data, at) if kind == "gz" else _stream(_decoder(kind), data, at))


def _decoder(kind: str) -> _Decoder:
    return bz2.BZ2Decompressor() if kind == "bz2" else lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)


def _stream(decoder: _Decoder, data: bytes, at: int) -> Generator[bytes, None, int]:
    """Undo one stream and tell where it ends."""
    try:
        while not decoder.eof:
            fed = b""
            if decoder.needs_input:
                fed = data[at : at + _FEED]
                if not fed:
                    raise DamagedError("breaks off")
                at += len(fed)
            if piece := decoder.decompress(fed, PIECE):
                yield piece
    except (OSError, EOFError, lzma.LZMAError, MemoryError, ValueError) as error:
        raise DamagedError(str(error)[:100]) from None
    return at - len(decoder.unused_data)


def _gunzip(data: bytes, at: int) -> Generator[bytes, None, int]:
    """Undo one member of a gzip file and tell where it ends."""
    decoder = zlib.decompressobj(31)
    fed = b""
    try:
        while not decoder.eof:
            if not fed:
                fed = data[at : at + _FEED]
                if not fed:
                    raise DamagedError("breaks off")
                at += len(fed)
            piece = decoder.decompress(fed, PIECE)
            fed = decoder.unconsumed_tail
            if piece:
                yield piece
    except zlib.error as error:
        raise DamagedError(str(error)[:100]) from None
    return at - len(decoder.unused_data)
