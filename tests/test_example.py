"""The worked example: the same bytes everywhere, signatures that verify, and nothing that belongs to anybody real."""

import base64
import email
import email.message
import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.policy import compat32
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from watchword.authenticate.authenticate import try_keys
from watchword.authenticate.kept import load
from watchword.observe.signatures import signatures
from watchword.parse.fields import date
from watchword.parse.message import parse

ROOT = Path(__file__).parent.parent
RESERVED = re.compile(r"(?:^|\.)(?:example|test|invalid|localhost|example\.(?:com|net|org))$")  # RFC 2606, RFC 6761
DIGEST = "6e697a1c8c4532ea50743cb394260228e4624fc888eea9d51fc8972064ddd146"
SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\r?\n")


class Example:
    """One build: its folder, what is true in it, and every message as the containers give it back."""

    def __init__(self, folder: Path) -> None:
        """Read what was built."""
        self.folder = folder
        self.truth = json.loads((folder / "truth.json").read_text("utf-8"))
        self.mailboxes = {path.name: list(messages(path)) for path in sorted((folder / "mail").iterdir())}


def run(folder: Path, **environment: str) -> None:
    """Build the example in a process of its own."""
    command = [sys.executable, "-m", "examples.build", "mail", "--truth", "truth.json", "--case", "case"]
    paths = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    subprocess.run(command, cwd=folder, env=paths | environment, check=True, capture_output=True)


def messages(path: Path) -> Iterator[bytes]:
    """Give the messages of one mailbox, with the quoting of `From ` lines undone."""
    if path.suffix == ".gz":
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member)
                assert file is not None
                yield from split(file.read())
        return
    for file_path in sorted(found for found in path.rglob("*") if found.is_file()):
        data = file_path.read_bytes()
        if file_path.suffix == ".zip":
            with zipfile.ZipFile(file_path) as takeout:
                for name in takeout.namelist():
                    if name.endswith(".mbox"):
                        yield from split(takeout.read(name))
        elif "Mail" in path.joinpath(file_path).parts:
            yield from split(data)
        else:
            yield data


def split(mbox: bytes) -> Iterator[bytes]:
    """Split an mbox and give the messages with CRLF line ends."""
    for piece in SEPARATOR.split(mbox)[1:]:
        message = re.sub(rb"^>(>*From )", rb"\1", piece, flags=re.MULTILINE)
        yield message.removesuffix(b"\r\n" if message.endswith(b"\r\n") else b"\n")


def digests(folder: Path) -> dict[str, str]:
    """Give the SHA-256 of every file."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """Build once for all tests."""
    folder = tmp_path_factory.mktemp("example")
    run(folder, PYTHONHASHSEED="1")
    return Example(folder)


def test_the_same_bytes_come_out_whatever_the_surroundings(example: Example, tmp_path: Path) -> None:
    """Another hash seed, time zone and locale change no byte of any file."""
    run(tmp_path, PYTHONHASHSEED="77", TZ="Asia/Kathmandu", LC_ALL="C", LANG="C")
    assert digests(tmp_path) == digests(example.folder)


def test_the_same_bytes_come_out_on_every_machine(example: Example) -> None:
    """The mailboxes are those that Python 3.11, 3.12 and 3.13 made; change DIGEST when you change the story."""
    listed = "".join(f"{digest} {name}\n" for name, digest in digests(example.folder / "mail").items())
    assert hashlib.sha256(listed.encode()).hexdigest() == DIGEST


def test_it_is_about_two_thousand_messages_in_ten_mailboxes(example: Example) -> None:
    """Ten mailboxes, some 2,000 messages, no mailbox almost empty."""
    assert len(example.mailboxes) == 10
    counts = {name: len(found) for name, found in example.mailboxes.items()}
    assert 1_900 <= sum(counts.values()) <= 2_400
    assert min(counts.values()) >= 100


def test_ordinary_life_outweighs_the_story(example: Example) -> None:
    """Fewer than one message in ten belongs to an operation, a crime or a twin; every role that is promised occurs."""
    told = example.truth["messages"]
    total = sum(len(found) for found in example.mailboxes.values())
    assert sum(len(entry["mailboxes"]) or 1 for entry in told) < total / 10 + 40
    roles = {(entry["operation"], entry["role"]) for entry in told}
    promised = "opening chat vouch lure answer look-alike takeover entry warning leak"
    assert {("quiet-reed", role) for role in promised.split()} <= roles
    assert {("crime", role) for role in "payment boss parcel advance-fee extortion mailbox".split()} <= roles
    assert {
        ("twin", role) for role in "interview new-address shared password free-mail silence webinar".split()
    } <= roles


def test_every_message_of_the_truth_lies_where_it_says(example: Example) -> None:
    """What the truth names is in the mailboxes that it names."""
    held: dict[str, set[str]] = {}
    for name, found in example.mailboxes.items():
        owner = example.truth["owners"][name.removesuffix(".tar.gz")]
        held[owner] = {str(email.message_from_bytes(one)["Message-ID"]).strip("<>") for one in found}
    for entry in example.truth["messages"]:
        for owner in entry["mailboxes"]:
            assert entry["message_id"] in held[owner], entry


def test_a_letter_to_two_people_differs_only_above_the_sender(example: Example) -> None:
    """The same mail in two mailboxes has other Received fields and the same body."""
    bodies: dict[str, dict[bytes, set[bytes]]] = {}
    for found in example.mailboxes.values():
        for one in map(crlf, found):
            head, _, body = one.partition(b"\r\n\r\n")
            if b"\r\nDKIM-Signature:" in head:
                identifier = str(email.message_from_bytes(head + b"\r\n\r\n")["Message-ID"])
                bodies.setdefault(identifier, {}).setdefault(body, set()).add(head)
    assert all(len(variants) == 1 for variants in bodies.values())
    assert sum(len(heads) > 1 for variants in bodies.values() for heads in variants.values()) > 50


def test_every_signature_verifies(example: Example) -> None:
    """After the container is undone, each DKIM body hash fits and each signature verifies with the published key."""
    keys = published(example.folder / "case" / "keys" / "published.jsonl")
    algorithms: dict[str, int] = {}
    for found in example.mailboxes.values():
        for one in map(crlf, found):
            if b"\r\nDKIM-Signature:" in one.partition(b"\r\n\r\n")[0]:
                algorithm = verify(one, keys)
                algorithms[algorithm] = algorithms.get(algorithm, 0) + 1
    assert algorithms["rsa-sha256"] > 1_000
    assert algorithms["ed25519-sha256"] > 5


def test_the_program_verifies_them_too(example: Example) -> None:
    """Our own verifier gives a pass to each signature, with keys published at the time of the message."""
    kept = load(example.folder / "case" / "keys")
    tried = 0
    for found in example.mailboxes.values():
        for one in found[::4]:
            message = parse(one)
            date_field = message.first("date")
            assert date_field is not None
            for row in signatures(message, "", ""):
                done = try_keys(row, date(date_field.value)[0], kept, {})
                assert (done.outcome.result, done.rests_on) == ("pass", "key-then"), row
                tried += 1
    assert tried > 250


def test_quoted_separator_lines_occur(example: Example) -> None:
    """Some body has a line that begins with `From `, so that a reader's unquoting is put to the test."""
    archives = example.folder.glob("mail/*/takeout-*.zip")
    quoted = 0
    for path in archives:
        with zipfile.ZipFile(path) as takeout:
            quoted += sum(takeout.read(name).count(b"\n>From ") for name in takeout.namelist())
    assert quoted


