"""The protocol: two sides learn which items both hold, by Diffie-Hellman, and nothing of the others.

The offerer hides each item x as H(x)^r, r fresh for each. The answerer raises these to b, fresh for each session, and
marks its own items y by a hash of y and H(y)^b. The offerer takes r back, has H(x)^b, and so can make the mark of x,
and of nothing else: it never has b. It is the 2HashDH function of Jarecki, Kiayias and Krawczyk, evaluated once for
each item (RFC 9497 has the same core). A mark holds the answerer's operations, locked so that who holds y reads them.

Because each r is used once, the offerer can later open single points: the result gives r for what is common, and the
answerer sees that the item was in the offer, made before there was any answer. Offer and answer so are commitments to
both sets, point by point, that cost nothing.

Only to count, one r serves all and the answerer shuffles: the offerer learns how many are common, but not which.
"""

import hashlib
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey

from watchword.errors import WatchwordError
from watchword.match import messages
from watchword.match.group import fresh_scalar, hash_to_group, inverse, power, seeded_scalar
from watchword.match.messages import MOST, SMALLEST, Answer, Head, Offer, Result

NUMBERS = 4  # operations that a mark can name
BANDS = ((5, "5 or more"), (1, "1 to 4"), (0, "none"))

_OPENED = struct.Struct(">II32s8s")
_ROOM = 4096  # a result is padded to a power of two from here: its size shows no more


@dataclass(frozen=True, slots=True)
class Item:
    """What is compared: a value, and what sort of thing it is, so that a word is not taken for a name."""

    sort: str
    value: str

    def encode(self) -> bytes:
        """Write it so that no two items are written alike."""
        sort, value = self.sort.encode(), self.value.encode("utf-8", "surrogatepass")
        return struct.pack(">II", len(sort), len(value)) + sort + value


@dataclass(frozen=True, slots=True)
class Placed:
    """An item, where it stands in the file that was sent, and the numbers of the operations that have it."""

    item: Item
    place: int
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Common:
    """An item that both sides hold: where it stands in either file, and in which of the other's operations."""

    item: Item
    place: int
    other_place: int
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    """A written offer, and what the offerer has to keep until the answer is there."""

    file: bytes
    session: bytes
    seed: bytes
    items: list[Placed]


@dataclass(frozen=True, slots=True)
class Answered:
    """A written answer, and what the answerer has to keep until the result is there. Its key b is gone already."""

    file: bytes
    box: bytes
    items: list[Placed]


def offer(items: Sequence[Placed], count_only: bool, key: SigningKey, most: int = MOST) -> Offered:
    """Write an offer of these items. Their places are chosen here, at random."""
    session, seed = secrets.token_bytes(16), secrets.token_bytes(32)
    head = Head("offer", count_only, session, bytes(key.verify_key))
    placed, size = _shuffled(items, most)
    points = [b""] * size
    for one in placed:
        points[one.place] = power(_point(head, one.item), _blind(head, seed, one.place))
    filling = fresh_scalar()
    for place, point in enumerate(points):
        if not point:  # nobody can tell it from the others: both are random points of the group
            points[place] = power(hash_to_group(secrets.token_bytes(64)), filling)
    return Offered(Offer.write(head, points, key), session, seed, placed)


