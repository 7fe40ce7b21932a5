"""Fill the tables of operations: who belongs to which, why it holds together, on what it hangs, what resembles it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from watchword import tables
from watchword.case import Case
from watchword.connect.decided import decided
from watchword.connect.evidence import FORGEABLE, Kind, kinds
from watchword.connect.group import group
from watchword.connect.pairs import UNCOPIED, Edge, edges, prior
from watchword.connect.resemblances import resemblances
from watchword.connect.rows import table
from watchword.connect.story import Story, evidence, stories
from watchword.connect.traces import traces
from watchword.connect.weakest import Item, Weakest, weakest, weighed
from watchword.engine import Connection, derive, store, view

TEMPORARY = "familiar subjects found weights numbered numbers weighed shown pairs shared hubs standing".split()
DECIDED = "decided"
STORIES = 200  # whose evidence is in memory at once


def operations(case: Case, connection: Connection, step: Callable[[str], None] = lambda _: None) -> None:
    """Fill every table of `tables.CONNECTION` but `rungs` and `matches`. `step` is told what is looked at."""
    known = kinds()
    traces(connection, known, case.knowledge, step)
    said = case.groupings()
    # A person may name what is not weighed otherwise, as a friend's mail, whose account he knows to be taken over.
    named = {message for one in said if one.grouping == "together" for message in (*one.messages, *one.others)}
    connection.execute(
        "update subjects set weighs = true where tier <> 'harmless' and list_contains(?, message)", [sorted(named)]
    )
    step("what holds together")
    found = edges(connection, known)
    numbers: dict[str, int] = dict(connection.execute("select message, m from numbered").fetchall())
    together, apart = decided(said, numbers)
    groups = group(max(numbers.values(), default=0) + 1, found, together, apart)
    asked = "select m from numbered join subjects using (message) where seed order by m"
    seeds = [m for (m,) in connection.execute(asked).fetchall()]
    told = stories(groups, found, seeds, together)
    step("on what it rests")
    _write(case, connection, known, told, together, prior(len(numbers)))
    resemblances(case, connection, groups, found, told, numbers)
    for name in TEMPORARY:
        connection.execute(f"drop table if exists {name}")


def _write(
    case: Case,
    connection: Connection,
    known: Sequence[Kind],
    stories: Sequence[Story],
    together: Sequence[tuple[int, int]],
    against: float,
) -> None:
    says = {kind.name: kind for kind in known}
    message_of = dict(connection.execute("select m, message from numbered").fetchall()) if stories else {}
    operations, members = [], []
    ties: list[object] = []
    written = [tables.schema("ties").empty_table()]
    shared: dict[tuple[int, int], list[Item]] = {}
    for place, story in enumerate(stories):
        if place % STORIES == 0:
            shared = evidence(connection, stories[place : place + STORIES])
            written.append(table("ties", ties))
            ties.clear()
        inside = set(story.members)
        firm = [(a, b) for a, b in together if a in inside and b in inside]
        name = f"op-{message_of[story.members[0]][:8]}"
        strongest: dict[int, Edge] = {}
        for edge in story.ties:
            for message in (edge.a, edge.b):
                strongest.setdefault(message, edge)
            items = shared.get((edge.a, edge.b), [])
            for item, counted in weighed(items):
                told = sentence(says[item.kind], item.value)
                weights = (round(item.bits, 2), round(counted, 2), round(edge.bits, 2))
                pair = (message_of[item.a], message_of[item.b])
                ties.append(tables.Tie(name, *pair, item.kind, item.family, item.value, *weights, told))
        for a, b in firm:
            ties.append(
                tables.Tie(
                    name, message_of[a], message_of[b], DECIDED, DECIDED, "", 0.0, 0.0, 0.0, "A person decided it."
                )
            )
        hung = weakest(
            story.members, [item for edge in story.ties for item in shared.get((edge.a, edge.b), [])], against, firm
        )
        operations.append(_row(name, story, shared, hung, says, message_of, bool(firm)))
        for message in story.members:
            best = strongest.get(message)
            other = "" if best is None else message_of[best.b if best.a == message else best.a]
            members.append((name, message_of[message], None if best is None else round(best.bits, 2), other))
    store(case, "ties", pa.concat_tables([*written, table("ties", ties)]))
    view(connection, case, "ties")
    _fill(case, connection, operations, members)


def sentence(kind: Kind, value: str) -> str:
    """Say in plain words what two messages share, so that no program makes a link of it."""
    shown = value if len(value) <= 120 else f"{value[:117]}…"
    if kind.family in ("domain", "page", "network"):
        shown = shown.replace(".", "[.]")
    return kind.says.replace("{value}", shown)


def _row(
    name: str,
    story: Story,
    shared: Mapping[tuple[int, int], list[Item]],
    hung: Weakest | None,
    says: Mapping[str, Kind],
    message_of: Mapping[int, str],
    by_person: bool,
) -> dict[str, object]:
    """What is said of an operation beside its members."""
    families: dict[str, float] = defaultdict(float)
    loose: dict[str, int] = defaultdict(int)  # ties of the tree that rest on what others could show
    for edge in story.tree:
        items = weighed(shared.get((edge.a, edge.b), []))
        for item, counted in items:
            families[item.family] += counted
        if not edge.held:
            hardest = [item.forgeable for item, counted in items if counted >= UNCOPIED]
            loose[min(hardest, key=list(FORGEABLE).index, default="reader")] += 1
    because = ""
    if hung:
        because = " ".join(dict.fromkeys(sentence(says[item.kind], item.value) for item in hung.items))
    if len(story.members) == 1:
        forgeable = ""
    elif not loose:
        forgeable = f"Every link rests on something that shows {FORGEABLE['holder']}."
    else:
        worst = max(loose, key=list(FORGEABLE).index)
        forgeable = (
            f"{sum(loose.values())} of {len(story.tree)} links could also be made by {FORGEABLE[worst]}; "
            "two things that differ in kind would have to be imitated at once."
        )
    return {
        "operation": name,
        "families": sorted(families, key=lambda family: (-families[family], family)),
        "bits": round(min(edge.bits for edge in story.tree), 2) if story.tree else None,
        "weakest": sorted(message_of[message] for message in hung.apart) if hung else [],
        "weakest_because": because,
        "control": bool(story.tree) and not loose,
        "forgeable": forgeable,
        "by_person": by_person,
    }


def _fill(
    case: Case,
    connection: Connection,
    told: Sequence[Mapping[str, object]],
    members: Sequence[tuple[str, str, float | None, str]],
) -> None:
    """Fill `members` and `operations`, `traces` of their messages."""
    connection.register("joined", pa.table(
        {
            "operation": [row[0] for row in members], "message": [row[1] for row in members],
            "bits": pa.array([row[2] for row in members], pa.float64()), "other": [row[3] for row in members],
        }
    ))  # fmt: skip
    columns = ("operation", "families", "bits", "weakest", "weakest_because", "control", "forgeable", "by_person")
    schema = tables.schema("operations")
    connection.register(
        "told", pa.table({name: pa.array([row[name] for row in told], schema.field(name).type) for name in columns})
    )
    derive(
        case=case,
        connection=connection,
        name="members",
        select="""
        select operation, message, held.owner,
            case when seed then 'judged' when bits is null then 'decided' else 'tied' end as role, bits, other
        from joined join subjects using (message)
        join (select distinct message, owner from sightings join sources using (source)) held using (message)
        """,
    )
    derive(
        case=case,
        connection=connection,
        name="operations",
        select="""
        with strongest as (
            select operation, count(*) as messages, min(coalesce(time, date)) as first,
                max(coalesce(time, date)) as last,
                list_sort(list_distinct(list(from_address))) as senders,
                arg_max(probability, (tier = 'malicious', probability * targeted)) as probability,
                arg_max(targeted, (tier = 'malicious', probability * targeted)) as targeted,
                max(case when tier = 'malicious' then 2 else probability * targeted end) as worth
            from joined join subjects using (message) group by operation
        ),
        people as (
            select operation, list_sort(list_distinct(list(owner))) as owners,
                list_sort(list_distinct(list(addresses.organisation) filter (not coalesce(domains.is_freemail, false)
                    and addresses.organisation is not null))) as organisations
            from members left join addresses on addresses.address = members.owner
            left join domains on domains.organisation = addresses.organisation
            group by operation
        )
        select *, row_number() over (order by worth desc, len(owners) desc, messages desc, operation) as number
        from told join strongest using (operation) join people using (operation)
        """,
    )
    derive(
        case=case,
        connection=connection,
        name="traces",
        select="""
        select message, kind, family, value, weights.bits, forgeable = 'holder' as control, hub
        from found join (select distinct message from joined) using (message) join weights using (kind, value)
        """,
    )
    connection.unregister("joined")
    connection.unregister("told")
