"""An account on an IMAP server as files of a case: fetched once, taken up again, kept up to date.

Below the account's folder each mail folder is a Maildir (`cur`, `.NAME/cur`) whose files are called
`UIDVALIDITY.UID.eml`, with the message as the server gave it and nothing else; beside each a `.json` with folder,
flags, labels and thread (see `beside`). No name from the server becomes a path unescaped. What is there is never
fetched again; what is gone on the server stays and is marked `expunged`.
"""

import contextlib
import errno
import hashlib
import imaplib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from watchword.errors import WatchwordError
from watchword.read.imap import FOLDERS, MESSAGE, Folder, Server, State

BATCH = 8 * 1024 * 1024  # bytes of messages asked for at once
MANY = 200  # messages asked for at once
_TRIES = 3  # connections in a row that bring nothing
_FILE = re.compile(r"(\d{10})\.(\d{10})\.eml")
_BROKEN = (OSError, imaplib.IMAP4.abort)
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENAMETOOLONG)
_EXPUNGED = "expunged"

Result = TypeVar("Result")
Begin = Callable[[str, int, str], None]  # a stage, how much it is, and of what: bytes, or nothing to say
Advance = Callable[[int, str], None]  # how much of it was done, and where


@dataclass(slots=True)
class Fetched:
    """What a run brought."""

    folders: int = 0
    messages: int = 0
    bytes: int = 0
    changed: int = 0  # messages whose flags or labels changed on the server
    expunged: int = 0  # messages that are no longer on the server, and stay here
    kept: int = 0  # messages that were here before
    problems: list[str] = field(default_factory=list)  # sentences: what could not be fetched, and why


