"""Office documents of the newer kinds (ISO/IEC 29500, OpenDocument): text, links, macros, and what they load.

Source for what is dangerous in them: MITRE ATT&CK T1221 (template injection), T1559.002 (DDE), T1204.002, and the
parts that ISO/IEC 29500 and MS-OFFMACRO2 name.
"""

import itertools
import re

from watchword.observe import hidden
from watchword.observe.files import Budget, Contents, File, Reading, fields, office_text, ole, vba
from watchword.observe.files.package import Package, Relation, attributes
from watchword.observe.html import Page

KINDS = ("docx", "docm", "xlsx", "xlsm", "pptx", "pptm", "vsdx", "vsdm", "odf")

PICTURES = 60  # of one document
TEXT = 2 * 1024 * 1024  # characters of one document
CODE = 65_536  # of formulas that start something

_LOADED = {  # what the program loads by itself, by the last word of the relationship's type
    **dict.fromkeys(("image", "video", "audio", "media"), "remote-image"),
    **dict.fromkeys(
        ("oleobject", "package", "control", "externallink", "externallinkpath", "externallinklongpath",
         "xlexternallinkpath", "connections", "mailmergesource", "recipientdata", "xmlsource"), "external-object"),
}  # fmt: skip
_TEXT_PARTS = re.compile(
    r"word/(?:document|header|footer|footnotes|endnotes|comments|glossary/document)[^/]*\.xml|"
    r"ppt/(?:slides|notesslides|comments)/[^/]+\.xml|ppt/comment\w*\.xml|visio/(?:pages|masters)/[^/]+\.xml|"
    r"(?:word|ppt|xl)/(?:diagrams|charts|drawings)/[^/]+\.xml",
    re.IGNORECASE,
)
_TABLE_PARTS = re.compile(r"xl/(?:worksheets|macrosheets|dialogsheets|chartsheets)/[^/]+\.xml", re.IGNORECASE)
_FORMULA = re.compile(r"<(?:\w{1,20}:)?f(?=[\s>])[^<>]*>([^<]{1,8000})")
_CALLS = re.compile(
    r"\b(HYPERLINK|WEBSERVICE|IMPORTXML|IMPORTDATA|IMAGE|CALL|EXEC|REGISTER|FOPEN|FWRITE|RUN|FORMULA\.FILL|HALT)\s*\("
    r"|\|\s*'|cmd\s*\|",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\"((?:https?:|ftp:|\\\\)[^\"]{3,2000})\"(?:\s*,\s*\"([^\"]{1,300})\")?", re.IGNORECASE)
_CELL_LINK = re.compile(r"<(?:\w{1,20}:)?hyperlink\b((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)")
_DDE_LINK = re.compile(r"<(?:\w{1,20}:)?ddeLink\b([^<>]{1,4000})")
_CONNECTION = re.compile(r"<(?:\w{1,20}:)?(?:webPr|dbPr|textPr)\b([^<>]{1,8000})")
_AUTO_NAME = re.compile(
    r"<(?:\w{1,20}:)?definedName\b[^<>]{0,400}name=\"(?:_xlnm\.)?auto_?(?:open|close|activate)", re.IGNORECASE
)
_PROPERTY = re.compile(
    r"<(?:\w{1,20}:)?(title|subject|creator|lastModifiedBy|description|keywords|category|Company|Manager|HyperlinkBase"
    r"|lpwstr|initial-creator)\b[^<>]*>([^<]{1,2000})",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"<(text:a|draw:a|draw:image|draw:object|draw:object-ole|draw:plugin|xlink|meta:template|text:section-source|table:table-source"
    r"|script:event-listener|form:form)\b((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>([^<]{0,400})"
)
_PICTURES = ("word/media/", "xl/media/", "ppt/media/", "visio/media/", "pictures/", "media/")


def read(file: File, budget: Budget) -> Contents:
    """Read a document: text and links, and every part in which another file, a macro or a remote address stands."""
    contents = Contents(is_locked=False)
    package = Package(file.data, budget, contents)
    if "content.xml" in package.entries and "[Content_Types].xml" not in package.entries:
        _open_document(package, contents, budget)
        return contents
    kind = file.kind[:-1] + "x"
    shown: dict[tuple[str, str], str] = {}
    _running(package, contents, kind, shown)
    _tables(package, contents, kind, shown)
    _parts(package, contents, _relations(package, contents, budget, shown))
    _properties(package, contents)
    return contents


