"""Domains, language, and the phrases and names that are known."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from watchword.observe import domain
from watchword.observe.cues import Lexicon, compile_lexicon, cues, normal
from watchword.observe.known import identities
from watchword.observe.language import language
from watchword.observe.matching import REACH
from watchword.tables import Text

# ---------------------------------------------------------------- domains


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.news.example.co.uk", "example.co.uk"),
        ("somebody.github.io", "somebody.github.io"),
        ("deep.somebody.github.io", "somebody.github.io"),
        ("github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("www.ck", "www.ck"),
        ("a.b.c.ck", "b.c.ck"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("2001:db8::1", "2001:db8::1"),
        ("MAIL.Example.ORG.", "example.org"),
        ("bücher.example.com", "example.com"),
        ("shop.bücher.de", "xn--bcher-kva.de"),
        ("", ""),
    ],
)
def test_organisation(host: str, expected: str) -> None:
    """A registrable domain follows the Public Suffix List, with wildcards, exceptions and tenants of shared hosting."""
    assert domain.organisation(host) == expected


def test_registrable_keeps_sections_apart() -> None:
    """The list's ICANN section alone says who registered a name; with PRIVATE a tenant is its own organisation."""
    assert domain.registrable("a.somebody.github.io") == "somebody.github.io"
    assert domain.registrable("a.somebody.github.io", private=False) == "github.io"
    assert domain.registrable("com") == ""


def test_unicode_host() -> None:
    """A-labels are shown as people see them, and what is not one stays."""
    assert domain.unicode_host("xn--bcher-kva.example") == "bücher.example"
    assert domain.unicode_host("plain.example") == "plain.example"


@example("0\r.")
@given(st.text(max_size=80))
def test_organisation_never_raises_and_settles(host: str) -> None:
    """Any string has an organisation, and that of an organisation is itself."""
    once = domain.organisation(host)
    assert domain.organisation(once) == once


# ---------------------------------------------------------------- language


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Thank you for your message, I will be in the office on Monday and we can talk.", "en"),
        ("Vielen Dank für Ihre Nachricht, ich bin am Montag wieder im Büro und wir können sprechen.", "de"),
        ("Merci pour votre message, je suis dans le bureau lundi et nous pouvons parler de la suite.", "fr"),
        ("Gracias por su mensaje, estaré en la oficina el lunes y podemos hablar de los detalles.", "es"),
        ("Obrigado pela sua mensagem, não estou no escritório mas a reunião é na segunda com você.", "pt"),
        ("Grazie per il messaggio, sono in ufficio lunedì e possiamo parlare della questione con lei.", "it"),
        ("Bedankt voor uw bericht, ik ben maandag op het kantoor en wij kunnen dan over de zaak praten.", "nl"),
        ("Спасибо за ваше письмо, я буду в офисе в понедельник, и мы обсудим это.", "ru"),
        ("Дякую за ваш лист, я буду в офісі в понеділок, і ми обговоримо це.", "uk"),
        ("با تشکر از پیام شما، من دوشنبه در دفتر هستم و می‌توانیم گفتگو کنیم.", "fa"),
        ("شكرا على رسالتك، سأكون في المكتب يوم الاثنين ويمكننا التحدث إلى الفريق.", "ar"),
        ("תודה על ההודעה שלך, אהיה במשרד ביום שני ונוכל לדבר.", "he"),
        ("12345 ---- https://example.org/", ""),
        ("", ""),
    ],
)
def test_language(words: str, expected: str) -> None:
    """A language is told by its script and commonest words, and none is claimed without them."""
    assert language(words) == expected


# ---------------------------------------------------------------- cues


