"""Real mailboxes that carry the operations: read from the corpora, put in order of time, with their owner."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from bench.operations.fields import Form, form
from bench.operations.lists import direct, is_list, is_munged

_SEPARATOR = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]+\d{4}\r?\n")
FREEMAIL = frozenset(
    "gmail.com googlemail.com yahoo.com hotmail.com outlook.com aol.com msn.com gmx.de gmx.net gmx.at web.de "
    "mail.ru yandex.ru protonmail.com proton.me pm.me live.com icloud.com o2.pl 163.com 126.com qq.com "
    "earthlink.net comcast.net swbell.net".split()
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of a carrier with what the choice of a skeleton needs."""

    data: bytes
    when: datetime
    name: str
    address: str
    to: tuple[str, ...]
    subject: str
    message_id: str
    through_list: bool

    @property
    def domain(self) -> str:
        """Domain of the sender."""
        return self.address.rpartition("@")[2]


@dataclass(slots=True)
class Carrier:
    """One mailbox with its owner. Operations that begin after `cut` belong to val, and all of a val carrier's."""

    name: str
    kind: str  # enron, list, takeout
    owner_name: str
    owner: tuple[str, ...]  # addresses, the first is the main one
    letters: list[Letter]
    split: str
    cut: datetime
    topics: tuple[str, ...]


def _people(value: str) -> list[tuple[str, str]]:
    out = []
    for name, address in getaddresses([value]):
        with suppress(ValueError, LookupError):
            name = str(make_header(decode_header(name)))
        out.append((name, address.lower().strip()))
    return out


def letter(data: bytes, read: Form | None = None) -> Letter | None:
    """Read what is needed of a message; None for a message without a sender or a date."""
    read = read or form(data)
    people = _people(read.get("from"))
    try:
        when = parsedate_to_datetime(read.get("date"))
    except (ValueError, TypeError):
        return None
    if not people or "@" not in people[0][1]:
        return None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    name, address = people[0]
    if not name:
        name = re.sub(r"\s*</O=.*|\s*<.*|@ENRON.*|\"", "", read.get("x-from"))
        if ", " in name:
            last, _, first = name.partition(", ")
            name = f"{first} {last}"
    to = tuple(a for _, a in _people(read.get("to")) + _people(read.get("cc")))
    subject = read.get("subject")
    with suppress(ValueError, LookupError):
        subject = str(make_header(decode_header(subject)))
    return Letter(data, when, name, address, to, subject, read.get("message-id"), is_list(read))


def unboxed(data: bytes) -> Iterator[bytes]:
    """Messages of an mbox, their `>From ` quoting undone (mboxrd)."""
    marks = list(_SEPARATOR.finditer(data))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        body = data[mark.end() : after.start() if after else len(data)]
        body = re.sub(rb"(?m)^>(>*From )", rb"\1", body)
        if body.endswith(b"\r\n\r\n"):
            body = body[:-2]
        yield body[:-1] if body.endswith(b"\n\n") else body


def boxed(message: bytes, when: datetime) -> bytes:
    """One message as it stands in an mbox (mboxrd), with the separator before it and the blank line behind."""
    eol = b"\r\n" if b"\r\n" in message[:4096] else b"\n"
    quoted = re.sub(rb"(?m)^(>*From )", rb">\1", message)
    end = b"" if quoted.endswith(b"\n") else eol
    return b"From MAILER-DAEMON " + when.strftime("%a %b %d %H:%M:%S %Y").encode() + eol + quoted + end + eol


def _carrier(name: str, kind: str, owner: tuple[str, tuple[str, ...]], letters: list[Letter], split: str,
             cut: datetime | None, topics: tuple[str, ...]) -> Carrier:  # fmt: skip
    letters.sort(key=lambda one: one.when)
    late = letters[int(len(letters) * 0.75)].when
    return Carrier(name, kind, owner[0], owner[1], letters, split, cut or late, topics)


_ENRON_TOPICS = ("the western power market", "gas scheduling and pipeline capacity", "risk controls at energy traders",
                 "the new transmission rules", "deregulation of the retail market")  # fmt: skip


