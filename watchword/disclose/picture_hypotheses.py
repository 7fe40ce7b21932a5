"""Pictures of what was weighed: how probable each hypothesis is, and what each exhibit counts for it."""

import math
import textwrap
from collections.abc import Iterator

from markupsafe import Markup, escape

from watchword.attribute.words import LIKELIHOOD, LIMITS, percent
from watchword.disclose.attribution import CLEAR, AttributionShown, HypothesisShown
from watchword.disclose.picture import RIGHT, label
from watchword.disclose.picture_operation import short
from watchword.disclose.visible import one_line

TALL = 30  # height of a row
LEFT, WORDS = 268, 232  # of the broad picture: names at the left, words at the right
BROAD, NARROW = 14, 9  # columns of the matrix side by side; further ones stand below
_LEVELS = (0.3, 1.0, 2.5)  # bits between the four shades of a cell


def bars(shown: AttributionShown, *, narrow: bool = False) -> Markup:
    """Draw a bar for each hypothesis: its range over the priors, a disc for what it came to, a tick where it began.

    The ground has the seven bands of ICD 203.
    """
    if not shown.hypotheses:
        return Markup("")
    wide, left = (400, 0) if narrow else (1000, LEFT)
    stop = wide - (RIGHT if narrow else WORDS)
    room = stop - left
    tall = TALL + (20 if narrow else 0)
    top = 60 if narrow else 44
    height = top + tall * len(shown.hypotheses) + 8

    def across(probability: float) -> float:
        return left + room * probability

    drawn = list(_bands(left, room, top, height, 3 if narrow else 2))
    for number, one in enumerate(shown.hypotheses):
        middle = top + tall * (number + 1) - TALL / 2
        strong = " total" if one.leads else ""
        told = f"{percent(one.low, one.high)}"
        title = (
            f"<title>{label(one.title)}: {told}, {label(one.likelihood)}; {percent(one.posterior, one.posterior)} with "
            f"the prior as fixed, {percent(one.prior, one.prior)} before any evidence</title>"
        )
        baseline = middle - 15 if narrow else middle + 4
        drawn.append(_name(one, baseline, title, narrow))
        low, high = across(one.low), across(one.high)
        drawn.append(
            f'<g>{title}<rect class="span" x="{low:.1f}" y="{middle - 7:.1f}" width="{max(2.0, high - low):.1f}" '
            f'height="14"/><path class="began" d="M{across(one.prior):.1f} {middle - 11:.1f}v22"/>'
            f'<circle class="disc" cx="{across(one.posterior):.1f}" cy="{middle:.1f}" r="5.5"/></g>'
        )
        if narrow:
            drawn.append(f'<text class="tick" x="{stop}" y="{baseline:.0f}" text-anchor="end">{told}</text>')
        else:
            drawn.append(
                f'<text class="name{strong}" x="{stop + 12}" y="{middle - 2:.0f}">{told}</text>'
                f'<text class="tick small" x="{stop + 12}" y="{middle + 12:.0f}">{label(one.likelihood, 40)}</text>'
            )
    says = "; ".join(f"{label(one.title, 80)}: {percent(one.low, one.high)}" for one in shown.hypotheses)
    return _svg(shown, "bars", narrow, wide, height, "How probable each hypothesis is", says, drawn)


def _bands(left: float, room: float, top: float, height: float, lines: int) -> Iterator[str]:
    """The bands of ICD 203 as ground, their names above by turns in so many lines."""
    ends = (0.0, *LIMITS, 1.0)
    for number, term in enumerate(LIKELIHOOD):
        a, b = left + room * ends[number], left + room * ends[number + 1]
        if number % 2 == 0:
            yield f'<rect class="band" x="{a:.1f}" y="{top - 4}" width="{b - a:.1f}" height="{height - top:.1f}"/>'
        anchor, x = ("start", a) if number == 0 else ("end", b) if number == 6 else ("middle", (a + b) / 2)
        y = 14 + 17 * (number % lines)
        yield f'<text class="tick" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{term}</text>'
        if number:
            yield f'<path class="grid thin" d="M{a:.1f} {top - 4}V{height - 4:.1f}"/>'


