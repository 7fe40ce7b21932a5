"""What is alike and not equal: texts by their bands, pages by their skeletons, pictures by their hashes."""

import io
import itertools
import random
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.small_codes import saved
from tests.test_observe_codes import mail
from watchword.limited.codes import CLEARLY, fingerprint
from watchword.observe import html
from watchword.observe.alike import BANDS, WORDS, bands, words
from watchword.observe.attachments import attachments
from watchword.observe.text import texts

LETTER = """
Dear colleague, our institute is preparing a closed meeting on the security of the coming elections, and the chair
asked me to find speakers who know how campaigns protect their staff. Your talk in Vienna was mentioned twice. Would
you be free for a short call on Thursday afternoon or early next week? We cover travel and pay a modest fee, and the
discussion stays under the usual rule, so nobody will be quoted. I attach the outline with the other names we hope to
win. The document opens with the address that you use for work, because the list is confidential until the ministry
has agreed. Please let me know which of the two days suits you better, and whom of your team we should also invite.
"""
OTHER = """
The heating in the second building will be switched off from Monday until the plumber has changed both valves. Please
keep windows shut over the weekend, take plants away from the radiators, and tell the desk downstairs if a pipe drips.
The canteen stays open and will serve soup. Whoever has to work in the cold rooms may borrow an electric heater, one
for each floor, but must not leave it on over night, since the wiring is old and the insurance does not pay for it.
"""


def shared(one: str, other: str) -> int:
    """Count the bands that two texts share."""
    return len(set(bands(one)) & set(bands(other)))


def changed(text: str, share: float, run: int, seed: int) -> str:
    """Replace so large a share of the words by others, so many in a row."""
    chance = random.Random(seed)  # noqa: S311  # a test's chance, repeated by its seed
    said = text.split()
    for _ in range(round(share * len(said) / run)):
        at = chance.randrange(len(said) - run)
        said[at : at + run] = ["".join(chance.choices("abcdefghij", k=6)) for _ in range(run)]
    return " ".join(said)


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize("run", [3, 10])
def test_a_changed_copy_shares_bands(run: int) -> None:
    """Of fifty copies with 30 % of the words changed, at least 45 share two bands with the letter."""
    assert sum(shared(LETTER, changed(LETTER, 0.3, run, seed)) >= 2 for seed in range(50)) >= 45


def test_the_more_alike_the_more_bands() -> None:
    """The number of shared bands falls as more of the words are changed, from all of them to none."""
    means = [
        sum(shared(LETTER, changed(LETTER, share, 3, seed)) for seed in range(20)) / 20 for share in (0, 0.1, 0.3, 0.6)
    ]
    assert means[0] == BANDS
    assert all(more > less + 1 for more, less in itertools.pairwise(means))


def test_strangers_share_nothing() -> None:
    """Two letters about different things share no band."""
    assert shared(LETTER, OTHER) == 0


def test_what_a_sender_fills_in_does_not_count() -> None:
    """Numbers, addresses, links, capitals, accents, punctuation and invisible characters change no band."""
    filled = LETTER.replace("Vienna", "VIÉNNA\u200b").replace(", and", " - and").replace("Thursday", "Thursday 24.11.")
    filled = filled.replace("document", "document https://files.example.org/a?b=Ana x91 ana@example.org")
    assert bands(filled) == bands(LETTER)


