"""Honest letters: colleagues, the same reporters and vendors everywhere, and what people do with hostile mail."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from bench.linking import files
from bench.linking.letter import CLIENTS, Enclosed, Letter, Party
from bench.linking.names import brand, letters
from bench.linking.receivers import delivered, sent
from bench.linking.routes import SHORTENERS, Relay, Server, google, microsoft, own, service
from bench.linking.world import Made, Outsider, Person, Truth, World, moment, office_hour

_WORK = (
    "Could you have a look at {topic} before noon?",
    "I moved {topic} to next week, as {other} is away.",
    "Attached is what we have on {topic}; the numbers are still soft.",
    "{other} asked me about {topic} again.",
    "Nothing new from {place}, I call them tomorrow.",
    "Thanks, that helps a lot.",
    "I would leave out the second page.",
    "Let us talk about {topic} at the stand-up.",
    "The room is booked from two to four.",
    "Who speaks with {other}?",
    "I am on the train to {place} and can read but not write much.",
    "Please keep {other} in copy on {topic}.",
    "We need two volunteers more for Saturday.",
    "Legal says yes, with one change in the first paragraph.",
    "The printer wants the files by six.",
    "Can we get a quote from somebody else on this?",
)
_SUBJECTS = (
    "{topic}",
    "Re: {topic}",
    "Quick question on {topic}",
    "{place}",
    "Tomorrow",
    "Notes: {topic}",
    "Fwd: {topic}",
)


def told(person: Person, letter: Letter, data: bytes, world: World, role: str, answers: str = "") -> Made:
    """An honest message in a mailbox, with its truth."""
    truth = Truth(
        letter.message_id.strip("<>"),
        sha256(data).hexdigest(),
        person.box,
        person.party.address,
        person.organisation.name,
        letter.when.isoformat(),
        role=role,
        answers=answers,
        split=world.split,
    )
    return Made(data, letter.when, truth)


def received(
    person: Person, letter: Letter, relay: Relay, world: World, role: str, rng: Random, answers: str = ""
) -> Made:
    """An honest message that was delivered to somebody."""
    data = delivered(letter, relay, person.organisation.receiver, person.party.address, rng)
    return told(person, letter, data, world, role, answers)


def house(person: Person, rng: Random) -> Relay:
    """The way of mail that leaves a person's own organisation."""
    domain, address = person.party.domain, person.party.address
    if person.organisation.receiver == "google":
        return google(address, ((domain, "google"),), rng)
    if person.organisation.receiver == "microsoft":
        return microsoft(address, ((domain, "selector1"),), rng)
    return own(
        Server(f"mx1.{domain}", f"81.{len(domain) * 7 % 250}.{len(address) % 7}.25"),
        address,
        ((domain, "mail"),),
        f"10.0.{rng.randint(0, 4)}.{rng.randint(2, 250)}",
        rng,
    )


def said_in(world: World, first: str, signer: str, rng: Random, other: str = "") -> str:
    """A few sentences of work, between greeting and name."""
    slots = {
        "topic": rng.choice(world.texts.topics),
        "place": rng.choice(world.texts.places),
        "other": other or rng.choice(world.people).first,
    }
    lines = [one.format(**slots) for one in rng.sample(_WORK, rng.randint(1, 4))]
    hello = rng.choice((f"Hi {first},", f"{first},", f"Hello {first},", "Hi,"))
    return f"{hello}\n\n" + "\n".join(lines) + f"\n\n{rng.choice(('Best', 'Thanks', 'Cheers', 'Regards'))},\n{signer}\n"


def titled(world: World, rng: Random) -> str:
    """Subject as colleagues write it."""
    said = rng.choice(_SUBJECTS).format(topic=rng.choice(world.texts.topics), place=rng.choice(world.texts.places))
    return said[0].upper() + said[1:]


def colleagues(world: World, rng: Random) -> Iterator[Made]:
    """Within an organisation: the sender keeps a copy, the other receives one; some have files."""
    count = int(world.size.honest * 0.2)
    for person in world.people:
        others = [one for one in world.of(person.organisation) if one is not person]
        for _ in range(count):
            to = rng.choice(others)
            attached: tuple[Enclosed, ...] = ()
            topic = titled(world, rng)
            if rng.random() < 0.15:
                attached = (document(topic, person.party.name, rng),)
            letter = Letter(
                moment(rng),
                person.party,
                (to.party,),
                topic,
                said_in(world, to.first, person.first, rng),
                CLIENTS[person.client],
                files=attached,
            ).identified(rng)
            yield told(person, letter, sent(letter, rng), world, "colleague")
            yield received(to, letter, house(person, rng), world, "colleague", rng)


def document(title: str, author: str, rng: Random) -> Enclosed:
    """A file such as an office makes: of Word or printed from it."""
    lines = [
        title,
        *(f"{number}. {brand(rng)} {brand(rng)} {rng.randint(2, 900)}" for number in range(1, rng.randint(6, 20))),
    ]
    name = "_".join(title.split()[:4]).replace(":", "").replace("'", "")
    if rng.random() < 0.5:
        return Enclosed(
            "application/pdf", f"{name}.pdf", files.pdf(title, lines, "Microsoft: Print To PDF", author=author)
        )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return Enclosed(kind, f"{name}.docx", files.word(lines, author))


