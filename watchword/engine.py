"""The DuckDB session over a case, and the executor that work is handed to."""

import os
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from watchword import tables
from watchword.case import Case
from watchword.errors import WatchwordError

UNLOCKED = "unlocked"  # piece of the tables of facts: messages observed again, with words of others (`observe.unlock`)
MEMORY = 240  # MB of DuckDB's own for up to 120,000 messages; with Python and Arrow a process stays under 600 MB
CONNECT_MEMORY = 1000  # MB where pairs are compared; with so little and a million messages a join of DuckDB 2.0 broke
MEMORY_OF_MANY = 2  # MB for each further 1,000 messages: windows and lists over all of them are not spilled to disk
MOST_MEMORY = 3000  # MB, however many there are

SQL_TYPES: dict[pa.DataType, str] = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.timestamp("us", tz="UTC"): "timestamptz",
    pa.list_(pa.string()): "varchar[]",
}

JUDGED = (*tables.CONTEXT, *tables.JUDGEMENT, *tables.CONNECTION)  # what `judge` leaves behind
DERIVED = (*tables.AUTHENTICITY, *JUDGED, *tables.REPORTING, *tables.ATTRIBUTION)  # one Parquet file each

Connection = duckdb.DuckDBPyConnection


def executor(workers: int) -> Executor:
    """Give a pool of local processes. They are spawned: a fork of a process with threads can hang."""
    return ProcessPoolExecutor(max_workers=workers, mp_context=get_context("spawn"))


def processors() -> int:
    """Say how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def session(case: Case, batches: Sequence[str], *, memory: int = MEMORY, unlocked: bool = True) -> Connection:
    """Open DuckDB with every table of the case as a view.

    `batches` names the pieces of the tables of facts that count. A message that was found in two batches keeps
    the facts of the first; of one that words of other messages opened, its facts as seen since count, unless
    `unlocked` is False. DuckDB takes `memory` MB, or more where there are very many messages. Only files of the case
    can be read, nothing is installed or loaded from elsewhere, and no query can change that.
    """
    spill = case.tables / ".spill"
    connection = duckdb.connect(
        config={
            "memory_limit": f"{_memory(case, batches, memory)}MB",
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,  # a query must not reach variables of this program
            "threads": processors(),
            "preserve_insertion_order": False,
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set parquet_metadata_cache = true")
    connection.execute("set allowed_directories = ?", [[str(case.tables), str(case.path / "out")]])
    _facts(connection, case, batches, unlocked and (case.tables / f"{UNLOCKED}.json").exists())
    for name in [*tables.ACCOUNTS, *DERIVED]:
        view(connection, case, name)
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _memory(case: Case, batches: Sequence[str], least: int) -> int:
    """Say how many MB DuckDB may take of its own: `least`, and more where there are very many messages."""
    files = [file for file in case.files("messages", batches) if file.exists()]
    messages: int = sum(pq.read_metadata(file).num_rows for file in files)
    return min(max(least, messages * MEMORY_OF_MANY // 1000), MOST_MEMORY)


def asked(connection: Connection, query: str) -> list[str] | None:
    """Give the columns of a query that only asks; None if it does more, as writing a file or changing a table.

    Raises duckdb.Error where the query is wrong.
    """
    statements = connection.extract_statements(query)
    if [one.type for one in statements] not in ([duckdb.StatementType.SELECT], [duckdb.StatementType.MULTI]):
        return None  # the latter is `pivot`
    # `with x as (copy …) select …` counts as SELECT, too, but not where a table is asked for.
    described = connection.execute(f"describe from ({statements[0].query.rstrip().rstrip(';')}\n)")
    return [row[0] for row in described.fetchall()]


def derive(connection: Connection, case: Case, name: str, select: str) -> None:
    """Fill a derived table from a query whose columns have the table's names; types are those of `tables`."""
    folder = case.tables / name
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".all.{os.getpid()}"
    wanted = ", ".join(
        f'cast("{c.name}" as {SQL_TYPES[c.type]}) as "{c.name}"' for c in tables.columns(tables.TABLES[name])
    )
    try:
        connection.execute(
            f"copy (select {wanted} from ({select})) to {_literal(temporary)} (format parquet, compression zstd)"
        )
        temporary.replace(folder / "all.parquet")
    finally:
        temporary.unlink(missing_ok=True)
    view(connection, case, name)


