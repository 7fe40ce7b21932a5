"""The forms in which logs are exported, told apart by content, and the most rows that each holds."""

import functools
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import TextIO

from watchword.logs import entra, exchange, google, unified
from watchword.logs.kinds import plain, service
from watchword.logs.record import Read, Reading, Record, Unfold, itself
from watchword.logs.rows import Broken, CsvRows, JsonRows

Covers = Callable[[Reading, set[str]], list[str]]  # what was read, and plain names of the operations that occurred
HEADER = frozenset[str]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of export: how it is recognised and read, and what it shows."""

    name: str
    service: str
    title: str
    read: Read
    covers: Covers
    header: Callable[[HEADER], bool] | None = None  # for CSV: whether these plain names of columns are its
    record: Callable[[Record], bool] | None = None  # for JSON: whether this is one of its records
    unfold: Unfold = itself
    given: bool = False  # names of columns are kept as they are
    missing: Sequence[str] = ()  # what it never shows


def _google(log: str) -> Covers:
    return lambda reading, names: service("google").covered({log})


def _activities(reading: Reading, names: set[str]) -> list[str]:
    return service("google").covered(reading.workloads)


def _unified(reading: Reading, names: set[str]) -> list[str]:
    return service("microsoft365").covers(names, reading.workloads)


def _always(*kinds: str) -> Covers:
    return lambda reading, names: list(kinds)


def _directory(reading: Reading, names: set[str]) -> list[str]:
    return service("microsoft365").covered({"directory"})


_SIGN_INS = _always("sign-in", "sign-in-failed", "sign-in-blocked", "suspicious-sign-in")
_AS_SET = ("It lists what is set on the day of the export, not since when nor by whom.",)
_NO_FILTERS = "Filters that a person sets in Gmail are in no log of Google Workspace: look in the mailbox's settings."
_NO_RULES = ("Sign-ins only: changes of rules, forwarding and access are in the unified audit log.",)


def _console(log: str, title: str, missing: Sequence[str] = ()) -> Form:
    return Form(
        f"google-{log}-csv",
        "google",
        f"Admin console, {title} (CSV)",
        google.reads_console(log),
        _google(log),
        header=lambda header: google.console_log(header) == log,
        missing=missing,
    )


FORMS: tuple[Form, ...] = (
    Form("google-activities", "google", "Reports API, activities (JSON)", google.read_activity, _activities,
         record=google.is_activity, unfold=google.events, missing=(_NO_FILTERS,)),
    Form("google-activities-csv", "google", "Reports API, activities as GAM writes them (CSV)", google.read_activity,
         _activities, header=google.is_gam, unfold=google.from_columns, given=True, missing=(_NO_FILTERS,)),
    Form("unified-audit-csv", "microsoft365", "unified audit log (CSV)", unified.read_audit, _unified,
         header=unified.is_audit_csv, unfold=unified.audit_data),
    Form("unified-audit", "microsoft365", "unified audit log (JSON)", unified.read_audit, _unified,
         record=unified.is_audit, unfold=unified.audit_data),
    Form("unified-audit-flat-csv", "microsoft365", "unified audit log with a column for each field (CSV)",
         unified.read_audit, _unified, header=unified.is_flat, given=True),
    Form("entra-audits", "microsoft365", "Entra audit log (JSON)", entra.read_audit, _directory,
         record=entra.is_audit, unfold=entra.camel),
    Form("entra-sign-ins", "microsoft365", "Entra sign-in log (JSON)", entra.read_sign_in, _SIGN_INS,
         record=entra.is_sign_in, unfold=entra.camel, missing=_NO_RULES),
    Form("entra-sign-ins-csv", "microsoft365", "Entra sign-in log (CSV)", entra.read_sign_in_row, _SIGN_INS,
         header=entra.is_sign_in_csv, missing=_NO_RULES),
    Form("entra-audits-csv", "microsoft365", "Entra audit log (CSV)", entra.read_audit_row, _directory,
         header=entra.is_audit_csv),
    Form("exchange-inbox-rules-csv", "microsoft365", "inbox rules (CSV)", exchange.read_rule,
         _always("forwarding", "filter-rule"), header=exchange.is_rules, missing=_AS_SET),
    Form("exchange-mailboxes-csv", "microsoft365", "forwarding of mailboxes (CSV)", exchange.read_mailbox,
         _always("forwarding"), header=exchange.is_mailboxes,
         missing=(*_AS_SET, "Rules that forward are not in it: add a list of inbox rules.")),
    Form("message-trace-csv", "microsoft365", "message trace (CSV)", exchange.read_trace,
         _always("mail-sent", "mail-received"), header=exchange.is_trace),
    Form("google-takeout-access-csv", "google", "Google Takeout, Access Log Activity (CSV)", google.read_takeout,
         _always("sign-in", "access"), header=google.is_takeout,
         missing=("It names no account: `watchword logs add --account ADDRESS` says whose it is.",)),
    _console("gmail", "Gmail log events"),
    _console("token", "OAuth log events"),
    _console("drive", "Drive log events"),
    _console("admin", "Admin log events"),
    _console("login", "User log events", (_NO_FILTERS,)),
)  # fmt: skip
BY_NAME = {form.name: form for form in FORMS}


def by_header(header: Iterable[str]) -> Form | None:
    """Tell by a CSV's columns what it is."""
    names = frozenset(map(plain, header))
    return next((form for form in FORMS if form.header and form.header(names)), None)


def by_record(record: Record) -> Form | None:
    """Tell by a JSON record what it is."""
    return next((form for form in FORMS if form.record and form.record(record)), None)


def recognise(stream: TextIO) -> Form | None:
    """Tell by its beginning what a file is; None where it is no log that is known here."""
    start = stream.read(4_096)
    stream.seek(0)
    if start.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        for number, record in enumerate(JsonRows(stream)):
            form = None if isinstance(record, Broken) else by_record(record)
            if form or number >= 20:
                return form
        return None
    return by_header(CsvRows(stream).header)


def ends_at(form: str, rows: int) -> str:
    """Say why a log of that form ends at exactly so many rows; empty if the number means nothing."""
    for limit in _limits():
        if rows == limit.rows and form.startswith(limit.forms):
            return f"ends at exactly {rows:,} rows, {limit.says}"
    return ""


@dataclass(frozen=True, slots=True)
class Limit:
    """The most rows that exports of some forms hold."""

    rows: int
    forms: tuple[str, ...]  # names, or how they begin
    says: str


@functools.cache
def _limits() -> list[Limit]:
    text = files("watchword.logs").joinpath("limits.toml").read_text("utf-8")
    return [Limit(one["rows"], tuple(one["forms"]), one["says"]) for one in tomllib.loads(text)["limit"]]
