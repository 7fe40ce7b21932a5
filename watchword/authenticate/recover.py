"""RSA keys recovered from the mailbox itself: no DNS, no archive, only signatures (see `modulus.py`).

A recovered key shows which messages one key signed, and what was altered since. It does not show that the domain ever
published it. An Ed25519 key cannot be recovered from signatures.
"""

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from watchword.authenticate.dkim import DIGEST_INFO, PublicKey, rsa_key, try_key
from watchword.authenticate.modulus import LARGE, Pair, modulus
from watchword.authenticate.recovered import Attempt, attempts, keep
from watchword.engine import Connection
from watchword.errors import WatchwordError
from watchword.observe.signature_tags import base64

EXPONENTS = (3, 65_537)  # as good as all keys have the second
PIVOTS = 5  # signatures of one selector from which a key is looked for in vain before it is given up
OTHERS = 8  # signatures that are tried together with each
CANDIDATES = 60  # of one selector that are looked at, those first that were altered least likely
BITS = (512, 4_096)

# Signed fields are altered on the way above all by lists: subject, recipients. Seals cover only what ARC itself wrote.
_CANDIDATES = """
    with passed as (
        select distinct message, domain from authentications where method = 'dkim' and result = 'pass'
    ),
    people as (select message, count(*) as people from recipients where field in ('to', 'cc') group by message)
    select signatures.domain, signatures.selector, field, message, number, algorithm, header_hash, signature,
        message_facts.time
    from signatures join verifications using (message, number) join message_facts using (message)
        left join passed on passed.message = signatures.message and passed.domain = signatures.domain
        left join people using (message)
    where algorithm in ('rsa-sha256', 'rsa-sha1') and header_hash <> '' and same_key = 0
        and problem in ('', 'identity-outside-domain', 'identity-invalid', 'chain-contradicts')
        and (body_hash or field = 'arc-seal')
    qualify row_number() over (partition by signature order by message, number) = 1
    order by field = 'arc-seal' desc, passed.message is not null desc, is_list, coalesce(people, 0), message
"""

# What the recovered keys come to, by selector.
RECOVERED_KEYS = """
    with recovered as (
        select domain, selector, count(*) as keys, max(key_bits) as key_bits, sum(messages)::bigint as messages,
            min("first") as "first", max("last") as "last"
        from signing_keys where source = 'recovered' group by all
    ),
    outcomes as (
        select domain, selector, case when result = 'pass' then 'pass' else reason end as outcome, count(*) as count
        from signatures join verifications using (message, number) group by all
    )
    select recovered.domain, recovered.selector, keys, key_bits, messages, "first", "last",
        sum(count)::bigint as signatures, coalesce(sum(count) filter (outcome = 'pass'), 0)::bigint as verified,
        list(outcome || ' ' || count order by count desc, outcome) filter (outcome <> 'pass') as others
    from recovered join outcomes using (domain, selector)
    group by all order by verified desc, domain, selector
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One signature from which a key may be recovered."""

    domain: str
    selector: str
    field: str
    message: str
    number: int
    algorithm: str
    header_hash: str
    signature: str
    time: datetime | None

    @property
    def id(self) -> str:
        """How `recovered.jsonl` names it."""
        return f"{self.message}/{self.number}"

    @property
    def pair(self) -> Pair:
        """The signature and what it signs, padded (RFC 8017 9.2), as numbers."""
        made = base64(self.signature) or b""
        info = DIGEST_INFO["sha1" if self.algorithm == "rsa-sha1" else "sha256"] + bytes.fromhex(self.header_hash)
        padded = b"\0\1" + b"\xff" * (len(made) - len(info) - 3) + b"\0" + info
        return int.from_bytes(made, "big"), int.from_bytes(padded, "big")


@dataclass(frozen=True, slots=True)
class Group:
    """The signatures of one domain and selector and of one length, those that were altered least likely first."""

    domain: str
    selector: str
    bits: int
    candidates: tuple[Candidate, ...]


