"""One signature tried with one key (RFC 6376 3.6.1 and 6.1, RFC 8301, RFC 8463; for ARC RFC 8617 4.1).

The digest of the signed fields and the signature are facts, so nothing of the message is needed. RSA gives back the
digest that was signed. So it can be told whether another key signed, or this key signed another header.
"""

import functools
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from watchword.observe.signature_tags import DKIM, base64
from watchword.parse.tag_list import tag_list
from watchword.tables import Signature

# RFC 8017 9.2, notes 1: the DER of DigestInfo before the digest.
DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
}
LEAST_BITS = 1_024  # RFC 8301 3.2: a shorter key MUST NOT be taken as valid
GOOD_BITS = 2_048
SHA1_ENDED = datetime(2018, 1, 31, tzinfo=UTC)  # RFC 8301; mail of before was signed by the rule of its time
_RECORD = 16_384  # characters of a key record; a key of 16,384 bits has 2,800
_SKEW = timedelta(days=1)
_LONG = timedelta(days=7)
_SHOWN = ("from", "subject", "date", "to", "cc", "reply-to", "content-type")
_MEANT = ("subject", "reply-to", "content-type")  # these change what a message says or where an answer goes
_PADDING = PKCS1v15()
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")

Trial = Literal["holds", "header-altered", "other-key", "altered-or-other-key"]


