"""One log file, read forward into pieces of the tables `logs`, `events` and `log_rejections`."""

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from watchword import tables
from watchword.logs.forms import Form, ends_at, recognise
from watchword.logs.kinds import plain
from watchword.logs.record import Reading, Record, UnreadableError
from watchword.logs.rows import Broken, CsvRows, JsonRows, encoding_of
from watchword.logs.seen import Seen
from watchword.logs.values import is_slashed
from watchword.tables import Event, Log, LogRejection

HEAD = 64 * 1024
_BATCH = 20_000
_NAMES = 10_000  # different accounts or operations that are counted
_SAMPLE = 5_000  # rows that are looked at to tell the order of day and month
_LISTED = 1_000
_TIMES = ("date", "dateutc", "creationdate", "datetime", "activitytimestamp", "received", "activitydatetime")


@dataclass(frozen=True, slots=True)
class Source:
    """One log file of a case."""

    log: str
    file: Path  # the copy in the case
    path: str  # where it lay
    sha256: str
    account: str  # whose it is, as the user said


@dataclass(slots=True)
class Counts:
    """What is counted while a log is read."""

    rows: int = 0
    events: int = 0
    repeated: int = 0
    rejected: int = 0
    first: datetime | None = None
    last: datetime | None = None
    accounts: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)  # plain names of the operations that occurred
    unknown: Counter[str] = field(default_factory=Counter)


def opened(file: Path) -> TextIO:
    """Open a file as text, in the encoding that its first bytes show."""
    with file.open("rb") as stream:
        encoding = encoding_of(stream.read(HEAD))
    return file.open("r", encoding=encoding, errors="replace", newline="")


def form_of(file: Path) -> Form | None:
    """Tell what a file is; None if it is no log that is known here."""
    with opened(file) as stream:
        return recognise(stream)


def read_log(source: Source, form: Form, seen: Seen, folder: Path, advance: Callable[[int], None]) -> Log:
    """Read a log into Parquet files below `folder`, the tables of a case, and say what it holds.

    Events that are in `seen` are counted as repeated; those that are new are put in. `advance` is told of every byte.
    """
    reading = Reading(source.log, form.service, source.account)
    if form.header:
        reading.day_first, doubt = _order(source.file, form)
    else:
        doubt = False
    counts = Counts()
    with (
        opened(source.file) as stream,
        _Piece(folder, "events", source.log) as events,
        _Piece(folder, "log_rejections", source.log) as rejections,
    ):
        rows: CsvRows | JsonRows = CsvRows(stream, given=form.given) if form.header else JsonRows(stream)
        at = 0
        for event in _events(rows, form, reading, counts, seen):
            if isinstance(event, LogRejection):
                counts.rejected += 1
                rejections.add(event)
            elif seen.new(event.provider_id):
                events.add(event)
                _count(event, counts, reading.known)
            else:
                counts.repeated += 1
            if reading.number % 2_000 == 0:
                at += _advanced(stream.buffer, at, advance)
        _advanced(stream.buffer, at, advance)
        log = Log(
            log=source.log,
            path=source.path,
            sha256=source.sha256,
            service=form.service,
            form=form.name,
            covers=form.covers(reading, set(counts.names)),
            accounts=[account for account, _ in counts.accounts.most_common(_LISTED)],
            first=counts.first,
            last=counts.last,
            rows=counts.rows,
            events=counts.events,
            repeated=counts.repeated,
            rejected=counts.rejected,
            unknown=[f"{name} ({count:,})" for name, count in counts.unknown.most_common(_LISTED)],
            truncated="; ".join(_truncated(rows, form, reading, counts)),
            missing=list(_missing(form, reading, counts, doubt)),
        )
    with _Piece(folder, "logs", source.log) as piece:
        piece.add(log)
    return log


def _events(
    rows: CsvRows | JsonRows, form: Form, reading: Reading, counts: Counts, seen: Seen
) -> Iterator[Event | LogRejection]:
    """Give an event or a rejection for each row."""
    reading.row_id = lambda: seen.numbered(f"row-{_digest(reading.record)}")
    for row in rows:
        for record in form.unfold(row) if isinstance(row, Record) else (row,):
            number = reading.number = counts.rows
            counts.rows += 1
            if isinstance(record, Broken):
                yield LogRejection(reading.log, number, record.reason, record.advice, record.detail)
                continue
            reading.known, reading.record = True, record
            read: Event | LogRejection
            try:
                read = form.read(record, reading)
            except UnreadableError as error:
                read = LogRejection(reading.log, number, error.reason, error.advice, _begins(record))
            yield read


