"""The ledger of claims: per proposition and target who affirms it, who denies it, and on which independent roots."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated

import duckdb

from watchword import tables
from watchword.claims.propositions import Standing, moment_of, standings
from watchword.claims.roots import Origin, count
from watchword.disclose import words
from watchword.disclose.claim_words import PROPOSITIONS, SIDES
from watchword.disclose.query import rows

GROUPS = 40  # propositions, each of one target, that are told
SIDE = 6  # claims of one polarity that are quoted for one of them
VOICES = 8  # speakers of one side that are named
ROOTS = 6  # of one side that are listed
REPORTS = 8  # of one root that are named
DOCUMENTS = 40
SENTENCES = 8  # on contradictions, and on changes, of one proposition
QUOTE = 700  # characters
MANY = 20_000  # claims that are compared with each other; of more, the confirmed and the earliest
NAMING = ("who", "directed", "same-actor")  # propositions of who it was


@dataclass(frozen=True, slots=True)
class ReportShown:
    """One public report, story or statement of the case, in a line."""

    document: Annotated[str, "documents.document"]
    title: Annotated[str, "its headline"]
    publisher: Annotated[str, "who published it, empty if it cannot be told"]
    published: Annotated[datetime | None, "when"]
    sha256: Annotated[str, "of the file's bytes"]
    form: Annotated[str, "html, pdf, markdown, text or mail"]
    grade: Annotated[str, "Admiralty code that a person gave it, empty if nobody did"]
    problems: Annotated[tuple[str, ...], "what could not be read in it"]

    @property
    def called(self) -> str:
        """What to call it: publisher and day."""
        day = words.day(self.published) if self.published else ""
        return ", ".join(part for part in (self.publisher or self.title[:60] or self.document, day) if part)


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """Who says what, as one passage of a document has it."""

    claim: Annotated[str, "claims.claim"]
    state: Annotated[str, "proposed or confirmed"]
    speaker: Annotated[str, "who says it"]
    speaker_printed: Annotated[str, "the same as the document has it"]
    capacity: Annotated[str, "on-record, anonymous or by-proxy"]
    act: Annotated[str, "claims.act"]
    proposition: Annotated[str, "claims.proposition"]
    target: Annotated[str, "against whom, empty if it is not said"]
    actor: Annotated[str, "who is said to have done it, as printed; empty if it is not said"]
    polarity: Annotated[str, "affirms, denies or open"]
    strength: Annotated[str, "word for how sure they are, as printed; empty if none"]
    said: Annotated[datetime | None, "when it was said"]
    said_printed: Annotated[str, "that date as printed"]
    published: Annotated[datetime | None, "when the document was published"]
    evidence_offered: Annotated[str, "claims.evidence_offered"]
    relies_on: Annotated[str, "whose word the speaker relies on, empty if they speak for themselves"]
    quote: Annotated[str, "the passage, its first 700 characters"]
    start: Annotated[int, "where it begins in the document's text, in characters"]
    stop: Annotated[int, "where it ends"]
    root: Annotated[str, "roots.root"]
    origin: Annotated[str, "who said it first, as `roots` has it; empty if its root is not known"]
    anonymous: Annotated[bool, "its root is not named"]
    grade: Annotated[str, "Admiralty code, empty if none"]
    because: Annotated[str, "why a person confirmed or changed it"]
    document: Annotated[str, "documents.document; empty for a claim that a person wrote"]
    sha256: Annotated[str, "of the document's bytes"]
    title: Annotated[str, "the document's headline"]
    publisher: Annotated[str, "who published it"]

    @property
    def time(self) -> datetime | None:
        """When it was said, or else published."""
        return self.said or self.published


@dataclass(frozen=True, slots=True)
class RootShown:
    """One independent origin, and the reports in which it says something."""

    root: Annotated[str, "roots.root"]
    origin: Annotated[str, "who said it first"]
    anonymous: Annotated[bool, "its origin is not named; it may be the same as that of another"]
    reports: Annotated[tuple[str, ...], "reports that rest on it, by publisher and day, first published first"]
    more_reports: Annotated[int, "beyond those named"]
    sentence: Annotated[str, "why these are one"]


@dataclass(frozen=True, slots=True)
class VoiceShown:
    """One speaker on one side, and the word for how sure they were at last."""

    speaker: Annotated[str, "who says it"]
    strength: Annotated[str, "as printed, empty if there is none"]


@dataclass(frozen=True, slots=True)
class Side:
    """All who affirm a proposition, all who deny it, or all who leave it open."""

    polarity: Annotated[str, "affirms, denies or open"]
    title: Annotated[str, "the same in a word"]
    resting: Annotated[str, "`k independent roots of N reports`"]
    voices: Annotated[tuple[VoiceShown, ...], "who takes it, those whose claims are confirmed first"]
    more_voices: Annotated[int, "beyond those named"]
    claims: Annotated[tuple[ClaimShown, ...], "confirmed before proposed, then in order of time"]
    more_claims: Annotated[int, "beyond those quoted"]
    roots: Annotated[tuple[RootShown, ...], "on what they rest, most reports first"]
    more_roots: Annotated[int, "beyond those listed"]


@dataclass(frozen=True, slots=True)
class PropositionShown:
    """One proposition of one target: who takes which side."""

    proposition: Annotated[str, "claims.proposition"]
    title: Annotated[str, "the same in words"]
    target: Annotated[str, "against whom, empty if it is not said"]
    within: Annotated[str, "the report that does not say against whom; empty where a target is said"]
    sides: Annotated[tuple[Side, ...], "those that somebody takes: affirms, denies, open"]
    contradictions: Annotated[tuple[str, ...], "who contradicts whom, one sentence each"]
    changes: Annotated[tuple[str, ...], "who says another thing than before, one sentence each"]
    warnings: Annotated[tuple[str, ...], "grades that the roots do not bear out, one sentence each"]

    @property
    def against(self) -> str:
        """The target in words, also where none is said."""
        return self.target or (f"not said whose, in {self.within}" if self.within else "")

    @property
    def claims(self) -> list[ClaimShown]:
        """The quoted claims of all sides."""
        return [one for side in self.sides for one in side.claims]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Who says what, of all documents that were added to the case."""

    sentence: Annotated[str, "what there is, in one or two sentences; empty if there is none"]
    proposed: Annotated[int, "claims that the machine proposes and nobody has confirmed"]
    confirmed: Annotated[int, "claims that a person confirmed"]
    rejected: Annotated[int, "claims that a person rejected; they are shown nowhere"]
    propositions: Annotated[tuple[PropositionShown, ...], "who affirms, denies, leaves open"]
    more_propositions: Annotated[int, "propositions of further targets that are not told here"]
    resting: Annotated[str, "`k independent roots of N reports`, of all claims"]
    documents: Annotated[tuple[ReportShown, ...], "what was read, in order of time"]
    more_documents: Annotated[int, "beyond those listed"]


