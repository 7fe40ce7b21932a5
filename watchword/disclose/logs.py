"""Logs of providers that were added to the case: what they cover, and what is missing in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import duckdb

from watchword.disclose import words
from watchword.disclose.coverage import Gap
from watchword.disclose.query import rows
from watchword.logs.forms import BY_NAME

SERVICES = {"google": "Google Workspace", "microsoft365": "Microsoft 365"}
ACCOUNTS = 6  # that are named
UNREAD = 5  # reasons why rows could not be read


@dataclass(frozen=True, slots=True)
class LogShown:
    """One log that was added, what it covers, and what is missing in it."""

    log: Annotated[str, "logs.log"]
    path: Annotated[str, "where it lay"]
    service: Annotated[str, "google or microsoft365"]
    form: Annotated[str, "which export it is"]
    title: Annotated[str, "the same in words"]
    first: Annotated[datetime | None, "its earliest event"]
    last: Annotated[datetime | None, "its latest event"]
    accounts: Annotated[tuple[str, ...], "whose accounts it is about, most events first"]
    more_accounts: Annotated[int, "beyond those named"]
    covers: Annotated[tuple[str, ...], "kinds of events that it would show"]
    events: Annotated[int, "events read from it"]
    repeated: Annotated[int, "rows that repeat an event"]
    rejected: Annotated[int, "rows that could not be read"]
    unread: Annotated[tuple[str, ...], "why rows could not be read, and what to do, one sentence each"]
    unknown: Annotated[tuple[str, ...], "names of events that are not known here"]
    truncated: Annotated[str, "why it seems to be cut short, empty if it does not"]
    missing: Annotated[tuple[str, ...], "what it cannot show, one sentence each"]


def logs(connection: duckdb.DuckDBPyConnection) -> tuple[LogShown, ...]:
    """List the logs of the case, by service and time."""
    unread: dict[str, list[str]] = {}
    for log, sentence in rows(
        connection,
        """select log, reason || ' ' || advice
            || case when count(*) > 1 then format(' ({:,} rows)', count(*)) else '' end
        from log_rejections group by log, reason, advice order by log, count(*) desc, reason""",
    ):
        unread.setdefault(log, []).append(sentence)
    return tuple(
        LogShown(
            log=log,
            path=path,
            service=service,
            form=form,
            title=f"{SERVICES.get(service, service)}, {BY_NAME[form].title if form in BY_NAME else form}",
            first=first,
            last=last,
            accounts=tuple(accounts[:ACCOUNTS]),
            more_accounts=max(0, len(accounts) - ACCOUNTS),
            covers=tuple(kind.replace("-", " ") for kind in covers),
            events=events,
            repeated=repeated,
            rejected=rejected,
            unread=tuple(unread.get(log, [])[:UNREAD]),
            unknown=tuple(unknown),
            truncated=truncated,
            missing=tuple(missing),
        )
        for (
            log, path, service, form, first, last, accounts, covers, events, repeated, rejected, unknown, truncated,
            missing,
        ) in rows(
            connection,
            """select log, path, service, form, first, last, accounts, covers, events, repeated, rejected, unknown,
                truncated, missing from logs order by service, first nulls last, path""",
        )
    )  # fmt: skip


def cut_short(added: Sequence[LogShown]) -> tuple[Gap, ...]:
    """Say which logs show less than they seem to: cut short, or with rows that could not be read."""
    found = [
        Gap(
            "log-truncated",
            f"The log {log.path} seems to be cut short: {log.truncated}.",
            "What it does not show may still have happened: export it again, in shorter spans of time.",
            1,
        )
        for log in added
        if log.truncated
    ]
    found += [
        Gap(
            "log-rejected",
            f"{words.number(log.rejected, 'row')} of the log {log.path} could not be read.",
            " ".join(log.unread[:1]),
            log.rejected,
        )
        for log in added
        if log.rejected
    ]
    return tuple(found)
