"""The verbs for logs of accounts: take them in, and say what each covers and what is missing."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_parts import CASE, JSON, ledger, now, open_case, printable
from watchword.errors import WatchwordError
from watchword.progress import shown

if TYPE_CHECKING:
    from watchword.logs import Added, LogTotals
    from watchword.tables import Log


@click.group(invoke_without_command=True)
@CASE
@JSON
@click.pass_context
def logs(context: click.Context, folder: Path, as_json: bool) -> None:
    """List the logs of accounts that the case keeps: what each covers, since when, and what is missing.

    Such logs tell whether an attack worked: sign-ins, forwarding, rules, access given to applications, mail read.
    """
    if context.invoked_subcommand:
        return
    from watchword.logs import is_fresh, refresh, totals

    case = open_case(folder)
    if not is_fresh(case):  # a case that nobody may write to can be listed all the same
        with case.lock(), shown(as_json) as progress:
            refresh(case, progress.begin, progress.advance)
    found = totals(case)
    if as_json:
        told = [asdict(one.log) | {"title": one.title, "kinds": one.kinds} for one in found]
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    for one in found:
        click.echo(printable_lines(_listed(one)))
    if not found:
        click.echo("No log was added yet. `watchword logs add FILE` takes one in.")


@logs.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@CASE
@click.option("--account", default="", metavar="ADDRESS", help="Whose log it is, where it does not say it itself.")
@JSON
def add_verb(files: tuple[Path, ...], folder: Path, account: str, as_json: bool) -> None:
    """Take logs of accounts into the case, as they were exported.

    FILES are files, folders, or archives of them. They are told apart by their content and never by their name, and
    a copy is kept in `logs/` of the case.

    \b
    Google:
        Admin console, Reporting > Audit and investigation: User, OAuth, Admin, Drive, Gmail log events (CSV)
        Reports API: activities (JSON, one in each line or in pages), also of ALFA and GAM
        Google Takeout: Access Log Activity (CSV), with --account
    Microsoft 365:
        unified audit log: Purview, Search-UnifiedAuditLog, Management Activity API, and what collectors make of them
        Entra: sign-ins (interactive or not) and audits, from the portal (CSV, JSON) or Graph
        Exchange: Get-InboxRule, Get-Mailbox, message traces (CSV)

    \b
    Examples:
        watchword logs add login.csv token.csv --case urgent
        watchword logs add ~/Downloads/AuditLog_2024-08-12.csv SignIns.json --case urgent
    """
    for file in files:
        if not file.exists():
            raise WatchwordError(f"{file} does not exist.", do="Check the path; quote it if it holds blanks.")
    account = account.strip().lower()
    if account and "@" not in account.strip("@"):
        raise WatchwordError(f"--account {account} is no address.", do="Write it as name@example.org.")
    case = open_case(folder)
    with case.lock(), shown(as_json) as progress:
        from watchword.logs import add

        added = add(case, files, account, now(), progress.begin, progress.advance)
        ledger(case, f"{sum(one.log.events for one in added if one.log and not one.was_there)} events")
    if as_json:
        click.echo(json.dumps([asdict(one) for one in added], default=str, ensure_ascii=False))
        return
    for one in added:
        click.echo(printable_lines(_said(one)))
    click.echo("`watchword judge` takes what they show into the report.")


def printable_lines(text: str) -> str:
    """Write what a terminal might act on as an escape, in each line."""
    return "\n".join(map(printable, text.split("\n")))


def _said(one: "Added") -> str:
    """Say what came of a file."""
    if one.log is None:
        return f"Left out: {one.why}"
    return f"{one.path}{' was there already' if one.was_there else ''}\n{_about(one.log)}"


def _listed(one: "LogTotals") -> str:
    """Say what a log covers."""
    counted = ", ".join(f"{count:,} {kind}" for kind, count in one.kinds.items())
    lines = [f"{one.log.log}  {one.title}", f"    from     {one.log.path}", _about(one.log)]
    if counted:
        lines.append(f"    shows    {counted}")
    lines.append(f"    covers   {', '.join(one.log.covers) or 'nothing that is known here'}")
    return "\n".join(lines)


_NAMED = 5


def _about(log: "Log") -> str:
    parts = [f"{log.events:,} events of {log.rows:,} rows"]
    if log.repeated:
        parts.append(f"{log.repeated:,} repeat others")
    if log.rejected:
        parts.append(f"{log.rejected:,} cannot be read (table log_rejections)")
    lines = [f"    read     {', '.join(parts)}"]
    if log.first and log.last:
        lines.append(f"    time     {log.first:%Y-%m-%d %H:%M} to {log.last:%Y-%m-%d %H:%M} UTC")
    if log.accounts:
        more = f" and {len(log.accounts) - _NAMED:,} more" if len(log.accounts) > _NAMED else ""
        lines.append(f"    of       {', '.join(log.accounts[:_NAMED])}{more}")
    if log.truncated:
        lines.append(f"    CUT      {log.truncated}")
    if log.unknown:
        more = f" and {len(log.unknown) - _NAMED:,} more" if len(log.unknown) > _NAMED else ""
        lines.append(f"    unknown  {', '.join(log.unknown[:_NAMED])}{more}: counted as other")
    lines += [f"    missing  {sentence}" for sentence in log.missing]
    return "\n".join(lines)
