"""Microsoft 365 logs: portal, PowerShell, API and collectors give the same events; what they cannot show is said."""

import ipaddress
import json
import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.log_files import DESK, HOME, TOBIAS, added, audit, one_event, pairs, portal, rows_of, sign_in, table
from watchword.errors import WatchwordError
from watchword.logs.values import addresses, read_ip, read_time

ENTERED = datetime(2024, 6, 5, 4, 52, 44, tzinfo=UTC)
LURE = "lure@mailhaven.example"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (audit("UserLoggedIn", workload="AzureActiveDirectory", ActorIpAddress=DESK, ClientIP=DESK,
               ExtendedProperties=pairs(UserAgent="Mozilla/5.0")),
         {"kind": "sign-in", "ip": DESK, "client": "Mozilla/5.0", "outcome": "success"}),
        (audit("UserLoginFailed", ErrorNumber="50126", LogonError="InvalidUserNameOrPasswordOrNullReplyUrl"),
         {"kind": "sign-in-failed", "outcome": "failure"}),
        (audit("UserLoginFailed", ErrorNumber="53003"), {"kind": "sign-in-blocked"}),
        (audit("UserLoginFailed", ErrorNumber="50074"), {"kind": "other", "outcome": "unknown"}),
        (audit("New-InboxRule", ClientIP=f"{DESK}:51234",
               Parameters=pairs(Name="..", SubjectContainsWords="invoice", DeleteMessage="True")),
         {"kind": "filter-rule", "ip": DESK, "target": "..",
          "detail": "Name: ..; SubjectContainsWords: invoice; DeleteMessage: True"}),
        (audit("New-InboxRule", ClientIP="[2001:db8::77]:443",
               Parameters=pairs(Name="x", ForwardTo="Box@quillmail.example")),
         {"kind": "forwarding", "ip": "2001:db8::77", "target": "box@quillmail.example"}),
        (audit("Set-Mailbox", UserId="admin@campaign.example",
               Parameters=pairs(Identity=TOBIAS, ForwardingSmtpAddress="smtp:box@quillmail.example")),
         {"kind": "forwarding", "account": TOBIAS, "actor": "admin@campaign.example",
          "target": "box@quillmail.example"}),
        (audit("Set-Mailbox", Parameters=pairs(Identity=TOBIAS, ForwardingSmtpAddress="")), {"kind": "setting"}),
        (audit("UpdateInboxRules", MailboxOwnerUPN=TOBIAS, OperationProperties=pairs(RuleName="u",
               RuleActions='[{"ActionType":"Forward","Recipients":["box@quillmail.example"]}]')),
         {"kind": "forwarding", "target": "box@quillmail.example"}),
        (audit("MailItemsAccessed", MailboxOwnerUPN=TOBIAS, ClientIPAddress="::ffff:203.0.113.77",
               OperationProperties=pairs(MailAccessType="Bind", IsThrottled="False"), Folders=[
                   {"Path": "\\Inbox", "FolderItems": [{"InternetMessageId": f"<{LURE}>"},
                                                       {"InternetMessageId": "<b@x.example>"}]},
                   {"Path": "\\Sent", "FolderItems": [{"InternetMessageId": f"<{LURE}>"}]}]),
         {"kind": "mail-read", "ip": DESK, "internet_message_ids": [LURE, "b@x.example"], "target": "\\Inbox"}),
        (audit("Send", Item={"InternetMessageId": f"<{LURE}>", "Subject": "Plan"}),
         {"kind": "mail-sent", "internet_message_ids": [LURE], "detail": "Plan"}),
        (audit("HardDelete", AffectedItems=[{"InternetMessageId": f"<{LURE}>"}], Folder={"Path": "\\Deleted Items"}),
         {"kind": "mail-deleted", "internet_message_ids": [LURE], "target": "\\Deleted Items"}),
        (audit("Consent to application.", workload="AzureActiveDirectory", ObjectId="77;x",
               Target=[{"ID": "ServicePrincipal", "Type": 2}, {"ID": "Mail Tool", "Type": 1}],
               ModifiedProperties=[{"Name": "ConsentAction.Permissions", "NewValue":
                   "[] => [[Id: a, ConsentType: Principal, Scope:  Mail.Read offline_access, CreatedDateTime: ]]; "}]),
         {"kind": "access-granted", "application": "Mail Tool", "scopes": ["Mail.Read", "offline_access"]}),
        (audit("Add member to role.", workload="AzureActiveDirectory", ObjectId="nora@campaign.example"),
         {"kind": "admin-right", "account": "nora@campaign.example", "actor": TOBIAS}),
        (audit("User registered security info", workload="AzureActiveDirectory"), {"kind": "second-factor-changed"}),
        (audit("Add-MailboxPermission", Parameters=pairs(Identity="nora@campaign.example", User="x@campaign.example",
               AccessRights="FullAccess")),
         {"kind": "delegate", "account": "nora@campaign.example", "target": "x@campaign.example"}),
        (audit("FileDownloaded", workload="OneDrive", ClientIP=DESK, SourceFileName="Plan.pdf", ObjectId="https://x/Plan.pdf"),
         {"kind": "download", "target": "Plan.pdf"}),
        (audit("SearchQueryInitiatedExchange", QueryText="password"), {"kind": "search", "target": "password"}),
        (audit("TIUrlClickData", Url="https://view-cloudloft.example/d", UserId=TOBIAS), {"kind": "link-clicked",
               "target": "https://view-cloudloft.example/d"}),
        (audit("New-ComplianceSearchAction", workload="SecurityComplianceCenter"), {"kind": "export"}),
    ],
)  # fmt: skip
def test_operations_of_the_audit_log_have_our_kinds(
    tmp_path: Path, record: dict[str, Any], expected: dict[str, object]
) -> None:
    """Each operation of Purview's CSV comes out as the kind that it is, with address, target and messages."""
    event = one_event(tmp_path, portal([record]))
    assert {key: event[key] for key in expected} == expected
    assert event["time"] == ENTERED


