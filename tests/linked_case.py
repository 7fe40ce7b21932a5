"""A world of small operations and honest mail beside them, written for tests of connecting."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zlib import crc32

from tests.small_case import mbox, run
from watchword.case import Case, Decision

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA, BEN, CLEO, RITA = "ana@larkfield.example", "ben@larkfield.example", "cleo@harbour.example", "rita@newsroom.example"
LIV = "liv@college.example"

Boxes = Mapping[str, Sequence[bytes]]


def mail(
    day: float,
    sender: str,
    to: str,
    text: str,
    subject: str = "",
    server: str = "",
    zone: int = 0,
    sent: bool = False,
    undated: bool = False,
    **fields: str,
) -> bytes:
    """Write a message; `server` is the address that handed it over, one of the sender's domain unless given."""
    address = sender.rpartition("<")[2].rstrip(">")
    domain = address.rpartition("@")[2]
    moment = START + timedelta(days=day)
    number = crc32(f"{day} {sender} {to} {text}".encode())
    server = server or f"198.51.100.{crc32(domain.encode()) % 250 + 1}"
    lines = []
    if not sent:
        date = "" if undated else f"; {format_datetime(moment)}"
        handed = f"from mx.{domain} (mx.{domain} [{server}]) by mx.{to.rpartition('@')[2]}"
        lines += [f"Delivered-To: {to}", f"Received: {handed} with ESMTPS id {number}{date}"]
    lines += [] if undated else [f"Date: {format_datetime(moment + timedelta(minutes=zone))[:-5]}{zone // 60:+03}00"]
    lines += [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject or text.split('.')[0][:60]}",
        f"Message-ID: <{number}@{domain}>",
        *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()),
        "",
        text,
        "",
    ]
    return "\n".join(lines).encode()


def key(message: bytes) -> str:
    """Give the name that the case gives a message."""
    return hashlib.sha256(message).hexdigest()


def acquaintance(owner: str, friend: str, start: float = -300, times: int = 3) -> list[bytes]:
    """Write what two people who know each other wrote, the owner first."""
    found = []
    for number in range(times):
        found.append(mail(start + 20 * number, owner, friend, f"How is chapter {number}, {friend}?", sent=True))
        found.append(mail(start + 20 * number + 2, friend, owner, f"Chapter {number} is at the printer's, {owner}."))
    return found


def linked(
    folder: Path,
    boxes: Boxes,
    malicious: Iterable[bytes] = (),
    harmless: Iterable[bytes] = (),
    unknown: Iterable[str] = (),
) -> Case:
    """Investigate mailboxes, some messages of which a person decided about before. Owners in `unknown` are not told."""
    case = Case.create(folder / "case")
    for decision, messages in (("malicious", malicious), ("harmless", harmless)):
        for message in messages:
            case.decide(Decision(key(message), decision, "She looked at it.", "2026-05-01T09:00:00+00:00"))
    files: list[str | Path] = []
    for owner, messages in boxes.items():
        file = folder / f"{owner.replace('@', '-at-')}.mbox"
        file.write_bytes(mbox(messages))
        files.append(file)
    told = [f"{file.name}={owner}" for file, owner in zip(map(Path, files), boxes, strict=True) if owner not in unknown]
    made = run("investigate", *files, "--case", case.path, *(part for one in told for part in ("--owner", one)))
    assert made.exit_code == 0, made.output
    return case
