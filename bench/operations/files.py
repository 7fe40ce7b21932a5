"""The bytes of each kind of file that goes with a message: small, real, and the same for the same seed.

Dates inside are those of the message; nothing asks a clock. The writers that the tests have are used where they fit.
"""

import html
import io
import re
import struct
import textwrap
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from random import Random
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageDraw

from bench.operations.attach import Enclosure, is_jpeg
from tests.locked_mail import zip_crypto
from tests.office_files import project, shortcut
from tests.small_codes import code_picture, saved
from tests.small_pdf import Pdf, link
from watchword.read.compound import compound

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MAIN_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
_MACROS = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SECTOR = 2048


@dataclass(frozen=True, slots=True)
class Order:
    """What a file is to hold, all slots filled, and the message that it goes with."""

    kind: str
    name: str
    text: str
    link: str
    password: str
    sender: tuple[str, str]  # name and address
    recipient: tuple[str, str]
    when: datetime

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return PurePosixPath(self.name).stem or "Document"


def made(order: Order, rng: Random) -> Enclosure:
    """Make the file."""
    return Enclosure(order.kind, re.sub(r'[\\/:*?"<>|\s]+', " ", order.name).strip(), _WRITERS[order.kind](order, rng))


# ------------------------------------------------------------ documents


def _wrapped(text: str, width: int) -> list[str]:
    return [piece for line in text.strip().split("\n") for piece in (textwrap.wrap(line, width) or [""])]


def _placed(line: str) -> str:
    """Put a line into the order in which its letters stand from left to right, as pages are drawn."""
    if not re.search("[\u0590-\u08ff]", line):
        return line
    return re.sub(r"[!-~][ -~]*[!-~]|[!-~]", lambda found: found[0][::-1], line[::-1])


