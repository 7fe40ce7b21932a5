"""What an IMAP server answers (RFC 3501 7, 9), read from what `imaplib` collected, with limits.

A value is bytes, None for NIL, or a list of values. Quoted strings and literals come as what they hold.
"""

import re
from collections.abc import Iterator, Sequence

Value = bytes | None | list["Value"]
Piece = bytes | tuple[bytes, bytes] | None  # of imaplib: text, or text that ends in `{n}` and the literal after it

_DEPTH = 20
_VALUES = 100_000
_TOKEN = re.compile(rb'[ \t]++|([()])|"((?:[^"\\]|\\.)*+)"?|([^ \t()"]+)', re.DOTALL)
_ANNOUNCED = re.compile(rb"~?\{\d+\}\Z")
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


def answers(pieces: Sequence[Piece]) -> Iterator[list[Value]]:
    """Divide what imaplib gives for a command into answers: text with its literals up to the text that has none."""
    held: list[bytes | tuple[bytes, bytes]] = []
    for piece in pieces:
        if piece is None:
            continue
        held.append(piece)
        if isinstance(piece, bytes):
            yield values(held)
            held = []


def values(pieces: Sequence[bytes | tuple[bytes, bytes]]) -> list[Value]:
    """Read one answer. Raises ValueError if it is nested too deep or too long."""
    top: list[Value] = []
    open_: list[list[Value]] = [top]
    count = 0
    for piece in pieces:
        text = piece if isinstance(piece, bytes) else _ANNOUNCED.sub(b"", piece[0])
        for token in _TOKEN.finditer(text):
            bracket, quoted, atom = token.groups()
            count += 1
            if count > _VALUES or len(open_) > _DEPTH:
                raise ValueError("the server's answer is nested too deep or too long")
            if bracket == b"(":
                inner: list[Value] = []
                open_[-1].append(inner)
                open_.append(inner)
            elif bracket == b")":
                if len(open_) > 1:
                    open_.pop()
            elif quoted is not None:
                open_[-1].append(_ESCAPED.sub(rb"\1", quoted))
            elif atom is not None:
                open_[-1].append(None if atom.upper() == b"NIL" else atom)
        if isinstance(piece, tuple):
            open_[-1].append(piece[1])
    return top


def attributes(answer: list[Value]) -> dict[bytes, Value]:
    """Give what a FETCH answer says of one message, by name in capitals."""
    listed = next((value for value in answer if isinstance(value, list)), [])
    pairs = zip(listed[::2], listed[1::2], strict=False)
    return {name.upper(): value for name, value in pairs if isinstance(name, bytes)}


def quoted(name: bytes) -> bytes | None:
    """Write a folder's name as a quoted string; None if it cannot be one (RFC 3501 9: no CR, LF or NUL)."""
    if re.search(rb"[\r\n\0]", name):
        return None
    return b'"' + re.sub(rb'(["\\])', rb"\\\1", name) + b'"'
