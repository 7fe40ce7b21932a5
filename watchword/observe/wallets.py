"""Addresses of cryptocurrencies in a text, by their form and, where it has one, their checksum."""

import hashlib
import re
from collections.abc import Iterator

LEAST = 26  # characters of the shortest one
WORDS = 500  # long words of one text that are looked at

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_BASE58)}
_BECH32 = {letter: value for value, letter in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_WALLET = re.compile(
    r"(?<![A-Za-z0-9])(?:(?P<base58>[13T][1-9A-HJ-NP-Za-km-z]{25,34})|(?P<bech32>bc1[02-9ac-hj-np-z]{11,87}|"
    r"BC1[02-9AC-HJ-NP-Z]{11,87})|(?P<ethereum>0x[0-9a-fA-F]{40})|"
    r"(?P<monero>[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}(?:[1-9A-HJ-NP-Za-km-z]{11})?))(?![A-Za-z0-9])"
)
_KINDS = {0x00: "bitcoin", 0x05: "bitcoin", 0x41: "tron"}  # by the first byte


def wallets(text: str) -> Iterator[tuple[str, str]]:
    """Give the addresses in a text, each as `bitcoin:1…` and as it stands there. Linear."""
    for word in [word for word in text.split() if len(word) >= LEAST][:WORDS]:
        for found in _WALLET.finditer(word[:2_000]):
            shown = found[0]
            if found["base58"]:
                kind = _KINDS.get(_version(shown), "")
                if kind:
                    yield f"{kind}:{shown}", shown
            elif found["bech32"]:
                if is_bech32(shown.lower()):
                    yield f"bitcoin:{shown.lower()}", shown
            elif found["ethereum"]:
                if len(set(shown[2:].lower())) > 6:  # no row of zeros, and no magic number
                    yield f"ethereum:{shown.lower()}", shown
            else:
                yield f"monero:{shown}", shown


def _version(word: str) -> int:
    """Give the first byte of a Base58Check address (25 bytes, the last four a checksum), -1 if it is none."""
    number = 0
    for letter in word:
        number = number * 58 + _VALUES[letter]
    if number >> 200:
        return -1
    data = number.to_bytes(25, "big")
    check = hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4]
    zeros = len(word) - len(word.lstrip("1"))
    leading = len(data) - len(data.lstrip(b"\0"))
    return data[0] if check == data[21:] and zeros == leading else -1


def is_bech32(word: str) -> bool:
    """Tell whether a bitcoin address in lower case has the checksum of BIP 173 or BIP 350."""
    check = 1
    for value in (3, 3, 0, 2, 3, *(_BECH32.get(letter, 32) for letter in word[3:])):  # `bc` comes first
        if value > 31:
            return False
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            check ^= generator if top >> place & 1 else 0
    return check in {1, 0x2BC830A3}
