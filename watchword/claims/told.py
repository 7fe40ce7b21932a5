"""The ledger of claims as text: standings, one claim with its passage, the timeline, roots."""

from collections.abc import Iterable, Mapping, Sequence

from watchword.claims.ledger import Decision
from watchword.claims.propositions import Moment, Standing, Voice, moment_of
from watchword.claims.roots import Count
from watchword.tables import Citation, Claim, Document, Root

_CONTEXT = 240  # characters shown before and after a passage
_LINE = 110
_VERBS = {
    "attributes": "attributes it to somebody",
    "confirms": "confirms",
    "denies": "denies",
    "declines": "declines to say",
    "demands-evidence": "demands evidence",
    "retracts": "takes something back",
    "hedges": "says so with reserve",
    "reports": "reports",
}
_STATES = {"confirmed": "confirmed by a person", "proposed": "proposed, not confirmed", "rejected": "rejected"}


def called(document: Document | None, name: str) -> str:
    """Name a document: its publisher and day, or its title."""
    if document is None:
        return name or "no document"
    day = f", {document.published:%Y-%m-%d}" if document.published else ""
    return f"{document.publisher or document.title or document.path.rpartition('/')[2]}{day}"


def standing_lines(one: Standing) -> list[str]:
    """Say how one proposition stands."""
    lines = [one.sentence]
    if one.counted.reports:
        lines.append(f"    rests on  {one.counted}")
    if one.denied.reports:
        lines.append(f"    denial    {one.denied}")
    for polarity, word in (("affirms", "affirms"), ("denies", "denies"), ("open", "open")):
        lines += [f"    {word:9} {_voice(voice)}" for voice in one.who(polarity)]
    lines += [f"    AGAINST   {sentence}" for sentence in one.contradictions]
    lines += [f"    CHANGED   {sentence}" for sentence in one.changes]
    lines += [f"    GRADE     {sentence}" for sentence in one.warnings]
    return lines


def _voice(voice: Voice) -> str:
    parts = [f"{voice.since:%Y-%m-%d}" if voice.since else "without date", voice.grade or "not graded", voice.state]
    named = f" ({voice.actor})" if voice.actor else ""
    strength = f" “{voice.strength}”" if voice.strength else ""
    return f"{voice.speaker}{named}{strength}; {', '.join(parts)}; {', '.join(voice.claims)}"


def summary(standings: Sequence[Standing], claims: Sequence[Claim], documents: Sequence[Document]) -> str:
    """Say how much there is, and what is to be done."""
    counted = {state: sum(claim.state == state for claim in claims) for state in _STATES}
    said = (
        f"{_number(len(documents), 'document')}, {_number(len(standings), 'proposition')}, "
        f"{_number(len(claims), 'claim')}: "
        f"{counted['confirmed']} confirmed, {counted['proposed']} proposed, {counted['rejected']} rejected."
    )
    if counted["proposed"]:
        said += " A proposal is no finding: `watchword claims review` goes through them."
    return said


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def passage(text: str, claim: Claim) -> str:
    """Quote a claim's passage within its text, marked."""
    if not text or text[claim.start : claim.stop] != claim.quote:
        return f"[{claim.quote}]" if claim.quote else ""
    before = text[max(0, claim.start - _CONTEXT) : claim.start]
    after = text[claim.stop : claim.stop + _CONTEXT]
    return f"{'…' if claim.start > _CONTEXT else ''}{before}[{claim.quote}]{after}" + (
        "…" if claim.stop + _CONTEXT < len(text) else ""
    )


def why_proposed(claim: Claim) -> str:
    """Say why a passage is proposed as this claim, by what was read in it."""
    heard = f"“{claim.speaker_printed}” is read as {claim.speaker}" if claim.speaker else "nobody is named as speaker"
    said = f"{heard}, who {_VERBS.get(claim.act, claim.act)} ({claim.act})"
    if claim.strength:
        said += f"; “{claim.strength}” tells how sure"
    if claim.said_printed:
        said += f"; “{claim.said_printed}” tells when"
    if claim.relies_on:
        said += f"; it relies on {claim.relies_on}"
    return said + "."


