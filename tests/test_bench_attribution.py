"""What the measuring of attribution claims, on small data that we wrote: corpus, measures, planted cases."""

import datetime
import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.attribution import metrics, planted
from bench.attribution.answers import answers, methods, named_by_the_rules
from bench.attribution.corpus import Corpus, Report, incidents, read, sisters, year_and_day
from bench.attribution.infrastructure import Knowledge, Observed, blocks, by_vote, by_weight, judged
from bench.attribution.metrics import UNKNOWN, Answer
from bench.attribution.questions import BOTH, absent, later, later_without_sisters, left_out, of_campaigns
from watchword.attribute.likeness import Told, held, learn
from watchword.attribute.sensitivity import sensitivity

HERON, EGRET = "intrusion-set--heron", "intrusion-set--egret"
CODES = ("T1566.001", "T1566.002", "T1204", "T1059", "T1105", "T1027", "T1003")


def citation(name: str, said: str, url: str = "") -> dict[str, str]:
    """Give a reference as STIX has it."""
    return {"source_name": name, "description": said, "url": url or f"https://lab.example/{name}"}


OLD = citation("Old", "Ash, B. (2019, May 3). Herons at work. Retrieved June 1, 2019.")
AGAIN = citation("Old again", "Ash, B. (2019, May 3). Herons at work. Retrieved July 1, 2020.", OLD["url"] + "/?utm=1")
TWIN = citation("Twin", "Elm, C. (2019, June). The same herons. Retrieved June 30, 2019.")
NEW = citation("New", "Fir, D. (2022). Herons are back. Retrieved May 2, 2022.")
NO_DATE = citation("Undated", "Oak, E. (n.d.). Egrets. Retrieved March 1, 2018.")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Give a tree of STIX with two groups, a revoked one, one campaign and five citations of four documents."""

    def write(kind: str, key: str, /, **more: object) -> None:
        folder = tmp_path / kind
        folder.mkdir(exist_ok=True)
        one = {"type": kind, "id": f"{kind}--{key}", **more}
        (folder / f"{key}.json").write_text(json.dumps({"objects": [one]}), "utf-8")

    for name in ("heron", "egret"):
        write("intrusion-set", name, name=name.title())
    write("intrusion-set", "gone", name="Gone", revoked=True)
    for code in CODES:
        phase = "initial-access" if code.startswith("T1566") else "execution"
        write(
            "attack-pattern",
            code,
            external_references=[{"source_name": "mitre-attack", "external_id": code}],
            kill_chain_phases=[{"phase_name": phase}],
        )
    uses: list[tuple[str, str, Sequence[dict[str, str]]]] = [
        *((HERON, f"attack-pattern--{code}", [OLD, TWIN]) for code in CODES[:4]),
        (HERON, f"attack-pattern--{CODES[4]}", [AGAIN]),
        *((HERON, f"attack-pattern--{code}", [NEW]) for code in CODES[:4]),
        (HERON, "malware--quill", [OLD, NEW]),
        *((EGRET, f"attack-pattern--{code}", [NO_DATE]) for code in CODES[2:]),
        (EGRET, "tool--pliers", [NO_DATE]),
        ("intrusion-set--gone", f"attack-pattern--{CODES[0]}", [OLD]),
        *(("campaign--marsh", f"attack-pattern--{code}", [NEW]) for code in CODES[:5]),
    ]
    for number, (source, target, references) in enumerate(uses):
        write(
            "relationship",
            f"r{number}",
            relationship_type="uses",
            source_ref=source,
            target_ref=target,
            external_references=list(references),
        )
    write("relationship", "owner", relationship_type="attributed-to", source_ref="campaign--marsh", target_ref=HERON)
    write("campaign", "marsh", name="Marsh", first_seen="2021-05-01T00:00:00Z")
    return read(tmp_path)


def report(corpus: Corpus, name: str) -> Report:
    """Give the report that has a citation name."""
    return next(one for one in corpus.reports if name in one.names)


def test_a_cited_report_is_what_its_relations_say(corpus: Corpus) -> None:
    """Techniques, software and actor of a report come from all relations that cite it; revoked groups do not count."""
    old = report(corpus, "Old")
    assert old.techniques == frozenset(CODES[:5])
    assert old.software == {"malware--quill"}
    assert old.actor == HERON
    assert old.shown >= {"T1566.001", "T1566.002"}
    assert "T1105" not in old.shown


def test_one_document_cited_twice_is_one_report(corpus: Corpus) -> None:
    """Two citation names with one address are one document."""
    assert corpus.citations == 5
    assert len(corpus.reports) == 4
    assert report(corpus, "Old again") is report(corpus, "Old")


def test_sister_reports_are_found_and_are_one_incident(corpus: Corpus) -> None:
    """Reports that ATT&CK credits with the same in one sentence, weeks apart, are sisters; years apart they are not."""
    old, twin, new = (report(corpus, name) for name in ("Old", "Twin", "New"))
    assert sisters(old, twin)
    assert not sisters(old, new)
    assert sorted(map(len, incidents([old, twin, new]))) == [1, 2]


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("Ash, B. (2019, May 3). Birds of 2017. Retrieved June 1, 2020.", datetime.date(2019, 5, 3)),
        ("Elm, C. (2019, Sept). Birds. Retrieved June 30, 2021.", datetime.date(2019, 9, 1)),
        ("Fir (2022). Birds.", datetime.date(2022, 1, 1)),
        ("Yew 2018, August 27 Birds Retrieved. 2019/11/19", datetime.date(2018, 1, 1)),
        ("Oak, E. (n.d.). Birds of 2016. Retrieved March 1, 2018.", None),
        ("(2019, February 31). No such day.", datetime.date(2019, 2, 1)),
    ],
)
def test_the_date_is_that_of_the_document_and_not_of_reading_it(said: str, date: datetime.date | None) -> None:
    """A citation's date is when the document came out, never when it was retrieved."""
    assert year_and_day(said) == date


