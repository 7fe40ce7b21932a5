"""By what the author of a text or page can be reached or known: numbers, addresses, accounts, wallets, counters.

Only what the sender wrote now counts: of a message that quotes another, a link counts where what it shows stands in the
sender's own text, and messages that are attached whole are not looked into. Rather nothing is found than something that
is none. What services call themselves, and what their links look like, is in `knowledge/contacts.toml`.
"""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from watchword.observe.contacts import ADDRESS, HANDLE, PHONE, TRACKING, WALLET, Contacts, contacts, shapes
from watchword.observe.domain import ascii_host, is_listed, registrable
from watchword.observe.phones import Phone, dialled, phones
from watchword.observe.wallets import wallets
from watchword.tables import Link, Mention, Text

MENTIONS = 50  # of one message
EACH = 25  # of one kind, so that none crowds out the others
SHOWN = 120  # characters
AT_SIGNS = 300  # of one text
NAMES = 100  # with an at-sign, of one text
BESIDE = 40  # characters in which a service stands beside a name
LINKS = 500  # of one message
LINK = 1_000  # characters

WRITTEN, SIGNATURE, PAGE = "written", "signature", "page"

# Texts in files that are written for machines, and messages of others.
_NOT_SAID = frozenset(
    (
        "macro field properties lnk js vbs wsf hta ps1 bat sh py scpt reg url desktop appref iqy slk rdp xml "
        "script nested"
    ).split()
)
_DIALLED = frozenset({"tel", "sms", "callto"})
_RUNNING = frozenset({"text", "calendar"})  # tables.Link.found_in
_LOCAL = re.compile(r"[\w.+%'-]{1,64}")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{1,62}(?![\w@])")
_NO_PERSON = re.compile(r"\d{10,}[.-]|.{51}")  # before the at-sign of a Message-ID
_NAMED = re.compile(r"@(?<![\w.]@)([A-Za-z][A-Za-z0-9_.]{2,31})")
_SITE = re.compile(r"/(?:matomo|piwik)\.php\?(?:[^#]*&)?idsite=(\d{1,9})")
_MESSENGERS = {  # schemes of addresses: what they open, and where in it the account stands
    "whatsapp": ("whatsapp", re.compile(r"phone=(\+?\d{7,15})")),
    "viber": ("viber", re.compile(r"number=(\+?\d{7,15})")),
    "sgnl": ("signal", re.compile(r"/p/(\+\d{7,15})")),
    "tg": ("telegram", re.compile(r"(?:domain|phone)=(\+?\w{4,32})")),
    "skype": ("skype", re.compile(r"/{0,2}([\w.:,-]{5,60})")),
}


class Found(NamedTuple):
    """One mention, before it has its number."""

    kind: str
    value: str
    shown: str


def mentions(
    key: str,
    texts: Sequence[Text],
    links: Sequence[Link],
    own: Collection[str],
    sources: Sequence[tuple[int, tuple[str, str, str]]],
) -> list[Mention]:
    """Give what one message names, each once, at most 50: texts in order, then links, then the pages' source.

    `own` are the addresses in its header, which say nothing more; `sources` are kind, value and text of what the source
    of its pages names, each with its part.
    """
    rows: dict[tuple[str, str], Mention] = {}
    many: Counter[str] = Counter()
    for part, where, found in _each(texts, links, sources):
        known = (found.kind, found.value)
        if known in rows or many[found.kind] == EACH or (found.kind == ADDRESS and found.value in own):
            continue
        if len(rows) == MENTIONS:
            break
        many[found.kind] += 1
        rows[known] = Mention(key, len(rows), part, where, found.kind, found.value, found.shown[:SHOWN])
    return list(rows.values())


def _each(
    texts: Sequence[Text], links: Sequence[Link], sources: Sequence[tuple[int, tuple[str, str, str]]]
) -> Iterator[tuple[int, str, Found]]:
    said = [text for text in texts if text.kind not in _NOT_SAID]
    for text in said:
        for where, words in ((WRITTEN, text.written), (SIGNATURE, text.signature)):
            if words:
                for found in in_text(words, where == SIGNATURE):
                    yield text.part, where, found
    parts = {text.part for text in texts if text.kind == "nested"}
    quoting = {text.part for text in texts if text.quoted}
    for link in links[:LINKS]:
        if link.part in parts:
            continue
        for found in in_link(link):
            where = _place(link, said, quoting, found.kind)
            if where:
                yield link.part, where, found
    for part, named in sources:
        yield part, PAGE, Found(*named)


def _place(link: Link, texts: Sequence[Text], quoting: Collection[int], kind: str) -> str:
    """Say where a link stands, empty if it stands in what is quoted, or in a header that others write."""
    if link.found_in == "header":
        return PAGE if kind == TRACKING else ""
    if link.attachment is not None or (link.part not in quoting and link.found_in not in _RUNNING):
        return PAGE
    words = link.raw if link.found_in in _RUNNING else link.shown
    for text in texts:
        if text.part == link.part and text.attachment is None and words:
            if words in text.written:
                return WRITTEN if link.found_in in _RUNNING else PAGE
            if words in text.signature:
                return SIGNATURE if link.found_in in _RUNNING else PAGE
    return ""


