"""How fast the whole job is, stage by stage, beside what people would otherwise take, in the same run.

    python -m bench.speed --corpora DIR --json FILE [--sample 400] [--rounds 5] [--corpus mail/openbmc ...]

Stages and peers take turns over the same messages in one process, so that a busy machine slows all alike; a figure is
messages per CPU second, median over the rounds. A peer that is not installed is left out and said to be. The whole
job is then run once as a user runs it, over the same messages, for its CPU seconds and peak memory, children included.
"""

import argparse
import contextlib
import email
import email.policy
import importlib
import importlib.metadata
import io
import itertools
import json
import logging
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchword.case import Case
from watchword.connect import build as connection_tables
from watchword.context.build import build, received
from watchword.disclose.report import write_report
from watchword.engine import CONNECT_MEMORY, session
from watchword.investigate import connect, fetch, read
from watchword.judge.detector import detectors
from watchword.judge.judge import judge
from watchword.judge.weights import weights
from watchword.match.matches import fill as matches
from watchword.observe import batches, observe
from watchword.observe.cues import Lexicon, lexicon
from watchword.parse.message import parse
from watchword.progress import Silent
from watchword.read import RawMessage, cut, find_sources, read_shards

CORPORA = ("mail/phishing_pot", "mail/openbmc", "mail/trec07p")


@dataclass(slots=True)
class Speed:
    """How fast one corpus went through; every figure without a unit is messages per CPU second."""

    messages: int = 0
    kilobytes: float = 0  # of a message, mean
    stages: dict[str, float] = field(default_factory=dict)
    milliseconds: dict[str, float] = field(default_factory=dict)  # CPU, of one message, by stage
    all_stages: float = 0
    peers: dict[str, float] = field(default_factory=dict)
    times_naive: float = 0  # all our stages against `email.policy.default` and BeautifulSoup
    job_cpu_seconds: float = 0  # of `watchword investigate` with one worker, with starting the processes
    job_seconds: float = 0
    peak_megabytes: float = 0  # of the greatest process of that job


# ---------------------------------------------------------------- peers


def naive(data: bytes) -> None:
    """`email.policy.default`: every header field, every part decoded, HTML through BeautifulSoup."""
    soup_of = importlib.import_module("bs4").BeautifulSoup

    with contextlib.suppress(Exception):  # it raises on a part of hostile mail; that costs it no time here
        message = email.message_from_bytes(data, policy=email.policy.default)
        for value in message.values():
            str(value)
        for part in message.walk():
            if part.is_multipart():
                continue
            with contextlib.suppress(Exception):
                content = part.get_content()
                if part.get_content_type() == "text/html":
                    soup = soup_of(content, "html.parser")
                    _ = [link.get("href") for link in soup.find_all("a")], soup.get_text()


def eml_parser(data: bytes) -> None:
    """eml_parser with its own settings, bodies and attachments included."""
    parser = importlib.import_module("eml_parser").EmlParser
    with contextlib.suppress(Exception):
        parser(include_raw_body=True, include_attachment_data=True).decode_email_bytes(data)


def mail_parser(data: bytes) -> None:
    """mail-parser: everything that it gives as JSON."""
    parser = importlib.import_module("mailparser")
    with contextlib.suppress(Exception):
        _ = parser.parse_from_bytes(data).mail_json


PEERS: dict[str, tuple[str, Callable[[bytes], None]]] = {
    "email + BeautifulSoup": ("beautifulsoup4", naive),
    "eml_parser": ("eml_parser", eml_parser),
    "mail-parser": ("mail-parser", mail_parser),
}


def installed() -> dict[str, str]:
    """Give the peers that are installed, with their versions."""
    found = {}
    for name, (package, _) in PEERS.items():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = f"{package} {importlib.metadata.version(package)}"
    return found


# ---------------------------------------------------------------- stages


def each_message(folder: Path) -> Iterator[RawMessage]:
    """Read every message of a folder."""
    found, _ = find_sources([folder], spool=folder)
    for source in found:
        for _, items in read_shards(cut(source)):
            for item in items:
                if isinstance(item, RawMessage):
                    yield item


@contextlib.contextmanager
def spent(on: dict[str, list[float]], name: str) -> Iterator[None]:
    """Note the CPU seconds of this process that are spent in the `with`."""
    begun = time.process_time()
    yield
    on[name].append(time.process_time() - begun)


def stages(folder: Path, work: Path, on: dict[str, list[float]]) -> None:
    """Go once through all stages over the messages of a folder, and note the CPU seconds of each."""
    case = Case.create(work)
    with spent(on, "read"):
        raw = list(each_message(folder))
    with spent(on, "parse"):
        for item in raw:
            parse(item.data)
    known = lexicon(case.knowledge)
    kept = batches._Rows()
    with spent(on, "parse and observe"):
        rows = [list(observe(item, "bench", known)) for item in raw]
    on["observe"].append(on["parse and observe"].pop() - on["parse"][-1])
    with spent(on, "write Parquet"):
        for facts in rows:
            kept.add(facts)
        kept.write(work / "tables", "bench")
    del rows, kept
    read(case, [folder], {}, _here, 1, Silent())
    with session(case, list(batches.planned(case))) as connection:
        with spent(on, "context"):
            build(case, connection, case.sources())
            received(connection, kept=True)
        with spent(on, "judge"):
            judge(case, connection, detectors(), weights(), 3.0)
    with session(case, list(batches.planned(case)), memory=CONNECT_MEMORY) as connection, spent(on, "connect"):
        connection_tables.build(case, connection)
        matches(case, connection)
    with connect(case) as connection, spent(on, "report"):
        write_report(
            connection, lambda keys: fetch(case, connection, keys), case.out,
            title="bench", generated=datetime(2024, 1, 1, tzinfo=UTC), version="bench", per_week=3.0,
        )  # fmt: skip


