"""Words of a text that may open a locked file, likeliest first.

Senders tell a password in few ways: behind a word for it ("Password: x", "пароль x", "the code is x", 密码x), in
quotation marks, at the end of a line or alone on one, in the file's own name ("report_pw_2024.zip"). Nothing is looked
for before a locked file asks.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

CANDIDATES = 200  # for one message
TEXT = 64 * 1024  # characters of one text
LONGEST = 64  # characters of a password
_BEHIND, _BEFORE = 120, 40  # characters around a word for password
_CUES = 100  # of one text

_CUE = re.compile(
    # English, French, German, Dutch, Italian, Spanish, Portuguese
    r"(?<![^\W_])(?:pass ?(?:word|code|phrase|key)|passwd|pass|pwd?|pin|codes?|key|mot de passe|mdp|code d.acc[eè]s|"
    r"pass(?:wort|ord)|kennwort|schl[uü]ssel|zugangscode|wachtwoord|sleutel|parola(?: d.ordine)?|contrase[nñ]a|clave|"
    r"senha|palavra[- ]passe|chave|"
    # Polish, Czech, Hungarian, Swedish, Danish, Finnish, Turkish, Greek, Vietnamese, Indonesian
    r"has[lł]o|kod|heslo|jelsz[oó]|l[oö]senord|adgangskode|salasana|[sş]ifre(?:si)?|parolas[ıi]|κωδικός|"
    r"mật khẩu|kata sandi|"
    # Russian, Ukrainian, Arabic, Persian, Hebrew, Hindi
    r"парол[ьяюе]м?|код|ключ|гасло|كلمة (?:المرور|السر)|الرقم السري|رمز(?: عبور)?|گذرواژه|پسورد|کلمه عبور|"
    r"סיסמ[האת]|קוד|पासवर्ड)(?![^\W\d_])"
    # Chinese, Japanese, Korean: no blanks around words
    r"|密[码碼]|口令|提取[码碼]|パスワード|暗証番号|비밀번호|암호",
    re.IGNORECASE,
)
_SAYS = (  # what joins the word and the password
    re.compile(r"[^\n:：=]{0,60}?[:：=]\s*"),
    re.compile(
        r"[^\n:：=“\"„«'‘`]{0,60}?(?:\b(?:is|ist|est|es|è|é|jest|lautet|będzie|будет|это|هو|هي|است|는|은|は|是|为|為)"
        r"(?=\s)|[-–—]\s)\s*"
    ),
)
_QUOTED = re.compile(r"[\"“”„«»‘'`「『《]([^\"“”„«»‘’'`「」『』《》\n]{2,64})[\"“”„«»’'`」』》]")
_TOKEN = re.compile(r"\S{2,80}")
_PLAIN = re.compile(r"[!-~]{3,64}")  # in a script without blanks
_CODE = re.compile(r"(?=\S*\d)\S*[^\W\d]\S*|\d{3,10}|(?=\S*[a-z])\S+[A-Z]\S*|\S*[#$%&@!*+=^~]\S*")
_NAMED = re.compile(
    r"(?:^|[\W_])(?:password|passwort|passcode|pass|pwd?|code|pin|key|mdp|пароль)[\W_]*([^\W_][^\s_.]{1,40})", re.I
)
_AROUND = "\"'“”„«»‘’`()[]{}<>*_|，。；：、！？「」『』《》"
_AFTER = ".,;:!?"


class Candidates(Sequence[str]):
    """Words that may open a file, found when first asked for; and from which message each comes."""

    def __init__(self, find: Callable[[], Iterable[tuple[str, str]]]) -> None:
        """`find` gives pairs of word and message, likeliest first."""
        self._find = find
        self._found: dict[str, str] | None = None

    def _words(self) -> dict[str, str]:
        if self._found is None:
            self._found = {}
            for word, message in self._find():
                self._found.setdefault(word, message)
                if len(self._found) == CANDIDATES:
                    break
        return self._found

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """Give a word by its place."""
        return list(self._words())[index]

    def __len__(self) -> int:
        """Count the words."""
        return len(self._words())

    def __iter__(self) -> Iterator[str]:
        """Give the words, likeliest first."""
        return iter(list(self._words()))

    def origin(self, word: str) -> str:
        """Name the message whose text held a word, empty if none did."""
        return self._words().get(word, "")


def words(texts: Iterable[str], names: Iterable[str] = ()) -> list[str]:
    """Give words of texts and file names that may be passwords, likeliest first, at most 200."""
    best: dict[str, int] = {}
    for rank, word in ranked(texts, names):
        if rank < best.get(word, 99):
            best[word] = rank
    return heapq.nsmallest(CANDIDATES, best, key=best.__getitem__)


def ranked(texts: Iterable[str], names: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
    """Give words with their rank: 0 is said to be the password, 6 is any word that stands where one could."""
    for text in texts:
        yield from _in_text(text[:TEXT])
    for name in names:
        stem = name.rpartition("/")[2].rpartition(".")[0]
        for found in _NAMED.finditer(stem):
            yield from _both(2, found[1])
        yield from _both(5, stem)
        for piece in re.findall(r"[^\W_]{3,32}", stem):
            yield 6, piece


def _in_text(text: str) -> Iterator[tuple[int, str]]:
    for count, cue in enumerate(_CUE.finditer(text)):
        if count == _CUES:
            break
        yield from _around(text, cue.start(), cue.end())
    for found in _QUOTED.finditer(text):
        yield from _both(3, found[1])
    for line in text.splitlines()[:2_000]:
        tokens = _TOKEN.findall(line[:2_000])
        if not tokens:
            continue
        yield from _both(3 if len(tokens) == 1 else 5, line.rsplit(None, 1)[-1][:LONGEST])
        for token in tokens[:200]:
            if _CODE.fullmatch(token.strip(_AROUND).rstrip(_AFTER)):
                yield from _both(4, token)


def _around(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Look behind and before a word for password."""
    behind = text[end : end + _BEHIND]
    for says in _SAYS:
        if said := says.match(behind):
            rest = behind[said.end() :]
            yield from _both(0, rest.split(None, 1)[0] if rest.strip() else "")
            yield from _both(1, rest.partition("\n")[0])
    for found in _QUOTED.finditer(behind):
        yield from _both(0, found[1])
    tokens = _TOKEN.findall(behind)
    for place, token in enumerate(tokens[:12]):
        yield from _both(1 if place == 0 or _CODE.fullmatch(token.strip(_AROUND).rstrip(_AFTER)) else 4, token)
    for token in _TOKEN.findall(text[max(0, start - _BEFORE) : start])[-5:]:
        yield from _both(2 if _CODE.fullmatch(token.strip(_AROUND).rstrip(_AFTER)) else 6, token)


def _both(rank: int, token: str) -> Iterator[tuple[int, str]]:
    """Give a token without the marks around it, with what may be its own, and what is written in plain letters."""
    token = token.strip()
    bare = token.strip(_AROUND).rstrip(_AFTER).strip(_AROUND)
    for number, one in enumerate(dict.fromkeys((bare, token.strip(_AROUND), token))):
        if 2 <= len(one) <= LONGEST:
            yield rank + (number > 0), one
    if not token.isascii():
        for run in _PLAIN.findall(token):
            yield rank + 1, run
