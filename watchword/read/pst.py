"""Outlook's data files, PST and OST: libpff reads them in a process with limits, messages are put together here.

An item's place is its number in the order of the folders' tree; its node, by which other tools know it too, is its
`member`. A crash or standstill of the process costs the item that it was at, and is told.
"""

import bisect
import dataclasses
import functools
import importlib.util
import json
import os
import re
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from watchword.limited import outlook as wire
from watchword.read import mapi
from watchword.read.mapi import Attached, Message, Names, Properties
from watchword.read.raw import MESSAGE_BYTES, Item, Source
from watchword.read.rebuilt import original
from watchword.read.single import raw_message
from watchword.tables import Rejection

_FUNCTION = re.compile(r"\b(?:lib|py)\w+: ")

MEMORY = 1024 * 1024 * 1024  # bytes of address space
SECONDS = 30.0  # without a sign of life after which the process is ended
OPENING = 120  # so many times longer it may take to open the file: libpff's time grows with the square of the items
FRAME = 2 * MESSAGE_BYTES
NODE = 32  # bytes that each item takes at least in a data file (MS-PST 2.2.2.7.7.4)
CRASHES = 100  # of one shard, after which the rest of it is given up

INSTALL = (
    "Install the reader with `pip install 'watchword[outlook]'`, or convert it with `readpst -r -o FOLDER FILE` "
    "(package pst-utils), and name the folder."
)
_START = "import sys; sys.path[:] = sys.argv[2:]; from watchword.limited.outlook import serve; serve(int(sys.argv[1]))"
_WANTED = sorted(value for name, value in vars(mapi).items() if name.isupper() and isinstance(value, int))
_USES = {wire.TRASH: "\\Trash", wire.SENT: "\\Sent", wire.DRAFTS: "\\Drafts", wire.JUNK: "\\Junk"}  # RFC 6154
_NOT_MAIL = (
    "IPM.Contact", "IPM.AbchPerson", "IPM.DistList", "IPM.Appointment", "IPM.Task", "IPM.StickyNote", "IPM.Activity",
    "IPM.Configuration", "IPM.OLE.CLASS", "IPM.Microsoft", "IPC.", "IPM.File", "IPM.Document",
)  # fmt: skip


class Found(NamedTuple):
    """How many items a data file holds, and what of it cannot be read."""

    items: int = 0
    troubles: tuple[str, ...] = ()


class _Lost(Exception):  # noqa: N818  # not an error of ours
    """The process ended or stood still; at which item, None before the first."""


class _Process:
    """One run of the process with limits over some ranges of items."""

    def __init__(self, path: str, ranges: Sequence[tuple[int, int]]) -> None:
        # Isolated (-I): no environment, no user's packages; the path is ours, so that it finds what we found.
        places = [str(place) if place else os.getcwd() for place in sys.path]  # noqa: PTH109  # as `sys.path` holds it
        kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}  # Windows starts none without
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and code
            [sys.executable, "-I", "-c", _START, str(MEMORY), *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept,
            cwd=os.path.abspath(os.sep),  # noqa: PTH100  # the root of the drive
            start_new_session=True,  # the terminal's Ctrl-C is for us
        )
        question = {"path": path, "ranges": list(ranges), "wanted": _WANTED, "room": MESSAGE_BYTES}
        self._frames = 0  # that were asked for
        self._is_awaited = False
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        stdin = cast(BinaryIO, self._child.stdin)
        try:
            with stdin:
                stdin.write(json.dumps(question).encode())
        except OSError:
            pass  # it ended already; reading will tell

    def _watch(self) -> None:
        """End the process where it gives no sign of life while it is waited for."""
        before, quiet = -1, 0
        while not self._ended.wait(SECONDS):
            quiet = quiet + 1 if self._is_awaited and self._frames == before else 0
            if quiet > (0 if self._frames > 1 else OPENING):
                self._child.kill()
                return
            before = self._frames

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        """Give the frames up to the one that says the end. Raises _Lost."""
        stream = cast(BinaryIO, self._child.stdout)
        while True:
            self._frames += 1
            self._is_awaited = True
            head = stream.read(wire.HEAD.size)
            if len(head) < wire.HEAD.size:
                raise _Lost
            letter, size = wire.HEAD.unpack(head)
            data = stream.read(size) if 0 < size <= FRAME else b""
            self._is_awaited = False
            if len(data) != size:
                raise _Lost
            if letter == wire.DONE:
                return
            if letter != wire.SIGN:
                yield letter, data

    def close(self) -> str:
        """End the process; say how it ended."""
        self._ended.set()
        self._child.kill()
        code = self._child.wait()
        cast(BinaryIO, self._child.stdout).close()
        return f"it was stopped by signal {-code}" if code < 0 else f"it ended with {code}"


