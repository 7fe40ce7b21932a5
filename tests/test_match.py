"""Comparing: both learn what both hold, and nothing else can be learned from what is sent."""

import contextlib
import hashlib
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_scalar_reduce,
    crypto_scalarmult_ed25519_base_noclamp,
)
from nacl.signing import SigningKey

from tests.match_case import FIRST, LURES, SECOND, attacked, correspondent, domain, trace
from tests.small_case import BEN
from watchword.connect.evidence import kinds
from watchword.errors import WatchwordError
from watchword.investigate import connect
from watchword.match import exchange, messages
from watchword.match.choose import Choice, choose
from watchword.match.exchange import Common, Item, Placed
from watchword.match.group import POINT, fresh_scalar, hash_to_group, power, seeded_scalar
from watchword.match.guess import WAYS, guesses, rules
from watchword.match.messages import Answer, Head, Offer
from watchword.tables import Host

OURS, THEIRS, OTHERS = (SigningKey(bytes([number]) * 32) for number in (1, 2, 3))
ORDER = 2**252 + 27742317777372353535851937790883648493
FIELD = 2**255 - 19
# Points whose order is not the large prime, and bytes that are no point; each a trap that gives a key away bit by bit.
OF_ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")
BAD_POINTS = {
    "neutral": b"\1" + bytes(31),
    "of order 2": (FIELD - 1).to_bytes(32, "little"),
    "of order 4": bytes(32),
    "of order 8": OF_ORDER_8,
    "with a part of order 8": crypto_core_ed25519_add(hash_to_group(b"any"), OF_ORDER_8),
    "not on the curve": (7).to_bytes(32, "little"),
    "not in canonical form": (FIELD + 3).to_bytes(32, "little"),
}


def placed(values: Collection[str], numbers: tuple[int, ...] = ()) -> list[Placed]:
    """Give domains as items."""
    return [Placed(Item("domain", value), 0, numbers) for value in values]


def compare(
    ours: Sequence[Placed], theirs: Sequence[Placed], count_only: bool = False
) -> tuple[exchange.Offered, Offer, exchange.Answered, Answer]:
    """Go as far as the answer."""
    offered = exchange.offer(ours, count_only, OURS)
    offer = messages.read_offer(offered.file, "offer")
    answered = exchange.answer(offer, theirs, THEIRS)
    return offered, offer, answered, messages.read_answer(answered.file, "answer")


# ---------------------------------------------------------------- what comes out


@settings(max_examples=12, deadline=None)
@given(st.sets(st.text(max_size=12), max_size=20), st.sets(st.text(max_size=12), max_size=20))
def test_both_learn_exactly_what_both_hold(left: set[str], right: set[str]) -> None:
    """Whatever two sets, offerer and answerer end with their intersection, and with the other's operations."""
    offered, offer, answered, answer = compare(placed(left, (3, 1)), placed(right, (7,)))
    found = exchange.common(offer, answer, offered.items, offered.seed)
    assert {one.item.value for one in found} == left & right
    assert all(one.numbers == (7,) for one in found)
    file = exchange.result(answer, [(one, (3, 1)) for one in found], "", offered.seed, OURS)
    told, _ = exchange.opened(offer, answer, messages.read_result(file, "result"), answered.items, answered.box)
    assert {one.item.value for one in told} == left & right
    assert all(one.numbers == (1, 3) for one in told)


@pytest.mark.parametrize(("number", "band"), [(0, "none"), (1, "1 to 4"), (4, "1 to 4"), (5, "5 or more")])
def test_a_count_says_how_many(number: int, band: str) -> None:
    """Only to count, both learn the band, and nothing serves to read which items they are."""
    shared = [f"shared{one}.example" for one in range(number)]
    offered, offer, answered, answer = compare(placed([*shared, "a.example"]), placed([*shared, "b.example"]), True)
    assert exchange.band(exchange.count(offer, answer, offered.seed)) == band
    with pytest.raises(WatchwordError, match="does not fit"):
        exchange.common(offer, answer, offered.items, offered.seed)
    file = exchange.result(answer, [], band, offered.seed, OURS)
    assert exchange.opened(offer, answer, messages.read_result(file, "r"), answered.items, answered.box) == ([], band)


