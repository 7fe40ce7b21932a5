"""QR codes: in pictures, in the page's own pictures, drawn with letters, drawn with cells; pictures instead of text."""

import base64
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.small_codes import code_picture, code_rows, saved
from watchword.observe import drawn_qr
from watchword.observe.attachments import attachments
from watchword.observe.codes import codes
from watchword.observe.files import Budget, Contents, File, Reading, image
from watchword.observe.html import Address
from watchword.observe.links import links
from watchword.observe.text import texts
from watchword.parse.message import Message, parse

SAID = "https://login.example.org/verify?account=ana@example.org"
CODE = Address("qr", SAID, "", True)
ROWS = code_rows(SAID)
SIDE = len(ROWS)


def look(data: bytes, kind: str = "png", budget: Budget | None = None) -> Contents:
    """Look at a picture."""
    return image.read(File(kind, "picture", data), budget or Budget())


def mail(body: str, kind: str = "plain", *files: tuple[str, str, bytes]) -> Message:
    """Make a message of a text and of files: type, disposition, bytes."""
    parts = [f"Content-Type: text/{kind}; charset=utf-8\r\n\r\n{body}".encode()]
    for content_type, disposition, data in files:
        head = (
            f"Content-Type: {content_type}\r\nContent-Disposition: {disposition}\r\nContent-Transfer-Encoding: base64"
        )
        parts.append(head.encode() + b"\r\n\r\n" + base64.encodebytes(data))
    joined = b"".join(b"\r\n--b\r\n" + part for part in parts)
    return parse(b"From: ann@example.org\r\nContent-Type: multipart/mixed; boundary=b\r\n" + joined + b"\r\n--b--\r\n")


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_code_in_a_picture(kind: str) -> None:
    """A QR code is read in every format, and its address is a link of the file."""
    contents = look(saved(code_picture(SAID), kind), kind.lower().replace("jpeg", "jpg"))
    assert (contents.links, contents.contains, contents.defects) == ([CODE], ["qr"], [])


def _flipped(picture: Image.Image) -> Image.Image:
    return picture.point(lambda value: 255 - value)


def _in_a_photograph(picture: Image.Image) -> Image.Image:
    ground = Image.effect_noise((1_600, 1_200), 40)
    ground.paste(picture.rotate(7, expand=True, fillcolor=255), (900, 500))
    return ground


def _coloured(picture: Image.Image) -> Image.Image:
    return Image.merge("RGB", [picture.point(lambda v, low=low: max(v, low)) for low in (90, 10, 40)])


def _clear(picture: Image.Image) -> Image.Image:
    clear = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=picture.point(lambda value: 255 - value))
    return clear


@pytest.mark.parametrize("change", [_flipped, _in_a_photograph, _coloured, _clear])
def test_codes_that_hide(change: Callable[[Image.Image], Image.Image]) -> None:
    """Light on dark, turned in a noisy photograph, in colours, on a ground that is clear: all are read."""
    assert look(saved(change(code_picture(SAID)), "PNG")).links == [CODE]


@pytest.mark.parametrize(
    ("said", "raw"),
    [
        ("HTTPS://A.EXAMPLE/X", "HTTPS://A.EXAMPLE/X"),
        ("a.example/x", "http://a.example/x"),
        ("mailto:ann@example.org", "mailto:ann@example.org"),
        ("WIFI:T:WPA;S:guest;P:open;;", "WIFI:T:WPA;S:guest;P:open;;"),
        ("Seat 12 B", None),
    ],
)
def test_what_a_code_says(said: str, raw: str | None) -> None:
    """What a telephone would open is a link, anything else a text."""
    contents = look(saved(code_picture(said), "PNG"))
    if raw is None:
        assert contents.texts == [Reading("qr", said)]
        assert contents.links == []
    else:
        assert [one.raw for one in contents.links] == [raw]


def test_pictures_that_are_not_searched() -> None:
    """Small pictures are passed over, known ones cost no time again, huge ones and those beyond the limit are told."""
    budget = Budget(images=2)
    assert look(saved(Image.new("L", (30, 500)), "PNG"), budget=budget) == Contents()
    data = saved(code_picture("https://a.example/once"), "PNG")
    assert look(data, budget=budget).contains == ["qr"]
    left = budget.seconds
    assert look(data, budget=budget).contains == ["qr"]
    assert (budget.seconds, budget.images) == (left, 0)
    assert [kind for kind, _ in look(data, budget=budget).defects] == ["limit-images"]
    huge = data[:16] + struct.pack(">II", 30_000, 30_000) + data[24:]
    assert look(huge).defects == [("limit-pixels", "30000 x 30000 pixels")]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_sizes_are_read_from_headers(kind: str) -> None:
    """Width and height are known without decoding."""
    assert image.size(saved(Image.new("RGB", (321, 123)), kind)) == (321, 123)


