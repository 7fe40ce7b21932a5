"""Which mailboxes lie at the paths that a user names, and what there is not mail."""

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from watchword.errors import WatchwordError
from watchword.read import pst
from watchword.read.archive import Trouble, files_in
from watchword.read.beside import is_note
from watchword.read.boxes import BOXES
from watchword.read.folder import File, fingerprint, groups, listed, look, special, walk
from watchword.read.folder_names import box_name
from watchword.read.mbox import is_by_length
from watchword.read.raw import Source, shown
from watchword.read.recognise import ARCHIVES, Look, is_maildir_file, promises_mail
from watchword.read.single import KINDS as SINGLE_KINDS
from watchword.read.spool import standard_input, unpacked
from watchword.read.window import Held, Pages
from watchword.tables import Rejection

ROWS = 200  # files of one folder or archive that are named one by one; the others are counted
_EDGE = 65_536


@dataclass(slots=True)
class _Found:
    spool: Path
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
    found = _Found(spool)
    for path in paths:
        _look_at(found, standard_input(spool) if str(path) == "-" else path)
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


def _file(found: _Found, path: Path, seen: Look, *, named: bool, root: Path | None = None) -> bool:
    """Add the sources in a file that is a mailbox or archive; say whether there were any. Raises OSError.

    `root` is the folder that the user named, if it was one.
    """
    if seen.kind == "mbox":
        size = path.stat().st_size
        with Pages(path) as window:
            kind = "mboxcl" if is_by_length(window) else "mbox"
        found.add(Source(str(path), "", kind, size, fingerprint_of(path), folder=_box_name(path)))
        return True
    if seen.kind in BOXES:
        found.add(Source(str(path), "", seen.kind, path.stat().st_size, fingerprint_of(path), folder=_box_name(path)))
        return True
    if seen.kind == "pst":
        place = (str(root), path.relative_to(root).as_posix()) if root else (str(path), "")
        _outlook(found, path, place)
        return True
    if seen.kind in ARCHIVES:
        return _archive(found, path, named=named)
    return False


def _outlook(found: _Found, path: Path, place: tuple[str, str]) -> None:
    """Add an Outlook data file, or say at `place` (path, member) why it cannot be read. Raises OSError."""
    size, mark, what = path.stat().st_size, fingerprint_of(path), f"{path} is an Outlook data file (PST or OST)"
    if not pst.is_installed():
        found.reject(*place, size, f"{what}.", pst.INSTALL)
        return
    held = pst.look(str(path), mark)
    if held.items:
        found.add(Source(str(path), "", "pst", size, mark, folder=path.stem))
    elif not held.troubles:
        found.reject(*place, size, f"{what} that holds nothing.", "Look for the one that is in use.")
    for trouble in held.troubles:
        advice = "Open it in Outlook, or repair a copy of it with `scanpst`."
        found.reject(*place, size, f"{what}; not all of it can be read: {trouble}.", advice)


def _folder(found: _Found, root: Path) -> None:
    files, odd = walk(str(root))
    if not files and not odd:
        found.reject(str(root), "", 0, f"{root} is an empty folder.", "Name the folder that the mail is in.")
    loose: dict[str, File] = {}
    others: Counter[str] = Counter()
    told = 0
    present = {file.name for file in files}
    for file in files:
        path = root / file.name
        if is_note(file.name, present):
            continue
        try:
            seen = look(path) if file.size else Look("empty", "is empty", "Look for an intact copy of it.")
            if is_maildir_file(file.name) and seen.kind == "other":
                seen = look(path, expected=True)
            if seen.kind in SINGLE_KINDS:
                loose[file.name] = file
                continue
            if _file(found, path, seen, named=False, root=root):
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
    is_kept = False
    for entry in files_in(path, lambda archive, name, number: True, troubles):
        seen = entry.look()
        if seen.kind in BOXES:
            box = "mboxcl" if seen.kind == "mbox" and is_by_length(Held(entry.head)) else seen.kind
            size = entry.size if entry.size >= 0 else entry.stream.skip()
            name = box_name(PurePosixPath(entry.name))
            boxes.append(Source(str(path), entry.member, box, size, mark, name, entry.number, 1, entry.archive))
        elif seen.kind in SINGLE_KINDS:
            size = entry.size if entry.size >= 0 else entry.stream.skip()
            loose.setdefault(entry.archive, {}).setdefault(entry.name, []).append((entry.number, size))
        elif seen.kind == "pst" and pst.is_installed():
            copy = unpacked(entry, path, mark, found.spool)
            if isinstance(copy, Trouble):
                troubles.append(copy)
            else:
                _outlook(found, copy, (str(path), entry.member))
                is_kept = True
        elif seen.kind == "pst":
            troubles.append(Trouble(entry.member, "is an Outlook data file (PST or OST)", pst.INSTALL))
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
    is_mail = bool(boxes or loose or is_kept)
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


def _box_name(path: Path) -> str:
    return box_name(PurePosixPath(shown(path.as_posix())))


def _count(number: int, what: str, where: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'} in {where} {'is' if number == 1 else 'are'}"


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