def test_a_count_does_not_say_which() -> None:
    """Points come back shuffled where only a count is asked: those at the places of our common items are others'."""
    shared = [f"shared{one}.example" for one in range(40)]
    offered, offer, _, answer = compare(placed(shared), placed(shared), True)
    places = {one.place for one in offered.items}
    kept = [point if place in places else hash_to_group(bytes([place])) for place, point in enumerate(answer.points)]
    assert exchange.count(offer, answer, offered.seed) == 40
    assert exchange.count(offer, replace(answer, points=kept), offered.seed) < 40


def test_the_same_word_in_another_sort_is_another_item() -> None:
    """A machine's name and a domain that are written alike do not match, and no two items are written alike."""
    offered, offer, _, answer = compare(
        [Placed(Item("domain", "a.example"), 0)], [Placed(Item("machine", "a.example"), 0)]
    )
    assert exchange.common(offer, answer, offered.items, offered.seed) == []
    assert Item("ab", "c").encode() != Item("a", "bc").encode()


def test_numbers_of_operations_survive_and_are_cut() -> None:
    """Of more operations than a mark has room for, the first to look at are told; no operation is told as none."""
    for given_numbers, told in (((9, 2, 5, 4, 3), (2, 3, 4, 5)), ((), ()), ((70_000, 1), (1,))):
        offered, offer, _, answer = compare(placed(["a.example"]), placed(["a.example"], given_numbers))
        assert exchange.common(offer, answer, offered.items, offered.seed)[0].numbers == told


# ---------------------------------------------------------------- what the files give away


def computable(value: str, seen: Sequence[bytes]) -> Iterator[bytes]:
    """Give all that somebody without a key may compute of a guessed value and look for in the files.

    `seen` is what stands in the files in the clear: session, keys and digests.
    """
    texts = [value.encode(), Item("domain", value).encode()]
    texts += [prefix + text for prefix in [*seen, b"watchword match 1 item"] for text in texts[:2]]
    texts += [b"watchword match 1 item" + one + two + texts[1] for one in seen for two in seen]
    yield from texts[:2]
    for text in texts:
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            yield hashlib.new(name, text).digest()
        point = hash_to_group(text)
        yield point
        exponent = crypto_core_ed25519_scalar_reduce(hashlib.sha512(text).digest())
        yield crypto_scalarmult_ed25519_base_noclamp(exponent)
        scalars = [crypto_core_ed25519_scalar_reduce(one.ljust(64, b"\0")[:64]) for one in seen]
        for scalar in [*scalars, *(number.to_bytes(32, "little") for number in (2, 8, ORDER - 1))]:
            yield power(point, scalar)


def guessed(values: Collection[str], files: Sequence[bytes], seen: Sequence[bytes]) -> set[str]:
    """Attack files by dictionary: which of the guessed values can be shown to stand in them?

    Looks for 8 bytes of everything computable; and for pairs of points whose ratio two guesses explain, which is how
    powers of g^H(value) under one key give themselves away.
    """
    whole = b"".join(files)
    found = {value for value in values if any(one[:8] in whole for one in computable(value, seen))}
    exponents = {
        value: crypto_core_ed25519_scalar_reduce(hashlib.sha512(Item("domain", value).encode()).digest())
        for value in values
    }
    starts = range(_BODY, _BODY + 4 * POINT, POINT)  # the broken ones put both items there
    points = [file[at : at + POINT] for file in files for at in starts if at + POINT <= len(file)]
    for (one, first), (other, second) in itertools.permutations(exponents.items(), 2):
        for left, right in itertools.permutations(points, 2):
            try:
                if power(left, second) == power(right, first):
                    found |= {one, other}
            except ValueError:
                continue
    return found


_BODY = 62  # bytes of head and count before the first point of an offer


def _by_hash(values: Sequence[str], head: Head) -> list[bytes]:
    return [hashlib.sha256(head.session + value.encode()).digest() for value in values]


def _unhidden(values: Sequence[str], head: Head) -> list[bytes]:
    return [
        hash_to_group(b"watchword match 1 item" + head.session + head.case + Item("domain", value).encode())
        for value in values
    ]


