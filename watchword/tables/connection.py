"""Which messages belong to one operation, why, and whether it worked (room `connect`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from watchword.tables.column import Key


@dataclass(frozen=True, slots=True)
class Trace:
    """One value on one message that other messages of the same people may share, and how telling that would be."""

    message: Key
    kind: Annotated[str, "kind of evidence: file name in connect/evidence without .toml"]
    family: Annotated[str, "kinds that see the same thing are one family: only the best of it counts in full"]
    value: Annotated[str, "what would be shared"]
    bits: Annotated[float, "what a shared value weighs: log2 of how improbable it is by chance; 0 for a hub"]
    control: Annotated[bool, "who uses it must hold what it leads to: it cannot be copied from a mail that was seen"]
    hub: Annotated[str, "why it weighs nothing, though shared; empty if it weighs"]


@dataclass(frozen=True, slots=True)
class Tie:
    """One piece of evidence that two messages of an operation share, and what it counted."""

    operation: Annotated[str, "operations.operation"]
    message: Key
    other: Annotated[str, "the later message of the two"]
    kind: Annotated[str, "traces.kind, or `decided` where a person said so"]
    family: Annotated[str, "traces.family"]
    value: Annotated[str, "what is shared; for what is alike and not equal, how alike"]
    bits: Annotated[float, "what it weighs alone"]
    counted: Annotated[float, "what of this was counted: in full for the best of a family, at most a quarter after"]
    total: Annotated[float, "what the pair comes to: log2 of the odds that both are of one operation"]
    sentence: Annotated[str, "what is shared, in plain words, links defanged"]


@dataclass(frozen=True, slots=True)
class Operation:
    """Messages that hold together by evidence: one operation, as far as it was seen here. It names nobody."""

    operation: Annotated[str, "id: `op-` and 8 digits of the earliest message's SHA-256"]
    number: Annotated[int, "1 is the first to look at"]
    messages: Annotated[int, "messages in it"]
    first: Annotated[datetime | None, "its first message"]
    last: Annotated[datetime | None, "its last message"]
    owners: Annotated[list[str], "whose mailboxes it came to"]
    organisations: Annotated[list[str], "their organisations: registrable domains of theirs that are no free mail"]
    senders: Annotated[list[str], "addresses that it wrote from"]
    probability: Annotated[float, "verdicts.probability of its strongest message"]
    targeted: Annotated[float, "verdicts.targeted of that message"]
    families: Annotated[list[str], "families of evidence that hold it together, strongest first"]
    bits: Annotated[float | None, "weakest link: log2 of the odds for it; None for a single message"]
    weakest: Annotated[list[str], "messages that would fall off without the weakest link, the smaller side"]
    weakest_because: Annotated[str, "what that link rests on, in plain words"]
    control: Annotated[bool, "every link rests on something that cannot be copied from a mail"]
    forgeable: Annotated[str, "who could have made it look so, in plain words"]
    by_person: Annotated[bool, "a person put together or took apart some of it"]


@dataclass(frozen=True, slots=True)
class Member:
    """One message of an operation."""

    operation: Annotated[str, "operations.operation"]
    message: Key
    owner: Annotated[str, "whose mailbox"]
    role: Annotated[str, "judged: it stands out by itself; tied: only the operation shows what it is; decided"]
    bits: Annotated[float | None, "its strongest link to another member, log2 of the odds; None if it is alone"]
    other: Annotated[str, "that member, empty if it is alone"]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Two operations, or one and a message, that look alike, but not so that they must be one."""

    operation: Annotated[str, "operations.operation"]
    other_operation: Annotated[str, "the other operation, empty if it is a message outside all of them"]
    message: Annotated[str, "the message of the first that is most like the other"]
    other: Annotated[str, "the other message"]
    bits: Annotated[float, "log2 of the odds that they are one operation"]
    kinds: Annotated[list[str], "what they share: traces.kind, strongest first"]
    because: Annotated[str, "why they were not put together, in plain words"]


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder for one person and operation: did it come so far? `unknown` is an answer."""

    operation: Annotated[str, "operations.operation"]
    owner: Annotated[str, "whose mailbox; or the address of a known person whose account the operation wrote from"]
    rung: Annotated[str, "targeted, delivered, read, answered, engaged, entered or used"]
    step: Annotated[int, "the same as a number, 1 to 7"]
    state: Annotated[
        str,
        "shown: something shows it. possible: something fits it, and has an honest reading. not-shown: what would "
        "tell was looked at and does not show it. unknown: nothing at hand would tell",
    ]
    time: Annotated[datetime | None, "when it was first shown or possible"]
    message: Annotated[str, "message that shows it, empty if none"]
    log: Annotated[str, "log that shows it, empty if none"]
    event: Annotated[int | None, "events.number in that log"]
    sentence: Annotated[str, "what shows it, or what is missing, in plain words"]
    would_tell: Annotated[str, "which log or person would tell more, and where to get it; empty if nothing is open"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing on the time axis of one person and operation, and which rung of the ladder it speaks for, if any."""

    operation: Annotated[str, "operations.operation"]
    owner: Annotated[str, "as in `rungs`"]
    time: Annotated[datetime | None, "when; None if it is only known that it is so"]
    kind: Annotated[
        str, "lure, answer, passed-on, receipt, automatic, notice, onward (mail that went on), or as in `events.kind`"
    ]
    rung: Annotated[str, "rungs.rung; empty if it only belongs to the story"]
    state: Annotated[str, "shown or possible, as in `rungs`; empty without a rung"]
    sentence: Annotated[str, "what happened, in plain words"]
    message: Annotated[str, "message that shows it, empty if none"]
    log: Annotated[str, "log that shows it, empty if none"]
    event: Annotated[int | None, "events.number in that log"]


@dataclass(frozen=True, slots=True)
class Match:
    """One item that a partner's case holds, too, as a private comparison found."""

    partner: Annotated[str, "name that the user gave the other side"]
    compared: Annotated[datetime | None, "when the comparison was finished"]
    kind: Annotated[str, "traces.kind"]
    value: Annotated[str, "the item that both hold"]
    operation: Annotated[str, "operations.operation that has it here"]
    partner_operation: Annotated[str, "number of the other side's operation that has it there, as they sent it"]
