"""Indicators from reports: how each way to defang is read, what is taken for one and is none, whose it is said to be.

    python -m bench.indicators --peers /tmp/iocvenv/bin/python
    python -m bench.indicators --reports /work/corpora/reporting/cti_eacl24 --half dev --sample 30 > to-read.tsv

The peers, ioc-finder and iocextract, are installed apart, in an environment of their own; each is called by its own
function for all kinds, with refanging on. Everybody gets the same texts in one run.
"""

import argparse
import hashlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from watchword.indicators import extract

# Each way to write it, in a sentence of its own, and what it stands for. The first 19 are the ways of section 4.1.
VARIANTS = [
    ("hxxp", "They opened hxxp://desk-one.com/in today.", "http://desk-one.com/in"),
    ("hXXps", "They opened hXXps://desk-one.com/in today.", "https://desk-one.com/in"),
    ("[.]", "They opened hxxp://desk-one[.]com/in today.", "http://desk-one.com/in"),
    ("(.)", "They opened hxxp://desk-one(.)com/in today.", "http://desk-one.com/in"),
    ("{.}", "They opened hxxp://desk-one{.}com/in today.", "http://desk-one.com/in"),
    ("[dot]", "They opened hxxp://desk-one[dot]com/in today.", "http://desk-one.com/in"),
    ("(dot)", "They opened hxxp://desk-one(dot)com/in today.", "http://desk-one.com/in"),
    ("[:]//", "They opened https[:]//desk-one[.]com/in today.", "https://desk-one.com/in"),
    ("[://]", "They opened https[://]desk-one[.]com/in today.", "https://desk-one.com/in"),
    ("bare domain [.]", "It lay at desk-one[.]com for a week.", "desk-one.com"),
    ("bare host [.] once", "It lay at in.desk-one[.]com for a week.", "in.desk-one.com"),
    ("blank dot blank", "It lay at desk-one dot com for a week.", "desk-one.com"),
    ("backslash dot", "It lay at desk-one\\.com for a week.", "desk-one.com"),
    ("address [at] [.]", "It came from kay[at]desk-one[.]com on Friday.", "kay@desk-one.com"),
    ("address (at)", "It came from kay(at)desk-one.com on Friday.", "kay@desk-one.com"),
    ("address blank at-sign blank", "It came from kay @ desk-one.com on Friday.", "kay@desk-one.com"),
    ("ip [.]", "It called 203.0.113[.]44 twice.", "203.0.113.44"),
    ("ip port", "It called 203[.]0[.]113[.]44:8443 twice.", "203.0.113.44"),
    ("network", "It called 203.0.113[.]0/24 twice.", "203.0.113.0/24"),
    # ---- more in the wild
    ("h**p", "They opened h**p://desk-one.com/in today.", "http://desk-one.com/in"),
    ("meow", "They opened meow://desk-one.com/in today.", "http://desk-one.com/in"),
    ("hxxps[:]//[.]", "They opened hxxps[:]//desk-one[.]com/in today.", "https://desk-one.com/in"),
    ("[http]", "They opened [http]://desk-one.com/in today.", "http://desk-one.com/in"),
    ("colon in brackets at port", "It called 203.0.113.44[:]8443 twice.", "203.0.113.44"),
    ("half bracket", "It lay at desk-one[.com for a week.", "desk-one.com"),
    ("full width", "It lay at ｄｅｓｋ－ｏｎｅ．ｃｏｍ for a week.", "desk-one.com"),
    ("full-width dot", "It lay at desk-one．com for a week.", "desk-one.com"),
    ("zero width", "They opened http://desk-\u200bone.com/in today.", "http://desk-one.com/in"),
    ("broken line", "They opened hxxps://desk-one[.]com/some/long-\npath/in.php today.", "https://desk-one.com/some/long-path/in.php"),
    ("broken host", "They opened hxxps://desk-one[.]\ncom/in today.", "https://desk-one.com/in"),
    ("at dot", "It came from kay at desk-one dot com on Friday.", "kay@desk-one.com"),
    ("address [@]", "It came from kay[@]desk-one[.]com on Friday.", "kay@desk-one.com"),
    ("address {at} {dot}", "It came from kay{at}desk-one{dot}com on Friday.", "kay@desk-one.com"),
    ("ip dot", "It called 203[dot]0[dot]113[dot]44 twice.", "203.0.113.44"),
    ("IPv6 [:]", "It called 2001[:]db8[:]0[:]1[:]0[:]0[:]0[:]44 twice.", "2001:db8:0:1::44"),
    ("without scheme", "They opened desk-one[.]com/in/form.php today.", "http://desk-one.com/in/form.php"),
    ("wildcard", "They used *.desk-one[.]com for it.", "desk-one.com"),
    ("list with commas", "They used hxxp://desk-one[.]com/a,hxxp://desk-two[.]com/b for it.", "http://desk-two.com/b"),
]  # fmt: skip
CORE = 19

