"""What a zip says that it holds: by its directory, and by the headers before each file, which may say otherwise.

Programs differ: most go by the directory at the end, those that read a stream by the headers, some by the first of two
directories. What one of them shows and another does not is named as a defect. Source: APPNOTE.TXT 6.3.10.
"""

import contextlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

ENTRIES = 70_000  # read of one archive; 65,535 is what fits without Zip64
_NAME = 2_048  # bytes of a name
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_END64, _LOCATOR64 = b"PK\x06\x06", b"PK\x06\x07"
_METHODS = frozenset((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 19, 20, 93, 94, 95, 96, 97, 98, 99))
_UNIX, _LINK = 3, 0xA000


@dataclass(slots=True)
class Entry:
    """One file in a zip."""

    name: str
    raw: bytes  # the name as it stands
    names: tuple[str, ...]  # further readings of it
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int  # where its local header begins
    start: int  # where its bytes begin, -1 if there is no local header
    extra: bytes
    time: int  # MS-DOS time, against which ZipCrypto checks a password where no size is known yet
    is_link: bool = False
    is_overlapping: bool = False

    @property
    def is_locked(self) -> bool:
        """Needs a password."""
        return bool(self.flags & 1) or self.method == 99


@dataclass(slots=True)
class Listing:
    """The files of a zip and what is odd about it."""

    entries: list[Entry] = field(default_factory=list)
    defects: list[tuple[str, str]] = field(default_factory=list)
    comment: str = ""  # of the whole archive, which programs show on opening it

    def say(self, kind: str, detail: str = "") -> None:
        """Note a defect, of each kind a few."""
        if sum(known == kind for known, _ in self.defects) < 5:
            self.defects.append((kind, detail[:200]))


def listing(data: bytes) -> Listing:
    """List a zip, with stubs in front, without directory, or one behind another. Never raises; linear."""
    found = Listing()
    start, stop, shift = _directory(data, found)
    if start >= 0:
        _central(data, start, stop, shift, found)
    else:
        found.say("archive-no-directory")
    _overlaps(found)
    _hidden(data, start, stop, found)
    twice: set[str] = set()
    for entry in found.entries:
        key = entry.name.replace("\\", "/").lower()
        if key in twice:
            found.say("archive-name-twice", ascii(entry.name))
        twice.add(key)
    return found


