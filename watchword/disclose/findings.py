"""The findings on some messages: their sentences, what they rest on, and what each kind of evidence adds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.coverage import Detector
from watchword.disclose.evidence import Citations, rows


@dataclass(frozen=True, slots=True)
class Sentence:
    """One finding on one message, in words."""

    sentence: Annotated[str, "what was seen"]
    detector: Annotated[str, "who saw it"]
    title: Annotated[str, "the detector's title"]
    group: Annotated[str, "kind of evidence"]
    bits: Annotated[float, "weight; 0 if never measured"]
    measured: Annotated[bool, "the weight was measured"]
    header: Annotated[str, "header field that shows it, empty if none"]
    link: Annotated[int | None, "links.number"]
    attachment: Annotated[int | None, "attachments.number"]
    other: Annotated[str, "another message it rests on, empty if none"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one kind of evidence adds to a verdict."""

    group: Annotated[str, "kind of evidence"]
    title: Annotated[str, "the same in words"]
    bits: Annotated[float, "what its findings weigh together, up to the ceiling of this kind"]
    over: Annotated[float, "bits above the ceiling, which count for nothing, as findings of a kind often say the same"]


Found = list[tuple[Sentence, int | None]]


def findings(connection: duckdb.DuckDBPyConnection, keys: Sequence[str], ran: Sequence[Detector]) -> dict[str, Found]:
    """The findings of some messages, strongest first, each with the hop it cites."""
    known = {detector.detector: detector for detector in ran}
    found: dict[str, Found] = defaultdict(list)
    for message, detector, group, sentence, bits, header, link, attachment, hop, other in rows(
        connection,
        """select message, detector, "group", sentence, bits, header, link, attachment, hop, other from findings
        where message in (select unnest(?)) order by message, bits desc, detector, link, attachment, hop""",
        [list(keys)],
    ):
        run = known.get(detector)
        found[message].append(
            (
                Sentence(
                    sentence=sentence,
                    detector=detector,
                    title=run.title if run else detector,
                    group=group,
                    bits=bits,
                    measured=run is not None and run.bits is not None,
                    header=header,
                    link=link,
                    attachment=attachment,
                    other=other,
                ),
                hop,
            )
        )
    return found


def citations(found: Found) -> Citations:
    """What findings rest on, by number."""
    return Citations(
        headers=frozenset(sentence.header for sentence, _ in found if sentence.header),
        hops=frozenset(hop for _, hop in found if hop is not None),
        links=frozenset(sentence.link for sentence, _ in found if sentence.link is not None),
        attachments=frozenset(sentence.attachment for sentence, _ in found if sentence.attachment is not None),
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
