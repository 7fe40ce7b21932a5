"""The score of found operations, against examples counted by hand."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from bench.linking.reach import connected, ways
from bench.linking.score import (
    BCubed,
    Pairs,
    Tie,
    b_cubed,
    hub_ties,
    main,
    over_merges,
    pairs,
    read_members,
    read_truth,
    score,
)
from bench.linking.world import Truth

# Two operations: A of three messages, B of two.
TRUTH = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B"}
# One found operation joins a1, a2 and b1; a3 stands alone, and so does b2, in an operation of its own.
FOUND = {"a1": "x", "a2": "x", "b1": "x", "b2": "y"}


def row(message: str, operation: str = "", *carries: str, organisation: str = "one", kind: str = "mutation") -> Truth:
    """A line of the truth."""
    return Truth(
        f"{message}@x.org", message, "box", "ana@one.org", organisation, "2026-01-05T08:00:00+00:00", operation,
        kind if operation else "", carries=carries, role="lure" if operation else "colleague",
    )  # fmt: skip


ROWS = [
    row("a1", "A", "ip:1.1.1.1", "text:t1"),
    row("a2", "A", "ip:1.1.1.1", "domain:bit.ly", organisation="two"),
    row("a3", "A", "text:t1", organisation="two"),
    row("b1", "B", "domain:bit.ly", kind="hub"),
    row("b2", "B", "ip:2.2.2.2", kind="hub", organisation="two"),
    row("h1"),
    row("h2"),
]


def test_b_cubed_is_what_the_hand_counts() -> None:
    """Precision and recall are means over messages of the shares counted by hand; one that is nowhere stands alone."""
    made = b_cubed(TRUTH, FOUND)
    assert made.precision == pytest.approx((2 / 3 + 2 / 3 + 1 + 1 / 3 + 1) / 5)
    assert made.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2) / 5)
    assert made.f == pytest.approx(2 * made.precision * made.recall / (made.precision + made.recall))


def test_perfect_and_empty_connections() -> None:
    """The truth itself scores 1 everywhere; connecting nothing has precision 1 and poor recall."""
    assert b_cubed(TRUTH, TRUTH) == BCubed(1.0, 1.0)
    assert pairs(TRUTH, TRUTH) == Pairs(4, 4, 4)
    nothing = b_cubed(TRUTH, {})
    assert nothing.precision == 1.0
    assert nothing.recall == pytest.approx((3 * (1 / 3) + 2 * (1 / 2)) / 5)
    assert pairs(TRUTH, {}) == Pairs(0, 4, 0)
    assert pairs(TRUTH, {}).precision == 1.0


def test_pairs_are_what_the_hand_counts() -> None:
    """a1-a2, a1-b1 and a2-b1 were put together and only the first belongs together, of four that do."""
    made = pairs(TRUTH, FOUND)
    assert made == Pairs(found=3, true=4, right=1)
    assert made.precision == pytest.approx(1 / 3)
    assert made.recall == 1 / 4


def test_pairs_across_groups_leave_out_those_within() -> None:
    """Only pairs of messages in different organisations are counted."""
    places = {"a1": "one", "a2": "two", "a3": "two", "b1": "one", "b2": "two"}
    # Together: a1-a2, a2-b1 (a1-b1 is within one). Belonging: a1-a2, a1-a3, b1-b2.
    assert pairs(TRUTH, FOUND, places) == Pairs(found=2, true=3, right=1)


def test_pairs_of_some_messages_leave_out_those_without() -> None:
    """For one type of operation, pairs with at least one of its messages count."""
    # Of B: together a1-b1, a2-b1; belonging b1-b2.
    assert pairs(TRUTH, FOUND, of=["b1", "b2"]) == Pairs(found=2, true=1, right=0)


def test_over_merges_name_operations_and_what_ties_them() -> None:
    """A found operation with messages of two true ones is listed with the kinds of the ties that cross between them."""
    ties = [Tie("a1", "a2", "ip"), Tie("a2", "b1", "domain"), Tie("a1", "b1", "subject"), Tie("b1", "a2", "domain")]
    (made,) = over_merges(TRUTH, FOUND, ties)
    assert made.found == "x"
    assert made.joined == (("A", 2), ("B", 1))
    assert made.evidence == (("domain", 2), ("subject", 1))


def test_a_tie_that_rests_on_a_hub_alone_is_found() -> None:
    """a2 and b1 share nothing but a shortener; a1 and a2 share a host of their own; h1 is not hostile."""
    rows = {one.sha256: one for one in ROWS}
    ties = [Tie("b1", "a2", "domain"), Tie("a1", "a2", "ip"), Tie("a1", "h1", "subject"), Tie("a3", "b2", "text")]
    found = FOUND | {"h1": "x"}
    (made,) = hub_ties(rows, found, ties, {"domain:bit.ly"})
    assert {made.message, made.other} == {"a2", "b1"}
    assert made.values == ("domain:bit.ly",)
    assert made.is_wrong
    assert hub_ties(rows, found, ties, set()) == []


def test_score_counts_wholes_kinds_and_honest_mail() -> None:
    """Honest messages count where they are in a found operation with a hostile one, also those the truth leaves out."""
    made = score(ROWS, FOUND | {"h1": "x", "h2": "z", "unknown": "y"})
    assert (made.messages, made.operations, made.whole) == (5, 2, 0)
    assert dict(made.honest) == {"colleague": 1, "not in the truth": 1}
    assert [kind for kind, _, _ in made.by_kind] == ["hub", "mutation"]
    assert made.by_kind[0][1].precision == pytest.approx((1 / 3 + 1) / 2)
    assert score(ROWS, TRUTH).whole == 2


def test_score_among_some_leaves_the_other_hostile_ones_out() -> None:
    """With the hostile messages given, only these count: a3 and b1 are neither missed nor wrong."""
    made = score(ROWS, FOUND, among={"a1", "a2", "b2"})
    assert made.b_cubed == BCubed(1.0, 1.0)
    assert (made.messages, made.operations, made.whole) == (3, 2, 2)


def test_members_in_two_operations_are_refused(tmp_path: Path) -> None:
    """A message cannot be in two operations: the error says which message, which operations and what to do."""
    table = tmp_path / "members.csv"
    table.write_text("message,operation\na1,x\na1,x\na2,y\n", encoding="utf-8")
    assert read_members(table) == {"a1": "x", "a2": "y"}
    table.write_text("message,operation\na1,x\na1,y\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a1 is in the operations x and y"):
        read_members(table)
    table.write_text("message,cluster\na1,x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column operation"):
        read_members(table)


def test_command_line_reads_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The truth survives its file, figures are printed and written; a missing file is said and gives 2."""
    lines = "".join(json.dumps(asdict(one)) + "\n" for one in ROWS)
    (tmp_path / "truth.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "hubs.json").write_text('{"values": ["domain:bit.ly"]}', encoding="utf-8")
    assert read_truth(tmp_path) == ROWS
    for name, head, listed in (
        ("members.csv", ("message", "operation"), list(FOUND.items())),
        ("ties.csv", ("message", "other", "kind", "family"), [("a2", "b1", "domain", "domain")]),
    ):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(head)
            table.writerows(listed)
    given = [str(tmp_path), str(tmp_path / "members.csv"), "--ties", str(tmp_path / "ties.csv")]
    assert main([*given, "--json", str(tmp_path / "score.json")]) == 0
    said = capsys.readouterr().out
    assert "hubs alone: 1, between operations 1" in said
    assert "over-merge x: A 2, B 1; by domain 1" in said
    assert json.loads((tmp_path / "score.json").read_text("utf-8"))["pair_precision"] == pytest.approx(1 / 3)
    assert main([str(tmp_path), str(tmp_path / "absent.csv")]) == 2
    assert "absent.csv" in capsys.readouterr().err


def test_reach_tells_hubs_from_evidence() -> None:
    """Whatever is shared joins both operations by the shortener; without hubs they stay apart."""
    everything = connected(ROWS, bool)
    assert everything["a1"] == everything["a2"] == everything["a3"] == everything["b1"] != everything["b2"]
    made = ways(ROWS, {"domain:bit.ly"})
    assert made["anything shared"].pairs.precision < 1
    assert made["anything but hubs, kits and what was copied"].pairs == Pairs(found=3, true=4, right=3)
    # Where the shortener counts as copied, it still deceives whoever leaves out only what is shared by service.
    assert ways(ROWS, {"domain:bit.ly"}, {"domain:bit.ly"})["anything but shared services"].pairs.precision < 1
    assert made["anything but shared services"].pairs.precision == 1
    # One text alone is one family: a3 stays out.
    assert made["of that, two families or one thing that is hard to forge"].pairs == Pairs(found=1, true=4, right=1)
