"""The paragraph at the top of the report: the answer to who was targeted, in a few sentences."""

from collections import defaultdict
from collections.abc import Sequence

from watchword.disclose import words
from watchword.disclose.conversations import ConversationShown
from watchword.disclose.coverage import Counts, Detector, Owner


def in_words(
    total: Counts,
    people: Sequence[Owner],
    conversations: Sequence[ConversationShown],
    warned: int,
    measured: Sequence[Detector],
) -> str:
    """The answer in one paragraph."""
    if total.judged and not measured and not total.chosen:
        return (
            f"Nothing could be weighed in {words.number(total.judged, 'message')}: no detector has a measured weight. "
            "What the detectors saw is in the tables, but says nothing about how likely an attack is."
        )
    if not total.judged:
        return "No message could be judged, so nothing can be said. See below what was found in the sources and why."
    mailbox = (
        f"{people[0].title}’s mailbox"
        if len(people) == 1 and people[0].is_known
        else words.number(len(people), "mailbox", "mailboxes")
        if any(owner.is_known for owner in people)
        else "mail whose owner is not known"
    )
    warning = ""
    if warned:
        warning = f" A mail provider itself warned of an attack {words.times(warned)}: see below."
    if not total.chosen:
        return (
            f"Nothing was found that deserves attention among {words.number(total.judged, 'message')} in {mailbox}. "
            "This means that none of the signs which this program knows stood out. It does not mean that nobody tried: "
            f"see what was not judged, and what this report cannot say.{warning}"
        )
    by_tier: dict[str, int] = defaultdict(int)
    hit: dict[str, str] = {}
    for conversation in conversations:
        for shown in conversation.messages:
            by_tier[shown.tier] += 1
            if shown.tier in ("attack", "malicious"):
                hit[conversation.owner] = conversation.owner_name
    clear = by_tier["attack"] + by_tier["malicious"]
    rest = total.chosen - clear
    text = (
        f"{total.chosen:,} of {words.number(total.judged, 'message')} in {mailbox} "
        f"{'deserves' if total.chosen == 1 else 'deserve'} attention"
    )
    if clear:
        text += f": {clear:,} {'looks' if clear == 1 else 'look'} like an attack"
        if len(people) > 1:
            text += f", aimed at {_named(list(hit.values()))}"
        text += f"; {rest:,} {'is' if rest == 1 else 'are'} less clear." if rest else "."
    else:
        text += "; none of them is clearly an attack."
    answered = sum(1 for conversation in conversations if conversation.answered)
    if answered:
        text += (
            f" In {'one conversation' if answered == 1 else f'{answered:,} conversations'} the owner wrote back. "
            "Such messages are made for that, and it is nobody’s fault, but it is the place to begin."
        )
    return text + warning


def _named(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    if len(names) > 5:
        return f"{', '.join(names[:4])} and {len(names) - 4} more"
    return " and ".join([part for part in (", ".join(names[:-1]), names[-1]) if part])
