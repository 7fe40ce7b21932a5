"""Where a link leads on to, by the address that it carries: rewritten by a gateway, counted, copied, or open to all.

Read from the link alone; nothing is asked. First by the service's own published form (`knowledge/redirects.toml`), else
by shape: an address in a parameter, path or fragment, plain, percent-coded, in base64, hexadecimal or deflated.
"""

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import unquote

import can_ada

from watchword.observe.domain import registrable
from watchword.observe.enclosed import enclosed, opened, plain, unbase64

STEPS = 8  # redirects inside each other
LENGTH = 8_192  # characters of an address
_SHARE = re.compile(r"(?:\\\\|//|%5c%5c)([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)", re.IGNORECASE)  # `\\host\share`
_NO_PROGRAM = frozenset("about cid data geo im mailto mid news sip sips sms tel xmpp".split())
_AMP = re.compile(r"/(?:amp|c|v|i|a|wp|ii/w\d+)/(s/)?((?:[a-z0-9_-]+\.)+[a-z0-9-]+(?:[/?].*)?)", re.IGNORECASE)
_UNDERSCORES = re.compile(r"/___(.+?)___")
_URLDEFENSE_3 = re.compile(r"/v3/__(.+?)(?:__;([A-Za-z0-9_-]*)|$)")
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Target(NamedTuple):
    """Where a link leads on to."""

    url: str = ""  # unwrapped to the last; empty if it cannot be read
    how: str = ""  # what encloses it, the outermost first, a blank between two
    host: str = ""


NOWHERE = Target()


@dataclass(frozen=True, slots=True)
class _Service:
    """One entry of `knowledge/redirects.toml`."""

    how: str
    paths: tuple[str, ...]
    reads: str
    parameters: tuple[str, ...]


def target(href: str, host: str) -> Target:
    """Tell where a link to `host` leads on to. `href` is as a browser reads it. Never raises."""
    inner, how, named = _step(href, host)
    if not how:
        return NOWHERE
    ways: list[str] = []
    url, last = "", host
    away = NOWHERE  # the furthest that is not where the link itself is
    for step in range(STEPS):
        if step:
            inner, how, named = _step(url, last)
        read = _read(inner) if inner else None
        if how and (read is not None or not inner):
            ways.append(how)
        if read is None or named or read[0] == (url or href):
            break
        url, last = read
        if last != host:
            away = Target(url, " ".join(ways), last)
    if named:
        return Target("", " ".join(ways), named)
    if last != host:
        return Target(url, " ".join(ways), last)
    # Back where it is, as after signing in; or it cannot be read.
    return away if url else Target("", " ".join(ways), "")


def carried(href: str, scheme: str) -> Target:
    """Tell which address a link without a host hands to a program: `ms-word:ofe|u|https://…`, `search-ms:…`."""
    if scheme in _NO_PROGRAM:
        return NOWHERE
    start = len(scheme) + 1
    found = plain(href, href.lower(), "", start)
    read = _read(found[0].partition("'")[0]) if found is not None else None
    if read is not None:
        return Target(read[0], scheme, read[1])
    share = _SHARE.search(href, start)
    return Target(f"file://{share[1].lower()}/", scheme, share[1].lower()) if share is not None else NOWHERE


def _read(inner: str) -> tuple[str, str] | None:
    """Read an enclosed address as a browser does."""
    for text in (inner[:LENGTH], unquote(inner[:LENGTH])):
        try:
            parsed = can_ada.parse(text)
        except ValueError:
            continue
        host = parsed.hostname.removesuffix(".")
        return (parsed.href, host) if host and parsed.protocol in ("http:", "https:") else None
    return None


