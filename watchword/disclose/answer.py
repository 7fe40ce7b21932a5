"""The answer: everything that the report shows, gathered once, in queries over whole tables."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.case import Decision
from watchword.disclose.attribution import Attributions, attributions
from watchword.disclose.belief import Belief, belief
from watchword.disclose.claims import Ledger, ledger
from watchword.disclose.conversations import ConversationShown, Fetch, conversations
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
from watchword.disclose.hits import Hits, hits
from watchword.disclose.logs import LogShown, cut_short, logs
from watchword.disclose.notices import Notices, next_in_line, notices, spoken_of, unweighed
from watchword.disclose.operations import Operations, operations
from watchword.disclose.paragraph import in_words
from watchword.disclose.severity import SCALE
from watchword.disclose.tiers import Tier, tiers
from watchword.disclose.timeline import Timeline, timeline
from watchword.judge.weights import Weights
from watchword.judge.weights import weights as shipped


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
    operations: Annotated[Operations, "who else was hit by the same people, and did it work"]
    attributions: Annotated[Attributions, "who may be behind it: hypotheses weighed; it names nobody"]
    hits: Annotated[Hits, "what in the case's mail is publicly named, by whom and since when"]
    claims: Annotated[Ledger, "who says what in public, and on how many independent roots that rests"]
    warnings: Annotated[Notices, "attacks that the mail provider itself warned of"]
    account: Annotated[Notices, "sign-ins and changes to an account that its provider reported"]
    next_in_line: Annotated[Notices, "the likeliest messages that were not chosen, one for each conversation"]
    spoken_of: Annotated[Notices, "offers of documents and threats by strangers, which are no attack by themselves"]
    unweighed: Annotated[
        Notices, "messages with signs whose weight was never measured, and nothing else that stands out"
    ]
    decisions: Annotated[tuple[Decided, ...], "what people decided"]
    sources: Annotated[tuple[SourceCount, ...], "what was read"]
    logs: Annotated[tuple[LogShown, ...], "logs of providers that were added"]
    belief: Annotated[Belief, "whose word on the sender was believed, and on what the rest stands"]
    gaps: Annotated[tuple[Gap, ...], "what was not judged and why"]
    detectors: Annotated[tuple[Detector, ...], "what was looked for"]
    limits: Annotated[tuple[str, ...], "what this report cannot say"]


LIMITS = (
    "No finding does not mean safe. Attacks that this program has no detector for, that were deleted, or that came "
    "by phone, chat or another mailbox are not seen here.",
    "Mail alone seldom shows whether an attack succeeded. The account’s log of sign-ins, devices and forwarding rules "
    "does. What no mailbox or log at hand would tell is called unknown, and does not mean that nothing happened.",
    "Probabilities are calibrated on public collections of attacks and of honest mail. They are shares in the long "
    "run, not certainties, and may fit a mailbox less well the more it differs from those collections.",
    "Names and addresses in From are the sender’s own word. That somebody’s name stands on a message does not mean "
    "that this person wrote it.",
    "An operation says that the same hands were at work, as far as what they share is theirs alone: who copies the "
    "means of others, or shares a program with them, may be put together with them, and who changes all means at once "
    "is not recognised.",
    "This report says what was done. Who did it, it only weighs: it names an actor where a person decided to, and "
    "nowhere else. Operations name nobody.",
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
    stories = conversations(connection, fetch, per_owner, names, ran, weighed.ceilings)
    listed = [shown for story in stories for shown in story.messages]
    found = operations(connection)
    added = logs(connection)
    warnings = notices(connection, "notice")
    moved = sum(not shown.evidence.found for shown in listed)
    return Answer(
        title=title,
        generated=generated,
        version=version,
        answer=in_words(
            total, people, stories, found, warnings.count, [detector for detector in ran if detector.bits is not None]
        ),
        counts=total,
        owners=people,
        conversations=stories,
        tiers=tiers(weighed),
        scale=SCALE,
        per_week=per_week,
        not_shown=total.chosen - len(listed),
        timeline=timeline(connection, people, [shown.time for shown in listed if shown.time]),
        operations=found,
        attributions=attributions(connection, found.full),
        hits=hits(connection),
        claims=ledger(connection),
        warnings=warnings,
        account=notices(connection, "account"),
        next_in_line=next_in_line(connection),
        spoken_of=spoken_of(connection),
        unweighed=unweighed(connection),
        decisions=what_people_decided(connection, decisions),
        sources=sources(connection),
        logs=added,
        belief=belief(connection, receiving, trusted_sealers),
        gaps=gaps(connection, total, people, ran, moved) + cut_short(added),
        detectors=ran,
        limits=LIMITS,
    )
