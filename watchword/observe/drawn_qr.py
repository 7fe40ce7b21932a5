"""QR codes that are no picture: drawn with block letters in a text, or with coloured cells in a page (HTML).

They pass every filter that looks into pictures. Found here is only the drawing, as rows of dark and light cells; what
it says is read from them by `observe.codes`. Cheap for texts that have neither blocks nor hundreds of cells.
"""

import html
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LEAST = 21  # cells in a row of the smallest code (ISO/IEC 18004)
MOST = 400  # cells in a row, with a margin; the largest code has 177
DRAWINGS = 10  # of one text
ELEMENTS = 200  # elements below which no page is looked at
LINES = 10  # of text; half blocks make two rows of one line
SHEETS = 64 * 1024  # characters of style sheets
DEPTH = 200  # of elements
TAGS = 100_000  # of one page that are looked at; the largest code takes 63,000

DARK, LIGHT = 0, 255


class Drawing(NamedTuple):
    """Rows of cells, one byte each: 0 dark, 255 light."""

    width: int
    cells: bytes


# ---------------------------------------------------------------- letters


def _bits(rows: str) -> tuple[bytes, ...]:
    """Give a letter as four rows of two cells, from two letters for each row."""
    return tuple(bytes(DARK if cell == "#" else LIGHT for cell in rows[at : at + 2]) for at in range(0, 8, 2))


_LETTERS: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys("█#▇■▉@▓⬛◼", _bits("########")),
    **dict.fromkeys(" \u00a0\u2002\u2003\u2007\u3000░□⬜◻.", _bits("        ")),
    "▀": _bits("####    "), "▄": _bits("    ####"), "▌": _bits("# # # # "), "▐": _bits(" # # # #"),
    "▘": _bits("# #     "), "▝": _bits(" # #    "), "▖": _bits("    # # "), "▗": _bits("     # #"),
    "▙": _bits("# # ####"), "▛": _bits("##### # "), "▜": _bits("#### # #"), "▟": _bits(" # #####"),
    "▚": _bits("# #  # #"), "▞": _bits(" # ## # "), "▆": _bits("  ######"), "▂": _bits("      ##"),
}  # fmt: skip
_WIDE = frozenset("⬛⬜\u3000")  # as wide as two letters
_LINE = re.compile(f"[{re.escape(''.join(_LETTERS))}]{{{LEAST // 2},{2 * MOST}}}")
# Every code has rows of at least five dark cells at three of its corners: what draws one is found fast.
_CORNERS = ("#######", "█████", "▀▀▀▀▀", "▄▄▄▄▄", "⬛⬛⬛⬛⬛", "■■■■■")
_CODED = [3 * form.format(ord(block)) for block in "█▀▄⬛■" for form in ("&#{};", "&#x{:x};", "&#x{:X};", "&#X{:X};")]
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/pre|/h\d)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")


def in_text(text: str) -> Iterator[Drawing]:
    """Find what is drawn with letters in a plain text: `##`, full and half blocks, quadrants, squares."""
    if not _has_blocks(text):
        return
    # A letter is twice as high as wide, so that one block for each cell makes a code that only styles make square.
    for lines in itertools.islice(_line_groups(text), DRAWINGS):
        rows = [row for line in lines for row in _rows(line)]
        width = min(max(map(len, rows)), 4 * MOST)
        if width >= LEAST:
            yield _drawing([row[:width].ljust(width, bytes([LIGHT])) for row in rows])
            yield _drawing([bytes(itertools.chain.from_iterable((cell, cell) for cell in row[:width])).ljust(
                2 * width, bytes([LIGHT])) for row in rows])  # fmt: skip


def _has_blocks(text: str) -> bool:
    return any(corner in text for corner in (_CORNERS[:1] if text.isascii() else _CORNERS))


