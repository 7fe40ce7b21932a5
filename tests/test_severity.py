"""Severity by the Targeted Threat Index: each level rests on a finding or fact that is named."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from tests.report_case import Rows, connect
from watchword.case import Case
from watchword.disclose.coverage import detectors as ran
from watchword.disclose.severity import severities as in_words
from watchword.errors import WatchwordError
from watchword.judge.detector import detectors, read_detector
from watchword.judge.severity import SOCIAL, TECHNICAL, severities

OWNER = "ana@campaign.example"
DAY = datetime(2024, 6, 3, tzinfo=UTC)
LEVELS = (("asks", 3, 0.0), ("knows", 4, 0.0), ("enters", 5, 0.0), ("look-alike", 3, 1.5), ("program", 0, 1.75))


class Level(NamedTuple):
    """One row of `severities`."""

    social: int
    because: list[str]
    technical: float
    means: list[str]
    severity: float


class Letters:
    """A case in memory with letters of one conversation, and what is computed of them."""

    def __init__(self, folder: Path) -> None:
        """Begin with an owner called Ana de la Ruiz or AJ, one of whose addresses bears another name, and no name."""
        self.case = Case.create(folder / "case")
        self.rows = Rows()
        for address, person in ((OWNER, "aj ana de la ruiz"), ("geir.solberg+news@campaign.example", "")):
            self.rows.add("addresses", address=address, person=person)
            self.rows.add("owner_addresses", owner=OWNER, address=address)
        self.rows.add("domains", organisation="lnstitute.example", lookalike_whose="correspondent")
        for name, _, _ in LEVELS:
            self.rows.add("detector_runs", detector=name, title=f"The title of {name}")

    def add(
        self,
        message: str,
        found: Sequence[str] = (),
        *,
        day: int = 0,
        text: str = "",
        tier: str = "attack",
        targeted: float = 0.9,
        conversation: str = "one",
        organisation: str = "stranger.example",
        results: Sequence[str] = (),
        past: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Add a message with findings, and results of authentication as `dkim=pass`."""
        add = self.rows.add
        add("messages", message=message, time=DAY + timedelta(days=day), from_organisation=organisation)
        add("places", message=message, owner=OWNER)
        add("texts", message=message, kind="plain", written=text)
        add("relationships", message=message, owner=OWNER, **{"newcomer": True, "recipients": 1, **past})
        add("verdicts", message=message, owner=OWNER, conversation=conversation, tier=tier, targeted=targeted)
        for name in found:
            add("findings", message=message, detector=name)
        for number, (method, _, result) in enumerate(one.partition("=") for one in results):
            add("authentications", message=message, number=number, method=method, result=result, trusted=True,
                aligned=True)  # fmt: skip

    def levels(self) -> dict[str, Level]:
        """Compute them."""
        connection = connect(self.rows.tables)
        connection.execute("drop table severities")
        severities(self.case, connection, LEVELS)
        self.said = {key: one.sentence for key, one in in_words(connection, ["a", "b"], ran(connection)).items()}
        found = connection.execute("select message, * exclude (message) from severities").fetchall()
        return {message: Level(*row) for message, *row in found}


@pytest.fixture
def letters(tmp_path: Path) -> Letters:
    """A case without any letter."""
    return Letters(tmp_path)


def test_made_for_many_is_not_targeted(letters: Letters) -> None:
    """What was sent to many has severity 0, whatever else it shows."""
    letters.add("a", ["asks", "program"], targeted=0.2)
    assert letters.levels()["a"] == Level(0, [], 1.75, ["program"], 0.0)
    assert letters.said["a"] == (
        "Severity 0 of 10 (Targeted Threat Index): not targeted, made for many, as spam and ordinary crime are."
    )


def test_targeted_and_nothing_more(letters: Letters) -> None:
    """An attack for few of which no finding shows a level is targeted, not customised, and plain."""
    letters.add("a")
    assert letters.levels()["a"] == Level(1, [], 1.0, [], 1.0)


def test_the_highest_level_counts_and_is_named(letters: Letters) -> None:
    """Of several findings the highest of each scale counts, and only those that show it are named."""
    letters.add("a", ["asks", "knows", "look-alike"])
    assert letters.levels()["a"] == Level(4, ["knows"], 1.5, ["look-alike"], 6.0)
    assert letters.said["a"] == (
        "Severity 6 of 10 (Targeted Threat Index): personalised (the title of knows), "
        "with something set up for it (the title of look-alike)."
    )


