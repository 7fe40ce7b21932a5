"""Charsets of mail as browsers read them (WHATWG Encoding Standard), and what to do when the label is wrong."""

import re
from encodings.aliases import aliases

# Label as declared -> Python codec, where Python reads it otherwise than browsers or does not know it.
# Encoding Standard, section 4.2: the label of a subset stands for the superset that was really used.
_LABELS = {
    "": "",
    "unicode-1-1-utf-8": "utf_8", "unicode11utf8": "utf_8", "unicode20utf8": "utf_8", "x-unicode20utf8": "utf_8",
    "utf8": "utf_8", "utf-8": "utf_8", "utf-8mb4": "utf_8", "utf8mb4": "utf_8", "unicode": "utf_16_le",
    "utf-16": "utf_16_le", "utf-16le": "utf_16_le", "utf-16be": "utf_16_be", "ucs-2": "utf_16_le",
    "iso-10646-ucs-2": "utf_16_le", "csunicode": "utf_16_le", "unicodefeff": "utf_16_le", "unicodefffe": "utf_16_be",
    "ascii": "cp1252", "us-ascii": "cp1252", "ansi_x3.4-1968": "cp1252", "iso-ir-6": "cp1252", "ansi": "cp1252",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso88591": "cp1252", "iso_8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "l1": "cp1252", "cp819": "cp1252", "ibm819": "cp1252", "x-cp1252": "cp1252",
    "x-ansi": "cp1252", "iso-8859-1-windows-3.1-latin-1": "cp1252", "iso-8859-1-windows-3.0-latin-1": "cp1252",
    "iso-8859-9": "cp1254", "iso8859-9": "cp1254", "iso_8859-9": "cp1254", "latin5": "cp1254", "l5": "cp1254",
    "iso-8859-11": "cp874", "iso8859-11": "cp874", "tis-620": "cp874", "tis620": "cp874", "dos-874": "cp874",
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8", "logical": "iso8859_8", "visual": "iso8859_8",
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312": "gb18030", "gb_2312-80": "gb18030", "chinese": "gb18030",
    "csgb2312": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "gb18030": "gb18030",
    "iso-ir-58": "gb18030", "euc-cn": "gb18030", "euccn": "gb18030", "gb2312-80": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cn-big5": "big5hkscs", "x-x-big5": "big5hkscs",
    "csbig5": "big5hkscs", "cp950": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "ms932": "cp932", "windows-31j": "cp932", "csshiftjis": "cp932",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "cseucpkdfmtjapanese": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext", "iso-2022-jp-ms": "iso2022_jp_ext",
    "euc-kr": "cp949", "ks_c_5601": "cp949", "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949", "ksc5601": "cp949",
    "ksc_5601": "cp949", "ks-c-5601-1987": "cp949", "korean": "cp949", "windows-949": "cp949", "uhc": "cp949",
    "cseuckr": "cp949", "csksc56011987": "cp949", "iso-ir-149": "cp949",
    "iso-2022-kr": "iso2022_kr", "csiso2022kr": "iso2022_kr",
    "koi8-ru": "koi8_u", "koi": "koi8_r", "koi8": "koi8_r", "cskoi8r": "koi8_r",
    "macintosh": "mac_roman", "mac": "mac_roman", "x-mac-roman": "mac_roman", "csmacintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic", "x-mac-ukrainian": "mac_cyrillic",
    "unicode-1-1-utf-7": "utf_7", "x-unicode-2-0-utf-7": "utf_7",
}  # fmt: skip

# Everything else that Python names and that only maps bytes to letters. Python's codecs also hold rot13, zlib, bz2,
# unicode_escape, raw_unicode_escape, idna, punycode, base64: those act, and must never be named by mail.
_SAFE = frozenset(
    "cp037 cp1006 cp1026 cp1125 cp1140 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp273 cp424 "
    "cp437 cp500 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 "
    "cp869 cp874 cp875 cp932 cp949 euc_jis_2004 euc_jisx0213 euc_jp gb18030 hz hp_roman8 big5hkscs "
    "iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr "
    "iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_10 iso8859_13 iso8859_14 "
    "iso8859_15 iso8859_16 johab koi8_r koi8_t koi8_u kz1048 mac_croatian mac_cyrillic mac_farsi mac_greek "
    "mac_iceland mac_latin2 mac_roman mac_romanian mac_turkish palmos ptcp154 shift_jis_2004 shift_jisx0213 "
    "utf_16_le utf_16_be utf_32 utf_32_le utf_32_be utf_7 utf_8".split()
)
_OTHER_NAMES = {"latin_1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs",
                "cp950": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949", "utf_16": "utf_16_le",
                "iso8859_1": "cp1252", "iso8859_9": "cp1254", "iso8859_11": "cp874", "tis_620": "cp874",
                "utf_8_sig": "utf_8", "mbcs": "cp1252"}  # fmt: skip
