"""The verbs of attribution: what they list and show, and what a person says is kept, weighed and found again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from tests.linked_case import ANA, BEN, CLEO, LIV, acquaintance, key, linked, mail
from tests.small_case import ask
from watchword import tables
from watchword.attribute import kept
from watchword.case import Case
from watchword.cli_attribute import attribute
from watchword.cli_errors import Verbs
from watchword.connect.rows import table
from watchword.engine import store
from watchword.tables import Actor, ActorFact, Hit

BAIT = "The minutes lie at https://board.harvest-papers.example/{0} and wait for your name."
FIRST = mail(1, "Kay <kay@first-desk.example>", ANA, BAIT.format("a"), "Minutes")
SECOND = mail(2, "Lee <lee@second-desk.example>", BEN, BAIT.format("b"), "Draft")
THIRD = mail(3, "Max <max@third-desk.example>", CLEO, BAIT.format("c"), "Vote")
NAME = f"op-{key(FIRST)[:8]}"
SOURCE = ("--grade", "B2", "--source", "Mail provider")
EXHIBIT = (
    "--hypothesis",
    "apt90",
    "--likelihood",
    "strong",
    *SOURCE,
    *("--forgeable", "holder", "--says", "The account was entered from a rented server."),
)
BECAUSE = ("--because", "Two providers say so")
VERBS = Verbs("watchword", commands={"attribute": attribute})


def run(*arguments: str | Path) -> Result:
    """Run a verb of this group."""
    result = CliRunner().invoke(VERBS, ["attribute", *map(str, arguments)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with one operation and two actors, of whom one is said to use its domain."""
    boxes = {ANA: [*acquaintance(ANA, LIV), FIRST], BEN: [SECOND], CLEO: [THIRD]}
    made = linked(tmp_path_factory.mktemp("attribute"), boxes, [FIRST])
    store(made, "actors", table("actors", [Actor(f"apt{n}", f"APT {n}", "watchword", "", "state") for n in (90, 91)]))
    fact = ActorFact("apt90", "host", "board.harvest-papers.example", "Lab One", "Report", None, "B2")
    store(made, "actor_facts", table("actor_facts", [fact]))
    hit = Hit(key(FIRST), NAME, "host", fact.value, True, "", "apt90", "Lab One", None, "")
    store(made, "hits", table("hits", [hit]))
    for name in tables.ATTRIBUTION:
        store(made, name, tables.schema(name).empty_table())
    return made.path


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    """A copy of the case, to say something about."""
    return Path(shutil.copytree(made, tmp_path / "case"))


