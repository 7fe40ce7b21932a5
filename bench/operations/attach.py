"""A file put into a made message: multipart/mixed around what was there, written as the sender's mail program does."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from random import Random
from urllib.parse import quote

from bench.operations.carriers import Letter
from bench.operations.fields import Field, Form, form, like_boundary

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "docm": "application/vnd.ms-word.document.macroEnabled.12",
    "zip": "application/zip",
    "iso": "application/octet-stream",
    "html": "text/html; charset=utf-8",
    "ics": "text/calendar; charset=utf-8; method=REQUEST",
    "picture": "image/png",
}
_MIXED = re.compile(
    rb"(?i)multipart/mixed;\s*(?:[a-z-]+=[^\s;]+;\s*)*boundary=(?:\"([^\"\r\n]{6,70})\"|([^\s;\"]{6,70}))"
)
_BOUNDARY = re.compile(r"(?i)boundary\s*=\s*(?:\"([^\"]+)\"|([^\s;]+))")
_INNER = frozenset(("content-type", "content-transfer-encoding"))


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file as it is sent."""

    kind: str  # one of scenarios.FILES
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Donor:
    """A real boundary of multipart/mixed in a mailbox, and who wrote it with what."""

    address: str
    program: str
    boundary: str


def program(shape: Form) -> str:
    """Which mail program wrote a message, as far as its way with files differs."""
    client = shape.get("user-agent") + shape.get("x-mailer") + shape.get("mime-version")
    if "@mail.gmail.com" in shape.get("message-id"):
        return "gmail"
    if "Outlook" in client or "NextPart" in shape.get("content-type"):
        return "outlook"
    if {"x-ms-has-attach", "x-ms-exchange-messagesentrepresentingtype"} & set(shape.names()):
        return "exchange"
    if "Apple" in client or "iPhone" in client or "Mac OS X" in client:
        return "apple"
    if "Mozilla" in client or "Thunderbird" in client:
        return "thunderbird"
    return "mutt" if re.match(r"(?:Neo)?Mutt", client) else ""


def donors(letters: Iterable[Letter]) -> list[Donor]:
    """Every boundary of multipart/mixed that a mail program, and not a list's software, wrote in a mailbox."""
    out = []
    for one in letters:
        if b"ultipart/mixed" not in one.data:
            continue
        for quoted, bare in _MIXED.findall(one.data[:20_000]):
            boundary = (quoted or bare).decode("latin-1")
            if "=====" not in boundary:
                out.append(Donor(one.address, program(form(one.data)), boundary))
    return out


def _outer_boundary(shape: Form, writer: str, address: str, known: list[Donor], when: datetime, rng: Random) -> str:
    """A boundary as the sender has written one, or else his program; made up where the mailbox has none."""
    inner = _BOUNDARY.search(shape.get("content-type"))
    own = (inner.group(1) or inner.group(2)) if inner else ""
    if own and writer in ("gmail", "exchange", "outlook"):  # theirs differ in a count within one message
        numbered = re.sub(r"\A_0\d\d_", f"_00{rng.randrange(2, 8)}_", own)
        numbered = re.sub(r"(?<=NextPart_)\d{3}_(\w{4})", f"000_{rng.randrange(16**4):04X}", numbered)
        return numbered if numbered != own else own[:-1] + rng.choice([c for c in "0123456789abcdef" if c != own[-1]])
    fit = [d for d in known if d.address == address] or [d for d in known if d.program == writer and writer]
    if fit:
        return like_boundary(rng.choice(fit).boundary, rng)
    if own:
        return like_boundary(own, rng)
    made = {
        "gmail": f"{rng.randrange(16**16):028x}",
        "exchange": f"_00{rng.randrange(2, 8)}_{rng.randrange(16**32):032X}_",
        "thunderbird": f"------------{rng.randrange(16**24):024X}",
        "apple": f"Apple-Mail-{rng.randrange(1, 99)}-{rng.randrange(10**8, 10**9)}",
        "mutt": "".join(rng.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(16)),
    }
    ticks = int(when.timestamp() + 11_644_473_600) * 10**7  # Outlook writes the time, as Windows counts it
    number = f"{rng.randrange(16):04X}_{ticks >> 32:08X}.{rng.randrange(16**8):08X}"
    return made.get(writer, f"----=_NextPart_000_{number}")


def is_jpeg(name: str) -> bool:
    """Tell whether a picture is to be a JPEG, by its name."""
    return name.lower().endswith((".jpg", ".jpeg"))


