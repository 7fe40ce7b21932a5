"""What is found in attachments, kind by kind, and what looking into them costs.

    python -m bench.attachments --corpora DIR [--corpus mail/trec07p ...] [--sample 2000] [--slow 0.5] [--kinds doc,rtf]

For each kind: files, how many gave text, links, files and marks, the marks, defects, and CPU milliseconds for one file.
"""

import argparse
import importlib
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from watchword.observe import files
from watchword.observe.files import Budget, Contents, File
from watchword.observe.links import running
from watchword.parse.message import parse
from watchword.read import RawMessage, cut, find_sources, read_shards

CORPORA = ("phishing_pot", "trec07p", "cypherpunks", "spamassassin", "markup_political", "unspy_newsletters", "openbmc")


@dataclass(slots=True)
class Kind:
    """What was found in the files of one kind."""

    files: int = 0
    unread: int = 0
    texts: int = 0
    characters: int = 0
    links: int = 0
    held: int = 0
    seconds: float = 0
    marks: Counter[str] = field(default_factory=Counter)
    defects: Counter[str] = field(default_factory=Counter)


def messages(folder: Path) -> Iterator[RawMessage]:
    """Give every message below a folder."""
    for source in find_sources([folder], spool=folder)[0]:
        for _, items in read_shards(cut(source)):
            for item in items:
                if isinstance(item, RawMessage):
                    yield item


def measure(raws: Iterator[RawMessage], slow: float) -> tuple[int, dict[str, Kind]]:
    """Look into the files of messages; name on the terminal those that take longer than `slow` CPU seconds."""
    kinds: dict[str, Kind] = {}
    count = 0
    look = files.look_into

    def timed(file: File, budget: Budget) -> Contents | None:
        kind = kinds.setdefault(file.kind or "unknown", Kind())
        start = time.process_time()
        contents = look(file, budget)
        took = time.process_time() - start
        kind.files += 1
        kind.seconds += took
        if took > slow:
            print(f"  {took:.2f} s: {file.kind} {file.name!a}, {len(file.data)} bytes")
        if contents is None:
            kind.unread += 1
            return None
        kind.texts += any(one.text.strip() for one in contents.texts)
        kind.characters += sum(len(one.text) for one in contents.texts)
        pages = [one.page.addresses for one in contents.texts if one.page is not None]
        loose = [raw for one in contents.texts if not one.is_code for raw in running(one.text)]
        kind.links += len({one.raw for one in itertools.chain(contents.links, *pages)} | set(loose))
        kind.held += len(contents.files)
        kind.marks.update(contents.contains)
        kind.defects.update(name for name, _ in contents.defects)
        return contents

    observed = importlib.import_module("watchword.observe.attachments")  # as a name it is the function within
    vars(observed)["look_into"] = timed
    for raw in raws:
        count += 1
        observed.attachments(parse(raw.data), raw.sha256)
    return count, kinds


def main() -> None:
    """Measure each corpus and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--corpus", action="append", default=[])
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--slow", type=float, default=0.5)
    given = parser.parse_args()
    for name in given.corpus or [f"mail/{one}" for one in CORPORA]:
        count, kinds = measure(itertools.islice(messages(given.corpora / name), given.sample), given.slow)
        print(f"\n{name}: {count} messages")
        for kind, found in sorted(kinds.items(), key=lambda pair: -pair[1].files):
            marks = ", ".join(f"{word} {times}" for word, times in found.marks.most_common())
            defects = ", ".join(f"{word} {times}" for word, times in found.defects.most_common())
            print(
                f"  {kind:10} {found.files:5} files, {found.unread} not read, {found.texts} with text "
                f"({found.characters:,} characters), {found.links} links, {found.held} files inside, "
                f"{1000 * found.seconds / found.files:.2f} ms each; {marks}; {defects}"
            )


if __name__ == "__main__":
    main()
