"""SPF macros (RFC 7208 section 7): read once, expanded for each message, never longer than a name may be."""

import functools
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote

NAME = 253  # characters of a domain name; what is longer loses labels on the left (RFC 7208 7.3)
_TEXT = 1_000  # characters of an explanation
_VALUE = 1_000  # characters of one value that a macro stands for

_MACRO = re.compile(r"%(?:\{([slodiphcrtv])(\d{0,3})(r?)([.\-+,/_=]*)\}|([%_-]))", re.IGNORECASE)
_LITERAL = re.compile(r"[\x21-\x24\x26-\x7e]+")
_SPACED = re.compile(r"[\x20-\x24\x26-\x7e]+")
_END = re.compile(r"\.(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?", re.IGNORECASE)
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}

# These give away who wrote to whom, or which message somebody is looking at.
TELLING = frozenset("sliphcrt")


class Macro(NamedTuple):
    """One `%{...}`: which value, how many of its parts from the right, reversed or not, cut at which characters."""

    letter: str
    keep: int  # 0 for all
    reverse: bool
    cut: str
    escape: bool  # percent-coded, as upper-case letters ask for


Template = tuple[str | Macro, ...]
Value = Callable[[str], str]


@functools.lru_cache(maxsize=8_192)
def read_template(text: str, explanation: bool = False) -> Template | None:
    """Read a macro-string (RFC 7208 7.1), or an explain-string; None where it breaks the grammar."""
    pieces: list[str | Macro] = []
    at = 0
    literal = _SPACED if explanation else _LITERAL
    while at < len(text):
        found = literal.match(text, at)
        if found:
            pieces.append(found[0])
        else:
            found = _MACRO.match(text, at)
            if not found:
                return None
            if found[5]:
                pieces.append(_ESCAPES[found[5]])
            else:
                letter = found[1]
                if (found[2] and not int(found[2])) or (letter in "crtCRT" and not explanation):
                    return None
                pieces.append(
                    Macro(letter.lower(), int(found[2] or 0), bool(found[3]), found[4] or ".", letter.isupper())
                )
        at = found.end()
    return tuple(pieces)


@functools.lru_cache(maxsize=8_192)
def read_domain(text: str) -> Template | None:
    """Read a domain-spec: a macro-string that ends in a macro or in a dot and a top label."""
    template = read_template(text)
    if not template:
        return None
    last = template[-1]
    if isinstance(last, str) and not text.endswith(("%%", "%_", "%-")):
        end = last.rfind(".", 0, len(last) - 1)
        if end < 0 or not _END.fullmatch(last[end:]):
            return None
    return template


def domain(template: Template, value: Value) -> str:
    """Expand a domain-spec: lower case, without the final dot, at most 253 characters."""
    if len(template) == 1 and isinstance(template[0], str):
        name = template[0]
    else:
        # From the right, because only what stands on the left is ever cut away.
        pieces: list[str] = []
        length = 0
        for piece in reversed(template):
            pieces.append(piece if isinstance(piece, str) else _expanded(piece, value))
            length += len(pieces[-1])
            if length > NAME + 64:
                break
        name = "".join(reversed(pieces))
    name = name.lower().removesuffix(".")
    while len(name) > NAME:
        name = name.partition(".")[2]
    return name


def explanation(template: Template, value: Value) -> str:
    """Expand an explain-string. It is the domain owner's text about the sender, not a fact."""
    pieces: list[str] = []
    length = 0
    for piece in template:
        pieces.append(piece if isinstance(piece, str) else _expanded(piece, value))
        length += len(pieces[-1])
        if length > _TEXT:
            break
    return "".join(pieces)[:_TEXT]


def is_telling(template: Template) -> bool:
    """Tell whether a name made from it would show more than domains: an address, the sending host, the moment."""
    return any(isinstance(piece, Macro) and piece.letter in TELLING for piece in template)


def _expanded(macro: Macro, value: Value) -> str:
    text = value(macro.letter)[:_VALUE]
    if macro.keep or macro.reverse or macro.cut != ".":
        parts = re.split(f"[{re.escape(macro.cut)}]", text)
        if macro.reverse:
            parts.reverse()
        text = ".".join(parts[-macro.keep :])
    return quote(text, safe="-._~") if macro.escape else text
