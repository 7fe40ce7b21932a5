"""Our SPF and DMARC beside pyspf and authheaders: the same made-up zones, the senders of real mail, one process.

    python -m bench.authentication_oracles --corpora /work/corpora

pyspf and authheaders (sdist only) must be importable; they are no part of the program. Hosts, HELO names and envelope
senders are those of real messages; the zones are drawn at random around them, because nobody kept the real ones. Every
disagreement is printed with the record that led to it.
"""

import argparse
import random
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchword.authenticate.dmarc import Identifier, dmarc
from watchword.authenticate.records import Answer
from watchword.authenticate.spf import spf
from watchword.observe import observe
from watchword.read.raw import RawMessage
from watchword.tables import Hop, Message

NOW = datetime(2024, 1, 1, tzinfo=UTC)
ROUNDS = 5
ROUNDS_OF_DMARC = 200  # authheaders reads the list of suffixes anew each time


class Zone:
    """A DNS made up for one sender."""

    def __init__(self) -> None:
        """Begin with nothing: what is not there does not exist."""
        self.records: dict[tuple[str, str], list[str]] = {}

    def __call__(self, name: str, type: str, at: datetime | None) -> Answer:  # noqa: A002  # the protocol's word
        """Answer as our evaluators ask."""
        found = self.records.get((name, type))
        if found:
            return Answer("found", tuple(found), "then", "zone")
        return Answer("no-data" if any(name == one for one, _ in self.records) else "no-name")


Sender = tuple[str, str, str]  # address, HELO, envelope sender


def senders(folder: Path, most: int) -> list[Sender]:
    """Read who handed over real messages."""
    found: dict[Sender, None] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = file.read_bytes()
        rows = list(observe(RawMessage(data, "0" * 64, len(data)), "bench"))
        message = next(row for row in rows if isinstance(row, Message))
        border = [row for row in rows if isinstance(row, Hop) and row.trusted]
        # Addresses of phishing_pot are redacted into two @; where pyspf cuts them is of no interest.
        if message.origin_ip and border and message.return_address.count("@") < 2:
            found[message.origin_ip, border[-1].from_host, message.return_address] = None
        if len(found) >= most:
            break
    return list(found)


def spf_zone(sender: Sender, dice: random.Random) -> Zone:
    """Draw SPF records around a sender, right and wrong ones."""
    ip, helo, address = sender
    domain = (address.rpartition("@")[2] or helo).lower().rstrip(".")
    zone = Zone()
    six = ":" in ip
    kind = "AAAA" if six else "A"
    near = ip if six else ip.rpartition(".")[0] + ".77"

    def record(depth: int) -> str:
        terms = []
        for _ in range(dice.randrange(5)):
            choice = dice.randrange(16)
            bits = dice.choice(["", "/24", "/8", "//64", "/33", "/24//48"])
            name = f"h{dice.randrange(6)}.{domain}"
            if dice.random() < 0.4:
                zone.records.setdefault((name, kind), [dice.choice([ip, near])])
            term = (
                f"ip4:{near if not six else '192.0.2.0'}{dice.choice(['', '/24', '/0', '/32'])}" if choice < 3
                else f"ip6:{near if six else '2001:db8::'}{dice.choice(['', '/64', '/129'])}" if choice < 5
                else f"a:{name}{bits}" if choice < 8
                else f"mx:{name}" if choice < 9
                else f"exists:%{{i}}.{name}" if choice < 10
                else f"ptr:{name}" if choice < 11
                else f"include:{dice.choice(['s1', 's2', 's3'])}.{domain}" if choice < 14
                else dice.choice(["a", "mx", "exists:%{l1r-}.%{d}", "a:%{h}", "exp=%{d}", "x-y=%{z}", "all:", "foo"])
            )  # fmt: skip
            if term.startswith("mx:") and dice.random() < 0.5:
                zone.records[name, "MX"] = [f"{number} h{number}.{domain}" for number in range(dice.randrange(1, 5))]
            terms.append(dice.choice(["", "", "", "-", "~", "?"]) + term if "=" not in term else term)
        if dice.random() < 0.2:
            terms.append(f"redirect=s{depth}.{domain}")
        else:
            terms.append(dice.choice(["-all", "~all", "?all", "+all", ""]))
        return " ".join(["v=spf1", *terms])

    zone.records[domain, "TXT"] = [record(1), *(["v=spf1 -all"] if dice.random() < 0.02 else ["other text"])]
    for depth in (1, 2, 3):
        if dice.random() < 0.8:
            zone.records[f"s{depth}.{domain}", "TXT"] = [record(min(depth + 1, 3))]
    return zone


