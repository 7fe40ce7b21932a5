"""How telling it is that two share a name or a path: counts among the most used names, and what is known as shared.

The counts come from lists that pymispwarninglists ships (Tranco: a million registrable domains; CrUX: a million hosts),
never from what is compared: an operation that repeats itself would make its own habits look common. What a kind weighs
when the lists do not have the value was measured on reports about attackers (bench/maltrail.py, development actors): of
pairs of reports on one actor so many share one, of pairs on unrelated actors so many, and the quotient is the weight.
That is less than the counts alone would give, because attackers imitate the same services in the same words.
"""

import functools
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

import ahocorasick

from watchword.connect.naming import (
    LETTERS,
    Value,
    below_values,
    is_known,
    label_values,
    listed,
    naming,
    open_domains,
    owner,
    path_values,
    words,
)
from watchword.observe.domain import is_address
from watchword.observe.known import hosting

DOMAINS, HOSTS = "tranco", "google-chrome-crux-1million"
# Addresses that stand for whoever rents them at the moment, or for nobody.
ANYBODYS = ("akamai", "cloudflare", "fastly", "stackpath", "parking-domain", "public-dns-v4", "rfc1918", "sinkholes")

# log2 of how much oftener one actor's reports share a value than unrelated actors' do: when the lists do not have it,
# and when they have it once.
BITS = {
    "host": (8.0, 0.0),
    "domain": (8.0, 0.0),
    "address": (9.0, 0.0),
    "label": (7.5, 3.0),
    "counted": (8.5, 5.0),
    "words": (6.5, 5.0),
    "pair": (5.5, 4.5),
    "word": (5.5, 4.0),
    "pattern": (2.0, 2.0),
    "below": (6.5, 3.0),
    "network": (5.0, 0.0),
    "path": (8.5, 0.0),
    "file": (7.0, 0.0),
    "form": (3.0, 0.0),
    "parameters": (0.0, 0.0),  # the reports have too few to measure
}
FALL = 0.6  # bits less for each doubling of the count in the lists
UNRELATED = "seen with unrelated people"
CONTROL = {"host", "domain", "address"}  # who uses it must hold it: it cannot be copied from a mail


class Weighed(NamedTuple):
    """A value of a host or path, what it weighs when shared, and why it weighs nothing if so."""

    value: Value
    bits: float
    control: bool
    hub: str


class Background:
    """Weighs what hosts and paths share, by counts that are taken once for all hosts in question."""

    def __init__(self, hosts: Iterable[str], hubs: Collection[str] = (), patterns: bool = True) -> None:
        """Read the lists; `hubs` are domains, hosts and networks that unrelated people were seen to use.

        Without `patterns`, and what stands below a domain, for which every name of the lists has to be cut up, this
        takes two seconds, not ten.
        """
        self.hubs = frozenset(hubs)
        self.counts: Counter[Value] = Counter()
        self.popular: set[str] = set()
        skipped = () if patterns else ("pattern", "below")
        wanted = {value for host in set(hosts) for value in naming(host) if value.kind not in skipped}
        names = {value.value for value in wanted if value.kind in ("host", "domain")}
        below = {value for value in wanted if value.kind == "below"}
        domains = list(listed(DOMAINS))
        self.popular.update(names.intersection(domains))
        for domain in domains if patterns else _holding(domains, wanted):
            self.counts.update(value for value in label_values(domain) if value in wanted)
        for host in listed(HOSTS) if below or patterns else ():
            if host in names:
                self.popular.add(host)
            if below and host.count(".") > 1:
                self.counts.update(value for value in below_values(host, owner(host)) if value in below)

    def host(self, host: str) -> Iterator[Weighed]:
        """Weigh what a host name or address may share."""
        domain = host if is_address(host) else owner(host)
        shared = self._hub(domain)
        for value in naming(host):
            hub = ""
            if value.kind == "host":
                hub = self._hub(host)
            elif value.kind == "network" and value.value in self.hubs:
                hub = UNRELATED
            elif value.kind != "below":
                hub = shared
            weighed = self._weigh(value, hub)
            # Below a domain that many use, a host is the domain's holder's, not theirs who are looked for.
            yield weighed._replace(control=False) if shared and domain in self.popular else weighed

    def path(self, path: str, query: str = "") -> Iterator[Weighed]:
        """Weigh what the path and query of a link may share."""
        for value in path_values(path, query):
            yield self._weigh(value, "common" if _plain(value) else "")

    def _weigh(self, value: Value, hub: str) -> Weighed:
        unseen, seen = BITS[value.kind]
        count = self.counts[value]
        bits = 0.0 if hub else unseen if not count else max(0.0, seen - FALL * math.log2(count))
        return Weighed(value, bits, value.kind in CONTROL and bits > 0, hub)

    def _hub(self, name: str) -> str:
        if name in self.hubs:
            return UNRELATED
        if is_address(name):
            return "an address that many share" if _anybodys(name) else ""
        if name in self.popular:
            return "much used"
        return "open to anybody" if name in _open_hosts() else ""


def _holding(domains: Sequence[str], wanted: Iterable[Value]) -> Iterator[str]:
    """Give the domains that may have one of the values: those that hold its longest run of letters."""
    runs = ahocorasick.Automaton()
    for value in wanted:
        longest = max(LETTERS.findall(value.value), key=len, default="")
        if value.kind not in ("host", "domain", "below") and longest:
            runs.add_word(longest, longest)
    if not len(runs):
        return
    runs.make_automaton()
    text = "\n".join(domains)
    end = -1
    for place, _ in runs.iter(text):
        if place > end:
            start = text.rfind("\n", 0, place) + 1
            end = text.find("\n", place)
            end = end if end >= 0 else len(text)
            yield text[start:end]


@functools.cache
def _open_hosts() -> frozenset[str]:
    """Give hosts where anybody can have a page, a file, an address or a link under the same name."""
    known = hosting()
    ours = known.freemail | known.file_hosts | known.shorteners | known.bulk_mailers | known.click_trackers
    return ours | open_domains() | frozenset(listed("url-shortener"))


@functools.cache
def _networks() -> tuple[list[int], list[int]]:
    """Give the first and last addresses of ANYBODYS' networks, in order and joined where they overlap."""
    spans: list[tuple[int, int]] = []
    for name in ANYBODYS:
        for entry in listed(name):
            if ":" not in entry:
                network = IPv4Network(entry, strict=False)
                spans.append((int(network[0]), int(network[-1])))
    firsts: list[int] = []
    lasts: list[int] = []
    for first, last in sorted(spans):
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(lasts[-1], last)
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


def _anybodys(address: str) -> bool:
    try:
        number = int(IPv4Address(address))
    except ValueError:
        return True  # not IPv4, or none at all: nothing is known of it
    firsts, lasts = _networks()
    place = bisect_right(firsts, number) - 1
    return place >= 0 and lasts[place] >= number


def _plain(value: Value) -> bool:
    """Tell whether a path says nothing: every site has one like it."""
    if value.kind == "form":
        return value.value.count("/") < 3
    if value.kind == "parameters":
        return "&" not in value.value
    return all(is_known(word) for run in LETTERS.findall(value.value.lower()) for word in words(run))
