"""Body hashes: the canonical forms of RFC 6376, and which signatures still fit."""

import base64
import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.read.body_hash import MAX_SIGNATURES, body_hashes, body_start, canonical_body


def field(
    body: bytes, *, form: bytes = b"relaxed/relaxed", name: bytes = b"DKIM-Signature", more: bytes = b""
) -> bytes:
    """Write a signature field whose bh= is that of an already canonical body."""
    digest = base64.b64encode(hashlib.sha256(body).digest())
    return name + b": v=1; a=rsa-sha256; c=" + form + b"; d=a.example;" + more + b"\r\n bh=" + digest + b"; b=AA==\r\n"


def plain(body: bytes, *, relaxed: bool) -> bytes:
    """Say RFC 6376 3.4.3 and 3.4.4 in the plainest way, line by line."""
    lines = body.replace(b"\r\n", b"\n").split(b"\n")
    if relaxed:
        lines = [re.sub(rb"[ \t]+", b" ", line) for line in lines]
        lines = [line.removesuffix(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"" if relaxed else b"\r\n"
    return b"".join(line + b"\r\n" for line in lines)


@given(st.lists(st.sampled_from([b" ", b"  ", b"\t", b"\n", b"\r\n", b"\r", b"a", b"bc", b" " * 40])).map(b"".join))
def test_canonical_body(body: bytes) -> None:
    """The fast canonical forms are those of the plain ones, for any blanks and line ends."""
    for relaxed in (False, True):
        assert canonical_body(body, relaxed=relaxed) == plain(body, relaxed=relaxed)


def test_example_of_the_rfc() -> None:
    """The example of RFC 6376 3.4.5 comes out as printed there."""
    body = b" C \r\nD \t E\r\n\r\n\r\n"
    assert canonical_body(body, relaxed=True) == b" C\r\nD E\r\n"
    assert canonical_body(body, relaxed=False) == b" C \r\nD \t E\r\n"


def test_empty_bodies() -> None:
    """An empty body is CRLF in the simple form and nothing in the relaxed one (RFC 6376 3.4.3, 3.4.4)."""
    for form, hashed in ((b"simple", b"\r\n"), (b"x/simple", b"\r\n"), (b"x/relaxed", b""), (b"relaxed", b"\r\n")):
        assert body_hashes(field(hashed, form=form) + b"\r\n") == [True]


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_line_ends(end: bytes) -> None:
    """A message saved with LF is hashed as it was sent, with CRLF."""
    data = field(b"Hello\r\nyou\r\n") + b"Subject: x\r\n\r\nHello \t\r\nyou\r\n\r\n"
    assert body_hashes(data.replace(b"\r\n", end)) == [True]
    assert body_hashes(data.replace(b"you", b"You").replace(b"\r\n", end)) == [False]


def test_length() -> None:
    """l= limits what is hashed, and one beyond the body does not fit."""
    data = field(b"Hel", more=b" l=3;") + b"\r\nHello\r\n"
    assert body_hashes(data) == [True]
    assert body_hashes(field(b"Hello\r\n", more=b" l=99;") + b"\r\nHello\r\n") == [False]


def test_every_field_in_order() -> None:
    """Each field has its own answer in the order of the header, None where it cannot be computed."""
    good, bad = field(b"Hi\r\n"), field(b"Ho\r\n")
    unknown = b"dkim-signature: v=1; a=rsa-md5; bh=AAAA\r\n"
    twice = good.replace(b"d=a.example;", b"d=a.example; bh=AAAA;")
    sealed = field(b"Hi\r\n", name=b"ARC-Message-Signature")
    data = b"X-DKIM-Signature: no\r\n" + bad + sealed + good + unknown + twice + b"\r\nHi\r\n"
    assert body_hashes(data) == [False, True, None, None]
    assert body_hashes(data, ("dkim-signature", "arc-message-signature")) == [False, True, True, None, None]
    assert body_hashes(b"Subject: x\r\n\r\n" + good) == []


def test_many_signatures() -> None:
    """A flood of signatures costs no more than a few."""
    assert body_hashes(field(b"Hi\r\n") * 50 + b"\r\nHi\r\n")[MAX_SIGNATURES:] == [None] * 30


@pytest.mark.parametrize(
    ("data", "start"),
    [(b"", 0), (b"\nx", 1), (b"\r\nx", 2), (b"a: b\n\nc\n\n", 6), (b"a: b\r\n\r\n\n\n", 8), (b"a: b\n", 5)],
)
def test_body_start(data: bytes, start: int) -> None:
    """The body begins after the first empty line, and without one there is no body."""
    assert body_start(data) == start


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    """Nothing in a signature field raises."""
    for text in (data, b"DKIM-Signature:" + data, b"DKIM-Signature: a=x-sha256; bh=" + data + b"\n\nbody"):
        assert all(found in (True, False, None) for found in body_hashes(text))
