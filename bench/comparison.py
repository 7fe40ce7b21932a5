"""Watchword beside four other ways to find the few: what is found, what is falsely accused, what chances are worth.

    python -m bench.comparison --corpora DIR --work W [--seed N] [--paraphrase] [--markdown FILE] [--json FILE]

Every method scores the same mail: each corpus as a case of its own, and every carrier mailbox with its injected
operations. Thresholds are fixed on the development halves of the honest corpora, by the same rule for all: the lowest
at which no corpus alone has more than one alert in 1,000, or in 10,000, messages (of a smaller corpus none). Operations
of the seed are reported by split and by hand. SpamAssassin and rspamd are slow, so of honest mail they judge a sample,
and of the carriers the weeks with operations of val; what they said is kept in the work folder.
"""

import argparse
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from bench.cases import Judged, carrier_judged, corpora_cases, judged, labels, operation_cases
from bench.comparison_tables import ATTACK, SUSPICIOUS, Results, tables
from bench.measures import Method, above, alerts, calibration, key, limit, operations, placed
from bench.operations.inject import Truth
from bench.peers import anomaly, rspamd, spamassassin, words
from bench.peers.filters import Filter, Kept, asked
from bench.reliability import plot
from bench.scoring import BUDGETS, read_truth
from bench.weights import LEFT_OUT, SEEDS, development, once
from watchword.case import Case
from watchword.investigate import connect, fetch
from watchword.judge.weights import weights

RATES = (1_000, 10_000)  # honest messages for one alert
SAMPLE = 600  # honest messages of a corpus and split that slow programs judge
MASS_CORPUS = "phishing_pot"
AT_A_TIME = 100  # messages between two words on how far a slow program is

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Mail:
    """All mail that is measured on, and the cases that it lies in."""

    corpora: list[Judged]  # near-duplicates once
    carriers: list[Judged]  # weeks with operations, all that the mailbox received
    truth: list[Truth]
    cases: dict[str, Case]

    @property
    def rows(self) -> list[Judged]:
        """Give all of it."""
        return self.corpora + self.carriers

    def fixed_on(self) -> list[Judged]:
        """Give the honest mail that thresholds are fixed on."""
        return [row for row in self.corpora if row.label == "ham" and row.split == "dev" and row.corpus not in LEFT_OUT]


def main() -> None:
    """Judge, score, measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.comparison", description=__doc__.partition("\n")[0])
    parser.add_argument("--corpora", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for cases and kept scores")
    parser.add_argument("--seed", type=int, default=11, help="of the operations; weights were fitted on others")
    parser.add_argument("--paraphrase", action="store_true", help="every text of the operations in other words")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="where the reliability plot is to be written, as SVG")
    given = parser.parse_args()
    begun = time.monotonic()

    def say(words: str) -> None:
        sys.stderr.write(f"{time.monotonic() - begun:5.0f} s  {words}\n")

    mail = mail_of(given.corpora, given.work, given.seed, given.paraphrase, say)
    methods = [of_watchword(mail)]
    say("directed anomaly scoring")
    methods.append(of_anomaly(mail))
    methods.append(of_words(mail, given.corpora, given.work, say))
    absent = []
    for program in (spamassassin.FILTER, rspamd.FILTER):
        if program.path:
            methods.append(of_filter(program, mail, given.work / "scores", say))
        else:
            absent.append(program.name)
            say(f"{program.name} is not installed; it is left out.")
    results = measured(mail, methods, absent)
    shown = tables(results)
    print("\n\n".join(table.plain() for table in shown))
    if given.markdown:
        given.markdown.write_text("\n\n".join(table.markdown() for table in shown) + "\n", "utf-8")
    if given.plot:
        given.plot.write_text(plot([one for one in results.calibrations if one.split == "val"]), "utf-8")
    if given.json:
        report = {"seed": given.seed, "paraphrase": given.paraphrase, "weights": weights().date} | asdict(results)
        given.json.write_text(json.dumps(report, indent=1), "utf-8")
    say("done")


def mail_of(corpora: Path, work: Path, seed: int, paraphrase: bool, say: Say) -> Mail:
    """Judge corpora and carriers, and choose what is measured on."""
    known, cases, honest = labels(corpora), {}, []
    for name, case in corpora_cases(corpora, work):
        cases[name] = case
        honest += once(judged(case, name, corpora, known))
        say(f"judged {name}")
    out, carriers = operation_cases(corpora, work, seed, paraphrase)
    truth = read_truth(out)
    said = {row.sha256: row for row in truth}
    everything = []
    for name, case in carriers.items():
        rows = list(carrier_judged(case, name, out, said))
        weeks = {_week(row) for row in rows if row.operation}
        everything += [row for row in rows if _week(row) in weeks]
    say(f"judged {len(carriers)} carriers with operations of seed {seed}")
    return Mail(honest, everything, truth, cases | carriers)


def of_watchword(mail: Mail) -> Method:
    """Score by the probability as shipped; people look in the order of urgency."""
    return Method(
        "watchword",
        {key(row): row.probability for row in mail.rows},
        {key(row): row.urgency for row in mail.rows},
        chance=True,
    )


def of_anomaly(mail: Mail) -> Method:
    """Score by how alone a message stands; what nobody but the owner wrote to himself stands in no comparison."""
    found = dict.fromkeys(map(key, mail.rows), 0.0)
    for name, case in mail.cases.items():
        found |= {(name, message): score for message, score in anomaly.scores(case).items()}
    return Method("anomaly", found, found, chance=False)


def of_words(mail: Mail, corpora: Path, work: Path, say: Say) -> Method:
    """Fit the bag of words on what weights are fitted on, and score all."""
    fitted_on = development(mail.corpora)
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in mail.rows:
        wanted[row.corpus].add(row.message)
    counts: dict[str, words.Bag] = {}  # by digest
    for name, messages in wanted.items():
        counts |= words.bags(mail.cases[name], messages)
    for seed in SEEDS:
        out, carriers = operation_cases(corpora, work, seed)
        said = {row.sha256: row for row in read_truth(out)}
        for name, case in carriers.items():
            rows = development(row for row in carrier_judged(case, name, out, said) if row.operation)
            counts |= words.bags(case, {row.message for row in rows})
            fitted_on += rows
        say(f"judged operations of seed {seed}, for the bag of words")
    model = words.Words.fitted(fitted_on, [counts[row.message] for row in fitted_on])
    say(f"bag of words, fitted on {len(fitted_on):,} messages")
    scores = model.scores(mail.rows, [counts[row.message] for row in mail.rows])
    found = dict(zip(map(key, mail.rows), scores, strict=True))
    return Method("words", found, found, chance=True)


def of_filter(program: Filter, mail: Mail, folder: Path, say: Say) -> Method:
    """Let a program score a sample of honest mail, the injected messages, and val's weeks around them."""
    rows = chosen(mail)
    kept = Kept.of(program, folder)
    missing: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.message not in kept.scores:
            missing[row.corpus].append(row.message)
    total, done = sum(map(len, missing.values())), 0
    if total:
        say(f"{program.name} starts, {total} messages to judge")
        with program.listening() as port:
            for name, messages in missing.items():
                with connect(mail.cases[name]) as connection:
                    for start in range(0, len(messages), AT_A_TIME):
                        part = messages[start : start + AT_A_TIME]
                        kept.add(asked(program, port, fetch(mail.cases[name], connection, part)))
                        done += len(part)
                        say(f"{program.name} {done} of {total}")
    found = {key(row): kept.scores[row.message] for row in rows if row.message in kept.scores}
    return Method(program.name, found, found, chance=False)


