"""What folders, flags and labels say of a message: sent by the owner, taken for spam, put away to be deleted."""

import functools
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from watchword.engine import Connection
from watchword.observe.known import USES, folder_name, folder_names

_SHORT = 4  # letters; a shorter name must be all of a folder's: "bin" is also somebody's name


def marked(connection: Connection, own: Path | None = None) -> None:
    """Make the temporary table `marked`: for each folder, flags and labels that occur, what they are for.

    One row for each that occurs together, so that `sightings` can be joined on all three. `own` is the case's own
    knowledge.
    """
    rows = connection.execute("select distinct folder, flags, labels from sightings").fetchall()
    uses = [uses_of(folder, (*flags, *labels), own) for folder, flags, labels in rows]
    table = pa.table(
        {
            "folder": pa.array([row[0] for row in rows], pa.string()),
            "flags": pa.array([row[1] for row in rows], pa.list_(pa.string())),
            "labels": pa.array([row[2] for row in rows], pa.list_(pa.string())),
            **{f"is_in_{use}": pa.array([use in found for found in uses], pa.bool_()) for use in USES},
        }
    )
    connection.register("marked_rows", table)
    connection.execute("create or replace temp table marked as select * from marked_rows")
    connection.unregister("marked_rows")


def uses_of(folder: str, marks: Iterable[str], own: Path | None = None) -> frozenset[str]:
    """Say what a folder is for by its path and the flags and labels of a message in it: sent, spam, trash."""
    return _by_folder(folder, own).union(*(_by_mark(mark, own) for mark in marks))


@functools.lru_cache(maxsize=4096)
def _by_folder(folder: str, own: Path | None) -> frozenset[str]:
    found = set()
    for part in re.split(r"[/\\.|]", folder):
        name = f" {folder_name(part)} "
        held = {
            use: {known for known in names if f" {known} " in name and (len(known) >= _SHORT or known == name.strip())}
            for use, names in folder_names(own).items()
        }
        if sum(map(bool, held.values())) > 1:
            continue  # Takeout's `All mail Including Spam and Trash`
        found |= {
            use
            for use, names in held.items()
            if any(name.startswith(f" {known} ") or name.endswith(f" {known} ") for known in names)
        }
    return frozenset(found)


@functools.lru_cache(maxsize=4096)
def _by_mark(mark: str, own: Path | None) -> frozenset[str]:
    name = folder_name(mark)
    return frozenset(use for use, names in folder_names(own).items() if name in names)
