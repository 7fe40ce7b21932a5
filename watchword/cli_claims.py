"""The verbs for claims: who says what about whom in public reports, on how many independent roots it rests."""

import getpass
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_parts import CASE, JSON, ledger, now, open_case, printable

if TYPE_CHECKING:
    from watchword.case import Case
    from watchword.claims.build import Ledger
    from watchword.claims.roots import Count

BECAUSE = click.option("--because", required=True, help="Why. It is kept with the decision.")
BY = click.option("--by", "who", default="", metavar="NAME", help="Who decides; your account's name if left out.")
SET = click.option("--set", "changes", multiple=True, metavar="FIELD=VALUE", help="Change a field while confirming.")


@click.group(invoke_without_command=True)
@CASE
@click.option("--confirmed", is_flag=True, help="Only what a person confirmed.")
@click.option("--target", default="", metavar="WORDS", help="Only what is about this target.")
@JSON
@click.pass_context
def claims(context: click.Context, folder: Path, confirmed: bool, target: str, as_json: bool) -> None:
    """Show who says what in public reports: what was sought, entered, taken, passed on, who did it and for whom.

    Each proposition stands alone, for each target. Behind it: how many independent roots its reports have (stories
    that copy, quote or credit one another have one), who affirms, denies or leaves it open, in what words, how it is
    graded, and who changed their word. What rules propose is no finding until a person confirms it.

    \b
    Examples:
        watchword claims add statement.html story.pdf --case urgent
        watchword claims review --case urgent
        watchword claims --case urgent --confirmed
        watchword claims show cl-0a1b2c3d --case urgent
        watchword claims grade "National Cyber Office" B2 --because "Right in 2022, has seen the mailbox"
    """
    if context.invoked_subcommand:
        return
    from watchword.claims.build import ledger as filled
    from watchword.claims.propositions import standings
    from watchword.claims.told import standing_lines, summary

    found = filled(open_case(folder))
    shown = [claim for claim in found.claims if claim.state == "confirmed" or not confirmed]
    rows = [one for one in standings(shown, found.roots) if target.lower() in one.target.lower()]
    if as_json:
        _print(
            [
                asdict(row) | {"counted": _counted(row.counted), "denied": _counted(row.denied), "says": row.sentence}
                for row in rows
            ]
        )
        return
    for row in rows:
        _lines(standing_lines(row))
        click.echo()
    if not found.documents and not found.claims:
        click.echo("No report was added yet. `watchword claims add FILE` takes one in.")
        return
    click.echo(summary(rows, shown, found.documents))


@claims.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@CASE
@click.option("--publisher", default="", metavar="NAME", help="Who published it, where it does not say so itself.")
@click.option("--published", default="", metavar="DATE", help="When, as 2024-08-20 or 2024-08-20T14:30+00:00.")
@click.option("--address", default="", metavar="URL", help="Where it was published. It is not opened.")
@click.option("--title", default="", metavar="TEXT", help="Its headline.")
@click.option("--grade", default="", metavar="CODE", help="Admiralty code of the document, as B2.")
@JSON
def add_verb(
    files: tuple[Path, ...],
    folder: Path,
    publisher: str,
    published: str,
    address: str,
    title: str,
    grade: str,
    as_json: bool,
) -> None:
    """Take public reports into the case: text, HTML, PDF, Markdown, saved mail; folders and archives of them.

    A copy is kept in `claims/documents/`. The same bytes twice are one document; what you say of it the second time
    counts. Nothing is opened or looked up. A case is made if there is none.

    \b
    Examples:
        watchword claims add odni.html --case urgent --publisher ODNI --published 2024-08-19
        watchword claims add ~/press --case urgent
    """
    from watchword.case import Case
    from watchword.claims.build import ledger as filled
    from watchword.claims.keep import Given, add

    case = Case.create(folder)
    with case.lock():
        added = add(case, files, Given(publisher, published, address, title, grade), now())
        new = len({one.document for one in added if one.document and not one.was_there})
        ledger(case, f"{new} documents added")
    found = filled(case)
    if as_json:
        _print([asdict(one) for one in added])
        return
    documents = {one.document: one for one in found.documents}
    for one in added:
        if not one.document:
            click.echo(printable(f"Left out: {one.path} {one.why}."))
            continue
        row = documents[one.document]
        count = sum(claim.document == one.document for claim in found.claims)
        there = " was there already" if one.was_there else ""
        click.echo(printable(f"{one.document}  {one.path}{there}"))
        when = f"{row.published:%Y-%m-%d %H:%M} UTC" if row.published else "unknown; say so with --published"
        click.echo(printable(f"    publisher {row.publisher or 'unknown; say so with --publisher'}"))
        click.echo(printable(f"    published {when}"))
        click.echo(printable(f"    claims    {count} proposed or decided"))
        _lines([f"    PROBLEM   {problem}" for problem in row.problems])
    click.echo("`watchword claims review` goes through what is proposed.")


