"""What is claimed: sought, accessed, stole, ... and against whom, by whom, how surely, whether it is denied."""

import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from watchword.claims.speaking import lexicon


@dataclass(slots=True)
class Matter:
    """One thing that a passage says."""

    proposition: str
    start: int
    stop: int
    target: str = ""
    actor: str = ""
    polarity: str = "affirms"
    strength: str = ""
    is_bare: bool = False  # said without a cue, it still is an attribution


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    pattern: re.Pattern[str]
    target: str
    is_bare: bool


@functools.cache
def _kinds() -> list[_Kind]:
    found = tomllib.loads(files("watchword.claims").joinpath("propositions.toml").read_text("utf-8"))
    return [
        _Kind(
            one["name"], re.compile(rf"(?<![\w-])(?:{'|'.join(one['words'])})"), one["target"], one.get("bare", False)
        )
        for one in found["proposition"]
    ]


_D = lexicon("propositions")
_DOMAIN = re.compile(rf"\b(?:{_D['domain']['words']})\b".replace("\n", ""), re.I)
_CORE = re.compile(rf"\b(?:{_D['domain']['core']})\b".replace("\n", ""), re.I)
_STATE, _GROUP, _DOER = _D["actors"]["states"], _D["actors"]["names"], _D["actors"]["doers"]
_WORD = r"[\w’'-]+"
_BACKED = r"(?:[\w]+-(?:backed|sponsored|linked|aligned|affiliated|based|nexus|run|directed|state|speaking)\s+)"
_ACTOR = re.compile(
    rf"(?<![\w-])(?:(?:a|an|the|the same|one|two|three|several)\s+)?(?:(?:suspected|alleged|group|hackers|actor)\s+)*{_BACKED}?(?:(?:{_STATE})(?:[’']s)?\s+(?:{_WORD}\s+){{0,3}}?(?:{_DOER})\b"
    rf"|(?:{_STATE})(?:-(?:backed|sponsored|linked|aligned|affiliated|based|nexus|state)\s+(?:{_WORD}\s+){{0,3}}?(?:{_DOER})\b)|(?:{_GROUP})(?!\w)(?:\s(?:[Gg]roup|hackers|gang|threat (?:actor|group))\b)?|(?:{_STATE})(?:[’']s\s+(?:{_GROUP}))?(?![\w-])"
    rf"|(?:{_WORD}\s+){{0,2}}?{_BACKED}(?:{_WORD}\s+){{0,2}}?(?:{_DOER})\b)"
)
_LOOSE = re.compile(
    rf"\b(?:the|a|an|this|these|those|same|one|unknown|unidentified|foreign|state|[Tt]he same)\s+(?:{_WORD}\s+){{0,3}}?(?:hack(?:er|ing) groups?|hackers?|attackers?|intruders?|threat actors?|actors?|groups?|adversar(?:y|ies)|operators?|gang|crew|cyber ?criminals)\b"
    r"(?:\s+that\s+works\s+for\s+(?:the\s+)?[\w\s]{3,40}?(?=[,.;]|$))?|\b(?:hackers|attackers|intruders|cyber ?criminals|foreign sources[\w ]{0,40})\b"
)
_STOPS = re.compile(
    r"[,.;:()—–“”\"]|\s(?:and (?=(?:that|then|to|was|were|is|are|had|has|have|it|he|she|they|the same|succeeded|gained|stole|sent|also|later|in|of (?:\w+ing))\b|\w+(?:ed|ing)\b)|but|that|which|who|whom|whose|by|using|with|via|through|in order|before|after|during|while|when|where|as|because|since|so|until|"
    r"for|to|from|on|in (?:the (?:past|last|run-?up|wake|summer|spring|months|weeks|days)|recent|early|late|[A-Z12]\w+|an?|order)|had|has|have|was|were|is|are|if|though|although|earlier|last|this|starting|over|between|or|ahead|including|such|since|out|at least)\b"
)  # fmt: skip
_ON = frozenset("with to on for in from".split())
_HEADS = re.compile(
    r"\b(?:people|persons?|individuals?|members?|staff|officials?|accounts?|someone|employees?|access|attacks?|attempts?|breach|hack|"
    r"advis[eo]rs?|aides?|candidates?|compromise|intrusions?|close|efforts?|operations?|relat\w+|work\w*|mission|tied|linked)$"
)
_LEADS = re.compile(
    r"\s*(?:(?:to|into|of|against|at(?! least)|on|from|in|inside)\b|e-?mails?\s+(?:to|of|at)|messages?\s+(?:to|against)|attacks?\s+(?:on|against)|credentials\s+of|phishing)?\s*(?:(?:to|of|against|at|on|with)\s+)?"
)
_NEGATED = re.compile(
    r"\b(?:not|never|no|without|nor|neither|n[’']t|cannot|none|denied|denies|denying|unaware|nothing|rather than)\b[^.;]{0,70}$",
    re.I,
)
_BREAKS = re.compile(r";|—|\bbut\b|\balthough\b|\bwhile\b|\bwhereas\b|, and\b")
_OPEN = re.compile(
    r"\b(?:whether|unclear|not clear|who (?:was|is|were)|did not say|could not say|remains? unknown|not known|if)\b[^.;]{0,60}$"
)
_NOT_ONLY = re.compile(r"\bnot only\b[^.;]{0,70}$")
_STRENGTH = re.compile(
    r"(?<!\w)(?:" + "|".join(tomllib.loads(files("watchword.claims").joinpath("cues.toml").read_text("utf-8"))["strength"]["words"]) + r")(?!\w)", re.I
)  # fmt: skip
_EVIDENCE = [
    (one["kind"], re.compile("|".join(one["forms"]), re.I))
    for one in tomllib.loads(files("watchword.claims").joinpath("cues.toml").read_text("utf-8"))["evidence"]
]
_BEING = re.compile(r"\b(?:is|are|was|were|been|be|being)\s+(?:\w+\s+)?$")
_TIES = re.compile(r"link|t(?:ie|y)|trac|connect|associat|involv|role|hand|had a hand")
_PARTICIPLES = frozenset(
    "compromised hacked breached infected stolen accessed penetrated infiltrated hijacked entered".split()
)
_ATTRIBUTIVE = re.compile(
    r"\b(?:the|a|an|of|on|from|in|with|any|some|several|many|few|other|their|its|his|her|those|these|using|via|previously|potentially|already|\d+)\s+$",
    re.I,
)
_OWN_TARGET = re.compile(
    rf"\b(?:both|the two|two|presidential|political|rival|[A-Z][\w’']+(?:\s[A-Z][\w’']+)?)\s+{_D['targets']['nouns']}\b|\bboth (?:sides|parties|camps)\b"
)
_HISTORY = re.compile(
    r"^(?:it|them|they|he|she|him|her|this|that|us|what|these|those|anything|nothing|involvement|so|others?|both|all)$",
    re.I,
)


