"""SPF records read into terms (RFC 7208 section 4.6.1 and 12). A record is read once, however many messages need it."""

import functools
import ipaddress
import re
from typing import NamedTuple

from watchword.authenticate.macro import Template, read_domain, read_template

_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
_MECHANISM = re.compile(r"([-+?~]?)([a-z][a-z0-9_.-]*)(?::([^/].*?|))?(/.*)?", re.IGNORECASE | re.DOTALL)
_LENGTHS = re.compile(r"(.*?)(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?", re.DOTALL)
_IP4 = re.compile(r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:/(0|[1-9]\d?))?", re.ASCII)
_IP6 = re.compile(r"([0-9a-f:.]+)(?:/(0|[1-9]\d{0,2}))?", re.IGNORECASE | re.ASCII)
_RESULTS = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


class Term(NamedTuple):
    """One mechanism, or the modifier `redirect`."""

    name: str  # all, include, a, mx, ptr, ip4, ip6, exists, redirect
    result: str  # what a match gives
    text: str  # as written
    target: Template | None = None  # None: the domain whose record it is
    network: int = 0  # ip4, ip6: the network's bits, shifted right
    bits4: int = 32
    bits6: int = 128


class SpfRecord(NamedTuple):
    """One record; `wrong` is the term that breaks the grammar, and then nothing else counts."""

    terms: tuple[Term, ...] = ()
    redirect: Term | None = None
    explain: Template | None = None
    wrong: str = ""


def is_spf(text: str) -> bool:
    """Tell whether a TXT record is an SPF record (RFC 7208 4.5)."""
    return text[:6].lower() == "v=spf1" and text[6:7] in ("", " ")


@functools.lru_cache(maxsize=4_096)
def read_spf(text: str) -> SpfRecord:
    """Read a record that `is_spf`. Any term that breaks the grammar makes the whole record wrong (RFC 7208 4.6)."""
    if not text.isascii():
        return SpfRecord(wrong="a character that is not ASCII")
    terms: list[Term] = []
    redirect: Term | None = None
    explain: Template | None = None
    for word in text[6:].split(" "):
        if not word:
            continue
        modifier = _MODIFIER.fullmatch(word)
        if modifier:
            name = modifier[1].lower()
            if name in ("redirect", "exp"):
                target = read_domain(modifier[2])
                if target is None or (redirect if name == "redirect" else explain):
                    return SpfRecord(wrong=word)
                if name == "redirect":
                    redirect = Term("redirect", "", word, target)
                else:
                    explain = target
            elif read_template(modifier[2]) is None:
                return SpfRecord(wrong=word)
            continue
        term = _mechanism(word)
        if term is None:
            return SpfRecord(wrong=word)
        terms.append(term)
    if any(term.name == "all" for term in terms):
        redirect = None
    return SpfRecord(tuple(terms), redirect, explain)


def _mechanism(word: str) -> Term | None:
    found = _MECHANISM.fullmatch(word)
    if not found:
        return None
    result, name, argument, length = _RESULTS[found[1]], found[2].lower(), found[3], found[4] or ""
    if name == "all":
        return Term(name, result, word) if argument is None and not length else None
    if name in ("ip4", "ip6"):
        return _network(name, result, word, (argument or "") + length)
    if name in ("a", "mx"):
        # A macro may be cut at a slash, so the lengths are looked for from the right.
        parts = _LENGTHS.fullmatch((argument or "") + length)
        if not parts or (argument is None and parts[1]) or (argument is not None and not parts[1]):
            return None
        bits4, bits6 = int(parts[2] or 32), int(parts[3] or 128)
        if bits4 > 32 or bits6 > 128:
            return None
        target = read_domain(parts[1]) if parts[1] else None
        return None if parts[1] and target is None else Term(name, result, word, target, 0, bits4, bits6)
    if name in ("include", "exists", "ptr"):
        if argument is None:
            return Term(name, result, word) if name == "ptr" and not length else None
        target = read_domain(argument + length)
        return None if target is None else Term(name, result, word, target)
    return None


def _network(name: str, result: str, word: str, text: str) -> Term | None:
    found = (_IP4 if name == "ip4" else _IP6).fullmatch(text)
    if not found:
        return None
    most = 32 if name == "ip4" else 128
    bits = int(found[2] or most)
    try:
        address = (ipaddress.IPv4Address if name == "ip4" else ipaddress.IPv6Address)(found[1])
    except ValueError:
        return None
    if bits > most:
        return None
    return Term(name, result, word, None, int(address) >> (most - bits), bits, bits)
