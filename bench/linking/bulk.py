"""Write very many small messages fast, for time and memory: `python -m bench.linking.bulk --out DIR --messages N`.

One message in twenty is hostile, in operations of 2 to 40 with their own domain, host, key, link shape and wording. Of
honest messages there is no line in `truth.jsonl`. The texts are of invented words: nothing is learned from these about
how well messages are connected, only how fast, and that nothing is merged by accident among so many.
"""

import argparse
import csv
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from random import Random

from bench.linking.names import Naming, brand, chance, hexadecimal, letters, naming, network, registered
from bench.linking.routes import FREEMAIL, SHARED_HOSTS, SHORTENERS, VPN_EXITS
from bench.linking.world import START, Truth

HOSTILE = 0.05
_WORDS = 3000
_PLAIN = str.maketrans("-_", "+/")
_FAMILIES = (
    "drive",
    "shared",
    "viewer",
    "files",
    "account",
    "verify",
    "secure",
    "session",
    "portal",
    "service",
    "brief",
)
_SHAPE = """\
Return-Path: <{sender}>
Delivered-To: {to}
Received: from {host} ({host} [{ip}])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
\tby mx1.{organisation} (Postfix) with ESMTPS id {id}
\tfor <{to}>; {date}
Authentication-Results: mx1.{organisation};
\tdkim=pass (2048-bit key) header.d={domain} header.i=@{domain} header.b={key:.8};
\tspf=pass (mx1.{organisation}: domain of {sender} designates {ip} as permitted sender) smtp.mailfrom={sender};
\tdmarc=pass (policy=none) header.from={domain}
Received: from [{exit}] (unknown [{exit}])
\tby {host} (Postfix) with ESMTPSA id {id}; {date}
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector};
\th=from:to:subject:date:message-id; bh={body_hash}=;
\tb={key}
MIME-Version: 1.0
From: {name} <{sender}>
Date: {date}
Message-ID: <{id}.{number}@{domain}>
Subject: {subject}
To: <{to}>
{reply_to}User-Agent: {client}
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

{text}

{link}
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who writes, honest or not, with what all their messages share."""

    name: str
    address: str
    domain: str
    host: str
    ip: str
    exit: str
    selector: str
    client: str
    key: str
    words: tuple[str, ...]
    link: str  # with a slot for a token
    reply_to: str
    operation: str = ""


def _sender(rng: Random, words: list[str], operation: str = "") -> Sender:
    domain = registered(Naming("two-brands", _FAMILIES[:4], ("com", "org", "net", "io", "eu", "info")), rng)
    ip, host = f"{network(rng)}.{rng.randint(2, 250)}", f"mail.{domain}"
    exit_ip = rng.choice(VPN_EXITS) if rng.random() < 0.05 else f"{network(rng)}.{rng.randint(2, 250)}"
    link = f"https://www.{domain}/{brand(rng)}/{{token}}"
    reply_to = ""
    selector = rng.choice(("default", "mail", "google", "k1", brand(rng)))
    if operation:
        domain = registered(naming(rng, _FAMILIES), rng)
        link, selector = f"https://{domain}/{brand(rng)}/{hexadecimal(rng, 4)}?{brand(rng, 1)}={{token}}", brand(rng)
        host = f"mail.{domain}"
        reply_to = (
            f"Reply-To: <{brand(rng)}.{brand(rng)}{rng.randint(10, 99)}@{rng.choice(list(FREEMAIL.values()))[0]}>\n"
        )
    elif rng.random() < 0.3:  # many small senders share a host
        server = rng.choice(SHARED_HOSTS)
        ip, host = server.ip, server.host
    elif rng.random() < 0.2:
        link = f"https://{rng.choice(SHORTENERS)}/{{token}}"
    first, last = brand(rng).title(), brand(rng).title()
    program = rng.choice(("Mozilla Thunderbird", "Roundcube Webmail/1.6.6", "PHPMailer 6.8.1", "Apple Mail (2.3774)"))
    return Sender(
        f"{first} {last}", f"{first}.{last}@{domain}".lower(), domain, host, ip, exit_ip, selector, program,
        letters(rng, 324).translate(_PLAIN), tuple(rng.choices(words, k=120)), link, reply_to, operation,
    )  # fmt: skip


