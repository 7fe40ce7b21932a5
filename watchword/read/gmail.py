"""One message as the Gmail API gives it (`users.messages.get`), with `format=raw` or `format=full`.

https://developers.google.com/gmail/api/reference/rest/v1/users.messages: `raw` is the message in base64url, byte for
byte. `payload` is a tree of parts, decoded, from which it is put together again.
"""

import binascii
import re
from collections.abc import Set

from watchword.read.body_hash import body_start
from watchword.read.entity import Entity, coded, multipart
from watchword.read.marks import marks
from watchword.read.single import Original

_DEPTH = 50
_PARTS = 2_000
_OURS = ("content-transfer-encoding", "content-length")
_NAME = re.compile(r"[!-9;-~]{1,200}")
_BOUNDARY = re.compile(r"""(?i);\s*boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""")


_CONTENT = frozenset({b"raw", b"payload"})
_ABOUT = frozenset({b"threadid", b"labelids", b"historyid", b"internaldate"})
TELLING = _CONTENT | _ABOUT


def is_message(keys: Set[bytes]) -> bool:
    """Say whether an object with these keys, in lower case, is a message."""
    return not _CONTENT.isdisjoint(keys) and not _ABOUT.isdisjoint(keys)


def original(said: dict[str, object]) -> Original:
    """Give the message. Raises ValueError."""
    raw, payload = said.get("raw"), said.get("payload")
    defects: list[tuple[str, int, str]] = []
    if isinstance(raw, str) and raw:
        data = unpacked(raw)
    elif isinstance(payload, dict):
        missing: list[str] = []
        entity = _entity(payload, missing, _DEPTH, [_PARTS])
        data = b"".join([*entity.fields, b"\r\n", *entity.body])
        defects.append(("rebuilt", 0, "Gmail gave header fields and decoded parts; the fields are as they came."))
        defects += [("attachment-not-kept", 0, name) for name in missing[:100]]
    else:
        raise ValueError("it has neither the message's bytes nor its parts")
    ids = said.get("labelids")
    labels = tuple(label for label in ids if isinstance(label, str))[:200] if isinstance(ids, list) else ()
    flags = [] if "UNREAD" in labels or not isinstance(ids, list) else ["seen"]
    flags += [word for label, word in (("STARRED", "flagged"), ("DRAFT", "draft")) if label in labels]
    _, written, thread = marks(data[: body_start(data)])
    return Original(
        data, flags=tuple(flags), labels=labels or written, thread=thread_id(said.get("threadid")) or thread,
        defects=tuple(defects),
    )  # fmt: skip


def unpacked(text: str) -> bytes:
    """Decode base64 in either alphabet (RFC 4648 4 and 5), with or without padding. Raises ValueError."""
    try:
        plain = text.encode("ascii").translate(bytes.maketrans(b"-_", b"+/"), b"= \t\r\n")
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("its base64 is broken") from None


def thread_id(value: object) -> str:
    """Give the thread's id as IMAP and Takeout have it (X-GM-THRID): the same number, decimal."""
    if not isinstance(value, str):
        return ""
    return str(int(value, 16)) if re.fullmatch(r"[0-9a-fA-F]{1,16}", value) else value[:40]


def _entity(part: dict[str, object], missing: list[str], depth: int, left: list[int]) -> Entity:
    """Put a part together again, with its own header fields but for the transfer encoding."""
    fields: list[bytes] = []
    kind = str(part.get("mimetype") or "")
    declared = ""
    headers = part.get("headers")
    for one in headers if isinstance(headers, list) else ():
        name, value = (one.get("name"), one.get("value")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str) or not _NAME.fullmatch(name):
            continue
        if name.lower() == "content-type":
            declared = value
        if name.lower() not in _OURS:
            folded = re.sub(r"\r\n|\r|\n", "\r\n ", value.replace("\0", "")).replace("\r\n  ", "\r\n ")
            fields.append(f"{name}: {folded}\r\n".encode("utf-8", "replace"))
    if kind and not declared:
        fields.append(f"Content-Type: {re.sub(r'[^!-~]', '', kind)}\r\n".encode())
    parts = part.get("parts")
    if isinstance(parts, list) and parts and depth:
        inner = []
        for one in parts:
            if isinstance(one, dict) and left[0]:
                left[0] -= 1
                inner.append(_entity(one, missing, depth - 1, left))
        found = _BOUNDARY.search(declared)
        if found and kind.lower().startswith("multipart/"):
            return Entity(fields, multipart((found[1] or found[2]).encode("utf-8", "replace"), inner))
        if kind.lower() == "message/rfc822" and len(inner) == 1:
            return Entity(fields, [*inner[0].fields, b"\r\n", *inner[0].body])
    body = part.get("body")
    text = body.get("data") if isinstance(body, dict) else None
    if isinstance(body, dict) and not text and (body.get("attachmentid") or body.get("size")):
        missing.append(str(part.get("filename") or kind or "a part")[:100])
    data = unpacked(text) if isinstance(text, str) else b""
    if kind.lower().startswith("message/"):
        return Entity(fields, [data])
    return Entity([*fields, b"Content-Transfer-Encoding: base64\r\n"], coded(data))
