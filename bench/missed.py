"""What was missed, and why: writes `examples/missed/README.md`.

`python -m bench.missed --corpora DIR --work W [--seed N] [--output FILE]` judges the operations as `bench.comparison`
does and lists those of which no message reached the threshold, with what was seen of them. Reasons are written by hand
in `examples/missed/reasons.toml`, for operations whose texts may be read; of those kept apart only figures are told.
"""

import argparse
import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.cases import Judged, operations_judged
from bench.operations.scenarios import Scenario, scenarios
from watchword.judge.weights import Weights, weights

FOLDER = Path("examples/missed")


@dataclass(frozen=True, slots=True)
class Missed:
    """One operation of which nothing was shown."""

    operation: str
    scenario: Scenario
    best: Judged  # its message that came closest
    short: float  # bits that it lacked


def missed(rows: Iterable[Judged], known: Weights) -> list[Missed]:
    """Give the operations of which no message reached `suspicious`, what came closest first."""
    by_id = {one.id: one for one in scenarios()}
    played: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        if row.label == "attack":
            played[row.operation].append(row)
    out = []
    for operation, messages in played.items():
        best = max(messages, key=lambda row: row.probability)
        if best.probability < known.suspicious:
            short = (_odds(known.suspicious) - _odds(best.probability)) / known.slope
            out.append(Missed(operation, by_id[best.scenario], best, short))
    return sorted(out, key=lambda one: (one.scenario.split, one.short, one.operation))


def _odds(probability: float) -> float:
    return math.log2(probability / (1 - probability))


def page(found: Sequence[Missed], of: int, reasons: dict[str, str], known: Weights, seed: int) -> str:
    """Write the page in Markdown."""
    lines = [
        "# Known misses",
        "",
        f"Made by `python -m bench.missed` with seed {seed}: {len(found)} of {of} operations of the benchmark of which",
        "no message reached the threshold `suspicious`. [Their texts](../../bench/operations/texts) can be read, but",
        "those of val are kept apart: nobody who works on detectors reads them, so no reason is given.",
        "",
        "| scenario | mailbox | card | sender | steps | seen in the closest message (bits) | short of | why |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        story = one.scenario
        steps = ", ".join(step.role + (f" ({step.file.kind})" if step.file else "") for step in story.attack.steps)
        seen = ", ".join(
            f"{name} {known.detectors[name].bits:+.1f}" if name in known.detectors else f"{name} (not weighed)"
            for name in sorted(one.best.detectors)
        )
        why = reasons.get(story.id, "kept apart" if story.split == "val" else "not looked at yet")
        sender = next(iter(story.attack.cast.values()))
        kind = one.operation.partition("-")[0]  # of mailbox; whose it is stays out
        lines.append(
            f"| {story.id} | {kind} | {story.card} | {sender} | {steps} | {seen or 'nothing'} | {one.short:.1f} bits |"
            f" {why} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Judge, list, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the cases; kept between runs")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--output", type=Path, default=FOLDER / "README.md")
    arguments = parser.parse_args()
    known = weights()
    rows = list(operations_judged(arguments.corpora, arguments.work, arguments.seed))
    reasons = tomllib.loads((FOLDER / "reasons.toml").read_text("utf-8"))
    of = len({row.operation for row in rows if row.label == "attack"})
    arguments.output.write_text(page(missed(rows, known), of, reasons, known, arguments.seed), "utf-8")


if __name__ == "__main__":
    main()
