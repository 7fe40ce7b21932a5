"""Links of a message: every place that is followed or loaded, as browsers read it, and what a link carries."""

import base64
import hashlib
import zlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.observe import url
from watchword.observe.files import Contents
from watchword.observe.html import Address
from watchword.observe.links import FILE_LINKS, LINKS, links, running
from watchword.parse.message import parse
from watchword.tables import Link


def found(body: str, content_type: str = "text/html", extra: str = "", to: str = "ann.lee@example.org") -> list[Link]:
    """Give the links of a message of one part."""
    head = f"From: bob@example.org\r\nContent-Type: {content_type}; charset=utf-8\r\n{extra}\r\n"
    return links(parse((head + body).encode()), "k", [to])


def deflated(data: bytes) -> str:
    """Write bytes as Mailgun does in its links."""
    return base64.urlsafe_b64encode(zlib.compress(data)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("html", "where"),
    [
        ('<a href="https://a.example/">x</a>', "a"),
        ("<map><area href=https://a.example/ alt=x></map>", "area"),
        ("<img src='https://a.example/'>", "img"),
        ('<img srcset="https://a.example/ 2x">', "img"),
        ('<table background="https://a.example/"></table>', "img"),
        ('<form action="https://a.example/"></form>', "form"),
        ('<button formaction="https://a.example/">x</button>', "form"),
        ('<iframe src="https://a.example/"></iframe>', "iframe"),
        ('<object data="https://a.example/"></object>', "iframe"),
        ('<link rel=stylesheet href="https://a.example/">', "link"),
        ('<base href="https://a.example/">', "base"),
        ("<meta http-equiv=Refresh content='0; URL=https://a.example/'>", "meta"),
        ('<p style="background:url(https://a.example/)">x</p>', "style"),
        ("<style>p{background:URL('https://a.example/')}</style>", "style"),
        ("<p>see https://a.example/ please</p>", "text"),
        ('<!--[if mso]><v:rect href="https://a.example/"></v:rect><![endif]-->', "a"),
        ('<v:roundrect href="https://a.example/">x</v:roundrect>', "a"),
        ('<v:rect><v:imagedata src="https://a.example/"/></v:rect>', "img"),
        ('<svg><a xlink:href="https://a.example/"><text>x</text></a></svg>', "a"),
        ('<svg><image xlink:href="https://a.example/"/></svg>', "img"),
        ('<input type=submit formaction="https://a.example/">', "form"),
        ("<style>@import 'https://a.example/';</style>", "style"),
        ('<a href="#" ping="https://a.example/">x</a>', "link"),
        ('<video poster="https://a.example/"></video>', "img"),
        ('<base href="//a.example/">', "base"),
    ],
)
def test_places(html: str, where: str) -> None:
    """Everything that a browser or mail program follows or loads is a link, with its place."""
    told = [(link.found_in, link.url.removeprefix("https:")) for link in found(html)]
    assert told == [(where, "//a.example/")]


def test_header_and_calendar() -> None:
    """List-Unsubscribe and calendars hold links too."""
    extra = "List-Unsubscribe: <mailto:off@a.example>,\r\n <https://a.example/off>\r\n"
    rows = found("BEGIN:VCALENDAR\r\nURL:https://b.example/m\r\n", "text/calendar", extra)
    assert [(row.found_in, row.url) for row in rows] == [
        ("header", "mailto:off@a.example"),
        ("header", "https://a.example/off"),
        ("calendar", "https://b.example/m"),
    ]


@pytest.mark.parametrize(
    ("raw", "host", "is_ambiguous"),
    [
        ("https://good.example/a", "good.example", False),
        ("HTTPS://Good.Example:443/", "good.example", False),
        ("https:\\\\evil.example\\a", "evil.example", True),
        ("https:///evil.example/", "evil.example", True),
        ("https:evil.example", "evil.example", True),
        ("http://good.example\\@evil.example/", "good.example", True),
        ("http://good.example@evil.example/", "evil.example", False),
        ("http://evil\u3002example/", "evil.example", True),
        ("http://%65vil.example/", "evil.example", True),
        ("http://\uff45vil.example/", "evil.example", True),
        ("http://ev\u00adil.example/", "evil.example", True),
        ("http://bücher.example/", "xn--bcher-kva.example", False),
        ("http://2130706433/", "127.0.0.1", True),
        ("http://0x7f.1/", "127.0.0.1", True),
        ("\n http://ev\til.example/ ", "evil.example", True),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]", False),
        ("http://xn--a.example/", "xn--a.example", False),
        ("http://under_score.example/", "under_score.example", False),
        ("http://a b.example/", "a b.example", False),
    ],
)
def test_host_as_browsers_read_it(raw: str, host: str, is_ambiguous: bool) -> None:
    """The host is the one that a browser goes to; where a parser by pattern sees another, the link is ambiguous."""
    read = url.read(raw)
    assert (read.host, read.is_ambiguous) == (host, is_ambiguous)


