"""Claims that a document's sentences may hold, for a person to confirm: rules and grammar, no model."""

from dataclasses import dataclass
from datetime import datetime

from watchword.claims.documents import Read


@dataclass(frozen=True, slots=True)
class Proposal:
    """What reading gives of a claim; fields as in tables.Claim."""

    speaker: str
    speaker_printed: str
    capacity: str
    act: str
    proposition: str
    target: str
    actor: str
    polarity: str
    strength: str
    said: datetime | None
    said_printed: str
    evidence_offered: str
    relies_on: str
    quote: str
    start: int
    stop: int


def propose(read: Read) -> list[Proposal]:
    """Propose the claims of a document, in the order of its text."""
    return []
