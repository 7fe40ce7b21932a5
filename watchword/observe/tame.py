"""Keep HTML on which lexbor takes quadratic time away from it.

100,000 unclosed `<div>` take 25 s, 50,000 attributes on one tag 9 s; 1,500 unclosed `<font>` and as many `<p>` in 29 kB
take half a gigabyte, because each paragraph opens them all again.
"""

import re

TREE_BYTES = 2 * 1024 * 1024
TAGS = 1_000  # fewer cannot hurt
DEPTH = 1_000
COPIES = 500_000  # open formatting elements times tags: elements that the parser would have to open again
ATTRIBUTES = 1_000
ATTRIBUTE_BYTES = 48 * 1024  # a page this short cannot hold enough attributes to hurt

_LONG = re.compile(rb">[^>]{2048,}")
_BREAK = re.compile(rb"[\s/\"'][^\s/\"'>]")
_QUOTED_BRACKET = re.compile(rb"=\s*(?:\"[^\"<>]*[<>]|'[^'<>]*[<>])")
_TAG_NAME = re.compile(rb"<(/?)([a-z][a-z0-9]*)")
_FLAT = frozenset(
    b"br hr img input meta link area base col embed wbr param source track p li td th tr dd dt option tbody "
    b"thead".split()
)
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_OPENING = re.compile(rb"<[a-z][^\s/>]*+(?:[\s/]++|[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?|=)*+")


def is_tame(lower: bytes, opened: int) -> bool:
    """Tell whether lexbor reads this fast: depth, formatting elements and attributes stay in bounds.

    `lower` is the page in lower case, `opened` how many start tags it has. Linear.
    """
    if len(lower) > TREE_BYTES:
        return False
    if opened > TAGS:
        closed = lower.count(b"</")
        if closed > 4 * (opened + TAGS) or not _is_shallow(lower):
            return False
    if len(lower) <= ATTRIBUTE_BYTES:
        return True
    for piece in _LONG.findall(lower):
        tag = piece.find(b"<", 1)
        if tag >= 0 and len(piece) - tag > 2 * ATTRIBUTES and len(_BREAK.findall(piece, tag)) > ATTRIBUTES:
            return False
    if _QUOTED_BRACKET.search(lower) is not None:
        for found in _OPENING.finditer(lower):
            if found.end() - found.start() > 2 * ATTRIBUTES and len(_BREAK.findall(found[0])) > ATTRIBUTES:
                return False
    return True


def _is_shallow(lower: bytes) -> bool:
    opened: dict[bytes, int] = {}
    depth = formats = most = count = 0
    for slash, name in _TAG_NAME.findall(lower):
        if slash:
            if opened.get(name):
                opened[name] -= 1
                depth -= 1
                formats -= name in _FORMATTING
        elif name not in _FLAT:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            if depth > DEPTH:
                return False
            if name in _FORMATTING:
                formats += 1
                most = max(most, formats)
        count += 1
    return most * count <= COPIES
