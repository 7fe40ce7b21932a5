"""A letter of the story, and its body as the sender's program would write it."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from examples.chance import Chance
from examples.world import Person

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINK = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")  # [text that is shown|address]
_ADDRESS = re.compile(r"(?<![\"'>\w/])(https?://[^\s<>\"]+[^\s<>\".,;:!?)])")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment."""

    name: str
    type: str
    data: bytes


@dataclass(slots=True, eq=False)
class Letter:
    """One message of the story before any program has written it."""

    sender: Person
    to: list[Person]
    subject: str
    text: str  # paragraphs with an empty line between; `[shown|address]` is a link
    when: datetime  # UTC
    cc: list[Person] = field(default_factory=list)
    bcc: list[Person] = field(default_factory=list)
    answers: "Letter | None" = None
    files: tuple[File, ...] = ()
    calendar: str = ""  # an iCalendar object, with its method
    page: str = ""  # HTML written by a machine, in place of that made from the text
    extra: tuple[tuple[str, str], ...] = ()  # further header fields
    envelope: str = ""  # envelope sender where it is not From
    shown: str = ""  # display name in From where it is not the person's own
    reply_to: str = ""
    domain: str = ""  # whose servers send it where they are not those of From; such mail fails SPF and DMARC
    client_ip: str = ""  # where the sender sat, written by servers that tell
    label: str = ""  # folder or label at the receiver: Spam, Category Promotions, ...
    role: str = ""  # what it is in the story's truth, as `quiet-reed/opening`; empty for ordinary life
    id: str = ""

    def __post_init__(self) -> None:
        """Give it its Message-ID in the shape of the program."""
        if not self.id:
            self.id = _message_id(self)

    @property
    def references(self) -> list[str]:
        """The ids of all letters before it in the thread, oldest first."""
        return [*self.answers.references, self.answers.id] if self.answers else []

    @property
    def root(self) -> "Letter":
        """The letter that began the thread."""
        return self.answers.root if self.answers else self

    @property
    def everybody(self) -> list[Person]:
        """All who get it."""
        return [*self.to, *self.cc, *self.bcc]


def date(when: datetime, zone: int, comment: str = "") -> str:
    """Write a time as RFC 5322 does, in a zone given in minutes from UTC."""
    local = when.astimezone(timezone(timedelta(minutes=zone)))
    sign, size = "-" if zone < 0 else "+", abs(zone)
    offset = f"{sign}{size // 60:02}{size % 60:02}"
    day = f"{DAYS[local.weekday()]}, {local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{day} {local.hour:02}:{local.minute:02}:{local.second:02} {offset}{comment}"


def chance_of(letter: Letter, what: str) -> Chance:
    """Give the choices for one aspect of a letter."""
    people = " ".join(person.address for person in letter.everybody)
    return Chance(f"{letter.id} {letter.sender.address} {people} {letter.subject} {letter.when.isoformat()} {what}")


def _message_id(letter: Letter) -> str:
    chance = chance_of(letter, "id")
    person = letter.sender
    if person.client == "outlook":
        host = (
            f"{chance.token(2, 'ABDHP')}{chance.between(1, 9)}PR{chance.between(10, 19)}MB{chance.between(1000, 9999)}"
        )
        return (
            f"{host}{chance.token(24, 'ABCDEF0123456789')}@{host}.namprd{chance.between(10, 19)}.prod.postbox.example"
        )
    if person.client in ("thunderbird", "apple", "phone"):
        dashed = "-".join(chance.hexadecimal(size) for size in (8, 4, 4, 4, 12))
        return f"{dashed if person.client == 'thunderbird' else dashed.upper()}@{person.domain}"
    if person.client == "roundcube":
        return f"{chance.hexadecimal(32)}@{person.domain}"
    if person.client == "machine":
        seconds = int(letter.when.timestamp())
        return f"{chance.hexadecimal(12)}.{seconds}.{chance.between(100, 999)}@{letter.domain or person.domain}"
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return f"CA{chance.token(2, letters)}+{chance.token(42, letters)}@mail.mailhaven.example"


# ---------------------------------------------------------------- texts


def as_plain(text: str) -> str:
    """Write links as programs do in plain text."""
    return _LINK.sub(lambda found: found[2] if found[1] in ("", found[2]) else f"{found[1]} <{found[2]}>", text)


def escape(text: str) -> str:
    """Escape text for HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def as_html(text: str, tag: str) -> str:
    """Write paragraphs and links as HTML, each paragraph in `tag`."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        pieces, last = [], 0
        for found in _LINK.finditer(paragraph):
            pieces.append(_bare_links(escape(paragraph[last : found.start()])))
            pieces.append(f'<a href="{escape(found[2])}">{escape(found[1] or found[2])}</a>')
            last = found.end()
        pieces.append(_bare_links(escape(paragraph[last:])))
        paragraphs.append(f"<{tag}>{''.join(pieces)}</{tag.split()[0]}>".replace("\n", "<br>\r\n"))
    return "\r\n".join(paragraphs)