def test_parts_of_an_address() -> None:
    """User names, ports, addresses in place of names and mixed scripts are told."""
    read = url.read("https://bank.example@192.0.2.1:8443/a%20b?c=d#e")
    assert (read.has_userinfo, read.has_port, read.is_address_ip) == (True, True, True)
    assert (read.scheme, read.path, read.query) == ("https", "/a%20b", "c=d")
    assert url.read("https://p\u0430ypal.example/").mixed_script
    assert not url.read("https://пример.example/").mixed_script


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.b.example%2Fx&data=05", "a.b.example"),
        ("https://www.google.com/url?q=https://evil.example/&sa=D", "evil.example"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__evil.example_login&d=Dw", "evil.example"),
        ("https://urldefense.com/v3/__https://evil.example/x__;!!abc", "evil.example"),
        ("https://t.example/r?u=" + base64.b64encode(b"https://evil.example/in").decode(), "evil.example"),
        ("https://t.example/r/https://evil.example/in", "evil.example"),
        (
            "https://a.example/?url=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fevil.example",
            "evil.example",
        ),
        ("https://a.example/?next=/inside", ""),
        ("https://a.example/?url=https://a.example/other", ""),
        ("https://a.example/https-only", ""),
    ],
)
def test_target_of_a_redirect(address: str, target: str) -> None:
    """An address that carries another leads there, through rewriters and redirects in each other."""
    assert url.read(address).target_host == target


@pytest.mark.parametrize(
    ("address", "how"),
    [
        ("https://a.example/?e=ann.lee@example.org", "plain"),
        ("https://a.example/?e=ann.lee%40example.org", "plain"),
        ("https://a.example/#ANN.LEE@EXAMPLE.ORG", "plain"),
        ("https://a.example/?e=" + base64.b64encode(b"ann.lee@example.org").decode(), "base64"),
        ("https://a.example/?e=" + base64.urlsafe_b64encode(b"{id:1,mail:'ann.lee@example.org'}").decode(), "base64"),
        ("https://a.example/?e=" + base64.b64encode(b"Ann.Lee@example.org").decode(), "base64"),
        ("https://a.example/?e=" + base64.b64encode(base64.b64encode(b"ann.lee@example.org")).decode(), "base64"),
        ("https://a.example/#" + base64.b64encode(b"ann.lee@example.org").decode(), "base64"),
        ("https://a.example/?e=" + b"ann.lee@example.org".hex(), "hex"),
        ("https://a.example/" + hashlib.md5(b"ann.lee@example.org").hexdigest().upper(), "md5"),  # noqa: S324  # as senders do
        ("https://a.example/?h=" + hashlib.sha1(b"ann.lee@example.org").hexdigest(), "sha1"),  # noqa: S324  # as senders do
        ("https://a.example/?h=" + hashlib.sha256(b"ann.lee@example.org").hexdigest(), "sha256"),
        ("https://a.example/c/" + deflated(b"l=https%3A%2F%2Fb.example&r=ann.lee%40example.org"), "deflate"),
        ("https://a.example/connect/?memberemailid=AL-7f3k2", "initials"),
        ("https://a.example/?order=AL-7f3k2", ""),
        ("https://a.example/?user=SAL-7f3k2", ""),
        ("https://a.example/ann.lee", "local"),
        ("https://a.example/joann.leeds", ""),
        ("https://a.example/", ""),
        ("mailto:ann.lee@example.org", ""),
    ],
)
def test_recipient_in_a_link(address: str, how: str) -> None:
    """A recipient's address in a link is seen in each form that senders write it in, and nothing else for it."""
    (link,) = found(f'<a href="{address}">x</a>')
    assert link.recipient_token == how


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_recipient_in_base64_at_any_offset(before: bytes, after: bytes) -> None:
    """Base64 of any text around the address still shows it."""
    token = base64.urlsafe_b64encode(before + b"ann.lee@example.org" + after).decode()
    (link,) = found(f'<a href="https://a.example/?t={token}">x</a>')
    assert [link.recipient_token] == ["base64"]


