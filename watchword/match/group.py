"""The group that matching computes in: the prime-order subgroup of edwards25519, as libsodium has it.

PyNaCl has no ristretto, so what ristretto would promise is checked here: a point that is accepted is in canonical form,
on the curve, of the large prime order and not the neutral one. libsodium's multiplication refuses all others.
"""

import hashlib
import secrets

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_from_uniform,
    crypto_core_ed25519_scalar_invert,
    crypto_core_ed25519_scalar_reduce,
    crypto_scalarmult_ed25519_noclamp,
)
from nacl.exceptions import RuntimeError as Refused

POINT = 32  # bytes of a point and of a scalar


def hash_to_group(data: bytes) -> bytes:
    """Give a point that nobody knows a relation of to any other: two Elligator maps of SHA-512, added (as RFC 9380).

    One map alone reaches about half of the points; and a power g^H(data) would be open to dictionary attacks.
    """
    wide = hashlib.sha512(data).digest()
    return crypto_core_ed25519_add(
        crypto_core_ed25519_from_uniform(wide[:POINT]), crypto_core_ed25519_from_uniform(wide[POINT:])
    )


def power(point: bytes, scalar: bytes) -> bytes:
    """Raise a point to a scalar. Raises ValueError for what is no point of the group."""
    try:
        return crypto_scalarmult_ed25519_noclamp(scalar, point)
    except Refused:
        raise ValueError("no point of the group") from None


def fresh_scalar() -> bytes:
    """Give a scalar from the system's randomness."""
    return crypto_core_ed25519_scalar_reduce(secrets.token_bytes(64))


def seeded_scalar(seed: bytes, number: int) -> bytes:
    """Give the scalar of that number: who has the seed has them all, so only the seed has to be kept and deleted."""
    return crypto_core_ed25519_scalar_reduce(
        hashlib.sha512(b"watchword match 1 blind" + seed + number.to_bytes(4, "big")).digest()
    )


def inverse(scalar: bytes) -> bytes:
    """Give the scalar that takes a power back."""
    return crypto_core_ed25519_scalar_invert(scalar)
