"""Who may be behind the operations of a case: from hits, facts and what people said to the four tables."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution_case import AFTER, BEFORE, OPERATION, START, World, key
from watchword.attribute import kept
from watchword.attribute.evidence import MATCHES, kinds, read_kind
from watchword.attribute.kept import About, Brought, Decided, Fixed
from watchword.attribute.rules import CLASSES, rules
from watchword.attribute.score import grid, scope
from watchword.attribute.told import lines
from watchword.case import Case
from watchword.errors import WatchwordError

LABS = ("Lab One", "Lab Two", "Lab Three", "Lab Four")
SORTS = ("domain", "ip", "hash", "address")
FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
COUNTER = iter(range(10**6))


def world(folder: Path) -> World:
    """A case of its own in that folder."""
    return World(folder / str(next(COUNTER)))


def told(connection: duckdb.DuckDBPyConnection, operation: str = OPERATION) -> dict[str, object]:
    """What is said of an operation."""
    found = connection.execute("select * from attributions where operation = ?", [operation])
    names = [column[0] for column in found.description or ()]
    (row,) = found.fetchall()
    return dict(zip(names, row, strict=True))


def strong(made: World, messages: list[str], published: datetime | None, grade: str = "B2", count: int = 4) -> None:
    """What four laboratories say, each of another sort of thing."""
    for sort, lab in list(zip(SORTS, LABS, strict=True))[:count]:
        made.hit(messages[0], "apt90", f"thing-of-{sort}.example", sort, said_by=lab, published=published, grade=grade)


def about(messages: list[str], operation: str = OPERATION) -> About:
    """Who says something of these messages."""
    return About(operation, tuple(messages), START + timedelta(days=60), "Ana")


# ------------------------------------------------------------ naming


def test_four_roots_that_nobody_could_copy_may_be_named(tmp_path: Path) -> None:
    """Private when the mail was sent, of four laboratories and sorts: likely over all priors, and no rule objects."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    strong(made, messages, AFTER)
    found = told(made.build())
    assert (found["hypothesis"], found["abstains"], found["rules"]) == ("apt90", False, [])
    assert found["decided"] == ""
    assert len(found["evidence_for"]) == 4  # type: ignore[arg-type]  # a list


@FEW
@given(st.integers(1, 4), st.sampled_from(["A1", "A2", "B2", "C3", ""]), st.sampled_from([BEFORE, START, None]))
def test_what_was_public_before_the_mail_names_nobody(
    tmp_path: Path, count: int, grade: str, published: datetime | None
) -> None:
    """An imitator could have read it: however many indicators and however good their source, the actor is not named."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90", zone="210", language="fa", technique="T1566.002")
    strong(made, messages, published, grade, count)
    made.rows.add("traces", message=messages[0], kind="zone", value="+210", bits=3.0)
    connection = made.build()
    found = told(connection)
    assert found["hypothesis"] != "apt90"
    assert any("copied" in rule for rule in found["rules"])  # type: ignore[attr-defined]  # a list
    assert connection.execute("select count(*) from exhibits where not imitable").fetchall() == [(0,)]


def test_it_counts_when_anybody_published_it_first(tmp_path: Path) -> None:
    """A later report by another source does not make private what was public before the mail."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    made.hit(messages[0], "apt90", "old.example", said_by="Lab One", published=AFTER)
    made.hit(messages[0], "", "old.example", said_by="Lab Two", published=BEFORE)
    connection = made.build()
    assert connection.execute("select imitable, published from exhibits").fetchall() == [(True, BEFORE)]


@FEW
@given(st.integers(0, 2**32))
def test_no_attribution_rests_on_a_hub(tmp_path: Path, seed: int) -> None:
    """What everybody uses, or more than three actors are said to use, weighs nothing and is shown with the reason."""
    draw = random.Random(seed)  # noqa: S311  # the same draw for the same seed
    made = world(tmp_path)
    messages = made.operation()
    for number in range(90, 96):
        made.actor(f"apt{number}")
    for number in range(draw.randrange(1, 9)):
        sort, lab = draw.choice([*SORTS, "host", "url"]), draw.choice(LABS)
        if draw.random() < 0.5:
            made.hit(
                messages[0], "apt90", f"hub-{number}.example", sort, said_by=lab, hub="everybody has it", grade="A1"
            )
        else:
            for actor in range(90, 94):
                made.hit(messages[0], f"apt{actor}", f"many-{number}.example", sort, said_by=lab, grade="A1")
    connection = made.build()
    assert told(connection)["hypothesis"] == ""
    assert connection.execute("select count(*) from likelihoods").fetchall() == [(0,)]
    shown = connection.execute("select hub, sentence from exhibits").fetchall()
    assert shown
    assert all(hub and "says nothing" in sentence for hub, sentence in shown)


