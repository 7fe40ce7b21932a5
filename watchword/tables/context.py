"""What was normal before (room `context`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from watchword.tables.column import Key


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
