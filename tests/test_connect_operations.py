"""From mailboxes to operations: what belongs together, what only looks like it, and what never belongs."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.linked_case import ANA, BEN, CLEO, LIV, RITA, acquaintance, key, linked, mail
from tests.small_case import ask, run
from watchword.case import Case
from watchword.connect.operations import operations
from watchword.context.build import build
from watchword.engine import session, store
from watchword.tables import schema

LURE = (
    "Dear colleague, our institute prepares a closed meeting on how campaigns guard their staff, and the chair named "
    "you. The outline with the other names lies at https://papers.round-table.example/{0} and opens with the address "
    "that you use for work. Would you have time for a short call on Thursday? Kay Holmstrom"
)
# Two domains named alike: a habit that a message shows twice ties it to others, and not to itself.
WAITING = (
    "A file waits for you at https://papers.round-table.example/{0}. Please sign in, if need be at "
    "https://gate-house-72.example/{0} or https://gate-house-81.test/{0}."
)
SUBJECT = "Your seat at the round table"
KAY = "Kay Holmstrom <kay@round-desk.example>"
EXIT = "1.12.0.9"  # which the list of exits for rent has

# ---------------------------------------------------------------- one operation, over four mailboxes of three houses

FIRST = mail(1, KAY, ANA, LURE.format("a"), SUBJECT, X_Mailer="Letterbox 4.1")
SECOND = mail(2, KAY, BEN, LURE.format("b"), SUBJECT, X_Mailer="Letterbox 4.1")
THIRD = mail(3, "Kay Holmstrom <k.holmstrom@second-desk.example>", CLEO, LURE.format("c"), X_Mailer="Letterbox 4.1")
FOURTH = mail(4, "Press <press@other-desk.example>", RITA, WAITING.format("d"), X_Mailer="Letterbox 4.1")
TAKEN = mail(5, LIV, ANA, WAITING.format("e"), "Look at this", server="203.0.113.77")
OPERATION = (FIRST, SECOND, THIRD, FOURTH, TAKEN)

# ---------------------------------------------------------------- what looks like it

COPY = mail(6, "Kay Holmstrom <kay@other-house.example>", CLEO,
    LURE.format("a").replace("papers.round-table", "files.copied-table"), SUBJECT, X_Mailer="Posthorn 2")  # fmt: skip
HONEST = mail(6, LIV, BEN, LURE.format("a").replace("https://papers.round-table.example/a", "our site"), SUBJECT)
ASKED = mail(7, BEN, ANA, f"Did you get this, too?\n\n> {LURE.format('b')}", f"Fwd: {SUBJECT}")
NEW = mail(8, "tom@larkfield.example", ANA, "I am new here. May I have a seat next to you?", SUBJECT)
THANKS = mail(9, KAY, BEN, "Thank you for the talk, and good luck for the count.", SUBJECT)

# ---------------------------------------------------------------- crime, on what everybody uses

SHOP = [
    mail(day, f"shop.{name}@gmail.com", to, text, subject, server="209.85.220.41",
        Received=f"from desk ([{EXIT}]) by mail.gmail.com with ESMTPSA id {day}; Mon, 2 Mar 2026 09:00:00 +0000")
    for day, name, to, subject, text in (
        (10, "parcel.first", ANA, "Your parcel", "Pay two coins at https://parcel-fee.web.app/pay-here now."),
        (11, "parcel.second", CLEO, "Parcel held", "Pay two coins at https://parcel-fee.web.app/pay-here today."),
        (12, "prize.third", BEN, "You won", "Claim the prize at https://great-prize.web.app/prize now."),
        (13, "prize.fourth", RITA, "Winner", "Claim the prize at https://great-prize.web.app/prize at once."),
    )
]  # fmt: skip

BOXES = {
    ANA: [*acquaintance(ANA, LIV), *acquaintance(ANA, BEN), FIRST, TAKEN, ASKED, NEW, SHOP[0]],
    BEN: [*acquaintance(BEN, LIV), SECOND, HONEST, THANKS, SHOP[2]],
    CLEO: [*acquaintance(CLEO, "mia@harbour.example"), THIRD, COPY, SHOP[1]],
    RITA: [*acquaintance(RITA, "desk@newsroom.example"), FOURTH, FIRST, SHOP[3]],
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """All of it in one case; a person knows two lures, the copy, and the crime, and that one message is harmless."""
    return linked(tmp_path_factory.mktemp("linked"), BOXES, [FIRST, FOURTH, COPY, *SHOP], [THANKS])


def grouped(case: Case) -> set[frozenset[str]]:
    """Give the operations as sets of messages."""
    found: dict[str, set[str]] = {}
    for operation, message in ask(case.path, "select operation, message from members"):
        found.setdefault(operation, set()).add(message)
    return {frozenset(messages) for messages in found.values()}


def keys(messages: Iterable[bytes]) -> frozenset[str]:
    """Give the names of messages."""
    return frozenset(map(key, messages))


def test_one_operation_is_found_over_three_houses(case: Case) -> None:
    """Addresses, names and servers differ; one host, a program and a wording tie what came to four mailboxes."""
    assert keys(OPERATION) in grouped(case)
    ((owners, organisations, messages, families, bits),) = ask(
        case.path,
        "select owners, organisations, messages, families, bits from operations where number = 1",
    )
    assert owners == sorted([ANA, BEN, CLEO, RITA])
    assert organisations == ["harbour.example", "larkfield.example", "newsroom.example"]
    assert messages == len(OPERATION)
    assert families[0] == "domain"
    assert bits >= 7


def test_every_operation_tells_why_and_on_what_it_hangs(case: Case) -> None:
    """The host is what the operation hangs on; no sentence has an address that a program would make a link of."""
    ((because, weakest, forgeable),) = ask(
        case.path, "select weakest_because, weakest, forgeable from operations where number = 1"
    )
    assert "papers[.]round-table[.]example" in because
    assert weakest
    assert set(weakest) < keys(OPERATION)
    assert forgeable.endswith(".")
    for (sentence,) in ask(case.path, "select distinct sentence from ties"):
        assert sentence.endswith(".")
        assert "round-table.example" not in sentence


def test_a_copycat_resembles_and_is_no_member(case: Case) -> None:
    """Who copies text, subject, name and picture of words, and has a host of his own, is a lead and no member."""
    assert keys([COPY]) in grouped(case)
    found = ask(case.path, f"select kinds, because from resemblances where '{key(COPY)}' in (message, other)")
    assert {"wording", "persona"} <= set(found[0][0])
    assert "could be copied" in found[0][1]


def test_crimes_on_one_host_mail_service_and_exit_stay_apart(case: Case) -> None:
    """Shared hosting, free mail, its server and a rented exit weigh nothing; a page of their own ties each crime."""
    assert keys(SHOP[:2]) in grouped(case)
    assert keys(SHOP[2:]) in grouped(case)
    hubs = set(ask(case.path, "select kind, value from traces where bits = 0 and hub <> ''"))
    assert {("client-ip", EXIT), ("sender-domain", "gmail.com"), ("origin-ip", "209.85.220.41")} <= hubs


def test_an_account_that_was_taken_over_sends_for_the_operation(case: Case) -> None:
    """What a friend's account sends with the operation's host belongs to it, and nothing else that he wrote."""
    assert ask(case.path, f"select distinct role from members where message = '{key(TAKEN)}'") == [("tied",)]
    assert ask(
        case.path, f"select message from members join messages using (message) where from_address = '{LIV}'"
    ) == [(key(TAKEN),)]


@pytest.mark.parametrize("name", ["HONEST", "ASKED", "NEW", "THANKS"])
def test_what_never_belongs(case: Case, name: str) -> None:
    """A friend whose words were copied, a colleague who asks, a new colleague, and what a person found harmless."""
    message = {"HONEST": HONEST, "ASKED": ASKED, "NEW": NEW, "THANKS": THANKS}[name]
    assert not ask(case.path, f"select operation from members where message = '{key(message)}'")


def test_the_same_message_in_two_mailboxes_is_one_message_to_two(case: Case) -> None:
    """A copy in another mailbox is the same member with another owner, and is counted once."""
    assert set(ask(case.path, f"select owner from members where message = '{key(FIRST)}'")) == {(ANA,), (RITA,)}


def test_every_row_rests_on_something_that_exists(case: Case) -> None:
    """Members, ties and resemblances name messages of the case; who is a member is one of one operation only."""
    assert not ask(case.path, "select * from members where message not in (select message from messages)")
    assert not ask(case.path, "select message from members group by message having count(distinct operation) > 1")
    assert not ask(
        case.path,
        """select * from ties where (operation, message) not in (select (operation, message) from members)
            or (operation, other) not in (select (operation, message) from members)""",
    )
    assert not ask(case.path, "select * from ties where message = other")
    assert not ask(case.path, "select * from resemblances where message not in (select message from members)")
    assert ask(case.path, "select count(*) from operations") == ask(
        case.path, "select count(distinct operation) from members"
    )


def test_the_order_of_reading_changes_nothing(case: Case, tmp_path: Path) -> None:
    """Mailboxes and messages read in another order give the same operations, ties and weakest links."""
    turned = {owner: list(reversed(mails)) for owner, mails in reversed(BOXES.items())}
    other = linked(tmp_path, turned, [FIRST, FOURTH, COPY, *SHOP], [THANKS])
    for query in (
        "select operation, messages, owners, families, bits, weakest, weakest_because from operations order by all",
        "select operation, message, owner, role, bits from members order by all",
        "select operation, message, other, kind, value, bits, counted, total from ties order by all",
    ):
        assert ask(case.path, query) == ask(other.path, query)


def test_few_who_pass_on_what_hostile_mail_brought_do_not_make_it_common(tmp_path: Path) -> None:
    """A second account taken over and warnings leave the operation whole; colleagues who warn never become members."""
    oli = "oli@third-place.example"
    again = mail(6, oli, CLEO, WAITING.format("z"), "For you", server="203.0.113.78")
    bait = "https://papers.round-table.example/b"
    warned = mail(6.2, BEN, ANA, f"Beware of {bait} which is bait. I changed my password.", "Beware")
    newly = mail(6.4, "tom@larkfield.example", ANA, f"I am new here. Is {bait} yours?", "Hello from Tom")
    boxes = {**BOXES, ANA: [*BOXES[ANA], warned, newly], CLEO: [*acquaintance(CLEO, oli), *BOXES[CLEO], again]}
    case = linked(tmp_path, boxes, [FIRST, FOURTH, COPY, *SHOP], [THANKS])
    assert keys([*OPERATION, again]) in grouped(case)
    for message in (warned, newly):
        assert not ask(case.path, f"select operation from members where message = '{key(message)}'")


def test_what_many_honest_senders_show_joins_nothing_though_hostile_mail_was_first(tmp_path: Path) -> None:
    """A host that four other known senders name after the lure is everybody's: it ties neither them nor strangers."""
    place = "https://count.public-hall.example/{0}"
    lure = mail(1, KAY, ANA, f"Read {place.format('a')} and sign in.", "Read this")
    stranger = mail(2, "una@far-away.example", ANA, f"I found {place.format('b')} useful.", "Useful")
    friends = [f"friend@place-{number}.example" for number in range(4)]
    known = [part for friend in friends for part in acquaintance(ANA, friend)]
    named = [
        mail(3 + number, friend, ANA, f"See {place.format(number)}", "See") for number, friend in enumerate(friends)
    ]
    case = linked(tmp_path, {ANA: [*known, lure, stranger, *named]}, [lure])
    assert grouped(case) == {keys([lure])}


