"""The answer: everything that the report shows, gathered once, in queries over whole tables."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.case import Decision
from watchword.disclose import words
from watchword.disclose.belief import Belief, belief
from watchword.disclose.coverage import (
    Counts,
    Detector,
    Gap,
    Owner,
    SourceCount,
    counts,
    detectors,
    gaps,
    owners,
    sources,
)
from watchword.disclose.decided import Decided, what_people_decided
from watchword.disclose.evidence import Evidence, evidence
from watchword.disclose.findings import Sentence, Share, citations, evidence_by_kind, findings, unused
from watchword.disclose.history import History, histories
from watchword.disclose.notices import Notices, next_in_line, notices, spoken_of, unweighed
from watchword.disclose.place import PLACE, PLACED, Place
from watchword.disclose.query import rows
from watchword.disclose.severity import SCALE, Severity, severities
from watchword.disclose.tiers import Tier, tiers
from watchword.disclose.timeline import Timeline, timeline
from watchword.judge.weights import Weights
from watchword.judge.weights import weights as shipped

Fetch = Callable[[Sequence[str]], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Shown:
    """One message that deserves attention."""

    message: Annotated[str, "SHA-256 of its bytes"]
    time: Annotated[datetime | None, "when it arrived"]
    from_name: Annotated[str, "display name, the sender's own word"]
    from_address: Annotated[str, "address in From, the sender's own word"]
    subject: Annotated[str, "subject, its first 1,000 characters"]
    tier: Annotated[str, "verdicts.tier"]
    probability: Annotated[float, "that it is part of an attack, 0 to 1"]
    targeted: Annotated[float, "that, if it is one, it was made for few people rather than for many, 0 to 1"]
    bits: Annotated[float, "sum of the evidence, kinds under their ceilings"]
    rank: Annotated[int | None, "within the owner's mailbox"]
    decided: Annotated[str, "what a person decided, empty if nobody did"]
    findings: Annotated[tuple[Sentence, ...], "strongest first"]
    shares: Annotated[tuple[Share, ...], "the evidence by kind, strongest first"]
    rest: Annotated[
        float, "bits that the kinds of evidence leave unexplained, 0 if the weights are those of the verdict"
    ]
    would_change: Annotated[tuple[str, ...], "what a reader may know that would change the verdict"]
    severity: Annotated[Severity | None, "how much effort it shows; None for what a person decided to be harmless"]
    history: Annotated[History | None, "the earlier mail that it was judged against; None if no mailbox is told"]
    place: Annotated[Place, "where it lies"]
    evidence: Annotated[Evidence, "what it shows"]


@dataclass(frozen=True, slots=True)
class ConversationShown:
    """Messages of one conversation with one owner that deserve attention, read as one story."""

    rank: Annotated[int, "1 is the first to look at, over all mailboxes"]
    owner: Annotated[str, "whose mailbox, empty if unknown"]
    owner_name: Annotated[str, "their name, or else the address"]
    conversation: Annotated[str, "conversations.conversation"]
    probability: Annotated[float, "the highest of its messages, 0 to 1"]
    targeted: Annotated[float, "that, if it is an attack, it was made for few: the highest of its messages, 0 to 1"]
    severity: Annotated[float | None, "the highest of its messages, 0 to 10, None if none has one"]
    tier: Annotated[str, "tier of the most probable message"]
    held: Annotated[int, "messages of it that were read, with those not listed"]
    answered: Annotated[int, "messages that the owner wrote in it at or after the first listed one"]
    messages: Annotated[tuple[Shown, ...], "in order of time"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that the report shows."""

    title: Annotated[str, "name of the case"]
    generated: Annotated[datetime, "when the report was made"]
    version: Annotated[str, "of this program"]
    answer: Annotated[str, "the answer in one paragraph"]
    counts: Annotated[Counts, "counts that add up"]
    owners: Annotated[tuple[Owner, ...], "whose mailboxes were read"]
    conversations: Annotated[tuple[ConversationShown, ...], "what deserves attention, ranked"]
    tiers: Annotated[tuple[Tier, ...], "what the tiers of verdicts stand for"]
    scale: Annotated[str, "what severity stands for"]
    per_week: Annotated[float | None, "conversations a week and mailbox that a person can look at, None if not limited"]
    not_shown: Annotated[int, "chosen messages beyond the number that is shown for each owner"]
    timeline: Annotated[Timeline, "who was targeted when"]
    warnings: Annotated[Notices, "attacks that the mail provider itself warned of"]
    account: Annotated[Notices, "sign-ins and changes to an account that its provider reported"]
    next_in_line: Annotated[Notices, "the likeliest messages that were not chosen, one for each conversation"]
    spoken_of: Annotated[Notices, "offers of documents and threats by strangers, which are no attack by themselves"]
    unweighed: Annotated[
        Notices, "messages with signs whose weight was never measured, and nothing else that stands out"
    ]
    decisions: Annotated[tuple[Decided, ...], "what people decided"]
    sources: Annotated[tuple[SourceCount, ...], "what was read"]
    belief: Annotated[Belief, "whose word on the sender was believed, and on what the rest stands"]
    gaps: Annotated[tuple[Gap, ...], "what was not judged and why"]
    detectors: Annotated[tuple[Detector, ...], "what was looked for"]
    limits: Annotated[tuple[str, ...], "what this report cannot say"]


