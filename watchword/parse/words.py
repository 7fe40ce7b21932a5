"""Encoded words in header fields (RFC 2047), and the plain text of header values."""

import binascii
import re

from watchword.parse.charset import read

# `=?charset*language?B or Q?text?=`. Text may hold blanks and lone question marks, as sloppy mailers write it, but not
# the start of another encoded word: so every byte is looked at once.
_WORD = re.compile(rb"=\?([^?*\s]{1,60}+)(?:\*[^?\s]*+)?\?([bBqQ])\?((?:[^?=]++|=(?!\?(?!=))|\?(?!=))*+)\?=")


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
    if b"\n" in value or b"\r" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"").replace(b"\r", b" ")
    pieces = _WORD.split(value)  # text, then charset, encoding and content of a word, text, and so on
    if len(pieces) == 1:
        return plain(value)
    out = [_loose(pieces[0])]
    charset = pieces[1]
    held: list[bytes] = []  # of words that follow each other in one charset: letters may be cut between them
    for label, encoding, content, text in zip(pieces[1::4], pieces[2::4], pieces[3::4], pieces[4::4], strict=True):
        if label != charset:
            if held:
                out.append(read(b"".join(held), _label(charset))[0])
                held = []
            charset = label
        held.append(from_base64(content) if encoding in b"Bb" else from_q(content))
        if text and not text.isspace():
            out.append(read(b"".join(held), _label(charset))[0])
            held = []
            out.append(_loose(text))
    if held:
        out.append(read(b"".join(held), _label(charset))[0])
    return "".join(out).strip()


def _label(charset: bytes) -> str:
    return charset.decode("ascii", "replace").lower()


def _loose(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def from_q(text: bytes) -> bytes:
    """Decode the Q encoding (RFC 2047 4.2)."""
    return binascii.a2b_qp(text, header=True)


def from_base64(text: bytes) -> bytes:
    """Decode base64 as far as it goes, also without its padding."""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        return base64_pieces(text)


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_PIECE = re.compile(rb"[^=]++")
_NOT_BASE64 = bytes(sorted(set(range(256)) - set(_ALPHABET) - {0x3D}))


def base64_pieces(text: bytes) -> bytes:
    """Decode base64 that goes on after its padding, or whose last group is short: every piece for itself."""
    out = bytearray()
    for found in _PIECE.finditer(text.translate(None, _NOT_BASE64)):
        piece = found[0]
        short = len(piece) % 4
        if short == 1:
            piece = piece[:-1]
        elif short:
            piece += b"=" * (4 - short)
        out += binascii.a2b_base64(piece)
    return bytes(out)
