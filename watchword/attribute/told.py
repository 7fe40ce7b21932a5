"""Attribution in lines for a terminal: hypotheses in rows and exhibits in columns, then what the numbers rest on.

Hypotheses stand in rows because that layout made analysts see less of what they wished for than the usual one, with
evidence in rows (Dhami et al. 2024).
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchword.attribute.words import percent
from watchword.engine import Connection

COLUMNS = 9  # exhibits that have one; more are told below
CLAIMS = 12
WIDTH = 110


@dataclass(frozen=True, slots=True)
class Listed:
    """One operation in a list."""

    number: int
    operation: str
    messages: int
    hypothesis: str
    likelihood: str
    confidence: str
    decided: str


@dataclass(frozen=True, slots=True)
class ExhibitTold:
    """One exhibit as it is shown."""

    exhibit: str
    sentence: str
    source: str
    grade: str
    root: str
    forgeable: str
    published: datetime | None
    imitable: bool
    hub: str
    critical: bool


@dataclass(frozen=True, slots=True)
class OtherClaim:
    """What somebody else says of who it was: shown beside, and never weighed."""

    claim: str
    speaker: str
    act: str
    actor: str
    target: str
    polarity: str
    strength: str
    state: str
    origin: str
    grade: str
    published: datetime | None


def listed(connection: Connection) -> list[Listed]:
    """Give every operation, in the order of their numbers."""
    found = connection.execute(
        """select number, operation, messages, hypothesis, likelihood, confidence, decided
        from operations join attributions using (operation) order by number"""
    ).fetchall()
    return [Listed(*row) for row in found]


def others(connection: Connection) -> list[OtherClaim]:
    """Give the claims of others on who it was and who directed it, the graded and confirmed first."""
    found = connection.execute(
        f"""select claim, speaker, act, actor, target, polarity, strength, state, coalesce(roots.origin, claims.root),
            grade, published
        from claims left join roots using (root)
        where proposition in ('who', 'directed', 'same-actor') and state <> 'rejected'
        order by state, grade = '', grade, published, claim limit {CLAIMS}"""
    ).fetchall()
    return [OtherClaim(*row) for row in found]


def exhibits(connection: Connection, operation: str) -> list[ExhibitTold]:
    """Give the exhibits of an operation, those that weigh most first."""
    found = connection.execute(
        """select exhibit, sentence, source, grade, root, forgeable, published, imitable, hub, critical
        from exhibits left join (
            select exhibit, max(abs(counted)) as most from likelihoods where operation = ? group by exhibit
        ) weights using (exhibit)
        where operation = ? order by coalesce(most, 0) desc, exhibit""",
        [operation, operation],
    ).fetchall()
    return [ExhibitTold(*row) for row in found]


def lines(connection: Connection, operation: str) -> Iterator[str]:
    """Tell all of one operation."""
    rows = connection.execute("select * from attributions where operation = ?", [operation])
    names = [column[0] for column in rows.description or ()]
    told = dict(zip(names, rows.fetchall()[0], strict=True))
    shown = exhibits(connection, operation)
    yield operation
    yield ""
    yield from _wrapped(str(told["likelihood"]))
    yield from _wrapped(f"Confidence in that is {told['confidence']}. {told['confidence_because']}")
    yield ""
    yield from _matrix(connection, operation, shown)
    yield ""
    for heading, column in (("For", "evidence_for"), ("Against", "evidence_against")):
        some = [one for name in told[column] for one in shown if one.exhibit == name]
        whom = told["hypothesis"] or told["nearest"] or "what leads"
        yield f"{heading} {whom}:" if some else f"{heading} {whom}: nothing."
        for one in some:
            yield from _exhibit(one, shown)
    spoken = {*told["evidence_for"], *told["evidence_against"]}
    rest = [one for one in shown if one.exhibit not in spoken]
    if rest:
        yield "Of other hypotheses, or without weight:"
        for one in rest:
            yield from _exhibit(one, shown)
    yield ""
    yield from _wrapped(str(told["hangs_on_sentence"]))
    yield from _list("Missing, the most telling first:", told["missing"])
    yield from _list("Why no actor may be named:", told["rules"])
    yield from _fixed(connection, operation)
    yield from _decision(str(told["decided"]), str(told["decided_because"]))
    yield from _claims(others(connection))


def _matrix(connection: Connection, operation: str, shown: Sequence[ExhibitTold]) -> Iterator[str]:
    """Hypotheses in rows, exhibits in columns, bits in the cells."""
    counted = {
        (exhibit, hypothesis): bits
        for exhibit, hypothesis, bits in connection.execute(
            "select exhibit, hypothesis, counted from likelihoods where operation = ?", [operation]
        ).fetchall()
    }
    weighing = [one for one in shown if any(name == one.exhibit for name, _ in counted)]
    columns, rest = weighing[:COLUMNS], weighing[COLUMNS:]
    hypotheses = connection.execute(
        """select hypothesis, prior, low, high, likelihood from hypotheses where operation = ?
        order by posterior desc, hypothesis""",
        [operation],
    ).fetchall()
    wide = max([len(name) for name, *_ in hypotheses] + [10])
    heads = [f"E{number}" for number in range(1, len(columns) + 1)] + (["more"] if rest else []) + ["bits"]
    yield f"{'':{wide}}  {'prior':>5} {''.join(f'{head:>6}' for head in heads)}   likelihood"
    for name, prior, low, high, likelihood in hypotheses:
        cells = [counted.get((one.exhibit, name), 0.0) for one in columns]
        left = sum(counted.get((one.exhibit, name), 0.0) for one in rest)
        sums = ([left] if rest else []) + [sum(cells) + left]
        written = "".join(f"{f'{bits:+.1f}' if abs(bits) >= 0.05 else '.':>6}" for bits in [*cells, *sums])
        share = f"{prior:.0%}" if prior >= 0.005 else "<1%"
        yield f"{name:{wide}}  {share:>5} {written}   {likelihood} ({percent(low, high)})"


def _exhibit(one: ExhibitTold, shown: Sequence[ExhibitTold]) -> Iterator[str]:
    number = f"E{shown.index(one) + 1}"
    mark = ", alone decides" if one.critical else ""
    yield from _wrapped(f"{number:4} {one.exhibit}{mark}: {one.sentence}", "  ", "       ")
    grade = f"graded {one.grade}" if one.grade else "not graded"
    since = f", public since {one.published:%Y-%m-%d}" if one.published else ""
    yield from _wrapped(
        f"From {one.source} ({grade}), root {one.root}{since}. Who else could show it: {one.forgeable}.",
        "       ",
        "       ",
    )


def _fixed(connection: Connection, operation: str) -> Iterator[str]:
    ((when, digest),) = connection.execute(
        "select any_value(fixed), any_value(digest) from hypotheses where operation = ?", [operation]
    ).fetchall()
    yield ""
    if when:
        yield from _wrapped(f"Hypotheses and priors were fixed {when:%Y-%m-%d %H:%M} UTC, SHA-256 {digest[:16]}…")
    else:
        yield from _wrapped(
            "Nobody fixed the hypotheses: this is the standard set, with actors of whom something known was met. "
            f"`watchword attribute fix {operation} --actor NAME` fixes them before more evidence comes."
        )


def _decision(decided: str, because: str) -> Iterator[str]:
    if decided:
        yield from _wrapped(f"A person decided: {decided}. {because}")
    else:
        yield from _wrapped(f"No person decided to name anybody, and so no notice names an actor. {because}")


def _claims(claims: Sequence[OtherClaim]) -> Iterator[str]:
    if not claims:
        return
    yield ""
    yield "What others say of who it was. Each is a claim with its own root, and weighs nothing above:"
    for one in claims:
        grade = f"graded {one.grade}" if one.grade else "not graded"
        when = f"{one.published:%Y-%m-%d}" if one.published else "undated"
        against = f" against {one.target}" if one.target else ""
        strength = f", {one.strength!r}" if one.strength else ""
        yield from _wrapped(
            f"{one.claim} {when} {one.speaker or 'somebody'} {one.act} ({one.polarity}{strength}): "
            f"{one.actor or 'nobody named'}{against}; {one.state}, {grade}, root: {one.origin or 'unknown'}",
            "  ",
            "     ",
        )


def _list(heading: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield heading
        for one in sentences:
            yield from _wrapped(f"- {one}", "  ", "    ")


def _wrapped(text: str, first: str = "", then: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )
