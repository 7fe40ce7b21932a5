"""Microsoft Entra: sign-ins and directory audits, from the portal (CSV, JSON), Graph, and diagnostic settings.

https://learn.microsoft.com/en-us/graph/api/resources/signin, .../directoryaudit; columns of the portal's CSV as in
https://learn.microsoft.com/en-us/entra/identity/monitoring-health/howto-download-logs. Times are UTC.
"""

from collections.abc import Iterator

from watchword.logs.kinds import OTHER, service
from watchword.logs.record import Reading, Record, UnreadableError
from watchword.logs.unified import by_code, scopes_in
from watchword.logs.values import addresses, person, read_ip, short
from watchword.tables import Event

_RISKY = ("medium", "high")
_NO_TIME = ("It has no time or no name.", "Download the log again; each row has a date.")
_SCOPES = ("ConsentAction.Permissions", "DelegatedPermissionGrant.Scope", "AppRole.Value")


def is_sign_in(record: Record) -> bool:
    """Say whether a record is a sign-in as Graph and the portal's JSON have it, also within `properties`."""
    inner = next(camel(record))
    return (
        inner.has("createdDateTime") and inner.has("ipAddress") and (inner.has("appDisplayName") or inner.has("appId"))
    )


def is_audit(record: Record) -> bool:
    """Say whether a record is a directory audit."""
    inner = next(camel(record))
    return inner.has("activityDateTime", "activityDisplayName")


def is_sign_in_csv(header: frozenset[str]) -> bool:
    """Say whether a CSV is the portal's of sign-ins, interactive or not."""
    return {"requestid", "ipaddress", "status"} <= header and bool(header & {"username", "userid", "user"})


def is_audit_csv(header: frozenset[str]) -> bool:
    """Say whether a CSV is the portal's of directory audits."""
    return {"activity", "result"} <= header and bool(
        header & {"actoruserprincipalname", "actordisplayname", "initiatedby"}
    )


def camel(record: Record) -> Iterator[Record]:
    """Give the record that is meant: what lies in `properties`, and CreatedDateTime as createdDateTime."""
    inner = record.under("properties")
    if inner.has("createdDateTime") or inner.has("activityDateTime"):
        record = inner
    if record.has("CreatedDateTime") or record.has("ActivityDateTime"):
        record = Record({_lower(name): _lowered(value) for name, value in record.values.items()})
    yield record


def read_sign_in(record: Record, reading: Reading) -> Event:
    """Read a sign-in of Graph."""
    time = reading.time(record.text("createdDateTime"), utc=True)
    if time is None:
        raise UnreadableError(*_NO_TIME)
    status, place, device = record.under("status"), record.under("location"), record.under("deviceDetail")
    kind, outcome, why = by_code(status.text("errorCode") or "0", "sign-in")
    risk = record.text("riskLevelDuringSignIn").lower()
    if kind == "sign-in" and (risk in _RISKY or record.text("riskState") == "confirmedCompromised"):
        kind = "suspicious-sign-in"
    user = person(record.text("userPrincipalName", "userDisplayName", "servicePrincipalName", "userId"))
    types = record.texts("signInEventTypes")
    silent = record.values.get("isInteractive") is False or (bool(types) and "interactiveUser" not in types)
    return reading.event(
        provider_id=record.text("id"),
        time=time,
        kind=kind,
        action="Sign-in activity",
        account=user,
        actor=user,
        ip=read_ip(record.text("ipAddress")),
        location=", ".join(filter(None, (place.text(one) for one in ("city", "state", "countryOrRegion")))),
        client=record.text("userAgent")
        or " ".join(filter(None, (device.text("browser"), device.text("operatingSystem")))),
        application=record.text("appDisplayName", "appId"),
        target=record.text("resourceDisplayName"),
        outcome=outcome,
        detail=short(
            "not interactive" if silent else "",
            why,
            status.text("failureReason") if outcome == "failure" else "",
            f"risk: {risk}" if risk in _RISKY else "",
            record.text("clientAppUsed"),
            status.text("additionalDetails"),
        ),
    )


