"""The report tells operations and what came of them: as the tables have it, and safe whatever mail holds."""

import json
import re
from itertools import pairwise
from typing import get_type_hints
from xml.etree import ElementTree

import pytest

from tests.operations_case import FAR, RUNGS, add, chosen, climb, digest, large, linked, put, tie
from tests.report_case import HOSTILE, NOW, WEIGHTS, Mail, Page, build
from watchword import tables
from watchword.disclose.answer import Answer, answer
from watchword.disclose.held_together import shared
from watchword.disclose.ladder_shown import LANES, STATES
from watchword.disclose.paragraph import how_far, lead, who_else
from watchword.disclose.picture_ladder import state
from watchword.disclose.report_html import report_html
from watchword.disclose.report_json import json_schema, report_json
from watchword.disclose.why import why, why_json, why_text


def told(mail: Mail) -> Answer:
    """The answer of a case."""
    return answer(
        mail.connection,
        mail.fetch,
        title="Campaign of spring",
        generated=NOW,
        version="0.1.0",
        per_owner=200,
        weights=WEIGHTS,
    )


@pytest.fixture(scope="module")
def case() -> Mail:
    """An operation that hit three people of two organisations."""
    return linked()


@pytest.fixture(scope="module")
def page(case: Mail) -> str:
    """Its report."""
    return report_html(told(case))


def section(page: str) -> str:
    """The part of a page that is about operations."""
    return page[page.index('<section id="operations">') : page.index('<section id="attention">')]


def drawings(page: str) -> list[ElementTree.Element]:
    """Every drawing in the part about operations, which must be well-formed."""
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", section(page), re.DOTALL)]  # noqa: S314  # ours


def test_the_first_paragraph_names_operations_and_the_gravest(case: Mail) -> None:
    """Who reads one paragraph learns how many operations hit several people, and how far the furthest came."""
    shown = told(case)
    assert "1 operation hit several people, and several organisations." in shown.answer
    assert (
        "The gravest that anything shows is that an account was entered by somebody else (Ana Ruiz, operation 1)."
        in shown.answer
    )
    assert "Of 1 account nothing at hand tells" in shown.answer
    assert shown.operations.unknown == 1


def test_a_card_says_who_why_and_on_what_it_hangs(page: str) -> None:
    """The card names the people, what ties the messages, how to look at them, on what it hangs, who could forge it."""
    text = Page(section(page)).text
    for said in (
        "9 messages from 1 address to 3 people (2 of campaign.example, 1 of paper.example), 2024-05-20 to 2024-06-29.",
        "It hit Ana Ruiz , Ben Okafor , Chiara Conti",
        "Both come from m.vogel@lnstitute.example . 19.0 bits, who it says it is from, and where answers go",
        "Links in both lead to sites[.]hosting[.]example . 16.0 bits",
        "Without that, 1 message of 9 would fall off",
        "Every link rests on something that shows only somebody who holds it.",
        "The other campaign : same host, sites[.]hosting[.]example , in their operation 3",
        'watchword operations part op-11112222 MESSAGE --because "…"',
    ):
        assert said in text, said
    assert re.search(r"9 messages to Ana Ruiz , Ben Okafor , Chiara Conti : watchword why \w{12} and \w{12}", text)


def test_json_has_the_same(case: Mail, page: str) -> None:
    """What the page says of an operation stands in the JSON, which fits its schema."""
    shown = told(case)
    data = json.loads(report_json(shown))["operations"]
    (one,) = data["full"]
    text = Page(section(page)).text
    assert one["sentence"] in text
    for bond in one["bonds"]:
        assert "".join(bond["sentence"].split()) in "".join(text.split())
    assert [rung["rung"] for rung in one["outcome"]["ladders"][0]["rungs"]] == list(RUNGS)
    schema = json_schema()["properties"]["operations"]
    assert set(schema["properties"]) == set(data)
    assert set(schema["properties"]["full"]["items"]["properties"]) == set(one)


