"""The verbs for indicators: what reports name, whose it is, and what of it the mail of a case shows."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from watchword.cli_parts import CASE, JSON, open_case, printable
from watchword.disclose.visible import defanged_link
from watchword.errors import WatchwordError
from watchword.indicators.found import ROLES

if TYPE_CHECKING:
    from watchword.indicators.found import Found

MOST = 64 * 2**20  # bytes of a file
ROLE = click.option("--role", type=click.Choice(ROLES), default=None, help="Only those of this role.")
KIND = click.option("--kind", default="", metavar="KIND", help="Only those of this kind, as url, domain or sha256.")


class Listed(NamedTuple):
    """One indicator of the case's documents."""

    document: str
    publisher: str
    published: datetime | None
    kind: str
    value: str
    printed: str
    start: int
    stop: int
    role: str
    because: str


class Shown(NamedTuple):
    """One thing in the mail of the case that is named publicly."""

    message: str
    subject: str
    time: datetime | None
    operation: str
    kind: str
    value: str
    exact: bool
    document: str
    actor: str
    said_by: str
    published: datetime | None
    hub: str


@click.group(invoke_without_command=True)
@CASE
@ROLE
@KIND
@JSON
@click.pass_context
def indicators(context: click.Context, folder: Path, role: str | None, kind: str, as_json: bool) -> None:
    """List what the case's reports name: hosts, addresses, files, accounts, and whose they are by the report's words.

    Only what a report calls the attacker's is held against mail. Vendors, victims and sources stay what they are.

    \b
    Examples:
        watchword indicators --case urgent --role attacker
        watchword indicators find report.pdf
        watchword indicators hits --case urgent
    """
    if context.invoked_subcommand:
        return
    from watchword.claims.build import opened

    connection = opened(open_case(folder))
    rows = connection.execute(
        """select document, coalesce(publisher, ''), coalesce(indicators.published, documents.published), kind, value,
            printed, "start", stop, role, because
        from indicators left join documents using (document)
        where (? = '' or role = ?) and (? = '' or kind = ?) order by document, "start", kind""",
        [role or "", role or "", kind, kind],
    ).fetchall()
    listed = [Listed(*row) for row in rows]
    if as_json:
        click.echo(json.dumps([one._asdict() for one in listed], default=str, ensure_ascii=False))
        return
    document = ""
    for one in listed:
        if one.document != document:
            document = one.document
            since = f", {one.published:%Y-%m-%d}" if one.published else ""
            click.echo(printable(f"{document}  {one.publisher or 'publisher unknown'}{since}"))
        _line(one.role, one.kind, one.value, one.printed, one.because)
    if not listed:
        click.echo("No report of the case names any. `watchword claims add FILE` takes a report in.")


@indicators.command("find")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--publisher", default="", metavar="NAME", help="Who published it: a name, or better a web address.")
@ROLE
@KIND
@JSON
def find_verb(file: Path, publisher: str, role: str | None, kind: str, as_json: bool) -> None:
    """Find indicators in FILE, or in what is piped in where FILE is `-`, without a case.

    Text, HTML, Markdown, PDF or saved mail. Addresses may be defanged in any of the usual ways. For each: whose it is
    by the words of the text, what it is, its value, how it is printed there, and why.

    \b
    Examples:
        watchword indicators find report.pdf --publisher https://desk.example
        pbpaste | watchword indicators find - --role attacker --json
    """
    from watchword.claims.documents import read_document
    from watchword.indicators.extract import extract

    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(MOST + 1)
        else:
            with file.open("rb") as stream:
                data = stream.read(MOST + 1)
    except OSError as error:
        raise WatchwordError(
            f"{file} cannot be read: {error.strerror}.", do="Check the path; quote it if it holds blanks."
        ) from None
    if len(data) > MOST:
        raise WatchwordError(f"{file} is larger than 64 MB.", do="Cut it into parts.")
    document = read_document(data, str(file))
    found = extract(document.text, publisher or document.address or document.publisher, document.links)
    chosen = [one for one in found if (role is None or one.role == role) and (not kind or one.kind == kind)]
    if as_json:
        told = {"problems": document.problems, "indicators": [_told(one) for one in chosen]}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for problem in document.problems:
        click.echo(printable(f"{file}: {problem}"), err=True)
    for one in chosen:
        _line(one.role, one.kind, one.value, one.printed, one.because)
    click.echo(_summary(chosen))


@indicators.command("hits")
@CASE
@click.option("--all", "with_hubs", is_flag=True, help="Also what many share, and therefore says nothing.")
@JSON
def hits_verb(folder: Path, with_hubs: bool, as_json: bool) -> None:
    """List what in the mail of the case is named publicly as an attacker's, by whom, and since when.

    What was public before the mail came could have been imitated; what was named only after could not. What many
    share, as a file host, is left out unless --all is given.

    \b
    Examples:
        watchword indicators hits --case urgent
        watchword indicators hits --case urgent --all --json
    """
    from watchword.claims.build import opened
    from watchword.indicators import hits

    case = open_case(folder)
    connection = opened(case)
    with case.lock():
        hits.build(case, connection)
    rows = connection.execute(
        """select hits.message, subject, coalesce(time, date), operation, kind, value, exact, document, actor, said_by,
            published, hub
        from hits join messages using (message) where hub = '' or ?
        order by operation = '', operation, coalesce(time, date), hits.message, kind, value, said_by, document""",
        [with_hubs],
    ).fetchall()
    shown = [Shown(*row) for row in rows]
    if as_json:
        told = [one._asdict() | {"since": _since(one)} for one in shown]
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    message = ""
    for one in shown:
        if one.message != message:
            message = one.message
            came = f"{one.time:%Y-%m-%d %H:%M}" if one.time else "undated"
            click.echo(printable(f"{message[:12]}  {came}  {one.operation or 'no operation'}  {one.subject}"))
        how = "names the same" if one.exact else "names another under the same"
        who = one.said_by or one.document or one.actor
        of = f" as {one.actor}'s" if one.actor else ""
        hub = f" It says nothing: {one.hub}." if one.hub else ""
        click.echo(printable(f"    {one.kind} {_shown(one.kind, one.value)}: {who} {how}{of}, {_since(one)}.{hub}"))
    if not shown:
        click.echo("Nothing in the mail of this case is named as an attacker's by its reports or known actors.")


def _shown(kind: str, value: str) -> str:
    """Give a value as no program makes a link of it."""
    if kind == "url":
        return defanged_link(value)
    return value.replace(".", "[.]") if kind in ("host", "domain", "ip", "address") else value


def _since(one: Shown) -> str:
    """Say whether it was public before the mail came."""
    if one.published is None:
        return "undated"
    if one.time is None:
        return f"public since {one.published:%Y-%m-%d}"
    side = "before" if one.published < one.time else "after"
    return f"public since {one.published:%Y-%m-%d}, {side} the mail came"


def _told(one: "Found") -> dict[str, object]:
    kept = ("kind", "value", "printed", "start", "stop", "role", "because")
    return {name: value for name, value in asdict(one).items() if name in kept}


def _line(role: str, kind: str, value: str, printed: str, because: str) -> None:
    shown = f"  printed {printed!r}" if printed.lower() != value else ""
    click.echo(printable(f"    {role:9}{kind:8}{_shown(kind, value)}{shown}  {because}"))


def _summary(found: "Sequence[Found]") -> str:
    if not found:
        return "Nothing was found."
    counts = [(role, len({(one.kind, one.value) for one in found if one.role == role})) for role in ROLES]
    return f"{len(found)} places: " + ", ".join(f"{count} {role}" for role, count in counts if count) + "."
