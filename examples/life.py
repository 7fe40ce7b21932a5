"""Ordinary life: conversations of every owner with colleagues, suppliers, donors, friends and family."""

from examples.chance import Chance
from examples.letter import Letter
from examples.talk import DAYS, Topic, talk, topics
from examples.world import Owner, Person, World

THREADS = {"a": 27, "b": 21, "news": 17}  # inside each office
PER_CIRCLE = 6  # conversations of an owner in each of his circles
KNOWN = 8  # people of a circle that an owner knows


def conversations(world: World) -> list[Letter]:
    """Write all conversations of ordinary life."""
    letters: list[Letter] = []
    for side in THREADS:
        letters += _office(world, side)
    for name, owner in world.owners.items():
        for number, circle in enumerate(owner.circles):
            letters += _circle(world, owner, circle, f"{name} {number} {circle}")
    for name in ("nora", "tobias", "dana"):
        letters += _friendship(world.owners[name], world.named["voss"], (4, 60, 118))
    for name in ("tobias", "miriam"):
        letters += _friendship(world.owners[name], world.named["scholar"], (3, 31, 66))
    letters += _friendship(world.owners["miriam"], world.named["second"], (11, 52, 90))
    letters += _friendship(world.owners["miriam"], world.named["freemail-scholar"], (2, 29, 61, 97, 130, 160))
    for name, days in (("nora", (9, 40, 71, 99, 125)), ("dana", (20, 77, 120)), ("gareth", (15, 63, 115, 141))):
        letters += _friendship(world.owners[name], world.named["pollster"], days)
    for name in ("felix", "jonas"):
        letters += _friendship(world.owners[name], world.named["accountant"], (12, 55, 93, 140))
    letters += _friendship(world.owners["priya"], world.named["moving-friend"], (6, 41, 80))
    letters += _friendship(world.owners["nora"], world.named["moving-friend"], (22, 70))
    letters += _friendship(world.owners["dana"], world.named["silent-journalist"], (5, 17))
    return letters


def _office(world: World, side: str) -> list[Letter]:
    letters: list[Letter] = []
    team = world.team(side)
    own = [owner.person for owner in world.side(side)]
    subjects = topics("team-news" if side == "news" else "team")
    for number in range(THREADS[side]):
        chance = Chance(f"office {side} {number}")
        one = chance.pick(own)
        other = chance.pick([person for person in team if person is not one])
        pair = (one, other) if chance.odds(0.5) else (other, one)
        rest = [person for person in team if person not in pair]
        copied = chance.some(rest, chance.pick((0, 0, 1, 1, 2)))
        letters += talk(subjects[number % len(subjects)], pair, chance.below(DAYS - 4), chance, copied)
    return letters


def _circle(world: World, owner: Owner, circle: str, seed: str) -> list[Letter]:
    chance = Chance(f"circle {seed}")
    crowd = [person for person in world.circles[circle] if person not in world.named.values()]
    known = chance.some(crowd, KNOWN)
    letters: list[Letter] = []
    subjects = chance.some(topics(circle), len(topics(circle)))
    for number in range(PER_CIRCLE):
        closest = min(chance.below(len(known)), chance.below(len(known)))
        topic = subjects[number % len(subjects)]
        letters += talk(topic, _pair(topic, owner, known[closest], chance), chance.below(DAYS - 4), chance, [])
    return letters


def _pair(topic: Topic, owner: Owner, other: Person, chance: Chance) -> tuple[Person, Person]:
    mine = topic.by == "me" or (not topic.by and chance.odds(0.5))
    return (owner.person, other) if mine else (other, owner.person)


def _friendship(owner: Owner, other: Person, days: tuple[int, ...]) -> list[Letter]:
    letters: list[Letter] = []
    chance = Chance(f"friendship {owner.address} {other.address}")
    subjects = chance.some(topics(other.circle), len(days))
    for number, day in enumerate(days):
        topic = subjects[number % len(subjects)]
        letters += talk(topic, _pair(topic, owner, other, chance), day, chance, [])
    return letters
