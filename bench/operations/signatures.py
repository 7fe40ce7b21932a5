"""Signature fields of a made message: body hash true to the new body, the rest random of equal length."""

import base64
import re
from hashlib import sha1, sha256
from random import Random

from bench.operations.fields import Field, Form

_SIGNATURES = ("dkim-signature", "x-google-dkim-signature", "arc-message-signature")
_BODY_HASH = re.compile(r"(\bbh=\s*)[A-Za-z0-9+/=]+(?:\s+[A-Za-z0-9+/=]+(?=\s*[;\n]))?")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def canonical(body: str, relaxed: bool) -> bytes:
    """Canonical body of RFC 6376 3.4.3 and 3.4.4; `body` has its lines joined by one line feed."""
    lines = body.split("\n")
    if relaxed:
        lines = [re.sub(r"[ \t]+", " ", line).rstrip(" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    text = "\r\n".join(lines) + "\r\n" if lines else ("" if relaxed else "\r\n")
    return text.encode("latin-1")


def _scrambled(value: str, rng: Random) -> str:
    return re.sub(r"[A-Za-z0-9+/]", lambda _: rng.choice(_ALPHABET), value)


def signed(read: Form, rng: Random) -> Form:
    """Renew every signature: bh recomputed, b random; recorded results (`header.b=`) follow the new signatures."""
    out: list[Field] = []
    begins: dict[str, str] = {}
    for name, value in read.fields:
        low = name.lower()
        if low in _SIGNATURES:
            body_way = (re.search(r"\bc=\s*\w+/(\w+)", value) or [None, "simple"])[1]
            digest = sha1 if "rsa-sha1" in value else sha256  # old signatures name SHA-1; nothing is protected by it
            body = canonical(read.body, body_way == "relaxed")
            length = re.search(r"\bl=(\d+)", value)
            if length:
                value = value.replace(length.group(), f"l={len(body)}")
            true = base64.b64encode(digest(body).digest()).decode("ascii")
            value = _BODY_HASH.sub(rf"\g<1>{true}", value)
        if low in (*_SIGNATURES, "arc-seal"):
            match = re.search(r"(?s)(\bb=)([A-Za-z0-9+/=\s]+)", value)
            if match:
                fresh = _scrambled(match.group(2), rng)
                begins[re.sub(r"\s", "", match.group(2))[:8]] = re.sub(r"\s", "", fresh)[:8]
                value = value[: match.start(2)] + fresh + value[match.end(2) :]
        out.append((name, value))

    def follow(match: re.Match[str]) -> str:
        return match.group(1) + begins.get(match.group(2), match.group(2))

    pattern = re.compile(r"(header\.b=\"?)([A-Za-z0-9+/]{8})")
    results = ("authentication-results", "arc-authentication-results")
    out = [(n, pattern.sub(follow, v) if n.lower() in results else v) for n, v in out]
    return Form(tuple(out), read.body, read.eol)


_COMMENT = re.compile(r"\([^()]*\)")
_OWN = frozenset(("dkim-signature", "x-google-dkim-signature", "domainkey-signature"))


def _clauses(value: str) -> list[str]:
    """Cut recorded results at the semicolons that do not stand in comments."""
    hidden = _COMMENT.sub(lambda m: m.group().replace(";", "\0"), value)
    return [one.replace("\0", ";") for one in hidden.split(";")]


def _failed(value: str, domain: str, is_receivers: bool) -> str:
    """Results of mail that is not signed and whose From names a domain which did not send it."""
    out: list[str] = []
    seen: set[str] = set()
    for clause in _clauses(value):
        said = re.match(r"(\s*)([a-z-]+)=(\w+)", clause)
        way = said.group(2) if said else ""
        if said is None or way not in ("dkim", "dkim-atps", "dmarc"):
            out.append(clause)
        elif way == "dkim" and way not in seen:
            out.append(f"{said.group(1)}dkim=none (message not signed)")
        elif way == "dmarc" and way not in seen:
            clause = re.sub(r"(?i)\b((?:p|sp|dis)=)(\w+)", lambda m: m[1] + _none(m[2]), clause)
            clause = re.sub(r"(header\.from=)[^\s;]+", rf"\g<1>{domain}", clause)
            out.append(clause.replace(f"dmarc={said.group(3)}", "dmarc=fail", 1))
        seen.add(way)
    if is_receivers and "dmarc" not in seen:
        out = [one for one in out if one.strip()] + [f"\n dmarc=fail (p=none dis=none) header.from={domain}"]
    return ";".join(out)


def _none(word: str) -> str:
    return "NONE" if word.isupper() else "none"


def receivers(read: Form) -> int:
    """Place among the fields where the receiving server recorded its results, that on DMARC first; -1 without any."""
    hosts = {host for n, v in read.fields if n.lower() == "received" for host in re.findall(r"\bby\s+(\S+)", v)}
    found = [
        (0 if "dmarc=" in value else 1, place)
        for place, (name, value) in enumerate(read.fields)
        if name.lower() == "authentication-results" and value.split(";")[0].strip() in hosts
    ]
    return min(found)[1] if found else -1


def unaligned(fields: tuple[Field, ...], domain: str) -> tuple[Field, ...]:
    """Header of what another host sent in a domain's name: no signature, DMARC failed where results are recorded."""
    own = receivers(Form(fields, "", "\n"))
    results = ("authentication-results", "arc-authentication-results")
    return tuple(
        (name, _failed(value, domain, place == own) if name.lower() in results else value)
        for place, (name, value) in enumerate(fields)
        if name.lower() not in _OWN
    )
