"""Office documents of the older kinds (MS-DOC, MS-XLS, MS-PPT) and other compound files: all that is in them."""

import itertools
import re
import struct
import zlib
from collections.abc import Iterator

from watchword.observe.files import Budget, Contents, File, Reading, fields, office_lock, office_text, ole, vba
from watchword.observe.files.ole import Ole

KINDS = ("doc", "xls", "ppt", "ole", "vsd")

TEXT = 2 * 1024 * 1024  # characters of one document
RECORDS = 400_000
DEPTH = 200  # fields in fields
PICTURES = 30
_LOCKED_SLIDES = b"\xdf\xc4\xd1\xf3"  # MS-PPT 2.3.2, headerToken
# A moniker of an address (MS-OSHARED 2.3.7.6): class, length, UTF-16.
_MONIKER = b"\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\x00\xaa\x00\x4b\xa9\x0b"
_FIELD = re.compile("([\x13\x14\x15])")
_PICTURE_STREAMS = frozenset(("data", "pictures", "workbook", "worddocument"))


def read(file: File, budget: Budget) -> Contents:
    """Read a compound file by the kind of document that it is."""
    contents = Contents(is_locked=False)
    compound = ole.opened(file.data)
    if compound is None:
        contents.defects.append(("file-unreadable", f"{len(file.data)} bytes, damaged as a compound file"))
        return contents
    text = ""
    if file.kind == "doc" and (path := compound.find("WordDocument")) is not None:
        text = _word(compound, compound.read(path), contents)
    elif file.kind == "xls" and (path := compound.find("Workbook") or compound.find("Book")) is not None:
        text = _excel(compound.read(path), contents)
    elif file.kind == "ppt" and (path := compound.find("PowerPoint Document")) is not None:
        current = compound.find("Current User")
        if current is not None and compound.read(current, 16)[12:] == _LOCKED_SLIDES:
            contents.is_locked = True
        else:
            text = _powerpoint(compound.read(path), contents, budget)
    if contents.is_locked:
        opened = office_lock.unlocked(file, budget, 0)
        if opened is not None:
            office_lock.open_with(contents, file.name, opened, budget)
            return contents
    if shown := office_text.lines(text[:TEXT]):
        contents.texts.append(Reading(file.kind, shown))
    modules = vba.modules(compound)
    if modules or compound.find("VBA", "dir") is not None:
        vba.note(contents, modules)
    ole.objects(compound, contents, budget)
    _pictures_and_links(compound, contents, budget)
    return contents


def _pictures_and_links(compound: Ole, contents: Contents, budget: Budget) -> None:
    pictures = 0
    for path in compound.names:
        data = compound.read(path)
        at = data.find(_MONIKER)
        while at >= 0:
            (length,) = struct.unpack_from("<I", data, at + 16) if at + 20 <= len(data) else (0,)
            raw = data[at + 20 : at + 20 + min(length, 8_192)].decode("utf-16-le", "replace").partition("\0")[0]
            if ":" in raw[:12]:
                contents.link("hyperlink", raw)
            at = data.find(_MONIKER, at + 16)
        if path[-1].lower() in _PICTURE_STREAMS:
            for name, picture in itertools.islice(pictures_in(data), PICTURES - pictures):
                pictures += 1
                contents.hold(f"{pictures}.{name}", picture, budget)


