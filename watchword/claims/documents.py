"""A report, story or statement as text, with what it says of itself: its headline, publisher, authors and date.

Nothing in it is run and no link of it is opened. Offsets count characters of `Read.text`.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from watchword.claims.dates import printed_date
from watchword.claims.pages import Page, read_page
from watchword.claims.paragraphs import MOST, Link, Text, from_markdown, from_plain, front_matter, unwrapped
from watchword.limited.process import ask
from watchword.limited.wire import Question
from watchword.observe.language import language
from watchword.parse.charset import read as decoded
from watchword.parse.dates import date as mail_date
from watchword.parse.fields import mailboxes
from watchword.parse.message import Message, parse
from watchword.parse.words import decode_words

__all__ = ["BYTES", "Link", "Read", "read_document"]

BYTES = 64 * 1024 * 1024
PAGES = 500  # of a PDF
_PDF_SECONDS = 20.0
_HEAD = 4_096  # bytes by which a form is told
_TITLE = 300  # characters
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|article|div|p|meta|title)\b", re.I)
_FIELD = re.compile(rb"(?:[!-9;-~]{1,60}:[ \t]*[^\r\n]*(?:\r?\n[ \t]+[^\r\n]+)*\r?\n){2,}")
_OF_MAIL = re.compile(
    rb"^(?:from|subject|mime-version|content-type|date|received|return-path|delivered-to):", re.I | re.M
)
_MARKDOWN = re.compile(r"^(?:#{1,6} \S|---\s*$)|\]\((?:https?:|/|#)", re.M)
_BYLINE = re.compile(
    r"(?:By|BY) ((?:[A-Z][\w.’'-]+ ){1,3}[A-Z][\w’'-]+(?:(?:, | and |, and )(?:[A-Z][\w.’'-]+ ){1,3}[A-Z][\w’'-]+)*)"
    r"(?:\s*[|,–—-].*)?\.?"
)
_ISSUED = re.compile(  # who a statement is from, as its headline says
    r"(?:[Jj]oint |[Pp]ress )?[Ss]tatement (?:of|by|from) (?:the )?([A-Z][^,:]{3,100}?)(?= on | about | regarding |[,:]|$)"
    r"|The ([A-Z][^,:]{3,80}?) on (?:the|its|recent) "
)
_NOT_TEXT = ((b"PK\x03\x04", "an archive or Office file"), (b"\xd0\xcf\x11\xe0", "an old Office file"),
             (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"\x1f\x8b", "a compressed file"),
             (b"bplist", "a web archive of Safari"), (b"\x7fELF", "a program"), (b"MZ", "a program"))  # fmt: skip


@dataclass(slots=True)
class Read:
    """What one document says, and what it says of itself. In `text` a paragraph is a line."""

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
    if len(data) > BYTES:
        return Read("text", problems=[f"It has {len(data)} bytes; no more than {BYTES} are read."])
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF"):
        found = _pdf(data)
    elif what := next((what for mark, what in _NOT_TEXT if head.startswith(mark)), ""):
        return Read("text", problems=[f"It is {what}, not text, HTML, Markdown, PDF or saved mail."])
    elif _is_mail(head, path):
        found = _mail(data)
    else:
        found = _text(data, path)
    if "\0" in found.text:
        found.text = found.text.replace("\0", " ")
        found.problems.append("It has bytes that no text has; it may be damaged.")
    if len(found.text) >= MOST:
        found.problems.append(f"It is longer than {MOST} characters; the rest was not read.")
    if not found.text.strip():
        found.problems.append("No text was found in it.")
    _from_text(found)
    return found


def _is_mail(head: bytes, path: str) -> bool:
    found = _FIELD.match(head)
    if path.lower().endswith((".eml", ".mht", ".mhtml")):
        return found is not None
    return found is not None and len({one.lower() for one in _OF_MAIL.findall(found[0])}) >= 3


def _text(data: bytes, path: str) -> Read:
    source, defect = decoded(data, "")
    problems = []
    if defect in {"charset-wrong", "charset-unknown"} or source.count("\ufffd"):
        problems.append("Some of its characters could not be read; its encoding is not what it says.")
    name = path.lower()
    if name.endswith((".htm", ".html", ".xhtml")) or (
        _HTML.search(data[:_HEAD]) and not name.endswith((".md", ".markdown", ".txt"))
    ):
        return _html(source, problems)
    said, rest = front_matter(source[: 2 * MOST].replace("\r\n", "\n").lstrip("\ufeff"))
    if name.endswith((".md", ".markdown")) or (not name.endswith(".txt") and _MARKDOWN.search(source[:20_000])):
        title, text = from_markdown(rest)
        found = _made("markdown", text, problems)
    else:
        title, text = from_plain(rest)
        found = _made("text", text, problems)
    found.title = (said.get("title") or title)[:_TITLE]
    if said.get("title") and not found.text.startswith(found.title):
        _set_above(found)
    found.publisher = said.get("publisher", "")
    found.address = said.get("address", "")
    found.authors = [one for one in re.split(r",\s*(?:and\s+)?|\s+and\s+|;\s*", said.get("authors", "")) if one]
    found.published = _date(said.get("published", ""))
    return found


def _made(form: str, text: Text, problems: list[str]) -> Read:
    return Read(form, text.text, links=list(text.links), problems=problems)


def _set_above(found: Read) -> None:
    """Put the headline before the text, where it does not stand there; everything moves by as much."""
    if not found.title:
        return
    moved = len(found.title) + 1
    found.text = f"{found.title}\n{found.text}"
    found.links = [Link(link.start + moved, link.stop + moved, link.address) for link in found.links]


def _html(source: str, problems: list[str]) -> Read:
    page = read_page(source)
    found = _made("html", page.text, problems)
    if not page.is_whole:
        found.problems.append("The page is too large or too deep for a tree; menus stand among its text.")
    _describe(found, page)
    return found


def _describe(found: Read, page: Page) -> None:
    found.title = page.first("title")[:_TITLE]
    found.publisher = page.first("publisher")
    found.authors = page.said.get("authors", [])[:20]
    found.address = page.first("address")
    if not found.publisher and found.address:
        found.publisher = (urlsplit(found.address).hostname or "").removeprefix("www.")
    found.published = next((day for value in page.said.get("published", ()) if (day := _date(value))), None)
    found.language = page.first("language")[:2].lower()
    if found.title and found.title[:60].lower() not in found.text[:2_000].lower():
        _set_above(found)


def _date(value: str) -> datetime | None:
    return (printed_date(value) or mail_date(value)[0]) if value else None


def _pdf(data: bytes) -> Read:
    found = Read("pdf")
    answer = ask(Question("pdf", data, (), {"pages": PAGES, "room": 0}), _PDF_SECONDS)
    if answer.stopped:
        found.problems.append(f"Not all of the PDF could be read: {answer.stopped}.")
    texts, links = [], []
    for finding in answer.findings:
        match finding.what:
            case "locked":
                found.problems.append("The PDF is locked with a password; save it without one.")
            case "pages" if finding.value.isdecimal() and int(finding.value) > PAGES:
                found.problems.append(f"The PDF has {finding.value} pages; {PAGES} were read.")
            case "text":
                texts.append(finding.value.replace("\r\n", "\n").replace("\x02\n", "").replace("\x02", ""))
            case "link":
                links.append((finding.value, " ".join(finding.shown.split())))
            case "contains" if finding.value == "image-only-pages":
                found.problems.append("Its pages are pictures without text.")
    found.title, text = from_plain("\n".join(unwrapped(one) for one in texts))
    found.text = text.text
    place = 0
    for address, shown in links:
        at = found.text.find(shown, place) if shown else -1
        at = found.text.find(shown) if shown and at < 0 else at
        if at >= 0:
            found.links.append(Link(at, at + len(shown), address))
            place = at
    return found


def _mail(data: bytes) -> Read:
    """Read a page that a browser saved as MHTML, or a statement that came by mail."""
    message = parse(data)
    parts = [part for part in message.parts if part.disposition != "attachment" and part.kind == "leaf"]
    pages = [part for part in parts if part.content_type in {"text/html", "application/xhtml+xml"}]
    plain = [part for part in parts if part.content_type == "text/plain"]
    found = Read("mail", problems=["The mail has no text."])
    if pages:
        found = _html(message.text(pages[0]), [])
    elif plain:
        title, text = from_plain(message.text(plain[0]))
        found = _made("mail", text, [])
        found.title = title
    place = _field(message, "snapshot-content-location")
    if not place and pages:  # as older browsers save it
        place = _part_field(message, "content-location")
        place = place if place.startswith("http") else ""
    subject = " ".join(_field(message, "subject").split())[:_TITLE]
    if place:
        found.address = found.address or place
        found.title = found.title or subject
        found.publisher = found.publisher or (urlsplit(place).hostname or "").removeprefix("www.")
        return found
    found.form = "mail"
    if subject and subject != found.title:
        found.title = subject
        _set_above(found)
    found.published = found.published or mail_date(_field(message, "date"))[0]
    sender = message.first("from")
    for box in mailboxes(sender.raw)[:1] if sender else []:
        found.publisher = found.publisher or box.name or box.domain
    return found


def _field(message: Message, name: str) -> str:
    found = message.first(name)
    return decode_words(found.raw).strip() if found else ""


def _part_field(message: Message, name: str) -> str:
    for part in message.parts:
        for header in part.headers:
            if header.name == name:
                return decode_words(header.raw).strip()
    return ""


def _from_text(found: Read) -> None:
    """Take from the head of the text what the document did not say otherwise: byline, date, language."""
    for line in found.text.split("\n", 12)[:12]:
        if not found.authors and (byline := _BYLINE.fullmatch(line.strip())):
            found.authors = re.split(r", and | and |, ", byline[1])
        if found.published is None and len(line) <= 120:
            found.published = printed_date(line)
    if not found.publisher and (issued := _ISSUED.match(found.title)):
        found.publisher = issued[1] or issued[2]
    found.language = found.language or language(found.text)
