"""Address fields (RFC 5322 3.4, with the obsolete forms of 4.4), read as mail programs and attackers write them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ada_url import idna

from watchword.parse.words import decode_words


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of an address field (RFC 5322 3.4)."""

    name: str  # display name, or the comment in its place; decoded after tokenising
    address: str  # addr-spec, lower case, host in A-label form; empty for a group without members
    local: str
    domain: str


# The form of nearly all mail: `"Name" <local@host>`, `Name <local@host>` or `local@host`, one or many.
_COMMON = re.compile(
    r'[ \t]*+(?:"([^"\\]*+)"[ \t]*+|([^"\\()<>\[\]:;,]*+))<([^\s"\\()<>\[\]:;@,]++)@([A-Za-z0-9.-]++)>[ \t]*+(?:,|\Z)'
)
_BARE = re.compile(r'[ \t]*+([^\s"\\()<>\[\]:;@,=?]++)@([A-Za-z0-9.-]++)[ \t]*+(?:,|\Z)')
_TOKEN = re.compile(r'[^\s"()<>\[\]:;@,]++|\s++|["()<>\[\]:;@,]')
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.S)
_COMMENT = re.compile(r"(?:[^()\\]++|\\.)", re.S)
_LITERAL = re.compile(r"\[[^\[\]<>@\s]{0,80}\]")
_BREAK = re.compile(r"\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n(?![ \t])")
_ATOM = re.compile(r"[^\s\"()<>\[\]:;@,\\]+")


