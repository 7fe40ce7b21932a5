"""Claims that are proposed in reports of a corpus, with their context, for a person to read and mark.

    python -m bench.claims --corpora DIR --part dev|held-out [--sentences]

The sample is fixed: 50 reports of `reporting/cti_eacl24` with at least 1,000 characters, by the digest of their names;
those with an even place are for development, the others are looked at once, at the end. `--sentences` prints instead a
sub-sample of sentences to be marked by hand without seeing what was proposed.
"""

import argparse
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from watchword.claims.documents import Read, read_document
from watchword.claims.propose import Proposal, propose
from watchword.claims.sentences import sentences

REPORTS = 50
LEAST = 1_000  # bytes
SENTENCES = 12  # of each report, for recall
_MAY = re.compile(
    r"\b(?:attribut|blam|den(?:y|ied|ies)|behind|responsib|confirm|reject|accus|link|believ|assess|said|says|according|confiden|"
    r"sponsor|declin|evidence)",
    re.IGNORECASE,
)


def sample(corpora: Path, part: str) -> list[Path]:
    """Choose the reports of one part."""
    folder = corpora / "reporting" / "cti_eacl24"
    paths = [path for path in folder.rglob("*.txt") if path.stat().st_size >= LEAST]
    paths.sort(key=lambda path: hashlib.sha256(str(path.relative_to(folder)).encode()).digest())
    return paths[:REPORTS][part == "held-out" :: 2]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _publisher(path: Path) -> str:
    """Take the publisher from the name of the file, where the corpus has it."""
    return path.stem.rpartition("_")[2].removeprefix("www.")


def _line(number: int, one: Proposal) -> str:
    parts = [
        f"    {number}. {one.act} {one.proposition or '-'} ({one.polarity}) by {one.speaker!r} as {one.speaker_printed!r}, {one.capacity}",
        f"target {one.target!r}, actor {one.actor!r}, sure {one.strength!r}, said {one.said_printed!r}, {one.evidence_offered}",
    ]
    return "; ".join(parts) + (f"; relies on {one.relies_on!r}" if one.relies_on else "")


def _show(read: Read, number: int) -> int:
    last = -1
    for one in propose(read):
        if one.start != last:
            print("\n  " + " ".join(one.quote.split())[:600])
            last = one.start
        number += 1
        print(_line(number, one))
    return number


def _some(read: Read) -> list[str]:
    """Choose sentences that may hold an attribution or a denial, and as many others, by digest."""
    whole = [read.text[one.start : one.stop] for one in sentences(read.text)]
    may = sorted((one for one in whole if _MAY.search(one)), key=_digest)[: SENTENCES // 3 * 2]
    others = sorted((one for one in whole if not _MAY.search(one)), key=_digest)[: SENTENCES // 3]
    return [*may, *others]


def main(words: Sequence[str] | None = None) -> None:
    """Print the proposals of one part of the sample."""
    parser = argparse.ArgumentParser(description="Claims to be read by hand.")
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--part", choices=("dev", "held-out"), default="dev")
    parser.add_argument("--sentences", action="store_true")
    given = parser.parse_args(words)
    number = 0
    for place, path in enumerate(sample(given.corpora, given.part), 1):
        read = read_document(path.read_bytes(), path.name)
        read.publisher = read.publisher or _publisher(path)
        print(f"\n== {place} {path.name} ({len(read.text)} characters)")
        if given.sentences:
            for one in _some(read):
                number += 1
                print(f"  {number}. {one[:400]}")
        else:
            number = _show(read, number)


if __name__ == "__main__":
    main()
