"""The watchdog over one message: whoever takes too long is interrupted where he stands."""

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Let the timer of `set_alarm` end in a TimeoutError. In threads, where there is none, nothing is watched."""

    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"took longer than {seconds} s")

    if not _can_watch():
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def set_alarm(seconds: float) -> None:
    """Start the timer, or stop it with 0."""
    if _can_watch():
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _can_watch() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
