"""Spam filters as programs beside us: started, asked over a socket, and what they said kept, since they are slow."""

import contextlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

# What other filters wrote into a message is taken out of the copy that is judged.
VERDICTS = re.compile(
    rb"(?im)^(?:x-spam[-a-z]*|x-ms-exchange-[-a-z]*-scl|x-microsoft-antispam[-a-z]*|x-forefront-antispam-report[-a-z]*"
    rb"|x-rspamd-[-a-z]*|x-spamd-[-a-z]*|x-barracuda-[-a-z]*|x-proofpoint-[-a-z]*|x-virus-scanned)"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*"
)
PATIENCE = 90  # seconds until a program that was started listens
AT_ONCE = 2  # messages that a program judges at the same time


@dataclass(frozen=True, slots=True)
class Filter:
    """One program, how it is started to listen on a port of this machine, and how it is asked for a score."""

    name: str
    program: str
    command: Callable[[Path, int], list[str]]  # of a folder of its own and the port
    settings: Callable[[Path, int], dict[str, str]]  # files to be written into that folder before
    ask: Callable[[int, bytes], float]

    @property
    def path(self) -> str:
        """Where the program lies; empty if it is not installed."""
        return shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin:/usr/local/sbin") or ""

    def version(self) -> str:
        """Say which version it is, in its own words."""
        command = [self.path, "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # a program of ours
        return (said.stdout or said.stderr).partition("\n")[0].strip()

    @contextlib.contextmanager
    def listening(self) -> Iterator[int]:
        """Start the program, give its port, and stop it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
            for name, content in self.settings(Path(folder), port).items():
                (Path(folder) / name).parent.mkdir(exist_ok=True)
                (Path(folder) / name).write_text(content, "utf-8")
            command = self.command(Path(folder), port)
            running = subprocess.Popen([self.path, *command], stdout=log, stderr=log)  # noqa: S603  # as above
            try:
                self._wait(running, port, Path(folder) / "log")
                yield port
            finally:
                running.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running.wait(20)
                running.kill()

    def _wait(self, running: subprocess.Popen[bytes], port: int, log: Path) -> None:
        until = time.monotonic() + PATIENCE
        while running.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.5)
        raise RuntimeError(f"{self.name} does not listen. It says: {log.read_text('utf-8', 'replace')[-2000:]}")


@dataclass(slots=True)
class Kept:
    """Scores by a message's digest, in a file that grows as they come: a second run costs nothing."""

    path: Path
    scores: dict[str, float]

    @classmethod
    def of(cls, program: Filter, folder: Path) -> "Kept":
        """Read what a program of this version, started this way, said before."""
        here = Path("/")
        way = repr((program.version(), program.command(here, 0), program.settings(here, 0), VERDICTS.pattern))
        path = folder / f"{program.name}-{sha256(way.encode()).hexdigest()[:12]}.txt"
        folder.mkdir(parents=True, exist_ok=True)
        lines = path.read_text("ascii").splitlines() if path.exists() else []
        return cls(path, {digest: float(score) for digest, score in (line.split() for line in lines if " " in line)})

    def add(self, found: Mapping[str, float]) -> None:
        """Keep more."""
        self.scores.update(found)
        with self.path.open("a", encoding="ascii") as file:
            file.writelines(f"{digest} {score}\n" for digest, score in found.items())


def cleaned(data: bytes) -> bytes:
    """Take other filters' verdicts out of the header."""
    end = re.search(rb"\n\r?\n", data)
    header = data[: end.start() + 1] if end else data
    return VERDICTS.sub(b"", header) + data[len(header) :]


def asked(program: Filter, port: int, letters: Mapping[str, bytes]) -> dict[str, float]:
    """Let a program score messages, several at once. What it cannot judge it does not flag."""

    def ask(data: bytes) -> float:
        with contextlib.suppress(OSError, ValueError):
            return program.ask(port, cleaned(data))
        with contextlib.suppress(OSError, ValueError):
            return program.ask(port, cleaned(data))
        return float("-inf")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(letters, pool.map(ask, letters.values()), strict=True))
