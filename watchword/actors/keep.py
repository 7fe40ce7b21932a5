"""Files with knowledge of actors that a case keeps in `actors/`: copies as they came, a folder as one zip.

`actors/added.jsonl` says what was added, when, from where, and what the user said of it where it does not say itself.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watchword.actors.members import FILES, WHOLE, inside, pack
from watchword.actors.reports import read_date
from watchword.actors.taken import Given
from watchword.case import Case
from watchword.errors import WatchwordError

ADDED = "added.jsonl"


@dataclass(frozen=True, slots=True)
class Kept:
    """One import that a case keeps."""

    id: str  # 8 digits of `content`; the source of its actors, unless they are of a series as ATT&CK
    file: Path  # the copy
    path: str  # where it lay
    sha256: str  # of the copy
    content: str  # SHA-256 of the file; of a folder, of its files' names and digests
    files: int
    added: str  # ISO 8601, UTC
    given: Given


def add(
    case: Case, path: Path, given: Given, now: datetime, advance: Callable[[int], None] = lambda amount: None
) -> tuple[Kept, bool]:
    """Take a file, archive or folder into a case; say whether it was there already. Of two lines the later counts."""
    folder = case.path / "actors"
    folder.mkdir(exist_ok=True)
    temporary = folder / f".taken-{os.getpid()}"
    try:
        content, count = _copy(path, temporary, advance)
        sha256 = _digest(temporary)
        before = next((one for one in kept(case) if one.content == content), None)
        name = re.sub(r"[^A-Za-z0-9._-]", "_", path.resolve().name)[-80:] + (".zip" if path.is_dir() else "")
        file = before.file if before else folder / f"{content[:8]}-{name}"
        if before and before.given == given:
            return before, True
        if not before:
            temporary.replace(file)
        one = Kept(content[:8], file, str(path.resolve()), _digest(file) if before else sha256, content, count,
                   now.isoformat(), given)  # fmt: skip
        _note(folder, one)
    finally:
        temporary.unlink(missing_ok=True)
    return one, before is not None


def kept(case: Case) -> list[Kept]:
    """Give the imports that a case keeps, in the order in which they were added; a copy taken out counts no more."""
    folder = case.path / "actors"
    if not (folder / ADDED).exists():
        return []
    found: dict[str, Kept] = {}
    for number, line in enumerate((folder / ADDED).read_text("utf-8").splitlines(), 1):
        try:
            one = _read(folder, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WatchwordError(
                f"Line {number} of {folder / ADDED} is not as this program writes it.", do="Restore the file."
            ) from None
        if one.file.is_file():
            found[one.id] = one
    return list(found.values())


def _read(folder: Path, row: dict[str, object]) -> Kept:
    columns = row["columns"]
    given = Given(
        str(row["publisher"]),
        read_date(str(row["published"])) if row["published"] else None,
        str(row["actor"]),
        str(row["grade"]),
        tuple((str(name), str(role)) for name, role in columns) if isinstance(columns, list) else (),
    )
    file = folder / Path(str(row["file"])).name
    path, sha256, content, added = (str(row[name]) for name in ("path", "sha256", "content", "added"))
    return Kept(str(row["id"]), file, path, sha256, content, int(str(row["files"])), added, given)


def _note(folder: Path, one: Kept) -> None:
    given = one.given
    row = {
        "id": one.id, "file": one.file.name, "path": one.path, "sha256": one.sha256, "content": one.content,
        "files": one.files, "added": one.added, "publisher": given.publisher,
        "published": given.published.isoformat() if given.published else "", "actor": given.actor,
        "grade": given.grade, "columns": [list(pair) for pair in given.columns],
    }  # fmt: skip
    with (folder / ADDED).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row, ensure_ascii=True) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def _copy(path: Path, target: Path, advance: Callable[[int], None]) -> tuple[str, int]:
    """Copy a file, or a folder as a zip; give the digest of its content, and how many files it is."""
    if path.is_dir():
        found = inside(path)
        if not found:
            raise WatchwordError(f"There is no file in {path}.", do="Check the path.")
        return pack(path, target, advance)
    if path.stat().st_size > WHOLE:
        raise WatchwordError(f"{path} is bigger than {WHOLE >> 30} GB.", do=f"Split it; at most {FILES:,} files.")
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as stream, target.open("wb") as copy:
        while piece := stream.read(1 << 20):
            digest.update(piece)
            copy.write(piece)
            advance(len(piece))
            size += len(piece)
        copy.flush()
        os.fsync(copy.fileno())
    if not size:
        raise WatchwordError(f"{path} is empty.", do="Download it again.")
    return digest.hexdigest(), 1


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sizes(paths: Sequence[Path]) -> int:
    """Give how many bytes are to be copied."""
    files = (file for path in paths for file in (inside(path) if path.is_dir() else [path]))
    return sum(file.stat().st_size for file in files)
