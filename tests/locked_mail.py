"""Archives with a lock, written for tests: what only programs with a licence of their own would write for us."""

import base64
import hashlib
import hmac
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Member = tuple[str, bytes]


def zip_crypto(password: bytes, *members: Member) -> bytes:
    """Write a zip locked as PKWARE once did (APPNOTE 6.1)."""
    return _zip([(name, data, 0, _cipher(password, data), b"", zlib.crc32(data)) for name, data in members])


def zip_aes(password: bytes, *members: Member) -> bytes:
    """Write a zip locked as WinZip does, AE-2 with 256 bits."""
    held = []
    for name, data in members:
        salt = hashlib.sha256(name.encode()).digest()[:16]
        keys = hashlib.pbkdf2_hmac("sha1", password, salt, 1_000, 66)
        encryptor = Cipher(algorithms.AES(keys[:32]), modes.ECB()).encryptor()  # noqa: S305  # counter mode by hand
        blocks = b"".join(number.to_bytes(16, "little") for number in range(1, len(data) // 16 + 2))
        shut = bytes(a ^ b for a, b in zip(data, encryptor.update(blocks), strict=False))
        whole = salt + keys[64:] + shut + hmac.digest(keys[32:64], shut, "sha1")[:10]
        held.append((name, data, 99, whole, struct.pack("<HHHHBH", 0x9901, 7, 2, 0x4541, 3, 0), 0))
    return _zip(held)


def attached(data: bytes, name: str, text: str = "") -> str:
    """Write the body of a message with a text and a file; its Content-Type is `MIXED`."""
    packed = base64.encodebytes(data).decode()
    return (
        f"--cut\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--cut\n"
        f'Content-Type: application/octet-stream; name="{name}"\nContent-Disposition: attachment; filename="{name}"\n'
        f"Content-Transfer-Encoding: base64\n\n{packed}\n--cut--\n"
    )


MIXED = "multipart/mixed; boundary=cut"


def _cipher(password: bytes, data: bytes) -> bytes:
    zero, one, two = 0x12345678, 0x23456789, 0x34567890

    def turn(byte: int) -> None:
        nonlocal zero, one, two
        zero = zlib.crc32(bytes([byte]), zero ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
        one = ((one + (zero & 0xFF)) * 134_775_813 + 1) & 0xFFFFFFFF
        two = zlib.crc32(bytes([one >> 24]), two ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    for byte in password:
        turn(byte)
    out = bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(data) >> 24]) + data:
        mixed = two | 2
        out.append(byte ^ (mixed * (mixed ^ 1) >> 8) & 0xFF)
        turn(byte)
    return bytes(out)


def _zip(held: list[tuple[str, bytes, int, bytes, bytes, int]]) -> bytes:
    out, directory = bytearray(), bytearray()
    for name, data, method, packed, extra, crc in held:
        raw = name.encode()
        flags = 1 if name.isascii() else 0x801  # with the mark of UTF-8
        shared = struct.pack("<HHHHHIIIHH", 51, flags, method, 0, 0, crc, len(packed), len(data), len(raw), len(extra))
        directory += b"PK\1\2\x33\0" + shared + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + raw + extra
        out += b"PK\3\4" + shared + raw + extra + packed
    at = len(out)
    end = struct.pack("<HHHHIIH", 0, 0, len(held), len(held), len(directory), at, 0)
    return bytes(out + directory) + b"PK\5\6" + end
