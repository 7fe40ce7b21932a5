"""The report shows what was weighed on who did it, and names nobody whom no person decided to name."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from tests.attributed_case import DATA, HERON, NAMES, Row, actors, claimed, hit, weighed
from tests.operations_case import linked, put
from tests.report_case import HOSTILE, NOW, WEIGHTS, Mail, Page
from watchword.disclose.answer import Answer, answer
from watchword.disclose.attribution import CLAIMS, EXHIBITS
from watchword.disclose.hits import before_or_after, shown
from watchword.disclose.report_html import report_html
from watchword.disclose.report_json import json_schema, report_json
from watchword.disclose.summary import summary

OPERATION = "op-11112222"


def told(mail: Mail) -> Answer:
    """The answer of a case."""
    return answer(
        mail.connection, mail.fetch, title="Spring", generated=NOW, version="0.1.0", per_owner=200, weights=WEIGHTS
    )


def fill(mail: Mail, rows: Iterable[Row]) -> Mail:
    """Put rows into the tables of a case."""
    for table, row in rows:
        put(mail, table, **row)
    return mail


def messages(mail: Mail) -> list[str]:
    """The messages of the operation."""
    found = mail.connection.execute("select distinct message from members order by 1").fetchall()
    return [message for (message,) in found]


def part(page: str, name: str) -> str:
    """One section of a page."""
    start = page.index(f'<section id="{name}">')
    return page[start : page.index("</section>", start)]


def weighed_box(page: str) -> str:
    """What stands in the box of weighed hypotheses."""
    inside = part(page, "attribution")
    return inside[inside.index('<div class="weighed">') : inside.index("</div>\n<h4>What others claim")]


def drawings(page: str, kind: str) -> list[ElementTree.Element]:
    """The drawings of a kind, the broad and the narrow one, which must be well-formed."""
    found = re.findall(rf'<svg class="timeline {kind} .*?</svg>', page, re.DOTALL)
    return [ElementTree.fromstring(svg) for svg in found]  # noqa: S314  # ours


@pytest.fixture(scope="module")
def case() -> Mail:
    """An operation on which eight hypotheses were weighed with nine exhibits; nobody decided to name anybody."""
    mail = linked()
    return fill(mail, [*actors(), *weighed(OPERATION, messages(mail)), *claimed(), *hit(messages(mail)[:3], OPERATION)])


@pytest.fixture(scope="module")
def page(case: Mail) -> str:
    """Its report."""
    return report_html(told(case))


def test_nobody_is_named_without_a_decision(case: Mail, page: str) -> None:
    """Before a person decided, candidates stand only in the box of hypotheses, in claims and in what is public."""
    rest = page.replace(weighed_box(page), "").replace(part(page, "claims"), "").replace(part(page, "hits"), "")
    inside = part(rest, "attribution")
    rest = rest.replace(inside[inside.index("<h4>What others claim") :], "")
    assert "The machine names nobody, and no person has decided to." in Page(rest).text
    for name in (*NAMES, *NAMES.values()):
        assert name not in rest
    assert all(name in weighed_box(page) for name in NAMES.values())
    assert told(case).attributions.full[0].decided_name == ""


def test_a_decision_names_and_says_why() -> None:
    """After a person decided, page, JSON and terminal name the actor, with the reason, as that person's decision."""
    mail = linked()
    fill(mail, [*actors(), *weighed(OPERATION, decided=HERON, decided_because="Counsel agreed.")])
    shown_all = told(mail)
    text = Page(part(report_html(shown_all), "attribution")).text
    assert "A person decided to name Tin Heron . Because: Counsel agreed." in text
    assert "The rules for naming are not met; a person decided all the same." in text
    assert json.loads(report_json(shown_all))["attributions"]["full"][0]["decided_name"] == "Tin Heron"
    assert "Of operation 1 a person decided to name Tin Heron." in terminal(shown_all)


