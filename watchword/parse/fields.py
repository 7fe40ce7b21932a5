"""Structured header fields: addresses, parameters, encoded words, dates, message ids."""

import re
from urllib.parse import unquote_to_bytes

from watchword.parse.addresses import Mailbox, host, mailboxes
from watchword.parse.charset import read
from watchword.parse.dates import date
from watchword.parse.words import decode_words, plain

__all__ = ["Mailbox", "date", "decode_words", "host", "mailboxes", "message_ids", "parameters"]

_SIMPLE = re.compile(
    r"[ \t]*+([\w.+-]++/[\w.+-]++)(?:[ \t]*+;[ \t]*+([\w-]++)=(?:\"([^\"\\=%(]*+)\"|([\w./+-]++)))?[ \t]*+;?[ \t]*+"
)
_PARAMETER = re.compile(
    r"""[;\s]*+([^\s;=*"()]++)(?:\*(\d{1,4}))?(\*)?[ \t]*+=[ \t]*+(?:"((?:[^"\\]++|\\.)*+)"[^;]*+|([^;]*+))""", re.S
)
_UNREADABLE = re.compile(r"[;\s]*+[^;]*+")
_COMMENT = re.compile(r"\([^()]*+\)")
_ID = re.compile(r"<([^<>]*+)>")
PARAMETERS = 200  # of one field that are looked at


def parameters(value: bytes) -> tuple[str, dict[str, list[str]]]:
    """Read `type/subtype; name=value` into the value and every reading of every parameter (RFC 2231, RFC 2047).

    Readings stand in the order in which mail programs prefer them: `name*`, then `name*0` and its continuations, then
    `name`; a doubled parameter gives both values. The value and the names are in lower case.
    """
    text = plain(value)
    simple = _SIMPLE.fullmatch(text)
    if simple:
        kind, name, quoted, token = simple.groups()
        return kind.lower(), {name.lower(): [quoted if quoted is not None else token]} if name else {}
    head, _, rest = text.partition(";")
    if "(" in head:
        head = _COMMENT.sub(" ", head)
    head = head.strip().lower()
    if "=" in head:  # `name=x` where the value or the semicolon after it was left out
        first = text.split(None, 1)
        head, rest = (first[0].lower(), first[1]) if "/" in first[0] and len(first) > 1 else ("", text)
    whole: dict[str, list[str]] = {}
    extended: dict[str, list[str]] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    position, seen = 0, 0
    while position < len(rest) and seen < PARAMETERS:
        found = _PARAMETER.match(rest, position)
        if not found:
            unreadable = _UNREADABLE.match(rest, position)
            position = max(unreadable.end() if unreadable else 0, position + 1)
            continue
        seen += 1
        position = found.end()
        name, number, star, quoted, token = found.groups()
        name = name.lower()
        if quoted is not None:
            content = re.sub(r'\\(["\\])', r"\1", quoted) if "\\" in quoted else quoted
        else:
            content = token.strip()
            if content.startswith('"'):
                content = content[1:]  # a quoted string that is not closed
            elif "(" in content:
                content = _COMMENT.sub("", content).strip()
        if number is not None:
            pieces.setdefault(name, {}).setdefault(int(number), (star is not None, content))
        elif star:
            extended.setdefault(name, []).append(_extended(content))
        else:
            whole.setdefault(name, []).append(_loose(content))
    out: dict[str, list[str]] = {}
    for name, values in extended.items():
        out.setdefault(name, []).extend(values)
    for name, numbered in pieces.items():
        out.setdefault(name, []).append(_joined(numbered))
    for name, values in whole.items():
        out.setdefault(name, []).extend(values)
    return head, {name: list(dict.fromkeys(values)) for name, values in out.items()}


def _loose(content: str) -> str:
    """A plain parameter: encoded words do not belong there, but mailers write them and readers decode them."""
    if "=?" in content:
        return decode_words(content.encode("utf-8", "surrogateescape"))
    return content


def _extended(content: str) -> str:
    """Read `charset'language'percent-coded` (RFC 2231 4)."""
    charset, quote, rest = content.partition("'")
    if not quote:
        return read(unquote_to_bytes(content), "")[0]
    _, second, text = rest.partition("'")
    return read(unquote_to_bytes(text if second else rest), charset.lower())[0]


def _joined(numbered: dict[int, tuple[bool, str]]) -> str:
    """Join `name*0*`, `name*1`, ... (RFC 2231 3) by number; gaps are passed over, as readers do."""
    charset, data = "", []
    for place, number in enumerate(sorted(numbered)):
        star, content = numbered[number]
        if star:
            if not place and content.count("'") >= 2:
                charset, _, content = content.split("'", 2)
            data.append(unquote_to_bytes(content))
        else:
            data.append(content.encode("utf-8", "surrogateescape"))
    text = read(b"".join(data), charset.lower())[0]
    return _loose(text)


def message_ids(value: str) -> list[str]:
    """Read the ids of Message-ID, In-Reply-To or References, without angle brackets."""
    found = ["".join(one.split()) for one in _ID.findall(value)]
    if not found:
        found = [one.strip("<>") for one in value.split() if "@" in one]
    return [one for one in found if one]
