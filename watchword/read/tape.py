"""Archives as they come from a tape or a pipe: tar, and zip without its directory, file after file.

Our own readers, because those of the standard library believe the sizes in headers and seek.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from watchword.read.window import Stream

_LONG = 1024 * 1024  # longest extended header that is read
_CUT = "ends early: what follows is missing"
_LOCAL = b"PK\x03\x04"


class Bounded(NamedTuple):
    """One file of a tape, readable until the next is asked for."""

    name: str
    size: int  # -1 where the tape does not say
    stream: Stream


def _bounded(stream: Stream, size: int) -> Stream:
    left = size

    def read(count: int) -> bytes:
        nonlocal left
        if not left:
            return b""
        piece = stream.take(min(count, left))
        if not piece:
            raise EOFError(stream.error or _CUT)
        left -= len(piece)
        return piece

    return Stream(read)


def tar_files(stream: Stream) -> Iterator[Bounded | str]:
    """Give the plain files of a tar (POSIX.1-2001 pax, ustar, GNU); a string says what is wrong with the tar."""
    long_name = ""
    long_size = -1
    while True:
        block = stream.take(512)
        if len(block) < 512:
            yield stream.error or _CUT
            return
        if not block.strip(b"\0"):
            return  # the end mark
        size = _number(block[124:136])
        if not _checks(block) or size < 0:
            yield "is broken: a file header has a wrong check sum, and what follows cannot be read"
            return
        kind = block[156:157]
        content = _bounded(stream, size)
        if kind in (b"x", b"L", b"g", b"K"):
            text = content.take(min(size, _LONG))
            if kind == b"L":
                long_name = text.rstrip(b"\0").decode("utf-8", "backslashreplace")
            elif kind == b"x":
                name, declared = _pax(text)
                long_name, long_size = name or long_name, declared
        elif kind in (b"0", b"\0", b"7"):
            if long_size >= 0:
                size = long_size
                content = _bounded(stream, size)
            plain = block[:100].rstrip(b"\0").split(b"\0")[0]
            prefix = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
            name = long_name or (prefix + b"/" + plain if prefix else plain).decode("utf-8", "backslashreplace")
            if not name.endswith("/"):
                yield Bounded(name.removeprefix("./"), size, content)
            long_name, long_size = "", -1
        else:  # folders, links, devices: no content that is mail
            long_name, long_size = "", -1
        content.skip()
        if content.error:
            yield content.error
            return
        stream.take(-size % 512)


def _number(field: bytes) -> int:
    if field[0] & 0x80:  # GNU: base 256
        return int.from_bytes(field[1:], "big") if field[0] == 0x80 else -1
    try:
        return int(field.strip(b"\0 ") or b"0", 8)
    except ValueError:
        return -1


def _checks(block: bytes) -> bool:
    claimed = _number(block[148:156])
    return claimed == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _pax(text: bytes) -> tuple[str, int]:
    """Read path and size of a pax header: records `LENGTH NAME=VALUE\\n`."""
    name, size, at = "", -1, 0
    while at < len(text):
        space = text.find(b" ", at, at + 20)
        if space < 0 or not text[at:space].isdigit():
            break
        stop = at + int(text[at:space])
        key, _, value = text[space + 1 : stop - 1].partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "backslashreplace")
        elif key == b"size" and value.isdigit():
            size = int(value[:18])
        if stop <= at:
            break
        at = stop
    return name, size


def zip_files(stream: Stream, guard: Callable[[int, int], None]) -> Iterator[Bounded | str]:
    """Give the files of a zip by their local headers (APPNOTE 4.3.7), without the directory at the end.

    `guard(taken, out)` raises ValueError where a file grows too much.
    """
    while True:
        head = stream.take(30)
        if head[:4] != _LOCAL:
            if head[:2] != b"PK":
                yield stream.error or _CUT
            return  # directory
        flags, method = _short(head, 6), _short(head, 8)
        packed, size = _word(head, 18), _word(head, 22)
        name = stream.take(_short(head, 26)).decode("utf-8" if flags & 0x800 else "cp437", "replace")
        packed, size = _zip64(stream.take(_short(head, 28)), packed, size)
        unknown = bool(flags & 8) and not packed
        if flags & 1:
            yield f"has an encrypted file: {name}"
        if (unknown and (flags & 1 or method != 8)) or len(head) < 30:
            yield "cannot be read without its directory"
            return
        if unknown:
            content = _deflated(stream, guard)
        else:
            raw = _bounded(stream, packed)
            content = _deflated(raw, guard) if method == 8 else raw
        if not flags & 1 and method in (0, 8) and not name.endswith("/"):
            yield Bounded(name, -1 if unknown else size, content)
        elif method not in (0, 8):
            yield f"has a file packed in a way that is not known here: {name}"
        content.skip()
        if content.error:
            yield content.error
        if unknown:
            if content.error:
                return
            _descriptor(stream)
        else:
            if content is not raw:
                raw.skip()
            if raw.error:
                if raw.error != content.error:
                    yield raw.error
                return


def zip_content(file: BinaryIO, info: zipfile.ZipInfo, guard: Callable[[int, int], None]) -> Stream:
    """Open a file of a zip found by its directory. Its bytes are given even if their check sum turns out wrong.

    Raises ValueError for a way of packing that is not known here, and OSError.
    """
    if info.compress_type not in (0, 8):
        raise ValueError(f"packing method {info.compress_type} is not known here")
    file.seek(info.header_offset)
    head = file.read(30)
    if head[:4] != _LOCAL:
        raise ValueError("its header is missing")
    file.seek(info.header_offset + 30 + _short(head, 26) + _short(head, 28))
    raw = _bounded(Stream(file.read), info.compress_size)
    content = _deflated(raw, guard) if info.compress_type == 8 else raw
    checksum = 0

    def read(size: int) -> bytes:
        nonlocal checksum
        piece = content.take(size)
        checksum = zlib.crc32(piece, checksum)
        if not piece and content.error:
            raise ValueError(content.error)
        if not piece and checksum != info.CRC:
            raise ValueError("has a wrong check sum (CRC): it is damaged")
        return piece

    return Stream(read)


def _deflated(stream: Stream, guard: Callable[[int, int], None]) -> Stream:
    decoder = zlib.decompressobj(-15)
    begin, out = stream.taken, 0

    def read(size: int) -> bytes:
        nonlocal out
        while not decoder.eof:
            data = decoder.unconsumed_tail or stream.take(262_144)
            piece = decoder.decompress(data, size)
            if decoder.eof and decoder.unused_data:
                stream.give_back(decoder.unused_data)
            out += len(piece)
            guard(stream.taken - begin, out)
            if piece:
                return piece
            if not data and not decoder.eof:
                raise EOFError(stream.error or _CUT)
        return b""

    return Stream(read)


def _descriptor(stream: Stream) -> None:
    """Pass the sizes that follow a file whose header had none (APPNOTE 4.3.9), with 4 or 8 bytes each."""
    signed = stream.peek(4) == b"PK\x07\x08"
    start = 4 if signed else 0
    for length in (start + 12, start + 20):
        if stream.peek(length + 4)[length : length + 2] == b"PK":
            stream.take(length)
            return
    stream.take(start + 12)


def _zip64(extra: bytes, packed: int, size: int) -> tuple[int, int]:
    at = 0
    while at + 4 <= len(extra):
        length = _short(extra, at + 2)
        if _short(extra, at) == 1:
            values = extra[at + 4 : at + 4 + length]
            if size == 0xFFFFFFFF and len(values) >= 8:
                size, values = int.from_bytes(values[:8], "little"), values[8:]
            if packed == 0xFFFFFFFF and len(values) >= 8:
                packed = int.from_bytes(values[:8], "little")
        at += 4 + length
    return packed, size


def _short(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
