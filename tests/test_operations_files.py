"""What the operations benchmark sends besides words: files, answers that go elsewhere, odd hours, borrowed domains."""

import dataclasses
import functools
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parseaddr
from hashlib import sha256
from pathlib import Path
from random import Random

import pypdfium2
import pytest

from bench.operations.attach import Donor, Enclosure, attached
from bench.operations.carriers import Carrier, letter
from bench.operations.fields import Form, form, like_boundary
from bench.operations.files import Order, made
from bench.operations.inject import Injected, injected
from bench.operations.scenarios import FILES, File, People, Scenario, Side, Step, scenarios
from bench.operations.signatures import unaligned
from tests.test_operations import OWNER, START, free_mail, mailbox
from watchword.observe import file_type, observe
from watchword.observe.files import Budget, Contents, look_into
from watchword.observe.files import File as Found
from watchword.read.raw import RawMessage
from watchword.tables import Attachment, Defect

__all__ = ["free_mail"]  # the fixture holds here, too

LINK = "https://panel.institute.example/join?a=1&b=2"
WORD = "Kestrel99"
WHEN = datetime(2021, 3, 1, 9, 30, tzinfo=UTC)
TEXTS = (
    "Programme (draft).\nSecond item: a \\ and ü.",
    "Програма дня.\nПитання перше.",
    "این متن فارسی است",
    "שלום רב",
)
FOLK = {
    "test": People(
        {"en": [(f"Person {letter}", f"person.{letter.lower()}") for letter in "ABCDEFGH"]},
        {"en": [("The Institute", "think.example")]},
    )
}
STEP = Step("opening", "persona", 0, "Hall", "Dear {owner},\n\nplease read.\n", "Hello {owner}, have a look.\n", (),
            "new", False, None, "", 0.0)  # fmt: skip
ENDINGS = {"picture": "png"}


def order(kind: str, text: str = TEXTS[0]) -> Order:
    """Ask for a file of a kind."""
    first = kind.partition("-")[0]
    name = f"Agenda.{ENDINGS.get(first, first)}"
    return Order(kind, name, text, LINK, WORD, ("Ann Bee", "ann@think.example"), ("Olga Owner", OWNER), WHEN)


def looked(kind: str, text: str = TEXTS[0], *passwords: str) -> tuple[str, bool | None, Contents]:
    """Let Watchword read a file of a kind: what it is, whether it is locked, what it holds."""
    file = made(order(kind, text), Random(1))  # noqa: S311  # not for secrets
    detected = file_type.detect(file.data, file.name.rpartition(".")[2])
    contents = look_into(Found(detected, file.name, file.data, passwords), Budget())
    assert contents is not None
    return detected, file_type.is_locked(file.data, detected), contents


def said(contents: Contents) -> str:
    """Give the text that was read."""
    return "\n".join(reading.text for reading in contents.texts)


def play(*steps: Step, cast: str = "institution", carrier: Carrier | None = None, seed: int = 1) -> list[Injected]:
    """Send these steps as an attack and, the same, as its twin."""
    side = Side({"persona": cast, "second": "freemail"}, steps)
    both = [
        Scenario(f"x-{split}", "test", "LC00", "en", split, ("list", "enron"), side, side) for split in ("dev", "val")
    ]
    ((_, found),) = injected([carrier or mailbox()], both, FOLK, seed, False)
    assert {one.truth.label for one in found} == {"attack", "twin"}
    return found


def rows(data: bytes) -> list[Attachment]:
    """Let Watchword read a message; give its files."""
    facts = list(observe(RawMessage(data, "x", 0, sha256(data).hexdigest()), "source"))
    wrong = {fact.kind for fact in facts if isinstance(fact, Defect)}
    assert wrong <= {"results-below-border"}  # of the made-up mailbox, whose server writes them in the wrong place
    return [fact for fact in facts if isinstance(fact, Attachment)]


