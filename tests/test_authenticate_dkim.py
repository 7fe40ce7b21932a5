"""DKIM: what is signed, what a key says, and what was altered."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.signing import (
    LETTER,
    Private,
    Signer,
    canonical_body,
    canonical_field,
    ed25519_key,
    fields_of,
    record,
    rsa_key,
)
from watchword.authenticate import dkim
from watchword.authenticate.dkim import Outcome, key_record, verify
from watchword.authenticate.reasons import CAVEATS, REASONS
from watchword.observe.signatures import signatures
from watchword.parse.message import parse
from watchword.tables import Signature

NOW = datetime(2024, 3, 1, 9, 0, 5, tzinfo=UTC)

RFC6376 = """\
DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
        4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
        KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
        4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
"""
BRISBANE = (
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4j"
    "YfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QI"
    "DAQAB"
)
RFC8463 = """\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
FOOTBALL = (
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16"
    "JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l"
    "/K4w3QIDAQAB",
)


def rows(message: bytes) -> list[Signature]:
    """Observe the signatures of a message."""
    return signatures(parse(message), "0" * 64, "institute.example")


def judged(message: bytes, key: Private | str, at: datetime | None = NOW) -> Outcome:
    """Try a key, or the key record given, on the topmost signature."""
    return verify(rows(message)[0], key_record(key if isinstance(key, str) else record(key)), at)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rfc_6376_appendix_a(end: str) -> None:
    """The example of RFC 6376 holds with the key of its appendix C, also where the file has lost its CR."""
    outcome = judged(RFC6376.replace("\n", end).encode(), BRISBANE)
    assert (outcome.result, outcome.signed) == ("pass", True)


def test_rfc_8463_appendix_a() -> None:
    """Both signatures of the example of RFC 8463 hold, Ed25519 and RSA; each is of another kind than the other key."""
    found = rows(RFC8463.encode())
    for row, key, other in zip(found, FOOTBALL, reversed(FOOTBALL), strict=True):
        assert verify(row, key_record(key), None).result == "pass"
        assert verify(row, key_record(other), None).reason == "key-type-differs"


SIGNERS = [
    Signer(key, head=head, body=body)
    for key in (rsa_key(), ed25519_key())
    for head in ("simple", "relaxed")
    for body in ("simple", "relaxed")
]


@pytest.mark.parametrize("signer", SIGNERS, ids=lambda one: f"{type(one.key).__name__}-{one.head}-{one.body}")
def test_every_form_holds(signer: Signer) -> None:
    """What is signed in any of the canonical forms holds, with CRLF as with LF."""
    data = signer.sign(LETTER)
    assert judged(data, signer.key).result == "pass"
    assert judged(data.replace(b"\r\n", b"\n"), signer.key).result == "pass"


@pytest.mark.parametrize("signer", SIGNERS[:1] + SIGNERS[-1:], ids=["simple", "relaxed"])
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_any_change_of_a_signed_octet_fails(signer: Signer, at: int, bit: int) -> None:
    """One bit flipped anywhere never leaves a pass, but where the canonical form stays the same."""
    whole = signer.sign(LETTER)
    data = bytearray(whole)
    data[at % len(data)] ^= 1 << bit
    found = rows(bytes(data))
    if found and verify(found[0], key_record(record(signer.key)), NOW).result == "pass":
        assert _essence(bytes(data), signer) == _essence(whole, signer)


def _essence(message: bytes, signer: Signer) -> list[bytes]:
    """Give what the signature speaks for, in its canonical form: of b= only the bytes count."""
    message = message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    signed = {b"dkim-signature", *(name.encode() for name in signer.names)}
    fields = [canonical_field(*one, signer.head) for one in fields_of(message) if one[0].lower().strip() in signed]
    head, _, made = fields[0].rpartition(b"b=")
    return [head, base64.b64decode(made), *fields[1:], canonical_body(message.partition(b"\r\n\r\n")[2], signer.body)]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_folding_and_case_do_not_matter_when_relaxed(data: st.DataObject) -> None:
    """Blanks, folding and the case of names may change on the way; a relaxed signature still holds."""
    signer = SIGNERS[3]
    signed = signer.sign(LETTER)
    head, empty, body = signed.partition(b"\r\n\r\n")
    head = head.replace(b"\r\n ", b" ")
    blank = st.sampled_from([b" ", b"  ", b"\t", b"\r\n ", b"\r\n\t ", b" \r\n \t"])
    lines = []
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon and name.replace(b"-", b"").isalpha() and data.draw(st.booleans()):
            line = name.swapcase() + colon + value
        pieces = line.split(b" ")
        lines.append(pieces[0] + b"".join(data.draw(blank) + piece for piece in pieces[1:]))
    changed = b"\r\n".join(lines) + empty + body
    assert judged(changed, signer.key).result == "pass"


