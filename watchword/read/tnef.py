"""Outlook's rich format in mail to others, TNEF, which arrives as `winmail.dat` (MS-OXTNEF)."""

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from watchword.read import mapi
from watchword.read.mapi import Attached, Message, Names, Properties, Raw
from watchword.read.rebuilt import DEPTH
from watchword.read.rebuilt import original as rebuilt
from watchword.read.single import Original

ATTRIBUTES = 50_000
PROPERTIES = 100_000  # of one list
ROWS = 10_000

_SIGNATURE = b"\x78\x9f\x3e\x22"
# Attributes (MS-OXTNEF 2.1.3.1), without their type.
_FROM, _SUBJECT, _SENT, _MESSAGE_ID, _CLASS, _BODY = 0x8000, 0x8004, 0x8005, 0x8009, 0x8008, 0x800C
_DATA, _TITLE, _START, _END = 0x800F, 0x8010, 0x0006, 0x0007
_TRANSPORT_NAME, _BEGIN, _OWN, _RECIPIENTS, _ATTACHMENT, _CODEPAGE = 0x9001, 0x9002, 0x9003, 0x9004, 0x9005, 0x9007
_MESSAGE_ID_KIND = UUID("00020307-0000-0000-c000-000000000046").bytes_le
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CLASSES = {
    "IPM.Microsoft Mail.Note": "IPM.Note", "IPM.Microsoft Schedule.MtgReq": "IPM.Schedule.Meeting.Request",
    "IPM.Microsoft Schedule.MtgCncl": "IPM.Schedule.Meeting.Canceled",
    "IPM.Microsoft Schedule.MtgRespP": "IPM.Schedule.Meeting.Resp.Pos",
    "IPM.Microsoft Schedule.MtgRespN": "IPM.Schedule.Meeting.Resp.Neg",
    "IPM.Microsoft Schedule.MtgRespA": "IPM.Schedule.Meeting.Resp.Tent",
}  # fmt: skip


class _DamagedError(Exception):
    """A list of properties that cannot be read on; what was read of it."""


@dataclass(slots=True)
class _Reader:
    """One TNEF stream on the way to a message."""

    names: Names = field(default_factory=Names)
    own: Properties = field(default_factory=Properties)
    attachments: list[Attached] = field(default_factory=list)
    recipients: list[Properties] = field(default_factory=list)
    defects: list[tuple[str, str]] = field(default_factory=list)
    older: dict[int, Raw] = field(default_factory=dict)  # what attributes of the older form say


def original(data: bytes) -> Original:
    """Read a TNEF file. Raises ValueError saying what is wrong with it."""
    return rebuilt(message(data))


def message(data: bytes, depth: int = 0) -> Message:
    """Give the message in a TNEF stream. Raises ValueError where it is none."""
    if not data.startswith(_SIGNATURE):
        raise ValueError("it does not begin as TNEF does")
    reader = _Reader()
    reader.own.names = reader.names
    at = 6
    for _ in range(ATTRIBUTES):
        if at + 9 > len(data):
            break
        level, number, _, size = struct.unpack_from("<BHHI", data, at)
        if level not in (1, 2):
            break
        value = data[at + 9 : at + 9 + size]
        at += 9 + size + 2
        if at > len(data) + 2:
            reader.defects.append(("outlook-damaged", f"TNEF ends {at - len(data)} bytes early"))
        try:
            _attribute(reader, number, value, depth)
        except _DamagedError as error:
            reader.defects.append(("outlook-damaged", f"TNEF attribute {number:#06x}: {error}"))
    for number, raw in reader.older.items():
        reader.own.raw.setdefault(number, raw)
    own = reader.own
    codepage = own.number(mapi.MESSAGE_CODEPAGE) if own.codepage == 1252 else own.codepage
    for properties in (own, *reader.recipients, *(one.properties for one in reader.attachments)):
        properties.codepage = codepage or 1252
    return Message(own, reader.recipients, reader.attachments, reader.defects)


