"""What the literals of a script say once they are decoded. Nothing is run: what is coded is known by its shape.

Seen are string literals, also joined by `+` or `&`, reversed or in an array that is joined; percent and `\\x` escapes;
base64, hexadecimal digits and lists of character codes wherever they stand; and the packer of Dean Edwards. What a
script computes in another way, as by exclusive or with a key, stays closed; `is_coded` then still says that it is.
"""

import binascii
import itertools
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

from watchword.observe import file_type

STRINGS = 100_000  # literals of one script
VALUES = 2_000  # of each kind that are given
DECODED = 8 * 1024 * 1024  # characters of one script, all layers together
DIGITS = 32 * 1024 * 1024  # of one run
LISTED = 1_000_000  # characters of one list of numbers
FILES = 20

_STRING = re.compile(
    r"\"([^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+)\"?|'([^'\\\n]*+(?:\\.[^'\\\n]*+)*+)'?|`([^`\\]*+(?:\\.[^`\\]*+)*+)`?",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([0-7]{1,3})|(\r?\n)|(.))", re.DOTALL
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_REVERSED = re.compile(r"\s{0,9}\.\s{0,9}split\(\s{0,9}(?:''|\"\")\s{0,9}\)\s{0,9}\.\s{0,9}reverse\(\s{0,9}\)")
_CLEANED = re.compile(
    r"\s{0,9}\.\s{0,9}replace\(\s{0,9}/([^/\\\n\[(|.*+?^$]{1,20})/g?i?\s{0,9},\s{0,9}(?:''|\"\")\s{0,9}\)"
)
_JOINED = re.compile(r"\s{0,9}\]\s{0,9}\.\s{0,9}join\(\s{0,9}(?:''|\"\")\s{0,9}\)")
_PERCENT = re.compile(r"%u[0-9a-fA-F]{4}|(?:%[0-9a-fA-F]{2}){1,4096}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}+={0,2}")
# A run that stands anywhere, also broken into lines. It begins where a run begins, so that no letter is tried twice.
RUN = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{60,}+(?:\s{1,4}[A-Za-z0-9+/]{20,}+)*+={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}+")
_NUMBERS = re.compile(
    r"(?<![\w.,])(?:0x[0-9a-fA-F]{1,4}|\d{1,5})(?:\s{0,9},\s{0,9}(?:0x[0-9a-fA-F]{1,4}|\d{1,5})(?![\w.])){9,}+"
)
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+")
_PACKED = re.compile(
    r"\}\s{0,9}\(\s{0,9}'([^'\\]*+(?:\\.[^'\\]*+)*+)'\s{0,9},\s{0,9}(\d{1,3})\s{0,9},\s{0,9}\d{1,6}\s{0,9},\s{0,9}"
    r"'([^'\\]*+(?:\\.[^'\\]*+)*+)'\s{0,9}\.split\('\|'\)",
    re.DOTALL,
)
_WORD = re.compile(r"\b\w{1,8}\b")
_ADDRESS = re.compile(r"(?:https?|ftp|wss?):(?:\\?/){2}[^\s\"'<>\\`{}|]{4,2000}+", re.IGNORECASE)
_PERSON = re.compile(r"[\w.+%-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}", re.ASCII)
_MARKUP = re.compile(
    r"<\s*(?:html|body|head|div|form|script|iframe|a|p|table|input|meta|img|svg|span|h[1-6])\b", re.IGNORECASE
)
_CODE = re.compile(r"\b(?:function|var|let|const|eval|document|window|location|atob|unescape|return)\b|=>")
_DECODERS = re.compile(
    r"\b(?:eval|unescape|atob|fromCharCode|decodeURIComponent|document\s{0,9}\.\s{0,9}write(?:ln)?|Function|FromBase64String)\s{0,9}\("
    r"|\s-e(?:nc|ncodedcommand|c)?\s"
)
_NAMESPACES = ("http://www.w3.org/", "http://schemas.", "http://purl.org/", "http://ns.adobe.com/")
# Kinds whose signature is too short to be known by in what may be no file at all.
_WEAK = frozenset(("", "text", "bmp", "p7", "ico", "mp3", "eml", "xml", "ics", "vcard", "gz", "java", "tiff", "mp4"))