def _font(pdf: Pdf, text: str) -> tuple[int, Callable[[str], bytes]]:
    """Add a font that has the letters of a text, and how lines are written with it."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        pass
    else:
        number = pdf.add(b"/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding")
        return number, lambda line: b"(%b)" % re.sub(rb"([\\()])", rb"\\\1", line.encode("cp1252"))
    letters = sorted({ord(letter) for letter in text if ord(letter) < 0x10000})
    blocks = [letters[at : at + 100] for at in range(0, len(letters), 100)]
    said = b"".join(
        b"%d beginbfchar\n%b endbfchar\n" % (len(one), b"".join(b"<%04X> <%04X>\n" % (code, code) for code in one))
        for one in blocks
    )
    unicode = pdf.add(
        b"",
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n/CMapName /Adobe-Identity-UCS def\n"
        b"/CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + said
        + b"endcmap CMapName currentdict /CMap defineresource pop end end\n",
    )
    described = pdf.add(
        b"/Type /FontDescriptor /FontName /ArialUnicodeMS /Flags 4 /FontBBox [-500 -300 1500 1000] /ItalicAngle 0 "
        b"/Ascent 900 /Descent -200 /CapHeight 700 /StemV 80"
    )
    inner = pdf.add(
        b"/Type /Font /Subtype /CIDFontType2 /BaseFont /ArialUnicodeMS /DW 560 /FontDescriptor %d 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>" % described
    )
    number = pdf.add(
        b"/Type /Font /Subtype /Type0 /BaseFont /ArialUnicodeMS /Encoding /Identity-H /DescendantFonts [%d 0 R] "
        b"/ToUnicode %d 0 R" % (inner, unicode)
    )
    return number, lambda line: b"<%b>" % _placed(line).encode("utf-16-be", "ignore").hex().encode()


def _pdf(order: Order, rng: Random) -> bytes:
    pdf = Pdf()
    lines = _wrapped(order.text or order.stem, 84)
    number, shown = _font(pdf, "".join(lines))
    size = rng.choice((10, 11, 12))
    per_page = 46
    for at in range(0, len(lines), per_page):
        page = lines[at : at + per_page]
        drawing = b"BT /T %d Tf 15 TL 50 740 Td\n%b ET\n" % (size, b"".join(shown(line) + b" Tj T*\n" for line in page))
        notes = []
        if at + per_page >= len(lines) and order.link and order.kind == "pdf-link":
            bottom = 740 - 15 * len(page)
            notes = [link(order.link, f"50 {bottom + 11} 420 {bottom + 27}")]
        pdf.page("", *notes, drawing=drawing, fonts=b"/T %d 0 R" % number)
    return pdf.write(order.password, bits=128) if order.kind == "pdf-locked" else pdf.write()


def _zipped(parts: Mapping[str, str | bytes], when: datetime) -> bytes:
    out = io.BytesIO()
    moment = (max(when.year, 1980), when.month, when.day, when.hour, when.minute, when.second // 2 * 2)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return out.getvalue()


def _relations(*listed: tuple[str, str, bool]) -> str:
    mode = {True: ' TargetMode="External"', False: ""}
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target={quoteattr(target)}{mode[outside]}/>'
        for number, (kind, target, outside) in enumerate(listed, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def _docx(order: Order, rng: Random) -> bytes:
    """Write a document of Word, with macros or a template from elsewhere where its kind is such."""
    macros, template = order.kind == "docm", order.kind == "docx-template"
    related = [(f"{_OFFICE}/settings", "settings.xml", False)]
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    paragraphs = [run.format(escape(line)) for line in (order.text or order.stem).strip().split("\n")]
    if order.link and not macros and not template:
        related.append((f"{_OFFICE}/hyperlink", order.link, True))
        paragraphs.append(f'<w:hyperlink r:id="rId2">{run.format(escape(order.link))}</w:hyperlink>')
    body = "".join(f"<w:p>{one}</w:p>" for one in paragraphs)
    types = {"word/document.xml": _MAIN_MACROS if macros else _MAIN}
    types["word/settings.xml"] = _MAIN.replace("document.main", "settings")
    parts: dict[str, str | bytes] = {
        "word/document.xml": f'{_XML}<w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"><w:body>{body}'
        f'<w:sectPr w:rsidR="{rng.randrange(16**8):08X}"/></w:body></w:document>',
    }
    settings = '<w:attachedTemplate r:id="rId1"/>' if template else '<w:defaultTabStop w:val="720"/>'
    parts["word/settings.xml"] = f'{_XML}<w:settings xmlns:w="{_WORD}" xmlns:r="{_OFFICE}">{settings}</w:settings>'
    if template:
        parts["word/_rels/settings.xml.rels"] = _relations((f"{_OFFICE}/attachedTemplate", order.link, True))
    if macros:
        related.append((_MACROS, "vbaProject.bin", False))
        types["word/vbaProject.bin"] = "application/vnd.ms-office.vbaProject"
        opened = f'  ActiveDocument.FollowHyperlink "{order.link}"\r\n' if order.link else ""
        parts["word/vbaProject.bin"] = compound(
            project(
                'Attribute VB_Name = "Module1"\r\nSub AutoOpen()\r\n  ActiveDocument.Fields.Update\r\n'
                f"{opened}End Sub\r\n"
            )
        )
    parts["word/_rels/document.xml.rels"] = _relations(*related)
    stamp = order.when.strftime("%Y-%m-%dT%H:%M:%SZ")
    parts["docProps/core.xml"] = (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>{escape(order.sender[0])}</dc:creator>'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp}</dcterms:created></cp:coreProperties>'
    )
    types["docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items())
    first = {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{overrides}</Types>',
        "_rels/.rels": _relations(
            (f"{_OFFICE}/officeDocument", "word/document.xml", False),
            (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml", False),
        ),
    }
    return _zipped({**first, **parts}, order.when)


# ------------------------------------------------------------ what holds other files


def _inner(order: Order, rng: Random) -> tuple[str, bytes]:
    return f"{order.stem}.docx", _docx(order, rng)


def _zip(order: Order, rng: Random) -> bytes:
    name, data = _inner(order, rng)
    return _zipped({name: data}, order.when)


def _zip_locked(order: Order, rng: Random) -> bytes:
    return zip_crypto(order.password.encode(), _inner(order, rng))


def _shortcut(order: Order) -> bytes:
    """Write a shortcut that opens the link, or else the document beside it: enough to be one, and it harms nobody."""
    icon = "%SystemRoot%\\System32\\imageres.dll"
    return shortcut(order.stem, "..\\..\\Windows\\explorer.exe", order.link or f'"{order.stem}.docx"', icon)


def _zip_shortcut(order: Order, rng: Random) -> bytes:
    beside = [] if order.link else [_inner(order, rng)]
    return _zipped(dict([*beside, (f"{order.stem}.lnk", _shortcut(order))]), order.when)


def _both(number: int, pattern: str) -> bytes:
    return struct.pack(f"<{pattern}", number) + struct.pack(f">{pattern}", number)


def _record(name: bytes, sector: int, size: int, is_folder: bool, when: datetime) -> bytes:
    """Write one record of a folder (ECMA-119, 9.1)."""
    moment = bytes([when.year - 1900, when.month, when.day, when.hour, when.minute, when.second, 0])
    body = b"\0" + _both(sector, "I") + _both(size, "I") + moment + bytes([2 * is_folder, 0, 0]) + _both(1, "H")
    body += bytes([len(name)]) + name + b"\0" * (1 - len(name) % 2)
    return bytes([len(body) + 1]) + body


def _descriptor(kind: int, escapes: bytes, label: bytes, sectors: int, path: int, root: bytes) -> bytes:
    out = bytearray(_SECTOR)
    out[0:7] = bytes([kind]) + b"CD001\1"
    out[8:72] = label[:0].ljust(32) + label[:32].ljust(32)
    out[80:88] = _both(sectors, "I")
    out[88 : 88 + len(escapes)] = escapes
    out[120:132] = _both(1, "H") + _both(1, "H") + _both(_SECTOR, "H")
    out[132:140] = _both(10, "I")
    out[140:144], out[148:152] = struct.pack("<I", path), struct.pack(">I", path + 1)
    out[156 : 156 + len(root)] = root
    out[881] = 1
    return bytes(out)


def _iso(order: Order, rng: Random) -> bytes:
    """Write a disk image (ECMA-119 with Joliet) of one folder: the document, and a shortcut where there is a link."""
    held = [_inner(order, rng)]
    if order.link:
        held.append((f"{order.stem}.lnk", _shortcut(order)))
    first, folders = 25, (19, 20)  # sectors 16 to 18 hold the descriptors, 21 to 24 the path tables
    places, at = [], first
    for _, data in held:
        places.append(at)
        at += -(-len(data) // _SECTOR)
    listed = []
    for is_joliet, sector in zip((False, True), folders, strict=True):
        rows = [_record(dots, sector, _SECTOR, True, order.when) for dots in (b"\0", b"\1")]
        for number, ((name, data), place) in enumerate(zip(held, places, strict=True)):
            short = f"FILE{number}.{name.rpartition('.')[2][:3].upper()};1".encode()
            raw = name[:60].encode("utf-16-be") if is_joliet else short
            rows.append(_record(raw, place, len(data), False, order.when))
        listed.append(b"".join(rows).ljust(_SECTOR, b"\0"))
    paths = [struct.pack(f"{end}BBIH", 1, 0, sector, 1) + b"\0\0" for sector in folders for end in "<>"]
    roots = [_record(b"\0", sector, _SECTOR, True, order.when) for sector in folders]
    image = bytes(16 * _SECTOR)
    image += _descriptor(1, b"", b"DISK", at, 21, roots[0]) + _descriptor(2, b"%/E", b"\0D", at, 23, roots[1])
    image += (b"\xffCD001\1").ljust(_SECTOR, b"\0") + b"".join(listed)
    image += b"".join(one.ljust(_SECTOR, b"\0") for one in paths)
    return image + b"".join(data.ljust(-(-len(data) // _SECTOR) * _SECTOR, b"\0") for _, data in held)


# ------------------------------------------------------------ pages, invitations, pictures


def _html(order: Order, _: Random) -> bytes:
    """Write a page with a form. It asks for a password where the file has one: that is the field's label."""
    said = "".join(f"<p>{html.escape(line)}</p>\n" for line in order.text.strip().split("\n") if line)
    secret = f'<p><label>{html.escape(order.password)} <input type="password" name="key"></label></p>\n'
    return (
        f'<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"><title>{html.escape(order.stem)}</title></head>\n'
        f'<body>\n{said}<form method="post" action="{html.escape(order.link)}">\n'
        f'<p><input type="email" name="address" value="{html.escape(order.recipient[1])}"></p>\n'
        f'{secret if order.password else ""}<p><input type="submit" value="OK"></p>\n</form>\n</body>\n</html>\n'
    ).encode()


