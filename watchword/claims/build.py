"""Fills `documents`, `claims`, `roots`, `citations` and `indicators` from what the case keeps and what people decided.

What reading a document gave is kept by its digest and that of the code, so that a decision reads nothing again.
"""

import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from watchword import tables
from watchword.actors.names import Named, Names
from watchword.case import Case, write_whole
from watchword.claims.citations import references
from watchword.claims.claim_roots import Unions, claim_origins, united
from watchword.claims.credits import case_speakers
from watchword.claims.keep import ADDED, Kept, kept, moment
from watchword.claims.ledger import DECISIONS, Decision, claim_id, decided, decisions, grades
from watchword.claims.propose import Proposal
from watchword.claims.reading import Taken, taken
from watchword.claims.root_rows import citation_rows, root_rows
from watchword.claims.roots import Origin, Rooted, rooted
from watchword.claims.stories import Story
from watchword.engine import Connection, session, store, view
from watchword.observe.batches import planned
from watchword.tables import Actor, ActorFact, Citation, Claim, Document, Indicator, Root

FILLED = ("documents", "claims", "roots", "citations", "indicators")
_STATE = "claims.json"  # in `tables/`: from what they were made


def build(
    case: Case,
    connection: Connection,
    advance: Callable[[str], None] = lambda note: None,
) -> None:
    """Fill the tables of claims, unless they are as they would be filled. Raises WatchwordError."""
    made_from = _made_from(case)
    if not is_fresh(case):
        rests = _fill(case, connection, advance)
        write_whole(case.tables / _STATE, json.dumps({"made_from": made_from, "rests": rests}))
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
    return _state(case).get("made_from") == _made_from(case) and all(_fits(case, name) for name in FILLED)


def _fill(case: Case, connection: Connection, advance: Callable[[str], None]) -> dict[str, list[str]]:
    """Fill the tables; give the roots on which each document rests as a whole."""
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
    names = _actor_names(connection)
    _store(case, "documents", documents)
    _store(case, "claims", claims)
    _store(case, "roots", root_rows(documents, claims, by_claim, origins, found, speakers))
    _store(case, "citations", citation_rows(found, texts))
    _store(
        case,
        "indicators",
        [row for one in documents for row in _indicators(one, read[one.document], names)],
    )
    return {name: sorted(one.root for one in ones) for name, ones in origins.items()}


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


def _actor_names(connection: Connection) -> Names:
    """Give the names of actors that the case knows (room `actors`)."""
    actors = connection.execute(f"select {', '.join(tables.schema('actors').names)} from actors").fetchall()
    facts = connection.execute(
        f"select {', '.join(tables.schema('actor_facts').names)} from actor_facts where kind = 'alias'"
    ).fetchall()
    return Names([Actor(*row) for row in actors], [ActorFact(*row) for row in facts])


def _actors_at(text: str, names: Names) -> Callable[[int], str]:
    """Say to whom a text gives what stands at a place: the one actor that its line names, or its only one."""
    found = [one for one in names.find(text) if one.kind == "actor"] if text else []

    def only(several: Sequence[Named]) -> str:
        return several[0].printed if several and all(set(one.ids) & set(several[0].ids) for one in several) else ""

    def actor_at(place: int) -> str:
        start, stop = text.rfind("\n", 0, place) + 1, text.find("\n", place)
        line = [one for one in found if start <= one.start < (len(text) if stop < 0 else stop)]
        return only(line) if line else only(found)

    return actor_at


def _indicators(document: Document, read: Taken, names: Names) -> list[Indicator]:
    actor_at = _actors_at(read.text, names) if read.indicators else None
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
            actor=actor_at(one.start) if actor_at and one.role == "attacker" else "",
            published=document.published,
        )
        for one in read.indicators
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


# ------------------------------------------------------------ files


@dataclass(frozen=True, slots=True)
class Ledger:
    """The tables of claims of a case, as rows."""

    documents: list[Document]
    claims: list[Claim]
    roots: list[Root]
    citations: list[Citation]
    decisions: list[Decision]
    rests: dict[str, list[str]]  # document -> roots on which it rests as a whole


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
        _state(case).get("rests", {}),
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


def _state(case: Case) -> dict[str, Any]:  # Any: as it was written
    try:
        found: dict[str, Any] = json.loads((case.tables / _STATE).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _made_from(case: Case) -> str:
    """Digest of documents, decisions, names of actors, and code."""
    digest = hashlib.sha256(code_digest().encode())
    for name in (ADDED, DECISIONS):
        file = case.path / "claims" / name
        digest.update(name.encode() + (hashlib.sha256(file.read_bytes()).digest() if file.exists() else b""))
    for name in ("actors", "actor_facts"):  # whose names are looked for
        file = case.tables / name / "all.parquet"
        digest.update(hashlib.sha256(file.read_bytes()).digest() if file.exists() else b"")
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
