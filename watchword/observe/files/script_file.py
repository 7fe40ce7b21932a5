"""Scripts that come as files: their text, the addresses in it, and what their literals decode to. Nothing is run."""

import itertools
import re

from watchword.observe.files import Budget, Contents, File, Reading, page, vba
from watchword.parse import charset

KINDS = ("js", "vbs", "wsf", "hta", "ps1", "bat", "sh", "py", "scpt", "reg")

SOURCE = 16 * 1024 * 1024  # bytes of one script
TEXT = 65_536  # characters that are kept

_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s\"'<>\\`{}|^;)]{4,2000}+|\\\\[\w.-]{3,100}(?:@\w{1,10})?\\[^\s\"'<>|]{1,300}", re.IGNORECASE
)
_CODED = "#@~^"  # Microsoft's script encoder


def read(file: File, budget: Budget) -> Contents:
    """Read a script, or a page of scripts (HTA, WSF)."""
    data = file.data[:SOURCE]
    source, _ = charset.read(data, file.charset)
    if file.kind in {"hta", "wsf"}:
        contents = page.read(File("html", file.name, data, (), file.charset), budget)
    else:
        contents = page.read_script(source, file.kind, budget)
    if len(file.data) > SOURCE:
        contents.defects.append(("limit-file-read", f"{len(file.data)} bytes"))
    contents.mark("script")
    if _CODED in source:
        contents.mark("obfuscated")
    contents.texts.insert(0, Reading(file.kind, source[:TEXT], is_code=True))
    plain = vba.plain(source[: vba.SOURCE]) if file.kind in {"vbs", "hta", "wsf"} else source
    for found in itertools.islice(_ADDRESS.finditer(plain), 500):
        raw = found[0].rstrip(".,;)")
        if not any(link.raw.startswith(raw) for link in contents.links):  # no piece of one that is put together
            contents.link("script", raw)
    return contents