@claims.command()
@click.argument("name", metavar="ID")
@CASE
@JSON
def show(name: str, folder: Path, as_json: bool) -> None:
    """Show a claim with its passage, document, digest, offsets, root, and what was decided; or all of a document.

    \b
    Examples:
        watchword claims show cl-0a1b2c3d --case urgent
        watchword claims show doc-5574ba4e --case urgent
    """
    from watchword.claims.build import ledger as filled
    from watchword.claims.build import text_of
    from watchword.claims.deciding import named
    from watchword.claims.told import claim_lines, concerns, why_proposed

    case = open_case(folder)
    found = filled(case)
    documents = {one.document: one for one in found.documents}
    roots = {one.root: one for one in found.roots}
    made = found.decisions
    ids = {claim.claim for claim in found.claims} | set(documents) | set(roots)
    wanted = named(name, ids)
    claims = [claim for claim in found.claims if wanted in (claim.claim, claim.document, claim.root)]
    if as_json:
        told = []
        for claim in claims:
            document, root = documents.get(claim.document), roots.get(claim.root)
            told.append(
                asdict(claim)
                | {
                    "sha256": document.sha256 if document else "",
                    "why": why_proposed(claim) if document else "",
                    "origin": root.origin if root else "",
                    "decisions": [asdict(one) | {"claims": []} for one in made if concerns(one, claim)],
                }
            )
        _print(told)
        return
    if not claims:
        _lines(_about(wanted, found))
    for claim in claims:
        text = text_of(case, claim.document)
        _lines(claim_lines(claim, documents.get(claim.document), roots.get(claim.root), text, made))
        click.echo()


@claims.command()
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@CASE
@SET
@BECAUSE
@BY
@JSON
def confirm(
    names: tuple[str, ...], folder: Path, changes: tuple[str, ...], because: str, who: str, as_json: bool
) -> None:
    """Confirm claims, as they are or with fields set right. A later decision counts; all are kept.

    \b
    Fields: speaker, capacity, act, proposition, target, actor, polarity, strength, said, evidence_offered, relies_on
    Examples:
        watchword claims confirm cl-0a1b2c3d cl-4e5f6a7b --because "Read in the statement"
        watchword claims confirm cl-0a1b2c3d --set target="Berg campaign" --because "The pronoun means Berg"
    """
    from watchword.claims.deciding import field_values

    _decide_claims("confirm", names, folder, field_values(changes), because, who, as_json)


@claims.command()
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@CASE
@BECAUSE
@BY
@JSON
def reject(names: tuple[str, ...], folder: Path, because: str, who: str, as_json: bool) -> None:
    """Reject claims: they count nothing, and are not proposed again under other rules.

    \b
    Example:
        watchword claims reject cl-0a1b2c3d --because "It tells of another campaign"
    """
    _decide_claims("reject", names, folder, {}, because, who, as_json)