def test_a_short_text_has_no_bands() -> None:
    """Nineteen words have none, twenty have all."""
    said = LETTER.split()
    plain = [word for word in said if word.isalpha()]
    assert bands(" ".join(plain[: WORDS - 1])) == []
    assert len(bands(" ".join(plain[:WORDS]))) == BANDS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Уважаемый коллега, наш институт готовит закрытую встречу о безопасности выборов, и нам нужен докладчик, "
         "который знает, как защищают сотрудников; пожалуйста, ответьте до пятницы, сможете ли вы приехать к нам.",
         "пятницы"),
        ("尊敬的同事我们研究所正在筹备一次关于选举安全的闭门会议"
         "主席请我寻找了解如何保护工作人员的演讲者请回复",
         "演讲者"),
        ("همکار گرامی موسسه ما در حال آماده سازی نشستی درباره امنیت انتخابات است و رئیس از من خواسته سخنرانانی پیدا "
         "کنم که می دانند چگونه از کارکنان محافظت شود لطفا تا جمعه پاسخ دهید", "جمعه"),
    ],
    ids=["ru", "zh", "fa"],
)  # fmt: skip
def test_other_scripts(one: str, other: str) -> None:
    """Cyrillic, Persian and Chinese texts have bands, and share most of them with a copy that differs in one word."""
    assert len(bands(one)) == BANDS
    assert BANDS > shared(one, one.replace(other, "")) >= BANDS // 3


def test_the_same_on_every_machine() -> None:
    """Bands are those written down here: Python's own salted hash has no part in them."""
    assert bands(LETTER)[:3] == ["afb3ed8b2e", "bd952e27c1", "c89dacca62"]


@given(st.text(max_size=400))
def test_any_text_has_all_bands_or_none(text: str) -> None:
    """No text makes it raise; each of the bands begins with its own letter."""
    found = bands(text)
    assert [band[0] for band in found] in ([], [chr(97 + place) for place in range(BANDS)])
    assert bool(found) == (len(words(text)) >= WORDS)


@pytest.mark.parametrize("piece", ["a", "a1", "@", "é ", "\u0301", "x@", "www.", "中", "a b ", "://", "\u200b"])
def test_hostile_texts_are_linear(piece: str) -> None:
    """A quarter of a million characters of anything take less than half a second."""
    begun = time.process_time()
    bands(piece * (250_000 // len(piece)))
    assert time.process_time() - begun < 0.5


def test_rows_have_them() -> None:
    """What was written now has bands in its row; what is quoted changes none of them."""
    quoted = "".join(f"> {line}\n" for line in OTHER.split("\n"))
    (row,) = texts(mail(f"{LETTER}\n{quoted}"), "key")
    assert row.bands == bands(LETTER)
    assert row.skeleton == ""


# ---------------------------------------------------------------- pages


def page(rows: int = 2, words: str = "Dear reader", width: str = "600", extra: str = "") -> str:
    """Write a page as a mailer does: a frame of tables, a picture, paragraphs, a list, a button, a footer."""
    row = f"<tr><td><b>{words}</b> <span>{words}</span></td><td><img src='{width}.png'></td></tr>"
    return (
        f"<html><body><table width={width}><tr><td><div><h1>{words}</h1><p>{words}<br>{words}</p>{extra}"
        f"<table>{row * rows}</table><ul><li>{words}</li></ul><center><a href='https://{width}.example/'>{words}</a>"
        f"</center></div></td></tr></table><hr><div><p>{words} <a href='x'>{words}</a></p></div></body></html>"
    )


def test_same_page_filled_in_otherwise() -> None:
    """Words, attributes, formatting, comments and the number of equal rows and paragraphs do not change a skeleton."""
    same = html.read(page()).skeleton
    assert len(same) == 16
    other = page(9, "Sehr geehrte <i>Leserin</i>,<br>guten<!-- x --> Tag", "480", "<p>one</p><p>two</p>")
    assert html.read(other).skeleton == same


@pytest.mark.parametrize("extra", ["<form><input></form>", "<p><img src=x></p>", "<table><tr><td>x</td></tr></table>"])
def test_another_page(extra: str) -> None:
    """An element of another kind or in another place makes another skeleton."""
    assert html.read(page(extra=extra)).skeleton not in ("", html.read(page()).skeleton)


def test_a_simple_page_has_no_skeleton() -> None:
    """A letter as mail programs write it, with paragraphs and a link, has none."""
    simple = "<html><body><div>Dear Ana,</div><div><br></div><div><a href=x>here</a></div><p>Ann</p></body></html>"
    assert html.read(simple).skeleton == ""
    assert html.read("").skeleton == ""


def test_a_skeleton_is_of_what_was_sent() -> None:
    """Hidden and quoted elements count, though they are cut out of the text."""
    hidden = page(extra="<section style='display:none'><p><a href=x>x</a></p></section>")
    (row,) = texts(mail(hidden, "html"), "key")
    assert row.skeleton not in ("", html.read(page()).skeleton)


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["<div>", "</div>", "<p>", "<td>", "<table>", "<a>", "</a>", "<b>", "<svg>", "x", "<"]))
)
def test_any_page_has_a_skeleton_or_none(pieces: list[str]) -> None:
    """No nesting makes it raise, and reading a page twice gives the same."""
    source = "".join(pieces)
    assert html.read(source).skeleton == html.read(source).skeleton
    assert len(html.read(source).skeleton) in (0, 16)


