"""From tables to exhibits: what was observed, to whom it points, whence that is known, and who could have faked it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from watchword.attribute.actors_known import Fact, Known, folded
from watchword.attribute.evidence import FORGEABLE, Kind
from watchword.attribute.rules import Rules
from watchword.engine import Connection

SHOWN = 20  # messages that an exhibit names
MOST = 12  # exhibits of one kind for one operation; more would count next to nothing
OTHERS = 10  # actors of whom nothing of the sort is known, beside those of whom it is
ODD = 0.005  # of the case's other domains a manner of naming may fit so many
OWN = "the mail itself"  # root of what is read off the mail and weighed by judgement


@dataclass(frozen=True, slots=True)
class Draft:
    """One exhibit before it is weighed."""

    operation: str
    kind: Kind
    value: str
    messages: tuple[str, ...]
    actors: Mapping[str, float]  # folded actor -> bits
    classes: Mapping[str, float]
    source: str
    grade: str
    root: str
    sentence: str
    published: datetime | None = None
    imitable: bool = True
    graded: bool = True  # a source stands behind it, whose grade counts
    hub: str = ""


@dataclass(slots=True)
class Seen:
    """One value on one operation, gathered from rows."""

    messages: set[str] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    grades: set[str] = field(default_factory=set)
    published: set[datetime | None] = field(default_factory=set)
    hub: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What is asked for every kind."""

    connection: Connection
    known: Known
    rules: Rules
    times: Mapping[str, datetime | None]  # message -> when it came
    roots: Mapping[str, str]  # document -> root
    decided: Mapping[str, str]  # operation -> actor whom a person named


def drafts(kind: Kind, about: Context) -> list[Draft]:
    """Give the exhibits of one kind for every operation. Raises duckdb.Error where its query cannot be asked."""
    ways = {"hits": _hits, "facts": _facts, "naming": _naming, "profile": _profile, "classes": _classes}
    ways["earlier"] = _earlier
    if kind.match not in ways:
        return []
    return _few(ways[kind.match](kind, about))


def sentence(kind: Kind, value: str, actors: Sequence[str] = (), said_by: str = "") -> str:
    """Say what was observed, so that no program makes a link of it."""
    shown = value if len(value) <= 120 else f"{value[:117]}…"
    if kind.vertex in ("infrastructure", "capability") and kind.match in ("hits", "naming"):
        shown = shown.replace("http", "hxxp", 1) if shown.startswith("http") else shown
        shown = shown.replace(".", "[.]").replace("@", "[@]")
    named = ", ".join(actors[:4]) + (f" and {len(actors) - 4} more" if len(actors) > 4 else "")
    parts = kind.says.split("{")
    given = {"value": shown, "actors": named, "said_by": said_by or "an unnamed source"}
    # Put together in one pass: a value may hold braces.
    return parts[0] + "".join(given.get(part.partition("}")[0], "") + part.partition("}")[2] for part in parts[1:])


def imitable(kind: Kind, published: set[datetime | None], messages: set[str], about: Context) -> bool:
    """Say whether somebody else could know or show it when the first message came that shows it."""
    if kind.forgeable != "published":
        return kind.forgeable == "cheap"
    times = [about.times.get(message) for message in messages] or [None]
    if None in times or None in published or not published:
        return True  # what cannot be told is taken for the worse
    return min(when for when in published if when) <= min(when for when in times if when)


def _hits(kind: Kind, about: Context) -> list[Draft]:
    columns = "operation, message, value, actor, said_by, document, published, grade, hub"
    seen: dict[tuple[str, str, str], Seen] = defaultdict(Seen)
    public: dict[tuple[str, str], set[datetime | None]] = defaultdict(set)
    everybody: dict[tuple[str, str], set[str]] = defaultdict(set)
    for operation, message, value, actor, said_by, document, published, grade, hub in about.connection.execute(
        f"select distinct {columns} from ({kind.sql}) order by all"
    ).fetchall():
        public[operation, value].add(published)
        if not actor:
            continue
        one = seen[operation, value, about.roots.get(document) or said_by.lower() or document]
        one.messages.add(message)
        one.actors.add(folded(actor))
        one.sources.add(said_by or document)
        one.grades.add(grade)
        one.hub = one.hub or hub
        everybody[operation, value].add(folded(actor))
    found = []
    for (operation, value, root), one in seen.items():
        one.published = public[operation, value]
        found.append(_draft(kind, operation, value, root, one, everybody[operation, value], about))
    return found


