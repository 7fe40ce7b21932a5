"""Attachments and calendar objects of the example, made by hand so that every byte is the same everywhere."""

import io
import zipfile
from datetime import datetime, timedelta

from examples.letter import File

ZIP_TIME = (2024, 8, 12, 0, 0, 0)


def pdf(name: str, lines: list[str]) -> File:
    """Give a PDF of one page with these lines (ISO 32000-1)."""
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    stream = f"BT /F1 11 Tf 60 780 Td 15 TL\n{shown}ET\n".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%sendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return File(name, "application/pdf", out + b"xref\n0 6\n0000000000 65535 f \n" + table + trailer)


def docx(name: str, paragraphs: list[str]) -> File:
    """Give a minimal Word document (ECMA-376) with these paragraphs."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    text = "".join(f"<w:p><w:r><w:t>{_xml(paragraph)}</w:t></w:r></w:p>" for paragraph in paragraphs)
    members = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="rId1" Type="{office}" '
        'Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body>{text}</w:body></w:document>',
    }
    data = stored_zip({member: f"{declaration}{content}".encode() for member, content in members.items()})
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return File(name, kind, data)


def stored_zip(members: dict[str, bytes]) -> bytes:
    """Give a zip archive that stores its members: what a compressor makes differs from machine to machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def invitation(uid: str, title: str, place: str, start: datetime, organiser: tuple[str, str], guest: str) -> str:
    """Give an iCalendar request (RFC 5545, RFC 5546) of one hour, lines ended by LF and folded at 75 octets."""
    form = "%Y%m%dT%H%M%SZ"
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Mailhaven//Calendar 70.9054//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"DTSTART:{start.strftime(form)}",
        f"DTEND:{(start + timedelta(hours=1)).strftime(form)}",
        f"DTSTAMP:{(start - timedelta(days=4)).strftime(form)}",
        f"ORGANIZER;CN={organiser[0]}:mailto:{organiser[1]}",
        f"UID:{uid}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{guest}",
        f"LOCATION:{place.replace(',', chr(92) + ',')}",
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        f"SUMMARY:{title.replace(',', chr(92) + ',')}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    folded = [line[:74] + "".join(f"\n {line[at : at + 73]}" for at in range(74, len(line), 73)) for line in lines]
    return "\n".join(folded) + "\n"


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