def _by_power(values: Sequence[str], head: Head) -> list[bytes]:
    secret = fresh_scalar()
    return [
        power(
            crypto_scalarmult_ed25519_base_noclamp(
                crypto_core_ed25519_scalar_reduce(hashlib.sha512(Item("domain", value).encode()).digest())
            ),
            secret,
        )
        for value in values
    ]


UNMATCHED = ["held-by-us.example", "held-by-them.example"]


def test_no_unmatched_item_is_found_by_dictionary() -> None:
    """Who sees all three files, and guesses right what either side holds, cannot tell that it stands in them.

    Nor can either side about the other's items, with what it keeps itself: the offerer's seed, the answerer's box.
    """
    offered, offer, answered, answer = compare(
        placed([UNMATCHED[0], "both.example"]), placed([UNMATCHED[1], "both.example"])
    )
    found = exchange.common(offer, answer, offered.items, offered.seed)
    assert [one.item.value for one in found] == ["both.example"]
    result = exchange.result(answer, [(found[0], ())], "", offered.seed, OURS)
    files = [offered.file, answered.file, result]
    public = [offer.head.session, offer.head.case, answer.head.case, offer.digest, answer.box]
    assert guessed(UNMATCHED, files, public) == set()
    blind = seeded_scalar(offered.seed, found[0].place)  # the answerer learns this one from the result
    assert guessed(UNMATCHED[:1], files, [*public, answered.box, blind]) == set()
    assert guessed(UNMATCHED[1:], files, [*public, offered.seed, blind]) == set()


@pytest.mark.parametrize("broken", [_by_hash, _unhidden, _by_power])
def test_the_dictionary_would_find_a_broken_protocol(broken: Callable[[Sequence[str], Head], list[bytes]]) -> None:
    """The same attack finds the items where they are sent as hashes, as bare points, or as powers of g^H(item)."""
    head = Head("offer", False, bytes(range(16)), bytes(OURS.verify_key))
    file = Offer.write(head, broken(UNMATCHED, head), OURS)
    assert guessed([*UNMATCHED, "held-by-nobody.example"], [file], [head.session, head.case]) == set(UNMATCHED)


def test_files_that_differ_only_in_what_is_not_common_look_alike() -> None:
    """What is not common changes neither the size of a file, nor where anything stands, nor any byte twice alike."""
    runs = []
    for count in (1, 30, 255):
        ours = placed(["both.example", *(f"a{one}.example" for one in range(count))])
        theirs = placed(["both.example", *(f"b{one}.example" for one in range(count))], (1,))
        offered, offer, answered, answer = compare(ours, theirs)
        found = exchange.common(offer, answer, offered.items, offered.seed)
        result = exchange.result(answer, [(one, (2,)) for one in found], "", offered.seed, OURS)
        runs.append((offered.file, answered.file, result, offer, answer))
    sizes = {tuple(len(file) for file in one[:3]) for one in runs}
    assert len(sizes) == 1
    everything = [point for one in runs for point in [*one[3].points, *one[4].points, *one[4].marks]]
    assert len(set(everything)) == len(everything)  # fresh keys: no point or mark comes again
    for *_, offer, answer in runs:  # random ones are points of the same group: the check of the others takes them
        assert all(power(point, (1).to_bytes(32, "little")) == point for point in [*offer.points, *answer.points])


def test_the_place_of_an_item_says_nothing() -> None:
    """Items stand at random places: the same offer made again has them elsewhere."""
    places = [tuple(one.place for one in exchange.offer(placed("abcdefgh"), False, OURS).items) for _ in range(3)]
    assert len(set(places)) == 3


def test_sizes_are_powers_of_two_and_capped() -> None:
    """A file's size tells a set's size only up to the next power of two from 256; more than the cap is refused."""
    assert [exchange.padded(size) for size in (1, 256, 257, 10_000)] == [256, 256, 512, 16_384]
    with pytest.raises(WatchwordError, match="more than one comparison takes"):
        exchange.offer(placed([str(one) for one in range(257)]), False, OURS, most=256)


# ---------------------------------------------------------------- hostile files


