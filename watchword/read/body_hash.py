"""Body hashes of DKIM signatures (RFC 6376): is the body still the one that was signed? No key is needed for that."""

import binascii
import hashlib
import re
from typing import NamedTuple

MAX_SIGNATURES = 20  # more are not computed: honest mail has at most a handful
HEADER_BYTES = 1024 * 1024  # header block that is looked at

_TAG = re.compile(rb"(?:\A|;)[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=([^;]*)")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_BARE = re.compile(rb"\r(?!\n)")
# Both begin with a literal of two bytes, which `re` looks for by itself: eight times faster than ` {2,}`.
_RUN = re.compile(rb"   *")
_TRAILING = re.compile(rb" \n")
_DIGESTS = {b"sha256": "sha256", b"sha1": "sha1"}


def body_start(data: bytes) -> int:
    """Give the offset at which the body begins, after the empty line; the end of the data if there is none."""
    if data[:1] == b"\n":
        return 1
    if data[:2] == b"\r\n":
        return 2
    found = _EMPTY_LINE.search(data, 0, HEADER_BYTES)
    if found:
        return found.end()
    return len(data)


def canonical_body(body: bytes, *, relaxed: bool) -> bytes:
    """Bring a body into the form that is hashed (RFC 6376 3.4.3 and 3.4.4), with line ends repaired to CRLF."""
    text = body
    if b"\r" in body:
        text = body.replace(b"\r\n", b"\n") if _BARE.search(body) else body.translate(None, b"\r")  # twice as fast
    if relaxed:
        if b"\t" in text:
            text = text.replace(b"\t", b" ")
        text = _RUN.sub(b" ", text)
        text = _TRAILING.sub(b"\n", text)
        if text.endswith(b" "):
            text = text[:-1]
    text = text.rstrip(b"\n")
    if not text:
        return b"" if relaxed else b"\r\n"
    return text.replace(b"\n", b"\r\n") + b"\r\n"


def header_values(data: bytes, names: tuple[str, ...]) -> list[bytes]:
    """Give the values of all header fields of these (lower-case) names, folded as they are, topmost first."""
    head = data[: body_start(data)]
    lower = head.lower()
    found: list[tuple[int, bytes]] = []
    for name in names:
        key = name.encode("ascii")
        at = lower.find(key)
        while at >= 0 and len(found) < 10 * MAX_SIGNATURES:
            colon = at + len(key)
            while lower[colon : colon + 1] in (b" ", b"\t"):
                colon += 1
            if (at == 0 or lower[at - 1] == 10) and lower[colon : colon + 1] == b":":
                stop = head.find(b"\n", colon)
                while stop >= 0 and head[stop + 1 : stop + 2] in (b" ", b"\t"):
                    stop = head.find(b"\n", stop + 1)
                found.append((at, head[colon + 1 : stop if stop >= 0 else len(head)]))
            at = lower.find(key, colon)
    return [value for _, value in sorted(found)]


class Claim(NamedTuple):
    """What a signature says of the body."""

    expected: bytes  # bh=, decoded
    relaxed: bool  # the second half of c=
    digest: str  # sha256 or sha1
    length: int | None  # l=, octets


class Body:
    """The body of one message, brought into each form and hashed at most once for all its signatures."""

    __slots__ = ("_digests", "_forms", "data", "start")

    def __init__(self, data: bytes, start: int) -> None:
        """`data` is the whole message, whose body begins at `start`."""
        self.data = data
        self.start = start
        self._forms: dict[bool, bytes] = {}
        self._digests: dict[tuple[bool, str, int | None], bytes] = {}

    def form(self, *, relaxed: bool) -> bytes:
        """Give the canonical form."""
        if relaxed not in self._forms:
            self._forms[relaxed] = canonical_body(self.data[self.start :], relaxed=relaxed)
        return self._forms[relaxed]

    def fits(self, claim: Claim) -> bool:
        """Say whether it is the body that was signed."""
        expected, relaxed, digest, length = claim
        key = (relaxed, digest, length)
        if key not in self._digests:
            text = self.form(relaxed=relaxed)
            if length is not None and length > len(text):
                return False  # RFC 6376 3.5: l= must not be more than there is
            whole = text if length is None else memoryview(text)[:length]
            self._digests[key] = hashlib.new(digest, whole).digest()
        return self._digests[key] == expected


def body_hashes(data: bytes, names: tuple[str, ...] = ("dkim-signature",)) -> list[bool | None]:
    """Say of each signature field, topmost first, whether `bh=` fits the body; None if that cannot be computed.

    `names` are the fields to look at, lower case; for ARC add `arc-message-signature` (RFC 8617 4.1.2).
    Files with LF line ends are hashed as if they had CRLF, as signatures are made over CRLF (RFC 6376 3.7).
    """
    values = header_values(data, names)
    if not values:
        return []
    body = Body(data, body_start(data))
    results: list[bool | None] = []
    for number, value in enumerate(values):
        claim = _read(value) if number < MAX_SIGNATURES else None
        results.append(claim and body.fits(claim))
    return results


def _read(value: bytes) -> Claim | None:
    """Read bh=, body canonicalisation, hash and l= of a signature field; None if it cannot be computed."""
    tags: dict[bytes, bytes] = {}
    for name, text in _TAG.findall(value[:16_384]):
        if name in tags:
            return None  # RFC 6376 3.2: a doubled tag makes the field invalid
        tags[name] = b"".join(text.split())
    digest = _DIGESTS.get(tags.get(b"a", b"").lower().rpartition(b"-")[2])
    _, _, kind = tags.get(b"c", b"simple/simple").lower().partition(b"/")
    if digest is None or b"bh" not in tags or kind not in (b"", b"simple", b"relaxed"):
        return None
    try:
        expected = binascii.a2b_base64(tags[b"bh"])
        length = int(tags[b"l"]) if tags.get(b"l", b"")[:18].isdigit() else None
    except ValueError:  # binascii.Error is one
        return None
    return Claim(expected, kind == b"relaxed", digest, length)
