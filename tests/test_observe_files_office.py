"""Office documents, old and new, and RTF: their text, where they lead, what they load, and what lies in them."""

import functools
import io
import os
import struct

import msoffcrypto.format.ooxml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import office_files as made
from tests.damage import damaged
from watchword.observe import file_type
from watchword.observe.files import Budget, Contents, File, look_into, vba
from watchword.read.compound import compound


def looked(data: bytes, name: str = "", passwords: tuple[str, ...] = ()) -> Contents:
    """Look into a file by its content."""
    kind = file_type.detect(data, name.rpartition(".")[2])
    contents = look_into(File(kind, name, data, passwords), Budget())
    assert contents is not None, f"nobody reads {kind}"
    assert "file-not-read" not in dict(contents.defects), contents.defects
    return contents


def text(contents: Contents, kind: str) -> str:
    """Give the text of one kind."""
    return "\n".join(reading.text for reading in contents.texts if reading.kind == kind)


def links(contents: Contents) -> dict[str, tuple[str, str]]:
    """Give where each address was found and what is shown for it."""
    given = [*contents.links, *(link for one in contents.texts if one.page for link in one.page.addresses)]
    return {link.raw: (link.found_in, link.shown) for link in given}


def test_words_and_the_links_behind_them() -> None:
    """A link of Word is known with the words that stand for it, by relationship and by field, also one in pieces."""
    found = looked(
        made.word(
            '<w:p><w:r><w:t xml:space="preserve">Sign in at </w:t></w:r><w:hyperlink r:id="rId5"><w:r><w:t>bank.example'
            "</w:t></w:r></w:hyperlink></w:p><w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> HYPER"
            '</w:instrText></w:r><w:r><w:instrText>LINK "https://field.example/" </w:instrText></w:r><w:r><w:fldChar '
            'w:fldCharType="separate"/></w:r><w:r><w:t>here</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/>'
            "</w:r></w:p>",
            made.relations(("rId5", "hyperlink", "https://page.example/?a=1&amp;b=2")),
        )
    )
    assert text(found, "docx") == "Sign in at bank.example\nhere"
    assert links(found) == {
        "https://page.example/?a=1&b=2": ("relationship", "bank.example"),
        "https://field.example/": ("field", "here"),
    }
    assert found.contains == []
    assert found.is_locked is False


def test_hidden_words_are_told_apart() -> None:
    """Text that Word hides is hidden text."""
    (reading,) = looked(
        made.word("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r><w:r><w:t>seen</w:t></w:r></w:p>")
    ).texts
    assert reading.page is not None
    assert (reading.text, reading.page.hidden) == ("seen", [("display-none", "unseen")])


@pytest.mark.parametrize(
    ("kind", "target", "mark"),
    [
        ("attachedTemplate", "https://load.example/t.dotm", "remote-template"),
        ("attachedTemplate", "\\\\load.example\\t.dotm", "remote-template"),
        ("subDocument", "https://load.example/s", "remote-template"),
        ("frame", "https://load.example/s", "remote-template"),
        ("oleObject", "mhtml:https://load.example/x!x-usc:https://load.example/x", "external-object"),
        ("image", "https://load.example/p.gif", "remote-image"),
        ("attachedTemplate", "file:///C:\\Users\\ana\\Normal.dotm", ""),
        ("hyperlink", "https://load.example/", ""),
    ],
)
def test_what_a_document_loads_by_itself(kind: str, target: str, mark: str) -> None:
    """A template, object or picture on another machine is marked; the author's own template and links are not."""
    found = looked(made.word("<w:p/>", made.relations(("r1", kind, target))))
    assert found.contains == ([mark] if mark else [])
    assert links(found)[target][0] == "relationship"


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        ('DDEAUTO c:\\\\windows\\\\cmd.exe "/k calc"', "dde"),
        ('INCLUDEPICTURE "https://load.example/p.png" \\d', "remote-image"),
        ('INCLUDETEXT "\\\\\\\\load.example\\\\x.docx"', "external-object"),
        ("PAGE \\* MERGEFORMAT", ""),
    ],
)
def test_fields_that_load_or_start_something(code: str, mark: str) -> None:
    """DDE starts a program and INCLUDE loads; a page number does neither."""
    found = looked(made.word(f"<w:fldSimple w:instr='{code}'/>"))
    assert found.contains == ([mark] if mark else [])


