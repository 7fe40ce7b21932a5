"""RTF as Outlook packs it: LZFu (MS-OXRTFCP)."""

import struct

LIMIT = 8 * 1024 * 1024  # bytes unpacked; it packs at most 8 to 1
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_PACKED, _PLAIN = b"LZFu", b"MELA"


def unpack(data: bytes, limit: int = LIMIT) -> tuple[bytes, bool]:
    """Give the RTF, and whether all of it could be read. Linear; never raises."""
    if len(data) < 16:
        return b"", False
    packed, size = struct.unpack_from("<II", data)
    kind = data[8:12]
    if kind == _PLAIN:
        found = data[16 : 16 + min(size, limit)]
        return found, len(found) == size
    if kind != _PACKED:
        return b"", False
    stop = min(len(data), packed + 4)
    out = bytearray(_DICTIONARY)
    first = len(out)
    limit += first
    at = 16
    while at < stop and len(out) < limit:
        control = data[at]
        at += 1
        if not control:  # eight letters as they are, at C speed
            out += data[at : min(at + 8, stop)]
            at += 8
            continue
        for bit in (1, 2, 4, 8, 16, 32, 64, 128):
            if at >= stop:
                break
            if not control & bit:
                out.append(data[at])
                at += 1
                continue
            if at + 1 >= stop:
                return bytes(out[first:]), False
            pair = data[at] << 8 | data[at + 1]
            at += 2
            length = (pair & 15) + 2
            # The ring of 4,096 bytes holds the end of what was written; here it is that end itself.
            back = (len(out) - (pair >> 4)) & 4095
            if not back:  # the mark of the end
                return bytes(out[first:]), len(out) - first >= size
            start = len(out) - back
            if start < 0:
                return bytes(out[first:]), False
            if back >= length:
                out += out[start : start + length]
            else:
                out += (out[start:] * (length // back + 1))[:length]
    return bytes(out[first:limit]), len(out) - first >= size and len(out) <= limit
