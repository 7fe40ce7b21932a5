"""STIX bundles: who is in them, what they use, and which indicators are whose. ATT&CK is one of them.

Each relationship's facts are the word of the reports that it cites, not of who made the bundle; where it cites none,
of the bundle's author. A fact is public at the latest when its object was made.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from watchword.actors import wheel
from watchword.actors.countries import country_code
from watchword.actors.galaxy import Entry
from watchword.actors.objects import ACTORS, OBSERVED, SOFTWARE, Cited, Thing, is_stix, things_in
from watchword.actors.patterns import read_pattern
from watchword.actors.reports import Report, publisher, report
from watchword.actors.taken import Given, Taken, unique
from watchword.actors.values import read_value
from watchword.tables import ActorFact

__all__ = ["Bundle", "is_stix"]

_CITATION = re.compile(r"\(Citation: ([^)]{1,200})\)")
# Whose something is: from what is owned to its owner, along these relationships (STIX 2.1, appendix B).
_TO_SOURCE = frozenset("uses owns controls consists-of communicates-with beacons-to exfiltrates-to hosts drops "
    "downloads based-on delivers has".split())  # fmt: skip
_TO_TARGET = frozenset({"indicates", "authored-by"})
_THROUGH = frozenset({*SOFTWARE, "infrastructure", "observed-data", "indicator", "grouping"})
_RESEMBLES = frozenset({"related-to", "overlaps-with", "duplicate-of", "similar-to"})
_SHARED = 3  # software of more actors than this tells nothing about whose an indicator is
_SILENT = frozenset({"identity", "location", "marking-definition", "extension-definition", "language-content"})


class Bundle:
    """The objects of one import, from one file or many."""

    def __init__(self, source: str, given: Given) -> None:
        """`source` is the import's id, and the actors' unless it is ATT&CK."""
        self._source = source
        self._given = given
        self._things: dict[str, Thing] = {}
        self._again: list[Thing] = []  # older versions of objects, and copies

    @property
    def is_empty(self) -> bool:
        """Nothing was taken in."""
        return not self._things

    def add(self, tree: object, place: str) -> None:
        """Take in the objects of one file; of two versions of an object the newer counts."""
        for thing in things_in(tree, place):
            there = self._things.get(thing.id)
            if there is None or there.modified < thing.modified:
                self._things[thing.id] = thing
            if there is not None:
                self._again.append(there if there.modified < thing.modified else thing)

    def read(self) -> Taken:
        """Make facts of all that was taken in."""
        return _Reading(self._things, self._again, self._source, self._given).read()


class _Reading:
    def __init__(self, things: dict[str, Thing], again: Sequence[Thing], source: str, given: Given) -> None:
        self._things = things
        self._again = again
        self._given = given
        self._is_attack = any(
            ref.name == "mitre-attack" for thing in things.values() if thing.type in ACTORS for ref in thing.cited[:1]
        )
        self._taken = Taken("mitre-attack" if self._is_attack else source, form="STIX")
        self._actors: dict[str, str] = {}  # id of the object: id of the actor
        self._parents: dict[str, list[str]] = defaultdict(list)
        self._reports: dict[str, list[Thing]] = defaultdict(list)  # by each object that they are about

    def read(self) -> Taken:
        taken, things = self._taken, self._things
        if self._is_attack:
            newest = max(thing.modified for thing in things.values())
            taken.series, taken.version = "mitre-attack", f"1:{newest}"
            taken.title = f"MITRE ATT&CK as of {newest[:10]}"
        for thing in self._again:
            taken.reject(thing.place, thing.id, "A newer or equal version of this object is there.")
        for thing in things.values():
            if thing.type in ACTORS and not thing.withdrawn and thing.name:
                self._actors[thing.id] = taken.actor(thing.name, about=thing.about, kind=thing.kind)
        self._link()
        reports = [thing for thing in things.values() if thing.type == "report"]
        taken.title = taken.title or (reports[0].name if reports else "")
        for thing in things.values():
            self._read(thing)
        return taken

    def _link(self) -> None:
        for thing in self._things.values():
            if thing.type == "relationship" and not thing.withdrawn:
                if thing.relation in _TO_SOURCE:
                    self._parents[thing.target].append(thing.source)
                elif thing.relation in _TO_TARGET:
                    self._parents[thing.source].append(thing.target)
            elif thing.type in ("report", "grouping", "observed-data"):
                for ref in thing.refs:
                    if thing.type == "report":
                        self._reports[ref].append(thing)
                    else:
                        self._parents[ref].append(thing.id)

    def _read(self, thing: Thing) -> None:
        taken = self._taken
        if thing.withdrawn:
            taken.reject(thing.place, thing.name or thing.id, "Withdrawn by its publisher.")
        elif thing.type in ACTORS:
            self._actor(thing)
        elif thing.type == "relationship":
            self._relationship(thing)
        elif thing.type == "indicator":
            self._indicator(thing)
        elif thing.type in OBSERVED or (thing.type == "observed-data" and thing.values):
            self._observed(thing)
        elif thing.type == "report":
            facts = self._report(thing)
            taken.use(facts) if facts else taken.explain()
        elif thing.type in ("attack-pattern", *SOFTWARE, "infrastructure", "observed-data", "grouping") or (
            thing.type in _SILENT
        ):
            taken.explain()
        else:
            taken.reject(thing.place, f"{thing.type} {thing.name or thing.id}", "No kind of fact fits such an object.")

    def _actor(self, thing: Thing) -> None:
        actor = self._actors.get(thing.id)
        if actor is None:
            self._taken.reject(thing.place, thing.id, "It has no name.")
            return
        own = self._own(thing)
        facts = []
        told = {ref.name: ref for ref in thing.cited}
        for alias in thing.names:
            if alias == thing.name:
                continue
            cited = (
                [told[name] for name in _CITATION.findall(told[alias].words) if name in told] if alias in told else []
            )
            facts += [self._fact(actor, "alias", alias, one) for one in self._cited(cited, thing) or [own]]
        facts += [self._fact(actor, "alias", ref.number, own) for ref in thing.cited[:1] if ref.name == "mitre-attack"]
        named = {own.reference}
        for ref in thing.cited:
            if ref.address and ref.name != "mitre-attack" and ref.address not in named:
                one = _report(ref)
                facts.append(
                    self._fact(actor, "report", one.reference, Report(one.said_by, own.reference, one.published))
                )
        self._taken.use(unique(facts)) if facts else self._taken.explain()

    def _relationship(self, link: Thing) -> None:
        source, target = self._things.get(link.source), self._things.get(link.target)
        if target is None and self._is_attack and (entry := wheel.known().get(link.target.partition("--")[2])):
            target = _known(link.target, entry)
        how = link.relation
        shown = f"{_shown(source, link.source)} {how} {_shown(target, link.target)}"
        if source is None or target is None:
            self._taken.reject(link.place, shown, "One end of it is not in the import.")
            return
        if source.withdrawn or target.withdrawn:
            self._taken.reject(link.place, shown, "One end of it was withdrawn by its publisher.")
            return
        actor = self._actors.get(link.source)
        kind, value = _said(how, target)
        if actor and kind:
            reports = self._cited(link.cited, link) or [self._own(link, source)]
            self._taken.use(unique(self._fact(actor, kind, value, one) for one in reports))
        elif how in _TO_SOURCE or how in _TO_TARGET:
            self._taken.explain()  # says whose an indicator is
        else:
            self._taken.reject(link.place, shown, "No kind of fact fits it.")

    def _indicator(self, thing: Thing) -> None:
        values, left = read_pattern(thing.pattern)
        if {"benign", "anonymization"} & set(thing.labels):
            self._taken.reject(thing.place, thing.pattern or thing.name, "It says itself that it is not malicious.")
        elif not values:
            why = f"`{left[0][:200]}` names no value" if left else "it holds no comparison that is known here"
            self._taken.reject(thing.place, thing.pattern or thing.name, f"Its pattern cannot be used: {why}.")
        else:
            self._owned(thing, values, alone=True)

    def _observed(self, thing: Thing) -> None:
        values = [value for one in thing.values if (value := read_value(one))]
        if values:
            self._owned(thing, values, alone=False)
        else:
            self._taken.reject(thing.place, f"{thing.type} {', '.join(thing.values)}", "It names no value of use.")

    def _owned(self, thing: Thing, values: Sequence[tuple[str, str]], *, alone: bool) -> None:
        """Add values to whom the bundle gives them: by relationships, by a report that is about both, or alone."""
        owners = self._owners(thing.id)
        if not owners:
            named = [ref for one in self._reports[thing.id] for ref in one.refs if ref in self._actors]
            owners = {self._actors[ref]: "" for ref in named}
        if not owners and alone:
            only = len(self._actors) == 1 or not self._actors
            names = list(self._actors.values()) if only else []
            given = self._taken.actor(self._given.actor) if self._given.actor else ""
            unnamed = self._taken.title or thing.place
            owners = dict.fromkeys([given] if given else names or [self._taken.unnamed(unnamed)], "")
        if not owners:
            shown = ", ".join(value for _, value in values)
            self._taken.reject(thing.place, shown, "It was observed, but nothing says whose it is.")
            return
        reports = self._cited(thing.cited, thing) or [self._own(thing)]
        self._taken.use(
            unique(
                self._fact(actor, *value, Report(one.said_by, one.reference + through, one.published))
                for actor, through in owners.items()
                for one in reports
                for value in values
            )
        )

    def _owners(self, start: str) -> dict[str, str]:
        """Give the actors to whom relationships lead, and through what; never through what many use."""
        found: dict[str, str] = {}
        seen = {start}
        front = [(start, "")]
        for _ in range(4):
            further = []
            for one, through in front:
                parents = [parent for parent in self._parents[one] if parent not in seen]
                users = {self._actors[parent] for parent in parents if parent in self._actors}
                if len(users) <= _SHARED:
                    found |= {user: through for user in users if user not in found}
                for parent in parents:
                    seen.add(parent)
                    thing = self._things.get(parent)
                    if thing and thing.type in _THROUGH and not thing.withdrawn:
                        named = f" (through {thing.name})" if thing.type in SOFTWARE else through
                        further.append((parent, named))
            front = further
        return found

    def _report(self, thing: Thing) -> list[ActorFact]:
        address = next((ref.address for ref in thing.cited if ref.address), "")
        named = ", ".join(part for part in (thing.name, address) if part)
        own = Report(self._author(thing), named, thing.published or thing.created)
        return [self._fact(self._actors[ref], "report", named, own) for ref in thing.refs if ref in self._actors]

    def _cited(self, cited: Iterable[Cited], thing: Thing) -> list[Report]:
        found = []
        for ref in cited:
            if (ref.address or ref.words) and ref.name not in ("mitre-attack", "capec"):
                one = _report(ref)
                said_by = one.said_by or self._author(thing)
                found.append(Report(said_by, one.reference, one.published or thing.published or thing.created))
        return found

    def _own(self, thing: Thing, actor: Thing | None = None) -> Report:
        """Give the word of the bundle's own author, by the report that an object is in, or by its page."""
        for one in self._reports[thing.id]:
            address = next((ref.address for ref in one.cited if ref.address), "")
            when = one.published or one.created
            return Report(self._author(one), ", ".join(part for part in (one.name, address) if part), when)
        page = next((ref for ref in (actor or thing).cited if ref.name == "mitre-attack"), None)
        named = f"ATT&CK {page.number} {(actor or thing).name}, {page.address}" if page else ""
        when = thing.published or thing.created
        return Report(self._author(thing), named or self._taken.title or thing.place, when or self._given.published)

    def _author(self, thing: Thing) -> str:
        author = self._things.get(thing.by)
        if self._is_attack:
            return "MITRE"
        return (author.name if author else "") or self._given.publisher

    def _fact(self, actor: str, kind: str, value: str, one: Report) -> ActorFact:
        return ActorFact(actor, kind, value[:2_000], one.said_by, one.reference, one.published, self._given.grade)


