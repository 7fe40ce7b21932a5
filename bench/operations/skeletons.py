"""Real messages as skeletons: which one carries whose mail, and its header filled with another message."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parsedate_to_datetime
from hashlib import sha256
from random import Random

from bench.operations.attach import Donor, Enclosure, attached
from bench.operations.bodies import filled, simple
from bench.operations.carriers import FREEMAIL, Carrier, Letter, letter
from bench.operations.cast import Person, organisation
from bench.operations.fields import Field, Form, form, moved, reshaped
from bench.operations.lists import direct
from bench.operations.signatures import receivers, signed, unaligned

_BULK = {"list-unsubscribe", "list-id", "auto-submitted", "resent-from", "x-autoreply"}
_TRACE = frozenset(
    "received x-received return-path delivered-to x-original-to authentication-results received-spf dkim-signature "
    "x-google-dkim-signature arc-seal arc-message-signature arc-authentication-results x-google-smtp-source "
    "x-gm-message-state domainkey-signature envelope-to delivery-date".split()
)
_NO_TOKENS = frozenset(  # fields whose long words are not ids, or are renewed with the signatures
    "authentication-results arc-authentication-results received-spf user-agent dkim-signature x-google-dkim-signature "
    "arc-seal arc-message-signature x-mailer thread-index content-language return-path x-proofpoint-spam-details "
    "x-proofpoint-virus-version".split()
)
_ID = re.compile(r"(\bid |\bSMTP id |\bESMTPSA? id |\(envelope-from .*?\)\s+id )([A-Za-z0-9._-]{6,})")
_TOKEN = re.compile(r"(?<![\w/+=@.-])[A-Za-z0-9+/_=-]{24,}(?![\w@.])")
_ADDRESS = re.compile(r"[\w.+=-]+@[\w.-]+\.\w+")


_HOUSE = re.compile(r"enron|(?:^|\.)google\.com$")  # domains that cannot stand for any institution's
_ORIGIN = re.compile(r"(\A\s*from )([A-Za-z][\w-]*)((?:\.[\w-]+)* \()")
_LAST_OCTET = re.compile(r"(\[\d+\.\d+\.\d+\.)\d+(\])")


def _renewed(token: str, rng: Random) -> str:
    """A new id of a hop: the part before the first dot; behind it Google writes times, which were moved already."""
    if re.fullmatch(r"\d+(?:\.\d+)+", token):  # a version
        return token
    head, dot, tail = token.partition(".")
    return reshaped(head, rng) + dot + tail if re.search(r"\d{13}|20\d\d\.\d\d", tail) else reshaped(token, rng)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A real message that may lend its form; `shape` is what it would be had it come to the owner alone."""

    letter: Letter
    shape: Form
    sha256: str  # of the real message's bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be sent."""

    sender: Person
    to: tuple[tuple[str, str], ...]
    cc: tuple[tuple[str, str], ...]
    subject: str
    text: str
    pixel: str
    when: datetime
    references: tuple[str, ...]  # with angle brackets, the last is answered
    from_owner: bool
    file: Enclosure | None = None
    reply_to: tuple[str, str] | None = None
    reply_after: str = "from"  # the field behind which the mailbox has Reply-To


def reply_place(pool: list[Skeleton]) -> str:
    """Lower-case name of the field behind which a mailbox most often has Reply-To."""
    before = Counter(names[names.index("reply-to") - 1] for s in pool if "reply-to" in (names := s.shape.names())[1:])
    return before.most_common(1)[0][0] if before else "from"


def skeletons(carrier: Carrier) -> list[Skeleton]:
    """Every message of a mailbox that can lend its form: one text or plain and HTML, authentication not failed."""
    out = []
    for one in carrier.letters:
        read = form(one.data)
        shape: Form | None = read
        if one.through_list and carrier.kind == "list":
            shape = direct(read, carrier.owner[0])
            one = (letter(one.data, shape) if shape else None) or one  # the sender that the list hid behind itself
        mine = one.address in carrier.owner
        if shape is None or not simple(shape.fields, shape.body) or not one.message_id or len(one.data) > 150_000:
            continue
        names = shape.names()
        verdict = " ".join(v for n, v in shape.fields if n.lower() == "authentication-results")
        if not mine and ("=fail" in verdict or "=softfail" in verdict or "=permerror" in verdict):
            continue
        if "git-send-email" in shape.get("x-mailer"):  # nobody writes a letter with it
            continue
        if carrier.kind != "takeout" and _BULK & set(names):
            continue
        if {"from", "to", "date", "subject", "message-id"} - set(names):
            continue
        if any(names.count(n) > 1 for n in ("from", "to", "cc", "subject", "date", "message-id", "content-type")):
            continue
        out.append(Skeleton(one, shape, sha256(one.data).hexdigest()))
    return out