def _digest(record: Record) -> str:
    said = repr(sorted((name, str(value)) for name, value in record.values.items()))
    return blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _begins(record: Record) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in list(record.values.items())[:20])
    return text[:300].encode("utf-8", "replace").decode("utf-8")


def _count(event: Event, counts: Counts, known: bool) -> None:
    counts.events += 1
    if event.time:
        counts.first = min(counts.first or event.time, event.time)
        counts.last = max(counts.last or event.time, event.time)
    if event.account and (event.account in counts.accounts or len(counts.accounts) < _NAMES):
        counts.accounts[event.account] += 1
    name = plain(event.action)
    if name in counts.names or len(counts.names) < _NAMES:
        counts.names[name] += 1
        if not known:
            counts.unknown[event.action] += 1


# ------------------------------------------------------------ what is missing in it


def _truncated(rows: CsvRows | JsonRows, form: Form, reading: Reading, counts: Counts) -> Iterator[str]:
    if rows.cut:
        yield rows.cut
    if isinstance(rows, JsonRows) and rows.more:
        yield f"ends with {rows.more}: another page follows that is not here"
    if reason := ends_at(form.name, counts.rows):
        yield reason
    if reading.cut:
        yield f"AuditData is cut in {_rows(reading.cut)}"
    for total, count in sorted(reading.totals.items()):
        if count < total:
            yield f"of a search with {total:,} results only {_rows(count)} are here (ResultCount)"
    if reading.throttled:
        yield (
            f"MailItemsAccessed was throttled in {_rows(reading.throttled)} (IsThrottled): for a day, readings of "
            "single messages were not recorded"
        )


def _missing(form: Form, reading: Reading, counts: Counts, doubt: bool) -> Iterator[str]:
    if not counts.rows:
        yield "It has no rows: what period it was asked for is not in it."
    yield from form.missing
    if form.name.startswith("unified-audit") and counts.rows:
        if "mailitemsaccessed" not in counts.names and "Exchange" in reading.workloads:
            yield (
                "No MailItemsAccessed occurs: which messages were read is not shown. It is recorded with the licence "
                "E5 or Audit (Premium), for others since 2024; ask for it by name."
            )
        if len(counts.names) == 1:
            yield f"Only {next(iter(counts.names))} occurs: the search may have been for that alone."
    if reading.synced:
        yield (
            f"{_rows(reading.synced)} of MailItemsAccessed say that a folder was synchronised: all that lay in it may "
            "have been read."
        )
    if reading.naive:
        yield f"{_rows(reading.naive)} have times without a zone: they were taken for UTC."
    if doubt:
        yield "Whether dates have the day or the month first is not to be told: they were taken for month first."


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _order(file: Path, form: Form) -> tuple[bool, bool]:
    """Tell whether dates such as 4/6/2024 have the day first, and whether that could not be told."""
    ambiguous = False
    with opened(file) as stream:
        for number, row in enumerate(CsvRows(stream)):
            if number >= _SAMPLE:
                break
            pair = is_slashed(row.text(*_TIMES)) if isinstance(row, Record) else None
            if pair and pair[0] != pair[1]:
                if max(pair) > 12:
                    return pair[0] > 12, False
                ambiguous = True
    return False, ambiguous and form.name != "unified-audit-csv"  # AuditData has times of its own


def _advanced(stream: BinaryIO, at: int, advance: Callable[[int], None]) -> int:
    now = stream.tell()
    advance(now - at)
    return now - at


# ------------------------------------------------------------ Parquet


class _Piece:
    """One Parquet file of a table, written batch by batch; there whole or not at all."""

    def __init__(self, folder: Path, table: str, piece: str) -> None:
        self._schema = tables.schema(table)
        self._pick = attrgetter(*self._schema.names)
        self._target = folder / table / f"{piece}.parquet"
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self._temporary = self._target.with_name(f".{piece}.{os.getpid()}")
        self._rows: list[object] = []

    def __enter__(self) -> "_Piece":
        self._writer = pq.ParquetWriter(self._temporary, self._schema, compression="zstd", compression_level=1)
        return self

    def add(self, row: object) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        columns = list(zip(*map(self._pick, self._rows), strict=True)) or [()] * len(self._schema)
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))
        self._rows.clear()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._flush()
            self._writer.close()
            if kind is None:
                self._temporary.replace(self._target)
        finally:
            self._temporary.unlink(missing_ok=True)


def text_of(data: bytes) -> TextIO:
    """Give the beginning of a file as text, to recognise it."""
    return io.StringIO(data.decode(encoding_of(data), "replace"), newline="")
