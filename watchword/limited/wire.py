"""What goes to and fro between the two processes: frames of JSON and bytes, each behind its length. Never pickle."""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import BinaryIO, NamedTuple

HEAD = struct.Struct(">II")  # lengths of the JSON and of the bytes behind it
JSON = 16 * 1024 * 1024  # bytes
DATA = 256 * 1024 * 1024


class Finding(NamedTuple):
    """One thing that was seen in a file."""

    what: str  # link, text, file, contains, ...: each task says which
    value: str = ""
    shown: str = ""
    data: bytes = b""


class Question(NamedTuple):
    """What is asked about a file."""

    task: str
    data: bytes
    words: Sequence[str] = ()
    numbers: Mapping[str, int] = {}


class ClosedError(Exception):
    """The other side has ended."""


class GarbledError(Exception):
    """The other side sent what is no frame."""


def send(stream: BinaryIO, head: Mapping[str, object], data: bytes = b"") -> None:
    """Write one frame."""
    coded = json.dumps(head, ensure_ascii=True).encode("ascii")
    stream.write(HEAD.pack(len(coded), len(data)) + coded)
    if data:
        stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, object], bytes]:
    """Read one frame. Raises ClosedError at the end, GarbledError where the frame is none."""
    coded, size = HEAD.unpack(_exactly(stream, HEAD.size))
    if coded > JSON or size > DATA:
        raise GarbledError("a frame is longer than any may be")
    try:
        head = json.loads(_exactly(stream, coded))
    except (ValueError, RecursionError) as error:
        raise GarbledError("a frame is no JSON") from error
    if not isinstance(head, dict):
        raise GarbledError("a frame is no object")
    return head, _exactly(stream, size)


def words(value: object) -> list[str]:
    """Give the words of a list, whatever it is."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def numbers(value: object) -> dict[str, int]:
    """Give the named numbers of an object, whatever it is."""
    return {name: one for name, one in value.items() if isinstance(one, int)} if isinstance(value, dict) else {}


def word(value: object) -> str:
    """Give the value if it is a word; lone surrogates, which no table can hold, become question marks."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _exactly(stream: BinaryIO, size: int) -> bytes:
    pieces = []
    while size:
        piece = stream.read(size)
        if not piece:
            raise ClosedError
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
