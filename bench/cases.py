"""Corpora as cases: read, judged with the code at hand, and kept in a work folder so that only changes cost time."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from bench.operations.inject import Truth
from bench.scoring import read_truth
from watchword import engine
from watchword.case import Case
from watchword.investigate import connect, read, rejudge
from watchword.progress import Silent


@dataclass(frozen=True, slots=True)
class Corpus:
    """One set of mail that is judged as a case of its own and reported on its own."""

    name: str
    paths: tuple[str, ...]  # under the corpora folder


@dataclass(frozen=True, slots=True)
class Judged:
    """One received message as it was judged, and what we know of it."""

    corpus: str
    message: str
    owner: str
    label: str  # attack, mass, ham, twin, unlabelled
    split: str  # dev or val
    cluster: str  # near-duplicates share it, so that they count once
    operation: str  # of attacks and twins
    scenario: str  # what the operation tells
    bits: float
    probability: float
    urgency: float  # probability that it is part of an attack on few: the order in which a person looks
    detectors: tuple[str, ...]
    conversation: str  # its messages are one alert
    time: datetime  # where the message has none, the beginning of time
    files: int  # attachments


CORPORA = (
    Corpus("openbmc", ("mail/openbmc",)),
    Corpus("usrp-users", ("mail/usrp-users",)),
    Corpus("markup_political", ("mail/markup_political",)),
    Corpus("unspy_newsletters", ("mail/unspy_newsletters",)),
    Corpus("trec07p", ("mail/trec07p",)),
    Corpus("spamassassin", ("mail/spamassassin",)),
    Corpus("enron", ("mailboxes/enron",)),
    Corpus("phishing_pot", ("mail/phishing_pot",)),
)
ENRON_VAL = ("pereira-s", "perlingiere-d", "ring-r", "solberg-g")  # Enron is honest mail; split by person
_LABELS = {
    "ham": "ham",
    "spam": "mass",
    "phish_or_scam_mass": "mass",
    "scam_candidate": "unlabelled",
    "unlabelled": "unlabelled",
}


def case_of(name: str, paths: list[Path], owners: dict[str, str], work: Path, per_week: float = 3) -> Case:
    """Read and judge mailboxes as the case `name` under `work`; what was read before is not read again."""
    case = Case.create(work / name)
    count = engine.processors()
    with case.lock():
        read(case, paths, owners, partial(engine.executor, count), count, Silent())
        rejudge(case, per_week, Silent())
    return case


def labels(corpora: Path) -> dict[str, tuple[str, str]]:
    """Read what the corpora say of each file: label and split."""
    listed = corpora / "mail" / "labels.csv"
    if not listed.is_file():
        raise SystemExit(f"{listed} is not there; unpack the corpora to {corpora} first.")
    with listed.open(newline="") as stream:
        return {row["path"]: (_LABELS[row["label"]], row["split"]) for row in csv.DictReader(stream)}


def judged(case: Case, corpus: str, root: Path, known: dict[str, tuple[str, str]]) -> Iterator[Judged]:
    """Give every received message of a case with its label; near-duplicates share a cluster."""
    with connect(case) as connection:
        rows = connection.execute(
            """
            select messages.message, messages.owner, sources.path, messages.member, verdicts.bits,
                verdicts.probability, verdicts.probability * verdicts.targeted,
                md5(concat(messages.from_organisation, messages.subject_plain, (
                    select left(regexp_replace(arg_min(written, number), '[^a-zA-Z]', '', 'g'), 200) from texts
                    where texts.message = messages.message))),
                (select list(distinct detector) from findings where findings.message = messages.message),
                verdicts.conversation, coalesce(messages.time, messages.date, timestamptz '0001-01-01 00:00:00Z'),
                messages.attachments
            from messages join verdicts using (message) left join sources using (source)
            where verdicts.rank is not null
            """
        ).fetchall()
    for message, owner, path, member, bits, probability, urgency, cluster, fired, *rest in rows:
        where = Path(path) / member if member else Path(path)
        said = ("ham", "val" if any(person in where.parts for person in ENRON_VAL) else "dev")
        label, split = known.get(str(where.relative_to(root)) if where.is_relative_to(root) else "", said)
        measured = (bits, probability, urgency, tuple(fired or ()), *rest)
        yield Judged(corpus, message, owner, label, split, cluster, "", "", *measured)


def corpora_cases(corpora: Path, work: Path) -> Iterator[tuple[str, Case]]:
    """Judge each corpus as a case of its own."""
    for corpus in CORPORA:
        yield corpus.name, case_of(corpus.name, [corpora / path for path in corpus.paths], {}, work)


def corpora_judged(corpora: Path, work: Path) -> Iterator[Judged]:
    """Judge each corpus as a case of its own and give its received messages."""
    known = labels(corpora)
    for name, case in corpora_cases(corpora, work):
        yield from judged(case, name, corpora, known)


def operation_cases(corpora: Path, work: Path, seed: int, paraphrase: bool = False) -> tuple[Path, dict[str, Case]]:
    """Write operations into real mailboxes and judge each mailbox as a case; give where they lie, and the cases."""
    name = f"operations-{seed}{'-paraphrase' if paraphrase else ''}"
    out = work / f"{name}.mail"
    if not (out / "truth.jsonl").exists():
        command = [sys.executable, "-m", "bench.operations", "--corpora", str(corpora), "--out", str(out)]
        command += ["--seed", str(seed), *(["--paraphrase"] if paraphrase else [])]
        subprocess.run(command, check=True)  # noqa: S603  # our own module, with arguments of our own
    owners = json.loads((out / "owners.json").read_text("utf-8"))
    return out, {
        mailbox: case_of(f"{name}/{mailbox}", [out / owner["mailbox"]], {"": owner["addresses"][0]}, work)
        for mailbox, owner in owners.items()
    }


def operations_judged(corpora: Path, work: Path, seed: int, paraphrase: bool = False) -> Iterator[Judged]:
    """Judge every carrier mailbox as a case and give the injected messages, labelled by the truth file.

    What an attacker did not send is no part of an operation, and the rest of the carriers is counted with the corpora.
    """
    out, cases = operation_cases(corpora, work, seed, paraphrase)
    truth = {row.sha256: row for row in read_truth(out)}
    for mailbox, case in cases.items():
        yield from (row for row in carrier_judged(case, mailbox, out, truth) if row.operation)


def carrier_judged(case: Case, mailbox: str, out: Path, truth: Mapping[str, Truth]) -> Iterator[Judged]:
    """Give every received message of a carrier mailbox, the injected ones labelled by the truth file."""
    for row in judged(case, mailbox, out, {}):
        said = truth.get(row.message)
        if said and (said.hostile or said.label == "twin"):
            yield replace(row, label=said.label, split=said.split, operation=said.operation, scenario=said.scenario)
        else:
            yield row