def test_profiles_never_learn_from_what_came_later(corpus: Corpus) -> None:
    """Split by year, lessons are older than questions; an undated report teaches if it had been read before."""
    split = later(corpus, BOTH, 2021)
    exam = split.exams[0]
    assert {told.name for told in exam.lessons} == {report(corpus, name).name for name in ("Old", "Twin", "Undated")}
    assert [question.name for question in exam.questions] == ["New"]
    assert not later(corpus, BOTH, 2018).exams[0].lessons


def test_sisters_are_not_asked_about_twice_nor_learned_from(corpus: Corpus) -> None:
    """With one report of each incident the smaller sister is gone, and left out alone it takes its sister with it."""
    split = later_without_sisters(corpus, BOTH, 2019)
    assert {question.name for question in split.exams[0].questions} == {report(corpus, "Old").name, "New"}
    of_old = next(
        exam for exam in left_out(corpus, BOTH, with_sisters=False).exams if exam.questions[0].name.startswith("Old")
    )
    assert "Twin" not in {told.name for told in of_old.lessons}


def test_where_the_true_actor_is_absent_nothing_of_it_is_learned(corpus: Corpus) -> None:
    """Every lesson is on somebody else than the questions."""
    for exam in absent(corpus, BOTH).exams:
        assert not {told.actor for told in exam.lessons} & {question.actor for question in exam.questions}


def test_a_campaign_is_not_told_from_the_reports_that_it_cites(corpus: Corpus) -> None:
    """Without shared citations, what the campaign's relations cite is not learned from."""
    with_shared, without = (of_campaigns(corpus, True, shared).exams[0] for shared in (True, False))
    assert "New" in {told.name for told in with_shared.lessons}
    assert "New" not in {told.name for told in without.lessons}
    assert with_shared.questions[0].actor == HERON


def test_every_method_finds_whom_the_reports_are_like(corpus: Corpus) -> None:
    """The heron's later report is nearer to the heron's older ones than to the egret's, by every method."""
    for method in methods():
        one = answers(method, later(corpus, BOTH, 2021))[0]
        assert one.best == HERON, method.name
        assert one.rank == 1
        if method.chance:
            assert math.isclose(sum(one.scores.values()), 1.0)


