"""One message as bytes: fields, text, page, pictures and files, put together as the named mail program does."""

import base64
import quopri
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from hashlib import sha256
from random import Random

from bench.linking.names import hexadecimal, letters
from bench.operations.signatures import canonical


@dataclass(frozen=True, slots=True)
class Party:
    """Name and address of somebody who writes or is written to."""

    name: str
    address: str

    def field(self) -> str:
        """As it stands in From and To."""
        return formataddr((self.name, self.address))

    @property
    def domain(self) -> str:
        """Part behind the at sign."""
        return self.address.partition("@")[2]


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file with the message, or a picture in its page (`cid`)."""

    kind: str
    name: str
    data: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A mail program or a sending library: what it writes besides the text."""

    name: str
    fields: tuple[tuple[str, str], ...] = ()
    boundary: str = "hex28"  # shape of a boundary: its first part is kept, the rest is random
    encoding: str = "quoted-printable"
    identifier: str = "hex32"  # shape of the local part of Message-ID
    order: tuple[str, ...] = ("MIME-Version", "From", "Date", "Message-ID", "Subject", "To", "Cc")


CLIENTS = {
    one.name: one
    for one in (
        Client("gmail", (), "000000000000{hex16}", "quoted-printable", "CA{b64:48}"),
        Client(
            "outlook-web",
            (("x-ms-has-attach", ""), ("Accept-Language", "en-US"), ("Content-Language", "en-US")),
            "_000_{HEX24}EURP_",
            "quoted-printable",
            "AM{d1}PR{d2}MB{d4}{HEX24}",
            ("From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version"),
        ),
        Client(
            "outlook",
            (("X-Mailer", "Microsoft Outlook 16.0"), ("Thread-Index", "AQ{b64:28}")),
            "----=_NextPart_000_{d4}_01DA{HEX4}.{HEX8}",
            "quoted-printable",
            "{hex6}$01da{hex4}${hex8}$",
            ("From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version"),
        ),
        Client(
            "apple",
            (("X-Mailer", "Apple Mail (2.3774.600.62)"),),
            "Apple-Mail=_{HEX8}-{HEX4}-{HEX12}",
            "quoted-printable",
            "{HEX8}-{HEX4}-4{HEX3}-{HEX12}",
            ("From", "MIME-Version", "Subject", "Message-ID", "Date", "Cc", "To"),
        ),
        Client(
            "iphone",
            (("X-Mailer", "iPhone Mail (21F90)"),),
            "Apple-Mail-{HEX8}-{HEX4}-{HEX12}",
            "quoted-printable",
            "{HEX8}-{HEX4}-4{HEX3}-{HEX12}",
            ("From", "MIME-Version", "Date", "Subject", "Message-ID", "To", "Cc"),
        ),
        Client(
            "thunderbird",
            (("User-Agent", "Mozilla Thunderbird"), ("Content-Language", "en-US")),
            "------------{b64:24}",
            "8bit",
            "{hex8}-{hex4}-{hex4}-{hex12}",
            ("Message-ID", "Date", "MIME-Version", "To", "Cc", "From", "Subject"),
        ),
        Client(
            "yahoo",
            (("X-Mailer", "WebService/1.1.22645 YMailNovation"),),
            "----=_Part_{d6}_{d8}.{d12}",
            "quoted-printable",
            "{d9}.{d6}.{d12}",
            ("Date", "From", "To", "Cc", "Message-ID", "Subject", "MIME-Version"),
        ),
        Client(
            "proton",
            (("X-Pm-Message-ID", "{hex40}"), ("Feedback-ID", "{d8}:user:proton")),
            "b1=_{b64:40}",
            "quoted-printable",
            "{b64:60}=",
            ("Date", "To", "From", "Cc", "Subject", "Message-ID", "MIME-Version"),
        ),
        Client(
            "gmx",
            (("X-Priority", "3"), ("X-UI-Message-Type", "mail")),
            "sgnirk-{hex8}-{hex4}-{hex12}",
            "quoted-printable",
            "trinity-{hex8}-{hex4}-{hex12}-{d13}@3c-app-gmx-bs{d2}",
            ("MIME-Version", "Message-ID", "From", "To", "Cc", "Subject", "Date"),
        ),
        Client(
            "roundcube",
            (("User-Agent", "Roundcube Webmail/1.6.6"), ("X-Sender", "{sender}")),
            "=_{hex32}",
            "7bit",
            "{hex32}",
            ("MIME-Version", "Date", "From", "To", "Cc", "Subject", "Message-ID"),
        ),
        Client(
            "roundcube-old",
            (("User-Agent", "Roundcube Webmail/1.3.17"), ("X-Sender", "{sender}")),
            "=_{hex32}",
            "7bit",
            "{hex32}",
            ("MIME-Version", "Date", "From", "To", "Cc", "Subject", "Message-ID"),
        ),
        Client(
            "phpmailer",
            (("X-Mailer", "PHPMailer 6.8.1 (https://github.com/PHPMailer/PHPMailer)"),),
            "b1_{b64:42}",
            "8bit",
            "{b64:42}",
            ("Date", "To", "From", "Cc", "Subject", "Message-ID", "MIME-Version"),
        ),
        Client(
            "phpmailer-old",
            (("X-Mailer", "PHPMailer 5.2.27 (https://github.com/PHPMailer/PHPMailer)"), ("X-Priority", "3")),
            "b1_{hex32}",
            "8bit",
            "{hex32}",
            ("Date", "To", "From", "Cc", "Subject", "Message-ID", "MIME-Version"),
        ),
        Client(
            "python",
            (),
            "==============={d19}==",
            "base64",
            "{d18}.{d5}.{d16}",
            ("Subject", "From", "To", "Cc", "Date", "Message-ID", "MIME-Version"),
        ),
        Client(
            "gophish",
            (("X-Mailer", "gophish"),),
            "{hex60}",
            "quoted-printable",
            "{d19}.{d5}.{d19}",
            ("MIME-Version", "Date", "From", "Message-ID", "Subject", "To", "Cc"),
        ),
        Client(
            "bat",
            (("X-Mailer", "The Bat! (v9.3.3) Professional"), ("Reply-By", "")),
            "----------{HEX16}",
            "8bit",
            "{d10}.20{d12}",
            ("Date", "From", "To", "Cc", "Message-ID", "Subject", "MIME-Version"),
        ),
        Client(
            "zimbra",
            (
                ("X-Mailer", "Zimbra 8.8.15_GA_4581 (ZimbraWebClient - GC124 (Win)/8.8.15_GA_4581)"),
                ("Thread-Index", "{b64:28}"),
            ),
            "----=_Part_{d6}_{d8}.{d13}",
            "quoted-printable",
            "{d9}.{d6}.{d13}.JavaMail.zimbra",
            ("Date", "From", "To", "Cc", "Message-ID", "Subject", "MIME-Version"),
        ),
        Client(
            "service",
            (),
            "{hex56}",
            "quoted-printable",
            "{b64:22}",
            ("Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To", "Cc"),
        ),
        Client("drive", (("X-No-Auto-Attachment", "1"),), "000000000000{hex16}", "base64", "{b64:22}.0"),
        Client(
            "calendar",
            (("Sender", "Google Calendar <calendar-notification@google.com>"),),
            "000000000000{hex16}",
            "base64",
            "calendar-{hex8}-{hex4}-{hex12}",
        ),
    )
}


