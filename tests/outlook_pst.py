"""Writes small Outlook data files (PST, Unicode, MS-PST) for tests: folders, messages, recipients and attachments."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.outlook import FIXED, LONG, UNICODE, Bag, Names, Value, coded, names

_BLOCK = 8176
_COLUMN = 0x67F20003  # PidTagLtpRowId


@dataclass
class Mail:
    """A message: its properties, recipients, and attachments with the message inside."""

    bag: Bag
    recipients: Sequence[Bag] = ()
    files: Sequence[tuple[Bag, "Mail | None"]] = ()


@dataclass
class Folder:
    """A folder with messages and folders."""

    name: str
    mails: Sequence[Mail] = ()
    folders: Sequence["Folder"] = ()
    special: int = 0  # the property of the store that names this folder, as 0x35E3 for deleted items


@dataclass
class _File:
    out: bytearray = field(default_factory=lambda: bytearray(0x4800))
    blocks: list[tuple[int, int, int]] = field(default_factory=list)  # bid, offset, bytes
    nodes: list[tuple[int, int, int, int]] = field(default_factory=list)  # nid, data, sub, parent
    next_block: int = 4
    next_node: int = 0x400
    special: dict[int, int] = field(default_factory=dict)

    def number(self, kind: int) -> int:
        self.next_node += 1
        return self.next_node << 5 | kind

    def block(self, data: bytes, *, internal: bool = False) -> int:
        bid = self.next_block | 2 * internal
        self.next_block += 4
        size = -(-(len(data) + 16) // 64) * 64
        at = len(self.out)
        trailer = struct.pack("<HHIQ", len(data), _signature(at, bid), _check(data), bid)
        self.out += data.ljust(size - 16, b"\0") + trailer
        self.blocks.append((bid, at, len(data)))
        return bid

    def data(self, data: bytes) -> int:
        """Keep data of any length; give its block."""
        if len(data) <= _BLOCK:
            return self.block(data)
        parts = [self.block(data[at : at + _BLOCK]) for at in range(0, len(data), _BLOCK)]
        return self.block(struct.pack(f"<BBHI{len(parts)}Q", 1, 1, len(parts), len(data), *parts), internal=True)

    def subnodes(self, held: Mapping[int, tuple[int, int]]) -> int:
        if not held:
            return 0
        entries = b"".join(struct.pack("<QQQ", nid, data, sub) for nid, (data, sub) in sorted(held.items()))
        return self.block(struct.pack("<BBHI", 2, 0, len(held), 0) + entries, internal=True)

    def tree(self, kind: int, entries: Sequence[tuple[int, bytes]], most: int) -> tuple[int, int]:
        """Write a B-tree of pages; give block number and offset of its root."""
        size, level = len(entries[0][1]), 0
        while True:
            above: list[tuple[int, bytes]] = []
            for at in range(0, len(entries), most):
                held = entries[at : at + most]
                data = b"".join(entry for _, entry in held).ljust(488, b"\0")
                data += struct.pack("<BBBBI", len(held), most, size, level, 0)
                bid, place = self.next_block, len(self.out) + -len(self.out) % 512
                self.next_block += 4
                self.out += b"\0" * (place - len(self.out)) + data
                self.out += struct.pack("<BBHIQ", kind, kind, _signature(place, bid), _check(data), bid)
                above.append((held[0][0], struct.pack("<QQQ", held[0][0], bid, place)))
            if len(above) == 1:
                return struct.unpack("<QQ", above[0][1][8:])
            entries, size, level, most = above, 24, level + 1, 20


def _check(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _signature(at: int, bid: int) -> int:
    mixed = at ^ bid
    return (mixed >> 16 ^ mixed) & 0xFFFF


def _heap(kind: int, root: int, pieces: Sequence[bytes]) -> bytes:
    """Write a heap of one block (MS-PST 2.3.1)."""
    starts = [12]
    for piece in pieces:
        starts.append(starts[-1] + len(piece))
    body = b"".join(pieces)
    pad = len(body) % 2
    head = struct.pack("<HBBII", 12 + len(body) + pad, 0xEC, kind, root, 0)
    return head + body + b"\0" * pad + struct.pack(f"<HH{len(starts)}H", len(pieces), 0, *starts)


def _place(number: int) -> int:
    return number << 5


def _properties(file: _File, bag: Bag, inside: dict[int, tuple[int, int]]) -> bytes:
    """Write properties; long values become subnodes."""
    records, pieces = b"", [b"", b""]
    for (number, kind), value in sorted(bag.items()):
        if kind in FIXED and FIXED[kind] != "<Q":
            raw = struct.pack(FIXED[kind], value)[:4]
            records += struct.pack("<HH", number, kind) + raw
            continue
        data = _written(kind, value)
        if len(data) > 1_000:
            nid = file.number(0x1F)
            inside[nid] = (file.data(data), 0)
            place = nid
        else:
            pieces.append(data)
            place = _place(len(pieces)) if data else 0
        records += struct.pack("<HHI", number, kind, place)
    pieces[0] = struct.pack("<BBBBI", 0xB5, 2, 6, 0, _place(2) if records else 0)
    pieces[1] = records
    return _heap(0xBC, _place(1), pieces)


def _written(kind: int, value: Value) -> bytes:
    if isinstance(value, int):
        return struct.pack("<Q", value)
    if not isinstance(value, list):
        return coded(kind, value)
    values = [coded(kind, one) for one in value]
    at = 4 + 4 * len(values)
    starts = []
    for one in values:
        starts.append(at)
        at += len(one)
    return struct.pack(f"<I{len(values)}I", len(values), *starts) + b"".join(values)


def _table(rows: Sequence[tuple[int, Bag]]) -> bytes:
    """Write a table (MS-PST 2.3.4) of properties of 4 bytes and of text."""
    tags = sorted({tag for _, bag in rows for tag in bag}, key=lambda tag: tag[0])
    columns = [(_COLUMN, 0)] + [(number << 16 | kind, 4 + 4 * at) for at, (number, kind) in enumerate(tags)]
    width = 4 * len(columns)
    bits = -(-len(columns) // 8)
    pieces = [b"", b"", b"", b""]
    matrix = b""
    for row, bag in rows:
        cells = struct.pack("<I", row)
        seen = 1 << 7
        for at, (number, kind) in enumerate(tags, 1):
            value = bag.get((number, kind))
            if value is None:
                cells += bytes(4)
                continue
            seen |= 1 << (7 - at % 8) << (8 * (at // 8))
            if isinstance(value, int):
                cells += struct.pack("<i", value)
                continue
            pieces.append(coded(kind, value))
            cells += struct.pack("<I", _place(len(pieces)))
        matrix += cells + seen.to_bytes(bits, "little")
    info = struct.pack("<BBHHHHIII", 0x7C, len(columns), width, width, width, width + bits, _place(2), _place(4), 0)
    info += b"".join(struct.pack("<IHBB", tag, at, 4, bit) for bit, (tag, at) in enumerate(columns))
    index = b"".join(struct.pack("<II", row, at) for at, (row, _) in enumerate(rows))
    pieces[0], pieces[2], pieces[3] = info, index, matrix
    pieces[1] = struct.pack("<BBBBI", 0xB5, 4, 4, 0, _place(3) if rows else 0)
    if not rows:
        pieces = pieces[:2]
        pieces[0] = info[:14] + struct.pack("<II", 0, 0) + info[22:]
    return _heap(0x7C, _place(1), pieces)


def _mail(file: _File, mail: Mail) -> tuple[int, int]:
    """Write a message; give its block and that of its subnodes."""
    inside: dict[int, tuple[int, int]] = {}
    data = file.data(_properties(file, mail.bag, inside))
    if mail.recipients:
        rows = [(at, bag) for at, bag in enumerate(mail.recipients)]
        inside[0x692] = (file.data(_table(rows)), 0)
    rows = []
    for bag, message in mail.files:
        within: dict[int, tuple[int, int]] = {}
        own = dict(bag)
        if message is not None:
            nid = file.number(4)
            within[nid] = _mail(file, message)
            own[0x3701, 0x0D] = struct.pack("<II", nid, 100)
            own[0x3705, LONG] = 5
        number = file.number(5)
        block = file.data(_properties(file, own, within))
        inside[number] = (block, file.subnodes(within))
        rows.append((number, {(0x3705, LONG): own.get((0x3705, LONG), 1)}))
    if rows:
        inside[0x671] = (file.data(_table(rows)), 0)
    return data, file.subnodes(inside)


def _folder(file: _File, folder: Folder, nid: int, parent: int) -> None:
    base = nid & ~0x1F
    if folder.special:
        file.special[folder.special] = nid
    inner = [(file.number(2), one) for one in folder.folders]
    mails = [(file.number(4), one) for one in folder.mails]
    bag: Bag = {
        (0x3001, UNICODE): folder.name, (0x3602, LONG): len(mails), (0x3603, LONG): 0, (0x360A, 11): bool(inner),
    }  # fmt: skip
    file.nodes.append((nid, file.data(_properties(file, bag, {})), 0, parent))
    below = [(number, {(0x3001, UNICODE): one.name}) for number, one in inner]
    file.nodes.append((base | 0x0D, file.data(_table(below)), 0, 0))
    listed = [(number, {(0x0037, UNICODE): "x"}) for number, _ in mails]
    file.nodes.append((base | 0x0E, file.data(_table(listed)), 0, 0))
    file.nodes.append((base | 0x0F, file.data(_table([])), 0, 0))
    for number, mail in mails:
        file.nodes.append((number, *_mail(file, mail), nid))
    for number, one in inner:
        _folder(file, one, number, nid)


def pst(top: Folder, named: Names, orphans: Sequence[Mail] = ()) -> bytes:
    """Write a data file whose visible folders are those of `top`; orphans lie in a folder that is gone."""
    file = _File()
    for mail in orphans:
        file.nodes.append((file.number(4), *_mail(file, mail), 0x9002))
    top.special = top.special or 0x35E0
    _folder(file, Folder("", (), [top]), 0x122, 0x122)
    store: dict[tuple[int, int], Value] = {(0x3001, UNICODE): "Store", (0x0FF9, 0x102): bytes(16)}
    store |= {(number, 0x102): bytes(20) + struct.pack("<I", nid) for number, nid in file.special.items()}
    file.nodes.append((0x21, file.data(_properties(file, store, {})), 0, 0))
    tables = list(names(named).values())
    mapped: Bag = {(0x0001, LONG): 251, **{(2 + at, 0x102): bytes(one) for at, one in enumerate(tables)}}  # type: ignore[arg-type]  # no storages among them
    file.nodes.append((0x61, file.data(_properties(file, mapped, {})), 0, 0))
    blocks = [(bid, struct.pack("<QQHHI", bid, at, size, 2, 0)) for bid, at, size in sorted(file.blocks)]
    nodes = [(nid, struct.pack("<QQQII", nid, data, sub, parent, 0)) for nid, data, sub, parent in sorted(file.nodes)]
    by_block = file.tree(0x80, blocks, 20)
    by_node = file.tree(0x81, nodes, 15)
    root = struct.pack("<IQQQQQQQQBBH", 0, len(file.out), 0x4400, 0, 0, *by_node, *by_block, 2, 0, 0)
    rest = struct.pack("<HHHBBII", 0x4D53, 23, 19, 1, 1, 0, 0) + struct.pack("<QQI", 0, file.next_block, 1)
    rest += struct.pack("<32I", *[0x400] * 32) + bytes(8) + root + bytes(4) + b"\xff" * 256
    rest += struct.pack("<BBHQ", 0x80, 0, 0, file.next_block)
    header = b"!BDN" + struct.pack("<I", _check(rest[:471])) + rest + struct.pack("<I", _check(rest[:516])) + bytes(36)
    assert len(header) == 564
    file.out[: len(header)] = header
    return bytes(file.out)
