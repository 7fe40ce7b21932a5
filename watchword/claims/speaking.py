"""Who speaks: the noun phrase beside a cue, whom a short form or a pronoun goes back to, and in what capacity."""

import functools
import re
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import NamedTuple

from watchword.claims.dates import WHEN


class Voice(NamedTuple):
    """Somebody who speaks."""

    printed: str
    name: str  # the one form for them; empty if it cannot be told
    capacity: str  # on-record, anonymous or by-proxy
    start: int = -1
    stop: int = -1
    relies_on: str = ""


@functools.cache
def lexicon(name: str) -> dict[str, dict[str, str]]:
    """Read the tables of patterns of one file beside this module."""
    found = tomllib.loads(files("watchword.claims").joinpath(f"{name}.toml").read_text("utf-8"))
    return {key: value for key, value in found.items() if isinstance(value, dict)}


@functools.cache
def _names() -> tuple[dict[str, tuple[str, str]], re.Pattern[str]]:
    """Every known form, in lower case, with the one form and its kind; and the pattern that finds any of them."""
    found = tomllib.loads(files("watchword.claims").joinpath("voices.toml").read_text("utf-8"))
    forms: dict[str, tuple[str, str]] = {}
    for entry in found["name"]:
        for form in [entry["name"], *entry["forms"]]:
            forms[_flat(form)] = (entry["name"], entry["kind"])
    for name in found["companies"]["names"].split():
        forms.setdefault(_flat(name.replace("\u00a0", " ")), (name.replace("\u00a0", " "), "company"))
    longest = sorted(forms, key=len, reverse=True)
    pattern = "|".join(re.escape(form).replace("\\ ", r"\s+").replace("'", "[’']") for form in longest)
    return forms, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.I)


def _flat(name: str) -> str:
    return " ".join(name.replace("’", "'").lower().split())


