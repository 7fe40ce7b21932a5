"""What a mail program noted about a message: read, answered, labels, the provider's thread."""

import binascii
import functools
import re
from typing import NamedTuple

MAILDIR_FLAGS = {"P": "forwarded", "R": "answered", "S": "seen", "T": "deleted", "D": "draft", "F": "flagged"}
_STATUS_FLAGS = {"R": "seen", "A": "answered", "F": "flagged", "D": "deleted", "T": "draft"}
_MOZILLA_FLAGS = {0x1: "seen", 0x2: "answered", 0x4: "flagged", 0x8: "deleted", 0x1000: "forwarded"}

# Maildir writes `:2,S`; on file systems without colons some programs write `;2,` or `!2,`.
_INFO = re.compile(r"[:;!]2,([A-Za-z]*)$")
_ANY = re.compile(rb"\n(?:X-G(?:M-THRID|mail-Labels)|(?:X-)?Status|X-Mozilla-Status):")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_LABEL = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')
_QUOTED = re.compile(rb"=([0-9A-Fa-f]{2})")


class Marks(NamedTuple):
    """Flags, Gmail labels and thread id of one message."""

    flags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    thread: str = ""


_NONE = Marks()


def marks(head: bytes) -> Marks:
    """Read the fields that mail programs and Takeout write into a header block."""
    if not head.startswith((b"X-G", b"Status:", b"X-Status:", b"X-Mozilla")) and not _ANY.search(head):
        return _NONE  # nearly always, outside Takeout
    flags: list[str] = []
    for name in (b"\nStatus:", b"\nX-Status:"):
        value = _field(head, name)
        flags += [_STATUS_FLAGS[letter] for letter in value if letter in _STATUS_FLAGS]
    mozilla = _field(head, b"\nX-Mozilla-Status:")
    if mozilla:
        try:
            bits = int(mozilla, 16)
        except ValueError:
            bits = 0
        flags += [word for bit, word in _MOZILLA_FLAGS.items() if bits & bit]
    labels = _field(head, b"\nX-Gmail-Labels:")
    return Marks(
        tuple(dict.fromkeys(flags)), gmail_labels(labels) if labels else (), _field(head, b"\nX-GM-THRID:")[:40]
    )


def maildir_flags(name: str) -> tuple[str, ...]:
    """Read the flags at the end of a Maildir file name (https://cr.yp.to/proto/maildir.html)."""
    found = _INFO.search(name)
    if not found:
        return ()
    return tuple(dict.fromkeys(MAILDIR_FLAGS[letter] for letter in found[1] if letter in MAILDIR_FLAGS))


@functools.lru_cache(maxsize=4096)  # the same few sets of labels stand in most messages of a mailbox
def gmail_labels(value: str) -> tuple[str, ...]:
    """Cut X-Gmail-Labels into labels; encoded words (RFC 2047) are decoded first, as Takeout encodes the whole list."""
    text = _WORD.sub(_decoded, re.sub(r"\?=\s+=\?", "?==?", value))
    labels = [quoted.replace('\\"', '"') or bare.strip() for quoted, bare in _LABEL.findall(text)]
    return tuple(dict.fromkeys(label for label in labels if label))


def _decoded(word: re.Match[str]) -> str:
    charset, encoding, text = word.groups()
    try:
        raw = text.encode("ascii")
        if encoding in "bB":
            raw = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
        else:
            raw = _QUOTED.sub(lambda code: bytes.fromhex(code[1].decode("ascii")), raw.replace(b"_", b" "))
        # Gmail writes UTF-8; another name is not trusted to name a text codec.
        return raw.decode("latin-1" if charset.lower() == "iso-8859-1" else "utf-8", "replace")
    except ValueError:
        return word[0]


def _field(head: bytes, name: bytes) -> str:
    """Give the unfolded value of the first field of that name (with the line end before it), at most 8 kB of it."""
    at = head.find(name)
    if at < 0:
        if not head.startswith(name[1:]):
            return ""
        at = -1
    start = at + len(name)
    stop = head.find(b"\n", start)
    while stop >= 0 and head[stop + 1 : stop + 2] in (b" ", b"\t"):
        stop = head.find(b"\n", stop + 1)
    value = head[start : stop if stop >= 0 else len(head)][:8192]
    return " ".join(value.decode("utf-8", "replace").split())