def test_one_report_names_nobody_however_much_it_lists(tmp_path: Path) -> None:
    """Twenty private indicators with one root do not make two roots."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    for number in range(20):
        made.hit(messages[0], "apt90", f"{number}.example", SORTS[number % 4], grade="A1")
    found = told(made.build())
    assert found["hypothesis"] == ""
    assert any("2 independent roots" in rule for rule in found["rules"])  # type: ignore[attr-defined]  # a list
    assert "lab one" in str(found["hangs_on_sentence"])


def test_documents_that_share_a_root_are_one(tmp_path: Path) -> None:
    """Four publishers that copy one another are one root, as the ledger of claims has it."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    made.rows.add("roots", root="root-1", origin="Lab One", documents=[f"doc-{number}" for number in range(4)])
    for number, (sort, lab) in enumerate(zip(SORTS, LABS, strict=True)):
        made.rows.add("documents", document=f"doc-{number}", publisher=lab, grade="A2")
        made.hit(messages[0], "apt90", f"{sort}.example", sort, said_by=lab, document=f"doc-{number}")
    connection = made.build()
    assert connection.execute("select distinct root, grade from exhibits").fetchall() == [("root-1", "A2")]
    assert told(connection)["hypothesis"] == ""


def test_techniques_name_nobody(tmp_path: Path) -> None:
    """A list of techniques that fits one actor best does not bring it into scope, nor counts above 2 bits."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90", technique="T1566.002")
    made.actor("apt91", technique="T1203")
    made.rows.add("findings", message=messages[0], detector="link-lookalike", sentence="It looks alike.")
    assert told(made.build())["nearest"] == ""
    made = world(tmp_path)
    messages = made.operation()
    for number in range(90, 99):
        made.actor(f"apt{number}", technique="T1583.001" if number == 90 else "T1203")
    made.rows.add("findings", message=messages[0], detector="link-lookalike", sentence="It looks alike.")
    scoped(made, messages, "apt90")
    connection = made.build()
    ((bits,),) = connection.execute("select bits from likelihoods where hypothesis = 'apt90'").fetchall()
    assert 0 < bits <= 2
    assert told(connection)["hypothesis"] == ""


# ------------------------------------------------------------ hypotheses


def scoped(made: World, messages: list[str], *actors: str, further: tuple[str, ...] = ()) -> Fixed:
    """Fix hypotheses for these messages."""
    hypotheses = scope(actors, further)
    priors = tuple(grid(hypotheses, dict.fromkeys(actors, 1.0), rules().among))
    fixed = Fixed(about(messages), actors, further, priors, kept.digest([one.name for one in hypotheses], priors))
    kept.fix(made.case, fixed)
    return fixed


def test_the_standard_set_holds_no_actor_unless_something_of_it_was_met(tmp_path: Path) -> None:
    """Without hits there are the classes and nobody; it says that nobody fixed them, and abstains."""
    made = world(tmp_path)
    made.operation()
    made.actor("apt90", zone="210", language="en")
    connection = made.build()
    names = {name for (name,) in connection.execute("select hypothesis from hypotheses").fetchall()}
    assert names == set(CLASSES)
    assert connection.execute("select count(*) from hypotheses where fixed is not null").fetchall() == [(0,)]
    assert told(connection)["abstains"]
    assert "Nobody fixed the hypotheses" in " ".join(lines(connection, OPERATION))


def test_hypotheses_that_were_fixed_stay_as_they_were(tmp_path: Path) -> None:
    """With time and digest; what was met of an actor out of scope speaks for others of its sort, and adds nobody."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    made.actor("apt91")
    fixed = scoped(made, messages, "apt91", further=("a domestic rival",))
    strong(made, messages, AFTER)
    connection = made.build()
    rows = connection.execute("select hypothesis, fixed, digest from hypotheses").fetchall()
    assert {name for name, _, _ in rows} == {*CLASSES, "apt91", "imitator of apt91", "a domestic rival"}
    assert {(when, digest) for _, when, digest in rows} == {(fixed.about.time, fixed.digest)}
    spoken = {name for (name,) in connection.execute("select hypothesis from likelihoods where bits > 0").fetchall()}
    assert spoken == {"other-state"}


