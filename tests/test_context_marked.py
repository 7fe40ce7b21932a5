"""What folders, flags and labels say: sent, spam, trash, in the words of many programs and languages."""

from pathlib import Path

import pytest

from watchword.context.marked import uses_of


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
