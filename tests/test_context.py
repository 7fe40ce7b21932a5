"""What was normal before a message: small mailboxes, the rows that follow from them, and nothing from the future."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.small_case import ANA, BEN, letter
from watchword import tables
from watchword.case import Case, GivenSource
from watchword.context.build import build
from watchword.engine import Connection, session, store
from watchword.observe import observe
from watchword.observe.batches import _Rows
from watchword.read.raw import RawMessage, Source

CLARA = "clara@campaign.example"


class Mailboxes:
    """A case made in a folder without the command line: mailboxes by name, each with messages as they lie there."""

    def __init__(self, folder: Path) -> None:
        """Make the case in an empty folder."""
        self.case = Case.create(folder)

    def build(self, owners: dict[str, str], **boxes: Sequence[bytes]) -> Connection:
        """Observe the mailboxes, build the context, and give the session. `owners` are given, by mailbox."""
        kept = _Rows()
        given = []
        for name, messages in boxes.items():
            source = Source(f"/mail/{name}/box", "", "mbox", 1, "")
            given.append(GivenSource(source, owners.get(name, "")))
            for number, data in enumerate(messages):
                facts = observe(RawMessage(data, _digest(data), len(data), offset=number, folder=name), source.id)
                found = list(facts)
                kept.add(found if _digest(data) not in kept.messages else found[:1])
                kept.messages.add(_digest(data))
        kept.write(self.case.tables, "b" * 24)
        store(self.case, "rejections", tables.schema("rejections").empty_table(), "found")
        connection = session(self.case, ["b" * 24])
        build(self.case, connection, given)
        return connection


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def made(tmp_path: Path) -> Mailboxes:
    """Give an empty case."""
    return Mailboxes(tmp_path / "case")


def rows(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    """Ask."""
    return connection.execute(query).fetchall()


def knew(connection: Connection, *names: str, owner: str = ANA) -> dict[str, Any]:
    """Give columns of `relationships` by subject; a single column as its value."""
    listed = ", ".join(f"relationships.{name}" for name in names)
    found = rows(
        connection,
        f"select subject, {listed} from relationships join message_facts using (message) where owner = '{owner}'",
    )
    return {row[0]: row[1] if len(names) == 1 else row[1:] for row in found}


def sent(day: float, to: str, subject: str, **more: str) -> bytes:
    """Write a message by Ana."""
    return letter(day, ANA, to, subject, received=False, **more)


def test_counts_are_of_what_came_before(made: Mailboxes) -> None:
    """Each message counts the earlier mail of its sender, both ways, of his organisation, and of the mailbox."""
    with made.build(
        {"box": ANA},
        box=[
            letter(0, BEN, subject="a"),
            letter(2, BEN, subject="c"),
            sent(1, BEN, "b"),
            letter(5, "cy@institute.example", subject="d"),
            letter(9, BEN, subject="e"),
        ],
    ) as connection:
        columns = ("history", "address_received", "address_sent", "organisation_received", "organisation_sent")
        assert knew(connection, *columns, "direction") == {
            "a": (0, 0, 0, 0, 0, "received"),
            "b": (1, 0, 0, 0, 0, "sent"),
            "c": (2, 1, 1, 1, 1, "received"),
            "d": (3, 0, 0, 2, 1, "received"),
            "e": (4, 2, 1, 3, 1, "received"),
        }
        assert knew(connection, "days_silent", "days_known", "newcomer") == {
            "a": (None, 0, True),
            "b": (None, 0, False),
            "c": (1.0, 2.0, True),
            "d": (None, 0, True),
            "e": (7.0, 9.0, True),
        }


def test_a_message_is_not_its_own_past(made: Mailboxes) -> None:
    """Somebody who copies himself, and a message to several people of one organisation, count once and only later."""
    with made.build(
        {"box": ANA},
        box=[
            letter(0, BEN, f"{ANA}, {BEN}", "self copy"),
            sent(1, "x@institute.example, y@institute.example, z@institute.example", "to three"),
            letter(2, "x@institute.example", subject="answer"),
        ],
    ) as connection:
        assert knew(connection, "address_first", "days_known")["self copy"] == (None, 0)
        assert knew(connection, "organisation_sent", "address_sent", "newcomer")["answer"] == (1, 1, False)


def test_names_that_are_known_elsewhere(made: Mailboxes) -> None:
    """A name on a new address is known by the address used before; not by one that is used only later."""
    with made.build(
        {"box": ANA},
        box=[
            letter(0, BEN, subject="a", name="Benjamin Okafor"),
            sent(1, BEN, "b"),
            letter(2, "ben@mail.test", subject="c", name="Okafor, Benjamin"),
            letter(3, BEN, subject="d", name="Benjamin Okafor"),
        ],
    ) as connection:
        assert knew(connection, "name_known", "name_received") == {
            "a": ("", 0),
            "b": ("", 0),
            "c": (BEN, 1),
            "d": ("ben@mail.test", 1),
        }


def test_who_vouches_for_a_new_address(made: Mailboxes) -> None:
    """The known address vouches by naming the new one before, in text or on copy, or by reading along; not later."""
    known = "ben.okafor@institute.example"
    new = "b.okafor@mail.test"

    def place(number: int, *held: bytes) -> bool:
        box = [letter(0, known, subject="known", name="Ben Okafor"), sent(1, known, "hello"), *held]
        with Mailboxes(made.case.path.parent / f"{number}").build({"box": ANA}, box=box) as connection:
            return bool(knew(connection, "name_vouched")["new"])

    first = letter(3, new, subject="new", name="Ben Okafor")
    assert not place(0, first)
    assert place(1, first, letter(2, known, subject="told", text=f"From May on: <{new}>.", name="Ben Okafor"))
    assert place(2, first, letter(2, known, subject="told", Cc=new))
    assert place(3, letter(3, new, f"{ANA}, {known}", "new", name="Ben Okafor"))
    assert not place(4, first, letter(4, known, subject="told", text=f"From May on: <{new}>.", name="Ben Okafor"))
    assert not place(5, first, letter(2, known, subject="told", text=f"From May on: xx{new}", name="Ben Okafor"))
    assert not place(6, first, letter(2, "cy@far.test", subject="told", text=f"Ben is at {new}."))


def test_a_list_that_writes_in_its_authors_names_is_nobody(made: Mailboxes) -> None:
    """Once an address wrote under four names, nobody is known by it; under three he still is."""
    names = ("Cy Young", "Dee Dee", "Ben Okafor", "Eve Low")
    held = [letter(day, "all@lists.test", subject=name, name=name) for day, name in enumerate(names)]
    held += [letter(2.5, "ben@mail.test", subject="early", name="Ben Okafor")]
    held += [letter(9, "dee@mail.test", subject="late", name="Dee Dee")]
    with made.build({"box": ANA}, box=held) as connection:
        found = knew(connection, "name_known")
        assert (found["early"], found["late"]) == ("all@lists.test", "")


def test_introductions(made: Mailboxes) -> None:
    """Who was on copy of a correspondent's message is introduced; who was on copy of a stranger's is not."""
    with made.build(
        {"box": ANA},
        box=[
            sent(0, BEN, "hello"),
            letter(1, BEN, ANA, "please meet", Cc="cy@other.example"),
            letter(2, "stranger@far.test", ANA, "me too", Cc="dee@far.test"),
            letter(3, "cy@other.example", subject="from cy"),
            letter(3, "dee@far.test", subject="from dee"),
        ],
    ) as connection:
        found = knew(connection, "introduced")
        assert (found["from cy"], found["from dee"], found["please meet"]) == (True, False, False)


def test_habits(made: Mailboxes) -> None:
    """Mail program, time zone and way are known once they were seen from the same address, None for its first mail."""
    plain = [letter(day, BEN, subject=f"s{day}", X_Mailer="Pine") for day in (0, 1)]
    other = letter(2, BEN, subject="s2", X_Mailer="Other").replace(b"+0000\nFrom", b"-0700\nFrom")
    with made.build({"box": ANA}, box=[*plain, other]) as connection:
        assert knew(connection, "client_known", "offset_known", "route_known") == {
            "s0": (None, None, None),
            "s1": (True, True, True),
            "s2": (False, False, True),
        }


def test_other_owners_of_the_case(made: Mailboxes) -> None:
    """What an address sent to other owners counts in `case_received`; the same message in their mailboxes does not."""
    both = letter(4, BEN, f"{ANA}, {CLARA}", "both")
    with made.build(
        {"ana": ANA, "clara": CLARA},
        ana=[letter(3, BEN, subject="to ana"), both],
        clara=[letter(1, BEN, CLARA, "to clara"), letter(6, BEN, CLARA, "late"), both],
    ) as connection:
        found = knew(connection, "case_received") | knew(connection, "case_received", owner=CLARA)
        assert found == {"to clara": 0, "to ana": 1, "both": 1, "late": 2}


@pytest.mark.parametrize("order", range(3))
def test_who_owns_a_mailbox(order: int, made: Mailboxes) -> None:
    """The address that most mail is from or to, in To or Delivered-To; a tag is the same person; else nobody."""
    ana = [
        letter(day, f"p{day}@far.test", "ana+news@campaign.example" if day % 3 else ANA, f"a{day}") for day in range(6)
    ]
    listed = [letter(day, f"q{day}@far.test", "list@lists.test", f"l{day}") for day in range(6)]
    listed = [one.replace(b"Delivered-To: list@lists.test", b"Delivered-To: clara@campaign.example") for one in listed]
    nobody = [letter(day, f"r{day}@far.test", f"t{day}@far.test", f"n{day}", received=False) for day in range(6)]
    outbox = [letter(day, BEN, f"u{day}@far.test", f"s{day}", received=False) for day in range(6)]
    ana = ana[order:] + ana[:order]
    with made.build(
        {"given": "zoe@far.test"}, a=ana, lists=listed, nobody=nobody, sent=outbox, given=nobody[:1]
    ) as connection:
        found = {
            path.split("/")[2]: (owner, how)
            for path, owner, how in rows(connection, "select path, owner, owner_how from sources")
        }
        assert found["a"] == (ANA, "delivered-to")
        assert found["lists"] == (CLARA, "delivered-to")
        assert found["sent"] == (BEN, "sent")
        assert found["given"] == ("zoe@far.test", "given")
        assert found["nobody"][1] == ""
        assert "@" not in found["nobody"][0]
        assert ("ana+news@campaign.example",) in rows(
            connection, "select address from owner_addresses where owner like 'ana@%'"
        )


def test_own_mail_and_mail_that_only_claims_to_be(made: Mailboxes) -> None:
    """Mail by the owner's address that never came in from outside is sent; what a foreign server handed over is not."""
    with made.build(
        {"box": ANA},
        box=[
            sent(0, BEN, "mine"),
            letter(1, ANA, ANA, "not mine").replace(
                b"mx.campaign.example (mx.campaign.example", b"evil.test (evil.test"
            ),
        ],
    ) as connection:
        assert knew(connection, "direction") == {"mine": "sent", "not mine": "self"}