@dataclass(slots=True)
class Unwrapped:
    """What one script says."""

    layers: list[str] = field(default_factory=list)  # markup or script that was coded, to be read again
    addresses: list[str] = field(default_factory=list)  # of the net, as they stand in literals
    people: list[str] = field(default_factory=list)  # mail addresses that are a whole literal
    sentences: list[str] = field(default_factory=list)  # literals of several words
    files: list[bytes] = field(default_factory=list)  # what a literal decodes to, if its first bytes name a kind
    is_coded: bool = False  # something was coded, or looks as if it were


def unwrap(source: str, room: int = DECODED) -> Unwrapped:
    """Decode what stands in the literals of a script, one layer deep. Linear; decodes at most `room` characters."""
    found = _Search(room)
    for value in itertools.islice(strings(source), STRINGS):
        found.value(value)
    for match in itertools.islice(RUN.finditer(source), VALUES):
        found.digits("".join(match[0].split()))
    for match in itertools.islice(_NUMBERS.finditer(source), VALUES):
        found.numbers(match[0])
    for match in itertools.islice(_PACKED.finditer(source), 20):
        found.layer(_unpacked(literal(match[1]), int(match[2]), literal(match[3]).split("|"), room))
    result = found.result
    is_decoding = _DECODERS.search(source) is not None
    result.is_coded = (found.has_decoded and is_decoding) or source.count("_0x") > 20 or source.count("\\x") > 200
    return result


def strings(source: str) -> Iterator[str]:
    """Give the string literals of a script; those that are put together at once are given as one."""
    row: list[str] = []  # values with commas between them
    current: list[str] = []  # pieces with `+` between them
    end = 0
    for match in _STRING.finditer(source):
        between = source[end : match.start()].strip() if match.start() - end <= 40 else "far"
        if current and between not in {"+", "&"}:
            row.append("".join(current))
            current = []
            if between != ",":
                yield from _row(row, source, end)
                row = []
        value = literal(match[match.lastindex or 1] or "")
        end = match.end()
        if _REVERSED.match(source, end):
            value = value[::-1]
        elif cleaned := _CLEANED.match(source, end):
            value = value.replace(cleaned[1], "")
        current.append(value)
    if current:
        row.append("".join(current))
    yield from _row(row, source, end)


def _row(row: list[str], source: str, end: int) -> list[str]:
    return [*row, "".join(row)] if len(row) > 1 and _JOINED.match(source, end) else row


def literal(value: str) -> str:
    """Undo the escapes of a string literal (ECMAScript 12.9.4)."""
    return _ESCAPE.sub(_unescaped, value) if "\\" in value else value


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 else ""
    if match[4]:
        return chr(int(match[4], 8))
    return "" if match[5] else _LETTERS.get(match[6], match[6])


def unpercent(value: str) -> str:
    """Undo percent escapes as `unescape` and `decodeURIComponent` do, UTF-8 if it is that."""
    return _PERCENT.sub(_unpercented, value)


