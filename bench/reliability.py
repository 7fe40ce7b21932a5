"""A reliability plot as SVG: what was said of mail against what was true of it, both as odds."""

import math
from collections.abc import Sequence
from html import escape

from bench.measures import Calibration

WIDTH, HEIGHT, LEFT, TOP, SIDE = 800, 430, 76, 46, 286
TICKS = {1e-6: "1/1,000,000", 1e-5: "1/100,000", 1e-4: "1/10,000", 1e-3: "1/1,000", 0.01: "1 %", 0.1: "10 %"}
TICKS |= {0.5: "50 %", 0.9: "90 %", 0.99: "99 %"}
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#7d5ba6")
LEAST, MOST = 2e-7, 0.998


def plot(found: Sequence[Calibration]) -> str:
    """Draw one panel for each method, one colour for each corpus; bars are 95 % intervals."""
    methods = list(dict.fromkeys(one.method for one in found))
    corpora = list(dict.fromkeys(one.corpus for one in found))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for number, method in enumerate(methods):
        left = LEFT + number * (SIDE + 92)
        parts += _panel(left, method, first=number == 0)
        for one in found:
            if one.method == method:
                parts += _line(left, one, corpora.index(one.corpus), len(corpora))
    for number, corpus in enumerate(corpora):
        x = LEFT + number * 120
        parts.append(f'<circle cx="{x + 5}" cy="{HEIGHT - 14}" r="4.5" fill="{COLOURS[number % len(COLOURS)]}"/>')
        parts.append(f'<text x="{x + 15}" y="{HEIGHT - 10}">{escape(corpus)}</text>')
    hollow = "hollow: no honest or no hostile message there"
    parts.append(f'<text x="{WIDTH - 12}" y="{HEIGHT - 10}" text-anchor="end">{hollow}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _panel(left: float, title: str, first: bool) -> list[str]:
    bottom = TOP + SIDE
    parts = [
        f'<text x="{left}" y="{TOP - 14}" font-size="14" font-weight="bold">{escape(title)}</text>',
        f'<line x1="{left}" y1="{bottom}" x2="{left + SIDE}" y2="{TOP}" stroke="#888" stroke-dasharray="4 4"/>',
        f'<rect x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#444"/>',
        f'<text x="{left + SIDE / 2}" y="{bottom + 52}" text-anchor="middle">said</text>',
    ]
    for chance, label in TICKS.items():
        at = _along(chance)
        parts.append(f'<line x1="{left + at}" y1="{bottom}" x2="{left + at}" y2="{bottom + 4}" stroke="#444"/>')
        parts.append(
            f'<text transform="translate({left + at + 4} {bottom + 14}) rotate(-35)" text-anchor="end">{label}</text>'
        )
        parts.append(f'<line x1="{left - 4}" y1="{bottom - at}" x2="{left}" y2="{bottom - at}" stroke="#444"/>')
        parts.append(f'<text x="{left - 7}" y="{bottom - at + 4}" text-anchor="end">{label}</text>')
    if first:
        parts.append(f'<text x="{left - 64}" y="{TOP - 14}">true</text>')
    return parts


def _line(left: float, one: Calibration, number: int, of: int) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    parts = []
    for each in one.bins:
        x = left + _along(each.said) + 5.0 * (number - (of - 1) / 2)
        low, true, high = (TOP + SIDE - _along(share) for share in (each.low, each.true, each.high))
        empty = 0 in (each.honest, each.hostile)  # then what is true is only known to lie within the bar
        parts.append(f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="{colour}"/>')
        fill = "#fff" if empty else colour
        parts.append(f'<circle cx="{x:.1f}" cy="{true:.1f}" r="4" fill="{fill}" stroke="{colour}"/>')
    return parts


def _along(chance: float) -> float:
    """Give how far along an axis a chance lies: by its odds."""
    least, most = (math.log(one / (1 - one)) for one in (LEAST, MOST))
    held = min(max(chance, LEAST), MOST)
    return SIDE * (math.log(held / (1 - held)) - least) / (most - least)
