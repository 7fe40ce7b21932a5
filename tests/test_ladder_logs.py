"""Did it work, as logs of providers tell: what is strange for an account, what is its owner's, what a log covers."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.small_case import ANA, letter
from tests.small_ladder import (
    AT,
    AWAY,
    HOME,
    OP,
    PAGE,
    STRANGER,
    THEIRS,
    Climb,
    answer,
    event,
    lure,
    marked,
    mine,
    rungs,
    sign_in,
)
from watchword.connect.timeline import story
from watchword.tables import Rung

ALL = (
    "sign-in", "access-granted", "app-password", "forwarding", "filter-rule", "mail-read", "mail-sent", "mail-deleted",
    "search", "export", "link-clicked", "recovery-changed", "password-changed",
)  # fmt: skip
MAIL = ["https://mail.google.com/"]
OUTSIDE = "drop@elsewhere.example"


@pytest.fixture
def climb(tmp_path: Path) -> Climb:
    """Begin a case with one lure."""
    made = Climb(tmp_path / "case")
    made.lure(lure())
    return made


def life(
    *more: Mapping[str, object], days: tuple[float, ...] = (1, 8, 15, 22, 29, 36, 43, 50, 60)
) -> list[Mapping[str, object]]:
    """Give the sign-ins of an ordinary life from home, and what is added to it, in order."""
    return sorted([*(sign_in(day) for day in days), *more], key=lambda one: str(one["time"]))


def made(climb: Climb, *more: Mapping[str, object]) -> dict[str, Rung]:
    """Make the ladder with a log that covers everything for long enough."""
    climb.log(ALL, 0, 70, *life(*more))
    with climb.done() as connection:
        return rungs(connection)


def states(climb: Climb, *more: Mapping[str, object]) -> tuple[str, str]:
    """Make the ladder so, and say whether the account was entered and used."""
    ladder = made(climb, *more)
    return ladder["entered"].state, ladder["used"].state


def test_a_log_of_an_ordinary_life_shows_nobody(climb: Climb) -> None:
    """A log that covers the time and has only sign-ins from home: not shown, the log is named, nothing is open."""
    ladder = made(climb)
    for name in ("entered", "used"):
        assert ladder[name].state == "not-shown"
        assert ladder[name].log == "log0"
        assert ladder[name].would_tell == ""
    assert "2 sign-ins" in ladder["entered"].sentence  # within the two weeks


def test_a_sign_in_from_where_the_operation_wrote(climb: Climb) -> None:
    """An address that the operation used shows that it entered, and names the event."""
    climb.traces.append(("The draft on transit", THEIRS, ""))
    ladder = made(climb, sign_in(AT + 1, THEIRS, "Far", "Chrome 125"))
    assert ladder["entered"].state == "shown"
    assert (ladder["entered"].log, ladder["entered"].message) == ("log0", "")
    assert ladder["entered"].event is not None
    assert "this operation used" in ladder["entered"].sentence


def test_an_address_that_everybody_shares_is_none_of_theirs(climb: Climb) -> None:
    """A hub's address, as a large provider's, tells nothing of who signed in from it."""
    climb.traces.append(("The draft on transit", HOME, "mail provider"))
    assert states(climb) == ("not-shown", "not-shown")


def test_a_journey_is_possible(climb: Climb) -> None:
    """A sign-in from another country with a new program fits the lure, and a journey; that is said."""
    ladder = made(climb, sign_in(AT + 2, AWAY, "Elsewhere", "Safari 17"))
    assert ladder["entered"].state == "possible"
    assert "journey" in ladder["entered"].sentence
    assert ladder["entered"].would_tell


def test_a_journey_before_the_lure_makes_the_place_known(climb: Climb) -> None:
    """Where the owner had been before the lure is no strange place after it."""
    assert states(
        climb, sign_in(30, AWAY, "Elsewhere", "Safari 17"), sign_in(AT + 2, AWAY, "Elsewhere", "Safari 17")
    ) == (
        "not-shown",
        "not-shown",
    )


def test_another_network_in_the_same_town_is_not_strange(climb: Climb) -> None:
    """Home lines change their address: same place, same program."""
    assert states(climb, sign_in(AT + 2, AWAY, "Corwin", "Firefox 127")) == ("not-shown", "not-shown")


def test_with_forwarding_to_outside_it_is_shown(climb: Climb) -> None:
    """From a network never seen before, then forwarding to an unknown address from there: entered, and drained."""
    ladder = made(
        climb,
        sign_in(AT + 1, AWAY, "Elsewhere", "Chrome 125"),
        event(AT + 1.1, "forwarding", AWAY, target=OUTSIDE),
    )
    assert (ladder["entered"].state, ladder["used"].state) == ("shown", "shown")
    assert OUTSIDE in ladder["used"].sentence


@pytest.mark.parametrize(
    "change",
    [
        event(AT + 1.1, "app-password", AWAY),
        event(AT + 1.1, "access-granted", AWAY, application="Mail Sync", scopes=MAIL),
        event(AT + 1.1, "filter-rule", AWAY, target=f"forward to {OUTSIDE}"),
    ],
)
def test_with_another_sign_it_is_shown(climb: Climb, change: Mapping[str, object]) -> None:
    """So with a password for programs, an application that may read mail, or a rule that sends mail away."""
    assert states(climb, sign_in(AT + 1, AWAY, "Elsewhere", "Chrome 125"), change)[0] == "shown"


def test_own_forwarding_is_no_sign(climb: Climb) -> None:
    """From home, to an address that the owner wrote to before: the owner's own, on no rung, but in the story."""
    climb.add(mine(2, "ana.private@home.example", "To myself"), box="sent")
    climb.log(ALL, 0, 70, *life(event(AT + 1, "forwarding", target="ana.private@home.example")))
    with climb.done() as connection:
        ladder = rungs(connection)
        assert (ladder["entered"].state, ladder["used"].state) == ("not-shown", "not-shown")
        assert [one.kind for one in story(connection, OP, ANA)] == ["lure", "forwarding"]


