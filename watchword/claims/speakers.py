"""Names of those who speak in a case: one key for each, so that who speaks twice is not counted twice."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_SMALL = {"of", "the", "and", "for", "de", "la", "le", "du", "des", "on", "in", "a"}
_JOINT = re.compile(r"\s*(?:,\s*and\s+|,\s*|\s+and\s+|\s*&\s*)\s*")
_TITLES = re.compile(r"^(?:mr|ms|mrs|dr|prof|sir|dame|gen|col|sen|rep|gov|president|director|professor)\.?\s+", re.I)
_SHORTEST = 5  # letters of the last word of a publisher's name by which it goes


def folded(name: str) -> str:
    """Write a name so that spellings of it are equal: lower case, without article, titles and punctuation."""
    name = _TITLES.sub("", re.sub(r"[’']s\b", "", name.strip()))
    words = re.findall(r"\w+", name.lower())
    return " ".join(words[1:] if words[:1] == ["the"] and len(words) > 1 else words)


def initials(name: str) -> str:
    """Give the initials by which an institution with a name of several words goes; empty if there are none."""
    words = [word for word in re.findall(r"[\w-]+", name) if word.lower() not in _SMALL]
    return "".join(word[0] for word in words) if len(words) >= 3 and all(word[0].isupper() for word in words) else ""


@dataclass(slots=True)
class Speakers:
    """The names of a case. `key` is what two of them have in common if they are one, or speak with one voice."""

    titles: dict[str, str] = field(default_factory=dict)  # key -> as it is shown
    publishers: set[str] = field(default_factory=set)  # keys of those who publish
    _same: dict[str, str] = field(default_factory=dict)
    _forms: dict[str, str] = field(default_factory=dict)  # folded form -> key

    def add(self, name: str, *forms: str, publishes: bool = False) -> str:
        """Take in a name with further forms of it, and give its key. Empty names have none."""
        key = self.key(name)
        if not key:
            return ""
        self.titles.setdefault(key, name.strip())
        self._forms.setdefault(folded(name), key)
        for form in map(folded, forms):
            known = self._forms.setdefault(form, key)
            if known != key:
                self.join(known, key)
        if short := folded(initials(name)):
            known = self._forms.setdefault(short, key)
            if folded(self.titles.get(known, "")) == short:  # the abbreviation itself was met before
                self.join(known, key)
        if publishes:
            self.publishers.add(self.key(name))
            head = re.split(r"\s+(?:of|for|in)\s+", name.strip())[0]  # `the Prosecutor General` of somewhere
            if len(folded(head).split()) > 1:
                self._forms.setdefault(folded(head), key)
        return self.key(name)

    def join(self, one: str, other: str) -> None:
        """Make two keys one."""
        one, other = self._root(one), self._root(other)
        if one == other:
            return
        kept, gone = (
            (one, other) if (one in self.publishers, other) >= (other in self.publishers, one) else (other, one)
        )
        self._same[gone] = kept
        if gone in self.publishers:
            self.publishers.add(kept)

    def speak_together(self, names: str) -> str:
        """Take in who speaks in one voice, as `ODNI, FBI and CISA`: whoever of them repeats it adds no new root."""
        parts = [part for part in _JOINT.split(names) if part]
        if len(parts) < 2 or not all(part[:1].isupper() or part.lower().startswith("the ") for part in parts):
            return self.add(names)
        keys = [self.add(part) for part in parts]
        for key in keys[1:]:
            self.join(keys[0], key)
        key = self.add(names, parts[0])
        self.titles[key] = max(names.strip(), self.titles.get(key, ""), key=len)
        return key

    def key(self, name: str) -> str:
        """Give the key of a name, known or not."""
        form = folded(name)
        return self._root(self._forms.get(form, form))

    def title(self, key: str) -> str:
        """Give a name as it is shown."""
        return self.titles.get(key, key)

    def forms(self) -> dict[str, str]:
        """Give every form of every name, folded, with its key."""
        return {form: self._root(key) for form, key in self._forms.items() if form}

    def last_words(self) -> dict[str, str]:
        """Give the last words by which publishers go, as `the Courier`, where only one has it."""
        forms = self.forms()
        found: dict[str, set[str]] = {}
        for form, key in forms.items():
            if key in self.publishers and " " in form and len(word := form.rpartition(" ")[2]) >= _SHORTEST:
                found.setdefault(word, set()).add(key)
        taken = {word for form in forms for word in form.split()[:-1]} | set(forms)
        return {word: next(iter(keys)) for word, keys in found.items() if len(keys) == 1 and word not in taken}

    def _root(self, key: str) -> str:
        seen: set[str] = set()
        while key in self._same and key not in seen:
            seen.add(key)
            key = self._same[key]
        return key


def speakers_of(publishers: Iterable[str], names: Iterable[tuple[str, str]]) -> Speakers:
    """Make the names of a case from its publishers and from those who speak: canonical form, as printed."""
    found = Speakers()
    for publisher in publishers:
        found.add(publisher, publishes=True)
    for name, printed in names:
        if name:
            found.speak_together(name)
            if len(re.findall(r"\b[A-Z]\w+", printed)) > 1 and not _JOINT.search(printed):
                found.add(name, printed)
    return found
