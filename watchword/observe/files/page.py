"""Web pages that come as files, HTML and SVG: what they show, where they lead, and what their scripts hold.

Nothing is run. What a script's literals decode to is read as a page again, three layers deep (`unwrap.py`).
"""

import html as entities
import itertools
import re
import urllib.parse
from collections import deque

from watchword.observe import drawn_qr, file_type, html
from watchword.observe.contacts import in_source
from watchword.observe.files import Budget, Contents, File, Held, Reading
from watchword.observe.files.image import add_drawn
from watchword.observe.files.unwrap import DECODED, RUN, Unwrapped, base64, unwrap
from watchword.observe.html import Address, Page
from watchword.parse import charset

KINDS = ("html", "svg")

SOURCE = 16 * 1024 * 1024  # characters of one page, scripts and all
SHOWN = 3 * 1024 * 1024  # characters of what is left when long literals are taken out
LAYERS = 60
DEPTH = 3
HELD = 40  # files in literals and data URLs
NOTES = 16_384  # characters of a script's words

_LONG = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{4000,}+(?:={1,2}|(?:\s{1,4}[A-Za-z0-9+/]{20,}+)*+)")
_HANDLER = re.compile(r"\son[a-z]{3,24}\s{0,9}=\s{0,9}(?:\"([^\"]*+)\"?|'([^']*+)'?|([^\s\"'>]++))", re.IGNORECASE)
_SRCDOC = re.compile(r"\ssrcdoc\s{0,9}=\s{0,9}(?:\"([^\"]*+)\"?|'([^']*+)'?)", re.IGNORECASE)
_REFERENCE = re.compile(
    r"<\s*(a|image|use|script|feimage)\b[^<>]{0,4000}?\s(?:xlink:)?href\s{0,9}=\s{0,9}(?:\"([^\"<>]*+)\"|'([^'<>]*+)')",
    re.IGNORECASE,
)
_INPUT = re.compile(r"<(?:input|textarea|select)\b([^<>]{0,4000})", re.IGNORECASE)
_PASSWORD = re.compile(
    r"type\s{0,9}=\s{0,9}[\"']?password|name\s{0,9}=\s{0,9}[\"']?(?:pass|pwd|psw|kennwort)", re.IGNORECASE
)
_PERSON = re.compile(
    r"value\s{0,9}=\s{0,9}[\"']?([\w.+%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6})",
    re.ASCII | re.IGNORECASE,
)
_LEAVES = re.compile(
    r"\blocation\s{0,9}(?:=(?!=)|\.\s{0,9}(?:href\s{0,9}=(?!=)|(?:replace|assign)\s{0,9}\())|\blocation['\"]?\]\s{0,9}=(?!=)"
)
_SAVES = re.compile(
    r"createObjectURL|msSaveOrOpenBlob|msSaveBlob|\bsaveAs\(|\.download\s{0,9}=(?!=)|showSaveFilePicker"
)
_MAKES = re.compile(r"\bnew\s{1,9}(?:Blob|File)\b|\batob\b|Uint8Array|\bdata:application/", re.IGNORECASE)
_DOWNLOAD = re.compile(r"\bdownload[\"']?\s{0,9}[=,:]\s{0,9}[\"']([^\"'<>\\\n]{1,200})[\"']")
_DATA = re.compile(r"data:([\w.+/-]{0,100})((?:;[\w=.+-]{0,60}){0,5}),(.*)", re.IGNORECASE | re.DOTALL)
_QUIET_DATA = ("image/", "font/", "audio/", "video/", "application/font", "application/x-font", "text/css")


def read(file: File, budget: Budget) -> Contents:
    """Read a page as a browser would, and what its scripts hold as far as it stands there in literals."""
    source, _ = charset.read(file.data, file.charset)
    search = _Pages("svg" if file.kind == "svg" else "attached", budget)
    if len(source) > SOURCE:
        search.contents.defects.append(("limit-file-read", f"{len(source)} characters"))
        source = source[:SOURCE]
    search.run(source)
    return search.contents


def read_script(source: str, kind: str, budget: Budget) -> Contents:
    """Read a script that is a file of its own; the markup that its literals hold is read as pages."""
    search = _Pages(kind, budget)
    search.script(source[:SOURCE], 0)
    search.rest()
    search.notes()
    return search.contents