_RIGHT = {
    "gmail": "mail.gmail.com",
    "outlook-web": "AM6PR04MB4711.eurprd04.prod.outlook.com",
    "yahoo": "mail.yahoo.com",
    "drive": "google.com",
    "calendar": "google.com",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is bytes."""

    when: datetime
    sender: Party
    to: tuple[Party, ...]
    subject: str
    text: str
    client: Client
    page: str = ""  # HTML, or nothing
    cc: tuple[Party, ...] = ()
    reply_to: Party | None = None
    files: tuple[Enclosed, ...] = ()
    answers: str = ""  # Message-ID with its brackets
    extra: tuple[tuple[str, str], ...] = ()
    message_id: str = ""

    def identified(self, rng: Random) -> "Letter":
        """With a Message-ID as the program writes it."""
        local = filled(self.client.identifier, rng)
        right = _RIGHT.get(self.client.name) or self.sender.domain
        return replace(self, message_id=f"<{local}>" if "@" in local else f"<{local}@{right}>")


def filled(shape: str, rng: Random, sender: str = "") -> str:
    """Fill a shape: `{hex8}`, `{HEX8}`, `{d8}` (digits), `{b64:8}`, `{sender}`."""
    out, rest = [], shape
    while "{" in rest:
        before, _, rest = rest.partition("{")
        slot, _, rest = rest.partition("}")
        out.append(before)
        if slot == "sender":
            out.append(sender)
        elif slot.startswith("b64:"):
            out.append(letters(rng, int(slot[4:])).replace("-", "x").replace("_", "y"))
        elif slot.startswith("hex"):
            out.append(hexadecimal(rng, int(slot[3:])))
        elif slot.startswith("HEX"):
            out.append(hexadecimal(rng, int(slot[3:])).upper())
        else:
            out.append("".join(rng.choice("123456789") for _ in range(int(slot[1:]))))
    return "".join(out) + rest


def _encoded(text: str, way: str) -> tuple[str, str]:
    if way == "base64":
        return way, base64.encodebytes(text.encode()).decode()
    if way == "quoted-printable" or (way == "7bit" and not text.isascii()) or max(map(len, text.split("\n"))) > 900:
        return "quoted-printable", quopri.encodestring(text.encode()).decode().rstrip("\n") + "\n"
    return way, text


@dataclass(slots=True)
class _Entity:
    fields: list[tuple[str, str]]
    body: str
    parts: list["_Entity"] = field(default_factory=list)


def _leaf(kind: str, text: str, way: str) -> _Entity:
    said, body = _encoded(text if text.endswith("\n") else text + "\n", way)
    fields = [("Content-Type", f'{kind}; charset="UTF-8"'), ("Content-Transfer-Encoding", said)]
    return _Entity(fields, body)


def _attached(one: Enclosed) -> _Entity:
    fields = [("Content-Type", f'{one.kind}; name="{one.name}"')]
    way = "inline" if one.cid else "attachment"
    fields.append(("Content-Disposition", f'{way}; filename="{one.name}"'))
    if one.cid:
        fields.append(("Content-ID", f"<{one.cid}>"))
    fields.append(("Content-Transfer-Encoding", "base64"))
    return _Entity(fields, base64.encodebytes(one.data).decode())


def _joined(kind: str, parts: list[_Entity], client: Client, rng: Random) -> _Entity:
    boundary = filled(client.boundary, rng)
    body = "".join(
        f"--{boundary}\n" + "".join(f"{n}: {v}\n" for n, v in one.fields) + "\n" + one.body + "\n" for one in parts
    )
    return _Entity([("Content-Type", f'multipart/{kind}; boundary="{boundary}"')], body + f"--{boundary}--\n", parts)


def _content(letter: Letter, rng: Random) -> _Entity:
    way = letter.client.encoding
    whole = _leaf("text/plain", letter.text, way)
    if letter.page:
        page = _leaf("text/html", letter.page, way)
        pictures = [_attached(one) for one in letter.files if one.cid]
        if pictures:
            page = _joined("related", [page, *pictures], letter.client, rng)
        whole = _joined("alternative", [whole, page], letter.client, rng)
    files = [_attached(one) for one in letter.files if not one.cid]
    return _joined("mixed", [whole, *files], letter.client, rng) if files else whole


def _subject(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=75).encode()


def composed(letter: Letter, rng: Random) -> tuple[list[tuple[str, str]], str]:
    """Fields below the trace, and the body, lines joined by one line feed."""
    whole = _content(letter, rng)
    when = letter.when.astimezone(UTC)
    said = {
        "MIME-Version": "1.0",
        "From": letter.sender.field(),
        "Date": format_datetime(when),
        "Message-ID": letter.message_id,
        "Subject": _subject(letter.subject),
        "To": ", ".join(one.field() for one in letter.to),
        "Cc": ", ".join(one.field() for one in letter.cc),
    }
    fields = [(name, said[name]) for name in letter.client.order if said.get(name)]
    if letter.reply_to:
        fields.append(("Reply-To", letter.reply_to.field()))
    if letter.answers:
        fields += [("In-Reply-To", letter.answers), ("References", letter.answers)]
    fields += [(n, filled(v, rng, letter.sender.address)) for n, v in letter.client.fields if v]
    fields += list(letter.extra)
    return fields + whole.fields, whole.body


def signature(domain: str, selector: str, fields: list[tuple[str, str]], body: str, when: datetime, rng: Random) -> str:
    """Value of a DKIM-Signature: the body hash is true, the signature proper random."""
    digest = base64.b64encode(sha256(canonical(body.encode().decode("latin-1"), True)).digest()).decode()
    names = [
        n.lower() for n, _ in fields if n.lower() in ("from", "to", "subject", "date", "message-id", "mime-version")
    ]
    b = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") for _ in range(342))
    lines = "\n         ".join(b[at : at + 70] for at in range(0, len(b), 70))
    return (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed;\n        d={domain}; s={selector}; t={int(when.timestamp())};\n"
        f"        h={':'.join(names)};\n        bh={digest};\n        b={lines}=="
    )
