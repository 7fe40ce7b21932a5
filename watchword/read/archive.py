"""Archives and compressed files, read forward once and never unpacked to disk: zip, tar, gzip, bzip2, xz.

Every size that an archive claims is distrusted: a stream that grows far beyond its compressed size is stopped.
"""

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, Protocol

from watchword.read.raw import MESSAGE_BYTES
from watchword.read.recognise import COMPRESSED, HEAD, SINGLE, Look, archive_kind, look_at_json, recognise, wants_more
from watchword.read.tape import tar_files, zip_content, zip_files
from watchword.read.window import Stream

DEPTH = 3  # archives within archives
ENTRIES = 1_000_000  # files in one archive
RATIO = 200  # mail compresses 2 to 20 times; zlib's limit is 1,032
FREE = 64 * 1024 * 1024  # so much may come out whatever the ratio
MEMORY = 256 * 1024 * 1024  # what xz may ask for
BOMB = f"grows more than {RATIO} times when unpacked, as decompression bombs do"


@dataclass(slots=True)
class Entry:
    """One file inside an archive, open for reading."""

    archive: str  # path of the innermost archive inside the outermost, with a final `!`; empty for the outermost
    name: str  # path inside the innermost archive
    number: int  # how manieth file of that archive it is, from 0
    size: int  # bytes as the archive claims, -1 if it does not say
    stream: Stream

    @property
    def member(self) -> str:
        """Path from the outermost archive on."""
        return self.archive + self.name

    @property
    def head(self) -> bytes:
        """The first bytes, as many as it takes to recognise what it is."""
        head = self.stream.peek(HEAD)
        return self.stream.peek(HEAD + SINGLE) if wants_more(head) else head

    def look(self) -> Look:
        """Recognise it."""
        head = self.head
        found = recognise(head, self.name, whole=self.stream.ended(self.stream.taken + len(head)))
        return look_at_json(self.stream.peek(MESSAGE_BYTES)) if found.kind == "json" else found


class Trouble(NamedTuple):
    """Something in an archive that could not be read."""

    member: str
    reason: str  # without subject, as `is encrypted`
    advice: str


Wants = Callable[[str, str, int], bool]  # archive, name, number: whether to open it


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """A zlib decoder with the interface that those of bz2 and lzma have."""

    def __init__(self) -> None:
        self._it = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._it.eof

    @property
    def needs_input(self) -> bool:
        return not self._it.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._it.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._it.decompress(self._it.unconsumed_tail + data, max_length)


def inflated(kind: str, stream: Stream) -> Stream:
    """Give what a gzip, bzip2 or xz stream holds, also where several were put one after the other."""

    def start() -> _Decoder:
        if kind == "gzip":
            return _Zlib()
        return bz2.BZ2Decompressor() if kind == "bzip2" else lzma.LZMADecompressor(memlimit=MEMORY)

    decoder = start()
    begin = stream.taken
    out = 0

    def read(size: int) -> bytes:
        nonlocal decoder, out
        while True:
            if decoder.eof:
                if not stream.peek(8).startswith(COMPRESSED[kind]):
                    return b""  # padding after the end
                decoder = start()
            data = stream.take(262_144) if decoder.needs_input else b""
            short = decoder.needs_input and not data
            # Asking for no more than is allowed makes the place of the stop the same in every run.
            allowed = max(FREE, RATIO * (stream.taken - begin)) - out
            if allowed <= 0:
                raise ValueError(BOMB)
            piece = decoder.decompress(data, min(size, allowed))
            if decoder.eof and decoder.unused_data:
                stream.give_back(decoder.unused_data)
            out += len(piece)
            if piece:
                return piece
            if short and not decoder.eof:
                raise EOFError(stream.error or "ends before its end mark: it was cut off")

    return Stream(read)


def files_in(path: Path, wants: Wants, troubles: list[Trouble]) -> Iterator[Entry]:
    """Give the files inside an archive on disk, those of nested archives too, in the archive's own order.

    An entry can be read only until the next is asked for. What cannot be read is added to `troubles`.
    Raises OSError where the archive itself cannot be opened.
    """
    with path.open("rb") as file:
        kind = archive_kind(file.read(512))
        file.seek(0)
        if kind is None:
            troubles.append(Trouble("", "is no archive any more", "Put the archive back."))
        elif kind == "zip":
            yield from _zip(file, path.stat().st_size, wants, troubles)
        else:
            yield from _inside(Stream(file.read), kind, path.name, "", 1, wants, troubles)


