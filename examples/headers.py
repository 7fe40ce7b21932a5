"""Header fields as mail programs write them."""

import base64
import hashlib

from examples.letter import Letter, Part, body, date, header_block
from examples.world import Person

# In which order a program writes its fields, and with which capitals.
ORDERS = {
    "haven-web": "MIME-Version References In-Reply-To Reply-To From Date Message-ID Subject To Cc Content-Type "
    "Content-Transfer-Encoding",
    "outlook": "From To CC Subject Thread-Topic Thread-Index Date Message-ID References In-Reply-To Reply-To "
    "Accept-Language Content-Language X-MS-Has-Attach X-MS-TNEF-Correlator Content-Type "
    "Content-Transfer-Encoding MIME-Version",
    "thunderbird": "Message-ID Date MIME-Version User-Agent Subject Content-Language To Cc References From "
    "Reply-To In-Reply-To Content-Type Content-Transfer-Encoding",
    "apple": "From Content-Type Content-Transfer-Encoding Mime-Version Subject Message-Id References Date Cc "
    "In-Reply-To To Reply-To X-Mailer",
    "phone": "Content-Type Content-Transfer-Encoding From Mime-Version Date Subject Message-Id References "
    "In-Reply-To To Cc X-Mailer",
    "roundcube": "MIME-Version Date From To Cc Subject Reply-To In-Reply-To References User-Agent Message-ID "
    "X-Sender Content-Type Content-Transfer-Encoding",
    "machine": "From Reply-To To Cc Subject Date Message-ID In-Reply-To References MIME-Version Content-Type "
    "Content-Transfer-Encoding",
}
MAILERS = {
    "thunderbird": ("User-Agent", "Mozilla Thunderbird"),
    "apple": ("X-Mailer", "Apple Mail (2.3774.600.62)"),
    "phone": ("X-Mailer", "iPhone Mail (21F90)"),
    "roundcube": ("User-Agent", "Roundcube Webmail/1.6.6"),
}


def encoded(text: str) -> str:
    """Write text in a header field: as it is if ASCII, else as encoded words (RFC 2047), in short pieces."""
    if text.isascii():
        return text
    words, now = [], ""
    for character in text:
        if len((now + character).encode()) > 39:
            words.append(now)
            now = ""
        now += character
    words.append(now)
    return "\r\n ".join(f"=?UTF-8?B?{base64.b64encode(word.encode()).decode()}?=" for word in words)


def mailbox(name: str, address: str) -> str:
    """Write a mailbox (RFC 5322 3.4)."""
    if not name:
        return address
    if name.isascii() and not name.replace(" ", "").isalnum():
        name = f'"{name}"'
    return f"{encoded(name)} <{address}>"


def _people(people: list[Person]) -> str:
    return ",\r\n\t".join(mailbox(person.name, person.address) for person in people)


def _folded(text: str, name: str) -> str:
    if len(name) + 2 + len(text) <= 78 or "\r\n" in text:
        return text
    lines, now = [], ""
    for word in text.split(" "):
        if now and len(name) + 2 + len(now) + len(word) > 76:
            lines.append(now)
            now = word
        else:
            now = f"{now} {word}" if now else word
    return "\r\n ".join([*lines, now])


def _zone(person: Person) -> int:
    return 0 if person.client in ("outlook", "machine") else person.zone


def fields(letter: Letter, content: Part) -> list[tuple[str, str]]:
    """Give the sender's own header fields in the order of his program."""
    client = letter.sender.client
    values = {
        "from": mailbox(letter.shown or letter.sender.name, letter.sender.address),
        "to": _people(letter.to) or "undisclosed-recipients:;",
        "subject": _folded(encoded(letter.subject), "Subject"),
        "date": date(letter.when, _zone(letter.sender)),
        "message-id": f"<{letter.id}>",
        "mime-version": "1.0 (Mac OS X Mail 16.0 \\(3774.600.62\\))" if client == "apple" else "1.0",
        "x-sender": letter.sender.address,
        "content-language": "en-US",
        "accept-language": "en-US",
        "x-ms-has-attach": "yes" if letter.files else "",
        "x-ms-tnef-correlator": "",
        "thread-topic": _folded(encoded(letter.root.subject), "Thread-Topic"),
        "thread-index": base64.b64encode(hashlib.sha256(letter.root.id.encode()).digest()[:22]).decode(),
    }
    if letter.cc:
        values["cc"] = _people(letter.cc)
    if letter.reply_to:
        values["reply-to"] = letter.reply_to
    if letter.answers:
        values["in-reply-to"] = f"<{letter.answers.id}>"
        values["references"] = "\r\n ".join(f"<{one}>" for one in letter.references)
    if client in MAILERS:
        values[MAILERS[client][0].lower()] = MAILERS[client][1]
    values |= {name.lower(): value for name, value in content.headers}
    ordered = [(name, values[name.lower()]) for name in ORDERS[client].split() if name.lower() in values]
    return [*ordered, *letter.extra]


def kept(letter: Letter) -> bytes:
    """Give the message as it lies in its sender's own mailbox: never sent through a server."""
    content = body(letter)
    written = fields(letter, content)
    if letter.bcc:
        place = [name for name, _ in written].index("To") + 1
        written.insert(place, ("Bcc", _people(letter.bcc)))
    return header_block(written) + b"\r\n" + content.content
