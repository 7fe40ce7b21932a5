"""7z archives: every name, and contents that LZMA, bzip2, DEFLATE and their filters packed, also behind a password.

Of our own on `lzma` and `cryptography`: py7zr is LGPL. Not unpacked: PPMd and rarer methods.
"""

import contextlib
import functools
import hashlib
import itertools
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from watchword.observe.files import Budget, Contents, File, seven_zip_branch
from watchword.observe.files.members import BZIP2, LZMA, MEMBER, DamagedError, Member, TooLongError, collect, pick
from watchword.observe.files.seven_zip_header import Coder, Folder, Header, Named, locate, parse
from watchword.observe.files.solid import Solid
from watchword.observe.files.unpacking import bunzip, inflate, stored, unlzma
from watchword.observe.files.zip_archive import lzma_filter

KINDS = ("7z",)

HEADER = 8 * 1024 * 1024  # bytes of an unpacked header
_COPY, _LZMA, _LZMA2, _AES = b"\0", b"\x03\x01\x01", b"\x21", b"\x06\xf1\x07\x01"
_BCJ2 = b"\x03\x03\x01\x1b"
_DEFLATE, _BZIP2, _DELTA = b"\x04\x01\x08", b"\x04\x02\x02", b"\x03"
_BRANCH = {
    b"\x03\x03\x01\x03": lzma.FILTER_X86, b"\x04": lzma.FILTER_X86,
    b"\x03\x03\x02\x05": lzma.FILTER_POWERPC, b"\x05": lzma.FILTER_POWERPC,
    b"\x03\x03\x04\x01": lzma.FILTER_IA64, b"\x06": lzma.FILTER_IA64,
    b"\x03\x03\x05\x01": lzma.FILTER_ARM, b"\x07": lzma.FILTER_ARM,
    b"\x03\x03\x07\x01": lzma.FILTER_ARMTHUMB, b"\x08": lzma.FILTER_ARMTHUMB,
    b"\x03\x03\x08\x05": lzma.FILTER_SPARC, b"\x09": lzma.FILTER_SPARC,
}  # fmt: skip
_NAMES = {b"\x03\x04\x01": "PPMd", b"\x04\x01\x09": "deflate64"}
_COSTS = {_LZMA: LZMA, _LZMA2: LZMA, _BZIP2: BZIP2}


def read(file: File, budget: Budget) -> Contents:
    """List a 7z archive and unpack what it holds."""
    contents = Contents()
    data = file.data
    try:
        header: Header | None = parse(locate(data))
        if header and header.folders and not header.files:
            header = _packed_header(data, header.folders[0], contents, file.passwords, budget)
    except DamagedError as error:
        contents.defects.append(("archive-damaged", str(error)))
        return contents
    if header is None:  # its header is locked, so that not even names can be seen
        return contents
    locked = [folder for folder in header.folders if _aes(folder)]
    contents.is_locked = bool(locked) or contents.is_locked or False
    if locked and not contents.password:
        contents.password = _password(data, min(locked, key=lambda one: one.size), file.passwords, budget)
    members = list(_members(data, header, contents))
    collect(contents, pick(contents, members, lambda member: member.name, budget), budget)
    return contents


def _packed_header(
    data: bytes, folder: Folder, contents: Contents, passwords: Sequence[str], budget: Budget
) -> Header | None:
    """Unpack a header that is itself packed, as nearly all are; None where it is locked and stays so."""
    if folder.size > HEADER:
        raise TooLongError(f"its header claims {folder.size} bytes")
    coder = _aes(folder)
    if coder is None:
        return parse(_whole(data, folder, "", HEADER))
    contents.is_locked = True
    for word in _tried(coder, passwords, budget):
        with contextlib.suppress(DamagedError):
            header = _whole(data, folder, word, folder.size)
            if folder.crc in (None, zlib.crc32(header)) and header[:1] == b"\1":
                found = parse(header)
                contents.password = word
                return found
    return None


def _members(data: bytes, header: Header, contents: Contents) -> Iterator[Member]:
    places = _places(data, header, contents.password)
    for named in header.files:
        if not named.has_bytes:
            if not named.is_folder:
                yield Member(named.name, 0, 0, functools.partial(stored, b"", 0, 0))
            continue
        place = next(places, None)
        if place is None:
            contents.defects.append(("archive-damaged", "more names than files"))
            return
        yield _member(named, *place, contents)


def _places(data: bytes, header: Header, password: str) -> Iterator[tuple[Folder, Solid, int, int, int | None]]:
    """Give for each file its folder, the folder's stream, where in it the file begins, its size and its checksum."""
    for folder in header.folders:
        solid = Solid(functools.partial(_unpack, data, folder, password))
        at = 0
        for size, crc in folder.files:
            yield folder, solid, at, size, crc
            at += size


