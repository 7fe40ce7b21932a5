"""Mailboxes in one file: mboxo, mboxrd, mboxcl and mboxcl2 (RFC 4155; https://doc.dovecot.org mbox formats).

A message begins at a line `From …` that follows an empty line, fits the grammar of such lines, and is followed by
what looks like a header field. Whether a line is such a separator is decided from the bytes around it alone, so that
a file can be cut anywhere. Only mboxcl2, which quotes nothing, must be walked from message to message.
"""

import hashlib
import re
from collections.abc import Iterator

from watchword.read.body_hash import body_hashes, body_start
from watchword.read.marks import marks
from watchword.read.raw import MESSAGE_BYTES, Item, RawMessage, Source
from watchword.read.window import STEP, Window
from watchword.tables import Rejection

DefectNote = tuple[str, int, str]

_LOOK = 1024  # bytes of a separator line and the line after it that are looked at
_FAR = 1 << 62
_LINE = 65_536  # of a longer line no end is waited for
_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# `From a@b Mon Jan  1 00:00:00 2001`, also with zone, without seconds, RFC 5322 dates, Takeout's `1234@xxx`.
_DATED = re.compile(
    rb"From (?:[^\r\n]{0,600}?[ \t])??"
    + _DAY
    + rb",?[ \t]+(?:"
    + _MONTH
    + rb"[ \t]+\d{1,2}|\d{1,2}[ \t]+"
    + _MONTH
    + rb")[ \t,]+(?:\d{4}[ \t]+)?\d{1,2}:\d{2}[^\r\n]*(?:\r?\n|\Z)"
)
# Thunderbird writes `From - …` or only `From `; some exporters leave the date out.
_UNDATED = re.compile(rb"From (?:-|[^\s@]+@[^\s@]+)?[ \t]*\r?\n")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|>From ")
_KNOWN_FIELD = re.compile(
    rb"(?i)(?:return-path|received|delivered-to|x-[!-9;-~]+|message-id|date|from|to|cc|subject|sender|reply-to"
    rb"|mime-version|content-[!-9;-~]+|status|dkim-signature|arc-[!-9;-~]+|authentication-results|list-[!-9;-~]+"
    rb"|envelope-to|references|in-reply-to|received-spf)[ \t]*:"
)
_QUOTED = re.compile(rb"\n>(>*From )")
_LENGTH = re.compile(rb"(?i)\nContent-Length:[ \t]*(\d{1,15})[ \t]*\r?\n")


def separator(window: Window, at: int) -> str | None:
    """Judge whether a separator line begins at `at`: None if not, else the defect that it shows, mostly empty."""
    lead = window.read(max(at - 4, 0), at)
    text = window.read(at, at + _LOOK)
    if lead and lead[-1] not in b"\n\0" and lead != b"\xef\xbb\xbf":
        return None
    after_empty = (not lead.strip(b"\r\n") and at < 4) or lead.endswith((b"\n\n", b"\n\r\n")) or lead == b"\xef\xbb\xbf"
    if not (dated := _DATED.match(text)):
        undated = _UNDATED.match(text) if after_empty else None
        return "" if undated and _KNOWN_FIELD.match(text, undated.end()) else None
    if dated.end() < len(text) and not _FIELD.match(text, dated.end()):
        return None
    if after_empty:
        return ""
    if not _KNOWN_FIELD.match(text, dated.end()):
        return None
    return "mbox-nul-run" if lead.endswith(b"\0") else "mbox-no-empty-line"


def next_separator(window: Window, start: int, stop: int) -> tuple[int, str] | None:
    """Find the first separator line that begins in [start, stop), with its defect."""
    at = window.find(b"From ", start, stop)
    while at >= 0:
        before = window.read(at - 1, at) if at else b"\n"
        if before in (b"\n", b"\0", b"\xbf"):
            oddity = separator(window, at)
            if oddity is not None:
                return at, oddity
        at = window.find(b"From ", at + 5, stop)
    return None


def by_length(window: Window, begin: int) -> int | None:
    """Follow Content-Length from the message at `begin` to the next separator line or the end; None if it misses."""
    head = window.read(begin, begin + 65_536)
    line = head.find(b"\n") + 1
    start = body_start(head[line:])
    length = _LENGTH.search(head, max(line - 1, 0), line + start)
    if not length:
        return None
    at = begin + line + start + int(length[1])
    for gap in (1, 2, 0):  # the empty line after the message is not counted
        if window.read(at, at + gap).strip(b"\r\n") or window.ended(at + gap - 1):
            continue
        if window.ended(at + gap) or separator(window, at + gap) is not None:
            return at + gap
    return None


def is_by_length(window: Window) -> bool:
    """Say whether a mailbox keeps Content-Length (mboxcl, mboxcl2): it holds for the first twenty messages seen."""
    found = next_separator(window, 0, _LOOK)
    at = found[0] if found else None
    for followed in range(20):
        if at is None or window.ended(at):
            return at is not None and followed > 0
        begin, at = at, by_length(window, at)
        if at is None:  # cut off in the part that we see?
            return followed > 0 and next_separator(window, begin + 5, begin + STEP) is None
    return True


