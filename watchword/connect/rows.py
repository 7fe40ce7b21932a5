"""Rows of a table as Arrow."""

from collections.abc import Sequence

import pyarrow as pa

from watchword import tables


def table(name: str, rows: Sequence[object]) -> pa.Table:
    """Make the table called `name` of rows that are instances of its class."""
    schema = tables.schema(name)
    return pa.table(
        {field.name: pa.array([getattr(row, field.name) for row in rows], field.type) for field in schema},
        schema=schema,
    )
