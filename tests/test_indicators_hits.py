"""What reports name is found in mail, by equality, and what many share is said to say nothing."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tests.linked_case import ANA, BEN, LIV, acquaintance, key, linked, mail
from watchword import tables
from watchword.case import Case
from watchword.engine import store, view
from watchword.indicators import hits
from watchword.investigate import OpenCase

FIRST = mail(1, "Kay <kay@first-desk.example>", ANA, "Sign at https://board.harvest-papers.example/in/a today.")
SECOND = mail(
    2,
    "Kay <kay@gmail.com>",
    BEN,
    "The list lies at https://docs.google.com/forms/d/1a2b3c for you.",
    server="203.0.113.9",
)
THIRD = mail(3, "Lee <lee@other-house.example>", ANA, "Have a look at https://www.larkfield.example/story please.")
KNOWN = datetime(2026, 1, 5, tzinfo=UTC)
Row = tuple[str, str, bool, str]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A case of three messages from strangers to two people of one organisation."""
    boxes = {ANA: [*acquaintance(ANA, LIV), FIRST, THIRD], BEN: [*acquaintance(BEN, LIV), SECOND]}
    return linked(tmp_path_factory.mktemp("hits"), boxes, [FIRST])


def found(
    case: Case, named: Iterable[tuple[str, str]], role: str = "attacker", fact: bool = False
) -> dict[str, list[Row]]:
    """Build `hits` where a document, or an actor's fact, names these; give them by message."""
    rows: list[dict[str, object]] = []
    for kind, value in named:
        both = {"kind": kind, "value": value, "published": KNOWN}
        if fact:
            rows.append(both | {"actor": "somebody", "said_by": "A desk", "reference": "", "grade": ""})
        else:
            rest = {
                "document": "doc-1",
                "printed": value,
                "start": 0,
                "stop": 1,
                "role": role,
                "because": "",
                "actor": "",
            }
            rows.append(both | rest)
    name, other = ("actor_facts", "indicators") if fact else ("indicators", "actor_facts")
    with OpenCase(case.path) as opened:
        store(case, name, pa.Table.from_pylist(rows, schema=tables.schema(name)))
        store(case, other, tables.schema(other).empty_table())
        for table in (name, other):
            view(opened.connection, case, table)
        hits.build(case, opened.connection)
        made = opened.connection.execute("select message, kind, value, exact, hub from hits order by all").fetchall()
    by_message: dict[str, list[Row]] = {}
    for message, *hit in made:
        by_message.setdefault(message, []).append((hit[0], hit[1], hit[2], hit[3]))
    return by_message


def test_a_case_without_documents_has_no_hits(tmp_path: Path) -> None:
    """Nothing is named, nothing is hit; the table is there."""
    bare = linked(tmp_path, {ANA: [FIRST]})
    with OpenCase(bare.path) as opened:
        hits.build(bare, opened.connection)
        assert opened.connection.execute("select count(*) from hits").fetchall() == [(0,)]


@pytest.mark.parametrize("fact", [False, True])
@pytest.mark.parametrize(
    ("kind", "value", "hit"),
    [
        (
            "url",
            "https://board.harvest-papers.example/in/a",
            ("url", "https://board.harvest-papers.example/in/a", True, ""),
        ),
        (
            "url",
            "http://board.harvest-papers.example/in/a",
            ("url", "http://board.harvest-papers.example/in/a", True, ""),
        ),
        ("url", "https://board.harvest-papers.example/else", ("host", "board.harvest-papers.example", False, "")),
        ("url", "https://www.harvest-papers.example/else", ("domain", "harvest-papers.example", False, "")),
        ("host", "board.harvest-papers.example", ("host", "board.harvest-papers.example", True, "")),
        ("host", "mail.harvest-papers.example", ("domain", "harvest-papers.example", False, "")),
        ("domain", "harvest-papers.example", ("domain", "harvest-papers.example", True, "")),
        ("address", "kay@first-desk.example", ("address", "kay@first-desk.example", True, "")),
        ("address", "max@first-desk.example", ("domain", "first-desk.example", False, "")),
    ],
)
def test_what_is_named_is_found(case: Case, kind: str, value: str, hit: Row, fact: bool) -> None:
    """The same counts as exact, with either scheme; its host, its domain count as less; only the closest is given."""
    assert found(case, [(kind, value)], fact=fact) == {key(FIRST): [hit]}


@pytest.mark.parametrize(
    ("kind", "value", "hit"),
    [
        ("ip", "203.0.113.9", ("ip", "203.0.113.9", True, "")),
        ("ip", "203.0.113.77", ("network", "203.0.113.0/24", False, "")),
        ("network", "203.0.113.0/24", ("network", "203.0.113.0/24", True, "")),
        ("network", "203.0.112.0/20", ("network", "203.0.112.0/20", True, "")),
    ],
)
def test_machines_and_networks(case: Case, kind: str, value: str, hit: Row) -> None:
    """An address of the net is found itself, by its network, and within a network that is named, of any length."""
    assert found(case, [(kind, value)]) == {key(SECOND): [hit]}


def test_what_anybody_can_use_is_marked(case: Case) -> None:
    """A host of many, or free mail, is given with the reason; one page or one mailbox of it is not shared."""
    (row,) = found(case, [("host", "docs.google.com")])[key(SECOND)]
    assert row[:3] == ("host", "docs.google.com", True)
    assert row[3]
    (row,) = found(case, [("address", "lou@gmail.com")])[key(SECOND)]
    assert row == ("domain", "gmail.com", False, "anybody can have an address there")
    assert found(case, [("address", "kay@gmail.com")]) == {key(SECOND): [("address", "kay@gmail.com", True, "")]}
    page = "https://docs.google.com/forms/d/1a2b3c"
    assert found(case, [("url", page)]) == {key(SECOND): [("url", page, True, "")]}


def test_the_own_domain_is_never_a_hit(case: Case) -> None:
    """Even a report that calls the case's own domain the attacker's makes no hit of it."""
    assert found(case, [("domain", "larkfield.example"), ("url", "https://www.larkfield.example/story")]) == {}


@pytest.mark.parametrize("role", ["cited", "victim", "vendor", "unclear"])
def test_only_the_attackers_are_hits(case: Case, role: str) -> None:
    """What a document cites, or calls a victim's or its own, is not held against mail."""
    assert found(case, [("domain", "harvest-papers.example")], role) == {}
