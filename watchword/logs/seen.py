"""Which events were seen before: 64 bits of the digest of each id, a few bytes for each of millions."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc


def mark(provider_id: str) -> int:
    """Give 64 bits for an id. Among ten million ids two meet by chance once in 400,000 cases."""
    return int.from_bytes(blake2b(provider_id.encode("utf-8", "replace"), digest_size=8).digest(), "little")


class Seen:
    """Ids that occurred: in logs that were read before, packed and sorted, and in this one."""

    def __init__(self) -> None:
        """Nothing was seen."""
        self._before: memoryview[int] | tuple[()] = ()
        self._own: set[int] = set()
        self._again: dict[int, int] = {}

    def pack(self, ids: Iterable[str]) -> None:
        """Take ids of logs that were read before; those taken earlier are kept."""
        marks = array("Q", self._before)
        marks.extend(self._own)
        marks.extend(map(mark, ids))
        self._own.clear()
        self._again.clear()
        column = pa.Array.from_buffers(pa.uint64(), len(marks), [None, pa.py_buffer(marks)])
        ordered = column.take(pc.sort_indices(column))
        self._before = memoryview(ordered.buffers()[1])[: 8 * len(marks)].cast("B").cast("Q") if len(marks) else ()

    def new(self, provider_id: str) -> bool:
        """Say whether an id is seen for the first time, and take it."""
        found = mark(provider_id)
        if found in self._own:
            return False
        self._own.add(found)
        at = bisect_left(self._before, found)
        return at == len(self._before) or self._before[at] != found

    def numbered(self, digest: str) -> str:
        """Give the digest of a row without id, with a number if an equal row of this log had it before."""
        found = mark(digest)
        if found not in self._own:
            return digest
        self._again[found] = self._again.get(found, 0) + 1
        return f"{digest}-{self._again[found]}"
