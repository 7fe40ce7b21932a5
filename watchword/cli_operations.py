"""The verbs for operations: which messages belong together, why, and what a person decides about it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchword.cli_parts import CASE, JSON, ledger, now, open_case, printable, say
from watchword.errors import WatchwordError

if TYPE_CHECKING:
    from watchword.case import Case
    from watchword.engine import Connection

BECAUSE = click.option("--because", required=True, help="Why. It is kept with the decision.")


@click.group(invoke_without_command=True)
@CASE
@JSON
@click.pass_context
def operations(context: click.Context, folder: Path, as_json: bool) -> None:
    """List the operations of a case: messages of the same people, to whomever they came.

    An operation is what evidence holds together. It names nobody: who is behind it is another question.

    \b
    Examples:
        watchword operations --case urgent
        watchword operations show op-5efcbfe3 --case urgent
        watchword operations join op-5efcbfe3 op-51bea912 --because "Both came from the account of L. V., he says"
        watchword operations part op-5efcbfe3 3f9a1c02 --because "She wrote this one herself"
    """
    if context.invoked_subcommand:
        return
    from watchword.investigate import connect

    with connect(open_case(folder)) as connection:
        found = connection.execute(
            """select number, operation, messages, owners, senders, first, last, probability, targeted, families, bits,
                weakest_because, forgeable, by_person from operations order by number"""
        )
        names = [column[0] for column in found.description]
        rows = found.fetchall()
    if as_json:
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], default=str, ensure_ascii=False))
        return
    several = [row for row in rows if row[2] > 1]
    for number, operation, messages, owners, senders, first, last, *_ in several:
        days = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" if first else "without dates"
        more = f" and {len(senders) - 3} more" if len(senders) > 3 else ""
        click.echo(
            printable(
                f"{number:3}  {operation}  {messages} messages to {_counted(len(owners), 'mailbox', 'es')}, {days}, "
                f"from {', '.join(senders[:3])}{more}"
            )
        )
    alone = len(rows) - len(several)
    stand = "message stands" if alone == 1 else "messages stand"
    click.echo(f"{_counted(len(several), 'operation')} of several messages, {alone} {stand} alone.")


@operations.command()
@click.argument("operation")
@CASE
@JSON
def show(operation: str, folder: Path, as_json: bool) -> None:
    """Show one operation: its messages, what holds them together, and on what it hangs."""
    from watchword.connect.weakest import TIES as TRIED
    from watchword.investigate import connect

    with connect(open_case(folder)) as connection:
        name = operation_named(connection, operation)
        told = connection.execute(
            "select families, weakest, weakest_because, forgeable from operations where operation = ?", [name]
        ).fetchall()[0]
        members = connection.execute(
            """select members.message, coalesce(time, date), members.owner, role, from_address, subject, bits, other
            from members join messages using (message) where operation = ?
            order by coalesce(time, date), members.message, members.owner""",
            [name],
        ).fetchall()
        ties = connection.execute(
            """select message, other, sentence, counted, total from ties where operation = ? and counted > 0
            order by total desc, message, other, counted desc""",
            [name],
        ).fetchall()
    families, apart, because, forgeable = told
    if as_json:
        click.echo(
            json.dumps(
                {
                    "operation": name,
                    "families": families,
                    "weakest": {"because": because, "messages": apart},
                    "forgeable": forgeable,
                    "members": [
                        dict(
                            zip(
                                ("message", "time", "owner", "role", "from", "subject", "bits", "other"),
                                row,
                                strict=True,
                            )
                        )
                        for row in members
                    ],
                    "ties": [
                        dict(zip(("message", "other", "sentence", "counted", "total"), row, strict=True))
                        for row in ties
                    ],
                },
                default=str,
                ensure_ascii=False,
            )
        )
        return
    lines = [name, ""]
    for message, time, owner, role, sender, subject, bits, other in members:
        tied = f"  {bits:.1f} bits with {other[:12]}" if bits is not None else ""
        lines.append(f"{message[:12]}  {f'{time:%Y-%m-%d %H:%M}' if time else '?':16}  {role:7}{tied}")
        lines.append(f"              {sender} to {owner}: {subject[:80]}")
    lines += ["", "Why it holds together, strongest first:"]
    said: dict[str, float] = {}
    for *_, sentence, counted, _total in ties:
        said[sentence] = max(said.get(sentence, 0.0), counted)
    lines += [
        f"  {bits:5.1f} bits  {sentence}" for sentence, bits in sorted(said.items(), key=lambda one: -one[1])[:20]
    ]
    if apart:
        lines += ["", f"On what it hangs: {because} Without it {len(apart)} of {len(members)} messages fall off."]
    elif len({(message, other) for message, other, *_ in ties}) > TRIED:
        lines += ["", "It has too many ties to try what would split it."]
    elif len(members) > 1:
        lines += ["", "No single thing splits it."]
    if forgeable:
        lines += ["", f"Who could have made it look so: {forgeable}"]
    click.echo("\n".join(map(printable, lines)))


@operations.command()
@click.argument("operation")
@click.argument("other")
@BECAUSE
@CASE
@JSON
def join(operation: str, other: str, because: str, folder: Path, as_json: bool) -> None:
    """Say that two operations are one. OTHER may also be a message. It holds in every later run; nothing is erased."""
    case = open_case(folder)
    from watchword.investigate import connect

    with case.lock():
        with connect(case) as connection:
            left = operation_messages(connection, operation_named(connection, operation))
            right = (
                operation_messages(connection, operation_named(connection, other))
                if _is_operation(other)
                else (_received(connection, _message(connection, other)),)
            )
        if not set(right) - set(left):
            raise WatchwordError(f"{printable(other[:100])} is in {printable(operation[:100])} already.")
        _decide(case, "together", left, right, because)
    say(
        as_json,
        {"grouping": "together", "messages": left, "others": right, "because": because},
        f"{len(left)} and {_counted(len(right), 'message')} are one operation, you say. "
        "`watchword connect` puts them together.",
    )


@operations.command()
@click.argument("operation")
@click.argument("messages", nargs=-1, required=True)
@BECAUSE
@CASE
@JSON
def part(operation: str, messages: tuple[str, ...], because: str, folder: Path, as_json: bool) -> None:
    """Say that MESSAGES do not belong to an operation. It holds in every later run; nothing is erased."""
    case = open_case(folder)
    from watchword.investigate import connect

    with case.lock():
        with connect(case) as connection:
            members = operation_messages(connection, operation_named(connection, operation))
            left = tuple(_message(connection, message) for message in messages)
        strangers = [message for message in left if message not in members]
        if strangers:
            raise WatchwordError(
                f"{strangers[0][:12]} is not in {operation}.", do=f"See `watchword operations show {operation}`."
            )
        right = tuple(message for message in members if message not in left)
        if not right:
            raise WatchwordError("These are all of its messages.", do="Name those that belong elsewhere.")
        _decide(case, "apart", left, right, because)
    say(
        as_json,
        {"grouping": "apart", "messages": left, "others": right, "because": because},
        f"{_counted(len(left), 'message')} of {operation} {'does' if len(left) == 1 else 'do'} not belong to it, "
        "you say. `watchword connect` parts them.",
    )


def _decide(case: "Case", grouping: str, messages: tuple[str, ...], others: tuple[str, ...], because: str) -> None:
    from watchword.case import Grouping

    case.regroup(Grouping(grouping, messages, others, because, now().isoformat()))
    ledger(case, grouping)


def _counted(number: int, noun: str, more: str = "s") -> str:
    return f"{number} {noun}{'' if number == 1 else more}"


def _is_operation(said: str) -> bool:
    return said.startswith("op-") or (said.isdecimal() and len(said) < 8)


def operation_named(connection: "Connection", said: str) -> str:
    """Give the id of an operation that was named by its id, the beginning of it, or its number."""
    if said.isdecimal() and len(said) < 8:
        found = connection.execute("select operation from operations where number = ?", [int(said)]).fetchall()
    else:
        start = said if said.startswith("op-") else f"op-{said}"
        asked = "select operation from operations where starts_with(operation, ?) limit 2"
        found = connection.execute(asked, [start]).fetchall()
    if len(found) != 1:
        raise WatchwordError(
            f"There is {'no' if not found else 'more than one'} operation {printable(said[:100])} in this case.",
            do="`watchword operations` lists them.",
        )
    return str(found[0][0])


def operation_messages(connection: "Connection", operation: str) -> tuple[str, ...]:
    """Give the messages of an operation."""
    found = connection.execute(
        "select distinct message from members where operation = ? order by message", [operation]
    ).fetchall()
    return tuple(message for (message,) in found)


def _received(connection: "Connection", message: str) -> str:
    """Give the message again if an operation may hold it."""
    found = connection.execute(
        """select direction, coalesce(tier, '') from relationships left join verdicts using (message)
        where message = ?""",
        [message],
    ).fetchall()
    if any(direction != "received" for direction, _ in found):
        raise WatchwordError(
            f"{message[:12]} is the owner's own mail.", do="An operation holds what it sent: name received messages."
        )
    if any(tier == "harmless" for _, tier in found):
        raise WatchwordError(
            f"{message[:12]} is harmless, somebody decided.",
            do=f'`watchword decide {message[:12]} malicious --because "..."` if that was wrong.',
        )
    return message


def _message(connection: "Connection", said: str) -> str:
    from watchword.disclose.why import resolve

    return resolve(connection, said)
