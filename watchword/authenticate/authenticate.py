"""The step between facts and context: every signature tried with the keys that the case has, every chain validated.

Nothing is done when neither the facts nor the folder `keys/` nor this code changed since the last time.
"""

import hashlib
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from operator import attrgetter
from typing import Any

import pyarrow as pa

from watchword import tables
from watchword.authenticate.arc import Chain, Link, chain
from watchword.authenticate.checks import spf_and_dmarc
from watchword.authenticate.dkim import KeyRecord, Outcome, PublicKey, key_record, verify
from watchword.authenticate.kept import Kept, load
from watchword.authenticate.records import Lookup
from watchword.authenticate.recovered import RecoveredKeys, recovered_keys
from watchword.case import Case, write_whole
from watchword.engine import Connection, derive
from watchword.tables import Check, Signature, SigningKey

_ROWS = 5_000  # signatures that are in memory at once
_VALUES = 10  # records of one name that are tried
RECOVERED = "recovered"
_MADE_FROM = "made-from"
# dataclasses.astuple copies every value deeply, which took more time than SPF and DMARC themselves.
_VALUES_OF_CHECK = attrgetter(*(column.name for column in tables.columns(Check)))
_VALUES_OF_KEY = attrgetter(*(column.name for column in tables.columns(SigningKey)))


@dataclass(frozen=True, slots=True)
class Tried:
    """What the keys that are known came to on one signature."""

    outcome: Outcome
    rests_on: str
    source: str
    key: PublicKey | None  # the one that signed, or the one that was tried


def authenticate(
    case: Case, connection: Connection, batches: Sequence[str], step: Callable[[str], None] = lambda _: None
) -> None:
    """Fill the tables of `tables.AUTHENTICITY` from the facts and the case's `keys/`; offline.

    `step` is told what is being done, for progress. Raises WatchwordError where a file in `keys/` cannot be read.
    """
    step("signatures and keys")
    mark = case.tables / "checks" / _MADE_FROM
    state = _state(case, batches)
    if mark.exists() and mark.read_text("ascii", "replace") == state:
        return
    kept = load(case.path / "keys")
    _try_all(connection, kept, recovered_keys(case.path / "keys"))
    derive(connection, case, "verifications", _VERIFICATIONS)
    _keys(connection, kept)
    derive(connection, case, "signing_keys", _SIGNING_KEYS)
    connection.execute(f"create or replace temp table vouched_keys as {_VOUCHED}")
    connection.execute(f"create or replace temp table check_rows as {_DKIM}")
    _insert(connection, "check_rows", "checks", map(_VALUES_OF_CHECK, _chains(connection)))
    checked = spf_and_dmarc(connection, kept, case.trusted_sealers)
    _insert(connection, "check_rows", "checks", map(_VALUES_OF_CHECK, checked))
    derive(connection, case, "checks", "select * from check_rows")
    for name in ("trials", "tried_keys", "known_keys", "vouched_keys", "check_rows"):
        connection.execute(f"drop table if exists {name}")
    write_whole(mark, state)


def try_keys(row: Signature, at: datetime | None, lookup: Lookup, recovered: RecoveredKeys) -> Tried:
    """Try the keys that are known for one signature, as of the time `at` when its message arrived.

    A key that was published at that time decides. Any other can show that it signed, and not that it did not:
    the key may have changed in between.
    """
    if row.problem:
        return Tried(Outcome("permerror", row.problem), "no-key", "", None)
    answer = lookup(f"{row.selector}._domainkey.{row.domain}", "TXT", at)
    rests_on = f"key-{answer.when or 'undated'}"
    best: tuple[Outcome, KeyRecord] | None = None
    if answer.status == "found":
        found = [(verify(row, record, at), record) for record in map(key_record, answer.values[:_VALUES])]
        best = max(found, key=_worth)
        if best[0].signed or (answer.when == "then" and answer.whole):
            return Tried(best[0], rests_on, answer.source, best[1].key)
    elif answer.status in ("no-data", "no-name") and answer.when == "then":
        return Tried(Outcome("permerror", "key-not-published"), rests_on, answer.source, None)
    keys = recovered.get((row.domain, row.selector), ())
    for key in keys:
        outcome = verify(row, KeyRecord(key), at)
        if outcome.signed:
            if best and outcome.result == "pass":
                caveats = (*outcome.caveats, "published-key-differs")
                outcome = Outcome(outcome.result, outcome.reason, True, caveats)
            return Tried(outcome, "key-recovered", RECOVERED, key)
    if row.body_hash is False:  # whatever the key says
        return Tried(Outcome("fail", "body-altered"), "no-key", "", None)
    if best:
        return Tried(Outcome("none", best[0].reason), rests_on, answer.source, best[1].key)
    if keys and row.algorithm.startswith("rsa"):
        return Tried(Outcome("none", "other-key"), "key-recovered", RECOVERED, keys[0])
    return Tried(Outcome("none", "no-key"), "no-key", "", None)


