"""What in the case's mail is publicly named: by whom, since when, and whether that was before the mail came."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.query import rows
from watchword.disclose.visible import defanged, defanged_link

HITS = 30  # that are told
HUBS = 12  # of those that mean nothing

_NAMES = ("domain", "host", "ip", "network")  # kinds whose dots are set apart, so that nothing opens
KINDS = {"ip": "IP address", "url": "link", "address": "mail address", "naming": "form of a domain’s name"}


@dataclass(frozen=True, slots=True)
class HitShown:
    """One value of the case's mail that one publisher names."""

    kind: Annotated[str, "hits.kind"]
    title: Annotated[str, "the same in words"]
    value: Annotated[str, "what both have, written so that it does not open"]
    exact: Annotated[bool, "the same; else only the same registrable domain or network"]
    messages: Annotated[int, "messages that have it"]
    message: Annotated[str, "the first of these"]
    operations: Annotated[tuple[int, ...], "numbers of operations that they belong to"]
    said_by: Annotated[str, "publisher that names it"]
    document: Annotated[str, "documents.document, empty if it is known from elsewhere"]
    report: Annotated[str, "that document's headline"]
    actors: Annotated[tuple[str, ...], "of whom it is said there, by name; empty if it is said of nobody"]
    published: Annotated[datetime | None, "since when it is public"]
    first: Annotated[datetime | None, "the first message that has it"]
    when: Annotated[str, "whether it was public before the mail, in words"]
    hub: Annotated[str, "why it says nothing about who it was, empty if it may"]


@dataclass(frozen=True, slots=True)
class Hits:
    """What in the case's mail is publicly named."""

    listed: Annotated[tuple[HitShown, ...], "what may say something, most messages first"]
    more: Annotated[int, "beyond those listed"]
    hubs: Annotated[tuple[HitShown, ...], "what many share, and means nothing"]
    more_hubs: Annotated[int, "beyond those listed"]


def hits(connection: duckdb.DuckDBPyConnection) -> Hits:
    """List what is publicly named, one line for each value and publisher."""
    found: dict[bool, list[HitShown]] = {False: [], True: []}
    many = {False: 0, True: 0}
    for kind, value, exact, said_by, document, published, hub, count, message, first, *named in rows(
        connection,
        """
        with told as (
            select hits.kind, hits.value, hits.exact, hits.said_by, hits.document, hits.published, hits.hub,
                count(distinct message) as messages, arg_min(message, coalesce(time, date)) as first_message,
                any_value(message) as any_message, min(coalesce(time, date)) as first,
                list_sort(list(distinct operations.number) filter (operations.number is not null)) as numbers,
                list_sort(list(distinct coalesce(nullif(actors.name, ''), hits.actor)) filter (hits.actor <> ''))
                    as actors
            from hits left join messages using (message) left join operations using (operation)
            left join actors on actors.actor = hits.actor
            group by hits.kind, hits.value, hits.exact, hits.said_by, hits.document, hits.published, hits.hub
        )
        select told.kind, value, exact, said_by, document, told.published, hub, messages,
            coalesce(first_message, any_message), first, numbers, actors, coalesce(left(title, 200), ''),
            count(*) over (partition by hub <> '') as lines
        from told left join documents using (document)
        qualify row_number() over (partition by hub <> ''
            order by len(coalesce(numbers, [])) > 0 desc, exact desc, messages desc, value, said_by, document) <= ?
        order by len(coalesce(numbers, [])) > 0 desc, exact desc, messages desc, value, said_by, document
        """,
        [HITS],
    ):
        numbers, actors, title, lines = named
        many[bool(hub)] = lines
        found[bool(hub)].append(
            HitShown(
                kind=kind,
                title=KINDS.get(kind, kind.replace("-", " ")),
                value=shown(kind, value),
                exact=exact,
                messages=count,
                message=message,
                operations=tuple(numbers or ()),
                said_by=said_by,
                document=document,
                report=title,
                actors=tuple(actors or ()),
                published=published,
                first=first,
                when=before_or_after(published, first),
                hub=hub,
            )
        )
    hubs = tuple(found[True][:HUBS])
    return Hits(tuple(found[False]), many[False] - len(found[False]), hubs, many[True] - len(hubs))


def shown(kind: str, value: str) -> str:
    """Write an indicator so that no program opens it."""
    if kind == "url":
        return defanged_link(value)
    if kind == "address":
        return value.replace("@", "[@]")
    return value.replace(".", "[.]") if kind in _NAMES else defanged(value)


def before_or_after(published: datetime | None, first: datetime | None) -> str:
    """Say whether something was public before the mail that shows it: what was can be imitated."""
    if published is None or first is None:
        return "not known whether before or after the mail"
    days = (first - published).days
    if days < 0:
        return f"{_days((published - first).days)} after the mail"
    return f"{_days(days)} before the mail: who read it could imitate it"


def _days(days: int) -> str:
    return "less than a day" if days < 1 else words.number(days, "day")
