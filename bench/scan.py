"""How fast mailboxes are read: our mbox scanner against `mailbox.mbox`, in the same run, on mail that we make here.

    python bench/scan.py [--megabytes 200] [--json FILE]

Figures are CPU time, so that other work on the machine counts little. Each reader runs in a process of its own, so
that the peak of memory is its own.
"""

import argparse
import base64
import json
import mailbox
import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from watchword.read import RawMessage, cut, find_sources, read_shard
from watchword.read.mbox import next_separator
from watchword.read.window import Pages


def write(path: Path, size: int) -> int:
    """Write an mbox of about `size` bytes of text mail and attachments; give the number of messages."""
    chance = random.Random(20240101)  # noqa: S311 - the same mailbox in every run
    words = "we meet on monday at the office from the list of donors please send it again tomorrow".split()
    written = number = 0
    with path.open("wb") as file:
        while written < size:
            lines = [" ".join(chance.choices(words, k=12)) for _ in range(chance.randint(5, 120))]
            if number % 10 == 0:
                lines.insert(3, ">From Monday on we meet elsewhere")
            text = "\n".join(lines)
            attached = base64.encodebytes(chance.randbytes(chance.choice([0, 0, 3_000, 60_000]))).decode()
            data = (
                f"From ann{number % 50}@press.example Mon Jan  1 08:00:00 2024\nReturn-Path: <a@press.example>\n"
                f"Received: from a.example by b.example; Mon, 1 Jan 2024 08:00:00 +0000\n"
                f"From: Ann <ann{number % 50}@press.example>\nTo: bo@campaign.example\nSubject: note {number}\n"
                f"Message-ID: <{number}@press.example>\n\n{text}\n{attached}\n\n"
            ).encode()
            written += file.write(data)
            number += 1
    return number


def separators(path: Path) -> int:
    """Find where the messages begin, and nothing more."""
    count = 0
    with Pages(path) as window:
        found = next_separator(window, 0, len(window))
        while found:
            count += 1
            window.forget(found[0])
            found = next_separator(window, found[0] + 5, len(window))
    return count


def scan(path: Path) -> int:
    """Read every message as the main job does: cut out, unquoted, hashed."""
    (source,), _ = find_sources([path], spool=path.parent)
    return sum(isinstance(item, RawMessage) for shard in cut(source) for item in read_shard(shard))


def index_stdlib(path: Path) -> int:
    """Find where the messages begin, with the standard library."""
    return len(mailbox.mbox(path, create=False))


def scan_stdlib(path: Path) -> int:
    """Read every message's bytes with the standard library."""
    box = mailbox.mbox(path, create=False)
    return sum(len(box.get_bytes(key)) > 0 for key in box.iterkeys())


def measure(read: Callable[[Path], int], path: Path) -> tuple[int, float, float]:
    """Run a reader in a fresh process: messages, CPU seconds, peak memory in MB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (read, path))


def _timed(read: Callable[[Path], int], path: Path) -> tuple[int, float, float]:
    start = time.process_time()
    count = read(path)
    return count, time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, print a table, and write the figures as JSON if asked."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--megabytes", type=int, default=200)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--corpora", type=Path, help="not needed here; taken so that every bench is called alike")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.mbox"
        messages = write(path, given.megabytes * 1_000_000)
        size = path.stat().st_size / 1e6
        figures = {}
        print(f"{messages:,} messages, {size:.0f} MB\n{'':44}{'MB per CPU s':>14}{'peak MB':>9}")
        for name, read in {
            "find messages, watchword": separators,
            "find messages, mailbox.mbox": index_stdlib,
            "read and hash messages, watchword": scan,
            "read messages (no hash), mailbox.mbox": scan_stdlib,
        }.items():
            runs = sorted(measure(read, path) for _ in range(3))
            count, seconds, peak = runs[1]
            if count != messages:
                raise SystemExit(f"{name}: {count} messages instead of {messages}")
            figures[name] = {"mb_per_cpu_second": round(size / seconds, 1), "peak_mb": round(peak, 1)}
            print(f"{name:44}{size / seconds:14.0f}{peak:9.0f}")
        rates = [figure["mb_per_cpu_second"] for figure in figures.values()]
        ratios = {"find": round(rates[0] / rates[1], 1), "read": round(rates[2] / rates[3], 1)}
        print(f"ratio: find {ratios['find']}, read {ratios['read']}")
        if given.json:
            report = {"messages": messages, "megabytes": round(size), "readers": figures, "ratio": ratios}
            given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
