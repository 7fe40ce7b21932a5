"""One case folder: its settings, its sources, what people decided, the ledger, and where its tables lie.

`case.toml`, `sources.toml`, `decisions.jsonl` and `ledger.jsonl` are truth; `tables/` can be deleted and rebuilt.
"""

import contextlib
import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from watchword.errors import WatchwordError
from watchword.read.raw import Source, shown

try:  # Unix; elsewhere two runs on one case are not noticed
    import fcntl
except ImportError:  # pragma: no cover
    fcntl = None  # type: ignore[assignment]  # the module does not exist there

_COMMENTED = """
# Servers that take in this mail, by host name or domain. Then only what these wrote counts as recorded by the receiving
# provider; without it, the provider is inferred from each message. The report shows which. Read again after a change.
# receiving = ["mx.example.org", "google.com"]

# Forwarders and lists whose word of what they had received is believed, where their ARC seals hold (RFC 8617), by the
# domain that seals. Nobody's is, unless named here. Well-known ones: watchword/knowledge/sealers.toml.
# trusted_sealers = ["forwarder.example"]
"""

_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?")
DECISIONS = ("malicious", "harmless", "unsure")
GROUPINGS = ("together", "apart")


@dataclass(frozen=True, slots=True)
class GivenSource:
    """A source as `sources.toml` keeps it: where it lies, and whose it is if the user said so."""

    source: Source
    owner: str  # address, empty if it has to be inferred


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about one message, when and why."""

    message: str
    decision: str
    because: str
    time: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a person decided about two sets of messages: they are of one operation, or of different ones."""

    grouping: str  # together or apart
    messages: tuple[str, ...]
    others: tuple[str, ...]
    because: str
    time: str  # ISO 8601, UTC


