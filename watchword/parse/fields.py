"""Structured header fields: addresses, parameters, encoded words, dates, message ids."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of an address field (RFC 5322 3.4)."""

    name: str  # display name, or the comment in its place; decoded after tokenising
    address: str  # addr-spec, lower case, host in A-label form; empty for a group without members
    local: str
    domain: str


def mailboxes(value: bytes, limit: int = 1_000) -> list[Mailbox]:
    """Read an address field. Tokenise first and decode encoded words after, so that they never make an address."""
    raise NotImplementedError


def decode_words(value: bytes) -> str:
    """Decode encoded words (RFC 2047), unfold, and read other bytes as UTF-8 or else Latin-1."""
    raise NotImplementedError


def parameters(value: bytes) -> tuple[str, dict[str, list[str]]]:
    """Read `type/subtype; name=value` into the value and every reading of every parameter (RFC 2231, RFC 2047)."""
    raise NotImplementedError


def date(value: str) -> tuple[datetime | None, int | None]:
    """Read a date (RFC 5322 3.3 and what is seen in the wild): UTC time, and offset in minutes (None for -0000)."""
    raise NotImplementedError


def message_ids(value: str) -> list[str]:
    """Read the ids of Message-ID, In-Reply-To or References, without angle brackets."""
    raise NotImplementedError
