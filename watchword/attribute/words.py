"""The words of ICD 203 for likelihood: two rows of seven terms that are never mixed, and never 0 or 100 %.

Likelihood and confidence are two things and stand in two sentences.
"""

LIMITS = (0.05, 0.2, 0.45, 0.55, 0.8, 0.95)  # between the terms
LIKELIHOOD = (
    "almost no chance",
    "very unlikely",
    "unlikely",
    "roughly even chance",
    "likely",
    "very likely",
    "almost certain",
)
PROBABILITY = (
    "remote",
    "highly improbable",
    "improbable",
    "roughly even odds",
    "probable",
    "highly probable",
    "nearly certain",
)
LEAST, MOST = 0.01, 0.99


def kept_open(probability: float) -> float:
    """Give the probability as it may be printed: nothing is impossible or certain."""
    return min(max(probability, LEAST), MOST)


def band(probability: float) -> int:
    """Give the number of the term, 0 to 6; a limit belongs to the term above it."""
    return sum(probability >= limit for limit in LIMITS)


def term(probability: float, row: tuple[str, ...] = LIKELIHOOD) -> str:
    """Give the term for a probability."""
    return row[band(probability)]


def span(low: float, high: float, row: tuple[str, ...] = LIKELIHOOD) -> str:
    """Give the terms for a range: one, or the lowest and the highest where they differ."""
    first, last = term(low, row), term(high, row)
    return first if first == last else f"{first} to {last}"


def percent(low: float, high: float) -> str:
    """Give a range in per cent, never 0 or 100."""
    first, last = f"{kept_open(low):.0%}", f"{kept_open(high):.0%}"
    return first if first == last else f"{first.removesuffix('%')} to {last}"
