"""The verbs for operations: what they list and show, and what a person decides holds in every later run."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.linked_case import ANA, BEN, CLEO, LIV, acquaintance, key, linked, mail
from tests.small_case import ask, run
from watchword.case import Case

BAIT = "The minutes lie at https://board.harvest-papers.example/{0} and wait for your name."
FIRST = mail(1, "Kay <kay@first-desk.example>", ANA, BAIT.format("a"), "Minutes")
SECOND = mail(2, "Lee <lee@second-desk.example>", BEN, BAIT.format("b"), "Draft")
THIRD = mail(3, "Max <max@third-desk.example>", CLEO, BAIT.format("c"), "Vote")
OTHER = mail(4, "Noa <noa@other-house.example>", CLEO, "Send me the list of names by Friday, please.", "List")
FRIEND = mail(5, LIV, ANA, "I am in your office tomorrow at ten.", "Tomorrow")
OWN = mail(6, ANA, LIV, "Come at eleven.", "Re: Tomorrow", sent=True)
NAME = f"op-{key(FIRST)[:8]}"
BECAUSE = ("--because", "He told me on the phone")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with one operation of three messages and a message that stands alone."""
    boxes = {ANA: [*acquaintance(ANA, LIV), FIRST, FRIEND, OWN], BEN: [SECOND], CLEO: [THIRD, OTHER]}
    return linked(tmp_path_factory.mktemp("verbs"), boxes, [FIRST, OTHER]).path


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    """A copy of the case, to decide something about."""
    return Path(shutil.copytree(made, tmp_path / "case"))


