"""Authentication results as servers write them (RFC 8601, RFC 7208 9.1, RFC 8617 4.1.1), read so that no text that a
sender controls can become a result.

A sender controls addresses and domains, and servers copy them into the field: into comments, quoted strings and
properties. Chen, Paxson, Jiang, "Composition Kills" (USENIX Security 2020) forge `dkim=pass` with quotes and brackets
there. So comments and quoted strings go first, one that does not end swallows the rest, and a domain that touches one
is no domain.
"""

import functools
import re
from typing import NamedTuple

from watchword.observe.domain import ascii_host

_CHARACTERS = 16_384  # of one field
_RESULTS = 100  # of one field

RESULTS = frozenset("pass fail softfail neutral none temperror permerror policy bestguesspass".split())
_ALIASES = {
    "hardfail": "fail",
    "error": "temperror",
    "unknown": "permerror",
    "bestguess": "bestguesspass",
    "timeout": "temperror",
}

_CUT = "\x00"  # where a comment or quoted string was; no host name holds it
_STOPS = re.compile(r"[()\"\\]|(?<=[\s=<])'")
_STOPS_WITHOUT_SINGLE = re.compile(r"[()\"\\]")  # five times as fast
_ESCAPE = re.compile(r"\\(.)")
_METHOD = re.compile(r"([a-z][a-z0-9-]{0,30})(?:\s*/\s*\d+)?\s*=\s*([a-z]{1,30})(?=[\s\x00]|$)", re.IGNORECASE)
_PROPERTY = re.compile(r"(?<!\S)((?:smtp|header)\.[a-z0-9-]{1,30})=(\S{1,1000})", re.IGNORECASE)
_QUOTED = re.compile(_CUT + r"(\d{1,5})" + _CUT, re.ASCII)
_INSTANCE = re.compile(r"\s*i\s*=\s*\d+\s*;")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_SPF = re.compile(r"\s*([a-z]{1,20})(?=[\s(;]|$)", re.IGNORECASE)
_SPF_SAID = re.compile(
    r"\(([\w.-]{1,255}):\s+(?:(?:[a-z]{1,20} ){0,6}domain of (?:transitioning )?)?([^\s()\"]{1,500})(?=\s)",
    re.IGNORECASE,
)
_SPF_PAIR = re.compile(r"(?<![\w-])(envelope-from|receiver|identity|helo)=(\"[^\"\\]{0,500}\"|[^\s;\"()]{1,500})", re.I)


class Result(NamedTuple):
    """One method's result."""

    method: str
    result: str  # one of RESULTS, or `unknown`
    domain: str
    selector: str = ""


def read_results(value: str) -> tuple[str, list[Result], bool]:
    """Read Authentication-Results, or ARC-Authentication-Results.

    Gives the authserv-id, empty if omitted; the results; and whether a comment or quoted string swallowed the rest.
    """
    instance = _INSTANCE.match(value[:40])
    text, quoted, whole = _without_quotes(value[instance.end() if instance else 0 : _CHARACTERS].replace(_CUT, " "))
    pieces = text.split(";")
    server = ""
    if not _METHOD.match(pieces[0].lstrip()):
        words = pieces.pop(0).split()
        server = _host(words[0]) if words else ""
    results = []
    for piece in pieces[:_RESULTS]:
        found = _METHOD.match(piece.strip(" \t\x00"))
        if not found:
            continue
        method = found[1].lower()
        if method == "reason":
            continue
        properties: dict[str, str] = {}
        for name, content in _PROPERTY.findall(piece):
            only = _QUOTED.fullmatch(content)  # the whole value is one quoted string, as RFC 8601 2.2 allows
            properties.setdefault(name.lower(), quoted[int(only[1])] if only else content)
        results.append(Result(method, _result(found[2]), _domain(method, properties), _selector(properties)))
    return server, results, not whole