def claim_lines(
    claim: Claim, document: Document | None, root: Root | None, text: str, made: Iterable[Decision]
) -> list[str]:
    """Say all that is known of a claim: what it says, where, on what it rests, and what was decided."""
    when = moment_of(claim)
    day = "without date" if when is None else f"{'said' if claim.said else 'published'} {when:%Y-%m-%d}"
    lines = [
        f"{claim.claim}  {_STATES.get(claim.state, claim.state)}",
        f"    speaker   {claim.speaker or 'nobody named'} ({claim.capacity}), {day}",
        f"    says      {claim.proposition or 'no proposition'}: {claim.polarity}, {claim.act}",
        f"    target    {claim.target or 'not said'}",
    ]
    if claim.actor:
        lines.append(f"    actor     {claim.actor}")
    lines += [
        f"    sure      {claim.strength or 'no word for it'}",
        f"    evidence  {claim.evidence_offered}",
        f"    root      {claim.root}" + (f", {root.origin}" if root else ""),
        f"    grade     {claim.grade or 'none'}",
    ]
    if document:
        lines += [
            f"    document  {document.document}, {called(document, '')}: {document.path}",
            f"    sha256    {document.sha256}",
            f"    offsets   {claim.start} to {claim.stop} of {document.characters} characters",
        ]
    made = list(made)
    by_hand = any(one.kind == "write" and claim.claim in one.on for one in made)
    lines.append(f"    because   {'A person wrote it.' if by_hand else why_proposed(claim)}")
    lines += [f"    decided   {decision_line(one, claim.claim)}" for one in made if concerns(one, claim)]
    if quoted := passage(text, claim):
        lines += ["", *(f"    | {line}" for line in _wrapped(quoted))]
    return lines


def concerns(decision: Decision, claim: Claim) -> bool:
    """Say whether a decision is about a claim, or about its document, root or speaker."""
    return bool({claim.claim, claim.document, claim.root, claim.speaker} & set(decision.on))


def decision_line(one: Decision, name: str) -> str:
    """Say what was decided."""
    changes = "".join(f", {field} = {value}" for field, value in one.changes.items())
    about = f" of {', '.join(one.on)}" if name not in one.on else ""
    grade = f" {one.grade}" if one.grade else ""
    return f"{one.time[:16].replace('T', ' ')} {one.who}: {one.kind}{grade}{about}{changes}. {one.because}"


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            if line and len(line) + len(word) >= _LINE:
                lines.append(line)
                line = ""
            line = f"{line} {word}" if line else word
        lines.append(line)
    return lines


def timeline_lines(rows: Iterable[Moment]) -> list[str]:
    """Say who said what when, a line each."""
    lines = []
    for row in rows:
        claim = row.claim
        day = f"{row.when:%Y-%m-%d}" if row.when else "no date   "
        what = f"{claim.proposition or 'open'} / {claim.target or 'nobody named'}"
        sure = f" “{claim.strength}”" if claim.strength else ""
        actor = f" ({claim.actor})" if claim.actor else ""
        mark = " " if row.said else "p"
        lines.append(
            f"{day}{mark} {claim.speaker or 'not named'}: {claim.polarity} {what}{actor}{sure}  "
            f"{claim.claim} {claim.state}"
        )
        if row.change:
            lines.append(f"            CHANGED  {row.change}")
    return lines


def roots_lines(
    roots: Sequence[Root],
    documents: Mapping[str, Document],
    citations: Sequence[Citation],
    counted: Count,
    made: Sequence[Decision],
    rests: Mapping[str, Sequence[str]],
) -> list[str]:
    """Say which roots the reports have, and why."""
    lines = [f"{counted}.", ""]
    for root in sorted(roots, key=lambda one: (-len(one.documents), one.root)):
        mark = "  (may be the same as another)" if root.anonymous else ""
        lines.append(f"{root.root}  {root.origin}{mark}")
        for name in root.documents:
            if root.root not in rests.get(name, ()):
                lines.append(f"    {name}  {called(documents.get(name), name)}: is heard there, no more")
                continue
            ways = [one for one in citations if one.document == name]
            shown = ", ".join(dict.fromkeys(_way(one) for one in ways)) or "speaks for itself"
            lines.append(f"    {name}  {called(documents.get(name), name)}: {shown}")
            lines += [f"        decided  {decision_line(one, name)}" for one in made if _joins(one, name, root)]
    return lines


def _joins(one: Decision, name: str, root: Root) -> bool:
    return one.kind in ("same-root", "other-root") and bool({name, root.root} & set(one.on))


def _way(one: Citation) -> str:
    if one.how == "copies":
        return f"copies {one.cited} ({one.share:.0%})"
    if one.how == "quotes":
        return f"quotes as {one.cited}"
    if one.how == "anonymous":
        return "sources without a name"
    return f"{one.how} {one.named or one.cited}"