def test_techniques_alone_name_nobody(corpus: Corpus) -> None:
    """However well a list of techniques fits, it weighs 2 bits at most, and the rules name nobody by it."""
    fits = learn([Told("a", frozenset("pqrs")), *(Told("b", frozenset("wxyz")) for _ in range(9))]).fits(
        frozenset("pqrs")
    )
    assert fits["a"].uncapped > 2.0
    assert math.isclose(fits["a"].bits, 2.0)
    assert [named for _, named, _ in named_by_the_rules(of_campaigns(corpus, False, True))] == [""]


def test_a_program_of_one_actor_weighs_more_than_a_program_of_many() -> None:
    """What more actors use than the rules allow lifts no ceiling."""
    common, own = frozenset({"pliers"}), frozenset({"quill"})
    others = [Told(name, frozenset({"T1", name}), common) for name in "bcdefgh"]
    learned = learn([Told("a", frozenset({"T2", "T3"}), common | own), *others])
    assert learned.fits(frozenset({"T2", "T3"}), common)["a"].bits <= 2.0
    assert learned.fits(frozenset({"T2", "T3"}), own)["a"].bits > 2.0
    assert learned.fits(frozenset({"T2"}), own)["a"].nearest == ""


def test_holding_within_a_cap_keeps_the_order() -> None:
    """The foremost stays foremost, at the cap, and nobody falls below it."""
    bits = held({"a": 8.0, "b": 4.0, "c": -9.0}, 2.0)
    assert bits == {"a": 2.0, "b": 1.0, "c": -2.0}


def said(truth: str, cluster: str = "", **scores: float) -> Answer:
    """Give an answer; `_` is the unknown actor."""
    return Answer(truth, {UNKNOWN if name == "_" else name: value for name, value in scores.items()}, cluster=cluster)


SAID = [said("a", a=0.95, b=0.03, _=0.02), said("b", a=0.5, b=0.3, _=0.2), said(UNKNOWN, "c", a=0.92, b=0.04, _=0.04)]


def test_measures_are_what_they_say() -> None:
    """Order counts known actors only; precision and false names count those that are named; the scores are exact."""
    assert metrics.top(SAID, 1) == 0.5
    assert metrics.top(SAID, 2) == 1.0
    assert math.isclose(metrics.coverage(SAID), 2 / 3)
    assert metrics.precision(SAID) == 0.5
    assert math.isclose(metrics.falsely_named(SAID), 1 / 3)
    assert math.isclose(metrics.brier(SAID[:1]), 0.05**2 + 0.03**2 + 0.02**2)
    assert math.isclose(metrics.log_score(SAID[1:2]), -math.log2(0.3))
    assert math.isnan(metrics.precision(SAID[1:2]))


def test_of_equal_scores_nobody_is_first() -> None:
    """A method that gives all the same score is not right by the order of names."""
    assert said("a", a=0.3, b=0.3, c=0.3, _=0.1).rank == 2.0


def test_calibration_error_is_nought_where_said_is_true_and_its_distance_where_not() -> None:
    """Of ten said at .7 seven true gives 0; none true gives .7; chances of 1 fall into the last bin."""
    assert math.isclose(metrics.calibration_error([(0.7, place < 7) for place in range(10)]), 0.0, abs_tol=1e-9)
    assert math.isclose(metrics.calibration_error([(0.7, False)] * 10), 0.7)
    assert metrics.calibration_error([(1.0, True)]) == 0.0
    assert math.isclose(metrics.error_of_first(SAID[:1]), 0.05)


def test_intervals_hold_the_figure_and_draw_methods_together() -> None:
    """The figure lies within its interval, and a method is no better than itself in any draw."""
    found = metrics.interval(SAID * 5, metrics.coverage)
    assert found.low <= found.value <= found.high
    gap = metrics.difference(SAID, SAID, metrics.coverage)
    assert (gap.low, gap.value, gap.high) == (0.0, 0.0, 0.0)