class _Pages:
    """A page and the layers in it that are still to be read."""

    def __init__(self, kind: str, budget: Budget) -> None:
        self.contents = Contents()
        self._kind = kind
        self._budget = budget
        self._waiting: deque[tuple[str, int]] = deque()
        self._layers = 0
        self._room = DECODED
        self._notes: list[str] = []
        self._held: set[int] = set()
        self._names: list[str] = []  # under which files are offered for saving

    def run(self, source: str) -> None:
        """Read the page itself and then what its scripts decode to."""
        self._page(source, 0)
        self.rest()
        self.notes()

    def rest(self) -> None:
        """Read the layers that were found."""
        while self._waiting:
            source, depth = self._waiting.popleft()
            self._page(source, depth)
        self._names_of_files()

    def notes(self) -> None:
        """Give what stands in scripts as words and addresses, so that phrases and people are found in it."""
        if self._notes:
            self.contents.texts.append(Reading("script", "\n".join(dict.fromkeys(self._notes))[:NOTES]))

    def _mark(self, word: str) -> None:
        if word not in self.contents.contains:
            self.contents.contains.append(word)

    def _page(self, source: str, depth: int) -> None:
        lower = source.lower()
        scripts, without = _scripts(source, lower)
        self._names += [found[1] for found in itertools.islice(_DOWNLOAD.finditer(source), 20)]
        if scripts or "<" in source:
            shown = (_LONG.sub("", without) if len(without) > 100_000 else without)[:SHOWN]
            page = html.read(shown)
            if self._kind == "svg":
                page.addresses += _references(shown)
            self._look(page, shown, lower)
            add_drawn(drawn_qr.in_page(shown), self.contents, self._budget)
            if page.text.strip() or page.addresses or not depth:
                self.contents.texts.append(Reading(self._kind, page.text, page))
        elif depth:
            scripts, without = [source], ""
        self._literals(scripts, without, depth)

    def script(self, source: str, depth: int) -> None:
        """Read one script."""
        self._names += [found[1] for found in itertools.islice(_DOWNLOAD.finditer(source), 20)]
        self._literals([source], "", depth)

    def _literals(self, scripts: list[str], beside: str, depth: int) -> None:
        """Decode what stands in scripts, and the runs of base64 beside them, in attributes or in elements they read."""
        code = "\n;\n".join(scripts)
        if code:
            self._mark("script")
            if _SAVES.search(code) and _MAKES.search(code):
                self._mark("assembles-file")
            self.contents.named += in_source(code, code.lower().encode("utf-8", "replace"))
            found = unwrap(code, self._room)
            other = unwrap(_outside(beside), self._room) if beside else Unwrapped()
            found.layers = list(dict.fromkeys(found.layers + other.layers))
            found.files += other.files
            self._take(found, code, depth)

    def _take(self, found: Unwrapped, code: str, depth: int) -> None:
        self._room -= sum(map(len, found.layers))
        if found.is_coded:
            self._mark("obfuscated")
        if found.people:
            self._mark("prefilled-recipient")
        if found.addresses and _LEAVES.search(code):
            self._mark("redirects")
        self._notes += found.people + found.sentences
        known = {address.raw for address in self.contents.links}
        self.contents.links += [
            Address("script", raw, raw[: html.SHOWN]) for raw in found.addresses if raw not in known
        ]
        for data in found.files:
            if file_type.detect(data) not in {"png", "jpg", "gif", "webp", "woff", "svg"}:
                self._mark("assembles-file")
            self._hold(data)
        for layer in found.layers:
            self._layer(layer, depth + 1)

    def _layer(self, source: str, depth: int) -> None:
        if depth > DEPTH or self._layers == LAYERS:
            if not any(kind == "limit-script-layers" for kind, _ in self.contents.defects):
                self.contents.defects.append(("limit-script-layers", f"more than {DEPTH} deep or {LAYERS} in all"))
            return
        self._layers += 1
        self._waiting.append((source, depth))

    def _hold(self, data: bytes) -> None:
        known = hash(data)
        if known in self._held:
            return
        self._held.add(known)
        if len(self.contents.files) < HELD and self._budget.files > 0 and self._budget.unpacked >= len(data):
            self._budget.files -= 1
            self._budget.unpacked -= len(data)
            self.contents.files.append(Held("", data))

    def _names_of_files(self) -> None:
        """Name the files: as the page offers them for saving, else by number and kind."""
        offered = deque(dict.fromkeys(name for name in self._names if "." in name and "://" not in name))
        files = self.contents.files
        for number, held in enumerate(files):
            kind = file_type.detect(held.data or b"")
            is_picture = kind in {"png", "jpg", "gif", "webp", "svg", "woff", "ico", "bmp"}
            name = offered.popleft() if offered and not is_picture else f"{number + 1}.{kind or 'bin'}"
            files[number] = Held(name, held.data)

    def _look(self, page: Page, source: str, lower: str) -> None:
        """Mark what the page does, by its elements."""
        if not page.is_whole:
            self.contents.defects.append(("html-by-pattern", f"{len(source)} characters"))
        fields = [found[1] for found in itertools.islice(_INPUT.finditer(source), 500)]
        if any(_PASSWORD.search(one) for one in fields):
            self._mark("login-form")
        elif fields and any(address.found_in == "form" for address in page.addresses):
            self._mark("form")
        people = [found[1] for one in fields if (found := _PERSON.search(one))]
        if people:
            self._mark("prefilled-recipient")
            self._notes += people
        for address in page.addresses:
            raw = address.raw.lstrip()
            start = raw[:11].lower()
            if address.found_in == "meta":
                self._mark("redirects")
            if start.startswith("data:"):
                self._data(address)
            elif start == "javascript:":
                self._mark("script")
                self._take(unwrap(raw), raw, 1)
        if "srcdoc" in lower:
            for found in itertools.islice(_SRCDOC.finditer(source), 20):
                self._layer(entities.unescape(found[1] or found[2] or ""), 1)

    def _data(self, address: Address) -> None:
        """Take out what stands in a data URL (RFC 2397)."""
        found = _DATA.match(address.raw.lstrip())
        if found is None:
            return
        claimed, options, coded = found[1].lower(), found[2].lower(), found[3]
        plain = urllib.parse.unquote_to_bytes(coded)
        data = base64("".join(plain.decode("latin-1").split())) if ";base64" in options else plain
        if not claimed.startswith(_QUIET_DATA):
            self._mark("data-url")
            if self._names:
                self._mark("assembles-file")
        if claimed.startswith("text/html"):
            self._layer(charset.read(data, "")[0], 1)
        elif len(data) > 64:
            self._hold(data)


