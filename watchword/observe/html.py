"""HTML as its reader meets it: what is seen, what is hidden, what is quoted, and every address in it.

Read by lexbor, which is fast and reads as browsers do, but takes quadratic time on some input (100,000 unclosed `<div>`
take 25 s, 300,000 attributes longer still). A linear scan keeps such input away from it; then links are found and tags
removed by pattern, and the page says so (`is_whole` is false).
"""

import functools
import html
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from watchword.observe import hidden, tame
from watchword.observe.alike import skeleton
from watchword.observe.contacts import in_source

ADDRESSES = 4_000
CONTAINERS = 500  # quoted ones or signatures, of one page
QUOTED = ">"  # the line that stands where a quotation was
SHOWN = 300  # characters of a link's text
COMMENTS = 200
COMMENT = 16 * 1024  # characters of one comment
PATTERN = 16 * 1024 * 1024  # characters read without a tree


class Address(NamedTuple):
    """One address that the page links to or loads."""

    found_in: str  # as in tables.Link.found_in
    raw: str
    shown: str = ""
    is_visible: bool = False
    is_pixel: bool = False


@dataclass(slots=True)
class Page:
    """What one HTML text holds. Texts have a line for each block, blanks are single."""

    text: str = ""  # visible, without marked signatures; a line `>` stands for each quoted container
    signature: str = ""  # containers that a mail program marked as signature
    quoted: str = ""  # containers that a mail program marked as quoted
    hidden: list[tuple[str, str]] = field(default_factory=list)  # how and text
    addresses: list[Address] = field(default_factory=list)
    base: str = ""
    is_whole: bool = True  # false if it was too much for the tree and read by pattern
    skeleton: str = ""  # tables.Text.skeleton
    named: list[tuple[str, str, str]] = field(default_factory=list)  # kind, value and text, as in tables.Mention


