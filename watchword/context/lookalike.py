"""Which domains of a case look like a domain worth imitating, and how.

Found by equality and deletion keys, never by comparing all with all: the work grows with the number of domains, not
with its square. Ways of likeness are those of published operations (Sekoia on Calisto, Volexity on CharmingCypress,
Proofpoint on TA453); letters that look alike are those of Unicode UTS 39 (`knowledge/confusables.tsv`).
"""

import functools
import itertools
import re
import tomllib
import unicodedata
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import ahocorasick
from rapidfuzz.distance import OSA

from watchword.observe.domain import is_address, organisation, unicode_host

WAYS = ("skeleton", "subdomain", "label-in-other", "edit", "other-suffix", "brand-in-name")  # strongest first
LABEL = 5  # letters: a shorter label is too common to be anybody's
MIMIC = 4  # letters of a stem that knowledge names on purpose, as `1drv`
EDIT = 6  # letters from which one edit counts; below SWAP only behind the first letter
SWAP = 8  # letters from which two letters may have changed places
TWO_EDITS = 11  # letters from which two edits count
FILLED = 10  # letters of a label that counts where a small word stands in it
SPELLED = 14  # letters of a name of several words that is a label by itself
BRAND = 8  # letters of a stem that is looked for inside any label
CROWD = 50  # labels kept under one key, so that the work stays linear
LONGEST = 63  # octets of a label (RFC 1035 2.3.4)
WORD = 16  # letters of the longest family word

# Suffixes of countries at which anyone registers for show. At others, the same label is mostly the same house abroad.
_OPEN = frozenset("cc cf co ga gq id im in io is la link me ml pw ru sh so su tk to tv us ws".split())
_ALIKE = str.maketrans("01357iq", "olestlg")
_SMALL = ("the", "for", "and", "of", "on")
_ENDS = frozenset("com org net edu gov uk de fr eu int".split())
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile("[0-9]")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


@dataclass(frozen=True, slots=True)
class Lookalike:
    """One domain or host, the protected domain that it looks like, and the way (one of `WAYS`)."""

    domain: str
    of: str
    how: str


def lookalikes(
    domains: Iterable[str],
    protected: Iterable[str],
    *,
    mimics: Mapping[str, str] | None = None,
    harmless: Container[str] = frozenset(),
) -> dict[str, Lookalike]:
    """Give the look-alikes among `domains` (registrable domains or hosts), each with the likeness that shows most.

    `mimics` are label stems that look-alikes use, each with the domain that it stands for (`1drv`: `onedrive.com`).
    A protected domain, or one whose registrable domain is `harmless` (popular, freemail, bulk mailers, own domains of
    known identities, correspondents of long standing), is never a look-alike.
    """
    index = _index(frozenset(protected), frozenset((mimics or {}).items()))
    found = {}
    for name in dict.fromkeys(domains):
        owner = organisation(name)
        if is_address(name) or "." not in owner or owner in index.domains or owner in harmless or name in harmless:
            continue
        best = min(index.likenesses(name, owner), key=lambda pair: (WAYS.index(pair[1]), pair[0]), default=None)
        if best:
            found[name] = Lookalike(name, *best)
    return found


def spelled(names: Iterable[str]) -> set[str]:
    """Give the labels that names of several words make, as `Council on Foreign Relations`, also without small words."""
    found = set()
    for name in names:
        words = _WORD.findall(name.lower())
        if len(words) > 1 and name.isascii():
            found.add("".join(words))
            found.add("".join(word for word in words if word not in _SMALL))
    return {label for label in found if SPELLED <= len(label) <= LONGEST}


@functools.lru_cache(maxsize=65_536)
def skeleton(label: str) -> str:
    """Fold a label (A-label or Unicode) to what a hurried eye sees: `paypa1`, `рaypal` and `pay-pal` are one.

    The UTS 39 skeleton for lower case, and lossy: also i, l and 1, o and 0, q and g, rn and m, vv and w, cl and d are
    one; accents and hyphens go.
    """
    seen = outline(label)
    for pair, single in _PAIRS:
        seen = seen.replace(pair, single)
    return seen