def test_one_name_in_two_sources_is_one_hypothesis_and_two_names_are_two(tmp_path: Path) -> None:
    """`apt90` and `apt90@mitre-attack` are one; an alias is not merged."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90", alias="Grey Heron")
    made.actor("apt90@mitre-attack")
    made.actor("grey-heron@misp-galaxy")
    made.hit(messages[0], "apt90@mitre-attack", "one.example")
    made.hit(messages[0], "grey-heron@misp-galaxy", "two.example", said_by="Lab Two")
    rows = made.build().execute("select hypothesis from hypotheses where actor <> '' order by 1").fetchall()
    assert [name for (name,) in rows] == ["apt90", "grey-heron", "imitator of apt90", "imitator of grey-heron"]


# ------------------------------------------------------------ what people said


def bring(made: World, messages: list[str], name: str, likelihoods: dict[str, str], **given: str) -> None:
    """Bring an exhibit."""
    row = {"source": "Provider", "grade": "A1", "root": "provider", "forgeable": "holder"} | given
    said = (row["source"], row["grade"], row["root"], row["forgeable"])
    kept.bring(
        made.case,
        Brought(about(messages), name, f"What {name} says.", likelihoods, *said, "person", name, "adversary", None),
    )


def test_what_a_person_brings_is_weighed_with_its_grade(tmp_path: Path) -> None:
    """An exhibit by hand counts for the hypotheses that it names; withdrawn it counts no more, and is kept."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    bring(made, messages, "e-000001", {"apt90": "very-strong", "crime": "against moderate"})
    bring(made, messages, "e-000002", {"insider": "strong"}, grade="C3", forgeable="cheap", root="a friend")
    found = made.build().execute("select exhibit, hypothesis, counted from likelihoods").fetchall()
    rows = {(exhibit, hypothesis): counted for exhibit, hypothesis, counted in found}
    assert rows["e-000001", "apt90"] == pytest.approx(9.9, abs=0.1)
    assert -3.4 < rows["e-000001", "crime"] < -2
    assert 4 < rows["e-000002", "insider"] < 6
    kept.withdraw(made.case, about(messages), "e-000001", "It was a mistake.")
    connection = made.build()
    assert connection.execute("select exhibit from exhibits").fetchall() == [("e-000002",)]
    assert "e-000001" in (made.case.path / kept.FILE).read_text("utf-8")


def test_one_authority_may_carry_a_conclusion_but_not_one_root(tmp_path: Path) -> None:
    """What hangs on one exhibit is named only where an authority vouches for it, and a second root speaks, too."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    bring(made, messages, "e-000001", {"apt90": "very-strong"})
    assert any("2 independent roots" in one for one in told(made.build())["rules"])  # type: ignore[attr-defined]  # a list
    bring(made, messages, "e-000002", {"apt90": "strong"}, source="Lab", root="lab", grade="C3")
    found = told(made.build())
    assert found["hypothesis"] == "apt90"
    assert found["hangs_on"] == ["e-000001"]


def test_what_others_claim_weighs_nothing(tmp_path: Path) -> None:
    """An attribution by an agency, confirmed and graded A1, is shown beside and changes no number."""
    made = world(tmp_path)
    made.operation()
    made.actor("apt90")
    before = made.build().execute("select hypothesis, posterior from hypotheses order by 1").fetchall()
    made.rows.add("claims", claim="cl-1", state="confirmed", speaker="An agency", act="attributes", proposition="who",
                  actor="APT90", polarity="affirms", root="root-1", grade="A1", target="campaign")  # fmt: skip
    made.rows.add("roots", root="root-1", origin="An agency, 2024-08-19")
    connection = made.build()
    assert connection.execute("select hypothesis, posterior from hypotheses order by 1").fetchall() == before
    text = " ".join(lines(connection, OPERATION))
    assert "An agency attributes" in text
    assert "weighs nothing above" in text


def test_a_decision_stays_with_its_messages(tmp_path: Path) -> None:
    """When the operation gets another name, the decision goes along; among many new messages it lapses."""
    made = world(tmp_path)
    messages = made.operation("op-new")
    kept.decide(made.case, Decided(about(messages[:2], "op-old"), "apt90", "Two providers say so.", (), "likely"))
    assert told(made.build(), "op-new")["decided"] == "apt90"
    more = world(tmp_path)
    many = more.operation("op-new", messages=9)
    kept.decide(more.case, Decided(about(many[:2], "op-old"), "apt90", "Two providers say so.", (), "likely"))
    found = told(more.build(), "op-new")
    assert found["decided"] == ""
    assert "decide again" in str(found["decided_because"])


def test_the_later_decision_counts(tmp_path: Path) -> None:
    """A name, and then nobody: nobody."""
    made = world(tmp_path)
    messages = made.operation()
    for actor in ("apt90", kept.NOBODY):
        kept.decide(made.case, Decided(about(messages), actor, f"Because of {actor}.", (), ""))
    found = told(made.build())
    assert (found["decided"], found["decided_because"]) == ("nobody", "Because of nobody.")


def test_an_operation_that_resembles_a_decided_one_is_told_so_and_not_named(tmp_path: Path) -> None:
    """A person's earlier decision speaks for the same actor a little, and goes back to that decision as its root."""
    made = world(tmp_path)
    first = made.operation("op-first")
    second = made.operation("op-second")
    made.actor("apt90")
    made.rows.add("resemblances", operation="op-first", other_operation="op-second", message=first[0], other=second[0])
    kept.decide(made.case, Decided(about(first, "op-first"), "apt90", "A provider says so.", (), ""))
    kept.fix(made.case, Fixed(about(second, "op-second"), ("apt90",), (), *_priors("apt90")))
    connection = made.build()
    rows = connection.execute("select kind, root from exhibits where operation = 'op-second'").fetchall()
    assert rows == [("earlier", "a person's decision on op-first")]
    assert told(connection, "op-second")["hypothesis"] == ""


