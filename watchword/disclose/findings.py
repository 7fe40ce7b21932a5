"""The findings on some messages: their sentences, what they rest on, and what each kind of evidence adds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.coverage import Detector
from watchword.disclose.evidence import Citations
from watchword.disclose.query import rows


@dataclass(frozen=True, slots=True)
class Sentence:
    """One finding on one message, in words."""

    sentence: Annotated[str, "what was seen"]
    detector: Annotated[str, "who saw it"]
    title: Annotated[str, "the detector's title"]
    measured: Annotated[bool, "its weight was measured"]
    group: Annotated[str, "kind of evidence"]
    bits: Annotated[float, "weight; 0 if never measured"]
    header: Annotated[str, "header field that shows it, empty if none"]
    link: Annotated[int | None, "links.number"]
    attachment: Annotated[int | None, "attachments.number"]
    hop: Annotated[int | None, "hops.number"]
    cue: Annotated[int | None, "cues.number"]
    other: Annotated[str, "another message it rests on, empty if none"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one kind of evidence adds to a verdict."""

    group: Annotated[str, "kind of evidence"]
    title: Annotated[str, "the same in words"]
    bits: Annotated[float, "what its findings weigh together, up to the ceiling of this kind"]
    over: Annotated[float, "bits above the ceiling, which count for nothing, as findings of a kind often say the same"]


def findings(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[str], ran: Sequence[Detector]
) -> dict[str, list[Sentence]]:
    """The findings on some messages, strongest first."""
    known = {detector.detector: detector for detector in ran}
    found: dict[str, list[Sentence]] = defaultdict(list)
    for message, sentence, detector, *rests_on in rows(
        connection,
        """select message, sentence, detector, "group", bits, header, link, attachment, hop, cue, other from findings
        where message in (select unnest(?)) order by message, bits desc, detector""",
        [list(keys)],
    ):
        run = known.get(detector)
        title, measured = (run.title, run.bits is not None) if run else (detector, False)
        found[message].append(Sentence(sentence, detector, title, measured, *rests_on))
    return found


def unused(ran: Sequence[Detector], found: Sequence[Sentence]) -> list[str]:
    """The titles of detectors that need history and said nothing of a message."""
    fired = {sentence.detector for sentence in found}
    return [one.title for one in ran if one.needs_history and not one.error and one.detector not in fired]


def citations(found: Sequence[Sentence]) -> Citations:
    """What findings rest on, by number."""
    return Citations(
        headers=frozenset(sentence.header for sentence in found if sentence.header),
        hops=frozenset(sentence.hop for sentence in found if sentence.hop is not None),
        links=frozenset(sentence.link for sentence in found if sentence.link is not None),
        attachments=frozenset(sentence.attachment for sentence in found if sentence.attachment is not None),
    )


def evidence_by_kind(sentences: Sequence[Sentence], ceilings: Mapping[str, float]) -> tuple[Share, ...]:
    """Add up the bits of each kind of evidence as the verdict does: what speaks for an attack, up to the ceiling."""
    found: dict[str, list[float]] = defaultdict(list)
    for sentence in sentences:
        if sentence.bits:
            found[sentence.group].append(sentence.bits)
    shares = []
    for group, bits in found.items():
        speaks_for = sum(each for each in bits if each > 0)
        counted = min(speaks_for, ceilings.get(group, speaks_for)) + sum(each for each in bits if each < 0)
        shares.append(Share(group, words.group(group), counted, sum(bits) - counted))
    return tuple(sorted(shares, key=lambda share: (-share.bits, share.group)))
