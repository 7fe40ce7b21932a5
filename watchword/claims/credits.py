"""Who is named as a source of a report: publishers, speakers, agencies, witnesses, and people without a name."""

import functools
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Protocol

from watchword.claims.passages import Span
from watchword.claims.speakers import Speakers, folded, speakers_of
from watchword.claims.stories import Cut, Reference, Story

_NEAR = 90  # characters behind a name in which its verb stands
_BEFORE = 40  # characters before a name in which it stands where the name comes after it
_BEHIND = re.compile(
    r"\b(?:at|of|from|with|for|by|in|into|inside|against|to|on|upon|between|about|around|near|over|via)"
    r"\s+(?:(?:a|an|its|their|his|her)\s+)?(?:the\s+)?(?:(?!what|that|which|who\b)[a-z][\w-]*\s+){0,2}$",
    re.I,
)
_DONE_TO = re.compile(  # `NAME was hacked`, `NAME was at the time looking into`
    r"\s*(?:,[^,]{1,60},)?\s*(?:was|were|is|are|been|being|has\s+been|have\s+been|had\s+been)\s+"
    r"(?:\w+(?:ed|en|nt|ld|ked)\b|(?:\w+\s+){0,4}\w{3,}ing\b)",
    re.I,
)
_INVERTED = re.compile(r"\s*(?:[.,;:]|$|on\s|in\s|\()", re.I)  # `…, reports NAME.`
_IS = re.compile(r"\bis\s+(?:the\s+)?(?:[a-z]+\s+)?$", re.I)  # `the source is NAME`
_CLOSE = 12  # characters between `according to` and the name
_GAP = r"(?:[^.;:!?\n“”\"]|\b[A-Z]\.){0,%d}?"


@dataclass(frozen=True, slots=True)
class Rules:
    """The phrases of `citations.toml`, those that are looked for as they are as expressions."""

    agencies: dict[str, tuple[str, ...]]
    stems: str
    people: str
    said_by: str
    heard_by: str
    own: str
    us: re.Pattern[str]
    anonymous: re.Pattern[str]
    answers: re.Pattern[str]
    wire: str


@functools.cache
def rules() -> Rules:
    """Read `citations.toml`."""
    data = tomllib.loads(files("watchword").joinpath("claims", "citations.toml").read_text("utf-8"))

    def either(phrases: Sequence[str]) -> str:
        ordered = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
        return "(?:" + "|".join(re.escape(one).replace(r"\ ", r"\s+") for one in ordered) + ")"

    return Rules(
        agencies={name: tuple(forms) for name, forms in data["agencies"].items()},
        stems="(?:" + "|".join(data["speaks"]["stems"].split()) + ")",
        people=either(data["speaks"]["people"].split()),
        said_by=either(data["said_by"]["phrases"]),
        heard_by=either(data["heard_by"]["phrases"]),
        own=either(re.findall(r"was able to|(?:has|was|could) \w+|\w+ (?:to|with)\b|\w+", data["own"]["verbs"])),
        us=re.compile(rf"\b(?:{either(data['own']['us'])}|{data['own']['first_person']})\b", re.I),
        anonymous=re.compile(
            rf"\b(?:{either(data['anonymous']['phrases'])}|{'|'.join(data['anonymous']['patterns'])})\b", re.I
        ),
        answers=re.compile(rf"\b{either(data['answers']['phrases'])}\b", re.I),
        wire=either(data["wire"]["phrases"]),
    )


def case_speakers(stories: Sequence[Story], names: Sequence[tuple[str, str]]) -> Speakers:
    """Give the names of a case: its publishers, those who speak (canonical form, as printed), and news agencies."""
    found = speakers_of([story.publisher for story in stories if story.publisher], names)
    for name, forms in rules().agencies.items():
        found.add(name, *forms, publishes=True)
    return found


class _Keep(Protocol):
    def __call__(self, how: str, span: Span, key: str = "", named: str = "", weak: bool = False) -> None: ...