def test_portal_powershell_api_and_collectors_give_the_same_events_once(tmp_path: Path) -> None:
    """Seven forms of the same two records: the first gives two events, all others repeat them."""
    both = [
        audit("UserLoggedIn", 1, "AzureActiveDirectory", ClientIP=DESK),
        audit("New-InboxRule", 2, Parameters=pairs(Name="x", DeleteMessage="True")),
    ]
    shell = [
        {"RecordType": "ExchangeAdmin", "CreationDate": "6/5/2024 4:52:44 AM", "UserIds": one["UserId"],
         "Operations": one["Operation"], "AuditData": json.dumps(one), "ResultIndex": number, "ResultCount": 2,
         "Identity": one["Id"], "IsValid": "True", "ObjectState": "Unchanged"}
        for number, one in enumerate(both, 1)
    ]  # fmt: skip
    graph = [
        {"id": one["Id"], "createdDateTime": "2024-06-05T04:52:44Z", "operation": one["Operation"],
         "userPrincipalName": TOBIAS, "auditData": one, "clientIp": DESK, "service": "Exchange"}
        for one in both
    ]  # fmt: skip
    flat = [
        {name: json.dumps(value) if isinstance(value, list) else value for name, value in one.items()} for one in both
    ]
    names = list(dict.fromkeys(name for one in flat for name in one))
    forms = {
        "portal": portal(both),
        "shell": "#TYPE Deserialized.Microsoft.Exchange.Data\r\n" + table(shell),
        "shell json": json.dumps(shell),
        "management api": json.dumps(both),
        "extractor, appended": "".join(json.dumps(one) + "\r\n" for one in both),
        "graph": json.dumps({"@odata.context": "x", "value": graph}),
        "list of texts": json.dumps([json.dumps(one) for one in both]),
        "flat": table([{name: one.get(name, "") for name in names} for one in flat]),
    }  # fmt: skip
    done = added(tmp_path, *forms.items())
    for number, one in enumerate(done):
        assert one.log is not None
        assert (one.log.rows, one.log.rejected) == (2, 0), one.path
        assert (one.log.events, one.log.repeated) == ((2, 0) if not number else (0, 2)), one.path
        assert one.log.truncated == "", one.path
    assert [row["kind"] for row in rows_of(tmp_path)] == ["sign-in", "filter-rule"]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (sign_in(), {"kind": "sign-in", "outcome": "success", "account": TOBIAS, "location": "Dunmore, XX"}),
        (sign_in(code=50126), {"kind": "sign-in-failed", "outcome": "failure"}),
        (sign_in(code=500121), {"kind": "sign-in-blocked", "outcome": "failure"}),
        (sign_in(code=50140), {"kind": "other", "outcome": "unknown"}),
        (sign_in(riskLevelDuringSignIn="high"), {"kind": "suspicious-sign-in"}),
        (sign_in(isInteractive=False), {"kind": "sign-in", "detail": "not interactive; Browser"}),
        ({"time": "2024-06-05T04:52:44Z", "category": "NonInteractiveUserSignInLogs", "properties":
          sign_in(signInEventTypes=["nonInteractiveUser"])}, {"kind": "sign-in", "detail": "not interactive; Browser"}),
        ({key[:1].upper() + key[1:]: value for key, value in sign_in().items()} |
         {"CreatedDateTime": "/Date(1717563164000)/", "Status": {"ErrorCode": 50053, "FailureReason": "x"}},
         {"kind": "sign-in-blocked", "ip": DESK}),
    ],
)  # fmt: skip
def test_sign_ins_of_entra(tmp_path: Path, record: dict[str, Any], expected: dict[str, object]) -> None:
    """What a code means, risk, silent sign-ins, and the names that PowerShell and diagnostic settings give."""
    event = one_event(tmp_path, json.dumps([record], indent=1))
    assert {key: event[key] for key in expected} == expected
    assert event["time"] == ENTERED


