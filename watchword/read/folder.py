"""Folders on disk: Maildir, and trees of files of one message each."""

import dataclasses
import functools
import hashlib
import os
import posixpath
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from watchword.read.beside import Notes, may_be_note, notes_beside
from watchword.read.body_hash import body_start
from watchword.read.folder_names import apple_account, apple_folder, is_apple, plain_name, without_dates
from watchword.read.marks import maildir_flags, marks
from watchword.read.mbox import DefectNote, messages
from watchword.read.raw import MESSAGE_BYTES, Item, RawMessage, Source, shown
from watchword.read.recognise import (
    HEAD,
    SINGLE,
    Look,
    is_maildir_file,
    look_at_json,
    recognise,
    starts_like_mbox,
    wants_more,
)
from watchword.read.single import KINDS as SINGLE_KINDS
from watchword.read.single import original, raw_message
from watchword.read.window import STEP, Held
from watchword.tables import Rejection

DEPTH = 64  # folders within folders


class File(NamedTuple):
    """One file below a folder."""

    name: str  # path below the folder, with `/`
    size: int
    time: int  # last change, ns


class Odd(NamedTuple):
    """Something below a folder that is not a plain file, and why it was not read."""

    name: str
    reason: str


def walk(root: str) -> tuple[list[File], list[Odd]]:
    """List every plain file below a folder, sorted by path, and what else lies there. Links are not followed."""
    files: list[File] = []
    odd: list[Odd] = []
    todo = [("", 0)]
    while todo:
        folder, depth = todo.pop()
        if depth > DEPTH:
            odd.append(Odd(folder, f"lies more than {DEPTH} folders deep"))
            continue
        try:
            with os.scandir(Path(root, folder) if folder else root) as entries:
                for entry in entries:
                    name = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        todo.append((name, depth + 1))
                    elif entry.is_file(follow_symlinks=False):
                        state = entry.stat(follow_symlinks=False)
                        files.append(File(name, state.st_size, state.st_mtime_ns))
                    elif entry.is_symlink():
                        odd.append(Odd(name, "is a symbolic link"))
                    else:
                        odd.append(Odd(name, special(entry.stat(follow_symlinks=False).st_mode)))
        except OSError as error:
            odd.append(Odd(folder or ".", f"cannot be opened ({error.strerror})"))
    files.sort()
    odd.sort()
    return files, odd


def special(mode: int) -> str:
    """Say what a thing that is neither file nor folder is."""
    if stat.S_ISFIFO(mode):
        return "is a named pipe"
    if stat.S_ISSOCK(mode):
        return "is a socket"
    return "is a device"


def look(path: Path, *, expected: bool = False) -> Look:
    """Recognise a file on disk; raises OSError where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        if wants_more(head):
            head += file.read(SINGLE)
        rest = file.read(1)
        found = recognise(head, path.name, whole=not rest, expected=expected)
        if found.kind == "json":
            found = look_at_json(head + rest + file.read(MESSAGE_BYTES - len(head) - 1))
        return found


def folder_of(name: str, outer: str = "") -> str:
    """Give the mail folder of a file: Maildir++ `.Sent/cur/1` is `Sent`, `INBOX` for the root, else its directory."""
    if is_apple(name):
        return apple_folder(name, outer)
    directory = name.rpartition("/")[0]
    if not is_maildir_file(name):
        return directory or outer
    parts = directory.split("/")[:-1]
    return "/".join(plain_name(part.lstrip(".")) for part in parts) or "INBOX"


def fingerprint(files: list[File]) -> str:
    """Digest names, sizes and times of files."""
    digest = hashlib.sha256()
    for name, size, time in files:
        digest.update(f"{name}\0{size}\0{time}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


def listed(files: list[File], base: str, *, direct: bool) -> list[File]:
    """Choose the files of the source at folder `base`, and name them from there."""
    start = len(base) + 1 if base else 0
    return [file._replace(name=file.name[start:]) for file in files if belongs(file.name, base, direct=direct)]


@functools.lru_cache(maxsize=2)  # shards of one folder are read one after the other
def listing(path: str, member: str, mark: str) -> tuple[list[File], bool]:
    """List the files that a folder's shards count, and say whether they are those that were found at first."""
    files = listed(walk(path)[0], "", direct=member == "*")
    return files, fingerprint(files) == mark


