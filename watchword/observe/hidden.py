"""What hides text from a reader: inline styles, style rules, and characters of no width."""

import functools
import html
import itertools
import re

from selectolax.lexbor import LexborNode

DISPLAY = "display-none"
SIZE = "zero-size"
WHITE = "white-on-white"
TRANSPARENT = "transparent"
SCREEN = "off-screen"
ZERO_WIDTH = "zero-width"
BIDI = "bidi"
COMMENT = "comment"

_DISPLAY = re.compile(r"display:none|visibility:(?:hidden|collapse)|mso-hide:all")
_FONT = re.compile(
    r"(?:^|;)font(?:-size)?:(?:0*(?:\.0+)?|0*[01](?:\.\d+)?px|0*\.\d+(?:pt|em|rem))(?:;|!|$|px|pt|em|rem|%)"
)
_CLIPPED = re.compile(r"(?:^|;)(?:max-)?(?:height|width):0*(?:\.0+)?(?:px|pt|em|%)?(?:;|!|$)")
_MAXIMUM = re.compile(r"(?:^|;)max-height:0*(?:\.0+)?(?:px|pt|em|%)?(?:;|!|$)")
_TRANSPARENT = re.compile(r"(?:^|;)opacity:0*(?:\.0+)?%?(?:;|!|$)|color:transparent|color:rgba\([\d,.%]*,0?\.?0+%?\)")
_SCREEN = re.compile(
    r"text-indent:-\d{3,}|(?:^|;)(?:left|top|right|margin-left|margin-top):-\d{4,}|clip:rect\((?:0|1)(?:px)?[,0-9px]*\)"
)
_COLOUR = re.compile(r"(?:^|;)color:([#a-z0-9(),.%]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color|-image)?:([#a-z0-9(),.%]+)")
_NO_GROUND = frozenset({"none", "transparent", "inherit", "initial", "unset"})
_WHITE = re.compile(r"white|snow|#f[a-f]f[a-f]f[a-f]|#fff|rgba?\(25[0-5],25[0-5],25[0-5](?:,1(?:\.0)?)?\)")
# Between letters of scripts that never need them. Persian and Indic text needs ZWNJ and ZWJ, emoji need ZWJ.
_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_NO_WIDTH = "\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff"
_ZERO_WIDTH = re.compile(f"[{_LETTER}][{_NO_WIDTH}]+[{_LETTER}]")

