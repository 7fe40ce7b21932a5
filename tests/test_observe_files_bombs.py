"""Archives made to hurt whoever opens them: each is looked into within 5 CPU seconds and 512 MB."""

import base64
import bz2
import functools
import gzip
import io
import lzma
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archive_samples import sample
from tests.locked_mail import MIXED, zip_aes, zip_crypto
from tests.test_observe_files_archives import block5, vint
from watchword.observe import observe
from watchword.read.raw import RawMessage
from watchword.tables import Attachment, Defect

SECONDS, MEGABYTES = 5, 512
ZEROS = 50_000_000


def zipped(*members: tuple[str, bytes]) -> bytes:
    """Write a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def forty_two() -> bytes:
    """Sixteen archives in each of sixteen, five deep, as 42.zip."""
    data = zipped(("0.dll", bytes(ZEROS)))
    for level in range(4):
        data = zipped(*((f"{level}{number:x}.zip", data) for number in range(16)))
    return data


def overlap() -> bytes:
    """Write 65,000 names for the same bytes (Fifield 2019)."""
    held = zlib.compress(bytes(20_000_000), 9)[2:-4]
    crc, count = zlib.crc32(bytes(20_000_000)), 65_000
    shared = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, crc, len(held), 20_000_000, 5, 0)
    local = b"PK\3\4" + shared + b"00000" + held
    entries = b"".join(b"PK\1\2\x14\0" + shared + bytes(14) + b"%05d" % number for number in range(count))
    return local + entries + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(entries), len(local), 0)


def many() -> bytes:
    """65,000 programs of two bytes."""
    shared = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0, zlib.crc32(b"MZ"), 2, 2, 9, 0)
    names = [b"%05d.exe" % number for number in range(65_000)]
    files = b"".join(b"PK\3\4" + shared + name + b"MZ" for name in names)
    entries = b"".join(
        b"PK\1\2\x14\0" + shared + bytes(10) + struct.pack("<I", 41 * number) + name
        for number, name in enumerate(names)
    )
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(entries), len(files), 0)
    return files + entries + b"PK\5\6" + end


def nested() -> bytes:
    """Archives twenty deep."""
    data = zipped(("x.txt", b"x"))
    for _ in range(20):
        data = zipped(("inner.zip", data))
    return data


def lying() -> bytes:
    """A file of 50 MB that claims ten bytes."""
    data = bytearray(zipped(("a.txt", bytes(ZEROS))))
    at = data.rindex(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


def packed_three_times() -> bytes:
    """Zeros in gzip in gzip in gzip."""
    return gzip.compress(gzip.compress(gzip.compress(bytes(3 * ZEROS), 1)))


def seven_zip(header: bytes, packed: bytes = b"") -> bytes:
    """Write a 7z archive with this header."""
    place = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(place)) + place + packed + header


def dictionary_of_4_gb() -> bytes:
    """A packed header of 7 MB that wants a dictionary of 4 GB."""
    packed = lzma.compress(bytes(7_000_000), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20}])
    streams = b"\x17\x06\0\1\x09\xff" + struct.pack("<Q", len(packed)) + b"\0"
    coder = b"\x07\x0b\1\0\1\x23\3\1\1\5\x5d\xff\xff\xff\xff"
    return seven_zip(streams + coder + b"\x0c\xff" + struct.pack("<Q", 7_000_000) + b"\0\0", packed)


def absurd_rar() -> bytes:
    """A rar archive whose every size is beyond all bounds, of 30,000 files."""
    one = block5(vint(2), vint(0), vint(0), vint(2**62), vint(0), vint(0), vint(0), vint(5), b"a.exe")
    end = block5(vint(2), vint(2), vint(2**62), vint(0), vint(2**62), vint(0), vint(0), vint(0), vint(5), b"b.exe")
    return b"Rar!\x1a\x07\x01\0" + block5(vint(1), vint(0), vint(0)) + one * 30_000 + end + b"x"


def loops() -> bytes:
    """A disk image in which 60,000 folders are all the same folder."""
    extent = struct.pack("<I", 20) + struct.pack(">I", 20) + struct.pack("<I", 2_000_000) + struct.pack(">I", 2_000_000)
    record = b"\x22\0" + extent + bytes(7) + b"\2\0\0\1\0\0\1\1A"
    image = bytearray(20 * 2048)
    image[16 * 2048 : 16 * 2048 + 6] = b"\1CD001"
    image[16 * 2048 + 156 : 16 * 2048 + 190] = record
    image[17 * 2048 : 17 * 2048 + 6] = b"\xffCD001"
    return bytes(image) + (record * 60).ljust(2048, b"\0") * 977


def many_tarred() -> bytes:
    """Give a tar of 20,000 empty files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number in range(20_000):
            archive.addfile(tarfile.TarInfo(f"{number}.txt"))
    return out.getvalue()


BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "42.zip": (forty_two, {"limit-archive-entries"}),
    "zeros": (lambda: zipped(("a", bytes(2 * ZEROS))), {"limit-ratio"}),
    "65,000 files": (many, {"limit-archive-entries"}),
    "overlap": (overlap, {"archive-entries-overlap", "limit-ratio", "limit-archive-entries"}),
    "20 deep": (nested, {"limit-file-depth"}),
    "lying size": (lying, {"limit-ratio", "archive-headers-differ"}),
    "gz in gz in gz": (packed_three_times, {"limit-ratio"}),
    "bzip2 of zeros": (lambda: bz2.compress(bytes(ZEROS)), {"limit-ratio"}),
    "dictionary of 4 GB": (dictionary_of_4_gb, {"archive-damaged"}),
    "2^60 files in 7z": (lambda: seven_zip(b"\1\5\xff" + struct.pack("<Q", 2**60) + b"\0\0"), {"archive-damaged"}),
    "absurd rar": (absurd_rar, {"limit-archive-entries"}),
    "folders in a circle": (loops, {"archive-damaged"}),
    "20,000 in a tar": (many_tarred, {"limit-archive-entries"}),
    "AES, no password": (lambda: zip_aes(b"x7", *((f"{n}.txt", b"x") for n in range(500))), {"limit-archive-entries"}),
    "slow cipher": (lambda: zip_crypto(b"x7", ("a.exe", bytes(1_000_000))), set()),
    "7z, no password": (lambda: sample("locked.7z"), set()),
}


@functools.cache
def bomb(name: str) -> bytes:
    """Write one of them, once."""
    return BOMBS[name][0]()


def mail(data: bytes) -> RawMessage:
    """Write a message with this file, and with 300 words that could be passwords."""
    words = " ".join(f"word{number}a" for number in range(300))
    head = (
        f"From: ann@example.org\nMIME-Version: 1.0\nContent-Type: {MIXED}\n\n--cut\nContent-Type: text/plain\n\n{words}"
    )
    kind = "\n--cut\nContent-Type: application/octet-stream; name=x\nContent-Transfer-Encoding: base64\n\n"
    whole = (head + kind).encode() + base64.encodebytes(data) + b"\n--cut--\n"
    return RawMessage(whole, "k", len(whole))


@pytest.mark.parametrize("name", BOMBS)
def test_bomb(name: str) -> None:
    """A file made to cost much costs less than 5 CPU seconds, and the limit that stopped it is told."""
    message = mail(bomb(name))
    start = time.process_time()
    facts = list(observe(message, "source"))
    assert time.process_time() - start < SECONDS
    kinds = Counter(fact.kind for fact in facts if isinstance(fact, Defect))
    assert BOMBS[name][1] <= kinds.keys()
    assert not {"not-observed", "file-not-read"} & kinds.keys()
    assert max(kinds.values(), default=0) <= 20
    assert 0 < sum(isinstance(fact, Attachment) for fact in facts) <= 1_500


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells its memory only on Linux")
def test_memory(tmp_path: Path) -> None:
    """Looked into one after the other, they take a process to no more than 512 MB."""
    for name in ("42.zip", "65,000 files", "overlap", "gz in gz in gz", "dictionary of 4 GB"):
        (tmp_path / name).write_bytes(bomb(name))
    program = (
        "import sys; from pathlib import Path; from tests.test_observe_files_bombs import mail, observe\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()): list(observe(mail(path.read_bytes()), 'source'))\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert int(done.stdout) < MEGABYTES * 1024
