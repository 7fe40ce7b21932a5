"""How an operation is played: its messages one after the other, to whom, when, and what those who got them did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from bench.linking import honest
from bench.linking.actors import Actor
from bench.linking.letter import Enclosed, Letter, Party
from bench.linking.names import account, chance
from bench.linking.receivers import delivered
from bench.linking.routes import FREEMAIL
from bench.linking.shots import Order, Shot, shot
from bench.linking.wording import Draft
from bench.linking.world import DAYS, START, Made, Outsider, Person, Truth, World, office_hour

# At least and at most so many messages.
LENGTHS = {
    "mutation": (6, 30),
    "kit": (5, 20),
    "hub": (2, 14),
    "copycat": (4, 10),
    "taken": (5, 14),
    "handover": (8, 22),
    "vouch": (6, 16),
    "crime": (15, 40),
    "leak": (8, 18),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that was played: its means and what was sent."""

    id: str
    kind: str
    actor: Actor
    shots: tuple[Shot, ...]
    copies: str = ""


@dataclass(slots=True)
class Stage:
    """Where operations are played: what they have written, and what is shared on purpose or by chance."""

    world: World
    rates: Mapping[str, float]
    seed: int
    drafts: dict[str, list[Draft]]
    made: list[Made] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    kits: set[str] = field(default_factory=set)  # `kind:value` of everything that comes with a kit
    copied: set[str] = field(default_factory=set)  # of everything that an imitator took over
    accounts: set[str] = field(default_factory=set)  # of accounts that were taken over
    documents: dict[str, list[Enclosed]] = field(default_factory=dict)  # by mailbox, what lies there in honest mail

    def draft(self, kind: str) -> Draft:
        """Take a draft that no other operation has. Raises ValueError where there are too few."""
        if not self.drafts[kind]:
            raise ValueError(f"There are too few drafts of kind {kind}; write more in bench/linking/texts.")
        return self.drafts[kind].pop(0)


def stage(world: World, rates: Mapping[str, float], seed: int) -> Stage:
    """Get ready: the drafts are dealt out in an order that the seed decides."""
    rng = chance("drafts", world.split, seed)
    drafts: dict[str, list[Draft]] = {}
    for one in world.texts.drafts:
        drafts.setdefault(one.kind, []).append(one)
    for some in drafts.values():
        rng.shuffle(some)
    return Stage(world, rates, seed, drafts)


def count_of(kind: str, scene: Stage, rng: Random) -> int:
    """How many messages an operation of this type has: 2 to 40."""
    low, high = LENGTHS[kind]
    return min(40, max(2, round(rng.randint(low, high) * scene.world.size.scale)))


def targets_of(world: World, rng: Random, organisations: int, each: int) -> list[Person]:
    """People of so many organisations, rivals among them, so many in each at most."""
    chosen = rng.sample(world.organisations, min(organisations, len(world.organisations)))
    return [one for org in chosen for one in rng.sample(world.of(org), rng.randint(1, min(each, len(world.of(org)))))]


def _times(count: int, start: datetime, days: float, rng: Random) -> list[datetime]:
    moments = sorted(start + timedelta(days=rng.random() * days) for _ in range(count))
    return sorted(office_hour(one, rng) for one in moments)


def begin(rng: Random, days: float) -> datetime:
    """When something that takes so many days begins."""
    return START + timedelta(days=rng.random() * max(1.0, DAYS - days - 5))


@dataclass(frozen=True, slots=True)
class Play:
    """How one operation, or a phase of it, goes."""

    id: str
    kind: str
    count: int
    start: datetime
    days: float
    targets: Sequence[Person]
    chat: bool = True  # may open without asking for anything and answer itself
    role: str = "lure"
    taken: Outsider | None = None
    enclose: tuple[Enclosed, ...] = ()
    cc: bool = False  # the other persona is in copy
    copies: str = ""
    first: int = 1  # number of the first variant


def play(scene: Stage, one: Actor, how: Play, rng: Random) -> list[Shot]:
    """Send the messages of an operation or a phase, and let some of those who received them answer or ask around."""
    world, rates = scene.world, scene.rates
    last: dict[str, Letter] = {}
    shots: list[Shot] = []
    for number, when in enumerate(_times(how.count, how.start, how.days, rng)):
        target = how.targets[number % len(how.targets)]
        before = last.get(target.box)
        role = how.role
        if how.chat and role == "lure":
            role = "follow-up" if before else "opening" if rng.random() < rates["opening"] else "lure"
        second = len(one.personas) > 1 and number % 3 == 2
        cc: tuple[Party, ...] = ()
        if how.cc and len(one.personas) > 1 and rng.random() < 0.5:
            other = one.personas[0 if second else 1]
            cc = (Party(other.name, other.boxes[0][1]),)
        thread = before if before and rng.random() < rates["thread"] and how.chat else None
        made = shot(world, one, Order(target, when, role, thread, second, how.taken, how.enclose, cc), rates, rng)
        shots.append(made)
        last[target.box] = made.letter
        data = delivered(made.letter, made.relay, target.organisation.receiver, target.party.address, rng)
        truth = Truth(
            made.letter.message_id.strip("<>"),
            sha256(data).hexdigest(),
            target.box,
            target.party.address,
            target.organisation.name,
            when.isoformat(),
            how.id,
            how.kind,
            f"actor of {how.id}",
            role,
            how.first + number,
            made.changed,
            made.carries,
            how.copies,
            split=world.split,
        )
        scene.made.append(Made(data, when, truth))
        if rng.random() < rates["answered"] and how.kind not in ("crime", "kit"):
            ask = "thank you, could you tell me a little more first?"
            text = f"Dear {made.letter.sender.name},\n\n{ask}\n\n{target.first}\n"
            scene.made.append(honest.answer(world, target, made.letter, text, rng, "victim-reply", how.id))
        elif rng.random() < rates["forwarded"]:
            scene.made.extend(honest.forward(world, target, made.letter, how.id, rng))
    return shots


def end(scene: Stage, one: Actor, how: Play, shots: list[Shot]) -> Operation:
    """Put an operation on record."""
    done = Operation(how.id, how.kind, one, tuple(shots), how.copies)
    scene.operations.append(done)
    return done


def with_replies(scene: Stage, one: Actor, rng: Random, odds: float = 0.7) -> Actor:
    """Give an attacker, by these odds, an address for replies that is not the one it writes from."""
    if rng.random() < odds:
        name = one.personas[0].name if one.personas else scene.world.name(rng)
        one.reply_to = f"{account(name, rng)}{rng.randint(100, 999)}@{FREEMAIL[rng.choice(sorted(FREEMAIL))][0]}"
    return one
