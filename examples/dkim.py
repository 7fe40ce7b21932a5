"""Signs mail of the example (RFC 6376, relaxed/relaxed; RFC 8463 for Ed25519) with the test keys in `keys/`."""

import base64
import functools
import hashlib
import re
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

KEYS = Path(__file__).parent / "keys"
SIGNED = (
    "from to cc subject date message-id in-reply-to references mime-version content-type reply-to list-id "
    "list-unsubscribe"
).split()
_SPACE = re.compile(rb"[ \t]+")


def body_hash(body: bytes) -> str:
    """Give bh= of a body with CRLF lines in its relaxed form (RFC 6376 3.4.4)."""
    lines = [_SPACE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    canonical = b"".join(line + b"\r\n" for line in lines)
    return base64.b64encode(hashlib.sha256(canonical).digest()).decode()


def relaxed(name: str, value: str) -> bytes:
    """Give one header field in its relaxed form (RFC 6376 3.4.2), with its line end."""
    return f"{name.lower()}:{' '.join(value.split())}\r\n".encode()


def sign(headers: list[tuple[str, str]], body: bytes, domain: str, selector: str, key: str, time: int) -> str:
    """Give the value of a DKIM-Signature over the headers and the body; `time` is in Unix seconds."""
    present = {name.lower(): (name, value) for name, value in headers}
    names = [name for name in SIGNED if name in present]
    private = _private(key)
    algorithm = "rsa-sha256" if isinstance(private, rsa.RSAPrivateKey) else "ed25519-sha256"
    value = (
        f"v=1; a={algorithm}; c=relaxed/relaxed;\r\n\td={domain}; s={selector}; t={time};\r\n\t"
        f"h={_colons(names)};\r\n\tbh={body_hash(body)};\r\n\tb="
    )
    data = b"".join(relaxed(*present[name]) for name in names)
    data += relaxed("dkim-signature", value).removesuffix(b"\r\n")
    if isinstance(private, rsa.RSAPrivateKey):
        signature = private.sign(data, padding.PKCS1v15(), hashes.SHA256())
    else:
        signature = private.sign(hashlib.sha256(data).digest())
    text = base64.b64encode(signature).decode()
    return value + "\r\n\t ".join(text[start : start + 70] for start in range(0, len(text), 70))


def record(key: str) -> str:
    """Give the TXT record (RFC 6376 3.6.1) that publishes the public half of a key."""
    private = _private(key)
    encoding = serialization.Encoding
    if isinstance(private, rsa.RSAPrivateKey):
        public = private.public_key().public_bytes(encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
    public = private.public_key().public_bytes(encoding.Raw, serialization.PublicFormat.Raw)
    return f"v=DKIM1; k=ed25519; p={base64.b64encode(public).decode()}"


def _colons(names: list[str]) -> str:
    text = ":".join(names)
    cut = text.find(":", 60)
    return text if cut < 0 else f"{text[:cut]}\r\n\t :{text[cut + 1 :]}"


@functools.cache
def _private(key: str) -> rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey:
    loaded = serialization.load_pem_private_key((KEYS / f"{key}.pem").read_bytes(), None)
    if not isinstance(loaded, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise TypeError(f"{key}.pem is neither an RSA nor an Ed25519 key")
    return loaded
