"""Mailboxes in one file, by kind: which reader gives their messages, and where they may be cut."""

from collections.abc import Iterator

from watchword.read import exported, mbox, mbx
from watchword.read.raw import Item, Source
from watchword.read.window import Window

BOXES = frozenset({"mbox", "mboxcl", "mbx", "json-list"})
WHOLE = frozenset({"mbx", "json-list"})  # inside an archive they are not cut: messages are found from the start only


def box_messages(
    window: Window, source: Source, start: int, stop: int, *, member: str = "", folder: str = ""
) -> Iterator[Item]:
    """Give every message of a mailbox file that begins in [start, stop)."""
    if source.kind == "mbx":
        return mbx.messages(window, source, start, stop, member=member, folder=folder)
    if source.kind == "json-list":
        return exported.messages(window, source, start, stop, member=member, folder=folder)
    lengths = source.kind == "mboxcl"
    return mbox.messages(window, source, start, stop, lengths=lengths, member=member, folder=folder)
