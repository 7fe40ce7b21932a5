"""Signs mail in the plainest way, by the letter of RFC 6376, RFC 8463 and RFC 8617, to be verified in tests."""

import base64
import functools
import hashlib
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

LETTER = (
    b"From: Ben <ben@institute.example>\r\nTo: Ana <ana@campaign.example>\r\nSubject: The draft\r\n"
    b"Date: Fri, 01 Mar 2024 09:00:00 +0000\r\nMessage-ID: <1@institute.example>\r\n\r\n"
    b"Dear Ana,\r\n\r\nhere is  the draft. \r\n\r\nBen\r\n"
)


@functools.cache
def rsa_key(number: int = 0, bits: int = 1024, exponent: int = 65_537) -> rsa.RSAPrivateKey:
    """Make an RSA key; the same number gives the same key within a run."""
    return rsa.generate_private_key(exponent, bits)


@functools.cache
def ed25519_key(number: int = 0) -> ed25519.Ed25519PrivateKey:
    """Make an Ed25519 key; the same number gives the same key."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


def record(key: Private, tags: str = "v=DKIM1; ") -> str:
    """Write the TXT record that publishes a key."""
    encoding = serialization.Encoding
    if isinstance(key, rsa.RSAPrivateKey):
        public = key.public_key().public_bytes(encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"{tags}k=rsa; p={base64.b64encode(public).decode()}"
    public = key.public_key().public_bytes(encoding.Raw, serialization.PublicFormat.Raw)
    return f"{tags}k=ed25519; p={base64.b64encode(public).decode()}"


def fields_of(message: bytes) -> list[tuple[bytes, bytes]]:
    """Cut a header with CRLF into names and values."""
    head = message.partition(b"\r\n\r\n")[0] + b"\r\n"
    return [(name, value) for name, value in re.findall(rb"(?m)^([^:\r\n]+):((?:.*\r\n[ \t])*.*)\r\n", head)]


def canonical_field(name: bytes, value: bytes, form: str) -> bytes:
    """Give a field as RFC 6376 3.4.1 and 3.4.2 have it."""
    if form == "simple":
        return name + b":" + value + b"\r\n"
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name.lower().rstrip(b" \t") + b":" + value + b"\r\n"


def canonical_body(body: bytes, form: str) -> bytes:
    """Give a body as RFC 6376 3.4.3 and 3.4.4 have it."""
    lines = body.split(b"\r\n")
    if form == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    text = b"".join(line + b"\r\n" for line in lines)
    return text or (b"" if form == "relaxed" else b"\r\n")


def made(key: Private, data: bytes, digest: str = "sha256") -> str:
    """Sign octets; give base64."""
    if isinstance(key, rsa.RSAPrivateKey):
        kind = hashes.SHA256() if digest == "sha256" else hashes.SHA1()  # noqa: S303  # old mail has it
        return base64.b64encode(key.sign(data, padding.PKCS1v15(), kind)).decode()
    return base64.b64encode(key.sign(hashlib.sha256(data).digest())).decode()


@dataclass(frozen=True)
class Signer:
    """One key under its name, and how it signs."""

    key: Private
    domain: str = "institute.example"
    selector: str = "s1"
    names: tuple[str, ...] = ("from", "to", "subject", "date")
    head: str = "relaxed"
    body: str = "relaxed"
    digest: str = "sha256"
    more: str = ""  # tags, each with its semicolon
    field: str = "DKIM-Signature"
    first: str = "v=1; "

    def sign(self, message: bytes) -> bytes:
        """Put a signature on top of a message with CRLF lines."""
        return f"{self.field}: {self.value(message)}\r\n".encode() + message

    def value(self, message: bytes) -> str:
        """Write the value of the signature field."""
        body = canonical_body(message.partition(b"\r\n\r\n")[2], self.body)
        length = re.search(r"l=(\d+)", self.more)
        digest = hashlib.new(self.digest, body[: int(length[1])] if length else body).digest()
        kind = "rsa" if isinstance(self.key, rsa.RSAPrivateKey) else "ed25519"
        value = (
            f"{self.first}a={kind}-{self.digest}; c={self.head}/{self.body}; d={self.domain}; s={self.selector};"
            f"\r\n {self.more}h={':'.join(self.names)}; bh={base64.b64encode(digest).decode()};\r\n b="
        )
        left = fields_of(message)
        data = b""
        for name in self.names:
            places = [at for at, (one, _) in enumerate(left) if one.lower() == name.encode()]
            if places:
                data += canonical_field(*left.pop(places[-1]), self.head)
        own = canonical_field(self.field.encode(), b" " + value.encode(), self.head).removesuffix(b"\r\n")
        return value + made(self.key, data + own, self.digest)


def sealed(message: bytes, signer: Signer, chain: str = "", results: str = "mx.example; spf=none") -> bytes:
    """Add the next ARC set (RFC 8617 5.1)."""
    instance = len(re.findall(rb"(?m)^ARC-Seal:", message)) + 1
    message = f"ARC-Authentication-Results: i={instance}; {results}\r\n".encode() + message
    own = Signer(
        signer.key, signer.domain, signer.selector, signer.names, more=f"i={instance}; ", first="",
        field="ARC-Message-Signature",
    )  # fmt: skip
    message = own.sign(message)
    chain = chain or ("none" if instance == 1 else "pass")
    kind = "rsa" if isinstance(signer.key, rsa.RSAPrivateKey) else "ed25519"
    value = f"i={instance}; a={kind}-sha256; cv={chain}; d={signer.domain}; s={signer.selector}; b="
    fields = fields_of(message)
    data = b""
    for number in range(1 if chain != "fail" else instance, instance + 1):
        for name in (b"ARC-Authentication-Results", b"ARC-Message-Signature", b"ARC-Seal"):
            for one, content in fields:
                if one == name and re.search(rb"(?:^|;)\s*i=%d;" % number, content):
                    data += canonical_field(one, content, "relaxed")
    data += canonical_field(b"ARC-Seal", b" " + value.encode(), "relaxed").removesuffix(b"\r\n")
    return f"ARC-Seal: {value}{made(signer.key, data)}\r\n".encode() + message