LIMITS = (
    "No finding does not mean safe. Attacks that this program has no detector for, that were deleted, or that came "
    "by phone, chat or another mailbox are not seen here.",
    "Mail alone seldom shows whether an attack succeeded. The account’s log of sign-ins, devices and forwarding rules "
    "does.",
    "Probabilities are calibrated on public collections of attacks and of honest mail. They are shares in the long "
    "run, not certainties, and may fit a mailbox less well the more it differs from those collections.",
    "Names and addresses in From are the sender’s own word. That somebody’s name stands on a message does not mean "
    "that this person wrote it.",
    "This report says what was done, not by whom.",
)


def answer(
    connection: duckdb.DuckDBPyConnection,
    fetch: Fetch,
    *,
    title: str,
    generated: datetime,
    version: str,
    per_owner: int,
    per_week: float | None = None,
    decisions: Sequence[Decision] = (),
    weights: Weights | None = None,
    receiving: Collection[str] = (),
    trusted_sealers: Collection[str] = (),
) -> Answer:
    """Gather everything that the report shows; at most `per_owner` chosen messages of each owner.

    `weights` are those that the verdicts were made with, without it the shipped ones. `receiving` and
    `trusted_sealers` are what the user said of servers in case.toml.
    """
    weighed = weights or shipped()
    total = counts(connection)
    people = owners(connection)
    ran = detectors(connection)
    names = {owner.address: owner.title for owner in people}
    conversations = _conversations(connection, fetch, per_owner, names, ran, weighed.ceilings)
    listed = [shown for conversation in conversations for shown in conversation.messages]
    warnings = notices(connection, "notice")
    moved = sum(not shown.evidence.found for shown in listed)
    return Answer(
        title=title,
        generated=generated,
        version=version,
        answer=in_words(
            total, people, conversations, warnings.count, [detector for detector in ran if detector.bits is not None]
        ),
        counts=total,
        owners=people,
        conversations=conversations,
        tiers=tiers(weighed),
        scale=SCALE,
        per_week=per_week,
        not_shown=total.chosen - len(listed),
        timeline=timeline(connection, people, [shown.time for shown in listed if shown.time]),
        warnings=warnings,
        account=notices(connection, "account"),
        next_in_line=next_in_line(connection),
        spoken_of=spoken_of(connection),
        unweighed=unweighed(connection),
        decisions=what_people_decided(connection, decisions),
        sources=sources(connection),
        belief=belief(connection, receiving, trusted_sealers),
        gaps=gaps(connection, total, people, ran, moved),
        detectors=ran,
        limits=LIMITS,
    )


def in_words(
    total: Counts,
    people: Sequence[Owner],
    conversations: Sequence[ConversationShown],
    warned: int,
    measured: Sequence[Detector],
) -> str:
    """The answer in one paragraph."""
    if total.judged and not measured and not total.chosen:
        return (
            f"Nothing could be weighed in {words.number(total.judged, 'message')}: no detector has a measured weight. "
            "What the detectors saw is in the tables, but says nothing about how likely an attack is."
        )
    if not total.judged:
        return "No message could be judged, so nothing can be said. See below what was found in the sources and why."
    mailbox = (
        f"{people[0].title}’s mailbox"
        if len(people) == 1 and people[0].is_known
        else words.number(len(people), "mailbox", "mailboxes")
        if any(owner.is_known for owner in people)
        else "mail whose owner is not known"
    )
    warning = ""
    if warned:
        warning = f" A mail provider itself warned of an attack {words.times(warned)}: see below."
    if not total.chosen:
        return (
            f"Nothing was found that deserves attention among {words.number(total.judged, 'message')} in {mailbox}. "
            "This means that none of the signs which this program knows stood out. It does not mean that nobody tried: "
            f"see what was not judged, and what this report cannot say.{warning}"
        )
    by_tier: dict[str, int] = defaultdict(int)
    hit: dict[str, str] = {}
    for conversation in conversations:
        for shown in conversation.messages:
            by_tier[shown.tier] += 1
            if shown.tier in ("attack", "malicious"):
                hit[conversation.owner] = conversation.owner_name
    clear = by_tier["attack"] + by_tier["malicious"]
    rest = total.chosen - clear
    text = (
        f"{total.chosen:,} of {words.number(total.judged, 'message')} in {mailbox} "
        f"{'deserves' if total.chosen == 1 else 'deserve'} attention"
    )
    if clear:
        text += f": {clear:,} {'looks' if clear == 1 else 'look'} like an attack"
        if len(people) > 1:
            text += f", aimed at {_named(list(hit.values()))}"
        text += f"; {rest:,} {'is' if rest == 1 else 'are'} less clear." if rest else "."
    else:
        text += "; none of them is clearly an attack."
    answered = sum(1 for conversation in conversations if conversation.answered)
    if answered:
        text += (
            f" In {'one conversation' if answered == 1 else f'{answered:,} conversations'} the owner wrote back. "
            "Such messages are made for that, and it is nobody’s fault, but it is the place to begin."
        )
    return text + warning