@claims.command()
@CASE
@click.option("--speaker", required=True, metavar="NAME", help="Who says it.")
@click.option("--capacity", default="on-record", show_default=True, help="on-record, anonymous or by-proxy.")
@click.option("--act", required=True, help="attributes, confirms, denies, declines, demands-evidence, retracts, …")
@click.option("--proposition", required=True, help="sought, accessed, stole, disclosed, received, who, directed, …")
@click.option("--target", default="", metavar="NAME", help="Against whom, or whose.")
@click.option("--actor", default="", metavar="NAME", help="Who is said to have done it.")
@click.option("--polarity", default="", help="affirms, denies or open; else it follows from the act.")
@click.option("--strength", default="", metavar="WORD", help="The word for how sure they are.")
@click.option("--said", default="", metavar="DATE", help="When it was said.")
@click.option("--relies-on", default="", metavar="NAME", help="On whose word the speaker relies.")
@click.option("--evidence-offered", default="", help="none, indicators, report, indictment or private.")
@click.option("--document", default="", metavar="ID", help="Document of the case in which it stands.")
@click.option("--quote", default="", metavar="TEXT", help="The passage, word for word as the document has it.")
@BECAUSE
@BY
@JSON
def write(folder: Path, document: str, quote: str, because: str, who: str, as_json: bool, **values: str) -> None:
    """Write a claim by hand: one that the rules did not see, or that stands in no document of the case.

    \b
    Example:
        watchword claims write --speaker "T. Berg" --act denies --proposition accessed --target "Berg campaign" \\
            --document doc-5574ba4e --quote "nobody got in" --because "The rules did not see the denial"
    """
    from watchword.claims.deciding import write as written

    case = open_case(folder)
    claim = written(case, values, document, quote, because, _who(who), now())
    _note(case, f"{claim.claim} written")
    _say(as_json, {"claim": claim.claim}, f"{claim.claim} is in the ledger, confirmed.")


@claims.command()
@click.argument("name", metavar="ID|SPEAKER")
@click.argument("code")
@CASE
@BECAUSE
@BY
@JSON
def grade(name: str, code: str, folder: Path, because: str, who: str, as_json: bool) -> None:
    """Grade a claim, a document or a speaker by the Admiralty code: how reliable the source, how credible this.

    \b
    A reliable … E unreliable; F cannot be judged, which is not bad
    1 confirmed by another root, 2 probably true, … 5 improbable; 6 cannot be judged
    What is said of the claim counts before what is said of its speaker, and that before its document.
    Example:
        watchword claims grade cl-0a1b2c3d B2 --because "The firm has seen the logs"
        watchword claims grade "Evening Post" F6 --because "Never read before"
    """
    from watchword.claims.deciding import grade as graded

    case = open_case(folder)
    code = code.upper()
    name, warnings = graded(case, name, code, because, _who(who), now())
    _note(case, f"{name} graded {code}")
    _say(as_json, {"graded": name, "grade": code, "warnings": warnings}, f"{name} is graded {code}.")
    if not as_json:
        _lines([f"WARNING  {text}" for text in warnings])


@claims.command("same-root")
@click.argument("names", nargs=-1, required=True, metavar="ID ID...")
@CASE
@BECAUSE
@BY
@JSON
def same_root(names: tuple[str, ...], folder: Path, because: str, who: str, as_json: bool) -> None:
    """Say that documents, claims or roots have one origin, which the rules did not see.

    \b
    Example:
        watchword claims same-root root-07645a7c root-64816f34 --because "The firm was paid by the Office"
    """
    _decide_roots("same-root", names, folder, because, who, as_json)


@claims.command("other-root")
@click.argument("names", nargs=-1, required=True, metavar="ID...")
@CASE
@BECAUSE
@BY
@JSON
def other_root(names: tuple[str, ...], folder: Path, because: str, who: str, as_json: bool) -> None:
    """Say that documents or claims rest on nobody else's word, against what the rules read.

    \b
    Example:
        watchword claims other-root doc-f8c2b42f --because "The reporter has seen the log herself"
    """
    _decide_roots("other-root", names, folder, because, who, as_json)


@claims.command()
@CASE
@click.option("--confirmed", is_flag=True, help="Only what a person confirmed.")
@JSON
def timeline(folder: Path, confirmed: bool, as_json: bool) -> None:
    """List what was said, by the day on which it was said (marked p: published), and who changed their word."""
    from watchword.claims.build import ledger as filled
    from watchword.claims.propositions import timeline as ordered
    from watchword.claims.told import timeline_lines

    found = filled(open_case(folder))
    rows = ordered(claim for claim in found.claims if claim.state == "confirmed" or not confirmed)
    if as_json:
        _print([{"when": row.when, "said": row.said, "change": row.change, **asdict(row.claim)} for row in rows])
        return
    _lines(timeline_lines(rows) or ["Nothing was said yet."])