def _member(
    named: Named, folder: Folder, solid: Solid, start: int, size: int, crc: int | None, contents: Contents
) -> Member:
    target = "?" if named.is_link else None
    packed = max(sum(folder.lengths) * size // max(folder.size, 1), 1)
    unpack: Callable[[], Iterator[bytes]] | None = functools.partial(solid.take, start, size, crc)
    is_shut = _aes(folder) is not None and not contents.password
    unknown = _unknown(folder)
    if unknown and not is_shut and len(contents.defects) < 5:
        contents.defects.append(("archive-not-unpacked", f"{named.name[:100]!a}: {unknown}"))
    if is_shut or unknown:
        unpack = None
    cost = max(_COSTS.get(coder.method, 1) for coder in folder.coders)
    return Member(named.name, size, packed, unpack, True if is_shut else None, (), target, cost)


# ------------------------------------------------------------ coders


def _chain(folder: Folder) -> list[Coder] | None:
    """Give the coders from the packed stream to the plain one; None where streams join (BCJ2)."""
    if any(coder.inputs != 1 or coder.outputs != 1 for coder in folder.coders) or len(folder.packed) != 1:
        return None
    feeds = {source: target for target, source in folder.binds}  # output to the input that it goes to
    at = folder.packed[0]
    chain: list[Coder] = []
    while at < len(folder.coders) and len(chain) < len(folder.coders):
        chain.append(folder.coders[at])
        if at not in feeds:
            return chain
        at = feeds[at]
    return None


def _unknown(folder: Folder) -> str:
    """Name the method that is not known here; empty if all are."""
    known = {_COPY, _LZMA, _LZMA2, _AES, _DEFLATE, _BZIP2, _DELTA, _BCJ2, *_BRANCH}
    for coder in folder.coders:
        if coder.method not in known:
            return _NAMES.get(coder.method, f"method {coder.method.hex()}")
    return ""


def _aes(folder: Folder) -> Coder | None:
    return next((coder for coder in folder.coders if coder.method == _AES), None)


def _unpack(data: bytes, folder: Folder, password: str) -> Iterator[bytes]:
    """Undo a chain of coders. Raises DamagedError."""
    if folder.start + sum(folder.lengths) > len(data):
        raise DamagedError("breaks off")
    chain = _chain(folder)
    if chain is None:
        return _stored(_joined(data, folder, password), folder.size)
    start, stop = folder.start, folder.start + folder.lengths[0]
    if chain[0].method == _AES:
        data = _decipher(data[start:stop], chain.pop(0), password)
        start, stop = 0, len(data)
    if not chain:
        return stored(data, start, min(stop, start + folder.size))
    first, *rest = chain
    pieces = _plain(first, data, start, stop, folder.size)
    for coder in rest:
        pieces = _filtered(coder, pieces)
    return pieces


def _stored(data: bytes, size: int) -> Iterator[bytes]:
    yield from stored(data, 0, len(data))
    if len(data) < size:
        raise TooLongError(f"put together no further than {len(data)} bytes")


def _joined(data: bytes, folder: Folder, password: str) -> bytes:
    """Undo coders of which one puts streams together (BCJ2). Raises DamagedError."""
    feeds = dict(folder.binds)  # input to the output that it comes from
    if any(coder.outputs != 1 for coder in folder.coders) or max(folder.sizes) > MEMBER:
        raise TooLongError("streams that part, or too long ones")
    starts = list(itertools.accumulate((coder.inputs for coder in folder.coders), initial=0))
    edges = list(itertools.accumulate(folder.lengths, initial=folder.start))
    packed = {number: slice(*edges[place : place + 2]) for place, number in enumerate(folder.packed)}
    left = len(folder.coders)

    def output(number: int) -> bytes:
        nonlocal left
        left -= 1
        if left < 0 or number >= len(folder.coders):
            raise DamagedError("its coders are bound wrongly")
        coder = folder.coders[number]
        read = [
            output(feeds[one]) if one in feeds else data[packed.get(one, slice(0))]
            for one in range(starts[number], starts[number + 1])
        ]
        size = folder.sizes[number]
        if coder.method == _BCJ2 and len(read) == 4:
            main, calls, jumps, coded = read
            return seven_zip_branch.join(main, calls, jumps, coded, size)
        if coder.method == _AES:
            return _decipher(read[0], coder, password)[:size]
        return b"".join(_plain(coder, read[0], 0, len(read[0]), size))[:size]

    bound = set(feeds.values())
    return output(next(number for number in range(len(folder.coders)) if number not in bound))


def _plain(coder: Coder, data: bytes, start: int, stop: int, size: int) -> Iterator[bytes]:
    if coder.method == _LZMA:
        if len(coder.properties) < 5:
            raise DamagedError("no LZMA")
        one = lzma_filter(coder.properties[0], struct.unpack_from("<I", coder.properties, 1)[0])
        one["dict_size"] = max(4_096, min(one["dict_size"], size))  # no more than all that comes out
        return unlzma([one], data, start, stop, size)
    if coder.method == _LZMA2:
        bits = coder.properties[0] if coder.properties else 40
        wide = 0xFFFFFFFF if bits >= 40 else (2 | bits & 1) << (bits // 2 + 11)
        within = max(4_096, min(wide, size))
        return unlzma([{"id": lzma.FILTER_LZMA2, "dict_size": within}], data, start, stop, size)
    if coder.method == _DEFLATE:
        return inflate(data, start, stop)
    if coder.method == _BZIP2:
        return bunzip(data, start, stop)
    if coder.method == _COPY:
        return stored(data, start, min(stop, start + size))
    raise DamagedError("a filter without what it filters")


def _filtered(coder: Coder, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Undo a filter: as LZMA2 that packs nothing, because `lzma` filters only what it unpacks."""
    if coder.method == _DELTA:
        filters = [{"id": lzma.FILTER_DELTA, "dist": (coder.properties or b"\0")[0] + 1}]
    elif coder.method in _BRANCH:
        filters = [{"id": _BRANCH[coder.method]}]
    elif coder.method == _COPY:
        yield from pieces
        return
    else:
        raise DamagedError("methods one behind the other")
    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[*filters, {"id": lzma.FILTER_LZMA2, "dict_size": 4_096}])
    try:
        for piece in pieces:
            for at in range(0, len(piece), 65_536):
                part = piece[at : at + 65_536]
                if out := decoder.decompress(b"\x01" + (len(part) - 1).to_bytes(2, "big") + part):
                    yield out
        if out := decoder.decompress(b"\0"):
            yield out
    except lzma.LZMAError as error:
        raise DamagedError(str(error)) from None


# ------------------------------------------------------------ passwords


def _password(data: bytes, folder: Folder, words: Sequence[str], budget: Budget) -> str:
    """Find the word with which a folder comes out whole."""
    coder = _aes(folder)
    crc = folder.crc if folder.crc is not None else folder.files[0][1] if folder.files else None
    size = folder.size if folder.crc is not None else folder.files[0][0] if folder.files else 0
    if coder is None or crc is None or _unknown(folder) or size > MEMBER:
        return ""
    for word in _tried(coder, words, budget):
        with contextlib.suppress(DamagedError):
            if zlib.crc32(_whole(data, folder, word, size)) == crc:
                return word
    return ""


def _tried(coder: Coder, words: Sequence[str], budget: Budget) -> Iterator[str]:
    """Give as many words as the message's share of hashing allows."""
    for word in words:
        if budget.rounds < _rounds(coder):
            return
        budget.rounds -= _rounds(coder)
        yield word


def _whole(data: bytes, folder: Folder, password: str, size: int) -> bytes:
    """Unpack the beginning of a folder, so many bytes. Raises DamagedError."""
    pieces = []
    for piece in _unpack(data, folder, password):
        pieces.append(piece[:size])
        size -= len(pieces[-1])
        if size <= 0:
            break
    return b"".join(pieces)


def _rounds(coder: Coder) -> int:
    power = coder.properties[0] & 0x3F if coder.properties else 0
    return 1 << power if power < 0x3F else 1


def _decipher(data: bytes, coder: Coder, password: str) -> bytes:
    """Undo AES-256 in CBC mode, whose key is SHA-256 over the password many times."""
    properties = coder.properties
    if len(properties) < 2:
        raise DamagedError("no salt")
    salt_size = (properties[0] >> 7 & 1) + (properties[1] >> 4)
    iv_size = (properties[0] >> 6 & 1) + (properties[1] & 0x0F)
    salt = properties[2 : 2 + salt_size]
    iv = properties[2 + salt_size : 2 + salt_size + iv_size].ljust(16, b"\0")
    power = properties[0] & 0x3F
    if power > 24 and power != 0x3F:
        raise TooLongError(f"its password is hashed 2^{power} times")
    key = _key(password.encode("utf-16-le", "surrogatepass"), salt, power)
    data = data[: len(data) // 16 * 16]
    return Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(data)


@functools.lru_cache(maxsize=2)
def _key(password: bytes, salt: bytes, power: int) -> bytes:
    if power == 0x3F:
        return (salt + password)[:32].ljust(32, b"\0")
    digest = hashlib.sha256()
    one = salt + password
    step = min(1 << power, 8_192)
    for first in range(0, 1 << power, step):
        digest.update(b"".join([one + number.to_bytes(8, "little") for number in range(first, first + step)]))
    return digest.digest()
