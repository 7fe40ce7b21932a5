"""Did it work? For each person whom an operation hit: how far it came, what shows it, and what would tell more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.connect.timeline import story
from watchword.disclose import words
from watchword.disclose.query import rows

PEOPLE = 30  # of one operation that have a line in its table
STORIES = 8  # of one operation that have a picture of what happened
MOMENTS = 80  # of one person that are listed
ANSWERED, ENGAGED, ENTERED = 4, 5, 6  # rungs.step

RUNGS: dict[str, tuple[str, str]] = {
    "targeted": ("Targeted", "it was sent to this person, not merely to a list that they are on"),
    "delivered": ("Delivered", "it lay in the mailbox"),
    "read": ("Read", "it was opened, as far as a mailbox can show"),
    "answered": ("Answered", "a reply went out"),
    "engaged": ("Engaged", "something was opened or given, or the talk moved elsewhere, as the mail shows"),
    "entered": ("Entered", "somebody else was in the account"),
    "used": ("Used", "the account was used against others, or its mail was forwarded or taken"),
}
STATES: dict[str, tuple[str, str]] = {
    "shown": ("shown", "something shows it"),
    "possible": ("possible", "something fits it, and has an honest reading"),
    "not-shown": ("not shown", "what would tell was looked at and does not show it"),
    "unknown": ("unknown", "nothing at hand would tell"),
}
LANES: dict[str, str] = {
    "lure": "Lure",
    **dict.fromkeys(("answer", "passed-on", "receipt", "automatic"), "Reply"),
    "link-clicked": "Click",
    **dict.fromkeys(("sign-in", "sign-in-failed", "sign-in-blocked", "suspicious-sign-in"), "Sign-in"),
    **dict.fromkeys(("forwarding", "filter-rule", "delegate"), "Rule, forwarding"),
    **dict.fromkeys(
        ("password-changed", "recovery-changed", "second-factor-changed", "app-password", "admin-right", "setting"),
        "Change of access",
    ),
    **dict.fromkeys(("access-granted", "access-revoked"), "Change of access"),
    **dict.fromkeys(
        ("access", "mail-read", "file-read", "file-shared", "search", "download", "export"), "Reading, taking"
    ),
    **dict.fromkeys(("onward", "mail-sent"), "Onward mail"),
    **dict.fromkeys(("mail-deleted", "mail-moved", "mail-received"), "Mail put away"),
    **dict.fromkeys(("notice", "warning"), "Notice of the provider"),
}
OTHER_LANE = "Other"


@dataclass(frozen=True, slots=True)
class RungShown:
    """One rung of one person's ladder."""

    rung: Annotated[str, "rungs.rung"]
    step: Annotated[int, "the same as a number, 1 to 7"]
    state: Annotated[str, "shown, possible, not-shown or unknown"]
    time: Annotated[datetime | None, "when it was first shown or possible"]
    sentence: Annotated[str, "what shows it, or what is missing"]
    would_tell: Annotated[str, "which log or person would tell more, empty if nothing is open"]
    message: Annotated[str, "message that shows it, empty if none"]
    log: Annotated[str, "file of the log that shows it, empty if none"]
    event: Annotated[int | None, "row in that log"]

    @property
    def title(self) -> str:
        """The rung in a word."""
        return RUNGS.get(self.rung, (self.rung, ""))[0]

    @property
    def word(self) -> str:
        """The state in a word."""
        return STATES.get(self.state, (self.state, ""))[0]


@dataclass(frozen=True, slots=True)
class MomentShown:
    """One thing that happened to one person at the hands of one operation."""

    time: Annotated[datetime | None, "when; None if it is only known that it is so"]
    kind: Annotated[str, "moments.kind"]
    lane: Annotated[str, "what it is, in the words of the picture"]
    rung: Annotated[str, "rung that it speaks for, empty if it only belongs to the story"]
    state: Annotated[str, "shown or possible, empty without a rung"]
    sentence: Annotated[str, "what happened"]
    message: Annotated[str, "message that shows it, empty if none"]
    log: Annotated[str, "file of the log that shows it, empty if none"]
    event: Annotated[int | None, "row in that log"]


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far one operation came with one person, and what happened in order of time."""

    owner: Annotated[str, "whose mailbox or account, empty if unknown"]
    name: Annotated[str, "their name, or else the address"]
    shown: Annotated[int, "highest step that something shows, 0 if none"]
    possible: Annotated[int, "highest step that is shown or possible, 0 if none"]
    rungs: Annotated[tuple[RungShown, ...], "from targeted to used"]
    story: Annotated[tuple[MomentShown, ...], "in order of time; empty if only mail of the operation came"]
    more_moments: Annotated[int, "beyond those listed"]

    @property
    def evidence(self) -> tuple[RungShown, ...]:
        """What goes beyond reading, and something shows it or fits it."""
        return tuple(one for one in self.rungs if one.step >= ANSWERED and one.state in ("shown", "possible"))


@dataclass(frozen=True, slots=True)
class Tell:
    """One place to look that would tell more, of whom, and about what."""

    where: Annotated[str, "which log or person, and where to get it"]
    rungs: Annotated[tuple[str, ...], "rungs that it would tell of, in words"]
    people: Annotated[tuple[str, ...], "of whom, by name"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far one operation came, over all whom it hit."""

    ladders: Annotated[tuple[Ladder, ...], "a line for each person, those with whom it came furthest first"]
    more_people: Annotated[int, "people without a line here: it came no further with them"]
    tells: Annotated[tuple[Tell, ...], "what would tell more, the gravest first"]

    @property
    def shown(self) -> int:
        """The highest step that something shows, 0 if none."""
        return max((ladder.shown for ladder in self.ladders), default=0)

    @property
    def possible(self) -> int:
        """The highest step that is shown or possible, 0 if none."""
        return max((ladder.possible for ladder in self.ladders), default=0)

    @property
    def furthest(self) -> str:
        """How far it came, in a few words."""
        if not self.ladders:
            return "not followed up"
        text = "nothing shown"
        if self.shown:
            text = f"{_reached(self.shown)} ({_who([one for one in self.ladders if one.shown == self.shown])})"
        if self.possible > max(self.shown, ANSWERED):
            perhaps = [one for one in self.ladders if one.possible == self.possible]
            text += f"; perhaps {_reached(self.possible)} ({_who(perhaps)})"
        return text


