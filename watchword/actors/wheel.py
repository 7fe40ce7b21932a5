"""The clusters that pymispgalaxies ships: threat actors, groups of ATT&CK, and groups as Microsoft names them.

Only its data is read. The package itself is never imported: it loads a validator that is not needed here. Of its
other clusters those with licences of their own (malpedia, tidal) are not touched.
"""

import functools
import hashlib
from importlib.util import find_spec
from pathlib import Path

from watchword.actors.galaxy import Entry, entries, read_galaxy
from watchword.actors.taken import Given, Taken
from watchword.actors.tree import Node, node, read_json

ACTORS = ("threat-actor", "mitre-intrusion-set", "microsoft-activity-group")
EXPLAIN = ("mitre-attack-pattern", "mitre-malware", "mitre-tool")


def place() -> Path | None:
    """Give the folder of the clusters; None where the package is not installed."""
    spec = find_spec("pymispgalaxies")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        found = Path(folder) / "data" / "misp-galaxy" / "clusters"
        if found.is_dir():
            return found
    return None


def _files() -> list[Path]:
    folder = place()
    found = [folder / f"{name}.json" for name in (*ACTORS, *EXPLAIN)] if folder else []
    return [file for file in found if file.is_file()]


def digest() -> str:
    """Digest of the files that are read, by name, size and time: an installed package does not change by itself."""
    stats = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in _files()]
    return hashlib.sha256(repr(stats).encode()).hexdigest()


@functools.cache
def _trees() -> dict[str, Node]:
    return {file.stem: node(read_json(file.read_bytes(), str(file))) for file in _files()}


@functools.cache
def known() -> dict[str, Entry]:
    """Give what the ids in the shipped clusters stand for."""
    found: dict[str, Entry] = {}
    for tree in _trees().values():
        found |= entries(tree)
    return found


def read() -> list[Taken]:
    """Read the shipped clusters of actors."""
    return [
        read_galaxy(tree, f"{name}.json of pymispgalaxies", "", Given(), known())
        for name, tree in _trees().items()
        if name in ACTORS
    ]
