"""DMARC policy records (RFC 7489 section 6.3, RFC 9989 section 4.7), read once each, as tolerant as both ask for."""

import functools
import re
from dataclasses import dataclass
from typing import Literal

Policy = Literal["none", "quarantine", "reject", ""]

_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s,!]+(?:![0-9]+[kmgt]?)?", re.IGNORECASE | re.ASCII)
_POLICIES: dict[str, Policy] = {"none": "none", "quarantine": "quarantine", "reject": "reject"}
_CHARACTERS = 8_192
_TAGS = 100


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """What one record asks for. `policy` is empty where there is none that counts: then nothing is to be checked."""

    policy: Policy  # p
    subdomains: Policy = ""  # sp; empty means as p
    missing: Policy = ""  # np, for subdomains that do not exist (RFC 9989; before RFC 9091)
    strict_dkim: bool = False  # adkim=s
    strict_spf: bool = False  # aspf=s
    suffix: str = ""  # psd: y for a public suffix, n for an organisation's own name, else empty (RFC 9989)
    testing: bool = False  # t=y: act as if the policy were one step milder (RFC 9989)
    percent: int = 100  # pct, of the mail that fails (RFC 7489)
    wrong: str = ""  # a tag that is not as it should be


def is_dmarc(text: str) -> bool:
    """Tell whether a TXT record is a DMARC record: the version comes first, and is exactly DMARC1."""
    return _VERSION.match(text, 0, 64) is not None or (text[:1] == "V" and _VERSION.match("v" + text[1:64]) is not None)


@functools.lru_cache(maxsize=8_192)
def read_dmarc(text: str) -> DmarcRecord | None:
    """Read a record that `is_dmarc`; None where a tag comes twice, which makes a tag list invalid (RFC 6376 3.2)."""
    tags: dict[str, str] = {}
    for part in text[:_CHARACTERS].split(";", _TAGS)[:_TAGS]:
        name, equals, value = part.partition("=")
        name = name.strip(" \t").lower()
        if equals and name:
            if name in tags:
                return None
            tags[name] = value.strip(" \t")
    lower = {name: value.lower() for name, value in tags.items()}
    policy = _POLICIES.get(lower.get("p", ""), "")
    wrong = "" if policy else "p"
    others: dict[str, Policy] = {}
    for name in ("sp", "np"):
        others[name] = _POLICIES.get(lower.get(name, ""), "")
        if name in tags and not others[name]:
            wrong = wrong or name
    if wrong:
        # RFC 7489 6.6.3 number 6, RFC 9989 4.10.1: whoever asks for reports is taken to ask for nothing else.
        reports = any(_URI.fullmatch(uri.strip()) for uri in tags.get("rua", "").split(","))
        policy, others = ("none" if reports else ""), {"sp": "", "np": ""}
    percent = tags.get("pct", "")
    return DmarcRecord(
        policy,
        others["sp"],
        others["np"],
        lower.get("adkim") == "s",
        lower.get("aspf") == "s",
        lower["psd"] if lower.get("psd") in ("y", "n") else "",
        lower.get("t") == "y",
        min(int(percent), 100) if percent.isdigit() and percent.isascii() and len(percent) < 4 else 100,
        wrong,
    )