def test_a_base_without_scheme() -> None:
    """Links are relative to a base also where that names a host alone."""
    assert [row.url for row in found('<base href="//b.example/x/"><a href="in">x</a>') if row.found_in == "a"] == [
        "https://b.example/x/in"
    ]


def test_an_address_broken_by_the_mail_program() -> None:
    """What `format=flowed; delsp=yes` broke in the middle is one address, quoted too; otherwise lines stay apart."""
    body = "See https://a.example/one/ \r\ntwo/three\r\n> https://b.example/ \r\n> four\r\n-- \r\nAnn"
    kind = "text/plain; format=flowed"
    assert [row.url for row in found(body, f"{kind}; delsp=yes")] == [
        "https://a.example/one/two/three",
        "https://b.example/four",
    ]
    assert [row.url for row in found(body, kind)] == ["https://a.example/one/", "https://b.example/"]


@pytest.mark.parametrize(
    ("raw", "target", "how"),
    [
        ("ms-word:ofe|u|https://evil.example/x.docx", "https://evil.example/x.docx", "ms-word"),
        ("search-ms:query=x&amp;crumb=location:\\\\evil.example@SSL\\share", "file://evil.example/", "search-ms"),
        ("microsoft-edge:https://evil.example/", "https://evil.example/", "microsoft-edge"),
        ("javascript:location='https://evil.example/in'", "https://evil.example/in", "javascript"),
        ("mailto:ann@evil.example?body=https://evil.example/", "", ""),
        ("data:text/html,https://evil.example/", "", ""),
        ("tel:+4930", "", ""),
    ],
)
def test_links_that_start_a_program(raw: str, target: str, how: str) -> None:
    """A link without a host says which address it hands to the program that it starts."""
    (link,) = found(f'<a href="{raw}">x</a>')
    assert (link.target_url, link.target_how) == (target, how)


@pytest.mark.parametrize(
    ("plain", "page", "differs"),
    [
        ("https://good.example.org/", "https://evil.example.net/", True),
        ("https://good.example.org/", "https://www.example.org/x", False),
        ("https://good.example.org/", "https://www.google.com/url?q=https://good.example.org/", False),
        ("https://good.example.org/", "https://x.us1.list-manage.com/track/click?u=1", False),
        ("no link", "https://evil.example.net/", False),
    ],
)
def test_versions_of_a_text_that_lead_elsewhere(plain: str, page: str, differs: bool) -> None:
    """Plain text and HTML whose links lead to different organisations are told; what cannot be known is not."""
    message = parse(
        b"From: bob@example.org\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\n"
        + plain.encode()
        + b"\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href='"
        + page.encode()
        + b"'>x</a>\r\n--b--\r\n"
    )
    links(message, "k", [])
    assert ("alternatives-differ" in {defect.kind for defect in message.defects}) == differs


def test_list_names_are_no_tokens() -> None:
    """The name of a list in a link to its archive is no mark for a reader."""
    (link,) = found('<a href="https://lists.example.org/open-talk/1">x</a>', to="open-talk@lists.example.org")
    assert link.recipient_token == ""