def _line_groups(text: str) -> Iterator[list[str]]:
    """Give runs of lines that are made of such letters only; empty lines between them do not count."""
    group: list[str] = []
    for line in text.splitlines():
        line = line.rstrip("\r\n\t ").replace("\t", "        ").removeprefix("> ")
        if not line.strip():
            continue
        if _LINE.fullmatch(line):
            group.append(line)
            continue
        if len(group) >= LINES:
            yield group[: 2 * MOST]
        group = []
    if len(group) >= LINES:
        yield group[: 2 * MOST]


def _rows(line: str) -> list[bytes]:
    letters = [_LETTERS[letter] for one in line for letter in (one * 2 if one in _WIDE else one)]
    return [b"".join(letter[row] for letter in letters) for row in range(4)]


def _drawing(rows: Sequence[bytes]) -> Drawing:
    return Drawing(len(rows[0]), b"".join(rows))


# ---------------------------------------------------------------- cells


_RULE = re.compile(r"\.([\w-]{1,60})\s{0,9}\{[^{}]{0,500}?background(?:-color)?\s{0,9}:\s{0,9}([^;{}]{1,60})")
_ELEMENT = re.compile(
    r"<(/?)(table|tr|td|th|div|span|section|ul|li|p|i|b|u)(?![a-zA-Z0-9])([^<>]{0,2000})>", re.IGNORECASE
)
_GIVEN = re.compile(r"(?:bgcolor\s{0,9}=|background(?:-color)?\s{0,9}:)[\s\"']{0,9}([^;\"'>]{1,60})", re.IGNORECASE)
_CLASS = re.compile(r"\bclass\s{0,9}=\s{0,9}[\"']?([\w -]{1,200})", re.IGNORECASE)
_SPAN = re.compile(r"\bcolspan\s{0,9}=[\s\"']{0,9}(\d{1,3})", re.IGNORECASE | re.ASCII)
_CELLS = frozenset({"td", "th"})
_OPEN = r"(?i:td|th|div|span|i|b|p|li|u)\b[^<>]{0,2000}+>[\s\xa0]*+(?:&nbsp;\s*+|&#160;\s*+)?+"
_CLOSE = r"(?:</(?i:td|th|div|span|i|b|p|li|u)>\s*+){1,2}+"
# Nine empty elements beside each other, as the row of every code that has its timing pattern alternates so often; the
# end of a table's cell may be left out. It begins with a letter of its own, which is found fast.
_EMPTY = re.compile(
    f"<(?:{_OPEN}(?:<{_OPEN})?+{_CLOSE}(?:<{_OPEN}(?:<{_OPEN})?+{_CLOSE}){{8}}"
    r"|(?i:t[dh])\b[^<>]{0,2000}+>\s*+(?:<(?i:t[dh])\b[^<>]{0,2000}+>\s*+){8})"
)
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})\b")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})", re.ASCII)
_NAMES = {
    **dict.fromkeys(("black", "navy", "darkblue", "maroon", "purple", "green", "blue", "darkgreen", "indigo"), DARK),
    **dict.fromkeys(("midnightblue", "darkred", "brown", "dimgray", "dimgrey", "darkslategray", "teal"), DARK),
    **dict.fromkeys(("white", "snow", "ivory", "whitesmoke", "yellow", "lightgray", "lightgrey", "silver"), LIGHT),
    **dict.fromkeys(("transparent", "none", "inherit", "initial"), LIGHT),
}


def in_page(source: str) -> Iterator[Drawing]:
    """Find what is drawn in a page, with letters or with elements that have a dark or light background."""
    if _has_blocks(source) or (";&#" in source and any(corner in source for corner in _CODED)):
        yield from in_text(html.unescape(_TAG.sub("", _BREAK.sub("\n", source))))
    if not _has_cells(source):
        return
    yield from itertools.islice(_grids(_cells(source, _classes(source))), DRAWINGS)


def _has_cells(source: str) -> bool:
    """Tell whether a page has many elements, and somewhere a row of empty ones."""
    return source.count("<") >= 2 * ELEMENTS and _EMPTY.search(source) is not None


