"""What hides text from a reader: inline styles, style rules, and characters of no width."""

import functools
import html
import re

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
_WHITE = re.compile(r"white|snow|#f[a-f]f[a-f]f[a-f]|#fff|rgba?\(25[0-5],25[0-5],25[0-5](?:,[\d.]+)?\)")
# Between letters of scripts that never need them. Persian and Indic text needs ZWNJ and ZWJ, emoji need ZWJ.
_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_ZERO_WIDTH = re.compile(f"[{_LETTER}][\u00ad\u034f\u180e\u200b-\u200d\u2060-\u2064\ufeff]+[{_LETTER}]")
_BIDI = re.compile("[\u202d\u202e]")

_SELECTOR = re.compile(r"[a-zA-Z][a-zA-Z0-9]*|[a-zA-Z][a-zA-Z0-9]*[.#][\w-]+|[.#][a-zA-Z_][\w-]*", re.ASCII)
_HIDING_RULE = re.compile(
    r"(?:display|visibility|mso-hide|opacity|font(?:-size)?|height|width|indent|left|clip|color)\s*:\s*"
    r"(?:none|hid|coll|all|[-+]?[0.1]|-\d|tra|rgba|rect)",
    re.IGNORECASE,
)
_SHEET = 256 * 1024  # characters of style sheets that are looked at
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
    if _FONT.search(rules) or _MAXIMUM.search(rules) or (_CLIPPED.search(rules) and "overflow:hidden" in rules):
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


@functools.lru_cache(maxsize=8_192)
def background(value: str) -> bool | None:
    """Tell whether an inline style gives a background other than white; None if it gives no background."""
    found = _BACKGROUND.search("".join(value.lower().split()))
    if found is None or found[1] in {"none", "transparent", "inherit", "initial"}:
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
    return [how for how, found in ((ZERO_WIDTH, _ZERO_WIDTH), (BIDI, _BIDI)) if found.search(text)]


@functools.lru_cache(maxsize=256)
def selectors(sheet: str) -> list[tuple[str, str]]:
    """Give the simple selectors (`.a`, `#a`, `p`, `p.a`) of a style sheet that hide, and how.

    Rules inside `@media` and the like depend on the screen and are passed over. At most 100.
    """
    found: list[tuple[str, str]] = []
    if _HIDING_RULE.search(sheet, 0, _SHEET) is None:
        return found
    depth, conditional = 0, 0
    selector = ""
    pieces = re.split(r"([{}])", _without_comments(sheet[:_SHEET]).replace("<!--", "").replace("-->", ""))
    for text, brace in zip(pieces[::2], pieces[1::2], strict=False):
        if brace == "{":
            depth += 1
            selector = text.rpartition(";")[2].strip()
            if selector.startswith("@") and not conditional:
                conditional = depth
            continue
        if not conditional and depth and (how := style(text.strip()[:STYLE])) and how != WHITE:
            names = [one.strip() for one in selector.split(",")]
            found.extend((one, how) for one in names if _SELECTOR.fullmatch(one))
        if depth == conditional:
            conditional = 0
        depth = max(0, depth - 1)
    return found[:100]


def _without_comments(sheet: str) -> str:
    pieces = sheet.split("/*")
    return pieces[0] + "".join(piece.partition("*/")[2] for piece in pieces[1:])
