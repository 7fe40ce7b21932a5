"""Files in a UDF volume (ECMA-167, OSTA UDF 2.01), the file system of disk images that Windows writes."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from watchword.observe.files import Contents
from watchword.observe.files.members import note_all

FILES = 70_000
_SECTOR = 2048
_FOLDER = 16 * 1024 * 1024  # bytes of one folder's list
_EXTENTS = 10_000  # of one file


@dataclass(frozen=True, slots=True)
class DiskFile:
    """One file in an image, and where its bytes lie."""

    name: str
    size: int
    extents: tuple[tuple[int, int], ...]  # start and length, bytes
    is_link: bool = False

    @property
    def place(self) -> tuple[int, int, str]:
        """Where it begins and how long it is: the same file in two trees. Empty files go by name."""
        return (self.extents[0][0], self.size, "") if self.size and self.extents else (-1, 0, self.name)


@dataclass(slots=True)
class _Volume:
    data: bytes
    starts: list[int]  # of each partition that descriptors refer to, bytes
    block: int  # bytes

    def at(self, block: int, partition: int) -> int:
        return self.starts[partition] + block * self.block if partition < len(self.starts) else -1


def udf_files(data: bytes, contents: Contents) -> list[DiskFile]:
    """Give the files of a UDF volume, none if there is no such volume. Never raises."""
    if not any(data[n * _SECTOR + 1 : n * _SECTOR + 4] == b"NSR" for n in range(16, 32)):
        return []
    try:
        volume, root = _volume(data)
        return list(_walk(volume, root, contents))
    except (struct.error, IndexError, ValueError) as error:
        note_all(contents, [("archive-damaged", f"UDF: {error}")])
        return []


def _tag(data: bytes, at: int) -> int:
    return struct.unpack_from("<H", data, at)[0] if 0 <= at <= len(data) - 16 else -1


def _volume(data: bytes) -> tuple[_Volume, tuple[int, int]]:
    """Read the volume's descriptors (ECMA-167 3/10). Raises ValueError."""
    anchor = next((n * _SECTOR for n in (256, len(data) // _SECTOR - 1) if _tag(data, n * _SECTOR) == 2), None)
    if anchor is None:
        raise ValueError("no anchor")
    length, first = struct.unpack_from("<II", data, anchor + 16)
    partitions: dict[int, int] = {}
    logical = -1
    for sector in range(first, first + min(length // _SECTOR, 64)):
        at = sector * _SECTOR
        kind = _tag(data, at)
        if kind == 5:
            number, start = struct.unpack_from("<H", data, at + 22)[0], struct.unpack_from("<I", data, at + 188)[0]
            partitions[number] = start * _SECTOR
        elif kind == 6:
            logical = at
        elif kind == 8:
            break
    if logical < 0:
        raise ValueError("no logical volume")
    (block,) = struct.unpack_from("<I", data, logical + 212)
    (count,) = struct.unpack_from("<I", data, logical + 268)
    if not 512 <= block <= 32_768:
        raise ValueError(f"blocks of {block} bytes")
    starts, at = [], logical + 440
    for _ in range(min(count, 8)):
        kind, size = data[at], data[at + 1]
        if kind != 1:
            raise ValueError("of version 2.50 or later, with a partition for metadata")
        starts.append(partitions.get(struct.unpack_from("<H", data, at + 4)[0], -1))
        at += size
    volume = _Volume(data, starts, block)
    block_number, partition = struct.unpack_from("<IH", data, logical + 252)
    files = volume.at(block_number, partition)
    if _tag(data, files) != 256:
        raise ValueError("no file set")
    return volume, struct.unpack_from("<IH", data, files + 404)


def _walk(volume: _Volume, root: tuple[int, int], contents: Contents) -> Iterator[DiskFile]:
    waiting = [("", root)]
    seen: set[tuple[int, int]] = set()
    count = 0
    while waiting:
        path, place = waiting.pop()
        if place in seen:
            note_all(contents, [("archive-damaged", f"folders {path[:100]!a} go in a circle")])
            continue
        seen.add(place)
        size, extents, _ = _entry(volume, place)
        listed = b"".join(volume.data[start : start + length] for start, length in extents)[: min(size, _FOLDER)]
        for name, is_folder, inner in _names(listed):
            whole = f"{path}/{name}" if path else name
            if is_folder:
                waiting.append((whole, inner))
                continue
            count += 1
            if count > FILES:
                note_all(contents, [("limit-archive-entries", f"more than {FILES} entries")])
                return
            held, extents, is_link = _entry(volume, inner)
            yield DiskFile(whole, held, tuple(extents), is_link)


def _names(listed: bytes) -> Iterator[tuple[str, bool, tuple[int, int]]]:
    """Read the list of a folder (ECMA-167 4/14.4): name, whether it is a folder, and where its entry stands."""
    at = 0
    while _tag(listed, at) == 257 and at + 38 <= len(listed):
        how, length = listed[at + 18], listed[at + 19]
        inner = struct.unpack_from("<IH", listed, at + 24)
        (own,) = struct.unpack_from("<H", listed, at + 36)
        raw = listed[at + 38 + own : at + 38 + own + length]
        at += (38 + own + length + 3) // 4 * 4
        if how & 0x0C or not raw:  # deleted, or the folder above
            continue
        yield raw[1:].decode("utf-16-be" if raw[0] == 16 else "latin-1", "replace"), bool(how & 2), inner


def _entry(volume: _Volume, place: tuple[int, int]) -> tuple[int, list[tuple[int, int]], bool]:
    """Read a file's entry (ECMA-167 4/14.9, 4/14.17): its size, where its bytes lie, whether it is a link."""
    data, at = volume.data, volume.at(*place)
    kind = _tag(data, at)
    if kind not in (261, 266):
        raise ValueError("no entry where a folder points")
    how = struct.unpack_from("<H", data, at + 34)[0] & 7
    (size,) = struct.unpack_from("<Q", data, at + 56)
    fixed = 176 if kind == 261 else 216
    own, length = struct.unpack_from("<II", data, at + fixed - 8)
    begin = at + fixed + own
    if how == 3:
        return size, [(begin, min(length, size))], data[at + 27] == 12
    width = 8 if how == 0 else 16
    extents = []
    for one in range(begin, begin + min(length, _EXTENTS * width) - width + 1, width):
        held, block = struct.unpack_from("<II", data, one)
        partition = place[1] if how == 0 else struct.unpack_from("<H", data, one + 8)[0]
        if held & 0x3FFFFFFF and not held >> 30:
            extents.append((volume.at(block, partition), held & 0x3FFFFFFF))
    return size, [one for one in extents if one[0] >= 0], data[at + 27] == 12
