"""The ledger of claims: what is kept, what people decide, and that nothing of it is lost under other rules."""

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.case import Case
from watchword.claims.keep import Given, add, checked_grade, content, kept
from watchword.claims.ledger import (
    SETTABLE,
    WORDS,
    Decision,
    changed,
    checked,
    claim_id,
    decide,
    decided,
    decisions,
    grades,
    written,
)
from watchword.claims.propositions import standings, timeline
from watchword.errors import WatchwordError
from watchword.tables import Claim, Root

NOW = datetime(2024, 9, 1, 12, tzinfo=UTC)
CLAIM = Claim(
    claim="cl-00000001",
    document="doc-00000001",
    state="proposed",
    speaker="Northern Office",
    speaker_printed="the Office",
    capacity="on-record",
    act="attributes",
    proposition="accessed",
    target="Berg campaign",
    actor="Ostland",
    polarity="affirms",
    strength="confident",
    said=NOW,
    said_printed="on Sunday",
    published=NOW,
    evidence_offered="none",
    relies_on="",
    quote="the Office is confident that Ostland got in",
    start=100,
    stop=143,
    root="",
    grade="",
    because="",
)


def decision(kind: str, *claims: Claim, **changes: str) -> Decision:
    """Make a decision about claims."""
    return Decision(
        kind, tuple(one.claim for one in claims), "It says so", "ana", NOW.isoformat(), changes, claims=claims
    )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """An empty case."""
    return Case.create(tmp_path / "case")


def put(folder: Path, name: str, text: str) -> Path:
    """Write a file."""
    (folder / name).write_text(text, "utf-8")
    return folder / name


# ------------------------------------------------------------ documents


def test_the_same_bytes_twice_are_one_document(case: Case, tmp_path: Path) -> None:
    """A copy under another name adds no document, and what is said of it the second time counts."""
    one, other = put(tmp_path, "a.txt", "The Office said so."), put(tmp_path, "b.txt", "The Office said so.")
    first = add(case, [one], Given(publisher="Star"), NOW)
    second = add(case, [other], Given(published="2024-05-01", publisher="Evening Star"), NOW)
    assert first[0].document == second[0].document
    assert (first[0].was_there, second[0].was_there) == (False, True)
    (held,) = kept(case)
    assert held.given == Given(publisher="Evening Star", published="2024-05-01")
    assert held.path == str(one.resolve())
    assert content(held) == one.read_bytes()


def test_folders_and_archives_are_taken_apart(case: Case, tmp_path: Path) -> None:
    """Of a folder and of a ZIP in it every document is kept; what is none is said."""
    press = tmp_path / "press"
    press.mkdir()
    put(press, "one.md", "# One\n\nThe Office said so.")
    put(press, "notes.xyz", "?")
    with zipfile.ZipFile(press / "more.zip", "w") as archive:
        archive.writestr("in/two.html", "<html><body><p>The Office denied it.</p></body></html>")
    added = add(case, [press], Given(), NOW)
    assert sorted(Path(one.path.rpartition("!")[2]).name for one in added if one.document) == ["one.md", "two.html"]
    assert [Path(one.path).name for one in added if not one.document] == ["notes.xyz"]
    assert len(kept(case)) == 2


@pytest.mark.parametrize(
    ("name", "text", "given", "said"),
    [
        ("empty.txt", " \n", Given(), "is empty"),
        ("a.txt", "x", Given(published="soon"), "is no date"),
        ("a.txt", "x", Given(grade="G7"), "is no Admiralty code"),
    ],
)
def test_what_cannot_be_kept_is_said(case: Case, tmp_path: Path, name: str, text: str, given: Given, said: str) -> None:
    """An empty file, a date or a grade that is none are errors that say what to do, and keep nothing."""
    with pytest.raises(WatchwordError, match=said) as error:
        add(case, [put(tmp_path, name, text)], given, NOW)
    assert error.value.do
    assert kept(case) == []


def test_a_copy_that_was_changed_is_not_read(case: Case, tmp_path: Path) -> None:
    """Evidence that is not what was added is an error, not another document."""
    add(case, [put(tmp_path, "a.txt", "The Office said so.")], Given(), NOW)
    (held,) = kept(case)
    held.file.write_text("The Office said no such thing.", "utf-8")
    with pytest.raises(WatchwordError, match="digest"):
        content(held)
    held.file.unlink()
    with pytest.raises(WatchwordError, match="is gone"):
        kept(case)


# ------------------------------------------------------------ decisions


def test_a_decision_comes_back_as_it_was_made(case: Case) -> None:
    """Kind, ids, reason, person, time, changes and the claim as it stood are read back from the file."""
    made = [decision("confirm", CLAIM, target="Lindmark campaign", said="2024-08-31"), decision("reject", CLAIM)]
    made.append(Decision("grade", ("Northern Office",), "Was right", "ben", NOW.isoformat(), grade="B2"))
    for one in made:
        decide(case, one)
    assert decisions(case) == made
    assert len((case.path / "claims" / "decisions.jsonl").read_text("utf-8").splitlines()) == 3


