"""Open locked files with words of other messages: who sends an archive and its password writes two messages.

Words are taken from messages of the same mailbox that belong to the locked one: of the same conversation, from the same
sender or between the same two within 14 days, or under the same subject; and from files beside it. What opens is
observed again, and its facts replace those of the batch: they are the piece `unlocked` of each table. A message whose
words have not changed since is not tried again. No word is written down, but the message that it came from.
"""

import contextlib
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from watchword import tables
from watchword.case import Case, GivenSource, write_whole
from watchword.engine import UNLOCKED, Connection, session, store
from watchword.errors import WatchwordError
from watchword.observe import observe
from watchword.observe.alarm import alarm, set_alarm
from watchword.observe.batches import MESSAGE_SECONDS, arrow, code_digest
from watchword.observe.cues import lexicon
from watchword.observe.files.passwords import CANDIDATES, ranked
from watchword.read import fetch_many
from watchword.read.raw import Source

DAYS = 14  # between a locked file and its password, where nothing else ties the messages together
OTHERS = 40  # messages whose words are tried on one locked message
TEXT = 16_384  # characters of each of their texts
_CHUNK = 8  # messages that one task opens
_PIECES = [name for name in tables.FACTS if name not in ("sightings", "rejections")]

Words = tuple[tuple[str, str], ...]  # word and the message it is from, likeliest first


@dataclass(frozen=True, slots=True)
class Job:
    """One message with a locked file: where it lies, and what to try."""

    message: str
    place: tuple[str, int, int]  # member, offset, length
    opened: int  # files that its own words opened
    words: Words


def unlock(
    case: Case,
    batches: Sequence[str],
    given: Sequence[GivenSource],
    pool: Callable[[], Executor],
    begin: Callable[[int], None] = lambda _: None,
    done: Callable[[int], None] = lambda _: None,
) -> None:
    """Try words of other messages on every file that is still locked, and keep the facts of what opens.

    `begin` is told how many messages there are to try, `done` how many more have been.
    """
    before = _state(case)
    with session(case, batches, unlocked=False) as connection:
        jobs = _jobs(connection, given)
        absent = _absent(connection, given, list(before))
    code = code_digest(case.knowledge, case.receiving)
    wanted = {job.message: _digest(code, job) for held in jobs.values() for job in held}
    kept = {message: before[message] for message in wanted if before.get(message, ("", False))[0] == wanted[message]}
    kept |= {message: before[message] for message in absent}
    missing = {source: [job for job in held if job.message not in kept] for source, held in jobs.items()}
    total = sum(map(len, missing.values()))
    if not total and kept.keys() == before.keys():
        return
    rows = _kept_rows(case, [message for message, (_, opened) in kept.items() if opened])
    begin(total)
    for message, facts in _tried(case, given, missing, pool, done):
        kept[message] = (wanted[message], bool(facts))
        for name in _PIECES if facts else ():
            rows[name].append(arrow(name, [fact for fact in facts if type(fact) is tables.FACTS[name]]))
    _write(case, rows, kept)


# ------------------------------------------------------------ which words belong to which message


def _jobs(connection: Connection, given: Sequence[GivenSource]) -> dict[str, list[Job]]:
    """Give the messages with locked files by source, and the words to try on each."""
    ((locked,),) = connection.execute(
        "select count(*) from attachments where is_encrypted and password_from = ''"
    ).fetchall()
    if not locked:
        return {}
    connection.execute("create or replace temp table mailboxes (source varchar, mailbox varchar)")
    connection.executemany(
        "insert into mailboxes values (?, ?)", [(one.source.id, one.owner or one.source.around) for one in given]
    )
    for statement in _RELATED.split(";"):
        connection.execute(statement)
    texts = connection.execute(
        f"""
        select message, subject from message_facts where message in (select other from related)
        union all
        select message, left(written || ' ' || signature || ' ' || quoted || ' ' || hidden, {TEXT})
        from texts where message in (select other from related where rank >= 0)
            or (attachment is not null and message in (select other from related where rank < 0))
        """
    ).fetchall()
    words: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for message, text in texts:
        words[message] += ranked([text])
    found: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    for message, other, order in connection.execute("select message, other, nth from related order by all").fetchall():
        found[message] += [(rank, order, word, other) for rank, word in words.get(other, ())]
    jobs: dict[str, list[Job]] = defaultdict(list)
    for message, source, member, offset, length, opened in connection.execute(
        """
        select message, any_value(source), any_value(member), any_value("offset"), any_value(length),
            (select count(*) from attachments where attachments.message = first.message and password_from <> '')
        from (
            select sightings.* from sightings join mailboxes using (source)
            where message in (select message from locked)
            qualify row_number() over (partition by message order by source, member, "offset") = 1
        ) first group by message order by all
        """
    ).fetchall():
        jobs[source].append(Job(message, (member, offset, length), opened, _best(found[message])))
    return jobs


