"""Independent origins of reports: those that copy, quote or credit one another have their root in common."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from watchword.claims.speakers import Speakers
from watchword.claims.stories import Reference, Story, rank

_WHOLE = ("copies", "wire")  # what is taken over as it is
_SAME = 0.15  # part of a story's telling words that an earlier one has, too, where both tell the same
_FEW = 5  # words; less in common says nothing
_WE = re.compile(r"\b(?:[Ww]e|I)\b")
_DATELINE = re.compile(r"\A[^\n]{0,60}?\([^)\n]{1,60}\)\s*[-–—:]+")
_QUOTATION = re.compile(r"“[^”]*”|\"[^\"\n]*\"|„[^“”]*[“”]|«[^»]*»")
_ALIKE = 0.02  # part of the telling words that two stories must share for a credit to mean that story


@dataclass(frozen=True, slots=True)
class Origin:
    """One root: somebody's own words, or unnamed people in one report."""

    key: str  # of Speakers; of anonymous ones `anonymous in DOCUMENT` or `unsaid in DOCUMENT`
    anonymous: bool = False

    @property
    def root(self) -> str:
        """Its id."""
        return "root-" + hashlib.sha256(self.key.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Count:
    """How many independent roots reports have: `least` for certain; `most` if no unnamed source is another one."""

    reports: int
    least: int
    most: int

    def __str__(self) -> str:
        """Say it, as `2 independent roots of 7 reports`."""
        roots = f"{self.least} independent root{'' if self.least == 1 else 's'}"
        said = f"{roots} of {self.reports} report{'' if self.reports == 1 else 's'}"
        if self.most > self.least:
            said += f" ({self.least} to {self.most}: an unnamed source may be one of the others)"
        return said


@dataclass(slots=True)
class Rooted:
    """What each document rests on, and what it takes over from which other."""

    origins: dict[str, frozenset[Origin]] = field(default_factory=dict)
    taken_from: dict[str, tuple[str, ...]] = field(default_factory=dict)  # documents


def count(reports: Iterable[str], origins: Iterable[Origin]) -> Count:
    """Count independent roots. Unnamed sources are one possibly shared root, never an independent one."""
    distinct = set(origins)
    named = sum(not one.anonymous for one in distinct)
    return Count(len(set(reports)), max(named, 1 if distinct else 0), len(distinct))


def rooted(
    stories: Sequence[Story], references: Sequence[Reference], speakers: Speakers, apart: Collection[str] = ()
) -> Rooted:
    """Find the roots of every story. Of stories that credit one another in a circle, the first published is origin.

    A person said of those in `apart` that they rest on nobody else's word.
    """
    by_story: dict[str, list[Reference]] = defaultdict(list)
    for reference in references:
        by_story[reference.document].append(reference)
    here = {story.document: story for story in stories}
    library = _Library(stories, speakers)
    bases = {story.document: _base(story, by_story[story.document], library, speakers) for story in stories}
    for document in apart:
        if document in bases:
            bases[document] = _Base(own={Origin(f"own word of {document}")})
    edges = {document: set(base.documents) for document, base in bases.items()}
    _break_circles(edges, here)
    origins: dict[str, frozenset[Origin]] = {}
    for document in _from_the_sources(edges, here):
        base = bases[document]
        found = set(base.own)
        for other in edges[document]:
            found |= origins[other]
        found |= {Origin(key) for key in base.elsewhere}
        texts = [library.names[other] for other in edges[document]]
        if not base.elsewhere:  # who is named there, too, is heard through it
            found |= {Origin(key) for key in base.speakers if not any(key in names for names in texts)}
        if not found and base.anonymous:
            found = {Origin(f"anonymous in {document}", True)}
        if not found:
            # Who neither speaks for themselves nor shows work of their own may have it from any of the others.
            unsaid = library.may_be_repeated(here[document])
            found = {Origin(f"unsaid in {document}", True) if unsaid else Origin(_publisher(here[document], speakers))}
        origins[document] = frozenset(found)
    return Rooted(origins, {document: tuple(sorted(others)) for document, others in edges.items()})


def _publisher(story: Story, speakers: Speakers) -> str:
    return speakers.key(story.publisher) if story.publisher else story.document


@dataclass(slots=True)
class _Base:
    """What one story rests on by itself."""

    documents: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)  # publishers of whom the case has nothing
    speakers: set[str] = field(default_factory=set)
    own: set[Origin] = field(default_factory=set)
    anonymous: bool = False


