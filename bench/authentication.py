"""DKIM and ARC: the conformance suites, dkimpy beside us on real mail, and what recovered keys show.

    python -m bench.authentication --corpora DIR [--case CASE] [--vectors DIR] [--json FILE] [--rounds 5]

CASE is a case into which real mail was read and for which `watchword keys recover` ran: without keys there is nothing
to verify. dkimpy (sdist only) is a peer to be compared with in one's own environment; where it is not installed, it is
left out. Speed is in CPU seconds, from the bytes of a message to the verdicts, both over the same messages with the
same keys in turns. DIR of `--vectors` holds files as stalwartlabs/mail-auth has them in resources/dkim: lines of key
names and records, an empty line, the message.
"""

import argparse
import contextlib
import importlib
import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from watchword.authenticate.arc import Chain, Link, chain
from watchword.authenticate.authenticate import try_keys
from watchword.authenticate.dkim import key_record, try_key, verify
from watchword.authenticate.records import Answer, Lookup
from watchword.authenticate.recover import RECOVERED_KEYS
from watchword.authenticate.recovered import recovered_keys
from watchword.case import Case
from watchword.investigate import OpenCase, connect, fetch
from watchword.observe.signatures import signatures
from watchword.parse.message import parse
from watchword.tables import Signature

ARC_SUITE = "fixtures/ValiMail_arc_test_suite/tests/arc-draft-validation-tests.yml"
DKIM_SUITE = "fixtures/lieser_dkim_verifier/test/data"
_TEST_KEY = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq"
    "631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
# RFC 6376 appendix C, RFC 8463 appendix A.
DKIM_KEYS = {
    "brisbane._domainkey.example.com": f"v=DKIM1; p={_TEST_KEY}",
    "s.flags._domainkey.example.com": f"v=DKIM1; t=s; p={_TEST_KEY}",
    "brisbane._domainkey.football.example.com": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "test._domainkey.football.example.com": "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6"
    "NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvH"
    "O9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
}
# What the suite's own tests expect where it is not a pass, and the caveat where it is a pass that warns.
DKIM_EXPECTED = {
    "dkim/flags_s-auid_is_subdomain_of_sdid.eml": "identity-differs",
    "rfc6376-A.2-body_modified.eml": "body-altered",
    "rfc6376-A.2-header_subject_modified.eml": "header-altered",
    "rfc6376-A.2-ill_formed-missing_v.eml": "version-missing",
    "rfc8463-A.3-key_algo_mismatch.eml": "key-type-differs",
}
DKIM_CAVEATS = {
    "dkim/added_header-from.eml": "from-added",
    "dkim/added_header-subject.eml": "subject-added",
    "dkim/added_header-date.eml": "date-added",
    "dkim/added_header-to.eml": "to-added",
    "dkim/unsigned_header-content-type.eml": "content-type-not-signed",
    "dkim/unsigned_header-reply_to-in_domain.eml": "reply-to-not-signed",
    "dkim/unsigned_header-reply_to-not_in_domain.eml": "reply-to-not-signed",
}


def known(keys: dict[str, str]) -> Lookup:
    """Give a look-up over a few records that always held."""

    def ask(name: str, type: str, at: datetime | None) -> Answer:  # noqa: A002  # the protocol's word
        return Answer("found", (keys[name],), "then", "suite") if name in keys else Answer("no-name", (), "then")

    return ask


def arc_suite(path: Path) -> dict[str, Any]:
    """Run ValiMail's suite: `None`, `Pass`, `Fail`; an empty expectation stands for a chain sealed as failed."""
    yaml = importlib.import_module("yaml")
    wrong, right = [], 0
    for group in yaml.safe_load_all(path.read_text("utf-8")):
        for name, test in group["tests"].items():
            found = chain_of(test["message"].encode(), known(group["txt-records"]))
            expected = {None: "none", "None": "none", "Pass": "pass", "Fail": "fail", "": "fail"}[test["cv"]]
            right += found.result == expected
            if found.result != expected:
                wrong.append(f"{name}: {found} instead of {expected}")
    return {"right": right, "of": right + len(wrong), "wrong": wrong}


def chain_of(data: bytes, lookup: Lookup) -> Chain:
    """Validate the chain of one message."""
    links = []
    for row in signatures(parse(data), "", ""):
        if row.field != "dkim-signature":
            tried = try_keys(row, None, lookup, {})
            outcome = tried.outcome
            links.append(
                Link(row.field, row.instance, row.domain, row.chain, outcome.result, outcome.reason, tried.rests_on, "")
            )
    return chain(links)


