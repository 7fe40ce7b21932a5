"""The command line: one short function for each verb. What a verb does lies in the rooms; here it is asked for."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword import __version__
from watchword.cli_actors import actors
from watchword.cli_attribute import attribute
from watchword.cli_claims import claims
from watchword.cli_errors import Verbs
from watchword.cli_fetch import fetch
from watchword.cli_indicators import indicators
from watchword.cli_keys import keys
from watchword.cli_logs import logs
from watchword.cli_match import match
from watchword.cli_operations import operations
from watchword.cli_parts import CASE, JSON, console, ledger, now, open_case, printable, say
from watchword.errors import WatchwordError
from watchword.progress import Progress, shown

if TYPE_CHECKING:
    from watchword.case import Case

BUDGET = click.option(
    "--budget",
    default="3/week",
    show_default=True,
    metavar="N/week",
    help="How many conversations a week and mailbox somebody can look at.",
)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="watchword")
def main() -> None:
    """Find out, offline, who was targeted by mail, and how.

    \b
    Begin with a mailbox of any kind (mbox, Maildir, Outlook, Google Takeout, a folder of .eml):
        watchword investigate takeout-001.zip takeout-002.zip
    then open the report that it names. Ask about any message in it:
        watchword why 3f9a1c
    and tell it what you know:
        watchword decide 3f9a1c harmless --because "I called her, it is her new address"

    Nothing leaves this machine unless you ask for it (`fetch`, `keys lookup --online`). No link is opened, and mail is
    never shown as a mail program would show it.
    """


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@CASE
@click.option(
    "--owner",
    "owners",
    multiple=True,
    metavar="[PATH=]ADDRESS",
    help="Whose mailbox it is. Without it, the owner is inferred and shown.",
)
@BUDGET
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that read.  [default: one per processor]")
@JSON
def investigate(
    paths: tuple[Path, ...], folder: Path, owners: tuple[str, ...], budget: str, workers: int | None, as_json: bool
) -> None:
    """Read mailboxes, judge every message, and write the report.

    PATHS are mailboxes of any kind, also inside zip or tar archives, or `-` for standard input. They are told
    apart by their content. Without PATHS the mailboxes that the case knows are read again. What was read before
    is not read again, and a run that was interrupted goes on where it stopped.

    \b
    Examples:
        watchword investigate ~/Downloads/takeout-20240812T101500Z-001.zip
        watchword investigate ana.mbox ben/Maildir --owner ana.mbox=ana@example.org
        watchword investigate --case urgent mail/ --budget 10/week
    """
    per_week = _budget(budget)
    given = _owners(owners)
    case = _begun(folder, paths)
    with case.lock(), shown(as_json) as progress:
        from functools import partial

        from watchword import engine
        from watchword.investigate import read, rejudge

        count = workers or engine.processors()
        read(case, paths, given, partial(engine.executor, count), count, progress)
        rejudge(case, per_week, progress)
        _report(case, per_week, progress, as_json)
        ledger(case, "report.html")


@main.command("read")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@CASE
@click.option("--owner", "owners", multiple=True, metavar="[PATH=]ADDRESS", help="Whose mailbox it is.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes that read.  [default: one per processor]")
@JSON
def read_verb(
    paths: tuple[Path, ...], folder: Path, owners: tuple[str, ...], workers: int | None, as_json: bool
) -> None:
    """Read mailboxes into the tables of facts, and judge nothing yet."""
    given = _owners(owners)
    case = _begun(folder, paths)
    with case.lock(), shown(as_json) as progress:
        from functools import partial

        from watchword import engine
        from watchword.investigate import read
        from watchword.observe.batches import planned

        count = workers or engine.processors()
        read(case, paths, given, partial(engine.executor, count), count, progress)
        with engine.session(case, list(planned(case))) as connection:
            counts = {
                name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
                for name in ("sightings", "message_facts", "rejections")
            }
            counts["unlocked"] = connection.execute(
                "select count(*) from attachments where password_from not in ('', message)"
            ).fetchall()[0][0]
        ledger(case, "tables")
    said = "{sightings} sightings of {message_facts} messages, {rejections} rejections."
    if counts["unlocked"]:
        said += " {unlocked} locked files opened with words of other messages."
    say(as_json, counts, said.format(**counts))


@main.command()
@CASE
@BUDGET
@JSON
def judge(folder: Path, budget: str, as_json: bool) -> None:
    """Judge what was read before, with the decisions made since, and write the report anew."""
    per_week = _budget(budget)
    case = open_case(folder)
    with case.lock(), shown(as_json) as progress:
        from watchword.investigate import rejudge

        rejudge(case, per_week, progress)
        _report(case, per_week, progress, as_json)
        ledger(case, "report.html")


@main.command()
@BUDGET
@CASE
@JSON
def connect(budget: str, folder: Path, as_json: bool) -> None:
    """Tie messages into operations anew, with what was decided since, and write the report. Nothing is judged again."""
    per_week = _budget(budget)
    case = open_case(folder)
    with case.lock(), shown(as_json) as progress:
        from watchword.investigate import reconnect

        reconnect(case, progress)
        _report(case, per_week, progress, as_json)
        ledger(case, "report.html")


@main.command()
@click.argument("message")
@CASE
@JSON
def why(message: str, folder: Path, as_json: bool) -> None:
    """Show why a message was judged as it was, with the bytes that each sentence rests on.

    MESSAGE is the id that the report shows, or the beginning of it, or a Message-ID.
    """
    case = open_case(folder)
    from watchword.disclose.why import resolve, why_json, why_text
    from watchword.disclose.why import why as explain
    from watchword.investigate import connect, fetch

    with connect(case) as connection:
        key = resolve(connection, message)
        told = explain(connection, lambda keys: fetch(case, connection, keys), key)
    click.echo(why_json(told) if as_json else why_text(told))


@main.command()
@click.argument("query")
@CASE
@click.option("--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write to; parquet needs one.")
@JSON
def sql(query: str, folder: Path, form: str, output: Path | None, as_json: bool) -> None:
    """Ask the tables of a case in SQL (DuckDB). `watchword tables` describes them.

    \b
    Examples:
        watchword sql "select rank, from_address, subject from verdicts join messages using (message)
                       where chosen order by rank"
        watchword sql "from links select host, count(*) group by all order by 2 desc limit 20" --format csv
    """
    case = open_case(folder)
    import duckdb

    from watchword.disclose.rows import write_rows
    from watchword.engine import asked
    from watchword.investigate import connect

    with connect(case) as connection:
        try:
            if asked(connection, query) is None:
                raise WatchwordError("The query does more than ask.", do="Give one statement, `select …` or `from …`.")
            result = connection.execute(query)
            write_rows(result, "json" if as_json else form, output)
        except duckdb.Error as error:
            raise WatchwordError(
                f"The query failed: {str(error).strip().splitlines()[0]}", do="`watchword tables` lists columns."
            ) from None


@main.command()
@click.argument("message")
@click.argument("decision", type=click.Choice(["malicious", "harmless", "unsure"]))
@click.option("--because", required=True, help="Why. It is kept with the decision.")
@CASE
@JSON
def decide(message: str, decision: str, because: str, folder: Path, as_json: bool) -> None:
    """Write down what a person decided about a message. The next run respects it; nothing is ever erased."""
    case = open_case(folder)
    from watchword.case import Decision
    from watchword.disclose.why import resolve
    from watchword.investigate import connect

    with case.lock():
        with connect(case) as connection:
            key = resolve(connection, message)
        taken = Decision(key, decision, because, now().isoformat())
        case.decide(taken)
        ledger(case, decision)
    say(
        as_json,
        {"message": key, "decision": decision, "because": because},
        f"{key[:12]} is {decision}, you say. `watchword judge` writes the report anew.",
    )


@main.command("tables")
@JSON
def tables_verb(as_json: bool) -> None:
    """Describe every table and column of a case."""
    from watchword import tables

    described = {
        name: {
            "says": (row.__doc__ or "").strip(),
            "columns": {column.name: {"type": str(column.type), "says": column.says} for column in tables.columns(row)},
        }
        for name, row in tables.TABLES.items()
    }
    if as_json:
        click.echo(json.dumps(described, indent=1))
        return
    for name, row in tables.TABLES.items():
        click.echo(f"\n{name}: {(row.__doc__ or '').strip()}")
        for column in tables.columns(row):
            click.echo(f"  {column.name:24} {str(column.type)[:14]:15} {column.says}")


@main.command("detectors")
@click.option("--case", "folder", type=click.Path(path_type=Path, file_okay=False), help="Also those of this case.")
@JSON
def detectors_verb(folder: Path | None, as_json: bool) -> None:
    """List what is looked for, what each weighs, and what each cannot see."""
    from watchword.judge.detector import detectors
    from watchword.judge.weights import weights

    measured = weights().detectors
    found = detectors([folder / "detectors"] if folder else [])
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "detector": one.name,
                        "title": one.title,
                        "group": one.group,
                        "technique": one.technique,
                        "seen_in": one.seen_in,
                        "blind_to": one.blind_to,
                        "bits": measured[one.name].bits if one.name in measured else None,
                        "social": one.social,
                        "technical": one.technical,
                        "needs_history": one.needs_history,
                        "fault": one.fault,
                    }
                    for one in found
                ],
                indent=1,
            )
        )
        return
    for one in sorted(found, key=lambda one: (one.group, one.name)):
        bits = f"{measured[one.name].bits:+.1f} bits" if one.name in measured else "not measured"
        told = one.fault and f" (not used: {one.fault})"
        click.echo(printable(f"{one.group:14} {one.name:34} {bits:>13}  {one.title}{told}"))


@main.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--case", "folder", type=click.Path(path_type=Path, file_okay=False), help="Also those of this case.")
@JSON
def check_verb(files: tuple[Path, ...], folder: Path | None, as_json: bool) -> None:
    """Check detectors: that each runs, fires on its own examples, and stays quiet on their honest twins.

    FILES are detector files, as those that you write into the folder `detectors` of a case. Without FILES all that
    are shipped are checked, which takes a minute. The exit code is 1 if there is any problem.

    \b
    Example:
        watchword check urgent/detectors/asks-for-minutes.toml
    """
    from watchword.judge.check import check_files

    checked = list(check_files(files, [open_case(folder).path / "detectors"] if folder else []))
    problems = [problem for _, found in checked for problem in found]
    if as_json:
        told = [{"detector": one.detector, "example": one.example, "problem": one.sentence} for one in problems]
        click.echo(
            json.dumps({"checked": [name for name, _ in checked], "problems": told}, indent=1, ensure_ascii=False)
        )
    else:
        for problem in problems:
            click.echo(printable(str(problem)))
        click.echo(f"{len(checked)} detectors checked, {len(problems)} problems.")
    if problems:
        click.get_current_context().exit(1)


main.add_command(actors)
main.add_command(attribute)
main.add_command(claims)
main.add_command(fetch)
main.add_command(indicators)
main.add_command(keys)
main.add_command(logs)
main.add_command(match)
main.add_command(operations)


# ---------------------------------------------------------------- what the verbs share


def _report(case: "Case", per_week: float, progress: Progress, as_json: bool) -> None:
    from watchword.disclose.report import write_report
    from watchword.investigate import connect, fetch

    progress.begin("Writing the report", 0)
    with connect(case) as connection:
        told = write_report(
            connection,
            lambda keys: fetch(case, connection, keys),
            case.out,
            title=case.name,
            generated=now(),
            version=__version__,
            per_week=per_week,
            decisions=case.decisions(),
            receiving=case.receiving,
            trusted_sealers=case.trusted_sealers,
        )
    if as_json:
        click.echo((case.out / "report.json").read_text("utf-8"))
    else:
        console().print(told)


def _owners(given: Sequence[str]) -> dict[str, str]:
    owners = {}
    for entry in given:
        path, _, address = entry.rpartition("=")
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
            raise WatchwordError(f"--owner {entry} names no address.", do="Write --owner PATH=name@example.org.")
        owners[path] = address.lower()
    return owners


def _budget(said: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/(day|week|month))?", said.strip())
    if not match:
        raise WatchwordError(f"--budget {said} is not understood.", do="Write a number a week, as 3/week or 1/day.")
    return float(match[1]) * {"day": 7.0, "week": 1.0, "month": 12 / 52, None: 1.0}[match[2]]


def _begun(folder: Path, paths: Sequence[Path]) -> "Case":
    """Open the case, or make it if there is something to put in: a mistyped path leaves no empty case behind."""
    from watchword.case import Case

    for path in paths:
        if str(path) != "-" and not path.exists() and not path.is_symlink():
            raise WatchwordError(f"{path} does not exist.", do="Check the path; quote it if it holds blanks.")
    return Case.create(folder) if paths else Case(folder)