@claims.command()
@CASE
@JSON
def roots(folder: Path, as_json: bool) -> None:
    """Show on how many independent roots the reports rest, and which report copies, quotes or credits which."""
    from watchword.claims.build import ledger as filled
    from watchword.claims.deciding import counted
    from watchword.claims.told import roots_lines

    found = filled(open_case(folder))
    resting = [root for root in found.roots if root.documents]
    number = counted(found)
    if as_json:
        _print(
            {
                "counted": _counted(number),
                "roots": [asdict(root) for root in found.roots],
                "citations": [asdict(one) for one in found.citations],
            }
        )
        return
    documents = {one.document: one for one in found.documents}
    _lines(roots_lines(resting, documents, found.citations, number, found.decisions, found.rests))


@claims.command("review")
@CASE
@click.option("--document", default="", metavar="ID", help="Only what this document says.")
@BY
@JSON
def review_verb(folder: Path, document: str, who: str, as_json: bool) -> None:
    """Go through what is proposed, one by one, and confirm, reject or mend it.

    \b
    y [why]            confirm           n [why]   reject
    e FIELD=VALUE; …   mend and confirm  s         skip     q  stop
    Each answer is kept at once. Answers may come from a pipe, a line each.
    Examples:
        watchword claims review --case urgent
        printf 'y\\nn It tells of another year\\nq\\n' | watchword claims review --case urgent
    """
    from watchword.claims.build import ledger as filled
    from watchword.claims.deciding import named
    from watchword.claims.review import review

    case = open_case(folder)
    found = filled(case)
    wanted = named(document, {one.document for one in found.documents}) if document else ""

    def ask(question: str) -> str:
        click.echo(question, nl=False, err=as_json)
        return sys.stdin.readline()

    counts = review(case, found, wanted, ask, lambda line: click.echo(printable(line), err=as_json), now, _who(who))
    if counts.confirmed or counts.rejected:
        with case.lock():
            ledger(case, f"{counts.confirmed} claims confirmed, {counts.rejected} rejected")
    _say(as_json, asdict(counts), f"{counts.confirmed} confirmed, {counts.rejected} rejected, {counts.left} left.")


# ------------------------------------------------------------ what the verbs share


def _decide_claims(
    kind: str,
    names: Sequence[str],
    folder: Path,
    changes: Mapping[str, str],
    because: str,
    who: str,
    as_json: bool,
) -> None:
    from watchword.claims.deciding import decide_claims
    from watchword.claims.ledger import STATES

    case = open_case(folder)
    ids = decide_claims(case, kind, names, changes, because, _who(who), now())
    said = f"{', '.join(ids)}: {STATES[kind]}"
    _note(case, said)
    _say(as_json, {"claims": ids, "state": STATES[kind]}, f"{said}.")


def _decide_roots(kind: str, names: Sequence[str], folder: Path, because: str, who: str, as_json: bool) -> None:
    from watchword.claims.deciding import decide_roots

    case = open_case(folder)
    counted = decide_roots(case, kind, names, because, _who(who), now())
    _note(case, f"{kind}: {', '.join(names)}")
    _say(as_json, {"counted": _counted(counted)}, f"Kept. Now {counted}.")


def _note(case: "Case", result: str) -> None:
    with case.lock():
        ledger(case, result)


def _about(name: str, found: "Ledger") -> list[str]:
    """Say what is known of a document or root without claims."""
    for document in found.documents:
        if document.document == name:
            return [f"{name}  {document.title or document.path}", f"    sha256    {document.sha256}", "    no claims"]
    return [f"{root.root}  {root.origin}: {root.sentence}" for root in found.roots if root.root == name]


def _who(given: str) -> str:
    if given:
        return given
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _counted(counted: "Count") -> dict[str, int | str]:
    return {**asdict(counted), "sentence": str(counted)}


def _print(data: object) -> None:
    click.echo(json.dumps(data, default=str, ensure_ascii=False))


def _say(as_json: bool, data: object, text: str) -> None:
    if as_json:
        _print(data)
    else:
        click.echo(printable(text))


def _lines(lines: Sequence[str], err: bool = False) -> None:
    for line in lines:
        click.echo(printable(line), err=err)
