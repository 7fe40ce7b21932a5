"""The verbs for indicators: from a file or a pipe without a case, and what of a case is named publicly."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from tests.linked_case import ANA, LIV, acquaintance, key, linked, mail
from watchword import tables
from watchword.case import Case
from watchword.cli_errors import Verbs
from watchword.cli_indicators import indicators
from watchword.engine import store

TEXT = "The mail was sent from kay@harvest-papers[.]example to people at larkfield.example.\n"
MAIL = mail(1, "Kay <kay@harvest-papers.example>", ANA, "Sign at https://board.harvest-papers.example/in today.")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with one letter from a stranger, and an actor of whom its domain was known before."""
    case = linked(tmp_path_factory.mktemp("verbs"), {ANA: [*acquaintance(ANA, LIV), MAIL]}, [MAIL])
    put(case, "harvest-papers.example", datetime(2026, 1, 5, tzinfo=UTC))
    return case.path


def put(case: Case, domain: str, published: datetime | None) -> None:
    """Let one actor be known for a domain."""
    row = {"actor": "grey-heron", "kind": "domain", "value": domain, "said_by": "A desk", "reference": "", "grade": ""}
    store(case, "actor_facts", pa.Table.from_pylist([row | {"published": published}], tables.schema("actor_facts")))


def run(*arguments: str | Path, given: str = "") -> tuple[int, str]:
    """Run a verb; give how it ended and what it printed."""
    group = Verbs("watchword", commands={"indicators": indicators})
    result = CliRunner().invoke(group, ["indicators", *map(str, arguments)], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_find_reads_a_file_without_a_case(tmp_path: Path) -> None:
    """Each indicator has its line: role, kind, value that no program makes a link of, as printed, and why."""
    file = tmp_path / "report.txt"
    file.write_text(TEXT)
    code, said = run("find", file)
    assert code == 0
    assert "attacker address kay@harvest-papers[.]example" in said
    assert "“sent from” stands before it." in said
    assert "victim   domain  larkfield[.]example" in said
    assert "2 places: 1 attacker, 1 victim." in said
    code, said = run("find", file, "--role", "victim", "--json")
    (one,) = json.loads(said)["indicators"]
    assert (one["kind"], one["value"], one["role"]) == ("domain", "larkfield.example", "victim")
    assert TEXT[one["start"] : one["stop"]] == one["printed"] == "larkfield.example"


def test_find_reads_what_is_piped_in_and_knows_the_publisher(tmp_path: Path) -> None:
    """A dash is what is piped in; the publisher's own domain is the vendor's."""
    del tmp_path
    code, said = run("find", "-", "--publisher", "https://harvest-papers.example/", "--json", given=TEXT)
    assert code == 0
    assert [one["role"] for one in json.loads(said)["indicators"]] == ["vendor", "victim"]
    assert run("find", "-", given="Nothing here.") == (0, "Nothing was found.\n")


def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path) -> None:
    """A file that is not there, and a folder that is no case: no traceback."""
    for arguments in (
        ("find", tmp_path / "none.txt"),
        ("find", tmp_path),
        ("--case", tmp_path),
        ("hits", "--case", tmp_path),
    ):
        code, said = run(*arguments)
        assert code != 0
        assert "Traceback" not in said
        assert said.strip()


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    """What a file says is printed with escapes."""
    file = tmp_path / "report.txt"
    file.write_text("It \x1b[31mimitates larkfield.example now.")
    assert "\x1b" not in run("find", file)[1]


def test_hits_say_since_when(made: Path) -> None:
    """What was public before the mail is told apart from what was named only after, or at an unknown time."""
    for published, words in (
        (datetime(2026, 1, 5, tzinfo=UTC), "public since 2026-01-05, before the mail came"),
        (datetime(2026, 9, 5, tzinfo=UTC), "public since 2026-09-05, after the mail came"),
        (None, "undated"),
    ):
        put(Case(made), "harvest-papers.example", published)
        code, said = run("hits", "--case", made)
        assert code == 0
        assert key(MAIL)[:12] in said
        assert f"domain harvest-papers[.]example: A desk names the same as grey-heron's, {words}." in said
    (told,) = json.loads(run("hits", "--case", made, "--json")[1])
    assert (told["kind"], told["value"], told["exact"], told["since"]) == (
        "domain",
        "harvest-papers.example",
        True,
        "undated",
    )
    put(Case(made), "other-papers.example", None)
    assert "Nothing in the mail" in run("hits", "--case", made)[1]


def test_a_case_without_reports_lists_none(made: Path) -> None:
    """Without a document there is nothing to list, and the verb says how to add one."""
    assert "watchword claims add FILE" in run("--case", made)[1]
    assert json.loads(run("--case", made, "--json")[1]) == []