def is_installed() -> bool:
    """Say whether the library is there; this process never loads it."""
    return importlib.util.find_spec("pypff") is not None


@functools.lru_cache(maxsize=64)
def look(path: str, fingerprint: str) -> Found:
    """Count what a data file holds; `fingerprint` tells whether it has changed since then. Raises OSError."""
    process = _Process(path, [])
    total, troubles = -1, list[str]()
    try:
        for letter, data in process.frames():
            if letter == wire.TOTAL:
                (total,) = struct.unpack("<Q", data)
            else:
                troubles.append(_told(data.decode("utf-8", "replace")))
    except _Lost:
        troubles.append("reading it ended the process that read it")
    finally:
        process.close()
    most = Path(path).stat().st_size // NODE
    if total > most:
        troubles.append(f"it claims {total:,} items, more than it has room for")
    return Found(max(min(total, most), 0), tuple(troubles))


def items(source: Source, wanted: Sequence[tuple[int, int]]) -> Iterator[tuple[int, Item]]:
    """Give what lies in some ranges of items (from, to), each with the number of its range, in ascending order.

    What is not a message is a rejection. All ranges are read by one process, as libpff takes long to open a large file.
    """
    starts = [start for start, _ in wanted]
    todo = [(start, stop) for start, stop in wanted if stop > start]
    others: dict[tuple[str, str], list[int]] = {}
    place = 0
    for _ in range(CRASHES):
        if not todo:
            break
        process = _Process(source.path, todo)
        state = _State(source)
        try:
            for letter, data in process.frames():
                item = state.take(letter, data)
                if item is None:
                    continue
                now = bisect.bisect_right(starts, state.number or 0) - 1
                if now != place:
                    yield from ((place, row) for row in _not_mail(source, others))
                    place = now
                if isinstance(item, _Other):
                    others.setdefault((item.folder, item.kind), []).append(item.number)
                else:
                    yield place, item
            todo = []
            if state.trouble:
                yield place, _reject(source, "", 0, f"{source.where} cannot be read: {_told(state.trouble)}.")
        except _Lost:
            number = state.number
            if number is None:
                yield place, _reject(source, "", todo[0][0], f"{source.where} cannot be opened any more.")
                todo = []
            else:
                text = f"Item {number} of {source.where} ended the process that read it"
                yield bisect.bisect_right(starts, number) - 1, _reject(source, state.member, number, f"{text}.")
                todo = [(max(start, number + 1), stop) for start, stop in todo if stop > number + 1]
        finally:
            process.close()
    yield from ((place, row) for row in _not_mail(source, others))
    for start, stop in todo:
        text = f"Items {start} to {stop - 1} of {source.where} were given up, as too many before ended the process"
        yield bisect.bisect_right(starts, start) - 1, _reject(source, "", start, f"{text}.", stop - start)


def _not_mail(source: Source, others: dict[tuple[str, str], list[int]]) -> Iterator[Rejection]:
    """Tell how many items of which kind are not mail, and forget them."""
    for (folder, kind), numbers in others.items():
        count = len(numbers)
        yield Rejection(
            source.id, folder, numbers[0], count,
            f"{count} item{'' if count == 1 else 's'} in {source.where}, {folder}, "
            f"{'is' if count == 1 else 'are'} not mail ({kind}).",
            "Nothing to do: contacts, appointments and the like are not judged.",
        )  # fmt: skip
    others.clear()


def _told(trouble: str) -> str:
    """Say what libpff found, without the names of its functions; what follows the first two is how it came there."""
    said = [piece.strip(" .") for piece in _FUNCTION.sub("", trouble).split(". ")]
    return ": ".join(dict.fromkeys(piece for piece in said[:2] if piece))


def _reject(source: Source, member: str, number: int, reason: str, count: int = 1) -> Rejection:
    return Rejection(
        source.id, member, number, count, reason,
        "Open the file in Outlook, or repair a copy of it with `scanpst`; the other items were read.",
    )  # fmt: skip


class _Other(NamedTuple):
    """An item that is not mail."""

    folder: str
    kind: str
    number: int


