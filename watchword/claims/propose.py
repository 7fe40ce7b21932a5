"""Claims that a document's sentences may hold, for a person to confirm: rules and grammar, no model.

A claim against `the Trump campaign and the Biden campaign` becomes one for each; one against `both campaigns` stays one,
as the document does not say more. A headline gives none, as the text under it says the same with more care.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from watchword.claims.cues import Cue, blanked, cues_of
from watchword.claims.dates import WHEN, resolved
from watchword.claims.documents import Read
from watchword.claims.matter import Matter, evidence_of, is_about_it, is_of_the_matter, matters, phrase_after
from watchword.claims.sentences import Quotation, Sentence, quotations, sentences
from watchword.claims.speaking import Voice, Voices

CLAIMS = 2_000  # of one document


@dataclass(frozen=True, slots=True)
class Proposal:
    """What reading gives of a claim; fields as in tables.Claim."""

    speaker: str
    speaker_printed: str
    capacity: str
    act: str
    proposition: str
    target: str
    actor: str
    polarity: str
    strength: str
    said: datetime | None
    said_printed: str
    evidence_offered: str
    relies_on: str
    quote: str
    start: int
    stop: int


_HEDGED = re.compile(
    r"no (?:indication|evidence|sign|reason|knowledge|information)|aware of|rule out|not (?:been able to )?(?:verif|confirm)|"
    r"(?:did|does|do) not (?:say|name|specify|identify|attribute|blame|accuse)|stopp?(?:ed|s)? short|not (?:attributed|blamed|accused|named|identified)|"
    r"(?:cannot|could not) (?:say|confirm)"
)
_NOT_NAMED = re.compile(r"not (?:attribut|blame|accuse)")
_NOT_SAID = re.compile(r"(?:did|does|do|has|have|had) not|stopp?(?:ed|s)? short|cannot|could not")
_WHO_DENIED = re.compile(
    r"\b(?:involvement|responsibilit|behind|part in|role|hand in|having (?:anything|done)|accus|allegation|charge|claim|attribution|it|blame)",
    re.I,
)
_BACK = re.compile(
    r"\b(?:accusations?|allegations?|charges?|claims?|reports?|assertions?|attribution|findings?|statement|involvement|responsibility|it|them|this|that|these|those|such|any|evidence|proof)\b",
    re.I,
)
_SEVERAL = re.compile(
    r"(?:,\s+(?:and\s+)?|\s+and\s+)(?=(?:the|a|an|its|[A-Z])\b)|(?:,\s+(?:and\s+)?|\s+and\s+)(?=[A-Z])"
)
_OWN = re.compile(r"(?:it|its|their|our|we|us|them|they|his|her|any of its|any of our|any of their)\b", re.I)
_PRONOUNS = frozenset({"it", "they", "he", "she"})
_STATE = re.compile(r"[A-Z]\w{3}")
_YEAR = re.compile(r"\b[Ii]n ((?:19|20)\d\d)\b")
_GIVEN = re.compile(
    r"(?:(?:is|was|has|had|have|are|were|been|be) )*(?:attributed|blamed|linked|tied|traced|ascribed)\b"
)
_STATEMENT = r"(?i)\bstatement\b|^the .{5,80} on the\b"
_SELF = frozenset({"we", "our", "i"})


def propose(read: Read) -> list[Proposal]:
    """Propose the claims of a document, in the order of its text."""
    if read.language not in {"", "en"} or not is_about_it(read.text):
        return []
    reading = _Reading(read)
    found: list[Proposal] = []
    for sentence in sentences(read.text):
        found += reading.sentence(sentence)
        if len(found) >= CLAIMS:
            break
    return _once(found)


def _once(found: list[Proposal]) -> list[Proposal]:
    """Keep of equal ones the first; what one sentence says twice of the same target is one."""
    kept: dict[tuple[object, ...], Proposal] = {}
    for one in found:
        kept.setdefault((one.quote, one.speaker, one.act, one.proposition, one.target, one.polarity), one)
    return list(kept.values())


class _Reading:
    """What is remembered from sentence to sentence."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.text = read.text
        self.quotes = [one for one in quotations(read.text) if one.depth == 0]
        self.plain = blanked(read.text, self.quotes)
        self.voices = Voices(read.publisher)
        self.last: Voice | None = None  # who spoke last
        self.last_date = (None, "") if read.published is None else (read.published, "")
        self.is_statement = bool(read.publisher) and re.search(_STATEMENT, read.title) is not None
        self.speaking: dict[Quotation, Cue] = {}
        self.claimed: list[Proposal] = []
        self.denied: Proposal | None = None
        self.near = 0  # the last place that spoke of the matter
        self.title_stop = len(read.title) if read.title and read.text.startswith(read.title) else -1

    def sentence(self, sentence: Sentence) -> Iterator[Proposal]:
        """Give the claims of the next sentence."""
        if sentence.stop <= self.title_stop:
            return
        passage = self.text[sentence.start : sentence.stop]
        cues = cues_of(self.text, self.plain, sentence, self.voices)
        if is_of_the_matter(passage):
            self.near = sentence.stop
        for quote in self._around(sentence):
            for cue in cues:
                self.speaking.setdefault(quote, cue)
        if sentence.stop - sentence.start > 1_500 or sentence.start - self.near > 600:
            return
        made = list(self._claims(sentence, cues))
        for cue in cues:
            self.last = cue.voice or self.last
        yield from made

    def _around(self, sentence: Sentence) -> list[Quotation]:
        return [one for one in self.quotes if one.start < sentence.stop and sentence.start < one.stop]

    def _claims(self, sentence: Sentence, cues: list[Cue]) -> Iterator[Proposal]:
        found = matters(self.text, sentence.start, sentence.stop, [max(cue.stop, cue.tail) for cue in cues])
        used: set[int] = set()
        previous: Matter | None = None
        for matter in found:
            cue = self._cue_of(matter, cues, sentence)
            if cue is None:
                yield from self._bare(sentence, matter)
                continue
            used.add(id(cue))
            if previous and previous.proposition == "who" and not matter.actor:
                matter.actor = previous.actor
            previous = matter
            yield from self._proposals(sentence, cue, matter, cues)
        for cue in cues:
            if id(cue) in used:
                continue
            if _NOT_NAMED.search(self.text[cue.start : cue.stop]) and cue.voice:
                matter = Matter("who", cue.start, cue.stop, phrase_after(self.text, cue.stop, sentence.stop))
                yield from self._proposals(sentence, cue, replace(matter, polarity="open"), cues)
            elif cue.act != "reports":
                yield from self._open(sentence, cue, cues)

    def _cue_of(self, matter: Matter, cues: list[Cue], sentence: Sentence) -> Cue | None:
        """Choose the cue whose content the matter is."""
        inside = [cue for cue in cues if cue.start <= matter.start < cue.stop or cue.start < matter.stop <= cue.stop]
        if inside:
            return inside[0]
        behind = [cue for cue in cues if cue.stop <= matter.start and cue.says in {"behind", "around"}]
        if behind and behind[-1].act == "declines":
            behind.pop()
        before = [cue for cue in cues if cue.start >= matter.stop and cue.says in {"before", "around"}]
        quote = next((one for one in self.quotes if one.start <= matter.start < one.stop), None)
        if quote:
            near = [cue for cue in cues if cue.stop <= quote.start or cue.start >= quote.stop]
            if near:
                return min(near, key=lambda cue: min(abs(quote.start - cue.stop), abs(cue.start - quote.stop)))
            if quote.start < sentence.start or quote.stop > sentence.stop or not cues:
                return self._of_quotation(quote, sentence)
        around = [cue for cue in cues if cue.says == "around" and not cue.is_passive]
        voiced = [cue for cue in behind if cue.voice]
        return voiced[-1] if voiced else next(iter(before or around), None)

    def _of_quotation(self, quote: Quotation, sentence: Sentence) -> Cue | None:
        """Give the cue of a quotation that runs over sentences: beside it, in its own sentences or the one before."""
        if quote in self.speaking:
            return replace(self.speaking[quote], says="around")
        high = self.text.find("\n", quote.stop)
        rest = self.plain[quote.stop : high if high >= 0 else len(self.plain)]
        ahead = Sentence(quote.stop, quote.stop + len(re.split(r"(?<=\w{3})\.(?:\s|$)", rest)[0]), sentence.paragraph)
        if cues := cues_of(self.text, self.plain, ahead, self.voices):
            self.speaking[quote] = cues[0]
            return cues[0]
        if self.last and self.last.printed.lower() not in _SELF and sentence.start - self.near <= 200:
            return Cue("reports", sentence.start, sentence.start, self.last, "around")
        return None

    def _bare(self, sentence: Sentence, matter: Matter) -> Iterator[Proposal]:
        """What nobody is named for: an attribution is proposed without speaker; what was received, the publisher says."""
        if matter.proposition == "received" and matter.target:
            voice = Voice("", self.read.publisher, "on-record")
        elif matter.is_bare and matter.actor and _GIVEN.match(self.text[matter.start : matter.stop]):
            voice = Voice("", "", "on-record")
        elif self.is_statement and (matter.actor or matter.polarity == "denies"):
            voice = Voice("", self.read.publisher, "on-record")
        else:
            return
        cue = Cue("reports", matter.start, matter.start, voice, "around")
        yield from self._proposals(sentence, cue, matter, [])

    def _proposals(self, sentence: Sentence, cue: Cue, matter: Matter, cues: list[Cue]) -> Iterator[Proposal]:
        voice = cue.voice
        if voice is None or (voice.printed.lower() in _SELF and self._is_quoted(matter.start)):
            voice = self.last or Voice("", "", "on-record")
        word = self.text[cue.start : cue.stop]
        act, polarity = cue.act, matter.polarity
        if act == "denies":
            polarity = "denies"
        elif act == "retracts" or act in {"declines", "demands-evidence"}:
            polarity = "open"
        elif _HEDGED.search(word):
            act, polarity = "hedges", "open" if _NOT_SAID.search(word) else "denies"
        elif (
            polarity == "denies" and re.search(r"indication|evidence|sign\b|aware|knowledge", matter.strength, re.I)
        ) or polarity == "open":
            act = "hedges"
        elif polarity == "denies" and act in {"reports", "attributes"}:
            act = "denies"
        elif act in {"reports", "attributes"}:
            act = (
                "attributes"
                if matter.actor and polarity == "affirms" and matter.proposition != "received"
                else "reports"
            )
            if matter.proposition in {"directed", "same-actor"} and polarity == "affirms":
                act = "attributes"
        strength = matter.strength or (word if _HEDGED.search(word) and act == "hedges" else "")
        yield from self._finished(sentence, cue, voice, cues, act, polarity, strength, matter)

    def _open(self, sentence: Sentence, cue: Cue, cues: list[Cue]) -> Iterator[Proposal]:
        """An answer that names nothing: to what it answers is what was claimed last."""
        if cue.voice is None or (not self.claimed and cue.act in {"attributes", "confirms"}):
            return
        passage = self.text[cue.stop : sentence.stop]
        word = self.text[cue.start : cue.stop]
        matter = Matter("", cue.start, cue.stop)
        if cue.act in {"attributes", "confirms"}:
            return
        if cue.act == "declines":
            yield from self._finished(sentence, cue, cue.voice, cues, cue.act, "open", "", matter)
            return
        if (
            cue.act == "retracts"
            or _BACK.search(passage)
            or cue.act == "demands-evidence"
            or '"' in word
            or "as" in word.split()
        ):
            before = next(
                (one for one in reversed(self.claimed) if one.act in {"attributes", "reports"} and one.proposition),
                None,
            )
            attributed = next((one for one in reversed(self.claimed) if one.act == "attributes"), before)
            known = attributed if _WHO_DENIED.search(passage) or cue.act == "demands-evidence" else before
            known = self._against(cue.voice, known)
            if cue.act == "demands-evidence" and self.denied and self.denied.speaker == cue.voice.name:
                known = self.denied
            if known is None and not is_of_the_matter(passage):
                return
            matter.proposition = "who" if cue.act == "denies" and known else (known.proposition if known else "who")
            if re.search(r"involvement|responsibility|behind", passage):
                matter.proposition = "who"
            matter.target, matter.actor = (known.target, known.actor) if known else ("", "")
        elif not is_of_the_matter(passage):
            return
        yield from self._finished(
            sentence, cue, cue.voice, cues, cue.act, "denies" if cue.act == "denies" else "open", "", matter
        )

    def _against(self, voice: Voice, known: Proposal | None) -> Proposal | None:
        """Give what was last said against the one who answers, where it was."""
        words = set(_STATE.findall(voice.name))
        of_them = [
            one for one in reversed(self.claimed) if one.act == "attributes" and words & set(_STATE.findall(one.actor))
        ]
        whose = [one for one in reversed(self.claimed) if one.act == "attributes" and one.proposition == "who"]
        return next((one for one in of_them if one.proposition == "who"), of_them[0] if of_them else [*whose, known][0])

    def _finished(
        self,
        sentence: Sentence,
        cue: Cue,
        voice: Voice,
        cues: list[Cue],
        act: str,
        polarity: str,
        strength: str,
        matter: Matter,
    ) -> Iterator[Proposal]:
        """Give a claim for each target that is named apart."""
        start, stop = self._span(sentence, cue, matter)
        printed, said = self._said(sentence, cue, cues, matter)
        if voice.printed.lower() in _SELF or (not voice.printed and voice.name):
            said = said or self.read.published
        passage = self.text[sentence.start : sentence.stop]
        evidence = evidence_of(passage)
        if act in {"declines", "demands-evidence"}:
            evidence = "none"
        if len(cues) > 1 and voice.printed.lower() in _PRONOUNS:
            voice = next((one.voice for one in cues if one.voice and one.voice.name == voice.name), voice)
        if voice.printed and matter.target == voice.printed and matter.proposition == "who":
            matter.target = ""
        if _OWN.match(matter.target):
            matter.target = voice.name
        for target in _apart(matter):
            made = Proposal(
                voice.name, voice.printed, voice.capacity, act, matter.proposition, target, matter.actor, polarity, strength, said,
                printed, evidence, voice.relies_on, self.text[start:stop], start, stop,
            )  # fmt: skip
            self.denied = made if act == "denies" else self.denied
            self.claimed.append(made)
            yield made

    def _span(self, sentence: Sentence, cue: Cue, matter: Matter) -> tuple[int, int]:
        return sentence.start, sentence.stop

    def _said(self, sentence: Sentence, cue: Cue, cues: list[Cue], matter: Matter) -> tuple[str, datetime | None]:
        """Find when it was said: beside the cue, not in what is said."""
        at = cues.index(cue) if cue in cues else -1
        low = cues[at - 1].stop if at > 0 else sentence.start
        if cue.start < sentence.start or cue.stop > sentence.stop:
            return "", None
        if matter.start == cue.start and (found := WHEN.search(self.plain, cue.stop, sentence.stop)):  # an answer
            return found[0].strip(), resolved(found[0], self.read.published)
        spoken = cue.voice.start if cue.voice and low <= cue.voice.start < cue.start else cue.start
        for left, right in ((low, cue.start), (cue.stop, min(sentence.stop, cue.stop + 70))):
            for found in WHEN.finditer(self.plain, left, right):
                beside = found.start() >= spoken - 90 if right == cue.start else self._follows(cue, found.start())
                if beside:
                    return found[0].strip(), resolved(found[0], self.read.published)
        if at > 0 and cue.voice and (before := cues[at - 1]).voice and before.voice.name == cue.voice.name:
            return self._said(sentence, before, cues, matter)
        if year := _YEAR.search(self.plain, low, cue.start):
            return year[0], None
        return "", None

    def _follows(self, cue: Cue, at: int) -> bool:
        """Tell whether nothing of what is said stands between a cue and a date."""
        start = max(cue.stop, cue.tail)
        between = self.plain[start:at] if at >= start else ""
        return (
            re.fullmatch(
                r"[\s,]*(?:(?:in|at|to|during) (?:(?:a|an|the|its|their) )?(?:[\w’'-]+ ?){1,5}|reporters|late|early)?[\s,]*(?:on )?",
                between,
            )
            is not None
        )

    def _is_quoted(self, at: int) -> bool:
        return any(one.start <= at < one.stop for one in self.quotes)


def _apart(matter: Matter) -> list[str]:
    parts = [part.strip() for part in _SEVERAL.split(matter.target) if part.strip()] if matter.target else [""]
    if matter.proposition == "received" and len(parts) > 1:
        return parts
    named = [part for part in parts if re.search(r"[A-Z]", part)]
    return (
        parts
        if len(parts) > 1 and len(named) == len(parts) and all(len(part.split()) > 1 for part in parts)
        else [matter.target]
    )
