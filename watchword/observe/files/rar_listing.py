"""Rar archives, versions 1.5 to 5: every name; contents only where they are stored, for rar's packing is not public.

With the right password locked names are read, too, and of version 5 a password proves itself.
Sources: RAR 5.0 archive format, technote.txt of RAR 4, both by A. Roshal.
"""

import functools
import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from watchword.observe.files import Budget, Contents, File
from watchword.observe.files.members import DamagedError, Member, collect
from watchword.observe.files.unpacking import stored

KINDS = ("rar",)
FILES = 70_000
MAGIC4, MAGIC5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"
_HEADER = 2 * 1024 * 1024  # bytes of one header, as the format allows
_ROUNDS = 24  # the greatest power of two that the format allows for hashing a password


@dataclass(slots=True)
class _Lock:
    """How something is locked: with what the password is hashed, and how often."""

    power: int
    salt: bytes
    check: bytes  # of the password, empty if there is none
    iv: bytes = b""


@dataclass(slots=True)
class _Archive:
    data: bytes
    words: Sequence[str]
    budget: Budget
    contents: Contents
    packed: int = 0  # files that are packed as only rar does
    keys: dict[tuple[bytes, int], bytes | None] = field(default_factory=dict)


def read(file: File, budget: Budget) -> Contents:
    """List a rar archive and take out what is only stored."""
    contents = Contents(is_locked=False)
    archive = _Archive(file.data, file.passwords, budget, contents)
    members: list[Member] = []
    try:
        for member in _version4(archive) if file.data.startswith(MAGIC4) else _version5(archive):
            members.append(member)
            if len(members) == FILES:
                contents.defects.append(("limit-archive-entries", f"more than {FILES} entries"))
                break
    except (DamagedError, struct.error, IndexError) as error:
        contents.defects.append(("archive-damaged", f"after {len(members)} files: {error}"))
    if archive.packed:
        contents.defects.append(("archive-not-unpacked", f"{archive.packed} files are packed by rar"))
    collect(contents, members, budget)
    return contents


# ------------------------------------------------------------ version 5


def _version5(archive: _Archive) -> Iterator[Member]:
    data = archive.data
    at = len(MAGIC5)
    key: bytes | None = None
    while at < len(data):
        if key is None:
            header, at = _plain_header(data, at)
        else:
            header, at = _locked_header(data, at, key)
        fields = _Fields(header)
        kind, flags = fields.vint(), fields.vint()
        extra = fields.vint() if flags & 1 else 0
        size = fields.vint() if flags & 2 else 0
        start, at = at, at + size
        if kind == 2:
            member = _file5(archive, fields, extra, start, size, bool(flags & 0x18))
            if member is not None:
                yield member
        elif kind == 4:
            archive.contents.is_locked = True
            key = _key(archive, _encryption(fields, iv=False))
            if key is None:
                return
        elif kind == 5:
            return


def _plain_header(data: bytes, at: int) -> tuple[bytes, int]:
    size, start = _vint(data, at + 4)
    if size > _HEADER or start + size > len(data):
        raise DamagedError("breaks off")
    if zlib.crc32(data[at + 4 : start + size]) != struct.unpack_from("<I", data, at)[0]:
        raise DamagedError("checksum of a header")
    return data[start : start + size], start + size


def _locked_header(data: bytes, at: int, key: bytes) -> tuple[bytes, int]:
    """Read a header behind a password: 16 bytes to begin with, then AES-256 in CBC mode."""
    if len(data) < at + 32:
        raise DamagedError("breaks off")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(data[at : at + 16])).decryptor()
    first = decryptor.update(data[at + 16 : at + 32])
    size, start = _vint(first, 4)
    whole = (start + size + 15) // 16 * 16
    if size > _HEADER or at + 16 + whole > len(data):
        raise DamagedError("breaks off")
    plain = first + decryptor.update(data[at + 32 : at + 16 + whole])
    header, _ = _plain_header(plain, 0)
    return header, at + 16 + whole