def _bare_links(escaped: str) -> str:
    return _ADDRESS.sub(r'<a href="\1">\1</a>', escaped)


def wrap(text: str, width: int, flowed: bool = False) -> Iterator[str]:
    """Break lines at spaces; flowed text (RFC 3676) keeps the space at the end of a broken line."""
    for line in text.split("\n"):
        if len(line) <= width or line.startswith(">"):
            yield line
            continue
        now = ""
        for word in line.split(" "):
            if now and len(now) + 1 + len(word) > width:
                yield f"{now} " if flowed else now
                now = word
            else:
                now = f"{now} {word}" if now else word
        yield now


def _introduction(letter: Letter) -> str:
    earlier, client = letter.answers, letter.sender.client
    if earlier is None:
        return ""
    local = earlier.when.astimezone(timezone(timedelta(minutes=letter.sender.zone)))
    name, address = earlier.sender.name, earlier.sender.address
    hour = f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"
    day = f"{MONTHS[local.month - 1]} {local.day}, {local.year}"
    if client == "thunderbird":
        return f"On {local.month}/{local.day}/{local.year % 100:02} {local.hour:02}:{local.minute:02}, {name} wrote:"
    if client in ("apple", "phone"):
        return f"On {day}, at {hour}, {name} <{address}> wrote:"
    if client == "roundcube":
        return f"On {local.year}-{local.month:02}-{local.day:02} {local.hour:02}:{local.minute:02}, {name} wrote:"
    return f"On {DAYS[local.weekday()]}, {day} at {hour} {name} <{address}> wrote:"


def _outlook_header(earlier: Letter) -> list[tuple[str, str]]:
    to = "; ".join(f"{person.name} <{person.address}>" for person in earlier.to)
    return [
        ("From", f"{earlier.sender.name} <{earlier.sender.address}>"),
        ("Sent", date(earlier.when, earlier.sender.zone)[:-9]),
        ("To", to),
        ("Subject", earlier.subject),
    ]


def written(letter: Letter, layers: int = 3) -> str:
    """Give the plain text with signature and the earlier letters quoted below."""
    text = as_plain(letter.text)
    if letter.sender.signature:
        mark = "-- \n" if letter.sender.client in ("thunderbird", "roundcube") else ""
        text += f"\n\n{mark}{letter.sender.signature}"
    if letter.sender.client == "phone" and letter.answers:
        text += "\n\nSent from my phone"
    if letter.answers is None or not layers:
        return text
    before = written(letter.answers, layers - 1)
    if letter.sender.client == "outlook":
        head = "\n".join(f"{name}: {value}" for name, value in _outlook_header(letter.answers))
        return f"{text}\n\n________________________________\n{head}\n\n{before}"
    quoted = "\n".join(f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in wrap(before, 72))
    return f"{text}\n\n{_introduction(letter)}\n\n{quoted}"


def page(letter: Letter, layers: int = 3) -> str:
    """Give the HTML of the same, in the manner of the program; without the outermost document for quoted layers."""
    if letter.page:
        return letter.page
    client = letter.sender.client
    text = letter.text + (f"\n\n{letter.sender.signature}" if letter.sender.signature else "")
    tag = {"outlook": 'p class="MsoNormal"', "apple": 'div style="margin-bottom:1em"'}.get(client, "div")
    inner = as_html(text, tag)
    if client == "haven-web":
        inner = f'<div dir="ltr">{inner.replace("</div>", "</div><div><br></div>")}</div>'
    if letter.answers is None or not layers:
        return inner
    before = page(letter.answers, layers - 1)
    if client == "outlook":
        head = "<br>\r\n".join(f"<b>{name}:</b> {escape(value)}" for name, value in _outlook_header(letter.answers))
        rule = '<hr style="display:inline-block;width:98%">'
        return f'{inner}\r\n{rule}\r\n<div id="divRplyFwdMsg">{head}</div>\r\n{before}'
    head = escape(_introduction(letter))
    if client == "haven-web":
        style = "margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"
        return (
            f'{inner}<br><div class="quote_container"><div dir="ltr" class="attr">{head}<br></div>\r\n'
            f'<blockquote class="quote" style="{style}">{before}</blockquote></div>'
        )
    return f'{inner}\r\n<div><br><blockquote type="cite"><div>{head}</div><br>{before}</blockquote></div>'


# ---------------------------------------------------------------- MIME


