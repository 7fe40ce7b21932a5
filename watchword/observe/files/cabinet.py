"""Cabinet files of Windows: every name; contents that are stored or packed by MSZIP. Source: MS-CAB."""

import functools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from watchword.observe.files import Budget, Contents, File
from watchword.observe.files.members import DamagedError, Member, collect
from watchword.observe.files.solid import Solid

KINDS = ("cab",)
_NAMES = {2: "Quantum", 3: "LZX"}


@dataclass(frozen=True, slots=True)
class _Folder:
    start: int  # of its first block
    blocks: int
    method: int
    reserved: int  # bytes of each block's header that are somebody's own


def read(file: File, budget: Budget) -> Contents:
    """List a cabinet and unpack what it holds."""
    contents = Contents()
    members: list[Member] = []
    try:
        members += _members(file.data, contents)
    except (DamagedError, struct.error) as error:
        contents.defects.append(("archive-damaged", str(error)))
    collect(contents, members, budget)
    return contents


def _members(data: bytes, contents: Contents) -> Iterator[Member]:
    at, count_folders, count, flags = struct.unpack_from("<I6xHHH", data, 16)
    place = 36
    own = own_folder = own_block = 0
    if flags & 4:
        own, own_folder, own_block = struct.unpack_from("<HBB", data, place)
        place += 4 + own
    for _ in range(2 * (flags & 1) + (flags & 2)):  # names of the cabinets before and behind, and of their disks
        place = data.find(b"\0", place) + 1
        if not place:
            raise DamagedError("breaks off")
    folders = []
    for _ in range(count_folders):
        start, blocks, method = struct.unpack_from("<IHH", data, place)
        folders.append(_Folder(start, blocks, method & 0x0F, own_block))
        place += 8 + own_folder
    solids = [Solid(functools.partial(_blocks, data, folder)) for folder in folders]
    said: set[int] = set()
    for _ in range(count):
        size, offset, number, attributes = struct.unpack_from("<IIH4xH", data, at)
        end = data.find(b"\0", at + 16, at + 16 + 1_024)
        if end < 0:
            raise DamagedError("a name does not end")
        name = data[at + 16 : end].decode("utf-8" if attributes & 0x80 else "cp1252", "replace").replace("\\", "/")
        at = end + 1
        folder = folders[number] if number < len(folders) else None
        if folder is None or folder.method > 1:
            if number not in said:
                said.add(number)
                method = "lies in another cabinet" if folder is None else _NAMES.get(folder.method, "unknown method")
                contents.defects.append(("archive-not-unpacked", f"{name[:100]!a}: {method}"))
            yield Member(name, size, size, None)
            continue
        packed = max(size // 100, 1)  # a share of a folder: what it takes there nobody says
        yield Member(name, size, packed, functools.partial(solids[number].take, offset, size))


def _blocks(data: bytes, folder: _Folder) -> Iterator[bytes]:
    place = folder.start
    before = b""
    for _ in range(folder.blocks):
        if place + 8 > len(data):
            raise DamagedError("breaks off")
        packed, size = struct.unpack_from("<HH", data, place + 4)
        place += 8 + folder.reserved
        block = data[place : place + packed]
        place += packed
        if folder.method:
            if block[:2] != b"CK":
                raise DamagedError("no block of MSZIP")
            try:
                block = zlib.decompressobj(-15, zdict=before).decompress(block[2:], 32_768)
            except zlib.error as error:
                raise DamagedError(str(error)) from None
            before = (before + block)[-32_768:]
        if len(block) != size:
            raise DamagedError("a block is of another length")
        yield block