_R = lexicon("voices")["roles"]
_WITH_AND = "|".join(re.escape(form).replace("\\ ", r"\s+") for form in _names()[0] if re.search(r" and | & ", form))
_ALL = "|".join(_R[kind] for kind in ("proxy", "anonymous", "experts", "bodies"))
_KNOWN_WITH_AND = re.compile(rf"\b(?:{_WITH_AND})\b", re.I)
_NOT_NAMES = (
    "The|A|An|But|And|In|On|At|As|It|He|She|They|We|I|If|When|While|After|Before|Although|Though|However|Meanwhile|Also|For|From"
    "|This|That|These|Those|There|Its|His|Her|Their|Our|My|So|Yet|Or|Nor|Not|No|Asked|According|Since|With|By|To|Both|Separately"
    "|Neither|Either|Some|Many|Most|Several|One|Two|Three|Four|Five|Last|Earlier|Later|What|Who|Which|How|Why|Where|Once|Until|Because|Despite"
    "|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|May|June|July|August|September|October"
    "|November|December|Then|Now|Instead|Still|Nevertheless|Moreover|Furthermore|Additionally|Recently|Another|Other|Such|Based"
)
_CAP = rf"(?!(?:{_NOT_NAMES})\b)(?:(?:U\.S\.|U\.K\.|U\.N\.|E\.U\.)|[A-Z][\w&’'.-]*[\w’']|[A-Z]\b)"
_NAME = rf"(?:(?i:{_WITH_AND})|{_CAP}(?:\s+(?:(?:of|for|on|&|de|al|bin|van|von)\s+(?:the\s+)?)?{_CAP}){{0,7}})"
_KIND = (
    "senior|former|current|federal|national|international|intelligence|cyber|cybersecurity|security|law|enforcement|two|three|four|five|several|"
    "unnamed|anonymous|independent|private|official|government|campaign|state|local|western|European|American|foreign|other|some|many|"
    "most|same|threat|joint|election|administration|software|tech|technology|anti-?virus|security|incident|response|research|malware|"
    "news|press|top|chief|presidential|rival|second|third|new|latest|recent|own|defence|defense|company|separate|public|written|first|"
    "earlier|later|initial|party|ministry|embassy|mission|police|computer|information|threat|hacked|industry|outside|republican|democratic|big|large"
)
_DET = r"(?:[Tt]he|[Aa]n?|[Ii]ts|[Hh]is|[Hh]er|[Tt]heir|[Oo]ur|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]everal|[Ss]ome|[Mm]any|[Bb]oth|[Aa]nother|[Tt]his|[Tt]hose|[Oo]ther|[Aa]ll|[Bb]oth the|[Tt]he two|[Tt]he three|[Oo]ne of the|[Mm]ost)"
_OF = rf"(?:\s+(?:for|of|at|from|with|in|to|on|inside|within)\s+(?:the\s+|a\s+)?(?:{_NAME}|(?:(?:{_KIND})\s+)*(?:{_ALL})\b)(?:\s+and\s+(?:the\s+)?{_NAME})?){{0,3}}"
_ROLE = rf"(?:(?:{_CAP}|(?:{_KIND})\b|[a-z]+-[a-z]+)\s+){{0,6}}(?:{_ALL})\b{_OF}(?:\s+{_NAME})?"
_ONE = rf"(?:{_DET}\s+)?(?:{_ROLE}|{_NAME}{_OF})"
_PRONOUN = r"\b(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey|[Ww]e|I)\b"
_MANY = rf"{_ONE}(?:(?:,\s+{_ONE}){{1,5}},?\s+and\s+{_ONE}|\s+and\s+{_ONE})?"
_PHRASE = re.compile(rf"(?<![\w’'-])(?:{_MANY}|{_PRONOUN})")
_PREPOSITION = re.compile(
    r"\b(?:in|on|at|to|by|with|from|of|after|against|for|about|over|into|under|between|among|toward|towards|citing|via|than|like|"
    r"targeting|attacked|hacked|targeted|told|against)\s+(?:[a-z]+\s)?$", re.I
)  # fmt: skip
_SAID_IN = re.compile(
    r"\b(?:in|at|through|via|on|during)\s+(?:a|an|its|their|the|his|her|this|that)\s+(?:[\w’'-]+\s+){0,4}?(?:statements?|reports?|posts?|interviews?|briefings?|call|"
    r"advisor(?:y|ies)|e-?mails?|letters?|messages?|blogs?|tweets?|conference|analysis|filings?|announcement|bulletin|X|Twitter|paper|update|note)\b"
    r"(?:\s+(?:\w+ly\s+)?(?:released|published|posted|issued|sent|given|provided)\b)?(?:\s+(?:to|by|on|with)\s+[A-Z]\w+)?"
)
_LATER = (
    r"(?:who|familiar|briefed|close|speaking|knowledgeable|involved|with (?:direct |close )?knowledge|on (?:the )?condition|which|citing|quoting|that|"
    r"monitoring|investigating|tracking|studying|working|based)\b[^;“”\"]{0,160}?"
)
_STEP = re.compile(r"\s+|\([^()]{0,120}\)|\w+ly\b")
_APPOSED = re.compile(r",\s([^,;]{1,160}),")
_APPOSED_LONG = re.compile(r",\s([^;]{1,200}),(?=\s*(?:\w+\s?){0,3}$)")
_BETWEEN = frozenset(lexicon("cues")["between"]["words"].replace(",", "").split())
_PROXY = re.compile(rf"\b(?:{_R['proxy']})\b", re.I)
_ANONYMOUS = re.compile(rf"\b{_R['anonymous']}\b", re.I)
_EXPERTS = re.compile(rf"\b(?:{_R['experts']})\b", re.I)
_BODIES = re.compile(rf"\b(?:{_R['bodies']})\b", re.I)
_TITLE = re.compile(rf"^(?:(?:{lexicon('voices')['roles']['titles']})\.?\s+)+")
_TITLED = re.compile(rf"(?:[\w.’' -]+\s)?(?:{lexicon('voices')['roles']['titles']})\.?\s+({_CAP}(?:\s{_CAP}){{1,2}})")
_UNNAMED = re.compile(r"anonym|not (?:to )?be (?:named|identified)|familiar with|briefed|knowledge of|close to", re.I)
_CITING = re.compile(
    rf"\b(?:citing|quoting|based on|referring to|relying on|pointing to|echoing)\s+((?:a|an|the)?\s?{_MANY})"
)
_SHORT = {kind: re.compile(rf"^(?:the|that|this|these|those|both|its|two|three)?\s?(?:(?:two|three|tech|software|security|same|U\.S\.|American)\s)*(?:{words})(?:s)?$", re.I)
          for kind, words in lexicon("voices")["short"].items()}  # fmt: skip