def test_forwarding_from_home_to_an_unknown_address_is_possible(climb: Climb) -> None:
    """The owner may have set it up, or whoever sat in a stolen session."""
    assert states(climb, event(AT + 1, "forwarding", target=OUTSIDE)) == ("possible", "possible")


def test_forwarding_to_the_operation_is_shown(climb: Climb) -> None:
    """Where the operation wrote from, or wanted answers, mail goes nowhere honest."""
    assert states(climb, event(AT + 1, "forwarding", target=STRANGER)) == ("shown", "shown")


def test_changing_the_password_from_home_is_no_sign(climb: Climb) -> None:
    """Who changes the password after a lure, from home, protects the account."""
    assert states(climb, event(AT + 1, "password-changed"), event(AT + 1, "recovery-changed")) == (
        "not-shown",
        "not-shown",
    )


def test_an_own_application_granted_before_is_no_sign(climb: Climb) -> None:
    """A program that had access before the lure and asks again is the owner's."""
    grants = [event(day, "access-granted", application="Thunderbird", scopes=MAIL) for day in (10, AT + 1)]
    assert states(climb, *grants) == ("not-shown", "not-shown")


def test_a_new_application_that_reads_mail_is_possible(climb: Climb) -> None:
    """From home, with rights on mail: an own new program, or what a lure asked for."""
    assert states(climb, event(AT + 1, "access-granted", application="Mail Sync", scopes=MAIL))[0] == "possible"


def test_the_application_that_a_link_asked_for_is_shown(climb: Climb) -> None:
    """The link of the lure names the client to which access was then given: engaged and entered."""
    link = "https://login.provider.example/authorize?client_id=9f1c-77&scope=mail"
    climb.lure(lure(AT + 0.5, "Join the meeting", f"Dear Ana, join here: {link}"))
    ladder = made(climb, event(AT + 1, "access-granted", application="9f1c-77", scopes=MAIL))
    assert ladder["engaged"].state == ladder["entered"].state == "shown"


def test_a_consent_lure_needs_the_log_of_access(climb: Climb) -> None:
    """Sign-ins alone do not tell that no application got access, for which the message asked."""
    link = "https://login.provider.example/authorize?client_id=9f1c-77&scope=mail"
    climb.lure(lure(AT + 0.5, "Join the meeting", f"Dear Ana, join here: {link}"))
    climb.log(["sign-in"], 0, 70, *life())
    with climb.done() as connection:
        ladder = rungs(connection)
        assert ladder["entered"].state == "unknown"
        assert "applications" in ladder["entered"].sentence


def test_use_from_a_strange_place(climb: Climb) -> None:
    """Reading, searching and sending from where the operation wrote are told with their number."""
    climb.traces.append(("The draft on transit", THEIRS, ""))
    reading = [event(AT + 1.2 + number / 1000, "mail-read", THEIRS) for number in range(30)]
    ladder = made(climb, sign_in(AT + 1, THEIRS, "Far", "Chrome 125"), *reading)
    assert ladder["used"].state == "shown"
    assert "30 times" in ladder["used"].sentence


def test_use_on_a_journey_is_possible(climb: Climb) -> None:
    """The owner reads mail on a journey, too."""
    journey = [sign_in(AT + 2, AWAY, "Elsewhere", "Safari 17"), event(AT + 2.1, "mail-read", AWAY)]
    assert states(climb, *journey) == ("possible", "possible")


