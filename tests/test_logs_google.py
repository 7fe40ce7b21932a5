"""Google Workspace logs: what each form says comes into `events`, whatever the order of columns and the collector."""

import gzip
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.log_files import DESK, HOME, TOBIAS, activity, added, one_event, rows_of, table
from watchword.logs.kinds import KINDS, service
from watchword.tables import ACCOUNTS, columns

ENTERED = datetime(2024, 6, 5, 4, 52, 44, tzinfo=UTC)


def test_a_sign_in_of_the_reports_api(tmp_path: Path) -> None:
    """Who, when in UTC, from where, and that Google thought it suspicious."""
    event = one_event(
        tmp_path,
        json.dumps(activity("login", "login_success", {"login_type": "google_password", "is_suspicious": True})),
    )
    assert event["kind"] == "suspicious-sign-in"
    assert (event["account"], event["actor"], event["ip"]) == (TOBIAS, TOBIAS, DESK)
    assert (event["time"], event["outcome"], event["action"]) == (ENTERED, "success", "login_success")
    assert event["detail"] == "login_type: google_password"


@pytest.mark.parametrize(
    ("log", "name", "parameters", "expected"),
    [
        ("login", "login_success", {}, {"kind": "sign-in", "outcome": "success"}),
        ("login", "login_failure", {"login_failure_type": "x"}, {"kind": "sign-in-failed", "outcome": "failure"}),
        ("login", "suspicious_login", {"affected_email_address": "Nora@campaign.example"},
         {"kind": "sign-in-blocked", "account": "nora@campaign.example", "outcome": "failure"}),
        ("login", "login_challenge", {"login_challenge_status": "Challenge Failed."}, {"kind": "sign-in-blocked"}),
        ("login", "login_challenge", {"login_challenge_status": "Challenge Passed."},
         {"kind": "other", "outcome": "success"}),
        ("login", "gov_attack_warning", {}, {"kind": "warning"}),
        ("login", "2sv_disable", {}, {"kind": "second-factor-changed"}),
        ("login", "recovery_email_edit", {}, {"kind": "recovery-changed"}),
        ("user_accounts", "email_forwarding_out_of_domain",
         {"email_forwarding_destination_address": "box@quillmail.example"},
         {"kind": "forwarding", "target": "box@quillmail.example"}),
        ("token", "authorize", {"app_name": "Mail Tool", "client_id": "77.apps", "scope": ["https://mail.google.com/"]},
         {"kind": "access-granted", "application": "Mail Tool", "scopes": ["https://mail.google.com/"]}),
        ("token", "revoke", {"client_id": "77.apps"}, {"kind": "access-revoked", "application": "77.apps"}),
        ("token", "activity", {"app_name": "Mail Tool", "method_name": "gmail.users.messages.list"},
         {"kind": "access", "detail": "method_name: gmail.users.messages.list"}),
        ("admin", "CHANGE_PASSWORD", {"USER_EMAIL": "nora@campaign.example"},
         {"kind": "password-changed", "account": "nora@campaign.example", "actor": TOBIAS}),
        ("admin", "GRANT_ADMIN_PRIVILEGE", {"USER_EMAIL": "nora@campaign.example"}, {"kind": "admin-right"}),
        ("drive", "download", {"doc_title": "Plan"}, {"kind": "download", "target": "Plan"}),
        ("drive", "change_user_access", {"target_user": "x@quillmail.example"},
         {"kind": "file-shared", "target": "x@quillmail.example"}),
        ("takeout", "user_initiated_takeout", {}, {"kind": "export"}),
    ],
)  # fmt: skip
def test_events_of_the_reports_api_have_our_kinds(
    tmp_path: Path, log: str, name: str, parameters: dict[str, object], expected: dict[str, object]
) -> None:
    """Each event of the API comes out as the kind that it is, with what it was done to."""
    event = one_event(tmp_path, json.dumps(activity(log, name, parameters)))
    assert {key: event[key] for key in expected} == expected


def test_gmail_events_say_by_a_number_what_happened(tmp_path: Path) -> None:
    """A link that was clicked, with the Message-ID that joins it to the mail."""
    nested = {
        "event_info": {"mail_event_type": "15"},
        "message_info": {
            "rfc2822_message_id": "<lure@mailhaven.example>",
            "subject": "A draft",
            "link_domain": "x.example",
        },
    }
    event = one_event(tmp_path, json.dumps({"items": [activity("gmail", "delivery", nested)]}))
    assert (event["kind"], event["internet_message_ids"]) == ("link-clicked", ["lure@mailhaven.example"])
    assert event["target"] == "x.example"