def _step(href: str, host: str) -> tuple[str, str, str]:
    """Give the address that is enclosed, what encloses it, and the host that a service names where it gives no more."""
    start = href.find("/", 8)
    if start < 0:
        return "", "", ""
    for service in _services(host):
        if service.paths and not href.startswith(service.paths, start):
            continue
        if service.reads == "none":
            return "", "", ""
        inner, named = _by_service(service, href, host, start)
        if inner or named or service.reads in {"opaque", "names-host"}:
            return inner, service.how, named
    if len(href) - start < 8:
        return "", "", ""
    inner, how = enclosed(href, host, start)
    return inner, how, ""


# ---------------------------------------------------------------- known services


@functools.cache
def _known() -> dict[str, tuple[_Service, ...]]:
    """Read the services by host."""
    text = files("watchword").joinpath("knowledge", "redirects.toml").read_text("utf-8")
    found: dict[str, tuple[_Service, ...]] = {}
    for entry in tomllib.loads(text)["redirect"]:
        service = _Service(
            entry["how"],
            tuple(entry.get("paths", ())),
            entry["reads"],
            tuple(map(str.lower, entry.get("parameters", ()))),
        )
        for host in entry["hosts"]:
            found[host] = (*found.get(host, ()), service)
    return found


@functools.lru_cache(maxsize=16_384)
def _services(host: str) -> tuple[_Service, ...]:
    """Give the services at a host, those of the longest name first."""
    known = _known()
    found: tuple[_Service, ...] = ()
    above = host
    while above:
        found += known.get(above, ())
        above = above.partition(".")[2]
    return found + known.get(f"{registrable(host).partition('.')[0]}.*", ())


def _by_service(service: _Service, href: str, host: str, start: int) -> tuple[str, str]:
    """Give the address that a service's link carries, or the host alone where it names no more."""
    match service.reads:
        case "query":
            value = _value(href, service.parameters)
            return opened(value), ""
        case "names-host":
            name = unquote(_value(href, service.parameters)).lower().strip(".")
            return "", name if registrable(name) else ""
        case "urldefense-2":
            value = _value(href, service.parameters)
            return (unquote(value.replace("-", "%").replace("_", "/")) if value else ""), ""
        case "urldefense-3":
            return _urldefense_3(href), ""
        case "a1-base64":
            value = _value(href, service.parameters)
            return (opened(value[2:]) if value[:2] == "a1" else ""), ""
        case "amp":
            found = _AMP.match(href, start)
            return (f"http{'s' if found[1] else ''}://{found[2]}" if found else ""), ""
        case "translated-host":
            label = host.partition(".")[0]
            name = label.replace("--", "\0").replace("-", ".").replace("\0", "-")
            return (f"https://{name}{href[start:]}" if "." in name else ""), ""
        case "between-underscores":
            found = _UNDERSCORES.search(href, start)
            return (opened(found[1]) if found else ""), ""
        case "path":
            return enclosed(href, host, start)[0], ""
        case _:
            return "", ""


def _value(href: str, names: tuple[str, ...]) -> str:
    """Give the value of the first parameter of these names, as it stands; of a query or after `#?`."""
    before, _, query = href.partition("?")
    if "#" not in before:
        query = query.partition("#")[0]
    values: dict[str, str] = {}
    for pair in query.split("&", 200)[:200]:
        name, _, value = pair.partition("=")
        values.setdefault(name.removeprefix("amp;").lower(), value)
    return next((values[name] for name in names if values.get(name)), "")


def _urldefense_3(href: str) -> str:
    """Undo URL Defense v3: each `*` stands for one byte that was put aside, `**` and a letter for a run of them."""
    found = _URLDEFENSE_3.search(href)
    if found is None:
        return ""
    text = found[1]
    letters = unbase64(found[2] or "")
    if "*" not in text or not letters:
        return text
    pieces: list[str] = []
    position = used = 0
    while (star := text.find("*", position)) >= 0:
        pieces.append(text[position:star])
        run, position = 1, star + 1
        if text[position : position + 1] == "*" and (length := _RUNS.find(text[position + 1 : position + 2])) >= 0:
            run, position = length + 2, star + 3
        pieces.append(letters[used : used + run] or "*")
        used += run
    return "".join([*pieces, text[position:]])