def test_a_decision_to_name_nobody_names_nobody() -> None:
    """`nobody` is a decision, too, and is shown as one."""
    mail = fill(linked(), [*actors(), *weighed(OPERATION, decided="nobody", decided_because="It hangs on one report.")])
    shown_all = told(mail)
    page = report_html(shown_all)
    assert "A person decided to name nobody. Because: It hangs on one report." in Page(part(page, "attribution")).text
    assert shown_all.attributions.full[0].decided_name == ""
    assert "Tin Heron" not in terminal(shown_all)


def terminal(shown_all: Answer, width: int = 200) -> str:
    """The summary as a terminal shows it."""
    stream = StringIO()
    Console(file=stream, width=width).print(summary(shown_all, Path("report.html")))
    return stream.getvalue()


def test_the_terminal_names_nobody(case: Mail) -> None:
    """The summary says that hypotheses were weighed, that values are public, how many claims; and no candidate."""
    said = terminal(told(case))
    assert "the machine weighs (1 operation) and names nobody" in said
    assert "1 value is publicly named" in said
    assert "22 claims in public, 16 of them confirmed" in said
    assert len(terminal(told(case), 80).splitlines()) <= 30
    assert not any(name in said for name in NAMES.values())


def test_likelihood_and_confidence_stand_apart(page: str) -> None:
    """Two sentences under two headings: how likely, and how good the grounds are (ICD 203)."""
    found = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", weighed_box(page), re.DOTALL))
    assert "18 to 61%" in found["How likely"]
    assert "confidence" not in found["How likely"].lower()
    assert Page(found["Confidence"]).text.startswith("Low. It rests on 2 independent roots")
    assert not re.search("likely", found["Confidence"])


def test_ids_become_what_the_report_calls_them(page: str) -> None:
    """Sentences of the tables speak of ids; the page has numbers of exhibits and names of hypotheses instead."""
    text = Page(weighed_box(page)).text
    assert "Without E1, which rests on Northgate Labs alone, somebody unknown leads. ( E1 )" in text
    assert "It hangs on E1 alone, which no authority vouches for." in text
    assert "Over the whole range of priors Tin Heron would have to be at least likely" in text
    assert "e-000000" not in text


def test_for_against_missing_and_rules(page: str) -> None:
    """The box says what speaks for and against it, with source, grade, who could forge it, and what is missing."""
    box = weighed_box(page)
    text = Page(box).text
    heads = ["What speaks for “Tin Heron”", "What speaks against it", "neither for nor against", "What is missing"]
    heads += ["Rules for naming that are not met"]
    places = [text.index(one) for one in heads]
    assert places == sorted(places)
    assert places[1] < text.rindex("is not the kit that Tin Heron is known for") < places[2]
    assert "grade B2: a usually reliable source, probably true. Public since 2024-08-14. Who else could" in text
    assert len(re.findall(r"without it the conclusion is another", text)) == 1
    assert all(f'id="x-{OPERATION}-{number}"' in box for number in range(1, 10))


def test_matrix_has_hypotheses_in_rows(page: str) -> None:
    """Rows are hypotheses and columns exhibits; each cell has its sign in writing, so that colour is not needed."""
    for svg in drawings(page, "matrix"):
        names = [
            text[-1].tail for text in svg.iter("text") if (text.get("class") or "").startswith("name") and len(text)
        ]
        assert names[0] == "Tin Heron"
        assert len(names) == 8
        heads = [text.text for text in svg.iter("text") if re.fullmatch(r"E\d+", text.text or "")]
        assert heads == [f"E{number}" for number in range(1, 10)]
        for group in (one for one in svg.iter("g") if one.find("rect") is not None):
            rect, text = group.find("rect"), group.find("text")
            assert rect is not None
            assert text is not None
            sign = {"for": "+", "against": "−"}.get((rect.get("class") or "").split()[1])
            assert sign is None or (text.text or "").startswith(sign)
        cells = [text.text for text in svg.iter("text") if (text.get("class") or "").startswith("bit")]
        assert len(cells) == 8 * 10
        assert cells[0] == "+3.4"
        assert "−2.2" in cells


