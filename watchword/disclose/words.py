"""The words of the report: how sure, which tier, which kind of evidence. Each is said in one way everywhere."""

from datetime import datetime

from watchword.judge.severity import MANY

# Words of estimative probability as ICD 203 defines them; the upper end of each, from 0 to 1.
_SURE = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.00, "almost certain"),
)


def whose(owner: str) -> str:
    """Name the owner of a mailbox: the address, or what to call somebody whom nobody named and the mail does not tell.

    `sources.owner` is then the id of the mailbox.
    """
    return owner if "@" in owner else f"unknown owner {owner[:6]}" if owner else "unknown owner"


TIERS: dict[str, str] = {
    "attack": "Looks like an attack",
    "suspicious": "Suspicious",
    "notice": "Warning from the mail provider",
    "quiet": "Nothing stands out",
    "malicious": "Malicious, as a person decided",
    "unsure": "Undecided, as a person decided",
    "harmless": "Harmless, as a person decided",
}

# Why we think that a mailbox is somebody's (`sources.owner_how`).
HOW: dict[str, str] = {
    "given": "named when it was read",
    "delivered-to": "its mail was delivered to this address",
    "recipients": "its mail is mostly to this address",
    "sent": "its mail is mostly from this address",
    "shared": "the other mailboxes of its folder are theirs",
    "": "not known",
}

# What a kind of evidence is called, and what a reader may know that we cannot: it would change the verdict.
# The kinds are those of `judge.detector.GROUPS`.
GROUPS: dict[str, tuple[str, str]] = {
    "sender": (
        "Who it says it is from",
        "You know this sender, and they confirm by phone or in person that they use this address.",
    ),
    "route": (
        "How it came, proof of origin",
        "The sender confirms that they wrote it, from a new place, device or service, or that it was forwarded to you.",
    ),
    "impersonation": (
        "Whom it poses as",
        "The person or office that it names confirms, on a way you already had, that this address is theirs.",
    ),
    "lookalike": (
        "A domain made to be mistaken",
        "The organisation whose domain it resembles confirms that it owns this one as well.",
    ),
    "link": (
        "Where its links lead",
        "You expected this link, and the sender confirms by phone that it leads where they meant it to.",
    ),
    "attachment": (
        "What is attached",
        "You expected this file, and the sender confirms by phone that they sent it.",
    ),
    "request": (
        "What it asks for",
        "You had agreed on this with the sender before, outside of this conversation.",
    ),
    "conversation": (
        "What came before",
        "You began this conversation yourself, or know this person from outside of mail.",
    ),
    "form": (
        "How it is built and worded",
        "The sender confirms that this form is theirs, as newsletter and form tools can produce it too.",
    ),
    "known": (
        "What speaks for an honest message",
        "The account that it came from turns out to have been taken over.",
    ),
    "notice": (
        "Warning by a provider",
        "The provider's own page, opened by typing its address, shows no such warning.",
    ),
    "account": (
        "Report of a sign-in or change",
        "The owner remembers that it was them.",
    ),
}
_OTHER_GROUP = "The sender confirms, on a way you already had before this message, that it is theirs."


def sure(probability: float) -> str:
    """Say a probability in the words of ICD 203, as `very likely`."""
    return next(words for upper, words in _SURE if probability <= upper or upper == 1.0)


def aim(targeted: float) -> str:
    """Say whether an attack, if it is one, was made for few people or sent to many."""
    return "made for few" if targeted >= 1 - MANY else "sent to many" if targeted <= MANY else "for few or many"


def in_hundred(probability: float) -> str:
    """Say a probability as a share of 100; never 0 or 100, which no evidence gives."""
    share = round(probability * 100)
    return "under 1 in 100" if share < 1 else "over 99 in 100" if share > 99 else f"{share} in 100"


def tier(name: str) -> str:
    """The title of a tier."""
    return TIERS.get(name, name)


def group(name: str) -> str:
    """The title of a kind of evidence."""
    known = GROUPS.get(name)
    return known[0] if known else name


def would_change(name: str) -> str:
    """What a reader may know that would change a verdict that rests on this kind of evidence."""
    known = GROUPS.get(name)
    return known[1] if known else _OTHER_GROUP


# The Admiralty code (NATO AJP-2.1): how far a source can be relied on, and how credible this word of it is.
RELIABILITY: dict[str, str] = {
    "A": "a reliable source",
    "B": "a usually reliable source",
    "C": "a fairly reliable source",
    "D": "a source that is not usually reliable",
    "E": "an unreliable source",
    "F": "a source that cannot be judged",
}
CREDIBILITY: dict[str, str] = {
    "1": "confirmed by others",
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "truth cannot be judged",
}


def grade(code: str) -> str:
    """Say an Admiralty code in words, as `grade B2: a usually reliable source, probably true`."""
    told = [part for part in (RELIABILITY.get(code[:1]), CREDIBILITY.get(code[1:2])) if part]
    return f"grade {code}: {', '.join(told)}" if told else f"grade {code}"


def number(count: int, one: str, many: str = "") -> str:
    """Count things, as `1 message` and `2,014 messages`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def times(count: int) -> str:
    """How often, as `once` and `3 times`."""
    return "once" if count == 1 else f"{count:,} times"


def day(time: datetime | None) -> str:
    """A day, as `2024-06-03`."""
    return f"{time:%Y-%m-%d}" if time else "date unknown"


def minute(time: datetime | None) -> str:
    """A time to the minute, as `2024-06-03 14:05 UTC`."""
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "date unknown"


def size(count: int) -> str:
    """A size in bytes for people, as `1.4 MB`."""
    if count < 1000:
        return number(count, "byte")
    amount, units = count / 1000, ["kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:
        amount /= 1000
        units.pop(0)
    return f"{amount:.1f} {units[0]}" if amount < 9.95 else f"{amount:.0f} {units[0]}"
