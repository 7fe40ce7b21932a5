"""A message of Outlook put together again as RFC 5322: always the same bytes for the same message.

Header fields that the server delivered are kept in their order, except those that say how the body is cut and coded:
these are ours, because the original body is not kept. Without them the header is made from properties.
"""

import base64
import html
import re
from collections.abc import Mapping, Sequence

from watchword.read import lzfu, mapi, rtf
from watchword.read.codepage import CHARSETS, decoded
from watchword.read.entity import OURS, Entity, date, disposition, field, file_entity, joined, mailboxes, text_entity
from watchword.read.mapi import Attached, Message, Properties
from watchword.read.mapi_address import Person, people
from watchword.read.meeting import calendar, is_meeting
from watchword.read.single import Original

DEPTH = 16  # messages inside messages
HEADER = 512 * 1024  # bytes of a header that are kept
FIELDS = 5_000
RECIPIENTS = 10_000
TEXT = 8 * 1024 * 1024  # characters of one body
_COMPARED = 1024 * 1024  # characters of two bodies that are compared

_FIELD = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_QUOTED_ENTITY = re.compile(rb"(?:[!-9;-~]{1,200}:[^\n]*\n(?:[ \t][^\n]*\n)*)+?\r?\n", re.DOTALL)
_LETTERS = re.compile(r"\W+")
_TAGS = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"""\b(?:href|src|action|background)\s{0,9}=\s{0,9}["']?([^"'\s<>]+)""", re.IGNORECASE)


def original(message: Message, folder: str = "") -> Original:
    """Put a message together again, with what Outlook noted about it."""
    pieces, note = _message(message, 0)
    data, own = b"".join(pieces), message.properties
    defects = (("rebuilt", 0, note[:200]), *((kind, 0, detail[:200]) for kind, detail in message.defects[:100]))
    return Original(data, folder, _flags(own), _labels(own), _thread(own), defects)


def _message(message: Message, depth: int) -> tuple[list[bytes], str]:
    who = people(message)
    entity = _signed(message) or _content(message, who, depth)
    delivered = _delivered(message)
    if not delivered:
        header, note = _made(message, who), "The header was made from what Outlook noted."
        return [*header, b"MIME-Version: 1.0\r\n", *entity.fields, b"\r\n", *entity.body], note
    kept: list[bytes] = []
    gone: list[str] = []
    is_placed = False
    seen: set[bytes] = set()
    for one in delivered:
        name = one.partition(b":")[0].strip().lower()
        seen.add(name)
        if name not in OURS or name == b"mime-version":
            kept.append(one)
            continue
        gone.append(" ".join(one.decode("utf-8", "replace").split()))
        if name == b"content-type" and not is_placed:
            kept += entity.fields
            is_placed = True
    if b"from" not in seen:  # Exchange keeps a part of the header for what never left it
        kept += [field for field in _made(message, who) if field.partition(b":")[0].lower() not in seen]
    if b"mime-version" not in seen:
        kept.append(b"MIME-Version: 1.0\r\n")
    if not is_placed:
        kept += entity.fields
    _compare_sender(message, delivered, who)
    note = "The header is the one delivered" + (f", but for {'; '.join(gone)}" if gone else ".")
    return [*kept, b"\r\n", *entity.body], note


def _delivered(message: Message) -> list[bytes]:
    """Give the header fields as the server delivered them, each with its line ends, without what is no field."""
    own = message.properties
    kind = own.raw.get(mapi.TRANSPORT_HEADERS, (0, b""))[0]
    block = own.binary(mapi.TRANSPORT_HEADERS)
    if len(block) > (2 * HEADER if kind == mapi.UNICODE else HEADER):
        message.defects.append(("outlook-limit", f"a header of {len(block)} bytes"))
    block = block[: 2 * HEADER]
    if kind == mapi.UNICODE:
        block = block.decode("utf-16-le", "replace").encode("utf-8", "replace")
    block = block.rstrip(b"\0").removeprefix(b"Microsoft Mail Internet Headers Version 2.0")
    found: list[list[bytes]] = []
    for line in re.split(rb"\r\n|\r|\n", block[:HEADER].lstrip(b"\r\n")):
        if not line:
            break  # below stand the headers of its parts, as old servers kept them
        if line[:1] in b" \t":
            if found:
                found[-1] += [line, b"\r\n"]
        elif _FIELD.match(line):
            if len(found) == FIELDS:
                message.defects.append(("outlook-limit", f"more than {FIELDS} header fields"))
                break
            found.append([line, b"\r\n"])
    return [b"".join(lines) for lines in found]


def _compare_sender(message: Message, delivered: Sequence[bytes], who: Mapping[str, Sequence[Person]]) -> None:
    """Note where Outlook shows another sender than the header names."""
    written = b" ".join(
        field for field in delivered if field[:5].lower() == b"from:" or field[:7].lower() == b"sender:"
    )
    shown = [person.address for field in ("from", "sender") for person in who[field]]
    addresses = [address for address in shown if "@" in address and not address.startswith("IMCEA")]
    text = written.decode("utf-8", "replace").lower()
    if addresses and "@" in text and not any(address.lower() in text for address in addresses):
        message.defects.append(("outlook-sender-differs", f"{addresses[0]} | {' '.join(text.split())}"))


