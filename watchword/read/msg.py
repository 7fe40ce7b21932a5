"""Messages saved by Outlook, `.msg`: a tree of streams in an OLE file (MS-OXMSG)."""

import re

from watchword.read import mapi
from watchword.read.compound import Streams, compound, streams
from watchword.read.mapi import Attached, Message, Names, Properties, Raw
from watchword.read.rebuilt import DEPTH
from watchword.read.rebuilt import original as rebuilt
from watchword.read.single import Original

PARTS = 10_000  # recipients, and attachments, of one message

_STREAM = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(?:-([0-9A-Fa-f]{8}))?")
_PROPERTIES = "__properties_version1.0"
_NAMES = "__nameid_version1.0"
_RECIPIENT, _ATTACHMENT = "__recip_version1.0_#", "__attach_version1.0_#"
_OBJECT = "__substg1.0_3701000D"


def original(data: bytes) -> Original:
    """Read a `.msg` file. Raises ValueError saying what is wrong with it."""
    return rebuilt(message(data))


def message(data: bytes) -> Message:
    """Give the message in a `.msg` file. Raises ValueError saying what is wrong with it."""
    root = streams(data)
    if _PROPERTIES not in root:
        raise ValueError("it is an OLE file, but not a message of Outlook")
    groups = root.get(_NAMES)
    entries = groups if isinstance(groups, dict) else {}
    tables = [_bytes(entries, f"__substg1.0_{name}0102") for name in ("0002", "0003", "0004")]
    return _message(root, mapi.names(*tables), 32, 0)


def _bytes(place: Streams, name: str) -> bytes:
    found = place.get(name, b"")
    return found if isinstance(found, bytes) else b""


def _message(place: Streams, names: Names, header: int, depth: int) -> Message:
    """Read one message; `header` is how long the header of its list of properties is (MS-OXMSG 2.4.1)."""
    own = _properties(place, names, header, 0)
    own.codepage = own.number(mapi.MESSAGE_CODEPAGE) or own.number(mapi.INTERNET_CODEPAGE) or 1252
    found = Message(own)
    for name, inner in sorted(place.items()):
        if isinstance(inner, bytes):
            continue
        if name.startswith(_RECIPIENT):
            if len(found.recipients) < PARTS:
                found.recipients.append(_properties(inner, names, 8, own.codepage))
        elif name.startswith(_ATTACHMENT):
            if len(found.attachments) == PARTS:
                found.defects.append(("outlook-limit", f"more than {PARTS} attachments"))
                break
            found.attachments.append(_attached(inner, names, own.codepage, depth))
    return found


def _attached(place: Streams, names: Names, codepage: int, depth: int) -> Attached:
    own = _properties(place, names, 8, codepage)
    inner = place.get(_OBJECT)
    if not isinstance(inner, dict):
        return Attached(own, own.binary(mapi.ATTACH_DATA))
    if _PROPERTIES not in inner:  # an OLE object, as a file of its own
        return Attached(own, compound(inner))
    if depth > DEPTH:
        return Attached(own, message=Message(Properties()))
    return Attached(own, message=_message(inner, names, 24, depth + 1))


def _properties(place: Streams, names: Names, header: int, codepage: int) -> Properties:
    """Read the properties of one storage: those of fixed size from their list, the others from streams."""
    raw: dict[int, Raw] = {}
    several: dict[int, dict[int, bytes]] = {}
    table = _bytes(place, _PROPERTIES)
    for at in range(header, len(table) - 15, 16):
        kind = table[at] | table[at + 1] << 8
        if size := mapi.FIXED.get(kind):
            raw[table[at + 2] | table[at + 3] << 8] = (kind, table[at + 8 : at + 8 + min(size, 8)])
    for name, value in place.items():
        if isinstance(value, bytes) and (found := _STREAM.fullmatch(name)):
            number, kind = int(found[1], 16), int(found[2], 16)
            if found[3]:  # one of several values; the stream without a number holds their lengths
                several.setdefault(number, {})[int(found[3], 16)] = value
            elif kind & mapi.MULTIPLE and kind & 0xFFF in mapi.FIXED:
                size = mapi.FIXED[kind & 0xFFF]
                raw[number] = (kind, [value[at : at + size] for at in range(0, len(value), size)])
            else:
                raw[number] = (kind, value)
    for number, values in several.items():
        raw[number] = (raw.get(number, (mapi.MULTIPLE | mapi.UNICODE, b""))[0], [values[at] for at in sorted(values)])
    return Properties(raw, names, codepage or 1252)