@pytest.mark.parametrize("kind", sorted(FILES))
def test_a_seed_decides_every_byte_of_a_file(kind: str) -> None:
    """Made twice from one seed and one order a file is the same, whatever the clock says; its text is in it."""
    one, two = (made(order(kind), Random(5)) for _ in range(2))  # noqa: S311  # not for secrets
    assert one == two
    assert len(one.data) < 60_000


@pytest.mark.parametrize(
    ("kind", "detected", "contains"),
    [
        ("pdf", "pdf", set()),
        ("pdf-link", "pdf", set()),
        ("docx", "docx", set()),
        ("docx-template", "docx", {"remote-template"}),
        ("docm", "docm", {"macros", "macro-runs-on-open"}),
        ("zip", "zip", set()),
        ("zip-shortcut", "zip", set()),
        ("iso", "iso", {"container-hides-mark"}),
        ("html", "html", {"login-form"}),
        ("ics", "ics", set()),
        ("picture", "png", set()),
        ("picture-qr", "png", {"qr"}),
    ],
)
def test_each_kind_is_what_it_says(kind: str, detected: str, contains: set[str]) -> None:
    """Watchword's own reader knows each kind of file, sees what is in it, and finds nothing damaged."""
    found, locked, contents = looked(kind)
    assert (found, not locked) == (detected, True)
    assert contains <= set(contents.contains)
    assert not contents.defects
    if kind in {"pdf-link", "docx", "docx-template", "docm", "picture-qr"}:
        assert LINK in {address.raw for address in contents.links}
    if not kind.startswith(("zip", "iso", "picture")):
        assert "Second item" in said(contents)


@pytest.mark.parametrize("text", TEXTS)
def test_a_page_says_the_text_in_every_script(text: str) -> None:
    """What a PDF says is read again letter for letter, from the left and from the right, as is a document's text."""
    assert said(looked("pdf", text)[2]).split() == text.split()
    assert text.split("\n")[0] in said(looked("docx", text)[2])


@pytest.mark.parametrize("kind", ["pdf-locked", "zip-locked"])
def test_locked_files_open_with_their_password_alone(kind: str) -> None:
    """Without the password nothing is read; with it all is, by Watchword and by the program that others use."""
    detected, locked, shut = looked(kind)
    assert locked
    assert "Second item" not in said(shut)
    assert not any(held.data for held in shut.files)
    _, _, opened = looked(kind, TEXTS[0], WORD)
    assert opened.password == WORD
    data = made(order(kind), Random(1)).data  # noqa: S311  # not for secrets
    if detected == "pdf":
        assert "Second item" in said(opened)
        assert b"/Length 128" in data
        with pytest.raises(pypdfium2.PdfiumError):
            pypdfium2.PdfDocument(data)
        assert len(pypdfium2.PdfDocument(data, password=WORD)) == 1
        return
    (held,) = opened.files
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read(held.name, WORD.encode()) == held.data
        with pytest.raises(RuntimeError):
            archive.read(held.name)


def test_what_archives_hold() -> None:
    """A document lies in the archive and the image, a shortcut that leads to the link where there should be one."""
    for kind, names in {"zip": ["docx"], "zip-shortcut": ["lnk"], "iso": ["docx", "lnk"]}.items():
        files = looked(kind)[2].files
        assert [held.name.rpartition(".")[2] for held in files] == names
        for held in files:
            contents = look_into(Found(held.name.rpartition(".")[2], held.name, held.data or b"", ()), Budget())
            assert contents is not None
            assert LINK in {address.raw for address in contents.links}


def test_an_invitation_is_the_senders() -> None:
    """The organizer is who sends it, the owner is invited, the link is the place, and no line is too long."""
    data = made(order("ics", "x" * 300), Random(1)).data  # noqa: S311  # not for secrets
    assert b"METHOD:REQUEST" in data
    assert max(map(len, data.split(b"\r\n"))) <= 75
    whole = data.replace(b"\r\n ", b"").decode()
    assert ":mailto:ann@think.example\r\n" in whole
    assert f":mailto:{OWNER}\r\n" in whole
    assert f"LOCATION:{LINK}\r\nURL:{LINK}\r\n" in whole


