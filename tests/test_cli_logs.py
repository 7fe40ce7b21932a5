"""The verbs for logs: taken in once and kept, listed with what they cover, rebuilt when the code changes."""

import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from examples import build, logs, world
from examples.files import stored_zip
from tests.log_files import DESK, TOBIAS, activity, audit, portal, sign_in, table
from tests.small_case import letter, mbox, run
from watchword.case import Case
from watchword.engine import session
from watchword.errors import WatchwordError
from watchword.investigate import OpenCase
from watchword.logs import keep, refresh
from watchword.observe.batches import planned

ONE = json.dumps(activity("login", "login_success"))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case with one mailbox that was read."""
    (tmp_path / "mail.mbox").write_bytes(mbox([letter(1)]))
    folder = tmp_path / "case"
    read = run("read", tmp_path / "mail.mbox", "--case", folder, "--owner", TOBIAS)
    assert read.exit_code == 0, read.output
    return folder


def listed(folder: Path) -> list[dict[str, Any]]:
    """Give what `watchword logs --json` says."""
    result = run("logs", "--case", folder, "--json")
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """Write a file beside the case."""
    path = folder.parent / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def add(folder: Path, *arguments: str | Path) -> Result:
    """Run `watchword logs add`."""
    return run("logs", "add", *arguments, "--case", folder)


def test_what_was_added_is_in_the_session(case: Path) -> None:
    """The views `logs` and `events` of a case give what was read, and join with each other."""
    assert add(case, put(case, "x.json", ONE)).exit_code == 0
    opened = Case(case)
    with session(opened, list(planned(opened))) as connection:
        found = connection.execute("select kind, account, ip, form from events join logs using (log)").fetchall()
    assert found == [("sign-in", TOBIAS, DESK, "google-activities")]


def test_reading_mail_again_leaves_the_logs(case: Path) -> None:
    """`read` rebuilds the tables of mail and touches none of the logs'."""
    add(case, put(case, "x.json", ONE))
    assert run("read", "--case", case).exit_code == 0
    assert [one["events"] for one in listed(case)] == [1]


def test_the_list_says_what_is_covered_and_what_is_missing(case: Path) -> None:
    """Time, accounts, kinds, what is cut and what is missing stand in the text and in the JSON."""
    text = json.dumps(
        {"items": [activity("login", "login_success"), activity("login", "zap", number=2)], "nextPageToken": "x"}
    )
    result = add(case, put(case, "x.json", text))
    assert "CUT      ends with nextPageToken" in result.output
    shown = run("logs", "--case", case).output
    assert f"of       {TOBIAS}" in shown
    assert "time     2024-06-05 04:52 to 2024-06-05 04:52 UTC" in shown
    assert "unknown  zap (1): counted as other" in shown
    (one,) = listed(case)
    assert one["kinds"] == {"other": 1, "sign-in": 1}
    assert {"sign-in", "forwarding"} <= set(one["covers"])
    assert one["truncated"].startswith("ends with nextPageToken")
    assert one["missing"]


def test_an_empty_case_says_how_to_add_one(case: Path) -> None:
    """Without logs the list says how to take one in."""
    assert "No log was added yet" in run("logs", "--case", case).output
    assert listed(case) == []


def test_the_same_file_again_is_said_and_counts_once(case: Path) -> None:
    """By another name, in a folder or in a zip: it was there already."""
    first = put(case, "x.json", ONE)
    (case.parent / "more").mkdir()
    shutil.copyfile(first, case.parent / "more" / "other name.txt")
    with zipfile.ZipFile(case.parent / "z.zip", "w") as archive:
        archive.writestr("a/b.json", ONE)
    assert add(case, first).exit_code == 0
    for path in (first, case.parent / "more", case.parent / "z.zip"):
        result = add(case, path)
        assert "was there already" in result.output, result.output
    assert [one["events"] for one in listed(case)] == [1]
    assert len(list((case / "logs").glob("*.json"))) == 1


def test_the_copy_in_the_case_is_the_truth(case: Path) -> None:
    """With the original and all tables gone, the list gives the same; with the copy gone, the log is."""
    path = put(case, "x.json", ONE)
    add(case, path)
    before = listed(case)
    path.unlink()
    for name in ("logs", "events", "log_rejections"):
        shutil.rmtree(case / "tables" / name)
    assert listed(case) == before
    (copy,) = (case / "logs").glob("*-x.json")
    assert copy.read_text() == ONE
    copy.unlink()
    assert listed(case) == []
    assert not list((case / "tables" / "events").glob("*.parquet"))