def test_the_same_activities_from_every_collector(tmp_path: Path) -> None:
    """A list, lines, pages, pages in lines, a mapping of logs, gzip and zip: each gives the same two events."""
    both = [activity("login", "login_success", number=1), activity("login", "logout", number=2)]
    lines = "\n".join(map(json.dumps, both))
    wrapped = json.dumps({"kind": "admin#reports#activities", "etag": "x", "items": both})
    forms: dict[str, bytes] = {
        "list": json.dumps(both, indent=2).encode(),
        "lines": lines.encode(),
        "page": wrapped.encode(),
        "pages": "\n".join(json.dumps({"items": [one]}) for one in both).encode(),
        "mapping": json.dumps({"activities": {"login": both}}).encode(),
        "lists in a row": ("[" + json.dumps(both[0]) + "][" + json.dumps(both[1]) + "]").encode(),
        "utf-16": lines.encode("utf-16"),
        "mark": b"\xef\xbb\xbf" + lines.encode(),
        "gzip": gzip.compress(lines.encode()),
    }
    wanted = [("login_success", ENTERED, DESK), ("logout", ENTERED, DESK)]
    for name, content in forms.items():
        folder = tmp_path / name
        folder.mkdir()
        (done,) = added(folder, ("export.bin", content))
        assert done.log is not None, name
        assert (done.log.rows, done.log.events, done.log.truncated) == (2, 2, ""), name
        assert [(row["action"], row["time"], row["ip"]) for row in rows_of(folder)] == wanted, name


def test_a_row_of_gam_is_the_activity_that_it_was_made_of(tmp_path: Path) -> None:
    """GAM's CSV and the API's JSON give the same event with the same id, so that it counts once."""
    one = activity("login", "login_success", {"is_suspicious": False})
    flat = {
        "name": "login_success",
        "actor.email": TOBIAS,
        "id.applicationName": "login",
        "id.time": one["id"]["time"],
        "id.uniqueQualifier": one["id"]["uniqueQualifier"],
        "ipAddress": DESK,
        "is_suspicious": "False",
        "login_type": "google_password",
        "type": "login",
    }
    first, second = added(tmp_path, ("gam.csv", table([flat])), ("api.json", json.dumps(one)))
    assert first.log is not None
    assert second.log is not None
    assert (first.log.form, first.log.events) == ("google-activities-csv", 1)
    assert (second.log.events, second.log.repeated) == (0, 1)
    assert rows_of(tmp_path)[0]["ip"] == DESK


CONSOLE = {
    "Date": "2024-06-04T23:52:44-05:00",
    "Event": "Successful login",
    "Description": "Tobias Wren logged in",
    "Actor": "Tobias@campaign.example",
    "IP address": DESK,
    "Login type": "Google Password",
    "Is suspicious": "false",
    "New column of next year": "x",
}


