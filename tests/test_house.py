"""The house: data flows one way, every table is documented, nothing is called utils."""

import ast
from pathlib import Path

import pytest

import watchword
from watchword import tables

ROOT = Path(watchword.__file__).parent
ORDER = ["errors", "defects", "tables", "limited", "read", "parse", "case", "engine", "observe", "logs"]
ORDER += [
    "authenticate",
    "context",
    "judge",
    "connect",
    "match",
    "indicators",
    "actors",
    "claims",
    "attribute",
    "disclose",
    "progress",
    "investigate",
    "cli_parts",
    "cli_errors",
    "cli_keys",
    "cli_logs",
    "cli_match",
    "cli_operations",
    "cli_indicators",
    "cli_actors",
    "cli_claims",
    "cli_attribute",
    "cli_fetch",
    "cli",
]


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("watchword."):
            found.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "watchword":
            found.update(alias.name for alias in node.names if alias.name in ORDER)
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("watchword."))
    return found


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_a_room_imports_only_rooms_before_it(file: Path) -> None:
    """No module imports from a room that comes later in the flow of data."""
    room = file.relative_to(ROOT).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    allowed = set(ORDER[: ORDER.index(room) + 1])
    assert _imports(file) <= allowed, f"{file.name} reaches forward to {sorted(_imports(file) - allowed)}"


def test_no_drawer_for_odds_and_ends() -> None:
    """No module is called utils, common, helpers or core."""
    drawers = {"utils", "util", "common", "helpers", "core", "misc", "base"}
    assert not [file for file in ROOT.rglob("*.py") if file.stem in drawers]


@pytest.mark.parametrize("name", list(tables.TABLES))
def test_every_column_says_what_it_holds(name: str) -> None:
    """Each table's class has a docstring and each column a meaning."""
    row = tables.TABLES[name]
    assert (row.__doc__ or "").rstrip().endswith(".")
    assert all(len(column.says) >= 2 for column in tables.columns(row))


def test_a_name_has_one_type() -> None:
    """A column's name has the same type in every table that has it."""
    seen: dict[str, tuple[str, str]] = {}
    for name, row in tables.TABLES.items():
        for column in tables.columns(row):
            before = seen.setdefault(column.name, (str(column.type), name))
            assert before[0] == str(column.type), f"{column.name} differs in {before[1]} and {name}"
