"""Which DNS records the messages of a case need, which of them are kept, and which must not be asked for.

Asking tells the name server of a domain, and everybody on the way, that somebody looks at mail of that domain. So
names are never asked for that hold an address, that an SPF macro makes from the message, or that look as if they had
been made for one message alone.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from watchword.authenticate.dmarc import RFC_9989
from watchword.authenticate.kept import Kept
from watchword.authenticate.macro import domain, is_telling
from watchword.authenticate.spf_record import Term, is_spf, read_spf
from watchword.engine import Connection
from watchword.observe.domain import registrable

Purpose = Literal["dkim", "spf", "dmarc"]

SHARED = 5  # messages that show the same odd name: then it was not made for one of them
_DEPTH = 10  # include after include
_NAMES = 200  # of one domain's SPF
_PIECE = re.compile(r"[a-z0-9]+")
_LOCAL = 5  # letters of a person's name in an address, from which on it is looked for in names


@dataclass(frozen=True, slots=True)
class Question:
    """One name and type that messages need."""

    name: str
    type: str
    purpose: Purpose
    messages: int  # that need it
    known: bool = False  # something is kept for it
    refused: str = ""  # why it must not be asked for; empty if it may be


def wanted(connection: Connection, kept: Kept, people: Collection[str] = ()) -> list[Question]:
    """Give every question of the case, also those to which the SPF records that are kept lead; most wanted first.

    `people` are addresses of those whose mailboxes these are.
    """
    names = frozenset(
        piece
        for address in people
        for piece in _PIECE.findall(address.partition("@")[0].lower())
        if len(piece) >= _LOCAL
    )
    found: dict[tuple[str, str], Question] = {}
    for question in _needed(connection, kept):
        key = (question.name, question.type)
        before = found.get(key)
        if before is None or before.messages < question.messages:
            found[key] = question
    judged = [
        replace(
            question,
            known=kept(question.name, question.type, None).status != "unknown",
            refused=question.refused or tells(question.name, names, question.messages),
        )
        for question in found.values()
    ]
    return sorted(judged, key=lambda one: (-one.messages, one.purpose, one.name, one.type))


def tells(name: str, people: Collection[str], messages: int) -> str:
    """Say why asking for a name could give somebody away; empty if not."""
    if len(name) > 253 or not re.fullmatch(r"[a-z0-9_.-]+", name) or ".." in name or name.startswith("."):
        return "it is no host name"
    pieces = _PIECE.findall(name)
    if any(piece in people for piece in pieces):
        return "it holds the name of a person whose mailbox this is"
    if messages < SHARED and any(_is_token(piece) for piece in pieces):
        return "it looks as if it was made for one message"
    return ""


def _is_token(piece: str) -> bool:
    digits = sum(letter.isdigit() for letter in piece)
    return len(piece) >= 16 and digits >= 4


_DKIM = """
    select lower(selector) || '._domainkey.' || lower("domain"), count(distinct message) from signatures
    where selector <> '' and "domain" <> '' group by all
"""
_SPF = """
    with borders as (select message, arg_max(from_host, number) as helo from hops where trusted group by message)
    select lower(case when return_domain <> '' then return_domain else helo end) as name, count(*),
        bool_or(origin_ip not like '%:%'), bool_or(origin_ip like '%:%')
    from message_facts join borders using (message) where origin_ip <> '' group by name
"""
_DMARC = """
    select from_domain, count(*), coalesce(max("time") >= ?, false) from message_facts
    where from_domain <> '' group by from_domain
"""


def _needed(connection: Connection, kept: Kept) -> Iterator[Question]:
    for name, messages in connection.execute(_DKIM).fetchall():
        yield Question(name, "TXT", "dkim", messages)
    for name, messages, four, six in connection.execute(_SPF).fetchall():
        if name and "." in name and not name.startswith("["):
            yield from _spf(name, messages, (*(("A",) if four else ()), *(("AAAA",) if six else ())), kept)
    for name, messages, walks in connection.execute(_DMARC, [RFC_9989]).fetchall():
        yield Question(f"_dmarc.{name}", "TXT", "dmarc", messages)
        owner = registrable(name)
        if owner and owner != name:
            yield Question(f"_dmarc.{owner}", "TXT", "dmarc", messages)
        while walks and name.count(".") > 1:  # every name up to the one below the public suffix
            name = name.partition(".")[2]
            if not registrable(name):
                break
            yield Question(f"_dmarc.{name}", "TXT", "dmarc", messages)


def _spf(name: str, messages: int, families: tuple[str, ...], kept: Kept) -> Iterator[Question]:
    """Follow the SPF record of a domain as far as records are kept, whatever the message (RFC 7208 5)."""
    pending = [(name, 0)]
    seen = {name}
    while pending and len(seen) < _NAMES:
        owner, depth = pending.pop(0)
        yield Question(owner, "TXT", "spf", messages)
        texts = [text for text in kept(owner, "TXT", None).values if is_spf(text)]
        record = read_spf(texts[0]) if len(texts) == 1 else None
        for term in (*record.terms, *([record.redirect] if record.redirect else [])) if record else ():
            if term.name in ("ip4", "ip6", "all"):
                continue
            if term.name == "ptr" or (term.target and is_telling(term.target)):
                yield Question(term.text.lower(), "A", "spf", messages, refused="its name is made from the message")
                continue
            target = _target(term, owner, name)
            if term.name in ("include", "redirect"):
                if target not in seen and depth < _DEPTH:
                    seen.add(target)
                    pending.append((target, depth + 1))
            elif term.name == "mx":
                yield Question(target, "MX", "spf", messages)
                for value in kept(target, "MX", None).values[:10]:
                    host = value.rpartition(" ")[2]
                    yield from (Question(host, kind, "spf", messages) for kind in families if host)
            else:
                kinds = ("A",) if term.name == "exists" else families
                yield from (Question(target, kind, "spf", messages) for kind in kinds)


def _target(term: Term, owner: str, origin: str) -> str:
    return domain(term.target, lambda letter: owner if letter == "d" else origin) if term.target else owner