def test_user_log_events_of_the_admin_console(tmp_path: Path) -> None:
    """Time with its offset becomes UTC, account lower case; a column that nobody knows yet does no harm."""
    event = one_event(tmp_path, table([CONSOLE]))
    assert (event["kind"], event["time"], event["account"], event["ip"]) == ("sign-in", ENTERED, TOBIAS, DESK)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_order_of_columns_delimiter_and_encoding_make_no_difference(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """Columns backwards, semicolons or tabs, UTF-16 or a byte order mark: the same event."""
    text = table([dict(reversed(CONSOLE.items()))], delimiter)
    (done,) = added(tmp_path, ("export.csv", text.encode(encoding)))
    assert done.log is not None
    (event,) = rows_of(tmp_path)
    assert (event["kind"], event["time"], event["account"], event["ip"]) == ("sign-in", ENTERED, TOBIAS, DESK)


@pytest.mark.parametrize(
    ("form", "row", "expected"),
    [
        ("google-login-csv", CONSOLE | {"Event": "Out of domain email forwarding enabled", "Description":
         "Tobias@campaign.example has enabled out of domain email forwarding to box@quillmail.example"},
         {"kind": "forwarding", "target": "box@quillmail.example"}),
        ("google-login-csv", CONSOLE | {"Is suspicious": "TRUE"}, {"kind": "suspicious-sign-in"}),
        ("google-token-csv", {"Date": "2024-06-05T04:52:44Z", "Event": "Authorize", "User": TOBIAS,
         "Application name": "Mail Tool", "Client ID": "77.apps", "Scope": "https://mail.google.com/, openid"},
         {"kind": "access-granted", "application": "Mail Tool", "scopes": ["https://mail.google.com/", "openid"]}),
        ("google-admin-csv", {"Date": "2024-06-05T04:52:44Z", "Event": "Password Change",
         "Actor": "boss@campaign.example", "User email": TOBIAS, "New value": "", "IP address": HOME},
         {"kind": "password-changed", "account": TOBIAS, "actor": "boss@campaign.example", "ip": HOME}),
        ("google-drive-csv", {"Date": "2024-06-05T04:52:44Z", "Event": "Download", "Actor": TOBIAS, "Title": "Plan",
         "Document ID": "1x", "IP address": DESK}, {"kind": "download", "target": "Plan"}),
        ("google-gmail-csv", {"Date": "2024-06-05T04:52:44Z", "Event": "Link click", "Owner": TOBIAS,
         "Subject": "Draft", "Message ID": "<lure@mailhaven.example>", "Link domain": "x.example"},
         {"kind": "link-clicked", "internet_message_ids": ["lure@mailhaven.example"], "account": TOBIAS}),
    ],
)  # fmt: skip
def test_each_log_of_the_console_is_told_by_its_columns(
    tmp_path: Path, form: str, row: dict[str, str], expected: dict[str, object]
) -> None:
    """User, OAuth, Admin, Drive and Gmail log events are told apart without their names, and read."""
    event = one_event(tmp_path, table([row]), "untitled")
    assert rows_of(tmp_path, "logs")[0]["form"] == form
    assert {key: event[key] for key in expected} == expected


def test_takeout_says_nobody_s_name_but_the_user_may(tmp_path: Path) -> None:
    """Rows of Access Log Activity have the account that --account gives, and the log says that it needs one."""
    row = {
        "Gaia ID": "1093",
        "Activity Timestamp": "2024-06-05 04:52:44 UTC",
        "IP Address": "2001:DB8::77",
        "Activity Country": "XX",
        "Activity City": "Dunmore",
        "User Agent String": "App : GMAIL. Os : LINUX.",
        "Product Name": "Gmail",
        "Activity Type": "User Initiated",
    }
    (done,) = added(tmp_path, ("Activities.csv", table([row])), account=TOBIAS)
    assert done.log is not None
    assert any("--account" in sentence for sentence in done.log.missing)
    (event,) = rows_of(tmp_path)
    assert (event["account"], event["ip"], event["location"]) == (TOBIAS, "2001:db8::77", "Dunmore, XX")
    assert (event["kind"], event["application"], event["time"]) == ("access", "Gmail", ENTERED)


def test_a_log_covers_what_it_would_show(tmp_path: Path) -> None:
    """Sign-ins are covered by a login log though none failed there; what no Google log shows is said, not covered."""
    (done,) = added(tmp_path, ("login.json", json.dumps(activity("login", "login_success"))))
    assert done.log is not None
    assert {"sign-in", "sign-in-failed", "forwarding", "recovery-changed"} <= set(done.log.covers)
    assert not {"filter-rule", "access-granted", "mail-read"} & set(done.log.covers)
    assert any("Filters" in sentence for sentence in done.log.missing)


def test_an_unknown_event_is_kept_and_said(tmp_path: Path) -> None:
    """What Google invents tomorrow is an event of kind other, and its name is counted."""
    (done,) = added(tmp_path, ("x.json", json.dumps([activity("login", "novelty", number=n) for n in (1, 2)])))
    assert done.log is not None
    assert done.log.unknown == ["novelty (2)"]
    assert {row["kind"] for row in rows_of(tmp_path)} == {"other"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"items":[ONE],"nextPageToken":"abc"}', "nextPageToken: another page follows"),
        ('{"nextPageToken":"abc","items":[ONE]}', "nextPageToken: another page follows"),
        ('{"items":[ONE],"nextPageToken":"abc"}\n{"items":[TWO]}', ""),
        ("[ONE", "ends before its list of records does"),
        ('[ONE,{"id":{"time":"2024-', "ends within a record"),
        ("ONE\n" + '{"id": {"time": "20', "ends within a record"),
    ],
)
def test_a_json_export_that_goes_on_elsewhere_is_said(tmp_path: Path, text: str, expected: str) -> None:
    """A mark of another page, a list without end and a record that stops are said; a last page is whole."""
    text = text.replace("ONE", json.dumps(activity("login", "logout"))).replace(
        "TWO", json.dumps(activity("login", "logout", number=2))
    )
    (done,) = added(tmp_path, ("x.json", text))
    assert done.log is not None
    assert done.log.rows == done.log.events + done.log.rejected
    assert expected in done.log.truncated
    assert bool(expected) == bool(done.log.truncated)


