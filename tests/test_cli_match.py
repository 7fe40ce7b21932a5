"""The verbs for comparing: two cases exchange three files, and each ends with what both hold, and no keys."""

import json
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.match_case import LURES, attacked, trace
from tests.small_case import ask
from watchword.case import Case
from watchword.cli import main
from watchword.cli_parts import now
from watchword.investigate import connect
from watchword.match.matches import fill
from watchword.match.sessions import PER_DAY, Sessions

BOTH = "rare-thing.example"
FILE = "a" * 64


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A case that holds a domain in operation 1, with another of its own."""
    traces = [
        trace("sender-domain", BOTH, LURES[0]),
        trace("link-host", BOTH, LURES[2]),
        trace("attachment", FILE, LURES[0]),
        trace("sender-domain", "campaign-alone.example", LURES[2]),
        trace("origin-ip", "192.0.2.77"),
    ]
    return attacked(tmp_path / "campaign", traces).path


@pytest.fixture
def newsroom(tmp_path: Path) -> Path:
    """A case that holds the same domain as a link in operation 2, with another of its own."""
    traces = [trace("link-domain", BOTH, LURES[2]), trace("sender-domain", "newsroom-alone.example", LURES[0])]
    return attacked(tmp_path / "newsroom", traces).path


def match(*arguments: str | Path) -> Result:
    """Run a verb of `match`, whatever comes out."""
    result = CliRunner().invoke(main, ["match", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def said(*arguments: str | Path) -> Any:  # noqa: ANN401  # JSON
    """Run a verb of `match` that has to succeed, and give its JSON."""
    result = match(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*arguments: str | Path) -> str:
    """Run a verb of `match` that has to fail, and give what it says."""
    result = match(*arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return re.sub(r"\s+", " ", result.output)


def exchanged(ours: Path, theirs: Path, *options: str) -> tuple[Any, Any]:
    """Compare two cases in four steps; give what finish and accept say."""
    offer = said("offer", "--case", ours, "--partner", "newsroom", *options)["file"]
    answer = said("answer", offer, "--case", theirs, "--partner", "campaign")["file"]
    finished = said("finish", answer, "--case", ours)
    return finished, said("accept", finished["file"], "--case", theirs)


def matches(case: Path) -> list[tuple[Any, ...]]:
    """Give the table `matches`, without the time."""
    return ask(case, "select partner, kind, value, operation, partner_operation from matches order by all")


def test_both_cases_name_the_link_and_nothing_else(campaign: Path, newsroom: Path) -> None:
    """Both tables hold the common item in either's operations and numbers; what is not common is in no file."""
    finished, accepted = exchanged(campaign, newsroom)
    assert matches(campaign) == [
        ("newsroom", "link-host", BOTH, "op-00000002", "2"),
        ("newsroom", "sender-domain", BOTH, "op-00000001", "2"),
    ]
    assert matches(newsroom) == [
        ("campaign", "link-domain", BOTH, "op-00000002", "1"),
        ("campaign", "link-domain", BOTH, "op-00000002", "2"),
    ]
    assert [one["value"] for one in finished["matches"] + accepted["matches"]] == [BOTH] * 3
    assert ("campaign-alone" in json.dumps(accepted), "newsroom-alone" in json.dumps(finished)) == (False, False)
    files = b"".join(file.read_bytes() for case in (campaign, newsroom) for file in (case / "out").iterdir())
    assert b"example" not in files


def test_the_keys_are_gone_in_the_end(campaign: Path, newsroom: Path) -> None:
    """After the last step neither case keeps a key or file of the session; what was offered stays on record."""
    exchanged(campaign, newsroom)
    for case, offered in ((campaign, 3), (newsroom, 2)):
        (session,) = Sessions(Case(case)).all()
        assert (session.secret, session.offer_file, session.answer_file) == ("", "", "")
        assert (session.state, len(session.items), len(session.partner_case)) == ("finished", offered, 64)
        assert (case / "matches").stat().st_mode & 0o77 == 0
        assert (case / "matches" / "key").stat().st_mode & 0o77 == 0


def test_a_count_names_nothing(campaign: Path, newsroom: Path) -> None:
    """With --count-only both learn a band, and the table stays empty."""
    finished, accepted = exchanged(campaign, newsroom, "--count-only")
    assert (finished["band"], accepted["band"]) == ("1 to 4", "1 to 4")
    assert (finished["matches"], accepted["matches"]) == ([], [])
    assert (matches(campaign), matches(newsroom)) == ([], [])