@pytest.mark.parametrize("form", ["docm", "doc", "xlsm", "ppt"])
def test_macros_are_read(form: str) -> None:
    """Of macros the source, what they do, and the addresses that they put together are known, in every container."""
    if form == "doc":
        data = made.old_word("Words", Macros=made.project())
    elif form == "ppt":
        stored = made.record(0, 0x1011, compound(made.project()))
        data = compound({"PowerPoint Document": stored})
    else:
        folder = {"docm": "word", "xlsm": "xl"}[form]
        data = made.package({"[Content_Types].xml": "", f"{folder}/vbaProject.bin": compound(made.project())})
    found = looked(data)
    assert found.contains == ["macros", "macro-runs-on-open", "macro-reaches-out"]
    assert "Sub AutoOpen" in text(found, "macro")
    assert "Attribute" not in text(found, "macro")
    assert set(links(found)) == {"http://stage.example/a.exe", "http://stage.example/b.exe", "http://stage.example/c"}
    assert {where for where, _ in links(found).values()} == {"macro"}


def test_macros_without_their_list_are_read() -> None:
    """Where the list of modules is damaged, the source is found by how it begins."""
    streams = made.project()
    assert isinstance(streams["VBA"], dict)
    streams["VBA"]["dir"] = b"damaged"
    found = looked(made.package({"[Content_Types].xml": "", "word/vbaProject.bin": compound(streams)}))
    assert "Sub AutoOpen" in text(found, "macro")


def test_macros_under_another_name_are_read() -> None:
    """A project of macros is known by its relationship, whatever its part is called."""
    related = made.relations(("r", "vbaProject", "other.bin"))
    found = looked(made.word("<w:p/>", related, word__other_dot_bin=compound(made.project())))
    assert "macro-runs-on-open" in found.contains


def test_compression_of_macros() -> None:
    """The examples of MS-OVBA 3.2 come out as they stand there."""
    normal = "012FB000236161616263646582660070616768696A013808616B6C00306D6E6F700671027004107273747576107778797A003C"
    assert vba.decompress(bytes.fromhex(normal), 0, 4_096) == (
        b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    )
    longest = "0103B002614500"
    assert vba.decompress(bytes.fromhex(longest), 0, 4_096) == b"a" * 73
    plain = "0119B000616263646566676800696A6B6C6D6E6F70007172737475762E"
    assert vba.decompress(bytes.fromhex(plain), 0, 4_096) == b"abcdefghijklmnopqrstuv."


@settings(deadline=None)
@given(st.binary(max_size=9_000))
def test_compressed_macros_round_trip(source: bytes) -> None:
    """What was written in that form comes out byte for byte."""
    assert vba.decompress(made.squeezed(source), 0, 10_000) == source


def test_tables() -> None:
    """Strings, links and formulas of Excel are read; calls of programs, old macros and queries are marked."""
    found = looked(
        made.package(
            {
                "[Content_Types].xml": "",
                "xl/workbook.xml": '<definedName name="_xlnm.Auto_Open">x</definedName>',
                "xl/sharedStrings.xml": "<sst><si><t>One</t></si><si><t>Two &amp; three</t></si></sst>",
                "xl/worksheets/sheet1.xml": '<c t="inlineStr"><is><t>In line</t></is></c><f>HYPERLINK("https://f.example/","Go")'
                "</f><f>cmd|'/c calc'!A0</f><f>SUM(A1:A9)</f><hyperlink ref='A1' r:id='r1' display='Open'/>",
                "xl/worksheets/_rels/sheet1.xml.rels": made.relations(("r1", "hyperlink", "https://cell.example/")),
                "xl/macrosheets/sheet2.xml": '<f>EXEC("cmd /c x")</f>',
                "xl/connections.xml": '<webPr url="https://query.example/"/>',
            }
        )
    )
    assert text(found, "xlsx") == "One\nTwo & three\nIn line"
    assert set(found.contains) == {"dde", "macros", "excel4-macros", "macro-runs-on-open", "external-object"}
    assert links(found) == {
        "https://f.example/": ("formula", "Go"),
        "https://cell.example/": ("relationship", "Open"),
        "https://query.example/": ("relationship", "https://query.example/"),
    }


