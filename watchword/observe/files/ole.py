"""OLE compound files (MS-CFB): their streams, and the files that stand in them as embedded objects."""

import re
import struct
from dataclasses import dataclass

from watchword.observe.files import Budget, Contents
from watchword.read.compound import Streams
from watchword.read.compound import opened as read

STREAMS = 2_000
STREAM = 32 * 1024 * 1024  # bytes of one stream

Path = tuple[str, ...]

EQUATION = "0002CE02-0000-0000-C000-000000000046"
_LINKED = {"00000300-0000-0000-C000-000000000046"}  # StdOleLink: an object that lies elsewhere
_URL = re.compile(rb"(?:h\0t\0t\0p\0s?\0?:\0/\0/\0|\\\0\\\0)(?:[\x21-\x7e]\0){4,500}")


@dataclass(slots=True)
class Ole:
    """An open compound file. Reading a stream never raises; what cannot be read is not among its names."""

    names: list[Path]
    classes: dict[Path, str]  # CLSID of storages that have one, upper case
    _held: dict[Path, bytes]

    def read(self, path: Path, limit: int = STREAM) -> bytes:
        """Give the beginning of a stream, at most `limit` bytes."""
        return self._held[path][:limit]

    def find(self, *names: str) -> Path | None:
        """Give the stream whose path ends so, whatever the case."""
        wanted = tuple(name.lower() for name in names)
        for path in self.names:
            if tuple(piece.lower() for piece in path[-len(wanted) :]) == wanted:
                return path
        return None


def opened(data: bytes) -> Ole | None:
    """Open a compound file; None if it is none or too damaged."""
    try:
        found = read(data)
    except ValueError:
        return None
    held: dict[Path, bytes] = {}
    todo: list[tuple[Path, Streams]] = [((), found.streams)]
    while todo and len(held) < STREAMS:
        above, streams = todo.pop()
        for name, value in streams.items():
            if isinstance(value, bytes):
                held[*above, name] = value
            else:
                todo.append(((*above, name), value))
    return Ole(list(held), found.classes, held)


def objects(ole: Ole, contents: Contents, budget: Budget) -> None:
    """Add the files that stand in a compound file as embedded objects, and mark what they are."""
    from_class = set(ole.classes.values())
    if EQUATION in from_class or ole.find("Equation Native") is not None:
        contents.mark("equation-object")
    for path in ole.names:
        last = path[-1].lower()
        if last == "\x01ole10native":
            data = ole.read(path)
            name, held = package(data)
            if held:
                contents.mark("embedded-file")
                contents.hold(name or "object.bin", held, budget)
        elif last in {"package", "contents"} and len(path) > 1:
            data = ole.read(path)
            if data[:2] == b"PK" or data[:4] == b"%PDF":
                contents.mark("embedded-file")
                contents.hold(f"{path[-2]}.{'pdf' if data[:1] == b'%' else 'zip'}", data, budget)
        elif last == "\x01ole" and (path[:-1] == () or ole.classes.get(path[:-1]) in _LINKED):
            linked(contents, ole.read(path, 65_536))


def linked(contents: Contents, data: bytes) -> None:
    """Note where a linked object lies, by the moniker in its stream (MS-OLEDS 2.3.3)."""
    for found in list(_URL.finditer(data))[:10]:
        address = found[0].decode("utf-16-le", "replace")
        contents.link("object", address)
        contents.mark("external-object")


def package(data: bytes) -> tuple[str, bytes]:
    """Read an embedded file as the Packager keeps it (`\\x01Ole10Native`): its name and bytes; empty if it is none."""
    if len(data) < 12:
        return "", b""
    (total,) = struct.unpack_from("<I", data)
    body = data[4 : 4 + total]
    label, at = _zero_ended(body, 2)
    path, at = _zero_ended(body, at)
    at += 4  # flags
    if at + 4 <= len(body):
        (length,) = struct.unpack_from("<I", body, at)  # of the path under which it is unpacked
        if length < 2_000 and at + 8 + length <= len(body):
            at += 4 + length
            (size,) = struct.unpack_from("<I", body, at)
            if 0 < size <= len(body) - at - 4:
                name = label or path
                if "?" in name:  # not in the code page: the names stand once more at the end, in UTF-16
                    name = _wide_name(body, at + 4 + size) or name
                return name.replace("\\", "/").rpartition("/")[2], body[at + 4 : at + 4 + size]
    return "", body  # of another program: its bytes as they are


def _wide_name(data: bytes, at: int) -> str:
    """Read the second of the names at the end of a package: temporary path, label, path."""
    name = ""
    for _ in range(2):
        if at + 4 > len(data):
            return ""
        (length,) = struct.unpack_from("<I", data, at)
        name = data[at + 4 : at + 4 + 2 * min(length, 1_000)].decode("utf-16-le", "replace").rstrip("\0")
        at += 4 + 2 * length
    return name


def _zero_ended(data: bytes, at: int) -> tuple[str, int]:
    stop = data.find(b"\0", at, at + 1_000)
    if stop < 0:
        return "", len(data)
    return data[at:stop].decode("cp1252", "replace"), stop + 1
