"""ARC: chains that hold, chains that are broken, and what each says of the message."""

import re

import pytest

from tests.signing import LETTER, Signer, ed25519_key, record, rsa_key, sealed
from watchword.authenticate.arc import Chain, Link, chain
from watchword.authenticate.dkim import Outcome, key_record, verify
from watchword.observe.signatures import signatures
from watchword.parse.message import parse

ONE = Signer(rsa_key(), "list.example", "a1")
TWO = Signer(rsa_key(1), "mx.example", "a2")
KEYS = {"list.example": record(ONE.key), "mx.example": record(TWO.key)}


def judged(message: bytes, keys: dict[str, str] = KEYS) -> Chain:
    """Validate the chain of a message with these keys."""
    links = []
    for row in signatures(parse(message), "", ""):
        known = keys.get(row.domain)
        out = verify(row, key_record(known), None) if known else Outcome("none", "no-key")
        rests_on = "key-then" if known else "no-key"
        links.append(Link(row.field, row.instance, row.domain, row.chain, out.result, out.reason, rests_on, "zone"))
    return chain(links)


TWICE = sealed(sealed(LETTER, ONE), TWO)


def test_chains_hold() -> None:
    """A chain of one or two sets holds, and says since which instance the message is unaltered."""
    assert judged(LETTER) == Chain("none", "not-signed", "", "no-key", "")
    assert judged(sealed(LETTER, ONE)) == Chain("pass", "oldest-pass=0", "list.example", "key-then", "zone")
    assert judged(TWICE) == Chain("pass", "oldest-pass=0", "mx.example", "key-then", "zone")
    assert judged(TWICE.replace(b"\r\n", b"\n")).result == "pass"


def test_a_list_that_alters_the_message() -> None:
    """What was altered between two seals leaves the chain whole, and the older signature broken."""
    altered = sealed(sealed(LETTER, ONE).replace(b"The draft", b"[list] The draft"), TWO)
    assert judged(altered) == Chain("pass", "oldest-pass=2", "mx.example", "key-then", "zone")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"The draft", b"The other", "arc-message-signature i=2: header-altered"),
        (b"Dear Ana", b"Dear Ben", "arc-message-signature i=2: body-altered"),
        (b"i=1; mx.example; spf=none", b"i=1; mx.example; spf=pass", "arc-seal i=2: header-altered"),
        (b"cv=none", b"cv=pass", "arc-seal i=1: chain-contradicts"),
        (b"cv=pass", b"cv=fail", "sealed as failed, i=2"),
        (b"ARC-Seal: i=1", b"X-Seal: i=1", "arc-seal i=2: set-incomplete"),
        (b"ARC-Authentication-Results: i=1", b"X-Results: i=1", "arc-seal i=2: set-incomplete"),
        (b"ARC-Authentication-Results: i=2; mx", b"ARC-Authentication-Results: mx", "arc-seal i=2: set-incomplete"),
        (rb"(ARC-Message-Signature: .*\r\n )i=1", rb"\1i=2", "arc-seal i=2: set-twice"),
        (b"ARC-Seal: i=2", b"ARC-Seal: i=51", "arc-seal i=?: instance-invalid"),
    ],
)
def test_chains_are_broken(old: bytes, new: bytes, reason: str) -> None:
    """Whatever of a chain is altered, taken out or doubled breaks it, for the reason that is true."""
    message = re.sub(old, new, TWICE)
    assert message != TWICE
    found = judged(message)
    assert (found.result, found.reason) == ("fail", reason)


def test_missing_keys() -> None:
    """Without a key that it needs, a chain is unknown; what is wrong for sure is wrong all the same."""
    known = {"mx.example": KEYS["mx.example"]}
    assert judged(TWICE, known) == Chain("unknown", "arc-seal i=1: no-key", "mx.example", "no-key", "zone")
    assert judged(TWICE.replace(b"Dear Ana", b"Dear Ben"), known).result == "fail"


def test_ed25519_seals() -> None:
    """Seals by Ed25519 hold, too (RFC 8463)."""
    signer = Signer(ed25519_key(), "list.example")
    assert judged(sealed(LETTER, signer), {"list.example": record(signer.key)}).result == "pass"


def test_fifty_sets_are_linear() -> None:
    """A chain of fifty sets is hashed in one pass; the seals are all computed."""
    message = LETTER
    for number in range(1, 51):
        fields = (
            f"ARC-Seal: i={number}; a=rsa-sha256; cv={'pass' if number > 1 else 'none'}; d=a.example; s=s; b=AAAA\r\n"
            f"ARC-Message-Signature: i={number}; a=rsa-sha256; c=relaxed/relaxed; d=a.example; s=s; h=from; bh=AAAA; "
            f"b=AAAA\r\nARC-Authentication-Results: i={number}; a.example; spf=none {'x' * 10_000}\r\n"
        )
        message = fields.encode() + message
    found = signatures(parse(message), "", "")
    assert [row.instance for row in found if row.field == "arc-seal" and row.header_hash] == list(range(50, 0, -1))
