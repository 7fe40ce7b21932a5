"""Archives and locked files of a corpus: how many are listed, opened, opened by a word of the text, and at what cost.

    python -m bench.archives --corpora DIR [NAME ...]

Every one that did not come out whole is named with its defects.
"""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from watchword.observe import observe
from watchword.read.raw import RawMessage
from watchword.tables import Attachment, Defect

KINDS = frozenset("zip jar apk tar gz bz2 xz zst 7z rar cab iso vhd vhdx ace arj lzh wim deb pkg chm pdf ooxml".split())
NAMES = ("phishing_pot", "trec07p", "cypherpunks", "spamassassin", "openbmc", "usrp-users")


def main() -> None:
    """Print a table for each corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("names", nargs="*", default=NAMES)
    given = parser.parse_args()
    for name in given.names:
        counts: Counter[tuple[str, str]] = Counter()
        seconds: dict[bool, list[float]] = {False: [], True: []}
        for path in sorted((given.corpora / "mail" / name).rglob("*")):
            if not path.is_file():
                continue
            data = path.read_bytes()
            start = time.process_time()
            facts = list(observe(RawMessage(data, "0", len(data)), "bench"))
            taken = time.process_time() - start
            found = list(_states([fact for fact in facts if isinstance(fact, Attachment)]))
            seconds[bool(found)].append(taken)
            counts.update(found)
            for fact in facts:
                if isinstance(fact, Defect) and fact.kind.startswith(("archive-", "limit-archive", "limit-unpacked")):
                    print(f"  {path.name}: {fact.kind}: {fact.detail}")
        for (kind, state), count in sorted(counts.items()):
            print(f"{name:14} {kind:6} {state:34} {count:5}")
        for has_archive, times in seconds.items():
            if times:
                what = "with" if has_archive else "without"
                middle = sorted(times)[len(times) // 2]
                print(f"{name:14} {len(times):5} messages {what} archives: {middle * 1e6:,.0f} us in the middle")


def _states(rows: list[Attachment]) -> Iterator[tuple[str, str]]:
    """Give the kind of each archive or locked file, and how far it was opened."""
    for row in rows:
        if row.detected_type not in KINDS or (row.detected_type in ("pdf", "ooxml") and not row.is_encrypted):
            continue
        inner = [other for other in rows if other.inside == row.number]
        state = "opened" if any(other.sha256 for other in inner) else "listed" if inner else "named"
        if row.is_encrypted:
            state = "opened by a word of the text" if row.password_from else "stays locked"
        yield row.detected_type, state


if __name__ == "__main__":
    main()
