"""Score verdicts against the truth of the operations: `python -m bench.scoring DIR VERDICTS.csv [--json FILE]`.

DIR is what `python -m bench.operations --out` wrote. VERDICTS.csv has a row for each judged message with the columns
`message` (SHA-256), `owner` (an address of the mailbox's owner), `probability` and `time` (ISO 8601), as from

    watchword sql "select v.message, v.owner, probability, time, conversation from verdicts v
        join messages using (message)" --format csv

The unit is the operation: it is found where one of its hostile messages would have been shown to a person who looks at
so many alerts a week and mailbox. Honest twins compete for the same places. A conversation is one alert: its messages
share a place. The column `conversation` may be left out; then every message is an alert of its own.
"""

import argparse
import csv
import json
import sys
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.operations.inject import Truth

BUDGETS = (1, 3)  # alerts a week and mailbox


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one message in one mailbox."""

    message: str  # SHA-256 of the bytes, hexadecimal
    owner: str  # whose mailbox
    probability: float  # that the message belongs to an attack, 0 to 1; or any score, higher is worse
    time: datetime  # when the message was sent, with time zone
    conversation: str = ""  # messages that are one alert; empty: the message is one of its own


@dataclass(frozen=True, slots=True)
class Found:
    """Operations found under one rule for raising an alert."""

    rule: str
    operations: int
    found: int
    first_steps: tuple[int, ...]  # of the found ones, the step at which the first alert came, counting from 1
    before_lure: int  # of the found ones, how many were flagged before the message that asks for something
    twins: int
    twins_alarmed: int

    @property
    def recall(self) -> float:
        """Share of the operations that were found."""
        return self.found / self.operations if self.operations else 0.0

    def sentence(self) -> str:
        """For people."""
        step = f", first flagged at step {median(self.first_steps):g} (median)" if self.first_steps else ""
        return (
            f"{self.rule}: {self.found} of {self.operations} operations ({self.recall:.0%}){step}, "
            f"{self.before_lure} before the lure; alarms on {self.twins_alarmed} of {self.twins} twins"
        )


def read_truth(folder: Path) -> list[Truth]:
    """Read `truth.jsonl`. Raises OSError where it is missing and TypeError where it is of another version."""
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        return [Truth(**json.loads(line)) for line in lines]


def read_verdicts(path: Path) -> list[Verdict]:
    """Read a CSV with the columns message, owner, probability, time; a time without a zone is UTC."""
    out = []
    with path.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            time = datetime.fromisoformat(row["time"]) if row["time"] else datetime.min.replace(tzinfo=UTC)
            time = time if time.tzinfo else time.replace(tzinfo=UTC)
            probability = float(row["probability"] or 0)
            out.append(Verdict(row["message"], row["owner"], probability, time, row.get("conversation") or ""))
    return out


def places(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Say which place in its ISO week and mailbox each message has, 1 is the first to be looked at.

    A conversation is one alert: a message's place is one more than how many other conversations have a message before
    it. Of equals the earlier is before. A message has the place that it would have had before later ones of its own
    conversation came, so that the step at which an operation was seen is true.
    """
    weeks: dict[tuple[str, int, int], list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        year, week, _ = verdict.time.isocalendar()
        weeks[verdict.owner, year, week].append(verdict)
    found: dict[str, int] = {}
    for those in weeks.values():
        best: dict[str, tuple[float, datetime, str]] = {}
        for verdict in those:
            own = verdict.conversation or verdict.message
            best[own] = min(best.get(own, _order(verdict)), _order(verdict))
        firsts = sorted(best.values())
        for verdict in those:
            order = _order(verdict)
            before = bisect_left(firsts, order)
            found[verdict.message] = 1 + before - (best[verdict.conversation or verdict.message] < order)
    return found


def _order(verdict: Verdict) -> tuple[float, datetime, str]:
    return -verdict.probability, verdict.time, verdict.message


def weekly(verdicts: Iterable[Verdict], budget: int) -> set[str]:
    """Messages shown to somebody who looks at so many alerts a week and mailbox, the highest of each ISO week.

    A message that scores nothing is never shown.
    """
    placed = places(verdict for verdict in verdicts if verdict.probability > 0)
    return {message for message, place in placed.items() if place <= budget}


def above(verdicts: Iterable[Verdict], threshold: float) -> set[str]:
    """Messages at or above a threshold."""
    return {verdict.message for verdict in verdicts if verdict.probability >= threshold}


_ASKS = frozenset({"lure", "password", "pivot"})


def found(truth: Sequence[Truth], flagged: set[str], rule: str, with_file: Collection[str] = ()) -> Found:
    """Count operations of which a hostile message was flagged, and twins of which any received message was.

    What asks is a message whose role says so, or one `with_file`. An operation that never asks is found before it does.
    """
    operations: dict[str, list[Truth]] = defaultdict(list)
    twins: dict[str, bool] = defaultdict(bool)
    for row in truth:
        if row.label == "attack":
            operations[row.operation].append(row)
        elif row.role != "reply":
            twins[row.operation] |= row.sha256 in flagged
    first_steps, before = [], 0
    for rows in operations.values():
        steps = [row.step for row in rows if row.hostile and row.sha256 in flagged]
        if steps:
            first_steps.append(min(steps))
            lures = [row.step for row in rows if row.hostile and (row.role in _ASKS or row.sha256 in with_file)]
            before += not lures or min(steps) < min(lures)
    return Found(
        rule, len(operations), len(first_steps), tuple(sorted(first_steps)), before, len(twins), sum(twins.values())
    )


def quiet_threshold(truth: Sequence[Truth], verdicts: Sequence[Verdict], alarms: float = 0.05) -> float:
    """Lowest threshold at which at most this share of the twins raises an alarm."""
    score = {verdict.message: verdict.probability for verdict in verdicts}
    worst: dict[str, float] = defaultdict(float)
    for row in truth:
        if row.label == "twin" and row.role != "reply":
            worst[row.operation] = max(worst[row.operation], score.get(row.sha256, 0.0))
    ordered = sorted(worst.values(), reverse=True)
    allowed = int(len(ordered) * alarms)
    highest_quiet = ordered[allowed] if allowed < len(ordered) else 0.0
    over = sorted({verdict.probability for verdict in verdicts if verdict.probability > highest_quiet})
    return over[0] if over else highest_quiet + 1.0


def scored(truth: Sequence[Truth], verdicts: Sequence[Verdict], threshold: float | None = None) -> list[Found]:
    """All figures for one split: at each weekly budget, where the twins stay quiet, and at a given threshold."""
    out = [found(truth, weekly(verdicts, budget), f"{budget} a week and mailbox") for budget in BUDGETS]
    quiet = quiet_threshold(truth, verdicts)
    out.append(found(truth, above(verdicts, quiet), f"where 5 % of the twins alarm, at {quiet:.4g}"))
    if threshold is not None:
        out.append(found(truth, above(verdicts, threshold), f"at the threshold {threshold:g}"))
    return out


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.scoring", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("verdicts", type=Path)
    parser.add_argument("--threshold", type=float, help="the shipped threshold, fixed before val was looked at")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    truth, verdicts = read_truth(given.folder), read_verdicts(given.verdicts)
    known = {verdict.message for verdict in verdicts}
    missing = sum(row.sha256 not in known for row in truth)
    if missing:
        sys.stderr.write(f"{missing} of {len(truth)} injected messages have no verdict; they count as not flagged.\n")
    report: dict[str, list[dict[str, object]]] = {}
    for split in ("dev", "val"):
        rows = [row for row in truth if row.split == split]
        results = scored(rows, verdicts, given.threshold)
        report[split] = [asdict(one) for one in results]
        for one in results:
            print(f"{split}: {one.sentence()}")
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
