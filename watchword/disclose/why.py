"""From one message to every sentence about it, and from each sentence to the bytes that it rests on."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.belongs import Belongs, Reach, belongs, lines, resembles
from watchword.disclose.conversations import Fetch
from watchword.disclose.coverage import detectors
from watchword.disclose.evidence import Evidence, Line, evidence
from watchword.disclose.findings import Sentence, Share, citations, evidence_by_kind, findings, unused
from watchword.disclose.history import History, histories
from watchword.disclose.place import PLACE, PLACED, Place
from watchword.disclose.query import rows
from watchword.disclose.report_json import plain
from watchword.disclose.severity import SCALE, Severity, severities
from watchword.disclose.tiers import tier_means
from watchword.disclose.visible import folded, one_line, visible
from watchword.errors import WatchwordError
from watchword.judge.weights import Weights
from watchword.judge.weights import weights as shipped


@dataclass(frozen=True, slots=True)
class OtherMessage:
    """Another message that a finding rests on."""

    message: Annotated[str, "SHA-256 of its bytes"]
    time: Annotated[datetime | None, "when it arrived"]
    from_address: Annotated[str, "address in From"]
    subject: Annotated[str, "subject"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding, with what it rests on."""

    finding: Annotated[Sentence, "what was seen"]
    measured: Annotated[str, "where its weight was measured, empty if never"]
    rests_on: Annotated[tuple[str, ...], "quotations: header lines with their offsets, links, attachments, words"]
    other: Annotated[OtherMessage | None, "another message it rests on"]


@dataclass(frozen=True, slots=True)
class Why:
    """Everything behind the verdict on one message."""

    message: Annotated[str, "SHA-256 of its bytes"]
    time: Annotated[datetime | None, "when it arrived"]
    from_name: Annotated[str, "display name"]
    from_address: Annotated[str, "address in From"]
    subject: Annotated[str, "subject"]
    place: Annotated[Place, "where it lies"]
    owner: Annotated[str, "whose mailbox, empty if unknown"]
    tier: Annotated[str, "verdicts.tier, empty if it was not judged"]
    tier_means: Annotated[str, "what that tier stands for"]
    probability: Annotated[float, "that it is part of an attack, 0 to 1"]
    bits: Annotated[float, "sum of the evidence"]
    decided: Annotated[str, "what a person decided, empty if nobody did"]
    severity: Annotated[Severity | None, "how much effort it shows, None where nothing stands out"]
    history: Annotated[History | None, "the earlier mail that it was judged against; None if no mailbox is told"]
    reasons: Annotated[tuple[Reason, ...], "strongest first"]
    shares: Annotated[tuple[Share, ...], "the evidence by kind"]
    operation: Annotated[Belongs | None, "the operation that it belongs to; None if nothing ties it to what stands out"]
    resembles: Annotated[tuple[Reach, ...], "what it resembles and was not put together with"]
    context: Annotated[tuple[str, ...], "what was known before this message, in sentences"]
    defects: Annotated[tuple[str, ...], "what is wrong with the message's form, with offsets"]
    evidence: Annotated[Evidence, "what the message shows"]
    silent: Annotated[int, "detectors that looked at it and did not fire"]
    failed: Annotated[tuple[str, ...], "detectors that could not judge"]


def resolve(connection: duckdb.DuckDBPyConnection, message: str) -> str:
    """Give the whole key of a message from its first characters (8 or more) or from its Message-ID.

    Raises WatchwordError if there is no such message, or more than one.
    """
    wanted = message.strip()
    start = wanted.lower()
    if len(start) >= 8 and all(character in "0123456789abcdef" for character in start):
        found = [
            row[0]
            for row in rows(connection, "select message from messages where starts_with(message, ?) limit 2", [start])
        ]
    else:
        asked = wanted.removeprefix("<").removesuffix(">")
        found = [
            row[0] for row in rows(connection, "select message from messages where message_id = ? limit 2", [asked])
        ]
    shown = one_line(folded(wanted, 100))
    if not found:
        raise WatchwordError(
            f"There is no message {shown} in this case.",
            do="Give the id from the report, its first 8 characters or more, or a Message-ID.",
        )
    if len(found) > 1:
        raise WatchwordError(f"{shown} stands for more than one message.", do="Give more characters of the id.")
    return str(found[0])