def _scripts(source: str, lower: str) -> tuple[list[str], str]:
    """Give the text of script elements and of event handlers, and the page without the former."""
    found: list[str] = []
    rest: list[str] = []
    last = 0
    at = lower.find("<script")
    while at >= 0 and len(found) < 500:
        start = lower.find(">", at) + 1
        if not start:
            break
        stop = lower.find("</script", start)
        stop = len(source) if stop < 0 else stop
        found.append(source[start:stop])
        rest.append(source[last:start])
        last = stop
        at = lower.find("<script", stop)
    rest.append(source[last:])
    without = "".join(rest)
    found += [
        entities.unescape(match[1] or match[2] or match[3] or "")
        for match in itertools.islice(_HANDLER.finditer(without), 500)
    ]
    return found, without


def _outside(source: str) -> str:
    """Give the long runs of coded letters that stand anywhere in a page, as its scripts read them from elements."""
    return "\n".join(match[0] for match in itertools.islice(RUN.finditer(source), 200))


def _references(source: str) -> list[Address]:
    """Give the addresses of an SVG picture, which stand in `href` or `xlink:href` of several elements."""
    found = []
    for match in itertools.islice(_REFERENCE.finditer(source), html.ADDRESSES):
        raw = entities.unescape(match[2] or match[3] or "").strip()
        if raw and raw[0] != "#":
            where = {"a": "a", "script": "link"}.get(match[1].lower(), "img")
            found.append(Address(where, raw, "", where != "link"))
    return found
