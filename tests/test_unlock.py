"""Locked files, and passwords that came in another message."""

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.locked_mail import MIXED, attached, zip_aes, zip_crypto
from tests.small_case import ANA, letter, letters, mbox, run
from watchword.case import Case
from watchword.engine import session
from watchword.observe.batches import planned

PROGRAM = b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0" + b"\0" * 20
STRANGER = "lena@forum.example"
FILES = "select name, is_encrypted, password_from, inside, detected_type, contains from attachments order by number"


def locked(day: float, data: bytes, subject: str = "Documents", text: str = "The files.") -> bytes:
    """Write a message with an archive."""
    body = attached(data, "papers.zip", text)
    return letter(day, STRANGER, subject=subject, text=body, Content_Type=MIXED, MIME_Version="1.0")


def read(folder: Path, *messages: bytes, verb: str = "read") -> Path:
    """Read a mailbox of these and some other messages."""
    (folder / "ana.mbox").write_bytes(mbox([*letters(3), *messages]))
    case = folder / "case"
    assert run(verb, folder / "ana.mbox", "--owner", ANA, "--case", case).exit_code == 0
    return case


def ask(case: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the facts of a case, judged or not."""
    opened = Case(case)
    with session(opened, list(planned(opened))) as connection:
        return connection.execute(query).fetchall()


def test_the_password_stands_in_the_message_itself(tmp_path: Path) -> None:
    """A program in an archive that the message's own text opens is a row of its own, and the message is named."""
    data = zip_crypto(b"Kestrel99", ("papers/invoice.pdf.exe", PROGRAM))
    case = read(tmp_path, locked(5, data, text="Please look. Password: Kestrel99"), verb="investigate")
    ((message,),) = ask(case, f"select message from message_facts where from_address = '{STRANGER}'")
    outer, inner = ask(case, FILES)
    assert outer == ("papers.zip", True, message, None, "zip", ["executable", "double-extension-inside"])
    assert inner == ("papers/invoice.pdf.exe", None, "", 0, "exe", [])
    cited = ask(case, "select attachment from findings where detector = 'attachment-program' and not carried")
    assert cited == [(1,)]


def test_the_password_came_in_another_message(tmp_path: Path) -> None:
    """Words of a message that belongs to the locked one open it: same sender, conversation, subject, or the answer."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as inside:
        inside.writestr("setup.exe", PROGRAM)
    page = b'<a href="https://evil.example/x">go</a>'
    told = {
        "sender": letter(7, "sender@forum.example", subject="One thing", text="The code is 'blue sender', as I said."),
        "conversation": letter(
            90, "second@forum.example", subject="Key", text="Пароль: blue conversation", In_Reply_To="<conversation@x>"
        ),
        "subject": letter(60, "third@forum.example", subject="Re: About subject", text="mot de passe : blue subject"),
        "answer": letter(6, ANA, "answer@forum.example", "Your call", "The password is “blue answer”.", received=False),
    }
    shut = {}
    for how in told:
        data = zip_aes(f"blue {how}".encode(), ("inner.zip", out.getvalue()), ("page.html", page))
        message = locked(5, data, subject=f"About {how}").replace(b"lena@", f"{how}@".encode())
        shut[how] = message.replace(b"Message-ID: <", f"Message-ID: <{how}@x>\nX-Old: <".encode())
    case = read(tmp_path, *shut.values(), *told.values())
    for how, message in shut.items():
        key = hashlib.sha256(message).hexdigest()
        rows = ask(case, FILES.replace("order by", f"where message = '{key}' order by"))
        assert [(row[0], row[3], row[4]) for row in rows] == [
            ("papers.zip", None, "zip"), ("inner.zip", 0, "zip"), ("page.html", 0, "html"), ("setup.exe", 1, "exe"),
        ], how  # fmt: skip
        assert rows[0][1:3] == (True, hashlib.sha256(told[how]).hexdigest())
        links = ask(case, f"select attachment from links where host = 'evil.example' and message = '{key}'")
        assert links == [(2,)]
    assert ask(case, "select count(*), count(distinct message) from message_facts") == [(11, 11)]


def test_words_of_strangers_are_not_tried(tmp_path: Path) -> None:
    """A message that has nothing to do with the locked one opens nothing; it stays locked, and no word is kept."""
    data = zip_aes(b"blue horse", ("a.txt", b"text"))
    case = read(tmp_path, locked(5, data), letter(6, "else@elsewhere.example", text="The password: blue horse"))
    assert [(row[1], row[2]) for row in ask(case, FILES)] == [(True, ""), (True, "")]
    kept = [file for file in case.rglob("*") if file.is_file() and file.suffix in (".json", ".jsonl")]
    assert kept
    assert not [file for file in kept if b"blue horse" in file.read_bytes() and file.name != "report.json"]


def test_nothing_is_tried_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run tries nothing again; when a message with the password arrives, what it opens is found."""
    shut = locked(5, zip_aes(b"blue horse", ("a.txt", b"text")))
    told = letter(8, STRANGER, subject="Now", text="Password: blue horse")
    case = read(tmp_path, shut)
    tried = []

    def count(*arguments: object) -> list[object]:
        tried.append(arguments)
        return []

    monkeypatch.setattr("watchword.observe.unlock.try_words", count)
    assert read(tmp_path, shut) == case
    assert not tried
    monkeypatch.undo()
    read(tmp_path, shut, told)
    assert [(row[0], row[1], row[2] != "") for row in ask(case, FILES)] == [
        ("papers.zip", True, True), ("a.txt", None, False),
    ]  # fmt: skip
    read(tmp_path, shut)  # the message with the password is gone again, and what it opened with it
    assert [(row[1], row[2]) for row in ask(case, FILES)] == [(True, ""), (True, "")]


def test_a_mailbox_that_left_stays_unlocked(tmp_path: Path) -> None:
    """When a mailbox has left its place, what was opened in it before still counts."""
    case = read(
        tmp_path,
        locked(5, zip_aes(b"blue horse", ("a.txt", b"text"))),
        letter(8, STRANGER, subject="Now", text="Password: blue horse"),
    )
    (tmp_path / "ana.mbox").rename(tmp_path / "gone")
    (tmp_path / "ben.mbox").write_bytes(mbox(letters(3)))
    assert run("read", tmp_path / "ben.mbox", "--case", case).exit_code == 0
    assert [(row[0], row[2] != "") for row in ask(case, FILES)] == [("papers.zip", True), ("a.txt", False)]
