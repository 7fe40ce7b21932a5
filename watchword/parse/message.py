"""What the room `parse` gives to the others: a message of headers and parts, all as offsets into the raw bytes."""

import re
from collections.abc import KeysView, Set

from watchword.parse.charset import read
from watchword.parse.decode import BEGIN, IDENTITY, text_after_base64, undo
from watchword.parse.fields import mailboxes
from watchword.parse.part import Defect, Header, Limits, Part
from watchword.parse.split import Splitter
from watchword.parse.words import base64_pieces

__all__ = ["Defect", "Header", "Limits", "Message", "Part", "parse"]

# The separator of an mbox file, left on top of a message: `From address date`. `From : x` is a field, not this.
_ENVELOPE = re.compile(rb">?From (?![ \t]*:)[^\r\n]{0,500}\d\d:\d\d[^\r\n]{0,200}\r?\n|>?From [^\s:]{1,300}[ \t]*\r?\n")
_FIELD_FOLLOWS = re.compile(rb"(?:[ \t]*+\r?\n){1,100}+([!-9;-~]{1,100}[ \t]*+:(?!//))")
# RFC 5322 3.6: fields that a message has at most once.
_ONCE = frozenset(
    ("date", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject")
)


LIMITS = Limits()


class Message:
    """A parsed message. `parts[0]` is the message itself; parts stand in the order of the bytes."""

    __slots__ = ("_buffers", "_cuts", "_decoded", "_fields", "_followed", "_limits", "_padded", "_texts", "_view",
                 "data", "defects", "headers", "parts")  # fmt: skip

    data: bytes
    headers: list[Header]
    parts: list[Part]
    defects: list[Defect]

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Use `parse`."""
        self.data = data
        self.parts = []
        self.defects = []
        self._limits = limits
        self._buffers: dict[int, bytes] = {}
        self._cuts: dict[int, list[tuple[int, int]]] = {}
        self._decoded: dict[int, bytes] = {}
        self._followed: set[int] = set()  # base64 parts with plain text after them
        self._padded: set[int] = set()  # base64 parts that go on after their padding
        self._texts: dict[int, str] = {}
        self._fields: dict[str, list[Header]] | None = None
        self._view = data
        start = self._begin()
        Splitter(self._view, limits, self.parts, self.defects, self._buffers, self._cuts).run(start, -1, 0)
        self.headers = self.parts[0].headers
        self._check()
        if len(self.defects) > limits.defects:
            del self.defects[limits.defects :]
            self.defects.append(Defect("limit-defects", 0, 0))

    def _begin(self) -> int:
        """Find where the header starts, and read a message whose lines end in bare CR as other programs do."""
        data = self.data
        start = 0
        if data.startswith(b"\xef\xbb\xbf"):
            self.defects.append(Defect("byte-order-mark", 0, 0))
            start = 3
        first = data.find(b"\r")
        if first >= 0 and data[first + 1 : first + 2] != b"\n":
            bare = data.count(b"\r") - data.count(b"\r\n")
            if bare and bare > data.count(b"\n"):
                self.defects.append(Defect("bare-cr-message", 0, first, f"{bare} bare CR"))
                # At C speed and of the same length, so that offsets hold; a NUL stands in for the CR of CRLF.
                data = data.replace(b"\r\n", b"\0\n").replace(b"\r", b"\n").replace(b"\0\n", b"\r\n")
                self._view = data
        if data.startswith((b"From ", b">From "), start):
            found = _ENVELOPE.match(data, start)
            if found:
                self.defects.append(
                    Defect("envelope-line", 0, start, found[0][:200].decode("utf-8", "replace").strip())
                )
                start = found.end()
        if data[start : start + 1] in (b"\n", b"\r", b" ", b"\t"):
            found = _FIELD_FOLLOWS.match(data, start)
            if found:
                self.defects.append(Defect("blank-line-before-header", 0, start))
                start = found.start(1)
        return start

    def _check(self) -> None:
        """Note header fields that can be read in two ways."""
        fields = self._index()
        if len(fields) != len(self.headers):
            for name in _ONCE & fields.keys():
                several = fields[name]
                if len(several) > 1:
                    self.defects.append(Defect("field-twice", 0, several[1].start, name))
        for name in ("to", "cc", "from"):
            for header in fields.get(name, ())[:100]:
                if len(header.raw) > self._limits.addresses and header.raw.count(b"@") > self._limits.addresses:
                    self.defects.append(Defect("limit-addresses", 0, header.start, name))
        senders = fields.get("from")
        if not senders:
            self.defects.append(Defect("from-missing", 0, 0))
            return
        if len(senders) > 1:
            shown = " | ".join(one.value[:90] for one in senders)[:200]
            self.defects.append(Defect("two-from-fields", 0, senders[1].start, shown))
        for header in senders[:10]:
            raw = header.raw
            if b"," in raw or b";" in raw or raw.count(b"@") > 1 or raw.count(b"<") > 1 or b"\r" in raw:
                found = {one.address: None for one in mailboxes(raw, self._limits.addresses) if one.address}
                if len(found) > 1:
                    self.defects.append(Defect("several-from-addresses", 0, header.start, " | ".join(found)[:200]))

    def _index(self) -> dict[str, list[Header]]:
        if self._fields is None:
            fields: dict[str, list[Header]] = {}
            self._fields = fields
            for header in self.headers:
                name = header[0]
                if name in fields:
                    fields[name].append(header)
                else:
                    fields[name] = [header]
        return self._fields

    def first(self, name: str) -> Header | None:
        """Give the topmost header field of that (lower-case) name."""
        found = self._index().get(name)
        return found[0] if found else None

    def all(self, name: str) -> list[Header]:
        """Give every header field of that (lower-case) name, topmost first."""
        return self._index().get(name, [])

    def names(self) -> KeysView[str]:
        """Give the (lower-case) names of all header fields."""
        return self._index().keys()

    def named(self, names: Set[str]) -> list[Header]:
        """Give every header field of those (lower-case) names, topmost first."""
        if self._index().keys().isdisjoint(names):
            return []
        return [header for header in self.headers if header[0] in names]

    def raw(self, part: Part) -> bytes:
        """Give the bytes of a part's body as they stand, still transfer-encoded."""
        buffer = self._view if part.inside < 0 else self._buffers[part.inside]
        return buffer[part.body_start : part.body_stop]

    def decode(self, part: Part) -> bytes:
        """Undo the transfer encoding of a leaf, as far as possible; oddities are appended to `defects`.

        Uuencoded files are cut out of a text, as they are parts of their own.
        """
        done = self._decoded.get(part.index)
        if done is None:
            done, kind = self._undo(part, part.encoding)
            if kind:
                self.defects.append(Defect(kind, part.index, self._offset(part), part.encoding[:200]))
            if kind == "text-after-base64":
                self._followed.add(part.index)
            elif kind == "base64-after-padding":
                self._padded.add(part.index)
            if len(done) > self._limits.decoded:
                self.defects.append(Defect("limit-decoded", part.index, self._offset(part), f"{len(done)} bytes"))
                done = done[: self._limits.decoded]
            self._decoded[part.index] = done
        return done

    def _undo(self, part: Part, encoding: str) -> tuple[bytes, str]:
        raw = self.raw(part)
        cuts = self._cuts.get(part.index)
        if cuts and encoding in IDENTITY:
            kept, last = [], 0
            for start, stop in cuts:
                kept.append(raw[last:start])
                last = stop
            raw = b"".join([*kept, raw[last:]])
        elif part.kind == "uuencode":
            return undo(self._begin_line(part) + raw, encoding)
        return undo(raw, encoding)

    def _begin_line(self, part: Part) -> bytes:
        buffer = self._view if part.inside < 0 else self._buffers[part.inside]
        found = BEGIN.match(buffer, part.start)
        return found[0] if found else b""

    def _offset(self, part: Part) -> int:
        while part.inside >= 0:
            part = self.parts[part.inside]
        return part.body_start

    def readings(self, part: Part) -> list[bytes]:
        """Give the decoded bytes of every reading of a leaf, without repeats; `decode` is the first."""
        out = [self.decode(part)]
        if part.index in self._followed:
            raw = self.raw(part)
            out += [text_after_base64(raw.strip()), base64_pieces(raw)]
        for encoding in dict.fromkeys(encoding for _, encoding in part.readings):
            if encoding != part.encoding:
                other = self._undo(part, encoding)[0][: self._limits.decoded]
                if other not in out:
                    out.append(other)
        return out

    def texts(self, part: Part) -> list[str]:
        """Give the text of every reading of a leaf; `text` is the first, and nearly always the only one."""
        out = [self.text(part), *(read(one, part.charset)[0] for one in self.readings(part)[1:])]
        if part.index in self._padded:
            # Some programs stop at the padding, and what follows may be no text at all.
            first = undo(self.raw(part).partition(b"=")[0] + b"==", part.encoding)[0]
            if read(self.decode(part), part.charset)[1] and not read(first, part.charset)[1]:
                out.append(read(first, part.charset)[0])
        return out

    def text(self, part: Part) -> str:
        """Give a leaf's text by its charset as browsers read it (WHATWG), else by what fits."""
        done = self._texts.get(part.index)
        if done is None:
            done, kind = read(self.decode(part), part.charset)
            if kind:
                self.defects.append(Defect(kind, part.index, self._offset(part), part.charset))
            self._texts[part.index] = done
        return done


def parse(data: bytes, limits: Limits = LIMITS) -> Message:
    """Parse one message. Never raises; linear in the length of `data`."""
    return Message(data, limits)
