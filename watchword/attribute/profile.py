"""How well a set of techniques or programs fits what reports say of each actor, in bits, tempered and capped.

Such lists are weak: what many actors do says nothing of any, and the items of one list depend on each other. So each
item weighs by how much oftener the actor's reports name it than all reports do, the sum counts at a measured exponent,
and no list as a whole weighs more than its cap.
"""

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from watchword.attribute.rules import rules


@dataclass(frozen=True, slots=True)
class Profile:
    """In how many reports, of how many, each item is named: of one actor, or of all (the background)."""

    counts: Mapping[str, int]
    reports: int


def background(profiles: Iterable[Profile]) -> Profile:
    """Add up the profiles of all actors."""
    counts: dict[str, int] = {}
    reports = 0
    for one in profiles:
        reports += one.reports
        for item, count in one.counts.items():
            counts[item] = counts.get(item, 0) + count
    return Profile(counts, reports)


def item_bits(item: str, profile: Profile, everybody: Profile, pseudo: float) -> float:
    """Say how much more probable it is that this actor's report names the item than that anybody's does, log2."""
    usual = (everybody.counts.get(item, 0) + 0.5) / (everybody.reports + 1)
    own = (profile.counts.get(item, 0) + pseudo * usual) / (profile.reports + pseudo)
    return math.log2(own / usual)


def profile_bits(
    observed: Set[str],
    profiles: Mapping[str, Profile],
    everybody: Profile,
    *,
    cap: float | None = None,
    exponent: float | None = None,
    pseudo: float | None = None,
) -> dict[str, float]:
    """Give for each actor the bits that the observed items weigh for it (above 0) or against it, against anybody.

    What is not observed does not count: a mailbox shows little of what an actor does. What is left out of the
    numbers is as `knowledge/attribution.toml` has it for techniques.
    """
    known = rules()
    most = known.technique_cap if cap is None else cap
    power = known.profile_exponent if exponent is None else exponent
    prior = known.pseudo if pseudo is None else pseudo
    weighed = {
        actor: power * sum(item_bits(item, profile, everybody, prior) for item in sorted(observed))
        for actor, profile in profiles.items()
    }
    return {actor: min(max(bits, -most), most) for actor, bits in weighed.items()}
