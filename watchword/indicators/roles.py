"""Whose an indicator is, by the words of the document that names it: the attacker's, cited, a victim's, the vendor's.

Roles are given so that a vendor's or victim's own domain is not called the attacker's; where the words leave it open,
the role is `unclear`. What the words are stands in roles.toml.
"""

import functools
import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

from watchword.indicators.found import ATTACKER, CITED, HASHES, UNCLEAR, VENDOR, VICTIM, Found
from watchword.indicators.known import Known
from watchword.indicators.layout import Layout

BEFORE, AFTER = 240, 110  # characters that are looked at
_END = re.compile(
    r"(?<![A-Z])(?<!\be\.g)(?<!\bi\.e)[.!?][\"”’')\]]*\s+(?=[A-Z\"“(\[])|\n\s*\n|\n(?=\s*(?:[-*•#|]|\d+[.)]\s))|[|\t]"
)
_WORD = re.compile(r"[^\W_][\w'’-]*")
_BLANKS = re.compile(r"\s+")
_LETTERS = re.compile(r"[^\W_]")
# How firmly a role stands: what words say outweighs what only the form or place says.
NONE, FORM, PLACE, WORDS, OWN = range(5)


class Verdict(NamedTuple):
    """A role, why, and how firmly it stands."""

    role: str
    because: str
    firm: int


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that say whose what stands beside them is."""

    role: str
    pattern: re.Pattern[str]
    gap: int
    not_over: re.Pattern[str] | None
    defanged: bool | None
    kinds: frozenset[str]
    last: bool  # counts only where no other does


class Cues(NamedTuple):
    """What roles.toml says of words."""

    before: tuple[Cue, ...]
    after: tuple[Cue, ...]
    headings: tuple[Cue, ...]
    introductions: tuple[Cue, ...]
    inherits: re.Pattern[str]


def assign(text: str, found: Sequence[Found], publisher: str) -> None:
    """Say of each indicator whose it is, and why. `found` is in the order of the text. Linear."""
    layout = Layout(text, found, _section)
    known = Known.of(publisher)
    starts = [one.start for one in found]
    verdicts = [_verdict(text, one, found, starts, layout, known) for one in found]
    for one, verdict in zip(found, _agreed(found, verdicts, known), strict=True):
        one.role, one.because = verdict.role, verdict.because


def _verdict(text: str, one: Found, found: Sequence[Found], starts: list[int], layout: Layout, known: Known) -> Verdict:
    if one.organisation and known.is_publishers(one.organisation):
        return Verdict(VENDOR, f"{one.organisation} is the publisher's own domain.", OWN)
    said = _by_words(text, one, found, starts)
    whose = known.whose(one)
    if whose is not None:
        return _of_known(one, said, whose, layout)
    if said is not None:
        return said
    placed = _by_place(text, one, layout)
    if placed is not None:
        return placed
    if one.defanged:
        return Verdict(ATTACKER, "It is written so that nobody opens it, and nothing says that it is another's.", FORM)
    if one.linked or one.kind == "url":
        return Verdict(CITED, "It can be opened as it stands, as what is cited can.", FORM)
    return Verdict(UNCLEAR, "The document does not say whose it is.", NONE)


def _of_known(one: Found, said: Verdict | None, whose: tuple[str, str], layout: Layout) -> Verdict:
    """Judge what belongs to somebody who is known: rather not the attacker's."""
    kind, says = whose
    is_live_page = kind != "institution" and one.kind == "url" and not one.defanged
    if said is not None and (said.role == VENDOR or (said.role == VICTIM and not is_live_page)):
        return said
    line = layout.lines[layout.number(one.start)]
    if kind == "security":
        return Verdict(CITED, f"{says} It is not the attacker's.", PLACE)
    if kind == "publication":
        return Verdict(UNCLEAR if one.kind == "address" and one.defanged else CITED, says, PLACE)
    if kind == "open":
        is_page = one.kind in ("address", "handle") or (one.kind == "url" and one.value.rstrip("/").count("/") > 2)
        if is_page and said is not None and said.role != VICTIM:
            return said
        if is_page and (one.defanged or (one.kind != "url" and line.section == ATTACKER and line.listed)):
            return Verdict(
                ATTACKER, f"{says} This one is written so that nobody opens it, or is among indicators.", FORM
            )
        if one.linked or (one.kind == "url" and not one.defanged):
            return Verdict(CITED, f"{says} It can be opened as it stands, as what is cited can.", FORM)
        return Verdict(UNCLEAR, says, FORM)
    if one.kind == "url" and not one.defanged and (said is None or said.role == CITED):
        return Verdict(CITED, f"{says} It can be opened as it stands, as what is cited can.", FORM)
    return Verdict(UNCLEAR, f"{says} Who attacks poses as it or misuses it.", PLACE)


# ---------------------------------------------------------------- words around