_INLINE = [
    (tag, tag.encode())
    for tag in (
        *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "ins", "label", "mark", "nobr"),
        *("s", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "wbr"),
    )
]
_UNREAD = [(tag, tag.encode()) for tag in ("script", "style", "template")]
_SOURCES = [  # tag, what it begins with as bytes, attribute, where
    (tag, tag.partition(":")[0].encode(), attribute, where)
    for tag, attribute, where in (
        ("img", "src", "img"),
        ("input", "src", "img"),
        ("video", "src", "img"),
        ("video", "poster", "img"),
        ("audio", "src", "img"),
        ("source", "src", "img"),
        ("bgsound", "src", "img"),
        ("iframe", "src", "iframe"),
        ("frame", "src", "iframe"),
        ("embed", "src", "iframe"),
        ("object", "data", "iframe"),
        ("script", "src", "link"),
        ("link", "href", "link"),
        ("form", "action", "form"),
        ("button", "formaction", "form"),
        ("input", "formaction", "form"),
        # VML, as Outlook writes and follows it; SVG, as browsers do
        ("v:rect", "href", "a"),
        ("v:roundrect", "href", "a"),
        ("v:oval", "href", "a"),
        ("v:shape", "href", "a"),
        ("v:group", "href", "a"),
        ("v:imagedata", "src", "img"),
        ("v:fill", "src", "img"),
        ("image", "href", "img"),
        ("image", "xlink:href", "img"),
        ("use", "href", "img"),
        ("use", "xlink:href", "img"),
    )
]
_QUOTES = (
    "div.gmail_quote, blockquote.gmail_quote, blockquote[type=cite], div.yahoo_quoted, div.protonmail_quote, "
    "blockquote.protonmail_quote, blockquote.tutanota_quote"
)
_SIGNATURES = (
    "div.gmail_signature, div.moz-signature, pre.moz-signature, div#Signature, div#ms-outlook-mobile-signature"
)
_BACKGROUNDS = re.compile(rb"background\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_CSS = re.compile(rb"url\(\s*(?:\"([^\")]*)|'([^')]*)|([^\"')]+))")
_IMPORT = re.compile(rb"@import\s+(?:\"([^\"]*)\"|'([^']*)')")
_LOOSE = ((b"url(", _CSS, "style"), (b"@import", _IMPORT, "style"), (b"background=", _BACKGROUNDS, "img"))
_REFRESH = re.compile(r"[\s\d.;,]*(?:url\s*=\s*)?['\"]?([^'\"]*)", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(\d+)\s*(?:px)?\s*", re.ASCII)
_TINY = re.compile(r";(?:max-)?(width|height):[0-3](?:\.\d+)?(?:px)?(?=;|!|$)")

_OPENED = re.compile(rb"<([a-z][a-z0-9]*+)")
_TAG = re.compile(r"<(?:(/?(?:p|div|tr|td|li|br|h[1-6]|table|blockquote|hr)\b)|[a-zA-Z/!?])[^<>]*>?", re.IGNORECASE)
_LINKING = re.compile(
    r"\b(href|src|action|background)\s*=\s*(?:\"([^\"<>]{1,4096})\"|'([^'<>]{1,4096})'|([^\s\"'<>]{1,4096}))",
    re.IGNORECASE,
)
_WHERE = {"href": "a", "src": "img", "action": "form", "background": "img"}


def read(source: str) -> Page:
    """Read one HTML text. Never raises; linear in the length of `source`."""
    data = source.encode("utf-8", "replace")
    lower = data.lower()
    opened = _OPENED.findall(lower)
    is_tame = tame.is_tame(lower, opened)
    page = _by_tree(source, data, lower, frozenset(opened)) if is_tame else _by_pattern(source)
    if b"<script" in lower or b"api.telegram" in lower:  # mail that is shown as such has neither
        page.named = in_source(source, lower)
    return page


def _by_tree(source: str, data: bytes, lower: bytes, tags: frozenset[bytes]) -> Page:
    page = Page()
    tree = LexborHTMLParser(data)
    body = tree.body
    if body is None:
        return page
    page.skeleton = skeleton(body)
    sheets = [node.text() for node in tree.tags("style")] if b"style" in tags else []
    hiding, unseen = hidden.elements(body, lower, sheets)
    _addresses(page, tree, lower, tags, unseen)
    _loose_addresses(page, data, lower)
    start = max(0, lower.find(b"<body"))
    unread = [tag for tag, name in _UNREAD if name in tags and lower.find(b"<" + name, start) >= 0]
    # A node of lexbor dies with the one around it. From here on nothing that is still held may lie in what is removed.
    for node, how in hiding:
        if unread:
            node.strip_tags(unread)
        if text := _line(node.text(separator=" ")):
            page.hidden.append((how, text))
        node.decompose()
    if unread:
        tree.strip_tags(unread)
    if b"signature" in lower:
        page.signature = _take(body, _SIGNATURES)
    if b"blockquote" in tags or b"_quote" in lower:
        page.quoted = _take(body, _QUOTES, QUOTED)
    for inline, name in _INLINE:
        if name in tags:
            for node in tree.tags(inline):
                node.unwrap()
    body.merge_text_nodes()
    page.text = _lines(body.text(separator="\0", skip_empty=True), b"pre" in tags)
    if b"<!--" in lower:
        page.hidden.extend((hidden.COMMENT, text) for text in _comments(page, source))
    page.hidden.extend((how, "") for how in hidden.characters(page.text))
    return page


def _take(body: LexborNode, selector: str, instead: str = "") -> str:
    """Cut the containers that the selector names out of the page and give their text; leave a line in their place."""
    taken = []
    for node in reversed(body.css(selector)[:CONTAINERS]):  # inner ones first: an element dies with the one around it
        if node.tag == "body":
            continue
        node.unwrap_tags([tag for tag, _ in _INLINE])
        node.merge_text_nodes()
        taken.append(_lines(node.text(separator="\0", skip_empty=True), keep=False))
        if instead:
            node.insert_before(f"\0{instead}\0")
        node.decompose()
    return "\n".join(reversed(taken))


def _line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str, keep: bool) -> str:
    """Give each block its line. With `keep` line ends in the source are lines too, as inside `<pre>`."""
    if keep:
        text = text.replace("\n", "\0")
    return "\n".join([line for block in text.split("\0") if (line := " ".join(block.split()))])


def _addresses(page: Page, tree: LexborHTMLParser, lower: bytes, tags: frozenset[bytes], unseen: set[int]) -> None:
    """Collect what elements link to or load."""
    add = page.addresses.append
    for tag in ("a", "area"):
        if tag.encode() not in tags:
            continue
        for node in tree.tags(tag)[:ADDRESSES]:
            attributes = node.attributes
            raw = attributes.get("href") or attributes.get("xlink:href")
            if not raw or raw[0] == "#":
                continue
            shown = _line(node.text()) if tag == "a" else attributes.get("alt") or ""
            is_visible = not (unseen and node.mem_id in unseen)
            add(Address(tag, raw, shown[:SHOWN] or (_alternative(node) if tag == "a" else ""), is_visible))
    for tag, name, attribute, where in _SOURCES:
        if name not in tags:
            continue
        nodes = tree.css(tag.replace(":", r"\:")) if ":" in tag else tree.tags(tag)
        for node in nodes[:ADDRESSES]:
            attributes = node.attributes
            raw = attributes.get(attribute)
            if not raw:
                continue
            if where == "img":
                is_hidden = bool(unseen) and node.mem_id in unseen
                is_pixel = tag == "img" and (
                    is_hidden
                    or _is_pixel(
                        attributes.get("width"),
                        attributes.get("height"),
                        (attributes.get("style") or "")[: hidden.STYLE],
                    )
                )
                add(
                    Address(
                        where, raw, _line(attributes.get("alt") or "")[:SHOWN], not (is_hidden or is_pixel), is_pixel
                    )
                )
            else:
                add(Address(where, raw, "", where in {"iframe", "form"} and node.mem_id not in unseen))
    if b"base" in tags:
        for node in tree.tags("base")[:10]:
            if raw := node.attributes.get("href"):
                page.base = page.base or (f"https:{raw}" if raw.startswith("//") else raw)
                add(Address("base", raw))
    if b"refresh" in lower:
        for node in tree.tags("meta")[:ADDRESSES]:
            attributes = node.attributes
            if (attributes.get("http-equiv") or "").strip().lower() == "refresh":
                found = _REFRESH.match(attributes.get("content") or "")
                if found is not None and found[1].strip():
                    add(Address("meta", found[1].strip()))
    if b" ping=" in lower:  # told of each click
        for node in tree.css("a[ping]")[:100]:
            for raw in (node.attributes.get("ping") or "").split()[:20]:
                add(Address("link", raw))
    if b"srcset" in lower:
        for node in tree.css("[srcset]")[:100]:
            for one in (node.attributes.get("srcset") or "").split(",")[:20]:
                if raw := one.strip().partition(" ")[0]:
                    add(Address("img", raw, "", node.mem_id not in unseen))


def _alternative(node: LexborNode) -> str:
    """Give the text that stands for the picture inside a link."""
    waiting = [node.child]
    for _ in range(20):
        inner = waiting.pop() if waiting else None
        if inner is None:
            break
        if inner.tag == "img":
            return _line(inner.attributes.get("alt") or "")[:SHOWN]
        waiting += [one for one in (inner.next, inner.child) if one is not None]
    return ""


@functools.lru_cache(maxsize=4_096)
def _is_pixel(width: str | None, height: str | None, value: str | None) -> bool:
    """Tell a picture of at most 3 pixels, or one that its style hides."""
    wide, high = _NUMBER.fullmatch(width or ""), _NUMBER.fullmatch(height or "")
    if wide is not None and high is not None:
        return int(wide[1][:6]) <= 3 and int(high[1][:6]) <= 3
    if not value:
        return False
    rules = ";" + "".join(value.lower().split())
    return len(set(_TINY.findall(rules))) == 2 or hidden.style(value).how in {hidden.DISPLAY, hidden.TRANSPARENT}


def _loose_addresses(page: Page, data: bytes, lower: bytes) -> None:
    """Collect addresses in style sheets, styles and background attributes."""
    for mark, pattern, where in _LOOSE:
        if mark not in lower:
            continue
        for found in itertools.islice(_each(pattern, mark.rstrip(b"="), lower), ADDRESSES):
            before = lower[found.start() - 1 : found.start()]
            if before.isalnum() or (where == "img" and not before.isspace()):  # `createObjectURL(`, `--background=`
                continue
            start, stop = found.span(found.lastindex or 0)
            raw = html.unescape(data[start:stop].decode("utf-8", "replace")).strip(" \t\r\n\f'\"")
            if "." in raw or "/" in raw or ":" in raw:
                page.addresses.append(Address(where, raw, "", where == "img"))


def _each(pattern: re.Pattern[bytes], mark: bytes, data: bytes) -> Iterator[re.Match[bytes]]:
    """Do what `finditer` does, several times as fast: what the pattern begins with is looked for by itself."""
    at = data.find(mark)
    while at >= 0:
        found = pattern.match(data, at)
        if found is not None:
            yield found
        at = data.find(mark, at + len(mark) if found is None else found.end())


@functools.lru_cache(maxsize=512)
def _words(comment: str) -> str:
    """Give the words of a comment; most are for Outlook, have none and repeat."""
    return _line(_TAG.sub(" ", comment) if "<" in comment else comment)


def _comments(page: Page, source: str) -> list[str]:
    """Give the words of comments; links inside conditional ones, which Outlook follows, are added to the page."""
    texts: list[str] = []
    known: set[str] | None = None
    position = 0
    for _ in range(COMMENTS):
        start = source.find("<!--", position)
        stop = source.find("-->", start + 4)
        if start < 0 or stop < 0:
            break
        position = stop + 3
        comment = source[start + 4 : min(stop, start + COMMENT)]
        if comment.startswith("[if") and "href" in comment:
            if known is None:
                known = {address.raw for address in page.addresses}
            for _, raw in _pattern_addresses(comment):
                if raw not in known and "schemas" not in raw:
                    known.add(raw)
                    page.addresses.append(Address("a", raw, "", False))
        if "{" not in comment and "<xml" not in comment and (text := _words(comment.partition("]>")[2] or comment)):
            texts.append(html.unescape(text.removesuffix("<![endif]").strip()))
    return [text for text in texts if len(text) > 3]


# ---------------------------------------------------------------- without a tree


def _by_pattern(source: str) -> Page:
    """Read links and text without a tree; hidden text cannot be told from visible text here."""
    page = Page(is_whole=False)
    start = source[:PATTERN]
    for where, raw in _pattern_addresses(start):
        page.addresses.append(Address(where, raw, "", where == "a"))
    text = _TAG.sub(lambda found: "\0" if found[1] else "", start)
    page.text = html.unescape(_lines(text, keep=False))
    page.hidden.extend((how, "") for how in hidden.characters(page.text))
    return page


def _pattern_addresses(source: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for match in _LINKING.finditer(source):
        if len(found) == ADDRESSES:
            break
        raw = html.unescape(match[2] or match[3] or match[4] or "")
        if raw and raw[0] != "#":
            found.append((_WHERE[match[1].lower()], raw))
    return found
