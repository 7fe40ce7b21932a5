"""The fit of the weights keeps its promises, shown on made-up judged mail."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.cases import Judged
from bench.fitting import WORDS, Fitted, Mail, Settings, fitted, folds, limited, threshold
from bench.operations.scenarios import scenarios
from bench.weights import content
from watchword.judge.detector import detectors
from watchword.judge.weights import weights

ROW = Judged(
    "", "", "ana@campaign.example", "", "dev", "", "", "", 0, 0, 0, (), "", datetime(2026, 1, 1, tzinfo=UTC), 0
)
COMMON, ONE_HAND, HONEST = "sender-lookalike", "link-shortened", "long-known"  # how they are used here


def made_up() -> list[Judged]:
    """Honest mail of two corpora, mass mail, and operations by two hands with their twins.

    `COMMON` fires in attacks of both hands, `ONE_HAND` in those of the first alone, `HONEST` in half of honest mail.
    """
    by_hand: dict[str, str] = {}
    for one in scenarios():
        by_hand.setdefault(one.hand, one.id)
    hands = sorted(by_hand)[:2]
    rows = []
    for corpus in ("calm", "loud"):
        for number in range(600):
            fired = ((HONEST,) if number % 2 else ()) + ((COMMON,) if number % 300 == 7 else ())
            key = f"{corpus}{number}"
            rows.append(replace(ROW, corpus=corpus, message=key, label="ham", cluster=key, detectors=fired))
    mass = replace(ROW, corpus="pot", label="mass", detectors=("service-name-elsewhere",))
    rows += [replace(mass, message=f"m{number}", cluster=f"m{number}") for number in range(60)]
    for hand in hands:
        for number in range(40):
            marks = (COMMON,) + ((ONE_HAND,) if hand == hands[0] else ())
            for label, fired in (("attack", marks), ("twin", (HONEST,) if number % 2 else ())):
                rows.append(replace(ROW, corpus="box", message=f"{hand}{number}{label}", label=label, detectors=fired,
                                    operation=f"{hand}{number}-{label}", scenario=by_hand[hand]))  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def fit() -> tuple[Mail, Fitted]:
    """Fit the made-up mail."""
    mail = Mail(made_up(), detectors(), Settings(copies=2))
    return mail, fitted(mail)


def test_no_weight_speaks_against_its_group(fit: tuple[Mail, Fitted]) -> None:
    """What speaks for an attack weighs nothing or more, what speaks for honest mail nothing or less."""
    mail, found = fit
    for one, bits in zip(mail.detectors, found.learned.bits, strict=True):
        assert (bits <= 0) if one.group == "known" else (bits >= 0), one.name
    assert found.learned.bits[mail.column[COMMON]] > 2
    assert found.learned.bits[mail.column[HONEST]] < -0.5


def test_what_one_hand_alone_shows_does_not_help_it_unseen(fit: tuple[Mail, Fitted]) -> None:
    """A mark that only one hand's attacks bear adds nothing to their unseen scores: that fit never saw it."""
    mail, found = fit
    apart = {number: mail.learn(mail.fold != number) for number in np.unique(mail.fold)}
    marked = next(number for number, row in enumerate(mail.rows) if ONE_HAND in row.detectors)
    assert apart[mail.fold[marked]].bits[mail.column[ONE_HAND]] == pytest.approx(0, abs=0.01)
    assert found.learned.bits[mail.column[ONE_HAND]] > 0.5


def test_words_alone_never_reach_an_alert(fit: tuple[Mail, Fitted]) -> None:
    """The ceilings of the groups of words together stay below the threshold."""
    _, found = fit
    words = sum(found.learned.ceilings[name] for name in WORDS)
    assert found.prior + found.slope * words < found.suspicious <= found.attack


def test_what_is_written_can_be_read(fit: tuple[Mail, Fitted]) -> None:
    """The file says the weights, thresholds and counts that were fitted; what fired on nothing is not in it."""
    mail, found = fit
    read = weights(content(mail, found))
    assert read.detectors[COMMON].bits == pytest.approx(found.learned.bits[mail.column[COMMON]], abs=0.006)
    assert "attacks 80/80" in read.detectors[COMMON].measured
    assert "parcel-waits" not in read.detectors
    assert read.suspicious <= read.attack


def test_an_operation_stays_in_one_fold() -> None:
    """All messages of a hand share a fold, and no two hands do."""
    rows = made_up()
    of_hand: dict[str, set[int]] = {}
    for row, fold in zip(rows, folds(rows), strict=True):
        if row.operation:
            of_hand.setdefault(row.scenario, set()).add(int(fold))
    assert sorted(of_hand.values()) == [{0}, {1}]


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=60), st.sampled_from([0.0, 0.05, 0.5]))
def test_threshold_allows_so_many_of_each_corpus(scores: list[float], share: float) -> None:
    """Of no honest corpus more than the share reaches it; one message of an operation makes an alarm of it."""
    rows = [replace(ROW, corpus="calm", message=str(number), label="ham") for number in range(len(scores))]
    least = threshold(rows, np.array(scores), share, 1.0)
    assert sum(score >= least for score in scores) <= share * len(scores)
    twins = [
        replace(ROW, corpus="box", message=str(n), label="twin", operation=str(n // 2)) for n in range(len(scores))
    ]
    least = threshold(twins, np.array(scores), 0.0, share)
    alarmed = {row.operation for row, score in zip(twins, scores, strict=True) if score >= least}
    assert len(alarmed) <= share * len({row.operation for row in twins})


@given(st.floats(0, 9), st.floats(0, 9), st.floats(0, 20))
def test_words_are_limited_together(request_bits: float, form_bits: float, words: float) -> None:
    """The two groups of words keep their proportion and never exceed what they may have together."""
    found = limited({"request": request_bits, "form": form_bits, "link": 5.0}, words)
    assert found["link"] == 5.0
    assert found["request"] + found["form"] <= max(words, 0) + 1e-9 or found["request"] == request_bits