def _folded(line: str) -> str:
    """Fold a line at 75 octets (RFC 5545, 3.1)."""
    out, room = "", 75
    for letter in line:
        size = len(letter.encode())
        if size > room:
            out, room = out + "\r\n ", 74
        out, room = out + letter, room - size
    return out


def _ics(order: Order, rng: Random) -> bytes:
    """Write an invitation (RFC 5546) of the sender, some days ahead."""

    def plain(text: str) -> str:
        return re.sub(r"([\\;,])", r"\\\1", text.strip()).replace("\n", "\\n")

    begins = (order.when + timedelta(days=rng.randrange(2, 10))).replace(hour=rng.randrange(8, 18), minute=0, second=0)
    stamps = [one.strftime("%Y%m%dT%H%M%SZ") for one in (order.when, begins, begins + timedelta(minutes=45))]
    (name, address), (guest, invited) = order.sender, order.recipient
    quoted = [f'"{one}"' if one else '""' for one in (name.replace('"', ""), guest.replace('"', ""))]
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Events//Calendar 1.0//EN", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:REQUEST",
        "BEGIN:VEVENT", f"DTSTART:{stamps[1]}", f"DTEND:{stamps[2]}", f"DTSTAMP:{stamps[0]}",
        f"ORGANIZER;CN={quoted[0]}:mailto:{address}", f"UID:{rng.randrange(16**26):026x}@{address.partition('@')[2]}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN={quoted[1]}"
        f":mailto:{invited}",
        f"SUMMARY:{plain(order.stem)}", f"DESCRIPTION:{plain(order.text)}",
    ]  # fmt: skip
    if order.link:
        lines += [f"LOCATION:{plain(order.link)}", f"URL:{order.link}"]
    lines += ["SEQUENCE:0", "STATUS:CONFIRMED", "END:VEVENT", "END:VCALENDAR"]
    return "".join(_folded(line) + "\r\n" for line in lines).encode()