def test_conversations(made: Mailboxes) -> None:
    """Replies belong to what they name, though it is missing; a subject alone binds only what is written as a reply."""
    first = re.sub(rb"Message-ID: <\d+", b"Message-ID: <one", letter(0, BEN, subject="The plan for May"))
    with made.build(
        {"box": ANA},
        box=[
            first,
            sent(1, BEN, "Re: The plan for May", In_Reply_To="<one@institute.example>"),
            letter(2, BEN, subject="Re: The plan for May"),
            letter(3, "cy@far.test", subject="The plan for May"),
            letter(4, BEN, subject="x", In_Reply_To="<gone@institute.example>"),
            letter(5, BEN, subject="y", References="<gone@institute.example>"),
            letter(6, BEN, subject="Re: never seen before"),
        ],
    ) as connection:
        found = {
            row[0]: row[1:]
            for row in rows(
                connection,
                """select subject || ' ' || date_diff('day', timestamptz '2024-03-01', date), conversation, position,
                    owner_wrote_before, sender_wrote_before, invented
                from conversations join message_facts using (message)""",
            )
        }
        plan = found["The plan for May 0"][0]
        assert found["The plan for May 0"][1:] == (0, 0, 0, False)
        assert found["Re: The plan for May 1"] == (plan, 1, 0, 0, False)
        assert found["Re: The plan for May 2"][:4] == (plan, 2, 1, 1)
        assert found["The plan for May 3"][0] != plan
        assert found["x 4"][0] == found["y 5"][0] == "gone@institute.example"
        assert found["Re: never seen before 6"][4]