@dataclass(frozen=True, slots=True, eq=False)  # one key is one object: `public_key` remembers
class PublicKey:
    """One public key."""

    algorithm: Literal["rsa", "ed25519"]
    bits: int
    text: str  # base64 of SubjectPublicKeyInfo (RSA), or of the 32 bytes (Ed25519)
    made: RSAPublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What a key record says (RFC 6376 3.6.1), or a recovered key, of which only the key is known."""

    key: PublicKey | None
    problem: str = ""  # a word of reasons.REASONS; then there is no key
    hashes: frozenset[str] = frozenset()  # h=; empty means all
    testing: bool = False  # t=y
    strict: bool = False  # t=s


@dataclass(frozen=True, slots=True)
class Outcome:
    """What trying one key on one signature came to; the words are those of tables.Verification."""

    result: Literal["pass", "fail", "neutral", "permerror", "none"]
    reason: str
    signed: bool = False  # this key made the signature, whatever was altered since
    caveats: tuple[str, ...] = ()


@functools.lru_cache(maxsize=4_096)
def key_record(text: str) -> KeyRecord:
    """Read a key record, as tolerant as the common verifiers: base64 with blanks and strays, a bare RSA key (PKCS #1).

    Never raises.
    """
    tags, fault = tag_list(text[:_RECORD])
    if fault == "tag-twice" or "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return KeyRecord(None, "key-unreadable")
    if not {"*", "email"}.intersection(_listed(tags.get("s", "*"))):
        return KeyRecord(None, "key-not-for-mail")
    if not tags["p"]:
        return KeyRecord(None, "key-revoked")
    kind = tags.get("k", "rsa").lower()
    key = None
    if kind in ("rsa", "ed25519"):
        key = public_key(_NOT_BASE64.sub("", tags["p"]), kind)
    if key is None:
        return KeyRecord(None, "key-unreadable")
    flags = _listed(tags.get("t", ""))
    return KeyRecord(key, "", frozenset(_listed(tags.get("h", ""))) - {""}, "y" in flags, "s" in flags)


@functools.lru_cache(maxsize=4_096)
def public_key(text: str, kind: str) -> PublicKey | None:
    """Read a public key from base64: SubjectPublicKeyInfo or a bare RSA key, or the 32 bytes of an Ed25519 key."""
    data = base64(text)
    if data is None:
        return None
    try:
        if kind == "ed25519" and len(data) == 32:
            return PublicKey("ed25519", 256, b64encode(data).decode(), Ed25519PublicKey.from_public_bytes(data))
        made = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(made, RSAPublicKey) and kind == "rsa":
        return _rsa(made)
    if isinstance(made, Ed25519PublicKey) and kind == "ed25519":
        raw = made.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PublicKey("ed25519", 256, b64encode(raw).decode(), made)
    return None


def rsa_key(modulus: int, exponent: int) -> PublicKey | None:
    """Make an RSA key of its numbers; None if no key can have them."""
    try:
        return _rsa(RSAPublicNumbers(exponent, modulus).public_key())
    except (ValueError, UnsupportedAlgorithm):
        return None


def _rsa(made: RSAPublicKey) -> PublicKey:
    whole = made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey("rsa", made.key_size, b64encode(whole).decode(), made)


@functools.lru_cache(maxsize=16_384)  # the same mail lies in several mailboxes, with other fields on top
def try_key(key: PublicKey, algorithm: str, header_hash: str, signature: str) -> Trial:
    """Try a key on a signature over a digest (hexadecimal); `algorithm` and `signature` are a= and b=."""
    made = base64(signature) or b""
    digest = bytes.fromhex(header_hash)
    if isinstance(key.made, Ed25519PublicKey):
        try:
            key.made.verify(made, digest)  # RFC 8463 3: what is signed is the digest
        except InvalidSignature:
            return "altered-or-other-key"
        return "holds"
    try:
        found = key.made.recover_data_from_signature(made, _PADDING, None)
    except (InvalidSignature, ValueError):
        return "other-key"  # without the key's own padding (RFC 8017 9.2) it was not made by it
    prefix = DIGEST_INFO["sha1" if algorithm == "rsa-sha1" else "sha256"]
    if found == prefix + digest:
        return "holds"
    # Chance gives such padding once in 2^200 tries: this key signed another digest.
    return "header-altered" if found.startswith(tuple(DIGEST_INFO.values())) else "other-key"


def verify(row: Signature, record: KeyRecord, at: datetime | None) -> Outcome:
    """Judge a signature with a key record as of the time `at` when the message arrived."""
    if row.problem:
        return Outcome("permerror", row.problem)
    if record.key is None:
        return Outcome("permerror", record.problem)
    if not row.header_hash:
        return Outcome("neutral", "digest-unknown")
    key = record.key
    kind, _, digest = row.algorithm.partition("-")
    if kind != key.algorithm:
        return Outcome("permerror", "key-type-differs")
    trial = try_key(key, row.algorithm, row.header_hash, row.signature)
    signed = trial in ("holds", "header-altered")
    if trial != "holds":
        if signed and row.body_hash is False:
            return Outcome("fail", "header-and-body-altered", signed)
        return Outcome("fail", trial, signed)
    if fault := _unfit(row, record, key, digest, at):
        return Outcome("permerror", fault, signed)
    if row.body_hash is False:
        return Outcome("fail", "body-altered", signed)
    if row.body_hash is None and row.field != "arc-seal":
        return Outcome("neutral", "body-not-kept", signed)
    if at and row.expires_at and row.expires_at < at:
        return Outcome("fail", "expired", signed)
    return Outcome("pass", "", signed, tuple(_caveats(row, record, key, digest, at)))


def _unfit(row: Signature, record: KeyRecord, key: PublicKey, digest: str, at: datetime | None) -> str:
    """Say why a key must not be used for this signature, although it made it."""
    if record.hashes and digest not in record.hashes:
        return "hash-not-allowed"
    if key.algorithm == "rsa" and key.bits < LEAST_BITS:
        return "key-too-short"
    if digest == "sha1" and (at is None or at > SHA1_ENDED):
        return "hash-outdated"
    if record.strict and row.field == DKIM and row.identity:
        host = row.identity.rpartition("@")[2].strip().lower()
        if host != row.domain:
            return "identity-differs"
    return ""


def _caveats(row: Signature, record: KeyRecord, key: PublicKey, digest: str, at: datetime | None) -> list[str]:
    said = []
    if row.length is not None:
        said.append("partial-body")
    if key.algorithm == "rsa" and key.bits < GOOD_BITS:
        said.append("short-key")
    if digest == "sha1":
        said.append("weak-hash")
    if record.testing:
        said.append("test-key")
    if row.field == DKIM:
        said += [f"{name}-added" for name in _SHOWN if name in row.unsigned and name in row.signed]
        said += [f"{name}-not-signed" for name in _MEANT if name in row.unsigned and name not in row.signed]
        if "+from" in row.unsigned:
            said.append("from-could-be-added")
    if at and row.signed_at:
        if row.signed_at > at + _SKEW:
            said.append("signed-after-arrival")
        elif row.signed_at < at - _LONG:
            said.append("signed-long-before")
    return said


def _listed(text: str) -> list[str]:
    return [one.strip().lower() for one in text.split(":")]
