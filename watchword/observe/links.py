"""Links and remote resources of a message: all that a browser or mail program would follow or load."""

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from watchword.observe import domain, url
from watchword.observe.alternatives import differing
from watchword.observe.codes import codes
from watchword.observe.files import Contents
from watchword.observe.html import Address
from watchword.observe.text import bodies
from watchword.observe.token import Tokens
from watchword.parse.message import Defect, Message
from watchword.tables import Link

LINKS = 2_000
FILE_LINKS = 500  # of these, kept free for what files hold
RECIPIENTS = 50
RAW = 8_192  # characters

# What an address in running text begins with; each begins with letters that are found fast.
_RUNNING = [
    re.compile(mark + r"[^\s<>\"\u201c\u201d\u00ab\u00bb`]+") for mark in ("://", r"www\.", r"WWW\.", "mailto:")
]
_RUNNING_SCHEME = re.compile(r"(?:^|.*[^\w@./-])(https?|ftp)", re.IGNORECASE | re.DOTALL)
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\[:\]|\[dot\]|\(dot\)|\[\.|\{\.\}", re.IGNORECASE)
_SHOWN = re.compile(r"(?:(?:https?|ftp)[:/\\]+)?((?:[\w-]+\.)+[\w-]{2,})(?::\d+)?(?:[/?#\\].*)?", re.IGNORECASE)
_SHOWN_INSIDE = re.compile(r"(?:https?://|\bwww\.)((?:[\w-]+\.)*[\w-]+\.[\w-]{2,})", re.IGNORECASE)
_ANGLE = re.compile(r"<\s*([^<>]{1,4096})>")
# Final labels that are registries and file extensions at once: alone they read as a file's name.
_FILES = frozenset("zip mov md py sh rs ps".split())


def links(
    message: Message,
    key: str,
    recipients: list[str],
    parts: Mapping[int, int] | None = None,
    contents: Mapping[int, Contents] | None = None,
) -> list[Link]:
    """Give every link of the message, once for each place, address and shown text; at most 2,000.

    Those inside files follow, and 500 of the 2,000 are kept for them: `contents` holds them by the file's number,
    `parts` gives the part it came in.
    """
    contents = contents or {}
    held = sum(bool(one.links or one.texts) for one in contents.values())
    found: list[tuple[int, int | None, Address, url.Url]] = []
    seen: set[tuple[int | None, str, str, str]] = set()
    room = LINKS - FILE_LINKS if held else LINKS
    given = ((part, None, base, address) for part, base, address in _addresses(message))
    _take(message, given, room, found, seen)
    for number, one in contents.items():
        if one.links or one.texts:
            room = len(found) + (LINKS - len(found)) // held
            held -= 1
            _take(message, _held((parts or {}).get(number, 0), number, one), room, found, seen)
    if not found:
        return []
    named = _tokens(tuple(recipients[:RECIPIENTS])).find([read.url if read.host else "" for *_, read in found])
    rows = [
        _row(key, number, part, attachment, address, read, token)
        for number, ((part, attachment, address, read), token) in enumerate(zip(found, named, strict=True))
    ]
    message.defects += differing(message, rows)
    return rows


def _take(
    message: Message,
    given: Iterable[tuple[int, int | None, str, Address]],
    most: int,
    found: list[tuple[int, int | None, Address, url.Url]],
    seen: set[tuple[int | None, str, str, str]],
) -> None:
    """Add what is given, each once, until there are `most` in all."""
    for part, attachment, base, address in given:
        read = url.read(_complete(address.raw, address.found_in), base)
        known = (attachment, address.found_in, read.url, address.shown)
        if known in seen:
            continue
        if len(found) >= most:
            where = "" if attachment is None else f", file {attachment}"
            start = message.parts[part].start
            message.defects.append(Defect("limit-links", part, start, f"more than {most} links{where}"))
            break
        seen.add(known)
        found.append((part, attachment, address, read))


def _row(key: str, number: int, part: int, attachment: int | None, address: Address, read: url.Url, token: str) -> Link:
    shown_host = _shown_host(address.shown) if address.shown and "." in address.shown else ""
    return Link(
        key,
        number,
        part,
        attachment,
        address.found_in,
        address.raw[:RAW],
        read.url,
        read.scheme,
        read.host,
        read.host_unicode,
        read.organisation,
        read.path,
        read.query,
        address.shown,
        shown_host,
        url.organisation(shown_host) if shown_host else "",
        read.target_url,
        read.target_how,
        read.target_host,
        read.target_organisation,
        address.is_pixel,
        address.is_visible,
        read.is_address_ip,
        read.has_userinfo,
        read.has_port,
        read.is_ambiguous,
        read.mixed_script,
        token,
    )


def _addresses(message: Message) -> Iterator[tuple[int, str, Address]]:
    """Give every address with its part and base: header first, then QR codes, then texts and calendars."""
    for header in message.all("list-unsubscribe"):
        for found in _ANGLE.finditer(header.value):
            yield 0, "", Address("header", "".join(found[1].split()))
    for part, address in codes(message):
        yield part, "", address
    for body in bodies(message):
        if body.page is not None:
            base = body.page.base
            for address in body.page.addresses:
                yield body.part, base, address
        text = body.text
        if "://" not in text and "www." not in text and "mailto:" not in text:
            continue
        known = {address.shown for address in body.page.addresses} if body.page is not None else set()
        for raw in running(text):
            if raw not in known:
                yield body.part, "", Address("calendar" if body.kind == "calendar" else "text", raw, raw[:300], True)


def _held(part: int, number: int, held: Contents) -> Iterator[tuple[int, int, str, Address]]:
    """Give every address inside a file: links of its own, of its pages, and addresses that stand in its text."""
    for address in held.links:
        yield part, number, "", address
    for reading in held.texts:
        known = {address.shown for address in held.links}
        if reading.page is not None:
            known |= {address.shown for address in reading.page.addresses}
            for address in reading.page.addresses:
                yield part, number, reading.page.base, address
        for raw in () if reading.is_code else running(reading.text):
            if raw not in known:
                yield part, number, "", Address("text", raw, raw[:300], True)


def running(text: str) -> list[str]:
    """Find the addresses that stand as such in running text; defanged ones (`hxxp`, `[.]`) are not links.

    One in angle brackets may be broken over lines (RFC 3986 appendix C).
    """
    if "](" in text or ")[" in text or "[http" in text:  # Markdown: none of them stands inside an address
        text = text.replace("](", "] (").replace(")[", ") [").replace("[http", " [http")
    found: list[tuple[int, str]] = []
    for pattern in _RUNNING:
        for match in itertools.islice(pattern.finditer(text), 2 * LINKS):
            start, stop = match.span()
            if text[start] == ":":
                scheme = _RUNNING_SCHEME.fullmatch(text, max(0, start - 6), start)
                if scheme is None:
                    continue
                start = scheme.start(1)
            elif start and (text[start - 1].isalnum() or text[start - 1] in "_@./-"):
                continue
            if start and text[start - 1] == "<" and (close := text.find(">", stop, start + 4_096)) > 0:
                raw = "".join(text[start:close].split())
            else:
                raw = _trim(text[start:stop])
            if raw and "<" not in raw and not _DEFANGED.search(raw):
                found.append((start, raw))
    found.sort()
    return [raw for _, raw in found[:LINKS]]


def _trim(raw: str) -> str:
    """Take off the punctuation that belongs to the sentence; a bracket goes if it was not opened inside."""
    raw = raw[:RAW]
    while raw:
        last = raw[-1]
        if last in ".,;:!?'*_|\u2019\u2026>" or (
            last in ")]}" and raw.count(last) > raw.count("([{"[")]}".index(last)])
        ):
            raw = raw[:-1]
        else:
            break
    return raw if len(raw) > 8 or raw[:4].lower() == "www." else ""


def _complete(raw: str, found_in: str) -> str:
    """Mail programs take `www.` for the beginning of a web address."""
    return f"http://{raw}" if raw[:4].lower() == "www." and found_in in {"a", "area", "text", "calendar"} else raw


def _shown_host(shown: str) -> str:
    """Give the host that a link's text reads as, empty if it reads as words or as a file's name."""
    words = shown.strip()
    if domain.is_address(words):
        return words
    whole = _SHOWN.fullmatch(words)
    if whole is None:
        inside = _SHOWN_INSIDE.search(words)
        return domain.ascii_host(inside[1][:255]) if inside is not None else ""
    host = domain.ascii_host(whole[1][:255])
    last = host.rpartition(".")[2]
    is_bare = words.startswith(whole[1])
    if is_bare and (not domain.is_listed(last) or (host.count(".") == 1 and last in _FILES)):
        return ""
    return host


_tokens = functools.lru_cache(maxsize=1_024)(Tokens)
