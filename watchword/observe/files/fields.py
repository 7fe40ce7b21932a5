"""Field codes of Word (ISO/IEC 29500-1 17.16), as they also stand in RTF and in the old binary format."""

import re

from watchword.observe.files import Contents, Reading

_CODE = re.compile(r"\s*([A-Za-z]{2,20})\b")
_TARGET = re.compile(r"(?:\\[a-z]\s+)*(?:\"([^\"]{1,8000})\"|'([^']{1,8000})'|([^\s\"\\]\S{0,8000}|\\\\\S{1,8000}))")
_REMOTE = re.compile(
    r"\s*(?:(?:https?|ftp|smb|ldap|ms-\w+|mhtml|x-usc|webcal|rtsp|mms)\s*:|\\\\[\w.%-]|//[\w.%-]|file:(?://)?[/\\]{2}[\w.%-]"
    r"|file://[\w.%-])",
    re.IGNORECASE,
)
_LOADS = {
    "INCLUDEPICTURE": "remote-image",
    "INCLUDETEXT": "external-object",
    "INCLUDE": "external-object",
    "IMPORT": "remote-image",
    "LINK": "external-object",
    "DATABASE": "external-object",
    "RD": "external-object",
    "HTMLCONTROL": "external-object",
}
CODE = 4_000  # characters


def is_remote(target: str) -> bool:
    """Tell whether an address lies on another machine, and not on the author's disk."""
    return _REMOTE.match(target) is not None


def note(contents: Contents, instruction: str, shown: str = "") -> None:
    """Note where a field leads, what it loads or starts. `shown` is its result, which the reader sees."""
    code = _CODE.match(instruction)
    if code is None:
        return
    name = code[1].upper()
    rest = instruction[code.end() : code.end() + CODE].replace("\\\\", "\\")
    if name in {"DDE", "DDEAUTO"}:
        contents.mark("dde")
        contents.texts.append(Reading("field", instruction.strip()[:CODE], is_code=True))
        return
    if name != "HYPERLINK" and name not in _LOADS:
        return
    if name == "LINK":  # the program's name stands before the address
        rest = rest.strip().partition(" ")[2]
    found = _TARGET.match(rest.lstrip())
    target = (found[1] or found[2] or found[3] or "").strip() if found else ""
    if not target or (name == "HYPERLINK" and rest.lstrip().startswith("\\l")):
        return
    contents.link("field", target, shown.strip() if name == "HYPERLINK" else "")
    if name in _LOADS and is_remote(target):
        contents.mark(_LOADS[name])
