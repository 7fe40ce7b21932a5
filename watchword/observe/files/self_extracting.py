"""Programs that carry an archive behind them and unpack it themselves: the archive is read, the program is not."""

import itertools
import re

from watchword.observe.files import Budget, Contents, File, rar_listing, seven_zip, zip_archive
from watchword.observe.files.seven_zip_header import MAGIC

KINDS = ("exe", "elf")
_STUB = 4 * 1024 * 1024  # bytes in front of a rar or 7z archive
_TRIES = 4  # the signature may stand in the program that unpacks, too, with nothing behind it


def read(file: File, budget: Budget) -> Contents:
    """Read the zip, rar or 7z archive behind a program; a program without one holds nothing."""
    data = file.data
    if b"PK\x05\x06" in data[-65_557:]:
        contents = zip_archive.read(file, budget)
        if contents.files:
            return contents
    for magic, reader in ((b"Rar!\x1a\x07", rar_listing.read), (MAGIC, seven_zip.read)):
        for found in itertools.islice(re.finditer(re.escape(magic), data[:_STUB]), _TRIES):
            contents = reader(File(file.kind, file.name, data[found.start() :], file.passwords), budget)
            if contents.files or contents.is_locked:
                return contents
    return Contents()
