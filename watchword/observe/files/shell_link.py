"""Windows shortcuts (MS-SHLLINK): what they start, with which arguments, from which folder, under which icon."""

import re
import struct

from watchword.observe.files import Budget, Contents, File, Reading, fields

KINDS = ("lnk",)

TEXT = 64 * 1024  # characters of one string
_FLAGS = ("name", "relative", "folder", "arguments", "icon")
_PROGRAM = re.compile(
    r"\.(?:exe|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|msi|cpl|dll|pif)(?:\b|$)"
    r"|\b(?:cmd|powershell|pwsh|mshta|rundll32|wscript|cscript|regsvr32|msiexec|curl|certutil|forfiles|conhost|ssh)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s\"'<>|^`]{4,2000}|\\\\[\w.-]{3,100}(?:@\w{1,10})?\\[^\s\"'<>|]{1,500}", re.IGNORECASE
)
_JOINTS = re.compile(r"['\"]\s{0,5}\+\s{0,5}['\"]|[\^`]")
_PATH = re.compile(rb"[A-Za-z]:\\[\x20-\x7e]{3,260}")


def read(file: File, budget: Budget) -> Contents:
    """Read a shortcut; it is never followed."""
    contents = Contents()
    found = strings(file.data)
    if not found:
        contents.defects.append(("file-unreadable", "a shortcut that breaks off"))
    contents.texts.append(
        Reading("lnk", "\n".join(f"{name}: {value}" for name, value in found.items() if value), is_code=True)
    )
    command = " ".join(found.get(name, "") for name in ("target", "relative", "environment", "arguments"))
    if found.get("arguments") or _PROGRAM.search(command):
        contents.mark("runs-program")
    for name, value in found.items():
        for address in _ADDRESS.findall(_JOINTS.sub("", value))[:50]:
            contents.link("shortcut", address)
            if name != "arguments" and fields.is_remote(address):
                contents.mark("remote-file")
    # What stands behind the end is data that arguments carve out of the shortcut itself.
    if len(file.data) > 64 * 1024:
        contents.mark("embedded-file")
    return contents


def strings(data: bytes) -> dict[str, str]:
    """Give the strings of a shortcut by what they are; empty if it breaks off before the first."""
    if len(data) < 76:
        return {}
    (flags,) = struct.unpack_from("<I", data, 20)
    at = 76
    found: dict[str, str] = {}
    if flags & 1:  # LinkTargetIDList
        (length,) = struct.unpack_from("<H", data, at) if at + 2 <= len(data) else (0,)
        found["items"] = _items(data[at + 2 : at + 2 + length])
        at += 2 + length
    if flags & 2 and at + 28 <= len(data):  # LinkInfo
        (length,) = struct.unpack_from("<I", data, at)
        found["target"] = _info(data[at : at + length])
        at += max(length, 4)
    is_wide = flags & 0x80
    for bit, name in enumerate(_FLAGS):
        if not flags & (4 << bit) or at + 2 > len(data):
            continue
        (count,) = struct.unpack_from("<H", data, at)
        size = 2 * count if is_wide else count
        raw = data[at + 2 : at + 2 + size]
        found[name] = (raw.decode("utf-16-le", "replace") if is_wide else raw.decode("cp1252", "replace"))[:TEXT]
        at += 2 + size
    while at + 8 <= len(data):  # ExtraData
        size, kind = struct.unpack_from("<II", data, at)
        if size < 8:
            break
        if kind in {0xA0000001, 0xA0000007} and size >= 0x314:
            wide = data[at + 8 + 260 : at + 8 + 260 + 520].decode("utf-16-le", "replace").partition("\0")[0]
            short = data[at + 8 : at + 8 + 260].partition(b"\0")[0].decode("cp1252", "replace")
            found["environment" if kind == 0xA0000001 else "icon path"] = wide or short
        elif kind == 0xA0000003 and size >= 0x60:
            found["machine"] = data[at + 16 : at + 32].partition(b"\0")[0].decode("cp1252", "replace")
        at += size
    return found


def _info(data: bytes) -> str:
    """Give the path of the target: on a disk, or on a share of the net (MS-SHLLINK 2.3)."""
    _, _, flags, _, base, share, suffix = struct.unpack_from("<7I", data.ljust(28, b"\0"))
    path = _ended(data, base) if flags & 1 else ""
    if flags & 2 and 0 < share < len(data) - 20:
        (name,) = struct.unpack_from("<I", data, share + 8)
        path = _ended(data, share + name) + "\\"
    return path + _ended(data, suffix)


def _items(data: bytes) -> str:
    """Give the names in the list of shell items, where programs put a target without path."""
    wide = re.findall(rb"(?:[\x20-\x7e]\0){3,260}", data)
    names = [run.decode("utf-16-le") for run in wide]
    names += [run.decode("ascii") for run in _PATH.findall(data)] + [
        run.decode("ascii") for run in re.findall(rb"[\x21-\x7e]{1,100}\.(?:exe|EXE|com|bat|cmd)\b", data)
    ]
    return "\\".join(dict.fromkeys(names))[:2_000]


def _ended(data: bytes, at: int) -> str:
    if not 0 < at < len(data):
        return ""
    stop = data.find(b"\0", at)
    return data[at : stop if stop >= 0 else len(data)][:2_000].decode("cp1252", "replace")
