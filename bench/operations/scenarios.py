"""Operations as data: who takes part, which steps, in two wordings; read from `texts/HAND/*.toml`.

A hand is one author's work, who read none of the others' and no detector. Results are also given by hand.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random

TEXTS = Path(__file__).parent / "texts"
KINDS = frozenset(
    "freemail institution registered known taken known-freemail known-lookalike known-foreign provider "
    "provider-lookalike spoofed".split()
)
LINKS = frozenset(
    (
        "drive docs onedrive sites pages salad token short zoom teams site pixel oauth device apppassword google phone "
        "password code ip owner topic thread institution"
    ).split()
)
FILES = frozenset(
    (
        "pdf pdf-link pdf-locked docx docx-template docm zip zip-locked zip-shortcut iso html ics picture picture-qr"
    ).split()
)
_NEEDED = {
    **dict.fromkeys(("pdf-link", "docx-template", "html", "picture-qr"), "link"),
    **dict.fromkeys(("pdf-locked", "zip-locked"), "password"),
}


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a message. Text, link and password may have slots in braces, as texts have."""

    kind: str  # one of FILES
    name: str  # with slots, as `Agenda {topic}.pdf`
    text: str  # what it says
    link: str  # what it leads to, for kinds that lead anywhere
    password: str  # what opens it, for the locked kinds; for html the label of a field that asks for one


@dataclass(frozen=True, slots=True)
class Step:
    """One message of an operation."""

    role: str  # opening, chat, follow-up, lure, password, pivot, takeover, lookalike, multi-persona, warning, reply ...
    by: str  # a name in the cast, or `owner`
    day: float  # days after the operation's first message
    subject: str  # empty: that of the conversation
    text: str
    paraphrase: str
    cc: tuple[str, ...]
    thread: str  # new, reply, hijack (a real thread, quoted, without ids), reopen (with ids); -old: of a year ago
    pixel: bool  # with a remote image of one pixel where the message has an HTML part
    file: File | None
    reply_to: str  # a name in the cast whose address stands in Reply-To, or empty
    later: float  # hours after the time of day at which the skeleton was sent, for who writes at unwonted hours


@dataclass(frozen=True, slots=True)
class Side:
    """The attack or its honest twin: cast (name to kind) and steps."""

    cast: dict[str, str]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """An operation and its twin."""

    id: str
    hand: str  # who wrote it: the folder of its file
    card: str
    language: str
    split: str  # dev or val: texts of val are never seen in dev
    carriers: tuple[str, ...]  # kinds of carrier it fits
    attack: Side
    twin: Side


@dataclass(frozen=True, slots=True)
class People:
    """People (name, local part) per language, all invented; institutions (name, domain), invented or real."""

    people: dict[str, list[tuple[str, str]]]
    institutions: dict[str, list[tuple[str, str]]]


def _file(entry: dict[str, str], where: str) -> File:
    if entry["kind"] not in FILES or set(entry) - {"kind", "name", "text", "link", "password"}:
        raise ValueError(f"{where}: unknown kind of file or unknown key in {entry}")
    needed = _NEEDED.get(entry["kind"])
    if needed and not entry.get(needed):
        raise ValueError(f"{where}: {entry['name']} needs a {needed}")
    return File(entry["kind"], entry["name"], entry.get("text", ""), entry.get("link", ""), entry.get("password", ""))


def _side(entry: dict[str, object], side: str, where: str) -> Side:
    cast = entry[f"{side}_cast"]
    steps = entry[side]
    if not isinstance(cast, dict) or not isinstance(steps, list):
        raise TypeError(f"{where}: {side} needs a cast and steps")
    taken = set(cast) & LINKS
    if taken:
        raise ValueError(f"{where}: the part {taken} would hide what fills the slot of that name")
    unknown = set(cast.values()) - KINDS
    if unknown:
        raise ValueError(f"{where}: unknown kind of sender {unknown}")
    out = []
    for number, step in enumerate(steps):
        known = {
            "role", "by", "day", "subject", "text", "paraphrase", "cc", "thread", "pixel", "file", "reply_to", "later",
        }  # fmt: skip
        threads = {"new", "reply", "hijack", "reopen", "hijack-old", "reopen-old"}
        if step.get("thread", "new") not in threads:
            raise ValueError(f"{where}: {side} step {number} has an unknown thread")
        if (
            set(step) - known
            or step["by"] not in {*cast, "owner"}
            or {
                *step.get("cc", ()),
                *filter(None, [step.get("reply_to")]),
            }
            - set(cast)
        ):
            raise ValueError(f"{where}: {side} step {number} has an unknown key or person")
        out.append(
            Step(
                step["role"],
                step["by"],
                float(step["day"]),
                step.get("subject", ""),
                step["text"].strip() + "\n",
                step["paraphrase"].strip() + "\n",
                tuple(step.get("cc", ())),
                step.get("thread", "reply" if number else "new"),
                bool(step.get("pixel", False)),
                _file(step["file"], where) if "file" in step else None,
                step.get("reply_to", ""),
                float(step.get("later", 0)),
            )
        )
    return Side(cast, tuple(out))


def scenarios(folder: Path = TEXTS) -> list[Scenario]:
    """Every scenario, in the order of files and entries."""
    out = []
    for path in sorted(folder.glob("*/*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in data.get("operation", []):
            where = f"{path.name}, {entry['id']}"
            out.append(
                Scenario(
                    entry["id"],
                    path.parent.name,
                    entry["card"],
                    entry["language"],
                    entry["split"],
                    tuple(entry["carriers"]),
                    _side(entry, "attack", where),
                    _side(entry, "twin", where),
                )
            )
    if len({one.id for one in out}) != len(out):
        raise ValueError("two scenarios have the same id")
    return out


def people(folder: Path = TEXTS) -> dict[str, People]:
    """For each hand the people it invented and the institutions, from its `people.toml`."""
    out = {}
    for path in sorted(folder.glob("*/people.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        out[path.parent.name] = People(
            {language: [(a, b) for a, b in entry["people"]] for language, entry in data.items()},
            {language: [(a, b) for a, b in entry["institutions"]] for language, entry in data.items()},
        )
    return out


def spun(text: str, rng: Random) -> str:
    """Choose one of each `[[this|or that]]`."""
    return re.sub(r"\[\[([^\]]*)\]\]", lambda match: rng.choice(match.group(1).split("|")), text)