class Account:
    """One account: where its files are, and how to reach the server again."""

    def __init__(self, folder: Path, connect: Callable[[], Server]) -> None:
        """`folder` is the account's own; `connect` logs in anew, as often as the connection breaks."""
        self.folder = folder
        self.done = Fetched()
        self._connect = connect
        self._server = connect()
        self._open: tuple[Folder, int, int] | None = None  # with UIDVALIDITY and number of messages
        self._breaks = 0  # messages in a row over which the connection broke
        folder.mkdir(parents=True, exist_ok=True)
        for part in [*folder.glob(".part-*"), *folder.glob(".*/.part-*"), *folder.parent.glob(".part-*")]:
            part.unlink(missing_ok=True)  # of a run that was killed

    def close(self) -> None:
        """End the connection."""
        self._server.close()

    def fetch(
        self,
        only: str = "",
        begin: Begin = lambda _title, _total, _unit: None,
        advance: Advance = lambda _amount, _note: None,
    ) -> Fetched:
        """Bring everything that is not here yet from every folder, or from `only` and those below it.

        What is stored stays stored, whatever happens then. Raises WatchwordError.
        """
        chosen = self._chosen(only)
        begin("Listing folders", len(chosen), "")
        missing: dict[Folder, list[State]] = {}
        for folder in chosen:
            with self._noted(folder):
                missing[folder] = self._again(lambda folder=folder: self._compare(folder))  # type: ignore[misc]  # mypy cannot type a default in a lambda
                self.done.folders += 1
            advance(1, folder.name)
        begin("Fetching", sum(state.size for states in missing.values() for state in states), "bytes")
        for folder, states in missing.items():
            for batch in _batches(states):
                with self._noted(folder):
                    self._bring(folder, batch)
                advance(sum(state.size for state in batch), folder.name)
            with self._noted(folder):
                self._sweep(folder)
        return self.done

    def _chosen(self, only: str) -> list[Folder]:
        folders = self._again(lambda: self._server.folders())
        if len(folders) == FOLDERS:
            self.done.problems.append(f"The account has more than {FOLDERS:,} folders; the others were not fetched.")
        if only:
            chosen = [one for one in folders if one.name == only or one.name.startswith(only + (one.delimiter or "/"))]
            if not chosen:
                names = ", ".join(sorted(one.name for one in folders)[:20])
                raise WatchwordError(f"There is no folder {only} in the account.", do=f"There are {names}.")
            return chosen
        uses = {one: {mark.lower() for mark in one.special} for one in folders}
        if self._server.is_gmail and any("\\all" in marks for marks in uses.values()):
            # there every other folder is a label of what lies in these three
            return [one for one in folders if uses[one] & {"\\all", "\\junk", "\\trash"}]
        return [one for one in folders if "\\flagged" not in uses[one]]  # a view of messages that lie elsewhere

    def _again(self, work: Callable[[], Result]) -> Result:
        """Do something with the server; if the connection breaks, connect and do it again."""
        for _ in range(_TRIES):
            try:
                return work()
            except _BROKEN as error:
                why = _of_connection(error)
                self._reconnect()
        raise _broken(why)

    def _reconnect(self) -> None:
        self._server.close()
        self._open = None
        self._server = self._connect()

    @contextlib.contextmanager
    def _noted(self, folder: Folder) -> Iterator[None]:
        """Note what the server refuses of one folder, and go on with the next."""
        try:
            yield
        except (ValueError, imaplib.IMAP4.error) as error:
            self._open = None
            self.done.problems.append(f"Of the folder {folder.name} something could not be fetched: {error}.")

    def _examine(self, folder: Folder) -> tuple[int, int]:
        if self._open is None or self._open[0] != folder:
            self._open = None
            self._open = (folder, *self._server.examine(folder))
        return self._open[1:]

    def _compare(self, folder: Folder) -> list[State]:
        """Compare a folder with what is here: note changed flags and what is gone, give what is missing."""
        self._open = None  # numbers of messages are those of now
        validity, count = self._examine(folder)
        here = {uid: path for held, uid, path in self._files(folder) if held == validity}
        missing: list[State] = []
        there: set[int] = set()
        for state in self._server.states(count):
            if state.uid in there or not state.uid:
                continue
            there.add(state.uid)
            if path := here.get(state.uid):
                self.done.changed += _write_notes(path, _notes(folder, state))
            else:
                missing.append(state)
        self.done.kept += len(here)
        if len(there) >= count:  # the list is whole
            for uid in here.keys() - there:
                self.done.expunged += _mark_expunged(here[uid])
        return missing

    def _bring(self, folder: Folder, batch: Sequence[State]) -> None:
        """Fetch and store messages at once; then one by one what did not come, or is long.

        A message over which the connection breaks, or that the server does not give, is noted and left out.
        """
        left = {state.uid: state for state in batch}
        if len(batch) > 1 or batch[0].size <= BATCH:
            try:
                validity, _ = self._examine(folder)
                for state, body in self._server.messages(sorted(left), sum(state.size for state in batch)):
                    if state.uid in left and self._store(folder, validity, state, [body]):
                        del left[state.uid]
            except _BROKEN as error:
                _of_connection(error)
                self._reconnect()
        for state in left.values():
            try:
                validity, _ = self._examine(folder)
                came = self._store(folder, validity, state, self._server.long_message(state.uid))
                self._breaks = 0
                why = "it may have been deleted in the meantime"
            except _BROKEN as error:
                why, came = _of_connection(error), False
                self._breaks += 1
                if self._breaks == _TRIES:
                    raise _broken(why) from None
                self._reconnect()
            if not came:
                self.done.problems.append(f"Message {state.uid} of the folder {folder.name} did not come: {why}.")

    def _store(self, folder: Folder, validity: int, state: State, pieces: Iterable[bytes]) -> bool:
        """Write a message so that it is there whole or not at all, after its notes; say whether there was any."""
        path = self._place(folder) / f"{validity:010}.{state.uid:010}.eml"
        part = self.folder.parent / f".part-{os.getpid()}"
        size = 0
        try:
            with part.open("wb") as file:
                for piece in pieces:
                    size += file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if not size and state.size:
                return False
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_notes(path, _notes(folder, state))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self.done.messages += 1
        self.done.bytes += size
        if size >= MESSAGE:
            self.done.problems.append(f"The message {path} is longer than {MESSAGE >> 20} MB; its end was not fetched.")
        return True

    def _sweep(self, folder: Folder) -> None:
        """Of files from before the folder got another UIDVALIDITY keep those that are gone on the server."""
        if self._open is None or self._open[0] != folder:
            self._again(lambda: self._examine(folder))
        validity = self._examine(folder)[0]
        files = list(self._files(folder))
        old = [path for held, _, path in files if held != validity]
        if not old:
            return
        here = {_digest(path) for held, _, path in files if held == validity}
        for path in old:
            if _digest(path) in here:
                path.unlink()
                path.with_suffix(".json").unlink(missing_ok=True)
            else:
                self.done.expunged += _mark_expunged(path)

    def _place(self, folder: Folder) -> Path:
        if folder.name.upper() == "INBOX":
            return self.folder / "cur"
        return self.folder / f".{path_name(folder.name)}" / "cur"

    def _files(self, folder: Folder) -> Iterator[tuple[int, int, Path]]:
        """Give what is here of a folder: UIDVALIDITY, UID and file."""
        place = self._place(folder)
        if place.is_dir():
            for path in sorted(place.iterdir()):
                if found := _FILE.fullmatch(path.name):
                    yield int(found[1]), int(found[2]), path


