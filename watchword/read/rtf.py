"""RTF bodies of Outlook: HTML and plain text taken out of the RTF around them (MS-OXRTFEX), other RTF as simple HTML.

One pass over the tokens, linear in the length of the RTF; nothing of it is executed and no object in it is opened.
"""

import html
import re
from dataclasses import dataclass, field

from watchword.read.codepage import decoded

DEPTH = 500  # groups in groups; deeper ones are read as if they stood at that depth

_TOKEN = re.compile(
    rb"\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<word>[A-Za-z]{1,64})(?P<number>-?[0-9]{1,10})? ?|(?P<open>\{)|(?P<close>\})"
    rb"|\\(?P<symbol>[^A-Za-z])|(?P<line>[\r\n]+)|(?P<text>[^\\{}\r\n]+)|(?P<odd>\\)",
    re.DOTALL,
)
_CHARSETS = {  # \fcharset: code page
    77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256,
    186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437,
}  # fmt: skip
_SIGNS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"cell": "\t", b"tab": "\t",
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022",
    b"endash": "\u2013", b"emdash": "\u2014", b"emspace": "\u2003", b"enspace": "\u2002", b"zwj": "\u200d",
    b"zwnj": "\u200c", b"ltrmark": "\u200e", b"rtlmark": "\u200f",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "\u00ad", b"-": "\u00ad", b"{": "{", b"}": "}", b"\\": "\\", b"\r": "\n", b"\n": "\n",
            b"\t": "\t"}  # fmt: skip
# Destinations without the mark of those that may be skipped, whose content nobody sees as text.
_UNSEEN = frozenset(
    (b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"objdata", b"objclass", b"header", b"footer",
     b"filetbl", b"listtable", b"revtbl", b"themedata", b"colorschememapping", b"datastore", b"latentstyles")
)  # fmt: skip
_LINK = re.compile(r'HYPERLINK\s+(?:\\l\s+)?(?:"([^"]{1,8192})"|([^\s"\\]{1,8192}))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What an RTF body says."""

    kind: str  # html or text: what was encapsulated in it; rtf: it was RTF from the start, given here as HTML
    text: str
    has_objects: bool = False  # data of embedded objects stands in it


@dataclass(slots=True)
class _Group:
    """What holds until a group ends."""

    skipped: bool = False  # a destination that is not shown
    tag: bool = False  # inside `\\*\\htmltag`
    quiet: bool = False  # between `\\htmlrtf` and `\\htmlrtf0`
    hidden: bool = False  # `\\v`
    codepage: int = 1252
    after: int = 1  # `\\uc`: how many letters stand in for a Unicode one
    target: list[str] | None = None  # where the text of an instruction is gathered
    closes: str = ""  # what is written where the group ends


@dataclass(slots=True)
class _Reader:
    mode: str
    out: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)  # letters not decoded yet
    high: int = 0  # first half of a surrogate pair
    now: _Group = field(default_factory=_Group)

    def flush(self) -> None:
        if self.pending:
            self._put(decoded(bytes(self.pending), self.now.codepage))
            self.pending.clear()

    def _put(self, text: str) -> None:
        if self.now.target is not None:
            self.now.target.append(text)
        elif self.now.skipped or (self.now.quiet and not self.now.tag):
            return
        elif self.mode == "rtf":
            text = html.escape(text, quote=False)
            self.out.append(f'<span style="display:none">{text}</span>' if self.now.hidden else text)
        else:
            self.out.append(text)

    def sign(self, text: str) -> None:
        """Write a sign that stands for itself."""
        self.flush()
        if self.mode == "rtf" and text == "\n" and self.now.target is None:
            if not self.now.skipped:
                self.out.append("<br>\n")
        else:
            self._put("\r\n" if text == "\n" and self.mode != "rtf" else text)

    def unicode(self, number: int) -> None:
        r"""Write `\uN`; two halves of a surrogate pair make one letter."""
        self.flush()
        code = number & 0xFFFF
        if 0xD800 <= code < 0xDC00:
            self.high = code
            return
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self.high - 0xD800) << 10) + (code - 0xDC00) if self.high else 0xFFFD
        self.high = 0
        self._put(chr(code))


