"""The answer in under 30 lines of a terminal."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from watchword.disclose import words
from watchword.disclose.answer import Answer
from watchword.disclose.conversations import strongest
from watchword.disclose.visible import one_line

TOP = 8  # conversations
TOP_BESIDE = 3  # conversations, where operations are told beside them
TOP_OPERATIONS = 3
_STYLES = {"attack": "bold red", "malicious": "bold red", "suspicious": "yellow", "notice": "blue"}


def summary(answer: Answer, report: Path) -> RenderableType:
    """Give the answer, the first conversations, the counts, and where the report lies.

    Whatever comes from mail is plain text without control characters: it cannot act on the terminal.
    """
    pieces: list[RenderableType] = [Text(one_line(answer.answer)), Text()]
    told = answer.operations.full
    behind = [*_behind(answer)]
    top = TOP_BESIDE - bool(behind) if told else TOP
    if answer.conversations:
        pieces.append(Text("What to look at first, how likely it is an attack, and for whom it was made:"))
        for story in answer.conversations[:top]:
            first = strongest(story.messages)
            line = Text(f"{story.rank:2}  ", no_wrap=True, overflow="ellipsis")
            line.append(words.sure(story.probability), _STYLES.get(story.tier, ""))
            sender = one_line(first.from_name or first.from_address) or "no sender"
            line.append(f", {words.aim(story.targeted)}, {words.day(first.time)}, ")
            line.append(sender if len(sender) <= 32 else sender[:31] + "…")
            if len(answer.owners) > 1:
                line.append(f" to {one_line(story.owner_name) or 'unknown'}")
            line.append(f": {one_line(first.subject) or '(no subject)'}")
            pieces.append(line)
            if first.findings:
                reason = f"    {one_line(first.findings[0].sentence)}"
                pieces.append(Text(reason, style="dim", no_wrap=True, overflow="ellipsis"))
        if len(answer.conversations) > top:
            pieces.append(
                Text(f"and {words.number(len(answer.conversations) - top, 'more conversation')} in the report")
            )
        first = strongest(answer.conversations[0].messages)
        pieces += [Text(f"To see why: watchword why {first.message[:16]}", no_wrap=True), Text()]
    if told:
        pieces.append(Text("Operations, whom they hit, and how far each came: watchword operations", no_wrap=True))
        for one in told[: TOP_OPERATIONS - bool(behind)]:
            line = Text(f"{one.number:2}  ", no_wrap=True, overflow="ellipsis")
            hit = words.number(len(one.people) + one.more_people, "person", "people")
            line.append(f"{hit}, {one_line(one.outcome.furthest)}, ")
            line.append(f"{words.day(one.first)} to {words.day(one.last)}, in the name of {one_line(one.called)}")
            pieces.append(line)
    pieces += behind
    if told or behind:
        pieces.append(Text())
    total = answer.counts
    parts = f"{total.judged:,} judged + {total.repeated:,} copies + {total.rejected:,} not mail or not readable"
    tiers = ", ".join(f"{count.title[0].lower()}{count.title[1:]} {count.messages:,}" for count in total.tiers)
    pieces.append(
        Text(
            f"Found {total.found:,} = {parts}" + (f" + {total.unjudged:,} without a verdict" if total.unjudged else "")
        )
    )
    pieces.append(Text(f"Judged: {tiers}" if tiers else "Judged: none"))
    if answer.spoken_of.count:
        seen = words.number(answer.spoken_of.count, "message")
        pieces.append(Text(f"Offers of documents, and threats: {seen}, see the report"))
    if answer.unweighed.count:
        seen = words.number(answer.unweighed.count, "message")
        pieces.append(Text(f"Seen, but too rare to be weighed: {seen}, to look at by hand, see the report"))
    if answer.gaps:
        pieces.append(Text(f"Not judged, or with less: {words.number(len(answer.gaps), 'point')}, see the report"))
    pieces.append(Text(f"Report: {one_line(str(report))}"))
    return Group(*pieces)


def _behind(answer: Answer) -> Iterator[Text]:
    """Say what was weighed, what is publicly named, and what others claim; no name that nobody decided on."""
    weighed, public, said = answer.attributions, answer.hits, answer.claims
    lines = [
        f"Of operation {one.number} a person decided to name {one_line(one.decided_name)}."
        for one in weighed.full
        if one.decided_name
    ][:2]
    if weighed.full and len(lines) < len(weighed.full):
        many = words.number(len(weighed.full) + weighed.more, "operation")
        lines.append(f"Who may be behind it: the machine weighs ({many}) and names nobody: watchword attribute")
    if public.listed:
        counted = words.number(len(public.listed) + public.more, "value is", "values are")
        lines.append(f"Of what stands in the mail, {counted} publicly named: watchword indicators")
    if said.proposed or said.confirmed:
        counted = words.number(said.proposed + said.confirmed, "claim")
        lines.append(f"Others make {counted} in public, {said.confirmed:,} of them confirmed: watchword claims")
    return (Text(line, no_wrap=True, overflow="ellipsis") for line in lines)
