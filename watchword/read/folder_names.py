"""What a mail folder is called, where a program hides its name in a path or an encoding."""

import binascii
import re
from pathlib import PurePosixPath

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_APPLE = (".mbox", ".imapmbox")  # Apple Mail's folders for mail folders
_YEAR = re.compile(r"(?:19|20)\d\d(?:-\d\d)?(?:-\d\d)?")


def plain_name(name: str) -> str:
    """Decode a folder's name in modified UTF-7 (RFC 3501 5.1.3); what is not that stays as it is."""
    return _SHIFTED.sub(_decoded, name) if "&" in name else name


def coded_name(name: str) -> str:
    """Encode a folder's name in modified UTF-7 (RFC 3501 5.1.3)."""

    def coded(run: re.Match[str]) -> str:
        if run[0] == "&":
            return "&-"
        text = binascii.b2a_base64(run[0].encode("utf-16-be", "surrogatepass"), newline=False)
        return f"&{text.decode('ascii').rstrip('=').replace('/', ',')}-"

    return re.sub(r"&|[^\x20-\x7e]+", coded, name)


def _decoded(run: re.Match[str]) -> str:
    if not run[1]:
        return "&"
    try:
        text = run[1].replace(",", "/")
        return binascii.a2b_base64(text + "=" * (-len(text) % 4)).decode("utf-16-be")
    except ValueError:
        return run[0]


def is_apple(name: str) -> bool:
    """Say whether a file is a message that Apple Mail keeps, in folders of Apple's own making."""
    return name.lower().endswith(".emlx")


def apple_folder(name: str, outer: str) -> str:
    """Give the mail folder of a message of Apple Mail below a folder called `outer`.

    `V10/ACCOUNT/[Gmail].mbox/Spam.mbox/ID/Data/1/Messages/7.emlx` lies in `[Gmail]/Spam`; what is no `.mbox` is
    Apple's bookkeeping.
    """
    parts = [outer, *name.split("/")[:-1]]
    return "/".join(_stem(part) for part in parts if part.lower().endswith(_APPLE)) or (
        outer if "/" not in name else ""
    )


def apple_account(directory: str) -> str:
    """Give the folder of the account that a folder of Apple Mail's belongs to."""
    parts = directory.split("/")
    inside = next((number for number, part in enumerate(parts) if part.lower().endswith(_APPLE)), None)
    if inside is None:  # the folder of one mailbox was named, and its own name is not seen
        inside = next((number for number, part in enumerate(parts) if part in ("Data", "Messages")), len(parts))
        if inside and re.fullmatch(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", parts[inside - 1]):
            inside -= 1
    return "/".join(parts[:inside])


def without_dates(directory: str) -> str:
    """Leave out final folders for years, months and days, as backups have them: they divide nobody's mail."""
    parts = directory.split("/")
    for number, part in enumerate(parts):
        rest = parts[number + 1 :]
        if _YEAR.fullmatch(part) and len(rest) <= 2 and all(re.fullmatch(r"\d\d?", day) for day in rest):
            return "/".join(parts[:number])
    return directory


def box_name(path: PurePosixPath) -> str:
    """Give the mail folder that the path of a mailbox file says; `Sent.mbox/mbox`, as Apple exports it, is `Sent`."""
    if path.name == "mbox" and path.parent.name.lower().endswith(_APPLE):
        return _stem(path.parent.name)
    return path.stem if path.suffix.lower() in (".mbox", ".mbx", ".mbs", ".txt") else path.name


def _stem(name: str) -> str:
    return name.rpartition(".")[0] if name.lower().endswith(_APPLE) else name
