"""Pictures of what came of it: the states of the ladder, and what happened to one person on one axis."""

from datetime import datetime, timedelta

from markupsafe import Markup

from watchword.disclose import words
from watchword.disclose.ladder_shown import LANES, OTHER_LANE, STATES, Ladder, MomentShown
from watchword.disclose.picture import DOT, RIGHT, label, ticks

TALL = 24
_ORDER = list(dict.fromkeys([*LANES.values(), OTHER_LANE]))


def state(name: str, grave: bool = False) -> Markup:
    """The sign of a state: a full disc with a hook, a half one, an empty ring with a dash, a dashed ring with a `?`."""
    kind = f"state {'grave' if grave else 'plain'}"
    drawn = {
        "shown": '<circle class="disc" cx="9" cy="9" r="7.5"/><path class="hook" d="M5.3 9.2l2.7 2.8l4.8-5.6"/>',
        "possible": '<circle class="ring" cx="9" cy="9" r="6.8"/><path class="disc" d="M9 2.2a6.8 6.8 0 0 0 0 13.6z"/>',
        "not-shown": '<circle class="ring faint" cx="9" cy="9" r="6.8"/><path class="dash" d="M5.8 9h6.4"/>',
    }.get(name, '<circle class="ring faint open" cx="9" cy="9" r="6.8"/><path class="dash" d="'
          'M6.9 7.3a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.6-.9 1.5M9 12.6v.9"/>')  # fmt: skip
    return Markup(f'<svg class="mark {kind}" viewBox="0 0 18 18" aria-hidden="true">{drawn}</svg>')  # noqa: S704  # ours


def story(ladder: Ladder, *, narrow: bool = False) -> Markup:
    """What happened to one person, in a lane for each kind: lure, reply, notice, sign-in, rule, onward mail."""
    dated = [(one.time, one) for one in ladder.story if one.time]
    lanes = sorted({one.lane for _, one in dated}, key=_ORDER.index)
    if len(lanes) < 2:
        return Markup("")
    first, last = min(time for time, _ in dated), max(time for time, _ in dated)
    margin = max((last - first) / 40, timedelta(minutes=1))
    start, stop = first - margin, last + margin
    wide, left = (400, 0) if narrow else (1000, 178)
    room = wide - left - RIGHT
    tall = TALL + (14 if narrow else 0)

    def across(time: datetime) -> float:
        return left + room * (time - start).total_seconds() / (stop - start).total_seconds()

    height = 24 + tall * len(lanes) + 6
    drawn = []
    marked = list(ticks(start, stop, across, left + 4, wide - 60))
    if not marked:  # it began and ended within a day or two
        drawn.append(f'<text class="tick" x="{left}" y="14">{words.minute(first)}</text>')
        drawn.append(f'<text class="tick" x="{wide - RIGHT}" y="14" text-anchor="end">{words.minute(last)}</text>')
    for x, said in marked:
        drawn.append(f'<path class="grid thin" d="M{x:.1f} 20V{height - 4}"/>')
        drawn.append(f'<text class="tick" x="{x:.1f}" y="14">{said}</text>')
    for number, lane in enumerate(lanes):
        middle = 24 + tall * (number + 1) - TALL / 2
        drawn.append(f'<path class="grid" d="M{left} {middle:.0f}H{wide - RIGHT}"/>')
        drawn.append(f'<text class="name" x="0" y="{middle - 10 if narrow else middle + 4:.0f}">{lane}</text>')
        mine = [(across(time), one) for time, one in dated if one.lane == lane]
        level, before = 0, -1000.0
        for x, one in mine:
            level = (level + 1) % 3 if x - before < DOT else 0
            before = x
            drawn.append(_moment(one, x, middle + (0, -5, 5)[level]))
    told = ", ".join(f"{lane.lower()} {sum(one.lane == lane for _, one in dated)}" for lane in lanes)
    title = f"What happened to {label(ladder.name, 80)}, {words.day(first)} to {words.day(last)}: {told}"
    return Markup(  # noqa: S704  # every text in it went through `escape`
        f'<svg class="timeline story {"narrow" if narrow else "broad"}" viewBox="0 0 {wide} {height}" role="img">'
        f"<title>{title}</title>{''.join(drawn)}</svg>"
    )


def _moment(one: MomentShown, x: float, y: float) -> str:
    """A diamond for a lure, else a disc: full where it is shown, half where it is possible, small for the rest."""
    word = STATES[one.state][0] if one.state in STATES else ""
    title = f"<title>{words.minute(one.time)}: {label(one.sentence, 300)}{f' ({word})' if word else ''}</title>"
    if one.kind == "lure":
        r = DOT * 1.1
        mark = f'<path class="attack" d="M{x:.1f} {y - r:.1f}l{r:.1f} {r:.1f}l{-r:.1f} {r:.1f}l{-r:.1f} {-r:.1f}z"/>'
    elif one.state == "shown":
        mark = f'<circle class="disc" cx="{x:.1f}" cy="{y:.1f}" r="{DOT * 0.85:.1f}"/>'
    elif one.state == "possible":
        r = DOT * 0.8
        mark = (
            f'<circle class="ring" cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}"/>'
            f'<path class="disc" d="M{x:.1f} {y - r:.1f}a{r:.1f} {r:.1f} 0 0 0 0 {2 * r:.1f}z"/>'
        )
    else:
        mark = f'<circle class="knot" cx="{x:.1f}" cy="{y:.1f}" r="2.6"/>'
    grave = ' class="grave"' if one.rung in ("entered", "used") else ""
    return f"<g{grave}>{title}{mark}</g>"
