"""One Received field (RFC 5321 4.4), as Postfix, Exim, Sendmail, Exchange, Gmail, qmail, Lotus and others write it."""

import re
from dataclasses import dataclass
from datetime import datetime

from watchword.parse.fields import date

_CHARACTERS = 4_096  # of one field; real ones stay under 1,000

# Possessive throughout, so every expression is linear. A comment may hold one level of comments.
_COMMENT = r"\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)"
_FROM = re.compile(
    rf"\s*+from\s++([^\s();]++)\s*+(\[[^\s\[\]]++\]\s*+)?((?:{_COMMENT}\s*+)*+)(?:by\s++([^\s();]++))?", re.IGNORECASE
)
_BY = re.compile(r"\s*+by\s++([^\s();]++)", re.IGNORECASE)
_ANY_COMMENT = re.compile(_COMMENT)
_LATE_BY = re.compile(r"(?<!\S)by\s++([^\s();]++)", re.IGNORECASE)
_WITH = re.compile(r"(?<!\S)(?:with|via)\s++(?:Microsoft\s++)?([A-Za-z][A-Za-z0-9/-]*+)", re.IGNORECASE)
_FOR = re.compile(r"(?<!\S)for\s++<?([^\s<>();]++)", re.IGNORECASE)

_IP = r"(?:IPv6:)?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]*+:[0-9a-fA-F:.]++)"
_BRACKETED_IP = re.compile(rf"\[{_IP}(?:%\w++)?\]", re.IGNORECASE)
_BARE_IP = re.compile(rf"(?<![\w.:-]){_IP}(?:%\w++)?(?![\w.:-])", re.IGNORECASE)
_HOST_IP = re.compile(rf"\[?{_IP}\]?(?::\d++)?", re.IGNORECASE)
_HELO = re.compile(r"(?<![\w.-])E?HELO[ =]([^\s()]*+)", re.IGNORECASE)
_REVERSE = re.compile(r"\(\s*+(?:[^\s()@\[\]]*+@)?([\w.-]++)\.?\s*+[\[(]")
_HOST = re.compile(r"[\w.:-]*\w")


@dataclass(frozen=True, slots=True)
class Received:
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
    by = from_host = comment = ""
    rest = 0
    found = _FROM.match(what)
    if found:
        from_host, comment, by = found[1], (found[2] or "") + found[3], found[4] or ""
        rest = found.end()
    else:
        direct = _BY.match(what)
        if direct:
            by, rest = direct[1], direct.end()
    tail = what[rest:]
    if not by:
        # `from mail pickup service by`, `(from user@localhost) by`, `(qmail 1 invoked by uid 2)`: not in comments.
        tail = _ANY_COMMENT.sub(" ", tail)
        late = _LATE_BY.search(tail)
        if late:
            by, tail = late[1], tail[late.end() :]
    elif "(" in tail:
        tail = _ANY_COMMENT.sub(" ", tail)
    reverse, ip = "", ""
    if found:
        from_host, reverse, ip = _client(from_host, comment)
    protocol = _WITH.search(tail)
    recipient = _FOR.search(tail)
    return Received(
        from_host,
        reverse,
        ip,
        _host(by),
        protocol[1].upper() if protocol else "",
        recipient[1].lower() if recipient and "@" in recipient[1] else "",
        date(when.strip())[0] if when else None,
    )


def _client(name: str, comment: str) -> tuple[str, str, str]:
    """Tell HELO, reverse name and address of the client apart."""
    reverse = ""
    helo = _HELO.search(comment)
    if helo:
        # Exim `from reverse ([ip] helo=name)`, qmail `from reverse (HELO name) (ip)`. The client chose what HELO says,
        # so it must not be found again as an address.
        comment = _HELO.sub("", comment)
        name, reverse = helo[1] or name, name
    addresses = _BRACKETED_IP.findall(comment) or _BARE_IP.findall(comment)
    # The client may put an address into what stands before its own (ident); the server writes the true one last.
    ip = addresses[-1] if addresses else ""
    if not ip:
        literal = _HOST_IP.fullmatch(reverse or name)
        ip = literal[1] if literal else ""
    if not helo:
        before = _REVERSE.match(comment)
        if before and "may be forged" not in comment:
            reverse = before[1]
    reverse = _host(reverse)
    if reverse == "unknown" or _HOST_IP.fullmatch(reverse):
        reverse = ""
    return _host(name), reverse, ip.lower()


def _host(name: str) -> str:
    """Give a host name in lower case without what servers put around it; empty if it is no name."""
    name = name.strip("[]<>.,").lower()
    return name[:255] if _HOST.fullmatch(name) else ""
