"""JSON as tools store what the interfaces of Gmail and Microsoft Graph gave them: one message, lists, lines of JSON.

Wherever an object has the shape of a message it is one, however deep it lies in lists, pages or results. Keys are
compared without case, because PowerShell writes them with capitals.
"""

import itertools
import json
import re
from collections.abc import Iterator

from watchword.read import gmail, graph
from watchword.read.raw import MESSAGE_BYTES, Item, Source
from watchword.read.single import Original, raw_message
from watchword.read.window import Window
from watchword.tables import Rejection

LONGEST = 256 * 1024 * 1024  # bytes of one file that are read
_DEPTH = 200  # objects within objects
_KEY = 64  # bytes of a key that could matter
_TELLING = gmail.TELLING | graph.TELLING
_VALUES = 500_000  # strings and objects in one message

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"(\s*:)?|\\?\Z)|[{}]', re.DOTALL)
_HINT = re.compile(rb'(?i)"(?:raw|payload|labelIds|internetMessageId|internetMessageHeaders|receivedDateTime)"\s*:')


def promises_messages(head: bytes) -> bool:
    """Say whether a file that begins so is JSON that may hold messages."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[") and bool(_HINT.search(head))


def kind(data: bytes) -> str:
    """Tell `json`, one message, from `json-list`: several, or more bytes than one message may have; else empty."""
    if len(data) >= MESSAGE_BYTES:
        return "json-list"
    found = places(data)
    seen = sum(1 for _ in zip(found, range(2), strict=False))
    return ("", "json", "json-list")[seen]


def original(data: bytes) -> Original:
    """Give the one message in a file. Raises ValueError."""
    for start, stop in places(data):
        return _original(data[start:stop])
    raise ValueError("it holds no message")


def messages(
    window: Window, source: Source, start: int, stop: int, *, member: str = "", folder: str = ""
) -> Iterator[Item]:
    """Give every message whose object begins in [start, stop)."""
    data = window.read(0, LONGEST)
    if len(data) == LONGEST and not start:
        yield Rejection(
            source.id, member, LONGEST, 0, f"{source.where} is longer than {LONGEST >> 20} MB; its end was not read.",
            "Divide it into several files.",
        )  # fmt: skip
    for begin, end in places(data):
        if not start <= begin < stop:
            continue
        try:
            yield raw_message(_original(data[begin:end]), member, begin, end - begin, folder)
        except ValueError as error:
            yield Rejection(
                source.id, member, begin, end - begin, f"A message in {source.where} cannot be read: {error}.",
                "Export it once more.",
            )  # fmt: skip


def places(data: bytes) -> Iterator[tuple[int, int]]:
    """Give where objects with the shape of a message begin and end; of those within others only the outermost.

    In one pass: what is kept for each open object is where it began, its telling keys, and what was found in it.
    """
    open_: list[tuple[int, set[bytes], list[tuple[int, int]]]] = []
    deeper = 0  # objects open beyond the limit
    for token in _TOKEN.finditer(data):
        first = data[token.start()]
        if first == 0x22:
            if token[1] is not None and open_ and token.end() - token.start() <= _KEY:
                key = token[0].rstrip(b": \t\r\n")[1:-1].lower()
                if key in _TELLING:
                    open_[-1][1].add(key)
        elif first == 0x7B:
            if len(open_) < _DEPTH:
                open_.append((token.start(), set(), []))
            else:
                deeper += 1
        elif deeper:
            deeper -= 1
        elif open_:
            start, keys, inner = open_.pop()
            found = [(start, token.end())] if gmail.is_message(keys) or graph.is_message(keys) else inner
            if open_:
                open_[-1][2].extend(found)
            else:
                yield from found
    for _, _, inner in open_:  # the file breaks off
        yield from inner


def _original(data: bytes) -> Original:
    if sum(1 for _ in itertools.islice(_TOKEN.finditer(data), _VALUES)) == _VALUES:
        raise ValueError(f"it holds more than {_VALUES:,} values")
    try:
        said: object = json.loads(data, object_pairs_hook=_lowered)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON ({error})") from None
    message = said if isinstance(said, dict) else {}
    if gmail.is_message({key.encode("utf-8", "replace") for key in message}):
        return gmail.original(message)
    return graph.original(message)


def _lowered(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {key.lower(): value for key, value in pairs}
