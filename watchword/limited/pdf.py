"""PDF as pdfium reads it: text, links with the text that they cover, embedded files, and pages as pictures.

Findings of `read`: `locked`; `password` (value: the one that opened it); `plain` (data: the file without its
encryption); `pages` (value: how many); `text`; `link` (value: address; shown: the text under it); `path` (value: file
that an action opens; shown: launch or goto); `script`; `file` (value: name; shown: size if it was too much for data);
`contains` (value: one-big-link, image-only-pages); `picture` (value: number of a page that is worth looking at as one).
"""

import ctypes
import functools
import hashlib
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from watchword.limited import codes
from watchword.limited.wire import Finding

PASSWORDS = 300
PASSWORD_SECONDS = 2.0
TEXT = 200_000  # characters
LINKS = 2_000
SHOWN = 300  # characters
OBJECTS = 5_000  # of one page that are looked at
FILES = 100
SCRIPTS = 50
SCRIPT = 65_536  # characters
PICTURES = 3  # pages that are looked at as pictures
PIXELS = 4_000_000  # of a page as a picture
SCALE = 2.0  # pixels to a point, 144 dpi

# Measured on 55 phishing and 24 honest documents: the greatest link of a page covers at least 19 % in most of the
# former, at most 0.7 % in the latter.
BIG = 0.1  # of the page that a link covers on a page with little text
WHOLE = 0.5  # whatever the text
LITTLE = 500  # characters
NO_TEXT = 20  # characters of a page that is a picture
SMALL = 40  # points; smaller pictures hold no code that a telephone could read
SEGMENTS = 400  # of paths; a code drawn by lines has more
_BLOCKS = frozenset("█▀▄▌▐■⬛")


def load() -> None:
    """Load all that pdfium takes by writing, reading and drawing one page, as no file can be opened later."""
    document = pdfium.PdfDocument.new()
    document.new_page(100, 100)
    kept = io.BytesIO()
    document.save(kept)
    _ = list(read(kept.getvalue(), (), {})), list(codes_of(kept.getvalue(), (), {"page": 0}))


def read(data: bytes, words: Sequence[str], numbers: Mapping[str, int]) -> Iterator[Finding]:
    """Look at a document: `numbers` says how many `pages` and how many bytes (`room`) of files may be given back."""
    document, password = _open(data, words)
    if document is None:
        yield Finding("locked")
        return
    if password:
        yield Finding("password", password)
    if raw.FPDF_GetSecurityHandlerRevision(document.raw) >= 0:
        plain = io.BytesIO()
        document.save(plain, flags=raw.FPDF_REMOVE_SECURITY)
        yield Finding("plain", data=plain.getvalue())
    count = len(document)
    yield Finding("pages", str(count))
    room = _Room(numbers.get("room", 0))
    yield from _files(document, room)
    yield from _scripts(document)
    yield from _pages(document, min(count, numbers.get("pages", 1)), room)


def codes_of(data: bytes, words: Sequence[str], numbers: Mapping[str, int]) -> Iterator[Finding]:
    """Find codes on the pages that `numbers` names, looking at each as a picture."""
    document, _ = _open(data, words)
    if document is None:
        return
    for number in numbers.values():
        page = document[number]
        width, height = page.get_size()
        scale = min(SCALE, (PIXELS / max(width * height, 1)) ** 0.5)
        if min(width, height) * scale < 1:
            continue
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False, no_smoothtext=True, no_smoothpath=True)
        picture = Image.frombuffer("L", (bitmap.width, bitmap.height), bitmap.buffer, "raw", "L", bitmap.stride, 1)
        yield from codes.find(picture)


def _open(data: bytes, words: Sequence[str]) -> tuple[pdfium.PdfDocument | None, str]:
    """Open a document without a password, else with the first of the words that fits. Raises PdfiumError."""
    begun = time.process_time()
    for word in ("", *words[:PASSWORDS]):
        try:
            return pdfium.PdfDocument(data, password=word or None), word
        except pdfium.PdfiumError as error:
            if error.err_code != raw.FPDF_ERR_PASSWORD:
                raise
        if time.process_time() - begun > PASSWORD_SECONDS:
            break
    return None, ""


