"""A message as Outlook and Exchange keep it: properties by number or name (MS-OXPROPS, MS-OXCDATA)."""

import functools
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from watchword.read.codepage import decoded

# Types of values (MS-OXCDATA 2.11.1); 0x1000 added means several of them.
SHORT, LONG, BOOLEAN, OBJECT, LONGLONG = 0x0002, 0x0003, 0x000B, 0x000D, 0x0014
STRING8, UNICODE, TIME, BINARY = 0x001E, 0x001F, 0x0040, 0x0102
APPOINTMENT_TIME = 0x0007  # days since 1899-12-30, a float
MULTIPLE = 0x1000
# How many bytes a value of fixed size has.
FIXED = {0x0002: 2, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 2, 0x0014: 8,
         0x0040: 8, 0x0048: 16}  # fmt: skip

# Names of properties as in MS-OXPROPS, without the leading PidTag.
IMPORTANCE, MESSAGE_CLASS, SUBJECT, CLIENT_SUBMIT_TIME = 0x0017, 0x001A, 0x0037, 0x0039
SENT_REPRESENTING_SEARCH_KEY, SENT_REPRESENTING_ENTRY_ID, SENT_REPRESENTING_NAME = 0x003B, 0x0041, 0x0042
REPLY_RECIPIENT_ENTRIES, REPLY_RECIPIENT_NAMES = 0x004F, 0x0050
START_DATE, END_DATE = 0x0060, 0x0061
SENT_REPRESENTING_ADDRESS_TYPE, SENT_REPRESENTING_ADDRESS = 0x0064, 0x0065
CONVERSATION_TOPIC, CONVERSATION_INDEX, TRANSPORT_HEADERS = 0x0070, 0x0071, 0x007D
RECIPIENT_TYPE, SENDER_ENTRY_ID, SENDER_NAME, SENDER_SEARCH_KEY = 0x0C15, 0x0C19, 0x0C1A, 0x0C1D
SENDER_ADDRESS_TYPE, SENDER_ADDRESS = 0x0C1E, 0x0C1F
DISPLAY_BCC, DISPLAY_CC, DISPLAY_TO, DELIVERY_TIME, MESSAGE_FLAGS = 0x0E02, 0x0E03, 0x0E04, 0x0E06, 0x0E07
MESSAGE_STATUS = 0x0E17
ENTRY_ID = 0x0FFF
BODY, REPORT_TEXT, RTF, HTML = 0x1000, 0x1001, 0x1009, 0x1013
MESSAGE_ID, REFERENCES, IN_REPLY_TO = 0x1035, 0x1039, 0x1042
LAST_VERB, FLAG_STATUS = 0x1081, 0x1090
DISPLAY_NAME, ADDRESS_TYPE, ADDRESS, CREATION_TIME = 0x3001, 0x3002, 0x3003, 0x3007
SEARCH_KEY, CONVERSATION_ID = 0x300B, 0x3013
ATTACH_DATA, ATTACH_FILE_NAME, ATTACH_METHOD = 0x3701, 0x3704, 0x3705
ATTACH_LONG_FILE_NAME, ATTACH_PATH_NAME, ATTACH_LONG_PATH_NAME, ATTACH_MIME_TAG = 0x3707, 0x3708, 0x370D, 0x370E
ATTACH_CONTENT_ID, ATTACH_CONTENT_LOCATION, ATTACH_FLAGS = 0x3712, 0x3713, 0x3714
SMTP_ADDRESS, INTERNET_CODEPAGE, MESSAGE_CODEPAGE = 0x39FE, 0x3FDE, 0x3FFD
SENDER_SMTP_ADDRESS, SENT_REPRESENTING_SMTP_ADDRESS = 0x5D01, 0x5D02
ATTACHMENT_HIDDEN = 0x7FFE

PUBLIC_STRINGS = UUID("00020329-0000-0000-c000-000000000046")
INTERNET_HEADERS = UUID("00020386-0000-0000-c000-000000000046")
APPOINTMENT = UUID("00062002-0000-0000-c000-000000000046")
_MAPI = UUID("00020328-0000-0000-c000-000000000046")

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_OLE_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_LATEST = 2_650_467_744_000_000_000  # the end of the year 9999

Raw = tuple[int, bytes | list[bytes]]  # type, value or values
Name = tuple[UUID, int | str]  # set of properties, number or name (in lower case)