def signatures(connection: Connection, where: str = "true") -> Iterator[tuple[Signature, datetime | None]]:
    """Give every signature of the case and when its message arrived, a few thousand in memory at once."""
    names = [column.name for column in tables.columns(Signature)]
    reading = connection.cursor()  # so that the session can be written to meanwhile
    columns = ", ".join(f"signatures.{name}" for name in names)
    reader = reading.sql(
        f"""select {columns}, message_facts.time as arrived
        from signatures left join message_facts using (message) where {where}"""
    ).to_arrow_reader(_ROWS)
    for batch in reader or ():
        columns_of = [column.to_pylist() for column in batch.columns]
        for *values, at in zip(*columns_of, strict=True):
            yield Signature(*values), at
    reading.close()


def _worth(tried: tuple[Outcome, KeyRecord]) -> tuple[bool, bool, bool]:
    outcome, record = tried
    return outcome.result == "pass", outcome.signed, record.key is not None


# ------------------------------------------------------------ tables

_TRIALS: dict[str, pa.DataType] = {
    "message": pa.string(),
    "number": pa.int64(),
    "domain": pa.string(),
    "selector": pa.string(),
    "result": pa.string(),
    "reason": pa.string(),
    "rests_on": pa.string(),
    "source": pa.string(),
    "key": pa.string(),
    "algorithm": pa.string(),
    "key_bits": pa.int64(),
    "signed": pa.bool_(),
    "caveats": pa.list_(pa.string()),
    "arrived": pa.timestamp("us", tz="UTC"),
}

_VERIFICATIONS = """
    with signers as (select key, count(distinct message) as messages from trials where signed group by key)
    select message, number, result, reason, rests_on, source, key_bits,
        coalesce(case when signed then messages end, 0) as same_key, caveats
    from trials left join signers using (key)
"""

_SIGNING_KEYS = """
    with signers as (
        select domain, selector, key, any_value(algorithm) as algorithm, any_value(key_bits) as key_bits,
            bool_or(rests_on = 'key-recovered') as recovered, min(arrived) as first_signed, max(arrived) as last_signed,
            count(distinct message) as messages
        from trials where signed group by all
    )
    select domain, selector, known.algorithm, known.key_bits, key, known.source, known."first", known."last",
        coalesce(signers.messages, 0) as messages
    from known_keys known left join signers using (domain, selector, key)
    union all by name
    select domain, selector, algorithm, key_bits, key, 'recovered' as source, first_signed as "first",
        last_signed as "last", messages
    from signers where recovered
"""

# Anybody can make a key and sign two messages with it in another's name. So a recovered key speaks for a domain only
# if the receiving provider, which had asked the DNS, once recorded that a signature by it passed.
_VOUCHED = """
    select distinct trials."domain", key from trials join authentications recorded
        on recorded.message = trials.message and recorded."domain" = trials."domain"
    where rests_on = 'key-recovered' and signed
        and recorded.trusted and recorded.method = 'dkim' and recorded.result = 'pass'
"""

# Of several signatures the one that says most: a pass, one for the domain in From, and what is sure before what is not.
_DKIM = """
    with judged as (
        select * replace (case
            when result = 'none' or (result = 'pass' and rests_on = 'key-recovered' and vouched_keys.key is null)
            then 'unknown' else result end as result)
        from trials left join vouched_keys using ("domain", key)
    ),
    ranked as (
        select *, row_number() over (partition by message order by (result = 'pass') desc, aligned desc,
            list_position(['fail', 'permerror', 'neutral', 'unknown'], result), number) as place
        from judged join signatures using (message, number) where field = 'dkim-signature'
    )
    select messages.message, 'dkim' as method, coalesce(result, 'none') as result,
        coalesce(ranked.domain, '') as domain, coalesce(ranked.organisation, '') as organisation,
        coalesce(aligned, false) as aligned, 'RFC 6376' as rule, '' as policy,
        case when coalesce(rests_on, 'no-key') = 'no-key' then 'no-record' when rests_on = 'key-recovered'
            then 'recovered' else 'record' || rests_on[4:] end as rests_on,
        coalesce(ranked.source, '') as source,
        case when ranked.message is null then 'not-signed' when reason = '' and result = 'unknown' then 'key-unvouched'
            else reason end as reason
    from message_facts messages left join ranked on ranked.message = messages.message and place = 1
"""


