"""Who may be behind an operation, as the report shows it: hypotheses weighed on exhibits. Nobody is named by it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose.claims import CLAIM, FROM, NAMING, ClaimShown, kept
from watchword.disclose.operations import OperationShown
from watchword.disclose.query import rows

EXHIBITS = 28  # of one operation that are told
HYPOTHESES = 14
CLAIMS = 8  # of others that are listed with one operation
MESSAGES = 3  # that show an exhibit and are named
NOBODY = "nobody"  # attributions.decided where a person decided to name nobody
_ID = re.compile(r"(?<![\w@.-])[a-z0-9][\w@-]*(?:\.[\w-]+)*")  # of exhibits and actors
CLEAR = 0.05  # bits from which a cell speaks for or against


@dataclass(frozen=True, slots=True)
class Cell:
    """How well one hypothesis explains one exhibit."""

    exhibit: Annotated[str, "exhibits.exhibit"]
    bits: Annotated[float, "log2 of the likelihood ratio against an unknown actor, as given or measured"]
    counted: Annotated[float, "after grade, forgeability, caps and dependence"]
    sentence: Annotated[str, "why so much and no more, empty if nothing was said of it"]


@dataclass(frozen=True, slots=True)
class HypothesisShown:
    """One hypothesis: a row of the matrix."""

    hypothesis: Annotated[str, "hypotheses.hypothesis"]
    title: Annotated[str, "in plain words"]
    actor: Annotated[str, "actors.actor that it names or that is imitated; empty if none"]
    prior: Annotated[float, "probability before any evidence"]
    posterior: Annotated[float, "probability after it, with that prior"]
    low: Annotated[float, "lowest posterior over the range of priors"]
    high: Annotated[float, "highest posterior over the range of priors"]
    likelihood: Annotated[str, "ICD 203 term for that range"]
    leads: Annotated[bool, "exhibits are listed for and against this one: it is concluded, or the actor next to that"]
    cells: Annotated[tuple[Cell, ...], "one for each exhibit that is told, in their order"]
    all_bits: Annotated[float, "what all exhibits come to, in bits, with those that are not told"]


@dataclass(frozen=True, slots=True)
class ExhibitShown:
    """One piece of evidence on who it was: a column of the matrix."""

    exhibit: Annotated[str, "exhibits.exhibit"]
    number: Annotated[int, "its number in this report, from 1: `E1`"]
    speaks: Annotated[str, "for or against the hypothesis that `about` names, else neither"]
    family: Annotated[str, "exhibits.family"]
    sentence: Annotated[str, "what was observed"]
    value: Annotated[str, "what was observed, as the tables have it"]
    shown_by: Annotated[tuple[str, ...], "messages that show it, the first three"]
    more_messages: Annotated[int, "beyond those"]
    source: Annotated[str, "where the meaning of it comes from"]
    grade: Annotated[str, "Admiralty code of that source for this, empty if nobody graded it"]
    root: Annotated[str, "independent origin"]
    forgeable: Annotated[str, "who else could have produced it"]
    published: Annotated[datetime | None, "since when an imitator could know it, None if it never was public"]
    critical: Annotated[bool, "without it alone the conclusion is another"]


@dataclass(frozen=True, slots=True)
class ClaimOfOthers:
    """What somebody else claims of who it was: a claim with its own root, which counts for nothing here."""

    claim: Annotated[ClaimShown, "the claim"]
    tied: Annotated[bool, "its report names something that was seen in this operation"]


@dataclass(frozen=True, slots=True)
class AttributionShown:
    """What can be said about who is behind one operation."""

    operation: Annotated[str, "operations.operation"]
    number: Annotated[int, "operations.number"]
    called: Annotated[str, "names that it wrote under, the sender's own word"]
    decided: Annotated[str, "actors.actor that a person decided to name, `nobody`, or empty if nobody decided"]
    decided_name: Annotated[str, "name of that actor, empty unless a person decided to name one"]
    decided_because: Annotated[str, "why"]
    abstains: Annotated[bool, "the rules for naming are not met"]
    hypothesis: Annotated[str, "hypotheses.hypothesis that is concluded; empty if it abstains"]
    about: Annotated[
        str,
        "title of the hypothesis for and against which exhibits are listed: what is concluded, else "
        "the most probable of the actors in scope, else what leads",
    ]
    likelihood: Annotated[str, "sentence with the ICD 203 term and the priors it holds for"]
    confidence: Annotated[str, "high, moderate or low"]
    confidence_because: Annotated[str, "on what that confidence rests"]
    hypotheses: Annotated[tuple[HypothesisShown, ...], "most probable first"]
    more_hypotheses: Annotated[int, "beyond those told"]
    exhibits: Annotated[tuple[ExhibitShown, ...], "those for what `about` names, those against it, the others"]
    more_exhibits: Annotated[int, "beyond those told"]
    missing: Annotated[tuple[str, ...], "what was not observed and would matter, the most telling first"]
    hangs_on: Annotated[tuple[str, ...], "smallest set of exhibits whose removal changes the conclusion"]
    hangs_on_sentence: Annotated[str, "the same in plain words"]
    rules: Annotated[tuple[str, ...], "rules for naming that are not met"]
    claimed: Annotated[tuple[ClaimOfOthers, ...], "what others claim; it is no evidence here"]
    more_claimed: Annotated[int, "beyond those listed"]
    fixed: Annotated[datetime | None, "when the hypotheses were fixed"]
    digest: Annotated[str, "SHA-256 of hypotheses and priors as they were fixed"]

    def speaking(self, speaks: str) -> list[ExhibitShown]:
        """The exhibits for what `about` names, against it, or neither."""
        return [one for one in self.exhibits if one.speaks == speaks]

    def numbered(self, exhibits: Sequence[str]) -> list[ExhibitShown]:
        """The exhibits of these ids that are told, by number."""
        return [one for one in self.exhibits if one.exhibit in exhibits]


@dataclass(frozen=True, slots=True)
class Attributions:
    """Who may be behind the operations that are told in full."""

    sentence: Annotated[str, "what was weighed and what a person decided; empty if nothing was weighed"]
    full: Annotated[tuple[AttributionShown, ...], "one for each operation that was weighed"]
    more: Annotated[int, "operations that were weighed and are not told here"]


def attributions(connection: duckdb.DuckDBPyConnection, operations: Sequence[OperationShown]) -> Attributions:
    """Gather what was weighed for these operations."""
    wanted = [one.operation for one in operations]
    called = {one.operation: (one.number, one.called) for one in operations}
    weighed = {
        row[0]: row[1:]
        for row in rows(
            connection,
            """select operation, decided, case when decided in ('', 'nobody') then '' else
                coalesce((select any_value(name) from actors where actors.actor = decided), decided) end,
                decided_because, abstains, hypothesis, likelihood, confidence, confidence_because, evidence_for,
                evidence_against, missing, hangs_on, hangs_on_sentence, rules, nearest
            from attributions where operation in (select unnest(?))""",
            [wanted],
        )
    }
    ((all_of_them,),) = rows(connection, "select count(*) from attributions")
    chosen = [operation for operation in wanted if operation in weighed]
    if not chosen:
        return Attributions("", (), all_of_them)
    cells = _cells(connection, chosen)
    claimed = _claimed(connection, chosen)
    found = []
    for operation in chosen:
        decided, name, because, abstains, leads, likelihood, confidence, resting, speaks_for, *rest = weighed[operation]
        speaks_against, missing, hangs_on, hangs_on_sentence, not_met, nearest = rest
        mine = cells.get(operation, {})
        exhibits, more_exhibits = _exhibits(connection, operation, speaks_for, speaks_against, mine)
        hypotheses, more_hypotheses, fixed, digest = _hypotheses(
            connection, operation, leads or nearest, exhibits, mine
        )
        others, more_claimed = claimed[operation]
        numbers = {one.exhibit: f"E{one.number}" for one in exhibits}
        numbers |= {one.actor: one.title for one in hypotheses if one.actor and one.actor == one.hypothesis}
        number, names = called[operation]
        found.append(
            AttributionShown(
                operation=operation,
                number=number,
                called=names,
                decided=decided,
                decided_name=name,
                decided_because=because,
                abstains=abstains,
                hypothesis=leads,
                about=next((one.title for one in hypotheses if one.leads), hypotheses[0].title if hypotheses else ""),
                likelihood=_numbered(likelihood, numbers),
                confidence=confidence,
                confidence_because=_numbered(resting, numbers),
                hypotheses=hypotheses,
                more_hypotheses=more_hypotheses,
                exhibits=exhibits,
                more_exhibits=more_exhibits,
                missing=tuple(_numbered(one, numbers) for one in missing),
                hangs_on=tuple(hangs_on),
                hangs_on_sentence=_numbered(hangs_on_sentence, numbers),
                rules=tuple(_numbered(rule, numbers) for rule in not_met),
                claimed=others,
                more_claimed=more_claimed,
                fixed=fixed,
                digest=digest,
            )
        )
    return Attributions(_sentence(found), tuple(found), all_of_them - len(found))


def _sentence(found: Sequence[AttributionShown]) -> str:
    """Say what was weighed and what a person decided, without any name that no person decided on."""
    named = [one for one in found if one.decided_name]
    text = "".join(f"Of operation {one.number} a person decided to name {one.decided_name}. " for one in named)
    rest = [one for one in found if not one.decided_name]
    if rest:
        numbers = [str(one.number) for one in rest]
        of = " and ".join(part for part in (", ".join(numbers[:-1]), numbers[-1]) if part)
        of = f"operation{'' if len(rest) == 1 else 's'} {of}"
        text += f"The machine names nobody: for {of} hypotheses were weighed, and no person decided to name one. "
    return text.strip()


def _numbered(sentence: str, numbers: Mapping[str, str]) -> str:
    """Write for an id what it is called in this report: `E3` for `e-1a2b3c`, an actor's name for its id."""
    return _ID.sub(lambda match: numbers.get(match.group(), match.group()), sentence)