# Nothing of the kind stands there; the first ten are those of section 4.1 and like them.
TRAPS = [
    ("program", "The fix is in update.py and nowhere else.", ["update.py"]),
    ("notes", "Read notes.md before you begin.", ["notes.md"]),
    ("framework", "The page was written in ASP.NET by students.", ["asp.net"]),
    ("version", "They ran version 2.3.4.1 of it.", ["2.3.4.1"]),
    ("word before an address", "They used robin@aol.com for it.", ["usedrobin@aol.com"]),
    ("script", "Start it with setup.sh as root.", ["setup.sh"]),
    ("archive", "It came as minutes.zip by mail.", ["minutes.zip"]),
    ("film", "The clip interview.mov was attached.", ["interview.mov"]),
    ("sentence without blank", "We stopped the server.It came back.", ["server.it"]),
    ("long version", "Chrome/120.0.6099.71 asked for it.", ["120.0.6099.71"]),
    ("Perl", "The script is called gather.pl there.", ["gather.pl"]),
    ("Rust", "See main.rs for the loop.", ["main.rs"]),
    ("firmware", "Update to firmware 12.10.20.30 now.", ["12.10.20.30"]),
    ("dot com years", "In the dot com years they met.", ["the.com"]),
    ("hosted at", "The kit was hosted at desk-one[.]com then.", ["hosted@desk-one.com"]),
    ("empty file", "MD5 d41d8cd98f00b204e9800998ecf8427e was seen.", ["d41d8cd98f00b204e9800998ecf8427e"]),
    ("commit in a link", "See https://github.com/a/b/commit/3f786850e387550fdab836ed7e6dc881de23001b now.",
     ["3f786850e387550fdab836ed7e6dc881de23001b"]),
    ("member of a program", "It calls System.Net and reads os.name first.", ["system.net", "os.name"]),
    ("time", "It began at 12:30:45 and ended at 13:01.", ["12:30:45"]),
    ("section", "Section 10.2.3.14 says so.", ["10.2.3.14", "0.2.3.14"]),
    ("private address", "The printer is at 192.168.1.20 there.", ["192.168.1.20"]),
    ("abbreviation", "Tools, e.g.in Python, help. So does Node.js today.", ["e.g.in", "node.js"]),
    ("package", "The package com.android.app was there.", ["com.android.app"]),
    ("full stop after a link", "They opened http://desk-one.com/in.", ["http://desk-one.com/in."]),
]  # fmt: skip
CORE_TRAPS = 10

PEER = r"""
import json, sys, time
def finder(text):
    from ioc_finder import find_iocs
    found = find_iocs(text)
    values = []
    for kind, value in found.items():
        if isinstance(value, dict):
            value = [one for part in value.values() for one in part]
        values += [str(one) for one in value]
    return values
def iocextract(text):
    import iocextract
    return list(iocextract.extract_iocs(text, refang=True))
tools = {"ioc-finder": finder, "iocextract": iocextract}
texts = json.load(sys.stdin)
name = sys.argv[1]
tools[name]("warm hxxp://up[.]com")
result = []
for text in texts:
    began = time.perf_counter()
    try:
        found = tools[name](text)
    except Exception as error:
        found = ["error: " + type(error).__name__]
    result.append([found, time.perf_counter() - began])
json.dump(result, sys.stdout)
"""


def long_text(size: int) -> str:
    """Write a report of so many characters: sentences of variants and traps, and paragraphs of plain words."""
    chance = random.Random(7)  # noqa: S311  # the same every time
    words = "the mail came in the name of a friend who asked whether she would read a draft by Monday".split()
    pieces: list[str] = []
    length = 0
    while length < size:
        if chance.random() < 0.3:
            piece = chance.choice([*VARIANTS, *TRAPS])[1]
        else:
            piece = " ".join(chance.choice(words) for _ in range(60)) + "."
        pieces.append(piece)
        length += len(piece) + 1
    return "\n".join(pieces)[:size]


