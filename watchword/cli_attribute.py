"""The verbs for attribution: who may be behind an operation, on what that hangs, and what a person decides."""

import getpass
import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_operations import operation_messages, operation_named
from watchword.cli_parts import CASE, JSON, ledger, now, open_case, printable, say
from watchword.errors import WatchwordError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watchword.attribute.actors_known import Known
    from watchword.attribute.kept import About
    from watchword.case import Case
    from watchword.engine import Connection

LIKELIHOODS = ("neutral", "slight", "moderate", "strong", "very-strong")
WORDS = (*LIKELIHOODS, *(f"against-{word}" for word in LIKELIHOODS[1:]))
TEXT = 2_000  # letters that a person may write
BECAUSE = click.option("--because", required=True, help="Why. It is kept with the decision.")
BY = click.option("--by", "who", default="", metavar="NAME", help="Who says it; your account's name if left out.")


@click.group(invoke_without_command=True)
@CASE
@JSON
@click.pass_context
def attribute(context: click.Context, folder: Path, as_json: bool) -> None:
    """Weigh who may be behind each operation, in the words of ICD 203.

    Hypotheses always hold an unknown actor, an imitator of each actor that is named, other states, crime, hire and
    insiders. Evidence is weighed by how well each explains it, less where its source is weak, where it could have been
    copied, and where it repeats what was counted. Most operations end without a name; the machine never names anybody:
    that is a person's decision (`decide`), and only then may a notice name an actor.

    \b
    Examples:
        watchword attribute --case urgent
        watchword attribute show op-5efcbfe3 --case urgent
        watchword attribute fix op-5efcbfe3 --actor apt42 --actor apt28
        watchword attribute decide op-5efcbfe3 nobody --because "One root only"
    """
    if context.invoked_subcommand:
        return
    from watchword.attribute.told import listed

    with _weighed(open_case(folder)) as connection:
        found = listed(connection)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        decided = f"  Decided: {one.decided}." if one.decided else ""
        many = "message" if one.messages == 1 else "messages"
        click.echo(
            printable(
                f"{one.number:3}  {one.operation}  {one.messages} {many}  {one.likelihood} "
                f"Confidence: {one.confidence}.{decided}"
            )
        )
    if not found:
        click.echo("There is no operation in this case.")


@attribute.command()
@click.argument("operation")
@CASE
@JSON
def show(operation: str, folder: Path, as_json: bool) -> None:
    """Show one operation: hypotheses in rows, exhibits in columns; for, against, missing; on what it hangs."""
    from watchword.attribute.told import lines, others

    with _weighed(open_case(folder)) as connection:
        name = operation_named(connection, operation)
        if as_json:
            found = {
                table: _rows(connection, f"select * from {table} where operation = ?", name)
                for table in ("attributions", "hypotheses", "exhibits", "likelihoods")
            }
            claims = [asdict(one) for one in others(connection)]
            click.echo(json.dumps({**found, "claims_of_others": claims}, default=str, ensure_ascii=False))
            return
        text = list(lines(connection, name))
    click.echo("\n".join(map(printable, text)))