def test_a_dry_run_shows_what_is_offered_and_writes_nothing(campaign: Path) -> None:
    """--dry-run lists exactly the items that the offer then holds; --list also each refused value with its reason."""
    shown = said("offer", "--case", campaign, "--partner", "newsroom", "--dry-run")
    assert not (campaign / "matches").exists()
    made = said("offer", "--case", campaign, "--partner", "newsroom")
    (session,) = Sessions(Case(campaign)).all()
    assert {(one["sort"], one["value"]) for one in shown["items"]} == {(one.sort, one.value) for one in session.items}
    assert made["size"] == 256
    listed = match("offer", "--case", campaign, "--partner", "newsroom", "--dry-run", "--list").output
    assert re.search(r"1 origin-ip: Can be guessed.*four billion.*\n +192\.0\.2\.77 +2\^32 guesses", listed)
    assert FILE in listed
    without = match("offer", "--case", campaign, "--partner", "newsroom").output
    assert BOTH not in without  # values only where they are asked for


def test_the_output_says_what_it_cannot_keep_from_whom(campaign: Path, newsroom: Path) -> None:
    """Offer and answer say, in words: size, who learns what, guesses and their number, honesty, what a match tells."""
    offer = match("offer", "--case", campaign, "--partner", "newsroom").output
    file = re.search(r"to newsroom: (.*\.offer)", offer)
    assert file
    answer = match("answer", file[1].strip(), "--case", newsroom, "--partner", "campaign").output
    for text in (offer, answer):
        for word in ("at most 256 items", "semi-honest", "invented", "may be the attacker", "break off", "telephone"):
            assert word in text, word
    assert "you learn which items" in offer
    assert "they learn which items" in answer
    assert "16,384 at most" in offer
    assert "256 at most" in answer
    count = match("offer", "--case", campaign, "--partner", "newsroom", "--count-only").output
    assert "who is told the count cannot check it" in count


def test_damaged_and_wrong_files_end_in_a_sentence(campaign: Path, newsroom: Path, tmp_path: Path) -> None:
    """Whatever file is given at whatever step: exit code 2, one sentence, and the session can still be finished."""
    offer = Path(said("offer", "--case", campaign, "--partner", "newsroom")["file"])
    answer = Path(said("answer", offer, "--case", newsroom, "--partner", "campaign")["file"])
    bad = tmp_path / "bad"
    for data in (b"", b"x" * 5000, offer.read_bytes()[:-1], bytes(3_000_000), offer.read_bytes().replace(b"\0", b"\1")):
        bad.write_bytes(data)
        for verb, case in (("finish", campaign), ("accept", newsroom)):
            assert "bad" in refused(verb, bad, "--case", case)
        assert "bad" in refused("answer", bad, "--case", newsroom, "--partner", "campaign")
    assert "is the offer" in refused("finish", offer, "--case", campaign)
    assert "is the answer" in refused("accept", answer, "--case", newsroom)
    assert "not offered" in refused("finish", answer, "--case", newsroom)
    finished = said("finish", answer, "--case", campaign)
    (one,) = said("accept", finished["file"], "--case", newsroom)["matches"]
    assert (one["value"], one["number"], one["partner_operations"]) == (BOTH, 2, ["1", "2"])


def test_nothing_is_used_twice(campaign: Path, newsroom: Path) -> None:
    """An offer is answered once, an answer finished once, a result accepted once; files are not written over."""
    offer = said("offer", "--case", campaign, "--partner", "newsroom")["file"]
    answer = said("answer", offer, "--case", newsroom, "--partner", "campaign")["file"]
    assert "answered already" in refused("answer", offer, "--case", newsroom, "--partner", "campaign")
    assert "is there already" in refused("finish", answer, "--case", campaign, "--out", answer)
    result = said("finish", answer, "--case", campaign)["file"]
    assert "keys are deleted" in refused("finish", answer, "--case", campaign)
    said("accept", result, "--case", newsroom)
    assert "keys are deleted" in refused("accept", result, "--case", newsroom)


def test_a_file_for_another_session_changes_nothing(campaign: Path, newsroom: Path, tmp_path: Path) -> None:
    """An answer made for another case's offer, or a result for another answer, is refused."""
    other = tmp_path / "other"
    shutil.copytree(campaign, other)
    offer = said("offer", "--case", campaign, "--partner", "newsroom")["file"]
    said("offer", "--case", other, "--partner", "newsroom")
    answer = said("answer", offer, "--case", newsroom, "--partner", "campaign")["file"]
    assert "has not offered" in refused("finish", answer, "--case", other)
    result = said("finish", answer, "--case", campaign)["file"]
    assert "has not answered" in refused("accept", result, "--case", campaign)
    assert "by this case itself" in refused("answer", offer, "--case", campaign, "--partner", "newsroom")


