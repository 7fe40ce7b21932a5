"""What was looked at: counts that add up, whose mailboxes, and what was not judged and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.history import ENOUGH, too_little
from watchword.disclose.query import rows

REJECTIONS = 50  # listed one by one; the rest is counted


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many judged messages came to one tier."""

    tier: Annotated[str, "verdicts.tier"]
    title: Annotated[str, "the same in words"]
    messages: Annotated[int, "judged messages"]


@dataclass(frozen=True, slots=True)
class Counts:
    """found = judged + unjudged + repeated + rejected, and judged is the sum over the tiers."""

    found: Annotated[int, "things in the sources that should be messages"]
    judged: Annotated[int, "different messages that have a verdict"]
    unjudged: Annotated[int, "messages that were read but have no verdict; 0 unless something went wrong"]
    repeated: Annotated[int, "further copies of a message that was counted already"]
    rejected: Annotated[int, "could not be read as a message"]
    tiers: Annotated[tuple[TierCount, ...], "judged messages by tier"]
    chosen: Annotated[int, "judged messages that are within the budget of what a person can look at"]

    @property
    def add_up(self) -> bool:
        """Whether the counts of the sources and those of the verdicts agree."""
        parts = self.judged + self.unjudged + self.repeated + self.rejected
        return self.unjudged >= 0 and self.found == parts and self.judged == sum(tier.messages for tier in self.tiers)


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One mailbox container and what came out of it."""

    source: Annotated[str, "sources.source"]
    path: Annotated[str, "where it lies"]
    kind: Annotated[str, "mbox, maildir, ..."]
    owner: Annotated[str, "address, empty if unknown"]
    found: Annotated[int, "things found that should be messages"]
    messages: Annotated[int, "of these, first seen here"]
    repeated: Annotated[int, "of these, seen before"]
    rejected: Annotated[int, "of these, not readable"]


@dataclass(frozen=True, slots=True)
class Owner:
    """One person whose mailbox was read."""

    address: Annotated[str, "main address; an id without @ for a mailbox whose owner is unknown"]
    name: Annotated[str, "name used most for it, empty if none"]
    addresses: Annotated[tuple[str, ...], "further addresses of this person"]
    how: Annotated[tuple[str, ...], "why we think that the mailbox is theirs"]
    messages: Annotated[int, "judged messages"]
    received: Annotated[int, "of these, received"]
    sent: Annotated[int, "of these, written by the owner"]
    first: Annotated[datetime | None, "time of the earliest message"]
    last: Annotated[datetime | None, "time of the latest message"]
    enough: Annotated[datetime | None, "from when on there was enough earlier mail to judge by, None if never"]
    chosen: Annotated[int, "messages that deserve attention"]
    attacks: Annotated[int, "of these, those in the highest tier or decided malicious"]

    @property
    def title(self) -> str:
        """The name, or else the address."""
        return self.name or words.whose(self.address)

    @property
    def is_known(self) -> bool:
        """Whether it is known whose mailbox it is."""
        return "@" in self.address


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that was not judged, or judged with less, why, and what can be done."""

    kind: Annotated[
        str,
        "rejected, detector-failed, detector-unmeasured, no-owner, little-history, moved, counts, log-truncated, "
        "log-rejected",
    ]
    what: Annotated[str, "one sentence"]
    advice: Annotated[str, "what to do, empty if nothing can be done"]
    count: Annotated[int, "how many messages, detectors or mailboxes"]


@dataclass(frozen=True, slots=True)
class Detector:
    """One detector as it ran."""

    detector: Annotated[str, "file name without .toml"]
    title: Annotated[str, "its title"]
    group: Annotated[str, "its kind of evidence"]
    bits: Annotated[float | None, "measured weight, None if never measured"]
    needs_history: Annotated[bool, "it compares with what was usual before, and is silent while that is not known"]
    fired: Annotated[int, "messages it fired on"]
    error: Annotated[str, "why it could not judge, empty if it did"]


def counts(connection: duckdb.DuckDBPyConnection) -> Counts:
    """Count what was found and what became of it."""
    ((found, messages, repeated, rejected),) = rows(
        connection,
        """select coalesce(sum(found), 0)::bigint, coalesce(sum(messages), 0)::bigint,
            coalesce(sum(repeated), 0)::bigint, coalesce(sum(rejected), 0)::bigint from sources""",
    )
    by_tier = {
        tier: (judged, chosen)
        for tier, judged, chosen in rows(
            connection, "select tier, count(*), count(*) filter (chosen) from verdicts group by tier"
        )
    }
    order = [*words.TIERS, *sorted(set(by_tier) - set(words.TIERS))]
    judged = sum(count for count, _ in by_tier.values())
    return Counts(
        found=found,
        judged=judged,
        unjudged=messages - judged,
        repeated=repeated,
        rejected=rejected,
        tiers=tuple(TierCount(tier, words.tier(tier), by_tier[tier][0]) for tier in order if tier in by_tier),
        chosen=sum(chosen for _, chosen in by_tier.values()),
    )


def sources(connection: duckdb.DuckDBPyConnection) -> tuple[SourceCount, ...]:
    """List the mailbox containers."""
    return tuple(
        SourceCount(*row)
        for row in rows(
            connection,
            "select source, path, kind, owner, found, messages, repeated, rejected from sources order by path, source",
        )
    )


