"""Conversations: who writes what, in which turns, and at which hours people write."""

import functools
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from examples import files
from examples.chance import Chance, Wording
from examples.letter import File, Letter
from examples.world import TEXTS, Person

START = datetime(2024, 2, 5, tzinfo=UTC)
DAYS = 186  # to 9 August 2024; the mailboxes were downloaded on the 12th
FORMAL = {"vendor", "donor", "journalist", "scholar", "official", "household", "reader"}
PRIVATE = {"family", "friend", "household", "former"}


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people of one circle write about, in turns."""

    kind: str
    by: str  # me, them or empty: who begins
    subject: str
    turns: tuple[str, ...]
    attach: str  # kind of document that the answer or the opening brings


@functools.cache
def words() -> dict[str, list[str]]:
    """Give the lists that names in braces are taken from."""
    return dict(tomllib.loads((TEXTS / "topics.toml").read_text("utf-8"))["words"])


@functools.cache
def topics(kind: str, domain: str = "") -> tuple[Topic, ...]:
    """Give the topics of a circle, of those that somebody of that domain writes about."""
    data = tomllib.loads((TEXTS / "topics.toml").read_text("utf-8"))["topic"]
    return tuple(
        Topic(entry["kind"], entry.get("by", ""), entry["subject"], tuple(entry["turns"]), entry.get("attach", ""))
        for entry in data
        if entry["kind"] == kind and (domain in entry.get("only", ()) or "only" not in entry)
    )


@functools.cache
def _smalltalk() -> dict[str, list[str]]:
    return dict(tomllib.loads((TEXTS / "topics.toml").read_text("utf-8"))["smalltalk"])


def moment(chance: Chance, day: float, zone: int, private: bool = False) -> datetime:
    """Give a time on that day of the story when somebody in that zone would write.

    Work is written between eight and seven and seldom at weekends, private mail in the evening and on any day.
    """
    local = START + timedelta(days=int(day))
    if not private and local.weekday() >= 5 and not chance.odds(0.15):
        local += timedelta(days=7 - local.weekday())
    hour = (
        chance.pick((7, 12, 18, 19, 20, 21, 22))
        if private
        else chance.pick((8, 9, 9, 10, 10, 11, 12, 13, 14, 14, 15, 16, 16, 17, 18))
    )
    return local + timedelta(hours=hour, minutes=chance.below(60), seconds=chance.below(60)) - timedelta(minutes=zone)


def soon(chance: Chance, after: datetime, zone: int, private: bool = False) -> datetime:
    """Give a time after another one when an answer would be written in that zone: the same day, or the next at work."""
    answer = after + timedelta(
        minutes=chance.pick((6, 14, 25, 48, 75, 130, 260, 900, 1500)) + chance.below(9), seconds=chance.below(60)
    )
    local = answer + timedelta(minutes=zone)
    if local.hour < 7 or local.hour >= (23 if private else 20):
        wait = (31 - local.hour) % 24 or 24
        answer += timedelta(hours=wait, minutes=chance.below(50))
        local = answer + timedelta(minutes=zone)
    if not private and local.weekday() >= 5 and not chance.odds(0.2):
        answer += timedelta(days=7 - local.weekday())
    return answer


def talk(topic: Topic, people: tuple[Person, Person], day: float, chance: Chance, cc: list[Person]) -> list[Letter]:
    """Write a conversation between two people, the first of whom begins; `cc` read along from the start."""
    wording = Wording(chance, words())
    private = topic.kind in PRIVATE
    subject = wording.fill(topic.subject.replace("{you}", people[1].first))
    length = len(topic.turns) if chance.odds(0.75) else chance.between(1, len(topic.turns))
    letters: list[Letter] = []
    for number, turn in enumerate(topic.turns[:length]):
        sender, reader = people[number % 2], people[1 - number % 2]
        wording.fixed |= {"you": reader.first, "me": sender.first}
        text = dressed(wording.fill(turn), topic.kind, number, reader, wording, chance)
        before = letters[-1] if letters else None
        when = soon(chance, before.when, sender.zone, private) if before else moment(chance, day, sender.zone, private)
        attached = _document(topic.attach, wording, sender) if topic.attach and number == _bearer(topic) else ()
        title = subject if before is None else f"Re: {subject}"
        letters.append(Letter(sender, [reader], title, text, when, cc=cc, answers=before, files=attached))
    return letters


def dressed(text: str, kind: str, number: int, reader: Person, wording: Wording, chance: Chance) -> str:
    """Put a greeting before a text, at times some small talk, and a closing below."""
    formal = kind in FORMAL
    manner = "formal" if formal else "informal"
    pieces = [text.strip()]
    if formal:
        greeting = chance.pick((f"Dear {reader.first},", f"Hello {reader.first},", f"Dear {reader.name},"))
    else:
        greeting = chance.pick((f"Hi {reader.first},", f"{reader.first},", "", f"Hey {reader.first},"))
    if greeting and (number == 0 or chance.odds(0.4)):
        pieces.insert(0, greeting)
    if chance.odds(0.2):
        pieces.insert(chance.pick((1, len(pieces))), wording.fill(chance.pick(_smalltalk()[manner])))
    closing = chance.pick(_smalltalk()[f"closing-{manner}"])
    if closing:
        pieces.append(closing)
    return "\n\n".join(pieces)


def _bearer(topic: Topic) -> int:
    return 0 if topic.attach == "invoice" else len(topic.turns) - 1


def _document(kind: str, wording: Wording, sender: Person) -> tuple[File, ...]:
    number = wording.fill("{reference}")
    lines = [f"{kind.title()} {number}", sender.name, "", wording.fill("Amount: {money}.00"), wording.fill("{place}")]
    return (files.pdf(f"{kind}_{number}.pdf", lines),)