def _cells(
    connection: duckdb.DuckDBPyConnection, operations: Sequence[str]
) -> dict[str, dict[tuple[str, str], tuple[float, float, str]]]:
    """What each exhibit weighs for each hypothesis, by operation."""
    found: dict[str, dict[tuple[str, str], tuple[float, float, str]]] = defaultdict(dict)
    for operation, hypothesis, exhibit, bits, counted, sentence in rows(
        connection,
        """select operation, hypothesis, exhibit, bits, counted, left(sentence, 600) from likelihoods
        where operation in (select unnest(?))""",
        [list(operations)],
    ):
        found[operation][hypothesis, exhibit] = bits, counted, sentence
    return found


def _exhibits(
    connection: duckdb.DuckDBPyConnection,
    operation: str,
    speaks_for: Sequence[str],
    speaks_against: Sequence[str],
    cells: Mapping[tuple[str, str], tuple[float, float, str]],
) -> tuple[tuple[ExhibitShown, ...], int]:
    """Those that speak for what leads, strongest first; those against; the others by the most that they count."""
    most: dict[str, float] = defaultdict(float)
    for (_, exhibit), (_, counted, _) in cells.items():
        most[exhibit] = max(most[exhibit], abs(counted))
    place = {one: (0, number, "for") for number, one in enumerate(speaks_for)}
    place |= {one: (1, number, "against") for number, one in enumerate(speaks_against) if one not in place}
    found = sorted(
        rows(
            connection,
            """select exhibit, family, sentence, value, shown_by, source, grade, root, forgeable, published, critical
            from exhibits where operation = ?""",
            [operation],
        ),
        key=lambda row: (*place.get(row[0], (2, 0, ""))[:2], -most[row[0]], row[0]),
    )
    return (
        tuple(
            ExhibitShown(
                exhibit=exhibit,
                number=number,
                speaks=place.get(exhibit, (2, 0, "neither"))[2],
                family=family,
                sentence=sentence,
                value=value,
                shown_by=tuple(filter(None, shown_by))[:MESSAGES],
                more_messages=max(0, len(shown_by) - MESSAGES),
                source=source,
                grade=grade,
                root=root,
                forgeable=forgeable,
                published=published,
                critical=critical,
            )
            for number, (
                exhibit, family, sentence, value, shown_by, source, grade, root, forgeable, published, critical
            ) in enumerate(found[:EXHIBITS], 1)
        ),
        max(0, len(found) - EXHIBITS),
    )  # fmt: skip


