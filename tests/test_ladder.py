"""Did it work, as mailboxes tell: each rung shown, possible, not shown and unknown, and honest twins of each."""

from pathlib import Path

import pytest

from tests.small_case import ANA, BEN, letter
from tests.small_ladder import (
    AT,
    OP,
    PAGE,
    STRANGER,
    Climb,
    answer,
    confirmed,
    lure,
    marked,
    mine,
    notice,
    rungs,
)
from watchword.connect.ladder import service_of, services
from watchword.connect.timeline import story
from watchword.tables import Rung

CLARA = "clara@campaign.example"
SIGN_IN = ("New sign-in on Linux", "We noticed a new sign-in to your account. If this was you there is nothing to do.")
FORWARDED = ("Forwarding was set up", "Mail that arrives is now also sent to drop@elsewhere.example.")
OPENED = "Dear Annika, I opened it, and the page wanted me to sign in with my mail account first."


@pytest.fixture
def climb(tmp_path: Path) -> Climb:
    """Begin a case."""
    return Climb(tmp_path / "case")


def states(climb: Climb, owner: str = ANA, operation: str = OP) -> dict[str, str]:
    """Make the ladder and give the state of each rung."""
    with climb.done() as connection:
        return {name: rung.state for name, rung in rungs(connection, owner, operation).items()}


def made(climb: Climb, owner: str = ANA, operation: str = OP) -> dict[str, Rung]:
    """Make the ladder and give it."""
    with climb.done() as connection:
        return rungs(connection, owner, operation)


def test_each_person_has_seven_rungs_in_order(climb: Climb) -> None:
    """One row for each rung, with its number, for the person and nobody else."""
    climb.lure(lure())
    with climb.done() as connection:
        assert connection.execute("select owner, rung, step from rungs order by step").fetchall() == [
            (ANA, name, step)
            for step, name in enumerate(
                ("targeted", "delivered", "read", "answered", "engaged", "entered", "used"), start=1
            )
        ]


def test_what_a_mailbox_without_marks_and_logs_tells(climb: Climb) -> None:
    """A lure arrived, nobody answered; whether it was read, opened or let anybody in is unknown, and who would tell."""
    climb.lure(lure())
    ladder = made(climb)
    assert {name: rung.state for name, rung in ladder.items()} == {
        "targeted": "shown",
        "delivered": "shown",
        "read": "unknown",
        "answered": "not-shown",
        "engaged": "unknown",
        "entered": "unknown",
        "used": "unknown",
    }
    assert ladder["targeted"].message == ladder["delivered"].message != ""
    assert all(bool(rung.would_tell) == (rung.state == "unknown") for rung in ladder.values())
    assert "campaign.example" in ladder["entered"].would_tell


def test_targeted_on_copy_is_possible(climb: Climb) -> None:
    """Who was only on copy may not have been meant."""
    climb.lure(letter(AT, STRANGER, BEN, "The draft", f"Here: {PAGE}", Cc=ANA))
    ladder = made(climb)
    assert ladder["targeted"].state == "possible"
    assert "on copy" in ladder["targeted"].sentence


def test_targeted_through_a_list_is_possible(climb: Climb) -> None:
    """Who got it through a list may not have been meant."""
    post = "<mailto:all@campaign.example>"
    data = letter(
        AT, STRANGER, "all@campaign.example", "The draft", PAGE, List_Id="<all.campaign.example>", List_Post=post
    )
    climb.lure(data)
    assert states(climb)["targeted"] == "possible"


def test_targeted_among_hidden_recipients(climb: Climb) -> None:
    """A message that names nobody of the mailbox was for its owner all the same."""
    climb.lure(letter(AT, STRANGER, "undisclosed@freepost.example", "The draft", f"Here: {PAGE}"))
    ladder = made(climb)
    assert ladder["targeted"].state == "shown"
    assert "hidden recipients" in ladder["targeted"].sentence


def test_a_message_decided_harmless_targets_nobody(climb: Climb) -> None:
    """What a person decided is harmless makes no ladder."""
    climb.lure(lure())
    climb.decided["The draft on transit"] = "harmless"
    assert states(climb) == {}


