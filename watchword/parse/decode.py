"""Transfer encodings undone (RFC 2045 6), tolerant as mail programs are; what was wrong is named."""

import binascii
import contextlib
import io
import re

from watchword.parse.words import base64_pieces

IDENTITY = frozenset(("", "7bit", "8bit", "binary", "7-bit", "8-bit", "7 bit", "8 bit", "none", "8bits", "7bits"))
_NAMES = {
    "quoted-printable": "quoted-printable", "quotedprintable": "quoted-printable", "qp": "quoted-printable",
    "quoted-printabel": "quoted-printable", "base64": "base64", "base-64": "base64", "b64": "base64",
    "uuencode": "uuencode", "x-uuencode": "uuencode", "x-uue": "uuencode", "uue": "uuencode", "x-uu": "uuencode",
}  # fmt: skip
_SOFT_BREAK = re.compile(rb"=[ \t]++(?=\r?\n|\Z)|=\r(?!\n)")
_ODD_BREAK = re.compile(rb"=(?:[ \t]|\r(?!\n))")
_COMMENT = re.compile(r"\([^()]*+\)")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")
_BASE64_LINE = re.compile(rb"(?m)^(?:[A-Za-z0-9+/]{40,}+=*+|[A-Za-z0-9+/]{2,}+={1,2}+)[ \t\r]*+$")
BEGIN = re.compile(rb"(?m)^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,255})\r?\n")
_END = re.compile(rb"(?m)^end[ \t]*\r?$")


def transfer_encoding(value: str) -> tuple[str, bool]:
    """Read Content-Transfer-Encoding: its name, and whether it was written so that some programs do not know it."""
    name = value.lower().strip()
    if name in IDENTITY or name in ("base64", "quoted-printable"):
        return name, False
    cleaned = _COMMENT.sub(" ", name).split(";")[0].strip(" \t\"'.,:")
    return _NAMES.get(cleaned, cleaned), cleaned != name


def undo(raw: bytes, encoding: str) -> tuple[bytes, str]:
    """Undo a transfer encoding; the second value is the kind of the defect, empty if there is none. Never raises."""
    if encoding == "base64":
        return from_base64(raw)
    if encoding == "quoted-printable":
        return from_quoted_printable(raw)
    if encoding in IDENTITY:
        return raw, ""
    if encoding == "uuencode":
        begin = BEGIN.search(raw)
        return from_uuencode(raw[begin.end() :] if begin else raw), ""
    return raw, "transfer-encoding-unknown"


def from_base64(raw: bytes) -> tuple[bytes, str]:
    """Decode base64, also where it goes on after padding, ends early or holds other letters."""
    body = raw.strip()
    data, kind = _from_base64(body)
    if kind:
        text = text_after_base64(body)
        if text:
            return _from_base64(body[: -len(text)].rstrip())[0], "text-after-base64"
    return data, kind


def _from_base64(body: bytes) -> tuple[bytes, str]:
    pad = body.find(b"=")
    if pad >= 0 and body[pad:].strip(b"= \t\r\n"):
        return base64_pieces(body), "base64-after-padding"
    try:
        data = binascii.a2b_base64(body)
    except binascii.Error:
        return base64_pieces(body), "base64-cut-short"
    letters = len(body) - body.count(b"\n") - body.count(b"\r")
    if pad >= 0:
        letters -= body.count(b"=", pad)
    # Whitespace is counted only where something does not add up: nearly all base64 holds none but line ends.
    if letters * 3 // 4 != len(data) and letters - body.count(b" ") - body.count(b"\t") - len(data) * 4 / 3 > 1.4:
        return data, "base64-junk"
    return data, ""


def text_after_base64(body: bytes) -> bytes:
    """Give the plain text that list software or others put after a base64 body; empty if base64 goes on after it."""
    found = _FOREIGN.search(body)
    if not found:
        return b""
    text = body[body.rfind(b"\n", 0, found.start()) + 1 :]
    return b"" if len(text) == len(body) or _BASE64_LINE.search(text) else text


def from_quoted_printable(raw: bytes) -> tuple[bytes, str]:
    """Decode quoted-printable, also soft line breaks that are followed by blanks or end in a lone CR."""
    kind = ""
    if _ODD_BREAK.search(raw):
        mended = _SOFT_BREAK.sub(lambda found: b"=\n" if found[0] == b"=\r" else b"=", raw)
        if mended != raw:
            raw, kind = mended, "quoted-printable-blank"
    return binascii.a2b_qp(raw), kind


def from_uuencode(raw: bytes) -> bytes:
    """Decode the lines of a uuencoded file after its `begin` line, as far as they are readable."""
    out = bytearray()
    unreadable = 0
    for ended in io.BytesIO(raw):  # line by line: a list of all lines costs many times their bytes
        line = ended.rstrip(b"\r\n")
        if line == b"end":
            break
        if not line:
            continue
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            unreadable += 1
            if unreadable > 10_000:  # this was no uuencoded file
                break
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            with contextlib.suppress(binascii.Error):
                out += binascii.a2b_uu(line[:count].ljust(count, b" "))
    return bytes(out)


def uuencoded(body: bytes) -> list[tuple[int, int, int, str]]:
    """Find uuencoded files in a text: where each starts, where its lines start, where it ends, and its name."""
    found: list[tuple[int, int, int, str]] = []
    position = 0
    while len(found) < 200:
        begin = BEGIN.search(body, position)
        if not begin:
            break
        end = _END.search(body, begin.end())
        if not end and found:
            break
        stop = end.end() if end else len(body)
        found.append((begin.start(), begin.end(), stop, begin[1].decode("utf-8", "replace").strip()))
        position = stop
    return found