def test_repeated_fields_count_from_below() -> None:
    """Of repeated fields the undermost is signed first, and one more name than there are fields keeps others out."""
    twice = LETTER.replace(b"Subject: The draft", b"Subject: Another\r\nSubject: The draft")
    signer = Signer(rsa_key(), names=("from", "subject", "from"))
    signed = signer.sign(twice)
    assert judged(signed, signer.key).result == "pass"
    assert judged(signed.replace(b"Subject: Another", b"Subject: Other"), signer.key).result == "pass"
    swapped = signed.replace(b"Another", b"~").replace(b"The draft", b"Another").replace(b"~", b"The draft")
    assert judged(swapped, signer.key).reason == "header-altered"
    assert judged(b"From: x@a.example\r\n" + signed, signer.key).reason == "header-altered"


def test_what_is_not_covered_is_named() -> None:
    """Fields that are there and not covered are named, and with a plus those that could be put on top."""
    signer = Signer(rsa_key(), names=("from", "from", "subject", "date"))
    data = signer.sign(LETTER.replace(b"To:", b"Reply-To: x@a.example\r\nTo:"))
    (row,) = rows(data)
    assert {"reply-to", "to", "+subject", "+date", "+cc", "+content-type"} == set(row.unsigned)
    outcome = judged(data, signer.key)
    assert outcome.result == "pass"
    assert {"reply-to-not-signed", "short-key"} <= set(outcome.caveats)
    on_top = judged(b"Subject: New\r\n" + data, signer.key)
    assert (on_top.result, "subject-added" in on_top.caveats) == ("pass", True)


# ------------------------------------------------------------ what was altered


def test_altered_header_body_and_other_key_are_told_apart() -> None:
    """RSA shows whether this key signed another header, or another key signed; the body is told apart by its hash."""
    key = rsa_key()
    signed = Signer(key).sign(LETTER)
    head, body = signed.replace(b"The draft", b"[list] The draft"), signed.replace(b"Dear", b"dear")
    assert judged(head, key) == Outcome("fail", "header-altered", True)
    assert judged(body, key) == Outcome("fail", "body-altered", True)
    assert judged(head.replace(b"Dear", b"dear"), key) == Outcome("fail", "header-and-body-altered", True)
    assert judged(signed, rsa_key(1)) == Outcome("fail", "other-key", False)
    assert judged(Signer(ed25519_key()).sign(LETTER), ed25519_key(1)).reason == "altered-or-other-key"


def test_bytes_of_the_body_that_were_not_kept() -> None:
    """Where the container did not keep the body's bytes, a body that does not fit is no evidence; one that fits is."""
    signed = Signer(rsa_key()).sign(LETTER)
    for data, fits, result in (signed, True, "pass"), (signed.replace(b"Dear", b"dear"), None, "neutral"):
        (row,) = signatures(parse(data), "", "", whole=False)
        assert row.body_hash is fits
        assert verify(row, key_record(record(rsa_key())), NOW).result == result


def test_part_of_the_body() -> None:
    """With l= text can be added below; the pass says so. One beyond the body is a fault."""
    signer = Signer(rsa_key(), more="l=11; ")
    data = signer.sign(LETTER)
    assert "partial-body" in judged(data + b"More\r\n", signer.key).caveats
    (row,) = rows(data.replace(b"l=11", b"l=999"))
    assert row.problem == "length-beyond-body"