def dkim_suite(folder: Path) -> dict[str, Any]:
    """Run the messages of lieser/dkim_verifier for which there are keys."""
    wrong, right = [], 0
    lookup = known(DKIM_KEYS)
    for file in sorted(folder.rglob("*.eml")):
        name = file.relative_to(folder).as_posix()
        for row in signatures(parse(file.read_bytes()), "", ""):
            if f"{row.selector}._domainkey.{row.domain}" not in DKIM_KEYS:
                continue
            outcome = try_keys(row, None, lookup, {}).outcome
            caveat = DKIM_CAVEATS.get(name, "")
            good = outcome.reason == DKIM_EXPECTED.get(name, "") and (not caveat or caveat in outcome.caveats)
            right += good
            if not good:
                wrong.append(f"{name}: {outcome}")
    return {"right": right, "of": right + len(wrong), "wrong": wrong}


def vectors(folder: Path) -> dict[str, Any]:
    """Run files of keys and a message; all that have a key should hold."""
    told = {}
    for file in sorted(folder.glob("*.txt")):
        head, _, message = file.read_bytes().decode().replace("\r\n", "\n").partition("\n\n")
        keys = {line.split()[0].partition("._domainkey")[0]: line.partition(" ")[2] for line in head.splitlines()}
        for row in signatures(parse(message.encode()), "", ""):
            if row.selector in keys:
                outcome = verify(row, key_record(keys[row.selector]), None)
                told[f"{file.name} {row.field} {row.selector}"] = outcome.reason or outcome.result
    return told


# ------------------------------------------------------------ real mail


@dataclass(frozen=True, slots=True)
class Signed:
    """One message, and its DKIM signatures that have a recovered key: their place among all, and the key's record."""

    data: bytes
    records: dict[int, str]


def signed(case: Path, most: int) -> list[Signed]:
    """Fetch at most so many messages of a case with a signature by a recovered key."""
    keys = recovered_keys(case / "keys")
    opened = Case(case)
    with connect(opened) as connection:
        found = connection.execute(
            """select distinct message from signatures join verifications using (message, number)
            where field = 'dkim-signature' and same_key > 0 order by message limit ?""",
            [most],
        ).fetchall()
        messages = fetch(opened, connection, [row[0] for row in found])
    told = []
    for data in messages.values():
        records = {}
        for place, row in enumerate(dkim_rows(data)):
            some = keys.get((row.domain, row.selector), []) if row.header_hash else []
            made = [key for key in some if try_key(key, row.algorithm, row.header_hash, row.signature) != "other-key"]
            if some:
                records[place] = f"v=DKIM1; k=rsa; p={(made or some)[0].text}"
        told.append(Signed(data, records))
    return told


def dkim_rows(data: bytes) -> list[Signature]:
    """Observe the DKIM signatures of a message."""
    return [row for row in signatures(parse(data), "", "") if row.field == "dkim-signature"]


def ours(one: Signed) -> list[bool]:
    """Verify from the bytes on."""
    rows = dkim_rows(one.data)
    return [verify(rows[at], key_record(text), None).result == "pass" for at, text in one.records.items()]


def theirs(dkim: Any, one: Signed) -> list[bool | str]:  # noqa: ANN401  # a module without types
    """Have dkimpy verify the same signatures with the same keys; what it raises is its verdict."""
    verdicts: list[bool | str] = []
    for place, text in one.records.items():
        try:
            verdicts.append(bool(dkim.DKIM(one.data).verify(idx=place, dnsfunc=_answer(text.encode()))))
        except Exception as error:  # what it raises is its verdict
            verdicts.append(f"{type(error).__name__}: {error}")
    return verdicts


def _answer(record: bytes) -> Callable[..., bytes]:
    return lambda name, timeout=5: record


def compare(messages: Sequence[Signed]) -> dict[str, Any]:
    """Compare with dkimpy, signature by signature."""
    try:
        dkim = importlib.import_module("dkim")
    except ImportError:
        return {"dkimpy": "not installed"}
    same: Counter[str] = Counter()
    differ = []
    for one in messages:
        for row, mine, other in zip(one.records, ours(one), theirs(dkim, one), strict=True):
            if mine == (other is True):
                same["pass" if mine else "fail"] += 1
            else:
                about = dkim_rows(one.data)[row]
                differ.append(f"{about.domain} {about.selector}: ours {mine}, dkimpy {other}; {about.problem}")
    return {
        "version": version("dkimpy"),
        "agree": dict(same),
        "differ": len(differ),
        "reasons": Counter(one.partition(": ours")[2].partition(" (")[0] for one in differ),
    }


