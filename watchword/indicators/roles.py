"""Whose an indicator is, by the words of the document that names it."""

from collections.abc import Sequence

from watchword.indicators.found import Found


def assign(text: str, found: Sequence[Found], publisher: str) -> None:
    """Say of each indicator whose it is, and why."""
    del text, found, publisher
