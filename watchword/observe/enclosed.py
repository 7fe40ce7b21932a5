"""An address inside another one, found by its shape: in a parameter, path or fragment, plain or coded."""

import base64
import binascii
import functools
import re
import zlib
from urllib.parse import unquote

from watchword.observe.domain import is_listed, registrable

INFLATED = 16_384  # bytes of a deflated token
MARKS = 50  # places in one address that are looked at

PARAMETER, PATH, FRAGMENT = "parameter", "path", "fragment"
BASE64, HEX, DEFLATE = "base64", "hex", "deflate"

_SLASH = r"(?:/|\\|%(?:25)*(?:2f|5c))"
_NAME = r"(?:[a-z0-9_-]+(?:\.|%(?:25)*2e))+[a-z0-9-]+"
_HEAD = re.compile(rf"https?(?::|%(?:25)*3a){_SLASH}{{1,3}}(?=[^/\\])", re.IGNORECASE)
_JSON_HEAD = re.compile(rf"https?(?::|%(?:25)*3a)(?:\\*{_SLASH}){{1,3}}", re.IGNORECASE)
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


def enclosed(href: str, host: str, start: int) -> tuple[str, str]:
    """Find an address in a link whose service is not known; rather one that leads elsewhere, in a telling parameter."""
    lower = href.lower()
    if lower.find("http", start) >= 0:
        found = plain(href, lower, host, start)
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
            return f"http://{_decoded(bare[1])}{unquote(_until_next(href[bare.end(1) :]))}", PARAMETER
    return "", ""


def opened(value: str) -> str:
    """Take the address out of a value: plain, percent-coded, without scheme, or in base64 and the like."""
    if not value:
        return ""
    found = _HEAD.match(value)
    if found is not None:
        return _uncoded(value)
    inner, _ = enclosed(f"?u={value}", "", 0)
    return inner


def _uncoded(value: str) -> str:
    """Undo percent-coding for as long as the head of the address is coded."""
    for _ in range(3):
        head = _HEAD.match(value)
        if head is None or "%" not in head[0]:
            break
        value = unquote(value)
    return value


def plain(href: str, lower: str, host: str, start: int) -> tuple[str, str] | None:
    """Find an address with its scheme, plain or percent-coded; `lower` is `href` in lower case."""
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
                inner = _address_in(unbase64(href[at - into - (before - into) // 4 * 4 : stop]))
                if inner:
                    return inner
            at = href.find(mark, max(stop, at + 4))
    return ""


def _end(letters: re.Pattern[str], text: str, at: int) -> int:
    found = letters.match(text, at)
    return found.end() if found is not None else at


def unbase64(coded: str) -> str:
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
    return f"https://{_decoded(found[1])}{_until_next(href[found.end(1) :])}", where


def _decoded(name: str) -> str:
    """Undo percent-coding of a host, however often it was coded."""
    for _ in range(3):
        name = unquote(name)
    return name


def _is_host(coded: str) -> bool:
    name = _decoded(coded)
    return is_listed(name.rpartition(".")[2].lower()) and registrable(name) != ""


def _until_next(value: str) -> str:
    return value.partition("&")[0].partition("#")[0]
