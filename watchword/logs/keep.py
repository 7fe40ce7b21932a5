"""Logs that a case keeps in `logs/`: taken in as they are, told apart by content, and read again when the code changes.

`logs/added.jsonl` says what was added, when, from where and whose it is.
"""

import functools
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq

from watchword import tables
from watchword.case import Case, write_whole
from watchword.errors import WatchwordError
from watchword.logs.forms import BY_NAME, recognise
from watchword.logs.read import HEAD, Source, form_of, read_log, text_of
from watchword.logs.seen import Seen
from watchword.read.archive import Trouble, files_in
from watchword.read.recognise import archive_kind
from watchword.tables import Log

ADDED = "added.jsonl"
_STATE = "logs.json"  # in `tables/`: with which code they were made
_FILE_BYTES = 64 * 1024**3
_RIGHT = (
    "Give the CSV or JSON that the Admin console, the Reports API, Purview, Search-UnifiedAuditLog, Entra or a "
    "collector wrote, unchanged."
)
_NO_LOGS = {  # how other files begin, and what would be right
    b"PK\x03\x04": ("is an archive without any log that is known here", _RIGHT),
    b"\xd0\xcf\x11\xe0": ("is an Excel or Outlook file of the old kind", "Export the log as CSV or JSON."),
    b"%PDF": ("is a PDF", "Export the log as CSV or JSON."),
    b"SQLite": ("is a database", "Export the log as CSV or JSON."),
    b"<": ("is a web page or XML", "Export the log as CSV or JSON, and see whether the download was a sign-in page."),
    b"From ": ("is a mailbox", "Mailboxes are read by `watchword investigate`."),
}
Begin = Callable[[str, int, str], None]


@dataclass(frozen=True, slots=True)
class Added:
    """What came of one file that was to be added."""

    path: str
    log: Log | None  # None: no log that is known here
    was_there: bool  # the same bytes had been added before
    why: str = ""  # why it was left out


@dataclass(frozen=True, slots=True)
class LogTotals:
    """One log of a case, for lists."""

    log: Log
    title: str
    kinds: dict[str, int]  # events by kind


def add(
    case: Case,
    paths: Sequence[Path],
    account: str,
    now: datetime,
    begin: Begin = lambda title, total, unit: None,
    advance: Callable[[int], None] = lambda amount: None,
) -> list[Added]:
    """Take logs into a case: files, folders, and archives of them; `account` is whose they are, if they do not say.

    Raises WatchwordError where nothing among the paths is a log, or where a file that was named is none.
    """
    refresh(case, begin, advance)
    folder = case.path / "logs"
    folder.mkdir(exist_ok=True)
    known = {entry.sha256: entry for entry in _entries(case)}
    added: list[Added] = []
    seen = _seen(case)
    try:
        for path in paths:
            troubles: list[str] = []
            count = len(added)
            for one in _found(path, folder):  # each is there only until the next is asked for
                if one.form:
                    added.append(_take(case, one, known, account, now, seen, begin, advance))
                elif one.why:
                    troubles.append(f"{one.path} {one.why}")
            if len(added) == count:
                _no_log(path, troubles)
            added += [Added("", None, False, trouble) for trouble in troubles]
    finally:
        for left in folder.glob(".taken-*"):
            left.unlink(missing_ok=True)
        for stray in _strays(case, {entry.log for entry in _entries(case)}):
            stray.unlink()
        _write_state(case)
    if any(one.log and one.was_there and known[one.log.sha256].account != account for one in added if account):
        _set_account(case, added, known, account, now)
        refresh(case, begin, advance)
    return added


def refresh(
    case: Case,
    begin: Begin = lambda title, total, unit: None,
    advance: Callable[[int], None] = lambda amount: None,
) -> bool:
    """Make the tables of the logs that a case keeps, where they are not as this version makes them; say if so."""
    if is_fresh(case):
        return False
    entries = _entries(case)
    for name in tables.ACCOUNTS:
        for piece in (case.tables / name).glob("*.parquet"):
            piece.unlink()
    begin("Reading logs", sum(entry.file.stat().st_size for entry in entries), "bytes")
    seen = Seen()
    for entry in entries:
        form = form_of(entry.file)
        if form is None:
            raise WatchwordError(
                f"{entry.file} is no log that this version knows.", do="Move it out of the case's logs/, and tell us."
            )
        read_log(entry, form, seen, case.tables, advance)
        seen.pack(())
    _write_state(case)
    return True