def test_too_many_sessions_in_a_day_are_refused(campaign: Path, newsroom: Path) -> None:
    """A partner gets so many sessions a day, under whatever name his key goes; --again is the user's word."""
    for _ in range(PER_DAY):
        offer = said("offer", "--case", campaign, "--partner", "newsroom", "--again")["file"]
        said("answer", offer, "--case", newsroom, "--partner", "campaign")
    assert "in the last 24 hours" in refused("offer", "--case", campaign, "--partner", "newsroom")
    said("offer", "--case", campaign, "--partner", "another")
    offer = said("offer", "--case", campaign, "--partner", "newsroom", "--again")["file"]
    assert "in the last 24 hours" in refused("answer", offer, "--case", newsroom, "--partner", "campaign")
    assert "knows as campaign" in refused("answer", offer, "--case", newsroom, "--partner", "new name")
    sessions = Sessions(Case(newsroom))
    for one in sessions.all():  # a day later
        sessions.save(replace(one, began=(now() - timedelta(days=1, minutes=1)).isoformat()))
    said("answer", offer, "--case", newsroom, "--partner", "campaign")


def test_a_partner_with_another_key_is_refused(campaign: Path, newsroom: Path, tmp_path: Path) -> None:
    """Who answers under a name that another key had before is not taken for the partner."""
    exchanged(campaign, newsroom)
    stranger = tmp_path / "stranger"
    shutil.copytree(newsroom, stranger)
    shutil.rmtree(stranger / "matches")
    offer = said("offer", "--case", campaign, "--partner", "newsroom")["file"]
    answer = said("answer", offer, "--case", stranger, "--partner", "campaign")["file"]
    text = refused("finish", answer, "--case", campaign)
    assert "but newsroom was" in text
    assert "Call them" in text


def test_sessions_are_listed_and_dropped(campaign: Path) -> None:
    """`list` shows sessions without keys, `drop` deletes those of one that will not be finished."""
    assert match("list", "--case", campaign).output == "Nothing was compared yet.\n"
    session = said("offer", "--case", campaign, "--partner", "newsroom")["session"]
    assert "offered" in match("list", "--case", campaign).output
    (listed,) = said("list", "--case", campaign)
    assert not {"secret", "offer_file", "answer_file"} & listed.keys()
    assert said("drop", session[:8], "--case", campaign)["state"] == "dropped"
    assert Sessions(Case(campaign)).all()[0].secret == ""
    assert "no open session" in refused("drop", session[:8], "--case", campaign)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"session": 3}'])
def test_a_damaged_session_is_said_to_be(campaign: Path, text: str) -> None:
    """A session file that somebody changed ends every verb with its name."""
    said("offer", "--case", campaign, "--partner", "newsroom")
    (file,) = (campaign / "matches").glob("*.json")
    file.write_text(text)
    assert file.name in refused("list", "--case", campaign)


def test_a_case_without_attacks_offers_nothing(tmp_path: Path) -> None:
    """Where nothing may be offered, nothing is written, and the exit code is 3: there is nothing to compare."""
    case = attacked(tmp_path / "quiet", [trace("subject", "an interview")]).path
    result = match("offer", "--case", case, "--partner", "newsroom")
    assert (result.exit_code, (case / "matches" / "key").exists()) == (3, False)
    assert "nothing to compare" in result.output


def test_a_partner_s_name_is_a_name(campaign: Path) -> None:
    """An empty name, and one that a terminal would act on, are refused."""
    for name in ("", " ", "a\nb", "\x1b[31m", "x" * 101):
        assert "is no name" in refused("offer", "--case", campaign, "--partner", name)


def test_matches_follow_the_operations_as_they_are_now(campaign: Path, newsroom: Path) -> None:
    """After connecting anew, a match names today's operation, or none if its message is in none any more."""
    exchanged(campaign, newsroom)
    case = Case(campaign)
    _moved(case, {LURES[0]: "op-00000002", LURES[2]: "op-00000002"})
    assert {row[3] for row in matches(campaign)} == {"op-00000002"}
    _moved(case, {})
    assert matches(campaign) == [("newsroom", "domain", BOTH, "", "2")]


def test_of_several_sessions_the_last_counts(campaign: Path, newsroom: Path) -> None:
    """The same item found again is one match, as the last session told; an item found before stays."""
    exchanged(campaign, newsroom)
    exchanged(campaign, newsroom, "--without", "domain")
    assert [row[2] for row in matches(campaign)] == [BOTH, BOTH]
    exchanged(campaign, newsroom)
    assert len(matches(campaign)) == 2


def _moved(case: Case, operations: dict[str, str]) -> None:
    """Put messages into other operations, and fill the table anew."""
    import pyarrow.parquet as pq

    file = case.tables / "members" / "all.parquet"
    rows = pq.read_table(file)
    keep = [row | {"operation": operations[row["message"]]} for row in rows.to_pylist() if row["message"] in operations]
    pq.write_table(rows.schema.empty_table().from_pylist(keep, schema=rows.schema), file)
    with connect(case) as connection:
        fill(case, connection)