def pictures_in(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the PNG and JPEG pictures that stand in bytes, whatever is around them."""
    for kind, start, end in (("png", b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"), ("jpg", b"\xff\xd8\xff", b"\xff\xd9")):
        at = data.find(start)
        while at >= 0:
            stop = data.find(end, at + 8)
            if stop < 0:
                break
            stop += len(end)
            if stop - at > 200:
                yield kind, data[at:stop]
            at = data.find(start, stop)


# ---------------------------------------------------------------- Word


def _word(compound: Ole, main: bytes, contents: Contents) -> str:
    """Read the text by its piece table (MS-DOC 2.4.1); of Word 6 and 95 as it stands."""
    if len(main) < 0x1AA:
        return ""
    version, flags = struct.unpack_from("<H", main, 2)[0], struct.unpack_from("<H", main, 10)[0]
    if flags & 0x0100:
        contents.is_locked = True
        return ""
    if version < 101:
        start, stop = struct.unpack_from("<II", main, 0x18)
        return with_fields(main[start : min(stop, start + TEXT)].decode("cp1252", "replace"), contents)
    table = compound.find("1Table" if flags & 0x0200 else "0Table")
    where, length = struct.unpack_from("<II", main, 0x01A2)
    pieces = compound.read(table)[where : where + length] if table is not None else b""
    return with_fields("".join(_pieces(main, pieces)), contents)


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    at = 0
    while at + 3 <= len(table) and table[at] == 1:  # properties that pieces share
        at += 3 + int.from_bytes(table[at + 1 : at + 3], "little")
    if at + 5 > len(table) or table[at] != 2:
        return
    table = table[at + 5 : at + 5 + int.from_bytes(table[at + 1 : at + 5], "little")]
    count = (len(table) - 4) // 12
    left = TEXT
    for number in range(min(count, 100_000)):
        first, last = struct.unpack_from("<II", table, 4 * number)
        (place,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)
        length = min(max(last - first, 0), left)
        left -= length
        if place & 0x40000000:
            start = (place & 0x3FFFFFFF) // 2
            yield main[start : start + length].decode("cp1252", "replace")
        else:
            yield main[place : place + 2 * length].decode("utf-16-le", "replace")


def with_fields(text: str, contents: Contents) -> str:
    """Take the field codes out of a text (marks 0x13, 0x14, 0x15) and note where they lead; their results stay."""
    out: list[str] = []
    stack: list[tuple[list[str], list[str]]] = []  # code and result of each open field
    in_result: list[bool] = []
    for piece in _FIELD.split(text):
        if piece == "\x13":
            if len(stack) < DEPTH:
                stack.append(([], []))
                in_result.append(False)
        elif piece == "\x14":
            if in_result:
                in_result[-1] = True
        elif piece == "\x15":
            if stack:
                code, result = stack.pop()
                in_result.pop()
                fields.note(contents, "".join(code)[: fields.CODE], "".join(result)[:1_000])
        elif piece:
            if not stack:
                out.append(piece)
            elif not in_result[-1]:
                stack[-1][0].append(piece)
            else:
                stack[-1][1].append(piece)
                if all(in_result[-5:]):
                    out.append(piece)
    return _clean("".join(out))


_SIGNS = str.maketrans({"\r": "\n", "\x07": "\t", "\x0b": "\n", "\x0c": "\n", "\xa0": " ", "\x1e": "-", "\x1f": None}
                       | {chr(code): None for code in (0, 1, 2, 3, 4, 5, 6, 8, *range(0x0E, 0x1E))})  # fmt: skip


def _clean(text: str) -> str:
    return text.translate(_SIGNS)


# ---------------------------------------------------------------- Excel


def _excel(book: bytes, contents: Contents) -> str:
    """Read strings, and note locks, macro sheets, DDE and names that run by themselves (MS-XLS 2.4)."""
    text: list[str] = []
    strings: list[bytes] = []
    is_drawn = has_old_macros = runs = False
    last = 0
    for kind, body in _records(book):
        if kind == 0x002F:  # FilePass
            contents.is_locked = True
            return ""
        if kind == 0x00FC or (kind == 0x003C and last == 0x00FC):  # SST and what continues it
            strings.append(body)
        elif kind == 0x0085 and len(body) > 5:  # BoundSheet8
            has_old_macros = has_old_macros or body[5] == 1
        elif kind == 0x01AE and len(body) > 6:  # SupBook
            name = _string(body[2:])
            if "\x03" in name:
                contents.mark("dde")
                contents.texts.append(Reading("field", name.replace("\x03", "|")[:4_000], is_code=True))
        elif kind == 0x0018 and len(body) > 15:  # Lbl
            runs = runs or (bool(body[0] & 0x20) and body[15:16] in {b"\1", b"\2"}) or b"auto_open" in body[:40].lower()
        elif kind in {0x0204, 0x00D6} and len(body) > 8:  # Label
            text.append(_string(body[6:]))
        elif kind == 0x0207:  # String
            text.append(_string(body))
        elif kind == 0x003C and is_drawn and body:  # text of a drawn box
            text.append(body[1:].decode("utf-16-le" if body[0] & 1 else "cp1252", "replace"))
        is_drawn = kind == 0x01B6
        last = kind if kind != 0x003C else last
    if has_old_macros:
        contents.mark("macros")
        contents.mark("excel4-macros")
    if runs:
        contents.mark("macro-runs-on-open")
    return _clean("\n".join([*_shared(strings), *text]).replace("\r", "\n"))


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(RECORDS):
        if at + 4 > len(data):
            return
        kind, length = struct.unpack_from("<HH", data, at)
        yield kind, data[at + 4 : at + 4 + length]
        at += 4 + length


def _string(data: bytes) -> str:
    """Read a string with its length and flags before it (XLUnicodeString)."""
    if len(data) < 3:
        return ""
    count, flags = struct.unpack_from("<HB", data)
    return (
        data[3 : 3 + 2 * count].decode("utf-16-le", "replace")
        if flags & 1
        else data[3 : 3 + count].decode("cp1252", "replace")
    )


def _shared(pieces: list[bytes]) -> Iterator[str]:
    """Read the table of strings (MS-XLS 2.4.265); one that goes on in the next record says anew how wide it is."""
    if not pieces or len(pieces[0]) < 8:
        return
    left = TEXT
    queue = iter(pieces)
    data, at = next(queue), 8
    while left > 0:
        if at + 3 > len(data):
            data, at = next(queue, b""), 0
            if len(data) < 3:
                return
        count, flags = struct.unpack_from("<HB", data, at)
        at += 3
        runs = extra = 0
        if flags & 8:
            runs, at = int.from_bytes(data[at : at + 2], "little"), at + 2
        if flags & 4:
            extra, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        wide = flags & 1
        words: list[str] = []
        while count:
            taken = min(count, (len(data) - at) // (2 if wide else 1))
            words.append(
                data[at : at + taken * (2 if wide else 1)].decode("utf-16-le" if wide else "cp1252", "replace")
            )
            at += taken * (2 if wide else 1)
            count -= taken
            if count:
                data, at = next(queue, b""), 1
                if not data:
                    break
                wide = data[0] & 1
        skip = 4 * runs + extra
        while skip > len(data) - at:
            skip -= len(data) - at
            data, at = next(queue, b""), 0
            if not data:
                break
        at += skip
        left -= sum(map(len, words)) + 1
        yield "".join(words)
        if not data:
            return


# ---------------------------------------------------------------- PowerPoint


def _powerpoint(data: bytes, contents: Contents, budget: Budget) -> str:
    """Read text and links of all slides, and what is embedded (MS-PPT 2.3.1: records in records)."""
    text: list[str] = []
    friendly = ""
    at = 0
    for _ in range(RECORDS):
        if at + 8 > len(data):
            break
        head, kind, length = struct.unpack_from("<HHI", data, at)
        body = data[at + 8 : at + 8 + length] if head & 0x0F != 0x0F else b""
        if kind == 0x0FA0:
            text.append(body.decode("utf-16-le", "replace"))
        elif kind == 0x0FA8:
            text.append(body.decode("latin-1"))
        elif kind == 0x0FBA:  # CString: of a link the words (instance 0) and the address (instance 1)
            words = body.decode("utf-16-le", "replace")
            if head >> 4 == 1 and ":" in words[:12]:
                contents.link("hyperlink", words, friendly)
            friendly = words if head >> 4 == 0 else ""
        elif kind == 0x0FF3 and len(body) > 8 and body[8] in {1, 2}:  # InteractiveInfoAtom: macro, program
            contents.mark("launches-program")
        elif kind == 0x1011:  # ExOleObjStg
            _embedded(body, bool(head >> 4), contents, budget)
        at += 8 + (0 if head & 0x0F == 0x0F else length)
    return _clean("\n".join(text).replace("\r", "\n"))


def _embedded(body: bytes, is_packed: bool, contents: Contents, budget: Budget) -> None:
    if is_packed:
        try:
            body = zlib.decompressobj().decompress(body[4:], min(ole.STREAM, max(budget.unpacked, 1)))
        except zlib.error:
            return
        budget.unpacked -= len(body)
    inner = ole.opened(body)
    if inner is None:
        return
    if inner.find("VBA", "dir") is not None:
        vba.note(contents, vba.modules(inner))
    else:
        contents.mark("embedded-file")
        contents.hold("object.ole", body, budget)
