"""A detector: one TOML file with what it says, the query that finds it, and the examples that prove it."""

import string
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from watchword.errors import WatchwordError
from watchword.judge.severity import SOCIAL, TECHNICAL

CITES = ("header", "link", "attachment", "hop", "cue", "other")
GROUPS = {
    "sender": "who the message says it is from",
    "route": "how it came and what the receiving server recorded",
    "impersonation": "a person, institution or service that it poses as",
    "lookalike": "domains made to be mistaken for others",
    "link": "where links lead",
    "attachment": "files, by name and type",
    "request": "what it asks for",
    "conversation": "what came before in the exchange",
    "form": "how it is built and worded",
    "known": "what speaks for an honest message",
    "notice": "warnings by providers, shown and never weighed",
    "account": "changes to an account that its provider reports, shown and never weighed",
}
# The keys of a file, and what they hold. Those up to `sql` must be there.
KEYS = {
    "title": "what it looks for, in a few words",
    "says": "the sentence of a finding, with `{column}` for what the query gives",
    "group": "kind of evidence; findings of a kind share a ceiling",
    "blind_to": "what it cannot see",
    "sql": "a query that gives one row for each message it fires on: `message`, the sentence's columns, and what it "
    "cites (" + ", ".join(f"`{name}`" for name in CITES) + ")",
    "technique": "ATT&CK, where one fits",
    "seen_in": "published cases it was learned from",
    "social": "level of social engineering that a finding shows at least, 1 to 5, where it shows one",
    "technical": "technical level that a finding shows at least, where it shows one",
    "needs_history": "true if it compares with what was usual before, and says nothing while that is not known",
    "fires": "small mailboxes on whose last message it fires: `owner`, `before`, `mail`, `keys`, `why`, and "
    "`elsewhere`, messages in other mailboxes of the case, each with `owner` and `mail`",
    "quiet": "the same of honest mail, on which it stays quiet",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A small mailbox: the message that is judged, and what came before it."""

    owner: str  # address of the mailbox's owner
    before: tuple[str, ...]  # earlier messages, received or sent, as text
    mail: str  # the message on which the detector fires or stays quiet
    why: str  # what the example shows
    keys: str = ""  # what the case keeps of the DNS: a file such as `keys/` may hold
    elsewhere: tuple[tuple[str, str], ...] = ()  # owner and message: what other mailboxes of the case hold


@dataclass(frozen=True, slots=True)
class Detector:
    """What one file says. `sql` gives a row for each message it fires on."""

    name: str  # file name without .toml
    path: str
    title: str
    says: str  # sentence with {column} for each column that the query names
    group: str
    technique: str  # ATT&CK, empty where none fits
    seen_in: tuple[str, ...]  # published cases it was learned from
    blind_to: str  # what it cannot see
    sql: str
    fires: tuple[Example, ...]
    quiet: tuple[Example, ...]
    social: int = 0  # level of the Targeted Threat Index that its findings show at least, 0 if they show none
    technical: float = 0.0  # the same for the other scale
    needs_history: bool = False  # it compares with what was usual before
    fault: str = ""  # why the file cannot be used; only files of a case's own may have one

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns that the sentence uses, in order, each once."""
        return tuple(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(self.says) if name))

    def query(self, columns: Sequence[str]) -> str:
        """Give the SQL that makes one row of `findings` (without bits) for each message.

        `columns` are those that `sql` gives: `message`, the sentence's own, and any of CITES. Of several rows for one
        message the one that cites the earliest counts, the same in every run.
        """
        pieces = []
        for text, name, _, _ in string.Formatter().parse(self.says):
            if text:
                pieces.append(_literal(text))
            if name:
                pieces.append(f"coalesce(cast(\"{name}\" as varchar), '')")
        cited = {
            name: f'cast("{name}" as {"varchar" if name in ("header", "other") else "bigint"})'
            if name in columns
            else ("''" if name in ("header", "other") else "null")
            for name in CITES
        }
        return (
            f'select message, {_literal(self.name)} as detector, {_literal(self.group)} as "group", '
            f"{' || '.join(pieces)} as sentence, "
            + ", ".join(f'{value} as "{name}"' for name, value in cited.items())
            + f" from ({self.sql.strip().rstrip(';')}) qualify row_number() over (partition by message"
            f" order by {', '.join([*(cited[name] for name in CITES if name in columns), 'sentence'])}) = 1"
        )