@pytest.mark.parametrize("bad", BAD_POINTS, ids=str)
def test_what_is_no_point_of_the_group_is_refused(bad: str) -> None:
    """Neither side raises a small-order, mixed, off-curve or non-canonical point: it could give away bits of a key."""
    offered, offer, _, answer = compare(placed(["a.example"]), placed(["a.example"]))
    trap = Offer.write(offer.head, [BAD_POINTS[bad], *offer.points[1:]], OURS)
    with pytest.raises(WatchwordError, match="no point of the group"):
        exchange.answer(messages.read_offer(trap, "offer"), placed(["a.example"]), THEIRS)
    points = list(answer.points)
    points[offered.items[0].place] = BAD_POINTS[bad]
    answer = messages.read_answer(
        Answer.write(answer.head, answer.offer, answer.box, points, answer.marks, THEIRS), "answer"
    )
    with pytest.raises(WatchwordError, match="no point of the group"):
        exchange.common(offer, answer, offered.items, offered.seed)


def test_every_changed_byte_is_noticed() -> None:
    """A file with any one byte changed, cut short or longer is refused with a sentence, whatever the byte."""
    offered, _, answered, answer = compare(placed(["a.example"]), placed(["a.example"]))
    result = exchange.result(answer, [], "", offered.seed, OURS)
    read: tuple[tuple[bytes, Callable[[bytes, str], object]], ...] = (
        (offered.file, messages.read_offer),
        (answered.file, messages.read_answer),
        (result, messages.read_result),
    )
    for file, reader in read:
        reader(file, "whole")
        places = [*range(70), *range(70, len(file), 97), len(file) - 1]
        damaged = [file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :] for place in places]
        for data in [*damaged, *(file[:cut] for cut in (0, 7, 8, 63, 126, 127, 128, len(file) - 1)), file + b"\0"]:
            with pytest.raises(WatchwordError):
                reader(data, "damaged")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_signed_bytes_end_in_a_sentence(body: bytes) -> None:
    """What a hostile partner signs himself is refused with a sentence, or read: never with a traceback."""
    readers: dict[str, Callable[[bytes, str], object]] = {
        "offer": messages.read_offer,
        "answer": messages.read_answer,
        "result": messages.read_result,
    }
    for kind, reader in readers.items():
        data = Head(kind, False, bytes(16), bytes(OTHERS.verify_key)).write() + body
        with contextlib.suppress(WatchwordError):
            reader(data + OTHERS.sign(data).signature, "hostile")


def test_a_file_cannot_say_that_it_is_larger_than_allowed() -> None:
    """A count beyond the cap is refused before any memory is taken for it."""
    head = Head("offer", False, bytes(16), bytes(OTHERS.verify_key)).write()
    data = head + (2**32 - 1).to_bytes(4, "big")
    with pytest.raises(WatchwordError, match="4,294,967,295"):
        messages.read_offer(data + OTHERS.sign(data).signature, "hostile")


def test_a_point_twice_is_refused() -> None:
    """The same point twice is no honest offer: it would let one item count several times."""
    offer = messages.read_offer(exchange.offer(placed(["a"]), True, OURS).file, "offer")
    with pytest.raises(WatchwordError, match="twice"):
        messages.read_offer(Offer.write(offer.head, [offer.points[0]] * 256, OURS), "offer")


def test_files_of_another_session_are_refused() -> None:
    """An answer or result of one session does not serve another, nor one that the same case made itself."""
    offered, offer, answered, answer = compare(placed(["a"]), placed(["a"]))
    _, offer2, answered2, answer2 = compare(placed(["a"]), placed(["a"]))
    with pytest.raises(WatchwordError, match="another offer"):
        exchange.common(offer, answer2, offered.items, offered.seed)
    result = messages.read_result(exchange.result(answer, [], "", offered.seed, OURS), "result")
    with pytest.raises(WatchwordError, match="not by who made the offer"):
        exchange.opened(offer2, answer2, result, answered2.items, answered2.box)
    with pytest.raises(WatchwordError, match="made by this case itself"):
        exchange.answer(offer, placed(["a"]), OURS)
    again = exchange.answer(offer, placed(["a"]), THEIRS)  # the same offer answered twice: two answers, two keys
    with pytest.raises(WatchwordError, match="does not belong to the answer"):
        exchange.opened(offer, messages.read_answer(again.file, "again"), result, again.items, again.box)
    with pytest.raises(WatchwordError, match="does not fit"):  # locked for another box
        exchange.opened(offer, answer, result, answered.items, answered2.box)


