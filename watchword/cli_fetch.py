"""The verb that fetches a mailbox from a server. It is the only one that uses the network without being told to."""

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_parts import CASE, JSON, ledger, printable
from watchword.errors import WatchwordError
from watchword.progress import shown

if TYPE_CHECKING:
    from watchword.read.imap import Secret


@click.command("fetch")
@click.argument("address")
@CASE
@click.option("--password-env", metavar="NAME", help="Environment variable that holds the password.")
@click.option(
    "--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="File with the password."
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with an access token of OAuth 2.0 (XOAUTH2), as Gmail and Microsoft 365 want.",
)
@click.option(
    "--ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with certificates (PEM) to trust besides those of the system.",
)
@JSON
def fetch(
    address: str,
    folder: Path,
    password_env: str | None,
    password_file: Path | None,
    token_file: Path | None,
    ca: Path | None,
    as_json: bool,
) -> None:
    """Fetch a mailbox from an IMAP server into the case. Nothing is changed there, not even what is marked as read.

    ADDRESS is imaps://USER@HOST, with /FOLDER behind it for one folder and those below. imap:// asks for encryption
    by STARTTLS. The password is asked for, or read from where an option says; it is never part of the command.

    All folders are fetched, with flags, labels and Gmail's threads. What is there already is not fetched again: a run
    that was interrupted goes on where it stopped, and a later run brings what is new. `watchword investigate` without
    PATHS then reads it with the rest of the case.

    \b
    Examples:
        watchword fetch imaps://ana@example.org@mail.example.org --case urgent
        watchword fetch imaps://ana@mail.example.org/INBOX --case urgent --password-env ANA
        watchword fetch imaps://ana@example.com@imap.gmail.com --case urgent --token-file token.txt
    """
    from watchword.case import Case
    from watchword.read import imap

    where = imap.address(address)
    secret = _secret(password_env, password_file, token_file, f"Password of {where.user} at {where.host}")
    case = Case.create(folder)
    with case.lock(), shown(as_json) as progress:
        from watchword.investigate import fetch_account

        done = fetch_account(case, where, secret, ca, progress)
        ledger(case, f"{done.messages} messages fetched, {done.kept} kept, {len(done.problems)} problems")
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(done), ensure_ascii=False))
        return
    for problem in done.problems:
        click.echo(printable(problem), err=True)
    click.echo(
        f"Messages fetched: {done.messages:,} ({done.bytes / 1_000_000:,.1f} MB), folders: {done.folders:,}; "
        f"{done.kept:,} were here before, {done.changed:,} of them with changed marks, {done.expunged:,} newly gone "
        f"from the server and kept. `watchword investigate --case {folder}` reads them."
    )


def _secret(variable: str | None, password: Path | None, token: Path | None, asked: str) -> "Secret":
    from watchword.read.imap import Secret

    if sum(given is not None for given in (variable, password, token)) > 1:
        raise WatchwordError("The password is given in more than one way.", do="Give one of the options.")
    if variable is not None:
        text = os.environ.get(variable, "")
        where = f"The environment variable {variable}"
    elif password or token:
        text = (password or token or Path()).read_text("utf-8", "replace").strip("\r\n")
        where = f"The file {password or token}"
    else:
        if not sys.stdin.isatty():
            raise WatchwordError(
                "There is nobody to ask for the password.", do="Use --password-env, --password-file or --token-file."
            )
        text, where = click.prompt(asked, hide_input=True, err=True), "The password"
    if not text or any(letter in text for letter in "\r\n\0"):
        raise WatchwordError(f"{where} holds no password.", do="It should be one line.")
    return Secret(text, is_token=token is not None)