def chosen(mail: Mail) -> list[Judged]:
    """Choose what slow programs judge: honest mail and phishing_pot by a sample that stays the same."""
    groups: dict[tuple[str, str, str], list[Judged]] = defaultdict(list)
    for row in mail.corpora:
        if row.label == "ham" or row.corpus == MASS_CORPUS:
            groups[row.corpus, row.label, row.split].append(row)
    rows = []
    for members in groups.values():
        rows += sorted(members, key=lambda row: sha256(f"sample {row.message}".encode()).digest())[:SAMPLE]
    weeks = {_week(row) for row in mail.carriers if row.operation and row.split == "val"}
    return rows + [row for row in mail.carriers if row.operation or _week(row) in weeks]


def measured(mail: Mail, methods: Sequence[Method], absent: Sequence[str]) -> Results:
    """Measure every method by every rule."""
    results = Results(absent=list(absent))
    with_file = {row.message for row in mail.carriers if row.operation and row.files}
    shipped = weights()
    for method in methods:
        groups: dict[str, list[float]] = defaultdict(list)
        for row, score in method.of(mail.fixed_on()):
            groups[row.corpus].append(score)
        results.fixed_on[method.name] = {name: len(scores) for name, scores in groups.items()}
        rules = {f"1 in {rate:,}": limit(groups, 1 / rate) for rate in RATES}
        if method.name == "watchword":
            rules |= {SUSPICIOUS: _below(shipped.suspicious), ATTACK: _below(shipped.attack)}
        for rule, threshold in rules.items():
            results.thresholds.append((method.name, rule, threshold))
            flagged = above(method, threshold, mail.carriers)
            results.operations += operations(method.name, rule, mail.truth, flagged, with_file)
            results.alerts += alerts(method, rule, threshold, mail.corpora)
        slow = len(method.scores) < len(mail.rows)
        for by_message in (False, True):
            place = placed(method, mail.carriers, by_message)
            for budget in BUDGETS:
                shown = {message for message, its in place.items() if its <= budget}
                rule = f"{budget} a week" + (", by message" if by_message else "")
                found = operations(method.name, rule, mail.truth, shown, with_file)
                results.operations += [one for one in found if one.split == "val" or not slow]
                if method.name == "watchword" and not by_message:
                    sure = shown & above(method, rules[SUSPICIOUS], mail.carriers)
                    rule = f"{budget} a week, as shipped"
                    results.operations += operations(method.name, rule, mail.truth, sure, with_file)
        if method.chance:
            hostile = [row for row in mail.carriers if row.label == "attack" and row.split == "val"]
            hostile += [row for row in mail.corpora if row.corpus == MASS_CORPUS and row.split == "val"]
            honest: dict[str, dict[str, list[Judged]]] = defaultdict(lambda: defaultdict(list))
            for row in mail.corpora:
                if row.label == "ham" and row.corpus not in LEFT_OUT:
                    honest[row.corpus][row.split].append(row)
            for splits in honest.values():
                results.calibrations.append(calibration(method, splits.get("val") or splits["dev"], hostile))
    return results


def _below(threshold: float) -> float:
    """Give the score above which everything reaches the threshold."""
    return math.nextafter(threshold, -math.inf)


def _week(row: Judged) -> tuple[str, int, int]:
    year, week, _ = row.time.isocalendar()
    return row.corpus, year, week


if __name__ == "__main__":
    main()