@attribute.command()
@click.argument("operation")
@click.option("--actor", "actors", multiple=True, metavar="NAME", help="An actor in scope; may be given again.")
@click.option("--also", "further", multiple=True, metavar="TEXT", help="A further hypothesis that names no actor.")
@click.option("--unknown", type=click.FloatRange(0.2, 0.95), help="Prior of an unknown actor; .4 if left out.")
@BY
@CASE
@JSON
def fix(
    operation: str,
    actors: tuple[str, ...],
    further: tuple[str, ...],
    unknown: float | None,
    who: str,
    folder: Path,
    as_json: bool,
) -> None:
    """Fix the hypotheses and priors of an operation, before evidence is added; they are kept with time and SHA-256.

    The unknown actor, an imitator of each actor, other states, crime, hire and insiders are always among them.

    \b
    Examples:
        watchword attribute fix op-5efcbfe3 --actor apt42 --actor charming-kitten
        watchword attribute fix 1 --also "a domestic rival" --unknown 0.5
    """
    from watchword.attribute import kept
    from watchword.attribute.rules import CLASSES, rules
    from watchword.attribute.weighing import fix as spread

    case = open_case(folder)
    with case.lock():
        with _weighed(case, locked=True) as connection:
            about = _about(connection, operation, who)
            known = _known(connection)
        names = tuple(dict.fromkeys(_actor(name, known) for name in actors))
        more = tuple(dict.fromkeys(_text(text, "--also") for text in further))
        taken = [text for text in more if text in CLASSES or text in known.names or text.startswith("imitator of ")]
        if taken:
            raise WatchwordError(f"{printable(taken[0])} is a hypothesis already.", do="Actors are named by --actor.")
        scope = spread(names, more, unknown, known, rules())
        digest = kept.digest([one.name for one in scope.hypotheses], scope.priors)
        kept.fix(case, kept.Fixed(about, names, more, tuple(scope.priors), digest))
        ledger(case, f"fixed {digest}")
        _rebuild(case)
    titles = [one.name for one in scope.hypotheses]
    say(
        as_json,
        {"operation": about.operation, "hypotheses": titles, "digest": digest},
        f"Fixed for {about.operation}: {printable(', '.join(titles))}. SHA-256 {digest}.",
    )


@attribute.command()
@click.argument("operation")
@click.option("--says", required=True, metavar="TEXT", help="What was observed, and not what follows from it.")
@click.option("--hypothesis", "hypotheses", multiple=True, required=True, metavar="NAME", help="What it speaks to.")
@click.option("--likelihood", "likelihoods", multiple=True, required=True, type=click.Choice(WORDS),
              help="How well that explains it, against an unknown actor; one for each --hypothesis.")  # fmt: skip
@click.option(
    "--grade", required=True, metavar="CODE", help="Admiralty code of the source for this, as B2; F6 if open."
)
@click.option("--source", required=True, metavar="NAME", help="Who observed it.")
@click.option("--root", default="", metavar="NAME", help="Where that comes from at last; the source if left out.")
@click.option("--forgeable", required=True, type=click.Choice(("published", "cheap", "holder")),
              help="Who else could show it: readers once it was published, anybody, or only who holds it.")  # fmt: skip
@click.option(
    "--published", type=click.DateTime(["%Y-%m-%d"]), help="When it became public, with --forgeable published."
)
@click.option("--kind", default="person", metavar="KIND", help="registration, entered-from or program, where one fits.")
@click.option("--family", default="", metavar="NAME", help="Exhibits that see the same thing share a family.")
@click.option("--vertex", default="", type=click.Choice(("", "adversary", "capability", "infrastructure", "victim")),
              help="Corner of the Diamond Model.")  # fmt: skip
