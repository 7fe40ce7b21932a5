"""Which published reports belong together, by names of hosts, addresses and paths: precision and recall of pairs.

    python -m bench.maltrail --corpora DIR [--markdown FILE] [--wrong N] [--dev]

Maltrail lists indicators of state-backed actors, one file an actor, one block a report. Two readings of the truth:
reports on one actor belong together; and the halves of one report do, its indicators parted at random. Actors are
parted into dev and val by a hash of their name. `watchword.connect.background.BITS` was measured on dev. The prior and
hubs are learned on dev in every run, and so is the model that is compared with: one likelihood ratio for each of five
features, added up. Nothing is learned from val.
"""

import argparse
import itertools
import math
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.maltrail_reports import Indicator, Report, half, halves, read, related
from watchword.connect.background import Background
from watchword.connect.naming import Value, owner
from watchword.observe.domain import is_address, organisation

POSTERIOR = 7.0  # log2 of the odds at which the rule joins
SPEAKS = 3.0  # bits from which a family counts as one of two
QUARTER = 0.25  # of what else of a family is shared, beside its best
THRESHOLDS = (12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
OLD = ("address", "network", "host", "domain", "label")
RESAMPLED = 400  # draws of actors for the intervals

Pair = tuple[int, int]


@dataclass(slots=True)
class Unit:
    """A report, or half of one, and what it may share with others."""

    actor: str
    report: int
    references: frozenset[str]
    bits: dict[Value, float] = field(default_factory=dict)
    control: set[Value] = field(default_factory=set)
    owners: dict[Value, set[str]] = field(default_factory=lambda: defaultdict(set))  # whose hosts have it
    old: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Scored:
    """A pair that shares something."""

    one: Unit
    other: Unit
    bits: float  # log2 of the odds that they belong together, prior included
    joined: bool  # two families speak, or something that cannot be copied
    because: tuple[Value, ...]

    @property
    def true(self) -> bool:
        """Tell whether they belong together, in either reading: pairs that would be wrong in one are not made."""
        return self.one.actor == self.other.actor


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of truth on one half of the actors: its pairs."""

    units: Sequence[Unit]
    by_report: bool
    apart: bool

    def compared(self, one: Unit, other: Unit) -> bool:
        """Tell whether a pair counts: nothing that one source said twice; if by report, no other of the same actor."""
        if self.by_report and one.report == other.report:
            return True
        return not one.references & other.references and not (self.by_report and one.actor == other.actor)

    def sizes(self) -> tuple[int, int]:
        """Give how many pairs belong together and how many do not."""
        true = false = 0
        for one, other in itertools.combinations(self.units, 2):
            if self.compared(one, other):
                true += one.actor == other.actor
                false += one.actor != other.actor
        return true, false

    def sharing(self, values: Sequence[Iterable[object]]) -> dict[Pair, list[object]]:
        """Give the pairs that share something, and what."""
        having: dict[object, list[int]] = defaultdict(list)
        for place, some in enumerate(values):
            for value in some:
                having[value].append(place)
        found: dict[Pair, list[object]] = defaultdict(list)
        for value, places in having.items():
            for pair in itertools.combinations(places, 2):
                if self.compared(self.units[pair[0]], self.units[pair[1]]):
                    found[pair].append(value)
        return found


def main() -> None:
    """Measure both readings and print tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.maltrail", description=__doc__.partition("\n")[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--dev", action="store_true", help="measure on the actors that weights were tuned on")
    parser.add_argument("--wrong", type=int, default=10, help="how many causes of false pairs to list")
    given = parser.parse_args()
    root = given.corpora / "threat_intel/maltrail/trails/static/malware"
    galaxy = given.corpora / "threat_intel/misp-galaxy/clusters/threat-actor.json"
    begun = time.monotonic()
    reports = read(root)
    aliases = related(root, galaxy)
    lines: list[str] = []
    dev = [report for report in reports if half(report.actor) == "dev"]
    val = dev if given.dev else [report for report in reports if half(report.actor) == "val"]
    hubs = set() if given.dev else learned_hubs(dev, aliases)
    known = Background(hosts(dev))
    asked = time.monotonic()
    background = Background(hosts(val), hubs)
    lines.append(f"Reading the lists for {len(set(hosts(val))):,} hosts: {time.monotonic() - asked:.0f} s.")
    for by_report, apart in ((False, False), (True, False), (True, True)):
        learned = Reading(units(dev, by_report, apart, known), by_report, apart)
        asked = time.monotonic()
        measured = Reading(units(val, by_report, apart, background), by_report, apart)
        pairs = scored(measured, 0)
        taken = time.monotonic() - asked
        lines += ["", *table(learned, measured, aliases, given.wrong, len(hubs))]
        lines += ["", f"Weighing and comparing: {taken:.1f} s, {len(pairs):,} pairs share something."]
        sys.stderr.write(f"{time.monotonic() - begun:5.0f} s\n")
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if given.markdown:
        given.markdown.write_text(text, "utf-8")


