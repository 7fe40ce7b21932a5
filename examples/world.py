"""Who lives in the example: mail systems, the owners of the mailboxes, and those they write with."""

import functools
import hashlib
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from examples.chance import Chance

TEXTS = Path(__file__).parent / "texts"
HOME_ZONE = -300  # the capital of the story, minutes from UTC, no summer time


@dataclass(frozen=True, slots=True)
class System:
    """The mail system behind a domain: whose servers send for it, and what it signs and publishes."""

    domain: str
    shape: str  # haven, postbox, postfix, bulk or list: whose habits the headers follow
    servers: str  # domain of the servers
    selector: str
    key: str  # empty: mail is not signed
    policy: str  # DMARC p=, empty: no record

    def server(self, number: int) -> str:
        """Give the name of one of its outgoing servers."""
        if self.shape == "haven":
            return f"mail-{'abcdefgh'[number % 8]}{'jklmnp'[number % 6]}1-f{41 + number % 17}.{self.servers}"
        if self.shape == "postbox":
            return f"mail-eastus{2 + number % 3}-{10000 + number % 97 * 7}.outbound.protection.{self.servers}"
        if self.shape == "bulk":
            return f"mta{1 + number % 4}.{self.servers}"
        return f"mail.{self.servers}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one address, the program he writes with, and his time zone in minutes from UTC."""

    name: str
    address: str
    client: str  # haven-web, outlook, thunderbird, apple, phone, machine
    signature: str = ""
    zone: int = HOME_ZONE
    circle: str = ""

    @property
    def domain(self) -> str:
        """The part after @."""
        return self.address.partition("@")[2]

    @property
    def first(self) -> str:
        """The name that friends use."""
        words = [word for word in self.name.split() if not word.endswith(".")]
        return words[0]


@dataclass(frozen=True, slots=True)
class Owner:
    """One of the ten whose mailbox we hold."""

    person: Person
    side: str  # a, b or news
    job: str
    container: str
    circles: tuple[str, ...]

    @property
    def address(self) -> str:
        """His address."""
        return self.person.address


@dataclass(slots=True)
class World:
    """Everybody, found by what the story calls them."""

    systems: dict[str, System]
    owners: dict[str, Owner]  # by given name, lower case
    named: dict[str, Person]  # by id
    circles: dict[str, list[Person]] = field(default_factory=dict)

    def owner_of(self, address: str) -> Owner | None:
        """Give the owner who has that address."""
        return next((owner for owner in self.owners.values() if owner.address == address), None)

    def side(self, side: str) -> list[Owner]:
        """Give the owners of campaign `a`, campaign `b` or the newsroom."""
        return [owner for owner in self.owners.values() if owner.side == side]

    def team(self, side: str) -> list[Person]:
        """Give the owners and colleagues of one side."""
        return [owner.person for owner in self.side(side)] + self.circles[f"team-{side}"]


def address_ip(host: str, network: str = "198.51.100") -> str:
    """Give the address that a host has in this world, in a network set apart for documentation (RFC 5737)."""
    return f"{network}.{1 + hashlib.sha256(host.encode()).digest()[0] % 254}"


def local_part(name: str) -> str:
    """Write a name in plain letters, as people choose their addresses."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return ".".join(word for word in plain.split() if not word.endswith("."))


@functools.cache
def load() -> World:
    """Read the world and draw its crowd; the same every time."""
    data = tomllib.loads((TEXTS / "world.toml").read_text("utf-8"))
    systems = {entry["domain"]: _system(entry) for entry in data["system"]}
    for domain, system in systems.items():
        if system.servers in systems and system.servers != domain:
            host = systems[system.servers]
            systems[domain] = System(domain, host.shape, host.domain, system.selector, system.key, system.policy)
    sides = {"a": "Harrow for Senate", "b": "Sandoval Forward", "news": "Beacon Courier"}
    owners = {}
    for entry in data["owner"]:
        signature = f"{entry['name']}\n{entry['job']}, {sides[entry['side']]}"
        person = Person(entry["name"], entry["address"], entry["client"], signature, circle=f"team-{entry['side']}")
        owners[person.first.lower()] = Owner(
            person, entry["side"], entry["job"], entry["container"], tuple(entry["circles"])
        )
    named = {}
    for entry in data["person"]:
        zone = entry.get("zone", HOME_ZONE)
        named[entry["id"]] = Person(
            entry["name"], entry["address"], entry["client"], entry["signature"], zone, entry["circle"]
        )
    world = World(systems, owners, named)
    for person in named.values():
        world.circles.setdefault(person.circle, []).append(person)
    _crowd(world, data)
    return world


def _system(entry: dict[str, Any]) -> System:
    servers = entry.get("hosted", entry["domain"])
    return System(entry["domain"], entry.get("shape", ""), servers, entry["selector"], entry["key"], entry["policy"])


def _crowd(world: World, data: dict[str, Any]) -> None:
    chance = Chance("crowd")
    given, family = data["crowd"]["given"], data["crowd"]["family"]
    names = chance.some([f"{first} {last}" for first in given for last in family], 400)
    for circle in data["circle"]:
        for number in range(circle["count"]):
            name, domain = names.pop(), circle["domains"][number % len(circle["domains"])]
            world.circles.setdefault(circle["name"], []).append(_somebody(chance, world, name, domain, circle["name"]))


def _somebody(chance: Chance, world: World, name: str, domain: str, circle: str) -> Person:
    plain, digits = local_part(name), chance.between(1, 99)
    first, _, last = plain.partition(".")
    styles = [plain, f"{first[0]}{last}", f"{first}{digits}", f"{first}_{last}"]
    local = chance.pick(styles[:2] if circle in ("vendor", "journalist", "official", "scholar") else styles)
    shape = world.systems[domain].shape
    client = {"haven": "haven-web", "postbox": "outlook"}.get(shape) or chance.pick(("thunderbird", "apple"))
    if shape == "haven" and chance.odds(0.25):
        client = chance.pick(("phone", "apple"))
    signature = chance.pick((name.split()[0], name.split()[0], name, f"Best,\n{name.split()[0]}", ""))
    if circle in ("vendor", "journalist", "official", "scholar"):
        signature = f"{name}\n{domain.partition('.')[0].replace('-', ' ').title()}"
    zone = chance.pick((0, 60, 60, 120)) if circle == "scholar" else HOME_ZONE
    return Person(name, f"{local}@{domain}", client, signature, zone, circle)
