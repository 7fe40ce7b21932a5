"""Per proposition and target: who affirms, denies or leaves open, on which roots, and what changed over time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from watchword.claims.roots import Count, Origin, count
from watchword.tables import Claim, Root

SAYS = {  # how a proposition is read out; {target} is against whom, or whose
    "sought": "Somebody sought access to {target}",
    "accessed": "Somebody got access to {target}",
    "stole": "Something was taken from {target}",
    "disclosed": "What was taken from {target} was passed on or published",
    "received": "{target} was sent what was taken",
    "who": "Who did it, to {target}",
    "directed": "Who directed it, against {target}",
    "intent": "What it was for, against {target}",
    "same-actor": "The same people did it elsewhere, too: {target}",
    "": "Not said about what: {target}",
}
ORDER = tuple(SAYS)
_NAMING = ("who", "directed", "same-actor")  # of these two names may contradict each other
_UNSAID = "somebody who is not named"


@dataclass(frozen=True, slots=True)
class Voice:
    """What one speaker says on one proposition, at last."""

    speaker: str
    polarity: str
    actor: str
    strength: str
    state: str
    grade: str
    root: str
    since: datetime | None  # when they last said so
    claims: tuple[str, ...]  # all of theirs on this, oldest first


@dataclass(frozen=True, slots=True)
class Standing:
    """How one proposition about one target stands."""

    proposition: str
    target: str
    sentence: str
    counted: Count  # of those who affirm it
    denied: Count
    voices: tuple[Voice, ...]
    contradictions: tuple[str, ...]
    changes: tuple[str, ...]
    warnings: tuple[str, ...]

    def who(self, polarity: str) -> list[Voice]:
        """Give those who affirm, deny or leave open."""
        return [voice for voice in self.voices if voice.polarity == polarity]


@dataclass(frozen=True, slots=True)
class Moment:
    """One row of the timeline: who said what, when."""

    when: datetime | None  # when it was said, else when it was published
    said: bool  # the date is that on which it was said
    claim: Claim
    change: str  # what is new in it; empty if nothing is


def moment_of(claim: Claim) -> datetime | None:
    """Say when a claim was made: when it was said, else when it was published."""
    return claim.said or claim.published


def standings(claims: Iterable[Claim], roots: Iterable[Root]) -> list[Standing]:
    """Give how every proposition stands. What a person rejected counts nothing."""
    unnamed = {root.root for root in roots if root.anonymous}
    groups: dict[tuple[str, str], list[Claim]] = {}
    titles: dict[tuple[str, str], str] = {}
    for claim in _in_order(claims):
        # Of two reports that name no target nobody knows that they mean the same.
        key = (claim.proposition, _folded(claim.target) or claim.document)
        groups.setdefault(key, []).append(claim)
        titles.setdefault(key, claim.target)
    found = [_standing(titles[key], group, unnamed) for key, group in groups.items()]
    return sorted(found, key=lambda one: (one.target.lower(), ORDER.index(one.proposition)))


def timeline(claims: Iterable[Claim]) -> list[Moment]:
    """Give what was said, oldest first; what a speaker changed is named. What has no date comes last."""
    before: dict[tuple[str, str, str], Claim] = {}
    rows = []
    for claim in _in_order(claims):
        key = (_folded(claim.speaker), claim.proposition, _folded(claim.target) or claim.document)
        rows.append(Moment(moment_of(claim), claim.said is not None, claim, _change(before.get(key), claim)))
        before[key] = claim
    return rows


def _folded(name: str) -> str:
    words = name.lower().split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def _in_order(claims: Iterable[Claim]) -> list[Claim]:
    def place(claim: Claim) -> tuple[bool, float, str, int]:
        when = moment_of(claim)
        return (when is None, when.timestamp() if when else 0.0, claim.document, claim.start)

    return sorted((claim for claim in claims if claim.state != "rejected"), key=place)


def _standing(target: str, claims: Sequence[Claim], unnamed: set[str]) -> Standing:
    by_speaker: dict[str, list[Claim]] = {}
    for claim in claims:
        by_speaker.setdefault(_folded(claim.speaker), []).append(claim)
    voices = []
    changes: list[str] = []
    for said in by_speaker.values():
        for before, after in pairwise(said):
            if change := _change(before, after):
                changes.append(change)
        voices.append(_voice(said))
    affirms = [claim for claim in claims if claim.polarity == "affirms" and not _taken_back(claim, by_speaker)]
    denies = [claim for claim in claims if claim.polarity == "denies" and not _taken_back(claim, by_speaker)]
    return Standing(
        proposition=claims[0].proposition,
        target=target,
        sentence=SAYS[claims[0].proposition].format(target=target or _UNSAID),
        counted=_counted(affirms, unnamed),
        denied=_counted(denies, unnamed),
        voices=tuple(voices),
        contradictions=tuple(_contradictions(voices, claims[0].proposition)),
        changes=tuple(changes),
        warnings=tuple(_warnings(affirms, unnamed)),
    )


def _voice(said: Sequence[Claim]) -> Voice:
    """Say what a speaker says at last; where they say several things on one day, what a person confirmed."""
    last = said[-1]
    day = moment_of(last)
    for claim in said:
        when = moment_of(claim)
        same = when and day and when.date() == day.date()
        if same and claim.state == "confirmed" and last.state != "confirmed":
            last = claim
    return Voice(
        speaker=last.speaker or _UNSAID,
        polarity=last.polarity,
        actor=last.actor,
        strength=last.strength,
        state=last.state,
        grade=last.grade,
        root=last.root,
        since=moment_of(last),
        claims=tuple(claim.claim for claim in said),
    )


def _taken_back(claim: Claim, by_speaker: Mapping[str, Sequence[Claim]]) -> bool:
    """Say whether the speaker took it back later."""
    said = by_speaker[_folded(claim.speaker)]
    return any(one.act == "retracts" for one in said[said.index(claim) + 1 :])


def _counted(claims: Sequence[Claim], unnamed: set[str]) -> Count:
    reports = {claim.document or claim.claim for claim in claims}
    return count(reports, {Origin(claim.root, claim.root in unnamed) for claim in claims})


_THEN = {"affirms": "affirms it", "denies": "denies it", "open": "leaves it open"}


def _change(before: Claim | None, after: Claim) -> str:
    """Say what a speaker changed; empty if nothing, or if no name or no date tells who came first."""
    if before is None or not after.speaker or after.capacity == "anonymous":
        return ""
    first, then = moment_of(before), moment_of(after)
    if first is None or then is None or first.date() == then.date():
        return ""
    day = f"on {then:%Y-%m-%d}"
    if after.act == "retracts":
        return f"{after.speaker} takes back {day} what they said on {first:%Y-%m-%d}."
    if before.polarity != after.polarity:
        return f"{after.speaker} {_THEN[after.polarity]} {day}; on {first:%Y-%m-%d} it was: {_THEN[before.polarity]}."
    if before.actor and after.actor and _folded(before.actor) != _folded(after.actor):
        return f"{after.speaker} names {after.actor} {day}; on {first:%Y-%m-%d} it was {before.actor}."
    if before.strength and after.strength and before.strength.lower() != after.strength.lower():
        return f"{after.speaker} says “{after.strength}” {day}; on {first:%Y-%m-%d} it was “{before.strength}”."
    return ""


def _contradictions(voices: Sequence[Voice], proposition: str) -> list[str]:
    yes = [voice for voice in voices if voice.polarity == "affirms"]
    no = [voice for voice in voices if voice.polarity == "denies"]
    found = []
    for voice in no:
        against = [
            one.speaker for one in yes if not (one.actor and voice.actor and _folded(one.actor) != _folded(voice.actor))
        ]
        if against:
            one = len(against) == 1 and " and " not in against[0]
            found.append(f"{voice.speaker} denies what {_listed(against)} {'says' if one else 'say'}.")
    if proposition in _NAMING:
        by_actor: dict[str, tuple[str, list[str]]] = {}
        for voice in yes:
            if voice.actor:
                by_actor.setdefault(_folded(voice.actor), (voice.actor, []))[1].append(voice.speaker)
        if len(by_actor) > 1:
            names = "; ".join(f"{actor}: {_listed(speakers)}" for actor, speakers in by_actor.values())
            found.append(f"Different names are given, which may or may not be the same people: {names}.")
    return found


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _warnings(affirms: Sequence[Claim], unnamed: set[str]) -> list[str]:
    """Say where a claim is graded 1 (confirmed by others) and no other root says so."""
    roots = {claim.root for claim in affirms} - unnamed
    return [
        f"{claim.claim} is graded {claim.grade}, but credibility 1 needs another root that says the same."
        for claim in affirms
        if claim.grade.endswith("1") and not roots - {claim.root}
    ]
