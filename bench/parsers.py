"""Our message parser beside the other Python parsers: CPU time, exceptions, and what each loses, corpus by corpus.

    python -m bench.parsers --corpora DIR --json FILE [--sample 400] [--rounds 5]

Every parser reads the same messages in one process, in turns, so that a busy machine slows all alike; the figure is
the median over the rounds. A peer that is not installed is left out and said to be. What is lost is by vote: a link or
attached file counts as there if more than half of the parsers found it.
"""

import argparse
import base64
import contextlib
import email
import email.header
import email.message
import email.policy
import hashlib
import importlib
import importlib.metadata
import io
import json
import logging
import platform
import re
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from watchword.parse.message import parse

CORPORA = (
    "mail/phishing_pot",
    "mail/openbmc",
    "mail/usrp-users",
    "mail/markup_political",
    "mail/unspy_newsletters",
    "mail/spamassassin",
    "mail/trec07p",
    "mail/cypherpunks",
)
_URL = re.compile(r"https?://[^\s\"'<>\\)\]]{4,200}", re.I)


@dataclass(frozen=True, slots=True)
class Content:
    """What a parser got out of one message."""

    links: frozenset[str]
    files: frozenset[str]  # SHA-256 of the bytes of each file that has a name


@dataclass(slots=True)
class Result:
    """How one parser did on one corpus."""

    messages_per_second: float  # CPU seconds, median of the rounds
    megabytes_per_second: float
    exceptions: dict[str, int] = field(default_factory=dict)
    messages_losing_links: int = 0
    messages_losing_files: int = 0


def content(texts: Iterable[str], files: Iterable[bytes]) -> Content:
    """Take links and digests out of what a parser gives."""
    links = frozenset(link.rstrip(".,;&") for text in texts for link in _URL.findall(text))
    return Content(links, frozenset(hashlib.sha256(one).hexdigest() for one in files if one))


# ---------------------------------------------------------------- the parsers


def ours_lazy(data: bytes) -> None:
    """Structure, From and Subject."""
    message = parse(data)
    for name in ("from", "subject"):
        header = message.first(name)
        if header is not None:
            _ = header.text


def ours(data: bytes) -> Content | None:
    """Every header field and every part decoded, by every reading."""
    message = parse(data)
    for header in message.headers:
        _ = header.text
    texts, files = [], []
    for part in message.parts:
        if part.kind in ("multipart", "message"):
            continue
        if part.content_type.startswith("text/"):
            texts.extend(message.texts(part))
        if part.names:
            files.append(message.decode(part))
        else:
            message.decode(part)
    return content(texts, files) if voting else None


def _standard(message: email.message.Message) -> Content | None:
    texts, files = [], []
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        payload = payload if isinstance(payload, bytes) else b""
        if part.get_content_maintype() == "text":
            charset = part.get_content_charset("utf-8")
            try:
                texts.append(payload.decode(charset, "replace"))
            except LookupError:
                texts.append(payload.decode("latin-1"))
        if part.get_filename():
            files.append(payload)
    return content(texts, files) if voting else None


def compat32(data: bytes) -> Content | None:
    """The standard library as it is by default, headers decoded with `decode_header`."""
    message = email.message_from_bytes(data)
    for value in message.values():
        str(email.header.make_header(email.header.decode_header(value)))
    return _standard(message)


def policy_default(data: bytes) -> Content | None:
    """The standard library with `email.policy.default`."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    for value in message.values():
        str(value)
    return _standard(message)


def mail_parser() -> Callable[[bytes], Content | None]:
    """SpamScope's mail-parser."""
    module: Any = importlib.import_module("mailparser")

    def read(data: bytes) -> Content | None:
        message = module.parse_from_bytes(data)
        if not voting:
            return None
        files = []
        for one in message.attachments:
            payload = one["payload"]
            files.append(base64.b64decode(payload) if one["binary"] else payload.encode("utf-8", "surrogateescape"))
        return content([*message.text_plain, *message.text_html, *message.text_not_managed], files)

    return read


def eml_parser() -> Callable[[bytes], Content | None]:
    """GOVCERT.LU's eml_parser (AGPL); it also looks for indicators, which costs it time."""
    module: Any = importlib.import_module("eml_parser")

    def read(data: bytes) -> Content | None:
        parser = module.EmlParser(include_raw_body=True, include_attachment_data=True)
        message = parser.decode_email_bytes(data)
        if not voting:
            return None
        files = [base64.b64decode(one["raw"]) for one in message.get("attachment", ()) if one.get("filename")]
        return content([one.get("content", "") for one in message.get("body", ())], files)

    return read