# ---------------------------------------------------------------- what the case lacks


def test_without_dates_or_owner_it_connects_all_the_same(tmp_path: Path) -> None:
    """Messages that say no time, in a mailbox of nobody known, are put together by what they share."""
    undated = [
        mail(day, f"desk{day}@house-{day}.example", "someone@place.example", WAITING.format(day), undated=True)
        for day in range(3)
    ]
    case = linked(tmp_path, {"box": undated}, undated[:1], unknown=["box"])
    assert grouped(case) == {keys(undated)}
    assert ask(case.path, "select first, last, messages from operations") == [(None, None, 3)]
    listed = run("operations", "--case", case.path)
    assert listed.exit_code == 0
    assert "without dates" in listed.output


def test_honest_mail_alone_makes_no_operation(tmp_path: Path) -> None:
    """Where nothing stands out, nothing is an operation, however much honest mail shares."""
    invitation = "The choir sings on Sunday at https://choir.example/hall and wants your voice."
    mails = [mail(day, "choir@choir.example", ANA, invitation, "Choir on Sunday") for day in (1, 8, 15)]
    case = linked(tmp_path, {ANA: [*acquaintance(ANA, LIV), *mails]}, (), mails)
    assert grouped(case) == set()
    for table in ("operations", "members", "ties", "resemblances"):
        assert ask(case.path, f"select count(*) from {table}") == [(0,)]
    assert "0 operations" in run("operations", "--case", case.path).output


def test_no_mail_at_all_makes_no_operation(tmp_path: Path) -> None:
    """The tables of operations are filled, with nothing, where a case holds no message."""
    case = Case.create(tmp_path / "case")
    store(case, "rejections", schema("rejections").empty_table(), "found")
    with session(case, []) as connection:
        build(case, connection, [])
        operations(case, connection)
        assert connection.execute("select count(*) from operations").fetchall() == [(0,)]
