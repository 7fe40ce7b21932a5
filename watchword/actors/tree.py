"""JSON of others, read into types where it enters: what is not of the kind that is asked for is not there."""

import json
from collections.abc import Mapping

from watchword.errors import WatchwordError

Node = Mapping[str, object]
BYTES = 200 * 1024 * 1024  # of one file


def read_json(data: bytes, place: str) -> object:
    """Read JSON. Raises WatchwordError where it is none, is too big or too deep."""
    if len(data) > BYTES:
        raise WatchwordError(f"{place} is bigger than {BYTES >> 20} MB.", do="Split it.")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        what = "nests too deep" if isinstance(error, RecursionError) else f"is no JSON: {str(error)[:120]}"
        raise WatchwordError(f"{place} {what}.", do="Download it again.") from None


def node(value: object) -> Node:
    """Give an object; an empty one if it is none."""
    return value if isinstance(value, dict) else {}


def nodes(value: object) -> list[Node]:
    """Give the objects of a list; one that stands alone is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(parent: Node, name: str) -> str:
    """Give a text or number as text; empty if it is none."""
    value = parent.get(name)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def texts(parent: Node, name: str) -> list[str]:
    """Give the texts of a list; one that stands alone is a list of one."""
    value = parent.get(name)
    found = value if isinstance(value, list) else [value]
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]
