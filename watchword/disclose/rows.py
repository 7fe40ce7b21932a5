"""Rows of a query as a table for the eye, CSV, JSON or Parquet."""

import csv
import json
import sys
from pathlib import Path
from typing import IO

import duckdb
import pyarrow.parquet as pq

from watchword.case import write_whole
from watchword.disclose.visible import visible
from watchword.errors import WatchwordError

SHOWN = 60  # characters of a cell in the terminal


def write_rows(result: duckdb.DuckDBPyConnection, form: str, output: Path | None) -> None:
    """Write the rows of a query that was just executed. `form` is table, csv, json or parquet."""
    if form == "parquet":
        if output is None:
            raise WatchwordError("Parquet is not text.", do="Say where to with --output FILE.")
        table = result.to_arrow_table()
        with output.open("wb") as stream:
            pq.write_table(table, stream)
        return
    names = [column[0] for column in result.description or []]
    rows = result.fetchall()
    if output is None:
        _text(names, rows, form, sys.stdout)
        return
    import io

    buffer = io.StringIO()
    _text(names, rows, form, buffer)
    write_whole(output, buffer.getvalue())


def _text(names: list[str], rows: list[tuple[object, ...]], form: str, stream: IO[str]) -> None:
    if form == "json":
        json.dump(
            [dict(zip(names, row, strict=True)) for row in rows], stream, default=str, ensure_ascii=False, indent=1
        )
        stream.write("\n")
    elif form == "csv":
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    else:
        cells = [names, *([visible("" if cell is None else str(cell))[:SHOWN] for cell in row] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for number, line in enumerate(cells):
            stream.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n")
            if not number:
                stream.write("  ".join("-" * width for width in widths) + "\n")
        stream.write(f"({len(rows)} rows)\n")
