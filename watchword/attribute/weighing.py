"""One operation: from exhibits and what people said to the rows of the four tables. Pure functions."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watchword import tables
from watchword.attribute import conclude, words
from watchword.attribute.actors_known import Known
from watchword.attribute.evidence import FORGEABLE, Kind
from watchword.attribute.exhibits import Draft, could_forge, sentence
from watchword.attribute.kept import Brought, Fixed, Records, digest, holds
from watchword.attribute.next_evidence import wanted
from watchword.attribute.rules import CLASSES, OF_KIND, Rules, reliability
from watchword.attribute.score import Bits, Hypothesis, Item, Outcome, alone, grid, outcome, scope, speaks_for
from watchword.attribute.sensitivity import Sensitivity, sensitivity

CANDIDATES = 8  # actors that the standard hypotheses name at most
PERSON_CAP = 10.0
AGAINST = "against "
LEAST = 0.005  # bits that are worth a row


@dataclass(frozen=True, slots=True)
class Subject:
    """One operation."""

    operation: str
    messages: Collection[str]
    first: datetime | None  # when its first message came


@dataclass(frozen=True, slots=True)
class Weighed:
    """All that is said of one operation."""

    hypotheses: list[tables.Hypothesis]
    exhibits: list[tables.Exhibit]
    likelihoods: list[tables.Likelihood]
    attribution: tables.Attribution


@dataclass(frozen=True, slots=True)
class Scope:
    """The hypotheses of one operation, and every prior that is tried."""

    hypotheses: list[Hypothesis]
    priors: list[Bits]
    fixed: Fixed | None  # None: the standard set

    @property
    def actors(self) -> list[str]:
        """Give the actors in scope."""
        return [one.actor for one in self.hypotheses if one.names]


@dataclass(frozen=True, slots=True)
class Shown:
    """One exhibit with how it is shown."""

    item: Item
    kind: str
    sentence: str
    value: str
    messages: tuple[str, ...]
    grade: str
    forgeable: str
    published: datetime | None
    hub: str
    why: str


def weigh_operation(
    subject: Subject,
    drafts: Sequence[Draft],
    said: Records,
    kinds: Sequence[Kind],
    actors: Known,
    known: Rules,
) -> Weighed:
    """Weigh one operation."""
    inside = scope_of(drafts, said, actors, known)
    shown = _shown(subject, drafts, said, inside, actors, known)
    items = [one.item for one in shown]
    found = outcome(items, inside.hypotheses, inside.priors, known)
    sensitive = sensitivity(items, inside.hypotheses, inside.priors, known)
    titles = {one.name: title(one, actors) for one in inside.hypotheses}
    concluded = _attribution(subject, shown, said, inside, found, sensitive, titles, kinds, actors, known)
    return Weighed(
        _hypotheses(subject, inside, found, titles),
        [_exhibit(subject, one, sensitive) for one in shown],
        _likelihoods(subject, shown, inside, found),
        concluded,
    )


def scope_of(drafts: Sequence[Draft], said: Records, actors: Known, known: Rules) -> Scope:
    """Give the hypotheses that a person fixed, or the standard set: actors only if what is known of them was met."""
    if said.fixed:
        fixed = said.fixed[-1]
        return Scope(scope(fixed.actors, fixed.further), list(fixed.priors), fixed)
    strength: dict[str, float] = defaultdict(float)
    for draft in drafts:
        if draft.kind.proposes:
            for actor, bits in draft.actors.items():
                strength[actor] = max(strength[actor], bits)
    for brought in said.brought:
        for name in brought.likelihoods:
            if name in actors.names:
                strength[name] = PERSON_CAP
    candidates = sorted((actor for actor in strength if strength[actor] > 0), key=lambda one: (-strength[one], one))
    return fix(candidates[:CANDIDATES], (), None, actors, known)


def fix(names: Sequence[str], further: Sequence[str], unknown: float | None, actors: Known, known: Rules) -> Scope:
    """Spread the priors over hypotheses for these actors."""
    hypotheses = scope(names, further)
    activity = {actor: 1.0 + actors.reports.get(actor, 0) for actor in names}
    return Scope(hypotheses, grid(hypotheses, activity, max(known.among, len(names)), unknown, known), None)


def title(one: Hypothesis, actors: Known) -> str:
    """Name a hypothesis in plain words."""
    name = actors.names.get(one.actor, one.actor)
    if one.imitates:
        return f"somebody who imitates {name} or uses what is public of it"
    return name if one.actor else CLASSES.get(one.name, one.name)


def verbal_bits(word: str, known: Rules) -> float:
    """Give the bits of a verbal likelihood, as `strong` or `against strong`. Raises KeyError."""
    size = known.scale[word.removeprefix(AGAINST)]
    return -size if word.startswith(AGAINST) else size


def _shown(
    subject: Subject, drafts: Sequence[Draft], said: Records, inside: Scope, actors: Known, known: Rules
) -> list[Shown]:
    confirmed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for draft in drafts:
        confirmed[draft.kind.name, draft.value].add(draft.root)
    found = []
    for draft in drafts:
        bits = _bits(draft, inside, actors)
        if not bits and not draft.hub and draft.kind.match != "hits":
            continue
        grade = _credible(draft.grade, len(confirmed[draft.kind.name, draft.value]))
        item = Item(
            name=_name(f"{draft.kind.name}|{draft.value}|{draft.root}|{draft.source}"),
            family=draft.kind.family,
            root=draft.root,
            bits=bits,
            cap=draft.kind.cap,
            reliability=reliability(grade, known) if draft.graded else 1.0,
            imitable=draft.imitable,
            authoritative=grade in known.authoritative,
            source=draft.source,
            vertex=draft.kind.vertex,
        )
        text = draft.sentence
        if draft.kind.match in ("facts", "naming", "profile") and any(value > 0 for value in draft.actors.values()):
            near = sorted((name for name in bits if name in inside.actors), key=lambda name: (-bits[name], name))
            text = sentence(draft.kind, draft.value, [actors.names.get(name, name) for name in near], draft.source)
            text += f" It says nothing: {draft.hub}." if draft.hub else ""
        forged = could_forge(draft.kind, draft.imitable)
        found.append(
            Shown(item, draft.kind.name, text, draft.value, draft.messages, draft.grade, forged, draft.published,
                  draft.hub, draft.kind.why)
        )  # fmt: skip
    return _apart([*found, *(_by_person(subject, one, known) for one in said.brought)])


def _by_person(subject: Subject, one: Brought, known: Rules) -> Shown:
    imitable = one.forgeable == "cheap"
    if one.forgeable == "published":
        imitable = one.published is None or subject.first is None or one.published <= subject.first
    item = Item(
        name=one.exhibit,
        family=one.family,
        root=one.root,
        bits={name: verbal_bits(word, known) for name, word in one.likelihoods.items()},
        cap=PERSON_CAP,
        reliability=reliability(one.grade, known),
        imitable=imitable,
        authoritative=one.grade in known.authoritative,
        source=one.source,
        vertex=one.vertex,
    )
    why = "A person weighed it: " + ", ".join(f"{word} for {name}" for name, word in one.likelihoods.items())
    messages = tuple(message for message in one.about.messages if message in subject.messages)[:20]
    forged = FORGEABLE[one.forgeable]
    return Shown(item, one.kind, one.says, "", messages, one.grade, forged, one.published, "", why)


def _bits(draft: Draft, inside: Scope, actors: Known) -> Bits:
    """Give the bits by hypothesis. What points to an actor out of scope speaks for others of its sort, a little."""
    if draft.hub:
        return {}
    found = {name: bits for name, bits in draft.classes.items() if bits}
    for actor, bits in draft.actors.items():
        if actor in inside.actors:
            found[actor] = bits
        elif draft.kind.match == "hits" and (sort := OF_KIND.get(actors.kinds.get(actor, ""))):
            # It is one of many of that sort.
            left = bits - max(1, actors.of_kind(actors.kinds[actor]).bit_length())
            if left > 0:
                found[sort] = max(found.get(sort, 0.0), left)
    return {name: bits for name, bits in found.items() if bits}


def _credible(grade: str, roots: int) -> str:
    """Lower a `confirmed by others` to 2 where the others go back to the same root."""
    return f"{grade[:1]}2" if grade[1:] == "1" and roots < 2 and not grade.startswith("A") else grade


def _name(text: str) -> str:
    return f"e-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def _apart(shown: Sequence[Shown]) -> list[Shown]:
    """Give names that happen to be the same a number."""
    seen: dict[str, int] = defaultdict(int)
    found = []
    for one in shown:
        seen[one.item.name] += 1
        again = seen[one.item.name]
        name = one.item.name if again == 1 else f"{one.item.name}-{again}"
        found.append(one if again == 1 else replace(one, item=replace(one.item, name=name)))
    return found


def _hypotheses(subject: Subject, inside: Scope, found: Outcome, titles: Mapping[str, str]) -> list[tables.Hypothesis]:
    fixed = inside.fixed
    written = fixed.digest if fixed else digest([one.name for one in inside.hypotheses], inside.priors)
    return [
        tables.Hypothesis(
            operation=subject.operation,
            hypothesis=one.name,
            title=titles[one.name],
            actor=one.actor,
            fixed=fixed.about.time if fixed else None,
            digest=written,
            prior=inside.priors[0].get(one.name, 0.0),
            posterior=found.posterior.get(one.name, 0.0),
            low=found.low.get(one.name, 0.0),
            high=found.high.get(one.name, 0.0),
            likelihood=words.span(found.low.get(one.name, 0.0), found.high.get(one.name, 0.0)),
        )
        for one in inside.hypotheses
    ]


def _exhibit(subject: Subject, one: Shown, sensitive: Sensitivity) -> tables.Exhibit:
    return tables.Exhibit(
        operation=subject.operation,
        exhibit=one.item.name,
        kind=one.kind,
        family=one.item.family,
        sentence=one.sentence,
        value=one.value,
        shown_by=list(one.messages),
        source=one.item.source,
        grade=one.grade,
        root=one.item.root,
        forgeable=one.forgeable,
        published=one.published,
        imitable=one.item.imitable,
        hub=one.hub,
        critical=one.item.name in sensitive.items,
    )


def _likelihoods(subject: Subject, shown: Sequence[Shown], inside: Scope, found: Outcome) -> list[tables.Likelihood]:
    rows = []
    for one in shown:
        for hypothesis in inside.hypotheses:
            given = one.item.bits.get(hypothesis.name, 0.0)
            counted = found.counted[one.item.name][hypothesis.name]
            if given or abs(counted) >= LEAST:
                text = _reason(one, hypothesis, given, counted)
                rows.append(
                    tables.Likelihood(
                        subject.operation, one.item.name, hypothesis.name, round(given, 2), round(counted, 2), text
                    )
                )
    return rows


def _reason(one: Shown, hypothesis: Hypothesis, given: float, counted: float) -> str:
    """Say why so much and no more."""
    if not given:
        return f"Whoever imitates {hypothesis.actor} shows it nearly as well: it could be copied."
    parts = [one.why.rstrip(".")] if one.why else []
    weighed = alone(one.item, hypothesis.name)
    if abs(weighed - given) > 0.05:
        grade = f"graded {one.grade}" if one.grade else "which nobody graded"
        parts.append(f"its source, {grade}, leaves {weighed:+.1f} of {given:+.1f} bits")
    if abs(counted - weighed) > 0.05:
        parts.append("other exhibits of its root or family see the same, or its family has a ceiling")
    return "; ".join(parts) + "."


def _attribution(
    subject: Subject,
    shown: Sequence[Shown],
    said: Records,
    inside: Scope,
    found: Outcome,
    sensitive: Sensitivity,
    titles: Mapping[str, str],
    kinds: Sequence[Kind],
    actors: Known,
    known: Rules,
) -> tables.Attribution:
    items = [one.item for one in shown]
    nearest = conclude.leading_actor(found, inside.hypotheses)
    broken = conclude.unmet(nearest, items, inside.hypotheses, inside.priors, found, sensitive, known)
    concluded = nearest if nearest and not broken else ""
    by_name = {one.name: one for one in inside.hypotheses}
    if not concluded and not by_name[found.leader].names and found.leader != "unknown-actor" and found.stands(known):
        concluded = found.leader
    told = concluded or nearest or found.leader
    sure = conclude.confidence(concluded or found.leader, items, found, sensitive, known)
    against = [item for item in items if found.counted[item.name].get(told, 0.0) < 0]
    observed = {one.kind for one in shown if any(one.item.bits.values())}
    missing = wanted(kinds, observed, inside.hypotheses, found.posterior, actors.fact_kinds)
    decided = said.decided[-1] if said.decided else None
    stands = decided is not None and holds(decided, subject.messages)
    because = decided.because if decided else ""
    if decided and not stands:
        because = "It was decided of fewer than half of these messages, and does not count: decide again."
    return tables.Attribution(
        operation=subject.operation,
        hypothesis=concluded,
        abstains=not concluded,
        nearest=nearest,
        likelihood=conclude.likelihood(concluded, found, inside.hypotheses, titles, inside.priors),
        confidence=sure.level,
        confidence_because=sure.because,
        evidence_for=[item.name for item in speaks_for(items, found.counted, told)],
        evidence_against=[
            one.name for one in sorted(against, key=lambda one: (found.counted[one.name][told], one.name))
        ],
        missing=[one.kind.missing for one in missing],
        hangs_on=list(sensitive.smallest),
        hangs_on_sentence=hangs_on(shown, found, sensitive, titles, known),
        rules=broken,
        decided=decided.actor if decided and stands else "",
        decided_because=because,
    )


def hangs_on(
    shown: Sequence[Shown], found: Outcome, sensitive: Sensitivity, titles: Mapping[str, str], known: Rules
) -> str:
    """Say in plain words on what the conclusion hangs."""
    if not any(any(bits.values()) for bits in found.counted.values()):
        return "There is no evidence that weighs; it hangs on the priors."
    of_name = {one.item.name: one for one in shown}
    if sensitive.smallest:
        parts = [f"{name} ({of_name[name].item.source}, root {of_name[name].item.root})" for name in sensitive.smallest]
        so = f"This hangs on {' and '.join(parts)}: without {'it' if len(parts) == 1 else 'them'} the most probable is "
        so += f"{titles[sensitive.becomes]}."
        if sensitive.becomes == found.leader:
            held = "is no longer" if found.stands(known) else "would be"
            so = so.partition(": without")[0] + f", without which {titles[found.leader]} {held} at least likely."
        if not sensitive.exact:
            so += " There may be a smaller set: there are too many exhibits to try all."
    else:
        so = "Taking away any three exhibits changes nothing."
    if sensitive.roots:
        so += f" It hangs on each of these roots: {', '.join(sensitive.roots)}."
    if sensitive.sources and sensitive.sources != sensitive.roots:
        so += f" It hangs on each of these sources: {', '.join(sensitive.sources)}."
    return so
