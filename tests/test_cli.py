"""The command line under bad input: one clear sentence, the right exit code, and good mail is judged all the same."""

import errno
import fcntl
import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.small_case import ANA, BEN, adds_up, ask, command, letter, letters, mbox, process, report, run
from watchword.cli import main

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Give a mailbox of ten messages."""
    path = tmp_path / "good.mbox"
    path.write_bytes(mbox(letters(10)))
    return path


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a case of ten messages; tests only ask it."""
    folder = tmp_path_factory.mktemp("judged")
    hostile = letter(20, subject=f"Look {ESCAPES}here", name=f"Ben {ESCAPES}", text=f"Sign in {ESCAPES} now")
    (folder / "good.mbox").write_bytes(mbox([*letters(10), hostile]))
    assert run("investigate", folder / "good.mbox", "--case", folder / "case").exit_code == 0
    return folder / "case"


# ---------------------------------------------------------------- paths that are no mail


def missing(folder: Path) -> Path:
    """A path at which nothing lies."""
    return folder / "no such file.mbox"


def empty_folder(folder: Path) -> Path:
    """A folder with nothing in it."""
    (folder / "empty").mkdir()
    return folder / "empty"


def empty_file(folder: Path) -> Path:
    """A file of no bytes."""
    (folder / "empty.mbox").touch()
    return folder / "empty.mbox"


def zip_bomb(folder: Path) -> Path:
    """4 GB of zeros in a zip of some MB."""
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("mail.mbox", "w") as file:
        file.write(b"From - Fri Mar  1 09:00:00 2024\nSubject: a\n\n")
        for _ in range(300):
            file.write(bytes(1 << 20))
    return path


def encrypted_zip(folder: Path) -> Path:
    """A zip whose file needs a password, as its flags say."""
    path = folder / "locked.zip"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("mail.mbox", mbox(letters(3)))
    data = bytearray(held.getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    return path


def outlook(folder: Path) -> Path:
    """A mailbox of Outlook, by its first bytes."""
    path = folder / "ana.pst"
    path.write_bytes(b"!BDN" + bytes(4) + b"SM" + bytes(1000))
    return path


def picture(folder: Path) -> Path:
    """A file that is no mail at all."""
    path = folder / "photo.mbox"
    path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 8)
    return path


def pipe(folder: Path) -> Path:
    """A named pipe, which would be waited for without end."""
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


NO_MAIL: list[Callable[[Path], Path]] = [
    missing,
    empty_folder,
    empty_file,
    zip_bomb,
    encrypted_zip,
    outlook,
    picture,
    pipe,
]


@pytest.mark.parametrize("make", NO_MAIL, ids=lambda make: make.__name__)
def test_a_path_without_mail_is_one_sentence(make: Callable[[Path], Path], tmp_path: Path) -> None:
    """By itself it ends the run: code 2 for a wrong path, 3 for nothing to judge; the file is named, and what to do."""
    path = make(tmp_path)
    result = run("investigate", path, "--case", tmp_path / "case")
    assert result.exit_code == (2 if make is missing else 3)
    assert path.name in result.stderr
    assert result.stderr.startswith("watchword: ")
    assert "Traceback" not in result.output
    first, do = result.stderr.splitlines()[:2]
    assert first.endswith(".")
    assert len(do.strip()) > 15


@pytest.mark.parametrize("make", [make for make in NO_MAIL if make is not missing], ids=lambda make: make.__name__)
def test_good_mail_beside_a_bad_path_is_judged(make: Callable[[Path], Path], good: Path, tmp_path: Path) -> None:
    """The bad path is counted, and named in the report with what to do; the good mailbox is judged whole."""
    path = make(tmp_path)
    result = run("investigate", path, good, "--case", tmp_path / "case")
    assert result.exit_code == 0, result.output
    found, judged, repeated, rejected = adds_up(tmp_path / "case")
    assert (judged, repeated) == (10, 0)
    assert rejected >= 1
    assert f"{found} = 10 judged + 0 copies + {rejected} not mail or not readable" in " ".join(result.stdout.split())
    (gap,) = [
        gap for gap in report(tmp_path / "case")["gaps"] if gap["kind"] == "rejected" and path.name in gap["what"]
    ]
    assert gap["advice"]


