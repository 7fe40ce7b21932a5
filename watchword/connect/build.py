"""Build every table of connection, in the order in which one rests on another."""

from collections.abc import Callable

from watchword import tables
from watchword.case import Case
from watchword.connect.operations import operations
from watchword.engine import Connection, store, view


def build(case: Case, connection: Connection, step: Callable[[str], None] = lambda _: None) -> None:
    """Fill the tables of `tables.CONNECTION`. `step` is told what is being looked at, for progress."""
    operations(case, connection, step)
    for name in ("rungs", "matches"):
        store(case, name, tables.schema(name).empty_table())
        view(connection, case, name)
