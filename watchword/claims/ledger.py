"""What people decided about claims, documents and roots: `claims/decisions.jsonl`, to which is only ever appended.

A decision about a claim keeps the claim as it stood, so that nothing is lost when other rules propose other claims.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime

from watchword.case import Case, append_line, json_lines
from watchword.claims.keep import checked_grade, moment
from watchword.errors import WatchwordError
from watchword.tables import Claim

DECISIONS = "decisions.jsonl"
KINDS = ("confirm", "reject", "write", "grade", "same-root", "other-root")
STATES = {"confirm": "confirmed", "write": "confirmed", "reject": "rejected"}
WORDS: dict[str, tuple[str, ...]] = {  # what a field of a claim may hold
    "capacity": ("on-record", "anonymous", "by-proxy"),
    "act": ("attributes", "confirms", "denies", "declines", "demands-evidence", "retracts", "hedges", "reports"),
    "proposition": (
        "sought",
        "accessed",
        "stole",
        "disclosed",
        "received",
        "who",
        "directed",
        "intent",
        "same-actor",
        "",
    ),
    "polarity": ("affirms", "denies", "open"),
    "evidence_offered": ("none", "indicators", "report", "indictment", "private"),
}
SETTABLE = ("speaker", "target", "actor", "strength", "relies_on", "said", *WORDS)
POLARITY = {"denies": "denies", "declines": "open", "demands-evidence": "denies", "hedges": "open", "retracts": "open"}
_OVERLAP = 0.5  # of the shorter passage; so much in common, and it is the same


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, who, when and why."""

    kind: str
    on: tuple[str, ...]  # claims, documents, roots; of a grade also a speaker's name
    because: str
    who: str
    time: str  # ISO 8601, UTC
    changes: Mapping[str, str] = field(default_factory=dict)  # field of the claim -> new value
    grade: str = ""
    claims: tuple[Claim, ...] = ()  # as they stood before


def decisions(case: Case) -> list[Decision]:
    """Give every decision, oldest first. Raises WatchwordError on a line that is not as this program writes it."""
    file = case.path / "claims" / DECISIONS
    found = []
    for number, row in enumerate(json_lines(file), 1):
        try:
            found.append(_decision(row))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise WatchwordError(
                f"Line {number} of {file} is not as this program writes it.", do="Restore the file; it is evidence."
            ) from None
    return found


def _decision(row: Mapping[str, object]) -> Decision:
    """Read a decision back. Raises ValueError, KeyError, TypeError or AttributeError."""
    on, changes, claims = row["on"], row["changes"], row["claims"]
    if row["kind"] not in KINDS or not isinstance(on, list) or not isinstance(changes, dict):
        raise ValueError(row["kind"])
    if not isinstance(claims, list):
        raise TypeError(claims)
    return Decision(
        str(row["kind"]),
        tuple(map(str, on)),
        str(row["because"]),
        str(row["who"]),
        str(row["time"]),
        {str(name): str(value) for name, value in changes.items()},
        str(row["grade"]),
        tuple(map(_claim, claims)),
    )


def decide(case: Case, decision: Decision) -> None:
    """Append a decision. Raises WatchwordError where a reason is missing or a value is none that the field may hold."""
    if not decision.because.strip():
        raise WatchwordError("A decision needs a reason.", do="Give it with --because.")
    if decision.kind == "grade":
        checked_grade(decision.grade)
    for name, value in decision.changes.items():
        checked(name, value)
    row = asdict(decision) | {"claims": [_row(claim) for claim in decision.claims]}
    folder = case.path / "claims"
    folder.mkdir(exist_ok=True)
    append_line(folder / DECISIONS, row)


def checked(name: str, value: str) -> str:
    """Say which value a field gets. Raises WatchwordError if a claim has no such field or it cannot hold that."""
    if name not in SETTABLE:
        raise WatchwordError(f"A claim's {name!r} cannot be set.", do=f"There are {', '.join(SETTABLE)}.")
    allowed = WORDS.get(name)
    if allowed and value not in allowed:
        raise WatchwordError(f"{name} is not {value!r}.", do=f"It is one of {', '.join(filter(None, allowed))}.")
    if name == "said":
        moment(value, "said")
    return value


