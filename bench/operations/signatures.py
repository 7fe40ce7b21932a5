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
