"""What a message itself shows: its header lines quoted from the original bytes, its links, files and words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import duckdb

from watchword.disclose.authenticity import authenticity
from watchword.disclose.query import rows
from watchword.disclose.visible import defanged, defanged_link, folded
from watchword.observe.files.contains import CONTAINS
from watchword.observe.results import read_received_spf, read_results
from watchword.parse.fields import decode_words
from watchword.parse.message import Header, Limits, parse

# Who it says it is from, where replies go, when: quoted for every message, in the order of the bytes.
ALWAYS = frozenset({"from", "sender", "reply-to", "return-path", "date", "subject"})
LINKS = 12  # of one message; those that a finding cites come first
ATTACHMENTS = 12
LINE_CHARACTERS = 1_000
EXCERPT_CHARACTERS = 700
HEADER_BYTES = 1024 * 1024  # the header lies within; the body is not parsed again
SAME_NAME = 4  # lines of one name, as of a forged second From


@dataclass(frozen=True, slots=True)
class Line:
    """One header field, quoted from the original bytes."""

    name: Annotated[str, "header field, as written"]
    offset: Annotated[int, "where it begins, bytes from the start of the message"]
    length: Annotated[int, "how long it is, bytes"]
    text: Annotated[
        str, "the field as it stands there, folded lines kept, links defanged, bytes outside UTF-8 as \\xNN"
    ]
    reads: Annotated[str, "what a mail program shows for it, if it is written in code (RFC 2047), else empty"]
    trusted: Annotated[bool, "written by the receiving provider, so not by the sender"]
    cited: Annotated[bool, "a finding rests on it"]
    hop: Annotated[int | None, "of a Received field its number, the topmost is 0"]


@dataclass(frozen=True, slots=True)
class LinkShown:
    """One link, written so that it does not open."""

    number: Annotated[int, "links.number"]
    url: Annotated[str, "defanged: hxxps://host[.]example/path"]
    host: Annotated[str, "host as shown to people, defanged"]
    shown: Annotated[str, "text that the reader sees for it"]
    leads_to: Annotated[str, "host that an enclosed redirect leads to, defanged, empty if none"]
    visible: Annotated[bool, "the reader can see it"]
    where: Annotated[str, "where it stands if not in the message's text, as `in the file plan.pdf`; else empty"]
    cited: Annotated[bool, "a finding rests on it"]


@dataclass(frozen=True, slots=True)
class FileShown:
    """One attachment: its names, types and hash; the content is not shown."""

    number: Annotated[int, "attachments.number"]
    name: Annotated[str, "file name, first reading"]
    other_names: Annotated[tuple[str, ...], "further readings of the name"]
    claimed_type: Annotated[str, "what the message says it is"]
    detected_type: Annotated[str, "what its content is, empty if unknown"]
    size: Annotated[int, "bytes"]
    sha256: Annotated[str, "of the decoded bytes"]
    encrypted: Annotated[bool | None, "needs a password; None if this kind of file was not looked into"]
    password_from: Annotated[str, "message whose text held the password that opened it, empty if none was needed"]
    inside: Annotated[str, "name of the file that holds it, empty for a part of the message"]
    contains: Annotated[tuple[str, ...], "what was seen inside, in words"]
    cited: Annotated[bool, "a finding rests on it"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one message shows, for people to read and check."""

    found: Annotated[bool, "the original bytes are still where they were; without them no header line is quoted"]
    lines: Annotated[tuple[Line, ...], "header lines in the order of the bytes"]
    links: Annotated[tuple[LinkShown, ...], "the links that matter most"]
    more_links: Annotated[int, "links that are not listed here"]
    attachments: Annotated[tuple[FileShown, ...], "attached files"]
    more_attachments: Annotated[int, "attachments that are not listed here"]
    excerpt: Annotated[str, "begin of the text that the sender wrote, links defanged"]
    authenticity: Annotated[tuple[str, ...], "what authentication comes to: as recorded, and as tried again"]


