"""Build every table of connection, in the order in which one rests on another."""

from collections.abc import Callable

from watchword.case import Case
from watchword.connect.ladder import ladder
from watchword.connect.operations import operations
from watchword.context.build import received
from watchword.engine import Connection


def build(case: Case, connection: Connection, step: Callable[[str], None] = lambda _: None) -> None:
    """Fill the tables of `tables.CONNECTION` but `matches`. `step` is told what is being looked at, for progress."""
    operations(case, connection, step)
    step("did it work")
    received(connection)
    ladder(case, connection)