def test_the_portal_s_csv_of_sign_ins_is_the_json_s(tmp_path: Path) -> None:
    """Request ID is the id of Graph: the same sign-in in both files counts once."""
    one = sign_in()
    row = {
        "Date (UTC)": "2024-06-05T04:52:44Z", "Request ID": one["id"], "User agent": "x", "User": "Tobias Wren",
        "Username": TOBIAS, "Application": "Office 365", "Resource": "x", "IP address": DESK,
        "Location": "Dunmore, , XX", "Status": "Success", "Sign-in error code": "", "Failure reason": "Other.",
        "Client app": "Browser", "Incoming token type": "none", "Multifactor authentication result": "",
    }  # fmt: skip
    first, second = added(tmp_path, ("a.csv", table([row])), ("b.json", json.dumps([one])))
    assert first.log is not None
    assert second.log is not None
    assert (first.log.form, first.log.events, second.log.repeated) == ("entra-sign-ins-csv", 1, 1)
    (event,) = rows_of(tmp_path)
    assert (event["kind"], event["location"], event["ip"]) == ("sign-in", "Dunmore, XX", DESK)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("Failure", "50126", ("sign-in-failed", "failure")),
        ("Failure", "53003", ("sign-in-blocked", "failure")),
        ("Interrupted", "50074", ("other", "unknown")),
        ("Failure", "", ("sign-in-failed", "failure")),
    ],
)
def test_status_and_code_of_the_portal_s_csv(tmp_path: Path, status: str, code: str, expected: tuple[str, str]) -> None:
    """Nothing but success is a sign-in."""
    row = {"Date (UTC)": "2024-06-05 04:52:44", "Request ID": "r", "Username": TOBIAS, "IP address": DESK}
    event = one_event(tmp_path, table([row | {"Status": status, "Sign-in error code": code}]))
    assert (event["kind"], event["outcome"]) == expected


