"""Header fields as programs, sending servers and receiving servers write them."""

import base64
import hashlib
from datetime import timedelta

from examples import dkim
from examples.chance import Chance
from examples.letter import Letter, Part, body, chance_of, date, header_block
from examples.world import Owner, Person, System, World, address_ip

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


def sent(letter: Letter, world: World) -> bytes:
    """Give the message as it leaves the sender's servers, signed where they sign."""
    system = world.systems[letter.domain or letter.sender.domain]
    content = body(letter)
    own = fields(letter, content)
    block = _submission(letter, system) + header_block(own)
    if system.key:
        value = dkim.sign(
            own, content.content, system.domain, system.selector, system.key, int(letter.when.timestamp()) + 1
        )
        block = header_block([("DKIM-Signature", value)]) + block
    return block + b"\r\n" + content.content


def _submission(letter: Letter, system: System) -> bytes:
    chance, client = chance_of(letter, "submission"), letter.sender.client
    when = letter.when + timedelta(seconds=1)
    inside, sender = f"10.{chance.between(1, 200)}.{chance.between(1, 200)}.{chance.between(2, 250)}", letter.sender
    where = letter.client_ip or address_ip(f"home of {sender.address}", "203.0.113")
    if system.shape == "haven":
        pacific = date(when, -420, " (PDT)")
        number = f"{chance.token(2, 'abdefgqrsuvwx')}{chance.between(1, 29)}mr{chance.between(10**6, 10**7)}"
        network = f"2001:db8:{chance.hexadecimal(4)}:{chance.hexadecimal(3)}::"
        text = f"X-Received: by {network} with SMTP id {number}.{chance.between(1, 39)};\r\n        {pacific}\r\n"
        if client not in ("haven-web", "machine"):
            text += (
                f"Received: from smtpclient ([{where}])\r\n        by smtp.{system.servers} with ESMTPSA id "
                f"{chance.token(26)}\r\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n"
                f"        {pacific}\r\n"
            )
        return text.encode()
    if system.shape == "postbox":
        host = letter.id.partition("@")[2] or f"DM6PR12MB.{system.servers}"
        utc = date(when, 0)
        version = f"15.20.7{chance.between(500, 699)}.{chance.between(10, 39)}"
        if client in ("apple", "thunderbird"):
            return (
                f"Received: from [{where}] by smtp.{system.servers} with ESMTPSA id {version}; {utc}\r\n"
            ).encode()
        return (
            f"Received: from {host} ([fe80::{chance.hexadecimal(4)}:{chance.hexadecimal(4)}:{chance.hexadecimal(4)}])\r\n"
            f" by {host} ([fe80::{chance.hexadecimal(4)}:{chance.hexadecimal(4)}%4]) with mapi id\r\n {version}; {utc}\r\n"
        ).encode()
    if system.shape == "list":
        return f"Received: from {system.server(0)} (localhost [127.0.0.1])\r\n\tby {system.server(0)} (Postfix) with ESMTP id {chance.token(10, 'BCDFGHJKLMNPQRSTVWXYZ0123456789')};\r\n\t{date(when, 0, ' (UTC)')}\r\n".encode()
    if system.shape == "bulk":
        return (
            f"Received: by filter{chance.between(100, 999)}.{system.servers} with SMTP id "
            f"{chance.token(14)};\r\n        {date(when, 0, ' (UTC)')}\r\n"
        ).encode()
    helo = "localhost" if client == "roundcube" else f"192.168.{chance.between(0, 2)}.{chance.between(2, 90)}"
    return (
        f"Received: from [{helo}] (unknown [{where}])\r\n\t(Authenticated sender: "
        f"{sender.address})\r\n\tby {system.server(0)} (Postfix) with ESMTPSA id "
        f"{chance.token(13, 'BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789')};\r\n"
        f"\t{date(when, letter.sender.zone)}\r\n"
    ).encode() if inside else b""


