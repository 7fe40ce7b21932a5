"""The forms in which mailboxes reach us: Google Takeout, Thunderbird, Maildir, folder of .eml, tar of mbox."""

import io
import re
import struct
import tarfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from examples.files import stored_zip
from examples.letter import DAYS, MONTHS

DOWNLOADED = "20240812T091500Z"
_FROM = re.compile(rb"^(>*From )", re.MULTILINE)
_UNSAFE = re.compile(r"[^A-Za-z0-9 ]+")


@dataclass(frozen=True, slots=True)
class Kept:
    """One message in one mailbox."""

    data: bytes  # lines ended by CRLF
    when: datetime
    folder: str  # Inbox, Sent, Spam or a Gmail category
    thread: str  # the provider's thread number
    subject: str
    seen: bool


def takeout(messages: list[Kept], folder: Path, parts: int = 1) -> list[Path]:
    """Write a Google Takeout of one or more zip archives: CRLF, mboxrd, labels and thread numbers as header fields."""
    folder.mkdir(parents=True)
    size = -(-len(messages) // parts)
    written = []
    for part in range(parts):
        data = b"".join(_takeout_message(kept) for kept in messages[part * size : (part + 1) * size])
        number = f"-{part + 1:03}" if parts > 1 else ""
        members = {f"Takeout/Mail/All mail Including Spam and Trash{number}.mbox": data}
        if part == 0:
            members["Takeout/archive_browser.html"] = b"<!DOCTYPE html><title>Takeout</title><h1>Mail</h1>\n"
        path = folder / f"takeout-{DOWNLOADED}-{part + 1:03}.zip"
        path.write_bytes(stored_zip(members))
        written.append(path)
    return written


def _takeout_message(kept: Kept) -> bytes:
    labels = {"Inbox": "Inbox,Important", "Sent": "Sent", "Spam": "Spam"}.get(kept.folder, f"Inbox,{kept.folder}")
    labels += ",Opened" if kept.seen else ",Unread"
    time = f"{_ctime(kept.when)[:-5]} +0000 {kept.when.year}"
    head = f"From {kept.thread}@xxx {time}\r\nX-GM-THRID: {kept.thread}\r\nX-Gmail-Labels: {labels}\r\n"
    return head.encode() + _FROM.sub(rb">\1", kept.data) + b"\r\n"


def thunderbird(messages: list[Kept], folder: Path) -> list[Path]:
    """Write files as in a Thunderbird profile: one mbox without suffix for each folder, LF, status fields."""
    folder.mkdir(parents=True)
    written = []
    for name in ("Inbox", "Sent", "Junk"):
        data = b""
        for kept in messages:
            if _plain_folder(kept, "Junk") == name:
                status = "0001" if kept.seen else "0000"
                head = f"From - {_ctime(kept.when)}\nX-Mozilla-Status: {status}\nX-Mozilla-Status2: 00000000\n"
                data += head.encode() + _FROM.sub(rb">\1", _unix(kept.data)) + b"\n"
        (folder / name).write_bytes(data)
        written.append(folder / name)
    return written


def maildir(messages: list[Kept], folder: Path) -> list[Path]:
    """Write a Maildir with the subfolders `.Sent` and `.Junk`, one file for each message, LF."""
    for sub in ("", ".Sent", ".Junk"):
        for part in ("cur", "new", "tmp"):
            (folder / sub / part).mkdir(parents=True)
    for number, kept in enumerate(messages):
        name = _plain_folder(kept, "Junk")
        place = folder / ("" if name == "Inbox" else f".{name}")
        file = f"{int(kept.when.timestamp())}.M{number:06}P2811.store"
        target = place / "cur" / f"{file}:2,S" if kept.seen else place / "new" / file
        target.write_bytes(_unix(kept.data))
    return [folder]


def eml(messages: list[Kept], folder: Path) -> list[Path]:
    """Write a folder of .eml files as saved from a mail program, in one subfolder for each mail folder, CRLF."""
    for name in ("Inbox", "Sent Items", "Junk Email"):
        (folder / name).mkdir(parents=True)
    for number, kept in enumerate(messages):
        name = {"Sent": "Sent Items", "Junk Email": "Junk Email"}.get(_plain_folder(kept, "Junk Email"), "Inbox")
        title = _UNSAFE.sub(" ", kept.subject).strip()[:48].strip() or "no subject"
        (folder / name / f"{number + 1:04} {title}.eml").write_bytes(kept.data)
    return [folder]


def tar_of_mbox(messages: list[Kept], path: Path) -> list[Path]:
    """Write a tar.gz of one mbox for each folder (mboxrd, LF)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in ("Inbox", "Sent", "Junk"):
            chosen = (kept for kept in messages if _plain_folder(kept, "Junk") == name)
            data = b"".join(_unix_message(kept) for kept in chosen)
            entry = tarfile.TarInfo(f"mail/{name}.mbox")
            entry.size, entry.mtime = len(data), 1723453200
            archive.addfile(entry, io.BytesIO(data))
    path.write_bytes(_gzip(buffer.getvalue()))
    return [path]


def _unix_message(kept: Kept) -> bytes:
    return f"From MAILER-DAEMON {_ctime(kept.when)}\n".encode() + _FROM.sub(rb">\1", _unix(kept.data)) + b"\n"


def _gzip(data: bytes) -> bytes:
    """Wrap data as gzip in stored blocks (RFC 1951 3.2.4): compressors of different machines make different bytes."""
    out = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    starts = range(0, len(data), 65535)
    for start in starts:
        block = data[start : start + 65535]
        last = start == starts[-1]
        out.append(struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF) + block)
    return b"".join([*out, struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)])


def _ctime(when: datetime) -> str:
    return (
        f"{DAYS[when.weekday()]} {MONTHS[when.month - 1]} {when.day:2} "
        f"{when.hour:02}:{when.minute:02}:{when.second:02} {when.year}"
    )


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _plain_folder(kept: Kept, junk: str) -> str:
    return {"Sent": "Sent", "Spam": junk}.get(kept.folder, "Inbox")


def write(container: str, messages: list[Kept], folder: Path, name: str) -> list[Path]:
    """Write one mailbox in the form called `container` below `folder`; `name` is its owner's, in plain letters."""
    if container == "takeout":
        return takeout(messages, folder / name)
    if container == "takeout-parts":
        return takeout(messages, folder / name, parts=2)
    if container == "thunderbird":
        return thunderbird(messages, folder / name / "Mail")
    if container == "maildir":
        return maildir(messages, folder / name / "Maildir")
    if container == "eml":
        return eml(messages, folder / name)
    return tar_of_mbox(messages, folder / f"{name}.tar.gz")