def test_bars_have_range_prior_and_bands(case: Mail, page: str) -> None:
    """Each hypothesis has a range, a disc within it and a prior mark at their probabilities; the bands are named."""
    broad, narrow = drawings(page, "bars")
    for svg, left, room in ((broad, 268, 500), (narrow, 0, 386)):
        spans = [one for one in svg.iter("rect") if one.get("class") == "span"]
        discs = [float(one.get("cx") or 0) for one in svg.iter("circle")]
        began = [
            float((one.get("d") or "M0 ")[1:].split()[0]) for one in svg.iter("path") if one.get("class") == "began"
        ]
        hypotheses = told(case).attributions.full[0].hypotheses
        assert len(spans) == len(discs) == len(began) == len(hypotheses)
        for span, disc, start, one in zip(spans, discs, began, hypotheses, strict=True):
            low = float(span.get("x") or 0)
            assert low == pytest.approx(left + room * one.low, abs=0.1)
            assert low <= disc <= low + float(span.get("width") or 0) + 0.1
            assert disc == pytest.approx(left + room * one.posterior, abs=0.1)
            assert start == pytest.approx(left + room * one.prior, abs=0.1)
        texts = [text.text for text in svg.iter("text")]
        assert {"almost no chance", "roughly even chance", "almost certain"} <= set(texts)


def test_claims_of_others_are_no_evidence_of_ours(case: Mail, page: str) -> None:
    """What others claim stands outside the box, with root, grade, and whether its report names what was seen."""
    assert "What others claim" not in weighed_box(page)
    inside = part(page, "attribution")
    text = Page(inside[inside.index("<h4>What others claim") :]).text
    assert "None of them is evidence of ours, and none counts for anything above." in text
    others = told(case).attributions.full[0].claimed
    assert [other.claim.speaker for other in others if other.tied] == ["Northgate Labs", "Northgate Labs"]
    assert {other.claim.proposition for other in others} == {"who", "directed", "same-actor"}
    assert "Northgate Labs attributes: “ Tin Heron ”" in text
    assert "Root: Northgate Labs, 2024-08-14 . Grade B2" in text
    assert "Glass Otter" not in text, "a rejected claim is shown nowhere"


def test_claims_of_others_are_capped() -> None:
    """However many claim who it was, a card lists few, each that says something new, and counts the rest."""
    mail = fill(linked(), [*actors(), *weighed(OPERATION), *claimed()])
    for number in range(60):
        row = {"claim": f"cl-{5_000 + number:08x}", "state": "proposed", "speaker": f"Speaker {number}"}
        put(mail, "claims", **row, proposition="who", polarity="affirms", act="attributes")
    (one,) = told(mail).attributions.full
    assert len(one.claimed) == CLAIMS
    assert one.more_claimed == 60 + 7 - CLAIMS


def test_many_exhibits_stay_readable() -> None:
    """Of 200 exhibits the strongest are told and drawn, in blocks that fit a phone, and the rest is counted."""
    mail = fill(linked(), [*actors(), *weighed(OPERATION)])
    for number in range(200):
        exhibit = f"e-1{number:05x}"
        put(mail, "exhibits", operation=OPERATION, exhibit=exhibit, sentence=f"Seen: {number}.")
        put(
            mail,
            "likelihoods",
            operation=OPERATION,
            exhibit=exhibit,
            hypothesis="crime",
            bits=0.1,
            counted=number / 1000,
        )
    page = report_html(told(mail))
    (one,) = told(mail).attributions.full
    assert (len(one.exhibits), one.more_exhibits) == (EXHIBITS, 209 - EXHIBITS)
    assert "Seen: 199." in page
    assert "Seen: 0." not in page
    assert one.hypotheses[0].all_bits == pytest.approx(sum(e["counted"].get(HERON, 0) for e in DATA["exhibit"]))
    assert f"{209 - EXHIBITS} weaker exhibits are not drawn" in Page(page).text
    for svg, wide in zip(drawings(page, "matrix"), (1000, 400), strict=True):
        rights = [float(one.get("x") or 0) + float(one.get("width") or 0) for one in svg.iter("rect")]
        assert max(rights) <= wide
    assert len(part(page, "attribution")) < 150_000