def test_audits_of_entra_in_both_forms(tmp_path: Path) -> None:
    """A consent in Graph's JSON and in the portal's CSV: application, rights, and who gave them."""
    change = "[] => [[Id: a, Scope: Mail.Read Mail.Send, CreatedDateTime: ]]; "
    graph = {
        "id": "Directory_1", "category": "ApplicationManagement", "result": "success", "resultReason": "",
        "activityDisplayName": "Consent to application", "activityDateTime": "2024-06-05T04:52:44.1234567Z",
        "initiatedBy": {"app": None, "user": {"userPrincipalName": TOBIAS, "ipAddress": DESK}},
        "targetResources": [{"displayName": "Mail Tool", "type": "ServicePrincipal", "userPrincipalName": None,
            "modifiedProperties": [{"displayName": "ConsentAction.Permissions", "newValue": f'"{change}"'}]}],
        "additionalDetails": [{"key": "User-Agent", "value": "Mozilla/5.0"}],
    }  # fmt: skip
    row = {
        "Date (UTC)": "2024-06-05T04:52:44Z", "CorrelationId": "c", "Service": "Core Directory", "Category": "x",
        "Activity": "Consent to application", "Result": "success", "ActorUserPrincipalName": TOBIAS, "IPAddress": DESK,
        "Target1DisplayName": "Mail Tool", "Target1ModifiedProperty1Name": "ConsentAction.Permissions",
        "Target1ModifiedProperty1NewValue": change,
    }  # fmt: skip
    added(tmp_path, ("a.json", json.dumps([graph])), ("b.csv", table([row])))
    for event in rows_of(tmp_path):
        assert (event["kind"], event["application"], event["account"]) == ("access-granted", "Mail Tool", TOBIAS)
        assert event["scopes"] == ["Mail.Read", "Mail.Send"]
        assert event["ip"] == DESK
        assert event["time"].replace(microsecond=0) == ENTERED


def test_lists_of_rules_and_forwarding_have_no_time(tmp_path: Path) -> None:
    """What is set in mailboxes is read with where it sends; that nobody knows since when is said."""
    rules = [
        {"UserName": TOBIAS, "RuleName": "..", "Enabled": "True", "MoveToFolder": "", "DeleteMessage": "True",
         "ForwardTo": '"Box" [SMTP:Box@quillmail.example]', "RedirectTo": "", "SubjectContainsWords": "invoice"},
        {"UserName": TOBIAS, "RuleName": "news", "Enabled": "True", "MoveToFolder": "News", "DeleteMessage": "False",
         "ForwardTo": "", "RedirectTo": "", "SubjectContainsWords": ""},
    ]  # fmt: skip
    boxes = [
        {"UserPrincipalName": TOBIAS, "ForwardingSmtpAddress": "smtp:box@quillmail.example", "ForwardingAddress": ""},
        {"UserPrincipalName": "nora@campaign.example", "ForwardingSmtpAddress": "", "ForwardingAddress": ""},
    ]
    first, _ = added(tmp_path, ("rules.csv", table(rules)), ("boxes.csv", table(boxes)))
    assert first.log is not None
    assert any("not since when" in sentence for sentence in first.log.missing)
    found = {(row["action"], row["kind"], row["account"], row["target"], row["time"]) for row in rows_of(tmp_path)}
    assert found == {
        ("Get-InboxRule", "forwarding", TOBIAS, "box@quillmail.example", None),
        ("Get-InboxRule", "filter-rule", TOBIAS, "news", None),
        ("Get-Mailbox", "forwarding", TOBIAS, "box@quillmail.example", None),
        ("Get-Mailbox", "setting", "nora@campaign.example", "", None),
    }


def test_a_message_trace(tmp_path: Path) -> None:
    """Who sent what to whom, with the Message-ID."""
    row = {"Received": "6/5/2024 4:52:44 AM", "SenderAddress": TOBIAS, "RecipientAddress": "box@quillmail.example",
           "Subject": "Plan", "Status": "Delivered", "FromIP": DESK, "MessageId": f"<{LURE}>"}  # fmt: skip
    event = one_event(tmp_path, table([row]))
    assert (event["kind"], event["account"], event["target"]) == ("mail-sent", TOBIAS, "box@quillmail.example")
    assert (event["internet_message_ids"], event["time"]) == ([LURE], ENTERED)


# ------------------------------------------------------------ what is missing


def test_a_search_that_found_more_than_is_here_is_said(tmp_path: Path) -> None:
    """ResultCount says 226,494 where one row is."""
    one = audit("MailItemsAccessed")
    row = {"CreationDate": "6/5/2024 4:52:44 AM", "UserIds": TOBIAS, "Operations": "MailItemsAccessed",
           "AuditData": json.dumps(one), "ResultIndex": "1", "ResultCount": "226494"}  # fmt: skip
    (done,) = added(tmp_path, ("x.csv", table([row])))
    assert done.log is not None
    assert "226,494 results only 1 row" in done.log.truncated