def compare_chains(case: Path, most: int) -> dict[str, Any]:
    """Compare chains that pass or fail by recovered keys with dkimpy, which gets the same keys."""
    try:
        dkim = importlib.import_module("dkim")
    except ImportError:
        return {"dkimpy": "not installed"}
    keys = {
        f"{selector}._domainkey.{domain}.": f"v=DKIM1; k=rsa; p={found[0].text}".encode()
        for (domain, selector), found in recovered_keys(case / "keys").items()
    }
    opened = Case(case)
    with connect(opened) as connection:
        results = dict(
            connection.execute(
                """select message, result from checks where method = 'arc' and result in ('pass', 'fail')
                    and rests_on <> 'no-record' order by message limit ?""",
                [most],
            ).fetchall()
        )
        messages = fetch(opened, connection, list(results))
    same: Counter[str] = Counter()
    differ = []
    for message, data in messages.items():
        try:
            said = dkim.ARC(data).verify(dnsfunc=lambda name, timeout=5: keys.get(name.decode()))[0].decode().lower()
        except Exception as error:  # what it raises is its verdict
            said = f"{type(error).__name__}: {error}"
        if said == results[message]:
            same[said] += 1
        else:
            differ.append(f"{message[:12]}: ours {results[message]}, dkimpy {said}")
    return {"agree": dict(same), "differ": len(differ), "examples": differ[:20]}


def speed(messages: Sequence[Signed], rounds: int) -> dict[str, Any]:
    """Measure verifications in each CPU second, from bytes to verdict, and with the digest already a fact."""
    facts = [(dkim_rows(one.data)[place], key_record(text)) for one in messages for place, text in one.records.items()]
    runs: dict[str, Callable[[], object]] = {
        "ours, from bytes": lambda: [ours(one) for one in messages],
        "ours, from facts": lambda: [verify(row, record, None) for row, record in facts],
    }
    with contextlib.suppress(ImportError):
        dkim = importlib.import_module("dkim")
        runs["dkimpy, from bytes"] = lambda: [theirs(dkim, one) for one in messages]
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, run in runs.items():
            try_key.cache_clear()
            begun = time.process_time()
            run()
            times[name].append(time.process_time() - begun)
    rate = {name: round(len(facts) / statistics.median(spent)) for name, spent in times.items()}
    told: dict[str, Any] = {"messages": len(messages), "signatures": len(facts), "each CPU second": rate}
    if "dkimpy, from bytes" in rate:
        told["times dkimpy"] = round(rate["ours, from bytes"] / rate["dkimpy, from bytes"], 2)
    return told


def cost(corpora: Path, rounds: int) -> dict[str, Any]:
    """Measure what the facts of signatures cost a message, and how little they cost one without."""
    told = {}
    for name in ("openbmc", "phishing_pot", "trec07p"):
        files = sorted(one for one in (corpora / "mail" / name).rglob("*") if one.is_file())[:1_000]
        messages = [parse(file.read_bytes()) for file in files]
        for kind in ("signed", "unsigned"):
            some = [one for one in messages if bool(one.first("dkim-signature")) == (kind == "signed")]
            spent = []
            for _ in range(rounds if some else 0):
                begun = time.process_time()
                for message in some:
                    signatures(message, "", "")
                spent.append((time.process_time() - begun) / len(some) * 1e6)
            told[f"{name}, {kind}"] = {
                "messages": len(some), "microseconds": round(statistics.median(spent), 1) if spent else None,
            }  # fmt: skip
    return told


def recovered(case: Path) -> list[dict[str, Any]]:
    """Say what each recovered key comes to."""
    with OpenCase(case) as opened:
        found: list[dict[str, Any]] = opened.sql(RECOVERED_KEYS).to_arrow_table().to_pylist()
    return found


def main() -> None:
    """Run every section that has what it needs."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--corpora", type=Path, required=True)
    arguments.add_argument("--case", type=Path)
    arguments.add_argument("--vectors", type=Path)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--most", type=int, default=600, help="messages of the case")
    given = arguments.parse_args()
    told: dict[str, Any] = {
        "ARC, ValiMail": arc_suite(given.corpora / ARC_SUITE),
        "DKIM, lieser/dkim_verifier": dkim_suite(given.corpora / DKIM_SUITE),
        "cost of the facts": cost(given.corpora, given.rounds),
    }
    if given.vectors:
        told["DKIM and ARC, vectors"] = vectors(given.vectors)
    if given.case:
        messages = signed(given.case, given.most)
        told["beside dkimpy"] = compare(messages)
        told["chains beside dkimpy"] = compare_chains(given.case, given.most)
        told["speed"] = speed(messages, given.rounds)
        told["recovered"] = recovered(given.case)
    text = json.dumps(told, indent=1, default=str)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
