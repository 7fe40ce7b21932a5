"""Telephone numbers in a text: rather none than a date, an amount, an order number or an address of the net.

A number counts if it is written with `+` and a country's code (ITU-T E.164), in the form of North America with brackets
or hyphens, or behind a word that says so (`knowledge/contacts.toml`). One with its country becomes `+` and digits,
another one its digits alone.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

LEAST, MOST = 7, 15  # digits
BEFORE = 48  # characters in which a word may announce a number
CANDIDATES = 500  # of one text

_ENOUGH = re.compile(r"\d(?:\D{0,3}\d){6}")
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
_PLAIN = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u200e\u200f"), " "),
    **dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u2066\u2069"), " "),
    ord("\uff0b"): "+", ord("\uff08"): "(", ord("\uff09"): ")",
}  # fmt: skip
# It begins with the digit, which is found fast; what may stand before it is looked at then.
_CANDIDATE = re.compile(r"[0-9](?<![0-9][0-9])(?:[ ().\-/]{0,3}[0-9]){6,17}")
_NOT_BEFORE = re.compile(r"(?:[\w@=&#%$€£¥/\\+]|\d[,.:]|\w-)\Z")
_PIECES = re.compile(r"\d+|\D+")
_BETWEEN = re.compile(r" ?[-./]? ?|[ -.]?\(|\) ?[-.]? ?|\) ?\(")
_CODES = re.compile(
    r"1|7|2(?:0|7|1[12368]|[2346]\d|5[0-8]|9[01789])|3(?:[0-469]|5\d|7\d|8[0-35-79])|4(?:[013-9]|2[013])|"
    r"5(?:[1-8]|0\d|9\d)|6(?:[0-6]|7[02-9]|8[0-35-9]|9[0-2])|8(?:[1246]|0[08]|5[02356]|7[08]|8[01236])|"
    r"9(?:[0-58]|6[0-8]|7[0-79]|9[2-68])"
)
_AMERICA = re.compile(r"1?[2-9](?!11)\d\d[2-9](?!11)\d{6}")
_SOVIET = re.compile(r"7[3-9]\d{9}")
_DATE = re.compile(
    r"(?:19|20)\d\d[-./ ][01]?\d[-./ ][0-3]?\d|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:19|20)\d\d|(?:19|20)\d{6}$"
)
_LETTER = re.compile(r"(?<!\w)[tpmfc]\s?[:.|]\s{0,3}$")  # T: M: as signatures abbreviate
_AFTER = re.compile(r"[\w%€$£¥@+#]|[,.:/-]\d")


class Phone(NamedTuple):
    """One number."""

    value: str  # `+` and digits, or digits alone
    shown: str
    before: str  # what stands before it in its line, lower case


def phones(text: str, hints: tuple[str, ...], is_signature: bool = False) -> Iterator[Phone]:
    """Give the telephone numbers of a text in their order. Linear. `hints` are words that announce one, lower case."""
    if _ENOUGH.search(text) is None:
        return
    plain = text
    if not text.isascii():  # each character stays at its place
        plain = _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0])), text).translate(_PLAIN)
    at = 0
    for _ in range(CANDIDATES):
        found = _CANDIDATE.search(plain, at)
        if found is None:
            return
        start = _start(plain, found.start())
        end = found.end()
        if _NOT_BEFORE.search(plain, max(0, start - 2), start) is None:
            before = plain[max(0, start - BEFORE) : start].rpartition("\n")[2].lower()
            number, length = _number(plain[start:end], before, hints, is_signature)
            end = start + length
            if number and _AFTER.match(plain, end) is None:
                yield Phone(number, text[start:end].strip(), before)
        at = end


def dialled(written: str) -> str:
    """Give the number that an address with the scheme `tel` dials, empty if it is none."""
    start = re.split("[;?,]", written.replace("(0)", ""), maxsplit=1)[0]
    digits = "".join(re.findall(r"[0-9]", start))
    if not LEAST <= len(digits) <= MOST:
        return ""
    if "+" in start[:3]:
        return f"+{digits}"
    if digits.startswith("00") and _CODES.match(digits, 2):
        return f"+{digits[2:]}"
    return f"+{digits}" if len(digits) == 11 and _AMERICA.fullmatch(digits) else digits


def _start(plain: str, digit: int) -> int:
    """Give where a number begins whose first digit is known: at its sign or bracket."""
    at = digit - 1 if plain[max(0, digit - 2) : digit] in {"+ ", "( "} else digit
    while at and digit - at < 3 and plain[at - 1] in "+(":
        at -= 1
    return at


@functools.cache
def _announced(hints: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(map(re.escape, sorted(hints, key=len, reverse=True)))
    return re.compile(rf"(?<![^\W_])(?:{words})(?!\w)[^\d\n\[<={{]{{0,16}}$")


def _number(raw: str, before: str, hints: tuple[str, ...], is_signature: bool) -> tuple[str, int]:
    """Read the number that a candidate begins with, empty if it is none, and how long it is as written."""
    groups, ends, between = _groups(raw)
    length = ends[-1]
    digits = "".join(groups)
    has_country = "+" in raw[:2]
    if has_country:
        digits, length = _with_country(groups, ends, between)
        return digits and f"+{digits}", length
    if not LEAST <= len(digits) <= MOST or len(set(digits)) < 3 or _DATE.match(raw.strip("( ")):
        return "", length
    if between == ["."]:  # a decimal fraction
        return "", length
    if len(groups) == 4 and set(between) == {"."} and all(len(group) < 4 for group in groups):  # an address of the net
        return "", length
    is_announced = _announced(hints).search(before) is not None or (is_signature and bool(_LETTER.search(before)))
    if _AMERICA.fullmatch(digits) and [len(group) for group in groups][-3:] == [3, 3, 4]:
        is_marked = "(" in raw[:length] or "-" in between[-1] or (is_signature and "." in between[-1])
        if is_announced or is_marked:
            return f"+{digits}" if len(digits) == 11 else digits, length
    if not is_announced:
        return "", length
    if digits.startswith("00") and len(digits) > 9 and _CODES.match(digits, 2):
        return f"+{digits[2:]}", length
    return digits if len(digits) <= 13 else "", length


def _groups(raw: str) -> tuple[list[str], list[int], list[str]]:
    """Give the groups of digits as far as they belong to one number, where each ends, and what stands between them."""
    groups: list[str] = []
    ends: list[int] = []
    between: list[str] = []
    at = total = 0
    gap = ""
    for piece in _PIECES.findall(raw):
        if piece[0].isdigit():
            if groups and total + len(piece) > MOST:
                break
            if groups:
                between.append(gap)
            total += len(piece)
            groups.append(piece)
            ends.append(at + len(piece))
        elif groups:
            gap = piece
            far = "(" in gap and total > 5
            if far or (total >= 10 and len(gap) > 1) or _BETWEEN.fullmatch(gap) is None:
                break
        at += len(piece)
    return groups, ends, between


def _with_country(groups: list[str], ends: list[int], between: list[str]) -> tuple[str, int]:
    """Read a number that begins with a country's code; `(0)` behind it is for callers inside."""
    length = ends[-1]
    if len(groups) > 2 and groups[1] == "0" and "(" in between[0] and ")" in between[1]:
        groups, ends, between = [groups[0], *groups[2:]], [ends[0], *ends[2:]], between[1:]
    digits = "".join(groups)
    code = _CODES.match(digits)
    if code is None or len(groups[0]) < len(code[0]):
        return "", length
    if code[0] in "17":  # the only ones whose numbers all have one length
        total = 0
        for group, end in zip(groups, ends, strict=True):
            total += len(group)
            if total == 11:
                shape = _AMERICA if code[0] == "1" else _SOVIET
                return (digits[:11] if shape.fullmatch(digits[:11]) else ""), end
        return "", length
    is_amount = between == ["."] or digits.endswith("00000")
    return ("" if is_amount or len(digits) < LEAST + 1 or len(set(digits)) < 3 else digits), length