def matrix(shown: AttributionShown, *, narrow: bool = False) -> Markup:
    """Draw hypotheses in rows and exhibits in columns; a cell has the bits that count, with their sign."""
    if not shown.hypotheses or not shown.exhibits:
        return Markup("")
    wide, left, most = (400, 0, NARROW) if narrow else (1000, LEFT, BROAD)
    columns = [*range(len(shown.exhibits)), None]  # the last one is what all come to
    pieces = max(1, math.ceil(len(columns) / (most + 1)))
    many = math.ceil(len(columns) / pieces)
    cell = min(62.0, (wide - left - 2) / many)
    tall = 26 + (17 if narrow else 0)
    drawn: list[str] = []
    y = 4.0
    for begin in range(0, len(columns), many):
        here = columns[begin : begin + many]
        for place, column in enumerate(here):
            drawn.append(_head(shown, column, left + cell * (place + 0.5), y + 14))
        y += 26
        for one in shown.hypotheses:
            drawn.append(_name(one, y + 12 if narrow else y + 17, f"<title>{label(one.title)}</title>", narrow))
            top = y + tall - 26
            for place, column in enumerate(here):
                drawn.append(_cell(shown, one, column, left + cell * place, top, cell))
            y += tall
        y += 12
    says = (
        "Each cell has the bits that an exhibit counts for a hypothesis against an unknown actor: plus speaks for it, "
        "minus against it. The same stands below in words."
    )
    return _svg(shown, "matrix", narrow, wide, math.ceil(y - 6), "What each exhibit counts", says, drawn)


def _name(one: HypothesisShown, baseline: float, title: str, narrow: bool) -> str:
    """The name of a row: above it where it is narrow, else beside it in one line or two."""
    strong = " total" if one.leads else ""
    lines = textwrap.wrap(one_line(one.title), 46 if narrow else 37) or [""]
    if len(lines) == 1 or narrow:
        name = short(one.title, 46)
        return f'<text class="name{strong}" x="0" y="{baseline:.0f}">{title}{name}</text>'
    second = short(" ".join(lines[1:]), 37)
    return (
        f'<text class="name two{strong}" x="0" y="{baseline - 6:.0f}">{title}{escape(lines[0])}'
        f'<tspan x="0" dy="12.5">{second}</tspan></text>'
    )


def _head(shown: AttributionShown, column: int | None, x: float, y: float) -> str:
    if column is None:
        return f'<text class="tick" x="{x:.1f}" y="{y:.0f}" text-anchor="middle">all</text>'
    one = shown.exhibits[column]
    critical = f'<path class="critical" d="M{x - 9:.1f} {y + 5:.1f}h18"/>' if one.critical else ""
    return (
        f'<a href="#{_anchor(shown, one.number)}"><title>{label(one.sentence)}</title><text class="name" x="{x:.1f}" '
        f'y="{y:.0f}" text-anchor="middle">E{one.number}</text>{critical}</a>'
    )


def _cell(shown: AttributionShown, one: HypothesisShown, column: int | None, x: float, y: float, size: float) -> str:
    """A cell: shaded by how much it counts, with sign and bits written in it."""
    bits = one.all_bits if column is None else one.cells[column].counted
    clear = abs(bits) >= CLEAR
    said = f"{bits:+.1f}".replace("-", "−") if clear else "·"
    level = 1 + sum(abs(bits) >= limit for limit in _LEVELS) if clear and column is not None else 0
    kind = f"cell {'for' if bits > 0 else 'against'} level{level}" if level else "cell none"
    why = "" if column is None else one.cells[column].sentence
    number = "all exhibits" if column is None else f"E{shown.exhibits[column].number}"
    title = f"{number}, {label(one.title, 80)}: {said if clear else '0'} bits{f'. {label(why, 300)}' if why else ''}"
    weight = " total" if column is None else ""
    text = f'<text class="bit{weight}" x="{x + size / 2:.1f}" y="{y + 17:.1f}" text-anchor="middle">{said}</text>'
    return (
        f'<g><title>{title}</title><rect class="{kind}" x="{x + 1:.1f}" y="{y + 1:.1f}" width="{size - 2:.1f}" '
        f'height="24"/>{text}</g>'
    )


def _anchor(shown: AttributionShown, number: int) -> str:
    return str(escape(f"x-{shown.operation}-{number}"))


def _svg(
    shown: AttributionShown, what: str, narrow: bool, wide: int, height: float, title: str, says: str, drawn: list[str]
) -> Markup:
    name = f"{what}-{'n' if narrow else 'b'}-{escape(shown.operation)}"
    return Markup(  # noqa: S704  # every text in it went through `escape`
        f'<svg class="timeline {what} {"narrow" if narrow else "broad"}" viewBox="0 0 {wide} {height:.0f}" role="img" '
        f'aria-labelledby="t-{name} d-{name}"><title id="t-{name}">{title}: operation {shown.number}</title>'
        f'<desc id="d-{name}">{says}</desc>{"".join(drawn)}</svg>'
    )


def speaks(side: str) -> Markup:
    """The sign of what speaks for or against, for a list."""
    sign = {"for": "+", "against": "−"}.get(side, "·")
    kind = f"cell {side} level2" if side in ("for", "against") else "cell none"
    return Markup(  # noqa: S704  # ours
        f'<svg class="mark" viewBox="0 0 18 18" aria-hidden="true"><rect class="{kind}" x="1" y="1" width="16" '
        f'height="16"/><text class="bit" x="9" y="14" text-anchor="middle">{sign}</text></svg>'
    )
