"""Pictures as inline SVG, drawn here: who was targeted when, and how the evidence adds up."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise

from markupsafe import Markup, escape

from watchword.disclose import words
from watchword.disclose.answer import Answer
from watchword.disclose.conversations import Shown
from watchword.disclose.visible import folded, one_line

RIGHT = 14  # free at the right edge, in units of the drawing
DOT = 6.5  # half the size of a mark
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def label(text: str, limit: int = 200) -> str:
    """A text of mail as it may stand in a drawing: escaped, on one line, nothing hidden in it."""
    return str(escape(folded(one_line(text), limit)))


def shape(tier: str, x: float, y: float, r: float = DOT) -> str:
    """A shape for each tier, so that colour alone never carries the meaning."""
    if tier in ("attack", "malicious"):
        r *= 1.2
        return f'<path class="{tier}" d="M{x:.1f} {y - r:.1f}l{r:.1f} {r:.1f}l{-r:.1f} {r:.1f}l{-r:.1f} {-r:.1f}z"/>'
    if tier == "suspicious":
        return f'<path class="suspicious" d="M{x:.1f} {y - r:.1f}l{r:.1f} {r * 1.8:.1f}h{-2 * r:.1f}z"/>'
    if tier == "notice":
        r *= 0.8
        return f'<rect class="notice" x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r:.1f}" height="{2 * r:.1f}"/>'
    return f'<circle class="other" cx="{x:.1f}" cy="{y:.1f}" r="{r * 0.75:.1f}"/>'


def mark(tier: str) -> Markup:
    """The shape of a tier on its own, for a heading or a legend."""
    drawn = shape(tier, 9, 9)
    return Markup(f'<svg class="mark" viewBox="0 0 18 18" aria-hidden="true">{drawn}</svg>')  # noqa: S704  # only numbers


def timeline(answer: Answer, *, narrow: bool = False) -> Markup:
    """A row for each owner, grey ground for all mail, a mark for each listed message that leads to its card.

    The narrow one, for a phone, has the names above their rows instead of beside them.
    """
    line = answer.timeline
    if line.start is None or line.stop is None or not line.rows:
        return Markup("")
    start, span = line.start, (line.stop - line.start).total_seconds()
    wide, left = (400, 0) if narrow else (1000, 190)
    room = wide - left - RIGHT
    tall = 40 if len(line.rows) <= 12 else 30 if len(line.rows) <= 20 else 22
    above = 18 if narrow else 0
    size = DOT if tall > 22 else DOT * 0.7

    def across(time: datetime) -> float:
        return left + room * (time - start).total_seconds() / span

    top = 26
    height = top + (tall + above) * len(line.rows) + 8
    names = {owner.address: owner.title for owner in answer.owners}
    drawn = []
    for x, tick in ticks(start, line.stop, across, left + 10, wide - 68):
        drawn.append(f'<path class="grid" d="M{x:.1f} {top - 4}V{height - 4}"/>')
        drawn.append(f'<text class="tick" x="{x:.1f}" y="14">{tick}</text>')
    for number, row in enumerate(line.rows):
        bottom = top + (tall + above) * (number + 1) - 4
        drawn.append(f'<path class="base" d="M{left} {bottom}H{wide - RIGHT}"/>')
        name = label(names.get(row.owner, row.owner), 26)
        baseline = bottom - tall if narrow else bottom - tall / 2 + 8
        drawn.append(f'<text class="name" x="0" y="{baseline:.0f}"><title>{label(row.owner)}</title>')
        drawn.append(f"{name}</text>")
        highest = max(row.density, default=0)
        if highest:
            piece = room / len(row.density)
            highs = [(tall - 8) * math.sqrt(many / highest) for many in row.density]
            bars = "".join(
                f"M{left + i * piece:.1f} {bottom}v-{high:.1f}h{piece:.1f}V{bottom}z"
                for i, high in enumerate(highs)
                if high
            )
            drawn.append(f'<path class="density" d="{bars}"/>')
        drawn.append("".join(_marks(answer, row.owner, across, bottom - tall / 2 + 4, size)))
    mailboxes = words.number(len(line.rows), "mailbox", "mailboxes")
    title = f"Who was targeted when: {mailboxes}, {words.day(line.start)} to {words.day(line.stop)}"
    return Markup(  # noqa: S704  # every text in it went through `escape`
        f'<svg class="timeline {"narrow" if narrow else "broad"}" viewBox="0 0 {wide} {height}" role="img" '
        f'aria-label="{title}">{"".join(drawn)}</svg>'
    )


def _marks(
    answer: Answer, owner: str, across: Callable[[datetime], float], middle: float, size: float
) -> Iterator[str]:
    """Marks that would cover one another step aside, up and down in turn; one conversation hangs on a line."""
    mine = [c for c in answer.conversations if c.owner == owner]
    for conversation in mine:
        xs = [across(shown.time) for shown in conversation.messages if shown.time]
        if len(xs) > 1:
            yield f'<path class="thread" d="M{min(xs):.1f} {middle:.1f}H{max(xs):.1f}"/>'
    placed: list[float] = []
    level = 0
    dated = sorted(
        (
            (shown.time, conversation.rank, shown)
            for conversation in mine
            for shown in conversation.messages
            if shown.time
        ),
        key=lambda entry: (entry[0], entry[2].message),
    )
    for time, rank, shown in dated:
        x = across(time)
        level = (level + 1) % 3 if placed and x - placed[-1] < size * 1.6 else 0
        placed.append(x)
        y = middle + (0, -size, size)[level]
        sender = label(shown.from_name or shown.from_address, 60)
        title = (
            f"{words.minute(time)}: {sender}, “{label(shown.subject, 80)}” ({words.tier(shown.tier)}, number {rank})"
        )
        yield f'<a href="#m-{shown.message[:16]}"><title>{title}</title>{shape(shown.tier, x, y, size)}</a>'


def ticks(
    start: datetime, stop: datetime, across: Callable[[datetime], float], low: float, high: float
) -> Iterator[tuple[float, str]]:
    """At most twelve marks of the axis, at whole years, quarters, months or days, that stand clear of one another."""
    days = (stop - start).total_seconds() / 86_400
    times: list[tuple[datetime, str]] = []
    if days > 3 * 366:
        step = max(1, math.ceil(days / 366 / 11))
        years = range(start.year + 1, stop.year + 1)
        times = [(datetime(year, 1, 1, tzinfo=UTC), str(year)) for year in years if year % step == 0]
    elif days > 62:
        step = 1 if days < 366 else 3
        first = start.year * 12 + start.month
        for month in range(first, stop.year * 12 + stop.month):
            year, index = divmod(month, 12)
            if index % step == 0:
                times.append((datetime(year, index + 1, 1, tzinfo=UTC), f"{_MONTHS[index]} {year}"))
    else:
        step = max(1, math.ceil(days / 9))
        midnight = int(start.timestamp() // 86_400 + 1)
        for day in range(midnight, int(stop.timestamp() // 86_400) + 1, step):
            time = datetime.fromtimestamp(day * 86_400, UTC)
            times.append((time, f"{time.day} {_MONTHS[time.month - 1]} {time.year}"))
    last = -1000.0
    for time, said in times:
        x = across(time)
        if x - last > 62 and low < x < high:
            yield x, said
            last = x


def waterfall(shown: Shown) -> Markup:
    """How the kinds of evidence add up to the verdict's bits, one bar after the other."""
    steps = [(share.title, share.bits) for share in shown.shares]
    if abs(shown.rest) >= 0.05:
        steps.append(("Not explained by these weights", shown.rest))
    if not steps:
        return Markup("")
    ends = [0.0]
    for _, bits in steps:
        ends.append(ends[-1] + bits)
    low, high = min(0.0, *ends), max(0.0, *ends)
    left, wide, tall = 230, 640, 24
    room = wide - left - 90

    def across(bits: float) -> float:
        return left + room * (bits - low) / ((high - low) or 1)

    drawn = [f'<path class="base" d="M{across(0):.1f} 0V{tall * (len(steps) + 1)}"/>']
    for number, ((title, bits), (begin, end)) in enumerate(zip(steps, pairwise(ends), strict=True)):
        y = tall * number
        a, b = sorted((across(begin), across(end)))
        drawn.append(
            f'<text class="name" x="0" y="{y + 16}">{label(title, 36)}</text>'
            f'<rect class="{"for" if bits > 0 else "against"}" x="{a:.1f}" y="{y + 4}" '
            f'width="{max(1.5, b - a):.1f}" height="{tall - 8}"/>'
            f'<text class="value" x="{b + 6:.1f}" y="{y + 16}">{bits:+.1f}</text>'
        )
    y = tall * len(steps)
    a, b = sorted((across(0), across(shown.bits)))
    drawn.append(
        f'<text class="name total" x="0" y="{y + 16}">All together</text>'
        f'<rect class="total" x="{a:.1f}" y="{y + 4}" width="{max(1.5, b - a):.1f}" height="{tall - 8}"/>'
        f'<text class="value total" x="{b + 6:.1f}" y="{y + 16}">{shown.bits:+.1f} bits</text>'
    )
    return Markup(  # noqa: S704  # every text in it went through `escape`
        f'<svg class="waterfall" viewBox="0 0 {wide} {y + tall}" role="img" '
        f'aria-label="Evidence in bits, {shown.bits:.1f} in all">{"".join(drawn)}</svg>'
    )
