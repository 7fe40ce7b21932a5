"""Observed infrastructure against an independent list of actors' own, before and after what many share is left out.

Maltrail's lists of actors are the knowledge; what Citizen Lab, Volexity and Sekoia published is observed, and so are
maltrail's lists of crime, where no actor is right. Blocks of maltrail that cite whoever published the observed are left
out, and so are blocks that share a reference with an observed one. Whether an actor is named goes through Watchword's
own rules: `watchword.attribute.weighing`, with the kinds of evidence for hosts, domains and addresses.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.maltrail_reports import NOBODY, related
from watchword.actors.values import read_value
from watchword.attribute.actors_known import Known as Actors
from watchword.attribute.evidence import Kind, kinds
from watchword.attribute.exhibits import MOST, Draft
from watchword.attribute.kept import Records
from watchword.attribute.likeness import learn
from watchword.attribute.rules import rules
from watchword.attribute.weighing import Subject, weigh_operation
from watchword.connect.networks import shared_networks
from watchword.context.domains import popularity
from watchword.indicators.extract import extract
from watchword.indicators.found import ATTACKER, UNCLEAR
from watchword.indicators.known import Known as Whose
from watchword.observe import url
from watchword.observe.domain import is_address, organisation, registrable

FEWEST, LARGEST = 3, 200  # hosts of an observed set
PUBLISHERS = {"citizenlab": "citizenlab.ca", "volexity": "volexity.com", "sekoia": "sekoia.io"}
TEXTS = {".csv", ".txt", "", ".jsonl"}
BYTES = 2_000_000
_REFERENCE = re.compile(r"# *Refer[a-z]+: *(\S+)", re.IGNORECASE)
KINDS = {"host": "indicator-host", "domain": "indicator-domain", "ip": "indicator-ip"}

Hit = tuple[str, str]  # kind of value and value


@dataclass(frozen=True, slots=True)
class Block:
    """What one reference says of one actor."""

    actor: str
    references: frozenset[str]
    publisher: str  # domain of the first reference
    values: frozenset[str]  # hosts and addresses


@dataclass(frozen=True, slots=True)
class Observed:
    """The infrastructure of one published operation."""

    name: str
    actors: frozenset[str]  # lists of maltrail that are on who it was; empty if none is, or nobody knows
    publisher: str
    values: frozenset[str]
    roles: Mapping[str, str] = field(default_factory=dict)  # whose a value is by the text, where it says so
    references: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whom one way names, and on what that rests."""

    observed: Observed
    actor: str  # empty: nobody
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hubs:
    """Values that many share, each with the reason."""

    says: Mapping[str, str]

    @classmethod
    def of(cls, values: Iterable[str], users: Mapping[str, set[str]], most: int) -> "Hubs":
        """Ask Watchword's own lists of all values in question, and count who is said to use them."""
        wanted = set(values)
        whose = Whose.of("")
        found = dict(shared_networks(value for value in wanted if is_address(value)))
        names = {value for value in wanted if not is_address(value)}
        popular = popularity({organisation(name) for name in names})
        for name in names:
            owner = organisation(name)
            if any(map(whose.is_open, _upwards(name))) and (owner == name or whose.is_open(name)):
                found[name] = "anybody can have a page or file there"
            elif owner in popular and not whose.is_open(owner):
                found[name] = "one of the million most used domains"
            elif whose.is_someones(owner):
                found[name] = "the domain of a known institution or service"
        for value in wanted:
            if len(users.get(value, ())) > most:
                found[value] = f"{len(users[value])} actors are said to use it"
        return cls(found)


def blocks(path: Path) -> Iterator[Block]:
    """Read one list of maltrail; references follow each other until an indicator comes."""
    actor = re.sub(r"-\d$", "", path.stem.removeprefix("apt_"))
    references: list[str] = []
    values: set[str] = set()
    for line in [*path.read_text("utf-8").splitlines(), "# Reference: end"]:
        text = line.strip()
        if found := _REFERENCE.match(text):
            if values:
                yield Block(actor, frozenset(references), _publisher(references), frozenset(values))
                references, values = [], set()
            references.append(found[1])
        elif text and not text.startswith("#") and (value := read_value(text.partition(" #")[0])):
            host = _host(*value)
            if host:
                values.add(host)


def published(root: Path, truth: Path) -> list[Observed]:
    """Read what the three published, a folder an operation; `truth` says which lists are on who it was."""
    known: dict[str, dict[str, list[str]]] = tomllib.loads(truth.read_text("utf-8"))
    found = []
    for publisher, actors in known.items():
        base = root / publisher / "IOCs" if publisher == "sekoia" else root / publisher
        for folder, names in actors.items():
            values: dict[str, str] = {}
            place = base / folder if publisher != "volexity" else next(base.glob(f"*/{folder}*"))
            for path in sorted(place.rglob("*")):
                if path.is_file() and path.suffix in TEXTS and path.stat().st_size < BYTES:
                    text = path.read_text("utf-8", errors="replace")
                    for one in extract(text, PUBLISHERS[publisher]):
                        if host := _host(one.kind, one.value):
                            values[host] = one.role
            if len(values) >= FEWEST:
                found.append(
                    Observed(
                        f"{publisher}/{folder}", frozenset(names), PUBLISHERS[publisher], frozenset(values), values
                    )
                )
    return found


