"""What the known keys and DNS records say of the senders (room `authenticate`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from watchword.tables.column import Key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key that signed mail of the case, or that the DNS published for a signature of the case."""

    domain: Annotated[str, "d="]
    selector: Annotated[str, "s="]
    algorithm: Annotated[str, "rsa or ed25519; empty if revoked (p= empty)"]
    key_bits: Annotated[int, "length of the key, 0 if revoked"]
    key: Annotated[str, "public key, base64 of SubjectPublicKeyInfo (RSA) or the 32 bytes (Ed25519)"]
    source: Annotated[str, "file in the case's `keys/`, or recovered"]
    first: Annotated[datetime | None, "seen in the DNS first; for a recovered key the first message it signed"]
    last: Annotated[datetime | None, "seen in the DNS last; for a recovered key the last message it signed"]
    messages: Annotated[int, "messages of this case that it signed, by trial"]


@dataclass(frozen=True, slots=True)
class Verification:
    """What trying the known keys on one signature came to (RFC 6376 6.1, RFC 8617 5.2), as of the message's arrival."""

    message: Key
    number: Annotated[int, "signatures.number"]
    result: Annotated[str, "pass, fail, neutral, permerror or none, in the words of RFC 8601 2.7.1; none: no key"]
    reason: Annotated[str, "why: body-altered, header-altered, no-key, expired, signatures.problem, ...; empty on pass"]
    rests_on: Annotated[str, "key-then, key-before, key-later, key-undated, key-recovered or no-key"]
    source: Annotated[str, "file in `keys/` that holds the key, or recovered"]
    key_bits: Annotated[int, "length of the key"]
    same_key: Annotated[int, "messages of this case that the same key signed, this one among them"]
    caveats: Annotated[list[str], "what a pass does not prove: partial-body, short-key, from-could-be-added, ..."]


@dataclass(frozen=True, slots=True)
class Check:
    """What one method of authentication comes to for one message when it is computed again, offline."""

    message: Key
    method: Annotated[str, "spf, dkim, arc or dmarc"]
    result: Annotated[str, "as RFC 8601 2.7 has it; none: nothing to check, unknown: no record was kept"]
    domain: Annotated[str, "the domain that the result is about"]
    organisation: Annotated[str, "registrable domain of it"]
    aligned: Annotated[bool, "for that domain to speak for From, by the rule that is named"]
    rule: Annotated[str, "the standard that was in force, as RFC 7489"]
    policy: Annotated[str, "DMARC: what the domain asks for (none, quarantine, reject)"]
    rests_on: Annotated[
        str,
        "record-then, -before, -later or -undated; recovered (a key); recorded (a result that the provider recorded "
        "stands in for what was not kept); no-record",
    ]
    source: Annotated[str, "file in `keys/`"]
    reason: Annotated[str, "what decided, as the mechanism of SPF that matched"]
