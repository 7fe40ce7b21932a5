"""Pieces of a message that is put together again (RFC 5322, 2045, 2183, 2231): the same bytes for the same content."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

_SIMPLE = re.compile(r"[ -~]*")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
_LONG_LINE = re.compile(rb"[^\n]{999}")
_PIECE = 57 * 16_384  # whole lines of base64
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# fields that say how a body is cut and coded: of a message put together again they are ours
OURS = frozenset({b"content-type", b"content-transfer-encoding", b"content-disposition", b"mime-version"})


class Entity(NamedTuple):
    """A body and the header fields that say what it is."""

    fields: list[bytes]
    body: list[bytes]  # in pieces, so that files are not copied at each level


def field(name: str, value: str) -> bytes:
    """Write a header field; letters beyond ASCII as encoded words (RFC 2047)."""
    value = value if _SIMPLE.fullmatch(value) and "=?" not in value else words(value)
    return f"{name}: {value}\r\n".encode()


def mailboxes(name: str, people: Sequence[tuple[str, str]]) -> list[bytes]:
    """Write a field of names and addresses; none if nobody has an address or name."""
    written = [mailbox for person in people if (mailbox := _mailbox(*person))]
    return [f"{name}: ".encode() + ",\r\n ".join(written).encode("utf-8", "replace") + b"\r\n"] if written else []


def _mailbox(name: str, address: str) -> str:
    if not name or name == address:
        return f"<{address}>" if address else ""
    name = name[:1_000]
    if _SIMPLE.fullmatch(name) and "=?" not in name:
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        name = words(name)
    return f"{name} <{address}>"


def date(when: datetime) -> str:
    """Write a time whose sender's time zone is not known (RFC 5322 3.3)."""
    return f"{_DAYS[when.weekday()]}, {when.day} {_MONTHS[when.month - 1]} {when.year:04} {when:%H:%M:%S} -0000"


def words(text: str) -> str:
    """Write text as encoded words (RFC 2047), each of whole letters."""
    pieces = [text[at : at + 10].encode("utf-8", "replace") for at in range(0, len(text), 10)]
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


def text_entity(subtype: str, data: bytes, charset: str) -> Entity:
    """Make a part of text."""
    kind = f"Content-Type: text/{subtype}; charset={charset}\r\n".encode()
    if b"\0" not in data and not charset.startswith(("utf-16", "iso-2022", "utf-7")):
        lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if not _LONG_LINE.search(lines):
            return Entity([kind, b"Content-Transfer-Encoding: 8bit\r\n"], [lines.replace(b"\n", b"\r\n")])
    return Entity([kind, b"Content-Transfer-Encoding: base64\r\n"], coded(data))


def file_entity(name: str, kind: str, data: bytes, other: str = "", *, is_shown: bool = False) -> Entity:
    """Make a part that is a file; `other` is a second name that it has."""
    kind = kind.strip().lower()
    if not _MEDIA_TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    written = f"Content-Type: {kind}".encode() + (_parameter("name", other) if other else b"") + b"\r\n"
    place = disposition("inline" if is_shown else "attachment", name)
    return Entity([written, b"Content-Transfer-Encoding: base64\r\n", place], coded(data))


def disposition(kind: str, name: str) -> bytes:
    """Write Content-Disposition with a file's name."""
    return f"Content-Disposition: {kind}".encode() + (_parameter("filename", name) if name else b"") + b"\r\n"


def _parameter(name: str, value: str) -> bytes:
    """Write a parameter; of letters beyond ASCII in the form of RFC 2231."""
    value = value[:1_000]
    if _SIMPLE.fullmatch(value) and "=?" not in value:
        return b';\r\n %s="%s"' % (name.encode(), value.replace("\\", "\\\\").replace('"', '\\"').encode())
    percent = quote(value.encode("utf-8", "replace"), safe="")
    return b";\r\n %s*=utf-8''%s" % (name.encode(), percent.encode())


def joined(subtype: str, parts: Sequence[Entity]) -> Entity:
    """Put parts into one multipart, unless it is only one."""
    if len(parts) == 1:
        return parts[0]
    digest = hashlib.sha256()
    for part in parts:
        for piece in part.body:
            digest.update(piece)
    boundary = b"=_" + digest.hexdigest()[:32].encode()  # its own hash cannot stand in what was hashed
    kind = b'Content-Type: multipart/%s;\r\n boundary="%s"\r\n' % (subtype.encode(), boundary)
    return Entity([kind], multipart(boundary, parts))


def multipart(boundary: bytes, parts: Sequence[Entity]) -> list[bytes]:
    """Write parts between delimiters (RFC 2046 5.1)."""
    pieces: list[bytes] = []
    for part in parts:
        pieces += [b"--", boundary, b"\r\n", *part.fields, b"\r\n", *part.body, b"\r\n"]
    return [*pieces, b"--", boundary, b"--\r\n"]


def coded(data: bytes) -> list[bytes]:
    """Write base64 in lines of 76 letters."""
    starts = range(0, len(data), _PIECE)
    return [base64.encodebytes(data[at : at + _PIECE]).replace(b"\n", b"\r\n") for at in starts]
