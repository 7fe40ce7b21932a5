"""What the events of a log are in our words: read from `operations/*.toml`, one file for each service."""

import functools
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

KINDS = (
    "sign-in", "sign-in-failed", "sign-in-blocked", "suspicious-sign-in", "warning", "password-changed",
    "recovery-changed", "second-factor-changed", "app-password", "access-granted", "access-revoked", "access",
    "forwarding", "filter-rule", "delegate", "link-clicked", "mail-read", "mail-sent", "mail-received", "mail-deleted",
    "mail-moved", "file-read", "file-shared", "search", "download", "export", "admin-right", "setting", "other",
)  # fmt: skip
OTHER = "other"


@functools.lru_cache(16_384)
def plain(name: str) -> str:
    """Write a name so that case, blanks and signs make no difference."""
    return re.sub(r"[\W_]+", "", name.casefold())


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of event that a service logs."""

    kind: str
    failed: str  # kind where the log says that it failed
    suspicious: str  # kind where the log says that it was suspicious
    succeeds: bool  # whether its name says that it succeeded, unless the log says otherwise
    log: str


@dataclass(frozen=True, slots=True)
class LogKinds:
    """What one log of a service would show."""

    name: str
    kinds: tuple[str, ...]  # that an export of it would show, without `other`
    names: frozenset[str]  # plain names of its operations
    workloads: frozenset[str]
    by_operation: bool  # only where one of its operations occurs does an export cover it


@dataclass(frozen=True, slots=True)
class Service:
    """The operations of one service."""

    name: str
    logs: dict[str, LogKinds]
    operations: dict[tuple[str, str], Operation]  # by log and plain name
    forwards: frozenset[str]  # parameters that send mail elsewhere, plain names
    blocked: dict[str, str]  # codes of sign-ins that something other than a wrong password stopped, and what it was
    interrupted: dict[str, str]  # codes of sign-ins that went on in another event

    def find(self, name: str, log: str = "") -> Operation | None:
        """Give the operation of that name, of one log or of any."""
        return self.operations.get((log, plain(name)))

    def covers(self, names: set[str], workloads: set[str]) -> list[str]:
        """Say which kinds an export shows in which these operations (plain names) and workloads occur."""
        found: set[str] = set()
        for log in self.logs.values():
            if log.names & names if log.by_operation else log.workloads & workloads:
                found.update(log.kinds)
        return ordered(found)

    def covered(self, logs: set[str]) -> list[str]:
        """Say which kinds these logs show."""
        return ordered({kind for log in logs if log in self.logs for kind in self.logs[log].kinds})


def ordered(kinds: set[str]) -> list[str]:
    """Give kinds in the order of KINDS."""
    return [kind for kind in KINDS if kind in kinds]


@functools.cache
def service(name: str) -> Service:
    """Read the operations of `google` or `microsoft365`."""
    data = tomllib.loads(files("watchword.logs").joinpath("operations", f"{name}.toml").read_text("utf-8"))
    logs: dict[str, LogKinds] = {}
    operations: dict[tuple[str, str], Operation] = {}
    for entry in data["log"]:
        failure = {plain(one) for one in entry.get("failure", ())}
        failed = {plain(one): kind for one, kind in entry.get("failed", {}).items()}
        suspicious = {plain(one): kind for one, kind in entry.get("suspicious", {}).items()}
        names = set()
        for kind, listed in entry["kinds"].items():
            for one in map(plain, listed):
                found = Operation(
                    kind, failed.get(one, kind), suspicious.get(one, kind), one not in failure, entry["name"]
                )
                operations[entry["name"], one] = found
                operations.setdefault(("", one), found)
                names.add(one)
        shown = {*entry["kinds"], *failed.values(), *suspicious.values()}
        logs[entry["name"]] = LogKinds(
            entry["name"],
            tuple(entry.get("covers") or ordered(shown - {OTHER})),
            frozenset(names),
            frozenset(entry.get("workloads", ())),
            entry.get("shown_by") == "operations",
        )
    codes = data.get("codes", {})
    return Service(
        name,
        logs,
        operations,
        frozenset(map(plain, data.get("forwards", ()))),
        codes.get("blocked", {}),
        codes.get("interrupted", {}),
    )
