"""The ledger of claims in the report: who takes which side, on which independent roots, and what is only proposed."""

import json
import re
from collections import Counter
from itertools import combinations
from xml.etree import ElementTree

import pytest

from tests.attributed_case import DATA, claim, claimed
from tests.operations_case import linked, put
from tests.report_case import Mail, Page, build
from tests.test_report_attribution import fill, part, told
from watchword.disclose.claims import GROUPS, SIDE, Ledger, ledger
from watchword.disclose.picture_claims import sign
from watchword.disclose.report_html import report_html
from watchword.disclose.report_json import report_json
from watchword.disclose.words import grade


@pytest.fixture(scope="module")
def case() -> Mail:
    """A story of August, retold: seven reports, eight roots, twenty-two claims and one that was rejected."""
    return fill(linked(), claimed())


@pytest.fixture(scope="module")
def page(case: Mail) -> str:
    """Its report."""
    return report_html(told(case))


@pytest.fixture(scope="module")
def shown(case: Mail) -> Ledger:
    """Its ledger."""
    return ledger(case.connection)


def drawn(page: str) -> list[ElementTree.Element]:
    """The picture of the ledger, the broad and the narrow one."""
    found = re.findall(r'<svg class="timeline claimed .*?</svg>', page, re.DOTALL)
    return [ElementTree.fromstring(svg) for svg in found]  # noqa: S314  # ours


def test_propositions_are_kept_apart(shown: Ledger) -> None:
    """Sought, accessed, taken, given, who, had done and what for are told apart, each of its own target."""
    told_of = [(one.proposition, one.target) for one in shown.propositions]
    harrow, lindmark = "the Harrow campaign", "the Lindmark campaign"
    assert told_of == [
        ("sought", harrow), ("sought", lindmark), ("accessed", harrow), ("accessed", lindmark), ("stole", harrow),
        ("received", "Harbour Times"), ("received", "Meridian Post"), ("who", harrow), ("directed", harrow),
        ("intent", ""), ("same-actor", "the vote of 2020"),
    ]  # fmt: skip
    assert [one.against for one in shown.propositions if not one.target] == [
        "not said whose, in Three agencies, 2024-08-19"
    ]


def test_each_side_rests_on_roots(shown: Ledger) -> None:
    """Reports of one root are one voice, and an unnamed source is no independent root."""
    sides = {(one.proposition, one.target, side.polarity): side for one in shown.propositions for side in one.sides}
    assert sides["who", "the Harrow campaign", "affirms"].resting == "2 independent roots of 3 reports"
    assert [voice.speaker for voice in sides["who", "the Harrow campaign", "affirms"].voices] == [
        "Northgate Labs", "Three agencies", "Meridian Post"
    ]  # fmt: skip
    assert sides["who", "the Harrow campaign", "affirms"].voices[0].strength == "high confidence"
    assert sides["who", "the Harrow campaign", "denies"].resting == "1 independent root of 1 report"
    assert "an unnamed source may be one of the others" in sides["stole", "the Harrow campaign", "affirms"].resting
    agencies = next(
        root
        for root in sides["who", "the Harrow campaign", "affirms"].roots
        if root.origin.startswith("Three agencies")
    )
    assert agencies.reports == ("Three agencies, 2024-08-19", "Meridian Post, 2024-08-20")


def test_contradictions_and_changes_are_sentences(shown: Ledger) -> None:
    """Who denies what others say, that names differ, and who says another thing than before."""
    by = {(one.proposition, one.target): one for one in shown.propositions}
    assert any("Ostland denies what" in sentence for sentence in by["who", "the Harrow campaign"].contradictions)
    assert any(
        "Tin Heron" in one and "may or may not be the same" in one
        for one in by["who", "the Harrow campaign"].contradictions
    )
    (change,) = by["accessed", "the Harrow campaign"].changes
    assert "Three agencies" in change
    assert "2024-08-13" in change
    assert not by["sought", "the Harrow campaign"].contradictions


def test_every_claim_leads_to_its_passage(page: str, shown: Ledger) -> None:
    """Each claim has its quote, document, digest and offsets, and the verb that shows more."""
    text = Page(part(page, "claims")).text
    listed = [claim for one in shown.propositions for claim in one.claims]
    assert len(listed) == 22
    for one in listed:
        assert f'id="{one.claim}"' in page
        assert f"watchword claims show {one.claim}" in text
        assert f"{one.document} , characters {one.start:,} to {one.stop:,} , SHA-256 {one.sha256[:12]}".replace(
            " ,", ","
        ) in text.replace(" ,", ",")
    assert "the group that we call Tin Heron; see hxxps://northgate[.]example/tin-heron." in text
    assert "https://northgate" not in page


def test_proposed_is_no_finding(page: str, shown: Ledger) -> None:
    """What nobody confirmed differs in word and in shape; what was rejected is counted and shown nowhere."""
    assert (shown.proposed, shown.confirmed, shown.rejected) == (6, 16, 1)
    inside = part(page, "claims")
    assert len(re.findall(r'<li id="cl-\w+" class="proposed">', inside)) == 6
    assert inside.count('<span class="tag proposed">proposed</span>') == 6
    assert inside.count('<span class="tag">confirmed</span>') == 16
    assert "1 more was rejected by a person." in Page(inside).text
    assert "Glass Otter" not in inside
    assert "6 that the machine proposes and nobody has confirmed yet" in Page(inside).text


