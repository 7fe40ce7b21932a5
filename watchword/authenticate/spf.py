"""SPF (RFC 7208) for a host, a HELO name and a sender, from records that are known as of the message's arrival.

A record that nobody kept makes the term that needs it unsure. An unsure term can never lead to `fail`, `softfail` or
`neutral`: the result is then `unknown`. It can only be overruled by a later term that gives `pass` where the unsure
terms, had they matched, would have given `pass`, too.
"""

import functools
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime

from watchword.authenticate.macro import domain as expanded
from watchword.authenticate.macro import explanation, read_template
from watchword.authenticate.records import WEAKNESS, Answer, Lookup
from watchword.authenticate.spf_record import SpfRecord, Term, is_spf, read_spf

LOOKUPS = 10  # terms that ask the DNS (RFC 7208 4.6.4)
VOID = 2  # of these, how many may find nothing
HOSTS = 10  # names of one `mx` or `ptr`
_SENDER = 1_000  # characters
_LABEL = re.compile(r"[^.\x00-\x1f]{1,63}")


@dataclass(frozen=True, slots=True)
class Spf:
    """What SPF comes to, by which term of whose record, and on what knowledge that rests."""

    result: str  # pass, fail, softfail, neutral, none, temperror, permerror; unknown: a record was not kept
    domain: str  # whose policy was asked
    reason: str  # the term that decided, as written in the record, or what went wrong
    when: str = ""  # the weakest of the records' dates: then, before, later, undated; empty if there was no record
    source: str = ""  # the file that holds the record of `domain`
    explanation: str = ""  # the owner's own words on a fail (`exp=`): shown to no one as a fact


class _Stop(Exception):  # noqa: N818  # not an error of this program: the evaluation ends
    """The result is temperror or permerror, whatever else the record says."""

    def __init__(self, result: str, reason: str) -> None:
        self.result = result
        self.reason = reason


class _NotKept(Exception):  # noqa: N818  # as above
    """Nobody kept a record that is needed."""


