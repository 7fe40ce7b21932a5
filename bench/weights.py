"""Measure what each detector weighs, and write `watchword/judge/weights.toml`.

`python -m bench.weights --corpora DIR --work DIR` judges the development halves of the corpora and the development
operations, fits (see `fitting.py`), and says what the fit comes to on hands that it left out. A weight may not speak
against its group: what speaks for an attack weighs nothing or more, what speaks for honest mail nothing or less.
"""

import argparse
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.cases import Judged, corpora_judged, operations_judged
from bench.fitting import Fitted, Mail, Settings, corpus_of, fitted
from bench.operations.scenarios import scenarios
from watchword.judge.detector import detectors

SEEDS = (1, 2, 3)
LEFT_OUT = ("spamassassin",)  # its addresses were made unreadable: nobody has a history there
LABELS = frozenset(("attack", "mass", "ham", "twin"))


def main() -> None:
    """Fit the weights, write them, and say what they come to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the cases; kept between runs")
    parser.add_argument("--output", type=Path, default=Path("watchword/judge/weights.toml"))
    arguments = parser.parse_args()
    rows = list(corpora_judged(arguments.corpora, arguments.work))
    for seed in SEEDS:
        played = operations_judged(arguments.corpora, arguments.work, seed)
        rows.extend(replace(row, operation=f"{seed}/{row.operation}") for row in played)
    mail = Mail(development(rows), detectors(), Settings())
    found = fitted(mail)
    arguments.output.write_text(content(mail, found), "utf-8")
    print(arguments.output.read_text("utf-8"))
    for line in by_hand(mail, found):
        print(line)


def content(mail: Mail, found: Fitted) -> str:
    """Give the content of `weights.toml`."""
    lines = [
        "# Made by `python -m bench.weights`; do not edit. Bits are log2 of odds, fitted together on development mail.",
        "[scale]",
        f"prior = {found.prior:.3f}",
        f"slope = {found.slope:.4f}",
        f"aim = {found.aim:.3f}",
        f"attack = {_probability(found.attack):.6f}",
        f"suspicious = {_probability(found.suspicious):.6f}",
        f"honest = {mail.settings.honest:g}",
        f"twins = {mail.settings.twins:g}",
        f'date = "{datetime.now(UTC).date().isoformat()}"',
        f'corpora = "{_digest(mail.rows)}"',
        "",
        "[ceilings]",
        *[f"{name} = {bits:.2f}" for name, bits in found.learned.ceilings.items()],
        "",
        "[detectors]",
    ]
    hits = _hits(mail.rows)
    for number, one in enumerate(mail.detectors):
        said = ", ".join(f"{name} {count}/{of}" for name, (count, of) in hits[one.name].items() if count)
        if said:  # what fired on no mail at all was not measured
            bits, few = found.learned.bits[number], found.aims[number]
            lines.append(f'{one.name} = {{ bits = {bits:.2f}, aim = {few:.2f}, measured = "{said}" }}')
    return "\n".join(lines) + "\n"


def by_hand(mail: Mail, found: Fitted) -> Iterable[str]:
    """Say for each hand what was found of its operations by weights that never saw one of them."""
    hand_of = {one.id: one.hand for one in scenarios()}
    best: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row, score in zip(mail.rows, found.unseen, strict=True):
        if row.operation:
            there = best[hand_of[row.scenario], row.label]
            there[row.operation] = max(score, there.get(row.operation, score))
    for hand in sorted({hand for hand, _ in best}):
        counts = []
        for label in ("attack", "twin"):
            scores = best[hand, label].values()
            counts.append(f"{sum(score >= found.suspicious for score in scores)} of {len(scores)} {label}s")
        yield f"{hand}, left out of the fit: {', '.join(counts)} at suspicious"


def development(rows: Iterable[Judged]) -> list[Judged]:
    """Choose what is fitted on: the development halves, near-duplicates once."""
    return once(row for row in rows if row.split == "dev" and row.label in LABELS and row.corpus not in LEFT_OUT)


def once(rows: Iterable[Judged]) -> list[Judged]:
    """Keep one message of each cluster of near-duplicates in a corpus; of operations every message."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for row in rows:
        key = (row.corpus, row.message if row.operation else row.cluster)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    return kept


def _hits(rows: Sequence[Judged]) -> dict[str, dict[str, tuple[int, int]]]:
    sizes = Counter(corpus_of(row) for row in rows)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for name in row.detectors:
            counts[name][corpus_of(row)] += 1
    return defaultdict(
        dict, {name: {c: (n, sizes[c]) for c, n in sorted(found.items())} for name, found in counts.items()}
    )


def _probability(bits: float) -> float:
    return float(1 / (1 + 2.0**-bits))


def _digest(rows: Sequence[Judged]) -> str:
    return hashlib.sha256("".join(sorted(row.message for row in rows)).encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
