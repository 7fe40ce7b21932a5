"""Texts of a message: layers, signatures, hidden text, hostile HTML."""

import binascii
import hashlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword.defects import DEFECTS
from watchword.observe import hidden, quotes
from watchword.observe.attachments import attachments
from watchword.observe.html import read
from watchword.observe.links import links
from watchword.observe.text import texts
from watchword.parse.message import Message, parse
from watchword.tables import Text


def message(body: str | bytes, content_type: str = "text/plain", extra: str = "") -> Message:
    """Make a message of one part."""
    data = body if isinstance(body, bytes) else body.encode()
    head = f"From: ann@example.org\r\nContent-Type: {content_type}; charset=utf-8\r\n{extra}\r\n"
    return parse(head.encode() + data)


def text(body: str, content_type: str = "text/plain") -> Text:
    """Read the only text of a message."""
    (row,) = texts(message(body, content_type), "k")
    return row


# ---------------------------------------------------------------- quoted layers and signatures

ATTRIBUTIONS = [
    "On Mon, 2 Mar 2026 at 10:11, Ann Lee <ann@example.org> wrote:",
    "Am 02.03.2026 um 10:11 schrieb Ann Lee:",
    "Le 2 mars 2026 à 10:11, Ann Lee a écrit :",
    "El lun, 2 mar 2026 a las 10:11, Ann Lee escribió:",
    "Em seg., 2 de mar. de 2026 às 10:11, Ann Lee escreveu:",
    "Il giorno lun 2 mar 2026 alle 10:11 Ann Lee ha scritto:",
    "Op ma 2 mrt 2026 om 10:11 schreef Ann Lee:",
    "W dniu 2.03.2026 o 10:11, Ann Lee pisze:",
    "2 марта 2026 г., в 10:11, Анна Ли написала:",
    "пн, 2 бер. 2026 р. о 10:11 Анна Лі пише:",
    "Ann Lee, 2 Mar 2026 Pzt, 10:11 tarihinde şunu yazdı:",
    "Den 2 mars 2026 kl. 10:11 skrev Ann Lee:",
    "در تاریخ دوشنبه ۲ مارس ۲۰۲۶، آن لی نوشت:",
    "في الاثنين 2 مارس 2026 كتب Ann Lee:",
    "בתאריך 2 במרץ 2026 כתב Ann Lee:",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_attribution_begins_the_quoted_layer(attribution: str) -> None:
    """What stands below an attribution in any of the languages is quoted."""
    cut = quotes.cut(f"New words.\n\n{attribution}\n\nOld words.\n")
    assert cut.written == "New words."
    assert "Old words." in cut.quoted


def test_attribution_broken_over_lines() -> None:
    """An attribution that a mail program broke is quoted as a whole."""
    cut = quotes.cut("New.\nOn Mon, 2 Mar 2026 at 10:11, Ann Lee\n<ann@example.org>\nwrote:\n> old\n")
    assert cut.written == "New."
    assert cut.quoted.startswith("On Mon")


@pytest.mark.parametrize(
    "mark",
    [
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "-----Ursprüngliche Nachricht-----",
        "-------- Message original --------",
        "Begin forwarded message:",
        "-------- Исходное сообщение --------",
        "From: Ann Lee\nSent: Monday, 2 March 2026\nTo: Bob\nSubject: Plan",
        "*From:* Ann Lee\n*Date:* Monday\n*To:* Bob",
        "Von: Ann Lee\nGesendet: Montag\nAn: Bob\nBetreff: Plan",
        "От: Анна\nОтправлено: понедельник\nКому: Борис\nТема: План",
        "________________________________\nDe : Ann Lee\nEnvoyé : lundi\nÀ : Bob",
    ],
)
def test_marks_of_other_programs(mark: str) -> None:
    """Header blocks and marks of Outlook, Gmail, Apple and others begin the quoted layer."""
    cut = quotes.cut(f"New words.\n\n{mark}\n\nOld words.")
    assert cut.written == "New words."
    assert cut.quoted.endswith("Old words.")


def test_answers_between_quotes_are_written() -> None:
    """With `>` marks, only marked lines are quoted; answers between and below them are new."""
    cut = quotes.cut("On 1 May 2026 Ann wrote:\n> first?\nyes\n> second?\nno\n")
    assert cut.written == "yes\nno"
    assert cut.quoted == "On 1 May 2026 Ann wrote:\n> first?\n> second?"


def test_ordinary_colons_do_not_quote() -> None:
    """A sentence that ends with a colon, or a word like From in it, begins no quoted layer."""
    words = "He wrote:\nbuy milk\nFrom: the shop\nThanks for what she wrote in 2020"
    assert quotes.cut(words).quoted == ""


@pytest.mark.parametrize(
    "sign_off",
    ["Best regards,", "Kind regards", "Mit freundlichen Grüßen", "Cordialement,", "Saludos,", "Atenciosamente,",
     "С уважением,", "З повагою,", "Saygılarımla,", "با احترام",
     "בברכה", "Cheers,", "Sent from my iPhone"],
)  # fmt: skip
def test_signature(sign_off: str) -> None:
    """A sign-off and the few short lines below it are the signature."""
    cut = quotes.cut(f"Dear Bob,\n\nplease see below.\n\n{sign_off}\nAnn Lee\nExample Institute\n")
    assert cut.written == "Dear Bob,\n\nplease see below."
    assert cut.signature == f"{sign_off}\nAnn Lee\nExample Institute"


def test_signature_mark() -> None:
    """The signature mark `-- ` begins the signature, and a sign-off above it belongs to it."""
    cut = quotes.cut("Words.\n\nRegards,\nAnn\n-- \nExample Institute")
    assert cut.written == "Words."
    assert "Example Institute" in cut.signature
    assert cut.signature.startswith("Regards")


@given(
    st.lists(
        st.sampled_from(["> a", "On 1 x wrote:", "From: a", "To: b", "Sent: c", "-- ", "Best,", "", "word", "-----"])
    )
)
def test_cut_loses_no_word(lines: list[str]) -> None:
    """Every line that is not blank stands in one of the three layers."""
    cut = quotes.cut("\n".join(lines))
    out = "\n".join((cut.written, cut.signature, cut.quoted)).split("\n")
    assert sorted(line.strip() for line in out if line.strip()) == sorted(
        line.strip() for line in lines if line.strip()
    )


# ---------------------------------------------------------------- texts


def test_alternative_gives_two_rows() -> None:
    """Plain text and HTML of one message are two rows, because they may differ."""
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nplain words\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<p>other words</p>\r\n--b--\r\n"
    )
    rows = texts(parse(b"Content-Type: multipart/alternative; boundary=b\r\n\r\n" + body.encode()), "k")
    assert [(row.kind, row.written, row.number) for row in rows] == [
        ("plain", "plain words", 0),
        ("html", "other words", 1),
    ]


