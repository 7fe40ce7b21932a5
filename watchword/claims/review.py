"""Going through what is proposed, one by one: each answer of a person is kept at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from watchword.case import Case
from watchword.claims.build import Ledger, text_of
from watchword.claims.deciding import field_values
from watchword.claims.ledger import STATES, Decision, decide
from watchword.claims.told import claim_lines
from watchword.errors import WatchwordError
from watchword.tables import Claim

_QUESTION = "[y]es, [n]o, [e]dit FIELD=VALUE; …, [s]kip, [q]uit: "
_REVIEWED = "Read beside its passage in the review."


@dataclass(slots=True)
class Reviewed:
    """What came of a review."""

    confirmed: int = 0
    rejected: int = 0
    skipped: int = 0
    left: int = 0  # proposals that still wait, those skipped among them


def review(
    case: Case,
    found: Ledger,
    document: str,
    ask: Callable[[str], str],
    tell: Callable[[str], None],
    now: Callable[[], datetime],
    who: str,
) -> Reviewed:
    """Go through the proposals of a document, or of all. `ask` gives a line, an empty one where there are no more."""
    documents = {one.document: one for one in found.documents}
    roots = {one.root: one for one in found.roots}
    waiting = [one for one in found.claims if one.state == "proposed" and document in ("", one.document)]
    texts: dict[str, str] = {}
    done = Reviewed(left=len(waiting))
    for number, claim in enumerate(waiting, 1):
        if claim.document not in texts:
            texts[claim.document] = text_of(case, claim.document)
        tell(f"{number} of {len(waiting)}")
        shown = claim_lines(
            claim, documents.get(claim.document), roots.get(claim.root), texts[claim.document], found.decisions
        )
        for line in shown:
            tell(line)
        state = _answered(case, claim, ask, tell, now, who)
        if not state:
            break
        done.confirmed += state == "confirmed"
        done.rejected += state == "rejected"
        done.skipped += state == "skipped"
        done.left -= state != "skipped"
    return done


def _answered(
    case: Case,
    claim: Claim,
    ask: Callable[[str], str],
    tell: Callable[[str], None],
    now: Callable[[], datetime],
    who: str,
) -> str:
    """Ask about one claim until the answer can be kept, and give its state then; empty to stop."""
    while True:
        line = ask(_QUESTION)
        letter, _, rest = line.strip().partition(" ")
        letter, rest = letter.lower(), rest.strip()
        if not line or letter in ("q", "quit"):
            tell("")
            return ""
        if letter in ("s", "skip"):
            return "skipped"
        try:
            if letter in ("y", "yes"):
                return _kept(case, "confirm", claim, {}, rest, now, who)
            if letter in ("n", "no"):
                return _kept(case, "reject", claim, {}, rest, now, who)
            if letter in ("e", "edit"):
                rest = rest or ask("FIELD=VALUE; FIELD=VALUE: ").strip()
                if changes := field_values([part for part in rest.split(";") if part.strip()]):
                    return _kept(case, "confirm", claim, changes, "", now, who)
            tell("Answer with y, n, e, s or q.")
        except WatchwordError as error:
            tell(str(error))


def _kept(
    case: Case,
    kind: str,
    claim: Claim,
    changes: Mapping[str, str],
    because: str,
    now: Callable[[], datetime],
    who: str,
) -> str:
    with case.lock():
        made = Decision(kind, (claim.claim,), because or _REVIEWED, who, now().isoformat(), changes, claims=(claim,))
        decide(case, made)
    return STATES[kind]
