"""Logs of accounts, written by us in the forms of the portals and collectors; nobody's log is in them."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from watchword.case import Case
from watchword.logs import Added, add

NOW = datetime(2024, 8, 12, tzinfo=UTC)
TOBIAS = "tobias@campaign.example"
DESK = "203.0.113.77"
HOME = "198.51.100.20"

Row = dict[str, Any]


def table(rows: Sequence[Row], delimiter: str = ",") -> str:
    """Write rows as CSV with CRLF, the names of the first row as header."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def added(folder: Path, *files: tuple[str, str | bytes], account: str = "") -> list[Added]:
    """Put files into the case in `folder`, made first if need be."""
    case = Case.create(folder / "case")
    paths = []
    for name, content in files:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(path)
    return add(case, paths, account, NOW)


def rows_of(folder: Path, name: str = "events") -> list[Row]:
    """Give the rows of a table of the case in `folder`."""
    import pyarrow.parquet as pq

    files = sorted((folder / "case" / "tables" / name).glob("*.parquet"))
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def one_event(folder: Path, content: str, name: str = "log") -> Row:
    """Read a log with one event, and give it."""
    (done,) = added(folder, (name, content))
    assert done.log is not None
    assert (done.log.rows, done.log.events, done.log.rejected) == (1, 1, 0)
    (row,) = rows_of(folder)
    return row


def activity(
    log: str,
    event: str,
    parameters: Mapping[str, object] | None = None,
    *,
    time: str = "2024-06-05T04:52:44.000Z",
    number: int = 1,
    ip: str = DESK,
) -> Row:
    """Write an activity of the Reports API."""
    listed: list[Row] = []
    for name, value in (parameters or {}).items():
        form = {bool: "boolValue", int: "intValue", list: "multiValue", dict: "messageValue"}.get(type(value), "value")
        if isinstance(value, dict):
            value = {"parameter": [{"name": inner, "value": one} for inner, one in value.items()]}
        listed.append({"name": name, form: str(value) if form == "intValue" else value})
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": time,
            "uniqueQualifier": str(-7_000_000_000 + number),
            "applicationName": log,
            "customerId": "C0x",
        },
        "actor": {"email": TOBIAS, "profileId": "1093"},
        "ipAddress": ip,
        "events": [{"type": log, "name": event, "parameters": listed}],
    }


def audit(operation: str, number: int = 1, workload: str = "Exchange", **fields: object) -> Row:
    """Write AuditData of the unified audit log."""
    return {
        "CreationTime": "2024-06-05T04:52:44",
        "Id": f"00000000-0000-4000-8000-{number:012}",
        "Operation": operation,
        "OrganizationId": "11111111-1111-4111-8111-111111111111",
        "RecordType": 1,
        "ResultStatus": "Succeeded",
        "UserKey": "10032000",
        "UserType": 0,
        "Version": 1,
        "Workload": workload,
        "UserId": TOBIAS,
    } | fields


def portal(records: Sequence[Row]) -> str:
    """Write the CSV that the Purview portal exports."""
    return table(
        [
            {
                "RecordId": one["Id"],
                "CreationDate": f"{one['CreationTime']}.0000000Z ",
                "RecordType": one["RecordType"],
                "Operation": one["Operation"],
                "UserId": one["UserId"],
                "AuditData": json.dumps(one),
                "AssociatedAdminUnits": "",
                "AssociatedAdminUnitsNames": "",
            }
            for one in records
        ]
    )


def pairs(**values: str) -> list[Row]:
    """Write named values as Microsoft does."""
    return [{"Name": name, "Value": value} for name, value in values.items()]


def sign_in(number: int = 1, code: int = 0, ip: str = DESK, **fields: object) -> Row:
    """Write a sign-in of Microsoft Graph."""
    return {
        "id": f"22222222-2222-4222-8222-{number:012}",
        "createdDateTime": "2024-06-05T04:52:44Z",
        "userDisplayName": "Tobias Wren",
        "userPrincipalName": "Tobias@Campaign.example",
        "userId": "33333333-3333-4333-8333-333333333333",
        "appId": "00000002-0000-0ff1-ce00-000000000000",
        "appDisplayName": "Office 365 Exchange Online",
        "ipAddress": ip,
        "clientAppUsed": "Browser",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)",
        "isInteractive": True,
        "riskLevelDuringSignIn": "none",
        "status": {"errorCode": code, "failureReason": "Other." if not code else "It failed."},
        "location": {"city": "Dunmore", "state": "", "countryOrRegion": "XX"},
        "resourceDisplayName": "Office 365 Exchange Online",
    } | fields
