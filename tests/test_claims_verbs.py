"""The verbs for claims: reports in, decisions kept, roots counted, and what is said to the user."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench.syndication import STORIES
from watchword.case import Case
from watchword.claims.build import opened
from watchword.cli_claims import claims
from watchword.engine import session
from watchword.errors import WatchwordError
from watchword.observe.batches import planned

STATEMENT = STORIES / "development" / "01-office-statement.txt"
WIRE = STORIES / "development" / "02-northern-wire.txt"
SCOOP = STORIES / "development" / "05-courier-scoop.txt"
QUOTE = "the mailbox of a senior adviser to the campaign of Vera Lindmark was entered between 3 and 9 May"


def run(*arguments: object, typed: str = "") -> Result:
    """Run `watchword claims` with these arguments."""
    return CliRunner().invoke(claims, [str(one) for one in arguments], input=typed)


def told(*arguments: object, typed: str = "") -> Any:  # noqa: ANN401  # JSON
    """Give what it says with --json."""
    result = run(*arguments, "--json", typed=typed)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A case with a statement, an agency's story on it, and a claim of each that a person wrote."""
    case = tmp_path / "case"
    for file, publisher, day in (
        (STATEMENT, "National Cyber Office", "2024-05-20"),
        (WIRE, "Northern Wire", "2024-05-21"),
    ):
        result = run("add", file, "--case", case, "--publisher", publisher, "--published", day)
        assert result.exit_code == 0, result.output
    return case


def documents(folder: Path) -> dict[str, str]:
    """Give the id of each document by its publisher."""
    with opened(Case(folder)) as connection:
        return dict(connection.execute("select publisher, document from documents").fetchall())


