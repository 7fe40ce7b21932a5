"""Sentences of a text, and the quotations in it: a quotation that runs over sentences is one."""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Quotation(NamedTuple):
    """A passage between marks; offsets count without the marks. `depth` is 0 for one that stands in no other."""

    start: int
    stop: int
    depth: int


class Sentence(NamedTuple):
    """A sentence; `paragraph` counts from 0."""

    start: int
    stop: int
    paragraph: int


# Words that end in a full stop and end no sentence; `US` and the like where a small letter or a number follows is
# told by what follows.
_SHORT = frozenset(
    "mr mrs ms dr prof sr jr st gen lt col sgt capt maj cmdr adm sen rep reps sens gov pres rev hon messrs amb "
    "inc corp co ltd llc bros dept univ assn est no nos vs v cf al fig figs sec vol pp ed eds approx ca etc e.g i.e "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun "
    "u.s u.k u.n e.u d.c a.m p.m".split()
)
_END = re.compile(r"[.!?…]{1,9}[\"”’'»›)\]]{0,9}(?=\s+[\"“‘„«‹'(\[]*[A-Z0-9À-ÖØ-ÞА-Я]|\s*$)")
_LAST_WORD = re.compile(r"([\w.&-]*\w)[.!?…]+[\"”’'»›)\]]*$")
# After these an attribution that begins with a capital letter still belongs to the sentence: `"Why?" Smith asked`.
_GOES_ON = re.compile(r"[!?][\"”’'»]+$")
_ASKED = re.compile(r"\s+(?:[A-Z][\w.-]*\s+){1,4}(?:asked|said|wrote|added)\b")
_LONGEST = 3_000  # characters of one sentence


def sentences(text: str) -> list[Sentence]:
    """Cut a text of one paragraph a line into sentences, without the blanks around them."""
    found: list[Sentence] = []
    place = 0
    for number, line in enumerate(text.split("\n")):
        for start, stop in _cut(line):
            piece = line[start:stop]
            lead = len(piece) - len(piece.lstrip())
            if piece.strip():
                found.append(Sentence(place + start + lead, place + start + len(piece.rstrip()), number))
        place += len(line) + 1
    return found


def _cut(line: str) -> Iterator[tuple[int, int]]:
    begun = 0
    for found in _END.finditer(line):
        if found.end() - begun < _LONGEST and not _ends(line, found):
            continue
        yield begun, found.end()
        begun = found.end()
    if begun < len(line):
        yield begun, len(line)


def _ends(line: str, found: re.Match[str]) -> bool:
    if found[0][0] != "." or len(found[0].rstrip("\"”’'»›)]")) > 1:
        return not (_GOES_ON.search(found[0]) and _ASKED.match(line, found.end()))
    word = _LAST_WORD.search(line, max(0, found.start() - 30), found.end())
    if word is None:
        return True
    last = word[1].lower()
    if len(found[0]) > 1 and found[0][-1] in "\"”’'»":
        return True
    if last in {"u.s", "u.k", "u.n", "e.u", "d.c", "a.m", "p.m", "inc", "corp", "co", "ltd", "llc", "etc", "jr"}:
        # They may end one. A word of grammar after them begins the next.
        return bool(re.match(r"\s+[\"“‘]?(?:The|A|An|It|He|She|They|But|And|In|On|At|We|This|That|If|As|For)\b",
                             line[found.end() : found.end() + 12]))  # fmt: skip
    if last in _SHORT:
        return False
    return not (len(last) == 1 and last.isalpha() and word[1].isupper())  # an initial


_OPENS = {"“": "”", "„": "“”", "«": "»", "‹": "›", "‘": "’"}
_FAR = 4_000  # characters of one quotation
_RUNNING = 12  # paragraphs over which one quotation may run


def quotations(text: str) -> list[Quotation]:
    """Find the quotations of a text, in the order of their beginnings.

    A quotation that a paragraph does not close goes on in the next if that begins with the same mark, as newspapers
    have it. An apostrophe is none. What never closes ends with its paragraph.
    """
    found: list[Quotation] = []
    place = 0
    going_on: tuple[int, str, int] | None = None  # where it began, its mark, and over how many paragraphs it ran
    for line in text.split("\n"):
        if going_on and not line.startswith(going_on[1]):
            going_on = None
        opened: list[tuple[int, str]] = []
        start_of_running = going_on[0] if going_on else -1
        for at, mark in _marks(line):
            if opened and mark in _closing(opened[-1][1]) and not (at == 0 and going_on):
                begun, _ = opened.pop()
                whole = start_of_running if begun == 0 and start_of_running >= 0 and not opened else place + begun + 1
                _add(found, whole, place + at, len(opened))
            elif len(opened) < 4 and (mark in _OPENS or (mark in "\"'" and _may_open(line, at))):
                opened.append((at, mark))
        if opened and opened[0][1] in '“"«„':
            begun, mark = opened[0]
            whole = start_of_running if begun == 0 and start_of_running >= 0 else place + begun + 1
            times = going_on[2] + 1 if going_on and whole == start_of_running else 1
            following = text[place + len(line) + 1 : place + len(line) + 2]
            if following == mark and times < _RUNNING:
                going_on = (whole, mark, times)
            else:
                going_on = None
                _add(found, whole, place + len(line), 0)
        else:
            going_on = None
        place += len(line) + 1
    return sorted(found)


def _add(found: list[Quotation], start: int, stop: int, depth: int) -> None:
    if start < stop and stop - start <= _FAR * _RUNNING:
        found.append(Quotation(start, stop, depth))


def _closing(mark: str) -> str:
    return _OPENS.get(mark, mark)


_MARK = re.compile("[“”„«»‹›‘’\"']")


def _marks(line: str) -> Iterator[tuple[int, str]]:
    """Give the marks of a line that may open or close; no apostrophe between letters or behind an `s` alone."""
    single = 0  # that are open
    for found in _MARK.finditer(line):
        at, mark = found.start(), found[0]
        before, after = line[at - 1 : at], line[at + 1 : at + 2]
        if mark in "’'":
            if before.isalnum() and after.isalnum():
                continue
            if mark == "'" and _may_open(line, at) and _closes_later(line, at):
                single += 1
                yield at, mark
                continue
            if not single or before.isspace():
                continue
            if before == "s" and after.isspace() and _closes_later(line, at):
                continue  # `the parties’ systems’`: the last one closes
            single -= 1
            yield at, mark
            continue
        single += mark == "‘"
        yield at, mark


def _closes_later(line: str, at: int) -> bool:
    return re.search(r"(?<=[\w.,!?])['’](?!\w)", line[at + 1 : at + 1 + _FAR]) is not None


def _may_open(line: str, at: int) -> bool:
    before, after = line[at - 1 : at] if at else "", line[at + 1 : at + 2]
    return (not before or before.isspace() or before in "([{—–-“‘\"'/") and bool(after) and not after.isspace()
