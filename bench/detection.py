"""What is found and what is falsely accused, per corpus and never pooled, with the weights and thresholds as shipped.

`python -m bench.detection --corpora DIR --work DIR [--json FILE] [--seed N] [--paraphrase]` judges every corpus as a
case of its own, and every carrier mailbox with its injected operations as one. Near-duplicates count once. The lines
say on which half weights were fitted (`dev`) and which was kept apart (`val`).
"""

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.cases import Judged, carrier_judged, corpora_judged, operation_cases
from bench.scoring import Verdict, places, read_truth
from bench.weights import once
from watchword.judge.weights import weights


@dataclass(frozen=True, slots=True)
class Line:
    """One corpus, label and split at the shipped thresholds."""

    corpus: str
    label: str
    split: str
    messages: int  # near-duplicates counted once
    suspicious: float  # share with the tier suspicious or attack
    attack: float  # share with the tier attack
    per_thousand: float  # messages at or above `suspicious`, in 1,000


@dataclass(frozen=True, slots=True)
class Operations:
    """Injected operations of one split at one budget or threshold."""

    split: str
    rule: str
    operations: int
    found: int
    low: float  # Wilson interval of the share found, 95 %
    high: float
    twins: int
    twins_alarmed: int


def main() -> None:
    """Judge, count, print, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the cases; kept between runs")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seed", type=int, default=11, help="of the operations; weights were fitted on others")
    parser.add_argument("--paraphrase", action="store_true", help="every text of the operations in other words")
    arguments = parser.parse_args()
    shipped = weights()
    mail = list(corpora_judged(arguments.corpora, arguments.work))
    out, cases = operation_cases(arguments.corpora, arguments.work, arguments.seed, arguments.paraphrase)
    truth = {row.sha256: row for row in read_truth(out)}
    everything = [row for mailbox, case in cases.items() for row in carrier_judged(case, mailbox, out, truth)]
    injected = [row for row in everything if row.operation]
    lines = by_corpus(mail, shipped.suspicious, shipped.attack)
    found = by_operation(injected, everything, shipped.suspicious, shipped.attack)
    print(
        f"{'corpus':20} {'label':10} {'split':5} {'messages':>8} {'alerts/1,000':>12} {'suspicious':>10} {'attack':>8}"
    )
    for line in lines:
        print(
            f"{line.corpus:20} {line.label:10} {line.split:5} {line.messages:8} {line.per_thousand:12.2f}"
            f" {line.suspicious:10.1%} {line.attack:8.1%}"
        )
    print()
    for row in found:
        print(
            f"operations {row.split:5} {row.rule:24} found {row.found}/{row.operations}"
            f" ({row.low:.0%} to {row.high:.0%}), twins alarmed {row.twins_alarmed}/{row.twins}"
        )
    if arguments.json:
        arguments.json.write_text(
            json.dumps(
                {
                    "weights": {"date": shipped.date, "corpora": shipped.corpora},
                    "thresholds": {"suspicious": shipped.suspicious, "attack": shipped.attack},
                    "seed": arguments.seed,
                    "paraphrase": arguments.paraphrase,
                    "corpora": [asdict(line) for line in lines],
                    "operations": [asdict(row) for row in found],
                    "missed": sorted(missed(injected, shipped.suspicious)),
                },
                indent=1,
            ),
            "utf-8",
        )


def by_corpus(rows: Iterable[Judged], suspicious: float, attack: float) -> list[Line]:
    """Count alerts for each corpus, label and split."""
    groups: dict[tuple[str, str, str], list[Judged]] = defaultdict(list)
    for row in once(rows):
        groups[row.corpus, row.label, row.split].append(row)
    lines = []
    for (corpus, label, split), members in sorted(groups.items()):
        at = sum(row.probability >= suspicious for row in members) / len(members)
        sure = sum(row.probability >= attack for row in members) / len(members)
        lines.append(Line(corpus, label, split, len(members), at, sure, 1000 * at))
    return lines


def by_operation(
    rows: Sequence[Judged], everything: Sequence[Judged], suspicious: float, attack: float
) -> list[Operations]:
    """Count operations found, by threshold and by a weekly budget within the mailbox that they were injected into."""
    found = []
    placed = places(Verdict(row.message, row.corpus, row.urgency, row.time, row.conversation) for row in everything)
    rules: dict[str, Callable[[Judged], bool]] = {
        "at suspicious": lambda row: row.probability >= suspicious,
        "at attack": lambda row: row.probability >= attack,
        "1 a week and mailbox": lambda row: placed[row.message] <= 1,
        "3 a week and mailbox": lambda row: placed[row.message] <= 3,
        "3 a week, at suspicious": lambda row: placed[row.message] <= 3 and row.probability >= suspicious,
    }
    for split in ("dev", "val"):
        for rule, holds in rules.items():
            flagged: dict[tuple[str, str], bool] = defaultdict(bool)
            for row in rows:
                if row.split == split:
                    flagged[row.label, row.operation] |= holds(row)
            hits = [value for (label, _), value in flagged.items() if label == "attack"]
            twins = [value for (label, _), value in flagged.items() if label == "twin"]
            low, high = wilson(sum(hits), len(hits))
            found.append(Operations(split, rule, len(hits), sum(hits), low, high, len(twins), sum(twins)))
    return found


def missed(rows: Iterable[Judged], threshold: float) -> set[str]:
    """Name the operations of which no message reached the threshold."""
    best: dict[str, float] = defaultdict(float)
    for row in rows:
        if row.label == "attack":
            best[row.operation] = max(best[row.operation], row.probability)
    return {name for name, value in best.items() if value < threshold}


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Give the 95 % interval of a share (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    spread = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return middle - spread, middle + spread


if __name__ == "__main__":
    main()
