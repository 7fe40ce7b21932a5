"""What hides text from a reader: inline styles, style rules, and characters of no width."""

import functools
import html
import itertools
import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

DISPLAY = "display-none"
SIZE = "zero-size"
WHITE = "white-on-white"
TRANSPARENT = "transparent"
SCREEN = "off-screen"
ZERO_WIDTH = "zero-width"
BIDI = "bidi"
COMMENT = "comment"

# Rules stand here without blanks, in lower case, each with `;` before it.
_DISPLAYS = ("display:none", "visibility:hidden", "visibility:collapse", "mso-hide:all")
_FONT = re.compile(r";font(?:-size)?:(?:0*(?:\.0+)?|0*[01](?:\.\d+)?px|0*\.\d+(?:pt|em|rem))(?:;|!|$|px|pt|em|rem|%)")
_CLIPPED = re.compile(r";(?:max-)?(?:height|width):0*(?:\.0+)?(?:px|pt|em|%)?(?:;|!|$)")
_MAXIMUM = re.compile(r";max-height:0*(?:\.0+)?(?:px|pt|em|%)?(?:;|!|$)")
_OPACITY = re.compile(r";opacity:0*(?:\.0+)?%?(?:;|!|$)")
_TRANSPARENT = re.compile(r"transparent|rgba\([\d,.%]*,0?\.?0+%?\)")
_SCREEN = re.compile(
    r"text-indent:-\d{3,}|;(?:left|top|right|margin-left|margin-top):-\d{4,}|clip:rect\((?:0|1)(?:px)?[,0-9px]*\)"
)
_COLOUR = re.compile(r";color:([#a-z0-9(),.%]+)")
_BACKGROUND = re.compile(r";background(?:-color|-image)?:([#a-z0-9(),.%]+)")
_NO_GROUND = frozenset({"none", "transparent", "inherit", "initial", "unset"})
_WHITE = re.compile(r"white|snow|#f[a-f]f[a-f]f[a-f]|#fff|rgba?\(25[0-5],25[0-5],25[0-5](?:,1(?:\.0)?)?\)")
# Between letters of scripts that never need them. Persian and Indic text needs ZWNJ and ZWJ, emoji need ZWJ.
_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_NO_WIDTH = "\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff"
_ZERO_WIDTH = re.compile(f"[{_NO_WIDTH}](?<=[{_LETTER}].)[{_NO_WIDTH}]*[{_LETTER}]")

_AFTER_HIDDEN = tuple(mark.encode() for mark in " \t\r\n\f=>/")  # behind the attribute, seldom behind a style's value
_SELECTOR = re.compile(r"[a-zA-Z][a-zA-Z0-9]*|[a-zA-Z][a-zA-Z0-9]*[.#][\w-]+|[.#][a-zA-Z_][\w-]*", re.ASCII)
# The page itself, pictures (told by is_pixel) and what is never text.
_NOT_HIDDEN = frozenset({"body", "html", "img", "script", "style", "template"})
_SHEET = 256 * 1024  # characters of style sheets that are looked at
OUTER = 30  # elements around a white text that are asked for a background
HIDDEN_ELEMENTS = 50_000
STYLE = 2_000  # characters of one style


class Style(NamedTuple):
    """What an inline style, or the rules of a style sheet for one selector, does to the text of an element."""

    # How it hides the text, empty if it does not. White text without a background of its own is `white-on-white` only
    # if nothing around it has a background, so the caller has to look there.
    how: str
    is_clipped: bool  # cuts the element down to nothing, whatever is inside
    has_size: bool  # gives text a size that can be read
    is_dark: bool | None  # gives a background other than white; None if it gives no background


NO_STYLE = Style("", False, False, None)


