"""Indicators as lists write them, in the form in which the tables of facts have them.

Of an address with a port the port is left: mail shows none. A page without a path is its host.
"""

import functools
import ipaddress
import re

from watchword.observe import url
from watchword.observe.domain import ascii_host, is_listed, registrable
from watchword.observe.wallets import wallets

_DOT = re.compile(r"\s?(?:\[\s?\.\s?\]|\(\s?\.\s?\)|\{\s?\.\s?\}|\[\s?dot\s?\]|\(\s?dot\s?\)|\\\.)\s?", re.IGNORECASE)
_AT = re.compile(r"\s?(?:\[\s?(?:@|at)\s?\]|\(\s?(?:@|at)\s?\))\s?", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:h(?:xx|\*\*|tt|XX)p|fxp|meow)(s?)(?:\[:\]|:|\(:\))(?:\[//\]|//)", re.IGNORECASE)
_HASH = re.compile(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})")
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}", re.ASCII)
_WIDE = re.compile(r"(?=.{4,253}$)(?:\*\.)?(?:[\w-]{1,63}\.)+[\w-]{2,63}\.?")
_IP = re.compile(r"(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?", re.ASCII)
_IP6 = re.compile(r"\[?([0-9A-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?)\]?(?::\d{1,5})?", re.ASCII)
_NETWORK = re.compile(r"[0-9A-Fa-f:.]{3,39}/\d{1,3}", re.ASCII)
_PORT = re.compile(r"(.+):\d{1,5}", re.ASCII)
_MAIL = re.compile(r"[^\s@<>\[\]\"(),;:\\]{1,64}@([^\s@/]{3,253})")
_PAGE = re.compile(r"([\w.-]{4,253})(:\d{1,5})?([/?#].*)")
_PHONE = re.compile(r"\+[\d ().-]{8,24}", re.ASCII)
_WEB = ("http://", "https://", "ftp://", "tcp://", "udp://", "ws://", "wss://")
# Nobody reaches these from outside: RFC 1122, 1918, 3927, 5771, 4193, 4291, and what is reserved above.
_INSIDE = tuple(map(ipaddress.ip_network, (
    "0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
    "::/127", "fc00::/7", "fe80::/10", "ff00::/8")))  # fmt: skip


def refang(written: str) -> str:
    """Undo what keeps people from clicking, as `hxxps[:]//login[.]example`."""
    text = written.strip().strip("\"'`").strip()
    if "[" in text or "(" in text or "{" in text or "\\" in text:
        text = _AT.sub("@", _DOT.sub(".", text)).replace("[:]", ":").replace("[://]", "://").replace("[/]", "/")
    if _SCHEME.match(text):
        text = _SCHEME.sub(r"http\1://", text)
    return text


def read_value(written: str) -> tuple[str, str] | None:
    """Give kind and value of an indicator, normalised as the tables of facts have it; None if it is none."""
    text = refang(written)
    if not text or len(text) > url.LENGTH or any(letter < " " for letter in text):
        return None
    lower = text.lower()
    if lower.isascii() and _HOST.fullmatch(lower):  # nearly all of a long list
        return _host(lower)
    if _HASH.fullmatch(text):
        return "hash", lower
    if lower.startswith(_WEB):
        return _page(text)
    if found := _IP.fullmatch(text):
        return _machine(found[1])
    if _NETWORK.fullmatch(text):
        return _network(text)
    if text.count(":") > 1 and (found := _IP6.fullmatch(text)):
        return _machine(found[1])
    if "@" in text and (mail := _MAIL.fullmatch(text)):
        host = _host(ascii_host(mail[1]))
        return ("address", f"{lower.rpartition('@')[0]}@{ascii_host(mail[1])}") if host and host[0] != "ip" else None
    if found := _PAGE.fullmatch(text):
        return _page("http://" + text) if _host(ascii_host(found[1])) or _IP.fullmatch(found[1]) else None
    if found := _PORT.fullmatch(text):
        return _host(ascii_host(found[1]))
    if _WIDE.fullmatch(text):
        return _host(ascii_host(text.removeprefix("*.")))
    if _PHONE.fullmatch(text):
        return "phone", "+" + "".join(filter(str.isdigit, text))
    return _wallet(text)


def _wallet(text: str) -> tuple[str, str] | None:
    found = next(wallets(text), None)
    return ("wallet", found[0]) if found and found[1] == text else None


def _host(name: str) -> tuple[str, str] | None:
    """Give a registrable domain as `domain`, a name below it as `host`."""
    if _IP.fullmatch(name):
        return _machine(name)
    if not _HOST.fullmatch(name):
        return None
    last = name.rpartition(".")[2]
    if not _is_suffix(last):
        return None
    owner = registrable(name)
    if not owner:  # a public suffix itself: nobody's
        return None
    return ("domain" if owner == name else "host"), name


@functools.lru_cache(4_096)
def _is_suffix(label: str) -> bool:
    return label == "onion" or is_listed(label)


def _page(text: str) -> tuple[str, str] | None:
    read = url.read(text if text.lower().startswith(("http", "ftp", "ws")) else "http" + text[text.index("://") :])
    if not read.host:
        return None
    if read.path in ("", "/") and not read.query and not read.has_userinfo:
        return _machine(read.host.strip("[]")) if read.is_address_ip else _host(read.host)
    return ("url", read.url) if read.is_address_ip or _host(read.host) else None


def _machine(text: str) -> tuple[str, str] | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    inside = any(address.version == one.version and address in one for one in _INSIDE)
    return None if inside else ("ip", str(address))


def _network(text: str) -> tuple[str, str] | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return ("ip", str(network.network_address)) if network.num_addresses == 1 else ("network", str(network))
