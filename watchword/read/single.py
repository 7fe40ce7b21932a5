"""Files of one message each: kept as it came, or in a mail program's own form from which it is put together again.

One file of this room reads one such form and has a function `original(data: bytes) -> Original`. What is put together
is the same bytes in every run; it is marked with the defect `rebuilt`, as its signatures prove nothing.
"""

import importlib
from dataclasses import dataclass

# kind as `recognise` names it: the module of this room that reads it
READERS: dict[str, str] = {}
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


def original(kind: str, data: bytes) -> Original:
    """Give the message in a file of that kind. Raises ValueError saying what is wrong with the file."""
    found: Original = importlib.import_module(f"watchword.read.{READERS[kind]}").original(data)
    return found
