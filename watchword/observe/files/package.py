"""Packages of Office (OPC, ISO/IEC 29500-2; also OpenDocument): their parts, and where their relationships lead.

XML is searched by pattern, in one pass: nothing is expanded, so that entities cannot grow, and damage costs little.
"""

import html
import itertools
import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from watchword.observe.files import Budget, Contents
from watchword.observe.files.members import DamagedError
from watchword.observe.files.unpacking import inflate, stored
from watchword.observe.files.zip_listing import Entry, listing

PARTS = 5_000
PART = 32 * 1024 * 1024  # bytes of one part
XML = 8 * 1024 * 1024  # characters of one part that are searched
ALL_XML = 24 * 1024 * 1024  # characters of all parts together
RELATIONS = 4_000

_RELATION = re.compile(r"<(?:\w{1,20}:)?Relationship\b((?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)")
_ATTRIBUTE = re.compile(r"([\w:.-]{1,80})\s{0,9}=\s{0,9}(?:\"([^\"<]*)\"|'([^'<]*)')")
_CDATA = re.compile(r"<!\[CDATA\[([^\]]*+(?:\](?!\]>)[^\]]*+)*+)(?:\]\]>)?")


class Relation(NamedTuple):
    """Where a part of a package points to."""

    source: str  # the part, empty for the package itself
    id: str
    type: str  # last word of its type, as `hyperlink`
    target: str
    is_external: bool


class Package:
    """A package whose parts are unpacked when they are asked for, each within limits."""

    def __init__(self, data: bytes, budget: Budget, contents: Contents) -> None:
        """List the parts; the first of a name counts."""
        self._data = data
        self._budget = budget
        self._contents = contents
        self._room = ALL_XML
        listed = listing(data)
        self.entries: dict[str, Entry] = {}
        for entry in listed.entries[:PARTS]:
            self.entries.setdefault(entry.name.replace("\\", "/").lstrip("/"), entry)

    def names(self, *starts: str) -> list[str]:
        """Give the names of parts that begin so, whatever the case, in the order of the package."""
        wanted = tuple(start.lower() for start in starts)
        return [name for name in self.entries if name.lower().startswith(wanted)]

    def read(self, name: str, limit: int = PART) -> bytes:
        """Unpack a part, at most `limit` bytes; empty if it is locked or damaged from the start."""
        entry = self.entries.get(name)
        if entry is None or entry.start < 0 or entry.is_locked or entry.is_overlapping or entry.method not in (0, 8):
            return b""
        unpack = inflate if entry.method == 8 else stored
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in unpack(self._data, entry.start, entry.start + entry.packed):
                pieces.append(piece)
                size += len(piece)
                self._budget.unpacked -= len(piece)
                if size > limit or self._budget.unpacked < 0:
                    self._say(f"{name[:100]!a}: over {size} bytes from {entry.packed}")
                    break
        except DamagedError as error:
            if not any(kind == "archive-damaged" for kind, _ in self._contents.defects):
                self._contents.defects.append(("archive-damaged", f"{name[:100]!a}: {error}"))
        return b"".join(pieces)[:limit]

    def xml(self, name: str) -> str:
        """Give the text of an XML part, with character data in CDATA sections written out as usual."""
        if self._room <= 0:
            return ""
        data = self.read(name, min(XML, self._room))
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text = data.decode("utf-16", "replace")
        else:
            text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        self._room -= len(text)
        if "<![CDATA[" in text:
            text = _CDATA.sub(lambda found: html.escape(found[1]), text)
        return text

    def relations(self) -> Iterator[Relation]:
        """Give every relationship of the package and its parts."""
        left = RELATIONS
        for name in self.entries:
            folder, _, file = name.rpartition("/")
            if not file.endswith(".rels") or not (folder == "_rels" or folder.endswith("/_rels")):
                continue
            source = folder.removesuffix("_rels") + file.removesuffix(".rels")
            for found in itertools.islice(_RELATION.finditer(self.xml(name)), left):
                left -= 1
                given = attributes(found[1])
                target = given.get("target", "")
                if target:
                    kind = given.get("type", "").rpartition("/")[2]
                    is_external = given.get("targetmode", "").lower() == "external"
                    yield Relation(source, given.get("id", ""), kind, target, is_external)

    def resolved(self, relation: Relation) -> str:
        """Give the name of the part that a relationship within the package points to; empty if there is none."""
        target = relation.target.replace("\\", "/").partition("#")[0]
        folder = "" if target.startswith("/") else relation.source.rpartition("/")[0]
        name = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        return name if name in self.entries else ""

    def _say(self, detail: str) -> None:
        if sum(kind == "limit-unpacked" for kind, _ in self._contents.defects) < 5:
            self._contents.defects.append(("limit-unpacked", detail))


def attributes(text: str) -> dict[str, str]:
    """Read the attributes of a tag; names without prefix, lower case."""
    return {
        found[1].rpartition(":")[2].lower(): html.unescape(found[2] if found[2] is not None else found[3])
        for found in itertools.islice(_ATTRIBUTE.finditer(text), 100)
    }
