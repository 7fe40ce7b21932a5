"""Windows code pages: their names in mail, and text decoded by them."""

# Code page: name of the charset in mail. Where the two differ a little, the one that browsers take.
CHARSETS = {
    437: "ibm437", 850: "ibm850", 852: "ibm852", 866: "ibm866", 874: "windows-874", 932: "shift_jis", 936: "gb18030",
    949: "euc-kr", 950: "big5", 1200: "utf-16le", 1201: "utf-16be", 1250: "windows-1250", 1251: "windows-1251",
    1252: "windows-1252", 1253: "windows-1253", 1254: "windows-1254", 1255: "windows-1255", 1256: "windows-1256",
    1257: "windows-1257", 1258: "windows-1258", 10000: "macintosh", 20127: "us-ascii", 20866: "koi8-r",
    20932: "euc-jp", 20936: "gb18030", 21866: "koi8-u", 28591: "iso-8859-1", 28592: "iso-8859-2",
    28593: "iso-8859-3", 28594: "iso-8859-4", 28595: "iso-8859-5", 28596: "iso-8859-6", 28597: "iso-8859-7",
    28598: "iso-8859-8", 28599: "iso-8859-9", 28603: "iso-8859-13", 28605: "iso-8859-15", 38598: "iso-8859-8",
    50220: "iso-2022-jp", 50221: "iso-2022-jp", 50222: "iso-2022-jp", 50225: "iso-2022-kr", 51932: "euc-jp",
    51936: "gb18030", 51949: "euc-kr", 52936: "gb18030", 54936: "gb18030", 65000: "utf-7", 65001: "utf-8",
}  # fmt: skip
# Where Windows and Python mean different things by the name in mail.
_CODECS = {
    437: "cp437", 850: "cp850", 852: "cp852", 866: "cp866", 874: "cp874", 932: "cp932", 949: "cp949", 950: "cp950",
    10000: "mac_roman", 20127: "cp1252", 51949: "cp949",
}  # fmt: skip


def decoded(data: bytes, codepage: int) -> str:
    """Decode text by a Windows code page; by UTF-8 or Windows-1252 where that is unknown. Never raises."""
    if data.isascii() and codepage not in (1200, 1201, 65000, 50220, 50221, 50222, 50225):
        return data.decode("ascii")
    name = _CODECS.get(codepage) or CHARSETS.get(codepage)
    if name is None:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            name = "cp1252"
    return data.decode(name, "replace")