def messages(
    window: Window, source: Source, start: int, stop: int, *, lengths: bool, member: str = "", folder: str = ""
) -> Iterator[Item]:
    """Give every message whose separator begins in [start, stop); with `lengths`, start must be a message's begin."""
    found = next_separator(window, start, stop)
    if start == 0:
        first = found or next_separator(window, stop, _FAR)
        before = first[0] if first else stop
        if window.read(0, min(before, STEP)).strip(b"\r\n\0 \t\xef\xbb\xbf"):
            yield Rejection(
                source.id, member, 0, before, "Bytes stand before the first message of the mailbox.",
                "Look whether the file was cut off at its beginning.",
            )  # fmt: skip
    while found and found[0] < stop:
        begin, oddity = found
        limit = begin + MESSAGE_BYTES
        following = by_length(window, begin) if lengths else None
        if following is None:
            found = next_separator(window, begin + 5, limit)
        else:
            found = None if window.ended(following) else (following, "")
        if (found is None and not window.ended(limit)) or (found is not None and found[0] > limit):
            item, found = _long_message(window, source.id, begin, found, member=member, folder=folder)
        else:
            record = window.read(begin, found[0] if found else limit)
            item = read_record(
                record, source.id, begin, member=member, folder=folder, oddity=oddity, last=found is None
            )
        yield item
        if found:
            window.forget(found[0] - 4)


def read_record(
    record: bytes, source: str, offset: int, *, member: str = "", folder: str = "", oddity: str = "", last: bool = False
) -> Item:
    """Give the message in one record of an mbox: without separator line, final empty line and quoting."""
    line = record.find(b"\n") + 1 or len(record)
    envelope = record[5:line].decode("utf-8", "replace").strip()
    defects: list[DefectNote] = [(oddity, 0, envelope[:200])] if oddity else []
    data = record[line:]
    if data.endswith(b"\0"):
        data = data.rstrip(b"\0")
        defects.append(("mbox-nul-run", len(data), ""))
    data = data[: len(data) - _empty_line(data)]
    if not data.strip():
        return Rejection(
            source, member, offset, len(record), "A separator line of the mailbox has no message after it.",
            "Nothing can be done: the message itself is missing.",
        )  # fmt: skip
    data, notes = unquote(data)
    defects += notes
    if last and not data.endswith(b"\n"):
        defects.append(("mbox-cut-short", len(data), ""))
    flags, labels, thread = marks(data[: body_start(data)])
    return RawMessage(
        data, hashlib.sha256(data).hexdigest(), len(data), member, offset, len(record), folder, flags, labels, thread,
        envelope, tuple(defects),
    )  # fmt: skip


def unquote(data: bytes) -> tuple[bytes, list[DefectNote]]:
    """Undo the quoting of lines that begin with `From `; where several originals are possible a signature decides.

    mboxrd added one `>` to every line `>*From `, mboxo only to `From `, mboxcl2 none. The variant whose body hash fits
    a DKIM or ARC signature is the original. Without one the rule of mboxrd is taken.
    """
    if b">From " not in data:
        return data, []
    start = max(body_start(data) - 1, 0)
    head, body = data[:start], data[start:]
    stripped = _QUOTED.sub(rb"\n\1", body)
    if stripped == body:
        return data, []
    lower = head.lower()
    signatures = tuple(name for name in ("dkim-signature", "arc-message-signature") if name.encode() in lower)
    if signatures:
        mboxo = body.replace(b"\n>From ", b"\nFrom ")
        for variant, rule in (stripped, "mboxrd"), (mboxo, "mboxo"), (body, "mboxcl2"):
            if True in body_hashes(head + variant, signatures):
                return head + variant, [("mbox-quoting-signed", start, rule)]
    ambiguous = body.find(b"\n>From ")
    notes = [("mbox-quoting-ambiguous", start + ambiguous + 1, "")] if ambiguous >= 0 else []
    return head + stripped, notes


def _empty_line(data: bytes) -> int:
    """Give the length of the empty line at the end, which belongs to the container."""
    if data.endswith((b"\n\r\n", b"\0\r\n")):
        return 2
    return 1 if data.endswith(b"\n\n") else 0


def _long_message(
    window: Window, source: str, begin: int, found: tuple[int, str] | None, *, member: str, folder: str
) -> tuple[Item, tuple[int, str] | None]:
    """Read a message of more than MESSAGE_BYTES piece by piece; give it and the separator after it."""
    digest = hashlib.sha256()
    kept = bytearray()
    size = 0
    first = window.read(begin, begin + STEP)
    line = first.find(b"\n") + 1 or len(first)
    held = b""
    at = begin + line
    known = found
    while True:
        stop = at + STEP
        if known is None:
            found = next_separator(window, max(at, begin + 5), stop)
        if found is not None:
            stop = min(stop, found[0])
        piece = window.read(at, stop)
        at += len(piece)
        done = (found is not None and at >= found[0]) or not piece
        text = held + piece
        # The last line is held back: its quoting, or the container's empty line, may lie across the border.
        edge = len(text) - _empty_line(text) if done else text.rfind(b"\n", 0, max(len(text) - 4, 0))
        if edge < 0 or (
            len(text) - edge > _LINE and not done
        ):  # no quoted separator line is that long; holding it all is quadratic
            edge = max(len(text) - 4, 0)
        held, text = text[edge:], text[:edge]
        text = _QUOTED.sub(rb"\n\1", text)
        digest.update(text)
        size += len(text)
        kept += text[: MESSAGE_BYTES - len(kept)]
        window.forget(at - 4)
        if done:
            break
    data = bytes(kept)
    flags, labels, thread = marks(data[: body_start(data)])
    message = RawMessage(
        data, digest.hexdigest(), size, member, begin, at - begin, folder, flags, labels, thread,
        first[5:line].decode("utf-8", "replace").strip(), (("message-too-long", len(data), f"{size} bytes"),),
    )  # fmt: skip
    return message, found