def _here() -> Executor:
    return ThreadPoolExecutor(1)


def observers(raw: Sequence[RawMessage], known: Lexicon) -> dict[str, float]:
    """Give the CPU milliseconds that each observer takes of a message, by wrapping the names in `observe`."""
    import watchword.observe as room

    taken: dict[str, float] = defaultdict(float)
    names = ("route", "authors", "recipients", "hops", "authentications", "signatures", "texts", "links", "attachments",
             "cues", "mentions", "language", "message_row")  # fmt: skip
    before = {name: getattr(room, name) for name in names}

    def wrapped(name: str) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:  # noqa: ANN401  # whatever the observer takes and gives
            begun = time.perf_counter_ns()
            try:
                return before[name](*given, **named)
            finally:
                taken[name] += time.perf_counter_ns() - begun

        return timed

    for name in names:
        setattr(room, name, wrapped(name))
    try:
        for item in raw:
            for _ in observe(item, "bench", known):
                pass
    finally:
        for name, function in before.items():
            setattr(room, name, function)
    return {name: round(amount / 1e6 / max(len(raw), 1), 4) for name, amount in taken.items()}


def job(folder: Path, case: Path) -> tuple[float, float, float]:
    """Run the whole job as a user does: CPU seconds, seconds, megabytes of the greatest process."""
    watched = (
        "import resource, subprocess, sys, time; begun = time.perf_counter();"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_utime + used.ru_stime, time.perf_counter() - begun, used.ru_maxrss / 1024)"
    )
    words = [sys.executable, "-m", "watchword.cli", "investigate", str(folder), "--case", str(case), "--workers", "1"]
    words[1:3] = ["-c", "from watchword.cli import main; main()"]
    done = subprocess.run([sys.executable, "-c", watched, *words], check=True, capture_output=True, text=True)  # noqa: S603  # our own
    cpu, seconds, megabytes = map(float, done.stdout.split())
    return cpu, seconds, megabytes


def sampled(corpus: Path, many: int) -> list[Path]:
    """Take so many files, evenly over a corpus in the order of their names."""
    files = sorted(path for path in corpus.rglob("*") if path.is_file() and path.stat().st_size)
    step = max(1, len(files) // many) if many else 1
    return list(itertools.islice(files[::step], many or None))


def measure(corpus: Path, many: int, rounds: int, peers: Sequence[str]) -> Speed:
    """Measure one corpus."""
    speed = Speed()
    times: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "mail"
        folder.mkdir()
        for number, path in enumerate(sampled(corpus, many)):
            os.link(path, folder / f"{number}.eml") if _same_disk(path, folder) else (
                folder / f"{number}.eml"
            ).write_bytes(path.read_bytes())
        raw = list(each_message(folder))
        for number in range(rounds):
            stages(folder, Path(place) / f"case{number}", times)
            for name in peers:
                with spent(times, name), contextlib.redirect_stderr(io.StringIO()):
                    for item in raw:
                        PEERS[name][1](item.data)
        by_observer = observers(raw, lexicon(Path(place)))
        speed.job_cpu_seconds, speed.job_seconds, speed.peak_megabytes = (
            round(figure, 2) for figure in job(folder, Path(place) / "job")
        )
    speed.messages = len(raw)
    speed.kilobytes = round(sum(item.size for item in raw) / len(raw) / 1000, 1)
    median = {name: statistics.median(found) for name, found in times.items() if found}
    ours = {name: seconds for name, seconds in median.items() if name not in PEERS}
    speed.stages = {name: round(len(raw) / seconds, 1) for name, seconds in ours.items()}
    speed.milliseconds = {name: round(seconds * 1000 / len(raw), 4) for name, seconds in ours.items()}
    speed.milliseconds |= {f"observe: {name}": amount for name, amount in by_observer.items()}
    speed.all_stages = round(len(raw) / sum(ours.values()), 1)
    speed.peers = {name: round(len(raw) / median[name], 1) for name in peers}
    if "email + BeautifulSoup" in speed.peers:
        speed.times_naive = round(speed.all_stages / speed.peers["email + BeautifulSoup"], 1)
    return speed


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def main() -> None:
    """Measure and write the figures down."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--corpora", type=Path, required=True)
    asked.add_argument("--json", type=Path, required=True)
    asked.add_argument("--sample", type=int, default=400, help="messages of each corpus, 0 for all")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--corpus", action="append", help="folder under the corpora, may be repeated")
    given = asked.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    peers = installed()
    told: dict[str, Any] = {
        "python": platform.python_version(),
        "peers": peers | {name: "not installed" for name in PEERS if name not in peers},
        "sample": given.sample,
        "rounds": given.rounds,
        "corpora": {},
    }
    for name in given.corpus or CORPORA:
        speed = measure(given.corpora / name, given.sample, given.rounds, list(peers))
        told["corpora"][name] = asdict(speed)
        print(f"{name}: {speed.messages} messages of {speed.kilobytes} kB")
        for stage, figure in (speed.stages | {"all stages": speed.all_stages} | speed.peers).items():
            print(f"  {stage:24} {figure:>10,.0f} messages per CPU second")
        print(f"  {speed.times_naive} times the naive stack; whole job {speed.job_cpu_seconds} CPU seconds, "
              f"{speed.peak_megabytes:.0f} MB at most")  # fmt: skip
    told["peak_megabytes_here"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    given.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