def choose(pool: list[Skeleton], carrier: Carrier, person: Person, when: datetime, answers: bool, copies: bool,
           rng: Random, taken: str) -> Skeleton:  # fmt: skip
    """Take a skeleton for a sender: of his kind, near in time, with In-Reply-To and Cc where these are needed.

    `taken` is the domain that an earlier message of the same free-mail persona came from, or empty.
    Raises LookupError where the mailbox has none of the kind.
    """
    own = set(carrier.owner)
    others = [s for s in pool if s.letter.address not in own]
    if person.kind == "owner":
        fit = [s for s in pool if s.letter.address in own]
    elif person.kind in ("known", "taken"):
        fit = [s for s in others if s.letter.address == person.real and s.letter.when < when]
        fit = fit or [s for s in others if s.letter.address == person.real]
    elif person.kind == "known-foreign":
        home = person.real.partition("@")[2]
        fit = [s for s in others if s.letter.domain == home and s.letter.address != person.real]
        fit = (
            fit if len({s.letter.address for s in fit}) > 1 else [s for s in others if s.letter.domain not in FREEMAIL]
        )
    elif person.kind in ("freemail", "known-freemail"):
        fit = (
            [s for s in others if s.letter.domain == taken]
            if taken
            else [s for s in others if s.letter.domain in FREEMAIL]
        )
    elif person.kind == "provider" and carrier.kind != "enron":
        fit = [s for s in others if s.letter.domain in ("accounts.google.com", "google.com")]
    else:
        fit = [s for s in others if s.letter.domain not in FREEMAIL and not _HOUSE.search(s.letter.domain)]
    if person.kind == "spoofed" and carrier.kind != "enron":
        fit = _checked(fit)
    if not fit:
        raise LookupError(f"no message of the kind {person.kind} in {carrier.name}")

    def rank(one: Skeleton) -> tuple[bool, bool, float]:
        names = one.shape.names()
        return (
            ("in-reply-to" in names) != answers and carrier.kind != "enron",
            ("cc" in names) != copies,
            abs((one.letter.when - when).total_seconds()),
        )

    fit.sort(key=rank)
    best = [s for s in fit[:40] if rank(s)[:2] == rank(fit[0])[:2]]
    # of one writer no more than a few, or prolific writers would lend their form to everybody
    seen: dict[str, int] = {}
    few = []
    for one in best:
        seen[one.letter.address] = seen.get(one.letter.address, 0) + 1
        if seen[one.letter.address] <= 3:
            few.append(one)
    return rng.choice(few[:12])


def _checked(pool: list[Skeleton]) -> list[Skeleton]:
    """Of skeletons those that the receiving server checked, DMARC if any, and that no big provider sent."""
    for wanted in ("dmarc=", ""):
        fit = [s for s in pool if (at := receivers(s.shape)) >= 0 and wanted in s.shape.fields[at][1]]
        if fit:
            small = [s for s in fit if not {"x-google-dkim-signature", "x-ms-has-attach"} & set(s.shape.names())]
            return small or fit
    return pool


def _name_and_address(name: str, address: str) -> str:
    return formataddr((name, address), "utf-8") if name else address


def _list(people: tuple[tuple[str, str], ...]) -> str:
    return " " + ",\n ".join(_name_and_address(n, a) for n, a in people)


def _unpadded(when: datetime, like: str) -> str:
    """A date as mail programs write it, `5 Nov`; with a leading zero where the skeleton has one."""
    text = format_datetime(when)
    return text if re.search(r"\b0\d [A-Z]", like) else re.sub(r", 0", ", ", text)


def _subject(text: str) -> str:
    if text.isascii() and len(text) < 66:
        return f" {text}"
    return " " + Header(text, "us-ascii" if text.isascii() else "utf-8", 74, "Subject").encode(linesep="\n")


