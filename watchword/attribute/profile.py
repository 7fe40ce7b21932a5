"""How much oftener reports on one actor name a thing than all reports do, in bits."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """In how many reports, of how many, each item is named: of one actor, or of all (the background)."""

    counts: Mapping[str, int]
    reports: int


def item_bits(item: str, profile: Profile, everybody: Profile, pseudo: float) -> float:
    """Say how much more probable it is that this actor's report names the item than that anybody's does, log2."""
    usual = (everybody.counts.get(item, 0) + 0.5) / (everybody.reports + 1)
    own = (profile.counts.get(item, 0) + pseudo * usual) / (profile.reports + pseudo)
    return math.log2(own / usual)
