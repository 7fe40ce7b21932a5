"""A report, story or statement as text, with what it says of itself: its headline, publisher, authors and date.

Nothing in it is run and no link of it is opened. Offsets count characters of `Read.text`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Link(NamedTuple):
    """A passage that leads to an address."""

    start: int
    stop: int
    address: str


@dataclass(slots=True)
class Read:
    """What one document says, and what it says of itself. `text` begins with the headline where there is one."""

    form: str  # html, pdf, markdown, text or mail
    text: str = ""
    title: str = ""
    publisher: str = ""
    authors: list[str] = field(default_factory=list)
    address: str = ""
    published: datetime | None = None
    language: str = ""
    links: list[Link] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)  # a sentence each


def read_document(data: bytes, path: str) -> Read:
    """Read a document by what its bytes are; `path` tells only what they do not. Never raises on what is in it."""
    return Read("text", data.decode("utf-8", "replace"))
