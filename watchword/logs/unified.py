"""Microsoft 365: the unified audit log, from the Purview portal, PowerShell, the APIs, and what collectors make of it.

Each record is AuditData, as the Management Activity API has it
(https://learn.microsoft.com/en-us/office/office-365-management-api/office-365-management-activity-api-schema,
https://learn.microsoft.com/en-us/purview/audit-log-detailed-properties). The portal and Search-UnifiedAuditLog put it
as JSON into a column or field of that name; collectors give it whole (Microsoft-Extractor-Suite, Hawk, Untitled Goose
Tool) or with a column for each field (Sparrow, Hawk). CreationTime is UTC.
"""

import re
from collections.abc import Iterator

from watchword.logs.kinds import OTHER, plain, service
from watchword.logs.record import Reading, Record, UnreadableError, embedded
from watchword.logs.values import ITEMS, addresses, message_ids, person, read_ip, short
from watchword.tables import Event

_OUTER = {
    "CreationTime": ("creationdate", "creationtime", "createddatetime"),
    "Operation": ("operation", "operations"),
    "UserId": ("userid", "userids", "userprincipalname"),
    "Id": ("recordid", "identity", "id"),
    "ClientIP": ("clientip",),
    "Workload": ("workload", "service"),
}
_FAILED = ("failed", "failure", "false")
_SCOPES = re.compile(r"Scope:\s{0,3}([^,\]]{1,4000})")
_DESCRIBED = ("Name", "SubjectContainsWords", "SubjectOrBodyContainsWords", "BodyContainsWords", "From",
              "FromAddressContainsWords", "DeleteMessage", "SoftDeleteMessage", "MoveToFolder", "CopyToFolder",
              "MarkAsRead", "StopProcessingRules", "DeliverToMailboxAndForward", "AccessRights", "User", "Role",
              "RuleName", "RuleActions", "RuleCondition", "RuleOperation", "MailAccessType", "IsThrottled")  # fmt: skip
_PEOPLE = ("User", "Trustee", "Delegate", "SecurityGroup", "Member")


def is_audit(record: Record) -> bool:
    """Say whether a record is one of the unified audit log, bare or as Search-UnifiedAuditLog gives it."""
    if record.has("AuditData") or (record.has("auditData") and record.has("operation")):
        return True
    return record.has("CreationTime", "Operation") and (record.has("Workload") or record.has("RecordType"))


def is_audit_csv(header: frozenset[str]) -> bool:
    """Say whether a CSV has the column AuditData, as those of the portal and of Search-UnifiedAuditLog."""
    return "auditdata" in header and bool(
        header & {"creationdate", "creationtime", "operation", "operations", "recordtype"}
    )


def is_flat(header: frozenset[str]) -> bool:
    """Say whether a CSV has a column for each field of AuditData."""
    return {"creationtime", "operation"} <= header and bool(header & {"workload", "recordtype", "organizationid"})


def audit_data(record: Record) -> Iterator[Record]:
    """Give AuditData, with what stands around it where it has not the same."""
    inner = next(
        (record.values[name] for name in ("AuditData", "auditData", "auditdata") if name in record.values), None
    )
    if inner is None:
        yield record
        return
    outer = {plain(name): value for name, value in record.values.items() if not isinstance(value, (dict, list))}
    outer.pop("auditdata", None)
    data = embedded(inner) if isinstance(inner, str) else inner
    whole = isinstance(data, dict)
    values: dict[str, object] = dict(data) if isinstance(data, dict) else {}
    for name, names in _OUTER.items():
        if not values.get(name):
            values[name] = next((outer[one] for one in names if outer.get(one)), "")
    values |= {"index in results": outer.get("resultindex"), "results": outer.get("resultcount"), "whole": whole}
    yield Record(values)


def read_audit(record: Record, reading: Reading) -> Event:
    """Read one record of the unified audit log."""
    action = record.text("Operation")
    time = reading.time(record.text("CreationTime"), utc=True)
    if not action or time is None:
        raise UnreadableError(
            "It has no operation." if time else "It has no time.",
            "Export the log anew, with the columns CreationDate, Operation and AuditData.",
        )
    workload = record.text("Workload")
    reading.workloads.add(workload)
    if not record.values.get("whole", True):
        reading.cut += 1
    if (total := record.text("results")).isdigit():
        reading.totals[int(total)] = reading.totals.get(int(total), 0) + 1
    microsoft = service("microsoft365")
    found = microsoft.find(action)
    reading.known = found is not None
    extended = record.pairs("ExtendedProperties")
    given = record.pairs("Parameters") | record.pairs("OperationProperties")
    forwards = _forwards(given, microsoft.forwards)
    kind = found.kind if found else OTHER
    outcome = (
        "failure" if record.text("ResultStatus").lower() in _FAILED or (found and not found.succeeds) else "success"
    )
    if action == "MailItemsAccessed":
        reading.throttled += given.get("IsThrottled", "").lower() == "true"
        reading.synced += given.get("MailAccessType", "").lower() == "sync"
    code = record.text("ErrorNumber") or extended.get("ErrorNumber", "")
    why = ""
    if kind in ("sign-in", "sign-in-failed") and code not in ("", "0"):
        kind, outcome, why = by_code(code, kind)
    elif forwards and kind in ("filter-rule", "setting") and outcome == "success":
        kind = "forwarding"
    user = person(record.text("UserId"))
    return reading.event(
        provider_id=record.text("Id"),
        time=time,
        kind=kind,
        action=action,
        account=_account(record, given, user, kind),
        actor=user,
        ip=read_ip(record.text("ClientIP") or record.text("ClientIPAddress") or record.text("ActorIpAddress")),
        location=record.text("Location", "Country"),
        client=record.text("UserAgent") or extended.get("UserAgent", "") or record.text("ClientInfoString"),
        application=_application(record, extended, kind),
        scopes=_scopes(record),
        target=_target(record, given, forwards),
        internet_message_ids=_messages(record),
        outcome=outcome,
        detail=short(
            "" if record.values.get("whole", True) else "AuditData is cut",
            why or record.text("LogonError"),
            *(f"{name}: {given[name]}" for name in _DESCRIBED if given.get(name)),
            record.under("Item").text("Subject"),
            record.text("UrlClickAction"),
        ),
    )