def is_fresh(case: Case) -> bool:
    """Say whether the tables of the logs are as this version makes them; a case without logs has nothing to make."""
    wanted = {entry.log for entry in _entries(case)}
    if not wanted and _state(case) is None:
        return True
    made = {"code": code_digest(), "logs": sorted(wanted)}
    return _state(case) == made and not _strays(case, wanted) and all(_complete(case, log) for log in wanted)


def totals(case: Case) -> list[LogTotals]:
    """Give the logs of a case, in the order in which they were added. `refresh` comes before."""
    found = []
    for entry in _entries(case):
        (row,) = pq.read_table(case.tables / "logs" / f"{entry.log}.parquet").to_pylist()
        log = Log(**row)
        kinds = pq.read_table(case.tables / "events" / f"{entry.log}.parquet", columns=["kind"])["kind"]
        counted = {one["values"]: one["counts"] for one in kinds.value_counts().to_pylist()}
        ordered = dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
        found.append(LogTotals(log, BY_NAME[log.form].title, ordered))
    return found


# ------------------------------------------------------------ finding


@dataclass(slots=True)
class _Found:
    path: str  # where it lies, with `!member` in an archive
    name: str
    form: str = ""
    file: Path | None = None  # a copy in the case, of a temporary name
    sha256: str = ""
    why: str = ""


def _found(path: Path, folder: Path) -> Iterator[_Found]:
    """Give the files at a path; each that may be a log is copied, and there until the next is asked for."""
    if path.is_dir():
        inside = sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
        for one in inside:
            yield from _found(one, folder)
        return
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        if archive_kind(head[:512]) is None:
            yield _copied(str(path.resolve()), path.name, head, stream, folder)
            return
    troubles: list[Trouble] = []
    for entry in files_in(path, lambda archive, name, number: True, troubles):
        place = f"{path.resolve()}!{entry.member}"
        begins = entry.stream.take(HEAD)
        yield _copied(place, Path(entry.name).name, begins, _Rest(entry.stream.take), folder)
        if entry.stream.error:
            troubles.append(Trouble(entry.member, f"ends too early: {entry.stream.error}", "Download it again."))
    for trouble in troubles:
        place = f"{path}!{trouble.member}" if trouble.member else str(path)
        yield _Found(place, "", why=f"{trouble.reason}. {trouble.advice}")


class _Rest:
    def __init__(self, take: Callable[[int], bytes]) -> None:
        self._take = take

    def read(self, size: int) -> bytes:
        return self._take(size)


def _copied(place: str, name: str, head: bytes, rest: "BinaryIO | _Rest", folder: Path) -> _Found:
    """Copy what may be a log, and tell what it is. What begins like something else is left where it is."""
    found = _Found(place, name)
    if not head or not _may_be(head):
        return found
    found.file = folder / f".taken-{os.getpid()}"
    digest = hashlib.sha256(head)
    size = len(head)
    with found.file.open("wb") as copy:
        copy.write(head)
        while piece := rest.read(1024 * 1024):
            size += len(piece)
            if size > _FILE_BYTES:
                found.why = "is bigger than 64 GB. Export it for shorter periods."
                return found
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    found.sha256 = digest.hexdigest()
    form = form_of(found.file)
    found.form = form.name if form else ""
    return found


