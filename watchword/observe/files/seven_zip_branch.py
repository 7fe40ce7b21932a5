"""BCJ2: x86 programs in four streams, as 7-Zip packs them at its best setting.

Targets of calls and jumps lie in streams of their own, and a fourth one, range coded, says where they belong.
Source: Bcj2.c of the LZMA SDK 9.20, public domain.
"""

import re

from watchword.observe.files.members import DamagedError

_BRANCH = re.compile(rb"[\xe8\xe9]|\x0f[\x80-\x8f]")
_TOP = 1 << 24
BRANCHES = 1_000_000  # of one file; a program of 64 MB has as many


def join(main: bytes, calls: bytes, jumps: bytes, coded: bytes, size: int) -> bytes:
    """Put the four streams together, at most `size` bytes, up to a million branches. Raises DamagedError."""
    if len(coded) < 5:
        raise DamagedError("breaks off")
    chances = [1024] * 258
    wide, code, read = 0xFFFFFFFF, int.from_bytes(coded[1:5], "big"), 5
    out = bytearray()
    at = call = jump = 0
    last = 0  # the byte before, in what comes out
    branches = 0
    while len(out) < size and at < len(main) and branches < BRANCHES:
        branches += 1
        place = _next(main, at, last)
        out += main[at : place + 1]
        if place >= len(main):
            break
        byte = main[place]
        last = out[-2] if len(out) > 1 else 0
        at = place + 1
        which = last if byte == 0xE8 else 256 if byte == 0xE9 else 257
        chance = chances[which]
        bound = (wide >> 11) * chance
        is_target = code >= bound
        if is_target:
            wide -= bound
            code -= bound
            chances[which] = chance - (chance >> 5)
        else:
            wide = bound
            chances[which] = chance + (2048 - chance >> 5)
        if wide < _TOP:
            wide <<= 8
            code = (code << 8 | (coded[read] if read < len(coded) else 0)) & 0xFFFFFFFF
            read += 1
        last = byte
        if not is_target:
            continue
        if byte == 0xE8:
            field = calls[call : call + 4]
            call += 4
        else:
            field = jumps[jump : jump + 4]
            jump += 4
        if len(field) < 4:
            raise DamagedError("breaks off")
        target = (int.from_bytes(field, "big") - (len(out) + 4)) & 0xFFFFFFFF
        out += target.to_bytes(4, "little")
        last = out[-1]
    return bytes(out[:size])


def _next(main: bytes, at: int, last: int) -> int:
    """Give the place of the next byte that can be a call or jump, the length of `main` if there is none."""
    first = main[at]
    if first & 0xFE == 0xE8 or (last == 0x0F and first & 0xF0 == 0x80):
        return at
    found = _BRANCH.search(main, at)
    return found.end() - 1 if found else len(main)