def crime(root: Path) -> list[Observed]:
    """Give the blocks of maltrail's lists of crime and of tools, where no actor of its other lists is right."""
    found = []
    for path in [*sorted(root.glob("malware/ta[0-9]*.txt")), *sorted(root.glob("malicious/*.txt"))]:
        for number, block in enumerate(blocks(path)):
            if FEWEST <= len(block.values) <= LARGEST and block.references:
                name = f"{path.stem} {number}"
                found.append(Observed(name, frozenset(), "", block.values, references=block.references))
    return found


class Knowledge:
    """All lists of actors, asked with something observed."""

    def __init__(self, root: Path, observed: Iterable[Observed]) -> None:
        """Read the lists and say once which values are hubs."""
        self.blocks = [
            block
            for path in sorted(root.glob("malware/apt_*.txt"))
            for block in blocks(path)
            if block.actor not in NOBODY
        ]
        self.having: dict[str, list[Block]] = defaultdict(list)
        self.below: dict[str, list[Block]] = defaultdict(list)
        self.wide: dict[str, list[Block]] = defaultdict(list)
        users: dict[str, set[str]] = defaultdict(set)
        for block in self.blocks:
            for value in block.values:
                for name in {value, _owner(value)}:
                    users[name].add(block.actor)
                self.having[value].append(block)
                self.below[_owner(value)].append(block)
                self.wide[_registered(value)].append(block)
        self.users = users
        seen = {name for one in observed for value in one.values for name in (value, _owner(value))}
        met = {name for name in seen if name in self.having or name in self.below}
        self.hubs = Hubs.of(met, users, rules().most_actors)

    def hits(self, one: Observed, with_hubs: bool) -> dict[Hit, list[Block]]:
        """Give what is met: the same host or address, else the same registrable domain."""
        found: dict[Hit, list[Block]] = {}
        for value in sorted(one.values):
            # Before the layers a domain is what is registered, whoever lets others have names below it.
            owner = _registered(value) if with_hubs else _owner(value)
            kind = "ip" if is_address(value) else "domain" if value == owner else "host"
            around = self.wide if with_hubs else self.below
            for by, name, table in ((kind, value, self.having), ("domain", owner, around)):
                blocks_of = [block for block in table.get(name, ()) if _independent(one, block)]
                if blocks_of and (with_hubs or self.counts(one, value, name)):
                    found[by, name] = blocks_of
                    break
        return found

    def counts(self, one: Observed, value: str, name: str) -> bool:
        """Tell whether a hit says something: no hub, and not somebody else's by the words of the text."""
        return name not in self.hubs.says and one.roles.get(value, ATTACKER) in (ATTACKER, UNCLEAR)


def by_vote(known: Knowledge, one: Observed, with_hubs: bool) -> Verdict:
    """Name the actor whom most values point to; nobody if two have as many."""
    votes: Counter[str] = Counter()
    hits = known.hits(one, with_hubs)
    for some in hits.values():
        votes.update({block.actor for block in some})
    best = votes.most_common(2)
    if not best or (len(best) == 2 and best[0][1] == best[1][1]):
        return Verdict(one, "", ())
    actor = best[0][0]
    rests = tuple(name for (_, name), some in hits.items() if any(block.actor == actor for block in some))
    return Verdict(one, actor, rests)


def by_weight(known: Knowledge, one: Observed, though_public: bool) -> Verdict:
    """Weigh what is met as the product does; `though_public` leaves out the rule that something must be private."""
    drafts = list(_drafts(one, known.hits(one, with_hubs=False)))
    if not drafts:
        return Verdict(one, "", ())
    reports = Counter(block.actor for block in known.blocks)
    actors = Actors({actor: actor for actor in reports}, {}, {}, {}, reports, learn([]))
    weighed = weigh_operation(Subject(one.name, (), None), drafts, Records(), [], actors, rules())
    said = weighed.attribution
    broken = [rule for rule in said.rules if not (though_public and "could have been copied" in rule)]
    if broken or not said.nearest:
        return Verdict(one, "", ())
    shown = [draft.value for draft in drafts if said.nearest in draft.actors]
    return Verdict(one, said.nearest, tuple(dict.fromkeys(shown)))


