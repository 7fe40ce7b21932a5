"""What a message is made of: limits, defects, header fields and parts, all as offsets into the raw bytes."""

from dataclasses import dataclass, field
from typing import NamedTuple

from watchword.parse.words import decode_words, plain


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a hostile message is looked at. What lies beyond becomes the defect `limit-...`."""

    depth: int = 64
    parts: int = 2_000
    headers: int = 10_000
    header_bytes: int = 256 * 1024  # of one field
    header_block: int = 1024 * 1024  # of all fields of one part
    addresses: int = 1_000  # in one field
    decoded: int = 64 * 1024 * 1024  # of one part
    defects: int = 1_000  # of the structure
    encoded_depth: int = 4  # messages inside transfer encodings inside each other


class Defect(NamedTuple):
    """One thing that is wrong, or that can be read in two ways; `kind` is listed in docs/defects.md."""

    kind: str
    part: int
    offset: int  # bytes from the start of the message
    detail: str = ""  # at most 200 characters


class Header(NamedTuple):
    """One header field: where it stands and what it says."""

    name: str  # lower case, without the colon
    start: int  # offset of the first byte of the name
    stop: int  # offset after the field's last line end
    raw: bytes  # value with folding kept, without the final line end

    @property
    def value(self) -> str:
        """The value unfolded and stripped; bytes that are not UTF-8 are read as Latin-1, encoded words are kept."""
        return plain(self.raw)

    @property
    def text(self) -> str:
        """The value unfolded, stripped, and with encoded words (RFC 2047) decoded."""
        return decode_words(self.raw)


@dataclass(slots=True)
class Part:
    """One MIME part, or something that a mail program may show as one."""

    index: int  # 0 is the message itself
    parent: int  # index of the enclosing part, -1 for the message itself
    depth: int
    headers: list[Header]
    start: int  # offset of the first byte of the part's header
    body_start: int
    body_stop: int
    content_type: str  # lower case, `text/plain` if absent or unreadable
    parameters: dict[str, str]  # of Content-Type, lower-case names, RFC 2231 and RFC 2047 decoded
    charset: str  # as declared, lower case
    disposition: str  # inline, attachment or empty
    encoding: str  # transfer encoding, first reading
    names: list[str]  # every reading of the file name, most likely first
    content_id: str
    # leaf, multipart, message (message/rfc822), preamble, epilogue, beyond (after the closing delimiter), uuencode
    kind: str = "leaf"
    # other readings of the same bytes: (content type, transfer encoding), where headers are doubled or disagree
    readings: list[tuple[str, str]] = field(default_factory=list)
    # the part in whose decoded bytes the offsets count (a message inside base64); -1 for the raw message
    inside: int = -1