def _try_all(connection: Connection, lookup: Lookup, recovered: RecoveredKeys) -> None:
    """Make the temporary table `trials`: what trying the known keys on each signature came to."""
    connection.register("trial_rows", _table(_TRIALS, []))
    connection.execute("create or replace temp table trials as select * from trial_rows")
    connection.unregister("trial_rows")
    rows: list[tuple[Any, ...]] = []  # of one batch, in the order of _TRIALS
    for row, at in signatures(connection):
        tried = try_keys(row, at, lookup, recovered)
        outcome, key = tried.outcome, tried.key
        rows.append(
            (row.message, row.number, row.domain, row.selector, outcome.result, outcome.reason, tried.rests_on,
             tried.source, key.text if key else "", key.algorithm if key else "", key.bits if key else 0,
             outcome.signed, list(outcome.caveats), at)
        )  # fmt: skip
        if len(rows) >= _ROWS:
            _append(connection, "trials", _table(_TRIALS, rows))
            rows.clear()
    _append(connection, "trials", _table(_TRIALS, rows))


def _keys(connection: Connection, kept: Kept) -> None:
    """Make the temporary table `known_keys`: what is kept for the selectors that signed mail of the case."""
    connection.execute("create or replace temp table tried_keys as select distinct domain, selector from trials")
    rows: dict[tuple[str, str, str], SigningKey] = {}
    for domain, selector in connection.execute("select domain, selector from tried_keys").fetchall():
        name = f"{selector}._domainkey.{domain}"
        for record in kept.index.get(name, {}).get("TXT", ()):
            for value in record.values[:_VALUES]:
                read = key_record(value)
                if not read.key and read.problem != "key-revoked":
                    continue
                key = read.key
                row = SigningKey(
                    domain, selector, key.algorithm if key else "", key.bits if key else 0, key.text if key else "",
                    record.source, record.first, record.last, 0,
                )  # fmt: skip
                known = rows.setdefault((name, row.key, row.source), row)
                if known is not row:
                    first = min((time for time in (known.first, row.first) if time), default=None)
                    last = max((time for time in (known.last, row.last) if time), default=None)
                    rows[name, row.key, row.source] = replace(row, first=first, last=last)
    schema = tables.schema("signing_keys")
    known_rows = map(_VALUES_OF_KEY, rows.values())
    connection.register("known_key_rows", _table({one.name: one.type for one in schema}, known_rows))
    connection.execute("create or replace temp table known_keys as select * from known_key_rows")
    connection.unregister("known_key_rows")


def _chains(connection: Connection) -> list[Check]:
    """Validate the chain of each message that has one."""
    found = connection.execute(
        """select message, field, instance, signatures.domain, chain, result, reason, rests_on, trials.source,
            organisation, aligned
        from signatures join trials using (message, number) where field <> 'dkim-signature' order by message"""
    )
    checks = []
    pieces = iter(lambda: found.fetchmany(_ROWS), [])
    for message, rows in itertools.groupby(itertools.chain.from_iterable(pieces), key=operator.itemgetter(0)):
        owners: dict[str, tuple[str, bool]] = {}
        links = []
        for row in rows:
            links.append(Link(*row[1:9]))
            owners[row[3]] = row[9:]
        told = chain(links)
        checks.append(_check(message, told, *owners.get(told.domain, ("", False))))
    return checks


def _check(message: str, told: Chain, organisation: str, aligned: bool) -> Check:
    rests_on = {"no-key": "no-record", "key-recovered": "recovered"}.get(told.rests_on, "record" + told.rests_on[3:])
    return Check(
        message=message,
        method="arc",
        result=told.result,
        domain=told.domain,
        organisation=organisation,
        aligned=aligned,
        rule="RFC 8617",
        policy="",
        rests_on=rests_on,
        source=told.source,
        reason=told.reason,
    )


def _insert(connection: Connection, into: str, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Append rows of the table called `name` to a temporary table of the same columns."""
    schema = tables.schema(name)
    wanted = {one.name: one.type for one in schema}
    pending = iter(rows)
    while some := list(itertools.islice(pending, _ROWS)):
        _append(connection, into, _table(wanted, some))


def _append(connection: Connection, into: str, rows: pa.Table) -> None:
    connection.register("more_rows", rows)
    connection.execute(f"insert into {into} by name select * from more_rows")
    connection.unregister("more_rows")


def _table(columns: dict[str, pa.DataType], rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array(one, type=kind) for one, kind in zip(values, columns.values(), strict=True)]
    return pa.table(dict(zip(columns, arrays, strict=True)))


def _state(case: Case, batches: Sequence[str]) -> str:
    """Give a digest of all that the answer depends on."""
    digest = hashlib.sha256("\n".join([*sorted(batches), *sorted(case.trusted_sealers)]).encode())
    folder = case.path / "keys"
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.is_file() and not file.name.startswith("."):
            about = file.stat()
            digest.update(f"{file.name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    room = files("watchword").joinpath("authenticate")
    for entry in sorted(room.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".py"):
            digest.update(entry.read_bytes())
    for declared in ("column.py", "authenticity.py"):
        digest.update(files("watchword").joinpath("tables", declared).read_bytes())
    return digest.hexdigest()