PHRASES = """
says = "asks for an interview"
source = "made up"
[phrases]
en = ["for an interview", "don't tell"]
de = ["ein Gespräch führen"]
"""
IDENTITIES = """
[[identity]]
id = "wire"
name = "Example Wire"
names = ["EW"]
domains = ["wire.example"]
kind = "media"
source = "made up"
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> Lexicon:
    """A small `knowledge` folder, compiled without the shipped one."""
    (tmp_path / "identities").mkdir()
    (tmp_path / "identities" / "media.toml").write_text(IDENTITIES, "utf-8")
    own = [one for one in identities(tmp_path) if one.id == "wire"]
    return compile_lexicon({"interview": tomllib.loads(PHRASES)["phrases"]}, own)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("We ask you FOR  AN\ninterview today", ("interview", "en", "FOR  AN\ninterview")),
        ("for\u00a0an inter\u200bview", ("interview", "en", "for\u00a0an inter\u200bview")),
        ("please don\u2019t tell", ("interview", "en", "don\u2019t tell")),
        ("wir ein Gespra\u0308ch führen", ("interview", "de", "ein Gespra\u0308ch führen")),
        ("\ufb01ve words: ｆｏｒ an interview", ("interview", "en", "ｆｏｒ an interview")),
        ("says the Example  Wire.", ("media", "wire", "Example  Wire")),
        ("EW reports", ("media", "wire", "EW")),
        ("\u20ac\u00af  yes, for an interview", ("interview", "en", "for an interview")),
    ],
)
def test_cue_is_found_and_quoted(words: str, expected: tuple[str, str, str], knowledge: Lexicon) -> None:
    """A phrase is found whatever its case, blanks, quotes and unseen characters, and quoted as it stands."""
    (cue,) = cues("k", [Text("k", 0, 1, None, "plain", words, "", "", "", [], [], "")], "", "", [], knowledge)
    assert (cue.kind, cue.value, cue.phrase) == expected
    assert words[cue.start : cue.start + len(cue.phrase)] == cue.phrase


@pytest.mark.parametrize("words", ["before an interview", "for an interviewer", "the ew factor", "drEWs"])
def test_parts_of_words_are_no_cues(words: str, knowledge: Lexicon) -> None:
    """A phrase counts only as whole words, and a short name only in its own case."""
    assert cues("k", [Text("k", 0, 1, None, "plain", words, "", "", "", [], [], "")], "", "", [], knowledge) == []


def test_cues_are_capped_and_placed(knowledge: Lexicon) -> None:
    """Of one kind and place at most five count; names are looked for where the sender speaks for himself."""
    row = Text(
        "k",
        0,
        3,
        None,
        "plain",
        "for an interview " * 9,
        "Example Wire",
        "Example Wire for an interview",
        "",
        [],
        [],
        "",
    )
    found = [
        (cue.found_in, cue.kind, cue.part)
        for cue in cues("k", [row], "Example Wire", "EW", ["for an interview.pdf"], knowledge)
    ]
    assert found == [
        ("subject", "media", -1),
        ("from-name", "media", -1),
        ("attachment-name", "interview", -1),
        *[("written", "interview", 3)] * 5,
        ("signature", "media", 3),
        ("quoted", "interview", 3),
    ]


def test_cues_in_files(knowledge: Lexicon) -> None:
    """In a file phrases count, names only where it is short, as lures are; code and properties do not count at all."""

    def found(kind: str, words: str) -> set[str]:
        row = Text("k", 0, 1, 0, kind, words, "", "", "", [], [], "")
        return {cue.kind for cue in cues("k", [row], "", "", [], knowledge)}

    lure = "Example Wire asks for an interview."
    assert found("pdf", lure) == {"media", "interview"}
    assert found("docx", lure + " More words." * 500) == {"interview"}
    assert found("macro", lure) == found("properties", lure) == set()


COMBINATION = compile_lexicon({"code": {"en": ["digits|code* ~ send*|forward ~ me !~ never", "*wort ~ schick*"]}}, [])
ARABIC = compile_lexicon({"code": {"ar": ["رمز ~ أرسل*"], "he": ["קוד ~ שלח*"], "ru": ["пришлёт ~ код"]}}, [])


@pytest.mark.parametrize(
    ("words", "lexicon", "expected"),
    [
        ("Sending me the codes helps", COMBINATION, ["sending me the codes"]),
        ("the digits: please forward them to me", COMBINATION, ["digits: please forward them to me"]),
        ("Das Kennwort schicke ich", COMBINATION, ["kennwort schicke"]),
        ("Never send me the code", COMBINATION, []),
        ("Send the code to Tom", COMBINATION, []),
        ("resend me the code", COMBINATION, []),
        ("decode, then forward it to me", COMBINATION, []),
        ("send me a word. " + "The rest is long enough to be about something else. " + "The code", COMBINATION, []),
        ("وأَرسِلوا لي بالرمز", ARABIC, ["وارسلوا لی بالرمز"]),
        ("תשלחו את שלחו לי את הקוד", ARABIC, ["שלחו לי את הקוד"]),
        ("код он ПРИШЛЕТ", ARABIC, ["код он пришлет"]),
    ],
)
def test_combination(words: str, lexicon: Lexicon, expected: list[str]) -> None:
    """Parts stand near each other in any order, with the endings and prefixes allowed, and without what must not."""
    text = normal(words)
    assert [text[start:stop] for start, stop, _ in lexicon.search(text)] == expected


def near(words: list[str]) -> bool:
    """Tell, the slow way, whether all three parts stand near a place of the first."""
    starts = [sum(len(word) + 1 for word in words[:number]) for number in range(len(words))]
    parts = (("digits", "codes"), ("sender",), ("me",))
    places = [
        [(start, start + len(word)) for start, word in zip(starts, words, strict=True) if word in part]
        for part in parts
    ]
    return any(
        all(any(max(begin - stop, start - end) <= REACH for begin, end in other) for other in places[1:])
        for start, stop in places[0]
    )


@given(st.lists(st.sampled_from(["digits", "codes", "sender", "me", "menu", "resend", "x" * 17, "."]), max_size=14))
def test_combination_is_found_wherever_it_stands(words: list[str]) -> None:
    """Whatever stands around and between, a combination is found if and only if its parts are near its first."""
    assert bool(COMBINATION.search(" ".join(words))) == near(words)


@given(st.text(alphabet="codesn mרמזقאل.-\n\u200b\u05b8", max_size=80))
def test_search_stays_inside_the_text(text: str) -> None:
    """Nothing in a text makes the search fail or point outside it."""
    folded = normal(text)
    for lexicon in (COMBINATION, ARABIC):
        assert all(0 <= start < stop <= len(folded) for start, stop, _ in lexicon.search(folded))


def test_many_words_near_each_other_take_no_longer() -> None:
    """A text made of nothing but parts is searched in time that grows as its length does, and gives at most five."""
    assert len(COMBINATION.search("send me code digits " * 20_000)) <= 5 * 2


def test_shipped_lexicon_finds_its_own_phrases() -> None:
    """The knowledge that is shipped can be read, and a plain request for an interview is seen."""
    row = Text("k", 0, 0, None, "plain", "We would like to request an interview with you.", "", "", "", [], [], "")
    assert "interview" in {cue.kind for cue in cues("k", [row], "", "", [])}


@given(st.text(alphabet="a \u00a0\u200b\ufb01e\u0301İß\n\u2019日", max_size=60))
def test_normal_is_settled(words: str) -> None:
    """Folding a folded text changes nothing, and leaves no double blanks."""
    once = normal(words)
    assert normal(once) == once
    assert "  " not in once