@functools.lru_cache(maxsize=2)
def _has_notes(path: str, member: str, mark: str) -> bool:
    """Say whether notes may lie beside any message of a folder; in most there are none, and nobody looks for them."""
    return any(may_be_note(file.name) for file in listing(path, member, mark)[0])


def mailbox_of(name: str) -> str:
    """Give the directory that a file's mailbox is: of `a/.Sent/cur/1`, `a/1.eml`, `a/2024/5/1.eml` it is `a`."""
    if is_apple(name):
        return apple_account(name.rpartition("/")[0])
    directory = PurePosixPath(without_dates(name.rpartition("/")[0]))
    if directory.name in ("cur", "new", "tmp"):
        directory = directory.parent
        while directory.name.startswith("."):
            directory = directory.parent
    return "" if str(directory) == "." else str(directory).strip("/")


def belongs(name: str, root: str, *, direct: bool) -> bool:
    """Say whether a file belongs to the group of `groups` that has that root."""
    mailbox = mailbox_of(name)
    return mailbox == root or (not direct and (not root or mailbox.startswith(f"{root}/")))


def groups(names: Iterable[str]) -> dict[tuple[str, bool], list[str]]:
    """Divide files of one message each into mailboxes: (root, without subfolders) to its files.

    People keep one folder for each person, or one for each mail folder: the first level of folders at which files
    differ divides them. Owners are found for each group alone, so that two people's mail is never thrown together.
    """
    by_mailbox: dict[str, list[str]] = {}
    for name in names:
        by_mailbox.setdefault(mailbox_of(name), []).append(name)
    if not by_mailbox:
        return {}
    common = posixpath.commonpath(by_mailbox)
    if len(by_mailbox) == 1:
        return {(common, False): by_mailbox[common]}
    found: dict[tuple[str, bool], list[str]] = {}
    for mailbox, held in sorted(by_mailbox.items()):
        rest = mailbox[len(common) :].strip("/").split("/")[0]
        root = (f"{common}/{rest}" if common else rest) if rest else common
        found.setdefault((root, not rest), []).extend(held)
    return found


def read_files(source: Source, start: int, stop: int) -> Iterator[Item]:
    """Give the messages in the files from number `start` to `stop` of a folder."""
    files, unchanged = listing(source.path, source.member, source.fingerprint)
    if not unchanged:
        yield Rejection(
            source.id, "", 0, 0, f"{source.where} changed while it was read: a message may be missing or come twice.",
            "Run the command again when no mail program writes to it.",
        )  # fmt: skip
    noted = _has_notes(source.path, source.member, source.fingerprint)
    for file in files[start:stop]:
        yield from read_path(source, Path(source.path, file.name), shown(file.name), noted=noted)


def fetch_file(source: Source, member: str) -> Iterator[Item]:
    """Give what is in one file of a folder again, by its name as `read_files` gave it."""
    path = Path(source.path, member)
    if not path.exists():
        files, _ = listing(source.path, source.member, source.fingerprint)
        path = next((Path(source.path, file.name) for file in files if shown(file.name) == member), path)
    return read_path(source, path, member)


