"""Watchword finds out from mailboxes, offline, who was targeted by a state-backed operation, and how."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchword.investigate import OpenCase

__version__ = "0.1.0"


def open_case(path: str | Path) -> "OpenCase":
    """Open a case for notebooks: `open_case(path).table("verdicts")` is an Arrow table, `.sql(…)` a relation."""
    from watchword.investigate import OpenCase

    return OpenCase(Path(path))
