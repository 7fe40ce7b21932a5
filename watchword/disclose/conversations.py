"""The conversations that deserve attention, with every listed message and what stands behind its verdict."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.coverage import Detector
from watchword.disclose.evidence import Evidence, evidence
from watchword.disclose.findings import Sentence, Share, citations, evidence_by_kind, findings, unused
from watchword.disclose.history import History, histories
from watchword.disclose.place import PLACE, PLACED, Place
from watchword.disclose.query import rows
from watchword.disclose.severity import Severity, severities

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


def strongest(messages: Sequence[Shown]) -> Shown:
    """The message that is most probably part of an attack."""
    return max(messages, key=lambda shown: (shown.probability, shown.bits))


def conversations(
    connection: duckdb.DuckDBPyConnection,
    fetch: Fetch,
    per_owner: int,
    names: Mapping[str, str],
    ran: Sequence[Detector],
    ceilings: Mapping[str, float],
) -> tuple[ConversationShown, ...]:
    """Gather what was chosen, at most `per_owner` messages of each owner, as conversations in the order to look at."""
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
