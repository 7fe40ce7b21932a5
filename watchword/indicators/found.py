"""The shape of an indicator that was found in a text."""

from dataclasses import dataclass
from typing import NamedTuple

ATTACKER, CITED, VICTIM, VENDOR, UNCLEAR = ROLES = ("attacker", "cited", "victim", "vendor", "unclear")
NAMES = ("url", "host", "domain", "address")  # kinds that have a host name or address of the net
HASHES = {32: "md5", 40: "sha1", 64: "sha256"}


class Hyperlink(NamedTuple):
    """A passage of a text that leads to an address when it is clicked."""

    start: int
    stop: int
    address: str


@dataclass(slots=True)
class Found:
    """One indicator: what it is, where it stands, and whose it is by the text's own words."""

    kind: str  # as in `tables.Indicator.kind`
    value: str  # refanged and normalised as the tables of facts have it
    printed: str  # as the text has it: text[start:stop]
    start: int
    stop: int
    defanged: bool  # written so that nobody can click it by mistake
    host: str = ""  # host or address of the net that it names; empty for files, numbers, accounts
    organisation: str = ""  # registrable domain of that
    linked: bool = False  # it can be clicked, or leads somewhere behind other words
    role: str = UNCLEAR
    because: str = ""
