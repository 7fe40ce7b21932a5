"""Telephone numbers, wallets and accounts in a long text, as mail is read for them, and where they stand."""

from collections.abc import Iterator

from watchword.observe.mentions import in_text

PIECE = 16_000  # characters that are read at once: what reads mail has limits of its own
KINDS = ("phone", "wallet", "handle")


def read(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Give kind, value, begin and end of each. Linear."""
    start = 0
    while start < len(text):
        stop = min(len(text), start + PIECE)
        if stop < len(text):
            stop = (
                max(text.rfind("\n", start + PIECE // 2, stop), text.rfind(" ", start + PIECE // 2, stop)) + 1 or stop
            )
        piece = text[start:stop]
        at = dict.fromkeys(KINDS, 0)
        for found in in_text(piece):
            if found.kind not in at or not found.shown:
                continue
            place = piece.find(found.shown, at[found.kind])
            place = place if place >= 0 else piece.find(found.shown)
            if place >= 0:
                at[found.kind] = place
                yield found.kind, found.value, start + place, start + place + len(found.shown)
        start = stop
