"""Take files with DNS records into the case's `keys/`, as they are, and say what each holds."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watchword.authenticate.dmarc_record import is_dmarc
from watchword.authenticate.kept import ADDED, ANSWERS, OWN, FileRead, given_keys, read_file, text
from watchword.authenticate.records import Record
from watchword.authenticate.spf_record import is_spf
from watchword.authenticate.statements import Verify
from watchword.case import write_whole
from watchword.errors import WatchwordError

KINDS = ("DKIM keys", "SPF records", "DMARC records", "other records", "names without a record")


@dataclass(frozen=True, slots=True)
class Holding:
    """What one file in `keys/` holds."""

    file: str  # name in `keys/`
    form: str  # zone, dig, host, table, json, statements, public keys of an archive
    counts: dict[str, int]  # by KINDS
    first: datetime | None  # the earliest and latest time at which something was seen
    last: datetime | None
    undated: int  # records that say no time
    not_counted: tuple[str, ...]  # statements that do not count, and why
    was_there: bool = False  # the same file had been added before


def kind_of(record: Record) -> str:
    """Give one of KINDS."""
    if not record.values:
        return "names without a record"
    if record.type == "TXT" and ("._domainkey." in record.name or record.values[0].startswith("v=DKIM1")):
        return "DKIM keys"
    if record.type == "TXT" and any(map(is_spf, record.values)):
        return "SPF records"
    if record.type == "TXT" and record.name.startswith("_dmarc") and any(map(is_dmarc, record.values)):
        return "DMARC records"
    return "other records"


def holding(file: str, read: FileRead, was_there: bool = False) -> Holding:
    """Count what was read from a file."""
    counts = Counter(kind_of(record) for record in read.records)
    return Holding(
        file,
        read.form,
        {kind: counts[kind] for kind in KINDS if counts[kind]},
        min((record.first for record in read.records if record.first), default=None),
        max((record.last for record in read.records if record.last), default=None),
        sum(not record.first for record in read.records),
        tuple(sorted(set(read.unsigned))),
        was_there,
    )


def add(folder: Path, files: Sequence[Path], seen: datetime | None, now: datetime) -> list[Holding]:
    """Read files and copy them into `folder`; `seen` is when they were made, where they do not say it themselves.

    Raises WatchwordError, and copies none of the files, if one cannot be read or holds nothing of use.
    """
    texts = {file: text(file) for file in files}
    keys: dict[tuple[str, str], Verify] = {}  # of archives, those that the case has and those among the files
    there = [text(file) for file in folder.glob("*.json")] if folder.is_dir() else []
    for content in (*there, *texts.values()):
        keys |= given_keys(content)
    read = {file: read_file(file, content, seen, keys) for file, content in texts.items()}
    for file, found in read.items():
        if not found.records and not given_keys(texts[file]):
            why = f" ({'; '.join(sorted(set(found.unsigned))[:3])})" if found.unsigned else ""
            raise WatchwordError(
                f"{file} holds no DNS record that counts{why}.",
                do="Add the archive's public keys (a JWK set) as well."
                if found.unsigned
                else "Give zone files, DNS exports (JSON, CSV), or the output of dig, host or nslookup.",
            )
    folder.mkdir(exist_ok=True)
    added = []
    for file, found in read.items():
        raw = file.read_bytes()
        name, was_there = _name(folder, file.name, raw)
        if not was_there:
            write_whole(folder / name, raw)
        _note(
            folder,
            {
                "file": name,
                "seen": seen.isoformat() if seen else "",
                "from": str(file.resolve()),
                "sha256": hashlib.sha256(raw).hexdigest(),
                "added": now.isoformat(),
            },
        )
        added.append(holding(name, found, was_there))
    return added


def _name(folder: Path, wanted: str, raw: bytes) -> tuple[str, bool]:
    """Choose a name that is free, or that of the file that is the same."""
    wanted = re.sub(r"[^\w.-]", "_", wanted).lstrip(".") or "records"
    if wanted in OWN or wanted == ANSWERS:
        wanted = f"given-{wanted}"
    stem, dot, end = wanted.partition(".")
    for number in range(1, 10_000):
        name = wanted if number == 1 else f"{stem}-{number}{dot}{end}"
        if not (folder / name).exists():
            return name, False
        if (folder / name).read_bytes() == raw:
            return name, True
    raise WatchwordError(f"{folder} has too many files called {wanted}.", do="Give the file another name.")


def _note(folder: Path, line: dict[str, str]) -> None:
    with (folder / ADDED).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=True) + "\n")
