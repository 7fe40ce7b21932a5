"""Files in an archive: named by what it claims, unpacked as far as limits on size, number and ratio allow.

A limit that is hit becomes a defect, and of a file that is too large the beginning is kept, so that its kind is known.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from watchword.observe.files import Budget, Contents, Held

MEMBER = 64 * 1024 * 1024  # bytes of one file
BEGINNING = 1024 * 1024  # bytes kept of a file that is cut
ENTRIES = 300  # of one archive
RATIO = 100  # times the packed size; text packs to a tenth, an empty table to a fiftieth
FREE = 16 * 1024 * 1024  # bytes up to which nobody asks for the ratio
NAME = 4_096  # characters
BZIP2, LZMA = 6, 2  # what a byte costs; DEFLATE gives 100 MB a second and more

# What opens with a double click and runs: listed first where an archive has more entries than are listed.
_RISKY = frozenset(
    "exe scr com pif bat cmd js jse vbs vbe wsf hta ps1 msi jar lnk cpl dll chm reg url iso img vhd vhdx zip rar 7z "
    "html htm svg docm xlsm xll one".split()
)


Entry = TypeVar("Entry")


class DamagedError(Exception):
    """The bytes of a file in an archive do not unpack; what came before stands."""


class TooLongError(DamagedError):
    """Unpacking would go on beyond a limit; what came before stands."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive, as the archive describes it."""

    name: str
    size: int | None  # bytes, as claimed; None where the format does not say
    packed: int  # bytes that it takes in the archive
    unpack: Callable[[], Iterator[bytes]] | None  # pieces of at most 1 MB; raises DamagedError
    is_locked: bool | None = None
    names: tuple[str, ...] = ()  # further readings of the name
    target: str | None = None  # where it leads if it is a link
    cost: int = 1  # how many times as long a byte takes as with DEFLATE


def collect(contents: Contents, members: Sequence[Member], budget: Budget) -> None:
    """Add the members of an archive to its contents, each within the limits of file, archive and message."""
    members = pick(contents, members, lambda member: member.name, budget)
    budget.files -= len(members)
    for member in members:
        _note_name(contents, member)
        contents.files.append(_unpacked(contents, member, budget))


def pick(contents: Contents, entries: Sequence[Entry], name: Callable[[Entry], str], budget: Budget) -> Sequence[Entry]:
    """Give as many entries as are listed; of too many what could run, so that no program hides behind pictures."""
    room = min(ENTRIES, budget.files)
    if len(entries) <= room:
        return entries
    contents.defects.append(("limit-archive-entries", f"{len(entries)} entries, {room} listed"))
    return sorted(entries, key=lambda entry: name(entry).rpartition(".")[2].strip().lower() not in _RISKY)[:room]


def _unpacked(contents: Contents, member: Member, budget: Budget) -> Held:
    """Unpack one member; a Held without data where it cannot be."""
    name = member.name[:NAME]
    names = tuple(other[:NAME] for other in member.names)
    claimed = member.size or 0
    if member.unpack is None:
        return Held(name, None, claimed, member.is_locked, names)
    if budget.unpacked <= 0:
        _once(contents, "limit-unpacked", f"from {name[:150]!a} on")
        return Held(name, None, claimed, member.is_locked, names)
    pieces: list[bytes] = []
    size = 0
    stopped = ""
    try:
        for piece in member.unpack():
            pieces.append(piece)
            size += len(piece)
            budget.unpacked -= len(piece) * member.cost
            if size > FREE and size > RATIO * member.packed:
                stopped = "limit-ratio"
                contents.mark("bomb")
            elif size > MEMBER or budget.unpacked < 0:
                stopped = "limit-unpacked"
            if stopped:
                contents.defects.append((stopped, f"{name[:100]!a}: over {size} bytes from {member.packed}"))
                break
    except DamagedError as error:
        stopped = "limit-unpacked" if isinstance(error, TooLongError) else "archive-damaged"
        _once(contents, stopped, f"{name[:100]!a}: {error}")
    data = b"".join(pieces)
    if stopped:
        return Held(name, data[:BEGINNING] or None, max(size, claimed), member.is_locked, names, is_cut=True)
    if member.size is not None and size != member.size:
        _once(contents, "archive-size-differs", f"{name[:100]!a}: says {member.size} bytes, holds {size}")
    return Held(name, data, size, member.is_locked, names)


def _note_name(contents: Contents, member: Member) -> None:
    for name in (member.name, *member.names):
        if escapes(name):
            _mark_escape(contents, name)
    if member.target is not None:
        _once(contents, "archive-link", f"{member.name[:90]!a} leads to {member.target[:90]!a}")
        if escapes(member.target):
            _mark_escape(contents, member.target)


def _mark_escape(contents: Contents, name: str) -> None:
    contents.mark("path-escapes")
    _once(contents, "archive-path-escapes", f"{name[:190]!a}")


def escapes(name: str) -> bool:
    """Tell whether a name leads out of the folder that it is unpacked into, on Unix or on Windows."""
    if ".." not in name and name[:1] not in ("/", "\\") and name[1:2] != ":":
        return False
    pieces = name.replace("\\", "/").split("/")
    return not pieces[0] or ".." in pieces or (name[1:2] == ":" and name[:1].isascii() and name[:1].isalpha())


def _once(contents: Contents, kind: str, detail: str) -> None:
    """Note a defect of a kind a few times at most: an archive of 65,535 bad entries is bad once."""
    if sum(known == kind for known, _ in contents.defects) < 5:
        contents.defects.append((kind, detail))


def note_all(contents: Contents, defects: Iterable[tuple[str, str]]) -> None:
    """Note defects of a listing, of each kind a few."""
    for kind, detail in defects:
        _once(contents, kind, detail)
