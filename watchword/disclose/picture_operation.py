"""The picture of one operation: a lane for each person whom it hit, a line for each thing that ties its messages."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

from markupsafe import Markup, escape

from watchword.disclose import words
from watchword.disclose.operations import Hit, MemberShown, OperationShown
from watchword.disclose.picture import DOT, RIGHT, label, shape
from watchword.disclose.visible import one_line

LANES = 24  # people who have a lane
TALL, LINE, HEAD = 24, 33, 17  # heights: a person's lane, a shared value's line, a heading
LETTER = 6.4  # about as wide as a letter is


def operation(shown: OperationShown, listed: Collection[str], *, narrow: bool = False) -> Markup:
    """Draw an operation: its messages in order of time, evenly spaced, each in the lane of its reader.

    Below, a line for each shared value has a knot at every message that bears it. `listed` are the messages that have
    a card in the report and can be led to.
    """
    members = shown.members
    if len(members) < 2:
        return Markup("")
    wide, left = (400, 0) if narrow else (1000, 268)
    room = wide - left - RIGHT
    step = min(84.0, room / len(members))
    size = min(DOT, max(2.6, step * 0.4))
    columns = {one.message: left + step * (place + 0.5) for place, one in enumerate(members)}
    end = min(wide - RIGHT, left + step * len(members))
    knots = {message: x for message, x in columns.items() if any(message in value.messages for value in shown.shared)}
    rows: list[str] = []
    y = 24.0
    for hit in _lanes(shown):
        if isinstance(hit, str):
            y += HEAD
            rows.append(f'<text class="tick" x="0" y="{y - 4:.0f}">{hit}</text>')
            continue
        y += 14 if narrow else 0
        middle = y + TALL / 2
        baseline = y if narrow else middle + 4
        rows.append(_name(hit, baseline, 48 if narrow else 38))
        rows.append(f'<path class="grid" d="M{left} {middle:.0f}H{end:.0f}"/>')
        rows.append("".join(_messages(members, hit, columns, middle, size, listed)))
        y += TALL
    if shown.shared:
        y += HEAD + 4
        rows.append(f'<text class="tick" x="0" y="{y - 4:.0f}">What ties them</text>')
    for value in shown.shared:
        y += 16 if narrow else 0
        middle = y + (8 if narrow else LINE / 2)
        rows.append(_title(value.title, value.value, value.bits, y, narrow))
        xs = [columns[message] for message in value.messages if message in columns]
        rows.append(f'<path class="tie" d="M{min(xs):.1f} {middle:.1f}H{max(xs):.1f}"/>')
        rows += [f'<circle class="knot" cx="{x:.1f}" cy="{middle:.1f}" r="{size * 0.6:.1f}"/>' for x in xs]
        y += 18 if narrow else LINE
    height = math.ceil(y + 6)
    threads = "".join(f"M{x:.1f} {24}V{height - 8}" for x in knots.values())
    drawn = [f'<path class="grid thin" d="{threads}"/>', *_days(members, columns, wide), *rows]
    title = f"Operation {shown.number}: who was hit, and what ties the messages"
    says = (
        f"{label(shown.sentence)} Below the people, {words.number(len(shown.shared), 'line')}, each with what several "
        "messages share: " + "; ".join(label(f"{one.title} {one.value}".strip(), 80) for one in shown.shared) + "."
    )
    name = f"{'n' if narrow else 'b'}-{escape(shown.operation)}"
    return Markup(  # noqa: S704  # every text in it went through `escape`
        f'<svg class="timeline {"narrow" if narrow else "broad"}" viewBox="0 0 {wide} {height}" role="img" '
        f'aria-labelledby="t-{name} d-{name}"><title id="t-{name}">{title}</title><desc id="d-{name}">{says}</desc>'
        f"{''.join(drawn)}</svg>"
    )


def short(text: str, limit: int) -> str:
    """A text of mail for a narrow place: escaped, cut in the middle, since what is telling stands at both ends."""
    shown = one_line(text)
    if len(shown) > limit and not shown.strip("0123456789abcdef"):
        limit = limit * 2 // 3  # a digest: its letters are broad, and its end tells nobody anything
    if len(shown) > limit:
        shown = f"{shown[: limit * 2 // 3]}…{shown[len(shown) - limit // 3 + 1 :]}"
    return str(escape(shown))


def _lanes(shown: OperationShown) -> Iterator[Hit | str]:
    """People by organisation, with its name above them; whoever has no lane is counted at the end."""
    drawn = {owner for one in shown.members for owner in one.owners}
    people = [hit for hit in shown.people if hit.address in drawn][:LANES]
    groups: dict[str, list[Hit]] = {}
    for hit in people:
        groups.setdefault(hit.organisation or ("private accounts" if "@" in hit.address else "unknown"), []).append(hit)
    for name in sorted(groups, key=lambda one: (one == "unknown", one == "private accounts", -len(groups[one]), one)):
        yield short(name, 44)
        yield from groups[name]
    more = len(shown.people) + shown.more_people - len(people)
    if more:
        yield f"and {words.number(more, 'more person', 'more people')}, not drawn"


def _name(hit: Hit, baseline: float, limit: int) -> str:
    whole = f"<title>{label(hit.address)}</title>"
    return f'<text class="name" x="0" y="{baseline:.0f}">{whole}{short(hit.name, limit)}</text>'


def _title(title: str, value: str, bits: float, y: float, narrow: bool) -> str:
    """What is shared, and how telling it is."""
    weight = f"{bits:.0f} bits" if bits >= 1 else ""
    if narrow:
        said = f"{short(value, 42) or escape(title)}, {weight}"
        whole = label(f"{title}: {value}", 400)
        return f'<text class="name" x="0" y="{y - 3:.0f}"><title>{whole}</title>{said.rstrip(", ")}</text>'
    first, second = (short(value, 37), f"{escape(title)}, {weight}") if value else (str(escape(title)), weight)
    return (
        f'<text class="name" x="0" y="{y + 14:.0f}"><title>{label(value, 400)}</title>{first}</text>'
        f'<text class="tick small" x="0" y="{y + 28:.0f}">{second.rstrip(", ")}</text>'
    )


def _messages(
    members: Sequence[MemberShown],
    hit: Hit,
    columns: Mapping[str, float],
    middle: float,
    size: float,
    listed: Collection[str],
) -> Iterator[str]:
    for one in members:
        if hit.address not in one.owners:
            continue
        sender = label(one.from_name or one.from_address, 60)
        role = "; only the operation shows what it is" if one.role == "tied" else ""
        title = f"{words.minute(one.time)}: {sender}, “{label(one.subject, 80)}”{role}"
        drawn = (
            f"<title>{title}</title>{shape('' if one.role == 'tied' else one.tier, columns[one.message], middle, size)}"
        )
        if one.message in listed:
            yield f'<a href="#m-{one.message[:16]}">{drawn}</a>'
        else:
            yield f"<g>{drawn}</g>"


def _days(members: Sequence[MemberShown], columns: Mapping[str, float], wide: int) -> Iterator[str]:
    """The day of a message above its column, where it is a new one and there is room."""
    last, said = -1000.0, ""
    for one in members:
        day, x = words.day(one.time), columns[one.message]
        half = LETTER * len(day) / 2
        x = min(max(x, half), wide - half)
        if day == said or x - half < last + 8:
            continue
        yield f'<text class="tick" x="{x:.1f}" y="14" text-anchor="middle">{day}</text>'
        last, said = x + half, day
