"""The header of a 7z archive: which files it holds, and in which packed streams they lie.

Numbers in it are claims: each is held against the bytes that are there before anything is made of its size.
Source: 7zFormat.txt of the LZMA SDK.
"""

import struct
import zlib
from dataclasses import dataclass, field

from watchword.observe.files.members import DamagedError

MAGIC = b"7z\xbc\xaf\x27\x1c"
FILES = 70_000
_CODERS = 32  # of one folder
_END, _HEADER, _ARCHIVE, _ADDITIONAL, _MAIN, _FILES = 0, 1, 2, 3, 4, 5
_PACK, _UNPACK, _SUB, _SIZE, _CRC, _FOLDER, _CODERS_SIZE, _COUNT = 6, 7, 8, 9, 0x0A, 0x0B, 0x0C, 0x0D
_EMPTY_STREAM, _EMPTY_FILE, _ANTI, _NAMES, _ATTRIBUTES, ENCODED = 0x0E, 0x0F, 0x10, 0x11, 0x15, 0x17


@dataclass(frozen=True, slots=True)
class Coder:
    """One step of packing: a method and its properties."""

    method: bytes
    properties: bytes
    inputs: int = 1
    outputs: int = 1


@dataclass(slots=True)
class Folder:
    """A chain of coders over packed streams, which gives one stream that holds files one behind the other."""

    coders: list[Coder]
    binds: list[tuple[int, int]]  # input and output that are joined
    packed: list[int]  # inputs that are packed streams
    sizes: list[int] = field(default_factory=list)  # of every output
    crc: int | None = None
    start: int = 0  # where its first packed stream begins
    lengths: list[int] = field(default_factory=list)  # of its packed streams
    files: list[tuple[int, int | None]] = field(default_factory=list)  # size and checksum of each file in it

    @property
    def size(self) -> int:
        """Bytes that come out: of the output that goes nowhere else."""
        bound = {output for _, output in self.binds}
        return next((size for number, size in enumerate(self.sizes) if number not in bound), 0)


@dataclass(frozen=True, slots=True)
class Named:
    """One file or folder by name; `has_bytes` tells whether it lies in a stream."""

    name: str
    has_bytes: bool
    is_folder: bool
    is_link: bool


@dataclass(slots=True)
class Header:
    """What an archive says of itself."""

    folders: list[Folder] = field(default_factory=list)
    files: list[Named] = field(default_factory=list)


def locate(data: bytes) -> bytes:
    """Give the header as it stands, often packed. Raises DamagedError."""
    if len(data) < 32:
        raise DamagedError("breaks off")
    crc, offset, size, header_crc = struct.unpack_from("<IQQI", data, 8)
    if zlib.crc32(data[12:32]) != crc:
        raise DamagedError("its start is damaged")
    header = data[32 + offset : 32 + offset + size]
    if len(header) < size:
        raise DamagedError("breaks off before its header, which stands at the end")
    if zlib.crc32(header) != header_crc:
        raise DamagedError("its header is damaged")
    return header


def parse(header: bytes) -> Header:
    """Read a header, or the streams of one that is packed. Raises DamagedError."""
    reader = _Reader(header)
    found = Header()
    kind = reader.byte()
    if kind == ENCODED:
        _streams(reader, found)
        return found
    if kind != _HEADER:
        raise DamagedError("no header")
    kind = reader.byte()
    if kind == _ARCHIVE:
        while reader.byte() != _END:
            reader.take(reader.number())
        kind = reader.byte()
    if kind == _ADDITIONAL:
        _streams(reader, Header())
        kind = reader.byte()
    if kind == _MAIN:
        _streams(reader, found)
        kind = reader.byte()
    if kind == _FILES:
        _files(reader, found)
    return found


