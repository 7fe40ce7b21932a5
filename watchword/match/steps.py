"""The four steps of a comparison. Each gives the session as it has to be kept, and the file for the other side."""

from dataclasses import replace
from datetime import datetime

from watchword.case import Case
from watchword.errors import WatchwordError
from watchword.match import exchange, messages
from watchword.match.choose import Choice
from watchword.match.exchange import Common, Placed
from watchword.match.sessions import LONGEST, Session, Sessions, entries, packed, unpacked

_KEPT = "The file that was kept of this session"


def offer(
    case: Case, choice: Choice, partner: str, count_only: bool, again: bool, now: datetime
) -> tuple[Session, bytes]:
    """Offer what was chosen. Raises WatchwordError, also if there were too many sessions (but for `again`)."""
    sessions = Sessions(case)
    partner = _name(partner)
    sessions.check_new(partner, "", "", now, again)
    made = exchange.offer(_placed(choice), count_only, sessions.key())
    session = Session(
        session=made.session.hex(),
        role="offer",
        partner=partner,
        partner_case="",
        count_only=count_only,
        state="offered",
        began=now.isoformat(),
        ended="",
        size=exchange.padded(len(made.items)),
        items=entries(made.items),
        secret=packed(made.seed),
        offer_file=packed(made.file),
    )
    return session, made.file


def answer(
    case: Case, data: bytes, name: str, choice: Choice, partner: str, again: bool, now: datetime
) -> tuple[Session, bytes]:
    """Answer the offer that `data` of the file `name` is with what was chosen. Raises WatchwordError."""
    sessions = Sessions(case)
    partner = _name(partner)
    offered = messages.read_offer(data, name)
    sessions.check_new(partner, offered.head.case.hex(), offered.head.session.hex(), now, again)
    made = exchange.answer(offered, _placed(choice), sessions.key())
    session = Session(
        session=offered.head.session.hex(),
        role="answer",
        partner=partner,
        partner_case=offered.head.case.hex(),
        count_only=offered.head.count_only,
        state="answered",
        began=now.isoformat(),
        ended="",
        size=exchange.padded(len(made.items)),
        items=entries(made.items),
        secret=packed(made.box),
        offer_file=packed(data),
        answer_file=packed(made.file),
    )
    return session, made.file


def finish(case: Case, data: bytes, name: str, now: datetime) -> tuple[Session, bytes]:
    """Read the answer to an offer of this case, and write the result. Raises WatchwordError."""
    sessions = Sessions(case)
    answered = messages.read_answer(data, name)
    session = sessions.get(answered.head.session, "offer")
    sessions.check_partner(session.partner, answered.head.case.hex())
    offered = messages.read_offer(unpacked(session.offer_file), _KEPT)
    seed = unpacked(session.secret)
    found: list[Common] = []
    band = ""
    if session.count_only:
        band = exchange.band(exchange.count(offered, answered, seed))
    else:
        found = exchange.common(offered, answered, session.placed, seed)
    numbers = {one.item: one.numbers for one in session.placed}
    file = exchange.result(answered, [(one, numbers[one.item]) for one in found], band, seed, sessions.key())
    return replace(session, partner_case=answered.head.case.hex()).closed("finished", now, found, band), file


def accept(case: Case, data: bytes, name: str, now: datetime) -> Session:
    """Read the result of a comparison that this case answered, and check it. Raises WatchwordError."""
    said = messages.read_result(data, name)
    session = Sessions(case).get(said.head.session, "answer")
    offered = messages.read_offer(unpacked(session.offer_file), _KEPT)
    answered = messages.read_answer(unpacked(session.answer_file), _KEPT)
    found, band = exchange.opened(offered, answered, said, session.placed, unpacked(session.secret))
    return session.closed("finished", now, found, band)


def drop(case: Case, beginning: str, now: datetime) -> Session:
    """End the open session whose id begins so, without a result. Raises WatchwordError if there is not exactly one."""
    found = [one for one in Sessions(case).all() if one.session.startswith(beginning) and one.secret]
    if len(found) != 1:
        raise WatchwordError(
            f"{beginning} is {'no open session' if not found else 'the beginning of several sessions'}.",
            do="`watchword match list` shows them.",
        )
    return found[0].closed("dropped", now)


def _name(partner: str) -> str:
    name = partner.strip()
    if not name or not name.isprintable() or len(name) > LONGEST:
        raise WatchwordError("--partner is no name.", do=f"Write at most {LONGEST} letters, as --partner newsroom.")
    return name


def _placed(choice: Choice) -> list[Placed]:
    if not choice.items:
        raise WatchwordError(
            "There is nothing to compare: no item of an attack in this case may be offered.",
            do="--dry-run --list shows what was refused, and why.",
            code=3,
        )
    return [Placed(one.item, 0, tuple(one.numbers)) for one in choice.items]