@functools.lru_cache(maxsize=65_536)
def outline(label: str) -> str:
    """Fold a label letter by letter, as `skeleton` but without pairs, so that one edit of it stays one edit."""
    seen = unicode_host(label)[: LONGEST * 2]
    if not seen.isascii():
        table = confusables()
        seen = "".join(table.get(letter, letter) for letter in unicodedata.normalize("NFKC", seen).casefold())
        seen = "".join(
            table.get(letter, letter)
            for letter in unicodedata.normalize("NFKD", seen)
            if not unicodedata.combining(letter)
        )
    return seen.replace("-", "").translate(_ALIKE)


@functools.cache
def confusables() -> dict[str, str]:
    """Read `knowledge/confusables.tsv`: a letter or digit, and the Latin letters it looks like."""
    rows = (line.split("\t") for line in _knowledge("confusables.tsv").splitlines() if not line.startswith("#"))
    return {row[1]: row[2] for row in rows}


@functools.cache
def _listed(name: str) -> frozenset[str]:
    """Read one list of words of `knowledge/lookalike.toml`."""
    return frozenset(tomllib.loads(_knowledge("lookalike.toml"))[name]["words"])


@functools.cache
def _families() -> frozenset[str]:
    """Give the words that look-alikes are built with, plain and as skeletons."""
    return _listed("families") | {skeleton(word) for word in _listed("families")}


@functools.lru_cache(maxsize=4_096)
def _is_family(text: str) -> bool:
    """Tell whether a stretch of a label is nothing but family words, digits and hyphens."""
    words = _families()
    reached = [True] + [False] * len(text)
    for at, letter in enumerate(text):
        if not reached[at]:
            continue
        if letter == "-" or letter.isdigit():
            reached[at + 1] = True
        for stop in range(at + 2, min(at + WORD, len(text)) + 1):
            if text[at:stop] in words:
                reached[stop] = True
    return reached[-1]


def _knowledge(name: str) -> str:
    return files("watchword").joinpath("knowledge", name).read_text("utf-8")


