"""Odd mail of other projects' test suites through everything that we see in it, beside what other parsers find.

    python -m bench.odd_mail --corpora DIR --json FILE [--peers PYTHON] [--show]

Every parser reads every message. Words, links and file names that two of them find count as there, and each parser's
misses are counted; `--show` names all that any parser finds and we do not. `--peers` is a Python that has mail-parser,
eml_parser (AGPL) and fast-mail-parser; it runs this file and nothing of ours. The standard library's two policies are
always there.
"""

import argparse
import base64
import contextlib
import email
import email.policy
import hashlib
import html.parser
import importlib
import importlib.metadata
import io
import json
import logging
import re
import subprocess
import sys
import time
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDERS = (
    "mikel_mail", "stalwartlabs_mail-parser", "stalwartlabs_mail-auth", "SpamScope_mail-parser",
    "GOVCERT-LU_eml_parser", "postalsys_postal-mime", "lieser_dkim_verifier", "dovecot_imaptest",
)  # fmt: skip
_LICENCE = re.compile(r"LICEN[CS]E|COPYING|/_")
_SEPARATOR = re.compile(rb"(?m)^From [^\n]*\d\d:\d\d[^\n]*\r?\n")
_WORD = re.compile(r"[^\W\d_]{4,40}")
_LINK = re.compile(r"https?://[^\s\"'<>\\)\]\x00-\x1f]{4,2000}", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """What one parser finds in one message."""

    error: str = ""
    texts: list[tuple[str, str]] = field(default_factory=list)  # content type and text
    names: list[str] = field(default_factory=list)


# ---------------------------------------------------------------- the others


def standard(policy: Any) -> Callable[[bytes], Found]:  # noqa: ANN401  # a policy of either kind
    """The standard library with one of its policies."""

    def read(data: bytes) -> Found:
        found = Found()
        for part in email.message_from_bytes(data, policy=policy).walk():
            name = part.get_filename()
            if name:
                found.names.append(str(name))
            if part.is_multipart() or part.get_content_maintype() != "text":
                continue
            payload = part.get_payload(decode=True)
            payload = payload if isinstance(payload, bytes) else b""
            try:
                text = payload.decode(part.get_content_charset("utf-8"), "replace")
            except LookupError:
                text = payload.decode("latin-1")
            found.texts.append((part.get_content_type(), text))
        return found

    return read


def mail_parser(data: bytes) -> Found:
    """SpamScope's mail-parser."""
    message = importlib.import_module("mailparser").parse_from_bytes(data)
    found = Found(names=[one["filename"] for one in message.attachments if one["filename"]])
    found.texts = [("text/plain", text) for text in message.text_plain]
    found.texts += [("text/html", text) for text in message.text_html]
    return found


def eml_parser(data: bytes) -> Found:
    """GOVCERT.LU's eml_parser."""
    parser = importlib.import_module("eml_parser").EmlParser(include_raw_body=True, include_attachment_data=True)
    message = parser.decode_email_bytes(data)
    found = Found(names=[one["filename"] for one in message.get("attachment", ()) if one.get("filename")])
    found.texts = [(one.get("content_type") or "text/plain", one.get("content", "")) for one in message.get("body", ())]
    return found


def fast_mail_parser(data: bytes) -> Found:
    """fast-mail-parser, a binding of Rust's mailparse."""
    message = importlib.import_module("fast_mail_parser").parse_email(data)
    found = Found(names=[one.filename for one in message.attachments if one.filename])
    found.texts = [("text/plain", text) for text in message.text_plain]
    found.texts += [("text/html", text) for text in message.text_html]
    return found


PEERS: dict[str, tuple[str, Callable[[bytes], Found]]] = {
    "policy.default": ("", standard(email.policy.default)),
    "compat32": ("", standard(email.policy.compat32)),
    "mail-parser": ("mail-parser", mail_parser),
    "eml_parser": ("eml_parser", eml_parser),
    "fast-mail-parser": ("fast-mail-parser", fast_mail_parser),
}


def answer() -> None:
    """Read messages in base64, a line each, and write what each peer finds, a line each; in the peers' own Python."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    peers = {}
    for name, (package, read) in PEERS.items():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            peers[name] = (importlib.metadata.version(package) if package else sys.version.split()[0], read)
    print(json.dumps({name: version for name, (version, _) in peers.items()}), flush=True)
    for line in sys.stdin:
        data = base64.b64decode(line)
        told = {}
        for name, (_, read) in peers.items():
            try:
                with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                    found = read(data)
            except Exception as error:  # noqa: BLE001, RUF100 - that it raises is what is measured
                found = Found(type(error).__name__)
            told[name] = [found.error, found.texts, found.names]
        print(json.dumps(told), flush=True)


# ---------------------------------------------------------------- what there is


class _Page(html.parser.HTMLParser):
    """Text and addresses of a page, read by the standard library."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unread += tag in {"style", "script", "title"}
        if tag not in {"a", "b", "i", "u", "em", "strong", "span", "font"}:
            self.words.append("\n")
        self.links += [value for name, value in attrs if name in {"href", "src"} and value]

    def handle_endtag(self, tag: str) -> None:
        self.unread -= tag in {"style", "script", "title"}

    def handle_data(self, data: str) -> None:
        if self.unread <= 0:
            self.words.append(data)


def seen(texts: list[tuple[str, str]]) -> tuple[set[str], set[str]]:
    """Give the words and links of texts."""
    words: set[str] = set()
    links: set[str] = set()
    for kind, text in texts:
        if "html" in kind:
            page = _Page()
            with contextlib.suppress(Exception):
                page.feed(text)
            text = "".join(page.words)
            links.update(found[0] for link in page.links if (found := _LINK.match(link.strip())))
        words.update(word.lower() for word in _WORD.findall(text))
        links.update(found.rstrip(".,;:!?&*|'") for found in _LINK.findall(text))
    return words, links


def messages(corpora: Path) -> Iterator[tuple[str, bytes]]:
    """Give every message of the fixtures, those in mailbox files one by one."""
    for folder in FOLDERS:
        for path in sorted((corpora / "fixtures" / folder).rglob("*")):
            name = str(path.relative_to(corpora))
            if not path.is_file() or path.suffix in {".txt", ".md", ".dat"} or _LICENCE.search(name) is not None:
                continue
            pieces = _SEPARATOR.split(path.read_bytes())[1:] if path.suffix == ".mbox" else [path.read_bytes()]
            for number, data in enumerate(pieces):
                yield f"{name}#{number}" if len(pieces) > 1 else name, data


@dataclass(slots=True)
class Result:
    """How one parser did on all messages."""

    exceptions: int = 0
    misses_words: int = 0  # messages
    misses_links: int = 0
    misses_names: int = 0


def plain(name: str) -> str:
    """Write a file name as it is compared: without folder, blanks and what was not decoded."""
    return re.sub(r"[\s\x00-\x1f]+", "", re.split(r"[/\\]", name)[-1]).lower()


def is_name(name: str) -> bool:
    """Tell a name from what parsers put in its place: `part-001`, a Content-ID, an encoded word, undecoded bytes."""
    return re.match(r"part-\d+$|<.*>$|.*=\?.*\?=|.*\ufffd|.*[\ud800-\udfff]", name) is None


def same(link: str) -> str:
    """Write a link as it is compared."""
    return urllib.parse.unquote(link).rstrip("/").lower()


def holds(link: str, links: set[str]) -> bool:
    """Tell whether a link is there, perhaps longer: where a text was cut into lines, others stop early."""
    return any(one.startswith(link) for one in links)


def main() -> None:
    """Compare, print a table, write JSON."""
    from watchword.observe import observe
    from watchword.read.raw import RawMessage
    from watchword.tables import Attachment, Defect, Link, Message, Text

    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--corpora", type=Path, required=True)
    asked.add_argument("--json", type=Path, required=True)
    asked.add_argument("--peers", default=sys.executable, help="Python that has the other parsers")
    asked.add_argument("--show", action="store_true", help="name what we miss")
    given = asked.parse_args()
    ours = "watchword"
    results: dict[str, Result] = {}
    count = 0
    slowest = 0.0
    with subprocess.Popen(  # noqa: S603  # our own
        [given.peers, __file__, "--answer"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as peers:
        if peers.stdin is None or peers.stdout is None:
            raise SystemExit("no pipes to the other parsers")
        versions = json.loads(peers.stdout.readline())
        for name, data in messages(given.corpora):
            count += 1
            peers.stdin.write(base64.b64encode(data).decode() + "\n")
            peers.stdin.flush()
            begun = time.process_time()
            rows = list(observe(RawMessage(data, hashlib.sha256(data).hexdigest(), len(data)), "bench"))
            slowest = max(slowest, time.process_time() - begun)
            words: set[str] = set()
            links: set[str] = set()
            names: set[str] = set()
            failed = ""
            for row in rows:
                if isinstance(row, Text):
                    whole = "\n".join((row.written, row.signature, row.quoted, row.hidden))
                    words.update(word.lower() for word in _WORD.findall(whole))
                elif isinstance(row, Link):
                    links |= {same(row.raw), same(row.url)}
                    words.update(word.lower() for word in _WORD.findall(f"{row.shown} {row.raw}"))
                elif isinstance(row, Attachment):
                    names.update(map(plain, row.names))
                elif isinstance(row, Message):
                    words.update(word.lower() for word in _WORD.findall(row.subject))
                elif isinstance(row, Defect) and row.kind == "not-observed":
                    failed = row.detail
            told = {
                peer: Found(error, [(kind, text) for kind, text in texts], found)
                for peer, (error, texts, found) in json.loads(peers.stdout.readline()).items()
            }
            votes = {peer: (*seen(one.texts), set(map(plain, one.names))) for peer, one in told.items()}
            votes = {peer: (w, set(map(same, li)), set(filter(is_name, n))) for peer, (w, li, n) in votes.items()}
            votes[ours] = (words, links, names)
            told[ours] = Found(failed)
            every = [set().union(*(one[at] for peer, one in votes.items() if peer != ours)) for at in range(3)]
            agreed = [
                {one for one in every[at] if sum(one in vote[at] for vote in votes.values()) > 1} for at in range(3)
            ]
            for peer, vote in votes.items():
                result = results.setdefault(peer, Result())
                result.exceptions += bool(told[peer].error)
                result.misses_words += bool(agreed[0] - vote[0])
                result.misses_links += any(not holds(link, vote[1]) for link in agreed[1] - vote[1])
                result.misses_names += bool(agreed[2] - vote[2])
            if given.show:
                for what, at in (("words", 0), ("links", 1), ("names", 2)):
                    missed = every[at] - votes[ours][at]
                    if at == 1:
                        missed = {link for link in missed if not holds(link, votes[ours][1])}
                    if missed:
                        who = [peer for peer, one in votes.items() if missed & one[at]]
                        two = "*" if missed & agreed[at] else " "
                        print(f"{two} {name}: {what} {sorted(missed)[:12]} by {', '.join(who)}")
                if failed:
                    print(f"{name}: {failed}")
        peers.stdin.close()
    print(f"{count} messages, the slowest {slowest:.2f} CPU seconds; what two parsers find and this one does not:")
    print(f"{'':20}{'raised':>8}{'words':>8}{'links':>8}{'names':>8}   messages")
    for name, result in results.items():
        print(
            f"{name:20}{result.exceptions:>8}{result.misses_words:>8}{result.misses_links:>8}{result.misses_names:>8}"
        )
    report = {
        "messages": count,
        "versions": versions,
        "parsers": {
            name: {
                "raised": one.exceptions,
                "words": one.misses_words,
                "links": one.misses_links,
                "names": one.misses_names,
            }
            for name, one in results.items()
        },
    }
    given.json.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    answer() if sys.argv[1:] == ["--answer"] else main()