def test_what_was_no_mail_stays_told(good: Path, tmp_path: Path) -> None:
    """A locked archive that was named once is still counted when another mailbox is added, or nothing is named."""
    case = tmp_path / "case"
    run("investigate", encrypted_zip(tmp_path), good, "--case", case)
    before = adds_up(case)
    (tmp_path / "more.mbox").write_bytes(mbox([letter(30, subject="One more")]))
    run("investigate", tmp_path / "more.mbox", "--case", case)
    assert adds_up(case) == (before[0] + 1, before[1] + 1, 0, before[3])
    assert run("investigate", "--case", case).exit_code == 0
    assert adds_up(case) == (before[0] + 1, before[1] + 1, 0, before[3])
    (tmp_path / "locked.zip").unlink()
    assert run("investigate", "--case", case).exit_code == 0
    assert adds_up(case)[3] == before[3] - 1


def test_an_unreadable_file_is_named(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is told with the reason, and the others are judged."""
    closed = tmp_path / "closed.mbox"
    closed.write_bytes(mbox(letters(3)))
    closed.chmod(0)
    if os.geteuid() == 0:  # root may read everything, so it is told otherwise
        monkeypatch.setattr("builtins.open", refuse(open, closed))
        monkeypatch.setattr("io.open", refuse(io.open, closed))
        monkeypatch.setattr("os.open", refuse(os.open, closed))
    assert run("investigate", closed, good, "--case", tmp_path / "case").exit_code == 0
    assert adds_up(tmp_path / "case") == (11, 10, 0, 1)
    (gap,) = [gap for gap in report(tmp_path / "case")["gaps"] if gap["kind"] == "rejected"]
    assert "closed.mbox cannot be read: Permission denied" in gap["what"]


def refuse(opener: Callable[..., Any], closed: Path) -> Callable[..., Any]:
    """Give a function that opens all but one file."""

    def opened(path: Any, *rest: Any, **more: Any) -> Any:  # noqa: ANN401  # as `open`
        if path == closed or path == str(closed):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opener(path, *rest, **more)

    return opened


# ---------------------------------------------------------------- broken containers


def test_truncated_archives_and_mailboxes(tmp_path: Path) -> None:
    """What stands before the break is judged; the break is told once for each; the counts add up."""
    whole = mbox([letter(number, subject=f"S{number}", text=f"{number} " * 2000) for number in range(40)])
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        entry = tarfile.TarInfo("mail.mbox")
        entry.size = len(whole)
        archive.addfile(entry, io.BytesIO(whole))
    (tmp_path / "cut.tar.gz").write_bytes(held.getvalue()[: len(held.getvalue()) // 2])
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as box:
        for number in range(20):
            box.writestr(f"{number}.eml", letter(number, subject=f"Z{number}", text=os.urandom(3000).hex()))
    (tmp_path / "cut.zip").write_bytes(held.getvalue()[: len(held.getvalue()) // 2])
    (tmp_path / "cut.mbox").write_bytes(mbox([letter(number, subject=f"M{number}") for number in range(9)])[:-40])
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"not mail")[:-3])
    result = run("investigate", tmp_path, "--case", tmp_path / "case")
    assert result.exit_code == 0, result.output
    adds_up(tmp_path / "case")
    by_start = dict(ask(tmp_path / "case", "select left(subject, 1), count(*) from messages group by 1"))
    assert by_start["M"] == 9
    assert 5 <= by_start["S"] < 40
    assert 5 <= by_start["Z"] < 20
    told = " ".join(gap["what"] for gap in report(tmp_path / "case")["gaps"] if gap["kind"] == "rejected")
    assert "cut.tar.gz" in told
    assert "cut.zip" in told


def long_mailbox(path: Path, size: int) -> None:
    """Write a mailbox whose second message holds so many zero bytes, which take no room on the disk."""
    before, after = mbox([letter(1)]), mbox([letter(3, subject="After")])
    head = b"From - Fri Mar  1 09:00:00 2024\n" + letter(2, subject="Long", text="")
    with path.open("wb") as file:
        file.write(before + head)
        file.seek(size, os.SEEK_CUR)
        file.write(b"\n\n" + after)


@pytest.mark.parametrize("size", [200 << 20, pytest.param(2 << 30, marks=pytest.mark.slow)])
def test_a_very_long_message(size: int, tmp_path: Path) -> None:
    """It is judged by its beginning, its neighbours are judged, and the reader stays under 600 MB."""
    path = tmp_path / "long.mbox"
    long_mailbox(path, size)
    words = command("read", path, "--case", tmp_path / "case", "--workers", "1", "--json")
    watched = "import resource,subprocess,sys; subprocess.run(sys.argv[1:],check=True);"
    watched += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([words[0], "-c", watched, *words], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    counts, peak = done.stdout.splitlines()
    assert json.loads(counts) == {"sightings": 3, "message_facts": 3, "rejections": 0, "unlocked": 0}
    assert run("judge", "--case", tmp_path / "case").exit_code == 0
    sizes = dict(ask(tmp_path / "case", "select subject, size from messages"))
    assert sizes["Long"] > size
    assert int(peak) < 600 * 1024  # kB


def test_hostile_names_reach_no_terminal(tmp_path: Path) -> None:
    """File names and subjects with terminal escapes, or that are not UTF-8, are read, and printed as plain text."""
    folder = tmp_path / f"mail {ESCAPES}"
    folder.mkdir()
    for number, name in enumerate([f"a {ESCAPES}.eml".encode(), b"not utf-8 \xff\xfe.eml", b"new\nline.eml"]):
        (folder / os.fsdecode(name)).write_bytes(letter(number, subject=f"S {ESCAPES}", name=f"N {ESCAPES}"))
    (folder / os.fsdecode(b"box \xff.mbox")).write_bytes(mbox([letter(5)]))
    (folder / f"locked {ESCAPES}.pst").write_bytes(b"!BDN" + bytes(100))
    case = tmp_path / "case"
    result = run("investigate", folder, "--case", case)
    assert result.exit_code == 0, result.output
    assert adds_up(case)[1] == 4
    printed = result.output
    for key, *_ in ask(case, "select message from messages"):
        printed += run("why", key, "--case", case).output
    printed += run("sql", "select path, member, subject, from_name from messages join sources using (source)",
                   "--case", case).output  # fmt: skip
    printed += run("investigate", folder / f"missing {ESCAPES}", "--case", case).output
    printed += run("why", f"x{ESCAPES}", "--case", case).output
    printed += run("sql", f"select '{ESCAPES}' from nowhere", "--case", case).output
    assert not set(ESCAPES) & {"\x1b", "\x07", "\x9b", "\u202e"} & set(printed)


# ---------------------------------------------------------------- the case itself


def test_a_broken_case_file_is_named(judged: Path, tmp_path: Path) -> None:
    """A case.toml or sources.toml that is not TOML is named with its line, code 2; a folder without one is no case."""
    case = tmp_path / "case"
    shutil.copytree(judged, case)
    (case / "sources.toml").write_text("[[source]]\npath = [,\nmember = ''\n")
    result = run("judge", "--case", case)
    assert (result.exit_code, "sources.toml" in result.stderr, "line" in result.stderr) == (2, True, True)
    (case / "case.toml").write_text('name = "a"\nown_domains = [,\n')
    for verb in (
        ["investigate"],
        ["judge"],
        ["why", "12345678"],
        ["sql", "select 1"],
        ["decide", "12345678", "unsure", "--because", "x"],
    ):
        result = run(*verb, "--case", case)
        assert (result.exit_code, "case.toml" in result.stderr, "line 2" in result.stderr) == (2, True, True), verb
    (case / "case.toml").write_text('own_domains = 5\nname = "a"')
    assert run("judge", "--case", case).exit_code == 2
    (case / "case.toml").unlink()
    assert "is not a case" in run("sql", "select 1", "--case", case).stderr
    assert run("investigate", "--case", case).exit_code == 2


def test_nothing_read_yet_is_said(tmp_path: Path) -> None:
    """A case into which nothing was read has nothing to judge: code 3."""
    (tmp_path / "case.toml").write_text('name = "a"')
    assert run("judge", "--case", tmp_path).exit_code == 3
    assert run("sql", "select 1", "--case", tmp_path).exit_code == 3
    assert run("investigate", "--case", tmp_path).exit_code == 3


def test_two_runs_at_once(judged: Path, tmp_path: Path) -> None:
    """While one run writes, another is sent away with code 4 and changes nothing; asking is possible."""
    with (judged / ".lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        before = {path: path.stat().st_mtime_ns for path in judged.rglob("*") if path.is_file()}
        for verb in (["investigate"], ["read"], ["judge"], ["decide", key(judged), "harmless", "--because", "x"]):
            result = run(*verb, "--case", judged)
            assert (result.exit_code, "Another run" in result.stderr) == (4, True), verb
        assert run("sql", "select 1", "--case", judged).exit_code == 0
        assert before == {path: path.stat().st_mtime_ns for path in judged.rglob("*") if path.is_file()}


def key(case: Path) -> str:
    """Give the id of some message of a case."""
    return str(ask(case, "select min(message) from messages")[0][0])


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Give a function that mounts a file system, where that is permitted."""
    places: list[Path] = []

    def mount(*words: str) -> Path:
        place = tmp_path / f"mounted{len(places)}"
        place.mkdir()
        if subprocess.run(["mount", *words, str(place)], capture_output=True).returncode:
            pytest.skip("mounting is not permitted here")
        places.append(place)
        return place

    yield mount
    for place in places:
        subprocess.run(["umount", str(place)], check=True)


def test_a_read_only_case(judged: Path, mounted: Callable[..., Path]) -> None:
    """A case on a read-only file system can be asked; what would write ends with code 4 and one sentence."""
    place = mounted("--bind", str(judged))
    subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
    result = run("sql", "select count(*) from messages", "--format", "csv", "--case", place)
    assert (result.exit_code, result.stdout) == (0, "count_star()\n11\n")
    assert run("why", key(judged), "--case", place).exit_code == 0
    for verb in (["investigate"], ["judge"], ["decide", key(judged), "harmless", "--because", "x"]):
        result = run(*verb, "--case", place)
        assert (result.exit_code, "cannot be written" in result.stderr) == (4, True), verb
    result = run("investigate", judged.parent / "good.mbox", "--case", place / "new")
    assert (result.exit_code, "Read-only file system" in result.stderr) == (4, True)


@pytest.mark.parametrize("size", ["16k", "200k", "400k"])
def test_a_full_disk(size: str, mounted: Callable[..., Path], tmp_path: Path) -> None:
    """It ends the run with code 5 and one sentence; with room made, the same command goes on to the same answer."""
    path = tmp_path / "mail.mbox"
    path.write_bytes(mbox([letter(number, text=os.urandom(4000).hex(), subject=f"S{number}") for number in range(60)]))
    place = mounted("-t", "tmpfs", "-o", f"size={size}", "tmpfs")
    case = place / "case"
    done = process("investigate", path, "--case", case, "--workers", "1")
    assert done.returncode == 5, done.stderr.decode()
    assert b"watchword: The disk is full" in done.stderr
    assert b"Traceback" not in done.stderr
    subprocess.run(["mount", "-o", "remount,size=40m", str(place)], check=True)
    assert run("investigate", path, "--case", case).exit_code == 0
    assert adds_up(case) == (60, 60, 0, 0)


def test_a_limit_on_file_size_is_told(tmp_path: Path) -> None:
    """The same by a limit on the size of files, which needs no right to mount: code 5, no traceback."""
    path = tmp_path / "mail.mbox"
    path.write_bytes(mbox([letter(number, text=os.urandom(4000).hex(), subject=f"S{number}") for number in range(30)]))
    words = command("investigate", path, "--case", tmp_path / "case", "--workers", "1")
    limited = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000));"
    limited += "os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run([words[0], "-c", limited, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- detectors of the case, and SQL

