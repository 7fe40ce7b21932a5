"""What is seen in the bytes of a message (room `observe`). Only these tables need a mailbox to be rebuilt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from watchword.tables.column import Key, Ordinal, PartNumber


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
    client_ip: Annotated[
        str, "where the sender's browser or program was, as his own provider says (X-Originating-IP and the like)"
    ]
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
    picture: Annotated[
        str,
        "difference hash of a picture of 40 pixels or more, 16 hexadecimal digits, of which scaling and saving again "
        "change at most three bits as a rule; empty for a smaller one, one that shows little, or another file",
    ]


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
    bands: Annotated[
        list[str],
        "24 bands of MinHash over the words of `written` (Broder 1997): copies with up to a third of the words changed "
        "share two or more, strangers hardly ever; one shared says nothing; empty below 20 words",
    ]
    skeleton: Annotated[
        str, "hash of the page's tags as a tree, repetitions once, 16 hexadecimal digits; empty if it is simple"
    ]


@dataclass(frozen=True, slots=True)
class Mention:
    """One address, phone number, handle or other id that the text or page names, by which its author can be reached."""

    message: Key
    number: Ordinal
    part: PartNumber
    found_in: Annotated[str, "written, signature or page"]
    kind: Annotated[
        str, "phone, address (of mail), handle (of a messenger or network), wallet, or tracking (whose counter it is)"
    ]
    value: Annotated[str, "the same however it is written: +15550142, a@b.example, telegram:name, bitcoin:1…, ga:…"]
    shown: Annotated[str, "as it stands there, at most 120 characters"]


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