def _exchange(old: str, people: tuple[tuple[str, str], ...], same: bool) -> str:
    """X-From and its like in Enron's mail: kept for who is the same person, else written as Enron writes outsiders."""
    if same or not people:
        return old if same else " "
    suffix = "@ENRON" if "@ENRON" in old else ""
    people = tuple((n if n.isascii() else Header(n, "utf-8", 900).encode(), a) for n, a in people)
    if "<" in old:
        return " " + ", ".join(f'"{n}" <{a}>{suffix}' for n, a in people)
    return " " + ", ".join((n if "@" not in old else a) + suffix for n, a in people)


def _mapping(skeleton: Skeleton, out: Outgoing) -> Callable[[str], str]:
    """The replacement of the old sender's address, host and name by the new ones, everywhere."""
    old, new = skeleton.letter, out.sender
    address = new.envelope or new.address
    pairs: list[tuple[str, str]] = [(old.address, address)]
    olddom, newdom = old.domain, address.partition("@")[2]
    patterns: list[tuple[re.Pattern[str], str]] = []
    if newdom.endswith("." + olddom):  # a provider's own: where the domain is a sender's, not where it is a host's
        patterns.append((re.compile(r"(?<=[=@])" + re.escape(olddom) + r"(?![\w.-])"), newdom))
    elif olddom != newdom and olddom not in FREEMAIL:
        pairs.append((olddom, newdom))
        home = organisation(olddom)
        if home != olddom:
            pairs.append((home, newdom))
        stem = home.partition(".")[0]
        if len(stem) > 3:  # `stem.onmicrosoft.com` and selectors made of it
            patterns.append(
                (re.compile(rf"(?<![A-Za-z0-9.@]){re.escape(stem)}(?=[-.]on)", re.IGNORECASE), newdom.split(".")[0])
            )
            patterns.append(
                (re.compile(rf"(?<=@){re.escape(stem)}(?=\.onmicrosoft)", re.IGNORECASE), newdom.split(".")[0])
            )
            patterns.append(
                (re.compile(rf"(?<=-){re.escape(stem)}(?=-onmicrosoft)", re.IGNORECASE), newdom.split(".")[0])
            )
    oldname, newname = old.name, new.name
    if oldname and oldname != newname and newname.isascii() and len(oldname) > 4:
        pairs.append((oldname, newname))
    patterns += [(re.compile(r"(?<![\w-])" + re.escape(a) + r"(?![\w-])", re.IGNORECASE), b) for a, b in pairs if a]

    def swap(text: str) -> str:
        for pattern, value in patterns:
            text = pattern.sub(lambda _, v=value: v, text)  # type: ignore[misc]  # bound at once, called at once
        return text

    return swap