@pytest.mark.parametrize(("rows", "cut"), [(5_000, "5,000"), (50_000, "50,000"), (4_999, "")])
def test_exactly_as_many_rows_as_a_search_gives_is_a_cut(tmp_path: Path, rows: int, cut: str) -> None:
    """5,000 and 50,000 are known limits; 4,999 is not."""
    lines = "".join(json.dumps(audit("Update", number)) + "\n" for number in range(rows))
    (done,) = added(tmp_path, ("x.json", lines))
    assert done.log is not None
    assert done.log.events == rows
    assert done.log.truncated.startswith(f"ends at exactly {cut} rows") if cut else not done.log.truncated


def test_audit_data_that_is_cut_is_said_and_the_rest_of_the_row_counts(tmp_path: Path) -> None:
    """A spreadsheet cut the JSON of one cell: time, operation and user stand in other columns."""
    text = portal([audit("New-InboxRule", 1, ClientIP=DESK), audit("Update", 2)])
    whole = json.dumps(audit("New-InboxRule", 1, ClientIP=DESK)).replace('"', '""')
    (done,) = added(tmp_path, ("x.csv", text.replace(whole, whole[:-60])))
    assert done.log is not None
    assert (done.log.events, done.log.rejected, done.log.truncated) == (2, 0, "AuditData is cut in 1 row")
    event = next(row for row in rows_of(tmp_path) if row["action"] == "New-InboxRule")
    assert (event["account"], event["time"], event["detail"]) == (TOBIAS, ENTERED, "AuditData is cut")


def test_next_link_throttling_and_synchronisation_are_said(tmp_path: Path) -> None:
    """Another page of Graph, IsThrottled, and a whole folder that was synchronised."""
    one = audit("MailItemsAccessed", OperationProperties=pairs(MailAccessType="Sync", IsThrottled="True"))
    (done,) = added(tmp_path, ("x.json", json.dumps({"value": [one], "@odata.nextLink": "https://x"})))
    assert done.log is not None
    assert "@odata.nextLink: another page follows" in done.log.truncated
    assert "throttled" in done.log.truncated
    assert any("synchronised" in sentence for sentence in done.log.missing)


def test_without_mail_items_accessed_reading_is_not_covered(tmp_path: Path) -> None:
    """An audit log of Exchange without MailItemsAccessed says so, and covers rules but not reading, nor sign-ins."""
    first, second = added(
        tmp_path,
        ("a.csv", portal([audit("Send", 1), audit("Update", 2)])),
        ("b.csv", portal([audit("MailItemsAccessed", 3), audit("UserLoggedIn", 4, "AzureActiveDirectory")])),
    )
    assert first.log is not None
    assert second.log is not None
    assert {"forwarding", "filter-rule", "mail-sent"} <= set(first.log.covers)
    assert not {"mail-read", "sign-in"} & set(first.log.covers)
    assert any("No MailItemsAccessed" in sentence for sentence in first.log.missing)
    assert {"mail-read", "sign-in"} <= set(second.log.covers)
    assert not any("No MailItemsAccessed" in sentence for sentence in second.log.missing)


@pytest.mark.parametrize(
    ("dates", "expected", "doubt"),
    [
        (["13/6/2024 04:52:44", "5/6/2024 04:52:44"], "2024-06-05", False),
        (["6/13/2024 4:52:44 AM", "6/5/2024 4:52:44 AM"], "2024-06-05", False),
        (["5.6.2024 04:52:44"], "2024-06-05", False),
        (["6/5/2024 4:52:44 AM"], "2024-06-05", True),
    ],
)
def test_the_order_of_day_and_month_is_told_by_the_whole_file(
    tmp_path: Path, dates: list[str], expected: str, doubt: bool
) -> None:
    """A 13 anywhere decides; where nothing does, month first is said to be a guess."""
    rows = [{"Received": date, "SenderAddress": TOBIAS, "RecipientAddress": "x@y.example", "MessageId": str(n)}
            for n, date in enumerate(dates)]  # fmt: skip
    (done,) = added(tmp_path, ("x.csv", table(rows)))
    assert done.log is not None
    assert f"{rows_of(tmp_path)[-1]['time']:%Y-%m-%d}" == expected
    assert any("month first" in sentence for sentence in done.log.missing) is doubt


