"""OneNote sections (MS-ONESTORE): the files in them, and their text as it stands in runs of UTF-16."""

import itertools
import re
import struct

from watchword.observe.files import Budget, Contents, File, Reading, office_text

KINDS = ("one",)

FILES = 60
TEXT = 64 * 1024  # characters
SEARCHED = 32 * 1024 * 1024  # bytes searched for text
# FileDataStoreObject (MS-ONESTORE 2.6.13): {BDE316E7-2665-4511-A4C4-8D4D0B7A9EAC}, length, 12 bytes, data.
_STORED = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
_WIDE = re.compile(rb"(?:[\x09\x0a\x0d\x20-\x7e\xa0-\xff]\x00|[\x00-\xff][\x03-\x06]){6,4000}")
_NAME = re.compile(r"[^\\/:*?\"<>|\x00-\x1f]{1,120}\.[A-Za-z0-9]{1,8}")
_ADDRESS = re.compile(rb"(?:https?|ftp)://[^\s\"'<>\x00-\x20\x7f-\xff]{4,2000}")
_INTERNAL = re.compile(r"\{[0-9A-F-]{30,}|^[\W\d_]*$|\.(?:ttf|one)$|^(?:Calibri|Arial|Segoe UI|resource|Cambria Math)")


def read(file: File, budget: Budget) -> Contents:
    """Take the embedded files and the text out of a section."""
    contents = Contents()
    data = file.data
    rest: list[bytes] = []
    last = 0
    stored: list[bytes] = []
    at = data.find(_STORED)
    while at >= 0 and len(stored) < FILES and at + 36 <= len(data):
        (length,) = struct.unpack_from("<Q", data, at + 16)
        stop = min(at + 36 + length, len(data))
        stored.append(data[at + 36 : stop])
        rest.append(data[last:at])
        last = stop
        at = data.find(_STORED, stop)
    rest.append(data[last:])
    around = b"\0\0\0\0".join(rest)[:SEARCHED]
    runs = [
        found[0].decode("utf-16-le", "replace").strip() for found in itertools.islice(_WIDE.finditer(around), 5_000)
    ]
    runs = [run for run in dict.fromkeys(runs) if run]
    names = [run for run in runs if _NAME.fullmatch(run) and not run.lower().endswith((".ttf", ".one"))]
    for number, held in enumerate(stored):
        if held:
            is_picture = held[:4] in {b"\x89PNG", b"GIF8", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe1"}
            if not is_picture:
                contents.mark("embedded-file")
            contents.hold(
                f"{number + 1}.{'img' if is_picture else 'bin'}" if is_picture or not names else names.pop(0),
                held,
                budget,
            )
    words = [run for run in runs if not _INTERNAL.search(run)]
    text = office_text.lines("\n".join(words)[:TEXT])
    if text:
        contents.texts.append(Reading("one", text))
    for found in itertools.islice(_ADDRESS.finditer(around), 500):
        contents.link("hyperlink", found[0].decode("ascii", "replace"))
    return contents
