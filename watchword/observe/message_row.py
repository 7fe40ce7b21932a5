"""The row of a message itself: who it says it is from, when, and its form."""

from dataclasses import dataclass
from datetime import UTC, datetime

from watchword.observe import form
from watchword.observe.domain import ascii_host, organisation
from watchword.observe.identity import address_in_name, people, person
from watchword.observe.route import Route, provider
from watchword.parse.fields import Mailbox, date, message_ids
from watchword.parse.message import Message as Parsed
from watchword.tables import Message

_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_REFERENCES = 200  # ids kept of References; longer lists are cut in the middle, as RFC 5322 3.6.4 lets programs do
_LINE = 998  # characters of one name, id or subject: the longest line of RFC 5322 2.1.1
_DOMAINS = 100  # of From
_NOBODY = Mailbox("", "", "", "")


@dataclass(frozen=True, slots=True)
class Body:
    """What the row says of the body, as other observers saw it."""

    language: str
    text_length: int
    links: int
    attachments: int


def message_row(message: Parsed, key: str, size: int, path: Route, sender: list[Mailbox], body: Body) -> Message:
    """Give the row of a message."""
    names = message.names()
    author = sender[0] if sender else _NOBODY
    reply = _first_mailbox(message, "reply-to")
    returned = _first_mailbox(message, "return-path")
    subject = decoded(message, "subject")
    plain, answers = form.subject_marks(subject)
    ids = _ids(message, "message-id")
    written, offset = _date(message)
    origin = path.received[path.border] if path.outside else None
    origin_host = (origin.from_reverse or origin.from_host) if origin else ""
    return Message(
        message=key,
        message_id=ids[0] if ids else "",
        in_reply_to=next(iter(_ids(message, "in-reply-to")), ""),
        references=_shorten(_ids(message, "references")),
        subject=subject[:_LINE],
        subject_plain=plain,
        subject_reply=answers,
        time=_arrival(path) or (written if _plausible(written) else None),
        date=written,
        date_offset=offset,
        from_name=author.name[:_LINE],
        from_address=author.address,
        from_local=author.local,
        from_domain=author.domain,
        from_organisation=organisation(author.domain) if author.domain else "",
        from_person=person(author.name),
        from_count=sum(1 for box in sender if box.address),
        from_domains=list(dict.fromkeys(box.domain for box in sender if box.address))[:_DOMAINS],
        name_address=address_in_name(author.name if author.address else decoded(message, "from")),
        sender_address=_first_mailbox(message, "sender").address,
        reply_name=reply.name[:_LINE],
        reply_address=reply.address,
        reply_domain=reply.domain,
        reply_organisation=organisation(reply.domain) if reply.domain else "",
        return_address=returned.address,
        return_domain=returned.domain,
        return_organisation=organisation(returned.domain) if returned.domain else "",
        message_id_domain=_right(ids[0]) if ids else "",
        list_id=_list_id(message),
        is_list=form.is_list(message, names),
        is_bulk=form.is_bulk(message, names),
        is_auto=form.is_auto(message, names),
        has_unsubscribe="list-unsubscribe" in names,
        has_calendar=form.has_calendar(message),
        mailer=form.mailer(message),
        header_order=form.header_order(message),
        structure=form.structure(message),
        language=body.language,
        charset=form.charset(message),
        size=size,
        text_length=body.text_length,
        links=body.links,
        attachments=body.attachments,
        received_count=len(path.received) + path.beyond,
        origin_ip=origin.from_ip if origin else "",
        origin_host=origin_host,
        origin_organisation=organisation(origin_host) if origin_host else "",
        client_ip=form.client_ip(message),
        provider=provider(path),
    )


def authors(message: Parsed) -> list[Mailbox]:
    """Give the addresses of all From fields, topmost first; words without an address stand behind the first address.

    They are its name where it has none of its own, as a reader takes them for it.
    """
    boxes = [box for header in message.all("from")[:20] for box in people(header.raw)]
    first = next((number for number, box in enumerate(boxes) if box.address), 0)
    if first:
        box = boxes.pop(first)
        name = box.name or ", ".join(other.name for other in boxes[:first] if other.name)
        boxes.insert(0, Mailbox(name, box.address, box.local, box.domain))
    return boxes


def bare(key: str, size: int) -> Message:
    """Give a row that says of a message only that it is there."""
    return Message(
        message=key,
        message_id="",
        in_reply_to="",
        references=[],
        subject="",
        subject_plain="",
        subject_reply=False,
        time=None,
        date=None,
        date_offset=None,
        from_name="",
        from_address="",
        from_local="",
        from_domain="",
        from_organisation="",
        from_person="",
        from_count=0,
        from_domains=[],
        name_address="",
        sender_address="",
        reply_name="",
        reply_address="",
        reply_domain="",
        reply_organisation="",
        return_address="",
        return_domain="",
        return_organisation="",
        message_id_domain="",
        list_id="",
        is_list=False,
        is_bulk=False,
        is_auto=False,
        has_unsubscribe=False,
        has_calendar=False,
        mailer="",
        header_order="",
        structure="",
        language="",
        charset="",
        size=size,
        text_length=0,
        links=0,
        attachments=0,
        received_count=0,
        origin_ip="",
        origin_host="",
        origin_organisation="",
        client_ip="",
        provider="",
    )


def _first_mailbox(message: Parsed, name: str) -> Mailbox:
    header = message.first(name)
    boxes = people(header.raw) if header else ()
    return boxes[0] if boxes else _NOBODY


def decoded(message: Parsed, name: str) -> str:
    """Give the topmost field of that name, decoded, empty if there is none."""
    header = message.first(name)
    return header.text if header else ""


def _ids(message: Parsed, name: str) -> list[str]:
    header = message.first(name)
    return [one[:_LINE] for one in message_ids(header.value)] if header else []


def _shorten(ids: list[str]) -> list[str]:
    return ids if len(ids) <= _REFERENCES else ids[:1] + ids[1 - _REFERENCES :]


def _right(message_id: str) -> str:
    """Give the registrable domain on the right of a Message-ID."""
    host = ascii_host(message_id.rpartition("@")[2][:255]) if "@" in message_id else ""
    return organisation(host) if host else ""


def _list_id(message: Parsed) -> str:
    """Give the id of List-Id (RFC 2919): in angle brackets at the end, or bare in old lists."""
    text = decoded(message, "list-id")[:1_000]
    _, opened, rest = text.rpartition("<")
    return (rest.partition(">")[0] if opened else text).strip().lower()[:255]


def _date(message: Parsed) -> tuple[datetime | None, int | None]:
    header = message.first("date")
    when, offset = date(header.value[:200]) if header else (None, None)
    return when, offset


def _arrival(path: Route) -> datetime | None:
    """Give when the receiving provider took the message: by the border hop, else by the topmost one."""
    for number in (path.border, 0):
        if 0 <= number < len(path.received):
            when = path.received[number].time
            if _plausible(when):
                return when
    return None


def _plausible(when: datetime | None) -> bool:
    return when is not None and _EARLIEST <= when < _LATEST
