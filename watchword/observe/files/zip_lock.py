"""Locks of zip archives: the old cipher of PKWARE (ZipCrypto) and AES as WinZip has it (AE-1, AE-2).

Of our own on `cryptography` rather than `pyzipper`: only the bytes of one file are wanted, within limits, and a word is
tried in a millisecond, where pyzipper opens the archive again. Sources: APPNOTE.TXT 6.1, WinZip "AES Encryption
Information", version 1.04.
"""

import hashlib
import hmac
import zlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from watchword.observe.files.zip_listing import Entry, aes_field

_CRC = [0] * 256
for _byte in range(256):
    _value = _byte
    for _ in range(8):
        _value = _value >> 1 ^ (0xEDB88320 if _value & 1 else 0)
    _CRC[_byte] = _value

HEADER = 12  # bytes before what ZipCrypto locks
_CODE_PAGES = ("cp437", "cp1252", "cp850", "cp1251", "cp866", "cp1256", "cp1255", "gb18030", "cp932", "cp949")
_SALTS = {1: 8, 2: 12, 3: 16}


def spellings(word: str) -> Iterator[bytes]:
    """Give the bytes that programs make of a password: UTF-8, or the code page of the computer it was typed on."""
    first = word.encode("utf-8", "surrogatepass")
    yield first
    if word.isascii():
        return
    seen = {first}
    for page in _CODE_PAGES:
        try:
            other = word.encode(page)
        except UnicodeEncodeError:
            continue
        if other not in seen:
            seen.add(other)
            yield other


def opens(data: bytes, entry: Entry, password: bytes) -> bool:
    """Tell whether a password may be right by the check bytes: of wrong ones 1 in 256 passes, of AES 1 in 65,536."""
    if entry.method == 99:
        aes = _aes(data, entry, password)
        return aes is not None
    if entry.packed < HEADER:
        return False
    header = _Keys(password).decipher(data[entry.start : entry.start + HEADER])
    return header[-1:] in (bytes([entry.crc >> 24]), bytes([entry.time >> 8]))


def unlocked(data: bytes, entry: Entry, password: bytes, limit: int) -> bytes:
    """Give what a file holds behind its lock, still compressed: at most `limit` bytes where only Python deciphers."""
    if entry.method == 99:
        keys = _aes(data, entry, password)
        if keys is None:
            return b""
        key, mac, start, stop = keys
        if not hmac.compare_digest(hmac.digest(mac, data[start:stop], "sha1")[:10], data[stop : stop + 10]):
            return b""
        return _counter(key, data[start:stop])
    stop = entry.start + min(entry.packed, HEADER + limit)
    return _Keys(password).decipher(data[entry.start : stop])[HEADER:]


def method(entry: Entry) -> int:
    """Give how a file is compressed behind its lock."""
    if entry.method != 99:
        return entry.method
    aes = aes_field(entry)
    return aes[2] if aes else -1


def has_crc(entry: Entry) -> bool:
    """Tell whether the checksum counts; AE-2 leaves it out, because it would tell about short files."""
    aes = aes_field(entry) if entry.method == 99 else None
    return aes is None or aes[0] == 1


def _aes(data: bytes, entry: Entry, password: bytes) -> tuple[bytes, bytes, int, int] | None:
    """Derive the keys: of the cipher, of the checksum, and where the bytes begin and end. None if it is not right."""
    aes = aes_field(entry)
    if aes is None or aes[1] not in _SALTS:
        return None
    salt_length = _SALTS[aes[1]]
    start = entry.start + salt_length + 2
    stop = entry.start + entry.packed - 10
    if stop < start or stop + 10 > len(data):
        return None
    salt = data[entry.start : entry.start + salt_length]
    length = 2 * salt_length
    keys = hashlib.pbkdf2_hmac("sha1", password, salt, 1_000, 2 * length + 2)
    if keys[-2:] != data[start - 2 : start]:
        return None
    return keys[:length], keys[length : 2 * length], start, stop


def _counter(key: bytes, data: bytes) -> bytes:
    """Decipher AES in counter mode, whose counter WinZip writes with the lowest byte first."""
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305  # blocks of the counter only
    out = []
    piece = 1 << 20
    for at in range(0, len(data), piece):
        part = data[at : at + piece]
        first = at // 16 + 1
        blocks = b"".join([n.to_bytes(16, "little") for n in range(first, first + (len(part) + 15) // 16)])
        stream = encryptor.update(blocks)[: len(part)]
        out.append((int.from_bytes(part, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(part), "big"))
    return b"".join(out)


class _Keys:
    """The three keys of ZipCrypto (APPNOTE 6.1.5), which change with each byte."""

    def __init__(self, password: bytes) -> None:
        self._keys = (0x12345678, 0x23456789, 0x34567890)
        zero, one, two = self._keys
        for byte in password:
            zero = zero >> 8 ^ _CRC[(zero ^ byte) & 0xFF]
            one = ((one + (zero & 0xFF)) * 134_775_813 + 1) & 0xFFFFFFFF
            two = two >> 8 ^ _CRC[(two ^ one >> 24) & 0xFF]
        self._keys = (zero, one, two)

    def decipher(self, data: bytes) -> bytes:
        """Decipher from the beginning."""
        zero, one, two = self._keys
        table = _CRC
        out = bytearray(len(data))
        for place, byte in enumerate(data):
            mixed = two | 2
            plain = byte ^ (mixed * (mixed ^ 1) >> 8) & 0xFF
            out[place] = plain
            zero = zero >> 8 ^ table[(zero ^ plain) & 0xFF]
            one = ((one + (zero & 0xFF)) * 134_775_813 + 1) & 0xFFFFFFFF
            two = two >> 8 ^ table[(two ^ one >> 24) & 0xFF]
        return bytes(out)


def is_right(data: bytes, checksum: int) -> bool:
    """Tell whether bytes are what the archive's checksum says."""
    return zlib.crc32(data) == checksum
