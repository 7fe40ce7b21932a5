"""Corpora as cases: read, judged with the code at hand, and kept in a work folder so that only changes cost time."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

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
    bits: float
    probability: float
    rank: int
    place: int  # among what the mailbox received in the same week, 1 is what deserves most attention
    detectors: tuple[str, ...]


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
    with (corpora / "mail" / "labels.csv").open(newline="") as stream:
        return {row["path"]: (_LABELS[row["label"]], row["split"]) for row in csv.DictReader(stream)}


def judged(case: Case, corpus: str, root: Path, known: dict[str, tuple[str, str]]) -> Iterator[Judged]:
    """Give every received message of a case with its label; near-duplicates share a cluster."""
    with connect(case) as connection:
        rows = connection.execute(
            """
            select messages.message, messages.owner, sources.path, messages.member, verdicts.bits,
                verdicts.probability, verdicts.rank,
                row_number() over (partition by messages.owner,
                    date_diff('day', timestamptz '1970-01-05', coalesce(messages.time, messages.date)) // 7
                    order by verdicts.rank),
                md5(concat(messages.from_organisation, messages.subject_plain, (
                    select left(regexp_replace(any_value(written), '[^a-zA-Z]', '', 'g'), 200) from texts
                    where texts.message = messages.message))),
                (select list(distinct detector) from findings where findings.message = messages.message)
            from messages join verdicts using (message) left join sources using (source)
            where verdicts.rank is not null
            """
        ).fetchall()
    for message, owner, path, member, bits, probability, rank, place, cluster, fired in rows:
        where = Path(path) / member if member else Path(path)
        said = ("ham", "val" if any(person in where.parts for person in ENRON_VAL) else "dev")
        label, split = known.get(str(where.relative_to(root)) if where.is_relative_to(root) else "", said)
        yield Judged(
            corpus, message, owner, label, split, cluster, "", bits, probability, rank, place, tuple(fired or ())
        )


def corpora_judged(corpora: Path, work: Path, names: Sequence[str] = ()) -> Iterator[Judged]:
    """Judge each corpus as a case of its own and give its received messages."""
    known = labels(corpora)
    for corpus in CORPORA:
        if not names or corpus.name in names:
            case = case_of(corpus.name, [corpora / path for path in corpus.paths], {}, work)
            yield from judged(case, corpus.name, corpora, known)


def operations_judged(corpora: Path, work: Path, seed: int, paraphrase: bool = False) -> Iterator[Judged]:
    """Write development operations into real mailboxes, judge each mailbox as a case, and label by the truth file.

    Of the carrier mailboxes only the injected messages are given: the rest is counted with the corpora.
    """
    name = f"operations-{seed}{'-paraphrase' if paraphrase else ''}"
    out = work / f"{name}.mail"
    if not (out / "truth.jsonl").exists():
        subprocess.run(  # noqa: S603  # our own module, with arguments of our own
            [
                sys.executable,
                "-m",
                "bench.operations",
                "--corpora",
                str(corpora),
                "--out",
                str(out),
                "--seed",
                str(seed),
            ]
            + (["--paraphrase"] if paraphrase else []),
            check=True,
        )
    owners = json.loads((out / "owners.json").read_text("utf-8"))
    truth = {}
    for line in (out / "truth.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        truth[row["sha256"]] = row
    for mailbox, owner in owners.items():
        case = case_of(f"{name}/{mailbox}", [out / owner["mailbox"]], {"": owner["addresses"][0]}, work)
        for row in judged(case, mailbox, out, {}):
            said = truth.get(row.message)
            if said is not None and not (said["label"] == "attack" and not said["hostile"]):
                yield replace(row, label=said["label"], split=said["split"], operation=said["operation"])
