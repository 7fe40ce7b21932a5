"""A mailbox on a server: everything comes once, nothing there is changed, and no server can do harm."""

import base64
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.imap_server import DOVECOT, PASSWORD, USER, Dovecot, dovecot
from tests.test_read_containers import everything, subjects
from tests.test_read_containers import message as written
from watchword.case import Case
from watchword.cli import main
from watchword.context.marked import uses_of
from watchword.errors import WatchwordError
from watchword.read import RawMessage, find_sources
from watchword.read.account import Account, path_name
from watchword.read.folder_names import coded_name
from watchword.read.imap import Secret, Server, address
from watchword.read.imap_answers import Piece, answers


def message(number: int, text: str = "Good morning") -> bytes:
    """Write a small message as it is in transit: lines end in CRLF."""
    return written(number, text).replace(b"\n", b"\r\n")


needs_dovecot = pytest.mark.skipif(
    DOVECOT is None and "CI" not in os.environ,
    reason="DOVECOT IS NOT INSTALLED: fetching over IMAP is NOT TESTED here (apt-get install dovecot-imapd)",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """Start a server with a few folders."""
    with dovecot() as running:
        for number in range(1, 4):
            running.put("", f"{number}.a:2,{'S' if number == 1 else ''}", message(number))
        running.put("", "4.a:2,FRSTa", message(4))
        (running.maildir / "dovecot-keywords").write_text("0 Newsroom\n")
        running.put(".Sent", "5.a:2,S", message(5))
        running.put(f".{coded_name('Papierkorb')}", "6.a:2,S", message(6))
        running.put(f".{coded_name('Архів')}.{coded_name('a&b ; ü')}", "7.a:2,", message(7))
        running.put(".Empty", "8.a:2,", message(8))
        (running.maildir / ".Empty/cur/8.a:2,").unlink()
        running.own()
        yield running


def fetch(running: Dovecot, case: Path, *more: str, folder: str = "") -> dict[str, object]:
    """Run the verb, and give what it says."""
    url = f"imaps://{USER}@localhost:{running.tls}{folder}"
    arguments = ["fetch", url, "--case", str(case), "--ca", str(running.certificate), "--password-env", "WW", "--json"]
    done = CliRunner().invoke(main, [*arguments, *more], env={"WW": PASSWORD}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    said: dict[str, object] = json.loads(done.stdout)
    return said


def fetched(case: Path) -> list[RawMessage]:
    """Read what the case's sources hold; they are one mailbox."""
    (given_,) = Case(case).sources()
    assert given_.owner == USER
    found, rejected = everything([given_.source])
    assert rejected == []
    return found


@needs_dovecot
def test_everything_comes_and_nothing_changes(server: Dovecot, tmp_path: Path) -> None:
    """All folders with names, flags, keywords and special uses; on the server no flag changes, also not Seen."""
    before = server.state()
    assert fetch(server, tmp_path / "case") == {
        "folders": 5, "messages": 7, "bytes": sum(len(message(n)) for n in range(1, 8)), "changed": 0, "expunged": 0,
        "kept": 0, "problems": [],
    }  # fmt: skip
    assert server.state() == before
    said = server.commands()
    assert said.count(b"BODY.PEEK[]") >= 4
    assert not re.search(rb"(?i) (?:SELECT|STORE|EXPUNGE|CLOSE|APPEND|COPY|MOVE|CREATE|DELETE|RENAME) ", said)
    assert not re.search(rb"(?i)BODY\[|RFC822[^.]", said)
    found = fetched(tmp_path / "case")
    assert sorted(item.data for item in found) == sorted(message(n) for n in range(1, 8))
    by_number = {subjects([item])[0]: item for item in found}
    assert by_number[1].flags == ("seen",)
    assert by_number[2].flags == ()
    assert set(by_number[4].flags) == {"flagged", "answered", "seen", "deleted", "Newsroom"}
    assert [by_number[n].folder for n in (1, 5, 6, 7)] == ["INBOX", "Sent", "Papierkorb", "Архів/a&b ; ü"]
    assert by_number[5].labels == ("\\Sent",)
    assert uses_of("", by_number[6].labels) == {"trash"}
    last = json.loads((tmp_path / "case/ledger.jsonl").read_text("utf-8").splitlines()[-1])
    assert last["verb"] == "fetch"
    assert PASSWORD not in (tmp_path / "case/ledger.jsonl").read_text("utf-8")


@needs_dovecot
def test_one_folder(server: Dovecot, tmp_path: Path) -> None:
    """One folder and those below it can be named; one that is not there is said, with those that are."""
    fetch(server, tmp_path / "case", folder="/%D0%90%D1%80%D1%85%D1%96%D0%B2")
    assert subjects(fetched(tmp_path / "case")) == [7]
    with pytest.raises(WatchwordError, match=r"There is no folder Nowhere .* INBOX"):
        fetch_here(server, tmp_path / "account", "Nowhere")


def fetch_here(running: Dovecot, folder: Path, only: str = "") -> Account:
    """Fetch without the verb."""
    where = address(f"imaps://{USER}@localhost:{running.tls}")
    account = Account(folder, lambda: Server(where, Secret(PASSWORD), authorities=running.certificate))
    with contextlib.closing(account):
        account.fetch(only)
    return account


@needs_dovecot
def test_a_later_run_brings_what_is_new(tmp_path: Path) -> None:
    """New mail comes, changed flags are taken over, what is gone stays and is marked, nothing comes a second time."""
    with dovecot() as running:
        for number in range(1, 5):
            running.put("", f"{number}.a:2,", message(number))
        fetch(running, tmp_path / "case")
        again = fetch(running, tmp_path / "case")
        assert (again["messages"], again["kept"], again["changed"]) == (0, 4, 0)
        running.put("", "5.a:2,", message(5))
        cur = running.maildir / "cur"
        (cur / "1.a:2,").rename(cur / "1.a:2,S")
        (cur / "2.a:2,").unlink()
        more = fetch(running, tmp_path / "case")
        assert (more["messages"], more["changed"], more["expunged"]) == (1, 1, 1)
        assert fetch(running, tmp_path / "case")["expunged"] == 0
        found = fetched(tmp_path / "case")
        assert subjects(found) == [1, 2, 3, 4, 5]
        assert {subjects([item])[0]: item.flags for item in found if item.flags} == {1: ("seen",), 2: ("expunged",)}


@needs_dovecot
def test_a_folder_that_is_made_anew(tmp_path: Path) -> None:
    """With another UIDVALIDITY every message is fetched again, kept once, and what is gone stays and is marked."""
    with dovecot() as running:
        for number in range(1, 5):
            running.put("", f"{number}.a:2,", message(number))
        fetch(running, tmp_path / "case")
        ids = running.maildir / "dovecot-uidlist"
        ids.write_text(re.sub(r"V\d+", "V1234567", ids.read_text("utf-8"), count=1), "utf-8")
        for index in running.maildir.glob("dovecot.index*"):
            index.unlink()
        (running.maildir / "cur/3.a:2,").unlink()
        assert fetch(running, tmp_path / "case")["messages"] == 3
        found = fetched(tmp_path / "case")
        assert subjects(found) == [1, 2, 3, 4]
        assert [subjects([item]) for item in found if "expunged" in item.flags] == [[3]]


DIES = """
import os, signal
done, sync = [], os.fsync
def dies(file):
    done.append(file)
    if len(done) == 20:
        os.kill(os.getpid(), signal.SIGKILL)
    sync(file)
os.fsync = dies
from watchword.cli import main
main()
"""


@needs_dovecot
def test_killed_in_the_middle(tmp_path: Path) -> None:
    """A run that is killed while it writes: the next one goes on, nothing is lost, nothing comes twice."""
    count = 60
    with dovecot() as running:
        for number in range(count):
            running.put("", f"{number}.a:2,S", message(number))
        case = tmp_path / "case"
        command = ["fetch", f"imaps://{USER}@localhost:{running.tls}", "--case", str(case), "--password-env", "WW"]
        killed = subprocess.run(
            [sys.executable, "-c", DIES, *command, "--ca", str(running.certificate)],
            env={**os.environ, "WW": PASSWORD, "PYTHONPATH": str(Path(__file__).parents[1])},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        assert list((case / "raw").rglob(".part-*")), "it was killed at a bad moment"
        stored = case / "raw/imap" / path_name(f"{USER}@localhost") / "cur"
        half = {path.name: path.stat().st_mtime_ns for path in stored.glob("*.eml")}
        assert 10 <= len(half) < count
        said = fetch(running, case)
        assert (said["kept"], said["messages"]) == (len(half), count - len(half))
        assert all((stored / name).stat().st_mtime_ns == moment for name, moment in half.items())
        assert sorted(item.data for item in fetched(case)) == sorted(message(number) for number in range(count))
        assert not list((case / "raw").rglob(".part-*"))


@needs_dovecot
def test_long_messages_come_in_pieces(tmp_path: Path) -> None:
    """A message longer than what is asked for at once comes whole."""
    text = bytes(range(33, 126)) * 110_000
    with dovecot() as running:
        running.put("", "1.a:2,", b"Subject: 1\r\n\r\n" + re.sub(rb"(.{900})", rb"\1\r\n", text))
        fetch(running, tmp_path / "case")
        (found,) = fetched(tmp_path / "case")
        assert found.data.replace(b"\r\n", b"") == b"Subject: 1" + text


@needs_dovecot
def test_who_the_server_is_and_who_asks(server: Dovecot, tmp_path: Path) -> None:
    """A certificate that nobody vouches for, another host's name, and a wrong password are refused with a sentence."""
    with Server(address(f"imap://{USER}@localhost:{server.plain}"), Secret(PASSWORD), authorities=server.certificate):
        pass  # STARTTLS
    for url, password, ca, said in (
        (f"imaps://{USER}@localhost:{server.tls}", PASSWORD, None, "is not trusted"),
        (f"imap://{USER}@127.0.0.1:{server.plain}", PASSWORD, None, "is not trusted"),
        (f"imaps://{USER}@localhost:1", PASSWORD, server.certificate, "cannot be reached"),
        (f"imaps://{USER}@localhost:{server.tls}", "wrong", server.certificate, "refuses the login of ana@example.org"),
    ):
        with pytest.raises(WatchwordError) as told:
            Server(address(url), Secret(password), authorities=ca)
        assert said in told.value.what
        assert PASSWORD not in str(told.value)
    assert not (tmp_path / "case").exists()


@pytest.mark.parametrize(
    "url", ["imaps://a:b@host", "https://a@host", "imaps://host", "imaps://a@", "imaps://a@host:x", "imap:a@host"]
)
def test_addresses_that_are_not_understood(url: str, tmp_path: Path) -> None:
    """An address with a password, or that is none, is a sentence; no case is made for it."""
    done = CliRunner().invoke(main, ["fetch", url, "--case", str(tmp_path / "case"), "--password-env", "WW"])
    assert done.exit_code == 2
    assert "Traceback" not in done.output
    assert not (tmp_path / "case").exists()


def test_the_password_is_never_an_argument(tmp_path: Path) -> None:
    """It comes from the variable or file that is named; where there is none, nobody is asked without a terminal."""
    url = "imaps://a@localhost:1"
    for more in ([], ["--password-env", "WW_NOT_SET"], ["--password-env", "A", "--token-file", __file__]):
        done = CliRunner().invoke(main, ["fetch", url, "--case", str(tmp_path / "case"), *more])
        assert done.exit_code == 2, done.output


# ---------------------------------------------------------------- servers that do harm

Answer = Callable[[str, str, list[str]], bytes]  # tag, command, its words


@contextlib.contextmanager
def pretended(answer: Answer, greeting: bytes = b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n") -> Iterator[int]:
    """Run a server that answers as it likes; give its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as file:
            file.write(greeting)
            file.flush()
            for line in file:
                tag, _, rest = line.decode("latin-1").strip().partition(" ")
                words = rest.split()
                said = answer(tag, words[0].upper() if words else "", words)
                file.write(said if said else f"{tag} OK done\r\n".encode())
                file.flush()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def a_server(folders: Sequence[bytes], listed: bytes, body: Callable[[int], bytes]) -> Answer:
    """Answer as a small server with one message in each folder."""

    def answer(tag: str, command: str, words: list[str]) -> bytes:
        done = f"{tag} OK done\r\n".encode()
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 X-GM-EXT-1\r\n" + done
        if command == "LIST":
            return b"".join(folders) + done
        if command == "EXAMINE":
            return b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n" + done
        if command == "FETCH":
            return listed + done
        if command == "UID":
            at = int(found[1]) if (found := re.search(r"<(\d+)\.", words[-1])) else -1
            return body(at) + done
        return b""

    return answer


def account(port: int, folder: Path) -> Account:
    """Log in to a pretended server."""
    return Account(folder, lambda: Server(address(f"imap://a@127.0.0.1:{port}"), Secret("x")))


LISTED = b'* 1 FETCH (UID 5 FLAGS (\\Seen) RFC822.SIZE 40 X-GM-THRID 77 X-GM-LABELS ("\\\\Sent" Leaks {3}\r\na"b))\r\n'


def test_names_of_folders_are_no_paths(tmp_path: Path) -> None:
    """Whatever a folder is called, its files stay in the account's folder, and its name is what it was."""
    names = ["../../../escape", "/etc/cron.d/x", "..", "a/../../b", "C:\\x", "CON", "x" * 3_000, "~root"]
    lines = [b'* LIST () "/" {%d}\r\n%s\r\n' % (len(name), name.encode()) for name in [*names, "a\0b", "c\r\nd"]]
    body = b"* 1 FETCH (UID 5 FLAGS () BODY[] {%d}\r\n%s)\r\n" % (len(message(1)), message(1))
    with (
        pretended(a_server(lines, LISTED, lambda _: body)) as port,
        contextlib.closing(account(port, tmp_path / "case/account")) as fetching,
    ):
        done = fetching.fetch()
    assert len(done.problems) == 2
    assert all("control characters" in problem for problem in done.problems)
    assert {path.name for path in tmp_path.iterdir()} == {"case"}
    assert {path.name for path in (tmp_path / "case").iterdir()} == {"account"}
    (source,), _ = find_sources([tmp_path / "case"], spool=tmp_path)
    found, _ = everything([source])
    assert {item.folder for item in found} == set(names)


def test_gmail_says_labels_and_threads(tmp_path: Path) -> None:
    """Where the server is Gmail, labels and thread ids come, and folders that only show labels are left out."""
    lines = [b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n', b'* LIST (\\All) "/" "[Gmail]/All Mail"\r\n',
             b'* LIST (\\Noselect) "/" "[Gmail]"\r\n', b'* LIST (\\Trash) "/" "[Gmail]/Bin"\r\n']  # fmt: skip
    body = LISTED.replace(b"))\r\n", b") BODY[] {%d}\r\n%s)\r\n" % (len(message(1)), message(1)))
    with (
        pretended(a_server(lines, LISTED, lambda _: body)) as port,
        contextlib.closing(account(port, tmp_path / "account")) as fetching,
    ):
        assert fetching.fetch().messages == 2
    found, _ = everything(find_sources([tmp_path / "account"], spool=tmp_path)[0])
    labels = {item.folder: item.labels for item in found}
    assert labels == {
        "[Gmail]/All Mail": ("\\Sent", "Leaks", 'a"b', "\\All"), "[Gmail]/Bin": ("\\Sent", "Leaks", 'a"b', "\\Trash"),
    }  # fmt: skip
    assert {item.thread for item in found} == {"77"}


@pytest.mark.parametrize(
    "body",
    [
        lambda _: b"* 1 FETCH (UID 5 BODY[] {99999999999}\r\n" + b"x" * 3_000_000,
        lambda at: b"* 1 FETCH (UID 5 BODY[] {4000000}\r\n%s)\r\n" % (b"x" * 4_000_000) if at < 0 else b"",
        lambda _: b"* 1 FETCH (UID 5 BODY[] " + b"(" * 900_000 + b"\r\n",
        lambda _: b"* " + b"x" * 2_000_000 + b"\r\n",
        lambda _: b"* 1 FETCH (UID 5 FLAGS ())\r\n" * 40_000,
        lambda _: b"\0\r\n\xff\xfe\r\n",
        lambda _: b"* BYE I have enough\r\n",
    ],
    ids=["literal", "size", "deep", "line", "answers", "noise", "bye"],
)
def test_a_hostile_server_costs_little(tmp_path: Path, body: Callable[[int], bytes]) -> None:
    """Wrong sizes, endless lines and answers end with a sentence; what another folder holds still comes, or is told."""
    lines = [b'* LIST () "/" "a"\r\n', b"* LIST (" + b"\\x " * 1_000 + b'"/" oops\r\n', b"* LIST\r\n"]
    begin = time.process_time()
    with (
        pretended(a_server(lines, LISTED, body)) as port,
        contextlib.closing(account(port, tmp_path / "account")) as fetching,
        contextlib.suppress(WatchwordError),
    ):
        assert fetching.fetch().messages <= 2
    assert time.process_time() - begin < 5


@pytest.mark.parametrize("poison", [b"NO this one cannot be had", b"* BYE I break over it", b"* garbage {999999999}"])
def test_one_bad_message_costs_only_itself(tmp_path: Path, poison: bytes) -> None:
    """A message that the server refuses or breaks over is named, also on the next run; the others come."""
    listed = b"".join(b"* %d FETCH (UID %d FLAGS () RFC822.SIZE 60)\r\n" % (n, n + 4) for n in range(1, 5))
    plain = a_server([b'* LIST () "/" "a"\r\n'], listed, lambda _: b"")

    def answer(tag: str, command: str, words: list[str]) -> bytes:
        if command == "EXAMINE":
            return b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n" + f"{tag} OK done\r\n".encode()
        if command != "UID":
            return plain(tag, command, words)
        uids = [int(uid) for uid in words[2].split(",")]
        said = b""
        for uid in uids:
            if uid == 6:
                return said + (f"{tag} ".encode() + poison if poison.startswith(b"NO") else poison) + b"\r\n"
            start = int(found[1]) if (found := re.search(r"<(\d+)\.", words[-1])) else 0
            body = message(uid)[start:]
            said += b"* 1 FETCH (UID %d BODY[]%s {%d}\r\n%s)\r\n" % (
                uid, b"<%d>" % start if found else b"", len(body), body,
            )  # fmt: skip
        return said + f"{tag} OK done\r\n".encode()

    with pretended(answer) as port:
        for expected in (3, 0):
            with contextlib.closing(account(port, tmp_path / "account")) as fetching:
                done = fetching.fetch()
            assert done.messages == expected
            (problem,) = done.problems
            assert "Message 6 of the folder a did not come" in problem
    found, _ = everything(find_sources([tmp_path / "account"], spool=tmp_path)[0])
    assert subjects(found) == [5, 7, 8]


def test_access_tokens() -> None:
    """An access token is sent as XOAUTH2 has it; a refusal is answered and becomes a sentence without the token."""
    seen: list[bytes] = []
    asked: list[str] = []

    def answer(tag: str, command: str, words: list[str]) -> bytes:
        if command == "CAPABILITY":
            return f"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r\n{tag} OK done\r\n".encode()
        if command == "AUTHENTICATE":
            assert words[1:2] == ["XOAUTH2"]
            asked[:] = [tag]
            return b"+ \r\n"
        if command:
            return b""
        seen.append(base64.b64decode(tag))  # no command, but what was asked for
        if seen[-1].endswith(b"Bearer good\x01\x01"):
            return f"{asked[0]} OK welcome\r\n".encode()
        if seen[-1]:
            return b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n"
        return f"{asked[0]} NO [AUTHENTICATIONFAILED] Invalid credentials\r\n".encode()

    with pretended(answer) as port:
        where = address(f"imap://ana%40example.org@127.0.0.1:{port}")
        Server(where, Secret("good", is_token=True)).close()
        assert seen == [b"user=ana@example.org\x01auth=Bearer good\x01\x01"]
        with pytest.raises(WatchwordError, match="Invalid credentials") as told:
            Server(where, Secret("stale", is_token=True))
        assert "stale" not in str(told.value)


def test_no_password_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server elsewhere that offers no STARTTLS gets no password."""
    said: list[str] = []

    def answer(tag: str, command: str, words: list[str]) -> bytes:
        said.append(command)
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + f"{tag} OK done\r\n".encode()

    monkeypatch.setattr("watchword.read.imap._LOCAL", ())  # as if this machine were another
    with pretended(answer, b"* OK ready\r\n") as port:
        with pytest.raises(WatchwordError, match="offers no encryption"):
            Server(address(f"imap://a@127.0.0.1:{port}"), Secret("x"))
        assert said == ["CAPABILITY"]


@given(st.lists(st.one_of(st.binary(max_size=60), st.tuples(st.binary(max_size=60), st.binary(max_size=30)))))
def test_answers_of_any_bytes(pieces: list[Piece]) -> None:
    """Any bytes are read as values, or refused with ValueError."""
    with contextlib.suppress(ValueError):
        assert all(isinstance(answer, list) for answer in answers(pieces))


@given(st.lists(st.binary(max_size=20)))
def test_strings_come_back(texts: list[bytes]) -> None:
    """Quoted strings and literals in one answer come back as what they hold."""
    plain = [text for text in texts if not re.search(rb"[\r\n]", text)]
    line = b"1 (" + b" ".join(b'"' + re.sub(rb'(["\\])', rb"\\\1", text) + b'"' for text in plain) + b" X {2}"
    (answer,) = answers([(line, b"(\r"), b" NIL)"])
    assert answer == [b"1", [*plain, b"X", b"(\r", None]]
