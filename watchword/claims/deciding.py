"""What a person decides, found by ids as they are typed, checked, and kept."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from watchword.case import Case
from watchword.claims.build import Ledger, ledger, text_of
from watchword.claims.keep import checked_grade
from watchword.claims.ledger import Decision, checked, decide, written
from watchword.claims.propositions import standings
from watchword.claims.roots import Count, Origin, count
from watchword.errors import WatchwordError
from watchword.tables import Claim


def decide_claims(
    case: Case, kind: str, names: Sequence[str], changes: Mapping[str, str], because: str, who: str, now: datetime
) -> tuple[str, ...]:
    """Confirm or reject claims, and give their ids. Raises WatchwordError."""
    by_id = {claim.claim: claim for claim in ledger(case).claims}
    concerned = [by_id[named(name, by_id)] for name in names]
    ids = tuple(dict.fromkeys(claim.claim for claim in concerned))
    with case.lock():
        standing = tuple(by_id[name] for name in ids)
        decide(case, Decision(kind, ids, because, who, now.isoformat(), changes, claims=standing))
    return ids


def write(
    case: Case, values: Mapping[str, str], document: str, quote: str, because: str, who: str, now: datetime
) -> Claim:
    """Keep a claim that a person writes. Raises WatchwordError where the document has no such passage."""
    start = 0
    if document:
        document = named(document, {one.document for one in ledger(case).documents})
        start = text_of(case, document).find(quote) if quote else 0
        if start < 0:
            raise WatchwordError(f"{document} has no such passage.", do="Copy it as `claims show` prints the text.")
    claim = written(values, document, quote, start, because, now)
    with case.lock():
        decide(case, Decision("write", (claim.claim,), because, who, now.isoformat(), claims=(claim,)))
    return claim


def grade(case: Case, name: str, code: str, because: str, who: str, now: datetime) -> tuple[str, list[str]]:
    """Grade a claim, document or speaker; give which, and where the grade says more than the roots bear."""
    code = checked_grade(code)
    found = ledger(case)
    speakers = {claim.speaker for claim in found.claims} | {one.publisher for one in found.documents}
    ids = {claim.claim for claim in found.claims} | {one.document for one in found.documents}
    name = named(name, ids | (speakers - {""}))
    with case.lock():
        decide(case, Decision("grade", (name,), because, who, now.isoformat(), grade=code))
    after = ledger(case)
    concerned = {claim.claim for claim in after.claims if name in (claim.claim, claim.document, claim.speaker)}
    warned = [text for row in standings(after.claims, after.roots) for text in row.warnings]
    return name, [text for text in warned if text.partition(" ")[0] in concerned]


def decide_roots(case: Case, kind: str, names: Sequence[str], because: str, who: str, now: datetime) -> Count:
    """Say that ids have one root, or rest on their own word; give the roots now. Raises WatchwordError."""
    found = ledger(case)
    ids = {claim.claim for claim in found.claims} | {one.document for one in found.documents}
    ids |= {root.root for root in found.roots}
    wanted = tuple(dict.fromkeys(named(name, ids) for name in names))
    if kind == "same-root" and len(wanted) < 2:
        raise WatchwordError("One thing alone has nothing in common.", do="Name two or more ids.")
    for name in wanted:
        several = [root for root in found.roots if root.root in found.rests.get(name, ())]
        if kind == "same-root" and len(several) > 1:
            told = "; ".join(f"{root.root} ({root.origin})" for root in several)
            raise WatchwordError(f"{name} rests on several roots.", do=f"Name the one that is meant: {told}.")
        if kind == "other-root" and name.startswith("root-"):
            raise WatchwordError(f"{name} is a root.", do="Name the documents or claims that do not rest on it.")
    with case.lock():
        decide(case, Decision(kind, wanted, because, who, now.isoformat()))
    return counted(ledger(case))


def counted(found: Ledger) -> Count:
    """Count the independent roots on which the reports of a case rest as a whole; who only answers is none of them."""
    unnamed = {root.root for root in found.roots if root.anonymous}
    resting = {Origin(root, root in unnamed) for roots in found.rests.values() for root in roots}
    return count((one.document for one in found.documents), resting)


def named(text: str, ids: Collection[str]) -> str:
    """Give the id that is meant, by its beginning if only one has it. Raises WatchwordError."""
    folded = {name.lower(): name for name in ids}
    if text.lower() in folded:
        return folded[text.lower()]
    found = sorted(name for name in ids if text and name.lower().startswith(text.lower()))
    if len(found) == 1:
        return found[0]
    if found:
        raise WatchwordError(f"{text!r} may be {', '.join(found[:5])}.", do="Write more of it.")
    raise WatchwordError(f"There is no {text!r} here.", do="`watchword claims` and `watchword claims roots` list ids.")


def field_values(given: Sequence[str]) -> dict[str, str]:
    """Read FIELD=VALUE. Raises WatchwordError."""
    changes = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise WatchwordError(f"{text!r} is no FIELD=VALUE.", do="Write as target=Berg.")
        changes[name.strip()] = checked(name.strip(), value.strip())
    return changes
