"""The people whose mailboxes these are, and the honest outsiders who write to several of their organisations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from bench.linking.letter import CLIENTS, Letter, Party
from bench.linking.names import account, chance, network
from bench.linking.routes import (
    CLIENT_OF,
    FREEMAIL,
    SHARED_HOSTS,
    VPN_EXITS,
    Relay,
    Server,
    freemail,
    google,
    microsoft,
    own,
    shared_host,
)
from bench.linking.wording import Texts, texts

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
DAYS = 270
RECEIVERS = ("google", "google", "postfix", "microsoft")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made."""

    organisations: int
    people: int  # of each
    honest: int  # messages in each mailbox, roughly
    kinds: Mapping[str, int]  # operations of each type; of kits: how many operations each kit has
    scale: float = 1.0  # of the number of messages in an operation


_FULL = {"mutation": 7, "kit": 7, "hub": 6, "copycat": 4, "taken": 4, "handover": 5, "vouch": 4, "crime": 4, "leak": 4}
SIZES = {
    "tiny": Size(4, 2, 10, dict.fromkeys(_FULL, 2), 0.5),
    "small": Size(10, 4, 60, _FULL),
    "large": Size(25, 4, 150, _FULL, 1.6),
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """A campaign, a newsroom or an NGO."""

    kind: str
    name: str
    domain: str
    receiver: str  # whose server takes its mail in: google, microsoft, postfix


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a mailbox."""

    party: Party
    organisation: Organisation
    client: str

    @property
    def first(self) -> str:
        """Given name."""
        return self.party.name.split()[0]

    @property
    def box(self) -> str:
        """Name of the mailbox's file without its ending."""
        return self.party.address.replace("@", "-at-")


@dataclass(frozen=True, slots=True)
class Outsider:
    """An honest person or office outside; `way` is a free mail provider, google, microsoft, own or shared."""

    party: Party
    role: str  # reporter, vendor, lawyer, agency
    way: str
    client: str
    server: Server
    exit_ip: str
    knows: tuple[Person, ...]

    def relay(self, rng: Random) -> Relay:
        """The way that this outsider's mail takes."""
        address = self.party.address
        if self.way in FREEMAIL:
            return freemail(self.way, address, self.exit_ip, rng)
        if self.way == "google":
            return google(address, ((self.party.domain, "google"),), rng)
        if self.way == "microsoft":
            return microsoft(address, ((self.party.domain, "selector1"),), rng)
        if self.way == "shared":
            return shared_host(self.server, address, self.exit_ip, rng)
        return own(self.server, address, ((self.party.domain, "mail"),), self.exit_ip, rng)


@dataclass(frozen=True, slots=True)
class Truth:
    """One message of a mailbox. One line of `truth.jsonl`."""

    message_id: str  # without angle brackets
    sha256: str  # of the message's bytes, container quoting undone
    mailbox: str
    owner: str
    organisation: str
    when: str
    operation: str = ""  # empty: honest
    kind: str = ""  # type of the operation; of honest mail empty
    actor: str = ""
    role: str = ""  # of honest mail, what it is
    variant: int = 0  # counts from 1 within the operation
    changed: tuple[str, ...] = ()  # what this variant drops or changes of the operation's habits
    carries: tuple[str, ...] = ()  # `kind:value` of everything that could tie it
    copies: str = ""  # operation that it imitates
    answers: str = ""  # of honest mail, the operation whose message it answers, forwards or warns of
    split: str = ""

    @property
    def hostile(self) -> bool:
        """Whether an attacker sent it."""
        return self.operation != ""


@dataclass(frozen=True, slots=True)
class Made:
    """A message with its truth."""

    data: bytes
    when: datetime
    truth: Truth


@dataclass(slots=True)
class World:
    """Everybody who is not an attacker."""

    split: str
    size: Size
    texts: Texts
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    outsiders: tuple[Outsider, ...] = ()
    used: set[str] = field(default_factory=set)  # addresses and names that are taken

    def name(self, rng: Random) -> str:
        """Name a person who does not exist yet."""
        while True:
            said = f"{rng.choice(self.texts.first_names)} {rng.choice(self.texts.last_names)}"
            if said not in self.used:
                self.used.add(said)
                return said

    def of(self, organisation: Organisation) -> tuple[Person, ...]:
        """Staff of an organisation."""
        return tuple(one for one in self.people if one.organisation is organisation)


def office_hour(when: datetime, rng: Random) -> datetime:
    """Move a time into office hours of a weekday."""
    day = when + timedelta(days={5: 2, 6: 1}.get(when.weekday(), 0))
    return day.replace(hour=rng.randint(7, 18), minute=rng.randint(0, 59), second=rng.randint(0, 59))


def moment(rng: Random) -> datetime:
    """Any office hour of the time that the mailboxes cover."""
    return office_hour(START + timedelta(days=rng.randrange(DAYS)), rng)


def world(split: str, size: Size, seed: int) -> World:
    """Settle who works where and which outsiders they know."""
    rng = chance("world", split, seed)
    said = texts(split)
    chosen = said.organisations[: size.organisations]
    organisations = tuple(
        Organisation(kind, name, domain, RECEIVERS[number % len(RECEIVERS)])
        for number, (kind, name, domain) in enumerate(chosen)
    )
    made = World(split, size, said, organisations, ())
    clients = {
        "google": ("gmail", "apple", "iphone"),
        "microsoft": ("outlook", "outlook-web"),
        "postfix": ("thunderbird", "apple", "roundcube"),
    }
    people = []
    for organisation in organisations:
        for _ in range(size.people):
            name = made.name(rng)
            first, last = name.lower().split()
            address = f"{rng.choice((first, f'{first}.{last}', first[0] + last))}@{organisation.domain}"
            if address in made.used:
                address = f"{first}.{last}@{organisation.domain}"
            made.used.add(address)
            people.append(Person(Party(name, address), organisation, rng.choice(clients[organisation.receiver])))
    made.people = tuple(people)
    made.outsiders = _outsiders(made, rng)
    return made


_FIRMS = ("print", "catering", "legal", "sound", "travel", "research", "design", "polling", "video", "insurance")


def _outsiders(made: World, rng: Random) -> tuple[Outsider, ...]:
    out = []
    ways = ("google", "shared", "gmail", "own", "microsoft", "gmx", "shared", "outlook", "proton", "shared")
    for number in range(max(8, len(made.organisations) * 2)):
        way = ways[number % len(ways)]
        name = made.name(rng)
        role = ("reporter", "vendor", "lawyer", "vendor")[number % 4]
        last = name.split()[1].lower()
        domain = f"{last}-{_FIRMS[number % len(_FIRMS)]}.{('com', 'net', 'org')[number % 3]}"
        if way in FREEMAIL:
            domain = FREEMAIL[way][0]
        address = f"{account(name, rng)}@{domain}"
        server = SHARED_HOSTS[number % len(SHARED_HOSTS)]
        client = {"google": "gmail", "microsoft": "outlook", "own": "thunderbird", "shared": "roundcube"}.get(way, "")
        if way == "own":
            server = Server(f"mail.{domain}", f"{network(rng)}.{rng.randint(2, 250)}")
        # Every third sits behind a VPN that others use as well.
        exit_ip = rng.choice(VPN_EXITS) if number % 3 == 2 else f"{network(rng)}.{rng.randint(2, 250)}"
        known = rng.sample(made.organisations, min(len(made.organisations), rng.randint(2, 4)))
        knows = tuple(rng.choice(made.of(one)) for one in known)
        party = Party(name, address)
        out.append(Outsider(party, role, way, client or CLIENT_OF[way], server, exit_ip, knows))
    return tuple(out)


def letter_of(person: Person, to: tuple[Party, ...], subject: str, text: str, when: datetime, **more: object) -> Letter:
    """Begin a letter from a person of the mailboxes."""
    return Letter(when, person.party, to, subject, text, CLIENTS[person.client], **more)  # type: ignore[arg-type]
