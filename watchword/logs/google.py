"""Google Workspace: activities of the Reports API, as collectors write them, and CSV from the Admin console.

Activities: https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities, parameters of each
event in its appendix. Collectors such as ALFA write one activity in a line, GAM a CSV whose columns are the paths of
the fields. The Admin console's CSV has one column for each attribute of the search
(https://support.google.com/a/answer/11479100 Gmail, /9725452 Drive, /4580120 users, /6124308 OAuth, /4579579 admin),
in the order that the person chose.
"""

from collections.abc import Iterator

from watchword.logs.kinds import OTHER, Operation, plain, service
from watchword.logs.record import Reading, Record, UnreadableError
from watchword.logs.values import addresses, message_ids, person, read_ip, short
from watchword.tables import Event

_SIGN_IN_ROWS = ("logintype", "challengetype", "issuspicious", "suspicious", "issecondfactor", "loginfailuretype")
_DETAILS = ("login_type", "login_failure_type", "login_challenge_method", "login_challenge_status", "doc_title",
            "visibility", "SETTING_NAME", "OLD_VALUE", "NEW_VALUE", "ROLE_NAME", "method_name", "api_name",
            "message_info.subject")  # fmt: skip
_TARGETS = ("email_forwarding_destination_address", "EMAIL_MONITOR_DEST_EMAIL", "target_user", "GROUP_EMAIL",
            "doc_title", "SETTING_NAME", "message_info.link_domain", "API_CLIENT_NAME")  # fmt: skip
_NO_EVENT = ("It names no event.", "Export the log with the column Event.")


# ------------------------------------------------------------ activities of the Reports API


def is_activity(record: Record) -> bool:
    """Say whether a record is an activity of the Reports API."""
    return record.under("id").has("time") and (record.has("events") or record.has("actor"))


def is_gam(header: frozenset[str]) -> bool:
    """Say whether a CSV holds activities, one event in a row, with columns as `id.time`."""
    return {"idtime", "name"} <= header and bool(header & {"actoremail", "iduniquequalifier"})


def events(record: Record) -> Iterator[Record]:
    """Give each event of an activity as a record of its own."""
    found = record.records("events")
    if not found:
        yield record
    for index, event in enumerate(found):
        yield Record({**record.values, "event": event.values, "index": index})


def from_columns(record: Record) -> Iterator[Record]:
    """Make an activity of a row with columns as `id.time` and `actor.email`; all other columns are parameters."""
    values: dict[str, dict[str, object]] = {"id": {}, "actor": {}, "event": {}}
    parameters: list[dict[str, object]] = []
    address = ""
    for name, value in record.values.items():
        first, dot, rest = name.partition(".")
        if dot and first in ("id", "actor"):
            values[first][rest] = value
        elif name == "ipAddress":
            address = str(value)
        elif name in ("name", "type"):
            values["event"][name] = value
        else:
            parameters.append({"name": name, "value": value})
    values["event"]["parameters"] = parameters
    yield Record({**values, "ipAddress": address, "index": 0})


