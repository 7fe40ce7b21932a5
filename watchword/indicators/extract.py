"""Indicators in the text of a report: refanged, normalised as the tables of facts have them, with where they stand.

Rather nothing is found than something that is none: a name without scheme that was not defanged counts only if the
Public Suffix List knows its ending and nothing speaks for a file, a program or a sentence without a blank. Linear;
what lies beyond the limits is not looked at.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence

from watchword.indicators import accounts, names
from watchword.indicators.found import HASHES, Found, Hyperlink
from watchword.indicators.refang import Plain, refang
from watchword.indicators.roles import assign
from watchword.observe import url
from watchword.observe.domain import ascii_host, is_address

LENGTH = 4_000_000  # characters of one text
MOST = 20_000  # indicators of one text
LONGEST = 2_000  # characters of a URL

_ALPHA = "a-z\u00df-\u024f\u0370-\u052f\u1e00-\u1eff"  # of host names in scripts that are used to deceive
_LETTERS = f"{_ALPHA}0-9"
_LABEL = rf"[{_LETTERS}_](?:[{_LETTERS}_-]{{0,61}}[{_LETTERS}])?"
_HOST = rf"(?:{_LABEL}\.){{1,10}}(?:xn--[a-z0-9-]{{2,59}}|[{_ALPHA}]{{2,63}})"
_URL = re.compile(
    rf"(?<![a-z0-9])(?:https?|s?ftps?|wss?|ldaps?|smb|tcp|udp|file)://[^\s<>\"'`|^“”„«»‘’\x00-\x1f]{{2,{LONGEST}}}",
    re.IGNORECASE,
)
_NEXT_URL = re.compile(r"[,;]\s?(?=(?:https?|ftp)://)|(?<=[^/=?&#:(])(?=https?://)", re.IGNORECASE)
_NAME = re.compile(rf"(?<![{_LETTERS}@._%-])(?:\*\.)?({_HOST})\.?(?![{_LETTERS}@_-])", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.+%'-]{1,64}")
_DOMAIN = re.compile(rf"({_HOST})(?![{_LETTERS}@_])", re.IGNORECASE)
_PORT = re.compile(r":\d{1,5}(?![\d.:])")
_PATH = re.compile(rf"(?::\d{{1,5}})?/[^\s<>\"'`|^“”„«»‘’]{{1,{LONGEST}}}")
_V4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]*[^\W\d_]|\.?\d)", re.ASCII)
_PREFIX = re.compile(r"/\d{1,3}(?![\w/])", re.ASCII)
_V6 = re.compile(r"(?<![\w:.])(?=[23][0-9a-f]{3}:)[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,8}(?![\w:])", re.IGNORECASE)
_HASH = re.compile(r"(?<![0-9a-zA-Z])(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32})(?![0-9a-zA-Z])")
_CLOSES = {")": "(", "]": "[", "}": "{"}


def extract(text: str, publisher: str = "", links: Iterable[tuple[int, int, str]] = ()) -> list[Found]:
    """Give the indicators of a text in their order, each with whose it is by the text's own words.

    `publisher` is who published it: a name, or better its domain or web address. `links` are passages of the text that
    lead somewhere: begin, end, address.
    """
    text = text[:LENGTH]
    plain = refang(text)
    hyperlinks = sorted(Hyperlink(*one) for one in links)
    found = _Finder(text, plain).found
    found += _behind_words(text, found, hyperlinks)
    found.sort(key=lambda one: (one.start, one.stop, one.kind))
    assign(text, found[:MOST], publisher)
    return found[:MOST]


class _Finder:
    """Finds indicators kind by kind; what one kind took, the next does not see."""

    def __init__(self, text: str, plain: Plain) -> None:
        self.text = text
        self.plain = plain
        self.words = plain.text
        self.taken = bytearray(len(self.words) + 1)
        self.sure: set[str] = set()  # registrable domains that the text names beyond doubt
        self.found: list[Found] = []
        self._urls()
        self._addresses()
        self._networks()
        self._hosts()
        self._files()
        for kind, value, start, stop in accounts.read(self.words):
            if kind == "handle" or not any(self.taken[start:stop]):
                self._keep(kind, value, start, stop)

    def _keep(self, kind: str, value: str, start: int, stop: int, host: str = "") -> None:
        if len(self.found) >= MOST or start >= stop:
            return
        first, last = self.plain.original(start, stop)
        if self.text[last - 1] in "\u200b\ufeff\u00ad" or first >= last:
            return
        owner = url.organisation(host) if host else ""
        defanged = self.plain.marked(start, stop)
        self.found.append(Found(kind, value, self.text[first:last], first, last, defanged, host, owner))
        self.taken[start:stop] = b"\1" * (stop - start)
        if owner and (defanged or kind in ("url", "address")):
            self.sure.add(owner)

    def _urls(self) -> None:
        for match in _URL.finditer(self.words):
            start, stop = match.span()
            while start < stop:
                cut = _NEXT_URL.search(self.words, start + 8, stop)
                self._url(start, cut.start() if cut else stop)
                start = cut.end() if cut else stop

    def _url(self, start: int, stop: int, scheme: str = "") -> None:
        is_cut = self.words.startswith(("\u2026", "..."), stop) or self.words.find("\u2026", start, stop) >= 0
        stop = _trimmed(self.words, start, stop)
        raw = self.words[start:stop]
        if is_cut or raw.endswith("..."):  # what follows the host was left out
            raw = raw[: raw.find("/", raw.find("://") + 3 if "://" in raw else 0)] if raw.count("/") > 2 else raw
            stop = start + len(raw)
        read = url.read(scheme + raw)
        if not read.host or not names.is_host(read.host):
            return
        if read.path in ("", "/") and not read.query and scheme:
            return
        self._keep("url", read.url, start, stop, read.host)

    def _addresses(self) -> None:
        at = self.words.find("@")
        while at >= 0:
            before = _LOCAL.match(self.words[max(0, at - 65) : at][::-1])
            after = _DOMAIN.match(self.words, at + 1, at + 255)
            if before is not None and after is not None and not self.taken[at]:
                local = before[0][::-1].lstrip(".'-%+")
                host = ascii_host(after[1])
                whole = local and len(before[0]) < 65 and ".." not in local
                if whole and names.is_host(host) and not is_address(host):
                    self._keep("address", f"{local.lower()}@{host}", at - len(local), after.end(1), host)
            at = self.words.find("@", at + 1)

    def _networks(self) -> None:
        for match in _V4.finditer(self.words):
            start, stop = match.span()
            if self.taken[start]:
                continue
            port = _PORT.match(self.words, stop)
            prefix = _PREFIX.match(self.words, stop)
            path = None if prefix else _PATH.match(self.words, stop)
            sure = self.plain.marked(start, stop) or bool(port) or bool(prefix and prefix[0] != "/")
            if not names.is_public(match[0]) or (not sure and names.is_version(self.words, start, match[0])):
                continue
            if prefix is not None and (network := _network(match[0] + prefix[0])):
                self._keep("network", network, start, prefix.end(), match[0])
            elif path is not None and not prefix:
                self._url(start, path.end(), "http://")
            else:
                self._keep("ip", match[0], start, port.end() if port else stop, match[0])
        for match in _V6.finditer(self.words):
            start, stop = match.span()
            if not self.taken[start] and (number := names.six(match[0].rstrip(":"))):
                stop = start + len(match[0].rstrip(":"))
                prefix = _PREFIX.match(self.words, stop)
                network = _network(match[0] + prefix[0]) if prefix else ""
                if prefix and network:
                    self._keep("network", network, start, prefix.end(), number)
                else:
                    self._keep("ip", number, start, stop, number)

    def _hosts(self) -> None:
        doubtful = []
        for match in _NAME.finditer(self.words):
            start, stop = match.span(1)
            if self.taken[start] or self.taken[stop - 1]:
                continue
            host = ascii_host(match[1])
            # What goes on with `[.` and then ends was cut off: its ending is not known.
            if not names.is_host(host) or names.is_product(host) or self.words.startswith("[.", stop):
                continue
            path = _PATH.match(self.words, stop)
            if self.plain.marked(start, stop) or self.plain.marked(stop, stop + 2):
                self._host(start, stop, host, path)
            elif names.is_likely(self.words, start, stop):
                doubtful.append((start, stop, host, path))
        for start, stop, host, path in doubtful:
            if url.organisation(host) in self.sure or not names.is_doubtful(self.words, start, stop, path is not None):
                self._host(start, stop, host, path)

    def _host(self, start: int, stop: int, host: str, path: re.Match[str] | None) -> None:
        if path is not None:
            first = path[0].lstrip("/").partition("/")[0]
            end = _trimmed(self.words, stop, path.end())
            if end > stop + 1 and not names.is_name(first):
                before = len(self.found)
                self._url(start, end, "http://")
                if len(self.found) > before:
                    return
        port = _PORT.match(self.words, stop)
        kind = "domain" if host == url.organisation(host) else "host"
        self._keep(kind, host, start, port.end() if port else stop, host)

    def _files(self) -> None:
        for match in _HASH.finditer(self.words):
            value = match[0].lower()
            if not self.taken[match.start()] and len(set(value)) > 4 and value not in names.empty_files():
                self._keep(HASHES[len(value)], value, *match.span())


def _trimmed(text: str, start: int, stop: int) -> int:
    """Give where an address ends without what closes the sentence or bracket around it."""
    while stop > start:
        last = text[stop - 1]
        if last in _CLOSES:
            if text.count(last, start, stop) <= text.count(_CLOSES[last], start, stop):
                return stop
        elif last not in ".,;:!?*_'\u2026\u3002\uff0c\u3001":
            return stop
        stop -= 1
    return stop


def _network(written: str) -> str:
    try:
        network = ipaddress.ip_network(written, strict=False)
    except ValueError:
        return ""
    return str(network) if 8 <= network.prefixlen < network.max_prefixlen else ""


def _behind_words(text: str, found: Sequence[Found], links: Sequence[Hyperlink]) -> Iterator[Found]:
    """Mark what can be clicked, and give the addresses to which other words lead."""
    starts = {(one.start, one.stop): one for one in found}
    for link in links:
        if not 0 <= link.start < link.stop <= len(text):
            continue
        read = url.read(link.address[:LONGEST])
        shown = starts.get((link.start, link.stop))
        if shown is not None:
            shown.linked = True
        if read.scheme not in ("http", "https") or not read.host or not names.is_host(read.host):
            continue
        owner = url.organisation(read.host)
        if shown is None or shown.organisation != owner:
            printed = text[link.start : link.stop]
            yield Found("url", read.url, printed, link.start, link.stop, False, read.host, owner, linked=True)
