"""What lies beside a message and says where it was: notes of backup programs, and ours of what came by IMAP.

`7.eml` has its notes in `7.json`: an object with `folder`, `flags`, `labels` and `thread`, each of which may be
missing. Gmvault writes `7.eml.gz` and `7.meta`, Got Your Back a database `msg-db.sqlite` above all its messages.
"""

import contextlib
import functools
import json
import os
import sqlite3
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple

from watchword.read.gmail import thread_id

NOTES = (".json", ".meta")
BACKUP = "msg-db.sqlite"  # of Got Your Back
_LONGEST = 1024 * 1024
_LABELS = 1_000
_MEMORY = 512 * 1024 * 1024  # a database that is longer is not read
_STEPS = 20_000  # times 100,000 instructions that reading it may take
_FLAGS = {
    "\\seen": "seen", "\\answered": "answered", "\\flagged": "flagged", "\\deleted": "deleted", "\\draft": "draft",
    "$forwarded": "forwarded", "\\starred": "flagged",
}  # fmt: skip


class Notes(NamedTuple):
    """What is said of one message; empty where nothing is."""

    folder: str = ""
    flags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    thread: str = ""


def notes_beside(path: Path) -> Notes | None:
    """Give what lies beside the message at `path`; None if nothing does."""
    folder = str(path.parent)
    stem = _stem(path.name)
    with contextlib.suppress(OSError):
        if stem in _noted(folder, path.parent.stat().st_mtime_ns):
            return _read(path.parent, stem)
        if backup := _backup(folder):
            labels = _labels(*backup).get(path.relative_to(Path(backup[0]).parent).as_posix())
            return _of_gmail(labels) if labels else None
    return None


def may_be_note(name: str) -> bool:
    """Say whether a file's name is that of notes."""
    return name.endswith((*NOTES, BACKUP))


def is_note(name: str, names: Container[str]) -> bool:
    """Say whether a file is such notes, for one of the messages called `names`, or a backup's database."""
    stem, dot, suffix = name.rpartition(".")
    if dot + suffix in NOTES:
        return f"{stem}.eml" in names or f"{stem}.eml.gz" in names
    return name.rpartition("/")[2] == BACKUP


def _stem(name: str) -> str:
    return name.removesuffix(".gz").removesuffix(".eml")


@functools.lru_cache(maxsize=64)  # files come folder by folder
def _noted(folder: str, changed: int) -> frozenset[str]:
    with os.scandir(folder) as entries:
        return frozenset(entry.name.rpartition(".")[0] for entry in entries if entry.name.endswith(NOTES))


def _read(folder: Path, stem: str) -> Notes | None:
    for suffix in NOTES:
        with contextlib.suppress(OSError, ValueError, RecursionError), (folder / f"{stem}{suffix}").open("rb") as file:
            said: object = json.loads(file.read(_LONGEST))
            if isinstance(said, dict):
                return _notes(said)
    return None


def _notes(said: dict[str, object]) -> Notes:
    """Read notes: ours, those of Gmvault, or what the Gmail API says without the message."""
    ids = _texts(said.get("labelIds"))
    if ids:
        thread = said.get("threadId")
        return _of_gmail(ids)._replace(thread=thread_id(thread) if isinstance(thread, str) else "")
    folder, thread = said.get("folder"), said.get("thread", said.get("thread_ids"))
    return Notes(
        folder if isinstance(folder, str) else "",
        tuple(dict.fromkeys(_FLAGS.get(flag.lower(), flag) for flag in _texts(said.get("flags")))),
        _texts(said.get("labels")),
        str(thread) if isinstance(thread, int | str) else "",
    )


def _of_gmail(ids: tuple[str, ...]) -> Notes:
    flags = () if "UNREAD" in ids else ("seen",)
    more = tuple(flag for label, flag in (("STARRED", "flagged"), ("DRAFT", "draft")) if label in ids)
    return Notes("", flags + more, ids, "")


def _texts(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else []
    return tuple(word[:500] for word in listed[:_LABELS] if isinstance(word, str) and word)


@functools.lru_cache(maxsize=256)
def _backup(folder: str) -> tuple[str, int] | None:
    """Find the database of a backup at most four folders above: year, month, day, and the backup itself."""
    for place in [Path(folder), *list(Path(folder).parents)[:3]]:
        with contextlib.suppress(OSError):
            return str(place / BACKUP), (place / BACKUP).stat().st_mtime_ns
    return None


@functools.lru_cache(maxsize=2)
def _labels(path: str, changed: int) -> dict[str, tuple[str, ...]]:
    """Read the labels of every message from the database of Got Your Back; none if it is damaged."""
    found: dict[str, list[str]] = {}
    try:
        if Path(path).stat().st_size > _MEMORY:
            return {}
        with contextlib.closing(sqlite3.connect(f"file:{_quoted(path)}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("pragma trusted_schema = off")
            steps = iter(range(_STEPS))
            database.set_progress_handler(lambda: next(steps, None) is None, 100_000)  # a view could go on for ever
            for name, label in database.execute(
                "select message_filename, label from messages join labels using (message_num) limit 5000000"
            ):
                if isinstance(name, str) and isinstance(label, str):
                    found.setdefault(name.replace("\\", "/"), []).append(label[:500])
    except (OSError, sqlite3.Error, OverflowError):
        return {}
    return {name: tuple(labels[:_LABELS]) for name, labels in found.items()}


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
