"""Reports as text: what is read of each form, what it says of itself, and where its links stand."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_pdf import Pdf, link
from watchword.claims.dates import printed_date, resolved
from watchword.claims.documents import BYTES, read_document
from watchword.claims.sentences import quotations, sentences

_LONG = "The office found out in May that somebody had read the mail of two of its people, and it told them so at once."
PAGE = f"""<!doctype html><html lang="en-GB"><head><title>A break-in | The Lantern</title>
<meta property="og:site_name" content="The Lantern"><meta property="article:published_time" content="2025-05-02T08:30:00+02:00">
<meta name="author" content="By Ida Roth"><link rel="canonical" href="https://lantern.example/a">
<script>document.write("never run")</script></head><body><nav>Home Politics</nav><div class="share-bar">Share this</div>
<article><h1>A break-in</h1><p>{_LONG} It <a href="https://office.example/s">said so</a> on Friday.</p><div hidden>not shown</div>
<div class="newsletter-signup">Sign up for more</div></article><footer>All rights</footer></body></html>"""


def test_a_page_gives_its_story_and_what_it_says_of_itself() -> None:
    """Menus, scripts, hidden text and advertisements are left out; publisher, author, address and date are found."""
    read = read_document(PAGE.encode(), "a.html")
    assert (read.form, read.title, read.publisher, read.authors) == ("html", "A break-in", "The Lantern", ["Ida Roth"])
    assert (read.address, read.language) == ("https://lantern.example/a", "en")
    assert read.published == datetime(2025, 5, 2, 6, 30, tzinfo=UTC)
    assert read.text == f"A break-in\n{_LONG} It said so on Friday."
    assert [(read.text[one.start : one.stop], one.address) for one in read.links] == [
        ("said so", "https://office.example/s")
    ]


def test_linked_data_counts_more_than_meta_elements() -> None:
    """What a page says of itself as JSON-LD stands before its other elements; broken JSON-LD is passed over."""
    said = (
        '{"@graph":[{"@type":"NewsArticle","headline":"Other","datePublished":"2025-05-01","publisher":{"name":"P"}}]}'
    )
    script = (
        f'<script type="application/ld+json">{said}</script><script type="application/ld+json">{{"a":</script></head>'
    )
    read = read_document(PAGE.replace("</head>", script).encode(), "a.html")
    assert (read.publisher, read.title, read.published) == ("P", "Other", datetime(2025, 5, 1, tzinfo=UTC))


def test_a_page_saved_as_mhtml_is_a_page() -> None:
    """An MHTML file gives the page that it holds, with the address at which it was saved, not the date of saving."""
    page = PAGE.replace('<link rel="canonical" href="https://lantern.example/a">', "")
    page = page.replace("article:published_time", "other")
    data = (
        "From: <Saved by a browser>\r\nSnapshot-Content-Location: https://lantern.example/saved\r\nSubject: A break-in\r\n"
        "Date: Mon, 1 Dec 2025 10:00:00 -0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page}\r\n--b--\r\n"
    )
    read = read_document(data.encode(), "a.mhtml")
    assert (read.form, read.address, read.published) == ("html", "https://lantern.example/saved", None)
    assert _LONG in read.text


def test_a_statement_that_came_by_mail() -> None:
    """A mail gives its subject as headline, its sender as publisher and its date."""
    data = b"From: Press Office <press@office.example>\r\nTo: a@b.example\r\nSubject: Statement on the break-in\r\n"
    data += b"Date: Fri, 2 May 2025 10:00:00 +0200\r\nMIME-Version: 1.0\r\n\r\nWe deny it.\r\n"
    read = read_document(data, "a.eml")
    assert (read.form, read.title, read.publisher) == ("mail", "Statement on the break-in", "Press Office")
    assert (read.published, read.text) == (
        datetime(2025, 5, 2, 8, tzinfo=UTC),
        "Statement on the break-in\nWe deny it.",
    )


def test_markdown_gives_text_without_marks() -> None:
    """Front matter says what a document is; marks go, links stay where their words stand."""
    data = b"---\npublisher: Harbour Labs\ndate: 2025-03-14\n---\n# A **calendar**\n\nWe [said](https://x.example/a_b) _so_.\n"
    read = read_document(data, "a.md")
    assert (read.form, read.title, read.publisher) == ("markdown", "A calendar", "Harbour Labs")
    assert read.text == "A calendar\nWe said so."
    assert [read.text[one.start : one.stop] for one in read.links] == ["said"]


def test_lines_broken_for_width_are_joined() -> None:
    """A paragraph of plain text is one line, a list stays a list."""
    text = b"The office told two people in May that somebody else had\nread all of their mail for about three weeks and was gone.\n\n"
    read = read_document(text + b"one.example\ntwo.example\n", "a.txt")
    assert read.text.split("\n")[1:] == ["one.example", "two.example"]


def test_a_pdf_is_read_in_the_process_with_limits() -> None:
    """Text and links of a PDF are given; one that is damaged or locked says so and gives no traceback."""
    pdf = Pdf()
    pdf.page("The office found a break-in.", link("https://office.example/s"))
    read = read_document(pdf.write(), "a.pdf")
    assert (read.form, read.text, read.problems) == ("pdf", "The office found a break-in.", [])
    assert "password" in read_document(pdf.write(user="secret"), "a.pdf").problems[0]
    assert read_document(b"%PDF-1.4\nnothing", "a.pdf").problems


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"PK\x03\x04rest", "a.docx"), (b"\x89PNG\r\n", "a.png"), (b"", "a.txt"), (b"x" * 10, "a.html")],
)
def test_what_is_no_report_says_so_or_is_short(data: bytes, name: str) -> None:
    """A file that holds no text has a problem in words that a user can act on."""
    read = read_document(data, name)
    assert read.problems or read.text == "x" * 10


def test_a_file_beyond_the_limit_is_not_read() -> None:
    """Size is looked at first."""
    assert read_document(bytes(BYTES + 1), "a.txt").problems[0].startswith("It has ")


@given(
    st.binary(max_size=400) | st.text(max_size=400).map(str.encode),
    st.sampled_from(["a.html", "a.md", "a.txt", "a.eml"]),
)
@settings(max_examples=150, deadline=None)
def test_reading_never_raises_and_offsets_hold(data: bytes, name: str) -> None:
    """Whatever the bytes, links lie in the text, sentences do, and none of these overlap."""
    read = read_document(data, name)
    assert all(0 <= one.start < one.stop <= len(read.text) for one in read.links)
    found = sentences(read.text)
    assert all(one.stop <= other.start for one, other in pairwise(found))
    assert all(read.text[one.start : one.stop].strip() == read.text[one.start : one.stop] != "" for one in found)
    assert all(0 <= one.start < one.stop <= len(read.text) for one in quotations(read.text))


def test_sentences_end_where_readers_end_them() -> None:
    """Abbreviations, initials and numbers end no sentence; a quotation that ends one does."""
    text = 'The U.S. said on Aug. 20 that J. Doe of Acme Inc. was hacked. "It was Iran," he said. "Why?" Roth asked.'
    assert [text[one.start : one.stop] for one in sentences(text)] == [
        "The U.S. said on Aug. 20 that J. Doe of Acme Inc. was hacked.",
        '"It was Iran," he said.',
        '"Why?" Roth asked.',
    ]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("He said: “It’s the agencies’ view.”", ["It’s the agencies’ view."]),
        ('"One thing," she said. "Another."', ["One thing,", "Another."]),
        ("„Eins“, «deux», 'three four' and the parties' mail", ["Eins", "deux", "three four"]),
        ("“This goes on.\n“And ends here,” she said.", ["This goes on.\n“And ends here,"]),
        ("“A ‘small’ one”", ["A ‘small’ one", "small"]),
        ("It's the '90s.", []),
    ],
)
def test_quotations_of_all_marks(text: str, inside: list[str]) -> None:
    """Curly, straight, single marks and guillemets; over paragraphs; nested; no apostrophe."""
    assert [text[one.start : one.stop] for one in quotations(text)] == inside


def test_days_are_counted_back_from_publication() -> None:
    """`On Monday` is the last one before the story; a day without a year is the last such day; `this week` is open."""
    published = datetime(2024, 8, 20, 9, tzinfo=UTC)  # a Tuesday
    assert resolved("on Monday", published) == datetime(2024, 8, 19, tzinfo=UTC)
    assert resolved("on Tuesday", published) == datetime(2024, 8, 20, tzinfo=UTC)
    assert resolved("last Tuesday", published) == datetime(2024, 8, 13, tzinfo=UTC)
    assert resolved("on Dec. 9", published) == datetime(2023, 12, 9, tzinfo=UTC)
    assert resolved("earlier this week", published) is None
    assert printed_date("14 August 2024") == datetime(2024, 8, 14, tzinfo=UTC)
    assert printed_date("February 30, 2024") is None
