"""What methods are compared by is right: dominance, words, thresholds, places, chances; shown on made-up scores."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cases import Judged
from bench.comparison_tables import Table
from bench.measures import Method, alerts, calibration, key, limit, placed
from bench.peers.anomaly import as_suspicious
from bench.peers.filters import Filter, Kept, asked, cleaned
from bench.peers.words import Words, bag
from bench.reliability import plot

MONDAY = datetime(2021, 1, 4, 9, tzinfo=UTC)


def row(message: str, label: str = "ham", **other: str) -> Judged:
    """One judged message, near no other."""
    told = {
        "corpus": "list",
        "split": "dev",
        "conversation": message,
        "day": "0",
        "scenario": "",
        "operation": "",
    } | other
    return Judged(
        told["corpus"], message, "ann@example.org", label, told["split"], message, told["operation"], told["scenario"],
        0.0, 0.0, 0.0, (), told["conversation"], MONDAY + timedelta(days=float(told["day"])), 0,
    )  # fmt: skip


def scored(rows: Sequence[Judged], scores: Sequence[float], chance: bool = False) -> Method:
    """A method that gave these scores."""
    found = {key(one): score for one, score in zip(rows, scores, strict=True)}
    return Method("made up", found, found, chance)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=60))
def test_dominance_is_what_comparing_each_with_each_gives(points: list[tuple[int, ...]]) -> None:
    """For each point the others that are at least as high in every dimension are counted, equal ones included."""
    by_hand = [sum(all(b >= a for a, b in zip(one, other, strict=True)) for other in points) - 1 for one in points]
    assert as_suspicious(np.array(points, dtype=np.float64)).tolist() == by_hand


def test_dominance_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many comparisons are made at a time does not change what is counted."""
    points = np.random.default_rng(1).integers(0, 50, (300, 3)).astype(np.float64)
    whole = as_suspicious(points).tolist()
    monkeypatch.setattr("bench.peers.anomaly.CHUNK", 700)
    assert as_suspicious(points).tolist() == whole


def some_mail(planted: bool) -> tuple[list[Judged], list[str]]:
    """Honest and hostile letters of the same random words; hostile ones name a topic of their own, if planted."""
    chance = np.random.default_rng(3)
    words = [f"word{number}" for number in range(40)]
    rows, texts = [], []
    for number in range(240):
        hostile = number % 2 == 0
        rows.append(row(f"m{number}", "attack" if hostile else "ham"))
        texts.append(" ".join([*chance.choice(words, 12), "interview" if hostile and planted else "lunch"]))
    return rows, texts


def test_words_learn_a_planted_word() -> None:
    """A word that only hostile mail has tells letters apart that the model has not seen."""
    rows, texts = some_mail(planted=True)
    model = Words.fitted(rows, [bag(text) for text in texts])
    new = [row("new1", split="val"), row("new2", split="val")]
    seen, unseen = model.scores(new, [bag("word1 word2 interview"), bag("word1 word2 lunch")])
    assert seen > 100 * unseen


def test_words_learn_nothing_from_noise() -> None:
    """Where words tell nothing, mail that was fitted on is not told apart: a model that has not seen it scores it.

    One that has seen it knows it by heart.
    """
    rows, texts = some_mail(planted=False)
    counts = [bag(text) for text in texts]
    model = Words.fitted(rows, counts, penalty=1e-7)
    hostile = np.array([one.label == "attack" for one in rows])

    def area(of: Sequence[Judged]) -> float:
        scores = np.array(model.scores(of, counts))
        return float(np.mean(scores[hostile][:, None] > scores[~hostile][None, :]))

    assert 0.35 < area(rows) < 0.65
    assert area([row(f"strange{number}") for number in range(len(rows))]) > 0.9


@given(
    st.dictionaries(
        st.sampled_from("abc"), st.lists(st.integers(0, 9).map(float), min_size=1, max_size=40), min_size=1
    ),
    st.sampled_from([0.001, 0.05, 0.2]),
)
def test_the_threshold_keeps_its_promise_and_is_the_lowest(honest: dict[str, list[float]], rate: float) -> None:
    """No corpus alone has more alerts than the rate allows; a little lower, some corpus has."""

    def kept(threshold: float) -> bool:
        return all(sum(s > threshold for s in scores) <= len(scores) * rate for scores in honest.values())

    threshold = limit(honest, rate)
    assert kept(threshold)
    assert not kept(threshold - 0.5)


def test_of_a_small_corpus_none_may_alert() -> None:
    """Twenty messages allow no alert at one in 1,000, however high one of them scores."""
    assert limit({"small": [*[0.1] * 19, 0.9], "large": [0.2] * 5000}, 1 / 1000) == 0.9