def _broken(why: str) -> WatchwordError:
    return WatchwordError(
        f"The connection breaks again and again: {why}.",
        do="Run the same command again: it goes on where it stopped.",
    )


def _of_connection(error: Exception) -> str:
    """Say what broke the connection. What the disk refuses is no fault of the connection's: it is raised again."""
    if isinstance(error, OSError) and error.errno in _DISK:
        raise error
    return str(error)


def path_name(name: str) -> str:
    """Give the name of a folder on disk for any name at all, another one for every name, also where case is folded."""
    plain = re.sub(r"[^A-Za-z0-9_@-]", lambda letter: "=" if letter[0] != "." else "_", name)[:60]
    return f"{plain}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _batches(states: Sequence[State]) -> Iterator[list[State]]:
    batch: list[State] = []
    size = 0
    for state in states:
        if batch and (size + state.size > BATCH or len(batch) == MANY):
            yield batch
            batch, size = [], 0
        batch.append(state)
        size += state.size
    if batch:
        yield batch


def _notes(folder: Folder, state: State) -> dict[str, object]:
    return {
        "folder": folder.name,
        "flags": list(state.flags),
        "labels": [*state.labels, *folder.special],
        "thread": state.thread,
        "number": state.number,
        "received": state.received,
    }


def _write_notes(message: Path, notes: dict[str, object]) -> bool:
    """Write what is said of a message beside it; say whether it was something else before."""
    path = message.with_suffix(".json")
    text = json.dumps(notes, ensure_ascii=False)
    before: str | None = None
    with contextlib.suppress(OSError, UnicodeDecodeError):
        before = path.read_text("utf-8")
    if before == text:
        return False
    part = message.parents[1] / f".part-{os.getpid()}"
    part.write_text(text, "utf-8", errors="surrogatepass")
    part.replace(path)
    return before is not None


def _mark_expunged(message: Path) -> bool:
    """Mark that a message is gone on the server; say whether it was not marked before."""
    said: object = {}
    with contextlib.suppress(OSError, ValueError):
        said = json.loads(message.with_suffix(".json").read_bytes())
    notes = said if isinstance(said, dict) else {}
    flags = notes.get("flags")
    listed = flags if isinstance(flags, list) else []
    return _EXPUNGED not in listed and _write_notes(message, {**notes, "flags": [*listed, _EXPUNGED]})


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