def is_judged(case: Case) -> bool:
    """Say whether context, judgement and connection are there, in the form that this version gives them."""
    files = {name: case.tables / name / "all.parquet" for name in JUDGED}
    return all(file.exists() and _fits(file, name) for name, file in files.items())


def view(connection: Connection, case: Case, name: str) -> None:
    """Make a view of a derived table, or of no rows if this version did not make it yet.

    It is one Parquet file; of `tables.ACCOUNTS` one for each log that was added.
    """
    folder = case.tables / name
    found = sorted(folder.glob("*.parquet")) if name in tables.ACCOUNTS else [folder / "all.parquet"]
    found = [file for file in found if file.exists() and _fits(file, name)]
    select = f"select * from read_parquet([{', '.join(map(_literal, found))}])"
    if not found:
        columns = tables.columns(tables.TABLES[name])
        empty = ", ".join(f'cast(null as {SQL_TYPES[column.type]}) as "{column.name}"' for column in columns)
        select = f"select {empty} where false"
    connection.execute(f"create or replace view {name} as {select}")


def _fits(file: Path, name: str) -> bool:
    found, wanted = pq.read_schema(file), tables.schema(name)
    return bool(found.names == wanted.names and found.types == wanted.types)  # DuckDB lets every column be missing


def store(case: Case, name: str, table: pa.Table, piece: str = "all") -> None:
    """Write one Parquet file of a table: temporary name, then rename, so that it is there whole or not at all."""
    folder = case.tables / name
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{piece}.{os.getpid()}"
    try:
        pq.write_table(table.cast(tables.schema(name)), temporary, compression="zstd", compression_level=1)
        temporary.replace(folder / f"{piece}.parquet")
    finally:
        temporary.unlink(missing_ok=True)


def _facts(connection: Connection, case: Case, batches: Sequence[str], unlocked: bool) -> None:
    for name in tables.FACTS:
        for file in case.files(name, batches)[:1]:
            if not _fits(file, name):
                raise WatchwordError(
                    f"The case {case.path} was read by another version of Watchword.",
                    do=f"Run `watchword investigate --case {case.path}`: its mailboxes are read again.",
                    code=3,
                )

    def files(name: str) -> str:
        further = ["found"] if name == "rejections" else [UNLOCKED] if unlocked and name != "sightings" else []
        found = case.files(name, [*batches, *further])
        if not found:
            store(case, name, tables.schema(name).empty_table(), "none")
            found = [case.tables / name / "none.parquet"]
        return "[" + ", ".join(_literal(file) for file in found) + "]"

    connection.execute(f"create view sightings as select * from read_parquet({files('sightings')})")
    # The same bytes in two batches: the facts of all but the first batch are left out.
    connection.execute(
        f"""
        create table repeated as -- not temporary: a second cursor on the session must see it, too
        with seen as (
            select distinct message, parse_filename(filename, true) as batch
            from read_parquet({files("sightings")}, filename = true)
        )
        select message, batch from seen
        qualify row_number() over (partition by message order by batch) > 1
        """
    )
    if unlocked:
        again = _literal(case.tables / "messages" / f"{UNLOCKED}.parquet")
        connection.execute(
            f"""
            insert into repeated
            select distinct message, parse_filename(filename, true)
            from read_parquet({files("sightings")}, filename = true)
            where message in (select message from read_parquet({again}))
            """
        )
    ((repeated,),) = connection.execute("select count(*) from repeated").fetchall()
    for name in tables.FACTS:
        if name in ("sightings", "rejections") or not repeated:
            if name != "sightings":
                target = "message_facts" if name == "messages" else name
                connection.execute(f"create view {target} as select * from read_parquet({files(name)})")
            continue
        target = "message_facts" if name == "messages" else name
        connection.execute(
            f"""
            create view {target} as
            select * exclude (filename) from read_parquet({files(name)}, filename = true) facts
            where not exists (
                select 1 from repeated
                where repeated.message = facts.message and repeated.batch = parse_filename(facts.filename, true)
            )
            """
        )
    view(connection, case, "places")
    messages(connection)


def messages(connection: Connection) -> None:
    """Make the view `messages`: the facts of each message, and where it was first seen."""
    connection.execute(
        """
        create view messages as
        select facts.*, facts.message as sha256, places.source, places.member, places."offset", places.length,
            places.owner
        from message_facts facts join places using (message)
        """
    )


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
