"""The process with limits: it answers, it can be lost, and it can do nothing else."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_codes import ask_in_a_worker, code_picture, saved
from tests.small_pdf import Pdf
from watchword.limited import process, wire
from watchword.limited.process import MEMORY, Process
from watchword.limited.wire import Finding, Question

SAID = "https://a.example/q"
linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc, and limits that hold")


def question() -> Question:
    """Ask something simple."""
    return Question("codes", saved(code_picture(SAID), "PNG"))


def slow() -> Question:
    """Ask something that takes seconds: hundreds of megabytes of packed objects."""
    document, packed = Pdf(), zlib.compress(bytes([32]) * 30_000_000)
    for _ in range(30):
        document.add(b"/Type /ObjStm /N 1 /First 10 /Filter /FlateDecode", packed, packed=False)
    return Question("pdf", document.write(), (), {"pages": 1})


SLOW = slow()


def test_one_process_answers_again_and_again() -> None:
    """The process is started when first asked, and the same one answers the next question."""
    limited = Process()
    assert limited.id is None
    assert Finding("code", SAID, "QRCode") in limited.ask(question()).findings
    first = limited.id
    assert Finding("code", SAID, "QRCode") in limited.ask(question()).findings
    assert limited.id == first
    limited.close()


def test_what_takes_too_long_is_ended() -> None:
    """A file that takes longer than its CPU time costs that file; a new process answers the next question."""
    limited = Process()
    begun = time.perf_counter()
    answer = limited.ask(SLOW, 0.2)
    assert answer.stopped == "it took too long"
    assert time.perf_counter() - begun < 10
    assert limited.id is None
    assert limited.ask(question()).findings
    limited.close()


@linux
def test_what_needs_too_much_memory_is_ended() -> None:
    """A page that unpacks to a gigabyte ends the process at its limit, and what was told before is kept."""
    document = Pdf()
    document.page(drawing=b"q " * 5_000_000)
    limited = Process()
    answer = limited.ask(Question("pdf", document.write(), (), {"pages": 1}))
    assert answer.stopped
    assert Finding("pages", "1") in answer.findings
    assert limited.ask(question()).findings
    limited.close()


@linux
def test_limits_are_seen_by_the_system() -> None:
    """The kernel holds the process to 512 MB of address space, no open files, no written bytes and no core."""
    limited = Process()
    limited.ask(question())
    said = Path(f"/proc/{limited.id}/limits").read_text("ascii")
    limits = {line[:26].strip(): line[26:].split()[:2] for line in said.splitlines()}
    assert limits["Max address space"] == [str(MEMORY)] * 2
    for name in ("Max open files", "Max file size", "Max core file size", "Max processes"):
        assert limits[name] == ["0", "0"], name
    environment = Path(f"/proc/{limited.id}/environ").read_bytes()
    assert environment == b""
    limited.close()


@linux
def test_inside_nothing_else_can_be_done() -> None:
    """Neither a file nor a connection can be opened, no program started, no file removed, and no limit raised."""
    tries = """
import os, resource, socket, subprocess, sys
from watchword.limited import inside
attempts = {
    "open": lambda: open("/etc/hostname"),
    "connect": lambda: socket.socket(),
    "start": lambda: os.execv("/bin/true", ["true"]),
    "fork": lambda: os.fork(),
    "remove": lambda: os.unlink(sys.argv[1]),
    "raise": lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
}
inside._limit(1 << 29)
for name, attempt in attempts.items():
    try:
        attempt()
    except (OSError, ValueError):
        continue
    os.write(1, name.encode() + b" ")
"""
    mark = Path(f"/tmp/watchword-{os.getpid()}")  # noqa: S108  # it only has to be there
    mark.touch()
    try:
        done = subprocess.run([sys.executable, "-c", tries, str(mark)], capture_output=True, check=False)
    finally:
        mark.unlink()
    assert (done.stdout, done.returncode) == (b"", 0), done.stderr


@linux
def test_it_ends_when_its_owner_is_killed() -> None:
    """A process whose owner was killed without a chance to clean up ends by itself."""
    owner = """
