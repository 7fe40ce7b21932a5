"""Drafts and how they mutate: other words, sentences left out or put in, other order; never the same twice."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

_FOLDER = Path(__file__).with_name("texts")
_SPIN = re.compile(r"\[\[([^\[\]]*)\]\]")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operation would write: one sentence a line; in `[[a|b]]` the words that change."""

    id: str
    kind: str  # persona, hub, kit, taken, moved, vouch, crime, leak
    subject: str
    sentences: tuple[str, ...]
    second: tuple[str, ...] = ()  # what another persona writes in support, kind vouch


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that is said in one split."""

    drafts: tuple[Draft, ...]
    fillers: tuple[str, ...]  # sentences that mean nothing and fit anywhere
    greetings: tuple[str, ...]
    closings: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    institutions: tuple[str, ...]
    families: tuple[tuple[str, ...], ...]  # words of which registrants make domains
    organisations: tuple[tuple[str, str, str], ...]  # kind, name, domain
    topics: tuple[str, ...]
    places: tuple[str, ...]


def texts(split: str) -> Texts:
    """Read the texts of a split. Raises FileNotFoundError where there is none of this name."""
    with (_FOLDER / f"{split}.toml").open("rb") as file:
        read = tomllib.load(file)
    drafts = tuple(
        Draft(one["id"], one["kind"], one["subject"], _lines(one["text"]), _lines(one.get("second", "")))
        for one in read["draft"]
    )
    return Texts(
        drafts,
        _lines(read["fillers"]),
        _lines(read["greetings"]),
        _lines(read["closings"]),
        tuple(read["first_names"].split()),
        tuple(read["last_names"].split()),
        _lines(read["institutions"]),
        tuple(tuple(line.split()) for line in _lines(read["families"])),
        tuple(
            (kind, name, domain) for kind, name, domain in (line.split(" | ") for line in _lines(read["organisations"]))
        ),
        _lines(read["topics"]),
        _lines(read["places"]),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class Said:
    """A text as one message has it."""

    subject: str
    sentences: tuple[str, ...]
    changed: tuple[str, ...]  # what was done to the draft, for the truth


def settled(text: str, rng: Random) -> str:
    """Choose the words that an operation likes: of each choice the first; the others still may be said."""

    def first(match: re.Match[str]) -> str:
        choices = match.group(1).split("|")
        rng.shuffle(choices)
        return f"[[{'|'.join(choices)}]]"

    return _SPIN.sub(first, text)


def spun(text: str, odds: float, rng: Random) -> tuple[str, int]:
    """Say a text, at each place with the first words or, by these odds, with others; and at how many places."""
    changed = 0

    def choose(match: re.Match[str]) -> str:
        nonlocal changed
        choices = str(match.group(1)).split("|")
        if len(choices) > 1 and rng.random() < odds:
            changed += 1
            return rng.choice(choices[1:])
        return choices[0]

    return _SPIN.sub(choose, text), changed


def fill(text: str, slots: Mapping[str, str]) -> str:
    """Put in what the slots hold; an unknown one stands."""
    return _SLOT.sub(lambda match: slots.get(match.group(1), match.group()), text)


def mutated(
    draft: Draft,
    odds: Mapping[str, float],
    fillers: tuple[str, ...],
    slots: Mapping[str, str],
    rng: Random,
    second: bool = False,
) -> Said:
    """Write a draft once more. `odds` are those of `synonym`, `delete`, `insert`, `swap` and `subject`."""
    changed: list[str] = []
    subject, places = spun(draft.subject, odds["subject"], rng)
    if places:
        changed.append("subject")
    out: list[str] = []
    for sentence in draft.second if second else draft.sentences:
        optional = sentence.startswith("?")
        if optional and rng.random() < odds["delete"] * 2:
            changed.append("-sentence")
            continue
        said, places = spun(sentence.lstrip("? "), odds["synonym"], rng)
        if places:
            changed.append(f"words{places}")
        out.append(said)
        if rng.random() < odds["insert"]:
            out.append(rng.choice(fillers))
            changed.append("+sentence")
    if len(out) > 3 and rng.random() < odds["swap"]:
        at = rng.randrange(1, len(out) - 1)
        out[at], out[at - 1] = out[at - 1], out[at]
        changed.append("order")
    return Said(fill(subject, slots), tuple(fill(one, slots) for one in out), tuple(changed))