class Case:
    """One case folder. Opening reads nothing but `case.toml`; every method reads what it needs."""

    def __init__(self, path: Path) -> None:
        """`path` is an existing case folder. Raises WatchwordError if it is none."""
        self.path = path
        self.tables = path / "tables"
        self.out = path / "out"
        self.knowledge = path / "knowledge"  # the case's own identities, phrases and lists of hosts
        try:
            settings = tomllib.loads((path / "case.toml").read_text("utf-8"))
        except FileNotFoundError:
            raise WatchwordError(
                f"{path} is not a case: it has no case.toml.",
                do="Make one with `watchword investigate PATH --case DIR`, or check the path.",
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WatchwordError(f"{path / 'case.toml'} cannot be read: {error}.", do="Mend that line.") from None
        own_domains = settings.get("own_domains", [])
        if not isinstance(own_domains, list):
            raise WatchwordError(f"own_domains in {path / 'case.toml'} is no list.", do='Write ["example.org"].')
        self.name = str(settings.get("name", shown(path.name)))
        self.own_domains = [str(domain).lower() for domain in own_domains]
        self.receiving = _hosts(path, settings, "receiving")  # hosts and domains that take in its mail; empty: inferred
        self.trusted_sealers = _hosts(path, settings, "trusted_sealers")  # whose ARC results are believed

    @classmethod
    def create(cls, path: Path) -> "Case":
        """Open the case at `path`, made first if there is nothing or an empty folder there."""
        if not (path / "case.toml").exists():
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise WatchwordError(
                    f"{path} exists and is not a case.", do="Give an empty or new folder with --case.", code=2
                )
            path.mkdir(parents=True, exist_ok=True)
            write_whole(
                path / "case.toml",
                f"name = {_quoted(shown(path.resolve().name))}\n"
                "own_domains = []    # domains of the organisation, as example.org\n"
                'handling = "TLP:RED"  # FIRST TLP 2.0\n'
                f"{_COMMENTED}",
            )
        return cls(path)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keep a second run out while this one writes. Raises WatchwordError if one is at work already."""
        try:
            handle = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise WatchwordError(
                f"The case {self.path} cannot be written to: {error.strerror}.",
                do="Copy it to a folder that is yours, or ask for the right to write.",
                code=4,
            ) from None
        try:
            if fcntl is not None:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    raise WatchwordError(
                        f"Another run is at work on the case {self.path}.", do="Wait for it, or stop it.", code=4
                    ) from None
            yield
        finally:
            os.close(handle)

    # ------------------------------------------------------------ sources

    def sources(self) -> list[GivenSource]:
        """Give the sources that were added, in the order in which they were."""
        file = self.path / "sources.toml"
        if not file.exists():
            return []
        try:
            entries = tomllib.loads(file.read_text("utf-8")).get("source", [])
            return [_given(entry) for entry in entries]
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise WatchwordError(
                f"{file} cannot be read: {error}.", do="Mend it, or delete it and read again."
            ) from None

    def save_sources(self, given: Sequence[GivenSource]) -> None:
        """Write `sources.toml` anew."""
        lines = ["# Where each mailbox lies and whose it is. An owner that is empty is inferred.\n"]
        for entry in given:
            lines.append("[[source]]")
            for name, value in [*asdict(entry.source).items(), ("owner", entry.owner)]:
                if isinstance(value, str) and not _is_unicode(value):  # a file's name may be any bytes
                    name, value = f"{name}_bytes", os.fsencode(value).hex()
                lines.append(f"{name} = {value if isinstance(value, int) else _quoted(value)}")
            lines.append("")
        write_whole(self.path / "sources.toml", "\n".join(lines))

    # ------------------------------------------------------------ decisions and ledger

    def decisions(self) -> list[Decision]:
        """Give every decision, oldest first; of two about one message the later counts."""
        return [
            Decision(str(row["message"]), str(row["decision"]), str(row["because"]), str(row["time"]))
            for row in json_lines(self.path / "decisions.jsonl")
            if "decision" in row
        ]

    def decide(self, decision: Decision) -> None:
        """Append a decision. Nothing is ever changed or removed."""
        if decision.decision not in DECISIONS:
            raise WatchwordError(f"A decision is one of {', '.join(DECISIONS)}, not {decision.decision!r}.")
        append_line(self.path / "decisions.jsonl", asdict(decision))

    def groupings(self) -> list[Grouping]:
        """Give what was decided about operations, oldest first; what was decided later counts where two differ."""
        return [
            Grouping(
                str(row["grouping"]),
                _texts(row["messages"]),
                _texts(row["others"]),
                str(row["because"]),
                str(row["time"]),
            )
            for row in json_lines(self.path / "decisions.jsonl")
            if "grouping" in row
        ]

    def regroup(self, grouping: Grouping) -> None:
        """Append a decision about operations. Nothing is ever changed or removed."""
        if grouping.grouping not in GROUPINGS:
            raise WatchwordError(f"Messages are {' or '.join(GROUPINGS)}, not {grouping.grouping!r}.")
        append_line(self.path / "decisions.jsonl", asdict(grouping))

    def record(self, verb: str, arguments: Sequence[str], version: str, now: datetime, result: str) -> None:
        """Append a line to the ledger; each line carries the digest of the line before."""
        file = self.path / "ledger.jsonl"
        last = file.read_bytes().rstrip(b"\n").rpartition(b"\n")[2] if file.exists() else b""
        append_line(
            file,
            {
                "time": now.isoformat(),
                "verb": verb,
                "arguments": list(arguments),
                "version": version,
                "result": result,
                "previous": hashlib.sha256(last).hexdigest() if last else "",
            },
        )

    # ------------------------------------------------------------ tables

    def files(self, table: str, names: Sequence[str]) -> list[Path]:
        """Give the Parquet files of a table of facts, one for each batch name."""
        return [self.tables / table / f"{name}.parquet" for name in names]


def _hosts(path: Path, settings: dict[str, object], name: str) -> frozenset[str]:
    """Read a list of host names from the settings. Raises WatchwordError."""
    said = settings.get(name, [])
    if not isinstance(said, list) or not all(isinstance(host, str) and _HOST.fullmatch(host) for host in said):
        raise WatchwordError(
            f"{name} in {path / 'case.toml'} is no list of host names or domains.", do='Write ["example.org"].'
        )
    return frozenset(host.lower().rstrip(".") for host in said)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all: temporary name, flush to disk, rename."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _given(entry: dict[str, object]) -> GivenSource:
    """Read one entry of `sources.toml`. Raises KeyError or ValueError."""

    def text(name: str) -> str:
        if f"{name}_bytes" in entry:
            return os.fsdecode(bytes.fromhex(str(entry[f"{name}_bytes"])))
        return str(entry[name])

    def number(name: str) -> int:
        return int(str(entry[name]))

    source = Source(
        path=text("path"),
        member=text("member"),
        kind=text("kind"),
        size=number("size"),
        fingerprint=text("fingerprint"),
        folder=text("folder"),
        first=number("first"),
        files=number("files"),
        archive=text("archive"),
    )
    return GivenSource(source, text("owner"))


def _is_unicode(text: str) -> bool:
    return not re.search("[\ud800-\udfff]", text)


def _quoted(text: str) -> str:
    """Write a TOML basic string; JSON's escapes are a subset of TOML's, but for those of letters beyond U+FFFF."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def append_line(file: Path, row: object) -> None:
    """Append a row to a file that is only appended to, whole or not at all."""
    # What is no Unicode, as the bytes of a file's name, is escaped as JSON has it.
    line = (json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
    with file.open("ab", buffering=0) as stream:
        size = stream.tell()
        try:
            while line:
                line = line[stream.write(line) :]  # a disk that is nearly full takes a part, and then fails
            os.fsync(stream.fileno())
        except OSError:
            stream.truncate(size)
            raise


def json_lines(file: Path) -> list[dict[str, object]]:
    """Read such a file; one that is not there has no rows. Raises WatchwordError."""
    if not file.exists():
        return []
    rows = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        try:
            row = json.loads(line)
        except ValueError:
            raise WatchwordError(
                f"Line {number} of {file} is not JSON.", do="Restore the file; it is evidence."
            ) from None
        rows.append(row)
    return rows