def read_received_spf(value: str) -> tuple[str, Result | None]:
    """Read Received-SPF (RFC 7208 9.1): the server that says so, and its result."""
    value = value[:_CHARACTERS]
    found = _SPF.match(value)
    if not found:
        return "", None
    server = domain = ""
    rest = value[found.end() :].lstrip()
    said = _SPF_SAID.match(rest)
    if said:
        server, domain = _host(said[1]), _host(said[2].rpartition("@")[2])
        domain = domain if "." in domain else ""  # `(mx: error in ...)`
    if not (server and domain):
        pairs: dict[str, str] = {}
        for name, content in _SPF_PAIR.findall(_without_quotes(rest, quotes=False)[0]):
            pairs.setdefault(name.lower(), content.strip('"'))
        server = server or _host(pairs.get("receiver", ""))
        sender = pairs.get("envelope-from", "").strip("<>").rpartition("@")[2]
        domain = domain or _host(sender) or _host(pairs.get("helo", ""))
    return server, Result("spf", _result(found[1]), domain)


def _result(token: str) -> str:
    token = token.lower()
    token = _ALIASES.get(token, token)
    return token if token in RESULTS else "unknown"


def _domain(method: str, properties: dict[str, str]) -> str:
    """Choose the domain that a result is about."""
    if method == "spf":
        names = ("smtp.mailfrom", "smtp.mail", "smtp.helo")
    elif method in ("dkim", "domainkeys"):
        names = ("header.d", "header.i", "header.from")
    else:
        names = ("header.from", "header.d", "smtp.mailfrom")
    for name in names:
        if name in properties:
            # Only the property that counts: falling back from a bad one would let a sender choose which is read.
            domain = _host(properties[name].rpartition("@")[2])
            return "" if domain == "none" else domain
    return ""


def _selector(properties: dict[str, str]) -> str:
    return _host(properties.get("header.s", ""))


@functools.lru_cache(maxsize=16_384)
def _host(text: str) -> str:
    """Give a host name in A-label form, empty if it is none."""
    text = text[:300].strip("<>,").removesuffix(".")
    return ascii_host(text) if len(text) <= 255 and _HOST.fullmatch(text) else ""


def _without_quotes(value: str, quotes: bool = True) -> tuple[str, list[str], bool]:
    """Replace every comment and quoted string by a mark; give the text, what was quoted, and whether all of them end.

    One that does not end swallows the rest.
    A `"` inside a comment counts as a quotation if it ends there, so that an address like `"a) dkim=pass ("@b` that a
    server copied into a comment does not end the comment.
    """
    if not ("(" in value or '"' in value or "'" in value or "\\" in value):
        return value, [], True
    out: list[str] = []
    quoted: list[str] = []
    depth = 0
    whole = True
    at = kept = 0
    length = len(value)
    stops = _STOPS if "'" in value else _STOPS_WITHOUT_SINGLE
    while found := stops.search(value, at):
        mark, where = found[0], found.start()
        at = where + 1
        if mark == "\\":
            at += 1
            if depth == 0:
                out.append(value[kept:where] + _CUT)
                kept = at
        elif mark == "(":
            if depth == 0:
                out.append(value[kept:where] + _CUT)
            depth += 1
        elif mark == ")":
            if depth:
                depth -= 1
                kept = at
        elif quotes or mark == "'":
            end = _closing(value, at, mark)
            if end >= 0:
                if depth == 0:
                    out.append(f"{value[kept:where]}{_CUT}{len(quoted)}{_CUT}")
                    quoted.append(_ESCAPE.sub(r"\1", value[at:end]))
                    kept = end + 1
                at = end + 1
            elif depth == 0:
                out.append(value[kept:where] + _CUT)
                kept = at = length
                whole = False
    if depth == 0:
        out.append(value[kept:])
    return "".join(out), quoted, whole and depth == 0


def _closing(value: str, at: int, quote: str) -> int:
    """Find the quote that ends a quoted string, -1 if none does."""
    while True:
        end = value.find(quote, at)
        if end < 0:
            return -1
        backslashes = 0
        while end - backslashes > at and value[end - backslashes - 1] == "\\":
            backslashes += 1
        if backslashes % 2 == 0:
            return end
        at = end + 1
