"""What a comparison came to, as tables for people: plain on a terminal, or Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.measures import Alerts, Calibration, Operations

MAIN = ("1 in 1,000", "1 in 10,000")
SUSPICIOUS, ATTACK = "suspicious, as shipped", "attack, as shipped"


@dataclass(slots=True)
class Results:
    """Everything that was measured."""

    thresholds: list[tuple[str, str, float]] = field(default_factory=list)  # method, rule, score that is exceeded
    fixed_on: dict[str, dict[str, int]] = field(default_factory=dict)  # of a method: honest messages of each corpus
    operations: list[Operations] = field(default_factory=list)
    alerts: list[Alerts] = field(default_factory=list)
    calibrations: list[Calibration] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)  # programs that are not installed


@dataclass(frozen=True, slots=True)
class Table:
    """A title, what must be known to read it, and lines."""

    title: str
    note: str
    head: Sequence[str]
    lines: Sequence[Sequence[str]]

    def plain(self) -> str:
        """Align the columns with blanks."""
        every = [self.head, *self.lines]
        widths = [max(len(line[column]) for line in every) for column in range(len(self.head))]
        rows = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in every
        ]
        rows.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([self.title, self.note, "", *rows] if self.note else [self.title, "", *rows])

    def markdown(self) -> str:
        """Write it as Markdown."""
        rows = ["| " + " | ".join(line) + " |" for line in (self.head, ["---"] * len(self.head), *self.lines)]
        return "\n".join([f"**{self.title}.** {self.note}".rstrip(), "", *rows])


def tables(results: Results) -> list[Table]:
    """Give all tables, what counts most first."""
    return [
        _at_thresholds(results, "val"),
        _within_weeks(results, "val"),
        _falsely(results, MAIN[0]),
        _falsely(results, MAIN[1]),
        _as_shipped(results),
        _by_hand(results),
        _calibrated(results),
        _bins(results),
        _at_thresholds(results, "dev"),
        _within_weeks(results, "dev"),
    ]


def _at_thresholds(results: Results, split: str) -> Table:
    head = ["method", "no more than", "score above", "hostile messages", f"phishing_pot {split}", "operations found"]
    head += ["before anything was asked", "first flagged at step", "twins alarmed"]
    lines = []
    for method, rule, threshold in results.thresholds:
        (one,) = [o for o in results.operations if (o.method, o.rule, o.split, o.hand) == (method, rule, split, "")]
        mass = [
            a for a in results.alerts if (a.method, a.rule, a.corpus, a.split) == (method, rule, "phishing_pot", split)
        ]
        lines.append(
            [
                method, rule, f"{threshold:.4g}", _share(one.hostile_found, one.hostile),
                "".join(_share(a.alerts, a.messages) for a in mass), *_operations(one),
                f"{one.twins_alarmed}/{one.twins}",
            ]
        )  # fmt: skip
    behind = "; ".join(
        f"{method} " + ", ".join(f"{name} {count:,}" for name, count in counts.items())
        for method, counts in _alike(results.fixed_on)
    )
    note = (
        "Thresholds are the lowest at which no honest dev corpus alone has more alerts than that; of a corpus with"
        f" fewer messages it is none. Honest messages behind them: {behind}."
    )
    return Table(f"At thresholds fixed on dev, operations of {split}", note, head, lines + _missing(results, len(head)))


def _within_weeks(results: Results, split: str) -> Table:
    head = ["method", "alerts a week and mailbox", "operations found", "before anything was asked"]
    head += ["first flagged at step", "twins shown", "found, every message an alert"]
    lines = []
    for one in results.operations:
        if one.split == split and not one.hand and "a week" in one.rule and "by message" not in one.rule:
            other = [
                o for o in results.operations
                if (o.method, o.rule, o.split, o.hand) == (one.method, f"{one.rule}, by message", split, "")
            ]  # fmt: skip
            apart = "".join(f"{o.found}/{o.operations}" for o in other)
            lines.append([one.method, one.rule, *_operations(one), f"{one.twins_alarmed}/{one.twins}", apart])
    note = (
        "All mail of the mailbox competes and a conversation is one alert. Without a threshold twins are shown, too,"
        " where little else came in that week."
    )
    return Table(f"Within a weekly budget, operations of {split}", note, head, lines + _missing(results, len(head)))


def _falsely(results: Results, rule: str) -> Table:
    methods = list(dict.fromkeys(method for method, _, _ in results.thresholds))
    found = [a for a in results.alerts if a.rule == rule and a.label == "ham"]
    lines = []
    for corpus, split in sorted({(a.corpus, a.split) for a in found}):
        cells = []
        for method in methods:
            (one,) = [a for a in found if (a.method, a.corpus, a.split) == (method, corpus, split)]
            cells.append(f"{1000 * one.share:.2f} ({one.alerts} of {one.messages:,})")
        lines.append([corpus, split, *cells])
    note = "Near-duplicates count once; the programs judged a sample of each corpus. spamassassin fixed no threshold."
    return Table(f"Alerts per 1,000 honest messages at {rule}", note, ["corpus", "split", *methods], lines)


def _as_shipped(results: Results) -> Table:
    rules = (SUSPICIOUS, ATTACK)
    found = {(a.rule, a.corpus, a.label, a.split): a for a in results.alerts if a.rule in rules}
    lines = []
    for rule, *where in found:
        if rule == SUSPICIOUS:
            corpus, label, split = where
            both = [found[each, corpus, label, split] for each in rules]
            cells = [f"{1000 * one.share:.2f} ({one.alerts})" for one in both]
            lines.append([corpus, label, split, f"{both[0].messages:,}", *cells])
    head = ["corpus", "mail", "split", "messages", "suspicious or attack, per 1,000", "attack, per 1,000"]
    return Table("Watchword as shipped", "Mass phishing and scam are hits.", head, lines)


def _by_hand(results: Results) -> Table:
    chosen = [o for o in results.operations if o.split == "val" and o.rule in (*MAIN, "1 a week", "3 a week")]
    hands = sorted({o.hand for o in chosen if o.hand})
    lines = []
    for method, rule in dict.fromkeys((o.method, o.rule) for o in chosen):
        each = {o.hand: o for o in chosen if (o.method, o.rule) == (method, rule)}
        cells = [f"{each[h].found}/{each[h].operations}, {each[h].twins_alarmed}/{each[h].twins}" for h in hands]
        lines.append([method, rule, *cells])
    return Table("By hand, operations of val: found, twins alarmed or shown", "", ["method", "rule", *hands], lines)


def _calibrated(results: Results) -> Table:
    head = [
        "method",
        "honest mail",
        "split",
        "honest",
        "hostile",
        "Brier",
        "Brier of the base rate",
        "calibration error",
    ]
    lines = [
        [
            c.method, c.corpus, c.split, f"{c.honest:,}", f"{c.hostile:,}", f"{c.brier:.2e}", f"{c.brier_of_rate:.2e}",
            f"{c.error:.2e}",
        ]
        for c in results.calibrations
    ]  # fmt: skip
    note = (
        "One honest corpus at a time with the hostile messages of val (operations and phishing_pot, half each), weighed"
        " to one hostile message in 2,000, as the fit was; dev where a corpus has no val."
    )
    return Table("Calibration", note, head, lines)


def _bins(results: Results) -> Table:
    head = ["method", "honest mail", "said", "true", "95 %", "honest messages", "hostile messages"]
    lines = [
        [
            c.method, f"{c.corpus} {c.split}", f"{b.said:.2g}", f"{b.true:.2g}", f"{b.low:.1g} to {b.high:.1g}",
            f"{b.honest:,}", f"{b.hostile:,}",
        ]
        for c in results.calibrations
        if c.split == "val"
        for b in c.bins
    ]  # fmt: skip
    return Table("Reliability", "Messages by the chance that they were given.", head, lines)


def _operations(one: Operations) -> list[str]:
    steps = ", ".join(f"{count} at {step}" for step, count in sorted(one.steps.items()))
    return [
        f"{one.found}/{one.operations} ({one.low:.0%} to {one.high:.0%})",
        f"{one.before}/{one.operations}",
        "" if one.step is None else f"{one.step:g} ({steps})",
    ]


def _share(hits: int, of: int) -> str:
    return f"{hits}/{of} ({hits / of:.0%})" if of else "0/0"


def _missing(results: Results, columns: int) -> list[list[str]]:
    return [[name, "not installed", *[""] * (columns - 2)] for name in results.absent]


def _alike(counts: dict[str, dict[str, int]]) -> Iterable[tuple[str, dict[str, int]]]:
    """Name together the methods that rest on the same mail."""
    groups: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for method, those in counts.items():
        groups.setdefault(tuple(sorted(those.items())), []).append(method)
    return [(", ".join(methods) + ":", dict(those)) for those, methods in groups.items()]
