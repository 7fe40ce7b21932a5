"""Fills `documents`, `claims`, `roots`, `citations` and `indicators` from what the case keeps and what people decided.

What reading a document gave is kept by its digest and that of the code, so that a decision reads nothing again.
"""

import functools
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from watchword import tables
from watchword.case import Case, write_whole
from watchword.claims.citations import references
from watchword.claims.claim_roots import Unions, claim_origins, united
from watchword.claims.credits import case_speakers
from watchword.claims.keep import ADDED, Kept, kept, moment
from watchword.claims.ledger import DECISIONS, Decision, claim_id, decided, decisions, grades
from watchword.claims.propose import Proposal
from watchword.claims.reading import Taken, taken
from watchword.claims.roots import Origin, Rooted, rooted
from watchword.claims.speakers import Speakers
from watchword.claims.stories import Reference, Story
from watchword.engine import Connection, session, store, view
from watchword.indicators import Found
from watchword.observe.batches import planned
from watchword.tables import Citation, Claim, Document, Indicator, Root

FILLED = ("documents", "claims", "roots", "citations", "indicators")
_STATE = "claims.json"  # in `tables/`: from what they were made
_SHOWN = 6  # documents that a root's sentence names


def build(
    case: Case,
    connection: Connection,
    advance: Callable[[str], None] = lambda note: None,
) -> None:
    """Fill the tables of claims, unless they are as they would be filled. Raises WatchwordError."""
    state = json.dumps({"made_from": _made_from(case)})
    if _state(case) != state or not all(_fits(case, name) for name in FILLED):
        _fill(case, advance)
        write_whole(case.tables / _STATE, state)
    for name in FILLED:
        view(connection, case, name)


def opened(case: Case) -> Connection:
    """Open the tables of a case, also of one that holds no mail, with those of claims as they should be."""
    if not (case.tables / "rejections" / "found.parquet").exists():
        store(case, "rejections", tables.schema("rejections").empty_table(), "found")
    connection = session(case, list(planned(case)))
    build(case, connection)
    return connection


def is_fresh(case: Case) -> bool:
    """Say whether the tables of claims are as they would be filled."""
    return _state(case) == json.dumps({"made_from": _made_from(case)}) and all(_fits(case, name) for name in FILLED)


def _fill(case: Case, advance: Callable[[str], None]) -> None:
    case.tables.mkdir(parents=True, exist_ok=True)
    held = kept(case)
    made = decisions(case)
    graded = grades(made)
    read: dict[str, Taken] = {}
    for one in held:
        read[one.document] = taken(case, one, code_digest())
        advance(one.path)
    documents = [_document(one, read[one.document], graded) for one in held]
    published = {one.document: one.published for one in documents}
    proposals = [
        claim for one in held for claim in _proposed(one, read[one.document].proposals, published[one.document])
    ]
    claims = decided(proposals, made)
    claims = [replace(claim, published=published.get(claim.document, claim.published)) for claim in claims]
    stories = [
        Story(
            one.document,
            read[one.document].text,
            one.publisher,
            one.address,
            one.published,
            tuple(link.address for link in read[one.document].links),
        )
        for one in documents
    ]
    speakers = case_speakers(stories, _names(claims))
    found = references(stories, speakers)
    together, apart = united(made)
    roots = rooted(stories, found, speakers, apart)
    by_claim = claim_origins(claims, stories, roots, speakers)
    by_claim |= {claim.claim: Origin(f"own word of {claim.claim}") for claim in claims if claim.claim in apart}
    unions = _unions(together, roots, by_claim)
    origins = {name: frozenset(map(unions.of, ones)) for name, ones in roots.origins.items()}
    by_claim = {name: unions.of(one) for name, one in by_claim.items()}
    own = {one.document: graded.get(one.document) or one.grade for one in documents}
    by_name = {speakers.key(name): code for name, code in graded.items()}
    claims = [
        replace(
            claim,
            root=by_claim[claim.claim].root,
            grade=graded.get(claim.claim)
            or by_name.get(speakers.key(claim.speaker), "")
            or own.get(claim.document, ""),
        )
        for claim in claims
    ]
    claims.sort(key=lambda claim: (claim.document, claim.start, claim.stop, claim.claim))
    texts = {story.document: story.text for story in stories}
    _store(case, "documents", documents)
    _store(case, "claims", claims)
    _store(case, "roots", _roots(documents, claims, by_claim, origins, found, speakers))
    _store(case, "citations", _citations(found, texts, speakers))
    _store(
        case,
        "indicators",
        [row for one in documents for row in _indicators(one, read[one.document].indicators)],
    )


def _document(one: Kept, read: Taken, graded: Mapping[str, str]) -> Document:
    given = one.given
    return Document(
        document=one.document,
        sha256=one.sha256,
        path=one.path,
        form=read.form,
        title=given.title or read.title,
        publisher=given.publisher or read.publisher,
        authors=list(read.authors),
        address=given.address or read.address,
        published=moment(given.published, "published") or read.published,
        language=read.language,
        characters=len(read.text),
        grade=graded.get(one.document, given.grade),
        problems=list(read.problems),
    )