LIST = """# Reference: https://lab.example/first
# Reference: https://other.example/more

kept-by-heron.example-nest.org
192.0.2.7

# Reference: https://press.example/second

marsh-login.org
files.marsh-login.org
shared-pages.github.io
"""


@pytest.fixture
def trails(tmp_path: Path) -> Path:
    """Give two lists of actors as maltrail has them, which share a host on a public service."""
    (tmp_path / "malware").mkdir()
    (tmp_path / "malware/apt_heron-1.txt").write_text(LIST, "utf-8")
    (tmp_path / "malware/apt_egret.txt").write_text("# Reference: https://a.example/x\n\nreeds.github.io\n", "utf-8")
    return tmp_path


def seen(*values: str, actors: frozenset[str] = frozenset(), publisher: str = "") -> Observed:
    """Give something observed."""
    return Observed("marsh", actors, publisher, frozenset(values))


def test_blocks_hold_what_their_references_say(trails: Path) -> None:
    """References that follow each other are of one block; the number of a second file is no part of the actor."""
    found = list(blocks(trails / "malware/apt_heron-1.txt"))
    assert [len(block.references) for block in found] == [2, 1]
    assert {block.actor for block in found} == {"heron"}
    assert found[0].publisher == "lab.example"
    assert "192.0.2.7" in found[0].values


def test_a_name_on_a_public_service_names_nobody_without_hubs(trails: Path) -> None:
    """Another name below the same public service is a hit only as long as hubs count."""
    one = seen("other.github.io")
    known = Knowledge(trails, [one])
    assert by_vote(known, seen("other.github.io", "reeds.github.io"), with_hubs=True).actor == "egret"
    assert known.hits(one, with_hubs=True)
    assert not known.hits(one, with_hubs=False)


def test_what_the_publisher_said_itself_is_no_independent_hit(trails: Path) -> None:
    """A block that cites who published the observed is left out."""
    one = seen("marsh-login.org")
    known = Knowledge(trails, [one])
    assert by_vote(known, one, with_hubs=False).actor == "heron"
    assert not by_vote(known, seen("marsh-login.org", publisher="press.example"), with_hubs=False).actor


def test_what_was_public_names_nobody_by_all_rules(trails: Path) -> None:
    """Four sources that agree on the actor would do, were not all that they say there for anybody to copy."""
    hosts = [f"{word}-login-{word}.org" for word in ("marsh", "pond", "creek", "delta")]
    told = [f"# Reference: https://lab-{number}.example/x\n\n{host}\n" for number, host in enumerate(hosts)]
    (trails / "malware/apt_bittern.txt").write_text("\n".join(told), "utf-8")
    one = seen(*hosts)
    known = Knowledge(trails, [one])
    assert by_weight(known, one, though_public=True).actor == "bittern"
    assert not by_weight(known, one, though_public=False).actor


def test_verdicts_are_told_apart(trails: Path) -> None:
    """Right, an alias split by the stated rule, wrong, and nobody."""
    one = seen("marsh-login.org", actors=frozenset({"heron"}))
    named = by_vote(Knowledge(trails, [one]), one, with_hubs=False)
    assert judged(named, set()) == "right"
    other = by_vote(Knowledge(trails, [one]), seen("marsh-login.org", actors=frozenset({"egret"})), with_hubs=False)
    assert judged(other, set()) == "wrong"
    assert judged(other, {("heron", "egret")}) == "alias split"


def test_what_is_planted_is_critical_and_is_found() -> None:
    """Of each sort of case: what was planted is proved critical without the function, and the function finds it."""
    made = planted.cases(seed=7, each=3)
    assert len({one.sort for one in made}) == len(planted.SORTS)
    for one in made:
        assert planted.is_planted(one)
        assert planted.is_found(one, sensitivity(one.items, one.hypotheses, one.priors)), one.sort


def test_a_wrong_answer_on_what_is_planted_is_not_counted_as_found() -> None:
    """A function that always says that nothing matters finds nothing that was planted."""
    for one in planted.cases(seed=7, each=1):
        blind = sensitivity([], one.hypotheses, one.priors)
        assert planted.is_found(one, blind) == (not one.critical)