class _Index:
    """The protected domains, by each key under which a likeness of them can be looked up."""

    def __init__(self, protected: Iterable[str], mimics: Mapping[str, str]) -> None:
        self.domains = frozenset(protected)
        self.generic = _listed("generic") | _listed("families")
        first: dict[str, str] = {}  # label: the domain that people know it by
        for domain in sorted(self.domains, key=lambda domain: (not domain.endswith((".com", ".org")), domain)):
            first.setdefault(organisation(domain).partition(".")[0], domain)
        self.stems = {stem: first.get(stem, of) for stem, of in sorted(mimics.items()) if len(stem) >= MIMIC}
        self.labels = self.stems | {
            label: domain
            for label, domain in first.items()
            if len(label) >= LABEL and label not in self.generic and not label.isdigit()
        }
        self.skeletons: dict[str, list[str]] = {}  # skeleton: labels
        self.once: dict[str, list[str]] = {}  # outline with up to one letter deleted: labels
        self.twice: dict[str, list[str]] = {}  # with up to two, of long labels
        self.letters: dict[str, list[str]] = {}  # outline's letters in order: labels
        self.inside: Any = ahocorasick.Automaton()
        self.longest = 0  # letters of the longest outline
        for label in self.labels:
            folded = skeleton(label)
            for key in {label, folded}:
                if len(key) >= MIMIC:
                    self.inside.add_word(key, (len(key), label))
            _enter(self.skeletons, {folded}, label)
            drawn = outline(label)
            self.longest = max(self.longest, len(drawn))
            if len(drawn) >= EDIT:
                _enter(self.once, _deletions(drawn, 1), label)
            if len(drawn) >= SWAP:
                _enter(self.letters, {"".join(sorted(drawn))}, label)
            if len(drawn) >= TWO_EDITS:
                _enter(self.twice, _deletions(drawn, 2), label)
        if self.labels:
            self.inside.make_automaton()

    def likenesses(self, name: str, owner: str) -> Iterator[tuple[str, str]]:
        """Give every protected domain that a host under `owner` looks like, and how."""
        label, _, suffix = owner.partition(".")
        yield from self._stuffed(name.removesuffix(owner).rstrip("."), label)
        if not 0 < len(label) <= LONGEST or label in self.generic or label.isdigit():
            return
        folded = skeleton(label)
        for same in self.skeletons.get(folded, ()):
            if same != label:
                yield self.labels[same], "skeleton"
            elif self._elsewhere(suffix):
                yield self.labels[same], "other-suffix"
        if label in self.labels:
            return
        yield from self._inside(label, folded)
        yield from self._filled(label)
        yield from self._edited(label)

    def _stuffed(self, below: str, label: str) -> Iterator[tuple[str, str]]:
        """Find a whole protected domain in front of somebody else's: `login.example.org.evil.site`.

        Also with hyphens for dots, as relays of sign-in pages write it (`login-example-org.evil.site`), and where the
        other's own label makes up its end (`login.example.org-session.site`).
        """
        texts = [below]
        texts += [piece.replace("-", ".") for piece in below.split(".")[-4:] if "-" in piece]
        suffix, hyphen, _ = label.partition("-")
        if hyphen and below and suffix in _ENDS:
            texts.append(f"{below}.{suffix}")
        for text in texts:
            labels = text.split(".")[-12:]
            for first, last in itertools.combinations(range(len(labels) + 1), 2):
                if last - first > 1 and ".".join(labels[first:last]) in self.domains:
                    yield ".".join(labels[first:last]), "subdomain"

    def _elsewhere(self, suffix: str) -> bool:
        """Tell whether a label under this suffix is somebody's for show, not the same house in another country."""
        last = suffix.rpartition(".")[2]
        return len(last) > 2 or last in _OPEN

    def _inside(self, label: str, folded: str) -> Iterator[tuple[str, str]]:
        """Find a protected label inside a longer one, with nothing but family words around it, or a brand."""
        if not self.labels:
            return
        for text in {label, label.replace("-", ""), folded}:
            for last, (length, inner) in self.inside.iter(text):
                before, after = text[: last + 1 - length], text[last + 1 :]
                rest = before.strip("-") + after.strip("-")
                if not rest:
                    continue
                apart = before[-1:] in {"", "-"} and after[:1] in {"", "-"}
                if len(inner) < LABEL and not apart:
                    continue
                if _is_family(before) and _is_family(after) and (inner in self.stems or not rest.isdigit()):
                    yield self.labels[inner], "label-in-other"
                elif inner in self.stems and len(inner) >= BRAND:
                    yield self.labels[inner], "brand-in-name"

    def _filled(self, label: str) -> Iterator[tuple[str, str]]:
        """Find a protected label into which a small word was put: `understanding-the-war`."""
        plain = label.replace("-", "")
        for word in _SMALL:
            at = plain.find(word, 1)
            short = skeleton(plain[:at] + plain[at + len(word) :]) if at > 0 else ""
            if len(short) >= FILLED:
                for inner in self.skeletons.get(short, ()):
                    yield self.labels[inner], "edit"

    def _edited(self, label: str) -> Iterator[tuple[str, str]]:
        """Find a label one edit away; two edits for long labels; two letters changed about."""
        drawn = outline(label)
        if not EDIT - 1 <= len(drawn) <= self.longest + 2:
            return
        near = {inner for key in _deletions(drawn, 1) for inner in self.once.get(key, ())}
        if len(drawn) >= TWO_EDITS - 2:
            near |= {inner for key in _deletions(drawn, 2) for inner in self.twice.get(key, ())}
        letters = sorted(drawn)
        near.update(self.letters.get("".join(letters), ()))
        for inner in near:
            other = outline(inner)
            if _NUMBER.sub("", inner) == _NUMBER.sub("", label):
                continue  # mail1 and mail2 are one house's
            distance = OSA.distance(drawn, other, score_cutoff=2)
            if drawn[0] != other[0] and (distance == 2 or len(other) < SWAP):
                continue  # the first letter is the one that everybody reads
            if distance == 1 or (distance == 2 and (len(other) >= TWO_EDITS or letters == sorted(other))):
                yield self.labels[inner], "edit"


@functools.lru_cache(maxsize=2)
def _index(protected: frozenset[str], mimics: frozenset[tuple[str, str]]) -> _Index:
    """Build the index once for what is asked twice in a run, and for one small case after another."""
    return _Index(protected, dict(mimics))


def _enter(table: dict[str, list[str]], keys: Iterable[str], label: str) -> None:
    """Enter a label under its keys. A crowd under one key is one house that numbers its names: a few stand for all."""
    for key in keys:
        listed = table.setdefault(key, [])
        if len(listed) < CROWD:
            listed.append(label)


def _deletions(text: str, most: int) -> set[str]:
    """Give a text with up to `most` letters deleted, in every way (Garbe, symmetric deletion, 2012)."""
    kept = {text}
    step = {text}
    for _ in range(most):
        step = {short[:at] + short[at + 1 :] for short in step for at in range(len(short))}
        kept |= step
    return kept
