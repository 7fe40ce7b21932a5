"""What is asked of every method: from which reports it learns, what it is shown, and who it truly was."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.attribution.corpus import LEAST, Campaign, Corpus, Report, incidents, sisters
from watchword.attribute.likeness import Told

SINCE = 2021  # reports of this year and later are the test; nothing was tuned on them
TUNED_SINCE = 2018  # reports from here to the test are told from those before, to tune on

Items = frozenset[str]


@dataclass(frozen=True, slots=True)
class Reading:
    """Which part of a report counts."""

    name: str
    techniques: Callable[[Report], Items]
    software: Callable[[Report], Items]

    def told(self, report: Report) -> Told:
        """Give a report on one actor as it is learned from."""
        return Told(report.actor, self.techniques(report), self.software(report), report.name)

    def size(self, report: Report) -> int:
        """Give how many items it has."""
        return len(self.techniques(report)) + len(self.software(report))


BOTH = Reading("techniques and software", lambda report: report.techniques, lambda report: report.software)
TECHNIQUES = Reading("techniques", lambda report: report.techniques, lambda _: frozenset())
SHOWN = Reading("techniques that mail can show", lambda report: report.shown, lambda _: frozenset())


@dataclass(frozen=True, slots=True)
class Question:
    """One set of items, whose they are, and what may be learned from."""

    name: str
    actor: str  # whose it is
    others: frozenset[str]  # whose it is, too, if ATT&CK says so; else empty
    techniques: Items
    software: Items


@dataclass(frozen=True, slots=True)
class Exam:
    """Questions that are answered from the same lessons."""

    lessons: Sequence[Told]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Split:
    """One row of the tables: all exams of one setting."""

    name: str
    exams: Sequence[Exam]
    note: str = ""


def later(corpus: Corpus, reading: Reading, since: int, until: int = 9999) -> Split:
    """Tell reports of a year and later from those before; undated ones only teach, if they were read before."""
    lessons = _lessons((report for report in corpus.reports if report.before(since)), reading)
    asked = [report for report in corpus.reports if report.since(since) and report.before(until)]
    span = f"{since} and later" if until == 9999 else f"{since} to {until - 1}"
    return Split(f"{span}, {reading.name}", [Exam(lessons, _questions(asked, reading))])


def later_without_sisters(corpus: Corpus, reading: Reading, since: int) -> Split:
    """Do the same, with one question of each incident and none on an incident that was learned from."""
    taught = [report for report in corpus.reports if report.actor and report.before(since)]
    asked = [
        report for report in corpus.reports if report.actor and report.since(since) and reading.size(report) >= LEAST
    ]
    fresh = [report for report in asked if not any(sisters(report, other) for other in taught)]
    chosen = [max(group, key=lambda one: (reading.size(one), one.name)) for group in incidents(fresh)]
    exam = Exam(_lessons(taught, reading), _questions(chosen, reading))
    note = f"{len(asked)} reports, {len(asked) - len(fresh)} of them sisters of older ones, {len(chosen)} incidents"
    return Split(f"{since} and later, one report of each incident", [exam], note)


def left_out(corpus: Corpus, reading: Reading, with_sisters: bool) -> Split:
    """Leave out one report, or all on its incident, and learn from all the rest, which may be later."""
    reports = [report for report in corpus.reports if report.actor]
    exams = []
    for report in reports:
        if reading.size(report) >= LEAST:
            rest = [other for other in reports if other is not report and (with_sisters or not sisters(report, other))]
            exams.append(Exam(_lessons(rest, reading), _questions([report], reading)))
    kept = "with sister reports kept" if with_sisters else "without sister reports"
    return Split(f"one report left out, {reading.name}, {kept}", exams)


def absent(corpus: Corpus, reading: Reading, since: int = 0) -> Split:
    """Ask about each report with all that was ever said of its actor taken away."""
    reports = [report for report in corpus.reports if report.actor]
    taught = [report for report in reports if report.before(since)] if since else reports
    exams = []
    for actor in sorted({report.actor for report in reports}):
        own = [
            report
            for report in reports
            if report.actor == actor and reading.size(report) >= LEAST and (not since or report.since(since))
        ]
        if own:
            rest = [report for report in taught if report.actor != actor]
            exams.append(Exam(_lessons(rest, reading), _questions(own, reading)))
    span = f"{since} and later" if since else "all years"
    return Split(f"true actor absent, {span}, {reading.name}", exams)


def of_campaigns(corpus: Corpus, software: bool, shared: bool) -> Split:
    """Ask about campaigns, learning from reports; without `shared`, from none that the campaign's entry cites."""
    reading = BOTH if software else TECHNIQUES
    exams = []
    for campaign in corpus.campaigns:
        if len(campaign.techniques) >= LEAST:
            rest = [report for report in corpus.reports if shared or not report.names & campaign.cites]
            exams.append(Exam(_lessons(rest, reading), [_campaign(campaign, software)]))
    kept = "" if shared else ", without what the campaign cites"
    return Split(f"campaigns, {reading.name}{kept}", exams)


def _lessons(reports: Iterable[Report], reading: Reading) -> list[Told]:
    return [reading.told(report) for report in reports if report.actor and reading.size(report)]


def _questions(reports: Iterable[Report], reading: Reading) -> list[Question]:
    return list(_asked(reports, reading))


def _asked(reports: Iterable[Report], reading: Reading) -> Iterator[Question]:
    for report in reports:
        if report.actor and reading.size(report) >= LEAST:
            yield Question(report.name, report.actor, frozenset(), reading.techniques(report), reading.software(report))


def _campaign(campaign: Campaign, software: bool) -> Question:
    actors = sorted(campaign.actors)
    programs = campaign.software if software else frozenset[str]()
    return Question(campaign.name, actors[0], frozenset(actors[1:]), campaign.techniques, programs)