# ------------------------------------------------------------ hostile and broken


def test_a_broken_record_amid_json_is_rejected_and_reading_goes_on(tmp_path: Path) -> None:
    """One line that is no JSON, one that is a number: two rejections, and both events around them."""
    good = [json.dumps(audit("Send", number)) for number in (1, 2)]
    (done,) = added(tmp_path, ("x.json", "\n".join([good[0], "17", '{"CreationTime": oops, "a": 1}', good[1]])))
    assert done.log is not None
    assert (done.log.rows, done.log.events, done.log.rejected) == (4, 2, 2)
    assert len(rows_of(tmp_path, "log_rejections")) == 2


def test_json_that_is_nested_without_end_is_rejected(tmp_path: Path) -> None:
    """A hundred thousand brackets are one rejection, neither a crash nor the end of the log."""
    deep = '{"CreationTime":' + '{"a":' * 100_000 + "1" + "}" * 100_001
    text = "\n".join([json.dumps(audit("Send", 1)), deep, json.dumps(audit("Send", 2))])
    (done,) = added(tmp_path, ("x.json", text))
    assert done.log is not None
    assert (done.log.rows, done.log.events, done.log.rejected) == (3, 2, 1)


def test_a_record_without_bounds_is_passed_over_as_one(tmp_path: Path) -> None:
    """Fifteen megabytes of one record, with brackets and quotes in its texts, are one rejection between two events."""
    long = audit("Send", 3, Filler=['x}]["\\'] * 1_200_000)
    text = json.dumps([audit("Send", 1), long, audit("Send", 2)])
    (done,) = added(tmp_path, ("x.json", text))
    assert done.log is not None
    assert (done.log.rows, done.log.events, done.log.rejected, done.log.truncated) == (3, 2, 1, "")


def test_values_without_end_are_shortened(tmp_path: Path) -> None:
    """A user agent of a million letters, half a surrogate pair and a million targets do not fill the table."""
    record = audit("New-InboxRule", UserAgent="x" * 1_000_000, ClientIP="1" * 100_000, Parameters=pairs(Name="\ud800a"))
    record["Folders"] = [{"FolderItems": [{"InternetMessageId": f"{n}@x"} for n in range(30_000)]}]
    event = one_event(tmp_path, json.dumps(record))
    assert len(event["client"]) == 2_000
    assert event["ip"] == ""
    assert event["target"] == "?a"
    assert len(event["internet_message_ids"]) <= 10_000
    assert len(event["detail"]) <= 300


def test_a_page_bigger_than_what_is_read_at_once(tmp_path: Path) -> None:
    """A page of Graph of several megabytes is read record by record, and its mark after the list is seen."""
    records = [audit("Send", number, Filler="x" * 2_000) for number in range(2_500)]
    text = json.dumps({"@odata.context": "x", "value": records, "@odata.nextLink": "https://x"})
    (done,) = added(tmp_path, ("x.json", text))
    assert done.log is not None
    assert (done.log.events, done.log.rejected) == (2_500, 0)
    assert "@odata.nextLink" in done.log.truncated