def _proposed(one: Kept, proposals: Iterable[Proposal], published: datetime | None) -> list[Claim]:
    """Make claims of what is proposed. The same passage, speaker and proposition have the same id in every run."""
    found: dict[str, Claim] = {}
    for proposal in proposals:
        parts = (proposal.start, proposal.stop, proposal.speaker_printed, proposal.proposition, proposal.target)
        name = claim_id(one.sha256, *parts, proposal.actor)
        values = {key: value for key, value in asdict(proposal).items() if key in _CLAIM}
        found.setdefault(
            name,
            Claim(
                claim=name,
                document=one.document,
                state="proposed",
                published=published,
                root="",
                grade="",
                because="",
                **values,
            ),
        )
    return list(found.values())


def _indicators(document: Document, found: Iterable[Found]) -> list[Indicator]:
    return [
        Indicator(
            document=document.document,
            kind=one.kind,
            value=one.value,
            printed=one.printed,
            start=one.start,
            stop=one.stop,
            role=one.role,
            because=one.because,
            actor="",
            published=document.published,
        )
        for one in found
    ]


_CLAIM = {column.name for column in tables.columns(Claim)}


def _names(claims: Iterable[Claim]) -> list[tuple[str, str]]:
    """Give who speaks in a case by name, and on whom they rely."""
    found = {(claim.speaker, claim.speaker_printed): None for claim in claims if claim.capacity != "anonymous"}
    found |= {(claim.relies_on, ""): None for claim in claims if any(letter.isupper() for letter in claim.relies_on)}
    return [pair for pair in found if pair[0]]


def _unions(together: Iterable[Sequence[str]], roots: Rooted, by_claim: Mapping[str, Origin]) -> Unions:
    by_id = {one.root: one for ones in (*roots.origins.values(), by_claim.values()) for one in ones}
    unions = Unions()
    for ids in together:
        several: set[Origin] = set()
        for name in ids:
            several |= roots.origins.get(name, frozenset())
            several |= {one for one in (by_claim.get(name), by_id.get(name)) if one}
        unions.unite(several)
    return unions


# ------------------------------------------------------------ roots and citations


def _roots(
    documents: Sequence[Document],
    claims: Sequence[Claim],
    by_claim: Mapping[str, Origin],
    origins: Mapping[str, Iterable[Origin]],
    found: Sequence[Reference],
    speakers: Speakers,
) -> list[Root]:
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


def _citations(found: Iterable[Reference], texts: Mapping[str, str], speakers: Speakers) -> list[Citation]:
    rows = []
    for one in found:
        how = {"own": "anonymous" if not one.key else "", "speaks": "credits"}.get(one.how, one.how)
        if how:
            quote = texts[one.document][one.start : one.stop]
            rows.append(Citation(one.document, one.cited, one.named, how, one.share, quote, one.start, one.stop))
    return rows


# ------------------------------------------------------------ files


@dataclass(frozen=True, slots=True)
class Ledger:
    """The tables of claims of a case, as rows."""

    documents: list[Document]
    claims: list[Claim]
    roots: list[Root]
    citations: list[Citation]
    decisions: list[Decision]


def ledger(case: Case) -> Ledger:
    """Give the rows of the tables of claims, filled before if they are not as they should be (which locks the case)."""
    if not is_fresh(case):
        with case.lock():
            opened(case).close()
    return Ledger(
        [Document(**row) for row in _rows(case, "documents")],
        [Claim(**row) for row in _rows(case, "claims")],
        [Root(**row) for row in _rows(case, "roots")],
        [Citation(**row) for row in _rows(case, "citations")],
        decisions(case),
    )


def text_of(case: Case, document: str) -> str:
    """Give the text of a document, to which offsets count; empty if the case keeps none of that id."""
    for one in kept(case):
        if one.document == document:
            return taken(case, one, code_digest()).text
    return ""


def _rows(case: Case, name: str) -> list[dict[str, Any]]:  # Any: columns as the class beside it declares them
    found: list[dict[str, Any]] = pq.read_table(case.tables / name / "all.parquet").to_pylist()
    return found


def _store(case: Case, name: str, rows: Sequence[object]) -> None:
    schema = tables.schema(name)
    store(case, name, pa.table({column: [getattr(row, column) for row in rows] for column in schema.names}, schema))


def _fits(case: Case, name: str) -> bool:
    file = case.tables / name / "all.parquet"
    return file.exists() and pq.read_schema(file).names == tables.schema(name).names


def _state(case: Case) -> str:
    file = case.tables / _STATE
    return file.read_text("utf-8") if file.exists() else ""


def _made_from(case: Case) -> str:
    """Digest of documents, decisions and code."""
    digest = hashlib.sha256(code_digest().encode())
    for name in (ADDED, DECISIONS):
        file = case.path / "claims" / name
        digest.update(name.encode() + (hashlib.sha256(file.read_bytes()).digest() if file.exists() else b""))
    for one in kept(case):
        status = one.file.stat()
        digest.update(f"{one.document} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


@functools.cache
def code_digest() -> str:
    """Digest of everything that claims depend on besides documents and decisions."""
    digest = hashlib.sha256()

    def walk(place: Traversable) -> None:
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != "__pycache__":
                walk(entry)
            elif entry.name.endswith((".py", ".toml")):
                digest.update(entry.name.encode() + entry.read_bytes())

    for room in (("claims",), ("indicators",), ("actors",), ("knowledge", "actors"), ("tables",)):
        place = files("watchword").joinpath(*room)
        if place.is_dir():
            walk(place)
    return digest.hexdigest()
