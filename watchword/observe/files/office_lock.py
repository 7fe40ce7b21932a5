"""Office documents that a password locks (MS-OFFCRYPTO): opened with the words of the message, or Excel's own one."""

import io
import re

import msoffcrypto

from watchword.observe.files import Budget, Contents, File

KINDS = ("ooxml",)

# What Excel and PowerPoint try by themselves, so that filters see nothing and the reader does not notice.
SILENT = ("VelvetSweatshop", "/01Hannes Ruescher/01")
TRIES = 20
ROUNDS = 100_000  # of hashing for one try: what Office writes
_INFO = 65_536
_SPINS = re.compile(rb"spinCount\s{0,9}=\s{0,9}[\"'](\d{1,9})")


def read(file: File, budget: Budget) -> Contents:
    """Open a locked document; what is in it is the file that it holds."""
    contents = Contents(is_locked=True)
    start = file.data.find(b"spinCount")
    spins = _SPINS.match(file.data, start) if start >= 0 else None
    if (spins is not None and int(spins[1]) > 10 * ROUNDS) or b"<!ENTITY" in file.data[:_INFO]:
        contents.defects.append(("file-unreadable", "locked such that a single try would take very long"))
        return contents
    rounds = int(spins[1]) if spins is not None else ROUNDS // 2
    opened = unlocked(file, budget, rounds)
    if opened is not None:
        open_with(contents, file.name, opened, budget)
    return contents


def open_with(contents: Contents, name: str, opened: tuple[str, bytes], budget: Budget) -> None:
    """Add the document that a password opened as the file that the locked one holds."""
    password, data = opened
    if password in SILENT:
        contents.mark("default-password")
    else:
        contents.password = password
    contents.hold(name, data, budget)


def unlocked(file: File, budget: Budget, rounds: int) -> tuple[str, bytes] | None:
    """Try the words that may open a document; give the one that did and the bytes, None if none did."""
    rounds += len(file.data) // 200  # to decipher takes its time, too, and tells whether the password fits
    for password in (*SILENT, *file.passwords[:TRIES]):
        if budget.rounds < rounds:
            break
        budget.rounds -= rounds
        out = io.BytesIO()
        try:
            document = msoffcrypto.OfficeFile(io.BytesIO(file.data))
            document.load_key(password=password)
            document.decrypt(out)
        except TimeoutError:  # the caller's watchdog
            raise
        except Exception:  # noqa: S112  # many kinds on damaged files; a wrong password is one of them
            continue
        return password, out.getvalue()
    return None
