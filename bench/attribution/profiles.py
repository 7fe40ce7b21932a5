"""Tables on profiles: every method on every split, in one run."""

import sys
import time
from collections.abc import Sequence
from functools import partial

from bench.attribution.answers import Method, answers, methods, named_by_the_rules
from bench.attribution.corpus import Corpus, incidents
from bench.attribution.metrics import (
    Answer,
    brier,
    coverage,
    difference,
    error_of_all,
    error_of_best,
    error_of_first,
    falsely_named,
    interval,
    log_score,
    precision,
    top,
)
from bench.attribution.questions import (
    BOTH,
    SHOWN,
    SINCE,
    TECHNIQUES,
    TUNED_SINCE,
    Split,
    absent,
    later,
    later_without_sisters,
    left_out,
    of_campaigns,
)

OURS = ("Watchword, as it counts", "Watchword, before caps")
PEERS = ("TF-IDF cosine", "likelihood ratio", "likelihood ratio, exponent .4")


def tables(corpus: Corpus, dev: bool) -> list[str]:
    """Give all tables as lines of Markdown."""
    if dev:
        return [*_counted(corpus), *_split(later(corpus, BOTH, TUNED_SINCE, SINCE), methods())]
    lines = _counted(corpus)
    few = [method for method in methods() if method.name != "Jaccard"]
    for split in (
        later(corpus, BOTH, TUNED_SINCE, SINCE),
        later(corpus, BOTH, SINCE),
        later_without_sisters(corpus, BOTH, SINCE),
        later(corpus, TECHNIQUES, SINCE),
        later(corpus, SHOWN, SINCE),
    ):
        lines += _split(split, methods())
    for split in (
        left_out(corpus, BOTH, with_sisters=True),
        left_out(corpus, BOTH, with_sisters=False),
        *(of_campaigns(corpus, software, shared) for software, shared in ((False, True), (True, True), (True, False))),
    ):
        lines += _split(split, few)
    lines += _absent(corpus, few)
    lines += _rules(corpus)
    return lines


def _counted(corpus: Corpus) -> list[str]:
    one = [report for report in corpus.reports if report.actor]
    together = incidents(one)
    return [
        f"{corpus.citations} citations are {len(corpus.reports)} documents; {len(one)} are on one actor,"
        f" {corpus.undated} of all have no date. Sister reports counted once, those on one actor are on {len(together)}"
        f" incidents; {sum(len(group) > 1 for group in together)} incidents have more than one report.",
    ]


def _split(split: Split, asked: Sequence[Method]) -> list[str]:
    begun = time.monotonic()
    found = {method.name: answers(method, split) for method in asked}
    first = next(iter(found.values()))
    known = sum(answer.is_known for answer in first)
    lines = [
        "",
        f"**{split.name}**: {len(first)} questions, {known} of them on an actor with a profile."
        + (f" {split.note}." if split.note else ""),
        "",
        "| method | top-1 | top-5 | named at .9 | right of those | ECE, profile there | ECE, all questions"
        " | ECE with the unknown | ECE over all | Brier | log score, bits |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {method.name} | {_row(found[method.name], method.chance)} |" for method in asked]
    lines += ["", *(_gaps(found, ours) for ours in OURS)]
    sys.stderr.write(f"{split.name}: {time.monotonic() - begun:.1f} s\n")
    return lines


def _row(some: Sequence[Answer], chance: bool) -> str:
    known = [answer for answer in some if answer.is_known]
    cells = [str(interval(known, partial(top, places=places))) for places in (1, 5)]
    if not chance:
        return " | ".join([*cells, *["-"] * 8])
    named = sum(answer.is_named for answer in some)
    right = sum(answer.is_named and answer.best == answer.truth for answer in some)
    cells += [f"{named} ({coverage(some):.3f})", f"{right} of {named} ({precision(some):.2f})" if named else "-"]
    cells += [str(interval(known, error_of_best)), str(interval(some, error_of_best))]
    cells += [f"{error_of_first(some):.3f}", f"{error_of_all(some):.4f}"]
    return " | ".join([*cells, str(interval(some, brier)), str(interval(some, log_score))])


def _gaps(found: dict[str, list[Answer]], ours: str) -> str:
    parts = []
    one = [answer for answer in found[ours] if answer.is_known]
    for name in PEERS:
        other = [answer for answer in found[name] if answer.is_known]
        gaps = [difference(one, other, partial(top, places=places)) for places in (1, 5)]
        parts.append(f"{name} top-1 {gaps[0]}, top-5 {gaps[1]}")
    return f"{ours}, less its peers: {'; '.join(parts)}."


def _absent(corpus: Corpus, asked: Sequence[Method]) -> list[str]:
    lines = [
        "",
        "**True actor absent**: share of questions at which somebody is named at .9, who can only be wrong.",
        "",
    ]
    splits = [absent(corpus, BOTH, SINCE), absent(corpus, BOTH), absent(corpus, TECHNIQUES)]
    columns = [
        f"{split.name.partition(', ')[2]} ({sum(len(exam.questions) for exam in split.exams)})" for split in splits
    ]
    lines += [f"| method | {' | '.join(columns)} |", "|---|" + "---|" * len(splits)]
    for method in asked:
        if method.chance:
            cells = [str(interval(answers(method, split), falsely_named)) for split in splits]
            lines.append(f"| {method.name} | {' | '.join(cells)} |")
    return lines


def _rules(corpus: Corpus) -> list[str]:
    lines = [
        "",
        "**By the product's rules** (imitators, classes, range of priors; before two roots are asked for):",
        "",
    ]
    lines += ["| split | questions | somebody likely over all priors | right |", "|---|---|---|---|"]
    for split in (later(corpus, BOTH, SINCE), later(corpus, TECHNIQUES, SINCE), of_campaigns(corpus, True, False)):
        concluded = named_by_the_rules(split)
        named = [right for _, leader, right in concluded if leader]
        lines.append(f"| {split.name} | {len(concluded)} | {len(named)} | {sum(named)} |")
    return lines
