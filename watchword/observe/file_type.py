"""What kind of file some bytes are, by their content, and whether a password keeps it shut."""

import re
import struct

ENTRIES = 200
NAME = 500  # bytes of an entry's name
SEARCH = 4 * 1024 * 1024  # bytes of an OLE file looked through for the names of its streams

_SIGNATURES: list[tuple[bytes, str]] = [
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\0\0\1\0", "ico"),
    (b"{\\rtf", "rtf"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"MSCF", "cab"),
    (b"ITSF", "chm"),
    (b"\x4c\0\0\0\x01\x14\x02\0", "lnk"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "one"),
    (b"\x7fELF", "elf"),
    (b"\xca\xfe\xba\xbe", "java"),
    (b"\xcf\xfa\xed\xfe", "macho"),
    (b"\xce\xfa\xed\xfe", "macho"),
    (b"vhdxfile", "vhdx"),
    (b"conectix", "vhd"),
    (b"!BDN", "pst"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"wOFF", "woff"),
    (b"-----BEGIN PGP", "pgp"),
    (b"-----BEGIN PKCS7", "p7"),
    (b"-----BEGIN CERTIFICATE", "certificate"),
    (b"BEGIN:VCALENDAR", "ics"),
    (b"BEGIN:VCARD", "vcard"),
    (b"xar!", "pkg"),
    (b"bplist00", "plist"),
    (b"MSWIM\0\0\0", "wim"),
    (b"\x60\xea", "arj"),
    (b"!<arch>\n", "deb"),
]
_BY_FIRST: dict[int, list[tuple[bytes, str]]] = {}
for _signature, _kind in _SIGNATURES:
    _BY_FIRST.setdefault(_signature[0], []).append((_signature, _kind))

_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta|title|iframe|"
    rb"table|div|a\s|form|style|center|font|p[\s>])",
    re.DOTALL,
)
_SVG = re.compile(
    rb"\s*(?:<\?xml[^>]{0,500}>\s*)?(?:<!--.{0,2000}?-->\s*)*(?:<!doctype svg[^>]{0,500}>\s*)?<svg", re.DOTALL
)
_MAIL = re.compile(
    rb"(?:return-path|received|delivered-to|from|to|subject|date|message-id|mime-version|x-[a-z-]{1,60}):[^\r\n]*\r?\n"
    rb"(?:[ \t][^\r\n]*\r?\n|[a-z0-9-]{1,60}:[^\r\n]*\r?\n)",
    re.IGNORECASE,
)
_SCRIPTS = {
    "js": "js", "jse": "js", "mjs": "js", "vbs": "vbs", "vbe": "vbs", "wsf": "wsf", "hta": "hta", "ps1": "ps1",
    "psm1": "ps1", "bat": "bat", "cmd": "bat", "sh": "sh", "py": "py", "scpt": "scpt", "reg": "reg", "iqy": "iqy",
    "url": "url", "website": "url", "desktop": "desktop", "slk": "slk", "csv": "csv", "sct": "wsf", "wsc": "wsf",
    "appref-ms": "appref", "rdp": "rdp", "vcs": "ics",
}  # fmt: skip
# What a browser opens as a page by its name alone, whatever it begins with.
_PAGES = frozenset("htm html shtml xhtml xht".split())
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STREAMS = [  # names inside an OLE file, UTF-16
    ("EncryptedPackage", "ooxml"),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("PowerPoint Document", "ppt"),
    ("Book", "xls"),
    ("VisioDocument", "vsd"),
]
_STREAM_BYTES = [(name.encode("utf-16-le"), kind) for name, kind in _STREAMS]
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")  # class of the root of a Windows Installer package
_PARTS = [("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"), ("visio/", "vsdx")]


def detect(data: bytes, extension: str = "") -> str:
    """Name the kind of file; the extension only tells kinds of plain text apart. Empty if unknown."""
    if not data:
        return ""
    for signature, kind in _BY_FIRST.get(data[0], ()):
        if data.startswith(signature):
            if kind == "ole":
                return _ole(data)
            return _zip_kind(zip_entries(data)[0]) if kind == "zip" else kind
    if data[:2] == b"MZ":
        return _program(data)
    if data[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}.get(data[8:12], "riff")
    if data[4:8] == b"ftyp":
        return "heic" if data[8:12] in {b"heic", b"heix", b"mif1", b"avif"} else "mp4"
    if data[32_769:32_774] in {b"CD001", b"BEA01", b"NSR02", b"NSR03"}:  # ISO 9660, or UDF alone
        return "iso"
    if data[-512:-504] == b"conectix":  # a disk image of fixed size has its only mark at the end
        return "vhd"
    if data[7:14] == b"**ACE**":
        return "ace"
    if data[2:5] in {b"-lh", b"-lz"} and data[6:7] == b"-":
        return "lzh"
    if data[257:263] in (b"ustar\0", b"ustar "):
        return "tar"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data[0] == 0x30 and data[1:2] in {b"\x80", b"\x82", b"\x83"}:
        return "p7"
    return _text(data, extension) or ("zip" if b"PK\x05\x06" in data[-1024:] else "")