def test_reading_at_home_is_no_use(climb: Climb) -> None:
    """Mail read, sent and deleted from home is what an account is for."""
    daily = [event(AT + 1, kind) for kind in ("mail-read", "mail-sent", "mail-deleted", "search")]
    assert states(climb, *daily) == ("not-shown", "not-shown")


def test_a_failed_sign_in_enters_nothing(climb: Climb) -> None:
    """A sign-in that failed, from a strange place, stands in the story and on no rung."""
    failed = event(AT + 1, "sign-in-failed", AWAY, location="Elsewhere", client="Chrome 125", result="failure")
    climb.log(ALL, 0, 70, *life(failed))
    with climb.done() as connection:
        assert rungs(connection)["entered"].state == "not-shown"
        assert "sign-in-failed" in [one.kind for one in story(connection, OP, ANA)]


def test_an_account_that_another_operation_entered_is_not_cleared(climb: Climb) -> None:
    """Whoever came in before may come back from the same place: a later operation's part in it stays unknown."""
    climb.traces.append(("The draft on transit", THEIRS, ""))
    climb.lure(letter(AT + 2, "boss@other.example", ANA, "Quick request", f"Sign in: {PAGE}"), operation="op-2")
    climb.log(
        ALL, 0, 70, *life(sign_in(AT + 1, THEIRS, "Far", "Chrome 125"), sign_in(AT + 3, THEIRS, "Far", "Chrome 125"))
    )
    with climb.done() as connection:
        assert rungs(connection)["entered"].state == "shown"
        later = rungs(connection, operation="op-2")
        assert (later["entered"].state, later["used"].state) == ("unknown", "unknown")
        assert "Another operation" in later["entered"].sentence
        assert later["entered"].would_tell


def second(climb: Climb, labels: str = "Inbox,Opened") -> None:
    """Let another operation write before the same sign-in, and the first be answered: its link was opened."""
    other = letter(AT + 0.2, "boss@other.example", ANA, "Quick request", "Sign in: https://pay-desk.example/in")
    climb.lure(marked(other, labels), operation="op-2")
    climb.add(answer(climb.boxes["inbox"][5], AT + 0.5, "Dear Annika, I opened it."), box="sent")


def test_of_two_operations_the_answered_one_entered(climb: Climb) -> None:
    """A strange sign-in and forwarding after two lures: shown for the one that was opened, unknown for the other."""
    second(climb)
    change = event(AT + 1.1, "forwarding", AWAY, target=OUTSIDE)
    climb.log(ALL, 0, 70, *life(sign_in(AT + 1, AWAY, "Elsewhere", "Chrome 125"), change))
    with climb.done() as connection:
        assert rungs(connection)["entered"].state == rungs(connection)["used"].state == "shown"
        assert rungs(connection, operation="op-2")["entered"].state == "unknown"
        told = {one.sentence for one in story(connection, "op-2", ANA) if one.kind == "sign-in"}
        assert any("another operation" in one for one in told)


def test_an_operation_that_shows_itself_is_not_covered_by_another(climb: Climb) -> None:
    """The address of the second operation signed in: it entered, though only the first was answered."""
    second(climb)
    climb.traces.append(("Quick request", THEIRS, ""))
    climb.log(ALL, 0, 70, *life(sign_in(AT + 1, THEIRS, "Far", "Chrome 125")))
    with climb.done() as connection:
        assert rungs(connection, operation="op-2")["entered"].state == "shown"
        assert rungs(connection)["entered"].state == "possible"


def test_a_message_that_nobody_opened_entered_nothing(climb: Climb) -> None:
    """Spam still marked as unread lies before the same sign-in: that is not its doing, nor in its story."""
    second(climb, "Spam,Unread")
    change = event(AT + 1.1, "forwarding", AWAY, target=OUTSIDE)
    climb.log(ALL, 0, 70, *life(sign_in(AT + 1, AWAY, "Elsewhere", "Chrome 125"), change))
    with climb.done() as connection:
        assert rungs(connection, operation="op-2")["entered"].state == "not-shown"
        assert [one.kind for one in story(connection, "op-2", ANA)] == ["lure"]


def test_who_came_in_is_followed_to_the_end(climb: Climb) -> None:
    """Sign-ins from the strange place weeks later stand in the story, too."""
    climb.traces.append(("The draft on transit", THEIRS, ""))
    again = [sign_in(day, THEIRS, "Far", "Chrome 125") for day in (AT + 1, AT + 20, AT + 29)]
    climb.log(ALL, 0, 70, *life(*again))
    with climb.done() as connection:
        told = [one for one in story(connection, OP, ANA) if one.kind == "sign-in"]
        assert [one.rung for one in told] == ["entered", "", ""]


