"""Small files that point elsewhere: Internet shortcuts, web locations, libraries, saved searches, queries, manifests.

A double click on one of them opens an address, a folder of somebody else's server, or a program.
"""

import html
import itertools
import re
import zlib

from watchword.observe.files import Budget, Contents, File, Reading, fields, office_text, ole, vba
from watchword.observe.files.package import attributes
from watchword.observe.files.unwrap import base64
from watchword.parse import charset

KINDS = ("url", "desktop", "appref", "plist", "xml", "iqy", "slk", "csv", "rdp", "text")

SOURCE = 4 * 1024 * 1024  # bytes of one file
TEXT = 65_536  # characters that are kept
WORD = 40  # characters; longer on average are no words but another coding

_SETTING = re.compile(r"^[ \t]*([A-Za-z][\w-]{0,40})(?:\[[\w@.-]{1,20}\])?[ \t]*=[ \t]*(.{1,8000})$", re.MULTILINE)
_ADDRESS = re.compile(
    r"(?:https?|ftp|file|search-ms|ms-\w{2,30}):[^\s\"'<>\\`{}|^]{4,2000}+|\\\\[\w.-]{3,100}(?:@\w{1,10})?\\[^\s\"'<>|]{1,300}",
    re.IGNORECASE,
)
_CALL = re.compile(r"\|\s{0,5}'|\bcmd\s{0,5}\|", re.IGNORECASE)
_FORMULA_START = re.compile(r"(?:^|[,;\t\"])\s{0,20}[=+@-]")
_CELL_LINK = re.compile(
    r"\b(HYPERLINK|WEBSERVICE|IMPORTXML|IMPORTDATA|IMAGE)\(\s{0,5}\"{1,2}([^\"]{4,2000})\"{1,2}(?:\s{0,5}[,;]\s{0,5}\"{1,2}([^\"]{1,300}))?",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(?:\w{1,20}:)?([A-Za-z]\w{0,60})\b((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>([^<]{0,8000})")
_BINARY = re.compile(r"<(?:w:binData|pkg:binaryData)\b[^<>]{0,400}>([A-Za-z0-9+/=\s]{100,})<")
_CELL = re.compile(r"<(?:ss:)?Data\b[^<>]*>([^<]+)")
_FORMULA = re.compile(r"\b(?:ss:)?Formula\s?=\s?\"([^\"<]{1,8000})\"")
_SESSION = re.compile(
    r"^(full address|alternate full address|gatewayhostname|remoteapplicationprogram):s:(.{1,500})$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMESPACES = re.compile(
    r"https?://(?:www\.w3\.org|schemas\.|www\.apple\.com/DTDs|purl\.org|ns\.adobe\.com|[\w.]*\.openxmlformats\.org)"
)


def read(file: File, budget: Budget) -> Contents:
    """Read a small file by its kind."""
    contents = Contents()
    if len(file.data) > SOURCE and file.kind not in {"text", "csv"}:
        contents.defects.append(("limit-file-read", f"{len(file.data)} bytes"))
    source, _ = charset.read(file.data[:SOURCE], file.charset)
    if file.kind in {"url", "desktop"}:
        _settings(contents, source, file.kind)
    elif file.kind == "appref":
        _addresses(contents, source)
        contents.mark("runs-program")
    elif file.kind == "xml":
        _xml(contents, source, budget)
    elif file.kind == "plist":
        _addresses(contents, file.data[:SOURCE].decode("latin-1"))
        return contents
    elif file.kind in {"iqy", "slk", "csv"}:
        _table(contents, source, file.kind)
    elif file.kind == "rdp":
        _remote_desktop(contents, source)
    kept = source[:TEXT]
    if file.kind != "xml" and len(kept.replace(" ", "")) <= WORD * len(kept.split()):
        contents.texts.append(Reading(file.kind, kept))
    return contents


def _settings(contents: Contents, source: str, kind: str) -> None:
    """Read an Internet shortcut of Windows, or a desktop entry (freedesktop.org)."""
    for found in itertools.islice(_SETTING.finditer(source), 500):
        name, value = found[1].lower(), found[2].strip()
        if name in {"url", "baseurl", "iconfile", "icon", "workingdirectory", "path", "exec", "tryexec"}:
            is_address = fields.is_remote(value) or ":" in value[1:40]
            if name == "exec":
                contents.mark("runs-program")
                for address in _ADDRESS.findall(value)[:20]:
                    contents.link("shortcut", address)
            elif is_address and value[1:2] != ":":
                contents.link("shortcut", value)
            if not value.lower().startswith(("http:", "https:")) and fields.is_remote(value):
                contents.mark("remote-file")
    if kind == "url" and re.search(r"^\s*URL\s*=\s*file:", source, re.IGNORECASE | re.MULTILINE):
        contents.mark("remote-file")


def _remote_desktop(contents: Contents, source: str) -> None:
    """Read the settings of a session of Remote Desktop: hosts, and programs that it starts."""
    for found in itertools.islice(_SESSION.finditer(source), 50):
        host = found[2].strip()
        if found[1].lower() == "remoteapplicationprogram":
            contents.mark("runs-program")
        elif host:
            contents.mark("remote-desktop")
            contents.link("shortcut", f"rdp://{host}")


def _addresses(contents: Contents, source: str) -> None:
    for found in itertools.islice(_ADDRESS.finditer(source), 200):
        if not _NAMESPACES.match(found[0]):
            contents.link("shortcut", html.unescape(found[0]).rstrip(".,;)"))


def _xml(contents: Contents, source: str, budget: Budget) -> None:
    """Read XML by what it is: library, search connector, manifest of ClickOnce, console, Word's flat form."""
    head = source[:4_096].lower()
    if "office/word/2003/wordml" in head or "office/2006/xmlpackage" in head or "mso-application" in head:
        _flat(contents, source, budget)
        return
    if any(mark in head for mark in ("librarydescription", "searchconnectordescription", "persistedquery")):
        contents.mark("remote-file")
    if any(
        mark in head for mark in ("<assembly", "asmv1:assembly", "<mmc_consolefile", "<deeplink", "<persistedresources")
    ):
        contents.mark("runs-program")
    texts: list[str] = []
    for found in itertools.islice(_TAG.finditer(source), 50_000):
        for name, value in attributes(found[2]).items() if "://" in found[2] or "\\\\" in found[2] else ():
            if name not in {"schemalocation", "nonamespaceschemalocation"} and not name.startswith("xmlns"):
                _value(contents, value)
        text = html.unescape(found[3]).strip()
        if text:
            texts.append(text)
            _value(contents, text)
    if texts:
        contents.texts.append(Reading("xml", "\n".join(texts)[:TEXT]))


def _value(contents: Contents, value: str) -> None:
    if (fields.is_remote(value) or "://" in value[:40]) and not _NAMESPACES.match(value) and len(value) <= 2_000:
        contents.link("shortcut", value.split()[0])


def _flat(contents: Contents, source: str, budget: Budget) -> None:
    """Read a document of Word in one XML file; macros are in it as base64, packed once more (ActiveMime)."""
    text = office_text.lines("".join(office_text.flow(source, contents).text)[:TEXT])
    if "schemas-microsoft-com:office:spreadsheet" in source[:8_192]:
        cells = [html.unescape(found[1]) for found in itertools.islice(_CELL.finditer(source), 100_000)]
        text = office_text.lines("\n".join(cells)[:TEXT])
        formulas = [html.unescape(found[1]) for found in itertools.islice(_FORMULA.finditer(source), 100_000)]
        _table(contents, "\n".join(formulas), "xml")
    if text:
        contents.texts.append(Reading("xml", text))
    for found in itertools.islice(_TAG.finditer(source), 200_000):
        if found[1] == "Relationship":
            given = attributes(found[2])
            if given.get("targetmode", "").lower() == "external":
                contents.link("relationship", given.get("target", ""))
                is_link = given.get("type", "").endswith("/hyperlink")
                if not is_link and fields.is_remote(given.get("target", "")):
                    contents.mark("remote-template")
    for found in itertools.islice(_BINARY.finditer(source), 50):
        data = base64("".join(found[1].split()))
        if data.startswith(b"ActiveMime"):
            data = _inflated(data[0x32:], budget)
        project = ole.opened(data) if data.startswith(b"\xd0\xcf\x11\xe0") else None
        if project is not None and project.find("VBA", "dir") is not None:
            vba.note(contents, vba.modules(project))
        elif data:
            contents.hold(f"{len(contents.files) + 1}.bin", data, budget)


def _inflated(data: bytes, budget: Budget) -> bytes:
    try:
        out = zlib.decompressobj().decompress(data, min(ole.STREAM, max(budget.unpacked, 1)))
    except zlib.error:
        return b""
    budget.unpacked -= len(out)
    return out


def _table(contents: Contents, source: str, kind: str) -> None:
    """Look for formulas that start something in a table of plain text, and for a query's address."""
    for found in itertools.islice(_CALL.finditer(source), 1_000):
        start = max(source.rfind("\n", 0, found.start()) + 1, found.start() - 500)
        if _FORMULA_START.search(source[start : found.start()]) is not None:
            contents.mark("dde")
            line = source[start : found.end() + 500].splitlines()[0]
            contents.texts.append(Reading("field", line.strip(), is_code=True))
            break
    for found in itertools.islice(_CELL_LINK.finditer(source), 500):
        contents.link("formula", found[2], found[3] or "")
        if found[1].upper() != "HYPERLINK":
            contents.mark("external-object")
    if kind == "iqy":
        contents.mark("external-object")
        _addresses(contents, source[:TEXT])
    if kind == "slk" and re.search(r"^O;[^\r\n]*E|;E(?:EXEC|CALL|RUN|HALT|FORMULA)\(", source[:TEXT], re.MULTILINE):
        contents.mark("macros")
        contents.mark("excel4-macros")
        if "auto_open" in source[:TEXT].lower():
            contents.mark("macro-runs-on-open")
