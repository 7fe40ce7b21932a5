"""Keep HTML on which lexbor takes quadratic time away from it.

100,000 unclosed `<div>` take 25 s, 50,000 attributes on one tag 9 s; 1,500 unclosed `<font>` and as many `<p>` in 29 kB
take half a gigabyte, because each paragraph opens them all again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

TREE_BYTES = 2 * 1024 * 1024
TAGS = 1_000  # fewer cannot hurt
DEPTH = 1_000
COPIES = 500_000  # open formatting elements times tags: elements that the parser would have to open again
ATTRIBUTES = 1_000
ATTRIBUTE_BYTES = 48 * 1024  # a page this short cannot hold enough attributes to hurt

_BREAK = re.compile(rb"[\s/\"'][^\s/\"'>]")
_QUOTED_BRACKET = re.compile(rb"=\s*(?:\"[^\"<>]*[<>]|'[^'<>]*[<>])")
_TAG = re.compile(rb"</?[a-z][a-z0-9]*+")
_FLAT = frozenset(
    b"br hr img input meta link area base col embed wbr param source track p li td th tr dd dt option tbody "
    b"thead".split()
)
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_OPENING = re.compile(rb"<[a-z][^\s/>]*+(?:[\s/]++|[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?|=)*+")


def is_tame(lower: bytes, opened: Sequence[bytes]) -> bool:
    """Tell whether lexbor reads this fast: depth, formatting elements and attributes stay in bounds.

    `lower` is the page in lower case, `opened` the names of its start tags. Linear.
    """
    if len(lower) > TREE_BYTES:
        return False
    if len(opened) > TAGS and not _is_shallow(lower, opened):
        return False
    if len(lower) <= ATTRIBUTE_BYTES:
        return True
    if any(map(_has_long_tag, _long_pieces(lower))):
        return False
    if _QUOTED_BRACKET.search(lower) is not None:
        for found in _OPENING.finditer(lower):
            if found.end() - found.start() > 2 * ATTRIBUTES and len(_BREAK.findall(found[0])) > ATTRIBUTES:
                return False
    return True


def _long_pieces(lower: bytes) -> Iterator[bytes]:
    """Give what stands between one `>` and the next where that is long; from the last `>` in reach to the next one."""
    start = 0
    while True:
        last = lower.rfind(b">", start, start + 2 * ATTRIBUTES)
        if last < 0:
            last = lower.find(b">", start)
            yield lower[start : last if last >= 0 else None]
            if last < 0:
                return
        start = last + 1


def _has_long_tag(piece: bytes) -> bool:
    tag = piece.find(b"<")
    return tag >= 0 and len(piece) - tag > 2 * ATTRIBUTES and len(_BREAK.findall(piece, tag)) > ATTRIBUTES


def _is_shallow(lower: bytes, opened: Sequence[bytes]) -> bool:
    """Follow the tags of a page down and up, where counting them is not enough to tell that it stays shallow."""
    closed = lower.count(b"</")
    if closed > 4 * (len(opened) + TAGS):
        return False
    counts = Counter(opened)
    nested = len(opened) - sum(counts[name] for name in _FLAT)
    formats = sum(counts[name] for name in _FORMATTING)
    tags = len(opened) + closed
    if nested > DEPTH and _deepest(lower, counts.keys() - _FLAT) > DEPTH:
        return False
    return formats * tags <= COPIES or _deepest(lower, counts.keys() & _FORMATTING) * tags <= COPIES


def _deepest(lower: bytes, names: Iterable[bytes]) -> int:
    """Count how many elements of these names stand open at once, at most."""
    steps: dict[bytes, tuple[bytes, int]] = {}
    for name in names:
        steps[b"<" + name] = (name, 1)
        steps[b"</" + name] = (name, -1)
    standing: dict[bytes, int] = dict.fromkeys(names, 0)
    depth = most = 0
    for tag in filter(steps.__contains__, _TAG.findall(lower)):
        name, step = steps[tag]
        if step > 0:
            standing[name] += 1
            depth += 1
            if depth > most:
                most = depth
        elif standing[name]:
            standing[name] -= 1
            depth -= 1
    return most
