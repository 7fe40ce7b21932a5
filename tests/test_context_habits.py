"""What a person's earlier mail was like: small mailboxes, the shares that follow, and nothing from the future."""

from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.small_case import ANA, BEN, START, letter
from tests.test_context import Mailboxes, rows
from watchword import tables

OFFICE = "https://institute.example/"


@pytest.fixture
def made(tmp_path: Path) -> Mailboxes:
    """Give an empty case."""
    return Mailboxes(tmp_path / "case")


def habit(made: Mailboxes, held: list[bytes], *names: str) -> dict[str, Any]:
    """Build a mailbox of Ana's and give columns of `habits` by subject; a single column as its value."""
    with made.build({"box": ANA}, box=held) as connection:
        listed = ", ".join(f"habits.{name}" for name in names)
        found = rows(connection, f"select subject, {listed} from habits join message_facts using (message)")
    return {row[0]: row[1] if len(names) == 1 else row[1:] for row in found}


def test_the_first_message_has_no_habits(made: Mailboxes) -> None:
    """A row says how much stands behind it; who writes for the first time has none, nor has the owner."""
    held = [letter(day, BEN, subject=f"s{day}") for day in (0, 1, 4)]
    held += [letter(5, "cy@far.test", subject="cy"), letter(6, ANA, BEN, "mine", received=False)]
    assert habit(made, held, "messages_before", "days_before") == {"s1": (1, 1.0), "s4": (2, 4.0)}


def test_hours_of_the_day(made: Mailboxes) -> None:
    """Two hours to either side count, across midnight, too; the hour is told by the sender's own clock."""
    held = [letter(day, BEN, subject=f"d{day}") for day in range(4)]  # at 9:00
    held += [letter(5 + hour / 24, BEN, subject=f"h{hour}") for hour in (2, 16)]  # at 11:00, at 1:00
    held += [
        letter(7 + 14 / 24, BEN, subject="h14").replace(b"+0000\nFrom", b"-0500\nFrom")
    ]  # at 23:00, in another zone
    held += [letter(9, BEN, subject="last")]
    found = habit(made, held, "hour", "hour_share")
    assert found["d3"] == (9, 1.0)
    assert found["h2"] == (11, 1.0)
    assert found["h16"] == (1, 0.0)
    assert found["h14"] == (23, pytest.approx(1 / 6))
    assert found["last"][0] == 4  # five hours behind, as the message before showed
    assert found["last"][1] == pytest.approx(5 / 7)


def test_a_person_with_two_addresses_is_one(made: Mailboxes) -> None:
    """What the work address did counts for the private one, under the name that both began with; machines are apart."""
    held = [letter(day, BEN, subject=f"w{day}", name="Ben Okafor") for day in range(3)]
    held += [letter(4, "ben@mail.test", subject="private", name="Okafor, Ben")]
    held += [letter(5, BEN, subject="again", name="B. O.")]
    held += [letter(6, "notifications@site.test", subject="machine", name="Ben Okafor")]
    assert habit(made, held, "person", "messages_before", "addresses") == {
        "w1": ("ben okafor", 1, 1),
        "w2": ("ben okafor", 2, 1),
        "private": ("ben okafor", 3, 1),
        "again": ("ben okafor", 4, 2),
    }


def test_form_and_words(made: Mailboxes) -> None:
    """Mail program without its version, farewell, shape and requests are held against earlier mail."""
    text = "Dear Ana,\n\nthe hearing is on Friday at ten.\n\nBest regards,\nBen"
    held = [letter(day, BEN, subject=f"s{day}", text=text, X_Mailer=f"Pine {day}.0") for day in range(4)]
    odd = "Hello there!\n\nPlease sign in with your password here to read the document that I have shared with you."
    held += [letter(9, BEN, subject="odd", text=odd, X_Mailer="Other")]
    found = habit(made, held, "client_share", "closing_share", "asking_share", "structure_share")
    assert found["s3"] == (1, 1, 0, 1)
    assert found["odd"][:2] == (0, 0)


