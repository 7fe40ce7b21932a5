"""Operations for the tests of the report: rows of connection put into a case in memory."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.report_case import HOSTILE, Mail, Mailbox, Rows, build, connect

START = datetime(2024, 5, 20, 9, 0, tzinfo=UTC)
RUNGS = ("targeted", "delivered", "read", "answered", "engaged", "entered", "used")
FAR = ("shown", "shown", "shown", "shown", "possible", "unknown", "unknown")


def put(mail: Mail, table: str, **given: object) -> None:
    """Add one row to a table of the case."""
    rows = Rows()
    rows.add(table, **given)
    (row,) = rows.tables[table]
    marks = ", ".join("?" for _ in row)
    mail.connection.execute(f"insert into {table} values ({marks})", list(row))


def chosen(mail: Mail) -> dict[str, list[str]]:
    """The messages that stand out, by owner, in order of time."""
    found: dict[str, list[str]] = {}
    for owner, message in mail.connection.execute(
        "select verdicts.owner, message from verdicts join messages using (message) where chosen order by 1, time"
    ).fetchall():
        found.setdefault(owner, []).append(message)
    return found


def add(
    mail: Mail,
    members: Sequence[tuple[str, str]],
    *,
    operation: str = "op-11112222",
    number: int = 1,
    role: str = "judged",
    **given: object,
) -> None:
    """Add an operation with its members, given as (message, owner)."""
    messages = list(dict.fromkeys(message for message, _ in members))
    row: dict[str, object] = {
        "operation": operation,
        "number": number,
        "messages": len(messages),
        "first": START,
        "last": START + timedelta(days=40),
        "owners": sorted({owner for _, owner in members}),
        "organisations": ["campaign.example"],
        "senders": ["m.vogel@lnstitute.example"],
        "probability": 0.97,
        "targeted": 0.95,
        "families": ["person"],
        "bits": 12.5,
        "forgeable": "Every link rests on something that shows only somebody who holds it.",
    } | given
    put(mail, "operations", **row)
    for message, owner in members:
        put(mail, "members", operation=operation, message=message, owner=owner, role=role, bits=12.5)


def tie(mail: Mail, message: str, other: str, kind: str, family: str, value: str, bits: float, says: str) -> None:
    """Tie two messages of the first operation, and let both bear the value."""
    put(
        mail,
        "ties",
        operation="op-11112222",
        message=message,
        other=other,
        kind=kind,
        family=family,
        value=value,
        bits=bits,
        counted=bits,
        total=bits + 3,
        sentence=says,
    )
    for one in (message, other):
        put(mail, "traces", message=one, kind=kind, family=family, value=value, bits=bits)


def climb(mail: Mail, owner: str, states: Sequence[str] = FAR, operation: str = "op-11112222", **given: object) -> None:
    """Add one person's ladder."""
    for step, (rung, state) in enumerate(zip(RUNGS, states, strict=True), 1):
        row: dict[str, object] = {
            "operation": operation,
            "owner": owner,
            "rung": rung,
            "step": step,
            "state": state,
            "sentence": f"What is said of {rung}, {state}.",
            "would_tell": "The log of sign-ins at the provider." if state == "unknown" else "",
        } | given
        put(mail, "rungs", **row)


