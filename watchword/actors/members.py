"""The files of an import: one file, a folder, or an archive of them, each with its bytes, and limits on all.

A folder is kept as one zip, always with the same bytes for the same files.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from watchword.actors.tree import BYTES
from watchword.errors import WatchwordError
from watchword.read.archive import Trouble, files_in
from watchword.read.recognise import archive_kind

FILES = 50_000
WHOLE = 1024 * 1024 * 1024  # bytes of all files of one import
_STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an import."""

    name: str  # path within it
    data: bytes
    problem: str = ""  # why it could not be read


def members(path: Path, name: str) -> Iterator[Member]:
    """Give the files of a copy in the case: itself by the name it had, or what is in it if it is an archive."""
    with path.open("rb") as stream:
        head = stream.read(512)
    if archive_kind(head) is None:
        yield _read(path, name)
        return
    troubles: list[Trouble] = []
    size = 0
    for count, entry in enumerate(files_in(path, lambda archive, name, number: True, troubles), 1):
        if count > FILES:
            yield Member(entry.member, b"", f"more than {FILES:,} files; what follows was not read")
            return
        data = entry.stream.take(BYTES + 1)
        size += len(data)
        if len(data) > BYTES or size > WHOLE:
            yield Member(entry.member, b"", f"bigger than {BYTES >> 20} MB, or all together than {WHOLE >> 30} GB")
        elif entry.stream.error:
            yield Member(entry.member, b"", f"ends too early: {entry.stream.error}")
        elif not _is_hidden(Path(entry.name)):
            yield Member(entry.member, data)
    for trouble in troubles:
        yield Member(trouble.member, b"", trouble.reason)


def _read(path: Path, name: str) -> Member:
    if path.stat().st_size > BYTES:
        return Member(name, b"", f"bigger than {BYTES >> 20} MB")
    return Member(name, path.read_bytes())


def inside(folder: Path) -> list[Path]:
    """Give the files in a folder, in order. Links are not followed. Raises WatchwordError where they are too many."""
    found = []
    size = 0
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root) / name
            if path.is_symlink() or not path.is_file() or name.startswith("."):
                continue
            found.append(path)
            size += path.stat().st_size
        if len(found) > FILES or size > WHOLE:
            raise WatchwordError(
                f"{folder} holds more than {FILES:,} files or {WHOLE >> 30} GB.", do="Add its folders one by one."
            )
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def pack(folder: Path, target: Path, advance: Callable[[int], None] = lambda amount: None) -> tuple[str, int]:
    """Write the files of a folder into one zip; give a digest of names and contents, and how many files."""
    digest = hashlib.sha256()
    files = inside(folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in files:
            data = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(data).digest())
            named = name.encode("utf-8", "replace").decode("utf-8")
            archive.writestr(zipfile.ZipInfo(named, _STAMP), data, zipfile.ZIP_DEFLATED)
            advance(len(data))
    return digest.hexdigest(), len(files)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
