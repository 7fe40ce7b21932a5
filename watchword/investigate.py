"""The main job as functions: read mailboxes into a case, judge the case, open its tables. The verbs call these."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from watchword import tables
from watchword.actors.build import build as read_actors
from watchword.attribute.build import build as weigh
from watchword.authenticate.authenticate import authenticate
from watchword.authenticate.kept import Kept
from watchword.authenticate.recover import RECOVERED_KEYS, ed25519_selectors, groups, recover
from watchword.authenticate.wanted import Question, wanted
from watchword.case import Case, GivenSource
from watchword.claims.build import build as read_claims
from watchword.connect import build as connection_tables
from watchword.connect.evidence import kinds
from watchword.context.build import build, received
from watchword.engine import CONNECT_MEMORY, UNLOCKED, Connection, is_judged, session, store
from watchword.errors import WatchwordError
from watchword.indicators.hits import build as named_publicly
from watchword.judge.detector import detectors
from watchword.judge.judge import judge
from watchword.judge.weights import weights
from watchword.logs import refresh
from watchword.match.matches import fill as matches
from watchword.observe.batches import clean, observe_all, plan, planned, save_plan
from watchword.observe.unlock import unlock
from watchword.progress import Progress
from watchword.read import Source, fetch_many, find_sources
from watchword.tables import Rejection

if TYPE_CHECKING:
    from watchword.read.account import Fetched
    from watchword.read.imap import Address, Secret

NO_MAIL = "none"  # kind of a path that was named and holds no mail of its own, as an encrypted archive


def read(
    case: Case,
    paths: Sequence[Path],
    owners: Mapping[str, str],
    pool: Callable[[], Executor],
    workers: int,
    progress: Progress,
) -> None:
    """Find the mailboxes at `paths`, add them to the case, and observe all of the case that was not observed yet.

    `owners` maps a path as the user wrote it, or the empty string for all, to the owner's address.
    """
    progress.begin("Looking for mailboxes", 0)
    before = case.sources()
    roots = [path.resolve() for path in paths]
    again: list[Path] = []
    for path in map(Path, sorted({entry.source.path for entry in before})):  # a folder comes before what is in it
        if path.exists() and not any(root == path or root in path.parents for root in [*roots, *again]):
            again.append(path)
    found, rejected = find_sources([*again, *paths], spool=case.path / "raw") if again or paths else ([], [])
    known = {entry.source.id: entry.owner for entry in before}
    here = {source.id: source for source in found}
    gone = [
        entry
        for entry in before
        if entry.source.id not in here and entry.source.kind != NO_MAIL and not Path(entry.source.path).exists()
    ]
    given = [GivenSource(source, _owner(source.path, owners) or known.get(source.id, "")) for source in here.values()]
    if not given and not gone:
        reasons = " ".join(f"{row.member or row.source}: {row.reason} {row.advice}" for row in rejected[:5])
        raise WatchwordError(f"There is no mailbox in {', '.join(map(str, paths)) or case.path}.", do=reasons, code=3)
    places = {str(path) for path in [*roots, *again]} | {source.path for source in found}
    case.save_sources([*gone, *given, *_no_mail(places, rejected, here)])
    tasks = plan(case, given, workers)
    absent = {entry.source.id for entry in gone}
    kept = {name: sources for name, sources in planned(case).items() if sources and absent.issuperset(sources)}
    progress.begin("Reading", sum(batch.weight for task in tasks for batch in task), "bytes")
    case.tables.mkdir(exist_ok=True)
    store(case, "rejections", _rejections(rejected), "found")
    observe_all(case, tasks, pool, lambda batch: progress.advance(batch.weight))
    save_plan(case, tasks, kept)
    clean(case, {*kept, "found", UNLOCKED, *(batch.name for task in tasks for batch in task)})
    unlock(case, list(planned(case)), given, pool, partial(progress.begin, "Opening locked files"), progress.advance)


def fetch_account(
    case: Case, where: "Address", secret: "Secret", authorities: Path | None, progress: Progress
) -> "Fetched":
    """Fetch an account from its server into the case's `raw/`, and make it a source of the case.

    What was fetched is a source also where the run breaks off. Raises WatchwordError.
    """
    from watchword.read.account import Account, path_name  # only here: no other verb speaks to a server
    from watchword.read.imap import Server

    folder = case.path.resolve() / "raw" / "imap" / path_name(f"{where.user}@{where.host}")
    progress.begin(f"Connecting to {where.host}", 0)
    account = Account(folder, lambda: Server(where, secret, authorities=authorities))
    try:
        return account.fetch(where.folder, progress.begin, progress.advance)
    finally:
        account.close()
        found, _ = find_sources([folder], spool=case.path / "raw")
        before = [entry for entry in case.sources() if Path(entry.source.path) != folder]
        owner = where.user.lower() if "@" in where.user else ""
        case.save_sources([*before, *(GivenSource(source, owner) for source in found)])


def rejudge(case: Case, per_week: float, progress: Progress) -> None:
    """Build the context of a case and judge it anew; no mailbox is touched."""
    batches = _batches(case)
    refresh(case, progress.begin, progress.advance)
    with session(case, batches) as connection:
        found = detectors([case.path / "detectors"])
        progress.begin("Judging", 5 + len(found))
        authenticate(case, connection, batches, lambda note: progress.advance(1, note))
        build(case, connection, case.sources(), lambda note: progress.advance(1, note))
        received(connection, kept=True)
        judge(case, connection, found, weights(), per_week, lambda note: progress.advance(1, note))
    _connect(case, progress)


def reconnect(case: Case, progress: Progress) -> None:
    """Tie the messages of a judged case into operations anew. Raises WatchwordError if it was not judged yet."""
    _judged(case)
    refresh(case, progress.begin, progress.advance)
    _connect(case, progress)


def _connect(case: Case, progress: Progress) -> None:
    with session(case, _batches(case), memory=CONNECT_MEMORY) as connection:
        progress.begin("Connecting", len(kinds()) + 4)
        connection_tables.build(case, connection, lambda note: progress.advance(1, note))
        matches(case, connection)
    attribute(case, progress)


def attribute(case: Case, progress: Progress) -> None:
    """Set what public reporting says beside a case that was judged, and weigh who may be behind its operations."""
    with session(case, _batches(case)) as connection:
        read_actors(case, connection, progress.begin, progress.advance)
        progress.begin("Reading reports", 0)
        read_claims(case, connection, lambda note: progress.advance(0, note))
        progress.begin("Weighing who it was", 0)
        named_publicly(case, connection)
        weigh(case, connection, lambda note: progress.advance(0, note))


def recover_keys(case: Case, domain: str, progress: Progress) -> tuple[pa.Table, int]:
    """Recover keys from the signatures of a case, of one domain or of all, and try them on every signature.

    Gives for each selector with recovered keys how many of its signatures come to what, and why; and how many
    selectors are out of reach because they sign with Ed25519. Every key is kept at once, so that a run that was
    stopped goes on where it was.
    """
    batches = _batches(case)
    with session(case, batches) as connection:
        progress.begin("Trying known keys", 0)
        authenticate(case, connection, batches)
        wanted = groups(connection, domain)
        progress.begin("Recovering keys", len(wanted))
        for _ in recover(case.path / "keys", wanted, lambda note: progress.advance(1, note)):
            pass
        progress.begin("Trying the keys", 0)
        authenticate(case, connection, batches)
        return connection.sql(RECOVERED_KEYS).to_arrow_table(), ed25519_selectors(connection, domain)


def wanted_records(case: Case, kept: Kept) -> list[Question]:
    """Say which keys and DNS records the messages of a case need, which are kept, and which must not be asked for."""
    with session(case, _batches(case)) as connection:
        known = connection.execute("select address from owner_addresses").fetchall()
        people = {entry.owner for entry in case.sources()} | {address for (address,) in known}
        return wanted(connection, kept, people)


def connect(case: Case) -> Connection:
    """Open every table of a case as a view of DuckDB, and `received`, from which detectors start.

    Raises WatchwordError if nothing was read or judged yet, or only by another version.
    """
    connection = session(case, _judged(case))
    received(connection)
    return connection


def fetch(case: Case, connection: Connection, messages: Sequence[str]) -> dict[str, bytes]:
    """Give the original bytes of messages. What lies no longer where it was is left out."""
    places: dict[str, list[tuple[str, int, int]]] = {}
    wanted: dict[tuple[str, str, int], str] = {}
    for message, source, member, offset, length in connection.execute(
        """select message, source, member, "offset", length from places where list_contains(?, message)""",
        [list(messages)],
    ).fetchall():
        places.setdefault(source, []).append((member, offset, length))
        wanted[source, member, offset] = message
    found: dict[str, bytes] = {}
    for entry in case.sources():
        if entry.source.id in places:
            try:
                for raw in fetch_many(entry.source, sorted(places[entry.source.id])):
                    if wanted.get((entry.source.id, raw.member, raw.offset)) == raw.sha256:
                        found[raw.sha256] = raw.data
            except WatchwordError:
                continue  # the mailbox has moved; the report says that its bytes cannot be quoted
    return found


class OpenCase:
    """A case opened to be read, for notebooks and scripts. Closing it is closing the session."""

    def __init__(self, path: Path) -> None:
        """Open the case folder at `path`. Raises WatchwordError if it is none or nothing was read into it."""
        self.connection = connect(Case(path))

    def table(self, name: str) -> pa.Table:
        """Give one table of the case, or `received`, as an Arrow table."""
        if name not in tables.TABLES and name != "received":
            raise WatchwordError(f"There is no table {name!r}.", do=f"There are {', '.join(tables.TABLES)}.")
        return self.connection.table(name).to_arrow_table()

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """Ask in SQL; the relation gives Arrow, pandas or Polars."""
        return self.connection.sql(query)

    def close(self) -> None:
        """End the session."""
        self.connection.close()

    def __enter__(self) -> "OpenCase":
        """Use it in a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the session."""
        self.close()


def _judged(case: Case) -> list[str]:
    """Give the pieces of the tables of facts of a case that was judged. Raises WatchwordError if it was not."""
    batches = _batches(case)
    if not is_judged(case):
        raise WatchwordError(
            f"The case {case.path} was not judged by this version of Watchword yet.",
            do=f"Run `watchword judge --case {case.path}`.",
            code=3,
        )
    return batches


def _batches(case: Case) -> list[str]:
    batches = planned(case)
    if not batches:
        raise WatchwordError(
            f"Nothing was read into the case {case.path} yet.",
            do=f"Run `watchword investigate PATH --case {case.path}`.",
            code=3,
        )
    return list(batches)


def _owner(path: str, owners: Mapping[str, str]) -> str:
    for given, owner in owners.items():
        if given and (Path(path) == Path(given).resolve() or Path(given).resolve() in Path(path).parents):
            return owner
    return owners.get("", "")


def _no_mail(paths: Iterable[str], rejected: Sequence[Rejection], here: Collection[str]) -> list[GivenSource]:
    """Give the paths that hold no mail of their own, but of which something was rejected: they are counted, too."""
    told = {row.source for row in rejected}.difference(here)
    places = [Source(path, "", NO_MAIL, 0, "") for path in sorted(paths)]
    return [GivenSource(place, "") for place in places if place.id in told]


def _rejections(rows: Sequence[Rejection]) -> pa.Table:
    names = tables.schema("rejections").names
    return pa.table({name: [getattr(row, name) for row in rows] for name in names}, schema=tables.schema("rejections"))