def test_only_reserved_names_occur(example: Example) -> None:
    """Every address, link and server name is under a name that nobody can own (RFC 2606, RFC 6761)."""
    names = set()
    for found in example.mailboxes.values():
        for one in found:
            names |= hosts(one)
    assert len(names) > 60
    assert sorted(name for name in names if not RESERVED.search(name)) == []


def test_messages_are_well_formed(example: Example) -> None:
    """Python's own parser finds no defect, and every received message has From, Date and Message-ID once."""
    for found in example.mailboxes.values():
        for one in found:
            parsed = email.message_from_bytes(one, policy=compat32)
            assert [defect for part in parsed.walk() for defect in part.defects] == []
            for name in ("From", "Date", "Message-ID", "Subject", "To"):
                assert len(parsed.get_all(name, [])) == 1, (name, one[:2000])


def crlf(message: bytes) -> bytes:
    """Give the message with CRLF line ends."""
    return re.sub(rb"\r?\n", b"\r\n", message)


def hosts(message: bytes) -> set[str]:
    """Give all host names in addresses, links and Received fields."""
    parsed = email.message_from_bytes(message, policy=compat32)
    texts = [str(value) for name, value in parsed.items() if not name.startswith("X-GM")]
    for part in parsed.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            texts.append(payload.decode())
    found = set()
    for text in texts:
        found |= set(re.findall(r"[\w.+-]@([\w-]+(?:\.[\w-]+)+)", text))
        found |= set(re.findall(r"https?://([^/\s\"'<>?:]+)", text))
        found |= set(re.findall(r"\b(?:from\s|by\s|helo=)([a-z][\w-]*(?:\.[\w-]+)*\.[a-z]{2,})", text))
    return {name.lower() for name in found}


def published(path: Path) -> dict[str, str]:
    """Read what the DNS of this world said: name to TXT record."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return {row["rrname"]: row["rdata"][0] for row in rows}


def verify(message: bytes, keys: dict[str, str]) -> str:
    """Verify the topmost DKIM-Signature as RFC 6376 says and give its algorithm."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = [field.split(b":", 1) for field in re.split(rb"\r\n(?![ \t])", head)]
    value = next(value for name, value in fields if name == b"DKIM-Signature")
    pairs = (tag.split(b"=", 1) for tag in value.split(b";"))
    tags = {name.strip().decode(): b"".join(content.split()).decode() for name, content in pairs}
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    canonical = re.sub(rb"(?:\r\n)*\Z", b"\r\n", b"\r\n".join(lines), count=1)
    assert base64.b64encode(hashlib.sha256(canonical).digest()).decode() == tags["bh"]
    signed = b""
    for name in tags["h"].split(":"):
        content = next(content for field, content in reversed(fields) if field.decode().lower() == name)
        signed += name.encode() + b":" + b" ".join(content.split()) + b"\r\n"
    unsigned = re.sub(rb"(?<=[;\s]b=)[^;]*", b"", value)
    signed += b"dkim-signature:" + b" ".join(unsigned.split())
    public = base64.b64decode(keys[f"{tags['s']}._domainkey.{tags['d']}"].partition("p=")[2])
    if tags["a"] == "ed25519-sha256":
        key = ed25519.Ed25519PublicKey.from_public_bytes(public)
        key.verify(base64.b64decode(tags["b"]), hashlib.sha256(signed).digest())
    else:
        loaded = serialization.load_der_public_key(public)
        assert isinstance(loaded, rsa.RSAPublicKey)
        loaded.verify(base64.b64decode(tags["b"]), signed, padding.PKCS1v15(), hashes.SHA256())
    return tags["a"]