def fast_mail_parser() -> Callable[[bytes], Content | None]:
    """fast-mail-parser, a binding of Rust's mailparse."""
    module: Any = importlib.import_module("fast_mail_parser")

    def read(data: bytes) -> Content | None:
        message = module.parse_email(data)
        if not voting:
            return None
        files = [bytes(one.content) for one in message.attachments if one.filename]
        return content([*message.text_plain, *message.text_html], files)

    return read


PEERS: dict[str, tuple[str, Callable[[], Callable[[bytes], Content | None]]]] = {
    "mail-parser": ("mail-parser", mail_parser),
    "eml_parser": ("eml_parser", eml_parser),
    "fast-mail-parser": ("fast-mail-parser", fast_mail_parser),
}
voting = False  # while it is on, links and files are gathered; while times are taken it is off


# ---------------------------------------------------------------- measuring


def sample(folder: Path, count: int) -> list[bytes]:
    """Take messages spread evenly over a corpus, the same ones every time."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".csv", ".mbox"))
    step = max(1, len(files) // count)
    return [path.read_bytes() for path in files[::step][:count]]


def attempt(read: Callable[[bytes], object], data: bytes) -> object:
    """Read one message; what a parser raises or prints is its own result."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return read(data)
        except Exception as error:  # noqa: BLE001, RUF100 - that it raises is what is measured
            return error


def measure(parsers: dict[str, Callable[[bytes], object]], messages: Sequence[bytes], rounds: int) -> dict[str, Result]:
    """Time all parsers in turns, then let them vote on what the messages hold."""
    global voting  # noqa: PLW0603, RUF100 - a switch that costs the timed functions nothing
    voting = False
    times: dict[str, list[float]] = {name: [] for name in parsers}
    for _ in range(rounds):
        for name, read in parsers.items():
            start = time.process_time()
            for data in messages:
                attempt(read, data)
            times[name].append(time.process_time() - start)
    size = sum(map(len, messages))
    results = {
        name: Result(len(messages) / statistics.median(taken), size / 1e6 / statistics.median(taken))
        for name, taken in times.items()
    }
    voting = True
    for data in messages:
        votes: dict[str, Content] = {}
        for name, read in parsers.items():
            found = attempt(read, data)
            if isinstance(found, Content):
                votes[name] = found
            elif isinstance(found, Exception):
                kinds = results[name].exceptions
                kinds[type(found).__name__] = kinds.get(type(found).__name__, 0) + 1
                votes[name] = Content(frozenset(), frozenset())
        quorum = len(votes) // 2 + 1
        links = Counter(link for one in votes.values() for link in one.links)
        files = Counter(file for one in votes.values() for file in one.files)
        true_links = {link for link, count in links.items() if count >= quorum}
        true_files = {file for file, count in files.items() if count >= quorum}
        for name, one in votes.items():
            results[name].messages_losing_links += bool(true_links - one.links)
            results[name].messages_losing_files += bool(true_files - one.files)
    return results


def main() -> None:
    """Measure, print a table, write JSON."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--corpora", type=Path, required=True, help="folder of the corpora")
    arguments.add_argument("--json", type=Path, required=True, help="file for the figures")
    arguments.add_argument("--sample", type=int, default=400, help="messages of each corpus")
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)

    parsers: dict[str, Callable[[bytes], object]] = {
        "watchword, lazy": ours_lazy,
        "watchword, everything": ours,
        "compat32": compat32,
        "policy.default": policy_default,
    }
    versions = {"python": platform.python_version()}
    absent = []
    for name, (package, make) in PEERS.items():
        try:
            parsers[name] = make()
            versions[name] = importlib.metadata.version(package)
        except ImportError:
            absent.append(name)
    if absent:
        print(f"not installed, left out: {', '.join(absent)}")

    report: dict[str, Any] = {"versions": versions, "absent": absent, "rounds": given.rounds, "corpora": {}}
    for corpus in CORPORA:
        messages = sample(given.corpora / corpus, given.sample)
        if not messages:
            print(f"{corpus}: nothing there, left out")
            continue
        results = measure(parsers, messages, given.rounds)
        size = sum(map(len, messages)) / len(messages)
        print(f"\n{corpus}: {len(messages)} messages, {size / 1000:.1f} kB each")
        print(f"{'':24}{'msg/s':>8}{'MB/s':>8}  lose links  lose files  exceptions")
        for name, one in results.items():
            lost = f"{one.messages_losing_links:>10}  {one.messages_losing_files:>10}"
            lost = " " * 22 if name == "watchword, lazy" else lost
            raised = ", ".join(f"{kind} {count}" for kind, count in one.exceptions.items()) or "0"
            print(f"{name:24}{one.messages_per_second:8.0f}{one.megabytes_per_second:8.1f}  {lost}  {raised}")
        report["corpora"][corpus] = {
            "messages": len(messages),
            "mean_bytes": size,
            "parsers": {name: asdict(one) for name, one in results.items()},
        }
    given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
