"""Reads maltrail's lists of actors' indicators as reports, and says which of its actors others hold for one."""

import json
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from watchword.connect.naming import owner
from watchword.observe.domain import ascii_host, is_address

FEWEST = 3  # indicators of a report that counts
MOST = 40  # reports of one actor that count
ALIKE = 0.8  # share of indicators in common from which two reports are one
NOBODY = {"unclassified", "middleeast", "tibet"}  # lists of a region or of the rest: no actor is meant
_REFERENCE = re.compile(r"# *Refer[a-z]+: *(\S+)", re.IGNORECASE)
_APART = re.compile(r"# *(Generic|Misc|APK)", re.IGNORECASE)  # what follows was in no report that is named


@dataclass(frozen=True, slots=True)
class Indicator:
    """One line of a report."""

    host: str  # name or address; empty for a path that was seen on many
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Report:
    """One block: what one source, or some at once, say of one actor."""

    actor: str
    references: frozenset[str]
    indicators: frozenset[Indicator]


def number(text: str) -> int:
    """Give a number that stands for a text and is the same everywhere."""
    return int.from_bytes(sha256(text.encode()).digest()[:4])


def half(actor: str) -> str:
    """Say in which half an actor is, with all of its reports."""
    return "dev" if number(f"half {actor}") % 2 else "val"


def read(root: Path) -> list[Report]:
    """Read the reports of each actor, at most MOST, near-duplicates once."""
    by_actor: dict[str, list[Report]] = defaultdict(list)
    for file in sorted(root.glob("apt_*.txt")):
        actor = re.sub(r"-\d$", "", file.stem.removeprefix("apt_"))
        if actor not in NOBODY:
            by_actor[actor] += _blocks(actor, file.read_text("utf-8"))
    kept: list[Report] = []
    for actor in sorted(by_actor):
        own: list[Report] = []
        for report in sorted(by_actor[actor], key=lambda one: number(" ".join(sorted(one.references)) or one.actor)):
            if len(report.indicators) >= FEWEST and len(own) < MOST and not any(_same(report, one) for one in own):
                own.append(report)
        kept += own
    return kept


def halves(report: Report, apart: bool) -> tuple[list[Indicator], list[Indicator]]:
    """Part the indicators of a report at random, the same way in every run; `apart`: no owner is in both halves."""
    bunches: dict[str, list[Indicator]] = defaultdict(list)
    for line in report.indicators:
        whose = owner(line.host) if apart and line.host and not is_address(line.host) else line.host
        bunches[whose if apart and line.host else f"{line.host}{line.path}?{line.query}"].append(line)
    names = sorted(bunches)
    random.Random(number(" ".join(names))).shuffle(names)  # noqa: S311 - no secret
    one, other = ([line for name in some for line in bunches[name]] for some in (names[::2], names[1::2]))
    return one, other


def related(root: Path, galaxy: Path) -> set[tuple[str, str]]:
    """Give pairs of actors that share a name, by the lists' own aliases or the synonyms of MISP's galaxy."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for file in root.glob("apt_*.txt"):
        actor = re.sub(r"-\d$", "", file.stem.removeprefix("apt_"))
        bearers[f"apt{actor}" if actor.isdigit() else _plain(actor)].add(actor)
        for line in re.findall(r"^# Aliases?: *(.*)", file.read_text("utf-8"), re.MULTILINE):
            for name in filter(None, map(_plain, line.split(","))):
                bearers[name].add(actor)
    together = list(bearers.values())
    for entry in json.loads(galaxy.read_text("utf-8"))["values"]:
        names = {_plain(name) for name in (entry["value"], *entry.get("meta", {}).get("synonyms", []))}
        together.append({actor for name in names for actor in bearers.get(name, ())})
    return {(one, other) for group in together for one in group for other in group if one != other}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _same(one: Report, other: Report) -> bool:
    shared = len(one.indicators & other.indicators)
    return shared >= ALIKE * len(one.indicators | other.indicators)


def _blocks(actor: str, text: str) -> list[Report]:
    found: list[Report] = []
    references: list[str] = []
    lines: list[Indicator] = []
    for line in map(str.strip, [*text.splitlines(), "# Generic"]):
        reference = _REFERENCE.match(line)
        if line.startswith("#") and (reference or _APART.match(line)):
            if lines and references:
                found.append(Report(actor, frozenset(references), frozenset(lines)))
            if lines or not reference:
                references, lines = [], []
            references += [reference[1]] if reference else []
        elif line and not line.startswith("#") and (indicator := _indicator(line.partition("#")[0].strip())):
            lines.append(indicator)
    return found


def _indicator(line: str) -> Indicator | None:
    if line.startswith("/"):
        path, _, query = line.partition("?")
        return Indicator("", path, query)
    try:
        url = urlsplit(line if "://" in line else f"//{line}")
    except ValueError:
        return None
    host = ascii_host(url.hostname or "")
    return Indicator(host, "" if url.path == "/" else url.path, url.query) if "." in host or is_address(host) else None
