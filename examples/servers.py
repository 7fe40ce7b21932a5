"""What the sender's and the receiver's servers write above a message: Received, signatures, authentication results."""

from datetime import timedelta

from examples import dkim
from examples.chance import Chance
from examples.headers import fields
from examples.letter import Letter, body, chance_of, date, header_block
from examples.world import Owner, System, World, address_ip

BIG = ("mailhaven.example", "postbox.example")
SERVERS = 40  # of one system, at most
QUEUE = "BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789"  # letters of a Postfix queue id
TLS = "(version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256)"


def sending_network(system: System) -> str:
    """Give the network that a system's servers stand in, without the last number."""
    return "192.0.2" if system.servers in BIG else "198.51.100"


def sent(letter: Letter, world: World, inside: bool = False) -> bytes:
    """Give the message as it leaves the sender's servers, signed where they sign and it goes outside."""
    system = world.systems[letter.domain or letter.sender.domain]
    content = body(letter)
    own = fields(letter, content)
    block = _submission(letter, system).encode() + header_block(own)
    if system.key and not inside:
        time = int(letter.when.timestamp()) + 1
        value = dkim.sign(own, content.content, system.domain, system.selector, system.key, time)
        block = header_block([("DKIM-Signature", value)]) + block
    return block + b"\r\n" + content.content


def received(letter: Letter, owner: Owner, world: World) -> bytes:
    """Give the message as it lies in the mailbox of one who received it."""
    way = _Way(letter, owner, world)
    if way.home.shape == "haven":
        return way.haven()
    if way.home.shape == "postbox":
        inside = letter.sender.domain == owner.person.domain and not letter.domain
        return way.postbox_inside() if inside else way.postbox()
    return way.postfix()


def _submission(letter: Letter, system: System) -> str:
    chance, client = chance_of(letter, "submission"), letter.sender.client
    when = letter.when + timedelta(seconds=1)
    where = letter.client_ip or address_ip(f"home of {letter.sender.address}", "203.0.113")
    if system.shape == "haven":
        pacific = date(when, -420, " (PDT)")
        number = f"{chance.token(2, 'abdefgqrsuvwx')}{chance.between(1, 29)}mr{chance.between(10**6, 10**7)}"
        network = f"2001:db8:{chance.hexadecimal(4)}:{chance.hexadecimal(3)}::"
        text = f"X-Received: by {network} with SMTP id {number}.{chance.between(1, 39)};\r\n        {pacific}\r\n"
        if client not in ("haven-web", "machine"):
            text += (
                f"Received: from smtpclient ([{where}])\r\n        by smtp.{system.servers} with ESMTPSA id "
                f"{chance.token(26)}\r\n        {TLS};\r\n        {pacific}\r\n"
            )
        return text
    if system.shape == "postbox":
        host, utc = letter.id.partition("@")[2], date(when, 0)
        version = f"15.20.7{chance.between(500, 699)}.{chance.between(10, 39)}"
        if client in ("apple", "thunderbird"):
            return f"Received: from [{where}] by smtp.{system.servers} with ESMTPSA id {version};\r\n {utc}\r\n"
        near = ":".join(chance.hexadecimal(4) for _ in range(4))
        return (
            f"Received: from {host} ([fe80::{near}])\r\n by {host} ([fe80::{near}%{chance.between(3, 7)}]) with mapi id"
            f"\r\n {version}; {utc}\r\n"
        )
    if system.shape == "list":
        host, utc = system.server(0), date(when, 0, " (UTC)")
        own = f"Received: from {host} (localhost [127.0.0.1])\r\n\tby {host} (Postfix) with ESMTP id "
        return f"{own}{chance.token(14, QUEUE)};\r\n\t{utc}\r\n"
    if system.shape == "bulk":
        filter_host = f"filter{chance.between(100, 999)}.{system.servers}"
        return f"Received: by {filter_host} with SMTP id {chance.token(14)};\r\n        {date(when, 0, ' (UTC)')}\r\n"
    helo = "localhost" if client == "roundcube" else f"192.168.{chance.between(0, 2)}.{chance.between(2, 90)}"
    return (
        f"Received: from [{helo}] (unknown [{where}])\r\n\t(Authenticated sender: {letter.sender.address})\r\n"
        f"\tby {system.server(0)} (Postfix) with ESMTPSA id {chance.token(13, QUEUE)};\r\n"
        f"\t{date(when, letter.sender.zone)}\r\n"
    )


