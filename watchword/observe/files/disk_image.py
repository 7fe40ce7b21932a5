"""Disk images: files in ISO 9660 with its extensions Joliet and Rock Ridge, and in UDF; VHD and VHDX by name only.

Windows opens an image like a folder, and what lies in it bears no mark that it came from the net.
Sources: ECMA-119, Joliet specification (1995), IEEE P1282; ECMA-167 and OSTA UDF 2.01 in `udf.py`.
"""

import functools
import struct
from collections.abc import Iterator

from watchword.observe.files import Budget, Contents, File
from watchword.observe.files.members import DamagedError, Member, collect, note_all
from watchword.observe.files.udf import DiskFile, udf_files
from watchword.observe.files.unpacking import stored

KINDS = ("iso", "vhd", "vhdx")
FILES = 70_000
_SECTOR = 2048
_JOLIET = (b"%/@", b"%/C", b"%/E")


def read(file: File, budget: Budget) -> Contents:
    """List an image and take out what it holds."""
    contents = Contents(contains=["container-hides-mark"])
    if file.kind != "iso":
        contents.defects.append(("archive-not-unpacked", f"an image of a whole disk ({file.kind})"))
        return contents
    data = file.data
    shown: dict[tuple[int, int, str], DiskFile] = {}
    trees = [("UDF", udf_files(data, contents)), *_iso_trees(data, contents)]
    for number, (what, tree) in enumerate((what, tree) for what, tree in trees if tree):
        for one in tree:
            known = shown.get(one.place)
            if known is None and number and one.size:
                note_all(contents, [("archive-entry-hidden", f"{one.name[:100]!a} stands only under {what}")])
            if known is None:
                shown[one.place] = one
    members = [
        Member(
            one.name, one.size, one.size, functools.partial(_take, data, one), None, (), "?" if one.is_link else None
        )
        for one in shown.values()
    ]
    if len(members) > FILES:
        note_all(contents, [("limit-archive-entries", f"more than {FILES} entries")])
    collect(contents, members[:FILES], budget)
    return contents


def _take(data: bytes, one: DiskFile) -> Iterator[bytes]:
    left = one.size
    for start, length in one.extents:
        yield from stored(data, start, start + min(length, left))
        left -= min(length, left)
    if left:
        raise DamagedError("breaks off")


# ------------------------------------------------------------ ISO 9660


def _iso_trees(data: bytes, contents: Contents) -> list[tuple[str, list[DiskFile]]]:
    """Give the files of each directory tree, that which Windows shows (Joliet) first."""
    trees = []
    for sector in range(16, 64):
        descriptor = data[sector * _SECTOR : (sector + 1) * _SECTOR]
        if len(descriptor) < 190 or descriptor[1:6] != b"CD001" or descriptor[0] == 255:
            break
        is_joliet = descriptor[0] == 2 and descriptor[88:91] in _JOLIET
        if descriptor[0] == 1 or is_joliet:
            trees.append((0 if is_joliet else 1, descriptor[156:190], is_joliet))
    return [
        ("Joliet" if is_joliet else "ISO 9660", list(_tree(data, root, is_joliet, contents)))
        for _, root, is_joliet in sorted(trees)[:4]
    ]


def _tree(data: bytes, root: bytes, is_joliet: bool, contents: Contents) -> Iterator[DiskFile]:
    """Walk a tree; a folder that was walked is not walked again, so that loops end."""
    waiting = [("", *struct.unpack_from("<I4xI", root, 2))]
    seen = set()
    count = 0
    while waiting:
        path, extent, size = waiting.pop()
        if extent in seen:
            note_all(contents, [("archive-damaged", f"folders {path[:100]!a} go in a circle")])
            continue
        seen.add(extent)
        before: DiskFile | None = None
        for name, start, length, flags, is_link in _records(data, extent * _SECTOR, size, is_joliet, contents):
            whole = f"{path}/{name}" if path else name
            if flags & 2:
                waiting.append((whole, start, length))
                continue
            extents: tuple[tuple[int, int], ...] = ((start * _SECTOR, length),)
            if before is not None:  # a file in several pieces, each with a record of its own
                extents = (*before.extents, *extents)
                length += before.size
            one = DiskFile(whole, length, extents, is_link)
            if flags & 0x80 and len(extents) < 1_000:
                before = one
                continue
            before = None
            count += 1
            if count > FILES:
                note_all(contents, [("limit-archive-entries", f"more than {FILES} entries")])
                return
            yield one


def _records(
    data: bytes, start: int, size: int, is_joliet: bool, contents: Contents
) -> Iterator[tuple[str, int, int, int, bool]]:
    at, stop = start, min(start + size, len(data))
    if start + size > len(data):
        note_all(contents, [("archive-damaged", "a folder lies beyond the end of the image")])
    while at + 34 <= stop:
        length = data[at]
        if not length:
            at = (at // _SECTOR + 1) * _SECTOR  # records do not cross sectors
            continue
        record = data[at : at + length]
        at += length
        if length < 34 or len(record) < length:
            note_all(contents, [("archive-damaged", "a record of a folder breaks off")])
            return
        extent, held = struct.unpack_from("<I4xI", record, 2)
        raw = record[33 : 33 + record[32]]
        if raw in (b"\0", b"\1"):
            continue  # the folder itself and the one above
        name, is_link = raw.decode("utf-16-be" if is_joliet else "cp437", "replace"), False
        if not is_joliet:
            other, is_link = _rock_ridge(record[33 + record[32] + (record[32] + 1) % 2 :])
            name = other or name
        yield name.partition(";")[0].removesuffix("."), extent, held, record[25], is_link


def _rock_ridge(system: bytes) -> tuple[str, bool]:
    """Read the long name and whether it is a link, in the way of Unix (IEEE P1282)."""
    name, is_link, at = b"", False, 0
    while at + 4 <= len(system) and (length := system[at + 2]) >= 4:
        if system[at : at + 2] == b"NM" and length > 5:
            name += system[at + 5 : at + length]
        is_link = is_link or system[at : at + 2] == b"SL"
        at += length
    return name.decode("utf-8", "replace"), is_link
