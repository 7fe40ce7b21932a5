"""On whose word each claim rests: the speaker's own, that of whom they rely on, or what the report itself rests on."""

from collections.abc import Iterable, Mapping, Sequence

from watchword.claims.credits import rules
from watchword.claims.ledger import Decision
from watchword.claims.roots import Origin, Rooted
from watchword.claims.speakers import Speakers
from watchword.claims.stories import Story
from watchword.tables import Claim


def claim_origins(
    claims: Sequence[Claim], stories: Sequence[Story], rooted: Rooted, speakers: Speakers
) -> dict[str, Origin]:
    """Give the root of each claim.

    Somebody who relies on another's word in one passage relies on it wherever they say the same.
    """
    find = _Finder({story.document: story for story in stories}, rooted, speakers)
    relied = {
        _said(claim, speakers): claim.relies_on
        for claim in reversed(claims)
        if claim.relies_on and claim.state != "rejected" and claim.capacity != "anonymous"
    }
    found = {}
    for claim in claims:
        relies_on = claim.relies_on
        if not relies_on and claim.capacity != "anonymous":
            relies_on = relied.get(_said(claim, speakers), "")
        found[claim.claim] = find.origin(claim, relies_on)
    return found


def _said(claim: Claim, speakers: Speakers) -> tuple[str, str, str, str]:
    return (speakers.key(claim.speaker), claim.proposition, claim.target, claim.polarity)


class _Finder:
    def __init__(self, here: Mapping[str, Story], rooted: Rooted, speakers: Speakers) -> None:
        self.here = here
        self.rooted = rooted
        self.speakers = speakers
        self.by_publisher: dict[str, list[str]] = {}
        for document, story in here.items():
            if story.publisher:
                self.by_publisher.setdefault(speakers.key(story.publisher), []).append(document)

    def origin(self, claim: Claim, relies_on: str) -> Origin:
        speaker = self.speakers.key(claim.speaker)
        if relies_on and self.speakers.key(relies_on) != speaker:
            if rules().anonymous.search(relies_on) or not any(letter.isupper() for letter in relies_on):
                return self.unnamed(claim)
            return self.word_of(self.speakers.key(relies_on), claim)
        lower = claim.speaker and not any(letter.isupper() for letter in claim.speaker)  # `three newspapers`
        if claim.capacity == "anonymous" or lower:
            return self.unnamed(claim)
        if not speaker:
            return self.report(claim)
        return self.word_of(speaker, claim)

    def word_of(self, key: str, claim: Claim) -> Origin:
        """Give what somebody's word rests on: a publisher's on its report, a speaker's on nothing else."""
        story = self.here.get(claim.document)
        if story and story.publisher and self.speakers.key(story.publisher) == key:
            return self.report(claim)
        theirs = self.by_publisher.get(key, [])
        taken = self.rooted.taken_from.get(claim.document, ())
        for document in [*(one for one in theirs if one in taken), *theirs[:1]]:
            return _one_of(self.rooted.origins[document], key)
        return Origin(key)

    def report(self, claim: Claim) -> Origin:
        """Give what a report rests on as a whole."""
        origins = self.rooted.origins.get(claim.document)
        return _one_of(origins, self.speakers.key(claim.speaker)) if origins else Origin(f"written {claim.claim}")

    def unnamed(self, claim: Claim) -> Origin:
        """Give the unnamed source of a report, or of that from which it has it."""
        for one in sorted(self.rooted.origins.get(claim.document, ()), key=lambda one: one.key):
            if one.anonymous:
                return one
        if self.rooted.taken_from.get(claim.document):
            return self.report(claim)
        return Origin(f"anonymous in {claim.document or claim.claim}", True)


def _one_of(origins: Iterable[Origin], key: str) -> Origin:
    """Give the one that is asked for, or else a named one before an unnamed."""
    return min(origins, key=lambda one: (one.key != key, one.anonymous, one.key))


def united(made: Sequence[Decision]) -> tuple[list[tuple[str, ...]], set[str]]:
    """Give what people said to have one root, and what to rest on its own word; of two decisions the later counts."""
    together: list[tuple[str, ...]] = []
    apart: set[str] = set()
    for decision in made:
        named = set(decision.on)
        if decision.kind == "same-root":
            apart -= named
            together.append(decision.on)
        elif decision.kind == "other-root":
            apart |= named
            together = [tuple(one for one in ids if one not in named) for ids in together]
    return [ids for ids in together if len(ids) > 1], apart


class Unions:
    """Origins that a person said to be one."""

    def __init__(self) -> None:
        """Nothing is one yet."""
        self._same: dict[Origin, Origin] = {}

    def of(self, origin: Origin) -> Origin:
        """Give the origin that stands for it."""
        while origin in self._same:
            origin = self._same[origin]
        return origin

    def unite(self, origins: Iterable[Origin]) -> None:
        """Make origins one: a named one stands for all, else the first by name."""
        several = sorted({self.of(one) for one in origins}, key=lambda one: (one.anonymous, one.key))
        for one in several[1:]:
            self._same[one] = several[0]
