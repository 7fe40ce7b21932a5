"""Run every detector over a case and weigh what they find into one verdict for each message."""

import time
from collections.abc import Callable, Sequence
from dataclasses import astuple

import duckdb
import pyarrow as pa

from watchword import tables
from watchword.case import Case
from watchword.engine import SQL_TYPES, Connection, asked, derive, store, view
from watchword.judge.detector import CITES, GROUPS, Detector
from watchword.judge.severity import severities
from watchword.judge.weights import Weights

UNMEASURED = 0.0
CORRESPONDED = 3  # letters after which a sender has habits
WEEK = 7  # days for which what a known sender did out of character goes on counting
CANDIDATES = 1_000  # messages of a mailbox for which it is counted how alone they stand


def judge(
    case: Case,
    connection: Connection,
    detectors: Sequence[Detector],
    weights: Weights,
    per_week: float,
    step: Callable[[str], None] = lambda _: None,
) -> None:
    """Fill every table of `tables.JUDGEMENT`. A detector that fails is named in `detector_runs` and stops nothing else.

    `per_week` is how many conversations a week and mailbox a person can look at.
    """
    columns = ", ".join(f'"{column.name}" {SQL_TYPES[column.type]}' for column in tables.columns(tables.Finding))
    connection.execute(f"create or replace temp table found ({columns})")
    runs = []
    for detector in detectors:
        step(detector.title)
        weight = weights.detectors.get(detector.name)
        bits = weight.bits if weight else UNMEASURED
        begun = time.perf_counter()
        fired, error = 0, ""
        try:
            fired = _run(connection, detector, bits)
        except duckdb.Error as problem:
            error = str(problem).partition("\n")[0]
        seconds = round(time.perf_counter() - begun, 3)
        runs.append(
            tables.DetectorRun(
                detector.name,
                detector.title,
                detector.group,
                weight.bits if weight else None,
                detector.needs_history,
                fired,
                seconds,
                error,
            )
        )
    _carry(connection)
    derive(connection, case, "findings", "select * from found")
    store(case, "detector_runs", _table("detector_runs", runs))
    view(connection, case, "detector_runs")
    _verdicts(case, connection, weights, per_week)
    severities(case, connection, ((one.name, one.social, one.technical) for one in detectors))


def _run(connection: Connection, detector: Detector, bits: float) -> int:
    """Run one detector; its rows are there whole or, if it fails, not at all."""
    if detector.fault:
        raise duckdb.BinderException(detector.fault)
    columns = asked(connection, detector.sql)
    if columns is None:
        raise duckdb.BinderException("its query does more than ask; it must be one `select`")
    wrong = set(columns) ^ {"message", *detector.fields} - set(CITES)
    if wrong - set(CITES):
        raise duckdb.BinderException(f"its query and its sentence differ in {', '.join(sorted(wrong - set(CITES)))}")
    names = ", ".join(
        f'"{column.name}"' for column in tables.columns(tables.Finding) if column.name not in ("bits", "carried")
    )
    connection.execute(
        f"insert into found by name select {names}, {bits}::double as bits, false as carried "
        f"from ({detector.query(columns)})"
    )
    ((fired,),) = connection.execute("select count(*) from found where detector = ?", [detector.name]).fetchall()
    return int(fired)


def _carry(connection: Connection) -> None:
    """Let later messages carry what was seen on earlier ones of the same people: an operation is judged as a whole.

    What was seen on a newcomer's message also counts for later messages from the same address to the same owner, and
    for those of newcomers in the same conversation (personas come in pairs). Only letters count, to the owner and few
    others, and the first nine of an address: who writes more is a correspondent or a machine. What a long-known sender
    did out of character counts for those of his letters of the next week on which something was seen, too: an account
    that was taken over writes again. What speaks for an honest message is seen anew on each.
    """
    connection.execute(
        f"""
        insert into found by name
        with strangers as (
            select message, owner, from_address, conversation, position, coalesce(time, date) as moment
            from received
            where newcomer and is_letter and address_received <= 8 and to_owner and recipients <= 5
                and coalesce(time, date) is not null
        ),
        known as (
            select message, owner, from_address, coalesce(time, date) as moment
            from received
            where not newcomer and is_letter and address_received >= {CORRESPONDED} and coalesce(time, date) is not null
        ),
        pairs as (
            select later.message, earlier.message as other, earlier.moment
            from strangers later join strangers earlier
                on earlier.owner = later.owner and earlier.from_address = later.from_address
                and earlier.moment < later.moment
            union
            select later.message, earlier.message, earlier.moment
            from strangers later join strangers earlier
                on earlier.owner = later.owner and earlier.conversation = later.conversation
                and earlier.moment < later.moment
            where later.position < 50  -- no exchange with a persona is longer, and work stays linear
            union
            select later.message, earlier.message, earlier.moment
            from known earlier join known later
                on earlier.owner = later.owner and earlier.from_address = later.from_address
                and earlier.moment < later.moment and later.moment <= earlier.moment + interval {WEEK} days
            where earlier.message in (select message from found where "group" = 'conversation')
                and later.message in (select message from found where "group" not in ('known', 'notice', 'account'))
        )
        select pairs.message, found.detector, found."group", found.sentence, found.bits, '' as header,
            pairs.other, true as carried
        from pairs join found on found.message = pairs.other
        where found."group" not in ('known', 'notice', 'account')
            and not exists (select 1 from found own where own.message = pairs.message and own.detector = found.detector)
        qualify row_number() over (partition by pairs.message, found.detector order by pairs.moment, pairs.other) = 1
        """
    )