def _hypotheses(
    connection: duckdb.DuckDBPyConnection,
    operation: str,
    leads: str,
    exhibits: Sequence[ExhibitShown],
    cells: Mapping[tuple[str, str], tuple[float, float, str]],
) -> tuple[tuple[HypothesisShown, ...], int, datetime | None, str]:
    totals: dict[str, float] = defaultdict(float)
    for (hypothesis, _), (_, counted, _) in cells.items():
        totals[hypothesis] += counted
    found = list(
        rows(
            connection,
            """select hypothesis, title, actor, prior, posterior, low, high, likelihood, fixed, digest from hypotheses
            where operation = ? order by posterior desc, hypothesis""",
            [operation],
        )
    )
    shown = tuple(
        HypothesisShown(
            hypothesis, title, actor, prior, posterior, low, high, likelihood, hypothesis == leads,
            tuple(Cell(one.exhibit, *cells.get((hypothesis, one.exhibit), (0.0, 0.0, ""))) for one in exhibits),
            totals[hypothesis],
        )
        for hypothesis, title, actor, prior, posterior, low, high, likelihood, _, _ in found[:HYPOTHESES]
    )  # fmt: skip
    fixed, digest = found[0][8:] if found else (None, "")
    return shown, len(found) - len(shown), fixed, digest


def _claimed(
    connection: duckdb.DuckDBPyConnection, operations: Sequence[str]
) -> dict[str, tuple[tuple[ClaimOfOthers, ...], int]]:
    """What others claim of who did it, first in reports that name something which was seen in the operation."""
    tied: dict[str, set[str]] = defaultdict(set)
    for operation, document in rows(
        connection,
        "select distinct operation, document from hits where document <> '' and hub = '' and operation <> ''",
    ):
        tied[operation].add(document)
    claims = [
        ClaimShown(*row)
        for row in rows(
            connection,
            f"""select {CLAIM} from {FROM} where state <> 'rejected' and list_contains(?, proposition)
            order by state = 'confirmed' desc, coalesce(said, claims.published) nulls last, claim limit 1000""",
            [list(NAMING)],
        )
    ]
    ((many,),) = rows(
        connection,
        "select count(*) from claims where state <> 'rejected' and list_contains(?, proposition)",
        [list(NAMING)],
    )
    told = {}
    for operation in operations:
        mine = sorted(claims, key=lambda one: one.document not in tied[operation])
        listed = kept(mine)[:CLAIMS]
        told[operation] = (
            tuple(ClaimOfOthers(one, one.document in tied[operation]) for one in listed),
            many - len(listed),
        )
    return told