def _made(message: Message, who: Mapping[str, Sequence[Person]]) -> list[bytes]:
    """Make header fields from properties."""
    own = message.properties
    found: list[bytes] = []
    for name, value in _kept_fields(own):
        found.append(field(name, value))
    when = own.time(mapi.CLIENT_SUBMIT_TIME) or own.time(mapi.DELIVERY_TIME) or own.time(mapi.CREATION_TIME)
    if when:
        found.append(field("Date", date(when)))
    for name, role in (
        ("From", "from"), ("Sender", "sender"), ("Reply-To", "reply-to"), ("To", "to"), ("Cc", "cc"), ("Bcc", "bcc"),
    ):  # fmt: skip
        if len(who[role]) > RECIPIENTS:
            message.defects.append(("outlook-limit", f"more than {RECIPIENTS} recipients"))
        found += mailboxes(name, [(person.name, person.address) for person in who[role][:RECIPIENTS]])
    if mapi.SUBJECT in own:
        found.append(field("Subject", own.text(mapi.SUBJECT)))
    for name, number in (("Message-ID", mapi.MESSAGE_ID), ("In-Reply-To", mapi.IN_REPLY_TO),
                         ("References", mapi.REFERENCES)):  # fmt: skip
        if value := " ".join(own.text(number).split()):
            found.append(field(name, value))
    if topic := own.text(mapi.CONVERSATION_TOPIC):
        found.append(field("Thread-Topic", topic))
    if index := own.binary(mapi.CONVERSATION_INDEX):
        found.append(field("Thread-Index", base64.b64encode(index[:512]).decode()))
    if (importance := own.number(mapi.IMPORTANCE)) in (0, 2):
        found.append(field("Importance", "high" if importance else "low"))
    return found


def _kept_fields(own: Properties) -> list[tuple[str, str]]:
    """Give header fields that are kept as named properties (MS-OXCMAIL 2.1.3.2.22)."""
    found = []
    for number in own.raw:
        name = own.names.headers.get(number, "")
        known = name.encode("utf-8", "replace")
        if name and known not in OURS and _FIELD.fullmatch(known + b":") and (value := own.text(number)):
            found.append((name, " ".join(value[:16_384].split())))
    return sorted(found)


def _signed(message: Message) -> Entity | None:
    """Give the body of a message signed with S/MIME or PGP/MIME, which is kept as it came (MS-OXOSMIME 2.1.2)."""
    if "MultipartSigned" not in message.properties.text(mapi.MESSAGE_CLASS) or len(message.attachments) != 1:
        return None
    data = message.attachments[0].data
    found = _QUOTED_ENTITY.match(data, 0, 65_536)
    if not found or b"multipart/signed" not in found[0].lower():
        return None
    lines = re.split(rb"\r?\n(?![ \t])", found[0].strip(b"\r\n"))
    fields = [line + b"\r\n" for line in lines if line.partition(b":")[0].lower() in OURS - {b"mime-version"}]
    return Entity(fields, [data[found.end() :]])


def _content(message: Message, who: Mapping[str, Sequence[Person]], depth: int) -> Entity:
    own = message.properties
    for number in (mapi.BODY, mapi.REPORT_TEXT, mapi.HTML):
        kind, value = own.raw.get(number, (0, b""))
        if len(value) > TEXT << (kind == mapi.UNICODE):
            message.defects.append(("outlook-limit", f"a text of {len(value)} bytes"))
            own.raw[number] = (kind, value[: TEXT << (kind == mapi.UNICODE)])
    plain = own.text(mapi.BODY) or own.text(mapi.REPORT_TEXT)
    bodies = [text_entity("plain", plain.encode("utf-8", "replace"), "utf-8")] if plain else []
    page, charset, shown = _page(own)
    if page:
        bodies.append(text_entity("html", page, charset))
    packed = own.binary(mapi.RTF)
    files: list[Entity] = []
    if packed:
        bare, is_whole = lzfu.unpack(packed)
        if not is_whole:
            message.defects.append(("outlook-damaged", f"RTF body, {len(bare)} bytes read"))
        found = rtf.unpacked(bare)
        subtype = "plain" if found.kind == "text" else "html"
        words = _compared(found.text, subtype)
        if page:
            is_news = words not in (_compared(plain, ""), _compared(shown, "html"))
            if is_news:
                message.defects.append(("rtf-differs", "The RTF body has other words than the HTML body."))
            is_news = is_news or not _addresses(found.text) <= _addresses(shown)
        else:  # without markup it says no more than the plain text
            is_news = found.kind == "html" or words != _compared(plain, "") or bool(_addresses(found.text))
        if is_news and found.text:
            bodies.append(text_entity(subtype, found.text.encode("utf-8", "replace"), "utf-8"))
        if found.has_objects:
            files.append(file_entity("body.rtf", "application/rtf", bare))
    if is_meeting(own.text(mapi.MESSAGE_CLASS)):
        meeting = calendar(own, who, plain)
        bodies.append(text_entity("calendar", meeting.encode("utf-8", "replace"), "utf-8"))
    files += [_attached(message, one, depth) for one in message.attachments]
    body = joined("alternative", bodies) if bodies else text_entity("plain", b"", "utf-8")
    return joined("mixed", [body, *files])