def test_what_happened_before_the_lure_is_not_of_it(climb: Climb) -> None:
    """Strange sign-ins and forwarding before the first message were not its doing."""
    early = [sign_in(AT - 2, AWAY, "Elsewhere", "Chrome 125"), event(AT - 2, "forwarding", AWAY, target=OUTSIDE)]
    assert states(climb, *early) == ("not-shown", "not-shown")


@pytest.mark.parametrize(
    ("first", "last", "cut"),
    [(0, AT + 5, ""), (AT + 0.5, 70, ""), (0, 70, "ends at exactly 50,000 rows")],
    ids=["ends too soon", "begins after the lure", "cut short"],
)
def test_a_log_that_does_not_cover_the_time_leaves_it_unknown(
    climb: Climb, first: float, last: float, cut: str
) -> None:
    """Nothing in a log that ends, begins or breaks off within the time says nothing; the right one is named."""
    climb.log(ALL, first, last, *life(), cut=cut)
    with climb.done() as connection:
        ladder = rungs(connection)
        assert (ladder["entered"].state, ladder["used"].state) == ("unknown", "unknown")
        assert ladder["entered"].would_tell
        assert "do not cover" in ladder["entered"].sentence


def test_two_logs_that_follow_each_other_cover_together(climb: Climb) -> None:
    """Exports month by month are one log, if no day is missing between them."""
    climb.log(ALL, 0, 45, *life(days=(1, 8, 15, 22, 29, 36, 43)))
    climb.log(ALL, 45.5, 70, *life(days=(50, 60)))
    with climb.done() as connection:
        assert rungs(connection)["entered"].state == "not-shown"


def test_two_logs_with_a_gap_do_not(climb: Climb) -> None:
    """Days that no log covers leave it unknown."""
    climb.log(ALL, 0, 41, *life(days=(1, 8, 15, 22, 29, 36)))
    climb.log(ALL, 48, 70, *life(days=(50, 60)))
    with climb.done() as connection:
        assert rungs(connection)["entered"].state == "unknown"


def test_a_log_of_other_people_does_not_count(climb: Climb) -> None:
    """A log that has events of one other account only does not say that this one was left alone."""
    climb.log(ALL, 0, 70, *[{**one, "account": "clara@campaign.example"} for one in life()])
    with climb.done() as connection:
        assert rungs(connection)["entered"].state == "unknown"


def test_without_earlier_sign_ins_nothing_can_be_compared(climb: Climb) -> None:
    """A log with no sign-ins from before the lure cannot tell what is strange: unknown, not an accusation."""
    climb.log(ALL, 0, 70, *life(days=(43, 50, 60)))
    with climb.done() as connection:
        ladder = rungs(connection)
        assert ladder["entered"].state == "unknown"
        assert "too few" in ladder["entered"].sentence


def test_a_link_that_was_opened_is_in_the_log(climb: Climb) -> None:
    """The provider's record of an opened link of the lure shows that it was opened."""
    ladder = made(climb, event(AT + 0.1, "link-clicked", target=PAGE))
    assert ladder["engaged"].state == "shown"
    assert ladder["engaged"].log == "log0"
    assert ladder["engaged"].message != ""


def test_no_link_opened_in_a_log_of_links_is_not_shown(climb: Climb) -> None:
    """A log of opened links that has others and none of the lure's, and no reply: not shown."""
    assert made(climb, event(AT + 0.1, "link-clicked", target="https://news.example/"))["engaged"].state == "not-shown"


def test_the_story_has_mail_and_log_on_one_axis(climb: Climb) -> None:
    """Lure, sign-in, rule and reading stand in order, each with its message or event."""
    climb.traces.append(("The draft on transit", THEIRS, ""))
    climb.log(
        ALL, 0, 70,
        *life(
            sign_in(AT + 1, THEIRS, "Far", "Chrome 125"),
            event(AT + 1.1, "filter-rule", THEIRS, target=f"forward to {OUTSIDE}"),
            event(AT + 1.2, "mail-read", THEIRS),
        ),
    )  # fmt: skip
    with climb.done() as connection:
        told = story(connection, OP, ANA)
        assert [one.kind for one in told] == ["lure", "sign-in", "filter-rule", "mail-read"]
        assert [bool(one.message) for one in told] == [True, False, False, False]
        assert all(one.event is not None for one in told[1:])


def test_a_rule_without_a_time_is_possible(climb: Climb) -> None:
    """A list of rules as they are set now does not say since when: possible, and last in the story."""
    climb.log(ALL, 0, 70, *life(), event(None, "filter-rule", "", target=f"forward to {OUTSIDE}"))
    with climb.done() as connection:
        assert rungs(connection)["used"].state == "possible"
        assert story(connection, OP, ANA)[-1].time is None
