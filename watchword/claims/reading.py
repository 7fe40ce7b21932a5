"""What reading a document gave, kept in `tables/documents_read/` by its digest and that of the code."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from watchword.case import Case, write_whole
from watchword.claims.documents import Link, read_document
from watchword.claims.keep import Kept, content, moment
from watchword.claims.propose import Proposal, propose
from watchword.indicators import Found, extract

_FOLDER = "documents_read"


@dataclass(frozen=True, slots=True)
class Taken:
    """A document as it was read, and the claims that its text may hold."""

    form: str
    text: str
    title: str
    publisher: str
    authors: list[str]
    address: str
    published: datetime | None
    language: str
    links: list[Link]
    problems: list[str]
    proposals: list[Proposal]
    indicators: list[Found]


def taken(case: Case, one: Kept, code: str) -> Taken:
    """Read a document, or take what reading it gave before. What a person says of it comes before what it says."""
    file = case.tables / _FOLDER / f"{one.document}.json"
    asked = {"sha256": one.sha256, "code": code, "given": asdict(one.given)}
    try:
        before = json.loads(file.read_text("utf-8"))
        if before["asked"] == asked:
            return _back(before["taken"])
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        pass  # it was never read, or by another version: it is read again
    read = read_document(content(one), one.path)
    read.publisher = one.given.publisher or read.publisher
    read.title = one.given.title or read.title
    read.address = one.given.address or read.address
    if one.given.published:
        read.published = moment(one.given.published, "published")
    found = Taken(
        form=read.form,
        text=read.text,
        title=read.title,
        publisher=read.publisher,
        authors=list(read.authors),
        address=read.address,
        published=read.published,
        language=read.language,
        links=list(read.links),
        problems=list(read.problems),
        proposals=propose(read),
        indicators=extract(read.text, read.address or read.publisher, read.links),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps({"asked": asked, "taken": asdict(found)}, default=datetime.isoformat))
    return found


def _back(row: dict[str, object]) -> Taken:
    """Make it again from JSON. Raises ValueError, KeyError or TypeError."""
    values = {one.name: row[one.name] for one in fields(Taken)}
    values["published"] = _moment(values["published"])
    links, proposals, indicators = values["links"], values["proposals"], values["indicators"]
    if not isinstance(links, list) or not isinstance(proposals, list) or not isinstance(indicators, list):
        raise TypeError(links)
    values["indicators"] = [Found(**one) for one in indicators]
    values["links"] = [Link(int(start), int(stop), str(address)) for start, stop, address in links]
    values["proposals"] = [Proposal(**(one | {"said": _moment(one["said"])})) for one in proposals]
    return Taken(**values)  # type: ignore[arg-type]  # it was written from the same fields


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