def answer(offered: Offer, items: Sequence[Placed], key: SigningKey, most: int = MOST) -> Answered:
    """Write an answer to an offer: which items are common, or how many, as it asks. Raises WatchwordError."""
    if offered.head.case == bytes(key.verify_key):
        raise WatchwordError("This offer was made by this case itself.", do="It is for the other side.")
    head = Head("answer", offered.head.count_only, offered.head.session, bytes(key.verify_key))
    box, secret = PrivateKey.generate(), fresh_scalar()
    try:
        raised = [power(point, secret) for point in offered.points]
    except ValueError:
        raise WatchwordError(
            "The offer holds something that is no point of the group. An honest program never writes that.",
            do="Do not answer it, and ask the other side what happened.",
        ) from None
    if head.count_only:
        secrets.SystemRandom().shuffle(raised)
    placed, size = _shuffled(items, most)
    marks = [b""] * size
    for one in placed:
        mark, lock = _mark(head, offered, one.item, power(_point(offered.head, one.item), secret))
        # What a count names belongs to nobody: the lock would open for whoever tries every item of his.
        marks[one.place] = mark + (secrets.token_bytes(8) if head.count_only else _xor(_numbers(one.numbers), lock))
    marks = [mark or secrets.token_bytes(messages.MARK) for mark in marks]
    file = Answer.write(head, offered.digest, bytes(box.public_key), raised, marks, key)
    return Answered(file, bytes(box), placed)


def common(offered: Offer, answered: Answer, items: Sequence[Placed], seed: bytes) -> list[Common]:
    """Give what both sides hold. Raises WatchwordError if the answer does not belong to the offer."""
    known = _answers(offered, answered, count_only=False)
    found = []
    for one in items:
        shared = _taken_back(answered.points[one.place], _blind(offered.head, seed, one.place))
        mark, lock = _mark(answered.head, offered, one.item, shared)
        place = known.get(mark)
        if place is not None:
            numbers = _read_numbers(_xor(answered.marks[place][16:], lock))
            found.append(Common(one.item, one.place, place, numbers))
    return found


def count(offered: Offer, answered: Answer, seed: bytes) -> int:
    """Give how many items both sides hold, where only that was asked. Raises WatchwordError."""
    known = _answers(offered, answered, count_only=True)
    blind = _blind(offered.head, seed, 0)
    nothing = Item("", "")
    return sum(
        _mark(answered.head, offered, nothing, _taken_back(point, blind))[0] in known for point in answered.points
    )


def band(number: int) -> str:
    """Say how many, roughly: what is shown and kept of a count."""
    return next(said for least, said in BANDS if number >= least)


def result(
    answered: Answer, found: Sequence[tuple[Common, tuple[int, ...]]], counted: str, seed: bytes, key: SigningKey
) -> bytes:
    """Write the result for the answerer: each common item opened, with our operations; or the band that was counted."""
    head = Head("result", answered.head.count_only, answered.head.session, bytes(key.verify_key))
    bands = [said for _, said in BANDS]
    body = struct.pack(">BI", bands.index(counted) if counted else len(bands), len(found))
    for one, numbers in found:
        # `head` of the offer is not needed: the blinding depends on seed and place alone where items are compared.
        body += _OPENED.pack(one.other_place, one.place, seeded_scalar(seed, one.place), _numbers(numbers))
    body += bytes(padded(len(body), _ROOM) - len(body))
    locked = SealedBox(PublicKey(answered.box)).encrypt(body)
    return Result.write(head, answered.digest, locked, key)


def opened(
    offered: Offer, answered: Answer, said: Result, items: Sequence[Placed], box: bytes
) -> tuple[list[Common], str]:
    """Read a result as the answerer, checking every item against the offer. Raises WatchwordError.

    Gives the common items, or the band that was counted, which cannot be checked.
    """
    if said.head.case != offered.head.case or said.head.session != offered.head.session:
        raise WatchwordError("The result is not by who made the offer.", do="Do not use it.")
    if said.answer != answered.digest or said.head.count_only != answered.head.count_only:
        raise WatchwordError("The result does not belong to the answer that was sent.", do="Do not use it.")
    wrong = WatchwordError("What the result says does not fit the offer and the answer.", do="Do not use it.")
    try:
        body = SealedBox(PrivateKey(box)).decrypt(said.locked)
        number, how_many = struct.unpack_from(">BI", body)
        rows = [_OPENED.unpack_from(body, 5 + place * _OPENED.size) for place in range(min(how_many, len(items) + 1))]
    except (CryptoError, struct.error, ValueError):
        raise wrong from None
    if number > len(BANDS) or how_many > len(items) or (number < len(BANDS)) != said.head.count_only:
        raise wrong
    if said.head.count_only:
        return [], BANDS[number][1]
    ours = {one.place: one.item for one in items}
    found = []
    for place, other_place, blind, numbers in rows:
        item = ours.pop(place, None)  # each item once
        if item is None or other_place >= len(offered.points):
            raise wrong
        try:
            again = power(_point(offered.head, item), blind)
        except ValueError:
            raise wrong from None
        if again != offered.points[other_place]:
            raise WatchwordError(
                "The result names an item that was not in the offer: the other side cannot have held it then.",
                do="Do not use it, and ask the other side what happened.",
            )
        found.append(Common(item, place, other_place, _read_numbers(numbers)))
    return found, ""