def changed(claim: Claim, changes: Mapping[str, str]) -> Claim:
    """Give a claim with fields changed."""
    values: dict[str, object] = dict(changes)
    if "said" in changes:
        values["said"] = moment(changes["said"], "said")
    return replace(claim, **values)  # type: ignore[arg-type]  # names and values were checked when it was decided


def decided(proposals: Sequence[Claim], made: Sequence[Decision]) -> list[Claim]:
    """Give the claims of a case: what is proposed, with what people decided; what they decided stays as it was.

    A proposal that has a decided claim's passage, speaker and proposition under another id is that claim, and left out.
    """
    found = {claim.claim: claim for claim in proposals}
    touched: dict[str, Claim] = {}
    for decision in made:
        if decision.kind not in STATES:
            continue
        for before in decision.claims:
            claim = touched.get(before.claim, before)
            claim = changed(claim, decision.changes)
            touched[before.claim] = replace(claim, state=STATES[decision.kind], because=decision.because)
    kept = [claim for name, claim in found.items() if name not in touched]
    settled: dict[tuple[str, str], list[Claim]] = {}
    for decision in made:  # as it was proposed, and as it is now
        for claim in (*decision.claims, *(touched[one.claim] for one in decision.claims)):
            settled.setdefault((claim.document, claim.proposition), []).append(claim)
    kept = [
        claim
        for claim in kept
        if not any(_same(claim, other) for other in settled.get((claim.document, claim.proposition), ()))
    ]
    return [*kept, *touched.values()]


def _same(one: Claim, other: Claim) -> bool:
    common = min(one.stop, other.stop) - max(one.start, other.start)
    shorter = min(one.stop - one.start, other.stop - other.start)
    return shorter > 0 and common >= _OVERLAP * shorter and (one.speaker, one.target) == (other.speaker, other.target)


def grades(made: Sequence[Decision]) -> dict[str, str]:
    """Give what was graded, by id or by the speaker's name; of two grades the later counts."""
    return {name: decision.grade for decision in made if decision.kind == "grade" for name in decision.on}


def claim_id(*parts: str | int) -> str:
    """Give the id of a claim from what makes it that claim."""
    return "cl-" + hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def written(values: Mapping[str, str], document: str, quote: str, start: int, because: str, now: datetime) -> Claim:
    """Make a claim that a person writes; `values` are fields of SETTABLE. Raises WatchwordError."""
    given = {"capacity": "on-record", "act": "reports", "evidence_offered": "none"}
    given |= {name: checked(name, value) for name, value in values.items() if value}
    if not given.get("speaker"):
        raise WatchwordError("A claim needs somebody who makes it.", do="Give --speaker.")
    given.setdefault("polarity", POLARITY.get(given["act"], "affirms"))
    ordered = (f"{name}={value}" for name, value in sorted(given.items()))
    blank = Claim(
        claim=claim_id("written", now.isoformat(), document, quote, *ordered),
        document=document,
        state="proposed",
        speaker="",
        speaker_printed=given["speaker"],
        capacity="",
        act="",
        proposition="",
        target="",
        actor="",
        polarity="",
        strength="",
        said=None,
        said_printed=given.get("said", ""),
        published=None,
        evidence_offered="",
        relies_on="",
        quote=quote,
        start=start,
        stop=start + len(quote),
        root="",
        grade="",
        because=because,
    )
    return changed(blank, given)


def _row(claim: Claim) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(claim).items()
        if name not in ("root", "grade")
    }


def _claim(row: Mapping[str, object]) -> Claim:
    """Read a claim back. Raises ValueError, KeyError or TypeError."""
    values: dict[str, object] = {}
    for one in fields(Claim):
        value = row.get(one.name) if one.name in ("root", "grade") else row[one.name]
        if one.name in ("said", "published"):
            values[one.name] = datetime.fromisoformat(str(value)) if value else None
        elif one.name in ("start", "stop"):
            values[one.name] = int(str(value))
        else:
            values[one.name] = "" if value is None else str(value)
    return Claim(**values)  # type: ignore[arg-type]  # each field was given its type above