def _priors(*actors: str) -> tuple[tuple[dict[str, float], ...], str]:
    hypotheses = scope(actors)
    priors = tuple(grid(hypotheses, dict.fromkeys(actors, 1.0), rules().among))
    return priors, kept.digest([one.name for one in hypotheses], priors)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@FEW
@given(TEXT, TEXT, st.lists(TEXT, max_size=3), st.dictionaries(TEXT, st.sampled_from(["strong", "against slight"])))
def test_what_was_said_is_read_as_it_was_written(
    tmp_path: Path, one: str, other: str, messages: list[str], likelihoods: dict[str, str]
) -> None:
    """Whatever is in it, a record comes back the same."""
    case = world(tmp_path).case
    of = About(one, tuple(messages), datetime(2024, 8, 20, tzinfo=UTC), other)
    brought = Brought(of, one, other, likelihoods, one, other, one, other, one, other, one, None)
    decided = Decided(of, other, one, tuple(messages), one)
    kept.bring(case, brought)
    kept.decide(case, decided)
    found = kept.read(case)
    assert (found.brought, found.decided) == ([brought], [decided])


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: row | {"record": "guess"},
        lambda row: row | {"digest": "0" * 64},
        lambda row: row | {"priors": []},
        lambda row: row | {"messages": "all"},
        lambda row: {name: value for name, value in row.items() if name != "time"},
        lambda row: row | {"priors": [{"unknown-actor": 0.1} for _ in row["priors"]]},
    ],
)
def test_a_line_that_was_changed_is_told(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Hypotheses whose priors were changed after they were fixed are noticed, as is any line that is no record."""
    made = world(tmp_path)
    scoped(made, made.operation(), "apt90")
    file = made.case.path / kept.FILE
    file.write_text(json.dumps(damage(json.loads(file.read_text("utf-8")))) + "\n", "utf-8")
    with pytest.raises(WatchwordError, match="Line 1 of"):
        kept.read(Case(made.case.path))


# ------------------------------------------------------------ other kinds


def test_crime_and_states_are_told_apart_a_little(tmp_path: Path) -> None:
    """Money and numbers speak for crime, patience against it; none of it alone makes anything likely."""
    made = world(tmp_path)
    messages = made.operation()
    made.rows.add("findings", message=messages[0], detector="asks-payment", sentence="It asks for money.")
    connection = made.build()
    assert connection.execute("select hypothesis, bits from likelihoods").fetchall() == [("crime", 2.0)]
    assert told(connection)["hypothesis"] == ""
    made = world(tmp_path)
    messages = made.operation()
    made.rows.add("findings", message=messages[0], detector="asks-interview", sentence="It asks for a talk.")
    rows = dict(made.build().execute("select hypothesis, bits from likelihoods").fetchall())
    assert rows["crime"] < 0 < rows["other-state"]


def test_a_manner_of_naming_that_honest_domains_share_is_a_hub(tmp_path: Path) -> None:
    """A regular expression counts for its actor, 2 bits at most; not where other domains of the case fit it, too."""
    for honest, counts in ((0, True), (9, False)):
        made = world(tmp_path)
        messages = made.operation()
        made.actor("apt90", naming=r"^(mail|drive)-[a-z]+\.example$")
        made.fact("apt90", "naming", "(broken")
        made.rows.add("traces", message=messages[0], kind="link-domain", value="mail-harbour.example", bits=9.0)
        for number in range(honest):
            made.rows.add("domains", organisation=f"mail-{chr(97 + number)}.example")
        scoped(made, messages, "apt90")
        connection = made.build()
        rows = connection.execute("select bits from likelihoods where hypothesis = 'apt90'").fetchall()
        assert (rows == [(2.0,)]) == counts, honest
        ((hub,),) = connection.execute("select hub from exhibits").fetchall()
        assert bool(hub) != counts


def test_a_clock_that_does_not_fit_speaks_against(tmp_path: Path) -> None:
    """Of an actor whose clock is known, another clock says a little; of one whose is not, nothing."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90", zone="210")
    made.actor("apt91")
    made.rows.add("traces", message=messages[0], kind="zone", value="+480", bits=3.0)
    scoped(made, messages, "apt90", "apt91")
    rows = made.build().execute("select hypothesis, bits from likelihoods").fetchall()
    assert rows == [("apt90", -0.3)]


