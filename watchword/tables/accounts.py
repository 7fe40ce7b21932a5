"""What the provider of an account recorded, as people export it (room `logs`): sign-ins, changes, access, rules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Log:
    """One file of an audit log that was added to the case, what it covers, and what is missing in it."""

    log: Annotated[str, "short id, the first 16 hexadecimal digits of the file's SHA-256"]
    path: Annotated[str, "where it lay"]
    sha256: Annotated[str, "of the file's bytes"]
    service: Annotated[str, "google or microsoft365"]
    form: Annotated[str, "which export it is, as login-csv, token-api, unified-audit-csv, sign-ins-json"]
    covers: Annotated[list[str], "kinds of events that this export would show, as in `events.kind`"]
    first: Annotated[datetime | None, "its earliest event"]
    last: Annotated[datetime | None, "its latest event"]
    events: Annotated[int, "events read from it"]
    repeated: Annotated[int, "rows that repeat an event of this or another log"]
    rejected: Annotated[int, "rows that could not be read: see `rejections`, with the log's id as source"]
    truncated: Annotated[str, "why it seems to be cut short, as `ends at exactly 50,000 rows`; empty if it does not"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an account, by the log of its provider."""

    log: Annotated[str, "logs.log"]
    number: Annotated[int, "row in the file, from 0"]
    time: Annotated[datetime | None, "when"]
    service: Annotated[str, "google or microsoft365"]
    kind: Annotated[
        str,
        "sign-in, sign-in-failed, sign-in-blocked, suspicious-sign-in, password-changed, recovery-changed, "
        "second-factor-changed, app-password, access-granted, access-revoked, forwarding, filter-rule, delegate, "
        "mail-read, mail-sent, mail-deleted, mail-moved, search, download, export, admin-right, setting, other",
    ]
    account: Annotated[str, "whose account it happened to, address in lower case"]
    actor: Annotated[str, "who did it, as the log says; address in lower case, or a name"]
    ip: Annotated[str, "address it was done from, without port; empty if the log has none"]
    location: Annotated[str, "country or town, where the log tells"]
    client: Annotated[str, "program or user agent, as the log says"]
    application: Annotated[str, "application that got or used access: name, or client id"]
    scopes: Annotated[list[str], "rights that were granted, as the log has them"]
    target: Annotated[str, "what it was done to: forwarding address, rule, folder, item"]
    internet_message_id: Annotated[str, "Message-ID that the event names, without angle brackets; empty if none"]
    outcome: Annotated[str, "success, failure or unknown"]
    action: Annotated[str, "name of the event in the log, as MailItemsAccessed, login_success"]
    detail: Annotated[str, "what else the log says in short, at most 300 characters"]
