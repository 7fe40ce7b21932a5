"""How far the work is: told to nobody, or shown as bars with rate and remaining time."""

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Progress(Protocol):
    """Somebody who is told how far the work is."""

    def begin(self, title: str, total: int, unit: str = "") -> None:
        """Start a stage of `total` steps, or bytes if `unit` says so; 0 where nobody knows."""

    def advance(self, amount: int, note: str = "") -> None:
        """Go on by so many."""


class Silent:
    """Tells nobody."""

    def begin(self, title: str, total: int, unit: str = "") -> None:
        """Say nothing."""

    def advance(self, amount: int, note: str = "") -> None:
        """Say nothing."""


class Shown:
    """Bars on the terminal."""

    def __init__(self, bars: "Bars") -> None:
        """`bars` are on the screen already."""
        self.bars = bars
        self.task: TaskID | None = None

    def begin(self, title: str, total: int, unit: str = "") -> None:
        """Finish the bar before and start one."""
        self.finish()
        self.task = self.bars.add_task(title, total=total or None, note="", rate="")
        self.unit = unit

    def advance(self, amount: int, note: str = "") -> None:
        """Move the bar."""
        if self.task is not None:
            speed = self.bars.tasks[self.task].speed
            rate = f"{speed / 1_000_000:.1f} MB/s" if speed and self.unit == "bytes" else ""
            self.bars.update(self.task, advance=amount, note=note, rate=rate)

    def finish(self) -> None:
        """Fill the bar."""
        if self.task is not None:
            done = self.bars.tasks[self.task].total or 1
            self.bars.update(self.task, total=done, completed=done, note="")


@contextlib.contextmanager
def shown(quiet: bool) -> Iterator[Progress]:
    """Show progress on standard error, unless nobody or only a script would see it."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    with Progress(
        TextColumn("{task.description:22}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TextColumn("{task.fields[rate]:>11}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", style="dim"),
        console=Console(stderr=True),
    ) as bars:
        told = Shown(bars)
        yield told
        told.finish()
