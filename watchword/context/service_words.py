"""Domain names that are put together from nothing but words of services, as `docs-shared-view`.

Who registers domains by the dozen for sign-in pages names them so. Of the domains that public lists ascribe to Charming
Kitten 12 % and to Callisto 13 % are, of the million most used domains one in a thousand (maltrail and Tranco, 2026-11).
"""

import functools
import tomllib
from importlib.resources import files

LONGEST = 40  # characters of a label; no name of this kind is longer, and work stays small


@functools.cache
def _words() -> frozenset[str]:
    data = tomllib.loads(files("watchword").joinpath("knowledge", "lookalike.toml").read_text("utf-8"))
    return frozenset(data["services"]["words"])


def service_words(organisation: str) -> list[str]:
    """Give the words that spell the first label of a registrable domain, if it is two or more and nothing else."""
    label = organisation.partition(".")[0]
    if len(label) > LONGEST:
        return []
    found: list[str] = []
    for piece in filter(None, label.split("-")):
        spelled = _spelled(piece)
        if not spelled:
            return []
        found += spelled
    return found if len(found) >= 2 else []


def _spelled(piece: str) -> list[str]:
    """Spell a piece with as few words as it takes; empty if words do not cover it."""
    best: list[list[str] | None] = [[]] + [None] * len(piece)
    for end in range(1, len(piece) + 1):
        for start in range(end - 1):  # no word has one letter
            before, fewest = best[start], best[end]
            if before is None or piece[start:end] not in _words():
                continue
            if fewest is None or len(before) + 1 < len(fewest):
                best[end] = [*before, piece[start:end]]
    return best[-1] or []
