"""How long comparing takes, how large its files are, and whether it is exact.

    python -m bench.private_matching --json FILE [--sizes 50x10000 10000x10000 100000x100000] [--count-only]

Both sides run one after the other in one process, on one processor, over made-up items of which every tenth of the
smaller set is common. Times are CPU seconds of each step, files are bytes as they would be sent, padding included. The
verbs allow 16,384 items to a file; what is beyond is measured with that limit lifted. If the package openmined-psi is
installed, it compares the same sets as a cross-check of which are common; it is not needed.
"""

import argparse
import importlib
import importlib.metadata
import json
import platform
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from nacl.signing import SigningKey

from watchword.match import exchange, messages
from watchword.match.exchange import Item, Placed

Made = TypeVar("Made")
SIZES = ("50x10000", "10000x10000", "100000x100000")


@dataclass(frozen=True, slots=True)
class Run:
    """One comparison."""

    offered: int
    answered: int
    count_only: bool
    common: int
    missed: int  # common items that were not found
    false: int  # items that were found and are not common
    offer_seconds: float
    answer_seconds: float
    finish_seconds: float  # with writing the result
    accept_seconds: float
    offer_bytes: int
    answer_bytes: int
    result_bytes: int
    peer_common: int | None = None  # what openmined-psi says, None if it is not installed
    peer_seconds: float | None = None


def items(side: str, count: int, common: int) -> list[Placed]:
    """Make up so many items, the first of which both sides have."""
    names = [f"both-{number}" for number in range(common)]
    names += [f"{side}-{number}" for number in range(count - common)]
    return [Placed(Item("domain", f"{name}.example"), 0, (number % 40 + 1,)) for number, name in enumerate(names)]


def measure(offered: int, answered: int, count_only: bool) -> Run:
    """Compare two made-up sets of these sizes."""
    common = min(offered, answered) // 10
    ours, theirs = items("ours", offered, common), items("theirs", answered, common)
    most = exchange.padded(max(offered, answered))
    left, right = SigningKey.generate(), SigningKey.generate()
    made, offer_seconds = _timed(lambda: exchange.offer(ours, count_only, left, most))
    offer = messages.read_offer(made.file, "offer", most)
    reply, answer_seconds = _timed(lambda: exchange.answer(offer, theirs, right, most))
    answer = messages.read_answer(reply.file, "answer", most)

    def finish() -> tuple[list[exchange.Common], int, bytes]:
        if count_only:
            number = exchange.count(offer, answer, made.seed)
            return [], number, exchange.result(answer, [], exchange.band(number), made.seed, left)
        found = exchange.common(offer, answer, made.items, made.seed)
        return found, len(found), exchange.result(answer, [(one, (1,)) for one in found], "", made.seed, left)

    (found, number, file), finish_seconds = _timed(finish)
    result = messages.read_result(file, "result", most)
    (told, _), accept_seconds = _timed(lambda: exchange.opened(offer, answer, result, reply.items, reply.box))
    truth = {one.item for one in ours} & {one.item for one in theirs}
    seen = {one.item for one in found}
    if not count_only and {one.item for one in told} != seen:
        raise SystemExit("The two sides do not agree.")
    missed, false = (abs(number - common), 0) if count_only else (len(truth - seen), len(seen - truth))
    peer_common, peer_seconds = _peer(ours, theirs) if not count_only else (None, None)
    return Run(
        offered,
        answered,
        count_only,
        number,
        missed,
        false,
        offer_seconds,
        answer_seconds,
        finish_seconds,
        accept_seconds,
        len(made.file),
        len(reply.file),
        len(file),
        peer_common,
        peer_seconds,
    )


def _timed(work: "Callable[[], Made]") -> "tuple[Made, float]":
    begin = time.process_time()
    made = work()
    return made, round(time.process_time() - begin, 2)


def _peer(ours: Sequence[Placed], theirs: Sequence[Placed]) -> tuple[int | None, float | None]:
    """Compare the same sets with openmined-psi, if it is installed."""
    try:
        psi: Any = importlib.import_module("private_set_intersection.python")  # no types, and rarely there
    except ImportError:
        return None, None
    mine, other = ([f"{one.item.sort}:{one.item.value}" for one in side] for side in (ours, theirs))

    def compare() -> int:
        client, server = psi.client.CreateWithNewKey(True), psi.server.CreateWithNewKey(True)
        setup = server.CreateSetupMessage(1e-9, len(mine), other, psi.DataStructure.GCS)
        return len(client.GetIntersection(setup, server.ProcessRequest(client.CreateRequest(mine))))

    return _timed(compare)


def main() -> None:
    """Run the comparisons that are asked for, and print and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--sizes", nargs="*", default=SIZES, metavar="OFFEREDxANSWERED")
    parser.add_argument("--count-only", action="store_true")
    given = parser.parse_args()
    runs = []
    for size in given.sizes:
        offered, _, answered = size.partition("x")
        run = measure(int(offered), int(answered), given.count_only)
        runs.append(run)
        seconds = run.offer_seconds + run.answer_seconds + run.finish_seconds + run.accept_seconds
        steps = f"offer {run.offer_seconds}, answer {run.answer_seconds}, finish {run.finish_seconds}"
        files = f"{run.offer_bytes:,}, {run.answer_bytes:,} and {run.result_bytes:,} bytes"
        print(
            f"{run.offered:,} x {run.answered:,}: {seconds:.1f} s ({steps}, accept {run.accept_seconds}); files of "
            f"{files}; {run.common:,} common, {run.missed} missed, {run.false} false; openmined-psi finds "
            f"{run.peer_common} in {run.peer_seconds} s",
            flush=True,
        )
    told = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "pynacl": importlib.metadata.version("pynacl"),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "runs": [asdict(run) for run in runs],
    }
    given.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