def enron(corpora: Path) -> Iterator[Carrier]:
    """The people of Enron, all folders of each merged; the owner is who wrote most of what lies in sent folders."""
    for number, folder in enumerate(sorted((corpora / "mailboxes" / "enron").iterdir())):
        letters: list[Letter] = []
        sent: dict[tuple[str, str], int] = {}
        for path in sorted(folder.glob("*.mbox")):
            for data in unboxed(path.read_bytes()):
                one = letter(data)
                if one is None:
                    continue
                letters.append(one)
                if "sent" in path.name:
                    sent[one.name, one.address] = sent.get((one.name, one.address), 0) + 1
        surname = folder.name.rpartition("-")[0]
        if not sent:
            continue
        (name, _), _ = max(sent.items(), key=lambda item: item[1])
        mine: dict[str, int] = {}
        for (_, address), count in sent.items():
            if surname[:5] in address:
                mine[address] = mine.get(address, 0) + count
        addresses = tuple(sorted(mine, key=lambda a: (-mine[a], a))[:3])
        if not addresses:
            continue
        split = "val" if number % 3 == 2 else "dev"
        modern = [one for one in letters if 1998 < one.when.year < 2004]
        cut = sorted(one.when for one in modern)[int(len(modern) * 0.8)]
        yield _carrier(f"enron-{folder.name}", "enron", (name, addresses), letters, split, cut, _ENRON_TOPICS)


_LISTS = {"openbmc": ("dev", "dev", "val", "dev"), "usrp-users": ("dev", "dev", "val")}  # the most prolific, in turn
_LIST_TOPICS = {
    "openbmc": ("open firmware and supply-chain security", "export controls and open source",
                "remote management of servers in public networks", "who maintains the software under our clouds"),
    "usrp-users": ("spectrum monitoring near borders", "software radio and satellite interference",
                   "passive radar and civil research", "GPS jamming and how it is measured"),
}  # fmt: skip


def lists(corpora: Path) -> Iterator[Carrier]:
    """Participants of two lists: all list mail, where the copy that named the owner came to him directly.

    Mailman sends no list copy to whom a message names already (its `nodupes` option, on by default).
    """
    with (corpora / "mail" / "labels.csv").open(encoding="utf-8") as table:
        bad = {row["path"] for row in csv.DictReader(table) if row["label"].startswith("scam")}
    for source, splits in _LISTS.items():
        read: list[Letter] = []
        for path in sorted((corpora / "mail" / source).rglob("*.eml")):
            if str(path.relative_to(corpora)) in bad:
                continue
            data = path.read_bytes()
            one = letter(data)
            if one is not None:
                read.append(one)
        for address, split in zip(prolific(read), splits, strict=False):
            yield list_carrier(source, address, read, split, _LIST_TOPICS[source], datetime(2023, 1, 1, tzinfo=UTC))


def prolific(read: Iterable[Letter]) -> list[str]:
    """Participants with a history both ways: ordered by the lesser of how often they wrote and were written to."""
    wrote: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for one in read:
        if " via " in one.name:  # the list's own address in another's name
            continue
        wrote[one.address] += 1
        named.update(set(one.to) - {one.address})
    return sorted(wrote, key=lambda a: (-min(wrote[a], named[a]), a))


def list_carrier(source: str, address: str, read: Iterable[Letter], split: str, topics: tuple[str, ...],
                 cut: datetime) -> Carrier:  # fmt: skip
    """Build the mailbox of one participant out of a list archive."""
    letters, name = [], ""
    for one in read:
        if one.address == address:
            name = one.name
        if address in one.to and one.address != address and not is_munged(form(one.data)):
            changed = direct(form(one.data), address)
            letters.append(replace(one, data=changed.bytes(), through_list=False) if changed else one)
        else:
            letters.append(one)
    owner = (name or address.partition("@")[0], (address,))
    return _carrier(f"{source}-{address.partition('@')[0]}", "list", owner, letters, split, cut, topics)


def takeout(corpora: Path) -> Iterator[Carrier]:
    """The reporter's Gmail account that signed up for campaign mail; its owner is whom most was delivered to."""
    folder = corpora / "mail" / "markup_political"
    letters = [one for path in sorted(folder.rglob("*.eml")) if (one := letter(path.read_bytes()))]
    if letters:
        to = Counter(re.sub(r"\+[^@]*", "", form(one.data).get("delivered-to")) for one in letters)
        address = max(to, key=lambda a: (to[a], a))
        owner = (re.sub(r"\W|\d", "", address.partition("@")[0]).capitalize(), (address,))
        topics = ("how campaigns mail their supporters", "small donors", "the primary calendar")
        yield _carrier("markup-gmail", "takeout", owner, letters, "dev", None, topics)


def carriers(corpora: Path) -> Iterator[Carrier]:
    """Every carrier the corpora offer."""
    yield from enron(corpora)
    yield from lists(corpora)
    yield from takeout(corpora)
