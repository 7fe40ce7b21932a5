"""One message as Microsoft Graph gives it in JSON, put together again.

https://learn.microsoft.com/graph/api/resources/message. Only `/messages/{id}/$value` gives a message as MIME; JSON
holds the body in one form and the header fields only where they were asked for (`$select=internetMessageHeaders`).
"""

import html
import re
from collections.abc import Set
from datetime import datetime

from watchword.read.entity import OURS, Entity, date, disposition, field, file_entity, joined, mailboxes, text_entity
from watchword.read.gmail import unpacked
from watchword.read.single import Original

_DEPTH = 16  # messages inside messages
_FILES = 1_000
_PEOPLE = 10_000
_FIELDS = 5_000
_NAME = re.compile(r"[!-9;-~]{1,200}")


_CONTENT = frozenset({b"body", b"uniquebody"})
_ABOUT = frozenset({b"internetmessageid", b"internetmessageheaders", b"receiveddatetime", b"torecipients"})
TELLING = _CONTENT | _ABOUT | {b"subject"}


def is_message(keys: Set[bytes]) -> bool:
    """Say whether an object with these keys, in lower case, is a message."""
    return b"subject" in keys and not _CONTENT.isdisjoint(keys) and not _ABOUT.isdisjoint(keys)


def original(said: dict[str, object]) -> Original:
    """Give the message. Raises ValueError."""
    missing: list[str] = []
    pieces, note = _message(said, missing, _DEPTH)
    flagged = _object(said.get("flag")).get("flagstatus")
    flags = [
        word
        for word, is_set in (
            ("seen", said.get("isread") is True),
            ("flagged", isinstance(flagged, str) and flagged.lower() == "flagged"),
            ("draft", said.get("isdraft") is True),
        )
        if is_set
    ]
    labels = tuple(label[:200] for label in _list(said.get("categories"))[:100] if isinstance(label, str))
    defects = [("rebuilt", 0, note), *(("attachment-not-kept", 0, name) for name in missing[:100])]
    return Original(
        b"".join(pieces),
        flags=tuple(flags),
        labels=labels,
        thread=_text(said.get("conversationid"))[:200],
        defects=tuple(defects),
    )


def _message(said: dict[str, object], missing: list[str], depth: int) -> tuple[list[bytes], str]:
    fields, note = _delivered(said), "The header fields are those delivered; the body is the one form that Graph gave."
    if not fields:
        fields, note = _made(said), "The header fields were not exported; those here were made from what Graph said."
    entity = _content(said, missing, depth)
    return [*fields, b"MIME-Version: 1.0\r\n", *entity.fields, b"\r\n", *entity.body], note


def _delivered(said: dict[str, object]) -> list[bytes]:
    found = []
    for one in _list(said.get("internetmessageheaders"))[:_FIELDS]:
        name, value = _text(_object(one).get("name")), _text(_object(one).get("value"))
        if _NAME.fullmatch(name) and name.lower().encode() not in OURS:
            folded = re.sub(r"\s*[\r\n]+\s*", "\r\n ", value.replace("\0", "").strip())
            found.append(f"{name}: {folded}\r\n".encode("utf-8", "replace"))
    return found


def _made(said: dict[str, object]) -> list[bytes]:
    """Make header fields from what else is said."""
    found = []
    if when := _time(said.get("sentdatetime")) or _time(said.get("receiveddatetime")):
        found.append(field("Date", date(when)))
    for name, key in (
        ("From", "from"), ("Sender", "sender"), ("Reply-To", "replyto"), ("To", "torecipients"),
        ("Cc", "ccrecipients"), ("Bcc", "bccrecipients"),
    ):  # fmt: skip
        value = said.get(key)
        found += mailboxes(name, [_person(one) for one in (value if isinstance(value, list) else [value])[:_PEOPLE]])
    found.append(field("Subject", _line(said.get("subject"))))
    if message_id := _line(said.get("internetmessageid")):
        found.append(field("Message-ID", message_id))
    if (importance := _text(said.get("importance")).lower()) in ("high", "low"):
        found.append(field("Importance", importance))
    return found


def _person(value: object) -> tuple[str, str]:
    said = _object(_object(value).get("emailaddress"))
    return _line(said.get("name")), re.sub(r"[\s<>]", "", _text(said.get("address")))[:1_000]


def _content(said: dict[str, object], missing: list[str], depth: int) -> Entity:
    body = _object(said.get("body")) or _object(said.get("uniquebody"))
    subtype = "html" if _text(body.get("contenttype")).lower() == "html" else "plain"
    parts = [text_entity(subtype, _text(body.get("content")).encode("utf-8", "replace"), "utf-8")]
    attachments = _list(said.get("attachments"))
    parts += [_attached(_object(one), missing, depth) for one in attachments[:_FILES]]
    if said.get("hasattachments") is True and not attachments:
        missing.append("attachments")
    return joined("mixed", parts)


def _attached(one: dict[str, object], missing: list[str], depth: int) -> Entity:
    name, kind = _line(one.get("name")), _text(one.get("contenttype"))
    content, item = one.get("contentbytes"), one.get("item")
    if isinstance(item, dict) and depth and is_message({key.encode("utf-8", "replace") for key in item}):
        inner, _ = _message(item, missing, depth - 1)
        return Entity([b"Content-Type: message/rfc822\r\n", disposition("attachment", name)], inner)
    if isinstance(place := one.get("sourceurl"), str):
        link = f'<a href="{html.escape(place)}">{html.escape(name or place)}</a>'
        return text_entity("html", link.encode("utf-8", "replace"), "utf-8")
    if not isinstance(content, str):
        missing.append(name[:100] or kind[:100] or "a file")
        return file_entity(name, kind, b"")
    found = file_entity(name, kind.partition(";")[0], unpacked(content), is_shown=one.get("isinline") is True)
    content_id = _line(one.get("contentid")).strip(" <>\0")
    return Entity([*found.fields, field("Content-ID", f"<{content_id}>")], found.body) if content_id else found


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(value)[:40].replace("Z", "+00:00"))
    except ValueError:
        return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _line(value: object) -> str:
    return " ".join(_text(value)[:16_384].split())


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
