"""What the DNS said and when: the shape in which keys and policies come, whoever kept them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Status = Literal["found", "no-data", "no-name", "unknown", "failed"]

# How much a record of that date says about the time of the message: the higher, the less.
WEAKNESS = {"": 0, "then": 1, "before": 2, "later": 3, "undated": 4}


@dataclass(frozen=True, slots=True)
class Record:
    """One answer of the DNS, as somebody kept it: all records of one type at one name."""

    name: str  # lower case, A-labels, without the final dot
    type: str  # TXT, A, AAAA, MX, PTR, CNAME, NS
    values: tuple[str, ...]  # TXT: strings of one record joined (RFC 7208 3.3); MX: `10 host`; empty if there is none
    status: Status
    first: datetime | None  # when it was seen first and last; None where the keeper does not say
    last: datetime | None
    source: str  # the file in `keys/` that says so, or `recovered`, or the resolver
    whole: bool = True  # False: the keeper writes one value in a row, so there may have been others


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known about one name and type as of one time."""

    status: Status  # unknown: nobody asked
    values: tuple[str, ...] = ()
    # then: seen before and after that time, or within a day of it; before, later: seen only so; undated: at no time
    when: Literal["then", "before", "later", "undated", ""] = ""
    source: str = ""
    whole: bool = True  # False: there may have been more values than are known


class Lookup(Protocol):
    """Something that can be asked for records as of a time."""

    def __call__(self, name: str, type: str, at: datetime | None) -> Answer:  # noqa: A002  # the DNS's own word
        """Give what is known; the status is `unknown` where nobody kept an answer. Aliases (CNAME) are followed."""
        ...
