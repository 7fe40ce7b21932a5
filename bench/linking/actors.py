"""Attackers: what each of them has and is used to."""

from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random

from bench.linking import files
from bench.linking.letter import CLIENTS, Client, Enclosed
from bench.linking.names import Naming, account, brand, hexadecimal, letters, naming, network, phone, registered
from bench.linking.routes import FREEMAIL, Server
from bench.linking.wording import Draft, settled
from bench.linking.world import World


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who does not exist, with mailboxes at several providers."""

    name: str
    institution: str
    boxes: tuple[tuple[str, str], ...]  # free mail provider and address
    phone: str
    handle: str

    @property
    def first(self) -> str:
        """Given name."""
        return self.name.split()[0]


@dataclass(slots=True)
class Actor:
    """An attacker's means within one operation."""

    id: str
    draft: Draft
    personas: list[Persona]
    habit: Naming
    domains: list[str]  # registered so far; the last is in use
    servers: list[Server]
    selector: str
    client: Client
    path: str  # shape of links behind the host, with a slot for the token; empty: a common one
    token: str  # hex, address or number
    track: str
    skeleton: str  # page with slots
    look: str  # name of the page's frame: equal for equal frames
    picture: bytes
    builder: str  # what its tool writes into the files that it makes
    exit_ip: str
    place: str  # key of its form, document or project at a shared service
    ways: tuple[str, ...] = ("own",)  # how mail leaves, the likeliest several times
    links: tuple[str, ...] = ("own",)  # own, form, drive, short, firebase
    display: str = ""  # name of the sender where no persona writes
    reply_to: str = ""  # address for replies; empty: that of the persona
    anchor: str = ""  # what is kept from before: reply_to, phone, dkim, builder; empty: nothing
    kept_dkim: tuple[str, str] = ("", "")  # domain and selector that sign besides its own
    files_made: list[Enclosed] = field(default_factory=list)

    def register(self, rng: Random) -> None:
        """Move on to a new domain."""
        self.domains.append(registered(self.habit, rng))


_TAGS = ("div", "table", "section", "center", "span", "article")
_BUTTONS = (
    '<a class="b" href="{link}">{label}</a>',
    '<table><tr><td bgcolor="#0b5"><a href="{link}">{label}</a></td></tr></table>',
    '<p align="center"><a href="{link}"><b>{label}</b></a></p>',
)
_FEET = ("<hr><small>{foot}</small>", '<div class="ft"><i>{foot}</i></div>', "<p><font size=1>{foot}</font></p>")
_PATHS = (
    "/{w}/{c}/open.aspx?{p}={token}",
    "/{c}-{w}/view/{token}/",
    "/api/{c}/{w}?{p}={token}&v={n}",
    "/{w}.php?{p}{n}={token}",
    "/r/{token}/{w}{n}",
    "/{c}/{w}/index.html#{token}",
    "/{w}-{c}.html?{p}={token}",
    "/{p}/{w}/{token}/{n}",
)
_PROGRAMS = ("roundcube", "roundcube-old", "python", "phpmailer", "thunderbird", "bat", "zimbra", "gophish")


def skeleton(rng: Random) -> tuple[str, str]:
    """Make the frame of a page, and a name for it."""
    look = brand(rng, 2)
    opening, closing = "", ""
    for depth in range(rng.randint(2, 5)):
        tag = rng.choice(_TAGS)
        inside, behind = ("<tr><td>", "</td></tr>") if tag == "table" else ("", "")
        opening += f'<{tag} class="{look[:3]}{depth}" style="padding:{rng.randint(3, 40)}px">{inside}'
        closing = f"{behind}</{tag}>{closing}"
    middle = f"{{logo}}{{paragraphs}}{rng.choice(_BUTTONS)}{rng.choice(_FEET)}"
    return f"<html><body>{opening}{middle}{closing}{{pixel}}</body></html>\n", look


def persona(world: World, rng: Random) -> Persona:
    """Invent somebody with two to four mailboxes."""
    name = world.name(rng)
    chosen = rng.sample(sorted(FREEMAIL), rng.randint(2, 4))
    boxes = tuple((one, f"{account(name, rng)}{rng.randint(2, 99)}@{FREEMAIL[one][0]}") for one in chosen)
    return Persona(
        name, rng.choice(world.texts.institutions), boxes, phone(rng), f"@{brand(rng)}_{rng.randint(10, 99)}"
    )


def _program(rng: Random) -> Client:
    """One of the common programs, or a tool of its own."""
    plain = CLIENTS[rng.choice(_PROGRAMS)]
    if rng.random() < 0.5:
        return plain
    tool = f"{brand(rng).title()}Mail {rng.randint(1, 5)}.{rng.randint(0, 30)}"
    boundary = f"--{brand(rng, 1)}_{{hex{rng.randint(10, 30)}}}"
    return replace(plain, name=tool, fields=(("X-Mailer", tool),), boundary=boundary)


def _path(habit: Naming, rng: Random) -> str:
    word = brand(rng, 2) if rng.random() < 0.7 else rng.choice(habit.words)
    parameter = rng.choice(("rid", "uid", "k", "ref", "t", "sid", "x", "usr"))
    slots = {"{w}": word, "{c}": hexadecimal(rng, 4), "{p}": parameter, "{n}": str(rng.randint(2, 99))}
    path = rng.choice(_PATHS)
    for slot, value in slots.items():
        path = path.replace(slot, value)
    return path


def actor(world: World, number: str, draft: Draft, rng: Random, personas: int = 1) -> Actor:
    """Give an attacker means of its own that nobody else has."""
    families = world.texts.families
    habit = naming(rng, families[int(sha256(number.encode()).hexdigest(), 16) % len(families)])
    net = network(rng)
    servers = [
        Server(
            f"{rng.choice(('mail', 'mx', 'smtp', 'out', 'srv'))}{n}.{brand(rng)}.{habit.endings[0]}", f"{net}.{last}"
        )
        for n, last in enumerate(rng.sample(range(3, 250), rng.randint(1, 4)), 1)
    ]
    own = Draft(
        draft.id,
        draft.kind,
        settled(draft.subject, rng),
        tuple(settled(one, rng) for one in draft.sentences),
        tuple(settled(one, rng) for one in draft.second),
    )
    frame, look = skeleton(rng)
    selectors = (f"{brand(rng, 1)}{rng.randint(1, 99)}", brand(rng, 2), f"{brand(rng, 1)}{rng.randint(2022, 2026)}")
    return Actor(
        id=number,
        draft=own,
        personas=[persona(world, rng) for _ in range(personas)],
        habit=habit,
        domains=[registered(habit, rng)],
        servers=servers,
        selector=rng.choice(selectors),
        client=_program(rng),
        path=_path(habit, rng) if rng.random() < 0.8 else "",
        token=rng.choice(("hex", "address", "number")),
        track=f"{brand(rng, 1)}-{rng.randint(10000, 99999)}",
        skeleton=frame,
        look=look,
        picture=files.picture(rng),
        builder=f"{brand(rng).title()} PDF Composer {rng.randint(1, 9)}.{rng.randint(0, 40)}",
        exit_ip=f"{network(rng)}.{rng.randint(2, 250)}",
        place=letters(rng, 49),
    )
