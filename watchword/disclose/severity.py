"""How much effort an attack shows, in words: the rows of `severities` with the titles of what they rest on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import duckdb

from watchword.disclose.coverage import Detector
from watchword.disclose.query import rows
from watchword.judge.severity import MANY, SEEN, SOCIAL, TECHNICAL

NAMED = 2  # reasons of one level that the sentence names; the others are counted
SCALE = (
    "How much effort an attack shows, not how likely it is one: the Targeted Threat Index (Hardy and others, 2014), "
    f"computed from the findings. Social engineering, 0 ({SOCIAL[0].title}) to 5 ({SOCIAL[5].title}), times means, "
    f"1 ({TECHNICAL[1].title}) to 2 ({TECHNICAL[2].title}). A message counts with its conversation so far."
)


@dataclass(frozen=True, slots=True)
class Severity:
    """How much effort a message shows, with its conversation so far."""

    severity: Annotated[float, "social times technical, 0 to 10"]
    social: Annotated[int, "level of social engineering, 0 to 5"]
    social_title: Annotated[str, "what that level is called"]
    social_because: Annotated[tuple[str, ...], "titles of the detectors and facts that show it"]
    technical: Annotated[float, "technical level, 1 to 2"]
    technical_title: Annotated[str, "what that level is called"]
    technical_because: Annotated[tuple[str, ...], "titles of the detectors and facts that show it"]
    sentence: Annotated[str, "the same in one sentence"]


def severities(
    connection: duckdb.DuckDBPyConnection, keys: Collection[str], ran: Sequence[Detector]
) -> dict[str, Severity]:
    """The severity of those of the messages `keys` that have one."""
    titles = {detector.detector: detector.title for detector in ran} | SEEN
    return {
        message: _severity(
            severity, social, _titles(social_by, titles), technical, _titles(technical_by, titles), targeted <= MANY
        )
        for message, severity, social, social_by, technical, technical_by, targeted in rows(
            connection,
            """select message, severity, social, social_because, technical, technical_because, targeted
            from severities join verdicts using (message) where message in (select unnest(?))""",
            [list(keys)],
        )
    }


def _titles(names: Sequence[str], titles: Mapping[str, str]) -> tuple[str, ...]:
    """What was seen in the facts comes first: it says most."""
    return tuple(titles.get(name, name) for name in sorted(names, key=lambda name: (name not in SEEN, name)))


def _severity(
    severity: float,
    social: int,
    social_by: tuple[str, ...],
    technical: float,
    technical_by: tuple[str, ...],
    for_many: bool,
) -> Severity:
    how, means = SOCIAL[social], TECHNICAL[technical]
    sentence = f"Severity {severity:g} of 10 (Targeted Threat Index): {how.title}"
    if social:
        sentence += f"{_because(social_by)}, with {means.title}{_because(technical_by)}."
        sentence += " Its other signs are rather those of mail sent to many." if for_many else ""
    else:
        sentence += f", {how.means}."
    return Severity(severity, social, how.title, social_by, technical, means.title, technical_by, sentence)


def _because(titles: Sequence[str]) -> str:
    if not titles:
        return ""
    more = f"; and {len(titles) - NAMED} more" if len(titles) > NAMED else ""
    return f" ({'; '.join(title[0].lower() + title[1:] for title in titles[:NAMED])}{more})"