def read_path(source: Source, path: Path, member: str, *, expected: bool = False, noted: bool = True) -> Iterator[Item]:
    """Give what is in one file of a folder, if it is a message; what it is else was said by `find_sources`.

    `noted` says that notes may lie beside it.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
            if wants_more(head):
                head += file.read(SINGLE)
            rest = file.read(STEP)
            kind = recognise(head, member, whole=not rest, expected=expected).kind
            if kind not in SINGLE_KINDS:
                return
            data = head + rest
            if len(rest) == STEP:
                data += file.read(MESSAGE_BYTES - len(data))
            if kind == "json" and look_at_json(data).kind != "json":
                return
            folder = folder_of(member, source.folder)
            if (
                kind == "message"
                and len(data) >= MESSAGE_BYTES
                and (item := long_message(data, file.read, member, folder))
            ):
                yield item
                return
    except OSError as error:
        yield Rejection(
            source.id, member, 0, 0, f"The file {member} cannot be read: {error.strerror}.", "Look at its permissions."
        )
        return
    beside = notes_beside(path) if noted else None
    for found in read_bytes(source, data, member, folder, kind=kind, path=path):
        yield _with_notes(found, beside) if beside and isinstance(found, RawMessage) else found


def _with_notes(item: RawMessage, beside: Notes) -> RawMessage:
    """Add what lies beside a message and says where it was."""
    return dataclasses.replace(
        item,
        folder=beside.folder or item.folder,
        flags=tuple(dict.fromkeys(beside.flags + item.flags)),
        labels=beside.labels or item.labels,
        thread=beside.thread or item.thread,
    )


def read_bytes(
    source: Source,
    data: bytes,
    member: str,
    folder: str,
    notes: tuple[DefectNote, ...] = (),
    *,
    kind: str = "message",
    path: Path | None = None,
) -> Iterator[Item]:
    """Give the message (after an mbox separator line: the messages) that a file's bytes are or hold."""
    if kind != "message":
        yield _from_program(source, kind, data, member, folder, notes, path)
        return
    flags = maildir_flags(member)
    if starts_like_mbox(data):
        for item in messages(Held(data), source, 0, len(data), lengths=False, member=member, folder=folder):
            if isinstance(item, RawMessage) and (flags or notes):
                kept = tuple(dict.fromkeys(flags + item.flags))
                yield dataclasses.replace(item, flags=kept, defects=item.defects + notes)
            else:
                yield item
        return
    more, labels, thread = marks(data[: body_start(data)])
    yield RawMessage(
        data, hashlib.sha256(data).hexdigest(), len(data), member, 0, len(data), folder,
        tuple(dict.fromkeys(flags + more)), labels, thread, defects=notes,
    )  # fmt: skip


def _from_program(
    source: Source, kind: str, data: bytes, member: str, folder: str, notes: tuple[DefectNote, ...], path: Path | None
) -> Item:
    """Give the message in a mail program's own file."""
    where = f"{source.where}, {member}" if member and member != source.member else source.where
    if len(data) >= MESSAGE_BYTES:
        return Rejection(
            source.id, member, 0, len(data), f"{where} is longer than {MESSAGE_BYTES >> 20} MB.",
            "Open it in its program, and save it as .eml.",
        )  # fmt: skip
    try:
        found = original(kind, data, path)
    except ValueError as error:
        return Rejection(
            source.id, member, 0, len(data), f"{where} cannot be read: {error}.",
            "Look for an intact copy of it, or open it in its program and save it as .eml.",
        )  # fmt: skip
    return raw_message(found, member, 0, len(data), folder, maildir_flags(member), notes)


def long_message(data: bytes, read: Callable[[int], bytes], member: str, folder: str) -> RawMessage | None:
    """Hash all of a message of which `data` is the beginning; None if nothing follows."""
    digest = hashlib.sha256(data)
    size = len(data)
    while piece := read(STEP):
        digest.update(piece)
        size += len(piece)
    if size == len(data):
        return None
    flags, labels, thread = marks(data[: body_start(data)])
    return RawMessage(
        data, digest.hexdigest(), size, member, 0, size, folder, maildir_flags(member) + flags, labels, thread,
        defects=(("message-too-long", len(data), f"{size} bytes"),),
    )  # fmt: skip
