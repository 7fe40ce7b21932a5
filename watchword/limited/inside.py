"""The side with limits: take a question, look at the file, give back what is found, until the other side ends."""

import codecs
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

try:
    import resource
except ImportError:  # Windows has none of it
    resource = None  # type: ignore[assignment]  # the module does not exist on Windows

from watchword.limited import calls, codes, pdf, wire
from watchword.limited.wire import Finding

Task = Callable[[bytes, Sequence[str], Mapping[str, int]], Iterator[Finding]]

TASKS: dict[str, Task] = {
    "pdf": pdf.read,
    "pdf-codes": pdf.codes_of,
    "codes": codes.read,
    "cells": codes.cells,
}


def serve(memory: int) -> None:
    """Answer questions on standard input and output until the input ends."""
    source = io.BufferedReader(io.FileIO(os.dup(0)))
    target = io.BufferedWriter(io.FileIO(os.dup(1), "w"))
    os.dup2(2, 1)  # what a library prints must not get among the answers
    codes.load()
    pdf.load()
    for coding in ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-le", "utf-16-be"):
        codecs.lookup(coding)  # loads it, as no file can be opened later
    _limit(memory)
    while True:
        try:
            head, data = wire.receive(source)
        except wire.ClosedError:
            return
        _limit_time(head.get("seconds"))
        begun = time.process_time()
        failed = ""
        try:
            task = TASKS[wire.word(head.get("task"))]
            for found in task(data, wire.words(head.get("words")), wire.numbers(head.get("numbers"))):
                wire.send(target, {"what": found.what, "value": found.value, "shown": found.shown}, found.data)
        except MemoryError:
            failed = "it needs too much memory"
        except Exception as error:  # whatever a library raises on a hostile file is an answer
            said = f"{type(error).__name__}: {error}"[:200]
            wire.send(target, {"what": "unreadable", "value": said, "shown": ""})
        _limit_time(0)
        del data
        wire.send(target, {"what": "end", "value": str(time.process_time() - begun), "shown": failed})


def _limit(memory: int) -> None:
    """Give up what is not needed."""
    if resource is None:
        return
    limits = [
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, 0),  # those open stay open
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ]
    for limit, value in limits:
        try:
            resource.setrlimit(limit, (value, value))
        except (OSError, ValueError):  # a system that does not know this one
            continue
    if sys.platform == "linux":
        calls.forbid()


def _limit_time(seconds: object) -> None:
    """Have the system end this process (SIGPROF) when it has taken so much more CPU time; 0 takes the limit off."""
    if hasattr(signal, "setitimer") and isinstance(seconds, int | float):
        signal.setitimer(signal.ITIMER_PROF, seconds)