def _named(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    if len(names) > 5:
        return f"{', '.join(names[:4])} and {len(names) - 4} more"
    return " and ".join([part for part in (", ".join(names[:-1]), names[-1]) if part])


def strongest(messages: Sequence[Shown]) -> Shown:
    """The message that is most probably part of an attack."""
    return max(messages, key=lambda shown: (shown.probability, shown.bits))


def _conversations(
    connection: duckdb.DuckDBPyConnection,
    fetch: Fetch,
    per_owner: int,
    names: Mapping[str, str],
    ran: Sequence[Detector],
    ceilings: Mapping[str, float],
) -> tuple[ConversationShown, ...]:
    chosen = list(
        rows(
            connection,
            f"""
            select verdicts.message, verdicts.owner, verdicts.conversation, messages.time,
                left(messages.from_name, 500),
                messages.from_address, left(messages.subject, 1000),
                verdicts.tier, verdicts.probability, verdicts.targeted, verdicts.bits,
                verdicts.rank, verdicts.decided, {PLACE}
            from verdicts join messages on messages.message = verdicts.message
            {PLACED}
            where verdicts.chosen
            qualify row_number() over (
                partition by verdicts.owner order by verdicts.rank nulls last, verdicts.message) <= ?
            order by messages.time nulls last, verdicts.message
            """,
            [per_owner],
        )
    )
    keys = [row[0] for row in chosen]
    found = findings(connection, keys, ran)
    shown_evidence = evidence(connection, fetch(keys), {key: citations(found.get(key, [])) for key in keys})
    efforts = severities(connection, keys, ran)
    past = histories(connection, {key: unused(ran, found.get(key, ())) for key in keys})
    stories: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for (
        message,
        owner,
        conversation,
        time,
        name,
        address,
        subject,
        tier,
        probability,
        targeted,
        bits,
        rank,
        decided,
        *where,
    ) in chosen:
        sentences = tuple(found.get(message, ()))
        shares = evidence_by_kind(sentences, ceilings)
        stories[owner, conversation or message].append(
            Shown(
                message=message,
                time=time,
                from_name=name,
                from_address=address,
                subject=subject,
                tier=tier,
                probability=probability,
                targeted=targeted,
                bits=bits,
                rank=rank,
                decided=decided,
                findings=sentences,
                shares=shares,
                rest=round(bits - sum(share.bits for share in shares), 6),
                would_change=tuple(words.would_change(share.group) for share in shares),
                severity=efforts.get(message),
                history=past.get(message),
                place=Place(*where),
                evidence=shown_evidence[message],
            )
        )
    around = _around(connection, stories)
    ranked = sorted(
        stories.items(),
        key=lambda story: (-max(one.probability * one.targeted for one in story[1]), story[0]),
    )
    return tuple(
        ConversationShown(
            rank=rank,
            owner=owner,
            owner_name=names.get(owner, owner),
            conversation=conversation,
            probability=max(shown.probability for shown in messages),
            targeted=max(shown.targeted for shown in messages),
            severity=max((shown.severity.severity for shown in messages if shown.severity), default=None),
            tier=strongest(messages).tier,
            held=around.get((owner, conversation), (len(messages), 0))[0],
            answered=around.get((owner, conversation), (0, 0))[1],
            messages=tuple(messages),
        )
        for rank, ((owner, conversation), messages) in enumerate(ranked, 1)
    )


def _around(
    connection: duckdb.DuckDBPyConnection, stories: Mapping[tuple[str, str], Sequence[Shown]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """How many messages we hold of each conversation, and how many its owner wrote from the first listed one on."""
    begun = [
        (owner, conversation, min((shown.time for shown in messages if shown.time), default=None))
        for (owner, conversation), messages in stories.items()
    ]
    return {
        (owner, conversation): (held, answered)
        for owner, conversation, held, answered in rows(
            connection,
            """
            with story as (select unnest(?) as owner, unnest(?) as conversation, unnest(?::timestamptz[]) as begun)
            select story.owner, story.conversation, count(*),
                count(*) filter (relationships.direction = 'sent' and messages.time >= story.begun)
            from story
            join conversations using (conversation)
            join messages using (message)
            join relationships on relationships.message = messages.message and relationships.owner = story.owner
            group by story.owner, story.conversation
            """,
            [[row[0] for row in begun], [row[1] for row in begun], [row[2] for row in begun]],
        )
    }