class Names(dict[Name, int]):
    """Under which number each named property of a file is kept."""

    @functools.cached_property
    def headers(self) -> dict[int, str]:
        """Give the numbers of those that are header fields (MS-OXCMAIL 2.1.3.2.22)."""
        return {
            number: name
            for (group, name), number in self.items()
            if group == INTERNET_HEADERS and isinstance(name, str)
        }


@dataclass(slots=True)
class Properties:
    """The properties of a message, recipient or attachment. What is absent or cannot be read is empty or None."""

    raw: dict[int, Raw] = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    codepage: int = 1252

    def __contains__(self, number: int) -> bool:
        """Say whether it is there, in whatever type."""
        return number in self.raw

    def named(self, group: UUID, name: int | str) -> int:
        """Give the number under which a named property is kept, 0 if there is none."""
        return self.names.get((group, name), 0)

    def binary(self, number: int) -> bytes:
        """Give a value's bytes as they are kept."""
        value = self.raw.get(number, (0, b""))[1]
        return value if isinstance(value, bytes) else b""

    def text(self, number: int) -> str:
        """Give a text, without the NUL that ends it."""
        kind, value = self.raw.get(number, (0, b""))
        return self._text(kind, value) if isinstance(value, bytes) else ""

    def texts(self, number: int) -> list[str]:
        """Give several texts."""
        kind, values = self.raw.get(number, (0, b""))
        if isinstance(values, bytes):
            values = [values] if values else []
        return [self._text(kind & ~MULTIPLE, value) for value in values]

    def _text(self, kind: int, value: bytes) -> str:
        if kind == UNICODE:
            return value.decode("utf-16-le", "replace").rstrip("\0")
        return decoded(value, self.codepage).rstrip("\0") if kind == STRING8 else ""

    def number(self, number: int) -> int | None:
        """Give a whole number or truth value."""
        kind, value = self.raw.get(number, (0, b""))
        if kind in (SHORT, LONG, BOOLEAN, LONGLONG) and isinstance(value, bytes):
            return int.from_bytes(value[: FIXED[kind]], "little", signed=kind != BOOLEAN)
        return None

    def time(self, number: int) -> datetime | None:
        """Give a time, UTC."""
        kind, value = self.raw.get(number, (0, b""))
        if not isinstance(value, bytes) or len(value) < 8:
            return None
        try:
            if kind == TIME:
                ticks = int.from_bytes(value[:8], "little")  # 100 ns
                return _EPOCH + timedelta(microseconds=ticks // 10) if 0 < ticks < _LATEST else None
            if kind == APPOINTMENT_TIME:
                return _OLE_EPOCH + timedelta(days=struct.unpack("<d", value[:8])[0])
        except (OverflowError, ValueError):
            return None
        return None


@dataclass(slots=True)
class Attached:
    """One attachment: its bytes or, where it is a message of Outlook, that message."""

    properties: Properties
    data: bytes = b""
    message: "Message | None" = None
    pieces: list[bytes] = field(default_factory=list)  # of the data, while it comes


@dataclass(slots=True)
class Message:
    """One message with its recipients and attachments, as its container gave them."""

    properties: Properties
    recipients: list[Properties] = field(default_factory=list)
    attachments: list[Attached] = field(default_factory=list)
    defects: list[tuple[str, str]] = field(default_factory=list)  # kind and detail, as in watchword.defects


def names(groups: bytes, entries: bytes, texts: bytes) -> Names:
    """Read the table of named properties from its three streams (MS-OXMSG 2.2.3, MS-PST 2.4.7)."""
    found = Names()
    for at in range(0, len(entries) - 7, 8):
        key, which, index = struct.unpack_from("<IHH", entries, at)
        group = _group(groups, which >> 1)
        if group is None:
            continue
        name: int | str = key
        if which & 1:
            length = int.from_bytes(texts[key : key + 4], "little")
            if length > 1024:
                continue
            name = texts[key + 4 : key + 4 + length].decode("utf-16-le", "replace").lower()
        found.setdefault((group, name), 0x8000 + index)
    return found


def _group(groups: bytes, index: int) -> UUID | None:
    if index == 1:
        return _MAPI
    if index == 2:
        return PUBLIC_STRINGS
    found = groups[(index - 3) * 16 : (index - 3) * 16 + 16] if index > 2 else b""
    return UUID(bytes_le=found) if len(found) == 16 else None