def unpacked(rtf: bytes) -> Unpacked:
    """Read an RTF body. Never raises."""
    head = rtf[:2_000]
    mode = "html" if re.search(rb"\\fromhtml(?![0a-z])", head) else "text" if b"\\fromtext" in head else "rtf"
    reader = _Reader(mode)
    default = re.search(rb"\\ansicpg([0-9]{1,5})", head)
    reader.now.codepage = int(default[1]) if default else 1252
    fonts = _fonts(rtf, reader.now.codepage)
    groups: list[_Group] = []
    beyond = 0  # groups opened deeper than DEPTH
    starred = False
    skip = 0  # letters that stand in for a Unicode one
    has_objects = False
    at = 0
    while found := _TOKEN.match(rtf, at):
        at = found.end()
        kind = found.lastgroup
        now = reader.now
        if kind == "text":
            letters = found["text"]
            if skip:
                letters, skip = letters[skip:], max(0, skip - len(letters))
            reader.pending += letters
        elif kind == "hex":
            if skip:
                skip -= 1
            else:
                reader.pending.append(int(found["hex"], 16))
        elif kind == "open":
            reader.flush()
            starred, skip = False, 0
            if len(groups) == DEPTH:
                beyond += 1
                continue
            groups.append(now)
            reader.now = _Group(now.skipped, now.tag, now.quiet, now.hidden, now.codepage, now.after, now.target)
        elif kind == "close":
            reader.flush()
            starred, skip = False, 0
            if beyond:
                beyond -= 1
            elif groups:
                reader.now = groups.pop()
                if now.target is not None and reader.now.target is None:
                    _link(reader, "".join(now.target))
                if now.closes:
                    reader.out.append(now.closes)
        elif kind == "symbol":
            if found["symbol"] == b"*":
                starred = True
            elif skip:
                skip -= 1
            elif sign := _SYMBOLS.get(found["symbol"]):
                if sign in "{}\\":
                    reader.pending += sign.encode()
                else:
                    reader.sign(sign)
        elif kind in ("word", "number"):
            word, number = found["word"], int(found["number"]) if found["number"] else None
            if starred:
                starred = False
                reader.flush()
                now.skipped = now.skipped or word not in (b"htmltag", b"fldinst")
                now.tag = word == b"htmltag"
                if word == b"fldinst" and now.target is None and not now.skipped:
                    now.target = []
            elif word == b"bin":
                at += max(number or 0, 0)
            elif word == b"u":
                reader.unicode(number or 0)
                skip = now.after
                continue
            elif sign := _SIGNS.get(word):
                reader.sign(sign)
            elif word == b"htmlrtf":
                reader.flush()
                now.quiet = number != 0
            elif word == b"f":
                reader.flush()
                now.codepage = fonts.get(number or 0, now.codepage)
            elif word == b"uc":
                now.after = min(max(number or 0, 0), 8)
            elif word == b"v":
                reader.flush()
                now.hidden = number != 0
            elif word == b"plain":
                reader.flush()
                now.hidden = False
            elif word in _UNSEEN:
                reader.flush()
                now.skipped = True
                has_objects = has_objects or word == b"objdata"
            elif word == b"fldinst" and now.target is None and not now.skipped:
                now.target = []
            elif word == b"fldrslt" and groups and groups[-1].closes:
                now.closes, groups[-1].closes = groups[-1].closes, ""
            skip = 0
            has_objects = has_objects or word == b"objdata"
    reader.flush()
    reader.out += [group.closes for group in reversed(groups) if group.closes]
    return Unpacked(mode, "".join(reader.out), has_objects)


def _link(reader: _Reader, instruction: str) -> None:
    """Open the link that a field's instruction makes; it is closed where the field's result ends."""
    found = _LINK.search(instruction)
    if found and reader.mode == "rtf" and not reader.now.skipped:
        address = html.escape(found[1] or found[2])
        reader.out.append(f'<a href="{address}">')
        reader.now.closes = "</a>"


def _fonts(rtf: bytes, codepage: int) -> dict[int, int]:
    """Read which code page each font of the font table means."""
    start = rtf.find(b"{\\fonttbl")
    if start < 0:
        return {}
    table = rtf[start : start + 65_536]
    stop = table.find(b"}}")
    found: dict[int, int] = {}
    for font in table[: stop if stop >= 0 else None].split(b"{")[:1_000]:
        number = re.search(rb"\\f([0-9]{1,5})(?![0-9])", font[:500])
        charset = re.search(rb"\\fcharset([0-9]{1,3})", font[:500])
        if number:
            found[int(number[1])] = _CHARSETS.get(int(charset[1]) if charset else 1, codepage)
    return found
