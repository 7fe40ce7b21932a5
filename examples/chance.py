"""Choices that come out the same on every machine and every Python, and texts put together by them."""

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item")
_INNERMOST = re.compile(r"\{([^{}]*)\}")


class Chance:
    """A stream of choices from a seed; only `random()` is used, the one method whose sequence Python promises."""

    def __init__(self, seed: str) -> None:
        """`seed` names what is being decided, so that adding a letter in one place changes nothing elsewhere."""
        digest = hashlib.sha256(seed.encode()).digest()
        self._next = random.Random(int.from_bytes(digest)).random  # noqa: S311 - a story, not a secret

    def below(self, stop: int) -> int:
        """Give a number from 0 to `stop` - 1."""
        return int(self._next() * stop)

    def between(self, low: int, high: int) -> int:
        """Give a number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def odds(self, probability: float) -> bool:
        """Say yes with that probability."""
        return self._next() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        """Give one of the items."""
        return items[self.below(len(items))]

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """Give `count` different items (or all there are) in a mixed order."""
        pool = list(items)
        return [pool.pop(self.below(len(pool))) for _ in range(min(count, len(pool)))]

    def token(self, length: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz0123456789") -> str:
        """Give `length` characters of the alphabet."""
        return "".join(self.pick(alphabet) for _ in range(length))

    def hexadecimal(self, length: int) -> str:
        """Give `length` hexadecimal digits."""
        return self.token(length, "0123456789abcdef")


class Wording:
    """Fills templates: `{a|b}` is one of the two, `{venue}` a word of the list `venue`.

    A word once chosen stays for the whole thread; `{venue2}` is a second choice from the same list.
    """

    def __init__(self, chance: Chance, words: Mapping[str, Sequence[str]]) -> None:
        """`words` are the lists that names in braces are taken from."""
        self._chance = chance
        self._words = words
        self.fixed: dict[str, str] = {}

    def fill(self, template: str) -> str:
        """Fill one template, from the innermost braces outward."""
        while (found := _INNERMOST.search(template)) is not None:
            template = template[: found.start()] + self._choose(found[1]) + template[found.end() :]
        return template

    def _choose(self, inside: str) -> str:
        if "|" in inside:
            return self._chance.pick(inside.split("|"))
        if inside not in self.fixed:
            self.fixed[inside] = self.fill(self._chance.pick(self._words[inside.rstrip("0123456789")]))
        return self.fixed[inside]
