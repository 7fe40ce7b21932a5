"""A mailbox on an IMAP server (RFC 3501), only looked at: folders are opened with EXAMINE, messages peeked at.

`imaplib` of the standard library speaks the protocol; here is how much a server may send, what is asked, and how an
answer becomes a message. What a server sends is as untrusted as mail: lines, literals and answers have limits. These
must stand where imaplib reads, which is why no library on top of it is used.
"""

import contextlib
import functools
import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import unquote, urlsplit

from watchword.errors import WatchwordError
from watchword.read.folder_names import plain_name
from watchword.read.imap_answers import Piece, Value, answers, attributes, quoted

MESSAGE = 256 * 1024 * 1024  # bytes of one message that are fetched
PIECE = 4 * 1024 * 1024  # bytes of a long message that are asked for at once
LISTED = 500  # messages whose state is asked for at once
FOLDERS = 10_000
_FOLDER = 1_024  # bytes that the line of one folder may have
_SLACK = 256 * 1024  # bytes that an answer may have beyond what was asked for
_SECONDS = 60  # that a server may be silent
_GOODBYE = 2  # seconds to wait for its answer to LOGOUT
_LOCAL = ("localhost", "127.0.0.1", "::1")
_NOT_OPENED = frozenset({"\\noselect", "\\nonexistent"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where an account is, as `imaps://user@host/folder` says it."""

    user: str
    host: str
    port: int
    is_tls: bool  # from the first byte on; else STARTTLS
    folder: str  # only this one and those below it; empty for all


@dataclass(frozen=True, slots=True)
class Secret:
    """A password, or an access token of OAuth 2.0."""

    text: str
    is_token: bool = False


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder on the server."""

    coded: bytes  # as the server names it
    name: str
    special: tuple[str, ...]  # what it is for, as `\\Trash` (RFC 6154)
    delimiter: str


class State(NamedTuple):
    """What a server says of a message without its text."""

    uid: int
    size: int  # bytes, as the server says
    flags: tuple[str, ...]
    labels: tuple[str, ...]  # of Gmail
    thread: str  # of Gmail
    number: str  # of Gmail, the same in every folder
    received: str  # INTERNALDATE


def address(url: str) -> Address:
    """Read an address. Raises WatchwordError."""
    do = "Write imaps://user@host, or imaps://user@host/folder for one folder."
    try:
        parts = urlsplit(url)
        user, host, port = unquote(parts.username or ""), parts.hostname or "", parts.port
    except ValueError:
        raise WatchwordError("The address of the account cannot be read.", do=do) from None
    if parts.scheme not in ("imaps", "imap") or not host or not user:
        raise WatchwordError("The address of the account is not understood.", do=do)
    if parts.password is not None:
        raise WatchwordError(
            "The address holds a password, and so do now the list of processes and perhaps your shell's history.",
            do="Change it, and leave it out of the address: you are asked for it.",
        )
    if re.search(r"[\x00-\x1f\x7f]", user + host):
        raise WatchwordError("The address of the account holds control characters.", do=do)
    is_tls = parts.scheme == "imaps"
    return Address(user, host, port or (993 if is_tls else 143), is_tls, unquote(parts.path.strip("/")))


class _Limited(imaplib.IMAP4):
    """Reads no more for a command than was allowed for it."""

    allowed = _SLACK

    def read(self, size: int) -> bytes:
        """Read a literal, whose size the server has announced."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """Read a line; imaplib ends the connection over one longer than 1,000,000 bytes."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.allowed -= size
        if self.allowed < 0:
            raise self.abort("the server sends more than was asked for")


class _LimitedTls(_Limited, imaplib.IMAP4_SSL):
    """The same over TLS from the first byte on."""


class Server:
    """A connection that only reads."""

    def __init__(self, where: Address, secret: Secret, *, authorities: Path | None = None) -> None:
        """Connect and log in. `authorities` is a file of certificates (PEM) to trust besides those of the system.

        Raises WatchwordError saying what went wrong.
        """
        try:
            trusted = ssl.create_default_context()
            if authorities:
                trusted.load_verify_locations(authorities)
        except OSError as error:
            raise WatchwordError(
                f"The certificates in {authorities} cannot be read: {error.strerror or error}.", do="Give a PEM file."
            ) from None
        name = f"{where.host}, port {where.port}"
        try:
            if where.is_tls:
                self._imap: _Limited = _LimitedTls(where.host, where.port, ssl_context=trusted, timeout=_SECONDS)
            else:
                self._imap = _Limited(where.host, where.port, timeout=_SECONDS)
                if "STARTTLS" in self._imap.capabilities:
                    self._imap.starttls(trusted)
                elif where.host not in _LOCAL:
                    raise WatchwordError(
                        f"The server {name} offers no encryption.", do="Write imaps://, or ask who keeps the server."
                    )
        except ssl.SSLCertVerificationError as error:
            raise WatchwordError(
                f"The certificate of {name} is not trusted: {error.verify_message}.",
                do="Somebody may be in between. If the server's authority is your own, name its file with --ca.",
            ) from None
        except (OSError, imaplib.IMAP4.error) as error:
            raise WatchwordError(
                f"The server {name} cannot be reached: {_said(error)}.", do="Check address and network."
            ) from None
        self._log_in(where.user, secret, name)
        self.capabilities = self._capabilities()
        self.is_gmail = "X-GM-EXT-1" in self.capabilities

    def __enter__(self) -> Self:
        """Use it in a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Say goodbye."""
        self.close()

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        self._imap.allowed = _SLACK
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self._imap.socket().settimeout(_GOODBYE)
            self._imap.logout()
        with contextlib.suppress(OSError):
            self._imap.shutdown()

    def _log_in(self, user: str, secret: Secret, name: str) -> None:
        imap = self._imap
        imap.allowed = _SLACK
        try:
            if secret.is_token:
                asked = iter([f"user={user}\x01auth=Bearer {secret.text}\x01\x01".encode()])
                imap.authenticate("XOAUTH2", lambda _: next(asked, b""))  # a refusal is answered with nothing
            elif "AUTH=PLAIN" in imap.capabilities:
                imap.authenticate("PLAIN", lambda _: f"\0{user}\0{secret.text}".encode())
            else:
                imap.login(f'"{_escaped(user)}"', secret.text)
        except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
            how = "Get a new access token." if secret.is_token else (
                "Check name and password; many providers want a password made for one program (app password)."
            )  # fmt: skip
            raise WatchwordError(f"{name} refuses the login of {user}: {_said(error)}.", do=how) from None
        except OSError as error:
            raise WatchwordError(f"The connection to {name} broke: {_said(error)}.", do="Try again.") from None

    def _capabilities(self) -> frozenset[str]:
        """Ask what the server can do; after login it may be more than before."""
        _, pieces = self._ask(_SLACK, lambda: self._imap.capability())
        words = b" ".join(piece for piece in pieces if isinstance(piece, bytes))
        return frozenset(words.decode("ascii", "replace").upper().split())

    def _ask(self, allowed: int, command: Callable[[], tuple[str, Sequence[object]]]) -> tuple[str, list[Piece]]:
        """Give a command, to which the server may answer with so many bytes."""
        self._imap.allowed = allowed + _SLACK
        status, pieces = command()
        return status, [piece for piece in pieces if isinstance(piece, bytes | tuple)]

    def folders(self) -> list[Folder]:
        """List the folders that can be opened, FOLDERS at most.

        Raises OSError, ValueError or imaplib's errors, as all that follows.
        """
        found: dict[bytes, Folder] = {}
        more = ("RETURN", "(SPECIAL-USE)") if {"SPECIAL-USE", "LIST-EXTENDED"} <= self.capabilities else ()
        self._ask(_FOLDER * FOLDERS, lambda: self._imap.xatom("LIST", '""', '"*"', *more))
        for answer in answers(self._imap.response("LIST")[1]):
            if len(answer) < 3 or not isinstance(answer[0], list) or not isinstance(answer[-1], bytes):
                continue
            coded, delimiter = answer[-1], answer[1]
            marks = [mark.decode("ascii", "replace") for mark in answer[0] if isinstance(mark, bytes)]
            if _NOT_OPENED.isdisjoint(mark.lower() for mark in marks) and len(found) < FOLDERS:
                name = plain_name(coded.decode("utf-8", "replace"))
                special = tuple(mark for mark in marks if mark.lower() in _SPECIAL)
                found[coded] = Folder(coded, name, special, delimiter.decode() if isinstance(delimiter, bytes) else "")
        return list(found.values())

    def examine(self, folder: Folder) -> tuple[int, int]:
        """Open a folder for reading; give UIDVALIDITY and how many messages it has."""
        name = quoted(folder.coded)
        if name is None:
            raise ValueError("its name holds control characters")
        # imaplib takes bytes, too; its types do not say so. Names of old servers are not ASCII.
        status, pieces = self._ask(_SLACK, lambda: self._imap.select(name, readonly=True))  # type: ignore[arg-type]  # bytes go, too
        if status != "OK":
            raise ValueError(f"the server refuses it: {_printable(pieces)}")
        validity = self._imap.response("UIDVALIDITY")[1]
        return _first_number(validity), _first_number(pieces)

    def states(self, count: int) -> Iterator[State]:
        """Give what the server says of each message of the open folder."""
        for start in range(1, count + 1, LISTED):
            stop = min(start + LISTED - 1, count)
            asked = f"{start}:{stop}", self._items("")
            status, pieces = self._ask(64 * 1024 * LISTED, functools.partial(self._imap.fetch, *asked))
            if status != "OK":
                raise ValueError(f"the server does not list it: {_printable(pieces)}")
            found = [_state(said) for said in map(attributes, answers(pieces)) if b"UID" in said]
            if not found:
                return  # it has not as many as it says
            yield from found

    def messages(self, uids: Sequence[int], size: int) -> Iterator[tuple[State, bytes]]:
        """Give messages of the open folder with what is said of them; `size` is what they have together."""
        wanted = ",".join(map(str, uids))
        status, pieces = self._ask(
            2 * size + 64 * 1024 * len(uids), lambda: self._imap.uid("FETCH", wanted, self._items("BODY.PEEK[]"))
        )
        if status != "OK":  # some servers refuse a whole list for one message; what came before counts
            pieces = [piece for piece in self._imap.response("FETCH")[1] if isinstance(piece, bytes | tuple)]
        for answer in answers(pieces):
            said = attributes(answer)
            body = said.get(b"BODY[]")
            if b"UID" in said and isinstance(body, bytes):
                yield _state(said), body

    def long_message(self, uid: int) -> Iterator[bytes]:
        """Give one message piece by piece."""
        for start in range(0, MESSAGE, PIECE):
            asked = "FETCH", str(uid), f"(UID BODY.PEEK[]<{start}.{PIECE}>)"
            _, pieces = self._ask(PIECE, functools.partial(self._imap.uid, *asked))
            body: Value = None
            for answer in answers(pieces):
                said = attributes(answer)
                body = next((said[name] for name in said if name.startswith(b"BODY[]")), body)
            if not isinstance(body, bytes) or not body:
                return
            yield body
            if len(body) < PIECE:
                return

    def _items(self, more: str) -> str:
        gmail = " X-GM-LABELS X-GM-THRID X-GM-MSGID" if self.is_gmail else ""
        return f"(UID FLAGS INTERNALDATE RFC822.SIZE{gmail}{' ' + more if more else ''})"


_SPECIAL = frozenset({"\\all", "\\archive", "\\drafts", "\\flagged", "\\junk", "\\sent", "\\trash", "\\important"})


def _state(said: dict[bytes, Value]) -> State:
    return State(
        _number(said.get(b"UID")),
        _number(said.get(b"RFC822.SIZE")),
        tuple(word for word in _texts(said.get(b"FLAGS")) if word.lower() != "\\recent"),
        tuple(plain_name(word) for word in _texts(said.get(b"X-GM-LABELS"))),
        next(iter(_texts([said.get(b"X-GM-THRID")])), ""),
        next(iter(_texts([said.get(b"X-GM-MSGID")])), ""),
        next(iter(_texts([said.get(b"INTERNALDATE")])), ""),
    )


def _number(value: Value) -> int:
    return int(value) if isinstance(value, bytes) and re.fullmatch(rb"\d{1,15}", value) else 0


def _first_number(pieces: Sequence[object]) -> int:
    return next((_number(piece) for piece in pieces if isinstance(piece, bytes)), 0)


def _texts(value: Value) -> list[str]:
    listed = value if isinstance(value, list) else []
    return [word.decode("utf-8", "replace")[:500] for word in listed[:1_000] if isinstance(word, bytes)]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _said(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    return _printable(error.strerror if isinstance(error, OSError) and error.strerror else str(error)).rstrip(".")


def _printable(said: str | Sequence[Piece]) -> str:
    text = (
        said if isinstance(said, str) else b" ".join(p for p in said if isinstance(p, bytes)).decode("utf-8", "replace")
    )
    text = re.sub(r"^b(['\"])(.*)\1$", r"\2", text)  # as imaplib words what the server said
    return "".join(letter if letter.isprintable() else " " for letter in text)[:300]