def pyspf() -> Callable[[Sender, Zone], tuple[str, str]]:
    """Give pyspf with a zone behind it."""
    import spf as module  # type: ignore[import-untyped, import-not-found, unused-ignore]  # ships no types

    zones: list[Zone] = []

    def lookup(name: str, kind: str, *_: object, **__: object) -> list[tuple[tuple[str, str], object]]:
        found: list[tuple[tuple[str, str], object]] = []
        for text in zones[-1].records.get((name.lower().rstrip("."), kind), []):
            value: object = text
            if kind == "TXT":
                value = (text.encode("latin-1"),)
            elif kind == "MX":
                preference, _blank, host = text.partition(" ")
                value = (int(preference), host)
            found.append(((name, kind), value))
        return found

    module.DNSLookup = lookup

    def check(sender: Sender, zone: Zone) -> tuple[str, str]:
        zones[:] = [zone]
        result, _, why = module.query(i=sender[0], s=sender[2], h=sender[1], strict=True).check()
        return str(result), str(why)[:45]

    return check


def ours_spf(sender: Sender, zone: Zone) -> str:
    """Give our result."""
    return spf(*sender, zone, NOW).result


DmarcCase = tuple[str, str, str, Zone]  # From, a DKIM domain that passes, an SPF domain that passes, the zone


def dmarc_cases(count: int, dice: random.Random) -> list[DmarcCase]:
    """Draw policies and identifiers; records are as RFC 7489 has them, for authheaders knows no other standard."""
    found = []
    for _ in range(count):
        owner = dice.choice(["example.com", "example.co.uk", "firma.de", "kawasaki.jp"])
        author = dice.choice(["", "a.", "b.a."]) + owner
        zone = Zone()
        for name in {author, owner}:
            if dice.random() < 0.7:
                tags = [f"p={dice.choice(['none', 'quarantine', 'reject', 'Reject', 'no', ''])}"]
                tags += [f"sp={dice.choice(['none', 'reject', 'bad'])}"] if dice.random() < 0.3 else []
                tags += [f"adkim={dice.choice('rsx')}"] if dice.random() < 0.4 else []
                tags += [f"aspf={dice.choice('rsS')}"] if dice.random() < 0.4 else []
                tags += ["rua=mailto:a@example.com"] if dice.random() < 0.5 else []
                begin = dice.choice(["v=DMARC1"] * 8 + ["v=DMARC1x", "v = DMARC1"])
                zone.records[f"_dmarc.{name}", "TXT"] = ["; ".join([begin, *tags])]
                if dice.random() < 0.05:
                    zone.records[f"_dmarc.{name}", "TXT"].append("v=DMARC1; p=none")
        others = [author, owner, f"x.{owner}", "other.example", ""]
        found.append((author, dice.choice(others), dice.choice(others), zone))
    return found


def ours_dmarc(case: DmarcCase) -> tuple[str, str]:
    """Give our result and policy."""
    author, signed, sent, zone = case
    speaks = [Identifier("dkim", signed, "pass")] if signed else []
    speaks += [Identifier("spf", sent, "pass")] if sent else []
    told = dmarc([author], speaks, zone, NOW, "RFC 7489")
    return told.result, told.policy


