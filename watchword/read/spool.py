"""What must lie on disk to be read, and does not: copies in the case's folder `raw`, named by their digest."""

import errno
import hashlib
import os
import re
import shutil
import sys
from pathlib import Path

from watchword.errors import WatchwordError
from watchword.read.archive import Entry, Trouble
from watchword.read.raw import shown

LONGEST = 200 * 1024**3  # bytes of a file out of an archive
FREE = 1024**3  # bytes that are left free on the disk
_STEP = 4 * 1024 * 1024


def standard_input(spool: Path) -> Path:
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


def unpacked(entry: Entry, archive: Path, mark: str, spool: Path) -> Path | Trouble:
    """Copy a file out of an archive, unless that was done before; its name says where it came from, and its digest.

    `mark` is the archive's fingerprint: the same archive is not unpacked twice.
    """
    key = hashlib.sha256(f"{mark}\0{entry.member}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
    advice = "Unpack the archive where there is room, and name what is in it."
    try:
        spool.mkdir(parents=True, exist_ok=True)
        for known in spool.glob(f"*-{key}-????????????????.pst"):
            return known
        free = shutil.disk_usage(spool).free - FREE
        if max(entry.size, 0) > min(free, LONGEST):
            return Trouble(entry.member, f"is {entry.size:,} bytes, and {max(free, 0):,} are free in {spool}", advice)
        part = spool / f"{key}-{os.getpid()}.part"
        try:
            digest = hashlib.sha256()
            left = min(free, LONGEST)
            with part.open("wb") as file:
                while piece := entry.stream.take(_STEP):
                    left -= len(piece)
                    if left < 0:
                        return Trouble(entry.member, f"is longer than there is room in {spool}", advice)
                    digest.update(piece)
                    file.write(piece)
            if entry.stream.error:
                return Trouble(entry.member, entry.stream.error, "Look for an intact copy of the archive.")
            name = re.sub(r"[^\w.()+-]+", "_", shown(f"{archive.name}!{entry.member}".removesuffix(".pst")))[-120:]
            return part.replace(spool / f"{name}-{key}-{digest.hexdigest()[:16]}.pst")
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        return Trouble(entry.member, f"cannot be copied to {spool}: {error.strerror}", advice)
