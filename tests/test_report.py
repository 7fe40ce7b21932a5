"""The report says what the tables hold, in numbers that agree everywhere."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.report_case import WEIGHTS, Mail, Mailbox, Page, Rows, build, connect, told
from watchword.disclose import picture
from watchword.disclose.coverage import counts, gaps, owners
from watchword.disclose.notices import next_in_line, spoken_of, unweighed
from watchword.disclose.report_html import report_html
from watchword.disclose.report_json import json_schema, report_json
from watchword.disclose.why import resolve, why, why_json, why_text
from watchword.disclose.words import in_hundred, sure
from watchword.errors import WatchwordError


@pytest.fixture(scope="module")
def three() -> Mail:
    """Three owners, one of whom answered."""
    return build()


def test_counts_add_up(three: Mail) -> None:
    """What was found is what was judged, repeated and rejected, and what was judged is the sum of its tiers."""
    counts = told(three).counts
    assert counts.add_up
    assert counts.found == counts.judged + counts.repeated + counts.rejected == 132 + 12 + 3
    assert sum(tier.messages for tier in counts.tiers) == counts.judged


def test_missing_verdicts_are_told() -> None:
    """Messages that were read but have no verdict are counted and named, not passed over."""
    mail = build()
    mail.connection.execute("delete from verdicts where tier = 'quiet' and owner like 'ben%'")
    shown = told(mail)
    assert shown.counts.unjudged == 40
    assert shown.counts.add_up
    assert "Read but not judged: 40 messages." in [gap.what for gap in shown.gaps]


def test_page_and_json_state_the_same_numbers(three: Mail) -> None:
    """Every count, probability, weight and offset of the JSON stands on the page."""
    shown = told(three)
    data = json.loads(report_json(shown))
    text = Page(report_html(shown)).text
    for name in ("found", "judged", "repeated", "rejected", "chosen"):
        assert re.search(rf"\b{data['counts'][name]:,}\b", text), name
    for tier in data["counts"]["tiers"]:
        assert f"{tier['title']} {tier['messages']:,}" in text
    for story in data["conversations"]:
        for message in story["messages"]:
            assert f"watchword why {message['message']}" in text
            assert in_hundred(message["probability"]) in text
            assert f"{message['bits']:+.1f} bits" in text
            assert message["place"]["path"] in text
            for line in message["evidence"]["lines"]:
                assert " ".join(line["text"].split()) in text
    assert data["answer"] in text
    assert data["schema"] == "watchword-report/1"


def test_json_fits_its_schema(three: Mail) -> None:
    """The JSON has exactly the fields that its schema describes, of the described types."""

    def check(value: Any, schema: dict[str, Any], where: str) -> int:  # noqa: ANN401  # JSON is any of its types
        if "anyOf" in schema:
            kinds = [one for one in schema["anyOf"] if (one["type"] == "null") == (value is None)]
            return check(value, kinds[0], where)
        if "const" in schema:
            assert value == schema["const"]
            return 1
        kind: Any = {
            "object": dict,
            "array": list,
            "string": str,
            "integer": int,
            "number": (int, float),
            "boolean": bool,
            "null": type(None),
        }[schema["type"]]
        assert isinstance(value, kind), where
        if schema["type"] == "object":
            assert set(value) == set(schema["properties"]) == set(schema["required"]), where
            return sum(check(value[name], inner, f"{where}.{name}") for name, inner in schema["properties"].items())
        if schema["type"] == "array":
            return sum(check(each, schema["items"], f"{where}[]") for each in value)
        return 1

    assert check(json.loads(report_json(told(three))), json_schema(), "report") > 1000


def test_every_field_is_documented() -> None:
    """Each field of the JSON says in words what it holds."""

    def bare(schema: dict[str, Any]) -> Iterator[str]:
        for name, inner in schema.get("properties", {}).items():
            if name != "schema" and len(inner.get("description", "")) < 3:
                yield name
            yield from bare(inner.get("items", inner))

    assert not list(bare(json_schema()))


def test_offsets_lead_to_the_bytes(three: Mail) -> None:
    """Every quoted header line is what stands at its offset in the original message."""
    checked = 0
    for story in told(three).conversations:
        for shown in story.messages:
            for line in shown.evidence.lines:
                there = three.originals[shown.message][line.offset : line.offset + line.length]
                assert there.decode().replace("\r\n", "\n").rstrip("\n") == line.text
                checked += 1
    assert checked >= 9 * 6


def test_receiving_provider_is_told_from_the_sender(three: Mail) -> None:
    """Only the border Received and the provider's own results are marked as its words, not a forged copy of them."""
    lines = told(three).conversations[0].messages[0].evidence.lines
    assert [line.name for line in lines if line.trusted] == ["Received", "Authentication-Results"]
    assert [line.name for line in lines if line.cited] == ["From"]
    assert [line.reads for line in lines if line.cited] == ["Dr. Miriam Vogel <m.vogel@lnstitute.example>"]