def test_a_copy_in_another_mailbox_counts(climb: Climb) -> None:
    """The same message in another mailbox targets its owner, too, though only one copy was tied to the operation."""
    climb.owners |= {"clara": CLARA}
    climb.add(*(letter(day, to=CLARA, subject=f"For Clara {day}") for day in (0, 10, 90)), box="clara")
    data = letter(AT, STRANGER, f"{ANA}, {CLARA}", "The draft", f"Here: {PAGE}")
    climb.lure(data)
    climb.add(data.replace(b"Delivered-To: " + ANA.encode(), b"Delivered-To: " + CLARA.encode()), box="clara")
    with climb.done() as connection:
        connection.execute("select 1")
        assert rungs(connection)["delivered"].state == "shown"
        assert rungs(connection, CLARA)["delivered"].state == "shown"


def test_delivered_is_not_shown_where_the_mailbox_lacks_it(climb: Climb) -> None:
    """Another mailbox shows that it was sent; this one holds the time and not the message, which may be deleted."""
    climb.owners |= {"clara": CLARA}
    climb.add(*(letter(day, to=CLARA, subject=f"For Clara {day}") for day in (0, 10, 90)), box="clara")
    climb.lure(letter(AT, STRANGER, f"{ANA}, {CLARA}", "The draft", f"Here: {PAGE}"))
    ladder = made(climb, CLARA)
    assert ladder["targeted"].state == "shown"
    assert ladder["delivered"].state == "not-shown"
    assert ladder["delivered"].would_tell


def test_delivered_is_unknown_where_the_mailbox_ends_before(climb: Climb) -> None:
    """A mailbox that ends before the lure does not tell whether it came."""
    climb.owners |= {"clara": CLARA}
    climb.add(*(letter(day, to=CLARA, subject=f"For Clara {day}") for day in (0, 10)), box="clara")
    climb.lure(letter(AT, STRANGER, f"{ANA}, {CLARA}", "The draft", f"Here: {PAGE}"))
    assert states(climb, CLARA)["delivered"] == "unknown"


def test_read_is_shown_by_the_mark(climb: Climb) -> None:
    """A label of the export, in any language, or a flag says that it was opened."""
    climb.lure(marked(lure(), "Inbox,Ge=C3=B6ffnet".replace("=C3=B6", "ö")))
    assert states(climb)["read"] == "shown"


def test_an_unread_mark_is_not_shown_and_lets_nobody_in(climb: Climb) -> None:
    """A message still marked as unread, as one in spam, was not opened as far as the mailbox shows; nor more."""
    climb.lure(marked(lure(), "Spam,Unread"))
    ladder = made(climb)
    assert "spam folder" in ladder["delivered"].sentence
    assert {name: ladder[name].state for name in ("read", "answered", "engaged", "entered", "used")} == dict.fromkeys(
        ("read", "answered", "engaged", "entered", "used"), "not-shown"
    )


def test_read_is_shown_by_a_receipt(climb: Climb) -> None:
    """A read receipt that went out shows that it was read, and is no answer."""
    first = climb.lure(lure())
    receipt = answer(first, AT + 1, "x").replace(
        b"\n\nx", b"\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed\n--b--"
    )  # fmt: skip
    climb.add(receipt, box="sent")
    ladder = made(climb)
    assert ladder["read"].state == "shown"
    assert "receipt" in ladder["read"].sentence
    assert ladder["answered"].state == "not-shown"


def test_answered_is_shown_by_a_reply_in_sent_mail(climb: Climb) -> None:
    """A reply shows that it was answered and read; words of doubt are told, and nobody is blamed."""
    first = climb.lure(lure())
    climb.add(answer(first, AT + 1, "Dear Annika, is this really you? I will not open it."), box="sent")
    ladder = made(climb)
    assert ladder["answered"].state == ladder["read"].state == "shown"
    assert "is this really you" in ladder["answered"].sentence
    assert ladder["engaged"].state == "unknown"


def test_answered_by_a_new_message_to_the_persona(climb: Climb) -> None:
    """A message to the persona's address after the lure is an answer, though it names no earlier one."""
    climb.lure(lure())
    climb.add(mine(AT + 2, STRANGER, "A question", "Dear Annika, when?"), box="sent")
    assert states(climb)["answered"] == "shown"


def test_answered_at_the_address_that_answers_are_to_go_to(climb: Climb) -> None:
    """An answer to the Reply-To of the lure is one to the operation."""
    first = climb.lure(lure(Reply_To="a.vale@other.example"))
    climb.add(answer(first, AT + 1, "Dear Annika, yes.", to="a.vale@other.example"), box="sent")
    assert states(climb)["answered"] == "shown"