def _may_be(head: bytes) -> bool:
    """Say whether a file with this beginning may be a log; a record that goes beyond it is judged by its names."""
    if recognise(text_of(head)):
        return True
    start = head[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    names = (b"applicationName", b"AuditData", b"auditData", b"CreationTime", b"createdDateTime", b"activityDateTime")
    return start[:1] in (b"{", b"[") and any(name in head.replace(b"\0", b"") for name in names)


def _no_log(path: Path, troubles: Sequence[str]) -> None:
    """Say what a path is instead. Raises WatchwordError."""
    if path.is_dir():
        if troubles:
            raise WatchwordError(troubles[0])
        raise WatchwordError(f"There is no log that is known here in the folder {path}.", do=_RIGHT)
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if not head:
        raise WatchwordError(f"{path} is empty.", do="Export it again.")
    if head.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in head:
        raise WatchwordError(f"{path} is an Excel workbook.", do="Export the log as CSV or JSON; Excel alters values.")
    if troubles:
        raise WatchwordError(troubles[0])
    for begins, (what, do) in _NO_LOGS.items():
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(begins):
            raise WatchwordError(f"{path} {what}.", do=do)
    line = head.decode("utf-8", "replace").partition("\n")[0].strip()[:120]
    raise WatchwordError(f"{path} is no log that is known here; it begins with {line!r}.", do=_RIGHT)


# ------------------------------------------------------------ taking


def _take(
    case: Case,
    one: _Found,
    known: dict[str, Source],
    account: str,
    now: datetime,
    seen: Seen,
    begin: Begin,
    advance: Callable[[int], None],
) -> Added:
    assert one.file is not None  # noqa: S101  # what has a form was copied
    if entry := known.get(one.sha256):
        (row,) = pq.read_table(case.tables / "logs" / f"{entry.log}.parquet").to_pylist()
        return Added(one.path, Log(**row), True)
    log = one.sha256[:16]
    name = f"{log}-{re.sub(r'[^A-Za-z0-9._-]', '_', one.name)[-80:]}"
    source = Source(log, one.file, one.path, one.sha256, account)
    begin(one.name, one.file.stat().st_size, "bytes")
    read = read_log(source, BY_NAME[one.form], seen, case.tables, advance)
    if read.rejected and read.rejected == read.rows:
        (first, *_) = pq.read_table(case.tables / "log_rejections" / f"{log}.parquet").to_pylist()
        for table in tables.ACCOUNTS:
            (case.tables / table / f"{log}.parquet").unlink(missing_ok=True)
        raise WatchwordError(
            f"{one.path} looks like {BY_NAME[one.form].title}, but none of its {read.rows:,} rows can be read. "
            f"The first: {first['reason']}",
            do=first["advice"],
        )
    seen.pack(())
    one.file.replace(case.path / "logs" / name)
    known[one.sha256] = _note(case, Source(log, case.path / "logs" / name, one.path, one.sha256, account), now)
    return Added(one.path, read, False)


def _note(case: Case, source: Source, now: datetime) -> Source:
    """Write down that a log is kept. Of two lines about one log the later counts."""
    said = {"file": source.file.name, "log": source.log, "path": source.path, "sha256": source.sha256}
    line = said | {"account": source.account, "added": now.isoformat()}
    with (case.path / "logs" / ADDED).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=True) + "\n")
    return source


def _set_account(case: Case, added: Sequence[Added], known: dict[str, Source], account: str, now: datetime) -> None:
    """Take the account that the user gives for logs that were there already."""
    for one in added:
        if one.log and one.was_there:
            _note(case, replace(known[one.log.sha256], account=account), now)
    (case.tables / _STATE).unlink(missing_ok=True)


def _strays(case: Case, wanted: set[str]) -> list[Path]:
    """Give pieces of tables that belong to no log, as a run that was killed leaves them."""
    return [
        file for name in tables.ACCOUNTS for file in (case.tables / name).glob("*.parquet") if file.stem not in wanted
    ]


def _entries(case: Case) -> list[Source]:
    """Give the logs that the case keeps; a copy that was taken out counts no more."""
    folder = case.path / "logs"
    if not (folder / ADDED).exists():
        return []
    found: dict[str, Source] = {}
    for number, line in enumerate((folder / ADDED).read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            file = folder / Path(str(row["file"])).name
            entry = Source(str(row["log"]), file, str(row["path"]), str(row["sha256"]), str(row["account"]))
        except (ValueError, KeyError, TypeError):
            raise WatchwordError(
                f"Line {number} of {folder / ADDED} is not as this program writes it.", do="Restore the file."
            ) from None
        if file.is_file():
            found[entry.log] = entry
    return list(found.values())


def _seen(case: Case) -> Seen:
    def ids() -> Iterator[str]:
        for entry in _entries(case):
            file = pq.ParquetFile(case.tables / "events" / f"{entry.log}.parquet")
            for batch in file.iter_batches(batch_size=20_000, columns=["provider_id"]):
                yield from batch.column(0).to_pylist()

    seen = Seen()
    seen.pack(ids())
    return seen


def _complete(case: Case, log: str) -> bool:
    for name in tables.ACCOUNTS:
        file = case.tables / name / f"{log}.parquet"
        if not file.exists() or pq.read_schema(file).names != tables.schema(name).names:
            return False
    return True


def _state(case: Case) -> object:
    try:
        return json.loads((case.tables / _STATE).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _write_state(case: Case) -> None:
    case.tables.mkdir(parents=True, exist_ok=True)
    logs = sorted(entry.log for entry in _entries(case))
    write_whole(case.tables / _STATE, json.dumps({"code": code_digest(), "logs": logs}))


@functools.cache
def code_digest() -> str:
    """Digest of everything that the tables of logs depend on besides the logs."""
    digest = hashlib.sha256()

    def walk(place: Traversable) -> None:
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                walk(entry)
            elif entry.name.endswith((".py", ".toml")):
                digest.update(entry.name.encode() + entry.read_bytes())

    walk(files("watchword").joinpath("logs"))
    digest.update(files("watchword").joinpath("tables", "accounts.py").read_bytes())
    digest.update(files("watchword").joinpath("parse", "dates.py").read_bytes())
    return digest.hexdigest()
