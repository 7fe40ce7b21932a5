"""What follows from facts and context (room `judge`)."""

from dataclasses import dataclass
from typing import Annotated

from watchword.tables.column import Key


@dataclass(frozen=True, slots=True)
class Finding:
    """One detector that fired on one message, its sentence, and what in the message it rests on."""

    message: Key
    detector: Annotated[str, "file name without .toml"]
    group: Annotated[str, "findings of a group share a ceiling"]
    sentence: Annotated[str, "what was seen, in plain words, links defanged"]
    bits: Annotated[float, "measured weight, log2 of how much more often in attacks than in honest mail; 0 unmeasured"]
    header: Annotated[str, "header field that shows it, lower case, empty if none"]
    link: Annotated[int | None, "links.number"]
    attachment: Annotated[int | None, "attachments.number"]
    hop: Annotated[int | None, "hops.number"]
    cue: Annotated[int | None, "cues.number"]
    other: Annotated[str, "another message it rests on, empty if none"]
    carried: Annotated[bool, "seen on an earlier message of the same stranger or conversation, which `other` names"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the findings of one message come to. Every message has exactly one."""

    message: Key
    owner: Annotated[str, "whose mailbox, as in `sources.owner`"]
    bits: Annotated[float, "sum of the findings' bits under the groups' ceilings"]
    probability: Annotated[float, "that the message is part of an attack, calibrated, 0 to 1"]
    targeted: Annotated[float, "that, if it is an attack, it was made for few people rather than for many, 0 to 1"]
    alone: Annotated[
        int | None,
        "how many other received messages of the mailbox are at least as suspicious in every group of findings; 0 "
        "stands alone (directed anomaly scoring, Ho et al. 2017); None for what is not among the 1,000 most probable",
    ]
    tier: Annotated[str, "attack, suspicious, notice, quiet; or malicious, harmless, unsure as a person decided"]
    rank: Annotated[
        int | None,
        "1 is the first to look at in the mailbox: by probability times targeted, of equals what stands more alone; "
        "None for the owner's own mail",
    ]
    place: Annotated[
        int | None,
        "of the conversation in the mailbox: 1 is the first to look at, as its strongest message ranks; None for the "
        "owner's own mail",
    ]
    chosen: Annotated[bool, "within the budget of conversations a person can look at"]
    conversation: Annotated[str, "conversations.conversation"]
    reasons: Annotated[list[str], "sentences of the findings, strongest first"]
    decided: Annotated[str, "what a person decided: malicious, harmless, unsure; empty if nobody did"]


@dataclass(frozen=True, slots=True)
class Severity:
    """How much effort a message shows that may be part of an attack, with its conversation so far (see docs/detectors).

    By the Targeted Threat Index (Hardy et al. 2014): social engineering times technical sophistication. One row for
    each message whose tier is attack, suspicious, malicious or unsure. It changes no verdict and no rank.
    """

    message: Key
    social: Annotated[int, "0 not targeted, 1 not customised, 2 poorly, 3 customised, 4 personalised, 5 highly"]
    social_because: Annotated[
        list[str], "detectors whose findings show it, or facts: greets-owner, known-person, known-account"
    ]
    technical: Annotated[float, "1 plain, 1.25 a simple trick, 1.5 set up for it, 1.75 acts, 2 an account taken over"]
    technical_because: Annotated[list[str], "detectors or facts that show it, empty if plain"]
    severity: Annotated[float, "social times technical, 0 to 10"]


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """One detector as it ran over the case: what it weighs, how often it fired, or why it did not run."""

    detector: Annotated[str, "file name without .toml"]
    title: Annotated[str, "its title"]
    group: Annotated[str, "its group"]
    bits: Annotated[float | None, "measured weight, None if never measured"]
    needs_history: Annotated[bool, "it compares with what was usual before, and is silent while that is not known"]
    fired: Annotated[int, "messages it fired on"]
    seconds: Annotated[float, "how long it took"]
    error: Annotated[str, "why it could not judge, empty if it did"]
