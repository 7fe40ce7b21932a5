"""OLE compound files (MS-CFB): their streams read in one pass, and an object's streams written as a file again.

A reader of our own, because that of olefile looks for each stream from the first, which takes minutes for a message
to thousands, and follows the tree of names by recursion.
"""

import struct
import sys
import uuid
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

Streams = dict[str, "bytes | Streams"]

_SECTOR, _SMALL, _LIMIT = 512, 64, 4096
_FREE, _END, _FAT, _DIFAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_SPECIAL = 0xFFFFFFFA  # numbers from here on are marks, not sectors
_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(slots=True)
class Compound:
    """What an OLE file holds: its streams, and the classes (CLSID, upper case) of storages that have one."""

    streams: Streams
    classes: dict[tuple[str, ...], str]
    is_whole: bool  # false where streams claim more than there is: damaged, or built to fill memory


@dataclass(slots=True)
class _Entry:
    name: str
    kind: int  # 5 root, 1 storage, 2 stream
    child: int = _FREE
    right: int = _FREE
    left: int = _FREE
    start: int = _END
    size: int = 0


def streams(data: bytes) -> Streams:
    """Read every stream of an OLE file; together they are no longer than it. Raises ValueError where it is broken."""
    found = opened(data)
    if not found.is_whole:
        raise ValueError("its streams are longer than the file: it is damaged, or built to fill memory")
    return found.streams


