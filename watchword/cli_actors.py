"""The verbs for knowledge of actors: what is known, by whose word, and taking in more."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_parts import CASE, JSON, ledger, now, open_case, printable
from watchword.errors import WatchwordError
from watchword.progress import shown

if TYPE_CHECKING:
    from watchword.actors.build import Summary
    from watchword.actors.shown import Bearing, Known, Room
    from watchword.case import Case
    from watchword.tables import ActorFact

_KINDS = (  # in which order, and what they are called
    ("alias", "also called"), ("kept-apart", "not the same as"), ("similar", "overlaps"), ("part-of", "part of"),
    ("country", "country"), ("target", "targets"), ("country-targeted", "targets in"), ("language", "languages"),
    ("working-week", "working week"), ("zone", "minutes from UTC"), ("persona", "personas"), ("naming", "domain names"),
    ("provider", "providers"), ("technique", "techniques"), ("software", "software"), ("domain", "domains"),
    ("host", "hosts"), ("url", "pages"), ("ip", "addresses"), ("network", "networks"), ("address", "mail addresses"),
    ("phone", "phones"), ("wallet", "wallets"), ("hash", "files"), ("report", "reports"),
)  # fmt: skip
_ROWS = 12  # values of a kind that are shown


@click.group(invoke_without_command=True)
@CASE
@click.option("--rejected", is_flag=True, help="List every item that gave no fact, and why.")
@JSON
@click.pass_context
def actors(context: click.Context, folder: Path, rejected: bool, as_json: bool) -> None:
    """List what is known of actors: by source, with what came in and what could not be used.

    Names that different sources give are never merged: each source's actor stands for itself.

    \b
    Examples:
        watchword actors --case urgent
        watchword actors show "Charming Kitten" --case urgent
        watchword actors find login-service.example --case urgent
    """
    if context.invoked_subcommand:
        return
    case = open_case(folder)
    found = _built(case, as_json)
    if rejected:
        _rejected(case, as_json)
        return
    room = _room(case)
    rows = room.actors()
    if as_json:
        told = {"sources": [asdict(one) for one in found], "actors": [asdict(row) for row in rows]}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one in found:
        click.echo(_summary(one))
    counted = Counter(row.source for row in rows)
    click.echo(
        f"{len(rows):,} actors of {len(counted)} sources. `watchword actors show NAME` tells what is said of one."
    )


@actors.command("show")
@click.argument("name")
@CASE
@click.option("--all", "whole", is_flag=True, help="Show every value, not only the first of each kind.")
@JSON
def show_verb(name: str, folder: Path, whole: bool, as_json: bool) -> None:
    """Show all that is said of NAME: a name, an alias or an id. Each statement has its source and date.

    \b
    Examples:
        watchword actors show APT42 --case urgent
        watchword actors show "Mint Sandstorm" --case urgent --all
    """
    case = open_case(folder)
    _built(case, as_json)
    room = _room(case)
    known = room.known(name)
    if not known:
        raise WatchwordError(f"Nobody is called {name!r} in what is known here.", do=_near(room, name), code=3)
    related = room.related(known)
    if as_json:
        told = {"name": name, "known": [asdict(one) for one in known], "related": related}
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    if len(known) > 1:
        click.echo(f"{len(known)} actors bear the name {name}, each by the word of its source. They are not merged.\n")
    for one in known:
        click.echo(_known(one, whole))
    if related:
        click.echo("How the names relate, and who says so:")
        for sentence in related if whole else related[:40]:
            click.echo(printable(f"    {sentence}"))


@actors.command("find")
@click.argument("value")
@CASE
@JSON
def find_verb(value: str, folder: Path, as_json: bool) -> None:
    """Say of whom a domain, host, page, address, network, hash or technique is told, by whom and since when.

    VALUE may be defanged, as hxxps[:]//login[.]example.

    \b
    Examples:
        watchword actors find login[.]example.org --case urgent
        watchword actors find T1566.002 --case urgent
    """
    case = open_case(folder)
    _built(case, as_json)
    room = _room(case)
    found, beside = room.find(value), room.beside(value)
    if as_json:
        told = {"value": value, "said": [asdict(one) for one in found], "same_domain": [asdict(one) for one in beside]}
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    for one in found:
        click.echo(_bearing(one))
    if not found:
        click.echo(f"Nothing is said of {printable(value)}.")
    if beside:
        click.echo(f"Of other hosts of the same domain it is said {len(beside)} times:")
        for one in beside[:_ROWS]:
            click.echo(_bearing(one))


def _date(context: click.Context, parameter: click.Parameter, value: str) -> datetime | None:
    from watchword.actors.reports import read_date

    read = read_date(value) if value else None
    if value and read is None:
        raise click.BadParameter("write it as 2024-08-19", context, parameter)
    return read


@actors.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@CASE
@click.option("--publisher", default="", metavar="NAME", help="Who published it, where it does not say so itself.")
@click.option("--published", default="", metavar="DATE", callback=_date, help="When, where it does not say so itself.")
@click.option("--actor", default="", metavar="NAME", help="Whose the indicators are, where it names nobody.")
@click.option("--grade", default="", metavar="CODE", help="Admiralty code of this source, as B2.")
@click.option("--column", "columns", multiple=True, metavar="NAME=ROLE", help="What a column of a CSV holds.")
@JSON
def add_verb(
    files: tuple[Path, ...],
    folder: Path,
    publisher: str,
    published: datetime | None,
    actor: str,
    grade: str,
    columns: tuple[str, ...],
    as_json: bool,
) -> None:
    """Take knowledge of actors into the case; a copy is kept in `actors/` of the case.

    FILES are files, archives or folders; each is one import. Files are told apart by their content: MITRE ATT&CK and
    other STIX 2.x, MISP events, MISP galaxy clusters, lists with `# Reference:` blocks as maltrail has them, lists
    with an indicator in each line, CSV. Whatever is not used is counted and named.

    \b
    Roles of columns: indicator, actor, reference, published, publisher, kind, note.

    \b
    Examples:
        watchword actors add enterprise-attack.json --case urgent
        watchword actors add maltrail/trails/static/malware --case urgent
        watchword actors add iocs.csv --actor "Charming Kitten" --publisher Volexity --published 2024-02-13
    """
    from watchword.actors.keep import add, sizes
    from watchword.actors.taken import Given

    for file in files:
        if not file.exists():
            raise WatchwordError(f"{file} does not exist.", do="Check the path; quote it if it holds blanks.")
    given = Given(publisher.strip(), published, actor.strip(), _grade(grade), _columns(columns))
    case = open_case(folder)
    with case.lock(), shown(as_json) as progress:
        from watchword.actors.build import build

        progress.begin("Copying", sizes(files), "bytes")
        taken = [add(case, file, given, now(), progress.advance) for file in files]
        found = build(case, None, progress.begin, progress.advance)
        ids = {kept.id for kept, _ in taken}
        mine = [one for one in found if one.imported in ids]
        ledger(case, f"{sum(one.facts for one in mine)} facts of actors")
    if as_json:
        told = [
            {
                "path": kept.path, "id": kept.id, "file": str(kept.file), "sha256": kept.sha256, "was_there": there,
                "sources": [asdict(one) for one in mine if one.imported == kept.id],
            }
            for kept, there in taken
        ]  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for kept, there in taken:
        click.echo(printable(f"{kept.path}{' was there already' if there else ''}"))
        for one in mine:
            if one.imported == kept.id:
                click.echo(_summary(one))
    if any(not one.facts for one in mine):
        click.echo("What gave no fact, and why: `watchword actors --rejected`.")


def _grade(code: str) -> str:
    code = code.strip().upper()
    if code and (len(code) != 2 or code[0] not in "ABCDEF" or code[1] not in "123456"):
        raise WatchwordError(f"--grade {code} is no Admiralty code.", do="Write A to F and 1 to 6, as B2.")
    return code


def _columns(said: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    from watchword.actors.sheet import ROLES

    found = []
    for one in said:
        name, _, role = one.rpartition("=")
        if not name or role not in ROLES:
            raise WatchwordError(f"--column {one} says nothing.", do=f"Write NAME=ROLE; roles are {', '.join(ROLES)}.")
        found.append((name, role))
    return tuple(found)


def _built(case: "Case", quiet: bool) -> "list[Summary]":
    from watchword.actors.build import build

    with shown(quiet) as progress:
        return build(case, None, progress.begin, progress.advance)


def _room(case: "Case") -> "Room":
    from watchword.actors.shown import Room

    return Room(case)


def _summary(one: "Summary") -> str:
    title = one.title or one.form
    lines = [f"{one.imported or one.source}  {title}"]
    lines.append(
        f"    form     {one.form}; actors as NAME@{one.source}" if one.source != "watchword" else "    form     TOML"
    )
    lines.append(f"    gave     {one.facts:,} facts of {one.actors:,} actors")
    parts = [
        f"{one.used:,} gave facts",
        f"{one.explaining:,} only name or explain",
        f"{one.rejected:,} could not be used",
    ]
    lines.append(f"    read     {one.items:,} items: {', '.join(parts)}")
    if one.replaced:
        lines.append("    NOT USED a newer one of the same kind is there")
    lines += [f"    guessed  {note}" for note in one.notes[:5]]
    return "\n".join(printable(line) for line in lines)


def _known(one: "Known", whole: bool) -> str:
    row = one.actor
    how = {"alias": " (as an alias)", "id": "", "name": ""}[one.bears]
    lines = [f"{row.name}{how}  {row.actor}  {row.kind}"]
    sources: dict[str, int] = {}
    if row.about:
        lines.append(f"    {row.about}")
    for kind, title in (*_KINDS, *(_others(one))):
        held = [fact for fact in one.facts if fact.kind == kind]
        if not held:
            continue
        lines.append(f"    {title} ({len(held):,})")
        shown_facts = held if whole else held[:_ROWS]
        lines += [f"        {value}  {' '.join(marks)}" for value, marks in _marked(shown_facts, sources).items()]
        if len(held) > len(shown_facts):
            lines.append(f"        and {len(held) - len(shown_facts):,} more: --all shows them")
    lines += [f"    [{number}] {source}" for source, number in sources.items()]
    return "\n".join(printable(line) for line in lines) + "\n"


def _marked(facts: "list[ActorFact]", sources: dict[str, int]) -> dict[str, list[str]]:
    """Give each value once, with the numbers of its sources, which are counted here."""
    found: dict[str, list[str]] = {}
    for fact in facts:
        number = sources.setdefault(_source(fact), len(sources) + 1)
        found.setdefault(fact.value, []).append(f"[{number}]")
    return found


def _others(one: "Known") -> list[tuple[str, str]]:
    named = {kind for kind, _ in _KINDS}
    return [(kind, kind) for kind in dict.fromkeys(fact.kind for fact in one.facts) if kind not in named]


def _source(fact: "ActorFact") -> str:
    when = f"{fact.published:%Y-%m-%d}" if fact.published else "no date"
    grade = f", {fact.grade}" if fact.grade else ""
    return f"{fact.said_by or 'nobody named'}, {when}{grade}; {fact.reference}"


def _bearing(one: "Bearing") -> str:
    return printable(f"{one.actor.name} ({one.actor.actor}): {one.fact.kind} {one.fact.value}  [{_source(one.fact)}]")


def _near(room: "Room", name: str) -> str:
    from rapidfuzz import process

    names = sorted({row.name for row in room.actors()})
    near = [found[0] for found in process.extract(name, names, limit=3, score_cutoff=70, processor=str.lower)]
    return f"Close to it: {', '.join(near)}." if near else "`watchword actors` lists who is known."


def _rejected(case: "Case", as_json: bool) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(case.tables / "actor_rejections" / "all.parquet").to_pylist()
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(printable(f"{row['source']}  {row['item']}: {row['value'][:200]}  ({row['reason']})"))
    click.echo(f"{len(rows):,} items gave no fact.")