def test_passing_it_on_is_reading_and_no_answer(climb: Climb) -> None:
    """Asking a colleague about it, with the lure below, is no reply to the operation and does not use the account."""
    first = climb.lure(lure())
    climb.add(answer(first, AT + 1, f"Clara, is that real?\n\n> {PAGE}", to=CLARA), box="sent")
    assert {name: state for name, state in states(climb).items() if name in ("read", "answered", "used")} == {
        "read": "shown",
        "answered": "not-shown",
        "used": "unknown",
    }


def test_writing_to_the_true_person_is_no_answer(climb: Climb) -> None:
    """The persona borrows a name and names the true address in its signature; mail to that is none to the operation."""
    true = "annika.vale@institute.example"
    climb.add(letter(2, true, subject="Seminar", name="Annika Vale"))
    climb.add(mine(3, true, "Re: Seminar"), box="sent")
    climb.lure(lure(text=f"Dear Ana, here it is: {PAGE}\n\n--\nAnnika Vale\n{true}"))
    climb.add(mine(AT + 1, true, "Did you write to me?", "Dear Annika, is this you?"), box="sent")
    assert states(climb)["answered"] == "not-shown"


def test_answered_is_possible_where_the_true_person_may_have_got_it(climb: Climb) -> None:
    """A reply to a known address that nobody confirmed may have gone to the person whose name was borrowed."""
    first = climb.lure(letter(AT, BEN, ANA, "Urgent draft", f"Here: {PAGE}"))
    climb.add(answer(first, AT + 1, "Dear Ben, thanks.", to=BEN), box="sent")
    assert states(climb)["answered"] == "possible"


def test_answered_is_unknown_without_sent_mail(climb: Climb) -> None:
    """A mailbox without its sent folder does not tell that nobody answered."""
    climb.boxes["sent"] = []
    climb.lure(lure())
    ladder = made(climb)
    assert ladder["answered"].state == "unknown"
    assert "sent folder" in ladder["answered"].would_tell


def test_an_automatic_answer_is_none(climb: Climb) -> None:
    """A note of absence was written by a machine: it stands in the story, and on no rung."""
    first = climb.lure(lure())
    climb.add(answer(first, AT + 0.01, "I am away.", Auto_Submitted="auto-replied"), box="sent")
    with climb.done() as connection:
        assert rungs(connection)["answered"].state == "not-shown"
        assert [one.kind for one in story(connection, OP, ANA)] == ["lure", "automatic"]


@pytest.mark.parametrize(
    "text",
    [
        OPENED,
        "Dear Annika, I clicked on the link and it shows two pages.",
        "Estimada Annika, abrí el enlace y me pide la contraseña.",
        "Chère Annika, j'ai ouvert le fichier, la page me demande un mot de passe.",
        "Liebe Annika, ich habe die Datei geöffnet, nun fragt sie nach dem Passwort.",
        "Шановна Анніко, я відкрила файл, сторінка просить пароль.",
        "آنیکای عزیز، من لینک را باز کردم و رمز می‌خواهد.",
        "Dear Annika, I signed in with my account there.",
    ],
)
def test_engaged_is_shown_by_the_words_of_a_reply(climb: Climb, text: str) -> None:
    """A reply that says it was opened, in any of the languages, after a lure with a link."""
    first = climb.lure(lure())
    climb.add(answer(first, AT + 1, text, Content_Type="text/plain; charset=utf-8"), box="sent")
    ladder = made(climb)
    assert ladder["engaged"].state == "shown"
    assert "“" in ladder["engaged"].sentence


@pytest.mark.parametrize(
    "text",
    [
        "Dear Annika, I have not opened it and will not.",
        "Dear Annika, what is it about? I ask before I open the file.",
        "Liebe Annika, ich habe die Datei nicht geöffnet.",
        "Dear Annika, the seminar in May was a pleasure.",
    ],
)
def test_engaged_is_not_claimed_of_who_did_not_open_it(climb: Climb, text: str) -> None:
    """A reply that says it was not opened, or speaks of something else, shows nothing: unknown."""
    first = climb.lure(lure())
    climb.add(answer(first, AT + 1, text, Content_Type="text/plain; charset=utf-8"), box="sent")
    assert states(climb)["engaged"] == "unknown"


def test_engaged_is_possible_where_something_did_not_work(climb: Climb) -> None:
    """That a password did not work fits an attempt, and has an honest reading."""
    first = climb.lure(lure())
    climb.add(answer(first, AT + 1, "Dear Annika, the password does not work."), box="sent")
    assert states(climb)["engaged"] == "possible"