def _reached(step: int) -> str:
    return list(RUNGS.values())[step - 1][0].lower()


def _who(ladders: Sequence[Ladder]) -> str:
    return words.number(len(ladders), "person", "people") if len(ladders) > 1 else ladders[0].name


def outcomes(connection: duckdb.DuckDBPyConnection, operations: Sequence[str]) -> dict[str, Outcome]:
    """Tell for each operation how far it came with each person."""
    steps: dict[tuple[str, str], list[RungShown]] = defaultdict(list)
    names: dict[str, str] = {}
    people: dict[str, int] = {}
    for operation, owner, name, many, *rung in rows(
        connection,
        """
        with ranked as (
            select *, dense_rank() over (partition by operation order by shown desc, possible desc, owner) as place
            from (
                select *,
                    coalesce(max(step) filter (state = 'shown') over (partition by operation, owner), 0) as shown,
                    coalesce(max(step) filter (state in ('shown', 'possible'))
                        over (partition by operation, owner), 0) as possible
                from rungs where operation in (select unnest(?))
            )
        ),
        counted as (select operation, max(place) as people from ranked group by operation)
        select operation, ranked.owner, coalesce(addresses.name, ''), people, rung, step, state, ranked."time",
            sentence, would_tell, message, coalesce(logs.path, log), event
        from ranked join counted using (operation)
        left join logs using (log)
        left join addresses on addresses.address = ranked.owner and ranked.owner <> ''
        where place <= ? order by operation, place, step
        """,
        [list(operations), PEOPLE],
    ):
        names[owner] = name or words.whose(owner)
        people[operation] = many
        steps[operation, owner].append(RungShown(*rung))
    told = _stories(connection, operations, steps)
    found: dict[str, list[Ladder]] = defaultdict(list)
    for (operation, owner), rungs in steps.items():
        moments = told.get((operation, owner), ())
        found[operation].append(
            Ladder(
                owner=owner,
                name=names[owner],
                shown=max((one.step for one in rungs if one.state == "shown"), default=0),
                possible=max((one.step for one in rungs if one.state in ("shown", "possible")), default=0),
                rungs=tuple(rungs),
                story=tuple(moments[:MOMENTS]),
                more_moments=max(0, len(moments) - MOMENTS),
            )
        )
    return {
        operation: Outcome(
            ladders=tuple(ladders),
            more_people=people[operation] - len(ladders),
            tells=_tells(ladders),
        )
        for operation, ladders in found.items()
    }


def _stories(
    connection: duckdb.DuckDBPyConnection,
    operations: Sequence[str],
    steps: Mapping[tuple[str, str], Sequence[RungShown]],
) -> dict[tuple[str, str], list[MomentShown]]:
    """Tell what happened to those to whom more happened than mail of the operation."""
    paths = dict(rows(connection, "select log, path from logs"))
    told: dict[tuple[str, str], list[MomentShown]] = {}
    many: dict[str, int] = defaultdict(int)
    wanted = set(
        rows(
            connection,
            """select operation, owner from moments where operation in (select unnest(?))
            group by all having count(distinct kind) > 1""",
            [list(operations)],
        )
    )
    for operation, owner in steps:  # those with whom it came furthest come first
        if (operation, owner) in wanted and many[operation] < STORIES:
            many[operation] += 1
            told[operation, owner] = [
                MomentShown(
                    time=one.time,
                    kind=one.kind,
                    lane=LANES.get(one.kind, OTHER_LANE),
                    rung=one.rung,
                    state=one.state,
                    sentence=one.sentence,
                    message=one.message,
                    log=paths.get(one.log, one.log),
                    event=one.event,
                )
                for one in story(connection, operation, owner)
            ]
    return told


def _tells(ladders: Sequence[Ladder]) -> tuple[Tell, ...]:
    """Say each place to look once, with all whom it would tell of; what would tell of the gravest comes first."""
    people: dict[str, dict[str, None]] = defaultdict(dict)
    rungs: dict[str, dict[int, str]] = defaultdict(dict)
    for ladder in ladders:
        for one in ladder.rungs:
            if one.would_tell and one.step >= ENGAGED:
                people[one.would_tell][ladder.name] = None
                rungs[one.would_tell][one.step] = one.title.lower()
    order = sorted(people, key=lambda where: (-max(rungs[where]), -len(people[where]), where))
    return tuple(
        Tell(where, tuple(title for _, title in sorted(rungs[where].items())), tuple(people[where])) for where in order
    )
