"""The route of a message: its Received fields, and the border where the receiving provider took it over.

Whatever stands at or above the border was written by the receiving provider. Whatever stands below it may have been
written by the sender, and is a claim.
"""

import functools
import ipaddress
from dataclasses import dataclass

from watchword.observe.domain import organisation
from watchword.observe.received import Received, read_received
from watchword.parse.message import Header, Message
from watchword.tables import Hop

_HOPS = 200  # more Received fields than that are not read; servers refuse mail after 100 (RFC 5321 6.3)


@dataclass(frozen=True, slots=True)
class Provider:
    """One mail provider that goes by several domains, or lets its customers send from the hosts of its own domain."""

    organisations: frozenset[str]
    # Ends of the names of its hosts that take mail from outside. What hands mail to them is outside, whatever it is
    # called: two customers of one provider are strangers to each other.
    doors: tuple[str, ...] = ()
    # Beginnings of the public addresses that its own hosts use among each other.
    networks: tuple[str, ...] = ()
    # Ends of the names of its hosts that write their results below their own Received field, not above it.
    writes_below: tuple[str, ...] = ()
    # It sorts the header by field name, so that its results stand before the sender's forgeries, but not in a place of
    # their own. They are complete with these methods.
    sorted_until: frozenset[str] = frozenset()
    names_itself: bool = True  # False: its Authentication-Results come without an authserv-id


PROVIDERS = (
    Provider(
        frozenset(("google.com", "gmail.com", "googlemail.com")),
        doors=("mx.google.com", "smtp.gmail.com", "smtp-relay.gmail.com", "smtp.googlemail.com"),
        writes_below=("mx.google.com",),
    ),
    Provider(
        frozenset(("outlook.com", "office365.com", "hotmail.com", "microsoft.com", "exchangelabs.com", "office365.us")),
        doors=(".mail.protection.outlook.com", ".mail.protection.office365.us"),
        networks=("2603:10", "2a01:111:"),
        names_itself=False,
    ),
    Provider(
        frozenset(("protonmail.ch", "proton.ch", "proton.me", "protonmail.com")),
        sorted_until=frozenset(("dmarc", "spf", "dkim", "arc")),
    ),
    Provider(frozenset(("yahoo.com", "yahoo.net", "yahoodns.net", "aol.com"))),
    Provider(frozenset(("icloud.com", "apple.com", "me.com", "mac.com"))),
    Provider(frozenset(("messagingengine.com", "fastmail.com", "fastmail.fm"))),
    Provider(frozenset(("gmx.net", "gmx.de", "web.de", "kundenserver.de", "gmx.com", "mail.com"))),
    Provider(frozenset(("zoho.com", "zoho.eu", "zohomail.com"))),
)
_PROVIDER_OF = {name: provider for provider in PROVIDERS for name in provider.organisations}
_NOBODY = Provider(frozenset())


@dataclass(frozen=True, slots=True)
class Given:
    """Who takes in the mail, by the user's word: hosts or domains. Empty: it has to be inferred."""

    names: frozenset[str] = frozenset()

    def holds(self, host: str) -> bool:
        """Tell whether a host is one of them, is under one of them, or is of the same known provider."""
        name = host.lower()
        while name:
            if name in self.names:
                return True
            name = name.partition(".")[2]
        return any(name in self.names for name in _PROVIDER_OF.get(_owner(host), _NOBODY).organisations)


_NOBODY_GIVEN = Given()

# Ways of handing over that stay on one host or inside one system.
_LOCAL_PROTOCOLS = frozenset(("LOCAL", "LMTP", "LMTPA", "LMTPS", "LMTPSA", "MAPI", "HTTP", "HTTPS", "SPOOL", "BSMTP"))
# Mail that a program fetched from a mailbox: the next field is by the server that held the mailbox.
_FETCHING = frozenset(("IMAP", "IMAPS", "POP3", "POP3S", "POP"))
_INTERNAL_SUFFIXES = (".internal", ".local", ".localdomain", ".lan", ".intra", ".corp", ".home", ".localhost")


@dataclass(frozen=True, slots=True)
class Route:
    """The Received fields of a message, topmost first, and where the receiving provider begins."""

    received: list[Received]
    headers: list[Header]
    border: int  # number of the lowest field that the receiving provider wrote; -1 if there is none
    outside: bool  # whether the border took the message from an outside host
    family: frozenset[str]  # registrable domains that are the receiving provider
    provider: Provider  # what is known of it
    beyond: int  # fields that were not read
    given: Given = _NOBODY_GIVEN  # who it is by the user's word

    def trusts(self, server: str) -> bool:
        """Tell whether a server of that name (authserv-id, RFC 8601 2.5) belongs to the receiving provider."""
        if not server:
            return not self.provider.names_itself
        if self.given.names and not self.given.holds(server):
            return False
        return _owner(server) in self.family or any(hop.by_host == server for hop in self.received[: self.border + 1])


NO_ROUTE = Route([], [], -1, False, frozenset(), _NOBODY, 0)