def authheaders() -> Callable[[DmarcCase], tuple[str, str]]:
    """Give authheaders with a zone behind it."""
    import authheaders as module  # type: ignore[import-untyped, import-not-found, unused-ignore]  # ships no types
    from authres import (  # type: ignore[import-untyped, import-not-found, unused-ignore]  # ships no types
        DKIMAuthenticationResult,
        SPFAuthenticationResult,
    )

    def check(case: DmarcCase) -> tuple[str, str]:
        author, signed, sent, zone = case

        def dns(name: Any, *_: object, **__: object) -> str | None:  # noqa: ANN401  # str or bytes
            text = (name.decode() if isinstance(name, bytes) else name).rstrip(".")
            values = zone.records.get((text, "TXT"), [])
            return values[0] if len(values) == 1 else None

        found = module.dmarc_per_from(
            author,
            spf_result=SPFAuthenticationResult(
                result="pass" if sent else "none", smtp_mailfrom=f"a@{sent or 'none.invalid'}"
            ),
            dkim_result=DKIMAuthenticationResult(
                result="pass" if signed else "none", header_d=signed or "none.invalid"
            ),
            dnsfunc=dns,
        )
        return str(found[0]), str(found[3]).lower() if found[3] else ""

    return check


def rates(checks: dict[str, Callable[[], object]], count: int) -> None:
    """Say how many a second each does, CPU time, the medians of interleaved rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in checks}
    for _ in range(ROUNDS):
        for name, check in checks.items():
            begin = time.process_time()
            check()
            seconds[name].append(time.process_time() - begin)
    for name, taken in seconds.items():
        print(f"  {name}: {count / statistics.median(taken):,.0f} a second")


def tell(title: str, apart: Sequence[tuple[object, object, object]], count: int) -> None:
    """Print how often two agree, and one example of each way in which they do not."""
    print(f"{title}: {count - len(apart):,} of {count:,} agree")
    kinds = Counter((one, other) for one, other, _ in apart)
    for (one, other), times in kinds.most_common():
        example = next(shown for left, right, shown in apart if (left, right) == (one, other))
        print(f"  {times} times ours {one}, theirs {other}, as for {example}")


def main() -> None:
    """Run it."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("/work/corpora"))
    parser.add_argument("--senders", type=int, default=2_000)
    options = parser.parse_args()
    dice = random.Random(7)  # noqa: S311  # the same every time
    mail = options.corpora / "mail"
    real = [*senders(mail / "openbmc", options.senders // 2), *senders(mail / "phishing_pot", options.senders // 2)]
    cases = [(sender, spf_zone(sender, dice)) for sender in real for _ in range(3)]
    theirs = pyspf()
    apart: list[tuple[object, object, object]] = []
    for sender, zone in cases:
        one, other = ours_spf(sender, zone), theirs(sender, zone)
        if one != other[0]:
            apart.append((one, other if other[0] == "permerror" else other[0], (sender, zone.records)))
    print(f"results: {Counter(ours_spf(*case) for case in cases).most_common()}")
    tell(f"SPF, {len(real):,} senders of real mail in made-up zones", apart, len(cases))
    rates(
        {
            "ours": lambda: [ours_spf(*case) for case in cases],
            "pyspf": lambda: [theirs(*case) for case in cases],
        },
        len(cases),
    )
    drawn = dmarc_cases(ROUNDS_OF_DMARC, dice)
    oracle = authheaders()
    differ: list[tuple[object, object, object]] = []
    for case in drawn:
        ours, other_result = ours_dmarc(case), oracle(case)
        if ours[0] != other_result[0]:
            differ.append((ours[0], other_result[0], (*case[:3], case[3].records)))
    tell("DMARC (RFC 7489) in made-up zones", differ, len(drawn))
    some = drawn[:40]
    rates({"ours": lambda: [ours_dmarc(case) for case in some * 50]}, len(some) * 50)
    rates({"authheaders": lambda: [oracle(case) for case in some]}, len(some))


if __name__ == "__main__":
    main()