# windows-1252 with the five holes filled as WHATWG fills them: no byte is undecodable.
_CP1252 = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256))
_META = re.compile(rb"""<(?:meta|\?xml)\b[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I)
_known: dict[str, str] = {}


def codec(label: str) -> str:
    """Give the Python codec for a charset label as browsers read it; empty if unknown or not a charset at all."""
    found = _known.get(label)
    if found is None:
        plain = label.strip(" \t\r\n\"'").lower()[:60]
        found = _LABELS.get(plain)
        if found is None:
            name = re.sub(r"[^a-z0-9]+", "_", plain.removeprefix("x-")).strip("_")
            name = name.replace("windows_", "cp") if name.startswith("windows_") else name
            name = aliases.get(name, name)
            name = _OTHER_NAMES.get(name, name)
            found = name if name in _SAFE else ""
        if len(_known) < 2_000 and len(label) < 100:
            _known[label] = found
    return found


def western(data: bytes) -> str:
    """Read bytes as windows-1252 as browsers do: every byte is a letter."""
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_CP1252_TABLE)


_CP1252_TABLE = {b: _CP1252[b] for b in range(0x80, 0xA0)}


def sniff(data: bytes) -> str:
    """Read bytes of unknown charset: UTF-8 if they are that, else windows-1252."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return western(data)


def read(data: bytes, label: str) -> tuple[str, str]:
    """Read text by its declared charset; the second value is the kind of the defect, empty if there is none.

    A byte order mark wins over the label, as in browsers. Never raises.
    """
    if data[:3] == b"\xef\xbb\xbf":
        return data[3:].decode("utf-8", "replace"), ""
    if data[:2] == b"\xff\xfe" and data[:4] != b"\xff\xfe\0\0":
        return data[2:].decode("utf-16-le", "replace"), ""
    if data[:2] == b"\xfe\xff":
        return data[2:].decode("utf-16-be", "replace"), ""
    if not label:
        meta = _META.search(data, 0, 2_048)
        label = meta[1].decode("ascii", "replace").lower() if meta else ""
        if label.startswith("utf-16"):  # it could not have been read if it were
            label = "utf-8"
        if not label or not codec(label):
            return sniff(data), "" if data.isascii() else "charset-missing"
    name = codec(label)
    if not name:
        return sniff(data), "charset-unknown"
    if name == "utf_8":
        try:
            return data.decode("utf-8"), ""
        except UnicodeDecodeError:
            return _mostly_utf8(data), "charset-wrong"
    if name == "cp1252":
        if data.isascii():
            return data.decode("ascii"), ""
        if "ascii" in label or "ansi_x3" in label:
            return sniff(data), "charset-wrong"
        return western(data), ""
    try:
        text = data.decode(name)
    except (UnicodeDecodeError, ValueError):  # some decoders raise plain ValueError on hostile input
        try:
            return data.decode("utf-8"), "charset-wrong"
        except UnicodeDecodeError:
            return _replacing(data, name), "charset-wrong"
    return text, "charset-utf-7" if name == "utf_7" else ""


def _replacing(data: bytes, name: str) -> str:
    try:
        return data.decode(name, "replace")
    except (UnicodeDecodeError, ValueError):
        return western(data)


def _mostly_utf8(data: bytes) -> str:
    """Read what is not the UTF-8 that it is declared as: stray bytes stay so, but text mostly wrong was never UTF-8."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\N{REPLACEMENT CHARACTER}")
    foreign = len(data.translate(None, bytes(range(128))))
    return text if wrong <= 2 or wrong * 4 < foreign else western(data)
