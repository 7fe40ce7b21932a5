"""Circular reporting: how many independent roots stories have, and which share one.

`python -m bench.syndication` prints the table of docs/benchmark.md; `--stories` says of each what was found.
"""

import argparse
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from watchword.claims.citations import references
from watchword.claims.credits import case_speakers
from watchword.claims.roots import count, rooted
from watchword.claims.stories import Story

STORIES = Path(__file__).parent.parent / "examples" / "reporting" / "syndication"
SETS = ("development", "second", "third", "held_out")


@dataclass(frozen=True, slots=True)
class Told:
    """A set of stories, and on whose word each rests."""

    stories: list[Story]
    truth: dict[str, frozenset[str]]  # document -> roots
    unnamed: frozenset[str]  # roots without a name


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the roots of a set were found."""

    stories: int
    true_roots: int
    found_roots: int
    least: int
    most: int
    right_pairs: int
    found_pairs: int
    true_pairs: int

    @property
    def precision(self) -> float:
        """Part of the pairs found that share a root."""
        return self.right_pairs / self.found_pairs if self.found_pairs else 1.0

    @property
    def recall(self) -> float:
        """Part of the pairs that share a root that were found."""
        return self.right_pairs / self.true_pairs if self.true_pairs else 1.0


def read(name: str) -> Told:
    """Read a set of stories and its truth."""
    folder = STORIES / name
    data = tomllib.loads((folder / "truth.toml").read_text("utf-8"))
    stories = [
        Story(
            entry["file"],
            (folder / entry["file"]).read_text("utf-8"),
            entry.get("publisher", ""),
            entry.get("address", ""),
            datetime.fromisoformat(entry["published"]) if "published" in entry else None,
            tuple(entry.get("links", ())),
        )
        for entry in data["story"]
    ]
    truth = {entry["file"]: frozenset(entry["rests_on"]) for entry in data["story"]}
    return Told(stories, truth, frozenset(data.get("unnamed", ())))


def found(told: Told) -> Mapping[str, frozenset[str]]:
    """Give the roots that are found for each story, as keys."""
    speakers = case_speakers(told.stories, [])
    origins = rooted(told.stories, references(told.stories, speakers), speakers).origins
    return {document: frozenset(one.key for one in ones) for document, ones in origins.items()}


def measure(told: Told) -> Figures:
    """Compare what is found with the truth."""
    speakers = case_speakers(told.stories, [])
    origins = rooted(told.stories, references(told.stories, speakers), speakers).origins
    counted = count(origins, {one for ones in origins.values() for one in ones})
    true = {pair for pair in combinations(sorted(told.truth), 2) if told.truth[pair[0]] & told.truth[pair[1]]}
    same = {pair for pair in combinations(sorted(origins), 2) if origins[pair[0]] & origins[pair[1]]}
    roots = {one for ones in origins.values() for one in ones}
    truth = {one for ones in told.truth.values() for one in ones}
    return Figures(
        len(told.stories), len(truth), len(roots), counted.least, counted.most, len(true & same), len(same), len(true)
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", action="store_true", help="say of each story what was found")
    arguments = parser.parse_args()
    print("| set | stories | true roots | roots found | printed | pairs precision | pairs recall |")
    print("|---|---|---|---|---|---|---|")
    for name in SETS:
        if not (STORIES / name / "truth.toml").exists():
            continue
        told = read(name)
        one = measure(told)
        pairs = (
            f"{one.precision:.3f} ({one.right_pairs}/{one.found_pairs}) | "
            f"{one.recall:.3f} ({one.right_pairs}/{one.true_pairs})"
        )
        printed = f"{one.least} to {one.most}"
        print(f"| {name} | {one.stories} | {one.true_roots} | {one.found_roots} | {printed} | {pairs} |")
        for document, keys in sorted(found(told).items()) if arguments.stories else ():
            print(f"    {document:28} {', '.join(sorted(keys)):60} true: {', '.join(sorted(told.truth[document]))}")


if __name__ == "__main__":
    main()
