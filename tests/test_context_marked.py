"""What folders, flags and labels say: sent, spam, trash, in the words of many programs and languages."""

import re
from pathlib import Path

import pytest

from tests.small_case import ANA, letter
from tests.test_context import Mailboxes
from watchword.context.marked import uses_of
from watchword.judge.detector import detectors


@pytest.mark.parametrize(
    ("folder", "use"),
    [
        ("Sent", "sent"),
        ("_sent_mail", "sent"),
        ("INBOX.Sent.2024", "sent"),
        ("[Gmail]/Sent Mail", "sent"),
        ("ana-sent", "sent"),
        ("sent-mail-jan-2004", "sent"),
        ("Éléments envoyés", "sent"),
        ("Gesendete Objekte/2023", "sent"),
        ("[Gmail]/Надіслані", "sent"),
        ("العناصر المرسلة", "sent"),
        ("Junk E-mail", "spam"),
        ("[Gmail]/Спам", "spam"),
        ("הודעות שנמחקו", "trash"),
        ("deleted_items", "trash"),
        ("Top of Personal Folders\\Deleted Items", "trash"),
        ("[Gmail]/Papierkorb", "trash"),
        ("Éléments supprimés", "trash"),
        ("Корзина", "trash"),
        ("سطل زباله", "trash"),
        ("Bin", "trash"),
    ],
)
def test_folders_mean_what_their_names_say(folder: str, use: str) -> None:
    """The default folders of common programs are known, also below or above other folders and with a year."""
    assert uses_of(folder, ()) == {use}


@pytest.mark.parametrize(
    "folder",
    [
        "INBOX",
        "Archive/2023",
        "bin laden",
        "consent",
        "presentations",
        "Absent",
        "",
        "All mail Including Spam and Trash",
    ],
)
def test_other_folders_mean_nothing(folder: str) -> None:
    """A name that only contains such letters means nothing."""
    assert uses_of(folder, ()) == frozenset()


def test_labels_and_flags_count_whole() -> None:
    """Gmail's labels, special uses (RFC 6154) and flags are known; a label that only begins alike is not."""
    assert uses_of("All Mail", ("\\Sent", "Important")) == {"sent"}
    assert uses_of("", ("TRASH",)) == {"trash"}
    assert uses_of("INBOX", ("seen", "deleted")) == {"trash"}
    assert uses_of("INBOX", ("$Junk",)) == {"spam"}
    assert uses_of("INBOX", ("NonJunk", "Sent by the press office")) == frozenset()


def test_a_case_knows_more_names(tmp_path: Path) -> None:
    """A case's own `knowledge/folders.toml` adds names."""
    (tmp_path / "folders.toml").write_text('[trash.names]\nnl = ["Prullenbak"]\n', "utf-8")
    assert uses_of("Prullenbak", (), tmp_path) == {"trash"}
    assert uses_of("Prullenbak", ()) == frozenset()


@pytest.mark.parametrize("place", ["Trash", "Junk"])
def test_a_lure_in_the_trash_is_known_as_well(tmp_path: Path, place: str) -> None:
    """Where a message lies changes nothing that is judged: only the two columns that say where it lies differ."""
    letters = [letter(day) for day in range(3)]
    rows: dict[str, dict[str, object]] = {}
    for folder in ("Archive", place):
        boxes = {"Archive": letters[:2], folder: letters if folder == "Archive" else letters[2:]}
        owners = dict.fromkeys(boxes, ANA)
        with Mailboxes(tmp_path / folder).build(owners, **boxes) as connection:
            found = connection.execute("select * from relationships order by history desc limit 1")
            names = [column[0] for column in found.description or ()]
            rows[folder] = dict(zip(names, found.fetchone() or (), strict=True))
    marks = {name: rows[place].pop(name) for name in ("is_in_spam", "is_in_trash")}
    assert marks == {"is_in_spam": place == "Junk", "is_in_trash": place == "Trash"}
    assert rows[place] == {name: value for name, value in rows["Archive"].items() if name not in marks}


def test_no_detector_asks_where_a_message_lies() -> None:
    """Spam and trash are never weighed: no detector names these columns."""
    asking = [one.name for one in detectors() if re.search(r"is_in_(?:spam|trash)", one.sql)]
    assert asking == []