def _facts(kind: Kind, about: Context) -> list[Draft]:
    facts: dict[str, list[Fact]] = defaultdict(list)
    for fact in about.known.facts.get(kind.fact, []):
        facts[fact.value.lower()].append(fact)
    rows = _rows(kind, about)
    found = []
    values: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for operation, value, messages, hub in rows:
        met = facts.get(value.lower(), [])
        if not hub:
            values[operation][value] = messages
        found += _of_facts(kind, operation, value, messages, hub, met, about)
    if kind.against:
        found += _unmet(kind, values, facts, about)
    return found


def _of_facts(
    kind: Kind, operation: str, value: str, messages: set[str], hub: str, met: Sequence[Fact], about: Context
) -> list[Draft]:
    by_root: dict[str, Seen] = defaultdict(Seen)
    for fact in met:
        one = by_root[fact.said_by.lower()]
        one.messages, one.hub = messages, hub
        one.actors.add(fact.actor)
        one.sources.add(fact.said_by)
        one.grades.add(fact.grade)
    everybody = {fact.actor for fact in met}
    public: set[datetime | None] = {fact.published for fact in met}
    found = []
    for root, one in by_root.items():
        one.published = public
        found.append(_draft(kind, operation, value, root, one, everybody, about))
    return found


def _unmet(
    kind: Kind, values: Mapping[str, Mapping[str, set[str]]], facts: Mapping[str, Sequence[Fact]], about: Context
) -> list[Draft]:
    """Give what speaks against actors of whom other values are known, and none was met."""
    of_actor: dict[str, set[str]] = defaultdict(set)
    for value, some in facts.items():
        for fact in some:
            of_actor[fact.actor].add(value)
    found = []
    for operation, seen in values.items():
        lower = {value.lower() for value in seen}
        against = {actor: kind.against for actor, known in of_actor.items() if not known & lower}
        if against and lower:
            shown = ", ".join(sorted(seen)[:4])
            messages = tuple(sorted(set().union(*seen.values())))[:SHOWN]
            text = f"{kind.title}: it shows {shown}, and reports give other values to some actors."
            found.append(
                Draft(
                    operation,
                    kind,
                    f"none but {shown}",
                    messages,
                    against,
                    {},
                    "reports on these actors",
                    "",
                    OWN,
                    text,
                )
            )
    return found


def _naming(kind: Kind, about: Context) -> list[Draft]:
    rows = _rows(kind, about)
    if not rows:
        return []
    patterns: dict[str, list[Fact]] = defaultdict(list)
    for fact in about.known.facts.get(kind.fact, []):
        patterns[fact.value].append(fact)
    values = sorted({value for _, value, _, _ in rows})
    others = [
        name
        for (name,) in about.connection.execute(
            "select organisation from domains where not list_contains(?, organisation)", [values]
        ).fetchall()
    ]
    found = []
    for pattern, facts in sorted(patterns.items()):
        try:  # RE2, which is linear: a pattern from a file cannot keep the machine busy
            fits = set(_fitting(about.connection, values, pattern))
            honest = len(_fitting(about.connection, others, pattern)) if fits else 0
        except duckdb.Error:
            continue
        hub = f"{honest} other domains of this case are named so, too" if honest > max(1, ODD * len(others)) else ""
        for operation, value, messages, already in rows:
            if value in fits:
                found += _of_facts(kind, operation, value, messages, already or hub, facts, about)
    return found


def _fitting(connection: Connection, values: Sequence[str], pattern: str) -> list[str]:
    asked = "select value from (select unnest(?::varchar[]) as value) where regexp_matches(value, ?)"
    return [value for (value,) in connection.execute(asked, [list(values), pattern[:500]]).fetchall()]


