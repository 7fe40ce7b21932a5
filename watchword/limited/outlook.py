"""The side with limits for Outlook's data files (PST, OST): libpff reads them, frames of properties come out.

Started by `read/pst.py` with one question on standard input, as JSON. Every frame is a letter, the length of what
follows (4 bytes), and that. Nothing is read but the file named in the question. It is opened before the limits are set
and looked at after: by then this process can open neither a file nor a connection.
"""

import contextlib
import ctypes
import functools
import json
import os
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

try:
    import resource
except ImportError:  # Windows has none of it
    resource = None  # type: ignore[assignment]  # the module does not exist on Windows

from watchword.limited import calls

Pypff = Any  # an object of libpff, which ships no types

# Letters of frames.
NAMES, TOTAL, TROUBLE, ITEM, END_OF_ITEM, PROPERTY = b"N", b"C", b"T", b"I", b"Z", b"P"
RECIPIENT, ATTACHMENT, DATA, INSIDE, END_INSIDE, DONE = b"R", b"A", b"D", b"M", b"E", b"."
SIGN = b"S"  # of life
HEAD = struct.Struct("<cI")
PLACE = struct.Struct("<QIB")  # number, node, what kind of folder it lies in

SUBFOLDERS, DEPTH, MESSAGES_DEEP = 100_000, 64, 16
PIECE = 1024 * 1024  # bytes of an attachment in one frame
PARTS = 10_000  # recipients, and attachments, of one message
SECONDS = 2 * 3_600  # of CPU time
ORPHANS = "Orphans"

# Kinds of folders by what the store itself says, and the properties that say it (MS-OXOSFLD, MS-PST 2.4.3).
TRASH, SENT, DRAFTS, JUNK = 1, 2, 3, 4
_TOP, _TRASH, _SENT, _DRAFTS, _MORE = 0x35E0, 0x35E3, 0x35E4, 0x36D7, 0x36D8
_ATTACH_DATA, _METHOD, _EMBEDDED = 0x3701, 0x3705, 5


class _Folders:
    """The folders of a file in the order of their tree, with the number of their first item."""

    def __init__(self, file: Pypff, sign: Callable[[], None]) -> None:  # libpff has no types
        self.file = file
        self.sign = sign
        self.found: list[tuple[Any, str, int, int, int]] = []  # folder, path, kind, first item, items
        self.troubles: list[str] = []
        self.total = 0
        self.special: dict[int, int] = {}
        self.top = 0
        with contextlib.suppress(Exception):
            self._store(file.message_store)
        root = self._tried("the root folder", getattr, file, "root_folder")
        if root is not None:
            self._walk(root)
        count = self._tried("orphans", getattr, file, "number_of_orphan_items") or 0
        self._add(None, ORPHANS, 0, count)

    def _store(self, store: Pypff) -> None:
        for number, kind, data in _entries(store, {_TOP, _TRASH, _SENT}):
            if kind == 0x0102 and data is not None and len(data) >= 24:
                node = int.from_bytes(data[20:24], "little")
                if number == _TOP:
                    self.top = node
                else:
                    self.special[node] = TRASH if number == _TRASH else SENT

    def _tried(self, what: str, ask: Callable[..., Any], *of: object) -> Pypff:
        try:
            return ask(*of)
        except Exception as error:  # libpff raises many kinds, and one property less is no reason to lose the item
            self.troubles.append(f"{what} cannot be read ({str(error)[:200]})")
            return None

    def _add(self, folder: Pypff, path: str, kind: int, count: int) -> None:
        if count:
            self.found.append((folder, path, kind, self.total, count))
            self.total += count

    def _walk(self, root: Pypff) -> None:
        seen: set[int] = set()
        todo: list[tuple[Any, str, int, int]] = [(root, "", 0, 0)]
        while todo:
            folder, path, kind, depth = todo.pop()
            self.sign()
            node = self._tried("a folder", getattr, folder, "identifier") or 0
            if (node and node in seen) or len(seen) > SUBFOLDERS or depth > DEPTH:
                self.troubles.append(f"the folder {path or 'at the root'} stands twice, or too deep")
                continue
            seen.add(node)
            if depth and node != self.top:
                name = self._tried("a folder's name", getattr, folder, "name") or f"0x{node:x}"
                name = name.replace("/", "_")
                path = f"{path}/{name}" if path else name
            if depth <= 2:
                self._kinds(folder)
            kind = self.special.get(node, kind)
            count = self._tried(f"what lies in {path}", getattr, folder, "number_of_sub_messages") or 0
            self._add(folder, path, kind, count)
            inner = self._tried(f"folders in {path}", getattr, folder, "number_of_sub_folders") or 0
            for number in reversed(range(min(inner, SUBFOLDERS))):
                one = self._tried(f"a folder in {path}", folder.get_sub_folder, number)
                if one is not None:
                    todo.append((one, path, kind, depth + 1))

    def _kinds(self, folder: Pypff) -> None:
        """Learn which folders hold drafts and junk, as some folders near the root say."""
        with contextlib.suppress(Exception):
            for number, kind, data in _entries(folder, {_DRAFTS, _MORE}):
                if number == _DRAFTS and kind == 0x0102 and data is not None and len(data) >= 24:
                    self.special.setdefault(int.from_bytes(data[20:24], "little"), DRAFTS)
                elif number == _MORE and kind == 0x1102 and data is not None and len(data) >= 24:
                    (start,) = struct.unpack_from("<I", data, 20)  # the fifth of several
                    if len(data) >= start + 24:
                        self.special.setdefault(int.from_bytes(data[start + 20 : start + 24], "little"), JUNK)

    def items(self, start: int, stop: int) -> Iterator[tuple[int, str, int, Callable[[], Any]]]:
        """Give number, folder, kind of folder and a way to the item, from number start to stop."""
        for folder, path, kind, first, count in self.found:
            for number in range(max(start, first), min(stop, first + count)):
                at = number - first
                way = self.file.get_orphan_item if folder is None else folder.get_sub_message
                yield number, path, kind, functools.partial(way, at)


