"""Every table of a case, declared once: the Arrow schema and the documentation are made from these classes.

`FACTS` are seen in the bytes (room `observe`), `ACCOUNTS` are what providers recorded (room `logs`), `AUTHENTICITY` is
what the known keys say of the senders (room `authenticate`), `CONTEXT` is what was normal before (room `context`),
`JUDGEMENT` is what follows from both (room `judge`), `CONNECTION` is which messages belong together, and whether it
worked (room `connect`), `REPORTING` is what public reporting says (rooms `indicators`, `actors`, `claims`),
`ATTRIBUTION` is who may be behind it (room `attribute`). Only the first group needs a mailbox to be rebuilt.
"""

import functools

import pyarrow as pa

from watchword.tables.accounts import Event, Log, LogRejection
from watchword.tables.attribution import Attribution, Exhibit, Hypothesis, Likelihood
from watchword.tables.authenticity import Check, SigningKey, Verification
from watchword.tables.column import Column, Key, Ordinal, PartNumber, columns
from watchword.tables.connection import Match, Member, Moment, Operation, Resemblance, Rung, Tie, Trace
from watchword.tables.context import (
    Address,
    Conversation,
    Domain,
    Habit,
    Host,
    Identity,
    OwnerAddress,
    Place,
    Relationship,
    SourceRow,
)
from watchword.tables.facts import (
    Attachment,
    Authentication,
    Cue,
    Defect,
    Hop,
    Link,
    Mention,
    Message,
    Recipient,
    Rejection,
    Sighting,
    Signature,
    Text,
)
from watchword.tables.judgement import DetectorRun, Finding, Severity, Verdict
from watchword.tables.reporting import Actor, ActorFact, ActorRejection, Citation, Claim, Document, Hit, Indicator, Root

FACTS: dict[str, type] = {
    "sightings": Sighting,
    "messages": Message,
    "recipients": Recipient,
    "hops": Hop,
    "authentications": Authentication,
    "signatures": Signature,
    "links": Link,
    "attachments": Attachment,
    "texts": Text,
    "mentions": Mention,
    "cues": Cue,
    "defects": Defect,
    "rejections": Rejection,
}
ACCOUNTS: dict[str, type] = {"logs": Log, "events": Event, "log_rejections": LogRejection}
AUTHENTICITY: dict[str, type] = {"signing_keys": SigningKey, "verifications": Verification, "checks": Check}
CONTEXT: dict[str, type] = {
    "sources": SourceRow,
    "places": Place,
    "owner_addresses": OwnerAddress,
    "addresses": Address,
    "relationships": Relationship,
    "conversations": Conversation,
    "identities": Identity,
    "hosts": Host,
    "domains": Domain,
    "habits": Habit,
}
JUDGEMENT: dict[str, type] = {
    "findings": Finding,
    "verdicts": Verdict,
    "severities": Severity,
    "detector_runs": DetectorRun,
}
CONNECTION: dict[str, type] = {
    "traces": Trace,
    "operations": Operation,
    "members": Member,
    "ties": Tie,
    "resemblances": Resemblance,
    "rungs": Rung,
    "moments": Moment,
    "matches": Match,
}
REPORTING: dict[str, type] = {
    "actors": Actor,
    "actor_facts": ActorFact,
    "actor_rejections": ActorRejection,
    "documents": Document,
    "claims": Claim,
    "roots": Root,
    "citations": Citation,
    "indicators": Indicator,
    "hits": Hit,
}
ATTRIBUTION: dict[str, type] = {
    "hypotheses": Hypothesis,
    "exhibits": Exhibit,
    "likelihoods": Likelihood,
    "attributions": Attribution,
}
TABLES: dict[str, type] = FACTS | ACCOUNTS | AUTHENTICITY | CONTEXT | JUDGEMENT | CONNECTION | REPORTING | ATTRIBUTION

Fact = (
    Sighting
    | Message
    | Recipient
    | Hop
    | Authentication
    | Signature
    | Link
    | Attachment
    | Text
    | Mention
    | Cue
    | Defect
    | Rejection
)

__all__ = [
    "ACCOUNTS",
    "ATTRIBUTION",
    "AUTHENTICITY",
    "CONNECTION",
    "CONTEXT",
    "FACTS",
    "JUDGEMENT",
    "REPORTING",
    "TABLES",
    "Actor",
    "ActorFact",
    "ActorRejection",
    "Address",
    "Attachment",
    "Attribution",
    "Authentication",
    "Check",
    "Citation",
    "Claim",
    "Column",
    "Conversation",
    "Cue",
    "Defect",
    "DetectorRun",
    "Document",
    "Domain",
    "Event",
    "Exhibit",
    "Fact",
    "Finding",
    "Habit",
    "Hit",
    "Hop",
    "Host",
    "Hypothesis",
    "Identity",
    "Indicator",
    "Key",
    "Likelihood",
    "Link",
    "Log",
    "LogRejection",
    "Match",
    "Member",
    "Mention",
    "Message",
    "Moment",
    "Operation",
    "Ordinal",
    "OwnerAddress",
    "PartNumber",
    "Place",
    "Recipient",
    "Rejection",
    "Relationship",
    "Resemblance",
    "Root",
    "Rung",
    "Severity",
    "Sighting",
    "Signature",
    "SigningKey",
    "SourceRow",
    "Text",
    "Tie",
    "Trace",
    "Verdict",
    "Verification",
    "columns",
    "schema",
]


@functools.cache
def schema(name: str) -> pa.Schema:
    """Give the Arrow schema of the table called `name`."""
    return pa.schema([pa.field(column.name, column.type, column.nullable) for column in columns(TABLES[name])])
