"""What a case keeps of its comparisons: one JSON file for each in `CASE/matches/`, which is truth, and its signing key.

The keys of a session lie in that file until it is finished, and are then written over. What was offered stays, so that
one can say later what a partner was told about; a disk may keep the bytes of a file that was written over.
"""

import base64
import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from nacl.signing import SigningKey

from watchword.case import Case, write_whole
from watchword.errors import WatchwordError
from watchword.match.exchange import Common, Item, Placed

PER_DAY = 3  # sessions with one partner in 24 hours, unless the user says more
LONGEST = 100  # characters of a partner's name

_SESSION = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Found:
    """One item that the partner holds, too, and the numbers of the partner's operations that have it."""

    sort: str
    value: str
    partner_operations: list[int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as it was offered, where it stood in the file, and the numbers that our operations had then."""

    sort: str
    value: str
    place: int
    numbers: list[int]


@dataclass(frozen=True, slots=True)
class Session:
    """One comparison, from this side."""

    session: str
    role: str  # offer or answer
    partner: str
    partner_case: str  # their public signing key, hexadecimal; empty before they sent anything
    count_only: bool
    state: str  # offered, answered, finished or dropped
    began: str  # ISO 8601, UTC
    ended: str
    size: int  # points or marks that were sent, with the random ones
    items: list[Entry]
    found: list[Found] = field(default_factory=list)
    band: str = ""
    secret: str = ""  # seed of the offerer, key of the answerer's box: until the end
    offer_file: str = ""  # base64: files that are needed to check what comes next, until the end
    answer_file: str = ""

    @property
    def placed(self) -> list[Placed]:
        """What was offered, as the protocol takes it."""
        return [Placed(Item(one.sort, one.value), one.place, tuple(one.numbers)) for one in self.items]

    def closed(self, state: str, now: datetime, found: Sequence[Common] = (), band: str = "") -> "Session":
        """Give the session as it is kept in the end: without keys and files."""
        kept = [Found(one.item.sort, one.item.value, list(one.numbers)) for one in found]
        kept.sort(key=lambda one: (one.sort, one.value))
        return replace(
            self, state=state, ended=now.isoformat(), found=kept, band=band, secret="", offer_file="", answer_file=""
        )


def entries(items: Sequence[Placed]) -> list[Entry]:
    """Give what was placed in the form that is kept."""
    return [Entry(one.item.sort, one.item.value, one.place, list(one.numbers)) for one in items]


def packed(data: bytes) -> str:
    """Write bytes so that JSON can keep them."""
    return base64.b64encode(data).decode("ascii")


def unpacked(text: str) -> bytes:
    """Read what `packed` wrote."""
    return base64.b64decode(text)


class Sessions:
    """The comparisons of one case."""

    def __init__(self, case: Case) -> None:
        """Nothing is read yet."""
        self.folder = case.path / "matches"

    def key(self) -> SigningKey:
        """Give the key that this case signs with, made at first use. Partners know the case by its public half."""
        file = self.folder / "key"
        if not file.exists():
            self._make_folder()
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(bytes(SigningKey.generate()).hex().encode("ascii"))
        try:
            return SigningKey(bytes.fromhex(file.read_text("ascii").strip()))
        except ValueError:
            raise WatchwordError(
                f"{file} is no key.",
                do="Restore it. If it is lost, delete it: partners will be told that this case has another key.",
            ) from None

    def all(self) -> list[Session]:
        """Give every session, oldest first. Raises WatchwordError for a file that is none."""
        found = []
        for file in self.folder.glob("*.json"):
            try:
                found.append(_read(json.loads(file.read_text("utf-8"))))
            except (ValueError, TypeError, KeyError, AttributeError):
                raise WatchwordError(
                    f"{file} is no session of a comparison.", do="Restore the file; it is evidence."
                ) from None
        return sorted(found, key=lambda one: (one.began, one.session))

    def get(self, session: bytes, role: str) -> Session:
        """Give the session that a file names. Raises WatchwordError if this side has none, or it is over."""
        one = next((one for one in self.all() if one.session == session.hex()), None)
        if one is None or one.role != role:
            began = "offered to anybody" if role == "offer" else "answered"
            raise WatchwordError(
                "The file belongs to a session that this case has not " + began + ".",
                do="Give it to the case that the session was begun with: --case.",
            )
        if one.state in ("finished", "dropped"):
            raise WatchwordError(
                f"The session with {one.partner} is {one.state} already, and its keys are deleted.",
                do="Begin a new one with `watchword match offer`.",
            )
        return one

    def save(self, session: Session) -> None:
        """Write a session, whole or not at all."""
        self._make_folder()
        text = json.dumps(asdict(session), indent=1, ensure_ascii=True)
        write_whole(self.folder / f"{session.session}.json", text + "\n")

    def check_new(self, partner: str, partner_case: str, session: str, now: datetime, again: bool) -> None:
        """Refuse a session that was answered before, a partner whose key changed, and too many sessions in a day."""
        before = self.all()
        for one in before:
            if one.session == session and one.role == "offer":
                raise WatchwordError("This offer was made by this case itself.", do="It is for the other side.")
            if one.session == session:
                raise WatchwordError(
                    "This offer was answered already. Each offer gets one answer.", do="Ask for a new offer."
                )
        self.check_partner(partner, partner_case)
        since = (now - timedelta(days=1)).isoformat()
        same = [
            one
            for one in before
            if (one.partner == partner or (partner_case and one.partner_case == partner_case)) and one.began > since
        ]
        if len(same) >= PER_DAY and not again:
            raise WatchwordError(
                f"There were {len(same)} sessions with {partner} in the last 24 hours. Each lets the other side test "
                "as many guesses as its file has room for.",
                do="Wait, or say --again if you know why it is needed.",
            )

    def check_partner(self, partner: str, partner_case: str) -> None:
        """Refuse a known partner with another key, and a known key under another name."""
        for one in self.all():
            if not (one.partner_case and partner_case):
                continue
            if one.partner == partner and one.partner_case != partner_case:
                raise WatchwordError(
                    f"The file is signed by {fingerprint(partner_case)}, but {partner} was "
                    f"{fingerprint(one.partner_case)} before.",
                    do="Call them and compare. If they have a new case, give it another name with --partner.",
                )
            if one.partner != partner and one.partner_case == partner_case:
                raise WatchwordError(
                    f"The file is signed by {fingerprint(partner_case)}, whom this case knows as {one.partner}.",
                    do=f"Say --partner {one.partner!r}, if it is they.",
                )

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)  # keys lie in it


def fingerprint(case: str) -> str:
    """Write a public key so that it can be read aloud: its first 80 bits."""
    return " ".join(case[at : at + 4] for at in range(0, 20, 4)) if case else "nobody yet"


def read_file(path: Path, longest: int) -> bytes:
    """Read a file of the other side, that is not longer than it may be. Raises WatchwordError."""
    with path.open("rb") as stream:
        data = stream.read(longest + 1)
    if len(data) > longest:
        raise WatchwordError(f"{path} is longer than any file of a comparison.", do="Check that it is the right file.")
    return data


def _read(row: object) -> Session:
    """Read what `save` wrote, each value in its type. Raises ValueError, TypeError or KeyError."""
    if not isinstance(row, dict):
        raise TypeError
    texts = {
        name: _text(row[name])
        for name in "session role partner partner_case state began ended band secret offer_file answer_file".split()
    }
    if not _SESSION.fullmatch(texts["session"]) or texts["role"] not in ("offer", "answer"):
        raise ValueError
    if texts["ended"]:
        datetime.fromisoformat(texts["ended"])
    return Session(
        **texts,
        count_only=bool(row["count_only"]),
        size=int(row["size"]),
        items=[
            Entry(
                _text(one["sort"]), _text(one["value"]), int(one["place"]), [int(number) for number in one["numbers"]]
            )
            for one in row["items"]
        ],
        found=[
            Found(_text(one["sort"]), _text(one["value"]), [int(number) for number in one["partner_operations"]])
            for one in row["found"]
        ],
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