def is_of_the_matter(text: str) -> bool:
    """Tell whether a passage speaks of a hacking, a leak or influence."""
    return _DOMAIN.search(text) is not None


def is_about_it(text: str) -> bool:
    """Tell whether a document is about such a matter at all."""
    return len(_CORE.findall(text)) >= 2


def evidence_of(passage: str) -> str:
    """Say what evidence a passage offers."""
    return next((kind for kind, pattern in _EVIDENCE if pattern.search(passage)), "none")


def matters(text: str, low: int, high: int, cues: Sequence[int] = ()) -> list[Matter]:
    """Find what a passage says, in its order. One passage may say several things, none of them twice.

    `cues` says where words end by which somebody says something: no subject lies on the other side of one.
    """
    taken: list[tuple[int, int]] = []
    found: list[Matter] = []
    for kind in _kinds():
        for one in kind.pattern.finditer(text, low, high):
            if any(one.start() < stop and start < one.end() for start, stop in taken):
                continue
            if one[0] in _PARTICIPLES and _ATTRIBUTIVE.search(text[max(low, one.start() - 40) : one.start()]):
                continue
            taken.append((one.start(), one.end()))
            matter = Matter(kind.name, one.start(), one.end(), is_bare=kind.is_bare)
            floor = max((stop for stop in cues if stop <= one.start()), default=low)
            _sides(text, floor, high, kind, matter)
            _sureness(text, low, matter)
            found.append(matter)
    found = [one for one in found if one.actor or one.proposition != "who" or not _TIES.match(text, one.start)]
    return _settled(sorted(found, key=lambda one: one.start), text)


def _settled(found: list[Matter], text: str) -> list[Matter]:
    """Drop what is said twice, or only named in what was done; `the same group` did what follows."""
    kept: list[Matter] = []
    for number, one in enumerate(found):
        named = next((who for who in kept if who.proposition == "who" and who.target and one.start > who.start), None)
        if named and (at := text.find(named.target, named.start)) >= 0 and at <= one.start < at + len(named.target):
            continue
        if (
            one.proposition == "who"
            and not one.target
            and any(who.proposition == "who" and who.actor == one.actor for who in kept)
        ):
            continue
        if kept and kept[-1].proposition == one.proposition and one.start - kept[-1].stop < 15:
            continue
        if one.proposition == "same-actor":
            later = next((other for other in found[number + 1 :] if other.proposition != "intent"), None)
            one.target = later.target if later else ""
        kept.append(one)
    return kept