def write(folder: Path, speaker: str = "National Cyber Office", **options: str) -> str:
    """Write a claim by hand and give its id."""
    given = {"act": "attributes", "proposition": "accessed", "target": "Lindmark campaign"} | options
    flags = [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", value)]
    made = told("write", "--case", folder, "--speaker", speaker, "--because", "It stands there", *flags)
    return str(made["claim"])


def test_adding_makes_a_case_and_says_what_it_read(tmp_path: Path) -> None:
    """A first report makes the case; its tables are there for SQL, also without any mail."""
    result = run("add", STATEMENT, "--case", tmp_path / "new", "--publisher", "Office", "--published", "2024-05-20")
    assert result.exit_code == 0, result.output
    assert "publisher Office" in result.output
    assert "published 2024-05-20 00:00 UTC" in result.output
    case = Case(tmp_path / "new")
    with session(case, list(planned(case))) as connection:
        assert connection.execute("select publisher, characters > 700 from documents").fetchall() == [("Office", True)]


def test_reports_that_repeat_are_counted_as_one_root(folder: Path) -> None:
    """A statement and the agency's story on it are one root of two reports; the way is told."""
    found = told("roots", "--case", folder)
    assert found["counted"]["sentence"] == "1 independent root of 2 reports"
    wire = documents(folder)["Northern Wire"]
    assert {one["how"] for one in found["citations"] if one["document"] == wire} >= {"credits", "quotes"}
    shown = run("roots", "--case", folder).output
    assert "credits National Cyber Office" in shown


def test_a_claim_by_hand_has_its_passage_and_digest(folder: Path) -> None:
    """What is written with a quote gets offsets that hold that text, and is shown in its context."""
    document = documents(folder)["National Cyber Office"]
    name = write(folder, document=document[:8], quote=QUOTE)
    (shown,) = told("show", name, "--case", folder)
    assert STATEMENT.read_text("utf-8")[shown["start"] : shown["stop"]] != ""
    assert shown["quote"] == QUOTE
    assert len(shown["sha256"]) == 64
    assert shown["origin"].startswith("National Cyber Office")
    text = run("show", name, "--case", folder).output
    assert f"[{QUOTE.split()[0]}" in text
    assert "We attribute this intrusion" in text.replace("\n    | ", " ")
    missing = run("write", "--case", folder, "--speaker", "X", "--act", "denies", "--proposition", "who",
                  "--document", document, "--quote", "not there", "--because", "x")  # fmt: skip
    assert isinstance(missing.exception, WatchwordError)


def test_two_speakers_against_each_other_are_shown(folder: Path) -> None:
    """Who affirms and who denies stand under one proposition, with the contradiction and the count."""
    write(folder, strength="confident")
    write(folder, "Embassy of Ostland", act="denies", said="2024-05-22")
    (row,) = told("--case", folder, "--confirmed")
    assert row["counted"]["sentence"] == "1 independent root of 1 report"
    assert {voice["speaker"]: voice["polarity"] for voice in row["voices"]} == {
        "Embassy of Ostland": "denies",
        "National Cyber Office": "affirms",
    }
    assert row["contradictions"] == ["Embassy of Ostland denies what National Cyber Office says."]
    shown = run("--case", folder, "--confirmed").output
    assert "AGAINST   Embassy of Ostland denies" in shown
    assert "2 confirmed, 0 proposed, 0 rejected" in shown


def test_rejecting_takes_a_claim_out_and_confirming_brings_it_back(folder: Path) -> None:
    """The later decision counts; both are kept with who and why, and the verbs stand in the case's ledger."""
    name = write(folder)
    told("reject", name, "--case", folder, "--because", "Another year", "--by", "ana")
    assert told("--case", folder, "--confirmed") == []
    told("confirm", name, "--case", folder, "--set", "target=Berg campaign", "--because", "It is Berg", "--by", "ben")
    (row,) = told("--case", folder, "--confirmed")
    assert row["target"] == "Berg campaign"
    (shown,) = told("show", name, "--case", folder)
    assert [(one["kind"], one["who"], one["because"]) for one in shown["decisions"]][1:] == [
        ("reject", "ana", "Another year"),
        ("confirm", "ben", "It is Berg"),
    ]
    verbs = [json.loads(line)["result"] for line in (folder / "ledger.jsonl").read_text("utf-8").splitlines()]
    assert f"{name}: rejected" in verbs


def test_a_grade_of_one_is_warned_about(folder: Path) -> None:
    """Credibility 1 with one root is kept, and the user is told; the claim has the speaker's grade."""
    name = write(folder)
    graded = told("grade", "national cyber", "B1", "--case", folder, "--because", "Was right")
    assert graded["graded"] == "National Cyber Office"
    assert [text for text in graded["warnings"] if text.startswith(name)]
    (shown,) = told("show", name, "--case", folder)
    assert shown["grade"] == "B1"
    told("grade", name, "C3", "--case", folder, "--because", "This one less")
    assert told("show", name, "--case", folder)[0]["grade"] == "C3"
    assert isinstance(run("grade", name, "Z9", "--case", folder, "--because", "x").exception, WatchwordError)


def test_a_person_joins_and_parts_roots(folder: Path) -> None:
    """What a person says of roots changes the count, and can be said otherwise later."""
    run("add", SCOOP, "--case", folder, "--publisher", "Aldermere Courier", "--published", "2024-05-22")
    found = documents(folder)
    assert told("roots", "--case", folder)["counted"]["most"] == 2
    joined = told(
        "same-root", found["Aldermere Courier"], found["National Cyber Office"], "--case", folder, "--because", "Paid"
    )
    assert (joined["counted"]["least"], joined["counted"]["most"]) == (1, 1)
    parted = told("other-root", found["Northern Wire"], "--case", folder, "--because", "Its reporter saw the log")
    assert parted["counted"]["least"] == 2
    again = told(
        "same-root", found["Northern Wire"], found["National Cyber Office"], "--case", folder, "--because", "No"
    )
    assert again["counted"]["least"] == 1
    assert "decided" in run("roots", "--case", folder).output


def test_the_timeline_goes_by_day(folder: Path) -> None:
    """Rows come by the day on which it was said, and a speaker's change of mind is told there."""
    write(folder, said="2024-05-20")
    write(folder, act="retracts", said="2024-06-02")
    rows = told("timeline", "--case", folder, "--confirmed")
    assert [row["when"][:10] for row in rows] == ["2024-05-20", "2024-06-02"]
    assert "takes back" in rows[1]["change"]
    assert "CHANGED" in run("timeline", "--case", folder, "--confirmed").output
    (row,) = told("--case", folder, "--confirmed")
    assert row["counted"]["reports"] == 0


def test_review_keeps_each_answer_from_a_pipe(folder: Path) -> None:
    """y, n with a reason, an edit, nonsense, a skip and the end of the pipe: each answer is kept at once."""
    with opened(Case(folder)) as connection:
        ((proposed,),) = connection.execute("select count(*) from claims where state = 'proposed'").fetchall()
    if proposed < 4:
        pytest.fail(f"the rules propose {proposed} claims of two reports that make more")
    done = told(
        "review", "--case", folder, "--by", "ana", typed="y\nn It tells of another year\nwhat\ne target=Berg\ns\n"
    )
    assert done == {"confirmed": 2, "rejected": 1, "skipped": 1, "left": proposed - 3}
    lines = [json.loads(line) for line in (folder / "claims" / "decisions.jsonl").read_text("utf-8").splitlines()]
    assert [(one["kind"], one["who"], one["changes"]) for one in lines] == [
        ("confirm", "ana", {}),
        ("reject", "ana", {}),
        ("confirm", "ana", {"target": "Berg"}),
    ]
    assert lines[1]["because"] == "It tells of another year"
    again = run("review", "--case", folder, typed="q\n")
    assert again.exit_code == 0
    assert f"1 of {proposed - 3}" in again.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "cl-ffffffff"), "There is no 'cl-ffffffff' here"),
        (("confirm", "cl-ffffffff", "--because", "x"), "There is no"),
        (("add", "nowhere.txt"), "does not exist"),
        (("same-root", "doc-1", "--because", "x"), "There is no"),
    ],
)
def test_mistakes_are_said_without_a_trace(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    """What does not exist is one sentence, and decides nothing."""
    result = run(*arguments, "--case", folder)
    assert isinstance(result.exception, WatchwordError)
    assert said in str(result.exception)
    assert not (folder / "claims" / "decisions.jsonl").exists()


def test_nothing_is_read_again_for_a_decision(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are read once; a decision makes the tables anew from what was kept."""
    documents(folder)

    def never(*_: object) -> None:
        raise AssertionError("a document was read again")

    monkeypatch.setattr("watchword.claims.reading.read_document", never)
    write(folder)
    assert len(told("--case", folder)) >= 1


@pytest.mark.parametrize("name", ["", *claims.commands])
def test_every_verb_explains_itself(name: str) -> None:
    """The help of each verb says in a sentence what it is for, and takes --json."""
    result = run(*filter(None, (name,)), "--help")
    assert result.exit_code == 0
    assert "--json" in result.output
    assert "--case" in result.output
