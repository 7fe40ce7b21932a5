"""Where a link leads on to, by the address that it carries: rewritten by a gateway, counted, copied, or open to all.

Read from the link alone; nothing is asked. First by the service's own published form (`knowledge/redirects.toml`), else
by shape: an address in a parameter, path or fragment, plain, percent-coded, in base64, hexadecimal or deflated.
"""

import base64
import binascii
import functools
import re
import tomllib
import zlib
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import unquote

import can_ada

from watchword.observe.domain import is_listed, registrable

STEPS = 8  # redirects inside each other
LENGTH = 8_192  # characters of an address
INFLATED = 16_384  # bytes of a deflated token
MARKS = 50  # places in one address that are looked at

PARAMETER, PATH, FRAGMENT = "parameter", "path", "fragment"
BASE64, HEX, DEFLATE = "base64", "hex", "deflate"

_SLASH = r"(?:/|\\|%(?:25)*(?:2f|5c))"
_NAME = r"(?:[a-z0-9_-]+(?:\.|%(?:25)*2e))+[a-z0-9-]+"
_HEAD = re.compile(rf"https?(?::|%(?:25)*3a){_SLASH}{{1,3}}(?=[^/\\])", re.IGNORECASE)
_JSON_HEAD = re.compile(rf"https?(?::|%(?:25)*3a)(?:\\*{_SLASH}){{1,3}}", re.IGNORECASE)
_SHARE = re.compile(r"(?:\\\\|//|%5c%5c)([a-z0-9_-]+(?:\.[a-z0-9_-]+)+)", re.IGNORECASE)  # `\\host\share`
_NO_PROGRAM = frozenset("about cid data geo im mailto mid news sip sips sms tel xmpp".split())
# `//host` as the value of a parameter, or as the whole path: a browser that is sent there takes it for a host.
_NO_SCHEME = re.compile(rf"[?&;#][a-z_.-]{{1,30}}={_SLASH}{{2,4}}({_NAME})(?=[/?&#:%]|$)", re.IGNORECASE)
_NO_SCHEME_PATH = re.compile(rf"{_SLASH}{{2,4}}({_NAME})(?=[/?#:%]|$)", re.IGNORECASE)
# Parameters that name where to go: OWASP's cheat sheet on unvalidated redirects, rules of Sublime Security.
_GOES = frozenset(
    ("adurl backurl callback continue deeplink dest dest_url destination desturl forward forward_url forwardurl go "
     "goto href l link linkurl location login_url logout lp next next_url nexturl out page q r rd rd_url redir "
     "redirect redirect_to redirect_uri redirect_url redirecturl referurl ret return return_path return_to return_url "
     "returnto returnurl rurl success_url target target_url targeturl to u ued uddg uri url v view").split()
)  # fmt: skip
_VAGUE = frozenset("l lp out page q r rd ret v view".split())  # not with a bare host, which may be a file's name
_BARE = re.compile(rf"[?&;#](?:{'|'.join(sorted(_GOES - _VAGUE))})=({_NAME})(?=[/?&#:]|%2f|%3f|%23|$)", re.IGNORECASE)
# `http` in base64 at each of the three places where it can begin, and how far into a group of four it stands there.
_BASE64_MARKS = (("aHR0c", 0), ("h0dH", 2), ("odHRw", 3))
_BASE64_LETTERS = re.compile(r"(?:[A-Za-z0-9+_-]|%2[bBfF])*")
_BASE64_PLAIN = re.compile(r"[A-Za-z0-9+_-]*")
_BASE64_SLASHED = re.compile(r"(?:[A-Za-z0-9+/_-]|%2[bBfF])*")
_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.IGNORECASE)
_DEFLATED = re.compile(r"[/=](eJ[A-Za-z0-9_-]{30,})")
_UNWRITTEN = re.compile(r"[\0-\x20\"<>\ufffd]")  # where an address in another text ends
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
    found = _plain(href, href.lower(), "", start)
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
    inner, how = _by_shape(href, host, start)
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
            return _opened(value), ""
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
            return (_opened(value[2:]) if value[:2] == "a1" else ""), ""
        case "amp":
            found = _AMP.match(href, start)
            return (f"http{'s' if found[1] else ''}://{found[2]}" if found else ""), ""
        case "translated-host":
            label = host.partition(".")[0]
            name = label.replace("--", "\0").replace("-", ".").replace("\0", "-")
            return (f"https://{name}{href[start:]}" if "." in name else ""), ""
        case "between-underscores":
            found = _UNDERSCORES.search(href, start)
            return (_opened(found[1]) if found else ""), ""
        case "path":
            return _by_shape(href, host, start)[0], ""
        case _:
            return "", ""


