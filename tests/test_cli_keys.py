"""The verbs for keys: files are taken in whole or not at all, and the DNS is asked only for what may be asked."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.dns_server import dns_server
from tests.small_case import ask, letter, mbox, run
from watchword.cli import main

SIGNATURE = "v=1; a=rsa-sha256; d=institute.example; s={}; h=from:subject; bh=AAAA; b=AAAA"
ZONE = """\
institute.example. 60 IN TXT "v=spf1 include:mailer.example mx a:out.institute.example exists:%{i}.x.example -all"
institute.example. 60 IN MX 10 mx.institute.example.
mx.institute.example. 60 IN A 192.0.2.7
out.institute.example. 60 IN A 192.0.2.8
mailer.example. 60 IN TXT "v=spf1 ip4:192.0.2.0/28 ~all"
_dmarc.institute.example. 60 IN TXT "v=DMARC1; p=reject"
s1._domainkey.institute.example. 60 IN CNAME s1.keys.mailer.example.
s1.keys.mailer.example. 60 IN TXT "v=DKIM1; k=rsa; p=LONG"
""".replace("LONG", '" "'.join(["A" * 200] * 4))
ODD = "a1b2c3d4e5f6a7b8c9"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case whose messages need a key, SPF and DMARC; one names a selector that was made for it alone."""
    mails = [
        letter(1, subject="one", DKIM_Signature=SIGNATURE.format("s1")),
        letter(2, subject="two", DKIM_Signature=SIGNATURE.format(ODD)),
        letter(3, subject="three", DKIM_Signature=SIGNATURE.format("campaign-ana")),
    ]
    mails = [b"Return-Path: <ben@institute.example>\n" + mail for mail in mails]
    (tmp_path / "mail.mbox").write_bytes(mbox(mails))
    folder = tmp_path / "case"
    assert (
        run("read", tmp_path / "mail.mbox", "--case", folder, "--owner", "ana.campaign@campaign.example").exit_code == 0
    )
    return folder