@given(st.sampled_from([b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF\0\0\0\0WEBPVP8X", b"\xff\xd8"]), st.binary())
def test_any_header(start: bytes, rest: bytes) -> None:
    """No bytes make the look at a picture's size fail."""
    width, height = image.size(start + rest)
    assert width >= 0
    assert height >= 0


# ---------------------------------------------------------------- drawn


def _letters(dark: str, light: str) -> str:
    return "\n".join("".join(dark if cell else light for cell in row) for row in ROWS)


def _halves() -> str:
    rows = [*ROWS, [False] * SIDE]
    return "\n".join("".join(" ▄▀█"[2 * rows[y][x] + rows[y + 1][x]] for x in range(SIDE)) for y in range(0, SIDE, 2))


def _terminal() -> str:
    """Draw light on dark with a margin, as `qrencode -t UTF8` does."""
    blank = [[False] * (SIDE + 8)] * 4
    rows = [*blank, *([False] * 4 + row + [False] * 4 for row in ROWS), *blank]
    return "\n".join("".join("  " if cell else "██" for cell in row) for row in rows)


LETTERS = {
    "blocks": _letters("██", "  "),
    "hashes": _letters("##", "  "),
    "one letter": _letters("█", " "),
    "squares": _letters("⬛", "⬜"),
    "outlines": _letters("■", "□"),
    "halves": _halves(),
    "terminal": _terminal(),
    "quoted": "\n".join("> " + line for line in _letters("██", "  ").splitlines()),
}


@pytest.mark.parametrize("way", LETTERS)
def test_code_drawn_with_letters(way: str) -> None:
    """A code drawn with letters in a text is a link of the message, which no file holds."""
    message = mail(f"Dear colleague,\n\nplease scan:\n\n{LETTERS[way]}\n\nRegards")
    (row,) = links(message, "k", [])
    assert (row.found_in, row.url, row.attachment, row.part) == ("qr", SAID, None, 1)


def _table(cell: Callable[[bool], str], row: str = "<tr>{}</tr>", ends: str = "") -> str:
    rows = "".join(row.format("".join(cell(dark) + ends for dark in line)) for line in ROWS)
    return f"<table>{rows}</table>"


def _colspans() -> str:
    rows = []
    for line in ROWS:
        cells, start = [], 0
        for at in range(1, SIDE + 1):
            if at == SIDE or line[at] != line[start]:
                cells.append(f"<td colspan={at - start} bgcolor={'black' if line[start] else 'white'}></td>")
                start = at
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(rows)}</table>"


PAGES = {
    "bgcolor": _table(lambda dark: f'<td width=4 bgcolor="{"#000000" if dark else "#ffffff"}"></td>'),
    "not closed": _table(lambda dark: f"<TD STYLE='BACKGROUND:{'black' if dark else 'white'}'>", "<TR>{}"),
    "dark only": _table(lambda dark: "<td style='background-color:rgb(9, 9, 40)'></td>" if dark else "<td></td>"),
    "light only": _table(lambda dark: "<td></td>" if dark else "<td style='background:#fff'></td>"),
    "classes": "<style>.k{background:#111;height:4px}.w{background:#fff}</style>"
    + _table(lambda dark: f'<td class="{"k" if dark else "w"}">&nbsp;</td>'),
    "colspan": _colspans(),
    "inner": _table(lambda dark: f"<td><div style='background:{'#000' if dark else '#fff'}'>&nbsp;</div></td>"),
    "flex": _table(
        lambda dark: f"<div style='background:{'#000' if dark else '#fff'}'></div>", "<div class=r>{}</div>"
    ),
    "flow": _table(lambda dark: f"<i style='background:{'#000' if dark else '#fff'}'></i>", "{}"),
    "pre": f"<pre>{_halves()}</pre>",
    "lines": "<p>" + _letters("&#9608;&#9608;", "&nbsp;&nbsp;").replace("\n", "<br>\r\n") + "</p>",
}


@pytest.mark.parametrize("way", PAGES)
def test_code_drawn_in_a_page(way: str) -> None:
    """A code drawn with cells or letters in a page is found however its rows and colours are written."""
    message = mail(f"<html><body><p>Scan to keep your account</p>{PAGES[way]}<p>Regards</p></body></html>", "html")
    assert list(codes(message)) == [(1, CODE)]


def test_pages_without_drawings_are_not_read() -> None:
    """A long newsletter of full cells is not looked at as a drawing; a chart of cells is, and says nothing."""
    letter = "<table>" + "<tr><td bgcolor=white>Words</td><td><a href=x>more</a></td></tr>" * 500 + "</table>"
    assert not drawn_qr._has_cells(letter)
    chart = "<table>" + ("<tr>" + "<td bgcolor=#000></td><td bgcolor=#fff></td>" * 15 + "</tr>") * 30 + "</table>"
    assert len(list(drawn_qr.in_page(chart))) == 1
    assert list(codes(mail(chart, "html"))) == []


@pytest.mark.parametrize("many", ["<td>", "<td></td>", "<div style=background:#000></div>", "█", "█\n", "##\n", "<td "])
def test_drawings_without_end(many: str) -> None:
    """A page of a million cells or letters takes linear time and few drawings."""
    page = many * 200_000
    drawings = [*drawn_qr.in_page(page), *drawn_qr.in_text(page)]
    assert sum(len(drawing.cells) for drawing in drawings) < 50_000_000


# ---------------------------------------------------------------- in the message


def test_code_in_a_picture_of_the_page() -> None:
    """A picture that stands in the page's own source is searched."""
    coded = base64.b64encode(saved(code_picture(SAID), "PNG")).decode()
    message = mail(f'<p>Scan</p><img src="data:image/png;base64,{coded}">', "html")
    assert [row.url for row in links(message, "k", []) if row.found_in == "qr"] == [SAID]


def test_code_in_an_attached_picture() -> None:
    """The link names the file that shows it, and a code without an address is a text of that file."""
    message = mail("See below", "plain", ("image/png", "inline", saved(code_picture("Seat 12 B"), "PNG")),
                   ("image/png", "attachment", saved(code_picture(SAID), "PNG")))  # fmt: skip
    files = attachments(message, "k")
    parts = {row.number: row.part for row in files.rows}
    (row,) = links(message, "k", [], parts, files.contents)
    assert (row.attachment, row.found_in, row.url) == (1, "qr", SAID)
    assert [(text.kind, text.written) for text in texts(message, "k", parts, files.contents)] == [
        ("plain", "See below"), ("qr", "Seat 12 B"),
    ]  # fmt: skip
    assert ["qr" in one.contains for one in files.rows] == [True, True]


@pytest.mark.parametrize("below", [False, True])
def test_code_cut_into_two_pictures(below: bool) -> None:
    """A code of which each of two neighbouring pictures shows one half is read; two halves of nothing are not."""
    whole = code_picture(SAID)
    middle = whole.width // 2 + 3
    boxes = [(0, 0, whole.width, middle), (0, middle, whole.width, whole.height)]
    if not below:
        boxes = [(top, left, bottom, right) for left, top, right, bottom in boxes]
    parts = [("image/png", "inline", saved(whole.crop(box), "PNG")) for box in boxes]
    message = mail("See below", "plain", *parts)
    files = attachments(message, "k")
    assert [row.contains for row in files.rows] == [["qr"], []]
    assert files.contents[0].links == [CODE]
    assert attachments(mail("See below", "plain", parts[0], parts[0]), "k").contents[0].links == []


def test_code_drawn_in_an_attached_page() -> None:
    """A page that comes as a file is looked at as the message's own text is."""
    page = f"<html><body>{PAGES['bgcolor']}</body></html>".encode()
    files = attachments(mail("See below", "plain", ("text/html", "attachment; filename=a.html", page)), "k")
    assert files.contents[0].links == [CODE]
    assert "qr" in files.rows[0].contains


@pytest.mark.parametrize(
    ("body", "size", "disposition", "stands"),
    [
        ("", (600, 800), "inline", True),
        ("Please see the notice.", (600, 400), "inline", True),
        ("Please see the notice.", (600, 400), "attachment", False),
        ("Please see the notice.", (600, 60), "inline", False),  # a banner
        ("Words enough to say it. " * 20, (600, 400), "inline", False),
    ],
)
def test_pictures_instead_of_text(body: str, size: tuple[int, int], disposition: str, stands: bool) -> None:
    """A big picture that is shown in a message of hardly any text is noted to stand in for it."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((10, 10), "Your mailbox is full")
    (row,) = attachments(mail(body, "plain", ("image/png", disposition, saved(picture, "PNG"))), "k").rows
    assert ("stands-for-text" in row.contains) is stands