_STYLES = re.compile(rb"style\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_SELECTOR = re.compile(r"[a-zA-Z][a-zA-Z0-9]*|[a-zA-Z][a-zA-Z0-9]*[.#][\w-]+|[.#][a-zA-Z_][\w-]*", re.ASCII)
# The page itself, pictures (told by is_pixel) and what is never text.
_NOT_HIDDEN = frozenset({"body", "html", "img", "script", "style", "template"})
_SHEET = 256 * 1024  # characters of style sheets that are looked at
OUTER = 30  # elements around a white text that are asked for a background
HIDDEN_ELEMENTS = 50_000
STYLE = 2_000  # characters of one style


@functools.lru_cache(maxsize=8_192)
def style(value: str | bytes) -> str:
    """Name the way in which an inline style hides its element, empty if it does not.

    White text without a background of its own is `white-on-white` only if nothing around it has a background: the
    caller has to look.
    """
    text = value if isinstance(value, str) else value.decode("utf-8", "replace")
    rules = "".join(html.unescape(text).lower().split())
    if _DISPLAY.search(rules):
        return DISPLAY
    if _FONT.search(rules) or _clips(rules):
        return SIZE
    if _TRANSPARENT.search(rules):
        return TRANSPARENT
    if _SCREEN.search(rules):
        return SCREEN
    colour = _COLOUR.search(rules)
    if colour is not None:
        background = _BACKGROUND.search(rules)
        if background is not None:
            same = background[1] == colour[1] or (_WHITE.fullmatch(background[1]) and _WHITE.fullmatch(colour[1]))
            return WHITE if same else ""
        if _WHITE.fullmatch(colour[1]):
            return WHITE
    return ""


def _clips(rules: str) -> bool:
    return _MAXIMUM.search(rules) is not None or ("overflow:hidden" in rules and _CLIPPED.search(rules) is not None)


def is_clipped(value: str) -> bool:
    """Tell whether an inline style cuts its element down to nothing, whatever is inside."""
    return _clips("".join(value.lower().split()))


@functools.lru_cache(maxsize=8_192)
def background(value: str) -> bool | None:
    """Tell whether an inline style gives a background other than white; None if it gives no background."""
    found = _BACKGROUND.search("".join(value.lower().split()))
    if found is None or found[1] in _NO_GROUND or (found[1].startswith("rgba(") and not _WHITE.fullmatch(found[1])):
        return None
    return not _WHITE.fullmatch(found[1])


@functools.lru_cache(maxsize=8_192)
def has_size(value: str) -> bool:
    """Tell whether an inline style gives text a size that can be read."""
    rules = "".join(value.lower().split())
    return "font" in rules and _FONT.search(rules) is None


def characters(text: str) -> list[str]:
    """Name the kinds of characters in the text that hide or reorder others."""
    if text.isascii():
        return []
    found = []
    if any(mark in text for mark in _NO_WIDTH) and _ZERO_WIDTH.search(text):  # single characters are found fast
        found.append(ZERO_WIDTH)
    if "\u202d" in text or "\u202e" in text:
        found.append(BIDI)
    return found


@functools.lru_cache(maxsize=64)
def selectors(sheet: str) -> list[tuple[str, str]]:
    """Give the simple selectors (`.a`, `#a`, `p`, `p.a`) of a style sheet that hide, and how.

    Rules inside `@media` and the like depend on the screen and are passed over. At most 100.
    """
    found: list[tuple[str, str]] = []
    if "/*" in sheet:
        pieces = sheet.split("/*")
        sheet = pieces[0] + "".join(piece.partition("*/")[2] for piece in pieces[1:])
    depth = 0  # of blocks around the rule
    for piece in sheet.replace("<!--", "").replace("-->", "").split("}"):
        opened = piece.count("{")
        if opened == 1 and depth == 0:
            head, _, rules = piece.partition("{")
            selector = head.rpartition(";")[2].strip()
            if selector[:1] != "@" and (how := style(rules[:STYLE])) and how != WHITE:
                names = [one.strip() for one in selector.split(",")]
                found.extend((one, how) for one in names if _SELECTOR.fullmatch(one))
        depth = max(0, depth + opened - 1)
    return found[:100]


def elements(body: LexborNode, lower: bytes, sheets: list[str]) -> tuple[list[tuple[LexborNode, str]], set[int]]:
    """Find the outermost elements that are hidden, and the ids of everything inside them.

    Of two that lie in each other the inner one stands first, so that they can be removed in this order.
    """
    suspects: list[tuple[LexborNode, str]] = []
    values = set(_STYLES.findall(lower))
    rules = list(itertools.chain.from_iterable(selectors(sheet[:_SHEET]) for sheet in sheets[:50]))
    is_hiding = any(style((double or single or bare)[:STYLE]) for double, single, bare in values)
    if is_hiding or rules:
        styled = [(node, (node.attributes.get("style") or "")[:STYLE]) for node in body.css("[style]")]
        grounds = _Grounds(styled, bool(sheets))
        suspects = [(node, how) for node, own in styled if (how := style(own)) and grounds.hide(node, how, own)]
        start = max(0, lower.find(b"<body"))
        for selector, how in rules:
            if lower.find(re.split(r"[.#]", selector)[-1].lower().encode(), start) < 0:
                continue
            for node in body.css(selector):
                own = (node.attributes.get("style") or "")[:STYLE]
                if "display" not in own and grounds.hide(node, how, own):
                    suspects.append((node, how))
    if b" hidden" in lower:
        suspects.extend((node, DISPLAY) for node in body.css("[hidden]"))
    found: list[tuple[LexborNode, str]] = []
    unseen: set[int] = set()
    for node, how in suspects:
        if len(unseen) > HIDDEN_ELEMENTS:
            break
        if node.mem_id not in unseen and node.tag not in _NOT_HIDDEN:
            unseen.update(inner.mem_id for inner in node.css("*"))
            found.append((node, how))
    return found, unseen


class _Grounds:
    """What lies around and inside an element, and may make it visible after all. Each element is asked once."""

    def __init__(self, styled: list[tuple[LexborNode, str]], has_sheets: bool) -> None:
        self.styled = styled
        self.has_sheets = has_sheets
        self.dark: dict[int, bool] = {}
        self.sized: set[int] | None = None

    def hide(self, node: LexborNode, how: str, own: str) -> bool:
        """Tell whether a seemingly hidden element is hidden indeed; `own` is its inline style."""
        if how == SIZE and not is_clipped(own):
            # Newsletters set the size of a table cell to 0 to close gaps, and set it again on what the cell holds.
            if self.sized is None:
                self.sized = self._sized()
            return node.mem_id not in self.sized and bool(node.text().strip())
        if how == WHITE:
            return background(own) is not None or not self._is_dark_around(node)
        return True

    def _sized(self) -> set[int]:
        """Give the ids of all elements that hold one with a size of its own."""
        found: set[int] = set()
        for node, own in self.styled:
            outer: LexborNode | None = node if has_size(own) else None
            while outer is not None and outer.mem_id not in found:
                found.add(outer.mem_id)
                outer = outer.parent
        return found

    def _is_dark_around(self, node: LexborNode) -> bool:
        asked: list[int] = []
        dark = False
        outer: LexborNode | None = node
        while outer is not None and outer.tag != "html" and len(asked) < OUTER:
            known = self.dark.get(outer.mem_id)
            if known is None:
                known = _is_dark(outer, self.has_sheets)
            if known is not None:
                dark = known
                break
            asked.append(outer.mem_id)
            outer = outer.parent
        self.dark.update(dict.fromkeys(asked, dark))
        return dark


def _is_dark(node: LexborNode, has_sheets: bool) -> bool | None:
    """Tell whether an element has a background other than white; None if it has none of its own."""
    attributes = node.attributes
    if attributes.get("background"):
        return True
    if colour := attributes.get("bgcolor"):
        return colour.strip().lower() not in {"#ffffff", "white", "#fff", "ffffff"}
    dark = background((attributes.get("style") or "")[:STYLE])
    if dark is None and has_sheets and attributes.get("class"):
        return True  # the sheet may give it one
    return dark
