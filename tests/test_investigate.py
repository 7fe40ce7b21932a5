"""The main job as it is run: killed and taken up again, run again, over mail that grew or moved away."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest

import watchword
from tests.small_case import adds_up, ask, command, letter, letters, mbox, report, run
from watchword import tables
from watchword.case import Case
from watchword.disclose.why import why as explain
from watchword.investigate import OpenCase, connect, fetch
from watchword.observe import batches

ROOT = Path(__file__).parent.parent


def content(case: Path) -> dict[str, Counter[str]]:
    """Give the rows of every table of facts, and the verdicts, in no order."""
    with OpenCase(case) as opened:
        names = [
            "sightings",
            "message_facts",
            *list(tables.FACTS)[2:],
            "sources",
            "verdicts",
            "findings",
            "relationships",
        ]
        return {name: Counter(map(str, opened.connection.execute(f"from {name}").fetchall())) for name in names}


def files(case: Path) -> dict[Path, int]:
    """Give the files of the tables of facts with the time of their last change."""
    return {
        path: path.stat().st_mtime_ns
        for name in tables.FACTS
        for path in (case / "tables" / name).glob("?" * 24 + ".parquet")
    }


def big_mailboxes(folder: Path) -> None:
    """Write several mailboxes, one of them in an archive, that are cut into several batches."""
    for number in range(4):
        held = mbox([letter(day, subject=f"{number}.{day}", text="word " * 200) for day in range(200)])
        (folder / f"box{number}.mbox").write_bytes(held)
    with zipfile.ZipFile(folder / "takeout.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Mail/all.mbox", mbox(letters(200)))


def test_killed_and_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose processes are killed while they read, and that is started again, comes to the same tables."""
    monkeypatch.setattr(batches, "SHARD_BYTES", 50_000)  # a batch for each mailbox
    (tmp_path / "mail").mkdir()
    big_mailboxes(tmp_path / "mail")
    assert run("investigate", tmp_path / "mail", "--case", tmp_path / "whole").exit_code == 0
    case = tmp_path / "case"
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("import watchword.observe.batches as b; b.SHARD_BYTES = 50_000")
    words = command("investigate", tmp_path / "mail", "--case", case, "--workers", "1")
    killed = 0
    for wanted in (1, 2, 4):
        running = subprocess.Popen(
            words,
            env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < until:
            if len(list((case / "tables" / "sightings").glob("*.parquet"))) >= wanted:
                os.killpg(running.pid, signal.SIGKILL)
                killed += 1
                break
            time.sleep(0.002)
        running.wait()
    assert killed
    assert run("investigate", tmp_path / "mail", "--case", case).exit_code == 0
    assert adds_up(case) == (1000, 1000, 0, 0)
    assert content(case) == content(tmp_path / "whole")
    assert not [path for path in (case / "tables").rglob(".*") if path.name != ".spill"]


def test_a_second_run_observes_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over unchanged sources no mailbox is read, no file of facts is written, and the answer is the same."""
    (tmp_path / "mail").mkdir()
    big_mailboxes(tmp_path / "mail")
    case = tmp_path / "case"
    run("investigate", tmp_path / "mail", "--case", case)
    before, rows = files(case), content(case)
    monkeypatch.setattr(batches, "observe_batches", lambda *_: pytest.fail("a mailbox was read again"))
    assert run("investigate", tmp_path / "mail", "--case", case).exit_code == 0
    assert run("investigate", "--case", case).exit_code == 0
    assert files(case) == before
    assert content(case) == rows


def test_a_mailbox_that_grew(tmp_path: Path) -> None:
    """What came since is judged; what was there is not counted twice; other mailboxes are not read again."""
    box, other, case = tmp_path / "a.mbox", tmp_path / "b" / "b.mbox", tmp_path / "case"
    other.parent.mkdir()
    box.write_bytes(mbox(letters(20)))
    other.write_bytes(mbox([letter(50, subject="Elsewhere")]))
    run("investigate", box, other, "--case", case)
    before = files(case)
    box.write_bytes(mbox(letters(30)))
    assert run("investigate", "--case", case).exit_code == 0
    assert adds_up(case) == (31, 31, 0, 0)
    kept = before.items() & files(case).items()
    assert len({path.stem for path, _ in kept}) == 1  # that of the other mailbox


def test_a_mailbox_that_moved_away(tmp_path: Path) -> None:
    """Its facts and verdicts stay; the report and `why` say that its bytes cannot be quoted."""
    box, other, case = tmp_path / "a.mbox", tmp_path / "b.mbox", tmp_path / "case"
    box.write_bytes(
        mbox([*letters(20), letter(9, subject="Sign in", text="Your password expires: http://192.0.2.1/login")])
    )
    other.write_bytes(mbox([letter(50, subject="Elsewhere")]))
    run("investigate", box, "--case", case)
    (key,) = (row[0] for row in ask(case, "select message from messages where subject = 'Sign in'"))
    run("decide", key, "malicious", "--because", "I know it", "--case", case)
    box.unlink()
    assert run("investigate", other, "--case", case).exit_code == 0
    assert adds_up(case) == (22, 22, 0, 0)
    assert "moved" in {gap["kind"] for gap in report(case)["gaps"]}
    assert "not where they were read" in run("why", key, "--case", case).stdout
    box.write_bytes(
        mbox([*letters(20), letter(9, subject="Sign in", text="Your password expires: http://192.0.2.1/login")])
    )
    assert run("investigate", "--case", case).exit_code == 0
    assert adds_up(case) == (22, 22, 0, 0)
    assert "moved" not in {gap["kind"] for gap in report(case)["gaps"]}


def test_the_same_message_in_two_places(tmp_path: Path) -> None:
    """It is one message, seen twice: in one mailbox, in another, and in another batch."""
    one = letter(3, subject="Both")
    (tmp_path / "a.mbox").write_bytes(mbox([*letters(5), one, one]))
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "b.mbox").write_bytes(mbox([one, *letters(5)]))
    (tmp_path / "c.eml").write_bytes(one)
    case = tmp_path / "case"
    run("investigate", tmp_path / "a.mbox", tmp_path / "far", tmp_path / "c.eml", "--case", case)
    assert adds_up(case) == (14, 6, 8, 0)
    assert ask(case, "select count(*) from sightings join messages using (message) where subject = 'Both'") == [(4,)]
    for name in ("recipients", "hops", "texts"):
        doubled = f"select message, number from {name} group by all having count(*) > 1"
        assert ask(case, doubled) == []


KILLER = """
import os
import watchword.observe.batches as batches
plain = batches.observe
def observe(raw, *rest):
    if b"kills its reader" in raw.data:
        os._exit(9)
    return plain(raw, *rest)
batches.observe = observe
"""


def test_a_message_that_kills_its_process(tmp_path: Path) -> None:
    """It alone is set aside, with its place: its neighbours, also those of processes that died with it, are judged."""
    mail, site, case = tmp_path / "mail", tmp_path / "site", tmp_path / "case"
    site.mkdir()
    (site / "sitecustomize.py").write_text(KILLER)
    bad = [
        letter(5, subject="Bad 1", text="It kills its reader."),
        letter(6, subject="Bad 2", text="It kills its reader."),
    ]
    for number, extra in enumerate([bad[:1], bad[1:], []]):
        (mail / f"{number}").mkdir(parents=True)
        held = [letter(day, subject=f"{number}.{day}", text="word " * 500) for day in range(60)]
        (mail / f"{number}" / "box.mbox").write_bytes(mbox([*held[:30], *extra, *held[30:]]))
    words = command("investigate", mail, "--case", case, "--workers", "2")
    done = subprocess.run(
        words,
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert adds_up(case) == (182, 180, 0, 2)
    rejected = ask(
        case, 'select path, "offset", length, reason from rejections join sources using (source) order by path'
    )
    for (path, offset, length, reason), one in zip(rejected, bad, strict=True):
        assert one in Path(path).read_bytes()[offset : offset + length]
        assert "killed the process" in reason


def test_processes_stopped_from_outside(tmp_path: Path) -> None:
    """When processes die before they are at a message, the run ends with code 5 and can be taken up again."""
    site = tmp_path / "site"
    site.mkdir()
    (tmp_path / "a.mbox").write_bytes(mbox(letters(3)))
    (site / "sitecustomize.py").write_text(
        "import os\nimport watchword.observe.batches as batches\ndef dies(*_): os._exit(9)\nbatches.lexicon = dies\n"
    )
    done = subprocess.run(
        command("read", tmp_path / "a.mbox", "--case", tmp_path / "case", "--workers", "1"),
        env={**os.environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (5, False), done.stderr
    assert "stopped from outside" in done.stderr


# ---------------------------------------------------------------- from sentences to bytes


def containers(folder: Path) -> list[Path]:
    """Write the same messages as mbox, in zip and tar.gz, one in the other, as Maildir and as a folder."""
    held = [letter(day, subject=f"Letter {day}", text=f"From here\n>From there {day}\n") for day in range(12)]
    made = []
    for number, kind in enumerate(("mbox", "zip", "tar.gz", "maildir", "eml", "nested", "zip of eml")):
        place = folder / f"{number}"
        place.mkdir()
        own = [one.replace(b"Letter", kind.encode()) for one in held]
        box = mbox([re.sub(rb"(?m)^(>*From )", rb">\1", one) for one in own])
        if kind == "mbox":
            (place / "box").write_bytes(box)
        elif kind == "zip":
            with zipfile.ZipFile(place / "t.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("Takeout/Mail/Sent.mbox", box)
        elif kind in ("tar.gz", "nested"):
            inner = BytesIO()
            with tarfile.open(fileobj=inner, mode="w:gz") as tar:
                for name, data in (("x/readme.txt", b"hello"), ("x/box.mbox", box)):
                    entry = tarfile.TarInfo(name)
                    entry.size = len(data)
                    tar.addfile(entry, BytesIO(data))
            if kind == "tar.gz":
                (place / "t.tar.gz").write_bytes(inner.getvalue())
            else:
                with zipfile.ZipFile(place / "n.zip", "w") as archive:
                    archive.writestr("inner.tgz", inner.getvalue())
        elif kind == "zip of eml":
            with zipfile.ZipFile(place / "e.zip", "w") as archive:
                for day, one in enumerate(own):
                    archive.writestr(f"mail/{day}.eml", one)
        else:
            into = place / ("cur" if kind == "maildir" else "mail")
            into.mkdir()
            for day, one in enumerate(own):
                (into / (f"{1000 + day}.M{day}.host:2,S" if kind == "maildir" else f"{day}.eml")).write_bytes(one)
        made.append(place)
    return made


def test_every_container_gives_its_bytes_back(tmp_path: Path) -> None:
    """The bytes of each message are fetched again from where it lies, now and by a case that is opened anew."""
    assert run("investigate", *containers(tmp_path), "--case", tmp_path / "case").exit_code == 0
    assert adds_up(tmp_path / "case")[:3] == (84 + adds_up(tmp_path / "case")[3], 84, 0)
    case = Case(tmp_path / "case")
    with connect(case) as connection:
        keys = {row[0]: row[1] for row in connection.execute("select message, subject from messages").fetchall()}
        found = fetch(case, connection, list(keys))
    assert {keys[key] for key in keys.keys() - found.keys()} == set()
    assert all(keys[key].encode() in data for key, data in found.items())


def test_decisions_are_respected_and_the_ledger_is_a_chain(tmp_path: Path) -> None:
    """A decision stands in the next report with its reason; of two the later counts; each line names the one before."""
    box, case = tmp_path / "a.mbox", tmp_path / "case"
    box.write_bytes(mbox(letters(10)))
    run("investigate", box, "--case", case)
    first, second = [row[0] for row in ask(case, "select message from received order by message limit 2")]
    because = "She called: \u2028“it is me”\x85 \U0001f600 " + "x" * 70_000
    for key, decision in ((first, "malicious"), (second, "malicious"), (second, "harmless")):
        assert run("decide", key[:16], decision, "--because", because, "--case", case).exit_code == 0
    assert run("judge", "--case", case).exit_code == 0
    verdicts = dict(ask(case, "select message, decided from verdicts where decided <> ''"))
    assert verdicts == {first: "malicious", second: "harmless"}
    assert ask(case, f"select rank, chosen, tier from verdicts where message = '{first}'") == [(1, True, "malicious")]
    assert ask(case, f"select chosen from verdicts where message = '{second}'") == [(False,)]
    assert [one.because for one in Case(case).decisions()] == [because] * 3
    assert run("investigate", "--case", case).exit_code == 0
    assert dict(ask(case, "select message, decided from verdicts where decided <> ''")) == verdicts
    lines = (case / "ledger.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["verb"] for line in lines] == ["investigate", *["decide"] * 3, "judge", "investigate"]
    before = b""
    for line in lines:
        assert json.loads(line)["previous"] == (hashlib.sha256(before).hexdigest() if before else "")
        before = line


def test_tables_have_the_declared_schema(tmp_path: Path) -> None:
    """`open_case(path).table(name)` gives every table as Arrow with the columns that are declared, and `received`."""
    (tmp_path / "a.mbox").write_bytes(mbox(letters(6)))
    run("investigate", tmp_path / "a.mbox", "--case", tmp_path / "case")
    with watchword.open_case(tmp_path / "case") as opened:
        for name in tables.TABLES:
            found, declared = opened.table(name).schema, tables.schema(name)
            assert found.names[: len(declared)] == declared.names, name
            assert [field.type for field in found][: len(declared)] == [field.type for field in declared], name
        more = ["sha256", "source", "member", "offset", "length", "owner"]
        assert opened.table("messages").schema.names == [*tables.schema("messages").names, *more]
        assert {"subject", "newcomer", "position"} <= set(opened.table("received").schema.names)
        with pytest.raises(watchword.errors.WatchwordError, match="no table"):
            opened.table("nothing")


# ---------------------------------------------------------------- the worked example

# Roles of the story of which somebody should look at every message that another wrote.
HOSTILE = {
    "quiet-reed": ("opening", "lure", "vouch", "look-alike", "takeover", "leak"),
    "crime": ("mailbox", "parcel", "payment", "boss"),
}
# Of these, the roles of which the shipped weights do not choose every message, known and to become fewer.
MISSED = {
    ("quiet-reed", "opening"),  # one that only chats, from an address that anybody can open
    ("quiet-reed", "lure"),  # the voucher's bare password, between two letters that are found
    ("quiet-reed", "takeover"),  # for two who never had mail from that account, and a reassuring answer without a link
    ("quiet-reed", "vouch"),  # the second voice, which only reassures
    ("quiet-reed", "leak"),  # listed among offers of documents: honest sources write the same
    ("crime", "payment"),  # the follow-ups without a link or bank details
}
TWINS_CHOSEN: set[str] = set()  # roles of honest twins that are chosen all the same


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the worked example and run the main job on it as `make demo` does."""
    folder = tmp_path_factory.mktemp("example")
    build = [sys.executable, "-m", "examples.build", "mail", "--truth", "truth.json", "--case", "case"]
    subprocess.run(build, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, capture_output=True)
    done = subprocess.run(command("investigate", folder / "mail", "--case", folder / "case"), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    return folder


def test_the_example_adds_up(example: Path) -> None:
    """Every message of the ten mailboxes has one verdict, each mailbox its owner, and nothing is lost."""
    found, judged, repeated, rejected = adds_up(example / "case")
    assert (judged, repeated) == (2160, 0)
    assert found == judged + rejected
    owners = set(json.loads((example / "truth.json").read_text("utf-8"))["owners"].values())
    assert {row[0] for row in ask(example / "case", "select distinct owner from sources where messages > 0")} == owners


def test_why_quotes_bytes_that_are_there(example: Path) -> None:
    """For each chosen message every quoted header line stands in the original at the offset that is named."""
    case = Case(example / "case")
    with connect(case) as connection:
        keys = [row[0] for row in connection.execute("select message from verdicts where chosen").fetchall()]
        originals = fetch(case, connection, keys)
        assert originals.keys() == set(keys)
        quoted = 0
        for key in keys:
            told = explain(connection, lambda wanted: {one: originals[one] for one in wanted}, key)
            assert told.evidence.found
            for line in told.evidence.lines:
                held = originals[key][line.offset : line.offset + line.length].decode("utf-8", "backslashreplace")
                assert held.lower().startswith(line.name.lower() + ":")
                shown = line.text.replace("[.]", ".").replace("hxxp", "http").replace("[@]", "@")
                assert shown.split()[:6] == held.replace("hxxp", "http").split()[:6]
                quoted += 1
            assert all(reason.rests_on or reason.other for reason in told.reasons if reason.finding.header), key
    assert quoted > 6 * len(keys) > 0
    assert b"Traceback" not in subprocess.run(command("why", keys[0], "--case", case.path), capture_output=True).stderr


def test_trying_again_comes_to_what_was_recorded(example: Path) -> None:
    """With what the DNS said at the time, every SPF, DKIM and DMARC result comes out as the servers recorded it."""
    differing = ask(
        example / "case",
        """select method, checks.result, authentications.result, count(*)
        from checks join authentications using (message, method)
        where trusted and checks.result <> authentications.result group by all""",
    )
    assert [row[:3] for row in differing] == [("dmarc", "unknown", "bestguesspass")]  # no record, so it was guessed
    ((agreeing,),) = ask(
        example / "case",
        """select count(*) from checks join authentications using (message, method)
        where trusted and checks.result = authentications.result and checks.rests_on = 'record-then'""",
    )
    assert agreeing > 5_000


def test_the_story_is_told(example: Path) -> None:
    """The hostile messages of the story are chosen, but for those known to be missed; its honest twins are not."""
    truth = json.loads((example / "truth.json").read_text("utf-8"))["messages"]
    chosen = {
        row[0]
        for row in ask(example / "case", "select message_id from messages join verdicts using (message) where chosen")
    }
    missed = Counter(
        (one["operation"], one["role"])
        for one in truth
        if one["role"] in HOSTILE.get(one["operation"], ()) and one["message_id"] not in chosen
    )
    twins = {one["role"] for one in truth if one["operation"] == "twin" and one["message_id"] in chosen}
    assert twins <= TWINS_CHOSEN, f"honest twins are chosen: {sorted(twins - TWINS_CHOSEN)}"
    assert missed.keys() <= MISSED, f"newly missed: { {role: missed[role] for role in missed.keys() - MISSED} }"
    assert missed.keys() >= MISSED, f"no longer missed, so take them out of MISSED: {sorted(MISSED - missed.keys())}"


def test_what_the_user_says_of_the_receiving_server_counts(tmp_path: Path) -> None:
    """`receiving` in case.toml makes the mail be read again, and only that server's results are trusted then."""
    mail, case = tmp_path / "mail.mbox", tmp_path / "case"
    said = b"Authentication-Results: mx.campaign.example; spf=pass smtp.mailfrom=institute.example\n"
    mail.write_bytes(mbox([said + letter(1)]))
    trusted = "select count(*) from authentications where trusted"
    assert run("investigate", mail, "--case", case).exit_code == 0
    assert ask(case, trusted) == [(1,)]
    settings = (case / "case.toml").read_text()
    (case / "case.toml").write_text(settings.replace("# receiving =", "receiving ="))
    assert run("investigate", "--case", case).exit_code == 0
    assert ask(case, trusted) == [(0,)]
    (case / "case.toml").write_text(settings.replace("# receiving = [", 'receiving = ["campaign.example", '))
    assert run("investigate", "--case", case).exit_code == 0
    assert ask(case, trusted) == [(1,)]
    (case / "case.toml").write_text(settings.replace("# receiving = [", 'receiving = ["no host!", '))
    wrong = run("investigate", "--case", case)
    assert wrong.exit_code == 2
    assert "receiving in" in wrong.output