def test_text_of_an_attached_message_is_nested() -> None:
    """The text of an attached message is told apart, and the attached message is an attachment."""
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nouter\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
        "From: x@example.org\r\nSubject: inner\r\n\r\ninner words\r\n--b--\r\n"
    )
    parsed = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body.encode())
    assert [(row.kind, row.written) for row in texts(parsed, "k")] == [("plain", "outer"), ("nested", "inner words")]
    (file,) = attachments(parsed, "k").rows
    assert file.detected_type == "eml"


PAGE = b"<html><body><p>Sign in <a href='https://login.example/x'>here</a></p></body></html>"
UUENCODED = b"".join(binascii.b2a_uu(PAGE[at : at + 45]) for at in range(0, len(PAGE), 45))
PLACES = {
    "attached": (
        b"Content-Type: text/html\r\nContent-Disposition: attachment; filename=a.html\r\n\r\n" + PAGE,
        "attached",
    ),
    "by its name": (b"Content-Type: application/octet-stream; name=invoice.HTM\r\n\r\n" + PAGE, "attached"),
    "uuencoded": (b"\r\nwords\r\nbegin 644 a.html\r\n" + UUENCODED + b"`\r\nend\r\n", "attached"),
    "inline": (b"Content-Type: text/html\r\nContent-Disposition: inline\r\n\r\n" + PAGE, "html"),
    "inline with a name": (b"Content-Type: text/html; name=a.html\r\n\r\n" + PAGE, "html"),
}


