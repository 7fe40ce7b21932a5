"""How a table is declared: a frozen dataclass is one row, and `Annotated` says what a column holds and in which unit.

`message` is everywhere the SHA-256 of a message's bytes in hexadecimal. Times are UTC. A missing value is None where
the type says so, and otherwise the empty string, list or zero.
"""

import dataclasses
import functools
import types
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

Key = Annotated[str, "SHA-256 of the message's bytes, hexadecimal"]
Ordinal = Annotated[int, "counts from 0 within the message, in the order of the bytes"]
PartNumber = Annotated[int, "number of the MIME part, 0 is the message itself, parts in the order of the bytes"]

_ARROW: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
    list[str]: pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its name, Arrow type, whether it may be missing, and what it holds."""

    name: str
    type: pa.DataType
    nullable: bool
    says: str


@functools.cache
def columns(row: type) -> tuple[Column, ...]:
    """Read the columns of a table from its row class."""
    hints = get_type_hints(row, include_extras=True)
    found = []
    for field in dataclasses.fields(row):
        bare, says = get_args(hints[field.name])[:2]
        nullable = False
        if get_origin(bare) in (Union, types.UnionType):
            (bare,) = [kind for kind in get_args(bare) if kind is not type(None)]
            nullable = True
        found.append(Column(field.name, _ARROW[bare], nullable, typing.cast(str, says)))
    return tuple(found)
