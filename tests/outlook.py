"""Writes messages in Outlook's own forms, `.msg` and TNEF, for tests. A property is named by number and type."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from watchword.read.compound import Streams, compound

Value = str | bytes | int | list[str]
Bag = Mapping[tuple[int, int], Value]  # (number, type): value
Names = Mapping[tuple[UUID, "int | str"], int]
Files = Sequence[tuple[Bag, "Streams | None"]]  # properties, and the message or object embedded

SHORT, LONG, BOOLEAN, OBJECT, STRING8, UNICODE, TIME, BINARY, SEVERAL = 2, 3, 11, 13, 0x1E, 0x1F, 0x40, 0x102, 0x101F
FIXED = {SHORT: "<hxxxxxx", LONG: "<ixxxx", BOOLEAN: "<?xxxxxxx", TIME: "<Q"}


def ticks(year: int, month: int, day: int, hour: int = 0) -> int:
    """Give a time as Outlook keeps it, in 100 ns since 1601."""

    return (
        int((datetime(year, month, day, hour, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
    )


def coded(kind: int, value: Value) -> bytes:
    """Write one value of no fixed size."""
    if isinstance(value, str):
        return value.encode("utf-16-le") if kind & 0xFFF == UNICODE else value.encode("cp1252")
    assert isinstance(value, bytes)
    return value


def streams(bag: Bag, header: int) -> Streams:
    """Write the properties of one storage (MS-OXMSG 2.4)."""
    table = bytearray(header)
    found: Streams = {}
    for (number, kind), value in bag.items():
        start = struct.pack("<HHI", kind, number, 6)
        if kind in FIXED:
            table += start + struct.pack(FIXED[kind], value)
            continue
        table += start + struct.pack("<II", 0, 0)
        name = f"__substg1.0_{number:04X}{kind:04X}"
        if isinstance(value, list):
            found |= {f"{name}-{at:08X}": coded(kind, one) for at, one in enumerate(value)}
            found[name] = b"".join(struct.pack("<I", 2 * len(one)) for one in value)
        else:
            found[name] = coded(kind, value)
    return found | {"__properties_version1.0": bytes(table)}


def tree(bag: Bag, recipients: Sequence[Bag] = (), files: Files = (), *, header: int = 32) -> Streams:
    """Write a message as the streams of an OLE file."""
    found = streams(bag, header)
    for at, one in enumerate(recipients):
        found[f"__recip_version1.0_#{at:08X}"] = streams(one, 8)
    for at, (own, inner) in enumerate(files):
        place = streams(own, 8)
        if inner is not None:
            place["__substg1.0_3701000D"] = inner
        found[f"__attach_version1.0_#{at:08X}"] = place
    return found


def names(of: Names) -> Streams:
    """Write the table of named properties."""
    groups, entries, texts = b"", b"", b""
    for (group, name), number in of.items():
        index = 3 + len(groups) // 16
        groups += group.bytes_le
        key = len(texts) if isinstance(name, str) else name
        if isinstance(name, str):
            text = name.encode("utf-16-le")
            texts += struct.pack("<I", len(text)) + text + b"\0" * (-len(text) % 4)
        entries += struct.pack("<IHH", key, index << 1 | isinstance(name, str), number - 0x8000)
    return {f"__substg1.0_000{at}0102": data for at, data in ((2, groups), (3, entries), (4, texts))}


def msg(
    bag: Bag,
    recipients: Sequence[Bag] = (),
    files: Files = (),
    named: Names | None = None,
) -> bytes:
    """Write a `.msg` file."""
    return compound(tree(bag, recipients, files) | {"__nameid_version1.0": names(named or {})})


def listed(bag: Bag, named: Mapping[int, tuple[UUID, int | str]] | None = None) -> bytes:
    """Write properties as TNEF does (MS-OXTNEF 2.1.3.4)."""
    out = struct.pack("<I", len(bag))
    for (number, kind), value in bag.items():
        out += struct.pack("<HH", kind, number)
        if named and number in named:
            group, name = named[number]
            text = name.encode("utf-16-le") + b"\0\0" if isinstance(name, str) else b""
            key = len(text) if isinstance(name, str) else name
            out += group.bytes_le + struct.pack("<II", isinstance(name, str), key) + text + b"\0" * (-len(text) % 4)
        if kind in FIXED:
            data = struct.pack(FIXED[kind], value)
            out += data if kind == TIME else data[:4]
            continue
        values = value if isinstance(value, list) else [value]
        out += struct.pack("<I", len(values))
        for one in values:
            data = coded(kind, one)
            out += struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4)
    return out


def attribute(level: int, number: int, data: bytes) -> bytes:
    """Write one attribute of TNEF."""
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def tnef(bag: Bag, files: Sequence[tuple[Bag, bytes]] = (), recipients: Sequence[Bag] = (), **more: object) -> bytes:
    """Write a TNEF stream; a file is its properties and the data in the older form."""
    named = more.get("named")
    assert named is None or isinstance(named, dict)
    out = [b"\x78\x9f\x3e\x22\1\0", attribute(1, 0x00069003, listed(bag, named))]
    if recipients:
        table = struct.pack("<I", len(recipients)) + b"".join(listed(one) for one in recipients)
        out.append(attribute(1, 0x00069004, table))
    for own, data in files:
        out.append(attribute(2, 0x00069002, b"\1\0" + b"\xff" * 12))
        out += [attribute(2, 0x0006800F, data), attribute(2, 0x00069005, listed(own))]
    return b"".join(out)


def packed(rtf: bytes) -> bytes:
    """Pack RTF without making it shorter (MS-OXRTFCP 2.1.3.1)."""
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf
