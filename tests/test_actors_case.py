"""Knowledge of actors in a case: copies are kept, tables rebuilt from them, names shown with who says so."""

import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from watchword.actors import wheel
from watchword.actors.build import TABLES, build
from watchword.actors.keep import add, kept
from watchword.actors.shown import Room
from watchword.actors.taken import Given
from watchword.case import Case
from watchword.cli_actors import actors
from watchword.errors import WatchwordError

NOW = datetime(2024, 8, 20, 12, tzinfo=UTC)
_LIST = "# Aliases: grey heron\n# Reference: https://securelist.com/x (2022-05-17)\nheron-login.org\n/gate.php\n"


def _attack(modified: str, *names: str) -> str:
    page = {"source_name": "mitre-attack", "external_id": "G9001", "url": "https://attack.mitre.org/groups/G9001"}
    things = [
        {"type": "intrusion-set", "id": f"intrusion-set--{name}", "name": name, "created": modified,
         "modified": modified, "aliases": [name, "Both Heron"], "external_references": [page]}
        for name in names
    ]  # fmt: skip
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": things})


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Make an empty case."""
    return Case.create(tmp_path / "case")


def _write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def _rows(case: Case, table: str) -> list[dict[str, object]]:
    return list(pq.read_table(case.tables / table / "all.parquet").to_pylist())


def test_the_shipped_groups_are_there_without_anything_added(case: Case) -> None:
    """A case knows the wheel's clusters and our own files, and every fact has an actor and a speaker."""
    found = build(case)
    assert {one.source for one in found} == {"watchword", "misp-galaxy", "mitre-attack", "microsoft"}
    there = {str(row["actor"]) for row in _rows(case, "actors")}
    facts = _rows(case, "actor_facts")
    assert {str(row["actor"]) for row in facts} <= there
    assert all(row["said_by"] for row in facts)
    assert all(one.items == one.used + one.explaining + one.rejected for one in found)
    assert len(_rows(case, "actor_rejections")) == sum(one.rejected for one in found)


def test_no_cluster_with_a_licence_of_its_own_is_read() -> None:
    """Of the wheel only clusters of MISP, MITRE and Microsoft are opened."""
    assert not [name for name in (*wheel.ACTORS, *wheel.EXPLAIN) if "malpedia" in name or "tidal" in name]


