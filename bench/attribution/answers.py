"""Every method's answers to the same questions, Watchword's through `watchword.attribute`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.attribution.metrics import UNKNOWN, Answer
from bench.attribution.peers import Cosine, Jaccard, Lesson, Ratio
from bench.attribution.questions import Exam, Question, Split
from watchword.attribute.likeness import Fit, Learned, Told, learn
from watchword.attribute.rules import REFERENCE, Rules, rules
from watchword.attribute.score import Bits, Item, grid, outcome, posterior, scope

Ask = Callable[[Question], Mapping[str, float]]
Teach = Callable[[Sequence[Told]], Ask]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to say who it was."""

    name: str
    teach: Teach
    chance: bool  # it gives probabilities


def methods() -> list[Method]:
    """Give all of them, Watchword's last."""
    return [
        Method("Jaccard", lambda told: _peer(Jaccard.taught(_lessons(told)).scores), chance=False),
        Method("TF-IDF cosine", lambda told: _peer(Cosine.taught(_lessons(told)).scores), chance=False),
        Method("likelihood ratio", lambda told: _peer(Ratio.taught(_lessons(told)).scores), chance=True),
        Method(
            "likelihood ratio, exponent .4", lambda told: _peer(Ratio.taught(_lessons(told), 0.4).scores), chance=True
        ),
        Method("Watchword, as it counts", lambda told: _watchword(told, lambda fit: fit.bits), chance=True),
        Method("Watchword, before caps", lambda told: _watchword(told, lambda fit: fit.uncapped), chance=True),
    ]


def answers(method: Method, split: Split) -> list[Answer]:
    """Teach a method and ask it, exam by exam; exams with the same lessons are taught once."""
    found = []
    for exam in split.exams:
        ask = method.teach(exam.lessons)
        known = {lesson.actor for lesson in exam.lessons}
        found += [_answer(question, ask(question), known, method.chance) for question in exam.questions]
    return found


def named_by_the_rules(split: Split, most: int = 10_000) -> list[tuple[str, str, bool]]:
    """Weigh profiles as exhibits by the product's own rules: hypotheses, imitators, a range of priors, caps.

    Gives for each question its name, the actor who is at least likely over all priors (empty if none is), and whether
    that is right. Two roots are asked for in addition, and a profile is one: so nobody can be named from it alone.
    """
    found = []
    known = rules()
    for exam in split.exams:
        learned = learn(exam.lessons)
        for question in exam.questions[:most]:
            leader = _concluded(learned, question, known)
            found.append((question.name, leader, leader in {question.actor, *question.others}))
    return found


def prior(learned: Learned, known: Rules) -> Bits:
    """Give every actor a share by how many reports there are on it, and the unknown actor what is fixed for it."""
    total = sum(profile.reports for profile in learned.profiles.values())
    shares = {actor: (1 - known.unknown) * one.reports / total for actor, one in learned.profiles.items()}
    return {UNKNOWN: known.unknown} | shares


def _answer(question: Question, scores: Mapping[str, float], known: set[str], chance: bool) -> Answer:
    # Of a campaign with two owners, the one that a method likes better counts.
    owners = [actor for actor in (question.actor, *sorted(question.others)) if actor in known]
    truth = max(owners, key=lambda actor: scores.get(actor, 0.0)) if owners else UNKNOWN
    return Answer(truth, dict.fromkeys(known, 0.0) | dict(scores), chance, question.actor)


def _lessons(told: Sequence[Told]) -> list[Lesson]:
    return [Lesson(one.actor, one.items) for one in told]


def _peer(scores: Callable[[frozenset[str]], Mapping[str, float]]) -> Ask:
    def ask(question: Question) -> Mapping[str, float]:
        found = dict(scores(question.techniques | question.software))
        return {UNKNOWN: max(0.0, 1 - sum(found.values()))} | found

    return ask


def _watchword(told: Sequence[Told], counted: Callable[[Fit], float]) -> Ask:
    learned = learn(told)
    known = rules()
    before = prior(learned, known)

    def ask(question: Question) -> Mapping[str, float]:
        fits = learned.fits(question.techniques, question.software)
        return posterior(before, {"profile": {actor: counted(fit) for actor, fit in fits.items()}})

    return ask


def _concluded(learned: Learned, question: Question, known: Rules) -> str:
    fits = learned.fits(question.techniques, question.software)
    hypotheses = scope(learned.profiles)
    activity = {actor: float(profile.reports) for actor, profile in learned.profiles.items()}
    items = [
        Item(
            "techniques", "technique", "reports", {actor: fit.techniques for actor, fit in fits.items()}, imitable=True
        ),
        Item("software", "software", "reports", {actor: fit.software for actor, fit in fits.items()}, imitable=True),
    ]
    found = outcome(items, hypotheses, grid(hypotheses, activity, known.among, known=known), known)
    leader = next(one for one in hypotheses if one.name == found.leader)
    return leader.actor if leader.names and leader.name != REFERENCE and found.stands(known) else ""


__all__ = ["Exam", "Method", "answers", "methods", "named_by_the_rules", "prior"]
