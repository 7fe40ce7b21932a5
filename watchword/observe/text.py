"""Readable texts of a message, and each cut into what was written now, signature, quoted layers and hidden text."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from watchword.observe import calendar, hidden, html, quotes
from watchword.observe.alike import bands
from watchword.observe.files import Contents
from watchword.parse.message import Defect, Message
from watchword.parse.part import Part
from watchword.tables import Text

WRITTEN = 65_536  # characters
HIDDEN = 16_384
SIGNATURE = 4_096
TEXTS = 200  # texts of one message
READ = 8 * 1024 * 1024  # characters of one text


_HTML = frozenset({"text/html", "text/x-amp-html", "application/xhtml+xml"})
_PLAIN = frozenset({"text/plain", "text", "text/enriched", "text/markdown"})
_PAGES = (".htm", ".html", ".shtml", ".xhtml")
_MARKUP = re.compile(r"<(?:html|body|div|table|p|a)[\s>]", re.IGNORECASE)
_BESIDE = frozenset({"preamble", "epilogue"})  # text outside the parts of a multipart, which some programs show
_SAMPLE = 4_000  # characters that tell whether it is text at all
_LONG_WORD = 20  # characters; longer on average are no words but another encoding


@dataclass(frozen=True, slots=True)
class Body:
    """One reading of a part that holds text: as its reader sees it, and the page if it is HTML."""

    part: int
    kind: str  # plain, html, calendar
    is_nested: bool
    text: str
    page: html.Page | None = None


@functools.lru_cache(maxsize=1)  # texts and links of a message are asked for one after the other
def bodies(message: Message) -> list[Body]:
    """Read every text of the message once, in the order of the parts; a part that can be read in two ways gives both.

    What stands beside the parts counts too, as some programs show it; what comes as a file is read as one.
    """
    found: list[Body] = []
    nested: set[int] = set()
    for part in message.parts:
        if part.parent in nested or (part.parent >= 0 and message.parts[part.parent].kind == "message"):
            nested.add(part.index)
        kind = _kind(part)
        if not kind:
            continue
        for number, text in enumerate(message.texts(part)):
            if (number or part.kind in _BESIDE) and not _is_readable(text):
                continue
            if len(found) == TEXTS:
                message.defects.append(Defect("limit-texts", part.index, part.start, f"more than {TEXTS} texts"))
                return found
            found.append(_body(message, part, kind, part.index in nested, text))
    return found


def _body(message: Message, part: Part, kind: str, is_nested: bool, text: str) -> Body:
    text = text[:READ]
    if kind == "plain" and part.parameters.get("delsp", "").lower() == "yes":
        text = unflowed(text)
    page = None
    if kind == "calendar":
        page = calendar.read(text).page
        text = page.text
    elif kind == "html" or (part.kind in _BESIDE and _MARKUP.search(text)):
        page = html.read(text)
        if not page.is_whole:
            message.defects.append(Defect("html-by-pattern", part.index, part.start, f"{len(text)} characters"))
        text = page.text
        kind = "html" if kind == "plain" else kind
    return Body(part.index, kind, is_nested, text, page)


def unflowed(text: str) -> str:
    """Join the lines that a mail program broke anywhere, also in an address (RFC 3676 4, with `DelSp=yes`)."""
    lines: list[list[str]] = []
    depth = -1  # of the quotation that goes on, -1 where nothing does
    for whole in text.split("\n"):
        line = whole.removesuffix("\r")
        content = line.lstrip(">")
        marks = len(line) - len(content)
        content = content.removeprefix(" ")
        goes_on = content.endswith(" ") and content != "-- "
        piece = content[:-1] if goes_on else content
        if depth == marks:
            lines[-1].append(piece)
        else:
            lines.append([f"{'>' * marks} " if marks else "", piece])
        depth = marks if goes_on else -1
    return "\n".join(map("".join, lines))


def _kind(part: Part) -> str:
    """Name the kind of text by type and place, empty if it is none; HTML if any reading of the type says so."""
    if part.kind in _BESIDE:
        return "plain"
    if part.kind not in {"leaf", "beyond"}:
        return ""
    content_type = part.content_type
    if content_type == "text/calendar":
        return "calendar"
    if part.disposition == "attachment":
        return ""
    if content_type in _HTML or any(reading == "text/html" for reading, _ in part.readings):
        return "html"
    return "plain" if content_type in _PLAIN else ""


def is_body(part: Part) -> bool:
    """Tell whether a part is shown as text of the message, though it may have a file name, too."""
    return bool(_kind(part))


def is_page(part: Part) -> bool:
    """Tell whether any reading of a part's type or name makes it a page (HTML)."""
    types = [part.content_type, *(reading for reading, _ in part.readings)]
    return any(one in _HTML for one in types) or any(name.lower().endswith(_PAGES) for name in part.names)


def _is_readable(text: str) -> bool:
    """Tell whether a text beside the usual one says something: words, not bytes of another kind or coding."""
    sample = text[:_SAMPLE]
    words = sample.split()
    letters = sum(map(len, words))
    if letters > _LONG_WORD * len(words) and sample.isascii() and "://" not in sample:
        return False
    return sum(map(str.isalnum, sample)) * 2 > letters and sample.count("\ufffd") * 10 < letters


def texts(
    message: Message, key: str, parts: Mapping[int, int] | None = None, contents: Mapping[int, Contents] | None = None
) -> list[Text]:
    """Give each readable text of the message, cut into its layers; plain text and HTML of one message are two rows.

    So are two readings of one part. Texts inside files follow: `contents` holds them by the file's number, `parts`
    gives the number of the part that a file came in.
    """
    read: list[tuple[int | None, Body]] = [(None, body) for body in bodies(message)]
    for number, held in (contents or {}).items():
        part = (parts or {}).get(number, 0)
        read += [(number, Body(part, one.kind, False, one.text, one.page)) for one in held.texts]
    if len(read) > TEXTS:
        message.defects.append(Defect("limit-texts", 0, 0, f"more than {TEXTS} texts"))
        del read[TEXTS:]
    rows: list[Text] = []
    for attachment, body in read:
        if body.kind == "calendar" and not body.text:
            continue
        cut = quotes.cut(body.text)
        quoted, signature = cut.quoted, cut.signature
        ways: list[str] = []
        unseen: list[str] = []
        if body.page is not None:
            if body.page.quoted:
                outside = [line for line in quoted.split("\n") if line.strip() != html.QUOTED]
                quoted = "\n".join([*outside, body.page.quoted]).strip()
            signature = "\n".join(filter(None, (signature, body.page.signature)))
            for how, text in body.page.hidden:
                if how not in ways:
                    ways.append(how)
                if text:
                    unseen.append(text)
        else:
            ways = hidden.characters(body.text)
        written = cut.written
        if not written.strip() and quoted and not quotes.has_mark(quoted):
            # Marked as a quotation but of nobody: what a reader sees as the message itself.
            written, quoted = quoted, ""
        if attachment is not None and not (written or quoted or signature or unseen):
            continue
        rows.append(
            Text(
                key,
                len(rows),
                body.part,
                attachment,
                "nested" if body.is_nested else body.kind,
                written[:WRITTEN],
                signature[:SIGNATURE],
                quoted[:WRITTEN],
                "\n".join(unseen)[:HIDDEN],
                ways,
                bands(written[:WRITTEN]),
                body.page.skeleton if body.page is not None else "",
            )
        )
    return rows