def opened(data: bytes) -> Compound:
    """Read an OLE file as far as it goes. Streams for which there is no room in it are left out.

    Raises ValueError where it has no readable header or directory.
    """
    if len(data) < 512 or not data.startswith(_SIGNATURE):
        raise ValueError("it does not begin as OLE files do")
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    tables, directory, limit, small_table, lists = struct.unpack_from("<II4xII4xI", data, 44)
    if shift not in (9, 12) or small_shift != 6:
        raise ValueError("its OLE header is broken")
    size = 1 << shift
    count = len(data) >> shift
    places = list(struct.unpack_from("<109I", data, 76))
    for _ in range(count):
        if lists >= _SPECIAL:
            break
        held = _words(data[(lists + 1) << shift : (lists + 2) << shift])
        places += held[:-1]
        lists = held[-1] if len(held) else _END
    used = [at for at in places[: min(tables, count + 1)] if at < _SPECIAL]
    fat = _words(b"".join([data[(at + 1) << shift : (at + 2) << shift] for at in used]))

    def chain(start: int, length: int) -> bytes:
        """Join a chain of sectors up to that length."""
        pieces: list[bytes] = []
        for _ in range(min(-(-length // size), count + 1)):
            if start >= len(fat):
                break
            pieces.append(data[(start + 1) << shift : (start + 2) << shift])
            start = fat[start]
        return b"".join(pieces)[:length]

    entries = [chunk for (chunk,) in struct.iter_unpack("128s", _whole(chain(directory, len(data)), 128))]
    if not entries:
        raise ValueError("its OLE directory is missing")
    small_fat = _words(chain(small_table, len(data)))
    start, length = struct.unpack_from("<II", entries[0], 116)
    small = chain(start, min(length, len(data)))

    def small_chain(start: int, length: int) -> bytes:
        pieces: list[bytes] = []
        for _ in range(-(-length // _SMALL)):
            if start >= len(small_fat):
                break
            pieces.append(small[start * _SMALL : start * _SMALL + _SMALL])
            start = small_fat[start]
        return b"".join(pieces)[:length]

    found: Streams = {}
    classes: dict[tuple[str, ...], str] = {}
    left = len(data)
    is_whole = True
    seen = {0}
    todo: list[tuple[int, Streams, tuple[str, ...]]] = [(struct.unpack_from("<I", entries[0], 76)[0], found, ())]
    if any(entries[0][80:96]):
        classes[()] = str(uuid.UUID(bytes_le=entries[0][80:96])).upper()
    while todo:
        number, place, path = todo.pop()
        if number >= len(entries) or number in seen:
            continue
        seen.add(number)
        entry = entries[number]
        name_length, kind, before, after, child = struct.unpack_from("<HBxIII", entry, 64)
        start, length = struct.unpack_from("<II", entry, 116)
        todo += [(before, place, path), (after, place, path)]
        name = entry[: max(min(name_length, 64) - 2, 0)].decode("utf-16-le", "replace")
        if kind == 1:
            inner = place.setdefault(name, {})
            if isinstance(inner, dict):
                todo.append((child, inner, (*path, name)))
                if any(entry[80:96]):
                    classes[*path, name] = str(uuid.UUID(bytes_le=entry[80:96])).upper()
        elif kind == 2 and name not in place:
            if length > left:
                is_whole = False
                continue
            left -= length
            place[name] = small_chain(start, length) if length < limit else chain(start, length)
    return Compound(found, classes, is_whole)


def _words(data: bytes) -> Sequence[int]:
    found = array("I", _whole(data, 4))
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _whole(data: bytes, size: int) -> bytes:
    return data[: len(data) - len(data) % size]


def compound(streams: Streams) -> bytes:
    """Write an OLE file that holds these streams and storages."""
    entries = [_Entry("Root Entry", 5)]
    contents: list[tuple[_Entry, bytes]] = []
    todo: list[tuple[int, Streams]] = [(0, streams)]
    while todo:
        number, inner = todo.pop()
        first = len(entries)
        for name, value in sorted(inner.items(), key=lambda pair: (len(pair[0]), pair[0].upper())):
            entry = _Entry(name[:31], 2 if isinstance(value, bytes) else 1)
            if isinstance(value, bytes):
                contents.append((entry, value))
            else:
                todo.append((len(entries), value))
            entries.append(entry)
        entries[number].child = _balanced(entries, first, len(entries))
    small = bytearray()
    small_fat: list[int] = []
    sectors = bytearray()
    fat: list[int] = []

    def keep(data: bytes | bytearray) -> int:
        start, count = len(fat), -(-len(data) // _SECTOR)
        sectors.extend(data.ljust(count * _SECTOR, b"\0"))
        fat.extend([*range(start + 1, start + count), _END][:count])
        return start if count else _END

    for entry, data in contents:
        entry.size = len(data)
        if len(data) >= _LIMIT:
            entry.start = keep(data)
        elif data:
            entry.start, count = len(small_fat), -(-len(data) // _SMALL)
            small += data.ljust(count * _SMALL, b"\0")
            small_fat += [*range(entry.start + 1, entry.start + count), _END]
    entries[0].start, entries[0].size = keep(small), len(small)
    small_start = keep(_numbers(small_fat))
    directory = keep(b"".join(map(_written, entries)).ljust(-(-len(entries) // 4) * _SECTOR, b"\0"))
    # The table of sectors lists its own sectors too, and beyond 109 of them those that list them.
    tables = lists = 0
    while (needed := -(-(len(fat) + tables + lists) // 128)) > tables:
        tables = needed
        lists = -(-max(tables - 109, 0) // 127)
    places = list(range(len(fat), len(fat) + tables))
    first_list = len(fat) + tables
    fat += [_FAT] * tables + [_DIFAT] * lists
    sectors += _numbers(fat).ljust(tables * _SECTOR, b"\xff")
    for number in range(lists):
        held = places[109 + number * 127 : 109 + (number + 1) * 127]
        following = first_list + number + 1 if number + 1 < lists else _END
        sectors += _numbers([*held, *[_FREE] * (127 - len(held)), following])
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", _SIGNATURE, 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory, 0,
        _LIMIT, small_start, -(-len(small_fat) // 128), first_list if lists else _END, lists,
    )  # fmt: skip
    return header + _numbers(places[:109]).ljust(436, b"\xff") + bytes(sectors)


def _balanced(entries: list[_Entry], start: int, stop: int) -> int:
    """Make the search tree of the sorted entries from start to stop; give the number of its root."""
    if start >= stop:
        return _FREE
    middle = (start + stop) // 2
    entries[middle].left = _balanced(entries, start, middle)
    entries[middle].right = _balanced(entries, middle + 1, stop)
    return middle


def _written(entry: _Entry) -> bytes:
    name = entry.name.encode("utf-16-le", "replace")[:62]
    return struct.pack(
        "<64sHBBIII36xIII", name, len(name) + 2, entry.kind, 1, entry.left, entry.right, entry.child,
        entry.start, entry.size, 0,
    )  # fmt: skip


def _numbers(values: list[int]) -> bytes:
    return struct.pack(f"<{len(values)}I", *values)