def test_new_links(made: Mailboxes) -> None:
    """A link counts once, on the message that first brought it, unless it leads to the sender's own domain."""
    held = [letter(day, BEN, subject=f"s{day}", text=f"See {OFFICE}{day}") for day in range(2)]
    held += [letter(2, "cy@far.test", subject="cy", text="See https://paper.example/one")]
    held += [letter(3, BEN, subject="quotes", text="You mean https://paper.example/one")]
    held += [letter(4, BEN, subject="brings", text="See https://paper.example/two and https://new.example/")]
    held += [letter(5, BEN, subject="later", text="See https://new.example/more")]
    columns = ("link_share", "link_place", "link_place_person", "link_place_mailbox", "brings")
    found = habit(made, held, *columns)
    assert found["s1"] == (0, "", None, None, [])
    assert found["quotes"] == (0, "", None, None, [])
    assert found["brings"] == (0, "new.example", 0, 0, ["link"])
    assert found["later"] == (0.25, "new.example", 1, 1, ["link"])


def test_company(made: Mailboxes) -> None:
    """Who else a message names is held against whom the same sender named before, and how many at once."""
    held = [letter(day, BEN, f"{ANA}, dee@far.test", f"s{day}") for day in range(2)]
    many = ", ".join(f"p{number}@far.test" for number in range(3))
    held += [letter(3, BEN, f"dee@far.test, {many}", "many").replace(b"Delivered-To: dee", b"Delivered-To: ana")]
    found = habit(made, held, "recipients_share", "recipients_most", "to_owner_share")
    assert found == {"s1": (1, 2, 1), "many": (0.25, 2, 1)}


# ---------------------------------------------------------------- whatever comes

SHARES = [column.name for column in tables.columns(tables.Habit) if column.name.endswith("_share")]
WORDS = ("Dear Ana,\n\nthank you.\n\nBest,\nBen", "See https://a.example/x", "Hi!\n\nhttps://b.example/y", "")
mail = st.tuples(
    st.floats(0, 40),
    st.sampled_from((BEN, "cy@far.test", "ben@mail.test", "noreply@far.test")),
    st.sampled_from(("", "Ben Okafor", "Okafor, Ben", "Cy")),
    st.sampled_from(WORDS),
    st.sampled_from(("+0000", "-0700", "+0330")),
    st.sampled_from(("", "Pine 1", "Other")),
    st.sampled_from(("", "dee@far.test", BEN)),
)


def written(number: int, day: float, who: str, name: str, text: str, zone: str, mailer: str, copy: str) -> bytes:
    """Write one message."""
    more = ({"Cc": copy} if copy else {}) | ({"X_Mailer": mailer} if mailer else {})
    said = format_datetime(START + timedelta(days=day))
    data = letter(day, who, ANA, f"{'Re: ' if number % 3 else ''}m{number}", text, name, True, **more)
    return data.replace(f"Date: {said}".encode(), f"Date: {said[:-5]}{zone}".encode())


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(mail, min_size=2, max_size=12), st.lists(mail, min_size=1, max_size=30))
def test_only_the_past_counts(tmp_path_factory: pytest.TempPathFactory, early: list[Any], late: list[Any]) -> None:
    """Shares lie between 0 and 1, and no row changes when later mail is there, too."""
    before = [written(number, *one) for number, one in enumerate(early)]
    after = [written(100 + number, one[0] + 41, *one[1:]) for number, one in enumerate(late)]
    told = []
    for held in (before, before + after):
        place = Mailboxes(tmp_path_factory.mktemp("habits") / "case")
        with place.build({"box": ANA}, box=held) as connection:
            found = connection.table("habits").to_arrow_table().to_pylist()
        told.append({row["message"]: row for row in found})
        for row in found:
            assert row["messages_before"] >= 1
            assert all(row[name] is None or 0 <= row[name] <= 1 for name in SHARES), row
    assert told[0].items() <= told[1].items()


def test_the_order_of_reading_changes_nothing(made: Mailboxes, tmp_path: Path) -> None:
    """The same mail in another order gives the same habits, also where times are equal."""
    held = [
        written(number, number % 7, (BEN, "ben@mail.test", "cy@far.test")[number % 3], "Ben Okafor", WORDS[number % 4],
                "+0000", "", "")
        for number in range(30)
    ]  # fmt: skip
    told = []
    for turn, order in enumerate((held, held[::-1], held[11:] + held[:11])):
        with Mailboxes(tmp_path / f"{turn}").build({"box": ANA}, box=order) as connection:
            told.append(sorted(map(str, rows(connection, "from habits"))))
    assert told[0] == told[1] == told[2]
