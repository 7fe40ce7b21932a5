"""One hostile message, written with an attacker's means: some of them left out or changed, all of it put on record."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from random import Random
from types import MappingProxyType

from bench.linking import files
from bench.linking.actors import Actor, Persona
from bench.linking.letter import CLIENTS, Client, Enclosed, Letter, Party
from bench.linking.names import brand, chance, hexadecimal, letters, network
from bench.linking.routes import CLIENT_OF, SHARED_HOSTS, SHORTENERS, Relay, Server, freemail, google, own, service
from bench.linking.routes import shared_host as hosted
from bench.linking.wording import Said, fill, mutated
from bench.linking.world import Outsider, Person, World

# How often a message keeps, drops or changes what its operation is used to. The README explains each.
RATES: Mapping[str, float] = MappingProxyType(
    {
        "new_address": 0.35,
        "initials": 0.15,
        "reply_to": 0.6,
        "contact": 0.5,
        "new_domain": 0.3,
        "other_host": 0.3,
        "selector": 0.85,
        "client": 0.8,
        "path": 0.85,
        "token": 0.7,
        "track": 0.5,
        "page": 0.8,
        "picture": 0.55,
        "resaved": 0.25,
        "file": 0.35,
        "same_file": 0.4,
        "builder": 0.85,
        "anchor": 0.8,
        "thread": 0.5,
        "opening": 0.35,
        "synonym": 0.35,
        "delete": 0.1,
        "insert": 0.15,
        "swap": 0.1,
        "subject": 0.4,
        "answered": 0.12,
        "forwarded": 0.06,
    }
)


@dataclass(frozen=True, slots=True)
class Order:
    """What one message is to be."""

    target: Person
    when: datetime
    role: str
    answers: Letter | None = None
    second: bool = False  # the other persona writes
    taken: Outsider | None = None
    enclose: tuple[Enclosed, ...] = ()
    cc: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Shot:
    """A hostile message before it is delivered."""

    letter: Letter
    relay: Relay
    changed: tuple[str, ...]
    carries: tuple[str, ...]
    domain: str = ""  # of the attacker, that it shows


def shot(world: World, one: Actor, order: Order, rates: Mapping[str, float], rng: Random) -> Shot:
    """Write one message of an operation."""
    return _Writing(world, one, order, rates, rng).done()


@dataclass(slots=True)
class _Writing:
    world: World
    one: Actor
    order: Order
    rates: Mapping[str, float]
    rng: Random
    changed: list[str] = field(default_factory=list)
    carries: list[str] = field(default_factory=list)

    def is_so(self, name: str) -> bool:
        return self.rng.random() < self.rates[name]

    def done(self) -> Shot:
        one, order = self.one, self.order
        who = one.personas[1 if order.second else 0] if one.personas else None
        way = "taken" if order.taken else self.rng.choice(one.ways)
        address, provider, relay = self.sent_by(who, way)
        asks = order.role in ("lure", "follow-up") and bool(one.links)
        link, domain = self.link(way) if asks else ("", "")
        said = self.said(who)
        display, signed = self.signed(who)
        reply: Party | None = None
        if one.reply_to and self.is_so("anchor" if one.anchor == "reply_to" else "reply_to"):
            reply = Party(display, one.reply_to)
            self.carries.append(f"reply_to:{one.reply_to}")
        elif one.reply_to:
            self.changed.append("-reply_to")
        client = self.client(way, provider)
        lines = [s.replace("{link}", link) for s in said.sentences if link or "{link}" not in s]
        plain = fill("\n\n".join(self.parts(lines, signed)), self.slots(who))
        enclosed = list(order.enclose)
        self.carries += [f"stolen:{sha256(part.data).hexdigest()}" for part in enclosed]
        wants_file = asks and one.builder != "" and one.draft.kind not in ("kit", "crime", "hub")
        if wants_file and self.is_so("anchor" if one.anchor == "builder" else "file"):
            enclosed.append(self.file(link, said.subject))
        page = ""
        if one.skeleton and asks and self.is_so("page"):
            page, pictures = self.page(plain, link, domain, display)
            enclosed += pictures
        elif one.skeleton and asks:
            self.changed.append("-page")
        answers, subject = "", said.subject
        if order.answers:
            answers, subject = order.answers.message_id, "Re: " + order.answers.subject.removeprefix("Re: ")
            self.carries.append(f"thread:{answers}")
        letter = Letter(
            order.when,
            Party(display, address),
            (order.target.party,),
            subject,
            plain + "\n",
            client,
            page,
            order.cc,
            reply,
            tuple(enclosed),
            answers,
        ).identified(self.rng)
        self.carries += [f"thread:{letter.message_id}", *(f"cc:{party.address}" for party in order.cc)]
        shown = [c.removeprefix("domain:") for c in self.carries if c.startswith("domain:")]
        own_domain = next((name for name in shown if name in one.domains), "")
        return Shot(letter, relay, tuple(self.changed), tuple(dict.fromkeys(self.carries)), domain or own_domain)

    def sent_by(self, who: Persona | None, way: str) -> tuple[str, str, Relay]:
        """Address that it comes from, the free mail provider if there is one, and the way that it takes."""
        one, rng, taken = self.one, self.rng, self.order.taken
        if taken:
            self.carries.append(f"from:{taken.party.address}")
            if taken.way in ("own", "shared", "gmx"):
                self.carries.append(f"exit:{one.exit_ip}")
            return taken.party.address, "", replace(taken, exit_ip=one.exit_ip).relay(rng)
        if way == "freemail" and who:
            at = rng.randrange(len(who.boxes)) if self.is_so("new_address") else 0
            self.changed += ["address"] if at else []
            provider, address = who.boxes[at]
            self.carries += [f"from:{address}"] + ([f"exit:{one.exit_ip}"] if provider == "gmx" else [])
            return address, provider, freemail(provider, address, one.exit_ip, rng)
        if way == "firebase":
            domain = f"{brand(rng)}-{hexadecimal(rng, 5)}.firebaseapp.com"
            self.carries += ["net:google", "domain:firebaseapp.com"]
            return f"noreply@{domain}", "", google(f"noreply@{domain}", ((domain, "20230601"),), rng)
        if way == "random":
            domain = f"{brand(rng)}{brand(rng, 1)}.{rng.choice(('com', 'com.br', 'it', 'pl', 'net', 'co.za'))}"
            address = f"{rng.choice(('info', 'office', 'billing', 'contact', 'sales'))}@{domain}"
            host = Server(f"srv{rng.randint(1, 900)}.{brand(rng)}.net", f"{network(rng)}.{rng.randint(2, 250)}")
            return address, "", own(host, address, ((domain, "default"),) if rng.random() < 0.5 else (), "", rng)
        if self.is_so("new_domain"):
            one.register(rng)
            self.changed.append("domain")
        domain = one.domains[-1]
        # One habit for the whole operation.
        local = self.steady().choice(("support", "noreply", "service", "notify", "team"))
        address = f"{who.name.lower().replace(' ', '.') if who else local}@{domain}"
        return address, "", self.relay(way, address, domain)

    def steady(self) -> Random:
        """Chance that falls the same way in all of the operation."""
        return chance(self.one.id)

    def relay(self, way: str, address: str, domain: str) -> Relay:
        """The way of what is sent under a domain of its own."""
        one, rng = self.one, self.rng
        self.carries += [f"from:{address}", f"domain:{domain}", f"family:{one.habit.label()}"]
        if way == "shared":
            server = self.steady().choice(SHARED_HOSTS[:2])
            self.carries += [f"ip:{server.ip}", f"exit:{one.exit_ip}"]
            return hosted(server, address, one.exit_ip, rng)
        if way == "workspace":
            self.carries.append("net:google")
            return google(address, ((domain, "google"),), rng)
        if way == "service":
            number = str(self.steady().randint(10**7, 10**8))
            self.carries += ["net:sendgrid", f"customer:{number}"]
            return service("sendgrid", address, ((domain, "s1"),), number, rng)
        server = one.servers[0]
        if len(one.servers) > 1 and self.is_so("other_host"):
            server = rng.choice(one.servers[1:])
            self.changed.append("host")
        selector = one.selector
        if self.is_so("selector"):
            self.carries.append(f"selector:{selector}")
        else:
            selector = rng.choice(("default", "mail", "dkim"))
            self.changed.append("-selector")
        self.carries += [f"ip:{server.ip}", f"net:{server.network}", f"dkim:{selector}@{domain}"]
        signs: tuple[tuple[str, str], ...] = ((domain, selector),)
        if one.anchor == "dkim" and self.is_so("anchor"):
            signs = (*signs, one.kept_dkim)
            self.carries.append(f"dkim:{one.kept_dkim[1]}@{one.kept_dkim[0]}")
        client_ip = one.exit_ip if one.client.name not in ("phpmailer", "python") else ""
        self.carries += [f"exit:{client_ip}"] if client_ip else []
        return own(server, address, signs, client_ip, rng)

    def link(self, way: str) -> tuple[str, str]:
        """A link for this target, and the attacker's domain in it if there is one."""
        one, rng = self.one, self.rng
        kind = rng.choice(one.links)
        if kind == "form":
            self.carries += ["domain:docs.google.com", f"place:{one.place}"]
            return f"https://docs.google.com/forms/d/e/1FAIpQL{one.place}/viewform?usp=sf_link", ""
        if kind == "drive":
            self.carries += ["domain:drive.google.com", f"place:{one.place[:32]}"]
            return f"https://drive.google.com/file/d/1{one.place[:32]}/view?usp=sharing", ""
        if kind == "short":
            host = self.steady().choice(SHORTENERS)
            self.carries.append(f"domain:{host}")
            return f"https://{host}/{letters(rng, 7)}", ""
        if kind == "firebase":
            project = f"{self.steady().choice(('secure', 'mail', 'docs'))}-{brand(self.steady(), 3)}"
            self.carries += ["domain:web.app", f"place:{project}"]
            return f"https://{project}.web.app/{hexadecimal(rng, 8)}", ""
        if way not in ("own", "workspace", "shared", "service") and self.is_so("new_domain"):
            one.register(rng)
            self.changed.append("link-domain")
        domain = one.domains[-1]
        self.carries += [f"domain:{domain}", f"family:{one.habit.label()}"]
        address = base64.urlsafe_b64encode(self.order.target.party.address.encode()).decode().rstrip("=")
        tokens = {"hex": hexadecimal(rng, 16), "number": str(rng.randint(10**6, 10**7)), "address": address}
        token = tokens[one.token]
        if not self.is_so("token"):
            token = hexadecimal(rng, 12)
            self.changed.append("token")
        shape = one.path
        if shape and self.is_so("path"):
            self.carries.append(f"path:{shape}")
        else:
            self.changed += ["-path"] if shape else []
            shape = rng.choice(("/login?u={token}", "/{token}", "/?id={token}"))
        host = rng.choice((domain, domain, f"{rng.choice(('www', 'login', 'docs', 'my'))}.{domain}"))
        return f"https://{host}{shape.replace('{token}', token)}", domain

    def slots(self, who: Persona | None) -> dict[str, str]:
        """What the texts' slots hold."""
        target, personas = self.order.target, self.one.personas
        other = personas[0 if self.order.second else 1] if len(personas) > 1 else None
        return {
            "first": target.first,
            "name": target.party.name,
            "org": target.organisation.name,
            "address": target.party.address,
            "place": self.steady().choice(self.world.texts.places),
            "institution": who.institution if who else "",
            "other": other.name if other else "",
            "other_first": other.first if other else "",
        }

    def said(self, who: Persona | None) -> Said:
        """The operation's draft once more. A kit's text is sent as it came."""
        draft = self.one.draft
        odds = dict(self.rates)
        if draft.kind == "kit":
            odds |= {"synonym": 0.0, "delete": 0.0, "insert": 0.0, "swap": 0.0}
        slots = self.slots(who) | {"number": str(self.rng.randint(10**5, 10**7))}
        said = mutated(draft, odds, self.world.texts.fillers, slots, self.rng, self.order.second)
        self.changed += said.changed
        self.carries.append(f"text:{draft.id}{'b' if self.order.second else ''}")
        return said

    def signed(self, who: Persona | None) -> tuple[str, str]:
        """Name of the sender, and what stands below the text."""
        taken = self.order.taken
        if taken:
            return taken.party.name, taken.party.name.split()[0]
        if not who:
            return self.one.display, ""
        display = who.name
        if self.is_so("initials"):
            display = f"{who.name[0]}. {who.name.split()[1]}"
            self.changed.append("initials")
        signed = f"{who.name}\n{who.institution}"
        self.carries.append(f"persona:{who.name}")
        if self.one.anchor == "phone" and self.is_so("anchor"):
            self.carries.append(f"phone:{who.phone}")
            return display, f"{signed}\n{who.phone}"
        if self.is_so("contact"):
            self.carries += [f"phone:{who.phone}", f"handle:{who.handle}"]
            return display, f"{signed}\n{who.phone} | Signal {who.handle}"
        self.changed.append("-contact")
        return display, signed

    def client(self, way: str, provider: str) -> Client:
        """The program that wrote it."""
        taken, client = self.order.taken, self.one.client
        if taken:
            client = CLIENTS[taken.client] if self.rng.random() < 0.5 else CLIENTS["python"]
        elif way == "freemail":
            client = CLIENTS[CLIENT_OF[provider]]
        elif way in ("firebase", "workspace"):
            client = CLIENTS["gmail"]
        elif way == "service":
            client = CLIENTS["service"]
        elif not self.is_so("client"):
            client = CLIENTS[self.rng.choice(("phpmailer", "roundcube", "python"))]
            self.changed.append("client")
        self.carries.append(f"client:{client.name}")
        return client

    def parts(self, lines: list[str], signed: str) -> list[str]:
        """Paragraphs of the letter; crime and kits greet nobody."""
        kind, texts = self.one.draft.kind, self.world.texts
        if kind in ("kit", "crime"):
            return lines
        half = max(1, len(lines) // 2)
        hello = self.rng.choice(texts.greetings) if kind != "taken" else "{first},"
        below = self.rng.choice(texts.closings) + (f"\n{signed}" if signed else "")
        return [part for part in (hello, " ".join(lines[:half]), " ".join(lines[half:]), below) if part]

    def file(self, link: str, title: str) -> Enclosed:
        """A file of the operation: the same once more, or made anew by the same tool."""
        one, rng = self.one, self.rng
        if one.files_made and self.is_so("same_file"):
            made = one.files_made[-1]
        else:
            builder = one.builder
            if not self.is_so("builder"):
                builder = "Microsoft: Print To PDF"
                self.changed.append("-builder")
            lines = [title, *(f"{brand(rng)} {brand(rng)}" for _ in range(4))]
            made = Enclosed("application/pdf", f"{brand(rng)}.pdf", files.pdf(title, lines, builder, link))
            one.files_made.append(made)
            self.changed.append("file")
        self.carries += [f"builder:{one.builder}"] if one.builder.encode() in made.data else []
        self.carries.append(f"file:{sha256(made.data).hexdigest()}")
        return made

    def page(self, plain: str, link: str, domain: str, foot: str) -> tuple[str, list[Enclosed]]:
        """The same as a page in the operation's frame, with its picture and its pixel."""
        one, rng = self.one, self.rng
        pictures: list[Enclosed] = []
        dice, often = rng.random(), self.rates["picture"]
        if dice < often + self.rates["resaved"]:
            data = one.picture
            if dice >= often:
                data = files.resaved(data, hexadecimal(rng, 8))
                self.changed.append("resaved")
            self.carries.append(f"picture:{sha256(data).hexdigest()}")
            pictures.append(Enclosed("image/png", "image001.png", data, f"{hexadecimal(rng, 10)}@{brand(rng)}"))
        else:
            self.changed.append("-picture")
        pixel = ""
        if domain and self.is_so("track"):
            pixel = f'<img src="https://{domain}/{one.track}.gif?x={hexadecimal(rng, 6)}" width="1" height="1">'
            self.carries.append(f"track:{one.track}")
        self.carries.append(f"look:{one.look}")
        slots = {
            "logo": f'<img src="cid:{pictures[0].cid}">' if pictures else "",
            "paragraphs": "".join(f"<p>{part}</p>" for part in plain.split("\n\n")),
            "link": link,
            "label": "Open",
            "foot": foot,
            "pixel": pixel,
        }
        return fill(one.skeleton, slots), pictures