DETECTOR = """
title = "Every message"
says = "It has the subject {subject}."
group = "form"
blind_to = "Nothing."
sql = '''SQL'''
"""


def test_a_broken_detector_stops_no_other(judged: Path, tmp_path: Path) -> None:
    """Detectors of the case that are broken, fail, read or write files are named in the report; the good one fires."""
    case = tmp_path / "case"
    shutil.copytree(judged, case)
    own = case / "detectors"
    own.mkdir()
    target = case / "tables" / "stolen.csv"
    queries = {
        "fine": "select message, subject from received",
        "wrong-table": "select message, subject from nowhere",
        "wrong-column": "select message, subject, 1 as more from received",
        "reads-file": "select message, (select content from read_text('/etc/passwd')) as subject from received",
        "reads-case": f"select message, (select content from read_text('{case}/case.toml')) as subject from received",
        "globs": "select message, (select any_value(file) from glob('/etc/*')) as subject from received",
        "two-statements": f"select message, subject from received; copy (select 1) to '{target}'",
        "writes": f"with x as (copy (select 1) to '{target}') select message, subject from received",
        "fails-late": "select message, error('late') as subject from received",
        "divides": "select message, cast(subject as int)::varchar as subject from received",
        "sets": "set memory_limit = '90GB'",
    }
    for name, query in queries.items():
        (own / f"{name}.toml").write_text(DETECTOR.replace("SQL", query))
    (own / "not-toml.toml").write_text("title = ")
    (own / "no-keys.toml").write_text('title = "a"')
    (own / "odd-brace.toml").write_text(DETECTOR.replace("{subject}", "{subject").replace("SQL", queries["fine"]))
    (own / "latin.toml").write_bytes(DETECTOR.replace("SQL", queries["fine"]).encode() + b"# \xe9\n")
    (own / "folder.toml").mkdir()
    (own / "notes.txt").write_text("not a detector")
    bad = {*queries, "not-toml", "no-keys", "odd-brace", "latin", "folder"} - {"fine"}
    result = run("judge", "--case", case)
    assert result.exit_code == 0, result.output
    adds_up(case)
    failed = dict(ask(case, "select detector, error from detector_runs where error <> ''"))
    assert failed.keys() == bad, failed
    assert not target.exists()
    assert ask(case, "select count(*) from findings where detector = 'fine'")[0][0] > 5
    assert ask(case, "select count(*) from detector_runs where error = ''")[0][0] > 30
    told = [gap["what"] for gap in report(case)["gaps"] if gap["kind"] == "detector-failed"]
    assert len(told) == len(bad)
    assert all("(" + name + ")" in " ".join(told) for name in bad)
    assert "root:" not in (case / "out" / "report.json").read_text("utf-8")
    listed = json.loads(run("detectors", "--case", case, "--json").stdout)
    assert {one["detector"] for one in listed if one["fault"]} == {
        "not-toml",
        "no-keys",
        "odd-brace",
        "latin",
        "folder",
    }


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from read_csv('/etc/passwd')",
        "select * from read_parquet('/tmp/*.parquet')",
        "select * from glob('/etc/*')",
        "copy (select 1) to '{case}/tables/x.csv'",
        "with x as (copy (select 1) to '{case}/tables/x.csv') select * from x",
        "copy messages to '/tmp/x.csv'",
        "attach '/tmp/x.db'",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "install httpfs",
        "load httpfs",
        "create table x as select 1",
        "drop view messages",
        "export database '{case}/tables/x'",
        "select 1; select 2",
        "select pwned",
        "",
        "select",
    ],
)
def test_sql_asks_and_does_nothing_else(query: str, judged: Path) -> None:
    """A query that reads or writes files, changes settings, or is wrong, ends with code 2 and leaves nothing behind."""
    pwned = "variables of the program are out of reach"
    files = sorted(judged.rglob("*"))
    result = run("sql", query.format(case=judged), "--case", judged)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("watchword: The query ")
    assert pwned not in result.stderr
    assert sorted(judged.rglob("*")) == files