def test_engaged_is_possible_on_another_channel(climb: Climb) -> None:
    """Who offers to go on elsewhere may have done so; this mailbox does not show it."""
    first = climb.lure(lure(text="Dear Ana, may I ask you something?"))
    climb.add(answer(first, AT + 1, "Dear Annika, better on Signal."), box="sent")
    assert states(climb)["engaged"] == "possible"


def test_engaged_is_shown_by_a_file_that_was_sent(climb: Climb) -> None:
    """A file of one's own sent to the persona was given; sending back theirs is not."""
    first = climb.lure(lure(text="Dear Ana, may I ask you something?"))
    climb.add(with_file(answer(first, AT + 1, "here"), "plan.pdf", "JVBERi0xLjQK"), box="sent")
    ladder = made(climb)
    assert ladder["engaged"].state == "shown"
    assert "plan.pdf" in ladder["engaged"].sentence


def test_sending_their_file_back_is_not_giving(climb: Climb) -> None:
    """The same bytes that the operation had sent are nothing new to it."""
    first = climb.lure(with_file(lure(text="x"), "draft.pdf", "JVBERi0xLjQK"))
    climb.add(with_file(answer(first, AT + 1, "here"), "draft.pdf", "JVBERi0xLjQK"), box="sent")
    assert states(climb)["engaged"] == "unknown"


def test_engaged_is_not_shown_where_there_was_nothing_to_open(climb: Climb) -> None:
    """A question without link or file, and nobody answered: nothing was opened or given, and nobody let in."""
    climb.lure(lure(text="Dear Ana, may I ask you something?"))
    assert {
        name: state for name, state in states(climb).items() if name in ("engaged", "entered", "used")
    } == dict.fromkeys(("engaged", "entered", "used"), "not-shown")


def test_the_same_words_to_somebody_else_are_none(climb: Climb) -> None:
    """A true correspondent is told that his file was opened: that says nothing of the operation."""
    climb.lure(lure())
    climb.add(mine(AT + 1, BEN, "Re: Letter 39", OPENED), box="sent")
    ladder = made(climb)
    assert (ladder["answered"].state, ladder["engaged"].state) == ("not-shown", "unknown")


def test_entered_is_possible_by_a_notice(climb: Climb) -> None:
    """A sign-in soon after the lure may be the owner's own, as on a journey, and that is said."""
    climb.lure(lure())
    climb.add(notice(AT + 1, *SIGN_IN))
    ladder = made(climb)
    assert ladder["entered"].state == "possible"
    assert "journey" in ladder["entered"].sentence
    assert ladder["entered"].would_tell
    assert ladder["used"].state == "unknown"


@pytest.mark.parametrize(("day", "subject", "text"), [(AT - 1, *SIGN_IN), (AT + 8, *SIGN_IN), (AT + 20, *FORWARDED)])
def test_notices_before_or_long_after_are_not_of_the_lure(climb: Climb, day: float, subject: str, text: str) -> None:
    """A sign-in before the lure, or many days after it, fits it no more than any other day."""
    climb.lure(lure())
    climb.add(notice(day, subject, text))
    assert states(climb)["entered"] == "unknown"


def test_notices_that_always_came_say_nothing(climb: Climb) -> None:
    """Whose provider tells of a sign-in every few weeks is told once more after the lure: in the story, on no rung."""
    climb.lure(lure())
    climb.add(*(notice(day, *SIGN_IN) for day in (4, 18, 33, AT + 1)))
    with climb.done() as connection:
        assert rungs(connection)["entered"].state == "unknown"
        assert [one.kind for one in story(connection, OP, ANA)] == ["lure", "notice"]


def test_a_notice_that_nobody_confirmed_is_none(climb: Climb) -> None:
    """The same words without the provider's signature are anybody's, as a lure's."""
    climb.lure(lure())
    climb.add(letter(AT + 1, "no-reply@campaign.example", ANA, *SIGN_IN))
    assert states(climb)["entered"] == "unknown"


def test_a_notice_of_another_service_is_none(climb: Climb) -> None:
    """A sign-in to a shop, confirmed by the shop, does not enter the mail account."""
    climb.lure(lure())
    climb.add(confirmed(letter(AT + 1, "no-reply@shop.example", ANA, *SIGN_IN), "shop.example"))
    assert states(climb)["entered"] == "unknown"


