"""Messages of Apple Mail: `.emlx`, and `.partial.emlx` whose attachments lie in files of their own.

The first line is the number of bytes of the message, the message follows, then a property list (XML) with flags and
dates (https://www.jwz.org/blog/2005/07/emlx-flags/). Of `Messages/7.partial.emlx` the attachments lie in
`Attachments/7/SECTION/NAME`, with the section numbers of IMAP (RFC 3501 6.4.5); where one was, the part has the field
`X-Apple-Content-Length` and no content.
"""

import binascii
import plistlib
import re
from pathlib import Path

from watchword.read.raw import MESSAGE_BYTES
from watchword.read.single import Original

_LIST = 1024 * 1024  # bytes of a property list that are read
_FLAGS = {0: "seen", 1: "deleted", 2: "answered", 4: "flagged", 6: "draft", 8: "forwarded", 9: "redirected", 24: "junk"}
_COUNT = re.compile(rb"[ \t]*(\d{1,12})[ \t]*\r?\n")
_APART = re.compile(rb"(?im)^X-Apple-Content-Length:[ \t]*\d+[ \t]*(?:\r?\n|\Z)")
_BLANK = re.compile(rb"\r?\n\r?\n")
_ENCODED = re.compile(rb"(?im)^Content-Transfer-Encoding:[ \t]*([!-~]+)")
_NAME = re.compile(rb"(?i)(?:file)?name\*?=\"?([^\";\r\n]+)")
_FILES = 1000  # attachments of one message
_NEAR = 65_536  # bytes of a part's header that are looked at


def original(data: bytes, path: Path | None = None) -> Original:
    """Give the message in an `.emlx` file; `path` tells where its attachments may lie. Raises ValueError."""
    count = _COUNT.match(data)
    if not count:
        raise ValueError("it does not begin with the number of its bytes")
    start, size = count.end(), int(count[1])
    message = data[start : start + size]
    defects: list[tuple[str, int, str]] = []
    if len(message) < size:
        defects.append(("emlx-cut-short", len(message), f"{size} bytes were announced"))
    flags, thread = _said(data[start + size : start + size + _LIST])
    if _APART.search(message):
        message, told = _put_together(message, _attachments(path) if path else [])
        defects += told
    return Original(message, flags=flags, thread=thread, defects=tuple(defects))


def _said(text: bytes) -> tuple[tuple[str, ...], str]:
    """Read flags and conversation from the property list; none where it is missing or damaged."""
    begin = text.find(b"<?xml")
    end = text.rfind(b"</plist>")
    if begin < 0 or end < 0:
        return (), ""
    try:
        said = plistlib.loads(text[begin : end + 8], fmt=plistlib.FMT_XML)
    except Exception:  # plistlib raises what expat, int() and base64 raise
        return (), ""
    if not isinstance(said, dict):
        return (), ""
    bits = said.get("flags")
    flags = tuple(word for bit, word in _FLAGS.items() if isinstance(bits, int) and bits >> bit & 1)
    conversation = said.get("conversation-id")
    return flags, str(conversation) if isinstance(conversation, int) and conversation else ""


def _attachments(path: Path) -> list[Path]:
    """List the attachments that lie beside a message, in the order of the sections they were."""
    folder = path.parent.parent / "Attachments" / path.name.partition(".")[0]
    if path.parent.name != "Messages" or not folder.is_dir():
        return []
    found: list[tuple[tuple[int, ...], Path]] = []
    for section in folder.iterdir():
        if re.fullmatch(r"\d{1,4}(?:\.\d{1,4}){0,20}", section.name) and section.is_dir() and not section.is_symlink():
            files = [file for file in section.iterdir() if file.is_file() and not file.is_symlink()]
            if len(files) == 1:
                found.append((tuple(map(int, section.name.split("."))), files[0]))
        if len(found) > _FILES:
            break
    return [file for _, file in sorted(found)]


def _put_together(message: bytes, files: list[Path]) -> tuple[bytes, list[tuple[str, int, str]]]:
    """Put attachments back where they were cut out: in their order, if there are as many as places."""
    cuts = [cut for place in list(_APART.finditer(message))[:_FILES] if (cut := _cut(message, place))]
    fits = len(cuts) == len(files)
    pieces: list[bytes] = []
    defects: list[tuple[str, int, str]] = []
    done = length = 0
    for number, (place, head, body) in enumerate(cuts):
        content = _encoded(head, files[number], MESSAGE_BYTES - len(message) - length) if fits else None
        name = _NAME.search(head)
        said = name[1].decode("utf-8", "replace") if name else "without a name"
        if content is None:
            defects.append(("attachment-not-kept", place.start() + length, said))
            continue
        pieces += [message[done : place.start()], message[place.end() : body], content]
        defects.append(("attachment-put-back", place.start() + length, said))
        length += len(content) - (place.end() - place.start())
        done = body
    return b"".join([*pieces, message[done:]]), defects


def _cut(message: bytes, place: re.Match[bytes]) -> tuple[re.Match[bytes], bytes, int] | None:
    """Give the header around a mark and where its content begins; None if the mark stands in a text."""
    lowest = max(place.start() - _NEAR, 0)
    begin = message.rfind(b"\n--", lowest, place.start()) + 1 or lowest
    blank = _BLANK.search(message, max(place.end() - 2, 0), place.end() + _NEAR)
    if not blank or _BLANK.search(message, begin, place.start()):
        return None
    return place, message[begin : blank.end()], blank.end()


def _encoded(head: bytes, file: Path, room: int) -> bytes | None:
    """Give an attachment's file in the transfer encoding that its part declares; None if it cannot be had."""
    try:
        if file.stat().st_size * 4 // 3 > room:
            return None
        content = file.read_bytes()
    except OSError:
        return None
    declared = _ENCODED.search(head)
    encoding = declared[1].lower() if declared else b"7bit"
    if encoding == b"base64":
        lines = (binascii.b2a_base64(content[at : at + 57]) for at in range(0, len(content), 57))
        return b"".join(lines)
    return binascii.b2a_qp(content, istext=True) if encoding == b"quoted-printable" else content