def test_weakest_link_may_be_none() -> None:
    """An operation that no single thing splits is said to be so."""
    mail = linked()
    mail.connection.execute("update operations set weakest = [], weakest_because = ''")
    assert "No single thing splits it." in section(report_html(told(mail)))


def test_ladder_is_told_by_word_and_by_shape(case: Mail, page: str) -> None:
    """Each person has seven steps; the four states differ in word and in shape, so that colour is not needed."""
    (table,) = re.findall(r'<table class="ladder">.*?</table>', page, re.DOTALL)
    assert re.findall(r'<th title="[^"]*">(\w+)</th>', table) == [rung.capitalize() for rung in RUNGS]
    cells = re.findall(r'<td data-label="\w+">(.*?)</td>', table, re.DOTALL)
    assert len(cells) == 3 * 7
    words = [Page(cell).text.strip() for cell in cells]
    assert set(words) == {said for said, _ in STATES.values()}
    drawn = {name: re.sub(r' class="[^"]*"', "", state(name)) for name in STATES}
    assert len(set(drawn.values())) == 4
    assert words[:7] == ["shown"] * 6 + ["possible"]
    assert told(case).operations.full[0].outcome.furthest == "entered (Ana Ruiz); perhaps used (Ana Ruiz)"


def test_what_would_tell_is_said_once(page: str) -> None:
    """A log that would tell of several things or people stands there once, with what and of whom."""
    tells = re.findall(r'<ul class="tells">(.*?)</ul>', page, re.DOTALL)
    assert len(tells) == 1
    assert Page(tells[0]).text == "The log of sign-ins at the provider. It tells of: entered, used ( Ben Okafor )."


def test_story_stands_on_one_axis(case: Mail, page: str) -> None:
    """Lure, reply, sign-in and rule of one person lie on one axis, in that order; mail alone makes no picture."""
    (ladder, *others) = told(case).operations.full[0].outcome.ladders
    assert [one.lane for one in ladder.story] == ["Lure", "Reply", "Sign-in", "Rule, forwarding", "Reply"]
    assert not any(one.story for one in others)
    stories = [svg for svg in drawings(page) if "story" in (svg.get("class") or "")]
    assert len(stories) == 2
    broad = stories[0]
    lanes = [text.text for text in broad.iter("text") if text.get("class") == "name"]
    assert lanes == ["Lure", "Reply", "Sign-in", "Rule, forwarding"]
    heights = {text.text: float(text.get("y") or 0) for text in broad.iter("text") if text.get("class") == "name"}
    assert sorted(heights, key=heights.__getitem__) == lanes
    assert "log /evidence/login.csv , row 17" in Page(section(page)).text


def test_picture_has_a_lane_for_each_person_and_a_line_for_each_value(page: str) -> None:
    """The picture has a title and a description, marks that lead to the cards, and knots where a value is borne."""
    broad = next(svg for svg in drawings(page) if (svg.get("aria-labelledby") or "").startswith("t-b-"))
    assert (broad.findtext("title"), bool(broad.findtext("desc"))) == (
        "Operation 1: who was hit, and what ties the messages",
        True,
    )
    names = [text[-1].tail or text.text for text in broad.iter("text") if len(text)]
    assert names[:3] == ["Ana Ruiz", "Ben Okafor", "Chiara Conti"]
    links = [link.get("href") or "" for link in broad.iter("a")]
    assert len(links) == 9
    assert all(f'id="{link[1:]}"' in page for link in links)
    assert len([knot for knot in broad.iter("circle") if knot.get("class") == "knot"]) == 9 + 2