def test_tables_are_rebuilt_when_the_code_changes(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another digest of the code makes the tables anew, in the order of adding, and the same once more does not."""
    add(case, put(case, "x.json", ONE), put(case, "y.json", "[" + ONE + "]"))
    before = listed(case)
    assert [(one["events"], one["repeated"]) for one in before] == [(1, 0), (0, 1)]
    opened = Case(case)
    assert refresh(opened) is False
    monkeypatch.setattr(keep, "code_digest", lambda: "another")
    assert refresh(opened) is True
    assert refresh(opened) is False
    assert listed(case) == before


def test_judging_makes_the_tables_of_logs_anew(case: Path) -> None:
    """`judge` sees logs whose tables are gone: they are read from the copies first."""
    add(case, put(case, "x.json", ONE))
    shutil.rmtree(case / "tables" / "events")
    assert run("judge", "--case", case).exit_code == 0
    with OpenCase(case) as opened:
        assert opened.table("events").num_rows == 1


def test_what_a_killed_run_left_behind_counts_nowhere(case: Path) -> None:
    """Events of a log that was never written down are removed by the next run."""
    add(case, put(case, "x.json", ONE))
    (piece,) = (case / "tables" / "events").glob("*.parquet")
    shutil.copyfile(piece, piece.with_name("0123456789abcdef.parquet"))
    assert [one["events"] for one in listed(case)] == [1]
    assert len(list((case / "tables" / "events").glob("*.parquet"))) == 1


def test_the_account_can_be_said_later(case: Path) -> None:
    """A Takeout that was added without --account is that account's when it is added again with it."""
    row = {"Activity Timestamp": "2024-06-05 04:52:44 UTC", "Product Name": "Gmail", "IP Address": DESK}
    path = put(case, "activities.csv", table([row]))
    add(case, path)
    assert listed(case)[0]["accounts"] == []
    assert add(case, path, "--account", TOBIAS).exit_code == 0
    assert listed(case)[0]["accounts"] == [TOBIAS]
    assert listed(case)[0]["events"] == 1


def test_overlapping_exports_count_each_event_once(case: Path) -> None:
    """Two exports that share a sign-in: what repeats is counted as such, also in one that was added later."""
    first = json.dumps([sign_in(1), sign_in(2)])
    second = json.dumps([sign_in(2), sign_in(3), sign_in(3)])
    add(case, put(case, "a.json", first))
    add(case, put(case, "b.json", second))
    assert [(one["rows"], one["events"], one["repeated"]) for one in listed(case)] == [(2, 2, 0), (3, 1, 2)]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("book.xlsx", stored_zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}), "Excel workbook"),
        ("log.pdf", b"%PDF-1.7\n", "is a PDF"),
        ("page.csv", b"<!DOCTYPE html><title>Sign in</title>", "web page"),
        ("mail.mbox", mbox([letter(1)]), "is a mailbox"),
        ("other.csv", b"name,colour\nx,red\n", "no log that is known here; it begins with 'name,colour'"),
        ("other.json", b'{"name": [1, 2, 3]}', "no log that is known here"),
        ("dates.csv", table([{"Date": "soon", "Event": "Logout", "Actor": TOBIAS, "IP address": DESK}]).encode(),
         "none of its 1 rows can be read"),
    ],
)  # fmt: skip
def test_what_is_no_log_is_said_with_what_would_be_right(case: Path, name: str, content: bytes, said: str) -> None:
    """A file that was named and is no log ends the run with what it is and what to do; nothing of it stays."""
    result = add(case, put(case, name, content))
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())
    assert result.output.count("watchword:") == 1
    assert len(result.output.strip().splitlines()) >= 2
    assert listed(case) == []
    assert not [one for one in (case / "logs").iterdir() if one.name != "added.jsonl"]


