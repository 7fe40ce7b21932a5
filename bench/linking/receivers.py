"""What the receiving side writes above a message: Google, Microsoft, or a Postfix of the organisation's own."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random

from bench.linking.letter import Letter, composed, filled, signature
from bench.linking.routes import Relay

Fields = list[tuple[str, str]]
_GOOGLE = {
    "by": "by 2002:a05:{hex4}:{hex4}:b0:{hex3}:{hex4} with SMTP id {b64:12};\n        ~DATE~",
    "x": "by 2002:a17:{hex3}:{hex4}:b0:{hex3}:{hex4} with SMTP id ~ID~;\n        ~DATE~",
    "from": "from ~HOST~ (~HOST~. [~IP~])\n        by mx.google.com with ESMTPS id ~ID~\n        for <~BOX~>;\n"
    "        ~DATE~",
    "spf": "pass (google.com: domain of ~ENVELOPE~ designates ~IP~ as permitted sender)",
}
_MICROSOFT = {
    "last": "from {box} (2603:10a6:{hex3}::{hex2}) by\n {box} with HTTPS; ~DATE~",
    "first": "from ~HOST~ (~IP~) by\n DB5PEPF0001.mail.protection.outlook.com (10.167.8.{d2}) with Microsoft SMTP\n"
    " Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.7699.15; ~DATE~",
    "spf": "Pass (protection.outlook.com: domain of ~EDOMAIN~ designates\n ~IP~ as permitted sender)"
    " receiver=protection.outlook.com;\n client-ip=~IP~; helo=~HOST~; pr=C",
}
_POSTFIX = (
    "from ~HOST~ (~HOST~ [~IP~])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
    "\tby mx1.~ORGANISATION~ (Postfix) with ESMTPS id 4{HEX10}\n\tfor <~BOX~>; ~DATE~"
)


def delivered(letter: Letter, relay: Relay, receiver: str, mailbox: str, rng: Random) -> bytes:
    """The message as it lies in a mailbox, with the trace that this kind of receiver leaves."""
    fields, body = composed(letter, rng)
    fields = list(relay.extra) + fields
    hops = [("Received", f"{said}; {_date(letter.when, -number)}") for number, said in enumerate(relay.inner, 1)]
    signed = [("DKIM-Signature", signature(d, s, fields, body, letter.when, rng)) for d, s in relay.signs]
    begins = [(d, s, v.partition(" b=")[2][:8]) for (d, s), (_, v) in zip(relay.signs, signed, strict=True)]
    domain = letter.sender.domain
    aligned = domain in (relay.envelope.partition("@")[2], *(d for d, _, _ in begins))
    known = {
        "EDOMAIN": relay.envelope.partition("@")[2],
        "ENVELOPE": relay.envelope,
        "ORGANISATION": mailbox.partition("@")[2],
        "HOST": relay.host,
        "DATE": _date(letter.when, 2),
        "BOX": mailbox,
        "DMARC": "pass" if aligned else "fail",
        "SENDER": domain,
        "ID": filled("{hex12}-{hex24}si{d7}", rng),
        "IP": relay.ip,
    }
    made = {"google": _google, "microsoft": _microsoft}.get(receiver, _postfix)(begins, rng)
    top = [(name, _named(filled(value, rng), known)) for name, value in made]
    return _bytes(top + hops + signed + fields, body)


def sent(letter: Letter, rng: Random) -> bytes:
    """The sender's own copy: no trace."""
    return _bytes(*composed(letter, rng))


def _named(shape: str, known: dict[str, str]) -> str:
    return re.sub("~([A-Z]+)~", lambda match: known[match.group(1)], shape)


def _date(when: datetime, seconds: int) -> str:
    return format_datetime((when + timedelta(seconds=seconds)).astimezone(UTC))


def _google(begins: list[tuple[str, str, str]], rng: Random) -> Fields:
    results = "".join(f"\n       dkim=pass header.i=@{d} header.s={s} header.b={b};" for d, s, b in begins)
    return [
        ("Delivered-To", "~BOX~"),
        ("Received", _GOOGLE["by"]),
        ("X-Received", _GOOGLE["x"]),
        ("Return-Path", "<~ENVELOPE~>"),
        ("Received", _GOOGLE["from"]),
        ("Received-SPF", _GOOGLE["spf"] + " client-ip=~IP~;"),
        (
            "Authentication-Results",
            f'mx.google.com;{results}\n       spf={_GOOGLE["spf"]} smtp.mailfrom="~ENVELOPE~";\n'
            "       dmarc=~DMARC~ (p=NONE sp=NONE dis=NONE) header.from=~SENDER~",
        ),
    ]


def _microsoft(begins: list[tuple[str, str, str]], rng: Random) -> Fields:
    box = filled("DB{d1}PR{d2}MB{d4}.eurprd03.prod.outlook.com", rng)
    said = f"dkim=pass (signature was verified)\n header.d={begins[0][0]}" if begins else "dkim=none (not signed)"
    return [
        ("Received", _MICROSOFT["last"].replace("{box}", box)),
        (
            "Authentication-Results",
            f"spf=pass (sender ~IP~ is ~IP~)\n smtp.mailfrom=~EDOMAIN~; {said};dmarc=~DMARC~\n"
            " action=none header.from=~SENDER~;compauth=pass reason=100",
        ),
        ("Received-SPF", _MICROSOFT["spf"]),
        ("Received", _MICROSOFT["first"]),
        ("Return-Path", "~ENVELOPE~"),
        ("X-MS-Exchange-Organization-AuthAs", "Anonymous"),
    ]


def _postfix(begins: list[tuple[str, str, str]], rng: Random) -> Fields:
    results = "".join(f"\n\tdkim=pass (2048-bit key) header.d={d} header.i=@{d} header.b={b};" for d, s, b in begins)
    return [
        ("Return-Path", "<~ENVELOPE~>"),
        ("X-Original-To", "~BOX~"),
        ("Delivered-To", "~BOX~"),
        (
            "Authentication-Results",
            f"mx1.~ORGANISATION~;{results}\n\tspf=pass (mx1.~ORGANISATION~: domain of ~ENVELOPE~ designates ~IP~"
            " as permitted sender) smtp.mailfrom=~ENVELOPE~;\n\tdmarc=~DMARC~ (policy=none) header.from=~SENDER~",
        ),
        ("Received", _POSTFIX),
    ]


def _bytes(fields: Fields, body: str) -> bytes:
    return ("".join(f"{name}: {value}\n" for name, value in fields) + "\n" + body).encode()
