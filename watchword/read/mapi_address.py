"""Who wrote and who was written to, out of Outlook's properties, as addresses that mail can hold (MS-OXCMAIL 2.1.3)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from watchword.read import mapi
from watchword.read.codepage import decoded
from watchword.read.mapi import Message, Properties

# Where a name in an Exchange directory stands in for an address; no such host can exist (RFC 2606).
EXCHANGE = "exchange.invalid"

_PLAIN = re.compile(r"[^\s<>,;:\"()\\\[\]@\0-\x1f\x7f]{1,320}@[^\s<>,;:\"()\\@\0-\x1f\x7f]{1,255}")
_ONE_OFF = bytes.fromhex("812b1fa4bea310199d6e00dd010f5402")
_DIRECTORY = bytes.fromhex("dca740c8c042101ab4b908002b2fe182")
_ENTRIES = 1_000  # addresses to reply to


class _Kept(NamedTuple):
    """The properties that tell of one person."""

    name: int
    smtp: int
    kind: int
    address: int
    entry: int
    search_key: int


_AUTHOR = _Kept(
    mapi.SENT_REPRESENTING_NAME, mapi.SENT_REPRESENTING_SMTP_ADDRESS, mapi.SENT_REPRESENTING_ADDRESS_TYPE,
    mapi.SENT_REPRESENTING_ADDRESS, mapi.SENT_REPRESENTING_ENTRY_ID, mapi.SENT_REPRESENTING_SEARCH_KEY,
)  # fmt: skip
_SENDER = _Kept(
    mapi.SENDER_NAME, mapi.SENDER_SMTP_ADDRESS, mapi.SENDER_ADDRESS_TYPE, mapi.SENDER_ADDRESS, mapi.SENDER_ENTRY_ID,
    mapi.SENDER_SEARCH_KEY,
)  # fmt: skip
_RECIPIENT = _Kept(
    mapi.DISPLAY_NAME, mapi.SMTP_ADDRESS, mapi.ADDRESS_TYPE, mapi.ADDRESS, mapi.ENTRY_ID, mapi.SEARCH_KEY
)


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address, either of which may be empty."""

    name: str
    address: str


def people(message: Message) -> dict[str, list[Person]]:
    """Give those in From, Sender, Reply-To, To, Cc and Bcc. An empty list is an absent field."""
    own = message.properties
    known = _known(message)
    author = _person(own, _AUTHOR, known)
    sender = _person(own, _SENDER, known)
    if not author.address:
        author = sender
    found: dict[str, list[Person]] = {"from": [author] if author.name or author.address else []}
    found["sender"] = [sender] if sender.address and sender.address != author.address else []
    found["reply-to"] = _replies(own, known)
    listed: dict[str, list[Person]] = {"to": [], "cc": [], "bcc": []}
    for recipient in message.recipients:
        kind = (recipient.number(mapi.RECIPIENT_TYPE) or 0) & 15  # above stand flags, as for resending
        name = {2: "cc", 3: "bcc"}.get(kind, "to")
        if not kind and "IPM.Schedule" in own.text(mapi.MESSAGE_CLASS):
            continue  # the organizer, who is the sender too
        listed[name].append(_person(recipient, _RECIPIENT, known))
    if not message.recipients:  # as they are shown, names only
        for field, number in (("to", mapi.DISPLAY_TO), ("cc", mapi.DISPLAY_CC), ("bcc", mapi.DISPLAY_BCC)):
            names = [name.strip() for name in own.text(number).split(";")[:_ENTRIES]]
            listed[field] = [_shown(name) for name in names if name]
    return found | listed


def _known(message: Message) -> dict[str, str]:
    """Give the SMTP addresses that this message tells of names in the directory."""
    own = message.properties
    pairs = [
        (own.text(mapi.SENDER_ADDRESS), own.text(mapi.SENDER_SMTP_ADDRESS)),
        (own.text(mapi.SENT_REPRESENTING_ADDRESS), own.text(mapi.SENT_REPRESENTING_SMTP_ADDRESS)),
    ]
    pairs += [(one.text(mapi.ADDRESS), one.text(mapi.SMTP_ADDRESS)) for one in message.recipients]
    return {name.lower(): address for name, address in pairs if name.startswith("/") and "@" in address}


def _person(of: Properties, kept: _Kept, known: Mapping[str, str]) -> Person:
    written, sort = of.text(kept.address), of.text(kept.kind).upper()
    own_sort, other = _of_entry(of.binary(kept.entry), of.codepage)
    if not written:
        sort, written = own_sort, other
    best = of.text(kept.smtp).strip() or known.get(written.lower(), "")
    if not best and sort not in ("", "SMTP") and own_sort == "SMTP":
        best = other
    if not best and (not written or sort not in ("", "SMTP")):
        key = of.binary(kept.search_key).rstrip(b"\0")
        best = key[5:].decode("latin-1").lower() if key[:5] == b"SMTP:" else ""
    return Person(of.text(kept.name).strip(), as_mail(best) if best else as_mail(written, sort))


def as_mail(address: str, kind: str = "SMTP") -> str:
    """Write an address of any kind such that mail can hold it; what is no SMTP address stays readable in it."""
    address = address.strip(" \t\r\n\0'<>")
    if not address:
        return ""
    if _PLAIN.fullmatch(address):
        return address
    kind = re.sub("[^A-Z0-9]", "", kind)[:20] or "SMTP"
    if address.startswith("/") and kind == "SMTP":
        kind = "EX"
    coded = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "=-") else "_" if letter == "/" else _hex(letter)
        for letter in address[:500]
    )
    return f"IMCEA{kind}-{coded}@{EXCHANGE}"


def _hex(letter: str) -> str:
    return "".join(f"+{byte:02X}" for byte in letter.encode("utf-8", "replace"))


def _shown(name: str) -> Person:
    bare = name.strip("'\" ")
    return Person("", bare) if _PLAIN.fullmatch(bare) else Person(bare, "")


def _of_entry(entry: bytes, codepage: int) -> tuple[str, str]:
    """Give kind and address that an entry id holds (MS-OXCDATA 2.2.5)."""
    if entry[4:20] == _DIRECTORY:
        return "EX", entry[28:].split(b"\0")[0].decode("latin-1")
    if entry[4:20] != _ONE_OFF or len(entry) < 24:
        return "", ""
    if entry[23] & 0x80:  # in UTF-16
        parts = entry[24:8_192].decode("utf-16-le", "replace").split("\0")
    else:
        parts = [decoded(part, codepage) for part in entry[24:8_192].split(b"\0")]
    return (parts[1].upper(), parts[2]) if len(parts) > 2 else ("", "")


def _replies(own: Properties, known: Mapping[str, str]) -> list[Person]:
    """Read the list of entry ids to which replies go (MS-OXCDATA 2.3.3, FlatEntryList)."""
    data = own.binary(mapi.REPLY_RECIPIENT_ENTRIES)
    names = own.text(mapi.REPLY_RECIPIENT_NAMES).split(";")
    found: list[Person] = []
    at = 8
    while at + 4 <= len(data) and len(found) < _ENTRIES:
        size = int.from_bytes(data[at : at + 4], "little")
        kind, address = _of_entry(data[at + 4 : at + 4 + size], own.codepage)
        name = names[len(found)].strip() if len(found) < len(names) else ""
        if address:
            found.append(Person(name, as_mail(known.get(address.lower(), address), kind)))
        at += 4 + size + (-size % 4)
    return found
