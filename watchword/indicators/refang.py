"""A text with its addresses as they were before somebody defanged them, and where each character stood."""

import functools
import re
import tomllib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

_LINE = 500  # characters before a line end that may hold the beginning of a broken address
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xA0: 32, 0x2024: 46, 0xFE52: 46}
_FULL_WIDTH_MARK = re.compile("(?<=[^\\W_])[\uff0e\uff1a\uff0f\uff20\u2024\ufe52]+(?=[^\\W_])")
_WORD_BEFORE = re.compile(r"([^\W_][\w-]*)\Z")
_ANNOUNCED = re.compile(
    r"(?:\b(?:from|to|address(?:es)?|e-?mails?|mail|mailto|contact|reply|sender|by|account|is|was|and|or)|[:<(\n,;]|^)\W{0,3}\Z",
    re.IGNORECASE,
)
_WORD_AFTER = re.compile(r"\W*\w+\W+(\w+)")
_BREAK = re.compile(r"[ \t]*\r?\n[ \t]*")
_BEGUN = re.compile(r"(?:[a-z*_\[]{2,6}s?[\[(]?:[\])]?[\[/\\]|[\w-]\[\.\])", re.IGNORECASE)
_GOES_ON = re.compile(r"(?![a-z*\[\]]{2,8}[\[(]?:|\d+[.)]\s)[\w/?&=%.~+#\[-]", re.IGNORECASE)
_TAIL = re.compile(r"(?!-)(?=[^\s]*[^\W_])[^\s,;|]*[/=?&_%\d.\]-][^\s,;|.]")
_HEX_LINE = re.compile(r"(?<![0-9a-zA-Z])([0-9a-fA-F]{8,63})\Z")
_HEX_REST = re.compile(r"([0-9a-fA-F]{1,56})(?![0-9a-zA-Z])")


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to defang, as refang.toml says."""

    pattern: re.Pattern[str]
    gives: str  # empty also for the scheme, whose letters are read
    mark: bool
    weak: bool
    is_scheme: bool = False


class Rules(NamedTuple):
    """All ways to defang."""

    rules: tuple[Rule, ...]
    stop: frozenset[str]
    after: frozenset[str]


class Change(NamedTuple):
    """One stretch of a text that stands for something else."""

    start: int
    stop: int
    gives: str
    mark: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """A text with its addresses refanged; positions lead back to the text as it was."""

    text: str
    begins: list[int]  # position in `text` of each unchanged or changed stretch
    origins: list[int]  # where it began in the original
    ends: list[int]  # where it ended there, for changed stretches; -1 for unchanged ones
    marks: list[int]  # positions in `text` of what shows that somebody defanged

    def original(self, start: int, stop: int) -> tuple[int, int]:
        """Give the stretch of the original that a stretch of `text`, which is not empty, came from."""
        at = bisect_right(self.begins, start) - 1
        first = self.origins[at] + (start - self.begins[at] if self.ends[at] < 0 else 0)
        at = bisect_right(self.begins, stop - 1) - 1
        last = self.origins[at] + (stop - self.begins[at]) if self.ends[at] < 0 else self.ends[at]
        return first, last

    def marked(self, start: int, stop: int) -> bool:
        """Tell whether something within that stretch of `text` was defanged."""
        at = bisect_left(self.marks, start)
        return at < len(self.marks) and self.marks[at] < stop


@functools.cache
def rules() -> Rules:
    """Read refang.toml."""
    data = tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("refang.toml").read_text("utf-8"))
    found = [
        Rule(re.compile(one["pattern"], re.IGNORECASE), one["gives"], one.get("mark", True), one.get("weak", False))
        for one in data["rule"]
    ]
    scheme = data["scheme"]
    http, ftp, secure, colon = ("|".join(scheme[name]) for name in ("http", "ftp", "secure", "colon"))
    whole = rf"(?<![a-z0-9])(?:(?P<http>{http})|(?P<ftp>{ftp}))(?P<secure>{secure})?(?:{colon}) ?(?=[\w\[])"
    found.append(Rule(re.compile(whole, re.IGNORECASE), "", True, False, is_scheme=True))
    return Rules(tuple(found), frozenset(data["stop"]["words"]), frozenset(data["stop"]["after"]))


def refang(text: str) -> Plain:
    """Write the addresses of a text as they were. Linear."""
    even = text if text.isascii() else text.translate(_FULL_WIDTH)  # each character stays at its place
    changes = _changes(even)
    if even is not text:
        changes = _keep_full_width(text, even, changes)
    pieces: list[str] = []
    begins, origins, ends, marks = [0], [0], [-1], []
    at = length = 0
    for change in changes:
        pieces.append(even[at : change.start])
        length += change.start - at
        if change.gives:
            begins.append(length)
            origins.append(change.start)
            ends.append(change.stop)
            if change.mark:
                marks.append(length)
        pieces.append(change.gives)
        length += len(change.gives)
        at = change.stop
        begins.append(length)
        origins.append(at)
        ends.append(-1)
    pieces.append(even[at:])
    return Plain("".join(pieces), begins, origins, ends, marks)


def _changes(even: str) -> list[Change]:
    known = rules()
    found: list[Change] = []
    for rule in known.rules:
        for match in rule.pattern.finditer(even):
            gives = rule.gives
            if rule.is_scheme:
                gives = f"{'http' if match['http'] else 'ftp'}{'s' if match['secure'] else ''}://"
                if match[0].lower() == gives:
                    continue
            elif rule.weak and _is_plain_language(even, match, known):
                continue
            found.append(Change(match.start(), match.end(), gives, rule.mark))
    found += _broken_lines(even)
    found.sort(key=lambda change: (change.start, -change.stop))
    kept: list[Change] = []
    end = 0
    for change in found:
        if change.start >= end:
            kept.append(change)
            end = change.stop
    return kept


def _is_plain_language(even: str, match: re.Match[str], known: Rules) -> bool:
    before = _WORD_BEFORE.search(even, max(0, match.start() - 64), match.start())
    if before is None or before[1].lower() in known.stop:
        return True
    if match[0].strip(" \t_").isalpha() and match[0].strip(" \t_").lower() == "at":
        # `kay at desk dot example` after `from`; `it lay at desk dot example` is a sentence.
        name = before[1]
        announced = _ANNOUNCED.search(even, max(0, before.start() - 24), before.start())
        if name.isalpha() and announced is None:
            return True
    after = _WORD_AFTER.match(even, match.end() - 1, match.end() + 128)
    return after is not None and after[1].lower() in known.after


def _broken_lines(even: str) -> list[Change]:
    """Find line ends within an address or hash, as PDF has them: rather one too few than one too many."""
    found: list[Change] = []
    for match in _BREAK.finditer(even):
        start, stop = match.span()
        if stop - start > 40 or start == 0 or stop == len(even):
            continue
        last, after = even[start - 1], even[stop]
        if last in "/-_=&?%]" or after in "/?&=_%[":
            word = even[max(0, start - _LINE) : start].rpartition("\n")[2].rpartition(" ")[2]
            is_open = last in "-_=&?%" or after in "/?&=_%" or word.endswith("[.]") or even.startswith("[.]", stop)
            if _BEGUN.search(word) and _GOES_ON.match(even, stop) and (
                is_open or (last == "/" and word.count("/") > 2 and _TAIL.match(even, stop, stop + 200))
            ):  # fmt: skip
                found.append(Change(start, stop, "", False))
        elif last in "0123456789abcdefABCDEF":
            begun = _HEX_LINE.search(even, max(0, start - 64), start)
            rest = _HEX_REST.match(even, stop, stop + 64) if begun else None
            if begun and rest and len(rest[1]) not in (32, 40) and len(begun[1]) + len(rest[1]) in (32, 40, 64):
                found.append(Change(start, stop, "", False))
    return found


def _keep_full_width(text: str, even: str, changes: list[Change]) -> list[Change]:
    """Add marks where a full-width dot, colon, slash or at-sign between letters was made plain."""
    found = list(changes)
    taken = {place for change in changes for place in range(change.start, change.stop)}
    found += [
        Change(match.start(), match.end(), even[match.start() : match.end()], True)
        for match in _FULL_WIDTH_MARK.finditer(text)
        if match.start() not in taken
    ]
    return sorted(found)
