"""One Received field (RFC 5321 4.4), as Postfix, Exim, Sendmail, Exchange, Gmail, qmail, Lotus and others write it."""

import functools
import re
from datetime import datetime
from typing import NamedTuple

from watchword.parse.fields import date

_CHARACTERS = 4_096  # of one field; real ones stay under 1,000

# Possessive throughout, so every expression is linear. A comment may hold one level of comments.
_COMMENT = r"\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)"
_PROTOCOL = r"(?:with|via)\s++(?:Microsoft\s++)?([A-Za-z][A-Za-z0-9/-]*+)"
_CLAUSES = re.compile(
    rf"\s*+(?:from\s++([^\s();]++)\s*+((?:\[[^\s\[\]]++\]\s*+)?(?:{_COMMENT}\s*+)*+))?"
    rf"(?:by\s++([^\s();]++)\s*+(?:{_COMMENT}\s*+)*+(?:{_PROTOCOL})?)?",
    re.IGNORECASE,
)
_ANY_COMMENT = re.compile(_COMMENT)
_LATE_BY = re.compile(r"(?<!\S)by\s++([^\s();]++)", re.IGNORECASE)
_WITH = re.compile(rf"(?<!\S){_PROTOCOL}", re.IGNORECASE)
_FOR = re.compile(r"(?<!\S)for\s++<?([^\s<>();]++)", re.IGNORECASE)

_IP = r"(?:IPv6:)?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]*+:[0-9a-fA-F:.]++)"
_BRACKETED_IP = re.compile(rf"\[{_IP}(?:%\w++)?\]", re.IGNORECASE)
_BARE_IP = re.compile(rf"(?<![\w.:-]){_IP}(?:%\w++)?(?![\w.:-])", re.IGNORECASE)
_HOST_IP = re.compile(rf"\[?{_IP}\]?(?::\d++)?", re.IGNORECASE)
_LITERAL_STARTS = frozenset("[0123456789abcdefABCDEF:")
_HELO = re.compile(r"(?<![\w.-])(?:HELO|EHLO)[ =]([^\s()]*+)", re.IGNORECASE)
_CHOSEN = re.compile(r"(?<![\w.-])(?:HELO[ =]|EHLO[ =]|ident=)[^\s()]*+", re.IGNORECASE)
_REVERSE = re.compile(r"\(\s*+(?:[^\s()@\[\]]*+@)?([\w.-]++)\.?\s*+[\[(]")
_HOST = re.compile(r"[\w.:-]*\w")


class Received(NamedTuple):
    """What one Received field says."""

    from_host: str  # HELO
    from_reverse: str  # by reverse look-up; empty if the server found none or doubts it
    from_ip: str
    by_host: str
    protocol: str
    recipient: str  # `for`
    time: datetime | None


def read_received(value: str) -> Received:
    """Read one field. What cannot be read is empty; nothing in a `from` clause can pass for the address of the host."""
    value = value[:_CHARACTERS]
    what, _, when = value.rpartition(";")
    if not what:
        what, when = value, ""
    clauses = _CLAUSES.match(what)
    name, comments, by, protocol = clauses.groups() if clauses else (None, None, None, None)
    tail = what[clauses.end() :] if clauses else what
    if (not by or not protocol or "for " in tail) and "(" in tail:
        tail = _ANY_COMMENT.sub(" ", tail)
    if not by:
        # `from mail pickup service by`, `(from user@localhost) by`, `(qmail 1 invoked by uid 2)`: not in comments.
        late = _LATE_BY.search(tail)
        if late:
            by, tail = late[1], tail[late.end() :]
    if not protocol:
        later = _WITH.search(tail)
        protocol = later[1] if later else ""
    recipient = _FOR.search(tail) if "for " in tail else None
    return Received(
        *(_client(name[:300], comments or "") if name else ("", "", "")),
        _host(by) if by else "",
        protocol.upper(),
        recipient[1].lower() if recipient and "@" in recipient[1] else "",
        date(when.strip())[0] if when else None,
    )


@functools.lru_cache(maxsize=4_096)
def _client(name: str, comments: str) -> tuple[str, str, str]:
    """Tell HELO, reverse name and address of the client apart."""
    reverse = ip = ""
    lower = comments.lower()
    helo = _HELO.search(comments) if "helo" in lower or "ehlo" in lower else None
    if helo:
        # Exim `from reverse ([ip] helo=name)`, qmail `from reverse (HELO name) (ip)`.
        name, reverse = helo[1] or name, name
    if helo or "ident" in lower:
        # The client chose these, so they must not be found again as an address.
        comments = _CHOSEN.sub("", comments)
    # The address stands in the first comment that holds any, and last there, after what the client calls itself. Later
    # comments (the name in a client's certificate) are not the server's own words.
    for comment in _ANY_COMMENT.findall(comments) or (comments,):
        addresses = _BRACKETED_IP.findall(comment) or _BARE_IP.findall(comment)
        if addresses:
            ip = addresses[-1].lower()
            break
    if helo:
        ip = ip or _literal(reverse)
    else:
        ip = ip or _literal(name)
        before = _REVERSE.match(comments)
        if before and "may be forged" not in lower:
            reverse = before[1]
    reverse = _host(reverse)
    return _host(name), "" if reverse == "unknown" or _literal(reverse) else reverse, ip


def _literal(name: str) -> str:
    """Give the address if the name is one, with or without brackets and port."""
    found = _HOST_IP.fullmatch(name) if name[:1] in _LITERAL_STARTS else None
    return found[1].lower() if found else ""


@functools.lru_cache(maxsize=16_384)
def _host(name: str) -> str:
    """Give a host name in lower case without what servers put around it; empty if it is no name."""
    name = name[:300].strip("[]<>.,").lower()
    return name[:255] if _HOST.fullmatch(name) else ""