def asked(folder: Path, *arguments: str | Path) -> Any:  # noqa: ANN401  # JSON
    """Run a verb of `keys` and give its JSON."""
    result = run("keys", *arguments, "--case", folder, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_nothing_is_asked_without_the_user_s_word(case: Path) -> None:
    """Without --online only names are shown; with it a person is asked first, and no is the answer by default."""
    with dns_server(ZONE) as server:
        said = asked(case, "lookup")
        assert {one["name"] for one in said["would_ask"]} == {
            "institute.example",
            "_dmarc.institute.example",
            "s1._domainkey.institute.example",
        }
        result = CliRunner().invoke(
            main,
            ["keys", "lookup", "--online", "--resolver", f"127.0.0.1:{server.port}", "--case", str(case)],
            input="\n",
        )
        assert "s1._domainkey.institute.example TXT" in result.output
        assert "Nothing was asked." in result.output
        assert run("keys", "lookup", "--online", "--json", "--case", case).exit_code == 2
        assert server.asked == []


def test_names_that_would_give_somebody_away_are_refused(case: Path) -> None:
    """A selector made for one message, or with the owner's name, is not asked for, unless the user names it."""
    refused = {one["name"]: one["refused"] for one in asked(case, "lookup")["refused"]}
    assert refused == {
        f"{ODD}._domainkey.institute.example": "it looks as if it was made for one message",
        "campaign-ana._domainkey.institute.example": "it holds the name of a person whose mailbox this is",
    }
    named = asked(case, "lookup", "--also", f"{ODD}._domainkey.institute.example")
    assert f"{ODD}._domainkey.institute.example" in {one["name"] for one in named["would_ask"]}


def test_a_look_up_keeps_every_answer_and_goes_on_where_it_stopped(case: Path) -> None:
    """Keys over TCP, aliases, what SPF leads to, names that do not exist: all kept; only failures are asked again."""
    with dns_server(ZONE) as server:
        server.silent.add("mailer.example")
        to = ("--online", "--yes", "--rate", "1000", "--resolver", f"127.0.0.1:{server.port}")
        first = asked(case, "lookup", *to)
        assert first["failed"] == 1
        assert not [name for name in server.asked if "x.example" in name or ODD in name or "campaign" in name]
        server.asked.clear()
        server.silent.clear()
        assert asked(case, "lookup", *to)["found"] == 1
        assert server.asked == ["mailer.example TXT"]
        server.asked.clear()
        assert asked(case, "lookup", *to)["asked"] == 0
        assert server.asked == []
    lines = [json.loads(line) for line in (case / "keys" / "answers.jsonl").read_text().splitlines()]
    kept = {(line["name"], line["type"]): line for line in lines}
    assert kept["s1.keys.mailer.example", "TXT"]["values"] == ["v=DKIM1; k=rsa; p=" + "A" * 800]
    assert kept["s1._domainkey.institute.example", "CNAME"]["values"] == ["s1.keys.mailer.example"]
    assert kept["mx.institute.example", "A"]["status"] == "found"
    assert kept["out.institute.example", "A"]["resolver"] == f"127.0.0.1:{server.port}"
    run("judge", "--case", case)
    assert set(ask(case, "select method, result, rests_on from checks where method in ('spf', 'dmarc')")) == {
        ("spf", "pass", "record-later"),
        ("dmarc", "pass", "record-later"),
    }
    ledger = [json.loads(line) for line in (case / "ledger.jsonl").read_text().splitlines()]
    assert [line["verb"] for line in ledger if "lookup" in line["verb"]] == ["keys lookup"] * 2


def test_files_are_taken_in_and_told(case: Path, tmp_path: Path) -> None:
    """What a file holds is said; it lies in `keys/` as it was; the same file again is not kept twice."""
    zone = tmp_path / "institute.example.zone"
    zone.write_text(ZONE)
    (told,) = asked(case, "add", zone, "--seen", "2024-03-02")
    assert told["counts"] == {"DKIM keys": 1, "SPF records": 2, "DMARC records": 1, "other records": 4}
    assert (case / "keys" / "institute.example.zone").read_text() == ZONE
    (again,) = asked(case, "add", zone, "--seen", "2024-03-02")
    assert again["was_there"] is True
    listed = asked(case, "list")
    known = {one["name"] for one in listed["needed"] if one["known"]}
    assert {"s1._domainkey.institute.example", "institute.example", "mailer.example", "mx.institute.example"} <= known
    assert "DKIM keys: 3 needed, 1 kept, 2 missing" in run("keys", "list", "--case", case).output
    run("judge", "--case", case)
    assert ("pass", "record-then") in ask(case, "select result, rests_on from checks where method = 'spf'")


def test_a_file_that_is_no_record_is_not_taken_in(case: Path, tmp_path: Path) -> None:
    """One bad file among several: an error in one sentence, and none of them is kept."""
    good, bad = tmp_path / "good.zone", tmp_path / "bad.zone"
    good.write_text(ZONE)
    bad.write_text("Dear all, please find the records attached\n")
    result = run("keys", "add", good, bad, "--case", case)
    assert result.exit_code == 2
    assert "Line 1 of" in result.output
    assert "bad.zone" in result.output
    assert not (case / "keys").exists()
    wrong = run("keys", "add", good, "--seen", "yesterday", "--case", case)
    assert "--seen yesterday is no date" in wrong.output


def test_a_broken_file_in_the_folder_is_named(case: Path) -> None:
    """A file that somebody put into `keys/` and that cannot be read ends `judge` with its name and line."""
    (case / "keys").mkdir()
    (case / "keys" / "notes.txt").write_text("a.example. TXT (\n")
    result = run("judge", "--case", case)
    assert result.exit_code == 2
    assert "Line 1 of" in result.output
    assert "notes.txt cannot be read" in result.output
