"""Writes the report of a case: the page, its JSON, and the summary for the terminal."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
from rich.console import RenderableType

from watchword.case import Decision, write_whole
from watchword.disclose.answer import answer
from watchword.disclose.conversations import Fetch
from watchword.disclose.report_html import report_html
from watchword.disclose.report_json import report_json
from watchword.disclose.summary import summary
from watchword.judge.weights import Weights

SHOWN = 400  # messages in one report; a page of that many opens at once and stays under 5 MB
SHOWN_AT_LEAST = 10  # of each owner, however many owners there are


def write_report(
    connection: duckdb.DuckDBPyConnection,
    fetch: Fetch,
    folder: Path,
    *,
    title: str,
    generated: datetime,
    version: str,
    per_week: float,
    decisions: Sequence[Decision] = (),
    weights: Weights | None = None,
    receiving: Collection[str] = (),
    trusted_sealers: Collection[str] = (),
) -> RenderableType:
    """Write `report.html` and `report.json` into `folder` and give the summary to print.

    `per_week` is the budget that the verdicts were made with, `weights` likewise; without it the shipped ones.
    `receiving` and `trusted_sealers` are what the user said of servers in case.toml.
    """
    ((owners,),) = connection.execute("select count(distinct owner) from verdicts").fetchall()
    told = answer(
        connection,
        fetch,
        title=title,
        generated=generated,
        version=version,
        per_owner=max(SHOWN_AT_LEAST, SHOWN // max(1, owners)),
        per_week=per_week,
        decisions=decisions,
        weights=weights,
        receiving=receiving,
        trusted_sealers=trusted_sealers,
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "report.html", report_html(told))
    write_whole(folder / "report.json", report_json(told))
    return summary(told, folder / "report.html")
