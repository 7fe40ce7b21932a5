"""Every verdict says how much earlier mail stood behind it, and what its tier stands for."""

import dataclasses
from pathlib import Path

import pytest

from tests.report_case import WEIGHTS, build, told
from tests.small_case import letters, mbox, report, run
from watchword.disclose.history import ENOUGH, span
from watchword.disclose.report_html import report_html
from watchword.disclose.tiers import tier_means
from watchword.judge.weights import weights


def investigated(folder: Path, count: int) -> Path:
    """Investigate a mailbox of so many letters."""
    (folder / "ana.mbox").write_bytes(mbox(letters(count)))
    assert run("investigate", folder / "ana.mbox", "--case", folder / "case").exit_code == 0
    return folder / "case"


def why(case: Path, number: int) -> str:
    """Give what `why` says of the letter with that number."""
    said = run("sql", f"select message from messages where subject = 'Letter {number}'", "--case", case, "--json")
    return run("why", said.output.split('"')[3], "--case", case).output


def test_forty_messages_are_too_few(tmp_path: Path) -> None:
    """In a mailbox of 40 messages the report and `why` say that it is too few, and what is silent for that reason."""
    case = investigated(tmp_path, 40)
    (gap,) = [gap for gap in report(case)["gaps"] if gap["kind"] == "little-history"]
    assert f"holds only 40 messages, fewer than the {ENOUGH} that it takes to say what is usual: " in gap["what"]
    assert "detectors that compare with it said nothing, and whoever is called a stranger" in gap["what"]
    assert report(case)["owners"][0]["enough"] is None
    assert f"Judged against 30 earlier messages of this mailbox (4 weeks), fewer than the {ENOUGH}" in why(case, 30)
    said = why(case, 30).partition("These compare with it and said nothing: ")[2].partition("\n")[0]
    assert "A known sender is out of character in several ways" in said
    assert "Judged against no earlier message of this mailbox" in why(case, 0)


def test_from_a_day_on_there_is_enough(tmp_path: Path) -> None:
    """In a longer mailbox the report says from when on there was enough; `why` says less of what came before that."""
    case = investigated(tmp_path, ENOUGH + 20)
    assert not [gap for gap in report(case)["gaps"] if gap["kind"] == "little-history"]
    assert report(case)["owners"][0]["enough"].startswith("2024-06-09")
    assert f"Judged against {ENOUGH + 10} earlier messages of this mailbox (4 months)." in why(case, ENOUGH + 10)
    assert "that it takes to say what is usual" in why(case, ENOUGH - 10)


def test_a_false_date_makes_no_mailbox_old(tmp_path: Path) -> None:
    """One message dated 1990 among 300 does not make the history reach back to it."""
    old = letters(1)[0].replace(b"2024", b"1990").replace(b"Fri, ", b"")
    (tmp_path / "ana.mbox").write_bytes(mbox([old, *letters(300)]))
    assert run("investigate", tmp_path / "ana.mbox", "--case", tmp_path / "case").exit_code == 0
    assert "Judged against 201 earlier messages of this mailbox (7 months)." in why(tmp_path / "case", 200)


@pytest.mark.parametrize(
    ("days", "said"),
    [(0.6, "1 day"), (12, "12 days"), (30, "4 weeks"), (120, "4 months"), (731, "2 years"), (365, "12 months")],
)
def test_spans_in_words(days: float, said: str) -> None:
    """A stretch of time is said in the unit that fits it."""
    assert span(days) == said


def test_the_page_says_both_to_the_reader() -> None:
    """The page says for each conversation what it was judged against, and for each mailbox since when it is enough."""
    page = report_html(told(build(owners=1)))
    assert "earlier messages of this mailbox" in page
    assert "Enough history from" in page
    assert 'data-label="enough history from">never</td>' in page


def test_tiers_are_told_in_measured_figures() -> None:
    """What a tier stands for follows the weights: the thresholds, and the share of honest mail that they allow."""
    assert tier_means("attack", WEIGHTS).startswith("probability of 80 in 100 or more, which no honest message")
    assert "30 in 100 or more, which at most 1 in 2,000 honest" in tier_means("suspicious", WEIGHTS)
    assert "1 in 100 of those written to look like attacks" in tier_means("suspicious", WEIGHTS)
    other = dataclasses.replace(WEIGHTS, honest=0.001, suspicious=0.1)
    assert "10 in 100 or more, which at most 1 in 1,000 honest" in tier_means("suspicious", other)


def test_the_shipped_weights_say_their_share_of_false_alarms() -> None:
    """`weights.toml` holds the shares of honest mail and of twins that its threshold was set to."""
    shipped = weights()
    assert 0 < shipped.honest <= 0.001
    assert 0 < shipped.twins <= 0.1


def test_the_page_explains_each_tier_once() -> None:
    """Every tier that occurs is explained on the page, once, and so is severity."""
    answer = told(build(owners=1))
    page = report_html(answer)
    judged = {one.tier for one in answer.counts.tiers}
    assert {"attack", "quiet"} < judged
    for tier in answer.tiers:
        assert page.count(f"{tier.title}</dt><dd>{tier.means}.") == (tier.tier in judged)
    assert page.count("not how likely it is one") == 1
