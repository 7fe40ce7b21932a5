"""Documents that a case keeps in `claims/documents/`: copied as they are, with what the user says of them.

`claims/added.jsonl` says what was added, when, from where, and what was given; of two lines on one document the later
counts where it says something.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from watchword.case import Case, append_line, json_lines, write_whole
from watchword.errors import WatchwordError
from watchword.read.archive import Trouble, files_in
from watchword.read.recognise import archive_kind

ADDED = "added.jsonl"
FOLDER = "documents"
_BYTES = 100 * 1024 * 1024
_READABLE = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".eml", ".mht", ".mhtml")
GRADE = re.compile(r"[A-F][1-6]")


@dataclass(frozen=True, slots=True)
class Given:
    """What a user says of a document; empty where the document speaks for itself."""

    publisher: str = ""
    published: str = ""  # ISO 8601
    address: str = ""
    title: str = ""
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """One document that the case keeps."""

    document: str  # `doc-` and 8 digits of the SHA-256
    sha256: str
    path: str  # where it lay
    file: Path  # the copy
    when: str  # ISO 8601, UTC
    given: Given


@dataclass(frozen=True, slots=True)
class Added:
    """What came of one file."""

    path: str
    document: str  # empty if it was left out
    was_there: bool
    why: str = ""  # why it was left out


def moment(text: str, what: str) -> datetime | None:
    """Read a date as a user writes it; without a zone it is UTC. Raises WatchwordError."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise WatchwordError(f"{what} {text!r} is no date.", do="Write 2024-08-20 or 2024-08-20T14:30+00:00.") from None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise WatchwordError(f"{what} {text!r} is no date.", do="Write 2024-08-20.") from None


def checked_grade(code: str) -> str:
    """Give an Admiralty code as it is written. Raises WatchwordError."""
    code = code.strip().upper()
    if not GRADE.fullmatch(code):
        raise WatchwordError(
            f"{code!r} is no Admiralty code.",
            do="Write reliability A to F (F: cannot be judged) and credibility 1 to 6 (6: cannot be judged), as B2.",
        )
    return code


def kept(case: Case) -> list[Kept]:
    """Give the documents of a case in the order in which they were added. Raises WatchwordError if a copy is gone."""
    folder = case.path / "claims"
    file = folder / ADDED
    found: dict[str, Kept] = {}
    for number, row in enumerate(json_lines(file), 1):
        try:
            given = Given(*(str(row.get(name, "")) for name in ("publisher", "published", "address", "title", "grade")))
            copy = folder / FOLDER / Path(str(row["file"])).name
            one = Kept(str(row["document"]), str(row["sha256"]), str(row["path"]), copy, str(row["when"]), given)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WatchwordError(
                f"Line {number} of {file} is not as this program writes it.", do="Restore it."
            ) from None
        before = found.get(one.document)
        found[one.document] = replace(before, given=_over(before.given, given)) if before else one
    for one in found.values():
        if not one.file.is_file():
            raise WatchwordError(
                f"The copy {one.file} of {one.path} is gone.",
                do="Put it back from where it lay, under that name; claims and decisions refer to it.",
            )
    return list(found.values())


def content(one: Kept) -> bytes:
    """Give the bytes of a document as they were added. Raises WatchwordError if they were changed since."""
    data = one.file.read_bytes()
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise WatchwordError(f"{one.file} is not what was added: its digest differs.", do="Restore the file.")
    return data


def add(case: Case, paths: Sequence[Path], given: Given, now: datetime) -> list[Added]:
    """Copy documents into a case: files, folders, and archives of them. Raises WatchwordError on what is none."""
    moment(given.published, "--published")
    given = replace(given, grade=checked_grade(given.grade) if given.grade.strip() else "")
    folder = case.path / "claims" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    known = {one.document: one for one in kept(case)}
    added: list[Added] = []
    for path in paths:
        if not path.exists():
            raise WatchwordError(f"{path} does not exist.", do="Check the path; quote it if it holds blanks.")
        before = len(added)
        for place, name, data, why in _found(path):
            if why:
                added.append(Added(place, "", False, why))
                continue
            digest = hashlib.sha256(data).hexdigest()
            document = f"doc-{digest[:8]}"
            there = known.get(document)
            if there and there.sha256 != digest:
                raise WatchwordError(f"{place} and {there.path} have the same id {document}.", do="Tell us; add one.")
            if there is None:
                file = folder / f"{document}-{re.sub(r'[^A-Za-z0-9._-]', '_', name)[-80:]}"
                write_whole(file, data)
                there = Kept(document, digest, place, file, now.isoformat(), given)
                known[document] = there
                _note(case, there, given, now)
                added.append(Added(place, document, False))
            else:
                if given != Given():
                    _note(case, there, given, now)
                added.append(Added(place, document, True))
        if not any(one.document for one in added[before:]):
            reason = added[before].why if len(added) > before else "holds no document"
            raise WatchwordError(
                f"{path} {reason}.", do=f"Give text, HTML, PDF, Markdown or saved mail ({', '.join(_READABLE)})."
            )
    return added


def _over(before: Given, later: Given) -> Given:
    """Take what was said later, where something was said."""
    return Given(
        later.publisher or before.publisher,
        later.published or before.published,
        later.address or before.address,
        later.title or before.title,
        later.grade or before.grade,
    )


def _note(case: Case, one: Kept, given: Given, now: datetime) -> None:
    row = {
        "document": one.document,
        "sha256": one.sha256,
        "file": one.file.name,
        "path": one.path,
        "when": now.isoformat(),
        "publisher": given.publisher,
        "published": given.published,
        "address": given.address,
        "title": given.title,
        "grade": given.grade,
    }
    append_line(case.path / "claims" / ADDED, row)


def _found(path: Path) -> Iterator[tuple[str, str, bytes, str]]:
    """Give the documents at a path: where, name, bytes, and why it is left out."""
    if path.is_dir():
        for one in sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith(".")):
            with one.open("rb") as stream:
                archive = archive_kind(stream.read(512)) is not None
            if archive or one.suffix.lower() in _READABLE:
                yield from _found(one)
            else:
                yield str(one.resolve()), one.name, b"", "is no document that is read here"
        return
    with path.open("rb") as stream:
        archive = archive_kind(stream.read(512)) is not None
    place = str(path.resolve())
    if not archive:
        yield place, path.name, *_whole(path.read_bytes() if path.stat().st_size <= _BYTES else None)
        return
    troubles: list[Trouble] = []
    for entry in files_in(path, _wants, troubles):
        data = _taken(entry.stream.take)
        yield f"{place}!{entry.member}", Path(entry.name).name, *_whole(data)
    for trouble in troubles:
        yield f"{place}!{trouble.member}" if trouble.member else place, "", b"", trouble.reason


def _wants(archive: str, name: str, number: int) -> bool:
    """Say whether a file in an archive is a document or an archive by its name."""
    plain = not any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)
    return plain and name.lower().endswith((*_READABLE, ".zip", ".tar", ".gz", ".tgz"))


def _taken(take: Callable[[int], bytes]) -> bytes | None:
    """Read to the end; None beyond what a document may have."""
    pieces: list[bytes] = []
    size = 0
    while piece := take(1024 * 1024):
        size += len(piece)
        if size > _BYTES:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _whole(data: bytes | None) -> tuple[bytes, str]:
    if data is None:
        return b"", f"is bigger than {_BYTES // 1024 // 1024} MB"
    return data, "" if data.strip() else "is empty"