def why(connection: duckdb.DuckDBPyConnection, fetch: Fetch, message: str, *, weights: Weights | None = None) -> Why:
    """Walk from a message to every finding on it and to the bytes that each rests on.

    `weights` are those that the verdicts were made with, without it the shipped ones.
    Raises WatchwordError if the message is not known.
    """
    weighed = weights or shipped()
    key = resolve(connection, message)
    ran = detectors(connection)
    found = findings(connection, [key], ran).get(key, [])
    shown = evidence(connection, fetch([key]), {key: citations(found)})[key]
    cues = dict(
        rows(
            connection,
            """select number, '“' || phrase || '” in ' || found_in || ', character ' || start
            from cues where message = ?""",
            [key],
        )
    )
    others = {
        row[0]: OtherMessage(*row)
        for row in rows(
            connection,
            "select message, time, from_address, subject from messages where message in (select unnest(?))",
            [[sentence.other for sentence in found if sentence.other]],
        )
    }
    ((time, name, address, subject, owner, tier, probability, bits, decided, *where),) = rows(
        connection,
        f"""select messages.time, from_name, from_address, subject, messages.owner, coalesce(tier, ''),
            coalesce(probability, 0), coalesce(bits, 0), coalesce(decided, ''), {PLACE}
        from messages left join verdicts on verdicts.message = messages.message {PLACED}
        where messages.message = ?""",
        [key],
    )
    measured = {name: weight.measured for name, weight in weighed.detectors.items()}
    reasons = tuple(
        Reason(
            finding=sentence,
            measured=measured.get(sentence.detector, ""),
            rests_on=tuple(_rests_on(sentence, shown, cues.get(sentence.cue, ""))),
            other=others.get(sentence.other),
        )
        for sentence in found
    )
    fired = {sentence.detector for sentence in found}
    failed = tuple(detector.title for detector in ran if detector.error)
    return Why(
        message=key,
        time=time,
        from_name=name,
        from_address=address,
        subject=subject,
        place=Place(*where),
        owner=owner,
        tier=tier,
        tier_means=tier_means(tier, weighed),
        probability=probability,
        bits=bits,
        decided=decided,
        severity=severities(connection, [key], ran).get(key),
        history=histories(connection, {key: unused(ran, found)}).get(key),
        reasons=reasons,
        shares=evidence_by_kind(found, weighed.ceilings),
        operation=belongs(connection, key),
        resembles=resembles(connection, key),
        context=tuple(_context(connection, key)),
        defects=tuple(
            f"{kind} at byte {offset:,}{': ' + detail if detail else ''}"
            for kind, offset, detail in rows(
                connection,
                'select kind, "offset", detail from defects where message = ? order by number limit 50',
                [key],
            )
        ),
        evidence=shown,
        silent=sum(not detector.error and detector.detector not in fired for detector in ran),
        failed=failed,
    )


def _rests_on(sentence: Sentence, shown: Evidence, cue: str) -> list[str]:
    quoted = [
        _quoted(line)
        for line in shown.lines
        if (sentence.header and line.name.lower() == sentence.header)
        or (sentence.hop is not None and line.hop == sentence.hop)
    ]
    quoted += [
        f"link {link.number}: {link.url}"
        + (f", shown as “{link.shown}”" if link.shown else "")
        + (f", {link.where}" if link.where else "")
        for link in shown.links
        if link.number == sentence.link
    ]
    quoted += [
        f"attachment {file.number}: {file.name or '(no name)'}, "
        + (f"inside {file.inside}, " if file.inside else "")
        + f"{words.size(file.size)}, SHA-256 {file.sha256 or 'not known: it was not unpacked'}"
        + (f"; opened with a password from message {file.password_from[:16]}" if file.password_from else "")
        + "".join(f"; {what}" for what in file.contains)
        for file in shown.attachments
        if file.number == sentence.attachment
    ]
    return [*quoted, cue] if cue else quoted


def _quoted(line: Line) -> str:
    return f"byte {line.offset:,}: {' '.join(line.text.split())}" + (
        f" (is shown as {line.reads})" if line.reads else ""
    )


def _context(connection: duckdb.DuckDBPyConnection, key: str) -> list[str]:
    """What the mailbox knew before, in sentences."""
    said = []
    for (
        direction,
        received,
        sent,
        first,
        silent,
        organisation,
        elsewhere,
        namesake,
        client,
        offset,
        route,
    ) in rows(
        connection,
        """select direction, address_received, address_sent, address_first, days_silent, organisation_received,
            case_received, name_known, client_known, offset_known, route_known from relationships where message = ?""",
        [key],
    ):
        if direction != "received":
            said.append("The owner of the mailbox wrote it.")
            continue
        if not received and not sent:
            said.append("First message from this address.")
            if organisation:
                said.append(f"From the same organisation came {words.number(organisation, 'message')} before.")
            else:
                said.append("Nothing came from the same organisation before.")
        else:
            said.append(
                f"From this address came {words.number(received, 'message')} before, and the owner wrote "
                f"{words.number(sent, 'message')} to it; the first on {words.day(first)}."
            )
        if silent is not None and silent >= 60:
            said.append(f"It had been silent for {silent:,.0f} days.")
        if namesake:
            said.append(f"The same name was used before by another address, {one_line(namesake)}.")
        if elsewhere:
            said.append(
                f"The same address wrote {words.number(elsewhere, 'message')} to other mailboxes of this case before."
            )
        for known, what in ((client, "mail program"), (offset, "time zone"), (route, "provider")):
            if known is not None:
                said.append(f"It came from {'a' if known else 'no'} {what} that this address had used before.")
    for position, size, owner_wrote, invented, on_copy in rows(
        connection,
        """select position, conversation_size, owner_wrote_before, invented, new_on_copy from conversations
        where message = ?""",
        [key],
    ):
        if size > 1:
            said.append(
                f"It is number {position + 1} of {size} in its conversation, in which the owner had written "
                f"{words.number(owner_wrote, 'message')} before."
            )
        if invented:
            said.append("It is written as a reply, but the message that it answers was never seen.")
        if on_copy:
            said.append(f"On copy, never seen before: {words.number(on_copy, 'address', 'addresses')}.")
    return said


