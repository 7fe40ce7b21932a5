"""A recipient's address in a link, in the forms that senders write it: by it they see who opened the link."""

import base64
import binascii
import functools
import hashlib
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from watchword.observe.enclosed import inflated

ADDRESS = 250  # characters

# Local parts that name a role, so that they stand in links for other reasons.
_ROLES = frozenset(
    ("admin abuse billing contact editor editorial events feedback hello inbox media news newsletter newsroom noreply "
     "no-reply notify office postmaster press sales security service support webmaster account accounts email users "
     "mailing lists marketing donate membership members").split()
)  # fmt: skip
# Where addresses are those of lists, whose names stand in links to archives and projects.
_LISTS = ("lists.", "list.", "groups.", "googlegroups.", "vger.")
_HASHES = ("md5", "sha1", "sha256")
_PIECES = re.compile(r"[._-]")
# Proofpoint on TA453, "Operation SpoofedScholars", 2021-07-13: `?memberemailid=<initials>-<letters and digits>`.
_INITIALS = re.compile(r"[?&][a-z_-]{0,30}(?:mail|member|user|guest|invit)[a-z_-]{0,30}=([A-Z]{2,3})[-_.][A-Za-z0-9]")


class _Forms(NamedTuple):
    """The forms in which one address may stand in a link; all but base64 in lower case."""

    plain: tuple[str, ...] = ()
    base64: tuple[str, ...] = ()
    hex: tuple[str, ...] = ()
    hashes: tuple[tuple[str, str], ...] = ()
    local: str = ""
    initials: str = ""


@functools.lru_cache(maxsize=8_192)
def _forms(address: str) -> _Forms:
    local, at, host = address.rpartition("@")
    if not at or not local or len(address) > ADDRESS:
        return _Forms()
    data = address.encode("utf-8", "replace")
    pieces = _PIECES.split(local)
    written = "".join(map(_capital, re.split(r"([._-])", local))) + f"@{host}"
    twice = base64.b64encode(data).rstrip(b"=").decode("ascii")
    words = dict.fromkeys((address, written, twice))
    coded = [data.hex()]
    is_own = len(local) >= 5 and local not in _ROLES and not host.startswith(_LISTS)
    if is_own:
        words[local] = None
        coded.append(local.encode("utf-8", "replace").hex())
    return _Forms(
        (address, urllib.parse.quote(address, safe="").lower(), address.replace("@", "=")),
        tuple(form for word in words for form in base64_forms(word)),
        tuple(coded),
        tuple((name, hashlib.new(name, data, usedforsecurity=False).hexdigest()) for name in _HASHES),
        local if is_own else "",
        "".join(piece[0] for piece in pieces).upper() if 1 < len(pieces) < 4 and all(map(str.isalpha, pieces)) else "",
    )


class Tokens:
    """The forms in which some recipients' addresses may stand in a link."""

    def __init__(self, recipients: Iterable[str]) -> None:
        """`recipients` are addresses in lower case."""
        forms = [_forms(address) for address in recipients]
        self.plain = [word for one in forms for word in one.plain]
        self.base64 = [word for one in forms for word in one.base64]
        self.hex = [word for one in forms for word in one.hex]
        self.hashes = [pair for one in forms for pair in one.hashes]
        self.local = [one.local for one in forms if one.local]
        self.initials = {one.initials for one in forms if one.initials}

    def find(self, links: Sequence[str]) -> list[str]:
        """Name for each link the form in which a recipient stands in it, empty if none does.

        What is looked for is first looked for in all links at once, as nearly always nothing is there.
        """
        if not self.plain:
            return [""] * len(links)
        together = "\n".join(links)
        lower = together.lower()
        forms = [("plain", word) for word in self.plain if word in lower]
        coded = [word for word in self.base64 if word in together]
        forms += [("hex", word) for word in self.hex if word in lower]
        forms += [(name, word) for name, word in self.hashes if word in lower]
        local = [word for word in self.local if word in lower]
        marked = self._has_initials(together)
        deflated = "eJ" in together
        if not (forms or coded or local or marked or deflated):
            return [""] * len(links)
        return [self._find(link, forms, coded, local, deflated) if link else "" for link in links]

    def _find(
        self, link: str, forms: Sequence[tuple[str, str]], coded: Sequence[str], local: Sequence[str], deflated: bool
    ) -> str:
        lower = link.lower()
        for name, word in forms:
            if word in lower:
                return name
        if any(word in link for word in coded):
            return "base64"
        if deflated and (text := inflated(link).lower()) and any(word in text for word in self.plain):
            return "deflate"
        if any(word in lower and _stands_alone(word, lower, _start(word, lower)) for word in local):
            return "local"
        return "initials" if self._has_initials(link) else ""

    def _has_initials(self, text: str) -> bool:
        return bool(self.initials) and any(found[1] in self.initials for found in _INITIALS.finditer(text))


def _capital(piece: str) -> str:
    return piece[:1].upper() + piece[1:]


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


def base64_forms(word: str) -> list[str]:
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
                forms.append(stable.translate(str.maketrans("+/", "-_")))
    return forms