def test_slides() -> None:
    """The words and links of slides are read in the order of the slides."""
    slides: dict[str, str | bytes] = {
        f"ppt/slides/slide{number}.xml": "<a:p><a:r><a:rPr><a:hlinkClick r:id='r'/></a:rPr>"
        f"<a:t>Slide {number}</a:t></a:r></a:p>"
        for number in (10, 2)
    }
    slides["ppt/slides/_rels/slide2.xml.rels"] = made.relations(("r", "hyperlink", "https://slide.example/"))
    found = looked(made.package({"[Content_Types].xml": "", **slides}))
    assert text(found, "pptx") == "Slide 2\nSlide 10"
    assert links(found) == {"https://slide.example/": ("relationship", "Slide 2")}


def test_open_document() -> None:
    """OpenDocument text, its links, objects elsewhere and macros are read."""
    found = looked(
        made.package(
            {
                "mimetype": "application/vnd.oasis.opendocument.text",
                "content.xml": '<text:p>See <text:a xlink:href="https://odf.example/">this page</text:a></text:p>'
                '<draw:object xlink:href="https://load.example/x"/>',
                "Basic/Standard/Module1.xml": "<script:module>Sub x\nShell(&quot;cmd&quot;)\nEnd Sub</script:module>",
            }
        )
    )
    assert text(found, "odf") == "See this page"
    assert found.contains == ["external-object", "macros", "macro-reaches-out"]
    assert links(found)["https://odf.example/"] == ("relationship", "this page")


def test_files_inside_documents() -> None:
    """Pictures and embedded files are given with their bytes, and an embedded object gives up the file in it."""
    data = made.word(
        "<w:p/>",
        word__media__a_dot_png=made.PNG,
        word__embeddings__oleObject1_dot_bin=made.embedded(b"invoice.js", b"run()"),
    )
    found = looked(data)
    assert (found.files[0].name, found.files[0].data) == ("word/media/a.png", made.PNG)
    assert found.contains == ["embedded-file"]
    inner = looked(found.files[1].data or b"")
    assert [(held.name, held.data) for held in inner.files] == [("invoice.js", b"run()")]


def test_old_word() -> None:
    """Of Word 97 the text is read by its pieces, and fields give links with their words."""
    found = looked(made.old_word('Dear Ana, see \x13 HYPERLINK "https://old.example/" \x14this\x15.\rBye'))
    assert text(found, "doc") == "Dear Ana, see this.\nBye"
    assert links(found) == {"https://old.example/": ("field", "this")}


def test_old_excel() -> None:
    """Of Excel 97 strings, also those that go on in a second record, links, DDE and old macros are read."""
    strings = struct.pack("<II", 2, 2) + struct.pack("<HB", 5, 0) + b"Hello" + struct.pack("<HB", 6, 0) + b"abc"
    moniker = (
        bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")
        + struct.pack("<I", 46)
        + "https://cell.example/\0\0".encode("utf-16-le")
    )
    found = looked(
        made.old_excel(
            (0x85, b"\0\0\0\0\0\1\1\0A"),
            (0xFC, strings),
            (0x3C, b"\1" + "dé\u0444".encode("utf-16-le")),
            (0x1B8, b"\0" * 32 + moniker),
            (0x1AE, b"\1\0" + struct.pack("<HB", 12, 0) + b"cmd\x03/c calc!"),
        )
    )
    assert text(found, "xls") == "Hello\nabcdéф"
    assert found.contains == ["dde", "macros", "excel4-macros"]
    assert set(links(found)) == {"https://cell.example/"}


def test_old_slides() -> None:
    """Of PowerPoint 97 text and links are read, and that a click starts a program."""
    link = made.record(0, 0xFBA, "Words".encode("utf-16-le")) + made.record(
        1, 0xFBA, "https://old.example/".encode("utf-16-le")
    )
    found = looked(
        compound(
            {
                "PowerPoint Document": made.record(0, 0x3E8, made.record(0, 0xFA8, b"A slide"), is_container=True)
                + made.record(0, 0xFD7, link, is_container=True)
                + made.record(0, 0xFF3, b"\0" * 8 + b"\2" + b"\0" * 7)
            }
        )
    )
    assert text(found, "ppt") == "A slide"
    assert links(found) == {"https://old.example/": ("hyperlink", "Words")}
    assert found.contains == ["launches-program"]