def test_a_page_sends_its_form_to_the_link() -> None:
    """The form of a page goes to the link, and asks for a password only where the scenario labels such a field."""
    page = made(order("html"), Random(1)).data.decode()  # noqa: S311  # not for secrets
    assert '<form method="post" action="https://panel.institute.example/join?a=1&amp;b=2">' in page
    assert 'type="password"' in page
    plain = made(dataclasses.replace(order("html"), password=""), Random(1)).data  # noqa: S311  # as above
    assert b"password" not in plain


@pytest.mark.parametrize("kind", ["pdf-locked", "docx", "ics", "picture-qr", "zip-locked"])
def test_a_message_carries_its_file(kind: str) -> None:
    """The file lies in a sound message beside the text, its slots filled, in attack and twin alike."""
    file = File(kind, "Notes for {owner_first}." + kind.partition("-")[0], "About {topic}", "{drive}", "{password}")
    text = "Dear {owner}, the word is {password} and the place {drive}.\n"
    for one in play(dataclasses.replace(STEP, text=text, file=file)):
        message = message_from_bytes(one.data)
        assert message.get_content_type() == "multipart/mixed"
        assert message.defects == []
        (second,) = (part for part in message.walk() if part.get_filename())
        assert second.get_content_disposition() == "attachment"
        assert second.get_filename() == "Notes for Olga." + kind.partition("-")[0]
        payload = second.get_payload()
        assert isinstance(payload, str)
        assert max(map(len, payload.split("\n"))) == 76
        row = rows(one.data)[0]
        data = second.get_payload(decode=True)
        assert isinstance(data, bytes)
        assert row.sha256 == sha256(data).hexdigest()
        assert row.is_encrypted is (True if kind.endswith("locked") else row.is_encrypted and None)
        if kind.endswith("locked"):
            assert row.password_from  # the text holds it, so Watchword opened the file


def test_names_beyond_ascii_are_read() -> None:
    """A file name in another script comes out whole, whatever program is imitated."""
    file = made(dataclasses.replace(order("pdf"), name="Порядок денний.pdf"), Random(1))  # noqa: S311
    for client in ("", "User-Agent: Mutt/1.9", "X-Mailer: Apple Mail (2.3)", "X-MS-Has-Attach:",
                   "User-Agent: Mozilla/5.0 Thunderbird/102", "Message-ID: <CAx@mail.gmail.com>"):  # fmt: skip
        shape = form(f"{client or 'X: y'}\nContent-Type: text/plain\n\nText\n".encode())
        fields, body = attached(shape.fields, shape.body, file, shape, "a@b.example", [],
                                WHEN, Random(1))  # fmt: skip  # noqa: S311  # not for secrets
        message = message_from_bytes(Form((*fields, ("From", " a@b.example")), body, "\n").bytes())
        *_, part = message.walk()
        (row,) = rows(message.as_bytes())
        assert row.name == file.name
        assert part.get_content_type() == "application/pdf"


def test_the_boundary_is_of_the_senders_kind() -> None:
    """A boundary is shaped as one that the sender wrote, or as his other boundary; what programs always write stays."""
    rng = Random(1)  # noqa: S311  # not for secrets
    assert like_boundary("000000000000f2d8e905e33d0aa6", rng).startswith("000000000000")
    assert like_boundary("Apple-Mail=_AB-1", rng).startswith("Apple-Mail=_")
    assert like_boundary("----=_NextPart_000_001C", rng).startswith("----=_NextPart_000_")
    shape = form(b"X-Mailer: homemade\nContent-Type: text/plain\n\nText\n")
    known = [Donor("else@b.example", "gmail", "gggggggg"), Donor("a@b.example", "", "aa-9999-zz")]
    file = Enclosure("pdf", "a.pdf", b"%PDF-1.4")
    fields, _ = attached(shape.fields, shape.body, file, shape, "a@b.example", known, WHEN, rng)
    boundary = message_from_bytes(Form(fields, "", "\n").bytes()).get_boundary()
    assert boundary is not None
    assert [len(piece) for piece in boundary.split("-")] == [2, 4, 2]
    assert boundary.split("-")[1].isdecimal()