@BY
@CASE
@JSON
def add(
    operation: str,
    says: str,
    hypotheses: tuple[str, ...],
    likelihoods: tuple[str, ...],
    grade: str,
    source: str,
    root: str,
    forgeable: str,
    published: datetime | None,
    kind: str,
    family: str,
    vertex: str,
    who: str,
    folder: Path,
    as_json: bool,
) -> None:
    """Add an exhibit that only a person can bring, as what a provider or a laboratory found.

    What somebody else concludes of who it was is no exhibit: it is a claim (`watchword claims add`).

    \b
    Example:
        watchword attribute add op-5efcbfe3 --says "The account was entered from a server rented by the same card" \\
            --hypothesis apt42 --likelihood strong --grade B2 --source "Mail provider" --forgeable holder
    """
    from watchword.attribute import kept
    from watchword.attribute.evidence import kinds

    if len(hypotheses) != len(likelihoods):
        raise WatchwordError("Each --hypothesis needs its own --likelihood.", do="Give them in pairs.")
    grade = _grade(grade)
    known_kinds = {one.name: one for one in kinds() if one.match == "person"}
    if kind != "person" and kind not in known_kinds:
        raise WatchwordError(f"There is no kind {printable(kind[:60])}.", do=f"There are {', '.join(known_kinds)}.")
    case = open_case(folder)
    with case.lock():
        with _weighed(case, locked=True) as connection:
            about = _about(connection, operation, who)
            known = _known(connection)
            there = {name for (name,) in connection.execute(
                "select hypothesis from hypotheses where operation = ?", [about.operation]).fetchall()}  # fmt: skip
            is_fixed = bool(connection.execute(
                "select 1 from hypotheses where operation = ? and fixed is not null limit 1", [about.operation]
            ).fetchall())  # fmt: skip
        words = {
            _hypothesis(name, there, known, is_fixed, about.operation): word.replace("against-", "against ")
            for name, word in zip(hypotheses, likelihoods, strict=True)
        }
        of_kind = known_kinds.get(kind)
        name = f"e-{hashlib.sha256(f'{about.operation}|{says}|{source}|{about.time}'.encode()).hexdigest()[:6]}"
        brought = kept.Brought(
            about, name, _text(says, "--says"), words, _text(source, "--source"), grade,
            _text(root, "--root").lower() if root else _text(source, "--source").lower(), forgeable, kind,
            _text(family, "--family") if family else of_kind.family if of_kind else f"person {name}",
            vertex or (of_kind.vertex if of_kind else ""),
            published.replace(tzinfo=UTC) if published else None,
        )  # fmt: skip
        kept.bring(case, brought)
        ledger(case, f"exhibit {name}")
        _rebuild(case)
    say(as_json, {"exhibit": name, "operation": about.operation},
        f"Added to {about.operation} as {name}. `watchword attribute show {about.operation}` weighs it.")  # fmt: skip


@attribute.command()
@click.argument("exhibit")
@BECAUSE
@BY
@CASE
@JSON
def withdraw(exhibit: str, because: str, who: str, folder: Path, as_json: bool) -> None:
    """Withdraw an exhibit that a person added. It is not erased, and counts no more."""
    from watchword.attribute import kept

    case = open_case(folder)
    with case.lock():
        found = kept.read(case)
        brought = [one for one in found.brought if one.exhibit == exhibit]
        if not brought:
            raise WatchwordError(
                f"Nobody added an exhibit {printable(exhibit[:60])}.",
                do="`watchword attribute show OP` lists them. What the machine found can be graded, not withdrawn.",
            )
        if exhibit in found.withdrawn:
            raise WatchwordError(f"{exhibit} was withdrawn already.")
        about = kept.About(brought[0].about.operation, brought[0].about.messages, now(), _who(who))
        kept.withdraw(case, about, exhibit, _text(because, "--because"))
        ledger(case, f"withdrawn {exhibit}")
        _rebuild(case)
    say(as_json, {"exhibit": exhibit, "withdrawn": True}, f"{exhibit} counts no more.")


@attribute.command()
@click.argument("operation")
@click.argument("actor")
@BECAUSE
@BY
@CASE
@JSON
def decide(operation: str, actor: str, because: str, who: str, folder: Path, as_json: bool) -> None:
    """Decide to name an actor for an operation, or `nobody`. The later decision counts; nothing is erased.

    Only after it may a notice name an actor. Rules that are not met are kept with the decision.

    \b
    Examples:
        watchword attribute decide op-5efcbfe3 apt42 --because "Two providers and a laboratory, each by itself"
        watchword attribute decide op-5efcbfe3 nobody --because "It hangs on one report"
    """
    from watchword.attribute import kept

    case = open_case(folder)
    with case.lock():
        with _weighed(case, locked=True) as connection:
            about = _about(connection, operation, who)
            name = actor if actor == kept.NOBODY else _actor(actor, _known(connection))
            ((concluded, rules, likelihood),) = connection.execute(
                "select hypothesis, rules, likelihood from attributions where operation = ?", [about.operation]
            ).fetchall()
        broken = tuple(rules)
        if name not in (kept.NOBODY, concluded) and not broken:
            broken = (f"The evidence speaks for {concluded}, not for {name}.",)
        unmet = () if name == kept.NOBODY else broken
        kept.decide(case, kept.Decided(about, name, _text(because, "--because"), unmet, likelihood))
        ledger(case, f"decided {name}")
        _rebuild(case)
    lines = [f"You decided of {about.operation}: {name}."]
    if unmet:
        lines += ["The rules for naming an actor are not met; that is kept with the decision:"]
        lines += [f"- {one}" for one in unmet]
    say(
        as_json,
        {"operation": about.operation, "decided": name, "rules_not_met": list(unmet)},
        "\n".join(map(printable, lines)),
    )


