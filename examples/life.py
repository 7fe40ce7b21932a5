"""Ordinary life: conversations of every owner with colleagues, suppliers, donors, friends and family."""

from examples.chance import Chance
from examples.letter import Letter
from examples.talk import DAYS, Topic, talk, topics
from examples.world import Owner, Person, World

THREADS = {"a": 27, "b": 21, "news": 17}  # inside each office
PER_CIRCLE = 6  # conversations of an owner in each of his circles
KNOWN = 8  # people of a circle that an owner knows
PRESS = (10, 36, 58, 88, 127)
# whom the story needs to know each other, and on which days they write
FRIENDSHIPS = (
    ("nora", "voss", (4, 60, 118)),
    ("tobias", "voss", (8, 51, 101)),
    ("dana", "voss", (25, 95)),
    ("tobias", "scholar", (3, 31, 66)),
    ("miriam", "scholar", (7, 44, 79)),
    ("miriam", "second", (11, 52, 90)),
    ("miriam", "freemail-scholar", (2, 29, 61, 97, 130, 160)),
    ("nora", "pollster", (9, 40, 71, 99)),
    ("dana", "pollster", (20, 77, 120)),
    ("gareth", "pollster", (15, 63, 115, 141)),
    ("felix", "accountant", (12, 55, 93, 140)),
    ("jonas", "accountant", (18, 70, 104)),
    ("priya", "moving-friend", (6, 41, 80)),
    ("nora", "moving-friend", (22, 70)),
    ("dana", "silent-journalist", (5, 17)),
)


def conversations(world: World) -> list[Letter]:
    """Write all conversations of ordinary life."""
    letters: list[Letter] = []
    for side in THREADS:
        letters += _office(world, side)
    for name, owner in world.owners.items():
        for number, circle in enumerate(owner.circles):
            letters += _circle(world, owner, circle, f"{name} {number} {circle}")
    for name, other, days in FRIENDSHIPS:
        letters += _friendship(world.owners[name].person, world.named[other], world.named[other].circle, days)
    # the press offices of both campaigns and the newspaper know each other
    dana, tilda = world.owners["dana"].person, world.named["press-b"]
    helen, samir = world.owners["helen"].person, world.owners["samir"].person
    for me, other_person, first in ((dana, samir, 0), (dana, helen, 2), (tilda, samir, 3)):
        letters += _friendship(me, other_person, "journalist", PRESS[first:])
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
    told: set[str] = set()
    for _ in range(PER_CIRCLE):
        other = known[min(chance.below(len(known)), chance.below(len(known)))]
        fresh = [topic for topic in topics(circle, other.domain) if topic.subject not in told]
        topic = chance.pick(fresh or topics(circle, other.domain))
        told.add(topic.subject)
        letters += talk(topic, _pair(topic, owner.person, other, chance), chance.below(DAYS - 4), chance, [])
    return letters


def _pair(topic: Topic, me: Person, other: Person, chance: Chance) -> tuple[Person, Person]:
    mine = topic.by == "me" or (not topic.by and chance.odds(0.5))
    return (me, other) if mine else (other, me)


def _friendship(me: Person, other: Person, circle: str, days: tuple[int, ...]) -> list[Letter]:
    """Write the conversations of two people that the story needs to know each other, on those days."""
    letters: list[Letter] = []
    chance = Chance(f"friendship {me.address} {other.address}")
    subjects = chance.some(topics(circle, other.domain), len(days))
    for number, day in enumerate(days):
        topic = subjects[number % len(subjects)]
        letters += talk(topic, _pair(topic, me, other, chance), day, chance, [])
    return letters
