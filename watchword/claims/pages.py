"""A saved web page: its story without menus and advertisements, and what it says of itself. No script runs."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from watchword.claims.paragraphs import Text
from watchword.observe import html, tame

_UNREAD = "script,style,template,noscript,nav,aside,footer,form,button,select,svg,iframe,object,figure,dialog,menu"
_HIDDEN = '[hidden],[aria-hidden=true],[style*="display:none"],[style*="display: none"]'
_ROLES = "[role=navigation],[role=banner],[role=complementary],[role=contentinfo],[role=search],[role=dialog]"
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:ad|ads|advert\w*|banner|breadcrumbs?|comments?|cookies?|consent|footer|masthead|menu|nav|navbar"
    r"|navigation|newsletter|outbrain|popup|promo\w*|recirc\w*|recommend\w*|related|share|sharing|sidebar|social|sponsor\w*"
    r"|subscribe|subscription|taboola|trending|widget)(?:$|[\s_-])",
    re.IGNORECASE,
)
_STORY = (
    "[itemprop=articleBody]", "article", "[class*=article-body]", "[class*=story-body]", "[class*=entry-content]",
    "[class*=post-content]", "main", "[role=main]",
)  # fmt: skip
_BLOCKS = frozenset(
    "address article blockquote body br dd div dl dt fieldset h1 h2 h3 h4 h5 h6 header hr li main ol p pre section "
    "table tbody td th thead tr ul figcaption summary details".split()
)
_LEAST = 140  # characters of paragraphs that make a container a story
_SELVES = 40  # scripts of JSON-LD that are read
_SELF = 500_000  # characters of each
_DEEP = 12
_STORIES = re.compile(r"(?:Article|Posting|Report|PressRelease|WebPage)$")


@dataclass(slots=True)
class Page:
    """What a page says, and of itself; a list of values for each, best first."""

    text: Text
    is_whole: bool = True  # false if it was too much for a tree
    said: dict[str, list[str]] = field(default_factory=dict)  # title, publisher, authors, address, published, language

    def first(self, name: str) -> str:
        """Give the best value."""
        return next(iter(self.said.get(name, ())), "")


def read_page(source: str) -> Page:
    """Read one page. Never raises; linear in the length of `source`."""
    data = source.encode("utf-8", "replace")
    lower = data.lower()
    if not tame.is_tame(lower, re.findall(rb"<([a-z][a-z0-9]*+)", lower)):
        return _flat(source)
    tree = LexborHTMLParser(data)
    page = Page(Text())
    _says_of_itself(tree, page)
    body = tree.body
    if body is None:
        return page
    for selector in (_UNREAD, _HIDDEN, _ROLES):
        _cut(body, selector)
    _cut_named(body)
    _write(_story(body), page.text)
    return page


def _flat(source: str) -> Page:
    page = Page(Text(), is_whole=False)
    for line in html.read(source).text.split("\n"):
        page.text.add(line)
        page.text.end()
    return page


def _cut(body: LexborNode, selector: str) -> None:
    for node in reversed(body.css(selector)):  # inner ones first: an element dies with the one around it
        if node.tag not in {"body", "html"}:
            node.decompose()


def _cut_named(body: LexborNode) -> None:
    """Cut what its class or id calls a menu, an advertisement or the like, unless most of the page lies in it."""
    whole = len(body.text())
    for node in reversed(body.css("[class],[id]")):
        if node.tag in {"body", "html", "article", "main", "p", "a", "span", "em", "strong", "h1"}:
            continue
        called = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if len(called) < 1_000 and _BESIDE.search(called) and len(node.text()) * 2 < whole:
            node.decompose()


def _weight(node: LexborNode) -> int:
    return sum(len(one.text()) for one in node.css("p"))


def _story(body: LexborNode) -> LexborNode:
    """Choose the container of the story: the named one with most text in paragraphs, else the body."""
    for selector in _STORY:
        nodes = body.css(selector)[:200]
        best = max(nodes, key=_weight, default=None)
        if best is not None and _weight(best) >= max(_LEAST, 0.4 * _weight(body)):
            return best
    return body


def _write(top: LexborNode, text: Text) -> None:
    """Walk the tree without recursion: where a block begins and ends, a paragraph does."""
    opened: list[tuple[LexborNode, int]] = []
    node: LexborNode | None = top
    while node is not None:
        name = node.tag or ""
        if name == "-text":
            text.add(node.text_content or "")
        elif name in _BLOCKS:
            text.end()
        child = node.child if name != "-text" else None
        if child is not None:
            opened.append((node, text.length))
            node = child
            continue
        node = _leave(node, text.length, opened, text)


def _leave(node: LexborNode, start: int, opened: list[tuple[LexborNode, int]], text: Text) -> LexborNode | None:
    while True:
        if (node.tag or "") in _BLOCKS:
            text.end()
        if node.tag == "a":
            text.link(start, (node.attributes.get("href") or "").strip())
        if not opened:
            return None
        following = node.next
        if following is not None:
            return following
        node, start = opened.pop()


_META = {
    "title": ("og:title", "twitter:title", "citation_title", "dc.title"),
    "publisher": ("og:site_name", "citation_publisher", "dc.publisher", "application-name"),
    "authors": ("author", "article:author", "byl", "parsely-author", "citation_author", "dc.creator"),
    "address": ("og:url", "twitter:url"),
    "published": (
        "article:published_time", "article:published", "datepublished", "parsely-pub-date", "pubdate",
        "citation_publication_date", "dc.date", "dc.date.issued", "date", "sailthru.date",
    ),
    "language": ("og:locale", "content-language", "dc.language"),
}  # fmt: skip


def _says_of_itself(tree: LexborHTMLParser, page: Page) -> None:
    """Read JSON-LD first, then the page's meta elements, then what stands in it."""
    for script in tree.css('script[type="application/ld+json"]')[:_SELVES]:
        for thing in _things(script.text()[:_SELF]):
            _story_says(thing, page)
    metas: dict[str, list[str]] = {}
    for meta in tree.css("meta[content]")[:500]:
        name = meta.attributes.get("property") or meta.attributes.get("name") or meta.attributes.get("itemprop") or ""
        metas.setdefault(name.lower(), []).append(meta.attributes.get("content") or "")
    for kind, names in _META.items():
        for name in names:
            for value in metas.get(name, ()):
                _say(page, kind, value)
    for node in tree.css("link[rel=canonical]")[:1]:
        _say(page, "address", node.attributes.get("href") or "")
    for node in tree.css("time[datetime]")[:1]:
        _say(page, "published", node.attributes.get("datetime") or "")
    for node in tree.css("[rel=author],[itemprop=author]")[:5]:
        _say(page, "authors", node.text())
    for selector in ("h1", "title"):
        for node in tree.css(selector)[:1]:
            _say(page, "title", node.text())
    for node in tree.css("html[lang]")[:1]:
        _say(page, "language", node.attributes.get("lang") or "")


