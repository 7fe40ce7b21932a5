"""Words of a text that may open a locked file."""

import time

import pytest

from watchword.observe.files.passwords import CANDIDATES, Candidates, words


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("Dear Ana,\nhere are the papers. Password: Gr4n!te-22\nBest, Ben", "Gr4n!te-22"),
        ("The code is 4471.", "4471"),
        ("Use 4471 as password, please.", "4471"),
        ("It is protected with the password\n\n  Kestrel99\n\nRegards", "Kestrel99"),
        ("Password to open the document is: blue horse battery", "blue horse battery"),
        ("pw 1234", "1234"),
        ('I called it "open sesame", as ever. You know the key.', "open sesame"),
        ("Das Passwort lautet Sommer2024.", "Sommer2024"),
        ("Le mot de passe est « hirondelle »", "hirondelle"),
        ("El archivo tiene contraseña 2024abc", "2024abc"),
        ("A senha é gaivota7", "gaivota7"),
        ("La password è «rondine»", "rondine"),
        ("Het wachtwoord is zwaluw8", "zwaluw8"),
        ("Hasło: jaskółka", "jaskółka"),
        ("Пароль к архиву: 7788", "7788"),
        ("Пароль до файлу — Ластівка5", "Ластівка5"),
        ("كلمة المرور: 556677", "556677"),
        ("رمز عبور: 998877", "998877"),
        ("סיסמה: 5544", "5544"),
        ("Şifre: kirlangic3", "kirlangic3"),
        ("解压密码88776655", "88776655"),
        ("密码：abc123。", "abc123"),
        ("パスワードは tsubame9 です", "tsubame9"),
        ("비밀번호는 q1w2e3 입니다", "q1w2e3"),
    ],
)
def test_password_in_a_sentence(text: str, password: str) -> None:
    """A password is among the first five words, in whatever language the sentence is and however it is marked."""
    assert password in words([text])[:5]


def test_password_in_a_file_name() -> None:
    """A file's name may tell its password."""
    assert words([], ["report_pw_2024.zip"])[0] == "2024"
    assert "report_pw_2024" in words([], ["report_pw_2024.zip"])


def test_password_alone_on_a_line_or_last() -> None:
    """Without a word for password, what stands alone on a line, last in one, or mixes letters and digits is tried."""
    found = words(
        ["Please open it as agreed.\n\nbuzzard\n\nSee you, it is the usual heron\nand X7-kl also stands here"]
    )
    assert {"buzzard", "heron", "X7-kl"} <= set(found)
    assert found.index("buzzard") < found.index("heron")


@pytest.mark.parametrize("piece", ["pass ", "password: x\n", '"', "'x", "a1 ", "=", "  ", "密码", "a\n"])
def test_long_texts_are_fast_and_the_words_few(piece: str) -> None:
    """However long a text is and whatever it repeats, the words are at most 200 and found in a blink."""
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    assert len(words([text] * 3)) <= CANDIDATES
    assert time.process_time() - start < 1


def test_candidates_are_found_once_and_late() -> None:
    """Words are looked for when the first is asked for, once, and know the message that they come from."""
    asked = []

    def find() -> list[tuple[str, str]]:
        asked.append(1)
        return [("heron", "first"), ("buzzard", "second"), ("heron", "third")]

    found = Candidates(find)
    assert not asked
    assert (list(found), len(found), found[1], found[:1]) == (["heron", "buzzard"], 2, "buzzard", ["heron"])
    assert (found.origin("heron"), found.origin("other"), len(asked)) == ("first", "", 1)
