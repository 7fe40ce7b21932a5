"""Put operations and their twins into carriers: when, who, in which skeleton; and the truth about it."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from hashlib import sha256
from itertools import islice
from random import Random

from bench.operations.attach import Donor, Enclosure, donors
from bench.operations.carriers import Carrier, Letter
from bench.operations.cast import Person, Slots, cast
from bench.operations.files import Order, made
from bench.operations.scenarios import File, People, Scenario, Side, Step, spun
from bench.operations.skeletons import Outgoing, Skeleton, choose, fill, reply_place, skeletons

SIDES = ("attack", "twin")
# how many operations a carrier gets: (before its cut, after it); a val carrier's are all val
COUNTS = {"enron": (9, 2), "list": (9, 2), "takeout": (3, 0)}
VAL_CARRIER_COUNT = 5


@dataclass(frozen=True, slots=True)
class Truth:
    """One injected message. One line of `truth.jsonl`."""

    mailbox: str
    message_id: str  # without angle brackets
    sha256: str  # of the message's bytes, container quoting undone
    operation: str  # of attack and twin the same stem, ending in -attack or -twin
    role: str
    step: int  # counts from 1 within the operation
    label: str  # attack or twin; of a reply of the owner, that of the operation it belongs to
    twin_of: str  # of a twin, the operation it is the twin of
    hostile: bool  # sent by the attacker; False for twins, replies of the owner and true notices of a provider
    language: str
    scenario: str
    hand: str  # who wrote the scenario
    card: str
    split: str
    date: str  # ISO 8601, UTC
    skeleton: str  # SHA-256 of the real message whose form it has


@dataclass(frozen=True, slots=True)
class Injected:
    """A made message and the truth about it."""

    data: bytes
    when: datetime
    truth: Truth
    skeleton: Skeleton


@dataclass(frozen=True, slots=True)
class _Said:
    """A message in a conversation, for who answers it."""

    message_id: str
    name: str
    address: str
    when: datetime
    text: str
    subject: str
    answers_to: tuple[str, str]  # where an answer goes


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A carrier with what it lends to what is put into it."""

    carrier: Carrier
    pool: list[Skeleton]
    donors: list[Donor]
    reply_after: str  # the field behind which Reply-To stands


def plain(letter: Letter) -> str:
    """Readable beginning of a real message, for quoting it."""
    for part in message_from_bytes(letter.data).walk():
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                text = payload.decode("utf-8", "replace").replace("\r\n", "\n").replace("�", "?")
                return "\n".join(text.strip().split("\n")[:25])
    return ""


def _quoted(said: _Said, kind: str, to: str) -> str:
    if kind == "enron":
        sent = said.when.strftime("%A, %B %d, %Y %I:%M %p")
        head = (
            f"\n\n -----Original Message-----\nFrom: {said.name}\nSent: {sent}\nTo: {to}\nSubject: {said.subject}\n\n"
        )
        return head + said.text
    when = said.when.strftime("%a, %b %-d, %Y at %-I:%M %p")
    lines = "\n".join(f"> {line}".rstrip() for line in said.text.strip().split("\n"))
    return f"\n\nOn {when}, {said.name} <{said.address}> wrote:\n\n{lines}\n"


def _bare(subject: str) -> str:
    return re.sub(r"(?i)^(?:(?:re|fwd?|aw)\s*:\s*)+", "", subject).strip()