def test_messages_that_only_the_operation_shows(case: Mail) -> None:
    """What does not stand out by itself is listed as such, drawn as a ring, and leads nowhere without a card."""
    mail = linked()
    ((quiet,),) = mail.connection.execute(
        "select message from verdicts where tier = 'quiet' and owner like 'ana%' order by 1 limit 1"
    ).fetchall()
    put(
        mail,
        "members",
        operation="op-11112222",
        message=quiet,
        owner="ana.ruiz@campaign.example",
        role="tied",
        bits=9.0,
    )
    mail.connection.execute("update operations set messages = 10")
    page = section(report_html(told(mail)))
    assert "1 message that did not stand out by itself" in Page(page).text
    assert f'href="#m-{quiet[:16]}"' not in page
    broad = next(svg for svg in drawings(report_html(told(mail))) if "t-b-" in (svg.get("aria-labelledby") or ""))
    assert len([ring for ring in broad.iter("circle") if ring.get("class") == "other"]) == 1


def test_no_operations_at_all() -> None:
    """A case without operations says so, and draws nothing."""
    shown = told(build())
    page = report_html(shown)
    assert not shown.operations.full
    assert not shown.operations.rest
    assert "Nothing ties two messages that stand out to one another" in section(page)
    assert not drawings(page)
    assert (who_else(shown.operations), how_far(shown.operations)) == ("", "")
    assert "operation" not in shown.answer


def test_one_message_is_no_card_unless_it_came_far() -> None:
    """A message that stands alone is counted; one that was answered is told in full, without a picture of ties."""
    mail = build()
    found = chosen(mail)
    owner = "ana.ruiz@campaign.example"
    add(mail, [(found[owner][0], owner)], bits=None, forgeable="")
    shown = told(mail)
    assert (shown.operations.full, shown.operations.alone) == ((), 1)
    climb(mail, owner, FAR)
    shown = told(mail)
    assert (len(shown.operations.full), shown.operations.alone) == (1, 0)
    page = section(report_html(shown))
    assert "its weakest link" not in page.lower()
    assert "t-b-" not in page
    assert "answered (Ana Ruiz)" in Page(page).text


def test_what_was_sent_to_many_is_a_line() -> None:
    """Mass crime has no card, but is counted and listed; it has one where somebody answered."""
    mail = linked()
    mail.connection.execute("update verdicts set targeted = 0.1 where chosen")
    mail.connection.execute("delete from rungs")
    shown = told(mail)
    assert shown.operations.full == ()
    (brief,) = shown.operations.rest
    assert (brief.number, brief.messages, brief.people, brief.for_many) == (1, 9, 3, True)
    assert (shown.operations.several_people, shown.operations.others) == (0, 1)
    assert "watchword operations show op-11112222" in section(report_html(shown))
    assert "several people" not in shown.answer
    assert "1 more was sent to many, or less clear." in lead(shown.operations)
    climb(mail, "ben.okafor@campaign.example")
    assert len(told(mail).operations.full) == 1


def test_many_messages_and_people_stay_readable() -> None:
    """Of 70 messages to 40 people 60 are drawn in 24 lanes, and it is said how many are not; the page stays small."""
    shown = told(large(70, 40))
    (one,) = shown.operations.full
    assert (len(one.members), one.more_members, len(one.people)) == (60, 10, 40)
    page = report_html(shown)
    broad = next(svg for svg in drawings(page) if "t-b-" in (svg.get("aria-labelledby") or ""))
    assert len(list(broad.iter("a"))) <= 60
    says = [text.text for text in broad.iter("text") if text.text]
    lanes = sum(text is not None and text.startswith("Person ") for text in _names(broad))
    assert lanes == 24
    assert "and 16 more people, not drawn" in says
    days = sorted(float(text.get("x") or 0) for text in broad.iter("text") if text.get("text-anchor") == "middle")
    assert all(b - a > 60 for a, b in pairwise(days)), "labels of days overlap"
    assert "10 weaker messages are not drawn" in Page(section(page)).text
    assert "10 more people without a line here" in Page(section(page)).text
    assert len(section(page)) < 400_000


def _names(svg: ElementTree.Element) -> list[str | None]:
    return [text[-1].tail for text in svg.iter("text") if len(text)]