@pytest.mark.parametrize("query", ["from verdicts", "show tables", "describe messages", "select 1;", "select 1 -- one",
                                   "pivot messages on is_list using count(*)", "summarize verdicts"])  # fmt: skip
def test_sql_may_ask_in_every_way(query: str, judged: Path) -> None:
    """What only asks is answered."""
    assert run("sql", query, "--case", judged).exit_code == 0


def test_sql_formats(judged: Path, tmp_path: Path) -> None:
    """The same rows come as a table, CSV, JSON and Parquet; a table shows no control characters."""
    query = "select subject, size, time, flags from messages join sightings using (message) order by subject"
    rows = ask(judged, query)
    printed = run("sql", query, "--case", judged)
    assert f"({len(rows)} rows)" in printed.stdout
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(printed.output)
    as_json = json.loads(run("sql", query, "--case", judged, "--format", "json").stdout)
    assert [row["subject"] for row in as_json] == [row[0] for row in rows]
    assert json.loads(run("sql", query, "--case", judged, "--json").stdout) == as_json
    as_csv = run("sql", query, "--case", judged, "--format", "csv").stdout.splitlines()
    assert as_csv[0] == "subject,size,time,flags"
    assert len(as_csv) == len(rows) + 1
    assert run("sql", query, "--case", judged, "--format", "parquet").exit_code == 2
    out = tmp_path / "rows.parquet"
    assert run("sql", query, "--case", judged, "--format", "parquet", "--output", out).exit_code == 0
    assert pq.read_table(out).column("subject").to_pylist() == [row[0] for row in rows]
    assert run("sql", query, "--case", judged, "--format", "csv", "--output", tmp_path / "rows.csv").exit_code == 0
    assert (tmp_path / "rows.csv").read_text("utf-8").splitlines() == as_csv
    assert run("sql", query, "--case", judged, "--output", tmp_path / "none" / "rows.csv").exit_code == 2