def _absent(connection: Connection, given: Sequence[GivenSource], messages: list[str]) -> list[str]:
    """Give those messages whose mailboxes have left their place: what was found in them still counts."""
    if not messages:
        return []
    found = connection.execute(
        """
        select message from sightings where list_contains(?, message)
        group by message having not bool_or(list_contains(?, source))
        """,
        [messages, [one.source.id for one in given]],
    ).fetchall()
    return [message for (message,) in found]


_RELATED = f"""
create or replace temp table locked as
select distinct attachments.message, mailboxes.mailbox
from attachments join sightings using (message) join mailboxes using (source)
where is_encrypted and password_from = '';

create or replace temp table near as
select distinct mailboxes.mailbox, facts.message, facts.from_address, facts.message_id, facts.in_reply_to,
    facts."references"[-20:] as names, facts.subject_plain,
    coalesce(facts.time, facts.date, timestamptz '1970-01-01') as moment
from message_facts facts join sightings using (message) join mailboxes using (source)
where mailboxes.mailbox in (select mailbox from locked);

create or replace temp table related as
with ids as (
    select mailbox, message, unnest(list_distinct(names || [message_id, in_reply_to])) as id from near
),
pairs as (
    select near.mailbox, near.message, near.from_address, recipients.address, near.moment
    from near join recipients using (message)
    where recipients.field in ('to', 'cc', 'bcc') and recipients.address <> ''
),
ties as (
    select locked.message, there.message as other, 0 as rank
    from locked join ids here using (mailbox, message)
    join ids there on there.mailbox = here.mailbox and there.id = here.id
    where here.id <> ''
    union all
    select locked.message, there.message, 1
    from locked join near here using (mailbox, message)
    join near there on there.mailbox = here.mailbox and there.from_address = here.from_address
    where here.from_address <> '' and abs(date_diff('day', here.moment, there.moment)) <= {DAYS}
    union all
    select locked.message, there.message, 2
    from locked join pairs here using (mailbox, message)
    join pairs there on there.mailbox = here.mailbox and there.from_address = here.address
        and there.address = here.from_address
    where abs(date_diff('day', here.moment, there.moment)) <= {DAYS}
    union all
    select locked.message, there.message, 3
    from locked join near here using (mailbox, message)
    join near there on there.mailbox = here.mailbox and there.subject_plain = here.subject_plain
    where len(here.subject_plain) >= 5
    union all
    select message, message, -1 from locked
),
best as (select message, other, min(rank) as rank from ties where rank < 0 or other <> message group by all)
select message, other, rank,
    row_number() over (partition by message order by rank, abs(epoch(here.moment) - epoch(there.moment)), other) as nth
from best
join (select distinct message, moment from near) here using (message)
join (select distinct message as other, moment from near) there using (other)
qualify nth <= {OTHERS}
"""


def _best(found: list[tuple[int, int, str, str]]) -> Words:
    best: dict[str, str] = {}
    for _, _, word, other in sorted(found):
        best.setdefault(word, other)
        if len(best) == CANDIDATES:
            break
    return tuple(best.items())