@pytest.mark.parametrize("place", PLACES)
def test_pages_that_came_as_files_are_read(place: str) -> None:
    """The text and links of an attached page are rows of its part, and are told apart from the message's own text."""
    part, kind = PLACES[place]
    parsed = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part + b"\r\n--b--\r\n")
    files = attachments(parsed, "k")
    parts = {file.number: file.part for file in files.rows}
    (row,) = [row for row in texts(parsed, "k", parts, files.contents) if "Sign" in row.written]
    assert (row.kind, row.written) == (kind, "Sign in here")
    (link,) = links(parsed, "k", [], parts, files.contents)
    assert (link.part, link.host, link.shown) == (row.part, "login.example", "here")
    assert row.attachment == link.attachment == (None if kind == "html" else 0)


def test_attached_plain_text_is_no_text_of_the_message() -> None:
    """A text file that is attached stays a file."""
    parsed = message("words", extra="Content-Disposition: attachment; filename=a.txt\r\n")
    assert texts(parsed, "k") == []
    assert [file.name for file in attachments(parsed, "k").rows] == ["a.txt"]


@pytest.mark.parametrize("page", [False, True])
def test_text_beside_the_parts_is_read(page: bool) -> None:
    """What stands before the first part and after the last is text too, for some programs show it."""
    before = b"<p>See <a href='https://one.example/'>this</a></p>" if page else b"See https://one.example/"
    parsed = parse(
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + before + b"\r\n--b\r\n\r\nwords\r\n--b--\r\n"
        b"And https://two.example/a-long-path-without-any-blank\r\n"
    )
    rows = texts(parsed, "k")
    assert [row.kind for row in rows] == ["html" if page else "plain", "plain", "plain"]
    assert rows[1].written == "words"
    assert {link.host for link in links(parsed, "k", [])} == {"one.example", "two.example"}


def test_both_readings_of_a_part_are_read() -> None:
    """Where a transfer encoding stands twice, what each program shows is read; mere bytes are not."""
    body = "Go to https://one.example/=3Fa and answer=2E"
    both = "Content-Transfer-Encoding: quoted-printable\r\nContent-Transfer-Encoding: 7bit\r\n"
    parsed = message(body, extra=both)
    assert [row.written for row in texts(parsed, "k")] == ["Go to https://one.example/?a and answer.", body]
    assert [link.url for link in links(parsed, "k", [])] == ["https://one.example/?a", "https://one.example/=3Fa"]
    coded = binascii.b2a_base64(b"Words that are written by nobody in particular, but are many enough." * 3).decode()
    both = "Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n"
    assert len(texts(message(coded, extra=both), "k")) == 1


def test_encoded_enclosed_message_is_hashed_as_the_file_that_it_is() -> None:
    """An enclosed message in base64 has the size and digest of the message, not of its coding."""
    inner = b"From: x@example.org\r\nSubject: inner\r\n\r\ninner words\r\n"
    part = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + binascii.b2a_base64(inner)
    parsed = parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part + b"\r\n--b--\r\n")
    (file,) = attachments(parsed, "k").rows
    assert (file.size, file.sha256) == (len(inner), hashlib.sha256(inner).hexdigest())
    assert [(row.kind, row.written) for row in texts(parsed, "k")] == [("nested", "inner words")]


def test_html_lines_follow_blocks() -> None:
    """Blocks and line breaks are lines; inline elements do not break words."""
    page = read("<p>Hello <b>W</b>orld,<br>next</p><div>block</div><ul><li>one<li>two</ul>")
    assert page.text == "Hello World,\nnext\nblock\none\ntwo"