@pytest.mark.parametrize("piece", ["<div>", "<div><p>x</p>", "<b><div></div></b>", "<p><a>", "<table><tr><td>"])
def test_hostile_pages_are_linear(piece: str) -> None:
    """A hundred thousand elements, nested or beside each other, take less than a second."""
    begun = time.process_time()
    html.read(piece * (100_000 // piece.count("<")))
    assert time.process_time() - begun < 1


# ---------------------------------------------------------------- pictures


def drawing(seed: int = 1, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Draw something: even areas of several shades on white."""
    chance = random.Random(seed)  # noqa: S311  # a test's chance, repeated by its seed
    picture = Image.new("L", (320, 240), 255)
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        left, top = chance.randrange(280), chance.randrange(200)
        corners = (left, top, left + chance.randrange(20, 160), top + chance.randrange(20, 120))
        pen.rectangle(corners, chance.randrange(256))
    return picture.resize(size)


def apart(one: Image.Image, other: Image.Image) -> int:
    """Count the bits in which two pictures differ."""
    return (int(fingerprint(one), 16) ^ int(fingerprint(other), 16)).bit_count()


def again(picture: Image.Image, quality: int) -> Image.Image:
    """Save a picture as JPEG and open it."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(out).convert("L")


@pytest.mark.parametrize("seed", range(10))
def test_a_picture_is_known_after_scaling_and_saving(seed: int) -> None:
    """At most three bits change if a picture is made smaller or larger and is saved as JPEG; others differ in more."""
    picture = drawing(seed)
    for other in (drawing(seed, (160, 120)), drawing(seed, (500, 375)), again(picture, 60), again(picture, 85)):
        assert apart(picture, other) <= 3
    assert apart(picture, drawing(seed + 100)) > 8


def test_pictures_that_show_nothing_have_no_hash() -> None:
    """One colour, an even noise as of saving, an icon: none has a hash."""
    assert fingerprint(Image.new("L", (200, 200), 90)) == ""
    noise = Image.effect_noise((200, 200), CLEARLY)
    assert fingerprint(noise) == ""
    assert fingerprint(drawing(1, (39, 39))) == ""
    assert fingerprint(drawing(1, (40, 40))) != ""


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "JPEG"])
def test_a_file_has_the_hash_of_its_picture(kind: str) -> None:
    """An attached and an inline picture have the hash in their rows, in every format; other files have none."""
    picture = drawing()
    data = saved(picture, kind)
    files = [(f"image/{kind.lower()}", "attachment", data), (f"image/{kind.lower()}", "inline", data)]
    rows = attachments(mail("Hello", "plain", *files, ("text/csv", "attachment", b"a,b\n1,2\n")), "key").rows
    assert [len(row.picture) for row in rows] == [16, 16, 0]
    assert (int(rows[0].picture, 16) ^ int(fingerprint(picture), 16)).bit_count() <= 3
    assert rows[0].picture == rows[1].picture


def test_a_picture_in_an_archive_has_its_hash() -> None:
    """A picture inside another file has its hash, too."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.png", saved(drawing(), "PNG"))
    rows = attachments(mail("Hello", "plain", ("application/zip", "attachment", out.getvalue())), "key").rows
    assert [bool(row.picture) for row in rows] == [False, True]