CLAIM = f"""
    claim, state, speaker, speaker_printed, capacity, act, proposition, target, claims.actor, polarity, strength, said,
    said_printed, claims.published, evidence_offered, relies_on, left(quote, {QUOTE}), start, stop, claims.root,
    coalesce(roots.origin, ''), coalesce(roots.anonymous, false), claims.grade, because, document,
    coalesce(sha256, ''), coalesce(title, ''), coalesce(publisher, '')
"""
_Told = tuple[Standing, list[tables.Claim]]
FROM = "claims left join roots on roots.root = claims.root left join documents using (document)"


def ledger(connection: duckdb.DuckDBPyConnection) -> Ledger:
    """Gather the ledger. What a person rejected is counted and nothing more."""
    states = dict(rows(connection, "select state, count(*) from claims group by state"))
    claims, roots = _claims(connection), _roots(connection)
    by_id = {claim.claim: claim for claim in claims}
    found = [
        (one, [by_id[name] for voice in one.voices for name in voice.claims])
        for one in standings(claims, roots.values())
    ]
    chosen = _chosen(found)
    order = list(PROPOSITIONS)
    chosen.sort(key=lambda one: (order.index(one[0].proposition), not one[0].target, one[0].target))
    quoted = _quoted(connection, [claim for _, mine in chosen for claim in _first(mine)])
    documents, more_documents, called = _documents(connection)
    sides = [_sides(one, mine, roots, quoted, called) for one, mine in chosen]
    resting = _resting(claims, roots)
    return Ledger(
        sentence=_sentence(states, resting, len(documents) + more_documents),
        proposed=states.get("proposed", 0),
        confirmed=states.get("confirmed", 0),
        rejected=states.get("rejected", 0),
        propositions=tuple(
            PropositionShown(
                proposition=one.proposition,
                title=PROPOSITIONS[one.proposition],
                target=one.target,
                within="" if one.target else next((called[name] for name in _named(mine) if name in called), ""),
                sides=taken,
                contradictions=one.contradictions[:SENTENCES],
                changes=one.changes[:SENTENCES],
                warnings=one.warnings[:SENTENCES],
            )
            for (one, mine), taken in zip(chosen, sides, strict=True)
        ),
        more_propositions=len(found) - len(chosen),
        resting=resting,
        documents=documents,
        more_documents=more_documents,
    )


