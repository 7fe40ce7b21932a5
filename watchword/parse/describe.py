"""What the header of a part says about its content: type, transfer encoding, names; every reading of each."""

from collections.abc import Callable
from functools import lru_cache

from watchword.parse.decode import IDENTITY, transfer_encoding
from watchword.parse.fields import parameters
from watchword.parse.part import Part
from watchword.parse.words import plain

Parameters = dict[str, list[str]]
Tell = Callable[[str, int, int, str], None]  # kind of the defect, part, offset, detail

_WANTED = frozenset(("content-type", "content-transfer-encoding", "content-disposition", "content-id"))
_cached = lru_cache(maxsize=4_096)(parameters)


def read_parameters(raw: bytes) -> tuple[str, Parameters]:
    """Read a field with parameters; the same ones come again and again. What is returned must not be changed."""
    return _cached(raw) if len(raw) < 500 else parameters(raw)


def describe(part: Part, default: str, tell: Tell) -> list[tuple[str, Parameters]]:
    """Fill in a part from its header fields; gives every Content-Type that stands there.

    `default` is the type where none is declared.
    """
    types: list[tuple[str, Parameters]] = []
    encodings: list[str] = []
    dispositions: list[tuple[str, Parameters]] = []
    for header in part.headers:
        name = header[0]
        if name not in _WANTED:
            continue
        if name == "content-type":
            types.append(read_parameters(header.raw))
        elif name == "content-transfer-encoding":
            written = plain(header.raw)
            encoding, odd = transfer_encoding(written)
            encodings.append(encoding)
            if odd:
                tell("transfer-encoding-unclean", part.index, header.start, written)
                if encoding not in IDENTITY:
                    encodings.append("")  # other programs do not know it and show the bytes as they are
        elif name == "content-disposition":
            dispositions.append(read_parameters(header.raw))
        elif not part.content_id:
            part.content_id = plain(header.raw).strip("<> ")
    part.content_type, values = types[0] if types else (default, {})
    if "/" not in part.content_type or len(part.content_type) > 200:
        tell("content-type-unreadable", part.index, part.start, part.content_type)
        part.content_type = default
    if encodings:
        part.encoding = encodings[0]
    if values:
        part.parameters = {name: readings[0] for name, readings in values.items()}
        part.charset = part.parameters.get("charset", "").strip().lower()[:60]
    if dispositions:
        # Any other word counts as attachment (RFC 2183 2.8).
        part.disposition = "inline" if dispositions[0][0] in ("inline", "") else "attachment"
    if dispositions or any(values for _, values in types):
        _name(part, types, dispositions, tell)
    if len(types) > 1 or len(encodings) > 1:
        _double(part, types, encodings, tell)
    return types


def _name(
    part: Part, types: list[tuple[str, Parameters]], dispositions: list[tuple[str, Parameters]], tell: Tell
) -> None:
    """Gather every reading of the file name: Content-Disposition first, then `name` of Content-Type."""
    readings = [values.get("filename") or values.get("name", []) for _, values in dispositions]
    readings.extend(values.get("name", []) for _, values in types)
    names = dict.fromkeys(" ".join(one.split())[:1_000] for several in readings for one in several)
    names.pop("", None)
    part.names = list(names)[:50]
    if len(names) > 1:
        tell("file-names-differ", part.index, part.start, " | ".join(part.names))


def _double(part: Part, types: list[tuple[str, Parameters]], encodings: list[str], tell: Tell) -> None:
    """Note the other readings where Content-Type or Content-Transfer-Encoding stands twice and differs."""
    kinds = list(dict.fromkeys(kind if "/" in kind else "text/plain" for kind, _ in types)) or [part.content_type]
    ways = list(dict.fromkeys(encodings)) or [""]
    if len(types) > 1:
        same = all(one == types[0] for one in types)
        tell("content-type-twice", part.index, part.start, "same" if same else " | ".join(kinds))
    if len(ways) > 1 and "" not in ways[1:]:
        tell("transfer-encoding-twice", part.index, part.start, " | ".join(ways))
    first = (part.content_type, part.encoding)
    part.readings = [(kind, way) for kind in kinds[:8] for way in ways[:8] if (kind, way) != first]