def test_scripts_are_no_text() -> None:
    """Scripts, styles and templates are not read; what stands for readers without scripts is, as in mail programs."""
    page = read("<body>a<script>b</script><style>c</style><template>d</template><noscript>e</noscript></body>")
    assert page.text.split() == ["a", "e"]


def test_html_quotes_and_signature() -> None:
    """Containers that mail programs mark as quoted or signature are not written now."""
    row = text(
        "<div>New words.</div><div class='gmail_signature'>Ann, Example Institute</div>"
        "<div class='gmail_quote'><div>On Mon, 2 Mar 2026 Bob &lt;b@example.org&gt; wrote:<br></div>"
        "<blockquote class='gmail_quote'>Old words.</blockquote></div>",
        "text/html",
    )
    assert row.written == "New words."
    assert row.signature == "Ann, Example Institute"
    assert "Old words." in row.quoted


def test_answer_below_an_html_quotation_is_written() -> None:
    """Words below a quoted container are the sender's own, although an attribution stands above it."""
    row = text(
        "<p>On 2 Mar 2026 Bob wrote:</p><blockquote type=cite>Old words.</blockquote><p>My answer.</p>", "text/html"
    )
    assert row.written == "My answer."
    assert "Old words." in row.quoted


def test_quotation_of_nobody_is_written() -> None:
    """A message wrapped in a quotation container, but attributed to nobody, is read as what the sender wrote."""
    assert text("<div class=gmail_quote>Please sign in.</div>", "text/html").written == "Please sign in."


@pytest.mark.parametrize(
    ("html", "how"),
    [
        ('<p style="display : NONE">secret</p>', hidden.DISPLAY),
        ("<p style=display:none>secret</p>", hidden.DISPLAY),
        ('<p style="display&#58;none">secret</p>', hidden.DISPLAY),
        ("<p hidden>secret</p>", hidden.DISPLAY),
        ('<p style="visibility:hidden">secret</p>', hidden.DISPLAY),
        ('<p style="mso-hide:all">secret</p>', hidden.DISPLAY),
        ('<p style="font-size:0">secret</p>', hidden.SIZE),
        ('<p style="font-size:1px">secret</p>', hidden.SIZE),
        ('<p style="max-height:0px">secret</p>', hidden.SIZE),
        ('<p style="width:0;height:0;overflow:hidden">secret</p>', hidden.SIZE),
        ('<p style="opacity:0">secret</p>', hidden.TRANSPARENT),
        ('<p style="color: transparent">secret</p>', hidden.TRANSPARENT),
        ('<p style="margin:0;color:rgba(0, 0, 0, 0)">secret</p>', hidden.TRANSPARENT),
        ('<p style="text-indent:-9999px">secret</p>', hidden.SCREEN),
        ('<p style="color:#FFFFFF">secret</p>', hidden.WHITE),
        ('<p style="color:#123;background-color:#123">secret</p>', hidden.WHITE),
        ("<style>.x{display:none}</style><p class=x>secret</p>", hidden.DISPLAY),
        ("<style>/*c*/ i, #y { color:red; visibility:hidden }</style><b id=y>secret</b>", hidden.DISPLAY),
        ("<!-- secret -->", hidden.COMMENT),
    ],
)
def test_hidden_text(html: str, how: str) -> None:
    """Each way to hide text is named, and the text is not taken for what the reader sees."""
    row = text(f"<body><p>shown</p>{html}</body>", "text/html")
    assert row.written == "shown"
    assert row.hidden == "secret"
    assert row.hidden_how == [how]


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: black; background-color: transparent">words</p>',
        '<p style="border-color:transparent;background-color:rgba(0,0,0,0)">words</p>',
        '<table bgcolor="#003366"><tr><td style="color:#fff">words</td></tr></table>',
        '<a style="color:#ffffff;background:#0000ff">words</a>',
        '<td style="font-size:0px"><div style="font-size:14px">words</div></td>',
        '<p style="font-size:10px">words</p>',
        '<p style="max-height:100px">words</p>',
        '<p style="opacity:0.9">words</p>',
        "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>words</p>",
        "<style>.x{font-size:0}</style><div class=x><p style='font-size:12px'>words</p></div>",
    ],
)
def test_visible_text(html: str) -> None:
    """What honest newsletters do with styles does not count as hiding."""
    row = text(html, "text/html")
    assert (row.written, row.hidden_how) == ("words", [])