# ---------------------------------------------------------------- texts


def in_text(text: str, is_signature: bool = False) -> Iterator[Found]:
    """Give what a text names. Linear."""
    known = contacts()
    for phone in phones(text, known.hints, is_signature):
        yield Found(PHONE, phone.value, phone.shown)
        if phone.value[0] == "+":
            for service in _services(phone, known):
                yield Found(HANDLE, f"{service}:{phone.value}", phone.shown)
    lower = text.lower()
    if any(end in lower for end in known.ends) and any(mark in lower for mark in known.marks):
        for match in known.bare.finditer(text):
            address = match[0].rstrip(".,;:!?").removeprefix("www.")
            for shape in shapes(address.partition("/")[0].lower()):
                for value, _ in shape.read(address):
                    yield Found(shape.kind, value, address)
    if "@" in text:
        yield from _addresses(text)
        for match in itertools.islice(_NAMED.finditer(text), NAMES):
            start, end = match.span()
            end -= len(match[1]) - len(match[1].rstrip("."))
            beside = known.before.search(text, max(0, start - BESIDE), start) or known.behind.match(
                text, end, end + BESIDE
            )
            if beside is not None and _is_name(text, end, match[1], known):
                name = match[1].rstrip(".").lower()
                shown = text[min(start, beside.start()) : max(end, beside.end())]
                yield Found(HANDLE, f"{known.services[beside['service'].lower()]}:{name}", shown)
    if any(name in lower for name in known.colon_marks):
        for match in known.colon.finditer(text):
            name = match["name"].rstrip(".-").lower()
            if not name.isalpha() and _is_name(text, match.end("name"), name, known):
                yield Found(HANDLE, f"{known.services[match['service'].lower()]}:{name}", match[0])
    for value, shown in wallets(text):
        yield Found(WALLET, value, shown)


def _services(phone: Phone, known: Contacts) -> list[str]:
    """Name the services that are said to reach a number: `Signal/WhatsApp: +…`."""
    found = [known.services[one["service"]] for one in known.service.finditer(phone.before[-30:])]
    return [service for service in dict.fromkeys(found) if service in {"telegram", "whatsapp", "signal", "viber"}]


def _is_name(text: str, end: int, name: str, known: Contacts) -> bool:
    """Tell a name at a service from a mail address, a host, and a service."""
    lower = name.rstrip(".").lower()
    return text[end : end + 1] != "@" and not is_listed(lower.rpartition(".")[2]) and lower not in known.services


def _addresses(text: str) -> Iterator[Found]:
    """Give the mail addresses of a text, in lower case, the host in A-label form."""
    at = -1
    for _ in range(AT_SIGNS):
        at = text.find("@", at + 1)
        if at < 0:
            return
        before = _LOCAL.match(text[max(0, at - 65) : at][::-1])
        after = _DOMAIN.match(text, at + 1, at + 255)
        if before is None or after is None or text[at - 1 - len(before[0]) : at - len(before[0])] == "@":
            continue
        local = before[0][::-1].lstrip(".'-%+")
        address = _address(f"{local}@{after[0]}")
        if address:
            yield Found(ADDRESS, address, f"{local}@{after[0]}")


def _address(written: str) -> str:
    """Give a mail address as it is compared, empty if it is none."""
    local, _, host = written.strip().lower().rpartition("@")
    if not local or _NO_PERSON.match(local) or not host or len(host) > 253 or host[0] in ".[" or ".." in local:
        return ""
    host = ascii_host(host)
    return f"{local}@{host}" if is_listed(host.rpartition(".")[2]) and registrable(host) else ""


# ---------------------------------------------------------------- links and pages


def in_link(link: Link) -> Iterator[Found]:
    """Give what a link names, also where it leads on to."""
    shown = link.shown or link.raw
    if link.scheme in _MESSENGERS:
        prefix, pattern = _MESSENGERS[link.scheme]
        found = pattern.search(unquote(link.url.partition(":")[2][:LINK]))
        if found is not None:
            name = found[1].lower()
            yield Found(HANDLE, f"{prefix}:{'+' if name.isdigit() else ''}{name}", shown)
    elif link.host:
        for address, host in ((link.url, link.host), (link.target_url, link.target_host)):
            known = shapes(host) if host else ()
            if known or "idsite=" in address:
                bare = address.partition("://")[2][:LINK]
                for shape in known:
                    for value, _ in shape.read(bare):
                        yield Found(shape.kind, value, address)
                site = _SITE.search(bare) if "idsite=" in bare else None
                if site is not None:
                    yield Found(TRACKING, f"matomo:{host}/{site[1]}", address)
    elif link.scheme == "mailto":
        for written in unquote(link.path).split(",")[:20]:
            if address := _address(written):
                yield Found(ADDRESS, address, shown)
    elif link.scheme in _DIALLED and (number := dialled(unquote(link.url.partition(":")[2][:LINK]))):
        yield Found(PHONE, number, shown)
