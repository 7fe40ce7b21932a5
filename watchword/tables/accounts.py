"""What the provider of an account recorded, as people export it (room `logs`): sign-ins, changes, access, rules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Log:
    """One file of an audit log that was added to the case, what it covers, and what is missing in it."""

    log: Annotated[str, "short id, the first 16 hexadecimal digits of the file's SHA-256"]
    path: Annotated[str, "where it lay, with `!member` for a file inside an archive"]
    sha256: Annotated[str, "of the file's bytes"]
    service: Annotated[str, "google or microsoft365"]
    form: Annotated[str, "which export it is, as google-login-csv, google-activities, unified-audit, entra-sign-ins"]
    covers: Annotated[list[str], "kinds of events that this export would show, as in `events.kind`"]
    accounts: Annotated[list[str], "whose accounts its events are about, most events first, at most 1,000"]
    first: Annotated[datetime | None, "its earliest event"]
    last: Annotated[datetime | None, "its latest event"]
    rows: Annotated[int, "rows of the file: events + repeated + rejected"]
    events: Annotated[int, "events read from it"]
    repeated: Annotated[int, "rows that repeat an event of this or another log"]
    rejected: Annotated[int, "rows that could not be read: see `log_rejections`"]
    unknown: Annotated[list[str], "names of events that are not known here, and so of kind other, as `NewThing (12)`"]
    truncated: Annotated[str, "why it seems to be cut short, as `ends at exactly 50,000 rows`; empty if it does not"]
    missing: Annotated[list[str], "what it cannot show or left unsaid, one sentence each"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to an account, by the log of its provider."""

    log: Annotated[str, "logs.log"]
    number: Annotated[int, "row in the file, from 0"]
    provider_id: Annotated[str, "id that the provider gave it, else a digest of the row: same id, same event"]
    time: Annotated[datetime | None, "when; None in lists of what is set, as of inbox rules"]
    service: Annotated[str, "google or microsoft365"]
    kind: Annotated[
        str,
        "sign-in, sign-in-failed, sign-in-blocked, suspicious-sign-in, warning (of the provider), password-changed, "
        "recovery-changed, second-factor-changed, app-password, access-granted, access-revoked, access (a service was "
        "used), forwarding, filter-rule, delegate, link-clicked, mail-read, mail-sent, mail-received, mail-deleted, "
        "mail-moved, file-read, file-shared, search, download, export, admin-right, setting, other",
    ]
    account: Annotated[str, "whose account it happened to, address in lower case; empty if the log does not say"]
    actor: Annotated[str, "who did it, as the log says; address in lower case, or a name"]
    ip: Annotated[str, "address it was done from, without port; empty if the log has none"]
    location: Annotated[str, "country or town, where the log tells"]
    client: Annotated[str, "program or user agent, as the log says"]
    application: Annotated[str, "application that got or used access: name, or client id"]
    scopes: Annotated[list[str], "rights that were granted, as the log has them"]
    target: Annotated[str, "what it was done to: forwarding address, rule, folder, item"]
    internet_message_ids: Annotated[list[str], "Message-IDs that the event names, without angle brackets"]
    outcome: Annotated[str, "success, failure or unknown"]
    action: Annotated[str, "name of the event in the log, as MailItemsAccessed, login_success"]
    detail: Annotated[str, "what else the log says in short, at most 300 characters"]


@dataclass(frozen=True, slots=True)
class LogRejection:
    """One row of a log that could not be read, and what to do about it."""

    log: Annotated[str, "logs.log"]
    number: Annotated[int, "row in the file, from 0"]
    reason: Annotated[str, "what happened, one sentence"]
    advice: Annotated[str, "what to do, one sentence"]
    detail: Annotated[str, "how the row begins, at most 300 characters"]