def by_code(code: str, kind: str) -> tuple[str, str, str]:
    """Say what a sign-in that ended with that code is: kind, outcome, and what the code says."""
    microsoft = service("microsoft365")
    if code == "0":
        return kind, "success", ""
    if code in microsoft.blocked:
        return "sign-in-blocked", "failure", f"{code}: {microsoft.blocked[code]}"
    if code in microsoft.interrupted:
        return OTHER, "unknown", f"{code}, one step of a sign-in: {microsoft.interrupted[code]}"
    return "sign-in-failed", "failure", code


def scopes_in(text: str) -> list[str]:
    """Give the rights in what a consent changed: `[] => [[Id: …, Scope: Mail.Read offline_access, …]]`."""
    after = text.rpartition("=>")[2]
    found = [one for scopes in _SCOPES.findall(after) for one in scopes.split()]
    if not found and ":" not in after:
        found = after.strip('[]" ').split()
    return list(dict.fromkeys(found))[:500]


def _scopes(record: Record) -> list[str]:
    for one in record.records("ModifiedProperties"):
        name = one.text("Name")
        if name in ("ConsentAction.Permissions", "DelegatedPermissionGrant.Scope", "AppRole.Value"):
            return scopes_in(one.text("NewValue"))
    return []


def _forwards(given: dict[str, str], parameters: frozenset[str]) -> list[str]:
    """Give where mail is sent on to, by the parameters of a cmdlet or the actions of a rule from Outlook."""
    found: list[str] = []
    for name, value in given.items():
        if plain(name) in parameters and value.strip('[]{}" '):
            found += addresses(value.replace("smtp:", "").replace("SMTP:", "")) or [value.strip()]
        elif name == "RuleActions" and ("Forward" in value or "Redirect" in value):
            found += addresses(value) or ["somebody whom the log does not name"]
    return list(dict.fromkeys(found))


def _account(record: Record, given: dict[str, str], user: str, kind: str) -> str:
    if owner := record.text("MailboxOwnerUPN"):
        return person(owner)
    if kind in ("forwarding", "delegate", "setting", "filter-rule"):
        named = addresses(given.get("Mailbox", "") or given.get("Identity", ""))
        if named:
            return named[0]
    if kind in ("password-changed", "second-factor-changed", "app-password", "admin-right", "setting"):
        if named := addresses(record.text("ObjectId")):
            return named[0]
        for target in record.records("Target"):
            if named := addresses(target.text("ID")):
                return named[0]
    return user


def _application(record: Record, extended: dict[str, str], kind: str) -> str:
    if kind in ("access-granted", "access-revoked"):
        for target in record.records("Target"):
            if target.text("Type") == "1" and not addresses(target.text("ID")):
                return target.text("ID")
        return record.text("ObjectId").partition(";")[0]
    return record.text("ApplicationDisplayName", "ApplicationId", "ClientAppId", "AppId") or extended.get(
        "applicationId", ""
    )


def _target(record: Record, given: dict[str, str], forwards: list[str]) -> str:
    if forwards:
        return ", ".join(forwards[:20])
    for name in _PEOPLE:
        if given.get(name):
            return given[name]
    folders = [record.under("DestFolder"), record.under("Folder"), record.under("Item").under("ParentFolder")]
    paths = [one.text("Path") for one in (*folders, *record.records("Folders")) if one.text("Path")]
    named = paths[0] if paths else ""
    return (
        record.text("QueryText", "SearchQueryText", "Url")
        or given.get("Name", "")
        or given.get("RuleName", "")
        or named
        or record.text("SourceFileName", "ObjectId")
    )


def _messages(record: Record) -> list[str]:
    found = [record.under("Item").text("InternetMessageId")]
    found += [one.text("InternetMessageId") for one in record.records("AffectedItems")]
    for folder in record.records("Folders"):
        found += [one.text("InternetMessageId") for one in folder.records("FolderItems")]
        if len(found) > ITEMS:
            break
    return message_ids(found)