def test_unknown_owner() -> None:
    """Whoever's mailbox it is that nobody named is called so, in card, picture and ladder."""
    mail = linked()
    unknown = "4711aa00bb11"
    for table in ("members", "rungs", "verdicts", "moments"):
        mail.connection.execute(f"update {table} set owner = '{unknown}' where starts_with(owner, 'ben')")
    mail.connection.execute(f"update operations set owners = ['ana.ruiz@campaign.example', '{unknown}', '']")
    mail.connection.execute("update members set owner = '' where starts_with(owner, 'chiara')")
    shown = told(mail)
    page = report_html(shown)
    text = Page(section(page)).text
    assert "2 with an unknown owner" in text
    assert "unknown owner 4711aa" in text
    assert drawings(page)


@pytest.fixture(scope="module")
def hostile() -> Mail:
    """The same where every value that a sender, log or partner can write tries to act on the reader."""
    mail = linked(hostile=True)
    put(
        mail,
        "resemblances",
        operation="op-11112222",
        message=next(iter(chosen(mail).values()))[0],
        other=next(iter(chosen(mail).values()))[1],
        bits=12.0,
        kinds=["wording", HOSTILE],
        because=HOSTILE,
    )
    mail.connection.execute("update addresses set name = ?", [HOSTILE])
    return mail


def test_hostile_values_act_on_nothing(hostile: Mail, page: str) -> None:
    """No value becomes markup or an attribute, loads anything, or hides what it is; drawings stay well-formed."""
    shown = report_html(told(hostile))
    known = {tag for tag, _ in Page(page).tags}
    parsed = Page(shown)
    assert {tag for tag, _ in parsed.tags} <= known
    assert [tag for tag, _ in parsed.tags].count("script") == 1
    for tag, attributes in parsed.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:,")), (tag, attributes)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]", shown)
    assert section(shown).count("&lt;script&gt;") > 20
    assert len(drawings(shown)) >= 4


def test_hostile_values_do_not_act_on_a_terminal(hostile: Mail) -> None:
    """Nor do they through `watchword why`."""
    message = next(iter(chosen(hostile).values()))[0]
    text = why_text(why(hostile.connection, hostile.fetch, message, weights=WEIGHTS))
    assert "Operation 1, op-11112222: 9 messages to 3 people. It stands out by itself." in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_logs_are_told_with_what_they_miss(case: Mail, page: str) -> None:
    """A log stands there with its accounts, its span and what is missing; one that is cut short is a gap."""
    text = Page(page).text
    assert "Google Workspace, Admin console, User log events (CSV)" in text
    assert "It seems to be cut short: ends at exactly 5,000 rows." in text
    gaps = {gap.kind: gap.what for gap in told(case).gaps}
    assert gaps["log-truncated"].endswith("seems to be cut short: ends at exactly 5,000 rows.")
    assert gaps["log-rejected"].startswith("3 rows")
    assert "None was added." in Page(report_html(told(build()))).text


def test_what_resembles_it_is_told_from_both_sides() -> None:
    """Two operations that were not put together name each other, with what they share and why not."""
    mail = linked()
    owner = "ana.ruiz@campaign.example"
    quiet = [
        row[0]
        for row in mail.connection.execute(
            "select message from verdicts where tier = 'quiet' and owner = ? order by 1 limit 2", [owner]
        ).fetchall()
    ]
    first = chosen(mail)[owner][0]
    add(mail, [(one, owner) for one in quiet], operation="op-33334444", number=2)
    climb(mail, owner, operation="op-33334444")
    put(
        mail,
        "resemblances",
        operation="op-11112222",
        other_operation="op-33334444",
        message=first,
        other=quiet[0],
        bits=6.0,
        kinds=["wording"],
        because="All that they share could be copied.",
    )
    one, two = told(mail).operations.full
    assert [(alike.number, alike.other) for alike in one.alike] == [(2, quiet[0])]
    assert [(alike.number, alike.other) for alike in two.alike] == [(1, first)]
    text = Page(section(report_html(told(mail)))).text
    assert "Operation 2, which shares: same wording. All that they share could be copied. 6.0 bits" in text
    told_why = why_text(why(mail.connection, mail.fetch, first, weights=WEIGHTS))
    assert f"message {quiet[0][:16]}" in told_why[told_why.index("What resembles it") :]