def hosts(reports: Iterable[Report]) -> list[str]:
    """Give all hosts of some reports."""
    return [line.host for report in reports for line in report.indicators if line.host]


def learned_hubs(reports: Iterable[Report], aliases: set[tuple[str, str]]) -> set[str]:
    """Give domains and /24 networks that two unrelated actors used: they tell no two apart."""
    users: dict[str, set[str]] = defaultdict(set)
    for report in reports:
        for line in report.indicators:
            if line.host:
                name = line.host.rpartition(".")[0] if is_address(line.host) else owner(line.host)
                users[name].add(report.actor)
    return {
        name
        for name, actors in users.items()
        if any(pair not in aliases for pair in itertools.combinations(sorted(actors), 2))
    }


def units(reports: Sequence[Report], by_report: bool, apart: bool, background: Background) -> list[Unit]:
    """Give reports, or their halves, with what each may share."""
    found = []
    for place, report in enumerate(reports):
        if not by_report:
            found.append(_unit(Unit(report.actor, place, report.references), report.indicators, background))
        elif min(map(len, parts := halves(report, apart))) >= 2:
            found += [_unit(Unit(report.actor, place, report.references), lines, background) for lines in parts]
    return found


def _unit(unit: Unit, lines: Iterable[Indicator], background: Background) -> Unit:
    for line in lines:
        whose = "" if not line.host else line.host if is_address(line.host) else owner(line.host)
        weighed = [*background.host(line.host)] if line.host else []
        weighed += background.path(line.path, line.query) if line.path else []
        for one in weighed:
            if one.bits > 0:
                unit.bits[one.value] = one.bits
                unit.owners[one.value].add(line.path if one.value.family == "path" else whose)
                if one.control:
                    unit.control.add(one.value)
        if line.host:
            unit.old.update(_old(line.host))
    return unit


def _old(host: str) -> Iterator[tuple[str, str]]:
    if is_address(host):
        yield "address", host
        yield "network", host.rpartition(".")[0]
    else:
        domain = organisation(host)
        yield "host", host
        yield "domain", domain
        yield "label", domain.partition(".")[0]


def scored(reading: Reading, prior: float) -> list[Scored]:
    """Score all pairs that share something by the shipped rule."""
    found = []
    for (first, second), values in reading.sharing([unit.bits for unit in reading.units]).items():
        one, other = reading.units[first], reading.units[second]
        bits, joined, because = weigh([value for value in values if isinstance(value, Value)], one, other)
        found.append(Scored(one, other, prior + bits, joined, because))
    return found


def weigh(values: Sequence[Value], one: Unit, other: Unit) -> tuple[float, bool, tuple[Value, ...]]:
    """Add up what two units share: of each family the best in full, of the rest a quarter, of one host one thing."""
    total = 0.0
    said: dict[str, float] = {}
    taken: set[str] = set()
    because = []
    control = False
    for value in sorted(values, key=lambda value: (-one.bits[value], value)):
        if not (one.owners[value] - taken and other.owners[value] - taken):
            continue
        bits = one.bits[value]
        total += bits * (QUARTER if value.family in said else 1)
        said.setdefault(value.family, bits)
        control |= value in one.control
        because.append(value)
        taken |= one.owners[value] | other.owners[value]
    return total, control or sum(bits >= SPEAKS for bits in said.values()) >= 2, tuple(because)


def old_model(learned: Reading) -> dict[str, float]:
    """Learn the bits of five features: how much oftener pairs that belong together share one."""
    true, false = learned.sizes()
    counts: dict[str, list[int]] = {kind: [0, 0] for kind in OLD}
    for (first, second), shared in learned.sharing([unit.old for unit in learned.units]).items():
        same = learned.units[first].actor == learned.units[second].actor
        for kind in {kind for kind, _ in _old_values(shared)}:
            counts[kind][0 if same else 1] += 1
    return {
        kind: math.log2((hit + 0.5) / (true + 1)) - math.log2((miss + 0.5) / (false + 1))
        for kind, (hit, miss) in counts.items()
    }


def _old_values(shared: Iterable[object]) -> list[tuple[str, str]]:
    return [value for value in shared if isinstance(value, tuple)]


def old_scored(reading: Reading, bits: dict[str, float], prior: float) -> list[Scored]:
    """Score pairs by the compared model: the bits of its features added up."""
    found = []
    for (first, second), shared in reading.sharing([unit.old for unit in reading.units]).items():
        kinds = {kind for kind, _ in _old_values(shared)}
        total = prior + sum(bits[kind] for kind in kinds)
        found.append(Scored(reading.units[first], reading.units[second], total, True, ()))
    return found


