"""What the verbs share: options, the case that is asked for, the ledger, and how a result is said."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword import __version__

if TYPE_CHECKING:
    from rich.console import Console

    from watchword.case import Case

CASE = click.option(
    "--case",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("watchword-case"),
    show_default=True,
    help="Folder of the case. All that Watchword writes goes there.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for scripts.")


def open_case(folder: Path) -> "Case":
    """Open the case in that folder. Raises WatchwordError if it is none."""
    from watchword.case import Case

    return Case(folder)


def ledger(case: "Case", result: str) -> None:
    """Write into the ledger that this verb was run, and what came out."""
    context = click.get_current_context()
    verb = context.command_path.partition(" ")[2] or context.info_name or ""
    case.record(verb, sys.argv[1:], __version__, now(), result)


def now() -> datetime:
    """Give the time, UTC; the rooms are told it."""
    return datetime.now(UTC)


def say(as_json: bool, data: object, text: str) -> None:
    """Print a result, as JSON or as a sentence."""
    click.echo(json.dumps(data, ensure_ascii=False) if as_json else text)


def console() -> "Console":
    """Give the terminal."""
    from rich.console import Console

    return Console(highlight=False)


def printable(text: str) -> str:
    """Write what a terminal might act on as an escape."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