@functools.cache
def locked(password: str) -> bytes:
    """Lock a document as Office does today (agile encryption)."""
    types = f'<?xml version="1.0"?>{made.TYPES}'
    plain = made.package(
        {"[Content_Types].xml": types, "word/document.xml": "<w:t>words</w:t>", "x": os.urandom(5_000)}
    )
    out = io.BytesIO()
    msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain)).encrypt(password, out)
    return out.getvalue()


def test_locked_documents() -> None:
    """A locked document is opened by a word of the message, or by the one that Excel knows; else it stays locked."""
    found = looked(locked("Pine-4411"), passwords=("hello", "Pine-4411"))
    assert (found.is_locked, found.password) == (True, "Pine-4411")
    assert text(looked(found.files[0].data or b""), "docx") == "words"
    shut = looked(locked("Pine-4411"))
    assert (shut.is_locked, shut.password, shut.files) == (True, "", [])
    silent = looked(locked("VelvetSweatshop"))
    assert (silent.contains, silent.password, len(silent.files)) == (["default-password"], "", 1)


def test_trying_passwords_is_bounded() -> None:
    """A document that asks for endless rounds of hashing for each try is not tried."""
    shut = locked("Pine-4411").replace(b'spinCount="100000"', b'spinCount="9999999" '[:18])
    assert "file-unreadable" in dict(looked(shut, passwords=("a",)).defects)


def rtf(body: str) -> Contents:
    """Look into an RTF document."""
    return looked(("{\\rtf1\\ansi " + body + "}").encode("cp1252"))


def test_rich_text() -> None:
    """Words, links, template and pictures of RTF are read."""
    found = rtf(
        "{\\*\\template https://load.example/t.dotm}"
        '{\\field{\\*\\fldinst HYPERLINK "https://rtf.example/"}{\\fldrslt here}}'
        " and {\\pict\\pngblip " + made.PNG.hex() + "}\\par Bye"
    )
    assert text(found, "rtf") == "here and\nBye"
    assert found.contains == ["remote-template"]
    assert links(found)["https://rtf.example/"] == ("a", "here")
    assert [held.data for held in found.files] == [made.PNG]


@pytest.mark.parametrize("junk", ["", "{\\*\\junk}", "\r\n \t", "\\'41", "\\bin0 ", "{\\object}"])
def test_objects_in_rich_text(junk: str) -> None:
    """An embedded file comes out also where its digits are broken up by what Word ignores."""
    digits = made.old_object(b"Package", made.packaged(b"a.js", b"run()")).hex()
    found = rtf("{\\object\\objemb{\\*\\objdata " + digits[:31] + junk + digits[31:] + "}}")
    assert [(held.name, held.data) for held in found.files] == [("a.js", b"run()")]
    assert found.contains == ["embedded-file"]


def test_equation_editor() -> None:
    """An object of the old equation editor is marked, by its class in RTF or in a compound file."""
    assert (
        "equation-object"
        in rtf("{\\object{\\*\\objdata " + made.old_object(b"Equation.3", b"data").hex() + "}}").contains
    )
    assert "equation-object" in looked(compound({"Equation Native": b"data"})).contains


SAMPLES = {
    "docx": made.word("<w:p><w:r><w:t>a</w:t></w:r></w:p>", made.relations(("r", "hyperlink", "https://a.example/"))),
    "doc": made.old_word('a \x13 HYPERLINK "b" \x14c\x15', Macros=made.project()),
    "xls": made.old_excel((0xFC, struct.pack("<IIHB", 1, 1, 5, 0) + b"Hello")),
    "ppt": compound({"PowerPoint Document": made.record(0, 0xFA8, b"A slide")}),
    "rtf": b"{\\rtf1 {\\object{\\*\\objdata "
    + made.old_object(b"Package", made.packaged(b"a", b"b")).hex().encode()
    + b"}}}",
    "ole": made.embedded(b"a.js", b"run()"),
}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_damaged_documents(kind: str, data: st.DataObject) -> None:
    """A document that was cut, doubled or overwritten anywhere is looked into without a fault."""
    contents = look_into(File(kind, "a", damaged(data, SAMPLES[kind])), Budget())
    assert contents is not None
    assert "file-not-read" not in dict(contents.defects), contents.defects