def route(message: Message, receiving: frozenset[str] = frozenset()) -> Route:
    """Read the Received fields and find the border. `receiving` are hosts and domains that the user says take mail in.

    Then only these count as the provider's own. Without them the provider is inferred.
    """
    headers = message.all("received")
    received = [read_received(header.value) for header in headers[:_HOPS]]
    given = Given(receiving) if receiving else _NOBODY_GIVEN
    border, outside, family = _border(received, given)
    door = received[border].by_host if border >= 0 else ""
    return Route(
        received,
        headers[:_HOPS],
        border,
        outside,
        frozenset(family),
        _PROVIDER_OF.get(_owner(door), _NOBODY),
        max(0, len(headers) - _HOPS),
        given,
    )


def hops(path: Route, key: str) -> list[Hop]:
    """Give one row for each Received field."""
    return [
        Hop(key, number, hop.from_host, hop.from_reverse, hop.from_ip, hop.by_host, hop.protocol, hop.time, trusted)
        for number, hop in enumerate(path.received)
        for trusted in (number <= path.border,)
    ]


def provider(path: Route) -> str:
    """Give the registrable domain of the receiving provider, empty if unknown."""
    for hop in path.received[: path.border + 1]:
        if not _is_internal_host(hop.by_host):
            return _owner(hop.by_host)
        if _is_google(hop):
            return "google.com"
    return ""


def _border(received: list[Received], given: Given) -> tuple[int, bool, set[str]]:
    """Walk down while the provider hands the message to itself (RFC 5321 4.4: each server writes above the last).

    Gives the number of the last field it wrote, whether an outside host stands there, and the provider's domains.
    """
    if given.names:
        return _given_border(received, given)
    family: set[str] = set()
    fetched = False
    last = -1
    for number, hop in enumerate(received):
        if number == 0 or fetched or not family:
            if _is_google(hop):
                family |= _PROVIDER_OF["google.com"].organisations
            elif not _is_internal_host(hop.by_host):
                name = _owner(hop.by_host)
                family |= _PROVIDER_OF.get(name, _NOBODY).organisations | {name}
        elif not (_owner(hop.by_host) in family or _is_internal_host(hop.by_host)):
            return last, False, family  # handed in from within: below stands what another wrote
        last = number
        fetched = hop.protocol in _FETCHING
        if not fetched and not _comes_from_within(hop, family):
            return number, True, family
    return last, False, family


def _given_border(received: list[Received], given: Given) -> tuple[int, bool, set[str]]:
    """Walk down while servers wrote that the user named, and hand the message to each other."""
    family: set[str] = set()
    last = -1
    for number, hop in enumerate(received):
        google = _is_google(hop)
        if google or not _is_internal_host(hop.by_host):
            by = "google.com" if google else hop.by_host
            if not given.holds(by):
                break
            family |= _PROVIDER_OF.get(_owner(by), _NOBODY).organisations | {_owner(by)}
        # A name that means nothing outside counts only where a server that was named stands above or below it.
        last = number if family else last
        if hop.protocol not in _FETCHING and not _comes_from_within(hop, family, given):
            return last, last == number, family
    return last, False, family


def _comes_from_within(hop: Received, family: set[str], given: Given = _NOBODY_GIVEN) -> bool:
    """Tell whether the host that handed over is the provider's own, by what the receiving host itself saw."""
    if not hop.from_host and not hop.from_ip:
        return True
    owner = _PROVIDER_OF.get(_owner(hop.by_host), _NOBODY)
    if given.names and hop.from_reverse and _owner(hop.from_reverse) not in owner.organisations:
        return given.holds(hop.from_reverse) or (bool(hop.from_ip) and is_internal_address(hop.from_ip))
    if owner.doors and hop.by_host.endswith(owner.doors):
        return False
    if hop.from_ip:
        # HELO alone is never enough: the sender chooses it.
        return (
            is_internal_address(hop.from_ip)
            or (bool(hop.from_reverse) and _owner(hop.from_reverse) in family)
            or (
                bool(owner.networks)
                and hop.from_ip.startswith(owner.networks)
                and _owner(hop.from_host) in owner.organisations
            )
        )
    return hop.protocol in _LOCAL_PROTOCOLS or hop.from_host == "localhost"


def _is_google(hop: Received) -> bool:
    """Tell Google's own notes, `by 2002:a05:... with SMTP id`: there the host is an address made up from 6to4."""
    return hop.by_host.startswith("2002:") and not hop.from_host


def _owner(host: str) -> str:
    """Give the registrable domain. Large providers name thousands of machines, so theirs is not looked up."""
    end = ".".join(host.rsplit(".", 2)[-2:])
    return end if end in _PROVIDER_OF else organisation(host)


def _is_internal_host(host: str) -> bool:
    """Tell whether a name means nothing outside: one label, a private suffix, an address, or nothing at all."""
    return "." not in host or ":" in host or host.endswith(_INTERNAL_SUFFIXES) or host.replace(".", "").isdigit()


_INTERNAL_STARTS = frozenset(("10", "100", "127", "169", "172", "192"))
_INTERNAL_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 169.254.0.0/16 100.64.0.0/10 ::1/128 fe80::/10 "
    "fc00::/7".split()
)


@functools.lru_cache(maxsize=16_384)
def is_internal_address(ip: str) -> bool:
    """Tell whether an address cannot come from outside: private, loopback, link-local, shared (RFC 1918, 6598)."""
    # Most addresses are told by their beginning: global IPv6 begins with 2, and IPv4 with none of these.
    if ip[:1] == "2" if ":" in ip else ip.partition(".")[0] not in _INTERNAL_STARTS:
        return False
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in _INTERNAL_NETWORKS)