def judged(verdict: Verdict, related_actors: set[tuple[str, str]]) -> str:
    """Say whether a verdict is right, an alias split, wrong or none.

    An alias split: the list that is named and a right one share a name by their own aliases or those of MISP's galaxy.
    """
    if not verdict.actor:
        return "nobody"
    if verdict.actor in verdict.observed.actors:
        return "right"
    if any((verdict.actor, actor) in related_actors for actor in verdict.observed.actors):
        return "alias split"
    return "wrong"


def tables(root: Path, truth: Path) -> list[str]:
    """Give the tables as lines of Markdown."""
    static = root / "maltrail/trails/static"
    sets = {"published folders": published(root, truth), "blocks of crime and tools": crime(static)}
    known = Knowledge(static, [one for some in sets.values() for one in some])
    aliases = related(static / "malware", root / "misp-galaxy/clusters/threat-actor.json")
    ways: dict[str, Callable[[Observed], Verdict]] = {
        "vote, hubs and all": lambda one: by_vote(known, one, with_hubs=True),
        "vote, without hubs": lambda one: by_vote(known, one, with_hubs=False),
        "weighed, though all is public": lambda one: by_weight(known, one, though_public=True),
        "weighed, by all rules": lambda one: by_weight(known, one, though_public=False),
    }
    lines = ["", "**Infrastructure**", ""]
    lines += [
        "| observed | of known actors | way | right | alias split | wrong, actor known | named, actor not there |"
    ]
    lines[-1] += " nobody | resting on hubs alone |"
    lines.append("|---|---|---|---|---|---|---|---|---|")
    wrong: list[str] = []
    for name, some in sets.items():
        for way, ask in ways.items():
            verdicts = [ask(one) for one in some]
            lines.append(f"| {name} ({len(some)}) | {sum(bool(one.actors) for one in some)} | {way} | ")
            lines[-1] += _cells(verdicts, aliases, known)
            if name == "published folders" and way != "vote, hubs and all":
                wrong += [
                    f"* {way}: {one.observed.name} as {one.actor}, by {', '.join(map(_shown, one.rests_on[:4]))}"
                    for one in verdicts
                    if judged(one, aliases) == "wrong"
                ]
    return [*lines, "", "Named and not right, without hubs:", "", *wrong]


def _cells(verdicts: Sequence[Verdict], aliases: set[tuple[str, str]], known: Knowledge) -> str:
    count = Counter(judged(one, aliases) for one in verdicts)
    absent = sum(judged(one, aliases) == "wrong" and not one.observed.actors for one in verdicts)
    hubs = sum(bool(one.actor) and all(_is_hub(known, one.observed, name) for name in one.rests_on) for one in verdicts)
    cells = (count["right"], count["alias split"], count["wrong"] - absent, absent, count["nobody"], hubs)
    return " | ".join(map(str, cells)) + " |"


def _is_hub(known: Knowledge, one: Observed, name: str) -> bool:
    return not known.counts(one, name, name) or Whose.of("").is_open(name)


def _drafts(one: Observed, hits: Mapping[Hit, list[Block]]) -> Iterator[Draft]:
    """Give exhibits as `watchword.attribute.exhibits` makes them: one for each value and root."""
    by_name = {kind.name: kind for kind in kinds()}
    for kind_name in KINDS.values():
        some = [draft for (by, value), found in hits.items() if KINDS[by] == kind_name
                for draft in _of_value(one, by_name[kind_name], value, found)]  # fmt: skip
        yield from sorted(some, key=lambda draft: (-max([0.0, *draft.actors.values()]), draft.value, draft.root))[:MOST]


def _of_value(one: Observed, kind: Kind, value: str, found: Sequence[Block]) -> Iterator[Draft]:
    everybody = {block.actor for block in found}
    share = max(0.0, kind.bits - (len(everybody) - 1).bit_length())
    for root in sorted({block.publisher for block in found}):
        actors = sorted({block.actor for block in found if block.publisher == root})
        yield Draft(one.name, kind, value, (), dict.fromkeys(actors, share), {}, root, "", root, value)


def _independent(one: Observed, block: Block) -> bool:
    if one.publisher and any(one.publisher in reference for reference in block.references):
        return False
    return not one.references & block.references


def _publisher(references: Sequence[str]) -> str:
    hosts = [host for reference in references if (host := url.read(reference).host)]
    return organisation(hosts[0]) if hosts else "maltrail"


def _host(kind: str, value: str) -> str:
    if kind == "url":
        return url.read(value).host
    return value if kind in ("host", "domain", "ip") else ""


def _owner(value: str) -> str:
    return value if is_address(value) else organisation(value)


def _registered(value: str) -> str:
    """Give what is registered, whoever lets others have names below it."""
    return value if is_address(value) else registrable(value, private=False)


def _upwards(host: str) -> Iterator[str]:
    while "." in host:
        yield host
        host = host.partition(".")[2]


def _shown(value: str) -> str:
    return value.replace(".", "[.]")
