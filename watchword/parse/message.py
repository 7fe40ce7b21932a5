"""What the room `parse` gives to the others: a message of headers and parts, all as offsets into the raw bytes."""

from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong, or that can be read in two ways; `kind` is listed in docs/defects.md."""

    kind: str
    part: int
    offset: int  # bytes from the start of the message
    detail: str = ""  # at most 200 characters


@dataclass(frozen=True, slots=True)
class Header:
    """One header field: where it stands and what it says."""

    name: str  # lower case, without the colon
    start: int  # offset of the first byte of the name
    stop: int  # offset after the field's last line end
    raw: bytes  # value with folding kept, without the final line end

    @property
    def value(self) -> str:
        """The value unfolded and stripped; bytes that are not UTF-8 are read as Latin-1, encoded words are kept."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The value unfolded, stripped, and with encoded words (RFC 2047) decoded."""
        raise NotImplementedError


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


class Message:
    """A parsed message. `parts[0]` is the message itself; parts stand in the order of the bytes."""

    data: bytes
    headers: list[Header]
    parts: list[Part]
    defects: list[Defect]

    def first(self, name: str) -> Header | None:
        """Give the topmost header field of that (lower-case) name."""
        raise NotImplementedError

    def all(self, name: str) -> list[Header]:
        """Give every header field of that (lower-case) name, topmost first."""
        raise NotImplementedError

    def decode(self, part: Part) -> bytes:
        """Undo the transfer encoding of a leaf, as far as possible; oddities are appended to `defects`."""
        raise NotImplementedError

    def text(self, part: Part) -> str:
        """Give a leaf's text by its charset as browsers read it (WHATWG), else by what fits."""
        raise NotImplementedError


def parse(data: bytes, limits: Limits = Limits()) -> Message:
    """Parse one message. Never raises; linear in the length of `data`."""
    raise NotImplementedError
