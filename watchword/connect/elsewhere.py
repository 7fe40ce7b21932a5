"""How often honest and unrelated mail shows a value, counted over public collections by bench/elsewhere.py.

Only digests of values and counts are shipped. A value that two unrelated senders of the background have in common
tells little; one that nobody has weighs what coincidences of its kind are rare: `unseen`.
"""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

import pyarrow as pa
import pyarrow.parquet as pq

SHARED = pa.schema([("kind", pa.string()), ("key", pa.string()), ("senders", pa.int64())])


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of one kind of evidence."""

    senders: int  # that the background holds, registrable domains
    unseen: float  # bits of a value that the background does not have: how rarely two senders share a rare one


def counts() -> dict[str, Counted]:
    """Give what was counted of each kind; a kind that was not counted is missing."""
    place = files(__name__.rpartition(".")[0]).joinpath("elsewhere.toml")
    if not place.is_file():
        return {}
    content = tomllib.loads(place.read_text("utf-8"))
    return {name: Counted(int(one["senders"]), float(one["unseen"])) for name, one in content["kind"].items()}


def shared() -> pa.Table:
    """Give the values that two senders or more of the background share: `kind`, `key` (digest), `senders`."""
    place = files(__name__.rpartition(".")[0]).joinpath("elsewhere.parquet")
    if not place.is_file():
        return SHARED.empty_table()
    with place.open("rb") as stream:
        return pq.read_table(stream).cast(SHARED)