def _attribute(reader: _Reader, number: int, value: bytes, depth: int) -> None:
    """Take in one attribute."""
    if number == _OWN:
        reader.own.raw.update(_properties(value, reader.names)[0])
    elif number == _BEGIN:
        if len(reader.attachments) < ROWS:
            reader.attachments.append(Attached(Properties(names=reader.names)))
    elif number in (_DATA, _TITLE, _TRANSPORT_NAME, _ATTACHMENT):
        if not reader.attachments:
            reader.attachments.append(Attached(Properties(names=reader.names)))
        _of_attachment(reader, number, value, depth)
    elif number == _RECIPIENTS:
        (count,) = struct.unpack_from("<I", value.ljust(4, b"\0"))
        at = 4
        for _ in range(min(count, ROWS)):
            if at >= len(value):
                break
            raw, at = _properties(value, reader.names, at)
            reader.recipients.append(Properties(raw, reader.names))
    elif number == _CODEPAGE and len(value) >= 4:
        reader.own.codepage = int.from_bytes(value[:4], "little")
    elif number == _FROM:
        _sender(reader, value)
    elif number in (_SUBJECT, _MESSAGE_ID, _CLASS, _BODY):
        if number == _CLASS:
            name = value.rstrip(b"\0").decode("latin-1")
            value = _CLASSES.get(name, name).encode("latin-1")
        place = {_SUBJECT: mapi.SUBJECT, _CLASS: mapi.MESSAGE_CLASS, _BODY: mapi.BODY}.get(number)
        if place:
            reader.older[place] = (mapi.STRING8, value.rstrip(b"\0"))
    elif number in (_SENT, _START, _END):
        place = {_SENT: mapi.CLIENT_SUBMIT_TIME, _START: mapi.START_DATE, _END: mapi.END_DATE}[number]
        if when := _date(value):
            reader.older[place] = (mapi.TIME, when)


def _of_attachment(reader: _Reader, number: int, value: bytes, depth: int) -> None:
    now = reader.attachments[-1]
    if number == _DATA:
        now.data = now.data or value
    elif number != _ATTACHMENT:
        now.properties.raw.setdefault(mapi.ATTACH_FILE_NAME, (mapi.STRING8, value.rstrip(b"\0")))
    else:
        raw, _ = _properties(value, reader.names)
        now.properties.raw.update(raw)
        content = now.properties.binary(mapi.ATTACH_DATA)
        if content.startswith(_MESSAGE_ID_KIND):
            inner = content[16:]
            now.data = b""
            if depth > DEPTH or not inner.startswith(_SIGNATURE):
                reader.defects.append(("outlook-limit", "TNEF inside TNEF"))
                now.data = inner
            else:
                now.message = message(inner, depth + 1)
        elif content[16 : 16 + len(_OLE)] == _OLE:
            now.data = content[16:]
        elif content:
            now.data = content


def _properties(data: bytes, names: Names, at: int = 0) -> tuple[dict[int, Raw], int]:
    """Read a list of properties (MS-OXTNEF 2.1.3.4); give it and where it ends."""
    found: dict[int, Raw] = {}
    try:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
        for _ in range(min(count, PROPERTIES)):
            kind, number = struct.unpack_from("<HH", data, at)
            at += 4
            if number >= 0x8000:
                number, at = _named(data, at, names)
            bare = kind & ~mapi.MULTIPLE
            size = mapi.FIXED.get(bare)
            values: list[bytes] = []
            several = 1
            if kind & mapi.MULTIPLE or size is None:
                (several,) = struct.unpack_from("<I", data, at)
                at += 4
            for _ in range(several):
                length = size
                if length is None:
                    (length,) = struct.unpack_from("<I", data, at)
                    at += 4
                if at + length > len(data):
                    raise _DamagedError(f"a value is {length} bytes long, {max(len(data) - at, 0)} are left")
                values.append(data[at : at + length])
                at += length + (-length % 4)
            found.setdefault(number, (kind, values if kind & mapi.MULTIPLE else values[0] if values else b""))
    except struct.error:
        if not found:
            raise _DamagedError("it ends early") from None
    return found, at


def _named(data: bytes, at: int, names: Names) -> tuple[int, int]:
    """Read a property's name; give the number under which it is kept here, and where the name ends."""
    group = UUID(bytes_le=data[at : at + 16].ljust(16, b"\0"))
    kind, key = struct.unpack_from("<II", data, at + 16)
    at += 24
    name: int | str = key
    if kind:
        if key > 4_096:
            raise _DamagedError("a name is too long")
        name = data[at : at + key].decode("utf-16-le", "replace").rstrip("\0").lower()
        at += key + (-key % 4)
    return names.setdefault((group, name), 0x8000 + len(names)), at


def _sender(reader: _Reader, value: bytes) -> None:
    """Read the sender in the older form: a triple of lengths, name, and `kind:address`."""
    if len(value) < 8:
        return
    _, _, name_length, address_length = struct.unpack_from("<HHHH", value)
    name = value[8 : 8 + name_length].rstrip(b"\0")
    kind, _, address = value[8 + name_length : 8 + name_length + address_length].rstrip(b"\0").partition(b":")
    reader.older |= {
        mapi.SENDER_NAME: (mapi.STRING8, name),
        mapi.SENDER_ADDRESS_TYPE: (mapi.STRING8, kind),
        mapi.SENDER_ADDRESS: (mapi.STRING8, address),
    }


def _date(value: bytes) -> bytes:
    """Turn a date in the older form (numbers for year to second) into the newer one; empty if it is none."""
    if len(value) < 12:
        return b""
    try:
        year, month, day, hour, minute, second = struct.unpack_from("<6H", value)
        when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return b""
    since = when - datetime(1601, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 10_000_000).to_bytes(8, "little") if since.days >= 0 else b""
