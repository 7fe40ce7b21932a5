"""Reports that ATT&CK cites, each a labelled set of techniques and software, from its per-object STIX files.

Every `uses` relation cites the reports it rests on, so that a cited report is what its relations say, taken together.
That is a reading by ATT&CK's editors: what a report holds and they did not enter is missing.
"""

import datetime
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

LEAST = 5  # items a report must have to be asked about
SISTER_DAYS = 120  # reports on one incident are out within months
SISTER_SHARE = 0.5  # of the smaller report's items that ATT&CK credits to both in one sentence
TACTICS = frozenset({"reconnaissance", "resource-development", "initial-access"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PUBLISHED = re.compile(r"\((\d{4})(?:,?\s+([A-Za-z]{3})[a-z]*\.?(?:\s+(\d{1,2}))?)?[^)]*\)")
LOOSE = re.compile(r"\b(?:19|20)\d{2}\b")
RETRIEVED = re.compile(r"Retrieved\W.*?(\d{4})", re.S)

Credit = frozenset[str]  # all reports that one sentence rests on


@dataclass(frozen=True, slots=True)
class Report:
    """One cited report: whom it is on and what it says was used."""

    name: str
    actors: frozenset[str]
    techniques: frozenset[str]  # T1566.001
    software: frozenset[str]  # ids of ATT&CK, with a colon in front of nothing else
    published: datetime.date | None
    retrieved: int | None  # year in which ATT&CK's editors read it
    publisher: str  # host of its address
    names: frozenset[str] = field(default_factory=frozenset)  # all citations that are this report
    shown: frozenset[str] = field(default_factory=frozenset)  # techniques that mail may show
    credits: frozenset[tuple[str, Credit]] = field(default_factory=frozenset)

    @property
    def items(self) -> frozenset[str]:
        """Give techniques and software."""
        return self.techniques | self.software

    @property
    def actor(self) -> str:
        """Give whom it is on; empty if on more than one."""
        return next(iter(self.actors)) if len(self.actors) == 1 else ""

    def before(self, year: int) -> bool:
        """Tell whether it was surely out before a year began; of an undated one, whether it had been read by then."""
        if self.published:
            return self.published.year < year
        return self.retrieved is not None and self.retrieved < year

    def since(self, year: int) -> bool:
        """Tell whether it surely came out in a year or later."""
        return self.published is not None and self.published.year >= year


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign that ATT&CK attributes to a group, or to several."""

    name: str
    actors: frozenset[str]  # most often one
    techniques: frozenset[str]
    software: frozenset[str]
    cites: frozenset[str]
    first_seen: datetime.date | None


@dataclass(frozen=True, slots=True)
class Corpus:
    """All that is read from ATT&CK, and what was counted on the way."""

    reports: Sequence[Report]  # one for each document, however often cited
    campaigns: Sequence[Campaign]
    titles: dict[str, str]  # actor -> name
    citations: int  # citation names, before those of one document were brought together
    undated: int


@dataclass(slots=True)
class _Cited:
    """What is gathered on one citation name."""

    description: str = ""
    url: str = ""
    actors: set[str] = field(default_factory=set)
    items: dict[str, set[Credit]] = field(default_factory=lambda: defaultdict(set))


Object = dict[str, object]


def objects(folder: Path) -> list[Object]:
    """Read every object of one type that is in force; each file is a bundle of one."""
    found: list[Object] = []
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_bytes())
        found += [one for one in content["objects"] if not one.get("revoked") and not one.get("x_mitre_deprecated")]
    return found


def read(root: Path) -> Corpus:
    """Read groups, campaigns and relations, and give cited reports and attributed campaigns."""
    codes, shown = _techniques(objects(root / "attack-pattern"))
    groups = objects(root / "intrusion-set")
    titles = {str(one["id"]): str(one["name"]) for one in groups}
    cited: dict[str, _Cited] = defaultdict(_Cited)
    uses: dict[str, list[Object]] = defaultdict(list)
    owners: dict[str, set[str]] = defaultdict(set)
    for one in objects(root / "relationship"):
        source, target = str(one["source_ref"]), str(one["target_ref"])
        if one["relationship_type"] == "attributed-to":
            owners[source].add(target)
        elif one["relationship_type"] == "uses":
            uses[source].append(one)
            if source in titles:
                _credit(cited, source, codes.get(target, target), one)
    reports = _documents(cited, shown)
    campaigns = [
        _campaign(one, frozenset(owners[str(one["id"])]), uses[str(one["id"])], codes)
        for one in objects(root / "campaign")
        if owners[str(one["id"])]
    ]
    undated = sum(report.published is None for report in reports)
    return Corpus(reports, campaigns, titles, len(cited), undated)


def year_and_day(description: str) -> datetime.date | None:
    """Give when a document came out, from the text of its citation; the first of what is not said."""
    text = description.partition("Retrieved")[0]
    found = PUBLISHED.search(text)
    if found:
        month = (found[2] or "").lower()
        number = MONTHS.index(month) + 1 if month in MONTHS else 1
        try:
            return datetime.date(int(found[1]), number, int(found[3] or 1))
        except ValueError:
            return datetime.date(int(found[1]), number, 1)
    loose = LOOSE.search(text) if "n.d." not in text else None
    return datetime.date(int(loose[0]), 1, 1) if loose else None


def sisters(one: Report, other: Report) -> bool:
    """Tell whether two reports are on one incident, as far as can be seen.

    On the same actor, out within months of each other, and ATT&CK credits half of what the smaller one says to both
    in the same sentence.
    """
    if not one.actors & other.actors or one.published is None or other.published is None:
        return False
    if abs((one.published - other.published).days) > SISTER_DAYS:
        return False
    both = {item for item, credit in one.credits if credit & other.names}
    return len(both) >= SISTER_SHARE * min(len(one.items), len(other.items))


def incidents(reports: Sequence[Report]) -> list[list[Report]]:
    """Bring reports on one incident together."""
    found: list[list[Report]] = []
    for report in reports:
        near = [group for group in found if any(sisters(report, other) for other in group)]
        found = [group for group in found if group not in near] + [[report, *(one for group in near for one in group)]]
    return found


def asked(
    reports: Iterable[Report],
    known: Collection[str],
    items: Callable[[Report], frozenset[str]],
    least: int = LEAST,
) -> list[Report]:
    """Give reports on one known actor with enough items to be asked about."""
    return [report for report in reports if report.actor in known and len(items(report)) >= least]


def _techniques(patterns: Iterable[Object]) -> tuple[dict[str, str], frozenset[str]]:
    codes: dict[str, str] = {}
    shown: set[str] = set()
    for one in patterns:
        references = cast(list[dict[str, str]], one["external_references"])
        code = next(ref["external_id"] for ref in references if ref["source_name"] == "mitre-attack")
        codes[str(one["id"])] = code
        phases = cast(list[dict[str, str]], one.get("kill_chain_phases", []))
        if any(phase["phase_name"] in TACTICS for phase in phases) or code in VISIBLE:
            shown.add(code)
    return codes, frozenset(shown)


VISIBLE = frozenset(
    {  # of later tactics, what a mailbox with its attachments and links can show
        "T1204",
        "T1204.001",
        "T1204.002",
        "T1027.006",
        "T1036.007",
        "T1036.005",
        "T1056.003",
        "T1114.003",
        "T1528",
        "T1534",
        "T1539",
        "T1550.001",
        "T1553.005",
        "T1656",
        "T1059.005",
        "T1221",
        "T1102",
    }
)


def _credit(cited: dict[str, _Cited], actor: str, item: str, relation: Object) -> None:
    references = cast(list[dict[str, str]], relation.get("external_references", []))
    credit = frozenset(ref["source_name"] for ref in references)
    for ref in references:
        entry = cited[ref["source_name"]]
        entry.description = entry.description or ref.get("description", "")
        entry.url = entry.url or ref.get("url", "")
        entry.actors.add(actor)
        entry.items[item].add(credit)


def _address(url: str) -> str:
    """Give an address without what does not change the document: scheme, www, archive, query, slash at the end."""
    plain = re.sub(r"^https?://web\.archive\.org/web/\d+\w*/", "", url.strip())
    parts = urlsplit(plain if "//" in plain else f"//{plain}")
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.path in ("", "/") and parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}".lower()


def _documents(cited: dict[str, _Cited], shown: frozenset[str]) -> list[Report]:
    """Make one report of all citations of one address; without an address each citation is one."""
    same: dict[str, list[str]] = defaultdict(list)
    for name, entry in cited.items():
        same[_address(entry.url) or name].append(name)
    found = []
    for address, names in sorted(same.items()):
        entries = [cited[name] for name in names]
        items: dict[str, set[Credit]] = defaultdict(set)
        for entry in entries:
            for item, some in entry.items.items():
                items[item] |= some
        dates = [date for entry in entries if (date := year_and_day(entry.description))]
        years = [int(match[1]) for entry in entries if (match := RETRIEVED.search(entry.description))]
        techniques = frozenset(item for item in items if "--" not in item)
        found.append(
            Report(
                name=names[0],
                actors=frozenset(actor for entry in entries for actor in entry.actors),
                techniques=techniques,
                software=frozenset(items) - techniques,
                published=min(dates) if dates else None,
                retrieved=min(years) if years else None,
                publisher=address.partition("/")[0],
                names=frozenset(names),
                shown=techniques & shown,
                credits=frozenset((item, credit) for item, some in items.items() for credit in some),
            )
        )
    return found


def _campaign(one: Object, actors: frozenset[str], uses: Iterable[Object], codes: dict[str, str]) -> Campaign:
    items = {codes.get(str(use["target_ref"]), str(use["target_ref"])) for use in uses}
    cites = {
        ref["source_name"]
        for use in (one, *uses)
        for ref in cast(list[dict[str, str]], use.get("external_references", []))
    }
    techniques = frozenset(item for item in items if "--" not in item)
    seen = str(one.get("first_seen", ""))[:10]
    return Campaign(
        name=str(one["name"]),
        actors=actors,
        techniques=techniques,
        software=frozenset(items) - techniques,
        cites=frozenset(cites),
        first_seen=datetime.date.fromisoformat(seen) if seen else None,
    )
