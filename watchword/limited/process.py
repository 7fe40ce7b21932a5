"""One process with limits for each process that reads mail: started when first asked, asked again and again.

Where the file takes longer than its seconds, needs more memory than there is, or kills the process, what was found up
to then is given back with the reason, and the next question starts a new process.

On Linux the limits are on CPU time, address space, open files (none: neither a file nor a connection can be opened),
written files (none), new processes (none, except for root) and core dumps (none); a filter on system calls
(seccomp) is put on x86-64 and AArch64. macOS has the same limits but does not hold processes to that on memory.
Windows has neither: there the process can be lost without harm, and is ended when its time is over, no more.
"""

import atexit
import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, cast

from watchword.limited import wire
from watchword.limited.wire import Finding, Question

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 4.0  # of CPU time for one question
FINDINGS = 20_000
FOUND = 256 * 1024 * 1024  # bytes of all findings together
RENEWED = 2_000  # questions after which a process is replaced, as native libraries lose memory

_START = "import sys; sys.path[:] = sys.argv[2:]; from watchword.limited.inside import serve; serve(int(sys.argv[1]))"


class Answer(NamedTuple):
    """What was found, and why the process stopped if it did not come to the end."""

    findings: list[Finding]
    stopped: str = ""
    seconds: float = 0.0  # CPU time, or where it was lost the time it had


class Process:
    """The process with limits. A process that was forked, or lost the other side, starts a new one."""

    def __init__(self, memory: int = MEMORY) -> None:
        """Start nothing yet."""
        self.memory = memory
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._asked = 0
        self._turn = threading.Lock()

    @property
    def id(self) -> int | None:
        """The number of the process that runs now, None if none does."""
        return self._child.pid if self._child is not None else None

    def ask(self, question: Question, seconds: float = SECONDS) -> Answer:
        """Have a file looked at, for at most so many seconds of CPU time and, on a busy machine, twice as long.

        Raises nothing but what a caller's own watchdog raises meanwhile; the process is ended then.
        """
        with self._turn:
            is_gone = self._child is not None and self._owner == os.getpid() and self._child.poll() is not None
            if is_gone or self._owner != os.getpid() or self._asked >= RENEWED:
                self.close()
            try:
                return self._ask(question, seconds)
            except BaseException:
                self.close()
                raise

    def _ask(self, question: Question, seconds: float) -> Answer:
        try:
            child = self._child or self._start()
        except TimeoutError:  # the caller's watchdog; an OSError, too
            raise
        except OSError as error:
            return Answer([], f"no process could be started: {error}", seconds)
        stdin, stdout = cast(BinaryIO, child.stdin), cast(BinaryIO, child.stdout)
        self._asked += 1
        late = threading.Event()

        def end() -> None:
            late.set()
            child.kill()

        watch = threading.Timer(2 * seconds + 1, end)
        watch.daemon = True
        watch.start()
        findings: list[Finding] = []
        try:
            head = {"task": question.task, "words": list(question.words), "numbers": dict(question.numbers)}
            wire.send(stdin, head | {"seconds": seconds}, question.data)
            for finding in _findings(stdout):
                if finding.what == "end":
                    spent = min(max(0.0, float(finding.value)), seconds)
                    if finding.shown:
                        self.close()  # it may be short of memory
                    return Answer(findings, finding.shown, spent)
                findings.append(finding)
            reason = "it gave back too much"
        except TimeoutError:
            raise
        except (ValueError, wire.GarbledError):
            reason = "it gave back what cannot be read"
        except (OSError, wire.ClosedError):
            reason = "" if late.is_set() else _reason(child)
        finally:
            watch.cancel()
        self.close()
        return Answer(findings, reason or "it took too long", seconds)

    def _start(self) -> subprocess.Popen[bytes]:
        # Isolated (-I): no environment, no user's packages; the path is ours, so that it finds what we found.
        path = [str(place) if place else os.getcwd() for place in sys.path]  # noqa: PTH109  # as `sys.path` holds it
        words = [sys.executable, "-I", "-c", _START, str(self.memory), *path]
        kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}  # Windows starts none without
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and code
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
            cwd=os.path.abspath(os.sep),  # noqa: PTH100  # the root of the drive
            start_new_session=True,  # the terminal's Ctrl-C is for us
        )
        self._owner = os.getpid()
        self._asked = 0
        return self._child

    def close(self) -> None:
        """End the process, if one runs."""
        child, self._child = self._child, None
        if child is None:
            return
        if self._owner == os.getpid():
            child.kill()
            child.wait()
        else:
            child.returncode = 0  # it is our parent's
        for stream in (child.stdin, child.stdout):
            with contextlib.suppress(BrokenPipeError):
                cast(io.BufferedIOBase, stream).close()


def _findings(stream: BinaryIO) -> Iterator[Finding]:
    size = 0
    for _ in range(FINDINGS):
        head, data = wire.receive(stream)
        size += len(data)
        if size > FOUND:
            return
        yield Finding(wire.word(head.get("what")), wire.word(head.get("value")), wire.word(head.get("shown")), data)


def _reason(child: subprocess.Popen[bytes]) -> str:
    try:
        code = child.wait(1)
    except subprocess.TimeoutExpired:
        return "it ended its answer"
    if -code == getattr(signal, "SIGPROF", None):  # the timer of `inside`
        return "it took too long"
    return f"it was stopped by signal {-code}" if code < 0 else f"it ended with {code}"


_PROCESS = Process()
atexit.register(_PROCESS.close)


def ask(question: Question, seconds: float = SECONDS) -> Answer:
    """Have a file looked at by this process's one process with limits."""
    return _PROCESS.ask(question, seconds)
