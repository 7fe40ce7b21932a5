"""The verbs for comparing a case with a partner's, without showing mail."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_parts import CASE, JSON, ledger, now, open_case, printable
from watchword.errors import WatchwordError

if TYPE_CHECKING:
    from watchword.case import Case
    from watchword.match.choose import Choice
    from watchword.match.sessions import Session

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
PARTNER = click.option("--partner", required=True, metavar="NAME", help="Who the other side is, in your words.")
OUT = click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the file to send.")


def _choosing(verb: Callable[..., None]) -> Callable[..., None]:
    """Add the options by which items are chosen."""
    for option in (
        click.option("--again", is_flag=True, help="Go on although there were enough sessions with them today."),
        click.option("--without", multiple=True, metavar="KIND", help="Leave out this kind or sort of item."),
        click.option("--also", multiple=True, metavar="VALUE", help="Offer this value although it was refused."),
        click.option("--list", "listed", is_flag=True, help="Show refused values, too, each with its reason."),
        click.option("--dry-run", is_flag=True, help="Only show what would be offered; nothing is written."),
    ):
        verb = option(verb)
    return verb


@click.group()
def match() -> None:
    """Find out with a rival or partner whether the same people attacked both, without showing each other mail.

    \b
    You:    watchword match offer --partner newsroom        and send them the file that it names
    They:   watchword match answer FILE --partner campaign  and send back the file that it names
    You:    watchword match finish FILE                     shows what both hold, and writes a result for them
    They:   watchword match accept FILE                     shows them the same

    Only what attackers made is compared: their domains, pages, files, texts, addresses. Never your people, your
    correspondents, or what can be guessed; --dry-run shows every item. Nothing is sent by this program.
    """


@match.command("offer")
@CASE
@PARTNER
@click.option("--count-only", is_flag=True, help="Ask only how many items both hold: none, 1 to 4, or 5 and more.")
@OUT
@_choosing
@JSON
def offer_verb(
    folder: Path,
    partner: str,
    count_only: bool,
    out: Path | None,
    dry_run: bool,
    listed: bool,
    also: tuple[str, ...],
    without: tuple[str, ...],
    again: bool,
    as_json: bool,
) -> None:
    """Write an offer: your items, hidden, for the other side to answer.

    \b
    Example:
        watchword match offer --case urgent --partner newsroom --dry-run --list
        watchword match offer --case urgent --partner newsroom --count-only
    """
    from watchword.match import steps
    from watchword.match.sessions import Sessions

    case = open_case(folder)
    with case.lock():
        choice = _chosen(case, also, without)
        if dry_run:
            _show(choice, True, listed, as_json)
            return
        session, data = steps.offer(case, choice, partner, count_only, again, now())
        file = _write(case, out, session, "offer", data)
        Sessions(case).save(session)
        ledger(case, f"{len(session.items)} items offered in session {session.session}")
    _say(case, session, file, "offer", choice, listed, 0, as_json)


@match.command("answer")
@click.argument("offer", type=FILE)
@CASE
@PARTNER
@OUT
@_choosing
@JSON
def answer_verb(
    offer: Path,
    folder: Path,
    partner: str,
    out: Path | None,
    dry_run: bool,
    listed: bool,
    also: tuple[str, ...],
    without: tuple[str, ...],
    again: bool,
    as_json: bool,
) -> None:
    """Answer an offer of the other side with your own items, hidden.

    They will learn which items both hold, or how many, as their offer asks. Read what --dry-run shows first.
    """
    from watchword.match import messages, steps
    from watchword.match.sessions import Sessions, read_file

    case = open_case(folder)
    offered = read_file(offer, messages.largest())
    theirs = len(messages.read_offer(offered, offer.name).points)
    with case.lock():
        choice = _chosen(case, also, without)
        if dry_run:
            _show(choice, True, listed, as_json)
            return
        session, data = steps.answer(case, offered, offer.name, choice, partner, again, now())
        file = _write(case, out, session, "answer", data)
        Sessions(case).save(session)
        ledger(case, f"{len(session.items)} items answered in session {session.session}")
    _say(case, session, file, "answer", choice, listed, theirs, as_json)


@match.command("finish")
@click.argument("answer", type=FILE)
@CASE
@OUT
@JSON
def finish_verb(answer: Path, folder: Path, out: Path | None, as_json: bool) -> None:
    """Read the answer to your offer: show what both hold, and write the result for the other side.

    They learn of it only if you send them the result. The keys of the session are deleted.
    """
    from watchword.match import messages, steps
    from watchword.match.sessions import read_file

    case = open_case(folder)
    with case.lock():
        session, result = steps.finish(case, read_file(answer, messages.largest()), answer.name, now())
        file = _write(case, out, session, "result", result)
        _end(case, session)
    _tell(case, session, file, as_json)


@match.command("accept")
@click.argument("result", type=FILE)
@CASE
@JSON
def accept_verb(result: Path, folder: Path, as_json: bool) -> None:
    """Read the result of a comparison that you answered. Every item is checked against the offer."""
    from watchword.match import messages, steps
    from watchword.match.sessions import read_file

    case = open_case(folder)
    with case.lock():
        session = steps.accept(case, read_file(result, messages.largest()), result.name, now())
        _end(case, session)
    _tell(case, session, None, as_json)


@match.command("list")
@CASE
@JSON
def list_verb(folder: Path, as_json: bool) -> None:
    """Show the comparisons of this case, and what they found."""
    from watchword.match.sessions import Sessions, fingerprint

    case = open_case(folder)
    found = Sessions(case).all()
    if as_json:
        click.echo(json.dumps([_public(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        told = (one.band and f"{one.band} in common") or f"{len(one.found)} in common"
        what = told if one.state == "finished" else one.state
        click.echo(
            printable(
                f"{one.session[:8]}  {one.began[:16]}  {one.role:6}  {one.partner} ({fingerprint(one.partner_case)}): "
                f"{len(one.items):,} items, {what}"
            )
        )
    if not found:
        click.echo("Nothing was compared yet.")


@match.command("drop")
@click.argument("session")
@CASE
@JSON
def drop_verb(session: str, folder: Path, as_json: bool) -> None:
    """End a session that will not be finished: its keys are deleted, what was offered stays on record."""
    from watchword.match import steps
    from watchword.match.sessions import Sessions

    case = open_case(folder)
    with case.lock():
        dropped = steps.drop(case, session, now())
        Sessions(case).save(dropped)
        ledger(case, f"session {dropped.session} dropped")
    if as_json:
        click.echo(json.dumps(_public(dropped), ensure_ascii=False))
    else:
        click.echo(printable(f"The session with {dropped.partner} is dropped, its keys are deleted."))


# ---------------------------------------------------------------- parts


def _chosen(case: "Case", also: Sequence[str], without: Sequence[str]) -> "Choice":
    from watchword.investigate import connect
    from watchword.match.choose import choose
    from watchword.match.messages import MOST

    with connect(case) as connection:
        return choose(case, connection, also, without, MOST)


def _write(case: "Case", out: Path | None, session: "Session", kind: str, data: bytes) -> Path:
    """Write a file to send. What is there is not written over."""
    file = out or case.out / f"{session.session[:8]}.{kind}"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("xb") as stream:
            stream.write(data)
    except FileExistsError:
        raise WatchwordError(f"{file} is there already.", do="Give another name with --out.") from None
    return file


def _end(case: "Case", session: "Session") -> None:
    """Keep what was found, and bring the table `matches` up to date."""
    from watchword.investigate import connect
    from watchword.match.matches import fill
    from watchword.match.sessions import Sessions

    Sessions(case).save(session)
    with connect(case) as connection:
        fill(case, connection)
    ledger(case, f"{session.band or len(session.found)} in common in session {session.session}")


def _public(session: "Session") -> dict[str, object]:
    """Give what may be shown of a session."""
    kept = asdict(session)
    return {name: kept[name] for name in kept if name not in ("secret", "offer_file", "answer_file", "items")} | {
        "items": len(session.items)
    }


def _show(choice: "Choice", items: bool, listed: bool, as_json: bool) -> None:
    """Show what is offered and what is refused."""
    if as_json:
        click.echo(json.dumps(_choice_data(choice), ensure_ascii=False))
        return
    click.echo(f"{len(choice.items):,} items:")
    if items:
        for one in choice.items:
            hard = "made of what one must hold" if one.guesses is None else f"2^{one.guesses:.0f} guesses"
            where = ", ".join(map(str, one.numbers))
            click.echo(printable(f"  {one.sort}  {one.value}  ({hard}; operation {where})"))
    else:
        for sort, count in sorted(Counter(one.sort for one in choice.items).items()):
            click.echo(f"  {count:,} {sort}")
    click.echo(f"\n{len(choice.refused):,} values are not offered:")
    for (kind, reason), count in sorted(Counter((one.kind, one.reason) for one in choice.refused).items()):
        click.echo(printable(f"  {count:,} {kind}: {reason}"))
        if listed:
            for refused in choice.refused:
                if (refused.kind, refused.reason) == (kind, reason):
                    hard = "" if refused.guesses is None else f"  2^{refused.guesses:.0f} guesses"
                    lift = "  (--also offers it)" if refused.liftable else ""
                    click.echo(printable(f"      {refused.value}{hard}{lift}"))


def _choice_data(choice: "Choice") -> dict[str, object]:
    return {"items": [asdict(one) for one in choice.items], "refused": [asdict(one) for one in choice.refused]}


def _say(
    case: "Case", session: "Session", file: Path, kind: str, choice: "Choice", listed: bool, theirs: int, as_json: bool
) -> None:
    """Say what was written, what it holds, how to send it, and what it cannot keep from whom."""
    from watchword.match import words
    from watchword.match.sessions import Sessions, fingerprint

    key = bytes(Sessions(case).key().verify_key).hex()
    limits = list(words.limits(session.size, theirs, session.count_only, session.role))
    if as_json:
        told = {"file": str(file), "key": key, "limits": limits} | _public(session) | _choice_data(choice)
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    _show(choice, listed, listed, False)
    click.echo("\n" + printable(f"Send this file to {session.partner}: {file}"))
    click.echo(words.CONTENT[kind].format(size=session.size, theirs=theirs))
    click.echo(words.SEND)
    click.echo(
        f"It is signed by this case: {fingerprint(key)}. Read that to them by telephone, and let them read theirs."
    )
    if session.partner_case:
        click.echo(f"Theirs, as their file says: {fingerprint(session.partner_case)}.")
    click.echo("\nWhat this shows, and what it cannot keep from whom:")
    for sentence in limits:
        click.echo(f"  {sentence}")


def _tell(case: "Case", session: "Session", file: Path | None, as_json: bool) -> None:
    """Say what was found."""
    from watchword.investigate import connect
    from watchword.match import words
    from watchword.match.sessions import fingerprint

    with connect(case) as connection:
        rows = connection.execute(
            """select kind, value, operation, coalesce(any_value(operations.number), 0),
                list_sort(list(distinct partner_operation))
            from matches left join operations using (operation) where partner = ? group by all order by all""",
            [session.partner],
        ).fetchall()
    found = {one.value for one in session.found}
    rows = [row for row in rows if row[1] in found]
    if as_json:
        names = ("kind", "value", "operation", "number", "partner_operations")
        told = _public(session) | {
            "file": str(file or ""),
            "matches": [dict(zip(names, row, strict=True)) for row in rows],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(printable(f"{session.partner} ({fingerprint(session.partner_case)}):"))
    if session.band:
        click.echo(f"Items in common: {session.band}.")
    elif not session.found:
        click.echo("No item in common, of those that were offered. That does not mean that nobody attacked both.")
    pieces: dict[tuple[str, str], int] = Counter()
    for kind, value, _, operation, theirs in rows:
        ours = f"operation {operation} here" if operation else "no operation here any more"
        there = f"operation {', '.join(theirs)} there" if any(theirs) else "no operation there"
        if kind == "wording":  # hashes tell a reader nothing
            pieces[ours, there] += 1
        else:
            click.echo(printable(f"  {kind}  {value}: {ours}, {there}"))
    for (ours, there), count in pieces.items():
        many = "1 piece" if count == 1 else f"{count:,} pieces"
        click.echo(f"  wording  {many} of the same text: {ours}, {there}")
    if file:
        click.echo("\n" + printable(f"Send this file to {session.partner}, if they are to know: {file}"))
        click.echo(words.CONTENT["result"])
        click.echo(words.SEND)
    click.echo('The keys of this session are deleted. `watchword sql "from matches"` lists what is common.')
