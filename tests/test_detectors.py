"""Every detector file keeps its contract: it fires on its examples, stays quiet on their honest twins, and cites."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from watchword.cli import main
from watchword.judge.check import Trial, check, check_files
from watchword.judge.detector import detector_files, detectors, read_detector

FILES = list(detector_files())

GOOD = '''
title = "A stranger's link"
says = "{from_address} sent a link to {host}."
group = "link"
blind_to = "Links in files."
sql = """
select received.message, from_address, links.host, links.number as link
from received join links using (message) where address_received = 0
"""
[[fires]]
why = "A stranger sends a link."
owner = "ana@larkfield.example"
before = ["""
From: Ben Ode <ben@larkfield.example>
To: ana@larkfield.example
Date: Mon, 2 Mar 2026 14:00:00 +0000

Lunch?
"""]
mail = """
From: Eve Moss <eve@stranger.example>
To: ana@larkfield.example
Date: Tue, 3 Mar 2026 14:00:00 +0000

See https://page.stranger.example/
"""
[[quiet]]
why = "No link."
owner = "ana@larkfield.example"
mail = """
From: Eve Moss <eve@stranger.example>
To: ana@larkfield.example
Date: Tue, 3 Mar 2026 14:00:00 +0000

Hello.
"""
'''.replace('"""\nFrom', '"""From')


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    """One case in a temporary folder, in which this process tries all its examples."""
    with Trial() as opened:
        yield opened


@pytest.mark.parametrize(("path", "name", "content"), FILES, ids=[name for _, name, _ in FILES])
def test_detector_keeps_its_contract(path: str, name: str, content: bytes, trial: Trial) -> None:
    """A detector loads, its query gives what its sentence uses, and its examples prove it."""
    problems = list(check(read_detector(path, name, content), trial))
    if problems:
        pytest.fail("\n".join([path, *map(str, problems)]), pytrace=False)


def test_the_catalogue_is_there() -> None:
    """All detector files are found, so that the contract is not kept by an empty folder."""
    assert len(FILES) == len(detectors()) >= 80


def test_a_good_detector_has_no_problem(trial: Trial) -> None:
    """A file that keeps the contract is not blamed."""
    assert not list(check(read_detector("good.toml", "good", GOOD.encode()), trial))


@pytest.mark.parametrize(
    ("written", "instead", "where", "blame"),
    [
        ("to {host}.", "to {host}", "", "full stop"),
        ("Links in files.", "", "", "blind_to"),
        ("[[quiet]]", "[[fires]]", "", "[[quiet]]"),
        ("from_address, links.host", "from_adress, links.host", "", "does not run"),
        ("from_address, links.host", "links.host", "", "does not give from_address"),
        ("from_address, links.host", "from_address, links.url, links.host", "", "gives url"),
        ("address_received = 0", "address_received = 1", "fires 1", "stays quiet"),
        ("Hello.", "See https://page.example/", "quiet 1", "It fires, with"),
        ("Lunch?", "https://lunch.example/", "fires 1", "message 1 of `before`"),
        ("from_address, links.host", "'' as from_address, links.host", "fires 1", "nothing to say for from_address"),
        ("number as link", "number + 7 as link", "fires 1", "cites link 7"),
        ("number as link", "number as link, 'sender' as header", "fires 1", "header field sender"),
        ("number as link", "number as link, 'nobody' as other", "fires 1", "another message, nobody"),
        ("Mon, 2 Mar 2026", "Wed, 4 Mar 2026", "fires 1", "not earlier"),
        ('why = "A stranger sends a link."', "", "fires 1", "why"),
        ('owner = "ana@larkfield.example"', "", "fires 1", "owner"),
    ],
)
def test_every_breach_is_told(written: str, instead: str, where: str, blame: str, trial: Trial) -> None:
    """Whatever breaks the contract is named, with the example that shows it."""
    assert written in GOOD
    broken = GOOD.replace(written, instead, 1)
    found = list(check(read_detector("bad.toml", "bad", broken.encode()), trial))
    assert [problem.example for problem in found if blame in problem.sentence] == [where], found


@pytest.mark.parametrize(
    "content", ["title = ", 'title = "\xff"', GOOD.replace("{host}", "{host"), GOOD.replace("blind_to", "b")]
)
def test_an_unreadable_file_is_a_problem(content: str, tmp_path: Path) -> None:
    """A file that is no detector at all is one problem among others, and a good file beside it is still checked."""
    (tmp_path / "bad.toml").write_bytes(content.encode("latin-1"))
    (tmp_path / "good.toml").write_text(GOOD, "utf-8")
    found = dict(check_files([tmp_path / "bad.toml", tmp_path / "good.toml"]))
    assert [len(found["bad"]), len(found["good"])] == [1, 0], found


def test_the_verb_tells_problems_to_people_and_scripts(tmp_path: Path) -> None:
    """`watchword check` ends with 1 if there is a problem, names it, and gives the same as JSON."""
    file = tmp_path / "loud.toml"
    file.write_text(GOOD.replace("Hello.", "See https://page.example/"), "utf-8")
    told = CliRunner().invoke(main, ["check", str(file)])
    assert told.exit_code == 1
    assert "loud, quiet 1: It fires" in told.output
    listed = json.loads(CliRunner().invoke(main, ["check", str(file), "--json"]).output)
    assert listed["checked"] == ["loud"]
    assert [(one["detector"], one["example"]) for one in listed["problems"]] == [("loud", "quiet 1")]
    file.write_text(GOOD, "utf-8")
    assert CliRunner().invoke(main, ["check", str(file)]).exit_code == 0


def test_examples_do_not_see_each_other(trial: Trial) -> None:
    """Of the example before nothing is left: the same message is a first contact again."""
    detector = read_detector("good.toml", "good", GOOD.encode())
    for _ in range(2):
        *_, key = trial.put(detector.fires[0])
        assert [row.message for row in trial.run(detector)] == [key]
        assert trial.connection.execute("select count(*) from received").fetchall() == [(2,)]