def test_json_has_the_same(case: Mail) -> None:
    """What was weighed stands in the JSON, which fits its schema."""
    data = json.loads(report_json(told(case)))
    schema = json_schema()["properties"]
    for name in ("attributions", "claims", "hits"):
        assert set(schema[name]["properties"]) == set(data[name])
    one = data["attributions"]["full"][0]
    assert set(schema["attributions"]["properties"]["full"]["items"]["properties"]) == set(one)
    assert len(one["hypotheses"]) == 8
    assert all(len(row["cells"]) == 9 for row in one["hypotheses"])
    assert data["hits"]["listed"][0]["said_by"] == "Northgate Labs"


def test_what_is_public_says_since_when(page: str) -> None:
    """A value of the mail that is publicly named has who named it, of whom, and whether that was before the mail."""
    text = Page(part(page, "hits")).text
    assert "reading[.]norwoodpoliing[.]example" in text
    assert "reading.norwoodpoliing.example" not in page
    assert "Northgate Labs A group that writes as scholars Tin Heron 2024-08-14" in text
    assert "after the mail" in text
    assert "3 messages of operation 1" in text
    assert "1 value is named, too, and means nothing: many share it" in text
    assert "many share this host" in text


@pytest.mark.parametrize(
    ("published", "first", "said"),
    [
        ((2024, 1, 5), (2024, 6, 3), "150 days before the mail: who read it could imitate it"),
        ((2024, 6, 4), (2024, 6, 3), "1 day after the mail"),
        ((2024, 6, 3), (2024, 6, 3), "less than a day before the mail: who read it could imitate it"),
        (None, (2024, 6, 3), "not known whether before or after the mail"),
    ],
)
def test_before_or_after(published: tuple[int, int, int] | None, first: tuple[int, int, int], said: str) -> None:
    """Whether something was public before the mail decides who could have imitated it."""
    public = datetime(*published, tzinfo=UTC) if published else None
    assert before_or_after(public, datetime(*first, tzinfo=UTC)) == said


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("url", "https://bad.example/x", "hxxps://bad[.]example/x"),
        ("host", "a.bad.example", "a[.]bad[.]example"),
        ("address", "robert@mail.example", "robert[@]mail.example"),
        ("persona", "see http://x.example", "see hxxp://x[.]example"),
    ],
)
def test_what_is_public_opens_nothing(kind: str, value: str, written: str) -> None:
    """No indicator stands on the page so that a program would open it."""
    assert shown(kind, value) == written


def test_nothing_weighed_is_one_quiet_line() -> None:
    """A case without any of this shows no section, but says how to add."""
    page = report_html(told(linked()))
    for name in ("attribution", "hits", "claims"):
        assert f'<section id="{name}">' not in page
    text = Page(page).text
    assert "watchword attribute fix OPERATION --actor …" in text
    assert "watchword claims add FILE…" in text
    assert not drawings(page, "(?:bars|matrix|claimed)")


def test_hostile_values_act_on_nothing(page: str) -> None:
    """Nothing that a document, an actor's file or a person wrote becomes markup, loads anything or hides what it is."""
    mail = linked()
    fill(mail, weighed(OPERATION, messages(mail), text=HOSTILE, decided=HERON, decided_because=HOSTILE))
    put(mail, "actors", actor=HERON, name=HOSTILE)
    fill(mail, claimed(HOSTILE))
    fill(mail, hit(messages(mail)[:2], OPERATION, value=HOSTILE, said_by=HOSTILE))
    hostile = told(mail)
    written = report_html(hostile)
    parsed = Page(written)
    assert {tag for tag, _ in parsed.tags} <= {tag for tag, _ in Page(page).tags} | {"tspan"}  # of a long title
    assert [tag for tag, _ in parsed.tags].count("script") == 1
    for tag, attributes in parsed.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:,")), (tag, attributes)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]", written)
    for name in ("attribution", "hits", "claims"):
        assert "&lt;script&gt;" in part(written, name)
    assert len(drawings(written, "(?:bars|matrix|claimed)")) == 6
    assert not re.search("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]", terminal(hostile))