def _entries(item: Pypff, wanted: set[int] | None, at: int = 0) -> Iterator[tuple[int, int, bytes | None]]:
    """Give number, type and bytes of the properties of one record set, of those that are wanted or have names."""
    if item.number_of_record_sets <= at:
        return
    records = item.get_record_set(at)
    for position in range(records.number_of_entries):
        entry = records.get_entry(position)
        number, kind = entry.entry_type, entry.value_type
        if number is None or kind is None or (wanted is not None and number < 0x8000 and number not in wanted):
            continue
        if number != _ATTACH_DATA:
            yield number, kind, entry.data


class _Library:
    """What libpff can do and its module for Python does not offer; that module is a library of functions, too."""

    def __init__(self, module: Pypff) -> None:
        library = ctypes.PyDLL(module.__file__)  # raises AttributeError on Windows, which exports none of its functions
        self._inside, self._create, self._new = (
            library.libpff_attachment_get_item, library.pypff_item_create, library.pypff_item_new,
        )  # fmt: skip
        self._inside.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        self._create.argtypes = [ctypes.c_void_p, ctypes.py_object]
        self._new.argtypes = [ctypes.py_object, ctypes.c_void_p, ctypes.py_object]
        self._create.restype = self._new.restype = ctypes.py_object
        self._message = module.message

    def inside(self, attachment: object) -> Pypff:
        """Give the message that is attached."""
        found = ctypes.c_void_p()
        if self._inside(_pointer(attachment), ctypes.byref(found), None) != 1 or not found.value:
            raise ValueError("the message inside cannot be read")
        return self.message(self._create(found, attachment))

    def message(self, item: Pypff) -> Pypff:
        """Give an item as a message: those of classes that libpff does not know have recipients and files, too."""
        if isinstance(item, self._message):
            return item
        found = self._new(self._message, _pointer(item), item)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(found))  # it is never freed, as `item` frees what both point to
        return found


def _pointer(of: object) -> int | None:
    """Give the pointer to libpff's own object, which follows the head that all objects of Python have."""
    return ctypes.c_void_p.from_address(id(of) + object.__basicsize__).value