def told(*arguments: str | Path) -> Any:  # noqa: ANN401  # JSON
    """Run a verb and give its JSON."""
    result = run("operations", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def held(folder: Path) -> set[frozenset[str]]:
    """Give the operations as sets of messages."""
    rows = ask(folder, "select list(distinct message) from members group by operation")
    return {frozenset(messages) for (messages,) in rows}


def test_operations_are_listed(made: Path) -> None:
    """Those of several messages have a line each, those of one are counted; JSON has every one."""
    said = run("operations", "--case", made).output
    assert f"{NAME}  3 messages to 3 mailboxes, 2026-03-03 to 2026-03-05, from kay@first-desk.example" in said
    assert "1 operation of several messages, 1 message stands alone." in said
    listed = told("--case", made)
    assert [(one["number"], one["messages"]) for one in listed] == [(1, 3), (2, 1)] or [
        (one["number"], one["messages"]) for one in listed
    ] == [(1, 1), (2, 3)]
    assert {one["operation"] for one in listed} == {NAME, f"op-{key(OTHER)[:8]}"}


def test_an_operation_is_shown_by_id_beginning_or_number(made: Path) -> None:
    """Members, reasons with bits, and what it hangs on, in words no program makes a link of; the same as JSON."""
    said = run("operations", "show", NAME, "--case", made).output
    assert f"{key(FIRST)[:12]}  2026-03-03 09:00  judged" in said
    assert "board[.]harvest-papers[.]example" in said
    assert "On what it hangs:" in said
    assert "harvest-papers.example" not in said
    number = {one["operation"]: one["number"] for one in told("--case", made)}[NAME]
    for name in (NAME[:8], NAME.removeprefix("op-"), str(number)):
        assert run("operations", "show", name, "--case", made).output == said
    shown = told("show", NAME, "--case", made)
    assert [one["message"] for one in shown["members"]] == [key(FIRST), key(SECOND), key(THIRD)]
    assert shown["weakest"]["messages"]
    assert all(one["counted"] > 0 and one["sentence"].endswith(".") for one in shown["ties"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "op-00000000"), "There is no operation op-00000000"),
        (("show", "99"), "There is no operation 99"),
        (("show", "op-\x1b[31m\u202eevil"), "There is no operation"),
        (("join", NAME, "ffffffff", *BECAUSE), "There is no message ffffffff"),
        (("join", "op-00000000", NAME, *BECAUSE), "There is no operation op-00000000"),
        (("join", NAME, NAME, *BECAUSE), "already"),
        (("join", NAME, key(SECOND), *BECAUSE), "already"),
        (("join", NAME, key(OWN), *BECAUSE), "owner's own mail"),
        (("join", NAME, key(OTHER)), "--because"),
        (("part", NAME, key(OTHER), *BECAUSE), f"{key(OTHER)[:12]} is not in {NAME}"),
        (("part", NAME, key(FIRST), key(SECOND), key(THIRD), *BECAUSE), "all of its messages"),
        (("part", NAME, *BECAUSE), "MESSAGES"),
        (("part", NAME, key(FIRST)), "--because"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(made: Path, arguments: tuple[str, ...], says: str) -> None:
    """A name that is not there, what belongs already or cannot, and a missing reason: nothing is decided."""
    result = run("operations", *arguments, "--case", made)
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert not Case(made).groupings()


def test_no_case_and_nothing_judged_are_said_in_a_sentence(tmp_path: Path) -> None:
    """Where there is no case, or one without mail, the verbs say so and what to do."""
    for verb in (("operations",), ("operations", "show", "1"), ("connect",)):
        assert "is not a case" in run(*verb, "--case", tmp_path / "nothing").output
        Case.create(tmp_path / "empty")
        result = run(*verb, "--case", tmp_path / "empty")
        assert result.exit_code == 3, result.output
        assert "watchword investigate" in result.output


def test_who_is_taken_out_stays_out_and_can_be_put_back(case: Path) -> None:
    """A part holds in every later run, against what the messages share; a later join undoes it, and both are kept."""
    assert keys(FIRST, SECOND, THIRD) in held(case)
    parted = told("part", NAME, key(THIRD)[:10], *BECAUSE, "--case", case)
    assert (parted["messages"], set(parted["others"])) == ([key(THIRD)], set(keys(FIRST, SECOND)))
    for _ in range(2):
        assert run("connect", "--case", case).exit_code == 0
        assert held(case) == {keys(FIRST, SECOND), keys(OTHER)} | ({keys(THIRD)} & held(case))
    assert run("operations", "join", NAME, key(THIRD), *BECAUSE, "--case", case).exit_code == 0
    assert run("connect", "--case", case).exit_code == 0
    assert held(case) == {keys(FIRST, SECOND, THIRD), keys(OTHER)}
    assert [one.grouping for one in Case(case).groupings()] == ["apart", "together"]
    assert {one.because for one in Case(case).groupings()} == {BECAUSE[1]}
    verbs = [json.loads(line)["verb"] for line in (case / "ledger.jsonl").read_text().splitlines()]
    assert verbs[-4:] == ["connect", "connect", "operations join", "connect"]


def test_what_is_put_together_stays_together(case: Path) -> None:
    """Two operations that share nothing are one by a person's word, and so is a friend's mail; the report says so."""
    for other in (f"op-{key(OTHER)[:8]}", key(FRIEND)[:12]):
        result = run("operations", "join", NAME, other, *BECAUSE, "--case", case)
        assert result.exit_code == 0, result.output
        assert "3 and 1 message are one operation, you say." in result.output
    for _ in range(2):
        assert run("connect", "--case", case).exit_code == 0
        assert held(case) == {keys(FIRST, SECOND, THIRD, OTHER, FRIEND)}
    assert ask(case, "select by_person from operations") == [(True,)]
    assert ask(case, f"select role from members where message = '{key(FRIEND)}'") == [("decided",)]
    assert ("A person decided it.",) in ask(case, "select sentence from ties where kind = 'decided'")
    assert run("operations", "part", NAME, key(FRIEND), key(OTHER), *BECAUSE, "--case", case).exit_code == 0
    assert run("judge", "--case", case).exit_code == 0
    assert keys(FIRST, SECOND, THIRD) in held(case)


def keys(*messages: bytes) -> frozenset[str]:
    """Give the names of messages."""
    return frozenset(map(key, messages))