def told(*arguments: str | Path) -> Any:  # noqa: ANN401  # JSON
    """Run a verb and give its JSON."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_operations_are_listed_with_likelihood_and_confidence_apart(case: Path) -> None:
    """One line each; likelihood and confidence are two sentences, and nobody is named on one public report."""
    (one,) = told("--case", case)
    assert (one["operation"], one["messages"], one["hypothesis"]) == (NAME, 3, "")
    assert "onfidence" not in one["likelihood"]
    said = run("--case", case).output
    assert said.startswith(f"  1  {NAME}  3 messages  Nobody is named")
    assert f"Confidence: {one['confidence']}." in said


def test_an_operation_is_shown_with_hypotheses_in_rows(case: Path) -> None:
    """Each hypothesis has a row, each exhibit a column; for, against, missing, and on what it hangs; no link opens."""
    said = run("show", "1", "--case", case).output
    rows = [line.split("  ")[0] for line in said.splitlines()]
    assert {"apt90", "imitator of apt90", "unknown-actor", "other-state", "crime", "hired", "insider"} <= set(rows)
    for part in ("E1", "For apt90:", "Against apt90", "This hangs on", "Missing, the most telling first:"):
        assert part in said
    assert "board[.]harvest-papers[.]example" in said
    assert "harvest-papers.example" not in said
    shown = told("show", NAME, "--case", case)
    assert len(shown["hypotheses"]) == 7
    assert shown["attributions"][0]["abstains"] is True
    assert shown["exhibits"][0]["imitable"] is True


def test_hypotheses_are_fixed_with_time_and_digest(case: Path) -> None:
    """What was fixed is kept with every prior; it stays when more is said, and the tables show its digest."""
    fixed = told("fix", NAME, "--actor", "APT 91", "--also", "a domestic rival", "--unknown", "0.5", "--case", case)
    assert {"apt91", "imitator of apt91", "a domestic rival"} <= set(fixed["hypotheses"])
    rows = ask(case, "select hypothesis, digest, prior, fixed from hypotheses")
    assert {digest for _, digest, _, _ in rows} == {fixed["digest"]}
    assert {name: share for name, _, share, _ in rows}["unknown-actor"] == pytest.approx(0.5)
    assert all(when for *_, when in rows)
    (record,) = kept.read(Case(case)).fixed
    assert set(record.about.messages) == {key(FIRST), key(SECOND), key(THIRD)}


def test_an_exhibit_is_added_weighed_and_withdrawn(case: Path) -> None:
    """It counts at once, less by its grade; withdrawn it counts no more; both lines and the ledger keep it."""
    name = told("add", NAME, *EXHIBIT, "--hypothesis", "crime", "--likelihood", "against-slight", "--case", case)[
        "exhibit"
    ]
    rows = dict(ask(case, f"select hypothesis, counted from likelihoods where exhibit = '{name}'"))
    assert 5.5 < rows["apt90"] < 6.7
    assert -1 < rows["crime"] < 0
    assert run("withdraw", name, *BECAUSE, "--case", case).exit_code == 0
    assert ask(case, f"select count(*) from exhibits where exhibit = '{name}'") == [(0,)]
    assert "withdrawn already" in run("withdraw", name, *BECAUSE, "--case", case).output
    lines = (case / kept.FILE).read_text("utf-8").splitlines()
    assert [json.loads(line)["record"] for line in lines] == ["exhibit", "withdrawn"]
    assert name in (case / "ledger.jsonl").read_text("utf-8")


def test_a_name_is_a_persons_decision_and_keeps_what_spoke_against_it(case: Path) -> None:
    """Rules that are not met are told and kept with the decision; the later decision counts."""
    said = run("decide", NAME, "apt90", *BECAUSE, "--by", "Ana", "--case", case).output
    assert "rules for naming an actor are not met" in said
    assert ask(case, "select decided, decided_because from attributions") == [("apt90", "Two providers say so")]
    (record,) = kept.read(Case(case)).decided
    assert record.rules
    assert record.about.by == "Ana"
    assert run("decide", NAME, "nobody", *BECAUSE, "--case", case).exit_code == 0
    assert ask(case, "select decided from attributions") == [("nobody",)]
    assert kept.read(Case(case)).decided[-1].rules == ()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "op-00000000"), "There is no operation op-00000000"),
        (("fix", NAME, "--actor", "nobody-knows"), "No actor nobody-knows is known"),
        (("fix", NAME, "--actor", "apt"), "Did you mean apt90, apt91?"),
        (("fix", NAME, "--also", "crime"), "is a hypothesis already"),
        (("fix", NAME, "--unknown", "0.1"), "0.2<=x<=0.95"),
        (("add", NAME, *EXHIBIT, "--hypothesis", "crime"), "its own --likelihood"),
        (("add", NAME, *EXHIBIT, "--grade", "Z9"), "no Admiralty code"),
        (("add", NAME, *EXHIBIT, "--says", " "), "--says is empty"),
        (("add", NAME, *EXHIBIT, "--says", "x" * 3_000), "longer than 2,000"),
        (("add", NAME, *EXHIBIT, "--kind", "guess"), "There is no kind guess"),
        (
            ("add", NAME, *EXHIBIT, "--hypothesis", "unknown-actor", "--likelihood", "slight"),
            "against an unknown actor",
        ),
        (("withdraw", "e-000000", *BECAUSE), "Nobody added an exhibit e-000000"),
        (("decide", NAME, "apt\x1b[31m", *BECAUSE), "No actor apt"),
        (("decide", NAME, "apt90"), "--because"),
        (("decide", NAME, "apt90", "--because", ""), "--because is empty"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(made: Path, arguments: tuple[str, ...], says: str) -> None:
    """A name, code or reason that cannot be taken is told, and nothing is kept."""
    result = run(*arguments, "--case", made)
    assert result.exit_code == 2
    assert says in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert not (made / kept.FILE).exists()


def test_a_hypothesis_out_of_scope_is_told(case: Path) -> None:
    """Once hypotheses were fixed, evidence does not bring in another by the back door."""
    told("fix", NAME, "--actor", "apt91", "--case", case)
    result = run("add", NAME, *EXHIBIT, "--case", case)
    assert result.exit_code == 2
    assert "not among the hypotheses that were fixed" in result.output


def test_a_damaged_record_is_told(case: Path) -> None:
    """A line that is no record ends the verb with a sentence that names file and line."""
    (case / kept.FILE).write_text("{}\n", "utf-8")
    result = run("decide", NAME, "nobody", *BECAUSE, "--case", case)
    assert result.exit_code == 2
    assert "Line 1 of" in result.output
    assert "it is evidence" in result.output


def test_the_tables_have_the_columns_that_are_declared(case: Path) -> None:
    """What is written opens as the tables say."""
    told("--case", case)
    for name in tables.ATTRIBUTION:
        file = case / "tables" / name / "all.parquet"
        assert pa.parquet.read_schema(file).names == tables.schema(name).names