def test_a_locked_zip_is_said(case: Path) -> None:
    """An archive with a password gives the advice to unpack it."""
    path = put(case, "z.zip", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("login.json", ONE)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    result = add(case, path)
    assert result.exit_code == 2
    assert "encrypted" in result.output


def test_a_bomb_in_a_zip_is_stopped(case: Path) -> None:
    """What grows a thousand times when it is unpacked is left out, and said."""
    path = case.parent / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("login.csv", "Date,Event,Actor,IP address\n" + "x" * 200_000_000)
    result = add(case, path)
    assert result.exit_code == 2
    assert "200 times" in " ".join(result.output.split())


def test_a_folder_may_hold_other_things(case: Path) -> None:
    """In a folder what is no log is passed by; the logs in it count."""
    folder = case.parent / "export"
    folder.mkdir()
    (folder / "readme.txt").write_text("hello")
    (folder / "one.csv").write_text(portal([audit("Send")]))
    assert add(case, folder).exit_code == 0
    assert [one["form"] for one in listed(case)] == ["unified-audit-csv"]


def test_account_must_be_an_address(case: Path) -> None:
    """--account takes an address."""
    result = add(case, put(case, "x.json", ONE), "--account", "tobias")
    assert result.exit_code == 2
    assert "is no address" in result.output


def test_a_file_with_escapes_in_its_name_cannot_speak_to_the_terminal(case: Path) -> None:
    """A name with an escape sequence is kept plain, and shown as an escape."""
    result = add(case, put(case, "a\x1b[31mb.json", ONE))
    assert "\x1b" not in result.output
    assert "\x1b" not in run("logs", "--case", case).output
    assert all(one.name.isascii() and "\x1b" not in one.name for one in (case / "logs").iterdir())


def test_a_spoilt_list_of_logs_is_said(case: Path) -> None:
    """A line of added.jsonl that is not as this program writes it is an error that names it."""
    add(case, put(case, "x.json", ONE))
    with (case / "logs" / "added.jsonl").open("a") as stream:
        stream.write("nonsense\n")
    with pytest.raises(WatchwordError, match="Line 2"):
        refresh(Case(case))


# ------------------------------------------------------------ the worked example


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with the logs of the worked example and no mail."""
    folder = tmp_path_factory.mktemp("example")
    people = world.load()
    logs.write_logs(people, build.letters(people), folder / "logs")
    Case.create(folder / "case")
    assert run("logs", "add", folder / "logs", "--case", folder / "case").exit_code == 0
    return folder


def test_the_example_s_logs_tell_the_story(example: Path) -> None:
    """The operators' address is in Tobias's account alone: a sign-in on 4 June, the forwarding, four returns."""
    from tests.log_files import rows_of

    events = rows_of(example)
    desk = sorted((row["time"], row["kind"], row["account"]) for row in events if row["ip"] == DESK)
    assert {account for _, _, account in desk} == {"tobias.wren@harrow2024.example"}
    assert [kind for _, kind, _ in desk] == ["sign-in", "forwarding", *["sign-in"] * 4]
    assert datetime(2024, 6, 5, 4, 50, tzinfo=UTC) < desk[0][0] < datetime(2024, 6, 5, 4, 53, tzinfo=UTC)
    (rule,) = [row for row in events if row["kind"] == "forwarding"]
    assert rule["target"] == "tw.archive@quillmail.example"
    stolen = datetime(2024, 7, 2, tzinfo=UTC)
    nora = [(row["time"] > stolen, row["ip"]) for row in events if row["account"].startswith("nora")]
    assert {ip for after, ip in nora if after} <= {ip for after, ip in nora if not after}
    assert sum(after for after, _ in nora) > 5


def test_the_example_s_logs_are_whole_and_known(example: Path) -> None:
    """Nothing in them is rejected, repeated, unknown or cut, and all four people occur over a year."""
    found = listed(example / "case")
    assert {one["form"] for one in found} == {"google-login-csv", "google-admin-csv", "google-activities"}
    for one in found:
        assert (one["rejected"], one["repeated"], one["unknown"], one["truncated"]) == (0, 0, [], "")
    (users,) = [one for one in found if one["form"] == "google-login-csv"]
    assert len(users["accounts"]) == 4
    assert (users["first"][:7], users["last"][:7]) == ("2023-08", "2024-08")


def test_the_example_s_logs_are_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """Written twice they are equal, and every address in them is from a range for documentation."""
    people = world.load()
    written = build.letters(people)
    for name in ("a", "b"):
        logs.write_logs(people, written, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
