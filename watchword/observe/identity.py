"""Who a message says it is from: a display name as a key that two spellings of one person share."""

import functools
import re
import unicodedata

from watchword.parse.fields import Mailbox, mailboxes

_NAME_CHARACTERS = 200  # a longer display name is no name of a person; only so much is compared

# Letters that Unicode does not take apart, as people leave their strokes off in ASCII.
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_APOSTROPHES = re.compile("['\u2019\u2018\u02bc`\u00b4]")
_TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir dame lord lady hon rev fr sen senator rep gov amb ambassador gen col "
    "maj capt lt sgt jr sr ii iii iv esq phd dphil md jd mba mpa llm cpa herr frau dipl ing mme mlle sra srta".split()
)
# Behind the name only: `M. D. Doe` has initials.
_SPACED_DEGREES = re.compile(
    r"(?<=[\w,.]\s)(?:ph\.?\s?d|d\.?\s?phil|m\.\s?d|j\.\s?d|m\.?\s?b\.?\s?a)\b\.?", re.IGNORECASE
)
# What services and lists put around a name: `Jane Doe (via Google Docs)`, `'Jane Doe' via staff`, `Jane Doe | Example`.
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>")
_VIA = re.compile(r"(?<=\S)\s+via\s.*|\s*[|\u2502\uff5c].*", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"""^\s*['"\u2018\u201c](.*)['"\u2019\u201d]\s*$""", re.DOTALL)
_SEPARATORS = re.compile(r"[\W\d_]+")
_MARKS = re.compile("[\u0300-\u036f]+")

_ADDRESS = re.compile(r"([\w.+%-]{1,64})@((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})")
_ADDRESS_BREAKS = re.compile(r"[^\w.+%@-]+")


_SHORT = 500  # bytes; such address fields repeat from message to message and are kept


def people(value: bytes, limit: int = 1_000) -> tuple[Mailbox, ...]:
    """Read an address field as mail programs show it.

    A name that an unquoted comma cut off (`Doe, Jane <jane@example.org>`) is put back before its address. What stays
    without an address is a group or nobody, and comes last.
    """
    return _read_again(value) if len(value) < _SHORT and limit >= _SHORT // 2 else _read(value, limit)


@functools.lru_cache(maxsize=16_384)
def _read_again(value: bytes) -> tuple[Mailbox, ...]:
    return _read(value, _SHORT)


def _read(value: bytes, limit: int) -> tuple[Mailbox, ...]:
    boxes = mailboxes(value, limit)
    if all(box.address for box in boxes):
        return tuple(boxes)
    whole: list[Mailbox] = []
    cut: list[Mailbox] = []
    for box in boxes:
        if not box.address:
            cut.append(box)
        elif cut:
            name = ", ".join(piece.name for piece in (*cut, box) if piece.name)
            whole.append(Mailbox(name, box.address, box.local, box.domain))
            cut = []
        else:
            whole.append(box)
    return (*whole, *cut)


@functools.lru_cache(maxsize=65_536)
def person(name: str) -> str:
    """Give a display name as a key: letters only, lower case, accents off, titles off, words sorted.

    `Doe, Jane`, `Dr. Jane A. Doe` and `"Jane Doe" via staff` are all `doe jane`. A name that is only an address is no
    person and gives the empty string. Scripts other than Latin are kept as they are.
    """
    if not name:
        return ""
    name = name[:_NAME_CHARACTERS]
    name = _VIA.sub("", name)
    quoted = _QUOTED.match(name)
    if quoted:
        name = quoted[1]
    if "(" in name or "[" in name or "<" in name:
        name = _BRACKETED.sub(" ", name)
    if "@" in name:
        name = " ".join(word for word in name.split() if "@" not in word)
    name = _SPACED_DEGREES.sub(" ", name)
    if not name.isascii():
        # Compatibility forms (mathematical bold, full width) become plain letters before accents are taken off.
        name = _MARKS.sub("", unicodedata.normalize("NFKD", name))
        name = unicodedata.normalize("NFC", name)
    name = _APOSTROPHES.sub("", name.casefold())
    if not name.isascii():
        name = name.translate(_STROKES)
    words = _SEPARATORS.sub(" ", name).split()
    kept = [word for word in words if word not in _TITLES] or words
    # Initials come and go between two mails of one person; a one-letter word of a CJK name is the name.
    long = [word for word in kept if len(word) > 1 or not word.isascii()]
    if len(long) >= 2:
        kept = long
    return " ".join(sorted(kept))


def address_in_name(name: str) -> str:
    """Give the first address that stands inside a display name, lower case, empty if none."""
    if "@" not in name and "\uff20" not in name:
        return ""
    # Cut at what no address holds first, so that each piece is looked at once.
    for piece in _ADDRESS_BREAKS.split(unicodedata.normalize("NFKC", name[:1_000])):
        if "@" in piece and (found := _ADDRESS.fullmatch(piece.strip(".-"))):
            return found[0].lower()
    return ""