@given(st.text(max_size=50), st.text(max_size=50), st.sampled_from(SETTABLE), st.text(max_size=20))
def test_any_words_of_a_claim_survive_the_file(quote: str, speaker: str, field: str, value: str) -> None:
    """Whatever a passage, a name or a value holds, it is read back as it was, and rejects nothing else."""
    import tempfile

    claim = replace(CLAIM, quote=quote, speaker=speaker)
    with tempfile.TemporaryDirectory() as folder:
        opened = Case.create(Path(folder) / "case")
        try:
            made = decision("confirm", claim, **{field: checked(field, value)})
        except WatchwordError:
            made = decision("confirm", claim)
        decide(opened, made)
        assert decisions(opened) == [made]


def test_what_rules_no_longer_propose_stays_as_it_was_confirmed() -> None:
    """A confirmed claim keeps its text and offsets when nothing proposes it any more."""
    (kept_claim,) = decided([], [decision("confirm", CLAIM)])
    assert (kept_claim.quote, kept_claim.start, kept_claim.stop) == (CLAIM.quote, 100, 143)
    assert (kept_claim.state, kept_claim.because) == ("confirmed", "It says so")


def test_a_proposal_of_the_same_passage_does_not_come_back() -> None:
    """Under other rules a passage gets another id; what was rejected or mended of it is not proposed again."""
    again = replace(CLAIM, claim="cl-00000002", start=105, quote=CLAIM.quote[5:])
    other = replace(CLAIM, claim="cl-00000003", start=900, stop=943)
    denial = replace(CLAIM, claim="cl-00000004", speaker="Embassy")
    found = decided([again, other, denial], [decision("reject", CLAIM)])
    assert {one.claim: one.state for one in found} == {
        "cl-00000001": "rejected",
        "cl-00000003": "proposed",
        "cl-00000004": "proposed",
    }
    mended = decided([again], [decision("confirm", CLAIM, target="Lindmark campaign", proposition="sought")])
    assert [one.claim for one in mended] == ["cl-00000001"]
    assert (mended[0].target, mended[0].proposition) == ("Lindmark campaign", "sought")


def test_the_later_decision_counts_and_changes_add_up() -> None:
    """Rejected and then confirmed is confirmed; a change of one field keeps an earlier one of another."""
    made = [decision("confirm", CLAIM, target="Lindmark campaign"), decision("reject", CLAIM)]
    assert decided([CLAIM], made)[0].state == "rejected"
    made.append(decision("confirm", CLAIM, said="2024-08-30"))
    (found,) = decided([CLAIM], made)
    assert (found.state, found.target) == ("confirmed", "Lindmark campaign")
    assert found.said == datetime(2024, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value"), [("quote", "x"), ("act", "shouts"), ("polarity", ""), ("said", "soon"), ("state", "confirmed")]
)
def test_a_field_holds_only_what_it_may(case: Case, name: str, value: str) -> None:
    """What a claim's field cannot hold is refused before anything is written."""
    with pytest.raises(WatchwordError) as error:
        decide(case, decision("confirm", CLAIM, **{name: value}))
    assert error.value.do
    assert not (case.path / "claims").exists()


def test_a_decision_without_a_reason_is_none(case: Case) -> None:
    """Nothing is decided without saying why."""
    with pytest.raises(WatchwordError, match="reason"):
        decide(case, replace(decision("confirm", CLAIM), because=" "))


def test_a_damaged_line_is_an_error(case: Case) -> None:
    """A line of decisions that is not as the program writes it stops, and names file and line."""
    decide(case, decision("confirm", CLAIM))
    file = case.path / "claims" / "decisions.jsonl"
    row = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(row | {"kind": "bless"}) + "\n", "utf-8")
    with pytest.raises(WatchwordError, match=r"Line 1 of .*decisions\.jsonl"):
        decisions(case)


def test_grades_are_admiralty_codes() -> None:
    """A to F and 1 to 6, nothing else; the later grade counts."""
    assert checked_grade(" f6 ") == "F6"
    for code in ("", "A", "A0", "A7", "G1", "B22"):
        with pytest.raises(WatchwordError):
            checked_grade(code)
    made = [Decision("grade", ("x",), "so", "ana", NOW.isoformat(), grade=code) for code in ("A1", "C3")]
    assert grades(made) == {"x": "C3"}


def test_a_claim_by_hand_gets_the_polarity_of_its_act() -> None:
    """Who denies, denies; who declines, leaves open; what is given explicitly counts."""
    values = {"speaker": "T. Berg", "proposition": "accessed"}
    acts = {"denies": "denies", "declines": "open", "attributes": "affirms", "retracts": "open"}
    for act, polarity in acts.items():
        assert written(values | {"act": act}, "", "", 0, "heard", NOW).polarity == polarity
    assert written(values | {"act": "denies", "polarity": "open"}, "", "", 0, "heard", NOW).polarity == "open"
    with pytest.raises(WatchwordError, match="somebody"):
        written({"act": "denies"}, "", "", 0, "heard", NOW)
    assert changed(CLAIM, {"said": ""}).said is None
    assert set(WORDS) <= set(SETTABLE)


