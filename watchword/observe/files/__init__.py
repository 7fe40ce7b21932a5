"""What a file holds: text, addresses and other files. Nothing is run, fetched or written to disk.

One module of this folder reads one family of files. It names the kinds that it reads in `KINDS`, as `file_type.detect`
names them, and has a function `read(file: File, budget: Budget) -> Contents`. Nothing is registered anywhere.
Native libraries run in a process with limits (`limited.py`), pure Python runs here, under the caller's watchdog.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from watchword.observe.html import SHOWN, Address, Page

LINKS = 4_000  # of one file
HELD = 100  # files inside a document
DEPTH = 4  # files inside files inside files; what lies deeper is named and not opened


@dataclass(frozen=True, slots=True)
class File:
    """One file to look into."""

    kind: str  # as `file_type.detect` names it
    name: str
    data: bytes
    passwords: Sequence[str] = ()  # words that may open it, likeliest first; found when first asked for
    charset: str = ""  # of a text, as the message declares it


@dataclass(frozen=True, slots=True)
class Held:
    """One file inside another one."""

    name: str  # with its path inside
    data: bytes | None  # None where it was not unpacked: locked, beyond a limit, or of a kind that is only listed
    size: int = 0  # bytes, as the container claims where it was not unpacked
    is_locked: bool | None = None
    names: tuple[str, ...] = ()  # further readings of the name
    is_cut: bool = False  # `data` is only the beginning: a limit was hit or the rest is damaged


@dataclass(frozen=True, slots=True)
class Reading:
    """One text inside a file, and the page that it came from if it is HTML."""

    kind: str  # tables.Text.kind
    text: str
    page: Page | None = None
    is_code: bool = False  # of a program, whose addresses are given as links and do not stand in it as in prose


@dataclass(slots=True)
class Contents:
    """What one file holds."""

    texts: list[Reading] = field(default_factory=list)
    links: list[Address] = field(default_factory=list)
    files: list[Held] = field(default_factory=list)
    contains: list[str] = field(default_factory=list)  # tables.Attachment.contains
    is_locked: bool | None = None  # needs a password; None if this kind cannot say
    password: str = ""  # the one that opened it
    picture: str = ""  # tables.Attachment.picture
    named: list[tuple[str, str, str]] = field(default_factory=list)  # by scripts, as in html.Page
    defects: list[tuple[str, str]] = field(default_factory=list)  # kind and detail, as in watchword.defects

    def mark(self, word: str) -> None:
        """Note once what the file holds, by a word of `contains.py`."""
        if word not in self.contains:
            self.contains.append(word)

    def link(self, found_in: str, raw: str, shown: str = "") -> None:
        """Add an address once; where none is shown it shows itself, so that it counts no second time in the text."""
        if len(self.links) < LINKS and not any(
            one.raw == raw and one.found_in == found_in for one in self.links[-200:]
        ):
            self.links.append(Address(found_in, raw, shown[:SHOWN] or raw[:SHOWN], bool(shown)))

    def hold(self, name: str, data: bytes, budget: "Budget") -> None:
        """Add a file that lies inside, with its bytes as far as the message's budget allows."""
        if budget.files <= 0 or len(self.files) >= HELD:
            if not any(kind == "limit-archive-entries" for kind, _ in self.defects):
                self.defects.append(("limit-archive-entries", f"more than {HELD} files inside"))
            return
        budget.files -= 1
        fits = 0 < len(data) <= budget.unpacked
        if fits:
            budget.unpacked -= len(data)
        self.files.append(Held(name, data if fits else None, len(data)))


@dataclass(slots=True)
class Budget:
    """What the files of one message may cost together; each module takes from it what it unpacks."""

    unpacked: int = 128 * 1024 * 1024  # bytes
    files: int = 1_000
    deciphered: int = 8 * 1024 * 1024  # bytes of ciphers that only Python knows
    rounds: int = 10_000_000  # of hashing, to try passwords of Office documents and 7z archives; about 3 s
    images: int = 40  # searched for QR codes
    pages: int = 200  # of PDF documents
    seconds: float = 4.5  # of CPU time in the process with limits


Reader = Callable[[File, Budget], Contents]


def look_into(file: File, budget: Budget) -> Contents | None:
    """Read what a file holds; None where no module reads that kind. A bug in a module costs this file and is told.

    A zip may stand behind a file of any other kind, as behind a picture: by its end it is a zip, which is read, too.
    """
    contents = _read(file, budget)
    if file.data[-22:-18] == b"PK\5\6" and file.data[:2] not in (b"PK", b"MZ") and file.kind not in ("zip", "elf"):
        behind = _read(replace(file, kind="zip"), budget)
        if behind is not None and behind.files:
            behind.defects.append(("archive-behind-file", f"a zip of {len(behind.files)} files behind {file.kind}"))
            contents = behind if contents is None else _together(contents, behind)
    return contents


def _together(one: Contents, other: Contents) -> Contents:
    return Contents(
        one.texts + other.texts,
        one.links + other.links,
        one.files + other.files,
        one.contains + other.contains,
        one.is_locked or other.is_locked,
        one.password or other.password,
        one.picture or other.picture,
        one.named + other.named,
        one.defects + other.defects,
    )


def _read(file: File, budget: Budget) -> Contents | None:
    reader = _readers().get(file.kind)
    if reader is None:
        return None
    try:
        return reader(file, budget)
    except TimeoutError:  # the caller's watchdog: it gives up the whole message
        raise
    except Exception as error:  # hostile files must not hide the others of the message
        return Contents(defects=[("file-not-read", f"{file.kind}: {type(error).__name__}: {error}"[:200])])


@functools.cache
def _readers() -> Mapping[str, Reader]:
    found: dict[str, Reader] = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        for kind in getattr(loaded, "KINDS", ()):
            found[kind] = loaded.read
    return found