class _Play:
    """One side of a scenario, played in one mailbox: holds who said what so far."""

    def __init__(self, mailbox: Mailbox, side: Side, people: People, language: str,
                 start: datetime, used: set[str], paraphrase: bool, rng: Random) -> None:  # fmt: skip
        self.mailbox, self.carrier, self.rng, self.paraphrase = mailbox, mailbox.carrier, rng, paraphrase
        carrier, pool = mailbox.carrier, mailbox.pool
        self.start, self.said, self.subject = start, list[_Said](), ""
        self.cast = cast(side, carrier, people, language, start, used, rng)
        for part, person in self.cast.items():
            if person.address.endswith("@"):
                lent = choose(pool, carrier, person, start, False, False, rng, "")
                self.cast[part] = replace(person, address=person.address + lent.letter.domain)
        main = next(iter(self.cast.values()))
        domain = (
            main.address.partition("@")[2]
            if main.kind in ("registered", "known-lookalike")
            else main.institution_domain
        )
        self.slots = Slots(f"{rng.random()}", domain, carrier.owner[0])
        self.slots.update(owner=carrier.owner_name, owner_first=carrier.owner_name.split()[0],
                          owner_email=carrier.owner[0], topic=rng.choice(carrier.topics), institution=main.institution,
                          institution_domain=main.institution_domain)  # fmt: skip
        for part, person in self.cast.items():
            first = re.split(r"[\s.]", person.name)[0] or person.name
            self.slots.update({part: person.name, f"{part}_first": first, f"{part}_email": person.address})
        known = next((p.real for p in self.cast.values() if p.real), "")
        self.real = self._thread(known, timedelta(0))
        self.old = self._thread(known, timedelta(days=330)) or self.real
        self.slots["thread"] = _bare(self.real.subject) if self.real else "our last conversation"

    def _thread(self, address: str, age: timedelta) -> Letter | None:
        """A real message to answer: of the known correspondent, or else of anybody, at least so old."""
        until, own = self.start - age, self.carrier.owner
        before = [o for o in self.carrier.letters if o.when < until and o.address not in own and o.subject]
        mine = [o for o in before if o.address == address]
        fit = list(islice((o for o in reversed((mine or before)[-60:]) if plain(o)), 10))
        return self.rng.choice(fit[::-1]) if fit else None

    def _file(self, file: File, sender: tuple[str, str], to: tuple[str, str], when: datetime,
              rng: Random) -> Enclosure:  # fmt: skip
        name, text, link, password = (
            one.format_map(self.slots) for one in (file.name, file.text, file.link, file.password)
        )
        return made(Order(file.kind, name, text, link, password, sender, to, when), rng)

    def step(self, step: Step, last: datetime) -> tuple[bytes, datetime, Skeleton, str]:
        """Write one message, not earlier than a while after the last one."""
        owner = (self.carrier.owner_name, self.carrier.owner[0])
        from_owner = step.by == "owner"
        sender = Person(owner[0], owner[1], "owner", "", "", "") if from_owner else self.cast[step.by]
        answered = self.said[-1] if self.said and step.thread == "reply" else None
        references = tuple(s.message_id for s in self.said) if answered else ()
        real = self.old if step.thread.endswith("-old") else self.real
        if step.thread.startswith(("hijack", "reopen")) and real:
            one = real
            answered = _Said(one.message_id, one.name, one.address, one.when, plain(one), one.subject,
                             (one.name, one.address))  # fmt: skip
            references = (one.message_id,) if step.thread.startswith("reopen") and one.message_id else ()
        elif step.thread == "new":
            self.said.clear()
        copies = tuple((self.cast[p].name, self.cast[p].address) for p in step.cc)
        day = self.start + timedelta(days=step.day)
        taken = sender.address.partition("@")[2] if sender.kind in ("freemail", "known-freemail") else ""
        lent = choose(self.mailbox.pool, self.carrier, sender, day, bool(references), bool(copies), self.rng, taken)
        zone = lent.letter.when
        when = day.replace(hour=zone.hour, minute=self.rng.randrange(60), second=self.rng.randrange(60), microsecond=0)
        if when.weekday() > 4 and zone.weekday() < 5:  # as many week-ends as the skeletons have
            when += timedelta(days=2)
        when += timedelta(hours=step.later)
        if when <= last:
            when = last + timedelta(minutes=self.rng.randrange(15, 240), seconds=self.rng.randrange(60))
        # a stream of its own, so that the other wording changes nobody's times and skeletons
        words = Random(f"{self.slots['topic']}/{step.role}/{step.day}")  # noqa: S311  # not for secrets
        text = spun(step.paraphrase if self.paraphrase else step.text, words).format_map(self.slots)
        subject = spun(step.subject, self.rng).format_map(self.slots)
        if not subject or answered:
            subject = subject or f"Re: {_bare(answered.subject if answered else self.subject)}"
        self.subject = self.subject or subject
        whom = next((s.name for s in reversed(self.said) if s.address != owner[1]), next(iter(self.cast.values())).name)
        to_whom = whom if answered and answered.address == owner[1] else owner[0]
        full = text + (_quoted(answered, self.carrier.kind, to_whom) if answered else "")
        to: tuple[tuple[str, str], ...] = (owner,)
        if from_owner:
            asked = next((s for s in reversed(self.said) if s.address != owner[1]), None)
            first = next(iter(self.cast.values()))
            to = (asked.answers_to if asked else (first.name, first.address),)
        pixel = self.slots["pixel"] if step.pixel else ""
        author = (sender.name, sender.address)
        other = self.cast.get(step.reply_to)
        reply_to = (other.name, other.address) if other else None
        # a stream of its own, so that what a file draws does not move what comes after it
        drawn = Random(self.rng.random())  # noqa: S311  # not for secrets
        file = self._file(step.file, author, to[0], when, drawn) if step.file else None
        out = Outgoing(sender, to, copies, subject, full, pixel, when, references, from_owner, file, reply_to,
                       self.mailbox.reply_after)  # fmt: skip
        data, message_id = fill(lent, out, self.mailbox.donors, self.rng)
        self.said.append(_Said(message_id, *author, when, text, subject, reply_to or author))
        return data, when, lent, message_id


