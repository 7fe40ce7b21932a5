"""Texts and pages that are alike and not equal, as values that are: an equality join finds what shares them.

**Texts.** MinHash (Broder 1997) over pairs of neighbouring words. A word is a run of letters, in lower case, without
accents; numbers, and words with a digit, at-sign or `://` in them, count as if they were not there. Each of 48 points
on a circle of hashes takes the next hash of the text (one order, as in Li, Owen and Zhang 2012, instead of 48): two
texts agree at a point as often as they are alike (Jaccard). Two far points make a band, so that each of 24 bands is
shared as often as the square of that. Measured on 400 different letters of phishing_pot (dev) and changed copies of
them, how many bands the two share (median), and how many of the copies share two or more:

| changed words         | 10 %       | 20 %       | 30 %       | 40 %       |
|-----------------------|------------|------------|------------|------------|
| in whole sentences    | 15, 100 %  | 10, 100 %  |  7,  99 %  |  5,  93 %  |
| three in a row        | 14, 100 %  |  8, 100 %  |  6,  99 %  |  4,  89 %  |
| scattered, one by one | 11, 100 %  |  5,  96 %  |  2,  70 %  |  1,  30 %  |
| inserted sentences    | 18, 100 %  | 15, 100 %  | 12, 100 %  | 10, 100 %  |

Of 2.2 million pairs of letters in Enron and openbmc that have less than 5 % of their pairs of words in common, 0.07 %
share one band, 18 pairs two, none three: **one shared band says nothing.** Where strangers share more, both quote the
same form. With three words instead of two, a fourteenth of these share a band, but of the copies with 30 % scattered
changes only 27 % share two.

**Pages.** The tags of a page as a tree, without the text, its formatting, and all attributes. Of the branches of one
element that are the same, one counts, so that another row of a table or another paragraph changes nothing.
"""

import functools
import hashlib
import itertools
import re
import unicodedata
from bisect import bisect_left
from zlib import crc32

from selectolax.lexbor import LexborNode

from watchword.observe.matching import normal

LENGTH = 16_384  # characters of a text that are compared
WORDS = 20  # of a text; a shorter one has no bands
BANDS = 24
BRANCHES = 8  # different ones of a page; a simpler one has no skeleton
ELEMENTS = 20_000  # of a page

_POINTS = 2 * BANDS
_STEP = (1 << 32) // _POINTS
_32, _36 = (1 << 32) - 1, (1 << 36) - 1
_SPREAD = 0x9E3779B1  # CRC is linear; an odd factor makes an order of it that is as good as chance
_FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
# Runs of letters that touch no digit. What is written without blanks counts letter by letter.
_WORD = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
    "|(?<![^\\W_])[^\\W\\d_\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]++(?!\\d)"
)
_FOREIGN = re.compile("[^\\W\x00-\x7f]")
# The same for ASCII: letters stay, digits become 0, all else a blank.
_PLAIN = bytes(
    byte if byte < 128 and chr(byte).isalpha() else ord("0") if chr(byte) in "0123456789" else ord(" ")
    for byte in range(256)
)
_ACCENTS = re.compile("[\u0300-\u036f]+")
_FORMATTING = frozenset(
    (
        "abbr b bdi bdo big br cite code del em font i ins label mark nobr o:p s small span strike strong sub sup tt u "
        "tbody wbr script style meta link title base -comment"
    ).split()
)


def words(text: str) -> list[bytes]:
    """Give the words of a text as they are compared."""
    text = normal(text)[:LENGTH]  # whole, as `cues` asks for the same next
    if "@" in text or "://" in text or "www." in text:
        text = " ".join([one for one in text.split() if "@" not in one and "://" not in one and "www." not in one])
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    if text.isascii() or _FOREIGN.search(text) is None:
        return [word for word in text.encode("ascii", "replace").translate(_PLAIN).split() if b"0" not in word]
    return [word.encode("utf-8", "replace") for word in _WORD.findall(text)]


@functools.lru_cache(maxsize=4)  # the plain text and the page of a message as a rule say the same
def _bands(said: tuple[bytes, ...]) -> tuple[str, ...]:
    # The checksum of a word goes on over the next one: the checksum of both, without putting them together.
    pairs = sorted({one * _SPREAD & _32 for one in map(crc32, said[1:], map(crc32, said))})
    most = len(pairs)
    points = [pairs[bisect_left(pairs, point) % most] for point in range(0, _STEP * _POINTS, _STEP)]
    return tuple(
        f"{chr(97 + band)}{(one * _FIRST + other * _SECOND >> 24) & _36:09x}"
        for band, (one, other) in enumerate(zip(points[:BANDS], points[BANDS:], strict=True))
    )


def bands(text: str) -> list[str]:
    """Give the 24 bands of a text, each a letter for its place and 9 hexadecimal digits; none if the text is short."""
    said = words(text)
    return list(_bands(tuple(said))) if len(said) >= WORDS else []


def skeleton(body: LexborNode) -> str:
    """Give the hash of a page's tags, 16 hexadecimal digits, empty if it has fewer than 8 different branches."""
    inside: dict[int, list[bytes]] = {}  # of each element, what its branches come to, the last first
    known: dict[tuple[str, tuple[bytes, ...]], bytes] = {}
    whole = b""
    for node in reversed(list(itertools.islice(body.traverse(), ELEMENTS))):
        branches = inside.pop(node.mem_id, None)
        tag = node.tag or ""
        is_formatting = tag in _FORMATTING
        if is_formatting and not branches:
            continue
        parent = node.parent
        above = parent.mem_id if parent is not None else 0
        if is_formatting and branches:
            inside.setdefault(above, []).extend(branches)
            continue
        different = (tag, tuple(dict.fromkeys(reversed(branches))) if branches else ())
        whole = known.get(different, b"")
        if not whole:
            whole = hashlib.blake2b(tag.encode() + b"\0" + b"".join(different[1]), digest_size=8).digest()
            known[different] = whole
        if above in inside:
            inside[above].append(whole)
        else:
            inside[above] = [whole]
    return whole.hex() if len(known) >= BRANCHES else ""
