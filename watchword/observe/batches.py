"""Cut sources into batches, observe a batch into Parquet, and see that each batch is there whole or not at all.

A batch is a run of shards of about 32 MB. Its name is the digest of what it reads and of the code that reads it:
what exists under that name is right and is never made twice. `sightings` is written last, so its file says that
the batch is complete. Nothing is counted twice by a run that was killed and taken up again.
"""

import contextlib
import functools
import gc
import hashlib
import itertools
import json
import operator
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from watchword import tables
from watchword.case import Case, GivenSource, write_whole
from watchword.errors import WatchwordError
from watchword.observe import observe
from watchword.observe.alarm import alarm, set_alarm
from watchword.observe.cues import Lexicon, lexicon
from watchword.read import cut, read_shards, runs
from watchword.read.raw import SHARD_BYTES, RawMessage, Shard, Source
from watchword.tables import Rejection

MESSAGE_SECONDS = 20  # a message that takes longer is given up, and said so

Skipped = frozenset[tuple[str, str, int]]  # source, member, offset of messages that killed a process


@dataclass(frozen=True, slots=True)
class Batch:
    """A run of shards that is observed into one file of each table."""

    name: str
    shards: tuple[Shard, ...]

    @property
    def weight(self) -> int:
        """Bytes to read."""
        return sum(shard.weight for shard in self.shards)


def plan(case: Case, given: Sequence[GivenSource], workers: int) -> list[list[Batch]]:
    """Cut sources into tasks of batches.

    Small sources of one folder share a batch; a compressed stream is one task of several batches.
    """
    tasks: list[list[Batch]] = []
    pending: list[Shard] = []
    code = code_digest(case.knowledge, case.receiving)
    folder = ""

    def flush() -> None:
        if pending:
            tasks.append([_batch(pending, code)])
            pending.clear()

    for entry in given:
        if folder != (folder := str(Path(entry.source.path).parent)):
            flush()
        shards = cut(entry.source)
        for run in runs(shards, workers):
            if len(run) > 1:
                tasks.append([_batch([shard], code) for shard in run])
                continue
            if sum(shard.weight for shard in pending) + run[0].weight > SHARD_BYTES:
                flush()
            pending.extend(run)
    flush()
    return tasks


def observe_all(
    case: Case,
    tasks: Sequence[Sequence[Batch]],
    pool: Callable[[], Executor],
    done: Callable[[Batch], None] = lambda _: None,
) -> None:
    """Observe every batch that is not there yet. `done` is told of each, also of those that were there before.

    When a process dies, all of its pool die with it. Each leaves a mark of the message that it was at; the batches
    that are marked are then observed one at a time, so that the message which kills its process is known for sure.
    It is set aside as a rejection, and the rest goes on.
    """
    missing = []
    for task in tasks:
        rest = [batch for batch in task if not _complete(case, batch)]
        for batch in task:
            if batch not in rest:
                done(batch)
        if rest:
            missing.append(rest)
    _marks(case)  # of runs that were killed: they tell nothing of this one
    skipped: set[tuple[str, str, int]] = set()
    suspected: set[str] = set()
    while missing:
        alone = next((task for task in missing if any(batch.name in suspected for batch in task)), None)
        now = [alone] if alone else missing
        unfinished = _observe_at_once(case, now, pool, frozenset(skipped), done)
        if unfinished:
            marks = _marks(case)
            if not marks:
                raise WatchwordError(
                    "The processes that read mail were stopped from outside, perhaps for want of memory.",
                    do="Run the same command again: it goes on where it stopped; --workers 1 needs less memory.",
                    code=5,
                )
            if alone:
                skipped.update(place for _, place in marks)
            else:
                suspected.update(batch for batch, _ in marks)
        elif alone:
            suspected.difference_update(batch.name for batch in alone)
        later = [task for task in missing if task is not alone] if alone else []
        left = [[batch for batch in task if not _complete(case, batch)] for task in unfinished]
        missing = [task for task in left if task] + later


def _observe_at_once(
    case: Case,
    tasks: Sequence[Sequence[Batch]],
    pool: Callable[[], Executor],
    skipped: Skipped,
    done: Callable[[Batch], None],
) -> list[Sequence[Batch]]:
    """Hand tasks to a pool of their own; give those that a dying process left unfinished."""
    unfinished: list[Sequence[Batch]] = []
    executor = pool()
    try:
        own = (case.tables, case.knowledge, case.receiving)
        futures = {executor.submit(observe_batches, task, *own, skipped): task for task in tasks}
        for future in as_completed(futures):
            task = futures[future]
            try:
                future.result()
            except BrokenExecutor:
                unfinished.append(task)
            for batch in task:
                if task not in unfinished or _complete(case, batch):
                    done(batch)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()
    return unfinished


def observe_batches(
    batches: Sequence[Batch], folder: Path, knowledge: Path, receiving: frozenset[str], skipped: Skipped
) -> None:
    """Observe batches of one task, in a process of its own: read, parse, observe, write Parquet, rename."""
    known = lexicon(knowledge)
    with alarm(MESSAGE_SECONDS), _seldom_collected():
        shards = {shard: batch for batch in batches for shard in batch.shards}
        left = {batch.name: len(batch.shards) for batch in batches}
        rows: dict[str, _Rows] = {}
        for source in dict.fromkeys(shard.source for shard in shards):
            for shard, items in read_shards([shard for shard in shards if shard.source == source]):
                batch = shards[shard]
                kept = rows.setdefault(batch.name, _Rows())
                _observe_shard(items, source, kept, folder, batch.name, skipped, known, receiving)
                left[batch.name] -= 1
                if not left[batch.name]:
                    rows.pop(batch.name).write(folder, batch.name)
                    _mark(folder).unlink(missing_ok=True)


