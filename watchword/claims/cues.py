"""Words by which somebody says something: where they stand in a sentence, and who it is that says it."""

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from watchword.claims.sentences import Quotation, Sentence
from watchword.claims.speaking import Voice, Voices

_SCARE = 4  # words that a quotation has at most whose marks only point at the words


@dataclass(slots=True)
class Cue:
    """One cue. What is said stands behind it, before it, or on both sides."""

    act: str
    start: int
    stop: int
    voice: Voice | None
    says: str  # behind, before or around
    is_passive: bool = False
    tail: int = -1  # where the speaker ends if they stand behind the cue


@functools.cache
def _cues() -> list[tuple[re.Pattern[str], str, bool, bool]]:
    found = tomllib.loads(files("watchword.claims").joinpath("cues.toml").read_text("utf-8"))
    return [
        (re.compile(rf"{'(?i)' if cue.get('after') else ''}(?<![\w-])(?:{'|'.join(cue['forms'])})(?![\w-])"), cue["act"], cue.get("after", False), cue.get("inverts", False))
        for cue in found["cue"]
    ]  # fmt: skip


_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|got)\s+(?:(?:not|also|now|later|\w+ly)\s+)?$", re.I)
_BY = re.compile(r"\s+(?:\w+ly\s+)?by\s+")
_JOINED = re.compile(r"^[\s,]*(?:and|but|or)?[\s,]*(?:also|then|later|has|have|had|it|\w+ly|\s)*$")
_FIRST_PERSON = re.compile(r"\b(?:[Ww]e|I)(?:[’']ve)?\s+(?:(?:also|can|do|have|now|\w+ly)\s+){0,3}$")
_SUBORDINATE = re.compile(
    r"(?:In|After|Before|While|Even|Although|Though|As|During|When|By|With|Despite|Since|Based|If|On|At|From|Following|Because|Like|Unlike)\b"
)


def blanked(text: str, spans: list[Quotation]) -> str:
    """Blank the quotations in a text; offsets stay."""
    done: list[str] = []
    place = 0
    for span in spans:
        if span.depth or span.start < place or len(text[span.start : span.stop].split()) <= _SCARE - 1:
            continue
        done.append(text[place : span.start])
        done.append(re.sub(r"[^\n]", " ", text[span.start : span.stop]))
        place = span.stop
    return "".join([*done, text[place:]])


def cues_of(text: str, plain: str, sentence: Sentence, voices: Voices) -> list[Cue]:
    """Find the cues of a sentence, in order; `plain` is the text with its quotations blanked."""
    found: list[Cue] = []
    low = sentence.start
    for start, stop, act, comes_after, inverts in _matches(plain, sentence):
        if start < (found[-1].stop if found else low):
            continue
        cue = _cue(text, plain, sentence, voices, found, (start, stop, act, comes_after, inverts))
        if cue is not None:
            found.append(cue)
    return found


def _matches(plain: str, sentence: Sentence) -> list[tuple[int, int, str, bool, bool]]:
    found = [
        (one.start(), one.end(), act, comes_after, inverts)
        for pattern, act, comes_after, inverts in _cues()
        for one in pattern.finditer(plain, sentence.start, sentence.stop)
    ]
    return sorted(found, key=lambda one: (one[0], -one[1]))


def _cue(
    text: str, plain: str, sentence: Sentence, voices: Voices, known: list[Cue], one: tuple[int, int, str, bool, bool]
) -> Cue | None:
    start, stop, act, comes_after, inverts = one
    low = known[-1].stop if known else sentence.start
    low = max(low, known[-1].tail) if known else low
    if comes_after:
        voice = voices.after(plain, stop, sentence.stop)
        return Cue(act, start, stop, voice, "around", tail=voice.stop) if voice else None
    before = plain[low:start]
    if _FIRST_PERSON.search(before):
        return Cue(act, start, stop, Voice("we", voices.publisher, "on-record", start - 3, start - 1), "behind")
    if _PASSIVE.search(before) and not re.match(r"(?:is|are|was|were|am|being|remain)", plain[start:stop]):
        return _passive(plain, sentence, voices, one)
    by = _BY.match(plain, stop)
    if by and act != "declines":
        voice = voices.after(plain, by.end(), sentence.stop)
        return Cue(act, start, stop, voice, "around", tail=voice.stop) if voice else None
    is_tail = before.rstrip()[-1:] in {",", "”", '"', "’", "»"} or (not before.strip() and start > sentence.start)
    if inverts and is_tail and (voice := voices.after(plain, stop, sentence.stop)):
        return Cue(act, start, stop, voice, "before", tail=voice.stop)
    voice = voices.before(plain, low, start)
    if voice is not None:
        return Cue(act, start, stop, voice, _side(plain, sentence, voice, stop, low))
    if known and known[-1].voice and _JOINED.match(before) and (before.strip() or known[-1].stop == start):
        return Cue(act, start, stop, known[-1].voice, "behind")
    if (
        known
        and known[-1].voice
        and re.search(r"(?:,| and| but)\s+(?:\w+ly\s+|also\s+|has\s+|then\s+)*$", before)
        and act != "reports"
    ):
        return Cue(act, start, stop, known[-1].voice, "behind")
    if act in {"denies", "demands-evidence", "declines"} and known and re.search(r"\band\s+$", before):
        return Cue(act, start, stop, known[-1].voice, "behind")
    return None


def _side(plain: str, sentence: Sentence, voice: Voice, stop: int, low: int) -> str:
    """Tell on which side of `X said` stands what they said: before it where little follows, and a comma ends the rest."""
    lead = plain[low : voice.start].rstrip()
    follows = plain[stop : sentence.stop].strip(' ."”’»')
    if (
        lead[-1:] in {",", "”", '"', "’", "»"}
        and not _SUBORDINATE.match(lead.lstrip(" .,"))
        and (lead.count(" ") >= 2 or lead[-1:] != ",")
    ):
        if len(follows.split()) <= 5 or re.match(r"(?:in|on|at|to|during|after|citing|of)\b", follows):
            return "before"
        return "around"
    return "behind"


def _passive(plain: str, sentence: Sentence, voices: Voices, one: tuple[int, int, str, bool, bool]) -> Cue | None:
    """`was attributed by X to Y`: the speaker stands behind `by`, or nobody is named."""
    start, stop, act, _, _ = one
    by = re.compile(r"[^.;,]{0,60}?\bby\s+").match(plain, stop, sentence.stop)
    if by and (voice := voices.after(plain, by.end(), sentence.stop)):
        return Cue(act, start, stop, voice, "around", is_passive=True, tail=voice.stop)
    if act != "attributes":
        return None
    return Cue(act, start, stop, Voice("", "", "on-record"), "around", is_passive=True)