def test_signs_differ_in_shape() -> None:
    """Affirms, denies, open, each confirmed or proposed: six signs of which no two differ by colour alone."""

    def outline(polarity: str, state: str) -> tuple[str, bool]:
        svg = ElementTree.fromstring(sign(polarity, state))  # noqa: S314  # ours
        drawn = "".join(mark.tag + (mark.get("d") or "") for mark in svg)
        return drawn, any("proposed" in (mark.get("class") or "") for mark in svg)  # which is dashed

    signs = [outline(side, state) for side in ("affirms", "denies", "open") for state in ("confirmed", "proposed")]
    assert all(one != other for one, other in combinations(signs, 2))


def test_timeline_has_a_lane_for_each_proposition(page: str) -> None:
    """Marks stand in order of time and lead to their claims; one line joins what rests on one root; names are clear."""
    roots = Counter(one["root"] for one in DATA["claim"] if one["state"] != "rejected")
    for svg in drawn(page):
        links = [link.get("href") or "" for link in svg.iter("a")]
        assert len(links) == 22
        assert all(f'id="{link[1:]}"' in page for link in links)
        lanes = [text for text in svg.iter("text") if "name" in (text.get("class") or "") and len(text)]
        assert len(lanes) == 11
        (joined,) = [path for path in svg.iter("path") if path.get("class") == "root"]
        assert (joined.get("d") or "").count("M") == sum(many > 1 for many in roots.values())
        boxes = []
        for text in svg.iter("text"):
            if "who" in (text.get("class") or ""):
                wide = 6.4 * len(text.text or "")
                x, y = float(text.get("x") or 0), float(text.get("y") or 0)
                boxes.append((x - wide, x, y) if text.get("text-anchor") == "end" else (x, x + wide, y))
        assert len(boxes) == 22
        for one, other in combinations(boxes, 2):
            assert one[2] != other[2] or one[1] <= other[0] or other[1] <= one[0], "names cover one another"
        assert all(left >= -1 and right <= (1000 if len(svg.get("viewBox") or "") > 11 else 400) + 20
                   for left, right, _ in boxes)  # fmt: skip


def test_mail_far_before_is_counted_not_drawn(page: str) -> None:
    """The mail came long before the claims: it does not squeeze them, but the picture says when it was."""
    for svg in drawn(page):
        said = [text.text or "" for text in svg.iter("text")]
        assert any(re.fullmatch(r"← 9 messages, 2024-\d\d-\d\d to 2024-\d\d-\d\d", one) for one in said)


def test_mail_near_the_claims_is_drawn() -> None:
    """Mail of an operation that came shortly before the first claim stands on the same axis."""
    mail = linked()
    mail.connection.execute(
        "update message_facts set time = timestamptz '2024-08-08 12:00:00+00' where from_address like 'm.vogel%'"
    )
    page = report_html(told(fill(mail, claimed())))
    for svg in drawn(page):
        assert [text.text for text in svg.iter("text")].count("Operation 1") == 1
        assert len([path for path in svg.iter("path") if path.get("class") == "attack"]) == 9


def test_thousands_of_claims_stay_readable() -> None:
    """5,000 claims on 300 targets: what is quoted is capped, the rest counted with the verb that shows it."""
    mail = fill(build(), claimed())
    base = DATA["claim"]
    rows = [
        claim(1_000 + number, base[number % 22])
        | {"speaker": f"Speaker {number % 97}", "target": f"Office {number % 300}"}
        for number in range(5_000)
    ]
    for row in rows[:50]:
        put(mail, "claims", **row)
    names = list(rows[0])
    mail.connection.executemany(
        f"insert into claims by name select {', '.join(f'? as {name}' for name in names)}",
        [[row[name] for name in names] for row in rows[50:]],
    )
    shown = ledger(mail.connection)
    assert shown.confirmed + shown.proposed == 5_022
    assert len(shown.propositions) == GROUPS
    assert shown.more_propositions > 100
    assert all(len(side.claims) <= SIDE for one in shown.propositions for side in one.sides)
    page = report_html(told(mail))
    assert len(part(page, "claims")) < 400_000
    assert "select proposition, target, count(*) from claims group by all" in Page(page).text
    assert all(len(list(svg.iter("a"))) <= GROUPS * SIDE * 3 for svg in drawn(page))


def test_json_has_the_same(case: Mail, page: str) -> None:
    """What the page says of sides and roots stands in the JSON."""
    data = json.loads(report_json(told(case)))["claims"]
    text = "".join(Page(part(page, "claims")).text.split())
    assert "".join(data["sentence"].split()) in text
    for one in data["propositions"]:
        for side in one["sides"]:
            assert "".join(side["resting"].split()) in text
            for said in side["claims"]:
                assert said["state"] in ("proposed", "confirmed")


def test_documents_without_claims_are_told() -> None:
    """A report in which nothing is claimed was read all the same."""
    mail = linked()
    put(mail, "documents", document="doc-00000001", title="Weather", publisher="Harbour Times")
    assert ledger(mail.connection).sentence == "No claim stands in 1 report that was added."
    text = Page(part(report_html(told(mail)), "claims")).text
    assert "1 report that was read" in text
    assert not drawn(report_html(told(mail)))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("B2", "grade B2: a usually reliable source, probably true"),
        ("F6", "grade F6: a source that cannot be judged, truth cannot be judged"),
        ("?", "grade ?"),
    ],
)
def test_grades_are_said_in_words(code: str, said: str) -> None:
    """An Admiralty code means nothing to most readers: it is said in words; F is not bad, but unknown."""
    assert grade(code) == said