def outside(world: World, rng: Random) -> Iterator[Made]:
    """Reporters, vendors and lawyers who write to several organisations, and the answers that they get."""
    share = world.size.honest * 0.3 * len(world.people) / sum(len(one.knows) for one in world.outsiders)
    for outsider in world.outsiders:
        for person in outsider.knows:
            for _ in range(max(2, int(share / 1.6))):
                letter = from_outsider(world, outsider, person, moment(rng), rng)
                yield received(person, letter, outsider.relay(rng), world, outsider.role, rng)
                if rng.random() < 0.6:
                    yield answer(
                        world, person, letter, said_in(world, outsider.party.name.split()[0], person.first, rng), rng
                    )


def from_outsider(world: World, outsider: Outsider, person: Person, when: datetime, rng: Random) -> Letter:
    """One honest letter of an outsider, sometimes with a link, shortened or on a drive, sometimes with a file."""
    first = outsider.party.name.split()[0]
    text = said_in(world, person.first, first, rng)
    dice = rng.random()
    if dice < 0.12:
        text += f"\nhttps://{rng.choice(SHORTENERS)}/{letters(rng, 7)}\n"
    elif dice < 0.25:
        text += f"\nhttps://docs.google.com/document/d/1{letters(rng, 43)}/edit?usp=sharing\n"
    elif dice < 0.3:
        text += f"\nhttps://docs.google.com/forms/d/e/1FAIpQLS{letters(rng, 49)}/viewform\n"
    elif dice < 0.34:
        text += f"\nhttps://{brand(rng)}-{brand(rng)}.web.app/\n"
    attached = (document(titled(world, rng), outsider.party.name, rng),) if rng.random() < 0.15 else ()
    return Letter(
        when, outsider.party, (person.party,), titled(world, rng), text, CLIENTS[outsider.client], files=attached
    ).identified(rng)


def answer(
    world: World, person: Person, letter: Letter, text: str, rng: Random, role: str = "reply", answers: str = ""
) -> Made:
    """The owner's answer to a letter, which quotes it, as it lies among what was sent."""
    subject = letter.subject if letter.subject.startswith("Re: ") else f"Re: {letter.subject}"
    quoted = "".join(f"> {line}\n" for line in letter.text.splitlines())
    when = letter.when + timedelta(minutes=rng.randint(6, 900))
    back = Letter(
        when,
        person.party,
        (letter.reply_to or letter.sender,),
        subject,
        f"{text}\nOn {letter.when:%a, %d %b %Y}, {letter.sender.name} wrote:\n{quoted}",
        CLIENTS[person.client],
        answers=letter.message_id,
    ).identified(rng)
    return told(person, back, sent(back, rng), world, role, answers)


def warning(
    world: World, quoted: Letter, operation: str, domain: str, readers: Sequence[Person], rng: Random
) -> Iterator[Made]:
    """An honest circular that quotes an operation's subject, sender and domain, a few days after a message of it."""
    sender = Party("Election Sharing Centre", "alerts@electionsharing.org")
    when = office_hour(quoted.when + timedelta(days=rng.randint(3, 9)), rng)
    shown = domain.replace(".", "[.]") if rng.random() < 0.5 else domain
    text = (
        f"Members report mail with the subject\n\n  {quoted.subject}\n\nfrom {quoted.sender.name}"
        + f" <{quoted.sender.address}>"
        + (f", with links to {shown}" if domain else "")
        + ".\nPlease tell us if you have received it.\n"
    )
    for reader in readers:
        letter = Letter(
            when,
            sender,
            (reader.party,),
            f"[TLP:GREEN] Phishing against members: {quoted.subject}",
            text,
            CLIENTS["service"],
        ).identified(rng)
        relay = service("ses", sender.address, ((sender.domain, "ses"),), "77120455", rng)
        yield received(reader, letter, relay, world, "warning", rng, operation)


def forward(world: World, person: Person, letter: Letter, operation: str, rng: Random) -> Iterator[Made]:
    """A victim forwards a hostile message to a colleague and asks."""
    other = rng.choice([one for one in world.of(person.organisation) if one is not person])
    quoted = f"---------- Forwarded message ---------\nFrom: {letter.sender.field()}\nSubject: {letter.subject}\n"
    sent_on = replace(
        letter,
        when=letter.when + timedelta(hours=2),
        sender=person.party,
        to=(other.party,),
        cc=(),
        reply_to=None,
        subject=f"Fwd: {letter.subject}",
        text=f"{other.first}, is this real?\n\n{quoted}\n{letter.text}",
        page="",
        files=(),
        answers="",
        extra=(),
        client=CLIENTS[person.client],
    ).identified(rng)
    yield told(person, sent_on, sent(sent_on, rng), world, "forward", operation)
    yield received(other, sent_on, house(person, rng), world, "forward", rng, operation)