def _file5(archive: _Archive, fields: "_Fields", extra: int, start: int, packed: int, is_split: bool) -> Member | None:
    flags, size, _ = fields.vint(), fields.vint(), fields.vint()
    fields.take(4 if flags & 2 else 0)
    crc = struct.unpack("<I", fields.take(4))[0] if flags & 4 else None
    method = fields.vint() >> 7 & 7
    fields.vint()
    name = fields.take(fields.vint()).decode("utf-8", "replace").replace("\\", "/")
    lock, target = _extras(fields, extra)
    if flags & 1 and target is None:
        return None
    key = None
    if lock is not None:
        archive.contents.is_locked = True
        key = _key(archive, lock)
    is_shut = lock is not None and key is None
    unpack = None
    if not is_shut and (method or is_split):
        archive.packed += 1
    elif not is_shut:
        unpack = functools.partial(_take5, archive.data, start, packed, size, None if lock else crc, key, lock)
    claimed = None if flags & 8 or target is not None else size
    return Member(name, claimed, packed, unpack, True if is_shut else None, (), target)


def _take5(
    data: bytes, start: int, packed: int, size: int, crc: int | None, key: bytes | None, lock: _Lock | None
) -> Iterator[bytes]:
    if lock is not None and key is not None:
        shut = data[start : start + packed // 16 * 16]
        data = Cipher(algorithms.AES(key), modes.CBC(lock.iv)).decryptor().update(shut)[:size]
        start, packed = 0, len(data)
    found = 0
    for piece in stored(data, start, start + packed):
        found = zlib.crc32(piece, found)
        yield piece
    if crc is not None and found != crc:
        raise DamagedError("checksum")


def _extras(fields: "_Fields", extra: int) -> tuple[_Lock | None, str | None]:
    """Read the records behind a file's header: its lock, and where it leads if it is a link."""
    lock, target = None, None
    fields.at = max(fields.at, len(fields.data) - extra)
    while extra and fields.at < len(fields.data):
        size = fields.vint()
        inner = _Fields(fields.take(size))
        kind = inner.vint()
        if kind == 1:
            lock = _encryption(inner, iv=True)
        elif kind == 5:
            inner.vint()
            inner.vint()
            target = inner.take(inner.vint()).decode("utf-8", "replace")
    return lock, target


def _encryption(fields: "_Fields", *, iv: bool) -> _Lock:
    fields.vint()
    flags = fields.vint()
    power = fields.take(1)[0]
    salt = fields.take(16)
    begin = fields.take(16) if iv else b""
    return _Lock(power, salt, fields.take(12)[:8] if flags & 1 else b"", begin)


def _key(archive: _Archive, lock: _Lock) -> bytes | None:
    """Find the word that opens; None if none does or nothing would prove it."""
    known = (lock.salt, lock.power)
    if known in archive.keys:
        return archive.keys[known]
    if len(archive.keys) > 1_000 or lock.power > _ROUNDS or not lock.check:
        return None
    found = None
    known_word = archive.contents.password
    # One password is asked for: all words are tried on the first lock, and the one that opened it on the others.
    for word in ([known_word] if known_word else []) if archive.keys else archive.words:
        rounds = 1 << lock.power
        if archive.budget.rounds < rounds:
            break
        archive.budget.rounds -= rounds
        password = word.encode("utf-8", "surrogatepass")
        check = hashlib.pbkdf2_hmac("sha256", password, lock.salt, rounds + 32)
        if bytes(check[n] ^ check[n + 8] ^ check[n + 16] ^ check[n + 24] for n in range(8)) == lock.check:
            archive.contents.password = word
            found = hashlib.pbkdf2_hmac("sha256", password, lock.salt, rounds)
            break
    archive.keys[known] = found
    return found


class _Fields:
    """A header from front to end. Raises DamagedError at the end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def vint(self) -> int:
        value, self.at = _vint(self.data, self.at)
        return value

    def take(self, size: int) -> bytes:
        if size > len(self.data) - self.at:
            raise DamagedError("a header breaks off")
        self.at += size
        return self.data[self.at - size : self.at]


def _vint(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of seven bits per byte, the lowest first."""
    value = 0
    for place in range(10):
        if at + place >= len(data):
            break
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value, at + place + 1
    raise DamagedError("a header breaks off")


# ------------------------------------------------------------ version 4 and before


def _version4(archive: _Archive) -> Iterator[Member]:
    data = archive.data
    at = len(MAGIC4)
    while at + 7 <= len(data):
        crc, kind, flags, size = struct.unpack_from("<HBHH", data, at)
        if size < 7 or at + size > len(data):
            raise DamagedError("breaks off")
        header = data[at : at + size]
        has_comment = flags & {0x73: 2, 0x74: 8}.get(kind, 0)  # which the checksum of old versions leaves out
        if kind in (0x73, 0x74) and zlib.crc32(header[2:]) & 0xFFFF != crc and not has_comment:
            raise DamagedError("checksum of a header")
        more = struct.unpack_from("<I", header, 7)[0] if flags & 0x8000 or kind == 0x74 else 0
        if kind == 0x74 and flags & 0x100:
            more |= struct.unpack_from("<I", header, 32)[0] << 32
        start, at = at + size, at + size + more
        if kind == 0x73 and flags & 0x80:  # even the names are locked
            archive.contents.is_locked = True
            return
        if kind == 0x74:
            member = _file4(archive, header, flags, start, more)
            if member is not None:
                yield member
        elif kind == 0x7B:
            return


def _file4(archive: _Archive, header: bytes, flags: int, start: int, packed: int) -> Member | None:
    size, host, crc, _, _, method, length = struct.unpack_from("<IBIIBBH", header, 11)
    (attributes,) = struct.unpack_from("<I", header, 28)
    at = 32
    if flags & 0x100:
        size |= struct.unpack_from("<I", header, 36)[0] << 32
        at = 40
    name = _name4(header[at : at + length], bool(flags & 0x200)).replace("\\", "/")
    if flags & 0xE0 == 0xE0:
        return None
    is_shut = bool(flags & 4)
    is_link = host == 3 and attributes & 0xF000 == 0xA000
    unpack = None
    if is_shut:
        archive.contents.is_locked = True
    elif method == 0x30 and not flags & 3:
        unpack = functools.partial(_take5, archive.data, start, packed, size, crc, None, None)
    else:
        archive.packed += 1
    target = None
    if is_link:
        target = archive.data[start : start + min(packed, 4_096)].decode("utf-8", "replace") if unpack else "?"
    return Member(name, size, packed, unpack, True if is_shut else None, (), target)


def _name4(raw: bytes, is_unicode: bool) -> str:
    plain, mark, coded = raw.partition(b"\0")
    if not is_unicode:
        return raw.decode("utf-8", "replace") if _is_utf8(raw) else raw.decode("cp437")
    if not mark:
        return raw.decode("utf-8", "replace")
    return _unpacked_name(plain, coded)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _unpacked_name(plain: bytes, coded: bytes) -> str:
    """Undo rar's own packing of names in UTF-16: each letter by two bits, as it differs from the plain name."""
    out = bytearray()
    if not coded:
        return plain.decode("cp437")
    high, at, bits, flags = coded[0], 1, 0, 0
    while at < len(coded) and len(out) < 8_192:
        if not bits:
            flags, bits, at = coded[at], 8, at + 1
            if at >= len(coded):
                break
        bits -= 2
        how = flags >> bits & 3
        if how == 2:
            out += coded[at : at + 2].ljust(2, b"\0")
            at += 2
        elif how < 2:
            out += bytes((coded[at], high if how else 0))
            at += 1
        else:
            count = coded[at]
            shift = coded[at + 1] if count & 0x80 and at + 1 < len(coded) else 0
            at += 2 if count & 0x80 else 1
            place = len(out) // 2
            for letter in plain[place : place + (count & 0x7F) + 2]:
                out += bytes(((letter + shift) & 0xFF, high if count & 0x80 else 0))
    return out.decode("utf-16-le", "replace")
