"""The header fields that signatures cover, in the form that is hashed (RFC 6376 3.4.1, 3.4.2, 3.7; RFC 8617 5.1.1)."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

from watchword.parse.message import Header, Message

_SIGNATURE = re.compile(rb"((?:\A|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")  # b= and its value
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_RUN = re.compile(rb"[ \t]+")


class SignedHeader:
    """The header of one message; each field is brought into its canonical form at most once for all signatures."""

    __slots__ = ("_message", "_odd", "_overlapping", "_relaxed", "_simple")

    def __init__(self, message: Message) -> None:
        """Nothing is computed before a digest is asked for."""
        self._message = message
        self._relaxed: dict[str, list[bytes]] = {}
        self._simple: dict[str, list[bytes]] = {}
        head = message.data[: message.parts[0].body_start]
        # `bytes.split` takes more for blanks than RFC 6376 does.
        self._odd = b"\x0b" in head or b"\x0c" in head or head.count(b"\r") != head.count(b"\r\n")
        self._overlapping = any(defect.kind == "bare-cr-in-header" for defect in message.defects)

    def digest(self, header: Header, names: Sequence[str], *, relaxed: bool, algorithm: str) -> str:
        """Hash the fields that `header` signs: of several fields of a name the undermost first (RFC 6376 5.4.2).

        `names` are those of h=, lower case. A name more often there than in the message stands for nothing.
        """
        forms = self._relaxed if relaxed else self._simple
        chunks: list[bytes] = []
        left: dict[str, list[bytes]] = {}
        for name in names:
            rest = left.get(name)
            if rest is None:
                if name == header.name:  # RFC 6376 3.7: itself it signs last and without b=
                    rest = [self._form(one, relaxed) for one in self._fields(name) if one.start != header.start]
                else:
                    known = forms.get(name)
                    if known is None:
                        known = forms[name] = [self._form(one, relaxed) for one in self._fields(name)]
                    rest = known.copy()
                left[name] = rest
            if rest:
                chunks.append(rest.pop())
        chunks.append(self._unsigned(header, relaxed))
        return hashlib.new(algorithm, b"".join(chunks)).hexdigest()

    def seals(self, sets: Mapping[int, tuple[Header, Header, Header, bool]]) -> Iterator[tuple[int, str]]:
        """Give what each ARC-Seal signs: all sets up to its own, in order; one with cv=fail only its own set.

        A set is the results, the message signature, the seal, and whether the seal says fail; the sets are those
        from 1 on, without gaps. The work is linear, however long the chain is.
        """
        chain = hashlib.sha256()
        for number, (results, signature, seal, failed) in sorted(sets.items()):
            own = self._form(results, True) + self._form(signature, True)
            chain.update(own)
            last = hashlib.sha256(own) if failed else chain.copy()
            last.update(self._unsigned(seal, True))
            chain.update(self._form(seal, True))
            yield number, last.hexdigest()

    def _fields(self, name: str) -> list[Header]:
        found = self._message.all(name)
        if not self._overlapping or not found:
            return found
        stop, outer = 0, set()  # what other programs see behind a bare CR is a part of the field before it
        for header in self._message.headers:
            if header.start >= stop:
                stop = header.stop
                outer.add(header.start)
        return [header for header in found if header.start in outer]

    def _form(self, header: Header, relaxed: bool) -> bytes:
        whole = self._message.data[header.start : header.stop]
        if relaxed:
            return header.name.encode("latin-1") + b":" + self._value(whole.partition(b":")[2]) + b"\r\n"
        if b"\r" in whole:
            whole = whole.replace(b"\r\n", b"\n")
        return whole.removesuffix(b"\n").replace(b"\n", b"\r\n") + b"\r\n"

    def _unsigned(self, header: Header, relaxed: bool) -> bytes:
        """Give a signature's own field with an empty b=, without its line end."""
        name, _, value = self._form(header, relaxed).removesuffix(b"\r\n").partition(b":")
        return name + b":" + _SIGNATURE.sub(rb"\1", value, count=1)

    def _value(self, value: bytes) -> bytes:
        if not self._odd:
            return b" ".join(value.split())
        return _RUN.sub(b" ", _FOLD.sub(b"", value.removesuffix(b"\n").removesuffix(b"\r"))).strip(b" ")
