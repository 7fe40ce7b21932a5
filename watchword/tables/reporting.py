"""What public reporting says (rooms `indicators`, `actors`, `claims`): documents, claims, roots, and who is who."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Actor:
    """One name under which one source tracks an actor. Names of two sources are two rows, never merged silently."""

    actor: Annotated[str, "id: the name in lower case with hyphens, and `@source` where it is not our own file"]
    name: Annotated[str, "as the source writes it"]
    source: Annotated[str, "where it comes from: watchword, mitre-attack, misp-galaxy, or the id of an imported file"]
    about: Annotated[str, "who that is, in one or two plain sentences"]
    kind: Annotated[str, "state, hired, criminal, activist or unknown, as the source has it"]


@dataclass(frozen=True, slots=True)
class ActorFact:
    """One thing that one source says of an actor, with the date from which it was public."""

    actor: Annotated[str, "actors.actor"]
    kind: Annotated[
        str,
        "alias, kept-apart (a name that the source says is another actor), similar (a name that it says overlaps), "
        "part-of, country, technique (ATT&CK), software, domain, host, url, ip, network, address, hash, phone, wallet, "
        "naming (regular expression for names of domains), target (kind of person or organisation), country-targeted, "
        "language, working-week, zone (minutes from UTC), persona, provider, report (that the source names on it)",
    ]
    value: Annotated[str, "normalised as the tables of facts have it"]
    said_by: Annotated[str, "publisher of the report that says so"]
    reference: Annotated[str, "title and address of that report"]
    published: Annotated[datetime | None, "when it was published; what was public before can be imitated"]
    grade: Annotated[str, "Admiralty code of that source for this, as B2; empty if nobody graded it"]


@dataclass(frozen=True, slots=True)
class Document:
    """One public report, story or statement that was added to the case."""

    document: Annotated[str, "id: `doc-` and 8 digits of the file's SHA-256"]
    sha256: Annotated[str, "of the file's bytes"]
    path: Annotated[str, "where it lay"]
    form: Annotated[str, "html, pdf, markdown, text or mail"]
    title: Annotated[str, "its headline"]
    publisher: Annotated[str, "who published it, as it says itself or as the user said; empty if it cannot be told"]
    authors: Annotated[list[str], "who wrote it, as it says itself"]
    address: Annotated[str, "web address at which it was published, as it says itself or as the user said"]
    published: Annotated[datetime | None, "when it was published, as it says itself or as the user said"]
    language: Annotated[str, "language of its text, two letters; empty if it cannot be told"]
    characters: Annotated[int, "length of its text, to which offsets count"]
    grade: Annotated[str, "Admiralty code that a person gave it, as B2; empty if nobody did"]
    problems: Annotated[list[str], "what could not be read in it, one sentence each"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says what about whom, as one passage of a document has it. A proposal until a person confirms it."""

    claim: Annotated[str, "id: `cl-` and 8 digits; the same passage and proposition have the same"]
    document: Annotated[str, "documents.document; empty for a claim that a person wrote"]
    state: Annotated[str, "proposed, confirmed or rejected"]
    speaker: Annotated[str, "who says it, in the one form that the case uses, as `FBI`"]
    speaker_printed: Annotated[str, "as the document has it, as `the Bureau`"]
    capacity: Annotated[str, "on-record, anonymous or by-proxy (somebody speaks for them)"]
    act: Annotated[str, "attributes, confirms, denies, declines, demands-evidence, retracts, hedges or reports"]
    proposition: Annotated[
        str, "sought, accessed, stole, disclosed, received, who, directed, intent or same-actor; empty if open"
    ]
    target: Annotated[str, "against whom, or whose; empty if it is not said"]
    actor: Annotated[str, "who is said to have done it, as the document has it; empty if it is not said"]
    polarity: Annotated[str, "affirms, denies or open (they say that they do not know, or will not say)"]
    strength: Annotated[str, "word for how sure they are, as printed, as `confident`; empty if there is none"]
    said: Annotated[datetime | None, "when it was said"]
    said_printed: Annotated[str, "that date as printed, as `on Monday`"]
    published: Annotated[datetime | None, "when the document was published"]
    evidence_offered: Annotated[str, "none, indicators, report, indictment or private"]
    relies_on: Annotated[str, "whose word the speaker relies on; empty if they speak for themselves"]
    quote: Annotated[str, "the passage"]
    start: Annotated[int, "where it begins in the document's text, in characters"]
    stop: Annotated[int, "where it ends"]
    root: Annotated[str, "roots.root"]
    grade: Annotated[str, "Admiralty code, as B2: the person's for this claim, else the document's; empty if none"]
    because: Annotated[str, "why a person confirmed, changed or rejected it"]