def received(data: bytes, letter: Letter, owner: Owner, world: World) -> bytes:
    """Give the message as it lies in the mailbox of one who received it."""
    system = world.systems[letter.domain or letter.sender.domain]
    home = world.systems[owner.person.domain]
    chance = chance_of(letter, f"received by {owner.address}")
    if home.shape == "haven":
        return _haven(letter, owner, system, chance, data) + data
    if home.shape == "postbox":
        return _postbox(letter, system, chance) + data
    return _postfix(letter, owner, home, system, chance, data) + data


def _results(letter: Letter, system: System) -> tuple[str, str, str]:
    """Give what SPF, DKIM and DMARC come to: a domain borrowed for From fails, everything else passes or has none."""
    spf = "pass" if letter.envelope or not letter.domain else "softfail"
    signed = "pass" if system.key else "none"
    policy = system.policy if not letter.domain else "none"
    if not policy:
        return spf, signed, ""
    return spf, signed, "fail" if letter.domain else "pass"


def _ip(letter: Letter, system: System) -> tuple[str, str]:
    host = system.server(Chance(letter.id).below(40))
    return host, address_ip(host, "192.0.2" if system.servers in ("mailhaven.example", "postbox.example") else "198.51.100")


def _signature_piece(data: bytes) -> str:
    start = data.find(b"\tb=") + 3
    return data[start : start + 8].decode()


def _haven(letter: Letter, owner: Owner, system: System, chance: Chance, data: bytes) -> bytes:
    host, ip = _ip(letter, system)
    envelope = letter.envelope or letter.sender.address
    spf, signed, dmarc = _results(letter, system)
    late = letter.when + timedelta(seconds=chance.between(2, 9))
    pacific = date(late, -420, " (PDT)")
    says = {"pass": f"domain of {envelope} designates {ip} as permitted sender"}.get(
        spf, f"domain of transitioning {envelope} does not designate {ip} as permitted sender"
    )
    network = f"2001:db8:{chance.hexadecimal(4)}:{chance.hexadecimal(4)}"
    results = [f"spf={spf} (mailhaven.example: {says}) smtp.mailfrom={envelope}"]
    if signed == "pass":
        piece = _signature_piece(data)
        results.insert(0, f"dkim=pass header.i=@{system.domain} header.s={system.selector} header.b={piece}")
    if dmarc:
        policy = system.policy.upper()
        results.append(f"dmarc={dmarc} (p={policy} sp={policy} dis=NONE) header.from={letter.sender.domain}")
    return (
        f"Delivered-To: {owner.address}\r\n"
        f"Received: by {network}:0:0:0:0 with SMTP id {chance.token(2)}csp{chance.between(10**5, 10**7)}{chance.token(3)};\r\n"
        f"        {pacific}\r\n"
        f"X-Received: by {network}:: with SMTP id {chance.token(12)}.{chance.between(1, 60)}.{int(late.timestamp())}"
        f"{chance.between(100, 999)};\r\n        {pacific}\r\n"
        f"Return-Path: <{envelope}>\r\n"
        f"Received: from {host} ({host}. [{ip}])\r\n"
        f"        by mx.mailhaven.example with ESMTPS id {chance.token(14)}.{chance.between(1, 300)}.{late.year}."
        f"{late.month:02}.{late.day:02}.{late.hour:02}.{late.minute:02}.{late.second:02}\r\n"
        f"        for <{owner.address}>\r\n"
        "        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n"
        f"        {pacific}\r\n"
        f"Received-SPF: {spf} (mailhaven.example: {says}) client-ip={ip};\r\n"
        "Authentication-Results: mx.mailhaven.example;\r\n       " + ";\r\n       ".join(results) + "\r\n"
    ).encode()


