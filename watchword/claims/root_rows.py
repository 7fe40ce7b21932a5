"""Roots and citations as rows of their tables, with sentences that say why reports are one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from watchword.claims.roots import Origin
from watchword.claims.speakers import Speakers
from watchword.claims.stories import Reference
from watchword.tables import Citation, Claim, Document, Root

_SHOWN = 6  # documents that a root's sentence names


def root_rows(
    documents: Sequence[Document],
    claims: Sequence[Claim],
    by_claim: Mapping[str, Origin],
    origins: Mapping[str, Iterable[Origin]],
    found: Sequence[Reference],
    speakers: Speakers,
) -> list[Root]:
    """Make the rows of `roots`: whose word, since when, and which documents rest on it, and why these are one."""
    here = {one.document: one for one in documents}
    resting: dict[Origin, set[str]] = defaultdict(set)
    moments: dict[Origin, list[datetime]] = defaultdict(list)
    for document, ones in origins.items():
        for origin in ones:
            resting[origin].add(document)
    for claim in claims:
        if claim.state != "rejected":
            origin = by_claim[claim.claim]
            resting[origin] |= {claim.document} if claim.document else set()
            if claim.said:
                moments[origin].append(claim.said)
    by_document: dict[str, list[Reference]] = defaultdict(list)
    for reference in found:
        by_document[reference.document].append(reference)
    rows = []
    last = datetime.max.replace(tzinfo=UTC)
    for origin, names in resting.items():
        ordered = sorted(names, key=lambda name: (here[name].published or last, name))
        dates = [*moments[origin], *(one for name in ordered if (one := here[name].published))]
        title = _title(origin, here, speakers)
        day = f", {min(dates):%Y-%m-%d}" if dates else ""
        rows.append(
            Root(origin.root, f"{title}{day}", origin.anonymous, ordered, _sentence(title, ordered, here, by_document))
        )
    return sorted(rows, key=lambda row: row.root)


def _title(origin: Origin, here: Mapping[str, Document], speakers: Speakers) -> str:
    kind, _, name = origin.key.rpartition(" ")
    if kind == "anonymous in":
        return f"unnamed sources of {_called(here[name]) if name in here else name}"
    if kind == "unsaid in":
        return f"{_called(here[name]) if name in here else name}, which does not say from whom it has it"
    if kind == "own word of":
        return f"{_called(here[name]) if name in here else name}, in its own word"
    if origin.key in here:
        return _called(here[origin.key])
    return speakers.title(origin.key)


def _called(document: Document) -> str:
    return document.publisher or document.title or Path(document.path).name


_HOW = {
    "copies": "copies {cited}",
    "quotes": "quotes what {cited} has, too",
    "credits": "credits {named}",
    "speaks": "cites {named}",
    "wire": "carries the credit of {named}",
    "links": "links to {cited}",
    "anonymous": "rests on sources without a name",
    "own": "has spoken to {named}",
}


def _sentence(
    title: str, names: Sequence[str], here: Mapping[str, Document], found: Mapping[str, Sequence[Reference]]
) -> str:
    """Say why documents have one root."""
    said = []
    for name in names[:_SHOWN]:
        ways: dict[str, None] = {}
        for one in sorted(found.get(name, ()), key=lambda one: (not one.lead, -one.share, one.start)):
            if one.how == "own" and not one.named:
                continue
            cited = f"{one.cited} ({_called(here[one.cited])})" if one.cited in here else ""
            ways.setdefault(_HOW[one.how].format(cited=cited, named=one.named))
        said.append(f"{name} ({_called(here[name])}) {' and '.join(list(ways)[:2]) or 'speaks for itself'}")
    if len(names) > _SHOWN:
        said.append(f"and {len(names) - _SHOWN} more")
    return f"All rests on the word of {title}: {'; '.join(said)}." if said else f"A person wrote it down: {title}."


def citation_rows(found: Iterable[Reference], texts: Mapping[str, str]) -> list[Citation]:
    """Make the rows of `citations`: all that shows or says on what a document rests, but for its own work."""
    rows = []
    for one in found:
        how = {"own": "anonymous" if not one.key else "", "speaks": "credits"}.get(one.how, one.how)
        if how:
            quote = texts[one.document][one.start : one.stop]
            rows.append(Citation(one.document, one.cited, one.named, how, one.share, quote, one.start, one.stop))
    return rows
