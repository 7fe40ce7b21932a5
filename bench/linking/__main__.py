"""Write the benchmark: `python -m bench.linking --out DIR [--seed N] [--split dev|val] [--size SIZE]`."""

import argparse
import csv
import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from email import message_from_bytes
from pathlib import Path

from bench.linking.attacks import operations
from bench.linking.broadcasts import honest
from bench.linking.letter import CLIENTS, Enclosed
from bench.linking.names import chance
from bench.linking.routes import FREEMAIL, SHARED_HOSTS, SHORTENERS, VPN_EXITS
from bench.linking.shots import RATES
from bench.linking.stage import Stage, stage
from bench.linking.world import SIZES, Made, World, world
from bench.operations.carriers import boxed

SEEDS = 0.6  # share of each operation's messages that count as found by somebody


def generate(split: str, size: str, seed: int, rates: Mapping[str, float]) -> tuple[World, Stage, list[Made]]:
    """Make everything: the people, the stage after the last operation, and all messages in order of time."""
    people = world(split, SIZES[size], seed)
    calm = list(honest(people, seed))
    scene = stage(people, rates, seed)
    scene.documents = _documents(calm)
    operations(scene)
    return people, scene, sorted([*calm, *scene.made], key=lambda one: (one.when, one.truth.sha256))


def _documents(calm: Iterable[Made]) -> dict[str, list[Enclosed]]:
    """Files that lie in honest mail between colleagues, by mailbox."""
    out: dict[str, list[Enclosed]] = defaultdict(list)
    for one in calm:
        if one.truth.role == "colleague" and b"Content-Disposition: attachment" in one.data:
            for part in message_from_bytes(one.data).walk():
                data = part.get_payload(decode=True)
                if part.get_filename() and isinstance(data, bytes):
                    out[one.truth.mailbox].append(Enclosed(part.get_content_type(), part.get_filename() or "", data))
    return dict(out)


def hubs(scene: Stage) -> dict[str, list[str]]:
    """What is shared by operations that have nothing to do with each other. `values` has all of it as `kind:value`."""
    domains = sorted(
        {
            "docs.google.com",
            "drive.google.com",
            "google.com",
            "web.app",
            "firebaseapp.com",
            "dropbox.com",
            "sendgrid.net",
            "mcsv.net",
            "amazonses.com",
            *SHORTENERS,
            *(domain for domain, _ in FREEMAIL.values()),
        }
    )
    addresses = sorted([*(one.ip for one in SHARED_HOSTS), *VPN_EXITS])
    programs = sorted(one.name for one in CLIENTS.values())
    values = [f"domain:{one}" for one in domains] + [f"{kind}:{one}" for one in addresses for kind in ("ip", "exit")]
    values += [f"client:{one}" for one in programs] + ["net:google", "net:sendgrid"]
    values += [*scene.kits, *scene.copied, *scene.accounts]
    return {
        "domains": domains,
        "hosts": [one.host for one in SHARED_HOSTS],
        "ips": addresses,
        "clients": programs,
        "kits": sorted(scene.kits),
        "copied": sorted(scene.copied),
        "accounts": sorted(scene.accounts),
        "values": sorted(set(values)),
    }


def seeds(made: Sequence[Made], seed: int) -> list[str]:
    """Messages that count as found: so many of each operation, at least one."""
    by: dict[str, list[str]] = defaultdict(list)
    for one in made:
        if one.truth.hostile:
            by[one.truth.operation].append(one.truth.sha256)
    rng = chance("seeds", seed)
    return [sha for name in sorted(by) for sha in rng.sample(by[name], math.ceil(SEEDS * len(by[name])))]


def write(people: World, scene: Stage, made: Sequence[Made], out: Path, seed: int) -> None:
    """Write a mailbox for each person, `owners.json`, `truth.jsonl`, `hubs.json` and `seeds.csv`."""
    out.mkdir(parents=True, exist_ok=True)
    by: dict[str, list[Made]] = defaultdict(list)
    for one in made:
        by[one.truth.mailbox].append(one)
    owners = {}
    for person in people.people:
        with (out / f"{person.box}.mbox").open("wb") as box:
            for one in by[person.box]:
                box.write(boxed(one.data, one.when))
        owners[person.box] = {
            "mailbox": f"{person.box}.mbox",
            "name": person.party.name,
            "addresses": [person.party.address],
            "organisation": person.organisation.name,
            "kind": person.organisation.kind,
            "messages": len(by[person.box]),
        }
    with (out / "truth.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(one.truth), ensure_ascii=False) + "\n" for one in made)
    (out / "owners.json").write_text(json.dumps(owners, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (out / "hubs.json").write_text(json.dumps(hubs(scene), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with (out / "seeds.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["message"])
        table.writerows([sha] for sha in seeds(made, seed))


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.linking", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=("dev", "val"), default="dev")
    parser.add_argument("--size", choices=tuple(SIZES), default="small")
    parser.add_argument(
        "--rate", action="append", default=[], metavar="NAME=P", help="one of: " + ", ".join(sorted(RATES))
    )
    given = parser.parse_args(arguments)
    rates = dict(RATES)
    for said in given.rate:
        name, _, value = said.partition("=")
        if name not in rates or not re.fullmatch(r"0?\.\d+|[01](\.0+)?", value):
            sys.stderr.write(f"--rate {said}: give a known name and a number from 0 to 1, as in --rate reply_to=0.5.\n")
            return 2
        rates[name] = float(value)
    people, scene, made = generate(given.split, given.size, given.seed, rates)
    write(people, scene, made, given.out, given.seed)
    hostile = Counter(one.truth.kind for one in made if one.truth.hostile)
    found = Counter(kind for _, kind in {(one.truth.operation, one.truth.kind) for one in made if one.truth.hostile})
    print(
        f"{len(people.people)} mailboxes of {len(people.organisations)} organisations, {len(made)} messages, "
        f"{sum(hostile.values())} hostile in {sum(found.values())} operations"
    )
    for kind in sorted(found):
        print(f"{kind:10} {found[kind]:3} operations {hostile[kind]:5} messages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