def clean(case: Case, needed: Collection[str]) -> None:
    """Remove tables of batches that no source needs any more, and what killed runs left behind."""
    for name in tables.FACTS:
        folder = case.tables / name
        for file in folder.iterdir() if folder.is_dir() else ():
            if file.name.startswith(".") or file.stem not in {*needed, "none"}:
                file.unlink(missing_ok=True)
    for mark in case.tables.glob(".reading-*"):
        mark.unlink(missing_ok=True)


# ------------------------------------------------------------ within a process


class _Rows:
    """The rows of one batch by table. A message that was seen in this batch before gives only its sighting."""

    def __init__(self) -> None:
        self.rows: dict[type, list[object]] = {row: [] for row in tables.FACTS.values()}
        self.messages: set[str] = set()

    def add(self, facts: Iterable[tables.Fact]) -> None:
        for fact in facts:
            self.rows[type(fact)].append(fact)

    def write(self, folder: Path, name: str) -> None:
        for table in sorted(tables.FACTS, key=lambda table: table == "sightings"):
            into = folder / table
            into.mkdir(parents=True, exist_ok=True)
            temporary = into / f".{name}.{os.getpid()}"
            try:
                pq.write_table(arrow(table, self.rows[tables.FACTS[table]]), temporary, compression="zstd")
                temporary.replace(into / f"{name}.parquet")
            finally:
                temporary.unlink(missing_ok=True)


def _observe_shard(
    items: Iterator[RawMessage | Rejection],
    source: Source,
    kept: _Rows,
    folder: Path,
    batch: str,
    skipped: Skipped,
    known: Lexicon,
    receiving: frozenset[str],
) -> None:
    mark = os.open(_mark(folder), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        for item in items:
            if isinstance(item, Rejection):
                kept.add([item])
                continue
            here = (source.id, item.member, item.offset)
            if here in skipped:
                kept.add([_set_aside(source, item, "Reading this message killed the process that read it.")])
                continue
            os.pwrite(mark, json.dumps([batch, *here]).encode() + b"\n", 0)
            facts = observe(item, source.id, known, (), receiving)
            if item.sha256 in kept.messages:
                facts = itertools.islice(facts, 1)  # its facts are here already; this is one more sighting
            try:
                set_alarm(MESSAGE_SECONDS)
                kept.add(list(facts))
                kept.messages.add(item.sha256)
            except TimeoutError:
                kept.add([_set_aside(source, item, f"Reading this message took longer than {MESSAGE_SECONDS} s.")])
            finally:
                set_alarm(0)
    finally:
        os.close(mark)


def _set_aside(source: Source, item: RawMessage, reason: str) -> Rejection:
    return Rejection(
        source.id,
        item.member,
        item.offset,
        item.length,
        reason,
        "It was not judged. Look at it with care, and send it to the developers if you may.",
    )


def arrow(name: str, rows: Sequence[object]) -> pa.Table:
    """Make an Arrow table of rows of the table called `name`."""
    schema = tables.schema(name)
    pick = operator.attrgetter(*schema.names)
    columns = list(zip(*map(pick, rows), strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let the collector of cycles look seldom: rows are in none, and it would walk over all of them again and again."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _mark(folder: Path) -> Path:
    """Name the file in which this process notes the message that it is at."""
    return folder / f".reading-{os.getpid()}"


# ------------------------------------------------------------ the plan


def _marks(case: Case) -> set[tuple[str, tuple[str, str, int]]]:
    """Take the marks that processes left: the batch and the message that each was at."""
    found = set()
    for mark in case.tables.glob(".reading-*"):
        with contextlib.suppress(ValueError):
            batch, source, member, offset = json.loads(mark.read_bytes().partition(b"\n")[0])
            found.add((batch, (source, member, offset)))
        mark.unlink(missing_ok=True)
    return found


def _complete(case: Case, batch: Batch) -> bool:
    return (case.tables / "sightings" / f"{batch.name}.parquet").exists()


def _batch(shards: Sequence[Shard], code: str) -> Batch:
    said = [code, *([s.source.id, s.source.fingerprint, s.start, s.stop] for s in shards)]
    return Batch(hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24], tuple(shards))


@functools.cache
def code_digest(own: Path, receiving: frozenset[str] = frozenset()) -> str:
    """Digest of everything that facts depend on besides the mail: code, tables, knowledge and `receiving`."""
    digest = hashlib.sha256(" ".join(sorted(receiving)).encode())

    def walk(place: Traversable) -> None:
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                walk(entry)
            elif entry.name.endswith((".py", ".toml", ".tsv")):
                digest.update(entry.name.encode() + entry.read_bytes())

    for room in ("read", "parse", "observe", "knowledge"):
        walk(files("watchword").joinpath(room))
    if own.is_dir():
        walk(own)
    for declared in ("column.py", "facts.py"):
        digest.update(files("watchword").joinpath("tables", declared).read_bytes())
    return digest.hexdigest()


def save_plan(case: Case, tasks: Sequence[Sequence[Batch]], kept: Mapping[str, list[str]]) -> None:
    """Write down which batches make up the case, and of which sources each is.

    `kept` are batches of sources that have left their place; what was read of them before still counts.
    """
    case.tables.mkdir(parents=True, exist_ok=True)
    batches = {batch.name: list({shard.source.id: None for shard in batch.shards}) for task in tasks for batch in task}
    write_whole(case.tables / "plan.json", json.dumps(batches | dict(kept)))


def planned(case: Case) -> dict[str, list[str]]:
    """Give the batches that make up the case, by name, and the ids of the sources of each; empty before any run."""
    try:
        batches = json.loads((case.tables / "plan.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(name): [str(source) for source in sources] for name, sources in batches.items()}