def _value(href: str, names: tuple[str, ...]) -> str:
    """Give the value of the first parameter of these names, as it stands; of a query or after `#?`."""
    query = href.partition("?")[2]
    values: dict[str, str] = {}
    for pair in query.split("&", 200)[:200]:
        name, _, value = pair.partition("=")
        values.setdefault(name.lower(), value)
    return next((values[name] for name in names if values.get(name)), "")


def _opened(value: str) -> str:
    """Take the address out of a value: plain, percent-coded, without scheme, or in base64 and the like."""
    if not value:
        return ""
    found = _HEAD.match(value)
    if found is not None:
        return _uncoded(value)
    inner, _ = _by_shape(f"?u={value}", "", 0)
    return inner


def _uncoded(value: str) -> str:
    """Undo percent-coding for as long as the head of the address is coded."""
    for _ in range(3):
        head = _HEAD.match(value)
        if head is None or "%" not in head[0]:
            break
        value = unquote(value)
    return value


def _urldefense_3(href: str) -> str:
    """Undo URL Defense v3: each `*` stands for one byte that was put aside, `**` and a letter for a run of them."""
    found = _URLDEFENSE_3.search(href)
    if found is None:
        return ""
    text = found[1]
    letters = _unbase64(found[2] or "")
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


# ---------------------------------------------------------------- by shape


def _by_shape(href: str, host: str, start: int) -> tuple[str, str]:
    """Find an address in a link whose service is not known; rather one that leads elsewhere, in a telling parameter."""
    lower = href.lower()
    if lower.find("http", start) >= 0:
        found = _plain(href, lower, host, start)
        if found is not None:
            return found
    if "aHR0c" in href or "h0dH" in href or "odHRw" in href:
        inner = _in_base64(href, start)
        if inner:
            return inner, BASE64
    if "68747470" in href:
        inner = _in_hex(href, start)
        if inner:
            return inner, HEX
    if "eJ" in href:
        inner = _address_in(inflated(href))
        if inner:
            return inner, DEFLATE
    if lower.find("//", start) >= 0 or "\\" in href or "%2f%2f" in lower or "%5c" in lower:
        inner, where = _without_scheme(href, start)
        if inner:
            return inner, where
    equals = href.find("=", start)
    if equals > 0 and href.find(".", equals) > 0:
        bare = _BARE.search(href, start)
        if bare is not None and _is_host(bare[1]):
            return f"http://{_plainly(bare[1])}{unquote(_until_next(href[bare.end(1) :]))}", PARAMETER
    return "", ""


def _plain(href: str, lower: str, host: str, start: int) -> tuple[str, str] | None:
    """Find an address with its scheme, plain or percent-coded."""
    query = _at(href.find("?", start), href)
    fragment = _at(href.find("#", start), href)
    if lower.startswith(":~:", fragment + 1):  # words of the page to scroll to (WICG, Text Fragments)
        href, lower = href[:fragment], lower[:fragment]
    best: tuple[str, str] | None = None
    home: tuple[str, str] | None = None  # leads back to where it is
    at = start
    for _ in range(MARKS):
        at = lower.find("http", at)
        if at < 0:
            break
        head = _HEAD.match(href, at)
        if head is None:
            at += 4
            continue
        stop = _stop(href, head[0], at, query, fragment)
        inner = _cut(_uncoded(href[at:stop]))
        where = FRAGMENT if at > fragment else PARAMETER if at > query else PATH
        tells = where != PARAMETER or _name_before(lower, at) in _GOES
        leads_on = f"//{host}/" not in f"{inner[:300].lower()}/"
        if leads_on and tells:
            return inner, where
        if best is None and leads_on:
            best = inner, where
        home = home or (inner, where)
        at = max(stop, at + 4)
    return best or home


def _at(place: int, href: str) -> int:
    return place if place >= 0 else len(href)


