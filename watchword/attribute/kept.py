"""What people said on who is behind an operation: `CASE/attribution.jsonl`, only appended to.

Operations are formed anew when a case grows. So each record names the messages of its operation, too, and belongs to
the operation that now holds most of them.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from watchword.case import Case, append_line, json_lines
from watchword.errors import WatchwordError

FILE = "attribution.jsonl"
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class About:
    """Which operation a record is about."""

    operation: str
    messages: tuple[str, ...]
    time: datetime
    by: str  # who says it


@dataclass(frozen=True, slots=True)
class Fixed:
    """The hypotheses of an operation, and every prior that is tried, as they were before anything was weighed."""

    about: About
    actors: tuple[str, ...]
    further: tuple[str, ...]  # hypotheses that name no actor, in the user's words
    priors: tuple[dict[str, float], ...]  # that which counts first
    digest: str


@dataclass(frozen=True, slots=True)
class Brought:
    """An exhibit that a person brought."""

    about: About
    exhibit: str
    says: str
    likelihoods: dict[str, str]  # hypothesis -> verbal, as `strong` or `against strong`
    source: str
    grade: str
    root: str
    forgeable: str  # as in `evidence.FORGEABLE`
    kind: str  # of the kinds that only a person can bring; `person` if none fits
    family: str
    vertex: str
    published: datetime | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A person's decision to name an actor, or nobody."""

    about: About
    actor: str  # or `nobody`
    because: str
    rules: tuple[str, ...]  # rules for naming that were not met then
    seen: str  # what was concluded then, in the words that were shown


@dataclass(frozen=True, slots=True)
class Records:
    """All that was said of one operation as it is now, or of all."""

    fixed: list[Fixed] = field(default_factory=list)
    brought: list[Brought] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    withdrawn: dict[str, str] = field(default_factory=dict)  # exhibit -> why


def digest(hypotheses: Sequence[str], priors: Sequence[Mapping[str, float]]) -> str:
    """Give the SHA-256 of hypotheses and all priors."""
    said = {"hypotheses": list(hypotheses), "priors": [dict(sorted(one.items())) for one in priors]}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def fix(case: Case, fixed: Fixed) -> None:
    """Append hypotheses and priors."""
    _write(case, "fixed", fixed.about, _without(asdict(fixed), "about"))


def bring(case: Case, brought: Brought) -> None:
    """Append an exhibit."""
    row = _without(asdict(brought), "about")
    row["published"] = brought.published.isoformat() if brought.published else ""
    _write(case, "exhibit", brought.about, row)


def withdraw(case: Case, about: About, exhibit: str, because: str) -> None:
    """Append that an exhibit does not count any more; it is not erased."""
    _write(case, "withdrawn", about, {"exhibit": exhibit, "because": because})


def decide(case: Case, decided: Decided) -> None:
    """Append a decision."""
    _write(case, "decided", decided.about, _without(asdict(decided), "about"))


def read(case: Case) -> Records:
    """Read all that was said. Raises WatchwordError where a line is not as it was written."""
    file = case.path / FILE
    found = Records()
    for number, row in enumerate(json_lines(file), 1):
        try:
            _read_row(row, found)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WatchwordError(
                f"Line {number} of {file} is not a record of attribution: {error}.",
                do="Restore the file; it is evidence.",
            ) from None
    return found


def holder(about: About, operations: Mapping[str, Collection[str]]) -> str:
    """Give the operation that now holds most of the messages; empty if none holds any."""
    wanted = set(about.messages)
    counted = Counter({name: len(wanted.intersection(held)) for name, held in operations.items()})
    best = max(counted.values(), default=0)
    if not best:
        return ""
    found = [name for name, count in counted.items() if count == best]
    return about.operation if about.operation in found else min(found)


def by_operation(records: Records, operations: Mapping[str, Collection[str]]) -> dict[str, Records]:
    """Give each record to the operation that it is about as they are now. What was withdrawn is left out."""
    found = {name: Records(withdrawn=records.withdrawn) for name in operations}
    for fixed in records.fixed:
        if name := holder(fixed.about, operations):
            found[name].fixed.append(fixed)
    for brought in records.brought:
        name = holder(brought.about, operations)
        if name and brought.exhibit not in records.withdrawn:
            found[name].brought.append(brought)
    for decided in records.decided:
        if name := holder(decided.about, operations):
            found[name].decided.append(decided)
    return found


def holds(decided: Decided, messages: Collection[str]) -> bool:
    """Whether a decision is still about the operation: it knew half of what is now in it, or more."""
    return 2 * len(set(decided.about.messages).intersection(messages)) >= len(set(messages))


def _read_row(row: Mapping[str, object], found: Records) -> None:
    when = datetime.fromisoformat(str(row["time"]))
    about = About(str(row["operation"]), _texts(row["messages"]), when, str(row["by"]))
    record = row["record"]
    if record == "fixed":
        priors = row["priors"]
        if not isinstance(priors, list) or not priors:
            raise ValueError("it has no priors")
        read_priors = tuple({str(name): float(share) for name, share in one.items()} for one in priors)
        if any(share < 0 for one in read_priors for share in one.values()) or not all(
            map(sum, map(dict.values, read_priors))
        ):
            raise ValueError("its priors are no probabilities")
        fixed = Fixed(about, _texts(row["actors"]), _texts(row["further"]), read_priors, str(row["digest"]))
        if digest(list(read_priors[0]), read_priors) != fixed.digest:
            raise ValueError("hypotheses and priors do not have the digest that was written with them")
        found.fixed.append(fixed)
    elif record == "exhibit":
        likelihoods = row["likelihoods"]
        if not isinstance(likelihoods, dict):
            raise TypeError("its likelihoods are no table")
        said = {str(name): str(word) for name, word in likelihoods.items()}
        source, grade, root, forgeable = (str(row[name]) for name in ("source", "grade", "root", "forgeable"))
        kind, family, vertex = (str(row[name]) for name in ("kind", "family", "vertex"))
        own = (about, str(row["exhibit"]), str(row["says"]), said, source, grade, root, forgeable)
        found.brought.append(Brought(*own, kind, family, vertex, _moment(row["published"])))
    elif record == "withdrawn":
        found.withdrawn[str(row["exhibit"])] = str(row["because"])
    elif record == "decided":
        said_then = (_texts(row["rules"]), str(row["seen"]))
        found.decided.append(Decided(about, str(row["actor"]), str(row["because"]), *said_then))
    else:
        raise ValueError(f"there is no record {str(record)[:40]!r}")


def _write(case: Case, record: str, about: About, rest: Mapping[str, object]) -> None:
    said = {"operation": about.operation, "messages": about.messages, "time": about.time.isoformat()}
    said["by"] = about.by
    append_line(Path(case.path / FILE), {"record": record} | said | dict(rest))


def _without(row: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in row.items() if key != name}


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("a list is missing")
    return tuple(map(str, value))


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
