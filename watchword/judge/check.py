"""Hold a detector file to its contract: its examples are small mailboxes, and each is judged as a case of its own."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from watchword import tables
from watchword.authenticate.authenticate import authenticate
from watchword.case import Case, GivenSource
from watchword.context.build import build, received
from watchword.engine import messages, view
from watchword.errors import WatchwordError
from watchword.judge.detector import CITES, Detector, Example, detector_files, read_detector
from watchword.observe import observe
from watchword.parse.message import parse
from watchword.read.raw import RawMessage, Source

# What a query asks of a sender or mailbox with a past. One that only leaves out whom the owner knows asks less.
_COUNTS_HISTORY = re.compile(
    r"\bhabits\b|\b(?:(?:address|organisation|list)_(?:received|sent)|days_known) >= (?:[2-9]|\d\d)"
)
_CITED = {"link": "links", "attachment": "attachments", "hop": "hops", "cue": "cues"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a detector file."""

    detector: str  # file name without .toml
    example: str  # as `fires 1` or `quiet 2`, counted from 1 in the order of the file; empty for the file as a whole
    sentence: str  # what is wrong

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.detector}{', ' + self.example if self.example else ''}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Fired:
    """One row of a detector's query over an example."""

    message: str
    values: dict[str, object]  # column: value, those of the sentence and those that cite