def mailboxes(value: bytes, limit: int = 1_000) -> list[Mailbox]:
    """Read an address field. Tokenise first and decode encoded words after, so that they never make an address.

    Where the field can be read in several ways (`a@good]<b@evil>`, a bare CR), the addresses of every reading are
    given. At most `limit` addresses; linear in the length of `value`.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    if "\r" in text or "\n" in text:
        text = text.rstrip("\r\n")
        pieces = _BREAK.split(text)
        if len(pieces) > 1:
            out: list[Mailbox] = []
            for piece in pieces[: limit + 1]:
                found = _read(piece.replace("\r", "").replace("\n", ""), limit - len(out))
                out.extend(one for one in found if one.address or len(found) > 1)
                if len(out) >= limit:
                    break
            return out
        text = text.replace("\r", "").replace("\n", "")
    return _read(text, limit)


def _read(text: str, limit: int) -> list[Mailbox]:
    out: list[Mailbox] = []
    position, end = 0, len(text)
    while position < end and len(out) < limit:
        found = _COMMON.match(text, position)
        if found:
            quoted, phrase, local, host = found.groups()
            name = _words(quoted if quoted is not None else phrase)
        else:
            found = _BARE.match(text, position)
            if not found:
                # From here on it is unusual: the slow path reads the rest.
                out.extend(_tokens(text[position:], limit - len(out)))
                return out[:limit]
            name = ""
            local, host = found.groups()
        out.append(_mailbox(name, local, host))
        position = found.end()
    return out


def _words(phrase: str) -> str:
    if "=?" in phrase:
        phrase = decode_words(phrase.encode("utf-8", "surrogateescape"))
    return " ".join(phrase.split()) if "  " in phrase or "\t" in phrase or "\n" in phrase else phrase.strip()


@lru_cache(maxsize=20_000)
def host(name: str) -> str:
    """Give a host name in lower case and A-label form (RFC 5890), without the final dot."""
    name = name.strip().rstrip(".")
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name).decode("ascii") or name.lower()
    except (ValueError, UnicodeError):
        return name.lower()


def _mailbox(name: str, local: str, domain: str) -> Mailbox:
    local = local.lower()
    domain = host(domain) if len(domain) < 256 else domain[:1_000].lower()  # no host is longer (RFC 1035)
    return Mailbox(name, f"{local}@{domain}" if domain else local, local, domain)


class _Entry:
    """What is gathered of one address before its comma."""

    __slots__ = ("angle", "comments", "odd", "phrase")

    def __init__(self) -> None:
        self.phrase: list[tuple[str, str]] = []  # kind: `a` atom, `q` quoted, ` ` blank, or the special itself
        self.angle: list[tuple[str, str]] | None = None
        self.comments: list[str] = []
        self.odd = False  # holds a bracket out of place


def _tokens(text: str, limit: int) -> list[Mailbox]:
    out: list[Mailbox] = []
    entry = _Entry()
    group: str | None = None
    members = 0
    inside = closed = False
    quotes = comments = True  # until one is found unclosed; then the sign is a letter like others
    next_close = -1
    position, end = 0, len(text)
    # Every address costs at least one sign, so a field of only commas ends here too.
    while position < end and len(out) < limit:
        found = _TOKEN.match(text, position)
        assert found is not None  # noqa: S101 - the three branches of _TOKEN cover every character
        sign = found[0]
        position = found.end()
        if sign == '"' and quotes:
            string = _QUOTED.match(text, position - 1)
            if string:
                _put(entry, inside, "q", string[1])
                position = string.end()
            else:
                quotes = False
        elif sign == "(" and comments:
            stop = _comment_end(text, position)
            if stop < 0:
                comments = False
            else:
                if len(entry.comments) < 20:
                    entry.comments.append(text[position : stop - 1])
                _put(entry, inside, " ", " ")
                position = stop
        elif sign == "<":
            if entry.angle is not None:  # `<a@good><b@evil>`
                members += _finish(entry, out)
                entry = _Entry()
            if next_close < position:
                next_close = text.find(">", position)
                next_close = next_close if next_close >= 0 else end + 1
            following = text.find("<", position, min(next_close, end))
            closed = next_close <= end and following < 0
            entry.angle = []
            inside = True
        elif sign == ">":
            inside = False
        elif sign == "[":
            literal = _LITERAL.match(text, position - 1)
            if literal and (entry.angle if inside and entry.angle else entry.phrase)[-1:] == [("@", "@")]:
                _put(entry, inside, "a", literal[0])
                position = literal.end()
            else:
                entry.odd = True
                _put(entry, inside, "a", sign)
        elif sign == "," or sign == ";":
            if inside and closed:
                _put(entry, inside, sign, sign)
                continue
            members += _finish(entry, out)
            entry, inside = _Entry(), False
            if sign == ";" and group is not None:
                if not members and len(out) < limit:
                    out.append(Mailbox(group, "", "", ""))
                group = None
        elif sign == ":" and not inside and not any(kind == "@" for kind, _ in entry.phrase[-8:]):
            group, members = _phrase(entry.phrase[:200]), 0
            entry = _Entry()
        else:
            entry.odd = entry.odd or sign == "]"
            _put(entry, inside, "a" if sign not in "@:" and not sign.isspace() else sign[0], sign)
    if len(out) < limit:
        members += _finish(entry, out)
    if group is not None and not members and len(out) < limit:
        out.append(Mailbox(group, "", "", ""))
    return out


def _put(entry: _Entry, inside: bool, kind: str, token: str) -> None:
    if inside and entry.angle is not None:
        entry.angle.append((kind, token))
    else:
        if entry.angle is not None and kind == "@":
            entry.odd = True
        entry.phrase.append((kind, token))


def _comment_end(text: str, position: int) -> int:
    """Give the position after the comment that began before `position`, or -1 if it is not closed."""
    depth = 1
    for found in re.compile(r"\\.|[()]", re.S).finditer(text, position):
        if found[0] == "(":
            depth += 1
        elif found[0] == ")":
            depth -= 1
            if not depth:
                return found.end()
    return -1


def _phrase(tokens: list[tuple[str, str]]) -> str:
    return _words("".join(re.sub(r"\\(.)", r"\1", text) if kind == "q" else text for kind, text in tokens))


def _spec(tokens: list[tuple[str, str]]) -> tuple[str, str] | None:
    """Read an addr-spec, possibly behind a source route (RFC 5322 4.4), as local part and host."""
    tokens = [one for one in tokens if one[0] not in " \t\r\n"]
    if tokens and tokens[0][0] == "@":  # `@first,@second:local@host`
        colon = max((n for n, one in enumerate(tokens) if one[0] == ":"), default=-1)
        tokens = tokens[colon + 1 :]
    at = max((n for n, one in enumerate(tokens) if one[0] == "@"), default=-1)
    if at < 0:
        return None
    local = "".join(text if kind != "q" or _ATOM.fullmatch(text) else f'"{text}"' for kind, text in tokens[:at])
    return local, "".join(text for _, text in tokens[at + 1 :])


def _finish(entry: _Entry, out: list[Mailbox]) -> int:
    """Add what the entry holds; give how many addresses it was."""
    if not entry.angle and not entry.phrase and not entry.comments:
        return 0
    comment = _words(entry.comments[0]) if entry.comments else ""
    before = len(out)
    if entry.angle is not None:
        spec = _spec(entry.angle)
        if spec:
            out.append(_mailbox(_phrase(entry.phrase) or comment, *spec))
        else:
            bare = "".join(text for kind, text in entry.angle).strip()
            name = _phrase(entry.phrase) or comment
            if bare or name:
                out.append(Mailbox(name, bare.lower(), bare.lower(), ""))
        if entry.odd:  # another program stops at the bracket, or reads the address beside the angle
            out.extend(
                one for one in _loose(entry.phrase) if all(one.address != other.address for other in out[before:])
            )
    elif any(kind == "@" for kind, _ in entry.phrase):
        if entry.odd:
            out.extend(_loose(entry.phrase))
        else:
            name, spec = _trailing(entry.phrase)
            if spec:
                out.append(_mailbox(name or comment, *spec))
    elif entry.phrase:
        name = _phrase(entry.phrase)
        if name:
            out.append(Mailbox(name, "", "", ""))
    return len(out) - before


def _trailing(tokens: list[tuple[str, str]]) -> tuple[str, tuple[str, str] | None]:
    """Read `local@host`, or `Name local@host` where the angle brackets were left out."""
    tokens = [
        one
        for n, one in enumerate(tokens)
        # Blanks around a lone dot or the `@` belong to the address (RFC 5322 4.4), others end it.
        if one[0] not in " \t" or not {sign for _, sign in tokens[max(n - 1, 0) : n + 2]} & {".", "@"}
    ]
    at = max(n for n, one in enumerate(tokens) if one[0] == "@")
    start = at
    while start and tokens[start - 1][0] in "aq@":
        start -= 1
    stop = at + 1
    while stop < len(tokens) and tokens[stop][0] in "aq":
        stop += 1
    return _phrase(tokens[:start] + tokens[stop:]), _spec(tokens[start:stop])


def _loose(tokens: list[tuple[str, str]]) -> list[Mailbox]:
    """Give every `local@host` among tokens that make no sense together."""
    out = []
    for found in re.finditer(r'([^\s"<>\[\]():;@,]++)@([^\s"<>\[\]():;@,]++)', "".join(text for _, text in tokens)):
        out.append(_mailbox("", found[1], found[2]))
        if len(out) >= 20:
            break
    return out
