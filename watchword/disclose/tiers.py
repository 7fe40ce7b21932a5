"""What the tiers of verdicts stand for, in the figures that the thresholds were set by."""

from dataclasses import dataclass
from typing import Annotated

from watchword.disclose import words
from watchword.judge.weights import Weights


@dataclass(frozen=True, slots=True)
class Tier:
    """One tier of verdicts, and what it stands for."""

    tier: Annotated[str, "verdicts.tier"]
    title: Annotated[str, "the same in words"]
    means: Annotated[str, "its threshold, and how seldom honest mail reaches it"]


def tiers(weights: Weights) -> tuple[Tier, ...]:
    """Give every tier, the gravest first."""
    return tuple(Tier(tier, title, tier_means(tier, weights)) for tier, title in words.TIERS.items())


def tier_means(name: str, weights: Weights) -> str:
    """What a tier stands for, with the thresholds and the share of false alarms that they were set to."""
    attack, suspicious = words.in_hundred(weights.attack), words.in_hundred(weights.suspicious)
    honest = f"at most 1 in {1 / weights.honest:,.0f} honest messages" if weights.honest else "few honest messages"
    twins = f" (and 1 in {1 / weights.twins:,.0f} of those written to look like attacks)" if weights.twins else ""
    return {
        "attack": f"probability of {attack} or more, which no honest message reached in the collections that it was "
        "measured on",
        "suspicious": f"probability of {suspicious} or more, which {honest} reached in any collection that it was "
        f"measured on{twins}",
        "notice": "a mail provider’s own warning of an attack, which is not suspected of being one",
        "quiet": f"probability under {suspicious}, or the owner’s own mail; no proof that it is safe",
        "malicious": "a person said so, whatever the probability",
        "unsure": "a person looked and could not tell, whatever the probability",
        "harmless": "a person said so, whatever the probability",
    }.get(name, "")
