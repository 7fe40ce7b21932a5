"""Messages inside archives: several shards of one archive in one walk through it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from watchword.read.archive import Entry, files_in
from watchword.read.boxes import BOXES, WHOLE, box_messages
from watchword.read.folder import belongs, folder_of, long_message, read_bytes
from watchword.read.raw import MESSAGE_BYTES, Item, Shard, Source
from watchword.read.single import KINDS as SINGLE_KINDS
from watchword.tables import Rejection


def read_archived(shards: Sequence[Shard]) -> Iterator[tuple[int, Item]]:
    """Give the messages of shards of one archive, each with the number of its shard; a shard's come in one row.

    A walk reads the shards in their order. One that lies before its predecessor gets another walk.
    Raises OSError where the archive cannot be opened.
    """
    queue = list(range(len(shards)))
    while queue:
        later: list[int] = []
        yield from _walk(shards, queue, later)
        queue = later


def _walk(shards: Sequence[Shard], queue: list[int], later: list[int]) -> Iterator[tuple[int, Item]]:
    """Walk once through the archive. Shards that were passed before it was their turn are added to `later`."""
    waiting = [(number, *_span(shards[number])) for number in queue]
    waiting.reverse()  # the next is the last
    last: dict[str, int] = {}  # number of the last file seen in each archive
    hulls: dict[str, tuple[int, int]] = {}  # which files of each archive the shards need, roughly
    for _, archive, start, stop in waiting:
        lowest, highest = hulls.get(archive, (start, stop))
        hulls[archive] = min(lowest, start), max(highest, stop)
    outer = {archive[: at + 1] for archive in hulls for at, letter in enumerate(archive) if letter == "!"}

    def wants(archive: str, name: str, number: int) -> bool:
        last[archive] = number
        start, stop = hulls.get(archive, (0, 0))
        return start <= number < stop or f"{archive}{name}!" in outer

    for entry in files_in(Path(shards[0].source.path), wants, []):
        while waiting:
            number, archive, start, stop = waiting[-1]
            if archive != entry.archive or entry.number < start:
                break
            if entry.number < stop:
                source = shards[number].source
                if source.kind not in BOXES:
                    for item in _read_file(source, entry):
                        yield number, item
                    break
                position = 0
                while waiting and shards[waiting[-1][0]].source == source:
                    number = waiting.pop()[0]
                    if shards[number].start < position:
                        later.append(number)
                        continue
                    position = shards[number].stop
                    for item in _read_box(shards[number], entry):
                        yield number, item
            else:
                waiting.pop()
            # Whoever is next must not have been passed.
            while waiting and waiting[-1][2] < last.get(waiting[-1][1], -1):
                later.append(waiting.pop()[0])
        if not waiting:
            return
    later += [number for number, *_ in reversed(waiting[:-1])]  # the first of those left was waited for in vain


def fetch_archived(source: Source, places: Sequence[tuple[str, int, int]]) -> Iterator[Item]:
    """Give the messages at places (member, offset, length), in ascending order, in one walk. Raises OSError."""
    is_box = source.kind in BOXES
    members = {source.member} if is_box else {member for member, _, _ in places}

    def wants(archive: str, name: str, number: int) -> bool:
        member = f"{archive}{name}"
        return member in members or source.member.startswith(f"{member}!")

    for entry in files_in(Path(source.path), wants, []):
        if not is_box:
            yield from _read_file(source, entry)
        else:
            for _, offset, _ in places:
                yield from _read_box(Shard(source, offset, offset + 1, 0), entry)


def _span(shard: Shard) -> tuple[str, int, int]:
    """Give the innermost archive of a shard, and the numbers of its files there: from, to."""
    source = shard.source
    if source.kind in BOXES:
        return source.archive, source.first, source.first + 1
    return source.archive, source.first + shard.start, source.first + shard.stop


def _read_box(shard: Shard, entry: Entry) -> Iterator[Item]:
    """Read one shard of a mailbox inside an archive, from where its stream stands."""
    source, stream = shard.source, entry.stream
    if source.kind == "mboxcl" and stream.taken == 0 and shard.start:
        for _ in box_messages(stream, source, 0, shard.start):
            pass  # only the walk from message to message tells where they begin
    if source.kind not in WHOLE:
        stream.pass_to(shard.start - 4)
    yield from box_messages(stream, source, shard.start, shard.stop, folder=source.folder)
    last = shard.stop >= source.size
    if last:
        stream.ended(shard.stop)  # a wrong check sum shows only at the end
    if stream.error and (last or shard.start <= stream.position < shard.stop):
        yield Rejection(
            source.id, "", stream.position, 0, f"{source.where} {stream.error}.",
            "Look for an intact copy of the archive; what stands before this place was read.",
        )  # fmt: skip


def _read_file(source: Source, entry: Entry) -> Iterator[Item]:
    """Read a file of one message inside an archive."""
    root, direct = source.member[len(source.archive) :], False
    if root == "*" or root.endswith("/*"):
        root, direct = root[:-1].rstrip("/"), True
    if not belongs(entry.name, root, direct=direct) or (kind := entry.look().kind) not in SINGLE_KINDS:
        return
    stream = entry.stream
    data = stream.take(MESSAGE_BYTES)
    folder = folder_of(entry.name, source.folder)
    if (
        kind == "message"
        and len(data) == MESSAGE_BYTES
        and (message := long_message(data, stream.take, entry.member, folder))
    ):
        yield message
        return
    notes = (("archive-cut-short", len(data), stream.error[:200]),) if stream.error else ()
    yield from read_bytes(source, data, entry.member, folder, notes, kind=kind)
