"""Prove that form alone does not give attacks away: `python -m bench.operations.leak_check DIR [--json FILE]`.

Trains a logistic regression on nothing but form (sizes, header names, their order, hour, client, structure, charset,
Message-ID shape, word count; no word, name, domain or link) and measures it out of fold, once on attacks against twins,
once on injected against the carriers' own direct mail. The first must lie where chance lies, which is a little below
one half since pairs are kept together; shuffled labels show where. The second measures realism.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random

from bench.operations.carriers import unboxed

_OPTIONAL = re.compile(r"(?i)^(?:x-gm|x-google|x-ms|x-proofpoint|x-barracuda|x-asg|arc-)")


@dataclass(frozen=True, slots=True)
class Sample:
    """One message: its form as named features, which side it is on, and the group that must not be torn apart."""

    features: dict[str, float]
    positive: bool
    group: str


@dataclass(frozen=True, slots=True)
class Separation:
    """How well form separates two sides: area under the ROC curve with a 95 % interval from bootstrap over groups."""

    what: str
    positives: int
    negatives: int
    auc: float
    low: float
    high: float
    worst: list[tuple[str, float]]  # the single features that separate best, with their own area
    chance: list[float]  # areas after the sides of whole groups were swapped at random; empty if not asked for

    def sentence(self) -> str:
        """For people."""
        chance = f"by chance {min(self.chance):.3f} to {max(self.chance):.3f}; " if self.chance else ""
        tops = ", ".join(f"{name} {value:.2f}" for name, value in self.worst)
        return (
            f"{self.what}: AUC {self.auc:.3f} (95 % {self.low:.3f} to {self.high:.3f}), "
            f"{self.positives} against {self.negatives} messages; {chance}strongest alone: {tops}"
        )


def _structure(part: Message) -> str:
    if part.is_multipart():
        inner = ",".join(_structure(p) for p in part.get_payload() if isinstance(p, Message))
        return f"{part.get_content_type()}[{inner}]"
    return part.get_content_type()


def form_features(data: bytes) -> dict[str, float]:
    """Features of form only."""
    message = message_from_bytes(data)
    names = [name.lower() for name in message]
    out: dict[str, float] = {
        "size": math.log(len(data)),
        "header count": float(len(names)),
        "crlf": float(b"\r\n" in data[:2000]),
        "received": float(names.count("received")),
        "header size": math.log(max(1, (data.replace(b"\r\n", b"\n").find(b"\n\n")))),
    }
    kept = [name for name in names if not _OPTIONAL.match(name)]
    for name in set(names):
        out[f"has {name}"] = 1.0
    for one, two in pairwise(kept):
        out[f"order {one}>{two}"] = 1.0
    try:
        when = parsedate_to_datetime(str(message.get("date", "")))
        out["hour"] = float(when.hour)
        out[f"quarter of day {when.hour // 6}"] = 1.0
        out[f"weekend {when.weekday() > 4}"] = 1.0
        offset = when.utcoffset()
        out["offset"] = offset.total_seconds() / 3600 if offset else 0.0
    except (ValueError, TypeError):
        out["no date"] = 1.0
    identifier = re.sub(r"@.*", "", str(message.get("message-id", "")))
    out["shape " + re.sub(r"[a-zA-Z]+", "a", re.sub(r"\d+", "9", identifier))[:24]] = 1.0
    client = re.match(r"[A-Za-z ]+", str(message.get("user-agent") or message.get("x-mailer") or "none"))
    out["client " + (client.group() if client else "other")] = 1.0
    out["structure " + _structure(message)] = 1.0
    words = 0
    for part in message.walk():
        if part.is_multipart():
            continue
        out[f"charset {str(part.get_content_charset()).lower()}"] = 1.0
        out[f"encoding {str(part.get('content-transfer-encoding', 'none')).strip().lower()}"] = 1.0
        payload = part.get_payload(decode=True)
        if part.get_content_type() == "text/plain" and isinstance(payload, bytes):
            words += len(payload.split())
    out["words"] = math.log(1 + words)
    return out


def area(scores: Sequence[tuple[float, bool]]) -> float:
    """Area under the ROC curve by ranks, ties counted half."""
    ordered = sorted(scores)
    rank_sum, i, positives = 0.0, 0, sum(p for _, p in scores)
    while i < len(ordered):
        j = i
        while j < len(ordered) and ordered[j][0] == ordered[i][0]:
            j += 1
        rank_sum += sum(p for _, p in ordered[i:j]) * (i + j + 1) / 2
        i = j
    negatives = len(scores) - positives
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives) if positives and negatives else 0.5


def _trained(samples: Sequence[Sample], rng: Random) -> Callable[[Sample], float]:
    """Logistic regression with a small penalty; numbers scaled to the training part's mean and deviation."""
    names = {name for s in samples for name in s.features}
    means = {n: sum(s.features.get(n, 0.0) for s in samples) / len(samples) for n in names}
    spread = {
        n: math.sqrt(sum((s.features.get(n, 0.0) - means[n]) ** 2 for s in samples) / len(samples)) for n in names
    }
    used = [n for n in names if spread[n] > 0 and sum(n in s.features for s in samples) >= 3]
    used.sort()
    rows = [[(s.features.get(n, 0.0) - means[n]) / spread[n] for n in used] for s in samples]
    weights, bias = [0.0] * len(used), 0.0
    share = sum(s.positive for s in samples) / len(samples)
    order = list(range(len(samples)))
    for epoch in range(30):
        rng.shuffle(order)
        step = 0.02 / (1 + epoch / 10)
        for k in order:
            row, target = rows[k], samples[k].positive
            value = bias + sum(w * x for w, x in zip(weights, row, strict=True))
            error = (1 / (1 + math.exp(-max(-30.0, min(30.0, value))))) - target
            error *= 0.5 / (share if target else 1 - share)
            bias -= step * error
            weights = [w - step * (error * x + 0.01 * w) for w, x in zip(weights, row, strict=True)]

    def score(sample: Sample) -> float:
        scaled = ((sample.features.get(n, 0.0) - means[n]) / spread[n] for n in used)
        return bias + sum(w * x for w, x in zip(weights, scaled, strict=True))

    return score