def _directory(data: bytes, found: Listing) -> tuple[int, int, int]:
    """Find the directory: where it begins and ends, and by how much offsets are shifted by what stands in front."""
    end = data.rfind(_END, max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        return -1, -1, 0
    count, size, offset, comment = struct.unpack_from("<HIIH", data, end + 10)
    found.comment = _decoded(data[end + 22 : end + 22 + comment], 0 if _is_western(data[end + 22 :]) else 0x800)
    if len(data) - end - 22 > comment:
        found.say("archive-data-behind", f"{len(data) - end - 22 - comment} bytes behind the end of the archive")
    stop = end
    if 0xFFFFFFFF in (size, offset) or count == 0xFFFF:
        locator = end - 20
        if locator >= 0 and data[locator : locator + 4] == _LOCATOR64:
            (at,) = struct.unpack_from("<Q", data, locator + 8)
            if data[at : at + 4] != _END64:
                at = data.rfind(_END64, max(0, locator - 4_096), locator)
            if at >= 0 and len(data) >= at + 56:
                count, size, offset = struct.unpack_from("<QQQ", data, at + 32)
                stop = at
    start = stop - size
    if size and (start < 0 or data[start : start + 4] != _CENTRAL):
        start = offset  # bytes stand between the directory and its end
        if data[start : start + 4] != _CENTRAL:
            return -1, -1, 0
        return start, stop, 0
    if not count and not size and data.find(_LOCAL, 0, end) >= 0:
        return -1, -1, 0  # an empty directory over files that are there
    shift = start - offset
    return start, stop, shift if shift >= 0 else 0


def _central(data: bytes, at: int, stop: int, shift: int, found: Listing) -> None:
    while data[at : at + 4] == _CENTRAL and at + 46 <= stop:
        if len(found.entries) == ENTRIES:
            found.say("limit-archive-entries", f"more than {ENTRIES} entries")
            return
        (
            made,
            _,
            flags,
            method,
            time,
            crc,
            packed,
            size,
            name_length,
            extra_length,
            comment,
            _,
            _,
            attributes,
            local,
        ) = struct.unpack_from("<HHHHH2xIIIHHHHHII", data, at + 4)
        raw = data[at + 46 : at + 46 + name_length]
        extra = data[at + 46 + name_length : at + 46 + name_length + extra_length]
        at += 46 + name_length + extra_length + comment
        if 0xFFFFFFFF in (packed, size, local):
            packed, size, local = _long(extra, packed, size, local)
        name, names = _names(raw[:_NAME], flags, extra, found)
        entry = Entry(name, raw, names, flags, method, crc, packed, size, local + shift, -1, extra, time)
        entry.is_link = made >> 8 == _UNIX and (attributes >> 16) & 0xF000 == _LINK
        if shift and data[entry.at : entry.at + 4] != _LOCAL and data[local : local + 4] == _LOCAL:
            entry.at = local  # what shifts the directory stands behind this file, not in front of it
        _local(data, entry, found)
        found.entries.append(entry)
    if at + 46 <= stop and found.entries:
        found.say("archive-damaged", f"its directory breaks off after {len(found.entries)} entries")


def _local(data: bytes, entry: Entry, found: Listing) -> None:
    """Look up the header before the file's bytes, and note where it says otherwise."""
    at = entry.at
    if data[at : at + 4] != _LOCAL or len(data) < at + 30:
        found.say("archive-damaged", f"{entry.name[:100]!a}: there is no file where the directory points")
        return
    flags, method, _, crc, packed, size, name_length, extra_length = struct.unpack_from("<HHIIIIHH", data, at + 6)
    raw = data[at + 30 : at + 30 + name_length]
    entry.start = at + 30 + name_length + extra_length
    if raw != entry.raw:
        other = _decoded(raw[:_NAME], flags)
        if other not in (entry.name, *entry.names):
            entry.names = (*entry.names, other)
        found.say("archive-names-differ", f"{entry.name[:90]!a} in the directory, {other[:90]!a} before the file")
    if method != entry.method or (flags ^ entry.flags) & 1:
        found.say("archive-headers-differ", f"{entry.name[:100]!a}: packed or locked otherwise than the directory says")
    elif not flags & 8 and (
        (size not in (entry.size, 0xFFFFFFFF)) or (packed not in (entry.packed, 0xFFFFFFFF)) or crc != entry.crc
    ):
        found.say("archive-headers-differ", f"{entry.name[:100]!a}: size {size}, by the directory {entry.size}")


def _long(extra: bytes, packed: int, size: int, local: int) -> tuple[int, int, int]:
    """Read sizes beyond 4 GB (APPNOTE 4.5.3)."""
    field_ = _extra(extra, 0x0001)
    values = [value for (value,) in struct.iter_unpack("<Q", field_[: len(field_) // 8 * 8])]
    size = values.pop(0) if size == 0xFFFFFFFF and values else size
    packed = values.pop(0) if packed == 0xFFFFFFFF and values else packed
    local = values.pop(0) if local == 0xFFFFFFFF and values else local
    return packed, size, local


def _extra(extra: bytes, wanted: int) -> bytes:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return b""


def aes_field(entry: Entry) -> tuple[int, int, int] | None:
    """Give version, strength and method of a file locked with AES (WinZip, AE-1 or AE-2)."""
    said = _extra(entry.extra, 0x9901)
    if len(said) < 7:
        return None
    version, _, strength, method = struct.unpack_from("<HHBH", said)
    return version, strength, method


def _decoded(raw: bytes, flags: int) -> str:
    return raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")


def _is_western(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _names(raw: bytes, flags: int, extra: bytes, found: Listing) -> tuple[str, tuple[str, ...]]:
    """Read a name as programs do: by its flag, as UTF-8 all the same, or by the field for Unicode (0x7075)."""
    name = _decoded(raw, flags)
    readings = [name]
    if not flags & 0x800 and not raw.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            readings.insert(0, raw.decode("utf-8"))
    unicode = _extra(extra, 0x7075) if extra else b""
    if len(unicode) > 5 and int.from_bytes(unicode[1:5], "little") == zlib.crc32(raw):
        other = unicode[5 : 5 + _NAME].decode("utf-8", "replace")
        if raw.isascii() and other != name:
            found.say("archive-names-differ", f"{name[:90]!a}, but {other[:90]!a} in Unicode")
            readings.append(other)
        else:
            readings.insert(0, other)
    if b"\0" in raw:
        found.say("archive-names-differ", f"{name[:150]!a}: some programs stop at the NUL")
        readings.append(readings[0].partition("\0")[0])
    first, *others = dict.fromkeys(readings)
    return first, tuple(others)


def _overlaps(found: Listing) -> None:
    """Mark files whose bytes are also those of another one: a small archive then unpacks to anything (Fifield 2019)."""
    reach = 0
    last: tuple[int, int] | None = None
    for entry in sorted(found.entries, key=lambda entry: entry.at):
        if entry.start < 0:
            continue
        if entry.at < reach:
            entry.is_overlapping = True
            same = last == (entry.at, entry.packed)
            found.say(
                "archive-entries-overlap", f"{entry.name[:150]!a}{' is the bytes of another name' if same else ''}"
            )
        last = (entry.at, entry.packed)
        reach = max(reach, entry.start + entry.packed)


def _hidden(data: bytes, start: int, stop: int, found: Listing) -> None:
    """Add files that no directory names: between others, in front of them, or all where there is no directory."""
    listed = len(found.entries)
    taken = sorted((entry.at, entry.start + entry.packed) for entry in found.entries if entry.start >= 0)
    if start >= 0:
        taken = sorted([*taken, (start, stop)])
    at = 0
    for begin, end in [*taken, (len(data), len(data))]:
        if begin > at:
            for entry in _locals(data, at, begin, found):
                if len(found.entries) == ENTRIES:
                    found.say("limit-archive-entries", f"more than {ENTRIES} entries")
                    return
                if start >= 0 and len(found.entries) < listed + 300:
                    found.say("archive-entry-hidden", ascii(entry.name))
                found.entries.append(entry)
        at = max(at, end)


def _locals(data: bytes, at: int, stop: int, found: Listing) -> Iterator[Entry]:
    """Give the files between two places by the headers before them."""
    while (at := data.find(_LOCAL, at, stop)) >= 0 and at + 30 < stop:
        version, flags, method, time, crc, packed, size, name_length, extra_length = struct.unpack_from(
            "<HHHH2xIIIHH", data, at + 4
        )
        raw = data[at + 30 : at + 30 + name_length]
        begin = at + 30 + name_length + extra_length
        if version & 0xFF > 63 or method not in _METHODS or not raw or min(raw) < 0x20 or begin > stop:
            at += 4  # bytes that look like a header
            continue
        extra = data[at + 30 + name_length : begin]
        if 0xFFFFFFFF in (packed, size):
            packed, size, _ = _long(extra, packed, size, 0)
        if flags & 8 and not packed:  # sizes stand behind the bytes: up to the next header or the end
            following = data.find(_LOCAL, begin, stop)
            packed = (following if following >= 0 else stop) - begin
            size = -1
        name, names = _names(raw[:_NAME], flags, extra, found)
        yield Entry(name, raw, names, flags, method, crc, packed, size, at, begin, extra, time)
        at = begin + min(packed, max(stop - begin, 0))