@dataclass(frozen=True, slots=True)
class Root:
    """One independent origin of claims: reports that copy, quote or credit one another have it in common."""

    root: Annotated[str, "id: `root-` and 8 digits"]
    origin: Annotated[str, "who said it first, as `ODNI, FBI and CISA, 2024-08-19`"]
    anonymous: Annotated[bool, "its origin is not named; it may be the same as that of another"]
    documents: Annotated[list[str], "documents.document that rest on it, first published first"]
    sentence: Annotated[str, "why these are one, in plain words"]


@dataclass(frozen=True, slots=True)
class Citation:
    """One document, or somebody, that a document rests on."""

    document: Annotated[str, "documents.document"]
    cited: Annotated[str, "documents.document that it rests on; empty if that is not in the case"]
    named: Annotated[str, "who is named as the source, as printed"]
    how: Annotated[str, "copies, quotes (the same words), credits, wire, links or anonymous"]
    share: Annotated[float, "for copies: part of its text that is the other's, 0 to 1; else 0"]
    quote: Annotated[str, "the passage that shows it"]
    start: Annotated[int, "where it begins in the document's text, in characters"]
    stop: Annotated[int, "where it ends"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator that a document names, and whose it is by the document's own words."""

    document: Annotated[str, "documents.document"]
    kind: Annotated[str, "url, host, domain, ip, network, address, md5, sha1, sha256, phone, wallet or handle"]
    value: Annotated[str, "refanged and normalised as the tables of facts have it"]
    printed: Annotated[str, "as the document has it"]
    start: Annotated[int, "where it begins in the document's text, in characters"]
    stop: Annotated[int, "where it ends"]
    role: Annotated[str, "attacker, cited, victim, vendor or unclear"]
    because: Annotated[str, "why, in plain words"]
    actor: Annotated[str, "actor to whom the document gives it, as printed; empty if it is not said"]
    published: Annotated[datetime | None, "when the document was published"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something in a message of the case that a report or the knowledge of actors names."""

    message: Annotated[str, "SHA-256 of the message's bytes, hexadecimal"]
    operation: Annotated[str, "operations.operation; empty if the message is in none"]
    kind: Annotated[str, "as in `indicators` and `actor_facts`"]
    value: Annotated[str, "what both have"]
    exact: Annotated[bool, "the same; else only the same host, registrable domain or network"]
    document: Annotated[str, "documents.document that names it; empty if it is known from elsewhere"]
    actor: Annotated[str, "actors.actor of whom it is said; empty if a document names it without one"]
    said_by: Annotated[str, "publisher that says so"]
    published: Annotated[datetime | None, "since when it is public"]
    hub: Annotated[str, "why it says nothing about who it was, as `many share this host`; empty if it may"]


@dataclass(frozen=True, slots=True)
class ActorRejection:
    """One item of imported knowledge of actors that gave no fact, and why. Nothing that came in is lost silently."""

    source: Annotated[str, "id of the import, or misp-galaxy and the like for what is shipped"]
    item: Annotated[str, "file within it, and line, row or id"]
    value: Annotated[str, "what it says, at most 2,000 characters"]
    reason: Annotated[str, "what happened, one sentence"]
