"""One DKIM-Signature, ARC-Message-Signature or ARC-Seal as written: its tags, and what makes it invalid for any key.

RFC 6376 3.5 and 6.1.1, RFC 8463, RFC 8617 4.1.
"""

import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from watchword.observe.domain import ascii_host
from watchword.parse.message import Header
from watchword.parse.tag_list import tag_list
from watchword.read.body_hash import Claim

DKIM, ARC, SEAL = "dkim-signature", "arc-message-signature", "arc-seal"

# Why a signature cannot be valid whatever the key says.
PROBLEMS: dict[str, str] = {
    "algorithm-missing": "it does not say by which algorithm (a=) it was made",
    "algorithm-unknown": "its algorithm (a=) is not known",
    "body-hash-missing": "it holds no hash of the body (bh=)",
    "body-hash-unreadable": "its hash of the body (bh=) cannot be read",
    "canonicalization-unknown": "its canonicalization (c=) is not known",
    "chain-contradicts": "its cv= is not what its place in the chain asks for",
    "control-character": "it holds a control character",
    "domain-invalid": "its domain (d=) is no domain name",
    "domain-missing": "it names no domain (d=)",
    "expires-before-signed": "it expires (x=) before it was made (t=)",
    "from-not-signed": "it does not cover From",
    "identity-invalid": "its identity (i=) is no address",
    "identity-outside-domain": "its identity (i=) is not under its domain (d=)",
    "instance-invalid": "its instance (i=) is no number from 1 to 50",
    "length-beyond-body": "it says to cover more of the body (l=) than there is",
    "length-invalid": "its length (l=) is no number",
    "query-unknown": "its key is to be asked for (q=) in a way that is not known",
    "seal-lists-fields": "a seal lists header fields (h=), which it must not",
    "seal-signed": "it covers a seal (ARC-Seal), which it must not",
    "selector-invalid": "its selector (s=) is no name",
    "selector-missing": "it names no selector (s=)",
    "set-incomplete": "a field of the chain is missing",
    "set-twice": "a field of the chain stands twice",
    "signature-missing": "it holds no signature (b=)",
    "signature-unreadable": "its signature (b=) cannot be read",
    "signed-fields-missing": "it does not list what it covers (h=)",
    "tag-twice": "a tag stands twice in it",
    "tag-unreadable": "it cannot be read as a list of tags",
    "time-invalid": "its time (t= or x=) is no number",
    "too-long": "it is longer than is read",
    "too-many-signatures": "there are more signatures above it than are looked at",
    "version-missing": "it does not name its version (v=)",
    "version-unknown": "its version (v=) is not 1",
}

CHARACTERS = 65_536  # of one field that are read
SIGNATURE = 8_192  # characters of b=: an RSA key of 49,000 bits

_DIGESTS = {"rsa-sha256": "sha256", "rsa-sha1": "sha1", "ed25519-sha256": "sha256"}
_BASE64 = re.compile(r"[A-Za-z0-9+/]++={0,2}")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_INSTANCE = re.compile(r"[1-9]|[1-4]\d|50", re.ASCII)
_RESULTS_INSTANCE = re.compile(r"i[ \t]*=[ \t]*([1-9]|[1-4]\d|50)[ \t]*;", re.ASCII)
_NEEDED = {
    DKIM: ("version", "algorithm", "signature", "body-hash", "domain", "signed-fields", "selector"),
    ARC: ("algorithm", "signature", "body-hash", "domain", "signed-fields", "selector"),
    SEAL: ("algorithm", "signature", "domain", "selector"),
}
_TAGS = {
    "version": "v",
    "algorithm": "a",
    "signature": "b",
    "body-hash": "bh",
    "domain": "d",
    "signed-fields": "h",
    "selector": "s",
}


@dataclass(slots=True)
class Tags:
    """What one signature field says."""

    domain: str  # A-label form; empty if it is none
    selector: str
    algorithm: str
    digest: str  # sha256, sha1, or empty if the algorithm is not known
    canonicalization: str  # c= as written
    relaxed: bool  # the header's form
    names: list[str]  # of h=, lower case
    signature: str  # b= without blanks
    claim: Claim | None  # what it says of the body
    identity: str
    instance: int | None
    chain: str
    signed_at: datetime | None
    expires_at: datetime | None
    problem: str


