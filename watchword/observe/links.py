"""Links and remote resources of a message: all that a browser or mail program would follow or load."""

import base64
import binascii
import functools
import itertools
import re
import urllib.parse
from collections.abc import Iterator, Mapping

from watchword.observe import domain, url
from watchword.observe.files import Contents
from watchword.observe.html import Address
from watchword.observe.text import bodies
from watchword.parse.message import Defect, Message
from watchword.tables import Link

LINKS = 2_000
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
# Local parts that name a role, so that they stand in links for other reasons.
_ROLES = frozenset(
    ("admin abuse billing contact editor editorial events feedback hello inbox media news newsletter newsroom noreply "
     "no-reply notify office postmaster press sales security service support webmaster account accounts email users "
     "mailing lists marketing donate membership members").split()
)  # fmt: skip


def links(
    message: Message,
    key: str,
    recipients: list[str],
    parts: Mapping[int, int] | None = None,
    contents: Mapping[int, Contents] | None = None,
) -> list[Link]:
    """Give every link of the message, once for each place, address and shown text; at most 2,000.

    Those inside files follow: `contents` holds them by the file's number, `parts` gives the part it came in.
    """
    rows: list[Link] = []
    seen: set[tuple[str, str, str]] = set()
    tokens = _tokens(tuple(recipients[:RECIPIENTS]))
    own = ((part, None, base, address) for part, base, address in _addresses(message))
    for part, attachment, base, address in itertools.chain(own, _held(parts or {}, contents or {})):
        raw = address.raw
        read = url.read(_complete(raw, address.found_in), base)
        known = (address.found_in, read.url, address.shown)
        if known in seen:
            continue
        if len(rows) == LINKS:
            message.defects.append(Defect("limit-links", part, message.parts[part].start, f"more than {LINKS} links"))
            break
        seen.add(known)
        shown_host = _shown_host(address.shown) if address.shown and "." in address.shown else ""
        rows.append(
            Link(
                key,
                len(rows),
                part,
                attachment,
                address.found_in,
                raw[:RAW],
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
                tokens.find(read.url) if read.host else "",
            )
        )
    return rows


def _addresses(message: Message) -> Iterator[tuple[int, str, Address]]:
    """Give every address with its part and base: header first, then texts and calendars in the order of the parts."""
    for header in message.all("list-unsubscribe"):
        for found in _ANGLE.finditer(header.value):
            yield 0, "", Address("header", "".join(found[1].split()))
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


def _held(parts: Mapping[int, int], contents: Mapping[int, Contents]) -> Iterator[tuple[int, int, str, Address]]:
    """Give every address inside files: links of their own, of their pages, and addresses that stand in their text."""
    for number, held in contents.items():
        part = parts.get(number, 0)
        for address in held.links:
            yield part, number, "", address
        for reading in held.texts:
            known = {address.shown for address in held.links}
            if reading.page is not None:
                known |= {address.shown for address in reading.page.addresses}
                for address in reading.page.addresses:
                    yield part, number, reading.page.base, address
            for raw in running(reading.text):
                if raw not in known:
                    yield part, number, "", Address("text", raw, raw[:300], True)


def running(text: str) -> list[str]:
    """Find the addresses that stand as such in running text; defanged ones (`hxxp`, `[.]`) are not links.

    One in angle brackets may be broken over lines (RFC 3986 appendix C).
    """
    if "](" in text or ")[" in text:  # Markdown: neither stands inside an address
        text = text.replace("](", "] (").replace(")[", ") [")
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


class _Tokens:
    """The forms in which a recipient's address may stand in a link."""

    def __init__(self, recipients: tuple[str, ...]) -> None:
        self.plain: list[str] = []
        self.hex: list[str] = []
        self.base64: list[str] = []
        self.local: list[str] = []
        for address in recipients:
            local, at, _ = address.rpartition("@")
            if not at or not 0 < len(local) <= 200:
                continue
            self.plain += [address, urllib.parse.quote(address, safe="").lower(), address.replace("@", "=")]
            self.hex.append(address.encode("utf-8", "replace").hex())
            self.base64 += _base64_forms(address)
            if len(local) >= 5 and local not in _ROLES:
                self.hex.append(local.encode("utf-8", "replace").hex())
                self.base64 += _base64_forms(local)
                self.local.append(local)

    def find(self, address: str) -> str:
        """Name the form in which a recipient stands in the address, empty if none does."""
        if not self.plain:
            return ""
        lower = address.lower()
        if "@" in lower or "%" in lower or "=" in lower:  # as every plain form holds one of them
            for word in self.plain:
                if word in lower:
                    return "plain"
        for word in self.base64:
            if word in address:
                return "base64"
        for word in self.hex:
            if word in lower:
                return "hex"
        for word in self.local:
            if word in lower and _stands_alone(word, lower, _start(word, lower)):
                return "local"
        return ""


def _start(word: str, address: str) -> int:
    """Say from where a local part counts: in the path only if it is more than a word, which may be a project's name."""
    if not word.isalpha():
        return max(0, address.find("/", 8))
    return min((at for at in (address.find("?"), address.find("#")) if at >= 0), default=len(address))


def _stands_alone(word: str, text: str, start: int) -> bool:
    """Tell whether the word stands in the text with no letter or digit beside it, at its first place from `start`."""
    at = text.find(word, start)
    if at < 0:
        return False
    stop = at + len(word)
    return not text[at - 1 : at].isalnum() and not text[stop : stop + 1].isalnum()


@functools.lru_cache(maxsize=1_024)
def _tokens(recipients: tuple[str, ...]) -> _Tokens:
    return _Tokens(recipients)


def _base64_forms(word: str) -> list[str]:
    """Give what the word looks like inside base64 text, at each of the three places where it can begin."""
    forms = []
    data = word.encode("utf-8", "replace")
    for before in range(3):
        coded = binascii.b2a_base64(b"\0" * before + data, newline=False).rstrip(b"=")
        # The outer characters also carry bits of the neighbours.
        first = (before * 8 + 5) // 6
        last = (before + len(data)) * 8 // 6
        stable = coded[first:last].decode("ascii")
        if len(stable) >= 6:
            forms.append(stable)
            if "+" in stable or "/" in stable:
                forms.append(base64.urlsafe_b64encode(base64.b64decode(_padded(coded)))[first:last].decode("ascii"))
    return forms


def _padded(coded: bytes) -> bytes:
    return coded + b"=" * (-len(coded) % 4)
