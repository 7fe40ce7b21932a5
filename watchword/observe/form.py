"""The form of a message: order of the header, MIME skeleton, mail program, and what kind of sending it is."""

import contextlib
import functools
import hashlib
import ipaddress
import re
from collections.abc import Set

from watchword.parse.message import Message, Part

# The fields that a mail program writes in every message, new or answered, in an order and a spelling of its own. All
# others come and go with the message (Cc, Reply-To, References, priorities, attachments) or are written on the way
# (Received, DKIM-Signature, List-*, X-MS-Exchange-*, filters), so they would split one client into many.
_ALWAYS = frozenset(
    "from to subject date message-id mime-version content-type x-mailer user-agent x-mimeole thread-topic thread-index "
    "accept-language content-language x-ms-has-attach x-ms-tnef-correlator content-class x-originating-ip".split()
)

_LIST_FIELDS = frozenset(
    "list-post x-mailman-version x-beenthere x-mailing-list mailing-list x-google-group-id x-listserver "
    "x-list-administrator x-mailman-rule-hits x-yahoogroups".split()
)
_BULK_FIELDS = frozenset(
    "list-unsubscribe feedback-id x-csa-complaints x-campaign x-campaignid x-campaign-id x-mailer-campaign x-mc-user "
    "x-mailin-campaign x-mailjet-campaign x-mj-mid x-roving-id x-sg-eid x-kmail-message x-mailgun-tag x-mandrill-user "
    "x-report-abuse x-ems x-job x-cmail-recipient x-rpcampaign x-bulkmail x-sfmc-stack".split()
)
_BULK_PRECEDENCE = frozenset(("bulk", "junk"))
_AUTO_FIELDS = frozenset("x-autoreply x-autorespond x-autoresponder x-auto-reply-from x-mail-autoreply".split())
_AUTO_PRECEDENCE = frozenset(("auto_reply", "auto-reply", "autoreply"))
_CLIENT_FIELDS = (
    "x-originating-ip",
    "x-origin-ip",
    "x-sender-ip",
    "x-client-ip",
    "x-source-ip",
    "x-originating-client-ip",
    "x-webmail-client-ip",
    "x-eip",
    "x-forwarded-for",
)
# Networks of nobody in particular: private, shared, loopback, link-local, unspecified.
_INSIDE = tuple(
    ipaddress.ip_network(one)
    for one in "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 ::/127 "
    "fc00::/7 fe80::/10".split()
)
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+")
_RECEIPTS = frozenset(("multipart/report", "message/delivery-status", "message/disposition-notification"))

_STRUCTURE_CHARACTERS = 400
_STRUCTURE_PARTS = 100

# Marks that mail programs put before a subject that is answered or forwarded: English, German (AW, WG), Scandinavian
# (SV, VS, VB), Dutch (Antw, Doorst), French (RE, TR), Italian (R, I, Rif), Spanish and Portuguese (RV, RES, ENC),
# Polish (Odp, PD), Hungarian (Vá), Turkish (YNT, İLT), Russian and Ukrainian, Greek, Hebrew, Arabic, Chinese, Japanese.
_REPLY = (
    r"re|fwd?|forward(?:ed)?|aw|antw|antwort|wg|sv|vs|vb|doorst|tr|réf?|rif|r|i|rv|res|enc|odp|pd|vá|továbbítás|"
    r"ynt|i̇?lt|atb|bls|отв|ответ|відп|відповідь|пересл|απ|απάντηση|σχετ|πρθ|השב|תשובה|הועבר|رد|إعادة توجيه|"
    r"回复|回覆|答复|答覆|转发|轉寄|返信|転送"
)
_MARK = re.compile(rf"\s*+(?:((?:{_REPLY})\s?(?:[\[(]\d{{1,3}}[\])]|\^?\d{{1,2}})?\s?[:：])|\[[^\[\]]{{1,60}}\])", re.I)
_SUBJECT_CHARACTERS = 998  # the longest line of RFC 5322 2.1.1
_MARKS = 50