def test_a_question_without_a_link_lets_nobody_in(climb: Climb) -> None:
    """A notice after a lure by which no account can be entered does not fit it."""
    first = climb.lure(lure(text="Dear Ana, may I ask you something?"))
    climb.add(answer(first, AT + 0.5, "Dear Annika, yes."), box="sent")
    climb.add(notice(AT + 1, *SIGN_IN))
    assert states(climb)["entered"] == "unknown"


def test_entered_and_used_are_shown_by_what_fits_together(climb: Climb) -> None:
    """A reply that says it was opened, then a new sign-in and forwarding: shown, and the log is still named."""
    first = climb.lure(lure())
    climb.add(answer(first, AT + 1, OPENED), box="sent")
    climb.add(notice(AT + 1.4, *SIGN_IN), notice(AT + 1.5, *FORWARDED))
    ladder = made(climb)
    assert ladder["entered"].state == ladder["used"].state == "shown"
    assert ladder["used"].time is not None
    assert ladder["entered"].time is not None
    assert ladder["entered"].time < ladder["used"].time
    assert ladder["entered"].would_tell
    assert ladder["used"].would_tell


def test_own_forwarding_is_possible_at_most(climb: Climb) -> None:
    """Forwarding to an address that the owner wrote to before, after a sign-in on a journey, is likely the owner's."""
    own = "ana.private@home.example"
    climb.add(mine(2, own, "To myself"), box="sent")
    first = climb.lure(lure())
    climb.add(answer(first, AT + 1, OPENED), box="sent")
    climb.add(notice(AT + 2, FORWARDED[0], f"Mail that arrives is now also sent to {own}."))
    ladder = made(climb)
    assert ladder["used"].state == "possible"
    assert "own change is likely" in ladder["used"].sentence


def test_used_is_possible_by_an_archive(climb: Climb) -> None:
    """An archive of all mail may have been taken by whoever asked for it."""
    climb.lure(lure())
    climb.add(notice(AT + 3, "Your data is ready to download", "Your archive is ready."))
    ladder = made(climb)
    assert ladder["used"].state == "possible"
    assert "all mail may have been taken" in ladder["used"].sentence


def known(climb: Climb, zone: str, *, passed: bool) -> None:
    """Let a known correspondent's address write a message of the operation, from a time zone."""
    first = letter(AT, BEN, ANA, "Confidential memo", f"Sign in here: {PAGE}").replace(
        b"+0000\nFrom", zone.encode() + b"\nFrom"
    )
    climb.lure(confirmed(first, "institute.example") if passed else first)


def test_a_known_persons_account_was_used(climb: Climb) -> None:
    """A lure from a known correspondent's account, confirmed, in a zone it never wrote in, shows that it was used."""
    known(climb, "+0430", passed=True)
    ladder = made(climb, BEN)
    assert ladder["used"].state == ladder["entered"].state == "shown"
    assert ladder["targeted"].state == "unknown"
    assert BEN in ladder["targeted"].would_tell
    assert not any("Ben " in rung.sentence for rung in ladder.values())


def test_a_known_persons_account_may_have_been_used_in_good_faith(climb: Climb) -> None:
    """Nothing in it differs from the earlier mail: the person may have passed it on in good faith."""
    known(climb, "+0000", passed=True)
    assert states(climb, BEN)["used"] == "possible"


def test_a_borrowed_name_is_no_account_used(climb: Climb) -> None:
    """Nobody confirmed that it came from the account: no word is said of it."""
    known(climb, "+0430", passed=False)
    assert states(climb, BEN) == {}


def test_a_persona_that_wrote_before_is_no_account_used(climb: Climb) -> None:
    """A stranger who chatted for two weeks is no known person whose account was taken."""
    for day in (AT - 14, AT - 10, AT - 5):
        climb.add(letter(day, STRANGER, ANA, f"Chat {day}", name="Annika Vale"))
        climb.add(mine(day + 1, STRANGER, f"Re: Chat {day}"), box="sent")
    climb.lure(confirmed(lure(), "freepost.example"))
    assert states(climb, STRANGER) == {}