def _weighed(case: "Case", locked: bool = False) -> "Connection":
    """Open the case with every operation weighed."""
    from watchword.investigate import connect

    connection = connect(case)
    left = """select count(*) from (select operation from operations except select operation from attributions)"""
    over = """select count(*) from (select operation from attributions except select operation from operations)"""
    if any(connection.execute(asked).fetchall()[0][0] for asked in (left, over)):
        from watchword.attribute.build import build

        if locked:
            build(case, connection)
        else:
            with case.lock():
                build(case, connection)
    return connection


def _rebuild(case: "Case") -> None:
    from watchword.attribute.build import build
    from watchword.investigate import connect

    with connect(case) as connection:
        build(case, connection)


def _about(connection: "Connection", operation: str, who: str) -> "About":
    from watchword.attribute.kept import About

    name = operation_named(connection, operation)
    return About(name, operation_messages(connection, name), now(), _who(who))


def _who(said: str) -> str:
    try:
        return _text(said or getpass.getuser(), "--by")
    except (KeyError, OSError):  # an account without a name
        return "unknown"


def _known(connection: "Connection") -> "Known":
    from watchword.attribute.actors_known import known_actors
    from watchword.attribute.evidence import kinds

    return known_actors(connection, kinds())


def _actor(said: str, known: "Known") -> str:
    """Give the actor that is meant by an id or a name. Raises WatchwordError."""
    from watchword.attribute.actors_known import folded

    wanted = folded(said.strip().lower().replace(" ", "-"))
    if wanted in known.names:
        return wanted
    named = sorted({actor for actor, name in known.names.items() if name.lower() == said.strip().lower()})
    if len(named) == 1:
        return named[0]
    near = sorted(actor for actor in known.names if wanted and (wanted in actor or actor in wanted))[:5]
    raise WatchwordError(
        f"No actor {printable(said[:60])} is known to this case.",
        do=f"Did you mean {', '.join(near)}?"
        if near
        else "`watchword actors` lists those that are; your own go into CASE/knowledge/actors/NAME.toml.",
    )


def _hypothesis(said: str, there: set[str], known: "Known", is_fixed: bool, operation: str) -> str:
    """Give the hypothesis that is meant. Raises WatchwordError."""
    from watchword.attribute.rules import REFERENCE

    if said == REFERENCE:
        raise WatchwordError(
            "Everything is weighed against an unknown actor.", do="Say how well the others explain it, or against them."
        )
    if said in there:
        return said
    name = _actor(said, known)
    if name in there or not is_fixed:
        return name
    raise WatchwordError(
        f"{name} is not among the hypotheses that were fixed for {operation}.",
        do=f"`watchword attribute fix {operation} --actor {name}` with the others fixes them anew; it is kept that so.",
    )


def _grade(said: str) -> str:
    code = said.strip().upper()
    if len(code) != 2 or code[0] not in "ABCDEF" or code[1] not in "123456":
        raise WatchwordError(
            f"{printable(said[:20])} is no Admiralty code.", do="A to F for the source and 1 to 6 for what it says: B2."
        )
    return code


def _text(said: str, option: str) -> str:
    text = " ".join(said.split())
    if not text or len(text) > TEXT:
        raise WatchwordError(f"{option} is empty or longer than {TEXT:,} letters.", do="Say it in a sentence or two.")
    return text


def _rows(connection: "Connection", query: str, *values: str) -> "Sequence[dict[str, object]]":
    found = connection.execute(query, list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