def test_why_names_the_operation_and_its_ties(case: Mail) -> None:
    """`watchword why` leads from a message to those that it is tied to, strongest first, and says on what it hangs."""
    found = chosen(case)
    first = found["ana.ruiz@campaign.example"][0]
    last = found["chiara.conti@campaign.example"][-1]
    explained = why(case.connection, case.fetch, first, weights=WEIGHTS)
    assert explained.operation is not None
    assert [one.bits for one in explained.operation.ties] == [22.0] * 8
    assert not explained.operation.falls_off
    assert json.loads(why_json(explained))["operation"]["operation"] == "op-11112222"
    text = why_text(why(case.connection, case.fetch, last, weights=WEIGHTS))
    assert "It hangs on one thing: Both come from m.vogel@lnstitute.example. Without that it would fall off." in text
    assert f"message {first[:16]}" in text
    ((quiet,),) = case.connection.execute("select message from verdicts where tier = 'quiet' limit 1").fetchall()
    alone = why(case.connection, case.fetch, quiet, weights=WEIGHTS)
    assert alone.operation is None
    assert "Operation" not in why_text(alone)


def test_what_is_drawn_ties_every_message() -> None:
    """The lines that are chosen for the picture tie all messages, though stronger values would fill all places."""
    mail = build()
    found = chosen(mail)
    members = [(message, owner) for owner, messages in found.items() for message in messages]
    add(mail, members)
    keys = [message for message, _ in members]
    for number in range(12):  # strong, but of the first two only
        tie(mail, keys[0], keys[1], "phone", "contact", f"+1 555 {number}", 18.0, "Both name a number.")
    for number, (one, other) in enumerate(pairwise(keys[1:])):
        tie(mail, one, other, "persona", "person", f"name {number % 3}", 4.0, "Both are signed.")
    tied: dict[str, set[str]] = {key: {key} for key in keys}
    for value in shared(mail.connection, {"op-11112222": keys})["op-11112222"]:
        joined = set().union(*(tied[one] for one in value.messages))
        for one in joined:
            tied[one] = joined
    assert tied[keys[0]] == set(keys)


def test_values_of_one_text_are_one_line() -> None:
    """A text has many values that say nothing to a reader: where they overlap they are drawn once."""
    mail = build()
    found = chosen(mail)
    keys = found["ana.ruiz@campaign.example"]
    add(mail, [(message, "ana.ruiz@campaign.example") for message in keys])
    tie(mail, keys[0], keys[1], "wording", "text", digest("a"), 13.0, "Both say nearly the same.")
    tie(mail, keys[1], keys[2], "wording", "text", digest("b"), 13.0, "Both say nearly the same.")
    (line,) = shared(mail.connection, {"op-11112222": keys})["op-11112222"]
    assert (line.value, line.messages) == ("", tuple(keys))


def test_a_person_decided() -> None:
    """What only a person put together is said and drawn as that."""
    mail = build()
    keys = chosen(mail)["ana.ruiz@campaign.example"]
    add(mail, [(message, "ana.ruiz@campaign.example") for message in keys], by_person=True, bits=None)
    tie(mail, keys[0], keys[1], "decided", "decided", "", 0.0, "A person decided it.")
    text = Page(section(report_html(told(mail)))).text
    assert "A person put together or took apart some of it." in text
    assert "A person decided it. what a person decided" in text
    assert "A person put them together" in text


def test_every_kind_of_event_has_a_lane() -> None:
    """No event that a log may tell of is left to the lane of all others, but those that say nothing by themselves."""
    said = get_type_hints(tables.Event, include_extras=True)["kind"].__metadata__[0]
    kinds = {re.sub(r"\(.*?\)", "", one).strip() for one in re.sub(r"\(.*?\)", "", said).split(",")}
    assert kinds - set(LANES) == {"other"}