def table(learned: Reading, measured: Reading, aliases: set[tuple[str, str]], wrong: int, hubs: int) -> list[str]:
    """Write one reading as Markdown."""
    dev_true, dev_false = learned.sizes()
    true, false = measured.sizes()
    prior = math.log2(dev_true / dev_false)
    ours = scored(measured, prior)
    theirs = old_scored(measured, old_model(learned), prior)
    rule = [pair for pair in ours if pair.joined]
    title = "halves of one report" if measured.by_report else "reports on one actor"
    title += ", no domain or address in both" if measured.apart else ""
    lines = [
        f"### Reading: {title}",
        "",
        f"{len(measured.units):,} units of {len({unit.actor for unit in measured.units})} actors, {true:,} pairs belong"
        f" together, {false:,} do not; prior {dev_true / (dev_true + dev_false):.4f} and {hubs} hubs from dev.",
        "",
        "| log2 odds | rule: pairs | precision | aliases aside | recall | five features: pairs | precision | recall |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for threshold in THRESHOLDS:
        new = [pair for pair in rule if pair.bits >= threshold]
        old = [pair for pair in theirs if pair.bits >= threshold]
        apart = [pair for pair in new if pair.true or (pair.one.actor, pair.other.actor) not in aliases]
        lines.append(
            f"| {threshold} | {len(new)} | {_share(new)} | {_share(apart)} | {sum(p.true for p in new) / true:.4f} "
            f"| {len(old)} | {_share(old)} | {sum(p.true for p in old) / true:.4f} |"
        )
    joined = [pair for pair in rule if pair.bits >= POSTERIOR]
    low, high, low_recall, high_recall = interval(joined, measured)
    lines += [
        "",
        f"At {POSTERIOR:.0f}, 95 % of {RESAMPLED} draws of actors: precision {low:.3f} to {high:.3f}, recall "
        f"{low_recall:.4f} to {high_recall:.4f}.",
        "",
        "Carried by (kind of the best value; pairs joined, of them wrong): " + carried(joined),
        "",
        "Actors of pairs rightly joined: " + _most(Counter(pair.one.actor for pair in joined if pair.true)),
        "",
        "Wrong: " + _most(Counter(_cause(pair) for pair in joined if not pair.true), wrong),
        "",
        "Wrong below that: "
        + _most(Counter(_cause(pair) for pair in rule if not pair.true and pair.bits < POSTERIOR), wrong),
        "",
        "Values that most false pairs share, with what the rule counts for them: " + hubs_met(measured, wrong),
    ]
    return lines


def interval(joined: Sequence[Scored], measured: Reading) -> tuple[float, float, float, float]:
    """Draw actors with replacement and give the range of precision and recall that 95 of 100 draws have."""
    draw = random.Random(5)  # noqa: S311 - no secret
    actors = sorted({unit.actor for unit in measured.units})
    own: Counter[str] = Counter()
    for one, other in itertools.combinations(measured.units, 2):
        if one.actor == other.actor and measured.compared(one, other):
            own[one.actor] += 1
    precisions, recalls = [], []
    for _ in range(RESAMPLED):
        drawn = Counter(draw.choices(actors, k=len(actors)))
        hit = sum(drawn[pair.one.actor] for pair in joined if pair.true)
        miss = sum(drawn[pair.one.actor] * drawn[pair.other.actor] for pair in joined if not pair.true)
        precisions.append(hit / (hit + miss) if hit + miss else 1.0)
        recalls.append(hit / max(1, sum(own[actor] * times for actor, times in drawn.items())))
    low, high = RESAMPLED // 40, RESAMPLED - 1 - RESAMPLED // 40
    return sorted(precisions)[low], sorted(precisions)[high], sorted(recalls)[low], sorted(recalls)[high]


def carried(joined: Iterable[Scored]) -> str:
    """Say which kinds of value brought pairs together."""
    pairs = list(joined)
    counts = Counter(pair.because[0].kind for pair in pairs)
    wrong = Counter(pair.because[0].kind for pair in pairs if not pair.true)
    return ", ".join(f"{kind} {count} ({wrong[kind]})" for kind, count in counts.most_common())


def hubs_met(reading: Reading, most: int) -> str:
    """Give the domains and networks that pairs share which do not belong together, and whether the rule weighs them."""
    counts: Counter[str] = Counter()
    for (first, second), shared in reading.sharing([unit.old for unit in reading.units]).items():
        one, other = reading.units[first], reading.units[second]
        if one.actor != other.actor:
            for kind, name in set(_old_values(shared)):
                if kind in ("domain", "network", "address"):
                    bits = one.bits.get(Value(kind, "name" if kind == "domain" else "address", name), 0)
                    counts[f"{kind} `{name}` {bits:.0f} bits"] += 1
    return _most(counts, most)


def _cause(pair: Scored) -> str:
    actors = " / ".join(sorted((pair.one.actor, pair.other.actor)))
    return f"{actors}: " + ", ".join(f"{value.kind} `{value.value}`" for value in pair.because[:2])


def _most(counts: Counter[str], most: int = 8) -> str:
    return "; ".join(f"{name} ({count})" for name, count in counts.most_common(most)) or "none"


def _share(pairs: Sequence[Scored]) -> str:
    return f"{sum(pair.true for pair in pairs) / len(pairs):.3f}" if pairs else "-"


if __name__ == "__main__":
    main()
