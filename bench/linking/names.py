"""Invented people, registrations and addresses: pronounceable, of real shapes, and the same for the same seed."""

import re
from dataclasses import dataclass
from random import Random

_ONSETS = "b br c cr d dr f fl g gr h j k kl l m n p pr r s sk st t tr v w z".split()
_VOWELS = "a e i o u ai ea ou".split()
_CODAS = "l n r s t x nd rk lt m".split()
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_STYLES = ("service-words", "brand-suffix", "institute", "brand-digits", "two-brands", "prefix-brand")
_ENDINGS = (
    ("online", "site"),
    ("info", "live"),
    ("com", "net"),
    ("org", "com"),
    ("top", "xyz"),
    ("app", "cloud"),
    ("click", "link"),
    ("co", "io"),
    ("email", "services"),
    ("eu", "info"),
    ("space", "website"),
)
_NETWORKS = (5, 37, 45, 62, 77, 80, 85, 91, 93, 94, 109, 146, 176, 178, 185, 188, 193, 194, 195, 212)


@dataclass(frozen=True, slots=True)
class Naming:
    """How one registrant names what is registered: a style, a few words, and one or two endings."""

    style: str
    words: tuple[str, ...]
    endings: tuple[str, ...]

    def label(self) -> str:
        """Name of the naming family for the truth."""
        return f"{self.style}/{'+'.join(self.words)}/{'+'.join(self.endings)}"


def chance(*named: object) -> Random:
    """Chance that falls the same way whenever it is named so."""
    return Random(" ".join(map(str, named)))  # noqa: S311  # not for secrets


def brand(rng: Random, syllables: int = 2) -> str:
    """Make a word that can be said and means nothing."""
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)) + rng.choice(_CODAS)


def naming(rng: Random, words: tuple[str, ...]) -> Naming:
    """Settle a registrant's habit; `words` are what such domains are made of."""
    return Naming(rng.choice(_STYLES), tuple(rng.sample(words, 4)), rng.choice(_ENDINGS))


def registered(habit: Naming, rng: Random) -> str:
    """Register one more domain by this habit."""
    first, second, *_ = rng.sample(habit.words, 4)
    said = {
        "service-words": f"{first}-{second}-{brand(rng, 1)}",
        "brand-suffix": f"{brand(rng)}-{first}",
        "institute": f"{brand(rng)}{habit.words[0]}",
        "brand-digits": f"{brand(rng)}{rng.randint(11, 99)}",
        "two-brands": f"{brand(rng, 1)}{brand(rng)}",
        "prefix-brand": f"{first}{brand(rng)}",
    }[habit.style]
    return f"{said}.{rng.choice(habit.endings)}"


def network(rng: Random) -> str:
    """First three octets of a small hoster's network."""
    return f"{rng.choice(_NETWORKS)}.{rng.randint(2, 250)}.{rng.randint(1, 254)}"


def account(name: str, rng: Random) -> str:
    """Local part of an address for a name."""
    first, *_, last = re.sub(r"[^a-z ]", "", name.lower()).split()
    shapes = (f"{first}.{last}", f"{first}{last}", f"{last}.{first}", f"{first[0]}.{last}", f"{first}.{last[0]}")
    digits = rng.choice(("", "", str(rng.randint(2, 99)), f".{rng.choice(('office', 'mail', 'desk', 'press'))}"))
    return rng.choice(shapes) + digits


def hexadecimal(rng: Random, length: int) -> str:
    """So many digits of a token."""
    return "".join(rng.choice("0123456789abcdef") for _ in range(length))


def letters(rng: Random, length: int) -> str:
    """So many characters of base 64 for addresses."""
    return "".join(
        rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") for _ in range(length)
    )


def phone(rng: Random) -> str:
    """Telephone number of no plan in particular."""
    country = rng.choice((1, 31, 44, 49, 33, 358, 420))
    return f"+{country} {rng.randint(200, 899)} {rng.randint(200, 999)} {rng.randint(1000, 9999)}"