def test_a_conversation_takes_one_place() -> None:
    """Five loud messages of one conversation leave the second place of the week to another; by message they do not."""
    rows = [row(f"a{number}", conversation="a") for number in range(5)] + [row("b"), row("c", day="7")]
    method = scored(rows, [0.9, 0.8, 0.8, 0.7, 0.6, 0.5, 0.1])
    assert placed(method, rows) == {"a0": 1, "a1": 1, "a2": 1, "a3": 1, "a4": 1, "b": 2, "c": 1}
    assert placed(method, rows, by_message=True)["b"] == 6


def test_a_later_message_does_not_lend_its_place() -> None:
    """A quiet opening has the place that it had alone, though the same conversation is loud later in the week."""
    rows = [row("opening", conversation="a"), row("other"), row("lure", conversation="a", day="2")]
    assert placed(scored(rows, [0.2, 0.5, 0.9]), rows) == {"opening": 2, "other": 2, "lure": 1}


def test_alerts_are_counted_for_each_corpus_alone() -> None:
    """What exceeds the threshold is counted, what equals it is not; a message without a score is left out."""
    rows = [row("a"), row("b"), row("c", corpus="other"), row("d", corpus="other")]
    found = alerts(scored(rows[:3], [0.5, 0.6, 0.9]), "rule", 0.5, rows)
    assert [(one.corpus, one.alerts, one.messages) for one in found] == [("list", 1, 2), ("other", 1, 1)]


def test_true_chances_have_no_calibration_error_and_false_ones_do() -> None:
    """Who says the base rate of all mail makes no error; who is sure of all hostile mail and of no other, none either;
    who is sure of honest mail errs by nearly one.
    """
    rows = [row(f"h{number}") for number in range(100)]
    bad = [row("x", "attack"), row("y", "mass")]
    rate = 1 / 2000
    ignorant = calibration(scored([*rows, *bad], [rate] * 102, True), rows, bad)
    assert ignorant.error == pytest.approx(0, abs=1e-9)
    assert ignorant.brier == pytest.approx(ignorant.brier_of_rate)
    sure = calibration(scored([*rows, *bad], [1e-7] * 100 + [1.0, 1.0], True), rows, bad)
    assert sure.error < 1e-6
    wrong = calibration(scored([*rows, *bad], [1.0] * 100 + [0.0, 0.0], True), rows, bad)
    assert wrong.error > 0.99
    assert wrong.brier > 0.99


def test_the_plot_shows_every_bin() -> None:
    """The plot is XML with a point for each bin and one for each corpus in the legend; 0 and 1 lie inside."""
    rows, bad = [row(f"h{number}") for number in range(50)], [row("x", "attack"), row("y", "mass")]
    found = [
        calibration(scored([*rows, *bad], [1e-9] * 49 + [0.3, 0.0, 1.0], True), rows, bad),
        calibration(scored([*rows, *bad], [0.02] * 52, True), rows, bad),
    ]
    circles = ElementTree.fromstring(plot(found)).findall("{*}circle")  # noqa: S314  # we wrote it
    assert len(circles) == sum(len(one.bins) for one in found) + 1
    assert all(0 < float(one.get("cx", "")) < 800 and 0 < float(one.get("cy", "")) < 440 for one in circles)


def test_other_filters_verdicts_are_taken_out() -> None:
    """Verdict fields go with their folded lines, all else stays; what looks like one in the body stays, too."""
    data = (
        b"From: a@example.org\r\nX-Spam-Status: No, score=1\r\n\tfolded\r\nX-MS-Exchange-Organization-SCL: 5\r\n"
        b"Subject: x\r\nX-Microsoft-Antispam: BCL:0;\r\n\r\nX-Spam-Flag: YES\r\n"
    )
    assert cleaned(data) == b"From: a@example.org\r\nSubject: x\r\n\r\nX-Spam-Flag: YES\r\n"
    assert cleaned(b"X-Spam-Flag: YES\n\nbody") == b"\nbody"


def test_scores_are_kept_and_failures_do_not_flag(tmp_path: Path) -> None:
    """What a program said is there in the next run; what it cannot judge scores lowest."""

    def ask(_port: int, data: bytes) -> float:
        if data == b"broken":
            raise ValueError
        return float(len(data))

    program = Filter("made-up", "true", lambda _folder, _port: [], lambda _folder, _port: {}, ask)
    kept = Kept.of(program, tmp_path)
    kept.add(asked(program, 0, {"a": b"four", "b": b"broken"}))
    assert Kept.of(program, tmp_path).scores == {"a": 4.0, "b": -math.inf}


def test_tables_are_aligned() -> None:
    """Columns begin at the same place in every line of a plain table, and Markdown has as many cells in each."""
    table = Table("Title", "", ["method", "found"], [["a", "1/2"], ["longer name", "2/2"]])
    assert (
        len({line.index(cell) for line, cell in zip(table.plain().splitlines()[4:], ("1/2", "2/2"), strict=True)}) == 1
    )
    assert {line.count("|") for line in table.markdown().splitlines()[2:]} == {3}