def _inside(
    stream: Stream, kind: str, name: str, archive: str, depth: int, wants: Wants, troubles: list[Trouble]
) -> Iterator[Entry]:
    """Give the files inside one archive; `archive` is the prefix of their members."""
    if kind in COMPRESSED:
        stream = inflated(kind, stream)
        if stream.peek(512)[257:263] not in (b"ustar\0", b"ustar "):
            stem = PurePosixPath(name)
            inner = stem.stem if stem.suffix.lower() in (".gz", ".bz2", ".xz", ".z") else stem.name
            yield from _open(Entry(archive, inner, 0, -1, stream), depth, wants, troubles)
            return
        kind = "tar"
    number = 0
    last: Stream | None = None
    for file in tar_files(stream) if kind == "tar" else zip_files(stream, inflate_guard):
        if isinstance(file, str):
            if last is not None and last.error:
                continue  # whoever read that file knows
            troubles.append(Trouble(archive.rstrip("!"), file, "Look for an intact copy, or unpack it by hand."))
            continue
        if number >= ENTRIES:
            troubles.append(
                Trouble(archive.rstrip("!"), f"holds more than {ENTRIES:,} files", "Unpack it, name the folder.")
            )
            return
        last = None
        if wants(archive, file.name, number):
            last = file.stream
            yield from _open(Entry(archive, file.name, number, file.size, last), depth, wants, troubles)
        number += 1


def inflate_guard(taken: int, out: int) -> None:
    """Raise ValueError where a stream grows as decompression bombs do."""
    if out > FREE and out > RATIO * taken:
        raise ValueError(BOMB)


def _zip(file: BinaryIO, size: int, wants: Wants, troubles: list[Trouble]) -> Iterator[Entry]:
    """Give the files of a zip on disk by its directory; without one, as far as they can be read from its start."""
    try:
        archive = zipfile.ZipFile(file)
        entries = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, MemoryError):
        troubles.append(
            Trouble("", "is a zip archive whose directory at the end is missing or broken: what could be read was",
                    "Download it again.")
        )  # fmt: skip
        file.seek(0)
        yield from _inside(Stream(file.read), "zip", "", "", 1, wants, troubles)
        return
    if len(entries) > ENTRIES:
        troubles.append(Trouble("", f"holds more than {ENTRIES:,} files", "Unpack it and name the folder."))
        return
    if sum(info.file_size for info in entries) > max(FREE, RATIO * size):
        troubles.append(Trouble("", BOMB, "If it is real mail, unpack it and name the folder."))
        return
    locked = [info.filename for info in entries if info.flag_bits & 1]
    if locked:
        named = ", ".join(locked[:10]) + (f" and {len(locked) - 10} more" if len(locked) > 10 else "")
        troubles.append(Trouble("", f"has encrypted files: {named}", "Unpack it with its password, name the folder."))
    for number, info in enumerate(entries):
        if info.flag_bits & 1 or not wants("", info.filename, number):
            continue
        if info.file_size > max(FREE, RATIO * info.compress_size):
            troubles.append(Trouble(info.filename, BOMB, "If it is real mail, unpack it and name the folder."))
            continue
        try:
            content = zip_content(file, info, inflate_guard)
        except (OSError, ValueError) as error:
            troubles.append(
                Trouble(info.filename, f"cannot be unpacked: {error}", "Unpack it by hand, name the result.")
            )
            continue
        yield from _open(Entry("", info.filename, number, info.file_size, content), 1, wants, troubles)


def _open(entry: Entry, depth: int, wants: Wants, troubles: list[Trouble]) -> Iterator[Entry]:
    """Give an entry, or what is inside if it is an archive itself."""
    kind = archive_kind(entry.stream.peek(512))
    if kind is None or (kind == "gzip" and entry.look().kind == "message.gz"):
        yield entry
    elif depth >= DEPTH:
        troubles.append(
            Trouble(entry.member, f"lies more than {DEPTH} archives deep", "Unpack the outer ones, name the folder.")
        )
    else:
        yield from _inside(entry.stream, kind, entry.name, f"{entry.member}!", depth + 1, wants, troubles)