def test_a_result_by_somebody_else_is_refused() -> None:
    """Only the key that signed the offer may sign the result."""
    offered, offer, answered, answer = compare(placed(["a"]), placed(["a"]))
    found = exchange.common(offer, answer, offered.items, offered.seed)
    forged = messages.read_result(exchange.result(answer, [(found[0], ())], "", offered.seed, OTHERS), "result")
    with pytest.raises(WatchwordError, match="not by who made the offer"):
        exchange.opened(offer, answer, forged, answered.items, answered.box)


def test_nobody_can_claim_what_was_not_offered() -> None:
    """An offerer who learns of an item later, or names another place or key, cannot open the offer to it."""
    offered, offer, answered, answer = compare(
        placed(["offered.example"]), placed(["later.example", "offered.example"])
    )
    later = next(one for one in answered.items if one.item.value == "later.example")
    for place in (offered.items[0].place, (offered.items[0].place + 1) % 256, 300):
        claim = Common(later.item, place, later.place, ())
        file = exchange.result(answer, [(claim, ())], "", offered.seed, OURS)
        with pytest.raises(WatchwordError, match=r"not in the offer|does not fit"):
            exchange.opened(offer, answer, messages.read_result(file, "result"), answered.items, answered.box)
    honest = exchange.common(offer, answer, offered.items, offered.seed)[0]
    twice = exchange.result(answer, [(honest, ()), (honest, ())], "", offered.seed, OURS)
    with pytest.raises(WatchwordError, match="does not fit"):
        exchange.opened(offer, answer, messages.read_result(twice, "result"), answered.items, answered.box)


# ---------------------------------------------------------------- what may be compared


def chosen(folder: Path, traces: Sequence[object], **options: object) -> Choice:
    """Choose from a case with these traces."""
    also, without = options.pop("also", ()), options.pop("without", ())
    case = attacked(folder, traces, **options)  # type: ignore[arg-type]  # options of `attacked`, by name
    with connect(case) as connection:
        return choose(case, connection, also, without)  # type: ignore[arg-type]  # lists of words


def values(choice: Choice) -> set[str]:
    """Give the values that are offered."""
    return {one.value for one in choice.items}


def reason(choice: Choice, value: str) -> str:
    """Give why a value is refused."""
    (one,) = [one for one in choice.refused if one.value == value]
    return one.reason


def test_only_values_of_attacks_in_operations_are_offered(tmp_path: Path) -> None:
    """A value has to stand on a message that is in an operation and judged an attack, or said to be one by a person."""
    traces = [
        trace("attachment", "a" * 64, LURES[0]),
        trace("attachment", "b" * 64, LURES[1]),  # quiet, only tied
        trace("attachment", "c" * 64, LURES[2]),  # a person said that it belongs there
        trace("attachment", "d" * 64, LURES[3]),  # of no operation
        trace("attachment", "e" * 64, "f" * 64),  # no message that is held
    ]
    choice = chosen(
        tmp_path / "1", traces, tiers=("attack", "quiet", "quiet", "attack"), roles=("judged", "tied", "decided")
    )
    assert values(choice) == {"a" * 64, "c" * 64}
    choice = chosen(tmp_path / "2", traces, tiers=("harmless", "unsure", "harmless", "attack"), roles=("decided",) * 3)
    assert values(choice) == set()


def test_an_item_names_its_operations_and_messages(tmp_path: Path) -> None:
    """A value in several kinds of one sort is one item, with all operations, and the messages that it rests on."""
    traces = [
        trace("from-address", "press.office@far-away.example", LURES[0]),
        trace("reply-address", "Press.Office@far-away.example", LURES[2]),
    ]
    (one,) = chosen(tmp_path / "1", traces).items
    assert (one.sort, one.kinds, one.numbers) == ("address", ["from-address", "reply-address"], [1, 2])
    assert (one.operations, one.messages) == ([FIRST, SECOND], [LURES[0], LURES[2]])