def _phrase(text: str, at: int, high: int) -> tuple[str, int]:
    """Give the noun phrase that begins at `at`, up to a word that ends one."""
    lead = _LEADS.match(text, at, high)
    at = lead.end() if lead else at
    stop = _STOPS.search(text, at, min(high, at + 160))
    end = stop.start() if stop else min(high, at + 160)
    while (
        stop and stop[0].strip() in _ON and _HEADS.search(text, at, end) and end - at < 120
    ):  # `people with access to`
        stop = _STOPS.search(text, end + len(stop[0]), min(high, end + 120))
        end = stop.start() if stop else min(high, end + 120)
    phrase = text[at:end].strip(' .,;:”"’')
    if phrase.startswith(("and ", "or ", "for ", "by ")):
        return "", end
    words = phrase.split()
    return (phrase if 0 < len(words) <= 14 else ""), end


def phrase_after(text: str, at: int, high: int) -> str:
    """Give the noun phrase that begins at `at`; empty if there is none."""
    return _phrase(text, at, high)[0]


def _actors(text: str, low: int, high: int) -> list[re.Match[str]]:
    return list(_ACTOR.finditer(text, low, high)) or list(_LOOSE.finditer(text, low, high))


def _sides(text: str, low: int, high: int, kind: _Kind, matter: Matter) -> None:
    """Find the target and the actor around what was found."""
    word = text[matter.start : matter.stop]
    is_passive = re.match(r"(?:\w+ ){0,3}?(?:was|were|been|being|be|is|are)\b.*[^g]$", word) is not None
    is_passive |= word.endswith(("ed", "en")) and re.match(r"\s+by\s", text[matter.stop : matter.stop + 4]) is not None
    behind, _ = _phrase(text, matter.stop, high)
    if kind.name == "who":
        _who(text, low, high, word, matter)
        return
    if kind.target == "after" and not is_passive:
        matter.target = _access(text, matter, high, behind)
    elif kind.target == "before" or (is_passive and kind.target == "after"):
        matter.target = _subject(text, low, matter.start)
    by = re.compile(r"[^.;]{0,60}?\bby\s+").match(text, matter.stop, high)
    if (by and (doers := _actors(text, by.end(), min(high, by.end() + 90))) and doers[0].start() - by.end() < 12) or (
        kind.name == "directed" and (doers := _actors(text, matter.stop, min(high, matter.stop + 70)))
    ):
        matter.actor = doers[0][0].strip()
    elif kind.name != "received" and (not is_passive or kind.name == "same-actor"):
        doers = [one for one in _actors(text, low, matter.stop) if one[0].strip().lower() != matter.target.lower()]
        matter.actor = doers[-1][0].strip() if doers else ""
        if kind.name == "same-actor" and (named := _ACTOR.search(text, matter.start, min(high, matter.stop + 40))):
            matter.actor = named[0].strip()
    if _HISTORY.match(matter.target) and not (matter.target in {"it", "they", "we"} and is_passive):
        matter.target = ""
    if not matter.target and kind.target == "after" and (near := _OWN_TARGET.search(text, matter.stop, high)):
        matter.target = near[0]


def _access(text: str, matter: Matter, high: int, behind: str) -> str:
    """Give what stands behind; of stolen or sent things, from whom, if it is said."""
    if matter.proposition in {"stole", "disclosed"}:
        source = re.compile(
            r"[^.;]{0,70}?\b(?:from|belonging to|of)\s+(?=(?:the |a |an |its |both |several |one )?\w)"
        ).match(text, matter.stop, high)
        if source:
            phrase, _ = _phrase(text, source.end(), high)
            return phrase or behind
    return behind


def _subject(text: str, low: int, at: int) -> str:
    """Give the noun phrase that ends at `at`."""
    left = re.sub(
        r"\s+(?:(?:had|has|have|also|each|all|both|later|then|may|might|could|appear(?:s|ed)? to|seem(?:s|ed)? to|believed to|be|been|is|are|was|were|\w+ly)\s*)*$",
        "",
        text[max(low, at - 140) : at],
    )
    cut = list(
        re.finditer(
            r"[;:“”\"—]|\b(?:that|said|says|and that|but|where|when|while|because|which|after|before|if|how|no indication|any of)\b|,(?! and\b)(?=\s+[a-z])",
            left,
        )
    )
    phrase = left[cut[-1].end() :] if cut else left
    phrase = phrase.strip(" ,.")
    return phrase if 0 < len(phrase.split()) <= 16 else ""