class _Reader:
    """Bytes from front to end. Raises DamagedError at the end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise DamagedError("its header breaks off")
        self.at += 1
        return self.data[self.at - 1]

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise DamagedError("its header breaks off")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self) -> int:
        """Read a number of up to eight bytes: the first says by its upper bits how many follow."""
        first = self.byte()
        mask, value = 0x80, 0
        for place in range(8):
            if not first & mask:
                return value | (first & (mask - 1)) << 8 * place
            value |= self.byte() << 8 * place
            mask >>= 1
        return value

    def count(self) -> int:
        """Read how many of something follow: each takes a bit at least."""
        value = self.number()
        if value > max(FILES, 8 * (len(self.data) - self.at)) or value > 1_000_000:
            raise DamagedError(f"its header claims {value} entries")
        return value

    def bits(self, count: int) -> list[bool]:
        """Read so many bits, the highest first."""
        field_ = self.take((count + 7) // 8)
        return [bool(field_[place >> 3] & 0x80 >> (place & 7)) for place in range(count)]

    def defined(self, count: int) -> list[bool]:
        """Read which of so many are there."""
        return [True] * count if self.byte() else self.bits(count)

    def checksums(self, count: int) -> list[int | None]:
        return [struct.unpack("<I", self.take(4))[0] if there else None for there in self.defined(count)]


def _streams(reader: _Reader, found: Header) -> None:
    start = 0
    lengths: list[int] = []
    kind = reader.byte()
    if kind == _PACK:
        start = 32 + reader.number()
        count = reader.count()
        while (kind := reader.byte()) != _END:
            if kind == _SIZE:
                lengths = [reader.number() for _ in range(count)]
            elif kind == _CRC:
                reader.checksums(count)
            else:
                reader.take(reader.number())
        kind = reader.byte()
    if kind == _UNPACK:
        _folders(reader, found)
        kind = reader.byte()
    at = start
    left = iter(lengths)
    for folder in found.folders:
        folder.start = at
        folder.lengths = [next(left, 0) for _ in folder.packed]
        at += sum(folder.lengths)
        folder.files = [(folder.size, folder.crc)]
    if kind == _SUB:
        _substreams(reader, found)
        kind = reader.byte()
    if kind != _END:
        raise DamagedError("its header is of a newer kind")


def _folders(reader: _Reader, found: Header) -> None:
    if reader.byte() != _FOLDER:
        raise DamagedError("its header is of a newer kind")
    count = reader.count()
    if reader.byte():
        raise DamagedError("its header lies elsewhere")
    found.folders = [_folder(reader) for _ in range(count)]
    if reader.byte() != _CODERS_SIZE:
        raise DamagedError("its header is of a newer kind")
    for folder in found.folders:
        folder.sizes = [reader.number() for _ in range(sum(coder.outputs for coder in folder.coders))]
    while (kind := reader.byte()) != _END:
        if kind == _CRC:
            for folder, crc in zip(found.folders, reader.checksums(count), strict=True):
                folder.crc = crc
        else:
            reader.take(reader.number())


def _folder(reader: _Reader) -> Folder:
    coders = []
    count = reader.number()
    if not 0 < count <= _CODERS:
        raise DamagedError(f"its header claims {count} coders")
    for _ in range(count):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        inputs = outputs = 1
        if flags & 0x10:
            inputs, outputs = reader.number(), reader.number()
            if not 0 < inputs <= _CODERS or not 0 < outputs <= _CODERS:
                raise DamagedError("its header claims too many streams")
        properties = reader.take(reader.number()) if flags & 0x20 else b""
        coders.append(Coder(method, properties, inputs, outputs))
    inputs = sum(coder.inputs for coder in coders)
    outputs = sum(coder.outputs for coder in coders)
    binds = [(reader.number(), reader.number()) for _ in range(outputs - 1)]
    free = inputs - len(binds)
    if free < 1:
        raise DamagedError("its coders are bound wrongly")
    if free == 1:
        bound = {one for one, _ in binds}
        packed = [number for number in range(inputs) if number not in bound][:1]
    else:
        packed = [reader.number() for _ in range(free)]
    return Folder(coders, binds, packed)


def _substreams(reader: _Reader, found: Header) -> None:
    counts = [1] * len(found.folders)
    kind = reader.byte()
    if kind == _COUNT:
        counts = [reader.count() for _ in found.folders]
        if sum(counts) > FILES:
            raise DamagedError(f"its header claims {sum(counts)} files")
        kind = reader.byte()
    sizes: list[list[int]] = []
    for folder, count in zip(found.folders, counts, strict=True):
        each = [reader.number() for _ in range(count - 1)] if kind == _SIZE else []
        sizes.append([*each, max(folder.size - sum(each), 0)] if count else [])
    if kind == _SIZE:
        kind = reader.byte()
    known = [count == 1 and folder.crc is not None for folder, count in zip(found.folders, counts, strict=True)]
    checksums = iter(
        reader.checksums(sum(count for count, whole in zip(counts, known, strict=True) if not whole))
        if kind == _CRC
        else ()
    )
    if kind == _CRC:
        kind = reader.byte()
    for folder, each, whole in zip(found.folders, sizes, known, strict=True):
        folder.files = [(size, folder.crc if whole else next(checksums, None)) for size in each]
    while kind != _END:
        reader.take(reader.number())
        kind = reader.byte()


def _files(reader: _Reader, found: Header) -> None:
    count = reader.number()
    if count > FILES or count > len(reader.data) - reader.at:
        raise DamagedError(f"its header claims {count} files")
    names = [""] * count
    empty = [False] * count
    folders: list[bool] = []
    attributes: list[int] = [0] * count
    while (kind := reader.byte()) != _END:
        inner = _Reader(reader.take(reader.number()))
        if kind == _EMPTY_STREAM:
            empty = inner.bits(count)
        elif kind == _EMPTY_FILE:
            folders = [not is_file for is_file in inner.bits(sum(empty))]
        elif kind == _NAMES and not inner.byte():
            pieces = inner.data[inner.at :].decode("utf-16-le", "replace").split("\0")
            names = (pieces + names)[:count]
        elif kind == _ATTRIBUTES:
            there = inner.defined(count)
            if not inner.byte():
                attributes = [struct.unpack("<I", inner.take(4))[0] if one else 0 for one in there]
    is_folder = iter(folders or [True] * sum(empty))
    found.files = [
        Named(
            name,
            not is_empty,
            next(is_folder, True) if is_empty else False,
            bool(attribute & 0x8000) and (attribute >> 16) & 0xF000 == 0xA000,
        )
        for name, is_empty, attribute in zip(names, empty, attributes, strict=True)
    ]