def _start(carrier: Carrier, split: str, days: float, rng: Random) -> datetime:
    """A moment with history before it and room behind it, in the part of the mailbox that belongs to the split."""
    times = [one.when for one in carrier.letters]
    low, high = times[int(len(times) * 0.35)], times[int(len(times) * 0.97)]
    if carrier.split == "dev":
        low, high = (max(low, carrier.cut), high) if split == "val" else (low, min(carrier.cut, high))
    span = max((high - low).total_seconds() - days * 86400, 0.0)
    wish = low + timedelta(seconds=rng.random() * span)
    return next((t for t in times if t >= wish), high)


def _play(mailbox: Mailbox, scenario: Scenario, split: str, number: int, people: People, used: set[str], seed: int,
          paraphrase: bool) -> list[Injected]:  # fmt: skip
    out = []
    carrier = mailbox.carrier
    for side_name in SIDES:
        # whom and when must not depend on the wording, so that a paraphrased run differs in texts alone
        rng = Random(f"{seed}/{carrier.name}/{scenario.id}/{number}/{side_name}")  # noqa: S311  # not for secrets
        side = scenario.attack if side_name == "attack" else scenario.twin
        start = _start(carrier, split, side.steps[-1].day + 1, rng)
        play = _Play(mailbox, side, people, scenario.language, start, used, paraphrase, rng)
        last = start - timedelta(days=1)
        stem = f"{carrier.name}-{scenario.id}-{number}"
        for ordinal, step in enumerate(side.steps, 1):
            data, last, lent, message_id = play.step(step, last)
            kind = "owner" if step.by == "owner" else play.cast[step.by].kind
            truth = Truth(
                carrier.name, message_id.strip("<>"), sha256(data).hexdigest(), f"{stem}-{side_name}", step.role,
                ordinal,
                side_name, f"{stem}-attack" if side_name == "twin" else "",
                side_name == "attack" and kind not in ("owner", "provider", "known"),
                scenario.language, scenario.id, scenario.hand, scenario.card, split, last.isoformat(), lent.sha256,
            )  # fmt: skip
            out.append(Injected(data, last, truth, lent))
    return out


def injected(carriers: Iterable[Carrier], scenarios: list[Scenario], people: dict[str, People], seed: int,
             paraphrase: bool) -> Iterator[tuple[Carrier, list[Injected]]]:  # fmt: skip
    """For each carrier its injected messages; each scenario is used before any is used twice, each hand as often."""
    uses: Counter[str] = Counter()  # of scenarios and, by their names, of hands
    for carrier in carriers:
        pool = skeletons(carrier)
        mailbox = Mailbox(carrier, pool, donors(carrier.letters), reply_place(pool))
        found: list[Injected] = []
        used: set[str] = set(carrier.owner)
        before, after = COUNTS[carrier.kind]
        wanted = ["val"] * VAL_CARRIER_COUNT if carrier.split == "val" else ["dev"] * before + ["val"] * after
        order = Random(f"{seed}/{carrier.name}")  # noqa: S311  # not for secrets
        here: set[str] = set()
        for number, split in enumerate(wanted, 1):
            fit = [s for s in scenarios if s.split == split and carrier.kind in s.carriers and s.id not in here]
            order.shuffle(fit)
            for scenario in sorted(fit, key=lambda s: (uses[s.id], uses[f"hand {s.hand}"])):
                try:
                    found += _play(mailbox, scenario, split, number, people[scenario.hand], used, seed, paraphrase)
                except LookupError as missing:
                    if isinstance(missing, KeyError):
                        raise
                    continue
                uses.update((scenario.id, f"hand {scenario.hand}"))
                here.add(scenario.id)
                break
        yield carrier, found
