"""DKIM-Signature and ARC-Message-Signature as written (RFC 6376 3.5, RFC 8617 4.1.2)."""

import re

from watchword.observe.domain import ascii_host, organisation
from watchword.parse.message import Message
from watchword.read.body_hash import body_hashes
from watchword.tables import Signature

_FIELDS = ("dkim-signature", "arc-message-signature")
_WANTED = frozenset(_FIELDS)
_MOST = 50  # signatures of one message; honest mail has at most a handful
_CHARACTERS = 16_384  # of one field
_NAMES = 200  # in h=
_TAG = re.compile(r"(?:^|;)\s*+([A-Za-z][\w-]{0,30})\s*+=\s*+([^;]*+)", re.ASCII)


def signatures(message: Message, key: str, from_organisation: str) -> list[Signature]:
    """Give one row for each signature, topmost first."""
    headers = message.named(_WANTED)
    hashes = body_hashes(message.data, _FIELDS) if headers else []
    if len(hashes) != len(headers):
        hashes = [None] * len(headers)  # a header that can be read in two ways: no telling which hash is whose
    rows = []
    for number, header in enumerate(headers[:_MOST]):
        tags: dict[str, str] = {}
        for name, content in _TAG.findall(header.value[:_CHARACTERS]):
            tags.setdefault(name, content.strip())
        domain = ascii_host(tags.get("d", "")[:255])
        owner = organisation(domain) if domain else ""
        length = tags.get("l", "")
        rows.append(
            Signature(
                message=key,
                number=number,
                field=header.name,
                instance=None,
                domain=domain,
                organisation=owner,
                selector=tags.get("s", "")[:255],
                algorithm=tags.get("a", "")[:40].lower(),
                identity="",
                canonicalization="",
                chain="",
                signed_at=None,
                expires_at=None,
                aligned=bool(owner) and owner == from_organisation,
                body_hash=hashes[number],
                length=int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None,
                signed=tags.get("h", "").lower().replace(" ", "").replace("\t", "").split(":")[:_NAMES],
                unsigned=[],
                header_hash="",
                signature="",
                problem="",
            )
        )
    return rows