class _Writer:
    """Writes frames."""

    def __init__(self, target: BinaryIO, wanted: set[int]) -> None:
        self.target = target
        self.wanted = wanted
        self.left = 0  # bytes that this item may still bring
        self.library: _Library | None = None

    def frame(self, letter: bytes, data: bytes = b"") -> None:
        self.target.write(HEAD.pack(letter, len(data)) + data)

    def sign(self) -> None:
        """Tell that the file is open and its folders are looked at."""
        self.frame(SIGN)
        self.target.flush()

    def bag(self, item: Pypff, at: int = 0) -> None:
        for number, kind, data in _entries(item, self.wanted, at):
            if data is not None:
                self.left -= len(data)
                if self.left < 0:
                    raise ValueError("it holds more than is read")
                self.frame(PROPERTY, struct.pack("<HH", number, kind) + data)

    def message(self, item: Pypff, depth: int) -> None:
        if self.library is not None:
            item = self.library.message(item)
        self.bag(item)
        recipients = getattr(item, "recipients", None)
        if recipients is not None:
            for at in range(min(recipients.number_of_record_sets, PARTS)):
                self.frame(RECIPIENT)
                self.bag(recipients, at)
        try:
            count = item.number_of_attachments or 0
        except Exception as error:  # an item of a kind that libpff does not know has none for it
            self.frame(TROUBLE, f"attachments: {error}"[:200].encode("utf-8", "replace"))
            return
        for at in range(min(count, PARTS)):
            try:
                self.attachment(item.get_attachment(at), depth)
            except Exception as error:  # the message and its other files are still worth having
                self.frame(TROUBLE, f"attachment {at}: {error}"[:200].encode("utf-8", "replace"))

    def attachment(self, one: Pypff, depth: int) -> None:
        self.frame(ATTACHMENT)
        self.bag(one)
        if any(data and data[0] == _EMBEDDED for _, _, data in _entries(one, {_METHOD})):
            if self.library is None or depth == MESSAGES_DEEP:
                raise ValueError("the message inside is not read")
            inner = self.library.inside(one)
            self.frame(INSIDE)
            try:
                self.message(inner, depth + 1)
            finally:
                self.frame(END_INSIDE)
            return
        left = one.size or 0
        while left > 0:
            piece = one.read_buffer(min(left, PIECE))
            if not piece:
                raise ValueError(f"{left} bytes are missing")
            left -= len(piece)
            self.left -= len(piece)
            if self.left < 0:
                raise ValueError("it holds more than is read")
            self.frame(DATA, piece)


def serve(memory: int) -> None:
    """Answer the question on standard input."""
    question = json.loads(sys.stdin.buffer.read())
    target = os.fdopen(os.dup(1), "wb", buffering=256 * 1024)
    os.dup2(2, 1)  # what a library prints must not get among the answers
    writer = _Writer(target, set(question["wanted"]))
    try:
        import pypff  # the extra `outlook`; this module is imported where it is not installed, too

        file = pypff.file()
        with contextlib.suppress(OSError, AttributeError):
            writer.library = _Library(pypff)
        source = open(question["path"], "rb")  # noqa: SIM115, PTH123  # as long as this process lives
        _limit(memory)
        file.open_file_object(source)
        writer.sign()
        folders = _Folders(file, writer.sign)
        _answer(question, file, folders, writer)
    except Exception as error:  # whatever libpff raises on a hostile file is an answer
        writer.frame(TROUBLE, str(error)[:400].encode("utf-8", "replace"))
    writer.frame(DONE)
    target.flush()
    os._exit(0)  # libpff has nothing to save, and may crash when it cleans up


def _answer(question: dict[str, Any], file: Pypff, folders: _Folders, writer: _Writer) -> None:
    if not question["ranges"]:
        writer.frame(TOTAL, struct.pack("<Q", folders.total))
        for trouble in folders.troubles[:100]:
            writer.frame(TROUBLE, trouble.encode("utf-8", "replace"))
        return
    streams = {2: b"", 3: b"", 4: b""}
    with contextlib.suppress(Exception):  # without names of properties the rest is still worth having
        streams |= {number: data or b"" for number, _, data in _entries(file.name_to_id_map, {2, 3, 4})}
    for number in (2, 3, 4):
        writer.frame(NAMES, streams[number])
    for start, stop in question["ranges"]:
        for number, path, kind, item in folders.items(start, stop):
            writer.frame(ITEM, PLACE.pack(number, 0, kind) + path.encode("utf-8", "replace"))
            writer.target.flush()  # so that the other side knows at which item this process was lost
            trouble = ""
            try:
                writer.left = question["room"]
                found = item()
                writer.frame(ITEM, PLACE.pack(number, found.identifier or 0, kind) + path.encode("utf-8", "replace"))
                writer.message(found, 0)
            except MemoryError:
                trouble = "it needs too much memory"
            except Exception as error:  # as above: this item is told as unreadable, and the next is read
                trouble = str(error)[:200] or type(error).__name__
            writer.frame(END_OF_ITEM, trouble.encode("utf-8", "replace"))


def _limit(memory: int) -> None:
    """Give up what is not needed any more."""
    if resource is not None:
        for what, most in (
            (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_NOFILE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, 0),
        ):  # fmt: skip
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(what, (most, most))
    with contextlib.suppress(OSError):
        calls.forbid()
