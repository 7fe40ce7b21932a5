"""Zip archives, also Java and Android ones: every entry by name, contents within limits, locked ones by trial."""

import functools
import itertools
import lzma
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from watchword.observe import file_type
from watchword.observe.files import Budget, Contents, File, Reading
from watchword.observe.files import zip_lock as lock
from watchword.observe.files.members import (
    BZIP2,
    LZMA,
    MEMBER,
    DamagedError,
    Member,
    TooLongError,
    collect,
    note_all,
    pick,
)
from watchword.observe.files.passwords import words
from watchword.observe.files.unpacking import bunzip, inflate, stored, unlzma, unxz, unzstd
from watchword.observe.files.zip_listing import Entry, listing

KINDS = ("zip", "jar", "apk")

_NAMES = {1: "shrink", 2: "reduce", 3: "reduce", 4: "reduce", 5: "reduce", 6: "implode", 9: "deflate64", 96: "jpeg",
          97: "wavpack", 98: "PPMd"}  # fmt: skip
_PROVEN = 256 * 1024  # bytes that unpack without fault prove a password where the whole is too long to check


def read(file: File, budget: Budget) -> Contents:
    """List a zip and unpack what it holds."""
    contents = Contents()
    read_zip(file.data, file.passwords, budget, contents)
    return contents


def read_zip(data: bytes, passwords: Sequence[str], budget: Budget, contents: Contents) -> None:
    """Add what a zip holds to contents."""
    listed = listing(data)
    note_all(contents, listed.defects)
    if listed.comment.strip():
        contents.texts.append(Reading("zip", listed.comment))
    locked = [entry for entry in listed.entries if entry.is_locked and entry.packed and entry.start >= 0]
    contents.is_locked = bool(locked)
    password = b""
    if locked:
        told = words([listed.comment]) if listed.comment.strip() else []
        found = _password(data, locked, itertools.chain(told, passwords), budget)
        if found is not None:
            contents.password, password = found
    if any(entry.is_overlapping for entry in listed.entries):
        contents.mark("bomb")
    files = [one for one in listed.entries if one.packed or one.size or not one.name.endswith(("/", "\\"))]
    chosen = pick(contents, files, lambda entry: entry.name, budget)
    collect(contents, [_member(contents, data, entry, password, budget) for entry in chosen], budget)


def _member(contents: Contents, data: bytes, entry: Entry, password: bytes, budget: Budget) -> Member:
    unpack: Callable[[], Iterator[bytes]] | None = None
    is_shut = entry.is_locked and entry.packed > 0
    if entry.start < 0 or entry.is_overlapping:
        pass
    elif not entry.packed:
        unpack = functools.partial(stored, b"", 0, 0)
    elif lock.method(entry) not in _METHODS:
        name = _NAMES.get(lock.method(entry), f"method {lock.method(entry)}")
        note_all(contents, [("archive-not-unpacked", f"{entry.name[:100]!a}: {name}")])
    elif not is_shut:
        unpack = functools.partial(_plain, data, entry)
    elif password and lock.opens(data, entry, password):
        unpack = functools.partial(_opened, data, entry, password, budget)
        is_shut = False
    return Member(
        entry.name,
        None if entry.size < 0 else entry.size,
        entry.packed,
        unpack,
        True if is_shut else None,
        entry.names,
        _target(data, entry),
        {12: BZIP2, 14: LZMA, 95: LZMA}.get(lock.method(entry), 1),
    )


def _target(data: bytes, entry: Entry) -> str | None:
    if not entry.is_link or entry.is_locked or entry.method or entry.packed > 4_096:
        return "?" if entry.is_link else None
    return data[entry.start : entry.start + entry.packed].decode("utf-8", "replace")


def _plain(data: bytes, entry: Entry) -> Iterator[bytes]:
    yield from _checked(_METHODS[entry.method](data, entry.start, entry.start + entry.packed, entry), entry)


