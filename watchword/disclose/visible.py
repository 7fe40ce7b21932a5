"""Text from mail made safe to show: nothing hidden, nothing endless, no link that opens by accident."""

import re

# Everything that takes no room or moves what stands around it: controls, format characters (bidi, zero width, tags),
# surrogates, private use, line and paragraph separators, fillers, variation selectors of the supplement.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\uffff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]+"
)
# Persian, Indic scripts and emoji are written with joiners: one between two such characters is honest spelling.
_JOINER = re.compile("(?<=[^\x00-\u036f\u2000-\u206f])[\u200c\u200d](?=[^\x00-\u036f\u2000-\u206f])")
_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_LINK = re.compile(r"\b(h)tt(ps?)(://)([^\s/?#<>\"']*)|\b(ftp|www)([.:])(?=\S)", re.IGNORECASE)
_NOTE = 40  # about as long as the note on what was left out: less than that is not worth a cut
_HOST = re.compile(r"(?<=[^\s\[])\.(?=[^\s\]])")


def _name(run: re.Match[str]) -> str:
    text = run.group()
    shown = f"⟨U+{ord(text[0]):04X}⟩"
    if len(text) > 1:
        shown = (
            "".join(f"⟨U+{ord(c):04X}⟩" for c in text) if len(text) <= 3 else f"{shown[:-1]} and {len(text) - 1} more⟩"
        )
    return shown


def visible(text: str) -> str:
    """Show control, bidi and invisible characters by name, as `⟨U+202E⟩`; line ends and tabs stay."""
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    joined = {match.start() for match in _JOINER.finditer(text)}
    if joined:
        # A kept joiner is set aside under a character that never survives otherwise.
        pieces = []
        last = 0
        for start in sorted(joined):
            pieces += [_INVISIBLE.sub(_name, text[last:start]), text[start]]
            last = start + 1
        text = "".join([*pieces, _INVISIBLE.sub(_name, text[last:])])
    else:
        text = _INVISIBLE.sub(_name, text)
    return _MARKS.sub(r"\1⟨more marks⟩", text)


def one_line(text: str) -> str:
    """The same on one line, for a terminal or a heading."""
    return " ".join(visible(text).split())


def folded(text: str, limit: int) -> str:
    """Cut a text much longer than `limit` characters in the middle, and say how much was left out."""
    if len(text) <= limit + _NOTE:
        return text
    head = limit * 3 // 4
    tail = limit - head
    return f"{text[:head]} … [{len(text) - limit:,} characters left out] … {text[len(text) - tail :]}"


def defanged(text: str) -> str:
    """Write links so that no program opens them: `hxxps://host[.]example/path`. The rest of the text stays."""

    def link(match: re.Match[str]) -> str:
        if match.group(5):
            return f"{match.group(5)}[{match.group(6)}]"
        return f"{match.group(1)}xx{match.group(2)}{match.group(3)}{_HOST.sub('[.]', match.group(4))}"

    return _LINK.sub(link, text)


def defanged_link(url: str) -> str:
    """Write one link so that no program opens it, whatever its scheme."""
    if re.match(r"https?://", url, re.IGNORECASE):
        return defanged(url)
    scheme, colon, rest = url.partition(":")
    if not colon or not scheme.isalnum():
        return _HOST.sub("[.]", url)
    return f"{scheme}[:]{_HOST.sub('[.]', rest).replace('@', '[@]')}"