def _saved(picture: Image.Image, order: Order) -> bytes:
    return saved(picture, "JPEG" if is_jpeg(order.name) else "PNG")


def _picture(order: Order, rng: Random) -> bytes:
    """Draw a small mark of two colours."""
    colours = [tuple(rng.randrange(20, 230) for _ in range(3)) for _ in range(2)]
    picture = Image.new("RGB", (160, 60), "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((4, 4, 56, 56), fill=colours[0])
    for number in range(rng.randrange(2, 5)):
        pen.rectangle((66, 8 + 12 * number, 66 + rng.randrange(40, 90), 14 + 12 * number), fill=colours[1])
    return _saved(picture, order)


def _code(order: Order, _: Random) -> bytes:
    """Draw the link as a QR code, with what it is for above it where the small font has the letters."""
    code = code_picture(order.link)
    if not order.text.isascii():
        return _saved(code, order)
    lines = _wrapped(order.text, max(12, code.width // 7))
    picture = Image.new("L", (code.width, code.height + 14 * len(lines) + 6), 255)
    ImageDraw.Draw(picture).text((20, 6), "\n".join(lines), fill=0)
    picture.paste(code, (0, picture.height - code.height))
    return _saved(picture, order)


_WRITERS: dict[str, Callable[[Order, Random], bytes]] = {
    "pdf": _pdf, "pdf-link": _pdf, "pdf-locked": _pdf, "docx": _docx, "docx-template": _docx, "docm": _docx,
    "zip": _zip, "zip-locked": _zip_locked, "zip-shortcut": _zip_shortcut, "iso": _iso, "html": _html, "ics": _ics,
    "picture": _picture, "picture-qr": _code,
}  # fmt: skip