def test_exchange_says_that_there_is_a_file() -> None:
    """Where the skeleton's server says whether there are files, it says yes."""
    shape = form(b"X-MS-Has-Attach:\nContent-Type: text/plain\n\nText\n")
    file = Enclosure("pdf", "a.pdf", b"%PDF-1.4")
    fields, body = attached(shape.fields, shape.body, file, shape, "a@b.example", [], WHEN, Random(1))  # noqa: S311
    assert dict(fields)["X-MS-Has-Attach"] == " yes"
    assert "Content-Description: a.pdf" in body


def test_reply_to_leads_elsewhere() -> None:
    """Reply-To names the other person, behind From, and the owner's answer goes there."""
    first = dataclasses.replace(STEP, reply_to="second")
    answer = dataclasses.replace(STEP, role="reply", by="owner", day=1, subject="", thread="reply")
    found = play(first, answer)
    for opening, reply in zip(found[::2], found[1::2], strict=True):
        one, two = message_from_bytes(opening.data), message_from_bytes(reply.data)
        elsewhere = parseaddr(one["reply-to"])[1]
        assert elsewhere.endswith("@freemail.example")
        assert parseaddr(one["from"])[1].endswith("@think.example")
        names = form(opening.data).names()
        assert names[names.index("reply-to") - 1] == "from"
        assert parseaddr(two["to"])[1] == elsewhere
        assert two["reply-to"] is None


def test_reply_to_stands_where_the_mailbox_has_it() -> None:
    """Where others in the mailbox have Reply-To behind Date, so has this."""
    carrier = mailbox()
    changed = []
    for real in carrier.letters:
        data = real.data.replace(b"\nMessage-ID:", b"\nReply-To: <desk@partner.example>\nMessage-ID:")
        again = letter(data) if real.address == "eve@partner.example" else real
        assert again is not None
        changed.append(again)
    for one in play(
        dataclasses.replace(STEP, reply_to="second"), carrier=dataclasses.replace(carrier, letters=changed)
    ):
        names = form(one.data).names()
        assert names[names.index("reply-to") - 1] == "date"
        assert b"desk@partner.example" not in one.data


def test_a_borrowed_domain_fails_where_it_was_checked() -> None:
    """Mail in an institution's name from elsewhere: DMARC failed, no signature, and another host's route."""
    for one in play(STEP, cast="spoofed"):
        message = message_from_bytes(one.data)
        assert parseaddr(message["from"])[1].endswith("@think.example")
        results = " ".join(str(message["authentication-results"]).split())
        assert "dmarc=fail" in results
        assert "header.from=think.example" in results
        assert "dkim=none" in results
        assert "pass" not in results
        assert message["dkim-signature"] is None
        assert not message["return-path"].endswith("think.example>")
        for field in ("received", "return-path", "message-id"):
            assert "think.example" not in message[field]
        assert one.truth.hostile is (one.truth.label == "attack")


def test_results_of_a_borrowed_domain_keep_what_is_true() -> None:
    """SPF of the host that sent it stays, ARC's results fail likewise, and the policy is one that lets it through."""
    fields = (
        ("Received", " from out.else.example by mx.own.example; x"),
        ("ARC-Authentication-Results", " i=1; mx.own.example; dkim=pass header.d=a; dmarc=pass action=none"),
        ("Authentication-Results", " mx.own.example; dkim=pass (1024-bit key; unprotected) header.d=a;\n dkim=pass b;"
         " spf=pass smtp.mailfrom=else.example; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=a.example"),
        ("X-Google-DKIM-Signature", " v=1"),
    )  # fmt: skip
    found = dict(unaligned(fields, "think.example"))
    assert found["ARC-Authentication-Results"] == (
        " i=1; mx.own.example; dkim=none (message not signed); dmarc=fail action=none"
    )
    assert found["Authentication-Results"] == (
        " mx.own.example; dkim=none (message not signed); spf=pass smtp.mailfrom=else.example;"
        " dmarc=fail (p=NONE sp=NONE dis=NONE) header.from=think.example"
    )
    assert "X-Google-DKIM-Signature" not in found


