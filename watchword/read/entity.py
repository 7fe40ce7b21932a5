"""Pieces of a message that is put together again (RFC 5322, 2045, 2183, 2231): the same bytes for the same content."""

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

_SIMPLE = re.compile(r"[ -~]*")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")


class Entity(NamedTuple):
    """A body and the header fields that say what it is."""

    fields: list[bytes]
    body: bytes


def field(name: str, value: str) -> bytes:
    """Write a header field; letters beyond ASCII as encoded words (RFC 2047)."""
    value = " ".join(value.split())
    return f"{name}: {value if _SIMPLE.fullmatch(value) and '=?' not in value else words(value)}\r\n".encode()


def mailbox(name: str, address: str) -> str:
    """Write a name and an address; without an address only the name's group, without a name only the address."""
    name, address = " ".join(name.split()), re.sub(r"[\s<>]", "", address)
    if not name or name == address:
        return f"<{address}>" if address else ""
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{quoted if _SIMPLE.fullmatch(name) and '=?' not in name else words(name)} <{address}>"


def words(text: str) -> str:
    """Write text as encoded words (RFC 2047), each of whole letters."""
    pieces = [text[at : at + 10].encode("utf-8", "replace") for at in range(0, len(text), 10)]
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)


def text_entity(subtype: str, data: bytes, charset: str) -> Entity:
    """Make a part of text."""
    kind = f"Content-Type: text/{subtype}; charset={charset}\r\n".encode()
    if b"\0" not in data:
        data = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
        if not re.search(rb"[^\n]{999}", data):
            return Entity([kind, b"Content-Transfer-Encoding: 8bit\r\n"], data)
    return Entity([kind, b"Content-Transfer-Encoding: base64\r\n"], coded(data))


def file_entity(name: str, kind: str, data: bytes, *, inline: bool = False, content_id: str = "") -> Entity:
    """Make a part that is a file."""
    kind = kind.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    fields = [f"Content-Type: {kind}\r\n".encode(), b"Content-Transfer-Encoding: base64\r\n"]
    fields.append(disposition("inline" if inline else "attachment", name))
    if content_id := content_id.strip(" <>\0"):
        fields.append(field("Content-ID", f"<{content_id}>"))
    return Entity(fields, coded(data))


def disposition(kind: str, name: str) -> bytes:
    """Write Content-Disposition with a file's name; letters beyond ASCII in the form of RFC 2231."""
    name = name[:1_000]
    if not name:
        return f"Content-Disposition: {kind}\r\n".encode()
    if _SIMPLE.fullmatch(name) and "=?" not in name:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'Content-Disposition: {kind};\r\n filename="{quoted}"\r\n'.encode()
    percent = quote(name.encode("utf-8", "replace"), safe="")
    return f"Content-Disposition: {kind};\r\n filename*=utf-8''{percent}\r\n".encode()


def joined(subtype: str, parts: Sequence[Entity]) -> Entity:
    """Put parts into one multipart, unless it is only one."""
    if len(parts) == 1:
        return parts[0]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.body)
    boundary = f"=_{digest.hexdigest()[:32]}"  # its own hash cannot stand in what was hashed
    kind = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode()
    return Entity([kind], multipart(boundary.encode(), parts))


def multipart(boundary: bytes, parts: Sequence[Entity]) -> bytes:
    """Write parts between delimiters (RFC 2046 5.1)."""
    pieces: list[bytes] = []
    for part in parts:
        pieces += [b"--", boundary, b"\r\n", *part.fields, b"\r\n", part.body, b"\r\n"]
    return b"".join([*pieces, b"--", boundary, b"--\r\n"])


def coded(data: bytes) -> bytes:
    """Write base64 in lines of 76 letters."""
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
