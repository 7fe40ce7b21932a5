"""What a comparison shows, to whom, and what it cannot keep from whom: in plain words, for those who have to decide."""

from collections.abc import Iterator

from watchword.match.messages import MOST, SMALLEST
from watchword.match.sessions import PER_DAY

CONTENT = {
    "offer": "The file holds {size:,} points of a curve: your items, each hidden by a key of its own, and random "
    "ones. Nobody can tell which is which, and no item can be tried against it.",
    "answer": "The file holds their {theirs:,} points raised to a key that is deleted already, and {size:,} marks: "
    "your items under that key, and random ones. Only who offered the same item can make its mark again.",
    "result": "The file holds what is common, locked so that only the other side can read it; its size shows little.",
}
SEND = (
    "Send it from an account that you have no doubts about, by a channel where you know who is at the other end, as "
    "Signal with a safety number that you compared. Never from a mailbox that is under investigation."
)


def limits(size: int, theirs: int, count_only: bool, role: str) -> Iterator[str]:
    """Say what this session shows and cannot prevent. `theirs` is how many points their offer has, 0 for our own."""
    many = f"at most {size:,}" if size <= SMALLEST else f"{size // 2 + 1:,} to {size:,}"
    yield f"Size: the file is as large for any set of {many} items. That much it tells about how many you have."
    what = (
        "only how many items are common, which this program shows as none, 1 to 4, or 5 and more"
        if count_only
        else "which items are common, and the numbers of the other side's operations that have them"
    )
    first, second = ("you learn", "they learn") if role == "offer" else ("they learn", "you learn")
    yield f"Who learns what: {first} {what}; {second} it from the result, if that is sent. Nobody learns anything else."
    if count_only:
        yield (
            "A count holds only against those who do not change the program: who does, learns the exact number, and "
            "with some work which items they are. And who is told the count cannot check it."
        )
    yield (
        "Guessing: the protocol assumes that both sides keep to it (semi-honest). Nothing keeps the other side from "
        f"comparing items that it invented: {theirs or MOST:,} at most in this session, chosen before anything is "
        f"answered; none can be tried afterwards. {PER_DAY} sessions a day with one partner are made unless you say "
        "more. Domains that can be listed, as look-alikes of a name, are found so; long paths, hashes of files and "
        "texts are not."
    )
    yield (
        "Honesty: either side can leave items out, or break off once it has learned more than the other. The result "
        "is checked against the offer: nobody can claim an item that was not offered."
    )
    yield (
        "A match tells the other side that you were attacked, and with what. The other side may be the attacker, or "
        "have him in its mailboxes: then he learns which of his means are known. Where in doubt, compare with "
        "--count-only first."
    )