def test_an_owners_account_wrote_to_a_colleague(climb: Climb) -> None:
    """A lure in Clara's mailbox came from Ana's own account: Ana's was used, without a lure of hers being known."""
    climb.owners |= {"clara": CLARA}
    climb.add(*(letter(day, to=CLARA, subject=f"For Clara {day}") for day in (0, 10, 90)), box="clara")
    climb.add(*(letter(day, ANA, CLARA, f"From Ana {day}") for day in (3, 12)), box="clara")
    data = letter(AT, ANA, CLARA, "Memo", f"Sign in: {PAGE}").replace(b"+0000\nFrom", b"+0430\nFrom")
    climb.lure(confirmed(data, "campaign.example"), box="clara")
    with climb.done() as connection:
        assert rungs(connection)["used"].state == "shown"
        assert rungs(connection)["targeted"].state == "unknown"
        assert rungs(connection, CLARA)["targeted"].state == "shown"


def test_used_is_possible_by_odd_outgoing_mail(climb: Climb) -> None:
    """Mail to many from a program and zone that the account never used, soon after the lure, may be a journey's."""
    climb.lure(lure())
    many = ", ".join(f"p{number}@institute.example" for number in range(12))
    odd = mine(AT + 2, many, "Look at this", "Please look.", X_Mailer="Odd 1").replace(b"+0000\nFrom", b"+0430\nFrom")
    climb.add(odd, box="sent")
    ladder = made(climb)
    assert ladder["used"].state == "possible"
    assert "journey" in ladder["used"].sentence


def test_a_newsletter_of_ones_own_is_not_odd(climb: Climb) -> None:
    """Mail to many from the program and zone that the account always used says nothing."""
    climb.lure(lure())
    many = ", ".join(f"p{number}@institute.example" for number in range(12))
    climb.add(mine(AT + 2, many, "Our week", "Dear all, thank you."), box="sent")
    assert states(climb)["used"] == "unknown"


def test_the_story_is_in_order_and_names_each_thing_once(climb: Climb) -> None:
    """Lure, reply, notices: one moment each, by time, with what it shows highest."""
    first = climb.lure(marked(lure(), "Inbox,Opened"))
    climb.add(answer(first, AT + 1, OPENED), box="sent")
    climb.add(notice(AT + 1.4, *SIGN_IN), notice(AT + 1.5, *FORWARDED))
    with climb.done() as connection:
        told = story(connection, OP, ANA)
        assert [(one.kind, one.rung) for one in told] == [
            ("lure", "targeted"),
            ("answer", "engaged"),
            ("notice", "entered"),
            ("notice", "used"),
        ]
        assert [one.time for one in told] == sorted(one.time for one in told if one.time)
        assert all(one.message for one in told)
        assert story(connection, OP, CLARA) == []


def test_two_operations_have_ladders_of_their_own(climb: Climb) -> None:
    """An answer to one operation is none to the other."""
    first = climb.lure(lure())
    climb.lure(letter(AT + 1, "boss@other.example", ANA, "Quick request", "Are you at your desk?"), operation="op-2")
    climb.add(answer(first, AT + 2, "Dear Annika, yes."), box="sent")
    with climb.done() as connection:
        assert rungs(connection)["answered"].state == "shown"
        assert rungs(connection, operation="op-2")["answered"].state == "not-shown"


def test_every_service_names_logs_and_its_source() -> None:
    """Each provider has an address where its own words stand, and something to look at for each open rung."""
    found = services()
    assert len(found) >= 8
    assert found[-1].id == "other"
    for one in found:
        assert set(one.tells) == {"read", "engaged", "entered", "used"}
        assert one.id == "other" or one.writes
        assert one.id == "other" or bool(one.domains) or bool(one.providers)


@pytest.mark.parametrize(
    ("domain", "provider", "service"),
    [
        ("gmail.com", "google.com", "google"),
        ("campaign.example", "google.com", "google-workspace"),
        ("outlook.com", "outlook.com", "microsoft"),
        ("campaign.example", "outlook.com", "microsoft365"),
        ("proton.me", "protonmail.ch", "proton"),
        ("campaign.example", "campaign.example", "other"),
    ],
)
def test_who_keeps_the_account(domain: str, provider: str, service: str) -> None:
    """The log that would tell is that of the owner's provider, and each names entering and use apart."""
    one = service_of(domain, provider)
    assert one.id == service
    assert len(set(one.tells.values())) == 4


def with_file(data: bytes, name: str, content: str) -> bytes:
    """Attach a file to a message of `letter`."""
    head, _, text = data.partition(b"\n\n")
    body = (
        f"--b\nContent-Type: text/plain\n\n{text.decode()}\n--b\nContent-Type: application/pdf; name={name}\n"
        f"Content-Disposition: attachment; filename={name}\nContent-Transfer-Encoding: base64\n\n{content}\n--b--\n"
    )
    return head + b"\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" + body.encode()
