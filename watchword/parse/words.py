"""Encoded words in header fields (RFC 2047), and the plain text of header values."""

import binascii
import re

from watchword.parse.charset import read

# `=?charset*language?B or Q?text?=`. Text may hold blanks and lone question marks, as sloppy mailers write it, but not
# the start of another encoded word: so every byte is looked at once.
_WORD = re.compile(rb"=\?([^?*\s]{1,60}+)(?:\*[^?\s]*+)?\?([bBqQ])\?((?:[^?=]++|=(?!\?(?!=))|\?(?!=))*+)\?=")
_FOLD = re.compile(rb"[\r\n]+(?=[ \t])|[\r\n]+")
_BLANK = re.compile(rb"[ \t]+")


def plain(value: bytes) -> str:
    """Unfold and strip; bytes that are not UTF-8 are read as Latin-1."""
    if b"\n" in value or b"\r" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b" ")
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def decode_words(value: bytes) -> str:
    """Decode encoded words (RFC 2047), unfold, and read other bytes as UTF-8 or else Latin-1."""
    if b"=?" not in value:
        return plain(value)
    value = value.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b" ")
    out: list[str] = []
    charset, held = "", b""  # words that follow each other in one charset: letters may be cut between them
    last = 0
    for found in _WORD.finditer(value):
        between = value[last : found.start()]
        if between.strip() or (not held and not charset):
            if charset:
                out.append(read(held, charset)[0])
                charset, held = "", b""
            if between:
                out.append(_loose(between))
        label = found[1].decode("ascii", "replace").lower()
        data = from_base64(found[3]) if found[2] in b"bB" else from_q(found[3])
        if charset and label != charset:
            out.append(read(held, charset)[0])
            held = b""
        charset, held = label, held + data if len(held) < 65_536 else _flush(out, charset, held, data)
        last = found.end()
    if charset:
        out.append(read(held, charset)[0])
    if last < len(value):
        out.append(_loose(value[last:]))
    return "".join(out).strip()


def _flush(out: list[str], charset: str, held: bytes, data: bytes) -> bytes:
    out.append(read(held, charset)[0])  # keeps `held + data` from growing without end
    return data


def _loose(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def from_q(text: bytes) -> bytes:
    """Decode the Q encoding (RFC 2047 4.2)."""
    return binascii.a2b_qp(text.replace(b"\r", b"").replace(b"\n", b""), header=True)


def from_base64(text: bytes) -> bytes:
    """Decode base64 as far as it goes, also without its padding."""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return base64_pieces(text)


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(sorted(set(range(256)) - set(_ALPHABET) - {0x3D}))


def base64_pieces(text: bytes) -> bytes:
    """Decode base64 that goes on after its padding, or whose last group is short: every piece for itself."""
    out = []
    for piece in re.split(rb"=++", text.translate(None, _NOT_BASE64)):
        short = len(piece) % 4
        if short == 1:
            piece = piece[:-1]
        elif short:
            piece += b"=" * (4 - short)
        if piece:
            out.append(binascii.a2b_base64(piece))
    return b"".join(out)