@pytest.mark.parametrize(
    ("text", "found", "social"),
    [
        ("Dear Ána,\n\nmay I ask", ["asks"], 4),
        ("Good day, Mrs RUIZ!", ["asks"], 4),
        ("Dear friend, Ana", [], 1),
        ("Dear AJ, may I ask", ["asks"], 4),
        ("Dear Mr Solberg", ["asks"], 4),
        ("A word de la comisión", ["asks"], 3),
        ("Dear analyst", ["asks"], 3),
        ("Dear colleague, " + "we met long ago at a conference on the law of seas. " * 2 + "Ana", ["asks"], 3),
    ],
)
def test_customised_and_by_name_is_personalised(text: str, found: list[str], social: int, letters: Letters) -> None:
    """A greeting by the owner's name raises what is customised, and nothing else; the name must be the whole word."""
    letters.add("a", found, text=text)
    assert letters.levels()["a"].social == social


def test_a_pose_as_correspondent_is_never_mass_mail(letters: Letters) -> None:
    """A name that the owner wrote to, or a domain like a correspondent's, is personalised even if `targeted` is low."""
    letters.add("a", targeted=0.1, past={"name_sent": 2})
    letters.add("b", targeted=0.1, organisation="lnstitute.example", conversation="two")
    letters.add("c", targeted=0.1, past={"name_sent": 2, "address_sent": 1}, conversation="three")
    levels = letters.levels()
    assert levels["a"] == levels["b"] == Level(4, ["known-person"], 1.0, [], 4.0)
    assert levels["c"].social == 0
    assert letters.said["a"].endswith("Its other signs are rather those of mail sent to many.")


@pytest.mark.parametrize(
    ("results", "changed", "severity"),
    [
        (["dkim=pass", "dmarc=pass"], {}, 10.0),
        (["spf=pass", "dmarc=fail"], {}, 1.0),
        ([], {}, 1.0),
        (["dkim=pass"], {"newcomer": True}, 1.0),
        (["dkim=pass"], {"address_sent": 0}, 1.0),
        (["dkim=pass"], {"recipients": 40}, 1.0),
    ],
)
def test_a_taken_over_account_is_the_gravest(
    results: list[str], changed: dict[str, int], severity: float, letters: Letters
) -> None:
    """The account of a correspondent comes to 10 of 10 if checks pass; not a stranger's, a blast, or a forged one."""
    past = {"newcomer": False, "address_received": 4, "address_sent": 2, "recipients": 1} | changed
    letters.add("a", results=results, past=past)
    assert letters.levels()["a"].severity == severity


def test_a_step_counts_with_those_before_it(letters: Letters) -> None:
    """A step of an operation has the gravest level so far; the first knows nothing of later ones, nor do others."""
    letters.add("a", ["asks"], day=0)
    letters.add("b", ["knows", "program"], day=1)
    letters.add("c", ["look-alike"], day=2)
    letters.add("other", ["asks"], day=3, conversation="two")
    levels = letters.levels()
    assert levels["a"] == Level(3, ["asks"], 1.0, [], 3.0)
    assert levels["b"] == levels["c"] == Level(4, ["knows"], 1.75, ["program"], 7.0)
    assert levels["other"].severity == 3.0


def test_only_what_may_be_an_attack_has_a_severity(letters: Letters) -> None:
    """Quiet mail, notices and what a person called harmless have none; what a person called malicious has."""
    for number, tier in enumerate(("quiet", "notice", "harmless", "attack", "suspicious", "malicious", "unsure")):
        letters.add(tier, ["asks"], tier=tier, conversation=str(number))
    assert set(letters.levels()) == {"attack", "suspicious", "malicious", "unsure"}


def test_every_level_is_shown_by_some_detector() -> None:
    """No level stands empty: shipped detectors show each, but those that facts alone show."""
    shipped = detectors()
    assert {one.social for one in shipped} == {0, *SOCIAL} - {1}
    assert {one.technical for one in shipped} == {0.0, *TECHNICAL} - {1.0, 2.0}


@pytest.mark.parametrize(
    "line", ["social = 6", "social = 2.5", 'technical = "1.5"', "technical = 3", "needs_history = 1"]
)
def test_a_level_that_is_none_is_refused(line: str) -> None:
    """A detector file with a level that the index does not have is refused, and the key is named."""
    file = f'title = "T"\nsays = "S."\ngroup = "link"\nblind_to = "B"\nsql = "select message"\n{line}\n'
    with pytest.raises(WatchwordError, match=line.partition(" ")[0]):
        read_detector("own.toml", "own", file.encode())
