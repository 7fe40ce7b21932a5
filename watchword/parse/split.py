"""A message cut into parts (RFC 2046 5) in one pass over the lines that start with `--`, without recursion."""

import re

from watchword.parse.decode import IDENTITY, undo, uuencoded
from watchword.parse.describe import Parameters, describe, read_parameters
from watchword.parse.header import read_header
from watchword.parse.part import Defect, Limits, Part

MESSAGES = frozenset(("message/rfc822", "message/global", "message/news"))
_MARKS = (b"://", b"www.", b"<a", b"href", b"=3d")
_LOOKS_LIKE_HEADER = re.compile(rb"\s{0,20}[A-Za-z][A-Za-z0-9-]{1,50}[ \t]*+:(?!//)")
_EMPTY_LINE = re.compile(rb"\n\r?\n")  # one search for both line ends is the fastest
_FIRST_DELIMITER = re.compile(rb"\s{0,200}--([^\r\n]{1,200})\r?\n")
CANDIDATES = 200_000  # lines like delimiters that are looked at in one buffer
DELIMITER = 1_000  # bytes of a boundary that are compared; RFC 2046 allows 70


class _Open:
    """A part whose end is not yet known."""

    __slots__ = ("children", "closed", "delimiters", "part", "repeated", "text_start")

    def __init__(self, part: Part, delimiters: list[bytes]) -> None:
        self.part = part
        self.delimiters = delimiters  # each with its leading `--`; none for a leaf or a nested message
        self.children = 0
        self.closed = False
        self.repeated = False  # closed more than once
        self.text_start = part.body_start  # where text that belongs to no part begins