def owners(connection: duckdb.DuckDBPyConnection) -> tuple[Owner, ...]:
    """List the people whose mailboxes were read; those with the strongest verdicts first."""
    how: dict[str, list[str]] = {}
    for owner, reason in rows(
        connection,
        "select owner, owner_how from sources group by owner, owner_how order by max(messages) desc, owner_how",
    ):
        how.setdefault(owner, []).append(reason)
    addresses: dict[str, list[str]] = {}
    for owner, address in rows(
        connection, "select distinct owner, address from owner_addresses order by owner, address"
    ):
        if address != owner:
            addresses.setdefault(owner, []).append(address)
    found = rows(
        connection,
        """
        select verdicts.owner, coalesce(any_value(addresses.name), ''), count(*),
            count(*) filter (relationships.direction = 'received'),
            count(*) filter (relationships.direction <> 'received'),
            min(messages.time), max(messages.time), min(messages.time) filter (relationships.history >= ?),
            count(*) filter (verdicts.chosen),
            count(*) filter (verdicts.chosen and verdicts.tier in ('attack', 'malicious'))
        from verdicts
        join messages using (message)
        left join relationships on relationships.message = verdicts.message
        left join addresses on addresses.address = verdicts.owner and verdicts.owner <> ''
        group by verdicts.owner
        order by max(case when verdicts.chosen then verdicts.probability else -1 end) desc, count(*) desc,
            verdicts.owner
        """,
        [ENOUGH],
    )
    return tuple(
        Owner(owner, name, tuple(addresses.get(owner, [])), tuple(how.get(owner, [])), *numbers)
        for owner, name, *numbers in found
    )


def detectors(connection: duckdb.DuckDBPyConnection) -> tuple[Detector, ...]:
    """List the detectors as they ran."""
    return tuple(
        Detector(*row)
        for row in rows(
            connection,
            """select detector, title, "group", bits, needs_history, fired, error from detector_runs
            order by "group", detector""",
        )
    )


def gaps(
    connection: duckdb.DuckDBPyConnection,
    total: Counts,
    people: tuple[Owner, ...],
    ran: tuple[Detector, ...],
    moved: int,
) -> tuple[Gap, ...]:
    """Say what was not judged and why. `moved` counts the messages whose original bytes are not where they were."""
    found = []
    if not total.add_up:
        found.append(
            Gap("counts", "The counts of what was read and of what was judged do not agree.", "Run it again.", 1)
        )
    if total.unjudged > 0:
        found.append(
            Gap(
                "counts",
                f"Read but not judged: {words.number(total.unjudged, 'message')}.",
                "Run it again; if this stays, it is a fault of this program.",
                total.unjudged,
            )
        )
    for reason, advice, many, path, member, place in rows(
        connection,
        """select reason, advice, count(*), arg_min(coalesce(sources.path, ''), source),
            arg_min(member, source), arg_min("offset", source)
        from rejections left join sources using (source) group by reason, advice
        order by count(*) desc, reason limit ?""",
        [REJECTIONS],
    ):
        where = ("in " if many == 1 else f"{words.times(many)}, one is in ") + f"{path}{'!' + member if member else ''}"
        where += f" at byte {place:,}" if place else ""
        found.append(Gap("rejected", f"{reason} ({where})" if path else reason, advice, many))
    found += [
        Gap(
            "detector-failed",
            f"Nothing was judged by “{detector.title}” ({detector.detector}): {detector.error}",
            "The other detectors are not affected. Report this as a fault.",
            1,
        )
        for detector in ran
        if detector.error
    ]
    unmeasured = [detector.title for detector in ran if detector.bits is None and not detector.error]
    if unmeasured:
        some = "; ".join(unmeasured[:12]) + ("; …" if len(unmeasured) > 12 else "")
        found.append(
            Gap(
                "detector-unmeasured",
                f"{words.number(len(unmeasured), 'detector')} weighed nothing, because how often "
                f"{'it is' if len(unmeasured) == 1 else 'they are'} right was never measured: {some}.",
                "What they saw is shown, but counts for nothing.",
                len(unmeasured),
            )
        )
    fired = set(rows(connection, "select distinct owner, detector from findings join verdicts using (message)"))
    for owner in people:
        if not owner.is_known:
            found.append(
                Gap(
                    "no-owner",
                    f"{words.number(owner.messages, 'message')} lie in a mailbox whose owner is not known "
                    f"({owner.title}). They were judged without knowing who is a stranger to that person.",
                    "Name the owner when you read the mailbox: `--owner PATH=ADDRESS`.",
                    owner.messages,
                )
            )
        elif not owner.enough or not owner.sent:
            silent = [
                one.title
                for one in ran
                if one.needs_history and not one.error and (owner.address, one.detector) not in fired
            ]
            lack = "" if owner.enough else f"only {words.number(owner.messages, 'message')}, {too_little(silent)}"
            lack += (
                "" if owner.sent else f"{' It holds ' if lack else ''}no sent mail, so whom they wrote to is not known."
            )
            found.append(
                Gap(
                    "little-history",
                    f"The mailbox of {owner.title} holds {lack}",
                    "Add older mail or the sent folder, if it can be had.",
                    owner.messages,
                )
            )
    if moved:
        found.append(
            Gap(
                "moved",
                f"The original bytes of {words.number(moved, 'message')} are not where they were read, "
                "so no header line is quoted for them.",
                "Put the mailbox back, or read it again from its new place.",
                moved,
            )
        )
    return tuple(found)