@dataclass(frozen=True, slots=True)
class Citations:
    """What the findings of one message rest on."""

    headers: frozenset[str] = frozenset()
    hops: frozenset[int] = frozenset()
    links: frozenset[int] = frozenset()
    attachments: frozenset[int] = frozenset()


def evidence(
    connection: duckdb.DuckDBPyConnection,
    originals: Mapping[str, bytes],
    citations: Mapping[str, Citations],
) -> dict[str, Evidence]:
    """Gather what the messages in `citations` show. `originals` may lack some whose mailbox has moved."""
    keys = list(citations)
    borders, recorded = _borders(connection, keys), _recorded(connection, keys)
    links = _links(connection, keys, citations)
    proofs = authenticity(connection, keys)
    files = _attachments(connection, keys, citations)
    excerpts = _excerpts(connection, keys)
    gathered = {}
    for key in keys:
        data = originals.get(key)
        lines: list[Line] = []
        if data is not None:
            lines = _lines(data, citations[key], borders.get(key, -1), recorded.get(key, []))
        its_links, its_files = links.get(key, []), files.get(key, [])
        gathered[key] = Evidence(
            found=data is not None,
            lines=tuple(lines),
            links=tuple(its_links[:LINKS]),
            more_links=max(0, len(its_links) - LINKS),
            attachments=tuple(its_files[:ATTACHMENTS]),
            more_attachments=max(0, len(its_files) - ATTACHMENTS),
            excerpt=excerpts.get(key, ""),
            authenticity=proofs.get(key, ()),
        )
    return gathered


def _lines(data: bytes, cites: Citations, border: int, recorded: list[bool]) -> list[Line]:
    wanted = ALWAYS | cites.headers
    headers = parse(data[:HEADER_BYTES], Limits(parts=1)).headers
    by_provider = _by_provider(headers, recorded)
    seen: dict[str, int] = defaultdict(int)
    quoted = []
    for header in headers:
        name = header.name
        ordinal = seen[name]
        seen[name] += 1
        trusted, hop = False, None
        if name == "received":
            hop = ordinal
            cited = ordinal in cites.hops
            trusted = ordinal <= border
            keep = cited or ordinal == border
        else:
            cited = name in cites.headers
            trusted = header.start in by_provider
            keep = (name in wanted and ordinal < SAME_NAME) or (trusted and name != "arc-authentication-results")
        if keep:
            quoted.append(_line(data, header, trusted=trusted, cited=cited, hop=hop))
    return quoted


def _line(data: bytes, header: Header, *, trusted: bool, cited: bool, hop: int | None) -> Line:
    text = data[header.start : header.stop].decode("utf-8", "backslashreplace").rstrip("\r\n")
    plain = header.raw.decode("utf-8", "backslashreplace")
    reads = " ".join(decode_words(header.raw).split())
    return Line(
        name=text.partition(":")[0].strip(),
        offset=header.start,
        length=header.stop - header.start,
        text=defanged(folded(text.replace("\r\n", "\n"), LINE_CHARACTERS)),
        reads=defanged(folded(reads, LINE_CHARACTERS)) if reads != " ".join(plain.split()) and "=?" in plain else "",
        trusted=trusted,
        cited=cited,
        hop=hop,
    )


