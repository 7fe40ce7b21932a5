"""Questions to the tables of a case, answered with Python's own types."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()
) -> Iterator[tuple[Any, ...]]:
    """Run a query and give its rows; times come back in UTC, whatever the session's time zone."""
    table = connection.sql(sql, params=list(parameters)).to_arrow_table()
    lists = [
        [value.astimezone(UTC) if isinstance(value, datetime) else value for value in column.to_pylist()]
        for column in table.columns
    ]
    return zip(*lists, strict=True)