# ---------------------------------------------------------------- nothing from the future

PEOPLE = (BEN, "cy@institute.example", "dee@far.test", "ben@mail.test")
messages = st.builds(
    lambda day, who, out, name, copy, reply: (day, who, out, name, copy, reply),
    st.integers(0, 40),
    st.sampled_from(PEOPLE),
    st.booleans(),
    st.sampled_from(("", "Ben Okafor", "Dee Dee")),
    st.sampled_from(("", *PEOPLE)),
    st.sampled_from(("", *PEOPLE)),
)


def written(number: int, day: int, who: str, out: bool, name: str, copy: str, reply: str) -> bytes:
    """Write one message."""
    sender, to = (ANA, who) if out else (who, ANA)
    more = ({"Cc": copy} if copy else {}) | ({"Reply_To": reply} if reply else {})
    return letter(day, sender, to, f"m{number}", "Some words.", name, not out, **more)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(messages, min_size=1, max_size=8), st.lists(messages, min_size=1, max_size=60))
def test_later_mail_changes_no_earlier_row(
    tmp_path_factory: pytest.TempPathFactory, early: list[Any], late: list[Any]
) -> None:
    """Rows of `relationships` are the same whether or not mail that came later is there, however much there is."""
    before = [written(number, *one) for number, one in enumerate(early)]
    after = [written(100 + number, one[0] + 41, *one[1:]) for number, one in enumerate(late)]
    # a name that goes by many addresses later is still a name
    after += [letter(90, f"ben{number}@mail.test", subject=f"n{number}", name="Ben Okafor") for number in range(45)]
    told = []
    for held in (before, before + after):
        place = Mailboxes(tmp_path_factory.mktemp("future") / "case")
        with place.build({"box": ANA}, box=held) as connection:
            found = rows(
                connection, "select subject, relationships.* from relationships join message_facts using (message)"
            )
            told.append({row[0]: row for row in found})
    assert told[0].items() <= told[1].items()


def test_the_order_of_reading_changes_nothing(made: Mailboxes, tmp_path: Path) -> None:
    """The same mail in another order gives the same relationships."""
    held = [
        written(number, number % 7, PEOPLE[number % 4], number % 3 == 0, "Ben Okafor", PEOPLE[number % 3], "")
        for number in range(30)
    ]
    told = []
    for turn, order in enumerate((held, held[::-1], held[11:] + held[:11])):
        with Mailboxes(tmp_path / f"{turn}").build({"box": ANA}, box=order) as connection:
            told.append(sorted(map(str, rows(connection, "from relationships"))))
    assert told[0] == told[1] == told[2]