def _unpercented(match: re.Match[str]) -> str:
    coded = match[0]
    if coded[1] == "u":
        return chr(int(coded[2:], 16))
    data = urllib.parse.unquote_to_bytes(coded)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def base64(value: str) -> bytes:
    """Decode base64, plain or for addresses, padded or not; empty if it is none."""
    plain = value.rstrip("=").replace("-", "+").replace("_", "/")
    if len(plain) % 4 == 1:
        return b""
    try:
        return binascii.a2b_base64(plain + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return b""


class _Search:
    """What was found so far, and how much may still be decoded."""

    def __init__(self, room: int) -> None:
        self.result = Unwrapped()
        self.room = room
        self.has_decoded = False
        self._seen: set[int] = set()

    def value(self, value: str) -> None:
        """Look at one literal."""
        if len(value) < 5:
            return
        self._plain(value)
        if value.count("%") > 2 and (decoded := unpercent(value)) != value:
            self._text(decoded)
        if _BASE64.fullmatch(value):
            self.digits(value)
        elif "<" in value and _MARKUP.search(value):
            self._add(self.result.layers, value)

    def digits(self, value: str) -> None:
        """Decode what looks like base64 or hexadecimal digits, if something sensible comes out."""
        if len(value) > DIGITS:
            return
        if _HEX.fullmatch(value):
            self._bytes(binascii.a2b_hex(value))
        self._bytes(base64(value))

    def numbers(self, listed: str) -> None:
        """Read a list of numbers as bytes or characters."""
        codes = [int(code, 16 if code[1:2] == "x" else 10) for code in _NUMBER.findall(listed[:LISTED])]
        if max(codes) < 256:
            self._bytes(bytes(codes))
        else:
            self._text("".join(map(chr, codes)))

    def layer(self, text: str) -> None:
        """Keep text that is to be read again."""
        if len(text) <= self.room and self._add(self.result.layers, text):
            self.has_decoded = True
            self.room -= len(text)

    def _bytes(self, data: bytes) -> None:
        if len(data) < 8:
            return
        kind = file_type.detect(data)
        if kind in {"exe", "dll"} and b"PE\0\0" not in data[:2048]:
            kind = ""
        if kind not in _WEAK and kind not in {"html", "svg"}:
            if len(self.result.files) < FILES and hash(data) not in self._seen:
                self._seen.add(hash(data))
                self.result.files.append(data)
            return
        if len(data) > self.room:
            return
        try:
            text = data.decode("utf-16" if data[1:2] == b"\0" or data[:2] == b"\xff\xfe" else "utf-8")
        except UnicodeDecodeError:
            return
        self._text(text)

    def _text(self, text: str) -> None:
        """Look at decoded text: is it words, an address, markup or a script?"""
        sample = text[:2000]
        if sum(map(str.isprintable, sample)) + sample.count("\n") + sample.count("\r") + sample.count(
            "\t"
        ) < 0.95 * len(sample):
            return
        if self._plain(text):
            self.has_decoded = True
        if _MARKUP.search(text) or (len(text) > 30 and _CODE.search(text)) or text.count("%") > 8:
            self.layer(text)

    def _plain(self, value: str) -> bool:
        """Take addresses, people and sentences from a value. True if there was an address of some kind."""
        result = self.result
        has_address = False
        if "://" in value or ":\\/" in value:
            for match in itertools.islice(_ADDRESS.finditer(value), VALUES):
                raw = match[0].replace("\\", "").rstrip(".,;)")
                if not raw.startswith(_NAMESPACES):
                    has_address = self._add(result.addresses, raw) or has_address
        if "@" in value and len(value) <= 400 and _PERSON.fullmatch(value.strip()):
            has_address = self._add(result.people, value.strip()) or has_address
        if value.count(" ") > 1 and "<" not in value and "{" not in value and len(value) <= 4_000:
            self._add(result.sentences, value)
        return has_address

    def _add(self, values: list[str], value: str) -> bool:
        """Add a value once. True if it is new."""
        known = hash((id(values), value))
        if known in self._seen or len(values) == VALUES:
            return False
        self._seen.add(known)
        values.append(value)
        return True


def _unpacked(payload: str, base: int, words: list[str], room: int) -> str:
    """Undo the packer of Dean Edwards: each word is a number that stands for one of `words`."""
    if not 2 <= base <= 62:
        return ""
    left = room

    def word(match: re.Match[str]) -> str:
        nonlocal left
        number = 0
        for letter in match[0]:
            digit = _DIGITS.find(letter)
            if not 0 <= digit < base:
                return match[0]
            number = number * base + digit
        chosen = words[number] if number < len(words) and words[number] else match[0]
        left -= len(chosen)
        return chosen if left > 0 else ""

    return _WORD.sub(word, payload)


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