def _by_words(text: str, one: Found, found: Sequence[Found], starts: list[int]) -> Verdict | None:
    """Judge by the nearest words before it, or by those right behind it."""
    cues = _cues()
    behind = _BLANKS.sub(" ", text[one.stop : one.stop + AFTER].lstrip(")]}\"'”’"))
    for cue in cues.after:
        if _applies(cue, one) and (match := cue.pattern.match(behind)):
            return Verdict(cue.role, f"“{_shown(match[0])}” stands behind it.", WORDS)
    floor = max(0, one.start - BEFORE)
    window = text[floor : one.start]
    for end in _END.finditer(window):
        floor = one.start - len(window) + end.end()
    window = text[floor : one.start]
    if not _LETTERS.search(window):
        return None
    others = found[bisect_left(starts, floor) : bisect_left(starts, one.start)]
    if others:  # what else is named there says nothing; its letters are taken out, its length stays
        pieces, at = [], floor
        for other in others:
            stop = min(other.stop, one.start)
            if other.start >= at and not other.linked:
                pieces += [text[at : other.start], "\x00" * (stop - other.start)]
                at = stop
        pieces.append(text[at : one.start])
        window = "".join(pieces)
    window = _BLANKS.sub(" ", window)
    best: tuple[tuple[bool, int, int], str, str] | None = None
    for cue in cues.before:
        if not _applies(cue, one):
            continue
        for match in cue.pattern.finditer(window):
            gap = window[match.end() :]
            if cue.not_over is not None and cue.not_over.search(gap):
                continue
            if len(_WORD.findall(gap)) > cue.gap:
                continue
            rank = (not cue.last, match.end(), match.end() - match.start())
            if best is None or rank > best[0]:
                best = rank, cue.role, match[0]
    return Verdict(best[1], f"“{_shown(best[2])}” stands before it.", WORDS) if best else None


def _applies(cue: Cue, one: Found) -> bool:
    if cue.role == VICTIM and one.kind in HASHES.values():
        return False  # a file is nobody's victim
    return (cue.defanged is None or cue.defanged == one.defanged) and (not cue.kinds or one.kind in cue.kinds)


def _shown(words: str) -> str:
    return " ".join(words.replace("\x00", " ").split()).strip(" ,([-–—:|")


# ---------------------------------------------------------------- place


def _by_place(text: str, one: Found, layout: Layout) -> Verdict | None:
    """Judge by the head of its column, the introduction of its list, or the section it stands in."""
    line = layout.lines[layout.number(one.start)]
    if (column := layout.column(one.start)) and (role := _section(column)):
        return Verdict(role, f"Its column is headed “{column}”.", PLACE)
    if line.introduction and (line.listed or text.find(":", line.start, one.start) >= 0):
        for cue in _cues().introductions:
            if cue.pattern.search(line.introduction):
                if cue.role == ATTACKER and one.linked and not one.defanged:
                    break
                return Verdict(cue.role, f"Its list is introduced with “{line.introduction[:80]}”.", PLACE)
    if not line.section:
        return None
    if line.section == ATTACKER:
        # Also running text may follow such a heading, and that names others, too.
        if not line.listed or one.kind in ("phone", "handle") or (one.linked and not one.defanged):
            return None
    elif (one.defanged and line.section != VICTIM) or (line.section == CITED and not one.host):
        return None
    return Verdict(line.section, f"It stands under “{line.heading[:80]}”.", PLACE)


def _section(heading: str) -> str | None:
    cues = _cues()
    if cues.inherits.fullmatch(heading):
        return None
    return next((cue.role for cue in cues.headings if cue.pattern.fullmatch(heading)), "")


# ---------------------------------------------------------------- agreement within a document


def _agreed(found: Sequence[Found], verdicts: Sequence[Verdict], known: Known) -> list[Verdict]:
    """Let places agree that name the same: whose it is by words in one, it is in all; what is both, is unclear."""
    roles: dict[str, set[tuple[str, int]]] = {}
    names = [_name(one, known) for one in found]
    for name, verdict in zip(names, verdicts, strict=True):
        roles.setdefault(name, set()).add((verdict.role, verdict.firm))
    agreed = []
    for one, name, verdict in zip(found, names, verdicts, strict=True):
        held = roles[name]
        agreed.append(_agree(one, verdict, held))
    return agreed


def _agree(one: Found, verdict: Verdict, held: set[tuple[str, int]]) -> Verdict:
    of = {role for role, firm in held if firm >= WORDS or (firm == PLACE and role != ATTACKER)}
    if verdict.role == ATTACKER:
        for role in (VENDOR, VICTIM):
            if role in of:
                if verdict.firm >= WORDS:
                    return Verdict(
                        UNCLEAR, f"The document calls it the attacker's here, and elsewhere a {role}'s.", WORDS
                    )
                return Verdict(role, f"Elsewhere the document calls it a {role}'s.", verdict.firm)
        return verdict
    is_open = verdict.role == UNCLEAR and verdict.firm == NONE
    if is_open or (verdict.role == CITED and verdict.firm == FORM and one.defanged):
        for role in (VENDOR, VICTIM):
            if role in of:
                return Verdict(role, f"Elsewhere the document calls it a {role}'s.", FORM)
        if any(role == ATTACKER and firm >= PLACE for role, firm in held):
            return Verdict(ATTACKER, "Elsewhere the document names it as the attacker's.", FORM)
    return verdict


def _name(one: Found, known: Known) -> str:
    """Give what counts as the same: the registrable domain, or the thing itself where anybody may have one there."""
    is_shared = not one.organisation or one.kind in ("ip", "network") or known.is_open(one.organisation)
    return one.value if is_shared else one.organisation


# ---------------------------------------------------------------- data


@functools.cache
def _cues() -> Cues:
    data = tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("roles.toml").read_text("utf-8"))
    before, after, headings, introductions = (
        tuple(
            Cue(
                one["role"],
                _compiled(one["pattern"]),
                one.get("gap", 0),
                _compiled(one["not_over"]) if "not_over" in one else None,
                one.get("defanged"),
                frozenset(one.get("kinds", ())),
                one.get("last", False),
            )
            for one in data[name]
        )
        for name in ("before", "after", "heading", "introduction")
    )
    return Cues(before, after, headings, introductions, _compiled(data["inherits"]["pattern"]))


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
