"""Write the benchmark: `python -m bench.operations --corpora DIR --out DIR [--seed N] [--paraphrase]`."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from bench.operations.carriers import Carrier, boxed, carriers
from bench.operations.inject import Injected, Truth, injected
from bench.operations.scenarios import people, scenarios


def write(made: Iterable[tuple[Carrier, list[Injected]]], out: Path) -> list[Truth]:
    """Write one mbox for each carrier, `truth.jsonl` and `owners.json`."""
    out.mkdir(parents=True, exist_ok=True)
    truths: list[Truth] = []
    owners: dict[str, dict[str, object]] = {}
    for carrier, messages in made:
        letters = [(one.when, one.data) for one in carrier.letters] + [(one.when, one.data) for one in messages]
        with (out / f"{carrier.name}.mbox").open("wb") as box:
            for when, data in sorted(letters, key=lambda pair: pair[0]):
                box.write(boxed(data, when))
        truths += [one.truth for one in messages]
        owners[carrier.name] = {
            "mailbox": f"{carrier.name}.mbox",
            "name": carrier.owner_name,
            "addresses": list(carrier.owner),
            "split": carrier.split,
            "val_from": carrier.cut.isoformat(),
            "messages": len(letters),
        }
    with (out / "truth.jsonl").open("w", encoding="utf-8") as file:
        for truth in truths:
            file.write(json.dumps(dataclasses.asdict(truth), ensure_ascii=False) + "\n")
    (out / "owners.json").write_text(json.dumps(owners, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return truths


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.operations", description=__doc__)
    parser.add_argument("--corpora", type=Path, required=True, help="folder with mailboxes/enron and mail/*")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to; keep it outside the repository")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--paraphrase", action="store_true", help="use the second, independent wording of every text")
    given = parser.parse_args(arguments)
    if not (given.corpora / "mailboxes" / "enron").is_dir():
        sys.stderr.write(f"{given.corpora} holds no mailboxes/enron; unpack the corpora there first.\n")
        return 2
    made = injected(carriers(given.corpora), scenarios(), people(), given.seed, given.paraphrase)
    truths = write(made, given.out)
    for split in ("dev", "val"):
        found = {t.operation for t in truths if t.label == "attack" and t.split == split}
        hostile = sum(t.hostile for t in truths if t.split == split)
        twins = {t.operation for t in truths if t.label == "twin" and t.split == split}
        print(f"{split}: {len(found)} operations ({hostile} hostile messages), {len(twins)} twins")
    return 0


if __name__ == "__main__":
    sys.exit(main())