import os, signal
from watchword.limited.process import Process
from watchword.limited.wire import Question
limited = Process()
limited.ask(Question("codes", b""))
os.write(1, str(limited.id).encode())
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", owner], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL
    status = Path(f"/proc/{int(done.stdout)}/stat")
    until = time.monotonic() + 10
    while status.exists() and status.read_text("ascii").split()[2] != "Z":
        assert time.monotonic() < until, "it still runs"
        time.sleep(0.02)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer")
def test_the_callers_watchdog_passes_through() -> None:
    """A watchdog that interrupts the wait is obeyed, and the next answer is not the late one of that question."""

    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError

    limited = Process()
    limited.ask(question())
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(TimeoutError):
            limited.ask(SLOW)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert Finding("code", SAID, "QRCode") in limited.ask(question()).findings
    limited.close()


def test_a_crash_costs_one_file() -> None:
    """A process that dies in the middle of a question gives the reason, and the next one is answered."""
    limited = Process()
    limited.ask(question())
    assert limited.id is not None
    threading.Timer(0.1, os.kill, (limited.id, signal.SIGTERM)).start()
    answer = limited.ask(SLOW)
    assert answer.stopped
    assert limited.ask(question()).findings
    limited.close()


@linux
def test_a_process_that_died_meanwhile_is_replaced() -> None:
    """A process that was ended between two questions, as for want of memory, costs no file."""
    limited = Process()
    limited.ask(question())
    assert limited.id is not None
    os.kill(limited.id, signal.SIGTERM)
    os.waitid(os.P_PID, limited.id, os.WEXITED | os.WNOWAIT)
    assert limited.ask(question()).stopped == ""
    limited.close()


def test_in_a_pool() -> None:
    """Each process of a pool has its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        (one, first), (two, second) = pool.map(ask_in_a_worker, [question()] * 2)
    assert one == two
    assert Finding("code", SAID, "QRCode") in one
    assert first == second != (process._PROCESS.id or 0)


def test_files_that_no_library_reads() -> None:
    """What a library raises on a bad file is an answer, and the process goes on."""
    limited = Process()
    for task in ("codes", "pdf"):
        (found,) = limited.ask(Question(task, b"%PDF-")).findings
        assert found.what == "unreadable"
    first = limited.id
    assert limited.ask(question()).findings
    assert limited.id == first
    limited.close()


def test_pictures_that_explode() -> None:
    """A picture that says it has 900 million pixels is not decoded, whatever it really holds."""
    picture = bytearray(saved(code_picture(SAID), "PNG"))
    picture[16:24] = (30_000).to_bytes(4, "big") * 2
    picture[29:33] = zlib.crc32(picture[12:29]).to_bytes(4, "big")
    limited = Process()
    assert [found.what for found in limited.ask(Question("codes", bytes(picture))).findings] == ["limit"]
    limited.close()


@given(st.text(), st.text(), st.binary())
def test_frames_come_back(value: str, shown: str, data: bytes) -> None:
    """What one side sends is what the other side receives."""
    stream = BytesIO()
    wire.send(stream, {"what": value, "shown": shown}, data)
    stream.seek(0)
    assert wire.receive(stream) == ({"what": value, "shown": shown}, data)
    with pytest.raises(wire.ClosedError):
        wire.receive(stream)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_a_broken_side_is_told(head: bytes, rest: bytes) -> None:
    """Bytes that are no frame are told as such, whatever they are."""
    framed = wire.HEAD.pack(len(head), len(rest)) + head + rest
    for stream in (BytesIO(head), BytesIO(framed), BytesIO(wire.HEAD.pack(1 << 31, 0))):
        try:
            said, _ = wire.receive(stream)
        except (wire.ClosedError, wire.GarbledError):
            continue
        assert isinstance(said, dict)