@dataclass(frozen=True, slots=True)
class Part:
    """A MIME part: its header fields and its content as sent."""

    headers: tuple[tuple[str, str], ...]
    content: bytes


def _text_part(kind: str, text: str, client: str) -> Part:
    data = text.replace("\r\n", "\n").encode()
    charset = "utf-8" if client in ("outlook", "apple", "phone") else "UTF-8"
    value = f'text/{kind}; charset="{charset}"' if client != "apple" else f"text/{kind};\r\n\tcharset={charset}"
    if client == "thunderbird" and kind == "plain":
        value = "text/plain; charset=UTF-8; format=flowed"
    longest = max(len(line) for line in data.split(b"\n"))
    if data.isascii() and longest < 900 and (client != "outlook" or kind == "plain") and client != "machine":
        content, encoding = data.replace(b"\n", b"\r\n"), "7bit"
    elif client == "outlook" and not data.isascii():
        content, encoding = _base64(data.replace(b"\n", b"\r\n")), "base64"
    else:
        content, encoding = binascii.b2a_qp(data).replace(b"\n", b"\r\n"), "quoted-printable"
    headers = [("Content-Type", value)]
    if encoding != "7bit" or client != "haven-web":
        headers.append(("Content-Transfer-Encoding", encoding))
    return Part(tuple(headers), content if content.endswith(b"\r\n") else content + b"\r\n")


def _base64(data: bytes) -> bytes:
    text = base64.b64encode(data)
    return b"".join(text[start : start + 76] + b"\r\n" for start in range(0, len(text), 76))


def _multipart(letter: Letter, kind: str, parts: list[Part], more: str = "") -> Part:
    digest = hashlib.sha256(f"{letter.id} {kind}".encode()).hexdigest()
    number = str(int(digest[:12], 16)).zfill(15)
    boundary = {
        "haven-web": f"0000000000{digest[:18]}",
        "outlook": f"_000_{digest[:28].upper()}namp_",
        "apple": f"Apple-Mail={digest[:8].upper()}-{digest[8:12].upper()}-4{digest[12:15].upper()}",
        "thunderbird": f"------------{digest[:24]}",
        "roundcube": f"=_{digest[:32]}",
    }.get(letter.sender.client, f"--=_Part_{number}")
    content = b"".join(
        b"--%s\r\n%s\r\n%s\r\n" % (boundary.encode(), header_block(part.headers), part.content.removesuffix(b"\r\n"))
        for part in parts
    )
    content += b"--%s--\r\n" % boundary.encode()
    value = f'multipart/{kind}; boundary="{boundary}"'
    if letter.sender.client in ("outlook", "apple", "machine"):
        value = f'multipart/{kind};\r\n\tboundary="{boundary}"'
    return Part((("Content-Type", value + more),), content)


def header_block(headers: tuple[tuple[str, str], ...] | list[tuple[str, str]]) -> bytes:
    """Write header fields, each with its line end."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode()


def body(letter: Letter) -> Part:
    """Give the whole body with the header fields that describe it."""
    client = letter.sender.client
    plain = "\n".join(wrap(written(letter), 998 if client in ("outlook", "phone") else 76, client == "thunderbird"))
    whole = _text_part("plain", plain, client)
    if letter.page or client in ("haven-web", "outlook") or (client == "apple" and "[" in letter.text):
        html = page(letter)
        if client in ("outlook", "apple"):
            head = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
            html = f"<html>\r\n<head>\r\n{head}\r\n</head>\r\n<body>\r\n{html}\r\n</body>\r\n</html>"
        parts = [whole, _text_part("html", html, client)]
        if letter.calendar:
            method = "REPLY" if "METHOD:REPLY" in letter.calendar else "REQUEST"
            ics = binascii.b2a_qp(letter.calendar.encode()).replace(b"\n", b"\r\n")
            fields = (
                ("Content-Type", f'text/calendar; charset="UTF-8"; method={method}'),
                ("Content-Transfer-Encoding", "quoted-printable"),
            )
            parts.append(Part(fields, ics))
        whole = _multipart(letter, "alternative", parts)
    if not letter.files:
        return whole
    parts = [whole, *(_file(entry) for entry in letter.files)]
    if letter.files[0].type == "message/delivery-status":
        return _multipart(letter, "report", parts, "; report-type=delivery-status")
    return _multipart(letter, "mixed", parts)


def _file(entry: File) -> Part:
    if entry.type == "message/delivery-status":  # never encoded (RFC 2046 5.2.1)
        return Part((("Content-Type", entry.type),), entry.data)
    headers = (
        ("Content-Type", f'{entry.type}; name="{entry.name}"'),
        ("Content-Disposition", f'attachment; filename="{entry.name}"'),
        ("Content-Transfer-Encoding", "base64"),
    )
    return Part(headers, _base64(entry.data))