class _Way:
    """One message on its way to one owner: who hands it over, and what the receiver makes of it."""

    def __init__(self, letter: Letter, owner: Owner, world: World) -> None:
        self.letter, self.owner, self.world = letter, owner, world
        self.system = world.systems[letter.domain or letter.sender.domain]
        self.home = world.systems[owner.person.domain]
        self.chance = chance_of(letter, f"received by {owner.address}")
        self.host = self.system.server(Chance(letter.id).below(SERVERS))
        self.ip = address_ip(self.host, sending_network(self.system))
        self.envelope = letter.envelope or letter.sender.address
        self.data = sent(letter, world)
        # a domain borrowed for From fails; everything else passes, or has no record to pass
        self.spf = "pass" if letter.envelope or not letter.domain else "softfail"
        self.signed = bool(self.system.key)
        self.policy = world.systems[letter.sender.domain].policy
        self.dmarc = ("fail" if letter.domain else "pass") if self.policy else ""
        start = self.data.find(b"\tb=") + 3
        self.piece = self.data[start : start + 8].decode() if self.signed else ""

    def _later(self) -> timedelta:
        return timedelta(seconds=self.chance.between(2, 9))

    def haven(self) -> bytes:
        """Write what a server like Gmail's puts above; its results stand above its Received (RFC 8601 5)."""
        chance, when = self.chance, self.letter.when + self._later()
        pacific = date(when, -420, " (PDT)")
        says = f"domain of {self.envelope} designates {self.ip} as permitted sender"
        if self.spf != "pass":
            says = f"domain of transitioning {self.envelope} does not designate {self.ip} as permitted sender"
        results = [f"spf={self.spf} (mailhaven.example: {says}) smtp.mailfrom={self.envelope}"]
        if self.signed:
            domain, selector = self.system.domain, self.system.selector
            results.insert(0, f"dkim=pass header.i=@{domain} header.s={selector} header.b={self.piece}")
        if self.dmarc:
            policy = self.policy.upper()
            done = "NONE" if self.dmarc == "pass" else "QUARANTINE"
            results.append(
                f"dmarc={self.dmarc} (p={policy} sp={policy} dis={done}) header.from={self.letter.sender.domain}"
            )
        network = f"2001:db8:{chance.hexadecimal(4)}:{chance.hexadecimal(4)}"
        store = f"{chance.token(2)}csp{chance.between(10**5, 10**7)}{chance.token(3)}"
        border = f"{chance.token(14)}.{chance.between(1, 300)}.{when.strftime('%Y.%m.%d.%H.%M.%S')}"
        middle = f"{chance.token(12)}.{chance.between(1, 60)}.{int(when.timestamp())}{chance.between(100, 999)}"
        head = (
            f"Delivered-To: {self.owner.address}\r\n"
            f"Received: by {network}:0:0:0:0 with SMTP id {store};\r\n        {pacific}\r\n"
            f"X-Received: by {network}:: with SMTP id {middle};\r\n        {pacific}\r\n"
            f"Return-Path: <{self.envelope}>\r\n"
            f"Received-SPF: {self.spf} (mailhaven.example: {says}) client-ip={self.ip};\r\n"
            "Authentication-Results: mx.mailhaven.example;\r\n       " + ";\r\n       ".join(results) + "\r\n"
            f"Received: from {self.host} ({self.host}. [{self.ip}])\r\n"
            f"        by mx.mailhaven.example with ESMTPS id {border}\r\n        for <{self.owner.address}>\r\n"
            f"        {TLS};\r\n        {pacific}\r\n"
        )
        return head.encode() + self.data

    def postbox(self) -> bytes:
        """Write what a server like Exchange Online's puts above; it names itself in its results (RFC 8601 2.5)."""
        chance = self.chance
        utc = date(self.letter.when + self._later(), 0)
        store, version = self._store(), f"15.20.7{chance.between(500, 699)}.{chance.between(10, 39)}"
        border = f"{chance.token(3, 'BCMNS')}PEPF{chance.token(8, 'ABCDEF0123456789')}"
        network = f"10.{chance.between(1, 250)}.{chance.between(1, 250)}"
        domain = self.envelope.partition("@")[2]
        signed = "dkim=none (message not signed)\r\n header.d=none"
        if self.signed:
            signed = f"dkim=pass (signature was verified)\r\n header.d={self.system.domain}"
        done = "quarantine" if self.dmarc == "fail" else "none"
        dmarc = f"dmarc={self.dmarc or 'bestguesspass'} action={done}\r\n header.from={self.letter.sender.domain}"
        together = "fail reason=001" if self.letter.domain else "pass reason=100"
        says = "designates" if self.spf == "pass" else "does not designate"
        server = "with Microsoft SMTP Server (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384)"
        front = f"{server} id {version} via Frontend\r\n Transport; {utc}\r\n"
        head = (
            f"Received: from {store} ({network}.{chance.between(10, 40)})\r\n by {store} with HTTPS; {utc}\r\n"
            f"Received: from {border}.namprd02.prod.postbox.example\r\n ({network}.{chance.between(50, 90)}) by "
            f"{store}\r\n ({network}.{chance.between(10, 40)}) {front}"
            f"Authentication-Results: mx.postbox.example; spf={self.spf} (sender IP is {self.ip})\r\n"
            f" smtp.mailfrom={domain}; {signed};{dmarc};compauth={together}\r\n"
            f"Received-SPF: {self.spf.title()} (protection.postbox.example: domain of {domain}\r\n {says} {self.ip} as "
            f"permitted sender)\r\n receiver=protection.postbox.example; client-ip={self.ip};\r\n "
            f"helo={self.host}; pr=C\r\n"
            f"Received: from {self.host} ({self.ip}) by\r\n {border}.mail.protection.postbox.example "
            f"(10.167.{chance.between(1, 250)}.{chance.between(2, 250)})\r\n {front}"
            f"Return-Path: {self.envelope}\r\n"
        )
        return head.encode() + self.data

    def postbox_inside(self) -> bytes:
        """Write what it puts above mail that never left the house: no results, no signature."""
        store = self._store()
        utc = date(self.letter.when + self._later(), 0)
        head = (
            f"Received: from {store} (10.{self.chance.between(1, 250)}.{self.chance.between(1, 250)}.20)\r\n"
            f" by {store} with HTTPS; {utc}\r\nX-MS-Exchange-Organization-AuthAs: Internal\r\n"
        )
        return head.encode() + sent(self.letter, self.world, inside=True)

    def postfix(self) -> bytes:
        """Write what a Postfix with Dovecot puts above."""
        home, owner, chance = self.home.domain, self.owner.address, self.chance
        local = date(self.letter.when + self._later(), self.owner.person.zone, " (EST)")
        results = []
        if self.signed:
            bits = "2048" if self.system.key.startswith("rsa") else "256"
            results.append(
                f"dkim=pass ({bits}-bit key; unprotected) header.d={self.system.domain} header.i=@{self.system.domain} "
                f"header.s={self.system.selector} header.b={self.piece}"
            )
        if self.dmarc:
            results.append(f"dmarc={self.dmarc} (policy={self.policy}) header.from={self.letter.sender.domain}")
        says = f"domain of {self.envelope} designates {self.ip} as permitted sender"
        if self.spf != "pass":
            says = f"domain of {self.envelope} does not designate {self.ip} as permitted sender"
        results.append(f"spf={self.spf} (mx.{home}: {says}) smtp.mailfrom={self.envelope}")
        head = (
            f"Return-Path: <{self.envelope}>\r\nDelivered-To: {owner}\r\n"
            f"Received: from mx.{home}\r\n\tby store.{home} with LMTP\r\n\tid {chance.token(22)}\r\n"
            f"\t(envelope-from <{self.envelope}>)\r\n\tfor <{owner}>; {local}\r\n"
            f"Authentication-Results: mx.{home};\r\n\t" + ";\r\n\t".join(results) + "\r\n"
            f"Received: from {self.host} ({self.host} [{self.ip}])\r\n"
            f"\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\r\n"
            f"\tby mx.{home} (Postfix) with ESMTPS id {chance.token(14, QUEUE)}\r\n\tfor <{owner}>; {local}\r\n"
        )
        return head.encode() + self.data

    def _store(self) -> str:
        number = f"{self.chance.between(10, 19)}MB{self.chance.between(1000, 9999)}"
        return f"{self.chance.token(3, 'BDHPS')}PR{number}.namprd12.prod.postbox.example"