def _said(how: str, target: Thing) -> tuple[str, str]:
    """Give kind and value of what a relationship from an actor to something says; empty if nothing."""
    number = next((ref.number for ref in target.cited[:1] if ref.number), "")
    if target.type == "attack-pattern" and how == "uses":
        return "technique", number or target.name
    if target.type in SOFTWARE and how == "uses":
        return "software", target.name
    if target.type in (*ACTORS, "identity") and how in ("attributed-to", "part-of", "subgroup-of"):
        return "part-of", target.name
    if target.type in ACTORS:
        return ("similar" if how in _RESEMBLES else ""), target.name
    if target.type == "location" and how in ("targets", "originates-from", "located-at"):
        return "country-targeted" if how == "targets" else "country", country_code(target.name) or target.name
    if target.type == "identity" and how == "targets":
        return "target", target.name
    return "", ""


def _known(number: str, entry: Entry) -> Thing:
    """Give a technique or software of ATT&CK that the import lacks, by the same id in the shipped galaxy."""
    cited = (Cited("", entry.name if entry.kind == "technique" else "", "", ""),)
    kind = number.partition("--")[0]
    return Thing(number, kind, "", entry.name, (), "", "", None, "", None, "", False, cited, "", "", "", "", (), (), ())


def _report(ref: Cited) -> Report:
    """Read what an external reference cites; its words hold author, date and title."""
    words = re.sub(r"\s*Retrieved [A-Z][a-z]{2,8} \d{1,2}, \d{4}\.?$", "", ref.words)
    one = report(ref.address, words or ref.name)
    return one if one.said_by else Report(publisher(ref.address) or ref.name, one.reference, one.published)


def _shown(thing: Thing | None, number: str) -> str:
    return thing.name if thing and thing.name else number
