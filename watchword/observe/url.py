"""One address as a browser reads it (WHATWG URL), where common parsers read it otherwise, and where it leads on to."""

import functools
import re
from typing import NamedTuple

import ada_url
import can_ada

from watchword.observe import redirect
from watchword.observe.domain import ascii_host, is_address, registrable, unicode_host

LENGTH = 8_192  # characters; of a longer address (a picture inside its URL) the rest is of no interest
KEPT = 1_000  # characters; longer ones are hardly ever met twice

_SCHEME = re.compile(r"[\x00-\x20]*([a-zA-Z][a-zA-Z0-9+.-]*):")
_NAIVE = re.compile(r"\s*[a-zA-Z][a-zA-Z0-9+.-]*://([^/?#]*)")
_FOLD = re.compile(r"\s*[\r\n]\s*")  # a line end within a host is the mail program's
_ANY_HOST = re.compile(r"\s*(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?[/\\]{2,}(?:[^/\\?#@]*@)?(\[[^\]/?#]*\]|[^/\\?#:]*)")
_WEB = frozenset({"http", "https", "ftp", "ws", "wss"})
_PORTS = {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443"}


class Url(NamedTuple):
    """One address, read."""

    url: str  # as a browser reads it; as written where no browser would accept it
    scheme: str = ""
    host: str = ""
    host_unicode: str = ""
    organisation: str = ""
    path: str = ""
    query: str = ""
    target_url: str = ""  # as unwrapped to the last
    target_how: str = ""  # tables.Link.target_how
    target_host: str = ""
    target_organisation: str = ""
    is_address_ip: bool = False
    has_userinfo: bool = False
    has_port: bool = False
    is_ambiguous: bool = False
    mixed_script: bool = False


def read(raw: str, base: str = "") -> Url:
    """Read one address, relative to `base` if that is given. Never raises: what no browser reads keeps its host."""
    if len(raw) > KEPT:
        return _read(raw[:LENGTH], base[:LENGTH])
    return _read_once(raw, base[:LENGTH])


def _read(raw: str, base: str) -> Url:
    try:
        parsed = can_ada.parse(raw)
        href, scheme, host = parsed.href, parsed.protocol[:-1], parsed.hostname
        path, query, port = parsed.pathname, parsed.search[1:], parsed.port
        userinfo = bool(parsed.username or parsed.password)
    except ValueError:
        found = _by_standard(raw, base)
        if found is None:
            return _by_pattern(raw)
        href, scheme, host = found.href, found.protocol[:-1], found.hostname
        path, query, port = found.pathname, found.search[1:], found.port
        userinfo = bool(found.username or found.password)
    if not host:
        target = redirect.carried(href, scheme)
        return Url(
            href,
            scheme,
            path=path[:LENGTH],
            query=query,
            target_url=target.url,
            target_how=target.how,
            target_host=target.host,
            target_organisation=organisation(target.host) if target.host else "",
        )
    if host[-1] == ".":
        host = host[:-1]
    is_ip = is_address(host)
    plain = unicode_host(host) if "xn--" in host else host
    target = redirect.target(href, host)
    return Url(
        href,
        scheme,
        host,
        plain,
        organisation(host),
        path,
        query,
        target.url,
        target.how,
        target.host,
        organisation(target.host) if target.host else "",
        is_ip,
        userinfo,
        bool(port),
        scheme in _WEB and _is_ambiguous(raw, host, plain, base),
        plain is not host and mixes_scripts(plain),
    )


_read_once = functools.lru_cache(maxsize=8_192)(_read)


def organisation(host: str) -> str:
    """Give the registrable domain of a web host, as `domain.organisation` does, of no more than 255 characters."""
    name = host[-255:]
    return registrable(name) or registrable(name, private=False) or name


def _by_standard(raw: str, base: str) -> ada_url.URL | None:
    """Ask the newer parser, which also takes a base and accepts labels such as `xn--` that can_ada refuses."""
    try:
        return ada_url.URL(raw, base) if base and _SCHEME.match(raw) is None else ada_url.URL(raw)
    except ValueError:
        return None


def _by_pattern(raw: str) -> Url:
    scheme = _SCHEME.match(raw)
    found = _ANY_HOST.match(raw)
    host = ascii_host(_FOLD.sub("", found[1])[:255]) if found is not None else ""
    name = scheme[1].lower() if scheme is not None else ""
    return Url(
        raw,
        name,
        host,
        unicode_host(host),
        organisation(host) if host else "",
        is_address_ip=is_address(host),
        # Programs in C end a text at NUL, and see another host than those that do not.
        is_ambiguous=bool(host) and ("\0" in raw or "%00" in host),
    )


def _is_ambiguous(raw: str, host: str, plain: str, base: str) -> bool:
    """Tell whether a parser that splits by pattern, as urllib does, would see another host than a browser."""
    found = _NAIVE.match(raw)
    if found is None:
        # A relative address has no host of its own to disagree on.
        return _SCHEME.match(raw) is not None and not base
    naive = found[1].rpartition("@")[2]
    naive = (naive.partition("]")[0] + "]" if naive[:1] == "[" else naive.partition(":")[0]).lower().removesuffix(".")
    return naive not in (host, plain)


# Ranges of letters by script (Unicode Scripts.txt, the ones that are mixed in order to deceive).
_SCRIPTS = (
    ("latin", re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")),
    ("greek", re.compile("[\u0370-\u03ff\u1f00-\u1fff]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("armenian", re.compile("[\u0530-\u058f]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("arabic", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("cherokee", re.compile("[\u13a0-\u13ff\uab70-\uabbf]")),
)


def mixes_scripts(host: str) -> bool:
    """Tell whether one label mixes scripts that no language mixes (UTS 39, 5.1)."""
    return not host.isascii() and any(
        sum(letters.search(label) is not None for _, letters in _SCRIPTS) > 1 for label in host.lower().split(".")
    )
