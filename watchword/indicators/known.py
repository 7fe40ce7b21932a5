"""Whose a domain is without any words: the publisher's, a security company's, a newsroom's, one that all may use."""

import functools
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from watchword.connect.naming import listed, open_domains
from watchword.indicators.found import Found
from watchword.observe import url
from watchword.observe.domain import organisation
from watchword.observe.known import KnownIdentity, hosting, identities

_PLAIN = re.compile(r"[^a-z0-9]+")
_FORMS = re.compile(
    r"\b(?:the|inc|ltd|llc|gmbh|corp|corporation|company|co|ag|plc|labs?|security|team|group|research|blog|news|unit)\b"
)


@dataclass(frozen=True, slots=True)
class _Lists:
    security: frozenset[str]
    shared: frozenset[str]
    reference: frozenset[str]
    popular: frozenset[str]
    identities: dict[str, KnownIdentity]
    suffixes: dict[str, KnownIdentity]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of domains, and who published the document."""

    domain: str  # the publisher's; empty if only a name is known
    names: frozenset[str]  # the publisher's name as the label of a domain may have it

    @classmethod
    def of(cls, publisher: str) -> "Known":
        """Read who the publisher is: a name, a domain or a web address."""
        written = publisher.strip().lower()
        if "://" in written:
            host = url.read(written).host
        else:
            host = written.rpartition("@")[2].removeprefix("www.") if "." in written and " " not in written else ""
        return cls(organisation(host) if host else "", frozenset(own_name(written)) if not host else frozenset())

    def is_publishers(self, name: str) -> bool:
        """Tell whether a registrable domain is the publisher's."""
        if name == self.domain:
            return not self.is_open(name) or name not in _lists().shared
        return bool(self.names) and name.partition(".")[0].replace("-", "") in self.names and not self.is_open(name)

    def is_open(self, name: str) -> bool:
        """Tell whether anybody may have a page, file or address under a registrable domain."""
        return name in _open() or name in _lists().shared

    def is_someones(self, name: str) -> bool:
        """Tell whether a registrable domain is known to be an institution's, a medium's or a company's."""
        lists = _lists()
        return name in lists.security or name in lists.reference or name in lists.identities

    def whose(self, one: Found) -> tuple[str, str] | None:
        """Say whose a known domain is: what kind of owner, and a sentence. None if nothing is known."""
        name, lists = one.organisation, _lists()
        if not name or one.kind in ("ip", "network"):
            return None
        if name in lists.security:
            return "security", f"{name} is a company's or body's that studies attacks."
        if self.is_open(name):
            return "open", f"Anybody can have a page, file or address at {name}."
        identity = lists.identities.get(name) or next(
            (lists.suffixes[s] for s in _above(name) if s in lists.suffixes), None
        )
        if identity is not None:
            kind = "publication" if identity.kind == "media" else "institution"
            return kind, f"{name} is the own domain of {identity.name}."
        if name in lists.reference:
            return "publication", f"{name} is a place where one looks things up."
        return ("institution", f"{name} is one of the 10,000 most used domains.") if name in lists.popular else None


def own_name(written: str) -> Iterator[str]:
    """Give the labels that a publisher's own domain may have, by its name."""
    whole = _PLAIN.sub("", written)
    short = _PLAIN.sub("", _FORMS.sub(" ", written))
    for name in (whole, short):
        if len(name) >= 4:
            yield name
    initials = "".join(word[0] for word in re.findall(r"[a-z0-9]+", written))
    if len(initials) >= 3:
        yield initials


def _above(name: str) -> Iterator[str]:
    while "." in name:
        name = name.partition(".")[2]
        yield name


@functools.cache
def _open() -> frozenset[str]:
    known = hosting()
    ours = known.freemail | known.file_hosts | known.shorteners | known.shared_hosting | known.click_trackers
    return frozenset(ours | known.bulk_mailers | open_domains() | frozenset(listed("url-shortener")))


@functools.cache
def _lists() -> _Lists:
    data = tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("roles.toml").read_text("utf-8"))
    shared = frozenset(data["shared"]["domains"])
    security = {
        organisation(entry.partition("/")[0])
        for name in ("security-provider-blogpost", "automated-malware-analysis")
        for entry in listed(name)
    }
    everyone = identities()
    return _Lists(
        (frozenset(data["security"]["domains"]) | frozenset(security)) - shared - _open(),
        shared,
        frozenset(data["reference"]["domains"]),
        frozenset(listed("tranco10k")),
        {domain: one for one in everyone for domain in one.domains},
        {suffix: one for one in everyone for suffix in one.suffixes},
    )
