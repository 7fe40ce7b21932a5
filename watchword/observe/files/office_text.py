"""The text of Office's XML parts: what is shown, what is hidden, and which words are a link."""

import html
import re
from dataclasses import dataclass, field

from watchword.observe.files import Contents, fields
from watchword.observe.files.package import attributes

DEPTH = 50  # fields in fields

_TAG = r"((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)"
_TOKEN = re.compile(
    rf"<(/?)(?:\w{{1,20}}:)?(t|instrText|p|tab|br|cr|tc|fldChar|fldSimple|hyperlink|hlinkClick|hlinkMouseOver|r"
    rf"|vanish|si|Text)(?=[\s/>]){_TAG}>([^<]*)"
)
_CELL = re.compile(r"<(?:\w{1,20}:)?t(?=[\s>])[^<>]*>([^<]+)|</(?:\w{1,20}:)?si>|<(?:\w{1,20}:)?rPh\b")
_LINE = re.compile(r"</text:(?:p|h)>|<text:line-break\s*/>")
_BLANK = re.compile(r"<text:(?:s|tab)\b[^<>]*>")
_ANY = re.compile(r"<[^<>]*>")


@dataclass(slots=True)
class Flow:
    """What was read of one part, or of several."""

    text: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)  # id of a relationship: words that are its link


@dataclass(slots=True)
class _Field:
    code: list[str] = field(default_factory=list)
    result: list[str] = field(default_factory=list)
    has_result: bool = False


def flow(xml: str, contents: Contents) -> Flow:
    """Read a part of running text: of a document, a slide, a drawing. Fields in it are noted."""
    found = Flow()
    open_fields: list[_Field] = []
    link = ""  # relationship of the link around, or of the run that is being read
    of_run = False
    words: list[str] = []
    is_hidden = False

    def finish() -> None:
        nonlocal link
        if link and link not in found.shown:
            found.shown[link] = " ".join("".join(words).split())
        link = ""
        words.clear()

    for match in _TOKEN.finditer(xml):
        closes, name, given, text = match.groups()
        if name in {"t", "Text"}:
            if closes or not text:
                continue
            plain = html.unescape(text)
            if is_hidden:
                found.hidden.append(plain)
                continue
            found.text.append(plain)
            if link:
                words.append(plain)
            for one in open_fields:
                if one.has_result:
                    one.result.append(plain)
        elif name == "r":
            if closes and of_run:
                finish()
                of_run = False
            is_hidden = False
        elif name in {"p", "si"}:
            if closes:
                found.text.append("\n")
        elif name in {"tab", "br", "cr", "tc"}:
            found.text.append("\n" if name == "br" else "\t" if not closes else "")
        elif name == "vanish":
            is_hidden = attributes(given).get("val", "1") not in {"0", "false", "off"}
        elif name == "instrText":
            if open_fields and not closes and not open_fields[-1].has_result:
                open_fields[-1].code.append(html.unescape(text))
        elif name == "fldChar":
            kind = attributes(given).get("fldchartype", "")
            if kind == "begin" and len(open_fields) < DEPTH:
                open_fields.append(_Field())
            elif kind == "separate" and open_fields:
                open_fields[-1].has_result = True
            elif kind == "end" and open_fields:
                last = open_fields.pop()
                fields.note(contents, "".join(last.code), "".join(last.result))
        elif name == "fldSimple":
            if not closes:
                fields.note(contents, attributes(given).get("instr", ""))
        elif name == "hyperlink":
            finish()
            if not closes and not given.endswith("/"):
                link = attributes(given).get("id", "")
        elif name in {"hlinkClick", "hlinkMouseOver"}:
            known = attributes(given)
            if "program" in known.get("action", "") or "macro" in known.get("action", ""):
                contents.mark("launches-program")
            if known.get("id") and not link:
                link, of_run = known["id"], True
    while open_fields:
        last = open_fields.pop()
        fields.note(contents, "".join(last.code), "".join(last.result))
    finish()
    return found


def cells(xml: str) -> str:
    """Read the strings of a table, each on its line."""
    out: list[str] = []
    for match in _CELL.finditer(xml):
        if match[1]:
            out.append(html.unescape(match[1]))
        else:
            out.append("\n")
    return "".join(out)


def plain(xml: str) -> str:
    """Read the text of an OpenDocument part."""
    text = _BLANK.sub(" ", _LINE.sub("\n", xml))
    return html.unescape(_ANY.sub("", text))


def lines(text: str) -> str:
    """Give text with single blanks, without empty lines."""
    return "\n".join(line for piece in text.split("\n") if (line := " ".join(piece.split())))
