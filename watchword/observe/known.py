"""What `knowledge/` and a case's own `knowledge/` folder say, read into types. Data there, reading here."""

import functools
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from watchword.errors import WatchwordError

USES = ("sent", "spam", "trash")  # what folders are for, as far as it matters here
LISTS = ("freemail", "shared_hosting", "file_hosts", "shorteners", "bulk_mailers", "click_trackers")


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """One institution, medium, government body or service that lures pose as."""

    id: str
    name: str
    names: tuple[str, ...]  # as people write it
    display_names: tuple[str, ...]  # common words, which count only as a whole display name
    domains: tuple[str, ...]  # its own registrable domains
    suffixes: tuple[str, ...]  # public suffixes under which only it registers, as gov.uk
    shared_domains: tuple[str, ...]  # it mails from them, and so can anybody
    kind: str
    mimics: tuple[str, ...]  # label stems that look-alikes use


@dataclass(frozen=True, slots=True)
class Hosting:
    """Hosts and registrable domains by what anybody can do there."""

    freemail: frozenset[str]
    shared_hosting: frozenset[str]
    file_hosts: frozenset[str]
    shorteners: frozenset[str]
    bulk_mailers: frozenset[str]
    click_trackers: frozenset[str]


@functools.cache
def identities(own: Path | None = None) -> tuple[KnownIdentity, ...]:
    """Give every identity, those of the case folder `own` last. Raises WatchwordError naming a file that is wrong."""
    found: list[KnownIdentity] = []
    for path, data in _files("identities", own):
        try:
            found.extend(
                KnownIdentity(
                    entry["id"],
                    entry["name"],
                    tuple(entry.get("names", ())),
                    tuple(entry.get("display_names", ())),
                    tuple(entry["domains"]),
                    tuple(entry.get("suffixes", ())),
                    tuple(entry.get("shared_domains", ())),
                    entry["kind"],
                    tuple(entry.get("mimics", ())),
                )
                for entry in data.get("identity", [])
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise WatchwordError(f"An identity in {path} is wrong: {error}.", do="See docs/knowledge.md.") from None
    return tuple(found)


@functools.cache
def phrases(own: Path | None = None) -> dict[str, dict[str, tuple[str, ...]]]:
    """Give the phrases of each kind of cue by language."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for path, data in _files("phrases", own):
        listed = data.get("phrases", {})
        if not isinstance(listed, dict):
            raise WatchwordError(f"{path} has no table [phrases].", do="See docs/knowledge.md.")
        kind = found.setdefault(Path(path).stem, {})
        for language, words in listed.items():
            kind[language] = (*kind.get(language, ()), *words)
    return found


@functools.cache
def hosting(own: Path | None = None) -> Hosting:
    """Give the lists of hosts, the shipped and the case's own together."""
    merged: dict[str, set[str]] = {name: set() for name in LISTS}
    for path, data in _files("hosting.toml", own):
        for name, listed in data.items():
            if name not in merged or not isinstance(listed, dict):
                raise WatchwordError(f"{path} has {name!r}.", do=f"It may hold the tables {', '.join(LISTS)}.")
            merged[name].update(listed.get("hosts", []))
    return Hosting(**{name: frozenset(hosts) for name, hosts in merged.items()})


@functools.cache
def folder_names(own: Path | None = None) -> dict[str, frozenset[str]]:
    """Give for each of USES the names that folders, labels and flags of it have, as `folder_name` writes them."""
    merged: dict[str, set[str]] = {use: set() for use in USES}
    for path, data in _files("folders.toml", own):
        for use, entry in data.items():
            if use not in merged or not isinstance(entry, dict) or not isinstance(entry.get("names"), dict):
                raise WatchwordError(
                    f"{path} has {use!r}.", do=f"It may hold the tables {', '.join(f'{use}.names' for use in USES)}."
                )
            merged[use].update(folder_name(name) for names in entry["names"].values() for name in names)
    return {use: frozenset(names) for use, names in merged.items()}


def folder_name(name: str) -> str:
    """Fold the name of a folder so that it can be compared: letters, digits and single blanks, without accents."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = (
        letter if letter.isalnum() else "" if unicodedata.category(letter) in ("Mn", "Cf") else " "
        for letter in letters
    )  # fmt: skip
    return " ".join("".join(kept).split())


@functools.cache
def sealers(own: Path | None = None) -> dict[str, str]:
    """Give well-known forwarders by the domain of their ARC seal; being listed makes none trusted."""
    found: dict[str, str] = {}
    for path, data in _files("sealers.toml", own):
        try:
            found |= {str(entry["domain"]): str(entry["name"]) for entry in data.get("sealer", [])}
        except (KeyError, TypeError):
            raise WatchwordError(f"An entry in {path} has no domain or name.", do="Mend it.") from None
    return found


def _files(name: str, own: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:  # what TOML holds
    """Read one file, or each file of a folder, of the shipped knowledge and then of the case's own."""
    shipped = files("watchword").joinpath("knowledge", name)
    for place in (shipped, *([own / name] if own is not None else [])):
        entries = sorted(place.iterdir(), key=str) if place.is_dir() else [place] if place.is_file() else []
        for entry in entries:
            if entry.name.endswith(".toml"):
                try:
                    yield str(entry), tomllib.loads(entry.read_text("utf-8"))
                except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                    raise WatchwordError(f"{entry} cannot be read: {error}.", do="Mend that line.") from None