def _to_whom(text: str, at: int, high: int) -> re.Match[str] | None:
    """Find the `to` behind which the doer stands: the first before somebody who may be one, else the last."""
    found: re.Match[str] | None = None
    for one in re.compile(r"\b(?:to|on|with)\b\s+").finditer(text, at, min(high, at + 220)):
        if re.search(r"[.;]", text[at : one.start()]):
            break
        found = one
        if _ACTOR.match(text, one.end()) or _LOOSE.match(text, one.end()):
            return one
    return found


def _who(text: str, low: int, high: int, word: str, matter: Matter) -> None:
    """Whose work it was: `attributed T to A`, `blamed A for T`, `A was behind T`, `T was carried out by A`."""
    first = word.split()[0].lower()
    to = _to_whom(text, matter.stop, high)
    if re.match(r"attribut|ascrib|pinn|trac|link|tie|tying|connect|associat", first):
        inside = re.search(r"\b(?:to|with)$", word)
        at = matter.stop if inside else (to.end() if to else matter.stop)
        doers = _actors(text, at, min(high, at + 110))
        matter.actor = doers[0][0].strip() if doers and doers[0].start() - at < 45 else ""
        if not matter.actor and not first.startswith(("link", "ti", "ty", "connect", "associat", "trac")):
            matter.actor = _phrase(text, at, high)[0]
        if inside:
            middle = re.sub(r"^\w+\s+|\s*\b(?:to|with|back)\b\s*$", "", word).removesuffix(" back")
            matter.target = middle if len(middle.split()) > 1 else _subject(text, low, matter.start)
        else:
            between = text[matter.stop : to.start()] if to else ""
            matter.target = between.strip(" ,") if 0 < len(between.split()) <= 16 else ""
        matter.target = matter.target or _subject(text, low, matter.start)
        if (
            word.split()[0].endswith("ed")
            and not _BEING.search(text[low : matter.start])
            and text.find(matter.target, low, matter.start) >= 0
        ):
            matter.target = re.split(
                r"\b(?:in|with|of|about|on|from|to|and|or|by|during|leverages?|shares?|uses?|includes?|is|are|was|were)\s",
                matter.target,
            )[-1]
        if re.match(r"by\b", matter.target):
            matter.target = _subject(text, low, matter.start)
    elif re.match(r"blam|accus|implicat|indict|charg|point", first):
        doers = _actors(text, matter.stop, min(high, matter.stop + 120))
        matter.actor = doers[0][0].strip() if doers else _phrase(text, matter.stop, high)[0]
        for_what = re.compile(r"[^.;]{0,140}?\b(?:for|of|in|with)\s+").match(text, matter.stop, high)
        if for_what and first.startswith(("blam", "implicat")):
            matter.target = _phrase(text, for_what.end(), high)[0]
    elif re.search(r"\b(?:by|of|from|in|with)$", word) and not re.search(r"responsible|role|hand|involve", word):
        doers = _actors(text, matter.stop, min(high, matter.stop + 90))
        matter.actor = doers[0][0].strip() if doers else _phrase(text, matter.stop, high)[0]
        matter.target = _subject(text, low, matter.start)
    else:
        doers = _actors(text, low, matter.start)
        matter.actor = doers[-1][0].strip() if doers else ""
        matter.target = _phrase(text, matter.stop, high)[0]
    if _HISTORY.match(matter.target):
        matter.target = ""


def _sureness(text: str, low: int, matter: Matter) -> None:
    left = text[max(low, matter.start - 140) : matter.start]
    breaks = list(_BREAKS.finditer(left))
    clause = left[breaks[-1].end() :] if breaks else left
    inside = text[matter.start : matter.stop]
    if (_NEGATED.search(clause) and not _NOT_ONLY.search(clause)) or re.match(r"(?:no|neither|nor)\b", inside):
        matter.polarity = "denies"
    if _OPEN.search(clause):
        matter.polarity = "open"
    words = list(_STRENGTH.finditer(clause + inside))
    if not words:
        words = list(_STRENGTH.finditer(text, matter.stop, min(len(text), matter.stop + 60)))[:1]
        words = [one for one in words if not re.search(r"[.;\n]|, (?:and|but)", text[matter.stop : one.start()])]
    matter.strength = words[-1][0] if words else ""
