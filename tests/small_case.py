"""Small mailboxes written for a test, and the command line run over them."""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from watchword.cli import main
from watchword.investigate import OpenCase

START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
ANA = "ana@campaign.example"
BEN = "ben@institute.example"


def letter(
    day: float,
    sender: str = BEN,
    to: str = ANA,
    subject: str = "The draft",
    text: str = "Dear Ana, here is the draft that we talked about.",
    name: str = "",
    received: bool = True,
    **fields: str,
) -> bytes:
    """Write a message of that day; `fields` are more header fields, `_` for `-`."""
    moment = format_datetime(START + timedelta(days=day))
    number = zlib.crc32(f"{day} {sender} {subject}".encode("utf-8", "surrogateescape"))
    lines = []
    if received:
        lines += [
            f"Delivered-To: {to.partition(',')[0]}",
            f"Received: from mx.{sender.rpartition('@')[2]} (mx.{sender.rpartition('@')[2]} [192.0.2.7]) by "
            f"mx.campaign.example with ESMTPS; {moment}",
        ]
    lines += [
        f"Message-ID: <{number}@{sender.rpartition('@')[2]}>",
        f"Date: {moment}",
        f"From: {name} <{sender}>" if name else f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        *(f"{key.replace('_', '-')}: {value}" for key, value in fields.items()),
        "",
        text,
        "",
    ]
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def mbox(messages: Sequence[bytes]) -> bytes:
    """Write an mbox (mboxrd)."""
    return b"".join(b"From - Fri Mar  1 09:00:00 2024\n" + message + b"\n" for message in messages)


def letters(count: int) -> list[bytes]:
    """Write so many messages, some by Ana herself."""
    return [
        letter(number, ANA, BEN, f"Letter {number}", received=False)
        if number % 5 == 4
        else letter(number, f"person{number % 7}@institute.example", subject=f"Letter {number}")
        for number in range(count)
    ]


def run(*arguments: str | Path) -> Result:
    """Run a verb in this process, reading in a thread: starting processes is slow. Only an expected end is taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("watchword.engine.executor", _threads)
        result = CliRunner().invoke(main, [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def process(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a verb as a user does, in a process of its own."""
    return subprocess.run(command(*arguments), capture_output=True, env={**os.environ, **environment}, timeout=120)


def command(*arguments: str | Path) -> list[str]:
    """Give the command line of a verb."""
    return [sys.executable, "-c", "from watchword.cli import main; main()", *map(str, arguments)]


def report(case: Path) -> Any:  # noqa: ANN401  # JSON
    """Read what the last run reported."""
    return json.loads((case / "out" / "report.json").read_text("utf-8"))


def ask(case: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the tables of a case."""
    with OpenCase(case) as opened:
        return opened.connection.execute(query).fetchall()


def adds_up(case: Path) -> tuple[int, ...]:
    """Give found, judged, repeated, rejected of a case, after checking that every count of them agrees."""
    with OpenCase(case) as opened:
        by_source = _one(
            opened.connection, "select sum(found), sum(messages), sum(repeated), sum(rejected) from sources"
        )
        assert _one(
            opened.connection, "select count(*) from sources where found <> messages + repeated + rejected"
        ) == (0,)
        assert _one(opened.connection, "select count(*) from rejections") == (by_source[3],)
        assert _one(opened.connection, "select count(*) from sightings") == (by_source[1] + by_source[2],)
        assert _one(opened.connection, "select count(*) from verdicts") == (by_source[1],)
        for table in ("messages", "message_facts", "places", "relationships", "conversations"):
            assert (
                _one(opened.connection, f"select count(*), count(distinct message) from {table}") == (by_source[1],) * 2
            )
    told = report(case)["counts"]
    assert (told["found"], told["judged"], told["repeated"], told["rejected"]) == by_source
    assert told["unjudged"] == 0
    return by_source


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, ...]:
    return connection.execute(query).fetchall()[0]


def _threads(workers: int) -> Executor:
    return ThreadPoolExecutor(workers)
