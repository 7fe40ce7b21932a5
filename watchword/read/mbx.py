"""Mailboxes in c-client's MBX format, as UW IMAP and Pine keep them.

Written from c-client's source (`mbx.c`: `mbx_parse`, `mbx_update_header`, `mbx_update_status`), without a sample of a
real one. A header of 2,048 bytes begins `*mbx*` CRLF, UIDVALIDITY and the last UID with 8 hexadecimal digits each,
CRLF, and up to 30 lines of keywords. Each message follows a line `DATE,SIZE;KEYWORDSFLAGS-UID` CRLF, with 8, 4 and 8
hexadecimal digits; SIZE counts its bytes. Where one begins is known only from the one before. What was expunged stays
until the file is written anew; it is read, too, and marked.
"""

import hashlib
import re
from collections.abc import Iterator

from watchword.read.body_hash import body_start
from watchword.read.marks import marks
from watchword.read.raw import MESSAGE_BYTES, Item, RawMessage, Source
from watchword.read.window import STEP, Window
from watchword.tables import Rejection

MAGIC = b"*mbx*\r\n"
_HEADER = 2048
_KEYWORDS = 30
_LINE = 128  # bytes that such a line may have
_LONGEST = 256 * 1024 * 1024  # a size beyond is taken for damage
_FLAGS = {0x1: "seen", 0x2: "deleted", 0x4: "flagged", 0x8: "answered", 0x20: "draft", 0x8000: "expunged"}
_BEGIN = re.compile(
    rb"([ \d]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}),(\d{1,10});"
    rb"([0-9A-Fa-f]{8})([0-9A-Fa-f]{4})-[0-9A-Fa-f]{8}\r\n"
)


def messages(
    window: Window, source: Source, start: int, stop: int, *, member: str = "", folder: str = ""
) -> Iterator[Item]:
    """Give every message whose line begins in [start, stop); start is 0 or where a message begins."""
    keywords = _keywords(window)
    at = max(start, _HEADER)
    while at < stop and not window.ended(at):
        begin = _begin(window, at)
        following = _after(window, at, begin)
        if begin:
            yield _message(window, at, following, begin, keywords, member, folder)
        else:
            yield Rejection(
                source.id, member, at, following - at, f"{source.where} has no message where one should begin.",
                "Look for an intact copy of it; what follows was found by its form.",
            )  # fmt: skip
        at = following
        window.forget(at)


def beginnings(window: Window) -> Iterator[int]:
    """Give where each message begins; after a damaged place where the next one is found."""
    at = _HEADER
    while not window.ended(at):
        begin = _begin(window, at)
        if begin:
            yield at
        at = _after(window, at, begin)
        window.forget(at)


def _begin(window: Window, at: int) -> re.Match[bytes] | None:
    begin = _BEGIN.match(window.read(at, at + _LINE))
    return begin if begin and int(begin[2]) <= _LONGEST else None


def _after(window: Window, at: int, begin: re.Match[bytes] | None) -> int:
    """Give where the message ends: where its size says, or if that lies beyond the file, before the next one."""
    if not begin:
        return _next(window, at + 1, keep=False)
    first = at + begin.end()
    following = first + int(begin[2])
    return _next(window, first, keep=True) if window.ended(following - 1) else following


def _next(window: Window, at: int, *, keep: bool) -> int:
    """Find the next line that begins a message from its form alone; the end of the file if there is none."""
    step = 4 * _LINE  # mostly it is near
    while True:
        if not keep:
            window.forget(at - 1)
        piece = window.read(at, at + step + _LINE)
        for found in _BEGIN.finditer(piece):
            return at + found.start()
        if len(piece) < step + _LINE:
            return at + len(piece)
        at += step
        step = min(2 * step, STEP)


def _message(
    window: Window, at: int, following: int, begin: re.Match[bytes], keywords: tuple[str, ...], member: str, folder: str
) -> RawMessage:
    first = at + begin.end()
    data = window.read(first, min(following, first + MESSAGE_BYTES))
    digest = hashlib.sha256(data)
    for more in range(first + len(data), following, STEP):
        digest.update(window.read(more, min(following, more + STEP)))
        window.forget(more)
    size = following - first
    defects = [("message-too-long", len(data), f"{size} bytes")] if size > len(data) else []
    if size < int(begin[2]):
        defects.append(("mbox-cut-short", len(data), f"{begin[2].decode()} bytes were announced"))
    status, chosen = int(begin[4], 16), int(begin[3], 16)
    flags = [word for bit, word in _FLAGS.items() if status & bit]
    flags += [word for number, word in enumerate(keywords) if chosen >> number & 1]
    more_flags, labels, thread = marks(data[: body_start(data)])
    return RawMessage(
        data, digest.hexdigest(), size, member, at, following - at, folder, tuple(dict.fromkeys((*flags, *more_flags))),
        labels, thread, begin[1].decode("ascii").strip(), tuple(defects),
    )  # fmt: skip


def _keywords(window: Window) -> tuple[str, ...]:
    """Read the names of keywords, which the messages' bits stand for."""
    lines = window.read(0, _HEADER).split(b"\r\n")[2 : 2 + _KEYWORDS]
    names = [line.decode("utf-8", "replace").strip("\0") for line in lines]
    return tuple(names[: names.index("")] if "" in names else names)
