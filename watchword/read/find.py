"""Which mailboxes lie at the paths that a user names, and what there is not mail."""

import errno
import hashlib
import os
import shutil
import stat
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from watchword.errors import WatchwordError
from watchword.read.archive import Trouble, files_in
from watchword.read.folder import File, fingerprint, groups, listed, look, special, walk
from watchword.read.mbox import is_by_length
from watchword.read.raw import Source, shown
from watchword.read.recognise import ARCHIVES, Look, is_maildir_file, promises_mail
from watchword.read.single import KINDS as SINGLE_KINDS
from watchword.read.window import Held, Pages
from watchword.tables import Rejection

ROWS = 200  # files of one folder or archive that are named one by one; the others are counted
_EDGE = 65_536


@dataclass(slots=True)
class _Found:
    sources: dict[str, Source] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)

    def reject(self, path: str, member: str, size: int, reason: str, advice: str) -> None:
        source = Source(path, "", "", 0, "")
        row = Rejection(source.id, shown(member), 0, size, shown(reason), advice)
        if row not in self.rejections[-ROWS:]:
            self.rejections.append(row)

    def add(self, source: Source) -> None:
        self.sources.setdefault(source.id, source)


def find_sources(paths: Sequence[Path], *, spool: Path) -> tuple[list[Source], list[Rejection]]:
    """Find every mailbox at these paths; `-` is standard input, which is kept as a file in the folder `spool`.

    Everything is recognised by content. The second list says what is not mail or cannot be read, and what to do.
    Raises WatchwordError for a path that does not exist.
    """
    found = _Found()
    for path in paths:
        _look_at(found, _spooled(spool) if str(path) == "-" else path)
    return list(found.sources.values()), found.rejections


def _look_at(found: _Found, path: Path) -> None:
    try:
        real = path.resolve(strict=True)
        state = real.stat()
    except FileNotFoundError:
        raise WatchwordError(f"{path} does not exist.", do="Check the path; quote it if it holds blanks.") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links, before Python 3.13
        why = error.strerror if isinstance(error, OSError) and error.strerror else "symbolic links go in a circle"
        raise WatchwordError(f"{path} cannot be opened: {why}.", do="Name the file itself.") from None
    if stat.S_ISDIR(state.st_mode):
        _folder(found, real)
    elif stat.S_ISREG(state.st_mode):
        size = state.st_size
        try:
            seen = look(real, expected=True)
            taken = _file(found, real, seen, named=True)
        except OSError as error:
            found.reject(str(real), "", size, f"{real} cannot be read: {error.strerror}.", "Look at its permissions.")
            return
        if taken:
            return
        if seen.kind in SINGLE_KINDS:
            found.add(Source(str(real), "", "message", size, fingerprint_of(real), folder=""))
        elif seen.kind not in ARCHIVES:
            found.reject(str(real), "", size, f"{real} {seen.reason}.", seen.advice or "Name a file of mail.")
    else:
        found.reject(
            str(real), "", 0, f"{real} {special(state.st_mode)}, not a file.",
            "Give what comes out of it as standard input, with `-` as the path.",
        )  # fmt: skip


def _file(found: _Found, path: Path, seen: Look, *, named: bool) -> bool:
    """Add the sources in a file that is a mailbox or archive; say whether there were any. Raises OSError."""
    if seen.kind == "mbox":
        size = path.stat().st_size
        with Pages(path) as window:
            kind = "mboxcl" if is_by_length(window) else "mbox"
        found.add(Source(str(path), "", kind, size, fingerprint_of(path), folder=_stem(shown(path.name))))
        return True
    if seen.kind in ARCHIVES:
        return _archive(found, path, named=named)
    return False


def _folder(found: _Found, root: Path) -> None:
    files, odd = walk(str(root))
    if not files and not odd:
        found.reject(str(root), "", 0, f"{root} is an empty folder.", "Name the folder that the mail is in.")
    loose: dict[str, File] = {}
    others: Counter[str] = Counter()
    told = 0
    for file in files:
        path = root / file.name
        try:
            seen = look(path) if file.size else Look("empty", "is empty", "Look for an intact copy of it.")
            if is_maildir_file(file.name) and seen.kind == "other":
                seen = look(path, expected=True)
            if seen.kind in SINGLE_KINDS:
                loose[file.name] = file
                continue
            if _file(found, path, seen, named=False):
                continue
        except OSError as error:
            seen = Look("foreign", f"cannot be read ({error.strerror})", "Look at its permissions.")
        if (seen.kind == "foreign" or promises_mail(file.name)) and told < ROWS and seen.kind not in ARCHIVES:
            reason = seen.reason if seen.reason != "is not mail" else "does not begin with header fields of a message"
            found.reject(str(root), file.name, file.size, f"{path} {reason}.", seen.advice)
            told += 1
        else:
            others[PurePosixPath(file.name).suffix.lower() or "without a suffix"] += 1
    for (base, direct), names in groups(loose).items():
        held = [loose[name] for name in names]
        maildir = all(is_maildir_file(name) for name in names)
        at = str(root / base) if base else str(root)
        mark = fingerprint(listed(files, base, direct=direct))
        shape = "maildir" if maildir else "folder"
        size = sum(file.size for file in held)
        found.add(Source(at, "*" if direct else "", shape, size, mark, folder=shown(Path(at).name)))
    links = [thing.name for thing in odd if thing.reason == "is a symbolic link"]
    if links:
        found.reject(
            str(root), "", 0, f"{_count(len(links), 'symbolic link', str(root))} not followed: {_some(links)}.",
            "Name what they lead to, if it is mail.",
        )  # fmt: skip
    for thing in odd:
        if thing.reason != "is a symbolic link":
            found.reject(str(root), thing.name, 0, f"{root / thing.name} {thing.reason}.", "Look at it by hand.")
    if others:
        _not_mail(found, str(root), "", str(root), others)