def _senders(messages: int, rng: Random, words: list[str]) -> Iterator[Sender]:
    """One sender for each message to come, in any order: operations first, then honest ones over and over."""
    left, number = int(messages * HOSTILE), 0
    while left > 0:
        number += 1
        size = min(left, rng.randint(2, 40))
        sender = _sender(rng, words, f"bulk-{number}")
        for _ in range(size):
            yield sender
        left -= size
    honest = [_sender(rng, words) for _ in range(max(20, messages // 40))]
    for _ in range(messages - int(messages * HOSTILE)):
        yield honest[int(len(honest) * rng.random() ** 2)]  # some write much more than others


def bulk(out: Path, messages: int, mailboxes: int, seed: int) -> int:
    """Write so many messages into so many mailboxes with truth, owners, hubs and seeds; returns the bytes written."""
    rng = chance("bulk", seed)
    words = [brand(rng, rng.randint(1, 3)) for _ in range(_WORDS)]
    order = list(_senders(messages, rng, words))
    rng.shuffle(order)
    out.mkdir(parents=True, exist_ok=True)
    each, total, number = math.ceil(messages / mailboxes), 0, 0
    owners: dict[str, dict[str, object]] = {}
    found: dict[str, list[str]] = {}
    body_hash = letters(rng, 43).translate(_PLAIN)
    with (out / "truth.jsonl").open("w", encoding="utf-8") as truth:
        for index in range(mailboxes):
            organisation = f"organisation{index // 10}.org"
            to, box = f"person{index}@{organisation}", f"box-{index:04}"
            step = timedelta(days=270) / each
            those = order[index * each : (index + 1) * each]
            with (out / f"{box}.mbox").open("wb", buffering=1 << 20) as file:
                for place, sender in enumerate(those):
                    number += 1
                    when = START + step * place
                    token = f"{rng.getrandbits(64):016x}"
                    at = rng.randrange(60)
                    text = list(sender.words[at : at + 60])
                    if sender.operation:  # the same letter once more, with a few other words
                        text = list(sender.words)
                        for _ in range(8):
                            text[rng.randrange(len(text))] = rng.choice(words)
                    lines = "\n".join(" ".join(text[n : n + 12]) for n in range(0, len(text), 12))
                    message = _SHAPE.format(
                        sender=sender.address, to=to, host=sender.host, ip=sender.ip, organisation=organisation,
                        id=token, date=format_datetime(when), domain=sender.domain, key=token + sender.key,
                        exit=sender.exit, selector=sender.selector, body_hash=body_hash, name=sender.name,
                        number=number, subject=" ".join(text[:5]), reply_to=sender.reply_to,
                        client=sender.client, text=lines,
                        link=sender.link.format(token=token),
                    ).encode()  # fmt: skip
                    total += file.write(b"From MAILER-DAEMON " + when.strftime("%a %b %d %H:%M:%S %Y\n").encode())
                    total += file.write(message) + file.write(b"\n")
                    if sender.operation:
                        digest = sha256(message).hexdigest()
                        found.setdefault(sender.operation, []).append(digest)
                        row = Truth(
                            f"{token}.{number}@{sender.domain}", digest, box, to, organisation, when.isoformat(),
                            sender.operation, "bulk", f"actor of {sender.operation}", "lure",
                            carries=(f"from:{sender.address}", f"domain:{sender.domain}", f"ip:{sender.ip}",
                                     f"exit:{sender.exit}", f"dkim:{sender.selector}@{sender.domain}"),
                        )  # fmt: skip
                        truth.write(json.dumps(asdict(row)) + "\n")
            owners[box] = {"mailbox": f"{box}.mbox", "addresses": [to], "organisation": organisation}
    (out / "owners.json").write_text(json.dumps(owners, indent=1) + "\n", encoding="utf-8")
    values = [f"{kind}:{ip}" for ip in (*VPN_EXITS, *(one.ip for one in SHARED_HOSTS)) for kind in ("ip", "exit")]
    (out / "hubs.json").write_text(json.dumps({"values": sorted(values)}) + "\n", encoding="utf-8")
    with (out / "seeds.csv").open("w", encoding="utf-8", newline="") as seeds:
        table = csv.writer(seeds)
        table.writerow(["message"])
        for listed in found.values():
            table.writerows([one] for one in rng.sample(listed, math.ceil(0.6 * len(listed))))
    return total


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.linking.bulk", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--mailboxes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    began = time.monotonic()
    written = bulk(given.out, given.messages, given.mailboxes, given.seed)
    print(f"{given.messages} messages, {written / 1e6:.0f} MB in {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