def _stop(href: str, head: str, at: int, query: int, fragment: int) -> int:
    """Tell where an enclosed address ends: a coded one with its letters, a plain one in a path with the link."""
    stop = len(href) if at > fragment else fragment
    ends = "&;" if at > query or href[at - 1] == "=" else ""
    begin = at
    if at < query and "%" in head:
        ends, begin = f"{ends}/?", at + len(head)
    for mark in ends:
        place = href.find(mark, begin, stop)
        stop = place if place >= 0 else stop
    return stop


def _cut(inner: str) -> str:
    """End an address where no address goes on: at quotation marks and brackets."""
    for mark in '"<>':
        inner = inner.partition(mark)[0]
    return inner


def _name_before(lower: str, at: int) -> str:
    """Give the name of the parameter whose value begins at `at`."""
    begin = max(lower.rfind("?", 0, at), lower.rfind("&", 0, at), lower.rfind(";", 0, at))
    return lower[begin + 1 : at].partition("=")[0]


def _in_base64(href: str, start: int) -> str:
    """Find an address in base64 text, wherever in that text it stands."""
    for mark, into in _BASE64_MARKS:
        at = href.find(mark, start)
        for _ in range(MARKS):
            if at < 0:
                break
            letters = _BASE64_SLASHED if href.find("?", start, at) >= 0 else _BASE64_LETTERS
            stop = _end(letters, href, at)
            before = _end(_BASE64_PLAIN, href[max(start, at - 2_000) : at][::-1], 0)
            if before >= into:
                inner = _address_in(_unbase64(href[at - into - (before - into) // 4 * 4 : stop]))
                if inner:
                    return inner
            at = href.find(mark, max(stop, at + 4))
    return ""


def _end(letters: re.Pattern[str], text: str, at: int) -> int:
    found = letters.match(text, at)
    return found.end() if found is not None else at


def _unbase64(coded: str) -> str:
    """Decode base64 of either alphabet, also percent-coded, as far as it goes."""
    letters = unquote(coded).replace("-", "+").replace("_", "/")
    try:
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _rest(letters)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _rest(letters: str) -> str:
    """Give the last letters, of less than a group, with their padding; a single letter says nothing."""
    rest = letters[len(letters) // 4 * 4 :]
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def _in_hex(href: str, start: int) -> str:
    found = _HEX.match(href, href.find("68747470", start))
    return _address_in(bytes.fromhex(found[0]).decode("utf-8", "replace")) if found is not None else ""


@functools.lru_cache(maxsize=1_024)
def inflated(href: str) -> str:
    """Undo the deflated token of a link, as Mailgun counts clicks with (RFC 1950 in base64); empty if there is none."""
    found = _DEFLATED.search(href)
    if found is None:
        return ""
    try:
        data = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
        return zlib.decompressobj().decompress(data, INFLATED).decode("utf-8", "replace")
    except (zlib.error, binascii.Error, ValueError):
        return ""


def _address_in(text: str) -> str:
    """Find the first address in a decoded text: the address alone, or in JSON or a query."""
    found = _JSON_HEAD.search(text)
    if found is None:
        return ""
    whole = _UNWRITTEN.split(text[found.start() :], maxsplit=1)[0]
    if text[found.start() - 1 : found.start()] == "=":
        whole = whole.partition("&")[0]
    if "\\" in whole:  # JSON, perhaps in JSON
        whole = whole.replace("\\u0026", "&").replace("\\", "")
    return _uncoded(whole)


def _without_scheme(href: str, start: int) -> tuple[str, str]:
    """Find `//host` where a value or the path begins."""
    found = _NO_SCHEME_PATH.match(href, start)
    where = PATH
    if found is None:
        found = _NO_SCHEME.search(href, start)
        where = PARAMETER
    if found is None or not _is_host(found[1]):
        return "", ""
    return f"https://{_plainly(found[1])}{_until_next(href[found.end(1) :])}", where


def _plainly(name: str) -> str:
    """Undo percent-coding of a host, however often it was coded."""
    for _ in range(3):
        name = unquote(name)
    return name


def _is_host(coded: str) -> bool:
    name = _plainly(coded)
    return is_listed(name.rpartition(".")[2].lower()) and registrable(name) != ""


def _until_next(value: str) -> str:
    return value.partition("&")[0].partition("#")[0]
