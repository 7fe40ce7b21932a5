"""Time and memory of connecting very many messages.

    python -m bench.linking.bulk --out MAIL --messages 100000
    python -m bench.connecting MAIL --case DIR [--memory 1000]

reads and judges the generated mailboxes once, with every hostile message decided malicious, and then times connecting
alone: wall, CPU seconds, peak memory of the process, and the steps that took longest. `--memory` is DuckDB's own limit;
beyond it, it spills to disk.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from watchword import engine
from watchword.case import Case, write_whole
from watchword.connect.operations import operations
from watchword.engine import is_judged, session
from watchword.investigate import read, rejudge
from watchword.observe.batches import planned
from watchword.progress import Silent


def prepared(mail: Path, folder: Path) -> Case:
    """Read and judge the mailboxes as a case, unless that was done before."""
    case = Case.create(folder)
    if is_judged(case):
        return case
    owners = json.loads((mail / "owners.json").read_text("utf-8"))
    given = {str(mail / owner["mailbox"]): owner["addresses"][0] for owner in owners.values()}
    count = engine.processors()
    read(case, sorted(mail.glob("*.mbox")), given, partial(engine.executor, count), count, Silent())
    truth = (json.loads(line) for line in (mail / "truth.jsonl").open(encoding="utf-8"))
    rows = ({"message": one["sha256"], "decision": "malicious", "because": "given", "time": ""} for one in truth)
    write_whole(case.path / "decisions.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    rejudge(case, 3, Silent())
    return case


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mail", type=Path, help="folder that bench.linking.bulk wrote")
    parser.add_argument("--case", type=Path, required=True)
    parser.add_argument("--memory", type=int, default=engine.CONNECT_MEMORY, help="MB")
    asked = parser.parse_args(arguments)
    begun = time.monotonic()
    case = prepared(asked.mail, asked.case)
    print(f"prepared in {time.monotonic() - begun:.0f} s", flush=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    steps: list[tuple[str, float]] = []
    wall, cpu = time.monotonic(), time.process_time()
    with session(case, list(planned(case)), memory=asked.memory) as connection:
        operations(case, connection, lambda note: steps.append((note, time.monotonic())))
        end = time.monotonic()
        told = connection.execute(
            """select count(*) filter (messages > 1), sum(messages) filter (messages > 1),
                (select count(*) from verdicts), (select count(*) from ties) from operations"""
        ).fetchall()
    print("operations of several messages, their messages, messages of the case, rows of ties:", *told[0])
    print(f"connect: {end - wall:.1f} s, {time.process_time() - cpu:.1f} CPU s")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB, {before} before")
    times = [(after - at, note) for (note, at), (_, after) in zip(steps, [*steps[1:], ("", end)], strict=True)]
    for seconds, note in sorted(times, reverse=True)[:6]:
        print(f"  {seconds:6.1f} s  {note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
