"""Who may be behind an operation, weighed (room `attribute`). No row here names anybody: a person's decision does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One explanation of who is behind an operation, fixed before anything was weighed, and what it came to."""

    operation: Annotated[str, "operations.operation"]
    hypothesis: Annotated[str, "id: actors.actor, `imitator of X`, unknown-actor, other-state, crime, hired or insider"]
    title: Annotated[str, "in plain words"]
    actor: Annotated[str, "actors.actor that it names or that is imitated; empty if none"]
    fixed: Annotated[datetime | None, "when the hypotheses of this operation were fixed"]
    digest: Annotated[str, "SHA-256 of all hypotheses and priors of this operation as they were fixed"]
    prior: Annotated[float, "probability before any evidence"]
    posterior: Annotated[float, "probability after it, with that prior"]
    low: Annotated[float, "lowest posterior over the range of priors"]
    high: Annotated[float, "highest posterior over the range of priors"]
    likelihood: Annotated[str, "ICD 203 term for that range, as `unlikely to roughly even chance`"]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence on who is behind an operation: an observation, its source, and who could have faked it."""

    operation: Annotated[str, "operations.operation"]
    exhibit: Annotated[str, "id: `e-` and 6 digits of what it says"]
    kind: Annotated[str, "file name in attribute/evidence without .toml, or `person` where somebody added it"]
    family: Annotated[str, "what sees the same thing; within a family and a root the strongest counts in full"]
    sentence: Annotated[str, "what was observed, in plain words"]
    value: Annotated[str, "what was observed, as the tables have it"]
    shown_by: Annotated[list[str], "messages that show it, at most 20"]
    source: Annotated[str, "where the meaning of it comes from: publisher or person"]
    grade: Annotated[str, "Admiralty code of that source for this, as B2; empty if nobody graded it"]
    root: Annotated[str, "independent origin; exhibits of one root are not independent of each other"]
    forgeable: Annotated[str, "who else could have produced it, in plain words"]
    published: Annotated[datetime | None, "since when an imitator could know it; None if it never was public"]
    imitable: Annotated[bool, "somebody else could know it, or show it for little, when the mail was sent"]
    hub: Annotated[str, "why it says nothing about who it was, as `many share this host`; empty if it may"]
    critical: Annotated[bool, "without it alone the conclusion is another"]


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How well one hypothesis explains one exhibit: evidence given hypothesis, never the reverse."""

    operation: Annotated[str, "operations.operation"]
    exhibit: Annotated[str, "exhibits.exhibit"]
    hypothesis: Annotated[str, "hypotheses.hypothesis"]
    bits: Annotated[float, "log2 of the likelihood ratio against an unknown actor, as given or measured"]
    counted: Annotated[float, "after grade, forgeability, caps and dependence"]
    sentence: Annotated[str, "why so much and no more, in plain words"]


@dataclass(frozen=True, slots=True)
class Attribution:
    """What can be said about who is behind an operation, in the words of ICD 203: likelihood and confidence apart."""

    operation: Annotated[str, "operations.operation"]
    hypothesis: Annotated[str, "hypotheses.hypothesis that is concluded; empty if it abstains"]
    abstains: Annotated[bool, "nothing is concluded: no actor may be named, and nothing else is likely enough"]
    nearest: Annotated[str, "the most probable of the actors in scope, whether or not it may be named; empty if none"]
    likelihood: Annotated[str, "sentence with the term for likelihood and the priors it holds for"]
    confidence: Annotated[str, "high, moderate or low"]
    confidence_because: Annotated[str, "sentence on what that confidence rests"]
    evidence_for: Annotated[list[str], "exhibits.exhibit for `hypothesis`, else `nearest`, strongest first"]
    evidence_against: Annotated[list[str], "exhibits.exhibit against it, strongest first"]
    missing: Annotated[list[str], "what was not observed and would matter, the most telling first, one sentence each"]
    hangs_on: Annotated[list[str], "smallest set of exhibits whose removal changes the conclusion"]
    hangs_on_sentence: Annotated[str, "the same in plain words, with sources and roots"]
    rules: Annotated[list[str], "rules for naming that are not met, one sentence each"]
    decided: Annotated[str, "actors.actor that a person decided to name, `nobody`, or empty if nobody decided"]
    decided_because: Annotated[str, "why"]