def _claims(connection: duckdb.DuckDBPyConnection) -> list[tables.Claim]:
    """Every claim that nobody rejected, without its passage."""
    names = [f"'' as {one.name}" if one.name == "quote" else one.name for one in fields(tables.Claim)]
    wanted = ", ".join(names)
    return [
        tables.Claim(*row)
        for row in rows(
            connection,
            f"""select {wanted} from claims where state <> 'rejected'
            order by state = 'confirmed' desc, coalesce(said, published) nulls last, claim limit {MANY}""",
        )
    ]


def _roots(connection: duckdb.DuckDBPyConnection) -> dict[str, tables.Root]:
    wanted = ", ".join(one.name for one in fields(tables.Root))
    return {row[0]: tables.Root(*row) for row in rows(connection, f"select {wanted} from roots")}


def _chosen(found: Sequence[_Told]) -> list[_Told]:
    """Choose what is told: what is confirmed first, and of each proposition in turn the target of most claims."""
    turns: dict[str, int] = defaultdict(int)
    placed = []
    for one in sorted(found, key=lambda one: (-_confirmed(one[1]), -len(one[1]), one[0].proposition, one[0].target)):
        placed.append(((not one[0].proposition, not _confirmed(one[1]), turns[one[0].proposition]), one))
        turns[one[0].proposition] += 1
    return [one for _, one in sorted(placed, key=lambda entry: entry[0])[:GROUPS]]


def _named(claims: Sequence[tables.Claim]) -> list[str]:
    return sorted({claim.document for claim in claims})


def _confirmed(claims: Sequence[tables.Claim]) -> int:
    return sum(claim.state == "confirmed" for claim in claims)


def _first(claims: Sequence[tables.Claim]) -> list[tables.Claim]:
    """Choose what is quoted of one proposition: of each side first what is confirmed, then what was said first."""
    by_side: dict[str, list[tables.Claim]] = defaultdict(list)
    for claim in sorted(claims, key=_place):
        by_side[claim.polarity].append(claim)
    return [claim for side in by_side.values() for claim in side[:SIDE]]


def _place(claim: tables.Claim) -> tuple[bool, bool, float, str]:
    when = moment_of(claim)
    return claim.state != "confirmed", when is None, when.timestamp() if when else 0.0, claim.claim


def _quoted(connection: duckdb.DuckDBPyConnection, claims: Sequence[tables.Claim]) -> dict[str, ClaimShown]:
    return {
        row[0]: ClaimShown(*row)
        for row in rows(
            connection,
            f"select {CLAIM} from {FROM} where claim in (select unnest(?))",
            [[claim.claim for claim in claims]],
        )
    }