def test_time() -> None:
    """Expiry counts as of the arrival; a signature from after it, or from long before, is noted."""
    key = rsa_key()
    late = Signer(key, more=f"t={int(NOW.timestamp()) - 20}; x={int(NOW.timestamp()) - 1}; ").sign(LETTER)
    assert judged(late, key).reason == "expired"
    assert judged(late, key, None).result == "pass"
    for days, caveat in (2, "signed-after-arrival"), (-8, "signed-long-before"):
        data = Signer(key, more=f"t={int(NOW.timestamp()) + days * 86_400}; ").sign(LETTER)
        assert caveat in judged(data, key).caveats
    (row,) = rows(Signer(key, more="t=5; x=4; ").sign(LETTER))
    assert row.problem == "expires-before-signed"
    (row,) = rows(Signer(key, more=f"x={10**30}; ").sign(LETTER))
    assert (row.problem, row.expires_at) == ("", None)


def test_sha1_counts_as_of_its_time() -> None:
    """SHA-1 was the rule until 2018 (RFC 8301): it holds with a caveat before, and not at all after."""
    signer = Signer(rsa_key(), digest="sha1")
    data = signer.sign(LETTER)
    old = judged(data, signer.key, datetime(2012, 5, 1, tzinfo=UTC))
    assert (old.result, "weak-hash" in old.caveats) == ("pass", True)
    assert judged(data, signer.key) == Outcome("permerror", "hash-outdated", True)


# ------------------------------------------------------------ key records


def _records() -> Iterator[tuple[str, str]]:
    text = record(rsa_key())
    key = text.partition("p=")[2]
    yield text, ""
    yield f"p={key}", ""
    yield f"v=DKIM1; k=rsa; n=a note; p={key[:30]} {key[30:]};", ""
    yield f"v=DKIM1; h=sha1:sha256; s=email; t=y:s; p={key}", ""
    yield f"k=rsa; v=DKIM2; p={key}", "key-unreadable"
    yield f"v=DKIM1; p={key}; p={key}", "key-unreadable"
    yield "v=DKIM1; k=rsa; p=", "key-revoked"
    yield "v=DKIM1; k=rsa; p=AAAA", "key-unreadable"
    yield f"v=DKIM1; k=dsa; p={key}", "key-unreadable"
    yield "v=DKIM1; k=rsa", "key-unreadable"
    yield f"v=DKIM1; h=sha1; p={key}", "hash-not-allowed"
    yield f"v=DKIM1; s=tlsrpt; p={key}", "key-not-for-mail"
    yield "\x00;;;=" * 50, "key-unreadable"


@pytest.mark.parametrize(("text", "reason"), list(_records()))
def test_key_records(text: str, reason: str) -> None:
    """Key records are read as RFC 6376 3.6.1 has them, tolerant of blanks; what is wrong has its reason."""
    assert judged(Signer(rsa_key()).sign(LETTER), text).reason == reason


def test_flags_of_a_key() -> None:
    """t=y is a caveat; t=s asks for i= and d= to be the same; a bare RSA key (PKCS #1) is read, too."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa_key()
    sub = Signer(key, more="i=@mail.institute.example; ").sign(LETTER)
    assert judged(sub, record(key, "v=DKIM1; t=s; ")).reason == "identity-differs"
    assert "test-key" in judged(sub, record(key, "v=DKIM1; t=y; ")).caveats
    bare = base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)).decode()
    assert judged(sub, f"v=DKIM1; p={bare}").result == "pass"


def test_short_keys_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key under the minimum never gives a pass (RFC 8301), though it is said that it signed."""
    monkeypatch.setattr(dkim, "LEAST_BITS", 1_025)  # shorter ones are no longer made by the library
    assert judged(Signer(rsa_key()).sign(LETTER), rsa_key()) == Outcome("permerror", "key-too-short", True)


# ------------------------------------------------------------ faults and hostile mail