# ------------------------------------------------------------ propositions


def at(days: float, **fields: str) -> Claim:
    """Give the claim of another day with other fields, under an id of its own."""
    day = NOW + timedelta(days=days)
    name = claim_id(str(days), *sorted(fields.values()))
    return replace(CLAIM, claim=name, said=day, published=day, **fields)  # type: ignore[arg-type]  # all are texts


ROOTS = [Root(name, name, name.startswith("unnamed"), [], "") for name in ("office", "lab", "embassy", "unnamed-1")]


def test_roots_are_counted_for_each_proposition_apart() -> None:
    """Three reports on two roots affirm; a denial is counted apart; another target is another proposition."""
    claims = [
        at(0, root="office"),
        at(1, root="office", document="doc-2", speaker="Star"),
        at(2, root="lab", document="doc-3", speaker="Lab"),
        at(3, root="embassy", document="doc-4", speaker="Embassy", polarity="denies", act="denies"),
        at(4, root="lab", target="Lindmark campaign", speaker="Lab", document="doc-5"),
        at(5, root="lab", speaker="Nobody", state="rejected", document="doc-6"),
    ]
    berg, lindmark = standings(claims, ROOTS)
    assert str(berg.counted) == "2 independent roots of 3 reports"
    assert str(berg.denied) == "1 independent root of 1 report"
    assert str(lindmark.counted) == "1 independent root of 1 report"
    assert [one.speaker for one in berg.who("denies")] == ["Embassy"]
    assert berg.contradictions == ("Embassy denies what Northern Office, Star and Lab say.",)


def test_an_unnamed_source_widens_the_count() -> None:
    """Beside a named root an unnamed one leaves open whether there are one or two."""
    (one,) = standings([at(0, root="office"), at(1, root="unnamed-1", speaker="", document="doc-2")], ROOTS)
    assert str(one.counted).startswith("1 independent root of 2 reports (1 to 2")


def test_who_changes_their_word_is_named_with_both_days() -> None:
    """A denial after an assertion, another name, another word for how sure: each is told with both days."""
    turned = at(3, polarity="denies", act="denies")
    (one,) = standings([CLAIM, turned], ROOTS)
    assert one.changes == ("Northern Office denies it on 2024-09-04; on 2024-09-01 it was: affirms it.",)
    assert [voice.polarity for voice in one.voices] == ["denies"]
    (one,) = standings([CLAIM, at(3, actor="Sorrel")], ROOTS)
    assert one.changes == ("Northern Office names Sorrel on 2024-09-04; on 2024-09-01 it was Ostland.",)
    (one,) = standings([CLAIM, at(3, strength="likely")], ROOTS)
    assert one.changes == ("Northern Office says “likely” on 2024-09-04; on 2024-09-01 it was “confident”.",)
    rows = timeline([turned, CLAIM])
    assert [row.change for row in rows] == [
        "",
        "Northern Office denies it on 2024-09-04; on 2024-09-01 it was: affirms it.",
    ]


def test_what_was_taken_back_counts_no_more() -> None:
    """After a retraction nobody affirms, and the retraction is told."""
    (one,) = standings([CLAIM, at(2, act="retracts", polarity="open")], ROOTS)
    assert one.counted.reports == 0
    assert one.changes == ("Northern Office takes back on 2024-09-03 what they said on 2024-09-01.",)


def test_two_names_for_who_did_it_are_shown_side_by_side() -> None:
    """Different actors are a difference that is named, and not decided whether they are the same people."""
    claims = [at(0, proposition="who"), at(1, proposition="who", actor="Grey Heron", speaker="Lab", document="doc-2")]
    (one,) = standings(claims, ROOTS)
    assert one.contradictions == (
        "Different names are given, which may or may not be the same people: "
        "Ostland: Northern Office; Grey Heron: Lab.",
    )


def test_credibility_one_needs_another_root() -> None:
    """A grade of 1 is warned about while only one root says so, and not any more when another does."""
    first = at(0, root="office", grade="B1")
    (alone,) = standings([first], ROOTS)
    assert len(alone.warnings) == 1
    (unnamed,) = standings([first, at(1, root="unnamed-1", speaker="", document="doc-2")], ROOTS)
    assert len(unnamed.warnings) == 1
    (borne,) = standings([first, at(1, root="lab", speaker="Lab", document="doc-2")], ROOTS)
    assert borne.warnings == ()


def test_the_timeline_goes_by_the_day_on_which_it_was_said() -> None:
    """What was said earlier comes first although it was published later; what has no date comes last."""
    early = replace(at(0), said=NOW - timedelta(days=9), published=NOW + timedelta(days=9), claim="early")
    undated = replace(at(1), said=None, published=None, claim="undated")
    rows = timeline([undated, replace(CLAIM, claim="now"), early])
    assert [row.claim.claim for row in rows] == ["early", "now", "undated"]
