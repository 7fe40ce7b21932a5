"""The SPF test suite of openspf (RFC 7208), and our speed beside pyspf's on the same cases.

    python -m bench.spf_suite --corpora /work/corpora [--pyspf]

pyspf (sdist only) is asked where it is installed. The suite needs PyYAML; neither is a part of the program.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from watchword.authenticate.records import Answer
from watchword.authenticate.spf import spf

NOW = datetime(2015, 1, 1, tzinfo=UTC)
ROUNDS = 9


@dataclass(frozen=True, slots=True)
class Case:
    """One test of the suite and the zone it runs in."""

    name: str
    ip: str
    helo: str
    sender: str
    results: tuple[str, ...]
    explanation: str | None
    zone: "Zone"


class Zone:
    """The suite's zone data, asked like a DNS."""

    def __init__(self, data: dict[str, list[Any]]) -> None:
        """`data` is as in the YAML file; a record of type SPF counts as TXT unless the name has TXT records."""
        self.records: dict[tuple[str, str], list[Any]] = {}
        self.names: set[str] = set()
        self.slow: set[str] = set()
        for name, entries in data.items():
            name = name.lower()
            self.names.add(name)
            has_text = any(isinstance(entry, dict) and "TXT" in entry for entry in entries)
            for entry in entries:
                if entry == "TIMEOUT":
                    self.slow.add(name)
                    continue
                for kind, value in entry.items():
                    if value == "NONE" or (kind == "SPF" and has_text):
                        continue
                    kinds = "TXT" if kind == "SPF" else kind
                    self.records.setdefault((name, kinds), []).append(value)

    def __call__(self, name: str, type: str, at: datetime | None) -> Answer:  # noqa: A002  # the protocol's word
        """Answer as the zone would."""
        for _ in range(10):
            alias = self.records.get((name, "CNAME"))
            if not alias:
                break
            name = str(alias[0]).lower().rstrip(".")
        found = self.records.get((name, type))
        if found:
            return Answer("found", tuple(_text(type, value) for value in found), "then", "zone")
        if name in self.slow:
            return Answer("failed")
        return Answer("no-data" if name in self.names else "no-name")


def _text(kind: str, value: Any) -> str:  # noqa: ANN401  # whatever the YAML holds
    if kind == "MX":
        return f"{value[0]} {value[1]}"
    return "".join(value) if isinstance(value, list) else str(value)


def cases(suite: Path) -> list[Case]:
    """Read the suite."""
    found = []
    for scenario in yaml.safe_load_all(suite.read_text("utf-8")):
        zone = Zone(scenario["zonedata"])
        for name, test in scenario["tests"].items():
            wanted = test["result"]
            results = tuple(wanted) if isinstance(wanted, list) else (wanted,)
            said = test.get("explanation")
            said = "" if said == "DEFAULT" else said
            found.append(Case(name, str(test["host"]), test["helo"], test.get("mailfrom") or "", results, said, zone))
    return found


def ours(case: Case) -> tuple[str, str]:
    """Give our result and explanation."""
    found = spf(case.ip, case.helo, case.sender, case.zone, NOW)
    return found.result, found.explanation


def theirs() -> Callable[[Case], tuple[str, str]]:
    """Give pyspf with the suite's zone behind it. Raises ImportError where it is not installed."""
    import spf as pyspf  # type: ignore[import-untyped, import-not-found, unused-ignore]  # ships no types

    zones: list[Zone] = []

    def lookup(name: str, kind: str, *_: object, **__: object) -> list[tuple[tuple[str, str], object]]:
        zone = zones[-1]
        name = name.lower().rstrip(".")
        answers: list[tuple[tuple[str, str], object]] = []
        for value in zone.records.get((name, kind), []):
            if kind == "TXT":
                value = tuple(
                    part.encode("latin-1", "replace") for part in (value if isinstance(value, list) else [value])
                )
            elif kind == "MX":
                value = (value[0], value[1])
            answers.append(((name, kind), value))
        answers += [((name, "CNAME"), value) for value in zone.records.get((name, "CNAME"), [])]
        if not answers and name in zone.slow:
            raise pyspf.TempError("DNS timeout")
        return answers

    pyspf.DNSLookup = lookup

    def check(case: Case) -> tuple[str, str]:
        zones[:] = [case.zone]
        query = pyspf.query(i=case.ip, s=case.sender, h=case.helo, strict=True)
        query.set_default_explanation("")
        result, _, said = query.check()
        return result, said if result == "fail" else ""

    return check


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("/work/corpora"))
    parser.add_argument("--pyspf", action="store_true", help="compare speed and results with pyspf")
    options = parser.parse_args()
    suite = cases(options.corpora / "fixtures/openspf/rfc7208-tests.yml")
    good = 0
    for case in suite:
        result, said = ours(case)
        right = result == case.results[0] if len(case.results) == 1 else result in case.results
        told = case.explanation is None or result != "fail" or said == case.explanation
        good += right and told
        if not (right and told):
            print(f"{case.name}: {result} {said!r}, wanted {case.results} {case.explanation!r}")
    print(f"RFC 7208 suite: {good}/{len(suite)}")
    peers: dict[str, Callable[[Case], tuple[str, str]]] = {"ours": ours}
    if options.pyspf:
        peers["pyspf"] = theirs()
        apart = [(case.name, ours(case), peers["pyspf"](case)) for case in suite]
        for name, one, other in apart:
            if one != other:
                print(f"apart: {name}: ours {one}, pyspf {other}")
    speeds: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(ROUNDS):
        for name, check in peers.items():
            begin = time.process_time()
            for case in suite:
                check(case)
            speeds[name].append(len(suite) / (time.process_time() - begin))
    for name, rates in speeds.items():
        print(f"{name}: {statistics.median(rates):,.0f} checks/s ({min(rates):,.0f} to {max(rates):,.0f})")


if __name__ == "__main__":
    main()
