"""Score found operations: `python -m bench.linking.score TRUTH MEMBERS.csv [--ties TIES.csv] [--among SEEDS.csv]`.

TRUTH is the folder that `python -m bench.linking --out` wrote. MEMBERS.csv has the columns `message` (SHA-256) and
`operation`; a message that is in no row, or in one without an operation, stands alone. TIES.csv, if there is one, has
the columns `message`, `other`, `kind` and `family`, and may have `value`: one row for each piece of evidence that two
messages share. `--among` counts only the hostile messages listed there, as where the hostile ones are given.
"""

import argparse
import csv
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.linking.world import Truth


@dataclass(frozen=True, slots=True)
class Tie:
    """One piece of evidence between two messages."""

    message: str
    other: str
    kind: str
    family: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class BCubed:
    """Means over messages: how pure the found operation of each is, and how much of its true one lies there."""

    precision: float
    recall: float

    @property
    def f(self) -> float:
        """Harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of messages: put together, belonging together, and both."""

    found: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the pairs put together that belong together; 1 where none was."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs belonging together that were put together; 1 where there is none."""
        return self.right / self.true if self.true else 1.0


@dataclass(frozen=True, slots=True)
class OverMerge:
    """A found operation with messages of several true ones."""

    found: str
    joined: tuple[tuple[str, int], ...]  # true operation and how many of its messages
    evidence: tuple[tuple[str, int], ...]  # kind of evidence and how many ties of it cross between them


@dataclass(frozen=True, slots=True)
class HubTie:
    """Two messages that were put together and share nothing but what strangers share; no `values`: nothing known."""

    message: str
    other: str
    operations: tuple[str, str]
    values: tuple[str, ...]

    @property
    def is_wrong(self) -> bool:
        """Whether they are of different operations."""
        return self.operations[0] != self.operations[1]


@dataclass(frozen=True, slots=True)
class Score:
    """Everything that is said of one way of connecting."""

    messages: int
    operations: int
    whole: int  # operations that were found in one piece, with no message of another
    b_cubed: BCubed
    pairs: Pairs
    across: Pairs  # pairs in different organisations only
    honest: tuple[tuple[str, int], ...]  # honest messages in found operations with hostile ones, by role
    by_kind: tuple[tuple[str, BCubed, Pairs], ...]
    over_merges: tuple[OverMerge, ...]
    hub_ties: tuple[HubTie, ...]


