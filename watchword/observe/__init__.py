"""From one raw message to rows of facts: what is seen in the bytes, nothing of what it means."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from watchword.observe.attachments import Files, attachments
from watchword.observe.authentication import Authentications, authentications
from watchword.observe.cues import Lexicon, cues
from watchword.observe.domain import organisation
from watchword.observe.files import passwords
from watchword.observe.language import language
from watchword.observe.links import links
from watchword.observe.mentions import mentions
from watchword.observe.message_row import Body, authors, bare, decoded, message_row
from watchword.observe.recipients import recipients
from watchword.observe.route import NO_ROUTE, hops, route
from watchword.observe.signatures import signatures
from watchword.observe.text import bodies, texts
from watchword.parse import message as parsed
from watchword.parse.fields import Mailbox
from watchword.read.raw import RawMessage
from watchword.tables import Cue, Defect, Fact, Hop, Link, Mention, Recipient, Sighting, Signature, Text

_DETAIL = 200  # characters of a defect's detail

Result = TypeVar("Result")


def observe(
    raw: RawMessage,
    source: str,
    known: Lexicon | None = None,
    elsewhere: Sequence[tuple[str, str]] = (),
    receiving: frozenset[str] = frozenset(),
) -> Iterator[Fact]:
    """Give all rows of one message: Sighting first, then Message, then the rest, defects last.

    `known` are the phrases and names to look for, the shipped ones unless given. `elsewhere` are words of other
    messages that may open a locked file, likeliest first, each with its message. `receiving` are the hosts and domains
    that the user says take in the mail; without them that is inferred.
    Never raises, whatever the bytes; a TimeoutError of the caller's own watchdog passes through.
    """
    key = raw.sha256
    missed: list[parsed.Defect] = []

    def attempt(name: str, observer: Callable[[], Result], otherwise: Result) -> Result:
        """Run one observer. A bug in it costs that observer's rows of this message and no more, and is told."""
        try:
            return observer()
        except TimeoutError:  # the caller's watchdog: it gives up the whole message
            raise
        except Exception as error:  # hostile mail must stop neither the run nor the other observers
            missed.append(parsed.Defect("not-observed", 0, 0, f"{name}: {type(error).__name__}: {error}"))
            return otherwise

    message = attempt("parse", lambda: parsed.parse(raw.data), None) or parsed.parse(b"")
    yield _sighting(raw, source, message)

    path = attempt("route", lambda: route(message, receiving), NO_ROUTE)
    sender = attempt("sender", lambda: authors(message), list[Mailbox]())
    author = sender[0] if sender else Mailbox("", "", "", "")
    owner = organisation(author.domain) if author.domain else ""
    to = attempt("recipients", lambda: recipients(message, key, path), list[Recipient]())
    way = attempt("hops", lambda: hops(path, key), list[Hop]())
    results = attempt("authentication", lambda: authentications(message, key, path, owner), Authentications([], []))
    whole = raw.size == len(raw.data) and not any(kind == "rebuilt" for kind, _, _ in raw.defects)
    signed = attempt("signatures", lambda: signatures(message, key, owner, whole=whole), list[Signature]())
    words = passwords.Candidates(lambda: [*elsewhere, *((word, key) for word in _words(message))])
    files = attempt("attachments", lambda: attachments(message, key, words, words.origin), Files())
    parts = {row.number: row.part for row in files.rows}
    read = attempt("text", lambda: texts(message, key, parts, files.contents), list[Text]())
    addresses = list({recipient.address: None for recipient in to if recipient.address})
    linked = attempt("links", lambda: links(message, key, addresses, parts, files.contents), list[Link]())
    own = {*addresses, *(one.address for one in sender)}
    sources = attempt("sources", lambda: _in_pages(message, parts, files), list[tuple[int, tuple[str, str, str]]]())
    named = attempt("mentions", lambda: mentions(key, read, linked, own, sources), list[Mention]())
    subject = attempt("subject", lambda: decoded(message, "subject"), "")
    names = [name for file in files.rows for name in file.names]
    said = attempt("cues", lambda: cues(key, read, subject, author.name, names, known), list[Cue]())
    newest = max((text.written for text in read if text.kind in {"plain", "html"}), key=len, default="")
    body = Body(
        attempt("language", lambda: language(newest), ""),
        len(newest),
        len(linked),
        sum(row.inside is None for row in files.rows),
    )

    row = attempt("message", lambda: message_row(message, key, raw.size, path, sender, body), None)
    yield row or bare(key, raw.size)
    yield from to
    yield from way
    yield from results.rows
    yield from signed
    yield from linked
    yield from files.rows
    yield from read
    yield from named
    yield from said
    # Last, because decoding a part while it is looked at may find more.
    container = [parsed.Defect(kind, 0, offset, detail) for kind, offset, detail in raw.defects]
    for number, defect in enumerate((*container, *message.defects, *results.defects, *missed)):
        yield Defect(key, number, defect.kind, defect.part, defect.offset, defect.detail[:_DETAIL])


def _words(message: parsed.Message) -> list[str]:
    """Give words of a message's own text that may open a locked file in it."""
    names = [name for part in message.parts for name in part.names]
    return passwords.words([decoded(message, "subject"), *(body.text for body in bodies(message))], names)


def _in_pages(message: parsed.Message, parts: dict[int, int], files: Files) -> list[tuple[int, tuple[str, str, str]]]:
    """Give what the source of a message's pages names, each with its part: those that it shows, then its files."""
    pages = [(body.part, body.page) for body in bodies(message) if body.page is not None and not body.is_nested]
    for number, held in files.contents.items():
        pages += [
            (parts.get(number, 0), one.page) for one in held.texts if one.page is not None and one.kind != "nested"
        ]
    found = [(part, named) for part, page in pages for named in page.named]
    return found + [(parts.get(number, 0), named) for number, held in files.contents.items() for named in held.named]


def _sighting(raw: RawMessage, source: str, message: parsed.Message) -> Sighting:
    """Say where the message was found. What Google Takeout writes above the first Received belongs to the container."""
    thread = ""
    labels = list(raw.labels)
    for header in message.headers[:5]:
        if header.name == "x-gm-thrid":
            thread = header.value[:40]
        elif header.name == "x-gmail-labels" and not labels:
            labels = [label.strip() for label in header.text.split(",") if label.strip()][:100]
        else:
            break
    return Sighting(
        message=raw.sha256,
        source=source,
        member=raw.member,
        offset=raw.offset,
        length=raw.length,
        folder=raw.folder,
        flags=list(raw.flags),
        labels=labels,
        thread=thread,
        envelope=raw.envelope,
    )
