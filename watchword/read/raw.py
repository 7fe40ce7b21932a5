"""What the room `read` gives to the others: a source, a shard of it, a raw message, a rejection."""

import hashlib
from dataclasses import dataclass, field

from watchword.tables import Rejection

SHARD_BYTES = 32 * 1024 * 1024
MESSAGE_BYTES = 64 * 1024 * 1024  # of a longer message only so much is parsed; its SHA-256 is of the whole


def shown(name: str) -> str:
    """Give a file's name as text: bytes in it that are not UTF-8 become `\\xff`."""
    if name.isascii():
        return name
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Source:
    """One mailbox: a file, a folder or a file inside an archive, with what tells that it has changed."""

    path: str  # absolute path on disk
    # path inside the archive, with `!` between nested archives; empty for the file or folder itself;
    # `*` last for a folder without its subfolders, where those are sources of their own
    member: str
    kind: str  # mbox, mboxcl (by Content-Length), maildir, folder, message
    size: int  # bytes, of a folder the sum of its files; inside an archive as the archive claims
    fingerprint: str  # changes when the content changes: size, time and digest of the first and last 64 kB
    folder: str = ""  # mail folder that the name says, as `sent`; a hint for the owner and the report
    first: int = 0  # number of its first file among the files of the innermost archive, in the archive's order
    files: int = 0  # how many files of that archive it spans, from `first` on; 0 outside archives
    archive: str = ""  # the innermost archive: the part of `member` up to its last `!`; empty for the outermost

    @property
    def id(self) -> str:
        """Short id, derived from where it lies, the same in every run."""
        return hashlib.sha256(f"{self.path}\0{self.member}".encode("utf-8", "surrogateescape")).hexdigest()[:12]

    @property
    def where(self) -> str:
        """Path as shown to people."""
        if self.member == "*":
            return shown(f"{self.path}/*")
        return shown(f"{self.path}!{self.member}" if self.member else self.path)

    @property
    def around(self) -> str:
        """Where its neighbours lie: mailboxes of one folder are probably one person's."""
        return (self.where.rpartition("!")[0] or self.where).rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of a source: a range of bytes of an mbox, or a range of the files of a folder or archive by number."""

    source: Source
    start: int
    stop: int
    weight: int  # bytes to read, for progress


@dataclass(frozen=True, slots=True)
class RawMessage:
    """The original bytes of one message and where they were found. Container quoting (`>From `) is undone."""

    data: bytes  # at most MESSAGE_BYTES
    sha256: str  # of the whole original message
    size: int  # bytes of the whole original message
    member: str = ""
    offset: int = 0  # of an mbox, where its separator line begins
    length: int = 0  # with separator line and the empty line after it: the lengths of an mbox add up to its size
    folder: str = ""
    flags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    thread: str = ""  # the provider's own thread id
    envelope: str = ""
    # kind, offset, detail: what is odd about the container here; they become rows in `defects`
    defects: tuple[tuple[str, int, str], ...] = field(default=())


Item = RawMessage | Rejection