def _found(truth: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """Name the found operation of each message; who is in none stands alone."""
    return {message: found.get(message) or f"\0{message}" for message in truth}


def b_cubed(truth: Mapping[str, str], found: Mapping[str, str], of: Collection[str] | None = None) -> BCubed:
    """B-cubed of messages to operations, both as message to operation; the means are over `of`, or over all."""
    names = _found(truth, found)
    there, both, true = Counter(names.values()), Counter((names[m], truth[m]) for m in truth), Counter(truth.values())
    chosen = truth if of is None else of
    if not chosen:
        return BCubed(1.0, 1.0)
    precision = sum(both[names[m], truth[m]] / there[names[m]] for m in chosen) / len(chosen)
    recall = sum(both[names[m], truth[m]] / true[truth[m]] for m in chosen) / len(chosen)
    return BCubed(precision, recall)


def pairs(truth: Mapping[str, str], found: Mapping[str, str], groups: Mapping[str, str] | None = None,
          of: Collection[str] | None = None) -> Pairs:  # fmt: skip
    """Count pairs; with `groups` only those in different groups, with `of` only those with a message of these."""
    names = _found(truth, found)
    place = groups or {}
    chosen = set(truth if of is None else of)

    def count(key: Mapping[str, tuple[str, ...]]) -> int:
        # All pairs, less those within one group; the same without the chosen ones is taken off.
        def within(messages: Iterable[str]) -> int:
            listed = list(messages)
            whole = sum(n * (n - 1) // 2 for n in Counter(key[m] for m in listed).values())
            if not place:
                return whole
            return whole - sum(n * (n - 1) // 2 for n in Counter((*key[m], place[m]) for m in listed).values())

        return within(truth) - within(m for m in truth if m not in chosen)

    together = {m: (names[m],) for m in truth}
    belong = {m: (truth[m],) for m in truth}
    return Pairs(count(together), count(belong), count({m: (names[m], truth[m]) for m in truth}))


def over_merges(truth: Mapping[str, str], found: Mapping[str, str], ties: Iterable[Tie] = ()) -> list[OverMerge]:
    """List found operations that hold several true ones, the largest first, and what ties them across."""
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    for message, operation in truth.items():
        if found.get(message):
            inside[found[message]][operation] += 1
    evidence: dict[str, Counter[str]] = defaultdict(Counter)
    for tie in ties:
        here, there = truth.get(tie.message), truth.get(tie.other)
        name = found.get(tie.message)
        if here and there and here != there and name and name == found.get(tie.other):
            evidence[name][tie.kind] += 1
    joined = [(name, counts) for name, counts in inside.items() if len(counts) > 1]
    joined.sort(key=lambda pair: (-pair[1].total(), pair[0]))
    return [
        OverMerge(name, tuple(counts.most_common()), tuple(evidence[name].most_common())) for name, counts in joined
    ]


def hub_ties(
    rows: Mapping[str, Truth], found: Mapping[str, str], ties: Iterable[Tie], hubs: Collection[str]
) -> list[HubTie]:
    """List ties inside found operations between hostile messages that truly share only hubs, or nothing at all.

    `hubs` is `values` of hubs.json. What two messages share is read from the truth, not from the ties' own values:
    which kinds a program knows is its own affair. Two messages that are not tied directly are none of this.
    """
    out: dict[tuple[str, str], HubTie] = {}
    known = set(hubs)
    for tie in ties:
        one, two = rows.get(tie.message), rows.get(tie.other)
        if not one or not two or not one.hostile or not two.hostile or one is two:
            continue
        if not found.get(tie.message) or found.get(tie.message) != found.get(tie.other):
            continue
        shared = set(one.carries) & set(two.carries)
        first, second = sorted((one, two), key=lambda row: row.sha256)
        if shared <= known:
            names = (first.operation, second.operation)
            out[first.sha256, second.sha256] = HubTie(first.sha256, second.sha256, names, tuple(sorted(shared)))
    return list(out.values())


def score(rows: Sequence[Truth], found: Mapping[str, str], ties: Sequence[Tie] = (), hubs: Collection[str] = (),
          among: Collection[str] | None = None) -> Score:  # fmt: skip
    """Score found operations (message to operation) against the truth; `among` leaves other hostile messages out."""
    hostile = {row.sha256: row for row in rows if row.hostile and (among is None or row.sha256 in among)}
    truth = {message: row.operation for message, row in hostile.items()}
    places = {message: row.organisation for message, row in hostile.items()}
    attacks = {found[message] for message in truth if found.get(message)}
    honest = Counter(row.role for row in rows if not row.hostile and found.get(row.sha256, "") in attacks)
    told = {row.sha256 for row in rows}
    honest.update("not in the truth" for message, name in found.items() if name in attacks and message not in told)
    kinds: dict[str, list[str]] = defaultdict(list)
    for message, row in hostile.items():
        kinds[row.kind].append(message)
    parts: dict[str, set[str]] = defaultdict(set)
    owners: dict[str, set[str]] = defaultdict(set)
    for message, name in _found(truth, found).items():
        parts[truth[message]].add(name)
        owners[name].add(truth[message])
    return Score(
        messages=len(truth),
        operations=len(parts),
        whole=sum(len(names) == 1 and all(len(owners[name]) == 1 for name in names) for names in parts.values()),
        b_cubed=b_cubed(truth, found),
        pairs=pairs(truth, found),
        across=pairs(truth, found, places),
        honest=tuple(honest.most_common()),
        by_kind=tuple((k, b_cubed(truth, found, m), pairs(truth, found, of=m)) for k, m in sorted(kinds.items())),
        over_merges=tuple(over_merges(truth, found, ties)),
        hub_ties=tuple(hub_ties({row.sha256: row for row in rows}, found, ties, hubs)),
    )


def read_truth(folder: Path) -> list[Truth]:
    """Read `truth.jsonl`. Raises OSError where it is missing and TypeError where it is of another version."""
    with (folder / "truth.jsonl").open(encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [Truth(**(one | {"changed": tuple(one["changed"]), "carries": tuple(one["carries"])})) for one in read]


def read_members(path: Path) -> dict[str, str]:
    """Read message and operation. Raises ValueError where a message is in two operations: that is no partition."""
    out: dict[str, str] = {}
    for row in _rows(path, ("message", "operation")):
        if out.setdefault(row["message"], row["operation"]) != row["operation"]:
            raise ValueError(
                f"{path}: message {row['message']} is in the operations {out[row['message']]} and {row['operation']}. "
                "Give each message the one operation it belongs to most."
            )
    return out


def read_ties(path: Path) -> list[Tie]:
    """Read ties between messages."""
    return [
        Tie(row["message"], row["other"], row["kind"], row.get("family") or "", row.get("value") or "")
        for row in _rows(path, ("message", "other", "kind"))
    ]


def _rows(path: Path, needed: tuple[str, ...]) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        missing = [name for name in needed if name not in (table.fieldnames or ())]
        if missing:
            raise ValueError(f"{path} has no column {', '.join(missing)}. Its first line must name the columns.")
        yield from table


def sentences(made: Score) -> list[str]:
    """For people."""
    b, p, a = made.b_cubed, made.pairs, made.across
    out = [
        f"{made.messages} hostile messages of {made.operations} operations, {made.whole} of these whole and pure",
        f"B-cubed precision {b.precision:.4f} recall {b.recall:.4f} F {b.f:.4f}",
        f"pairs precision {p.precision:.4f} ({p.right} of {p.found}) recall {p.recall:.4f} ({p.right} of {p.true})",
        f"pairs across organisations precision {a.precision:.4f} recall {a.recall:.4f} ({a.right} of {a.true})",
        f"honest messages pulled in: {sum(n for _, n in made.honest)} {dict(made.honest)}",
        _hub_sentence(made.hub_ties),
    ]
    out += [
        f"{kind:10} B-cubed P {b.precision:.4f} R {b.recall:.4f} F {b.f:.4f} pairs P {p.precision:.4f} R {p.recall:.4f}"
        for kind, b, p in made.by_kind
    ]
    for one in made.over_merges:
        joined = ", ".join(f"{name} {count}" for name, count in one.joined)
        tied = ", ".join(f"{kind} {count}" for kind, count in one.evidence) or "no tie that was given"
        out.append(f"over-merge {one.found}: {joined}; by {tied}")
    for tie in [one for one in made.hub_ties if one.is_wrong][:20]:
        out.append(f"hub alone: {tie.message[:12]} {tie.other[:12]} of {' and '.join(tie.operations)}: {tie.values}")
    return out


def _hub_sentence(ties: Sequence[HubTie]) -> str:
    hubs = [tie for tie in ties if tie.values]
    nothing = [tie for tie in ties if not tie.values]
    return (
        f"ties resting on hubs alone: {len(hubs)}, between operations {sum(t.is_wrong for t in hubs)}; "
        f"on nothing that the truth knows: {len(nothing)}, between operations {sum(t.is_wrong for t in nothing)}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.linking.score", description=__doc__)
    parser.add_argument("truth", type=Path, help="folder that the generator wrote")
    parser.add_argument("members", type=Path, help="CSV with message and operation")
    parser.add_argument("--ties", type=Path, help="CSV with message, other, kind, family, value")
    parser.add_argument("--among", type=Path, help="CSV with message: count only these of the hostile ones")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    given = parser.parse_args(arguments)
    try:
        rows, found = read_truth(given.truth), read_members(given.members)
        ties = read_ties(given.ties) if given.ties else []
        among = {row["message"] for row in _rows(given.among, ("message",))} if given.among else None
        hubs: list[str] = json.loads((given.truth / "hubs.json").read_text("utf-8"))["values"]
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    made = score(rows, found, ties, hubs, among)
    print("\n".join(sentences(made)))
    if given.json:
        more = {"f": made.b_cubed.f, "pair_precision": made.pairs.precision, "pair_recall": made.pairs.recall}
        given.json.write_text(json.dumps(asdict(made) | more, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
