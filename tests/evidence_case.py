"""A case that holds the examples of every kind of evidence at once, each in a mailbox of its own."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from watchword import tables
from watchword.authenticate.authenticate import authenticate
from watchword.case import Case, GivenSource
from watchword.connect.evidence import Example, Kind
from watchword.connect.names import shared_habits
from watchword.connect.traces import traces
from watchword.context.build import build, leads
from watchword.engine import Connection, session, store
from watchword.observe import observe
from watchword.read.raw import RawMessage, Source

BATCH = "examples"


@dataclass(frozen=True)
class Shown:
    """One value that the two mails of an example share, and what that weighs."""

    value: str
    bits: float
    hub: str


@dataclass(frozen=True)
class Tried:
    """An example, where it stands, and what came of it."""

    kind: Kind
    name: str  # as `shared 1` or `different 2`
    example: Example
    one: frozenset[str]  # values found on its first mail
    other: frozenset[str]
    both: tuple[Shown, ...]


@dataclass(frozen=True)
class Trial:
    """What came of all examples, and what columns the query of each kind gives."""

    tried: tuple[Tried, ...]
    columns: Mapping[str, frozenset[str]]


def problems(trial: Trial) -> Iterator[str]:
    """Give everything that is wrong with the examples and queries, each as one sentence."""
    for name, given in trial.columns.items():
        if not {"message", "value"} <= given <= {"message", "value", "about", "bits"}:
            yield f"{name}: its query gives {', '.join(sorted(given))}."
    for one in trial.tried:
        place, wanted = f"{one.kind.name}, {one.name}", one.example.value
        found = f"the first mail shows {sorted(one.one)}, the second {sorted(one.other)}, of which {one.both}"
        told = [shown for shown in one.both if shown.value == wanted]
        beyond = [shown for shown in one.both if not 0 <= shown.bits <= one.kind.cap]
        if beyond:
            yield f"{place}: {beyond[0]} weighs more than the cap or less than nothing."
        if not one.example.why.strip():
            yield f"{place}: it does not say why."
        if one.name.startswith("different") and not one.example.hub:
            if wanted:
                yield f"{place}: it names a value, and is no hub."
            if one.both:
                yield f"{place}: they must not share anything; {found}."
        elif not told:
            yield f"{place}: they do not share {wanted!r}; {found}."
        elif one.example.hub and (told[0].bits > 0 or not told[0].hub):
            yield f"{place}: it is no hub: {told[0]}."
        elif not one.example.hub and told[0].hub:
            yield f"{place}: it is a hub: {told[0]}."


@dataclass(frozen=True)
class _Mails:
    kind: Kind
    name: str
    example: Example
    keys: tuple[str, str]


def try_examples(kinds: Sequence[Kind], folder: Path) -> Trial:
    """Read the examples of all kinds into one case at `folder`, weigh what they show, and say what each pair shares.

    Both mails of an example are taken for hostile, what is `known` for honest.
    """
    case = Case.create(folder)
    given: list[GivenSource] = []
    rows: dict[type, list[tables.Fact]] = {row: [] for row in tables.FACTS.values()}
    pairs, hostile, answers = [], set(), []
    numbered = [
        (kind, f"{name} {number}", example)
        for kind in kinds
        for name, examples in (("shared", kind.shared), ("different", kind.different))
        for number, example in enumerate(examples, 1)
    ]
    for place, (kind, name, example) in enumerate(numbered):
        answers += [example.keys] if example.keys else []
        keys = []
        sources: dict[str, Source] = {}
        for side, mail in (("one", example.one), ("other", example.other)):
            named = re.search(r"(?m)\ATo: (\S+)$|\nTo: (\S+)\n", mail)
            owner = (named[1] or named[2]) if named else f"owner@{side}-office-{place}.example"
            source = sources.setdefault(owner, Source(str(folder / f"{place} {side}"), "", "folder", 0, ""))
            mails = [*_history(example.known if side == "one" else (), owner), _filled(mail, owner, side, place, 20)]
            for offset, text in enumerate(mails):
                data = text.encode("utf-8")
                key = hashlib.sha256(data).hexdigest()
                for fact in observe(RawMessage(data, key, len(data), offset=offset, length=1), source.id):
                    rows[type(fact)].append(fact)
            keys.append(key)
        hostile.update(keys)
        given += [GivenSource(source, owner) for owner, source in sources.items()]
        pairs.append(_Mails(kind, name, example, (keys[0], keys[1])))
    for name, row in tables.FACTS.items():
        schema = tables.schema(name)
        store(
            case,
            name,
            pa.table(
                {field.name: pa.array([getattr(one, field.name) for one in rows[row]], field.type) for field in schema},
                schema=schema,
            ),
            BATCH,
        )
    store(case, "rejections", tables.schema("rejections").empty_table(), "found")
    (case.path / "keys").mkdir()
    (case.path / "keys" / "kept").write_text("".join(answers), "utf-8")
    with session(case, [BATCH]) as connection:
        authenticate(case, connection, [BATCH])
        build(case, connection, given)
        _judged(case, connection, hostile)
    with session(case, [BATCH]) as connection:
        traces(connection, list(kinds), case.knowledge)
        found: dict[tuple[str, str], set[str]] = {}
        for kind_name, message, value in connection.execute("select kind, message, value from found").fetchall():
            found.setdefault((kind_name, message), set()).add(value)
        weights = {
            (kind_name, value): Shown(value, bits, hub)
            for kind_name, value, bits, hub in connection.execute(
                "select kind, value, bits, hub from weights"
            ).fetchall()
        }
        leads(connection, kept=True)
        shared_habits(connection)
        columns = {
            kind.name: frozenset(row[0] for row in connection.execute(f"describe {kind.sql}").fetchall())
            for kind in kinds
        }
    return Trial(tuple(_told(pairs, found, weights)), columns)


def _told(
    pairs: Sequence[_Mails], found: Mapping[tuple[str, str], set[str]], weights: Mapping[tuple[str, str], Shown]
) -> Iterator[Tried]:
    for mails in pairs:
        one, other = (frozenset(found.get((mails.kind.name, key), ())) for key in mails.keys)
        both = tuple(weights[mails.kind.name, value] for value in sorted(one & other))
        yield Tried(mails.kind, mails.name, mails.example, one, other, both)


def _filled(mail: str, owner: str, side: str, place: int, day: int) -> str:
    """Give a mail all that it does not say itself."""
    head, blank, text = mail.partition("\n\n") if re.match(r"[\w-]+:", mail) else ("", "", mail)
    said = {line.partition(":")[0].lower() for line in head.splitlines()}
    sender = f"{side}-{place}.example"
    wanted = {
        "From": f"mail@{sender}",
        "To": owner,
        "Subject": "Hello",
        "Date": f"{day} Apr 2026 09:00:00 {'+0000' if side == 'one' else '+0100'}",
        "Message-ID": f"<{place}.{day}@{sender}>",
    }
    lines = [f"{name}: {value}" for name, value in wanted.items() if name.lower() not in said]
    return "\n".join([*([head] if head else []), *lines, "", text if blank or not head else ""])


def _history(known: Sequence[str], owner: str) -> Iterator[str]:
    """Give what people wrote whom the owner knows, and before it the owner's letter to each of them."""
    for number, mail in enumerate(known):
        filled = _filled(mail, owner, f"known-{number}", 0, 10)
        (sender,) = re.findall(r"(?m)^From: .*?([^\s<]+@[^\s>]+)", filled)
        yield _filled(f"From: {owner}\nTo: {sender}\n\nHello.\n", owner, f"known-{number}", 1, 2)
        yield filled


def _judged(case: Case, connection: Connection, hostile: set[str]) -> None:
    schema = tables.schema("verdicts")
    owners = connection.execute("select message, owner from messages").fetchall()
    verdicts = [
        tables.Verdict(
            message=message,
            owner=owner,
            bits=0.0,
            probability=0.5,
            targeted=0.5,
            alone=None,
            tier="suspicious" if message in hostile else "quiet",
            rank=None,
            place=None,
            chosen=False,
            conversation="",
            reasons=[],
            decided="",
        )
        for message, owner in owners
    ]
    columns = {field.name: pa.array([getattr(one, field.name) for one in verdicts], field.type) for field in schema}
    store(case, "verdicts", pa.table(columns, schema=schema))
