"""The paragraph at the top of the report: the answer to who was targeted, in a few sentences."""

from collections import defaultdict
from collections.abc import Sequence

from watchword.disclose import words
from watchword.disclose.conversations import ConversationShown
from watchword.disclose.coverage import Counts, Detector, Owner
from watchword.disclose.ladder_shown import ANSWERED, ENTERED, Ladder
from watchword.disclose.operations import Operations


def in_words(
    total: Counts,
    people: Sequence[Owner],
    conversations: Sequence[ConversationShown],
    operations: Operations,
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
    several = who_else(operations)
    beyond = "".join(f" {sentence}" for sentence in (several, how_far(operations)) if sentence)
    if not total.chosen:
        return (
            f"Nothing was found that deserves attention among {words.number(total.judged, 'message')} in {mailbox}. "
            "This means that none of the signs which this program knows stood out. It does not mean that nobody tried: "
            f"see what was not judged, and what this report cannot say.{beyond}{warning}"
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
    return text + beyond + warning


_REACHED = {
    4: "a reply went out",
    5: "something was opened or given",
    6: "an account was entered by somebody else",
    7: "an account was entered and used",
}


def who_else(operations: Operations) -> str:
    """Say how many operations hit several people; empty if none did."""
    if not operations.several_people:
        return ""
    hit = f"{words.number(operations.several_people, 'operation')} hit several people"
    if operations.several_organisations:
        all_of_them = operations.several_organisations == operations.several_people
        hit += f", {'and' if all_of_them else f'{operations.several_organisations:,} of them'} several organisations"
    return f"{hit}."


def how_far(operations: Operations) -> str:
    """Say the gravest that is shown or possible; empty if no operation was followed up."""
    ladders = [(ladder, one.number) for one in operations.full for ladder in one.outcome.ladders]
    if not ladders:
        return ""
    shown = max(ladder.shown for ladder, _ in ladders)
    grave = [(ladder, number) for ladder, number in ladders if ladder.shown == shown]
    perhaps = [(ladder, number) for ladder, number in ladders if ladder.possible >= ENTERED and ladder.shown < ENTERED]
    if shown >= ANSWERED:
        text = f"The gravest that anything shows is that {_REACHED[shown]} ({_people(grave)})."
    else:
        text = "Nothing shows that anybody answered or was entered."
    if perhaps:
        text += f" That an account was entered is possible, too ({_people(perhaps)})."
    if operations.unknown:
        text += f" Of {words.number(operations.unknown, 'account')} nothing at hand tells: see which log would."
    return text


def lead(operations: Operations) -> str:
    """The answer to who else was hit, for the head of that part of the report."""
    if not operations.full and not operations.rest:
        return (
            "Nothing ties two messages that stand out to one another, or to others. Each may be of other hands, "
            "or of the same which shared nothing that would show."
        )
    text = who_else(operations) or "No operation that was made for few hit several people."
    if operations.others:
        text += f" {words.number(operations.others, 'more was', 'more were')} sent to many, or less clear."
    if operations.alone:
        text += f" {words.number(operations.alone, 'message stands', 'messages stand')} alone."
    far = how_far(operations)
    return f"{text} {far}" if far else text


def _people(ladders: Sequence[tuple[Ladder, int]]) -> str:
    """Who it is, and in which operation, where few are meant."""
    numbers = sorted({number for _, number in ladders})
    of = f"operation {numbers[0]}" if len(numbers) == 1 else f"operations {_named([str(one) for one in numbers])}"
    return f"{_named(list(dict.fromkeys(ladder.name for ladder, _ in ladders)))}, {of}"


def _named(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    if len(names) > 5:
        return f"{', '.join(names[:4])} and {len(names) - 4} more"
    return " and ".join([part for part in (", ".join(names[:-1]), names[-1]) if part])
