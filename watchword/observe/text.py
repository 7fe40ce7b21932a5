"""Readable texts of a message, and each cut into what was written now, signature, quoted layers and hidden text."""

import functools
from dataclasses import dataclass

from watchword.observe import hidden, html, quotes
from watchword.parse.message import Defect, Message
from watchword.tables import Text

WRITTEN = 65_536  # characters
HIDDEN = 16_384
SIGNATURE = 4_096
TEXTS = 200  # texts of one message
READ = 8 * 1024 * 1024  # characters of one text


@dataclass(frozen=True, slots=True)
class Body:
    """One part that holds text: as its reader sees it, and the page if it is HTML."""

    part: int
    kind: str  # plain, html, calendar
    is_nested: bool
    text: str
    page: html.Page | None = None


@functools.lru_cache(maxsize=1)  # texts and links of a message are asked for one after the other
def bodies(message: Message) -> list[Body]:
    """Read every text of the message once, in the order of the parts."""
    found: list[Body] = []
    nested: set[int] = set()
    for part in message.parts:
        if part.parent in nested or (part.parent >= 0 and message.parts[part.parent].kind == "message"):
            nested.add(part.index)
        kind = _kind(part.content_type, part.readings)
        if part.kind not in {"leaf", "beyond"} or not kind:
            continue
        if part.disposition == "attachment" and kind != "calendar":
            continue
        if len(found) == TEXTS:
            message.defects.append(Defect("limit-texts", part.index, part.start, f"more than {TEXTS} texts"))
            break
        text = message.text(part)[:READ]
        page = None
        if kind == "html":
            page = html.read(text)
            if not page.is_whole:
                message.defects.append(Defect("html-by-pattern", part.index, part.start, f"{len(text)} characters"))
            text = page.text
        found.append(Body(part.index, kind, part.index in nested, text, page))
    return found


def _kind(content_type: str, readings: list[tuple[str, str]]) -> str:
    """Name the kind of text by its type; HTML if any reading of the type says so."""
    if content_type == "text/html" or any(reading == "text/html" for reading, _ in readings):
        return "html"
    if content_type == "text/calendar":
        return "calendar"
    if content_type in {"text/plain", "text", "text/enriched", "text/markdown", "text/x-amp-html"}:
        return "html" if content_type == "text/x-amp-html" else "plain"
    return ""


def texts(message: Message, key: str) -> list[Text]:
    """Give each readable text of the message, cut into its layers; plain text and HTML of one message are two rows."""
    rows: list[Text] = []
    for body in bodies(message):
        if body.kind == "calendar":
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
        rows.append(
            Text(
                key,
                len(rows),
                body.part,
                "nested" if body.is_nested else body.kind,
                written[:WRITTEN],
                signature[:SIGNATURE],
                quoted[:WRITTEN],
                "\n".join(unseen)[:HIDDEN],
                ways,
            )
        )
    return rows