def _text(data: bytes, extension: str) -> str:
    start = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start.decode("utf-16", "replace").encode("utf-8", "replace")
    lower = start.lower()
    if _SVG.match(lower):
        return "svg"
    if extension in _SCRIPTS and not _NOT_TEXT.search(start):
        return _SCRIPTS[extension]
    if _HTML.match(lower) or (extension in _PAGES and not _NOT_TEXT.search(start)):
        return "html"
    if lower.lstrip().startswith(b"<?xml"):
        return "xml"
    if start.startswith(b"#!"):
        return "sh"
    stripped = start.lstrip()
    for signature, kind in ((b"BEGIN:VCALENDAR", "ics"), (b"-----BEGIN PGP", "pgp"), (b"BEGIN:VCARD", "vcard")):
        if stripped.startswith(signature):
            return kind
    if _MAIL.match(start):
        return "mhtml" if extension in {"mht", "mhtml"} else "eml"
    return "" if _NOT_TEXT.search(start) else "text"


def _program(data: bytes) -> str:
    if len(data) < 64:
        return "exe"
    at = int.from_bytes(data[60:64], "little")
    if data[at : at + 4] == b"PE\0\0" and len(data) >= at + 24:
        return "dll" if int.from_bytes(data[at + 22 : at + 24], "little") & 0x2000 else "exe"
    return "exe"


def _ole(data: bytes) -> str:
    start = data if len(data) <= SEARCH else data[: SEARCH // 2] + data[-SEARCH // 2 :]
    for name, kind in _STREAM_BYTES:
        if name in start:
            return kind
    return "msi" if _INSTALLER in start else "ole"


def _zip_kind(entries: list[str]) -> str:
    names = set(entries)
    if "[Content_Types].xml" in names:
        for folder, kind in _PARTS:
            if any(name.startswith(folder) for name in entries):
                return f"{kind[:-1]}m" if f"{folder}vbaProject.bin" in names else kind
    if "META-INF/MANIFEST.MF" in names:
        return "apk" if "AndroidManifest.xml" in names else "jar"
    if "content.xml" in names and "mimetype" in names:
        return "odf"
    return "zip"


def zip_entries(data: bytes) -> tuple[list[str], bool]:
    """List the names inside a zip by its central directory (APPNOTE 4.3.12), and tell whether one needs a password.

    Nothing is inflated. A zip without a directory is listed by its local headers. At most 200 names.
    """
    names: list[str] = []
    locked = False
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    at = -1
    if end >= 0 and len(data) >= end + 20:
        size, at = struct.unpack_from("<II", data, end + 12)
        if data[at : at + 4] != b"PK\x01\x02":
            at = end - size  # something stands in front of the zip
    if at >= 0 and data[at : at + 4] == b"PK\x01\x02":
        while len(names) < ENTRIES and data[at : at + 4] == b"PK\x01\x02" and len(data) >= at + 46:
            (flags,) = struct.unpack_from("<H", data, at + 8)
            length, extra, comment = struct.unpack_from("<HHH", data, at + 28)
            locked |= bool(flags & 1)
            names.append(_name(data[at + 46 : at + 46 + min(length, NAME)], flags))
            at += 46 + length + extra + comment
        return names, locked
    at = data.find(b"PK\x03\x04")
    while at >= 0 and len(names) < ENTRIES and len(data) >= at + 30:
        (flags,) = struct.unpack_from("<H", data, at + 6)
        packed, _, length, extra = struct.unpack_from("<IIHH", data, at + 18)
        locked |= bool(flags & 1)
        names.append(_name(data[at + 30 : at + 30 + min(length, NAME)], flags))
        at = data.find(b"PK\x03\x04", at + 30 + length + extra + packed)
    return names, locked


def _name(raw: bytes, flags: int) -> str:
    return raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")


def is_locked(data: bytes, kind: str) -> bool | None:
    """Tell whether a password is needed; None if this kind of file is not looked into."""
    if kind == "pdf":
        return b"/Encrypt" in data[-65_536:] or b"/Encrypt" in data[:4096]
    if kind == "ooxml":
        return True
    if data[:2] == b"PK":
        return zip_entries(data)[1]
    if kind == "rar" and len(data) > 24:
        return _rar_is_locked(data)
    return None


def _rar_is_locked(data: bytes) -> bool | None:
    """Look at the archive header: version 4 flag 0x80, version 5 an encryption header (type 4) first."""
    if data[6:7] == b"\x00":
        return bool(int.from_bytes(data[10:12], "little") & 0x80) or None
    return data[13:14] == b"\x04" or data[12:13] == b"\x04" or None
