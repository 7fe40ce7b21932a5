"""The answer in under 30 lines of a terminal."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from watchword.disclose import words
from watchword.disclose.answer import Answer
from watchword.disclose.visible import one_line

TOP = 8  # conversations
_STYLES = {"attack": "bold red", "malicious": "bold red", "suspicious": "yellow", "notice": "blue"}


def summary(answer: Answer, report: Path) -> RenderableType:
    """Give the answer, the first conversations, the counts, and where the report lies.

    Whatever comes from mail is plain text without control characters: it cannot act on the terminal.
    """
    pieces: list[RenderableType] = [Text(one_line(answer.answer)), Text()]
    if answer.conversations:
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        for ratio in (None, None, None, 2, 3, 4):
            table.add_column(ratio=ratio, no_wrap=True, overflow="ellipsis")
        for story in answer.conversations[:TOP]:
            first = max(story.messages, key=lambda shown: (shown.probability, shown.bits))
            table.add_row(
                Text(str(story.rank)),
                Text(words.sure(story.probability), style=_STYLES.get(story.tier, "")),
                Text(words.day(first.time)),
                Text(one_line(first.from_name or first.from_address or "no sender")),
                Text(one_line(first.subject) or "(no subject)"),
                Text(one_line(first.findings[0].sentence) if first.findings else "", style="dim"),
            )
        pieces += [Text("How likely each is an attack; the first is the one to look at first:"), table]
        if len(answer.conversations) > TOP:
            pieces.append(
                Text(f"and {words.number(len(answer.conversations) - TOP, 'more conversation')} in the report")
            )
        first = max(answer.conversations[0].messages, key=lambda shown: (shown.probability, shown.bits))
        pieces += [Text(f"To see why: watchword why {first.message[:16]}", no_wrap=True), Text()]
    total = answer.counts
    parts = f"{total.judged:,} judged + {total.repeated:,} copies + {total.rejected:,} not readable"
    tiers = ", ".join(f"{count.title[0].lower()}{count.title[1:]} {count.messages:,}" for count in total.tiers)
    pieces.append(
        Text(
            f"Found {total.found:,} = {parts}" + (f" + {total.unjudged:,} without a verdict" if total.unjudged else "")
        )
    )
    pieces.append(Text(f"Judged: {tiers}" if tiers else "Judged: none"))
    if answer.gaps:
        pieces.append(Text(f"Not judged, or with less: {words.number(len(answer.gaps), 'point')}, see the report"))
    pieces.append(Text(f"Report: {one_line(str(report))}"))
    return Group(*pieces)
