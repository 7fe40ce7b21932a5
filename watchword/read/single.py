"""Files of one message each: kept as it came, or in a mail program's own form from which it is put together again.

One file of this room reads one such form and has a function `original(data: bytes) -> Original`. What is put together
is the same bytes in every run; it is marked with the defect `rebuilt`, as its signatures prove nothing.
"""

import hashlib
import importlib
from dataclasses import dataclass
from pathlib import Path

from watchword.read.raw import MESSAGE_BYTES, RawMessage

# kind as `recognise` names it: the module of this room that reads it
READERS: dict[str, str] = {"msg": "msg", "tnef": "tnef", "emlx": "emlx", "message.gz": "gzipped", "json": "exported"}
_SCATTERED = frozenset({"emlx"})  # parts of the message may lie in files beside
KINDS = frozenset({"message", *READERS})  # `message` is RFC 5322 as it came


@dataclass(frozen=True, slots=True)
class Original:
    """One message out of a mail program's own file, and what that said about it."""

    data: bytes  # RFC 5322
    folder: str = ""
    flags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    thread: str = ""
    defects: tuple[tuple[str, int, str], ...] = ()  # kind, offset, detail


def original(kind: str, data: bytes, path: Path | None = None) -> Original:
    """Give the message in a file of that kind; `path` is where it lies, None inside an archive.

    Raises ValueError saying what is wrong with the file.
    """
    reader = importlib.import_module(f"watchword.read.{READERS[kind]}")
    found: Original = reader.original(data, path) if kind in _SCATTERED else reader.original(data)
    return found


def raw_message(
    found: Original,
    member: str,
    offset: int,
    length: int,
    folder: str = "",
    flags: tuple[str, ...] = (),
    notes: tuple[tuple[str, int, str], ...] = (),
) -> RawMessage:
    """Give a message that was put together again; `folder`, `flags` and `notes` are what its place says of it."""
    data, size = found.data, len(found.data)
    if size > MESSAGE_BYTES:
        data = data[:MESSAGE_BYTES]
        notes = (*notes, ("message-too-long", MESSAGE_BYTES, f"{size} bytes"))
    return RawMessage(
        data, hashlib.sha256(found.data).hexdigest(), size, member, offset, length, found.folder or folder,
        tuple(dict.fromkeys((*flags, *found.flags))), found.labels, found.thread, defects=(*found.defects, *notes),
    )  # fmt: skip