def _classes(source: str) -> dict[str, int | None]:
    """Give the classes that style sheets give a background, dark or light."""
    found: dict[str, int | None] = {}
    lower = source.lower()
    at = lower.find("<style")
    for _ in range(20):
        if at < 0:
            break
        stop = lower.find("</style", at)
        stop = len(source) if stop < 0 else stop
        for rule in itertools.islice(_RULE.finditer(source, at, min(stop, at + SHEETS)), 500):
            found[rule[1]] = _shade(rule[2])
        at = lower.find("<style", stop)
    return found


class _Element:
    """One element that is open: its colour, and those of the elements inside that hold no others."""

    def __init__(self, name: str, colour: int | None, many: int) -> None:
        self.name, self.colour, self.many = name, colour, many
        self.cells: list[int | None] = []


def _cells(source: str, colours: dict[str, int | None]) -> Iterator[list[int | None]]:
    """Give the cells of each element that has enough for a row, as they are closed. Linear, and so without a tree."""
    opened = [_Element("", None, 1)]

    def close() -> list[int | None]:
        done = opened.pop()
        outer = opened[-1].cells
        if len(outer) < MOST * MOST and (not done.cells or done.name in _CELLS):
            inside = next((cell for cell in done.cells if cell is not None), None)
            outer += [inside if done.colour is None else done.colour] * done.many
        return done.cells

    for tag in itertools.chain(itertools.islice(_ELEMENT.finditer(source), TAGS), [None]):
        name = tag[2].lower() if tag is not None else ""
        ended = 0  # elements that this tag ends
        if tag is None:
            ended = len(opened) - 1
        elif tag[1]:
            ended = next((up for up in range(1, min(len(opened), 20)) if opened[-up].name == name), 0)
        elif name in _CELLS or name == "tr":
            ended = opened[-1].name in _CELLS
            ended += name == "tr" and len(opened) > ended and opened[-1 - ended].name == "tr"
        for _ in range(ended):
            row = close()
            if len(row) >= LEAST:
                yield row
        if tag is not None and not tag[1] and len(opened) < DEPTH:
            span = _SPAN.search(tag[3])
            many = min(int(span[1]), MOST) if span is not None else 1
            opened.append(_Element(name, _colour(tag[3], colours), many))
    if len(opened[0].cells) >= LEAST:
        yield opened[0].cells


def _grids(rows: Iterator[list[int | None]]) -> Iterator[Drawing]:
    """Give each block of rows with as many cells, and each row whose many cells fill a square when they flow."""
    waiting: list[list[int | None]] = []
    for row in itertools.chain(rows, [[]]):
        side = math.isqrt(len(row))
        if side * side == len(row) and LEAST <= side <= MOST:
            yield from _shaded([row[at : at + side] for at in range(0, len(row), side)])
        if waiting and len(row) != len(waiting[0]):
            if len(waiting) >= LEAST:
                yield from _shaded(waiting)
            waiting = []
        if len(row) <= MOST and len(waiting) < MOST:
            waiting.append(row)


def _shaded(rows: Sequence[Sequence[int | None]]) -> Iterator[Drawing]:
    """Give cells without a colour the one that the others lack."""
    seen = {cell for row in rows for cell in row}
    if DARK in seen:
        other = LIGHT
    elif LIGHT in seen:
        other = DARK
    else:
        return
    yield _drawing([bytes(other if cell is None else cell for cell in row) for row in rows])


def _colour(attributes: str, colours: dict[str, int | None]) -> int | None:
    if found := _GIVEN.search(attributes):
        return _shade(found[1])
    if colours and (found := _CLASS.search(attributes)):
        return next((colours[name] for name in found[1].split()[:5] if name in colours), None)
    return None


def _shade(value: str) -> int | None:
    """Tell whether a colour is dark or light, None where it cannot be read."""
    word = value.strip().lower()
    if found := _RGB.match(word):
        parts = [int(found[place]) for place in (1, 2, 3)]
    elif found := _HEX.match(word):
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        parts = [int(digits[at : at + 2], 16) for at in (0, 2, 4)]
    else:
        return _NAMES.get(word.split()[0] if word else "")
    red, green, blue = parts
    return DARK if 299 * red + 587 * green + 114 * blue < 128_000 else LIGHT