def test_what_is_ours_is_never_offered(tmp_path: Path) -> None:
    """Owners' addresses, domains and names are refused in every form, and no option lifts that."""
    case_own = ["ana@campaign.example", "news@press.campaign.example"]
    encoded = "drive.example/open/YW5hQGNhbXBhaWduLmV4YW1wbGU9x8k2m4q7w1"  # ana@campaign.example in base64
    traces = [
        *(trace("from-address", value) for value in case_own),
        trace("sender-domain", "campaign.example"),
        trace("link-host", "login.campaign.example"),
        trace("message-id-host", "mx7f3k29d8.campaign.example"),
        trace("link-page", "drive.example/x8k2m4q7w1/ana%40campaign.example"),
        trace("link-page", encoded),
        trace("persona", "ana ruiz"),
        trace("phone", "15550100123"),
        trace("local-part", "anaruiz"),
    ]
    choice = chosen(tmp_path / "1", traces)
    assert values(choice) == set()
    assert reason(choice, encoded).startswith("It is ours")
    assert not any(one.liftable for one in choice.refused)
    with pytest.raises(WatchwordError, match="names nothing that was refused and may be offered"):
        chosen(tmp_path / "2", traces, also=["ana@campaign.example"])


def test_correspondents_and_recipients_are_refused_but_by_a_person_s_word(tmp_path: Path) -> None:
    """A correspondent's or recipient's address, or what bears such a name, is refused, unless a person offers it."""
    traces = [
        trace("from-address", "dora.lind.office@far-away.example"),
        trace("from-address", "carl@institute.example"),
        trace("from-address", "eva-marks.desk9@far-off.example"),
        trace("sender-domain", "evamarks.example"),
        trace("sender-domain", "far-away.example"),
        trace("from-address", "x9k2f7q1@far-away.example"),
    ]
    people = [
        correspondent("dora.lind.office@far-away.example", "dora lind"),
        correspondent("eva@elsewhere.example", "eva marks"),
    ]
    choice = chosen(tmp_path / "1", traces, people=people)
    assert values(choice) == set()
    assert all(one.liftable for one in choice.refused)
    assert "correspondent's" in reason(choice, "dora.lind.office@far-away.example")
    assert "recipients" in reason(choice, "carl@institute.example")
    assert "bears the name" in reason(choice, "eva-marks.desk9@far-off.example")
    assert "domain of correspondents" in reason(choice, "far-away.example")
    also = ["Dora.Lind.Office@far-away.example"]
    assert values(chosen(tmp_path / "2", traces, people=people, also=also)) == {also[0].lower()}


def test_an_attacker_who_was_answered_is_no_correspondent(tmp_path: Path) -> None:
    """A domain of which the case has nothing but attacks is offered though an owner answered; the address is not.

    By the table he is protected, as a correspondent is; what tells them apart is that all his mail is in operations.
    """
    traces = [trace("sender-domain", "institute.example"), trace("from-address", BEN)]
    people = [correspondent(BEN, "ben lund")]
    assert values(chosen(tmp_path / "1", traces, people=people)) == set()
    choice = chosen(tmp_path / "2", traces, people=people, letter_too=True)
    assert values(choice) == {"institute.example"}
    assert "may be an attacker's all the same" in reason(choice, BEN)


def test_what_everybody_knows_is_refused(tmp_path: Path) -> None:
    """Popular domains, mail providers, institutions, shared hosts and hubs are no items; a host's tenant is one."""
    traces = [
        trace("sender-domain", "gmail.com"),
        trace("sender-domain", "popular.example"),
        trace("sender-domain", "institute-of-note.example"),
        trace("link-host", "docs.google.com"),
        trace("link-domain", "redactedpage.github.io"),
        trace("link-domain", "shared.example", hub="shared hosting"),
        trace("link-domain", "weak.example", bits=2.0),
        trace("link-domain", "short.example"),
        trace("sender-domain", "rare-thing.example"),
    ]
    choice = chosen(
        tmp_path / "1",
        traces,
        domains=[
            domain("gmail.com", popularity=10_000, is_freemail=True),
            domain("popular.example", popularity=1_000_000),
            domain("institute-of-note.example", identity="note"),
        ],
        hosts=[Host("short.example", "short.example", True, False, False, False, False)],
    )
    assert values(choice) == {"redactedpage.github.io", "rare-thing.example"}
    assert "shared hosting" in reason(choice, "shared.example")
    assert "weighs too little" in reason(choice, "weak.example")
    assert "Anybody" in reason(choice, "gmail.com")
    assert "Anybody" in reason(choice, "docs.google.com")
    assert "Anybody" in reason(choice, "short.example")


