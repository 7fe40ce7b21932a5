"""Every table of a case, declared once: the Arrow schema and the documentation are made from these classes.

A class is one row. Its docstring says what one row is; the text in `Annotated` says what a column holds and in which
unit. `message` is everywhere the SHA-256 of a message's bytes in hexadecimal. Times are UTC. A missing value is None
where the type says so, and otherwise the empty string, list or zero.

`FACTS` are seen in the bytes (room `observe`), `AUTHENTICITY` is what the known keys say of them (room
`authenticate`), `CONTEXT` is what was normal before (room `context`), `JUDGEMENT` is
what follows from both (room `judge`). Only the first group needs a mailbox to be rebuilt.
"""

import dataclasses
import functools
import types
import typing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

Key = Annotated[str, "SHA-256 of the message's bytes, hexadecimal"]
Ordinal = Annotated[int, "counts from 0 within the message, in the order of the bytes"]
PartNumber = Annotated[int, "number of the MIME part, 0 is the message itself, parts in the order of the bytes"]


# ---------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where a message was found; the same bytes in two mailboxes are two sightings of one message."""

    message: Key
    source: Annotated[str, "which mailbox: `sources.source`"]
    member: Annotated[str, "file inside a folder or archive, node of an Outlook data file, empty for a single file"]
    offset: Annotated[int, "where it begins in the file or member, bytes; of an Outlook data file the item's number"]
    length: Annotated[int, "how long it is there, bytes (before unquoting); 1 of an Outlook data file"]
    folder: Annotated[str, "mail folder, as the container names it"]
    flags: Annotated[
        list[str], "seen, answered, flagged, deleted, draft, forwarded, as the container says; keywords as written"
    ]
    labels: Annotated[list[str], "Gmail labels, Outlook categories; special uses of IMAP folders as `\\Trash`"]
    thread: Annotated[str, "the provider's own thread id (X-GM-THRID, Exchange's conversation)"]
    envelope: Annotated[str, "mbox separator line without `From `"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, known by the SHA-256 of its bytes: who it says it is from, when, and its form."""

    message: Key
    message_id: Annotated[str, "Message-ID without angle brackets (RFC 5322 3.6.4)"]
    in_reply_to: Annotated[str, "first id of In-Reply-To, without angle brackets"]
    references: Annotated[list[str], "ids of References, oldest first"]
    subject: Annotated[str, "Subject, decoded (RFC 2047)"]
    subject_plain: Annotated[str, "Subject without Re:, Fwd:, [list] marks and case, to compare"]
    subject_reply: Annotated[bool, "Subject begins with a reply or forward mark, in any of the languages known"]
    time: Annotated[datetime | None, "when it arrived by the border hop, else by the topmost hop, else Date"]
    date: Annotated[datetime | None, "Date as the sender wrote it"]
    date_offset: Annotated[int | None, "the sender's UTC offset in Date, minutes; None if absent or `-0000`"]
    from_name: Annotated[str, "display name in From, decoded"]
    from_address: Annotated[str, "first address in From, lower case, host in A-label form"]
    from_local: Annotated[str, "the part before @"]
    from_domain: Annotated[str, "the part after @"]
    from_organisation: Annotated[str, "registrable domain of from_domain (Public Suffix List), else from_domain"]
    from_person: Annotated[str, "display name as a key: letters only, lower case, accents off, words sorted"]
    from_count: Annotated[int, "how many addresses all From fields hold"]
    from_domains: Annotated[list[str], "the domains of all of them, that of from_address first"]
    name_address: Annotated[str, "an address that stands inside the display name"]
    sender_address: Annotated[str, "Sender, lower case"]
    reply_name: Annotated[str, "display name in Reply-To"]
    reply_address: Annotated[str, "first address in Reply-To, empty if none"]
    reply_domain: Annotated[str, "host of reply_address"]
    reply_organisation: Annotated[str, "registrable domain of reply_domain"]
    return_address: Annotated[str, "Return-Path: the envelope sender as the last server recorded it"]
    return_domain: Annotated[str, "host of return_address"]
    return_organisation: Annotated[str, "registrable domain of return_domain"]
    message_id_domain: Annotated[str, "registrable domain on the right of the Message-ID"]
    list_id: Annotated[str, "List-Id (RFC 2919), the id between angle brackets"]
    is_list: Annotated[bool, "came through a discussion list: List-Post, a Mailman or similar field"]
    is_bulk: Annotated[bool, "sent in bulk: List-Unsubscribe, Precedence bulk, Feedback-ID or a bulk mailer's field"]
    is_auto: Annotated[bool, "machine-made: Auto-Submitted, X-Autoreply, delivery report, read receipt"]
    has_unsubscribe: Annotated[bool, "has List-Unsubscribe"]
    has_calendar: Annotated[bool, "holds a text/calendar part"]
    mailer: Annotated[str, "X-Mailer or User-Agent"]
    header_order: Annotated[str, "hash of the order of the sender's own header names, 16 hexadecimal digits"]
    structure: Annotated[str, "MIME skeleton, as `mixed(alternative(plain,html),pdf)`"]
    language: Annotated[str, "language of the newest text by its commonest words (ISO 639-1), empty if unsure"]
    charset: Annotated[str, "charset of the first text part"]
    size: Annotated[int, "bytes"]
    text_length: Annotated[int, "characters of the newest visible text, without quoted layers"]
    links: Annotated[int, "how many rows in `links`"]
    attachments: Annotated[int, "how many rows in `attachments` are parts of the message itself"]
    received_count: Annotated[int, "how many Received fields"]
    origin_ip: Annotated[str, "address of the outside host that handed the message to the receiving provider"]
    origin_host: Annotated[str, "name of that host, as the provider recorded it"]
    origin_organisation: Annotated[str, "registrable domain of that host, reverse name before HELO; empty if none"]
    provider: Annotated[str, "receiving provider, registrable domain of the topmost Received `by`, empty if none"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address that a message was for, in To, Cc, Bcc, Delivered-To, X-Original-To or a `for` clause."""

    message: Key
    number: Ordinal
    field: Annotated[str, "to, cc, bcc, delivered-to, x-original-to, envelope-to, received-for"]
    name: Annotated[str, "display name, decoded"]
    address: Annotated[str, "lower case, host in A-label form; may be empty for a group"]
    domain: Annotated[str, "host of the address"]
    organisation: Annotated[str, "registrable domain of the host"]
    person: Annotated[str, "display name as a key, as in messages.from_person"]


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received field (RFC 5321 4.4), the topmost is number 0."""

    message: Key
    number: Ordinal
    from_host: Annotated[str, "name that the sending host gave (HELO)"]
    from_reverse: Annotated[str, "name by reverse look-up, as the receiving server recorded it"]
    from_ip: Annotated[str, "address of the sending host"]
    by_host: Annotated[str, "host that received"]
    protocol: Annotated[str, "with: ESMTP, ESMTPS, HTTP, ..."]
    time: Annotated[datetime | None, "when"]
    trusted: Annotated[bool, "stands at or above the border of the receiving provider, so that provider wrote it"]


@dataclass(frozen=True, slots=True)
class Authentication:
    """One result that a server recorded (RFC 8601), in Authentication-Results, Received-SPF or ARC-A-R."""

    message: Key
    number: Ordinal
    field: Annotated[str, "authentication-results, received-spf, arc-authentication-results"]
    server: Annotated[str, "authserv-id, empty where the server omits it"]
    method: Annotated[str, "spf, dkim, dmarc, arc, compauth, ..."]
    result: Annotated[str, "pass, fail, softfail, neutral, none, temperror, permerror, policy, bestguesspass, unknown"]
    domain: Annotated[str, "the domain the result is about: smtp.mailfrom, header.d or header.i, header.from"]
    organisation: Annotated[str, "registrable domain of it"]
    selector: Annotated[str, "header.s"]
    aligned: Annotated[bool, "organisation equals that of From"]
    trusted: Annotated[bool, "added by the receiving provider: stands above its border, authserv-id fits"]
    by_receiver: Annotated[
        bool,
        "names the receiving provider, wherever it stands (Postfix's filters write below its Received): a failure is "
        "believed even there, for nobody forges one against himself; a pass is not",
    ]


@dataclass(frozen=True, slots=True)
class Signature:
    """One DKIM-Signature, ARC-Message-Signature or ARC-Seal (RFC 6376, RFC 8617) as written, and what it signs.

    No key is asked for here: with `header_hash` and `signature` any key can be tried later, without the mailbox.
    """

    message: Key
    number: Ordinal
    field: Annotated[str, "dkim-signature, arc-message-signature or arc-seal"]
    instance: Annotated[int | None, "i= of an ARC field, 1 to 50; None for DKIM"]
    domain: Annotated[str, "d="]
    organisation: Annotated[str, "registrable domain of d="]
    selector: Annotated[str, "s="]
    algorithm: Annotated[str, "a="]
    identity: Annotated[str, "i= of DKIM, the agent or user it speaks for"]
    canonicalization: Annotated[str, "c="]
    chain: Annotated[str, "cv= of ARC-Seal: none, pass or fail"]
    signed_at: Annotated[datetime | None, "t="]
    expires_at: Annotated[datetime | None, "x="]
    aligned: Annotated[bool, "organisation equals that of From"]
    body_hash: Annotated[bool | None, "the body's hash equals bh=; None if it cannot be computed"]
    length: Annotated[int | None, "l=: how much of the body is covered, octets; None means all"]
    signed: Annotated[list[str], "names of the header fields in h=, lower case"]
    unsigned: Annotated[list[str], "fields a reader relies on that it does not cover; `+` where one could be added"]
    header_hash: Annotated[
        str, "hash of the signed fields as they stand here (RFC 6376 3.7), hexadecimal; empty if none"
    ]
    signature: Annotated[str, "b=, base64 without blanks"]
    problem: Annotated[str, "why it cannot be valid whatever the key says, as `from-not-signed`; empty if it can"]


@dataclass(frozen=True, slots=True)
class Link:
    """One link or remote resource, read as a browser reads it (WHATWG URL)."""

    message: Key
    number: Ordinal
    part: PartNumber
    attachment: Annotated[int | None, "attachments.number of the file that holds it; None if it stands in the message"]
    found_in: Annotated[
        str,
        "a, area, img, form, iframe, link, base, meta, style, text, calendar, header; in files also pdf, qr, "
        "relationship, hyperlink, field, formula, object, macro, script, shortcut",
    ]
    raw: Annotated[str, "as written"]
    url: Annotated[str, "as a browser reads it; as written where no browser would accept it"]
    scheme: Annotated[str, "http, https, mailto, tel, data, javascript, cid, file, ..."]
    host: Annotated[str, "host in A-label form"]
    host_unicode: Annotated[str, "host as shown to people"]
    organisation: Annotated[str, "registrable domain of the host; tenants of shared hosting count as such"]
    path: Annotated[str, "path, percent-coded"]
    query: Annotated[str, "query without `?`"]
    shown: Annotated[str, "text that the reader sees for it"]
    shown_host: Annotated[str, "host, if the shown text itself reads as an address of a site"]
    shown_organisation: Annotated[str, "registrable domain of shown_host"]
    target_url: Annotated[str, "address that an enclosed redirect leads to, unwrapped to the last; empty if none"]
    target_how: Annotated[
        str,
        "what encloses it, outermost first, a blank between: safelinks, urldefense-1 to -3, google, ..., by shape "
        "parameter, path, fragment, base64, hex, deflate; stands also where the target cannot be read, as for mimecast",
    ]
    target_host: Annotated[str, "host of target_url; where a service names no more, as mimecast, the host alone"]
    target_organisation: Annotated[str, "registrable domain of target_host"]
    is_pixel: Annotated[bool, "an image of at most 3 pixels or hidden"]
    is_visible: Annotated[bool, "the reader can see it"]
    is_address_ip: Annotated[bool, "the host is an IP address"]
    has_userinfo: Annotated[bool, "user name before @ in the authority"]
    has_port: Annotated[bool, "a port other than the scheme's own"]
    is_ambiguous: Annotated[bool, "browsers and common parsers disagree on the host"]
    mixed_script: Annotated[bool, "one label mixes scripts that no language mixes"]
    recipient_token: Annotated[
        str, "how a recipient's address stands in it: plain, base64, hex, deflate, md5, sha1, sha256, local or initials"
    ]


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: an attached or inline part, a nested message, or a file inside another one, as in an archive."""

    message: Key
    number: Ordinal
    part: PartNumber
    inside: Annotated[int | None, "attachments.number of the file that holds it; None for a part of the message"]
    name: Annotated[str, "file name, first reading; inside an archive with its path there"]
    names: Annotated[list[str], "every reading of the name (RFC 2231, RFC 2047, name and filename)"]
    extension: Annotated[str, "last extension, lower case, without dot"]
    double_extension: Annotated[bool, "a document's extension before the last one, as `.pdf.exe`"]
    claimed_type: Annotated[str, "Content-Type"]
    detected_type: Annotated[str, "by content, as `pdf`, `zip`, `html`, `ole`; empty if unknown"]
    size: Annotated[int, "bytes after decoding"]
    sha256: Annotated[str, "of the decoded bytes"]
    is_inline: Annotated[bool, "shown in the text: an image with Content-ID or disposition inline"]
    is_encrypted: Annotated[bool | None, "needs a password; None if this kind of file was not looked into"]
    password_from: Annotated[str, "message whose text held the password that opened it, empty if none was needed"]
    contains: Annotated[list[str], "what was seen inside, as macros, javascript, login-form; see docs/tables.md"]


@dataclass(frozen=True, slots=True)
class Text:
    """One readable text of a message, cut into what the sender wrote now, what he quotes, and what is hidden."""

    message: Key
    number: Ordinal
    part: PartNumber
    attachment: Annotated[int | None, "attachments.number of the file that it stands in; None for the message itself"]
    kind: Annotated[
        str,
        "plain or html; nested for text of an attached message, calendar for an invitation, attached for a page (HTML) "
        "sent as a file; for text of other files their kind, as pdf or docx, or macro, field, script, properties",
    ]
    written: Annotated[str, "newest layer, visible, without quoted layers and signature; at most 65,536 characters"]
    signature: Annotated[str, "sign-off and signature block below it"]
    quoted: Annotated[str, "quoted or forwarded layers; at most 65,536 characters"]
    hidden: Annotated[str, "text that a reader does not see; at most 16,384 characters"]
    hidden_how: Annotated[
        list[str], "display-none, zero-size, white-on-white, transparent, off-screen, zero-width, bidi, comment"
    ]


@dataclass(frozen=True, slots=True)
class Cue:
    """One phrase known to `knowledge/phrases` or `knowledge/identities` that stands in the text, subject or name."""

    message: Key
    number: Ordinal
    part: Annotated[int, "MIME part, or -1 for a header"]
    found_in: Annotated[str, "written, signature, quoted, hidden, subject, from-name, attachment-name"]
    kind: Annotated[str, "what it asks or claims: interview, sign-in, password, institution, service, ..."]
    value: Annotated[str, "for identities the entry's id, as `brookings`; for phrases the language"]
    phrase: Annotated[str, "the words, as they stand there, at most 120 characters"]
    start: Annotated[int, "where in that text, characters"]


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong or can be read in two ways in a container or message."""

    message: Key
    number: Ordinal
    kind: Annotated[str, "short name, as `two-from-fields`; see docs/defects.md"]
    part: PartNumber
    offset: Annotated[int, "where, bytes from the start of the message"]
    detail: Annotated[str, "what was found, at most 200 characters"]


@dataclass(frozen=True, slots=True)
class Rejection:
    """One thing in a source that could not be read as a message, and what to do about it."""

    source: Annotated[str, "which mailbox: `sources.source`"]
    member: Annotated[str, "file inside it, empty for the file itself"]
    offset: Annotated[int, "where it begins, bytes"]
    length: Annotated[int, "how long it is, bytes"]
    reason: Annotated[str, "what happened, one sentence"]
    advice: Annotated[str, "what to do, one sentence"]


# ---------------------------------------------------------------- authenticity


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key that signed mail of the case, or that the DNS published for a signature of the case."""

    domain: Annotated[str, "d="]
    selector: Annotated[str, "s="]
    algorithm: Annotated[str, "rsa or ed25519; empty if revoked (p= empty)"]
    key_bits: Annotated[int, "length of the key, 0 if revoked"]
    key: Annotated[str, "public key, base64 of SubjectPublicKeyInfo (RSA) or the 32 bytes (Ed25519)"]
    source: Annotated[str, "file in the case's `keys/`, or recovered"]
    first: Annotated[datetime | None, "seen in the DNS first; for a recovered key the first message it signed"]
    last: Annotated[datetime | None, "seen in the DNS last; for a recovered key the last message it signed"]
    messages: Annotated[int, "messages of this case that it signed, by trial"]


@dataclass(frozen=True, slots=True)
class Verification:
    """What trying the known keys on one signature came to (RFC 6376 6.1, RFC 8617 5.2), as of the message's arrival."""

    message: Key
    number: Annotated[int, "signatures.number"]
    result: Annotated[str, "pass, fail, neutral, permerror or none, in the words of RFC 8601 2.7.1; none: no key"]
    reason: Annotated[str, "why: body-altered, header-altered, no-key, expired, signatures.problem, ...; empty on pass"]
    rests_on: Annotated[str, "key-then, key-before, key-later, key-undated, key-recovered or no-key"]
    source: Annotated[str, "file in `keys/` that holds the key, or recovered"]
    key_bits: Annotated[int, "length of the key"]
    same_key: Annotated[int, "messages of this case that the same key signed, this one among them"]
    caveats: Annotated[list[str], "what a pass does not prove: partial-body, short-key, from-could-be-added, ..."]


@dataclass(frozen=True, slots=True)
class Check:
    """What one method of authentication comes to for one message when it is computed again, offline."""

    message: Key
    method: Annotated[str, "spf, dkim, arc or dmarc"]
    result: Annotated[str, "as RFC 8601 2.7 has it; none: nothing to check, unknown: no record was kept"]
    domain: Annotated[str, "the domain that the result is about"]
    organisation: Annotated[str, "registrable domain of it"]
    aligned: Annotated[bool, "for that domain to speak for From, by the rule that is named"]
    rule: Annotated[str, "the standard that was in force, as RFC 7489"]
    policy: Annotated[str, "DMARC: what the domain asks for (none, quarantine, reject)"]
    rests_on: Annotated[
        str,
        "record-then, -before, -later or -undated; recovered (a key); recorded (a result that the provider recorded "
        "stands in for what was not kept); no-record",
    ]
    source: Annotated[str, "file in `keys/`"]
    reason: Annotated[str, "what decided, as the mechanism of SPF that matched"]


# ---------------------------------------------------------------- context


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One mailbox container that was read, whose it is, and what came out of it. The counts add up."""

    source: Annotated[str, "short id, derived from the path"]
    path: Annotated[str, "where it lies, with `!member` for a file inside an archive"]
    kind: Annotated[str, "mbox, maildir, folder of eml, ..."]
    size: Annotated[int, "bytes"]
    owner: Annotated[str, "address of the person whose mailbox it is; the source's id if nobody stands out"]
    owner_how: Annotated[str, "given, delivered-to, recipients, sent, shared: why we think so; empty if unknown"]
    owner_share: Annotated[float, "share of its messages that are from or to the owner, 0 to 1"]
    found: Annotated[int, "things found that should be messages: judged, repeated and rejected together"]
    messages: Annotated[int, "of these, messages first seen here"]
    repeated: Annotated[int, "of these, messages seen before, here or in another source"]
    rejected: Annotated[int, "of these, rejected: see `rejections`"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where each message was first seen, and in whose mailbox: rather with a recipient than with its author."""

    message: Key
    source: Annotated[str, "which mailbox: `sources.source`"]
    member: Annotated[str, "file inside a folder or archive, empty for a single file"]
    offset: Annotated[int, "where it begins there, bytes"]
    length: Annotated[int, "how long it is there, bytes"]
    owner: Annotated[str, "whose mailbox, as in `sources.owner`"]


@dataclass(frozen=True, slots=True)
class OwnerAddress:
    """One address of an owner of a mailbox."""

    owner: Annotated[str, "the owner's main address"]
    address: Annotated[str, "an address that is the owner's"]
    how: Annotated[str, "main, tagged, sent-folder, delivered-to"]


@dataclass(frozen=True, slots=True)
class Address:
    """One address that occurs in the case, and the name and person it goes by."""

    address: Annotated[str, "lower case"]
    domain: Annotated[str, "host"]
    organisation: Annotated[str, "registrable domain"]
    name: Annotated[str, "display name used most"]
    person: Annotated[str, "that name as a key"]
    first: Annotated[datetime | None, "first message from or to it"]
    last: Annotated[datetime | None, "last message from or to it"]
    wrote: Annotated[int, "messages from it"]
    was_written: Annotated[int, "messages of owners to it"]
    is_owner: Annotated[bool, "belongs to an owner of a mailbox"]
    protected: Annotated[bool, "a correspondent worth impersonating: owners wrote to it, or it wrote on three days"]


@dataclass(frozen=True, slots=True)
class Relationship:
    """What the owner's mailbox knew of a sender before this message; one row for each message with an owner."""

    message: Key
    owner: Annotated[str, "whose mailbox"]
    direction: Annotated[str, "received, sent (by the owner), or self"]
    history: Annotated[int, "messages in this mailbox before this one"]
    address_received: Annotated[int, "messages from the same address before"]
    address_sent: Annotated[int, "messages of the owner to the same address before"]
    address_first: Annotated[datetime | None, "when the address first occurred, in either direction"]
    address_last: Annotated[datetime | None, "when it last occurred before this message"]
    days_silent: Annotated[float | None, "days since then"]
    organisation_received: Annotated[int, "messages from the same registrable domain before"]
    organisation_sent: Annotated[int, "messages of the owner to that domain before"]
    case_received: Annotated[int, "messages from the same address to other owners of the case before"]
    name_known: Annotated[str, "another address, used before under the same name (most used), empty if none"]
    name_received: Annotated[int, "messages under that name from other addresses before"]
    name_sent: Annotated[int, "messages of the owner to that name's other addresses before"]
    name_vouched: Annotated[bool, "mail from `name_known` named this address before, or `name_known` reads along"]
    reply_known: Annotated[bool, "Reply-To is an address that the mailbox knew before"]
    introduced: Annotated[bool, "was on copy of an earlier message by somebody to whom the owner had written"]
    client_known: Annotated[bool | None, "same mailer and header order came from this address before; None if new"]
    offset_known: Annotated[bool | None, "same UTC offset, within 90 minutes, came from this address before"]
    route_known: Annotated[bool | None, "same origin organisation handed over this address's mail before"]
    list_received: Annotated[int, "messages through the same list (List-Id) before"]
    newcomer: Annotated[
        bool, "the address wrote first, at most 60 days ago, and not through a list that the mailbox knew"
    ]
    days_known: Annotated[float, "days since the address first occurred, 0 for its first message"]
    mailbox_days: Annotated[float, "days since the mailbox's first message: how long it had been watched"]
    is_in_sent: Annotated[bool, "lies in a sent folder or bears the label Sent"]
    is_in_spam: Annotated[bool, "lies in a spam folder or is marked as spam; shown, never weighed"]
    is_in_trash: Annotated[bool, "lies in a trash folder or is marked as deleted; shown, never weighed"]
    to_owner: Annotated[bool, "the owner's address stands in To or Cc, or nobody's does"]
    recipients: Annotated[int, "addresses in To and Cc"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Which conversation a message belongs to, and what had happened in it before."""

    message: Key
    conversation: Annotated[str, "id: the message that began it, as far as the case shows"]
    position: Annotated[int, "0 for the first message that we hold"]
    conversation_size: Annotated[int, "messages that we hold of it"]
    owner_wrote_before: Annotated[int, "messages of the owner in it before this one"]
    sender_wrote_before: Annotated[int, "messages of this sender in it before"]
    sender_addressed_before: Annotated[bool, "this sender was among the recipients of an earlier message in it"]
    replies_to: Annotated[str, "message (SHA-256) that it answers, if we hold it, else empty"]
    invented: Annotated[bool, "written as a reply (Re:), but names no earlier message"]
    days_since_previous: Annotated[float | None, "days since the previous message of the conversation"]
    links_before: Annotated[int, "links in earlier messages of this sender in it"]
    attachments_before: Annotated[int, "attachments in earlier messages of this sender in it"]
    new_on_copy: Annotated[int, "addresses on Cc or To that the mailbox had never seen before, without the sender"]


@dataclass(frozen=True, slots=True)
class Habit:
    """What a person's earlier messages to an owner were like, next to this one; one row for each but the first.

    A person is one address, or up to four that began under the same name. A share is the part of the earlier messages
    that are as this one: 0 is never, and `messages_before` says how much stands behind it.
    """

    message: Key
    owner: Annotated[str, "whose mailbox"]
    person: Annotated[str, "who writes: a name as in `messages.from_person`, or an address"]
    messages_before: Annotated[int, "earlier messages of this person, from any of the addresses; at least 1"]
    days_before: Annotated[float, "days since the first of them"]
    addresses: Annotated[int, "addresses from which they came"]
    brings: Annotated[
        list[str], "what this message wants of the reader: link (elsewhere, new here), file, request (one of `cues`)"
    ]
    hour: Annotated[int, "hour of day by the clock that the person's message before this one showed, 0 to 23"]
    hour_share: Annotated[float, "share within two hours of this hour of day"]
    language_share: Annotated[float | None, "share in this language, of those whose language is known; None if unsure"]
    structure_share: Annotated[float, "share with the same `messages.structure`"]
    client_share: Annotated[float, "share with the same mail program, version aside, and domain of Message-ID"]
    header_order_share: Annotated[float, "share with the same `messages.header_order`"]
    closing_share: Annotated[float, "share with the same first line of farewell, or with none, as this"]
    quoting_share: Annotated[float | None, "share of earlier answers that quote, or do not, as this; None if no answer"]
    link_share: Annotated[float, "share with a link, elsewhere than to the sender's own domain, that was new here then"]
    link: Annotated[int | None, "links.number of this message's own new link, the one to the least known place"]
    link_place: Annotated[str, "where it leads: registrable domain, of shared hosts the host; empty if no new link"]
    link_place_person: Annotated[int | None, "earlier messages of this person with a new link to that place"]
    link_place_mailbox: Annotated[int | None, "earlier messages of anybody to this owner with a new link there"]
    file_share: Annotated[float, "share with an attached file; pictures in the text, signatures and cards aside"]
    file_kind_share: Annotated[float | None, "share with a file of the same extension; None if this has no file"]
    asking_share: Annotated[float, "share with a phrase that asks for something (`cues`)"]
    to_owner_share: Annotated[float, "share that name the owner in To or Cc"]
    recipients_most: Annotated[int, "largest number of addresses in To and Cc of one of them"]
    recipients_share: Annotated[
        float | None, "share of this message's other recipients whom one of them named, too; None if it has no others"
    ]


@dataclass(frozen=True, slots=True)
class Host:
    """One host that a link of the case leads to."""

    host: Annotated[str, "host in A-label form"]
    organisation: Annotated[str, "registrable domain"]
    is_shortener: Annotated[bool, "shortens links"]
    is_shared_hosting: Annotated[bool, "anyone can put a page there, at once and without a name"]
    is_file_host: Annotated[bool, "anyone can put a file or form there"]
    is_dynamic: Annotated[bool, "dynamic DNS"]
    is_bulk_mailer: Annotated[bool, "a mailing service's own host, as for counting clicks"]


@dataclass(frozen=True, slots=True)
class Identity:
    """One institution, medium, government body or service that lures pose as, from `knowledge/identities`."""

    id: Annotated[str, "short name"]
    name: Annotated[str, "name as people know it"]
    kind: Annotated[str, "institution, media, government or service"]
    domains: Annotated[list[str], "registrable domains that are its own"]
    shared_domains: Annotated[list[str], "domains that it mails from and anybody else, too"]


@dataclass(frozen=True, slots=True)
class Domain:
    """One registrable domain (or tenant of shared hosting) that occurs in the case, as mail or link."""

    organisation: Annotated[str, "registrable domain"]
    popularity: Annotated[int | None, "among the so many most used (Tranco): 10,000 or 1,000,000; None if not"]
    is_freemail: Annotated[bool, "anyone can have an address there"]
    is_disposable: Annotated[bool, "throw-away addresses"]
    is_bulk_mailer: Annotated[bool, "a mailing service that honest senders send through"]
    identity: Annotated[str, "id of the institution or service whose own domain it is, empty if not known"]
    correspondents: Annotated[int, "protected addresses under it in this case"]
    first: Annotated[datetime | None, "first message of the case that names it"]
    misspells: Annotated[str, "name that its own mail bears and that the domain misspells, empty if it does not"]
    service_words: Annotated[list[str], "words of services, two or more, that spell the whole name; empty if not"]
    lookalike_of: Annotated[str, "domain that it looks like, empty if none"]
    lookalike_how: Annotated[str, "skeleton, edit, label-in-other, other-suffix, brand-in-name, subdomain"]
    lookalike_identity: Annotated[str, "identity whose domain lookalike_of is, empty if none"]
    lookalike_whose: Annotated[str, "correspondent, owner, institution, media, government, service"]


# ---------------------------------------------------------------- judgement


@dataclass(frozen=True, slots=True)
class Finding:
    """One detector that fired on one message, its sentence, and what in the message it rests on."""

    message: Key
    detector: Annotated[str, "file name without .toml"]
    group: Annotated[str, "findings of a group share a ceiling"]
    sentence: Annotated[str, "what was seen, in plain words, links defanged"]
    bits: Annotated[float, "measured weight, log2 of how much more often in attacks than in honest mail; 0 unmeasured"]
    header: Annotated[str, "header field that shows it, lower case, empty if none"]
    link: Annotated[int | None, "links.number"]
    attachment: Annotated[int | None, "attachments.number"]
    hop: Annotated[int | None, "hops.number"]
    cue: Annotated[int | None, "cues.number"]
    other: Annotated[str, "another message it rests on, empty if none"]
    carried: Annotated[bool, "seen on an earlier message of the same stranger or conversation, which `other` names"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the findings of one message come to. Every message has exactly one."""

    message: Key
    owner: Annotated[str, "whose mailbox, as in `sources.owner`"]
    bits: Annotated[float, "sum of the findings' bits under the groups' ceilings"]
    probability: Annotated[float, "that the message is part of an attack, calibrated, 0 to 1"]
    targeted: Annotated[float, "that, if it is an attack, it was made for few people rather than for many, 0 to 1"]
    alone: Annotated[
        int | None,
        "how many other received messages of the mailbox are at least as suspicious in every group of findings; 0 "
        "stands alone (directed anomaly scoring, Ho et al. 2017); None for what is not among the 1,000 most probable",
    ]
    tier: Annotated[str, "attack, suspicious, notice, quiet; or malicious, harmless, unsure as a person decided"]
    rank: Annotated[
        int | None,
        "1 is the first to look at in the mailbox: by probability times targeted, of equals what stands more alone; "
        "None for the owner's own mail",
    ]
    place: Annotated[
        int | None,
        "of the conversation in the mailbox: 1 is the first to look at, as its strongest message ranks; None for the "
        "owner's own mail",
    ]
    chosen: Annotated[bool, "within the budget of conversations a person can look at"]
    conversation: Annotated[str, "conversations.conversation"]
    reasons: Annotated[list[str], "sentences of the findings, strongest first"]
    decided: Annotated[str, "what a person decided: malicious, harmless, unsure; empty if nobody did"]


@dataclass(frozen=True, slots=True)
class Severity:
    """How much effort a message shows that may be part of an attack, with its conversation so far (see docs/detectors).

    By the Targeted Threat Index (Hardy et al. 2014): social engineering times technical sophistication. One row for
    each message whose tier is attack, suspicious, malicious or unsure. It changes no verdict and no rank.
    """

    message: Key
    social: Annotated[int, "0 not targeted, 1 not customised, 2 poorly, 3 customised, 4 personalised, 5 highly"]
    social_because: Annotated[
        list[str], "detectors whose findings show it, or facts: greets-owner, known-person, known-account"
    ]
    technical: Annotated[float, "1 plain, 1.25 a simple trick, 1.5 set up for it, 1.75 acts, 2 an account taken over"]
    technical_because: Annotated[list[str], "detectors or facts that show it, empty if plain"]
    severity: Annotated[float, "social times technical, 0 to 10"]


@dataclass(frozen=True, slots=True)
class DetectorRun:
    """One detector as it ran over the case: what it weighs, how often it fired, or why it did not run."""

    detector: Annotated[str, "file name without .toml"]
    title: Annotated[str, "its title"]
    group: Annotated[str, "its group"]
    bits: Annotated[float | None, "measured weight, None if never measured"]
    needs_history: Annotated[bool, "it compares with what was usual before, and is silent while that is not known"]
    fired: Annotated[int, "messages it fired on"]
    seconds: Annotated[float, "how long it took"]
    error: Annotated[str, "why it could not judge, empty if it did"]


FACTS: dict[str, type] = {
    "sightings": Sighting,
    "messages": Message,
    "recipients": Recipient,
    "hops": Hop,
    "authentications": Authentication,
    "signatures": Signature,
    "links": Link,
    "attachments": Attachment,
    "texts": Text,
    "cues": Cue,
    "defects": Defect,
    "rejections": Rejection,
}
AUTHENTICITY: dict[str, type] = {"signing_keys": SigningKey, "verifications": Verification, "checks": Check}
CONTEXT: dict[str, type] = {
    "sources": SourceRow,
    "places": Place,
    "owner_addresses": OwnerAddress,
    "addresses": Address,
    "relationships": Relationship,
    "conversations": Conversation,
    "identities": Identity,
    "hosts": Host,
    "domains": Domain,
    "habits": Habit,
}
JUDGEMENT: dict[str, type] = {
    "findings": Finding,
    "verdicts": Verdict,
    "severities": Severity,
    "detector_runs": DetectorRun,
}
TABLES: dict[str, type] = FACTS | AUTHENTICITY | CONTEXT | JUDGEMENT

Fact = (
    Sighting
    | Message
    | Recipient
    | Hop
    | Authentication
    | Signature
    | Link
    | Attachment
    | Text
    | Cue
    | Defect
    | Rejection
)

_ARROW: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
    list[str]: pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its name, Arrow type, whether it may be missing, and what it holds."""

    name: str
    type: pa.DataType
    nullable: bool
    says: str


@functools.cache
def columns(row: type) -> tuple[Column, ...]:
    """Read the columns of a table from its row class."""
    hints = get_type_hints(row, include_extras=True)
    found = []
    for field in dataclasses.fields(row):
        bare, says = get_args(hints[field.name])[:2]
        nullable = False
        if get_origin(bare) in (Union, types.UnionType):
            (bare,) = [kind for kind in get_args(bare) if kind is not type(None)]
            nullable = True
        found.append(Column(field.name, _ARROW[bare], nullable, typing.cast(str, says)))
    return tuple(found)


@functools.cache
def schema(name: str) -> pa.Schema:
    """Give the Arrow schema of the table called `name`."""
    return pa.schema([pa.field(column.name, column.type, column.nullable) for column in columns(TABLES[name])])
