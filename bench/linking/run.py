"""Connect generated cases and score what comes out.

    python -m bench.linking.run --work W [--seeds 1 2 3] [--split dev|val] [--given all|some|none] [--json F]

`--given all`: every hostile message was found and decided malicious, so only connecting is measured. `some`: six of
ten were, and the rest must be tied to them. `none`: what the shipped weights judge hostile, as in a new case.
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench.linking.__main__ import main as generate
from bench.linking.score import Score, Tie, read_truth, score, sentences
from watchword import engine
from watchword.case import Case, write_whole
from watchword.investigate import connect, read, rejudge
from watchword.progress import Silent


def prepared(work: Path, seed: int, split: str) -> tuple[Path, Case]:
    """Write the mailboxes of a seed and read them as a case, unless that was done before."""
    out = work / f"linking-{split}-{seed}"
    if not (out / "truth.jsonl").exists():
        generate(["--out", str(out), "--seed", str(seed), "--split", split])
    case = Case.create(work / f"linking-{split}-{seed}.case")
    owners = json.loads((out / "owners.json").read_text("utf-8"))
    count = engine.processors()
    given = {str(out / owner["mailbox"]): owner["addresses"][0] for owner in owners.values()}
    with case.lock():
        read(case, [Path(path) for path in given], given, partial(engine.executor, count), count, Silent())
    return out, case


def measured(out: Path, case: Case, given: str) -> Score:
    """Judge and connect the case with what is given, and score it."""
    truth = read_truth(out)
    hostile = [row.sha256 for row in truth if row.operation]
    if given == "some":
        with (out / "seeds.csv").open(newline="") as stream:
            hostile = [row["message"] for row in csv.DictReader(stream)]
    elif given == "none":
        hostile = []
    rows = [{"message": one, "decision": "malicious", "because": "given", "time": ""} for one in hostile]
    write_whole(case.path / "decisions.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    with case.lock():
        rejudge(case, 3, Silent())
    with connect(case) as connection:
        members = dict(
            connection.execute(
                """select message, operation from members join operations using (operation)
                where messages > 1 group by all"""
            ).fetchall()
        )
        ties = [
            Tie(*row)
            for row in connection.execute(
                "select message, other, kind, family, value from ties where counted > 0"
            ).fetchall()
        ]
    hubs = json.loads((out / "hubs.json").read_text("utf-8"))
    return score(truth, members, ties, [value for values in hubs.values() for value in values])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for mailboxes and cases")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--split", choices=("dev", "val"), default="dev")
    parser.add_argument("--given", choices=("all", "some", "none"), nargs="+", default=["all", "some", "none"])
    parser.add_argument("--json", type=Path, help="file for the figures")
    asked = parser.parse_args(arguments)
    figures = []
    for seed in asked.seeds:
        out, case = prepared(asked.work, seed, asked.split)
        for given in asked.given:
            made = measured(out, case, given)
            print(f"== {asked.split}, seed {seed}, given {given}")
            print("\n".join(sentences(made)))
            figures.append({"split": asked.split, "seed": seed, "given": given, "score": asdict(made)})
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1, default=str), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