def _coded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8", 900).encode()


def _part(file: Enclosure, writer: str, when: datetime, rng: Random) -> str:
    """Header of the part that holds the file, with the fields and in the order that the program writes."""
    kind = TYPES[file.kind.partition("-")[0]]
    if is_jpeg(file.name):
        kind = "image/jpeg"
    if writer == "exchange" and kind == "application/zip":
        kind = "application/x-zip-compressed"
    if writer == "exchange":
        stamp = format_datetime(when.replace(microsecond=0), usegmt=True)
        gap = "\n\t" if len(kind) + len(file.name) > 50 else " "
        return (
            f'Content-Type: {kind};{gap}name="{_coded(file.name)}"\nContent-Description: {_coded(file.name)}\n'
            f'Content-Disposition: attachment;{gap}filename="{_coded(file.name)}"; size={len(file.data)};\n'
            f'\tcreation-date="{stamp}";\n\tmodification-date="{stamp}"\nContent-Transfer-Encoding: base64\n'
        )
    if writer == "gmail":
        mark = "f_k" + "".join(rng.choice("0123456789abcdefghijklmnopqrstuvwxyz") for _ in range(6)) + "0"
        return (
            f'Content-Type: {kind}; name="{_coded(file.name)}"\n'
            f'Content-Disposition: attachment; filename="{_coded(file.name)}"\n'
            f"Content-Transfer-Encoding: base64\nContent-ID: <{mark}>\nX-Attachment-Id: {mark}\n"
        )
    plain = file.name.isascii()
    filename = f'filename="{file.name}"' if plain else f"filename*=UTF-8''{quote(file.name)}"
    named, placed = f'name="{_coded(file.name)}"', f"Content-Disposition: attachment;\n {filename}\n"
    coding = "Content-Transfer-Encoding: base64\n"
    if writer == "apple":
        tabbed = placed.replace("\n ", "\n\t")
        return f"{tabbed}Content-Type: {kind};\n\tx-unix-mode=0644;\n\t{named}\n{coding}"
    if writer == "mutt":
        return f"Content-Type: {kind}\nContent-Disposition: attachment; {filename}\n{coding}"
    if writer == "thunderbird":
        return f"Content-Type: {kind};\n {named}\n{coding}{placed}"
    tabbed = placed.replace("\n ", "\n\t")
    return f"Content-Type: {kind};\n\t{named}\n{coding}{tabbed}"


def attached(fields: tuple[Field, ...], body: str, file: Enclosure, shape: Form, address: str, known: list[Donor],
             when: datetime, rng: Random) -> tuple[tuple[Field, ...], str]:  # fmt: skip
    """Put a file behind the body; `shape` and `address` are those of the skeleton, `known` what its mailbox lends."""
    writer = program(shape)
    boundary = _outer_boundary(Form(fields, "", "\n"), writer, address, known, when, rng)
    gap = {"gmail": " ", "mutt": " ", "exchange": "\n\t", "outlook": "\n\t", "apple": "\n\t"}.get(writer, "\n ")
    mixed = f' multipart/mixed;{gap}boundary="{boundary}"'
    outer: list[Field] = []
    held: list[Field] = []
    for name, value in fields:
        low = name.lower()
        if low in _INNER:
            held.append((name, value))
        if low == "content-type":
            outer.append((name, mixed))
        elif low == "x-ms-has-attach":
            outer.append((name, " yes"))
        elif low != "content-transfer-encoding":
            outer.append((name, value))
    if not any(n.lower() == "content-type" for n, _ in outer):
        if not any(n.lower() == "mime-version" for n, _ in outer):
            outer.append(("MIME-Version", " 1.0"))
        outer.append(("Content-Type", mixed))
    if not any(n.lower() == "content-type" for n, _ in held):
        held.insert(0, ("Content-Type", " text/plain; charset=us-ascii"))
    head = "".join(f"{n}:{v}\n" for n, v in held)
    said = "This is a multi-part message in MIME format.\n" if writer in ("thunderbird", "outlook") else ""
    packed = base64.encodebytes(file.data).decode("ascii")
    text = body if body.endswith("\n") else body + "\n"
    part = _part(file, writer, when, rng)
    return tuple(outer), f"{said}--{boundary}\n{head}\n{text}\n--{boundary}\n{part}\n{packed}--{boundary}--\n"