def read_tags(header: Header) -> Tags:
    """Read one field. Never raises; the first fault found is named."""
    field = header.name
    value = header.value
    tags, problem = tag_list(value[:CHARACTERS])
    if len(value) > CHARACTERS:
        problem = "too-long"
    faults = [problem] if problem else []
    faults += [f"{what}-missing" for what in _NEEDED[field] if _is_missing(field, what, tags)]
    if field == DKIM and tags.get("v", "1") != "1":
        faults.append("version-unknown")

    algorithm = _joined(tags.get("a", ""))
    digest = _DIGESTS.get(algorithm if field != DKIM else algorithm.lower(), "")
    if field != DKIM and digest != "sha256":
        digest = ""  # RFC 8617 4.1.2: never SHA-1
    if algorithm and not digest:
        faults.append("algorithm-unknown")

    signature = _joined(tags.get("b", ""))
    if len(signature) > SIGNATURE:
        signature = ""
        faults.append("too-long")
    elif signature and base64(signature) is None:
        faults.append("signature-unreadable")

    domain = ascii_host(tags.get("d", "")[:255])
    if domain and not _DOMAIN.fullmatch(domain):
        domain = ""
    if tags.get("d") and not domain:
        faults.append("domain-invalid")
    selector = tags.get("s", "")[:255].lower()
    if selector and not _DOMAIN.fullmatch(selector):
        selector = ""
        faults.append("selector-invalid")

    signed_at = _time(tags.get("t"), faults)
    expires_at = _time(tags.get("x"), faults)
    if signed_at and expires_at and expires_at < signed_at:
        faults.append("expires-before-signed")

    # ARC without c= is relaxed, as its conformance suite (ValiMail) and dkimpy have it.
    written = _joined(tags.get("c", "simple/simple" if field == DKIM else "relaxed/relaxed")).lower()
    head, _, body = written.partition("/")
    if head not in ("simple", "relaxed") or body not in ("", "simple", "relaxed") or written.endswith("/"):
        faults.append("canonicalization-unknown")
    names = [] if field == SEAL else [name.strip(" \t") for name in tags.get("h", "").lower().split(":")]

    identity, instance = "", None
    if field == DKIM:
        identity = tags.get("i", "")[:320]
        faults += _identity(identity, domain)
        if "from" not in names:
            faults.append("from-not-signed")
        methods = [method.strip() for method in tags.get("q", "dns/txt").lower().split(":")]
        if not {"dns/txt", "dns"}.intersection(methods):
            faults.append("query-unknown")
    else:
        if _INSTANCE.fullmatch(tags.get("i", "")):
            instance = int(tags["i"])
        else:
            faults.append("instance-invalid")
        if SEAL in names:
            faults.append("seal-signed")
    if field == SEAL and "h" in tags:
        faults.append("seal-lists-fields")

    return Tags(
        domain=domain,
        selector=selector,
        algorithm=algorithm[:40].lower(),
        digest=digest,
        canonicalization=tags.get("c", "")[:40],
        relaxed=head == "relaxed",
        names=names,
        signature=signature,
        claim=None if field == SEAL else _claim(tags, digest, body, faults),
        identity=identity,
        instance=instance,
        chain=tags.get("cv", "")[:10].lower() if field == SEAL else "",
        signed_at=signed_at,
        expires_at=expires_at,
        problem=faults[0] if faults else "",
    )


def results_instance(header: Header) -> int | None:
    """Read i= of ARC-Authentication-Results, which stands before all else (RFC 8617 4.1.1)."""
    found = _RESULTS_INSTANCE.match(header.value[:40])
    return int(found[1]) if found else None


def base64(text: str) -> bytes | None:
    """Decode base64 without blanks; its padding may be missing. None if it is none."""
    if not _BASE64.fullmatch(text):
        return None
    bare = text.rstrip("=")
    try:
        return binascii.a2b_base64(bare + "=" * (-len(bare) % 4))
    except binascii.Error:  # a single letter is left over
        return None


def _is_missing(field: str, what: str, tags: dict[str, str]) -> bool:
    value = tags.get(_TAGS[what])
    return value is None or (not value and (what != "signed-fields" or field == DKIM))


def _claim(tags: dict[str, str], digest: str, form: str, faults: list[str]) -> Claim | None:
    """Read bh= and l=."""
    expected = base64(_joined(tags.get("bh", "")))
    if tags.get("bh") and expected is None:
        faults.append("body-hash-unreadable")
    length = tags.get("l")
    if length is not None and not (length.isascii() and length.isdigit() and len(length) <= 76):
        faults.append("length-invalid")
    if expected is None or not digest or {"canonicalization-unknown", "length-invalid"}.intersection(faults):
        return None
    return Claim(expected, form == "relaxed", digest, min(int(length), 1 << 62) if length is not None else None)


def _identity(identity: str, domain: str) -> list[str]:
    if not identity:
        return []
    _, at, host = identity.rpartition("@")
    if not at:
        return ["identity-invalid"]
    host = ascii_host(_joined(host))
    return [] if host == domain or host.endswith(f".{domain}") else ["identity-outside-domain"]


def _time(text: str | None, faults: list[str]) -> datetime | None:
    """Read Unix seconds; what lies beyond the calendar counts as never."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        faults.append("time-invalid")
        return None
    if len(text) > 12 or int(text) > 253_402_300_799:  # the end of the year 9999
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _joined(text: str) -> str:
    return "".join(text.split())