def read_sign_in_row(record: Record, reading: Reading) -> Event:
    """Read a row of the portal's CSV of sign-ins."""
    time = reading.time(record.text("dateutc", "date", "createddatetime"), utc=True)
    if time is None:
        raise UnreadableError(*_NO_TIME)
    code = record.text("signinerrorcode", "errorcode")
    status = record.text("status").lower()
    if not code.isdigit():
        code = "0" if status == "success" else ""
    kind, outcome, why = by_code(code, "sign-in") if code else ("sign-in-failed", "failure", "")
    if status == "interrupted" and kind != "sign-in-blocked":
        kind, outcome = OTHER, "unknown"
    if kind == "sign-in" and any(
        record.text(n).lower() in _RISKY for n in ("risklevelduringsignin", "risklevelsignin")
    ):
        kind = "suspicious-sign-in"
    user = person(record.text("username", "signinidentifier", "user", "userid"))
    return reading.event(
        provider_id=record.text("requestid"),
        time=time,
        kind=kind,
        action="Sign-in activity",
        account=user,
        actor=user,
        ip=read_ip(record.text("ipaddress")),
        location=", ".join(filter(None, map(str.strip, record.text("location").split(",")))),
        client=record.text("useragent")
        or " ".join(filter(None, (record.text("browser"), record.text("operatingsystem")))),
        application=record.text("application", "applicationid"),
        target=record.text("resource"),
        outcome=outcome,
        detail=short(
            "not interactive" if record.text("interactive", "isinteractive").lower() in ("no", "false") else "",
            why,
            record.text("failurereason") if outcome == "failure" else "",
            record.text("clientapp"),
            record.text("multifactorauthenticationresult"),
        ),
    )


def read_audit(record: Record, reading: Reading) -> Event:
    """Read a directory audit of Graph."""
    action = record.text("activityDisplayName")
    time = reading.time(record.text("activityDateTime"), utc=True)
    if time is None or not action:
        raise UnreadableError(*_NO_TIME)
    found = service("microsoft365").find(action)
    reading.known = found is not None
    reading.workloads.add("AzureActiveDirectory")
    by = record.under("initiatedBy")
    who = person(by.under("user").text("userPrincipalName", "displayName", "id") or by.under("app").text("displayName"))
    targets = record.records("targetResources")
    changed = [one for target in targets for one in target.records("modifiedProperties")]
    account = next((one.text("userPrincipalName") for one in targets if one.text("userPrincipalName")), "")
    named = next((one.text("displayName") for one in targets if one.text("displayName")), "")
    kind = found.kind if found else OTHER
    granted = kind in ("access-granted", "access-revoked")
    scopes = [
        s for one in changed if one.text("displayName") in _SCOPES for s in scopes_in(one.text("newValue").strip('"'))
    ]
    details = record.pairs("additionalDetails", "key", "value")
    return reading.event(
        provider_id=record.text("id"),
        time=time,
        kind=kind,
        action=action,
        account=person(account) or (who if "@" in who else ""),
        actor=who,
        ip=read_ip(by.under("user").text("ipAddress")),
        client=details.get("User-Agent", ""),
        application=named if granted else "",
        scopes=list(dict.fromkeys(scopes)),
        target=named or account,
        outcome="failure" if record.text("result").lower() == "failure" else "success",
        detail=short(
            record.text("resultReason"),
            *(f"{one.text('displayName')}: {one.text('newValue')}" for one in changed[:10] if one.text("newValue")),
        ),
    )


def read_audit_row(record: Record, reading: Reading) -> Event:
    """Read a row of the portal's CSV of directory audits."""
    action = record.text("activity")
    time = reading.time(record.text("dateutc", "date", "activitydatetime"), utc=True)
    if time is None or not action:
        raise UnreadableError(*_NO_TIME)
    reading.workloads.add("AzureActiveDirectory")
    found = service("microsoft365").find(action)
    reading.known = found is not None
    kind = found.kind if found else OTHER
    who = person(record.text("actoruserprincipalname", "actordisplayname", "actorserviceprincipalname", "initiatedby"))
    account = record.text("target1userprincipalname", "targetuserprincipalname")
    named = record.text("target1displayname", "targetdisplayname")
    changed = [
        (record.text(f"target1modifiedproperty{n}name"), record.text(f"target1modifiedproperty{n}newvalue"))
        for n in range(1, 6)
    ]
    return reading.event(
        provider_id="",
        time=time,
        kind=kind,
        action=action,
        account=person(account) or (who if addresses(who) else ""),
        actor=who,
        ip=read_ip(record.text("ipaddress")),
        client=record.text("useragent"),
        application=named if kind in ("access-granted", "access-revoked") else "",
        scopes=[scope for name, value in changed if name in _SCOPES for scope in scopes_in(value.strip('"'))],
        target=named or account,
        outcome="failure" if record.text("result").lower() == "failure" else "success",
        detail=short(record.text("resultreason"), *(f"{name}: {value}" for name, value in changed if value)),
    )


def _lower(name: str) -> str:
    return {"IPAddress": "ipAddress", "IpAddress": "ipAddress"}.get(name, name[:1].lower() + name[1:])


def _lowered(value: object) -> object:
    if isinstance(value, dict):
        return {_lower(name): _lowered(one) for name, one in value.items()}
    return [_lowered(one) for one in value] if isinstance(value, list) else value
