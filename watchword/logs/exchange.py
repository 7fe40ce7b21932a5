"""Exchange Online: what is set in mailboxes, and message traces, as PowerShell exports them.

Get-InboxRule and Get-Mailbox (https://learn.microsoft.com/en-us/powershell/module/exchange/get-inboxrule), also as
Microsoft-Extractor-Suite and Hawk write them: lists of what is set on the day of the export, without time.
Get-MessageTraceV2 (.../get-messagetracev2) and the portal's CSV of a message trace.
"""

from watchword.logs.record import Reading, Record, UnreadableError
from watchword.logs.values import addresses, message_ids, person, read_ip, short
from watchword.tables import Event

_FORWARDS = ("forwardto", "forwardasattachmentto", "redirectto")
_SAID = ("enabled", "deletemessage", "softdeletemessage", "movetofolder", "copytofolder", "markasread", "from",
         "subjectcontainswords", "subjectorbodycontainswords", "bodycontainswords")  # fmt: skip


def is_rules(header: frozenset[str]) -> bool:
    """Say whether a CSV lists inbox rules."""
    return {"forwardto", "movetofolder", "deletemessage"} <= header


def is_mailboxes(header: frozenset[str]) -> bool:
    """Say whether a CSV lists mailboxes and where they forward to."""
    return "forwardingsmtpaddress" in header and bool(
        header & {"userprincipalname", "primarysmtpaddress", "identity", "name"}
    )


def is_trace(header: frozenset[str]) -> bool:
    """Say whether a CSV is a message trace."""
    return {"senderaddress", "recipientaddress"} <= header or {"senderaddress", "recipientstatus"} <= header


def read_rule(record: Record, reading: Reading) -> Event:
    """Read one inbox rule."""
    owner = record.text("username", "userprincipalname", "mailbox", "mailboxownerid", "identity")
    name = record.text("rulename", "name")
    if not owner and not name:
        raise UnreadableError("It names neither mailbox nor rule.", "Export it with Identity, Name and MailboxOwnerId.")
    to: list[str] = []
    for column in _FORWARDS:
        value = record.text(column)
        to += addresses(value) or ([value] if value.strip("{}[] ") else [])
    said = (
        f"{column}: {record.text(column)}" for column in _SAID if record.text(column).strip("{} ") not in ("", "False")
    )
    return reading.event(
        provider_id="",
        time=None,
        kind="forwarding" if to else "filter-rule",
        action="Get-InboxRule",
        account=person(owner.partition("\\")[0]),
        target=", ".join(to) or name,
        outcome="success" if record.text("enabled").lower() != "false" else "unknown",
        detail=short("as set on the day of the export", f"rule: {name}", *said),
    )


def read_mailbox(record: Record, reading: Reading) -> Event:
    """Read where one mailbox forwards to; one that does not is a setting, too."""
    owner = record.text("userprincipalname", "primarysmtpaddress", "windowsemailaddress", "identity", "name")
    if not owner:
        raise UnreadableError("It names no mailbox.", "Export it with UserPrincipalName.")
    to = [record.text("forwardingsmtpaddress"), record.text("forwardingaddress")]
    named = [found for value in to if value for found in (addresses(value.partition(":")[2] or value) or [value])]
    return reading.event(
        provider_id="",
        time=None,
        kind="forwarding" if named else "setting",
        action="Get-Mailbox",
        account=person(owner),
        target=", ".join(named),
        detail=short("as set on the day of the export", "" if named else "forwards nowhere"),
    )


def read_trace(record: Record, reading: Reading) -> Event:
    """Read one message that was sent through the organisation's servers."""
    time = reading.time(record.text("received", "origintimestamputc", "datetimeutc", "datetime", "date"), utc=True)
    if time is None:
        raise UnreadableError("It has no time.", "Export the trace anew, with the column Received.")
    sender, to = person(record.text("senderaddress")), record.text("recipientaddress", "recipientstatus")
    incoming = record.text("directionality", "direction").lower() in ("incoming", "inbound")
    recipients = addresses(to)
    status = record.text("status").lower()
    return reading.event(
        provider_id="",
        time=time,
        kind="mail-received" if incoming else "mail-sent",
        action="message trace",
        account=(recipients[0] if recipients else "") if incoming else sender,
        actor=sender,
        ip=read_ip(record.text("fromip", "originalclientip", "clientip")),
        target=", ".join(recipients[:20]),
        internet_message_ids=message_ids([record.text("messageid")]),
        outcome="failure" if status == "failed" else "success",
        detail=short(record.text("subject", "messagesubject"), record.text("status")),
    )