def test_every_kind_of_evidence_can_be_asked(tmp_path: Path) -> None:
    """Each file's query runs on a case, and each kind says who else could show it and why it weighs no more."""
    found = kinds()
    assert len(found) > 15
    assert {one.match for one in found} == set(MATCHES)
    assert all(one.why and one.says and one.title for one in found)
    made = world(tmp_path)
    made.operation()
    made.build()


@pytest.mark.parametrize(
    ("change", "says"),
    [('match = "guess"', "not one of those"), ("cap = 1\nbits = 2", "more than its cap"), ("share = 1", "not one of")],
)
def test_a_kind_that_is_wrong_is_told(change: str, says: str) -> None:
    """A file that weighs more than its cap or names what is not known does not load."""
    fields = {"title": '"t"', "says": '"s"', "family": '"f"', "vertex": '"victim"', "match": '"facts"'}
    fields |= {"forgeable": '"cheap"'}
    fields |= {"cap": "2", "bits": "1", "share": "0.5", "why": '"w"', "missing": '""', "sql": '"select 1"'}
    for line in change.splitlines():
        name, _, value = line.partition(" = ")
        fields[name] = value
    with pytest.raises(ValueError, match=says):
        read_kind("one", "\n".join(f"{name} = {value}" for name, value in fields.items()))


def test_values_are_shown_so_that_nothing_is_opened_by_them(tmp_path: Path) -> None:
    """Hosts are written so that no program makes a link of them, and a value with braces is no sentence of its own."""
    made = world(tmp_path)
    messages = made.operation()
    made.actor("apt90")
    made.hit(messages[0], "apt90", "https://evil.example/{actors}", "url")
    ((sentence,),) = made.build().execute("select sentence from exhibits").fetchall()
    assert "hxxps://evil[.]example/{actors}" in sentence
    assert "evil.example" not in sentence


def test_an_empty_case_has_no_attribution(tmp_path: Path) -> None:
    """Without operations the tables are there and empty."""
    connection = world(tmp_path).build()
    assert connection.execute("select count(*) from attributions").fetchall() == [(0,)]
    assert key(1) != key(2)


def test_targets_and_weeks_say_a_little_and_less_the_more_do_so(tmp_path: Path) -> None:
    """Whom it wrote to and on which days fits an actor by under one bit; people's groups may be said by the case."""
    made = world(tmp_path)
    messages = made.operation(messages=16)
    for message in messages:
        made.rows.tables["messages"] = [row for row in made.rows.tables["messages"] if row[0] != message]
    for number, message in enumerate(messages):
        # 20 May 2024 is a Monday; none of these is a Friday or Saturday.
        when = START + timedelta(days=(0, 1, 2, 3, 6, 7, 8, 9)[number % 8] + 14 * (number // 8))
        made.rows.add("messages", message=message, time=when, date=when, from_address="a@b.example")
    made.actor("apt90", target="journalists", **{"working-week": "sun-thu"})
    made.actor("apt91", **{"working-week": "mon-fri"})
    made.case.knowledge.mkdir()
    file = made.case.knowledge / "targets.toml"
    file.write_text('[people]\n"ana@campaign.example" = "media"\n', "utf-8")
    scoped(made, messages, "apt90", "apt91")
    found = (
        made.build().execute("select kind, hypothesis, bits from likelihoods join exhibits using (exhibit)").fetchall()
    )
    bits = {(kind, hypothesis): size for kind, hypothesis, size in found}
    assert 0.3 < bits["target", "apt90"] < 0.7
    assert 0.3 < bits["working-week", "apt90"] < 0.7
    assert bits["working-week", "apt91"] == -0.3
    file.write_text('[people]\n"ana@campaign.example" = "kings"\n', "utf-8")
    with pytest.raises(WatchwordError, match="no group kings"):
        made.build()
