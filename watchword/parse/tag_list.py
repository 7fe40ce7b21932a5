"""Tag lists, as DKIM-Signature, ARC fields and key records hold them (RFC 6376 3.2)."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLANKS = " \t\r\n"


def tag_list(text: str) -> tuple[dict[str, str], str]:
    """Read `a=b; c=d` into its tags, and say what makes the whole list invalid: empty, or a word for the fault.

    A doubled tag keeps its first value. Values keep the blanks inside them; those around them are dropped.
    """
    tags: dict[str, str] = {}
    problem = "control-character" if _CONTROL.search(text) else ""
    pieces = text.split(";")
    if not pieces[-1].strip(_BLANKS):
        pieces.pop()  # a semicolon may stand at the end, but nowhere else without a tag
    for piece in pieces:
        name, equals, value = piece.partition("=")
        name = name.strip(_BLANKS)
        if not equals or not _NAME.fullmatch(name):
            problem = problem or "tag-unreadable"
        elif name in tags:
            problem = problem or "tag-twice"
        else:
            tags[name] = value.strip(_BLANKS)
    return tags, problem