def _sides(
    standing: Standing,
    claims: Sequence[tables.Claim],
    roots: Mapping[str, tables.Root],
    quoted: Mapping[str, ClaimShown],
    called: Mapping[str, str],
) -> tuple[Side, ...]:
    """Those who affirm a proposition, who deny it, and who leave it open."""
    taken = []
    for polarity, title in SIDES.items():
        mine = sorted((claim for claim in claims if claim.polarity == polarity), key=_place)
        if not mine:
            continue
        shown = [quoted[claim.claim] for claim in mine if claim.claim in quoted]
        resting = {"affirms": str(standing.counted), "denies": str(standing.denied)}.get(polarity)
        on = _on(mine, roots, called)
        voices: dict[str, str] = {}
        for claim in mine:
            voices[claim.speaker] = claim.strength or voices.get(claim.speaker, "")
        named = [VoiceShown(speaker or "somebody who is not named", said) for speaker, said in voices.items()]
        taken.append(
            Side(
                polarity=polarity,
                title=title,
                resting=resting or _resting(mine, roots),
                voices=tuple(named[:VOICES]),
                more_voices=max(0, len(named) - VOICES),
                claims=tuple(shown),
                more_claims=len(mine) - len(shown),
                roots=tuple(on[:ROOTS]),
                more_roots=max(0, len(on) - ROOTS),
            )
        )
    return tuple(taken)


def _resting(claims: Sequence[tables.Claim], roots: Mapping[str, tables.Root]) -> str:
    """`k independent roots of N reports`."""
    origins = {Origin(claim.root, claim.root in roots and roots[claim.root].anonymous) for claim in claims}
    return str(count({claim.document or claim.claim for claim in claims}, origins))


def _on(claims: Sequence[tables.Claim], roots: Mapping[str, tables.Root], called: Mapping[str, str]) -> list[RootShown]:
    """The roots of these claims with the reports in which they speak, most reports first."""
    reports: dict[str, dict[str, None]] = defaultdict(dict)
    for claim in sorted(claims, key=lambda one: (one.published is None, one.published, one.document)):
        if claim.root:
            reports[claim.root][claim.document] = None
    found = []
    for root, documents in sorted(reports.items(), key=lambda one: (-len(one[1]), one[0])):
        named = [called.get(document, document) for document in documents if document]
        known = roots.get(root)
        found.append(
            RootShown(
                root=root,
                origin=known.origin if known else "",
                anonymous=known.anonymous if known else False,
                reports=tuple(named[:REPORTS]),
                more_reports=max(0, len(named) - REPORTS),
                sentence=known.sentence if known else "",
            )
        )
    return found


def _documents(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[ReportShown, ...], int, dict[str, str]]:
    """The documents that are listed, how many more there are, and what each is called."""
    found = [
        ReportShown(document, title, publisher, published, sha256, form, grade, tuple(problems))
        for document, title, publisher, published, sha256, form, grade, problems in rows(
            connection,
            """select document, left(title, 300), publisher, published, sha256, form, grade, problems from documents
            order by published nulls last, document""",
        )
    ]
    return tuple(found[:DOCUMENTS]), max(0, len(found) - DOCUMENTS), {one.document: one.called for one in found}


def _sentence(states: Mapping[str, int], resting: str, documents: int) -> str:
    proposed, confirmed = states.get("proposed", 0), states.get("confirmed", 0)
    if not proposed and not confirmed:
        added = words.number(documents, "report")
        return f"No claim stands in {added} that {'was' if documents == 1 else 'were'} added." if documents else ""
    by = [
        f"{confirmed:,} that a person confirmed" if confirmed else "",
        f"{proposed:,} that the machine proposes and nobody has confirmed yet" if proposed else "",
    ]
    counted = words.number(proposed + confirmed, "claim")
    return f"{counted}: {' and '.join(part for part in by if part)}. Together they rest on {resting}."


def kept(claims: Sequence[ClaimShown]) -> list[ClaimShown]:
    """Leave out what says the same as one before: the same speaker, root, side and name."""
    found: dict[tuple[str, str, str, str], ClaimShown] = {}
    for one in claims:
        found.setdefault((one.speaker, one.root or one.claim, one.polarity, one.actor), one)
    return list(found.values())
