"""What the truth itself allows: `python -m bench.linking.reach DIR`.

Four ways of connecting that read what each message carries from the truth, none of which is the program's. They say
how hard a case is: how far hubs deceive, and how much could be found by whoever extracts all and is never fooled.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from itertools import combinations
from pathlib import Path

from bench.linking.score import Score, read_truth, score
from bench.linking.world import Truth

_KINDS = {
    "net": "ip net exit",
    "domain": "domain family place",
    "text": "text look picture",
    "persona": "from reply_to persona cc phone handle",
    "kit": "path track file builder",
    "key": "dkim selector client customer",
    "thread": "thread",
    "stolen": "stolen",
}
FAMILIES = {kind: family for family, kinds in _KINDS.items() for kind in kinds.split()}
# Whoever copies what a victim sees has none of these, or gives the victim's answers away to the one he copies.
HARD = frozenset(("dkim", "exit", "ip", "customer", "place", "thread", "reply_to", "phone", "handle"))


def connected(rows: Sequence[Truth], is_tied: Callable[[set[str]], bool]) -> dict[str, str]:
    """Connected components of the hostile messages under a rule on what two of them share."""
    parent = {row.sha256: row.sha256 for row in rows if row.hostile}
    carried = {row.sha256: set(row.carries) for row in rows if row.hostile}
    by: dict[str, list[str]] = defaultdict(list)
    for message, values in carried.items():
        for value in values:
            by[value].append(message)

    def root(message: str) -> str:
        while parent[message] != message:
            parent[message] = parent[parent[message]]
            message = parent[message]
        return message

    for messages in by.values():
        for one, two in combinations(messages, 2):
            if root(one) != root(two) and is_tied(carried[one] & carried[two]):
                parent[root(one)] = root(two)
    return {message: root(message) for message in parent}


def ways(rows: Sequence[Truth], hubs: Collection[str], imitated: Collection[str] = ()) -> dict[str, Score]:
    """Score the four ways. `imitated` are those of the hubs that come of a kit, of copying or of a taken account."""
    known = set(hubs)
    services = known - set(imitated)

    def is_enough(shared: set[str]) -> bool:
        kinds = {value.partition(":")[0] for value in shared - known}
        return bool(kinds & HARD) or len({FAMILIES[kind] for kind in kinds}) > 1

    rules: dict[str, Callable[[set[str]], bool]] = {
        "anything shared": lambda shared: bool(shared),
        "anything but shared services": lambda shared: bool(shared - services),
        "anything but hubs, kits and what was copied": lambda shared: bool(shared - known),
        "of that, two families or one thing that is hard to forge": is_enough,
    }
    return {name: score(rows, connected(rows, rule)) for name, rule in rules.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.linking.reach", description=__doc__)
    parser.add_argument("truth", type=Path, help="folder that the generator wrote")
    given = parser.parse_args(arguments)
    try:
        rows = read_truth(given.truth)
        hubs: dict[str, list[str]] = json.loads((given.truth / "hubs.json").read_text("utf-8"))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    imitated = [value for kind in ("kits", "copied", "accounts") for value in hubs.get(kind, [])]
    for name, made in ways(rows, hubs["values"], imitated).items():
        b, p = made.b_cubed, made.pairs
        print(f"{name}: B-cubed P {b.precision:.4f} R {b.recall:.4f} F {b.f:.4f}")
        print(f"    pairs      P {p.precision:.4f} R {p.recall:.4f}")
        for kind, bc, _ in made.by_kind:
            print(f"    {kind:10} P {bc.precision:.4f} R {bc.recall:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