def _running(package: Package, contents: Contents, kind: str, shown: dict[tuple[str, str], str]) -> None:
    """Read the parts of running text, in the order of the document where their names tell it."""
    text: list[str] = []
    unseen: list[str] = []
    for name in sorted(package.entries, key=_order):
        if not _TEXT_PARTS.fullmatch(name):
            continue
        found = office_text.flow(package.xml(name), contents)
        text += [*found.text, "\n"]
        unseen += found.hidden
        shown.update({(name, number): words for number, words in found.shown.items()})
    plain = office_text.lines("".join(text)[:TEXT])
    if plain or unseen:
        page = Page(text=plain)
        if unseen:
            page.hidden.append((hidden.DISPLAY, " ".join("".join(unseen).split())))
        contents.texts.append(Reading(kind, plain, page if unseen else None))


def _order(name: str) -> tuple[str, int, str]:
    """Sort `slide2.xml` before `slide10.xml`, and a document's body before its headers and notes."""
    stem = name.rpartition("/")[2].partition(".")[0]
    number = re.search(r"\d{1,6}$", stem)
    start = name[: len(name) - len(name.rpartition("/")[2])] + stem.rstrip("0123456789")
    return ("" if stem == "document" else start, int(number[0]) if number else 0, name)


def _tables(package: Package, contents: Contents, kind: str, shown: dict[tuple[str, str], str]) -> None:
    """Read strings, formulas and links of tables."""
    text: list[str] = []
    code: list[str] = []
    for name in package.names("xl/sharedstrings", "xl/comments", "xl/threadedcomments/"):
        if name.lower().endswith(".bin"):
            text += wide_runs(package.read(name))
        else:
            text.append(office_text.cells(package.xml(name)))
    for name in sorted(package.names("xl/"), key=_order):
        if not _TABLE_PARTS.fullmatch(name):
            continue
        xml = package.xml(name)
        if "is>" in xml:
            text.append(office_text.cells(xml))
        for found in itertools.islice(_CELL_LINK.finditer(xml), 4_000):
            given = attributes(found[1])
            if given.get("id"):
                shown[(name, given["id"])] = given.get("display", "")
        is_macro = "/macrosheets/" in name.lower()
        formulas = (found[1] for found in itertools.islice(_FORMULA.finditer(xml), 200_000))
        code += [formula for formula in formulas if is_macro or _CALLS.search(formula)][:2_000]
    for called in code:
        _formula(contents, called)
    if package.names("xl/macrosheets/", "xl/intlmacrosheets/"):
        contents.mark("macros")
        contents.mark("excel4-macros")
        if code:
            contents.texts.append(Reading("macro", "\n".join(code)[:CODE], is_code=True))
    for name in package.names("xl/workbook.xml"):
        if _AUTO_NAME.search(package.xml(name)):
            contents.mark("macro-runs-on-open")
    for name in package.names("xl/externallinks/externallink"):
        if name.lower().endswith(".bin"):
            data = package.read(name)
            if data[:2] == b"\xe8\x02" and data[3:5] == b"\1\0":  # BrtBeginSupBook of a DDE link (MS-XLSB 2.4.240)
                contents.mark("dde")
                contents.texts.append(Reading("field", "|".join(wide_runs(data)[:2])[:4_000], is_code=True))
            continue
        for found in itertools.islice(_DDE_LINK.finditer(package.xml(name)), 100):
            given = attributes(found[1])
            contents.mark("dde")
            contents.texts.append(
                Reading("field", f"{given.get('ddeservice', '')}|{given.get('ddetopic', '')}"[:4_000])
            )
    for name in package.names("xl/connections"):
        for found in itertools.islice(_CONNECTION.finditer(package.xml(name)), 100):
            given = attributes(found[1])
            target = given.get("url", "") or given.get("connection", "")
            contents.mark("external-object")
            for address in re.findall(r"(?:https?|ftp)://[^\s;\"']{3,2000}|\\\\[^\s;\"']{3,500}", target)[:10]:
                contents.link("relationship", address)
    plain = office_text.lines("".join(text)[:TEXT])
    if plain:
        contents.texts.append(Reading(kind, plain))


def _formula(contents: Contents, escaped: str) -> None:
    formula = office_text.plain(escaped)
    for found in itertools.islice(_CALLED.finditer(formula), 20):
        contents.link("formula", found[1], found[2] or "")
    upper = formula.upper()
    if "WEBSERVICE" in upper or "IMPORT" in upper or "IMAGE" in upper:
        contents.mark("external-object")
    if re.search(r"\|\s*'|CMD\s*\|", upper):
        contents.mark("dde")
        contents.texts.append(Reading("field", formula[:4_000], is_code=True))