def _borders(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> dict[str, int]:
    """The Received field of each message at which the receiving provider took it over."""
    return dict(
        rows(
            connection,
            "select message, max(number) from hops where trusted and message in (select unnest(?)) group by message",
            [keys],
        )
    )


def _recorded(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> dict[str, list[bool]]:
    """For every recorded result of a message, in the order of the bytes, whether the receiving provider wrote it."""
    return dict(
        rows(
            connection,
            """select message, list(trusted order by number) from authentications
            where message in (select unnest(?)) group by message""",
            [keys],
        )
    )


def _by_provider(headers: Sequence[Header], recorded: Sequence[bool]) -> set[int]:
    """Find the fields of results that the provider wrote: where they begin. A forged copy has another place."""
    found = set()
    number = 0
    for header in headers:
        if header.name == "received-spf":
            many = int(read_received_spf(header.value)[1] is not None)
        elif header.name in ("authentication-results", "arc-authentication-results"):
            many = len(read_results(header.value)[1])
        else:
            continue
        if any(recorded[number : number + many]):
            found.add(header.start)
        number += many
    return found if number == len(recorded) else set()


def _links(
    connection: duckdb.DuckDBPyConnection, keys: list[str], citations: Mapping[str, Citations]
) -> dict[str, list[LinkShown]]:
    found: dict[str, list[LinkShown]] = defaultdict(list)
    seen: set[tuple[str, str, str]] = set()
    for message, number, url, host, shown, target, can_see, place, name in rows(
        connection,
        """select links.message, links.number, url, host_unicode, shown, target_host, is_visible, found_in,
            attachments.name
        from links left join attachments
            on attachments.message = links.message and attachments.number = links.attachment
        where links.message in (select unnest(?)) and scheme not in ('cid', 'data')
        qualify row_number() over (partition by links.message order by is_visible desc, is_pixel, links.number) <= 1000
        order by links.message, is_visible desc, is_pixel, links.number""",
        [keys],
    ):
        cited = number in citations[message].links
        if not cited and (message, url, shown) in seen:
            continue
        seen.add((message, url, shown))
        found[message].append(
            LinkShown(
                number=number,
                url=defanged_link(folded(url, 300)),
                host=defanged_link(host),
                shown=defanged(folded(" ".join(shown.split()), 160)),
                leads_to=defanged_link(target),
                visible=can_see,
                where=_where(place, name),
                cited=cited,
            )
        )
    for links in found.values():
        links.sort(key=lambda link: not link.cited)
    return found


def _where(found_in: str, name: str | None) -> str:
    """Say where a link stands that is not simply in the message's text."""
    where = f"in the file {folded(name, 200) or '(no name)'}" if name is not None else ""
    if found_in == "qr":
        return f"in a QR code {where}".rstrip()
    return where


def _attachments(
    connection: duckdb.DuckDBPyConnection, keys: list[str], citations: Mapping[str, Citations]
) -> dict[str, list[FileShown]]:
    found: dict[str, list[FileShown]] = defaultdict(list)
    for message, number, name, names, claimed, detected, size, sha256, encrypted, password, marks, outer in rows(
        connection,
        """select files.message, files.number, files.name, files.names, files.claimed_type, files.detected_type,
            files.size, files.sha256, files.is_encrypted, files.password_from, files.contains, outside.name
        from attachments files left join attachments outside
            on outside.message = files.message and outside.number = files.inside
        where files.message in (select unnest(?)) order by files.message, files.is_inline, files.number""",
        [keys],
    ):
        found[message].append(
            FileShown(
                number=number,
                name=folded(name, 200),
                other_names=tuple(folded(other, 200) for other in names[:5] if other != name),
                claimed_type=folded(claimed, 100),
                detected_type=detected,
                size=size,
                sha256=sha256,
                encrypted=encrypted,
                password_from=password,
                inside="" if outer is None else folded(outer, 200) or "(no name)",
                contains=tuple(CONTAINS.get(mark, mark) for mark in marks),
                cited=number in citations[message].attachments,
            )
        )
    for files in found.values():
        files.sort(key=lambda file: not file.cited)
    return found


def _excerpts(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> dict[str, str]:
    found = {}
    for message, written in rows(
        connection,
        """select message, left(written, 4000) from texts where message in (select unnest(?))
        and kind in ('plain', 'html') and trim(written) <> ''
        qualify row_number() over (partition by message order by number) = 1""",
        [keys],
    ):
        lines = [" ".join(line.split()) for line in written.splitlines()]
        text = "\n".join(line for line in lines if line)
        cut = text if len(text) <= EXCERPT_CHARACTERS else text[:EXCERPT_CHARACTERS].rstrip() + " …"
        found[message] = defanged(cut)
    return found
