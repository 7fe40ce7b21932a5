"""A kind of evidence: one TOML file with what two messages of the same people may share, and who could forge it.

Beside it lie the examples that prove it: mails that share it, and mails that look alike and must not.
"""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

# Who could show the same without being the same. What readers can copy never puts messages together alone.
FORGEABLE = {
    "holder": "only somebody who holds it: answers and visitors go there",
    "machine": "somebody who has used the same machine, network or conversation",
    "tools": "somebody who uses the same program or kit",
    "reader": "anybody who has seen one of the messages",
}
FAMILIES = {
    "person": "who it says it is from, and where answers go",
    "contact": "phone numbers, accounts and wallets in the text",
    "domain": "domains and hosts of senders and links",
    "network": "servers and machines that it came from",
    "sending": "programs, keys and habits of sending",
    "page": "what lies behind the links",
    "text": "subject, wording and page template",
    "file": "files and pictures",
    "conversation": "conversations",
    "target": "what was stolen from whom",
    "rhythm": "times and zones",
}


@dataclass(frozen=True, slots=True)
class Example:
    """Two small mails, and what they share or do not share.

    What a mail does not say of sender, recipient, subject, date and id is filled in: each comes to another mailbox.
    """

    why: str  # what the example shows
    one: str
    other: str
    value: str = ""  # what both show; empty where they must not share anything
    hub: bool = False  # they share it, and it weighs nothing, because many others have it
    known: tuple[str, ...] = ()  # earlier mail to the mailbox of `one`, from people whom its owner had written to
    keys: str = ""  # what the case keeps of the DNS: a file such as `keys/` may hold


@dataclass(frozen=True, slots=True)
class Kind:
    """What one file says.

    `sql` asks `subjects` (received mail, see traces.py) and gives `message`, `value`, and where the value belongs to a
    registrable domain that may be everybody's, that domain as `about`; `bits` where the case itself says how
    rare it is.
    """

    name: str  # file name without .toml
    title: str
    says: str  # sentence about two messages, with {value}
    family: str  # one of FAMILIES
    forgeable: str  # one of FORGEABLE
    share: float  # how many of the pairs of one operation share such a value (the m of Fellegi and Sunter), 0 to 1
    cap: float  # bits that a value weighs at most which was never seen elsewhere
    why: str  # what stands behind it, may be empty
    sql: str
    shared: tuple[Example, ...]
    different: tuple[Example, ...]


def kinds() -> list[Kind]:
    """Load every kind of evidence that is shipped, sorted by name."""
    found = []
    for entry in sorted(files(__name__.rpartition(".")[0]).joinpath("evidence").iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            try:
                found.append(read_kind(entry.name.removesuffix(".toml"), entry.read_text("utf-8")))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{entry.name}: {error}") from None
    return found


def read_kind(name: str, text: str) -> Kind:
    """Read one file. Raises TypeError or ValueError where it is not as `Kind` and `Example` say."""
    content = tomllib.loads(text)
    shared, different = (
        tuple(Example(**{**one, "known": tuple(one.get("known", ()))}) for one in content.pop(key, ()))
        for key in ("shared", "different")
    )
    kind = Kind(name=name, shared=shared, different=different, **{"why": "", **content})
    if kind.family not in FAMILIES or kind.forgeable not in FORGEABLE or not 0 < kind.share <= 1:
        raise ValueError("family, forgeable or share is not one of those known")
    return kind