# ------------------------------------------------------------ trying them


def _tried(
    case: Case,
    given: Sequence[GivenSource],
    jobs: Mapping[str, Sequence[Job]],
    pool: Callable[[], Executor],
    done: Callable[[int], None],
) -> Iterator[tuple[str, list[tables.Fact]]]:
    """Give each message that was tried, and all its facts where a file opened.

    Where a process dies, its messages are tried again one by one; the one that kills its process stays locked.
    """
    sources = {one.source.id: one.source for one in given}
    tasks = [(source, held[at : at + _CHUNK]) for source, held in jobs.items() for at in range(0, len(held), _CHUNK)]
    rounds = [tasks] if tasks else []
    while rounds:
        now = rounds.pop(0)
        executor = pool()
        try:
            own = (case.knowledge, case.receiving)
            futures = {executor.submit(try_words, sources[task[0]], task[1], *own): task for task in now}
            for future in as_completed(futures):
                source, held = futures[future]
                try:
                    yield from future.result()
                except BrokenExecutor:
                    if len(now) > 1 or len(held) > 1:
                        rounds += [[(source, [job])] for job in held]
                        continue
                    yield held[0].message, []
                done(len(held))
        finally:
            executor.shutdown(cancel_futures=True)


def try_words(
    source: Source, jobs: Sequence[Job], knowledge: Path, receiving: frozenset[str]
) -> list[tuple[str, list[tables.Fact]]]:
    """Read messages of a source again, and give all facts of those in which more files open than before.

    What cannot be read again, because the mailbox has moved, was not tried and is left out.
    """
    wanted = {job.place: job for job in jobs if job.words}
    known = lexicon(knowledge)
    found: list[tuple[str, list[tables.Fact]]] = [(job.message, []) for job in jobs if not job.words]
    with alarm(MESSAGE_SECONDS), contextlib.suppress(WatchwordError):
        for raw in fetch_many(source, sorted(wanted)):
            job = wanted[raw.member, raw.offset, raw.length]
            facts: list[tables.Fact] = []
            try:
                set_alarm(MESSAGE_SECONDS)
                known_message = raw.sha256 == job.message
                facts = list(observe(raw, source.id, known, job.words, receiving)) if known_message else []
            except TimeoutError:
                facts = []
            finally:
                set_alarm(0)
            opened = sum(isinstance(fact, tables.Attachment) and fact.password_from != "" for fact in facts)
            found.append((job.message, facts if opened > job.opened else []))
    return found


# ------------------------------------------------------------ what is kept


def _digest(code: str, job: Job) -> str:
    return hashlib.sha256(json.dumps([code, job.words]).encode()).hexdigest()


def _state(case: Case) -> dict[str, tuple[str, bool]]:
    """Give the messages that were tried: with which words, as a digest, and whether a file opened."""
    try:
        state = json.loads((case.tables / f"{UNLOCKED}.json").read_text("utf-8"))
        return {str(message): (str(digest), bool(opened)) for message, (digest, opened) in state.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _kept_rows(case: Case, messages: Sequence[str]) -> dict[str, list[pa.Table]]:
    rows: dict[str, list[pa.Table]] = {name: [] for name in _PIECES}
    if messages:
        wanted = pa.array(messages, pa.string())
        for name in _PIECES:
            table = pq.read_table(case.tables / name / f"{UNLOCKED}.parquet", schema=tables.schema(name))
            rows[name].append(table.filter(pa.compute.is_in(table["message"], wanted)))
    return rows


def _write(case: Case, rows: Mapping[str, Sequence[pa.Table]], state: Mapping[str, tuple[str, bool]]) -> None:
    """Write the pieces; the state comes last and says that they are whole."""
    (case.tables / f"{UNLOCKED}.json").unlink(missing_ok=True)
    for name in _PIECES:
        store(case, name, pa.concat_tables([tables.schema(name).empty_table(), *rows[name]]), UNLOCKED)
    write_whole(case.tables / f"{UNLOCKED}.json", json.dumps(dict(state)))