def test_guessable_values_are_refused_and_may_stand_together(tmp_path: Path) -> None:
    """IPv4, phone numbers and names at mail providers are refused alone; two of one message may be one item."""
    traces = [
        trace("origin-ip", "192.0.2.77", LURES[0], 4.0),
        trace("selector", "x9k2f7", LURES[0], 4.0),
        trace("selector", "k3k3k3", LURES[2]),  # on another message
        trace("phone", "15550100123"),
        trace("persona", "lena hart"),
        trace("from-address", "lena.hart@gmail.com"),
        trace("from-address", "x9k2.f7q1zz4@gmail.com"),
        trace("origin-ip", "2001:db8:aa::7"),
        trace("subject", "an interview about the election"),
    ]
    choice = chosen(tmp_path / "1", traces)
    assert values(choice) == {
        "x9k2.f7q1zz4@gmail.com",
        "2001:db8:aa::7",
        "192.0.2.77 + x9k2f7",
        "192.0.2.77 + lena hart",
        "15550100123 + lena hart",
    }
    assert "four billion" in reason(choice, "192.0.2.77")
    assert all(one.guesses is None or one.guesses >= 40 for one in choice.items)


def test_look_alikes_are_offered_and_said_to_be_easily_guessed(tmp_path: Path) -> None:
    """A look-alike is offered, with how few guesses find it, and can be left out as every kind and sort can."""
    traces = [trace("sender-domain", "carnpaign.example"), trace("attachment", "a" * 64)]
    domains = [domain("carnpaign.example", lookalike_of="campaign.example")]
    (one,) = [one for one in chosen(tmp_path / "1", traces, domains=domains).items if one.sort == "domain"]
    assert one.guesses == rules().reckoned.lookalike
    for number, left_out in enumerate(("domain", "sender-domain")):
        choice = chosen(tmp_path / f"2{number}", traces, domains=domains, without=[left_out])
        assert values(choice) == {"a" * 64}
    with pytest.raises(WatchwordError, match="is no kind of item"):
        chosen(tmp_path / "3", traces, without=["domian"])


def test_every_kind_of_evidence_has_a_rule() -> None:
    """A kind of evidence is offered only by a rule with a reason, and there is one for each; joined kinds exist."""
    known = rules().kinds
    assert {one.name for one in kinds()} == known.keys()
    assert all(rule.offered in WAYS and rule.because.endswith(".") for rule in known.values())
    assert all(known[kind].offered in ("joined", "measured") for pair in rules().joins for kind in pair)


def test_a_kind_without_a_rule_is_refused(tmp_path: Path) -> None:
    """What this program does not know about does not leave."""
    assert values(chosen(tmp_path / "1", [trace("new-kind", "x9k2f7q1zz4y7m2n8")])) == set()


@pytest.mark.parametrize(
    ("sort", "easier", "harder"),
    [
        ("address", "lena.hart@gmail.com", "lena.hart.9k2f7q1@gmail.com"),
        ("page", "bit.ly/3xYz12", "docs.example/d/1FAIpQLSdXyZab12CdEfGh"),
        ("machine", "desktop-1", "desktop-ab12cd3"),
        ("handle", "telegram:news2024", "telegram:news48213377"),
        ("handle", "telegram:newsdesk", "telegram:news-desk"),
        ("ip", "192.0.2.1", "2001:db8::1"),
        ("name", "hart hart", "lena hart"),
        ("page", "pages.example/overview", "pages.example/nbarlkkx"),
    ],
)
def test_longer_and_stranger_is_harder_to_guess(sort: str, easier: str, harder: str) -> None:
    """The reckoning of guesses orders values as a guesser would."""
    freemail = sort == "address"
    assert guesses(sort, easier, freemail=freemail) < guesses(sort, harder, freemail=freemail)