def test_evidence_adds_up(three: Mail) -> None:
    """The kinds of evidence, each under its ceiling, sum to the bits of the verdict."""
    for story in told(three).conversations:
        for shown in story.messages:
            assert sum(share.bits for share in shown.shares) + shown.rest == pytest.approx(shown.bits)
    strongest = told(three).conversations[0].messages[1]
    (request,) = [share for share in strongest.shares if share.group == "request"]
    assert (request.bits, request.over) == (3.0, 0.5)


def test_conversations_are_ranked_by_their_strongest_message(three: Mail) -> None:
    """Messages of one conversation stand together, in order of time, ranked by the highest probability."""
    stories = told(three).conversations
    assert [story.rank for story in stories] == [1, 2, 3]
    assert [story.probability for story in stories] == pytest.approx([0.97, 0.968, 0.966])
    assert all(len(story.messages) == 3 for story in stories)
    assert stories[0].answered == 1
    assert stories[0].held == 4


def test_limit_for_each_owner_is_told(three: Mail) -> None:
    """Of each owner at most so many messages are shown, and the rest is counted."""
    shown = told(three, per_owner=2)
    assert sum(len(story.messages) for story in shown.conversations) == 6
    assert shown.not_shown == 3
    assert "3 more messages" in Page(report_html(shown)).text


def test_a_mailbox_that_moved_is_told(three: Mail) -> None:
    """Without the original bytes the report is still made, quotes nothing, and says so."""
    shown = told(Mail(three.connection, {}))
    assert not any(line for story in shown.conversations for m in story.messages for line in m.evidence.lines)
    assert any(gap.kind == "moved" and gap.count == 9 for gap in shown.gaps)
    assert "The original bytes are not where they were read" in Page(report_html(shown)).text


def test_what_was_not_judged_is_told(three: Mail) -> None:
    """Rejections, detectors that failed or were never measured, and mailboxes with little history are named."""
    kinds = {gap.kind for gap in told(three).gaps}
    assert kinds == {"rejected", "detector-failed", "detector-unmeasured", "little-history"}


def test_nothing_found_is_not_safe() -> None:
    """When nothing stands out, the page says what that does and does not mean."""
    mail = build(owners=1, chosen=0)
    mail.connection.execute("update verdicts set decided = 'unsure' where rank = 10")
    text = Page(report_html(told(mail))).text
    assert "Nothing was found that deserves attention among 40 messages in Ana Ruiz’s mailbox" in text
    assert "No finding does not mean safe." in text


def test_why_walks_to_the_bytes(three: Mail) -> None:
    """`why` names for each finding its weight, where that was measured, and quotes what it rests on."""
    shown = told(three).conversations[0].messages[1]
    reasons = why(three.connection, three.fetch, shown.message[:10], weights=WEIGHTS)
    text = why_text(reasons)
    assert reasons.message == shown.message
    assert "byte 548: Reply-To: <miriam.vogel@mailbox.test>" in text
    assert "link 1: hxxps://sites[.]hosting[.]example/reading-room?u=ana" in text
    assert "“sign in to read” in written, character 120" in text
    assert "measured on 31 of 40 attacks, 12 of 9,000 honest" in text
    assert "First message from this address." in text
    assert reasons.silent == 1
    assert "Not judged by: A broken one" in text
    assert json.loads(why_json(reasons))["message"] == shown.message


def test_unmeasured_detectors_prove_nothing() -> None:
    """Without one measured weight the report does not say that nothing was found, but that nothing was weighed."""
    mail = build(owners=1)
    mail.connection.execute("update detector_runs set bits = null")
    mail.connection.execute("update verdicts set chosen = false, bits = 0, tier = 'quiet' where tier <> 'harmless'")
    assert told(mail).answer.startswith("Nothing could be weighed in 46 messages")


def test_unknown_message_is_the_users_to_mend(three: Mail) -> None:
    """An id that fits no message, or more than one, is one clear sentence."""
    with pytest.raises(WatchwordError, match="There is no message ffffffff"):
        resolve(three.connection, "f" * 64)
    three.connection.execute("insert into places values ('twice-1', '', '', 0, 0, ''), ('twice-2', '', '', 0, 0, '')")
    with pytest.raises(WatchwordError, match="There is no message"):
        resolve(three.connection, "nobody@example.org")


@given(st.floats(0, 1))
def test_words_for_probability_never_claim_certainty(probability: float) -> None:
    """Words and numbers for a probability agree in order, and neither says never or always."""
    words = "almost no chance", "very unlikely", "unlikely", "roughly even chance", "likely", "very likely"
    assert sure(probability) in (*words, "almost certain")
    assert in_hundred(probability) not in ("0 in 100", "100 in 100")


@pytest.mark.parametrize(("owners", "years"), [(1, 0.02), (1, 0.5), (40, 20.0)])
def test_picture_stays_readable(owners: int, years: float) -> None:
    """From days to decades and one owner to forty, the axis has some ticks, none on another, all marks inside."""
    shown = told(build(owners=owners, years=years, ordinary=60))
    for narrow, left, right in ((False, 190, 1000), (True, 0, 400)):
        drawn = str(picture.timeline(shown, narrow=narrow))
        ticks = [float(x) for x in re.findall(r'class="tick" x="([\d.]+)"', drawn)]
        assert 2 <= len(ticks) <= 13
        assert all(b - a > 60 for a, b in pairwise(ticks))
        marks = re.findall(r"</title><path class=\"\w+\" d=\"M([\d.]+)", drawn)
        assert marks
        assert all(left <= float(x) <= right for x in marks)
        assert drawn.count('class="name"') == owners