def test_every_verb_speaks_json(good: Path, tmp_path: Path) -> None:
    """With --json each verb prints one JSON document and nothing else."""
    case = tmp_path / "case"
    told = json.loads(run("read", good, "--case", case, "--json").stdout)
    assert told == {"sightings": 10, "message_facts": 10, "rejections": 0, "unlocked": 0}
    assert json.loads(run("investigate", good, "--case", case, "--json").stdout)["counts"]["judged"] == 10
    assert json.loads(run("judge", "--case", case, "--json").stdout)["counts"]["found"] == 10
    assert json.loads(run("why", key(case), "--case", case, "--json").stdout)["message"] == key(case)
    decided = json.loads(
        run("decide", key(case)[:12], "unsure", "--because", "“why not”", "--case", case, "--json").stdout
    )
    assert decided == {"message": key(case), "decision": "unsure", "because": "“why not”"}
    assert json.loads(run("sql", "select 1 as one", "--case", case, "--json").stdout) == [{"one": 1}]
    assert set(json.loads(run("tables", "--json").stdout)) >= {"messages", "findings", "verdicts"}
    assert len(json.loads(run("detectors", "--json").stdout)) >= 30
    assert all("--json" in option.opts for verb in main.commands.values() for option in verb.params[-1:])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["investigate", "x", "--budget", "many"], "--budget many"),
        (["investigate", "x", "--owner", "nobody"], "--owner nobody"),
        (["why", "1234567", "--case", "CASE"], "no message 1234567"),
        (["why", "<nothing@example.org>", "--case", "CASE"], "no message"),
        (["decide", "zzz", "harmless", "--because", "x", "--case", "CASE"], "no message zzz"),
        (["decide", "zzz", "perhaps", "--because", "x", "--case", "CASE"], "perhaps"),
        (["investigate", "x", "--workers", "0"], "0"),
        (["unknown"], "unknown"),
    ],
)
def test_wrong_arguments(arguments: list[str], said: str, judged: Path) -> None:
    """Each is told in one sentence that names it, with code 2."""
    result = run(*[str(judged) if word == "CASE" else word for word in arguments])
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