def _relations(
    package: Package, contents: Contents, budget: Budget, shown: dict[tuple[str, str], str]
) -> dict[str, str]:
    """Follow the relationships: to other machines as links, within the package to files that it embeds.

    Gives by name what the relationships say that a part is.
    """
    inside: dict[str, str] = {}
    for relation in package.relations():
        if relation.is_external:
            _external(contents, relation, shown)
        elif name := package.resolved(relation):
            inside.setdefault(name, relation.type.lower())
    pictures = 0
    for name in package.entries:
        lower = name.lower()
        kind = inside.get(name, "")
        if kind in {"oleobject", "package", "afchunk"} or "/embeddings/" in lower:
            contents.mark("embedded-file")
            contents.hold(name, package.read(name), budget)
        elif (kind == "image" or lower.startswith(_PICTURES)) and pictures < PICTURES:
            pictures += 1
            contents.hold(name, package.read(name), budget)
    return inside


def _external(contents: Contents, relation: Relation, shown: dict[tuple[str, str], str]) -> None:
    kind = relation.type.lower()
    words = shown.get((relation.source, relation.id), "") if kind == "hyperlink" else ""
    contents.link("relationship", relation.target, words)
    if kind != "hyperlink" and fields.is_remote(relation.target.removeprefix("file:///")):
        contents.mark(_LOADED.get(kind, "remote-template"))


def _parts(package: Package, contents: Contents, kinds: dict[str, str]) -> None:
    """Look at macros and controls, which are known by the names of their parts or by what relationships call them."""
    for name in package.entries:
        lower = name.lower()
        if lower.endswith("vbaproject.bin") or kinds.get(name) == "vbaproject":
            project = ole.opened(package.read(name))
            vba.note(contents, vba.modules(project) if project is not None else [])
        elif "/activex/" in lower:
            contents.mark("activex")
        elif lower.endswith(".bin") and "/macrosheets/" in lower:
            contents.texts.append(Reading("macro", "\n".join(wide_runs(package.read(name)))[:CODE], is_code=True))


def _properties(package: Package, contents: Contents) -> None:
    """Give what the author's program wrote about the document, and XML of other programs in it."""
    found: list[str] = []
    for name in package.names("docprops/", "meta.xml"):
        if name.lower().endswith(".xml"):
            found += [match[2].strip() for match in itertools.islice(_PROPERTY.finditer(package.xml(name)), 100)]
    for name in package.names("customxml/item"):
        if "props" not in name.lower() and name.lower().endswith(".xml"):
            found.append(office_text.lines(office_text.plain(package.xml(name)))[:8_000])
    text = "\n".join(one for one in dict.fromkeys(found) if one)
    if text:
        contents.texts.append(Reading("properties", text[:16_384]))


def _open_document(package: Package, contents: Contents, budget: Budget) -> None:
    """Read an OpenDocument file (ISO/IEC 26300)."""
    text: list[str] = []
    for name in package.names("content.xml", "styles.xml", "meta.xml"):
        xml = package.xml(name)
        for found in itertools.islice(_REFERENCE.finditer(xml), 4_000):
            _reference(contents, found)
        if name.lower() != "meta.xml":
            text.append(office_text.plain(xml))
        if "<office:dde-source" in xml or "dde-connection" in xml:
            contents.mark("dde")
    plain = office_text.lines("\n".join(text)[:TEXT])
    if plain:
        contents.texts.append(Reading("odf", plain))
    scripts = [
        name for name in package.names("basic/", "scripts/") if not name.lower().endswith(("-lb.xml", "-lc.xml", "/"))
    ]
    if scripts:
        contents.mark("macros")
        source = "\n".join(office_text.plain(package.xml(name)) for name in scripts[:50])
        contents.texts.append(Reading("macro", source[: vba.SOURCE], is_code=True))
        vba.say(contents, source)
    for name in package.names("pictures/", "media/", "object "):
        if package.entries[name].size and not name.endswith((".xml", "/")):
            contents.hold(name, package.read(name), budget)
    _properties(package, contents)


def _reference(contents: Contents, found: re.Match[str]) -> None:
    given = attributes(found[2])
    target = given.get("href", "")
    tag = found[1]
    if tag == "script:event-listener":
        contents.mark("macros")
        if given.get("event-name", "").rpartition(":")[2] in {"load", "open", "load-finished", "view-created"}:
            contents.mark("macro-runs-on-open")
        return
    if not target or target[0] in "#." or not (fields.is_remote(target) or ":" in target):
        return
    contents.link("relationship", target, found[3] if tag == "text:a" else "")
    if fields.is_remote(target) and tag not in {"text:a", "draw:a"}:
        words = {"draw:image": "remote-image", "meta:template": "remote-template"}
        contents.mark(words.get(tag, "external-object"))


_WIDE = re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00|[\x00-\xff][\x03-\x06]){4,4000}")


def wide_runs(data: bytes) -> list[str]:
    """Give the runs of UTF-16 letters (European, Hebrew, Arabic) in a binary part, each as a line."""
    return [found[0].decode("utf-16-le", "replace") + "\n" for found in itertools.islice(_WIDE.finditer(data), 20_000)]
