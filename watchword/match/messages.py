"""The three files of a comparison: offer, answer, result. Fixed binary forms, signed, read with every size checked.

    offer   head, how many points, the points
    answer  head, digest of the offer, key that the result is locked for, the offer's points raised, marks
    result  head, digest of the answer, length, a locked box

The head is `WWMATCH`, the version, the kind of file, whether only to count, the session, and the sender's key; a
signature by that key over all before it is the end. No file holds a name, a date, or anything of a message.
"""

import hashlib
import struct
from dataclasses import dataclass

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from watchword.errors import WatchwordError
from watchword.match.group import POINT

SMALLEST = 256  # sets are padded to a power of two from here
MOST = 1 << 14  # points or marks in one file, unless the caller says otherwise
MARK = 24  # bytes: 16 by which an item is known again, 8 with the sender's operations, locked
KINDS = ("offer", "answer", "result")

_MAGIC = b"WWMATCH"
_VERSION = 1
_HEAD = struct.Struct(f">{len(_MAGIC)}sBBB16s32s")
_SIGNATURE = 64
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Head:
    """What every file begins with."""

    kind: str
    count_only: bool
    session: bytes
    case: bytes  # the sender's public signing key: the case is known by it

    def write(self) -> bytes:
        """Give the bytes."""
        return _HEAD.pack(_MAGIC, _VERSION, KINDS.index(self.kind), self.count_only, self.session, self.case)


@dataclass(frozen=True, slots=True)
class Offer:
    """The offerer's items, each hidden by a key of its own, with as many random points as fill the size."""

    head: Head
    points: list[bytes]
    digest: bytes  # of the file

    @staticmethod
    def write(head: Head, points: list[bytes], key: SigningKey) -> bytes:
        """Give the bytes of the file."""
        return _signed(head.write() + struct.pack(">I", len(points)) + b"".join(points), key)


@dataclass(frozen=True, slots=True)
class Answer:
    """The offer's points raised to the answerer's key, and marks of the answerer's items under the same key."""

    head: Head
    offer: bytes  # digest
    box: bytes  # public key that the result is locked for
    points: list[bytes]
    marks: list[bytes]
    digest: bytes

    @staticmethod
    def write(head: Head, offer: bytes, box: bytes, points: list[bytes], marks: list[bytes], key: SigningKey) -> bytes:
        """Give the bytes of the file."""
        counts = struct.pack(">II", len(points), len(marks))
        return _signed(head.write() + offer + box + counts + b"".join(points) + b"".join(marks), key)


@dataclass(frozen=True, slots=True)
class Result:
    """What both have in common, locked so that only the answerer can read it."""

    head: Head
    answer: bytes  # digest
    locked: bytes

    @staticmethod
    def write(head: Head, answer: bytes, locked: bytes, key: SigningKey) -> bytes:
        """Give the bytes of the file."""
        return _signed(head.write() + answer + struct.pack(">I", len(locked)) + locked, key)


def read_offer(data: bytes, name: str, most: int = MOST) -> Offer:
    """Read an offer. `name` is the file's, for what is said of it. Raises WatchwordError."""
    reader = _Reader(data, name, "offer")
    points = reader.rows(reader.number(), POINT, most)
    reader.end()
    if len(set(points)) != len(points):
        raise _broken(name, "it holds a point twice, which an honest offer never does")
    return Offer(reader.head, points, hashlib.sha256(data).digest())


def read_answer(data: bytes, name: str, most: int = MOST) -> Answer:
    """Read an answer. Raises WatchwordError."""
    reader = _Reader(data, name, "answer")
    offer, box = reader.take(_DIGEST), reader.take(_DIGEST)
    how_many, of_theirs = reader.number(), reader.number()
    points = reader.rows(how_many, POINT, most)
    marks = reader.rows(of_theirs, MARK, most)
    reader.end()
    if len(set(points)) != len(points) or len({mark[:16] for mark in marks}) != len(marks):
        raise _broken(name, "it holds something twice, which an honest answer never does")
    return Answer(reader.head, offer, box, points, marks, hashlib.sha256(data).digest())


def read_result(data: bytes, name: str, most: int = MOST) -> Result:
    """Read a result. Raises WatchwordError."""
    reader = _Reader(data, name, "result")
    answer = reader.take(_DIGEST)
    locked = reader.take(min(reader.number(), largest(most)))
    reader.end()
    return Result(reader.head, answer, locked)


def largest(most: int = MOST) -> int:
    """Give the size in bytes that no honest file is beyond."""
    return 4096 + most * 2 * (POINT + MARK)


class _Reader:
    """Takes a file apart, and refuses it at the first thing that is not as it should be."""

    def __init__(self, data: bytes, name: str, kind: str) -> None:
        self.name = name
        self.at = _HEAD.size
        if len(data) < _HEAD.size + _SIGNATURE or not data.startswith(_MAGIC):
            raise WatchwordError(
                f"{name} is no file of a comparison.",
                do=f"Give the file with the {kind}, as the other side sent it.",
            )
        _, version, number, count_only, session, case = _HEAD.unpack_from(data)
        if version != _VERSION:
            raise WatchwordError(
                f"{name} is of version {version} of the comparison; this program speaks version {_VERSION}.",
                do="Both sides need the same version of Watchword.",
            )
        found = f"the {KINDS[number]}" if number < len(KINDS) else "an unknown file"
        if found != f"the {kind}":
            raise WatchwordError(
                f"{name} is {found} of a comparison; what is wanted here is the {kind}.",
                do="The offer goes to the other side, the answer comes back, the result goes to the other side.",
            )
        if count_only > 1:
            raise _broken(name, "its head is not as it should be")
        self.data = data[:-_SIGNATURE]
        try:
            VerifyKey(case).verify(self.data, data[-_SIGNATURE:])
        except (BadSignatureError, ValueError):
            raise _broken(name, "its signature does not hold: it was cut or changed on its way") from None
        self.head = Head(kind, bool(count_only), session, case)

    def take(self, length: int) -> bytes:
        piece = self.data[self.at : self.at + length]
        if len(piece) != length:
            raise _broken(self.name, "it is shorter than it says")
        self.at += length
        return piece

    def number(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def rows(self, count: int, length: int, most: int) -> list[bytes]:
        if count > most:
            raise WatchwordError(
                f"{self.name} holds more than is allowed in one comparison: {count:,} where at most {most:,} are.",
                do="Each entry may be a guess. Ask the other side to offer less.",
            )
        whole = self.take(count * length)
        return [whole[at : at + length] for at in range(0, len(whole), length)]

    def end(self) -> None:
        if self.at != len(self.data):
            raise _broken(self.name, "it is longer than it says")


def _signed(data: bytes, key: SigningKey) -> bytes:
    return data + key.sign(data).signature


def _broken(name: str, why: str) -> WatchwordError:
    return WatchwordError(f"{name} cannot be used: {why}.", do="Ask the other side to send it again.")