class _State:
    """What the frames told so far of the item that they are about."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.number: int | None = None
        self.member = ""
        self.trouble = ""
        self._folder = ""
        self._use = 0
        self._tables: list[bytes] = []
        self._names = Names()
        self._open: list[Message] = []  # the message, and those inside it that are being told
        self._now = Properties()

    def take(self, letter: bytes, data: bytes) -> Item | _Other | None:
        """Take in a frame; give the item that it ends."""
        if letter == wire.PROPERTY:
            number, kind = struct.unpack_from("<HH", data)
            self._now.raw[number] = (kind, _several(kind, data[4:]) if kind & mapi.MULTIPLE else data[4:])
        elif letter == wire.ITEM:
            number, node, self._use = wire.PLACE.unpack_from(data)
            self.number, self.member = number, f"0x{node:x}" if node else ""
            self._folder = data[wire.PLACE.size :].decode("utf-8", "replace")
            self._begin()
        elif letter == wire.END_OF_ITEM:
            return self._end(data.decode("utf-8", "replace"))
        elif letter == wire.NAMES:
            self._tables.append(data)
            if len(self._tables) == 3:
                self._names = mapi.names(*self._tables)
        elif letter == wire.TROUBLE:
            text = data.decode("utf-8", "replace")
            if self._open:
                self._open[-1].defects.append(("outlook-damaged", text))
            else:
                self.trouble = text
        elif self._open:
            self._inside(letter, data)
        return None

    def _begin(self) -> None:
        self._now = Properties(names=self._names)
        self._open = [Message(self._now)]

    def _inside(self, letter: bytes, data: bytes) -> None:
        message = self._open[-1]
        if letter == wire.RECIPIENT:
            self._now = Properties(names=self._names)
            message.recipients.append(self._now)
        elif letter == wire.ATTACHMENT:
            self._now = Properties(names=self._names)
            message.attachments.append(Attached(self._now))
        elif letter == wire.DATA and message.attachments:
            message.attachments[-1].pieces.append(data)
        elif letter == wire.INSIDE and message.attachments:
            self._now = Properties(names=self._names)
            inner = Message(self._now)
            message.attachments[-1].message = inner
            self._open.append(inner)
        elif letter == wire.END_INSIDE and len(self._open) > 1:
            self._open.pop()

    def _end(self, trouble: str) -> Item | _Other:
        message, number = self._open[0], self.number or 0
        self._open = []
        own = message.properties
        kind = own.text(mapi.MESSAGE_CLASS)
        if trouble and not own.raw:
            where = f"Item {number} of {self.source.where}, {self._folder},"
            return _reject(self.source, self.member, number, f"{where} cannot be read: {_told(trouble)}.")
        if kind.startswith(_NOT_MAIL):
            return _Other(self._folder, kind, number)
        if trouble:
            message.defects.append(("outlook-damaged", trouble))
        _prepare(message)
        found = original(message, self._folder)
        if self._use:
            found = dataclasses.replace(found, labels=(*found.labels, _USES[self._use]))
        return raw_message(found, self.member, number, 1)


def _prepare(message: Message) -> None:
    """Undo what a PST does to text: code pages, and the mark of the subject's prefix (MS-PST 2.5.3.1.1.1)."""
    own = message.properties
    codepage = own.number(mapi.MESSAGE_CODEPAGE) or own.number(mapi.INTERNET_CODEPAGE) or 1252
    for bag in (own, *message.recipients, *(one.properties for one in message.attachments)):
        bag.codepage = codepage
    kind, subject = own.raw.get(mapi.SUBJECT, (0, b""))
    size = 4 if kind == mapi.UNICODE else 2
    if isinstance(subject, bytes) and subject[:1] == b"\x01":
        own.raw[mapi.SUBJECT] = (kind, subject[size:])
    for one in message.attachments:
        one.data = b"".join(one.pieces)
        one.pieces.clear()
        if one.message is not None:
            _prepare(one.message)


def _several(kind: int, data: bytes) -> list[bytes]:
    """Divide several values of one property (MS-PST 2.3.3.4.2)."""
    size = mapi.FIXED.get(kind & ~mapi.MULTIPLE)
    if size:
        return [data[at : at + size] for at in range(0, len(data), size)]
    count = min(int.from_bytes(data[:4], "little"), len(data) // 4)
    starts = [int.from_bytes(data[at : at + 4], "little") for at in range(4, 4 + 4 * count, 4)]
    return [data[start:stop] for start, stop in zip(starts, [*starts[1:], len(data)], strict=True)]