def test_two_hundred_messages_stay_small() -> None:
    """A report of 200 messages stays under 5 MB."""
    mail = build(owners=1, ordinary=10, chosen=200, hostile=True)
    page = report_html(told(mail, per_owner=200))
    assert page.count("watchword why ") == 200
    assert len(page.encode()) < 5_000_000


def test_what_cannot_be_weighed_is_shown_apart() -> None:
    """A quiet message on which a detector without a measured weight fired is listed; others are not."""
    rows = Rows()
    box = Mailbox(rows, "Ana Ruiz", "box")
    rows.add("detector_runs", detector="never-measured", bits=None)
    rows.add("detector_runs", detector="measured", bits=1.0)
    time = datetime(2024, 7, 1, tzinfo=UTC)
    rare = box.add(time, "a@stranger.example", "rare")
    box.add(time, "b@stranger.example", "plain")
    loud = box.add(time, "c@stranger.example", "loud", tier="attack", probability=0.9)
    common = box.add(time, "d@stranger.example", "common")
    for message, detector in ((rare, "never-measured"), (loud, "never-measured"), (common, "measured")):
        rows.add("findings", message=message, detector=detector, group="attachment", sentence="A program is attached.")
    found = unweighed(connect(rows.tables))
    assert [(one.message, one.sentence) for one in found.listed] == [(rare, "A program is attached.")]
    assert found.count == 1


def test_offers_and_threats_are_listed_without_accusing() -> None:
    """A quiet message that offers documents or threatens is listed; one that is shown as an attack is not, twice."""
    rows = Rows()
    box = Mailbox(rows, "Ana Ruiz", "box")
    time = datetime(2024, 7, 1, tzinfo=UTC)
    offer, threat = box.add(time, "a@stranger.example", "papers"), box.add(time, "b@stranger.example", "we know you")
    loud = box.add(time, "c@stranger.example", "loud", tier="attack", probability=0.9, chosen=True)
    plain = box.add(time, "d@stranger.example", "plain")
    said = ((offer, "offers-documents"), (threat, "extorts"), (loud, "offers-documents"), (plain, "asks-interview"))
    for message, detector in said:
        rows.add("findings", message=message, detector=detector, group="request", sentence=f"It {detector}.")
    found = spoken_of(connect(rows.tables))
    assert {one.message for one in found.listed} == {offer, threat}
    assert found.count == 2


def test_next_in_line_is_what_came_closest_below_the_threshold() -> None:
    """One message of each conversation not shown already, the likeliest first, alerts beyond the budget among them."""
    rows = Rows()
    box = Mailbox(rows, "Ana Ruiz", "box")
    time = datetime(2024, 7, 1, tzinfo=UTC)
    for number in range(9):
        box.add(time, "news@paper.example", f"Issue {number}", rank=20 + number, reasons=["It is long."])
    near = box.add(
        time, "a@stranger.example", "panel", rank=3, probability=0.1, conversation="c1", reasons=["It asks."]
    )
    box.add(time, "a@stranger.example", "hello", rank=4, probability=0.09, conversation="c1", reasons=["It asks."])
    far = box.add(time, "b@stranger.example", "draft", rank=5, probability=0.07, reasons=["It asks."])
    box.add(time, "c@stranger.example", "loud", rank=1, tier="attack", probability=0.9, chosen=True, conversation="c2")
    box.add(time, "c@stranger.example", "after", rank=6, probability=0.2, conversation="c2", reasons=["It asks."])
    beyond = box.add(time, "e@stranger.example", "beyond", rank=2, tier="suspicious", probability=0.3, chosen=False,
                     reasons=["It asks."])  # fmt: skip
    found = next_in_line(connect(rows.tables))
    assert [one.message for one in found.listed] == [beyond, near, far]
    assert found.count == 3


def test_a_mailbox_of_nobody_known_says_so() -> None:
    """An owner that could not be told is called unknown, not by the id of the mailbox, and the gap is named."""
    rows = Rows()
    rows.add("sources", source="04f3ed6bca5b", owner="04f3ed6bca5b")
    key = "a" * 64
    rows.add("messages", message=key)
    rows.add("places", message=key, source="04f3ed6bca5b", owner="04f3ed6bca5b")
    rows.add("verdicts", message=key, owner="04f3ed6bca5b", tier="quiet")
    connection = connect(rows.tables)
    (owner,) = people = owners(connection)
    assert (owner.title, owner.is_known) == ("unknown owner 04f3ed", False)
    (gap,) = [gap for gap in gaps(connection, counts(connection), people, (), 0) if gap.kind == "no-owner"]
    assert "04f3ed" in gap.what
    assert "--owner" in gap.advice
