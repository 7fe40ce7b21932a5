"""Claims that reading proposes: the story of 20 August 2024 retold, and sentences of each kind."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.claims.documents import Read, read_document
from watchword.claims.propose import Proposal, propose

STORIES = Path(__file__).parent.parent / "examples" / "reporting"
AGENCIES = "ODNI, FBI and CISA"
MISSION = "Iran’s mission to the United Nations"
# A text must be about such a matter at all.
ABOUT = " Hackers and malware were in the news again."


def _of(name: str) -> list[Proposal]:
    path = STORIES / name
    return propose(read_document(path.read_bytes(), path.name))


def _said(text: str) -> list[Proposal]:
    read = Read(
        "text", text + ABOUT, publisher="The Lantern", language="en", published=datetime(2024, 8, 20, tzinfo=UTC)
    )
    return propose(read)


def _one(found: list[Proposal], **fields: object) -> Proposal:
    fitting = [one for one in found if all(getattr(one, name) == value for name, value in fields.items())]
    assert len(fitting) == 1, (
        f"{len(fitting)} claims have {fields}, of {[(one.speaker, one.act, one.proposition) for one in found]}"
    )
    return fitting[0]


@pytest.fixture(scope="module")
def story() -> list[Proposal]:
    """Give the claims of the retold story."""
    return _of("2024-08-20-three-agencies.md")


def test_three_agencies_attribute_jointly(story: list[Proposal]) -> None:
    """The joint statement is one claim of who it was, said the day before, by three agencies in one voice."""
    found = _one(story, speaker=AGENCIES, proposition="who")
    assert (found.act, found.polarity, found.capacity, found.actor) == ("attributes", "affirms", "on-record", "Iran")
    assert "Trump campaign" in found.target
    assert (found.said, found.said_printed) == (datetime(2024, 8, 19, tzinfo=UTC), "on Monday")


def test_what_they_are_confident_of_is_only_that_access_was_sought(story: list[Proposal]) -> None:
    """Strength stands with `sought`; of access to one of both campaigns the agencies leave open whether it was gained."""
    sought = _one(story, speaker=AGENCIES, proposition="sought")
    assert (sought.act, sought.strength, sought.actor) == ("attributes", "confident", "Iran")
    assert "both parties" in sought.target
    accessed = _one(story, speaker=AGENCIES, proposition="accessed")
    assert (accessed.act, accessed.polarity, accessed.target) == ("hedges", "open", "the Biden campaign")
    assert _one(story, speaker=AGENCIES, proposition="intent").polarity == "affirms"


def test_a_company_ties_attempts_on_both_campaigns_to_one_group(story: list[Proposal]) -> None:
    """One group tried both: same actor and sought are two claims, and access to one account is a third."""
    same = [one for one in story if one.speaker == "Google" and one.proposition == "same-actor"]
    assert (same[0].actor, same[0].act, same[0].evidence_offered) == ("APT42", "attributes", "report")
    assert "both campaigns" in same[0].target
    sought = _one(story, speaker="Google", proposition="sought")
    assert (sought.actor, sought.said_printed, sought.said) == (
        "APT42",
        "on Aug. 14",
        datetime(2024, 8, 14, tzinfo=UTC),
    )
    assert "one political consultant" in _one(story, speaker="Google", proposition="accessed").target


def test_a_campaign_has_no_indication_of_a_breach(story: list[Proposal]) -> None:
    """`No indication that` is a hedge that denies access, not a plain denial."""
    found = _one(story, speaker="Harris campaign", proposition="accessed")
    assert (found.act, found.polarity, found.strength, found.target) == (
        "hedges",
        "denies",
        "no indication",
        "Harris campaign",
    )


def test_a_campaign_relies_on_a_company(story: list[Proposal]) -> None:
    """Who cites somebody has their word: the claim says on whom it relies."""
    found = _one(story, speaker="Trump campaign", proposition="accessed")
    assert (found.relies_on, found.act, found.target) == ("Microsoft", "attributes", "Trump campaign")
    assert found.actor == "foreign sources hostile to the United States"


def test_a_mission_denies_and_asks_for_evidence(story: list[Proposal]) -> None:
    """A denial is a claim on the same proposition and actor with the other polarity; asking for evidence is a third act."""
    denials = [one for one in story if one.speaker == MISSION and one.act == "denies" and one.proposition == "who"]
    assert {(one.polarity, one.actor) for one in denials} == {("denies", "Iran")}
    assert denials[0].said == datetime(2024, 8, 19, tzinfo=UTC)
    demand = _one(story, speaker=MISSION, act="demands-evidence")
    assert (demand.proposition, demand.polarity, demand.actor) == ("who", "open", "Iran")
    assert _one(story, speaker=MISSION, proposition="intent").polarity == "denies"


def test_three_outlets_received_documents(story: list[Proposal]) -> None:
    """What several received is a claim for each of them, said by the story itself."""
    received = [one for one in story if one.proposition == "received"]
    assert [one.target for one in received] == ["Politico", "The New York Times", "The Washington Post"]
    assert {(one.speaker, one.act) for one in received} == {("The Lantern", "reports")}


def test_a_precedent_has_its_own_date(story: list[Proposal]) -> None:
    """An accusation of 2020 stands with its year and unnamed speakers."""
    found = _one(story, said_printed="In 2020")
    assert (found.act, found.proposition, found.actor, found.capacity) == ("attributes", "who", "Iran", "anonymous")


def test_quotes_are_where_they_say(story: list[Proposal]) -> None:
    """Offsets of every proposal give its quote, and the headline gives none."""
    read = read_document((STORIES / "2024-08-20-three-agencies.md").read_bytes(), "a.md")
    assert all(read.text[one.start : one.stop] == one.quote for one in story)
    assert min(one.start for one in story) > len(read.title)


@pytest.mark.parametrize(
    ("text", "speaker", "capacity"),
    [
        ("Ann Lee, a spokeswoman for the Varn campaign, said hackers had gained access to its mail.", "Varn campaign", "by-proxy"),
        ("Two people familiar with the matter said hackers had gained access to its mail.", "Two people familiar with the matter", "anonymous"),
        ("Hackers had gained access to its mail, according to Microsoft.", "Microsoft", "on-record"),
        ("“Hackers gained access to our mail,” said Ann Lee, the party’s secretary.", "Ann Lee", "on-record"),
        ("Researchers at ESET found that hackers had gained access to the mail of a ministry.", "ESET", "on-record"),
        ("The F.B.I. is small. The Bureau said that hackers had gained access to a mailbox.", "FBI", "on-record"),
        ("“We looked. Hackers gained access to our mail. It was hard,” Ann Lee said.", "Ann Lee", "on-record"),
    ],
)  # fmt: skip
def test_who_speaks_and_in_what_capacity(text: str, speaker: str, capacity: str) -> None:
    """Speakers are found before and behind the cue, over the sentences of a quotation, and for whom they speak."""
    found = _one(_said(text), proposition="accessed")
    assert (found.speaker, found.capacity) == (speaker, capacity)


@pytest.mark.parametrize(
    ("text", "act", "proposition", "polarity"),
    [
        ("Microsoft said that APT42 sought access to both campaigns.", "attributes", "sought", "affirms"),
        ("The ministry denied hacking the party.", "denies", "accessed", "denies"),
        ("The FBI confirmed that hackers had stolen files from the party.", "attributes", "stole", "affirms"),
        ("The FBI has not attributed the attack on the party.", "hedges", "who", "open"),
        ("Acme Labs retracted its claim that APT42 was behind the attack on the party.", "retracts", "who", "open"),
        ("The FBI said the group was directed by the Iranian government.", "attributes", "directed", "affirms"),
        ("The FBI said that hackers leaked documents of the party.", "attributes", "disclosed", "affirms"),
    ],
)
def test_acts_and_propositions(text: str, act: str, proposition: str, polarity: str) -> None:
    """Each act and proposition is told by its words."""
    found = _one(_said(text), proposition=proposition)
    assert (found.act if found.act != "confirms" else "attributes", found.polarity) == (act, polarity)


def test_one_sentence_may_hold_several_claims() -> None:
    """`Sought access to both and succeeded with one` is sought against both and accessed."""
    found = _said("The FBI said hackers sought access to both campaigns and succeeded with one.")
    assert [(one.proposition, one.target) for one in found] == [("sought", "both campaigns"), ("accessed", "one")]


@pytest.mark.parametrize(
    "text",
    [
        "The party said that it would win the election.",
        "The malware gained access to a browser.",
        "Ministers met in Brussels and talked about fish.",
        "Use two factors so that nobody can steal your password.",
    ],
)
def test_what_claims_nothing_gives_nothing(text: str) -> None:
    """Without a speaker or without such a matter nothing is proposed."""
    assert _said(text) == []


def test_a_text_about_something_else_gives_nothing() -> None:
    """A document that never speaks of such a matter is left alone, whatever is denied in it."""
    assert propose(Read("text", "The minister denied the accusation. He called it absurd.", language="en")) == []


_WORDS = "The FBI said that hackers , “ ” . Iran denied and accused it stole from to campaign on Monday ( ) ; according who".split()


@given(st.lists(st.sampled_from([*_WORDS, "\n"]), max_size=120) | st.text(max_size=200).map(lambda text: [text]))
@settings(max_examples=120, deadline=None)
def test_proposing_never_raises_and_stays_in_bounds(words: list[str]) -> None:
    """Whatever the words, quotes lie where offsets say and the fields have known values."""
    text = " ".join(words) + ABOUT
    for one in propose(Read("text", text, language="en")):
        assert text[one.start : one.stop] == one.quote
        assert one.polarity in {"affirms", "denies", "open"}
        assert one.capacity in {"on-record", "anonymous", "by-proxy"}