class _Room:
    """How many bytes of files may still be given back, and which were."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.known: set[bytes] = set()


def _files(document: pdfium.PdfDocument, room: _Room) -> Iterator[Finding]:
    for number in range(min(document.count_attachments(), FILES)):
        yield from _file(raw.FPDFDoc_GetAttachment(document.raw, number), room)


def _file(attachment: object, room: _Room) -> Iterator[Finding]:
    """Give an embedded file once."""
    if not attachment:
        return
    name = _words(functools.partial(raw.FPDFAttachment_GetName, attachment))
    size = ctypes.c_ulong()
    if not raw.FPDFAttachment_GetFile(attachment, None, 0, size):
        yield Finding("file", name)
        return
    if size.value > room.left:
        yield Finding("file", name, str(size.value))
        return
    buffer = ctypes.create_string_buffer(size.value)
    raw.FPDFAttachment_GetFile(attachment, buffer, size.value, size)
    digest = hashlib.sha256(buffer.raw).digest()
    if digest not in room.known:
        room.known.add(digest)
        room.left -= size.value
        yield Finding("file", name, data=buffer.raw)


def _scripts(document: pdfium.PdfDocument) -> Iterator[Finding]:
    for number in range(min(raw.FPDFDoc_GetJavaScriptActionCount(document.raw), SCRIPTS)):
        action = raw.FPDFDoc_GetJavaScriptAction(document.raw, number)
        if action:
            script = _words(functools.partial(raw.FPDFJavaScriptAction_GetScript, action))
            raw.FPDFDoc_CloseJavaScriptAction(action)
            yield Finding("script", script[:SCRIPT])


def _pages(document: pdfium.PdfDocument, count: int, room: _Room) -> Iterator[Finding]:
    left, links, pictures = TEXT, LINKS, 0
    drawn_pages, without_text = 0, 0
    is_big = False
    for number in range(count):
        try:
            page = document[number]
            text_page = page.get_textpage()
        except pdfium.PdfiumError:  # the next may be whole
            continue
        text = text_page.get_text_bounded()[:left] if left > 0 else ""
        left -= len(text)
        if text.strip():
            yield Finding("text", text)
        width, height = page.get_size()
        area = max(width * height, 1.0)
        for found, covered in _links(page, text_page, links):
            links -= 1
            yield found
            is_big |= found.what == "link" and covered >= (BIG if len(text) < LITTLE else WHOLE) * area
        yield from _attached(page, room)
        drawn = _drawn(page)
        if drawn.is_any:
            drawn_pages += 1
            without_text += len(text.strip()) < NO_TEXT and drawn.pictures >= WHOLE * area
        if pictures < PICTURES and (drawn.is_worth or sum(map(text.count, _BLOCKS)) > 100):
            pictures += 1
            yield Finding("picture", str(number))
    if is_big:
        yield Finding("contains", "one-big-link")
    if drawn_pages and drawn_pages == without_text:
        yield Finding("contains", "image-only-pages")


def _links(page: pdfium.PdfPage, text_page: pdfium.PdfTextPage, most: int) -> Iterator[tuple[Finding, float]]:
    """Give the links of a page that lead out of the document, and the square points that each covers."""
    position, link = ctypes.c_int(0), raw.FPDF_LINK()
    for _ in range(most):
        if not raw.FPDFLink_Enumerate(page.raw, position, link):
            return
        action = raw.FPDFLink_GetAction(link)
        kind = raw.FPDFAction_GetType(action) if action else raw.PDFACTION_UNSUPPORTED
        if kind == raw.PDFACTION_URI:
            address = _letters(functools.partial(raw.FPDFAction_GetURIPath, page.pdf.raw, action))
            box = raw.FS_RECTF()
            if not address or not raw.FPDFLink_GetAnnotRect(link, box):
                yield Finding("link", address), 0.0
                continue
            left, right = sorted((box.left, box.right))
            low, high = sorted((box.bottom, box.top))
            shown = " ".join(text_page.get_text_bounded(left, low, right, high)[: 4 * SHOWN].split())[:SHOWN]
            yield Finding("link", address, shown), (right - left) * (high - low)
        elif kind in {raw.PDFACTION_LAUNCH, raw.PDFACTION_REMOTEGOTO}:
            path = _letters(functools.partial(raw.FPDFAction_GetFilePath, action))
            yield Finding("path", path, "launch" if kind == raw.PDFACTION_LAUNCH else "goto"), 0.0


def _attached(page: pdfium.PdfPage, room: _Room) -> Iterator[Finding]:
    """Give the files of annotations that hold one."""
    for number in range(min(raw.FPDFPage_GetAnnotCount(page.raw), LINKS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, number)
        if not annotation:
            continue
        if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_FILEATTACHMENT:
            yield from _file(raw.FPDFAnnot_GetFileAttachment(annotation), room)
        raw.FPDFPage_CloseAnnot(annotation)


class _Drawing(NamedTuple):
    is_any: bool  # something is drawn at all
    pictures: float  # square points that pictures cover
    is_worth: bool  # pictures or lines that may hold a code


def _drawn(page: pdfium.PdfPage) -> _Drawing:
    count = raw.FPDFPage_CountObjects(page.raw)
    covered, segments, is_worth = 0.0, 0, False
    for number in range(min(count, OBJECTS)):
        drawn = raw.FPDFPage_GetObject(page.raw, number)
        kind = raw.FPDFPageObj_GetType(drawn)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            segments += max(raw.FPDFPath_CountSegments(drawn), 0)
        elif kind in {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}:
            box = [ctypes.c_float() for _ in range(4)]
            if raw.FPDFPageObj_GetBounds(drawn, *box):
                left, low, right, high = (one.value for one in box)
                is_worth |= min(right - left, high - low) >= SMALL
                covered += (right - left) * (high - low) * (kind == raw.FPDF_PAGEOBJ_IMAGE)
    return _Drawing(count > 0, covered, is_worth or segments >= SEGMENTS)


def _letters(get: Callable[[object, int], int]) -> str:
    """Get a string of bytes from pdfium, which first says how long it is, its final NUL included."""
    size = min(get(None, 0), 65_536)
    buffer = ctypes.create_string_buffer(size)
    get(buffer, size)
    return buffer.value.decode("utf-8", "replace")


def _words(get: Callable[[object, int], int]) -> str:
    """Get a string of UTF-16 from pdfium, which says how many bytes it has."""
    size = min(get(None, 0), 2 * SCRIPT) // 2
    buffer = (ctypes.c_ushort * size)()
    get(buffer, 2 * size)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")