def _out_of_fold(samples: Sequence[Sample], rng: Random, folds: int) -> list[tuple[float, bool, str]]:
    groups = sorted({s.group for s in samples})
    rng.shuffle(groups)
    fold_of = {group: i % folds for i, group in enumerate(groups)}
    scored: list[tuple[float, bool, str]] = []
    for fold in range(folds):
        train = [s for s in samples if fold_of[s.group] != fold]
        test = [s for s in samples if fold_of[s.group] == fold]
        if not test or len({s.positive for s in train}) < 2:
            continue
        # ranks inside the fold, so that folds with another offset can be pooled
        ranked = sorted(test, key=_trained(train, rng))
        scored += [(i / len(ranked), s.positive, s.group) for i, s in enumerate(ranked)]
    return scored


def separation(what: str, samples: Sequence[Sample], shuffles: int = 0, seed: int = 1, folds: int = 5) -> Separation:
    """Measure out of fold; a group is never on both sides of a fold. Bootstrap takes whole groups, 400 times."""
    rng = Random(seed)  # noqa: S311  # not for secrets
    scored = _out_of_fold(samples, rng, folds)
    auc = area([(v, p) for v, p, _ in scored])
    by_group: dict[str, list[tuple[float, bool]]] = {}
    for value, positive, group in scored:
        by_group.setdefault(group, []).append((value, positive))
    keys = sorted(by_group)
    boot = sorted(area([pair for _ in keys for pair in by_group[rng.choice(keys)]]) for _ in range(400))
    chance = []
    for _ in range(shuffles):
        swapped = {group for group in keys if rng.random() < 0.5}
        mixed = [replace(s, positive=s.positive != (s.group in swapped)) for s in samples]
        chance.append(area([(v, p) for v, p, _ in _out_of_fold(mixed, rng, folds)]))
    names = {n for s in samples for n in s.features}
    alone = {n: area([(s.features.get(n, 0.0), s.positive) for s in samples]) for n in names}
    worst = sorted(alone.items(), key=lambda item: (-abs(item[1] - 0.5), item[0]))[:5]
    positives = sum(s.positive for s in samples)
    return Separation(what, positives, len(samples) - positives, auc, boot[9], boot[389], worst, chance)


def check(folder: Path, shuffles: int = 0) -> list[Separation]:
    """Both questions, on the mailboxes and the truth in a folder."""
    truth = {}
    for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        truth[row["mailbox"], row["sha256"]] = row
    owners = json.loads((folder / "owners.json").read_text(encoding="utf-8"))
    rng = Random(1)  # noqa: S311  # not for secrets
    sides: list[Sample] = []
    against: list[Sample] = []
    for name, owner in sorted(owners.items()):
        own: list[bytes] = []
        injected = 0
        for data in unboxed((folder / owner["mailbox"]).read_bytes()):
            row = truth.get((name, sha256(data).hexdigest()))
            head = data[:20_000].lower()
            if row is None:
                mine = re.search(
                    rb"(?m)^from:.*(?:" + b"|".join(re.escape(a.encode()) for a in owner["addresses"]) + rb")", head
                )
                patch = b"git-send-email" in head  # no letter; nobody would mistake one for the other
                if not mine and not patch and b"\nlist-id:" not in head:
                    own.append(data)
                continue
            if row["role"] == "reply":
                continue
            injected += 1
            features = form_features(data)
            stem = row["operation"].rpartition("-")[0]
            sides.append(Sample(features, row["label"] == "attack", stem))
            against.append(Sample(features, True, stem))
        for number, data in enumerate(rng.sample(own, min(len(own), 3 * injected))):
            against.append(Sample(form_features(data), False, f"{name}-own-{number // 6}"))
    return [
        separation("attacks against twins", sides, shuffles),
        separation("injected against the carriers' own direct mail", against),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; exit code 1 where attacks can be told from twins by their form."""
    parser = argparse.ArgumentParser(prog="python -m bench.operations.leak_check", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `python -m bench.operations --out` wrote")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--shuffles", type=int, default=9, help="how often chance is tried, some seconds each")
    given = parser.parse_args(arguments)
    found = check(given.folder, given.shuffles)
    for one in found:
        print(one.sentence())
    if given.json:
        given.json.write_text(json.dumps([asdict(one) for one in found], indent=1) + "\n", encoding="utf-8")
    return int(found[0].low > 0.5 and found[0].auc > max(found[0].chance, default=0.5))


if __name__ == "__main__":
    sys.exit(main())
