"""What authentication comes to for a message, in sentences: as recorded on arrival, and as tried again with keys."""

from collections import defaultdict

import duckdb

from watchword.authenticate.reasons import CAVEATS, REASONS
from watchword.disclose import words
from watchword.disclose.query import rows

SIGNATURES = 6  # of one message, those of DKIM before those of ARC

_RESULTS = {"pass": "passed", "fail": "failed", "softfail": "failed softly", "none": "found nothing to check"}
# How an answer of the DNS relates to the time of the message: tables.Verification.rests_on and tables.Check.rests_on.
_WHEN = {
    "then": "known from before and after the message",
    "before": "last seen before the message",
    "later": "seen only after the message",
    "undated": "kept without a date",
}


def authenticity(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> dict[str, tuple[str, ...]]:
    """Say for each message what servers recorded of its sender and what trying again came to."""
    said: dict[str, list[str]] = defaultdict(list)
    for message, method, result, domain, server in rows(
        connection,
        """select message, method, result, domain, server from authentications
        where trusted and method in ('spf', 'dkim', 'dmarc', 'arc') and message in (select unnest(?))
        qualify row_number() over (partition by message, method, domain order by number) = 1
        order by message, number""",
        [keys],
    ):
        about = f" for {domain}" if domain else ""
        came = _RESULTS.get(result, f"came to “{result}”")
        said[message].append(f"{method.upper()} {came}{about}, as {server or 'the receiving provider'} recorded.")
    for message, sentence in _signatures(connection, keys):
        said[message].append(sentence)
    for message, method, result, domain, rule, policy, rests_on, source, reason in rows(
        connection,
        """select message, method, result, domain, rule, policy, rests_on, source, reason from checks
        where method <> 'dkim' and result not in ('none', 'unknown') and message in (select unnest(?))
        order by message, method desc""",
        [keys],
    ):
        about = f" for {domain}" if domain else ""
        asks = f"; the domain asks for “{policy}”" if policy else ""
        why = f" ({reason})" if reason else ""
        said[message].append(
            f"{method.upper()} {_RESULTS.get(result, f'comes to “{result}”')}{about} when it is tried again by {rule}"
            f"{why}{asks}{_resting(rests_on, source)}."
        )
    return {message: tuple(sentences) for message, sentences in said.items()}


def _signatures(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> list[tuple[str, str]]:
    told = []
    for message, field, domain, selector, aligned, result, reason, rests_on, source, bits, same, caveats in rows(
        connection,
        """select message, field, domain, selector, aligned, result, reason, rests_on, verifications.source, key_bits,
            same_key, caveats
        from signatures join verifications using (message, number) where message in (select unnest(?))
        qualify row_number() over (partition by message order by field desc, number) <= ?
        order by message, field desc, number""",
        [keys, SIGNATURES],
    ):
        what = {"dkim-signature": "signature", "arc-seal": "ARC seal"}.get(field, "ARC signature")
        of = f"The {what} of {domain} (selector {selector})"
        if result == "pass":
            holds = f"{of} holds: signed fields and body are unaltered"
            key = f"; {bits:,}-bit key" if bits else ""
            whose = "" if aligned or field != "dkim-signature" else "; that is not the domain in From"
            limits = "".join(f"; but {CAVEATS.get(caveat, caveat)}" for caveat in caveats)
            told.append((message, f"{holds}{key}{_resting(rests_on, source)}{_same(rests_on, same)}{whose}{limits}."))
        elif result in ("none", "neutral"):
            whole = "" if result == "none" else " to the end"
            told.append((message, f"{of} cannot be tried{whole}: {REASONS.get(reason, reason)}."))
        else:
            told.append((message, f"{of} does not hold: {REASONS.get(reason, reason)}{_resting(rests_on, source)}."))
    return told


def _same(rests_on: str, messages: int) -> str:
    if rests_on != "key-recovered":
        return ""
    return f", which shows only that the same key signed {words.number(messages, 'message')} of this case"


def _resting(rests_on: str, source: str) -> str:
    if rests_on == "recorded":
        return "; it rests on a result that the receiving provider recorded"
    _, _, when = rests_on.partition("-")
    if "recovered" in (rests_on, when):
        return "; the key was computed from signatures in this case"
    if when in _WHEN:
        kind = "key" if rests_on.startswith("key") else "record"
        return f"; {kind} {_WHEN[when]}" + (f" ({source})" if source else "")
    return ""
