"""The header of a message or part: bytes to fields, with one regular expression where it is well formed."""

import re

from watchword.parse.part import Defect, Header, Limits

# A well-formed header without NUL and bare CR is matched by this from end to end; anything else is read line by line.
_FIELD = re.compile(rb"(?m)^([!-9;-~]++):([^\n]*+(?:\n[ \t]++[^ \t\r\n][^\n]*+)*+)\n")
_NAME = re.compile(rb"([!-9;-~\0]{1,500})([ \t]*+):(?!//)")
_BARE_CR = re.compile(rb"\r++(?!\n)([!-9;-~]{1,100})[ \t]*+:")
# After a line that is no field, the header goes on only with a field that mail really has.
_KNOWN = re.compile(
    rb"(?mi)^(?:content-[a-z-]{1,40}|mime-version|from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|"
    rb"references|return-path|received|delivered-to|dkim-signature|authentication-results|list-[a-z-]{1,20}|"
    rb"x-[a-z0-9-]{1,60})[ \t]*+:(?!//)"
)
_new = tuple.__new__
_names: dict[bytes, str] = {}


def _lower(name: bytes) -> str:
    text = name.decode("latin-1").lower()
    if len(_names) < 5_000 and len(name) < 80:
        _names[name] = text
    return text


def read_header(
    view: bytes, start: int, stop: int, part: int, limits: Limits, defects: list[Defect]
) -> tuple[list[Header], int]:
    """Read the fields between two offsets; the second value is where the body starts if that is before `stop`, or -1.

    `stop` is the offset of the empty line, or of what else ends the header.
    """
    if stop - start > limits.header_block:
        defects.append(Defect("limit-header-block", part, start, f"{stop - start} bytes"))
        stop = start + limits.header_block
    block = view[start:stop]
    headers: list[Header] = []
    position = start
    lines = block.count(b"\n")
    crlf = b"\r" in block
    if b"\0" not in block and (not crlf or lines == block.count(b"\r") == block.count(b"\r\n")):
        append = headers.append
        known = _names.get
        for name, raw in _FIELD.findall(block):
            after = position + len(name) + len(raw) + 2
            append(_new(Header, (known(name) or _lower(name), position, after, raw[:-1] if crlf else raw)))
            position = after
    body = -1
    if position != stop:
        headers, body = _read_lines(view, start, stop, part, limits, defects)
    if len(headers) > limits.headers:
        defects.append(Defect("limit-headers", part, headers[limits.headers].start, f"{len(headers)} fields"))
        del headers[limits.headers :]
    if stop - start > limits.header_bytes:
        for number, header in enumerate(headers):
            if len(header.raw) > limits.header_bytes:
                defects.append(
                    Defect("limit-header-bytes", part, header.start, f"{header.name[:60]}: {len(header.raw)}")
                )
                headers[number] = header._replace(raw=header.raw[: limits.header_bytes])
    return headers, body


def _read_lines(
    view: bytes, start: int, stop: int, part: int, limits: Limits, defects: list[Defect]
) -> tuple[list[Header], int]:
    headers: list[Header] = []
    seen: set[str] = set()  # each kind is told once for a header: a thousand bad lines say no more than one

    def tell(kind: str, offset: int, detail: bytes = b"") -> None:
        if kind not in seen:
            seen.add(kind)
            defects.append(Defect(kind, part, offset, detail[:200].decode("utf-8", "replace")))

    field: tuple[str, int, int] | None = None  # name, where it starts, where its value starts

    def finish(end: int) -> None:
        if field is None:
            return
        name, begin, value = field
        raw = view[value:end]
        raw = raw[:-2] if raw.endswith(b"\r\n") else raw[:-1] if raw.endswith((b"\n", b"\r")) else raw
        headers.append(Header(name, begin, end, raw))
        if b"\0" in raw:
            tell("nul-in-header", begin, raw)
        if b"\r" in raw and raw.count(b"\r") != raw.count(b"\r\n"):
            tell("bare-cr-in-header", begin, raw)
            # Another program ends the line at a bare CR, and so sees another field here.
            for hidden in _BARE_CR.finditer(raw):
                rest = raw.find(b"\r", hidden.end())
                rest = len(raw) if rest < 0 else rest
                headers.append(
                    Header(_lower(hidden[1]), value + hidden.start(1), value + rest, raw[hidden.end() : rest])
                )

    position = start
    while position < stop and len(headers) <= limits.headers:
        end = view.find(b"\n", position, stop) + 1 or stop
        first = view[position]
        if first in b" \t" and field is not None:
            if not view[position : min(end, position + 4_096)].strip() and not view[position:end].strip():
                following = view[end : min(end + 600, stop)]
                if following and following[0] not in b" \t" and not _NAME.match(following):
                    tell("blank-line-ends-header", position)
                    finish(position)
                    return headers, end
                tell("blank-line-in-header", position)
            position = end
            continue
        found = _NAME.match(view, position, min(end, position + 1_000))
        if found:
            finish(position)
            name = found[1]
            if b"\0" in name:
                tell("nul-in-header", position, name)
                name = name.replace(b"\0", b"")
            if found[2]:
                tell("blank-before-colon", position, name)
            field = (_names.get(name) or _lower(name), position, found.end())
            position = end
            continue
        finish(position)
        field = None
        if view.startswith(b"--", position):  # as good as always a delimiter
            tell("header-without-end", position, view[position : min(end, position + 200)].strip())
            return headers, position
        following_field = _KNOWN.search(view, end, stop) if end < stop else None
        if not following_field:
            tell("header-without-end", position, view[position : min(end, position + 200)].strip())
            return headers, position
        tell("line-in-header", position, view[position : min(end, position + 200)].strip())
        position = following_field.start()
    finish(position if field is None else min(position, stop))
    return headers, -1