def test_unseen_characters() -> None:
    """Characters of no width between letters, and overrides of direction, are named; Persian and emoji need theirs."""
    assert text("pass\u200bword").hidden_how == [hidden.ZERO_WIDTH]
    assert text("abc\u202efdp.exe").hidden_how == [hidden.BIDI]
    assert text("می\u200cخواهم 👩\u200d💻").hidden_how == []


HOSTILE = {
    "attributes of the first tag": "<p " + " ".join(f"a{number}" for number in range(150_000)) + ">x",
    "20,000 unclosed div": "<div>" * 20_000,
    "100,000 unclosed div": "<div>x" * 100_000,
    "300,000 attributes": "<a " + " ".join(f"a{n}" for n in range(300_000)) + ">x",
    "attributes behind a quoted bracket": '<a x=">" ' + " ".join(f'a{n}="<b>"' for n in range(60_000)) + ">x",
    "unclosed font": "".join(f"<p><font size={n}>x" for n in range(5_000)),
    "1 MB of style": "<style>" + "p{color:red}" * 90_000 + "</style>x",
    "1 MB of style without braces": "<style>" + "display:none " * 80_000 + "</style>x",
    "nested hiding": '<div style="font-size:0">x' * 500 + '<b style="font-size:0">x</b>' * 5_000,
    "comments that do not end": "<!--" * 300_000,
    "tags that do not end": "<a" * 300_000,
    "quotes": ' href="' * 200_000,
    "quoted containers": "<blockquote type=cite>x</blockquote>" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_is_bounded(name: str) -> None:
    """No page takes more than seconds, and what was too much for the tree says so."""
    begin = time.process_time()
    parsed = message(HOSTILE[name], "text/html")
    texts(parsed, "k")
    links(parsed, "k", ["ann@example.org"])
    assert time.process_time() - begin < 5
    assert {defect.kind for defect in parsed.defects} <= DEFECTS.keys()


def test_untame_html_is_read_by_pattern() -> None:
    """A page kept from the tree still gives its links and words, and a defect."""
    parsed = message("<div>" * 20_000 + '<a href="https://a.example/x?a=1&amp;b=2">click</a>', "text/html")
    (row,) = texts(parsed, "k")
    assert "click" in row.written
    assert [link.url for link in links(parsed, "k", [])] == ["https://a.example/x?a=1&b=2"]
    assert [defect.kind for defect in parsed.defects] == ["html-by-pattern"]


PIECES = [
    *(
        "<div style='display:none'>",
        "</div>",
        "<p hidden>",
        "<style>p{display:none}",
        "</style>",
        "<!--",
        "-->",
        "<table>",
    ),
    *("<td style=font-size:0>", "<a href='//x.example", "'>", "<blockquote type=cite>", "</blockquote>", "x", "&#0;"),
    *("<b>", "</b>", "<div class=gmail_quote>", "<svg>", "<template>", "<frameset>", "<select>", "\0", "\ud800"),
    *("<noscript>", "</noscript>", "<script>", "</script>", "<div hidden>", "<a id=Signature>", "<noscript hidden>"),
    *("<body>", "<div id=Signature>", "<b style=color:#fff>", "<i style=font-size:9px>", "<pre>", "\n"),
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=40,
    )
)  # fmt: skip
def test_any_html_is_read(pieces: list[str]) -> None:
    """No sequence of tags, however nested, makes reading fail."""
    page = read("".join(pieces))
    assert isinstance(page.text, str)
