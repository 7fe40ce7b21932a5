"""A case whose operations are written for a test: traces, verdicts, and who is whom, behind a single letter."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.small_case import ANA, BEN, letter, mbox, run
from watchword import tables
from watchword.case import Case
from watchword.engine import DERIVED, store
from watchword.tables import Address, Domain, Host, Member, Operation, OwnerAddress, Place, Trace, Verdict

MOMENT = datetime(2024, 3, 1, tzinfo=UTC)
LURES = tuple(f"{number:064x}" for number in range(4))  # the first two are of operation 1, the last of none
FIRST, SECOND = "op-00000001", "op-00000002"

_OPERATION = Operation(
    operation=FIRST,
    number=1,
    messages=2,
    first=MOMENT,
    last=MOMENT,
    owners=[ANA],
    organisations=[],
    senders=[],
    probability=0.99,
    targeted=0.9,
    families=[],
    bits=12.0,
    weakest=[],
    weakest_because="",
    control=False,
    forgeable="",
    by_person=False,
)
_VERDICT = Verdict(
    message=LURES[0],
    owner=ANA,
    bits=9.0,
    probability=0.99,
    targeted=0.9,
    alone=0,
    tier="attack",
    rank=1,
    place=1,
    chosen=True,
    conversation="",
    reasons=[],
    decided="",
)
_DOMAIN = Domain(
    organisation="",
    popularity=None,
    is_freemail=False,
    is_disposable=False,
    is_bulk_mailer=False,
    identity="",
    correspondents=0,
    first=MOMENT,
    misspells="",
    service_words=[],
    lookalike_of="",
    lookalike_how="",
    lookalike_identity="",
    lookalike_whose="",
)


def trace(kind: str, value: str, message: str = LURES[0], bits: float = 12.0, hub: str = "") -> Trace:
    """Give one value on one message."""
    return Trace(message, kind, kind, value, bits, False, hub)


def domain(name: str, **known: object) -> Domain:
    """Give what is known of a domain."""
    return replace(_DOMAIN, organisation=name, **known)  # type: ignore[arg-type]  # columns of the row, by name


def correspondent(address: str, person: str = "", protected: bool = True, owner: bool = False) -> Address:
    """Give somebody in the directory."""
    host = address.rpartition("@")[2]
    return Address(address, host, host, person.title(), person, MOMENT, MOMENT, 3, 1, owner, protected)


def attacked(
    folder: Path,
    traces: Sequence[Trace],
    *,
    tiers: Sequence[str] = ("attack", "suspicious", "malicious", "attack"),
    roles: Sequence[str] = ("judged", "tied", "judged"),
    people: Sequence[Address] = (),
    domains: Sequence[Domain] = (),
    hosts: Sequence[Host] = (),
    letter_too: bool = False,
) -> Case:
    """Make a case with these traces on four messages: two of operation 1, one of operation 2, one of none.

    With `letter_too`, the one letter that lies in the mailbox is of operation 1 as well.
    """
    folder.mkdir(parents=True)
    (folder / "mail.mbox").write_bytes(mbox([letter(1, BEN, ANA, Cc="carl@institute.example")]))
    made = run("read", folder / "mail.mbox", "--case", folder / "case", "--owner", ANA)
    assert made.exit_code == 0, made.output
    case = Case(folder / "case")
    (own,) = pq.read_table(case.tables / "messages")["message"].to_pylist()
    further = [Member(FIRST, own, ANA, "tied", 12.0, "")] if letter_too else []
    rows: dict[str, Sequence[object]] = {
        "traces": traces,
        "operations": [_OPERATION, replace(_OPERATION, operation=SECOND, number=2, messages=1)],
        "members": [
            Member(operation, message, ANA, role, 12.0, "")
            for operation, message, role in zip((FIRST, FIRST, SECOND), LURES, roles, strict=False)
        ]
        + further,
        "verdicts": [replace(_VERDICT, message=message, tier=tier) for message, tier in zip(LURES, tiers, strict=True)],
        "places": [Place(message, "source", "", 0, 1, ANA) for message in LURES],
        "addresses": [correspondent(ANA, "ana ruiz", owner=True), *people],
        "owner_addresses": [OwnerAddress(ANA, ANA, "main")],
        "domains": domains,
        "hosts": hosts,
    }
    for name in DERIVED:
        schema = tables.schema(name)
        columns = {column: [getattr(row, column) for row in rows.get(name, ())] for column in schema.names}
        store(case, name, pa.table(columns, schema=schema))
    return case
