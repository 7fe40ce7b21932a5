"""What a file is, judged by its first bytes and never by its name."""

import re
from typing import NamedTuple

from watchword.read import exported, gzipped
from watchword.read.mbox import next_separator
from watchword.read.mbx import MAGIC as MBX
from watchword.read.window import Held

HEAD = 16_384  # bytes of a file that are looked at
SINGLE = 1024 * 1024  # so much more where the head does not tell, as for a second message

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OUTLOOK = "__substg1.0_".encode("utf-16-le")  # what the names of streams begin with in a message of Outlook
TNEF, PST = b"\x78\x9f\x3e\x22", b"!BDN"
COMPRESSED = {"gzip": b"\x1f\x8b\x08", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0"}
ARCHIVES = ("zip", "tar", *COMPRESSED)


class Look(NamedTuple):
    """What a file is: `kind`, and for what we cannot read, what happened and what to do about it."""

    # a mailbox (mbox, mbx, pst, json-list), a message (message, message.gz, msg, tnef, emlx, json), an archive (zip,
    # tar, gzip, bzip2, xz), or foreign (surely or likely mail), empty, other
    kind: str
    reason: str = ""
    advice: str = ""


# Field names that mail has and that other texts with `Name: value` lines rarely have.
_MAIL_FIELDS = frozenset(
    b"from to cc bcc subject date received return-path message-id delivered-to reply-to sender mime-version"
    b" content-type content-transfer-encoding in-reply-to references dkim-signature arc-seal authentication-results"
    b" x-gm-thrid x-gmail-labels x-original-to envelope-to x-mailer user-agent list-id list-unsubscribe precedence"
    b" x-received received-spf importance x-priority x-originating-ip thread-topic thread-index resent-from x-from"
    b" domainkey-signature errors-to status x-uid delivery-date x-mozilla-status".split()
)
_MAIL_SUFFIXES = (".eml", ".mbox", ".msg", ".oft", ".mbx", ".emlx", ".pst", ".ost")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_TO_EML = "Open it in its program, export the mail as mbox or .eml files, and name those."

_FOREIGN: tuple[tuple[bytes, int, str, str], ...] = (
    (OLE, 0, "an OLE file, as of old Office documents, but no message of Outlook", "Look whether it is mail at all."),
    (b"\xef\xcd\xab\x89", 4, "an Exchange database (EDB)",
     "Export the mailboxes with `New-MailboxExportRequest`, convert the PST files to mbox, and name those."),
    (b"\xcf\xad\x12\xfe", 0, "an Outlook Express mailbox (DBX)", "Convert it with `readdbx` to mbox, and name that."),
    (b"SQLite format 3\0", 0, "an SQLite database, as mail programs use for their index", _TO_EML),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7-Zip archive", "Unpack it and name the folder."),
    (b"Rar!\x1a\x07", 0, "a RAR archive", "Unpack it and name the folder."),
    (b"\x28\xb5\x2f\xfd", 0, "compressed with Zstandard", "Unpack it with `zstd -d` and name the result."),
    (b"-----BEGIN PGP MESSAGE-----", 0, "encrypted with OpenPGP", "Decrypt it and name the result."),
    (b"Salted__", 0, "encrypted with OpenSSL", "Decrypt it and name the result."),
    (b"\xff\xfe", 0, "text in UTF-16", "Save it as it came from the server, in its original bytes."),
    (b"\xfe\xff", 0, "text in UTF-16", "Save it as it came from the server, in its original bytes."),
)  # fmt: skip
# Office documents, indexes, any text: in a folder they are only counted, unless a name or the user says mail.
_SELDOM_MAIL = (OLE, b"SQLite format 3\0", b"Salted__", b"\xff\xfe", b"\xfe\xff")
_EMLX = re.compile(rb"\d{1,10}[ \t]*\r?\n(?=[!-9;-~]+:)")


def archive_kind(head: bytes) -> str | None:
    """Recognise an archive or compressed file by its first 512 bytes."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head[257:263] in (b"ustar\0", b"ustar "):
        return "tar"
    for kind, magic in COMPRESSED.items():
        if head.startswith(magic) and (kind != "bzip2" or head[4:10] == b"1AY&SY"):
            return kind
    return None


def wants_more(head: bytes) -> bool:
    """Say whether SINGLE more than the head must be seen: an mbox's second message, or the names in an OLE file."""
    return len(head) == HEAD and (starts_like_mbox(head) or (head.startswith(OLE) and OUTLOOK not in head))


def look_at_json(data: bytes) -> Look:
    """Tell one message from many in JSON that promises messages; `data` is the file, or as much as a message may be."""
    kind = exported.kind(data)
    return Look(kind) if kind else Look("other", "is JSON, but holds no messages", "Look whether it is mail at all.")


def starts_like_mbox(head: bytes) -> bool:
    """Say whether it begins as a mailbox does; or it is a message with a separator line."""
    return head[:20].lstrip(b"\r\n\0 \t\xef\xbb\xbf").startswith(b"From ")


def is_maildir_file(name: str) -> bool:
    """Say whether a file lies in a Maildir's `cur` or `new`, below which there are no folders."""
    return name.rsplit("/", 2)[-2:-1] in (["cur"], ["new"])


def promises_mail(name: str) -> bool:
    """Say whether a name promises mail: then we say so where we find none."""
    return is_maildir_file(name) or name.lower().endswith(_MAIL_SUFFIXES)


def recognise(head: bytes, name: str, *, whole: bool, expected: bool = False) -> Look:
    """Judge the first bytes of a file: HEAD of them, or SINGLE more if `wants_more`.

    `whole` says that `head` is the whole file; `expected` that the user named this very file. Then, and where the
    name promises mail, one header field is enough. The name decides nothing else, except whether a single message
    after a separator line is called a mailbox.
    """
    expected = expected or promises_mail(name)
    if not head.strip(b"\0"):
        return Look("empty", "is empty" if not head else "holds only zero bytes", "Look for an intact copy of it.")
    if archive := archive_kind(head):
        return Look("message.gz" if archive == "gzip" and _is_one_message(head, name) else archive)
    if head.startswith(PST):
        return Look("pst")
    if head.startswith(TNEF):
        return Look("tnef")
    if head.startswith(OLE) and (OUTLOOK in head or (expected and not whole)):  # its reader looks at all of it
        return Look("msg")
    for magic, offset, what, advice in _FOREIGN:
        if head.startswith(magic, offset):
            return Look("other" if magic in _SELDOM_MAIL else "foreign", f"is {what}", advice)
    if head.startswith(MBX):
        return Look("mbx")
    if (found := _EMLX.match(head)) and _fields(head[found.end() :])[1]:
        return Look("emlx")
    if exported.promises_messages(head):
        return Look("json")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\0 \t")
    if text.startswith(b"From "):
        start = len(head) - len(text)
        window = Held(head)
        first = next_separator(window, start, start + 1)
        if first is not None:
            second = next_separator(window, start + 5, len(head))
            single = whole and second is None and not name.lower().endswith((".mbox", ".mbx"))
            return Look("message" if single else "mbox")
    fields, known = _fields(text)
    if known >= (1 if expected else 2) or (expected and fields >= 2):
        return Look("message")
    if expected:
        return Look("other", "does not begin with the header fields of a message", "Look whether it is mail at all.")
    return Look("other", "is not mail", "")


def _is_one_message(head: bytes, name: str) -> bool:
    """Say whether what is compressed with gzip is one message; archives and mailboxes are looked at as such."""
    inside = gzipped.head(head, HEAD)
    if archive_kind(inside) or starts_like_mbox(inside):
        return False
    return recognise(inside, name.removesuffix(".gz"), whole=False).kind == "message"


def _fields(text: bytes) -> tuple[int, int]:
    """Count header fields at the start of a text, and those among them that only mail has, until two are seen."""
    fields = known = 0
    for number, line in enumerate(text.split(b"\n", 60)[:60]):
        found = _FIELD.match(line)
        if found:
            fields += 1
            known += found[1].lower() in _MAIL_FIELDS
            if known == 2:
                break  # enough
        elif (line[:1] in (b" ", b"\t") and fields) or (number == 0 and line.startswith((b"From ", b">From "))):
            continue
        else:
            break
    return fields, known