@functools.lru_cache(maxsize=16_384)
def style(value: str) -> Style:
    """Read one style. Each expression is tried only where a word of it stands, as most styles hide nothing."""
    rules = ";" + "".join(html.unescape(value).lower().split())
    is_sized = "font" in rules
    is_tiny = is_sized and _FONT.search(rules) is not None
    is_clipped = ";max-height:" in rules and _MAXIMUM.search(rules) is not None
    is_clipped = is_clipped or ("overflow:hidden" in rules and _CLIPPED.search(rules) is not None)
    found = _BACKGROUND.search(rules)
    ground = found[1] if found is not None else ""
    found = _COLOUR.search(rules)
    colour = found[1] if found is not None else ""
    how = ""
    if any(one in rules for one in _DISPLAYS):
        how = DISPLAY
    elif is_tiny or is_clipped:
        how = SIZE
    elif (colour and _TRANSPARENT.match(colour)) or _OPACITY.search(rules):
        how = TRANSPARENT
    elif (":-" in rules or "clip:" in rules) and _SCREEN.search(rules):
        how = SCREEN
    elif colour:
        is_white = _WHITE.fullmatch(colour) is not None
        if (is_white and (not ground or _WHITE.fullmatch(ground))) or ground == colour:
            how = WHITE
    is_dark = None
    if ground and ground not in _NO_GROUND:
        is_dark = not _WHITE.fullmatch(ground)
        if is_dark and ground.startswith("rgba("):
            is_dark = None
    return Style(how, is_clipped, is_sized and not is_tiny, is_dark)


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
            names = (
                [] if selector[:1] == "@" else list(filter(_SELECTOR.fullmatch, map(str.strip, selector.split(","))))
            )
            if names and (how := style(rules[:STYLE]).how) and how != WHITE:
                found.extend((one, how) for one in names)
        depth = max(0, depth + opened - 1)
    return found[:100]


def elements(body: LexborNode, lower: bytes, sheets: list[str]) -> tuple[list[tuple[LexborNode, str]], set[int]]:
    """Find the outermost elements that are hidden, and the ids of everything inside them.

    Of two that lie in each other the inner one stands first, so that they can be removed in this order.
    """
    suspects: list[tuple[LexborNode, str]] = []
    if b"style" in lower:
        rules = list(itertools.chain.from_iterable(selectors(sheet[:_SHEET]) for sheet in sheets[:50]))
        styled = [(node, style((node.attrs["style"] or "")[:STYLE])) for node in body.css("[style]")]
        grounds = _Grounds(styled, bool(sheets))
        suspects = [(node, own.how) for node, own in styled if own.how and grounds.hide(node, own.how, own)]
        start = max(0, lower.find(b"<body")) if rules else 0
        for selector, how in rules:
            if lower.find(re.split(r"[.#]", selector)[-1].lower().encode(), start) < 0:
                continue
            for node in body.css(selector):
                value = (node.attributes.get("style") or "")[:STYLE]
                if "display" not in value and grounds.hide(node, how, style(value) if value else NO_STYLE):
                    suspects.append((node, how))
    if b"hidden" in lower and any(piece.startswith(_AFTER_HIDDEN) for piece in lower.split(b"hidden")[1:]):
        suspects.extend((node, DISPLAY) for node in body.css("[hidden]"))
    found: list[tuple[LexborNode, str]] = []
    unseen: set[int] = set()
    for node, how in suspects:
        if len(unseen) > HIDDEN_ELEMENTS:
            break
        if node.mem_id not in unseen and node.tag not in _NOT_HIDDEN:
            first = node.child
            if first is None or (first.tag == "-text" and first.next is None):
                unseen.add(node.mem_id)
            else:
                unseen.update(inner.mem_id for inner in node.css("*"))
            found.append((node, how))
    return found, unseen


class _Grounds:
    """What lies around and inside an element, and may make it visible after all. Each element is asked once."""

    def __init__(self, styled: list[tuple[LexborNode, Style]], has_sheets: bool) -> None:
        self.styled = styled
        self.has_sheets = has_sheets
        self.dark: dict[int, bool] = {}
        self.sized: set[int] | None = None

    def hide(self, node: LexborNode, how: str, own: Style) -> bool:
        """Tell whether a seemingly hidden element is hidden indeed; `own` is its inline style."""
        if how == SIZE and not own.is_clipped:
            # Newsletters set the size of a table cell to 0 to close gaps, and set it again on what the cell holds.
            if self.sized is None:
                self.sized = self._sized()
            return node.mem_id not in self.sized and bool(node.text().strip())
        if how == WHITE:
            return own.is_dark is not None or not self._is_dark_around(node)
        return True

    def _sized(self) -> set[int]:
        """Give the ids of all elements that hold one with a size of its own."""
        found: set[int] = set()
        for node, own in self.styled:
            outer: LexborNode | None = node if own.has_size else None
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
    value = attributes.get("style")
    dark = style(value[:STYLE]).is_dark if value else None
    if dark is None and has_sheets and attributes.get("class"):
        return True  # the sheet may give it one
    return dark
