"""PDF written by hand for tests: pages, links, actions, embedded files, and old encryption (RC4, 40 or 128 bits)."""

import functools
import hashlib
import re
import zlib
from dataclasses import dataclass, field

_PAD = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_ID = bytes(16)
_PERMISSIONS = -4
_STRING = re.compile(rb"\(([^()]*)\)")


def rc4(key: bytes, data: bytes) -> bytes:
    """Encipher, or decipher, which is the same."""
    state = list(range(256))
    other = 0
    for at in range(256):
        other = (other + state[at] + key[at % len(key)]) % 256
        state[at], state[other] = state[other], state[at]
    one = other = 0
    out = bytearray()
    for byte in data:
        one = (one + 1) % 256
        other = (other + state[one]) % 256
        state[one], state[other] = state[other], state[one]
        out.append(byte ^ state[(state[one] + state[other]) % 256])
    return bytes(out)


def _many(key: bytes, data: bytes, rounds: int) -> bytes:
    """Encipher with a key that changes from round to round."""
    for number in range(rounds):
        data = rc4(bytes(byte ^ number for byte in key), data)
    return data


def _digest(data: bytes, bits: int) -> bytes:
    """Make a key of a password; of 128 bits, its digest is digested fifty times more."""
    for _ in range(51 if bits > 40 else 1):
        data = hashlib.md5(data).digest()  # noqa: S324  # as ISO 32000-1, 7.6.3.3 has it
    return data[: bits // 8]


def _enciphered(key: bytes, found: re.Match[bytes]) -> bytes:
    return b"<%b>" % rc4(key, found[1]).hex().encode()


@dataclass
class Pdf:
    """A document. Objects 1 to 3 are the catalogue, the pages and a font; `add` gives the number of a further one."""

    catalogue: bytes = b""
    objects: list[tuple[bytes, bytes | None]] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)

    def add(self, dictionary: bytes, stream: bytes | None = None, packed: bool = True) -> int:
        """Add an object, with a stream that is deflated unless `packed` is false."""
        if stream is not None and packed:
            dictionary, stream = dictionary + b" /Filter /FlateDecode", zlib.compress(stream)
        self.objects.append((dictionary, stream))
        return len(self.objects) + 3

    def page(
        self, text: str = "", *annotations: bytes, drawing: bytes = b"", resources: bytes = b"", fonts: bytes = b""
    ) -> int:
        """Add a page of 600 x 800 points with lines of text at the top."""
        lines = b"".join(b"(%b) Tj T*\n" % text[at : at + 80].encode() for at in range(0, len(text), 80))
        content = self.add(b"", b"BT /F 12 Tf 14 TL 20 700 Td\n%b ET\n%b" % (lines, drawing))
        notes = b" ".join(b"<< /Type /Annot %b >>" % one for one in annotations)
        self.pages.append(
            self.add(
                b"/Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R /Annots [%b] "
                b"/Resources << /Font << /F 3 0 R %b >> %b >>" % (content, notes, fonts, resources)
            )
        )
        return self.pages[-1]

    def write(self, user: str | None = None, bits: int = 40) -> bytes:
        """Give the file; with `user` encrypted, the empty word being what every program tries by itself."""
        kids = b" ".join(b"%d 0 R" % page for page in self.pages)
        own: list[tuple[bytes, bytes | None]] = [
            (b"/Type /Catalog /Pages 2 0 R " + self.catalogue, None),
            (b"/Type /Pages /Kids [%b] /Count %d" % (kids, len(self.pages)), None),
            (b"/Type /Font /Subtype /Type1 /BaseFont /Helvetica", None),
        ]
        key, trailer = b"", b""
        if user is not None:
            word = (user.encode() + _PAD)[:32]
            rounds, revision = (20, b"/V 2 /R 3 /Length 128") if bits > 40 else (1, b"/V 1 /R 2")
            owner = _many(_digest(_PAD, bits), word, rounds)
            key = _digest(word + owner + _PERMISSIONS.to_bytes(4, "little", signed=True) + _ID, bits)
            proof = _PAD if bits == 40 else hashlib.md5(_PAD + _ID).digest()  # noqa: S324  # as above
            trailer = b"/Encrypt << /Filter /Standard %b /O <%b> /U <%b> /P %d >> /ID [<%b> <%b>]" % (
                revision, owner.hex().encode(), _many(key, proof, rounds).ljust(32, b"\0").hex().encode(),
                _PERMISSIONS, _ID.hex().encode(), _ID.hex().encode(),
            )  # fmt: skip
        out, places = bytearray(b"%PDF-1.7\n"), []
        for number, (dictionary, stream) in enumerate([*own, *self.objects], 1):
            places.append(len(out))
            if key:
                salt = key + number.to_bytes(3, "little") + bytes(2)
                inner = hashlib.md5(salt).digest()[: bits // 8 + 5]  # noqa: S324  # as above
                dictionary = _STRING.sub(functools.partial(_enciphered, inner), dictionary)
                stream = None if stream is None else rc4(inner, stream)
            out += b"%d 0 obj\n<< %b" % (number, dictionary)
            out += b" >>" if stream is None else b" /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream)
            out += b"\nendobj\n"
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, start)
        return bytes(out)


def link(address: str, box: str = "20 690 120 715") -> bytes:
    """Write a link annotation."""
    return f"/Subtype /Link /Rect [{box}] /A << /S /URI /URI ({address}) >>".encode()