def detectors(folders: Iterable[Path] = ()) -> list[Detector]:
    """Load the shipped detectors and those in `folders` (a case's own), sorted by name.

    A file of a case's own that cannot be used stops none of the others: it comes with its `fault`.
    """
    found: dict[str, Detector] = {}
    for path, name, content in detector_files():
        found[name] = read_detector(path, name, content)
    for folder in folders:
        for file in _own(folder):
            name = file.name.removesuffix(".toml")
            fault = f"There is another detector called {name}. Rename {file}." if name in found else ""
            name = f"own:{name}" if fault else name
            try:
                found[name] = replace(read_detector(str(file), name, file.read_bytes()), fault=fault)
            except (WatchwordError, OSError) as error:
                found[name] = Detector(name, str(file), name, "", "form", "", (), "", "", (), (), fault=str(error))
    return list(found.values())


def detector_files(folders: Iterable[Path] = ()) -> Iterator[tuple[str, str, bytes]]:
    """Give path, name and content of each detector file: the shipped ones and then those in `folders`."""
    shipped = sorted(files(__name__.rpartition(".")[0]).joinpath("detectors").iterdir(), key=str)
    for file in [*shipped, *(file for folder in folders for file in _own(folder))]:
        if file.name.endswith(".toml"):
            yield str(file), file.name.removesuffix(".toml"), file.read_bytes()


def _own(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.name.endswith(".toml")) if folder.is_dir() else []


def read_detector(path: str, name: str, content: bytes) -> Detector:
    """Read one detector file. Raises WatchwordError that says what is wrong in it."""
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WatchwordError(f"The detector {path} is not TOML: {error}.", do="Mend that line.") from None
    unknown = sorted(set(data) - set(KEYS))
    missing = [key for key in ("title", "says", "group", "blind_to", "sql") if not isinstance(data.get(key), str)]
    if unknown or missing:
        wrong = ["no " + key for key in missing] + ["unknown " + key for key in unknown]
        raise WatchwordError(
            f"The detector {path} has {', '.join(wrong)}.",
            do="See docs/detectors.md for the keys.",
        )
    if data["group"] not in GROUPS:
        raise WatchwordError(
            f"The detector {path} names the group {data['group']!r}.", do=f"Take one of {', '.join(GROUPS)}."
        )
    for key, scale in (("social", SOCIAL), ("technical", TECHNICAL)):
        if key in data and data[key] not in list(scale)[1:]:
            raise WatchwordError(
                f"The detector {path} gives {key} as {data[key]!r}.",
                do=f"Take one of {', '.join(map(str, list(scale)[1:]))}, or leave it out.",
            )
    if not isinstance(data.get("needs_history", False), bool):
        raise WatchwordError(
            f"The detector {path} gives needs_history no yes or no.", do="Write true, or leave it out."
        )
    try:
        list(string.Formatter().parse(data["says"]))
        return Detector(
            name=name,
            path=path,
            title=data["title"],
            says=data["says"],
            group=data["group"],
            technique=data.get("technique", ""),
            seen_in=tuple(data.get("seen_in", ())),
            blind_to=data["blind_to"],
            sql=data["sql"],
            fires=tuple(_example(entry) for entry in data.get("fires", ())),
            quiet=tuple(_example(entry) for entry in data.get("quiet", ())),
            social=data.get("social", 0),
            technical=float(data.get("technical", 0)),
            needs_history=data.get("needs_history", False),
        )
    except ValueError as error:
        raise WatchwordError(f"The sentence of the detector {path} is wrong: {error}.", do="Mend its braces.") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise WatchwordError(f"An example in the detector {path} is wrong: {error}.", do="It needs `mail`.") from None


def _example(entry: dict[str, object]) -> Example:
    before, elsewhere = entry.get("before", []), entry.get("elsewhere", [])
    if not isinstance(before, list) or not isinstance(elsewhere, list) or not isinstance(entry["mail"], str):
        raise TypeError("`mail` is a text, `before` a list of texts, `elsewhere` a list of tables")
    return Example(
        str(entry.get("owner", "")),
        tuple(str(mail) for mail in before),
        entry["mail"],
        str(entry.get("why", "")),
        str(entry.get("keys", "")),
        tuple((str(one["owner"]), str(one["mail"])) for one in elsewhere),
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