def _archive(found: _Found, path: Path, *, named: bool) -> bool:
    """Add the sources in an archive. Raises OSError where it cannot be opened."""
    troubles: list[Trouble] = []
    others: Counter[str] = Counter()
    loose: dict[str, dict[str, list[tuple[int, int]]]] = {}  # archive, name: numbers and sizes; a name may come twice
    mark = fingerprint_of(path)
    boxes: list[Source] = []
    for entry in files_in(path, lambda archive, name, number: True, troubles):
        seen = entry.look()
        if seen.kind == "mbox":
            box = "mboxcl" if is_by_length(Held(entry.head)) else "mbox"
            size = entry.size if entry.size >= 0 else entry.stream.skip()
            name = _stem(PurePosixPath(entry.name).name)
            boxes.append(Source(str(path), entry.member, box, size, mark, name, entry.number, 1, entry.archive))
        elif seen.kind in SINGLE_KINDS:
            size = entry.size if entry.size >= 0 else entry.stream.skip()
            loose.setdefault(entry.archive, {}).setdefault(entry.name, []).append((entry.number, size))
        else:
            if entry.stream.error:
                troubles.append(Trouble(entry.member, entry.stream.error, "Look for an intact copy."))
            elif seen.kind == "foreign" or (promises_mail(entry.name) and len(troubles) < ROWS):
                reason = seen.reason if seen.reason != "is not mail" else "does not begin with header fields"
                troubles.append(Trouble(entry.member, reason, seen.advice))
            else:
                others[PurePosixPath(entry.name).suffix.lower() or "without a suffix"] += 1
    members: set[str] = set()
    for mailbox in boxes:
        if mailbox.member in members:
            reason = "stands twice in the archive, and only the first was read"
            troubles.append(Trouble(mailbox.member, reason, "Unpack the archive and name both."))
        members.add(mailbox.member)
        found.add(mailbox)
    for archive, held in loose.items():
        for (base, direct), names in groups(held).items():
            numbers = [number for name in names for number, _ in held[name]]
            member = archive + (f"{base}/*" if direct and base else "*" if direct else base)
            shape = "maildir" if all(is_maildir_file(name) for name in names) else "folder"
            size = sum(size for name in names for _, size in held[name])
            label = PurePosixPath(base).name
            span = max(numbers) - min(numbers) + 1
            found.add(Source(str(path), member, shape, size, mark, label, min(numbers), span, archive))
    is_mail = bool(boxes or loose)
    if is_mail or named:
        for member, reason, advice in troubles:
            where = f"{path}!{member}" if member else str(path)
            found.reject(str(path), member, 0, f"{where} {reason}.", advice)
        if not is_mail and not troubles:
            found.reject(str(path), "", path.stat().st_size, f"{path} holds no mail.", "Name an archive with mail.")
        elif others:
            _not_mail(found, str(path), "", str(path), others)
    return is_mail


def _not_mail(found: _Found, path: str, member: str, where: str, others: Counter[str]) -> None:
    kinds = ", ".join(f"{count} {suffix}" for suffix, count in others.most_common(5))
    more = ", …" if len(others) > 5 else ""
    found.reject(
        path, member, 0, f"{_count(others.total(), 'file', where)} not mail ({kinds}{more}).",
        "Nothing to do, unless one of them should be mail: then name it by itself.",
    )  # fmt: skip


def fingerprint_of(path: Path) -> str:
    """Digest a file's size, time of change and the first and last 64 kB. Raises OSError."""
    with path.open("rb") as file:
        state = os.fstat(file.fileno())
        digest = hashlib.sha256(f"{state.st_size}\0{state.st_mtime_ns}\0".encode())
        digest.update(file.read(_EDGE))
        file.seek(max(state.st_size - _EDGE, 0))
        digest.update(file.read(_EDGE))
    return digest.hexdigest()[:32]


def _spooled(spool: Path) -> Path:
    """Copy standard input into a file whose name is its digest, so that the same input is the same source."""
    part = spool / f"standard-input-{os.getpid()}.part"
    try:
        spool.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file, 1024 * 1024)
        with part.open("rb") as file:
            name = hashlib.file_digest(file, "sha256").hexdigest()[:16]
        return part.replace(spool / f"standard-input-{name}")
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WatchwordError(
            f"Standard input cannot be kept in {spool}: {error.strerror}.",
            do="Save it as a file where there is room, and name the file.",
            code=5 if error.errno == errno.ENOSPC else 2,
        ) from None


def _stem(name: str) -> str:
    stem = PurePosixPath(name)
    return stem.stem if stem.suffix.lower() in (".mbox", ".mbx", ".mbs", ".txt") else stem.name


def _count(number: int, what: str, where: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'} in {where} {'is' if number == 1 else 'are'}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