def read_activity(record: Record, reading: Reading) -> Event:
    """Read one event of an activity."""
    about, actor, event = record.under("id"), record.under("actor"), record.under("event")
    log = about.text("applicationName")
    reading.workloads.add(log)
    action = event.text("name")
    if not action:
        raise UnreadableError(*_NO_EVENT)
    given = _parameters(event)
    name = given.get("event_info.mail_event_type", [""])[0] if log == "gmail" else ""
    found = service("google").find(name or action, log)
    reading.known = found is not None
    time = reading.time(about.text("time"), utc=True)
    if time is None:
        raise UnreadableError("It has no time.", "Export the log anew; an activity has id.time.")
    qualifier = about.text("uniqueQualifier")

    def one(*names: str) -> str:
        return next((given[name][0] for name in names if given.get(name)), "")

    who = person(actor.text("email", "key", "profileId"))
    whose = (
        one("affected_email_address", "USER_EMAIL", "user_email") if log in ("login", "admin", "user_accounts") else ""
    )
    outcome = _outcome(found, one("login_challenge_status"))
    scopes = given.get("scope", [])
    return reading.event(
        provider_id=f"{about.text('time')}/{qualifier}/{record.text('index')}" if qualifier else "",
        time=time,
        kind=_kind(found, outcome, one("is_suspicious") == "true"),
        action=f"{action} {name}".strip() if name else action,
        account=person(whose or (actor.text("email") and who)),
        actor=who,
        ip=read_ip(record.text("ipAddress") or one("event_info.client_context.ip_address", "event_info.ip_address")),
        location=", ".join(
            filter(None, (record.under("networkInfo").text(n) for n in ("regionCode", "subdivisionCode")))
        ),
        client=record.text("userAgent") or one("user_agent", "event_info.client_context.client_type"),
        application=one("app_name", "client_id", "API_CLIENT_NAME", "APPLICATION_NAME"),
        scopes=scopes,
        target=one(*_TARGETS),
        internet_message_ids=message_ids(given.get("message_info.rfc2822_message_id", [])),
        outcome=outcome,
        detail=short(*(f"{name.rpartition('.')[2].lower()}: {one(name)}" for name in _DETAILS if one(name))),
    )


def _parameters(event: Record, before: str = "", depth: int = 0) -> dict[str, list[str]]:
    """Give the parameters of an event; those of a nested message are named with a dot."""
    found: dict[str, list[str]] = {}
    for one in event.records("parameters") or event.records("parameter"):
        name = before + one.text("name")
        for form in ("value", "intValue", "boolValue", "multiValue", "multiIntValue"):
            if one.has(form):
                found.setdefault(name, []).extend(filter(None, one.texts(form)))
        messages = [one.under("messageValue"), *one.records("multiMessageValue")]
        if depth < 4:
            for message in messages:
                for inner, values in _parameters(message, f"{name}.", depth + 1).items():
                    found.setdefault(inner, []).extend(values)
    return found


# ------------------------------------------------------------ CSV of the Admin console


def console_log(header: frozenset[str]) -> str:
    """Tell by the plain names of a CSV's columns which log of the Admin console it is; empty if it is none."""
    if not (header & {"date", "time", "datetime"} and header & {"event", "eventname"}):
        return ""
    if not header & {"actor", "user", "username", "actoremail", "adminemail", "useremail", "owner", "admin"}:
        return ""
    if header & {"messageid"} and header & {"subject", "fromenvelope", "fromheaderaddress"}:
        return "gmail"
    if header & {"scope", "scopes", "clientid", "oauthclientid"} or {"applicationid", "apiname"} <= header:
        return "token"
    if header & {"documentid", "itemid", "docid", "documenttype"}:
        return "drive"
    if header & set(_SIGN_IN_ROWS):
        return "login"
    if header & {"settingname", "newvalue", "oldvalue", "privilegename", "rolename", "adminaction"}:
        return "admin"
    return "login" if header & {"ipaddress", "ip"} else ""


def reads_console(log: str) -> "ConsoleReader":
    """Give the reader for that log of the Admin console."""
    return ConsoleReader(log)


