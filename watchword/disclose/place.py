"""Where a message lies, and what the mailbox says of it there."""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies."""

    source: Annotated[str, "sources.source"]
    path: Annotated[str, "where the mailbox lies"]
    member: Annotated[str, "file inside it, empty for the file itself"]
    offset: Annotated[int, "where the message begins in that file, bytes"]
    folder: Annotated[str, "mail folder, empty if the container names none"]
    marks: Annotated[str, "flags and labels that it bears there, with commas between"]
    is_in_spam: Annotated[bool, "it was taken for spam"]
    is_in_trash: Annotated[bool, "it was put away to be deleted"]

    @property
    def where(self) -> str:
        """Path and member, as shown to people."""
        return f"{self.path}!{self.member}" if self.member else self.path

    @property
    def kept(self) -> str:
        """What the mailbox says of it besides, as shown to people; empty if nothing."""
        uses = [word for word, is_so in (("spam", self.is_in_spam), ("trash", self.is_in_trash)) if is_so]
        said = [f"folder {self.folder}" if self.folder else "", f"marked {self.marks}" if self.marks else ""]
        said.append(f"kept as {' and '.join(uses)}" if uses else "")
        return "; ".join(part for part in said if part)


# the columns of a Place, in its order, of a query over `messages`, and what it joins for them
PLACE = """messages.source, coalesce(sources.path, messages.source), messages.member, messages."offset",
    coalesce(sightings.folder, ''),
    coalesce(array_to_string(list_concat(sightings.flags, sightings.labels)[:50], ', '), ''),
    coalesce(relationships.is_in_spam, false), coalesce(relationships.is_in_trash, false)"""
PLACED = """left join sources on sources.source = messages.source
left join sightings on sightings.message = messages.message and sightings.source = messages.source
    and sightings.member = messages.member and sightings."offset" = messages."offset"
left join relationships on relationships.message = messages.message and relationships.owner = messages.owner"""