_WHOLE_NAME = re.compile(_NAME)


def _masked(text: str) -> str:
    """Blank what says when and where something was said; offsets stay."""
    for pattern in (WHEN, _SAID_IN):
        text = pattern.sub(lambda found: " " * len(found[0]), text)
    return text


@dataclass(slots=True)
class Voices:
    """Who spoke in a document so far; what a short form goes back to."""

    publisher: str = ""
    heard: list[tuple[Voice, str]] = field(default_factory=list)  # with kind: agency, company, ..., person, joint
    people: dict[str, Voice] = field(default_factory=dict)  # by last name

    def before(self, text: str, low: int, at: int) -> Voice | None:
        """Find the subject of a cue that begins at `at`; quotations in `text` are blanked by the caller."""
        left = _masked(text[low:at])
        apposed: tuple[str, int, str] | None = None
        for found in _PHRASE.finditer(left):
            if _PREPOSITION.search(left[max(0, found.start() - 24) : found.start()]):
                continue
            beside = _reaches(left, found.end())
            if beside == "":
                return self.voice(text[low + found.start() : low + found.end()], low + found.start())
            if beside is not None and apposed is None:
                apposed = (text[low + found.start() : low + found.end()], low + found.start(), beside)
        return self.voice(*apposed) if apposed else None

    def after(self, text: str, at: int, high: int) -> Voice | None:
        """Find the speaker that begins at `at`, behind a cue."""
        right = text[at:high]
        lead = len(right) - len(right.lstrip())
        found = _PHRASE.match(right, lead)
        if found is None:
            return None
        rest = right[found.end() :]
        apposed = re.match(
            r",\s([^;“”\"]{1,200}?)(?:,|$|\.$)|\s((?:who|familiar|briefed|close|with|on)\b[^,;“”\"]{0,150})", rest
        )
        beside = (apposed[1] or apposed[2] or "") if apposed else ""
        return self.voice(found[0], at + found.start(), beside)

    def voice(self, printed: str, start: int, beside: str = "") -> Voice:
        """Make a voice of a noun phrase and of what stands in apposition to it, and remember it."""
        printed = re.sub(r"[’']s$", "", printed.strip())
        name, capacity, kind = self._who(printed, beside)
        if name and self.publisher.lower().startswith(f"{name.lower()} "):
            name = self.publisher
        citing = _CITING.search(beside)
        found = Voice(printed, name, capacity, start, start + len(printed), self._clean(citing[1]) if citing else "")
        if name:
            self.heard.append((found, kind))
        return found

    def _who(self, printed: str, beside: str) -> tuple[str, str, str]:
        flat = _flat(printed)
        if flat in {"he", "she", "it", "they"}:
            return self._back(flat)
        if flat in {"we", "i"}:
            return self.publisher, "on-record", "self"
        if known := self._known(flat):
            return known[0], "on-record", known[1]
        if proxy := self._proxy(printed, beside):
            return proxy
        for kind, pattern in _SHORT.items():
            if pattern.match(flat) and (back := self._latest(kind, flat)):
                return back.name, back.capacity, kind
        if " and " in printed and (parts := self._joint(printed)):
            return parts, "on-record", "joint"
        if _UNNAMED.search(beside) or (_ANONYMOUS.search(printed) and not self._ends_in_name(printed)):
            return (
                self._clean(printed + (f" {beside}" if re.match("familiar|briefed|close|with", beside) else "")),
                "anonymous",
                "anonymous",
            )
        if _EXPERTS.search(printed) and not self._ends_in_name(printed):
            inside = self._inside(printed)
            return (inside, "on-record", "company") if inside else (self._clean(printed), "anonymous", "anonymous")
        if _BODIES.search(printed) and not self._ends_in_name(printed):
            return self._body(printed)
        plain = self._clean(self._ends_in_name(printed) or printed)
        if titled := _TITLED.fullmatch(plain):
            plain = titled[1]
            self.people[plain.rpartition(" ")[2]] = Voice(plain, plain, "on-record")
            return plain, "on-record", "person"
        if plain.rpartition(" ")[2] in self.people and " " not in plain:
            person = self.people[plain]
            return person.name, person.capacity, "person"
        for kind, words in lexicon("voices")["short"].items():
            if re.match(rf"(?:a|an|the|its|which)\s+(?:[\w’'-]+\s+){{0,4}}?(?:{words})\b", beside):
                return plain, "on-record", kind
        is_person = bool(_TITLE.match(printed)) or bool(
            re.match(
                r"(?:a|an|the|who|its|his)\b|[\w’'. -]{0,60}(?:director|chief|officer|fellow|president|head|founder|researcher|analyst|minister|secretary|adviser|professor)\b",
                beside,
            )
        )
        is_person = is_person and not self._known(_flat(plain))
        if is_person or (
            plain.count(" ") in {1, 2} and plain.replace(" ", "").isalpha() and self._ends_in_name(printed) != printed
        ):
            self.people[plain.rpartition(" ")[2]] = Voice(plain, plain, "on-record")
            return plain, "on-record", "person"
        return plain, "on-record", "body"

    def _known(self, flat: str) -> tuple[str, str] | None:
        forms, _ = _names()
        flat = re.sub(r"'s$", "", flat)
        return forms.get(flat) or forms.get(flat.removeprefix("the "))

    def _inside(self, printed: str) -> str:
        """Give the known or capitalised name inside a phrase."""
        forms, pattern = _names()
        if found := pattern.search(printed):
            return forms[_flat(found[0])][0]
        names = [
            one[0]
            for one in _WHOLE_NAME.finditer(printed)
            if not re.fullmatch(rf"(?:U\.?S\.?|American|Western|European|{_KIND}|{_ALL})", one[0], re.I)
        ]
        return re.sub(r"[’']s?$", "", names[-1]) if names else ""

    def _ends_in_name(self, printed: str) -> str:
        """Give the person's name at the end of a phrase such as `campaign spokesman Jo Doe`."""
        if re.match(rf"(?:{_DET}\s+)?{_NAME}$", printed) and not re.search(rf"\b(?:{_ALL})$", printed, re.I):
            return re.sub(rf"^{_DET}\s+", "", printed)
        found = re.search(rf"(?:{_ALL})\s+({_NAME})$", printed)
        return found[1] if found else ""

    def _proxy(self, printed: str, beside: str) -> tuple[str, str, str] | None:
        """Tell whom a spokesperson speaks for."""
        inside = printed if _PROXY.search(printed) else beside if _PROXY.search(beside[:120]) else ""
        if not inside:
            return None
        person = self._ends_in_name(printed)
        inside = re.sub(r"^(?:[Tt]he|[Aa]n?|[Ii]ts)\s+", "", inside)
        found = _PROXY.search(inside)
        rest = inside[found.end() :] if found else ""
        whom = re.match(r"\s+(?:for|of|at|from|with)\s+(.+)", rest)
        phrase = whom[1] if whom else inside[: found.start()] if found else ""
        phrase = re.split(r",|\s(?:who|said|told)\b", phrase)[0].strip()
        short = self._short(phrase)
        bare = re.sub(r"^(?:a|an|its|the)\s+|\bsenior\b", "", phrase)
        whole = bare if re.fullmatch(rf"{_NAME}\s+(?:campaign|{_ALL})", bare) else ""
        name = short or whole or self._inside(phrase) or self._clean(bare)
        if not name and (
            back := next((voice for voice, kind in reversed(self.heard) if kind not in {"person", "anonymous"}), None)
        ):
            name = back.name
        if person and name:
            self.people[person.rpartition(" ")[2]] = Voice(person, name, "by-proxy")
        return name, "by-proxy", self._kind(name)

    def _short(self, phrase: str) -> str:
        flat = re.sub(r"'s?$", "", _flat(phrase))
        for kind, pattern in _SHORT.items():
            if pattern.match(flat) and (back := self._latest(kind, flat)):
                return back.name
        return ""

    def _kind(self, name: str) -> str:
        if known := self._known(_flat(name)):
            return known[1]
        return next(
            (kind for kind, words in lexicon("voices")["short"].items() if re.search(rf"\b(?:{words})\b", name, re.I)),
            "body",
        )

    def _latest(self, kind: str, flat: str) -> Voice | None:
        many = flat.endswith("s") and not flat.endswith("ss")
        if (
            many
            and kind in {"agency", "company"}
            and (joint := next((v for v, k in reversed(self.heard) if k == "joint"), None))
        ):
            return joint
        for voice, known in reversed(self.heard):
            word = flat.rpartition(" ")[2].rstrip("s")
            if known == kind or (word and re.search(rf"\b{re.escape(word)}", voice.name, re.I)):
                return Voice(voice.printed, voice.name, "on-record")
        if kind == "company":
            return next((Voice(v.printed, v.name, "on-record") for v, k in reversed(self.heard) if k == "body"), None)
        return None

    def _back(self, pronoun: str) -> tuple[str, str, str]:
        wanted = {
            "he": {"person"},
            "she": {"person"},
            "it": {"agency", "company", "campaign", "mission", "outlet", "body"},
        }.get(pronoun)
        for voice, kind in reversed(self.heard):
            proxy = voice.capacity == "by-proxy" and pronoun != "it"
            if wanted is None or kind in wanted or proxy:
                return voice.name, voice.capacity, kind
        return "", "on-record", ""

    def _joint(self, printed: str) -> str:
        whole = _KNOWN_WITH_AND.sub(lambda found: found[0].replace(" ", "_"), printed)
        parts = [part.replace("_", " ") for part in re.split(r",?\s+and\s+(?:the\s+)?|,\s+(?:the\s+)?", whole) if part]
        if len(parts) < 2 or not all(re.search(r"[A-Z]", part) for part in parts):
            return ""
        names = [(self._known(_flat(part)) or (self._clean(part), ""))[0] for part in parts]
        return ", ".join(names[:-1]) + " and " + names[-1]

    def _body(self, printed: str) -> tuple[str, str, str]:
        flat = re.sub(r"^(?:a|an|the|its|their)\s+", "", printed)
        paper = re.search(
            r"\b(?:statement|report|advisory|analysis|post|indictment|affidavit|bulletin|assessment|document|notice|complaint|letter)s?\b",
            flat,
        )
        if paper:
            inside = self._inside(printed)
            back = next((voice.name for voice, kind in reversed(self.heard) if kind not in {"anonymous", "person"}), "")
            return inside or back or self.publisher, "on-record", self._kind(inside or back)
        name = self._clean(printed)
        return name, "on-record", self._kind(name)

    def _clean(self, printed: str) -> str:
        plain = re.sub(r"^(?:[Tt]he|[Aa]n?|[Bb]oth|[Ii]ts|[Tt]heir)\s+", "", " ".join(printed.split()))
        plain = re.sub(r"[’']s$", "", _TITLE.sub("", plain))
        return (self._known(_flat(plain)) or (plain, ""))[0]


def _reaches(left: str, at: int) -> str | None:
    """Tell whether only words that say nothing stand from `at` to the end; give the apposition on the way, if so."""
    beside = ""
    while at < len(left):
        if found := _STEP.match(left, at):
            at = found.end()
        elif (word := re.compile(r"[\w’'-]+,?").match(left, at)) and word[0].rstrip(",").lower() in _BETWEEN:
            at = word.end()
        elif (found := _APPOSED.match(left, at)) or (found := _APPOSED_LONG.match(left, at)):
            beside, at = beside or found[1], found.end()
        elif found := re.compile(_LATER + "$").match(left, at):
            return f"{beside} {found[0]}".strip()
        else:
            return None
    return beside