class ConsoleReader:
    """Reads rows of one log of the Admin console."""

    def __init__(self, log: str) -> None:
        """`log` is as `console_log` says."""
        self.log = log

    def __call__(self, record: Record, reading: Reading) -> Event:
        """Read one row."""
        action = record.text("event", "eventname", "eventtype")
        if not action:
            raise UnreadableError(*_NO_EVENT)
        time = reading.time(record.text("date", "datetime", "time"), utc=False)
        if time is None:
            raise UnreadableError("It has no time.", "Export the log with the column Date.")
        reading.workloads.add(self.log)
        found = service("google").find(action, self.log) or service("google").find(action)
        reading.known = found is not None
        said = record.text("description", "eventdescription")
        actor = person(
            record.text("actor", "actoremail", "adminemail", "admin", "user", "username", "useremail", "owner")
        )
        others = [one for one in addresses(said) if one != actor]
        account = record.text("affectedemailaddress", "affecteduser")
        target = record.text("emailforwardingdestinationaddress", "forwardingaddress", "destinationaddress")
        if self.log == "admin":
            account = account or record.text("useremail", "targetuser", "user") or (others[0] if others else "")
            target = record.text("settingname", "resource", "resourcename", "groupemail") or target
        elif self.log == "drive":
            target = record.text("title", "documenttitle", "itemname", "documentid", "itemid")
        elif self.log == "gmail":
            account = record.text("owner", "mailboxowner") or account
            target = record.text("linkdomain", "toenvelope", "to", "recipients") or target
        elif found and found.kind == "forwarding":
            target = target or (others[0] if others else "")
        outcome = _outcome(found, record.text("challengestatus", "loginchallengestatus", "challengeresult"))
        suspicious = record.text("issuspicious", "suspicious", "suspiciouslogin").lower() in ("true", "yes")
        scopes = record.text("scope", "scopes").replace(",", " ").split()
        return reading.event(
            provider_id="",
            time=time,
            kind=_kind(found, outcome, suspicious),
            action=action,
            account=person(account or actor),
            actor=actor,
            ip=read_ip(record.text("ipaddress", "ip", "actoripaddress", "clientipaddress")),
            location=record.text("location", "iplocation", "region", "country", "regioncode"),
            client=record.text("useragent", "clienttype", "devicetype", "actorapplicationname"),
            application=record.text("applicationname", "appname", "application", "clientid", "applicationid"),
            scopes=scopes,
            target=target,
            internet_message_ids=message_ids([record.text("messageid")]),
            outcome=outcome,
            detail=short(
                said,
                _said(record, "logintype"), _said(record, "challengetype"), _said(record, "subject"),
                _said(record, "oldvalue"), _said(record, "newvalue"), _said(record, "visibility"),
            ),
        )  # fmt: skip


def _said(record: Record, name: str) -> str:
    value = record.text(name)
    return f"{name}: {value}" if value else ""


def _outcome(found: Operation | None, challenge: str) -> str:
    if found is None:
        return "unknown"
    if "login" in plain(challenge) or not challenge:
        return "success" if found.succeeds else "failure"
    return "success" if "pass" in challenge.lower() else "failure"


def _kind(found: Operation | None, outcome: str, suspicious: bool) -> str:
    if found is None:
        return OTHER
    if outcome == "failure":
        return found.failed
    return found.suspicious if suspicious else found.kind


# ------------------------------------------------------------ a person's own Takeout


def is_takeout(header: frozenset[str]) -> bool:
    """Say whether a CSV is `Access Log Activity/Activities …` of Google Takeout."""
    return {"activitytimestamp", "productname"} <= header


def read_takeout(record: Record, reading: Reading) -> Event:
    """Read one access. Whose account it is, is not in it but for a number (Gaia ID)."""
    time = reading.time(record.text("activitytimestamp"), utc=True)
    if time is None:
        raise UnreadableError("It has no time.", "Ask Google Takeout for it again.")
    action = record.text("activitytype")
    found = service("google").find(action, "access_log")
    reading.known = found is not None
    place = (
        record.text("activitycity", "city"),
        record.text("activityregion"),
        record.text("activitycountry", "countrycode"),
    )
    return reading.event(
        provider_id="",
        time=time,
        kind=found.kind if found else OTHER,
        action=action or "access",
        actor=record.text("gaiaid"),
        ip=read_ip(record.text("ipaddress") or record.text("proxiedhostipaddress")),
        location=", ".join(filter(None, place)),
        client=record.text("useragentstring", "devicetype"),
        application=record.text("productname"),
        target=record.text("subproductname"),
        detail=short(_said(record, "gmailaccesschannel"), _said(record, "refererproductname")),
    )