def test_an_owner_is_respected(good: Path, tmp_path: Path) -> None:
    """The owner that is given counts, also for a path, and is kept for the next run."""
    case = tmp_path / "case"
    run("read", good, "--case", case, "--owner", f"{good}={BEN.upper()}")
    assert run("judge", "--case", case).exit_code == 0
    assert ask(case, "select owner, owner_how from sources") == [(BEN, "given")]
    assert run("investigate", good, "--case", case).exit_code == 0
    assert ask(case, "select owner, owner_how from sources") == [(BEN, "given")]
    assert run("investigate", good, "--case", case, "--owner", ANA).exit_code == 0
    assert ask(case, "select owner, owner_how from sources") == [(ANA, "given")]


def test_standard_input(good: Path, tmp_path: Path) -> None:
    """Mail on standard input is kept with the case and judged; what is no mail there is said."""
    case = tmp_path / "case"
    words = command("investigate", "-", "--case", case, "--workers", "1")
    with good.open("rb") as stream:
        assert subprocess.run(words, stdin=stream, capture_output=True, timeout=120).returncode == 0
    assert adds_up(case) == (10, 10, 0, 0)
    assert run("investigate", "--case", case).exit_code == 0
    assert adds_up(case) == (10, 10, 0, 0)
    done = subprocess.run(
        command("read", "-", "--case", tmp_path / "other"), input=b"\0\1\2", capture_output=True, timeout=120
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (3, False)
