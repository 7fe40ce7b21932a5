"""Verdicts: which conversation comes first, how alone a message stands, and what later messages carry."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_case import ANA, ask, letter, letters, mbox, run
from watchword.context.service_words import service_words
from watchword.judge.weights import weights

STRANGER = "m.vogel84@gmail.com"
LURE = "Please sign in to read the draft, and tell nobody: https://docs-shared-view.online/p3?u=ana"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mailbox of two hundred letters, a persona who writes three times, and another who writes once."""
    folder = tmp_path_factory.mktemp("judge")
    persona = [
        letter(100.5, STRANGER, subject="A panel", text="Would you speak on our panel? I should need your number."),
        letter(102.5, STRANGER, subject="Re: A panel", text=LURE),
        letter(104.5, STRANGER, subject="Re: A panel", text="Did you have a moment?"),
    ]  # fmt: skip
    other = [
        letter(150.5, "claire.dun7@gmail.com", subject="Questions", text="Please sign in to read: https://bit.ly/x1")
    ]
    (folder / "ana.mbox").write_bytes(mbox(letters(200) + persona + other))
    run("investigate", folder / "ana.mbox", "--case", folder / "case", "--owner", ANA)
    return folder / "case"


def test_place_ranks_conversations_by_their_strongest_message(case: Path) -> None:
    """Messages of one conversation share a place; places follow the best probability times targeted."""
    rows = ask(case, "select conversation, place, probability * targeted from verdicts where rank is not null")
    best: dict[str, float] = defaultdict(float)
    place: dict[str, int] = {}
    for conversation, where, urgency in rows:
        best[conversation] = max(best[conversation], urgency)
        assert place.setdefault(conversation, where) == where
    ordered = sorted(best, key=lambda conversation: place[conversation])
    assert [place[conversation] for conversation in ordered] == list(range(1, len(ordered) + 1))
    assert all(best[a] >= best[b] for a, b in pairwise(ordered))


def test_alone_counts_what_is_at_least_as_suspicious_everywhere(case: Path) -> None:
    """`alone` is the count of directed anomaly scoring: messages no less suspicious in any group of findings."""
    ceilings = weights().ceilings
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for message, group, bits in ask(case, 'select message, "group", bits from findings where bits > 0'):
        sums[message][group] += bits
    received = [row[0] for row in ask(case, "select message from verdicts where rank is not null")]
    vectors = {one: [min(sums[one][name], ceiling) for name, ceiling in ceilings.items()] for one in received}
    counted = ask(case, "select message, alone from verdicts where alone is not null")
    assert counted
    for message, alone in counted:
        mine = vectors[message]
        others = [all(a >= b for a, b in zip(one, mine, strict=True)) for key, one in vectors.items() if key != message]
        assert alone == sum(others)


def test_a_personas_later_message_carries_what_was_seen_before(case: Path) -> None:
    """The last, harmless message of a persona bears the findings of the earlier ones, marked as carried."""
    rows = ask(case, f"""select detector from findings join messages using (message)
        where from_address = '{STRANGER}' and text_length < 30 and carried""")  # fmt: skip
    assert {"link-service-words", "asks-sign-in"} <= {row[0] for row in rows}


def test_a_budget_counts_conversations(case: Path, tmp_path: Path) -> None:
    """With room for one conversation in all, every alert of it is chosen, and none of another."""
    chosen = ask(case, "select distinct place from verdicts where chosen")
    assert chosen == [(1,)] or len(chosen) > 1
    run("judge", "--case", case, "--budget", "0.01/week")
    assert {row[0] for row in ask(case, "select place from verdicts where chosen")} <= {1}
    run("judge", "--case", case)
    assert ask(case, "select distinct place from verdicts where chosen") == chosen


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("docs-shared-view.online", ["docs", "shared", "view"]),
        ("daemonmailer.co", ["daemon", "mailer"]),
        ("larkfield-docs.example", []),
        ("docs.example", []),
        ("", []),
    ],
)
def test_names_made_of_service_words(domain: str, words: list[str]) -> None:
    """A name counts only if two or more words of services spell all of it."""
    assert service_words(domain) == words


@given(st.text(alphabet="abcdefgilmnoprstuvw-.", max_size=80))
def test_service_words_spell_the_whole_label(domain: str) -> None:
    """Whatever the label, the words given are it, hyphens left out, or there are none."""
    found = service_words(domain)
    assert not found or "".join(found) == domain.partition(".")[0].replace("-", "")