def _verdicts(case: Case, connection: Connection, weights: Weights, per_week: float) -> None:
    """Weigh the findings: in a group what speaks for an attack counts up to its ceiling, then all is summed."""
    connection.execute("create or replace temp table ceilings (name varchar, ceiling double)")
    connection.executemany("insert into ceilings values (?, ?)", [list(item) for item in weights.ceilings.items()])
    connection.execute("create or replace temp table aims (detector varchar, aim double)")
    connection.executemany(
        "insert into aims values (?, ?)", [["", 0.0], *([name, one.aim] for name, one in weights.detectors.items())]
    )
    connection.execute("create or replace temp table decided (message varchar, decision varchar)")
    names = ", ".join(_dimensions())
    latest = {decision.message: decision.decision for decision in case.decisions()}
    if latest:
        connection.executemany("insert into decided values (?, ?)", [list(item) for item in latest.items()])
    derive(
        connection,
        case,
        "verdicts",
        f"""
        with grouped as (
            select message, "group", any_value(ceiling) as ceiling,
                sum(greatest(bits, 0)) as speaks_for, sum(least(bits, 0)) as speaks_against
            from findings left join ceilings on ceilings.name = findings."group"
            group by message, "group"
        ),
        summed as (
            select message, round(sum(least(speaks_for, coalesce(ceiling, speaks_for)) + speaks_against), 6) as bits
            from grouped group by message
        ),
        -- how suspicious a message is in each dimension: one column for each group of findings
        dimensions as (
            select message, {", ".join(f"{expression} as {name}" for name, expression in _dimensions().items())}
            from grouped group by message
        ),
        told as (
            select message, list(sentence order by bits desc, detector) filter (bits > 0) as reasons,
                bool_or("group" = 'notice') as is_notice,
                round(sum(coalesce(aim, 0)), 6) as aim  -- floats do not add up the same in every order
            from findings left join aims using (detector) group by message
        ),
        weighed as (
            select messages.message, messages.owner, messages.time, coalesce(summed.bits, 0) as bits,
                {weights.prior} + {weights.slope} * coalesce(summed.bits, 0) as odds,
                {weights.aim} + coalesce(told.aim, 0) as aim,
                coalesce(relationships.direction, 'received') as direction, told.reasons,
                coalesce(told.is_notice, false) as is_notice, coalesce(decided.decision, '') as decided,
                coalesce(conversations.conversation, messages.message) as conversation
            from messages
            left join summed using (message) left join told using (message)
            left join relationships using (message) left join conversations using (message)
            left join decided using (message)
        ),
        judged as (
            select *, 1 / (1 + pow(2, -greatest(-60, least(60, odds)))) as probability,
                1 / (1 + pow(2, -greatest(-60, least(60, aim)))) as targeted
            from weighed
        ),
        weeks as (
            select owner, greatest(1, date_diff('day', min(time), max(time)) / 7.0) as weeks
            from messages where time is not null group by owner
        ),
        points as (  -- messages that look the same in every dimension are one point
            select owner, {names}, count(*) as messages
            from judged join dimensions using (message) where direction <> 'sent' group by owner, {names}
        ),
        candidates as (
            select judged.owner, message, {names}
            from judged join dimensions using (message)
            where direction <> 'sent' and bits > 0
            qualify row_number() over (partition by judged.owner order by probability desc, message) <= {CANDIDATES}
        ),
        alone as (
            select message, sum(points.messages) - 1 as others
            from candidates join points on points.owner = candidates.owner
                and {" and ".join(f"points.{name} >= candidates.{name}" for name in _dimensions())}
            group by message
        ),
        sorted as (
            select judged.*, alone.others,
                -- a conversation is looked at as a whole, and stands where its strongest message does
                max(case when direction = 'sent' then 0 when decided = 'malicious' then 2 when decided = 'harmless'
                    then -1 else probability * targeted end) over story as strongest,
                coalesce(min(others) over story, 1e9) as most_alone
            from judged left join alone using (message)
            window story as (partition by owner, conversation)
        ),
        ranked as (
            select sorted.*, weeks.weeks,
                case
                    when decided <> '' then decided
                    when direction = 'sent' then 'quiet'
                    when probability >= {weights.attack} then 'attack'
                    when probability >= {weights.suspicious} then 'suspicious'
                    when is_notice then 'notice'
                    else 'quiet'
                end as tier,
                case when direction <> 'sent' then row_number() over in_mailbox end as rank,
                case when direction <> 'sent' then dense_rank() over by_story end as place
            from sorted left join weeks on weeks.owner = sorted.owner
            window
                in_mailbox as (partition by sorted.owner, direction = 'sent'
                    order by decided = 'malicious' desc, decided = 'harmless', probability * targeted desc,
                        coalesce(others, 1e9), time, message),
                by_story as (partition by sorted.owner, direction = 'sent'
                    order by strongest desc, most_alone, conversation)
        )
        select message, owner, bits,
            probability, targeted, cast(others as bigint) as alone, tier, rank, place,
            coalesce(tier in ('malicious', 'unsure') or (
                tier in ('attack', 'suspicious') and place <= ceil({per_week} * coalesce(weeks, 1))), false) as chosen,
            conversation, coalesce(reasons, []) as reasons, decided
        from ranked
        """,
    )


def _dimensions() -> dict[str, str]:
    """Column for each group that speaks for an attack, and the SQL of its bits under the ceiling."""
    capped = "sum(least(speaks_for, coalesce(ceiling, speaks_for)))"
    return {
        f"in_{group}": f"coalesce({capped} filter (\"group\" = '{group}'), 0)"
        for group in GROUPS
        if group not in ("known", "notice", "account")
    }


def _table(name: str, rows: Sequence[tables.DetectorRun]) -> pa.Table:
    schema = tables.schema(name)
    columns = list(zip(*map(astuple, rows), strict=True)) or [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
