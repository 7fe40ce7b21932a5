"""Pieces of a source: how it is cut, which pieces one task takes, and what is in them.

A message belongs to the shard in which its first byte lies; so shards together give each message exactly once,
however they were cut.
"""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchword.errors import WatchwordError
from watchword.read import pst
from watchword.read.archived import fetch_archived, read_archived
from watchword.read.boxes import BOXES, WHOLE, box_messages
from watchword.read.folder import fetch_file, listing, read_files, read_path
from watchword.read.mbox import by_length, next_separator
from watchword.read.mbx import beginnings
from watchword.read.raw import SHARD_BYTES, Item, RawMessage, Shard, Source
from watchword.read.window import Pages
from watchword.tables import Rejection


def cut(source: Source, size: int = SHARD_BYTES) -> list[Shard]:
    """Cut a source into pieces of about `size` bytes. Raises WatchwordError if it cannot be opened any more."""
    try:
        if source.kind == "message":
            return [Shard(source, 0, 1, source.size)]
        if source.kind == "pst":
            count = pst.look(source.path, source.fingerprint).items
            return _even(source, count, max(count * size // max(source.size, 1), 1))
        if source.kind in WHOLE and (source.files or source.kind == "json-list"):
            return [Shard(source, 0, max(source.size, 1), source.size)]
        if source.kind in ("mboxcl", "mbx") and not source.files:
            return _cut_at_messages(source, size)
        if source.kind in ("mbox", "mboxcl"):
            return _even(source, source.size, size)
        if source.files:
            return _even(source, source.files, max(source.files * size // max(source.size, 1), 1))
        return _cut_folder(source, size)
    except OSError as error:
        raise _gone(source, error) from None


def _even(source: Source, length: int, step: int) -> list[Shard]:
    starts = range(0, max(length, 1), step)
    return [
        Shard(source, start, min(start + step, length), source.size * min(step, length - start) // max(length, 1))
        for start in starts
    ]


def _cut_at_messages(source: Source, size: int) -> list[Shard]:
    """Cut at messages: whether one begins at a line is known only from the message before it."""
    edges = [0]
    with Pages(Path(source.path)) as window:
        if source.kind == "mbx":
            for begin in beginnings(window):
                if begin - edges[-1] >= size:
                    edges.append(begin)
            return [Shard(source, a, b, b - a) for a, b in itertools.pairwise([*edges, len(window)])]
        found = next_separator(window, 0, len(window))
        at = found[0] if found else None
        while at is not None and not window.ended(at):
            if at - edges[-1] >= size:
                edges.append(at)
            window.forget(at)
            following = by_length(window, at)
            if following is None:
                found = next_separator(window, at + 5, len(window))
                following = found[0] if found else None
            at = following
        edges.append(len(window))
    return [Shard(source, start, stop, stop - start) for start, stop in itertools.pairwise(edges)]


def _cut_folder(source: Source, size: int) -> list[Shard]:
    shards: list[Shard] = []
    start = weight = 0
    files, _ = listing(source.path, source.member, source.fingerprint)
    for number, file in enumerate(files, 1):
        weight += file.size
        if weight >= size or number == len(files):
            shards.append(Shard(source, start, number, weight))
            start, weight = number, 0
    return shards


def runs(shards: Sequence[Shard], workers: int) -> list[list[Shard]]:
    """Divide shards into what one task reads: single shards, but of an archive neighbours, in `workers` groups.

    An archive is a stream: each group unpacks it from the start (of a zip: its own files) to its own last shard.
    An Outlook data file counts as one, too, because opening it takes long.
    """
    found: list[list[Shard]] = []
    for (_, stream), held in itertools.groupby(shards, key=lambda shard: (shard.source.path, _is_stream(shard))):
        if not stream:
            found += [[shard] for shard in held]
            continue
        group = list(held)
        share = max(sum(shard.weight for shard in group) / max(workers, 1), 1)
        done = 0
        parts: dict[int, list[Shard]] = {}
        for shard in group:
            parts.setdefault(min(int(done / share), workers - 1), []).append(shard)
            done += shard.weight
        found += parts.values()
    return found


def _is_stream(shard: Shard) -> bool:
    return shard.source.files > 0 or shard.source.kind == "pst"


def read_shard(shard: Shard) -> Iterator[Item]:
    """Give the messages of one shard, and what could not be read as a message."""
    for _, items in read_shards([shard]):
        yield from items


def read_shards(shards: Sequence[Shard]) -> Iterator[tuple[Shard, Iterator[Item]]]:
    """Give the messages of several shards of one source, or of one archive, which is then unpacked once.

    Every shard is given once; its iterator must be used before the next is asked for.
    """
    if not shards or not _is_stream(shards[0]):
        for shard in shards:
            yield shard, _read_here(shard)
        return
    seen = set()
    for number, found in itertools.groupby(_read_stream(shards), key=lambda pair: pair[0]):
        seen.add(number)
        yield shards[number], (item for _, item in found)
    for number, shard in enumerate(shards):
        if number not in seen:
            yield shard, iter(())


def _read_here(shard: Shard) -> Iterator[Item]:
    """Read a shard of a file or folder on disk."""
    source = shard.source
    path = Path(source.path)
    if source.kind == "message":
        yield from read_path(source, path, "", expected=True)
    elif source.kind in ("folder", "maildir"):
        yield from read_files(source, shard.start, shard.stop)
    else:
        try:
            window = Pages(path)
        except (OSError, ValueError) as error:
            yield _unreadable(source, error)
            return
        with window:
            yield from box_messages(window, source, shard.start, shard.stop, folder=source.folder)


def _read_stream(shards: Sequence[Shard]) -> Iterator[tuple[int, Item]]:
    if not shards[0].source.files:
        yield from pst.items(shards[0].source, [(shard.start, shard.stop) for shard in shards])
        return
    try:
        yield from read_archived(shards)
    except OSError as error:
        for number, shard in enumerate(shards):
            yield number, _unreadable(shard.source, error)


def fetch(source: Source, member: str, offset: int, length: int) -> RawMessage:
    """Give one message again, as a sighting names it. Raises WatchwordError if it is no longer there."""
    for message in fetch_many(source, [(member, offset, length)]):
        return message
    raise AssertionError("fetch_many gives every message or raises")


def fetch_many(source: Source, places: Sequence[tuple[str, int, int]]) -> Iterator[RawMessage]:
    """Give several messages of a source again, places being (member, offset, length); an archive is unpacked once.

    They come in the order in which they lie there. Raises WatchwordError where the source has moved or changed.
    """
    found = fetch_archived(source, sorted(set(places))) if source.files else _fetch_here(source, sorted(set(places)))
    missing = set(places)
    try:
        for item in found:
            place = (item.member, item.offset, item.length)
            if isinstance(item, RawMessage) and place in missing:
                missing.discard(place)
                yield item
    except OSError as error:
        raise _gone(source, error) from None
    for member, offset, _ in missing:
        where = f"{source.where}, {member}" if member and member != source.member else source.where
        raise WatchwordError(
            f"There is no longer the message at byte {offset} of {where}: the mailbox has changed.",
            do="Run `watchword read` again.",
        )


def _fetch_here(source: Source, places: Sequence[tuple[str, int, int]]) -> Iterator[Item]:
    path = Path(source.path)
    if source.kind == "pst":
        wanted = sorted({(offset, offset + 1) for _, offset, _ in places})
        yield from (item for _, item in pst.items(source, wanted))
        return
    if source.kind in BOXES:
        with Pages(path) as window:
            for _, offset, _ in places:
                yield from box_messages(window, source, offset, offset + 1, folder=source.folder)
        return
    for member in dict.fromkeys(member for member, _, _ in places):
        yield from fetch_file(source, member) if member else read_path(source, path, "", expected=True)


def _gone(source: Source, error: OSError) -> WatchwordError:
    return WatchwordError(
        f"{source.path} cannot be opened any more: {error.strerror}.",
        do="Put it back where it was, or name it at its new place.",
    )


def _unreadable(source: Source, error: OSError | ValueError) -> Rejection:
    why = error.strerror if isinstance(error, OSError) and error.strerror else "it is empty now"
    return Rejection(
        source.id, "", 0, 0, f"{source.path} cannot be opened any more: {why}.",
        "Put it back where it was, and run the command again.",
    )  # fmt: skip