def test_links_in_files_come_after_those_of_the_message() -> None:
    """However many links a message has, some of each file's are kept; a link that is in both is in both."""
    body = "".join(f'<a href="https://a.example/{n}">x</a>' for n in range(LINKS + 100))
    message = parse(f"From: bob@example.org\r\nContent-Type: text/html\r\n\r\n{body}".encode())
    held = Contents(links=[Address("pdf", f"https://b.example/{n}") for n in range(LINKS)])
    rows = links(message, "k", [], {3: 0}, {3: held, 4: Contents(links=[Address("a", "https://a.example/0", "x")])})
    assert [row.number for row in rows] == list(range(len(rows)))
    kept = Counter((row.attachment, row.found_in) for row in rows)
    assert kept == {(None, "a"): LINKS - FILE_LINKS, (3, "pdf"): FILE_LINKS // 2, (4, "a"): 1}
    assert {defect.kind for defect in message.defects} == {"limit-links"}


def test_project_names_are_no_tokens() -> None:
    """A list's name in a path is the project's name, not a mark for its readers; in a query it counts."""
    (path,) = found('<a href="https://git.example/project/tree">x</a>', to="project@team.example")
    (query,) = found('<a href="https://git.example/?u=project">x</a>', to="project@team.example")
    assert (path.recipient_token, query.recipient_token) == ("", "local")


@pytest.mark.parametrize(
    ("shown", "host"),
    [
        ("https://www.bank.example/login", "www.bank.example"),
        ("www.bank.co.uk", "www.bank.co.uk"),
        ("bank.com", "bank.com"),
        ("Go to https://bank.com now", "bank.com"),
        ("192.0.2.7", "192.0.2.7"),
        ("report.pdf", ""),
        ("notes.zip", ""),
        ("version 1.2.3", ""),
        ("Click here.", ""),
        ("ann@bank.com", ""),
    ],
)
def test_shown_host(shown: str, host: str) -> None:
    """Text that reads as an address of a site gives its host; file names, versions and words do not."""
    (link,) = [row for row in found(f'<a href="https://evil.example/">{shown}</a>') if row.found_in == "a"]
    assert (link.shown, link.shown_host) == (shown, host)


def test_pixels_and_hidden_links() -> None:
    """Tiny and hidden images are pixels; a link in hidden text is not visible."""
    rows = found(
        '<img src="https://a.example/1" width="1" height="1"><img src="https://a.example/2" style="display:none">'
        '<img src="https://a.example/3" width="600" height="1">'
        '<img src="https://a.example/4" style="width:1px;height:1px">'
        '<div style="display:none"><a href="https://a.example/5">x</a></div>'
    )
    told = {row.path: (row.is_pixel, row.is_visible) for row in rows}
    assert told == {
        "/1": (True, False),
        "/2": (True, False),
        "/3": (False, True),
        "/4": (True, False),
        "/5": (False, False),
    }


def test_base_and_relative() -> None:
    """A relative link is read against the page's base, and kept as written where there is none."""
    rows = found('<base href="https://evil.example/d/"><a href="login">x</a>')
    assert rows[0].url == "https://evil.example/d/login"
    (row,) = found('<a href="login">x</a>')
    assert (row.url, row.host) == ("login", "")


def test_entities_and_breaks() -> None:
    """Entities are decoded and line breaks inside an address removed, as browsers do; the raw form stays."""
    (row,) = found('<a href="https&#58;//evil.\r\nexample/?a=1&amp;b=2">x</a>')
    assert row.url == "https://evil.example/?a=1&b=2"
    assert "\n" in row.raw


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("(https://a.example/x_(y)), and", ["https://a.example/x_(y)"]),
        ("www.a.example/x, then", ["www.a.example/x"]),
        ("<https://a.example/long\n  /path>", ["https://a.example/long/path"]),
        ("mail mailto:bob@a.example now", ["mailto:bob@a.example"]),
        ("hxxps://a.example/x", []),
        ("https://a[.]example/x", []),
        ("https[:]//a.example", []),
        ("bob@www.a.example", []),
        ("nothing here", []),
    ],
)
def test_running_text(words: str, expected: list[str]) -> None:
    """Addresses in running text end where the sentence goes on; defanged ones are not links."""
    assert running(words) == expected


def test_links_are_kept_once_and_capped() -> None:
    """The same link with the same text is kept once; of very many the first 2,000 are kept, and a defect says so."""
    assert len(found('<a href="https://a.example/">x</a>' * 3)) == 1
    parsed = parse(
        b"Content-Type: text/html\r\n\r\n"
        + "".join(f"<a href=https://a.example/{n}>x</a>" for n in range(LINKS + 5)).encode()
    )
    rows = links(parsed, "k", [])
    assert len(rows) == LINKS
    assert [row.number for row in rows] == list(range(LINKS))
    assert "limit-links" in [defect.kind for defect in parsed.defects]


@given(
    st.text(max_size=60),
    st.sampled_from(["", "https://", "http:\\\\", "www.", "data:", "//", "https://x.example/?u=http"]),
)
def test_any_address_is_read(rest: str, start: str) -> None:
    """No string makes reading an address fail, and none is dropped."""
    assert isinstance(url.read(start + rest).url, str)
    assert isinstance(url.read(start + rest, "https://b.example/").host, str)