def _say(page: Page, kind: str, value: object) -> None:
    if isinstance(value, str) and (plain := " ".join(value.split())[:1_000]):
        if kind == "authors":
            if plain.startswith(("http:", "https:")):
                return
            plain = re.sub(r"^[Bb]y\s+", "", plain)
        known = page.said.setdefault(kind, [])
        if plain not in known:
            known.append(plain)


def _things(source: str) -> Iterator[dict[str, object]]:
    """Give every object of a JSON-LD script, in the order of the text."""
    try:
        whole: object = json.loads(source)
    except (ValueError, RecursionError):
        return
    waiting: list[tuple[object, int]] = [(whole, 0)]
    seen = 0
    while waiting and seen < 5_000:
        thing, deep = waiting.pop(0)
        seen += 1
        if isinstance(thing, list) and deep < _DEEP:
            waiting += [(one, deep + 1) for one in thing]
        elif isinstance(thing, dict):
            yield thing
            if deep < _DEEP:
                waiting += [(one, deep + 1) for name, one in thing.items() if name in {"@graph", "mainEntity"}]


def _story_says(thing: dict[str, object], page: Page) -> None:
    kinds = thing.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if not any(isinstance(kind, str) and _STORIES.search(kind) for kind in kinds):
        return
    _say(page, "title", thing.get("headline"))
    _say(page, "published", thing.get("datePublished"))
    _say(page, "language", thing.get("inLanguage"))
    for name in _names(thing.get("publisher")):
        _say(page, "publisher", name)
    for name in _names(thing.get("author")):
        _say(page, "authors", name)
    place = thing.get("mainEntityOfPage")
    _say(page, "address", thing.get("url") or (place.get("@id") if isinstance(place, dict) else place))


def _names(value: object) -> list[str]:
    found = []
    for one in (value if isinstance(value, list) else [value])[:20]:
        name = one.get("name") if isinstance(one, dict) else one
        found += [name] if isinstance(name, str) else []
    return found