def groups(connection: Connection, domain: str = "") -> list[Group]:
    """Give the selectors for which a key is worth looking for, those with most signatures first.

    `domain` takes only those of it and of what is under it. What a known key signed is left out.
    """
    found: dict[tuple[str, str, int], list[Candidate]] = {}
    cursor = connection.execute(_CANDIDATES)
    for row in itertools.chain.from_iterable(iter(lambda: cursor.fetchmany(5_000), [])):
        one = Candidate(*row)
        if domain and one.domain != domain and not one.domain.endswith(f".{domain}"):
            continue
        bits = 8 * len(base64(one.signature) or b"")
        if BITS[0] <= bits <= BITS[1]:
            found.setdefault((one.domain, one.selector, bits), []).append(one)
    several = [(name, rows) for name, rows in found.items() if len(rows) > 1]
    several.sort(key=lambda entry: -len(entry[1]))
    return [Group(*name, tuple(rows)) for name, rows in several]


def ed25519_selectors(connection: Connection, domain: str = "") -> int:
    """Count the selectors that sign with Ed25519, whose keys no signature gives away."""
    found = connection.execute(
        """select count(distinct (domain, selector)) from signatures where algorithm = 'ed25519-sha256'
            and ($1 = '' or domain = $1 or ends_with(domain, '.' || $1))""",
        [domain],
    ).fetchall()
    return int(found[0][0])


def recover(
    folder: Path, wanted: Sequence[Group], step: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[Group, PublicKey]]:
    """Look for the keys of each group, and keep every attempt in `folder` at once, so that none is made twice.

    `step` is told of each group. Raises WatchwordError if gmpy2 is not there or its process is stopped from outside.
    """
    before = attempts(folder)
    for group in wanted:
        step(f"{group.domain} {group.selector}, {len(group.candidates)} signatures")
        name = (group.domain, group.selector)
        tried = {attempt.rests_on[0] for attempt in before if (attempt.domain, attempt.selector) == name}
        left = list(group.candidates)
        failed = sum(1 for one in left[:CANDIDATES] if one.id in tried)
        while len(left) > 1 and failed < PIVOTS:
            pivot = next((one for one in left[:CANDIDATES] if one.id not in tried), None)
            if pivot is None:
                break
            tried.add(pivot.id)
            chosen = [pivot, *_near(pivot, left[:CANDIDATES])]
            key, exponent = _common_key(chosen)
            signed = {one.id for one in left if key and _is_by(key, one)}
            good = key if key and len(signed) > 1 else None
            rests_on = tuple(one.id for one in chosen if not good or one.id in signed)
            keep(folder, Attempt(*name, good.text if good else "", good.bits if good else 0, exponent, rests_on))
            if good:
                yield group, good
                left = [one for one in left if one.id not in signed]
                failed = 0
            else:
                failed += 1


def _near(pivot: Candidate, rows: Sequence[Candidate]) -> list[Candidate]:
    """Choose those nearest in time, as keys are changed now and then."""
    at = pivot.time or datetime.min.replace(tzinfo=UTC)
    rest = [one for one in rows if one is not pivot]
    rest.sort(key=lambda one: abs(((one.time or datetime.min.replace(tzinfo=UTC)) - at).total_seconds()))
    return rest[:OTHERS]


def _common_key(chosen: Sequence[Candidate]) -> tuple[PublicKey | None, int]:
    pairs = [one.pair for one in chosen]
    least = max(made for made, _ in pairs).bit_length() - 64  # a signature is smaller than its modulus
    for exponent in EXPONENTS:
        found = modulus(pairs, exponent) if exponent < LARGE else _apart(pairs, exponent)
        if found % 2 and found.bit_length() > least:
            return rsa_key(found, exponent), exponent
    return None, 0


def _apart(pairs: Sequence[Pair], exponent: int) -> int:
    """Compute the modulus in a process with limits. Raises WatchwordError if it is stopped, or without gmpy2."""
    if find_spec("gmpy2") is None:
        raise WatchwordError(
            "Keys are recovered with gmpy2, which is not installed (it is under the LGPL, and so an extra).",
            do="Install it: pip install 'watchword[recover]'.",
        )
    text = "".join(f"{made:x} {padded:x}\n" for made, padded in pairs)
    done = subprocess.run(
        [sys.executable, "-m", "watchword.authenticate.modulus"],
        input=f"{exponent}\n{text}".encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise WatchwordError(
            f"The process that computes keys was stopped ({said or f'code {done.returncode}'}).",
            do="See that 1 GB of memory is free, and run the command again: it goes on where it stopped.",
            code=5,
        )
    return int(done.stdout, 16)


def _is_by(key: PublicKey, one: Candidate) -> bool:
    return try_key(key, one.algorithm, one.header_hash, one.signature) in ("holds", "header-altered")