def _postbox(letter: Letter, system: System, chance: Chance) -> bytes:
    host, ip = _ip(letter, system)
    envelope = letter.envelope or letter.sender.address
    spf, signed, dmarc = _results(letter, system)
    late = letter.when + timedelta(seconds=chance.between(2, 9))
    utc, number = date(late, 0), f"15.20.7{chance.between(500, 699)}.{chance.between(10, 39)}"
    store = f"{chance.token(3, 'BDHPS')}PR{chance.between(10, 19)}MB{chance.between(1000, 9999)}.namprd12.prod.postbox.example"
    border = f"{chance.token(3, 'BCMNS')}PEPF{chance.token(8, 'ABCDEF0123456789')}"
    domain = envelope.partition("@")[2]
    key = {"pass": "signature was verified", "none": "message not signed"}[signed]
    aligned = f" header.d={system.domain}" if signed == "pass" else " header.d=none"
    action = f"dmarc={dmarc or 'bestguesspass'} action=none header.from={letter.sender.domain}"
    return (
        f"Received: from {store} (2001:db8:{chance.hexadecimal(3)}::{chance.between(10, 40)})\r\n"
        f" by {store} with HTTPS; {utc}\r\n"
        f"Received: from {border}.namprd02.prod.postbox.example\r\n"
        f" (2001:db8:{chance.hexadecimal(3)}:cafe::{chance.hexadecimal(2)}) by {store}\r\n"
        f" (2001:db8:{chance.hexadecimal(3)}::{chance.between(10, 40)}) with Microsoft SMTP Server (version=TLS1_3,\r\n"
        f" cipher=TLS_AES_256_GCM_SHA384) id {number} via Frontend Transport; {utc}\r\n"
        f"Authentication-Results: spf={spf} (sender IP is {ip})\r\n smtp.mailfrom={domain}; dkim={signed} ({key})\r\n"
        f"{aligned};{action};compauth={'fail reason=001' if letter.domain else 'pass reason=100'}\r\n"
        f"Received-SPF: {spf.title()} (protection.postbox.example: domain of {domain}\r\n designates {ip} as permitted "
        f"sender) receiver=protection.postbox.example;\r\n client-ip={ip}; helo={host}; pr=C\r\n"
        f"Received: from {host} ({ip}) by\r\n {border}.mail.protection.postbox.example (10.167.{chance.between(1, 250)}."
        f"{chance.between(2, 250)}) with Microsoft\r\n SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id\r\n"
        f" {number} via Frontend Transport; {utc}\r\n"
        f"Return-Path: {envelope}\r\n"
    ).encode()


def _postfix(letter: Letter, owner: Owner, home: System, system: System, chance: Chance, data: bytes) -> bytes:
    host, ip = _ip(letter, system)
    envelope = letter.envelope or letter.sender.address
    spf, signed, dmarc = _results(letter, system)
    late = date(letter.when + timedelta(seconds=chance.between(1, 8)), owner.person.zone, " (EST)")
    number = chance.token(14, "BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789")
    results = []
    if signed == "pass":
        bits = "2048-bit key; unprotected" if system.key.startswith("rsa") else "256-bit key; unprotected"
        results.append(
            f"dkim=pass ({bits}) header.d={system.domain} header.i=@{system.domain} header.s={system.selector} "
            f"header.b={_signature_piece(data)}"
        )
    if dmarc:
        results.append(f"dmarc={dmarc} (policy={system.policy}) header.from={letter.sender.domain}")
    results.append(f"spf={spf} (mx.{home.domain}: domain of {envelope} designates {ip} as permitted sender) smtp.mailfrom={envelope}")
    return (
        f"Return-Path: <{envelope}>\r\nDelivered-To: {owner.address}\r\n"
        f"Received: from mx.{home.domain}\r\n\tby store.{home.domain} with LMTP\r\n\tid {chance.token(22)}\r\n"
        f"\t(envelope-from <{envelope}>)\r\n\tfor <{owner.address}>; {late}\r\n"
        f"Authentication-Results: mx.{home.domain};\r\n\t" + ";\r\n\t".join(results) + "\r\n"
        f"Received: from {host} ({host} [{ip}])\r\n"
        f"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
        f"\tby mx.{home.domain} (Postfix) with ESMTPS id {number}\r\n\tfor <{owner.address}>; {late}\r\n"
    ).encode()
