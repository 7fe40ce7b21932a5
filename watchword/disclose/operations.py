"""Operations as the report shows them: who was hit by the same people, why that is thought, and on what it hangs."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.held_together import Alike, Bond, Common, Shared, alikes, bonds, common, shared
from watchword.disclose.ladder_shown import ANSWERED, ENTERED, Outcome, outcomes
from watchword.disclose.query import rows
from watchword.judge.severity import MANY

FULL = 12  # operations that are told in full
BRIEF = 60  # that have a line in the table of the others
MEMBERS = 60  # messages of one operation that are drawn and listed
PEOPLE = 60  # people of one operation that are named
SENDERS = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """One person whom an operation hit."""

    address: Annotated[str, "main address, or id of a mailbox whose owner is unknown; empty if nothing is known"]
    name: Annotated[str, "their name, or else the address"]
    organisation: Annotated[str, "registrable domain of the address; empty for private accounts and unknown owners"]
    messages: Annotated[int, "messages of the operation in this mailbox"]


@dataclass(frozen=True, slots=True)
class MemberShown:
    """One message of an operation."""

    message: Annotated[str, "SHA-256 of its bytes"]
    time: Annotated[datetime | None, "when it arrived, or else what its Date says"]
    owners: Annotated[tuple[str, ...], "in whose mailboxes it lies"]
    from_name: Annotated[str, "display name, the sender's own word"]
    from_address: Annotated[str, "address in From, the sender's own word"]
    subject: Annotated[str, "subject, its first 300 characters"]
    role: Annotated[str, "judged: it stands out by itself; tied: only the operation shows what it is; decided"]
    tier: Annotated[str, "verdicts.tier"]
    chosen: Annotated[bool, "it is within the budget of what a person can look at"]


@dataclass(frozen=True, slots=True)
class OperationShown:
    """One operation, told in full."""

    operation: Annotated[str, "operations.operation"]
    number: Annotated[int, "operations.number"]
    tier: Annotated[str, "gravest tier of its messages"]
    names: Annotated[tuple[str, ...], "display names that it wrote under, the sender's own word, most used first"]
    sentence: Annotated[str, "what it is, in one sentence"]
    messages: Annotated[int, "messages in it"]
    first: Annotated[datetime | None, "its first message"]
    last: Annotated[datetime | None, "its last message"]
    people: Annotated[tuple[Hit, ...], "whom it hit, most messages first"]
    more_people: Annotated[int, "people beyond those named"]
    organisations: Annotated[tuple[str, ...], "their organisations: domains that are no free mail"]
    senders: Annotated[tuple[str, ...], "addresses that it wrote from, the first of them"]
    more_senders: Annotated[int, "addresses beyond those named"]
    probability: Annotated[float, "of its strongest message, 0 to 1"]
    members: Annotated[tuple[MemberShown, ...], "its messages in order of time"]
    more_members: Annotated[int, "messages beyond those listed: the weakest"]
    tied: Annotated[int, "messages that only the operation shows"]
    bonds: Annotated[tuple[Bond, ...], "why it holds together: what is shared, by family of evidence"]
    shared: Annotated[tuple[Shared, ...], "what is drawn: values that several of the listed messages bear"]
    bits: Annotated[float | None, "weakest of the links that hold it, log2 of the odds; None for a single message"]
    weakest_because: Annotated[str, "on what the part hangs that is easiest to split off, empty if nothing splits it"]
    falls_off: Annotated[int, "messages that would fall off without that"]
    falling: Annotated[tuple[str, ...], "the first of them"]
    forgeable: Annotated[str, "who could have made it look so"]
    by_person: Annotated[bool, "a person put together or took apart some of it"]
    alike: Annotated[tuple[Alike, ...], "what resembles it and was not put together with it, strongest first"]
    more_alike: Annotated[int, "beyond those listed"]
    common: Annotated[tuple[Common, ...], "items that a partner's case holds, too"]
    outcome: Annotated[Outcome, "how far it came with each person"]

    @property
    def called(self) -> str:
        """What to call it: the names that it wrote under, or else its addresses."""
        names = [f"“{name}”" for name in self.names] or list(self.senders)
        more = f" and {len(names) - 2} more" if len(names) > 3 else ""
        return ", ".join(names[: 2 if more else 3]) + more or "nobody named"

    def listed(self, message: str) -> MemberShown | None:
        """Give one of the listed messages."""
        return next((one for one in self.members if one.message == message), None)


@dataclass(frozen=True, slots=True)
class Brief:
    """One operation in a line: sent to many, or weak."""

    operation: Annotated[str, "operations.operation"]
    number: Annotated[int, "operations.number"]
    messages: Annotated[int, "messages in it"]
    people: Annotated[int, "mailboxes that it came to"]
    organisations: Annotated[int, "organisations of these"]
    senders: Annotated[tuple[str, ...], "three of the addresses that it wrote from"]
    more_senders: Annotated[int, "addresses beyond those"]
    first: Annotated[datetime | None, "its first message"]
    last: Annotated[datetime | None, "its last message"]
    for_many: Annotated[bool, "it was sent to many, rather than made for few"]


@dataclass(frozen=True, slots=True)
class Operations:
    """All operations of the case, those that matter in full."""

    several_people: Annotated[
        int, "operations that hit several people, without those that were sent to many and those that are weak"
    ]
    several_organisations: Annotated[int, "of these, several organisations"]
    others: Annotated[int, "operations of several messages or mailboxes that were sent to many, or are weak"]
    alone: Annotated[int, "messages that stand alone: nothing ties them to another, and nobody answered"]
    unknown: Annotated[
        int, "people, hit by those told in full, of whom nothing tells whether their account was entered"
    ]
    full: Annotated[tuple[OperationShown, ...], "the first to look at"]
    rest: Annotated[tuple[Brief, ...], "the others, in a line each"]
    more: Annotated[int, "operations without a line"]
    elsewhere: Annotated[tuple[Common, ...], "items in common with a partner that no operation here has now"]


def operations(connection: duckdb.DuckDBPyConnection) -> Operations:
    """Gather the operations: in full those that were made for few or came far, in a line what was sent to many."""
    connection.execute(
        f"""
        create or replace temp table told as
        with far as (
            select operation, max(step) filter (state in ('shown', 'possible')) as possible,
                max(step) filter (state = 'shown') as shown
            from rungs group by operation
        ),
        standing as (
            select members.operation, bool_or(chosen) as is_chosen, bool_or(tier = 'malicious') as is_decided,
                max(verdicts.targeted) filter (tier in ('attack', 'suspicious')) as aimed,
                arg_min(tier, list_position(['malicious', 'attack', 'suspicious', 'notice', 'unsure'], tier)) as tier
            from members join verdicts using (message) group by members.operation
        )
        select operations.operation, operations.number, coalesce(tier, 'quiet') as tier,
            messages > 1 or len(owners) > 1 or coalesce(possible, 0) >= {ANSWERED} as is_told,
            coalesce(aimed, targeted) <= {MANY} and not coalesce(is_decided, false) as for_many,
            coalesce(possible, 0) >= {ANSWERED} or (coalesce(is_chosen, false) and not for_many) as is_full,
            coalesce(shown, 0) >= {ENTERED} as is_grave, len(owners) as hit, len(organisations) as organised
        from operations left join far using (operation) left join standing using (operation)
        """
    )
    ((several, organised, others, alone, told),) = rows(
        connection,
        """select count(*) filter (is_told and is_full and hit > 1),
            count(*) filter (is_told and is_full and organised > 1),
            count(*) filter (is_told and not is_full), count(*) filter (not is_told), count(*) filter (is_told)
        from told""",
    )
    chosen = [
        row[0]
        for row in rows(
            connection,
            "select operation from told where is_told and is_full order by is_grave desc, number limit ?",
            [FULL],
        )
    ]
    ((unknown,),) = rows(
        connection,
        """select count(*) from (
            select owner from rungs where rung = 'entered' and operation in (select unnest(?))
            group by owner having bool_or(state = 'unknown') and not bool_or(state = 'shown')
        )""",
        [chosen],
    )
    full = _full(connection, chosen)
    rest = _brief(connection, chosen)
    found = common(connection)
    connection.execute("drop table told")
    return Operations(
        several_people=several,
        several_organisations=organised,
        others=others,
        alone=alone,
        unknown=unknown,
        full=full,
        rest=rest,
        more=told - len(full) - len(rest),
        elsewhere=tuple(found.get("", ())),
    )


def _brief(connection: duckdb.DuckDBPyConnection, chosen: Sequence[str]) -> tuple[Brief, ...]:
    return tuple(
        Brief(operation, number, messages, people, organisations, tuple(senders), more, first, last, for_many)
        for operation, number, messages, people, organisations, senders, more, first, last, for_many in rows(
            connection,
            """select operation, operations.number, messages, hit, organised, senders[1:3],
                greatest(len(senders) - 3, 0), first, last, for_many
            from told join operations using (operation)
            where is_told and operation not in (select unnest(?)) order by operations.number limit ?""",
            [list(chosen), BRIEF],
        )
    )


def _full(connection: duckdb.DuckDBPyConnection, chosen: Sequence[str]) -> tuple[OperationShown, ...]:
    members, tied = _members(connection, chosen)
    people = _people(connection, chosen)
    names = _names(connection, chosen)
    owners = {owner.address: owner.name for hit in people.values() for owner in hit}
    held = bonds(connection, chosen, {key: name for key, name in owners.items() if key})
    drawn = shared(connection, {operation: [one.message for one in members[operation]] for operation in chosen})
    similar = alikes(connection, chosen)
    found = common(connection)
    worked = outcomes(connection, chosen)
    shown = []
    for operation, number, tier, messages, first, last, hit, organisations, senders, *held_by in rows(
        connection,
        """select operation, operations.number, tier, messages, first, last, hit, organisations, senders, probability,
            bits, weakest_because, weakest, forgeable, by_person
        from told join operations using (operation) where operation in (select unnest(?)) order by operations.number""",
        [list(chosen)],
    ):
        probability, bits, because, weakest, forgeable, by_person = held_by
        alike = similar.get(operation, [])
        shown.append(
            OperationShown(
                operation=operation,
                number=number,
                tier=tier,
                names=tuple(names.get(operation, ())),
                sentence=_sentence(messages, len(senders), hit, people[operation], first, last),
                messages=messages,
                first=first,
                last=last,
                people=tuple(people[operation]),
                more_people=hit - len(people[operation]),
                organisations=tuple(organisations),
                senders=tuple(senders[:SENDERS]),
                more_senders=max(0, len(senders) - SENDERS),
                probability=probability,
                members=tuple(members[operation]),
                more_members=messages - len(members[operation]),
                tied=tied[operation],
                bonds=tuple(held.get(operation, ())),
                shared=tuple(drawn.get(operation, ())),
                bits=bits,
                weakest_because=because,
                falls_off=len(weakest),
                falling=tuple(weakest[:5]),
                forgeable=forgeable,
                by_person=by_person,
                alike=tuple(alike[:4]),
                more_alike=max(0, len(alike) - 4),
                common=tuple(found.get(operation, ())),
                outcome=worked.get(operation, Outcome((), 0, ())),
            )
        )
    return tuple(shown)


def _sentence(
    messages: int, senders: int, hit: int, people: Sequence[Hit], first: datetime | None, last: datetime | None
) -> str:
    """Say what an operation is: how much, from how many, to whom, from when to when."""
    of: dict[str, int] = defaultdict(int)
    for one in people:
        of[one.organisation or ("a private account" if "@" in one.address else "an unknown owner")] += 1
    parts = [
        f"{many} of {name}" if name not in ("a private account", "an unknown owner") else f"{many} with {name}"
        for name, many in sorted(of.items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    where = f" ({', '.join(parts[:6])}{', …' if len(parts) > 6 or hit > len(people) else ''})" if parts else ""
    same_day = first and last and words.day(first) == words.day(last)
    when = f"on {words.day(first)}" if same_day else f"{words.day(first)} to {words.day(last)}"
    return (
        f"{words.number(messages, 'message')} from {words.number(senders, 'address', 'addresses')} to "
        f"{words.number(hit, 'person', 'people')}{where}, {when if first else 'without dates'}."
    )


def _members(
    connection: duckdb.DuckDBPyConnection, chosen: Sequence[str]
) -> tuple[dict[str, list[MemberShown]], dict[str, int]]:
    """List the messages of each operation, and count those that only the operation shows."""
    found: dict[str, list[MemberShown]] = {operation: [] for operation in chosen}
    tied: dict[str, int] = dict.fromkeys(chosen, 0)
    for operation, only, *row in rows(
        connection,
        """
        with held as (
            select operation, message, list_sort(list(distinct owner)) as owners, any_value(role) as role
            from members where operation in (select unnest(?)) group by all
        )
        select operation, count(*) filter (role = 'tied') over (partition by operation) as only, message,
            coalesce(messages.time, messages.date) as moment, held.owners, left(from_name, 300), messages.from_address,
            left(subject, 300), role, coalesce(tier, 'quiet'), coalesce(chosen, false)
        from held join operations using (operation) join messages using (message) left join verdicts using (message)
        qualify row_number() over (partition by operation order by list_contains(weakest[1:5], message) desc,
            coalesce(chosen, false) desc, role = 'judged' desc, verdicts.probability desc nulls last, message) <= ?
        order by operation, moment nulls last, message
        """,
        [list(chosen), MEMBERS],
    ):
        tied[operation] = only
        message, moment, owners, *rest = row
        found[operation].append(MemberShown(message, moment, tuple(owners), *rest))
    return found, tied


def _people(connection: duckdb.DuckDBPyConnection, chosen: Sequence[str]) -> dict[str, list[Hit]]:
    found: dict[str, list[Hit]] = {operation: [] for operation in chosen}
    for operation, address, name, *rest in rows(
        connection,
        """
        select operation, members.owner, coalesce(any_value(addresses.name), ''),
            coalesce(any_value(case when not coalesce(domains.is_freemail, false) then addresses.organisation end), ''),
            count(distinct message)
        from members left join addresses on addresses.address = members.owner and members.owner <> ''
        left join domains on domains.organisation = addresses.organisation
        where operation in (select unnest(?)) group by operation, members.owner
        qualify row_number() over (partition by operation order by count(distinct message) desc, members.owner) <= ?
        order by operation, count(distinct message) desc, members.owner
        """,
        [list(chosen), PEOPLE],
    ):
        found[operation].append(Hit(address, name or words.whose(address), *rest))
    return found


def _names(connection: duckdb.DuckDBPyConnection, chosen: Sequence[str]) -> dict[str, list[str]]:
    """Give the display names that each operation used, most used first."""
    found: dict[str, list[str]] = defaultdict(list)
    for operation, name in rows(
        connection,
        """
        select operation, left(from_name, 200) as name
        from (select distinct operation, message from members where operation in (select unnest(?)))
        join messages using (message) where from_name <> '' group by operation, left(from_name, 200)
        qualify row_number() over (partition by operation order by count(*) desc, name) <= 12
        order by operation, count(*) desc, name
        """,
        [list(chosen)],
    ):
        found[operation].append(name)
    return found