class _Library:
    """The stories of a case by publisher, and who is named in each."""

    def __init__(self, stories: Sequence[Story], speakers: Speakers) -> None:
        self.here = {story.document: story for story in stories}
        self.speakers = speakers
        self.mentioned: dict[str, set[str]] = {}  # keys of names that a text has
        self.by_publisher: dict[str, list[Story]] = defaultdict(list)
        forms = speakers.forms()
        self.names: dict[str, set[str]] = {}
        self.telling: dict[str, set[str]] = {}
        seen: dict[str, int] = defaultdict(int)
        for story in sorted(stories, key=rank):
            if story.publisher:
                self.by_publisher[speakers.key(story.publisher)].append(story)
            text = _DATELINE.sub(" ", story.text).lower()
            flat = " " + " ".join("".join(c if c.isalnum() else " " for c in text).split()) + " "
            self.mentioned[story.document] = {key for form, key in forms.items() if f" {form} " in flat}
            self.names[story.document] = self.mentioned[story.document] | {_publisher(story, speakers)}
            self.telling[story.document] = {word for word in flat.split() if len(word) > 4}
            for word in self.telling[story.document]:
                seen[word] += 1
        common = {word for word, number in seen.items() if number > max(3, len(stories) // 2)}
        for document in self.telling:
            self.telling[document] -= common

    def meant(self, story: Story, key: str) -> str:
        """Give the story of a publisher that is most like this one, an earlier one before a later; empty if none."""
        mine = self.telling[story.document]
        best = ("", (False, 0.0))
        for other in self.by_publisher.get(key, ()):
            theirs = self.telling[other.document]
            alike = len(mine & theirs) / max(1, len(mine | theirs))
            worth = (rank(other) <= rank(story), alike)
            if other.document != story.document and alike >= _ALIKE and worth > best[1]:
                best = (other.document, worth)
        return best[0]

    def may_be_repeated(self, story: Story) -> bool:
        """Say whether a report may be another's: it is not told as its publisher's own, and earlier ones tell the same.

        A report is a publisher's own where it names its publisher or speaks in the first person outside quotations.
        """
        publisher = _publisher(story, self.speakers)
        if publisher in self.mentioned[story.document] or _WE.search(_QUOTATION.sub(" ", story.text)):
            return False
        mine = self.telling[story.document]
        return any(
            len(mine & self.telling[other]) >= max(_FEW, _SAME * len(mine))
            for other in self.here
            if other != story.document and not self.is_later(other, story)
        )

    def is_later(self, document: str, story: Story) -> bool:
        """Say whether a document was published after a story."""
        return rank(self.here[document]) > rank(story)


def _base(story: Story, references: Sequence[Reference], library: _Library, speakers: Speakers) -> _Base:
    base = _Base()
    copied = [one for one in references if one.how == "copies"]
    publisher = _publisher(story, speakers)
    own = [one for one in references if one.how == "own"]
    for one in own:
        unnamed = Origin(f"anonymous in {story.document}", True)
        base.own.add(Origin(one.key) if one.key else unnamed if one.named == "" and not one.key else Origin(publisher))
    leads = [one for one in references if one.how in _WHOLE or (one.how in ("quotes", "speaks", "links") and one.lead)]
    leads += [one for one in references if one.how == "credits"]
    others = [one for one in references if one.how not in ("own", "anonymous", "speaks")]
    for one in leads or ([] if own else others):
        if one.how == "speaks":
            if not copied:
                base.speakers.add(one.key)
        elif one.cited:
            base.documents.add(one.cited)
        elif meant := library.meant(story, one.key):
            if not (one.weak and library.is_later(meant, story)):  # who is mentioned before they said anything
                base.documents.add(meant)
        elif not copied:
            base.elsewhere.add(one.key)
    base.anonymous = any(one.how == "anonymous" for one in references)
    return base


def _break_circles(edges: dict[str, set[str]], here: Mapping[str, Story]) -> None:
    """Cut circles: of those in one, the first published rests on none of the others."""
    while circles := [one for one in _components(edges) if len(one) > 1]:
        for circle in circles:
            first = min(circle, key=lambda document: rank(here[document]))
            edges[first] -= circle


def _components(edges: Mapping[str, set[str]]) -> list[set[str]]:
    """Give the sets of documents that reach each other (Kosaraju), without recursion."""
    order: list[str] = []
    seen: set[str] = set()
    for start in sorted(edges):
        stack = [(start, iter(sorted(edges[start])))] if start not in seen else []
        seen.add(start)
        while stack:
            document, rest = stack[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                order.append(document)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(sorted(edges[following]))))
    back: dict[str, set[str]] = defaultdict(set)
    for document, others in edges.items():
        for other in others:
            back[other].add(document)
    found: list[set[str]] = []
    placed: set[str] = set()
    for start in reversed(order):
        if start in placed:
            continue
        circle, waiting = {start}, [start]
        placed.add(start)
        while waiting:
            for other in back[waiting.pop()] - placed:
                placed.add(other)
                circle.add(other)
                waiting.append(other)
        found.append(circle)
    return found


def _from_the_sources(edges: Mapping[str, set[str]], here: Mapping[str, Story]) -> list[str]:
    """Order documents so that each comes after all that it rests on."""
    left = {document: set(others) for document, others in edges.items()}
    back: dict[str, set[str]] = defaultdict(set)
    for document, others in edges.items():
        for other in others:
            back[other].add(document)
    ready = sorted((document for document in left if not left[document]), key=lambda one: rank(here[one]))
    found: list[str] = []
    while ready:
        document = ready.pop(0)
        found.append(document)
        for other in sorted(back[document]):
            left[other].discard(document)
            if not left[other]:
                ready.append(other)
    return found
