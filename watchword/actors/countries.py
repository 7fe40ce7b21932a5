"""Countries and services of states, as reports name them (`knowledge/countries.toml`)."""

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a state, to whom reports attribute."""

    id: str
    name: str
    country: str  # ISO 3166-1 alpha-2
    names: tuple[str, ...]
    needs: tuple[str, ...]  # words of which one must stand in the text with a name in capitals; empty: none
    source: str


@functools.cache
def _read() -> tuple[dict[str, tuple[str, ...]], tuple[Service, ...]]:
    data = tomllib.loads(files("watchword").joinpath("knowledge", "countries.toml").read_text("utf-8"))
    services = tuple(
        Service(
            entry["id"],
            entry["name"],
            entry["country"],
            tuple(entry["names"]),
            tuple(entry.get("with", ())),
            entry["source"],
        )
        for entry in data["service"]
    )
    return {code: tuple(names) for code, names in data["country"].items()}, services


def countries() -> dict[str, tuple[str, ...]]:
    """Give the names of each country by its code, the first the one to show."""
    return _read()[0]


def services() -> tuple[Service, ...]:
    """Give the services of states."""
    return _read()[1]


@functools.cache
def _codes() -> dict[str, str]:
    return {name.casefold(): code for code, names in countries().items() for name in (code, *names)}


def country_code(written: str) -> str:
    """Give the code of a country by code, name or adjective; empty if it is not known."""
    return _codes().get(" ".join(written.split()).casefold().removeprefix("the "), "")