def _page(own: Properties) -> tuple[bytes, str, str]:
    """Give the HTML body's bytes, their charset, and the text that they are."""
    kind = own.raw.get(mapi.HTML, (0, b""))[0]
    if kind == mapi.UNICODE:
        text = own.text(mapi.HTML)
        return text.encode("utf-8", "replace"), "utf-8", text
    data = own.binary(mapi.HTML).rstrip(b"\0")
    codepage = own.number(mapi.INTERNET_CODEPAGE) or own.codepage
    return data, CHARSETS.get(codepage, "utf-8"), decoded(data[: 4 * _COMPARED], codepage)


def _compared(text: str, subtype: str) -> str:
    text = text[:_COMPARED]
    return _LETTERS.sub("", html.unescape(_TAGS.sub(" ", text)) if subtype == "html" else text)


def _addresses(text: str) -> set[str]:
    """Give what the markup of a page names as addresses."""
    return {html.unescape(found) for found in _ADDRESS.findall(text[:_COMPARED])}


def _attached(message: Message, one: Attached, depth: int) -> Entity:
    own = one.properties
    name = own.text(mapi.ATTACH_LONG_FILE_NAME) or own.text(mapi.ATTACH_FILE_NAME) or own.text(mapi.DISPLAY_NAME)
    if one.message is not None:
        if depth < DEPTH:
            inner, _ = _message(one.message, depth + 1)
            message.defects += one.message.defects
            return Entity([b"Content-Type: message/rfc822\r\n", disposition("attachment", name)], inner)
        message.defects.append(("outlook-limit", f"messages inside messages more than {DEPTH} deep"))
        return file_entity(name, "application/vnd.ms-outlook", b"")
    place = own.text(mapi.ATTACH_LONG_PATH_NAME) or own.text(mapi.ATTACH_PATH_NAME)
    if (own.number(mapi.ATTACH_METHOD) or 0) in (2, 3, 4, 7) and not one.data:  # it lies elsewhere
        link = f'<a href="{html.escape(place)}">{html.escape(name or place)}</a>'
        found = text_entity("html", link.encode("utf-8", "replace"), "utf-8")
        return Entity([*found.fields, disposition("inline", name)], found.body)
    kind = own.text(mapi.ATTACH_MIME_TAG)
    short = own.text(mapi.ATTACH_FILE_NAME)
    content_id = own.text(mapi.ATTACH_CONTENT_ID).strip(" <>\0")
    is_shown = bool(content_id) and bool(own.number(mapi.ATTACHMENT_HIDDEN) or (own.number(mapi.ATTACH_FLAGS) or 0) & 4)
    found = file_entity(name, kind, one.data, short if _other_extension(name, short) else "", is_shown=is_shown)
    more = []
    if content_id:
        more.append(field("Content-ID", f"<{content_id}>"))
    if place := own.text(mapi.ATTACH_CONTENT_LOCATION):
        more.append(field("Content-Location", place))
    return Entity([*found.fields, *more], found.body)


def _other_extension(name: str, short: str) -> bool:
    """Say whether the short name of a file (8.3) ends in another extension than its long one."""
    ends = [one.rpartition(".")[2][:3].lower() if "." in one else "" for one in (name, short)]
    return bool(short) and ends[0] != ends[1]


def _flags(own: Properties) -> tuple[str, ...]:
    bits = own.number(mapi.MESSAGE_FLAGS) or 0
    verb = own.number(mapi.LAST_VERB) or 0
    found = {
        "seen": bits & 1,
        "answered": verb in (102, 103),
        "flagged": own.number(mapi.FLAG_STATUS) == 2,
        "deleted": (own.number(mapi.MESSAGE_STATUS) or 0) & 8,
        "draft": bits & 8,
        "forwarded": verb == 104,
    }
    return tuple(name for name, is_set in found.items() if is_set)


def _labels(own: Properties) -> tuple[str, ...]:
    return tuple(label[:200] for label in own.texts(own.named(mapi.PUBLIC_STRINGS, "keywords"))[:100] if label)


def _thread(own: Properties) -> str:
    """Give the conversation's id: as Exchange says, else from the index that Outlook writes (MS-OXOMSG 2.2.1.3)."""
    if found := own.binary(mapi.CONVERSATION_ID):
        return found[:16].hex()
    index = own.binary(mapi.CONVERSATION_INDEX)
    return index[6:22].hex() if len(index) >= 22 else ""
