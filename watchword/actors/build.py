"""The tables of actors, made from our own files, the case's own, the shipped galaxies, and what was added.

What one source gave is kept in `tables/actor_pieces/` by a digest of all that it depends on: a source is read once.
Of several imports of one series, as ATT&CK, only the newest counts; the others are listed as replaced.
"""

import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from watchword import tables
from watchword.actors import files, forms, wheel
from watchword.actors.keep import Kept, kept
from watchword.actors.members import members
from watchword.actors.taken import Taken
from watchword.case import Case, write_whole
from watchword.engine import store, view
from watchword.tables import Actor, ActorFact, ActorRejection

TABLES = ("actors", "actor_facts", "actor_rejections")
_STATE = "actors.json"
_HERE = Path(__file__).parent
_PIECES = "actor_pieces"
Begin = Callable[[str, int, str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What one source came to: `items` = `used` + `explaining` + `rejected`."""

    source: str
    imported: str  # id of the import; empty for what is shipped or the case's own
    title: str
    form: str
    series: str
    version: str
    items: int
    used: int
    explaining: int
    rejected: int
    actors: int
    facts: int
    notes: list[str]
    replaced: bool = False  # another import of its series is newer


def build(
    case: Case,
    connection: duckdb.DuckDBPyConnection | None = None,
    begin: Begin = lambda title, total, unit: None,
    advance: Callable[[int], None] = lambda amount: None,
) -> list[Summary]:
    """Fill `actors`, `actor_facts` and `actor_rejections`; give what each source came to."""
    imports = kept(case)
    keys = [_key("wheel", wheel.digest())]
    keys += [_key(one.content, one.id, repr(one.given)) for one in imports]
    mine = [*_own(_HERE.parent / "knowledge" / "actors"), *_own(case.knowledge / "actors")]
    whole = _key(*keys, *(hashlib.sha256(one.read_bytes()).hexdigest() for one in mine))
    state = _state(case)
    if state is None or state[0] != whole or not all(_is_made(case, name) for name in TABLES):
        state = whole, _make(case, keys, imports, mine, begin, advance)
        write_whole(case.tables / _STATE, json.dumps({"key": whole, "sources": [asdict(one) for one in state[1]]}))
    if connection is not None:
        for name in TABLES:
            view(connection, case, name)
    return state[1]


def _make(
    case: Case,
    keys: Sequence[str],
    imports: Sequence[Kept],
    mine: Sequence[Path],
    begin: Begin,
    advance: Callable[[int], None],
) -> list[Summary]:
    folder = case.tables / _PIECES
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / f"{keys[0]}.json").exists():
        _keep(folder, keys[0], wheel.read(), "")
    for key, one in zip(keys[1:], imports, strict=True):
        if not (folder / f"{key}.json").exists():
            begin(f"Reading {one.file.name}", one.file.stat().st_size, "bytes")
            _keep(folder, key, forms.read(members(one.file, Path(one.path).name), one.id, one.given, advance), one.id)
    for stray in folder.iterdir():
        if stray.name.partition(".")[0].partition("-")[0] not in keys:
            stray.unlink()
    actors: dict[str, Actor] = {}
    facts: list[ActorFact] = []
    for file in mine:
        actor, said = files.read(file)
        actors[actor.actor] = actor  # a file of the case's own adds to ours of the same name
        facts += said
    pieces = [(f"{key}-{number}", one) for key in keys for number, one in enumerate(_summaries(folder, key))]
    pieces = [(name, replace(one, replaced=_is_replaced(one, pieces))) for name, one in pieces]
    counting = [name for name, one in pieces if not one.replaced]
    own = Summary(
        "watchword", "", "own files", "TOML", "", "", len(facts), len(facts), 0, 0, len(actors), len(facts), []
    )
    for name, rows in (("actors", list(actors.values())), ("actor_facts", facts), ("actor_rejections", [])):
        held = [pq.read_table(folder / f"{piece}.{name}.parquet") for piece in counting]
        store(case, name, pa.concat_tables([_table(name, rows), *held]))
    return [own, *(one for _, one in pieces)]


def _is_replaced(one: Summary, pieces: Iterable[tuple[str, Summary]]) -> bool:
    """Say whether another of its series is newer, or as new and added later."""
    if not one.series:
        return False
    rivals = [other for _, other in pieces if other.series == one.series]
    newest = max(rival.version for rival in rivals)
    return one is not [rival for rival in rivals if rival.version == newest][-1]


def _keep(folder: Path, key: str, taken: Sequence[Taken], imported: str) -> None:
    summaries = []
    for number, one in enumerate(taken):
        rejected = [ActorRejection(imported or one.source, row.place, row.value, row.reason) for row in one.rejected]
        rows: tuple[tuple[str, Sequence[object]], ...]
        rows = (("actors", list(one.actors.values())), ("actor_facts", one.facts), ("actor_rejections", rejected))
        for name, held in rows:
            pq.write_table(_table(name, held), folder / f"{key}-{number}.{name}.parquet", compression="zstd")
        counts = (one.items, one.used, one.explaining, len(one.rejected), len(one.actors), len(one.facts))
        summaries.append(
            asdict(
                Summary(one.source, imported, one.title, one.form, one.series, one.version, *counts, one.notes[:100])
            )
        )
    write_whole(folder / f"{key}.json", json.dumps(summaries))  # last: a piece is there whole or not at all


def _summaries(folder: Path, key: str) -> list[Summary]:
    return [Summary(**one) for one in json.loads((folder / f"{key}.json").read_text("utf-8"))]


def _table(name: str, rows: Sequence[object]) -> pa.Table:
    schema = tables.schema(name)
    return pa.table(
        {field.name: pa.array([getattr(row, field.name) for row in rows], field.type) for field in schema},
        schema=schema,
    )


def _own(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)


def _is_made(case: Case, name: str) -> bool:
    file = case.tables / name / "all.parquet"
    return file.exists() and pq.read_schema(file).names == tables.schema(name).names


def _state(case: Case) -> tuple[str, list[Summary]] | None:
    try:
        found = json.loads((case.tables / _STATE).read_text("utf-8"))
        return str(found["key"]), [Summary(**one) for one in found["sources"]]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join((code_digest(), *parts)).encode()).hexdigest()[:24]


@functools.cache
def code_digest() -> str:
    """Digest of the code and data by which sources are read."""
    digest = hashlib.sha256()
    places = [one for one in _HERE.iterdir() if one.name.endswith((".py", ".toml"))]
    places += [_HERE.parent / "knowledge" / "countries.toml", _HERE.parent / "tables" / "reporting.py"]
    places += [_HERE.parent / "observe" / name for name in ("url.py", "domain.py", "wallets.py")]
    for one in sorted(places, key=lambda one: one.name):
        digest.update(one.name.encode() + b"\0" + one.read_bytes())
    return digest.hexdigest()
