"""The picture of the ledger: who took which side when, in a lane for each proposition, roots joined by a line."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from watchword.disclose import words
from watchword.disclose.answer import Answer
from watchword.disclose.claim_words import SIDES
from watchword.disclose.claims import ClaimShown, PropositionShown
from watchword.disclose.operations import OperationShown
from watchword.disclose.picture import RIGHT, label, shape, ticks
from watchword.disclose.picture_operation import LETTER
from watchword.disclose.visible import defanged, one_line

LANES = 18
MAIL = 4  # operations whose mail is drawn above
ROWS = 6  # marks above one another in a lane; what finds no place is counted
LINE = 17  # height of a row
DOT = 5.5
_NAMED = 24  # letters of a speaker's name beside a mark
_UNNAMED = "not named"
_BEFORE = 0.7  # mail is drawn that came so much before the first claim, in lengths of the time from first to last
_ENTERED = ("entered", "used")


@dataclass(frozen=True, slots=True)
class _Placed:
    """One mark: where it lies, and on which side its name stands."""

    claim: ClaimShown
    x: float
    y: float
    side: int  # 1: name at the right, -1: at the left, 0: no room for it


def timeline(answer: Answer, *, narrow: bool = False) -> Markup:
    """Draw the claims that the ledger quotes by the date they were said, and the mail of the operations above them."""
    groups = [(one, _dated(one)) for one in answer.claims.propositions]
    most = sorted(range(len(groups)), key=lambda place: (-len(groups[place][1]), place))[:LANES]
    groups = [groups[place] for place in sorted(most) if groups[place][1]]
    times = [time for _, dated in groups for time, _ in dated]
    if len(times) < 2:
        return Markup("")
    mail = _near(answer.operations.full, min(times), max(times))
    times += [one.time for lane in mail for one in lane.near]
    first, last = min(times), max(times)
    margin = max((last - first) / 50, timedelta(hours=12))
    start, stop = first - margin, last + margin
    wide, left = (400, 0) if narrow else (1000, 232)
    room = wide - left - RIGHT

    def across(time: datetime) -> float:
        return left + room * (time - start).total_seconds() / (stop - start).total_seconds()

    y = 26.0
    drawn: list[str] = []
    for lane in mail:
        y += 15 if narrow else 0
        middle = y + 11
        drawn.append(f'<text class="name" x="0" y="{y - 2 if narrow else middle + 4:.0f}">{lane.title}</text>')
        if lane.near:
            drawn.append(f'<path class="grid" d="M{left} {middle:.0f}H{wide - RIGHT}"/>')
        if lane.earlier:
            says = f"← {words.number(lane.earlier, 'message')}, {words.day(lane.first)} to {words.day(lane.last)}"
            drawn.append(f'<text class="tick halo" x="{left + 2}" y="{middle + 4:.0f}">{says}</text>')
        drawn += [_moment(one, across(one.time), middle) for one in lane.near]
        y += 24
    roots: dict[str, list[_Placed]] = defaultdict(list)
    marks: list[str] = []
    lines: list[str] = []
    for number, (one, dated) in enumerate(groups):
        y += 15 if narrow else 4
        placed, beyond, rows = _place(dated, across, y, left, wide - RIGHT)
        tall = max(rows, 1 if narrow or not one.against else 2) * LINE + 5
        if number % 2 == 0:
            drawn.append(
                f'<rect class="band" x="0" y="{y - (15 if narrow else 2):.0f}" width="{wide}" '
                f'height="{tall + (17 if narrow else 2):.0f}"/>'
            )
        drawn.append(_lane(one, y, narrow))
        beyond += sum(side.more_claims for side in one.sides)
        if beyond:
            more = f"and {beyond:,} more"
            drawn.append(f'<text class="tick" x="{wide - 4}" y="{y + tall - 6:.0f}" text-anchor="end">{more}</text>')
        for mark in placed:
            marks.append(_mark(mark))
            if mark.claim.root:
                roots[mark.claim.root].append(mark)
        y += tall
    for same in roots.values():
        if len(same) > 1:
            same.sort(key=lambda mark: (mark.x, mark.y))
            lines.append("M" + "L".join(f"{mark.x:.1f} {mark.y:.1f}" for mark in same))
    height = math.ceil(y + 6)
    grid = []
    marked = list(ticks(start, stop, across, left + 4, wide - 66))
    if not marked:
        grid.append(f'<text class="tick" x="{left}" y="14">{words.day(first)}</text>')
        grid.append(f'<text class="tick" x="{wide - RIGHT}" y="14" text-anchor="end">{words.day(last)}</text>')
    for x, said in marked:
        grid.append(
            f'<path class="grid" d="M{x:.1f} 20V{height - 4}"/><text class="tick" x="{x:.1f}" y="14">{said}</text>'
        )
    joined = [f'<path class="root" d="{"".join(lines)}"/>'] if lines else []
    counted = ", ".join(f"{label(one.title.lower(), 60)} {len(dated)}" for one, dated in groups)
    title = f"Who said what when, {words.day(min(first, last))} to {words.day(last)}. Claims by proposition: {counted}"
    return Markup(  # noqa: S704  # every text in it went through `escape`
        f'<svg class="timeline claimed {"narrow" if narrow else "broad"}" viewBox="0 0 {wide} {height}" role="img">'
        f"<title>{title}</title>{''.join([*drawn, *grid, *joined, *marks])}</svg>"
    )


def sign(polarity: str, state: str = "confirmed") -> Markup:
    """The sign of a side: a full disc, a cross, an empty ring; dashed where nobody has confirmed the claim yet."""
    drawn = _shape(polarity, state, 9, 9, 6.4)
    return Markup(f'<svg class="mark" viewBox="0 0 18 18" aria-hidden="true">{drawn}</svg>')  # noqa: S704  # ours


def _shape(polarity: str, state: str, x: float, y: float, r: float) -> str:
    kind = "said" if state == "confirmed" else "said proposed"
    if polarity == "affirms":
        return f'<circle class="{kind} affirms" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>'
    if polarity == "denies":
        a = r * (0.8 if state == "confirmed" else 0.5)
        d = f"M{x - a:.1f} {y - a:.1f}l{2 * a:.1f} {2 * a:.1f}M{x - a:.1f} {y + a:.1f}l{2 * a:.1f} {-2 * a:.1f}"
        ring = "" if state == "confirmed" else f'<circle class="said proposed" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>'
        return f'{ring}<path class="said denies" d="{d}"/>'
    b = r * 0.9
    d = f"M{x - b:.1f} {y - b:.1f}h{2 * b:.1f}v{2 * b:.1f}h{-2 * b:.1f}z"
    return f'<path class="{kind} leaves" d="{d}"/>'


def _dated(one: PropositionShown) -> list[tuple[datetime, ClaimShown]]:
    found = [(claim.time, claim) for claim in one.claims if claim.time]
    return sorted(found, key=lambda entry: (entry[0], entry[1].claim))


def _place(
    dated: Sequence[tuple[datetime, ClaimShown]],
    across: Callable[[datetime], float],
    top: float,
    left: float,
    right: float,
) -> tuple[list[_Placed], int, int]:
    """Put each mark into the first row in which neither it nor its name covers another."""
    free: list[list[tuple[float, float]]] = []
    placed: list[_Placed] = []
    beyond = 0
    for time, claim in dated:
        x = across(time)
        name = LETTER * min(len(one_line(claim.speaker or _UNNAMED)), _NAMED) + 5
        for row in range(ROWS):
            if row == len(free):
                free.append([])
            ways = [(1, x - DOT, x + DOT + name), (-1, x - DOT - name, x + DOT)]
            if row == ROWS - 1:
                ways.append((0, x - DOT, x + DOT))
            fits = [
                (side, a, b)
                for side, a, b in ways
                if a >= left - 2 and b <= right + RIGHT and all(b + 3 < c or a - 3 > d for c, d in free[row])
            ]
            if fits:
                side, a, b = fits[0]
                free[row].append((a, b))
                placed.append(_Placed(claim, x, top + LINE * (row + 0.5), side))
                break
        else:
            beyond += 1
    return placed, beyond, len(free)


def _cut(text: str, limit: int) -> str:
    """A text for a narrow place: escaped, cut at its end."""
    shown = one_line(text)
    return str(escape(shown if len(shown) <= limit else f"{shown[: limit - 1]}…"))


def _lane(one: PropositionShown, y: float, narrow: bool) -> str:
    whole = f"<title>{label(one.title)}{f': {label(one.against)}' if one.against else ''}</title>"
    if narrow:
        target = f", {_cut(one.against, 30)}" if one.against else ""
        return f'<text class="name halo" x="0" y="{y - 3:.0f}">{whole}{label(one.title)}{target}</text>'
    target = (
        f'<text class="tick small" x="0" y="{y + 28:.0f}">{whole}{_cut(one.against, 34)}</text>' if one.against else ""
    )
    return f'<text class="name" x="0" y="{y + 13:.0f}">{whole}{label(one.title)}</text>{target}'


def _mark(mark: _Placed) -> str:
    one = mark.claim
    strength = f", “{label(one.strength, 40)}”" if one.strength else ""
    state = "" if one.state == "confirmed" else "; proposed, nobody confirmed it"
    side = SIDES.get(one.polarity, one.polarity).lower()
    title = (
        f"{words.day(one.time)}: {label(one.speaker, 80)}, {side}{strength}{state}. {label(defanged(one.quote), 240)}"
    )
    name = ""
    if mark.side:
        x = mark.x + mark.side * (DOT + 4)
        anchor = "" if mark.side > 0 else ' text-anchor="end"'
        who = _cut(one.speaker or _UNNAMED, _NAMED)
        name = f'<text class="who halo" x="{x:.1f}" y="{mark.y + 4:.1f}"{anchor}>{who}</text>'
    return (
        f'<a href="#{label(one.claim)}"><title>{title}</title>'
        f"{_shape(one.polarity, one.state, mark.x, mark.y, DOT)}{name}</a>"
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    """Mail of an operation, or an account that was entered."""

    time: datetime
    tier: str  # empty for an entry
    says: str


@dataclass(frozen=True, slots=True)
class _Mail:
    """One operation above the claims: what is near enough to be drawn, and how much came before."""

    title: str
    near: list[_Moment]
    earlier: int
    first: datetime | None
    last: datetime | None


def _near(operations: Sequence[OperationShown], first: datetime, last: datetime) -> list[_Mail]:
    """What happened in each operation. Claims are close together: what came long before them is only counted."""
    since = first - max(_BEFORE * (last - first), timedelta(days=2))
    found: list[_Mail] = []
    earlier: list[datetime] = []
    for one in operations[:MAIL]:
        moments = [_Moment(member.time, "attack", "mail of the operation") for member in one.members if member.time]
        moments += [
            _Moment(rung.time, "", f"{label(ladder.name, 60)}: {rung.title.lower()}, {rung.word}")
            for ladder in one.outcome.ladders
            for rung in ladder.rungs
            if rung.rung in _ENTERED and rung.state in ("shown", "possible") and rung.time
        ]
        near = sorted((moment for moment in moments if since <= moment.time <= last), key=lambda moment: moment.time)
        before = sorted(moment.time for moment in moments if moment.time < since and moment.tier)
        if near:
            ends = (before[0], before[-1]) if before else (None, None)
            found.append(_Mail(f"Operation {one.number}", near, len(before), *ends))
        else:
            earlier += before
    if earlier:
        title = "Other operations" if found else "Mail of the operations"
        found.append(_Mail(title, [], len(earlier), min(earlier), max(earlier)))
    return found


def _moment(one: _Moment, x: float, y: float) -> str:
    title = f"<title>{words.minute(one.time)}: {one.says}</title>"
    if one.tier:
        return f"<g>{title}{shape(one.tier, x, y, DOT * 0.9)}</g>"
    r = DOT * 1.2
    drawn = (
        f'<circle class="disc" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/><path class="hook" d="M{x - r * 0.5:.1f} {y:.1f}'
    )
    return f'<g class="grave">{title}{drawn}l{r * 0.35:.1f} {r * 0.4:.1f}l{r * 0.65:.1f} {-r * 0.75:.1f}"/></g>'
