"""What is read out of PDF documents and pictures, how fast, and what the process with limits costs.

    python -m bench.documents --corpora DIR [--mail mail/phishing_pot ...]

Each file counts once. A locked document counts as opened when a word of its own message opens it. CPU time is that of
this process and of the one with limits together.
"""

import argparse
import hashlib
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchword.limited.process import Process
from watchword.limited.wire import Question
from watchword.observe import file_type
from watchword.observe.attachments import is_file
from watchword.observe.files import Budget, Contents, File, image, pdf, pdf_objects
from watchword.observe.files.passwords import words
from watchword.observe.text import bodies
from watchword.parse.message import Message, parse

MAIL = ("mail/phishing_pot", "mail/openbmc", "mail/usrp-users", "mail/spamassassin")


def files(folder: Path) -> Iterator[tuple[str, bytes, Message]]:
    """Give every PDF and picture of a corpus once, with its message."""
    seen: set[bytes] = set()
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        message = parse(path.read_bytes())
        for part in message.parts:
            if part.kind == "message" or not is_file(part):
                continue
            data = message.decode(part)
            kind = file_type.detect(data)
            digest = hashlib.sha256(data).digest()
            if kind in {*pdf.KINDS, *image.KINDS} and digest not in seen:
                seen.add(digest)
                yield kind, data, message


def _read(kind: str, data: bytes, passwords: Sequence[str]) -> tuple[Contents, float]:
    budget = Budget()
    begun = time.process_time()
    contents = (pdf.read if kind == "pdf" else image.read)(File(kind, "", data, passwords), budget)
    return contents, time.process_time() - begun + Budget().seconds - budget.seconds


def measure(folder: Path) -> Counter[str]:
    """Read all files of a corpus and count."""
    told: Counter[str] = Counter()
    seconds: dict[str, list[float]] = {"pdf": [], "picture": []}
    for kind, data, message in files(folder):
        contents, taken = _read(kind, data, words(body.text for body in bodies(message)) if kind == "pdf" else ())
        name = "pdf" if kind == "pdf" else "picture"
        seconds[name].append(taken)
        told[name] += 1
        told.update(f"{name}: {word}" for word in dict.fromkeys(contents.contains))
        told.update(f"{name}: {defect}" for defect, _ in contents.defects)
        told[f"{name}: codes' links"] += sum(link.found_in == "qr" for link in contents.links)
        if kind == "pdf":
            told["pdf: links"] += sum(link.found_in == "pdf" for link in contents.links)
            told["pdf: links with words"] += sum(link.found_in == "pdf" and bool(link.shown) for link in contents.links)
            if not contents.is_locked:
                told["pdf: different links, not locked"] += len(
                    {link.raw for link in contents.links if link.found_in == "pdf"}
                )
                told["pdf: different links, not locked, by pattern"] += len(set(pdf_objects.scan(data).links))
            told["pdf: with text"] += bool(contents.texts)
            told["pdf: locked"] += contents.is_locked is True
            told["pdf: opened with words of the message"] += bool(contents.password)
    for name, each in seconds.items():
        if each:
            told[f"{name}: for each CPU second"] = round(len(each) / sum(each))
            told[f"{name}: milliseconds, median"] = round(statistics.median(each) * 1000)
            told[f"{name}: milliseconds, most"] = round(max(each) * 1000)
    return told


def starting() -> float:
    """Give the milliseconds until a new process has given its first answer, median of seven."""
    each = []
    for _ in range(7):
        limited = Process()
        begun = time.perf_counter()
        limited.ask(Question("codes", b""))
        each.append((time.perf_counter() - begun) * 1000)
        limited.close()
    return statistics.median(each)


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--corpora", type=Path, required=True)
    asked.add_argument("--mail", action="append", help="folder under the corpora, may be repeated")
    given = asked.parse_args()
    print(f"starting the process with limits: {starting():.0f} ms")
    for name in given.mail or MAIL:
        print(name)
        for what, many in sorted(measure(given.corpora / name).items()):
            print(f"  {what:45} {many:>8,}")


if __name__ == "__main__":
    main()