def _profile(kind: Kind, about: Context) -> list[Draft]:
    observed: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for operation, value, messages, _ in _rows(kind, about):
        observed[operation][value] = messages
    cap = about.rules.technique_cap
    found = []
    for operation, techniques in observed.items():
        fits = about.known.learned.fits(frozenset(techniques))
        bits = {actor: max(-cap, min(fit.techniques, cap)) for actor, fit in fits.items()}
        shown = ", ".join(sorted(techniques))
        among = tuple(sorted(set().union(*techniques.values())))[:SHOWN]
        actors = [about.known.names.get(actor, actor) for actor in sorted(bits, key=lambda one: (-bits[one], one))]
        if any(bits.values()):
            text = sentence(kind, shown, actors)
            found.append(
                Draft(operation, kind, shown, among, bits, {}, "reports on these actors", "", OWN, text, graded=False)
            )
    return found


def _classes(kind: Kind, about: Context) -> list[Draft]:
    found = []
    for operation, value, messages, hub in _rows(kind, about):
        text = sentence(kind, value)
        shown = tuple(sorted(messages))[:SHOWN]
        bits = {} if hub else kind.classes
        found.append(Draft(operation, kind, value, shown, {}, bits, "Watchword", "", OWN, text, graded=False, hub=hub))
    return found


def _earlier(kind: Kind, about: Context) -> list[Draft]:
    found = []
    for operation, other, messages, _ in _rows(kind, about):
        actor = about.decided.get(other, "")
        if actor:
            text = sentence(kind, other, [about.known.names.get(actor, actor)])
            shown = tuple(sorted(message for message in messages if message))[:SHOWN]
            source = f"a person's decision on {other}"
            found.append(Draft(operation, kind, other, shown, {actor: kind.bits}, {}, source, "", source, text))
    return found


def _rows(kind: Kind, about: Context) -> list[tuple[str, str, set[str], str]]:
    """Give operation, value, messages and why the value says nothing."""
    given = {row[0] for row in about.connection.execute(f"describe {kind.sql}").fetchall()}
    hub = "hub" if "hub" in given else "''"
    asked = about.connection.execute(
        f"""select operation, cast(value as varchar), list(distinct message order by message), max({hub})
        from ({kind.sql}) where value is not null and value <> '' group by all order by all"""
    ).fetchall()
    return [(operation, value, set(messages), why or "") for operation, value, messages, why in asked]


def _draft(kind: Kind, operation: str, value: str, root: str, one: Seen, everybody: set[str], about: Context) -> Draft:
    """Make an exhibit of one value and root. What many are said to use says nothing of any."""
    hub = one.hub
    if kind.match == "facts":
        # What a manner of working says depends on how many work so.
        share = kind.bits * (1 - len(everybody) / (len(_with_fact(kind, about)) + OTHERS))
    else:
        if not hub and len(everybody) > about.rules.most_actors:
            hub = f"{len(everybody)} actors are said to use it"
        # Of several that are said to use it, each explains it less.
        share = max(0.0, kind.bits - (len(everybody) - 1).bit_length())
    names = sorted(about.known.names.get(actor, actor) for actor in one.actors)
    said_by = ", ".join(sorted(source for source in one.sources if source))
    known = [when for when in one.published if when]
    return Draft(
        operation=operation,
        kind=kind,
        value=value,
        messages=tuple(sorted(message for message in one.messages if message))[:SHOWN],
        actors={} if hub else dict.fromkeys(sorted(one.actors), share),
        classes={},
        source=said_by,
        grade=min(one.grades, default=""),  # of several the one that nobody graded, or the best
        root=root or OWN,
        sentence=sentence(kind, value, names, said_by) + (f" It says nothing: {hub}." if hub else ""),
        published=min(known, default=None),
        imitable=imitable(kind, one.published, one.messages, about),
        hub=hub,
    )


def _with_fact(kind: Kind, about: Context) -> set[str]:
    return {fact.actor for fact in about.known.facts.get(kind.fact, [])}


def _few(found: Sequence[Draft]) -> list[Draft]:
    """Keep the strongest of each operation."""
    of_operation: dict[str, list[Draft]] = defaultdict(list)
    for one in found:
        of_operation[one.operation].append(one)
    kept = []
    for some in of_operation.values():
        some.sort(key=lambda one: (bool(one.hub), one.imitable, -max([0.0, *one.actors.values()]), one.value, one.root))
        kept += some[:MOST]
    return kept


def could_forge(kind: Kind, copied: bool) -> str:
    """Say in plain words who else could have produced it."""
    if kind.forgeable == "published" and not copied:
        return "nobody who only read reports: it was not public yet when the mail was sent"
    return FORGEABLE[kind.forgeable]
