"""The verbs for the keys and DNS records that a case keeps."""

import json
from pathlib import Path

import click

from watchword.cli_parts import CASE, JSON, ledger, open_case, printable
from watchword.progress import shown


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

        found = recover_keys(case, domain.strip().lower().rstrip("."), progress)
        ledger(case, f"{found.num_rows} recovered")
    if as_json:
        click.echo(json.dumps(found.to_pylist(), default=str, ensure_ascii=False))
        return
    for row in found.to_pylist():
        click.echo(
            printable(
                f"{row['domain']}  {row['selector']}  {row['key_bits']} bits: verifies {row['verified']} of "
                f"{row['signatures']} signatures; {', '.join(row['others'] or []) or 'none fails'}"
            )
        )
    click.echo(
        "No key was recovered." if not found.num_rows else "`watchword judge` takes what they show into the report."
    )
