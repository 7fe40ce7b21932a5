"""The verbs for the keys and DNS records that a case keeps."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_parts import CASE, JSON, ledger, now, open_case, printable
from watchword.errors import WatchwordError
from watchword.progress import shown

if TYPE_CHECKING:
    from watchword.authenticate.adding import Holding
    from watchword.authenticate.records import Record
    from watchword.authenticate.wanted import Question


@click.group()
def keys() -> None:
    """Keep DKIM keys and DNS records in the case, so that signatures can be checked offline and years later."""


@keys.command("recover")
@CASE
@click.option("--domain", default="", metavar="DOMAIN", help="Only keys of this domain and of those under it.")
@JSON
def recover_verb(folder: Path, domain: str, as_json: bool) -> None:
    """Recover RSA keys from signatures in the mailboxes themselves: no DNS is asked.

    Two unaltered signatures of one key give the key. It shows which messages it signed and which were altered
    since; it does not show that the domain ever published it. Each key takes a minute or more, and is kept at once
    in `keys/recovered.jsonl`: a run that was interrupted goes on where it stopped. Ed25519 keys cannot be recovered.

    \b
    Example:
        watchword keys recover --case urgent --domain example.org
    """
    case = open_case(folder)
    with case.lock(), shown(as_json) as progress:
        from watchword.investigate import recover_keys

        found, unreachable = recover_keys(case, domain.strip().lower().rstrip("."), progress)
        ledger(case, f"{found.num_rows} recovered")
    if as_json:
        click.echo(
            json.dumps(
                {"recovered": found.to_pylist(), "ed25519_selectors": unreachable}, default=str, ensure_ascii=False
            )
        )
        return
    for row in found.to_pylist():
        click.echo(
            printable(
                f"{row['domain']}  {row['selector']}  {row['key_bits']} bits: verifies {row['verified']} of "
                f"{row['signatures']} signatures; {', '.join(row['others'] or []) or 'none fails'}"
            )
        )
    if unreachable:
        sign = "1 selector signs" if unreachable == 1 else f"{unreachable:,} selectors sign"
        click.echo(f"{sign} with Ed25519: no signature gives such a key away.")
    click.echo(
        "No key was recovered." if not found.num_rows else "`watchword judge` takes what they show into the report."
    )


@keys.command("add")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@CASE
@click.option("--seen", metavar="DATE", help="When the records were seen, as 2019-05-01, where a file does not say it.")
@JSON
def add_verb(files: tuple[Path, ...], folder: Path, seen: str | None, as_json: bool) -> None:
    """Take files with DNS records into the case, as they are.

    \b
    Any of these forms, told apart by content:
        zone files (RFC 1035); one with its SOA says also what does not exist
        what dig, host or nslookup print
        passive DNS in the Common Output Format, one JSON object in each line
        JSON of DNS over HTTPS (Google, Cloudflare, RFC 8427)
        CSV with the columns name, type, value, and perhaps first and last
        signed statements of archive.zk.email, with its public keys (a JWK set) in a file of their own

    \b
    Example:
        watchword keys add example.org.zone pdns.jsonl --seen 2019-05-01 --case urgent
    """
    from watchword.authenticate.adding import add
    from watchword.authenticate.zone import read_time

    date = read_time(seen) if seen else None
    if seen and not date:
        raise WatchwordError(f"--seen {seen} is no date.", do="Write it as 2019-05-01.")
    case = open_case(folder)
    with case.lock():
        added = add(case.path / "keys", files, date, now())
        ledger(case, f"{sum(sum(one.counts.values()) for one in added)} records")
    if as_json:
        click.echo(json.dumps([asdict(one) for one in added], default=str, ensure_ascii=False))
        return
    for one in added:
        click.echo(printable(_holding(one) + (" It was there already." if one.was_there else "")))
    click.echo("`watchword judge` takes what they show into the report.")


@keys.command("list")
@CASE
@JSON
def list_verb(folder: Path, as_json: bool) -> None:
    """Show which keys and records are kept, and which are missing for how many messages."""
    from watchword.authenticate.adding import holding
    from watchword.authenticate.kept import Kept, read_folder
    from watchword.investigate import wanted_records

    case = open_case(folder)
    read = read_folder(case.path / "keys")
    kept = Kept((row for one in read.values() for row in one.records), (one.zone for one in read.values() if one.zone))
    held = [holding(name, one) for name, one in read.items()]
    questions = wanted_records(case, kept)
    if as_json:
        said = {"files": [asdict(one) for one in held], "needed": [asdict(one) for one in questions]}
        click.echo(json.dumps(said, default=str, ensure_ascii=False))
        return
    for one in held:
        click.echo(printable(_holding(one)))
    if not held:
        click.echo("Nothing is kept yet.")
    for purpose, what in (("dkim", "DKIM keys"), ("spf", "records for SPF"), ("dmarc", "records for DMARC")):
        asked = [one for one in questions if one.purpose == purpose]
        missing = [one for one in asked if not one.known]
        click.echo(f"\n{what}: {len(asked):,} needed, {len(asked) - len(missing):,} kept, {len(missing):,} missing")
        for question in missing[:_SHOWN]:
            click.echo(printable(f"  {_question(question)}"))
        if len(missing) > _SHOWN:
            click.echo(f"  and {len(missing) - _SHOWN:,} more; --json lists all")


@keys.command("lookup")
@CASE
@click.option("--online", is_flag=True, help="Ask the DNS. Without it, nothing leaves this machine.")
@click.option("--names", "--dry-run", "names_only", is_flag=True, help="Only show the names that would be asked for.")
@click.option("--yes", is_flag=True, help="Do not ask whether to go on, for scripts.")
@click.option("--resolver", "server", default="", metavar="ADDRESS", help="DNS server to ask.  [default: the system's]")
@click.option("--also", multiple=True, metavar="NAME", help="Ask for this name, too, although it would be refused.")
@click.option("--rate", type=click.FloatRange(0.1, 1000), default=20.0, show_default=True, help="Questions a second.")
@JSON
def lookup_verb(
    folder: Path,
    online: bool,
    names_only: bool,
    yes: bool,
    server: str,
    also: tuple[str, ...],
    rate: float,
    as_json: bool,
) -> None:
    """Ask the DNS for the DKIM keys, SPF and DMARC records that the case's messages need and that are not kept.

    Besides `fetch` this is the only verb that uses a network, and only with --online. It shows every name before it
    asks. Who runs the name servers of those domains can learn that somebody looks at their mail: where that matters,
    ask from another place with --names, or use passive DNS and `keys add`. Names are refused that hold an
    address, that SPF makes from the message itself, or that look as if they had been made for one message.

    Every answer is kept at once with its date in `keys/answers.jsonl`; run it again to go on where it stopped. What
    is asked today shows what the DNS says today: a key that was retired since is not there any more.

    \b
    Example:
        watchword keys lookup --case urgent --names
        watchword keys lookup --case urgent --online --resolver 192.0.2.53
    """
    import time

    from watchword.authenticate.kept import load
    from watchword.authenticate.lookup import look_up, resolver
    from watchword.investigate import wanted_records

    case = open_case(folder)
    extra = {name.lower().rstrip(".") for name in also}
    kept = load(case.path / "keys")
    done: set[tuple[str, str]] = set()

    def open_questions() -> "list[Question]":
        found = wanted_records(case, kept)
        return [one for one in found if not one.known and (one.name, one.type) not in done]

    questions = open_questions()
    refused = [one for one in questions if one.refused and one.name not in extra]
    asked = [one for one in questions if not one.refused or one.name in extra]
    if names_only or not online:
        if as_json:
            said = {"would_ask": [asdict(one) for one in asked], "refused": [asdict(one) for one in refused]}
            click.echo(json.dumps(said, ensure_ascii=False))
        else:
            _show(asked, refused)
            click.echo("Nothing was asked. --online asks the DNS for these names.")
        return
    if as_json and not yes:
        raise WatchwordError("--json asks no questions.", do="Add --yes, after you have seen the names with --names.")
    chosen = resolver(server)
    if not as_json:
        _show(asked, refused)
    if not asked:
        click.echo(json.dumps({"asked": 0, "found": 0}) if as_json else "There is nothing to ask.")
        return
    if not yes:
        click.echo(f"These names go to the DNS server {chosen}, and then names to which SPF records among them lead.")
        if not click.confirm("Ask now?"):
            click.echo("Nothing was asked.")
            return
    count = {"asked": 0, "found": 0, "failed": 0}

    def told(name: str, kind: str, records: "Sequence[Record]") -> None:
        count["asked"] += 1
        status = records[-1].status
        count["found"] += status == "found"
        count["failed"] += status == "failed"
        if not as_json:
            click.echo(printable(f"{name} {kind}: {_STATUS.get(status, status)}"))

    with case.lock():
        try:
            for _ in range(_ROUNDS):  # SPF records lead to more names
                if not asked:
                    break
                done.update((one.name, one.type) for one in asked)
                pairs = [(one.name, one.type) for one in asked]
                kept.add(look_up(case.path / "keys", chosen, pairs, now, lambda: time.sleep(1 / rate), told))
                asked = [one for one in open_questions() if not one.refused or one.name in extra]
        finally:
            ledger(case, f"{count['asked']} asked, {count['found']} found")
    if as_json:
        click.echo(json.dumps({**count, "resolver": str(chosen), "refused": [asdict(one) for one in refused]}))
        return
    click.echo(
        f"{count['asked']:,} asked, {count['found']:,} found, {count['failed']:,} without an answer; "
        f"{len(refused):,} refused. `watchword judge` takes what they show into the report."
    )


_SHOWN = 20
_ROUNDS = 12
_STATUS = {"found": "found", "no-data": "no such record", "no-name": "no such name", "failed": "no answer"}


def _show(asked: "Sequence[Question]", refused: "Sequence[Question]") -> None:
    for question in asked:
        click.echo(printable(_question(question)))
    for question in refused:
        click.echo(printable(f"refused: {_question(question)}: {question.refused}"))
    click.echo(f"{len(asked):,} questions, {len(refused):,} refused.")


def _question(question: "Question") -> str:
    needs = "message needs" if question.messages == 1 else "messages need"
    return f"{question.name} {question.type} ({question.purpose}; {question.messages:,} {needs} it)"


def _holding(one: "Holding") -> str:
    """Say what a file holds."""
    parts = [f"{count:,} {kind}" for kind, count in one.counts.items()]
    if one.first and one.last:
        parts.append(f"seen {one.first:%Y-%m-%d} to {one.last:%Y-%m-%d}")
    if one.undated:
        parts.append(f"{one.undated:,} without a date (--seen gives one)")
    if one.not_counted:
        parts.append(f"statements that do not count: {'; '.join(one.not_counted[:3])}")
    return f"{one.file} ({one.form}): {', '.join(parts) or 'nothing of its own'}."