GOOD = "v=1; a=rsa-sha256; d=a.example; s=s1; h=from; bh=AAAA; b=AAAA"
FAULTS = {
    "tag-twice": GOOD + "; d=b.example",
    "tag-unreadable": GOOD + "; ; x=1",
    "version-missing": GOOD[5:],
    "version-unknown": GOOD.replace("v=1", "v=2"),
    "algorithm-missing": GOOD.replace("a=rsa-sha256; ", ""),
    "algorithm-unknown": GOOD.replace("rsa-sha256", "rsa-md5"),
    "body-hash-missing": GOOD.replace("bh=AAAA; ", ""),
    "body-hash-unreadable": GOOD.replace("bh=AAAA", "bh=%%"),
    "canonicalization-unknown": GOOD + "; c=tidy",
    "control-character": GOOD.replace("s=s1", "s=s1.\x00any"),
    "domain-invalid": GOOD.replace("a.example", "a.example/b"),
    "domain-missing": GOOD.replace("d=a.example; ", ""),
    "from-not-signed": GOOD.replace("h=from", "h=to"),
    "identity-invalid": GOOD + "; i=a.example",
    "identity-outside-domain": GOOD + "; i=@b.example",
    "length-invalid": GOOD + "; l=-1",
    "query-unknown": GOOD + "; q=http",
    "selector-invalid": GOOD.replace("s=s1", "s='(x"),
    "selector-missing": GOOD.replace("s=s1; ", ""),
    "signature-missing": GOOD.replace("b=AAAA", "b=").replace("b;", "bh=AAAA;"),
    "signature-unreadable": GOOD.removesuffix("AAAA") + "*",
    "signed-fields-missing": GOOD.replace("h=from; ", ""),
    "time-invalid": GOOD + "; t=soon",
    "too-long": GOOD.removesuffix("AAAA") + "A" * 1_000_000,
}


@pytest.mark.parametrize("problem", FAULTS)
def test_faults(problem: str) -> None:
    """A signature that no verifier may accept is known by its fault, and nothing about a key is asked."""
    (row,) = rows(f"DKIM-Signature: {FAULTS[problem]}\r\nFrom: a@a.example\r\n\r\nHi\r\n".encode())
    assert row.problem == problem
    assert verify(row, key_record(record(rsa_key())), NOW) == Outcome("permerror", problem)


def test_every_reason_has_its_words() -> None:
    """Whatever can come out has words for the report; what is meant for a sentence has no full stop."""
    assert set(FAULTS) <= REASONS.keys()
    assert not [text for text in (*REASONS.values(), *CAVEATS.values()) if text.endswith(".")]


def test_many_signatures() -> None:
    """Of a hundred signatures a few are computed, and what is left out is told."""
    message = parse(f"DKIM-Signature: {GOOD}\r\n".encode() * 150 + LETTER)
    found = signatures(message, "", "")
    assert len(found) == 100
    assert [row.number for row in found if row.header_hash] == list(range(20))
    assert found[20].problem == "too-many-signatures"
    assert "limit-signatures" in {defect.kind for defect in message.defects}


def test_a_long_list_of_fields_is_linear() -> None:
    """A list of ten thousand names over ten thousand fields takes no longer than reading them."""
    names = ":".join(["from"] + ["x-a"] * 9_000)
    data = f"DKIM-Signature: {GOOD.replace('from', names)}\r\n".encode() * 20 + b"X-A: b\r\n" * 9_000 + LETTER
    found = rows(data)
    assert len(found[0].signed) == 200
    assert found[0].header_hash


def test_giant_keys() -> None:
    """A key of 16,384 bits is tried; one beyond what OpenSSL takes is no key; nothing raises."""
    for bits in (16_384, 20_000):
        key = dkim.rsa_key((1 << bits) - 105, 65_537)
        assert key is not None
        (row,) = rows(Signer(rsa_key()).sign(LETTER))
        outcome = verify(row, key_record(f"p={key.text}"), NOW)
        assert outcome.reason in ("other-key", "key-unreadable")


def test_a_field_behind_a_bare_cr_is_not_signed() -> None:
    """What other programs see behind a bare CR does not count as a field of its own."""
    signer = Signer(rsa_key(), names=("from", "subject"))
    data = signer.sign(LETTER.replace(b"To: Ana", b"X-A: b\rSubject: c\r\nTo: Ana"))
    assert judged(data, signer.key).result == "pass"


@given(st.binary(max_size=400), st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_bytes_raise(data: bytes, text: str) -> None:
    """Nothing in a signature field or key record raises."""
    for name in (b"DKIM-Signature", b"ARC-Seal", b"ARC-Message-Signature"):
        for row in rows(name + b": a=rsa-sha256; b=AAAA; bh=AA==; i=1; h=from; d=a.b; s=c; " + data + b"\r\n\r\nx"):
            verify(row, key_record(text), None)
            verify(row, key_record(record(rsa_key())), None)