@functools.lru_cache(maxsize=16_384)
def _address(ip: str) -> tuple[int, int, str, str] | None:
    """Read an address: version, number, and the macros `i` and `c`; IPv4 inside IPv6 counts as IPv4."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if not address.ipv4_mapped:
            return 6, int(address), ".".join(f"{int(address):032X}"), str(address)
        address = address.ipv4_mapped
    return 4, int(address), str(address), str(address)


def spf(ip: str, helo: str, sender: str, lookup: Lookup, at: datetime | None) -> Spf:
    """Evaluate SPF for mail that `ip`, calling itself `helo`, handed over with `sender` in MAIL FROM.

    Without a sender, postmaster at the HELO name is meant (RFC 7208 2.4). `at` is when the message arrived; None asks
    for undated records. Never raises; takes time that is bounded by the limits of RFC 7208 4.6.4.
    """
    address = _address(ip)
    helo = helo[:_SENDER].rstrip(".")
    local, _, host = sender[:_SENDER].rpartition("@")
    domain = (host if sender else helo).rstrip(".").lower()
    if address is None:
        return Spf("none", domain, "no address of the sending host")
    check = _Check(address, helo, local or "postmaster", domain, lookup, at)
    result, reason = check.host(domain)
    return Spf(result, domain, reason, check.when, check.source, check.explanation if result == "fail" else "")


class _Check:
    """One evaluation: what it is about, and what it has used up of the limits."""

    def __init__(
        self,
        address: tuple[int, int, str, str],
        helo: str,
        local: str,
        origin: str,
        lookup: Lookup,
        at: datetime | None,
    ) -> None:
        self.version, self.number, self.dotted, self.ip = address
        self.helo, self.local, self.origin = helo, local, origin
        self.lookup, self.at = lookup, at
        self.domain = origin  # the macro `d`
        self.lookups = self.void = 0
        self.when = self.source = self.explanation = ""

    def host(self, domain: str, included: bool = False) -> tuple[str, str]:
        """Evaluate check_host() of RFC 7208 4 for one domain."""
        if not _is_name(domain) or "." not in domain:
            return "none", "no domain name"
        try:
            answer = self._ask(domain, "TXT")
        except _Stop as stop:
            return stop.result, stop.reason
        except _NotKept:
            return "unknown", f"no record kept for {domain}"
        found = [text for text in answer.values if is_spf(text)]
        if not found and not answer.whole:
            return "unknown", f"not all records kept for {domain}"
        if len(found) != 1:
            return ("permerror", "several SPF records") if found else ("none", "no SPF record")
        record = read_spf(found[0])
        if record.wrong:
            return "permerror", f"wrong: {record.wrong}"
        before, self.domain = self.domain, domain
        try:
            return self._terms(record, domain, included)
        finally:
            self.domain = before

    def _terms(self, record: SpfRecord, domain: str, included: bool) -> tuple[str, str]:
        unsure: list[Term] = []
        try:
            for term in record.terms:
                try:
                    matches = self._matches(term, domain)
                except _NotKept:
                    unsure.append(term)
                    continue
                if matches:
                    if unsure and not (term.result == "pass" and all(one.result == "pass" for one in unsure)):
                        break
                    if term.result == "fail" and record.explain and not included:
                        self._explain(record, domain)
                    return term.result, term.text
            if not unsure and record.redirect and record.redirect.target:
                return self._redirect(record.redirect, included)
        except _Stop as stop:
            if not unsure:
                return stop.result, stop.reason
        except _NotKept:
            unsure += [record.redirect] if record.redirect else []
        if unsure:
            return "unknown", f"not kept: {unsure[0].text}"
        return "neutral", "no term matched"

    def _redirect(self, term: Term, included: bool) -> tuple[str, str]:
        self._count()
        result, reason = self.host(expanded(term.target or (), self._value), included)
        return ("permerror", f"{term.text} has no record") if result == "none" else (result, reason)

    # ------------------------------------------------------------ mechanisms

    def _matches(self, term: Term, domain: str) -> bool:
        name = term.name
        if name == "ip4" or name == "ip6":
            bits = term.bits4
            most = 32 if name == "ip4" else 128
            return self.version == (4 if name == "ip4" else 6) and self.number >> (most - bits) == term.network
        if name == "all":
            return True
        self._count()
        target = expanded(term.target, self._value) if term.target else domain
        if name == "include":
            return self._includes(term, target)
        if name == "a":
            return self._is_address_of(target, term)
        if name == "mx":
            answer = self._ask(target, "MX", counted=True)
            hosts = [value.rpartition(" ")[2].rstrip(".").lower() for value in answer.values]
            if len(hosts) > HOSTS:
                raise _Stop("permerror", f"more than {HOSTS} hosts: {term.text}")
            return self._any(hosts, term, answer.whole)
        if name == "exists":
            return bool(self._ask(target, "A", counted=True).values)
        return any(host == target or host.endswith("." + target) for host in self._validated(target))  # ptr

    def _includes(self, term: Term, target: str) -> bool:
        result, reason = self.host(target, included=True)
        if result == "unknown":
            raise _NotKept
        if result in ("temperror", "permerror"):
            raise _Stop(result, f"{term.text}: {reason}")
        if result == "none":
            raise _Stop("permerror", f"{term.text} has no record")
        return result == "pass"

    def _is_address_of(self, host: str, term: Term, counted: bool = True) -> bool:
        kind, most, bits = ("A", 32, term.bits4) if self.version == 4 else ("AAAA", 128, term.bits6)
        answer = self._ask(host, kind, counted=counted)
        for value in answer.values:
            address = _address(value)
            if address and address[0] == self.version and address[1] >> (most - bits) == self.number >> (most - bits):
                return True
        if not answer.whole:
            raise _NotKept
        return False

    def _any(self, hosts: list[str], term: Term, whole: bool) -> bool:
        missing = not whole
        for host in hosts:
            try:
                if self._is_address_of(host, term):
                    return True
            except _NotKept:
                missing = True
        if missing:
            raise _NotKept
        return False

    def _validated(self, target: str) -> list[str]:
        """Give the names of the host by reverse look-up that lead back to its address (RFC 7208 5.5)."""
        reverse = ".".join(reversed(self.dotted.lower().split("."))) + (
            ".in-addr.arpa" if self.version == 4 else ".ip6.arpa"
        )
        try:
            names = [name.rstrip(".").lower() for name in self._ask(reverse, "PTR", counted=True).values]
        except _Stop as stop:
            if stop.result == "temperror":
                return []
            raise
        # Names under the target first: only those can match, and only so many are looked at.
        found = []
        for name in names[:HOSTS]:
            try:
                if self._is_address_of(name, _HOST, counted=False):
                    found.append(name)
            except _Stop:
                continue
            except _NotKept:
                if name == target or name.endswith("." + target):
                    raise
        return found

    # ------------------------------------------------------------ the DNS

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > LOOKUPS:
            raise _Stop("permerror", f"more than {LOOKUPS} look-ups")

    def _ask(self, name: str, kind: str, counted: bool = False) -> Answer:
        """Ask for records. What is no name finds nothing, without asking."""
        answer = self.lookup(name, kind, self.at) if _is_name(name) else _NOTHING
        if answer.status == "unknown":
            raise _NotKept
        if answer.status == "failed":
            raise _Stop("temperror", f"the DNS did not answer for {name}")
        if answer.when and WEAKNESS[answer.when] > WEAKNESS[self.when]:
            self.when = answer.when
        self.source = self.source or answer.source
        if counted and not answer.values:
            self.void += 1
            if self.void > VOID:
                raise _Stop("permerror", f"more than {VOID} look-ups that find nothing")
        return answer

    def _explain(self, record: SpfRecord, domain: str) -> None:
        try:
            name = expanded(record.explain or (), self._value)
            texts = self._ask(name, "TXT").values
            template = read_template(texts[0], explanation=True) if len(texts) == 1 and texts[0].isascii() else None
            self.explanation = explanation(template, self._value) if template else ""
        except (_Stop, _NotKept):
            self.explanation = ""

    def _value(self, letter: str) -> str:
        """Give what a macro stands for (RFC 7208 7.2)."""
        if letter == "s":
            return f"{self.local}@{self.origin}"
        if letter == "p":
            names = self._validated(self.domain)
            below = [name for name in names if name.endswith("." + self.domain)]
            return self.domain if self.domain in names else (below or names or ["unknown"])[0]
        if letter == "t":
            return str(int(self.at.timestamp())) if self.at else "0"
        values = {"l": self.local, "o": self.origin, "d": self.domain, "i": self.dotted, "h": self.helo, "c": self.ip}
        return values.get(letter) or ("in-addr" if self.version == 4 else "ip6" if letter == "v" else "unknown")


_HOST = Term("a", "pass", "a")
_NOTHING = Answer("no-name")


@functools.lru_cache(maxsize=16_384)
def _is_name(name: str) -> bool:
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))