def test_nothing_is_read_again_while_nothing_changed(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second build reads no source; taking out a table brings it back without reading one again."""
    build(case)
    monkeypatch.setattr(wheel, "read", lambda: pytest.fail("read again"))
    build(case)
    (case.tables / "actor_facts" / "all.parquet").unlink()
    build(case)
    assert _rows(case, "actor_facts")


def test_what_was_added_is_kept_and_given_back_after_the_tables_are_gone(case: Case, tmp_path: Path) -> None:
    """The copy is the truth: same bytes, and the same facts when everything that was derived is deleted."""
    source = _write(tmp_path / "in", "apt_heron.txt", _LIST)
    one, there = add(case, source, Given(), NOW)
    build(case)
    before = [row for row in _rows(case, "actor_facts") if str(row["actor"]).endswith(one.id)]
    source.unlink()
    for name in (*TABLES, "actor_pieces"):
        for file in (case.tables / name).iterdir():
            file.unlink()
    build(case)
    assert not there
    assert one.file.read_bytes() == _LIST.encode()
    assert before == [row for row in _rows(case, "actor_facts") if str(row["actor"]).endswith(one.id)]
    assert {row["value"] for row in before} >= {"heron-login.org", "grey heron"}
    assert [row["value"] for row in _rows(case, "actor_rejections") if row["source"] == one.id] == ["/gate.php"]


def test_what_is_added_twice_is_one_and_what_is_said_later_counts(case: Case, tmp_path: Path) -> None:
    """The same bytes are kept once; a publisher that the user gives later is taken."""
    source = _write(tmp_path / "in", "a.txt", "heron-login.org\n")
    add(case, source, Given(), NOW)
    one, there = add(case, source, Given(publisher="Us", published=NOW), NOW)
    assert there
    assert [entry.given.publisher for entry in kept(case)] == ["Us"]
    build(case)
    (fact,) = [row for row in _rows(case, "actor_facts") if str(row["actor"]).endswith(one.id)]
    assert (fact["said_by"], fact["published"]) == ("Us", NOW)


def test_a_folder_is_one_import_whatever_the_order_and_times_of_its_files(case: Case, tmp_path: Path) -> None:
    """A folder is kept as one zip; the same files again are the same import; links out of it are not followed."""
    for number, folder in enumerate(("one", "two")):
        for name in ("b.txt", "a.txt"):
            file = _write(tmp_path / folder, name, f"heron-{name[0]}.org\n")
            os.utime(file, (1_000_000 * (number + 1),) * 2)
    secret = _write(tmp_path / "else", "secret.txt", "smew-login.org\n")
    (tmp_path / "one" / "c.txt").symlink_to(secret)
    one, _ = add(case, tmp_path / "one", Given(), NOW)
    again, there = add(case, tmp_path / "two", Given(), NOW)
    assert there
    assert again.content == one.content
    assert zipfile.ZipFile(one.file).namelist() == ["a.txt", "b.txt"]
    found = build(case)
    assert [summary.facts for summary in found if summary.imported] == [2]


def test_a_file_of_the_cases_own_counts_and_its_names_are_found(case: Case) -> None:
    """Knowledge in the case's own folder is in the tables at the next build, in a session that is open already."""
    build(case)
    place = case.knowledge / "actors"
    place.mkdir(parents=True)
    ours = (Path(wheel.__file__).parent.parent / "knowledge" / "actors" / "apt42.toml").read_text("utf-8")
    (place / "gilded-heron.toml").write_text(ours.replace('name = "APT42"', 'name = "Gilded Heron"', 1), "utf-8")
    connection = duckdb.connect()
    build(case, connection)
    query = "select count(*) from actor_facts join actors using (actor) where name = 'Gilded Heron'"
    ((count,),) = connection.execute(query).fetchall()
    assert count > 10
    assert {one.actor.name for one in Room(case).known("UNC788")} >= {"APT42", "Gilded Heron"}


def test_of_two_versions_of_one_series_only_the_newer_counts(case: Case, tmp_path: Path) -> None:
    """An import of ATT&CK takes the place of the wheel's; an older one added later takes nobody's."""
    newer = _write(tmp_path / "in", "new.json", _attack("2025-05-01T00:00:00Z", "Heron"))
    older = _write(tmp_path / "in", "old.json", _attack("2020-05-01T00:00:00Z", "Smew"))
    for source in (newer, older):
        add(case, source, Given(), NOW)
    found = {one.title: one.replaced for one in build(case) if one.series == "mitre-attack"}
    assert [title for title, replaced in found.items() if not replaced] == ["MITRE ATT&CK as of 2025-05-01"]
    named = {row["name"] for row in _rows(case, "actors") if row["source"] == "mitre-attack"}
    assert named == {"Heron"}


def test_names_of_two_sources_stay_two_actors_and_who_keeps_them_apart_is_said(case: Case, tmp_path: Path) -> None:
    """What a list calls one and MITRE two is shown as such; an alias that two bear gives both."""
    add(case, _write(tmp_path / "in", "attack.json", _attack("2030-01-01T00:00:00Z", "Heron", "Smew")), Given(), NOW)
    listed = "# Aliases: heron, smew\nheron-login.org\n"
    one, _ = add(case, _write(tmp_path / "in", "grebe.txt", listed), Given(publisher="Reedbed"), NOW)
    build(case)
    shown = Room(case)
    assert {one.actor.actor for one in shown.known("both heron")} == {"heron@mitre-attack", "smew@mitre-attack"}
    bearing = shown.known("HERON")
    assert {row.actor.actor: row.bears for row in bearing} == {f"grebe@{one.id}": "alias", "heron@mitre-attack": "name"}
    said = shown.related(bearing)
    assert f"MITRE keeps apart what {one.id} calls grebe: Heron, Smew." in said
    assert any(sentence.startswith("Reedbed") and "grebe is heron, smew" in sentence for sentence in said)


def test_a_broken_line_of_what_was_added_is_said(case: Case) -> None:
    """A hand that slipped in added.jsonl is named with its line."""
    _write(case.path / "actors", "added.jsonl", "{}\n")
    with pytest.raises(WatchwordError, match="Line 1"):
        kept(case)


# ------------------------------------------------------------ verbs


def _run(case: Case, *words: str) -> str:
    result = CliRunner().invoke(actors, [*words, "--case", str(case.path)], catch_exceptions=False)
    return result.output


def test_the_verbs_add_show_and_find(case: Case, tmp_path: Path) -> None:
    """A list is added, its actor shown with numbered sources, its domain found when defanged, its rejection listed."""
    source = _write(tmp_path / "in", "heron.txt", _LIST)
    (told,) = json.loads(_run(case, "add", str(source), "--publisher", "Reedbed", "--json"))
    assert [one["facts"] for one in told["sources"]] == [3]
    shown = _run(case, "show", "grey heron")
    assert "heron-login.org  [" in shown
    assert "Kaspersky, 2022-05-17" in shown
    assert "Kaspersky, 2022-05-17" in _run(case, "find", "hxxps://heron-login[.]org/")
    assert "heron-login.org" in _run(case, "find", "www.heron-login.org")
    assert "/gate.php" in _run(case, "--rejected")
    ledger = (case.path / "ledger.jsonl").read_text()
    assert "3 facts of actors" in ledger


def test_each_verb_speaks_json(case: Case) -> None:
    """Lists, actors and values come as JSON for scripts."""
    assert json.loads(_run(case, "--json"))["actors"]
    (first, *_) = json.loads(_run(case, "show", "APT42", "--json"))["known"]
    assert first["actor"]["name"] == "APT42"
    assert json.loads(_run(case, "find", "T1566.002", "--json"))["said"]


def test_what_is_not_there_is_said_with_what_to_do(case: Case, tmp_path: Path) -> None:
    """An unknown name suggests a near one; a wrong path, grade or column is refused in plain words."""
    with pytest.raises(WatchwordError, match="Close to it: "):
        _run(case, "show", "Charmng Kiten")
    with pytest.raises(WatchwordError, match="does not exist"):
        _run(case, "add", str(tmp_path / "nothing"))
    source = _write(tmp_path / "in", "a.txt", "heron-login.org\n")
    with pytest.raises(WatchwordError, match="Admiralty"):
        _run(case, "add", str(source), "--grade", "Z9")
    with pytest.raises(WatchwordError, match="roles are"):
        _run(case, "add", str(source), "--column", "x=y")
    with pytest.raises(WatchwordError, match="is empty"):
        _run(case, "add", str(_write(tmp_path / "in", "b.txt", "")))


def test_hostile_names_cannot_act_on_the_terminal(case: Case, tmp_path: Path) -> None:
    """Escapes in an import are shown as such."""
    add(case, _write(tmp_path / "in", "a.txt", "# Aliases: ev\x1b[2Jil\nheron-login.org\n"), Given(), NOW)
    assert "\x1b" not in _run(case, "show", "a")