@pytest.mark.parametrize(("rows", "cut"), [(100_000, True), (99_999, False)])
def test_exactly_as_many_rows_as_the_console_exports_is_a_cut(tmp_path: Path, rows: int, cut: bool) -> None:
    """100,000 rows are the console's most; one less is all that there was."""
    text = table([CONSOLE]).splitlines(keepends=True)
    (done,) = added(tmp_path, ("x.csv", text[0] + text[1] * rows))
    assert done.log is not None
    assert done.log.rows == done.log.events == rows
    assert ("ends at exactly 100,000 rows" in done.log.truncated) is cut


def test_a_csv_that_stops_within_a_row_is_said(tmp_path: Path) -> None:
    """The row that stops is named, with and without a quote that is open; the rows before count."""
    for number, end in enumerate(('2024-06-04T23:52:44-05:00,"Succ', "2024-06-04T23:52:44-05:00,Succ")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (done,) = added(folder, ("x.csv", table([CONSOLE]) + end))
        assert done.log is not None
        assert (done.log.events, done.log.rejected, done.log.truncated) == (1, 1, "ends within a row")
        assert rows_of(folder, "log_rejections")[0]["number"] == 1


def test_times_without_a_zone_are_said(tmp_path: Path) -> None:
    """A console export with bare times is taken for UTC, and that is said."""
    (done,) = added(tmp_path, ("x.csv", table([CONSOLE | {"Date": "2024-06-05 04:52:44"}])))
    assert done.log is not None
    assert any("without a zone" in sentence for sentence in done.log.missing)
    assert rows_of(tmp_path)[0]["time"] == ENTERED


def test_equal_rows_of_one_file_both_count_and_of_two_files_once(tmp_path: Path) -> None:
    """Rows without an id: two equal ones in a file are two events, in an overlapping export they are the same two."""
    text = table([CONSOLE, CONSOLE, CONSOLE | {"Event": "Logout"}])
    more = table([CONSOLE, CONSOLE, CONSOLE, CONSOLE | {"Event": "Failed login"}])
    first, second = added(tmp_path, ("a.csv", text), ("b.csv", more))
    assert first.log is not None
    assert second.log is not None
    assert (first.log.events, first.log.repeated) == (3, 0)
    assert (second.log.events, second.log.repeated) == (2, 2)
    assert len(rows_of(tmp_path)) == 5


def test_nothing_is_lost_where_rows_are_broken(tmp_path: Path) -> None:
    """Too many fields, a time that is none, an event without name: each is a named rejection, and the rest counts."""
    good = table([CONSOLE])
    bad = good.splitlines()[1]
    text = good + bad + ",one,too,many\r\n" + bad.replace("2024-06-04T", "yesterday ") + "\r\n" + bad.replace(
        "Successful login", ""
    ) + "\r\n" + bad.replace("Tobias Wren", "Tobias \"Wren") + "\r\n" + bad.replace(DESK, HOME) + "\r\n"  # fmt: skip
    (done,) = added(tmp_path, ("x.csv", text))
    assert done.log is not None
    assert done.log.rows == done.log.events + done.log.repeated + done.log.rejected
    reasons = [row["reason"] for row in rows_of(tmp_path, "log_rejections")]
    assert any("fields" in reason for reason in reasons)
    assert any("yesterday" in reason for reason in reasons)
    assert any("names no event" in reason for reason in reasons)
    assert HOME in {row["ip"] for row in rows_of(tmp_path)}


def test_logs_in_a_zip_are_found_and_all_else_is_left(tmp_path: Path) -> None:
    """An archive as the portals give it: its logs come in with their place, a mailbox in it is not copied."""
    with zipfile.ZipFile(tmp_path / "takeout.zip", "w") as archive:
        archive.writestr("Takeout/Mail/All.mbox", "From x\n" * 1000)
        archive.writestr("Takeout/other.json", '{"a": [1, 2]}')
        archive.writestr("Takeout/users.csv", table([CONSOLE]))
    (done,) = added(tmp_path, ("takeout.zip", (tmp_path / "takeout.zip").read_bytes()))
    assert done.log is not None
    assert done.path.endswith("takeout.zip!Takeout/users.csv")
    kept = sorted(path.name for path in (tmp_path / "case" / "logs").iterdir())
    assert kept == ["added.jsonl", f"{done.log.log}-users.csv"] or kept == [f"{done.log.log}-users.csv", "added.jsonl"]


def test_every_kind_is_declared_and_every_operation_has_one() -> None:
    """Kinds of the data, of the code, and of the table's description are the same words."""
    said = next(column.says for column in columns(ACCOUNTS["events"]) if column.name == "kind")
    words = {one.partition("(")[0].strip() for one in said.split(", ")}
    assert words == set(KINDS)
    for name in ("google", "microsoft365"):
        for operation in service(name).operations.values():
            assert {operation.kind, operation.failed, operation.suspicious} <= set(KINDS)