class Splitter:
    """Cuts one buffer into parts, and buffers inside it where a nested message is transfer-encoded."""

    def __init__(
        self,
        view: bytes,
        limits: Limits,
        parts: list[Part],
        defects: list[Defect],
        buffers: dict[int, bytes],
        cuts: dict[int, list[tuple[int, int]]],
        inside: int = -1,
    ) -> None:
        """`parts`, `defects`, `buffers` and `cuts` are appended to."""
        self.view = view
        self.limits = limits
        self.parts = parts
        self.defects = defects
        self.buffers = buffers
        self.cuts = cuts
        self.inside = inside
        self.stack: list[_Open] = []
        self.active: dict[bytes, list[_Open]] = {}
        self.hits: dict[bytes, int] = {}  # where each active delimiter stands next
        self.blank = (-1, -1)  # the last empty line found: the search never looks at a byte twice

    def tell(self, kind: str, part: int, offset: int, detail: str = "") -> None:
        """Add a defect; offsets inside a decoded message are given as the offset of the part that holds it."""
        if self.inside >= 0:
            offset = self.parts[self.inside].body_start
        self.defects.append(Defect(kind, part, offset, detail[:200]))

    # ------------------------------------------------------------ the pass

    def run(self, start: int, parent: int, depth: int, encoded: int = 0) -> None:
        """Cut the buffer from `start`; `encoded` counts the transfer encodings around it."""
        view, end = self.view, len(self.view)
        self.encoded = encoded
        position = self.open(start, parent, depth, "")
        active = self.active
        looked = 0
        while active:
            looked += 1
            if looked > CANDIDATES:
                self.tell("limit-parts", self.stack[-1].part.index, position)
                break
            position = self.next_delimiter(position)
            if position < 0:
                break
            stop = view.find(b"\n", position + 1, position + DELIMITER + 200)
            stop = stop if stop >= 0 else min(end, position + DELIMITER + 200)
            line = view[position + 1 : stop].rstrip()
            owners = active.get(line)
            closing = False
            if owners is None and line[-2:] == b"--":
                owners = active.get(line[:-2].rstrip())
                closing = True
            if not owners:
                position += 3
                continue
            if len(self.parts) >= self.limits.parts and not closing:
                self.tell("limit-parts", owners[-1].part.index, position + 1)
                break
            position = self.delimiter(owners, closing, position, stop)
        while self.stack:
            self.close(end)

    def next_delimiter(self, position: int) -> int:
        """Find the next line that may be a delimiter; -1 if there is none."""
        view = self.view
        if len(self.active) > 4:  # many at once: one search for what all have in common keeps this linear
            return view.find(b"\n--", position)
        best = -1
        for delimiter in self.active:
            hit = self.hits.get(delimiter, -2)
            if -1 != hit < position:
                hit = self.hits[delimiter] = view.find(b"\n" + delimiter, position)
            if hit >= 0 and (best < 0 or hit < best):
                best = hit
        return best

    def delimiter(self, owners: list[_Open], closing: bool, position: int, stop: int) -> int:
        """Act on a delimiter line; gives where to go on."""
        owner = next((one for one in reversed(owners) if not one.closed), owners[-1])
        before = position - 1 if self.view[position - 1 : position] == b"\r" else position
        before = max(before, owner.text_start)
        while self.stack[-1] is not owner:
            self.close(before)
        part = owner.part
        if not owner.children:
            self.outside(owner, owner.text_start, before, "preamble")
        elif owner.closed:
            self.outside(owner, owner.text_start, before, "epilogue")
        after = min(stop + 1, len(self.view))
        if closing:
            if owner.closed and not owner.repeated:
                self.tell("delimiter-after-end", part.index, position + 1)
            owner.repeated = owner.closed
            owner.closed = True
            owner.text_start = after
            owner.children = owner.children or 1
            return stop if stop < len(self.view) else len(self.view)
        owner.children += 1
        kind = ""
        if owner.closed:
            kind = "beyond"
            self.tell("parts-after-end", part.index, position + 1)
        owner.text_start = after
        return self.open(after, part.index, part.depth + 1, kind)

    def close(self, end: int) -> None:
        """End the innermost open part at `end`."""
        entry = self.stack.pop()
        part = entry.part
        part.body_stop = max(end, part.body_start)
        if entry.delimiters:
            for delimiter in entry.delimiters:
                owners = self.active[delimiter]
                owners.remove(entry)
                if not owners:
                    del self.active[delimiter]
            if not entry.children:
                self.without_parts(part)
            elif entry.closed:
                self.outside(entry, entry.text_start, part.body_stop, "epilogue")
            else:
                self.tell("multipart-not-closed", part.index, part.body_stop)
        if part.kind in ("leaf", "beyond"):
            self.look_inside(part)

    def without_parts(self, part: Part) -> None:
        """A multipart in which no delimiter stands is shown as text."""
        self.tell("multipart-without-parts", part.index, part.body_start, part.content_type)
        part.readings.append((part.content_type, part.encoding))
        part.kind, part.content_type = "leaf", "text/plain"

    # ------------------------------------------------------------ one part

    def header_stop(self, position: int) -> tuple[int, int]:
        """Find the empty line that ends a header which starts here: its offset, and the offset after it."""
        view = self.view
        if view.startswith(b"\n", position):
            return position, position + 1
        if view.startswith(b"\r\n", position):
            return position, position + 2
        if self.blank[0] < position:
            found = _EMPTY_LINE.search(view, position)
            self.blank = (found.start() + 1, found.end()) if found else (len(view), len(view))
        return self.blank

    def open(self, position: int, parent: int, depth: int, kind: str) -> int:
        """Open the part whose header starts at `position`, and the messages nested in it; gives where to go on."""
        while True:
            stop, body = self.header_stop(position)
            if self.active and stop > position:
                stop, body = self.cut_header(position, stop, body)
            index = len(self.parts)
            headers, early = read_header(self.view, position, stop, index, self.limits, self.defects)
            if early >= 0:
                body = early
            part = _blank(index, parent, depth, position, body, kind or "leaf", self.inside)
            part.headers = headers
            is_digest = parent >= 0 and self.parts[parent].content_type == "multipart/digest"
            self.classify(part, describe(part, "message/rfc822" if is_digest else "text/plain", self.tell))
            self.parts.append(part)
            delimiters: list[bytes] = []
            if part.kind == "multipart":
                delimiters = self.delimiters(part)
            entry = _Open(part, delimiters)
            self.stack.append(entry)
            for delimiter in delimiters:
                self.active.setdefault(delimiter, []).append(entry)
            if part.kind != "message":
                return max(body - 1, 0)
            parent, depth, position, kind = index, depth + 1, body, ""

    def cut_header(self, position: int, stop: int, body: int) -> tuple[int, int]:
        """End a header where a delimiter stands in it."""
        view = self.view
        line = position - 1
        while True:
            line = view.find(b"\n--", line, stop)
            if line < 0:
                return stop, body
            end = view.find(b"\n", line + 1, line + DELIMITER + 200)
            text = view[line + 1 : end if end >= 0 else line + DELIMITER + 200].rstrip()
            if text in self.active or (text[-2:] == b"--" and text[:-2].rstrip() in self.active):
                return line + 1, line + 1
            line += 3

    def classify(self, part: Part, types: list[tuple[str, Parameters]]) -> None:
        """Say whether the part holds others."""
        content_type = part.content_type
        if not content_type.startswith("multipart/"):
            other = next((kind for kind, _ in types[1:] if kind.startswith("multipart/")), "")
            if other:  # one program sees a text, another sees parts: the parts hold all that the text holds
                part.content_type = content_type = other
                part.readings = [one for one in part.readings if one[0] != other] + [("text/plain", part.encoding)]
        deep = part.depth >= self.limits.depth
        if content_type.startswith("multipart/"):
            if deep:
                self.tell("limit-depth", part.index, part.start)
                part.content_type = "text/plain"
                part.readings.append((content_type, part.encoding))
            else:
                part.kind = "multipart"
        elif content_type in MESSAGES:
            if deep:
                self.tell("limit-depth", part.index, part.start)
            elif len(self.parts) + 1 >= self.limits.parts:
                self.tell("limit-parts", part.index, part.start)
            elif part.encoding in IDENTITY or _LOOKS_LIKE_HEADER.match(self.view, part.body_start):
                if part.encoding not in IDENTITY:
                    self.tell("nested-message-not-encoded", part.index, part.start, part.encoding)
                    part.readings.append((content_type, part.encoding))
                    part.encoding = ""
                part.kind = "message"
        elif content_type == "message/partial":
            self.tell("message-partial", part.index, part.start, str(part.parameters)[:200])
            # The first piece begins with the header of the message that is to be put together.
            if (
                part.parameters.get("number") == "1"
                and part.encoding in IDENTITY
                and not deep
                and len(self.parts) + 1 < self.limits.parts
                and _LOOKS_LIKE_HEADER.match(self.view, part.body_start)
            ):
                part.kind = "message"
        elif content_type == "message/external-body":
            self.tell("message-external-body", part.index, part.start, str(part.parameters)[:200])

    def delimiters(self, part: Part) -> list[bytes]:
        """Give the delimiter of every reading of `boundary`."""
        boundaries: dict[bytes, None] = {}
        for header in part.headers:
            if header.name == "content-type":
                for one in read_parameters(header.raw)[1].get("boundary", ()):
                    text = one.rstrip()[:DELIMITER]
                    if text:
                        try:
                            boundaries[text.encode("latin-1")] = None
                        except UnicodeEncodeError:
                            boundaries[text.encode("utf-8", "surrogateescape")] = None
        if len(boundaries) > 1:
            shown = " | ".join(one.decode("latin-1") for one in boundaries)
            self.tell("two-boundaries", part.index, part.start, shown)
        if not boundaries or self.is_absent(part, boundaries):
            found = _FIRST_DELIMITER.match(self.view, part.body_start)
            if not boundaries:
                self.tell("boundary-missing", part.index, part.start)
            elif found and _LOOKS_LIKE_HEADER.match(self.view, found.end()):
                self.tell("boundary-wrong", part.index, part.start, found[1].decode("latin-1"))
            else:
                found = None
            if found and found[1].rstrip():
                boundaries[found[1].rstrip()] = None
        delimiters = [b"--" + one for one in list(boundaries)[:20]] or [b"\n"]  # a line never holds a line end
        for delimiter in delimiters:
            if delimiter in self.active:
                self.tell("boundary-reused", part.index, part.start, delimiter[2:].decode("latin-1"))
        return delimiters

    def is_absent(self, part: Part, boundaries: dict[bytes, None]) -> bool:
        """Tell whether the outermost multipart uses none of the boundaries that it declares."""
        if part.index or self.inside >= 0:
            return False
        return all(self.view.find(b"--" + one, part.body_start) < 0 for one in boundaries)

    # ------------------------------------------------------------ text beside and inside parts

    def outside(self, owner: _Open, start: int, stop: int, kind: str) -> None:
        """Keep what stands before the first part or after the last, where it says something."""
        text = self.view[start : min(stop, start + 1_000_000)].strip()
        if not text or (kind == "preamble" and _is_boilerplate(text)):
            return
        if len(self.parts) >= self.limits.parts:
            return
        index = len(self.parts)
        self.tell(kind, index, start, text[:200].decode("utf-8", "replace"))
        part = _blank(index, owner.part.index, owner.part.depth + 1, start, start, kind, self.inside)
        part.body_stop = stop
        self.parts.append(part)

    def look_inside(self, part: Part) -> None:
        """Open what a finished leaf encloses: a transfer-encoded message, or uuencoded files in a text."""
        if part.content_type in MESSAGES:
            if part.encoding not in IDENTITY:
                self.nested(part)
            return
        if part.encoding not in IDENTITY or part.body_stop - part.body_start < 20:
            return
        view = self.view
        if view.find(b"begin", part.body_start, part.body_stop) < 0:
            return
        for start, lines, stop, name in uuencoded(view[part.body_start : part.body_stop]):
            if len(self.parts) >= self.limits.parts:
                return
            base = part.body_start
            index = len(self.parts)
            cut = _blank(index, part.index, part.depth + 1, base + start, base + lines, "uuencode", self.inside)
            cut.body_stop = base + stop
            cut.content_type, cut.encoding, cut.disposition = "application/octet-stream", "uuencode", "attachment"
            cut.names = [name]
            self.parts.append(cut)
            self.cuts.setdefault(part.index, []).append((start, stop))
            self.tell("uuencode", index, base + start, name)

    def nested(self, part: Part) -> None:
        """Cut a message that is itself transfer-encoded; its offsets count in the decoded bytes."""
        if self.encoded >= self.limits.encoded_depth or part.depth >= self.limits.depth:
            self.tell("limit-depth", part.index, part.start)
            return
        if len(self.parts) >= self.limits.parts:
            self.tell("limit-parts", part.index, part.start)
            return
        raw = self.view[part.body_start : part.body_stop]
        data = undo(raw, part.encoding)[0][: self.limits.decoded]
        self.tell("nested-message-encoded", part.index, part.start, part.encoding)
        part.kind = "message"
        self.buffers[part.index] = data
        inner = Splitter(data, self.limits, self.parts, self.defects, self.buffers, self.cuts, part.index)
        inner.run(0, part.index, part.depth + 1, self.encoded + 1)


def _is_boilerplate(text: bytes) -> bool:
    """Whether a preamble is what mailers write there for readers without MIME."""
    text = text.lower()
    return len(text) < 600 and (b"mime" in text or b"multi" in text) and not any(mark in text for mark in _MARKS)


def _blank(index: int, parent: int, depth: int, start: int, body: int, kind: str, inside: int) -> Part:
    """A part of which only the place is known."""
    return Part(
        index=index,
        parent=parent,
        depth=depth,
        headers=[],
        start=start,
        body_start=body,
        body_stop=body,
        content_type="text/plain",
        parameters={},
        charset="",
        disposition="",
        encoding="",
        names=[],
        content_id="",
        kind=kind,
        inside=inside,
    )
