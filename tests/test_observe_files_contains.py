"""Words for what a file holds: each has its sentence."""

import ast
from pathlib import Path

import watchword.observe.files
from watchword.observe.files.contains import CONTAINS

HERE = Path(watchword.observe.files.__file__).parent


def _named(file: Path) -> set[str]:
    """Give every literal that a module adds to `contains`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_mark = isinstance(node.func.value, ast.Attribute) and node.func.value.attr == "contains"
            if (is_mark and node.func.attr in {"append", "extend"}) or node.func.attr in {"mark", "_mark"}:
                found |= _literals(node.args)
        if (
            isinstance(node, ast.AugAssign)
            and isinstance(node.target, ast.Attribute)
            and node.target.attr == "contains"
        ):
            found |= _literals([node.value])
        if isinstance(node, ast.keyword) and node.arg == "contains":
            found |= _literals([node.value])
    return found


def _literals(nodes: list[ast.expr]) -> set[str]:
    return {
        leaf.value
        for node in nodes
        for leaf in ast.walk(node)
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and leaf.value
    }


def test_every_word_for_what_a_file_holds_has_a_sentence() -> None:
    """Each word that a module writes into `contains` is listed with a sentence that ends as one."""
    used = {word for file in HERE.glob("*.py") for word in _named(file)}
    assert used <= set(CONTAINS), f"add to contains.py: {sorted(used - set(CONTAINS))}"
    assert all(says[0].isupper() and says.endswith(".") for says in CONTAINS.values())