def linked(*, hostile: bool = False) -> Mail:
    """Three owners, each with three messages that stand out, in one operation that hits all three."""
    mail = build(hostile=hostile)
    mail.connection.execute("update addresses set organisation = 'campaign.example'")
    mail.connection.execute("update addresses set organisation = 'paper.example' where starts_with(address, 'chiara')")
    found = chosen(mail)
    members = [(message, owner) for owner, messages in found.items() for message in messages]
    text = HOSTILE if hostile else ""
    first, *others = [message for message, _ in members]
    add(
        mail,
        members,
        organisations=["campaign.example", "paper.example"],
        weakest=[others[-1]],
        weakest_because=text or "Both come from m.vogel@lnstitute.example.",
        forgeable=text or "Every link rests on something that shows only somebody who holds it.",
        senders=[text or "m.vogel@lnstitute.example"],
    )
    for other in others:
        tie(
            mail,
            first,
            other,
            "from-address",
            "person",
            text or "m.vogel@lnstitute.example",
            19.0,
            text or "Both come from m.vogel@lnstitute.example.",
        )
    tie(
        mail,
        others[0],
        others[4],
        "link-host",
        "domain",
        text or "sites.hosting.example",
        16.0,
        text or "Links in both lead to sites[.]hosting[.]example.",
    )
    climb(
        mail,
        "ana.ruiz@campaign.example",
        ("shown", "shown", "shown", "shown", "shown", "shown", "possible"),
        **({"sentence": HOSTILE, "would_tell": HOSTILE} if hostile else {}),
    )
    climb(mail, "ben.okafor@campaign.example")
    climb(mail, "chiara.conti@campaign.example", ("shown", "shown", "not-shown", "not-shown", *("not-shown",) * 3))
    for days, kind, rung, state in (
        (0, "lure", "targeted", "shown"),
        (2, "answer", "answered", "shown"),
        (3, "sign-in", "entered", "shown"),
        (4, "forwarding", "used", "possible"),
        (5, "automatic", "", ""),
    ):
        put(
            mail,
            "moments",
            operation="op-11112222",
            owner="ana.ruiz@campaign.example",
            time=START + timedelta(days=days),
            kind=kind,
            rung=rung,
            state=state,
            sentence=text or f"What happened: {kind}.",
            message=first if kind == "lure" else "",
            log="" if kind != "sign-in" else "0123456789abcdef",
            event=None if kind != "sign-in" else 17,
        )
    put(
        mail,
        "moments",
        operation="op-11112222",
        owner="ben.okafor@campaign.example",
        time=START,
        kind="lure",
        rung="targeted",
        state="shown",
        sentence="What happened: lure.",
    )
    put(
        mail,
        "matches",
        partner=text or "The other campaign",
        compared=START,
        kind="link-host",
        value=text or "sites.hosting.example",
        operation="op-11112222",
        partner_operation=text or "3",
    )
    put(
        mail,
        "logs",
        log="0123456789abcdef",
        path=text or "/evidence/login.csv",
        service="google",
        form="google-login-csv",
        covers=["sign-in", "suspicious-sign-in"],
        accounts=[text or "ana.ruiz@campaign.example"],
        first=START,
        last=START + timedelta(days=30),
        rows=5_003,
        events=5_000,
        rejected=3,
        truncated=text or "ends at exactly 5,000 rows",
        missing=[text or "It shows no rules."],
    )
    return mail


def large(messages: int, people: int) -> Mail:
    """One operation with many messages to many people."""
    rows = Rows()
    members = []
    for number in range(people):
        mailbox = Mailbox(rows, f"Person {number:03}", f"{number:012x}")
        for turn in range(number, messages, people):
            key = mailbox.add(
                START + timedelta(hours=turn),
                "m.vogel@lnstitute.example",
                f"Invitation {turn}",
                tier="attack",
                probability=0.9,
                targeted=0.9,
                bits=12.0,
                rank=1 + turn // people,
                chosen=True,
            )
            members.append((key, mailbox.owner))
        mailbox.close()
    mail = Mail(connect(rows.tables), {})
    add(mail, members)
    first = members[0][0]
    for key, _ in members[1:]:
        tie(
            mail, first, key, "from-address", "person", "m.vogel@lnstitute.example", 19.0, "Both come from one address."
        )
    for owner in dict.fromkeys(owner for _, owner in members):
        climb(mail, owner)
    return mail


def digest(text: str) -> str:
    """A key that no message has."""
    return hashlib.sha256(text.encode()).hexdigest()