WHOLE = [
    portal([audit("Send", 1), audit("New-InboxRule", 2, Parameters=pairs(Name="x", ForwardTo="b@x.example"))]),
    json.dumps([sign_in(1), sign_in(2)], indent=1),
    "\n".join(json.dumps(audit("Send", number)) for number in range(3)),
    json.dumps({"value": [audit("Send", 1)], "@odata.nextLink": "x"}),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(WHOLE),
    st.integers(0, 3_000),
    st.integers(0, 200),
    st.one_of(st.binary(max_size=20), st.sampled_from([b'"', b"[{", b"}]", b",", b"\n", b"\0", b"\xff\xfe"])),
)
def test_a_damaged_file_is_read_or_refused_and_every_row_is_told(
    tmp_path: Path, text: str, at: int, gone: int, new: bytes
) -> None:
    """Bytes taken out and put in anywhere: either a sentence for the user, or events and rejections that add up."""
    raw = text.encode()
    shutil.rmtree(tmp_path / "case", ignore_errors=True)
    advice = ""
    try:
        (done,) = added(tmp_path, ("x", raw[:at] + new + raw[at + gone :]))
    except WatchwordError as error:
        advice = error.do
    if advice:
        return
    assert done.log is not None
    assert done.log.rows == done.log.events + done.log.repeated + done.log.rejected
    assert len(rows_of(tmp_path)) == done.log.events
    assert len(rows_of(tmp_path, "log_rejections")) == done.log.rejected


# ------------------------------------------------------------ values


@given(st.ip_addresses(), st.integers(1, 65535), st.integers(0, 4))
def test_an_address_is_read_with_and_without_port(address: Any, port: int, form: int) -> None:  # noqa: ANN401  # v4, v6
    """Whatever brackets, port or IPv6 clothes an address has, it is the same address."""
    v4 = isinstance(address, ipaddress.IPv4Address)
    wanted = str(address if v4 or not address.ipv4_mapped else address.ipv4_mapped)
    forms = [
        str(address),
        f"{address}:{port}" if v4 else f"[{address}]:{port}",
        f"::ffff:{address}" if v4 else f"[{address}]",
        f"[::ffff:{address}]:{port}" if v4 else str(address).upper(),
        f" {address}, 192.0.2.1",
    ]
    assert read_ip(forms[form]) == wanted


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    """Nothing that is written for an address raises, and what comes out is one."""
    found = read_ip(text)
    assert found == "" or ipaddress.ip_address(found)
    assert all("@" in one for one in addresses(text))


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2199, 12, 30)),
    st.integers(-14 * 60, 14 * 60),
    st.integers(0, 7),
    st.booleans(),
)
def test_a_time_is_the_same_in_every_form(moment: datetime, offset: int, form: int, day_first: bool) -> None:
    """ISO with zones and digits, US and day-first forms, PowerShell's ticks: the same moment, zone said where it is."""
    zone = timezone(timedelta(minutes=offset))
    local = moment.replace(microsecond=0, tzinfo=zone)
    utc = local.astimezone(UTC)
    sign = "-" if offset < 0 else "+"
    hours = f"{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    slashed = f"{utc.day}/{utc.month}/{utc.year}" if day_first else f"{utc.month}/{utc.day}/{utc.year}"
    forms = [
        (local.isoformat(), True),
        (f"{utc:%Y-%m-%dT%H:%M:%S}.1234567Z", True),
        (f"{utc:%Y-%m-%d %H:%M:%S}", False),
        (f"{utc:%Y-%m-%d %H:%M:%S} UTC", True),
        (f"{slashed} {utc.hour % 12 or 12}:{utc:%M:%S} {'PM' if utc.hour > 11 else 'AM'}", False),
        (f"{slashed}, {utc:%H:%M:%S}", False),
        (f"{local:%Y-%m-%dT%H:%M:%S}{hours.replace(':', '')}", True),
        (f"/Date({int(utc.timestamp()) * 1000})/", True),
    ]
    text, said = forms[form]
    found, zoned = read_time(text, day_first=day_first)
    if 1990 <= utc.year < 2200:
        assert found is not None
        assert (found.replace(microsecond=0), zoned) == (utc, said)


@given(st.text())
def test_any_text_is_a_time_or_none(text: str) -> None:
    """Nothing that is written for a time raises."""
    found, _ = read_time(text)
    assert found is None or found.tzinfo is UTC


def test_a_row_of_home_is_not_of_the_desk(tmp_path: Path) -> None:
    """Two sign-ins of one second from two addresses are two events."""
    added(tmp_path, ("x.json", json.dumps([sign_in(1), sign_in(2, ip=HOME)])))
    assert {row["ip"] for row in rows_of(tmp_path)} == {DESK, HOME}
