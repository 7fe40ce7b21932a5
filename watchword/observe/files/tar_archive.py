"""Tar archives: ustar, GNU and pax (POSIX.1-2001), with a reader of our own.

The standard library follows long-name headers by recursion and believes their sizes.
"""

import functools
from collections.abc import Iterator

from watchword.observe.files import Budget, Contents, File
from watchword.observe.files.members import Member, collect
from watchword.observe.files.unpacking import stored

KINDS = ("tar",)
ENTRIES = 70_000
_BLOCK = 512
_LONG = 64 * 1024  # bytes of a long name or a pax header


def read(file: File, budget: Budget) -> Contents:
    """List a tar and take out what it holds."""
    contents = Contents()
    collect(contents, list(_members(file.data, contents)), budget)
    return contents


def _members(data: bytes, contents: Contents) -> Iterator[Member]:
    at = count = 0
    said: dict[str, str] = {}
    while (header := data[at : at + _BLOCK]) and header[0]:
        start = at + _BLOCK
        size = _number(header[124:136]) if len(header) == _BLOCK else None
        if size is None or not _is_sound(header):
            contents.defects.append(("archive-damaged", f"no header of a file at byte {at}"))
            return
        kind = header[156:157]
        text = data[start : start + min(size, _LONG)]
        at = start + (size + _BLOCK - 1) // _BLOCK * _BLOCK
        if kind in b"xLK":
            said |= _pax(text) if kind == b"x" else {{b"L": "path", b"K": "linkpath"}[kind]: _text(text)}
            continue
        if kind == b"g":
            continue
        size = _size(said, size)
        at = start + (size + _BLOCK - 1) // _BLOCK * _BLOCK
        name = said.get("path") or _name(header)
        target = said.get("linkpath") or _text(header[157:257])
        said = {}
        count += 1
        if count > ENTRIES:
            contents.defects.append(("limit-archive-entries", f"more than {ENTRIES} entries"))
            return
        if kind == b"5" and not size:
            continue
        yield Member(
            name, size, size, functools.partial(stored, data, start, start + size), None, (),
            target if kind in b"12" else None,
        )  # fmt: skip
    if at > len(data):
        contents.defects.append(("archive-damaged", "breaks off"))


def _is_sound(header: bytes) -> bool:
    """Tell whether the header's checksum is right, in which its own field counts as blanks."""
    said = _number(header[148:156])
    return said is not None and said == sum(header) - sum(header[148:156]) + 8 * 32


def _number(field: bytes) -> int | None:
    """Read an octal number, or GNU's binary one."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big") if not field[0] & 0x40 else None
    digits = field.strip(b"\0 ") or b"0"
    return int(digits, 8) if not digits.strip(b"01234567") else None


def _size(said: dict[str, str], size: int) -> int:
    wide = said.get("size", "")
    return int(wide) if wide.isascii() and wide.isdigit() and len(wide) < 20 else size


def _name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _pax(text: bytes) -> dict[str, str]:
    """Read the records of a pax header, as `30 path=...`."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        length, blank, _ = text[at : at + 20].partition(b" ")
        if not blank or not length.isdigit() or int(length) <= len(length) + 1:
            break
        key, _, value = text[at + len(length) + 1 : at + int(length)].partition(b"=")
        found[key[:100].decode("utf-8", "replace")] = value.removesuffix(b"\n").decode("utf-8", "replace")
        at += int(length)
    return found