class Trial:
    """A case in a temporary folder, into which one example after another is put. Closing it removes the folder."""

    def __init__(self) -> None:
        """Open the session that all examples share: its tables are made anew for each, facts in memory."""
        self._folder = tempfile.TemporaryDirectory(prefix="watchword-check-")
        self._case = Case.create(Path(self._folder.name) / "case")
        self._source = Source(str(self._case.path / "mailbox"), "", "folder", 0, "")
        self.connection = duckdb.connect(
            config={
                "threads": 1,  # the tables are too small for more to help
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "python_enable_replacements": False,
            }
        )
        self.connection.execute("set TimeZone = 'UTC'")
        self.connection.execute("set allowed_directories = ?", [[str(self._case.tables)]])
        self.connection.execute("set enable_external_access = false")
        for name in tables.FACTS:
            self.connection.register("rows", tables.schema(name).empty_table())
            self.connection.execute(f"create table {_stored(name)} as select * from rows")
        for name in (*tables.AUTHENTICITY, *tables.CONTEXT, *tables.JUDGEMENT):
            view(self.connection, self._case, name)
        messages(self.connection)
        received(self.connection)

    def __enter__(self) -> "Trial":
        """Use it in a `with`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the folder."""
        self.close()

    def close(self) -> None:
        """End the session and remove the folder."""
        self.connection.close()
        self._folder.cleanup()

    def put(self, example: Example) -> list[str]:
        """Make the example the whole content of the case. Gives the message ids, the one in question last."""
        given = {example.owner: GivenSource(self._source, example.owner)}
        for owner, _ in example.elsewhere:
            place = str(self._case.path / f"mailbox of {owner}")
            given.setdefault(owner, GivenSource(Source(place, "", "folder", 0, ""), owner))
        mine = [(example.owner, mail) for mail in (*example.before, example.mail)]
        keys = []
        rows: dict[type, list[tables.Fact]] = {row: [] for row in tables.FACTS.values()}
        for offset, (owner, text) in enumerate((*mine, *example.elsewhere)):
            mail = text.encode("utf-8")
            key = hashlib.sha256(mail).hexdigest()
            keys += [key] if offset < len(mine) else []
            for fact in observe(RawMessage(mail, key, len(mail), offset=offset, length=1), given[owner].source.id):
                rows[type(fact)].append(fact)
        for name, row in tables.FACTS.items():
            self.connection.execute(f"truncate {_stored(name)}")
            if rows[row]:
                self.connection.register("rows", _arrow(name, rows[row]))
                self.connection.execute(f"insert into {_stored(name)} select * from rows")
        # To plan these queries well takes longer than to run them badly. The detector's own is planned as ever.
        self.connection.execute("pragma disable_optimizer")
        self._try_keys(example.keys, keys[-1])
        build(self._case, self.connection, list(given.values()))
        received(self.connection)
        self.connection.execute("pragma enable_optimizer")
        return keys

    def _try_keys(self, kept: str, key: str) -> None:
        """Authenticate with what the example keeps of the DNS; without it nothing was tried, as in most cases."""
        folder = self._case.path / "keys"
        if kept:
            folder.mkdir(exist_ok=True)
            (folder / "kept").write_text(kept, "utf-8")
            authenticate(self._case, self.connection, [key])
        elif folder.exists():
            shutil.rmtree(folder)
            for name in tables.AUTHENTICITY:
                shutil.rmtree(self._case.tables / name, ignore_errors=True)
                view(self.connection, self._case, name)

    def run(self, detector: Detector) -> list[Fired]:
        """Run one detector's own query over the example that was put in. Raises duckdb.Error if it cannot run."""
        result = self.connection.execute(f"select * from ({detector.sql.strip().rstrip(';')})")
        names = [column[0] for column in result.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        return [Fired(str(row.pop("message")), row) for row in rows]


def check(detector: Detector, trial: Trial) -> Iterator[Problem]:
    """Give everything that is wrong with a detector, of its form first and then of its examples."""

    def wrong(sentence: str, example: str = "") -> Problem:
        return Problem(detector.name, example, sentence)

    if not detector.says.endswith("."):
        yield wrong("`says` does not end with a full stop.")
    if not detector.blind_to.strip():
        yield wrong("`blind_to` is empty: every detector is blind to something.")
    for kind, examples in (("fires", detector.fires), ("quiet", detector.quiet)):
        if not examples:
            yield wrong(f"It has no example [[{kind}]].")
    if detector.needs_history and not all(example.before for example in detector.fires):
        yield wrong("It says `needs_history`, but fires on an example with nothing in `before`.")
    counted = None if detector.needs_history else _COUNTS_HISTORY.search(detector.sql)
    if counted:
        yield wrong(f"It asks for a past (`{counted[0]}`), but does not say `needs_history = true`.")
    try:
        columns = [row[0] for row in trial.connection.execute(f"describe {detector.sql}").fetchall()]
    except duckdb.Error as error:
        yield wrong(f"Its query does not run: {str(error).splitlines()[0]}")
        return
    missing = {"message", *detector.fields} - set(columns)
    beyond = set(columns) - {"message", *detector.fields, *CITES}
    if missing:
        yield wrong(f"Its query does not give {', '.join(sorted(missing))}, which its sentence uses.")
        return
    if beyond:
        yield wrong(f"Its query gives {', '.join(sorted(beyond))}, which its sentence does not use.")
    for kind, examples in (("fires", detector.fires), ("quiet", detector.quiet)):
        for number, example in enumerate(examples, 1):
            for sentence in _example(detector, example, kind == "fires", trial):
                yield wrong(sentence, f"{kind} {number}")


def check_files(paths: Sequence[Path] = (), folders: Sequence[Path] = ()) -> Iterator[tuple[str, list[Problem]]]:
    """Check the files at `paths`, or else every shipped detector and those in `folders`: each name and its problems."""
    chosen = [(str(path), path.name.removesuffix(".toml"), path.read_bytes()) for path in paths]
    seen: set[str] = set()
    with Trial() as trial:
        for path, name, content in chosen or detector_files(folders):
            problems = [Problem(name, "", "There is another detector of that name.")] if name in seen else []
            seen.add(name)
            try:
                problems += check(read_detector(path, name, content), trial)
            except WatchwordError as error:
                problems.append(Problem(name, "", f"{error.what} {error.do}".strip()))
            yield name, problems


def _example(detector: Detector, example: Example, fires: bool, trial: Trial) -> Iterator[str]:
    if not example.why.strip():
        yield "It does not say why."
    if "@" not in example.owner:
        yield "It names no owner's address."
        return
    *before, key = trial.put(example)
    ((late,),) = trial.connection.execute(
        """select count(*) from messages, (select coalesce(time, date) as moment from messages where message = $1) here
        where list_contains($2, message)
            and (coalesce(time, date) is null or (message <> $1 and coalesce(time, date) >= moment))""",
        [key, [*before, key]],
    ).fetchall()
    if late:
        yield "A message has no time, or one in `before` is not earlier than `mail`."
    rows = trial.run(detector)
    on_mail = [row for row in rows if row.message == key]
    if not fires:
        if on_mail:
            yield f"It fires, with {_shown(on_mail[0])}, and should stay quiet."
        return
    for number, other in enumerate(before, 1):
        for row in [row for row in rows if row.message == other][:1]:
            yield f"It fires on message {number} of `before`, too, with {_shown(row)}."
    if not on_mail:
        yield f"It stays quiet, and should fire. {_known(trial, key)}"
    for row in on_mail:
        empty = [name for name in detector.fields if row.values[name] in (None, "")]
        if empty:
            yield f"Its sentence has nothing to say for {', '.join(empty)}, with {_shown(row)}."
        yield from _cited(row, example.mail, trial)


def _cited(row: Fired, mail: str, trial: Trial) -> Iterator[str]:
    """Look up what a row cites."""
    for name, table in _CITED.items():
        number = row.values.get(name)
        if (
            name in row.values
            and not trial.connection.execute(
                f"select 1 from {table} where message = ? and number = ?", [row.message, number]
            ).fetchall()
        ):
            yield f"It cites {name} {number}, which is not there."
    header = row.values.get("header")
    if header and not parse(mail.encode("utf-8")).all(str(header)):
        yield f"It cites the header field {header}, which is not there."
    other = row.values.get("other")
    if other and not trial.connection.execute("select 1 from messages where message = ?", [other]).fetchall():
        yield f"It cites another message, {other}, which is not there."


def _known(trial: Trial, key: str) -> str:
    """Tell what the case holds of a message on which a detector should have fired, to find out why it did not."""
    rows = trial.connection.execute(
        """
        select direction, newcomer, address_received, address_sent, organisation_received, is_list, is_bulk,
            (select list(kind || '=' || phrase) from cues where cues.message = $1)
        from messages join relationships using (message) where message = $1
        """,
        [key],
    ).fetchall()
    names = "direction newcomer address_received address_sent organisation_received is_list is_bulk cues".split()
    return "; ".join(f"{name} {value}" for row in rows for name, value in zip(names, row, strict=True))


def _shown(row: Fired) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in row.values.items()) or "no columns"


def _stored(table: str) -> str:
    """Name the stored rows of a table of facts: `messages` is a view over them."""
    return "message_facts" if table == "messages" else table


def _arrow(name: str, rows: Sequence[tables.Fact]) -> pa.Table:
    schema = tables.schema(name)
    return pa.table(
        [pa.array([getattr(row, field.name) for row in rows], field.type) for field in schema], schema=schema
    )