class Names:
    """Finds who is named as a source, in what part."""

    def __init__(self, speakers: Speakers) -> None:
        """`speakers` are the names of the case."""
        self.speakers = speakers
        self.quotations: list[Span] = []
        self.houses: dict[str, str] = {}  # person -> key of the house for which they speak
        self.last = speakers.last_words()
        self.known = self.last | speakers.forms()
        ordered = sorted(self.known, key=lambda form: (-len(form), form))
        spaced = [re.escape(form).replace(r"\ ", r"[\s\-’'.&]+") for form in ordered]
        self.name = r"\b(?:the\s+)?(?P<name>" + "|".join(spaced or [r"(?!)"]) + r")(?:[’']s)?\b"
        short = _GAP % _CLOSE
        rule = rules()
        flags = re.I
        self.names = re.compile(self.name, flags)
        self.stem = re.compile(rf"\b{rule.stems}", flags)
        self.word_of = re.compile(rf"^\s*{rule.people}\b", flags)
        self.people = re.compile(rf"\b{rule.people}\s+(?:at|of|from|with|by)\s+{self.name}", flags)
        self.said_by = re.compile(rf"\b{rule.said_by}\b{short}{self.name}", flags)
        self.heard_by = re.compile(rf"\b{rule.heard_by}\s+(?:a\s+reporter\s+(?:of|for|from)\s+)?{self.name}", flags)
        self.own = re.compile(rf"{self.name}\s+(?:itself\s+)?{rule.own}\b", flags)
        self.wire = re.compile(
            rf"^[^\n]{{0,60}}?\(\s*{self.name}\s*\)\s*[-–—:]|^\s*by\s+{self.name.replace('?P<name>', '?P<byline>')}\b"
            rf"|(?:{rule.wire})\s*{self.name.replace('?P<name>', '?P<foot>')}"
            rf"|{self.name.replace('?P<name>', '?P<helped>')}\s+(?:{rule.wire})",
            flags | re.M,
        )
        title = r"(?:Mr|Ms|Mrs|Dr|Prof)\.?\s+"
        capital = r"[A-Z][\w’'-]+"
        person = rf"(?:{title})?(?P<person>{capital}(?:\s+(?:{capital}|[A-Z]\.)){{1,2}})"
        self.person = re.compile(
            rf"{person}(?P<office>,[^;:!?\n“”\"]{{2,90}},)?\s+(?:told|said|says|confirmed|tells)\b"
            rf"|\b(?:said|says)\s+{person.replace('?P<person>', '?P<after>')}(?P<place>,[^.;:!?\n“”\"]{{2,90}})?"
        )
        self.elsewhere = re.compile(
            rf"\b(?:first\s+reported\s+by|reported\s+by|according\s+to\s+a\s+report\s+(?:in|by|from))\s+(?:[Tt]he\s+)?"
            rf"(?P<one>{capital}(?:\s+{capital}){{0,3}})"
            rf"|\b(?:[Tt]he\s+)?(?P<two>{capital}(?:\s+{capital}){{0,3}})\s+(?:first|exclusively)\s+(?:reported|revealed)"
        )

    def find(self, story: Story, read: Cut) -> list[Reference]:
        """Find the named and unnamed sources of a story."""
        own = self.speakers.key(story.publisher) if story.publisher else ""
        found: list[Reference] = []
        self.following = Span(0, 0, "")
        self.quotations = read.quotations
        self.met: dict[str, tuple[str, str]] = {}  # last word of a person's name -> key, name
        edge = (*read.sentences[:3], *read.sentences[-3:])
        wires = {match.start(): match for span in edge for match in self.wire.finditer(span.text)}
        taken: set[tuple[str, str, int]] = set()

        def keep(how: str, span: Span, key: str = "", named: str = "", weak: bool = False) -> None:
            if (how, key, span.start) not in taken:
                taken.add((how, key, span.start))
                lead = span.start < read.lead
                found.append(
                    Reference(story.document, how, span.start, span.stop, "", named, key, lead=lead, weak=weak)
                )

        for span in edge if wires else ():
            for match in self.wire.finditer(span.text):
                named = next(text for text in match.groupdict().values() if text)
                key = self.known[folded(named)]
                if key != own and key in self.speakers.publishers:
                    keep("wire", span, key, named)
        for number, span in enumerate(read.sentences):
            self.following = read.sentences[number + 1] if number + 1 < len(read.sentences) else span
            answers = bool(rules().answers.search(span.text))
            heard = self._heard(span, own, keep)
            if not answers and not heard:
                self._named(span, own, keep)
            if rules().anonymous.search(span.text) and not answers | bool(heard):
                keep("anonymous", span)
        return found

    def _named_in(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """Give where a pattern meets a name: with a capital, and behind `the` where it is the last word of one."""
        for match in pattern.finditer(text):
            name = match["name"]
            before = text[: match.start("name")].rstrip().lower()
            if not name[0].islower() and (folded(name) not in self.last or before.endswith("the")):
                yield match

    def _is_quoted(self, place: int) -> bool:
        return any(one.start <= place < one.stop for one in self.quotations)

    def _heard(self, span: Span, own: str, keep: _Keep) -> bool:
        """Find whose reporting a sentence is: the publisher's own work, or that of another one."""
        if any(not self._is_quoted(span.start + match.start()) for match in rules().us.finditer(span.text)):
            self._own(span, own, keep)
            return True
        for pattern in (self.heard_by, self.own):
            for match in self._named_in(pattern, span.text):
                key = self.known[folded(match["name"])]
                if key == own and own:
                    if not rules().answers.search(span.text):
                        self._own(span, own, keep)
                    return True
                if pattern is self.heard_by and key in self.speakers.publishers and not self._speaks(span, key):
                    keep("credits", span, key, match["name"])
                    return True
        return False

    def _speaks(self, span: Span, key: str) -> bool:
        """Say whether the same name is the subject of the sentence, too."""
        return any(self.known[folded(match["name"])] == key for match in self._subjects(span.text))

    def _subjects(self, text: str) -> Iterator[re.Match[str]]:
        """Give the names that say something in a sentence: neither behind a preposition, nor done something to."""
        for match in self._named_in(self.names, text):
            before, after = text[: match.start()], text[match.end() :]
            if match.group().lower().endswith(("'s", "’s")):
                if self.word_of.search(after):
                    yield match
            elif not _BEHIND.search(before) and not _DONE_TO.match(after):
                near = before[-_BEFORE:] if _INVERTED.match(after) or _IS.search(before) else ""
                if self.stem.search(after[:_NEAR]) or self.stem.search(near):
                    yield match

    def _own(self, span: Span, own: str, keep: _Keep) -> None:
        """Say who spoke to the publisher: a named witness or their house, somebody unnamed, or what it saw itself."""
        witnesses = {
            self.known[folded(match["name"])]: match["name"] for match in re.finditer(self.name, span.text, re.I)
        }
        witnesses.pop(own, None)
        person = self._person(span)
        if person:
            keep("own", span, *person)
        elif rules().anonymous.search(span.text):
            keep("own", span, "", "")
        elif spoken := [key for key in witnesses if self._speaks(span, key)]:
            publishes = spoken[0] in self.speakers.publishers  # then its own report is its word
            keep("credits" if publishes else "own", span, spoken[0], witnesses[spoken[0]])
        elif rules().anonymous.search(self.following.text):
            keep("own", span, "", "")
        elif person := self._person(self.following):  # `A former clerk told NAME … Nora Fell says`
            keep("own", span, *person)
        else:
            keep("own", span, own, "")

    def _person(self, span: Span) -> tuple[str, str] | None:
        """Give the named person who speaks in a sentence, by the house for which they speak if that is known."""
        for match in self.person.finditer(span.text):
            name = match["person"] or match["after"]
            last = folded(name).rpartition(" ")[2]
            if known := self.known.get(folded(name)):
                return known, name
            if last in self.met and folded(name) in (last, folded(self.met[last][1])):
                return self.met[last]
            office = match["office"] or match["place"] or ""
            if house := re.search(self.name, office, re.I):
                self.met[last] = self.known[folded(house["name"])], name
                self.houses[name] = self.met[last][0]
            else:
                self.met[last] = folded(name), name
            return self.met[last]
        return None

    def _named(self, span: Span, own: str, keep: _Keep) -> None:
        """Find credits to publishers and speakers of the case, and to publishers that are not in it."""
        some = False
        said = [*self._subjects(span.text), *self._named_in(self.said_by, span.text)]
        people = [*self._named_in(self.people, span.text)]
        for match in (*said, *people):
            key = self.known[folded(match["name"])]
            some = True
            if key != own:
                how = "credits" if key in self.speakers.publishers else "speaks"
                keep(how, span, key, match["name"], match not in said)
        if some:
            return
        if person := self._person(span):
            if person[0] != own:
                keep("speaks", span, *person)
            return
        for match in self.elsewhere.finditer(span.text):
            named = match["one"] or match["two"]
            if folded(named) != own:
                keep("credits", span, folded(named), named)