# ---------------------------------------------------------------- parts


def _answers(offered: Offer, answered: Answer, count_only: bool) -> dict[bytes, int]:
    """Check that an answer is to this offer, and give its marks with their places."""
    if answered.offer != offered.digest or answered.head.session != offered.head.session:
        raise WatchwordError("The answer is to another offer.", do="Give the answer to the offer of this session.")
    if answered.head.case == offered.head.case:
        raise WatchwordError("The answer was made by this case itself.", do="It has to come from the other side.")
    if len(answered.points) != len(offered.points) or answered.head.count_only != count_only:
        raise WatchwordError("The answer does not fit the offer.", do="Ask the other side to answer again.")
    return {mark[:16]: place for place, mark in enumerate(answered.marks)}


def _point(head: Head, item: Item) -> bytes:
    """Give H(item), other in each session, so that nothing can be computed before or kept for another."""
    return hash_to_group(b"watchword match 1 item" + head.session + head.case + item.encode())


def _blind(head: Head, seed: bytes, place: int) -> bytes:
    return seeded_scalar(seed, 0 if head.count_only else place)


def _taken_back(point: bytes, blind: bytes) -> bytes:
    try:
        return power(point, inverse(blind))
    except ValueError:
        raise WatchwordError(
            "The answer holds something that is no point of the group. An honest program never writes that.",
            do="Do not go on, and ask the other side what happened.",
        ) from None


def _mark(head: Head, offered: Offer, item: Item, shared: bytes) -> tuple[bytes, bytes]:
    """Give the mark of an item under the answerer's key, and what locks the operations beside it."""
    item = Item("", "") if head.count_only else item  # who counts must not need to know which item it is
    digest = hashlib.sha512(
        b"watchword match 1 mark" + offered.digest + head.case + bytes([head.count_only]) + item.encode() + shared
    ).digest()
    return digest[:16], digest[16:24]


def _shuffled(items: Sequence[Placed], most: int) -> tuple[list[Placed], int]:
    """Give every item a random place in the next size that there is."""
    size = padded(len(items))
    if size > most:
        raise WatchwordError(
            f"{len(items):,} items are more than one comparison takes: {most:,}.",
            do="Leave kinds out with --without.",
        )
    places = secrets.SystemRandom().sample(range(size), len(items))
    return [Placed(one.item, place, one.numbers) for one, place in zip(items, places, strict=True)], size


def padded(size: int, smallest: int = SMALLEST) -> int:
    """Give the size that a set is brought to, so that it tells little of its own."""
    while smallest < size:
        smallest *= 2
    return smallest


def _numbers(numbers: Sequence[int]) -> bytes:
    """Write the smallest numbers of operations; 0 stands for none."""
    kept = sorted(number for number in numbers if 0 < number < 1 << 16)[:NUMBERS]
    return struct.pack(f">{NUMBERS}H", *kept, *[0] * (NUMBERS - len(kept)))


def _read_numbers(data: bytes) -> tuple[int, ...]:
    return tuple(number for number in struct.unpack(f">{NUMBERS}H", data) if number)


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