def _opened(data: bytes, entry: Entry, password: bytes, budget: Budget) -> Iterator[bytes]:
    """Decipher and unpack a file. Raises DamagedError where the password is not its own or the limit is reached."""
    is_slow = entry.method != 99
    packed = lock.unlocked(data, entry, password, budget.deciphered if is_slow else entry.packed)
    if is_slow:
        budget.deciphered -= len(packed)
    if not packed and entry.size:
        raise TooLongError("not deciphered") if is_slow else DamagedError("locked with another password")
    try:
        yield from _checked(_METHODS[lock.method(entry)](packed, 0, len(packed), entry), entry)
    except DamagedError:
        if is_slow and len(packed) < entry.packed - lock.HEADER:
            raise TooLongError(f"deciphered no further than {len(packed)} bytes") from None
        raise


def _checked(pieces: Iterator[bytes], entry: Entry) -> Iterator[bytes]:
    crc = 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        yield piece
    if entry.size >= 0 and entry.crc != crc and lock.has_crc(entry):
        raise DamagedError("checksum")


def _password(
    data: bytes, locked: Sequence[Entry], candidates: Iterable[str], budget: Budget
) -> tuple[str, bytes] | None:
    """Find the word that opens the archive: its check bytes fit, and its shortest file comes out whole."""
    known = [one for one in locked if lock.method(one) in _METHODS]
    entry = min(known, key=lambda one: (one.method != 99, one.packed), default=None)
    if entry is None:
        return None
    for word in candidates:
        for spelling in lock.spellings(word):
            if lock.opens(data, entry, spelling) and _proves(data, entry, spelling, budget):
                return word, spelling
    return None


def _proves(data: bytes, entry: Entry, password: bytes, budget: Budget) -> bool:
    is_slow = entry.method != 99
    limit = min(_PROVEN, budget.deciphered) if is_slow else entry.packed
    packed = lock.unlocked(data, entry, password, limit)
    if is_slow:
        budget.deciphered -= len(packed)
    elif packed:
        return True  # its HMAC is right
    size = 0
    try:
        for piece in _checked(_METHODS[lock.method(entry)](packed, 0, len(packed), entry), entry):
            size += len(piece)
            if size > MEMBER:
                return True
    except DamagedError:
        # Of a long file only the beginning was deciphered: it proves the word if that unpacks, or is of a known kind.
        if limit >= entry.packed - lock.HEADER:
            return False
        return size > _PROVEN // 2 if lock.method(entry) else file_type.detect(packed) not in ("", "text")
    return True


def _lzma(data: bytes, start: int, stop: int, entry: Entry) -> Iterator[bytes]:
    """LZMA in a zip has its properties in front (APPNOTE 5.8.8)."""
    if min(stop, len(data)) < start + 9 or data[start + 2 : start + 4] != b"\x05\0":
        raise DamagedError("breaks off")
    one = lzma_filter(data[start + 4], struct.unpack_from("<I", data, start + 5)[0])
    return unlzma([one], data, start + 9, stop, entry.size if entry.size >= 0 else None)


def lzma_filter(properties: int, dictionary: int) -> dict[str, int]:
    """Give a filter of `lzma` from the byte of lc, lp and pb. Raises DamagedError."""
    if properties >= 9 * 5 * 5:
        raise DamagedError("no LZMA")
    return {
        "id": lzma.FILTER_LZMA1,
        "lc": properties % 9,
        "lp": properties // 9 % 5,
        "pb": properties // 45,
        "dict_size": max(dictionary, 4_096),
    }


_METHODS: dict[int, Callable[[bytes, int, int, Entry], Iterator[bytes]]] = {
    0: lambda data, start, stop, _: stored(data, start, stop),
    8: lambda data, start, stop, _: inflate(data, start, stop),
    12: lambda data, start, stop, _: bunzip(data, start, stop),
    14: _lzma,
    93: lambda data, start, stop, _: unzstd(data, start, stop),
    95: lambda data, start, stop, _: unxz(data, start, stop),
}
