"""The RSA modulus that two signatures share, by greatest common divisor; run as a process of its own, with limits.

A signature s over the padded digest m holds s^e = m (mod n), so n divides s^e - m. Of two such differences the greatest
common divisor is n, times small factors by chance. With e = 65,537 and 2,048 bits these are numbers of 134 million
bits: half a minute and 350 MB with GMP, out of reach without it.

    python -m watchword.authenticate.modulus     reads `e`, then a pair `s m` a line, hexadecimal; writes n or 0
"""

import math
import sys
from collections.abc import Iterable, Sequence
from itertools import compress

MEMORY = 4 * 1024**3  # bytes of address space
SECONDS = 1_800  # of CPU time
LARGE = 100  # exponents from here on need GMP
SMALL = 1_000_000  # factors below are taken out; a greater one is there by chance once in a million

Pair = tuple[int, int]  # signature, padded digest


def modulus(pairs: Sequence[Pair], exponent: int) -> int:
    """Give the modulus under which the first signature and any of the others hold; 0 if there is none.

    The differences of the others are multiplied (modulo the first), which costs a tenth of a divisor for each: so one
    unaltered signature among the others is enough. Raises ImportError without gmpy2 for a large exponent.
    """
    if exponent < LARGE:
        differences = [abs(made**exponent - padded) for made, padded in pairs]
        first, product = differences[0], 1
        for one in differences[1:]:
            product = product * one % first
        return without_small_factors(math.gcd(first, product)) if first else 0
    import gmpy2  # an extra: it is under the LGPL

    (made, padded), *rest = pairs
    base = gmpy2.mpz(made) ** exponent - padded
    product = gmpy2.mpz(1)
    for made, padded in rest:
        product = product * (gmpy2.mpz(made) ** exponent - padded) % base
    return without_small_factors(int(gmpy2.gcd(base, product)))


def without_small_factors(number: int) -> int:
    """Take out every prime factor below SMALL."""
    if number.bit_length() > 20_000:
        return 0  # the same signature twice
    for prime in _primes(SMALL) if number > 1 else ():
        while number % prime == 0:
            number //= prime
    return number


def _primes(below: int) -> Iterable[int]:
    sieve = bytearray([1]) * below
    sieve[:2] = b"\0\0"
    for number in range(2, math.isqrt(below) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, below, number)))
    return compress(range(below), sieve)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has none of it
        return
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    _limit()
    lines = sys.stdin.read().splitlines()
    given = [tuple(int(word, 16) for word in line.split()) for line in lines[1:]]
    sys.stdout.write(f"{modulus([(pair[0], pair[1]) for pair in given], int(lines[0])):x}\n")