def why_json(why: Why) -> str:
    """The same for programs: the fields of `Why`, and `"schema": "watchword-why/1"`."""
    return json.dumps({"schema": "watchword-why/1", **dataclasses.asdict(why)}, default=plain, indent=1)


def why_text(why: Why) -> str:
    """The same as text for a terminal, without any character that could act on it."""
    said = [
        f"Message  {why.message}",
        f"From     {one_line(why.from_name)} <{one_line(why.from_address)}>",
        f"Subject  {one_line(why.subject) or '(no subject)'}",
        f"Time     {words.minute(why.time)}",
        f"Mailbox  {one_line(words.whose(why.owner))}",
        f"Place    {one_line(why.place.where)}, byte {why.place.offset:,}",
        *([f"Kept in  {one_line(why.place.kept)}"] if why.place.kept else []),
        "",
    ]
    if why.tier:
        said.append(
            f"{words.tier(why.tier)}. How likely an attack: {words.sure(why.probability)}, "
            f"{words.in_hundred(why.probability)}. {why.bits:+.1f} bits in all."
        )
        said.append(f"“{words.tier(why.tier)}” means: {why.tier_means}.")
        if why.severity:
            said += [why.severity.sentence, f"“Severity” means: {SCALE}"]
        if why.history:
            said.append(why.history.sentence)
            if why.history.silent:
                said.append(f"These compare with it and said nothing: {'; '.join(why.history.silent)}.")
        unweighed = sum(not reason.finding.measured for reason in why.reasons)
        if unweighed:
            seen = words.number(unweighed, "sign")
            said.append(f"That leaves out {seen} whose weight was never measured: look at the message by hand.")
    else:
        said.append("It was not judged.")
    if why.reasons:
        said += ["", "What was seen, strongest first"]
    for number, reason in enumerate(why.reasons, 1):
        finding = reason.finding
        weight = f"{finding.bits:+.1f} bits" if finding.measured else "never measured, weighs nothing"
        said.append(f"{number:3}. {one_line(finding.sentence)}")
        said.append(
            f"     {weight}: {finding.detector}"
            + (f"; measured on {one_line(reason.measured)}" if reason.measured else "")
        )
        said += [f"     | {one_line(quoted)}" for quoted in reason.rests_on]
        if reason.other:
            other = reason.other
            said.append(
                f"     | message {other.message[:16]}, {words.day(other.time)}, {one_line(other.from_address)}: "
                f"{one_line(other.subject)}"
            )
    if why.shares:
        said += ["", "How it adds up, in bits (+1 is seen twice as often in attacks as in honest mail)"]
        for share in why.shares:
            over = f"  ({share.over:.1f} more are above the ceiling of this kind)" if share.over else ""
            said.append(f"     {share.bits:+6.1f}  {share.title}{over}")
        said.append(f"     {why.bits:+6.1f}  all together")
    said += lines(why.operation, why.resembles)
    if why.context:
        said += ["", "What was known before", *(f"     {sentence}" for sentence in why.context)]
    if why.evidence.authenticity:
        said += ["", "What authentication says of the sender"]
        said += [f"     {one_line(sentence)}" for sentence in why.evidence.authenticity]
    said += ["", "Header lines, with their offset in the message"]
    said += [f"{line.offset:9,}  {one_line(line.text)}" for line in why.evidence.lines]
    if not why.evidence.found:
        said.append("     The original bytes are not where they were read, so none can be quoted.")
    if why.defects:
        said += ["", "Wrong or ambiguous in its form", *(f"     {one_line(defect)}" for defect in why.defects)]
    said += ["", f"{words.number(why.silent, 'other detector')} looked at it and saw nothing."]
    said += [f"Not judged by: {one_line(title)}" for title in why.failed]
    return visible("\n".join(said)) + "\n"
