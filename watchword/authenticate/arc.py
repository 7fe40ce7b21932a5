"""The ARC chain of one message from what its signatures came to (RFC 8617 5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchword.observe.signature_tags import ARC, SEAL

MOST = 50  # instances


@dataclass(frozen=True, slots=True)
class Link:
    """One ARC-Message-Signature or ARC-Seal of a message, and what trying the known keys on it came to."""

    field: str
    instance: int | None
    domain: str
    chain: str  # cv= of a seal
    result: str  # as tables.Verification has it
    reason: str
    rests_on: str
    source: str


@dataclass(frozen=True, slots=True)
class Chain:
    """What the chain comes to."""

    result: str  # none, pass, fail; unknown: a key is missing, and nothing is wrong so far
    reason: str  # what decided; on pass since which instance the message is unaltered
    domain: str  # who sealed last
    rests_on: str  # of the weakest key that it needs
    source: str


# From the best to the worst.
_STRENGTH = ("key-then", "key-before", "key-later", "key-undated", "key-recovered", "no-key")


def chain(links: Sequence[Link]) -> Chain:
    """Validate the chain of one message; `links` are all its ARC fields, in any order.

    That each set is whole and its cv= what it should be was seen in the fields themselves: `signatures.problem`.
    The seals are all needed, of the message signatures only the latest: those before may have been broken by whoever
    sealed next, and say so only for the record (`oldest-pass`, RFC 8617 5.2).
    """
    if not links:
        return Chain("none", "not-signed", "", "no-key", "")
    last = max(links, key=lambda link: link.instance or 0)
    top = last.instance or 0
    seals = {link.instance: link for link in links if link.field == SEAL}
    signatures = {link.instance: link for link in links if link.field == ARC}
    newest = seals.get(top) or last
    for seal in seals.values():
        if seal.chain == "fail":  # step 2; nothing can be right after it
            return Chain("fail", f"sealed as failed, i={seal.instance}", newest.domain, newest.rests_on, newest.source)
    wanted = set(range(1, top + 1))
    if not 0 < top <= MOST or seals.keys() != wanted or signatures.keys() != wanted or len(links) != 2 * top:
        broken = next((link for link in links if link.result == "permerror"), None)
        reason = _said(broken) if broken else "set-incomplete"
        return Chain("fail", reason, newest.domain, "no-key", "")
    needed = [signatures[top], *(seals[instance] for instance in range(top, 0, -1))]
    weakest = max(needed, key=lambda link: _STRENGTH.index(link.rests_on))
    # What is malformed comes before what does not hold, and what is wrong for sure before what cannot be tried.
    for results in (("permerror",), ("fail",), ("none", "neutral")):
        for link in needed:
            if link.result in results:
                told = "unknown" if link.result in ("none", "neutral") else "fail"
                return Chain(told, _said(link), newest.domain, link.rests_on, link.source)
    oldest = top
    while oldest > 1 and signatures[oldest - 1].result == "pass":
        oldest -= 1
    since = "oldest-pass=0" if oldest == 1 else f"oldest-pass={oldest}"
    return Chain("pass", since, newest.domain, weakest.rests_on, weakest.source)


def _said(link: Link) -> str:
    return f"{link.field} i={link.instance or '?'}: {link.reason}"