def client_ip(message: Message) -> str:
    """Give the address that webmail, or the sender's provider, says the sender was at; empty if none says so.

    No standard names these fields. Who runs the sending server can write what he likes; a private address tells
    nothing.
    """
    for name in _CLIENT_FIELDS:
        header = message.first(name)
        if header:
            found = _ADDRESS.search(header.value[:200])
            with contextlib.suppress(ValueError):
                address = ipaddress.ip_address(found[0].lower()) if found else None
                mapped = getattr(address, "ipv4_mapped", None)
                if address is not None and not any((mapped or address) in inside for inside in _INSIDE):
                    return str(mapped or address)
    return ""


def subject_marks(subject: str) -> tuple[str, bool]:
    """Give a subject without reply marks and [list] marks, lower case; and whether a reply mark stands before it."""
    subject = subject[:_SUBJECT_CHARACTERS]
    reply = False
    at = 0
    for _ in range(_MARKS):
        found = _MARK.match(subject, at)
        if not found:
            break
        reply = reply or found[1] is not None
        at = found.end()
    return " ".join(subject[at:].lower().split()), reply


def header_order(message: Message) -> str:
    """Hash the order and spelling of the fields that the sender's mail program always writes, 16 hexadecimal digits."""
    data = message.data
    starts = sorted(
        [(header.start, len(name)) for name in message.names() & _ALWAYS if (header := message.first(name))]
    )
    return _order_hash(b" ".join([data[start : start + size] for start, size in starts])) if starts else ""


@functools.lru_cache(maxsize=4_096)
def _order_hash(names: bytes) -> str:
    return hashlib.sha256(names).hexdigest()[:16]


def structure(message: Message) -> str:
    """Give the MIME skeleton, as `mixed(alternative(plain,html),pdf)`, at most 400 characters."""
    parts = message.parts
    if len(parts) == 1:
        return _label(parts[0])
    pieces = [_label(parts[0])]
    parents: list[int] = []  # depths of the brackets that stand open
    depth = parts[0].depth
    for part in parts[1:_STRUCTURE_PARTS]:
        if part.kind not in ("leaf", "multipart", "message"):
            continue
        if part.depth > depth:
            parents.append(depth)
            pieces.append("(")
        else:
            while parents and parents[-1] >= part.depth:
                parents.pop()
                pieces.append(")")
            pieces.append(",")
        pieces.append(_label(part))
        depth = part.depth
    pieces.append(")" * len(parents))
    return "".join(pieces)[:_STRUCTURE_CHARACTERS]


def _label(part: Part) -> str:
    return (part.content_type.partition("/")[2] or part.content_type)[:40]


def charset(message: Message) -> str:
    """Give the charset of the first text part as declared."""
    for part in message.parts:
        if part.kind == "leaf" and part.content_type.startswith("text/"):
            return part.charset
    return ""


def has_calendar(message: Message) -> bool:
    """Tell whether a part is an invitation (RFC 5545)."""
    return any(part.content_type == "text/calendar" for part in message.parts)


def mailer(message: Message) -> str:
    """Give X-Mailer or else User-Agent."""
    header = message.first("x-mailer") or message.first("user-agent")
    return header.text[:200] if header else ""


def is_list(message: Message, names: Set[str]) -> bool:
    """Tell whether a discussion list sent it on. `List-Post: NO` is a list that nobody can answer (RFC 2369 3.4)."""
    if not names.isdisjoint(_LIST_FIELDS):
        post = message.first("list-post")
        return not (post and post.value.upper().startswith("NO") and len(names & _LIST_FIELDS) == 1)
    return _precedence(message) == "list"


def is_bulk(message: Message, names: Set[str]) -> bool:
    """Tell whether it was sent in bulk."""
    return not names.isdisjoint(_BULK_FIELDS) or _precedence(message) in _BULK_PRECEDENCE


def is_auto(message: Message, names: Set[str]) -> bool:
    """Tell whether a machine made it: Auto-Submitted (RFC 3834), an answering machine, a delivery report, a receipt."""
    submitted = message.first("auto-submitted")
    if submitted and submitted.value.lower().partition(";")[0].strip() not in ("", "no"):
        return True
    if not names.isdisjoint(_AUTO_FIELDS) or _precedence(message) in _AUTO_PRECEDENCE:
        return True
    return message.parts[0].content_type in _RECEIPTS


def _precedence(message: Message) -> str:
    header = message.first("precedence")
    return header.value.lower() if header else ""