def fill(skeleton: Skeleton, out: Outgoing, known: list[Donor], rng: Random) -> tuple[bytes, str]:
    """Write a message in the form of a skeleton; gives its bytes and its Message-ID. `known` are lent boundaries."""
    shape, old = skeleton.shape, skeleton.letter
    by = out.when - old.when
    swap = _mapping(skeleton, out)
    same = out.sender.address == old.address
    owner = "" if out.from_owner else out.to[0][1]
    fields, body = filled(shape.fields, shape.body, out.text, out.pixel, rng)
    if out.file:
        fields, body = attached(fields, body, out.file, shape, old.address, known, out.when, rng)
    result: list[Field] = []
    message_id = ""
    strangers = [a for _, a in _strangers(shape) if a.lower() != old.address]
    origin = max((i for i, (n, _) in enumerate(fields) if n.lower() == "received"), default=-1)
    for number, (name, value) in enumerate(fields):
        low = name.lower()
        if out.from_owner and low in _TRACE:
            continue
        if low == "from":
            value = " " + (_name_and_address(out.sender.name, out.sender.address) if "<" in value or '"' in value
                           else out.sender.address)  # fmt: skip
        elif low == "to":
            value = _list(out.to) if "<" in value or not value.strip() or not same else " " + out.to[0][1]
            if shape.get("x-origin"):
                value = " " + ", ".join(a for _, a in out.to)
        elif low in ("cc", "bcc"):
            if not out.cc:
                continue
            value = " " + ", ".join(a for _, a in out.cc) if shape.get("x-origin") else _list(out.cc)
        elif low == "subject":
            value = _subject(out.subject)
        elif low == "thread-topic":
            value = _subject(re.sub(r"^(?:Re|Fwd?): ", "", out.subject))
        elif low == "date":
            try:
                zone = parsedate_to_datetime(value.strip()).tzinfo or UTC
            except (ValueError, TypeError):
                zone = UTC
            tail = re.search(r" \([A-Z]{3,4}\)$", value)
            value = moved(value, by, old.when) if tail else " " + _unpadded(out.when.astimezone(zone), value)
        elif low == "message-id":
            local, _, host = moved(value.strip().strip("<>"), by, old.when).rpartition("@")
            stamped = re.match(r"(?:19|20)\d{12}", local)
            head = stamped.group() if stamped else ("CA" if local.startswith("CA") else "")
            body_id, java, rest = local[len(head) :].partition(".JavaMail.")
            local = head + reshaped(body_id, rng) + java + rest
            message_id = f"<{local}@{swap(host)}>"
            value = re.match(r"\s*", value).group() + message_id  # type: ignore[union-attr]  # always matches
        elif low == "in-reply-to":
            if not out.references:
                continue
            value = f" {out.references[-1]}"
        elif low == "references":
            if not out.references:
                continue
            value = " " + "\n ".join(out.references[-10:])
        elif low == "reply-to" and out.reply_to:
            value = f" {_name_and_address(*out.reply_to)}"
        elif low in ("reply-to", "mail-followup-to", "disposition-notification-to", "autocrypt", "openpgp"):
            if not same:
                continue
        elif low in ("delivered-to", "x-original-to", "envelope-to"):
            value = f" {owner}"
        elif low in ("x-from", "x-to", "x-cc", "x-bcc"):
            people = (
                ((out.sender.name, out.sender.address),) if low == "x-from" else out.to if low == "x-to" else out.cc
            )
            unchanged = same if low == "x-from" else low == "x-to" and old.to == tuple(a for _, a in out.to)
            value = _exchange(value, people if low != "x-bcc" else (), unchanged)
        elif low in ("content-type", "content-transfer-encoding", "mime-version", "x-folder", "x-origin", "x-filename"):
            pass
        elif low == "x-gm-thrid":
            value = f" {reshaped(value.strip(), rng)}"
        else:
            value = moved(swap(value), by, old.when)
            for stranger in strangers:
                value = re.sub(re.escape(stranger), owner, value, flags=re.IGNORECASE) if owner else value
            if low in ("received", "x-received"):
                value = _ID.sub(lambda m: m.group(1) + _renewed(m.group(2), rng), value)
                if number == origin and not same:
                    value = _ORIGIN.sub(lambda m: m.group(1) + reshaped(m.group(2), rng) + m.group(3), value)
                    value = _LAST_OCTET.sub(lambda m: f"{m.group(1)}{rng.randrange(2, 250)}{m.group(2)}", value)
            elif low not in _NO_TOKENS:
                value = _TOKEN.sub(lambda m: m.group()[:4] + reshaped(m.group()[4:], rng), value)
            elif low == "thread-index":
                value = " " + value.strip()[:6] + reshaped(value.strip()[6:], rng)
        result.append((name, value))
    if out.references and "in-reply-to" not in (n.lower() for n, _ in result) and not shape.get("x-origin"):
        at = next(i for i, (n, _) in enumerate(result) if n.lower() == "message-id") + 1
        result.insert(at, ("In-Reply-To", f" {out.references[-1]}"))
    if out.cc and "cc" not in (n.lower() for n, _ in result):
        after = "subject" if shape.get("x-origin") else "to"
        value = " " + ", ".join(a for _, a in out.cc) if shape.get("x-origin") else _list(out.cc)
        at = next((i for i, (n, _) in enumerate(result) if n.lower() == after), len(result) - 1) + 1
        result.insert(at, ("Cc", value))
        if shape.get("x-origin"):  # Enron's export repeats Cc as Bcc
            at = next(i for i, (n, _) in enumerate(result) if n.lower() == "x-from")
            result.insert(at, ("Bcc", value))
    names = [n.lower() for n, _ in result]
    if out.reply_to and "reply-to" not in names:
        at = names.index(out.reply_after if out.reply_after in names else "from") + 1
        result.insert(at, ("Reply-To", f" {_name_and_address(*out.reply_to)}"))
    if not body.endswith("\n"):
        body += "\n"
    header = tuple(result)
    if out.sender.envelope:
        header = unaligned(header, out.sender.address.partition("@")[2])
    done = signed(Form(header, body, shape.eol), rng)
    return done.bytes(), message_id


def _strangers(shape: Form) -> list[tuple[str, str]]:
    """Addresses of the other recipients of the skeleton, which must not stay behind in Received and its like."""
    return [("", a) for name in ("to", "cc") for a in _ADDRESS.findall(shape.get(name))]