def test_old_mail_has_no_results_at_all() -> None:
    """In a mailbox without authentication a borrowed domain leaves no trace, and no field is added."""
    carrier = mailbox()
    bare = []
    for real in carrier.letters:
        read = form(real.data)
        kept = [f for f in read.fields if f[0] in ("From", "To", "Date", "Message-ID", "Subject", "Content-Type")]
        again = letter(Form(tuple(kept), read.body, "\n").bytes())
        assert again is not None
        bare.append(again)
    for one in play(STEP, cast="spoofed", carrier=dataclasses.replace(carrier, kind="enron", letters=bare)):
        assert form(one.data).names() == one.skeleton.shape.names()
        assert b"dmarc" not in one.data


def test_later_moves_the_hour() -> None:
    """`later` is added to the skeleton's hour, in Date and in Received."""
    for usual, odd in zip(play(STEP), play(dataclasses.replace(STEP, later=9.0)), strict=True):
        assert odd.when - usual.when == timedelta(hours=9)
        assert odd.truth.skeleton == usual.truth.skeleton
        received = message_from_bytes(odd.data)["received"]
        assert f"{odd.when:%d %b %Y}".lstrip("0") in " ".join(received.split())


def test_hands_take_turns() -> None:
    """Every scenario is used before one is used twice, and no hand more often than another while it has unused ones."""
    side = Side({"persona": "institution"}, (STEP,))
    many = [
        Scenario(f"{hand}-{number}", hand, "LC00", "en", split, ("list",), side, side)
        for hand, count in (("one", 20), ("two", 8))
        for number in range(count)
        for split in ("dev",)
    ]
    folk = dict.fromkeys(("one", "two"), FOLK["test"])
    ((_, found),) = injected([mailbox()], many, folk, 1, False)
    used = [one.truth.scenario for one in found if one.truth.label == "attack"]
    assert len(set(used)) == len(used) > 5
    one, two = (sum(name.startswith(hand) for name in used) for hand in ("one", "two"))
    assert abs(one - two) <= 1


def test_a_scenario_says_what_its_file_lacks(tmp_path: Path) -> None:
    """A locked file without a password is refused, with the name of the scenario and of the file."""
    text = (
        '[[operation]]\nid = "x-1"\ncard = "LC00"\nlanguage = "en"\nsplit = "dev"\ncarriers = ["list"]\n'
        'attack_cast = {persona = "freemail"}\ntwin_cast = {persona = "freemail"}\n[[operation.attack]]\n'
        'role = "lure"\nby = "persona"\nday = 0\nfile = {kind = "zip-locked", name = "a.zip", text = "x"}\n'
        'text = "a"\nparaphrase = "b"\n'
    )
    (tmp_path / "hand").mkdir()
    (tmp_path / "hand" / "one.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"x-1: a\.zip needs a password"):
        scenarios(tmp_path)


@functools.cache
def every_file() -> Sequence[File]:
    """Give every file of the written scenarios."""
    sides = [side for one in scenarios() for side in (one.attack, one.twin)]
    return [step.file for side in sides for step in side.steps if step.file]


def test_files_of_the_texts_can_be_made() -> None:
    """Every file that the scenarios order can be made, and its name ends as its kind does."""
    assert len(every_file()) > 20
    for file in every_file():
        first = file.kind.partition("-")[0]
        endings = {"picture": ("png", "jpg"), "html": ("html", "htm"), "iso": ("iso", "img")}.get(first, (first,))
        assert file.name.rpartition(".")[2].lower() in endings, file.name
        ordered = Order(file.kind, file.name, file.text, file.link, file.password, ("A", "a@b.example"),
                        ("O", OWNER), START)  # fmt: skip
        assert made(ordered, Random(1)).data  # noqa: S311  # not for secrets