def ours(texts: list[str]) -> list[tuple[list[str], float]]:
    """Give what we find in each text, and seconds."""
    extract("warm hxxp://up[.]com")
    found = []
    for text in texts:
        began = time.perf_counter()
        values = [one.value for one in extract(text)]
        found.append((values, time.perf_counter() - began))
    return found


def peers(python: str, name: str, texts: list[str], limit: float) -> list[tuple[list[str], float]]:
    """Give what a peer finds in each text, and seconds; nothing where it did not end."""
    try:
        done = subprocess.run(  # noqa: S603  # the Python that the user named, with a program of our own
            [python, "-c", PEER, name],
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        print(f"{name}: {type(error).__name__}", file=sys.stderr)
        return [([], float("nan")) for _ in texts]
    return [(found, seconds) for found, seconds in json.loads(done.stdout)]


def _same(value: str) -> str:
    return value.lower().rstrip("/").removesuffix(":8443")


def compare(python: str) -> None:
    """Print the table of variants, traps and time."""
    texts = [text for _, text, _ in VARIANTS] + [text for _, text, _ in TRAPS]
    long = [long_text(44_000), long_text(1_000_000)]
    results = {"watchword": ours(texts)}
    times = {"watchword": [seconds for _, seconds in ours(long)]}
    if python:
        for name in ("ioc-finder", "iocextract"):
            results[name] = peers(python, name, texts, 120)
            times[name] = [peers(python, name, [text], 300)[0][1] for text in long]
    print("| tool | 19 variants | more | 10 traps fallen for | more | 44 kB | 1 MB |\n|---|---|---|---|---|---|---|")
    for name, result in results.items():
        read = [
            _same(wanted) in {_same(one) for one in found}
            for (_, _, wanted), (found, _) in zip(VARIANTS, result, strict=False)
        ]
        fell = [
            bool({one.lower() for one in found} & set(never))
            for (_, _, never), (found, _) in zip(TRAPS, result[len(VARIANTS) :], strict=True)
        ]
        print(
            f"| {name} | {sum(read[:CORE])}/{CORE} | {sum(read[CORE:])}/{len(read) - CORE} | {sum(fell[:CORE_TRAPS])}/"
            f"{CORE_TRAPS} | {sum(fell[CORE_TRAPS:])}/{len(fell) - CORE_TRAPS} | "
            f"{times[name][0]:.2f} s | {times[name][1]:.2f} s |"
        )
        missed = [label for (label, _, _), was in zip(VARIANTS, read, strict=True) if not was]
        fallen = [label for (label, _, _), was in zip(TRAPS, fell, strict=True) if was]
        print(f"{name}: missed {missed}; fell for {fallen}", file=sys.stderr)


def reports(folder: Path, half: str) -> Iterator[tuple[Path, str]]:
    """Give the reports of one half, dev or held; which is which, the digest of each file says."""
    for file in sorted(folder.rglob("*.txt")):
        data = file.read_bytes()
        if (hashlib.sha256(data).digest()[0] % 2 == 0) == (half == "dev"):
            yield file, data.decode("utf-8", "replace")


def to_read(folder: Path, half: str, sample: int, role: str) -> None:
    """Print indicators of a sample of reports, with the words around each, to be read and judged by a person."""
    lines = []
    for file, text in reports(folder, half):
        host = file.stem.rpartition("_")[2]
        for one in extract(text, host if "." in host else ""):
            if not role or one.role == role:
                around = " ".join(text[max(0, one.start - 110) : one.stop + 60].split())
                lines.append(
                    "\t".join([one.role, one.kind, one.printed.replace("\n", " "), one.because, file.name, around])
                )
    random.Random(11).shuffle(lines)  # noqa: S311  # the same every time
    print("\n".join(lines[:sample]))
    print(f"{len(lines)} in all", file=sys.stderr)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="", help="Python of the environment that has ioc-finder and iocextract")
    parser.add_argument("--reports", type=Path, help="folder of reports (.txt)")
    parser.add_argument("--half", choices=("dev", "held"), default="dev")
    parser.add_argument("--sample", type=int, default=50)
    parser.add_argument("--role", default="")
    given = parser.parse_args()
    if given.reports:
        to_read(given.reports, given.half, given.sample, given.role)
    else:
        compare(given.peers)


if __name__ == "__main__":
    main()
