"""Signed statements of a signing-key archive: compact JWS (RFC 7515, EdDSA by RFC 8037, or ES256) about one DKIM key.

Written by archive.zk.email (docs/signed-observations.md there). A statement proves who said it, not when: its times
are the archive's word. It counts only where its signature verifies with a key that the user gave (JWK set, RFC 7517),
and only if the archive itself saw the record in the DNS.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence

from watchword.authenticate.records import Record
from watchword.authenticate.zone import read_time

ALGORITHMS = ("EdDSA", "ES256")
_CHARACTERS = 65_536  # of one statement

Verify = Callable[[bytes, bytes], bool]


def is_statement(said: object) -> bool:
    """Tell a compact JWS by its form."""
    return isinstance(said, str) and said.count(".") == 2 and said.strip().startswith("eyJ")


def key_set(said: object) -> dict[tuple[str, str], Verify]:
    """Read a JWK set into what verifies, by key id and algorithm. Keys of other kinds are left out."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    def edwards(key: ed25519.Ed25519PublicKey) -> Verify:
        def verify(signature: bytes, data: bytes) -> bool:
            try:
                key.verify(signature, data)
            except InvalidSignature:
                return False
            return True

        return verify

    def curve(key: ec.EllipticCurvePublicKey) -> Verify:
        def verify(signature: bytes, data: bytes) -> bool:
            if len(signature) != 64:
                return False
            pair = (int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
            try:
                key.verify(encode_dss_signature(*pair), data, ec.ECDSA(hashes.SHA256()))
            except InvalidSignature:
                return False
            return True

        return verify

    found: dict[tuple[str, str], Verify] = {}
    keys = said.get("keys") if isinstance(said, Mapping) else None
    for one in keys if isinstance(keys, Sequence) else ():
        try:
            kind = (one["kty"], one["crv"])
            if kind == ("OKP", "Ed25519"):
                raw = ed25519.Ed25519PublicKey.from_public_bytes(_bytes(one["x"]))
                found[str(one.get("kid", "")), "EdDSA"] = edwards(raw)
            elif kind == ("EC", "P-256"):
                x, y = (int.from_bytes(_bytes(one[axis]), "big") for axis in "xy")
                point = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
                found[str(one.get("kid", "")), "ES256"] = curve(point)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return found


def read_statement(text: str, keys: Mapping[tuple[str, str], Verify], source: str) -> tuple[Record | None, str]:
    """Verify one statement; give what it attests, or why it does not count. Never raises."""
    try:
        head, body, signature = text.strip()[:_CHARACTERS].split(".")
        header = json.loads(_bytes(head))
        algorithm, key = header.get("alg"), str(header.get("kid", ""))
        if algorithm not in ALGORITHMS:
            return None, f"algorithm {algorithm!r} is not accepted"
        # An algorithm belongs to its key, so no token can choose another one for it.
        verify = keys.get((key, algorithm))
        if verify is None:
            return None, f"no public key {key!r} was given"
        if not verify(_bytes(signature), f"{head}.{body}".encode("ascii")):
            return None, "the signature does not verify"
        record = json.loads(_bytes(body))["record"]
        if record["source"] != "live_dns":
            return None, "the archive did not see it in the DNS"
        first, last = read_time(record["first_seen_at"]), read_time(record["last_seen_at"])
        if not first or not last:
            return None, "it names no time"
        name = f"{record['selector']}._domainkey.{record['domain']}".lower()
        return Record(name, "TXT", (str(record["value"]),), "found", first, last, source), ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, "it is no statement that is known"


def _bytes(text: str) -> bytes:
    """Undo base64url without padding (RFC 7515 2)."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
